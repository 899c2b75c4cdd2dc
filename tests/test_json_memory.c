/* Memory that runs out at each allocation of the JSON library in turn: an event is written
 * and read whole or not at all, and a result says so where it can say nothing else. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/count.h"
#include "record/event_json.h"

/* As records have them: one of each type, with all that it can hold. */
static const char *const lines[] = {
	"{\"type\":\"step\",\"step\":\"transfer\",\"state\":\"begin\",\"cancel\":\"stop\",\"limit\":10,\"t\":0.992}",
	"{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"+CME ERROR: 421\\\\xff\",\"urc\":true,\"error\":true,\"raw\":\"2b434d45204552524f523a20343231ff\",\"t\":22.014}",
	"{\"type\":\"identity\",\"maker\":\"Quectel\",\"model\":\"UG96\",\"version\":\"UG96LNAR02A06E1G\",\"imei\":\"490154203237518\",\"profile\":\"ugxx\",\"port\":\"/dev/ttyUSB0\",\"t\":0.4}",
	"{\"type\":\"question\",\"model\":\"UG96\",\"imei\":\"490154203237518\",\"port\":\"/dev/ttyUSB0\",\"from\":\"UG96LNAR02A06E1G\",\"to\":\"UG96LNAR02A08E1G\",\"package\":\"ug96-06-08.bin\",\"size\":20003,\"sha256\":\"f40d\",\"method\":\"push\",\"route\":\"serial\",\"command\":\"AT+QFOTADL=\\\"COM:\\\",20003,20\",\"unchecked\":\"\",\"facts\":[{\"id\":\"com-unverified\",\"args\":{},\"text\":\"the form of the COM command is unverified: no document at hand states it for this module\"}],\"t\":0.871}",
	"{\"type\":\"progress\",\"step\":\"transfer\",\"done\":14400,\"total\":20003,\"unit\":\"bytes\",\"overall\":0.123585962,\"rate\":15031.3152,\"left\":0.372,\"t\":2.095}",
	"{\"type\":\"notice\",\"severity\":\"warning\",\"text\":\"203.0.113.7: the server is overloaded or closed (HTTP 503)\",\"id\":\"http-overloaded\",\"args\":{\"host\":\"203.0.113.7\",\"reply\":503,\"wait\":60,\"said\":\"Service Unavailable\"},\"then\":[{\"id\":\"server-may-refuse\",\"args\":{}}],\"t\":0.993}",
	"{\"type\":\"result\",\"outcome\":\"unchanged\",\"exit\":10,\"step\":\"transfer\",\"phase\":\"transfer\",\"job\":\"upgrade\",\"stop\":\"network\",\"from\":\"UG96LNAR02A06E1G\",\"to\":\"UG96LNAR02A08E1G\",\"now\":\"UG96LNAR02A06E1G\",\"code\":{\"table\":\"http\",\"number\":701,\"meaning\":\"unknown error\",\"family\":\"BG96\"},\"message\":\"the module's download failed with code 701 (unknown error); the module still runs UG96LNAR02A06E1G\",\"id\":\"download-failed\",\"args\":{\"code\":701,\"meaning\":\"unknown error\"},\"then\":[{\"id\":\"still-runs\",\"args\":{\"version\":\"UG96LNAR02A06E1G\"}}],\"advice\":\"Check the cable.\",\"t\":3.0}",
	"{\"type\":\"package\",\"name\":\"ug96-06-08.bin\",\"size\":20003,\"sha256\":\"f40d\",\"escapes\":0,\"manifest\":true,\"model\":\"UG96\",\"from\":\"UG96LNAR02A06E1G\",\"to\":\"UG96LNAR02A08E1G\",\"t\":0.007}",
	"{\"type\":\"plan\",\"commands\":[\"AT&D0\",\"AT+QFOTADL=\\\"COM:\\\",20003,20\"],\"settings\":[{\"command\":\"AT+QURCCFG=\\\"urcport\\\",\\\"uart1\\\"\",\"before\":\"usbmodem\",\"undo\":\"AT+QURCCFG=\\\"urcport\\\",\\\"usbmodem\\\"\",\"state\":\"planned\",\"stored\":true,\"text\":\"this setting is stored\"}],\"t\":0.886}",
	"{\"type\":\"setting\",\"command\":\"AT&D0\",\"before\":\"1\",\"undo\":\"AT&D1\",\"state\":\"sent\",\"stored\":true,\"t\":0.887}",
	"{\"type\":\"intent\",\"what\":\"transfer\",\"when\":\"2026-11-22T09:31:00Z\",\"model\":\"UG96\",\"imei\":\"490154203237518\",\"from\":\"UG96LNAR02A06E1G\",\"to\":\"UG96LNAR02A08E1G\",\"method\":\"push\",\"route\":\"serial\",\"port\":\"/dev/ttyUSB0\",\"baud\":115200,\"profile\":\"ugxx\",\"timeout\":20,\"size\":20003,\"sha256\":\"f40d\",\"text\":\"send\",\"t\":1.089}",
	"{\"type\":\"gap\",\"lines\":20,\"why\":\"disk\",\"t\":5.178}",
	"{\"type\":\"resumed\",\"program\":\"dfota 0.2.0\",\"libraries\":\"jansson 2.14\",\"host\":\"bench\",\"when\":\"2026-11-22T09:31:00Z\",\"pid\":812,\"t\":4.872}",
	"{\"type\":\"header\",\"format\":1,\"program\":\"dfota 0.2.0\",\"host\":\"bench\",\"system\":\"Linux\",\"when\":\"2026-11-22T09:30:00Z\",\"pid\":812,\"job\":\"upgrade\",\"port\":\"/dev/ttyUSB0\",\"baud\":115200,\"method\":\"pull\",\"url\":\"http://203.0.113.7/d.bin\",\"route\":\"download\",\"yes\":true,\"start_timeout\":30}",
	"{\"type\":\"data\",\"offset\":0,\"size\":14336,\"sha256\":\"118001\",\"t\":2.092}",
	"{\"type\":\"answer\",\"answer\":\"cancel\",\"t\":0.563}",
	"{\"type\":\"port\",\"path\":\"/dev/ttyACM3\",\"description\":\"d\",\"driver\":\"cdc_acm\",\"at\":true,\"holder\":\"minicom (812)\",\"problem\":\"p\",\"vid\":5401,\"pid\":32,\"interface\":6,\"usb_path\":\"1-1.2\",\"serial\":null,\"t\":0.005}",
};

static size_t left;	/* allocations until they fail */

static void *allocate(size_t size)
{
	return left > 0 && left-- ? malloc(size) : NULL;
}

static int setup(void **state)
{
	(void)state;
	json_set_alloc_funcs(allocate, free);
	left = SIZE_MAX;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	json_set_alloc_funcs(malloc, free);
	return 0;
}

static struct event parse(const char *line)
{
	static struct event ev;

	left = SIZE_MAX;
	if (!event_parse(line, strlen(line), &ev))
		fail_msg("not read: %s", line);
	return ev;
}

/* What is left out of an event must not be taken for what was never there. */
static void an_event_is_written_whole_or_not_at_all(void **state)
{
	static char whole[EVENT_JSON_SIZE], out[EVENT_JSON_SIZE];

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		struct event ev = parse(lines[i]);
		int size = event_json(whole, sizeof(whole), &ev), r = -1;

		assert_true(size > 0);
		for (size_t n = 0; r < 0; n++) {
			left = n;
			r = event_json(out, sizeof(out), &ev);
			assert_true(r < 0 || (r == size && left == 0));
		}
		assert_string_equal(out, whole);
	}
}

static void an_event_is_read_whole_or_not_at_all(void **state)
{
	static char whole[EVENT_JSON_SIZE], out[EVENT_JSON_SIZE];
	static struct event back;

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		struct event ev = parse(lines[i]);
		bool read = false;

		assert_true(event_json(whole, sizeof(whole), &ev) > 0);
		for (size_t n = 0; !read; n++) {
			left = n;
			read = event_parse(lines[i], strlen(lines[i]), &back);
		}
		left = SIZE_MAX;
		assert_true(event_json(out, sizeof(out), &back) > 0);
		assert_string_equal(out, whole);
	}
}

static int print(const struct event *ev, const struct event_source *from, char *out, size_t out_size)
{
	FILE *f = fmemopen(out, out_size, "w");
	int r;

	assert_non_null(f);
	r = event_json_print(f, ev, from);
	fclose(f);
	return r;
}

static void a_result_is_printed_without_memory_too(void **state)
{
	static const struct event_source from = {"/dev/ttyUSB0", "490154203237518"};
	static char whole[EVENT_JSON_SIZE], out[EVENT_JSON_SIZE];

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		struct event ev = parse(lines[i]);
		int r = print(&ev, &from, whole, sizeof(whole));

		assert_int_equal(r, 0);
		for (size_t n = 0; n == 0 || r < 0; n++) {
			memset(out, 0, sizeof(out));
			left = n;
			r = print(&ev, &from, out, sizeof(out));
			if (r == 0)
				assert_string_equal(out, whole);
			else if (ev.type == EVENT_RESULT)
				assert_non_null(strstr(out, "{\"type\":\"result\",\"outcome\":\"unchanged\",\"exit\":10,"));
			else
				assert_string_equal(out, "");
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_event_is_written_whole_or_not_at_all, setup, teardown),
		cmocka_unit_test_setup_teardown(an_event_is_read_whole_or_not_at_all, setup, teardown),
		cmocka_unit_test_setup_teardown(a_result_is_printed_without_memory_too, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

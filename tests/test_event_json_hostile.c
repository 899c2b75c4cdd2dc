/* What comes out of lines that no program of ours wrote. */
#include "config.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/count.h"
#include "event_fixture.h"
#include "record/event_json.h"
#include "words.h"

static void what_is_no_event_is_refused(void **state)
{
	static const char *const lines[] = {
		"", " ", "x", "null", "[]", "[1]", "\"step\"", "{}", "{", "}", "{\"type\":\"step\"", "\xff",
		"{\"type\":7}", "{\"type\":null}", "{\"type\":[\"step\"]}", "{\"type\":\"\"}", "{\"type\":\"headers\",\"format\":1}",
		"{\"type\":\"STEP\",\"step\":\"check\",\"state\":\"end\"}", "{\"type\":\"step\\u0000\",\"step\":\"check\",\"state\":\"end\"}",
		"{\"type\":\"step\",\"step\":\"check\",\"state\":\"end\"}x", "{\"type\":\"step\",\"step\":\"check\",\"state\":\"end\",}",
		"{\"type\":\"step\"}", "{\"type\":\"step\",\"step\":\"check\"}", "{\"type\":\"step\",\"step\":3,\"state\":\"end\"}",
		"{\"type\":\"step\",\"step\":\"nowhere\",\"state\":\"end\"}", "{\"type\":\"step\",\"step\":\"check\",\"state\":\"middle\"}",
		"{\"type\":\"step\",\"step\":\"check\",\"state\":true}", "{\"type\":\"step\",\"step\":\"check\\u0000\",\"state\":\"end\"}",
		"{\"type\":\"step\",\"step\":\"check\",\"step\":\"check\",\"state\":\"end\"}",
		"{\"type\":\"step\",\"step\":\"check\",\"state\":\"end\",\"t\":1e999}",
		"{\"type\":\"step\",\"step\":\"check\",\"state\":\"end\",\"t\":99999999999999999999}",
		"{\"type\":\"step\",\"step\":\"check\",\"state\":\"end\",\"t\":NaN}", "{\"type\":\"step\",\"step\":\"check\",\"state\":\"end\",\"t\":Infinity}",
		"{\"type\":\"line\",\"dir\":\"rx\"}", "{\"type\":\"line\",\"text\":\"x\"}", "{\"type\":\"line\",\"dir\":\"up\",\"text\":\"x\"}",
		"{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"\x01\"}", "{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"\xc0\x80\"}",
		"{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"\\ud800\"}",
		"{\"type\":\"progress\",\"step\":\"check\"}", "{\"type\":\"progress\",\"unit\":\"bytes\"}",
		"{\"type\":\"notice\",\"severity\":\"fatal\",\"text\":\"x\"}", "{\"type\":\"notice\",\"severity\":\"info\"}",
		"{\"type\":\"question\"}", "{\"type\":\"question\",\"method\":\"pigeon\"}",
		"{\"type\":\"result\",\"step\":\"check\"}", "{\"type\":\"result\",\"outcome\":\"well\",\"step\":\"check\"}", "{\"type\":\"result\",\"outcome\":\"success\"}",
		"{\"type\":\"answer\"}", "{\"type\":\"answer\",\"answer\":\"maybe\"}", "{\"type\":\"record\"}", "{\"type\":\"record\",\"path\":null}",
		"{\"type\":\"port\"}", "{\"type\":\"port\",\"path\":7}",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		struct event ev;

		if (event_parse(lines[i], strlen(lines[i]), &ev))
			fail_msg("read: %s", lines[i]);
	}
}

/* Each a step, so that no NUL of a C string ends what is read. */
static void nesting_and_nul_bytes_are_survived(void **state)
{
	static const char deep[] = "{\"type\":\"step\",\"step\":\"check\",\"state\":\"end\",\"x\":";
	size_t levels = 10000, size = strlen(deep) + 2 * levels + 1;
	char *line = malloc(size + 1);
	struct event ev;

	(void)state;
	assert_non_null(line);
	memcpy(line, deep, strlen(deep));
	memset(line + strlen(deep), '[', levels);
	memset(line + strlen(deep) + levels, ']', levels);
	line[size - 1] = '}';
	assert_false(event_parse(line, size, &ev));
	memset(line, '\0', size);
	assert_false(event_parse(line, size, &ev));
	assert_false(event_parse("{\"type\":\"answer\",\"answer\":\"yes\"}\0", 33, &ev));
	assert_true(event_parse("{\"type\":\"answer\",\"answer\":\"yes\"}\0", 32, &ev));
	free(line);
}

static void wrong_types_are_as_good_as_nothing(void **state)
{
	struct event ev = parse("{\"type\":\"result\",\"outcome\":\"success\",\"step\":\"verify\",\"exit\":\"0\",\"from\":7,\"to\":[],\"now\":{},"
				"\"code\":\"end 504\",\"message\":null,\"phase\":9,\"job\":\"cook\",\"stop\":\"hunger\",\"t\":\"soon\"}");

	(void)state;
	assert_int_equal(ev.t_ms, 0);
	assert_int_equal(ev.result.exit_status, 0);
	assert_string_equal(ev.result.from, "");
	assert_string_equal(message_words(&ev.result.what), "");
	assert_false(ev.result.code.present);
	assert_int_equal(ev.result.phase, PHASE_PREFLIGHT);
	assert_int_equal(ev.result.job, JOB_UPGRADE);
	assert_int_equal(ev.result.stop, ERR_NONE);
	ev = parse("{\"type\":\"result\",\"outcome\":\"success\",\"step\":\"verify\",\"code\":{\"table\":\"end\"}}");
	assert_false(ev.result.code.present);
	assert_string_equal(ev.result.code.table, "");
	ev = parse("{\"type\":\"identity\",\"usb\":7,\"serial\":\"s\"}");
	assert_string_equal(ev.identity.serial, "");
	ev = parse("{\"type\":\"progress\",\"step\":\"check\",\"unit\":\"bytes\",\"left\":\"soon\"}");
	assert_int_equal(ev.progress.left_ms, parse("{\"type\":\"progress\",\"step\":\"check\",\"unit\":\"bytes\"}").progress.left_ms);
	ev = parse("{\"type\":\"notice\",\"severity\":\"info\",\"text\":\"t\",\"id\":\"no-such-id\"}");
	assert_string_equal(message_words(&ev.notice.message), "t");
	ev = parse("{\"type\":\"port\",\"path\":\"/p\",\"usb\":[],\"problem\":9}");
	assert_int_equal(ev.port.info.problem.id, MSG_NONE);
	ev = parse("{\"type\":\"plan\",\"commands\":[\"AT\",7,\"ATI\"],\"settings\":[]}");
	assert_string_equal(ev.plan.commands, "AT\n\nATI\n");
	ev = parse("{\"type\":\"port\",\"path\":\"/p\",\"id\":\"port-held\",\"args\":{\"port\":\"/p\",\"program\":\"minicom\",\"pid\":812},\"problem\":\"held\"}");
	assert_int_equal(ev.port.info.problem.id, MSG_PORT_HELD);
	ev = parse("{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"x\",\"urc\":1,\"error\":\"true\",\"raw\":7}");
	assert_false(ev.line.urc || ev.line.error);
	assert_int_equal(ev.line.raw_size, 1);
}

static void bytes_that_are_no_hex_are_left_out(void **state)
{
	static const char *const raws[] = { "", "0", "0g", "g0", "0A", "000", " 00", "\\u0000\\u0000" };
	char json[2048], hex[2 * RAW_SIZE + 3] = "";

	(void)state;
	for (size_t i = 0; i < COUNT(raws); i++) {
		snprintf(json, sizeof(json), "{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"xyz\",\"raw\":\"%s\"}", raws[i]);
		assert_int_equal(parse(json).line.raw_size, 3);
	}
	memset(hex, 'a', 2 * RAW_SIZE);
	snprintf(json, sizeof(json), "{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"xyz\",\"raw\":\"%s\"}", hex);
	assert_int_equal(parse(json).line.raw_size, RAW_SIZE);
	memset(hex, 'a', 2 * RAW_SIZE + 2);
	snprintf(json, sizeof(json), "{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"xyz\",\"raw\":\"%s\"}", hex);
	assert_int_equal(parse(json).line.raw_size, 3);
}

static void numbers_are_brought_into_their_range(void **state)
{
	struct event ev = parse("{\"type\":\"progress\",\"step\":\"check\",\"unit\":\"bytes\",\"done\":-5,\"total\":9223372036854775807,"
				"\"overall\":7.5,\"rate\":-1,\"left\":1e300,\"t\":-3}");

	(void)state;
	assert_int_equal(ev.progress.done, 0);
	assert_int_equal(ev.progress.total, INT64_MAX);
	assert_true(ev.progress.overall >= 1 && ev.progress.overall <= 1);
	assert_true(ev.progress.bytes_per_s <= 0);
	assert_true(ev.progress.left_ms > 0 && ev.progress.left_ms < INT64_C(1) << 42);
	assert_int_equal(ev.t_ms, 0);
	ev = parse("{\"type\":\"progress\",\"step\":\"check\",\"unit\":\"bytes\",\"done\":1e300,\"total\":17.9,\"overall\":-1,\"left\":-9}");
	assert_int_equal(ev.progress.done, 0);
	assert_int_equal(ev.progress.total, 17);
	assert_true(ev.progress.overall <= 0);
	assert_int_equal(ev.progress.left_ms, 0);
	ev = parse("{\"type\":\"progress\",\"step\":\"check\",\"unit\":\"bytes\",\"done\":-0.5,\"total\":5}");
	assert_int_equal(ev.progress.done, 0);
	ev = parse("{\"type\":\"result\",\"outcome\":\"success\",\"step\":\"verify\",\"exit\":-1,\"code\":{\"table\":\"end\",\"number\":9223372036854775807}}");
	assert_int_equal(ev.result.exit_status, 0);
	assert_int_equal(ev.result.code.number, INT_MAX);
	ev = parse("{\"type\":\"result\",\"outcome\":\"success\",\"step\":\"verify\",\"exit\":1e10,\"code\":{\"table\":\"end\",\"number\":-7}}");
	assert_int_equal(ev.result.exit_status, 255);
	assert_int_equal(ev.result.code.number, -7);
	ev = parse("{\"type\":\"identity\",\"usb\":\"1-1\",\"interface\":-8}");
	assert_int_equal(ev.identity.usb_interface, 0);
	ev = parse("{\"type\":\"identity\",\"interface\":8,\"serial\":\"s\"}");
	assert_int_equal(ev.identity.usb_interface, 0);
	assert_string_equal(ev.identity.serial, "");
}

/* Faults.md B16: whoever wrote the record. */
static void texts_are_made_safe_and_cut(void **state)
{
	struct event ev = parse("{\"type\":\"identity\",\"version\":\"a\\u0000b\\u001b[2J\\u202e\xe2\x80\xae\",\"imei\":\"12345678901234567890123456789\"}");
	char json[4 * TEXT_SIZE];

	(void)state;
	assert_string_equal(ev.identity.version, "a\\x00b\\x1b[2J\\u{202e}\\u{202e}");
	assert_string_equal(ev.identity.imei, "12345678901234567890...");
	snprintf(json, sizeof(json), "{\"type\":\"notice\",\"severity\":\"info\",\"text\":\"%0*d\"}", 2 * TEXT_SIZE, 0);
	ev = parse(json);
	assert_int_equal(strlen(message_words(&ev.notice.message)), TEXT_SIZE - 1);
	snprintf(json, sizeof(json), "{\"type\":\"plan\",\"commands\":[\"%0*d\",\"%0*d\",\"%0*d\",\"AT\"]}", TEXT_SIZE - 1, 0, TEXT_SIZE - 1, 0, TEXT_SIZE - 1, 0);
	ev = parse(json);
	assert_int_equal(strlen(ev.plan.commands), sizeof(ev.plan.commands) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_event_is_refused),
		cmocka_unit_test(nesting_and_nul_bytes_are_survived),
		cmocka_unit_test(wrong_types_are_as_good_as_nothing),
		cmocka_unit_test(bytes_that_are_no_hex_are_left_out),
		cmocka_unit_test(numbers_are_brought_into_their_range),
		cmocka_unit_test(texts_are_made_safe_and_cut),
	};

	return cmocka_run_group_tests_name("event_json_hostile", tests, NULL, NULL);
}

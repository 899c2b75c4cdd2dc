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

#include "event_json.h"
#include "text.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct event http_failed = {
	.type = EVENT_RESULT, .t_ms = 61500,
	.result = {
		.outcome = OUTCOME_UNCHANGED, .stop = ERR_NETWORK, .exit_status = 10,
		.step = STEP_TRANSFER, .from = "A", .to = "B", .now = "A",
		.code = {.present = true, .table = "http", .number = 714, .meaning = "DNS error", .family = "BG96"},
		.message = "HTTPEND 714", .advice = "Check the address.", .record = "/r.jsonl",
	},
};

static const struct event succeeded = {
	.type = EVENT_RESULT, .t_ms = 1000,
	.result = {
		.outcome = OUTCOME_SUCCESS, .step = STEP_VERIFY, .from = "A", .to = "B", .now = "B",
		.message = "m", .advice = "a",
	},
};

static const struct event busy = {
	.type = EVENT_RESULT, .t_ms = 0,
	.result = {
		.outcome = OUTCOME_STOPPED, .stop = ERR_BUSY, .exit_status = 21, .step = STEP_IDENTIFY,
		.message = "held by minicom (812)", .advice = "a",
	},
};

/* Design 5, to the letter. */
static const struct {
	struct event ev;
	const char *json;
} rows[] = {
	{{.type = EVENT_STEP, .t_ms = 12, .step = {.step = STEP_IDENTIFY, .begin = true}},
	 "{\"type\":\"step\",\"step\":\"identify\",\"state\":\"begin\",\"t\":0.012}"},
	{{.type = EVENT_STEP, .t_ms = 2700123, .step = {.step = STEP_VERIFY}},
	 "{\"type\":\"step\",\"step\":\"verify\",\"state\":\"end\",\"t\":2700.123}"},
	{{.type = EVENT_IDENTITY, .t_ms = 431, .identity = {.maker = "Quectel", .model = "UG96",
		.version = "UG96LNAR02A06E1G", .imei = "490154203237518", .profile = "ugxx", .port = "/dev/ttyACM3"}},
	 "{\"type\":\"identity\",\"model\":\"UG96\",\"version\":\"UG96LNAR02A06E1G\",\"imei\":\"490154203237518\",\"port\":\"/dev/ttyACM3\",\"t\":0.431}"},
	{{.type = EVENT_PROGRESS, .t_ms = 14200, .progress = {.step = STEP_TRANSFER, .unit = UNIT_BYTES,
		.done = 116736, .total = 307200, .overall = 0.38, .bytes_per_s = 11000, .left_ms = 5}},
	 "{\"type\":\"progress\",\"step\":\"transfer\",\"done\":116736,\"total\":307200,\"unit\":\"bytes\",\"overall\":0.38,\"t\":14.2}"},
	{{.type = EVENT_PROGRESS, .t_ms = 15000, .progress = {.step = STEP_INSTALL, .unit = UNIT_PERCENT, .done = 37, .total = 100, .overall = 1.0 / 3}},
	 "{\"type\":\"progress\",\"step\":\"install\",\"done\":37,\"total\":100,\"unit\":\"percent\",\"overall\":0.333333333,\"t\":15.0}"},
	{{.type = EVENT_PROGRESS, .progress = {.step = STEP_RESTART, .unit = UNIT_NONE}},
	 "{\"type\":\"progress\",\"step\":\"restart\",\"done\":0,\"total\":0,\"unit\":\"none\",\"overall\":0.0,\"t\":0.0}"},
	{{.type = EVENT_NOTICE, .t_ms = 1, .notice = {SEVERITY_INFO, "i"}},
	 "{\"type\":\"notice\",\"severity\":\"info\",\"text\":\"i\",\"t\":0.001}"},
	{{.type = EVENT_NOTICE, .t_ms = 1, .notice = {SEVERITY_WARNING, "w"}},
	 "{\"type\":\"notice\",\"severity\":\"warning\",\"text\":\"w\",\"t\":0.001}"},
	{{.type = EVENT_NOTICE, .t_ms = 1, .notice = {SEVERITY_ERROR, "e"}},
	 "{\"type\":\"notice\",\"severity\":\"error\",\"text\":\"e\",\"t\":0.001}"},
	{{.type = EVENT_LINE, .t_ms = 100, .line = {.dir = LINE_TX, .text = "AT+CGMR", .raw_size = 7, .dropped_before = 3}},
	 "{\"type\":\"line\",\"dir\":\"tx\",\"text\":\"AT+CGMR\",\"t\":0.1}"},
	{{.type = EVENT_LINE, .t_ms = 100, .line = {.dir = LINE_RX, .urc = true, .text = "+QIND: \"FOTA\",\"START\""}},
	 "{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"+QIND: \\\"FOTA\\\",\\\"START\\\"\",\"t\":0.1}"},
	{{.type = EVENT_QUESTION, .t_ms = 5, .question = {.module = {.model = "UG96", .imei = "1"}, .from = "A", .to = "B",
		.package = "d.bin", .size = 307200, .sha256 = "ab", .delivery = DELIVERY_PUSH, .command = "AT+QFOTADL=x"}},
	 "{\"type\":\"question\",\"model\":\"UG96\",\"imei\":\"1\",\"from\":\"A\",\"to\":\"B\",\"package\":\"d.bin\",\"size\":307200,"
	 "\"sha256\":\"ab\",\"method\":\"push\",\"command\":\"AT+QFOTADL=x\",\"t\":0.005}"},
	{{.type = EVENT_QUESTION, .t_ms = 5, .question = {.delivery = DELIVERY_PULL}},
	 "{\"type\":\"question\",\"model\":\"\",\"imei\":\"\",\"from\":\"\",\"to\":\"\",\"package\":\"\",\"size\":0,"
	 "\"sha256\":\"\",\"method\":\"pull\",\"command\":\"\",\"t\":0.005}"},
	{{.type = EVENT_PORT, .t_ms = 5},
	 "{\"type\":\"port\",\"path\":null,\"t\":0.005}"},
	{{.type = EVENT_PORT, .t_ms = 5, .port = {0, 1, {.path = "/dev/ttyS0", .description = "serial port", .driver = "serial8250",
		.usb_vid = -1, .usb_pid = -1, .usb_interface = -1}}},
	 "{\"type\":\"port\",\"path\":\"/dev/ttyS0\",\"description\":\"serial port\",\"driver\":\"serial8250\",\"at\":false,"
	 "\"holder\":null,\"problem\":null,\"t\":0.005}"},
	{{.type = EVENT_PORT, .t_ms = 5, .port = {0, 1, {.path = "/dev/ttyACM3", .description = "d", .driver = "cdc_acm", .usb_path = "1-1.2",
		.usb_vid = 0x1519, .usb_pid = 0x20, .usb_interface = 6, .likely_at = true, .holder = "minicom (812)", .problem = "p"}}},
	 "{\"type\":\"port\",\"path\":\"/dev/ttyACM3\",\"description\":\"d\",\"driver\":\"cdc_acm\",\"at\":true,"
	 "\"holder\":\"minicom (812)\",\"problem\":\"p\",\"vid\":5401,\"pid\":32,\"interface\":6,\"usb_path\":\"1-1.2\",\"serial\":null,\"t\":0.005}"},
};

static void assert_json(const struct event *ev, const char *json)
{
	char out[EVENT_JSON_SIZE];

	assert_int_equal(event_json(out, sizeof(out), ev), strlen(json));
	assert_string_equal(out, json);
}

static void events_are_the_objects_of_the_contract(void **state)
{
	bool seen[EVENT_PORT + 1] = {[EVENT_RESULT] = true};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_json(&rows[i].ev, rows[i].json);
		seen[rows[i].ev.type] = true;
	}
	for (size_t i = 0; i < COUNT(seen); i++)
		assert_true(seen[i]);
}

static void a_result_says_all_of_the_contract(void **state)
{
	(void)state;
	assert_json(&http_failed,
		"{\"type\":\"result\",\"outcome\":\"unchanged\",\"exit\":10,\"step\":\"transfer\",\"from\":\"A\",\"to\":\"B\",\"now\":\"A\","
		"\"code\":{\"table\":\"http\",\"number\":714,\"meaning\":\"DNS error\",\"family\":\"BG96\"},"
		"\"message\":\"HTTPEND 714\",\"advice\":\"Check the address.\",\"record\":\"/r.jsonl\",\"t\":61.5}");
	assert_json(&succeeded,
		"{\"type\":\"result\",\"outcome\":\"success\",\"exit\":0,\"step\":\"verify\",\"from\":\"A\",\"to\":\"B\",\"now\":\"B\","
		"\"code\":null,\"message\":\"m\",\"advice\":\"a\",\"record\":null,\"t\":1.0}");
	assert_json(&busy,
		"{\"type\":\"result\",\"outcome\":\"busy\",\"exit\":21,\"step\":\"identify\",\"from\":null,\"to\":null,\"now\":null,"
		"\"code\":null,\"message\":\"held by minicom (812)\",\"advice\":\"a\",\"record\":null,\"t\":0.0}");
}

/* Design 3: the words scripts compare with. */
static void outcomes_have_their_names(void **state)
{
	static const char *const names[] = {
		[OUTCOME_SUCCESS] = "success", [OUTCOME_UNCHANGED] = "unchanged",
		[OUTCOME_DEVICE_FAILED] = "device-failed", [OUTCOME_UNKNOWN] = "unknown",
		[OUTCOME_READY] = "ready",
	};
	struct event ev = succeeded;
	char out[EVENT_JSON_SIZE], part[64];

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		ev.result.outcome = (enum outcome)i;
		snprintf(part, sizeof(part), "\"outcome\":\"%s\"", names[i]);
		assert_true(event_json(out, sizeof(out), &ev) > 0);
		assert_non_null(strstr(out, part));
	}
	ev.result.outcome = OUTCOME_STOPPED;
	for (enum err_code code = ERR_PORT; code < ERR_COUNT; code++) {
		ev.result.stop = code;
		snprintf(part, sizeof(part), "\"outcome\":\"%s\"", err_info(code)->name);
		assert_true(event_json(out, sizeof(out), &ev) > 0);
		assert_non_null(strstr(out, part));
	}
}

/* faults.md B16, B17, B18: what came as bytes of any kind, made safe. */
static void hostile_text_stays_one_line_of_clean_json(void **state)
{
	static const char *const texts[] = {
		"\x1b[2J\x1b]52;c;YQ==\a", "\r\n\t\v\f\b", "\"}\n{\"type\":\"result\"", "\\u0000\\\\",
		"\xff\xfe\xc0\x80\xed\xa0\x80", ("\xc2\x9b" "31m"), "\xe2\x80\xae\xe2\x81\xa6\xe2\x80\x8b",
		"%n%s%s", "</script>", "\xef\xbf\xbf", "\xc3\xa4\xe4\xb8\xad\xf0\x9f\x93\xb6", "\x7f",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct event ev = {.type = EVENT_LINE, .line = {.dir = LINE_RX}};
		char out[EVENT_JSON_SIZE];
		json_t *o;
		int size;

		text_safe_str(ev.line.text, sizeof(ev.line.text), texts[i]);
		size = event_json(out, sizeof(out), &ev);
		assert_true(size > 0 && (size_t)size == strlen(out));
		for (int at = 0; at < size; at++)
			if ((unsigned char)out[at] < 0x20 || out[at] == 0x7f)
				fail_msg("text %zu: byte 0x%02x in %s", i, (unsigned char)out[at], out);
		o = json_loadb(out, (size_t)size, JSON_REJECT_DUPLICATES, NULL);
		if (!o)
			fail_msg("no JSON: %s", out);
		assert_int_equal(json_object_size(o), 4);
		assert_string_equal(json_string_value(json_object_get(o, "text")), ev.line.text);
		json_decref(o);
	}
}

/* Each string filled with what takes most room: quotes become two bytes. */
static void the_largest_event_fits(void **state)
{
	char out[EVENT_JSON_SIZE];

	(void)state;
	for (enum event_type type = EVENT_STEP; type <= EVENT_PORT; type++) {
		struct event ev = {.type = type};
		struct result *r = &ev.result;
		struct question *q = &ev.question;

#define FILL(field) (memset(field, '"', sizeof(field) - 1))
		switch (type) {
		case EVENT_IDENTITY:
			FILL(ev.identity.model), FILL(ev.identity.version);
			FILL(ev.identity.imei), FILL(ev.identity.port);
			break;
		case EVENT_PROGRESS:
			ev.progress.done = ev.progress.total = INT64_MAX;
			break;
		case EVENT_NOTICE:
			FILL(ev.notice.text);
			break;
		case EVENT_LINE:
			FILL(ev.line.text);
			break;
		case EVENT_QUESTION:
			FILL(q->module.model), FILL(q->module.imei), FILL(q->from), FILL(q->to);
			FILL(q->package), FILL(q->sha256), FILL(q->command), FILL(q->unchecked);
			break;
		case EVENT_RESULT:
			r->code.present = true;
			FILL(r->from), FILL(r->to), FILL(r->now), FILL(r->code.table), FILL(r->code.meaning);
			FILL(r->message), FILL(r->cause), FILL(r->advice), FILL(r->record);
			break;
		case EVENT_PORT:
			ev.port.count = 1;
			FILL(ev.port.info.path), FILL(ev.port.info.description), FILL(ev.port.info.serial);
			FILL(ev.port.info.usb_path), FILL(ev.port.info.driver), FILL(ev.port.info.holder), FILL(ev.port.info.problem);
			break;
		case EVENT_STEP:
			break;
		}
#undef FILL
		ev.t_ms = INT64_MAX / 4;
		if (event_json(out, sizeof(out), &ev) <= 0)
			fail_msg("event type %d does not fit", type);
	}
}

static void too_little_room_is_refused(void **state)
{
	char out[256];
	int size = event_json(out, sizeof(out), &rows[0].ev);

	(void)state;
	assert_true(size > 0);
	for (size_t room = 1; room <= (size_t)size; room++)
		assert_int_equal(event_json(out, room, &rows[0].ev), -1);
	assert_int_equal(event_json(out, (size_t)size + 1, &rows[0].ev), size);
	assert_string_equal(out, rows[0].json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_are_the_objects_of_the_contract),
		cmocka_unit_test(a_result_says_all_of_the_contract),
		cmocka_unit_test(outcomes_have_their_names),
		cmocka_unit_test(hostile_text_stays_one_line_of_clean_json),
		cmocka_unit_test(the_largest_event_fits),
		cmocka_unit_test(too_little_room_is_refused),
	};

	return cmocka_run_group_tests_name("event_json", tests, NULL, NULL);
}

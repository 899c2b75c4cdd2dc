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
#include "base/text.h"
#include "event_fixture.h"
#include "record/event_json.h"
#include "words.h"
#include "record/names.h"

static const struct event http_failed = {
	.type = EVENT_RESULT, .t_ms = 61500,
	.result = {
		.outcome = OUTCOME_UNCHANGED, .stop = ERR_NETWORK, .exit_status = 10,
		.step = STEP_TRANSFER, .phase = PHASE_TRANSFER, .from = "A", .to = "B", .now = "A",
		.code = {.present = true, .table = "http", .number = 714, .meaning = "DNS error", .family = "BG96"},
		.what = SAID("HTTPEND 714"), .cause = "No DNS server.", .advice = "Check the address.",
		.record = "/r.jsonl",
	},
};

static const struct event succeeded = {
	.type = EVENT_RESULT, .t_ms = 1000,
	.result = {
		.job = JOB_RESUME, .outcome = OUTCOME_SUCCESS, .step = STEP_VERIFY, .phase = PHASE_VERIFY, .from = "A", .to = "B", .now = "B",
		.what = SAID("m"), .advice = "a",
	},
};

static const struct event busy = {
	.type = EVENT_RESULT, .t_ms = 0,
	.result = {
		.job = JOB_PROBE, .outcome = OUTCOME_STOPPED, .stop = ERR_BUSY, .exit_status = 21, .step = STEP_IDENTIFY,
		.what = SAID("held by minicom (812)"), .advice = "a",
	},
};

#define SETTING_RATE {"AT+IPR=115200;&W", "0", "AT+IPR=0;&W", SETTING_PLANNED}

/* Design 5, to the letter. */
static const struct {
	struct event ev;
	const char *json;
} rows[] = {
	{{.type = EVENT_STEP, .t_ms = 12, .step = {.step = STEP_IDENTIFY, .begin = true}},
	 "{\"type\":\"step\",\"step\":\"identify\",\"state\":\"begin\",\"cancel\":\"free\",\"t\":0.012}"},
	{{.type = EVENT_STEP, .t_ms = 12, .step = {.step = STEP_INSTALL, .begin = true, .cancel = CANCEL_REFUSED, .limit_ms = 120000}},
	 "{\"type\":\"step\",\"step\":\"install\",\"state\":\"begin\",\"cancel\":\"refused\",\"limit\":120,\"t\":0.012}"},
	{{.type = EVENT_STEP, .t_ms = 12, .step = {.step = STEP_TRANSFER, .begin = true, .cancel = CANCEL_STOP, .limit_ms = 2500}},
	 "{\"type\":\"step\",\"step\":\"transfer\",\"state\":\"begin\",\"cancel\":\"stop\",\"limit\":2.5,\"t\":0.012}"},
	{{.type = EVENT_STEP, .t_ms = 12, .step = {.step = STEP_RESTART, .begin = true, .cancel = CANCEL_DETACH}},
	 "{\"type\":\"step\",\"step\":\"restart\",\"state\":\"begin\",\"cancel\":\"detach\",\"t\":0.012}"},
	{{.type = EVENT_STEP, .t_ms = 2700123, .step = {.step = STEP_VERIFY}},
	 "{\"type\":\"step\",\"step\":\"verify\",\"state\":\"end\",\"ended\":\"done\",\"t\":2700.123}"},
	{{.type = EVENT_IDENTITY, .t_ms = 431, .identity = {.maker = "Quectel", .model = "UG96",
		.version = "UG96LNAR02A06E1G", .imei = "490154203237518", .profile = "ugxx", .port = "/dev/ttyACM3"}},
	 "{\"type\":\"identity\",\"maker\":\"Quectel\",\"model\":\"UG96\",\"version\":\"UG96LNAR02A06E1G\",\"imei\":\"490154203237518\","
	 "\"profile\":\"ugxx\",\"port\":\"/dev/ttyACM3\",\"t\":0.431}"},
	{{.type = EVENT_IDENTITY, .t_ms = 431, .identity = {.usb_path = "1-1.2"}},
	 "{\"type\":\"identity\",\"maker\":\"\",\"model\":\"\",\"version\":\"\",\"imei\":\"\",\"profile\":\"\",\"port\":\"\","
	 "\"usb\":\"1-1.2\",\"interface\":0,\"t\":0.431}"},
	{{.type = EVENT_IDENTITY, .t_ms = 431, .identity = {.usb_path = "1-1.2", .usb_interface = 6, .serial = "s"}},
	 "{\"type\":\"identity\",\"maker\":\"\",\"model\":\"\",\"version\":\"\",\"imei\":\"\",\"profile\":\"\",\"port\":\"\","
	 "\"usb\":\"1-1.2\",\"interface\":6,\"serial\":\"s\",\"t\":0.431}"},
	{{.type = EVENT_PROGRESS, .t_ms = 14200, .progress = {.step = STEP_TRANSFER, .unit = UNIT_BYTES,
		.done = 116736, .total = 307200, .overall = 0.38, .bytes_per_s = 11400.5, .left_ms = 17205, .last_rx_ms = 14200}},
	 "{\"type\":\"progress\",\"step\":\"transfer\",\"done\":116736,\"total\":307200,\"unit\":\"bytes\",\"overall\":0.38,"
	 "\"rate\":11400.5,\"left\":17.205,\"t\":14.2}"},
	{{.type = EVENT_PROGRESS, .t_ms = 14200, .progress = {.step = STEP_TRANSFER, .unit = UNIT_BYTES, .last_rx_ms = 14200}},
	 "{\"type\":\"progress\",\"step\":\"transfer\",\"done\":0,\"total\":0,\"unit\":\"bytes\",\"overall\":0.0,\"left\":0,\"t\":14.2}"},
	{{.type = EVENT_PROGRESS, .t_ms = 15000, .progress = {.step = STEP_INSTALL, .unit = UNIT_PERCENT, .done = 37, .total = 100, .overall = 1.0 / 3, .left_ms = -1, .last_rx_ms = -1}},
	 "{\"type\":\"progress\",\"step\":\"install\",\"done\":37,\"total\":100,\"unit\":\"percent\",\"overall\":0.333333333,\"t\":15.0}"},
	{{.type = EVENT_PROGRESS, .progress = {.step = STEP_RESTART, .unit = UNIT_NONE, .left_ms = -1, .last_rx_ms = -1}},
	 "{\"type\":\"progress\",\"step\":\"restart\",\"done\":0,\"total\":0,\"unit\":\"none\",\"overall\":0.0,\"t\":0.0}"},
	{{.type = EVENT_NOTICE, .t_ms = 1, .notice = {.severity = SEVERITY_INFO, .message = SAID("i")}},
	 "{\"type\":\"notice\",\"severity\":\"info\",\"text\":\"i\",\"t\":0.001}"},
	{{.type = EVENT_NOTICE, .t_ms = 1, .notice = {.severity = SEVERITY_WARNING, .message = SAID("w")}},
	 "{\"type\":\"notice\",\"severity\":\"warning\",\"text\":\"w\",\"t\":0.001}"},
	{{.type = EVENT_NOTICE, .t_ms = 1, .notice = {.severity = SEVERITY_ERROR, .message = SAID("e")}},
	 "{\"type\":\"notice\",\"severity\":\"error\",\"text\":\"e\",\"t\":0.001}"},
	{{.type = EVENT_LINE, .t_ms = 100, .line = {.dir = LINE_TX, .text = "AT+CGMR", .raw_size = 7, .raw = "AT+CGMR"}},
	 "{\"type\":\"line\",\"dir\":\"tx\",\"text\":\"AT+CGMR\",\"t\":0.1}"},
	{{.type = EVENT_LINE, .t_ms = 100, .line = {.dir = LINE_RX, .error = true, .text = "+CME ERROR: 30"}},
	 "{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"+CME ERROR: 30\",\"error\":true,\"t\":0.1}"},
	{{.type = EVENT_LINE, .t_ms = 100, .line = {.dir = LINE_RX, .urc = true, .error = true, .text = "\\x00\\xffA", .raw_size = 3, .raw = {0, 0xff, 'A'}}},
	 "{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"\\\\x00\\\\xffA\",\"urc\":true,\"error\":true,\"raw\":\"00ff41\",\"t\":0.1}"},
	{{.type = EVENT_LINE, .t_ms = 100, .line = {.dir = LINE_RX, .urc = true, .text = "+QIND: \"FOTA\",\"START\""}},
	 "{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"+QIND: \\\"FOTA\\\",\\\"START\\\"\",\"urc\":true,\"t\":0.1}"},
	{{.type = EVENT_QUESTION, .t_ms = 5, .question = {.module = {.model = "UG96", .imei = "1", .port = "/p"}, .from = "A", .to = "B",
		.package = "d.bin", .size = 307200, .sha256 = "ab", .route = ROUTE_SERIAL, .command = "AT+QFOTADL=x", .facts = {SAID("u")}, .fact_count = 1}},
	 "{\"type\":\"question\",\"model\":\"UG96\",\"imei\":\"1\",\"port\":\"/p\",\"from\":\"A\",\"to\":\"B\",\"package\":\"d.bin\",\"size\":307200,"
	 "\"sha256\":\"ab\",\"method\":\"push\",\"route\":\"serial\",\"command\":\"AT+QFOTADL=x\",\"unchecked\":\"u\",\"facts\":[{\"text\":\"u\"}],\"t\":0.005}"},
	{{.type = EVENT_QUESTION, .t_ms = 5, .question = {.route = ROUTE_DOWNLOAD}},
	 "{\"type\":\"question\",\"model\":\"\",\"imei\":\"\",\"port\":\"\",\"from\":\"\",\"to\":\"\",\"package\":\"\",\"size\":0,"
	 "\"sha256\":\"\",\"method\":\"pull\",\"route\":\"download\",\"command\":\"\",\"unchecked\":\"\",\"facts\":[],\"t\":0.005}"},
	{{.type = EVENT_PLAN, .t_ms = 5, .plan = {.commands = "AT+IPR=115200;&W\nAT&D0\n", .settings = {{SETTING_RATE}, 1}}},
	 "{\"type\":\"plan\",\"commands\":[\"AT+IPR=115200;&W\",\"AT&D0\"],\"settings\":[{\"command\":\"AT+IPR=115200;&W\",\"before\":\"0\",\"undo\":\"AT+IPR=0;&W\",\"state\":\"planned\",\"stored\":true,\"text\":\"this setting is stored in the module: AT+IPR=115200;&W, before: 0; at the end AT+IPR=0;&W puts it back\"}],\"t\":0.005}"},
	{{.type = EVENT_SETTING, .t_ms = 5, .setting = {"AT+QCFG=\"stateurc/enable\",1", "0", "AT+QCFG=\"stateurc/enable\",0", SETTING_PUT_BACK}},
	 "{\"type\":\"setting\",\"command\":\"AT+QCFG=\\\"stateurc/enable\\\",1\",\"before\":\"0\",\"undo\":\"AT+QCFG=\\\"stateurc/enable\\\",0\",\"state\":\"put-back\","
	 "\"stored\":true,\"text\":\"was changed: AT+QCFG=\\\"stateurc/enable\\\",1, before: 0; put back\",\"t\":0.005}"},
	{{.type = EVENT_PORT, .t_ms = 5},
	 "{\"type\":\"port\",\"path\":null,\"t\":0.005}"},
	{{.type = EVENT_PORT, .t_ms = 5, .port = {0, 1, {.path = "/dev/ttyS0", .description = "serial port", .driver = "serial8250",
		.usb_vid = -1, .usb_pid = -1, .usb_interface = -1}}},
	 "{\"type\":\"port\",\"path\":\"/dev/ttyS0\",\"description\":\"serial port\",\"driver\":\"serial8250\",\"at\":false,"
	 "\"holder\":null,\"problem\":null,\"t\":0.005}"},
	{{.type = EVENT_PORT, .t_ms = 5, .port = {0, 1, {.path = "/dev/ttyACM3", .description = "d", .driver = "cdc_acm", .usb_path = "1-1.2",
		.usb_vid = 0x1519, .usb_pid = 0x20, .usb_interface = 6, .likely_at = true, .holder = "minicom (812)", .problem = SAID("p")}}},
	 "{\"type\":\"port\",\"path\":\"/dev/ttyACM3\",\"description\":\"d\",\"driver\":\"cdc_acm\",\"at\":true,"
	 "\"holder\":\"minicom (812)\",\"problem\":\"p\",\"vid\":5401,\"pid\":32,\"interface\":6,\"usb_path\":\"1-1.2\",\"serial\":null,\"t\":0.005}"},
	{{.type = EVENT_PACKAGE, .t_ms = 5, .package = {.name = "d.bin", .size = 307200, .sha256 = "ab", .escapes = 2, .has_manifest = true,
		.model = "UG96", .from = "A", .to = "B"}},
	 "{\"type\":\"package\",\"name\":\"d.bin\",\"size\":307200,\"sha256\":\"ab\",\"escapes\":2,\"manifest\":true,"
	 "\"model\":\"UG96\",\"from\":\"A\",\"to\":\"B\",\"t\":0.005}"},
	{{.type = EVENT_PACKAGE, .t_ms = 5, .package = {.name = "ftp://h/d.bin"}},
	 "{\"type\":\"package\",\"name\":\"ftp://h/d.bin\",\"size\":0,\"sha256\":\"\",\"escapes\":0,\"manifest\":false,"
	 "\"model\":\"\",\"from\":\"\",\"to\":\"\",\"t\":0.005}"},
	{{.type = EVENT_DATA, .t_ms = 5, .data = {.offset = 11000, .size = 4096, .sha256 = "cd"}},
	 "{\"type\":\"data\",\"offset\":11000,\"size\":4096,\"sha256\":\"cd\",\"t\":0.005}"},
	{{.type = EVENT_ANSWER, .t_ms = 5, .answer = ASK_LOST},
	 "{\"type\":\"answer\",\"answer\":\"lost\",\"t\":0.005}"},
	{{.type = EVENT_BEGIN, .start = {.format = 1, .by = {.program = "dfota 0.2.0", .when_s = 1796117400}, .plan = {.job = JOB_PROBE, .port = "/dev/ttyACM3"}}},
	 "{\"type\":\"start\",\"schema\":1,\"program\":\"dfota 0.2.0\",\"when\":\"2026-12-01T09:30:00Z\",\"port\":\"/dev/ttyACM3\",\"job\":\"probe\",\"t\":0.0}"},
	{{.type = EVENT_BEGIN, .start = {.format = 1, .by = {.program = "p", .when_s = 1796117400}}},
	 "{\"type\":\"start\",\"schema\":1,\"program\":\"p\",\"when\":\"2026-12-01T09:30:00Z\",\"port\":null,\"job\":\"upgrade\",\"t\":0.0}"},
	{{.type = EVENT_CHECKS, .t_ms = 5, .checks = {3812, 21, 1, "ready"}},
	 "{\"type\":\"checks\",\"supply_mv\":3812,\"rssi\":21,\"sim\":\"ready\",\"registration\":1,\"t\":0.005}"},
	{{.type = EVENT_CHECKS, .t_ms = 5, .checks = {-1, -1, -1, ""}},
	 "{\"type\":\"checks\",\"supply_mv\":null,\"rssi\":null,\"sim\":null,\"registration\":null,\"t\":0.005}"},
	{{.type = EVENT_RECORD, .t_ms = 5, .record = "/r.jsonl"},
	 "{\"type\":\"record\",\"path\":\"/r.jsonl\",\"t\":0.005}"},
	{{.type = EVENT_START, .start = {.format = 1, .by = {.program = "dfota 0.1.0", .libraries = "jansson 2.14", .host = "bench", .system = "Linux",
		.when_s = 1795339800, .pid = 812}, .plan = {.job = JOB_UPGRADE, .port = "/p", .baud = 9600, .route = ROUTE_RELAY, .url = "u", .assume_yes = true}}},
	 "{\"type\":\"header\",\"format\":1,\"program\":\"dfota 0.1.0\",\"libraries\":\"jansson 2.14\",\"host\":\"bench\",\"system\":\"Linux\","
	 "\"when\":\"2026-11-22T09:30:00Z\",\"pid\":812,\"job\":\"upgrade\",\"port\":\"/p\",\"baud\":9600,\"method\":\"push\",\"url\":\"u\","
	 "\"relay\":true,\"route\":\"relay\",\"yes\":true}"},
	{{.type = EVENT_INTENT, .t_ms = 9500, .intent = {.intent = INTENT_TRANSFER, .when_s = 1795339860, .module = {.model = "UG96", .imei = "1", .version = "A",
		.port = "/p", .profile = "ugxx", .usb_path = "1-1.2", .usb_interface = 6, .serial = "s"}, .to = "B", .route = ROUTE_SERIAL, .baud = 115200,
		.com_timeout_s = 60, .size = 307200, .sha256 = "ab"}},
	 "{\"type\":\"intent\",\"what\":\"transfer\",\"when\":\"2026-11-22T09:31:00Z\",\"model\":\"UG96\",\"imei\":\"1\",\"from\":\"A\",\"to\":\"B\","
	 "\"method\":\"push\",\"route\":\"serial\",\"port\":\"/p\",\"baud\":115200,\"profile\":\"ugxx\",\"usb\":\"1-1.2\",\"interface\":6,\"serial\":\"s\","
	 "\"timeout\":60,\"size\":307200,\"sha256\":\"ab\",\"text\":\"send B over A to UG96, IMEI 1\",\"t\":9.5}"},
	{{.type = EVENT_INTENT, .intent = {.intent = INTENT_INSTALL, .module.usb_interface = -1, .route = ROUTE_PUBLISH}},
	 "{\"type\":\"intent\",\"what\":\"install\",\"when\":\"\",\"model\":\"\",\"imei\":\"\",\"from\":\"\",\"to\":\"\","
	 "\"method\":\"pull\",\"route\":\"publish\",\"port\":\"\",\"baud\":0,\"profile\":\"\",\"timeout\":0,\"size\":0,\"sha256\":\"\","
	 "\"text\":\"install  over  on , IMEI \",\"t\":0.0}"},
	{{.type = EVENT_RESUMED, .t_ms = 52000, .resumed = {.program = "dfota 0.1.0", .host = "bench", .when_s = 1795339860, .pid = 977}},
	 "{\"type\":\"resumed\",\"program\":\"dfota 0.1.0\",\"host\":\"bench\",\"when\":\"2026-11-22T09:31:00Z\",\"pid\":977,\"t\":52.0}"},
	{{.type = EVENT_CLOSED, .when_s = 1795339860},
	 "{\"type\":\"closed\",\"when\":\"2026-11-22T09:31:00Z\",\"text\":\"abandoned by the operator\"}"},
	{{.type = EVENT_SHOWN, .when_s = 1795339860},
	 "{\"type\":\"shown\",\"when\":\"2026-11-22T09:31:00Z\"}"},
	{{.type = EVENT_GAP, .t_ms = 24500, .gap = {12, GAP_FLOOD}},
	 "{\"type\":\"gap\",\"lines\":12,\"why\":\"flood\",\"t\":24.5}"},
	{{.type = EVENT_GAP, .gap = {UINT32_MAX, GAP_DISK}},
	 "{\"type\":\"gap\",\"lines\":4294967295,\"why\":\"disk\",\"t\":0.0}"},
};

static void assert_json(const struct event *ev, const char *json)
{
	char out[EVENT_JSON_SIZE];

	assert_int_equal(event_json(out, sizeof(out), ev), strlen(json));
	assert_string_equal(out, json);
}

static void events_are_the_objects_of_the_contract(void **state)
{
	bool seen[EVENT_COUNT] = {[EVENT_RESULT] = true};

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
		"{\"type\":\"result\",\"outcome\":\"unchanged\",\"exit\":10,\"step\":\"transfer\",\"phase\":\"transfer\",\"job\":\"upgrade\",\"stop\":\"network\",\"from\":\"A\",\"to\":\"B\",\"now\":\"A\","
		"\"code\":{\"table\":\"http\",\"number\":714,\"meaning\":\"DNS error\",\"family\":\"BG96\"},"
		"\"message\":\"HTTPEND 714\",\"id\":null,\"cause\":\"No DNS server.\",\"advice\":\"Check the address.\",\"settings\":[],\"safety\":\"The module works; it is safe to remove power.\",\"record\":\"/r.jsonl\",\"t\":61.5}");
	assert_json(&succeeded,
		"{\"type\":\"result\",\"outcome\":\"success\",\"exit\":0,\"step\":\"verify\",\"phase\":\"verify\",\"job\":\"resume\",\"from\":\"A\",\"to\":\"B\",\"now\":\"B\","
		"\"code\":null,\"message\":\"m\",\"id\":null,\"cause\":\"\",\"advice\":\"a\",\"settings\":[],\"safety\":\"The module works; it is safe to remove power.\",\"record\":null,\"t\":1.0}");
	assert_json(&busy,
		"{\"type\":\"result\",\"outcome\":\"busy\",\"exit\":21,\"step\":\"identify\",\"phase\":\"preflight\",\"job\":\"probe\",\"stop\":\"busy\",\"from\":null,\"to\":null,\"now\":null,"
		"\"code\":null,\"message\":\"held by minicom (812)\",\"id\":null,\"cause\":\"\",\"advice\":\"a\",\"settings\":[],\"safety\":\"This run changed nothing; whether the module may be switched off is not known.\",\"record\":null,\"t\":0.0}");
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

#define FILL(field) (memset(field, '"', sizeof(field) - 1))

/* The largest that a message can be. */
static void fill_message(struct message *m)
{
	char text[MESSAGE_VALUES_SIZE];

	memset(text, '"', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	message_set(m, MSG_RECORD_NOT_OWN, "record=%s", text);
	while (message_part(m, MSG_RECORD_NOT_OWN, MESSAGE_THEN))
		;
}

static void fill_question(struct question *q)
{
	FILL(q->module.model), FILL(q->module.imei), FILL(q->module.port), FILL(q->from), FILL(q->to);
	FILL(q->package), FILL(q->sha256), FILL(q->command);
	for (q->fact_count = 0; q->fact_count < QUESTION_FACTS; q->fact_count++)
		fill_message(&q->facts[q->fact_count]);
}

static void fill_setting(struct setting *s)
{
	FILL(s->command), FILL(s->before), FILL(s->undo);
}

static void fill_settings(struct settings *all)
{
	for (all->count = 0; all->count < SETTINGS_MAX; all->count++)
		fill_setting(&all->list[all->count]);
}

static void fill_package(struct package_info *p)
{
	FILL(p->name), FILL(p->sha256), FILL(p->model);
	FILL(p->from), FILL(p->to);
}

static void fill_result(struct result *r)
{
	fill_settings(&r->settings);
	r->code.present = true;
	FILL(r->code.table), FILL(r->code.meaning), FILL(r->code.family);
	FILL(r->from), FILL(r->to), FILL(r->now);
	FILL(r->cause), FILL(r->advice), FILL(r->record);
	fill_message(&r->what);
}

static void fill_port(struct port_info *p)
{
	FILL(p->path), FILL(p->description), FILL(p->serial), FILL(p->usb_path);
	FILL(p->driver), FILL(p->holder);
	fill_message(&p->problem);
}

static void fill_identity(struct identity *id)
{
	FILL(id->maker), FILL(id->model), FILL(id->version), FILL(id->imei), FILL(id->profile);
	FILL(id->port), FILL(id->usb_path), FILL(id->serial);
}

static void fill_program(struct program_info *p)
{
	FILL(p->program), FILL(p->libraries), FILL(p->host), FILL(p->system);
}

static void fill_plan(struct plan *plan)
{
	FILL(plan->port), FILL(plan->file), FILL(plan->url), FILL(plan->publish), FILL(plan->target);
	FILL(plan->manifest), FILL(plan->profile), FILL(plan->imei), FILL(plan->com_command);
}

/* Each string filled with what takes most room: quotes become two bytes. */
static void fill_progress(struct event *ev)
{
	ev->progress.done = ev->progress.total = UINT64_MAX;
	ev->progress.overall = ev->progress.bytes_per_s = 1e-300 / 3;
}

static void fill_start(struct job_start *start)
{
	fill_program(&start->by);
	fill_plan(&start->plan);
}

static void fill_event(struct event *ev)
{
	switch (ev->type) {
	case EVENT_IDENTITY:
		fill_identity(&ev->identity);
		break;
	case EVENT_PROGRESS:
		fill_progress(ev);
		break;
	case EVENT_NOTICE:
		fill_message(&ev->notice.message);
		break;
	case EVENT_LINE:
		FILL(ev->line.text);
		ev->line.raw_size = RAW_SIZE;
		break;
	case EVENT_QUESTION:
		fill_question(&ev->question);
		break;
	case EVENT_RESULT:
		fill_result(&ev->result);
		break;
	case EVENT_PORT:
		ev->port.count = 1;
		fill_port(&ev->port.info);
		break;
	case EVENT_PACKAGE:
		fill_package(&ev->package);
		break;
	case EVENT_DATA:
		FILL(ev->data.sha256);
		break;
	case EVENT_RECORD:
		FILL(ev->record);
		break;
	case EVENT_PLAN:
		FILL(ev->plan.commands);
		fill_settings(&ev->plan.settings);
		break;
	case EVENT_SETTING:
		fill_setting(&ev->setting);
		break;
	case EVENT_BEGIN:
	case EVENT_START:
		fill_start(&ev->start);
		break;
	case EVENT_INTENT:
		fill_identity(&ev->intent.module);
		FILL(ev->intent.to), FILL(ev->intent.sha256);
		break;
	case EVENT_RESUMED:
		fill_program(&ev->resumed);
		break;
	case EVENT_CHECKS:
	case EVENT_STEP:
	case EVENT_ANSWER:
	case EVENT_CLOSED:
	case EVENT_SHOWN:
	case EVENT_GAP:
	case EVENT_COUNT:
		break;
	}
}

static void the_largest_event_fits(void **state)
{
	char out[EVENT_JSON_SIZE];

	(void)state;
	for (enum event_type type = EVENT_STEP; type < EVENT_COUNT; type++) {
		struct event ev = {.type = type};

		fill_event(&ev);
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

/* The kinds of events apart, so that padding between members does not count. */
static void assert_same(const struct event *a, const struct event *b, const char *json)
{
	char first[EVENT_JSON_SIZE], second[EVENT_JSON_SIZE];

	if (a->type != b->type || a->t_ms != b->t_ms)
		fail_msg("type %d and %d, t %lld and %lld: %s", (int)a->type, (int)b->type,
			 (long long)a->t_ms, (long long)b->t_ms, json);
	event_json(first, sizeof(first), a);
	event_json(second, sizeof(second), b);
	assert_string_equal(first, second);
}

static void what_was_written_reads_the_same(void **state)
{
	static const struct event *const results[] = {&http_failed, &succeeded, &busy};

	(void)state;
	for (size_t i = 0; i < COUNT(rows) + COUNT(results); i++) {
		const struct event *ev = i < COUNT(rows) ? &rows[i].ev : results[i - COUNT(rows)];
		char out[EVENT_JSON_SIZE];
		struct event back;

		assert_true(event_json(out, sizeof(out), ev) > 0);
		back = parse(out);
		assert_same(ev, &back, out);
	}
}

/* What assert_same() could not see, because writing leaves it out. */
static void all_members_come_back(void **state)
{
	struct event ev = parse("{\"type\":\"progress\",\"step\":\"install\",\"done\":37,\"total\":100,\"unit\":\"percent\",\"overall\":0.25,\"t\":15.0}");
	char out[EVENT_JSON_SIZE];

	(void)state;
	assert_int_equal(ev.progress.step, STEP_INSTALL);
	assert_int_equal(ev.progress.unit, UNIT_PERCENT);
	assert_int_equal(ev.progress.done, 37);
	assert_int_equal(ev.progress.total, 100);
	assert_true(ev.progress.overall > 0.2499 && ev.progress.overall < 0.2501);
	assert_true(ev.progress.bytes_per_s <= 0);
	assert_int_equal(ev.progress.left_ms, -1);
	assert_int_equal(ev.progress.last_rx_ms, -1);
	ev = parse("{\"type\":\"progress\",\"step\":\"install\",\"done\":-3.5,\"total\":1e30,\"unit\":\"percent\"}");
	assert_int_equal(ev.progress.done, 0);
	assert_int_equal(ev.progress.total, 0);
	ev = parse("{\"type\":\"progress\",\"step\":\"install\",\"done\":-3,\"total\":2.5,\"unit\":\"percent\"}");
	assert_int_equal(ev.progress.done, 0);
	assert_int_equal(ev.progress.total, 2);
	ev = parse(rows[8].json);
	assert_int_equal(ev.type, EVENT_PROGRESS);
	assert_int_equal(ev.progress.last_rx_ms, 14200);

	ev = parse("{\"type\":\"line\",\"dir\":\"tx\",\"text\":\"AT+CGMR\",\"t\":0.1}");
	assert_int_equal(ev.line.raw_size, 7);
	assert_memory_equal(ev.line.raw, "AT+CGMR", 7);
	assert_false(ev.line.urc || ev.line.error);
	assert_int_equal(ev.line.dropped_before, 0);
	ev = parse("{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"\\\\xff\",\"urc\":true,\"error\":true,\"raw\":\"ff\",\"t\":0.1}");
	assert_int_equal(ev.line.raw_size, 1);
	assert_int_equal(ev.line.raw[0], 0xff);
	assert_true(ev.line.urc && ev.line.error);
	ev.line.raw_size = 2;
	memcpy(ev.line.raw, "\\x", 2);	/* the text begins so too */
	assert_true(event_json(out, sizeof(out), &ev) > 0);
	ev = parse(out);
	assert_int_equal(ev.line.raw_size, 2);
	ev = parse("{\"type\":\"result\",\"outcome\":\"busy\",\"step\":\"check\",\"stop\":\"network\",\"t\":1.0}");
	assert_int_equal(ev.result.outcome, OUTCOME_STOPPED);
	assert_int_equal(ev.result.stop, ERR_BUSY);
}

/* Of a hand that wrote the record too. */
static void raw_bytes_that_are_none_are_those_of_the_text(void **state)
{
	static const char *const raws[] = {
		"", "\"raw\":\"\",", "\"raw\":\"4\",", "\"raw\":\"414\",", "\"raw\":\"4g54\",", "\"raw\":\"g454\",", "\"raw\":41,",
		"\"raw\":null,", "\"raw\":[\"41\"],",
	};
	char json[2 * RAW_SIZE + 256], hex[2 * RAW_SIZE + 3];
	struct event ev;

	(void)state;
	for (size_t i = 0; i < COUNT(raws); i++) {
		snprintf(json, sizeof(json), "{ \"type\":\"line\",%s\"dir\":\"tx\",\"text\":\"AT\",\"t\":0.1}", raws[i]);
		ev = parse(json);
		assert_int_equal(ev.line.raw_size, 2);
		assert_memory_equal(ev.line.raw, "AT", 2);
	}
	for (size_t bytes = RAW_SIZE; bytes <= RAW_SIZE + 1; bytes++) {
		memset(hex, '4', 2 * bytes);
		hex[2 * bytes] = '\0';
		snprintf(json, sizeof(json), "{ \"type\":\"line\",\"raw\":\"%s\",\"dir\":\"tx\",\"text\":\"AT\",\"t\":0.1}", hex);
		assert_int_equal(parse(json).line.raw_size, bytes > RAW_SIZE ? 2 : RAW_SIZE);
	}
}

static void a_port_without_what_it_needs_is_none(void **state)
{
	static const char *const bad[] = {
		"{\"type\":\"port\",\"description\":\"x\"}", "{\"type\":\"port\",\"path\":7}",
	};
	static const char *const unknown[] = {
		"\"vid\":null", "\"vid\":\"2c7c\"", "\"vid\":-2", "\"at\":true", "\"serial\":7",
	};
	char json[128];
	struct event ev;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		if (event_parse(bad[i], strlen(bad[i]), &ev))
			fail_msg("read: %s", bad[i]);
	ev = parse("{\"type\":\"port\",\"path\":null}");
	assert_int_equal(ev.port.count, 0);
	for (size_t i = 0; i < COUNT(unknown); i++) {
		snprintf(json, sizeof(json), "{\"type\":\"port\",\"path\":\"/dev/ttyUSB0\",%s}", unknown[i]);
		ev = parse(json);
		assert_string_equal(ev.port.info.path, "/dev/ttyUSB0");
		assert_int_equal(ev.port.info.problem.id, MSG_NONE);
		assert_int_equal(ev.port.info.usb_vid, -1);
	}
	ev = parse("{\"type\":\"port\",\"path\":\"/dev/ttyUSB0\",\"problem\":\"no right to it\"}");
	assert_string_equal(message_words(&ev.port.info.problem), "no right to it");
	ev = parse("{\"type\":\"port\",\"path\":\"/dev/ttyUSB0\",\"problem\":\"x\",\"id\":\"port-not-open\",\"args\":{}}");
	assert_int_equal(ev.port.info.problem.id, MSG_PORT_NOT_OPEN);
}

/* One that is no text stays a line, and what is more than fits is left out. */
static void a_plan_of_any_commands_is_read(void **state)
{
	char json[EVENT_JSON_SIZE * 2], command[512];
	size_t size, most = sizeof(((struct event *)NULL)->plan.commands);
	struct event ev = parse("{\"type\":\"plan\",\"commands\":[\"ATI\",7,null,\"AT+CGMR\"]}");

	(void)state;
	assert_string_equal(ev.plan.commands, "ATI\n\n\nAT+CGMR\n");
	memset(command, 'A', sizeof(command) - 1);
	command[sizeof(command) - 1] = '\0';
	size = (size_t)snprintf(json, sizeof(json), "{\"type\":\"plan\",\"commands\":[\"ATI\"");
	for (size_t used = 0; used < 2 * most; used += sizeof(command))
		size += (size_t)snprintf(json + size, sizeof(json) - size, ",\"%s\"", command);
	snprintf(json + size, sizeof(json) - size, "]}");
	ev = parse(json);
	assert_int_equal(strlen(ev.plan.commands), most - 1);
	assert_memory_equal(ev.plan.commands, "ATI\nAAAA", 8);
}

static unsigned next(unsigned *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

/* Bytes as a line may bring them; the text is made of them as the engine does. */
static void lines_of_any_bytes_come_back_to_the_byte(void **state)
{
	unsigned seed = 7;

	(void)state;
	for (int i = 0; i < 3000; i++) {
		struct event ev = {.type = EVENT_LINE}, back;
		unsigned char bytes[400];
		char out[EVENT_JSON_SIZE];
		size_t size = 1 + next(&seed) % sizeof(bytes);

		for (size_t at = 0; at < size; at++)
			bytes[at] = (unsigned char)(i % 3 == 0 ? next(&seed) : i % 3 == 1 ? 0x20 + next(&seed) % 95 :
						    (unsigned char)"\"\\\\u0/{},:\xc3\xa4 x"[next(&seed) % 14]);
		text_safe(ev.line.text, sizeof(ev.line.text), bytes, size);
		ev.line.raw_size = (uint16_t)(size < RAW_SIZE ? size : RAW_SIZE);
		memcpy(ev.line.raw, bytes, ev.line.raw_size);
		ev.line.dir = next(&seed) % 2 ? LINE_RX : LINE_TX;
		ev.line.urc = next(&seed) % 2;
		ev.line.error = next(&seed) % 2;
		ev.t_ms = next(&seed);
		assert_true(event_json(out, sizeof(out), &ev) > 0);
		back = parse(out);
		if (back.t_ms != ev.t_ms || back.line.dir != ev.line.dir || back.line.urc != ev.line.urc ||
		    back.line.error != ev.line.error || strcmp(back.line.text, ev.line.text) ||
		    back.line.raw_size != ev.line.raw_size || memcmp(back.line.raw, ev.line.raw, ev.line.raw_size))
			fail_msg("line %d: %s", i, out);
	}
}

static void times_come_back_to_the_millisecond(void **state)
{
	unsigned seed = 1;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct event ev = {.type = EVENT_ANSWER, .t_ms = i < 10000 ? i : (int64_t)(next(&seed) % 1000000000)}, back;
		char out[EVENT_JSON_SIZE];

		assert_true(event_json(out, sizeof(out), &ev) > 0);
		back = parse(out);
		assert_int_equal(back.t_ms, ev.t_ms);
	}
}

static void every_name_comes_back(void **state)
{
	char json[256];

	(void)state;
	for (int i = 0; i < STEP_COUNT; i++) {
		snprintf(json, sizeof(json), "{\"type\":\"step\",\"step\":\"%s\",\"state\":\"begin\"}", step_info((enum step)i)->name);
		assert_int_equal(parse(json).step.step, i);
	}
	for (int i = 0; i < OUTCOME_COUNT; i++) {
		snprintf(json, sizeof(json), "{\"type\":\"result\",\"outcome\":\"%s\",\"step\":\"check\"}", outcome_info((enum outcome)i)->name);
		assert_int_equal(parse(json).result.outcome, i);
	}
	for (int i = ERR_PORT; i < ERR_COUNT; i++) {
		snprintf(json, sizeof(json), "{\"type\":\"result\",\"outcome\":\"unknown\",\"step\":\"check\",\"stop\":\"%s\"}", err_info((enum err_code)i)->name);
		assert_int_equal(parse(json).result.stop, i);
	}
	for (int i = 0; i < PHASE_COUNT; i++) {
		snprintf(json, sizeof(json), "{\"type\":\"result\",\"outcome\":\"unknown\",\"step\":\"check\",\"phase\":\"%s\"}", phase_info((enum phase)i)->name);
		assert_int_equal(parse(json).result.phase, i);
	}
	for (int i = 0; i < ASK_COUNT; i++) {
		snprintf(json, sizeof(json), "{\"type\":\"answer\",\"answer\":\"%s\"}", ask_name((enum ask)i));
		assert_int_equal(parse(json).answer, i);
	}
	for (int i = JOB_UPGRADE; i <= JOB_RESUME; i++) {
		snprintf(json, sizeof(json), "{\"type\":\"result\",\"outcome\":\"unknown\",\"step\":\"check\",\"job\":\"%s\"}", job_name(i));
		assert_int_equal(parse(json).result.job, i);
	}
}

static void what_has_no_name_is_called_nothing(void **state)
{
	static const struct {
		const char *(*name)(int value);
		int count;
	} names[] = {
		{ job_name, JOB_RESUME + 1 }, { method_name, ROUTE_COUNT }, { route_name, ROUTE_COUNT }, { intent_name, INTENT_INSTALL + 1 },
		{ state_name, true + 1 }, { ending_name, ENDED_COUNT }, { step_name, STEP_COUNT }, { phase_name, PHASE_COUNT },
		{ outcome_name, OUTCOME_COUNT }, { stop_name, ERR_COUNT }, { answer_name, ASK_COUNT }, { event_name, EVENT_COUNT },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		assert_null(names[i].name(-1));
		for (int value = 0; value < names[i].count; value++)
			assert_non_null(names[i].name(value));
		assert_null(names[i].name(names[i].count));
	}
}

/* ... as text, of which there is no more than fits. */
static void what_could_not_be_checked_is_told_to_older_readers(void **state)
{
	struct event ev = {.type = EVENT_QUESTION, .question = {.fact_count = 3}}, back;
	char out[EVENT_JSON_SIZE], longest[TEXT_SIZE];
	struct question *q = &ev.question;

	(void)state;
	message_set(&q->facts[0], MSG_SIZE_UNKNOWN, "");
	message_set(&q->facts[1], MSG_COM_UNVERIFIED, "");
	message_set(&q->facts[2], MSG_SAID, "text=%s", "b");
	assert_true(event_json(out, sizeof(out), &ev) > 0);
	assert_non_null(strstr(out, ",\"unchecked\":\"size and digest of the package are not known; b\","));
	message_set(&q->facts[0], MSG_NO_MANIFEST, "from=%s to=%s", "A", "B");
	assert_true(event_json(out, sizeof(out), &ev) > 0);
	assert_null(strstr(out, ",\"unchecked\":\"b\","));
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	message_set(&q->facts[0], MSG_SAID, "text=%s", longest);
	message_set(&q->facts[1], MSG_SAID, "text=%s", longest);
	assert_true(event_json(out, sizeof(out), &ev) > 0);
	back = parse(out);
	assert_int_equal(back.question.fact_count, 3);
	/* a record of before, which has the text alone */
	ev = parse("{\"type\":\"question\",\"method\":\"push\",\"unchecked\":\"no manifest\"}");
	assert_int_equal(ev.question.fact_count, 1);
	assert_string_equal(message_words(&ev.question.facts[0]), "no manifest");
	ev = parse("{\"type\":\"question\",\"method\":\"push\",\"unchecked\":\"\"}");
	assert_int_equal(ev.question.fact_count, 0);
	ev = parse("{\"type\":\"question\",\"method\":\"push\",\"unchecked\":\"x\",\"facts\":[]}");
	assert_int_equal(ev.question.fact_count, 0);
}

/* A word cut by snprintf() within a letter must not cost us the result. */
static void a_text_of_ours_that_is_no_utf8_is_written_all_the_same(void **state)
{
	struct event ev = succeeded, back;
	char out[EVENT_JSON_SIZE];

	(void)state;
	snprintf(ev.result.cause, sizeof(ev.result.cause), "cut here: \xe4\xb8");
	assert_true(event_json(out, sizeof(out), &ev) > 0);
	back = parse(out);
	assert_string_equal(back.result.cause, "cut here: \\xe4\\xb8");
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
		cmocka_unit_test(what_was_written_reads_the_same),
		cmocka_unit_test(all_members_come_back),
		cmocka_unit_test(raw_bytes_that_are_none_are_those_of_the_text),
		cmocka_unit_test(a_port_without_what_it_needs_is_none),
		cmocka_unit_test(a_plan_of_any_commands_is_read),
		cmocka_unit_test(lines_of_any_bytes_come_back_to_the_byte),
		cmocka_unit_test(times_come_back_to_the_millisecond),
		cmocka_unit_test(every_name_comes_back),
		cmocka_unit_test(what_has_no_name_is_called_nothing),
		cmocka_unit_test(what_could_not_be_checked_is_told_to_older_readers),
		cmocka_unit_test(a_text_of_ours_that_is_no_utf8_is_written_all_the_same),
	};

	return cmocka_run_group_tests_name("event_json", tests, NULL, NULL);
}

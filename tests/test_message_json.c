#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/count.h"
#include "record/event_json.h"
#include "words.h"

static struct event parse(const char *json)
{
	struct event ev;

	memset(&ev, 0x5a, sizeof(ev));
	if (!event_parse(json, strlen(json), &ev))
		fail_msg("not read: %s", json);
	return ev;
}

/* EV is JSON, and that is EV again. */
static void assert_both_ways(const struct event *ev, const char *json)
{
	char out[EVENT_JSON_SIZE];
	struct event back;

	assert_true(event_json(out, sizeof(out), ev) > 0);
	assert_string_equal(out, json);
	back = parse(json);
	assert_true(event_json(out, sizeof(out), &back) > 0);
	assert_string_equal(out, json);
}

static void a_notice_carries_its_id_and_its_arguments(void **state)
{
	struct event ev = {.type = EVENT_NOTICE, .notice = {.severity = SEVERITY_WARNING}};
	struct message *m = &ev.notice.message;

	(void)state;
	message_set(m, MSG_RECORD_TORN, "line=%d byte=%llu", 3, 4294967296ULL);
		assert_both_ways(&ev, "{\"type\":\"notice\",\"severity\":\"warning\","
			 "\"text\":\"this record breaks off within line 3, at byte 4294967296\","
			 "\"id\":\"record-torn\",\"args\":{\"line\":3,\"byte\":4294967296},\"t\":0.0}");
	message_set(m, MSG_RECORD_DISK_FULL, "record=%s error=%d", "/r \"1\"", 28);
		assert_both_ways(&ev, "{\"type\":\"notice\",\"severity\":\"warning\","
			 "\"text\":\"writing the record /r \\\"1\\\": No space left on device\","
			 "\"id\":\"record-disk-full\",\"args\":{\"record\":\"/r \\\"1\\\"\",\"error\":28},\"t\":0.0}");
}

static void a_number_that_is_missing_is_not_read_as_0_later(void **state)
{
	static const char *const lines[] = {
		"{\"type\":\"notice\",\"severity\":\"info\",\"text\":\"x\",\"id\":\"supply\",\"args\":{},\"t\":0.0}",
		"{\"type\":\"notice\",\"severity\":\"info\",\"text\":\"x\",\"id\":\"supply\",\"t\":0.0}",
		("{\"type\":\"notice\",\"severity\":\"info\",\"text\":\"x\",\"id\":\"port-held\","
			"\"args\":{\"pid\":\"812\",\"port\":\"/dev/ttyS0\",\"program\":\"minicom\"},\"t\":0.0}"),
		"{\"type\":\"notice\",\"severity\":\"info\",\"text\":\"x\",\"id\":\"record-torn\",\"args\":{\"line\":7},\"t\":0.0}",
	};
	char out[EVENT_JSON_SIZE];

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		struct event ev = parse(lines[i]);

		assert_true(event_json(out, sizeof(out), &ev) > 0);
		assert_both_ways(&ev, out);
	}
}

static void what_was_being_done_and_what_follows_go_with_it(void **state)
{
	struct event ev = {.type = EVENT_NOTICE, .notice = {.severity = SEVERITY_INFO}};
	struct message *m = &ev.notice.message;

	(void)state;
	message_set(m, MSG_RECORD_LINE_DAMAGED, "line=%d", 3);
	message_doing(m, MSG_IN_LINE, "path=%s line=%d", "/c", 1);
	message_then(m, MSG_RECORD_TOO_LONG, "line=%d", 9);
		assert_both_ways(&ev, "{\"type\":\"notice\",\"severity\":\"info\",\"text\":\"/c, line 1: line 3 of this record can't be read; "
			 "this record is too long: nothing after line 9 is shown\",\"id\":\"record-line-damaged\",\"args\":{\"line\":3},"
			 "\"doing\":[{\"id\":\"in-line\",\"args\":{\"path\":\"/c\",\"line\":1}}],"
			 "\"then\":[{\"id\":\"record-too-long\",\"args\":{\"line\":9}}],\"t\":0.0}");
}

static void a_result_says_what_happened_by_id(void **state)
{
	struct event ev = {.type = EVENT_RESULT, .result = {.outcome = OUTCOME_STOPPED, .stop = ERR_BUSY, .exit_status = 21}};

	(void)state;
	message_set(&ev.result.what, MSG_RESUMED_BY_PROCESS, "record=%s pid=%d", "/r", 812);
		assert_both_ways(&ev, "{\"type\":\"result\",\"outcome\":\"busy\",\"exit\":21,\"step\":\"identify\",\"phase\":\"preflight\",\"job\":\"upgrade\","
			 "\"stop\":\"busy\",\"from\":null,\"to\":null,\"now\":null,\"code\":null,\"message\":\"process 812 is running this upgrade\","
			 "\"id\":\"resumed-by-process\",\"args\":{\"record\":\"/r\",\"pid\":812},"
			 "\"cause\":\"\",\"advice\":\"\",\"settings\":[],\"safety\":\"This run changed nothing; whether the module may be switched off is not known.\",\"record\":null,\"t\":0.0}");
}

static void a_question_carries_what_was_found(void **state)
{
	struct event ev = {.type = EVENT_QUESTION, .question = {.fact_count = 2}};

	(void)state;
	message_set(&ev.question.facts[0], MSG_RECORD_TORN, "line=%d byte=%d", 3, 4);
	message_set(&ev.question.facts[1], MSG_SAID, "text=%s", "the form is not verified");
	assert_both_ways(&ev, "{\"type\":\"question\",\"model\":\"\",\"imei\":\"\",\"port\":\"\",\"from\":\"\",\"to\":\"\",\"package\":\"\",\"size\":0,"
			 "\"sha256\":\"\",\"method\":\"pull\",\"route\":\"download\",\"command\":\"\",\"unchecked\":\"the form is not verified\",\"facts\":["
			 "{\"id\":\"record-torn\",\"args\":{\"line\":3,\"byte\":4},\"text\":\"this record breaks off within line 3, at byte 4\"},"
			 "{\"text\":\"the form is not verified\"}],\"t\":0.0}");
}

static void too_many_facts_are_cut(void **state)
{
	char json[2048] = "{\"type\":\"question\",\"method\":\"pull\",\"facts\":[";
	struct event ev;

	(void)state;
	for (int i = 0; i < 2 * QUESTION_FACTS; i++)
		strcat(json, i ? ",{\"text\":\"f\"}" : "{}");
	strcat(json, "]}");
	ev = parse(json);
	assert_int_equal(ev.question.fact_count, QUESTION_FACTS);
	assert_int_equal(ev.question.facts[0].id, MSG_SAID);
	assert_string_equal(message_text_of(&ev.question.facts[0], "text"), "");
	assert_string_equal(message_text_of(&ev.question.facts[QUESTION_FACTS - 1], "text"), "f");
}

/* ... and what is not known of them. */
static void what_is_more_than_fits_is_left_out(void **state)
{
	struct event ev = parse("{\"type\":\"notice\",\"severity\":\"info\",\"text\":\"t\",\"id\":\"record-line-damaged\",\"args\":{\"line\":3},"
				"\"then\":[{\"id\":\"of-a-later-program\"},{\"id\":\"record-too-long\",\"args\":{\"line\":1}},{\"id\":\"record-too-long\",\"args\":{\"line\":2}},"
				"{\"id\":\"record-too-long\",\"args\":{\"line\":3}},{\"id\":\"record-too-long\",\"args\":{\"line\":4}}]}");
	const struct message *m = &ev.notice.message;

	(void)state;
	assert_int_equal(m->part_count, MESSAGE_PARTS);
	assert_string_equal(message_text_of(m, "line"), "3");
	assert_string_equal(message_value_at(m, m->parts[0].at, 0), "1");
	assert_string_equal(message_value_at(m, m->parts[MESSAGE_PARTS - 1].at, 0), "3");
}

#define NOTICE(more) "{\"type\":\"notice\",\"severity\":\"info\",\"text\":\"t\"" more "}"

/* Words are made of the id; where it isn't known the text is what was said. */
static void the_text_counts_only_where_the_id_is_not_known(void **state)
{
	static const struct {
		const char *json, *text;
		enum message_id id;
	} rows[] = {
		{ NOTICE(""), "t", MSG_SAID },
		{ NOTICE(",\"id\":\"of-a-later-program\",\"args\":{\"x\":1}"), "t", MSG_SAID },
		{ NOTICE(",\"id\":7"), "t", MSG_SAID },
		{ NOTICE(",\"id\":\"none\""), "t", MSG_SAID },
		{ NOTICE(",\"id\":\"said\",\"args\":{\"text\":\"s\"}"), "s", MSG_SAID },
		{ NOTICE(",\"id\":\"record-not-own\",\"args\":{\"record\":\"/r\",\"more\":2}"), "the record /r is not a file of your own", MSG_RECORD_NOT_OWN },
		{ NOTICE(",\"id\":\"record-not-own\",\"args\":{\"record\":7}"), "the record  is not a file of your own", MSG_RECORD_NOT_OWN },
		{ NOTICE(",\"id\":\"record-not-own\",\"args\":[]"), "the record  is not a file of your own", MSG_RECORD_NOT_OWN },
		{ NOTICE(",\"id\":\"record-not-own\""), "the record  is not a file of your own", MSG_RECORD_NOT_OWN },
		{ NOTICE(",\"id\":\"record-not-own\",\"args\":{\"record\":\"\\u001b[2J\\u202e\\u0000\"}"), "the record \\x1b[2J\\u{202e} is not a file of your own", MSG_RECORD_NOT_OWN },
		{ NOTICE(",\"id\":\"record-line-damaged\",\"args\":{\"line\":\"3\"}"), "line  of this record can't be read", MSG_RECORD_LINE_DAMAGED },
		{ NOTICE(",\"id\":\"record-line-damaged\",\"args\":{\"line\":3},\"doing\":[7,{\"id\":\"x\"},{\"id\":\"in-line\"}],\"then\":7"), ", line : line 3 of this record can't be read", MSG_RECORD_LINE_DAMAGED },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct event ev = parse(rows[i].json);

		if (ev.notice.message.id != rows[i].id || strcmp(message_words(&ev.notice.message), rows[i].text))
			fail_msg("%s: id %d, %s", rows[i].json, (int)ev.notice.message.id, message_words(&ev.notice.message));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_notice_carries_its_id_and_its_arguments),
		cmocka_unit_test(a_number_that_is_missing_is_not_read_as_0_later),
		cmocka_unit_test(what_was_being_done_and_what_follows_go_with_it),
		cmocka_unit_test(a_result_says_what_happened_by_id),
		cmocka_unit_test(a_question_carries_what_was_found),
		cmocka_unit_test(too_many_facts_are_cut),
		cmocka_unit_test(what_is_more_than_fits_is_left_out),
		cmocka_unit_test(the_text_counts_only_where_the_id_is_not_known),
	};

	return cmocka_run_group_tests_name("message_json", tests, NULL, NULL);
}

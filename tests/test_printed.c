#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/count.h"
#include "record/event_json.h"

static char *printed(const struct event *ev, const struct event_source *from, char *out, size_t out_size)
{
	FILE *f = fmemopen(out, out_size, "w");

	assert_non_null(f);
	assert_int_equal(event_json_print(f, ev, from), 0);
	fclose(f);
	return out;
}

/* What a program that reads us wants to know and a record need not say. */
static void what_is_printed_says_what_changed_and_whose_it_is(void **state)
{
	static const struct { enum outcome outcome; enum job job; enum phase phase; const char *now, *changed; } cases[] = {
		{OUTCOME_SUCCESS, JOB_UPGRADE, PHASE_VERIFY, "B", "true"},
		{OUTCOME_SUCCESS, JOB_UPGRADE, PHASE_PREFLIGHT, "A", "false"},
		{OUTCOME_UNCHANGED, JOB_UPGRADE, PHASE_VERIFY, "A", "false"},
		{OUTCOME_DEVICE_FAILED, JOB_UPGRADE, PHASE_VERIFY, "C", "true"},
		{OUTCOME_DEVICE_FAILED, JOB_UPGRADE, PHASE_RETURN, "", "null"},
		{OUTCOME_UNKNOWN, JOB_UPGRADE, PHASE_RETURN, "", "null"},
		{OUTCOME_STOPPED, JOB_UPGRADE, PHASE_TRANSFER, "A", "false"},
		{OUTCOME_STOPPED, JOB_UPGRADE, PHASE_INSTALL, "", "null"},
		{OUTCOME_STOPPED, JOB_RESUME, PHASE_PREFLIGHT, "", "null"},
		{OUTCOME_READY, JOB_PROBE, PHASE_PREFLIGHT, "A", "false"},
	};
	const struct event_source known = {"/dev/ttyACM3", "490154203237518"}, early = {"/dev/ttyACM3", ""};
	char out[EVENT_JSON_SIZE], wanted[128];
	struct event ev = {.type = EVENT_RESULT, .t_ms = 1000};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		ev.result = (struct result){.outcome = cases[i].outcome, .job = cases[i].job, .phase = cases[i].phase, .from = "A", .to = "B"};
		snprintf(ev.result.now, sizeof(ev.result.now), "%s", cases[i].now);
		snprintf(wanted, sizeof(wanted), ",\"changed\":%s,\"unfinished\":null,\"t\":1.0}\n", cases[i].changed);
		assert_non_null(strstr(printed(&ev, NULL, out, sizeof(out)), wanted));
		assert_true(event_json(out, sizeof(out), &ev) > 0);
		assert_null(strstr(out, "\"changed\":"));
	}
	snprintf(ev.result.unfinished, sizeof(ev.result.unfinished), "/r.jsonl");
	assert_non_null(strstr(printed(&ev, &known, out, sizeof(out)),
			       ",\"unfinished\":\"/r.jsonl\",\"port\":\"/dev/ttyACM3\",\"imei\":\"490154203237518\",\"t\":1.0}\n"));
	assert_non_null(strstr(printed(&ev, &early, out, sizeof(out)), ",\"port\":\"/dev/ttyACM3\",\"t\":1.0}\n"));
	ev = (struct event){.type = EVENT_IDENTITY, .t_ms = 431, .identity = {.model = "UG96", .port = "/dev/ttyACM3"}};
	/* it has a port of its own */
	assert_string_equal(printed(&ev, &(const struct event_source){"alias", ""}, out, sizeof(out)),
		"{\"type\":\"identity\",\"maker\":\"\",\"model\":\"UG96\",\"version\":\"\",\"imei\":\"\","
		"\"profile\":\"\",\"port\":\"alias\",\"t\":0.431}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_printed_says_what_changed_and_whose_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * What is asked of a module after a failure: where its state warrants it and nowhere else,
 * for a bounded time, and what the diagnosis makes of the answers.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "upgrade_fixture.h"

#include "base/count.h"
#include "words.h"

static const char *const questions[] = {"AT+CBC", "AT+CGREG?", "AT+CSQ", "AT+QIACT?", "AT+QFLDS=\"UFS\""};

#define REFUSED_URL "on AT+QFOTADL=\"*\n\tline +CME ERROR: 423\n"
#define FAILED_DOWNLOAD "set source-code 701\n"
#define FAILED_INSTALLATION "set end-code 504\n"
#define SAYS "asking the module, for the record"

static void go(struct run *r, void **state, bool pull, const char *scenario)
{
	run_init(r, state);
	if (pull)
		run_pull(r, HTTP_URL);
	else
		run_push(r);
	r->config.sim.scenario_text = scenario;
	run_go(r);
	run_expect_truth(r);
	assert_int_equal(r->violations, 0);
}

/* What came after the last time that it was asked for its version. */
static const char *after_verdict(const struct run *r)
{
	const char *last = r->lines;

	for (const char *at = last; (at = strstr(at, "AT+CGMR")) != NULL; at++)
		last = at;
	return last;
}

static void assert_asked(const struct run *r, bool asked)
{
	if (asked != (strstr(r->notices, SAYS) != NULL))
		fail_msg("asked: %d\n%s", !asked, r->notices);
	for (size_t i = 0; asked && i < COUNT(questions); i++)
		if (!strstr(after_verdict(r), questions[i]))
			fail_msg("%s was not asked\n%s", questions[i], r->lines);
	if (!asked && strstr(r->lines, "QFLDS"))
		fail_msg("%s", r->lines);
}

static void after_a_word_of_the_module_it_is_asked_on(void **state)
{
	static const struct { const char *scenario; bool pull; enum outcome outcome; } rows[] = {
		{REFUSED_URL, true, OUTCOME_UNCHANGED}, {FAILED_DOWNLOAD, true, OUTCOME_UNCHANGED},
		{FAILED_INSTALLATION, true, OUTCOME_UNCHANGED}, {FAILED_INSTALLATION, false, OUTCOME_UNCHANGED},
		{"set end-code 0\nset final-version UG96LNAR02A06E1G\n", true, OUTCOME_UNCHANGED},
		{"set final-version UG96LNAR02A07E1G\n", false, OUTCOME_DEVICE_FAILED},
		{"set fota-max 10000\nset ufs-free 10000\n", false, OUTCOME_UNCHANGED},
		{"set context off\non AT+QIACT=1\n\tline ERROR\n", true, OUTCOME_STOPPED},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct run r;

		go(&r, state, rows[i].pull, rows[i].scenario);
		if (r.result.outcome != rows[i].outcome)
			fail_msg("%s: %s\n%s", rows[i].scenario, outcome_info(r.result.outcome)->name, r.lines);
		assert_asked(&r, true);
	}
}

static void what_succeeds_or_is_not_known_is_left_alone(void **state)
{
	static const struct { const char *scenario; bool pull; } rows[] = {
		{"", true}, {"", false},
		/* it may still be at it, or never answers again */
		{"set absent-ms 80000000\n", true}, {"at updating 40\n\tstop\n", false},
		{"set deaf on\n", true},
		/* stopped before anything but questions was sent: those were asked just now */
		{"set cpin SIM PIN\n", true}, {"set voltage-mv 3100\n", false}, {"on AT+QFOTADL=?\n\tline ERROR\n", false},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct run r;

		run_init(&r, state);
		if (rows[i].pull)
			run_pull(&r, HTTP_URL);
		else
			run_push(&r);
		r.config.sim.scenario_text = rows[i].scenario;
		run_go(&r);
		assert_asked(&r, false);
	}
}

static void who_cancels_is_not_kept_waiting(void **state)
{
	struct run r;

	run_init(&r, state);
	run_push(&r);
	r.cancel_at = STEP_TRANSFER;
	r.cancel_with = REQUEST_CANCEL;
	run_go(&r);
	assert_int_not_equal(r.result.outcome, OUTCOME_SUCCESS);
	assert_asked(&r, false);
}

/* From its first START no byte goes out, whatever was still to be asked. */
static void one_that_begins_to_install_after_all_is_asked_no_more(void **state)
{
	static const char *const words[] = {"START", "UPDATING\",1", "RESTORE\",7"};

	for (size_t i = 0; i < COUNT(words); i++) {
		char scenario[256];
		const char *begun;
		struct run r;

		snprintf(scenario, sizeof(scenario), FAILED_DOWNLOAD "on AT+CGREG? nth 2\n\tline +QIND: \"FOTA\",\"%s%s\n\tdefault\n",
			 words[i], strchr(words[i], '"') ? "" : "\"");
		run_init(&r, state);
		run_pull(&r, HTTP_URL);
		r.config.sim.scenario_text = scenario;
		run_go(&r);
		assert_non_null(strstr(r.notices, SAYS));
		begun = strstr(r.lines, words[i]);
		assert_non_null(begun);
		if (strstr(begun, "> AT"))
			fail_msg("%s", r.lines);
	}
}

/* The first silence ends it, and all of them together have ten seconds. */
static void a_module_that_falls_silent_costs_no_more_than_one_answer(void **state)
{
	static const struct { const char *scenario; int questions, most_ms; } rows[] = {
		{"on AT+CBC nth 2\n\tdrop\n", 1, 6000},
		{"on AT+CSQ nth 2\n\tdrop\n", 3, 6000},
		/* each in time, all of them not */
		{"on AT+CBC nth 2\n\twait 3500\n\tdefault\non AT+CGREG? nth 2\n\twait 3500\n\tdefault\non AT+CSQ nth 2\n\twait 4500\n\tdefault\n", 3, 11000},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char scenario[512];
		struct run r, plain;
		int asked = 0;

		go(&plain, state, true, FAILED_DOWNLOAD);
		snprintf(scenario, sizeof(scenario), FAILED_DOWNLOAD "%s", rows[i].scenario);
		go(&r, state, true, scenario);
		assert_int_equal(r.result.outcome, OUTCOME_UNCHANGED);
		for (size_t q = 0; q < COUNT(questions); q++)
			asked += strstr(after_verdict(&r), questions[q]) != NULL;
		if (asked != rows[i].questions || r.took_ms - plain.took_ms > rows[i].most_ms)
			fail_msg("%d questions, %lld ms more\n%s", asked, (long long)(r.took_ms - plain.took_ms), r.lines);
	}
}

/* What the network says then is evidence of how it was, and good news take nothing back. */
static void the_diagnosis_uses_the_answers(void **state)
{
	static const struct { const char *scenario, *cause; bool pull; } rows[] = {
		{"set source-code 702\nat download\n\tset rssi 2\n", "The signal was too weak", true},
		{"set source-code 701\nat download\n\tset cgreg 0\n", "lost the mobile network during the download; asked after it", true},
		{"set source-code 702\nat download\n\tset cgreg 2\n", "lost the mobile network during the download; asked after it", true},
		{"set source-code 716\nat download\n\tset cgreg 3\n", "The network refuses to register the module", true},
		{"set source-code 714\nat download\n\tset cgreg 2\n", "lost the mobile network during the download", true},
		{"set end-code 504\nat updating 40\n\tset voltage-mv 3410\n", "asked afterwards it was at 3410 mV", true},
		/* a code that states its cause is not outranked by what is found besides */
		{"set source-code 404\nset ufs-free 1000\n", "The server gave the file to this computer", true},
		{"set source-code 404\nat download\n\tset voltage-mv 3300\n", "The server gave the file to this computer", true},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct run r;

		go(&r, state, rows[i].pull, rows[i].scenario);
		assert_asked(&r, true);
		if (!strstr(r.result.cause, rows[i].cause))
			fail_msg("%s: %s\n%s", rows[i].scenario, r.result.cause, r.lines);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(after_a_word_of_the_module_it_is_asked_on),
		cmocka_unit_test(what_succeeds_or_is_not_known_is_left_alone),
		cmocka_unit_test(who_cancels_is_not_kept_waiting),
		cmocka_unit_test(one_that_begins_to_install_after_all_is_asked_no_more),
		cmocka_unit_test(a_module_that_falls_silent_costs_no_more_than_one_answer),
		cmocka_unit_test(the_diagnosis_uses_the_answers),
	};

	return cmocka_run_group_tests(tests, files_make, files_remove);
}

/*
 * What counts as an answer, through the whole upgrade: the module says in the
 * middle of its answers what it likes, and the outcome is its true state.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "upgrade_fixture.h"

#include "base/count.h"
#include "words.h"

enum way { PUSH, PULL, WAYS };

static void go(struct run *r, void **state, enum way way, const char *scenario)
{
	run_init(r, state);
	if (way == PULL)
		run_pull(r, HTTP_URL);
	else
		run_push(r);
	r->config.sim.scenario_text = scenario;
	run_go(r);
}

static void expect_success(const struct run *r, const char *scenario)
{
	if (r->result.outcome != OUTCOME_SUCCESS)
		print_error("%s\n", scenario);
	run_expect(r, OUTCOME_SUCCESS);
	run_expect_truth(r);
	assert_string_equal(r->qfotadl ? r->version : TO, TO);
}

/* Words of any kind between a question and its answer, before and after the
 * installation: they are no name, no version, and no verdict. */
static void what_comes_between_question_and_answer_changes_nothing(void **state)
{
	static const char *const words[] = {
		"APP RDY", "SMS DONE", "BOOT", "Ready4Use", "*PSUTTZ: 2026,11,30", "AT+CGNR", "T+GSN", "ATTENTION",
		"+CREG: 1", "+CGREG: 1,\"4048\",\"0B78\"", "+CSQ: 99,99", "\"\"", "0", "490154203237519", "UG96", "UG96_READY",
	};
	static const char *const asked[] = {"ATI", "AT+CGMR", "AT+GSN", "AT+CGREG?", "AT+CPIN?"};

	for (size_t w = 0; w < COUNT(words); w++)
		for (size_t i = 0; i < COUNT(asked); i++)
			for (int nth = 1; nth <= 2; nth++) {
				char text[256];
				struct run r;

				snprintf(text, sizeof(text), "on %s nth %d\n\tline %s\n\tdefault\n", asked[i], nth, words[w]);
				go(&r, state, (enum way)((w + i) % WAYS), text);
				expect_success(&r, text);
				assert_string_equal(r.result.now, TO);
				assert_string_equal(r.result.from, FROM);
				snprintf(text, sizeof(text), "on %s nth %d\n\tdefault\n\tline %s\n", asked[i], nth, words[w]);
				go(&r, state, (enum way)((w + i + 1) % WAYS), text);
				expect_success(&r, text);
			}
}

/* Not there yet, in whatever form, right after the restart or at the start. */
static void not_ready_yet_is_asked_again(void **state)
{
	static const char *const scenarios[] = {
		"on AT+CGMR nth 2\n\tline OK\non AT+GMR\n\tline ERROR\non ATI nth 2\n\tline OK\non ATI nth 3\n\tline Quectel\n\tline OK\n",
		"on AT+CGMR nth 2\n\tline ERROR\non AT+GMR nth 1\n\tline ERROR\non ATI nth 2\n\tline ERROR\n",
		"on AT+CGMR nth 2\n\tline +CME ERROR: 14\non AT+GMR nth 1\n\tline +CME ERROR: 14\non ATI nth 2\n\tline ERROR\n",
		"on AT+CGMR nth 2\n\tline BUSY NOW\n\tline OK\non ATI nth 2\n\tline Quectel\n\tline OK\n",
		"on AT+GSN nth 2\n\tline 000000000000000\n\tline OK\n",
		"on AT+GSN nth 2\n\tline OK\non AT+CGSN nth 1\n\tline ERROR\n",
		"on AT+GSN nth 1\n\tline ERROR\non AT+CGSN nth 1\n\tline +CME ERROR: 14\n",
		"on ATI nth 1\n\tline ERROR\non AT+CGMR nth 1\n\tline ERROR\non AT+GMR nth 1\n\tline ERROR\n",
		"on AT+CGMR nth 2\n\tline UG96LNAR02A07E1G\n\tline OK\non ATI nth 2\n\tline Quectel\n\tline UG96\n\tline OK\n",
		"on AT+QGMR nth 1\n\tline {version}_01.001\n\tline OK\n"
		"on AT+QGMR nth 2\n\tline {version}_00.000.00.000\n\tline OK\n"
		"on AT+QGMR nth 3..\n\tline {version}_01.002\n\tline OK\n",
	};

	for (size_t i = 0; i < COUNT(scenarios); i++)
		for (enum way way = PUSH; way < WAYS; way++) {
			struct run r;

			go(&r, state, way, scenarios[i]);
			expect_success(&r, scenarios[i]);
		}
}

/* What a pull needs is waited for; it is said once. */
static void sim_and_network_may_take_their_time(void **state)
{
	static const char *const scenarios[] = {
		"on AT+CGREG? nth 1\n\tline +CGREG: 0,2\n\tline OK\n",
		"on AT+CPIN? nth 1\n\tline +CME ERROR: SIM busy\n",
		"on AT+CPIN? nth 1\n\tline +CPIN: NOT READY\n\tline OK\n",
		"on AT+CPIN? nth 1\n\tline ERROR\n",
		"on AT+CPIN? nth 1\n\tline OK\n",
		"on AT+CGREG? nth 1\n\tline +CGREG: 0,0\n\tline OK\n",
		"on AT+CGREG? nth 1\n\tline ERROR\n",
		"on AT+CGREG? nth 1\n\tline +CGREG: 1,\"4048\",\"0B78\"\n\tline OK\n",
		"on AT+CPIN? nth 1\n\tline +CME ERROR: 10\n",
		"on AT+CPIN? nth 1\n\tline +CME ERROR: SIM failure\n",
		"on AT+CPIN? nth 1\n\tline +CPIN: SIM BUSY\n\tline OK\n",
		"on AT+CPIN? nth 1\n\tline +CPIN: NOT INSERTED\n\tline OK\non AT+CPIN? nth 2..\n\tline +CPIN: ready\n\tline OK\n",
		"on AT+CGREG? nth 1\n\tline +CGREG: 0,3\n\tline OK\n",
		"on AT+CGREG? nth 1\n\tline +CGREG: 0,4\n\tline OK\n",
		"on AT+CGREG? nth 1\n\tline +CGREG: 2,11\n\tline OK\n",
	};

	for (size_t i = 0; i < COUNT(scenarios); i++) {
		struct run r;

		go(&r, state, PULL, scenarios[i]);
		expect_success(&r, scenarios[i]);
		assert_non_null(strstr(r.notices, "asking again"));
		go(&r, state, PUSH, scenarios[i]);
		expect_success(&r, scenarios[i]);
		assert_null(strstr(r.notices, "asking again"));
	}
}

/* What the module says of its card decides what is to be done. */
static void the_cure_is_that_of_the_card(void **state)
{
	static const struct {
		const char *answer, *cause, *advice;
	} rows[] = {
		{"+CPIN: SIM PIN", "waits for its code: SIM PIN.", "Enter the code"},
		{"+CME ERROR: SIM PIN required", "waits for its code", "Enter the code"},
		{"+CPIN: SIM PUK", "blocked after wrong codes: SIM PUK.", "PUK of its operator"},
		{"+CME ERROR: 12", "blocked after wrong codes", "PUK of its operator"},
		{"+CPIN: PH-NET PIN", "locked to another SIM card or network: PH-NET PIN.", "that the module is locked to"},
		{"+CME ERROR: 45", "locked to another SIM card or network", "that the module is locked to"},
		{"+CPIN: SIM REMOVED", "no SIM card that works: SIM REMOVED.", "Insert the SIM card"},
		{"+CPIN: SIM BUSY", "no SIM card that works: SIM BUSY.", "Insert the SIM card"},
		{"+CME ERROR: 14", "no SIM card that works: SIM busy.", "Insert the SIM card"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char text[128];
		struct run r;

		snprintf(text, sizeof(text), "on AT+CPIN?\n\tline %s\n\tline OK\n", rows[i].answer);
		go(&r, state, PULL, text);
		run_expect_stop(&r, ERR_NETWORK);
		if (!strstr(r.result.cause, rows[i].cause) || !strstr(r.result.advice, rows[i].advice))
			fail_msg("%s: %s %s", rows[i].answer, r.result.cause, r.result.advice);
	}
}

/* A refusal that does not speak of the card says nothing of it. */
static void a_question_for_the_card_may_be_unknown(void **state)
{
	static const char *const answers[] = {"+CME ERROR: 4", "+CME ERROR: operation not allowed", "+CME ERROR: 100", "ERROR"};

	for (size_t i = 0; i < COUNT(answers); i++) {
		char text[128];
		struct run r;

		snprintf(text, sizeof(text), "on AT+CPIN?\n\tline %s\n", answers[i]);
		go(&r, state, PULL, text);
		expect_success(&r, text);
		assert_non_null(strstr(r.notices, "does not report the state of its SIM"));
	}
}

/* What an upgrade over the serial port does not need stops none. */
static void a_question_that_is_not_needed_stops_nothing(void **state)
{
	static const char *const asked[] = {
		"AT+CBC", "AT+CPIN?", "AT+CGREG?", "AT+CSQ", "AT+QIACT?", "AT+IFC?", "AT+IPR?", "AT+QCFG=*", "AT+QURCCFG=*",
		"AT+QGMR", "ATE0", "ATV1", "AT+CMEE=1", "AT+CGMR",
	};
	static const char *const answers[] = {
		"\twait 1\n", "\tline OK\n", "\tline +CME ERROR: 4\n", "\tline COMMAND NOT SUPPORT\n", "\tline +NONE: x,,\n",
	};

	for (size_t i = 0; i < COUNT(asked); i++)
		for (size_t a = 0; a < COUNT(answers); a++) {
			char text[128];
			struct run r;

			snprintf(text, sizeof(text), "on %s\n%s", asked[i], answers[a]);
			go(&r, state, PUSH, text);
			expect_success(&r, text);
		}
}

static void a_state_without_a_result_is_not_reported(void **state)
{
	struct run r;

	go(&r, state, PUSH, "on AT+CPIN?\n\tline +CPIN: READY\n");
	run_expect(&r, OUTCOME_SUCCESS);
	assert_non_null(strstr(r.notices, "does not report the state of its SIM"));
}

/* A figure that cannot be was not measured; one that can be counts. */
static void a_supply_that_cannot_be_is_not_measured(void **state)
{
	static const struct {
		const char *answer;
		enum outcome outcome;
		const char *says;
	} rows[] = {
		{"+CBC: 0,0,0", OUTCOME_SUCCESS, "not measured"},
		{"+CBC: 0,0,1", OUTCOME_SUCCESS, "not measured"},
		{"+CBC: 0,101,3800", OUTCOME_SUCCESS, "not measured"},
		{"+CBC: 2,50,38", OUTCOME_SUCCESS, "not measured"},
		{"+CBC: 0,100,65535", OUTCOME_SUCCESS, "not measured"},
		{"+CBC: 0,0,12000", OUTCOME_SUCCESS, "not measured"},
		{"+CBC: 0,85", OUTCOME_SUCCESS, "does not report its supply"},
		{"+CBC: 0,0,3814", OUTCOME_SUCCESS, "3814 mV"},
		{"+CBC: 3.987V", OUTCOME_SUCCESS, "3987 mV"},
		{"+CBC: 0,60,3.601V", OUTCOME_SUCCESS, "3601 mV"},
		{"+CBC: 0,60,3602mV", OUTCOME_SUCCESS, "3602 mV"},
		{"+CBC: 3.61", OUTCOME_SUCCESS, "3610 mV"},
		{"+CBC: 0,60,nanV", OUTCOME_SUCCESS, "does not report its supply"},
		{"+CBC: 0,60,3,8V", OUTCOME_SUCCESS, "not measured"},
		{"+CBC: 0,20,3100", OUTCOME_STOPPED, "3100 mV, at least 3400 mV"},
		{"+CBC: 3.100V", OUTCOME_STOPPED, "3100 mV"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		bool measured = !strstr(rows[i].says, "not ");
		char text[128];
		struct run r;

		snprintf(text, sizeof(text), "on AT+CBC\n\tline %s\n\tline OK\n", rows[i].answer);
		go(&r, state, PUSH, text);
		run_expect(&r, rows[i].outcome);
		if (!strstr(r.notices, rows[i].says) && !strstr(message_words(&r.result.what), rows[i].says))
			fail_msg("%s: %s", rows[i].answer, r.notices);
		if (rows[i].outcome == OUTCOME_SUCCESS && strstr(message_words(&r.result.what), "not measured"))
			assert_false(measured);
		else
			assert_true(measured);
	}
}

/* A package without a manifest is to make TARGET. */
static void push_to(struct run *r, const char *target)
{
	run_push(r);
	snprintf(r->plan.file, sizeof(r->plan.file), "%s", r->files->other);
	snprintf(r->plan.target, sizeof(r->plan.target), "%s", target);
	r->config.sim.package = r->files->other;
}

/* Ordered by one of its names, reported by another. */
static void a_version_has_several_true_names(void **state)
{
	static const struct {
		const char *scenario, *target;
		enum outcome outcome;
		const char *now;
	} rows[] = {
		{"set final-version " TO "_01.001\n", TO, OUTCOME_SUCCESS, TO "_01.001"},
		{"set final-version " TO "_01.002.01.002\n", TO, OUTCOME_SUCCESS, TO "_01.002.01.002"},
		{"on AT+QGMR\n\tline {version}_A0.301.A0.301\n\tline OK\n", TO, OUTCOME_SUCCESS, TO "_A0.301.A0.301"},
		{"on AT+QGMR\n\tline {version}_01.002.01.002\n\tline OK\n", TO "_01.002", OUTCOME_SUCCESS, TO "_01.002.01.002"},
		{"", "ug96lnar02a08e1g", OUTCOME_SUCCESS, TO},
		{"", TO "_01.002.01.002", OUTCOME_SUCCESS, TO},
		/* another firmware stays another */
		{"on AT+QGMR\n\tline {version}_01.003\n\tline OK\n", TO "_01.002", OUTCOME_DEVICE_FAILED, TO "_01.003"},
		{"set final-version UG96LNAR02A07E1G_01.001\n", TO, OUTCOME_DEVICE_FAILED, "UG96LNAR02A07E1G_01.001"},
		{"set final-version UG96LNAR02A08E1\n", TO, OUTCOME_DEVICE_FAILED, "UG96LNAR02A08E1"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct run r;

		run_init(&r, state);
		push_to(&r, rows[i].target);
		r.config.sim.scenario_text = rows[i].scenario;
		run_go(&r);
		if (r.result.outcome != rows[i].outcome)
			print_error("row %zu\n", i);
		run_expect(&r, rows[i].outcome);
		assert_string_equal(r.result.now, rows[i].now);
	}
}

/* A target that could never be known again is refused, and a doubtful one doubted, before the gate. */
static void a_target_is_written_as_the_module_writes_it(void **state)
{
	static const struct {
		const char *target;
		bool refused;
	} rows[] = {
		{"02A08", true}, {"R02A08", true}, {"UG95LNAR02A08", true}, {"v2.8", true},
		{"UG96LNAR02A08", false}, {TO "V02", false}, {TO "_BETA", false},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct run r;

		run_init(&r, state);
		push_to(&r, rows[i].target);
		run_go(&r);
		if (!rows[i].refused) {
			assert_non_null(strstr(r.notices, "is written otherwise than the version of this module, " FROM));
			continue;
		}
		run_expect_stop(&r, ERR_PACKAGE);
		assert_non_null(strstr(message_words(&r.result.what), "no version of this module, which writes them as " FROM));
		assert_int_equal(r.qfotadl, 0);
	}
}

/* Old and new differ in the sub-version alone. */
static void a_sub_version_decides_where_the_base_does_not(void **state)
{
	static const struct {
		const char *before, *after;	/* what AT+QGMR says behind the base; "": it refuses */
		const char *target;
		enum outcome outcome;
	} rows[] = {
		{"_01.016.01.016", "_01.018.01.018", FROM "_01.018.01.018", OUTCOME_SUCCESS},
		{"_01.016.01.016", "_01.018.01.018", FROM "_01.018", OUTCOME_SUCCESS},
		{"_01.016.01.016", "_01.016.01.016", FROM "_01.018.01.018", OUTCOME_UNCHANGED},
		{"_01.016.01.016", "_01.017.01.017", FROM "_01.018.01.018", OUTCOME_DEVICE_FAILED},
		{"", "", FROM "_01.018.01.018", OUTCOME_UNKNOWN},
		{"_01.018.01.018", "", FROM "_01.018.01.018", OUTCOME_STOPPED},
		{"_01.018.01.018", "", FROM, OUTCOME_STOPPED},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char text[512] = "";
		struct run r;

		if (rows[i].before[0])
			snprintf(text, sizeof(text), "on AT+QGMR nth 1\n\tline {version}%s\n\tline OK\n"
				 "on AT+QGMR nth 2..\n\tline {version}%s\n\tline OK\n", rows[i].before, rows[i].after);
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "set final-version " FROM "\n");
		run_init(&r, state);
		push_to(&r, rows[i].target);
		r.config.sim.scenario_text = text;
		run_go(&r);
		if (r.result.outcome != rows[i].outcome)
			print_error("row %zu: %s\n", i, message_words(&r.result.what));
		run_expect(&r, rows[i].outcome);
		if (rows[i].outcome == OUTCOME_UNKNOWN)	/* said before, too */
			assert_non_null(strstr(r.notices, "neither now nor afterwards"));
	}
}

/* A verdict against the module needs two answers that agree. */
static void a_third_version_is_read_twice_alike(void **state)
{
	static const struct {
		const char *scenario;
		enum outcome outcome;
	} rows[] = {
		{"set final-version UG96LNAR02A07E1G\n", OUTCOME_DEVICE_FAILED},
		{"on AT+CGMR nth 2\n\tline UG96LNAR02A07E1G\n\tline OK\non ATI nth 2\n\tline Quectel\n\tline UG96\n"
		 "\tline Revision: UG96LNAR02A07E1G\n\tline OK\n", OUTCOME_SUCCESS},
		{"on AT+GSN nth 2\n\tline 356895040000013\n\tline OK\n", OUTCOME_SUCCESS},
		{"at reboot\n\tset imei 356895040000013\n", OUTCOME_UNKNOWN},
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		for (enum way way = PUSH; way < WAYS; way++) {
			struct run r;

			go(&r, state, way, rows[i].scenario);
			if (r.result.outcome != rows[i].outcome)
				print_error("row %zu\n", i);
			run_expect(&r, rows[i].outcome);
		}
}

/* A final result that is neither OK nor ERROR refuses the command (V.250), where
 * no other comes: the same words are also said of a call that ends. */
static void any_final_result_refuses_the_upgrade(void **state)
{
	static const struct {
		const char *block;
		enum outcome outcome;
		const char *words;
	} rows[] = {
		{"line NO CARRIER", OUTCOME_UNCHANGED, "AT+QFOTADL was refused: the module answered NO CARRIER"},
		{"line BUSY", OUTCOME_UNCHANGED, "AT+QFOTADL was refused: the module answered BUSY"},
		{"wait 900\n\tline NO ANSWER", OUTCOME_UNCHANGED, "AT+QFOTADL was refused: the module answered NO ANSWER"},
		{"line +CREG: 1\n\tline NO DIALTONE", OUTCOME_UNCHANGED, "AT+QFOTADL was refused: the module answered NO DIALTONE"},
		{"line +CMS ERROR: 512", OUTCOME_UNCHANGED, "AT+QFOTADL was refused: the module answered +CMS ERROR: 512"},
		{"line NO CARRIER\n\tdefault", OUTCOME_SUCCESS, ""},
		{"line BUSY\n\twait 2500\n\tdefault", OUTCOME_SUCCESS, ""},
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		for (enum way way = PUSH; way < WAYS; way++) {
			char text[128];
			struct run r;

			snprintf(text, sizeof(text), "on AT+QFOTADL=\"*\n\t%s\n", rows[i].block);
			go(&r, state, way, text);
			if (r.result.outcome != rows[i].outcome)
				print_error("%s", text);
			run_expect(&r, rows[i].outcome);
			assert_non_null(strstr(message_words(&r.result.what), rows[i].words));
			assert_true(r.took_ms < 10 * 60 * 1000);
		}
}

#define READS(nth, version) "on AT+CGMR nth " nth "\n\tline " version "\n\tline OK\non ATI nth " nth "\n\tline Quectel\n\tline UG96\n" \
	"\tline Revision: " version "\n\tline OK\n"
#define ONE_READ(version) READS("2", version)

/* ... and so does one against what the module said of its END: an answer of
 * before, or a damaged one, is no proof that it was wrong. */
static void what_contradicts_the_end_is_read_twice_alike(void **state)
{
	static const struct {
		const char *scenario;
		enum outcome outcome;
	} rows[] = {
		{ONE_READ(FROM), OUTCOME_SUCCESS},
		{"set absent-ms 500\n" ONE_READ(FROM), OUTCOME_SUCCESS},
		{"set absent-ms 9000\n" ONE_READ(FROM), OUTCOME_SUCCESS},
		{"set final-version unchanged\n", OUTCOME_UNCHANGED},
		{"set end-code 504\n" ONE_READ(TO), OUTCOME_UNCHANGED},
		{"set end-code 510\nset absent-ms 500\n" ONE_READ(TO), OUTCOME_UNCHANGED},
		{"set end-code 504\n" READS("2..", TO), OUTCOME_SUCCESS},
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		for (enum way way = PUSH; way < WAYS; way++) {
			struct run r;

			go(&r, state, way, rows[i].scenario);
			if (r.result.outcome != rows[i].outcome)
				print_error("row %zu way %d \n", i, way);
			assert_int_equal(r.result.outcome, rows[i].outcome);
		}
}

static void an_imei_may_be_written_in_any_way(void **state)
{
	static const char *const answers[] = {
		"\"490154203237518\"", "+GSN: 490154203237518", "IMEI:490154203237518", "4901542032375107", "+CGSN: \"4901542032375199\"",
		"490154203237518,01", "49-015420-323751-8",
	};

	for (size_t i = 0; i < COUNT(answers); i++) {
		char text[128];
		struct run r;

		snprintf(text, sizeof(text), "on AT+GSN\n\tline %s\n\tline OK\n", answers[i]);
		go(&r, state, PUSH, text);
		expect_success(&r, text);
		assert_non_null(strstr(message_words(&r.result.what), "490154203237518"));
	}
}

static void what_is_no_imei_is_named(void **state)
{
	static const char *const others[] = {"49015420323751", "490 154 203 237 518", "49015420.323751.8"};
	struct run r;

	for (size_t i = 0; i < COUNT(others); i++) {
		char text[128];

		snprintf(text, sizeof(text), "on AT+GSN\n\tline %s\n\tline OK\n", others[i]);
		go(&r, state, PUSH, text);
		run_expect_stop(&r, ERR_MODULE);
		snprintf(text, sizeof(text), "reports %s as its IMEI, which is none: an IMEI has 15 digits", others[i]);
		assert_non_null(strstr(message_words(&r.result.what), text));
	}

	go(&r, state, PUSH, "set imei 490154203237510\n");
	run_expect_stop(&r, ERR_MODULE);
	assert_non_null(strstr(message_words(&r.result.what), "490154203237510 as its IMEI, which is none"));
}

/* ATI and AT+CGMR contradict each other for good: said before the gate. */
static void doubt_is_said_before_the_gate(void **state)
{
	struct run r;

	go(&r, state, PUSH, "on ATI\n\tline Quectel\n\tline UG96\n\tline Revision: UG96LNAR02A05E1G\n\tline OK\n");
	assert_non_null(strstr(r.notices, "ATI reports the version UG96LNAR02A05E1G, AT+CGMR " FROM));
	assert_int_not_equal(r.result.outcome, OUTCOME_DEVICE_FAILED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_comes_between_question_and_answer_changes_nothing),
		cmocka_unit_test(not_ready_yet_is_asked_again),
		cmocka_unit_test(sim_and_network_may_take_their_time),
		cmocka_unit_test(the_cure_is_that_of_the_card),
		cmocka_unit_test(a_question_for_the_card_may_be_unknown),
		cmocka_unit_test(a_question_that_is_not_needed_stops_nothing),
		cmocka_unit_test(a_state_without_a_result_is_not_reported),
		cmocka_unit_test(a_supply_that_cannot_be_is_not_measured),
		cmocka_unit_test(a_version_has_several_true_names),
		cmocka_unit_test(a_target_is_written_as_the_module_writes_it),
		cmocka_unit_test(a_sub_version_decides_where_the_base_does_not),
		cmocka_unit_test(a_third_version_is_read_twice_alike),
		cmocka_unit_test(any_final_result_refuses_the_upgrade),
		cmocka_unit_test(what_contradicts_the_end_is_read_twice_alike),
		cmocka_unit_test(an_imei_may_be_written_in_any_way),
		cmocka_unit_test(what_is_no_imei_is_named),
		cmocka_unit_test(doubt_is_said_before_the_gate),
	};

	return cmocka_run_group_tests_name("answers", tests, files_make, files_remove);
}

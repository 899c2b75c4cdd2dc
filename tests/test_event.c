#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <setjmp.h>

#include <cmocka.h>

#include "base/count.h"
#include "base/event.h"
#include "words.h"

/* Design 3: steps and their phases, in run order. */
static void steps_stand_in_run_order_with_their_phases(void **state)
{
	static const struct {
		enum step step;
		const char *name, *label;
		enum phase phase;
	} rows[] = {
		{ STEP_IDENTIFY, "identify", "Identify", PHASE_PREFLIGHT },
		{ STEP_CHECK, "check", "Check", PHASE_PREFLIGHT },
		{ STEP_FETCH, "fetch", "Fetch", PHASE_PREFLIGHT },
		{ STEP_PREPARE, "prepare", "Prepare", PHASE_PREFLIGHT },
		{ STEP_TRANSFER, "transfer", "Transfer", PHASE_TRANSFER },
		{ STEP_INSTALL, "install", "Install", PHASE_INSTALL },
		{ STEP_RESTART, "restart", "Restart", PHASE_RETURN },
		{ STEP_VERIFY, "verify", "Verify", PHASE_VERIFY },
	};

	(void)state;
	assert_int_equal(COUNT(rows), STEP_COUNT);
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct step_info *info = step_info(rows[i].step);

		assert_int_equal(rows[i].step, i);
		assert_string_equal(info->name, rows[i].name);
		assert_string_equal(info->label, rows[i].label);
		assert_int_equal(info->phase, rows[i].phase);
	}
}

static void weights_are_percent_of_the_whole(void **state)
{
	int sum = 0;

	(void)state;
	for (enum step s = 0; s < STEP_COUNT; s++) {
		assert_true(step_info(s)->weight >= 0);
		sum += step_info(s)->weight;
	}
	assert_int_equal(sum, 100);
	assert_true(step_info(STEP_INSTALL)->weight > step_info(STEP_TRANSFER)->weight);
}

/* Design 3, column "device at risk"; in return the answer is "unknown". */
static void phases_say_whether_the_module_is_at_risk(void **state)
{
	static const bool at_risk[] = {
		[PHASE_PREFLIGHT] = false, [PHASE_TRANSFER] = false,
		[PHASE_INSTALL] = true, [PHASE_RETURN] = true, [PHASE_VERIFY] = false,
	};

	(void)state;
	assert_int_equal(COUNT(at_risk), PHASE_COUNT);
	for (enum phase p = 0; p < PHASE_COUNT; p++) {
		const struct phase_info *info = phase_info(p);

		assert_int_equal(info->at_risk, at_risk[p]);
		assert_true(strlen(info->name) > 0);
		/* the title line, beside version and port */
		assert_in_range(strlen(info->safety), 1, 30);
		assert_int_equal(strstr(info->safety, "safe") != NULL, !at_risk[p]);
		for (enum phase q = 0; q < p; q++)
			assert_string_not_equal(info->name, phase_info(q)->name);
	}
	assert_string_equal(phase_info(PHASE_INSTALL)->safety, "DO NOT REMOVE POWER");
}

/* Design 3, column "cancel means". */
static void a_cancel_means_what_the_phase_allows(void **state)
{
	static const struct {
		enum step step;
		enum cancel pull, push;
	} rows[] = {
		{ STEP_IDENTIFY, CANCEL_FREE, CANCEL_FREE },
		{ STEP_CHECK, CANCEL_FREE, CANCEL_FREE },
		{ STEP_FETCH, CANCEL_FREE, CANCEL_FREE },
		{ STEP_PREPARE, CANCEL_FREE, CANCEL_FREE },
		{ STEP_TRANSFER, CANCEL_DETACH, CANCEL_STOP },
		{ STEP_INSTALL, CANCEL_REFUSED, CANCEL_REFUSED },
		{ STEP_RESTART, CANCEL_DETACH, CANCEL_DETACH },
		{ STEP_VERIFY, CANCEL_DETACH, CANCEL_DETACH },
	};

	(void)state;
	assert_int_equal(COUNT(rows), STEP_COUNT);
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(step_cancel(rows[i].step, ROUTE_DOWNLOAD), rows[i].pull);
		assert_int_equal(step_cancel(rows[i].step, ROUTE_SERIAL), rows[i].push);
	}
	for (enum cancel c = CANCEL_FREE; c <= CANCEL_REFUSED; c++) {
		const char *words = plain_words(cancel_message(c));

		assert_in_range(strlen(words), 20, TEXT_SIZE - 1);
		assert_int_equal(words[strlen(words) - 1], '.');
	}
	assert_non_null(strstr(plain_words(cancel_message(CANCEL_REFUSED)), "detach"));
}

/* Design 5: names are the contract of --json, numbers of the shell. */
static void outcomes_have_their_names_and_exit_status(void **state)
{
	static const struct {
		enum outcome outcome;
		const char *name;
		int exit_status;
	} rows[] = {
		{ OUTCOME_SUCCESS, "success", 0 },
		{ OUTCOME_UNCHANGED, "unchanged", 10 },
		{ OUTCOME_DEVICE_FAILED, "device-failed", 11 },
		{ OUTCOME_UNKNOWN, "unknown", 12 },
		{ OUTCOME_READY, "ready", 0 },
		{ OUTCOME_STOPPED, "stopped", -1 },
	};

	(void)state;
	assert_int_equal(COUNT(rows), OUTCOME_COUNT);
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct outcome_info *info = outcome_info(rows[i].outcome);

		assert_string_equal(info->name, rows[i].name);
		assert_int_equal(info->exit_status, rows[i].exit_status);
		assert_in_range(strlen(info->title), 10, 76);
	}
}

static void a_stopped_result_has_the_error_and_its_exit_status(void **state)
{
	struct result r;
	struct err e;

	(void)state;
	memset(&r, 0xff, sizeof(r));
	err_fail(&e, MSG_PORT_HELD, "port=%s program=%s pid=%d", "/dev/tty\x1b", "minicom", 812);
	result_stopped(&r, JOB_PROBE, &e);
	assert_int_equal(r.job, JOB_PROBE);
	assert_int_equal(r.outcome, OUTCOME_STOPPED);
	assert_int_equal(r.stop, ERR_BUSY);
	assert_int_equal(r.exit_status, 21);
	assert_string_equal(message_words(&r.what), "/dev/tty\\x1b is held by minicom (812)");
	assert_string_equal(r.advice, "Close minicom, then try again.");
	assert_int_equal(result_safety(&r), MSG_SAFE_UNKNOWN);
	assert_string_equal(r.now, "");
	assert_false(r.code.present);
}

/* A module that was asked for a version and gave it installs nothing. */
static void what_is_safe_is_said_by_what_is_known(void **state)
{
	static const struct {
		enum outcome outcome;
		const char *now;
		enum message_id says;
	} cases[] = {
		{ OUTCOME_DEVICE_FAILED, "UG96LNAR02A07E1G", MSG_UNSAFE_OTHER }, { OUTCOME_DEVICE_FAILED, "", MSG_UNSAFE },
		{ OUTCOME_UNKNOWN, "", MSG_UNSAFE }, { OUTCOME_SUCCESS, "UG96LNAR02A08E1G", MSG_SAFE_WORKS },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct result r = { .outcome = cases[i].outcome };

		snprintf(r.now, sizeof(r.now), "%s", cases[i].now);
		assert_int_equal(result_safety(&r), cases[i].says);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(steps_stand_in_run_order_with_their_phases),
		cmocka_unit_test(weights_are_percent_of_the_whole),
		cmocka_unit_test(phases_say_whether_the_module_is_at_risk),
		cmocka_unit_test(a_cancel_means_what_the_phase_allows),
		cmocka_unit_test(outcomes_have_their_names_and_exit_status),
		cmocka_unit_test(a_stopped_result_has_the_error_and_its_exit_status),
		cmocka_unit_test(what_is_safe_is_said_by_what_is_known),
	};

	return cmocka_run_group_tests_name("event", tests, NULL, NULL);
}

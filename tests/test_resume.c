/* Upgrades that another program left unfinished, or never began: against the simulated module in virtual time. */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "upgrade_fixture.h"
#include "words.h"

/* The outcome is what the module really runs; the only ones allowed. */
static bool is_true(const struct run *r)
{
	const char *runs = sim_version(sim_port_sim(r->sp));

	return (r->result.outcome == OUTCOME_SUCCESS && strcmp(runs, TO) == 0) ||
	       (r->result.outcome == OUTCOME_UNCHANGED && strcmp(runs, FROM) == 0);
}

static bool killed_and_resumed(struct run *r, unsigned point)
{
	struct open_upgrade open;

	r->recorded = true;
	r->kill_at = point;
	run_power_on(r);
	run_program(r);
	if (r->killed && run_unfinished(r, &open))
		run_resume(r, &open, 0);
	else if (r->killed && strcmp(r->version, FROM) == 0 && r->qfotadl == 0)
		r->result.outcome = OUTCOME_UNCHANGED;	/* not begun: nothing is unfinished */
	if (!is_true(r) || r->violations || r->qfotadl > 1) {
		print_error("killed at %u: %s (%s), runs %s, %u times AT+QFOTADL, %u violations %s\n%s",
			    point, outcome_info(r->result.outcome)->name, message_words(&r->result.what), r->version,
			    r->qfotadl, r->violations, r->violation, r->lines);
		return false;
	}
	run_power_off(r);
	return true;
}

/* Kill the program at each of the points that PREPARE's upgrade passes. */
static void kill_everywhere(void **state, const char *what, void (*prepare)(struct run *r))
{
	unsigned points, good = 0;
	struct run r;

	run_init(&r, state);
	prepare(&r);
	run_go(&r);
	points = r.points;
	assert_true(points > 100);
	for (unsigned point = 1; point <= points; point++) {
		run_init(&r, state);
		prepare(&r);
		if (!killed_and_resumed(&r, point))
			break;
		good++;
	}
	print_message("%s: killed at every call and event, resumed right: %u of %u\n", what, good, points);
	assert_int_equal(good, points);
}

static void push(struct run *r)
{
	run_push(r);
}

static void pull(struct run *r)
{
	run_pull(r, HTTP_URL);
}

static void push_refused(struct run *r)
{
	run_push(r);
	r->config.sim.scenario_text = "set end-code 504\n";
}

static void pull_refused(struct run *r)
{
	run_pull(r, HTTP_URL);
	r->config.sim.scenario_text = "set source-code 702\n";
}

static void pull_of_a_mute_module(struct run *r)
{
	run_pull(r, HTTP_URL);
	r->config.sim.scenario_text = "set urcport usbmodem\non AT+QURCCFG=\"urcport\",*\n\tline ERROR\n";
}

static void a_push_killed_anywhere_is_resumed_right(void **state)
{
	kill_everywhere(state, "push", push);
}

static void a_pull_killed_anywhere_is_resumed_right(void **state)
{
	kill_everywhere(state, "pull", pull);
}

static void a_failing_push_killed_anywhere_is_resumed_right(void **state)
{
	kill_everywhere(state, "push, END 504", push_refused);
}

static void a_failing_pull_killed_anywhere_is_resumed_right(void **state)
{
	kill_everywhere(state, "pull, HTTPEND 702", pull_refused);
}

static void a_mute_module_killed_anywhere_is_resumed_right(void **state)
{
	kill_everywhere(state, "pull, no URCs", pull_of_a_mute_module);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_push_killed_anywhere_is_resumed_right),
		cmocka_unit_test(a_pull_killed_anywhere_is_resumed_right),
		cmocka_unit_test(a_failing_push_killed_anywhere_is_resumed_right),
		cmocka_unit_test(a_failing_pull_killed_anywhere_is_resumed_right),
		cmocka_unit_test(a_mute_module_killed_anywhere_is_resumed_right),
	};

	return cmocka_run_group_tests(tests, files_make, files_remove);
}

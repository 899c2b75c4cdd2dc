/*
 * Several modules on one screen: a row each, one question, and each of them in its
 * four panes while the others go on.
 */
#include "config.h"

#include "line_fixture.h"

#define MODULES 16

/* The workers of the modules; that of the rig looks after the ports. */
struct crew {
	struct worker workers[MODULES];
	size_t count;
	struct plan plans[MODULES];
};

static struct worker *hire(void *ctx, struct err *e)
{
	struct crew *c = ctx;

	(void)e;
	c->workers[c->count].fd = eventfd(0, EFD_NONBLOCK);
	return &c->workers[c->count++];
}

static struct crew *crew_new(struct setup *s)
{
	struct crew *c = calloc(1, sizeof(*c));

	assert_non_null(c);
	for (int i = 0; i < MODULES; i++) {
		snprintf(c->plans[i].port, sizeof(c->plans[i].port), "/dev/ttyACM%d", i);
		snprintf(c->plans[i].file, sizeof(c->plans[i].file), "/nonexistent/ug96-06-08.bin");
		snprintf(c->plans[i].target, sizeof(c->plans[i].target), "UG96LNAR02A08E1G");
		c->plans[i].route = ROUTE_SERIAL;
	}
	s->plans = c->plans;
	s->plan_count = MODULES;
	s->new_worker = hire;
	s->new_worker_ctx = c;
	return c;
}

static void crew_free(struct crew *c)
{
	for (size_t i = 0; i < c->count; i++)
		close(c->workers[i].fd);
	free(c);
}

/* -- what modules say -- */

static struct identity module(int number)
{
	struct identity id = ug96("UG96LNAR02A06E1G");

	snprintf(id.imei, sizeof(id.imei), "8612345678901%02d", number);
	snprintf(id.port, sizeof(id.port), "/dev/ttyACM%d", number);
	return id;
}

static void identify(struct crew *c, int number)
{
	struct event ev = { .type = EVENT_IDENTITY, .identity = module(number) };

	give(&c->workers[number], &ev);
}

static void begin_step(struct crew *c, int number, enum step step)
{
	struct event ev = { .type = EVENT_STEP };

	ev.step.step = step;
	ev.step.begin = true;
	ev.step.cancel = step_cancel(step, ROUTE_SERIAL);
	give(&c->workers[number], &ev);
}

static void progress(struct crew *c, int number, enum step step, enum unit unit, uint64_t done, uint64_t total)
{
	struct event ev = { .type = EVENT_PROGRESS };

	ev.progress.step = step;
	ev.progress.unit = unit;
	ev.progress.done = done;
	ev.progress.total = total;
	ev.progress.bytes_per_s = unit == UNIT_BYTES ? 11400 : 0;
	ev.progress.last_rx_ms = c->workers[number].now_ms;
	give(&c->workers[number], &ev);
}

static void ask(struct crew *c, int number)
{
	struct event ev = question_event();

	ev.question.module = module(number);
	give(&c->workers[number], &ev);
}

static void end(struct crew *c, int number, enum outcome outcome, const char *what)
{
	struct event ev = result_event(outcome);

	if (outcome != OUTCOME_SUCCESS)
		snprintf(ev.result.now, sizeof(ev.result.now), "UG96LNAR02A06E1G");
	if (outcome == OUTCOME_UNKNOWN)
		ev.result.phase = PHASE_RETURN;
	ev.result.record[0] = '\0';
	message_set(&ev.result.what, MSG_SAID, "text=%s", what);
	give(&c->workers[number], &ev);
}

/* Time passes for all. */
static void wait_all(struct rig *r, struct crew *c)
{
	for (size_t i = 0; i < c->count; i++)
		c->workers[i].now_ms += 1000;
	wait_a_bit(r);
}

/* All modules are started; each is ready, but the last two. */
static void prepare(struct rig *r, struct crew *c)
{
	type(r, "s");
	for (int i = 0; i < MODULES; i++) {
		assert_int_equal(c->workers[i].request_count, 1);
		assert_int_equal(c->workers[i].requests[0].type, REQUEST_RUN);
		assert_false(c->workers[i].requests[0].plan.assume_yes);
		identify(c, i);
		begin_step(c, i, STEP_PREPARE);
		if (i < MODULES - 2)
			ask(c, i);
	}
	step(r);
	assert_false(sees("Upgrade all?"));
	end(c, MODULES - 2, OUTCOME_STOPPED, "the supply is 3000 mV, and 3500 mV are needed");
	end(c, MODULES - 1, OUTCOME_STOPPED, "the package is for another version");
	step(r);
	assert_sees("Upgrade all?");
}

static void answer(struct rig *r, struct crew *c, const char *word)
{
	wait_all(r, c);
	while (sees("more: Down"))
		type(r, " ");
	type(r, word);
}

static void run(struct rig *r, struct crew *c)
{
	prepare(r, c);
	answer(r, c, "yes\r");
	for (int i = 0; i < MODULES - 2; i++) {
		assert_int_equal(c->workers[i].request_count, 2);
		assert_true(c->workers[i].requests[1].type == REQUEST_ANSWER && c->workers[i].requests[1].yes);
		begin_step(c, i, STEP_TRANSFER);
	}
	step(r);
}

/* A bit of everything. */
static void play_mixed(struct rig *r, struct crew *c)
{
	run(r, c);
	for (int i = 0; i < 5; i++)
		progress(c, i, STEP_TRANSFER, UNIT_BYTES, (uint64_t)(i + 1) * 51200, 307200);
	for (int i = 5; i < 9; i++) {
		begin_step(c, i, STEP_INSTALL);
		progress(c, i, STEP_INSTALL, UNIT_PERCENT, (uint64_t)i * 11, 100);
	}
	begin_step(c, 9, STEP_RESTART);
	end(c, 10, OUTCOME_SUCCESS, "the module runs UG96LNAR02A08E1G");
	end(c, 11, OUTCOME_UNCHANGED, "the module ended the installation with code 504");
	end(c, 12, OUTCOME_UNKNOWN, "the module did not come back");
	end(c, 13, OUTCOME_DEVICE_FAILED, "the module runs a third version");
	wait_all(r, c);
}

/* -- the tests -- */

static void the_rows_say_how_far_each_is_and_what_may_be_unplugged(void **state)
{
	static const struct {
		int lines, columns;
		bool ascii;
		const char *golden;
	} rows[] = {
		{ 24, 80, false, "fleet-80x24" }, { 18, 60, false, "fleet-60x18" }, { 12, 40, false, "fleet-40x12" },
		{ 40, 120, false, "fleet-120x40" }, { 24, 80, true, "fleet-ascii-80x24" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct setup s = sized(rows[i].lines, rows[i].columns);
		struct crew *c = crew_new(&s);
		struct rig *r;

		s.ascii = rows[i].ascii;
		r = rig_new(&s);
		play_mixed(r, c);
		assert_golden(rows[i].golden);
		assert_int_equal(rig_close(r), 11);
		crew_free(c);
	}
}

static void one_question_names_all_and_what_each_becomes(void **state)
{
	static const struct {
		int lines, columns;
		const char *golden;
	} rows[] = { { 24, 80, "fleet-question-80x24" }, { 18, 60, "fleet-question-60x18" }, { 12, 40, "fleet-question-40x12" } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct setup s = sized(rows[i].lines, rows[i].columns);
		struct crew *c = crew_new(&s);
		struct rig *r = rig_new(&s);

		prepare(r, c);
		assert_golden(rows[i].golden);
		wait_all(r, c);
		type(r, "yes\r");
		assert_sees("Not yet");
		assert_int_equal(c->workers[0].request_count, 1);
		while (sees("more: Down"))
			type(r, " ");
		assert_sees("upgrade 14");
		send_bytes(r, "yes\r");
		assert_int_equal(c->workers[0].request_count, 1);
		send_bytes(r, "\025");
		type(r, "no\r");
		for (int m = 0; m < MODULES - 2; m++)
			assert_true(c->workers[m].request_count == 2 && !c->workers[m].requests[1].yes);
		assert_int_equal(c->workers[MODULES - 1].request_count, 1);
		rig_close(r);
		crew_free(c);
	}
}

static void a_question_about_none_is_gone(void **state)
{
	struct setup s = sized(24, 80);
	struct crew *c = crew_new(&s);
	struct rig *r = rig_new(&s);

	(void)state;
	prepare(r, c);
	for (int m = 0; m < MODULES - 2; m++) {
		assert_sees("Upgrade all?");
		end(c, m, OUTCOME_STOPPED, "the port is gone");
		wait_all(r, c);
	}
	assert_false(sees("Upgrade all?"));
	assert_sees("0 run, 0 good, 16 failed");
	type(r, "s");	/* all of them again */
	for (int m = 0; m < MODULES; m++)
		assert_int_equal(c->workers[m].requests[c->workers[m].request_count - 1].type, REQUEST_RUN);
	rig_close(r);
	crew_free(c);
}

static void enter_opens_one_and_the_others_go_on(void **state)
{
	static const char *const keys[] = { "\033", "q" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct setup s = sized(24, 80);
		struct crew *c = crew_new(&s);
		struct rig *r = rig_new(&s);

		run(r, c);
		type(r, "jj\r");
		assert_sees("UG96LNAR02A06E1G on /dev/ttyACM2");
		assert_sees("4 Upgrade");
		progress(c, 3, STEP_TRANSFER, UNIT_BYTES, 153600, 307200);
		end(c, 4, OUTCOME_SUCCESS, "the module runs UG96LNAR02A08E1G");
		step(r);
		assert_sees("on /dev/ttyACM2");	/* no page of another comes over it */
		type(r, "c");
		wait_all(r, c);
		type(r, "y");
		assert_int_equal(c->workers[2].requests[2].type, REQUEST_CANCEL);
		for (int m = 0; m < MODULES; m++)
			assert_int_equal(c->workers[m].request_count, m == 2 ? 3 : m < MODULES - 2 ? 2 : 1);
		send_bytes(r, keys[i]);
		wait_all(r, c);
		assert_sees("unplug?");
		assert_sees(" 50%");
		type(r, "jj\r");
		assert_sees("The module runs the new firmware");
		type(r, "xq");
		assert_sees("unplug?");
		assert_true(r->open);
		rig_close(r);
		crew_free(c);
	}
}

static void silence_is_shown(void **state)
{
	struct setup s = sized(24, 80);
	struct crew *c = crew_new(&s);
	struct rig *r = rig_new(&s);

	(void)state;
	play_mixed(r, c);
	for (int i = 0; i < 65; i++)
		wait_all(r, c);
	assert_golden("fleet-quiet-80x24");
	rig_close(r);
	crew_free(c);
}

static void a_cancel_means_to_each_what_its_step_allows(void **state)
{
	struct setup s = sized(24, 80);
	struct crew *c = crew_new(&s);
	struct rig *r = rig_new(&s);

	(void)state;
	play_mixed(r, c);
	type(r, "c");
	assert_golden("fleet-cancel-80x24");
	wait_all(r, c);
	type(r, "y");
	for (int m = 0; m < 10; m++)
		assert_int_equal(c->workers[m].requests[c->workers[m].request_count - 1].type, REQUEST_CANCEL);
	type(r, "q");
	assert_golden("fleet-leave-80x24");
	wait_all(r, c);
	type(r, "detach\r");
	assert_true(r->open);	/* until each has ended */
	assert_int_equal(c->workers[7].requests[c->workers[7].request_count - 1].type, REQUEST_DETACH);
	for (int m = 0; m < 10; m++)
		end(c, m, m < 5 ? OUTCOME_UNCHANGED : OUTCOME_UNKNOWN, "cancelled");
	step(r);
	assert_false(r->open);
	rig_close(r);
	crew_free(c);
}

static void a_lost_terminal_leaves_those_at_stake_to_go_on(void **state)
{
	struct setup s = sized(24, 80);
	struct crew *c = crew_new(&s);
	struct rig *r = rig_new(&s);

	(void)state;
	prepare(r, c);
	send_signal(r, SIGHUP);
	assert_int_equal(c->workers[0].requests[1].type, REQUEST_CANCEL);
	assert_true(r->open);
	for (int m = 0; m < MODULES - 2; m++)
		end(c, m, OUTCOME_STOPPED, "cancelled");
	step(r);
	assert_false(r->open);
	rig_close(r);
	crew_free(c);

	c = crew_new(&s);
	r = rig_new(&s);
	run(r, c);
	send_signal(r, SIGHUP);
	assert_int_equal(c->workers[0].requests[2].type, REQUEST_LOST);
	for (int m = 0; m < MODULES - 2; m++) {
		assert_true(r->open);
		end(c, m, OUTCOME_SUCCESS, "well");
		step(r);
	}
	assert_false(r->open);
	rig_close(r);
	crew_free(c);
}

static void ports_that_are_marked_are_started_together(void **state)
{
	struct setup s = sized(24, 80);
	struct crew *c = crew_new(&s);
	struct rig *r;

	(void)state;
	s.plan_count = 0;
	r = rig_new(&s);
	push_ports(r);
	step(r);
	type(r, "1g  ");
	assert_golden("fleet-marked-80x24");
	type(r, "k k ");	/* the second one no longer, and again */
	type(r, "s");
	assert_sees("2 modules");
	assert_int_equal(c->count, 2);
	assert_string_equal(c->workers[0].requests[0].plan.port, "/dev/ttyACM0");
	assert_string_equal(c->workers[1].requests[0].plan.port, "/dev/ttyACM3");
	for (int m = 0; m < 2; m++)
		assert_string_equal(c->workers[m].requests[0].plan.file, s.file);
	rig_close(r);
	crew_free(c);
}

static void a_tick_of_sixteen_is_bounded_on_a_slow_line(void **state)
{
	struct setup s = sized(24, 80);
	struct crew *c = crew_new(&s);
	struct line_rig l;
	size_t most = 0, first;

	(void)state;
	s.term = "vt100";
	s.ascii = true;
	l = setup_on_a_line(&s, B9600);
	first = count_output(&l);
	run(l.rig, c);
	for (int i = 0; i < 12; i++)
		wait_all(l.rig, c);
	count_output(&l);
	for (int tick = 1; tick < 60; tick++) {
		size_t bytes;

		for (int m = 0; m < MODULES - 2; m++)
			progress(c, m, STEP_TRANSFER, UNIT_BYTES, (uint64_t)tick * 5000 + (uint64_t)m, 307200);
		wait_all(l.rig, c);
		bytes = count_output(&l);
		most = bytes > most ? bytes : most;
	}
	for (int tick = 0; tick < 60; tick++) {	/* none says anything any more */
		size_t bytes;

		wait_all(l.rig, c);
		bytes = count_output(&l);
		most = bytes > most ? bytes : most;
	}
	print_message("rows of %d modules: %zu B at first, a tick at most %zu B\n", MODULES, first, most);
	assert_true(first <= 1500);
	assert_true(most <= 120);
	for (int m = 0; m < MODULES - 2; m++)
		end(c, m, OUTCOME_SUCCESS, "well");
	for (int i = 0; i < 20; i++)
		wait_all(l.rig, c);
	count_output(&l);
	wait_all(l.rig, c);
	assert_int_equal(count_output(&l), 0);
	close_line(&l);
	crew_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_rows_say_how_far_each_is_and_what_may_be_unplugged),
		cmocka_unit_test(one_question_names_all_and_what_each_becomes),
		cmocka_unit_test(a_question_about_none_is_gone),
		cmocka_unit_test(enter_opens_one_and_the_others_go_on),
		cmocka_unit_test(silence_is_shown),
		cmocka_unit_test(a_cancel_means_to_each_what_its_step_allows),
		cmocka_unit_test(a_lost_terminal_leaves_those_at_stake_to_go_on),
		cmocka_unit_test(ports_that_are_marked_are_started_together),
		cmocka_unit_test(a_tick_of_sixteen_is_bounded_on_a_slow_line),
	};

	return cmocka_run_group_tests_name("screen_fleet", tests, begin_state_home, end_state_home);
}

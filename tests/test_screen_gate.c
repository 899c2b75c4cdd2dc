/*
 * What is asked before the gate, and every way to leave: cancel, quit, signals,
 * a terminal that goes away.
 */
#include "config.h"

#include "screen_fixture.h"

/* -- the gate -- */

static struct rig *ask(int lines, int columns, const struct event *question)
{
	struct setup s = sized(lines, columns);
	struct rig *r = rig_new(&s);

	push_ports(r);
	type(r, "s");
	r->worker.busy = true;
	push_step(r, STEP_PREPARE, true, ROUTE_SERIAL);
	push(r, question);
	step(r);
	r->worker.request_count = 0;
	return r;
}

static struct rig *at_the_question(void)
{
	struct event question = question_event();

	return ask(24, 80, &question);
}

/* With all that a preparation can find. */
static struct event grave_question(void)
{
	struct event ev = question_event();
	struct question *q = &ev.question;

	ADD_FACT(q, MSG_ADDRESS_PRIVATE, "address=%s", "192.168.0.7");
	ADD_FACT(q, MSG_SUPPLY_NOT_REPORTED, "");
	ADD_FACT(q, MSG_COM_UNVERIFIED, "");
	ADD_FACT(q, MSG_SERVER_NOT_ASKED, "");
	ADD_FACT(q, MSG_SIZE_UNKNOWN, "");
	ADD_FACT(q, MSG_STORES, "command=%s", "AT+IPR=115200;&W");
	ADD_FACT(q, MSG_FLOW_NOT_WIRED, "");
	assert_int_equal(q->fact_count, QUESTION_FACTS);
	return ev;
}

static void a_typed_yes_answers_the_question(void **state)
{
	struct rig *r = at_the_question();

	(void)state;
	wait_a_bit(r);
	type(r, "yes\r");
	assert_int_equal(r->worker.request_count, 1);
	assert_true(last_request(r, REQUEST_ANSWER)->yes);
	rig_close(r);
}

static void yes_counts_once_all_facts_were_seen(void **state)
{
	static const struct {
		int lines, columns;
		const char *first, *early, *last;
	} rows[] = {
		{ 24, 80, "facts-80x24", "facts-early-80x24", "facts-end-80x24" },
		{ 18, 60, "facts-60x18", "facts-early-60x18", "facts-end-60x18" },
		{ 12, 40, "facts-40x12", "facts-early-40x12", "facts-end-40x12" },
	};
	struct event question = grave_question();
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct rig *r = ask(rows[i].lines, rows[i].columns, &question);

		assert_golden(rows[i].first);
		wait_a_bit(r);
		type(r, "yes\r");
		assert_golden(rows[i].early);
		while (sees("more: Down")) {
			type(r, "yes\r");
			if (r->worker.request_count)
				fail_msg("%s: yes counts before all was seen", rows[i].first);
			assert_sees("Not yet");
			type(r, " ");
			assert_false(sees("Not yet"));
		}
		assert_golden(rows[i].last);
		type(r, "yes\r");
		assert_true(last_request(r, REQUEST_ANSWER)->yes);
		rig_close(r);
	}
}

static void a_jump_over_facts_does_not_show_them(void **state)
{
	struct event question = grave_question();
	struct rig *r = ask(12, 40, &question);

	(void)state;
	wait_a_bit(r);
	send_bytes(r, "\033[6~\033[6~\033[6~\033[6~\033[6~\033[6~\033[6~\033[6~");	/* drawn once, at the end */
	assert_sees("above: Up");
	type(r, "yes\r");
	assert_int_equal(r->worker.request_count, 0);
	assert_sees("Not yet");
	type(r, "bbbbbbbbbb          yes\r");
	assert_true(last_request(r, REQUEST_ANSWER)->yes);
	rig_close(r);
}

static void a_narrower_question_is_read_again(void **state)
{
	struct event question = grave_question();
	struct rig *r = ask(18, 60, &question);

	(void)state;
	wait_a_bit(r);
	resizeterm(12, 40);
	wait_a_bit(r);
	type(r, "k");	/* with the key that curses makes of the new size */
	type(r, "yes\r");
	assert_int_equal(r->worker.request_count, 0);
	type(r, "          yes\r");
	assert_true(last_request(r, REQUEST_ANSWER)->yes);
	rig_close(r);
}

static void no_counts_before_all_was_seen(void **state)
{
	struct event question = grave_question();
	struct rig *r = ask(12, 40, &question);

	(void)state;
	wait_a_bit(r);
	type(r, "no\r");
	assert_false(last_request(r, REQUEST_ANSWER)->yes);
	rig_close(r);
}

static void what_is_not_a_typed_yes_never_counts(void **state)
{
	/* each row arrives in one read; then Enter alone */
	static const char *const rows[] = { "yes", "yes\r", "y\r", "\033[200~yes\033[201~", "xxxxyes\r\r\ryes\r" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct rig *r = at_the_question();

		wait_a_bit(r);
		send_bytes(r, rows[i]);
		assert_sees("Pasted text does not count");
		type(r, "\r");
		if (r->worker.request_count)
			fail_msg("row %zu sent a request", i);
		type(r, "y");
		send_bytes(r, "es");
		type(r, "\r");
		type(r, "YES\ryes \rja\r");
		assert_sees("Only the word yes starts it; Esc or no leaves.");
		assert_int_equal(r->worker.request_count, 0);
		type(r, "yes\r");
		assert_true(last_request(r, REQUEST_ANSWER)->yes);
		rig_close(r);
	}
}

static void keys_meant_for_the_panes_do_not_answer(void **state)
{
	struct rig *r = at_the_question();

	(void)state;
	type(r, "yes\r");	/* within the first half second */
	assert_int_equal(r->worker.request_count, 0);
	wait_a_bit(r);
	type(r, "\r");
	assert_int_equal(r->worker.request_count, 0);
	rig_close(r);
}

static void a_question_that_cannot_be_seen_cannot_be_answered(void **state)
{
	struct setup s = sized(1, 1);
	struct rig *r = rig_new(&s);
	struct event result = result_event(OUTCOME_STOPPED);

	(void)state;
	type(r, "s");
	push_question(r);
	wait_a_bit(r);
	wait_a_bit(r);
	r->worker.request_count = 0;
	type(r, "yes\r");
	assert_int_equal(r->worker.request_count, 0);
	type(r, "\003");
	assert_false(last_request(r, REQUEST_ANSWER)->yes);
	push(r, &result);
	wait_a_bit(r);
	wait_a_bit(r);
	type(r, " q");
	assert_false(r->open);
	rig_close(r);
}

static void no_and_ctrl_c_say_no(void **state)
{
	static const struct {
		const char *keys;
		bool at_once;	/* pasted */
	} rows[] = {
		{ "no\r", false }, { "\003", false }, { "yes\003", false }, { "\033", false },
		{ "no\r", true }, { "yes\003", true },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct rig *r = at_the_question();

		wait_a_bit(r);
		if (rows[i].at_once)
			send_bytes(r, rows[i].keys);
		else
			type(r, rows[i].keys);
		wait_a_bit(r);		/* an Esc may be the begin of another key */
		assert_false(last_request(r, REQUEST_ANSWER)->yes);
		rig_close(r);
	}
}

static void a_pasted_no_counts_once_enter_is_pressed(void **state)
{
	struct rig *r = at_the_question();

	(void)state;
	wait_a_bit(r);
	send_bytes(r, "no");
	assert_int_equal(r->worker.request_count, 0);
	type(r, "\r");
	assert_false(last_request(r, REQUEST_ANSWER)->yes);
	rig_close(r);
}

static void a_burst_of_keys_starts_nothing(void **state)
{
	struct setup s = sized(24, 80);
	struct rig *r = rig_new(&s);

	(void)state;
	send_bytes(r, "sss\r:AT\rq");
	assert_true(r->open);
	assert_int_equal(r->worker.request_count, 0);
	assert_sees("ignored: typed too fast");
	send_bytes(r, "?w/Rd");		/* nor does it open a page that would take the rest */
	type(r, "\t");
	assert_false(sees("ignored"));
	send_bytes(r, "sq2");		/* what is done behind it does not hide that */
	assert_sees("ignored: typed too fast");
	type(r, "\t");
	send_bytes(r, "R1x");
	assert_sees("ignored: typed too fast");
	type(r, "\t");
	send_bytes(r, "21");		/* none was ignored */
	assert_false(sees("ignored"));
	send_bytes(r, "\033OB");	/* an arrow is one key */
	type(r, "s");
	assert_int_equal(r->worker.request_count, 1);
	rig_close(r);
}

/* -- cancel, quit, signals, hang-up -- */

static void cancel_means_what_the_step_says(void **state)
{
	static const struct {
		enum step step;
		enum route route;
		const char *keys;	/* after c */
		int request;		/* -1: none */
	} rows[] = {
		{ STEP_CHECK, ROUTE_SERIAL, "", REQUEST_CANCEL },
		{ STEP_TRANSFER, ROUTE_SERIAL, "y", REQUEST_CANCEL },
		{ STEP_TRANSFER, ROUTE_SERIAL, "n", -1 },
		{ STEP_TRANSFER, ROUTE_SERIAL, "\r", -1 },
		/* held keys undo nothing */
		{ STEP_TRANSFER, ROUTE_SERIAL, "ccccy", REQUEST_CANCEL },
		{ STEP_TRANSFER, ROUTE_SERIAL, "\003\003\003y", REQUEST_CANCEL },
		{ STEP_INSTALL, ROUTE_SERIAL, "ccc\003\003detach\r", REQUEST_DETACH },
		{ STEP_TRANSFER, ROUTE_DOWNLOAD, "y", REQUEST_DETACH },
		{ STEP_INSTALL, ROUTE_SERIAL, "y\r", -1 },
		{ STEP_INSTALL, ROUTE_SERIAL, "yes\r", -1 },
		{ STEP_INSTALL, ROUTE_SERIAL, "detach\r", REQUEST_DETACH },
		{ STEP_RESTART, ROUTE_DOWNLOAD, "y", REQUEST_DETACH },
	};
	struct setup s = sized(24, 80);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct rig *r = rig_new(&s);

		type(r, "s");
		r->worker.busy = true;
		push_step(r, rows[i].step, true, rows[i].route);
		step(r);
		r->worker.request_count = 0;
		type(r, i % 2 ? "\003" : "c");
		type(r, rows[i].keys);
		if (rows[i].request < 0 ? r->worker.request_count != 0 :
		    r->worker.request_count != 1 || (int)r->worker.requests[0].type != rows[i].request)
			fail_msg("row %zu: %zu requests, the first %d", i, r->worker.request_count,
				 (int)r->worker.requests[0].type);
		assert_true(r->open);
		rig_close(r);
	}
}

/* While the version is to be proved a second one gives that up, and says so. */
static void a_second_cancel_of_the_sending_asks_to_detach(void **state)
{
	static const enum step steps[] = { STEP_TRANSFER, STEP_RESTART, STEP_VERIFY };
	struct setup s = sized(24, 80);

	(void)state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct rig *r = rig_new(&s);

		type(r, "s");
		r->worker.busy = true;
		push_step(r, STEP_TRANSFER, true, ROUTE_SERIAL);
		step(r);
		type(r, "c");
		assert_sees("Stop sending?");
		type(r, "y");
		if (steps[i] != STEP_TRANSFER)
			push_step(r, steps[i], true, ROUTE_SERIAL);
		step(r);
		assert_sees("c detaches: its version is not read");
		r->worker.request_count = 0;
		type(r, "c");
		assert_sees("Detach before its version is read?");
		assert_sees("the version is not read");
		type(r, "y");
		assert_int_equal(r->worker.request_count, 1);
		assert_int_equal(r->worker.requests[0].type, REQUEST_DETACH);
		rig_close(r);
	}
}

/* It came too late: the module installs all the same. */
static void a_cancel_that_came_too_late_is_not_taken_for_a_stop(void **state)
{
	struct setup s = sized(24, 80);
	struct rig *r = rig_new(&s);

	(void)state;
	type(r, "s");
	r->worker.busy = true;
	push_step(r, STEP_TRANSFER, true, ROUTE_SERIAL);
	step(r);
	type(r, "cy");
	push_step(r, STEP_INSTALL, true, ROUTE_SERIAL);
	step(r);
	type(r, "c");
	assert_sees("It can't be cancelled now");
	rig_close(r);
}

static void quit_leaves_at_once_when_nothing_runs(void **state)
{
	struct rig *r = rig_new(&usual);

	(void)state;
	type(r, "q");
	assert_false(r->open);
	assert_int_equal(rig_close(r), 0);
}

static void quit_during_a_job_waits_for_its_result(void **state)
{
	struct setup s = sized(24, 80);
	struct rig *r = rig_new(&s);
	struct event ev = result_event(OUTCOME_UNCHANGED);

	(void)state;
	play_transfer(r);
	r->worker.request_count = 0;
	type(r, "qy");
	last_request(r, REQUEST_CANCEL);
	assert_true(r->open);
	push(r, &ev);
	step(r);
	assert_false(r->open);
	assert_int_equal(rig_close(r), 10);
}

static void a_signal_cancels_and_a_second_one_detaches(void **state)
{
	struct setup s = sized(24, 80);
	struct rig *r = rig_new(&s);
	struct event ev = result_event(OUTCOME_UNKNOWN);

	(void)state;
	play_install(r);
	send_signal(r, SIGTERM);
	last_request(r, REQUEST_CANCEL);
	assert_true(r->open);
	send_signal(r, SIGINT);
	last_request(r, REQUEST_DETACH);
	push(r, &ev);
	step(r);
	assert_false(r->open);
	assert_int_equal(rig_close(r), 12);
}

static void a_signal_ends_an_idle_screen(void **state)
{
	struct rig *r = rig_new(&usual);

	(void)state;
	send_signal(r, SIGTERM);
	assert_false(r->open);
	assert_int_equal(r->worker.request_count, 0);
	rig_close(r);
}

static void hang_up(struct rig *r)
{
	close(r->keyboard);
	r->keyboard = -1;
	step(r);
}

static void a_lost_terminal_in_preflight_cancels_and_leaves(void **state)
{
	struct setup s = sized(24, 80);
	struct rig *r = rig_new(&s);

	(void)state;
	type(r, "s");
	r->worker.busy = true;
	push_step(r, STEP_CHECK, true, ROUTE_SERIAL);
	step(r);
	hang_up(r);
	last_request(r, REQUEST_CANCEL);
	assert_false(r->open);
	assert_int_equal(rig_close(r), 130);
}

static void a_lost_terminal_when_idle_just_leaves(void **state)
{
	struct rig *r = rig_new(&usual);

	(void)state;
	hang_up(r);
	assert_false(r->open);
	assert_int_equal(r->worker.request_count, 0);
	assert_int_equal(rig_close(r), 0);
}

static void a_lost_terminal_later_does_not_stop_the_watch(void **state)
{
	struct setup s = sized(24, 80);
	struct event ev = result_event(OUTCOME_SUCCESS);
	int by_signal;

	(void)state;
	for (by_signal = 0; by_signal < 2; by_signal++) {
		struct rig *r = rig_new(&s);

		play_transfer(r);
		r->worker.request_count = 0;
		if (by_signal)
			send_signal(r, SIGHUP);
		else
			hang_up(r);
		assert_true(r->open);
		last_request(r, REQUEST_LOST);
		push_step(r, STEP_INSTALL, true, ROUTE_SERIAL);
		push_line(r, LINE_RX, "+QIND: \"FOTA\",\"START\"", true, false);
		send_signal(r, SIGHUP);
		assert_true(r->open);
		assert_int_equal(r->worker.request_count, 1);	/* it is said once, and nothing else */
		push(r, &ev);
		step(r);
		assert_false(r->open);
		assert_int_equal(rig_close(r), 0);
	}
}

static void a_cancel_counts_over_a_page_and_at_once(void **state)
{
	static const char *const pages[] = { "?", "v" };
	struct setup s = sized(24, 80);

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct rig *r = rig_new(&s);

		type(r, "s");
		push_step(r, STEP_CHECK, true, ROUTE_SERIAL);
		step(r);
		type(r, pages[i % 2]);
		assert_sees("any other key: back");
		send_bytes(r, i < 2 ? "c" : "\003");
		last_request(r, REQUEST_CANCEL);
		rig_close(r);
	}
	for (size_t i = 0; i < 2; i++) {	/* right when the question comes, once or held */
		struct rig *r = at_the_question();

		send_bytes(r, i ? "\003\003\003" : "\003");
		assert_false(r->worker.requests[0].yes);
		assert_int_equal(r->worker.requests[0].type, REQUEST_ANSWER);
		rig_close(r);
	}
}

static void a_burst_leaves_no_page_but_a_cancel_does(void **state)
{
	struct setup s = sized(24, 80);
	struct rig *r = rig_new(&s);

	(void)state;
	type(r, "?");
	send_bytes(r, "xx");
	assert_sees("any other key: back");
	assert_sees("ignored: typed too fast");
	send_bytes(r, "\003\003");
	assert_false(sees("any other key: back"));
	type(r, "v");
	send_bytes(r, "\033[200~q\033[201~");
	assert_sees("any other key: back");
	type(r, "q");
	assert_false(sees("any other key: back"));
	assert_true(r->open);
	rig_close(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_typed_yes_answers_the_question),
		cmocka_unit_test(yes_counts_once_all_facts_were_seen),
		cmocka_unit_test(a_jump_over_facts_does_not_show_them),
		cmocka_unit_test(a_narrower_question_is_read_again),
		cmocka_unit_test(no_counts_before_all_was_seen),
		cmocka_unit_test(what_is_not_a_typed_yes_never_counts),
		cmocka_unit_test(keys_meant_for_the_panes_do_not_answer),
		cmocka_unit_test(a_question_that_cannot_be_seen_cannot_be_answered),
		cmocka_unit_test(no_and_ctrl_c_say_no),
		cmocka_unit_test(a_pasted_no_counts_once_enter_is_pressed),
		cmocka_unit_test(a_burst_of_keys_starts_nothing),
		cmocka_unit_test(a_cancel_counts_over_a_page_and_at_once),
		cmocka_unit_test(a_burst_leaves_no_page_but_a_cancel_does),
		cmocka_unit_test(cancel_means_what_the_step_says),
		cmocka_unit_test(a_second_cancel_of_the_sending_asks_to_detach),
		cmocka_unit_test(a_cancel_that_came_too_late_is_not_taken_for_a_stop),
		cmocka_unit_test(quit_leaves_at_once_when_nothing_runs),
		cmocka_unit_test(quit_during_a_job_waits_for_its_result),
		cmocka_unit_test(a_signal_cancels_and_a_second_one_detaches),
		cmocka_unit_test(a_signal_ends_an_idle_screen),
		cmocka_unit_test(a_lost_terminal_in_preflight_cancels_and_leaves),
		cmocka_unit_test(a_lost_terminal_when_idle_just_leaves),
		cmocka_unit_test(a_lost_terminal_later_does_not_stop_the_watch),
	};

	return cmocka_run_group_tests(tests, begin_state_home, end_state_home);
}

/*
 * What the screen shows, as data: events and choices in, panes and refusals out.
 */
#include "config.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "ui/model/log.h"
#include "ui/model/view.h"
#include "ui/term/keys.h"

static struct view *new_view(const char *port)
{
	struct view *v = calloc(1, sizeof(*v));
	struct plan plan = { .job = JOB_UPGRADE };

	assert_non_null(v);
	snprintf(plan.port, sizeof(plan.port), "%s", port);
	assert_int_equal(view_init(v, &plan), 0);
	v->log_view.rows = 5;
	return v;
}

static void free_view(struct view *v)
{
	view_free(v);
	free(v);
}

static void push_step(struct view *v, enum step step, bool begin, enum route route)
{
	struct event ev = { .type = EVENT_STEP, .t_ms = v->now_ms };

	ev.step.step = step;
	ev.step.begin = begin;
	ev.step.cancel = step_cancel(step, route);
	view_event(v, &ev);
}

static void push_line(struct view *v, const char *text, bool urc, bool error)
{
	struct event ev = { .type = EVENT_LINE, .t_ms = v->now_ms };

	ev.line.dir = LINE_RX;
	ev.line.urc = urc;
	ev.line.error = error;
	snprintf(ev.line.text, sizeof(ev.line.text), "%s", text);
	view_event(v, &ev);
}

static void push_result(struct view *v, enum job job, enum outcome outcome, enum phase phase)
{
	struct event ev = { .type = EVENT_RESULT };

	ev.result.job = job;
	ev.result.outcome = outcome;
	ev.result.phase = phase;
	view_event(v, &ev);
}

static void push_port(struct view *v, size_t index, size_t count, const char *path, bool likely)
{
	struct event ev = { .type = EVENT_PORT };

	ev.port.index = index;
	ev.port.count = count;
	snprintf(ev.port.info.path, sizeof(ev.port.info.path), "%s", path);
	ev.port.info.likely_at = likely;
	view_event(v, &ev);
}

static void steps_leave_their_marks(void **state)
{
	struct view *v = new_view("/dev/ttyACM3");

	(void)state;
	view_begin_job(v, JOB_UPGRADE);
	push_step(v, STEP_IDENTIFY, true, ROUTE_DOWNLOAD);
	push_step(v, STEP_IDENTIFY, false, ROUTE_DOWNLOAD);
	push_step(v, STEP_TRANSFER, true, ROUTE_DOWNLOAD);
	assert_int_equal(v->job.marks[STEP_IDENTIFY], MARK_DONE);
	assert_int_equal(v->job.marks[STEP_TRANSFER], MARK_RUNNING);
	assert_int_equal(v->job.cancel, CANCEL_DETACH);
	assert_int_equal(view_phase(v), PHASE_TRANSFER);
	push_result(v, JOB_UPGRADE, OUTCOME_UNCHANGED, PHASE_TRANSFER);
	assert_int_equal(v->job.marks[STEP_TRANSFER], MARK_FAILED);
	assert_false(v->job.running);
	assert_int_equal(view_phase(v), PHASE_PREFLIGHT);
	free_view(v);
}

/* The title line must not call a module safe of which nothing is known. */
static void an_unknown_outcome_keeps_the_phase_it_ended_in(void **state)
{
	struct view *v = new_view("/dev/ttyACM3");

	(void)state;
	view_begin_job(v, JOB_UPGRADE);
	push_step(v, STEP_INSTALL, true, ROUTE_SERIAL);
	push_result(v, JOB_UPGRADE, OUTCOME_UNKNOWN, PHASE_INSTALL);
	assert_int_equal(view_phase(v), PHASE_INSTALL);
	free_view(v);
}

static void only_what_matters_gets_a_page(void **state)
{
	static const struct {
		enum job job;
		enum outcome outcome;
		enum mode mode;
	} rows[] = {
		{ JOB_UPGRADE, OUTCOME_SUCCESS, MODE_RESULT },
		{ JOB_UPGRADE, OUTCOME_STOPPED, MODE_RESULT },
		{ JOB_PROBE, OUTCOME_READY, MODE_PANES },
		{ JOB_PROBE, OUTCOME_STOPPED, MODE_RESULT },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct view *v = new_view("/dev/ttyACM3");

		view_begin_job(v, rows[i].job);
		push_result(v, rows[i].job, rows[i].outcome, PHASE_PREFLIGHT);
		assert_int_equal(v->mode, rows[i].mode);
		assert_true(v->has_result);
		free_view(v);
	}
}

static void a_new_job_forgets_the_old_one(void **state)
{
	struct view *v = new_view("/dev/ttyACM3");
	struct event ev = { .type = EVENT_QUESTION };

	(void)state;
	view_begin_job(v, JOB_UPGRADE);
	push_step(v, STEP_PREPARE, true, ROUTE_DOWNLOAD);
	view_event(v, &ev);
	assert_int_equal(v->mode, MODE_QUESTION);
	push_result(v, JOB_UPGRADE, OUTCOME_STOPPED, PHASE_PREFLIGHT);
	view_begin_job(v, JOB_UPGRADE);
	assert_false(v->asked || v->has_result || v->job.step_known);
	assert_int_equal(v->job.marks[STEP_PREPARE], MARK_NONE);
	free_view(v);
}

static void the_cursor_stays_on_its_port_when_the_list_changes(void **state)
{
	struct view *v = new_view("");
	struct port_row row;

	(void)state;
	push_port(v, 0, 3, "/dev/ttyACM0", false);
	push_port(v, 1, 3, "/dev/ttyACM3", true);
	push_port(v, 2, 3, "/dev/ttyS0", false);
	assert_int_equal(view_port_cursor(v), 1);	/* the likely one */
	view_move_port(v, 1);
	push_port(v, 0, 2, "/dev/ttyACM0", false);
	push_port(v, 1, 2, "/dev/ttyS0", false);
	assert_true(view_port_row(v, view_port_cursor(v), &row));
	assert_string_equal(row.path, "/dev/ttyS0");
	push_port(v, 0, 0, "", false);
	assert_int_equal(v->port_count, 0);
	assert_true(view_port_row(v, view_port_cursor(v), &row));
	assert_string_equal(row.path, "");
	assert_false(view_port_row(v, 1, &row));
	free_view(v);
}

static void a_port_of_the_command_line_has_a_row(void **state)
{
	struct view *v = new_view("tcp:localhost:7000");
	struct port_row row;

	(void)state;
	push_port(v, 0, 1, "/dev/ttyS0", false);
	assert_true(view_port_row(v, 0, &row));
	assert_string_equal(row.path, "tcp:localhost:7000");
	assert_true(row.chosen);
	assert_null(row.info);
	assert_int_equal(view_port_cursor(v), 0);
	assert_true(view_port_row(v, 1, &row));
	assert_string_equal(row.path, "/dev/ttyS0");
	push_port(v, 0, 1, "tcp:localhost:7000", false);
	assert_true(view_port_row(v, 0, &row));
	assert_non_null(row.info);
	free_view(v);
}

static void more_ports_than_rows_do_no_harm(void **state)
{
	struct view *v = new_view("");
	char path[32];
	size_t i;

	(void)state;
	for (i = 0; i < VIEW_PORTS + 20; i++) {
		snprintf(path, sizeof(path), "/dev/ttyUSB%zu", i);
		push_port(v, i, VIEW_PORTS + 20, path, false);
	}
	assert_int_equal(v->port_count, VIEW_PORTS);
	view_move_port(v, 1000);
	assert_int_equal(view_port_cursor(v), VIEW_PORTS);
	free_view(v);
}

static void a_plan_holds_only_what_its_source_needs(void **state)
{
	struct view *v = new_view("/dev/ttyACM3");
	struct plan plan;

	(void)state;
	strcpy(v->plan.url, "ftp://192.0.2.7/a.bin");
	strcpy(v->plan.user, "field");
	strcpy(v->plan.password, "secret");
	strcpy(v->plan.file, "/tmp/a.bin");
	strcpy(v->plan.target, "T");
	view_make_plan(v, JOB_UPGRADE, &plan);
	assert_int_equal(plan.route, ROUTE_DOWNLOAD);
	assert_string_equal(plan.password, "secret");
	assert_string_equal(plan.file, "");
	view_set_source(v, SOURCE_FILE);
	view_make_plan(v, JOB_UPGRADE, &plan);
	assert_int_equal(plan.route, ROUTE_SERIAL);
	assert_string_equal(plan.file, "/tmp/a.bin");
	assert_string_equal(plan.url, "");
	assert_string_equal(plan.password, "");
	view_make_plan(v, JOB_PROBE, &plan);
	assert_int_equal(plan.job, JOB_PROBE);
	assert_string_equal(plan.file, "");
	assert_string_equal(plan.target, "");
	assert_string_equal(plan.port, "/dev/ttyACM3");
	free_view(v);
}

/* --relay and --publish turn the delivery of their source round. */
static void options_decide_who_carries_the_package(void **state)
{
	struct view *v = new_view("/dev/ttyACM3");
	struct plan plan;

	(void)state;
	strcpy(v->plan.url, "ftp://192.0.2.7/a.bin");
	strcpy(v->plan.file, "/tmp/a.bin");
	strcpy(v->plan.publish, "ftp://192.0.2.7/put/");
	strcpy(v->plan.password, "secret");
	v->relay = v->plan.overwrite = true;
	v->publish = true;
	view_make_plan(v, JOB_UPGRADE, &plan);
	assert_int_equal(plan.route, ROUTE_RELAY);
	assert_string_equal(plan.url, "ftp://192.0.2.7/a.bin");
	assert_string_equal(plan.publish, "");
	assert_false(plan.overwrite);
	view_set_source(v, SOURCE_FILE);
	view_make_plan(v, JOB_UPGRADE, &plan);
	assert_int_equal(plan.route, ROUTE_PUBLISH);
	assert_string_equal(plan.url, "");
	assert_string_equal(plan.publish, "ftp://192.0.2.7/put/");
	assert_string_equal(plan.password, "secret");
	assert_true(plan.overwrite);
	v->publish = false;	/* what was typed stays, but does not count */
	view_make_plan(v, JOB_UPGRADE, &plan);
	assert_int_equal(plan.route, ROUTE_SERIAL);
	assert_string_equal(plan.publish, "");
	assert_string_equal(plan.password, "");
	assert_false(plan.overwrite);
	free_view(v);
}

static void publish_on_the_command_line_is_chosen_on_the_screen(void **state)
{
	struct plan plan = { .route = ROUTE_PUBLISH, .file = "/tmp/a.bin", .publish = "ftp://h/a.bin" };
	struct view v = {0};

	(void)state;
	assert_int_equal(view_init(&v, &plan), 0);
	assert_int_equal(v.source, SOURCE_FILE);
	assert_true(view_publishes(&v));
	view_free(&v);
}

static void nothing_is_left_of_a_view(void **state)
{
	struct view *v = new_view("/dev/ttyACM3");
	const unsigned char *bytes = (const unsigned char *)v;
	size_t i;

	(void)state;
	strcpy(v->plan.password, "secret");
	field_begin(&v->field, "secret", LOGIN_SIZE);
	field_wipe(&v->field);
	assert_int_equal(v->field.text[0] | v->field.text[5], 0);
	field_begin(&v->field, "secret", LOGIN_SIZE);
	view_free(v);
	for (i = 0; i < sizeof(*v); i++)
		assert_int_equal(bytes[i], 0);
	free(v);
}

static void source_and_scheme_follow_each_other(void **state)
{
	struct view *v = new_view("/dev/ttyACM3");

	(void)state;
	strcpy(v->plan.url, "ftp://192.0.2.7/a.bin");
	view_set_source(v, SOURCE_HTTP);
	assert_string_equal(v->plan.url, "http://192.0.2.7/a.bin");
	view_set_source(v, SOURCE_FILE);
	view_set_source(v, SOURCE_FTP);
	assert_string_equal(v->plan.url, "ftp://192.0.2.7/a.bin");
	strcpy(v->plan.url, "https://example.org/a");
	view_url_changed(v);
	assert_int_equal(v->source, SOURCE_HTTP);
	view_set_source(v, SOURCE_FTP);	/* TLS is not dropped by the way */
	assert_string_equal(v->plan.url, "ftps://example.org/a");
	view_url_changed(v);
	assert_int_equal(v->source, SOURCE_FTP);
	view_set_source(v, SOURCE_HTTP);
	strcpy(v->plan.url, "gopher://example.org/a");
	view_url_changed(v);
	assert_int_equal(v->source, SOURCE_HTTP);
	memset(v->plan.url, 'x', URL_SIZE - 1);
	memcpy(v->plan.url, "ftp://", 6);
	view_set_source(v, SOURCE_FTP);
	view_set_source(v, SOURCE_HTTP);
	assert_true(strlen(v->plan.url) < URL_SIZE);
	free_view(v);
}

static void refusals_give_their_reason(void **state)
{
	struct view *v = new_view("");

	(void)state;
	assert_string_equal(view_refusal(v, ACTION_START), "choose a port first");
	assert_string_equal(view_refusal(v, ACTION_AT), "choose a port first");
	view_choose_port(v, "/dev/ttyACM3");
	assert_string_equal(view_refusal(v, ACTION_START), "name the URL of the package first");
	strcpy(v->plan.url, "ftp://");
	assert_string_equal(view_refusal(v, ACTION_START), "name the URL of the package first");
	strcpy(v->plan.url, "ftp://h/f");
	assert_null(view_refusal(v, ACTION_START));
	view_set_source(v, SOURCE_FILE);
	assert_string_equal(view_refusal(v, ACTION_START), "name the package file first");
	strcpy(v->plan.file, "/tmp/a.bin");
	assert_null(view_refusal(v, ACTION_START));
	v->publish = true;
	strcpy(v->plan.publish, "ftp://");
	assert_string_equal(view_refusal(v, ACTION_START), "name the Publish URL first");
	strcpy(v->plan.publish, "ftps://h/a.bin");
	assert_null(view_refusal(v, ACTION_START));
	v->focus = PANE_SOURCE;
	assert_null(view_refusal(v, ACTION_BROWSE));
	v->focus = PANE_LOG;
	assert_string_equal(view_refusal(v, ACTION_BROWSE), "");
	assert_null(view_refusal(v, ACTION_AT));
	assert_string_equal(view_refusal(v, ACTION_CANCEL), "nothing runs");
	assert_non_null(view_refusal(v, ACTION_NEXT_HIT));

	view_begin_job(v, JOB_UPGRADE);
	assert_string_equal(view_refusal(v, ACTION_START), "runs already");
	assert_string_equal(view_refusal(v, ACTION_AT), "the port is in use");
	assert_null(view_refusal(v, ACTION_CANCEL));
	push_step(v, STEP_INSTALL, true, ROUTE_SERIAL);
	assert_string_equal(view_refusal(v, ACTION_AT), "nothing may be sent while the module installs");
	assert_string_equal(view_refusal(v, ACTION_CANCEL), "refused while the module installs");
	v->focus = PANE_SOURCE;
	assert_non_null(view_refusal(v, ACTION_CHOOSE));
	assert_string_equal(view_refusal(v, ACTION_BROWSE), "fixed while a job runs");
	free_view(v);
}

static void a_held_log_never_jumps(void **state)
{
	struct view *v = new_view("/dev/ttyACM3");
	uint64_t top;
	int i;

	(void)state;
	for (i = 0; i < 20; i++)
		push_line(v, "line", false, false);
	assert_int_equal(view_log_top(v), 15);
	view_log_hold(v, true);
	top = view_log_top(v);
	for (i = 0; i < 100; i++)
		push_line(v, "line", false, false);
	assert_int_equal(view_log_top(v), top);
	assert_int_equal(log_end(v->log) - v->log_view.arrived, 100);
	view_log_scroll(v, -3);
	assert_int_equal(view_log_top(v), top - 3);
	view_log_scroll(v, -1000);
	assert_int_equal(view_log_top(v), 0);
	view_log_scroll(v, 100000);
	assert_int_equal(view_log_top(v), 115);
	view_log_hold(v, false);
	push_line(v, "line", false, false);
	assert_int_equal(view_log_top(v), 116);
	free_view(v);
}

static void a_frozen_log_shows_what_it_showed(void **state)
{
	struct view *v = new_view("/dev/ttyACM3");
	int i;

	(void)state;
	for (i = 0; i < 20; i++)
		push_line(v, "line", false, false);
	view_log_freeze(v, true);
	push_line(v, "line", false, false);
	assert_int_equal(view_log_top(v), 15);
	assert_int_equal(view_log_end(v), 20);
	view_log_freeze(v, false);
	assert_int_equal(view_log_end(v), 21);
	free_view(v);
}

static void hits_and_errors_are_found_in_both_directions(void **state)
{
	struct view *v = new_view("/dev/ttyACM3");
	int i;

	(void)state;
	assert_false(view_log_find(v, true, false));
	for (i = 0; i < 100; i++)
		push_line(v, i % 40 == 7 ? "needle" : "hay", i % 2, i == 60);
	view_log_filter(v, "NEEDLE");
	assert_int_equal(log_shown_end(v->log), 3);
	assert_true(view_log_find(v, false, false));	/* following: from the first on */
	assert_int_equal(v->log_view.marked, 7 + 1);
	assert_int_equal(log_shown_end(v->log), 100);	/* among all lines */
	assert_false(v->log_view.follow);
	assert_true(view_log_find(v, false, false));
	assert_int_equal(v->log_view.marked, 47 + 1);
	assert_int_equal(view_log_top(v), 45);
	assert_true(view_log_find(v, false, true));
	assert_int_equal(v->log_view.marked, 7 + 1);
	assert_true(view_log_find(v, false, true));	/* and round */
	assert_int_equal(v->log_view.marked, 87 + 1);
	assert_true(view_log_find(v, true, false));
	assert_int_equal(v->log_view.marked, 60 + 1);
	assert_true(view_log_find(v, true, false));
	assert_int_equal(v->log_view.marked, 60 + 1);
	view_log_filter(v, "nowhere");
	assert_false(view_log_find(v, false, false));
	free_view(v);
}

static void urc_only_and_filter_go_together(void **state)
{
	struct view *v = new_view("/dev/ttyACM3");

	(void)state;
	push_line(v, "+QIND: a", true, false);
	push_line(v, "+QIND: b", false, false);
	push_line(v, "RDY", true, false);
	view_log_urc_only(v, true);
	assert_int_equal(log_shown_end(v->log), 2);
	view_log_filter(v, "qind");
	assert_int_equal(log_shown_end(v->log), 1);
	view_log_urc_only(v, false);
	assert_int_equal(log_shown_end(v->log), 2);
	view_log_filter(v, "");
	assert_int_equal(log_shown_end(v->log), 3);
	free_view(v);
}

static void lost_lines_are_counted_and_said(void **state)
{
	struct view *v = new_view("/dev/ttyACM3");
	struct event ev = { .type = EVENT_LINE };
	struct log_line line;

	(void)state;
	ev.line.dropped_before = 28;
	strcpy(ev.line.text, "OK");
	view_event(v, &ev);
	assert_int_equal(v->log_view.lost, 28);
	assert_true(log_get(v->log, 0, &line));
	assert_int_equal(line.kind, LOG_NOTE);
	assert_non_null(strstr(line.text, "28"));
	free_view(v);
}

static void a_confirmation_starts_over_when_its_meaning_changes(void **state)
{
	struct view *v = new_view("/dev/ttyACM3");

	(void)state;
	view_begin_job(v, JOB_UPGRADE);
	push_step(v, STEP_TRANSFER, true, ROUTE_SERIAL);
	v->mode = MODE_CONFIRM;
	v->confirm_cancel = CANCEL_STOP;
	v->page_seen = true;
	v->now_ms = 5000;
	push_step(v, STEP_INSTALL, true, ROUTE_SERIAL);
	assert_int_equal(v->mode, MODE_CONFIRM);
	assert_int_equal(v->confirm_cancel, CANCEL_REFUSED);
	assert_int_equal(v->page_ms, 5000);
	assert_false(v->page_seen);
	push_result(v, JOB_UPGRADE, OUTCOME_SUCCESS, PHASE_VERIFY);
	assert_int_equal(v->mode, MODE_RESULT);
	free_view(v);
}

static void a_notice_fades_when_its_step_is_over_and_half_a_minute_too(void **state)
{
	static const struct {
		int64_t step_ms, now_ms;
		size_t news;
	} rows[] = {
		{ 500, 600000, 2 },	/* of this step: as long as it takes */
		{ 1500, 30999, 2 },
		{ 1500, 31000, 1 },	/* the older one of the step before */
		{ 9000, 31999, 1 },
		{ 9000, 32000, 0 },
	};
	struct view *v = new_view("/dev/ttyACM3");
	struct event ev = { .type = EVENT_NOTICE };
	size_t i;

	(void)state;
	view_begin_job(v, JOB_UPGRADE);
	assert_int_equal(view_notices(v), 0);
	for (ev.t_ms = 1000; ev.t_ms <= 2000; ev.t_ms += 1000)
		view_event(v, &ev);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		v->job.step_ms = rows[i].step_ms;
		v->now_ms = rows[i].now_ms;
		if (view_notices(v) != rows[i].news)
			fail_msg("row %zu: %zu notices", i, view_notices(v));
	}
	free_view(v);
}

static void messages_are_safe_text(void **state)
{
	struct view *v = new_view("/dev/ttyACM3");

	(void)state;
	view_say(v, true, "writing %s", "a\033[2Jb");
	assert_null(strchr(v->message, '\033'));
	assert_non_null(strstr(v->message, "\\x1b"));
	free_view(v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(steps_leave_their_marks),
		cmocka_unit_test(an_unknown_outcome_keeps_the_phase_it_ended_in),
		cmocka_unit_test(only_what_matters_gets_a_page),
		cmocka_unit_test(a_new_job_forgets_the_old_one),
		cmocka_unit_test(the_cursor_stays_on_its_port_when_the_list_changes),
		cmocka_unit_test(a_port_of_the_command_line_has_a_row),
		cmocka_unit_test(more_ports_than_rows_do_no_harm),
		cmocka_unit_test(a_plan_holds_only_what_its_source_needs),
		cmocka_unit_test(options_decide_who_carries_the_package),
		cmocka_unit_test(publish_on_the_command_line_is_chosen_on_the_screen),
		cmocka_unit_test(nothing_is_left_of_a_view),
		cmocka_unit_test(source_and_scheme_follow_each_other),
		cmocka_unit_test(refusals_give_their_reason),
		cmocka_unit_test(a_held_log_never_jumps),
		cmocka_unit_test(a_frozen_log_shows_what_it_showed),
		cmocka_unit_test(hits_and_errors_are_found_in_both_directions),
		cmocka_unit_test(urc_only_and_filter_go_together),
		cmocka_unit_test(lost_lines_are_counted_and_said),
		cmocka_unit_test(a_confirmation_starts_over_when_its_meaning_changes),
		cmocka_unit_test(a_notice_fades_when_its_step_is_over_and_half_a_minute_too),
		cmocka_unit_test(messages_are_safe_text),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}

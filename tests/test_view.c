#include "config.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "ui/model/field.h"
#include "ui/model/log.h"
#include "ui/model/view.h"
#include "ui/term/cells.h"
#include "ui/term/keys.h"

/* -- cells -- */

static void widths_are_columns_not_bytes(void **state)
{
	static const struct {
		const char *text;
		int width;
	} rows[] = {
		{ "", 0 },
		{ "abc", 3 },
		{ "gr\xc3\xbc\xc3\x9f", 4 },
		{ "\xe6\xa8\xa1\xe5\x9d\x97", 4 },	/* two wide letters */
		{ "e\xcc\x81", 1 },			/* a combining mark */
		{ "\xff\xc3", 2 },			/* broken bytes, one each */
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (cells_width(rows[i].text) != rows[i].width)
			fail_msg("row %zu: width %d, not %d", i, cells_width(rows[i].text), rows[i].width);
}

static void a_cut_never_halves_a_wide_letter(void **state)
{
	(void)state;
	assert_int_equal(cells_fit("a\xe6\xa8\xa1z", 2), 1);
	assert_int_equal(cells_fit("a\xe6\xa8\xa1z", 3), 4);
	assert_int_equal(cells_fit("a\xe6\xa8\xa1z", 9), 5);
	assert_int_equal(cells_fit("abc", 0), 0);
}

static void lines_break_at_spaces_and_always_move_on(void **state)
{
	static const char *const want[] = { "aa bb", "ccccc", "cc d" };
	const char *next = "aa bb ccccccc d", *text;
	size_t i, size;

	(void)state;
	for (i = 0; *next; i++) {
		text = next;
		size = cells_line(text, 5, &next);
		assert_true(i < 3);
		assert_int_equal(size, strlen(want[i]));
		assert_memory_equal(text, want[i], size);
	}
	assert_int_equal(i, 3);
	/* too narrow for anything */
	cells_line("\xe6\xa8\xa1z", 1, &next);
	assert_string_equal(next, "z");
}

static void every_letter_survives_encoding_and_stepping_back(void **state)
{
	static const int codes[] = { 'a', 0xfc, 0x6a21, 0x1f600 };
	char text[32] = "";
	size_t i, at = 0;

	(void)state;
	for (i = 0; i < 4; i++)
		at += cells_encode(text + at, codes[i]);
	assert_int_equal(at, 10);
	for (i = 4; i-- > 0; at -= cells_before(text, at))
		assert_int_equal(cells_before(text, at), i + 1);
	assert_int_equal(cells_before(text, 0), 0);
	assert_int_equal(cells_encode(text, 0xd800), 0);
	assert_int_equal(cells_encode(text, 0x110000), 0);
}

/* -- keys -- */

static void every_action_has_a_letter_and_a_help_line(void **state)
{
	unsigned a;

	(void)state;
	for (a = 0; a < ACTION_COUNT; a++) {
		const struct action_info *info = action_info((enum action)a);

		assert_true(info->help[0] && info->shown[0] && info->keys[0]);
		/* what is on the bar needs a word there */
		assert_true(!info->rank || info->label[0]);
		assert_true(info->when <= WHEN_LEFT_OPEN);
	}
}

/* KEY means action A wherever A can be used; what is no action of a record may
 * give its key to one there. */
static void check_key(const struct action_info *info, unsigned a, int key)
{
	enum action alive = action_of_key(key, false), recorded = action_of_key(key, true);

	if (info->when != WHEN_RECORD && alive != (enum action)a)
		fail_msg("key %d of action %u is also one of action %d", key, a, (int)alive);
	if (recorded != (enum action)a && (info->when == WHEN_ALWAYS || info->when == WHEN_RECORD))
		fail_msg("in a record key %d of action %u is also one of action %d", key, a, (int)recorded);
}

static void no_key_means_two_actions(void **state)
{
	unsigned a, k;

	(void)state;
	for (a = 0; a < ACTION_COUNT; a++)
		for (k = 0; k < ACTION_KEYS && action_info((enum action)a)->keys[k]; k++)
			check_key(action_info((enum action)a), a, action_info((enum action)a)->keys[k]);
	assert_int_equal(action_of_key('Z', false), ACTION_COUNT);
	assert_int_equal(action_of_key(0, true), ACTION_COUNT);
	assert_int_equal(action_of_key(' ', false), ACTION_HOLD);
	assert_int_equal(action_of_key(' ', true), ACTION_PLAY);
	assert_int_equal(action_of_key('[', false), ACTION_COUNT);
}

/* -- field -- */

static enum field_result press(struct field *f, int code)
{
	struct key key = { code, false };

	return field_key(f, &key);
}

static void type(struct field *f, const char *text)
{
	while (*text)
		press(f, *text++);
}

static void a_field_edits_as_readline_does(void **state)
{
	static const struct {
		const char *start;
		int keys[8];
		const char *want;
		size_t cursor;
	} rows[] = {
		{ "", { 'a', 'b' }, "ab", 2 },
		{ "abc", { K_HOME, 'x' }, "xabc", 1 },
		{ "abc", { K_CTRL_A, K_DELETE }, "bc", 0 },
		{ "abc", { K_LEFT, K_BACKSPACE }, "ac", 1 },
		{ "abc", { K_LEFT, K_LEFT, K_CTRL_K }, "a", 1 },
		{ "abc", { K_LEFT, K_CTRL_U }, "c", 0 },
		{ "abc", { K_HOME, K_RIGHT, K_END, 'd' }, "abcd", 4 },
		{ "abc", { K_CTRL_A, K_CTRL_E, 'd' }, "abcd", 4 },
		{ "one two", { K_CTRL_W }, "one ", 4 },
		{ "one two  ", { K_CTRL_W }, "one ", 4 },
		{ "/a/bc", { K_CTRL_W }, "/a/", 3 },
		{ "/a/bc", { K_CTRL_W, K_CTRL_W }, "/a", 2 },
		{ "\xc3\xbc", { K_BACKSPACE }, "", 0 },
		{ "\xc3\xbc", { K_LEFT, K_DELETE, 0x6a21 }, "\xe6\xa8\xa1", 3 },
		{ "", { K_BACKSPACE, K_DELETE, K_LEFT, K_RIGHT, K_UP, K_DOWN }, "", 0 },
		{ "1234567", { 'x' }, "1234567", 7 },
	};
	struct field f;
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		field_begin(&f, rows[i].start, strlen(rows[i].start) == 7 && rows[i].start[0] == '1' ? 8 : 32);
		for (k = 0; k < 8 && rows[i].keys[k]; k++)
			press(&f, rows[i].keys[k]);
		if (strcmp(f.text, rows[i].want) || f.cursor != rows[i].cursor)
			fail_msg("row %zu: \"%s\" at %zu, not \"%s\" at %zu", i, f.text, f.cursor,
				 rows[i].want, rows[i].cursor);
	}
}

static void history_goes_back_and_returns_to_what_was_typed(void **state)
{
	struct history h = { .count = 0 };
	struct field f;
	char text[16];
	int i;

	(void)state;
	history_add(&h, "");
	assert_int_equal(h.count, 0);
	for (i = 0; i < HISTORY_COUNT + 3; i++) {
		snprintf(text, sizeof(text), "t%d", i);
		history_add(&h, text);
		history_add(&h, text);
	}
	assert_int_equal(h.count, HISTORY_COUNT);
	field_begin(&f, "new", 32);
	field_use_history(&f, &h);
	press(&f, K_UP);
	assert_string_equal(f.text, "t18");
	press(&f, K_UP);
	assert_string_equal(f.text, "t17");
	for (i = 0; i < 30; i++)
		press(&f, K_UP);
	assert_string_equal(f.text, "t3");
	for (i = 0; i < 30; i++)
		press(&f, K_DOWN);
	assert_string_equal(f.text, "new");
	history_free(&h);
}

static void a_paste_fills_a_field_but_never_ends_it(void **state)
{
	static const char pasted[] = "AT+CFUN=1,1\r\tX";
	struct key key = { 0, true };
	struct field f;
	size_t i;

	(void)state;
	field_begin(&f, "", 64);
	f.file = true;
	for (i = 0; pasted[i]; i++) {
		key.code = pasted[i];
		assert_int_equal(field_key(&f, &key), FIELD_GOES_ON);
	}
	assert_string_equal(f.text, "AT+CFUN=1,1X");
	assert_int_equal(press(&f, K_ENTER), FIELD_DONE);
	assert_int_equal(press(&f, K_ESC), FIELD_LEFT);
	assert_int_equal(press(&f, K_CTRL_C), FIELD_LEFT);
}

static void touch(const char *directory, const char *name)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fclose(file);
}

static void tab_completes_file_names(void **state)
{
	static const char *const names[] = { "pack-a.bin", "pack-b.bin", "other", ".hidden", "evil\033name" };
	char directory[] = "/tmp/dfota-field-XXXXXX", path[256];
	struct field f;
	size_t i, length;

	(void)state;
	assert_non_null(mkdtemp(directory));
	for (i = 0; i < 5; i++)
		touch(directory, names[i]);
	snprintf(path, sizeof(path), "%s/sub", directory);
	assert_int_equal(mkdir(path, 0700), 0);
	length = strlen(directory) + 1;

	field_begin(&f, directory, FIELD_SIZE);
	f.file = true;
	type(&f, "/p");
	press(&f, K_TAB);
	assert_string_equal(f.text + length, "pack-");
	assert_string_equal(f.list, "");
	press(&f, K_TAB);
	assert_non_null(strstr(f.list, "pack-a.bin"));
	assert_non_null(strstr(f.list, "pack-b.bin"));
	assert_null(strstr(f.list, "other"));
	type(&f, "b");
	assert_string_equal(f.list, "");
	press(&f, K_TAB);
	assert_string_equal(f.text + length, "pack-b.bin");
	for (i = 0; i < 10; i++)
		press(&f, K_BACKSPACE);
	press(&f, K_TAB);
	assert_null(strstr(f.list, "hidden"));
	assert_null(strchr(f.list, '\033'));
	assert_non_null(strstr(f.list, "evil\\x1bname"));
	type(&f, "s");
	press(&f, K_TAB);
	assert_string_equal(f.text + length, "sub/");

	assert_int_equal(rmdir(path), 0);
	for (i = 0; i < 5; i++) {
		snprintf(path, sizeof(path), "%s/%s", directory, names[i]);
		unlink(path);
	}
	rmdir(directory);
}

/* -- log -- */

static void add_line(struct log *log, const char *text, bool urc)
{
	struct log_line line = { .text = text, .urc = urc, .kind = LOG_RECEIVED };

	log_add(log, &line);
}

static void a_line_keeps_its_text_and_its_exact_bytes(void **state)
{
	static const unsigned char raw[] = { 'O', 'K', 0, 0x1b, '\r', '\n' };
	struct log *log = log_new();
	struct log_line line = { .t_ms = 12060, .kind = LOG_RECEIVED, .error = true,
				 .text = "OK\\x00\\x1b", .raw = raw, .raw_size = sizeof(raw) };
	struct log_line got;

	(void)state;
	log_add(log, &line);
	add_line(log, "same", true);
	assert_true(log_get(log, 0, &got));
	assert_string_equal(got.text, "OK\\x00\\x1b");
	assert_int_equal(got.t_ms, 12060);
	assert_true(got.error && !got.urc);
	assert_int_equal(got.raw_size, sizeof(raw));
	assert_memory_equal(got.raw, raw, sizeof(raw));
	assert_true(log_get(log, 1, &got));
	assert_int_equal(got.raw_size, 4);
	assert_memory_equal(got.raw, "same", 4);
	assert_false(log_get(log, 2, &got));
	log_free(log);
}

static void a_full_log_drops_the_oldest_lines(void **state)
{
	struct log *log = log_new();
	struct log_line line;
	char text[32];
	uint64_t i;

	(void)state;
	for (i = 0; i < LOG_LINES + 1000; i++) {
		snprintf(text, sizeof(text), "line %llu", (unsigned long long)i);
		add_line(log, text, false);
	}
	assert_int_equal(log_end(log), LOG_LINES + 1000);
	assert_int_equal(log_first(log), 1000);
	assert_int_equal(log_shown_end(log) - log_shown_first(log), LOG_LINES);
	for (i = log_first(log); i < log_end(log); i += 997) {
		snprintf(text, sizeof(text), "line %llu", (unsigned long long)i);
		assert_true(log_get(log, i, &line));
		assert_string_equal(line.text, text);
	}
	log_free(log);
}

/* Lines of all lengths, several times around the byte ring: each is whole. */
static void long_lines_go_round_the_ring_whole(void **state)
{
	static char text[9000];
	struct log *log = log_new();
	struct log_line line;
	uint64_t i, n;

	(void)state;
	for (i = 0; i < 9000; i++) {
		size_t size = 1 + i * 7919 % 8000;

		memset(text, 'a' + (int)(i % 26), size);
		text[size] = '\0';
		add_line(log, text, false);
	}
	assert_true(log_first(log) > 1000);
	for (n = log_first(log); n < log_end(log); n++) {
		assert_true(log_get(log, n, &line));
		assert_int_equal(line.raw_size, 1 + n * 7919 % 8000);
		assert_int_equal(line.text[0], 'a' + (int)(n % 26));
		assert_int_equal(line.text[line.raw_size - 1], 'a' + (int)(n % 26));
	}
	log_free(log);
}

static void a_filter_shows_what_came_and_what_comes(void **state)
{
	struct log *log = log_new();

	(void)state;
	add_line(log, "+QIND: \"FOTA\"", true);
	add_line(log, "OK", false);
	log_filter(log, "qind", false);
	add_line(log, "AT+QIND?", false);
	add_line(log, "OK", false);
	assert_int_equal(log_shown_end(log), 2);
	assert_int_equal(log_shown(log, 0), 0);
	assert_int_equal(log_shown(log, 1), 2);
	assert_int_equal(log_shown_at(log, 1), 1);
	assert_int_equal(log_shown_at(log, 3), 2);
	log_filter(log, "qind", true);
	assert_int_equal(log_shown_end(log), 1);
	log_filter(log, "", false);
	assert_int_equal(log_shown_end(log), 4);
	assert_true(log_holds(log, 1, "ok"));
	assert_false(log_holds(log, 1, "okay"));
	log_free(log);
}

/* -- view -- */

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

static void push_step(struct view *v, enum step step, bool begin, enum delivery delivery)
{
	struct event ev = { .type = EVENT_STEP, .t_ms = v->now_ms };

	ev.step.step = step;
	ev.step.begin = begin;
	ev.step.cancel = step_cancel(step, delivery);
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
	push_step(v, STEP_IDENTIFY, true, DELIVERY_PULL);
	push_step(v, STEP_IDENTIFY, false, DELIVERY_PULL);
	push_step(v, STEP_TRANSFER, true, DELIVERY_PULL);
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
	push_step(v, STEP_INSTALL, true, DELIVERY_PUSH);
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
	push_step(v, STEP_PREPARE, true, DELIVERY_PULL);
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
	assert_int_equal(plan.delivery, DELIVERY_PULL);
	assert_string_equal(plan.password, "secret");
	assert_string_equal(plan.file, "");
	view_set_source(v, SOURCE_FILE);
	view_make_plan(v, JOB_UPGRADE, &plan);
	assert_int_equal(plan.delivery, DELIVERY_PUSH);
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
	v->plan.relay = v->plan.overwrite = true;
	v->publish = true;
	view_make_plan(v, JOB_UPGRADE, &plan);
	assert_int_equal(plan.delivery, DELIVERY_PUSH);
	assert_true(plan.relay);
	assert_string_equal(plan.url, "ftp://192.0.2.7/a.bin");
	assert_string_equal(plan.publish, "");
	assert_false(plan.overwrite);
	view_set_source(v, SOURCE_FILE);
	view_make_plan(v, JOB_UPGRADE, &plan);
	assert_int_equal(plan.delivery, DELIVERY_PULL);
	assert_false(plan.relay);
	assert_string_equal(plan.url, "");
	assert_string_equal(plan.publish, "ftp://192.0.2.7/put/");
	assert_string_equal(plan.password, "secret");
	assert_true(plan.overwrite);
	v->publish = false;	/* what was typed stays, but does not count */
	view_make_plan(v, JOB_UPGRADE, &plan);
	assert_int_equal(plan.delivery, DELIVERY_PUSH);
	assert_string_equal(plan.publish, "");
	assert_string_equal(plan.password, "");
	assert_false(plan.overwrite);
	free_view(v);
}

static void publish_on_the_command_line_is_chosen_on_the_screen(void **state)
{
	struct plan plan = { .delivery = DELIVERY_PULL, .file = "/tmp/a.bin", .publish = "ftp://h/a.bin" };
	struct view v;

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
	push_step(v, STEP_INSTALL, true, DELIVERY_PUSH);
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
	push_step(v, STEP_TRANSFER, true, DELIVERY_PUSH);
	v->mode = MODE_CONFIRM;
	v->confirm_cancel = CANCEL_STOP;
	v->page_seen = true;
	v->now_ms = 5000;
	push_step(v, STEP_INSTALL, true, DELIVERY_PUSH);
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
		cmocka_unit_test(widths_are_columns_not_bytes),
		cmocka_unit_test(a_cut_never_halves_a_wide_letter),
		cmocka_unit_test(lines_break_at_spaces_and_always_move_on),
		cmocka_unit_test(every_letter_survives_encoding_and_stepping_back),
		cmocka_unit_test(every_action_has_a_letter_and_a_help_line),
		cmocka_unit_test(no_key_means_two_actions),
		cmocka_unit_test(a_field_edits_as_readline_does),
		cmocka_unit_test(history_goes_back_and_returns_to_what_was_typed),
		cmocka_unit_test(a_paste_fills_a_field_but_never_ends_it),
		cmocka_unit_test(tab_completes_file_names),
		cmocka_unit_test(a_line_keeps_its_text_and_its_exact_bytes),
		cmocka_unit_test(a_full_log_drops_the_oldest_lines),
		cmocka_unit_test(long_lines_go_round_the_ring_whole),
		cmocka_unit_test(a_filter_shows_what_came_and_what_comes),
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

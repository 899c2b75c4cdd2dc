#include "config.h"

#include "ui/ui_pages.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "base/words.h"
#include "record/store.h"
#include "report/report.h"
#include "ui/draw/dialog.h"
#include "ui/draw/draw.h"
#include "ui/ui_state.h"

#define LONG_RECORD (8 << 20)
#define BASE_MAX 200	/* bytes of a record's name in that of its report */

/* -- the diagnosis -- */

/* A long record takes its time: say what the keys wait for. */
static void say_wait(struct ui *u)
{
	char size[28];
	struct stat st;

	if (!u->screen || stat(u->view.record, &st) < 0 || st.st_size < LONG_RECORD)
		return;
	view_say(&u->view, false, "reading the record: %s bytes ...", text_count(size, (unsigned long long)st.st_size));
	draw_view(u->screen, &u->view);
	u->view.message[0] = '\0';
}

static void look_at_record(struct ui *u)
{
	struct view *v = &u->view;

	say_wait(u);
	if (u->record)
		findings_make(&v->diagnosis, u->record, replay_run_end(u->replay));
	else
		findings_read(&v->diagnosis, v->record);
}

static void show_diagnosis(struct ui *u)
{
	bool over_result = u->view.mode == MODE_RESULT || u->view.over_result;

	look_at_record(u);
	dialog_show(&u->view, MODE_DIAGNOSIS);
	u->view.over_result = over_result;
}

/* -- the report -- */

/* "dfota-report-20261122-093000.md" of the record of that name. */
static void report_name(char *out, size_t out_size, const char *record)
{
	const char *base = strrchr(record, '/') ? strrchr(record, '/') + 1 : record;
	const char *dot = strrchr(base, '.');
	size_t size = dot && dot > base ? (size_t)(dot - base) : strlen(base);

	snprintf(out, out_size, "dfota-report-%.*s.md", (int)(size < BASE_MAX ? size : BASE_MAX), base);
}

static void ask_report(struct ui *u)
{
	char name[FIELD_SIZE];

	dialog_show(&u->view, MODE_REPORT);
	report_name(name, sizeof(name), u->view.record);
	field_begin(&u->view.field, name, FILE_SIZE);
}

static void say_written(struct view *v, const char *path)
{
	char *whole = realpath(path, NULL);

	view_say(v, false, v->anonymize ? N_("anonymized report written: %s") : N_("report written: %s"), whole ? whole : path);
	free(whole);
}

static int write_record(const struct view *v, struct record *r, FILE *f, struct err *e)
{
	int result = report_write(f, r, v->anonymize, e);

	if (fclose(f) && result == 0)
		result = err_fail_sys(e, MSG_REPORT_UNWRITTEN, errno, "");
	return result;
}

/* False when another name may help. */
static bool write_report(struct ui *u, const char *path)
{
	struct view *v = &u->view;
	struct err e = { 0 };
	struct record *r = u->record ? u->record : record_open(v->record, &e);
	FILE *f = r ? ui_create_file(v, path) : NULL;
	bool written = f && write_record(v, r, f, &e) == 0;

	if (written)
		say_written(v, path);
	else if (!r || f)
		view_say_error(v, &e);
	if (!u->record)
		record_free(r);
	return written || !r;
}

/* -- unfinished upgrades -- */

/* Our own process may still be closing the record of the job that ended; of several
 * modules it may be at work on another. */
static void look_for_open(struct ui *u)
{
	struct view *v = &u->view;
	size_t i, count = store_list_open(v->open, VIEW_OPEN);

	v->open_count = count < VIEW_OPEN ? count : VIEW_OPEN;
	for (i = 0; i < v->open_count; i++)
		if (v->open[i].live_pid == getpid() && (!u->fleet || !strcmp(v->open[i].record, v->record)))
			v->open[i].live_pid = 0;
	if (v->open_row >= v->open_count)
		v->open_row = 0;
}

/* The upgrade of PATH ended without us: what it came to is what is true now. */
static void adopt_result(struct view *v, const char *path)
{
	struct err e;
	struct record *r = record_open(path, &e);
	struct event ev;
	uint64_t at;

	if (r && record_find(r, record_count(r), true, 1U << EVENT_RESULT, false, &at) && record_event(r, at, &ev)) {
		v->result = ev.result;
		v->has_result = v->unseen = true;
		snprintf(v->record, sizeof(v->record), "%s", path);
		memset(&v->diagnosis, 0, sizeof(v->diagnosis));
		if (v->identified && ev.result.now[0])
			snprintf(v->identity.version, sizeof(v->identity.version), "%s", ev.result.now);
		view_say(v, false, N_("an upgrade that was not watched here has ended: %s"), _(outcome_info(ev.result.outcome)->name));
	}
	record_free(r);
}

/* Is OPEN about the module on the port, as far as is known? */
static bool is_of_ours(const struct view *v, const struct open_upgrade *open)
{
	return !v->identified || strcmp(v->identity.imei, open->module.imei) == 0;
}

void ui_pages_look_again(struct ui *u)
{
	struct view *v = &u->view;
	struct open_upgrade now;
	size_t i, before = v->open_count;

	if (v->has_result && v->result.outcome == OUTCOME_UNKNOWN && v->record[0] && !store_read_open(v->record, &now))
		adopt_result(v, v->record);
	for (i = 0; i < before; i++)
		if (is_of_ours(v, &v->open[i]) && !store_read_open(v->open[i].record, &now))
			adopt_result(v, v->open[i].record);
	look_for_open(u);
	if (v->mode == MODE_UNFINISHED && !v->open_count)
		view_open_page(v, MODE_PANES);
	if (before != v->open_count)
		ui_request(u, REQUEST_RESCAN);	/* who has the port */
	u->draw_now = true;
}

static void show_open(struct ui *u)
{
	look_for_open(u);
	if (u->view.open_count)
		dialog_show(&u->view, MODE_UNFINISHED);
	else
		view_say(&u->view, false, "no unfinished upgrade is left");
}

/* The module is found again by what the record says of it. */
static void keep_watching(struct ui *u, bool ask_now)
{
	const struct plan *fields = &u->view.plan;
	struct request r = { .type = REQUEST_RUN };
	struct err e;

	r.plan.job = JOB_RESUME;
	r.plan.ask_now = ask_now;
	r.plan.open = u->view.open[u->view.open_row];
	r.plan.route = r.plan.open.route;
	r.plan.watch_timeout_s = fields->watch_timeout_s;
	r.plan.return_timeout_s = fields->return_timeout_s;
	r.plan.start_timeout_s = fields->start_timeout_s;
	r.plan.listen_timeout_s = fields->listen_timeout_s;
	if (worker_request(u->worker, &r, &e) < 0)
		view_say_error(&u->view, &e);
	else
		view_begin_watch(&u->view);
}

/* It was only listened to, and that was ended to ask it: unless it said by itself how
 * it went. */
static void go_on_asking(struct ui *u)
{
	struct view *v = &u->view;
	size_t i;

	for (i = 0; i < v->open_count && strcmp(v->open[i].record, v->ask_record); i++)
		;
	v->ask_record[0] = '\0';
	if (i == v->open_count || v->leaving)
		return;
	v->open_row = i;
	view_open_page(v, MODE_PANES);
	keep_watching(u, true);
}

/* -- the upgrade of another program -- */

/* Its record in the same panes: ours are put away. NOW_MS counts by another clock
 * from here on. */
static int show_live(struct ui *u, struct record *r)
{
	struct view *own = malloc(sizeof(*own));

	if (!own)
		return -1;
	*own = u->view;
	memset(&u->view, 0, sizeof(u->view));
	if (view_init(&u->view, &record_start(r)->plan) == 0) {
		snprintf(u->view.record, sizeof(u->view.record), "%s", record_path(r));
		u->view.replay.within = true;
		u->replay = replay_new(r, &u->view, clock_now_ms(u->clock));
	}
	if (!u->replay) {
		view_free(&u->view);
		u->view = *own;
		free(own);
		return -1;
	}
	replay_end(u->replay, clock_now_ms(u->clock));
	u->record = r;
	u->own_view = own;
	u->own_worker = u->worker;
	u->worker = NULL;
	u->drawn_ms = 0;
	u->store_ms = -1;	/* of another clock */
	return 0;
}

static void watch_other(struct ui *u, const char *path)
{
	struct err e;
	struct record *r = record_open(path, &e);

	if (r && show_live(u, r) == 0)
		return;
	if (r)
		err_fail(&e, MSG_SCREEN_NO_MEMORY, "");
	record_free(r);
	view_say_error(&u->view, &e);
}

/* A result without a terminal would be told again at the next start: it was seen here. */
static void take_note_of_result(struct ui *u)
{
	struct result result;
	struct err ignored;
	char path[FILE_SIZE];

	if (u->view.has_result && store_unseen(path, sizeof(path), &result) && !strcmp(path, record_path(u->record)))
		store_mark_shown(path, &ignored);	/* else it is told once more */
}

bool ui_pages_watched(struct ui *u)
{
	if (!u->own_view)
		return false;
	take_note_of_result(u);
	replay_free(u->replay);
	view_free(&u->view);
	record_free(u->record);
	u->view = *u->own_view;
	free(u->own_view);
	u->worker = u->own_worker;
	u->replay = NULL;
	u->record = NULL;
	u->own_view = NULL;
	u->drawn_ms = 0;
	u->draw_now = true;
	look_for_open(u);
	ui_request(u, REQUEST_RESCAN);	/* of the list rows may have been lost meanwhile */
	return true;
}

/* -- when -- */

void ui_pages_unfinished(struct ui *u, const struct open_upgrade *open, size_t count)
{
	struct view *v = &u->view;

	v->open_count = count < VIEW_OPEN ? count : VIEW_OPEN;
	if (!v->open_count)
		return;
	memcpy(v->open, open, v->open_count * sizeof(v->open[0]));
	view_open_page(v, MODE_UNFINISHED);
}

void ui_pages_unseen(struct ui *u, const struct result *r, const char *record)
{
	struct view *v = &u->view;

	v->result = *r;
	v->has_result = v->unseen = true;
	snprintf(v->record, sizeof(v->record), "%s", record);
	if (v->record[0])
		look_at_record(u);
	view_open_page(v, MODE_RESULT);
	v->open_due = v->open_count > 0;
}

void ui_pages_result(struct ui *u)
{
	const struct result *r = &u->view.result;

	if (!u->screen)
		return;
	if (u->view.record[0] && r->outcome != OUTCOME_SUCCESS && r->outcome != OUTCOME_READY)
		look_at_record(u);
	look_for_open(u);
	if (u->view.ask_record[0])
		go_on_asking(u);
}

void ui_pages_follow(struct ui *u)
{
	const struct view *v = &u->view;

	if (v->has_result && (!v->diagnosis.made || v->diagnosis.end != replay_run_end(u->replay)))
		look_at_record(u);
}

bool ui_pages_action(struct ui *u, enum action action)
{
	switch ((int)action) {
	case ACTION_DIAGNOSIS:
		show_diagnosis(u);
		return true;
	case ACTION_REPORT:
		ask_report(u);
		return true;
	case ACTION_UNFINISHED:
		show_open(u);
		return true;
	default:
		return false;
	}
}

/* A page was left: back to what it covered. */
static void leave_page(struct view *v, enum mode mode)
{
	bool over_result = v->over_result;

	v->mode = MODE_PANES;
	if (mode == MODE_DIAGNOSIS && over_result)
		dialog_show(v, MODE_RESULT);
	if (mode == MODE_RESULT && v->open_due)
		view_open_page(v, MODE_UNFINISHED);
	if (mode == MODE_RESULT)
		v->open_due = false;
}

void ui_pages_left(struct ui *u, enum mode mode, enum verdict verdict)
{
	char path[FIELD_SIZE];

	if (verdict == VERDICT_DIAGNOSIS) {
		show_diagnosis(u);
		return;
	}
	if (verdict == VERDICT_REPORT) {
		ask_report(u);
		return;
	}
	if (verdict == VERDICT_YES && mode == MODE_REPORT) {
		field_expand_home(&u->view.field);
		memcpy(path, u->view.field.text, sizeof(path));
		if (!write_report(u, path))
			return;
	}
	leave_page(&u->view, mode);
	if (verdict != VERDICT_YES || mode != MODE_UNFINISHED)
		return;
	if (u->view.open[u->view.open_row].live_pid && u->fleet)
		view_say(&u->view, true, "it is at work: q shows the rows, where it may be one");
	else if (u->view.open[u->view.open_row].live_pid)
		watch_other(u, u->view.open[u->view.open_row].record);
	else
		keep_watching(u, false);
}

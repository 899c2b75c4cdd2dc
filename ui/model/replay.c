#include "config.h"

#include "ui/model/replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/words.h"
#include "ui/model/replay_state.h"

#define FEED_MAX 64	/* a longer way forward is a jump */

static const int speeds[] = { 1, 2, 5, 10, 30, 100, 300, 1000 };
#define SPEED_COUNT (sizeof(speeds) / sizeof(speeds[0]))

static uint64_t last_line(const struct replay *p)
{
	return record_count(p->record) - 1;
}

static bool at_end(const struct replay *p)
{
	return p->line == last_line(p);
}

/* Is the silence after LINE cut short when it is played? */
static bool is_cut(struct replay *p, uint64_t line)
{
	return p->speed > 0 && replay_silence_before(p, line + 1);
}

/* Tell the view where we are. */
static void show(struct replay *p)
{
	struct view *v = p->view;
	struct replay_view *r = &v->replay;

	v->now_ms = r->time_ms = p->t_ms;
	r->speed = speeds[p->speed];
	r->playing = p->playing;
	r->live = p->live;
	r->at_end = at_end(p);
	r->growing = p->written;
	r->cuts = p->playing && is_cut(p, p->line);
	log_set_end(v->log, p->line + 1);
}

static void set_line(struct replay *p, uint64_t line)
{
	if (line > last_line(p))
		line = last_line(p);
	if (line < p->line || line - p->line > FEED_MAX)
		replay_state_jump(p, line);
	else
		while (p->line < line)
			replay_state_feed(p, ++p->line);
	p->line = line;
	p->t_ms = record_time_ms(p->record, line);
}

/* There is more of the record now, or at first. */
static void measure(struct replay *p)
{
	struct replay_view *r = &p->view->replay;

	r->end_ms = record_time_ms(p->record, last_line(p));
	if (r->end_ms < 0)
		r->end_ms = 0;
	replay_fill_cells(p);
}

/* Where a record that is being written breaks off, more is to come. */
static void show_problem(struct replay *p)
{
	struct replay_view *r = &p->view->replay;

	r->problem[0] = '\0';
	if (!p->written)
		message_text(record_damage(p->record), FOR_SCREEN, r->problem, sizeof(r->problem));
}

/* Ask for more. True when there is. */
static bool look_for_more(struct replay *p)
{
	struct err e;
	int64_t count;

	if (!p->written)
		return false;
	/* asked before the lines, so that the last ones are not missed */
	p->written = record_writer_pid(p->record) != 0;
	count = record_follow(p->record, &e);
	if (count < 0) {
		p->written = false;
		view_say_error(p->view, &e);
	}
	show_problem(p);
	if (count <= 0)
		return false;
	log_grow(p->view->log);
	measure(p);
	return true;
}

/* Somebody moves: what was marked, and the following, are over. */
static void leave_place(struct replay *p)
{
	p->view->log_view.marked = 0;
	p->live = false;
	look_for_more(p);
}

/* -- in and out -- */

static void read_header(struct replay *p)
{
	const struct program_info *h = &record_start(p->record)->by;
	struct replay_view *r = &p->view->replay;
	char when[CLOCK_UTC_SIZE];

	/* 2026-11-22T09:30:00Z: to the minute is enough to know it by */
	if (h->when_s && *clock_utc(when, h->when_s))
		snprintf(r->when, sizeof(r->when), "%.10s %.5s UTC", when, when + 11);
	snprintf(r->program, sizeof(r->program), "%s", h->program);
	snprintf(r->host, sizeof(r->host), "%s", h->host);
	snprintf(r->system, sizeof(r->system), "%s", h->system);
}

struct replay *replay_new(struct record *r, struct view *v, int64_t now_ms)
{
	struct replay *p = calloc(1, sizeof(*p));
	struct log *log;

	if (!p)
		return NULL;
	p->record = r;
	p->view = v;
	log = log_over(&replay_log, p);
	v->replay.on = true;
	v->focus = PANE_PROGRESS;
	if (!log || replay_state_begin(p) < 0) {
		free(p->frames);
		log_free(log);
		free(p);
		return NULL;
	}
	log_free(v->log);
	v->log = log;
	p->written = record_writer_pid(r) != 0;
	read_header(p);
	measure(p);
	show_problem(p);
	p->t_ms = v->now_ms;
	if (p->written)
		replay_end(p, now_ms);
	show(p);
	if (v->replay.problem[0])
		view_say(v, true, "%s", v->replay.problem);
	return p;
}

void replay_free(struct replay *p)
{
	if (!p)
		return;
	free(p->frames);
	free(p);
}

uint64_t replay_line(const struct replay *p)
{
	return p->line;
}

uint64_t replay_run_end(const struct replay *p)
{
	uint64_t next;

	if (p->view->has_result && record_find(p->record, p->line, false, BIT(RESUMED), false, &next))
		return next;
	return record_count(p->record);
}

/* -- moving -- */

void replay_go(struct replay *p, uint64_t line)
{
	leave_place(p);
	set_line(p, line);
	show(p);
}

/* To LINE, which stands out in the log, and with the lines around it. */
static void go_to_hit(struct replay *p, uint64_t line)
{
	view_log_show_all(p->view);
	set_line(p, line);
	p->view->log_view.marked = line + 1;
	show(p);
}

/* Lines are counted from LINE on: a search for them must have come that far. */
static uint64_t position_of(struct replay *p, uint64_t line)
{
	struct log *log = p->view->log;

	while (log_shown_at(log, line) == log_found_end(log) && log_grow(log))
		;
	return log_shown_at(log, line);
}

void replay_move(struct replay *p, int64_t by)
{
	struct log *log = p->view->log;
	uint64_t at, end;

	leave_place(p);
	if (by < 0) {
		at = position_of(p, p->line);
		set_line(p, at < (uint64_t)-by ? 0 : log_shown(log, at - (uint64_t)-by));
	} else if (by > 0) {
		at = position_of(p, p->line + 1);
		while ((end = log_found_end(log)) - at < (uint64_t)by && log_grow(log))
			;
		set_line(p, end - at < (uint64_t)by ? last_line(p) : log_shown(log, at + (uint64_t)by - 1));
	}
	show(p);
}

void replay_end(struct replay *p, int64_t now_ms)
{
	p->written = true;	/* somebody may have begun: look */
	leave_place(p);
	set_line(p, last_line(p));
	p->live = p->written;
	p->playing = false;
	p->played_ms = p->followed_ms = now_ms;
	show(p);
}

void replay_step(struct replay *p, bool back)
{
	uint64_t at = p->line;

	leave_place(p);
	while (record_find(p->record, at, back, BIT(STEP) | BIT(RESULT), false, &at)) {
		if (!record_event(p->record, at, &p->event) ||
		    (p->event.type == EVENT_STEP && !p->event.step.begin))
			continue;
		set_line(p, at);
		show(p);
		return;
	}
	view_say(p->view, false, back ? N_("no step begins before this one") : N_("no step begins after this one"));
	show(p);
}

void replay_error(struct replay *p, bool back)
{
	uint64_t found;

	leave_place(p);
	if (record_find(p->record, p->line, back, ALL_TYPES, true, &found))
		go_to_hit(p, found);
	else
		view_say(p->view, false, back ? N_("no error before this one") : N_("no error after this one"));
	show(p);
}

void replay_search(struct replay *p, bool back)
{
	uint64_t found;

	leave_place(p);
	if (record_search(p->record, p->line, back, p->view->log_view.text, &found))
		go_to_hit(p, found);
	else
		view_say(p->view, false, back ? N_("no line before this one holds that text") :
			 N_("no line after this one holds that text"));
	show(p);
}

/* -- playing -- */

void replay_play(struct replay *p, int64_t now_ms)
{
	bool stop = p->playing || p->live;

	p->playing = p->live = false;
	p->played_ms = now_ms;
	look_for_more(p);
	if (!stop && !at_end(p))
		p->playing = true;
	else if (!stop && p->written)
		replay_end(p, now_ms);
	else if (!stop)
		view_say(p->view, false, "the record ends here: g goes to its start");
	show(p);
}

void replay_speed(struct replay *p, bool slower)
{
	if (slower && p->speed > 0)
		p->speed--;
	else if (!slower && p->speed + 1 < SPEED_COUNT)
		p->speed++;
	show(p);
}

/* How long the time of the record runs from T_MS until the line after LINE is
 * shown. */
static int64_t time_to_next(struct replay *p, uint64_t line, int64_t t_ms)
{
	int64_t due_ms = record_time_ms(p->record, line + 1);

	if (is_cut(p, line))
		due_ms = record_time_ms(p->record, line) + VIEW_SILENCE_MS;
	return due_ms > t_ms ? due_ms - t_ms : 0;
}

/* The last line shown WINDOW ms after T_MS, one after LINE at least. */
static uint64_t last_within(struct replay *p, uint64_t line, int64_t t_ms, int64_t window)
{
	uint64_t end = record_at(p->record, t_ms + window + 1);

	return end > line + 2 ? end - 1 : line + 1;
}

/* Go on by BUDGET ms of the record: from silence that is cut short to the
 * next, and where none can be in long steps. */
static void play(struct replay *p, int64_t budget)
{
	uint64_t line = p->line, last = last_line(p);
	int64_t t_ms = p->t_ms, begin_ms, next, window;

	while (line < last && (next = time_to_next(p, line, t_ms)) <= budget) {
		window = p->speed > 0 && budget > VIEW_SILENCE_MS ? VIEW_SILENCE_MS : budget;
		begin_ms = t_ms;
		if (is_cut(p, line)) {
			t_ms = record_time_ms(p->record, ++line);
			budget -= next;
			continue;
		}
		line = last_within(p, line, t_ms, window);
		t_ms = record_time_ms(p->record, line);
		budget -= t_ms > begin_ms ? t_ms - begin_ms : 0;
	}
	set_line(p, line);
	p->t_ms = line < last ? t_ms + budget : t_ms;
}

/* The record is at its end, and somebody may still write. */
static bool follow(struct replay *p, int64_t now_ms)
{
	int64_t silence = record_time_ms(p->record, p->line) + now_ms - p->played_ms;
	bool more;

	if (now_ms - p->followed_ms < REPLAY_FOLLOW_MS) {
		p->t_ms = silence;
		return false;
	}
	p->followed_ms = now_ms;
	more = look_for_more(p);
	if (more) {
		set_line(p, last_line(p));
		p->played_ms = now_ms;
	} else {
		p->t_ms = silence;
	}
	p->live = p->written;
	return more || !p->live;
}

bool replay_tick(struct replay *p, int64_t now_ms)
{
	int64_t passed = now_ms - p->played_ms, time_ms = p->t_ms;
	bool news = log_unfinished(p->view->log);

	if (news)
		log_grow(p->view->log);
	if (p->live) {
		news |= follow(p, now_ms);
	} else if (p->playing && passed > 0) {
		play(p, passed * speeds[p->speed]);
		p->played_ms = now_ms;
		news |= p->t_ms != time_ms;
		if (at_end(p)) {
			p->playing = false;
			if (p->written)
				replay_end(p, now_ms);
		}
	}
	show(p);
	return news;
}

int64_t replay_due_ms(struct replay *p)
{
	int speed = speeds[p->speed];

	if (log_unfinished(p->view->log))
		return 0;
	if (p->live)
		return p->followed_ms + REPLAY_FOLLOW_MS;
	if (!p->playing || at_end(p))
		return -1;
	return p->played_ms + (time_to_next(p, p->line, p->t_ms) + speed - 1) / speed;
}

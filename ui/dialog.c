#include "config.h"

#include "dialog.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cells.h"
#include "explain.h"
#include "pane.h"
#include "text.h"

#define PAGE_LINES 96
#define PAGE_WIDTH 100
#define PAGE_LINE_SIZE (PAGE_WIDTH * 4 + 1)	/* UTF-8 */
#define LABEL_WIDTH 10
#define SETTLE_MS 500	/* a key sooner than this was meant for the panes */

struct page {
	const char *title;
	char hint[160];		/* under the lines */
	int width, count;
	struct {
		enum role role;
		char text[PAGE_LINE_SIZE];
	} lines[PAGE_LINES];
};

static void add_line(struct page *p, enum role role, const char *start, const char *text, size_t size)
{
	if (p->count == PAGE_LINES)
		return;
	p->lines[p->count].role = role;
	snprintf(p->lines[p->count++].text, PAGE_LINE_SIZE, "%s%.*s", start, (int)size, text);
}

/* TEXT wrapped, with LABEL in a column of its own. */
static void add_labelled(struct page *p, enum role role, const char *label, int label_width, const char *text)
{
	char start[32];
	const char *next;
	size_t size;

	snprintf(start, sizeof(start), "%-*s", label_width, label);
	do {
		size = cells_line(text, p->width - label_width, &next);
		add_line(p, role, start, text, size);
		snprintf(start, sizeof(start), "%*s", label_width, "");
		text = next;
	} while (*text);
}

static void add(struct page *p, enum role role, const char *label, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
static void add(struct page *p, enum role role, const char *label, const char *format, ...)
{
	char text[TEXT_SIZE * 2];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (text[0])
		add_labelled(p, role, label, LABEL_WIDTH, text);
}

static void add_gap(struct page *p)
{
	add_line(p, ROLE_TEXT, "", "", 0);
}

/* The word that has to be typed for a yes; "" where the key y is enough. */
static const char *word_of(const struct view *v)
{
	if (v->mode == MODE_QUESTION)
		return "yes";
	return v->confirm_cancel == CANCEL_REFUSED ? "detach" : "";
}

static void make_question(struct page *p, const struct view *v)
{
	const struct question *q = &v->question;
	char count[28];

	p->title = " Upgrade this module? ";
	if (v->pasted)
		add(p, ROLE_BAD, "", "Pasted text does not count here: type the word.");
	add(p, ROLE_ALARM, "", "From here on the module needs its power until it is back.");
	add_gap(p);
	add(p, ROLE_TEXT, "Module", "%s %s  IMEI %s", q->module.maker, q->module.model, q->module.imei);
	add(p, ROLE_TEXT, "Port", "%s", q->module.port);
	add(p, ROLE_TEXT, "From", "%s", q->from);
	add(p, ROLE_TEXT, "To", "%s", q->to[0] ? q->to : "not known");
	add(p, ROLE_TEXT, "Package", "%s", q->package);
	add(p, ROLE_TEXT, "Size", "%s%s", q->size ? text_count(count, q->size) : "not known",
	    q->size ? " bytes" : "");
	add(p, ROLE_TEXT, "SHA-256", "%s", q->sha256[0] ? q->sha256 : "not known");
	add(p, ROLE_TEXT, "Method", "%s", q->delivery == DELIVERY_PUSH ?
	    "this computer sends the file over the wire" : "the module downloads by itself");
	add(p, ROLE_TITLE, "Command", "%s", q->command);
	add(p, ROLE_BUSY, "Unchecked", "%s", q->unchecked);
	snprintf(p->hint, sizeof(p->hint), "Type yes and Enter to go on, no and Enter to stop: ");
}

static const struct {
	const char *title, *leave, *stay;
} confirms[] = {
	[CANCEL_FREE] = { " Cancel? ", "y: cancel, then leave the program", "y: cancel" },
	[CANCEL_STOP] = { " Stop sending? ", "y: stop, then leave the program", "y: stop" },
	[CANCEL_DETACH] = { " Detach? ", "y: detach and leave the program", "y: detach" },
	[CANCEL_REFUSED] = { " It can't be cancelled now ", "Type detach and Enter to leave all the same: ",
			     "Type detach and Enter to end the watching: " },
};

static void make_confirm(struct page *p, const struct view *v)
{
	p->title = confirms[v->confirm_cancel].title;
	if (v->job.step_known)
		add(p, ROLE_TEXT, "Step", "%s", step_info(v->job.step)->label);
	add(p, ROLE_TEXT, "Module", "%s", phase_info(view_phase(v))->safety);
	add(p, ROLE_TEXT, "Then", "%s", cancel_words(v->confirm_cancel));
	if (v->confirm_cancel == CANCEL_REFUSED)
		add(p, ROLE_TEXT, "Else", "stay and keep watching: Enter");
	snprintf(p->hint, sizeof(p->hint), "%s%s",
		 v->confirm_leave ? confirms[v->confirm_cancel].leave : confirms[v->confirm_cancel].stay,
		 *word_of(v) ? "" : "    any other key: go on");
}

/* What the result says wins; the table has words for the rest. */
static void add_code(struct page *p, const struct result *r)
{
	const struct explanation *x = NULL;
	const char *about = "";
	size_t i;

	if (r->code.present) {
		x = explain(r->code.table, r->code.number, r->code.family);
		for (i = 0; explain_table(i); i++)
			if (!strcmp(explain_table(i)->name, r->code.table))
				about = explain_table(i)->about;
		add(p, ROLE_BAD, "Code", "%s %d: %s%s%s%s", r->code.table, r->code.number,
		    r->code.meaning[0] ? r->code.meaning : x ? x->meaning : "not documented",
		    r->code.family[0] ? " (document of the " : "", r->code.family, r->code.family[0] ? ")" : "");
		add(p, ROLE_DIM, "", "%s", about);
	}
	add(p, ROLE_TEXT, "Cause", "%s", r->cause[0] ? r->cause : x ? x->cause : "");
	add(p, ROLE_TITLE, "Next", "%s", r->advice[0] ? r->advice : x ? x->next : "");
}

static void make_result(struct page *p, const struct view *v)
{
	const struct result *r = &v->result;
	bool good = r->outcome == OUTCOME_SUCCESS || r->outcome == OUTCOME_READY;

	p->title = good ? " Done " : " Not done ";
	add(p, good ? ROLE_GOOD : ROLE_BAD, "Outcome", "%s: %s", outcome_info(r->outcome)->name,
	    outcome_info(r->outcome)->title);
	add(p, ROLE_TEXT, "What", "%s", r->message);
	add_code(p, r);
	add(p, ROLE_TITLE, "Safe?", "%s", r->safety);
	add_gap(p);
	if (!good)
		add(p, ROLE_TEXT, "Step", "%s", step_info(r->step)->label);
	add(p, ROLE_TEXT, "From", "%s", r->from);
	add(p, ROLE_TEXT, "To", "%s", r->to);
	add(p, ROLE_TEXT, "Now", "%s", r->now);
	add(p, ROLE_TEXT, "Record", "%s", r->record);
	add(p, ROLE_DIM, "Exit", "%d", r->exit_status);
	snprintf(p->hint, sizeof(p->hint), "any key: back to the panes, where it stays readable");
}

static void make_help(struct page *p, const struct view *v)
{
	char text[256];
	unsigned a;

	p->title = " Keys ";
	for (a = 0; a < ACTION_COUNT; a++) {
		const struct action_info *info = action_info((enum action)a);
		const char *refusal = view_refusal(v, (enum action)a);
		bool refused = refusal && *refusal;

		snprintf(text, sizeof(text), "%s%s%s%s", info->help, refused ? " (not now: " : "",
			 refused ? refusal : "", refused ? ")" : "");
		add_labelled(p, refused ? ROLE_DIM : ROLE_TEXT, info->shown, LABEL_WIDTH, text);
	}
	add_gap(p);
	add(p, ROLE_TEXT, "In fields", "Home End Ctrl-A Ctrl-E Ctrl-U Ctrl-W Ctrl-K edit, Up and Down go through what was "
	    "typed before, Tab completes a file name, Enter takes it, Ctrl-C leaves it.");
	add(p, ROLE_TEXT, "Steps", "* done  > running  ! failed");
	add(p, ROLE_TEXT, "Log", "> sent  < received  ! error  - note");
	snprintf(p->hint, sizeof(p->hint), "arrows move, any other key: back");
}

static void make_page(struct page *p, const struct view *v)
{
	switch (v->mode) {
	case MODE_QUESTION:
		make_question(p, v);
		break;
	case MODE_CONFIRM:
		make_confirm(p, v);
		break;
	case MODE_RESULT:
		make_result(p, v);
		break;
	case MODE_HELP:
		make_help(p, v);
		break;
	case MODE_PANES:
	case MODE_EDIT:
	case MODE_PROMPT:
	case MODE_BROWSE:
		break;
	}
}

/* The hint below the lines; where a word is asked for, the field behind it. */
static void draw_hint(struct screen *s, const struct area *inside, int row, struct view *v, const struct page *p)
{
	struct area rest = { inside->y, inside->x + 1, inside->h, inside->w - 2 };
	const char *text = p->hint, *next = text;
	size_t size = 0;
	char line[PAGE_LINE_SIZE];
	int column = 0;

	for (; *next; row++) {
		text = next;
		size = cells_line(text, rest.w, &next);
		snprintf(line, sizeof(line), "%.*s", (int)size, text);
		column = screen_put(s, &rest, row, 0, ROLE_TITLE, line) + 1;
	}
	if (*word_of(v))
		pane_put_field(s, &rest, row - 1, column, rest.w - column, &v->field);
}

static int hint_rows(const struct page *p)
{
	const char *next = p->hint;
	int rows = 0;

	for (; *next; rows++)
		cells_line(next, p->width, &next);
	return rows;
}

void dialog_draw(struct screen *s, const struct area *area, struct view *v)
{
	struct page p = { .count = 0 };
	struct area frame = *area, inside;
	int row, rows, room, hint;

	if (frame.w > PAGE_WIDTH + 4) {
		frame.x += (frame.w - PAGE_WIDTH - 4) / 2;
		frame.w = PAGE_WIDTH + 4;
	}
	p.width = frame.w - 4;
	make_page(&p, v);
	hint = hint_rows(&p);
	room = frame.h - 2 - hint;
	rows = p.count < room ? p.count : room;
	v->page_seen = rows > 0 && p.width >= LABEL_WIDTH + 8;
	if (!v->page_seen) {
		pane_put_wrapped(s, area, 0, ROLE_ALARM, "enlarge the window");
		return;
	}
	if (v->scroll > p.count - rows)
		v->scroll = p.count - rows;
	if (v->scroll < 0)
		v->scroll = 0;
	frame.h = rows + hint + 2;
	for (row = 0; row < frame.h; row++)
		screen_clear_row(s, &frame, row, 0);
	inside = screen_frame(s, &frame, true, p.title, p.count > rows ? "more: Up Down" : "");
	for (row = 0; row < rows; row++)
		screen_put(s, &inside, row, 1, p.lines[v->scroll + row].role, p.lines[v->scroll + row].text);
	draw_hint(s, &inside, rows, v, &p);
}

void dialog_confirm(struct view *v, bool leave)
{
	v->mode = MODE_CONFIRM;
	v->confirm_cancel = v->job.step_known ? v->job.cancel : CANCEL_FREE;
	v->confirm_leave = leave;
	v->scroll = 0;
	v->page_ms = v->now_ms - SETTLE_MS;	/* it was asked for */
	v->page_seen = false;
	v->pasted = false;
	field_begin(&v->field, "", 16);
}

static bool scrolls(struct view *v, int code)
{
	switch (code) {
	case K_UP:
		v->scroll--;
		return true;
	case K_DOWN:
		v->scroll++;
		return true;
	case K_PAGE_UP:
		v->scroll -= 8;
		return true;
	case K_PAGE_DOWN:
		v->scroll += 8;
		return true;
	default:
		return false;
	}
}

/* Only a word typed by hand counts: a paste empties the field. */
static enum verdict type_word(struct view *v, const struct key *key)
{
	bool yes;

	v->pasted = key->pasted;
	if (key->pasted) {
		field_begin(&v->field, "", v->field.room);
		return VERDICT_NONE;
	}
	switch (field_key(&v->field, key)) {
	case FIELD_DONE:
		yes = !strcmp(v->field.text, word_of(v));
		if (yes)
			return VERDICT_YES;
		if (v->mode == MODE_CONFIRM || !strcmp(v->field.text, "no"))
			return VERDICT_NO;
		field_begin(&v->field, "", v->field.room);
		break;
	case FIELD_LEFT:
		return VERDICT_NO;
	case FIELD_GOES_ON:
	case FIELD_NEXT:
		break;
	}
	return VERDICT_NONE;
}

enum verdict dialog_key(struct view *v, const struct key *key)
{
	if (scrolls(v, key->code))
		return VERDICT_NONE;
	if (v->mode == MODE_HELP)
		return VERDICT_NO;
	if (v->now_ms - v->page_ms < SETTLE_MS)
		return VERDICT_NONE;
	if (v->mode == MODE_RESULT)
		return VERDICT_NO;
	if (!v->page_seen)	/* no room to draw it */
		return key->code == K_CTRL_C ? VERDICT_NO : VERDICT_NONE;
	if (*word_of(v))
		return type_word(v, key);
	if (v->mode == MODE_CONFIRM && key->code == 'y' && !key->pasted)
		return VERDICT_YES;
	return VERDICT_NO;
}

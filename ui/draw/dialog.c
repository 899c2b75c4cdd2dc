#include "config.h"

#include "ui/draw/dialog.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "ui/draw/page.h"
#include "ui/draw/pane_replay.h"
#include "ui/draw/put.h"
#include "ui/term/cells.h"

const char dialog_too_fast[] = N_("ignored: typed too fast, as a paste does; press the key again");

#define SCROLL_TO_MARK INT_MIN
#define SETTLE_MS 500	/* a key sooner than this was meant for the panes */

/* The word that has to be typed for a yes; "" where the key y is enough. */
static const char *word_of(const struct view *v)
{
	if (v->mode == MODE_QUESTION)
		return "yes";
	return v->mode == MODE_CONFIRM && v->confirm_cancel == CANCEL_REFUSED ? "detach" : "";
}

static const struct {
	const char *title, *leave, *stay;
} confirms[] = {
	[CANCEL_FREE] = { N_(" Cancel? "), N_("y: cancel, then leave the program"), N_("y: cancel") },
	[CANCEL_STOP] = { N_(" Stop sending? "), N_("y: stop, then leave the program"), N_("y: stop") },
	[CANCEL_DETACH] = { N_(" Detach? "), N_("y: detach and leave the program"), N_("y: detach") },
	[CANCEL_REFUSED] = { N_(" It can't be cancelled now "), N_("Type detach and Enter to leave all the same: "),
			     N_("Type detach and Enter to end the watching: ") },
};

static void make_ask(struct page *p)
{
	char words[TEXT_SIZE];

	p->title = N_(" Ask the module now? ");
	page_add(p, ROLE_TEXT, "Now", "it is listened to: one that installs, or takes package bytes, must not be disturbed");
	page_add(p, ROLE_BUSY, "Risk", "%s", message_plain(MSG_ASKS_NOW, FOR_SCREEN, words, sizeof(words)));
	snprintf(p->hint, sizeof(p->hint), "%s", _("y: ask now    any other key: go on listening"));
}

static void make_confirm(struct page *p, const struct view *v)
{
	char words[TEXT_SIZE];
	enum message_id id = v->job.stopping ? MSG_CANCEL_STOPPING : cancel_message(v->confirm_cancel);
	enum cancel keys = v->job.stopping ? CANCEL_DETACH : v->confirm_cancel;

	if (v->confirm_ask) {
		make_ask(p);
		return;
	}

	p->title = v->job.stopping ? N_(" Detach before its version is read? ") : confirms[v->confirm_cancel].title;
	if (v->job.step_known)
		page_add(p, ROLE_TEXT, "Step", "%s", _(step_info(v->job.step)->label));
	page_add(p, ROLE_TEXT, "Module", "%s", _(phase_info(view_phase(v))->safety));
	page_add(p, ROLE_TEXT, "Then", "%s", message_plain(id, FOR_SCREEN, words, sizeof(words)));
	if (v->confirm_cancel == CANCEL_REFUSED)
		page_add(p, ROLE_TEXT, "Else", "stay and keep watching: Enter");
	snprintf(p->hint, sizeof(p->hint), "%s%s",
		 _(v->confirm_leave ? confirms[keys].leave : confirms[keys].stay),
		 *word_of(v) ? "" : _("    any other key: go on"));
}

static void make_help(struct page *p, const struct view *v)
{
	char text[512];
	unsigned a;

	p->title = N_(" Keys ");
	for (a = 0; a < ACTION_COUNT; a++) {
		const struct action_info *info = action_info((enum action)a);
		const char *refusal = view_refusal(v, (enum action)a);
		bool refused = refusal && *refusal;

		if (!view_offers(v, (enum action)a))
			continue;
		if (refused)
			snprintf(text, sizeof(text), _("%s (not now: %s)"), _(info->help), refusal);
		else
			snprintf(text, sizeof(text), "%s", _(info->help));
		page_add(p, refused ? ROLE_DIM : ROLE_TEXT, info->shown, "%s", text);
	}
	page_gap(p);
	page_add(p, ROLE_TEXT, "In fields", "Home End Ctrl-A Ctrl-E Ctrl-U Ctrl-W Ctrl-K edit, Up and Down go through what was "
		 "typed before, Tab completes a file name or an AT command, Enter takes it, Ctrl-C leaves it.");
	page_add(p, ROLE_TEXT, "Mouse", "a press chooses, a second one is Enter, the wheel moves, the keys of the last line can be pressed; "
		 "not on a slow line, nor while a question is open.");
	page_add(p, ROLE_TEXT, "Steps", "* done  > running  ! failed  ? not known");
	page_add(p, ROLE_TEXT, "Log", "> sent  < received  ! error  - note");
	if (v->replay.on)
		page_add(p, ROLE_TEXT, "Time line", "%s", _(pane_replay_legend));
	snprintf(p->hint, sizeof(p->hint), "%s", _("arrows move, any other key: back"));
}

static void make_page(struct page *p, const struct view *v)
{
	switch (v->mode) {
	case MODE_QUESTION:
		(v->fleet.on ? page_fleet_question : page_question)(p, v);
		break;
	case MODE_CONFIRM:
		(v->fleet.on ? page_fleet_confirm : make_confirm)(p, v);
		break;
	case MODE_RESULT:
		page_result(p, v);
		break;
	case MODE_HELP:
		make_help(p, v);
		break;
	case MODE_WHOLE:
		(v->fleet.on ? page_fleet_whole : page_whole)(p, v);
		break;
	case MODE_DIAGNOSIS:
		page_diagnosis(p, v);
		break;
	case MODE_REPORT:
		page_report(p, v);
		break;
	case MODE_UNFINISHED:
		page_unfinished(p, v);
		break;
	case MODE_PANES:
	case MODE_EDIT:
	case MODE_PROMPT:
	case MODE_BROWSE:
		break;
	}
}

/* A field stands after the hint. What is pasted where a word is to be typed
 * is not shown there. */
static bool has_field(const struct view *v)
{
	return v->mode == MODE_REPORT || (*word_of(v) && !v->pasted);
}

/* Why what was typed did not count; NULL: it did. */
static const char *warning(const struct view *v)
{
	if (v->pasted)
		return *word_of(v) ? N_("Pasted text does not count here: type the word.") : dialog_too_fast;
	if (v->wrong_word)
		return N_("Only the word yes starts it; Esc or no leaves.");
	if (v->too_early)
		return N_("Not yet: read it to its end first.");
	return NULL;
}

/* The hint below the lines; where a word is asked for, the field after it. */
static void draw_hint(struct screen *s, const struct area *inside, int row, struct view *v, const struct page *p)
{
	struct area rest = { inside->y, inside->x + 1, inside->h, inside->w - 2 };
	const char *text = p->hint, *next = text;
	size_t size = 0;
	char line[PAGE_LINE_SIZE];
	int column = 0;

	if (p->warning)
		row = put_wrapped(s, &rest, row, ROLE_BAD, p->warning);
	for (; *next; row++) {
		text = next;
		size = cells_line(text, rest.w, &next);
		snprintf(line, sizeof(line), "%.*s", (int)size, text);
		column = screen_put(s, &rest, row, 0, ROLE_TITLE, line) + 1;
	}
	if (has_field(v))
		put_field(s, &rest, row - 1, column, rest.w - column, &v->field);
}

static int hint_rows(const struct page *p)
{
	return cells_rows(p->hint, p->width) + (p->warning ? cells_rows(p->warning, p->width) : 0);
}

/* What the page has to say, and below it. */
static void make_whole(struct page *p, const struct view *v)
{
	make_page(p, v);
	p->warning = warning(v);
	if (p->warning)
		p->warning = _(p->warning);
}

/* Make it once to know how long it is, then the part that is shown. */
static int make_shown(struct page *p, struct view *v, int room)
{
	int rows, width = p->width;

	make_whole(p, v);
	rows = p->count < room - hint_rows(p) ? p->count : room - hint_rows(p);
	if (rows > PAGE_ROWS)
		rows = PAGE_ROWS;
	if (v->scroll == SCROLL_TO_MARK)
		v->scroll = p->marked - rows / 2;
	if (v->scroll > p->count - rows)
		v->scroll = p->count - rows;
	if (v->scroll < 0)
		v->scroll = 0;
	*p = (struct page){ .width = width, .from = v->scroll };
	make_whole(p, v);
	return rows;
}

/* Lines count as seen from the first on, without a gap; of another width they
 * are other lines. */
static void note_seen(struct view *v, const struct page *p, int rows)
{
	if (v->page_width != p->width && v->page_left != 0)
		v->page_known = 0;
	v->page_width = p->width;
	v->page_rows = rows;
	if (v->page_left == 0)
		return;
	if (p->from <= v->page_known && p->from + rows > v->page_known)
		v->page_known = p->from + rows;
	v->page_left = p->count - v->page_known;
}

/* Until all of a question was seen its hint says so, where that takes no more
 * rows than it has. */
static void say_more(struct page *p, const struct view *v)
{
	const char *hint = _("Space shows more. Then yes or no, and Enter: ");

	if (v->mode == MODE_QUESTION && v->page_left > 0 &&
	    cells_rows(hint, p->width) <= cells_rows(p->hint, p->width))
		snprintf(p->hint, sizeof(p->hint), "%s", hint);
}

/* Up and Down go through a list instead of moving the page. */
static bool has_list(const struct view *v)
{
	return v->mode == MODE_UNFINISHED && v->open_count > 1;
}

/* How much of the page is not shown, and the key for it. */
static const char *more(const struct view *v, const struct page *p, char out[48])
{
	int below = p->count - p->from - v->page_rows;

	out[0] = '\0';
	if (below > 0)
		snprintf(out, 48, has_list(v) ? _("%d more: PgDn") : _("%d more: Down"), below);
	else if (p->from > 0)
		snprintf(out, 48, has_list(v) ? _("%d above: PgUp") : _("%d above: Up"), p->from);
	return out;
}

void dialog_draw(struct screen *s, const struct area *area, struct view *v)
{
	struct page p = { .count = 0 };
	struct area frame = *area, inside;
	char left[48];
	int row, rows;

	if (frame.w > PAGE_WIDTH + 4) {
		frame.x += (frame.w - PAGE_WIDTH - 4) / 2;
		frame.w = PAGE_WIDTH + 4;
	}
	p.width = frame.w - 4;
	rows = make_shown(&p, v, frame.h - 2);
	v->page_seen = rows > 0 && p.width >= PAGE_LABEL + 8;
	if (!v->page_seen) {
		put_wrapped(s, area, 0, ROLE_ALARM, _("enlarge the window"));
		return;
	}
	note_seen(v, &p, rows);
	say_more(&p, v);
	frame.h = rows + hint_rows(&p) + 2;
	for (row = 0; row < frame.h; row++)
		screen_clear_row(s, &frame, row, 0);
	inside = screen_frame(s, &frame, FRAME_PAGE, _(p.title), more(v, &p, left));
	for (row = 0; row < rows; row++)
		screen_put(s, &inside, row, 1, p.lines[row].role, p.lines[row].text);
	draw_hint(s, &inside, rows, v, &p);
}

void dialog_show(struct view *v, enum mode mode)
{
	view_open_page(v, mode);
	v->page_ms = v->now_ms - SETTLE_MS;
}

void dialog_confirm(struct view *v, bool leave)
{
	dialog_show(v, MODE_CONFIRM);
	v->confirm_ask = false;
	v->confirm_cancel = v->job.cancel;
	v->confirm_leave = leave;
	field_begin(&v->field, "", 16);
}

void dialog_ask_now(struct view *v)
{
	dialog_confirm(v, false);
	v->confirm_ask = true;
	v->confirm_cancel = CANCEL_DETACH;
}

static bool scrolls(struct view *v, int code)
{
	int page = v->page_rows > 1 ? v->page_rows - 1 : 1;

	switch (code) {
	case K_UP:
		v->scroll--;
		break;
	case K_DOWN:
		v->scroll++;
		break;
	case K_PAGE_UP:
		v->scroll -= page;
		break;
	case K_PAGE_DOWN:
		v->scroll += page;
		break;
	default:
		return false;
	}
	v->too_early = v->wrong_word = false;
	return true;
}

/* Where a word is asked for, letters move while none of it was typed. */
static int moving_code(const struct view *v, const struct key *key)
{
	if (!*word_of(v) || v->field.text[0] || key->pasted)
		return key->code;
	switch (key->code) {
	case ' ':
	case 'f':
		return K_PAGE_DOWN;
	case 'b':
		return K_PAGE_UP;
	case 'j':
		return K_DOWN;
	case 'k':
		return K_UP;
	default:
		return key->code;
	}
}

/* Only a word typed by hand counts; a paste can only say no. */
static enum verdict take_paste(struct view *v, const struct key *key)
{
	if (!v->pasted)
		field_begin(&v->field, "", v->field.room);
	v->pasted = true;
	if (key->code == K_ENTER)
		return strcmp(v->field.text, "no") ? VERDICT_NONE : VERDICT_NO;
	return field_key(&v->field, key) == FIELD_LEFT ? VERDICT_NO : VERDICT_NONE;
}

static enum verdict type_word(struct view *v, const struct key *key)
{
	bool no;

	if (key->pasted)
		return take_paste(v, key);
	no = !strcmp(v->field.text, "no");
	if (v->pasted && !(no && key->code == K_ENTER))
		field_begin(&v->field, "", v->field.room);
	v->pasted = v->wrong_word = v->too_early = false;
	switch (field_key(&v->field, key)) {
	case FIELD_DONE:
		if (v->mode == MODE_CONFIRM || no)
			return strcmp(v->field.text, word_of(v)) ? VERDICT_NO : VERDICT_YES;
		v->wrong_word = strcmp(v->field.text, word_of(v)) != 0;
		v->too_early = !v->wrong_word && v->page_left != 0;
		if (!v->wrong_word && !v->too_early)
			return VERDICT_YES;
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

/* The name of the report; Tab changes what stands in it. */
static enum verdict type_name(struct view *v, const struct key *key)
{
	v->message[0] = '\0';
	switch (field_key(&v->field, key)) {
	case FIELD_DONE:
		return v->field.text[0] ? VERDICT_YES : VERDICT_NO;
	case FIELD_LEFT:
		return VERDICT_NO;
	case FIELD_NEXT:
		v->anonymize = !v->anonymize;
		break;
	case FIELD_GOES_ON:
		break;
	}
	return VERDICT_NONE;
}

/* Pages that offer others. */
static enum verdict leave_for(const struct view *v, int code)
{
	if (v->record[0] && code == 'd')
		return VERDICT_DIAGNOSIS;
	return v->record[0] && code == 'R' ? VERDICT_REPORT : VERDICT_NO;
}

static bool moves(struct view *v, int code)
{
	bool up = code == K_UP || code == 'k', down = code == K_DOWN || code == 'j';

	if (!has_list(v) || (!up && !down))
		return scrolls(v, code);
	if (up && v->open_row > 0)
		v->open_row--;
	if (down && v->open_row + 1 < v->open_count)
		v->open_row++;
	v->scroll = SCROLL_TO_MARK;
	return true;
}

static enum verdict choose_open(struct view *v, const struct key *key)
{
	v->pasted = key->pasted;
	switch (key->code) {
	case K_ENTER:
	case 'y':
		return key->pasted ? VERDICT_NONE : VERDICT_YES;
	case 'n':
	case 'q':
	case K_ESC:
	case K_CTRL_C:
		return VERDICT_NO;
	default:
		return VERDICT_NONE;
	}
}

/* What asked for a cancel comes again while it is held: it undoes nothing. */
static bool repeats_cancel(const struct view *v, const struct key *key)
{
	return v->mode == MODE_CONFIRM &&
	       (key->code == K_CTRL_C || (key->code == 'c' && !v->field.text[0]));
}

static enum verdict confirm(struct view *v, const struct key *key)
{
	v->pasted = key->pasted;
	if (key->pasted)
		return VERDICT_NONE;
	/* the risk is read before it is taken; a cancel is never held up */
	v->too_early = key->code == 'y' && v->confirm_ask && v->page_left > 0;
	if (v->too_early)
		return VERDICT_NONE;
	return key->code == 'y' ? VERDICT_YES : VERDICT_NO;
}

/* A page that any key leaves is left by none of a burst, but that of a cancel. */
static bool is_of_burst(struct view *v, const struct key *key)
{
	bool any = v->mode == MODE_HELP || v->mode == MODE_WHOLE || v->mode == MODE_DIAGNOSIS || v->mode == MODE_RESULT;

	if (any)
		v->pasted = key->pasted && key->code != K_CTRL_C;
	return any && v->pasted;
}

enum verdict dialog_key(struct view *v, const struct key *key)
{
	if (moves(v, moving_code(v, key)) || is_of_burst(v, key))
		return VERDICT_NONE;
	if (v->mode == MODE_HELP || v->mode == MODE_WHOLE)
		return VERDICT_NO;
	if (v->mode == MODE_DIAGNOSIS)
		return leave_for(v, key->code);
	if (v->mode == MODE_REPORT)
		return type_name(v, key);
	/* a cancel that was meant for the panes means no here as well */
	if (v->now_ms - v->page_ms < SETTLE_MS)
		return v->mode == MODE_QUESTION && key->code == K_CTRL_C ? VERDICT_NO : VERDICT_NONE;
	if (v->mode == MODE_RESULT)
		return leave_for(v, key->code);
	if (!v->page_seen)	/* no room to draw it */
		return key->code == K_CTRL_C ? VERDICT_NO : VERDICT_NONE;
	if (v->mode == MODE_UNFINISHED)
		return choose_open(v, key);
	if (repeats_cancel(v, key))
		return VERDICT_NONE;
	return *word_of(v) ? type_word(v, key) : confirm(v, key);
}

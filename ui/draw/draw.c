#include "config.h"

#include "ui/draw/draw.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "ui/draw/dialog.h"
#include "ui/draw/layout.h"
#include "ui/draw/pane.h"
#include "ui/draw/pane_browser.h"
#include "ui/draw/pane_fleet.h"
#include "ui/draw/pane_replay.h"
#include "ui/draw/put.h"
#include "ui/term/cells.h"
#include "ui/term/keys.h"

#define LIST_ROWS 5
#define RANKS 9
#define RANK_SELDOM 5	/* keys of a higher one */
#define TINY_WIDTH 8	/* from here on at least the safety words are shown */

struct canvas {
	struct screen *screen;
	struct view *view;
	struct layout layout;
};

/* The module of an unfinished upgrade, before it has reported who it is. */
static const struct identity *watched(const struct view *v)
{
	return v->job.running && v->job.job == JOB_RESUME ? &v->open[v->open_row].module : NULL;
}

/* As much around the port as there is room for. */
static void put_port(struct canvas *c, const struct area *a, int column, const char *port)
{
	static const char dev[] = "/dev/";
	char text[FILE_SIZE + 32];
	int room = a->w - column;

	snprintf(text, sizeof(text), _("module on %s"), port);
	if (cells_width(text) > room)
		snprintf(text, sizeof(text), "%s", port);
	if (cells_width(text) > room && !strncmp(port, dev, strlen(dev)))
		snprintf(text, sizeof(text), "%s", port + strlen(dev));
	screen_put(c->screen, a, 0, column, ROLE_TEXT, text);
}

static void draw_title(struct canvas *c)
{
	const struct view *v = c->view;
	const struct phase_info *phase = phase_info(view_phase(v));
	struct area a = c->layout.title;
	char port[FILE_SIZE], text[FILE_SIZE + VERSION_SIZE + 32], safety[VIEW_SAFETY];
	int column;
	enum role role = phase->at_risk ? ROLE_ALARM : ROLE_GOOD;

	a.w = screen_put_right(c->screen, &a, 0, 1, role, view_safety(v, safety)) - 1;
	if (a.w == c->layout.title.w - 1) {	/* room for nothing else */
		screen_put(c->screen, &c->layout.title, 0, 0, role, safety);
		return;
	}
	if (v->replay.on && !(v->replay.within && (v->replay.live || v->replay.at_end))) {
		pane_replay_title(c->screen, &a, v);
		return;
	}
	column = screen_put(c->screen, &a, 0, 1, ROLE_TITLE, v->demo ? _("dfota demo") : "dfota") + 3;
	text_safe_str(port, sizeof(port), watched(v) ? watched(v)->port : v->plan.port);
	snprintf(text, sizeof(text), _("%s on %s"), v->identity.version, v->identity.port);
	if (v->identified)
		screen_put(c->screen, &a, 0, column, ROLE_TEXT,
			   column + cells_width(text) <= a.w ? text : v->identity.version);
	else if (*port)
		put_port(c, &a, column, port);
	else
		screen_put(c->screen, &a, 0, column, ROLE_DIM, _("no module chosen"));
}

static void draw_pane(struct canvas *c, enum pane_id id)
{
	const struct pane *pane = pane_of(id);
	const struct area *a = &c->layout.panes[id], *line = &c->layout.lines[id];
	struct area inside = *a;
	char status[160] = "";
	bool focus = c->view->focus == id;

	if (line->h) {
		screen_putf(c->screen, line, 0, 0, focus ? ROLE_FOCUS : ROLE_TITLE, "%.1s", _(pane->title));
		pane->draw_line(c->screen, line, c->view);
	}
	if (!a->h)
		return;
	if (pane->status)
		pane->status(c->view, status, sizeof(status));
	if (c->layout.framed)
		inside = screen_frame(c->screen, a, focus ? FRAME_FOCUS : FRAME_PANE, _(pane->title), status);
	pane->draw(c->screen, &inside, c->view);
}

/* The column of the tab of PANE. */
static int tab_column(enum pane_id pane)
{
	int column = 1;

	for (unsigned i = 0; i < (unsigned)pane; i++)
		column += cells_width(_(pane_of((enum pane_id)i)->title)) + 1;
	return column;
}

static void draw_tabs(struct canvas *c)
{
	const struct area *a = &c->layout.tabs;
	unsigned i;

	for (i = 0; i < PANE_COUNT && a->h; i++)
		screen_put(c->screen, a, 0, tab_column((enum pane_id)i),
			   c->view->focus == i ? ROLE_FOCUS : ROLE_TEXT, _(pane_of((enum pane_id)i)->title));
}

/* That nothing was recorded yet is no news. */
static bool worth_a_word(const struct action_info *info, const char *refusal)
{
	return *refusal && info->when != WHEN_STORED;
}

/* The key bar, item by item: actions up to RANK; those that are refused stand in
 * brackets, with the reason for the first REASONS of them. */
struct bar {
	int rank, reasons;
	unsigned next;		/* action to look at */
	enum action action;	/* of the item */
	bool refused;
	int column, width;
	char text[320];
};

static struct bar bar_of(int rank, int reasons)
{
	return (struct bar){ .rank = rank, .reasons = reasons, .column = -1 };
}

/* To the next item; false past the last. */
static bool next_item(struct bar *b, const struct view *v)
{
	while (b->next < ACTION_COUNT) {
		enum action action = (enum action)b->next++;
		const struct action_info *info = action_info(action);
		const char *refusal = view_refusal(v, action);
		bool reason;

		if (!info->rank || info->rank > b->rank || (refusal && !worth_a_word(info, refusal)) ||
		    !view_offers(v, action))
			continue;
		reason = refusal && b->reasons-- > 0;
		snprintf(b->text, sizeof(b->text), "%s%s %s%s%s%s", refusal ? "(" : "", _(info->shown),
			 view_label(v, action), reason ? _(": ") : "", reason ? refusal : "", refusal ? ")" : "");
		b->column += b->width + 2;
		b->width = cells_width(b->text);
		b->action = action;
		b->refused = refusal != NULL;
		return true;
	}
	return false;
}

static int bar_width(const struct view *v, struct bar b)
{
	while (next_item(&b, v))
		;
	return b.column + b.width;
}

/* As many keys as there is room for, and as many reasons: the first one, which is why s
 * waits, is worth more than the keys that are seldom used. */
static struct bar fit_bar(const struct view *v, int width)
{
	int rank = RANKS, reasons = 0;

	while (rank > RANK_SELDOM && bar_width(v, bar_of(rank, 1)) > width)
		rank--;
	while (rank > 1 && bar_width(v, bar_of(rank, 0)) > width)
		rank--;
	while (reasons < ACTION_COUNT && bar_width(v, bar_of(rank, reasons + 1)) <= width)
		reasons++;
	return bar_of(rank, reasons);
}

static void draw_key_bar(struct canvas *c)
{
	struct bar b = fit_bar(c->view, c->layout.bar.w);

	while (next_item(&b, c->view))
		screen_put(c->screen, &c->layout.bar, 0, b.column, b.refused ? ROLE_DIM : ROLE_TEXT, b.text);
}

/* Over the panes, so that it ends in the row before END. */
static void put_over(struct canvas *c, int end, enum role role, const char *text)
{
	struct area a = c->layout.bar;
	int row;

	a.h = cells_rows(text, a.w - 1);
	if (a.h > LIST_ROWS)
		a.h = LIST_ROWS;
	if (a.h > end)
		a.h = end;
	a.y = end - a.h;
	for (row = 0; row < a.h; row++)
		screen_clear_row(c->screen, &a, row, 0);
	put_wrapped(c->screen, &(struct area){ a.y, a.x + 1, a.h, a.w - 1 }, 0, role, text);
}

static void draw_completions(struct canvas *c)
{
	const struct view *v = c->view;

	if (v->field.list[0] && (v->mode == MODE_EDIT || v->mode == MODE_PROMPT))
		put_over(c, c->layout.bar.y, ROLE_TEXT, v->field.list);
}

static void draw_last_line(struct canvas *c)
{
	struct view *v = c->view;
	const struct area *bar = &c->layout.bar;
	int column;

	if (v->message[0] && v->mode != MODE_PROMPT) {
		put_over(c, bar->y + 1, v->message_bad ? ROLE_BAD : ROLE_TITLE, v->message);
		return;
	}
	switch (v->mode) {
	case MODE_PANES:
		draw_key_bar(c);
		break;
	case MODE_EDIT:
		screen_put(c->screen, bar, 0, 1, ROLE_TEXT, v->field.file ?
			   _("Enter takes it  Ctrl-C leaves it  Tab completes") :
			   _("Enter takes it  Ctrl-C leaves it  Tab takes it and goes on"));
		break;
	case MODE_PROMPT:
		column = screen_put(c->screen, bar, 0, 1, ROLE_TITLE, _(view_prompt(v->prompt)->label));
		put_field(c->screen, bar, 0, column, bar->w - column, &v->field);
		break;
	case MODE_BROWSE:
		screen_put(c->screen, bar, 0, 1, ROLE_TEXT, _(browse_keys));
		break;
	case MODE_QUESTION:
	case MODE_CONFIRM:
	case MODE_RESULT:
	case MODE_HELP:
	case MODE_WHOLE:
	case MODE_DIAGNOSIS:
	case MODE_REPORT:
	case MODE_UNFINISHED:
		break;
	}
}

static void draw_panes(struct canvas *c)
{
	draw_title(c);
	draw_tabs(c);
	for (unsigned i = 0; i < PANE_COUNT; i++)
		draw_pane(c, (enum pane_id)i);
}

void draw_view(struct screen *s, struct view *v)
{
	struct area whole = screen_area(s);
	struct area body = { whole.y + 1, whole.x, whole.h - 2, whole.w };
	struct canvas c = { .screen = s, .view = v };
	char safety[VIEW_SAFETY];

	layout_make(&c.layout, whole, v);
	v->log_view.rows = layout_log_rows(&c.layout);
	screen_begin(s);
	if (c.layout.shape == SHAPE_NOTHING && whole.w >= TINY_WIDTH)
		put_wrapped(s, &whole, 0, ROLE_ALARM, view_safety(v, safety));
	if (c.layout.shape != SHAPE_NOTHING) {
		if (v->fleet.on)
			pane_fleet_draw(s, &c.layout, v);
		else
			draw_panes(&c);
		if (v->mode == MODE_BROWSE)
			browse_draw(s, &body, v);
		if (v->mode >= MODE_QUESTION)
			dialog_draw(s, &body, v);
		draw_completions(&c);
		draw_last_line(&c);
	}
	screen_end(s);
}

/* -- where the pointer is -- */

static bool within(const struct area *a, int y, int x)
{
	return y >= a->y && y < a->y + a->h && x >= a->x && x < a->x + a->w;
}

static struct pointed on_bar(const struct view *v, const struct area *bar, int x)
{
	struct bar b = fit_bar(v, bar->w);

	while (next_item(&b, v))
		if (x >= b.column && x < b.column + b.width)
			return (struct pointed){ .what = POINTED_ACTION, .action = b.action };
	return (struct pointed){ .what = POINTED_NOTHING };
}

static struct pointed on_tab(int x)
{
	for (unsigned i = 0; i < PANE_COUNT; i++) {
		int column = tab_column((enum pane_id)i);

		if (x >= column && x < column + cells_width(_(pane_of((enum pane_id)i)->title)))
			return (struct pointed){ .what = POINTED_PANE, .pane = (enum pane_id)i, .row = -1 };
	}
	return (struct pointed){ .what = POINTED_NOTHING };
}

static struct pointed on_pane(const struct layout *l, enum pane_id id, int y, int x)
{
	struct pointed p = { .what = POINTED_PANE, .pane = id, .inside = l->panes[id] };

	if (l->framed)
		p.inside = (struct area){ p.inside.y + 1, p.inside.x + 1, p.inside.h - 2, p.inside.w - 2 };
	if (within(&l->lines[id], y, x) || !within(&p.inside, y, x))
		p.inside.h = 0;
	p.row = p.inside.h ? y - p.inside.y : -1;
	p.column = x - p.inside.x;
	return p;
}

struct pointed draw_pointed(const struct screen *s, const struct view *v, int y, int x)
{
	struct layout l;

	layout_make(&l, screen_area(s), v);
	if (within(&l.bar, y, x) && !v->message[0])
		return on_bar(v, &l.bar, x);
	if (within(&l.tabs, y, x))
		return on_tab(x);
	for (unsigned i = 0; i < PANE_COUNT; i++)
		if (within(&l.lines[i], y, x) || within(&l.panes[i], y, x))
			return on_pane(&l, (enum pane_id)i, y, x);
	return (struct pointed){ .what = POINTED_NOTHING };
}

#include "config.h"

#include "ui/draw/pane_replay.h"

#include <stdio.h>
#include <string.h>

#include "base/count.h"
#include "base/text.h"
#include "base/words.h"
#include "ui/draw/put.h"
#include "ui/term/cells.h"

#define LINE_MIN 16	/* cells of a time line beside the words */
#define HOW_WIDTH 11	/* columns of "silence cut" */
#define TWO_ROWS 6	/* rows of the pane from which on each has its own */

const char pane_replay_legend[] = N_(
	"I C F P T N R V where steps begin: Identify Check Fetch Prepare Transfer iNstall Restart Verify; "
	"= seen  - to come  : . silence, seen and to come  ! error or warning  * good end");

/* -- title -- */

static void times(const struct replay_view *r, char *out, size_t size)
{
	char time[32], end[32];

	/* live, the time goes on after the last line */
	put_duration(r->time_ms > r->end_ms ? r->time_ms : r->end_ms, end);
	snprintf(out, size, "%*s / %s", (int)strlen(end), put_duration(r->time_ms, time), end);
}

void pane_replay_title(struct screen *s, const struct area *a, const struct view *v)
{
	const struct replay_view *r = &v->replay;
	char text[160], clock[80];
	int form;

	times(r, clock, sizeof(clock));
	for (form = 0; form < 4; form++) {
		if (form == 0)
			snprintf(text, sizeof(text), _("record %s  %s"), r->when, r->program);
		else if (form == 1)
			snprintf(text, sizeof(text), _("record %s"), r->when);
		else
			snprintf(text, sizeof(text), form == 2 ? _("record %s") : "%s", form == 2 ? clock : _("record"));
		if (1 + cells_width(text) <= a->w)
			break;
	}
	screen_put(s, a, 0, 1, ROLE_TITLE, text);
}

/* -- the module -- */

/* Row ROW of what is known; false past the last. OUT is "" where nothing is. */
static bool module_row(const struct view *v, int row, char *out, size_t size)
{
	const struct identity *id = &v->identity;
	const struct replay_view *r = &v->replay;
	const char *port = v->identified && id->port[0] ? id->port : v->plan.port;
	char count[28];

	out[0] = '\0';
	if (!v->identified && row > 0 && row < 5)
		return true;
	switch (row) {
	case 0:
		if (*port && v->plan.baud)
			snprintf(out, size, _("%s  %s baud"), port, text_count(count, (unsigned)v->plan.baud));
		else
			snprintf(out, size, "%s", port);
		return true;
	case 1:
		snprintf(out, size, "%s %s", id->maker, id->model);
		return true;
	case 2:		/* by itself: it is copied from here, and whole */
		snprintf(out, size, "IMEI %s", id->imei[0] ? id->imei : _("not known"));
		return true;
	case 3:
		snprintf(out, size, "%s", id->version);
		return true;
	case 4:
		if (id->usb_path[0])
			snprintf(out, size, _("USB %s  interface %d%s%s"), id->usb_path, id->usb_interface,
				 id->serial[0] ? _("  serial ") : "", id->serial);
		return true;
	case 5:
		if (r->host[0] || r->system[0])
			snprintf(out, size, _("on %s  %s"), r->host, r->system);
		return true;
	default:
		return false;
	}
}

void pane_replay_module(struct screen *s, const struct area *a, const struct view *v)
{
	struct area upper = { a->y, a->x + 1, a->h, a->w - 2 }, lower = upper;
	int row = 0, i;
	char text[FILE_SIZE + 64];

	lower.h = cells_rows(v->replay.problem, lower.w);
	if (lower.h > upper.h - 1)
		lower.h = upper.h - 1;
	if (lower.h > 0)
		upper.h -= lower.h;
	for (i = 0; module_row(v, i, text, sizeof(text)); i++)
		row = put_wrapped(s, &upper, row, i == 5 ? ROLE_DIM : ROLE_TEXT, text);
	lower.y = upper.y + upper.h;
	put_wrapped(s, &lower, 0, ROLE_BAD, v->replay.problem);
}

void pane_replay_whole(struct page *p, const struct view *v)
{
	char text[FILE_SIZE + 64];

	for (int i = 0; module_row(v, i, text, sizeof(text)); i++)
		if (*text)
			page_add_after(p, ROLE_TEXT, "", text);
	page_add(p, ROLE_BAD, "Problem", "%s", v->replay.problem);
	page_add(p, ROLE_DIM, "Record", "%s", v->record);
}

void pane_replay_module_line(struct screen *s, const struct area *a, const struct view *v)
{
	char text[FILE_SIZE + 64];
	static const int rows[] = {3, 1, 2};	/* the version before all */
	int column;

	module_row(v, 0, text, sizeof(text));
	column = screen_put(s, a, 0, 2, ROLE_TEXT, text) + 2;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (module_row(v, rows[i], text, sizeof(text)) && *text && column < a->w)
			column = screen_put(s, a, 0, column, ROLE_TEXT, text) + 2;
}

/* -- the time line -- */

static int cell_of(const struct replay_view *r, int width)
{
	int64_t t = r->time_ms < r->end_ms ? r->time_ms : r->end_ms;
	int cell = r->end_ms > 0 && t > 0 ? (int)((double)t / (double)r->end_ms * width) : 0;

	return r->at_end || cell >= width ? width - 1 : cell;
}

/* The stretches of WIDTH cells: silence, where it takes two cells and more,
 * and the rest. Up to HERE they were seen. */
static void put_stretches(const struct replay_view *r, char *line, int width, int here)
{
	bool silent[VIEW_TIME_CELLS + 2] = { false };	/* with one before and after */
	int i;

	for (i = 0; i < width; i++)
		silent[i + 1] = true;
	for (i = 0; i < VIEW_TIME_CELLS; i++)
		if (!r->cells[i].silent)
			silent[i * width / VIEW_TIME_CELLS + 1] = false;
	for (i = 0; i < width; i++) {
		if (silent[i + 1] && (silent[i] || silent[i + 2]))
			line[i] = i <= here ? ':' : '.';
		else
			line[i] = i <= here ? '=' : '-';
	}
}

/* Where the marks of WIDTH cells stand. */
struct placed {
	int count, passed;	/* those that were passed */
	int at[VIEW_TIME_CELLS];
	char marks[VIEW_TIME_CELLS];
};

/* Those of one cell spread to the right, but not far: where there are more,
 * some are left out. With few cells errors are left out first. */
static void place_marks(struct placed *p, const struct view *v, int width, bool errors)
{
	const struct replay_view *r = &v->replay;
	char now = v->job.step_known ? view_step_letter(v->job.step) : '\0';
	int i, cell, next = 0, here = cell_of(r, VIEW_TIME_CELLS);
	const char *mark;

	p->count = p->passed = 0;
	for (i = 0; i < VIEW_TIME_CELLS; i++) {
		cell = i * width / VIEW_TIME_CELLS;
		next = next < cell ? cell : next;
		for (mark = r->cells[i].marks; *mark && p->count < width && next <= cell + VIEW_TIME_MARKS; mark++) {
			if (*mark == '!' && !errors)
				continue;
			p->marks[p->count] = *mark;
			p->at[p->count++] = next++;
			if (i < here || (i == here && *mark == now))
				p->passed = p->count;
		}
	}
	for (i = p->count - 1, next = width; i >= 0; i--) {
		next = next > p->at[i] ? p->at[i] : next - 1;
		p->at[i] = next;
	}
}

/* The marks over the stretches. Returns the cell of the last one that was
 * passed, -1 for none. */
static int put_marks(const struct view *v, char *line, int width)
{
	struct placed p;
	int i;

	place_marks(&p, v, width, true);
	if (p.count > width / 2) {
		for (i = 0; i < VIEW_TIME_CELLS; i++)
			if (strchr(v->replay.cells[i].marks, '!'))
				line[i * width / VIEW_TIME_CELLS] = '!';
		place_marks(&p, v, width, false);
	}
	for (i = 0; i < p.count; i++)
		line[p.at[i]] = p.marks[i];
	return p.passed ? p.at[p.passed - 1] : -1;
}

/* Where we are stands out by its look, and by where = becomes -. It is never
 * before what was passed, though that may have moved. */
static void put_cells(struct screen *s, const struct area *a, int row, int width, const struct view *v)
{
	char line[VIEW_TIME_CELLS + 1], text[2] = "";
	int i, here, passed;

	if (width > VIEW_TIME_CELLS)
		width = VIEW_TIME_CELLS;
	here = cell_of(&v->replay, width);
	put_stretches(&v->replay, line, width, here);
	passed = put_marks(v, line, width);
	here = here < passed ? passed : here;
	for (i = 0; i < width; i++) {
		text[0] = line[i];
		screen_put(s, a, row, i, i == here ? ROLE_FOCUS : *text == '!' ? ROLE_BAD : ROLE_TEXT, text);
	}
}

static const char *how_it_runs(const struct replay_view *r)
{
	if (r->live)
		return _("live");
	if (r->playing)
		return r->cuts ? _("silence cut") : _("playing");
	return r->at_end && !r->growing ? _("the end") : _("stopped");
}

int pane_replay_time(struct screen *s, const struct area *a, const struct view *v)
{
	const struct replay_view *r = &v->replay;
	struct area inside = { a->y, a->x + 1, a->h, a->w - 2 };
	char clock[80], words[128], speed[12];
	const char *how = how_it_runs(r);
	int width, rows = a->h >= TWO_ROWS ? 2 : 1, room = HOW_WIDTH - cells_width(how);

	times(r, clock, sizeof(clock));
	snprintf(speed, sizeof(speed), "%dx", r->speed);
	/* of one width, so that the cells beside it stand still */
	snprintf(words, sizeof(words), "%s  %5s %s%*s", clock, speed, how, room > 0 ? room : 0, "");
	width = inside.w - cells_width(words) - 1;
	if (width >= LINE_MIN)
		rows = 1;
	if (a->h < rows)
		return 0;
	if (width >= LINE_MIN) {
		put_cells(s, &inside, a->h - 1, width, v);
		screen_put(s, &inside, a->h - 1, width + 1, ROLE_TITLE, words);
		return rows;
	}
	screen_put(s, &inside, a->h - rows, 0, ROLE_TITLE, words);
	if (rows == 2)
		put_cells(s, &inside, a->h - 1, inside.w, v);
	return rows;
}

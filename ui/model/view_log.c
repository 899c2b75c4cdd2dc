#include "config.h"

#include "ui/model/view.h"

#include <stdio.h>
#include <string.h>

uint64_t view_log_end(const struct view *v)
{
	return v->log_view.frozen ? v->log_view.frozen_shown : log_shown_end(v->log);
}

static uint64_t last_top(const struct view *v)
{
	uint64_t first = log_shown_first(v->log), end = view_log_end(v);
	uint64_t rows = v->log_view.rows > 0 ? (uint64_t)v->log_view.rows : 1;

	return end > first + rows ? end - rows : first;
}

uint64_t view_log_top(const struct view *v)
{
	uint64_t first = log_shown_first(v->log);

	if (v->log_view.follow)
		return last_top(v);
	return v->log_view.top > first ? v->log_view.top : first;
}

uint64_t view_log_at(const struct view *v, int row)
{
	const struct log_view *l = &v->log_view;

	if (!l->slow)
		return view_log_top(v) + (uint64_t)row;
	return row < l->slow_count ? l->slow_at[row] : view_log_end(v);
}

static void fill_slow(struct log_view *l, uint64_t top, uint64_t end)
{
	l->slow = true;
	l->slow_count = 0;
	l->skipped = 0;
	while (top < end && l->slow_count < l->rows)
		l->slow_at[l->slow_count++] = top++;
}

static void add_slow(struct log_view *l, uint64_t end)
{
	l->skipped += end - l->slow_end - 1;
	if (l->slow_count == l->rows)
		memmove(l->slow_at, l->slow_at + 1, (size_t)--l->slow_count * sizeof(l->slow_at[0]));
	l->slow_at[l->slow_count++] = end - 1;
}

void view_log_advance(struct view *v, bool slow)
{
	struct log_view *l = &v->log_view;
	uint64_t end = view_log_end(v);
	bool more = end > l->slow_end, again = !l->slow || end < l->slow_end || l->slow_count > l->rows;

	if (!slow || !l->follow || v->replay.on || l->rows < 1 || l->rows > LOG_SLOW_ROWS)
		l->slow = false;
	else if (again || (more ? !l->slow_more : l->skipped > 0))	/* what came at once, or time to catch up */
		fill_slow(l, last_top(v), end);
	else if (more)
		add_slow(l, end);
	l->slow_more = more && !again;
	l->slow_end = end;
}

void view_log_hold(struct view *v, bool hold)
{
	if (hold && v->log_view.follow) {
		v->log_view.top = view_log_top(v);
		v->log_view.arrived = log_end(v->log);
	}
	v->log_view.follow = !hold;
	if (!hold)
		v->log_view.marked = 0;
}

void view_log_freeze(struct view *v, bool freeze)
{
	v->log_view.frozen = freeze;
	v->log_view.frozen_shown = log_shown_end(v->log);
	v->log_view.frozen_end = log_end(v->log);
}

void view_log_scroll(struct view *v, int64_t by)
{
	uint64_t top = view_log_top(v), first = log_shown_first(v->log), last = last_top(v);

	view_log_hold(v, true);
	if (by < 0)
		top = top - first > (uint64_t)-by ? top - (uint64_t)-by : first;
	else
		top = top < last && last - top > (uint64_t)by ? top + (uint64_t)by : last;
	v->log_view.top = top;
}

/* Put the line with NUMBER in the middle of the pane. */
static void log_go_to(struct view *v, uint64_t number)
{
	uint64_t position = log_shown_at(v->log, number), last = last_top(v);
	uint64_t half = (uint64_t)v->log_view.rows / 2, first = log_shown_first(v->log);

	view_log_hold(v, true);
	position = position > first + half ? position - half : first;
	v->log_view.top = position < last ? position : last;
}

/* Show what is asked for, around the line that stood at the top. */
static void apply_filter(struct view *v)
{
	uint64_t top, number = 0;

	view_log_freeze(v, false);
	top = view_log_top(v);
	if (top < log_shown_end(v->log))
		number = log_shown(v->log, top);
	v->log_view.slow = false;
	log_filter(v->log, v->log_view.filtered ? v->log_view.text : "", v->log_view.urc_only);
	if (v->log_view.follow)
		return;
	v->log_view.top = log_shown_at(v->log, number);
	if (v->log_view.top > last_top(v))
		v->log_view.top = last_top(v);
}

void view_log_filter(struct view *v, const char *text)
{
	snprintf(v->log_view.text, sizeof(v->log_view.text), "%s", text);
	v->log_view.filtered = v->log_view.text[0] != '\0';
	apply_filter(v);
}

void view_log_urc_only(struct view *v, bool urc_only)
{
	v->log_view.urc_only = urc_only;
	apply_filter(v);
}

void view_log_show_all(struct view *v)
{
	if (v->log_view.filtered || v->log_view.urc_only)
		log_filter(v->log, "", false);
	v->log_view.filtered = v->log_view.urc_only = false;
}

static bool wanted(const struct view *v, uint64_t number, bool error)
{
	struct log_line line;

	if (!error)
		return log_holds(v->log, number, v->log_view.text);
	return log_get(v->log, number, &line) && line.error;
}

/* Where the search begins: the line it went to last, or the edge of what is
 * seen, so that the first line seen can be a hit. */
static uint64_t search_start(const struct view *v, bool back)
{
	uint64_t top = view_log_top(v), first = log_first(v->log), end = log_end(v->log);

	if (v->log_view.marked > first)
		return v->log_view.marked - 1;
	if (v->log_view.follow || top >= log_shown_end(v->log))
		return back ? end : end - 1;	/* forward: from the first on */
	return log_shown(v->log, top) + (back ? 0 : end - first - 1);
}

bool view_log_find(struct view *v, bool error, bool back)
{
	uint64_t first = log_first(v->log), count = log_end(v->log) - first;
	uint64_t start, i, number;

	if (!count)
		return false;
	start = search_start(v, back) - first;
	for (i = 1; i <= count; i++) {
		number = first + (back ? start + count - i : start + i) % count;
		if (!wanted(v, number, error))
			continue;
		view_log_show_all(v);	/* hits are shown among the lines around them */
		v->log_view.marked = number + 1;
		log_go_to(v, number);
		return true;
	}
	return false;
}

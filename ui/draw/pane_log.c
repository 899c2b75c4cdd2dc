#include "config.h"

#include "ui/draw/pane.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "ui/draw/put.h"
#include "ui/term/cells.h"

#define HEX_BYTES 16
#define SIDE_STEP 16

static const char signs[] = {
	[LOG_SENT] = '>',
	[LOG_RECEIVED] = '<',
	[LOG_NOTE] = '-',
	[LOG_WARNING] = '!',
};

static void put_hex(const struct log_line *line, size_t from, char *out, size_t size)
{
	char letters[HEX_BYTES + 1] = "";
	size_t i;
	int n = 0;

	for (i = 0; i < HEX_BYTES; i++) {
		if (from + i >= line->raw_size) {
			n += snprintf(out + n, size - (size_t)n, "   ");
			continue;
		}
		n += snprintf(out + n, size - (size_t)n, "%02x ", line->raw[from + i]);
		letters[i] = line->raw[from + i] >= ' ' && line->raw[from + i] < 0x7f ?
			     (char)line->raw[from + i] : '.';
	}
	snprintf(out + n, size - (size_t)n, " %s", letters);
}

/* "  12.060 < ". Returns its length. */
static int put_time(const struct log_line *line, char *out, size_t size)
{
	int64_t t = line->t_ms < 0 ? 0 : line->t_ms;
	bool module = line->kind == LOG_SENT || line->kind == LOG_RECEIVED;

	return snprintf(out, size, "%4lld.%03lld %c%c", (long long)(t / 1000), (long long)(t % 1000),
			signs[line->kind], line->error && module ? '!' : ' ');
}

bool log_line_text(const struct log_line *line, bool hex, int from, char *out, size_t size)
{
	bool module = line->kind == LOG_SENT || line->kind == LOG_RECEIVED;
	int n = put_time(line, out, size);

	if (hex && module) {
		if ((size_t)from >= line->raw_size && from > 0)
			return false;
		put_hex(line, (size_t)from, out + n, size - (size_t)n);
		return true;
	}
	/* moved sideways: the mark of what is left of it takes a column */
	if (from > 0)
		snprintf(out + n, size - (size_t)n, "~%s", line->text + cells_fit(line->text, from + 1));
	else
		snprintf(out + n, size - (size_t)n, "%s", line->text);
	return true;
}

static enum role role_of(const struct log_line *line)
{
	if (line->error)
		return ROLE_BAD;
	return line->kind == LOG_SENT ? ROLE_TITLE : line->kind == LOG_NOTE ? ROLE_DIM : ROLE_TEXT;
}

/* Why no line is shown, and what brings one. */
static const char *nothing_shown(const struct view *v)
{
	if (v->log_view.filtered)
		return N_("no line holds this text: / and an empty text show all lines");
	if (v->log_view.urc_only)
		return N_("nothing came unasked yet: u shows all lines");
	return v->replay.on ? "" : N_("nothing was sent yet");
}

static void draw(struct screen *s, const struct area *a, const struct view *v)
{
	uint64_t position, end = view_log_end(v), number;
	struct log_line line;
	char text[TEXT_SIZE + 32];
	int row;

	if (view_log_at(v, 0) >= end)
		put_wrapped(s, &(struct area){ a->y, a->x + 1, a->h, a->w - 2 }, 0, ROLE_DIM, _(nothing_shown(v)));
	for (row = 0; row < a->h && (position = view_log_at(v, row)) < end; row++) {
		number = log_shown(v->log, position);
		if (!log_get(v->log, number, &line))
			continue;
		log_line_text(&line, v->log_view.hex, v->log_view.left, text, sizeof(text));
		screen_put(s, a, row, 0, v->log_view.marked == number + 1 ? ROLE_FOCUS : role_of(&line), text);
	}
}

/* The lines that are seen. */
static void whole(struct page *p, const struct view *v)
{
	uint64_t position, end = view_log_end(v);
	struct log_line line;
	char start[40];

	for (int row = 0; row < v->log_view.rows && (position = view_log_at(v, row)) < end; row++) {
		if (!log_get(v->log, log_shown(v->log, position), &line))
			continue;
		put_time(&line, start, sizeof(start));
		page_add_after(p, role_of(&line), start, line.text);
	}
}

/* In a record the lines to come count, too; how it runs stands in pane 4. */
static void record_status(const struct view *v, const char *filter, char *out, size_t size)
{
	char counts[2][28];

	snprintf(out, size, _("%s%s  %s of %s"), filter, v->log_view.hex ? _("  hex") : "",
		 text_count(counts[0], view_log_end(v)), text_count(counts[1], log_found_end(v->log)));
}

static void status(const struct view *v, char *out, size_t size)
{
	const struct log_view *l = &v->log_view;
	uint64_t end = l->frozen ? l->frozen_end : log_end(v->log), first = log_first(v->log);
	uint64_t shown_count = view_log_end(v) - log_shown_first(v->log);
	char filter[96], counts[2][28], dropped[64] = "", held[48], safe[64];

	snprintf(filter, sizeof(filter), "%s", l->urc_only ? "URC" : _("all"));
	if (l->filtered) {
		text_safe_str(safe, sizeof(safe), l->text);
		snprintf(filter, sizeof(filter), "%s\"%.20s\"", l->urc_only ? "URC " : "", safe);
	}
	if (v->replay.on) {
		record_status(v, filter, out, size);
		return;
	}
	if (l->slow && l->skipped) {	/* no more figures than one: each costs a slow line bytes */
		snprintf(out, size, _("%s  %s skipped"), filter, text_count(counts[0], l->skipped));
		return;
	}
	if (first + l->lost)
		snprintf(dropped, sizeof(dropped), _("  %s dropped"), text_count(counts[0], first + l->lost));
	if (!l->follow && end > l->arrived)
		snprintf(held, sizeof(held), _("held +%s"), text_count(counts[0], end - l->arrived));
	else
		snprintf(held, sizeof(held), "%s", l->follow ? _("follow") : _("held"));
	snprintf(out, size, _("%s%s  %s of %s%s  %s"),
		 filter, l->hex ? _("  hex") : "",
		 text_count(counts[0], shown_count), text_count(counts[1], end - first), dropped, held);
}

static enum pane_request act(struct view *v, enum action action)
{
	struct log_view *l = &v->log_view;

	switch ((int)action) {
	case ACTION_UP:
		view_log_scroll(v, -1);
		break;
	case ACTION_DOWN:
		view_log_scroll(v, 1);
		break;
	case ACTION_PAGE_UP:
		view_log_scroll(v, -l->rows);
		break;
	case ACTION_PAGE_DOWN:
		view_log_scroll(v, l->rows);
		break;
	case ACTION_FIRST:
		view_log_scroll(v, -(int64_t)LOG_LINES);
		break;
	case ACTION_LAST:
		view_log_hold(v, false);
		break;
	case ACTION_LEFT:
		l->left = l->left > SIDE_STEP ? l->left - SIDE_STEP : 0;
		break;
	case ACTION_RIGHT:
		if (l->left < TEXT_SIZE)
			l->left += SIDE_STEP;
		break;
	default:
		break;
	}
	return PANE_REQUEST_NONE;
}

const struct pane pane_log = { N_("3 AT log"), status, draw, NULL, act, whole, NULL };

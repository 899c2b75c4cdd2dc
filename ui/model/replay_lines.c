#include "config.h"

#include "ui/model/replay_state.h"

#include <stdio.h>
#include <string.h>

#include "base/words.h"

/* What the log shows. */
#define LOG_KINDS (BIT(LINE) | BIT(NOTICE) | BIT(QUESTION) | BIT(ANSWER) | BIT(RESULT) | \
		   BIT(RESUMED) | BIT(CLOSED) | BIT(GAP))

/* -- the log -- */

static uint64_t count_lines(void *context)
{
	return record_count(((const struct replay *)context)->record);
}

static bool next_line(void *context, uint64_t from, const char *text, bool urc_only, uint64_t *number)
{
	struct record *r = ((struct replay *)context)->record;
	unsigned kinds = urc_only ? BIT(LINE) : LOG_KINDS;

	while (*text ? record_search(r, from, false, text, &from) : record_find(r, from, false, kinds, false, &from)) {
		if (urc_only && !record_class(r, from).urc)
			continue;
		*number = from;
		return true;
	}
	return false;
}

/* What the log shows of an event that was no line then, but a page or a key. */
static const char *describe(struct replay *p)
{
	const struct event *ev = &p->event;
	const struct question *q = &ev->question;
	char words[TEXT_SIZE];

	switch ((int)ev->type) {
	case EVENT_NOTICE:
		return message_text(&ev->notice.message, FOR_SCREEN, p->text, sizeof(p->text));
	case EVENT_QUESTION:
		snprintf(p->text, sizeof(p->text), _("asked: install %s over %s with %s?"),
			 q->to[0] ? q->to : _("the package"), q->from, q->command);
		return p->text;
	case EVENT_ANSWER:
		snprintf(p->text, sizeof(p->text), _("answered: %s"), ask_name(ev->answer));
		return ev->answer == ASK_LOST ? _("the terminal went away") : p->text;
	case EVENT_RESULT:
		snprintf(p->text, sizeof(p->text), _("result: %s: %s"), outcome_info(ev->result.outcome)->name,
			 message_text(&ev->result.what, FOR_SCREEN, words, sizeof(words)));
		return p->text;
	case EVENT_RESUMED:
		return _("a later run of the program goes on from here");
	case EVENT_CLOSED:
		return _("abandoned by the operator");
	case EVENT_GAP:
		return _("lines are missing here");
	default:
		return "";
	}
}

static bool get_line(void *context, uint64_t number, struct log_line *line)
{
	struct replay *p = context;
	struct event *ev = &p->event;
	struct record_class class = record_class(p->record, number);

	*line = (struct log_line){ .t_ms = record_time_ms(p->record, number), .error = class.error,
				   .kind = class.error ? LOG_WARNING : LOG_NOTE, .urc = class.urc };
	if (!record_event(p->record, number, ev)) {
		line->text = _("this line of the record can't be read");
	} else if (ev->type != EVENT_LINE) {
		line->text = describe(p);
	} else {
		line->kind = ev->line.dir == LINE_TX ? LOG_SENT : LOG_RECEIVED;
		line->text = ev->line.text;
		line->raw = ev->line.raw;
		line->raw_size = ev->line.raw_size;
	}
	if (!line->raw_size) {
		line->raw = (const unsigned char *)line->text;
		line->raw_size = strlen(line->text);
	}
	return true;
}

const struct log_source replay_log = { count_lines, get_line, next_line };

/* -- the time line -- */

static int64_t time_of_cell(const struct replay *p, size_t cell)
{
	return (int64_t)((double)p->view->replay.end_ms * (double)cell / VIEW_TIME_CELLS);
}

/* The first line of each cell. */
static void find_cells(struct replay *p, uint64_t first[VIEW_TIME_CELLS + 1])
{
	uint64_t count = record_count(p->record);
	size_t i;

	first[0] = 0;
	for (i = 1; i < VIEW_TIME_CELLS; i++) {
		first[i] = record_at(p->record, time_of_cell(p, i));
		if (first[i] < first[i - 1])
			first[i] = first[i - 1];
	}
	first[VIEW_TIME_CELLS] = count;
}

bool replay_silence_before(struct replay *p, uint64_t next)
{
	return next > 0 && next < record_count(p->record) &&
	       record_time_ms(p->record, next) - record_time_ms(p->record, next - 1) > VIEW_SILENCE_MS;
}

static void add_mark(struct time_cell *cell, char mark)
{
	size_t count = strlen(cell->marks);

	if (count < VIEW_TIME_MARKS)
		cell->marks[count] = mark;
}

/* The next step or result, and the next error; UINT64_MAX: none. */
struct next {
	uint64_t step, error;
};

static uint64_t find_from(const struct replay *p, uint64_t line, unsigned kinds, bool error)
{
	uint64_t found;

	return record_find(p->record, line - 1, false, kinds, error, &found) ? found : UINT64_MAX;
}

/* What happened up to line END, from the next ones on. */
static void mark_cell(struct replay *p, struct time_cell *cell, struct next next, uint64_t end)
{
	const struct event *ev = &p->event;

	while (next.step < end && !cell->marks[VIEW_TIME_MARKS - 1]) {
		if (next.error < next.step) {
			add_mark(cell, '!');
			next.error = UINT64_MAX;
		}
		if (record_event(p->record, next.step, &p->event)) {
			if (ev->type == EVENT_STEP && ev->step.begin)
				add_mark(cell, view_step_letter(ev->step.step));
			else if (ev->type == EVENT_RESULT && !record_class(p->record, next.step).error)
				add_mark(cell, '*');
		}
		next.step = find_from(p, next.step + 1, BIT(STEP) | BIT(RESULT), false);
	}
	if (next.error < end)
		add_mark(cell, '!');
}

void replay_fill_cells(struct replay *p)
{
	struct time_cell *cells = p->view->replay.cells;
	uint64_t first[VIEW_TIME_CELLS + 1];
	struct next next = { 0, 0 };
	size_t i;

	memset(cells, 0, sizeof(p->view->replay.cells));
	find_cells(p, first);
	for (i = 0; i < VIEW_TIME_CELLS; i++) {
		cells[i].silent = first[i] == first[i + 1] && replay_silence_before(p, first[i]);
		/* so that the searches go through the record once */
		if (next.step <= first[i])
			next.step = find_from(p, first[i], BIT(STEP) | BIT(RESULT), false);
		if (next.error <= first[i])
			next.error = find_from(p, first[i], ALL_TYPES, true);
		mark_cell(p, &cells[i], next, first[i + 1]);
	}
}

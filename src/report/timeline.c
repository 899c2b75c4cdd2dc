#include "config.h"

#include "report/timeline.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "protocol/at.h"
#include "report/markdown.h"

#define FIRST_ROWS 60
#define LAST_ROWS 40
#define MARK_PERCENT 25		/* progress is shown at its quarters */

struct row {
	int64_t t_ms;
	char what[96];		/* our own words */
	char text[2 * TEXT_SIZE];	/* the record's, cleaned when it is written; "" */
	bool said;		/* by the module */
	unsigned again;		/* it stands for so many lines, like the row before */
};

/* The first rows, and the last in a ring. */
struct timeline {
	const struct bundle *b;
	struct record *r;
	const struct event *ev;	/* the one that is taken in */
	struct row rows[FIRST_ROWS + LAST_ROWS];
	size_t count;
	int64_t limit_ms;	/* silence allowed in the running step; 0 any */
	int64_t heard_ms;	/* when the module was heard last in it */
	enum step marked;
	int mark;		/* quarters of its progress that were shown */
	char asked[TEXT_SIZE];	/* the command that has no final result yet; "" none */
};

static struct row *row_at(struct timeline *l, size_t index)
{
	return &l->rows[index < FIRST_ROWS ? index : FIRST_ROWS + (index - FIRST_ROWS) % LAST_ROWS];
}

static struct row *add_row(struct timeline *l, int64_t t_ms, const char *text)
{
	struct row *row = row_at(l, l->count++);

	row->t_ms = t_ms;
	row->said = false;
	row->again = 0;
	row->what[0] = '\0';
	snprintf(row->text, sizeof(row->text), "%s", text);
	return row;
}

#define WHAT(row, ...) snprintf((row)->what, sizeof((row)->what), __VA_ARGS__)

/* The module, or what goes to it, moved at T_MS. */
static void end_silence(struct timeline *l, int64_t t_ms)
{
	int64_t silent_ms = t_ms - l->heard_ms;

	if (l->limit_ms > 0 && silent_ms > l->limit_ms)
		WHAT(add_row(l, t_ms, ""), "**silence** of " TIME_FORMAT " s ends (limit %lld s)",
		     TIME_ARGS(silent_ms), (long long)(l->limit_ms / 1000));
	l->heard_ms = t_ms;
}

/* When and how the step that began with line NUMBER ended. */
static int64_t find_step_end(struct timeline *l, uint64_t number, enum ended *ended)
{
	struct event ev;

	*ended = ENDED_UNKNOWN;
	if (!record_find(l->r, number, false, 1U << EVENT_STEP | 1U << EVENT_RESULT, false, &number))
		number = record_count(l->r) - 1;
	else if (record_event(l->r, number, &ev) && ev.type == EVENT_STEP && !ev.step.begin)
		*ended = ev.step.ended;
	return record_time_ms(l->r, number);
}

static void add_step(struct timeline *l, uint64_t number)
{
	static const char *const endings[ENDED_COUNT] = {
		[ENDED_DONE] = "takes", [ENDED_FAILED] = "fails after", [ENDED_UNKNOWN] = "does not complete in",
	};
	const struct event *ev = l->ev;
	enum ended ended;
	int64_t took_ms;

	end_silence(l, ev->t_ms);
	if (!ev->step.begin)
		return;
	took_ms = find_step_end(l, number, &ended) - ev->t_ms;
	l->limit_ms = ev->step.limit_ms;
	WHAT(add_row(l, ev->t_ms, ""), "**%s** begins, %s " TIME_FORMAT " s", step_info(ev->step.step)->label,
	     endings[ended], TIME_ARGS(took_ms < 0 ? 0 : took_ms));
}

static void add_progress(struct timeline *l)
{
	const struct event *ev = l->ev;
	char done[28], total[28];
	uint64_t percent;
	int mark;

	if (ev->progress.unit == UNIT_BYTES)
		end_silence(l, ev->t_ms);
	if (ev->progress.step != l->marked)
		l->mark = 0;
	l->marked = ev->progress.step;
	if (ev->progress.unit == UNIT_NONE || !ev->progress.total || ev->progress.done > ev->progress.total)
		return;
	percent = (uint64_t)(100.0 * (double)ev->progress.done / (double)ev->progress.total);
	mark = (int)(percent / MARK_PERCENT);
	if (mark <= l->mark)
		return;
	l->mark = mark;
	if (ev->progress.unit == UNIT_BYTES)
		WHAT(add_row(l, ev->t_ms, ""), "%llu %%, %s of %s bytes", (unsigned long long)percent,
		     text_count(done, ev->progress.done), text_count(total, ev->progress.total));
	else
		WHAT(add_row(l, ev->t_ms, ""), "%llu %%", (unsigned long long)percent);
}

/* What the module said, and to which command: an ERROR alone says nothing. What
 * comes again and again, as to a question that is asked until it is ready, is one row. */
static void add_said(struct timeline *l, const char *command)
{
	char text[2 * TEXT_SIZE];
	struct row *last = l->count ? row_at(l, l->count - 1) : NULL;
	bool again;

	snprintf(text, sizeof(text), "%s%s%s", command, command[0] ? ": " : "", l->ev->line.text);
	again = last && last->said && !strcmp(last->text, text);
	if (!again || !last->again)
		last = add_row(l, l->ev->t_ms, text);
	last->said = true;
	last->again += again;
	last->t_ms = l->ev->t_ms;
	WHAT(last, "the module%s", command[0] ? " to " : ": ");
}

static bool starts_upgrade(struct slice command)
{
	return slice_begins(command, "AT+QFOTADL=") && !slice_is(command, "AT+QFOTADL=?");
}

/* Lines that say how the upgrade goes: its messages but for the percents, a
 * boot, and errors. */
static void add_line(struct timeline *l, uint64_t number)
{
	const struct event *ev = l->ev;
	struct slice line = slice_trim((struct slice){ ev->line.text, strlen(ev->line.text) });
	const struct line_meaning *meaning = &ev->line.meaning;

	if (ev->line.dir == LINE_TX) {
		if (starts_upgrade(line))
			WHAT(add_row(l, ev->t_ms, ev->line.text), "sent: ");
		slice_copy(l->asked, sizeof(l->asked), starts_upgrade(line) ? (struct slice){ "AT+QFOTADL", 10 } : line);
		return;
	}
	end_silence(l, ev->t_ms);
	if (meaning->is_fota) {
		if (meaning->fota.kind != FOTA_UPDATING && meaning->fota.kind != FOTA_RESTORE && meaning->fota.kind != FOTA_DOWNLOADING)
			add_said(l, "");
	} else if (slice_is(line, "RDY")) {
		add_said(l, "");
	} else if (meaning->class == AT_CONNECT || record_class(l->r, number).error) {
		add_said(l, ev->line.urc ? "" : l->asked);
	}
	if (meaning->class != AT_INFO && !ev->line.urc)
		l->asked[0] = '\0';
}

static void add_question(struct timeline *l)
{
	WHAT(add_row(l, l->ev->t_ms, l->ev->question.command), "the operator is asked to confirm: ");
}

static void add_result(struct timeline *l)
{
	const struct result *x = &l->ev->result;
	char text[2 * TEXT_SIZE];

	end_silence(l, l->ev->t_ms);
	l->limit_ms = 0;
	message_text(&x->what, FOR_RECORD, text, sizeof(text));
	WHAT(add_row(l, l->ev->t_ms, text), "result: **%s**, ", x->outcome == OUTCOME_STOPPED ?
	     err_info(x->stop)->name : outcome_info(x->outcome)->name);
}

static void add_intent(struct timeline *l)
{
	const struct open_upgrade *open = &l->ev->intent;
	char text[256];

	snprintf(text, sizeof(text), "%s %s over %s on %s", open->intent == INTENT_INSTALL ? "install" : open->intent == INTENT_TRANSFER ? "transfer" : "prepare",
		 open->to, open->module.version, open->module.model);
	WHAT(add_row(l, l->ev->t_ms, text), "**recorded on disk** before it is done: ");
}

static void add_gap(struct timeline *l)
{
	const struct event *ev = l->ev;

	if (ev->gap.lines)
		WHAT(add_row(l, ev->t_ms, ""), "%" PRIu64 " lines are missing here", ev->gap.lines);
	else
		WHAT(add_row(l, ev->t_ms, ""), "lines are missing here");
}

static void add_notice(struct timeline *l)
{
	static const char *const severities[] = {
		[SEVERITY_INFO] = "note: ", [SEVERITY_WARNING] = "warning: ", [SEVERITY_ERROR] = "error: ",
	};
	char text[2 * TEXT_SIZE];

	message_text(&l->ev->notice.message, FOR_RECORD, text, sizeof(text));
	WHAT(add_row(l, l->ev->t_ms, text), "%s", severities[l->ev->notice.severity]);
}

static void add_setting(struct timeline *l)
{
	char text[2 * TEXT_SIZE];
	struct message said;

	setting_message(&l->ev->setting, &said);
	WHAT(add_row(l, l->ev->t_ms, message_text(&said, FOR_RECORD, text, sizeof(text))), "setting: ");
}

static void add_event(struct timeline *l, uint64_t number)
{
	const struct event *ev = l->ev;

	switch (ev->type) {
	case EVENT_STEP:
		add_step(l, number);
		break;
	case EVENT_PROGRESS:
		add_progress(l);
		break;
	case EVENT_NOTICE:
		add_notice(l);
		break;
	case EVENT_LINE:
		add_line(l, number);
		break;
	case EVENT_QUESTION:
		add_question(l);
		break;
	case EVENT_ANSWER:
		if (ev->answer == ASK_LOST)
			WHAT(add_row(l, ev->t_ms, ""), "the terminal was lost");
		else
			WHAT(add_row(l, ev->t_ms, ""), "the operator: **%s**", ask_name(ev->answer));
		break;
	case EVENT_DATA:
		end_silence(l, ev->t_ms);
		break;
	case EVENT_RESULT:
		add_result(l);
		break;
	case EVENT_INTENT:
		add_intent(l);
		break;
	case EVENT_RESUMED:
		WHAT(add_row(l, ev->t_ms, ""), "**another program resumes this upgrade**");
		l->limit_ms = 0;	/* nobody listened in between */
		break;
	case EVENT_CLOSED:
		WHAT(add_row(l, ev->t_ms, ""), "abandoned by the operator");
		break;
	case EVENT_SHOWN:
		WHAT(add_row(l, ev->t_ms, ""), "the result was shown");
		break;
	case EVENT_SETTING:
		add_setting(l);
		break;
	case EVENT_GAP:
		add_gap(l);
		break;
	case EVENT_BEGIN:
	case EVENT_CHECKS:
	case EVENT_START:
	case EVENT_IDENTITY:
	case EVENT_PACKAGE:
	case EVENT_PORT:
	case EVENT_RECORD:
	case EVENT_PLAN:
	case EVENT_COUNT:
		break;
	}
}

static void put_row(const struct bundle *b, const struct row *row)
{
	FILE *out = b->out;
	char clean[160];

	fprintf(out, "| " TIME_FORMAT " | %s", TIME_ARGS(row->t_ms), row->what);
	md_text(out, bundle_clean(b, clean, sizeof(clean), row->text));
	if (row->again > 1)
		fprintf(out, ", %u times until here", row->again);
	fputs(" |\n", out);
}

struct timeline *timeline_new(const struct bundle *b)
{
	struct timeline *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	l->b = b;
	l->r = b->r;
	l->marked = STEP_COUNT;
	return l;
}

void timeline_free(struct timeline *l)
{
	free(l);
}

void timeline_take(void *ctx, uint64_t number, const struct event *ev)
{
	struct timeline *l = ctx;

	l->ev = ev;
	add_event(l, number);
}

void timeline_write(const struct timeline *l)
{
	FILE *out = l->b->out;
	size_t first;

	fputs("## Time line\n\nSeconds since the start.\n\n| Time | What |\n|---:|:---|\n", out);
	for (size_t i = 0; i < l->count && i < FIRST_ROWS; i++)
		put_row(l->b, &l->rows[i]);
	if (l->count > FIRST_ROWS + LAST_ROWS)
		fprintf(out, "| | *%zu more are left out* |\n", l->count - FIRST_ROWS - LAST_ROWS);
	first = l->count > FIRST_ROWS + LAST_ROWS ? l->count - LAST_ROWS : FIRST_ROWS;
	for (size_t i = first; i < l->count; i++)
		put_row(l->b, &l->rows[FIRST_ROWS + (i - FIRST_ROWS) % LAST_ROWS]);
	fputc('\n', out);
}

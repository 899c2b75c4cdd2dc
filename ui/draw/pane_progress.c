#include "config.h"

#include "ui/draw/pane.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "ui/draw/pane_replay.h"
#include "ui/draw/put.h"
#include "ui/term/cells.h"

#define BAR_MIN 7
#define TALL 6	/* rows from which on narrow panes break lines */

/* What `c` does now, in a few words; cancel_message() has the sentence. */
static const char *const cancel_short[] = {
	[CANCEL_FREE] = N_("c cancels: still safe"),
	[CANCEL_STOP] = N_("c stops: still safe"),
	[CANCEL_DETACH] = N_("c detaches: the module goes on"),
	[CANCEL_REFUSED] = N_("c refused: the module is writing"),
};

static const char *cancel_words(const struct view *v)
{
	return v->job.stopping ? N_("c detaches: its version is not read") : cancel_short[v->job.cancel];
}

static char mark_sign(enum mark mark)
{
	static const char signs[] = {
		[MARK_NONE] = ' ',
		[MARK_RUNNING] = ' ',
		[MARK_DONE] = '*',
		[MARK_FAILED] = '!',
		[MARK_UNKNOWN] = '?',
	};

	return signs[mark];
}

/* A step without a share of the time is not part of every upgrade: it is shown
 * once it begins. */
static bool takes_part(const struct job_view *job, unsigned step)
{
	return step_info((enum step)step)->weight > 0 || job->marks[step] != MARK_NONE;
}

/* "step 4 of 7: Transfer" */
static void put_step(struct screen *s, const struct area *a, const struct job_view *job)
{
	int number = 0, count = 0;
	unsigned i;

	for (i = 0; i < STEP_COUNT; i++) {
		if (!takes_part(job, i))
			continue;
		count++;
		if (i <= (unsigned)job->step)
			number++;
	}
	screen_putf(s, a, 0, 1, ROLE_TEXT, _("step %d of %d: %s%c"), number, count,
		    _(step_info(job->step)->label), mark_sign(view_mark(job, job->step)));
}

static enum role mark_role(enum mark mark)
{
	return mark == MARK_RUNNING || mark == MARK_UNKNOWN ? ROLE_BUSY : mark == MARK_FAILED ? ROLE_BAD : ROLE_TEXT;
}

/* The step line; over two rows in a tall narrow pane, in short in a low one.
 * Returns the row after it. */
static int put_steps(struct screen *s, const struct area *a, const struct view *v)
{
	const struct job_view *job = &v->job;
	int column = 1, row = 0, width = 0;
	char text[40];
	unsigned i;

	for (i = 0; i < STEP_COUNT; i++)
		if (takes_part(job, i))
			width += cells_width(_(step_info((enum step)i)->label)) + 2;
	if (width >= a->w && a->h < TALL) {
		if (job->step_known)
			put_step(s, a, job);
		return 1;
	}
	for (i = 0; i < STEP_COUNT; i++) {
		enum mark mark = view_mark(job, (enum step)i);

		if (!takes_part(job, i))
			continue;
		snprintf(text, sizeof(text), "%s%s%c", mark == MARK_RUNNING ? ">" : "",
			 _(step_info((enum step)i)->label), mark_sign(mark));
		if (column + cells_width(text) > a->w) {
			column = 1;
			row++;
		}
		column = screen_put(s, a, row, column, mark_role(mark), text) + 1;
	}
	return row + 1;
}

static int percent(const struct job_view *job)
{
	if (!job->total)
		return 0;
	return job->done >= job->total ? 100 : (int)((double)job->done * 100 / (double)job->total);
}

/* "38%  116,736 of 307,200 B  11.4 kB/s  0:17", as far as is known. */
static void figures(const struct view *v, char *out, size_t size)
{
	const struct job_view *job = &v->job;
	char done[28], total[28], time[32];
	unsigned rate = 0;
	int n = 0;

	if (job->bytes_per_s > 0 && job->bytes_per_s < 1e9)
		rate = (unsigned)(job->bytes_per_s / 100 + 0.5);
	out[0] = '\0';
	if (job->total)
		n += snprintf(out + n, size - (size_t)n, "%3d%%", percent(job));
	if (job->unit == UNIT_BYTES && job->total) {
		text_count(total, job->total);
		n += snprintf(out + n, size - (size_t)n, _("  %*s of %s B"), (int)strlen(total),
			      text_count(done, job->done), total);
	}
	else if (job->unit == UNIT_BYTES && job->done)
		n += snprintf(out + n, size - (size_t)n, "%s B", text_count(done, job->done));
	if (rate)
		n += snprintf(out + n, size - (size_t)n, "  %3u.%u kB/s", rate / 10, rate % 10);
	if (job->left_ms >= 0)
		n += snprintf(out + n, size - (size_t)n, "  %s", put_duration(job->left_ms, time));
	if (!n)
		snprintf(out, size, _("in this step for %s"), put_duration(v->now_ms - job->step_ms, time));
}

/* Columns the figures of this step take at most: the bar keeps its width. */
static int figures_width(const struct job_view *job)
{
	char total[28], text[128];

	if (job->unit != UNIT_BYTES)
		return (int)sizeof("100%  9:59") - 1;
	text_count(total, job->total);
	snprintf(text, sizeof(text), _("  %*s of %s B"), (int)strlen(total), total, total);
	return cells_width(text) + (int)sizeof("100%  999.9 kB/s  9:59") - 1;
}

/* The bar with the figures after it, or below it in a tall narrow pane.
 * Returns the row after them. */
static int put_bar(struct screen *s, const struct area *a, int row, const struct view *v)
{
	char text[128], bar[128];
	bool beside;
	int width;

	figures(v, text, sizeof(text));
	width = a->w - 5 - figures_width(&v->job);
	beside = width >= BAR_MIN;
	if (!beside)
		width = a->w - 4;
	if (width > (int)sizeof(bar) - 1)
		width = (int)sizeof(bar) - 1;
	if (v->job.total && (beside || a->h >= TALL)) {
		memset(bar, '-', sizeof(bar));
		memset(bar, '#', (size_t)(width * percent(&v->job) / 100));
		bar[width] = '\0';
		screen_putf(s, a, row, 1, ROLE_TEXT, "[%s]", bar);
		if (!beside)
			row++;
	} else {
		beside = false;
	}
	if (!beside)
		return put_wrapped(s, &(struct area){ a->y, a->x + 1, a->h, a->w - 2 }, row, ROLE_TEXT, text);
	screen_put(s, a, row, width + 4, ROLE_TEXT, text);
	return row + 1;
}

/* Silence is shown, with what this step allows of it. */
static void silence(const struct view *v, char *out, size_t size)
{
	const struct job_view *job = &v->job;
	int64_t since = job->last_rx_ms >= job->begin_ms ? job->last_rx_ms : job->begin_ms;
	int64_t ms = v->now_ms - since;
	bool heard = job->last_rx_ms >= job->begin_ms;
	char time[24] = "<1";
	int n;

	if (ms >= 1000)
		snprintf(time, sizeof(time), "%lld", (long long)(ms / 1000));
	n = snprintf(out, size, heard ? _("last byte %s s ago") : _("no byte yet, %s s"), time);
	if (job->limit_ms > 0)
		snprintf(out + n, size - (size_t)n, _(", limit %lld s"), (long long)(job->limit_ms / 1000));
}

static enum role notice_role(enum severity severity)
{
	return severity == SEVERITY_INFO ? ROLE_DIM : severity == SEVERITY_WARNING ? ROLE_BUSY : ROLE_BAD;
}

/* What can be done about it; of a record what it waited for. */
static const char *remark(const struct view *v)
{
	if (v->replay.on)
		return v->open_question ? _("the question is open") : "";
	return _(cancel_words(v));
}

static void put_running(struct screen *s, const struct area *a, int row, const struct view *v)
{
	const char *cancel = remark(v);
	bool refused = !v->replay.on && v->job.cancel == CANCEL_REFUSED;
	bool over = v->replay.on && v->replay.at_end && !v->replay.growing;
	size_t notices = view_notices(v);
	struct area inside = { a->y, a->x + 1, a->h, a->w - 2 };
	char text[128];
	int column;
	size_t i;

	if (!v->job.step_known) {
		screen_put(s, &inside, row, 0, ROLE_TEXT, _("begins"));
		return;
	}
	row = put_bar(s, a, row, v);
	if (over)
		snprintf(text, sizeof(text), "%s", _("the record ends here, without a result"));
	else
		silence(v, text, sizeof(text));
	column = screen_put(s, &inside, row, 0, over ? ROLE_BAD : ROLE_TEXT, text);
	if (screen_put_right(s, &inside, row, column + 2, refused ? ROLE_ALARM : ROLE_TEXT, cancel) == inside.w &&
	    *cancel)
		screen_put(s, &inside, ++row, 0, refused ? ROLE_ALARM : ROLE_TEXT, cancel);
	for (i = 0, row++; i < notices && row < a->h; i++)
		row = put_wrapped(s, &inside, row, notice_role(v->notices[i].severity), v->notices[i].text);
}

static enum role outcome_role(enum outcome outcome)
{
	switch (outcome) {
	case OUTCOME_SUCCESS:
	case OUTCOME_READY:
		return ROLE_GOOD;
	case OUTCOME_UNCHANGED:
	case OUTCOME_STOPPED:
		return ROLE_BUSY;
	case OUTCOME_DEVICE_FAILED:
	case OUTCOME_UNKNOWN:
	case OUTCOME_COUNT:
		break;
	}
	return ROLE_BAD;
}

/* Where there is no room for all of it the next step counts most. */
static void put_result(struct screen *s, const struct area *a, int row, const struct view *v)
{
	const struct result *r = &v->result;
	struct area inside = { a->y, a->x + 1, a->h, a->w - 2 };
	const char *next = findings_next(&v->diagnosis, r);
	char words[TEXT_SIZE];
	bool fits;

	row = put_wrapped(s, &inside, row, outcome_role(r->outcome), _(outcome_info(r->outcome)->title));
	message_text(&r->what, FOR_SCREEN, words, sizeof(words));
	fits = row + cells_rows(words, inside.w) + cells_rows(next, inside.w) <= a->h;
	row = put_wrapped(s, &inside, row, ROLE_TEXT, fits ? words : next);
	put_wrapped(s, &inside, row, ROLE_TEXT, fits ? next : words);
}

/* What stays true until it was watched to its end. */
static int put_unfinished(struct screen *s, const struct area *a, int row, const struct view *v)
{
	char text[TEXT_SIZE], safe[TEXT_SIZE];

	if (v->open_count == 1)
		snprintf(text, sizeof(text), v->open[0].live_pid ?
			 _("an upgrade of the %s, IMEI %s, runs in another program: O shows it") :
			 _("an upgrade of the %s, IMEI %s, is unfinished: O shows it"),
			 v->open[0].module.model, v->open[0].module.imei);
	else
		snprintf(text, sizeof(text), _("%zu upgrades are unfinished: O shows them"), v->open_count);
	text_safe_str(safe, sizeof(safe), text);
	return put_wrapped(s, &(struct area){ a->y, a->x + 1, a->h, a->w - 2 }, row, ROLE_BUSY, safe);
}

/* Nothing runs: say what comes next. */
static void next_step(const struct view *v, char *text, size_t size)
{
	const char *refusal = view_refusal(v, ACTION_START);

	if (v->busy)
		snprintf(text, size, "%s", _("waiting for the answer to the command"));
	else if (!refusal)
		snprintf(text, size, "%s", _("ready: s starts, checks, and asks before anything is changed"));
	else
		snprintf(text, size, v->plan.port[0] ? _("next: %s (2, then Enter)") : _("next: %s (1, then Enter)"), refusal);
}

static void put_next_step(struct screen *s, const struct area *a, int row, const struct view *v)
{
	char text[320];

	next_step(v, text, sizeof(text));
	put_wrapped(s, &(struct area){ a->y, a->x + 1, a->h, a->w - 2 }, row, ROLE_TEXT, text);
}

static void draw(struct screen *s, const struct area *whole, const struct view *v)
{
	struct area a = *whole;
	int row;

	if (v->replay.on)
		a.h -= pane_replay_time(s, whole, v);
	row = put_steps(s, &a, v);
	if (v->open_count && !v->job.running)
		row = put_unfinished(s, &a, row, v);
	if (v->job.running)
		put_running(s, &a, row, v);
	else if (v->has_result)
		put_result(s, &a, row, v);
	else
		put_next_step(s, &a, row, v);
}

/* What was said, the newest first, and what comes next. */
static void whole(struct page *p, const struct view *v)
{
	const struct result *r = &v->result;
	char words[TEXT_SIZE], safety[VIEW_SAFETY];

	if (v->job.step_known)
		page_add(p, ROLE_TEXT, "Step", "%s", _(step_info(v->job.step)->label));
	page_add(p, ROLE_TITLE, "Module", "%s", view_safety(v, safety));
	if (v->job.running && !v->replay.on)
		page_add(p, ROLE_TEXT, "Cancel", "%s", _(cancel_words(v)));
	if (!v->job.running && v->has_result) {
		page_add(p, outcome_role(r->outcome), "Outcome", "%s", _(outcome_info(r->outcome)->title));
		page_add(p, ROLE_TEXT, "What", "%s", message_text(&r->what, FOR_SCREEN, words, sizeof(words)));
		page_add(p, ROLE_TITLE, "Next", "%s", findings_next(&v->diagnosis, r));
	} else if (!v->job.running) {
		next_step(v, words, sizeof(words));
		page_add(p, ROLE_TEXT, "Next", "%s", words);
	}
	for (size_t i = 0; i < v->notice_count; i++)
		page_add(p, notice_role(v->notices[i].severity), i ? "" : "Said", "%s", v->notices[i].text);
	page_add(p, ROLE_DIM, "Record", "%s", v->record);
}

static enum pane_request act(struct view *v, enum action action)
{
	(void)v;
	return action == ACTION_CHOOSE ? PANE_REQUEST_RESULT : PANE_REQUEST_NONE;
}

const struct pane pane_progress = { N_("4 Upgrade"), NULL, draw, NULL, act, whole, NULL };

#include "config.h"

#include "ui/model/fleet.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/words.h"

#define QUIET_MS 10000	/* what is shorter is no news */
#define QUIET_STEP_S 5	/* a slow line has other things to do */

static size_t mark_of(const struct view *v, const char *path)
{
	size_t i = 0;

	while (i < v->fleet.marked && strcmp(v->fleet.marks[i], path) != 0)
		i++;
	return i;
}

bool fleet_is_marked(const struct view *v, const char *path)
{
	return mark_of(v, path) < v->fleet.marked;
}

bool fleet_mark(struct view *v)
{
	struct fleet_view *f = &v->fleet;
	struct port_row row;
	size_t at;

	if (!view_port_row(v, view_port_cursor(v), &row) || !row.path[0])
		return true;
	at = mark_of(v, row.path);
	if (at == MODULES_MAX)
		return false;
	if (at < f->marked)
		memmove(f->marks[at], f->marks[at + 1], (--f->marked - at) * sizeof(f->marks[0]));
	else
		snprintf(f->marks[f->marked++], sizeof(f->marks[0]), "%s", row.path);
	return true;
}

enum unplug fleet_unplug(const struct view *v)
{
	if (!v->job.running && v->has_result &&
	    (v->result.outcome == OUTCOME_UNKNOWN || v->result.outcome == OUTCOME_DEVICE_FAILED))
		return UNPLUG_UNKNOWN;
	return phase_info(view_phase(v))->at_risk ? UNPLUG_NO : UNPLUG_YES;
}

static int percent_of(const struct job_view *job)
{
	if (!job->total || job->unit == UNIT_NONE)
		return -1;
	return job->done >= job->total ? 100 : (int)((double)job->done * 100 / (double)job->total);
}

static unsigned quiet_of(const struct view *v)
{
	int64_t since_ms = v->job.last_rx_ms > v->job.step_ms ? v->job.last_rx_ms : v->job.step_ms;
	int64_t quiet_ms = v->now_ms - since_ms;

	return quiet_ms < QUIET_MS ? 0 : (unsigned)(quiet_ms / 1000 / QUIET_STEP_S * QUIET_STEP_S);
}

static void take_versions(struct fleet_row *row, const struct view *v)
{
	const char *from = v->asked ? v->question.from : v->has_result ? v->result.from : v->identified ? v->identity.version : "";
	const char *to = v->asked ? v->question.to : v->has_result ? v->result.to : v->packaged ? v->package.to : "";

	snprintf(row->from, sizeof(row->from), "%s", from);
	snprintf(row->to, sizeof(row->to), "%s", to);
}

static void make_row(struct fleet_row *row, const struct view *v, enum turn turn)
{
	*row = (struct fleet_row){ .turn = turn, .percent = -1 };
	text_safe_str(row->port, sizeof(row->port), v->plan.port);
	if (v->identified) {
		snprintf(row->model, sizeof(row->model), "%s", v->identity.model);
		snprintf(row->imei, sizeof(row->imei), "%s", v->identity.imei);
	}
	take_versions(row, v);
	row->begun = v->job.step_known;
	row->step = v->job.step;
	if (v->job.running) {
		row->percent = percent_of(&v->job);
		if (v->job.bytes_per_s > 0 && v->job.bytes_per_s < 1e9)
			row->rate = (unsigned)(v->job.bytes_per_s / 100 + 0.5);
		if (turn != TURN_ASKS)
			row->quiet_s = quiet_of(v);
	} else if (v->has_result) {
		row->ended = true;
		row->outcome = v->result.outcome;
		message_text(&v->result.what, FOR_SCREEN, row->what, sizeof(row->what));
	}
	row->unplug = fleet_unplug(v);
}

/* What is worth more than a bar that grows. */
static bool is_news(const struct fleet_row *a, const struct fleet_row *b)
{
	return a->turn != b->turn || a->begun != b->begun || a->step != b->step || a->ended != b->ended ||
		a->unplug != b->unplug || strcmp(a->imei, b->imei) != 0;
}

static bool differs(const struct fleet_row *a, const struct fleet_row *b)
{
	return is_news(a, b) || a->percent != b->percent || a->rate != b->rate || a->quiet_s != b->quiet_s || strcmp(a->what, b->what) != 0 ||
		strcmp(a->from, b->from) != 0 || strcmp(a->to, b->to) != 0 || strcmp(a->port, b->port) != 0;
}

void fleet_refresh(struct fleet *f, bool slow)
{
	size_t left = slow ? FLEET_SLOW_ROWS : f->count;
	struct fleet_row now;

	for (size_t i = 0; i < f->count; i++) {
		make_row(&now, f->views[i], f->turns.of[i]);
		if (!slow || is_news(&now, &f->rows[i])) {
			f->rows[i] = now;
			left -= left > 0;
		}
	}
	for (size_t i = 0; slow && left > 0 && i < f->count; i++) {
		size_t at = (f->next + i) % f->count;

		make_row(&now, f->views[at], f->turns.of[at]);
		if (!differs(&now, &f->rows[at]))
			continue;
		f->rows[at] = now;
		if (--left == 0)
			f->next = at + 1;
	}
}

void fleet_count(const struct fleet *f, struct fleet_counts *out)
{
	*out = (struct fleet_counts){ 0 };
	for (size_t i = 0; i < f->count; i++) {
		const struct view *v = f->views[i];
		bool good = v->result.outcome == OUTCOME_SUCCESS || v->result.outcome == OUTCOME_READY;

		if (v->job.running)
			out->running++;
		else if (!v->has_result)
			out->waiting++;
		else if (good)
			out->good++;
		else
			out->failed++;
		out->keep += fleet_unplug(v) != UNPLUG_YES;
	}
}

void fleet_move(struct fleet *f, enum action action, int rows)
{
	size_t page = rows > 1 ? (size_t)rows : 1, last = f->count - 1;

	switch ((int)action) {
	case ACTION_UP:
		f->cursor -= f->cursor > 0;
		break;
	case ACTION_DOWN:
		f->cursor += f->cursor < last;
		break;
	case ACTION_PAGE_UP:
		f->cursor -= f->cursor < page ? f->cursor : page;
		break;
	case ACTION_PAGE_DOWN:
		f->cursor += last - f->cursor < page ? last - f->cursor : page;
		break;
	case ACTION_FIRST:
		f->cursor = 0;
		break;
	case ACTION_LAST:
		f->cursor = last;
		break;
	default:
		break;
	}
}

void fleet_cancels(const struct fleet *f, size_t counts[CANCEL_REFUSED + 1])
{
	memset(counts, 0, (CANCEL_REFUSED + 1) * sizeof(counts[0]));
	for (size_t i = 0; i < f->count; i++)
		if (f->views[i]->job.running)
			counts[f->views[i]->job.cancel]++;
}

bool fleet_is_due(const struct fleet *f, size_t at)
{
	const struct view *v = f->views[at];

	return !v->job.running && !v->busy && !(v->has_result && v->result.job == JOB_UPGRADE && v->result.outcome == OUTCOME_SUCCESS);
}

const char *fleet_start_refusal(const struct fleet *f)
{
	const char *first = NULL;

	if (f->started)
		return N_("runs already");
	for (size_t i = 0; i < f->count; i++) {
		const char *refusal = fleet_is_due(f, i) ? view_refusal(f->views[i], ACTION_START) : NULL;

		if (fleet_is_due(f, i) && !refusal)
			return NULL;
		first = first ? first : refusal;
	}
	return first ? first : N_("each module runs its target, or is at work");
}

const char *fleet_cancel_refusal(const struct fleet *f)
{
	struct fleet_counts counts;

	fleet_count(f, &counts);
	return f->started || counts.running ? NULL : N_("nothing runs");
}

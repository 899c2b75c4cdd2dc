#include "config.h"

#include "base/result.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/count.h"
#include "base/text.h"

/* Design 3 and 5. */
static const struct outcome_info outcomes[] = {
	[OUTCOME_SUCCESS] = { "success", "The module runs the new firmware", 0 },
	[OUTCOME_UNCHANGED] = { "unchanged", "The module still runs its old firmware; you may try again", 10 },
	[OUTCOME_DEVICE_FAILED] = { "device-failed", "The module needs a person", 11 },
	[OUTCOME_UNKNOWN] = { "unknown", "The outcome is not known yet", 12 },
	[OUTCOME_READY] = { "ready", "All checks passed; nothing was changed", 0 },
	[OUTCOME_STOPPED] = { "stopped", "Stopped before the firmware was touched", -1 },
};
static_assert(COUNT(outcomes) == OUTCOME_COUNT, "a row an outcome");

const struct outcome_info *outcome_info(enum outcome outcome)
{
	assert((unsigned)outcome < OUTCOME_COUNT);
	return &outcomes[outcome];
}

static bool says(const struct message *m, enum message_id id)
{
	for (size_t i = 0; i < m->part_count; i++)
		if (m->parts[i].id == id)
			return true;
	return false;
}

enum message_id result_safety(const struct result *r)
{
	enum message_id untouched = settings_touched(&r->settings) ? MSG_SAFE_FIRMWARE : MSG_SAFE_UNTOUCHED;

	switch (r->outcome) {
	case OUTCOME_SUCCESS:
	case OUTCOME_UNCHANGED:
		return MSG_SAFE_WORKS;
	case OUTCOME_READY:	/* of a resume: nothing is left to watch, or nobody watches any more */
		return r->job == JOB_RESUME ? MSG_SAFE_UNKNOWN : untouched;
	case OUTCOME_STOPPED:
		if (r->job == JOB_RESUME || (r->phase != PHASE_INSTALL && !r->from[0]))
			return MSG_SAFE_UNKNOWN;
		return r->phase == PHASE_INSTALL ? MSG_UNSAFE_INSTALLING : untouched;
	case OUTCOME_DEVICE_FAILED:
		if (r->now[0])	/* who was asked for a version installs nothing */
			return MSG_UNSAFE_OTHER;
		break;
	case OUTCOME_UNKNOWN:
	case OUTCOME_COUNT:
		break;
	}
	return says(&r->what, MSG_NEVER_COMPLETE) ? MSG_SAFE_INCOMPLETE : MSG_UNSAFE;
}

const char *result_name(const struct result *r)
{
	return r->outcome == OUTCOME_STOPPED ? err_info(r->stop)->name : outcome_info(r->outcome)->name;
}

enum change result_change(const struct result *r)
{
	switch (r->outcome) {
	case OUTCOME_SUCCESS:	/* ... before anything was sent: it ran the target already */
		return r->phase == PHASE_PREFLIGHT ? CHANGE_NONE : CHANGE_DONE;
	case OUTCOME_DEVICE_FAILED:
		return r->now[0] && strcmp(r->now, r->from) != 0 ? CHANGE_DONE : CHANGE_UNKNOWN;
	case OUTCOME_UNCHANGED:
	case OUTCOME_READY:
		return CHANGE_NONE;
	case OUTCOME_STOPPED:	/* of a resume, or while it installs: the module was not asked */
		return r->job == JOB_RESUME || r->phase == PHASE_INSTALL ? CHANGE_UNKNOWN : CHANGE_NONE;
	case OUTCOME_UNKNOWN:
	case OUTCOME_COUNT:
		break;
	}
	return CHANGE_UNKNOWN;
}

void result_stopped(struct result *r, enum job job, const struct err *e)
{
	const struct err_info *info = err_info(e->code);

	memset(r, 0, sizeof(*r));
	r->job = job;
	r->outcome = OUTCOME_STOPPED;
	r->stop = e->code;
	r->exit_status = info->exit_status;
	r->what = e->message;
	message_next(&e->message, FOR_RECORD, r->advice, sizeof(r->advice));
}

int result_worse(int a, int b)
{
	static const int worst_first[] = {70, 11, 12, 10, 20, 21, 22, 23, 24, 64, 74, 130, 0};

	for (size_t i = 0; i < COUNT(worst_first); i++)
		if (worst_first[i] == a || worst_first[i] == b)
			return worst_first[i];
	return a;
}

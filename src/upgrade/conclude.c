#include "config.h"

#include "upgrade/conclude.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "protocol/codes.h"

void upgrade_fail(struct upgrade *u, const struct err *e)
{
	u->step_ended = ENDED_FAILED;
	if (u->failure.code != ERR_NONE)
		return;
	u->failure = *e;
	u->failure_step = u->step;
}

void upgrade_leave_unknown(struct upgrade *u)
{
	if (u->step_ended != ENDED_FAILED)
		u->step_ended = ENDED_UNKNOWN;
}

const char *upgrade_code(struct upgrade *u, const char *table, int number)
{
	const struct code_info *row = codes_find(table, number, u->profile->end_family);

	if (u->code.present)
		return row ? row->meaning : "";
	u->code.present = true;
	u->code.number = number;
	snprintf(u->code.table, sizeof(u->code.table), "%s", table);
	codes_meaning(u->code.meaning, sizeof(u->code.meaning), table, number, u->profile->end_family);
	snprintf(u->code.family, sizeof(u->code.family), "%s", row ? row->family : "");
	return u->code.meaning;
}

void upgrade_fail_installation(struct upgrade *u, int code)
{
	struct err e;

	if (code == 0)
		return;
	if (code > 0)
		err_fail(&e, MSG_INSTALLATION_FAILED, "code=%d meaning=%s", code, upgrade_code(u, "end", code));
	else
		err_fail(&e, MSG_INSTALLATION_FAILED_UNREADABLY, "");
	upgrade_fail(u, &e);
}

/* What was doubtful in the package belongs to a result that is not the wanted one. */
static void add_doubt(const struct upgrade *u, struct result *r)
{
	for (size_t i = 0; i < u->fact_count; i++) {
		const struct message *m = &u->facts[i].message;

		if ((m->id == MSG_PACKAGE_UNLIKELY || m->id == MSG_PACKAGE_UNLIKELY_IMAGE) &&
		    (r->outcome == OUTCOME_UNCHANGED || r->outcome == OUTCOME_DEVICE_FAILED || r->outcome == OUTCOME_UNKNOWN))
			message_then(&r->what, m->id, "name=%s format=%s", message_text_of(m, "name"), message_text_of(m, "format"));
	}
}

static void conclude(struct upgrade *u, enum outcome outcome, const struct message *what)
{
	struct result *r = &u->result;

	memset(r, 0, sizeof(*r));
	r->job = u->plan.job;
	r->outcome = outcome;
	r->stop = u->failure.code;
	r->step = u->failure.code != ERR_NONE ? u->failure_step : u->step;
	r->phase = outcome == OUTCOME_STOPPED && u->under_way ? PHASE_INSTALL :
		step_info(r->step)->phase;
	r->exit_status = outcome_info(outcome)->exit_status;
	if (r->exit_status < 0)
		r->exit_status = err_info(r->stop)->exit_status;
	snprintf(r->from, sizeof(r->from), "%s", u->from);
	snprintf(r->to, sizeof(r->to), "%s", u->to);
	if (outcome == OUTCOME_SUCCESS || outcome == OUTCOME_UNCHANGED || outcome == OUTCOME_DEVICE_FAILED)
		snprintf(r->now, sizeof(r->now), "%s", u->identity.version);
	else if (outcome == OUTCOME_READY || outcome == OUTCOME_STOPPED)
		snprintf(r->now, sizeof(r->now), "%s", u->from);
	r->code = u->code;
	r->what = *what;
	if (outcome == OUTCOME_UNKNOWN && u->data.serial && u->data.missing > 0 && !u->course.started && !u->course.ended)
		message_then(&r->what, MSG_NEVER_COMPLETE, "");
	if (u->data.asked && outcome != OUTCOME_SUCCESS)
		message_then(&r->what, MSG_MAY_HOLD_QUESTIONS, "count=%d", (int)u->data.asked);
	if (u->supply_unmeasured && outcome != OUTCOME_READY && outcome != OUTCOME_STOPPED)
		message_then(&r->what, MSG_SUPPLY_NOT_KNOWN, "");
	add_doubt(u, r);
	text_safe_str(r->record, sizeof(r->record), writer_path(u->env.record));
	memcpy(r->unfinished, u->unfinished, sizeof(r->unfinished));
	u->has_result = true;
}

void upgrade_conclude(struct upgrade *u, enum outcome outcome, enum message_id id,
		      const char *format, ...)
{
	struct message what;
	va_list args;

	va_start(args, format);
	message_setv(&what, id, format, args);
	va_end(args);
	conclude(u, outcome, &what);
}

void upgrade_conclude_failed(struct upgrade *u, enum outcome outcome, enum message_id id,
			     const char *format, ...)
{
	struct message what = u->failure.message;
	va_list args;

	va_start(args, format);
	message_thenv(&what, id, format, args);
	va_end(args);
	conclude(u, outcome, &what);
}

void upgrade_conclude_stopped(struct upgrade *u)
{
	conclude(u, OUTCOME_STOPPED, &u->failure.message);
}

void upgrade_conclude_silent(struct upgrade *u, enum message_id why, bool asked)
{
	struct message what = u->failure.message;
	/* silence of a port that was never there is none of the module's */
	bool failed = asked && u->code.present && u->code.number != 0 && !u->listen_ms;

	u->identity.version[0] = '\0';
	upgrade_leave_unknown(u);
	if (u->failure.code != ERR_NONE) {
		message_then(&what, why, "");
	} else {
		message_set(&what, why, "");
		message_then(&what, MSG_RUNS_UNKNOWN, "");
	}
	conclude(u, failed ? OUTCOME_DEVICE_FAILED : OUTCOME_UNKNOWN, &what);
}

void upgrade_conclude_other(struct upgrade *u, const struct identity *now)
{
	upgrade_leave_unknown(u);
	if (now->imei[0])
		upgrade_conclude(u, OUTCOME_UNKNOWN, MSG_ANOTHER_MODULE, "imei=%s version=%s wanted=%s",
				 now->imei, now->version, u->identity.imei);
	else
		upgrade_conclude(u, OUTCOME_UNKNOWN, MSG_ANOTHER_MODULE_HIDDEN, "version=%s wanted=%s",
				 now->version, u->identity.imei);
}

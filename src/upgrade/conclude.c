#include "config.h"

#include "upgrade/conclude.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "protocol/codes.h"

void upgrade_fail(struct upgrade *u, const struct err *e)
{
	if (u->failure.code != ERR_NONE)
		return;
	u->failure = *e;
	u->failure_step = u->step;
}

void upgrade_code(struct upgrade *u, const char *table, int number)
{
	const struct code_info *row = codes_find(table, number, u->profile->end_family);

	if (u->code.present)
		return;
	u->code.present = true;
	u->code.number = number;
	snprintf(u->code.table, sizeof(u->code.table), "%s", table);
	snprintf(u->code.meaning, sizeof(u->code.meaning), "%s", row ? row->meaning : "");
	snprintf(u->code.family, sizeof(u->code.family), "%s", row ? row->family : "");
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
	message_text(what, FOR_CONSOLE, r->message, sizeof(r->message));
	text_safe_str(r->record, sizeof(r->record), writer_path(u->env.record));
	snprintf(r->safety, sizeof(r->safety), "%s", result_safety(r));
	u->has_result = true;
}

void upgrade_conclude(struct upgrade *u, enum outcome outcome,
		      const char *format, ...)
{
	struct message what;
	char text[TEXT_SIZE];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	message_set(&what, MSG_SAID, "text=%s", text);
	conclude(u, outcome, &what);
}

void upgrade_end(struct upgrade *u, enum outcome outcome, enum message_id id,
		 const char *format, ...)
{
	struct message what;
	va_list args;

	va_start(args, format);
	message_setv(&what, id, format, args);
	va_end(args);
	conclude(u, outcome, &what);
}

void upgrade_end_failed(struct upgrade *u, enum outcome outcome, enum message_id id,
			const char *format, ...)
{
	struct message what = u->failure.message;
	va_list args;

	va_start(args, format);
	message_thenv(&what, id, format, args);
	va_end(args);
	conclude(u, outcome, &what);
}

void upgrade_conclude_silent(struct upgrade *u, const char *why)
{
	u->identity.version[0] = '\0';
	/* silence of a port that was never there is none of the module's */
	if (u->code.present && u->code.number != 0 && !u->listen_ms)
		upgrade_conclude(u, OUTCOME_DEVICE_FAILED, "%s, and %s", u->failure.text, why);
	else if (u->failure.code != ERR_NONE)
		upgrade_conclude(u, OUTCOME_UNKNOWN, "%s; %s", u->failure.text, why);
	else
		upgrade_conclude(u, OUTCOME_UNKNOWN, "%s; what it runs now is not known", why);
}

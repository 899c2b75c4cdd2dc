#include "config.h"

#include "upgrade/settings.h"

#include <stdio.h>

#include "base/count.h"
#include "upgrade/tell.h"

/* What `prepare` sends, in this order; what is STORED in the module outlives
 * the run, so it waits for the yes, as does what comes after it: &W stores all.
 * ALWAYS: also when no check asked for it. MUST: an ERROR stops the upgrade. */
static const struct setting {
	enum fix fix;
	const char *command;
	bool after_yes, stored, always, must;
	int timeout_ms;		/* 0: a plain command */
	enum message_id without;	/* what it means when the module refuses it */
} settings[] = {
	/* protocol.md 2.2: a DTR change must not end data mode */
	{FIX_DTR, "AT&D0", .always = true},
	/* protocol.md 3.3: later modules only, ERROR is no harm */
	{FIX_INDICATIONS, "AT+QINDCFG=\"all\",1", .always = true},
	/* protocol.md 4.2 */
	{FIX_CONTEXT, "AT+QIACT={context}", .must = true, .timeout_ms = 150000},
	{FIX_STATE_URC, "AT+QCFG=\"stateurc/enable\",1", .after_yes = true, .stored = true,
	 .without = MSG_PROGRESS_MAY_LACK},
	{FIX_URC_PORT, "AT+QURCCFG=\"urcport\",\"{urcport}\"", .after_yes = true, .stored = true,
	 .without = MSG_PROGRESS_ELSEWHERE},
	/* protocol.md 4.1: else a UART module comes back at its stored rate */
	{FIX_RATE, "AT+IPR={baud};&W", .after_yes = true, .stored = true, .without = MSG_RATE_MAY_CHANGE},
	{FIX_FLOW, "AT+IFC=2,2", .after_yes = true, .without = MSG_FLOW_REFUSED},
};

static int build(const struct upgrade *u, const struct setting *s, char *out, size_t out_size, struct err *e)
{
	char baud[16], context[16];
	const struct at_value values[] = {
		{"urcport", u->urc_port}, {"baud", baud}, {"context", context},
		{NULL, NULL},
	};

	snprintf(baud, sizeof(baud), "%d", u->baud);
	snprintf(context, sizeof(context), "%d", u->profile->context_id);
	return at_build(out, out_size, s->command, values, e);
}

static int apply(struct upgrade *u, const struct setting *s, struct err *e)
{
	char text[128];
	struct modem_command command = {
		text, NULL, s->timeout_ms ? s->timeout_ms : u->profile->timers.command_ms, NULL,
	};

	if (build(u, s, text, sizeof(text), e) < 0)
		return -1;
	if (u->plan.dry_run) {
		upgrade_report(u, MSG_WOULD_SEND, "command=%s", text);
		return 0;
	}
	if (modem_command(u->modem, &command, NULL, e) == 0) {
		u->fix[s->fix] = false;
		return 0;
	}
	if (e->code != ERR_REFUSED)
		return -1;
	if (s->must)
		return err_fail(e, MSG_CONTEXT_REFUSED, "context=%d cme=%d", u->profile->context_id, e->detail > 0 ? e->detail : 0);
	if (s->without) {
		message_then(&e->message, s->without, "");
		upgrade_report_message(u, SEVERITY_WARNING, &e->message);
	}
	return 0;
}

/* Our side of RTS/CTS first: where the lines are not wired the module must not
 * wait for them either (faults.md A18, A28). */
static int start_flow_control(struct upgrade *u, struct err *e)
{
	struct err unwired;

	if (!upgrade_sends(u) || u->plan.dry_run ||
	    port_set_flow_control(u->env.port, true, &unwired) == 0)
		return 0;
	if (unwired.code != ERR_PORT) {
		*e = unwired;
		return -1;
	}
	message_then(&unwired.message, MSG_FLOW_NOT_WIRED, "");
	upgrade_found_message(u, SEVERITY_WARNING, &unwired.message);
	u->slow = true;
	u->fix[FIX_FLOW] = false;
	return 0;
}

static bool is_needed(const struct upgrade *u, const struct setting *s)
{
	return s->always || u->fix[s->fix];
}

static int apply_all(struct upgrade *u, bool after_yes, struct err *e)
{
	for (size_t i = 0; i < COUNT(settings); i++)
		if (settings[i].after_yes == after_yes && is_needed(u, &settings[i]) && apply(u, &settings[i], e) < 0)
			return -1;
	return 0;
}

int upgrade_apply_fixes(struct upgrade *u, struct err *e)
{
	char text[128];

	if (start_flow_control(u, e) < 0 || apply_all(u, false, e) < 0)
		return -1;
	for (size_t i = 0; i < COUNT(settings); i++) {
		if (!settings[i].stored || !is_needed(u, &settings[i]))
			continue;
		if (build(u, &settings[i], text, sizeof(text), e) < 0)
			return -1;
		upgrade_found(u, MSG_STORES, "command=%s", text);
	}
	return 0;
}

int upgrade_store_fixes(struct upgrade *u, struct err *e)
{
	if (apply_all(u, true, e) < 0)
		return -1;
	u->slow |= u->fix[FIX_FLOW];
	return 0;
}

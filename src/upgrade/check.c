#include "config.h"

#include "upgrade/check.h"

#include <stdio.h>
#include <string.h>

#include "upgrade/conclude.h"
#include "upgrade/steps.h"
#include "upgrade/tell.h"

/* What a module must know before it is called a DFOTA module at all. */
#define TEST_COMMAND "AT+QFOTADL=?"

/*
 * One question of the preflight. JUDGE looks at the answer; REPLY is NULL when
 * the module refused the command (R then says how). It returns -1 to stop the
 * upgrade, may tell notices, and marks what `prepare` has to put right.
 */
struct check {
	const char *what;
	const char *command;
	const char *prefix;
	int (*judge)(struct upgrade *u, const struct modem_reply *reply,
		     const struct err *r, struct err *e);
};

/* A pull needs the network, a push does not: there it is only told. */
static int network_problem(struct upgrade *u, struct err *e, const char *text)
{
	if (u->plan.job == JOB_UPGRADE && !upgrade_sends(u))
		return err_set(e, ERR_NETWORK, "%s: the module cannot download", text);
	upgrade_notice(u, SEVERITY_INFO, "%s (not needed for an upgrade by wire)", text);
	return 0;
}

static struct at_fields first_fields(const struct modem_reply *reply,
				     const char *prefix)
{
	return at_fields(reply && reply->count ? reply->lines[0] : (struct slice){"", 0},
			 prefix);
}

static int judge_support(struct upgrade *u, const struct modem_reply *reply,
			 const struct err *r, struct err *e)
{
	char text[TEXT_SIZE];

	if (!reply)
		return err_set(e, ERR_MODULE, "this module does not know AT+QFOTADL, it has no DFOTA (%s)", r->text);
	for (size_t i = 0; i < reply->count; i++) {
		text_safe(text, sizeof(text), reply->lines[i].data, reply->lines[i].size);
		upgrade_notice(u, SEVERITY_INFO, "the module tells of its command: %s", text);
	}
	return 0;
}

static int judge_supply(struct upgrade *u, const struct modem_reply *reply,
			const struct err *r, struct err *e)
{
	struct at_fields f = first_fields(reply, "+CBC:");
	int minimum = u->plan.supply_min_mv ? u->plan.supply_min_mv : u->profile->supply_min_mv;
	long mv;

	(void)r;
	if (!at_field_skip(&f) || !at_field_skip(&f) || !at_field_number(&f, 0, 99999, &mv)) {
		upgrade_notice(u, SEVERITY_WARNING, "the module does not tell its supply voltage; make sure that it is steady");
		return 0;
	}
	if (mv < minimum)
		return err_set(e, ERR_MODULE, "the supply voltage is too low for flashing: %ld mV, at least %d mV are needed", mv, minimum);
	upgrade_notice(u, SEVERITY_INFO, "supply voltage %ld mV", mv);
	return 0;
}

static int judge_sim(struct upgrade *u, const struct modem_reply *reply,
		     const struct err *r, struct err *e)
{
	struct at_fields f = first_fields(reply, "+CPIN:");
	struct slice state;
	char text[96], name[64];

	if (!reply && r->detail >= 0 && at_cme_meaning(r->detail))
		snprintf(text, sizeof(text), "SIM: %s", at_cme_meaning(r->detail));
	else if (!at_field_any(&f, &state))
		snprintf(text, sizeof(text), "the SIM's state is not told");
	else if (slice_is(state, "READY"))
		return 0;
	else
		snprintf(text, sizeof(text), "the SIM is not ready: %s",
			 slice_copy(name, sizeof(name), state));
	return network_problem(u, e, text);
}

static int judge_registration(struct upgrade *u, const struct modem_reply *reply,
			      const struct err *r, struct err *e)
{
	struct at_fields f = first_fields(reply, "+CGREG:");
	long state;

	(void)r;
	if (!at_field_skip(&f) || !at_field_number(&f, 0, 10, &state))
		return network_problem(u, e, "the registration for data is not told");
	if (state != 1 && state != 5)
		return network_problem(u, e, "not registered in a network for data");
	if (state == 5)
		upgrade_notice(u, SEVERITY_INFO, "registered, roaming");
	return 0;
}

/* dBm = -113 + 2 x rssi: protocol.md 7. */
static int judge_signal(struct upgrade *u, const struct modem_reply *reply,
			const struct err *r, struct err *e)
{
	struct at_fields f = first_fields(reply, "+CSQ:");
	long rssi;

	(void)r;
	(void)e;
	if (u->plan.job == JOB_UPGRADE && upgrade_sends(u))
		return 0;
	if (!at_field_number(&f, 0, 99, &rssi) || rssi == 99)
		upgrade_notice(u, SEVERITY_WARNING, "the signal strength is not known");
	else if (rssi < u->profile->rssi_min)
		upgrade_notice(u, SEVERITY_WARNING, "weak signal: %ld dBm; the download may be slow or fail", -113 + 2 * rssi);
	else
		upgrade_notice(u, SEVERITY_INFO, "signal %ld dBm", -113 + 2 * rssi);
	return 0;
}

static int judge_context(struct upgrade *u, const struct modem_reply *reply,
			 const struct err *r, struct err *e)
{
	(void)r;
	(void)e;
	for (size_t i = 0; reply && i < reply->count; i++) {
		struct at_fields f = at_fields(reply->lines[i], "+QIACT:");
		long context, active;

		if (at_field_number(&f, 1, 99, &context) && at_field_number(&f, 0, 1, &active) &&
		    context == u->profile->context_id && active == 1)
			return 0;
	}
	if (u->plan.job == JOB_PROBE || upgrade_sends(u))
		upgrade_notice(u, SEVERITY_INFO, "PDP context %d is not active", u->profile->context_id);
	else
		u->fix[FIX_CONTEXT] = true;
	return 0;
}

static int judge_flow(struct upgrade *u, const struct modem_reply *reply,
		      const struct err *r, struct err *e)
{
	struct at_fields f = first_fields(reply, "+IFC:");
	long by_dce, by_dte;

	(void)r;
	(void)e;
	if (!at_field_number(&f, 0, 3, &by_dce) || !at_field_number(&f, 0, 3, &by_dte))
		upgrade_notice(u, SEVERITY_INFO, "flow control is not told");
	else if (by_dce != 2 || by_dte != 2)
		u->fix[FIX_FLOW] = upgrade_sends(u);
	return 0;
}

/* protocol.md 3.3. Where our port is on USB its interface says which of the
 * names it has; a UART is "uart1" (BG96 names, assumption for UGxx). */
static int judge_urc_port(struct upgrade *u, const struct modem_reply *reply,
			  const struct err *r, struct err *e)
{
	struct at_fields f = first_fields(reply, "+QURCCFG:");
	struct slice port;
	const char *ours = "uart1";

	(void)r;
	(void)e;
	if (u->device.usb_path[0])
		ours = u->device.likely_at ? "usbat" : "usbmodem";
	if (!at_field_skip(&f) || !at_field_string(&f, &port) || slice_is(port, ours))
		return 0;
	upgrade_notice(u, SEVERITY_INFO, "the module sends its messages to another port than this one");
	snprintf(u->urc_port, sizeof(u->urc_port), "%s", ours);
	u->fix[FIX_URC_PORT] = true;
	return 0;
}

static int judge_state_urc(struct upgrade *u, const struct modem_reply *reply,
			   const struct err *r, struct err *e)
{
	struct at_fields f = first_fields(reply, "+QCFG:");
	long on;

	(void)r;
	(void)e;
	if (at_field_skip(&f) && at_field_number(&f, 0, 1, &on) && on == 0) {
		upgrade_notice(u, SEVERITY_INFO, "the module's state messages are switched off");
		u->fix[FIX_STATE_URC] = true;
	}
	return 0;
}

static int judge_rate(struct upgrade *u, const struct modem_reply *reply,
		      const struct err *r, struct err *e)
{
	struct at_fields f = first_fields(reply, "+IPR:");
	long rate;

	(void)r;
	(void)e;
	if (!u->device.usb_path[0] && at_field_number(&f, 0, 4000000, &rate) && rate != u->baud)
		u->fix[FIX_RATE] = true;
	return 0;
}

static const struct check checks[] = {
	{"asking for DFOTA support", TEST_COMMAND, "+QFOTADL:", judge_support},
	{"asking for the supply voltage", "AT+CBC", "+CBC:", judge_supply},
	{"asking for the SIM", "AT+CPIN?", "+CPIN:", judge_sim},
	{"asking for the registration", "AT+CGREG?", "+CGREG:", judge_registration},
	{"asking for the signal", "AT+CSQ", "+CSQ:", judge_signal},
	{"asking for the PDP context", "AT+QIACT?", "+QIACT:", judge_context},
	{"asking for flow control", "AT+IFC?", "+IFC:", judge_flow},
	{"asking for the URC port", "AT+QURCCFG=\"urcport\"", "+QURCCFG:", judge_urc_port},
	{"asking for state URCs", "AT+QCFG=\"stateurc/enable\"", "+QCFG:", judge_state_urc},
	{"asking for the baud rate", "AT+IPR?", "+IPR:", judge_rate},
};

static int run_check(struct upgrade *u, const struct check *check, struct err *e)
{
	struct modem_command command = {
		check->command, check->prefix, u->profile->timers.command_ms,
	};
	struct modem_reply reply;
	struct err r;
	int answer = modem_command(u->modem, &command, &reply, &r);

	/* a byte lost to noise: a question may be asked again */
	if (answer < 0 && r.code == ERR_TIMEOUT)
		answer = modem_command(u->modem, &command, &reply, &r);
	if (answer < 0 && r.code != ERR_REFUSED) {
		*e = r;
		return err_wrap(e, "%s", check->what);
	}
	return check->judge(u, answer == 0 ? &reply : NULL, &r, e);
}

/* The manifest, the module and the target must fit together (faults.md C01-C03). */
static int check_versions(struct upgrade *u, enum step *next, struct err *e)
{
	const struct manifest *m = &u->manifest;

	if (u->has_manifest && strcmp(m->model, u->identity.model) != 0)
		return err_set(e, ERR_PACKAGE, "the package is for %s, this module is %s", m->model, u->identity.model);
	if (strcmp(u->to, u->from) == 0) {
		if (!u->plan.if_needed)
			return err_set(e, ERR_PACKAGE, "nothing to do: the module already runs %s (--if-needed makes this a success)", u->from);
		upgrade_conclude(u, OUTCOME_SUCCESS, "nothing to do: the module already runs %s", u->from);
		*next = STEP_COUNT;
		return 0;
	}
	if (u->has_manifest && strcmp(m->from, u->from) != 0)
		return err_set(e, ERR_PACKAGE, "the package is for modules that run %s, this one runs %s: ask for a package made for it", m->from, u->from);
	if (!u->has_manifest)
		upgrade_notice(u, SEVERITY_WARNING,
			       "no manifest: could not check that the package fits %s, that it is whole, or that it makes %s",
			       u->from, u->to);
	if (strncmp(u->to, u->from, strlen(u->identity.model)) == 0 && strcmp(u->to, u->from) < 0)
		upgrade_notice(u, SEVERITY_INFO, "this is a downgrade: %s is older than %s", u->to, u->from);
	return 0;
}

int upgrade_check(struct upgrade *u, enum step *next, struct err *e)
{
	if (u->plan.job == JOB_UPGRADE && check_versions(u, next, e) < 0)
		return -1;
	if (u->has_result)
		return 0;
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		if (run_check(u, &checks[i], e) < 0)
			return -1;
	return 0;
}

/* What `prepare` sends, in this order. ALWAYS: also when no check asked for
 * it. MUST: an ERROR stops the upgrade. */
static const struct setting {
	enum fix fix;
	const char *command;
	bool always, must;
	int timeout_ms;		/* 0: a plain command */
	const char *without;	/* told when the module refuses it */
} settings[] = {
	/* protocol.md 2.2: a DTR change must not end data mode */
	{FIX_DTR, "AT&D0", true, false, 0, NULL},
	{FIX_STATE_URC, "AT+QCFG=\"stateurc/enable\",1", false, false, 0,
	 "progress may not be available; the version decides"},
	{FIX_URC_PORT, "AT+QURCCFG=\"urcport\",\"{urcport}\"", false, false, 0,
	 "progress is not available on this port; the version decides"},
	/* protocol.md 3.3: later modules only, ERROR is no harm */
	{FIX_INDICATIONS, "AT+QINDCFG=\"all\",1", true, false, 0, NULL},
	/* protocol.md 4.1: else a UART module comes back at its stored rate */
	{FIX_RATE, "AT+IPR={baud};&W", false, false, 0,
	 "the module may come back at another baud rate"},
	{FIX_FLOW, "AT+IFC=2,2", false, false, 0,
	 "no hardware flow control: the package is sent slowly"},
	/* protocol.md 4.2 */
	{FIX_CONTEXT, "AT+QIACT={context}", false, true, 150000, NULL},
};

static int apply(struct upgrade *u, const struct setting *s, struct err *e)
{
	char baud[16], context[16], text[128];
	const struct at_value values[] = {
		{"urcport", u->urc_port}, {"baud", baud}, {"context", context},
		{NULL, NULL},
	};
	struct modem_command command = {
		text, "", s->timeout_ms ? s->timeout_ms : u->profile->timers.command_ms,
	};

	snprintf(baud, sizeof(baud), "%d", u->baud);
	snprintf(context, sizeof(context), "%d", u->profile->context_id);
	if (at_build(text, sizeof(text), s->command, values, e) < 0)
		return -1;
	if (u->plan.dry_run) {
		upgrade_notice(u, SEVERITY_INFO, "would send: %s", text);
		return 0;
	}
	if (modem_command(u->modem, &command, NULL, e) == 0) {
		u->fix[s->fix] = false;
		return 0;
	}
	if (e->code != ERR_REFUSED)
		return -1;
	if (s->must) {
		e->code = ERR_NETWORK;
		return err_wrap(e, "activating the PDP context (is the APN set with AT+QICSGP?)");
	}
	if (s->without)
		upgrade_notice(u, SEVERITY_WARNING, "%s: %s", e->text, s->without);
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
	upgrade_notice(u, SEVERITY_WARNING, "%s; sending without hardware flow control", unwired.text);
	u->slow = true;
	u->fix[FIX_FLOW] = false;
	return 0;
}

int upgrade_apply_fixes(struct upgrade *u, struct err *e)
{
	if (start_flow_control(u, e) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		if ((settings[i].always || u->fix[settings[i].fix]) &&
		    apply(u, &settings[i], e) < 0)
			return -1;
	u->slow |= u->fix[FIX_FLOW];
	return 0;
}

#include "config.h"

#include "upgrade/steps.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/count.h"
#include "base/version.h"
#include "protocol/who.h"
#include "upgrade/conclude.h"
#include "upgrade/tell.h"

/* What a module must know before it is called a DFOTA module at all. */
#define TEST_COMMAND "AT+QFOTADL=?"

/*
 * One question of the preflight. JUDGE looks at the answer; REPLY is NULL when
 * the module refused the command (R then says how). It returns -1 to stop the
 * upgrade, may report notices, and marks what `prepare` has to put right.
 */
struct check {
	const char *command;
	const char *prefix;
	int (*judge)(struct upgrade *u, const struct modem_reply *reply,
		     const struct err *r, struct err *e);
};

/* E says what the network lacks: it stops a module that must download, and is
 * only reported otherwise. */
static int network_problem(struct upgrade *u, struct err *e)
{
	if (u->plan.job == JOB_UPGRADE && !upgrade_sends(u))
		return -1;
	message_then(&e->message, MSG_NOT_NEEDED, "");
	upgrade_report_message(u, SEVERITY_INFO, &e->message);
	return 0;
}

static int cme_of(const struct err *refused)
{
	return refused->detail > 0 ? refused->detail : 0;
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
		return err_fail(e, MSG_NO_DFOTA, "cme=%d", cme_of(r));
	for (size_t i = 0; i < reply->count; i++) {
		text_safe(text, sizeof(text), reply->lines[i].data, reply->lines[i].size);
		upgrade_report(u, MSG_COMMAND_FORM, "form=%s", text);
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
		upgrade_found(u, MSG_SUPPLY_NOT_REPORTED, "");
		return 0;
	}
	if (mv < minimum)
		return err_fail(e, MSG_SUPPLY_LOW, "mv=%ld least=%d", mv, minimum);
	upgrade_report(u, MSG_SUPPLY, "mv=%ld", mv);
	return 0;
}

static int judge_sim(struct upgrade *u, const struct modem_reply *reply,
		     const struct err *r, struct err *e)
{
	struct at_fields f = first_fields(reply, "+CPIN:");
	struct slice state;
	char name[64];

	if (!reply && r->detail >= 0 && at_cme_meaning(r->detail))
		err_fail(e, MSG_SIM_REFUSED, "cme=%d meaning=%s", r->detail, at_cme_meaning(r->detail));
	else if (!at_field_any(&f, &state))
		err_fail(e, MSG_SIM_NOT_REPORTED, "");
	else if (slice_is(state, "READY"))
		return 0;
	else
		err_fail(e, MSG_SIM_NOT_READY, "state=%s", slice_copy(name, sizeof(name), state));
	return network_problem(u, e);
}

static int judge_registration(struct upgrade *u, const struct modem_reply *reply,
			      const struct err *r, struct err *e)
{
	struct at_fields f = first_fields(reply, "+CGREG:");
	long state;

	(void)r;
	if (!at_field_skip(&f) || !at_field_number(&f, 0, 10, &state)) {
		err_fail(e, MSG_REGISTRATION_NOT_REPORTED, "");
		return network_problem(u, e);
	}
	if (state != 1 && state != 5) {
		err_fail(e, MSG_NOT_REGISTERED, "state=%ld", state);
		return network_problem(u, e);
	}
	if (state == 5)
		upgrade_report(u, MSG_ROAMING, "");
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
		upgrade_report(u, MSG_SIGNAL_UNKNOWN, "");
	else if (rssi < u->profile->rssi_min)
		upgrade_found(u, MSG_SIGNAL_WEAK, "dbm=%ld", -113 + 2 * rssi);
	else
		upgrade_report(u, MSG_SIGNAL, "dbm=%ld", -113 + 2 * rssi);
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
		upgrade_report(u, MSG_CONTEXT_INACTIVE, "context=%d", u->profile->context_id);
	else
		u->fix[FIX_CONTEXT] = true;
	return 0;
}

/* Only where a wire has them does the module need to heed them. */
static bool has_flow_lines(const struct upgrade *u)
{
	enum link_flow flow = link_info(port_link(u->env.port))->flow;

	return flow == FLOW_LINES || flow == FLOW_ASKED;
}

static int judge_flow(struct upgrade *u, const struct modem_reply *reply,
		      const struct err *r, struct err *e)
{
	struct at_fields f = first_fields(reply, "+IFC:");
	long by_dce, by_dte;

	(void)r;
	(void)e;
	if (!at_field_number(&f, 0, 3, &by_dce) || !at_field_number(&f, 0, 3, &by_dte))
		upgrade_report(u, MSG_FLOW_NOT_REPORTED, "");
	else if (by_dce != 2 || by_dte != 2)
		u->fix[FIX_FLOW] = upgrade_sends(u) && has_flow_lines(u);
	return 0;
}

/* protocol.md 3.3, 4.4. */
static int judge_urc_port(struct upgrade *u, const struct modem_reply *reply,
			  const struct err *r, struct err *e)
{
	struct at_fields f = first_fields(reply, "+QURCCFG:");
	struct slice port;
	const char *ours = link_urc_port(port_link(u->env.port), &u->device);
	char *before = u->before[FIX_URC_PORT];

	(void)r;
	(void)e;
	if (!at_field_skip(&f) || !at_field_string(&f, &port) || port.size >= sizeof(u->before[0]))
		return 0;
	slice_copy(before, sizeof(u->before[0]), port);
	if (!ours)
		upgrade_report(u, MSG_URC_PORT_NOT_KNOWN, "urcport=%s", before);
	if (!ours || slice_is(port, ours))
		return 0;
	upgrade_report(u, MSG_URCS_ELSEWHERE, "");
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
		upgrade_report(u, MSG_URCS_OFF, "");
		snprintf(u->before[FIX_STATE_URC], sizeof(u->before[0]), "0");
		u->fix[FIX_STATE_URC] = true;
	}
	return 0;
}

/* A rate that is not ours, on a line where both understand each other, is no
 * reason: then ours is not the wire's. Only a module with automatic rate needs
 * one, on a wire, to be heard after its restart (protocol.md 4.5). */
static int judge_rate(struct upgrade *u, const struct modem_reply *reply,
		      const struct err *r, struct err *e)
{
	struct at_fields f = first_fields(reply, "+IPR:");
	long rate;

	(void)r;
	(void)e;
	if (!at_field_number(&f, 0, 4000000, &rate))
		return 0;
	u->module_rate = (int)rate;
	if (rate == 0 && link_info(port_link(u->env.port))->stores_rate) {
		snprintf(u->before[FIX_RATE], sizeof(u->before[0]), "0");
		u->fix[FIX_RATE] = true;
	}
	return 0;
}

static const struct check checks[] = {
	{TEST_COMMAND, "+QFOTADL:", judge_support},
	{"AT+CBC", "+CBC:", judge_supply},
	{"AT+CPIN?", "+CPIN:", judge_sim},
	{"AT+CGREG?", "+CGREG:", judge_registration},
	{"AT+CSQ", "+CSQ:", judge_signal},
	{"AT+QIACT?", "+QIACT:", judge_context},
	{"AT+IFC?", "+IFC:", judge_flow},
	{"AT+QURCCFG=\"urcport\"", "+QURCCFG:", judge_urc_port},
	{"AT+QCFG=\"stateurc/enable\"", "+QCFG:", judge_state_urc},
	{"AT+IPR?", "+IPR:", judge_rate},
};

static int run_check(struct upgrade *u, const struct check *check, struct err *e)
{
	struct modem_command command = {
		check->command, check->prefix, u->profile->timers.command_ms, NULL,
	};
	struct modem_reply reply;
	struct err r;
	int answer = modem_command(u->modem, &command, &reply, &r);

	/* a byte lost to noise: a question may be asked again */
	if (answer < 0 && r.code == ERR_TIMEOUT)
		answer = modem_command(u->modem, &command, &reply, &r);
	if (answer < 0 && r.code != ERR_REFUSED) {
		*e = r;
		return err_doing(e, MSG_CHECKING, "");
	}
	return check->judge(u, answer == 0 ? &reply : NULL, &r, e);
}

/* The model is read off the module, or off the version that the package is
 * for, which names it as well: what calls itself in another way is no dead end. */
static int check_model(struct upgrade *u, struct err *e)
{
	const struct manifest *m = &u->manifest;

	if (strcasecmp(m->model, u->identity.model) == 0)
		return 0;
	if (!u->plan.profile[0] || version_compare(m->from, u->from) == VERSION_OTHER)
		return err_fail(e, MSG_PACKAGE_OTHER_MODEL, "wanted=%s model=%s", m->model, u->identity.model);
	upgrade_found(u, MSG_PACKAGE_MODEL_UNSEEN, "wanted=%s model=%s", m->model, u->identity.model);
	return 0;
}

/* The base version alone does not tell old from new. */
static bool hides_sub(const struct upgrade *u, const char *wanted)
{
	return *version_sub(wanted) && version_compare(wanted, u->from) == VERSION_BASE;
}

/* The manifest, the module and the target must fit together (faults.md C01-C03). */
static int check_versions(struct upgrade *u, enum step *next, struct err *e)
{
	const struct manifest *m = &u->manifest;

	if (u->has_manifest && check_model(u, e) < 0)
		return -1;
	if (version_compare(u->to, u->from) != VERSION_OTHER && !hides_sub(u, u->to)) {
		if (!u->plan.if_needed)
			return err_fail(e, MSG_AT_TARGET, "version=%s", u->from);
		upgrade_conclude(u, OUTCOME_SUCCESS, MSG_AT_TARGET_ALREADY, "version=%s", u->from);
		*next = STEP_COUNT;
		return 0;
	}
	if (u->has_manifest && version_compare(m->from, u->from) == VERSION_OTHER)
		return err_fail(e, MSG_PACKAGE_OTHER_BASE, "wanted=%s version=%s", m->from, u->from);
	if (u->has_manifest && hides_sub(u, m->from))
		upgrade_found(u, MSG_BASE_SUB_UNSEEN, "wanted=%s version=%s", m->from, u->from);
	if (hides_sub(u, u->to))
		upgrade_found(u, MSG_TARGET_SUB_UNSEEN, "version=%s to=%s", u->from, u->to);
	if (!u->has_manifest)
		upgrade_found(u, MSG_NO_MANIFEST, "from=%s to=%s", u->from, u->to);
	if (who_version_of(u->to, u->identity.model) && version_older(u->to, u->from))
		upgrade_found(u, MSG_DOWNGRADE, "to=%s from=%s", u->to, u->from);
	return 0;
}

int upgrade_check(struct upgrade *u, enum step *next, struct err *e)
{
	if (u->plan.job == JOB_UPGRADE && check_versions(u, next, e) < 0)
		return -1;
	if (u->has_result)
		return 0;
	for (size_t i = 0; i < COUNT(checks); i++)
		if (run_check(u, &checks[i], e) < 0)
			return -1;
	return 0;
}

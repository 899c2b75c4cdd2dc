#include "config.h"

#include "upgrade/steps.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/count.h"
#include "base/version.h"
#include "protocol/card.h"
#include "protocol/who.h"
#include "upgrade/conclude.h"
#include "upgrade/settings.h"
#include "upgrade/target.h"
#include "upgrade/tell.h"

/* What is stored rests on two answers alike: so often the question is asked once more. */
#define READ_AGAIN 2

/* What a module must know before it is called a DFOTA module at all. */
#define TEST_COMMAND "AT+QFOTADL=?"

/* SIM and network need seconds after power-up, and the technician plugs in and
 * starts at once: 30 s for SIM and phone book (protocol.md 4.2, UG96 cold boot). */
#define READY_LIMIT_MS 30000
#define AGAIN_MS 2000

/* What the questions after a failure may take in all: a module that answers does so within
 * 0.3 s (protocol.md 4.2), six times, and a person waits for the result. The first that is
 * not answered ends them. */
#define AFTERWARDS_LIMIT_MS 10000

/* One question of the preflight. FITS: can a line be its answer? UNREADY: is
 * this the answer of a module that is not ready yet? NULL: never. JUDGE looks
 * at the answer; REPLY is NULL when there is none: the module refused the
 * command (R then says how) or did not answer. It returns -1 to stop the
 * upgrade, may report notices, and marks what `prepare` has to put right.
 * Without an answer where one is NEEDED the upgrade stops. What separates the causes
 * of a failure is asked AFTERWARDS as well, and where JUDGE is NULL only then. */
struct check {
	const char *command;
	const char *prefix;
	bool (*fits)(struct slice line);
	int (*judge)(struct upgrade *u, const struct modem_reply *reply,
		     const struct err *r, struct err *e);
	bool (*unready)(const struct modem_reply *reply, const struct err *r);
	bool needed, afterwards;
	bool (*applies)(const struct upgrade *u);	/* NULL: always */
	bool (*stores)(const struct upgrade *u, const struct modem_reply *reply);	/* because of it something is stored in the module */
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

/* Of the answer: the last line that fits. */
static struct at_fields answer_fields(const struct modem_reply *reply,
				      const char *prefix)
{
	return at_fields(reply && reply->count ? reply->lines[reply->count - 1] : (struct slice){"", 0},
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

/* "3987", "3987mV", "3.987V", "3.987": in mV. */
static bool read_voltage(struct slice field, long *mv)
{
	char text[16], *end;
	double volts;

	if (slice_number(field, 0, 99999, mv))
		return true;
	slice_copy(text, sizeof(text), field);
	volts = strtod(text, &end);
	if (!isdigit((unsigned char)text[0]) || !(volts >= 0 && volts <= 99999))
		return false;
	*mv = (long)volts;
	if (strcasecmp(end, "mV") == 0)
		return true;
	*mv = (long)(volts * 1000 + 0.5);
	return volts <= 99 && (strcasecmp(end, "V") == 0 || (!*end && strchr(text, '.')));
}

/* "+CBC: <bcs>,<bcl>,<mV>", or the voltage alone (protocol.md 7). *MV -1: two
 * fields and no voltage. False: it is of another form. */
static bool read_supply(struct slice line, long *charge, long *mv)
{
	struct at_fields f = at_fields(line, "+CBC:");
	struct slice field;
	long state;

	*charge = 0;
	*mv = -1;
	if (!at_field_any(&f, &field))
		return false;
	if (!f.more)
		return read_voltage(field, mv);
	if (!slice_number(field, 0, 999, &state) || !at_field_number(&f, 0, 99999, charge))
		return false;
	return !f.more || (at_field_any(&f, &field) && read_voltage(field, mv));
}

static bool fits_supply(struct slice line)
{
	long charge, mv;

	return read_supply(line, &charge, &mv);
}

/* A figure that no running module can have was not measured: on many boards
 * the pin is not wired (protocol.md 7). */
static int judge_supply(struct upgrade *u, const struct modem_reply *reply,
			const struct err *r, struct err *e)
{
	int minimum = u->plan.supply_min_mv ? u->plan.supply_min_mv : u->profile->supply_min_mv;
	char text[64];
	long charge, mv = -1;

	(void)r;
	u->supply_unmeasured = true;
	if (!reply || !reply->count || !read_supply(reply->lines[reply->count - 1], &charge, &mv) || mv < 0) {
		upgrade_found(u, MSG_SUPPLY_NOT_REPORTED, "");
		return 0;
	}
	if (charge > 100 || mv < u->profile->supply_run_min_mv || mv > u->profile->supply_run_max_mv) {
		upgrade_found(u, MSG_SUPPLY_UNMEASURED, "text=%s",
			      slice_copy(text, sizeof(text), reply->lines[reply->count - 1]));
		return 0;
	}
	u->supply_unmeasured = false;
	u->checks.supply_mv = (int)mv;
	if (mv < minimum)
		return err_fail(e, MSG_SUPPLY_LOW, "mv=%ld least=%d", mv, minimum);
	upgrade_report(u, MSG_SUPPLY, "mv=%ld", mv);
	return 0;
}

static bool fits_sim(struct slice line)
{
	struct at_fields f = at_fields(line, "+CPIN:");
	struct slice state;

	return at_field_any(&f, &state) && state.size > 0 && !f.more;
}

/* What the answer, or the refusal, says of the card. */
static enum card card_of(const struct modem_reply *reply, const struct err *r)
{
	struct at_fields f = answer_fields(reply, "+CPIN:");
	struct slice state;

	if (!reply)
		return r->code == ERR_REFUSED ? card_of_error(r->detail) : CARD_UNTOLD;
	return at_field_any(&f, &state) ? card_of_state(state) : CARD_UNTOLD;
}

/* After power-up a card is busy, or not even seen, for some seconds; what names
 * the code that it wants has been read. */
static bool sim_unready(const struct modem_reply *reply, const struct err *r)
{
	enum card card = card_of(reply, r);

	return card == CARD_MISSING || (card == CARD_UNTOLD && (reply || r->code == ERR_REFUSED));
}

/* No stop: a module that is registered has a SIM, and is asked for that. */
static int sim_unknown(struct upgrade *u)
{
	struct message m;

	message_set(&m, MSG_SIM_NOT_REPORTED, "");
	if (u->plan.job != JOB_UPGRADE || upgrade_sends(u))
		message_then(&m, MSG_NOT_NEEDED, "");
	upgrade_report_message(u, SEVERITY_INFO, &m);
	return 0;
}

/* For programs, which do not depend on who writes in capitals. */
static void keep_sim(struct upgrade *u, const char *state)
{
	char *out = u->checks.sim;

	text_safe_str(out, sizeof(u->checks.sim), state);
	for (char *c = out; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
}

static int judge_sim(struct upgrade *u, const struct modem_reply *reply,
		     const struct err *r, struct err *e)
{
	struct at_fields f = answer_fields(reply, "+CPIN:");
	struct slice state;
	char name[64];

	if (at_field_any(&f, &state))
		keep_sim(u, slice_copy(name, sizeof(name), state));
	else if (!reply && card_of(reply, r) != CARD_UNTOLD)
		keep_sim(u, at_cme_meaning(r->detail));
	switch (card_of(reply, r)) {
	case CARD_READY:
		return 0;
	case CARD_UNTOLD:
		return sim_unknown(u);
	case CARD_MISSING:
	case CARD_WAITS:
	case CARD_BLOCKED:
	case CARD_BARRED:
		break;
	}
	if (reply)
		err_fail(e, MSG_SIM_NOT_READY, "state=%s", name);
	else
		err_fail(e, MSG_SIM_REFUSED, "cme=%d meaning=%s", r->detail, at_cme_meaning(r->detail));
	return network_problem(u, e);
}

/* "+CGREG: <n>,<stat>[,...]". The message of the same name lacks <n>: what
 * comes second in it is a string, or a number that is no state (protocol.md 7). */
static bool read_registration(struct slice line, const char *prefix, long *state)
{
	struct at_fields f = at_fields(line, prefix);
	long mode;

	return at_field_number(&f, 0, 5, &mode) && at_field_number(&f, 0, 15, state);
}

static bool answers_registration(const struct modem_reply *reply, const char *prefix, long *state)
{
	return reply && reply->count && read_registration(reply->lines[reply->count - 1], prefix, state);
}

static bool is_registered(long state)
{
	return state == 1 || state == 5;
}

/* It searches, has not begun to, or was turned away by one of several networks:
 * no state but that of being registered lasts right after power-up. */
static bool is_searching(const struct modem_reply *reply, const char *prefix, const struct err *r)
{
	long state;

	if (!reply)
		return r->code == ERR_REFUSED;
	return !answers_registration(reply, prefix, &state) || !is_registered(state);
}

static int judge_state(struct upgrade *u, const struct modem_reply *reply, const char *prefix, struct err *e)
{
	long state;

	if (!answers_registration(reply, prefix, &state)) {
		err_fail(e, MSG_REGISTRATION_NOT_REPORTED, "");
		return network_problem(u, e);
	}
	u->checks.registration = (int)state;
	if (!is_registered(state)) {
		err_fail(e, MSG_NOT_REGISTERED, "state=%ld", state);
		return network_problem(u, e);
	}
	if (state == 5)
		upgrade_report(u, MSG_ROAMING, "");
	return 0;
}

#define PACKET "+CGREG:"
#define LTE "+CEREG:"	/* the same of LTE: 3GPP TS 27.007 */

static bool fits_registration(struct slice line)
{
	long state;

	return read_registration(line, PACKET, &state);
}

static bool registration_unready(const struct modem_reply *reply, const struct err *r)
{
	return is_searching(reply, PACKET, r);
}

static int judge_registration(struct upgrade *u, const struct modem_reply *reply,
			      const struct err *r, struct err *e)
{
	long state;

	(void)r;
	/* a module of LTE may report 0 here and be registered there (assumption) */
	if (u->profile->lte && !(answers_registration(reply, PACKET, &state) && is_registered(state)))
		return 0;
	return judge_state(u, reply, PACKET, e);
}

static bool fits_lte(struct slice line)
{
	long state;

	return read_registration(line, LTE, &state);
}

static bool lte_unready(const struct modem_reply *reply, const struct err *r)
{
	return is_searching(reply, LTE, r);
}

static int judge_lte(struct upgrade *u, const struct modem_reply *reply, const struct err *r, struct err *e)
{
	(void)r;
	return judge_state(u, reply, LTE, e);
}

static bool not_lte(const struct upgrade *u)
{
	return !u->profile->lte;
}

static bool is_lte(const struct upgrade *u)
{
	return u->profile->lte;
}

/* Until one of its networks has it. */
static bool needs_lte(const struct upgrade *u)
{
	return is_lte(u) && !is_registered(u->checks.registration);
}

/* dBm = -113 + 2 x rssi: protocol.md 7. */
static int judge_signal(struct upgrade *u, const struct modem_reply *reply,
			const struct err *r, struct err *e)
{
	struct at_fields f = answer_fields(reply, "+CSQ:");
	long rssi;
	bool known = at_field_number(&f, 0, 99, &rssi) && rssi != 99;

	(void)r;
	(void)e;
	if (known)
		u->checks.rssi = (int)rssi;
	if (u->plan.job == JOB_UPGRADE && upgrade_sends(u))
		return 0;
	if (!known)
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
	struct at_fields f = answer_fields(reply, "+IFC:");
	long by_dce, by_dte;

	(void)r;
	(void)e;
	if (!upgrade_sends(u) || !has_flow_lines(u))
		return 0;
	if (!at_field_number(&f, 0, 3, &by_dce) || !at_field_number(&f, 0, 3, &by_dte)) {
		upgrade_report(u, MSG_FLOW_NOT_REPORTED, "");
		by_dce = by_dte = 0;	/* it works when it says OK to it, not before */
	}
	u->fix[FIX_FLOW] = by_dce != 2 || by_dte != 2;
	return 0;
}

static bool stores_urc_port(const struct upgrade *u, const struct modem_reply *reply)
{
	struct at_fields f = answer_fields(reply, "+QURCCFG:");
	const char *ours = link_urc_port(port_link(u->env.port), &u->device);
	struct slice port;

	return at_field_skip(&f) && at_field_string(&f, &port) && ours && !slice_is(port, ours);
}

/* protocol.md 3.3, 4.4. */
static int judge_urc_port(struct upgrade *u, const struct modem_reply *reply,
			  const struct err *r, struct err *e)
{
	struct at_fields f = answer_fields(reply, "+QURCCFG:");
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
	u->fits[FIX_URC_PORT] = ours && slice_is(port, ours);
	if (!stores_urc_port(u, reply))
		return 0;
	upgrade_report(u, MSG_URCS_ELSEWHERE, "");
	snprintf(u->urc_port, sizeof(u->urc_port), "%s", ours);
	u->fix[FIX_URC_PORT] = true;
	return 0;
}

static bool state_urc_is(const struct modem_reply *reply, long wanted)
{
	struct at_fields f = answer_fields(reply, "+QCFG:");
	long on;

	return at_field_skip(&f) && at_field_number(&f, 0, 1, &on) && on == wanted;
}

static bool stores_state_urc(const struct upgrade *u, const struct modem_reply *reply)
{
	(void)u;
	return state_urc_is(reply, 0);
}

static int judge_state_urc(struct upgrade *u, const struct modem_reply *reply,
			   const struct err *r, struct err *e)
{
	(void)r;
	(void)e;
	u->fits[FIX_STATE_URC] = state_urc_is(reply, 1);
	if (stores_state_urc(u, reply)) {
		upgrade_report(u, MSG_URCS_OFF, "");
		snprintf(u->before[FIX_STATE_URC], sizeof(u->before[0]), "0");
		u->fix[FIX_STATE_URC] = true;
	}
	return 0;
}

static bool stores_rate(const struct upgrade *u, const struct modem_reply *reply)
{
	struct at_fields f = answer_fields(reply, "+IPR:");
	long rate;

	return at_field_number(&f, 0, 4000000, &rate) && rate == 0 && link_info(port_link(u->env.port))->stores_rate;
}

/* A rate that is not ours, on a line where both understand each other, is no
 * reason: then ours is not the wire's. Only a module with automatic rate needs
 * one, on a wire, to be heard after its restart (protocol.md 4.5). */
static int judge_rate(struct upgrade *u, const struct modem_reply *reply,
		      const struct err *r, struct err *e)
{
	struct at_fields f = answer_fields(reply, "+IPR:");
	long rate;

	(void)r;
	(void)e;
	if (!at_field_number(&f, 0, 4000000, &rate))
		return 0;
	u->module_rate = (int)rate;
	if (stores_rate(u, reply)) {
		snprintf(u->before[FIX_RATE], sizeof(u->before[0]), "0");
		u->fix[FIX_RATE] = true;
	}
	return 0;
}

static bool has_numbers(struct slice line, const char *prefix, int count, long most)
{
	struct at_fields f = at_fields(line, prefix);
	long number;

	while (count-- > 0)
		if (!at_field_number(&f, 0, most, &number))
			return false;
	return true;
}

static bool fits_signal(struct slice line)
{
	return has_numbers(line, "+CSQ:", 2, 199);
}

static bool fits_context(struct slice line)
{
	return has_numbers(line, "+QIACT:", 2, 99);
}

static bool fits_flow(struct slice line)
{
	return has_numbers(line, "+IFC:", 2, 3);
}

static bool fits_space(struct slice line)
{
	return has_numbers(line, "+QFLDS:", 2, LONG_MAX);
}

static bool fits_rate(struct slice line)
{
	return has_numbers(line, "+IPR:", 1, 4000000);
}

/* The answer repeats what was asked for. */
static bool is_setting(struct slice line, const char *prefix, const char *name)
{
	struct at_fields f = at_fields(line, prefix);
	struct slice field;

	return at_field_string(&f, &field) && slice_is(field, name) && f.more;
}

static bool fits_urc_port(struct slice line)
{
	return is_setting(line, "+QURCCFG:", "urcport");
}

static bool fits_state_urc(struct slice line)
{
	return is_setting(line, "+QCFG:", "stateurc/enable");
}

static const struct check checks[] = {
	{TEST_COMMAND, "+QFOTADL:", NULL, judge_support, .needed = true},
	{"AT+CBC", "+CBC:", fits_supply, judge_supply, .afterwards = true},
	{"AT+CPIN?", "+CPIN:", fits_sim, judge_sim, .unready = sim_unready},
	{"AT+CGREG?", PACKET, fits_registration, judge_registration, registration_unready, .afterwards = true, .applies = not_lte},
	{"AT+CGREG?", PACKET, fits_registration, judge_registration, .afterwards = true, .applies = is_lte},
	{"AT+CEREG?", LTE, fits_lte, judge_lte, lte_unready, .afterwards = true, .applies = needs_lte},
	{"AT+CSQ", "+CSQ:", fits_signal, judge_signal, .afterwards = true},
	{"AT+QIACT?", "+QIACT:", fits_context, judge_context, .afterwards = true},
	{"AT+QFLDS=\"UFS\"", "+QFLDS:", fits_space, .afterwards = true},
	{"AT+IFC?", "+IFC:", fits_flow, .judge = judge_flow},
	{"AT+QURCCFG=\"urcport\"", "+QURCCFG:", fits_urc_port, .judge = judge_urc_port, .stores = stores_urc_port},
	{"AT+QCFG=\"stateurc/enable\"", "+QCFG:", fits_state_urc, .judge = judge_state_urc, .stores = stores_state_urc},
	{"AT+IPR?", "+IPR:", fits_rate, .judge = judge_rate, .stores = stores_rate},
};

static bool applies(const struct upgrade *u, const struct check *check)
{
	return !check->applies || check->applies(u);
}

/* Ask once. 1: REPLY is the answer, 0: there is none, *R says why; -1. */
static int ask(struct upgrade *u, const struct check *check, struct modem_reply *reply, struct err *r, struct err *e)
{
	struct modem_command command = {
		check->command, check->prefix, u->profile->timers.command_ms, check->fits,
	};

	*r = (struct err){.detail = -1};
	if (modem_ask(u->modem, &command, reply, r) == 0)
		return 1;
	if (r->code == ERR_REFUSED)
		return 0;
	if (r->code == ERR_TIMEOUT && !check->needed) {
		r->detail = -1;	/* no number of an error */
		return 0;
	}
	*e = *r;
	return err_doing(e, MSG_CHECKING, "");
}

/* As ask(); what something is stored for, and put back as, is read twice alike: a byte that
 * got lost must not do that. */
static int ask_sure(struct upgrade *u, const struct check *check, struct modem_reply *reply, struct err *r, struct err *e)
{
	int answer = ask(u, check, reply, r, e);

	for (int i = 0; i < READ_AGAIN && answer > 0 && check->stores && check->stores(u, reply); i++) {
		char before[AT_LINE_MAX];

		slice_copy(before, sizeof(before), reply->lines[reply->count - 1]);
		answer = ask(u, check, reply, r, e);
		if (answer > 0 && reply->count > 0 && slice_is(reply->lines[reply->count - 1], before))
			return 1;
	}
	return answer > 0 && check->stores && check->stores(u, reply) ? 0 : answer;
}

/* What a module that is not ready yet answers to CHECK is asked again for a
 * while, where the way of the package needs it. */
static bool may_become_ready(const struct upgrade *u, const struct check *check, const struct modem_reply *reply,
			     const struct err *r)
{
	return check->unready && u->plan.job == JOB_UPGRADE && !upgrade_sends(u) && check->unready(reply, r) &&
		upgrade_now(u) + AGAIN_MS < u->ready_end_ms;
}

static int run_check(struct upgrade *u, const struct check *check, struct err *e)
{
	bool waited = false;

	for (;;) {
		struct modem_reply reply;
		struct err r;
		int answer = ask_sure(u, check, &reply, &r, e);

		if (answer < 0)
			return -1;
		if (!may_become_ready(u, check, answer ? &reply : NULL, &r))
			return check->judge(u, answer ? &reply : NULL, &r, e);
		if (!waited)
			upgrade_report(u, MSG_NOT_READY_YET, "command=%s seconds=%d", check->command,
				       (int)((u->ready_end_ms - upgrade_now(u)) / 1000));
		waited = true;
		if (modem_pause(u->modem, upgrade_now(u) + AGAIN_MS, e) < 0)
			return -1;
	}
}

/* A version says BG95 of a BG95-M3, whose answer to ATI would say which it is. */
static bool is_variant(const char *wanted, const char *model)
{
	size_t size = strlen(model);

	return size > 0 && strncasecmp(wanted, model, size) == 0 && wanted[size] == '-';
}

/* The model is read off the module, or off the version that the package is
 * for, which names it as well: what calls itself in another way is no dead end. */
static int check_model(struct upgrade *u, struct err *e)
{
	const struct manifest *m = &u->manifest;

	if (strcasecmp(m->model, u->identity.model) == 0)
		return 0;
	if ((!u->plan.profile[0] && !is_variant(m->model, u->identity.model)) || version_compare(m->from, u->from) == VERSION_OTHER)
		return err_fail(e, MSG_PACKAGE_OTHER_MODEL, "wanted=%s model=%s", m->model, u->identity.model);
	upgrade_found(u, MSG_PACKAGE_MODEL_UNSEEN, "wanted=%s model=%s", m->model, u->identity.model);
	return 0;
}

/* The base version alone does not tell old from new. */
static bool hides_sub(const struct upgrade *u, const char *wanted)
{
	return *version_sub(wanted) && version_compare(wanted, u->from) == VERSION_BASE;
}

int upgrade_check_versions(struct upgrade *u, enum step *next, struct err *e)
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
	if (upgrade_check_form(u, e) < 0)
		return -1;
	if (hides_sub(u, u->to))
		upgrade_found(u, MSG_TARGET_SUB_UNSEEN, "version=%s to=%s", u->from, u->to);
	if (!u->has_manifest)
		upgrade_found(u, MSG_NO_MANIFEST, "from=%s to=%s", u->from, u->to);
	if (who_version_of(u->to, u->identity.model) && version_older(u->to, u->from))
		upgrade_found(u, MSG_DOWNGRADE, "to=%s from=%s", u->to, u->from);
	return 0;
}

/* The first "no" stops the upgrade, but not the questions, which change nothing:
 * what separates its causes is asked for now or never. Nothing is waited for then. */
static int run_checks(struct upgrade *u, struct err *e)
{
	bool stopped = false;

	for (size_t i = 0; i < COUNT(checks); i++) {
		struct err why;

		if (!checks[i].judge || !applies(u, &checks[i]) || run_check(u, &checks[i], &why) == 0)
			continue;
		if (!stopped)
			*e = why;
		if (why.code != ERR_NETWORK && why.code != ERR_MODULE)
			return -1;
		stopped = true;
		u->ready_end_ms = 0;
	}
	return stopped ? -1 : 0;
}

/* For --json: the figures, which stand in notices as words. */
static void report_found(struct upgrade *u)
{
	struct event ev = {.type = EVENT_CHECKS};

	ev.checks = u->checks;
	upgrade_emit(u, &ev);
}

int upgrade_check(struct upgrade *u, enum step *next, struct err *e)
{
	int r;

	if (u->plan.job == JOB_UPGRADE && upgrade_check_versions(u, next, e) < 0)
		return -1;
	if (u->has_result)
		return 0;
	u->ready_end_ms = upgrade_now(u) + READY_LIMIT_MS;
	u->checks = (struct checks_found){.supply_mv = -1, .rssi = -1, .registration = -1};
	r = run_checks(u, e);
	report_found(u);
	return r;
}

/* Did it fail, by a word of the module, when it had been asked for more than its state,
 * and is there nothing that a question could disturb? */
static bool may_ask_afterwards(const struct upgrade *u)
{
	const struct result *r = &u->result;
	bool refused = r->outcome == OUTCOME_STOPPED && r->step >= STEP_PREPARE &&
		(r->stop == ERR_MODULE || r->what.id == MSG_CONTEXT_REFUSED);

	if (u->plan.job == JOB_PROBE || u->cancelled || u->attached || !upgrade_takes_commands(u))
		return false;
	/* it may still begin, or go on after a restart */
	if (u->again || (u->course.started && !u->course.ended) || u->data.open || u->data.late)
		return false;
	return modem_in_step(u->modem) && (refused || r->outcome == OUTCOME_UNCHANGED || r->outcome == OUTCOME_DEVICE_FAILED);
}

void upgrade_ask_afterwards(struct upgrade *u)
{
	int64_t until_ms = upgrade_now(u) + AFTERWARDS_LIMIT_MS;

	if (!may_ask_afterwards(u))
		return;
	upgrade_report(u, MSG_ASKS_AFTERWARDS, "");
	u->checks.registration = -1;	/* it may have left the network since */
	for (size_t i = 0; i < COUNT(checks); i++) {
		int64_t left_ms = until_ms - upgrade_now(u);
		struct modem_command command = {
			checks[i].command, checks[i].prefix, (int)earlier(u->profile->timers.command_ms, left_ms), checks[i].fits,
		};
		struct modem_reply reply;
		struct err e;

		if (!checks[i].afterwards || !applies(u, &checks[i]))
			continue;
		if (left_ms <= 0 || (modem_command(u->modem, &command, &reply, &e) < 0 && e.code != ERR_REFUSED))
			return;
	}
}

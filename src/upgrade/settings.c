#include "config.h"

#include "upgrade/settings.h"

#include <stdio.h>
#include <string.h>

#include "base/count.h"
#include "modem/identity.h"
#include "protocol/who.h"
#include "upgrade/gate.h"
#include "upgrade/steps.h"
#include "upgrade/tell.h"

/*
 * What `prepare` sends, in this order. What has an UNDO is stored in the module
 * and outlives the run, so it waits for the yes, as does what comes after it.
 * ALWAYS: also when no check asked for it. MUST: an ERROR stops the upgrade.
 * PROFILE: its &W stores the whole profile, so that is made what is stored first
 * and our own modes are set again afterwards.
 */
static const struct row {
	enum fix fix;
	const char *command, *undo;
	bool after_yes, always, must, profile;
	int timeout_ms;		/* 0: a plain command */
	enum message_id without;	/* what it means when the module refuses it */
} rows[] = {
	/* protocol.md 4.2 */
	{FIX_CONTEXT, "AT+QIACT={context}", .must = true, .timeout_ms = 150000},
	{FIX_STATE_URC, "AT+QCFG=\"stateurc/enable\",1", "AT+QCFG=\"stateurc/enable\",{before}",
	 .after_yes = true, .without = MSG_PROGRESS_MAY_LACK},
	{FIX_URC_PORT, "AT+QURCCFG=\"urcport\",\"{urcport}\"", "AT+QURCCFG=\"urcport\",\"{before}\"",
	 .after_yes = true, .without = MSG_PROGRESS_ELSEWHERE},
	/* protocol.md 4.5: else a module with automatic rate does not speak after its restart */
	{FIX_RATE, "AT+IPR={baud};&W", "AT+IPR={before};&W", .after_yes = true, .profile = true,
	 .without = MSG_RATE_LEFT},
	/* protocol.md 2.2: a DTR change must not end data mode */
	{FIX_DTR, "AT&D0", .after_yes = true, .always = true},
	/* protocol.md 3.3: later modules only, ERROR is no harm */
	{FIX_INDICATIONS, "AT+QINDCFG=\"all\",1", .after_yes = true, .always = true},
	{FIX_FLOW, "AT+IFC=2,2", .after_yes = true, .without = MSG_FLOW_REFUSED},
};

#define RESET_PROFILE "ATZ"
/* An answer takes 0.3 s as documented, 1.5 s were seen (protocol.md 4.2). */
#define ANSWER_MS 1500

static bool is_needed(const struct upgrade *u, const struct row *row)
{
	return row->always || u->fix[row->fix];
}

static int build(const struct upgrade *u, const struct row *row, const char *template,
		 char *out, size_t out_size, struct err *e)
{
	char baud[16], context[16];
	const struct at_value values[] = {
		{"urcport", u->urc_port}, {"baud", baud}, {"context", context},
		{"before", u->before[row->fix]}, {NULL, NULL},
	};

	snprintf(baud, sizeof(baud), "%d", u->baud);
	snprintf(context, sizeof(context), "%d", u->profile->context_id);
	return at_build(out, out_size, template, values, e);
}

static int send(struct upgrade *u, const char *text, int timeout_ms, struct err *e)
{
	struct modem_command command = {
		text, NULL, timeout_ms ? timeout_ms : u->profile->timers.command_ms, NULL,
	};

	return modem_command(u->modem, &command, NULL, e);
}

/* --- the plan --- */

/* Our side of RTS/CTS first: where the lines are not wired the module must not
 * wait for them either (faults.md A18, A28, A33). */
static int start_flow_control(struct upgrade *u, struct err *e)
{
	enum link_flow flow = link_info(port_link(u->env.port))->flow;
	struct err unwired;

	if (!upgrade_sends(u) || u->plan.dry_run || flow == FLOW_BUS)
		return 0;
	if (flow == FLOW_SERVER || flow == FLOW_NONE) {
		u->slow = true;
		return 0;
	}
	if (port_set_flow_control(u->env.port, true, &unwired) == 0)
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

static void add_command(struct command_plan *plan, const char *text)
{
	size_t used = strlen(plan->commands);

	snprintf(plan->commands + used, sizeof(plan->commands) - used, "%s\n", text);
}

/* The setting of ROW, if it is one that is stored. */
static int plan_setting(struct upgrade *u, const struct row *row, const char *command, struct err *e)
{
	struct setting s = {.state = SETTING_PLANNED};
	struct message fact;

	if (!row->undo)
		return 0;
	snprintf(s.command, sizeof(s.command), "%s", command);
	snprintf(s.before, sizeof(s.before), "%s", u->before[row->fix]);
	if (build(u, row, row->undo, s.undo, sizeof(s.undo), e) < 0)
		return -1;
	settings_take(&u->settings, &s);
	setting_message(&s, &fact);
	if (u->plan.keep_settings) {
		message_set(&fact, MSG_STORES, "command=%s", s.command);
		message_then(&fact, MSG_SETTING_WAS, "before=%s", s.before);
	}
	/* it lasts: no lesser fact may take its place in the question */
	upgrade_found_message(u, SEVERITY_WARNING, &fact);
	return 0;
}

/* Each line of PLAN as a notice. */
static void report_plan(struct upgrade *u, const struct command_plan *plan)
{
	for (const char *at = plan->commands; *at; at += strcspn(at, "\n") + 1)
		upgrade_report(u, MSG_WOULD_SEND, "command=%.*s", (int)strcspn(at, "\n"), at);
	for (size_t i = 0; !u->plan.keep_settings && i < plan->settings.count; i++)
		upgrade_report(u, MSG_WOULD_PUT_BACK, "command=%s", plan->settings.list[i].undo);
}

/* A file that the package goes into is stored as well, and taken away at the end. */
static int plan_file(struct upgrade *u, struct command_plan *plan, struct err *e)
{
	struct setting s = {.state = SETTING_PLANNED};
	const struct at_value values[] = {{"name", u->profile->file_name}, {NULL, NULL}};

	if (!u->upload[0])
		return 0;
	snprintf(s.command, sizeof(s.command), "%s", u->upload);
	if (at_build(s.undo, sizeof(s.undo), "AT+QFDEL=\"{name}\"", values, e) < 0)
		return -1;
	if (u->leftover)
		add_command(plan, s.undo);
	add_command(plan, s.command);
	settings_take(&u->settings, &s);
	upgrade_found(u, MSG_FILE_STORED, "command=%s undo=%s", s.command, u->plan.keep_settings ? "" : s.undo);
	return 0;
}

int upgrade_plan_settings(struct upgrade *u, const char *last, struct err *e)
{
	struct event ev = {.type = EVENT_PLAN};
	char text[128];

	if (start_flow_control(u, e) < 0)
		return -1;
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (!is_needed(u, &rows[i]))
			continue;
		if (build(u, &rows[i], rows[i].command, text, sizeof(text), e) < 0 ||
		    plan_setting(u, &rows[i], text, e) < 0)
			return -1;
		if (rows[i].profile)
			add_command(&ev.plan, RESET_PROFILE);
		add_command(&ev.plan, text);
	}
	if (plan_file(u, &ev.plan, e) < 0)
		return -1;
	add_command(&ev.plan, last);
	ev.plan.settings = u->settings;
	if (u->plan.dry_run)
		report_plan(u, &ev.plan);
	upgrade_emit(u, &ev);
	return 0;
}

/* --- doing it --- */

/* What became of S; in the record before anything is sent for it. */
static void report_setting(struct upgrade *u, struct setting *s, enum setting_state state)
{
	struct event ev = {.type = EVENT_SETTING};

	s->state = state;
	ev.setting = *s;
	upgrade_emit(u, &ev);
}

/* The session's modes, which a reset of the profile has undone. */
static int set_modes(struct upgrade *u, struct err *e)
{
	static const char *const modes[] = {"ATE0", "ATV1", "AT+CMEE=1"};

	for (size_t i = 0; i < COUNT(modes); i++)
		if (send(u, modes[i], 0, e) < 0 && e->code != ERR_REFUSED)
			return -1;
	return 0;
}

/* Send TEXT of ROW; what it stores is that setting and nothing else. */
static int send_row(struct upgrade *u, const struct row *row, const char *text, struct err *e)
{
	struct err later;
	int r;

	if (!row->profile)
		return send(u, text, row->timeout_ms, e);
	if (send(u, RESET_PROFILE, 0, e) < 0)
		return -1;
	r = send(u, text, row->timeout_ms, e);
	if (set_modes(u, &later) < 0 && r == 0) {
		*e = later;
		return -1;
	}
	return r;
}

static struct setting *setting_of(struct upgrade *u, const char *command)
{
	for (size_t i = 0; i < u->settings.count; i++)
		if (strcmp(u->settings.list[i].command, command) == 0)
			return &u->settings.list[i];
	return NULL;
}

void upgrade_report_stored(struct upgrade *u, const char *command, enum setting_state state)
{
	struct setting *s = setting_of(u, command);

	if (s)
		report_setting(u, s, state);
}

static int apply(struct upgrade *u, const struct row *row, struct err *e)
{
	char text[128];
	struct setting *s;
	int r;

	if (build(u, row, row->command, text, sizeof(text), e) < 0)
		return -1;
	s = row->undo ? setting_of(u, text) : NULL;
	if (s)
		report_setting(u, s, SETTING_SENT);
	r = send_row(u, row, text, e);
	if (s && (r == 0 || e->code == ERR_REFUSED))
		report_setting(u, s, r == 0 ? SETTING_CHANGED : SETTING_REFUSED);
	if (r == 0) {
		u->fix[row->fix] = false;
		u->fits[row->fix] = true;
		return 0;
	}
	if (e->code != ERR_REFUSED)
		return -1;
	if (row->must)
		return err_fail(e, MSG_CONTEXT_REFUSED, "context=%d cme=%d", u->profile->context_id, e->detail > 0 ? e->detail : 0);
	if (row->without) {
		message_then(&e->message, row->without, "");
		upgrade_report_message(u, SEVERITY_WARNING, &e->message);
	}
	return 0;
}

static int apply_all(struct upgrade *u, bool after_yes, struct err *e)
{
	for (size_t i = 0; i < COUNT(rows); i++)
		if (rows[i].after_yes == after_yes && is_needed(u, &rows[i]) && apply(u, &rows[i], e) < 0)
			return -1;
	return 0;
}

int upgrade_apply_settings(struct upgrade *u, struct err *e)
{
	return u->plan.dry_run ? 0 : apply_all(u, false, e);
}

int upgrade_store_settings(struct upgrade *u, struct err *e)
{
	if (u->plan.dry_run)
		return 0;
	if (u->settings.count > 0 && upgrade_intend(u, INTENT_SETTINGS, e) < 0)
		return -1;
	if (apply_all(u, true, e) < 0)
		return -1;
	u->slow |= u->fix[FIX_FLOW];
	return 0;
}

/* --- undoing it --- */

bool upgrade_takes_commands(const struct upgrade *u)
{
	const struct result *r = &u->result;

	if (!port_is_open(u->env.port) || r->outcome == OUTCOME_UNKNOWN)
		return false;
	return r->outcome == OUTCOME_STOPPED ? !u->committed && !u->under_way : r->now[0] != '\0';
}

static bool needs_profile(const char *undo)
{
	return strstr(undo, "&W") != NULL;
}

static int send_undo(struct upgrade *u, const struct setting *s, struct err *e)
{
	if (needs_profile(s->undo) && send(u, RESET_PROFILE, 0, e) < 0)
		return -1;
	return send(u, s->undo, 0, e);
}

/* A file that was to be deleted and is not there: the module has done it itself. */
static bool is_gone(struct upgrade *u, const struct setting *s, const struct err *refused)
{
	static const char delete[] = "AT+QFDEL=";
	char text[sizeof(s->undo)];
	const struct modem_command list = {text, "+QFLST:", u->profile->timers.command_ms, NULL};
	struct modem_reply reply;
	struct err e;

	if (refused->code != ERR_REFUSED || strncmp(s->undo, delete, strlen(delete)) != 0)
		return false;
	snprintf(text, sizeof(text), "AT+QFLST=%s", s->undo + strlen(delete));
	return modem_ask(u->modem, &list, &reply, &e) == 0 ? reply.count == 0 : e.code == ERR_REFUSED;
}

/* Does it answer again before UNTIL_MS, and is it the same? */
static bool answers_again(struct upgrade *u, int64_t until_ms)
{
	struct identity_doubt doubt;
	struct identity now;
	struct err e = {0};

	while (upgrade_now(u) < until_ms && !u->cancelled) {
		if (!port_is_open(u->env.port) &&
		    (port_pause(u->env.port, upgrade_now(u) + PORT_PAUSE_MS, &e) < 0 || !upgrade_reopen(u)))
			continue;
		if (modem_sync(u->modem, false, &u->baud, until_ms, &e) == 0 &&
		    modem_identify(u->modem, &u->identity, until_ms, &now, &doubt, &e) == 0)
			return who_same_imei(now.imei, u->identity.imei);
		if (e.code == ERR_CANCELLED)
			return false;
		if (e.code == ERR_GONE)
			port_close(u->env.port);
	}
	return false;
}

/* It may have restarted just then: it has the time of a restart, or for who wants to leave
 * that of two commands. Who asks for it once more, leaves. */
static bool comes_back(struct upgrade *u)
{
	const struct profile_timers *t = &u->profile->timers;
	bool leaves = u->cancelled, back;
	int64_t until_ms = upgrade_now(u) + (leaves ? 2 * t->command_ms : t->reboot_ms);

	u->cancelled = false;
	back = answers_again(u, u->watch_end_ms ? earlier(until_ms, u->watch_end_ms) : until_ms);
	u->cancelled |= leaves;
	return back;
}

static void put_back(struct upgrade *u, struct setting *s)
{
	struct err e;
	int r;

	upgrade_report(u, MSG_PUTTING_BACK, "command=%s", s->undo);
	r = send_undo(u, s, &e);
	/* the result is known: who leaves now, leaves a command later; one that is out is answered first */
	if (r < 0 && e.code == ERR_CANCELLED && modem_pause(u->modem, upgrade_now(u) + ANSWER_MS, &e) == 0)
		r = send_undo(u, s, &e);
	if (r < 0 && e.code == ERR_GONE) {
		port_close(u->env.port);
		upgrade_report(u, MSG_PORT_GONE_WAITING, "");
	}
	if (r < 0 && (e.code == ERR_GONE || e.code == ERR_TIMEOUT) && comes_back(u))
		r = send_undo(u, s, &e);
	if (r == 0 || is_gone(u, s, &e)) {
		report_setting(u, s, SETTING_PUT_BACK);
		return;
	}
	message_then(&e.message, MSG_NOT_PUT_BACK, "");
	upgrade_report_message(u, SEVERITY_WARNING, &e.message);
}

void upgrade_put_back_settings(struct upgrade *u)
{
	for (size_t i = 0; i < u->settings.count; i++) {
		struct setting *s = &u->settings.list[i];

		if (!u->plan.keep_settings && setting_stands(s) && upgrade_takes_commands(u))
			put_back(u, s);
		if (s->state != SETTING_PLANNED)
			settings_take(&u->result.settings, s);
	}
}

#include "config.h"

#include "upgrade/resume.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "upgrade/conclude.h"
#include "upgrade/data_mode.h"
#include "upgrade/target.h"
#include "upgrade/tell.h"

/* The module's own time-out for data counts from a byte we did not see. */
#define DATA_MORE_S 5
#define COM_TIMEOUT_MAX_S 65535
/* So many bytes at least are written after the gate, by every version. */
#define AFTER_GATE_MIN 64
/* Who resumes after so long has a clock that was set. */
#define AGE_MAX_S (30 * 24 * 3600)

/* Milliseconds since the intent, by the wall clock: it may have been set since,
 * so it only shortens what is waited for, and not when it is beyond belief. */
static int64_t age_ms(const struct open_upgrade *open)
{
	int64_t age_s = (int64_t)time(NULL) - open->when_s;

	return open->when_s <= 0 || age_s < 0 || age_s > AGE_MAX_S ? 0 : age_s * 1000;
}

/* Of a package that was sent up to here: what the module can still lack of it at
 * least. Before the gate that is what is written after it (package/blocks.h),
 * without what was asked meanwhile; after it nobody knows. */
static uint64_t missing(const struct open_upgrade *open)
{
	uint64_t least = open->size < AFTER_GATE_MIN ? open->size : AFTER_GATE_MIN;

	if (open->intent != INTENT_TRANSFER)
		return 0;
	return least > open->asked ? least - open->asked : 1;
}

/* Nothing goes on in it: it said so, or refused to download, or was in command mode
 * with a package that was never complete, or never begun. */
static bool is_idle(const struct open_upgrade *open)
{
	return open->ended || open->failed || open->intent == INTENT_SETTINGS ||
		(open->refused && !route_info(open->route)->serial) ||
		(open->answered && open->intent == INTENT_TRANSFER && !open->started);
}

/* Does it perhaps take what comes for package bytes? An END that came while bytes of the
 * package were missing may be nobody's: it is judged as it is while we send, whatever step
 * the program before was at when it ended. */
static bool is_in_doubt(const struct open_upgrade *open)
{
	bool early = open->ended && !open->answered &&
		(open->step == STEP_TRANSFER || open->intent == INTENT_TRANSFER);

	return !open->started && (early || !is_idle(open));
}

/*
 * Silence before the first question, in milliseconds, and why. Nobody knows in
 * which phase the module is: one that installs speaks at least so often
 * (protocol.md 4.2, UPDATING), but may stall for ten minutes (faults.md C23) as
 * long as it can be at it at all; one in data mode takes what comes for package
 * bytes until its own time-out (protocol.md 2.2).
 */
static int listen_limit_ms(const struct upgrade *u, enum message_id *why)
{
	const struct open_upgrade *open = &u->plan.open;
	const struct profile_timers *t = &u->profile->timers;
	/* data mode that was asked for has its time to come before that of the data */
	int data_ms = (upgrade_com_timeout_s(u) + DATA_MORE_S) * 1000 + (open->gate_due ? t->gate_limit_ms : 0);
	int usual_ms = t->updating_notice_ms;

	*why = MSG_LISTENS_INSTALLING;
	if (is_idle(open) || u->plan.ask_now)
		usual_ms = 0;
	else if (u->data.open && !u->data.complete)
		usual_ms = data_ms;	/* before the gate: it can't be installing */
	else if (open->intent == INTENT_INSTALL && age_ms(open) < t->watch_limit_ms)
		usual_ms += t->stall_limit_ms;
	if (u->plan.listen_timeout_s)
		usual_ms = u->plan.listen_timeout_s * 1000;
	/* what the program before asked last has its time, or the next question crosses the answer */
	if ((open->asked > 0 || open->due > 0) && usual_ms < t->command_ms) {
		*why = MSG_LISTENS_COMMAND;
		usual_ms = t->command_ms;
	}
	if (!u->data.open || usual_ms > data_ms || ((u->plan.ask_now || u->data.asks_now) && !u->data.complete))
		return usual_ms;
	*why = MSG_LISTENS_DATA;
	return data_ms;
}

/* What is waited for, why, and how long. */
static void report_listening(struct upgrade *u)
{
	enum message_id why;

	u->listen_ms = listen_limit_ms(u, &why);
	upgrade_report(u, MSG_KEEPS_WATCHING, "model=%s imei=%s from=%s to=%s seconds=%d",
		       u->identity.model, u->identity.imei, u->from, u->to, u->listen_ms / 1000);
	if (u->plan.ask_now)
		upgrade_report(u, MSG_ASKS_NOW, "");
	if (u->listen_ms > 0)
		upgrade_report(u, why, "seconds=%d", u->listen_ms / 1000);
	else	/* for who asks whether the port was ever there */
		u->listen_ms = 1;
}

/* What the module had said before, and what had failed. */
static void restore_course(struct upgrade *u)
{
	const struct open_upgrade *open = &u->plan.open;
	struct err e;

	u->course.heard = open->started || open->ended || open->downloaded;
	u->course.downloaded = open->downloaded;
	u->course.source_code = open->failed ? -1 : 0;
	u->course.started = open->started;
	u->course.ended = open->ended;
	u->ended_ms = upgrade_now(u);
	u->course.end_code = open->end_code;
	if (open->refused) {
		err_fail(&e, MSG_COMMAND_REFUSED, "command=%s", "AT+QFOTADL");
		u->step = STEP_TRANSFER;
		upgrade_fail(u, &e);
	}
	if (open->intent != INTENT_INSTALL) {
		err_fail(&e, open->intent == INTENT_SETTINGS ? MSG_PREPARER_ENDED : MSG_SENDER_ENDED, "");
		u->step = open->intent == INTENT_SETTINGS ? STEP_PREPARE : STEP_TRANSFER;
		upgrade_fail(u, &e);
	}
	if (open->failed) {
		err_fail(&e, MSG_DOWNLOAD_HAD_FAILED, "");
		u->step = STEP_TRANSFER;
		upgrade_fail(u, &e);
	}
	if (open->ended && open->end_code != 0) {
		u->step = STEP_INSTALL;
		upgrade_fail_installation(u, open->end_code);
	}
}

/* The port that a person named; where it is plugged in, to find it after a restart. */
static void describe_port(struct upgrade *u)
{
	struct err unknown;

	if (port_describe(u->env.roots, u->plan.port, &u->device, &unknown) < 0)
		memset(&u->device, 0, sizeof(u->device));
}

int upgrade_take_over(struct upgrade *u, struct err *e)
{
	const struct open_upgrade *open = &u->plan.open;
	const struct profile *known = profile_by_name(open->module.profile);
	int64_t now = upgrade_now(u);

	/* what was asked of the module counts, not what is configured now */
	if (known)
		u->profile = known;
	u->identity = open->module;
	u->plan.route = open->route;
	snprintf(u->from, sizeof(u->from), "%s", open->module.version);
	snprintf(u->to, sizeof(u->to), "%s", open->to);
	if (!u->from[0] || !u->to[0] || !u->identity.imei[0])
		return err_fail(e, MSG_RECORD_INCOMPLETE, "");
	if (open->foreign && !u->plan.port[0])
		return err_fail(e, MSG_RECORD_ELSEWHERE, "record=%s", open->record);
	memset(&u->search, 0, sizeof(u->search));
	if (u->plan.port[0]) {
		describe_port(u);
	} else {
		snprintf(u->plan.port, sizeof(u->plan.port), "%s", open->module.port);
		snprintf(u->device.usb_path, sizeof(u->device.usb_path), "%s", open->module.usb_path);
		snprintf(u->device.serial, sizeof(u->device.serial), "%s", open->module.serial);
		u->device.usb_interface = open->module.usb_interface;
	}
	u->search.was = u->device;
	if (open->baud > 0)
		u->baud = open->baud;
	if (open->com_timeout_s > 0)
		u->plan.com_timeout_s = open->com_timeout_s < COM_TIMEOUT_MAX_S ? open->com_timeout_s : COM_TIMEOUT_MAX_S;
	u->settings = open->settings;
	u->plan.keep_settings |= open->keep_settings;
	restore_course(u);
	u->committed = u->sent = true;
	u->watch_end_ms = u->return_end_ms = now + upgrade_watch_limit_ms(u);
	u->sent_ms = u->command_ms = now - age_ms(open);
	if (!upgrade_sends(u) && !open->downloaded)
		upgrade_download_unheard(u);
	/* a package that is told to be installed out of a file was all there before */
	if (open->intent == INTENT_INSTALL && u->profile->serial == SERIAL_UPLOAD)
		u->data = (struct data_mode){.serial = false};
	else if (upgrade_sends(u) && is_in_doubt(open))
		upgrade_data_resumed(u, missing(open));
	else	/* should its gate come late, all is missing */
		u->data = (struct data_mode){.serial = upgrade_sends(u), .missing = open->size};
	report_listening(u);
	return 0;
}

bool upgrade_attach(struct upgrade *u, const struct err *why)
{
	if (!u->under_way || u->committed || why->code == ERR_CANCELLED)
		return false;
	u->attached = u->committed = true;
	u->watch_end_ms = upgrade_now(u) + upgrade_watch_limit_ms(u);
	u->sent_ms = upgrade_now(u);
	modem_go_on(u->modem);
	upgrade_report(u, MSG_ATTACHED, "");
	return true;
}

void upgrade_conclude_attached(struct upgrade *u, const struct identity *now)
{
	struct event ev = {.type = EVENT_IDENTITY};
	struct err e;

	if (!now->version[0]) {
		upgrade_conclude_silent(u, MSG_VERSION_NOT_REPORTED, true);
		return;
	}
	u->identity = *now;
	snprintf(u->from, sizeof(u->from), "%s", now->version);
	ev.identity = *now;
	upgrade_emit(u, &ev);
	u->under_way = false;	/* it is over: the words on safety go by this */
	err_fail(&e, MSG_WAS_INSTALLING, "");
	upgrade_fail(u, &e);
	u->step_ended = ENDED_DONE;	/* the version was read */
	if (u->plan.job == JOB_PROBE)
		upgrade_conclude(u, OUTCOME_READY, MSG_UPDATE_ENDED, "model=%s version=%s imei=%s", now->model,
				 now->version, now->imei);
	else
		upgrade_conclude_failed(u, OUTCOME_STOPPED, upgrade_runs(u, now->version) == RUNS_TARGET ? MSG_RUNS_TARGET_NOW :
					MSG_RUNS_NOW, "version=%s", now->version);
}

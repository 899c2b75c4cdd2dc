#include "config.h"

#include "upgrade/steps.h"

#include <stdio.h>
#include <string.h>

#include "modem/identity.h"
#include "protocol/who.h"
#include "upgrade/conclude.h"
#include "upgrade/listen.h"
#include "upgrade/resume.h"
#include "upgrade/target.h"
#include "upgrade/tell.h"

/* A module that has restarted may refuse questions, answer without a value or
 * with a provisional one until SIM and phone book are there: 30 s in UG96
 * manuals (protocol.md 4.2), twice that here. */
#define READY_LIMIT_MS 60000
/* What decides against the module is read again after so long (assumption). */
#define AGAIN_MS 2000

/* The old version, but no word of an end: the module may be about to start,
 * or to go on after a power cut. Give it its time once; where the watch ends
 * before that, nobody knows what becomes of it. */
static bool may_still_start(struct upgrade *u)
{
	const struct profile_timers *t = &u->profile->timers;

	if (u->failure.code != ERR_NONE || u->course.ended)
		return false;
	if (!u->settle_end_ms) {
		u->settle_end_ms = upgrade_now(u) + t->start_notice_ms;
		if (u->plan.job == JOB_RESUME)	/* it had its silence before it was asked */
			u->settle_end_ms = upgrade_now(u);
		if (u->sent_ms + upgrade_start_limit_ms(u) > u->settle_end_ms)
			u->settle_end_ms = u->sent_ms + upgrade_start_limit_ms(u);
	}
	return upgrade_now(u) < u->settle_end_ms;
}

static void conclude_success(struct upgrade *u, const struct identity *now)
{
	struct event ev = {.type = EVENT_IDENTITY};
	int code = u->code.present && strcmp(u->code.table, "end") == 0 ? u->code.number : 0;

	u->failure.code = ERR_NONE;
	memset(&u->code, 0, sizeof(u->code));
	ev.identity = u->identity;
	upgrade_emit(u, &ev);
	upgrade_progress(u, UNIT_NONE, 1, 1, 0, true);
	upgrade_conclude(u, OUTCOME_SUCCESS, MSG_UPGRADED, "model=%s imei=%s version=%s", now->model, now->imei, now->version);
	if (code != 0)
		message_then(&u->result.what, MSG_DESPITE_CODE, "code=%d", code);
	else if (!u->course.ended)
		message_then(&u->result.what, MSG_END_NOT_SEEN, "");
}

static void conclude_unchanged(struct upgrade *u, const char *version)
{
	if (u->failure.code != ERR_NONE) {
		upgrade_conclude_failed(u, OUTCOME_UNCHANGED, MSG_STILL_RUNS, "version=%s", version);
		return;
	}
	u->step_ended = ENDED_FAILED;	/* nothing else did */
	if (u->course.ended)
		upgrade_conclude(u, OUTCOME_UNCHANGED, MSG_WITHOUT_EFFECT, "version=%s", version);
	else
		upgrade_conclude(u, OUTCOME_UNCHANGED, u->course.started ? MSG_INSTALLATION_NOT_FINISHED :
				 MSG_INSTALLATION_NOT_STARTED, "version=%s", version);
	u->result.stop = ERR_MODULE;
}

/* The module is at another place now, and proven to be ours. */
static void move_in(struct upgrade *u)
{
	struct event ev = {.type = EVENT_IDENTITY};
	struct identity *id = &u->identity;

	if (!u->found.usb_path[0] || strcmp(u->found.path, id->port) == 0)
		return;
	u->device = u->found;
	u->search.was = u->found;
	snprintf(id->port, sizeof(id->port), "%s", u->found.path);
	snprintf(id->usb_path, sizeof(id->usb_path), "%s", u->found.usb_path);
	snprintf(id->serial, sizeof(id->serial), "%s", u->found.serial);
	id->usb_interface = u->found.usb_interface;
	ev.identity = *id;
	upgrade_emit(u, &ev);
}

/* Another module answers where ours may have been: it may be at another place by
 * then, or still on its way. False where there is no other place, or no time. */
static bool look_on(struct upgrade *u, const struct identity *now, enum step *next)
{
	if (!now->imei[0] || !u->search.was.usb_path[0] || !u->found.usb_path[0] ||
	    (u->return_end_ms && upgrade_now(u) >= u->return_end_ms))
		return false;
	if (strcmp(u->foreign.imei, now->imei) != 0)
		upgrade_report(u, MSG_FOREIGN_MODULE, "port=%s imei=%s wanted=%s", u->found.path, now->imei,
			       u->identity.imei);
	u->foreign = *now;
	find_foreign(&u->search, u->found.usb_path);
	port_close(u->env.port);
	upgrade_leave_unknown(u);
	*next = STEP_RESTART;
	return true;
}

static void conclude_other_version(struct upgrade *u, const char *version)
{
	u->step_ended = ENDED_FAILED;
	upgrade_conclude(u, OUTCOME_DEVICE_FAILED, MSG_THIRD_VERSION, "version=%s from=%s to=%s",
			 version, u->from, u->to);
}

static void conclude_unsteady(struct upgrade *u)
{
	u->identity.version[0] = '\0';
	upgrade_leave_unknown(u);
	upgrade_conclude(u, OUTCOME_UNKNOWN, MSG_VERSION_UNSTEADY, "");
}

/* The version that was read means this. */
static void judge_version(struct upgrade *u, const struct identity *now, enum step *next)
{
	enum runs runs = upgrade_runs(u, now->version);

	if (runs == RUNS_OLD && may_still_start(u)) {
		upgrade_leave_unknown(u);
		*next = STEP_INSTALL;
		return;
	}
	snprintf(u->identity.version, sizeof(u->identity.version), "%s", now->version);
	switch (runs) {
	case RUNS_TARGET:
		conclude_success(u, now);
		break;
	case RUNS_OLD:
		conclude_unchanged(u, now->version);
		break;
	case RUNS_OTHER:
		conclude_other_version(u, now->version);
		break;
	case RUNS_EITHER:
		upgrade_leave_unknown(u);
		upgrade_conclude(u, OUTCOME_UNKNOWN, MSG_SUB_VERSION_UNSEEN, "version=%s from=%s to=%s",
				 now->version, u->from, u->to);
		break;
	}
}

static void judge(struct upgrade *u, const struct identity *now, enum step *next)
{
	u->step_ended = ENDED_DONE;	/* the version was read */
	if (u->attached) {
		upgrade_conclude_attached(u, now);
	} else if (!who_same_imei(now->imei, u->identity.imei)) {
		if (!look_on(u, now, next))
			upgrade_conclude_other(u, now);
	} else {
		if (u->echoes)
			upgrade_has_restarted(u);
		move_in(u);
		if (!now->version[0])
			upgrade_conclude_silent(u, MSG_VERSION_NOT_REPORTED, true);
		else
			judge_version(u, now, next);
	}
}

/* Does what NOW says speak for itself? Else it must be said twice alike; so
 * must what is against the END that the module reported. */
static bool is_plain(const struct upgrade *u, const struct identity *now, const struct identity_doubt *doubt)
{
	enum runs runs = upgrade_runs(u, now->version);
	const struct course *c = &u->course;

	return !doubt->version[0] && who_same_imei(now->imei, u->identity.imei) &&
		((runs == RUNS_TARGET && !(c->ended && c->end_code != 0)) ||
		 (runs == RUNS_OLD && !(c->ended && c->end_code == 0)));
}

/*
 * Read who it is now. One good answer will do where it fits what is expected;
 * what decides against the module has to be well-formed, agreed and read twice
 * alike (design 2): words of the boot are likeliest now. *SURE: it may be judged.
 */
static int read_identity(struct upgrade *u, struct identity *now, bool *sure, struct err *e)
{
	/* the watch ends this as well; one round is asked in any case */
	int64_t limit_ms = later(earlier(upgrade_now(u) + READY_LIMIT_MS, u->watch_end_ms), upgrade_now(u) + AGAIN_MS);
	struct identity before = {.version = ""};
	struct identity_doubt doubt;

	/* what it never reports may take no more than the half: all is read again */
	int64_t round_ms = upgrade_now(u) + (limit_ms - upgrade_now(u)) / 2;

	for (*now = u->identity;; before = *now, round_ms = limit_ms) {
		if (modem_identify(u->modem, &u->identity, round_ms, now, &doubt, e) < 0)
			return -1;
		*sure = is_plain(u, now, &doubt);
		if (*sure)
			return 0;
		*sure = !doubt.version[0] && strcmp(now->version, before.version) == 0 &&
			strcmp(now->imei, before.imei) == 0;
		if ((*sure && now->version[0]) || upgrade_now(u) >= limit_ms)
			return 0;
		if (modem_pause(u->modem, upgrade_now(u) + AGAIN_MS, e) < 0)
			return -1;
	}
}

/* It said that it installed, does not run the target, and has not restarted
 * yet: asked so soon after its END it has the time of a restart left. */
static bool may_still_restart(const struct upgrade *u, const struct identity *now)
{
	const struct course *c = &u->course;

	return c->ended && c->end_code == 0 && !c->returned && upgrade_runs(u, now->version) != RUNS_TARGET &&
		upgrade_now(u) < earlier(u->ended_ms + u->profile->timers.reboot_ms, u->watch_end_ms);
}

/* Read what it runs, until that is final. */
static int read_final(struct upgrade *u, struct identity *now, bool *sure, struct err *e)
{
	int r;

	modem_limit(u->modem, u->watch_end_ms);
	while ((r = read_identity(u, now, sure, e)) == 0 && may_still_restart(u, now))
		if ((r = modem_pause(u->modem, upgrade_now(u) + u->profile->timers.poll_ms, e)) < 0)
			break;
	modem_limit(u->modem, 0);
	return r;
}

int upgrade_verify(struct upgrade *u, enum step *next, struct err *e)
{
	struct identity now;
	bool sure = true;

	*next = STEP_COUNT;
	if (read_final(u, &now, &sure, e) == 0) {
		if (sure)
			judge(u, &now, next);
		else
			conclude_unsteady(u);
		return 0;
	}
	if (e->code == ERR_CANCELLED)
		return -1;
	upgrade_leave_unknown(u);
	if (u->data.late) {
		*next = STEP_RESTART;
		return 0;
	}
	if (upgrade_installs_again(u)) {
		*next = STEP_INSTALL;
		return 0;
	}
	if (e->code == ERR_GONE)
		port_close(u->env.port);
	if ((u->return_end_ms && upgrade_now(u) >= u->return_end_ms) || upgrade_now(u) >= u->watch_end_ms) {
		upgrade_report_message(u, SEVERITY_WARNING, &e->message);
		upgrade_conclude_silent(u, MSG_VERSION_NOT_READ, true);
	} else {
		*next = STEP_RESTART;
	}
	return 0;
}

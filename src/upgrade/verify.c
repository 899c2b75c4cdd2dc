#include "config.h"

#include "upgrade/steps.h"

#include <stdio.h>
#include <string.h>

#include "upgrade/conclude.h"
#include "upgrade/listen.h"
#include "upgrade/resume.h"
#include "upgrade/tell.h"

/* The version may not be ready right after boot (protocol.md 7). */
#define VERSION_TRIES 5
#define VERSION_EVERY_MS 2000

static int read_identity(struct upgrade *u, struct identity *now, struct err *e)
{
	*now = u->identity;
	for (int i = 0; i < VERSION_TRIES; i++) {
		if (modem_identify(u->modem, now, e) < 0)
			return -1;
		if (now->version[0] && now->imei[0])
			return 0;
		if (port_pause(u->env.port, upgrade_now(u) + VERSION_EVERY_MS, e) < 0)
			return -1;
	}
	return 0;
}

/* The old version, but no word of an end: the module may be about to start,
 * or to go on after a power cut. Give it its time once. */
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
	return upgrade_now(u) < u->settle_end_ms && upgrade_now(u) < u->watch_end_ms;
}

static void conclude_success(struct upgrade *u, const struct identity *now)
{
	struct event ev = {.type = EVENT_IDENTITY};

	u->failure.code = ERR_NONE;
	memset(&u->code, 0, sizeof(u->code));
	ev.identity = u->identity;
	upgrade_emit(u, &ev);
	upgrade_progress(u, UNIT_NONE, 1, 1, 0, true);
	upgrade_conclude(u, OUTCOME_SUCCESS, MSG_UPGRADED, "model=%s imei=%s version=%s", now->model, now->imei, now->version);
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

static void conclude_other_module(struct upgrade *u, const struct identity *now)
{
	upgrade_leave_unknown(u);
	if (now->imei[0])
		upgrade_conclude(u, OUTCOME_UNKNOWN, MSG_ANOTHER_MODULE, "imei=%s version=%s wanted=%s",
				 now->imei, now->version, u->identity.imei);
	else
		upgrade_conclude(u, OUTCOME_UNKNOWN, MSG_ANOTHER_MODULE_HIDDEN, "version=%s wanted=%s",
				 now->version, u->identity.imei);
}

/* What the version NOW means. */
static void judge(struct upgrade *u, const struct identity *now, enum step *next)
{
	u->step_ended = ENDED_DONE;	/* the version was read */
	if (u->attached) {
		upgrade_conclude_attached(u, now);
	} else if (strcmp(now->imei, u->identity.imei) != 0) {
		conclude_other_module(u, now);
	} else if (!now->version[0]) {
		upgrade_conclude_silent(u, MSG_VERSION_NOT_REPORTED);
	} else if (strcmp(now->version, u->from) == 0 && may_still_start(u)) {
		upgrade_leave_unknown(u);
		*next = STEP_INSTALL;
	} else {
		snprintf(u->identity.version, sizeof(u->identity.version), "%s", now->version);
		if (strcmp(now->version, u->to) == 0) {
			conclude_success(u, now);
		} else if (strcmp(now->version, u->from) == 0) {
			conclude_unchanged(u, now->version);
		} else {
			u->step_ended = ENDED_FAILED;
			upgrade_conclude(u, OUTCOME_DEVICE_FAILED, MSG_THIRD_VERSION, "version=%s from=%s to=%s",
					 now->version, u->from, u->to);
		}
	}
}

int upgrade_verify(struct upgrade *u, enum step *next, struct err *e)
{
	struct identity now;

	*next = STEP_COUNT;
	if (read_identity(u, &now, e) == 0) {
		judge(u, &now, next);
		return 0;
	}
	if (e->code == ERR_CANCELLED)
		return -1;
	upgrade_leave_unknown(u);
	if (upgrade_installs_again(u)) {
		*next = STEP_INSTALL;
		return 0;
	}
	if (e->code == ERR_GONE)
		port_close(u->env.port);
	if (u->return_end_ms && upgrade_now(u) >= u->return_end_ms) {
		upgrade_report_message(u, SEVERITY_WARNING, &e->message);
		upgrade_conclude_silent(u, MSG_VERSION_NOT_READ);
	} else {
		*next = STEP_RESTART;
	}
	return 0;
}

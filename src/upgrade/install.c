#include "config.h"
#include "upgrade/conclude.h"
#include "upgrade/listen.h"
#include "upgrade/state.h"
#include "upgrade/tell.h"

#include <stdio.h>
#include <string.h>

/* How often a port that is away is looked for. */
#define FIND_MS 500
/* Boot URCs go on for a moment after RDY (protocol.md 3.2). */
#define AFTER_RDY_MS 1000
/* A failed END leaves the module in command mode (protocol.md 3.1). */
#define AFTER_FAILURE_MS 2000
/* After so many unanswered rounds the module may be at its stored rate (faults.md A29). */
#define ROUNDS_BEFORE_RATES 3
/* Time to try them all. */
#define RATES_MS 10000
/* Silence of the guard, "+++" and its OK (protocol.md 2.2). */
#define ESCAPE_LIMIT_MS 5000
/* One question after it: how long, and how many bytes at most. */
#define ASK_MS 1000
#define ASK_SIZE_MAX 32
/* Beyond the module's own time-out for data. */
#define QUIET_MORE_S 5

/* What is waited for now, and how long that may be silent. */
static void expectation(const struct upgrade *u, const char **what,
			int *notice_ms, int64_t *until_ms)
{
	const struct profile_timers *t = &u->profile->timers;

	*until_ms = u->watch_end_ms;
	if (u->settle_end_ms) {
		*what = "the installation to go on";
		*notice_ms = t->start_notice_ms;
		*until_ms = earlier(u->settle_end_ms, u->watch_end_ms);
	} else if (!u->seen.started) {
		*what = "the start of the installation";
		*notice_ms = t->start_notice_ms;
		*until_ms = earlier(u->sent_ms + upgrade_start_limit_ms(u), u->watch_end_ms);
	} else if (u->seen.percent >= 100) {
		*what = "the end of the installation";
		*notice_ms = t->end_notice_ms;
	} else {
		*what = "the next percent of the installation";
		*notice_ms = t->updating_notice_ms;
	}
}

/* An error of the stage before: the module takes no part of the package. True
 * when that is certain; after an ERROR, which may be a stray one, START has a
 * last time to come in which nothing may be sent (faults.md B08). */
static bool take_failure(struct upgrade *u, const struct fota_urc *urc,
			 struct slice line)
{
	struct at_result result = at_classify(line);
	struct err e;

	if (urc->kind == FOTA_SOURCE_END && urc->has_value && urc->value != 0) {
		upgrade_code(u, upgrade_code_table(urc->source), (int)urc->value);
		err_set(&e, ERR_MODULE, "the module did not take the package: code %ld", urc->value);
		upgrade_fail(u, &e);
		return true;
	}
	if (!u->seen.started && result.class == AT_ERROR) {
		if (result.cme >= 0)
			upgrade_code(u, "cme", result.cme);
		err_set(&e, ERR_REFUSED, "the module did not take the package");
		upgrade_fail(u, &e);
		if (!u->settle_end_ms)
			u->settle_end_ms = upgrade_now(u) + u->profile->timers.start_notice_ms;
	}
	return false;
}

int upgrade_install(struct upgrade *u, enum step *next, struct err *e)
{
	*next = STEP_RESTART;
	u->return_end_ms = 0;
	for (;;) {
		struct fota_urc urc;
		struct slice line;
		const char *what;
		int64_t until_ms;
		int notice_ms, r;

		expectation(u, &what, &notice_ms, &until_ms);
		r = upgrade_watch(u, &urc, &line, notice_ms, what, until_ms, e);
		if (r < 0 && e->code == ERR_CANCELLED)
			return -1;
		if (r < 0) {
			u->seen.rebooted = true;
			return 0;
		}
		if (r == 0) {
			if (until_ms < u->watch_end_ms)
				return 0;
			upgrade_conclude_silent(u, "the installation had not ended when watching did");
			*next = STEP_COUNT;
			return 0;
		}
		if (take_failure(u, &urc, line)) {
			*next = STEP_VERIFY;
			return 0;
		}
		if (urc.out_of_range && !u->seen.odd_percent) {
			u->seen.odd_percent = true;
			upgrade_notice(u, SEVERITY_WARNING, "the module tells of an impossible percent; only its END and its version count");
		}
		if (urc.kind == FOTA_SOURCE_START || urc.kind == FOTA_SOURCE_END)
			upgrade_expect_start(u, urc.kind == FOTA_SOURCE_START);
		if (urc.kind == FOTA_UPDATING || urc.kind == FOTA_RESTORE)
			upgrade_progress(u, UNIT_PERCENT, (uint64_t)u->seen.percent, 100, 0, true);
		if (u->seen.ended) {
			upgrade_take_end(u);
			return 0;
		}
		if (slice_is(line, "RDY"))
			return 0;
	}
}

int64_t upgrade_keep_quiet(struct upgrade *u)
{
	int seconds = upgrade_com_timeout_s(u) + QUIET_MORE_S;

	upgrade_notice(u, SEVERITY_INFO, "waiting in silence for %d s, until the module has given up its wait for data", seconds);
	u->in_data = false;
	u->quiet_end_ms = upgrade_now(u) + seconds * INT64_C(1000);
	return u->quiet_end_ms;
}

/*
 * A module that may be in data mode would take an AT for package bytes, and
 * each renews its time-out. So: the guarded "+++"; then one question, where
 * it cannot complete the declared size; then silence until the module's own
 * time-out must be over (protocol.md 2.2).
 */
int upgrade_leave_data_mode(struct upgrade *u, int64_t *until_ms, struct err *e)
{
	uint64_t left = package_size(u->package) - u->sent_size;
	int64_t left_ms = later(u->line_free_ms, upgrade_now(u));
	bool out = modem_escape_data(u->modem, left_ms, left_ms + ESCAPE_LIMIT_MS, e) == 0 ||
		(e->code == ERR_TIMEOUT && left > ASK_SIZE_MAX &&
		 modem_sync(u->modem, false, &u->baud, upgrade_now(u) + ASK_MS, e) == 0);

	*until_ms = upgrade_now(u);
	if (!out && e->code == ERR_CANCELLED)
		return -1;
	u->in_data = !out && e->code == ERR_GONE;
	if (out || e->code == ERR_GONE || u->seen.again)
		return 0;
	upgrade_notice(u, SEVERITY_WARNING, "the module does not say that it left data mode");
	*until_ms = upgrade_keep_quiet(u);
	return 0;
}

/* Open the port where the module is now. False: not there (yet). */
static bool reopen(struct upgrade *u)
{
	struct port_settings settings = {.baud = u->baud};
	char path[FILE_SIZE];
	struct err e;

	if (!modem_find(u->env.roots, &u->device, u->plan.port, path, sizeof(path)))
		return false;
	if (port_open(u->env.port, path, &settings, &e) < 0) {
		/* away is what it is expected to be; a holder can be sent away, and
		 * who resumes may have the wrong port or no right to it */
		if ((e.code == ERR_BUSY || u->listen_ms) && strcmp(u->waiting_for, e.text) != 0)
			upgrade_notice(u, SEVERITY_WARNING, "waiting for the port: %s", e.text);
		snprintf(u->waiting_for, sizeof(u->waiting_for), "%s", e.text);
		return false;
	}
	u->waiting_for[0] = '\0';
	modem_reset(u->modem);
	if (u->listen_ms) {
		u->quiet_end_ms = upgrade_now(u) + u->listen_ms;
		u->listen_ms = 0;
		return true;
	}
	if (strcmp(path, u->identity.port) != 0) {
		upgrade_notice(u, SEVERITY_INFO, "the module is back as %s", path);
		snprintf(u->identity.port, sizeof(u->identity.port), "%s", path);
	} else {
		upgrade_notice(u, SEVERITY_INFO, "the port is back");
	}
	return true;
}

/* When AT may be sent at first: not before the module had its chance to speak. */
static int64_t first_question(const struct upgrade *u)
{
	const struct profile_timers *t = &u->profile->timers;
	int64_t now = upgrade_now(u);

	if (u->quiet_end_ms > now)
		return u->quiet_end_ms;
	if (u->seen.rebooted)
		return now + AFTER_RDY_MS;
	if (u->seen.ended && u->seen.end_code == 0)
		return now + t->reboot_ms;
	return now + AFTER_FAILURE_MS;
}

/* When to ask a module that tells of a download: only when that and the start
 * of the installation had their time, or when it failed. */
static int64_t ask_after_download(const struct upgrade *u, const struct fota_urc *urc, int64_t ask_ms)
{
	const struct profile_timers *t = &u->profile->timers;

	if (upgrade_download_failed(urc))
		return upgrade_now(u) + AFTER_FAILURE_MS;
	return later(ask_ms, upgrade_now(u) + (urc->kind == FOTA_SOURCE_END ?
		     t->updating_notice_ms : t->source_end_notice_ms));
}

/* Late, it takes data after all: what is asked now would be package bytes. */
static int take_late_gate(struct upgrade *u, int64_t *ask_ms, struct err *e)
{
	if (u->stopping)
		return upgrade_leave_data_mode(u, ask_ms, e);
	if (u->plan.job == JOB_RESUME && upgrade_sends(u))
		*ask_ms = later(*ask_ms, upgrade_keep_quiet(u));
	return 0;
}

/* Listen until ASK_MS. 0: time to ask; 1: it installs again; -1: *E. */
static int listen(struct upgrade *u, int64_t *ask_ms, struct err *e)
{
	for (;;) {
		bool ended = u->seen.ended;
		struct fota_urc urc;
		struct slice line;
		int r = upgrade_watch(u, &urc, &line, u->profile->timers.return_limit_ms,
				      "the restart", *ask_ms, e);

		if (r <= 0)
			return r;
		if (slice_is(line, "RDY"))
			*ask_ms = upgrade_now(u) + AFTER_RDY_MS;
		if (slice_is(line, u->profile->com_gate) && take_late_gate(u, ask_ms, e) < 0)
			return -1;
		if (upgrade_downloads(&urc) || upgrade_download_failed(&urc)) {
			*ask_ms = ask_after_download(u, &urc, *ask_ms);
			continue;
		}
		if (u->seen.ended && !ended) {
			upgrade_take_end(u);
			*ask_ms = first_question(u);
		}
		if (urc.kind == FOTA_START || urc.kind == FOTA_UPDATING ||
		    urc.kind == FOTA_RESTORE || urc.kind == FOTA_RESUMED) {
			u->seen.ended = false;
			u->seen.started = true;
			return 1;
		}
	}
}

/* The module has gone: the next try starts with finding it. */
static void lose_port(struct upgrade *u)
{
	if (!port_is_open(u->env.port))
		return;
	port_close(u->env.port);
	u->seen.rebooted = true;
	upgrade_notice(u, SEVERITY_INFO, "the port has gone; waiting for the module to come back");
}

/* One round: 1 it answers, 0 not yet, 2 it installs again, -1. */
static int restart_round(struct upgrade *u, int64_t *ask_ms, int *rounds,
			 struct err *e)
{
	const struct profile_timers *t = &u->profile->timers;
	bool try_rates = *rounds >= ROUNDS_BEFORE_RATES && !u->device.usb_path[0];
	int r;

	if (!port_is_open(u->env.port)) {
		if (!reopen(u))
			return port_pause(u->env.port, upgrade_now(u) + FIND_MS, e);
		*ask_ms = upgrade_now(u) + t->listen_ms;
		if (u->in_data && upgrade_leave_data_mode(u, ask_ms, e) < 0)
			return -1;
		*ask_ms = later(*ask_ms, u->quiet_end_ms);
	}
	r = listen(u, ask_ms, e);
	if (r > 0)
		upgrade_installs_again(u);	/* heard, not asked for: clears the halt */
	if (r != 0)
		return r > 0 ? 2 : -1;
	if (modem_sync(u->modem, try_rates, &u->baud,
		       upgrade_now(u) + (try_rates ? RATES_MS : t->poll_ms), e) == 0)
		return 1;
	if (upgrade_installs_again(u))
		return 2;
	++*rounds;
	*ask_ms = upgrade_now(u) + t->poll_ms;
	return e->code == ERR_GONE || e->code == ERR_CANCELLED ? -1 : 0;
}

int upgrade_restart(struct upgrade *u, enum step *next, struct err *e)
{
	int64_t ask_ms;
	int rounds = 0;

	if (!u->return_end_ms)
		u->return_end_ms = earlier(upgrade_now(u) + u->plan.return_timeout_s * INT64_C(1000),
					   u->watch_end_ms);
	ask_ms = first_question(u);
	while (upgrade_now(u) < u->return_end_ms) {
		int r = restart_round(u, &ask_ms, &rounds, e);

		if (r == 1)
			return 0;
		if (r == 2) {
			*next = STEP_INSTALL;
			return 0;
		}
		if (r < 0 && e->code == ERR_CANCELLED)
			return -1;
		if (r < 0)
			lose_port(u);
	}
	upgrade_conclude_silent(u, "the module did not answer again");
	*next = STEP_COUNT;
	return 0;
}

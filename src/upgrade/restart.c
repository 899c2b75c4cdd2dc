#include "config.h"

#include "upgrade/steps.h"

#include <stdio.h>
#include <string.h>

#include "base/address.h"
#include "upgrade/conclude.h"
#include "upgrade/data_mode.h"
#include "upgrade/listen.h"
#include "upgrade/tell.h"

/* One that goes sooner than this comes and goes. */
#define STEADY_MS 2000
/* Boot URCs go on for a moment after RDY (protocol.md 3.2). */
#define AFTER_RDY_MS 1000
/* With END seen nothing installs any more: a module that answers in command mode
 * is asked at once, one that restarts again and again (protocol.md 4.2). */
#define AFTER_END_MS 2000
/* After so many unanswered rounds the module may be at its stored rate (faults.md A29). */
#define ROUNDS_BEFORE_RATES 3
/* Enough to ask a module that is there. */
#define ASKING_MS (60 * 1000)
/* Time to try them all. */
#define RATES_MS 10000

bool upgrade_reopen(struct upgrade *u)
{
	struct port_settings settings = {.baud = u->baud, .awaited = !u->listen_ms};
	char path[FILE_SIZE];
	bool moved;
	struct err e;

	u->opened_ms = upgrade_now(u);
	if (!find_module(&u->search, u->env.roots, u->plan.port, path, sizeof(path)))
		return false;
	if (port_open(u->env.port, path, &settings, &e) < 0) {
		/* away is what it is expected to be; a holder can be sent away, a serial
		 * server has its words, and who resumes may have the wrong port or no
		 * right to it */
		if ((e.code == ERR_BUSY || u->listen_ms || address_of_port(path)) && !message_is(&e.message, &u->waiting_for)) {
			u->waiting_for = e.message;
			message_doing(&e.message, MSG_WAITING_FOR_PORT, "");
			upgrade_report_message(u, SEVERITY_WARNING, &e.message);
		}
		return false;
	}
	u->waiting_for.id = MSG_NONE;
	modem_reset(u->modem);
	moved = strcmp(path, u->found.path[0] ? u->found.path : u->identity.port) != 0;
	if (port_describe(u->env.roots, path, &u->found, &e) < 0)
		memset(&u->found, 0, sizeof(u->found));
	snprintf(u->found.path, sizeof(u->found.path), "%s", path);
	if (u->listen_ms) {
		u->quiet_end_ms = upgrade_now(u) + u->listen_ms;
		u->listen_ms = 0;
		upgrade_data_reopened(u);
		return true;
	}
	if (u->flaps == 0 && moved)
		upgrade_report(u, MSG_PORT_BACK_AS, "port=%s", path);
	else if (u->flaps == 0)
		upgrade_report(u, MSG_PORT_BACK, "");
	return true;
}

/* When AT may be sent at first: not before the module had its chance to speak. */
static int64_t first_question(const struct upgrade *u)
{
	int64_t now = upgrade_now(u);

	if (u->quiet_end_ms > now)
		return u->quiet_end_ms;
	if (u->course.rebooted)
		return now + AFTER_RDY_MS;
	return now + AFTER_END_MS;
}

/* When to ask a module that reports a download: only when that and the start
 * of the installation had their time, or when it failed. One that waits for this
 * computer to send has the time of data mode, ASK_MS: nobody sends. */
static int64_t ask_after_download(const struct upgrade *u, enum course_word word, int64_t ask_ms)
{
	const struct profile_timers *t = &u->profile->timers;

	if (word == COURSE_DOWNLOAD_FAILED)
		return upgrade_now(u) + AFTER_END_MS;
	if (word == COURSE_DOWNLOADS && u->data.serial)
		return ask_ms;
	return later(ask_ms, upgrade_now(u) + (word == COURSE_DOWNLOADED ?
		     t->updating_notice_ms : t->source_end_notice_ms));
}

/* Where the gate has come late, what is asked now would be package bytes. */
static int leave_late_data_mode(struct upgrade *u, int64_t *ask_ms, struct err *e)
{
	if (!upgrade_data_late(u))
		return 0;
	if (u->stopping)
		return upgrade_leave_data_mode(u, ask_ms, e);
	*ask_ms = later(*ask_ms, upgrade_keep_quiet(u));
	return 0;
}

/* Listen until ASK_MS. 0: time to ask; 1: it installs again; -1: *E. */
static int listen(struct upgrade *u, int64_t *ask_ms, struct err *e)
{
	for (;;) {
		bool ended = u->course.ended;
		struct heard heard;
		/* what renews the wait renews no limit */
		int64_t until_ms = earlier(*ask_ms, u->return_end_ms);
		int r = upgrade_watch(u, &heard, u->profile->timers.return_limit_ms,
				      MSG_SILENT_RESTART, &until_ms, e);

		if (r <= 0)
			return r;
		if (heard.booted)
			*ask_ms = upgrade_now(u) + AFTER_RDY_MS;
		if (leave_late_data_mode(u, ask_ms, e) < 0)
			return -1;
		switch (heard.word) {
		case COURSE_DOWNLOADS:
		case COURSE_DOWNLOADED:
		case COURSE_DOWNLOAD_FAILED:
			*ask_ms = ask_after_download(u, heard.word, *ask_ms);
			break;
		case COURSE_ENDED:
			if (!ended)
				*ask_ms = first_question(u);
			break;
		case COURSE_INSTALLS:
			return 1;
		case COURSE_NOTHING:
			break;
		}
	}
}

/* It stays, or nobody looks any more. */
static void report_flaps(struct upgrade *u)
{
	if (u->flaps > 1)
		upgrade_report(u, MSG_PORT_CAME_AND_WENT, "count=%u", u->flaps);
	u->flaps = 0;
}

/* The module has gone: the next try starts with finding it. */
static void lose_port(struct upgrade *u)
{
	if (!port_is_open(u->env.port))
		return;
	port_close(u->env.port);
	upgrade_lost_port(u);
	if (upgrade_now(u) - u->opened_ms >= STEADY_MS) {
		report_flaps(u);
		upgrade_report(u, MSG_PORT_GONE_WAITING, "");
	} else if (u->flaps++ == 0) {
		upgrade_report(u, MSG_PORT_COMES_AND_GOES, "");
	}
}

/* How long a port that has come back is listened to first. A module that has the
 * package and gave no word of an end may be at its installation: only the cable or
 * the server went away, or it restarted for it. Then it has the time in which it
 * must speak. */
static int listen_first_ms(const struct upgrade *u)
{
	const struct profile_timers *t = &u->profile->timers;
	const struct course *c = &u->course;
	int64_t room_ms;
	/* one that answered when the time to begin was over, has not begun */
	bool began = !u->answers || upgrade_now(u) < u->sent_ms + upgrade_start_limit_ms(u);

	if (u->stopping || (u->data.open && !u->data.complete) || c->ended || course_download_failed(c) || !began)
		return t->listen_ms;
	if (c->started)	/* at 100 % as well: it writes the rest */
		return t->updating_notice_ms;
	/* it has to be asked before it is given up */
	room_ms = u->return_end_ms - ASKING_MS - upgrade_now(u);
	return (int)earlier(upgrade_start_limit_ms(u), later(t->updating_notice_ms, room_ms));
}

/* A link that has come back shortly before the end leaves the time to ask, ASK_MS being the
 * first moment to: once, so that one which comes and goes ends, and not where the operator
 * says how long it is waited. */
static void leave_time_to_ask(struct upgrade *u, int64_t ask_ms)
{
	if (u->plan.return_timeout_s || u->return_prolonged || ask_ms + ASKING_MS <= u->return_end_ms)
		return;
	u->return_prolonged = true;
	u->return_end_ms = earlier(ask_ms + ASKING_MS, u->watch_end_ms);
}

/* Ask whether it answers. As restart_round(). */
static int ask(struct upgrade *u, int64_t *ask_ms, int *rounds, struct err *e)
{
	const struct profile_timers *t = &u->profile->timers;
	bool try_rates = *rounds >= ROUNDS_BEFORE_RATES &&
		link_info(port_link(u->env.port))->searches_rate;
	int64_t limit_ms = upgrade_now(u) + (try_rates ? RATES_MS : t->poll_ms);
	int r;

	if (u->data.open) {
		r = upgrade_ask_in_doubt(u, ask_ms, e);
	} else {
		r = modem_sync(u->modem, try_rates, &u->baud, earlier(limit_ms, u->return_end_ms), e) == 0 ? 1 : -1;
		++*rounds;
		*ask_ms = upgrade_now(u) + t->poll_ms;
	}
	if (r > 0) {
		u->echoes = u->echo_off && modem_has_echo(u->modem);
		return 1;
	}
	if (upgrade_installs_again(u))
		return 2;
	if (u->data.late)
		return leave_late_data_mode(u, ask_ms, e);
	return r < 0 && (e->code == ERR_GONE || e->code == ERR_CANCELLED) ? -1 : 0;
}

/* One round: 1 it answers, 0 not yet, 2 it installs again, -1. */
static int restart_round(struct upgrade *u, int64_t *ask_ms, int *rounds,
			 struct err *e)
{
	int r;

	if (!port_is_open(u->env.port)) {
		bool first = u->listen_ms > 0;

		/* a port that comes and goes is not hammered (faults.md A36) */
		if (upgrade_now(u) < u->opened_ms + PORT_PAUSE_MS)
			return port_pause(u->env.port, u->opened_ms + PORT_PAUSE_MS, e);
		if (!upgrade_reopen(u))
			return port_pause(u->env.port, upgrade_now(u) + PORT_PAUSE_MS, e);
		*ask_ms = u->quiet_end_ms;
		if (!first) {
			*ask_ms = later(*ask_ms, upgrade_now(u) + listen_first_ms(u));
			leave_time_to_ask(u, *ask_ms);
		}
	}
	if (upgrade_installs_again(u))	/* heard while data mode was left */
		return 2;
	r = listen(u, ask_ms, e);
	if (r > 0)
		upgrade_installs_again(u);	/* heard, not asked for: clears the halt */
	if (r != 0)
		return r > 0 ? 2 : -1;
	return upgrade_now(u) < u->return_end_ms ? ask(u, ask_ms, rounds, e) : 0;
}

/* Nothing came back, from BEGUN_MS on. Who was only listened to, for a silence that
 * had to be kept, has not failed to answer. */
static void conclude_no_return(struct upgrade *u, int64_t begun_ms, int rounds)
{
	bool away = !port_is_open(u->env.port);
	bool asked = rounds > 0 || (u->data.asked_ms && u->data.asked_ms >= begun_ms);

	if (u->foreign.imei[0])
		upgrade_conclude_other(u, &u->foreign);
	else
		upgrade_conclude_silent(u, asked || away ? MSG_NO_ANSWER_AGAIN : MSG_NOT_ASKED_AGAIN, rounds > 0 || away);
}

int upgrade_restart(struct upgrade *u, enum step *next, struct err *e)
{
	int64_t ask_ms, begun_ms = upgrade_now(u);
	int rounds = 0;

	if (!u->return_end_ms)
		u->return_end_ms = earlier(upgrade_now(u) + upgrade_return_limit_ms(u),
					   u->watch_end_ms);
	ask_ms = first_question(u);
	if (leave_late_data_mode(u, &ask_ms, e) < 0)
		return -1;
	while (upgrade_now(u) < u->return_end_ms) {
		int r = restart_round(u, &ask_ms, &rounds, e);

		if (r == 1 || r == 2)
			report_flaps(u);
		if (r == 1) {
			u->answers = true;
			u->quiet_end_ms = 0;	/* that silence is over, also where it ended early */
			u->step_ended = ENDED_DONE;	/* whatever it said meanwhile of the installation */
			return 0;
		}
		if (r == 2) {
			upgrade_leave_unknown(u);
			*next = STEP_INSTALL;
			return 0;
		}
		if (r < 0 && e->code == ERR_CANCELLED)
			return -1;
		if (r < 0)
			lose_port(u);
	}
	report_flaps(u);
	conclude_no_return(u, begun_ms, rounds);
	*next = STEP_COUNT;
	return 0;
}

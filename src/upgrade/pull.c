#include "config.h"

#include "upgrade/routes.h"

#include "upgrade/conclude.h"
#include "upgrade/fetch.h"
#include "upgrade/gate.h"
#include "upgrade/listen.h"
#include "upgrade/target.h"
#include "upgrade/tell.h"

/* Enough to ask, to let an installation begin, and to ask again. */
#define LAST_CALL_MS (180 * 1000)

static int pull_load(struct upgrade *u, struct err *e)
{
	if (upgrade_load_url(u, u->plan.url, e) < 0)
		return -1;
	return upgrade_load_target(u, u->plan.manifest, e);
}

int pull_fits(struct upgrade *u, struct err *e)
{
	return upgrade_load_url(u, u->plan.route == ROUTE_PUBLISH ? u->plan.publish : u->plan.url, e);
}

int pull_prepare(struct upgrade *u, struct err *e)
{
	const struct at_value values[] = {{"url", u->pull_url}, {NULL, NULL}};

	if (upgrade_look_at_source(u, e) < 0)
		return -1;
	return at_build(u->command, sizeof(u->command), u->profile->pull_command, values, e);
}

/* Where to go on as soon as the download is no matter any more: it ended, or
 * something that comes after it was heard. False as long as it is. */
static bool is_over(struct upgrade *u, bool booted, enum step *next)
{
	const struct course *c = &u->course;

	if (c->started || c->ended) {
		*next = course_installs(c) ? STEP_INSTALL : STEP_RESTART;
	} else if (c->downloaded) {
		*next = course_download_failed(c) ? STEP_VERIFY : STEP_INSTALL;
	} else if (booted) {
		upgrade_leave_unknown(u);
		*next = STEP_RESTART;
	} else {
		return false;
	}
	u->sent_ms = upgrade_now(u);
	return true;
}

/* The module says that its messages come here. */
static bool would_be_heard(const struct upgrade *u)
{
	return u->fits[FIX_STATE_URC] && u->fits[FIX_URC_PORT];
}

/* Until when the next line is waited for. A module that would be heard and says nothing is asked in the end;
 * one that downloads is left alone, but its last word may have been lost: when it was silent for
 * as long as a download or an installation can be, and still is when the watch is about to end,
 * it is asked before it is given up. */
static int64_t silence_end_ms(const struct upgrade *u)
{
	const struct profile_timers *t = &u->profile->timers;
	int64_t silent_ms = upgrade_now(u) + t->source_end_notice_ms + t->updating_notice_ms;

	if (!u->course.heard && would_be_heard(u))
		return earlier(u->sent_ms + t->source_end_notice_ms, u->watch_end_ms);
	return earlier(later(silent_ms, u->watch_end_ms - LAST_CALL_MS), u->watch_end_ms);
}

/* Listen while the module downloads. */
static int watch_download(struct upgrade *u, enum step *next, struct err *e)
{
	const struct profile_timers *t = &u->profile->timers;
	struct heard heard = {.booted = false};

	while (!is_over(u, heard.booted, next)) {
		bool begun = u->course.downloading;
		int64_t until_ms = silence_end_ms(u);
		int r = upgrade_watch(u, &heard, begun ? t->source_end_notice_ms : t->source_start_notice_ms,
				      begun ? MSG_SILENT_DOWNLOAD_END : MSG_SILENT_DOWNLOAD_START,
				      &until_ms, e);

		if (r < 0 && e->code == ERR_CANCELLED)
			return -1;
		if (r < 0)
			upgrade_lost_port(u);
		if (r <= 0) {
			upgrade_leave_unknown(u);
			*next = STEP_RESTART;
		}
		if (r < 0)
			return 0;
		if (r == 0) {
			/* what is switched off, or goes elsewhere, is not heard either */
			if (!would_be_heard(u))
				upgrade_download_unheard(u);
			if (until_ms >= u->watch_end_ms) {
				upgrade_conclude_silent(u, MSG_DOWNLOAD_NOT_OVER, false);
				*next = STEP_COUNT;
			}
			return 0;
		}
		if (heard.is.fota.kind == FOTA_DOWNLOADING && heard.is.fota.has_value)
			upgrade_progress(u, UNIT_NONE, (uint64_t)heard.is.fota.value, 0, 0, false);
	}
	return 0;
}

int pull_start(struct upgrade *u, enum step *next, struct err *e)
{
	const struct modem_command command = {
		u->command, NULL, u->profile->timers.command_ms, NULL,
	};

	if (upgrade_gate(u, e) < 0)
		return -1;
	u->echo_off = modem_has_no_echo(u->modem);
	if (modem_command(u->modem, &command, NULL, e) == 0)
		return 1;
	if (!u->sent) {
		u->committed = false;
		return -1;
	}
	switch (e->code) {
	case ERR_TIMEOUT:
		message_then(&e->message, MSG_MAY_HAVE_BEGUN, "");
		upgrade_report_message(u, SEVERITY_WARNING, &e->message);
		return 1;
	case ERR_GONE:
		upgrade_leave_unknown(u);
		*next = STEP_RESTART;
		return 0;
	case ERR_CANCELLED:
		return -1;
	case ERR_NONE:
	case ERR_PORT:
	case ERR_BUSY:
	case ERR_PACKAGE:
	case ERR_NETWORK:
	case ERR_MODULE:
	case ERR_REFUSED:
	case ERR_USAGE:
	case ERR_CRASH:
	case ERR_OUTPUT:
	case ERR_COUNT:
		break;
	}
	if (e->detail >= 0)
		upgrade_code(u, "cme", e->detail);
	upgrade_fail(u, e);
	*next = STEP_VERIFY;
	return 0;
}

int pull_transfer(struct upgrade *u, enum step *next, struct err *e)
{
	int r;

	upgrade_progress(u, UNIT_NONE, 0, 0, 0, true);
	r = pull_start(u, next, e);
	return r > 0 ? watch_download(u, next, e) : r;
}

const struct route_steps route_download = {
	.load = pull_load,
	.fits = pull_fits,
	.prepare = pull_prepare,
	.transfer = pull_transfer,
};

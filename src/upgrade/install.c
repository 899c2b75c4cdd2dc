#include "config.h"

#include "upgrade/steps.h"

#include "upgrade/conclude.h"
#include "upgrade/listen.h"
#include "upgrade/tell.h"

/* What is waited for now, and how long that may be silent. */
static void expectation(const struct upgrade *u, enum message_id *silent,
			int *notice_ms, int64_t *until_ms)
{
	const struct profile_timers *t = &u->profile->timers;

	*until_ms = u->watch_end_ms;
	if (u->settle_end_ms) {
		*silent = MSG_SILENT_INSTALL_AGAIN;
		*notice_ms = t->start_notice_ms;
		*until_ms = earlier(u->settle_end_ms, u->watch_end_ms);
	} else if (u->attached && u->course.downloading) {
		*silent = MSG_SILENT_DOWNLOAD_END;
		*notice_ms = t->source_end_notice_ms;
	} else if (!u->course.started) {
		*silent = MSG_SILENT_INSTALL_START;
		*notice_ms = t->start_notice_ms;
		*until_ms = earlier(u->sent_ms + upgrade_start_limit_ms(u), u->watch_end_ms);
	} else if (u->course.percent >= 100) {
		*silent = MSG_SILENT_INSTALL_END;
		*notice_ms = t->end_notice_ms;
	} else {
		*silent = MSG_SILENT_INSTALL;
		*notice_ms = t->updating_notice_ms;
	}
}

/* An error of the stage before: the module takes no part of the package. True
 * when that is certain; after an ERROR, which may be a stray one, START has a
 * last time to come in which nothing may be sent (faults.md B08). */
static bool is_refused(struct upgrade *u, const struct heard *heard)
{
	bool first = u->failure.code == ERR_NONE;
	char text[96];
	struct err e;

	if (heard->word == COURSE_DOWNLOAD_FAILED && heard->is.fota.has_value)
		return true;
	if (!u->course.started && heard->is.class == AT_ERROR) {
		if (heard->is.cme >= 0)
			upgrade_code(u, "cme", heard->is.cme);
		/* when it broke off, all may have been written or not: that is a matter of
		 * buffers, and must not make another answer of it */
		if (u->data.serial)
			err_fail(&e, MSG_DATA_LEFT, "answer=%s", slice_copy(text, sizeof(text), heard->text));
		else
			err_fail(&e, MSG_PACKAGE_NOT_TAKEN, "");
		upgrade_fail(u, &e);
		if (first && u->data.serial)
			u->failure_step = STEP_TRANSFER;
		if (!u->settle_end_ms)
			u->settle_end_ms = upgrade_now(u) + u->profile->timers.start_notice_ms;
	}
	return false;
}

static void show_percent(struct upgrade *u, const struct heard *heard)
{
	const struct fota_urc *urc = &heard->is.fota;

	if (urc->out_of_range && u->course.odd_percents == 1)
		upgrade_report(u, MSG_ODD_PERCENT, "");
	if (urc->kind == FOTA_UPDATING || urc->kind == FOTA_RESTORE)
		upgrade_progress(u, UNIT_PERCENT, (uint64_t)u->course.percent, 100, 0, true);
}

int upgrade_install(struct upgrade *u, enum step *next, struct err *e)
{
	*next = STEP_RESTART;
	u->return_end_ms = 0;
	while (!u->course.ended) {
		struct heard heard;
		enum message_id silent;
		int64_t until_ms;
		int notice_ms, r;

		expectation(u, &silent, &notice_ms, &until_ms);
		r = upgrade_watch(u, &heard, notice_ms, silent, &until_ms, e);
		if (r < 0 && e->code == ERR_CANCELLED)
			return -1;
		if (r < 0)
			upgrade_lost_port(u);
		if (r <= 0)
			upgrade_leave_unknown(u);
		if (r < 0)
			return 0;
		if (r == 0) {
			if (until_ms < u->watch_end_ms)
				return 0;
			upgrade_conclude_silent(u, MSG_INSTALLATION_NOT_OVER, false);
			*next = STEP_COUNT;
			return 0;
		}
		if (is_refused(u, &heard)) {
			*next = STEP_VERIFY;
			return 0;
		}
		show_percent(u, &heard);
		if (heard.booted) {
			upgrade_leave_unknown(u);
			return 0;
		}
	}
	return 0;
}

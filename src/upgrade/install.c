#include "config.h"

#include "upgrade/steps.h"

#include <stdio.h>
#include <string.h>

#include "upgrade/conclude.h"
#include "upgrade/listen.h"
#include "upgrade/tell.h"

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


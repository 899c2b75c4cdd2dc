#include "config.h"

#include "upgrade/routes.h"

#include <stdio.h>
#include <string.h>

#include "upgrade/conclude.h"
#include "upgrade/fetch.h"
#include "upgrade/gate.h"
#include "upgrade/listen.h"
#include "upgrade/target.h"
#include "upgrade/tell.h"

static int pull_load(struct upgrade *u, struct err *e)
{
	if (upgrade_load_url(u, u->plan.url, e) < 0)
		return -1;
	return upgrade_load_target(u, u->plan.manifest, e);
}

int pull_prepare(struct upgrade *u, struct err *e)
{
	const struct at_value values[] = {{"url", u->pull_url}, {NULL, NULL}};

	if (upgrade_look_at_source(u, e) < 0)
		return -1;
	return at_build(u->command, sizeof(u->command), u->profile->pull_command, values, e);
}

/* The download is over. True when it went well. */
static bool take_source_end(struct upgrade *u, const struct fota_urc *urc)
{
	struct err e;

	if (urc->has_value && urc->value == 0)
		return true;
	if (urc->has_value) {
		upgrade_code(u, upgrade_code_table(urc->source), (int)urc->value);
		err_set(&e, ERR_NETWORK, "the module's download failed with code %ld", urc->value);
	} else {
		err_set(&e, ERR_NETWORK, "the module's download failed with a code that cannot be read");
	}
	upgrade_fail(u, &e);
	return false;
}

/* Listen while the module downloads. */
static int watch_download(struct upgrade *u, enum step *next, struct err *e)
{
	const struct profile_timers *t = &u->profile->timers;

	for (;;) {
		struct fota_urc urc;
		struct slice line;
		bool begun = u->seen.source_started;
		/* A module that says nothing at all is asked in the end; one that
		 * downloads is left alone. */
		int64_t until_ms = u->seen.heard ? u->watch_end_ms :
			u->sent_ms + t->source_end_notice_ms;
		int r = upgrade_watch(u, &urc, &line,
				      begun ? t->source_end_notice_ms : t->source_start_notice_ms,
				      begun ? "the end of the download" : "the start of the download",
				      until_ms, e);

		if (r < 0 && e->code == ERR_CANCELLED)
			return -1;
		if (r < 0) {
			u->seen.rebooted = true;
			*next = STEP_RESTART;
			return 0;
		}
		if (r == 0) {
			*next = STEP_RESTART;
			if (u->seen.heard) {
				upgrade_conclude_silent(u, "the download had not ended when watching did");
				*next = STEP_COUNT;
			}
			return 0;
		}
		if (urc.kind == FOTA_DOWNLOADING && urc.has_value)
			upgrade_progress(u, UNIT_NONE, (uint64_t)urc.value, 0, 0, false);
		if (urc.kind == FOTA_SOURCE_END) {
			*next = take_source_end(u, &urc) ? STEP_INSTALL : STEP_VERIFY;
			u->sent_ms = upgrade_now(u);
			return 0;
		}
		if (slice_is(line, "RDY") || u->seen.started || u->seen.ended) {
			u->sent_ms = upgrade_now(u);
			*next = u->seen.started && !u->seen.ended ? STEP_INSTALL : STEP_RESTART;
			return 0;
		}
	}
}

int pull_transfer(struct upgrade *u, enum step *next, struct err *e)
{
	const struct modem_command command = {
		u->command, NULL, u->profile->timers.command_ms,
	};

	if (upgrade_gate(u, e) < 0)
		return -1;
	upgrade_progress(u, UNIT_NONE, 0, 0, 0, true);
	if (modem_command(u->modem, &command, NULL, e) == 0)
		return watch_download(u, next, e);
	if (!u->sent) {
		u->committed = false;
		return -1;
	}
	switch (e->code) {
	case ERR_TIMEOUT:
		upgrade_notice(u, SEVERITY_WARNING, "%s; it may have begun all the same, so watching on", e->text);
		return watch_download(u, next, e);
	case ERR_GONE:
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
	case ERR_COUNT:
		break;
	}
	if (e->detail >= 0)
		upgrade_code(u, "cme", e->detail);
	upgrade_fail(u, e);
	*next = STEP_VERIFY;
	return 0;
}

const struct route_steps route_download = {
	.load = pull_load,
	.prepare = pull_prepare,
	.transfer = pull_transfer,
};

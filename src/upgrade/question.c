#include "config.h"

#include "upgrade/steps.h"

#include <stdio.h>
#include <string.h>

#include "upgrade/check.h"
#include "upgrade/conclude.h"
#include "upgrade/open.h"
#include "upgrade/tell.h"

/* A person reads the question; a forgotten one must not stand for ever. */
#define QUESTION_LIMIT_MS (24 * 3600 * INT64_C(1000))

/* Ask the person; 0 on yes. */
static int ask(struct upgrade *u, struct err *e)
{
	struct event ev = {.type = EVENT_QUESTION};
	struct question *q = &ev.question;
	char command[sizeof(u->command) + 64];
	int64_t limit_ms = upgrade_now(u) + QUESTION_LIMIT_MS;
	size_t size;

	q->module = u->identity;
	snprintf(q->from, sizeof(q->from), "%s", u->from);
	snprintf(q->to, sizeof(q->to), "%s", u->to);
	q->route = u->plan.route;
	if (u->package) {
		text_safe_str(q->package, sizeof(q->package),
			      u->plan.route == ROUTE_RELAY ? u->plan.url : package_name(u->package));
		q->size = package_size(u->package);
		snprintf(q->sha256, sizeof(q->sha256), "%s", package_sha256(u->package));
	} else {
		text_safe_str(q->package, sizeof(q->package), u->plan.url);
		q->size = u->has_manifest ? u->manifest.size : 0;
		snprintf(q->sha256, sizeof(q->sha256), "%s", u->manifest.sha256);
	}
	size = redact(&u->redact[LINE_TX], command, sizeof(command), u->command, strlen(u->command));
	text_safe(q->command, sizeof(q->command), command, size);
	snprintf(q->unchecked, sizeof(q->unchecked), "%s%s%s",
		 u->has_manifest ? "" : "no manifest: whether the package fits this module and is whole was not checked",
		 !u->has_manifest && u->unchecked[0] ? "; " : "", u->unchecked);
	u->asking = true;
	u->answered = false;
	upgrade_emit(u, &ev);
	while (!u->answered && !u->cancelled && upgrade_now(u) < limit_ms) {
		struct err woken;

		if (port_pause(u->env.port, limit_ms, &woken) < 0 && !u->answered && !u->cancelled) {
			u->asking = false;
			*e = woken;
			return -1;
		}
	}
	u->asking = false;
	if (u->answered && u->yes)
		return 0;
	return err_set(e, ERR_CANCELLED, "the question was not answered with yes; nothing was sent");
}

/* The question may have stood for hours: somebody may have begun an upgrade of
 * this module through another port, and the module one by itself. */
static int look_again(struct upgrade *u, struct err *e)
{
	struct at_line line;
	int r;

	if (upgrade_refuse_open(u, u->identity.imei, e) < 0)
		return -1;
	do
		r = modem_next_line(u->modem, &line, upgrade_now(u), e);
	while (r > 0);
	return r;
}

int upgrade_prepare(struct upgrade *u, enum step *next, struct err *e)
{
	char command[sizeof(u->command) + 64], safe[TEXT_SIZE];
	size_t size;

	if (u->plan.job != JOB_UPGRADE) {
		upgrade_conclude(u, OUTCOME_READY, "%s, firmware %s, IMEI %s: ready for DFOTA", u->identity.model,
				 u->from, u->identity.imei[0] ? u->identity.imei : "not told");
		*next = STEP_COUNT;
		return 0;
	}
	if (u->route->prepare(u, e) < 0 || upgrade_apply_fixes(u, e) < 0)
		return -1;
	if (u->plan.dry_run) {
		size = redact(&u->redact[LINE_TX], command, sizeof(command), u->command, strlen(u->command));
		text_safe(safe, sizeof(safe), command, size);
		upgrade_notice(u, SEVERITY_INFO, "would send: %s", safe);
		upgrade_conclude(u, OUTCOME_READY, "dry run: all checks passed, nothing was sent that changes the module");
		*next = STEP_COUNT;
		return 0;
	}
	if (!u->plan.assume_yes && ask(u, e) < 0)
		return -1;
	return look_again(u, e);
}

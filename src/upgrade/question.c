#include "config.h"

#include "upgrade/steps.h"

#include <stdio.h>
#include <string.h>

#include "upgrade/conclude.h"
#include "upgrade/open.h"
#include "upgrade/settings.h"
#include "upgrade/tell.h"

/* A person reads the question; a forgotten one must not stand for ever. */
#define QUESTION_LIMIT_MS (24 * 3600 * INT64_C(1000))

/* "AT+QFOTADL=..." as it may be shown. */
static char *safe_command(struct upgrade *u, char out[TEXT_SIZE])
{
	char command[sizeof(u->command) + 64];
	size_t size = redact(&u->redact[LINE_TX], command, sizeof(command), u->command, strlen(u->command));

	text_safe(out, TEXT_SIZE, command, size);
	return out;
}

/* Ask the person; 0 on yes. */
static int ask(struct upgrade *u, struct err *e)
{
	struct event ev = {.type = EVENT_QUESTION};
	struct question *q = &ev.question;
	int64_t limit_ms = upgrade_now(u) + QUESTION_LIMIT_MS;

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
		q->size = u->has_manifest ? u->manifest.size : u->server_size;
		snprintf(q->sha256, sizeof(q->sha256), "%s", u->manifest.sha256);
	}
	safe_command(u, q->command);
	q->fact_count = u->fact_count;
	for (size_t i = 0; i < u->fact_count; i++)
		q->facts[i] = u->facts[i].message;
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
	return err_fail(e, MSG_DECLINED, "");
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
	char command[TEXT_SIZE];

	if (u->plan.job != JOB_UPGRADE) {
		upgrade_conclude(u, OUTCOME_READY, MSG_MODULE_READY, "model=%s version=%s imei=%s", u->identity.model,
				 u->from, u->identity.imei);
		*next = STEP_COUNT;
		return 0;
	}
	if (u->route->prepare(u, e) < 0 ||
	    upgrade_plan_settings(u, safe_command(u, command), e) < 0 || upgrade_apply_settings(u, e) < 0)
		return -1;
	if (!u->package && !u->has_manifest && !u->server_size)
		upgrade_found(u, MSG_SIZE_UNKNOWN, "");
	if (!u->plan.dry_run && !u->plan.assume_yes && ask(u, e) < 0)
		return -1;
	if (upgrade_store_settings(u, e) < 0)
		return -1;
	if (!u->plan.dry_run)
		return look_again(u, e);
	upgrade_conclude(u, OUTCOME_READY, MSG_DRY_RUN_PASSED, "");
	*next = STEP_COUNT;
	return 0;
}

#include "config.h"

#include "upgrade/gate.h"

#include <stdio.h>

#include "upgrade/tell.h"

int upgrade_intend(struct upgrade *u, enum intent intent, struct err *e)
{
	struct event ev = {.type = EVENT_INTENT, .t_ms = upgrade_now(u) - u->env.start_ms};
	struct open_upgrade *open = &ev.intent;

	*open = (struct open_upgrade){
		.intent = intent, .module = u->identity, .route = u->plan.route,
		.baud = u->baud, .com_timeout_s = upgrade_com_timeout_s(u),
	};
	snprintf(open->module.version, sizeof(open->module.version), "%s", u->from);
	snprintf(open->to, sizeof(open->to), "%s", u->to);
	if (u->package || u->has_manifest) {
		open->size = u->package ? package_size(u->package) : u->manifest.size;
		snprintf(open->sha256, sizeof(open->sha256), "%s",
			 u->package ? package_sha256(u->package) : u->manifest.sha256);
	}
	if (writer_intent(u->env.record, open, ev.t_ms, e) < 0)
		return err_doing(e, MSG_NOT_RECORDED, "");
	upgrade_observe(u, &ev);
	return 0;
}

int upgrade_gate(struct upgrade *u, struct err *e)
{
	if (u->cancelled)
		return err_fail(e, MSG_CANCELLED_EARLY, "");
	if (upgrade_intend(u, INTENT_INSTALL, e) < 0)
		return -1;
	u->committed = true;
	return 0;
}

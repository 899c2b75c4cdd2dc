/*
 * upgrade.h - an upgrade as a recipe: the steps in their order, the commit
 * gate, and the verdict. The one place that knows the order.
 *
 * Blocking; runs on the thread that calls. Everything it reports goes to
 * `emit`; everything that is asked of it arrives through upgrade_request(), called on
 * the same thread by the hook of its interrupt.
 */
#ifndef DFOTA_UPGRADE_H
#define DFOTA_UPGRADE_H

#include <stdbool.h>

#include "base/event.h"
#include "upgrade/env.h"

struct upgrade;

/* Copies PLAN. NULL with E when memory runs out. */
struct upgrade *upgrade_new(const struct upgrade_env *env,
			    const struct plan *plan, struct err *e);
void upgrade_free(struct upgrade *u);

/* Do plan.job to its end. Emits the result as the last event and, where
 * RESULT is not NULL, copies it there. The port is closed on return. */
void upgrade_run(struct upgrade *u, struct result *result);

/* Send one AT command that a person typed and report its answer as line events;
 * a failure is a notice. Commands that start an upgrade are refused. There is
 * no result event. */
void upgrade_type(struct upgrade *u, const char *text);

/* An answer, a cancel, a detach or a lost terminal. True when the blocking call that is under
 * way should end. A refusal is a notice. */
bool upgrade_request(struct upgrade *u, const struct request *r);

#endif

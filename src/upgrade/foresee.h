/*
 * upgrade/foresee.h - what would stop an upgrade, found out before it is
 * started: by the same steps, as far as they need no port.
 */
#ifndef DFOTA_UPGRADE_FORESEE_H
#define DFOTA_UPGRADE_FORESEE_H

#include "base/outlook.h"
#include "upgrade/env.h"

/*
 * Look at the files and the servers that PLAN names, and hold them against
 * MODULE, as far as that is known (model "": not at all). TELL is called with
 * what is known from here at once, and again when a server was asked. Nothing is
 * sent to a port, nothing is recorded. A manifest that stands beside a URL is
 * kept among our files (dfota(1)), for the upgrade that follows.
 *
 * ENV: as of an upgrade; emit, observe and record are not used. An interrupt
 * ends it: false, and the last word was not told.
 */
bool upgrade_foresee(const struct upgrade_env *env, const struct plan *plan, const struct identity *module,
		     void (*tell)(void *ctx, const struct outlook *outlook), void *ctx);

#endif

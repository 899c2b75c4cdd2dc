/*
 * upgrade/settings.h - what the checks found wrong, put right.
 */
#ifndef DFOTA_UPGRADE_SETTINGS_H
#define DFOTA_UPGRADE_SETTINGS_H

#include "upgrade/state.h"

/* Put right what the checks found, but for what is stored in the module: that
 * is found for the question. With dry_run only report. */
int upgrade_apply_fixes(struct upgrade *u, struct err *e);

/* Put right the rest: after the yes. */
int upgrade_store_fixes(struct upgrade *u, struct err *e);

#endif

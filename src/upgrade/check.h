/*
 * upgrade/check.h - what the checks found wrong, put right.
 */
#ifndef DFOTA_UPGRADE_CHECK_H
#define DFOTA_UPGRADE_CHECK_H

#include "upgrade/state.h"

/* Put right what the checks found; with dry_run only tell. */
int upgrade_apply_fixes(struct upgrade *u, struct err *e);

#endif

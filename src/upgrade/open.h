/*
 * upgrade/open.h - an earlier upgrade that is unfinished, or one that another
 * program runs right now, stands in the way of another.
 */
#ifndef DFOTA_UPGRADE_OPEN_H
#define DFOTA_UPGRADE_OPEN_H

#include "upgrade/state.h"

/* ERR_BUSY when an upgrade is unfinished on this port, or with IMEI not "" of this
 * module: it must be watched to its end first (faults.md A09, C29). */
int upgrade_refuse_open(struct upgrade *u, const char *imei, struct err *e);

/* Where records cannot be read no upgrade may be taken for finished: -1 when that is all of
 * them, a warning when it is one. */
int upgrade_check_records(struct upgrade *u, struct err *e);

#endif

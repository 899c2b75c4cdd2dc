/*
 * upgrade/data_mode.h - getting a module out of data mode, in which it takes
 * every byte for one of the package.
 */
#ifndef DFOTA_UPGRADE_DATA_MODE_H
#define DFOTA_UPGRADE_DATA_MODE_H

#include "upgrade/state.h"

/* Send nothing until the module has given up waiting for data; returns until
 * when. */
int64_t upgrade_keep_quiet(struct upgrade *u);

/* Get out of data mode; *UNTIL_MS is the time before which no byte may be sent.
 * -1: detached meanwhile, so none at all. */
int upgrade_leave_data_mode(struct upgrade *u, int64_t *until_ms, struct err *e);

#endif

/*
 * open_upgrade.h - the upgrade that a record left open.
 */
#ifndef DFOTA_RECORD_OPEN_UPGRADE_H
#define DFOTA_RECORD_OPEN_UPGRADE_H

#include "record/reader.h"

/* What it says about an upgrade that was left open: true with OUT when there
 * is an intent and behind it no result, or one that is "unknown", and nobody
 * closed it. */
bool record_open_upgrade(struct record *r, struct open_upgrade *out);

#endif

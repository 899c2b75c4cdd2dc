/*
 * open_upgrade.h - the unfinished upgrade of a record.
 *
 * Threads: as the record.
 */
#ifndef DFOTA_RECORD_OPEN_UPGRADE_H
#define DFOTA_RECORD_OPEN_UPGRADE_H

#include "record/reader.h"

/* What R says about an unfinished upgrade: true with OUT when there is an
 * intent and after it no result, or one that is "unknown", and nobody closed
 * it. */
bool record_open_upgrade(struct record *r, struct open_upgrade *out);

#endif

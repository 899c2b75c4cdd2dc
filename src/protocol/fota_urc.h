/*
 * protocol/fota_urc.h - the +QIND: "FOTA" URC: its grammar, tolerant as protocol.md 3.1
 * demands. Pure, as at.h.
 */
#ifndef DFOTA_FOTA_URC_H
#define DFOTA_FOTA_URC_H

#include "base/line.h"
#include "protocol/at.h"

/* Parse LINE. True when it is a +QIND: "FOTA" line at all, known keyword or
 * not; false for any other, "ABFOTA" of modules with two systems included. A
 * SOURCE_END or END whose code cannot be read has has_value false: the caller
 * must not take it for success. */
bool fota_parse(struct slice line, struct fota_urc *urc);

#endif

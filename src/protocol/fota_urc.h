/*
 * protocol/fota_urc.h - the +QIND: "FOTA" URC: its grammar, tolerant as protocol.md 3.1
 * demands. Pure, as at.h.
 */
#ifndef DFOTA_FOTA_URC_H
#define DFOTA_FOTA_URC_H

#include "protocol/at.h"

enum fota_kind {
	FOTA_NONE,		/* not a FOTA URC, or one we cannot read: log it, change nothing */
	FOTA_SOURCE_START,	/* FTPSTART, HTTPSTART, FILESTART, COMSTART, misprints and blanks included */
	FOTA_SOURCE_END,	/* FTPEND, HTTPEND, ...: value is the code */
	FOTA_DOWNLOADING,	/* value: count or percent */
	FOTA_START,		/* flashing begins */
	FOTA_UPDATING,		/* value: percent */
	FOTA_RESTORE,		/* value: percent (BG96) */
	FOTA_RESUMED,		/* "Last upgrade was not finished, ..." (BG96, at power-up) */
	FOTA_END,		/* value: code, 0 = success */
};

enum fota_source { FOTA_SOURCE_NONE, FOTA_SOURCE_FTP, FOTA_SOURCE_HTTP, FOTA_SOURCE_FILE, FOTA_SOURCE_COM, FOTA_SOURCE_DOWNLOAD };

struct fota_urc {
	enum fota_kind kind;
	enum fota_source source;	/* of SOURCE_START and SOURCE_END */
	bool has_value;			/* a well-formed number stood there */
	bool out_of_range;		/* a percent outside 0..100: value is clamped for display */
	long value;
	struct slice keyword;		/* as received; also of an unknown one (kind FOTA_NONE) */
};

/* Parse LINE. True when it is a +QIND: "FOTA" line at all, known keyword or
 * not; false for any other, "ABFOTA" of modules with two systems included. A
 * SOURCE_END or END whose code cannot be read has has_value false: the caller
 * must not take it for success. */
bool fota_parse(struct slice line, struct fota_urc *urc);

#endif

/*
 * line.h - a line of the module as plain values: what it is and, where it is a
 * FOTA message, what that says. Found once, where the line is read
 * (protocol/line.h), and handed on with it.
 */
#ifndef DFOTA_LINE_H
#define DFOTA_LINE_H

#include <stdbool.h>

enum line_dir { LINE_TX, LINE_RX };

/* Classes of a whole line. */
enum at_class {
	AT_INFO,	/* anything else: an answer line or a URC */
	AT_OK,
	AT_ERROR,	/* ERROR, or +CME ERROR / +CMS ERROR of any form */
	AT_CONNECT,	/* CONNECT, with or without a number behind it */
	AT_NO_CARRIER,	/* also BUSY, NO ANSWER, NO DIALTONE */
};

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

/* Of the longest keyword that matters, with its NUL. */
#define FOTA_KEYWORD_SIZE 32

struct fota_urc {
	enum fota_kind kind;
	enum fota_source source;	/* of SOURCE_START and SOURCE_END */
	bool has_value;			/* a well-formed number stood there */
	bool out_of_range;		/* a percent outside 0..100: value is clamped for display */
	long value;
	char keyword[FOTA_KEYWORD_SIZE];	/* safe text, cut; also of an unknown one (kind FOTA_NONE) */
};

/* What a line is. */
struct line_meaning {
	enum at_class class;
	int cme;		/* AT_ERROR: the +CME number 0..65535, also of known words; else, or where it has none, -1 */
	bool is_fota;		/* a +QIND: "FOTA" line at all, its keyword known or not */
	struct fota_urc fota;	/* then; else all 0 */
};

#endif

/*
 * line_fields.h - the lines that stand in records only, as tables: one truth
 * for who writes them (writer.h) and who reads them (reader.h).
 *
 * Threads: constant data.
 */
#ifndef DFOTA_RECORD_LINE_FIELDS_H
#define DFOTA_RECORD_LINE_FIELDS_H

#include <stddef.h>
#include <stdint.h>

#include "base/event.h"

#define RECORD_FORMAT 1

/* What a line is. */
enum record_kind {
	RECORD_NOTHING,		/* no event: unreadable, unknown, or of the record only */
	RECORD_HEADER, RECORD_INTENT, RECORD_RESUMED, RECORD_CLOSED, RECORD_SHOWN, RECORD_GAP,
	RECORD_STEP, RECORD_IDENTITY, RECORD_PROGRESS, RECORD_NOTICE, RECORD_LINE,
	RECORD_QUESTION, RECORD_ANSWER, RECORD_PACKAGE, RECORD_DATA, RECORD_RESULT,
	RECORD_KINDS
};

/* Who writes, and in the first line what is to be done. All safe text. */
struct record_header {
	int format;
	char program[64], libraries[256], host[128], system[256], when[40];
	int pid;
	int64_t t_ms;		/* of a "resumed" line */
	struct plan plan;	/* job, port, baud, route, file, url, ...; no secrets */
};

/* What comes next, and all that is needed to watch on. */
struct record_statement {
	struct open_upgrade open;
	char when[40], text[TEXT_SIZE];
	int64_t t_ms;
};

struct field;

/* The keys of a line, for fields_put() and fields_get() (json_fields.h). */
struct line_fields {
	const struct field *fields;
	size_t count;
};

extern const struct line_fields header_line_fields;		/* of a record_header */
extern const struct line_fields resumed_line_fields;	/* of a record_header */
extern const struct line_fields intent_line_fields;		/* of a record_statement */

#endif

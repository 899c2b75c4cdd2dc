/*
 * at.h - AT text: bytes to lines, lines to classes, fields of a line.
 *
 * Pure: no I/O, no clock, no allocation. Received bytes are slices with a
 * length, never C strings; any byte value may occur in them.
 * Threads: a splitter belongs to one thread; the rest is stateless.
 */
#ifndef DFOTA_AT_H
#define DFOTA_AT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/line.h"

/* Of ASCII, whatever the locale. */
static inline bool at_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* A run of bytes inside somebody else's buffer. */
struct slice {
	const char *data;
	size_t size;
};

/* The longest line kept; the rest of a longer one is dropped and counted. */
#define AT_LINE_MAX 2048

/*
 * Cuts a stream into lines incrementally: any split of the input gives the
 * same lines. A line ends at CR or LF; empty lines are not reported. Leading
 * and trailing blanks stay; NULs before a line do not (protocol.md 3.1).
 */
struct at_splitter {
	char line[AT_LINE_MAX];
	size_t size;		/* of the unfinished line */
	bool complete;		/* line[] holds a reported line: the next feed starts a new one */
	uint64_t dropped;	/* bytes cut off over-long lines since init */
};

/* Start empty. */
void at_splitter_init(struct at_splitter *s);

/*
 * Feed up to SIZE bytes. Stops after the first line end that completes a
 * non-empty line: *LINE is then that line (valid until the next call) and the
 * result is true. *USED is how many bytes were taken, the line end included;
 * call again with the rest. False: all was taken, no line is complete yet.
 *
 * A CR ends the line at once, without waiting to see whether an LF follows: that LF is then
 * an empty line to the next call. A caller that reads raw bytes after a line
 * (data mode, after CONNECT) has to expect this one LF in front of them.
 */
bool at_split(struct at_splitter *s, const void *bytes, size_t size,
	      size_t *used, struct slice *line);

/* How many bytes of an unfinished line there are. */
size_t at_pending(const struct at_splitter *s);

/* A classified line. */
struct at_result {
	enum at_class class;
	int cme;		/* AT_ERROR: the +CME number 0..65535, also of known words; -1: none, out of range, other text */
	struct slice text;	/* AT_ERROR: what follows "+CME ERROR:", as given, or a +CMS line as a whole; else empty */
};

/* Classify LINE. Case counts; trailing blanks do not. */
struct at_result at_classify(struct slice line);

/* Meaning of a +CME ERROR number, general (0..47) or file (400..426), or NULL.
 * Source: BG96 AT manual table 10, BG96 FILE manual table 1 (protocol.md 5.4, 5.5). */
const char *at_cme_meaning(int number);

/* Walk the CME table: row INDEX as number and meaning; false past the end. */
bool at_cme_row(size_t index, int *number, const char **meaning);

/* True when LINE equals TEXT / begins with PREFIX, to the letter. */
bool slice_is(struct slice line, const char *text);
bool slice_begins(struct slice line, const char *prefix);

/* LINE without blanks at both ends. */
struct slice slice_trim(struct slice line);

/* Copy LINE into OUT as a C string, cut to fit; bytes of value 0 become '?'. Returns OUT. */
char *slice_copy(char *out, size_t out_size, struct slice line);

/* Parse a whole slice as decimal: optional blanks around, digits only,
 * MIN <= value <= MAX. False leaves *VALUE alone. */
bool slice_number(struct slice s, long min, long max, long *value);

/*
 * A cursor over the comma-separated fields after a prefix:
 *
 *	struct at_fields f = at_fields(line, "+CSQ:");
 *	long rssi;
 *	if (!at_field_number(&f, 0, 99, &rssi)) -> not what we asked for
 *
 * A string field is quoted; the quotes are stripped; a comma inside quotes
 * does not end a field; an unclosed quote runs to the end of the line and
 * marks the cursor bad. Every getter moves on by one field, and returns false
 * when there is none, when it is of the wrong kind, or when the cursor is bad.
 */
struct at_fields {
	const char *at;
	const char *end;
	bool more;	/* another field follows */
	bool bad;
};

/* Start after PREFIX; a line without PREFIX gives a cursor with no fields. */
struct at_fields at_fields(struct slice line, const char *prefix);
bool at_field_number(struct at_fields *f, long min, long max, long *value);
bool at_field_string(struct at_fields *f, struct slice *value);	/* quoted */
bool at_field_any(struct at_fields *f, struct slice *value);	/* quoted or bare, trimmed */
bool at_field_skip(struct at_fields *f);

/*
 * Build an AT command from TEMPLATE with {key} replaced, into OUT: the only
 * function that puts a caller's value into a command. Values may hold bytes
 * 0x20..0x7E without '"' and '\'; so none can close a quote or add a line.
 * KEYS ends with a row whose key is NULL. -1 with ERR_USAGE: a forbidden byte
 * (named with its position), an unknown {key}, or a result over OUT_SIZE - 1.
 * The result carries no line end.
 */
struct at_value {
	const char *key;
	const char *value;
};
int at_build(char *out, size_t out_size, const char *template,
	     const struct at_value *values, struct err *e);

#endif

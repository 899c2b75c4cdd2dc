/*
 * explain.h - a number and its table in words: meaning, likely cause, next
 * step. One table for the result page, JSON, `dfota explain` and the manual.
 *
 * Sources: protocol.md 5 and 11. Static data; any thread.
 */
#ifndef DFOTA_EXPLAIN_H
#define DFOTA_EXPLAIN_H

#include <stdbool.h>
#include <stddef.h>

struct explanation {
	const char *table;	/* "ftp", "http", "file", "end", "cme" */
	const char *family;	/* whose document the meaning is from: "BG96", "EP06", "EC2x", "LTE-A"; "none" */
	int first, last;	/* numbers it covers; first > last: the "not documented" row */
	const char *meaning;	/* never NULL */
	const char *cause;	/* likely cause for a technician; never NULL */
	const char *next;	/* next step; never NULL */
};

/* The row for NUMBER of TABLE; FAMILY (may be NULL) is preferred where rows of
 * several families exist. A number without a row gives the table's "not
 * documented" row; NULL only for an unknown table. */
const struct explanation *explain(const char *table, int number,
				  const char *family);

/* Row INDEX of the whole table, NULL past the end ("not documented" rows and
 * CME rows included). */
const struct explanation *explain_row(size_t index);

/* The next documented row for NUMBER in any table, from *INDEX on, which moves
 * behind it: `dfota explain 714`. NULL when there is none. */
const struct explanation *explain_search(int number, size_t *index);

/* Row INDEX of the tables themselves: name and what it is about. */
struct explain_table {
	const char *name;
	const char *about;	/* "+QIND: \"FOTA\",\"FTPEND\",<n>: the module's FTP download" */
};
const struct explain_table *explain_table(size_t index);

#endif

/*
 * protocol/codes.h - a number and its table in words: meaning, likely cause, next
 * step. One table for the result page, JSON, `dfota explain` and the manual.
 *
 * Sources: protocol.md 5 and 11. Static data; any thread.
 */
#ifndef DFOTA_CODES_H
#define DFOTA_CODES_H

#include <stddef.h>

#include "protocol/fota_urc.h"

/* What kinds of trouble a code may mean; one code may mean several. */
enum trouble {
	TROUBLE_NETWORK = 1 << 0,	/* the way to the server */
	TROUBLE_TIMEOUT = 1 << 1,
	TROUBLE_CONTEXT = 1 << 2,	/* no data connection of the module */
	TROUBLE_CONNECT = 1 << 3,	/* the server does not answer at its address */
	TROUBLE_CLOSED = 1 << 4,	/* the connection was closed */
	TROUBLE_DNS = 1 << 5,
	TROUBLE_LOGIN = 1 << 6,
	TROUBLE_FILE = 1 << 7,		/* not there, or may not be read */
	TROUBLE_PASSIVE = 1 << 8,	/* the data connection of FTP */
	TROUBLE_BUSY = 1 << 9,		/* the server turns clients away */
	TROUBLE_TLS = 1 << 10,
	TROUBLE_LOST_BYTES = 1 << 11,	/* on the serial port */
	TROUBLE_PACKAGE = 1 << 12,	/* damaged, or for another version */
	TROUBLE_PROJECT = 1 << 13,	/* for another variant */
	TROUBLE_ROOM = 1 << 14,
	TROUBLE_FLASH = 1 << 15,	/* writing the firmware failed */
	TROUBLE_VERSION = 1 << 16,	/* the package is for another version */
	TROUBLE_FORM = 1 << 17,		/* the command's form, or a value in it */
};

struct code_info {
	const char *table;	/* "ftp", "http", "file", "end", "cme" */
	const char *family;	/* whose document the meaning is from: "BG96", "EP06", "EC2x", "LTE-A"; "none" */
	int first, last;	/* numbers it covers; first > last: the "not documented" row */
	const char *meaning;	/* never NULL */
	unsigned trouble;	/* TROUBLE_* */
	const char *cause;	/* likely cause for a technician; never NULL */
	const char *next;	/* next step; never NULL */
};

/* The row for NUMBER of TABLE; FAMILY (may be NULL) is preferred where rows of
 * several families exist. A number without a row gives that of another table
 * in which it stands (its `table` says so: modules mix them up), else the
 * table's "not documented" row; NULL only for an unknown table. */
const struct code_info *codes_find(const char *table, int number,
				  const char *family);

/* What NUMBER of TABLE means, in words; where it stands in another table, that
 * table and what it means there. Returns OUT. */
char *codes_meaning(char *out, size_t out_size, const char *table, int number, const char *family);

/* The kinds of trouble that NUMBER of TABLE means: TROUBLE_*. More than the row
 * says for some numbers that no manual lists. */
unsigned codes_trouble(const char *table, int number, const char *family);

/* The table of the code that ends a download from SOURCE. */
const char *codes_source(enum fota_source source);

/* Row INDEX of the whole table, NULL past the end ("not documented" rows and
 * CME rows included). */
const struct code_info *codes_row(size_t index);

/* The next documented row for NUMBER in any table, from *INDEX on, which moves
 * past it: `dfota explain 714`. NULL when there is none. */
const struct code_info *codes_search(int number, size_t *index);

/* Row INDEX of the tables themselves: name and what it is about. */
struct code_table {
	const char *name;
	const char *about;	/* "+QIND: \"FOTA\",\"FTPEND\",<n>: the module's FTP download" */
};
const struct code_table *codes_table(size_t index);

#endif

/*
 * look.h - what a file looks like. A package has no mark of its own (protocol.md
 * 10), so nothing is called a package here; but much is surely none: a saved web
 * page, a text, a program, a stub, a few bytes.
 *
 * Memory: none is allocated. Threads: plain values.
 */
#ifndef DFOTA_LOOK_H
#define DFOTA_LOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum look_kind {
	LOOK_UNKNOWN,	/* as a package may look */
	LOOK_PAGE,	/* HTML */
	LOOK_TEXT,	/* XML, JSON, mail, ... */
	LOOK_HEX,	/* firmware as text */
	LOOK_PROGRAM,
	LOOK_DOCUMENT,	/* and pictures */
	LOOK_ARCHIVE,
	LOOK_POINTER,	/* a stub that names the file */
	LOOK_FILLED,	/* one byte again and again */
	LOOK_IMAGE,	/* of a whole system or a part of it */
	LOOK_TINY,	/* too few bytes */
};

#define LOOK_TITLE 96

struct look {
	enum look_kind kind;
	bool certain;		/* no package, whatever it is; else only unlikely to be one */
	const char *format;	/* "PDF"; static; "" of LOOK_UNKNOWN */
	char title[LOOK_TITLE];	/* of a page, as it is; "": none */
};

/* A file that is looked at piece by piece. */
struct look_scan {
	char head[1024];
	size_t head_size;
	uint64_t size;
	unsigned char first;
	bool same, text;
	char last;		/* that is no blank */
};

void look_begin(struct look_scan *s);
void look_feed(struct look_scan *s, const void *bytes, size_t size);

/* WHOLE: all of the file was fed, not only its begin. */
struct look look_end(const struct look_scan *s, bool whole);

/* ERR_PACKAGE, named as what it looks like, when the file NAME is certainly
 * none; else 0. */
int look_refuse(const struct look *look, const char *name, struct err *e);

#endif

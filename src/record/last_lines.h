/*
 * last_lines.h - the lines of a file from its end backwards, without reading the
 * rest of it.
 *
 * A last line without a line end is not there. Lines that do not fit into
 * LAST_LINES_SIZE end the walk. The bytes are hostile.
 * Threads: a struct last_lines belongs to one thread.
 */
#ifndef DFOTA_RECORD_LAST_LINES_H
#define DFOTA_RECORD_LAST_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define LAST_LINES_SIZE 65536

struct last_lines {
	int fd;
	off_t start;		/* of buffer[0] in the file */
	size_t end;		/* the line before begins before here */
	off_t reach;		/* goes back no further than this */
	size_t step;		/* to read next: little first, the last line is often enough */
	char buffer[LAST_LINES_SIZE];
};

/* Begin at the end of FD, a regular file (borrowed, read with pread), to go
 * back at most REACH bytes. */
void last_lines_begin(struct last_lines *t, int fd, off_t reach);

/* The line before, without its line end; valid until the next call. False when
 * there is no other, or not within reach. */
bool last_lines_next(struct last_lines *t, const char **line, size_t *size);

/* No line was missed: the walk got to the beginning of the file. After
 * last_lines_next() returned false. */
bool last_lines_complete(const struct last_lines *t);

/* LINE begins with BEGIN, as {"type":"result": what the program itself writes
 * is known without parsing. */
bool line_begins(const char *line, size_t size, const char *begin);

#endif

/*
 * journal.h - the file under a record: found fit, locked, and appended to
 * line by line, whatever the disk and other people do to it.
 *
 * Lines keep their order. What cannot be written stays in memory, allocated at
 * the start; when there is too much of it the oldest lines go, vital ones last,
 * and a "gap" line stands for them. JOURNAL_RESERVE bytes of disk space are
 * held ready after the end (where the file system can do that): only a stated
 * intent and the end of the session may use them, without the ordinary lines
 * before if need be. So an upgrade that has begun can continue on a full
 * disk, and its record says how it ended.
 *
 * A record that is removed, replaced or cut off by somebody is noticed: it is
 * started again (first line, a gap, the last intent) where its name is free;
 * else writing to the open file continues.
 *
 * Threads: a journal belongs to one thread.
 * Errors:  ERR_USAGE names the file; ERR_BUSY another program writes it.
 */
#ifndef DFOTA_RECORD_JOURNAL_H
#define DFOTA_RECORD_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define JOURNAL_LINE_MAX 49152	/* without the line end */
#define JOURNAL_KEPT_SIZE (256 * 1024)
#define JOURNAL_RESERVE 16384

struct journal;

struct journal_line {
	const char *text;	/* one JSON object, without the line end */
	size_t size;
	int64_t t_ms;
	bool vital;		/* kept when others must go */
};

/* Create PATH, mode 0600, and write its first line HEAD. Refuses what is there
 * already (detail: EEXIST), links included, and a directory that others may
 * change. NULL with E. */
struct journal *journal_create(const char *path, const char *head,
			       size_t head_size, struct err *e);

/* Open the record PATH to append to it: a regular file of one name, our own.
 * A torn last line is closed by the next write. NULL with E. */
struct journal *journal_open(const char *path, struct err *e);

/* Write what is kept, sync, close. NULL is allowed. */
void journal_close(struct journal *f);

const char *journal_path(const struct journal *f);
int journal_descriptor(const struct journal *f);
uint64_t journal_size(const struct journal *f);

/* Append LINE (copied). -1 with E the first time writing fails, and again after
 * it worked in between, and when the file was found removed, replaced or cut;
 * 1 when what was kept has just been written; else 0. */
int journal_append(struct journal *f, const struct journal_line *line,
		   struct err *e);

/* Count a line that could not be made, as one that could not be written; E is
 * set to why. Returns as journal_append(). */
int journal_lose(struct journal *f, int64_t t_ms, struct err *e);

/* Append LINE and make it and all before it durable, and the directory once.
 * -1 with E: it is not, and if it was not written it will not be. Once a sync
 * failed nothing is durable any more: what the kernel then forgot, a second
 * sync does not bring back. */
int journal_state(struct journal *f, const struct journal_line *line,
		  struct err *e);

#endif

/*
 * writer.h - a record being written: log, evidence and recovery point in one
 * file of JSON lines, dfota-session(5). Append only.
 *
 * A record is locked (flock) as long as its writer lives. What cannot be
 * written, because the disk is full or fails, is kept in memory as far as
 * there is room (allocated at the start) and written when it works again; a
 * "gap" line then says how many lines are missing. Disk space for intents and
 * the result is held ready where the file system can do that: an upgrade that
 * has begun continues, and is concluded, on a full disk (journal.h).
 *
 * Threads: a writer belongs to one thread.
 * Errors:  ERR_USAGE a directory or file that may not be used. A write that
 *          fails later never stops an upgrade: it is reported once, and
 *          once more when it works again.
 */
#ifndef DFOTA_RECORD_WRITER_H
#define DFOTA_RECORD_WRITER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/event.h"

struct record_writer;

/* Create PATH, or with PATH NULL a new file in the usual directory, that of demos for
 * a demo (store.h; directories 0700, file 0600). Refuses links, what is no regular
 * file, and existing files. Writes the header: program and LIBRARIES (one
 * line, may be NULL), host, plan without secrets. NULL with E. */
struct record_writer *writer_create(const char *path, const char *libraries,
				    const struct plan *plan, struct err *e);

/* Continue the record PATH of an unfinished upgrade: checks as in
 * writer_create(), a torn last line is closed, a "resumed" line says who
 * continues. Times begin where they ended. ERR_BUSY while another program writes
 * it. A disk that is full by then is reported by the first writer_append(). */
struct record_writer *writer_reopen(const char *path, const char *libraries,
				    struct err *e);

/* Sync and close. NULL is allowed. */
void writer_close(struct record_writer *s);

/* "" for NULL. */
const char *writer_path(const struct record_writer *s);

/* Append EV as one JSON line; EVENT_PORT and EVENT_RECORD are left out,
 * progress more often than once a second too, and lines beyond what a flood
 * may fill (a "gap" line counts them; results, steps and intents always pass).
 * -1 with E the first time writing fails, and again after it worked in
 * between, and when the record was removed, replaced or cut by somebody; 1 when
 * what was kept in memory has just been written; else 0. S may be NULL. */
int writer_append(struct record_writer *s, const struct event *ev, struct err *e);

/* State what is about to be done and make all so far durable (fdatasync, and
 * the directory once). Call it before the dangerous byte; on -1 do not send
 * it. OPEN->record, when_s and what follows size are not looked at. S NULL: 0. */
int writer_intent(struct record_writer *s, const struct open_upgrade *open,
		  int64_t t_ms, struct err *e);

#endif

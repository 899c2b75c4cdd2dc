/*
 * reader.h - a record read back: dfota-session(5) as events again, by number,
 * without reading it all into memory.
 *
 * Opening reads the file once and keeps a byte a line and a mark every few
 * lines. Everything in it is hostile: a line that is no JSON object, has no
 * known type or wrong values is one without an event; a torn last line is not
 * there (yet). What could not be read, record_damage() says.
 *
 * Limits:  regular files only; what comes after 1 GiB, 16 Mi lines or 16 MiB of
 *          lines that need a closer look (steps, intents, results; and all that
 *          another program wrote in a form of its own) is not read; a line
 *          longer than 64 KiB has no event.
 * Threads: a record belongs to one thread.
 * Errors:  ERR_USAGE names the file: cannot be opened, no record, a format
 *          this program does not know.
 */
#ifndef DFOTA_RECORD_READER_H
#define DFOTA_RECORD_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/event.h"

struct record;

#define RECORD_FORMAT 1

/* What a line is. */
struct record_class {
	enum event_type type;	/* EVENT_COUNT: no event: unreadable, or of a type not known */
	bool urc;		/* of EVENT_LINE */
	bool error;		/* an ERROR class line, a warning, a result that is no success */
};

/* Open PATH and read what is there. NULL with E. */
struct record *record_open(const char *path, struct err *e);
void record_free(struct record *r);

/* The first line; parts that are missing or wrong are "" or 0. */
const struct job_start *record_start(const struct record *r);
const char *record_path(const struct record *r);

/* What is wrong with it, and where it stopped; MSG_NONE when all is well. */
const struct message *record_damage(const struct record *r);

/* Complete lines. */
uint64_t record_count(const struct record *r);

/* Of line NUMBER < record_count(): its class, and its time; a line without one
 * has that of the line before. */
struct record_class record_class(const struct record *r, uint64_t number);
int64_t record_time_ms(struct record *r, uint64_t number);

/* The first line at or after T_MS; record_count() when there is none. */
uint64_t record_at(struct record *r, int64_t t_ms);

/* Line NUMBER as an event; false when it is none. */
bool record_event(struct record *r, uint64_t number, struct event *ev);

/* The next line (BACK: the one before) after FROM whose type is in TYPES (bits
 * 1U << EVENT_...) and, with ERROR, that is an error. False when there is none. To
 * begin at the start pass UINT64_MAX, at the end with BACK record_count(). */
bool record_find(const struct record *r, uint64_t from, bool back,
		 unsigned types, bool error, uint64_t *found);

/* The same for lines whose text, and notices whose words hold TEXT (A-Z match both cases). */
bool record_search(struct record *r, uint64_t from, bool back, const char *text,
		   uint64_t *found);

/* Read what was appended since. How many lines came; -1 with E when the file
 * cannot be read any more, or became shorter. */
int64_t record_follow(struct record *r, struct err *e);

/* Lines that are there could not be read (the disk, no memory, or the file became
 * shorter): what was not found may be there all the same. */
bool record_lost(const struct record *r);

/* The process that writes it now; 0: none; -1 when the record does not say which. */
int record_writer_pid(const struct record *r);

#endif

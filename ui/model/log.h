/*
 * log.h - the lines of the AT log, and which of them are shown.
 *
 * Either a bounded store: when it is full the oldest lines go, and are
 * counted; the record on disk has them all. Or a look at a source that has
 * the lines, up to a moving end: what comes after it is to come.
 *
 * Lines are numbered from 0 and keep their number; a source may have numbers
 * without a line. The shown lines (all, those with a text, or only URCs) are
 * numbered too, from the last change of the filter on: a position holds still
 * while lines come and go.
 *
 * Memory: of a store asked for whole at log_new(), but only log_reserve() has
 *         it, 13 MB or its share of them: who only looks around starts without, in 4 ms
 *         less, and nothing grows while a module installs. Over a source 8 bytes a shown
 *         line; where there is no memory for them the last ones are not shown.
 */
#ifndef DFOTA_LOG_H
#define DFOTA_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOG_LINES (1U << 17)		/* a power of two */
#define LOG_BYTES (8U << 20)
#define LOG_FILTER_SIZE 128
#define LOG_PART 4096			/* lines found at once by a search in a source */

enum log_kind { LOG_SENT, LOG_RECEIVED, LOG_NOTE, LOG_WARNING };

struct log_line {
	int64_t t_ms;
	enum log_kind kind;
	bool urc, error;
	const char *text;		/* safe text with NUL; valid until the next log_add() */
	const unsigned char *raw;	/* the exact bytes; those of TEXT when they are the same */
	size_t raw_size;
};

/* Lines that lie elsewhere, too many to copy. */
struct log_source {
	/* How many numbers there are. */
	uint64_t (*count)(void *context);
	/* Line NUMBER; its text is valid until the next call. False: there is none. */
	bool (*get)(void *context, uint64_t number, struct log_line *line);
	/* The next line after FROM (UINT64_MAX: from the start) that holds TEXT
	 * and, with URC_ONLY, is a URC. */
	bool (*next)(void *context, uint64_t from, const char *text, bool urc_only,
		     uint64_t *number);
};

struct log;

/* NULL when memory runs out. */
struct log *log_new(void);

/* LOG, which has no line yet, is one of AMONG stores, up to 64, that have the room of one
 * between them. */
void log_share(struct log *log, uint32_t among);

/* A look at SOURCE, kept with CONTEXT; nothing is shown before log_set_end().
 * NULL when memory runs out. */
struct log *log_over(const struct log_source *source, void *context);
void log_free(struct log *log);

/* Have the memory of a store now, before a job begins. */
void log_reserve(struct log *log);

/* Copy LINE to the end; raw NULL: the bytes are those of the text. Longer
 * texts than 64 KiB are cut. Over a source nothing is added: it has them all. */
void log_add(struct log *log, const struct log_line *line);

/* The lines held: first <= number < end. first is how many were dropped. */
uint64_t log_first(const struct log *log);
uint64_t log_end(const struct log *log);

/* Line NUMBER; false when it is not held. */
bool log_get(const struct log *log, uint64_t number, struct log_line *line);

/* Does line NUMBER hold TEXT? Letters A-Z match both cases. */
bool log_holds(const struct log *log, uint64_t number, const char *text);

/* Show only lines that hold TEXT ("" all), and with URC_ONLY only URCs of
 * them. Positions begin at 0 again. */
void log_filter(struct log *log, const char *text, bool urc_only);

/* The positions shown: first <= position < end. */
uint64_t log_shown_first(const struct log *log);
uint64_t log_shown_end(const struct log *log);

/* Over a source: lines from number END on are to come. */
void log_set_end(struct log *log, uint64_t end);

/* Over a source: look for more lines to show, where it has grown or where the
 * search for a text was left: that one is done in parts, so that the keys have
 * their turn. True when there is more to look at. */
bool log_grow(struct log *log);
bool log_unfinished(const struct log *log);

/* The end of the positions with those to come; log_shown_end() of a store. */
uint64_t log_found_end(const struct log *log);

/* The number of the line at POSITION, which must be shown or to come. */
uint64_t log_shown(const struct log *log, uint64_t position);

/* The first position whose line has NUMBER or a later one; log_found_end() when
 * there is none. */
uint64_t log_shown_at(const struct log *log, uint64_t number);

#endif

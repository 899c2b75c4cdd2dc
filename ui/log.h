/*
 * log.h - the lines of the AT log in memory, and which of them are shown.
 *
 * A bounded store: when it is full the oldest lines go, and are counted; the
 * record on disk has them all. Lines are numbered from 0 and keep their
 * number. The shown lines (all, those with a text, or only URCs) are numbered
 * too, from the last change of the filter on: a position holds still while
 * lines come and go.
 *
 * Memory: allocated whole at log_new(), so that nothing allocates while a
 *         module installs; the system gives a page when it is first touched.
 */
#ifndef DFOTA_LOG_H
#define DFOTA_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOG_LINES (1U << 17)		/* a power of two */
#define LOG_BYTES (8U << 20)
#define LOG_FILTER_SIZE 128

enum log_kind { LOG_SENT, LOG_RECEIVED, LOG_NOTE, LOG_WARNING };

struct log_line {
	int64_t t_ms;
	enum log_kind kind;
	bool urc, error;
	const char *text;		/* safe text with NUL; valid until the next log_add() */
	const unsigned char *raw;	/* the exact bytes; those of TEXT when they are the same */
	size_t raw_size;
};

struct log;

/* NULL when memory runs out. */
struct log *log_new(void);
void log_free(struct log *log);

/* Copy LINE to the end; raw NULL: the bytes are those of the text. Longer
 * texts than 64 KiB are cut. */
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

/* The number of the line at POSITION, which must be shown. */
uint64_t log_shown(const struct log *log, uint64_t position);

/* The first position whose line has NUMBER or a later one; the end when there
 * is none. */
uint64_t log_shown_at(const struct log *log, uint64_t number);

#endif

/*
 * clock.h - time as a value that is handed in, so that a test runs an hour in
 * a millisecond.
 *
 * All deadlines in the program are absolute milliseconds of such a clock.
 * Threads: the real clock may be used from any.
 */
#ifndef DFOTA_CLOCK_H
#define DFOTA_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct clock {
	int64_t (*now_ms)(const struct clock *self);
};

/* The real one, never set and never at rest, not even while the computer sleeps:
 * CLOCK_BOOTTIME. Static, never freed. */
const struct clock *clock_monotonic(void);

/* Milliseconds of C now. */
static inline int64_t clock_now_ms(const struct clock *c)
{
	return c->now_ms(c);
}

/* WHEN_S, seconds since 1970, as "2026-11-22T09:30:00Z"; "" when that cannot be
 * said. Returns OUT. */
#define CLOCK_UTC_SIZE 40
char *clock_utc(char out[CLOCK_UTC_SIZE], int64_t when_s);

/* The same back; false when TEXT is anything else. */
bool clock_utc_parse(const char *text, int64_t *when_s);

/* Now, by the wall clock. */
int64_t clock_utc_now_s(void);

/* Milliseconds since this process was started, as the kernel counts them; 0 where
 * it does not say. May be called in a signal handler. */
int64_t clock_of_process_ms(void);

#endif

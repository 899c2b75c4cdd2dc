/*
 * clock.h - time as a value that is handed in, so that a test runs an hour in
 * a millisecond.
 *
 * All deadlines in the program are absolute milliseconds of such a clock.
 * Threads: the real clock may be used from any.
 */
#ifndef DFOTA_CLOCK_H
#define DFOTA_CLOCK_H

#include <stdint.h>

struct clock {
	int64_t (*now_ms)(const struct clock *self);
};

/* The real one: CLOCK_MONOTONIC. Static, never freed. */
const struct clock *clock_monotonic(void);

/* Milliseconds of C now. */
static inline int64_t clock_now_ms(const struct clock *c)
{
	return c->now_ms(c);
}

#endif

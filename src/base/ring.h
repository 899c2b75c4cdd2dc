/*
 * ring.h - a bounded ring of events, with the order of their coming.
 *
 * Threads: plain values; the caller locks.
 */
#ifndef DFOTA_RING_H
#define DFOTA_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/event.h"

struct ring {
	struct event *events;
	uint64_t *order;
	size_t capacity, first, count;
};

/* -1 when memory runs out; ring_free() all the same. */
int ring_init(struct ring *r, size_t capacity);
void ring_free(struct ring *r);

/* There must be room. */
void ring_put(struct ring *r, const struct event *ev, uint64_t order);

/* Take the oldest, of one that is not empty, into EV, of which no more is set than its
 * type has; NULL drops it. */
void ring_take(struct ring *r, struct event *ev);

/* When the oldest came; UINT64_MAX: it is empty. */
uint64_t ring_order(const struct ring *r);

/* Is there an event of another type than TYPE? */
bool ring_holds_other(const struct ring *r, enum event_type type);

#endif

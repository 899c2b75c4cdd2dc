#include "config.h"

#include "base/ring.h"

#include <stdlib.h>

int ring_init(struct ring *r, size_t capacity)
{
	r->events = calloc(capacity, sizeof(*r->events));
	r->order = calloc(capacity, sizeof(*r->order));
	r->capacity = capacity;
	return r->events && r->order ? 0 : -1;
}

void ring_free(struct ring *r)
{
	free(r->events);
	free(r->order);
}

void ring_put(struct ring *r, const struct event *ev, uint64_t order)
{
	size_t at = (r->first + r->count) % r->capacity;

	event_copy(&r->events[at], ev);
	r->order[at] = order;
	r->count++;
}

void ring_take(struct ring *r, struct event *ev)
{
	if (ev)
		event_copy(ev, &r->events[r->first]);
	r->count--;
	/* from the begin again: as many events are touched as once waited, not all of 1.4 MB */
	r->first = r->count ? (r->first + 1) % r->capacity : 0;
}

uint64_t ring_order(const struct ring *r)
{
	return r->count ? r->order[r->first] : UINT64_MAX;
}

bool ring_holds_other(const struct ring *r, enum event_type type)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->events[(r->first + i) % r->capacity].type != type)
			return true;
	return false;
}

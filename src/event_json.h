/*
 * event_json.h - an event as one JSON object: the contract of `--json`
 * (design 5) and of the lines of a record.
 */
#ifndef DFOTA_EVENT_JSON_H
#define DFOTA_EVENT_JSON_H

#include <stddef.h>

#include "event.h"

/* Write EV as one line of JSON without the line end into OUT. Returns its
 * length, or -1 when memory runs out or it does not fit. */
int event_json(char *out, size_t out_size, const struct event *ev);

#define EVENT_JSON_SIZE 16384	/* enough for any event */

#endif

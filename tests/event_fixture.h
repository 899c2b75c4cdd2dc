/* event_fixture.h - a line of a record as an event. */
#ifndef DFOTA_EVENT_FIXTURE_H
#define DFOTA_EVENT_FIXTURE_H

#include <string.h>

#include "record/event_json.h"

static inline struct event parse(const char *json)
{
	struct event ev;

	memset(&ev, 0x5a, sizeof(ev));	/* nothing of before may stay */
	if (!event_parse(json, strlen(json), &ev))
		fail_msg("not read: %s", json);
	return ev;
}

#endif

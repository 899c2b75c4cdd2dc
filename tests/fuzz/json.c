/* An event as JSON, both ways: what is written parses, and says the same again. */
#include "config.h"

#include "record/event_json.h"
#include "tests/fuzz/safe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct event ev, again;
	static char first[EVENT_JSON_SIZE], second[EVENT_JSON_SIZE];
	int written;

	if (!event_parse((const char *)data, size, &ev))
		return 0;
	CLAIM(ev.type < EVENT_COUNT && ev.t_ms >= 0);
	written = event_json(first, sizeof(first), &ev);
	CLAIM(written > 0 && (size_t)written < sizeof(first) && strlen(first) == (size_t)written);
	CLAIM(is_safe(first, (size_t)written, false));
	CLAIM(event_parse(first, (size_t)written, &again));
	CLAIM(again.type == ev.type && (again.t_ms == ev.t_ms || ev.type == EVENT_START));
	CLAIM(event_json(second, sizeof(second), &again) == written);
	CLAIM(memcmp(first, second, (size_t)written) == 0);
	return 0;
}

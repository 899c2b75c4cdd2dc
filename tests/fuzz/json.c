/* An event as JSON, both ways: what is written parses, and says the same again. */
#include "config.h"

#include "record/event_json.h"
#include "tests/fuzz/safe.h"

/* An id that only a later release knows is lost with its arguments; the words alone are
 * then read as those of 0.1, which had no ids: the next time, and the same from then on.
 * The program writes no event that it has read. */
static bool lost_its_id(const struct event *ev)
{
	return (ev->type == EVENT_NOTICE && ev->notice.message.id == MSG_SAID) ||
	       (ev->type == EVENT_RESULT && ev->result.what.id == MSG_SAID);
}

static void claim_same(const char *first, const struct event *again)
{
	static char second[EVENT_JSON_SIZE];

	CLAIM(event_json(second, sizeof(second), again) == (int)strlen(first));
	CLAIM(strcmp(first, second) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct event ev, again;
	static char first[EVENT_JSON_SIZE];
	int written;

	if (!event_parse((const char *)data, size, &ev))
		return 0;
	CLAIM(ev.type < EVENT_COUNT && ev.t_ms >= 0);
	written = event_json(first, sizeof(first), &ev);
	CLAIM(written > 0 && (size_t)written < sizeof(first) && strlen(first) == (size_t)written);
	CLAIM(is_safe(first, (size_t)written, false));
	CLAIM(event_parse(first, (size_t)written, &again));
	CLAIM(again.type == ev.type && (again.t_ms == ev.t_ms || ev.type == EVENT_START));
	if (lost_its_id(&ev)) {
		written = event_json(first, sizeof(first), &again);
		CLAIM(written > 0 && event_parse(first, (size_t)written, &again));
	}
	claim_same(first, &again);
	return 0;
}

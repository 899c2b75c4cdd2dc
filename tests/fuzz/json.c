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

/* These are written without the time that a line may have all the same. */
static bool has_time(enum event_type type)
{
	return type != EVENT_START && type != EVENT_CLOSED && type != EVENT_SHOWN;
}

static void claim_same(const char *first, const struct event *again)
{
	static char second[EVENT_JSON_SIZE];

	CLAIM(event_json(second, sizeof(second), again) == (int)strlen(first));
	CLAIM(strcmp(first, second) == 0);
}

/* The lines that are read without the JSON library are read as with it: a blank in
 * front of them makes no difference to it. */
static void claim_quick_is_right(const uint8_t *data, size_t size, const struct event *ev)
{
	static struct event slow;
	static char spaced[1 << 16];

	if (ev->type != EVENT_LINE || size + 1 > sizeof(spaced))
		return;
	spaced[0] = ' ';
	memcpy(spaced + 1, data, size);
	CLAIM(event_parse(spaced, size + 1, &slow) && slow.type == ev->type && slow.t_ms == ev->t_ms);
	CLAIM(slow.line.raw_size == ev->line.raw_size && memcmp(slow.line.raw, ev->line.raw, ev->line.raw_size) == 0);
	CLAIM(strcmp(slow.line.text, ev->line.text) == 0 && slow.line.dir == ev->line.dir);
	CLAIM(slow.line.urc == ev->line.urc && slow.line.error == ev->line.error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct event ev, again;
	static char first[EVENT_JSON_SIZE];
	int written;

	if (!event_parse((const char *)data, size, &ev))
		return 0;
	CLAIM(ev.type < EVENT_COUNT && ev.t_ms >= 0);
	claim_quick_is_right(data, size, &ev);
	written = event_json(first, sizeof(first), &ev);
	CLAIM(written > 0 && (size_t)written < sizeof(first) && strlen(first) == (size_t)written);
	CLAIM(is_safe(first, (size_t)written, false));
	CLAIM(event_parse(first, (size_t)written, &again));
	CLAIM(again.type == ev.type && (again.t_ms == ev.t_ms || !has_time(ev.type)));
	if (lost_its_id(&ev)) {
		written = event_json(first, sizeof(first), &again);
		CLAIM(written > 0 && event_parse(first, (size_t)written, &again));
	}
	claim_same(first, &again);
	return 0;
}

#include "config.h"

#include "sim/data.h"

#include <stdio.h>
#include <string.h>

#include "sim/blocks.h"

#define GUARD_MS 1000		/* silence around "+++": protocol.md 2.2 */
#define ACK_BLOCK 1024		/* one 'A' each: protocol.md 6 */
#define TIMED_OUT 421
#define QUESTION_MAX 64
#define BUFFER 32		/* without flow control: protocol.md 2.3 */
#define TICKS_MS 2		/* the host's clock and ours count whole milliseconds */

void sim_data_enter(struct sim *s)
{
	s->data_mode = true;
	s->data.begun_ms = s->data.last_ms = s->now_ms;
	s->timer[SIM_TIMER_DATA] = s->now_ms + s->data.timeout_ms;
}

/* Back in command mode; the transfer is what it is. The host cannot know at
 * once: what it was about to send is not its fault. */
static void leave(struct sim *s)
{
	s->data_mode = false;
	sim_excuse(s, s->data.declared - s->data.received);
	s->timer[SIM_TIMER_DATA] = s->timer[SIM_TIMER_ESCAPE] = SIM_NEVER;
}

void sim_data_leave(struct sim *s)
{
	if (!s->data_mode)
		return;
	leave(s);
	s->data.to->forget(s);
}

static void ended(struct sim *s, long arg)
{
	(void)arg;
	sim_event(s, SIM_AT_DATA_END, 0, s->data.to->received);
	sim_ready(s);
}

/* The declared bytes are in. What comes before the module has said so is
 * surplus. */
void sim_data_finish(struct sim *s)
{
	if (!s->data_mode)
		return;
	leave(s);
	s->data.to->end(s, true);
	snprintf(s->command, sizeof(s->command), "the end of a transfer");
	s->busy_with_data = true;
	s->busy_since_ms = s->now_ms;
	s->busy_limit_ms = s->set.answer_ms;
	sim_answer_after(s, s->set.answer_ms, ended);
}

void sim_data_timeout(struct sim *s)
{
	leave(s);
	s->data.to->end(s, false);
	sim_put_error(s, TIMED_OUT);
}

void sim_data_escape(struct sim *s)
{
	leave(s);
	s->data.to->end(s, false);
	sim_put_ok(s);
}

static void acknowledge(struct sim *s, long arg)
{
	(void)arg;
	if (!s->hush)
		sim_put(s, "A", 1);
}

/* A command line that comes alone: as much as a module can tell of a host that
 * asks in data mode. It may once within the time-out, and never completes what
 * was declared (protocol.md 2.2). */
static void judge_question(struct sim *s, const unsigned char *bytes, size_t size)
{
	struct sim_data *d = &s->data;

	if (size < 3 || size > QUESTION_MAX || memcmp(bytes, "AT", 2) != 0 || bytes[size - 1] != '\r')
		return;
	if (d->asked_ms && s->now_ms - d->asked_ms < d->timeout_ms)
		sim_blame(s, "asked again in data mode, before its time-out: %.*s", (int)size - 1, (const char *)bytes);
	d->asked_ms = s->now_ms;
}

static void judge_end(struct sim *s)
{
	if (s->data.received >= 3 && memcmp(s->data.tail, "AT\r", 3) == 0 && !s->set.noise_in)
		sim_blame(s, "a package was completed by a question");
}

/* SIZE bytes of the transfer, no event inside them. */
static void take(struct sim *s, const unsigned char *bytes, size_t size)
{
	struct sim_data *d = &s->data;

	for (size_t i = 0; i < size; i++)
		d->checksum ^= (uint16_t)((d->received + i) % 2 ? bytes[i] : bytes[i] << 8);
	d->to->take(s, bytes, size);
	d->received += size;
	for (size_t i = size < 3 ? 0 : size - 3; i < size; i++) {
		memmove(d->tail, d->tail + 1, sizeof(d->tail) - 1);
		d->tail[sizeof(d->tail) - 1] = bytes[i];
	}
	if (d->ack && d->received % ACK_BLOCK == 0)
		sim_event(s, SIM_AT_ACK, (long)(d->received / ACK_BLOCK), acknowledge);
	sim_event(s, SIM_AT_DATA, (long)d->received, NULL);
	if (s->data_mode && d->received == d->declared) {
		judge_end(s);
		sim_data_finish(s);
	}
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Take at most SIZE bytes up to the next event. */
static size_t take_some(struct sim *s, const unsigned char *bytes, size_t size)
{
	const struct sim_data *d = &s->data;
	uint64_t end = least(d->declared, sim_next_data_event(s, d->received));

	if (d->ack)
		end = least(end, d->received - d->received % ACK_BLOCK + ACK_BLOCK);
	size = (size_t)least(size, end - d->received);
	take(s, bytes, size);
	return size;
}

/* The bytes of an escape that turned out to be data. */
static void release_plus(struct sim *s)
{
	static const unsigned char plus[] = "+++";
	size_t left = s->data.plus;

	s->data.plus = 0;
	s->timer[SIM_TIMER_ESCAPE] = SIM_NEVER;
	while (left && s->data_mode)
		left -= take_some(s, plus, left);
}

/* "+++" after a second without data is held back until it is clear what it
 * is. True: the byte C belongs to it. */
static bool hold_plus(struct sim *s, unsigned char c, int64_t gap_ms)
{
	struct sim_data *d = &s->data;

	if (c != '+' || d->plus == 3 || (d->plus ? gap_ms >= GUARD_MS : gap_ms < GUARD_MS))
		return false;
	d->plus++;
	if (d->plus == 3)
		s->timer[SIM_TIMER_ESCAPE] = s->now_ms + GUARD_MS;
	if (d->received + d->plus == d->declared)
		release_plus(s);
	return true;
}

/* How many bytes more a module without flow control can have taken by now, of SIZE that
 * came. A host, or a reader of the line, that is late only makes it more: no machine is
 * too slow for it. */
static uint64_t room(struct sim *s, size_t size)
{
	int64_t rate = s->set.take_rate, since_ms;
	uint64_t in_all;

	if (rate == 0)
		return UINT64_MAX;
	since_ms = s->now_ms - (int64_t)(s->data.received + size) * 1000 / rate;
	if (s->late && since_ms < s->data.begun_ms)
		s->data.begun_ms = since_ms;	/* they may have come one by one */
	in_all = BUFFER + (uint64_t)(s->now_ms - s->data.begun_ms + TICKS_MS) * (uint64_t)rate / 1000;
	return in_all > s->data.received ? in_all - s->data.received : 0;
}

size_t sim_data_input(struct sim *s, const unsigned char *bytes, size_t size)
{
	int64_t gap_ms = s->now_ms - s->data.last_ms;
	uint64_t fits;

	if (gap_ms >= GUARD_MS)
		judge_question(s, bytes, size);
	s->data.last_ms = s->now_ms;
	s->timer[SIM_TIMER_DATA] = s->now_ms + s->data.timeout_ms;
	if ((s->data.plus || gap_ms >= GUARD_MS) && hold_plus(s, bytes[0], gap_ms))
		return 1;
	if (s->data.plus) {
		release_plus(s);
		return 0;
	}
	fits = room(s, size);
	return fits == 0 ? size : take_some(s, bytes, (size_t)least(size, fits));
}

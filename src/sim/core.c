#include "config.h"

#include "sim/core.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "protocol/at.h"

/* A vanishing port waits this long for its output to be taken. */
#define LEAVE_MAX_MS 2000
/* So long a host may not know yet that data mode has broken off. */
#define SPILL_MS 2000

uint32_t sim_random(struct sim *s)
{
	/* xorshift64*; repeatable by `set seed` */
	s->random ^= s->random >> 12;
	s->random ^= s->random << 25;
	s->random ^= s->random >> 27;
	return (uint32_t)((s->random * 2685821657736338717u) >> 32);
}

void sim_blame(struct sim *s, const char *format, ...)
{
	va_list args;

	if (s->violations++)
		return;
	va_start(args, format);
	vsnprintf(s->violation, sizeof(s->violation), format, args);
	va_end(args);
	for (char *p = s->violation; *p; p++)
		if (*p < ' ' || *p > '~')
			*p = '?';
	if (s->warn)
		s->warn(s->violation);
}

static void count_stored(struct sim *s)
{
	static const char *const names[SIM_STORED] = {
		[SIM_STORED_RATE] = "AT+IPR", [SIM_STORED_PROFILE] = "AT&W",
		[SIM_STORED_URC_PORT] = "AT+QURCCFG", [SIM_STORED_STATE_URC] = "AT+QCFG",
	};

	s->stored_count = 0;
	s->stored_first[0] = '\0';
	for (size_t i = 0; i < SIM_STORED; i++) {
		const struct sim_stored *st = &s->stored[i];

		if (strcmp(st->before, st->now) != 0 && s->stored_count++ == 0)
			snprintf(s->stored_first, sizeof(s->stored_first), "stored and not put back: %s: %s, before %s",
				 names[i], st->now, st->before);
	}
}

void sim_store(struct sim *s, enum sim_stored_setting what, const char *before, const char *now)
{
	struct sim_stored *st = &s->stored[what];

	if (!st->by_host)
		snprintf(st->before, sizeof(st->before), "%s", before);
	st->by_host = true;
	snprintf(st->now, sizeof(st->now), "%s", now);
	count_stored(s);
}

void sim_excuse(struct sim *s, uint64_t bytes)
{
	s->spill += bytes;
	s->spill_until_ms = s->now_ms + SPILL_MS;
}

bool sim_present(const struct sim *s)
{
	return s->power == SIM_BOOTING || s->power == SIM_ON;
}

static bool is_registered(long state)
{
	return state == 1 || state == 5;
}

bool sim_registered(const struct sim *s)
{
	return is_registered(s->set.creg) || is_registered(s->set.cgreg) || is_registered(s->set.cereg);
}

static bool prints(const struct sim *s)
{
	return sim_present(s) && !s->stopped && !s->set.mute;
}

void sim_put_item(struct sim *s, const struct sim_out *item)
{
	if (!prints(s) || !item->left || s->queue_count == SIM_QUEUE_ITEMS)
		return;
	s->queue[(s->queue_first + s->queue_count++) % SIM_QUEUE_ITEMS] = *item;
}

void sim_put(struct sim *s, const void *bytes, size_t size)
{
	const unsigned char *p = bytes;
	struct sim_out *last = NULL;

	if (!prints(s) || !size || size > SIM_QUEUE_BYTES - s->bytes_count)
		return;
	if (s->queue_count)
		last = &s->queue[(s->queue_first + s->queue_count - 1) % SIM_QUEUE_ITEMS];
	if (last && last->kind == SIM_OUT_BYTES)
		last->left += size;
	else if (s->queue_count < SIM_QUEUE_ITEMS)
		sim_put_item(s, &(struct sim_out){ .kind = SIM_OUT_BYTES, .left = size });
	else
		return;
	for (size_t i = 0; i < size; i++)
		s->bytes[(s->bytes_first + s->bytes_count++) % SIM_QUEUE_BYTES] = p[i];
}

void sim_put_line(struct sim *s, const char *text)
{
	sim_put(s, s->set.bol, strlen(s->set.bol));
	sim_put(s, text, strlen(text));
	sim_put(s, s->set.eol, strlen(s->set.eol));
}

/* Routed by AT+QURCCFG; that stateurc hides the FOTA lines is an assumption
 * (protocol.md 3.3). */
void sim_urc(struct sim *s, const char *text)
{
	bool state = !strncmp(text, "+QIND", 5);

	if (s->hush || strcmp(s->set.port, s->set.urcport) != 0 ||
	    (state && !s->set.stateurc))
		return;
	sim_put_line(s, text);
}

char *sim_expand(const struct sim *s, char *out, size_t out_size,
		 const char *template)
{
	size_t n = 0;

	while (*template && n + 1 < out_size) {
		size_t size = *template == '{' ? strcspn(template, "}") : 0;
		int row = -1;

		if (size && template[size])
			row = sim_setting_find(template + 1, size - 1);
		if (row < 0) {
			out[n++] = *template++;
			continue;
		}
		sim_setting_get(&s->set, (size_t)row, out + n, out_size - n);
		n += strlen(out + n);
		template += size + 1;
	}
	out[n] = '\0';
	return out;
}

void sim_put_template(struct sim *s, const char *template)
{
	char text[1024], *next = text, *line;

	sim_expand(s, text, sizeof(text), template);
	while ((line = strsep(&next, "\n")))
		sim_put_line(s, line);
}

void sim_put_ok(struct sim *s)
{
	sim_put_line(s, "OK");
}

void sim_put_error(struct sim *s, int cme)
{
	char text[80];
	const char *meaning = at_cme_meaning(cme);

	if (!s->set.cmee || cme < 0)
		snprintf(text, sizeof(text), "ERROR");
	else if (s->set.cmee == 2 && meaning)
		snprintf(text, sizeof(text), "+CME ERROR: %s", meaning);
	else
		snprintf(text, sizeof(text), "+CME ERROR: %d", cme);
	sim_put_line(s, text);
}

void sim_next_stage(struct sim *s, enum sim_stage stage, int64_t after_ms)
{
	s->stage = stage;
	s->timer[SIM_TIMER_STAGE] = s->now_ms + after_ms;
}

void sim_leave(struct sim *s, bool warm, int64_t away_ms)
{
	s->gone = s->gone || !away_ms;
	if (s->leaving || !sim_present(s))
		return;
	s->leaving = true;
	s->leaving_warm = warm;
	s->leaving_for_ms = away_ms;
	s->timer[SIM_TIMER_POWER] = s->now_ms + LEAVE_MAX_MS;
}

void sim_answer_after(struct sim *s, int64_t ms, sim_step *step)
{
	s->busy = true;
	s->answer = step;
	s->timer[SIM_TIMER_ANSWER] = s->now_ms + ms;
}

void sim_ready(struct sim *s)
{
	s->busy = s->busy_blamed = s->busy_with_data = false;
}

#include "config.h"

#include "modem/modem_state.h"

#include "base/count.h"
#include "protocol/talker.h"

/* Rates a module may have been left at, likeliest first. */
static const int rates[] = {
	115200, 9600, 921600, 460800, 230400, 57600, 38400, 19200,
};

#define SYNC_TIMEOUT_MS 500
#define SYNC_TRIES 4	/* auto-baud modules need several AT: protocol.md 7 */

#define AFTER_MS 20	/* what comes behind a line that was taken for an answer */
/* For what answers the questions before it, late: 0.3 s are documented (protocol.md 4.2). */
#define STALE_MS 300
#define CONFIRM_MS 1500	/* up to 1.5 s were seen: the same */
#define RATE_TRIES 2
#define GIVEN_AGAIN_MS 1000	/* for as many, also when the time of the search is over */
#define LOUD_FROM_END 1
#define PLAIN_TRIES 2

/*
 * TRIES times AT at the rate set now. 1 answered, 0 not, -1. One of them in a
 * form that undoes ATQ1 and ATV0 for the session: with these stored a module
 * gives no results, or numbers.
 */
static int try_sync(struct modem *m, int tries, int64_t deadline_ms,
		    struct err *e)
{
	unsigned results = m->results;

	for (int i = 0; i < tries && clock_now_ms(m->clock) < deadline_ms; i++) {
		bool loud = i + LOUD_FROM_END == tries;
		const struct modem_command at = {loud ? "ATQ0V1" : "AT", NULL, SYNC_TIMEOUT_MS, NULL};
		struct modem_reply none;

		if (modem_converse(m, &at, &none, e) == 0)
			return 1;
		if (e->code != ERR_TIMEOUT && e->code != ERR_REFUSED)
			return -1;
		/* one that does not know the other form hears too, and so does one that answers
		 * late, when the next was about to go out */
		if (e->code == ERR_REFUSED ? loud : m->results != results)
			return 1;
		results = m->results;
	}
	if (modem_pause(m, modem_now(m) + AFTER_MS, e) < 0)
		return -1;
	talker_take_half(m->talker, (struct slice){m->splitter.line, at_pending(&m->splitter)});
	return 0;
}

/* It hears; its results are to be words. */
static int speak_plainly(struct modem *m, struct err *e)
{
	static const struct modem_command words = {"ATV1", NULL, SYNC_TIMEOUT_MS, NULL};
	struct modem_reply none;

	for (int i = 0; m->numeric && i < PLAIN_TRIES; i++) {
		m->numeric = false;	/* true again when this one is answered by a number */
		if (modem_converse(m, &words, &none, e) < 0 && e->code != ERR_TIMEOUT && e->code != ERR_REFUSED)
			return -1;
	}
	return 0;
}

/* RATES_TRIED: the usual ones too, or the one that was given; a result HAS_COME all the same. */
static int name_talker(const struct modem *m, bool rates_tried, bool has_come, struct err *e)
{
	const struct talker *t = m->talker;

	if (has_come)
		return err_fail(e, MSG_ANSWERED_ONCE, "");
	switch (talker_kind(t)) {
	case TALKER_NMEA:
		return err_fail(e, MSG_TALKER_NMEA, "");
	case TALKER_PROMPT:
		return err_fail(e, MSG_TALKER_PROMPT, "text=%s", t->text);
	case TALKER_ECHO:
		if (!m->noise)
			return err_fail(e, MSG_TALKER_ECHO, "");
		break;
	case TALKER_TEXT:
		if (!m->noise)
			return err_fail(e, MSG_TALKER_TEXT, "text=%s", t->text);
		break;
	case TALKER_SILENT:
		break;
	}
	if (m->noise)
		return err_fail(e, rates_tried ? MSG_NOISE_AT_RATES : MSG_NOISE_AT, "");
	return err_fail(e, rates_tried ? MSG_NO_ANSWER_AT_RATES : MSG_NO_ANSWER_AT, "");
}

/* At a wrong rate nobody has understood it; where that was the right one a module that did
 * not listen just then may answer all of it, nobody knows how much. */
static void forget_owed(struct modem *m)
{
	m->owed_more += (unsigned)m->owed_count;
	m->owed_count = 0;
}

/* What answered after the rate was changed may have been asked before, and so may be what
 * comes right behind it: once more then, at this one alone. As try_sync(). */
static int confirm(struct modem *m, struct err *e)
{
	static const struct modem_command at = {"AT", NULL, CONFIRM_MS, NULL};
	struct modem_reply none;

	if (modem_pause(m, modem_now(m) + STALE_MS, e) < 0)
		return -1;
	for (int i = 0; i < RATE_TRIES; i++) {
		if (modem_converse(m, &at, &none, e) == 0)
			return 1;
		if (e->code != ERR_TIMEOUT && e->code != ERR_REFUSED)
			return -1;
	}
	return 0;
}

/* What is left of a line that came at the rate before begins none at this one. */
static int set_rate(struct modem *m, int baud, struct err *e)
{
	if (port_set_baud(m->port, baud, e) < 0)
		return -1;
	at_splitter_init(&m->splitter);
	forget_owed(m);
	return 0;
}

/* Back at RATE: what was asked at another may answer the first question at this one, and has
 * been read before the second. */
static int confirm_back(struct modem *m, int rate, struct err *e)
{
	int r = set_rate(m, rate, e) < 0 ? -1 : confirm(m, e);

	return r > 0 ? confirm(m, e) : r;
}

/* One that is slower than it was waited for was asked at the rate BEFORE. As try_sync(). */
static int confirm_here_or_there(struct modem *m, int before, struct err *e)
{
	int r = confirm(m, e);

	return r == 0 ? confirm_back(m, before, e) : r;
}

/* It speaks now, and was silent when its own rate was tried: it may have started since.
 * Back there, once. As try_sync(). */
static int try_given_again(struct modem *m, int given, struct err *e)
{
	int before = port_baud(m->port), r;

	if (set_rate(m, given, e) < 0)
		return -1;
	r = try_sync(m, RATE_TRIES, modem_now(m) + GIVEN_AGAIN_MS, e);
	return r > 0 ? confirm_here_or_there(m, before, e) : r;
}

/* As modem_sync(), but that it only says whether it was answered, at the rate that is set
 * then: 1, 0, -1. */
static int find_rate(struct modem *m, bool try_rates, int given, int64_t deadline_ms, struct err *e)
{
	bool was_silent = !m->noise;
	unsigned results = m->results;
	int before = given, r;

	do {
		r = try_sync(m, SYNC_TRIES, deadline_ms, e);
		if (r > 0 && before != given)
			r = confirm_here_or_there(m, before, e);
		if (r != 0)
			return r;
		for (size_t i = 0; try_rates && i < COUNT(rates); i++) {
			struct err ignored;

			before = port_baud(m->port);
			if (rates[i] == given || set_rate(m, rates[i], &ignored) < 0)
				continue;
			r = try_sync(m, RATE_TRIES, deadline_ms, e);
			if (r > 0)
				r = confirm_here_or_there(m, before, e);
			if (r == 0 && was_silent && m->noise) {
				was_silent = false;
				r = try_given_again(m, given, e);
			}
			if (r != 0)
				return r;
		}
		before = port_baud(m->port);
		if (try_rates && set_rate(m, given, e) < 0)
			return -1;
	} while (clock_now_ms(m->clock) < deadline_ms);
	/* what has come was perhaps asked at this one, when it was too slow or too late for it */
	return m->results != results ? confirm_back(m, given, e) : 0;
}

int modem_sync(struct modem *m, bool try_rates, int *baud, int64_t deadline_ms,
	       struct err *e)
{
	unsigned results = m->results;
	struct talker talker = {0};
	int r;

	m->talker = &talker;
	m->numeric = false;
	r = find_rate(m, try_rates, *baud, deadline_ms, e);
	if (r > 0 && try_rates)
		*baud = port_baud(m->port);
	if (r > 0)
		r = speak_plainly(m, e);
	else if (r == 0)
		r = name_talker(m, try_rates, m->results != results, e);
	m->talker = NULL;
	return r;
}

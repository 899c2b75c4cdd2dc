/*
 * After a time-out: what is asked next may be answered by what was asked
 * before, and so on for ever.
 */
#include "config.h"

#include "modem/modem_state.h"

#include <string.h>

/* A result that is owed comes within this of what came before it, or within twice what
 * this module took at most so far; or a question that nothing else answers is asked; as
 * long as for any (protocol.md 4.2). */
#define OWED_MS 500
#define OWED_LIMIT_MS 2000
#define STEP_MS 5000
#define STEP_TRIES 2
#define STEP_LIMIT "10.0"	/* both, in seconds */
#define ONE_LIMIT "5.0"
#define ALIVE_TRIES 3

void modem_owe(struct modem *m, enum owed what)
{
	if (m->owed_count == OWED_MAX) {
		memmove(m->owed, m->owed + 1, --m->owed_count * sizeof(m->owed[0]));
		m->owed_more++;
	}
	m->owed[m->owed_count++] = what;
	m->out_of_step = true;
}

bool modem_in_step(const struct modem *m)
{
	return !m->out_of_step && m->owed_count == 0;
}

void modem_repay(struct modem *m, enum owed what)
{
	size_t count = 0;

	size_t from = 0;

	while (count < m->owed_count && m->owed[count] != what)
		count++;
	if (count == m->owed_count)
		return;
	if (what == OWED_STEP)
		m->owed_more = 0;
	if (what == OWED_RESULT)	/* that one alone */
		from = count;
	count++;
	memmove(m->owed + from, m->owed + count, (m->owed_count - count) * sizeof(m->owed[0]));
	m->owed_count -= count - from;
	m->backlog &= modem_owes_result(m);
}

bool modem_owes_results(const struct modem *m)
{
	for (size_t i = 0; i < m->owed_count; i++)
		if (m->owed[i] == OWED_RESULT)
			return true;
	return false;
}

bool modem_owes_result(const struct modem *m)
{
	return m->owed_count > 0 && m->owed[0] == OWED_RESULT;
}

/* A line after a command. *OLD: it had begun before that went out. */
int modem_read_answer(struct modem *m, struct at_line *line, bool *old, int64_t deadline_ms, struct err *e)
{
	int r = modem_read_line(m, line, deadline_ms, e);

	if (r <= 0)
		return r;
	line->text = slice_trim(line->text);
	*old = m->began_before;
	m->began_before = false;
	/* an answer to the question for the step (step.c) that was taken for lost */
	if (slice_begins(line->text, STEP_PREFIX) && strcmp(m->command, STEP_COMMAND) != 0) {
		m->late_step = true;
	} else if (m->late_step && modem_is_result(line)) {
		m->late_step = false;
		modem_repay(m, OWED_STEP);
		m->backlog = *old = true;
	} else if (modem_is_result(line) && (*old || (m->backlog && modem_owes_result(m)))) {
		modem_repay(m, OWED_RESULT);
		*old = true;
	}
	return 1;
}

/* A result of what is owed; TOLD: behind the answer to the question for the step. */
static void take_owed(struct modem *m, bool told, bool is_error)
{
	if (told)
		modem_repay(m, OWED_STEP);
	else if (modem_owes_result(m))
		modem_repay(m, OWED_RESULT);
	else if (is_error && !m->knows_step && m->owed_count > 0)
		memmove(m->owed, m->owed + 1, --m->owed_count * sizeof(m->owed[0]));	/* it refuses that question */
	else if (m->owed_more > 0)
		m->owed_more--;
}

/* Let the results come that are owed. 1: all have; 0: it is quiet without them. */
static int await_owed(struct modem *m, struct err *e)
{
	int64_t limit_ms = modem_until(m, OWED_LIMIT_MS);
	int quiet_ms = 2 * m->took_ms > OWED_MS ? 2 * m->took_ms : OWED_MS;
	bool told = false;

	while (m->owed_count > 0) {
		int64_t now = clock_now_ms(m->clock);
		struct at_line line;
		int r = now < limit_ms ? modem_next_line(m, &line, now + quiet_ms < limit_ms ? now + quiet_ms : limit_ms, e) : 0;

		if (r <= 0)
			return r;
		told |= slice_begins(slice_trim(line.text), STEP_PREFIX);
		if (modem_is_result(&line)) {
			size_t owed = m->owed_count;

			take_owed(m, told, line.is.class == AT_ERROR);
			told = false;
			if (m->owed_count < owed)	/* it is at them */
				limit_ms = modem_until(m, OWED_LIMIT_MS);
		}
	}
	return !m->owed_more;
}

/* After the question for the step. */
struct stepping {
	bool told;	/* its answer; the result comes next */
	bool answered;	/* one of them was */
	bool refuses;	/* the last result was an error */
};

/* A line of it. True: in step, for nothing is owed any more. */
static bool take_step(struct modem *m, const struct at_line *line, struct stepping *s)
{
	bool mine = slice_begins(line->text, STEP_PREFIX);
	bool words = line->is.class == AT_INFO && m->refusal[0] && slice_is(line->text, m->refusal);

	s->told |= mine;
	m->knows_step |= mine;
	modem_report(m, line, !mine && !words && !(s->told && modem_is_result(line)));
	if (!modem_is_result(line) && !words) {
		if (!mine && !modem_is_echo(m, line->text))
			modem_note_words(m, line->text);
		return false;
	}
	s->answered |= s->told;
	s->refuses = line->is.class != AT_OK;
	take_owed(m, s->told, s->refuses);
	s->told = false;
	return m->owed_count == 0 && !m->owed_more;
}

/* Ask what nothing else answers so. *ANSWERED: the question before was, and is this one?
 * 1: in step; 0: no answer, or not its own, -1. */
static int ask_step(struct modem *m, bool *answered, struct err *e)
{
	bool twice = *answered;
	struct stepping s = {false, false, false};

	if (modem_send(m, STEP_COMMAND, clock_now_ms(m->clock) + STEP_MS, e) < 0)
		return -1;
	modem_owe(m, OWED_STEP);
	for (int64_t deadline_ms = modem_until(m, STEP_MS);;) {
		struct at_line line;
		bool old, told = s.told, owes = modem_owes_results(m) || m->owed_more > 0;
		int r = modem_read_answer(m, &line, &old, deadline_ms, e);

		if (r < 0)
			return -1;
		if (r == 0)
			break;
		if (old)
			modem_report(m, &line, true);
		else if (take_step(m, &line, &s))
			return 1;
		/* it is at it; of these there are no more than commands, of those that come unasked are;
		 * and those that were sent in a search of the rate took a tenth of this each */
		if ((modem_is_result(&line) && owes) || (s.told && !told))
			deadline_ms = modem_until(m, STEP_MS);
	}
	*answered = s.answered;
	if (s.told)
		return 0;
	/* each of two was, and nothing came after it for as long as any answer takes: what else is
	 * owed went with a restart */
	if (s.answered && twice) {
		m->owed_count = 0;
		m->owed_more = 0;
		return 1;
	}
	/* an earlier one was answered, and only its like are still owed: these are
	 * known when they come late */
	if (s.answered && !modem_owes_results(m) && !m->owed_more)
		return 1;
	/* the last thing said is a refusal: of this; what else was owed has not
	 * come for as long as any answer takes */
	if ((s.refuses && !m->knows_step) || modem_says_again(m)) {
		m->owed_count = 0;
		m->owed_more = 0;
		return 1;
	}
	return 0;
}

/* A module that is mute to what it does not know: it answers AT at once, with
 * one result, again and again. 1, 0, -1. */
static int ask_alive(struct modem *m, struct err *e)
{
	for (int i = 0; i < ALIVE_TRIES; i++) {
		unsigned results = 0;
		struct at_line line;
		int r;

		if (modem_send(m, "AT", clock_now_ms(m->clock) + OWED_MS, e) < 0)
			return -1;
		for (int64_t end_ms = m->sent_ms + 2 * OWED_MS;;) {
			r = modem_next_line(m, &line, end_ms, e);
			if (r <= 0)
				break;
			results += modem_is_result(&line) || slice_begins(line.text, STEP_PREFIX);
		}
		if (r < 0)
			return -1;
		modem_owe(m, OWED_RESULT);
		if (results != 1)
			return 0;
		modem_repay(m, OWED_RESULT);
	}
	m->owed_count = 0;
	return 1;
}

int modem_step_in(struct modem *m, const char *command, struct err *e)
{
	bool answered = false;

	for (int i = 0; m->out_of_step; i++) {
		int r = i == 0 ? await_owed(m, e) : 0;

		if (r == 0)
			r = i < STEP_TRIES ? ask_step(m, &answered, e) : m->knows_step ? 0 : ask_alive(m, e);
		if (r < 0)
			return -1;
		m->out_of_step = r == 0;
		if (r == 0 && i == STEP_TRIES)
			return err_fail(e, MSG_NO_ANSWER, "command=%.*s limit=%s", modem_name_size(command), command,
					STEP_LIMIT);
	}
	return 0;
}

int modem_is_late(struct modem *m, struct err *e)
{
	unsigned results = m->results;
	bool answered = false;
	int r;

	/* where nothing has an answer of its own, two answers alike are the next best */
	if (!m->knows_step)
		return 1;
	r = ask_step(m, &answered, e);
	/* it may be refused, as this may be: the same answer twice has to do */
	if (r == 0 && m->results - results == 1)
		m->knows_step = false;
	/* results of their own accord, and nothing that answers */
	else if (r == 0 && m->results != results)
		return err_fail(e, MSG_NO_ANSWER, "command=%.*s limit=%s", modem_name_size(STEP_COMMAND), STEP_COMMAND, ONE_LIMIT);
	return r < 0 ? -1 : r == 0 || m->results - results > 1;
}

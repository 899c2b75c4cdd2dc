/*
 * A command and its answer.
 */
#include "config.h"
#include "modem/modem_state.h"

#include <stdio.h>
#include <string.h>

/* How often what is answered by an OK alone, and that not its own, is asked again. */
#define BARE_TRIES 2

/* Can LINE be an answer to COMMAND? Whatever else comes is unasked. */
static bool answers(const struct modem_command *command, const struct at_line *line)
{
	if (!command->prefix || line->text.size == 0 || line->is.is_fota || !slice_begins(line->text, command->prefix))
		return false;
	return command->fits ? command->fits(line->text) : command->prefix[0] || !modem_is_noise(line->text);
}

static void keep(struct modem_reply *reply, struct slice line)
{
	if (reply->count == REPLY_LINES ||
	    line.size > sizeof(reply->text) - reply->text_size) {
		reply->cut = true;
		return;
	}
	memcpy(reply->text + reply->text_size, line.data, line.size);
	reply->lines[reply->count++] =
		(struct slice){reply->text + reply->text_size, line.size};
	reply->text_size += line.size;
}

int modem_refused(const char *command, const struct at_line *line, struct err *e)
{
	const char *meaning = at_cme_meaning(line->is.cme);
	bool as_it_came = line->is.class == AT_NO_CARRIER || slice_begins(line->text, "+CMS");
	char text[128];

	slice_copy(text, sizeof(text), line->is.class == AT_INFO || as_it_came ? line->text : at_classify(line->text).text);
	if (meaning)
		err_fail(e, MSG_COMMAND_REFUSED_CME, "command=%.*s number=%d meaning=%s",
			 modem_name_size(command), command, line->is.cme, meaning);
	else if (as_it_came)
		err_fail(e, MSG_COMMAND_REFUSED_ANSWER, "command=%.*s text=%s", modem_name_size(command), command, text);
	else if (text[0])
		err_fail(e, MSG_COMMAND_REFUSED_TEXT, "command=%.*s text=%s", modem_name_size(command), command, text);
	else
		err_fail(e, MSG_COMMAND_REFUSED, "command=%.*s", modem_name_size(command), command);
	e->detail = line->is.cme;
	return -1;
}

int modem_refused_by_ending(const struct modem *m, const char *command, struct err *e)
{
	struct at_line line = {.text = {m->ending, strlen(m->ending)}, .is = {.class = AT_NO_CARRIER, .cme = -1}};

	return modem_refused(command, &line, e);
}

static int learn_refusal(struct modem *m, const char *command, struct err *e)
{
	struct at_line line = {.text = {m->said, strlen(m->said)}, .is.cme = -1};

	modem_repay(m, OWED_RESULT);	/* the one before had its end as well */
	return modem_refused(command, &line, e);
}

static int no_answer(struct modem *m, const char *command,
		     int timeout_ms, struct err *e)
{
	char limit_s[24];

	if (modem_says_again(m))
		return learn_refusal(m, command, e);
	modem_owe(m, OWED_RESULT);	/* also where one has come that may have been nobody's */
	if (m->ending[0])
		return modem_refused_by_ending(m, command, e);
	snprintf(limit_s, sizeof(limit_s), "%d.%d", timeout_ms / 1000, timeout_ms % 1000 / 100);
	if (m->noise)
		return err_fail(e, MSG_NO_ANSWER_NOISE, "command=%.*s limit=%s", modem_name_size(command), command, limit_s);
	return err_fail(e, MSG_NO_ANSWER, "command=%.*s limit=%s", modem_name_size(command), command, limit_s);
}

/* ATV0 was stored: the result is a digit (protocol.md 5.5). As take_line(). */
static int take_number(struct modem *m, const struct modem_command *command, const struct at_line *line, struct err *e)
{
	if (command->prefix || line->text.size != 1 || (line->text.data[0] != '0' && line->text.data[0] != '4'))
		return 0;
	m->numeric = true;
	return line->text.data[0] == '0' ? 1 : modem_refused(command->text, line, e);
}

/* A line after COMMAND: 1 it is over, 0 it goes on, -1 it was refused. */
static int take_line(struct modem *m, const struct modem_command *command, const struct at_line *line, bool old,
		     struct modem_reply *reply, struct err *e)
{
	bool fits = !old && answers(command, line);

	modem_note_echo(m, line->text);
	/* results first: what a person types may end like one */
	if (line->is.class == AT_INFO && modem_is_echo(m, line->text)) {
		modem_report(m, line, false);
		return 0;
	}
	switch (line->is.class) {
	case AT_OK:
	case AT_ERROR:
		/* the end of what was asked before, whose lines have come before */
		if (!old && line->is.class == AT_OK && command->prefix && reply->count == 0 && modem_owes_results(m)) {
			modem_repay(m, OWED_RESULT);
			old = true;
		}
		modem_report(m, line, old);
		if (old)
			return 0;
		return line->is.class == AT_OK ? 1 : modem_refused(command->text, line, e);
	case AT_INFO:
		if (m->refusal[0] && !old && slice_is(line->text, m->refusal)) {
			modem_report(m, line, false);
			return modem_refused(command->text, line, e);
		}
		modem_report(m, line, !fits);
		if (fits)
			keep(reply, line->text);
		else if (!old)
			modem_note_words(m, line->text);
		return m->talker && !old ? take_number(m, command, line, e) : 0;
	case AT_NO_CARRIER:
		if (!old)
			modem_note_ending(m, line);
		modem_report(m, line, true);
		return 0;
	case AT_CONNECT:
		modem_report(m, line, true);
		return 0;
	}
	return 0;
}

bool modem_has_echo(const struct modem *m)
{
	return m->has_result && m->echoed_size > 0 && m->echoed_size == strlen(m->command);
}

bool modem_has_no_echo(const struct modem *m)
{
	/* a damaged one answers nothing */
	return m->has_result && m->echoed_size == 0 && m->said_lines == 0;
}

int modem_converse(struct modem *m, const struct modem_command *command,
		   struct modem_reply *reply, struct err *e)
{
	int64_t deadline_ms;

	reply->count = reply->text_size = 0;
	reply->cut = false;
	if (modem_send(m, command->text, clock_now_ms(m->clock) + command->timeout_ms, e) < 0)
		return -1;
	deadline_ms = modem_until(m, command->timeout_ms);
	for (;;) {
		struct at_line line;
		bool old;
		int r = modem_read_answer(m, &line, &old, deadline_ms, e);

		if (r < 0) {	/* cancelled: the module answers all the same */
			modem_owe(m, OWED_RESULT);
			return err_doing(e, MSG_DOING_AWAIT, "command=%.*s", modem_name_size(command->text), command->text);
		}
		if (r == 0)
			return no_answer(m, command->text, command->timeout_ms, e);
		r = take_line(m, command, &line, old, reply, e);
		if (r != 0 && clock_now_ms(m->clock) - m->sent_ms > m->took_ms)
			m->took_ms = (int)(clock_now_ms(m->clock) - m->sent_ms);
		m->has_result = r != 0;
		if (r > 0)	/* who can set it can be asked for it */
			m->knows_step |= strncmp(command->text, STEP_COMMAND, sizeof(STEP_COMMAND) - 2) == 0;
		if (r != 0)
			return r > 0 ? 0 : -1;
	}
}

int modem_command(struct modem *m, const struct modem_command *command,
		  struct modem_reply *reply, struct err *e)
{
	struct modem_reply unwanted;

	/* to the same question again its late answer is as good, as long as it has none; to AT
	 * any OK: it asks whether the module hears at all, and where no more than that may be sent */
	bool again = strcmp(m->command, command->text) == 0 && !m->has_result;

	if (strcmp(command->text, "AT") != 0 && !again && modem_step_in(m, command->text, e) < 0)
		return -1;
	return modem_converse(m, command, reply ? reply : &unwanted, e);
}

int modem_ask(struct modem *m, const struct modem_command *command, struct modem_reply *reply, struct err *e)
{
	int r = modem_command(m, command, reply, e);

	/* a byte lost to noise */
	if (r < 0 && e->code == ERR_TIMEOUT)
		r = modem_command(m, command, reply, e);
	/* an OK alone may have come unasked, with the answer still behind it */
	for (int i = 0; r == 0 && command->prefix && reply->count == 0; i++) {
		int late = modem_is_late(m, e);

		if (late <= 0)
			return late;
		/* what does not end is no answer; nor is it known then what a second OK answers */
		if (i == BARE_TRIES)
			return m->knows_step ? no_answer(m, command->text, command->timeout_ms, e) : 0;
		r = modem_command(m, command, reply, e);
	}
	return r;
}

#include "config.h"
#include "modem/modem_state.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/count.h"
#include "protocol/line.h"

/* A second final result of the last command arrives within this; without the
 * wait it would answer the next one (faults.md B08). At a low rate as long as
 * so many bytes take. */
#define SETTLE_MS 20
#define SETTLE_BYTES 20
#define SETTLE_NETWORK_MS 100	/* jitter of a serial server (assumption) */
/* A module that never falls silent: less than the shortest time-out, which
 * has begun. */
#define SETTLE_LIMIT_MS 200
/* The longest pause in the middle of a line: links and busy modules make it
 * (assumption). */
#define HALF_MS 1000


/* A refusal comes at once: 0.3 s is documented for plain commands (protocol.md 4.2). */
#define WORDS_MS 500
#define WORDS_MIN 3

/* The longest the driver may take to send what it holds: 4 KiB at 9,600 baud. */
#define DRAIN_MS 5000

#define PACKET_SIZE 64

/* The guard of "+++": 1 s of silence on both sides (protocol.md 2.2). */
#define ESCAPE_GUARD_MS 1100

struct modem *modem_new(struct port *port, const struct clock *clock,
			const struct modem_hooks *hooks, struct err *e)
{
	struct modem *m = calloc(1, sizeof(*m));

	if (!m) {
		err_fail(e, MSG_NO_MEMORY, "what=%s", "modem");
		return NULL;
	}
	m->port = port;
	m->clock = clock;
	m->hooks = *hooks;
	at_splitter_init(&m->splitter);
	return m;
}

void modem_free(struct modem *m)
{
	free(m);
}

void modem_halt(struct modem *m)
{
	m->halted = true;
}

void modem_go_on(struct modem *m)
{
	m->halted = false;
	m->command[0] = '\0';
}

void modem_reset(struct modem *m)
{
	m->halted = false;
	at_splitter_init(&m->splitter);
	m->rx_at = m->rx_size = 0;
	m->noise = m->began_before = false;
	m->half_ms = 0;
	m->command[0] = m->refusal[0] = m->said[0] = m->said_before[0] = '\0';
	m->owed_count = 0;
	m->owed_more = false;
	m->out_of_step = m->late_step = m->backlog = m->knows_step = false;
}

int64_t modem_now(const struct modem *m)
{
	return clock_now_ms(m->clock);
}

int64_t modem_last_rx_ms(const struct modem *m)
{
	return m->last_rx_ms;
}

uint64_t modem_cut(const struct modem *m)
{
	return m->splitter.dropped;
}

void modem_report(struct modem *m, const struct at_line *line, bool urc)
{
	m->results += modem_is_result(line);
	m->hooks.line(m->hooks.ctx, LINE_RX, line, urc);
}

static void tell_sent(struct modem *m, struct slice text)
{
	struct at_line line = { .text = text, .is.cme = -1 };

	m->hooks.line(m->hooks.ctx, LINE_TX, &line, false);
}

static bool is_noise(struct slice line)
{
	for (size_t i = 0; i < line.size; i++) {
		unsigned char c = (unsigned char)line.data[i];

		if ((c < 0x20 && c != '\t') || c >= 0x7f)
			return true;
	}
	return false;
}

/* Whole, or cut at either end: the echo may be switched off half way through
 * (faults.md B06). Nothing a module answers looks like a piece of a command. */
bool modem_is_echo(const struct modem *m, struct slice line)
{
	size_t size = strlen(m->command);

	if (line.size == 0 || line.size > size)
		return false;
	return memcmp(line.data, m->command, line.size) == 0 ||
	       memcmp(line.data, m->command + size - line.size, line.size) == 0;
}

/* The next line of any kind, not reported yet. As modem_next_line(). */
static int read_line(struct modem *m, struct at_line *line, int64_t deadline_ms,
		     struct err *e)
{
	for (;;) {
		size_t used;
		int n;

		if (m->halted)
			return err_fail(e, MSG_MODEM_HALTED, "");
		/* a limit holds under a flood as well: what came too late is for the next call */
		if (clock_now_ms(m->clock) > deadline_ms)
			return 0;
		if (m->rx_at < m->rx_size) {
			bool found = at_split(&m->splitter, m->rx + m->rx_at,
					      m->rx_size - m->rx_at, &used, &line->text);

			m->rx_at += used;
			if (found) {
				m->noise |= is_noise(line->text);
				line->is = line_parse(line->text);
				if (m->talker && line->is.class == AT_INFO)
					talker_take(m->talker, line->text, modem_is_echo(m, line->text));
				return 1;
			}
		}
		n = port_read(m->port, m->rx, sizeof(m->rx), deadline_ms, e);
		if (n <= 0)
			return n;
		m->rx_at = 0;
		m->rx_size = (size_t)n;
		m->last_rx_ms = clock_now_ms(m->clock);
	}
}

int modem_next_line(struct modem *m, struct at_line *line, int64_t deadline_ms,
		    struct err *e)
{
	int r = read_line(m, line, deadline_ms, e);

	if (r > 0)
		modem_report(m, line, true);
	return r;
}

/* Half a line has come, which has not been waited for in vain; noise is none. */
static bool has_half(const struct modem *m)
{
	struct slice half = {m->splitter.line, at_pending(&m->splitter)};

	return half.size > 0 && !is_noise(half) && m->half_ms != m->last_rx_ms;
}

static int quiet_ms(const struct modem *m)
{
	int baud = port_baud(m->port);
	int bytes_ms = baud > 0 ? SETTLE_BYTES * 10 * 1000 / baud : 0;

	if (port_link(m->port) == LINK_SOCKET || port_link(m->port) == LINK_TELNET)
		return SETTLE_NETWORK_MS;
	return bytes_ms > SETTLE_MS ? bytes_ms : SETTLE_MS;
}

/*
 * Take as URCs what has arrived, until the line has been quiet since its last
 * byte. A line that is half there is given the time to end, once: no pause ends
 * it, and when the rest comes after all it is no answer.
 */
static int settle(struct modem *m, struct err *e)
{
	int64_t begun_ms = clock_now_ms(m->clock);

	for (;;) {
		int64_t now = clock_now_ms(m->clock);
		bool half = has_half(m);
		/* after a time-out the answer may be just about to come */
		int64_t from_ms = m->out_of_step && m->last_rx_ms < begun_ms ? begun_ms : m->last_rx_ms;
		int64_t until = from_ms + (half ? HALF_MS : quiet_ms(m));
		struct at_line line;
		int r;

		if (now >= begun_ms + (half ? 2 * HALF_MS : SETTLE_LIMIT_MS))
			return 0;
		r = modem_next_line(m, &line, until > now ? until : now, e);
		if (r < 0)
			return -1;
		if (r > 0 || m->last_rx_ms > now)
			continue;
		if (half)
			m->half_ms = m->last_rx_ms;
		else
			return 0;
	}
}

/*
 * How many of SIZE bytes the next write has: none is a multiple of 64, the packet
 * size of a USB port, since a driver that sends no zero-length packet holds such a
 * write back until the next (protocol.md 2.3). What is left follows at once.
 */
static size_t write_size(size_t size)
{
	return size % PACKET_SIZE ? size : size - 1;
}

static int write_all(struct modem *m, const char *bytes, size_t size,
		     int64_t deadline_ms, struct err *e)
{
	while (size > 0) {
		struct at_line line;
		int n = port_write(m->port, bytes, write_size(size), deadline_ms, e);

		if (n < 0)
			return -1;
		bytes += n;
		size -= (size_t)n;
		/* what waits to be read may be what holds the write up */
		if (size > 0 && modem_next_line(m, &line, clock_now_ms(m->clock), e) < 0)
			return -1;
		if (size > 0 && clock_now_ms(m->clock) >= deadline_ms)
			return err_fail(e, MSG_COMMAND_STALLED, "");
	}
	return 0;
}

/* The command up to its parameters: these may hold secrets. */
int modem_name_size(const char *command)
{
	return (int)strcspn(command, "=?");
}

int modem_send(struct modem *m, const char *text, int64_t deadline_ms,
			struct err *e)
{
	size_t size = strlen(text);

	if (size + 1 >= sizeof(m->command))
		return err_fail(e, MSG_COMMAND_LONG, "command=%.*s", modem_name_size(text), text);
	if (settle(m, e) < 0)
		return -1;
	m->began_before = at_pending(&m->splitter) > 0;
	tell_sent(m, (struct slice){text, size});
	memcpy(m->command, text, size);
	m->command[size] = '\r';
	if (write_all(m, m->command, size + 1, deadline_ms, e) < 0)
		return err_doing(e, MSG_DOING_SEND, "command=%.*s", modem_name_size(text), text);
	m->command[size] = '\0';
	m->sent_ms = clock_now_ms(m->clock);
	m->said[0] = '\0';
	return 0;
}

bool modem_is_result(const struct at_line *line)
{
	return line->is.class == AT_OK || line->is.class == AT_ERROR;
}

/* A line after a command. *OLD: it had begun before that went out. */
int modem_read_answer(struct modem *m, struct at_line *line, bool *old, int64_t deadline_ms, struct err *e)
{
	int r = read_line(m, line, deadline_ms, e);

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

/* Can LINE be an answer to COMMAND? Whatever else comes is unasked. */
static bool answers(const struct modem_command *command, const struct at_line *line)
{
	if (!command->prefix || line->text.size == 0 || line->is.is_fota || !slice_begins(line->text, command->prefix))
		return false;
	return command->fits ? command->fits(line->text) : command->prefix[0] || !is_noise(line->text);
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

static int refused(const char *command, const struct at_line *line, struct err *e)
{
	const char *meaning = at_cme_meaning(line->is.cme);
	char text[128];

	slice_copy(text, sizeof(text), line->is.class == AT_INFO ? line->text : at_classify(line->text).text);
	if (meaning)
		err_fail(e, MSG_COMMAND_REFUSED_CME, "command=%.*s number=%d meaning=%s",
			 modem_name_size(command), command, line->is.cme, meaning);
	else if (text[0])
		err_fail(e, MSG_COMMAND_REFUSED_TEXT, "command=%.*s text=%s", modem_name_size(command), command, text);
	else
		err_fail(e, MSG_COMMAND_REFUSED, "command=%.*s", modem_name_size(command), command);
	e->detail = line->is.cme;
	return -1;
}

/*
 * Some stacks refuse in words of their own, and end with that (protocol.md 5.5:
 * COMMAND NOT SUPPORT). Which, no list knows: it is what is said twice in the
 * place of a result, at once, and nothing behind it.
 */
void modem_note_words(struct modem *m, struct slice line)
{
	if (m->said[0] || clock_now_ms(m->clock) > m->sent_ms + WORDS_MS || line.size >= sizeof(m->said) ||
	    line.size < WORDS_MIN || is_noise(line) || !isalpha((unsigned char)line.data[0]))
		return;
	slice_copy(m->said, sizeof(m->said), line);
}

/* Nothing but words, for the second time: they are its refusal from now on. */
bool modem_says_again(struct modem *m)
{
	/* not of what has not been found to be a module yet */
	bool again = !m->talker && m->said[0] && strcmp(m->said, m->said_before) == 0;

	memcpy(again ? m->refusal : m->said_before, m->said, sizeof(m->said));
	if (again)
		m->said_before[0] = '\0';
	return again;
}

static int learn_refusal(struct modem *m, const char *command, struct err *e)
{
	struct at_line line = {.text = {m->said, strlen(m->said)}, .is.cme = -1};

	modem_repay(m, OWED_RESULT);	/* the one before had its end as well */
	return refused(command, &line, e);
}

static int no_answer(struct modem *m, const char *command,
		     int timeout_ms, struct err *e)
{
	char limit_s[24];

	if (modem_says_again(m))
		return learn_refusal(m, command, e);
	modem_owe(m, OWED_RESULT);
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
	return line->text.data[0] == '0' ? 1 : refused(command->text, line, e);
}

/* A line after COMMAND: 1 it is over, 0 it goes on, -1 it was refused. */
static int take_line(struct modem *m, const struct modem_command *command, const struct at_line *line, bool old,
		     struct modem_reply *reply, struct err *e)
{
	bool fits = !old && answers(command, line);

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
		return line->is.class == AT_OK ? 1 : refused(command->text, line, e);
	case AT_INFO:
		if (m->refusal[0] && !old && slice_is(line->text, m->refusal)) {
			modem_report(m, line, false);
			return refused(command->text, line, e);
		}
		modem_report(m, line, !fits);
		if (fits)
			keep(reply, line->text);
		else if (!old)
			modem_note_words(m, line->text);
		return m->talker && !old ? take_number(m, command, line, e) : 0;
	case AT_CONNECT:
	case AT_NO_CARRIER:
		modem_report(m, line, true);
		return 0;
	}
	return 0;
}

int modem_converse(struct modem *m, const struct modem_command *command,
		   struct modem_reply *reply, struct err *e)
{
	int64_t deadline_ms;

	reply->count = reply->text_size = 0;
	reply->cut = false;
	if (modem_send(m, command->text, clock_now_ms(m->clock) + command->timeout_ms, e) < 0)
		return -1;
	deadline_ms = m->sent_ms + command->timeout_ms;
	for (;;) {
		struct at_line line;
		bool old;
		int r = modem_read_answer(m, &line, &old, deadline_ms, e);

		if (r < 0)
			return err_doing(e, MSG_DOING_AWAIT, "command=%.*s", modem_name_size(command->text), command->text);
		if (r == 0)
			return no_answer(m, command->text, command->timeout_ms, e);
		r = take_line(m, command, &line, old, reply, e);
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

	/* to the same question again its late answer is as good, to AT any OK:
	 * it asks whether the module hears at all, and where no more than that
	 * may be sent */
	if (strcmp(command->text, "AT") != 0 && strcmp(m->command, command->text) != 0 && modem_step_in(m, command->text, e) < 0)
		return -1;
	return modem_converse(m, command, reply ? reply : &unwanted, e);
}

int modem_ask(struct modem *m, const struct modem_command *command, struct modem_reply *reply, struct err *e)
{
	int r = modem_command(m, command, reply, e);

	/* a byte lost to noise */
	if (r < 0 && e->code == ERR_TIMEOUT)
		r = modem_command(m, command, reply, e);
	return r;
}

int modem_pause(struct modem *m, int64_t until_ms, struct err *e)
{
	struct at_line line;
	int r;

	while ((r = modem_next_line(m, &line, until_ms, e)) > 0)
		;
	return r;
}

int modem_enter_data(struct modem *m, const char *command, const char *gate,
		     int64_t deadline_ms, bool *bare_ok, struct err *e)
{
	if (command && (modem_step_in(m, command, e) < 0 || modem_send(m, command, deadline_ms, e) < 0))
		return -1;
	for (;;) {
		struct at_line line;
		int r = read_line(m, &line, deadline_ms, e);

		if (r <= 0)
			return r;
		line.text = slice_trim(line.text);
		modem_report(m, &line,
		     line.is.class == AT_INFO && !modem_is_echo(m, line.text));
		if (slice_is(line.text, gate))
			return 1;
		if (line.is.class == AT_ERROR)
			return refused(m->command, &line, e);
		if (line.is.class == AT_OK)
			*bare_ok = true;
	}
}

bool modem_shows_command_mode(const struct at_line *line)
{
	struct slice text = slice_trim(line->text);

	return line->is.class != AT_INFO || line->is.is_fota ||
	       slice_is(text, "RDY") || slice_begins(text, "+QFOTADL:");
}

/* Look at what has arrived in data mode, without waiting. */
static int look(struct modem *m, struct err *e)
{
	int64_t now = clock_now_ms(m->clock);
	struct at_line line;
	int r;

	while ((r = modem_next_line(m, &line, now, e)) > 0) {
		if (modem_shows_command_mode(&line)) {
			char text[96];

			slice_copy(text, sizeof(text), slice_trim(line.text));
			err_fail(e, MSG_DATA_LEFT, "answer=%s", text);
			e->detail = line.is.cme;
			return -1;
		}
	}
	return r;
}

int modem_write_data(struct modem *m, const void *bytes, size_t size,
		     int64_t deadline_ms, size_t *sent, struct err *e)
{
	const unsigned char *from = bytes;
	int limit_s = (int)((deadline_ms - clock_now_ms(m->clock)) / 1000);

	*sent = 0;
	while (*sent < size) {
		int n;

		/* before each write, and not after the last: what answers
		 * that one is the module's end of the transfer */
		if (look(m, e) < 0)
			return -1;
		n = port_write(m->port, from + *sent, write_size(size - *sent), deadline_ms, e);
		if (n < 0)
			return -1;
		*sent += (size_t)n;
		if (*sent < size && clock_now_ms(m->clock) >= deadline_ms)
			return err_fail(e, MSG_DATA_STALLED, "limit=%d", limit_s);
	}
	return 0;
}

/* What ends "+++": nothing else answers it. */
static bool answers_escape(const struct at_line *line)
{
	return line->is.class == AT_OK || line->is.class == AT_NO_CARRIER;
}

/* A line that ENDS the wait, until DEADLINE_MS: 1, 0, -1. */
static int await_line(struct modem *m, bool (*ends)(const struct at_line *line), int64_t deadline_ms, struct err *e)
{
	struct at_line line;
	int r;

	while ((r = modem_next_line(m, &line, deadline_ms, e)) > 0)
		if (ends(&line))
			return 1;
	return r;
}

int modem_escape_data(struct modem *m, int64_t left_ms, int64_t deadline_ms,
		      struct err *e)
{
	int64_t now;
	int r;

	/* what the driver still holds would break the silence; what a server holds
	 * would reach the module later, where it can be made to drop it */
	if (port_link(m->port) == LINK_TELNET)
		port_discard_output(m->port);
	if (port_drain(m->port, clock_now_ms(m->clock) + DRAIN_MS, e) < 0) {
		if (e->code != ERR_TIMEOUT)
			return -1;
		port_discard_output(m->port);
	}
	now = clock_now_ms(m->clock);
	r = await_line(m, modem_shows_command_mode, (left_ms > now ? left_ms : now) + ESCAPE_GUARD_MS, e);
	if (r != 0)
		return r;
	tell_sent(m, (struct slice){"+++", 3});
	if (write_all(m, "+++", 3, deadline_ms, e) < 0)
		return -1;
	r = await_line(m, answers_escape, deadline_ms, e);
	if (r != 0)
		return r > 0 ? 0 : -1;
	return err_fail(e, MSG_NO_ANSWER_ESCAPE, "");
}

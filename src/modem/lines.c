/*
 * The lowest floor of a modem: lines and commands as they pass, and how this
 * module refuses.
 */
#include "config.h"
#include "modem/modem_state.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

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

/* An answer when the time is over: a busy module took up to 1.5 s (protocol.md 4.2). */
#define LAST_MS 1500

#define PACKET_SIZE 64

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
	m->owed_more = 0;
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

int64_t modem_unseen_ms(const struct modem *m)
{
	return m->looked_before_ms > m->sent_ms ? m->looked_before_ms : m->sent_ms;
}

int64_t modem_sent_ms(const struct modem *m)
{
	return m->sent_ms;
}

void modem_limit(struct modem *m, int64_t end_ms)
{
	m->end_ms = end_ms;
}

int64_t modem_until(const struct modem *m, int timeout_ms)
{
	int64_t now = clock_now_ms(m->clock), until_ms = now + timeout_ms;
	int64_t end_ms = m->end_ms > now + LAST_MS ? m->end_ms : now + LAST_MS;

	return m->end_ms && end_ms < until_ms ? end_ms : until_ms;
}

uint64_t modem_cut(const struct modem *m)
{
	return m->splitter.dropped;
}

void modem_report(struct modem *m, const struct at_line *line, bool urc)
{
	if (modem_is_result(line)) {
		m->results++;
		m->has_result = true;	/* heard while nobody waited for it, too */
		m->noise = false;	/* the rate is right: what came before says nothing of what comes */
	}
	m->hooks.line(m->hooks.ctx, LINE_RX, line, urc);
}

void modem_tell_sent(struct modem *m, struct slice text)
{
	struct at_line line = { .text = text, .is.cme = -1 };

	m->hooks.line(m->hooks.ctx, LINE_TX, &line, false);
}

bool modem_is_noise(struct slice line)
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

void modem_note_echo(struct modem *m, struct slice line)
{
	size_t name = (size_t)modem_name_size(m->command), left = strlen(m->command) - m->echoed_size;

	if (line.size <= left && memcmp(line.data, m->command + m->echoed_size, line.size) == 0)
		m->echoed_size += line.size;
	else if (m->echoed_size == 0 && line.size >= name && memcmp(line.data, m->command, name) == 0)
		m->misheard = true;
}

/* What the port holds, by DEADLINE_MS: bytes, 0, -1. */
static int look(struct modem *m, int64_t deadline_ms, struct err *e)
{
	int n = port_read(m->port, m->rx, sizeof(m->rx), deadline_ms, e);

	m->looked_before_ms = m->looked_ms;
	m->looked_ms = clock_now_ms(m->clock);
	if (n <= 0)
		return n;
	m->rx_at = 0;
	m->rx_size = (size_t)n;
	m->last_rx_ms = m->looked_ms;
	return n;
}

/* The next line of any kind, not reported yet. As modem_next_line(). */
int modem_read_line(struct modem *m, struct at_line *line, int64_t deadline_ms,
		     struct err *e)
{
	for (;;) {
		size_t used;
		int n;

		if (m->halted)
			return err_fail(e, MSG_MODEM_HALTED, "");
		if (m->rx_at < m->rx_size) {
			bool found = at_split(&m->splitter, m->rx + m->rx_at,
					      m->rx_size - m->rx_at, &used, &line->text);

			m->rx_at += used;
			if (found) {
				m->noise |= modem_is_noise(line->text);
				line->is = line_parse(line->text);
				if (m->talker && line->is.class == AT_INFO)
					talker_take(m->talker, line->text, modem_is_echo(m, line->text));
				return 1;
			}
		}
		/* a limit holds under a flood as well; but where this program stood still while
		 * it passed, what has come meanwhile counts */
		if (clock_now_ms(m->clock) > deadline_ms && m->looked_ms > deadline_ms)
			return 0;
		n = look(m, deadline_ms, e);
		if (n <= 0)
			return n;
	}
}

int modem_read_byte(struct modem *m, unsigned char *c, int64_t deadline_ms, struct err *e)
{
	while (!m->halted && m->rx_at == m->rx_size) {
		int n;

		if (clock_now_ms(m->clock) > deadline_ms && m->looked_ms > deadline_ms)
			return 0;
		n = look(m, deadline_ms, e);
		if (n <= 0)
			return n;
	}
	if (m->halted)
		return err_fail(e, MSG_MODEM_HALTED, "");
	*c = m->rx[m->rx_at++];
	return 1;
}

int modem_next_line(struct modem *m, struct at_line *line, int64_t deadline_ms,
		    struct err *e)
{
	int r = modem_read_line(m, line, deadline_ms, e);

	if (r > 0)
		modem_report(m, line, true);
	return r;
}

/* Half a line has come, which has not been waited for in vain; noise is none. */
static bool has_half(const struct modem *m)
{
	struct slice half = {m->splitter.line, at_pending(&m->splitter)};

	return half.size > 0 && !modem_is_noise(half) && m->half_ms != m->last_rx_ms;
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
size_t modem_write_size(size_t size)
{
	return size % PACKET_SIZE ? size : size - 1;
}

int modem_write_all(struct modem *m, const char *bytes, size_t size,
		     int64_t deadline_ms, struct err *e)
{
	while (size > 0) {
		struct at_line line;
		int n = port_write(m->port, bytes, modem_write_size(size), deadline_ms, e);

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
	int64_t begun_ms = clock_now_ms(m->clock);
	size_t size = strlen(text);

	if (size + 1 >= sizeof(m->command))
		return err_fail(e, MSG_COMMAND_LONG, "command=%.*s", modem_name_size(text), text);
	if (settle(m, e) < 0)
		return -1;
	/* that is no time of the module's: a command that goes out by half spoils the next */
	deadline_ms += clock_now_ms(m->clock) - begun_ms;
	m->began_before = at_pending(&m->splitter) > 0;
	modem_tell_sent(m, (struct slice){text, size});
	m->has_result = false;
	memcpy(m->command, text, size);
	m->command[size] = '\r';
	if (modem_write_all(m, m->command, size + 1, deadline_ms, e) < 0)
		return err_doing(e, MSG_DOING_SEND, "command=%.*s", modem_name_size(text), text);
	m->command[size] = '\0';
	m->sent_ms = clock_now_ms(m->clock);
	m->said[0] = m->ending[0] = '\0';
	m->said_lines = 0;
	m->echoed_size = 0;
	m->misheard = false;
	return 0;
}

bool modem_is_result(const struct at_line *line)
{
	return line->is.class == AT_OK || line->is.class == AT_ERROR;
}

/*
 * Some stacks refuse in words of their own, and end with that (protocol.md 5.5:
 * COMMAND NOT SUPPORT). Which, no list knows: it is what is said twice in the
 * place of a result, at once, and nothing behind it.
 */
void modem_note_words(struct modem *m, struct slice line)
{
	m->said_lines++;
	if (m->said[0] || clock_now_ms(m->clock) > m->sent_ms + WORDS_MS || line.size >= sizeof(m->said) ||
	    line.size < WORDS_MIN || modem_is_noise(line) || !isalpha((unsigned char)line.data[0]))
		return;
	slice_copy(m->said, sizeof(m->said), line);
}

void modem_note_ending(struct modem *m, const struct at_line *line)
{
	slice_copy(m->ending, sizeof(m->ending), slice_trim(line->text));
}

/* Nothing but words, for the second time: they are its refusal from now on. */
bool modem_says_again(struct modem *m)
{
	/* not of what has not been found to be a module yet; who boots says more than one thing */
	bool again = !m->talker && m->said[0] && m->said_lines == 1 && strcmp(m->said, m->said_before) == 0;

	memcpy(again ? m->refusal : m->said_before, m->said, sizeof(m->said));
	if (again)
		m->said_before[0] = '\0';
	return again;
}

int modem_pause(struct modem *m, int64_t until_ms, struct err *e)
{
	struct at_line line;
	int r;

	while ((r = modem_next_line(m, &line, until_ms, e)) > 0)
		;
	return r;
}

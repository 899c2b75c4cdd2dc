/*
 * Into data mode, the bytes of a package, and out again.
 */
#include "config.h"
#include "modem/modem_state.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/count.h"

/* The longest the driver may take to send what it holds: 4 KiB at 9,600 baud. */
#define DRAIN_MS 5000

/* No look takes so long: this program was stopped, or its computer slept. Far less
 * than a module waits for data (protocol.md 2.2). */
#define STOOD_STILL_MS 1000

/* The guard of "+++": 1 s of silence on both sides (protocol.md 2.2). */
#define ESCAPE_GUARD_MS 1100

/* As for any plain command (protocol.md 4.2): the next one may not cross it. */
#define ECHO_MS 5000

/*
 * What the module takes the upgrade command for is seen in its echo alone: a digit
 * lost on the way is another size, and a part of the package would be taken for all
 * of it. So the echo, which a module has on unless it was told otherwise (V.250
 * 6.2.4), is on for that command; it is believed where that of a command before
 * came back whole. Package bytes are not echoed, as far as is known (assumption).
 */
int modem_show_echo(struct modem *m, struct err *e)
{
	/* again: a result that was none cuts off the wait for the echo */
	static const char *const texts[] = {"ATE1", "AT+CMEE=1", "AT+CMEE=1"};

	m->shows_echo = false;
	for (size_t i = 0; i < COUNT(texts) && !m->shows_echo; i++) {
		struct modem_command command = {texts[i], NULL, ECHO_MS, NULL};

		if (modem_command(m, &command, NULL, e) < 0 && e->code != ERR_REFUSED && e->code != ERR_TIMEOUT)
			return -1;
		m->shows_echo = i > 0 && m->echoed_size == strlen(m->command);
	}
	return 0;
}

/* The gate has come: was it given to the command that was sent? */
static int pass_gate(struct modem *m, struct err *e)
{
	bool cut = m->echoed_size > 0 && m->echoed_size < strlen(m->command);

	if (m->shows_echo && (m->misheard || cut))
		return err_fail(e, MSG_COMMAND_MISHEARD, "command=%s", m->command);
	return 1;
}

/* The port is looked at so often while the gate is awaited: when that came is known so well. */
#define GATE_LOOK_MS 1000
/* A command goes out sooner, unless this program stands still or it is out of step. */
#define LATE_MS 1000

int modem_enter_data(struct modem *m, const char *command, const char *gate,
		     int64_t deadline_ms, bool *bare_ok, struct err *e)
{
	if (command) {
		int64_t begun_ms = modem_now(m);

		if (modem_step_in(m, command, e) < 0 ||
		    modem_send(m, command, deadline_ms + modem_now(m) - begun_ms, e) < 0)
			return -1;
		if (m->sent_ms - begun_ms > LATE_MS)
			deadline_ms += m->sent_ms - begun_ms;
	}
	for (;;) {
		struct at_line line;
		int64_t look_ms = modem_now(m) + GATE_LOOK_MS;
		int r = modem_read_line(m, &line, look_ms < deadline_ms ? look_ms : deadline_ms, e);

		if (r == 0 && modem_now(m) >= deadline_ms && m->ending[0] && !*bare_ok)
			return modem_refused_by_ending(m, m->command, e);
		if (r < 0 || (r == 0 && modem_now(m) >= deadline_ms))
			return r;
		if (r == 0)
			continue;
		line.text = slice_trim(line.text);
		modem_report(m, &line,
		     line.is.class == AT_INFO && !modem_is_echo(m, line.text));
		modem_note_echo(m, line.text);
		if (slice_is(line.text, gate))
			return pass_gate(m, e);
		if (line.is.class == AT_ERROR)
			return modem_refused(m->command, &line, e);
		if (line.is.class == AT_OK)
			*bare_ok = true;
		if (line.is.class == AT_NO_CARRIER)
			modem_note_ending(m, &line);
	}
}

bool modem_says_boot(const struct at_line *line)
{
	return slice_is(slice_trim(line->text), "RDY");
}

bool modem_shows_command_mode(const struct at_line *line)
{
	struct slice text = slice_trim(line->text);

	/* the FILE form counts while it takes data: LTE-A, protocol.md 3.2 */
	return line->is.class != AT_INFO || (line->is.is_fota && line->is.fota.kind != FOTA_DOWNLOADING) ||
	       modem_says_boot(line) || slice_begins(text, "+QFOTADL:");
}

/* A line that came in data mode: -1 when it shows that this is over. */
static int judge_line(const struct at_line *line, struct err *e)
{
	char text[96];

	if (!modem_shows_command_mode(line))
		return 0;
	slice_copy(text, sizeof(text), slice_trim(line->text));
	err_fail(e, MSG_DATA_LEFT, "answer=%s", text);
	e->detail = line->is.cme;
	return -1;
}

/* Look at what has arrived in data mode, without waiting; again where this program stood
 * still meanwhile, until DEADLINE_MS: the module may have given up since. */
static int look(struct modem *m, int64_t deadline_ms, struct err *e)
{
	struct at_line line;
	int64_t now;
	int r;

	do {
		now = clock_now_ms(m->clock);
		while ((r = modem_next_line(m, &line, now, e)) > 0)
			if (judge_line(&line, e) < 0)
				return -1;
	} while (r == 0 && now < deadline_ms && clock_now_ms(m->clock) >= now + STOOD_STILL_MS);
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
		if (look(m, deadline_ms, e) < 0)
			return -1;
		/* nor where this program stood still as it looked: the module may have given up unheard */
		if (clock_now_ms(m->clock) >= deadline_ms)
			return err_fail(e, MSG_DATA_STALLED, "limit=%d", limit_s);
		n = port_write(m->port, from + *sent, modem_write_size(size - *sent), deadline_ms, e);
		if (n < 0)
			return -1;
		*sent += (size_t)n;
	}
	return 0;
}

int modem_await_ack(struct modem *m, int64_t deadline_ms, struct err *e)
{
	int limit_s = (int)((deadline_ms - clock_now_ms(m->clock)) / 1000);
	unsigned char c;
	int r;

	while ((r = modem_read_byte(m, &c, deadline_ms, e)) > 0) {
		struct at_line line;
		size_t used;

		if (c == 'A' && at_pending(&m->splitter) == 0)
			return 0;
		if (!at_split(&m->splitter, &c, 1, &used, &line.text))
			continue;
		line.is = line_parse(line.text);
		modem_report(m, &line, true);
		if (judge_line(&line, e) < 0)
			return -1;
	}
	return r < 0 ? -1 : err_fail(e, MSG_ACK_MISSING, "limit=%d", limit_s);
}

/* "+QFUPL: 3000,B34A"; the checksum in either case, and without leading zeros. */
static bool read_upload(struct slice line, uint64_t *size, unsigned *checksum)
{
	struct at_fields f;
	struct slice sum;
	char text[8], *end;
	long number;

	while (line.size > 0 && line.data[0] == 'A') {	/* an acknowledgement that nobody waited for */
		line.data++;
		line.size--;
	}
	f = at_fields(line, "+QFUPL:");
	if (!at_field_number(&f, 0, LONG_MAX, &number) || !at_field_any(&f, &sum) || f.more ||
	    sum.size < 1 || sum.size > 4)
		return false;
	slice_copy(text, sizeof(text), sum);
	if (!isxdigit((unsigned char)text[0]))
		return false;
	*checksum = (unsigned)strtoul(text, &end, 16);
	*size = (uint64_t)number;
	return !*end;
}

int modem_end_upload(struct modem *m, uint64_t *size, unsigned *checksum, int64_t deadline_ms, struct err *e)
{
	bool known = false;
	struct at_line line;
	int r;

	while ((r = modem_next_line(m, &line, deadline_ms, e)) > 0) {
		known = read_upload(slice_trim(line.text), size, checksum) || known;
		if (line.is.class == AT_ERROR)
			return modem_refused("AT+QFUPL", &line, e);
		if (line.is.class == AT_OK)
			return known ? 0 : err_fail(e, MSG_UPLOAD_UNCHECKED, "");
	}
	return r < 0 ? -1 : err_fail(e, MSG_UPLOAD_NOT_OVER, "");
}

/* What ends "+++": nothing else answers it, BUSY and its like do not either. */
static bool answers_escape(const struct at_line *line)
{
	return line->is.class == AT_OK || slice_is(slice_trim(line->text), "NO CARRIER");
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
	modem_tell_sent(m, (struct slice){"+++", 3});
	if (modem_write_all(m, "+++", 3, deadline_ms, e) < 0)
		return -1;
	r = await_line(m, answers_escape, deadline_ms, e);
	if (r != 0)
		return r > 0 ? 0 : -1;
	return err_fail(e, MSG_NO_ANSWER_ESCAPE, "");
}

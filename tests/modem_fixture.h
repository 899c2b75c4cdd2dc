/*
 * modem_fixture.h - a scripted line in virtual time with a modem on it, for
 * the tests of modem.h.
 */
#ifndef DFOTA_MODEM_FIXTURE_H
#define DFOTA_MODEM_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/count.h"
#include "modem/identity.h"
#include "modem/modem.h"
#include "words.h"

/* A literal with its length, so that NUL bytes count. */
#define BYTES(literal) { literal, sizeof(literal) - 1 }

#define START_MS 5000
#define CALLS_MAX 200000	/* more without the clock moving would spin in real life */

enum echo { ECHO_OFF, ECHO_ON, ECHO_DOUBLED, ECHO_HEAD, ECHO_TAIL, ECHO_LAST_BYTE, ECHO_CHANGING, ECHO_WITH_LINE_ENDS };

/* What the line says to a command. The first row that fits is taken. */
struct answer {
	const char *command;	/* "" any */
	struct slice text;
	int delay_ms;
	unsigned nth;		/* only the Nth time that this command comes; 0: always */
	bool data;		/* data mode begins */
};

/* A line with a script at its other end. */
struct line {
	struct clock clock;	/* first: the clock is the line */
	int64_t now_ms;
	const struct answer *answers;	/* ends with .command NULL */
	enum echo echo;
	int baud;		/* of the module; 0: any will do */
	int host_baud;
	size_t read_max;	/* most bytes a read gives; 0: no limit */
	size_t cut;		/* a read ends here, counted from the start; 0: nowhere */
	size_t room;		/* bytes it takes in data mode */
	size_t leave_at;	/* data bytes after which it says LEAVE; 0: never */
	struct slice leave;
	unsigned multiples;	/* writes that fill their last packet of 64 */
	int drip_ms;		/* in data mode it takes one byte so often, 0: all at once */
	int chatter_ms;		/* a line of its own accord every so often; 0: never */
	int busy_ms;		/* how long it takes each write of a command */
	int still_ms;		/* the program stands still so long in every read that gives nothing */
	enum err_code read_error, write_error, drain_error;	/* what the next call fails with */
	enum err_code deaf_error;	/* what reading fails with after the next write */
	unsigned discards;

	char rx[65536];
	size_t rx_at, rx_size;
	struct {
		size_t end;
		int64_t at_ms;
	} due[256];		/* bytes up to END are there at AT_MS */
	size_t due_count;
	char sent[65536];
	int64_t sent_ms[65536];	/* when */
	size_t sent_size;
	size_t command_at;	/* in SENT */
	unsigned commands;
	bool data;
	size_t data_size;
	int64_t chatter_at_ms;

	struct interrupt interrupt;
	struct port *port;
	struct modem *modem;
	char seen[65536];	/* "> sent", "< received", "* of its own accord" */
	struct modem_reply reply;
	struct err e;
	unsigned calls;
	int64_t calls_ms;
};

static inline int64_t line_now(const struct clock *clock)
{
	return ((const struct line *)(const void *)clock)->now_ms;
}

static inline void guard_spin(struct line *l)
{
	if (l->calls_ms != l->now_ms)
		l->calls = 0;
	l->calls_ms = l->now_ms;
	if (++l->calls > CALLS_MAX)
		fail_msg("%d calls and the time has not moved", CALLS_MAX);
}

/* The module says TEXT, DELAY_MS from now. */
static inline void say(struct line *l, struct slice text, int delay_ms)
{
	assert_true(l->rx_size + text.size <= sizeof(l->rx));
	assert_true(l->due_count < COUNT(l->due));
	memcpy(l->rx + l->rx_size, text.data, text.size);
	l->rx_size += text.size;
	l->due[l->due_count].end = l->rx_size;
	l->due[l->due_count++].at_ms = l->now_ms + delay_ms;
}

static inline void say_text(struct line *l, const char *text, int delay_ms)
{
	say(l, (struct slice){text, strlen(text)}, delay_ms);
}

static inline void echo(struct line *l, const char *command, size_t size)
{
	struct slice all = {command, size + 1}, text = {command, size};

	switch (l->echo) {
	case ECHO_CHANGING:
		if (l->commands % 2)
			say(l, all, 0);
		break;
	case ECHO_ON:
		say(l, all, 0);
		break;
	case ECHO_DOUBLED:
		say(l, all, 0);
		say(l, all, 0);
		break;
	case ECHO_HEAD:		/* switched off half way through */
		say(l, (struct slice){command, size / 2}, 0);
		break;
	case ECHO_TAIL:
		say(l, (struct slice){command + size / 2, size + 1 - size / 2}, 0);
		break;
	case ECHO_LAST_BYTE:
		say(l, (struct slice){command + size - 1, 2}, 0);
		break;
	case ECHO_WITH_LINE_ENDS:
		say(l, text, 0);
		say_text(l, "\r\r\n\r\n", 0);
		break;
	case ECHO_OFF:
		break;
	}
}

/* How often COMMAND has come, this time included. */
static inline unsigned times(const struct line *l, const char *command, size_t size)
{
	unsigned count = 0;

	for (size_t at = 0; at + size < l->sent_size; at++)
		count += (at == 0 || l->sent[at - 1] == '\r') &&
			memcmp(l->sent + at, command, size) == 0 && l->sent[at + size] == '\r';
	return count;
}

static inline void respond(struct line *l, const char *command, size_t size)
{
	l->commands++;
	if (l->baud && l->host_baud != l->baud) {
		say_text(l, "\x80\xfe\xf8\r\x81", 0);
		return;
	}
	echo(l, command, size);
	for (const struct answer *a = l->answers; a && a->command; a++) {
		if (a->command[0] && (strlen(a->command) != size || memcmp(a->command, command, size) != 0))
			continue;
		if (a->nth && times(l, command, size) != a->nth)
			continue;
		say(l, a->text, a->delay_ms);
		l->data = a->data;
		return;
	}
}

static inline int line_open(void *ctx, const char *path, const struct port_settings *s, struct err *e)
{
	(void)path;
	(void)e;
	((struct line *)ctx)->host_baud = s->baud;
	return 0;
}

static inline int line_set_baud(void *ctx, int baud, struct err *e)
{
	(void)e;
	((struct line *)ctx)->host_baud = baud;
	return 0;
}

static inline void line_close(void *ctx)
{
	(void)ctx;
}

static inline void chatter(struct line *l)
{
	if (!l->chatter_ms || l->now_ms < l->chatter_at_ms)
		return;
	l->chatter_at_ms = l->now_ms + l->chatter_ms;
	if (l->rx_at == l->rx_size)
		l->rx_at = l->rx_size = l->due_count = 0;
	say_text(l, "+CREG: 1\r\n", 0);
}

static inline int line_read(void *ctx, void *buf, size_t size, int64_t deadline_ms, struct err *e)
{
	struct line *l = ctx;

	guard_spin(l);
	if (l->read_error != ERR_NONE)
		return err_said(e, l->read_error, "a fault made by the test");
	for (;;) {
		size_t there = 0;
		int64_t next = INT64_MAX;

		chatter(l);
		for (size_t i = 0; i < l->due_count; i++)
			if (l->due[i].at_ms <= l->now_ms)
				there = l->due[i].end;
			else if (l->due[i].at_ms < next)
				next = l->due[i].at_ms;
		if (there > l->rx_at) {
			size_t n = there - l->rx_at;

			n = n < size ? n : size;
			n = l->read_max && l->read_max < n ? l->read_max : n;
			if (l->rx_at < l->cut && l->rx_at + n > l->cut)
				n = l->cut - l->rx_at;
			memcpy(buf, l->rx + l->rx_at, n);
			l->rx_at += n;
			return (int)n;
		}
		if (l->chatter_ms && l->chatter_at_ms < next)
			next = l->chatter_at_ms;
		if (l->now_ms >= deadline_ms) {
			l->now_ms += l->still_ms;
			return 0;
		}
		l->now_ms = next < deadline_ms ? next : deadline_ms;
	}
}

/* As much of SIZE as the module takes. */
static inline size_t take_data(struct line *l, size_t size)
{
	size_t left = l->room - l->data_size, before = l->data_size;

	size = size < left ? size : left;
	l->data_size += size;
	if (l->leave_at && before < l->leave_at && l->data_size >= l->leave_at)
		say(l, l->leave, 0);
	return size;
}

static inline int line_write(void *ctx, const void *buf, size_t size, int64_t deadline_ms, struct err *e)
{
	struct line *l = ctx;
	bool data = l->data;	/* the answer to a command may open it */

	guard_spin(l);
	if (l->write_error != ERR_NONE)
		return err_said(e, l->write_error, "a fault made by the test");
	if (l->data && l->drip_ms && l->now_ms + l->drip_ms > deadline_ms)
		size = 0;
	else if (l->data && l->drip_ms)
		size = 1;
	if (!l->data && l->now_ms >= deadline_ms && size > 1)
		size = 1;	/* a write is tried once, and a driver need not take all of it */
	if (l->data)
		size = take_data(l, size);
	else if (l->room == 0)
		size = 0;
	assert_true(l->sent_size + size <= sizeof(l->sent));
	l->multiples += size > 0 && size % 64 == 0;
	memcpy(l->sent + l->sent_size, buf, size);
	for (size_t i = 0; i < size; i++) {
		l->sent_ms[l->sent_size] = l->now_ms;
		if (l->sent[l->sent_size++] != '\r' || l->data)
			continue;
		respond(l, l->sent + l->command_at, l->sent_size - 1 - l->command_at);
		l->command_at = l->sent_size;
	}
	if (size == 0 && l->now_ms < deadline_ms)
		l->now_ms = deadline_ms;
	else
		l->now_ms += data ? l->drip_ms : l->busy_ms;
	l->read_error = l->deaf_error ? l->deaf_error : l->read_error;
	return (int)size;
}

static inline int line_drain(void *ctx, int64_t deadline_ms, struct err *e)
{
	struct line *l = ctx;

	if (l->drain_error == ERR_TIMEOUT)
		l->now_ms = deadline_ms;
	return l->drain_error ? err_said(e, l->drain_error, "a fault made by the test") : 0;
}

static inline void line_discard(void *ctx)
{
	((struct line *)ctx)->discards++;
}

static inline int line_wait(void *ctx, int64_t deadline_ms, struct err *e)
{
	struct line *l = ctx;

	(void)e;
	if (l->now_ms < deadline_ms)
		l->now_ms = deadline_ms;
	return 0;
}

static const struct port_backend line_backend = {
	.open = line_open, .close = line_close, .read = line_read,
	.write = line_write, .drain = line_drain, .discard = line_discard, .wait = line_wait, .set_baud = line_set_baud,
};

static inline void on_line(void *ctx, enum line_dir dir, const struct at_line *line, bool urc)
{
	struct line *l = ctx;
	size_t used = strlen(l->seen);
	char copy[300];

	snprintf(l->seen + used, sizeof(l->seen) - used, "%c %s\n",
		 dir == LINE_TX ? '>' : urc ? '*' : '<',
		 slice_copy(copy, sizeof(copy), line->text));
}

static inline struct line *line_new(const struct answer *answers)
{
	const struct port_settings settings = {.baud = 115200};
	struct line *l = calloc(1, sizeof(*l));
	struct modem_hooks hooks = {on_line, l};

	assert_non_null(l);
	l->clock.now_ms = line_now;
	l->now_ms = START_MS;
	l->answers = answers;
	l->room = SIZE_MAX;
	assert_int_equal(interrupt_init(&l->interrupt, &l->e), 0);
	l->port = port_new_custom(&l->clock, &l->interrupt, &line_backend, l, &l->e);
	assert_non_null(l->port);
	assert_int_equal(port_open(l->port, "line", &settings, &l->e), 0);
	l->modem = modem_new(l->port, &l->clock, &hooks, &l->e);
	assert_non_null(l->modem);
	return l;
}

static inline void line_free(struct line *l)
{
	modem_free(l->modem);
	port_free(l->port);
	interrupt_close(&l->interrupt);
	free(l);
}

static inline int send(struct line *l, const char *text, const char *prefix, int timeout_ms)
{
	const struct modem_command command = {text, prefix, timeout_ms, NULL};

	l->e = (struct err){0};
	return modem_command(l->modem, &command, &l->reply, &l->e);
}

/* The same for an answer of a form. */
static inline int send_fitting(struct line *l, const char *text, const char *prefix, bool (*fits)(struct slice line))
{
	const struct modem_command command = {text, prefix, 300, fits};

	l->e = (struct err){0};
	return modem_command(l->modem, &command, &l->reply, &l->e);
}

static inline void assert_sent(const struct line *l, const char *expected)
{
	if (l->sent_size != strlen(expected) || memcmp(l->sent, expected, l->sent_size) != 0)
		fail_msg("sent %zu bytes \"%.*s\", expected \"%s\"", l->sent_size,
			 (int)l->sent_size, l->sent, expected);
}

static inline void assert_failed(const struct line *l, int r, enum err_code code, const char *part)
{
	if (r != -1 || l->e.code != code || !strstr(err_read(&l->e), part))
		fail_msg("returned %d, code %d, \"%s\"; expected code %d, \"%s\"\n%s", r,
			 l->e.code, err_read(&l->e), code, part, l->seen);
}

/* The lines of the reply, joined by '|', are EXPECTED. */
static inline void assert_reply(const struct line *l, const char *expected, const char *where)
{
	char text[AT_LINE_MAX + 64] = "";
	size_t used = 0;

	for (size_t i = 0; i < l->reply.count; i++) {
		char copy[AT_LINE_MAX];

		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s", i ? "|" : "",
					 slice_copy(copy, sizeof(copy), l->reply.lines[i]));
	}
	if (strcmp(text, expected) != 0)
		fail_msg("%s: reply \"%s\", expected \"%s\"\n%s", where, text, expected, l->seen);
}

#endif

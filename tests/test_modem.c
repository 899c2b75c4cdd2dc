/* One module on a scripted line in virtual time. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "modem.h"
#include "port_fixture.h"
#include "port_internal.h"	/* the rate that port_set_baud() set */

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

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
	size_t read_max;	/* most bytes a read gives; 0: no limit */
	size_t cut;		/* a read ends here, counted from the start; 0: nowhere */
	size_t room;		/* bytes it takes in data mode */
	size_t leave_at;	/* data bytes after which it says LEAVE; 0: never */
	struct slice leave;
	int chatter_ms;		/* a line of its own accord every so often; 0: never */
	enum err_code read_error, write_error;	/* what the next call fails with */

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

	struct port *port;
	struct modem *modem;
	char told[65536];	/* "> sent", "< received", "* of its own accord" */
	struct modem_reply reply;
	struct err e;
	unsigned calls;
	int64_t calls_ms;
};

static int64_t line_now(const struct clock *clock)
{
	return ((const struct line *)(const void *)clock)->now_ms;
}

static void guard_spin(struct line *l)
{
	if (l->calls_ms != l->now_ms)
		l->calls = 0;
	l->calls_ms = l->now_ms;
	if (++l->calls > CALLS_MAX)
		fail_msg("%d calls and the time has not moved", CALLS_MAX);
}

/* The module says TEXT, DELAY_MS from now. */
static void say(struct line *l, struct slice text, int delay_ms)
{
	assert_true(l->rx_size + text.size <= sizeof(l->rx));
	assert_true(l->due_count < COUNT(l->due));
	memcpy(l->rx + l->rx_size, text.data, text.size);
	l->rx_size += text.size;
	l->due[l->due_count].end = l->rx_size;
	l->due[l->due_count++].at_ms = l->now_ms + delay_ms;
}

static void say_text(struct line *l, const char *text, int delay_ms)
{
	say(l, (struct slice){text, strlen(text)}, delay_ms);
}

static void echo(struct line *l, const char *command, size_t size)
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
static unsigned times(const struct line *l, const char *command, size_t size)
{
	unsigned count = 0;

	for (size_t at = 0; at + size < l->sent_size; at++)
		count += (at == 0 || l->sent[at - 1] == '\r') &&
			memcmp(l->sent + at, command, size) == 0 && l->sent[at + size] == '\r';
	return count;
}

static void respond(struct line *l, const char *command, size_t size)
{
	l->commands++;
	if (l->baud && l->port->baud != l->baud) {
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

static int line_open(void *ctx, const char *path, const struct port_settings *s, struct err *e)
{
	(void)ctx;
	(void)path;
	(void)s;
	(void)e;
	return 0;
}

static void line_close(void *ctx)
{
	(void)ctx;
}

static void chatter(struct line *l)
{
	if (!l->chatter_ms || l->now_ms < l->chatter_at_ms)
		return;
	l->chatter_at_ms = l->now_ms + l->chatter_ms;
	if (l->rx_at == l->rx_size)
		l->rx_at = l->rx_size = l->due_count = 0;
	say_text(l, "+CREG: 1\r\n", 0);
}

static int line_read(void *ctx, void *buf, size_t size, int64_t deadline_ms, struct err *e)
{
	struct line *l = ctx;

	guard_spin(l);
	if (l->read_error != ERR_NONE)
		return err_set(e, l->read_error, "a fault made by the test");
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
		if (l->now_ms >= deadline_ms)
			return 0;
		l->now_ms = next < deadline_ms ? next : deadline_ms;
	}
}

/* As much of SIZE as the module takes. */
static size_t take_data(struct line *l, size_t size)
{
	size_t left = l->room - l->data_size, before = l->data_size;

	size = size < left ? size : left;
	l->data_size += size;
	if (l->leave_at && before < l->leave_at && l->data_size >= l->leave_at)
		say(l, l->leave, 0);
	return size;
}

static int line_write(void *ctx, const void *buf, size_t size, int64_t deadline_ms, struct err *e)
{
	struct line *l = ctx;

	guard_spin(l);
	if (l->write_error != ERR_NONE)
		return err_set(e, l->write_error, "a fault made by the test");
	if (l->data)
		size = take_data(l, size);
	else if (l->room == 0)
		size = 0;
	assert_true(l->sent_size + size <= sizeof(l->sent));
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
	return (int)size;
}

static int line_wait(void *ctx, int64_t deadline_ms, struct err *e)
{
	struct line *l = ctx;

	(void)e;
	if (l->now_ms < deadline_ms)
		l->now_ms = deadline_ms;
	return 0;
}

static const struct port_backend line_backend = {
	.open = line_open, .close = line_close, .read = line_read,
	.write = line_write, .wait = line_wait,
};

static void on_line(void *ctx, enum line_dir dir, struct slice text, bool urc)
{
	struct line *l = ctx;
	size_t used = strlen(l->told);
	char copy[300];

	snprintf(l->told + used, sizeof(l->told) - used, "%c %s\n",
		 dir == LINE_TX ? '>' : urc ? '*' : '<',
		 slice_copy(copy, sizeof(copy), text));
}

static struct line *line_new(const struct answer *answers)
{
	const struct port_settings settings = {.baud = 115200};
	struct line *l = calloc(1, sizeof(*l));
	struct modem_hooks hooks = {on_line, l};

	assert_non_null(l);
	l->clock.now_ms = line_now;
	l->now_ms = START_MS;
	l->answers = answers;
	l->room = SIZE_MAX;
	l->port = port_new_custom(&l->clock, &line_backend, l, &l->e);
	assert_non_null(l->port);
	assert_int_equal(port_open(l->port, "line", &settings, &l->e), 0);
	l->modem = modem_new(l->port, &l->clock, &hooks, &l->e);
	assert_non_null(l->modem);
	return l;
}

static void line_free(struct line *l)
{
	modem_free(l->modem);
	port_free(l->port);
	free(l);
}

static int send(struct line *l, const char *text, const char *prefix, int timeout_ms)
{
	const struct modem_command command = {text, prefix, timeout_ms};

	l->e = (struct err){0};
	return modem_command(l->modem, &command, &l->reply, &l->e);
}

static void assert_sent(const struct line *l, const char *expected)
{
	if (l->sent_size != strlen(expected) || memcmp(l->sent, expected, l->sent_size) != 0)
		fail_msg("sent %zu bytes \"%.*s\", expected \"%s\"", l->sent_size,
			 (int)l->sent_size, l->sent, expected);
}

static void assert_failed(const struct line *l, int r, enum err_code code, const char *part)
{
	if (r != -1 || l->e.code != code || !strstr(l->e.text, part))
		fail_msg("returned %d, code %d, \"%s\"; expected code %d, \"%s\"\n%s", r,
			 l->e.code, l->e.text, code, part, l->told);
}

/* The lines of the reply, joined by '|', are EXPECTED. */
static void assert_reply(const struct line *l, const char *expected, const char *where)
{
	char text[AT_LINE_MAX + 64] = "";
	size_t used = 0;

	for (size_t i = 0; i < l->reply.count; i++) {
		char copy[AT_LINE_MAX];

		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s", i ? "|" : "",
					 slice_copy(copy, sizeof(copy), l->reply.lines[i]));
	}
	if (strcmp(text, expected) != 0)
		fail_msg("%s: reply \"%s\", expected \"%s\"\n%s", where, text, expected, l->told);
}

/* --- a command and its answer ------------------------------------------- */

static void an_answer_is_what_has_the_prefix(void **state)
{
	static const struct answer answers[] = {
		{"AT+CSQ", BYTES("\r\n+CREG: 1\r\n\r\n+CSQ: 26,99\r\nRING\r\n\r\nOK\r\n"), 0, 0, false},
		{NULL, BYTES(""), 0, 0, false},
	};
	struct line *l = line_new(answers);

	(void)state;
	assert_int_equal(send(l, "AT+CSQ", "+CSQ:", 300), 0);
	assert_reply(l, "+CSQ: 26,99", "with a prefix");
	assert_string_equal(l->told, "> AT+CSQ\n* +CREG: 1\n< +CSQ: 26,99\n* RING\n< OK\n");
	assert_int_equal(send(l, "AT+CSQ", NULL, 300), 0);
	assert_int_equal(l->reply.count, 0);
	assert_int_equal(modem_last_rx_ms(l->modem), l->now_ms);
	assert_sent(l, "AT+CSQ\rAT+CSQ\r");
	line_free(l);
}

/* Lines that come unasked are no part of an answer without a prefix. */
static void an_answer_without_a_prefix_leaves_urcs_out(void **state)
{
	static const char *const urcs[] = {
		"+QIND: SMS DONE", "+CFUN: 1", "^MODE: 5", "RDY", "RING", "SYSSTART",
		"NORMAL POWER DOWN", "POWERED DOWN", "Call Ready", "SMS Ready",
		"\xff\xfe\x80", "\x1b[2J", "CONNECT", "NO CARRIER", "   ",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(urcs); i++) {
		char text[128];
		struct answer answers[] = {
			{"AT+CGMR", {text, 0}, 0, 0, false},
			{NULL, BYTES(""), 0, 0, false},
		};
		struct line *l = line_new(answers);

		answers[0].text.size = (size_t)snprintf(text, sizeof(text),
			"\r\n%s\r\n\r\nUG96LNAR02A06E1G\r\n%s\r\n\r\nOK\r\n", urcs[i], urcs[i]);
		assert_int_equal(send(l, "AT+CGMR", "", 300), 0);
		assert_reply(l, "UG96LNAR02A06E1G", urcs[i]);
		line_free(l);
	}
}

/* faults.md B05: two chunks cut anywhere, and one byte a read. */
static void every_split_gives_the_same_reply(void **state)
{
	static const struct answer answers[] = {
		{"AT+CSQ", BYTES("AT+CSQ\r\r\n+CSQ: 26,99\r\n\r\n+QIND: \"FOTA\",\"X\"\r\n\r\nOK\r\n"), 0, 0, false},
		{"AT+CGMR", BYTES("\r\nUG96LNAR02A06E1G\r\n\n\r+CME ERROR: 30\r\n"), 0, 0, false},
		{NULL, BYTES(""), 0, 0, false},
	};
	size_t total = answers[0].text.size + answers[1].text.size;

	(void)state;
	for (size_t cut = 0; cut <= total; cut++) {
		struct line *l = line_new(answers);

		l->cut = cut;
		l->read_max = cut == total ? 1 : 0;
		assert_int_equal(send(l, "AT+CSQ", "+CSQ:", 300), 0);
		assert_reply(l, "+CSQ: 26,99", "cut");
		assert_failed(l, send(l, "AT+CGMR", "", 300), ERR_REFUSED, "no network service");
		assert_int_equal(l->e.detail, 30);
		assert_reply(l, "UG96LNAR02A06E1G", "cut");
		assert_string_equal(l->told,
			"> AT+CSQ\n< AT+CSQ\n< +CSQ: 26,99\n* +QIND: \"FOTA\",\"X\"\n< OK\n"
			"> AT+CGMR\n< UG96LNAR02A06E1G\n< +CME ERROR: 30\n");
		line_free(l);
	}
}

/* faults.md B08 */
static void a_stray_result_answers_no_command(void **state)
{
	static const struct {
		const char *first;	/* the answer to the first command */
		const char *late;	/* what comes behind it, */
		int late_ms;		/* so late */
	} rows[] = {
		{"\r\nOK\r\n\r\nOK\r\n", "", 0},
		{"\r\nOK\r\n", "\r\nOK\r\n", 15},
		{"\r\nOK\r\n", "OK\r\nOK\r\nOK\r\n", 1},
		{"\r\nERROR\r\n\r\nOK\r\n", "", 0},
		{"\r\nOK\r\n\r\nERROR\r\n\r\nOK\r\n", "", 0},
		{"\r\nOK\r\n\r\n+CSQ: 31,0\r\n\r\nOK\r\n", "", 0},
	};
	static const struct answer second[] = {
		{"AT+CSQ", BYTES("\r\n+CSQ: 26,99\r\n\r\n+CME ERROR: 13\r\n"), 30, 0, false},
		{NULL, BYTES(""), 0, 0, false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct line *l = line_new(second);
		struct answer first[] = {
			{"AT", {rows[i].first, strlen(rows[i].first)}, 0, 0, false},
			{NULL, BYTES(""), 0, 0, false},
		};

		l->answers = first;
		send(l, "AT", NULL, 300);
		l->answers = second;
		say_text(l, rows[i].late, rows[i].late_ms);
		assert_failed(l, send(l, "AT+CSQ", "+CSQ:", 300), ERR_REFUSED, "SIM failure");
		assert_reply(l, "+CSQ: 26,99", rows[i].first);
		assert_non_null(strstr(l->told, "* "));
		line_free(l);
	}
}

static void a_result_from_before_the_command_is_told_and_ignored(void **state)
{
	struct line *l = line_new(NULL);

	(void)state;
	say_text(l, "\r\nOK\r\n\r\n+CSQ: 31,0\r\n\r\nOK\r\n", 0);
	assert_failed(l, send(l, "AT+CSQ", "+CSQ:", 300), ERR_TIMEOUT, "no answer to AT+CSQ within 0.3 s");
	assert_string_equal(l->told, "* OK\n* +CSQ: 31,0\n* OK\n> AT+CSQ\n");
	line_free(l);
}

/* faults.md B11: shown as given; a number only when it is one. */
static void error_numbers_are_read_with_care(void **state)
{
	static const struct {
		const char *text;
		int detail;
		const char *message;
	} rows[] = {
		{"+CME ERROR: 30", 30, "AT+COPS was refused: error 30, no network service"},
		{"+CME ERROR:30", 30, "error 30, no network service"},
		{"+CMS ERROR: 500", 500, "was refused: error 500"},
		{"+CME ERROR: 404", 404, "was refused: error 404"},
		{"+CME ERROR: 4294967296", -1, "was refused: error 4294967296"},
		{"+CME ERROR: -1", -1, "was refused: error -1"},
		{"+CME ERROR: 0x1f", -1, "was refused: error 0x1f"},
		{"+CME ERROR: SIM not inserted", -1, "was refused: error SIM not inserted"},
		{"+CME ERROR:", -1, "AT+COPS was refused: ERROR"},
		{"+CME ERROR", -1, "AT+COPS was refused: ERROR"},
		{"ERROR", -1, "AT+COPS was refused: ERROR"},
		{"+CME ERROR: %n%s%s", -1, "was refused: error %n%s%s"},
	};
	char digits[512];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char text[64];
		struct answer answers[] = {
			{"", {text, 0}, 0, 0, false},
			{NULL, BYTES(""), 0, 0, false},
		};
		struct line *l = line_new(answers);

		answers[0].text.size = (size_t)snprintf(text, sizeof(text), "\r\n%s\r\n", rows[i].text);
		assert_failed(l, send(l, "AT+COPS?", "+COPS:", 300), ERR_REFUSED, rows[i].message);
		assert_int_equal(l->e.detail, rows[i].detail);
		line_free(l);
	}
	memset(digits, '7', sizeof(digits));
	memcpy(digits, "+CME ERROR: ", 12);
	memcpy(digits + 412, "\r\n", 2);
	{
		struct answer answers[] = {
			{"", {digits, 414}, 0, 0, false},
			{NULL, BYTES(""), 0, 0, false},
		};
		struct line *l = line_new(answers);

		assert_failed(l, send(l, "AT", NULL, 300), ERR_REFUSED, "error 7777");
		assert_int_equal(l->e.detail, -1);
		line_free(l);
	}
}

/* faults.md B03, B16 */
static void nuls_and_noise_are_told_counted_and_survived(void **state)
{
	static const struct answer answers[] = {
		{"AT+CSQ", BYTES("\0\r\n+CSQ: \0,99\r\n\x1b]0;x\a\r\n\xff\xff\r\nO\0K\r\n\r\nOK\r\n"), 0, 0, false},
		{NULL, BYTES(""), 0, 0, false},
	};
	struct line *l = line_new(answers);

	(void)state;
	assert_int_equal(send(l, "AT+CSQ", "+CSQ:", 300), 0);
	assert_int_equal(l->reply.count, 1);
	assert_int_equal(l->reply.lines[0].size, 10);
	assert_memory_equal(l->reply.lines[0].data, "+CSQ: \0,99", 10);
	assert_int_equal(modem_garbage(l->modem), 5);
	modem_reset(l->modem);
	assert_int_equal(modem_garbage(l->modem), 0);
	line_free(l);
}

/* faults.md B01 */
static void an_answer_too_long_or_too_many_is_cut_and_says_so(void **state)
{
	char text[3 * AT_LINE_MAX], *at = text;
	struct answer answers[] = {
		{"AT+CGMR", {text, 0}, 0, 0, false},
		{NULL, BYTES(""), 0, 0, false},
	};
	struct line *l = line_new(answers);

	(void)state;
	for (int i = 0; i < REPLY_LINES + 4; i++)
		at += sprintf(at, "line %d\r\n", i);
	at += sprintf(at, "OK\r\n");
	answers[0].text.size = (size_t)(at - text);
	assert_int_equal(send(l, "AT+CGMR", "", 300), 0);
	assert_int_equal(l->reply.count, REPLY_LINES);
	assert_true(l->reply.cut);

	memset(text, 'x', AT_LINE_MAX + 500);
	memcpy(text + AT_LINE_MAX + 500, "\r\nmore\r\nOK\r\n", 13);
	answers[0].text.size = AT_LINE_MAX + 512;
	assert_int_equal(send(l, "AT+CGMR", "", 300), 0);
	assert_int_equal(l->reply.count, 1);
	assert_int_equal(l->reply.lines[0].size, AT_LINE_MAX);
	assert_true(l->reply.cut);
	line_free(l);
}

static void no_answer_is_told_at_the_deadline_and_not_later(void **state)
{
	static const struct {
		const char *says;	/* instead of an answer */
		int chatter_ms;
		const char *message;
	} rows[] = {
		{"", 0, "no answer to AT+CSQ within 1.5 s"},
		{"AT+CSQ\r", 0, "no answer to AT+CSQ within 1.5 s"},
		{"\r\n+CSQ: 26,99\r\n\r\nOK", 0, "within 1.5 s"},	/* faults.md B04: without its end */
		{"\r\nok\r\n", 0, "within 1.5 s"},
		{"\xff\xfe\r\n", 0, "only noise (wrong baud rate?)"},
		{"", 70, "within 1.5 s"},
		{"", 7, "within 1.5 s"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct answer answers[] = {
			{"AT+CSQ", {rows[i].says, strlen(rows[i].says)}, 0, 0, false},
			{NULL, BYTES(""), 0, 0, false},
		};
		struct line *l = line_new(answers);

		l->chatter_ms = rows[i].chatter_ms;
		assert_failed(l, send(l, "AT+CSQ", "+CSQ:", 1500), ERR_TIMEOUT, rows[i].message);
		assert_int_equal(l->now_ms, START_MS + 1500);
		assert_sent(l, "AT+CSQ\r");
		line_free(l);
	}
}

static void an_answer_counts_up_to_the_deadline(void **state)
{
	struct answer answers[] = {
		{"AT", BYTES("\r\nOK\r\n"), 270, 0, false},
		{"ATI", BYTES("\r\nERROR\r\n"), 0, 0, false},
		{NULL, BYTES(""), 0, 0, false},
	};
	struct line *l = line_new(answers);

	(void)state;
	assert_int_equal(send(l, "AT", NULL, 300), 0);
	answers[0].delay_ms = 290;	/* 20 ms went by before it was sent */
	assert_failed(l, send(l, "AT", NULL, 300), ERR_TIMEOUT, "no answer to AT");
	/* what came too late is no answer to the next one */
	assert_failed(l, send(l, "ATI", "", 300), ERR_REFUSED, "ATI");
	line_free(l);
}

/* A module that talks all the time must still be reached. */
static void chatter_does_not_keep_a_command_from_being_answered(void **state)
{
	static const struct answer answers[] = {
		{"AT", BYTES("\r\nOK\r\n"), 12, 0, false},
		{NULL, BYTES(""), 12, 0, false},
	};
	static const int timeouts[] = {300, 500, 5000};

	(void)state;
	for (size_t i = 0; i < COUNT(timeouts); i++) {
		struct line *l = line_new(answers);

		l->chatter_ms = 5;
		if (send(l, "AT", NULL, timeouts[i]) < 0)
			fail_msg("%d ms: %s", timeouts[i], l->e.text);
		line_free(l);
	}
}

static void a_failing_port_is_told_with_what_was_asked(void **state)
{
	static const struct {
		bool writing;
		enum err_code code;
		const char *message;
	} rows[] = {
		{false, ERR_GONE, "a fault"},
		{false, ERR_CANCELLED, "a fault"},
		{true, ERR_GONE, "sending AT+CSQ: a fault"},
		{true, ERR_PORT, "sending AT+CSQ: a fault"},
	};
	struct line *l;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		l = line_new(NULL);
		*(rows[i].writing ? &l->write_error : &l->read_error) = rows[i].code;
		assert_failed(l, send(l, "AT+CSQ", "+CSQ:", 300), rows[i].code, rows[i].message);
		line_free(l);
	}
	l = line_new(NULL);
	port_interrupt(l->port);
	assert_failed(l, send(l, "AT+CSQ", "+CSQ:", 300), ERR_CANCELLED, "cancelled");
	assert_sent(l, "");
	line_free(l);
}

/* faults.md A18 */
static void a_module_that_takes_nothing_is_told_at_the_deadline(void **state)
{
	struct line *l = line_new(NULL);

	(void)state;
	l->room = 0;
	assert_failed(l, send(l, "AT+CSQ", "+CSQ:", 700), ERR_TIMEOUT, "sending AT+CSQ: the module does not accept data (flow control)");
	assert_int_equal(l->now_ms, START_MS + 700);
	line_free(l);
}

static void a_command_too_long_is_not_sent(void **state)
{
	struct line *l = line_new(NULL);
	char text[AT_LINE_MAX + 1];

	(void)state;
	memset(text, 'A', AT_LINE_MAX);
	text[AT_LINE_MAX] = '\0';
	text[2] = '=';
	assert_failed(l, send(l, text, NULL, 300), ERR_USAGE, "AA: command too long");
	assert_sent(l, "");
	text[AT_LINE_MAX - 2] = '\0';
	assert_failed(l, send(l, text, NULL, 300), ERR_TIMEOUT, "AA");
	assert_int_equal(l->sent_size, AT_LINE_MAX - 1);
	line_free(l);
}

/* The parameters may hold a password. */
static void errors_name_a_command_without_its_parameters(void **state)
{
	static const struct answer answers[] = {
		{"", BYTES("\r\n+CME ERROR: 3\r\n"), 0, 2, false},
		{NULL, BYTES(""), 0, 0, false},
	};
	const char *secret = "AT+QFOTADL=\"ftp://joe:pA55@h/f\"";
	struct line *l = line_new(answers);

	(void)state;
	assert_failed(l, send(l, secret, NULL, 300), ERR_TIMEOUT, "AT+QFOTADL");
	assert_null(strstr(l->e.text, "pA55"));
	assert_failed(l, send(l, secret, NULL, 300), ERR_REFUSED, "AT+QFOTADL");
	assert_null(strstr(l->e.text, "pA55"));
	l->write_error = ERR_GONE;
	assert_failed(l, send(l, secret, NULL, 300), ERR_GONE, "AT+QFOTADL");
	assert_null(strstr(l->e.text, "pA55"));
	line_free(l);
}

/* A command that a person typed may end like a result. */
static void a_result_is_no_echo(void **state)
{
	static const struct answer answers[] = {
		{"", BYTES("\r\nOK\r\n"), 0, 0, false},
		{NULL, BYTES(""), 0, 0, false},
	};
	struct line *l = line_new(answers);

	(void)state;
	l->echo = ECHO_ON;
	assert_int_equal(send(l, "AT+QCFG=OK", NULL, 300), 0);
	line_free(l);
}

static void lines_are_told_while_watching_and_nothing_is_sent(void **state)
{
	struct line *l = line_new(NULL);
	struct slice line;

	(void)state;
	assert_int_equal(modem_last_rx_ms(l->modem), 0);
	say_text(l, "\r\n+QIND: \"FOTA\",\"START\"\r\nhalf", 250);
	assert_int_equal(modem_next_line(l->modem, &line, START_MS + 200, &l->e), 0);
	assert_int_equal(l->now_ms, START_MS + 200);
	assert_int_equal(modem_next_line(l->modem, &line, START_MS + 900, &l->e), 1);
	assert_true(slice_is(line, "+QIND: \"FOTA\",\"START\""));
	assert_int_equal(l->now_ms, START_MS + 250);
	assert_int_equal(modem_last_rx_ms(l->modem), START_MS + 250);
	assert_int_equal(modem_next_line(l->modem, &line, START_MS + 900, &l->e), 0);
	/* the port was closed and opened: the half line belongs to nothing */
	modem_reset(l->modem);
	say_text(l, "RDY\r\n", 0);
	assert_int_equal(modem_next_line(l->modem, &line, l->now_ms, &l->e), 1);
	assert_true(slice_is(line, "RDY"));
	l->read_error = ERR_GONE;
	assert_failed(l, modem_next_line(l->modem, &line, l->now_ms + 50, &l->e), ERR_GONE, "");
	assert_string_equal(l->told, "* +QIND: \"FOTA\",\"START\"\n* RDY\n");
	assert_sent(l, "");
	line_free(l);
}

/* --- data mode ---------------------------------------------------------- */

#define COM "AT+QFOTADL=\"COM:\",5000,60"

/* protocol.md 2.1, faults.md C06 */
static void only_the_gate_opens_data_mode(void **state)
{
	static const struct {
		const char *before, *says, *gate;
		int result;
		bool bare_ok;
		int detail;	/* of a refusal */
	} rows[] = {
		{"", "\r\nCONNECT\r\n", "CONNECT", 1, false, 0},
		{"", "CONNECT\r", "CONNECT", 1, false, 0},
		{"", COM "\r\r\nCONNECT\r\n", "CONNECT", 1, false, 0},
		{"", "\r\n+CREG: 1\r\n\r\nCONNECT\r\n", "CONNECT", 1, false, 0},
		{"", "\r\n CONNECT \r\n", "CONNECT", 1, false, 0},
		{"", "\r\nOK\r\n\r\nCONNECT\r\n", "CONNECT", 1, true, 0},
		{"", "\r\nOK\r\n\r\n+QIND: \"FOTA\",\"FILESTART\"\r\n", "+QIND: \"FOTA\",\"FILESTART\"", 1, true, 0},
		{"", "\r\nCONNECT\r\n", "+QIND: \"FOTA\",\"FILESTART\"", 0, false, 0},
		{"", "", "CONNECT", 0, false, 0},
		{"", "\r\nOK\r\n", "CONNECT", 0, true, 0},
		{"", "\r\nOK\r\n\r\n+QIND: \"FOTA\",\"HTTPSTART\"\r\n", "CONNECT", 0, true, 0},
		{"", "\r\n+QIND: \"FOTA\",\"START\"\r\n", "CONNECT", 0, false, 0},
		{"", "\r\nCONNECTED\r\nconnect\r\nNO CARRIER\r\n>\r\n", "CONNECT", 0, false, 0},
		{"", "\r\nCONNECT", "CONNECT", 0, false, 0},
		{"", COM "\r\r\nERROR\r\n", "CONNECT", -1, false, -1},
		{"", "\r\n+CME ERROR: 4\r\n", "CONNECT", -1, false, 4},
		{"", "\r\nOK\r\n\r\nERROR\r\n", "CONNECT", -1, true, -1},
		{"", "\r\n+CME ERROR: 4\r\n\r\nCONNECT\r\n", "CONNECT", -1, false, 4},
		{"\r\nCONNECT\r\n", "", "CONNECT", 0, false, 0},
		{"\r\nERROR\r\nOK\r\n", "\r\nCONNECT\r\n", "CONNECT", 1, false, 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		for (int bytewise = 0; bytewise < 2; bytewise++) {
			struct answer answers[] = {
				{COM, {rows[i].says, strlen(rows[i].says)}, 0, 0, false},
				{NULL, BYTES(""), 0, 0, false},
			};
			struct line *l = line_new(answers);
			bool bare_ok = false;
			int r;

			l->read_max = bytewise ? 1 : 0;
			say_text(l, rows[i].before, 0);
			r = modem_enter_data(l->modem, COM, rows[i].gate, START_MS + 10000, &bare_ok, &l->e);
			if (r != rows[i].result || bare_ok != rows[i].bare_ok)
				fail_msg("row %zu: %d, bare OK %d, %s", i, r, bare_ok, l->told);
			if (r == 0)
				assert_int_equal(l->now_ms, START_MS + 10000);
			if (r < 0)
				assert_failed(l, r, ERR_REFUSED, "AT+QFOTADL was refused");
			if (r < 0)
				assert_int_equal(l->e.detail, rows[i].detail);
			assert_sent(l, COM "\r");
			line_free(l);
		}
}

static void waiting_for_the_gate_goes_on_without_a_second_command(void **state)
{
	static const struct answer answers[] = {
		{COM, BYTES("\r\nCONNECT\r\n"), 12000, 0, true},
		{NULL, BYTES(""), 0, 0, false},
	};
	struct line *l = line_new(answers);
	bool bare_ok = false;

	(void)state;
	assert_int_equal(modem_enter_data(l->modem, COM, "CONNECT", START_MS + 10000, &bare_ok, &l->e), 0);
	assert_int_equal(modem_enter_data(l->modem, NULL, "CONNECT", START_MS + 30000, &bare_ok, &l->e), 1);
	assert_false(bare_ok);
	assert_sent(l, COM "\r");
	line_free(l);
}

static void a_failing_port_is_told_at_the_gate(void **state)
{
	struct line *l = line_new(NULL);
	bool bare_ok = false;

	(void)state;
	l->read_error = ERR_GONE;
	assert_failed(l, modem_enter_data(l->modem, COM, "CONNECT", START_MS + 10000, &bare_ok, &l->e), ERR_GONE, "");
	assert_sent(l, "");
	line_free(l);
}

static const char package[5000];

/* In data mode, behind the gate. */
static struct line *in_data_mode(struct slice glued)
{
	static char text[512];
	static struct answer answers[] = {
		{COM, {text, 0}, 0, 0, true},
		{"AT", BYTES("\r\nOK\r\n"), 0, 0, false},
		{NULL, BYTES(""), 0, 0, false},
	};
	struct line *l = line_new(answers);
	bool bare_ok = false;

	memcpy(text, "\r\nCONNECT\r\n", 11);
	memcpy(text + 11, glued.data, glued.size);
	answers[0].text.size = 11 + glued.size;
	assert_int_equal(modem_enter_data(l->modem, COM, "CONNECT", START_MS + 10000, &bare_ok, &l->e), 1);
	l->sent_size = l->command_at = 0;
	return l;
}

static void data_goes_out_whole(void **state)
{
	struct line *l = in_data_mode((struct slice)BYTES(""));
	size_t sent;

	(void)state;
	assert_int_equal(modem_write_data(l->modem, package, sizeof(package), 10000, &sent, &l->e), 0);
	assert_int_equal(sent, sizeof(package));
	assert_int_equal(l->sent_size, sizeof(package));
	assert_memory_equal(l->sent, package, sizeof(package));
	line_free(l);
}

/* What stood behind the gate in the same read was said in data mode. */
static void what_is_glued_to_the_gate_counts(void **state)
{
	static const struct {
		struct slice glued;
		bool ends;
	} rows[] = {
		{BYTES("\n"), false},
		{BYTES("A"), false},
		{BYTES("AAAA\r\n"), false},
		{BYTES("\r\n+CREG: 1\r\n"), false},
		{BYTES("\xff\0\r\n"), false},
		{BYTES("\r\nOK"), false},
		{BYTES("\r\nOK\r\n"), true},
		{BYTES("\r\nERROR\r\n"), true},
		{BYTES("\r\n+CME ERROR: 421\r\n"), true},
		{BYTES("A\r\nNO CARRIER\r\n"), true},
		{BYTES("\r\n+QIND: \"FOTA\",\"END\",504\r\n"), true},
		{BYTES("\r\n+QFOTADL: 0\r\n"), true},
		{BYTES("\r\nRDY\r\n"), true},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct line *l = in_data_mode(rows[i].glued);
		size_t sent;
		int r = modem_write_data(l->modem, package, sizeof(package), 10000, &sent, &l->e);

		if (r != (rows[i].ends ? -1 : 0))
			fail_msg("row %zu: %d, %zu sent\n%s", i, r, sent, l->told);
		assert_int_equal(sent, rows[i].ends ? 0 : sizeof(package));
		if (r < 0)
			assert_failed(l, r, ERR_REFUSED, "the module stopped taking data: ");
		assert_int_equal(l->sent_size, sent);
		line_free(l);
	}
}

static void data_stops_when_the_module_leaves_data_mode(void **state)
{
	static const struct {
		struct slice says;
		int detail;
	} rows[] = {
		{BYTES("\r\nERROR\r\n"), -1},
		{BYTES("\r\n+CME ERROR: 421\r\n"), 421},
		{BYTES("\r\nOK\r\n"), -1},
		{BYTES("\r\nNO CARRIER\r\n"), -1},
		{BYTES("\r\n+QIND: \"FOTA\",\"END\",511\r\n"), -1},
		{BYTES("\r\nRDY\r\n"), -1},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct line *l = in_data_mode((struct slice)BYTES(""));
		size_t sent, all = 0;
		int r = 0;

		l->leave = rows[i].says;
		l->leave_at = 2500;
		while (r == 0 && all < sizeof(package)) {
			r = modem_write_data(l->modem, package, 1000, 10000, &sent, &l->e);
			all += sent;
		}
		assert_failed(l, r, ERR_REFUSED, "the module stopped taking data");
		assert_int_equal(l->e.detail, rows[i].detail);
		assert_int_equal(all, 3000);	/* the write under way, none after it */
		assert_int_equal(l->sent_size, 3000);
		line_free(l);
	}
}

/* The answer to the last byte belongs to whoever watches then. */
static void what_answers_the_last_byte_is_left_to_be_read(void **state)
{
	struct line *l = in_data_mode((struct slice)BYTES(""));
	struct slice line;
	size_t sent;

	(void)state;
	l->leave = (struct slice)BYTES("\r\nOK\r\n\r\n+QIND: \"FOTA\",\"START\"\r\n");
	l->leave_at = sizeof(package);
	if (modem_write_data(l->modem, package, sizeof(package), 10000, &sent, &l->e) < 0)
		fail_msg("%s", l->e.text);
	assert_int_equal(modem_next_line(l->modem, &line, l->now_ms + 100, &l->e), 1);
	assert_true(slice_is(line, "OK"));
	assert_int_equal(modem_next_line(l->modem, &line, l->now_ms + 100, &l->e), 1);
	assert_true(slice_is(line, "+QIND: \"FOTA\",\"START\""));
	line_free(l);
}

static void a_stall_ends_the_transfer_and_counts_what_went_out(void **state)
{
	struct line *l = in_data_mode((struct slice)BYTES(""));
	int64_t begun = l->now_ms;
	size_t sent;

	(void)state;
	l->room = 1234;
	assert_failed(l, modem_write_data(l->modem, package, sizeof(package), 10000, &sent, &l->e),
		      ERR_TIMEOUT, "the module has taken no data for 10 s (flow control)");
	assert_int_equal(sent, 1234);
	assert_int_equal(l->now_ms, begun + 10000);
	/* talking is no taking */
	l->chatter_ms = 100;
	begun = l->now_ms;
	assert_failed(l, modem_write_data(l->modem, package, 10, 5000, &sent, &l->e), ERR_TIMEOUT, "for 5 s");
	assert_int_equal(sent, 0);
	assert_int_equal(l->now_ms, begun + 5000);
	line_free(l);
}

static void a_failing_port_is_told_in_data_mode(void **state)
{
	static const enum err_code codes[] = {ERR_GONE, ERR_CANCELLED, ERR_PORT};
	size_t sent;

	(void)state;
	for (size_t i = 0; i < COUNT(codes); i++)
		for (int writing = 0; writing < 2; writing++) {
			struct line *l = in_data_mode((struct slice)BYTES(""));

			*(writing ? &l->write_error : &l->read_error) = codes[i];
			assert_failed(l, modem_write_data(l->modem, package, sizeof(package), 10000, &sent, &l->e), codes[i], "a fault");
			assert_int_equal(sent, l->sent_size);
			line_free(l);
		}
}

/* protocol.md 2.2: 1 s of silence, "+++", 1 s of silence, OK. */
static void leaving_data_mode_waits_for_the_word_of_the_module(void **state)
{
	static const struct {
		int says_ms;		/* after the last data */
		const char *says;
		const char *sent;
		int result;
	} rows[] = {
		{2200, "\r\nOK\r\n", "+++", 0},
		{2200, "\r\nNO CARRIER\r\n", "+++", 0},
		{5900, "\r\nOK\r\n", "+++", 0},
		{2200, "\r\n+CREG: 1\r\n", "+++", -1},
		{6100, "\r\nOK\r\n", "+++", -1},
		/* its own time-out: no "+++" to the command parser */
		{500, "\r\nERROR\r\n", "", 0},
		{500, "\r\n+QIND: \"FOTA\",\"END\",511\r\n", "", 0},
		{500, "\r\n+CREG: 1\r\n", "+++", -1},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct line *l = in_data_mode((struct slice)BYTES(""));
		size_t sent;
		int r;

		assert_int_equal(modem_write_data(l->modem, package, 100, 10000, &sent, &l->e), 0);
		say_text(l, rows[i].says, rows[i].says_ms);
		r = modem_escape_data(l->modem, l->now_ms + 6000, &l->e);
		if (r != rows[i].result)
			fail_msg("row %zu: %d, %s\n%s", i, r, l->e.text, l->told);
		if (r < 0)
			assert_failed(l, r, ERR_TIMEOUT, "+++");
		if (r < 0)
			assert_int_equal(l->now_ms, l->sent_ms[99] + 6000);
		assert_int_equal(l->sent_size, 100 + strlen(rows[i].sent));
		assert_memory_equal(l->sent + 100, rows[i].sent, strlen(rows[i].sent));
		if (rows[i].sent[0])
			assert_true(l->sent_ms[100] - l->sent_ms[99] >= 1000);
		assert_int_equal(l->sent_ms[102], rows[i].sent[0] ? l->sent_ms[100] : 0);
		line_free(l);
	}
}

/* --- finding the module ------------------------------------------------- */

static void sync_needs_no_more_than_an_ok(void **state)
{
	static const struct answer answers[] = {
		{"AT", BYTES("\r\nERROR\r\n"), 0, 1, false},
		{"AT", BYTES(""), 0, 2, false},
		{"AT", BYTES("\r\nRDY\r\n\r\nOK\r\n"), 0, 0, false},
		{NULL, BYTES(""), 0, 0, false},
	};
	struct line *l = line_new(answers);
	int baud = 115200;

	(void)state;
	assert_int_equal(modem_sync(l->modem, true, &baud, START_MS + 10000, &l->e), 0);
	assert_int_equal(baud, 115200);
	assert_sent(l, "AT\rAT\rAT\r");
	line_free(l);
}

/* faults.md A23, A29 */
static void sync_finds_the_rate_when_it_may(void **state)
{
	static const struct answer answers[] = {
		{"AT", BYTES("\r\nOK\r\n"), 0, 0, false},
		{NULL, BYTES(""), 0, 0, false},
	};
	static const int rates[] = {9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600};

	(void)state;
	for (size_t i = 0; i < COUNT(rates); i++) {
		struct line *l = line_new(answers);
		int baud = 115200, r;

		l->baud = rates[i];
		r = modem_sync(l->modem, true, &baud, START_MS + 10000, &l->e);
		if (r < 0)
			fail_msg("%d: %s", rates[i], l->e.text);
		assert_int_equal(baud, rates[i]);
		assert_int_equal(l->port->baud, rates[i]);
		line_free(l);

		l = line_new(answers);
		l->baud = rates[i];
		baud = 115200;
		r = modem_sync(l->modem, false, &baud, START_MS + 10000, &l->e);
		if (rates[i] != 115200)
			assert_failed(l, r, ERR_MODULE, "only noise on the line, no answer to AT: wrong baud rate?");
		assert_int_equal(baud, 115200);
		assert_int_equal(l->port->baud, 115200);
		line_free(l);
	}
}

static void sync_gives_up_at_the_deadline_at_the_rate_it_was_given(void **state)
{
	static const struct {
		bool try_rates;
		int baud;
		const char *message;
	} rows[] = {
		{false, 0, "no answer to AT"},
		{true, 0, "no answer to AT at any usual baud rate"},
		{true, 300, "only noise on the line, no answer to AT at any usual baud rate"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct line *l = line_new(NULL);
		int baud = 115200;

		l->baud = rows[i].baud;
		assert_failed(l, modem_sync(l->modem, rows[i].try_rates, &baud, START_MS + 10000, &l->e), ERR_MODULE, rows[i].message);
		assert_in_range(l->now_ms, START_MS + 10000, START_MS + 10500);
		assert_int_equal(baud, 115200);
		assert_int_equal(l->port->baud, 115200);
		for (size_t at = 0; at + 3 <= l->sent_size; at += 3)
			assert_memory_equal(l->sent + at, "AT\r", 3);
		line_free(l);
	}
}

static void sync_ends_at_once_when_the_port_fails(void **state)
{
	static const enum err_code codes[] = {ERR_GONE, ERR_CANCELLED};

	(void)state;
	for (size_t i = 0; i < COUNT(codes); i++) {
		struct line *l = line_new(NULL);
		int baud = 115200;

		l->read_error = codes[i];
		assert_failed(l, modem_sync(l->modem, true, &baud, START_MS + 10000, &l->e), codes[i], "a fault");
		assert_int_equal(l->now_ms, START_MS);
		line_free(l);
	}
}

/* A module that boots, or one that never stops talking, is reached in time. */
static void sync_reaches_a_module_that_talks(void **state)
{
	static const struct answer answers[] = {
		{"AT", BYTES("\r\nOK\r\n"), 12, 0, false},
		{NULL, BYTES(""), 12, 0, false},
	};
	struct line *l = line_new(answers);
	int baud = 115200;

	(void)state;
	l->chatter_ms = 10;
	if (modem_sync(l->modem, false, &baud, START_MS + 10000, &l->e) < 0)
		fail_msg("%s", l->e.text);
	line_free(l);
}

#define MODES {"ATE0", BYTES("\r\nOK\r\n"), 0, 0, false}, \
	{"ATV1", BYTES("\r\nOK\r\n"), 0, 0, false}, \
	{"AT+CMEE=1", BYTES("\r\nOK\r\n"), 0, 0, false}
#define UG96_ATI "\r\nQuectel\r\nUG96\r\nRevision: UG96LNAR02A06E1G\r\n\r\nOK\r\n"
#define UG96_CGMR "\r\nUG96LNAR02A06E1G\r\n\r\nOK\r\n"
#define UG96_GSN "\r\n490154203237518\r\n\r\nOK\r\n"

static const struct answer ug96[] = {
	MODES,
	{"ATI", BYTES(UG96_ATI), 0, 0, false},
	{"AT+CGMR", BYTES(UG96_CGMR), 0, 0, false},
	{"AT+GSN", BYTES(UG96_GSN), 0, 0, false},
	{NULL, BYTES(""), 0, 0, false},
};

static void assert_identity(const struct line *l, const struct identity *id, const char *maker,
			    const char *model, const char *version, const char *imei)
{
	if (strcmp(id->maker, maker) != 0 || strcmp(id->model, model) != 0 ||
	    strcmp(id->version, version) != 0 || strcmp(id->imei, imei) != 0)
		fail_msg("maker \"%s\", model \"%s\", version \"%s\", IMEI \"%s\"\n%s",
			 id->maker, id->model, id->version, id->imei, l->told);
}

/* faults.md B06 */
static void echo_of_any_kind_does_not_change_the_identity(void **state)
{
	(void)state;
	for (enum echo kind = ECHO_OFF; kind <= ECHO_WITH_LINE_ENDS; kind++)
		for (size_t read_max = 0; read_max < 3; read_max++) {
			struct line *l = line_new(ug96);
			struct identity id = {.port = "kept"};

			l->echo = kind;
			l->read_max = read_max;
			if (modem_identify(l->modem, &id, &l->e) < 0)
				fail_msg("echo %d: %s\n%s", kind, l->e.text, l->told);
			assert_identity(l, &id, "Quectel", "UG96", "UG96LNAR02A06E1G", "490154203237518");
			assert_string_equal(id.port, "kept");
			assert_sent(l, "ATE0\rATV1\rAT+CMEE=1\rATI\rAT+CGMR\rAT+GSN\r");
			line_free(l);
		}
}

static void what_a_module_does_not_tell_stays_empty(void **state)
{
	static const struct {
		const char *ati, *cgmr, *gsn;
		const char *maker, *model, *version, *imei;
	} rows[] = {
		{UG96_ATI, UG96_CGMR, UG96_GSN, "Quectel", "UG96", "UG96LNAR02A06E1G", "490154203237518"},
		/* older: protocol.md 7 */
		{"\r\nQuectel_Ltd\r\nUG95\r\nRevision: UG95A\r\n\r\nOK\r\n", "\r\nRevision: UG95B\r\n\r\nOK\r\n", UG96_GSN,
		 "Quectel_Ltd", "UG95", "UG95B", "490154203237518"},
		{UG96_ATI, "\r\nERROR\r\n", UG96_GSN, "Quectel", "UG96", "UG96LNAR02A06E1G", "490154203237518"},
		{UG96_ATI, "\r\n+CME ERROR: 4\r\n", "\r\nERROR\r\n", "Quectel", "UG96", "UG96LNAR02A06E1G", ""},
		{"\r\nERROR\r\n", UG96_CGMR, UG96_GSN, "", "", "UG96LNAR02A06E1G", "490154203237518"},
		{"\r\nOK\r\n", "\r\nOK\r\n", "\r\nOK\r\n", "", "", "", ""},
		{UG96_ATI, UG96_CGMR, "\r\n49015420323751\r\n4901542032375180\r\n49015420323751A\r\nOK\r\n", "Quectel", "UG96", "UG96LNAR02A06E1G", ""},
		{UG96_ATI, UG96_CGMR, "\r\n+CREG: 1\r\n 490154203237518 \r\nOK\r\n", "Quectel", "UG96", "UG96LNAR02A06E1G", "490154203237518"},
		{"\r\n \r\nQuectel\r\n  UG96  \r\nRevision:\r\n\r\nOK\r\n", "\r\n  UG96LNAR02A06E1G  \r\n   \r\nOK\r\n", UG96_GSN,
		 "Quectel", "UG96", "UG96LNAR02A06E1G", "490154203237518"},
		/* lines that no module prints there */
		{"\r\nQuectel\r\nUG96\x1b[2J\r\nUG96\r\nOK\r\n", "\r\n\xe2\x80\xaeUG96\r\nUG96LNAR02A06E1G\r\nOK\r\n", UG96_GSN,
		 "Quectel", "UG96", "UG96LNAR02A06E1G", "490154203237518"},
		{"\r\nQuectel\r\nUG96\r\nOK\r\n", "\r\n/../../etc/passwd\r\nOK\r\n", UG96_GSN, "Quectel", "UG96", "/../../etc/passwd", "490154203237518"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct answer answers[] = {
			MODES,
			{"ATI", {rows[i].ati, strlen(rows[i].ati)}, 0, 0, false},
			{"AT+CGMR", {rows[i].cgmr, strlen(rows[i].cgmr)}, 0, 0, false},
			{"AT+GSN", {rows[i].gsn, strlen(rows[i].gsn)}, 0, 0, false},
			{NULL, BYTES(""), 0, 0, false},
		};
		struct line *l = line_new(answers);
		struct identity id = {.version = "old", .imei = "old", .model = "old", .maker = "old"};

		if (modem_identify(l->modem, &id, &l->e) < 0)
			fail_msg("row %zu: %s\n%s", i, l->e.text, l->told);
		assert_identity(l, &id, rows[i].maker, rows[i].model, rows[i].version, rows[i].imei);
		line_free(l);
	}
}

/* faults.md B19 */
static void an_over_long_version_is_refused(void **state)
{
	static const size_t sizes[] = {VERSION_SIZE - 1, VERSION_SIZE, AT_LINE_MAX, 65536 - 100};
	char *text = malloc(65536);
	struct answer answers[] = {
		MODES,
		{"ATI", BYTES("\r\nQuectel\r\nUG96\r\nOK\r\n"), 0, 0, false},
		{"AT+CGMR", {text, 0}, 0, 0, false},
		{"AT+GSN", BYTES(UG96_GSN), 0, 0, false},
		{NULL, BYTES(""), 0, 0, false},
	};

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < COUNT(sizes); i++) {
		struct line *l = line_new(answers);
		struct identity id = {0};
		int r;

		memset(text, 'V', sizes[i]);
		memcpy(text + sizes[i], "\r\nOK\r\n", 6);
		l->answers = (struct answer[]){
			answers[0], answers[1], answers[2], answers[3],
			{"AT+CGMR", {text, sizes[i] + 6}, 0, 0, false},
			answers[5], answers[6],
		};
		r = modem_identify(l->modem, &id, &l->e);
		if (sizes[i] < VERSION_SIZE)
			assert_int_equal(strlen(id.version), sizes[i]);
		else
			assert_failed(l, r, ERR_MODULE, "the firmware version is");
		line_free(l);
	}
	free(text);
}

static void a_lost_answer_is_asked_for_once_more(void **state)
{
	static const struct answer answers[] = {
		{"AT+CGMR", BYTES("\r\nUG96LNAR02A06E1G"), 0, 1, false},
		{"AT+GSN", BYTES(""), 0, 0, false},
		MODES,
		{"ATI", BYTES(UG96_ATI), 0, 0, false},
		{"AT+CGMR", BYTES(UG96_CGMR), 0, 0, false},
		{NULL, BYTES(""), 0, 0, false},
	};
	struct line *l = line_new(answers);
	struct identity id = {0};

	(void)state;
	assert_failed(l, modem_identify(l->modem, &id, &l->e), ERR_TIMEOUT, "asking for the IMEI: no answer to AT+GSN within 5.0 s");
	assert_sent(l, "ATE0\rATV1\rAT+CMEE=1\rATI\rAT+CGMR\rAT+CGMR\rAT+GSN\rAT+GSN\r");
	assert_string_equal(id.version, "UG96LNAR02A06E1G");
	line_free(l);
}

static void a_module_that_knows_no_modes_is_identified(void **state)
{
	static const struct answer answers[] = {
		{"ATE0", BYTES("\r\nERROR\r\n"), 0, 0, false},
		{"ATV1", BYTES("\r\nERROR\r\n"), 0, 0, false},
		{"AT+CMEE=1", BYTES("\r\n+CME ERROR: operation not supported\r\n"), 0, 0, false},
		{"ATI", BYTES(UG96_ATI), 0, 0, false},
		{"AT+CGMR", BYTES(UG96_CGMR), 0, 0, false},
		{"AT+GSN", BYTES(UG96_GSN), 0, 0, false},
		{NULL, BYTES(""), 0, 0, false},
	};
	struct line *l = line_new(answers);
	struct identity id = {0};

	(void)state;
	l->echo = ECHO_ON;
	assert_int_equal(modem_identify(l->modem, &id, &l->e), 0);
	assert_identity(l, &id, "Quectel", "UG96", "UG96LNAR02A06E1G", "490154203237518");
	line_free(l);
}

/* A cdc_acm tty NAME of the USB device at PLACE, in sysfs of the world. */
static void plug(const struct world *w, const char *place, int interface, const char *name)
{
	char path[256], text[256];

	snprintf(path, sizeof(path), "sys/devices/usb1/%s/%s:1.%d/tty/%s", place, place, interface, name);
	make_dir(w, path);
	snprintf(path, sizeof(path), "sys/devices/usb1/%s/%s:1.%d/bInterfaceNumber", place, place, interface);
	snprintf(text, sizeof(text), "%02x\n", (unsigned)interface);
	make_file(w, path, text);
	snprintf(path, sizeof(path), "sys/devices/usb1/%s/idVendor", place);
	make_file(w, path, "1519\n");
	snprintf(path, sizeof(path), "sys/devices/usb1/%s/idProduct", place);
	make_file(w, path, "0020\n");
	snprintf(path, sizeof(path), "sys/class/tty/%s", name);
	make_dir(w, path);
	snprintf(path, sizeof(path), "sys/class/tty/%s/device", name);
	snprintf(text, sizeof(text), "../../../devices/usb1/%s/%s:1.%d", place, place, interface);
	make_link(w, path, text);
}

/* faults.md A19, A20 */
static void a_usb_module_is_found_by_its_place_and_not_by_its_name(void **state)
{
	struct world *w = *state;
	struct port_info was = {.usb_vid = 0x1519, .usb_pid = 0x20, .usb_interface = 6};
	char out[FILE_SIZE] = "", expected[FILE_SIZE];

	make_dir(w, "sys/class/tty");
	snprintf(was.path, sizeof(was.path), "/dev/ttyACM3");
	snprintf(was.usb_path, sizeof(was.usb_path), "1-1.2");
	assert_false(modem_find(&w->fake, &was, "/dev/ttyACM3", out, sizeof(out)));
	/* another module has the name now */
	plug(w, "1-1.3", 6, "ttyACM3");
	plug(w, "1-1.2", 0, "ttyACM7");
	assert_false(modem_find(&w->fake, &was, "/dev/ttyACM3", out, sizeof(out)));
	plug(w, "1-1.2", 6, "ttyACM10");
	assert_true(modem_find(&w->fake, &was, "/dev/ttyACM3", out, sizeof(out)));
	snprintf(expected, sizeof(expected), "%s/ttyACM10", w->dev);
	assert_string_equal(out, expected);
}

static void what_is_not_on_usb_is_where_it_was(void **state)
{
	struct world *w = *state;
	struct port_info was = {.usb_vid = -1, .usb_pid = -1, .usb_interface = -1};
	char out[FILE_SIZE];

	assert_true(modem_find(&w->fake, &was, "tcp:192.0.2.1:2000", out, sizeof(out)));
	assert_string_equal(out, "tcp:192.0.2.1:2000");
}

#define WITH_WORLD(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_is_what_has_the_prefix),
		cmocka_unit_test(an_answer_without_a_prefix_leaves_urcs_out),
		cmocka_unit_test(every_split_gives_the_same_reply),
		cmocka_unit_test(a_stray_result_answers_no_command),
		cmocka_unit_test(a_result_from_before_the_command_is_told_and_ignored),
		cmocka_unit_test(error_numbers_are_read_with_care),
		cmocka_unit_test(nuls_and_noise_are_told_counted_and_survived),
		cmocka_unit_test(an_answer_too_long_or_too_many_is_cut_and_says_so),
		cmocka_unit_test(no_answer_is_told_at_the_deadline_and_not_later),
		cmocka_unit_test(an_answer_counts_up_to_the_deadline),
		cmocka_unit_test(chatter_does_not_keep_a_command_from_being_answered),
		cmocka_unit_test(a_failing_port_is_told_with_what_was_asked),
		cmocka_unit_test(a_module_that_takes_nothing_is_told_at_the_deadline),
		cmocka_unit_test(a_command_too_long_is_not_sent),
		cmocka_unit_test(errors_name_a_command_without_its_parameters),
		cmocka_unit_test(a_result_is_no_echo),
		cmocka_unit_test(lines_are_told_while_watching_and_nothing_is_sent),
		cmocka_unit_test(only_the_gate_opens_data_mode),
		cmocka_unit_test(waiting_for_the_gate_goes_on_without_a_second_command),
		cmocka_unit_test(a_failing_port_is_told_at_the_gate),
		cmocka_unit_test(data_goes_out_whole),
		cmocka_unit_test(what_is_glued_to_the_gate_counts),
		cmocka_unit_test(data_stops_when_the_module_leaves_data_mode),
		cmocka_unit_test(what_answers_the_last_byte_is_left_to_be_read),
		cmocka_unit_test(a_stall_ends_the_transfer_and_counts_what_went_out),
		cmocka_unit_test(a_failing_port_is_told_in_data_mode),
		cmocka_unit_test(leaving_data_mode_waits_for_the_word_of_the_module),
		cmocka_unit_test(sync_needs_no_more_than_an_ok),
		cmocka_unit_test(sync_finds_the_rate_when_it_may),
		cmocka_unit_test(sync_gives_up_at_the_deadline_at_the_rate_it_was_given),
		cmocka_unit_test(sync_ends_at_once_when_the_port_fails),
		cmocka_unit_test(sync_reaches_a_module_that_talks),
		cmocka_unit_test(echo_of_any_kind_does_not_change_the_identity),
		cmocka_unit_test(what_a_module_does_not_tell_stays_empty),
		cmocka_unit_test(an_over_long_version_is_refused),
		cmocka_unit_test(a_lost_answer_is_asked_for_once_more),
		cmocka_unit_test(a_module_that_knows_no_modes_is_identified),
		WITH_WORLD(a_usb_module_is_found_by_its_place_and_not_by_its_name),
		WITH_WORLD(what_is_not_on_usb_is_where_it_was),
	};

	return cmocka_run_group_tests_name("modem", tests, NULL, NULL);
}

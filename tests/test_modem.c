/* A command and its answer. */
#include "config.h"

#include "modem_fixture.h"
#include "words.h"

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
	assert_string_equal(l->seen, "> AT+CSQ\n* +CREG: 1\n< +CSQ: 26,99\n* RING\n< OK\n");
	assert_int_equal(send(l, "AT+CSQ", NULL, 300), 0);
	assert_int_equal(l->reply.count, 0);
	assert_int_equal(modem_last_rx_ms(l->modem), l->now_ms);
	assert_sent(l, "AT+CSQ\rAT+CSQ\r");
	line_free(l);
}

static bool is_of_ug96(struct slice line)
{
	return slice_begins(line, "UG96LNA");
}

/* Whatever comes unasked does not look like an answer without a prefix: that
 * is known by its form. */
static void an_answer_without_a_prefix_leaves_urcs_out(void **state)
{
	static const char *const urcs[] = {
		"+QIND: SMS DONE", "+CFUN: 1", "^MODE: 5", "RDY", "RING", "SYSSTART",
		"NORMAL POWER DOWN", "POWERED DOWN", "Call Ready", "SMS Ready",
		"\xff\xfe\x80", "\x1b[2J", "CONNECT", "NO CARRIER", "   ",
		"APP RDY", "AT+CGNR", "BOOTING", "+QUSIM: 1", "SMS DONE", "0",
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
		assert_int_equal(send_fitting(l, "AT+CGMR", "", is_of_ug96), 0);
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
		assert_string_equal(l->seen,
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
		const char *late;	/* what comes after it, */
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
		assert_non_null(strstr(l->seen, "* "));
		line_free(l);
	}
}

static void a_result_from_before_the_command_is_told_and_ignored(void **state)
{
	struct line *l = line_new(NULL);

	(void)state;
	say_text(l, "\r\nOK\r\n\r\n+CSQ: 31,0\r\n\r\nOK\r\n", 0);
	assert_failed(l, send(l, "AT+CSQ", "+CSQ:", 300), ERR_TIMEOUT, "no answer to AT+CSQ within 0.3 s");
	assert_string_equal(l->seen, "* OK\n* +CSQ: 31,0\n* OK\n> AT+CSQ\n");
	line_free(l);
}

/* An OK without a line where there can be one: whose it is shows AT+CMEE?, which nothing
 * else answers so; where that is not known, the same answer again. */
static void an_ok_alone_is_believed_only_when_it_is_its_own(void **state)
{
	static const struct row {
		const char *answer;	/* to the question, after 200 ms */
		const char *stray;	/* what comes before it of its own accord */
		int every_ms, times;
		bool knows_step;
		enum err_code code;	/* ERR_NONE: an OK */
		const char *line;	/* of it */
	} rows[] = {
		{"\r\nOK\r\n", "", 0, 0, true, ERR_NONE, NULL},
		{"\r\nOK\r\n", "", 0, 0, false, ERR_NONE, NULL},
		{"\r\nERROR\r\n", "\r\nOK\r\n", 60, 1, true, ERR_REFUSED, NULL},
		{"\r\nERROR\r\n", "\r\nOK\r\n", 60, 1, false, ERR_REFUSED, NULL},
		{"\r\n+CME ERROR: 4\r\n", "\r\nOK\r\n", 60, 2, true, ERR_REFUSED, NULL},
		{"\r\n+QFOTADL: <url>\r\n\r\nOK\r\n", "\r\nOK\r\n", 60, 1, true, ERR_NONE, "+QFOTADL: <url>"},
		{"", "\r\nOK\r\n", 60, 190, true, ERR_TIMEOUT, NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct row *row = &rows[i];
		const struct answer answers[] = {
			{"AT+CMEE=1", BYTES("\r\nOK\r\n"), 5, 0, false},
			{row->knows_step ? "AT+CMEE?" : "-", {"\r\n+CMEE: 1\r\n\r\nOK\r\n", row->answer[0] ? 18 : 0}, 5, 0, false},
			{"AT+QFOTADL=?", {row->answer, strlen(row->answer)}, 200, 0, false},
			{NULL, BYTES(""), 0, 0, false},
		};
		const struct modem_command question = {"AT+QFOTADL=?", "+QFOTADL:", 5000, NULL};
		struct line *l = line_new(answers);
		int r;

		if (row->knows_step)
			assert_int_equal(send(l, "AT+CMEE=1", NULL, 300), 0);
		for (int k = 0; k < row->times; k++)
			say_text(l, row->stray, row->every_ms * (k + 1));
		r = modem_ask(l->modem, &question, &l->reply, &l->e);
		if ((r < 0 ? l->e.code : ERR_NONE) != row->code)
			fail_msg("row %zu: %d, %s\n%s", i, r, r < 0 ? err_words(&l->e) : "", l->seen);
		if (r == 0)
			assert_int_equal(l->reply.count, row->line != NULL);
		if (row->line)
			assert_reply(l, row->line, "its own");
		line_free(l);
	}
}

/* Where either side was starved for a while: the module has heard all that timed
 * out, and its answers come one by one, each later than a settled line is quiet. */
static void late_answers_answer_nothing_else(void **state)
{
	static const struct answer answers[] = {
		{"AT", BYTES("\r\nOK\r\n"), 700, 1, false},
		{"AT", BYTES("\r\nOK\r\n"), 500, 2, false},
		{"AT+QFLDS", BYTES("\r\n+QFLDS: 1\r\n\r\nOK\r\n"), 400, 0, false},
		{"ATI", BYTES("\r\nUG96\r\n\r\nOK\r\n"), 40, 0, false},
		{"AT+CSQ", BYTES("\r\n+CSQ: 26,99\r\n\r\nOK\r\n"), 40, 0, false},
		{NULL, BYTES(""), 0, 0, false},
	};
	struct line *l = line_new(answers);
	int baud = 115200;

	(void)state;
	assert_int_equal(modem_sync(l->modem, false, &baud, START_MS + 10000, &l->e), 0);
	assert_int_equal(send(l, "ATI", "", 300), 0);
	assert_reply(l, "UG96", "after two AT");
	assert_failed(l, send(l, "AT+QFLDS", "+QFLDS:", 300), ERR_TIMEOUT, "AT+QFLDS");
	assert_int_equal(send(l, "AT+CSQ", "+CSQ:", 300), 0);
	assert_reply(l, "+CSQ: 26,99", "after AT+QFLDS");
	assert_sent(l, "AT\rAT\rATI\rAT+QFLDS\rAT+CSQ\r");
	line_free(l);
}

/* It is at them when the time for all is nearly over: the next comes as well. */
static void late_answers_are_waited_for_one_by_one(void **state)
{
	static const struct answer answers[] = {
		{"ATI", BYTES("\r\nUG96\r\n\r\nOK\r\n"), 1200, 0, false},
		{"AT+QFLDS", BYTES("\r\n+QFLDS: 1\r\n\r\nOK\r\n"), 2450, 0, false},
		{"AT+CSQ", BYTES("\r\n+CSQ: 26,99\r\n\r\nOK\r\n"), 40, 0, false},
		{NULL, BYTES(""), 0, 0, false},
	};
	struct line *l = line_new(answers);

	(void)state;
	assert_int_equal(send(l, "ATI", "", 2000), 0);
	for (int i = 0; i < 2; i++)
		assert_failed(l, send(l, "AT+QFLDS", "+QFLDS:", 300), ERR_TIMEOUT, "AT+QFLDS");
	assert_int_equal(send(l, "AT+CSQ", "+CSQ:", 300), 0);
	assert_reply(l, "+CSQ: 26,99", "after AT+QFLDS");
	assert_sent(l, "ATI\rAT+QFLDS\rAT+QFLDS\rAT+CSQ\r");
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
		{"+CMS ERROR: 500", -1, "AT+COPS was refused: the module answered +CMS ERROR: 500"},
		{"+CMS ERROR: SIM busy", -1, "the module answered +CMS ERROR: SIM busy"},
		{"+CMS ERROR:14", -1, "the module answered +CMS ERROR:14"},
		{"+CME ERROR: 404", 404, "was refused: error 404"},
		{"+CME ERROR: 4294967296", -1, "was refused: error 4294967296"},
		{"+CME ERROR: -1", -1, "was refused: error -1"},
		{"+CME ERROR: 0x1f", -1, "was refused: error 0x1f"},
		{"+CME ERROR: SIM not inserted", 10, "was refused: error 10, SIM not inserted"},
		{"+CME ERROR: No network service", 30, "was refused: error 30, no network service"},
		{"+CME ERROR: SIM not", -1, "was refused: error SIM not"},
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
		{"ATI", BYTES("\xff\xfe\r\n"), 0, 0, false},
		{NULL, BYTES(""), 0, 0, false},
	};
	struct line *l = line_new(answers);

	(void)state;
	assert_int_equal(send(l, "AT+CSQ", "+CSQ:", 300), 0);
	assert_int_equal(l->reply.count, 1);
	assert_int_equal(l->reply.lines[0].size, 10);
	assert_memory_equal(l->reply.lines[0].data, "+CSQ: \0,99", 10);
	/* it has answered since that noise: this time there was none */
	assert_failed(l, send(l, "AT", NULL, 300), ERR_TIMEOUT, "no answer to AT within 0.3 s");
	assert_null(strstr(err_words(&l->e), "noise"));
	modem_reset(l->modem);
	assert_failed(l, send(l, "ATI", "", 300), ERR_TIMEOUT, "no answer to ATI within 0.3 s, but noise");
	modem_reset(l->modem);
	assert_failed(l, send(l, "AT", NULL, 300), ERR_TIMEOUT, "no answer to AT within 0.3 s");
	assert_null(strstr(err_words(&l->e), "noise"));
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
		{"\xff\xfe\r\n", 0, "but noise (wrong bit rate?)"},
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
		/* from when it has gone out: after the chatter of 200 ms at most */
		assert_in_range(l->now_ms, START_MS + 1500, START_MS + 1500 + (rows[i].chatter_ms ? 210 : 0));
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
	answers[0].delay_ms = 310;
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
			fail_msg("%d ms: %s", timeouts[i], err_read(&l->e));
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
	interrupt_raise(&l->interrupt);
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
	assert_null(strstr(err_read(&l->e), "pA55"));
	assert_failed(l, send(l, secret, NULL, 300), ERR_REFUSED, "AT+QFOTADL");
	assert_null(strstr(err_read(&l->e), "pA55"));
	line_free(l);
	l = line_new(answers);	/* where nothing is owed: that would be asked for first */
	l->write_error = ERR_GONE;
	assert_failed(l, send(l, secret, NULL, 300), ERR_GONE, "AT+QFOTADL");
	assert_null(strstr(err_read(&l->e), "pA55"));
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
	struct at_line line;

	(void)state;
	assert_int_equal(modem_last_rx_ms(l->modem), 0);
	say_text(l, "\r\n+QIND: \"FOTA\",\"START\"\r\nhalf", 250);
	assert_int_equal(modem_next_line(l->modem, &line, START_MS + 200, &l->e), 0);
	assert_int_equal(l->now_ms, START_MS + 200);
	assert_int_equal(modem_next_line(l->modem, &line, START_MS + 900, &l->e), 1);
	assert_true(slice_is(line.text, "+QIND: \"FOTA\",\"START\""));
	assert_int_equal(l->now_ms, START_MS + 250);
	assert_int_equal(modem_last_rx_ms(l->modem), START_MS + 250);
	assert_int_equal(modem_next_line(l->modem, &line, START_MS + 900, &l->e), 0);
	/* the port was closed and opened: the half line belongs to nothing */
	modem_reset(l->modem);
	say_text(l, "RDY\r\n", 0);
	assert_int_equal(modem_next_line(l->modem, &line, l->now_ms, &l->e), 1);
	assert_true(slice_is(line.text, "RDY"));
	l->read_error = ERR_GONE;
	assert_failed(l, modem_next_line(l->modem, &line, l->now_ms + 50, &l->e), ERR_GONE, "");
	assert_string_equal(l->seen, "* +QIND: \"FOTA\",\"START\"\n* RDY\n");
	assert_sent(l, "");
	line_free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_is_what_has_the_prefix),
		cmocka_unit_test(an_answer_without_a_prefix_leaves_urcs_out),
		cmocka_unit_test(every_split_gives_the_same_reply),
		cmocka_unit_test(a_stray_result_answers_no_command),
		cmocka_unit_test(a_result_from_before_the_command_is_told_and_ignored),
		cmocka_unit_test(an_ok_alone_is_believed_only_when_it_is_its_own),
		cmocka_unit_test(late_answers_answer_nothing_else),
		cmocka_unit_test(late_answers_are_waited_for_one_by_one),
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
	};

	return cmocka_run_group_tests_name("modem", tests, NULL, NULL);
}

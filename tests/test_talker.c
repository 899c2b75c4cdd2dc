/* What talks on a port that is no AT port. */
#include "config.h"

#include "modem_fixture.h"
#include "protocol/talker.h"

static enum talker_kind kind_of(const char *text, const char *sent)
{
	struct talker t = {0};
	struct at_splitter s;
	struct slice line;
	size_t used, size = strlen(text);

	at_splitter_init(&s);
	for (; at_split(&s, text, size, &used, &line); text += used, size -= used)
		talker_take(&t, line, slice_is(line, sent));
	talker_take_half(&t, (struct slice){s.line, at_pending(&s)});
	return talker_kind(&t);
}

static void a_talker_is_known_by_its_form(void **state)
{
	static const struct {
		const char *text;
		enum talker_kind kind;
	} rows[] = {
		{"", TALKER_SILENT},
		{"AT\r\nAT\r\n", TALKER_ECHO},
		{"AT\r\nsh: AT: not found\r\n# ", TALKER_PROMPT},
		{"AT\r\n-bash: AT: command not found\r\npi@box:~$ ", TALKER_PROMPT},
		{"\r\nDebian GNU/Linux 12 box ttyS0\r\n\r\nbox login: AT\r\nPassword: ", TALKER_PROMPT},
		{"Unknown command 'AT' - try 'help'\r\n=> ", TALKER_PROMPT},
		{"$GPGLL,5300.97914,N,00259.98174,E,125926,A*28\r\n$GPGLL,5300.97914,N,00259.98174,E,125926,A*28\r\n", TALKER_NMEA},
		{"$GPGLL,5300.97914,N,00259.98174,E,125926,A*29\r\n$GPGLL,5300.97914,N,00259.98174,E,125926,A*29\r\n", TALKER_TEXT},
		{"!AIVDM,1,1,,A,14eG;o@034o8sd<L9i:a;WF>062D,0*7D\r\n!AIVDM,1,1,,A,14eG;o@034o8sd<L9i:a;WF>062D,0*7D\r\n", TALKER_NMEA},
		{"Hello\r\n", TALKER_TEXT},
		{"\x80\xff\r\n", TALKER_SILENT},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (kind_of(rows[i].text, "AT") != rows[i].kind)
			fail_msg("%s: %d", rows[i].text, kind_of(rows[i].text, "AT"));
}

/* Named at the first contact, in the error. */
static void what_is_no_module_is_named(void **state)
{
	static const struct {
		const char *says, *message;
		enum echo echo;
	} rows[] = {
		{"sh: AT: not found\r\n/ # ", "a command prompt answers, not a module: / #", ECHO_ON},
		{"\r\nrouter login: ", "router login:", ECHO_OFF},
		{"$GPGLL,5300.97914,N,00259.98174,E,125926,A*28\r\n", "satellite positions", ECHO_OFF},
		{"", "all that is sent comes back", ECHO_ON},
		{"garage door 1.2\r\n", "says: garage door 1.2", ECHO_OFF},
		{"\xfe\x81\x80\r\n", "noise on the line", ECHO_OFF},
		{"\xfe\x81\x80\r\n", "noise on the line", ECHO_ON},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct answer answers[] = {
			{"", {rows[i].says, strlen(rows[i].says)}, 0, 0, false},
			{NULL, BYTES(""), 0, 0, false},
		};
		struct line *l = line_new(answers);
		int baud = 115200;

		l->echo = rows[i].echo;
		assert_failed(l, modem_sync(l->modem, false, &baud, START_MS + 3000, &l->e), ERR_MODULE, rows[i].message);
		line_free(l);
	}
}

/* protocol.md 5.5: stored by another program, undone at the first contact. */
static void stored_result_settings_are_undone(void **state)
{
	static const struct answer numeric[] = {
		{"AT", BYTES("0\r"), 0, 0, false},
		{"ATV1", BYTES("\r\nOK\r\n"), 0, 0, false},
		{"AT+CSQ", BYTES("\r\n+CSQ: 26,99\r\n\r\nOK\r\n"), 0, 0, false},
		{NULL, BYTES(""), 0, 0, false},
	}, numeric_to_the_end[] = {
		{"AT", BYTES("4\r"), 0, 1, false},
		{"AT", BYTES("0\r"), 0, 0, false},
		{"ATV1", BYTES("0\r"), 0, 1, false},
		{"ATV1", BYTES("\r\nOK\r\n"), 0, 0, false},
		{"AT+CSQ", BYTES("\r\n+CSQ: 26,99\r\n\r\nOK\r\n"), 0, 0, false},
		{NULL, BYTES(""), 0, 0, false},
	}, quiet[] = {
		{"AT", BYTES(""), 0, 0, false},
		{"ATQ0V1", BYTES("\r\nOK\r\n"), 0, 0, false},
		{"AT+CMEE?", BYTES("\r\n+CMEE: 0\r\n\r\nOK\r\n"), 0, 0, false},
		{"AT+CSQ", BYTES("\r\n+CSQ: 26,99\r\n\r\nOK\r\n"), 0, 0, false},
		{NULL, BYTES(""), 0, 0, false},
	};
	static const struct answer *const modules[] = {numeric, numeric_to_the_end, quiet};

	(void)state;
	for (size_t i = 0; i < COUNT(modules); i++)
		for (enum echo echo = ECHO_OFF; echo <= ECHO_ON; echo++) {
			struct line *l = line_new(modules[i]);
			int baud = 115200;

			l->echo = echo;
			if (modem_sync(l->modem, false, &baud, START_MS + 10000, &l->e) < 0)
				fail_msg("%zu: %s", i, err_read(&l->e));
			assert_int_equal(send(l, "AT+CSQ", "+CSQ:", 300), 0);
			assert_reply(l, "+CSQ: 26,99", "after that");
			line_free(l);
		}
}

/* A digit is a result nowhere but there. */
static void a_digit_is_no_result_later(void **state)
{
	static const struct answer answers[] = {
		{"AT&D0", BYTES("\r\n0\r\n"), 0, 0, false},
		{NULL, BYTES(""), 0, 0, false},
	};
	struct line *l = line_new(answers);

	(void)state;
	assert_failed(l, send(l, "AT&D0", NULL, 300), ERR_TIMEOUT, "AT&D0");
	line_free(l);
}

static bool is_version(struct slice line)
{
	return slice_begins(line, "UG96");
}

/* What is said twice in the place of a result is a refusal, and from then on at
 * once. */
static void a_refusal_in_other_words_is_understood(void **state)
{
	static const char *const words[] = {"COMMAND NOT SUPPORT", "Invalid command", "NOT SUPPORTED", "ERR"};

	(void)state;
	for (size_t i = 0; i < COUNT(words); i++) {
		char text[64];
		struct answer answers[] = {
			{"AT+CSQ", BYTES("\r\n+CSQ: 26,99\r\n\r\nOK\r\n"), 0, 0, false},
			{"", {text, 0}, 10, 0, false},
			{NULL, BYTES(""), 0, 0, false},
		};
		struct line *l = line_new(answers);
		int64_t begun_ms;

		answers[1].text.size = (size_t)snprintf(text, sizeof(text), "\r\n%s\r\n", words[i]);
		assert_failed(l, send_fitting(l, "AT+QGMR", "", is_version), ERR_TIMEOUT, "AT+QGMR");
		assert_failed(l, send_fitting(l, "AT+QGMR", "", is_version), ERR_REFUSED, words[i]);
		begun_ms = l->now_ms;
		assert_failed(l, send(l, "AT+QINDCFG=1", NULL, 300), ERR_REFUSED, words[i]);
		assert_in_range(l->now_ms - begun_ms, 0, 100);
		assert_int_equal(send(l, "AT+CSQ", "+CSQ:", 300), 0);
		assert_reply(l, "+CSQ: 26,99", "after it");
		line_free(l);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_talker_is_known_by_its_form),
		cmocka_unit_test(what_is_no_module_is_named),
		cmocka_unit_test(stored_result_settings_are_undone),
		cmocka_unit_test(a_digit_is_no_result_later),
		cmocka_unit_test(a_refusal_in_other_words_is_understood),
	};

	return cmocka_run_group_tests_name("talker", tests, NULL, NULL);
}

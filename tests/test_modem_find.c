/* Finding the module, and who it is. */
#include "config.h"

#include "modem_fixture.h"
#include "port_fixture.h"

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
			fail_msg("%d: %s", rates[i], err_read(&l->e));
		assert_int_equal(baud, rates[i]);
		assert_int_equal(l->host_baud, rates[i]);
		line_free(l);

		l = line_new(answers);
		l->baud = rates[i];
		baud = 115200;
		r = modem_sync(l->modem, false, &baud, START_MS + 10000, &l->e);
		if (rates[i] != 115200)
			assert_failed(l, r, ERR_MODULE, "noise on the line, no answer to AT: wrong bit rate?");
		assert_int_equal(baud, 115200);
		assert_int_equal(l->host_baud, 115200);
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
		{true, 0, "no answer to AT at any usual bit rate"},
		{true, 300, "noise on the line, no answer to AT at any usual bit rate"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct line *l = line_new(NULL);
		int baud = 115200;

		l->baud = rows[i].baud;
		assert_failed(l, modem_sync(l->modem, rows[i].try_rates, &baud, START_MS + 10000, &l->e), ERR_MODULE, rows[i].message);
		assert_in_range(l->now_ms, START_MS + 10000, START_MS + 10600);
		assert_int_equal(baud, 115200);
		assert_int_equal(l->host_baud, 115200);
		/* nothing but what changes the form of results for the session */
		for (size_t at = 0; at + 3 <= l->sent_size; at += l->sent[at + 2] == 'Q' ? 7 : 3)
			if (memcmp(l->sent + at, "AT\r", 3) != 0 && strncmp(l->sent + at, "ATQ0V1\r", 7) != 0)
				fail_msg("%.20s", l->sent + at);
		line_free(l);
	}
}

/* An answer in the search, and silence behind it: at the end it is asked again, until two answers in turn. */
static void sync_asks_again_who_has_answered_once(void **state)
{
	(void)state;
	for (int heard = 0; heard < 2; heard++) {
		const struct answer answers[] = {
			{"AT", BYTES("\r\nOK\r\n"), 0, 5, false},	/* three at the first rate, one at another, that makes noise */
			{"AT", BYTES("\r\nOK\r\n"), 0, 15, false},	/* of one that was asked at another rate, as far as is known */
			{"AT", heard ? (struct slice)BYTES("\r\nOK\r\n") : (struct slice)BYTES(""), 0, 16, false},
			{NULL, BYTES(""), 0, 0, false},
		};
		struct line *l = line_new(answers);
		int baud = 115200, r;

		l->baud = baud;
		r = modem_sync(l->modem, true, &baud, START_MS + 15000, &l->e);
		if (heard)
			assert_int_equal(r, 0);
		else
			assert_failed(l, r, ERR_MODULE, "a result came, but AT was not answered with OK when it was asked again");
		assert_in_range(l->now_ms, START_MS + 15000, START_MS + 19000);
		assert_int_equal(baud, 115200);
		assert_int_equal(l->host_baud, 115200);
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
		fail_msg("%s", err_read(&l->e));
	line_free(l);
}

#define MODES {"ATE0", BYTES("\r\nOK\r\n"), 0, 0, false}, \
	{"ATV1", BYTES("\r\nOK\r\n"), 0, 0, false}, \
	{"AT+CMEE=1", BYTES("\r\nOK\r\n"), 0, 0, false}, \
	{"AT+CMEE?", BYTES("\r\n+CMEE: 1\r\n\r\nOK\r\n"), 0, 0, false}, \
	{"AT+QGMR", BYTES("\r\nERROR\r\n"), 0, 0, false}, \
	{"AT+CGMM", BYTES("\r\nERROR\r\n"), 0, 0, false}, \
	{"AT+GMM", BYTES("\r\nERROR\r\n"), 0, 0, false}, \
	{"AT+GMR", BYTES("\r\nERROR\r\n"), 0, 0, false}, \
	{"AT+CGSN", BYTES("\r\nERROR\r\n"), 0, 0, false}
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

/* Who it is; what is missing is asked again for LIMIT_MS. */
static int identify(struct line *l, struct identity *id, int limit_ms)
{
	struct identity_doubt doubt;

	return modem_identify(l->modem, NULL, l->now_ms + limit_ms, id, &doubt, &l->e);
}

static void assert_identity(const struct line *l, const struct identity *id, const char *maker,
			    const char *model, const char *version, const char *imei)
{
	if (strcmp(id->maker, maker) != 0 || strcmp(id->model, model) != 0 ||
	    strcmp(id->version, version) != 0 || strcmp(id->imei, imei) != 0)
		fail_msg("maker \"%s\", model \"%s\", version \"%s\", IMEI \"%s\"\n%s",
			 id->maker, id->model, id->version, id->imei, l->seen);
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
			if (identify(l, &id, 0) < 0)
				fail_msg("echo %d: %s\n%s", kind, err_read(&l->e), l->seen);
			assert_identity(l, &id, "Quectel", "UG96", "UG96LNAR02A06E1G", "490154203237518");
			assert_string_equal(id.port, "kept");
			assert_sent(l, "ATE0\rATV1\rAT+CMEE=1\rATI\rAT+CGMR\rAT+QGMR\rAT+GSN\r");
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
		{"\r\nQuectel_Ltd\r\nUG95\r\nRevision: UG95A1\r\n\r\nOK\r\n", "\r\nRevision: UG95B1\r\n\r\nOK\r\n", UG96_GSN,
		 "Quectel_Ltd", "UG95", "UG95B1", "490154203237518"},
		{UG96_ATI, "\r\nERROR\r\n", UG96_GSN, "Quectel", "UG96", "UG96LNAR02A06E1G", "490154203237518"},
		{UG96_ATI, "\r\n+CME ERROR: 4\r\n", "\r\nERROR\r\n", "Quectel", "UG96", "UG96LNAR02A06E1G", ""},
		{"\r\nERROR\r\n", UG96_CGMR, UG96_GSN, "", "UG96", "UG96LNAR02A06E1G", "490154203237518"},
		{"\r\nOK\r\n", "\r\nOK\r\n", "\r\nOK\r\n", "", "", "", ""},
		{UG96_ATI, UG96_CGMR, "\r\n49015420323751\r\n49015420323751901\r\n49015420323751A\r\nOK\r\n", "Quectel", "UG96", "UG96LNAR02A06E1G", ""},
		{UG96_ATI, UG96_CGMR, "\r\n+CREG: 1\r\n 490154203237518 \r\nOK\r\n", "Quectel", "UG96", "UG96LNAR02A06E1G", "490154203237518"},
		{"\r\n \r\nQuectel\r\n  UG96  \r\nRevision:\r\n\r\nOK\r\n", "\r\n  UG96LNAR02A06E1G  \r\n   \r\nOK\r\n", UG96_GSN,
		 "Quectel", "UG96", "UG96LNAR02A06E1G", "490154203237518"},
		/* lines that no module prints there */
		{"\r\nQuectel\r\nUG96\x1b[2J\r\nUG96\r\nOK\r\n", "\r\n\xe2\x80\xaeUG96\r\nUG96LNAR02A06E1G\r\nOK\r\n", UG96_GSN,
		 "Quectel", "UG96", "UG96LNAR02A06E1G", "490154203237518"},
		{"\r\nQuectel\r\nUG96\r\nOK\r\n", "\r\n/../../etc/passwd\r\nOK\r\n", UG96_GSN, "Quectel", "UG96", "", "490154203237518"},
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

		if (identify(l, &id, 0) < 0)
			fail_msg("row %zu: %s\n%s", i, err_read(&l->e), l->seen);
		assert_identity(l, &id, rows[i].maker, rows[i].model, rows[i].version, rows[i].imei);
		line_free(l);
	}
}

/* faults.md B19 */
static void an_over_long_version_is_refused(void **state)
{
	static const size_t sizes[] = {VERSION_SIZE - 1, VERSION_SIZE, AT_LINE_MAX, 65536 - 400};
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
		memcpy(text, "UG96LNAR02A06E1G", 16);
		memcpy(text + sizes[i], "\r\nOK\r\n", 6);
		for (struct answer *a = answers; a->command; a++)
			if (strcmp(a->command, "AT+CGMR") == 0)
				a->text.size = sizes[i] + 6;
		r = identify(l, &id, 0);
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
	assert_failed(l, identify(l, &id, 0), ERR_TIMEOUT, "asking for the IMEI: no answer to AT+GSN within 5.0 s");
	assert_sent(l, "ATE0\rATV1\rAT+CMEE=1\rATI\rAT+CGMR\rAT+CGMR\rAT+CMEE?\rAT+QGMR\rAT+GSN\rAT+GSN\r");
	assert_string_equal(id.version, "UG96LNAR02A06E1G");
	line_free(l);
}

static void a_module_that_knows_no_modes_is_identified(void **state)
{
	static const struct answer answers[] = {
		{"ATE0", BYTES("\r\nERROR\r\n"), 0, 0, false},
		{"ATV1", BYTES("\r\nERROR\r\n"), 0, 0, false},
		{"AT+CMEE=1", BYTES("\r\n+CME ERROR: operation not supported\r\n"), 0, 0, false},
		{"AT", BYTES("\r\nOK\r\n"), 0, 0, false},	/* and nothing to what it does not know */
		{"ATI", BYTES(UG96_ATI), 0, 0, false},
		{"AT+CGMR", BYTES(UG96_CGMR), 0, 0, false},
		{"AT+GSN", BYTES(UG96_GSN), 0, 0, false},
		{NULL, BYTES(""), 0, 0, false},
	};
	struct line *l = line_new(answers);
	struct identity id = {0};

	(void)state;
	l->echo = ECHO_ON;
	assert_int_equal(identify(l, &id, 0), 0);
	assert_identity(l, &id, "Quectel", "UG96", "UG96LNAR02A06E1G", "490154203237518");
	line_free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sync_needs_no_more_than_an_ok),
		cmocka_unit_test(sync_finds_the_rate_when_it_may),
		cmocka_unit_test(sync_gives_up_at_the_deadline_at_the_rate_it_was_given),
		cmocka_unit_test(sync_asks_again_who_has_answered_once),
		cmocka_unit_test(sync_ends_at_once_when_the_port_fails),
		cmocka_unit_test(sync_reaches_a_module_that_talks),
		cmocka_unit_test(echo_of_any_kind_does_not_change_the_identity),
		cmocka_unit_test(what_a_module_does_not_tell_stays_empty),
		cmocka_unit_test(an_over_long_version_is_refused),
		cmocka_unit_test(a_lost_answer_is_asked_for_once_more),
		cmocka_unit_test(a_module_that_knows_no_modes_is_identified),
	};

	return cmocka_run_group_tests_name("modem_find", tests, NULL, NULL);
}

#include "config.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <setjmp.h>

#include <cmocka.h>

#include "base/count.h"
#include "base/redact.h"
#include "base/url.h"

static void assert_redacted(struct redactor *r, const char *in, const char *expected)
{
	char out[1024];

	assert_int_equal(redact(r, out, sizeof(out), in, strlen(in)), strlen(expected));
	assert_string_equal(out, expected);
}

/* --- what is hidden without being known --------------------------------- */

static void userinfo_of_a_url_is_hidden(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ "ftp://u:p@h/f", "ftp://***:***@h/f" },
		{ "ftp://u@h/f", "ftp://***@h/f" },
		{ "ftp://:p@h/f", "ftp://:***@h/f" },
		{ "ftp://u:@h/f", "ftp://***:@h/f" },
		{ "ftp://h/f", "ftp://h/f" },
		{ "http://h:80/f", "http://h:80/f" },
		{ "ftp://u:p:q@h:21/f@g", "ftp://***:***@h:21/f@g" },
		{ "ftp://u:p@q@h/f", "ftp://***:***@h/f" },
		{ "ftp://u:p?x#y@h/f", "ftp://***:***@h/f" },
		{ "ftp://u:p%40@h", "ftp://***:***@h" },
		{ "a://b:c@d e://f:g@h/", "a://***:***@d e://***:***@h/" },
		{ "see http://h, mail a@b", "see http://h, mail a@b" },
		{ "AT+QFOTADL=\"http://h\",\"a@b\"", "AT+QFOTADL=\"http://h\",\"a@b\"" },
		{ "AT+QFOTADL=\"ftp://u:p@192.0.2.7:21/d.bin\"",
		  "AT+QFOTADL=\"ftp://***:***@192.0.2.7:21/d.bin\"" },
		{ "://@", "://@" }, { "://", "://" }, { "//u:p@h", "//u:p@h" },
		/* hosts to libcurl too */
		{ "ftp:/u:p@h/f", "ftp:/***:***@h/f" },
		{ "http:///u:p@h/f", "http:///***:***@h/f" },
		{ "ftp:", "ftp:" }, { "ftp:/", "ftp:/" },
		{ "ftp://u:p\001q@h/f", "ftp://***:***@h/f" },	/* noise in the echo of a login */
		{ "ftp://u\r\bu:p@h/f", "ftp://***:***@h/f" },
		{ "ftp://u:\xff\xc9p\x80@h/f", "ftp://***:***@h/f" },
		/* what ends it for every reader, and was not meant to */
		{ "ftp://u:p/q@h/f", "ftp://***:***@h/f" },
		{ "ftp://u:p/q?r@s#t@h", "ftp://***:***@h" },
		{ "http://u/v:p@h/f", "http://***:***@h/f" },
		{ "http://u:123456/p@h/f", "http://***:***@h/f" },
		{ "http://h:8080/p@1.2/f", "http://h:8080/p@1.2/f" },
		{ "http://h:80", "http://h:80" },
		{ "http://h/a@b:c", "http://h/a@b:c" },
		{ "http://h/f?v=2&access_token=p%3d&X-Amz-Signature=q&g=1",
		  "http://h/f?v=2&access_token=***&X-Amz-Signature=***&g=1" },
		{ "http://h/f?sv=1&sig=p=q", "http://h/f?sv=1&sig=***" },
		{ "http://h/f?file=a=b&=c", "http://h/f?file=a=b&=c" },
		{ "http://h/f?PASSWORD=p/q", "http://h/f?PASSWORD=***" },
		{ "get http://h/f?token=q now", "get http://h/f?token=*** now" },
		/* what is hidden ends no login that it stands in */
		{ "http://u:p?token=q/r&s@h/f", "http://***:***@h/f" },
		{ "http://u?token=q/r&s@h", "http://***@h" },
	};
	struct redactor r;
	char out[256];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		redactor_init(&r);
		assert_redacted(&r, rows[i].in, rows[i].out);
		if (strpbrk(rows[i].in, " \"") || rows[i].in[0] == '/')
			continue;	/* no URL alone */
		assert_int_equal(redact_url(out, sizeof(out), rows[i].in), strlen(rows[i].out));
		assert_string_equal(out, rows[i].out);
	}
}

static void what_may_be_a_login_of_a_url_is_hidden(void **state)
{
	static const struct {
		const char *in, *out;
	} odd[] = {	/* typed as a URL: blanks and quotes end nothing, and a scheme may be missing */
		{ "ftp://u v:p q\"r@h/f", "ftp://***:***@h/f" },
		{ "u:p@h/f", "***:***@h/f" },
		{ "ftp//u:p/q@h/f", "***:***@h/f" },
		{ "u:p@ftp://h/f", "***:***@ftp://h/f" },
		{ "ftp:\\\\u:p@h", "***:***@h" },
		{ "//u:p@h", "***:***@h" },
		{ "", "" }, { ":", ":" }, { "@", "@" }, { "u:/p@h", "u:/***@h" },
	};
	char out[256];

	(void)state;
	for (size_t i = 0; i < COUNT(odd); i++) {
		redact_url(out, sizeof(out), odd[i].in);
		assert_string_equal(out, odd[i].out);
	}
	assert_int_equal(redact_url(out, 9, "ftp://u:p@h/f"), 8);
	assert_string_equal(out, "ftp://**");
}

/* A known password hides what would end a URL to those who read the result. */
static void a_known_password_ends_no_login(void **state)
{
	static const struct {
		const char *password, *in, *out;
	} rows[] = {
		{ "p q", "ftp://u:p q@h/f", "ftp://***:***@h/f" },
		{ "\"p\"", "AT+QFOTADL=\"ftp://u:\"p\"@h/f\"", "AT+QFOTADL=\"ftp://***:***@h/f\"" },
		{ "p\tq r", "see ftp:/u:p\tq r@h and mail a@b", "see ftp:/***:***@h and mail a@b" },
		/* nor the login of a URL before it, in which it stands with its own */
		{ "://u:!", "a://b@c%20://u:!1/y?@h", "a://***@h" },
		{ "://u:!", "a://b@c://d@e://u:!1/y?@h z://f@i/", "a://***@c://***@h z://***@i/" },
		{ "/u:p", "http:/b@c:/u:p/q@h/f", "http:/***:***@h/f" },
	};
	struct redactor r;
	struct err e;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		redactor_init(&r);
		assert_int_equal(redactor_add_login(&r, "u", rows[i].password, &e), 0);
		assert_redacted(&r, rows[i].in, rows[i].out);
	}
}

static void a_password_of_any_byte_is_hidden_as_encoders_spell_it(void **state)
{
	char password[4] = "p?q", in[32], out[64];
	struct redactor r;
	struct err e;

	(void)state;
	for (int c = 1; c < 256; c++) {
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');

		password[1] = (char)c;
		redactor_init(&r);
		assert_int_equal(redactor_add_login(&r, "u", password, &e), 0);
		for (size_t k = 0; k < (plain || strchr("-._~", c) ? 1 : 3); k++) {
			snprintf(in, sizeof(in), k == 0 ? "[p%cq]" : k == 1 ? "[p%%%02Xq]" : "[p%%%02xq]", c);
			redact(&r, out, sizeof(out), in, strlen(in));
			assert_string_equal(out, "[***]");
		}
	}
}

/* What has no room is refused whole, whichever of its spellings is the one too many. */
static void a_login_without_room_leaves_those_before_it(void **state)
{
	static const struct {
		const char *first, *last;
	} rows[] = { { "", "p" }, { "a b", "p" }, { "", "p@!/x" }, { "", "p!" }, { "", "p@" }, { "", "p/" } };
	char password[32];
	struct redactor r;
	struct err e;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int n = 0;

		redactor_init(&r);
		assert_int_equal(redactor_add_login(&r, "v", rows[i].first, &e), 0);
		do
			snprintf(password, sizeof(password), "x%02d%s", n, rows[i].last);
		while (redactor_add_login(&r, "u", password, &e) == 0 && ++n < REDACTOR_SECRETS);
		assert_in_range(n, 2, REDACTOR_SECRETS - 1);
		assert_int_equal(e.message.id, MSG_SECRETS_MANY);
		assert_redacted(&r, password, password);
		snprintf(password, sizeof(password), "x%02d%s", n - 1, rows[i].last);
		assert_redacted(&r, password, "***");
	}
}

static void secret_fields_of_commands_are_hidden(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ "AT+QICSGP=1,1,\"apn\",\"user\",\"pass\",1", "AT+QICSGP=1,1,\"apn\",\"***\",\"***\",1" },
		{ "+QICSGP: 1,\"apn\",\"user\",\"pass\",3", "+QICSGP: 1,\"apn\",\"***\",\"***\",3" },
		{ "+QICSGP: 1,\"apn\",\"\",\"\",0", "+QICSGP: 1,\"apn\",\"\",\"\",0" },
		{ "+QICSGP: 1,\"\",\"user\",\"pass\",0", "+QICSGP: 1,\"\",\"***\",\"***\",0" },
		{ "AT+QICSGP=1,1,\"a,b\",\"us,er\",\"p;a\",1", "AT+QICSGP=1,1,\"a,b\",\"***\",\"***\",1" },
		{ "AT+QICSGP=1,1,apn,user,pass,1", "AT+QICSGP=1,1,apn,***,***,1" },
		{ "at+qicsgp=1,1,\"apn\", \"user\" ,\"pass\"", "at+qicsgp=1,1,\"apn\", \"***\" ,\"***\"" },
		{ "ATAT+QICSGP=1,1,\"a\",\"u\",\"p\"", "ATAT+QICSGP=1,1,\"a\",\"***\",\"***\"" },
		{ "QICSGP=1,1,\"a\",\"u\",\"p\"", "QICSGP=1,1,\"a\",\"***\",\"***\"" },
		{ "AT+QICSGP=1", "AT+QICSGP=1" },
		{ "AT+QICSGP?", "AT+QICSGP?" },
		{ "AT+QICSGP=?", "AT+QICSGP=?" },
		{ "AT+QICSGP=1,1,\"apn\",\"user\",\"pa", "AT+QICSGP=1,1,\"apn\",\"***\",\"***" },
		{ "AT+CGAUTH=1,1,\"user\",\"pass\"", "AT+CGAUTH=1,1,\"***\",\"***\"" },
		{ "+CGAUTH: 1,1,\"user\",\"pass\"", "+CGAUTH: 1,1,\"***\",\"***\"" },
		{ "AT+CGAUTH=1,0", "AT+CGAUTH=1,0" },
		{ "AT+CPIN=1234", "AT+CPIN=***" },
		{ "AT+CPIN=\"1234\"", "AT+CPIN=\"***\"" },
		{ "AT+CPIN=\"12345678\",\"4321\"", "AT+CPIN=\"***\",\"***\"" },
		{ "AT+CPIN=1234;+CSQ", "AT+CPIN=***;+CSQ" },
		{ "AT+CPIN?", "AT+CPIN?" },
		{ "AT+CPIN", "AT+CPIN" },
		{ "AT+CPIN=?", "AT+CPIN=?" },
		{ "+CPIN: READY", "+CPIN: READY" },
		{ "AT+CLCK=\"SC\",2", "AT+CLCK=\"SC\",2" },
		{ "AT+CLCK=\"SC\",1,\"1234\"", "AT+CLCK=\"SC\",1,\"***\"" },
		{ "AT+CLCK=\"SC\",1,\"1234\",7", "AT+CLCK=\"SC\",1,\"***\",7" },
		{ "+CLCK: 1", "+CLCK: 1" },
		{ "AT+CPWD=\"SC\",\"1234\",\"4321\"", "AT+CPWD=\"SC\",\"***\",\"***\"" },
		{ "AT+QFTPCFG=\"account\",\"user\",\"pass\"", "AT+QFTPCFG=\"account\",\"***\",\"***\"" },
		{ "AT+QSSLCFG=\"keypassword\",0,\"pw\"", "AT+QSSLCFG=\"keypassword\",***,\"***\"" },
		{ "AT+QSSLCFG=\"sslversion\",0,3", "AT+QSSLCFG=\"sslversion\",0,3" },
		{ "AT+QCFG=\"stateurc/enable\",1", "AT+QCFG=\"stateurc/enable\",1" },
		{ "AT+QCFG=", "AT+QCFG=" },
		{ "AT+CPIN=1111;+QICSGP=1,1,\"a\",\"u\",\"p\"", "AT+CPIN=***;+QICSGP=1,1,\"a\",\"***\",\"***\"" },
		{ "+CSQ: 26,99", "+CSQ: 26,99" },
	};
	struct redactor r;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		redactor_init(&r);
		assert_redacted(&r, rows[i].in, rows[i].out);
		assert_redacted(&r, "OK", "OK");
	}
}

/* The module says an APN password that nobody gave us, in two lines. */

static void a_line_that_broke_off_hides_no_other_line(void **state)
{
	struct redactor r;

	(void)state;
	redactor_init(&r);
	assert_redacted(&r, "+QICSGP: 1,\"apn\",\"us", "+QICSGP: 1,\"apn\",\"***");
	assert_redacted(&r, "OK", "OK");
	assert_redacted(&r, "+QIND: \"FOTA\",\"START\"", "+QIND: \"FOTA\",\"START\"");
	assert_redacted(&r, "AT+CPIN=1234", "AT+CPIN=***");
	assert_redacted(&r, "+CME ERROR: 3", "+CME ERROR: 3");
	/* a stray line end adds an empty line */
	assert_redacted(&r, "AT+CPIN=\"12", "AT+CPIN=\"***");
	assert_redacted(&r, "", "");
	assert_redacted(&r, "34\"", "***\"");
}

static void a_path_that_may_end_a_password_is_known(void **state)
{
	static const char *const unclear[] = {
		"ftp://u:p/q@h/f", "http://u:p?q@h", "http://u/v:p@h", "u:p/q@h", "http://h:123456/@", "http://h:/@",
	}, *const clear[] = {
		"", "ftp://u:p@h/f", "http://h/a@b", "http://h:80/a@b", "http://h:80?a@b", "http://h:80#@", "http://h/a@b:c",
		"http://h?a@b", "http://h:80",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(unclear); i++)
		if (!url_login_unclear(unclear[i]))
			fail_msg("%s", unclear[i]);
	for (size_t i = 0; i < COUNT(clear); i++)
		if (url_login_unclear(clear[i]))
			fail_msg("%s", clear[i]);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(userinfo_of_a_url_is_hidden),
		cmocka_unit_test(what_may_be_a_login_of_a_url_is_hidden),
		cmocka_unit_test(a_known_password_ends_no_login),
		cmocka_unit_test(a_password_of_any_byte_is_hidden_as_encoders_spell_it),
		cmocka_unit_test(a_login_without_room_leaves_those_before_it),
		cmocka_unit_test(secret_fields_of_commands_are_hidden),
		cmocka_unit_test(a_line_that_broke_off_hides_no_other_line),
		cmocka_unit_test(a_path_that_may_end_a_password_is_known),
	};

	return cmocka_run_group_tests_name("redact", tests, NULL, NULL);
}

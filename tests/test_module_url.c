#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/count.h"
#include "package/libcurl.h"
#include "protocol/module_url.h"
#include "words.h"

static void assert_contains(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("\"%s\" does not contain \"%s\"", text, part);
}

/* As the UGxx profile has them (protocol.md 1.1). */
static const struct url_limits ugxx = { .max = 255, .login_max = 50 };

#define TEN "abcdefghij"
#define FIFTY TEN TEN TEN TEN TEN
#define TWO_HUNDRED FIFTY FIFTY FIFTY FIFTY

static void a_url_is_built_as_the_module_wants_it(void **state)
{
	static const struct {
		const char *url, *user, *password, *out;
	} rows[] = {
		{ "http://192.0.2.7/d.bin", NULL, NULL, "http://192.0.2.7/d.bin" },
		{ "http://192.0.2.7:8080/d.bin", "", "", "http://192.0.2.7:8080/d.bin" },
		{ "HTTP://Host/D.bin", NULL, NULL, "http://Host/D.bin" },
		{ "Ftp://h/d.bin", NULL, NULL, "ftp://h/d.bin" },
		{ "ftp://h:2121/update/delta.bin", "field", "s3cret",
		  "ftp://field:s3cret@h:2121/update/delta.bin" },
		{ "ftp://h/d.bin", "field", NULL, "ftp://field:@h/d.bin" },
		{ "http://h/d.bin?v=08&x=1", NULL, NULL, "http://h/d.bin?v=08&x=1" },
		{ "http://h/a%20b.bin", NULL, NULL, "http://h/a%20b.bin" },
		{ "http://h/a@b@c", NULL, NULL, "http://h/a@b@c" },
		{ "http://h:65535/d", NULL, NULL, "http://h:65535/d" },
		{ "http://h:00080/d", NULL, NULL, "http://h:80/d" },
		{ "http://a-b.c_d.example/100%", NULL, NULL, "http://a-b.c_d.example/100%" },
		{ "ftp://" FIFTY "/d", FIFTY, FIFTY,
		  "ftp://" FIFTY ":" FIFTY "@" FIFTY "/d" },
		{ "http://h/" TWO_HUNDRED "012345678901234567890123456789" TEN "x12345", NULL, NULL,
		  "http://h/" TWO_HUNDRED "012345678901234567890123456789" TEN "x12345" },	/* 255 */
	};

	(void)state;
	assert_int_equal(strlen(rows[COUNT(rows) - 1].url), 255);
	for (size_t i = 0; i < COUNT(rows); i++) {
		char out[512];
		struct err e = { 0 };

		if (module_url_check(rows[i].url, &ugxx, &e) < 0 ||
		    module_url(out, sizeof(out), rows[i].url, rows[i].user, rows[i].password,
			       &ugxx, &e) < 0)
			fail_msg("%s: %s", rows[i].url, err_words(&e));
		assert_string_equal(out, rows[i].out);
	}
}

static const struct {
	const char *url, *user, *password, *words;
} refused_urls[] = {
	{ "http://h/a\"b", NULL, NULL, "byte 0x22 at position 11 " },
	{ "http://h/a\",1\r\nATD", NULL, NULL, "byte 0x22 at position 11 " },
	{ "http://h/a\r\nAT", NULL, NULL, "byte 0x0d at position 11 " },
	{ "http://h/a\n", NULL, NULL, "byte 0x0a at position 11 " },
	{ "http://h/\x1a", NULL, NULL, "byte 0x1a at position 10 " },
	{ "http://h/\x1b[2J", NULL, NULL, "byte 0x1b at position 10 " },
	{ "http://h/\x7f", NULL, NULL, "byte 0x7f at position 10 " },
	{ "\thttp://h/x", NULL, NULL, "byte 0x09 at position 1 " },
	{ "http://h/a b", NULL, NULL, "byte 0x20 at position 11 is a blank" },
	{ "http://h/a\\b", NULL, NULL, "byte 0x5c at position 11 " },
	{ "http://h/a#b", NULL, NULL, "byte 0x23 at position 11 " },
	{ "http://h/a;b", NULL, NULL, "byte 0x3b at position 11 " },
	{ "http://m\xc3\xbcller.example/d", NULL, NULL, "byte 0xc3 at position 9 " },
	{ "http://h/%00", NULL, NULL, "%00 at position 10 " },
	{ "http://h/x%0a", NULL, NULL, "%0a at position 11 " },
	{ "http://h/x%0A", NULL, NULL, "%0a at position 11 " },
	{ "http://h/x%0d%0a", NULL, NULL, "%0d at position 11 " },
	{ "http://h/x%1B", NULL, NULL, "%1b at position 11 " },
	{ "http://a@b@h/d", NULL, NULL, "'@' at position 9" },
	{ "ftp://u:p@h/d", NULL, NULL, "'@' at position 10: user and password do not belong in it" },
	{ "ftp://u:p@h/d", "u", "p", "'@' at position 10" },
	{ "https://h/d", NULL, NULL, "this module cannot do https://" },
	{ "gopher://h/d", NULL, NULL, "unknown scheme \"gopher\"" },
	{ "sftp://h/d", NULL, NULL, "unknown scheme \"sftp\"" },
	{ "file:///etc/passwd", NULL, NULL, "unknown scheme \"file\"" },
	{ "://h/d", NULL, NULL, "unknown scheme \"\"" },
	{ "h/d.bin", NULL, NULL, "no scheme" },
	{ "http:/h/d", NULL, NULL, "no scheme" },
	{ "", NULL, NULL, "no scheme" },
	{ "http:///d", NULL, NULL, "no host" },
	{ "http://:80/d", NULL, NULL, "no host" },
	{ "http://", NULL, NULL, "no host" },
	{ "http://[2001:db8::1]/d", NULL, NULL, "IPv6 address at position 8" },
	{ "http://[2001:db8::1]:80/d", NULL, NULL, "IPv6 address at position 8" },
	{ "http://h,1/d", NULL, NULL, "',' at position 9 cannot stand in a host name" },
	{ "http://-h/d", NULL, NULL, "'-' at position 8 " },
	{ "http://192.0/d", NULL, NULL, "the host 192.0 is a number" },
	{ "http://1/d", NULL, NULL, "the host 1 is a number" },
	{ "ftp://010.0.0.1/d", NULL, NULL, "the host 010.0.0.1 is a number" },
	{ "http://0x7f000001:80/d", NULL, NULL, "the host 0x7f000001 is a number" },
	{ "http://1.2.3.4./d", NULL, NULL, "is a number" },
	{ "http://1.2.3.256/d", NULL, NULL, "is a number" },
	{ "http://a.b.0X1F/d", NULL, NULL, "is a number" },
	{ "http://%68/d", NULL, NULL, "'%' at position 8 " },
	{ "http://h:0/d", NULL, NULL, "port 0 is not within" },
	{ "http://h:65536/d", NULL, NULL, "port 65536 is not within" },
	{ "http://h:99999999999999999999999/d", NULL, NULL, "is not within" },
	{ "http://h:/d", NULL, NULL, "no port after the ':'" },
	{ "http://h:8o/d", NULL, NULL, "port \"8o\" is no number" },
	{ "http://h:-1/d", NULL, NULL, "port \"-1\" is no number" },
	{ "http://h:80:80/d", NULL, NULL, "port \"80:80\" is no number" },
	{ "http://h", NULL, NULL, "names no file" },
	{ "http://h/", NULL, NULL, "names no file" },
	{ "http://h?d", NULL, NULL, "names no file" },
	{ "ftp://h/update/", NULL, NULL, "names no file" },
	{ "http://h/d", "u", "p", "for ftp:// only" },
	{ "ftp://h/d", NULL, "p", "a password without a user" },
	{ "ftp://h/d", "u@x", "p", "position 2 of the user" },
	{ "ftp://h/d", "u", "p\"1", "position 2 of the password" },
	{ "ftp://h/d", "u", "p:1", "position 2 of the password" },
	{ "ftp://h/d", "u", "12/1", "position 3 of the password" },
	{ "ftp://h/d", "u\r", "p", "position 2 of the user" },
	{ "ftp://h/d", "u", "p%0a", "position 2 of the password" },
	{ "ftp://h/d", FIFTY "1", "p", "the user has 51 bytes; a module takes at most 50" },
	{ "ftp://h/d", "u", FIFTY "1", "the password has 51 bytes; a module takes at most 50" },
	{ "ftp://" FIFTY "1/d", NULL, NULL, "the host has 51 bytes; a module takes at most 50" },
	{ "http://h/" TWO_HUNDRED "012345678901234567890123456789" TEN "x123456", NULL, NULL,
	  "256 bytes; a module takes at most 255" },
	{ "ftp://h/" TWO_HUNDRED, FIFTY, "p", "261 bytes with user and password; a module takes at most 255" },
};

/* faults.md G01, protocol.md 1.1 */
static void what_no_module_may_be_given_is_refused_and_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(refused_urls); i++) {
		char out[512] = "left";
		struct err e = { 0 };

		if (module_url_check(refused_urls[i].url, &ugxx, &e) == 0 && !refused_urls[i].user &&
		    !refused_urls[i].password)
			fail_msg("checked: %s", refused_urls[i].url);
		if (module_url(out, sizeof(out), refused_urls[i].url, refused_urls[i].user,
			       refused_urls[i].password, &ugxx, &e) == 0)
			fail_msg("accepted: %s", refused_urls[i].url);
		assert_int_equal(e.code, ERR_USAGE);
		assert_contains(err_words(&e), refused_urls[i].words);
		assert_string_equal(out, "");
		for (const char *c = err_words(&e); *c != '\0'; c++)
			if ((unsigned char)*c < ' ' || (unsigned char)*c > '~')
				fail_msg("row %zu: byte 0x%02x in the message",
					 i, (unsigned char)*c);
	}
}

static void every_byte_outside_printable_ascii_is_refused(void **state)
{
	(void)state;
	for (unsigned byte = 1; byte < 256; byte++) {
		char url[] = "http://h/a?", out[64], words[32];
		struct err e = { 0 };
		int result;

		url[10] = (char)byte;
		result = module_url(out, sizeof(out), url, NULL, NULL,
					   &ugxx, &e);
		if (byte >= 0x21 && byte <= 0x7e && !strchr("\"\\#;", (int)byte)) {
			assert_int_equal(result, 0);
			continue;
		}
		assert_int_equal(result, -1);
		snprintf(words, sizeof(words), "byte 0x%02x at position 11",
			 byte);
		assert_contains(err_words(&e), words);
	}
}

static void a_message_never_holds_the_password(void **state)
{
	static const char *const passwords[] = {
		"canary\"x", "canary@x", "canary" FIFTY, "canary\x01",
	};
	(void)state;
	for (size_t i = 0; i < COUNT(passwords); i++) {
		char out[512];
		struct err e = { 0 };

		assert_int_equal(module_url(out, sizeof(out), "ftp://h/d", "u", passwords[i], &ugxx,
					 &e), -1);
		assert_null(strstr(err_words(&e), "canary"));
	}
}

/* faults.txt G17: what is accepted here is the same host to the library. */
static void a_host_means_the_same_to_the_library(void **state)
{
	static const char *const pieces[] = {
		"0", "1", "127", "255", "256", "010", "0x7f", "0X1f", "a", "h-1", "1a", "0x", "0xg", "4294967295", "x.y", "_", "",
	};
	const struct url_limits limits = { .max = 255 };
	unsigned seed = 1, accepted = 0;
	struct err loading;

	(void)state;
	assert_int_equal(libcurl_load(&loading), 0);
	for (int round = 0; round < 40000; round++) {
		char url[256], *host = NULL, *end;
		CURLU *library = curl_url();
		struct err e;
		int labels = 1 + rand_r(&seed) % 5;

		snprintf(url, sizeof(url), "http://");
		end = url + strlen(url);
		for (int i = 0; i < labels; i++)
			end += snprintf(end, 32, "%s%s", i ? "." : "", pieces[(size_t)rand_r(&seed) % (sizeof(pieces) / sizeof(pieces[0]))]);
		*end = '\0';
		snprintf(end, 8, "/f");
		if (module_url_check(url, &limits, &e) == 0) {
			accepted++;
			if (curl_url_set(library, CURLUPART_URL, url, 0) == CURLUE_OK) {
				curl_url_get(library, CURLUPART_HOST, &host, 0);
				*end = '\0';
				assert_string_equal(host, url + strlen("http://"));
			}
		}
		curl_free(host);
		curl_url_cleanup(library);
	}
	assert_true(accepted > 1000);
}

static void limits_are_those_of_the_profile(void **state)
{
	static const struct url_limits strict = {
		.max = 40, .login_max = 8, .ftp_path_max = 10, .https = true,
	};
	char out[64], small[10];
	struct err e = { 0 };

	(void)state;
	assert_int_equal(module_url(out, sizeof(out), "https://h/d", NULL, NULL, &strict, &e), 0);
	assert_string_equal(out, "https://h/d");
	assert_int_equal(module_url(out, sizeof(out), "ftp://h/123456789", NULL, NULL, &strict,
				 &e), 0);
	assert_int_equal(module_url(out, sizeof(out), "ftp://h/1234567890", NULL, NULL, &strict,
				 &e), -1);
	assert_contains(err_words(&e), "the path has 11 bytes");
	assert_int_equal(module_url(out, sizeof(out), "http://h/12345678901", NULL, NULL,
				 &strict, &e), 0);
	assert_int_equal(module_url(small, sizeof(small), "http://h/d", NULL, NULL, &strict,
				 &e), -1);
	assert_string_equal(small, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_url_is_built_as_the_module_wants_it),
		cmocka_unit_test(what_no_module_may_be_given_is_refused_and_named),
		cmocka_unit_test(every_byte_outside_printable_ascii_is_refused),
		cmocka_unit_test(a_message_never_holds_the_password),
		cmocka_unit_test(a_host_means_the_same_to_the_library),
		cmocka_unit_test(limits_are_those_of_the_profile),
	};

	return cmocka_run_group_tests_name("module_url", tests, NULL, NULL);
}

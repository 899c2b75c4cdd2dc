#include "config.h"

#include "server_fixture.h"

static int probe(const struct server *s, const char *scheme,
		 const struct server_access *access, struct server_facts *facts,
		 struct server_status *status, struct err *e)
{
	char url[64];

	memset(e, 0, sizeof(*e));
	snprintf(url, sizeof(url), "%s://127.0.0.1:%d/d.bin", scheme, s->port);
	return server_probe(url, access, facts, NULL, status, e);
}

#define RANGE "Content-Range: bytes 0-511/20000\r\n"
#define HEAD_OK { .want = "HEAD /d.bin", .status = "200 OK", .size = SIZE }

static const struct {
	struct turn turns[2];
	size_t count;
	struct server_facts facts;
} web_servers[] = {
	{ { { .want = "HEAD /d.bin", .status = "200 OK", .size = SIZE,
	      .headers = "Content-Type: application/x-delta\r\nAccept-Ranges: bytes\r\n"
			 "Last-Modified: Wed, 21 Oct 2026 07:28:00 GMT\r\n" },
	    { .want = "Range: bytes=0-511\r\n", .status = "206 Partial Content",
	      .headers = "Content-Type: application/x-delta\r\n" RANGE, .size = 512 } }, 2,
	  { .has_size = true, .size = SIZE, .type = "application/x-delta", .ranges = true,
	    .modified_s = 1792567680 } },
	/* ranges are not known: the rest of the body is not taken */
	{ { HEAD_OK, { .want = "GET", .status = "200 OK", .size = SIZE } }, 2,
	  { .has_size = true, .size = SIZE, .modified_s = -1 } },
	/* HEAD is refused, in several ways */
	{ { { .want = "HEAD", .status = "405 No" }, { .want = "GET", .status = "206 x", .headers = RANGE, .size = 512 } }, 2,
	  { .has_size = true, .size = SIZE, .ranges = true, .modified_s = -1 } },
	{ { { .want = "HEAD", .status = "403 No" }, { .want = "GET", .status = "200 OK", .size = 10 } }, 2,
	  { .has_size = true, .size = 10, .modified_s = -1 } },
	{ { { .want = "HEAD", .status = "501 No" }, { .want = "GET", .status = "200 OK", .no_length = true, .size = 10 } }, 2,
	  { .modified_s = -1 } },
	/* the answer to GET counts */
	{ { HEAD_OK, { .want = "GET", .status = "206 x", .headers = "Content-Range: bytes 0-511/30000\r\n", .size = 512 } }, 2,
	  { .has_size = true, .size = 30000, .ranges = true, .modified_s = -1 } },
	{ { { .want = "HEAD", .status = "200 OK" }, { .want = "GET", .status = "416 x" } }, 2,
	  { .has_size = true, .size = 0, .modified_s = -1 } },
	/* web pages */
	{ { { .want = "HEAD", .status = "200 OK", .headers = "Content-Type: text/html\r\n", .size = 9 },
	    { .want = "GET", .status = "200 OK", .headers = "Content-Type: text/html\r\n", .body = "log in at", .size = 9 } }, 2,
	  { .has_size = true, .size = 9, .type = "text/html", .html = true, .modified_s = -1 } },
	{ { HEAD_OK, { .want = "GET", .status = "200 OK", .headers = "Content-Type: Text/HTML; charset=x\r\nContent-Encoding: gzip\r\n",
		       .body = "\x1f\x8b\x08", .size = 3 } }, 2,
	  { .has_size = true, .size = SIZE, .type = "Text/HTML; charset=x", .html = true, .modified_s = -1 } },
	/* a label makes no page */
	{ { HEAD_OK, { .want = "GET", .status = "206 x", .headers = "Content-Type: text/html\r\nContent-Range: bytes 0-19999/20000\r\n", .size = 20000 } }, 2,
	  { .has_size = true, .size = 20000, .type = "text/html", .ranges = true, .modified_s = -1 } },
	{ { { .want = "HEAD", .status = "200 OK", .headers = "Content-Type: text/html\r\n", .size = 4 },
	    { .want = "GET", .status = "200 OK", .headers = "Content-Type: application/xhtml+xml\r\n", .body = "\x01\xfe\x80z", .size = 4 } }, 2,
	  { .has_size = true, .size = 4, .type = "application/xhtml+xml", .modified_s = -1 } },
	{ { { .want = "HEAD", .status = "200 OK", .size = 9 }, { .want = "GET", .status = "200 OK", .body = " <!DocType HTML>", .size = 16 } }, 2,
	  { .has_size = true, .size = 16, .html = true, .modified_s = -1 } },
	/* redirects are reported, not followed, whatever they lead to */
	{ { { .want = "HEAD", .status = "302 x", .headers = "Location: /else\r\n", .size = 7 } }, 1,
	  { .redirect = "/else", .modified_s = -1 } },
	{ { { .want = "HEAD", .status = "301 x", .headers = "Location: file:///etc/passwd\r\n" } }, 1,
	  { .redirect = "file:///etc/passwd", .modified_s = -1 } },
	{ { { .want = "HEAD", .status = "400 x" }, { .want = "GET", .status = "307 x", .headers = "Location: ftp://u:p@h/x\r\n", .size = 1 << 20 } }, 2,
	  { .redirect = "ftp://***:***@h/x", .modified_s = -1 } },
	/* hostile text */
	{ { { .want = "HEAD", .status = "200 OK", .headers = "Content-Type: a\x1b]0;b\x07\r\n", .size = 9 }, { .status = "200 OK", .headers = "Content-Type: a\x1b]0;b\x07\r\n", .size = 9 } }, 2,
	  { .has_size = true, .size = 9, .type = "a\\x1b]0;b\\x07", .modified_s = -1 } },
};

static void a_web_server_tells_what_it_has(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(web_servers); i++) {
		struct server s = start(serve_turns, &(const struct turns){ web_servers[i].turns, web_servers[i].count });
		const struct server_facts *want = &web_servers[i].facts;
		struct server_facts facts;
		struct server_status status;
		char redirect[128];
		struct err e;

		if (probe(&s, "http", NULL, &facts, &status, &e) < 0)
			fail_msg("row %zu: %s", i, err_read(&e));
		stop(&s);
		assert_turns(&s, web_servers[i].count);
		forget(&s);
		assert_int_equal(status.kind, SERVER_OK);
		snprintf(redirect, sizeof(redirect), "http://127.0.0.1:%d/else", s.port);
		if (facts.has_size != want->has_size || facts.size != want->size ||
		    facts.html != want->html || facts.ranges != want->ranges ||
		    facts.modified_s != want->modified_s)
			fail_msg("row %zu: size %d %lu, html %d, ranges %d, modified %ld", i,
				 facts.has_size, (unsigned long)facts.size, facts.html,
				 facts.ranges, (long)facts.modified_s);
		assert_string_equal(facts.type, want->type);
		assert_string_equal(facts.redirect,
				    want->redirect[0] == '/' ? redirect : want->redirect);
		assert_string_equal(facts.address, "127.0.0.1");
		assert_true(facts.private_address);
	}
}

static void what_is_not_there_is_told(void **state)
{
	static const struct {
		struct turn head, get;
		const char *words;
		enum server_kind kind;
	} rows[] = {
		{ { .status = "404 x" }, { .want = "GET", .status = "404 x" }, "no such file (HTTP 404)", SERVER_NOT_FOUND },
		{ { .status = "401 x" }, { .want = "GET", .status = "401 x" }, "wants a user and password", SERVER_LOGIN },
		{ { .status = "200 OK", .size = 9 }, { .want = "GET", .status = "403 x" }, "access is forbidden", SERVER_LOGIN },
		{ { .status = "503 x" }, { .want = "GET", .status = "503 x", .headers = "Retry-After: 7\r\n" }, "(HTTP 503), it says after 7 s", SERVER_BUSY },
		{ { .status = "200 OK", .size = 9 }, { .want = "GET", .status = "204 x", .no_length = true }, "has no content at this address (HTTP 204)", SERVER_OTHER },
		{ { .status = "405 x" }, { .want = "GET", .status = "302 x" }, "a redirect that leads nowhere (HTTP 302)", SERVER_OTHER },
		{ { .status = "405 x" }, { .want = "GET", .status = "304 x" }, "not modified", SERVER_OTHER },
		{ { .status = "200 OK", .no_length = true, .headers = "Content-Length: 9\r\nContent-Length: 8\r\n" },
		  { .want = "GET", .status = "200 OK", .no_length = true, .headers = "Content-Length: 9\r\nContent-Length: 8\r\n", .size = 9 },
		  "two of them", SERVER_OTHER },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct turn turns[] = { rows[i].head, rows[i].get };
		struct server s = start(serve_turns, TURNS(turns));
		struct server_facts facts;
		struct server_status status;
		struct err e;

		if (probe(&s, "http", NULL, &facts, &status, &e) == 0)
			fail_msg("row %zu: found", i);
		stop(&s);
		forget(&s);
		assert_int_equal(e.code, ERR_NETWORK);
		assert_contains(err_read(&e), rows[i].words);
		assert_int_equal(status.kind, rows[i].kind);
	}
}

static void an_ftp_server_tells_what_it_has(void **state)
{
	static const struct {
		struct ftp ftp;
		const char *words;	/* NULL: it works */
		bool has_size, ranges;
		int64_t modified_s;
		unsigned transfers;
	} rows[] = {
		{ { .has = SIZE, .mdtm = "213 20261021072800\r\n" }, NULL, true, true, 1792567680, 1 },
		{ { .has = SIZE, .mdtm = "500 no\r\n" }, NULL, true, true, -1, 1 },
		{ { .has = SIZE, .rest = "502 no\r\n" }, NULL, true, false, -1, 1 },
		/* no SIZE: the begin of the file shows that it is there */
		{ { .has = SIZE, .size = "500 no\r\n" }, NULL, false, true, -1, 1 },
		{ { .size = "500 no\r\n" }, "no such file or directory (FTP 550)", false, false, -1, 1 },
		{ { .has = 0 }, "no such file or directory (FTP 550)", false, false, -1, 1 },
		{ { .pass = "530 no\r\n" }, "does not let anybody in without user and password (FTP 530)", false, false, -1, 0 },
		{ { .has = SIZE, .mute_quit = true }, NULL, true, true, -1, 1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct server s = start(serve_ftp, &rows[i].ftp);
		struct server_facts facts;
		struct server_status status;
		double begin = seconds();
		struct err e;
		int result = probe(&s, "ftp", NULL, &facts, &status, &e);

		stop(&s);
		if ((result < 0) != (rows[i].words != NULL))
			fail_msg("row %zu: %s", i, err_read(&e));
		if (rows[i].words)
			assert_contains(err_read(&e), rows[i].words);
		if (s.seen->transfers != rows[i].transfers)
			fail_msg("row %zu: %s", i, s.seen->log);
		forget(&s);
		assert_true(seconds() - begin < 2);
		if (result < 0)
			continue;
		assert_int_equal(facts.has_size, rows[i].has_size);
		assert_int_equal(facts.size, rows[i].has_size ? SIZE : 0);
		assert_int_equal(facts.ranges, rows[i].ranges);
		assert_int_equal(facts.modified_s, rows[i].modified_s);
		assert_string_equal(facts.address, "127.0.0.1");
	}
}

/* In facts no less than in messages. */
static void a_server_cannot_make_us_tell_the_password(void **state)
{
	static const struct server_access login = { .user = "field", .password = "c@n%ry" };
	static const struct turn rows[] = {
		{ .want = "Authorization: Basic ZmllbGQ6Y0BuJXJ5\r\n", .status = "302 x",
		  .headers = "Content-Type: c@n%ry ZmllbGQ6Y0BuJXJ5\r\n"
			     "Location: http://field:c%40n%25ry@h/c%40n%25ry/ZmllbGQ6Y0BuJXJ5/c@n%ry\r\n" },
	};
	struct server s = start(serve_turns, TURNS(rows));
	struct server_facts facts;
	struct server_status status;
	struct err e;

	(void)state;
	if (probe(&s, "http", &login, &facts, &status, &e) < 0)
		fail_msg("%s", err_read(&e));
	stop(&s);
	assert_turns(&s, 1);
	forget(&s);
	assert_string_equal(facts.type, "*** ***");
	assert_lacks(facts.redirect, "ZmllbGQ6Y0BuJXJ5");
	assert_lacks(facts.redirect, "n%25ry");
	assert_lacks(facts.redirect, "n%ry");
}

static bool refuse(void *ctx, uint64_t done, uint64_t total)
{
	unsigned *calls = ctx;

	(void)done;
	(void)total;
	return --*calls > 0;
}

static void a_probe_is_cancelled_at_once(void **state)
{
	static const struct turn rows[] = { { .want = "HEAD", .stall = true } };
	struct server s = start(serve_turns, TURNS(rows));
	struct server_facts facts;
	unsigned calls = 5;
	const struct server_watch watch = { refuse, &calls, NULL };
	double begin = seconds();
	struct err e = { 0 };
	char url[64];

	(void)state;
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/d.bin", s.port);
	assert_int_equal(server_probe(url, NULL, &facts, &watch, NULL, &e), -1);
	stop(&s);
	forget(&s);
	assert_int_equal(e.code, ERR_CANCELLED);
	assert_int_equal(calls, 0);
	assert_true(seconds() - begin < 1.5);
}

static void what_cannot_be_asked_is_told_apart(void **state)
{
	static const struct {
		const char *url, *words;
		enum err_code code;
	} rows[] = {
		{ "http://dfota.invalid/d.bin", "dfota.invalid: no such host", ERR_NETWORK },
		{ "http://127.0.0.1:1/d.bin", "connecting to 127.0.0.1: Connection refused", ERR_NETWORK },
		{ "ftp://127.0.0.1:1/d.bin", "connecting to 127.0.0.1: Connection refused", ERR_NETWORK },
		{ "https://127.0.0.1:1/d.bin", "connecting to 127.0.0.1: Connection refused", ERR_NETWORK },
		{ "ftps://127.0.0.1:1/d.bin", "connecting to 127.0.0.1: Connection refused", ERR_NETWORK },
		{ "http://u:p@127.0.0.1:1/d.bin", "--credentials", ERR_USAGE },
		{ "smb://127.0.0.1/d.bin", "unknown scheme", ERR_USAGE },
		{ "d.bin", "unknown scheme", ERR_USAGE },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct server_facts facts;
		struct err e = { 0 };

		if (server_probe(rows[i].url, NULL, &facts, NULL, NULL, &e) == 0)
			fail_msg("row %zu", i);
		assert_int_equal(e.code, rows[i].code);
		assert_contains(err_read(&e), rows[i].words);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_web_server_tells_what_it_has),
		cmocka_unit_test(what_is_not_there_is_told),
		cmocka_unit_test(an_ftp_server_tells_what_it_has),
		cmocka_unit_test(a_server_cannot_make_us_tell_the_password),
		cmocka_unit_test(a_probe_is_cancelled_at_once),
		cmocka_unit_test(what_cannot_be_asked_is_told_apart),
	};

	return cmocka_run_group_tests(tests, server_tests_begin, server_tests_end);
}

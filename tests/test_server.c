#include "config.h"

#include "server_fixture.h"

/* What arrived at the client. */
struct catch {
	char bytes[4096];
	size_t size;
	bool refuse;
	unsigned calls;
	unsigned cancel_at;	/* progress call that says stop; 0: none */
	uint64_t total;
};

static bool keep(void *ctx, const void *bytes, size_t size)
{
	struct catch *c = ctx;

	if (c->refuse)
		return false;
	if (c->size + size <= sizeof(c->bytes))
		memcpy(&c->bytes[c->size], bytes, size);
	c->size += size;
	return true;
}

static bool watch(void *ctx, uint64_t done, uint64_t total)
{
	struct catch *c = ctx;

	assert_true(done == c->size);
	c->total = total;
	return ++c->calls != c->cancel_at;
}

static int fetch(const char *url, struct catch *c, uint64_t max,
		 struct server_status *status, struct err *e)
{
	struct server_sink sink = { .write = keep, .progress = watch, .ctx = c,
				    .max_size = max };

	memset(e, 0, sizeof(*e));
	return server_fetch(url, &sink, status, e);
}

struct http_script {
	const char *answer;	/* %d: our own port */
	char fill;		/* then so many of this byte */
	size_t fill_size;
	const char *header;	/* a header line again and again, before the fill */
	size_t headers;
	bool silent;		/* read the request, say nothing until the client goes */
	bool deaf;		/* close at once */
};

static void serve_http(int fd, const void *ctx, struct seen *seen)
{
	const struct http_script *s = ctx;
	struct sockaddr_in self;
	socklen_t size = sizeof(self);
	char request[4096], answer[2048], chunk[1024];

	(void)seen;
	if (s->deaf)
		return;
	get(fd, request, sizeof(request), true);
	if (s->silent) {
		outwait(fd);
		return;
	}
	getsockname(fd, (struct sockaddr *)&self, &size);
	if (strstr(s->answer, "%d")) {
		const char *at = strstr(s->answer, "%d");

		snprintf(answer, sizeof(answer), "%.*s%d%s",
			 (int)(at - s->answer), s->answer, ntohs(self.sin_port),
			 at + 2);
	} else {
		snprintf(answer, sizeof(answer), "%s", s->answer);
	}
	put(fd, answer, strlen(answer));
	for (size_t i = 0; i < s->headers; i++)
		put(fd, s->header, strlen(s->header));
	memset(chunk, s->fill, sizeof(chunk));
	for (size_t left = s->fill_size; left > 0;) {
		size_t n = left < sizeof(chunk) ? left : sizeof(chunk);

		put(fd, chunk, n);
		left -= n;
	}
}

#define OK_3 "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"
#define MEBI ((size_t)1 << 20)

static void a_file_is_fetched_with_progress(void **state)
{
	static const struct http_script script = { .answer = OK_3 };
	struct server s = start(serve_http, &script);
	struct catch c = { 0 };
	struct server_status status;
	struct err e;
	char url[64];

	(void)state;
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/d.bin", s.port);
	if (fetch(url, &c, 3, &status, &e) < 0)
		fail_msg("%s", err_read(&e));
	stop(&s);
	forget(&s);
	assert_int_equal(c.size, 3);
	assert_memory_equal(c.bytes, "abc", 3);
	assert_int_equal(c.total, 3);
	assert_true(c.calls > 0);
	assert_int_equal(status.kind, SERVER_OK);
	assert_int_equal(status.reply, 200);
}

/* faults.md D01, D04, D06, D07, D09, D13, D16 */
static void what_a_server_does_wrong_is_told_apart(void **state)
{
	static const struct {
		struct http_script script;
		const char *words;
		enum server_kind kind;
		int reply;
	} rows[] = {
		{ { .answer = "HTTP/1.1 401 x\r\nContent-Length: 0\r\n\r\n" }, "user and password are needed or wrong (HTTP 401)", SERVER_LOGIN, 401 },
		{ { .answer = "HTTP/1.1 404 x\r\nContent-Length: 2\r\n\r\nno" }, "no such file (HTTP 404)", SERVER_NOT_FOUND, 404 },
		{ { .answer = "HTTP/1.1 416 x\r\nContent-Length: 0\r\n\r\n" }, "(HTTP 416)", SERVER_OTHER, 416 },
		{ { .answer = "HTTP/1.1 418 x\r\nContent-Length: 0\r\n\r\n" }, "the server refused (HTTP 418)", SERVER_OTHER, 418 },
		{ { .answer = "HTTP/1.1 500 x\r\nContent-Length: 0\r\n\r\n" }, "the server has a fault (HTTP 500)", SERVER_OTHER, 500 },
		{ { .answer = "HTTP/1.1 503 x\r\nRetry-After: 9\r\nContent-Length: 0\r\n\r\n" }, "the server is overloaded or closed (HTTP 503)", SERVER_BUSY, 503 },
		{ { .answer = "HTTP/1.1 304 x\r\n\r\n" }, "(HTTP 304)", SERVER_OTHER, 304 },
		{ { .answer = "HTTP/1.1 204 x\r\n\r\n" }, "the server has no content at this address (HTTP 204)", SERVER_OTHER, 204 },
		{ { .answer = "HTTP/1.1 206 x\r\nContent-Length: 3\r\nContent-Range: bytes 0-2/9\r\n\r\nabc" }, "only a part of the file, though all of it was asked for (HTTP 206)", SERVER_OTHER, 206 },
		{ { .answer = "HTTP/1.1 200 OK\r\nContent-Length: 307200\r\n\r\n", .fill = 'x', .fill_size = 4096 }, "cut after 4,096 of 307,200 bytes", SERVER_OTHER, 200 },
		{ { .answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab" }, "cut after 2 bytes", SERVER_OTHER, 200 },
		{ { .answer = "HTTP/1.1 200 OK\r\nContent-Length: 500001\r\n\r\n" }, "the file has more than 500,000 bytes", SERVER_OTHER, 200 },
		{ { .answer = "HTTP/1.1 200 OK\r\n\r\n", .fill = 'x', .fill_size = 3 * MEBI }, "the file has more than 500,000 bytes", SERVER_OTHER, 200 },
		{ { .answer = "HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775808\r\n\r\nabc" }, "", SERVER_OTHER, 200 },
		{ { .answer = "HTTP/1.1 200 OK\r\nContent-Length: -3\r\n\r\nabc" }, "", SERVER_OTHER, 200 },
		{ { .answer = "HTTP/1.1 302 x\r\nLocation: http://127.0.0.1:%d/\r\nContent-Length: 0\r\n\r\n" }, "more than 5 redirects", SERVER_OTHER, 302 },
		{ { .answer = "HTTP/1.1 302 x\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n" }, "it redirects to another scheme, which is not followed: ", SERVER_OTHER, 302 },
		{ { .answer = "HTTP/1.1 302 x\r\nLocation: ftp://127.0.0.1:%d/\r\nContent-Length: 0\r\n\r\n" }, "it redirects to another scheme, which is not followed: ", SERVER_OTHER, 302 },
		{ { .answer = "HTTP/1.1 302 x\r\nLocation: gopher://127.0.0.1:%d/\r\nContent-Length: 0\r\n\r\n" }, "it redirects to another scheme, which is not followed: ", SERVER_OTHER, 302 },
		{ { .answer = "HTTP/1.1 200 OK\r\nX: ", .fill = 'x', .fill_size = MEBI }, "header of its answer has no end", SERVER_OTHER, 200 },
		{ { .answer = "HTTP/1.1 200 OK\r\n", .header = "X-Header: y\r\n", .headers = 10000 }, "header of its answer has no end", SERVER_OTHER, 200 },
		{ { .answer = "SSH-2.0-x\r\n" }, "it looks like SSH; it says \"SSH-2.0-x\"", SERVER_SERVICE, 0 },
		{ { .deaf = true }, "127.0.0.1: ", SERVER_OTHER, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct server s = start(serve_http, &rows[i].script);
		struct catch c = { 0 };
		struct server_status status;
		struct err e;
		char url[64];

		snprintf(url, sizeof(url), "http://127.0.0.1:%d/d.bin", s.port);
		if (fetch(url, &c, 500000, &status, &e) == 0)
			fail_msg("row %zu accepted; expected: %s", i,
				 rows[i].words);
		stop(&s);
		forget(&s);
		assert_int_equal(e.code, ERR_NETWORK);
		assert_contains(err_read(&e), rows[i].words);
		if (status.kind != rows[i].kind || status.reply != rows[i].reply)
			fail_msg("row %zu: kind %d, reply %d: %s", i,
				 (int)status.kind, status.reply, err_read(&e));
		assert_true(c.size <= 500000);
	}
}

static void a_redirect_within_http_is_followed(void **state)
{
	static const struct http_script target = { .answer = OK_3 };
	struct server last = start(serve_http, &target);
	char answer[128], url[64];
	struct http_script script = { .answer = answer };
	struct server first;
	struct catch c = { 0 };
	struct server_status status;
	struct err e;

	(void)state;
	snprintf(answer, sizeof(answer),
		 "HTTP/1.1 301 x\r\nLocation: http://127.0.0.1:%d/y\r\nContent-Length: 5\r\n\r\nmoved",
		 last.port);
	first = start(serve_http, &script);
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/x", first.port);
	if (fetch(url, &c, 100, &status, &e) < 0)
		fail_msg("%s", err_read(&e));
	stop(&first);
	stop(&last);
	forget(&first);
	forget(&last);
	assert_int_equal(c.size, 3);	/* the body of the redirect is not the file */
	assert_memory_equal(c.bytes, "abc", 3);
}

static void a_sink_that_takes_nothing_ends_it(void **state)
{
	static const struct http_script script = { .answer = OK_3 };
	struct server s = start(serve_http, &script);
	struct catch c = { .refuse = true };
	struct err e;
	char url[64];

	(void)state;
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/d.bin", s.port);
	assert_int_equal(fetch(url, &c, 100, NULL, &e), -1);
	stop(&s);
	forget(&s);
	assert_int_equal(e.code, ERR_NETWORK);
	assert_contains(err_read(&e), "could not be stored");
}

/* faults.md D18: at once, and while the server is silent within about a second */
static void progress_cancels(void **state)
{
	static const struct http_script silent = { .silent = true };
	struct server s = start(serve_http, &silent);
	char url[64];

	(void)state;
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/d.bin", s.port);
	for (unsigned at = 1; at <= 8; at += 7) {
		struct catch c = { .cancel_at = at };
		double begin = seconds();
		struct err e;

		assert_int_equal(fetch(url, &c, 100, NULL, &e), -1);
		assert_int_equal(e.code, ERR_CANCELLED);
		assert_int_equal(c.calls, at);
		assert_true(seconds() - begin < 2.0 * at);
	}
	stop(&s);
	forget(&s);
}

static void a_closed_port_and_an_unknown_host_are_told_apart(void **state)
{
	struct server_status status;
	struct catch c = { 0 };
	struct err e;

	(void)state;
	assert_int_equal(fetch("http://127.0.0.1:1/d.bin", &c, 100, &status, &e), -1);
	assert_int_equal(status.kind, SERVER_CONNECT);
	assert_int_equal(e.detail, ECONNREFUSED);
	assert_contains(err_read(&e), "connecting to 127.0.0.1: Connection refused");

	assert_int_equal(fetch("http://dfota.invalid/d.bin", &c, 100, &status, &e), -1);
	assert_int_equal(status.kind, SERVER_DNS);
	assert_contains(err_read(&e), "dfota.invalid: no such host");
}

static void only_four_schemes_are_fetched(void **state)
{
	static const char *const urls[] = {
		"file:///etc/passwd", "gopher://127.0.0.1/", "dict://127.0.0.1/",
		"smb://127.0.0.1/x", "/etc/passwd", "127.0.0.1/x", "", "http://",
		"http://h:99999/", "http://h/\r\nx",
	};
	(void)state;
	for (size_t i = 0; i < COUNT(urls); i++) {
		struct catch c = { 0 };
		struct err e;

		if (fetch(urls[i], &c, 100, NULL, &e) == 0)
			fail_msg("fetched: %s", urls[i]);
		assert_int_equal(e.code, ERR_USAGE);
	}
}

/* faults.md D20: nothing listens there */
static void proxies_of_the_environment_are_not_used(void **state)
{
	static const struct http_script script = { .answer = OK_3 };
	struct server s = start(serve_http, &script);
	struct catch c = { 0 };
	struct err e;
	char url[64];

	(void)state;
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/d.bin", s.port);
	setenv("http_proxy", "http://127.0.0.1:1", 1);
	setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
	if (fetch(url, &c, 100, NULL, &e) < 0)
		fail_msg("%s", err_read(&e));
	unsetenv("http_proxy");
	unsetenv("ALL_PROXY");
	stop(&s);
	forget(&s);
}

/* faults.md D14, D15 */
static void ftp_works_and_fails_in_words(void **state)
{
	static const struct {
		struct ftp script;
		const char *words;	/* NULL: it works */
		enum server_kind kind;
		int reply;
	} rows[] = {
		{ { .has = 3 }, NULL, SERVER_OK, 226 },
		{ { .has = 3, .epsv = "500 no\r\n", .pasv = "192,0,2,66" }, NULL, SERVER_OK, 226 },
		{ { .has = 3, .size = "500 no\r\n" }, NULL, SERVER_OK, 226 },
		{ { .pass = "530 canary is wrong\r\n" }, "login refused (FTP 530)", SERVER_LOGIN, 530 },
		{ { .user = "421 too many\r\n" }, "turns this computer away for now: too many connections, or too much to do (FTP 421), in its words: \"too many\"", SERVER_BUSY, 421 },
		{ { .has = 0 }, "no such file or directory (FTP 550)", SERVER_NOT_FOUND, 550 },
		{ { .has = 3, .retr = "426 gone\r\n" }, "the data connection failed (FTP 426)", SERVER_OTHER, 426 },
		{ { .has = 3, .type = "504 text only\r\n" }, "binary mode is refused", SERVER_OTHER, 504 },
		{ { .has = 3, .size = "213 9\r\n" }, "cut after 3 of 9 bytes", SERVER_OTHER, 150 },
		{ { .has = 3, .size = "213 999999\r\n" }, "the file has more than 1,000 bytes", SERVER_OTHER, 213 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct server s = start(serve_ftp, &rows[i].script);
		struct catch c = { 0 };
		struct server_status status;
		struct err e;
		char url[64];
		int result;

		snprintf(url, sizeof(url), "ftp://field:canary@127.0.0.1:%d/d.bin",
			 s.port);
		result = fetch(url, &c, 1000, &status, &e);
		stop(&s);
		forget(&s);
		if (result != (rows[i].words ? -1 : 0))
			fail_msg("row %zu: %s", i, err_read(&e));
		if (rows[i].words)
			assert_contains(err_read(&e), rows[i].words);
		else
			assert_memory_equal(c.bytes, blob(), 3);
		if (status.kind != rows[i].kind)
			fail_msg("row %zu: kind %d: %s", i, (int)status.kind,
				 err_read(&e));
		if (status.reply != rows[i].reply)
			fail_msg("row %zu: reply %d: %s", i, status.reply,
				 err_read(&e));
		assert_null(strstr(err_read(&e), "canary"));
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_fetched_with_progress),
		cmocka_unit_test(what_a_server_does_wrong_is_told_apart),
		cmocka_unit_test(a_redirect_within_http_is_followed),
		cmocka_unit_test(a_sink_that_takes_nothing_ends_it),
		cmocka_unit_test(progress_cancels),
		cmocka_unit_test(a_closed_port_and_an_unknown_host_are_told_apart),
		cmocka_unit_test(only_four_schemes_are_fetched),
		cmocka_unit_test(proxies_of_the_environment_are_not_used),
		cmocka_unit_test(ftp_works_and_fails_in_words),
	};

	return cmocka_run_group_tests(tests, server_tests_begin, server_tests_end);
}

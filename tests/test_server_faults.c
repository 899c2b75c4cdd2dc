#include "config.h"

#include "server_fixture.h"

static void D01_refused_unknown_and_reset_are_told_apart_and_tried_again(void **state)
{
	static const struct turn resets[] = {
		{ .reset = true }, { .reset = true }, { .reset = true }, { .reset = true }, { .reset = true },
	};
	static const struct turn silent[] = {
		{ .want = "GET" }, { .want = "GET" }, { .want = "GET" }, { .want = "GET" }, { .want = "GET" },
	};
	static const struct turn later[] = {
		{ .reset = true }, { .want = "GET" }, { .reset = true }, { .status = "200 OK", .size = SIZE },
	};
	struct server s = start(serve_turns, TURNS(resets));
	struct task j = { .size = 0 };
	int result = download(&j, &s, "http");
	double begin;

	(void)state;
	stop(&s);
	assert_failed(&j, result, ERR_NETWORK, "reset");
	assert_int_equal(s.seen->connections, 4);
	forget(&s);

	s = start(serve_turns, TURNS(silent));
	result = download(&j, &s, "http");
	stop(&s);
	assert_failed(&j, result, ERR_NETWORK, "closed the connection without an answer");
	assert_int_equal(s.seen->connections, 4);
	forget(&s);

	s = start(serve_turns, TURNS(later));
	result = download(&j, &s, "http");
	stop(&s);
	assert_turns(&s, 4);
	assert_done(&j, result, blob(), SIZE);
	forget(&s);

	make_place(&j.place);
	begin = seconds();
	result = download_url(&j, "http://127.0.0.1:1/d.bin");
	assert_failed(&j, result, ERR_NETWORK, "connecting to 127.0.0.1: Connection refused");
	assert_int_equal(j.status.kind, SERVER_CONNECT);
	assert_true(seconds() - begin > 0.069);	/* 10, 20 and 40 ms of pauses */

	make_place(&j.place);
	result = download_url(&j, "http://dfota.invalid/d.bin");
	assert_failed(&j, result, ERR_NETWORK, "dfota.invalid: no such host");
	assert_int_equal(j.status.kind, SERVER_DNS);
}

static void D02_a_server_that_sends_nothing_is_left(void **state)
{
	static const struct server_settings hasty = {
		.connect_s = 5, .stall_s = 1, .pause_ms = 10, .retries = 3,
	};
	static const struct turn mute[] = { { .want = "GET", .stall = true } };
	static const struct turn stuck[] = {
		{ .status = "200 OK", .headers = V1, .size = SIZE, .cut = 4096, .stall = true },
		{ .want = "Range: bytes=4096-", .status = "206 Partial Content",
		  .headers = "Content-Range: bytes 4096-19999/20000\r\n", .from = 4096, .size = 15904 },
	};
	struct server s = start(serve_turns, TURNS(mute));
	struct task j = { .settings = &hasty };
	double begin = seconds();
	int result = download(&j, &s, "http");

	(void)state;
	stop(&s);
	assert_failed(&j, result, ERR_NETWORK, "took the connection but did not answer within 1 s");
	assert_int_equal(j.status.kind, SERVER_TIMEOUT);
	assert_true(seconds() - begin < 5);
	forget(&s);

	/* what came before it got stuck is not lost */
	s = start(serve_turns, TURNS(stuck));
	result = download(&j, &s, "http");
	stop(&s);
	assert_turns(&s, 2);
	assert_done(&j, result, blob(), SIZE);
	forget(&s);
	assert_int_equal(server_defaults.stall_s, 30);
}

static void D03_a_trickle_is_a_stall(void **state)
{
	static const struct server_settings hasty = {
		.connect_s = 5, .stall_s = 2, .pause_ms = 10, .retries = 0,
	};
	static const struct turn rows[] = {
		{ .status = "200 OK", .size = SIZE, .trickle_ms = 500 },
	};
	static const struct server_settings again = {
		.connect_s = 5, .stall_s = 1, .pause_ms = 10, .retries = 1,
	};
	static const struct ftp ftp = { .has = SIZE, .stall = true, .mdtm = "213 20261021072800\r\n" };
	struct server s = start(serve_turns, TURNS(rows));
	struct task j = { .settings = &hasty };
	double begin = seconds();
	int result = download(&j, &s, "http");

	(void)state;
	stop(&s);
	assert_failed(&j, result, ERR_NETWORK, "stalled: next to nothing moved for 2 s, after ");
	assert_int_equal(j.status.kind, SERVER_TIMEOUT);
	assert_true(seconds() - begin < 10);
	forget(&s);

	/* all of it came, only the end was not announced: no byte is fetched twice */
	j.settings = &again;
	s = start(serve_ftp, &ftp);
	result = download(&j, &s, "ftp");
	stop(&s);
	assert_int_equal(asked(&s, "RETR"), 1);
	assert_done(&j, result, blob(), SIZE);
	forget(&s);
}

static void D06_D07_what_is_too_long_or_of_no_sane_length_is_refused(void **state)
{
	static const struct {
		struct turn turn;
		const char *words;
	} rows[] = {
		{ { .status = "200 OK", .no_length = true, .size = 1 << 20 }, "the file has more than 100,000 bytes" },
		{ { .status = "200 OK", .no_length = true, .headers = "Transfer-Encoding: chunked\r\n",
		    .body = "40000\r\n", .size = 7, .stall = false }, "cut after 0 bytes" },
		{ { .status = "200 OK", .size = 100001 }, "the file has more than 100,000 bytes" },
		{ { .status = "200 OK", .no_length = true, .headers = "Content-Length: 9223372036854775808\r\n", .size = 9 }, "a length that cannot be" },
		{ { .status = "200 OK", .no_length = true, .headers = "Content-Length: 18446744073709551617\r\n", .size = 9 }, "a length that cannot be" },
		{ { .status = "200 OK", .no_length = true, .headers = "Content-Length: 9223372036854775807\r\n", .size = 9 }, "the file has more than 100,000 bytes" },
		{ { .status = "200 OK", .no_length = true, .headers = "Content-Length: -9\r\n", .size = 9 }, "Content-Length" },
		{ { .status = "200 OK", .no_length = true, .headers = "Content-Length: 9\r\nContent-Length: 8\r\n", .size = 9 }, "two of them" },
		{ { .status = "200 OK", .no_length = true, .headers = "Content-Length: 8\r\nX: y\r\ncontent-length: 9\r\n", .size = 9 }, "two of them" },
		{ { .status = "200 OK", .no_length = true, .headers = "Content-Length: 9, 8\r\n", .size = 9 }, "a length that cannot be" },
		{ { .status = "200 OK", .no_length = true, .headers = "Content-Length: 9x\r\n", .size = 9 }, "a length that cannot be" },
		{ { .status = "200 OK", .size = 0 }, "is empty" },
	};
	static const struct turn twice[] = {
		{ .status = "200 OK", .no_length = true, .headers = "Content-Length: 9\r\nContent-Length: 9\r\n", .size = 9 },
	};
	struct task j = { .settings = &(const struct server_settings){ 5, 30, 10, 0, 0 } };
	struct server s;
	int result;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		s = start(serve_turns, &(const struct turns){ &rows[i].turn, 1 });
		result = download(&j, &s, "http");
		stop(&s);
		assert_failed(&j, result, rows[i].turn.size ? ERR_NETWORK : ERR_PACKAGE, rows[i].words);
		forget(&s);
	}
	/* the same length said twice is one */
	s = start(serve_turns, TURNS(twice));
	result = download(&j, &s, "http");
	stop(&s);
	assert_done(&j, result, blob(), 9);
	forget(&s);
}

static void D09_redirects_are_followed_by_strict_rules(void **state)
{
	static const struct {
		const char *host, *location, *words;
	} rows[] = {
		{ "127.0.0.1", "file:///etc/passwd", "redirects to another scheme, which is not followed: file:///etc/passwd" },
		{ "127.0.0.1", "ftp://127.0.0.1/d.bin", "redirects to another scheme, which is not followed: ftp://127.0.0.1/d.bin" },
		{ "127.0.0.1", "https://127.0.0.1/d.bin", "redirects to another scheme, which is not followed: https://127.0.0.1/d.bin" },
		{ "127.0.0.1", "gopher://127.0.0.1/", "redirects to another scheme" },
		{ "127.0.0.1", "//u:canary@127.0.0.1/d.bin", "redirects to a URL with a login in it" },
		{ "127.0.0.1", "http://", "a redirect that leads nowhere (HTTP 302)" },
		{ "127.0.0.1", "/x\x1b[2J", "a redirect that leads nowhere (HTTP 302)" },
		/* asked under another name, an address of this computer is none of its business */
		{ "localhost", "http://127.0.0.1:1/d.bin", "redirects to an address of this computer or its network" },
		{ "127.0.0.2", "http://localhost:1/d.bin", "redirects to an address of this computer or its network" },
	};
	struct turn loop[21];
	struct task j = { .settings = &(const struct server_settings){ 5, 30, 10, 0, 0 } };
	struct server s;
	int result;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char header[128], url[64];
		const struct turn turns[] = { { .status = "302 Found", .headers = header, .size = 9 } };

		snprintf(header, sizeof(header), "Location: %s\r\n", rows[i].location);
		s = start(serve_turns, TURNS(turns));
		if (strcmp(rows[i].host, "127.0.0.2") == 0)
			snprintf(url, sizeof(url), "http://127.0.0.1:%d/x", s.port);
		else
			snprintf(url, sizeof(url), "http://%s:%d/x", rows[i].host, s.port);
		make_place(&j.place);
		result = download_url(&j, url);
		stop(&s);
		assert_failed(&j, result, ERR_NETWORK, rows[i].words);
		assert_lacks(err_read(&j.e), "canary");
		assert_int_equal(s.seen->connections, 1);
		forget(&s);
	}
	for (size_t i = 0; i < COUNT(loop); i++)
		loop[i] = (struct turn){ .status = "302 Found", .headers = "Location: /d.bin\r\n" };
	s = start(serve_turns, TURNS(loop));
	result = download(&j, &s, "http");
	stop(&s);
	assert_failed(&j, result, ERR_NETWORK, "more than 5 redirects");
	assert_int_equal(s.seen->connections, 6);
	forget(&s);
}

/* A login is for the server it was given for. */
static void D09_a_redirect_to_another_server_gets_no_login(void **state)
{
	static const struct server_access login = { .user = "field", .password = "canary" };
	static const struct turn target[] = {
		{ .not_want = "Authorization", .status = "200 OK", .size = SIZE },
	};
	struct server last = start(serve_turns, TURNS(target));
	char header[64];
	const struct turn rows[] = {
		{ .want = "Authorization: Basic", .status = "302 Found", .headers = "Location: /here\r\n" },
		{ .want = "Authorization: Basic", .status = "301 Moved", .headers = header, .size = 5 },
	};
	struct server first;
	struct task j = { .access = &login };
	int result;

	(void)state;
	snprintf(header, sizeof(header), "Location: http://127.0.0.1:%d/y\r\n", last.port);
	first = start(serve_turns, TURNS(rows));
	result = download(&j, &first, "http");
	stop(&first);
	stop(&last);
	assert_turns(&first, 2);
	assert_turns(&last, 1);
	assert_done(&j, result, blob(), SIZE);
	forget(&first);
	forget(&last);
}

static void D13_replies_are_told_apart(void **state)
{
	static const struct {
		const char *status, *headers, *words;
		enum server_kind kind;
		unsigned tries;
	} rows[] = {
		{ "202 Accepted", "", "is still working on it: it sends no file (HTTP 202)", SERVER_OTHER, 1 },
		{ "203 Non-Authoritative", "", "changed by a proxy on the way (HTTP 203)", SERVER_OTHER, 1 },
		{ "205 Reset Content", "", "has no content at this address (HTTP 205)", SERVER_OTHER, 1 },
		{ "206 Partial Content", "Content-Range: bytes 0-1/20000\r\n", "only a part of the file, though all of it was asked for (HTTP 206)", SERVER_OTHER, 1 },
		{ "207 Multi-Status", "", "something else than the file (HTTP 207)", SERVER_OTHER, 1 },
		{ "300 Multiple Choices", "", "a redirect that leads nowhere (HTTP 300)", SERVER_OTHER, 1 },
		{ "511 Network Authentication Required", "", "a proxy wants a login (HTTP 511)", SERVER_OTHER, 1 },
		{ "520 Unknown Error", "", "the server has a fault (HTTP 520)", SERVER_OTHER, 4 },
		{ "304 Not Modified", "", "not modified: it sends no file (HTTP 304)", SERVER_OTHER, 1 },
		{ "401 Unauthorized", "", "wants a user and password (HTTP 401), in its words: \"no\"\nGive them with --credentials FILE", SERVER_LOGIN, 1 },
		{ "403 Forbidden", "", "access is forbidden (HTTP 403)", SERVER_LOGIN, 1 },
		{ "404 Not Found", "", "no such file (HTTP 404)", SERVER_NOT_FOUND, 1 },
		{ "410 Gone", "", "the file is gone (HTTP 410)", SERVER_NOT_FOUND, 1 },
		{ "416 Range", "", "range asked for does not exist (HTTP 416)", SERVER_OTHER, 1 },
		{ "500 Internal", "", "the server has a fault (HTTP 500)", SERVER_OTHER, 4 },
		{ "503 Unavailable", "", "overloaded or closed (HTTP 503)", SERVER_BUSY, 4 },
		{ "503 Unavailable", "Retry-After: 3600\r\n", "the server is overloaded or closed (HTTP 503), it says after 3600 s", SERVER_BUSY, 1 },
		{ "429 Too Many", "Retry-After: 31\r\n", "too many requests (HTTP 429), it says after 31 s", SERVER_BUSY, 1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct turn row = { .status = rows[i].status, .headers = rows[i].headers,
					  .body = "no", .size = 2 };
		const struct turn turns[] = { row, row, row, row, row };
		struct server s = start(serve_turns, TURNS(turns));
		struct task j = { .size = 0 };
		int result = download(&j, &s, "http");

		stop(&s);
		assert_failed(&j, result, ERR_NETWORK, rows[i].words);
		if (j.status.kind != rows[i].kind || s.seen->connections != rows[i].tries)
			fail_msg("row %zu: kind %d, %u tries", i, (int)j.status.kind, s.seen->connections);
		forget(&s);
	}
}

static void D13_retry_after_is_kept(void **state)
{
	static const struct turn rows[] = {
		{ .status = "503 Unavailable", .headers = "Retry-After: 1\r\n" },
		{ .status = "200 OK", .size = SIZE },
	};
	struct server s = start(serve_turns, TURNS(rows));
	struct task j = { .size = 0 };
	double begin = seconds();
	int result = download(&j, &s, "http");

	(void)state;
	stop(&s);
	assert_turns(&s, 2);
	assert_done(&j, result, blob(), SIZE);
	assert_true(seconds() - begin > 0.999);
	assert_true(j.calls >= 8);	/* it is asked all the while */
	forget(&s);
}

static void D16_headers_without_end_are_bounded(void **state)
{
	enum { MEBI = 1 << 20 };
	char *line = malloc(MEBI + 16);
	char *many = malloc(10000 * 16 + 1);
	struct task j = { .settings = &(const struct server_settings){ 5, 30, 10, 0, 0 } };
	struct server s;
	int result;

	(void)state;
	assert_non_null(line);
	assert_non_null(many);
	memset(line, 'x', MEBI);
	memcpy(line, "X: ", 3);
	strcpy(line + MEBI, "\r\n");
	for (size_t i = 0; i < 10000; i++)
		memcpy(many + i * 16, "X-Header: abcd\r\n", 17);
	for (size_t i = 0; i < 2; i++) {
		const struct turn turns[] = { { .status = "200 OK", .headers = i ? many : line, .size = 9 } };

		s = start(serve_turns, TURNS(turns));
		result = download(&j, &s, "http");
		stop(&s);
		assert_failed(&j, result, ERR_NETWORK, "the header of its answer has no end");
		forget(&s);
	}
	free(line);
	free(many);
}

/* D17: raw, percent-encoded and in base64 ("field:c@n%ry"), whoever says it. */
static void D17_a_login_is_used_and_never_told(void **state)
{
	static const char *const spellings[] = { "c@n%ry", "c%40n%25ry", "ZmllbGQ6Y0BuJXJ5" };
	static const struct server_access login = { .user = "field", .password = "c@n%ry" };
	static const struct {
		struct turn turn;
		const char *words;
	} rows[] = {
		{ { .want = "Authorization: Basic ZmllbGQ6Y0BuJXJ5\r\n", .status = "401 c@n%ry" }, "user or password is wrong (HTTP 401)" },
		{ { .status = "302 Found", .headers = "Location: ftp://h/c@n%ry/c%40n%25ry/ZmllbGQ6Y0BuJXJ5\r\n" }, "another scheme" },
		{ { .status = "302 Found", .headers = "Location: ftp://field:c%40n%25ry@h/\r\n" }, "another scheme" },
		{ { .status = "200 OK", .headers = "c@n%ry ZmllbGQ6Y0BuJXJ5\r\n" }, "" },
		{ { .status = "200 OK", .no_length = true, .headers = "Content-Length: c@n%ry\r\n" }, "" },
		{ { .status = "200 OK", .headers = "Transfer-Encoding: ZmllbGQ6Y0BuJXJ5\r\n" }, "" },
	};
	static const struct turn good[] = {
		{ .want = "Authorization: Basic ZmllbGQ6Y0BuJXJ5\r\n", .status = "200 OK", .size = SIZE },
	};
	struct task j = { .access = &login };
	struct server s;
	int result;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		s = start(serve_turns, &(const struct turns){ &rows[i].turn, 1 });
		result = download(&j, &s, "http");
		stop(&s);
		if (result == 0)
			fail_msg("row %zu", i);
		assert_contains(err_read(&j.e), rows[i].words);
		for (size_t k = 0; k < COUNT(spellings); k++)
			assert_lacks(err_read(&j.e), spellings[k]);
		drop_place(&j.place);
		forget(&s);
	}
	s = start(serve_turns, TURNS(good));
	result = download(&j, &s, "http");
	stop(&s);
	assert_turns(&s, 1);
	assert_done(&j, result, blob(), SIZE);
	forget(&s);
}

static void D17_a_login_in_the_url_or_of_control_bytes_is_refused(void **state)
{
	static const struct {
		const char *url;
		struct server_access access;
		const char *words;
	} rows[] = {
		{ "http://field:canary@127.0.0.1:1/d", { .user = NULL }, "Give them with --credentials FILE" },
		{ "ftp://canary@127.0.0.1:1/d", { .user = NULL }, "Give them with --credentials FILE" },
		{ "http://:canary@127.0.0.1:1/d", { .user = NULL }, "Give them with --credentials FILE" },
		{ "ftp://127.0.0.1:1/d", { .user = "x\r\nDELE d.bin", .password = "canary" }, "position 2 of the user is a control byte" },
		{ "ftp://127.0.0.1:1/d", { .user = "x", .password = "canary\n" }, "position 7 of the password is a control byte" },
		{ "ftp://127.0.0.1:1/d", { .password = "canary" }, "a password without a user" },
		{ "ftp://127.0.0.1:1/d;type=a", { .user = NULL }, "';' in an FTP address" },
		{ "https://127.0.0.1:1/d", { .cacert = "/nonexistent/ca.pem" }, "opening /nonexistent/ca.pem: No such file" },
		{ "file:///etc/passwd", { .user = NULL }, "unknown scheme" },
		{ "http://h/\r\nx", { .user = NULL }, "not a URL" },
	};
	struct task j = { .size = 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int result;

		j.access = &rows[i].access;
		make_place(&j.place);
		result = download_url(&j, rows[i].url);
		assert_failed(&j, result, ERR_USAGE, rows[i].words);
		assert_lacks(err_read(&j.e), "canary");
	}
}

/* ~/.netrc is read when asked for, and only when nobody else can read it. */
static void a_netrc_is_used_only_when_asked_for(void **state)
{
	static const struct server_access none = { .netrc = false }, ours = { .netrc = true };
	static const struct turn without[] = { { .not_want = "Authorization", .status = "200 OK", .size = 9 } };
	static const struct turn with[] = {
		{ .want = "Authorization: Basic ZmllbGQ6Y2FuYXJ5\r\n", .status = "200 OK", .size = 9 },
		/* what went out is known, and hidden where it comes back */
		{ .want = "Authorization", .status = "302 canary", .headers = "Location: ftp://h/canary\r\n" },
	};
	const char *old = getenv("HOME");
	char home[64] = "/tmp/dfota-netrc-XXXXXX", path[96];
	struct task j = { .access = &none };
	struct server s;
	int result;
	FILE *f;

	(void)state;
	old = old ? strdup(old) : NULL;
	assert_non_null(mkdtemp(home));
	snprintf(path, sizeof(path), "%s/.netrc", home);
	setenv("HOME", home, 1);

	j.access = &ours;
	make_place(&j.place);
	result = download_url(&j, "http://127.0.0.1:1/d");
	assert_failed(&j, result, ERR_USAGE, ".netrc: No such file");

	f = fopen(path, "we");
	assert_non_null(f);
	fputs("machine 127.0.0.1 login field password canary\n", f);
	fclose(f);
	chmod(path, 0640);
	make_place(&j.place);
	result = download_url(&j, "http://127.0.0.1:1/d");
	assert_failed(&j, result, ERR_USAGE, "mode 0600");
	chmod(path, 0600);

	j.access = &none;
	s = start(serve_turns, TURNS(without));
	result = download(&j, &s, "http");
	stop(&s);
	assert_done(&j, result, blob(), 9);
	forget(&s);

	j.access = &ours;
	s = start(serve_turns, TURNS(with));
	result = download(&j, &s, "http");
	assert_done(&j, result, blob(), 9);
	result = download(&j, &s, "http");
	stop(&s);
	assert_failed(&j, result, ERR_NETWORK, "another scheme, which is not followed: ftp://h/***");
	assert_lacks(err_read(&j.e), "canary");
	forget(&s);

	unlink(path);
	rmdir(home);
	if (old)
		setenv("HOME", old, 1);
	free((char *)(uintptr_t)old);
}

/* D18: at any moment within a second, and nothing stays. */
static void assert_cancels_at_once(struct interrupt *interrupt)
{
	static const struct turn mute[] = { { .want = "GET", .stall = true } };
	static const struct turn half[] = { { .status = "200 OK", .size = SIZE, .cut = 8192, .stall = true } };
	static const struct turn later[] = { { .status = "503 x", .headers = "Retry-After: 30\r\n" } };
	static const struct ftp ftp = { .has = SIZE, .stall = true, .mute_quit = true };
	static const struct {
		const struct turns turns;
		unsigned at;
		uint64_t done;
	} rows[] = {
		{ { mute, 1 }, 1, 0 }, { { mute, 1 }, 9, 0 },
		{ { half, 1 }, 0, 8192 }, { { later, 1 }, 9, 0 },
	};
	double begin;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct server s = start(serve_turns, &rows[i].turns);
		struct task j = { .cancel_at = rows[i].at, .cancel_done = rows[i].done,
				  .interrupt = interrupt };
		int result;

		begin = seconds();
		result = download(&j, &s, "http");
		stop(&s);
		assert_failed(&j, result, ERR_CANCELLED, "cancelled");
		if (seconds() - begin > 2)	/* with 8 waits of 0.1 s before it */
			fail_msg("row %zu: %f s", i, seconds() - begin);
		if (rows[i].at > 0 && !interrupt)
			assert_int_equal(j.calls, rows[i].at);
		forget(&s);
	}
	struct server s = start(serve_ftp, &ftp);
	struct task j = { .cancel_done = SIZE, .interrupt = interrupt };
	int result;

	begin = seconds();
	result = download(&j, &s, "ftp");
	stop(&s);
	assert_failed(&j, result, ERR_CANCELLED, "cancelled");
	assert_true(seconds() - begin < 1);
	forget(&s);
}

static void D18_a_cancel_stops_at_once(void **state)
{
	(void)state;
	assert_cancels_at_once(NULL);
}

static bool ask_no(void *ctx)
{
	++*(unsigned *)ctx;
	return false;
}

/* The same by what wakes a serial port; its hook decides. */
static void D18_an_interrupt_stops_at_once(void **state)
{
	static const struct turn turn = { .status = "200 OK", .size = SIZE };
	struct interrupt interrupt;
	unsigned asked_hook = 0;
	struct err e;

	(void)state;
	assert_int_equal(interrupt_init(&interrupt, &e), 0);
	assert_cancels_at_once(&interrupt);
	struct server s = start(serve_turns, &(const struct turns){ &turn, 1 });
	struct task j = { .cancel_at = 1, .interrupt = &interrupt };

	interrupt.hook = ask_no;
	interrupt.ctx = &asked_hook;
	int result = download(&j, &s, "http");

	stop(&s);
	forget(&s);
	assert_done(&j, result, blob(), SIZE);
	assert_int_equal(asked_hook, 1);
	interrupt_close(&interrupt);
}

/* While nothing comes it is asked often enough. */
static void D18_a_cancel_is_heard_in_silence(void **state)
{
	static const struct turn mute[] = { { .want = "GET", .stall = true } };
	struct server s = start(serve_turns, TURNS(mute));
	struct task j = { .cancel_time = seconds() + 0.5 };
	int result = download(&j, &s, "http");
	double late = seconds() - j.cancel_time;

	(void)state;
	stop(&s);
	assert_failed(&j, result, ERR_CANCELLED, "cancelled");
	if (late > 0.4)
		fail_msg("%f s late", late);
	forget(&s);
}

/* Not one is lost, be it the last before the end, good or bad. */
static void D18_a_cancel_at_any_moment_counts(void **state)
{
	static const struct turn rows[] = {
		{ .status = "200 OK", .size = SIZE },
		{ .status = "404 Not Found", .size = SIZE },
		{ .status = "302 Found", .headers = "Location: /d.bin\r\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		for (unsigned at = 1;; at++) {
			const struct turn turns[] = { rows[i], rows[0] };
			struct server s = start(serve_turns, TURNS(turns));
			struct task j = { .cancel_at = at };
			int result = download(&j, &s, "http");

			stop(&s);
			forget(&s);
			drop_place(&j.place);
			if (j.calls < at)
				break;
			if (result == 0 || j.e.code != ERR_CANCELLED || j.calls != at)
				fail_msg("row %zu: cancelled at call %u of %u: %s", i, at,
					 j.calls, result == 0 ? "done" : err_read(&j.e));
		}
}

/* D20: nothing listens there; a proxy would be asked. */
static void D20_proxies_of_the_environment_are_not_used(void **state)
{
	static const char *const names[] = { "http_proxy", "HTTP_PROXY", "ftp_proxy", "FTP_PROXY", "all_proxy", "ALL_PROXY" };
	static const struct turn rows[] = { { .status = "200 OK", .size = SIZE } };
	static const struct ftp ftp = { .has = SIZE };
	struct server web = start(serve_turns, TURNS(rows)), files = start(serve_ftp, &ftp);
	struct task j = { .size = SIZE };
	int result;

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++)
		setenv(names[i], "http://127.0.0.1:1", 1);
	result = download(&j, &web, "http");
	assert_done(&j, result, blob(), SIZE);
	result = download(&j, &files, "ftp");
	assert_done(&j, result, blob(), SIZE);
	for (size_t i = 0; i < COUNT(names); i++)
		unsetenv(names[i]);
	stop(&web);
	stop(&files);
	forget(&web);
	forget(&files);
}

/* faults.txt G17 */
static void G17_a_host_that_can_be_read_in_two_ways_is_refused(void **state)
{
	static const char *const urls[] = {
		"http://127.1/f", "http://1/f", "ftp://0177.0.0.1/f", "http://0x7f.1/f", "http://2130706433/f", "http://127%2e0%2e0%2e1/f",
		"http:///127.0.0.1/f", "https://192.0:443/f",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(urls); i++) {
		struct server_facts facts;
		struct server_status status = {0};
		struct err e = {0};

		assert_int_equal(server_probe(urls[i], &(struct server_access){0}, &facts, NULL, &status, &e), -1);
		if (e.code != ERR_USAGE)
			fail_msg("%s: %s", urls[i], err_words(&e));
	}
}

static void addresses_are_told_apart(void **state)
{
	static const struct {
		const char *address;
		enum server_reach reach;
	} rows[] = {
		{ "127.0.0.1", REACH_COMPUTER }, { "127.255.255.254", REACH_COMPUTER },
		{ "0.0.0.0", REACH_COMPUTER }, { "::1", REACH_COMPUTER }, { "::", REACH_COMPUTER },
		{ "::ffff:127.0.0.1", REACH_COMPUTER },
		{ "10.1.2.3", REACH_NETWORK }, { "172.16.0.1", REACH_NETWORK },
		{ "172.31.255.255", REACH_NETWORK }, { "192.168.7.1", REACH_NETWORK },
		{ "169.254.1.1", REACH_NETWORK }, { "100.64.0.1", REACH_NETWORK },
		{ "100.127.255.255", REACH_NETWORK }, { "fd00::1", REACH_NETWORK },
		{ "fe80::1", REACH_NETWORK }, { "::ffff:10.0.0.1", REACH_NETWORK },
		{ "128.0.0.1", REACH_WORLD }, { "172.32.0.1", REACH_WORLD },
		{ "172.15.255.255", REACH_WORLD }, { "192.169.0.1", REACH_WORLD },
		{ "100.128.0.1", REACH_WORLD }, { "100.63.255.255", REACH_WORLD },
		{ "192.0.2.7", REACH_WORLD }, { "2001:db8::1", REACH_WORLD },
		{ "::2", REACH_WORLD }, { "fec0::1", REACH_WORLD },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sockaddr_in v4 = { .sin_family = AF_INET };
		struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
		bool six = inet_pton(AF_INET, rows[i].address, &v4.sin_addr) != 1;

		if (six)
			assert_int_equal(inet_pton(AF_INET6, rows[i].address, &v6.sin6_addr), 1);
		if (server_reach(six ? (struct sockaddr *)&v6 : (struct sockaddr *)&v4) != rows[i].reach)
			fail_msg("%s", rows[i].address);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(D01_refused_unknown_and_reset_are_told_apart_and_tried_again),
		cmocka_unit_test(D02_a_server_that_sends_nothing_is_left),
		cmocka_unit_test(D03_a_trickle_is_a_stall),
		cmocka_unit_test(D06_D07_what_is_too_long_or_of_no_sane_length_is_refused),
		cmocka_unit_test(D09_redirects_are_followed_by_strict_rules),
		cmocka_unit_test(D09_a_redirect_to_another_server_gets_no_login),
		cmocka_unit_test(D13_replies_are_told_apart),
		cmocka_unit_test(D13_retry_after_is_kept),
		cmocka_unit_test(D16_headers_without_end_are_bounded),
		cmocka_unit_test(D17_a_login_is_used_and_never_told),
		cmocka_unit_test(D17_a_login_in_the_url_or_of_control_bytes_is_refused),
		cmocka_unit_test(a_netrc_is_used_only_when_asked_for),
		cmocka_unit_test(D18_a_cancel_stops_at_once),
		cmocka_unit_test(D18_an_interrupt_stops_at_once),
		cmocka_unit_test(D18_a_cancel_is_heard_in_silence),
		cmocka_unit_test(D18_a_cancel_at_any_moment_counts),
		cmocka_unit_test(D20_proxies_of_the_environment_are_not_used),
		cmocka_unit_test(G17_a_host_that_can_be_read_in_two_ways_is_refused),
		cmocka_unit_test(addresses_are_told_apart),
	};

	return cmocka_run_group_tests(tests, server_tests_begin, server_tests_end);
}

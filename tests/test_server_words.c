#include "config.h"

#include "server_fixture.h"

/* What a server says is never dropped, is said of the host that said it, and is
 * taken for what it means; what else listens there is named. */

static int probe_url(const char *url, const struct server_access *access, struct server_facts *facts,
		     struct server_status *status, struct err *e)
{
	memset(e, 0, sizeof(*e));
	return server_probe(url, access, facts, NULL, status, e);
}

static int probe(const struct server *s, const char *scheme, const struct server_access *access,
		 struct server_facts *facts, struct server_status *status, struct err *e)
{
	char url[64];

	snprintf(url, sizeof(url), "%s://127.0.0.1:%d/d.bin", scheme, s->port);
	return probe_url(url, access, facts, status, e);
}

static const struct server_access login = { .user = "field", .password = "canary" };

static const struct {
	struct ftp ftp;
	bool anonymous;
	enum message_id id;
	enum server_kind kind;
	const char *words;
} ftp_rows[] = {
	/* encryption is wanted, be it said by number, place or words */
	{ { .user = "530 Non-anonymous sessions must use encryption.\r\n" }, false, MSG_SERVER_WANTS_TLS, SERVER_TLS, "Non-anonymous sessions must use encryption." },
	{ { .user = "503 Zuerst AUTH!\r\n" }, false, MSG_SERVER_WANTS_TLS, SERVER_TLS, "Zuerst AUTH!" },
	{ { .user = "534-Policy\r\n requires it.\r\n534 End\r\n" }, false, MSG_SERVER_WANTS_TLS, SERVER_TLS, "Policy requires it. End" },
	{ { .user = "421 Sorry, cleartext sessions are not accepted on this server.\r\n" }, false, MSG_SERVER_WANTS_TLS, SERVER_TLS, "cleartext" },
	{ { .user = "550 SSL/TLS required on the control channel\r\n" }, false, MSG_SERVER_WANTS_TLS, SERVER_TLS, "control channel" },
	{ { .has = 3, .retr = "522 Data connections must be encrypted.\r\n" }, false, MSG_SERVER_WANTS_TLS, SERVER_TLS, "Data connections" },
	/* load */
	{ { .user = "530 Sorry, the maximum number of clients (3) for this user are already connected.\r\n" }, false, MSG_SERVER_FULL, SERVER_BUSY, "maximum number" },
	{ { .pass = "421 10 users (the maximum) are already logged in, sorry\r\n" }, false, MSG_SERVER_FULL, SERVER_BUSY, "10 users" },
	{ { .has = 3, .retr = "450 Too many transfers, try again later\r\n" }, false, MSG_SERVER_FULL, SERVER_BUSY, "Too many" },
	/* accounts, addresses */
	{ { .pass = "530 This account has expired\r\n" }, false, MSG_ACCOUNT_CLOSED, SERVER_LOGIN, "has expired" },
	{ { .user = "530 User field is disabled by the administrator.\r\n" }, false, MSG_ACCOUNT_CLOSED, SERVER_LOGIN, "disabled" },
	{ { .pass = "530-Hello\r\n530 Your subscription was terminated.\r\n" }, false, MSG_ACCOUNT_CLOSED, SERVER_LOGIN, "Hello Your subscription" },
	{ { .user = "421 Your IP address is banned.\r\n" }, false, MSG_ADDRESS_REFUSED, SERVER_OTHER, "banned" },
	/* a password is blamed only where one was refused */
	{ { .user = "530 no\r\n" }, false, MSG_FTP_USER_REFUSED, SERVER_LOGIN, "before it was given a password" },
	{ { .pass = "530 canary no\r\n" }, false, MSG_FTP_LOGIN, SERVER_LOGIN, "login refused (FTP 530), in its words: \"*** no\"" },
	{ { .pass = "530 Access denied.\r\n" }, false, MSG_FTP_LOGIN, SERVER_LOGIN, "Access denied." },
	{ { .pass = "530 no\r\n" }, true, MSG_FTP_LOGIN_NEEDED, SERVER_LOGIN, "without user and password" },
	{ { .user = "530 no anonymous users here\r\n" }, true, MSG_FTP_LOGIN_NEEDED, SERVER_LOGIN, "no anonymous" },
	{ { .has = 3, .retr = "530 Please log in\r\n" }, false, MSG_FTP_NOT_GIVEN, SERVER_LOGIN, "Please log in" },
	/* 550 has many reasons */
	{ { .has = 3, .retr = "550 /maximum/tls.bin: Permission denied\r\n" }, false, MSG_ACCESS_DENIED, SERVER_LOGIN, "Permission denied" },
	{ { .has = 3, .retr = "550 Access is denied.\r\n" }, false, MSG_ACCESS_DENIED, SERVER_LOGIN, "Access is denied." },
	{ { .has = 3, .retr = "550 d.bin: not a plain file.\r\n" }, false, MSG_SERVER_NO_FILE, SERVER_NOT_FOUND, "not a plain file" },
	{ { .has = 3, .retr = "550 The system cannot find the file specified.\r\n" }, false, MSG_FTP_NOT_FOUND, SERVER_NOT_FOUND, "no such file or directory" },
	{ { .has = 3, .retr = "550 Tiedostoa ei voi lukea\r\n" }, false, MSG_FTP_NOT_GIVEN, SERVER_NOT_FOUND, "Tiedostoa ei voi lukea" },
	{ { .has = 3, .retr = "450 File busy, being replaced\r\n" }, false, MSG_FTP_NOT_AVAILABLE, SERVER_NOT_FOUND, "not available now (FTP 450), in its words: \"File busy" },
	{ { .user = "450 busy\r\n" }, false, MSG_SERVER_FULL, SERVER_BUSY, "busy" },
	/* before a file was asked for none is meant */
	{ { .user = "550 Banned for 10 minutes\r\n" }, false, MSG_FTP_REFUSED, SERVER_OTHER, "the server refused (FTP 550), in its words: \"Banned" },
	{ { .pass = "553 go elsewhere\r\n" }, false, MSG_FTP_REFUSED, SERVER_OTHER, "go elsewhere" },
	{ { .pass = "552 pas maintenant\r\n" }, false, MSG_FTP_REFUSED, SERVER_OTHER, "pas maintenant" },
	/* the data connection is another one */
	{ { .has = 3, .size = "550 no\r\n", .retr = "550 no\r\n", .epsv = "229 ok (|||1|)\r\n", .pasv = "127,0,0,1,0,1" }, false, MSG_DATA_CONNECT_FAILED, SERVER_CONNECT, "the server answers, but" },
	/* what is shown is safe */
	{ { .has = 3, .retr = "550 a\x1b]0;b\x07\r\n" }, false, MSG_FTP_NOT_GIVEN, SERVER_NOT_FOUND, "a\\x1b]0;b\\x07" },
};

static void an_ftp_server_is_understood_by_its_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(ftp_rows); i++) {
		struct server s = start(serve_ftp, &ftp_rows[i].ftp);
		struct server_facts facts;
		struct server_status status;
		struct err e;
		int result = probe(&s, "ftp", ftp_rows[i].anonymous ? NULL : &login, &facts, &status, &e);

		stop(&s);
		if (result == 0 || e.message.id != ftp_rows[i].id || status.kind != ftp_rows[i].kind ||
		    !strstr(err_read(&e), ftp_rows[i].words))
			fail_msg("row %zu: %s, kind %d: %s\n%s", i, message_info(e.message.id)->name, (int)status.kind,
				 err_read(&e), s.seen->log);
		assert_lacks(err_read(&e), "canary");
		if (ftp_rows[i].id != MSG_FTP_LOGIN && strstr(err_read(&e), "Check user and password"))
			fail_msg("row %zu blames the password: %s", i, err_read(&e));
		forget(&s);
	}
}

static void a_web_server_is_understood_by_its_words(void **state)
{
	static const struct {
		const char *status, *headers, *body;
		enum message_id id;
		enum server_kind kind;
		const char *words;
	} rows[] = {
		{ "426 Upgrade Required", "Upgrade: TLS/1.2, HTTP/1.1\r\n", "", MSG_SERVER_WANTS_TLS, SERVER_TLS, "\"Upgrade Required\"" },
		{ "403 Forbidden", "", "<html><head><title>x</title></head><body>This page needs <b>SSL</b> &amp; more</body></html>", MSG_SERVER_WANTS_TLS, SERVER_TLS, "\"This page needs SSL & more\"" },
		{ "400 Bad Request", "", "<center>The plain HTTP request was sent to HTTPS port</center>", MSG_SERVER_WANTS_TLS, SERVER_TLS, "was sent to HTTPS port" },
		{ "403 Forbidden", "", "{\"error\": \"account suspended\"}", MSG_ACCOUNT_CLOSED, SERVER_LOGIN, "account suspended" },
		{ "403 Forbidden", "", "Too many downloads today", MSG_SERVER_FULL, SERVER_BUSY, "Too many downloads" },
		{ "403 Forbidden", "", "Your region is not allowed", MSG_ADDRESS_REFUSED, SERVER_OTHER, "Your region" },
		{ "403 Forbidden", "", "<script>tls</script> Ei!", MSG_HTTP_FORBIDDEN, SERVER_LOGIN, "\"Ei!\"" },
		{ "503 Down", "", "", MSG_HTTP_OVERLOADED, SERVER_BUSY, "\"Down\"" },
		{ "404 Not Found", "", "/ssl/d.bin is not here", MSG_HTTP_NOT_FOUND, SERVER_NOT_FOUND, "is not here" },
		{ "401 x", "WWW-Authenticate: Digest realm=\"a\"\r\n", "", MSG_HTTP_LOGIN_OTHER, SERVER_LOGIN, "in another way" },
		{ "401 x", "WWW-Authenticate: Digest realm=\"a\"\r\nWWW-Authenticate: Basic realm=\"a\"\r\n", "", MSG_HTTP_LOGIN_WRONG, SERVER_LOGIN, "password is wrong" },
		{ "500 x", "", "a\x1b[31m", MSG_HTTP_FAULT, SERVER_OTHER, "\"x\"" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct turn row = { .status = rows[i].status, .headers = rows[i].headers,
					  .body = rows[i].body, .size = strlen(rows[i].body) };
		const struct turn turns[] = { row, row, row };
		struct server s = start(serve_turns, TURNS(turns));
		struct server_facts facts;
		struct server_status status;
		struct err e;
		int result = probe(&s, "http", &login, &facts, &status, &e);

		stop(&s);
		forget(&s);
		if (result == 0 || e.message.id != rows[i].id || status.kind != rows[i].kind ||
		    !strstr(err_read(&e), rows[i].words))
			fail_msg("row %zu: %s, kind %d: %s", i, message_info(e.message.id)->name, (int)status.kind, err_read(&e));
	}
}

static void a_page_with_a_refusal_that_never_ends_is_left(void **state)
{
	static const struct turn rows[] = {
		{ .status = "403 No" }, { .status = "403 No", .body = "why", .size = 3, .no_length = true, .stall = true },
	};
	struct server s = start(serve_turns, TURNS(rows));
	struct server_facts facts;
	struct server_status status;
	double begin = seconds();
	struct err e;

	(void)state;
	assert_int_equal(probe(&s, "http", NULL, &facts, &status, &e), -1);
	stop(&s);
	forget(&s);
	assert_contains(err_read(&e), "forbidden (HTTP 403), in its words: \"why\"");
	assert_true(seconds() - begin < 5);
}

static void the_cure_names_where_encryption_is(void **state)
{
	static const struct ftp script = { .user = "530 TLS please\r\n" };
	struct server s = start(serve_ftp, &script);
	struct server_facts facts;
	struct server_status status;
	struct err e;
	char url[64];

	(void)state;
	assert_int_equal(probe(&s, "ftp", &login, &facts, &status, &e), -1);
	stop(&s);
	snprintf(url, sizeof(url), "Use ftps://127.0.0.1:%d/d.bin with --relay", s.port);
	forget(&s);
	assert_contains(err_read(&e), url);
	assert_contains(err_read(&e), "--relay");
}

/* What goes out is known, so what comes back can be shown without it. */
static void words_are_shown_of_a_login_out_of_netrc_too(void **state)
{
	static const struct ftp ftp = { .pass = "530 canary is wrong here\r\n" };
	static const struct turn row = { .want = "Authorization: Basic", .status = "401 x", .body = "no canary, no ZmllbGQ6Y2FuYXJ5", .size = 30 };
	const struct turn turns[] = { row, row };
	const struct server_access netrc = { .netrc = true };
	struct server servers[] = { start(serve_ftp, &ftp), start(serve_turns, TURNS(turns)) };
	char *home = getenv("HOME") ? strdup(getenv("HOME")) : NULL;
	struct place place;
	char path[96];
	FILE *f;

	(void)state;
	make_place(&place);
	snprintf(path, sizeof(path), "%s/.netrc", place.dir);
	f = fopen(path, "we");
	assert_non_null(f);
	fputs("machine 127.0.0.1 login field password canary\n", f);
	fclose(f);
	assert_int_equal(chmod(path, 0600), 0);
	setenv("HOME", place.dir, 1);
	for (size_t i = 0; i < COUNT(servers); i++) {
		struct server_facts facts;
		struct server_status status;
		struct err e;

		assert_int_equal(probe(&servers[i], i == 0 ? "ftp" : "http", &netrc, &facts, &status, &e), -1);
		stop(&servers[i]);
		forget(&servers[i]);
		assert_contains(err_read(&e), i == 0 ? "in its words: \"*** is wrong here\"" : "in its words: \"no ***, no ***\"");
		assert_contains(err_read(&e), "~/.netrc");
	}
	if (home)
		setenv("HOME", home, 1);
	free(home);
	unlink(path);
	rmdir(place.dir);
}

/* --- of which host */

static void a_second_host_is_told_of_itself(void **state)
{
	static const struct turn refusal = { .status = "403 x", .body = "not for you", .size = 11 };
	const struct turn refusals[] = { refusal, refusal, refusal };
	struct server second = start(serve_turns, TURNS(refusals));
	char line[96];
	struct turn rows[] = { { .status = "302 x", .headers = line } };
	struct server first = start(serve_turns, TURNS(rows));
	struct task j = { .size = 0 };
	char url[64], words[160];

	(void)state;
	stop(&first);
	forget(&first);
	snprintf(line, sizeof(line), "Location: http://127.0.0.1:%d/e.bin\r\n", second.port);
	first = start(serve_turns, TURNS(rows));
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/d.bin", first.port);
	make_place(&j.place);
	snprintf(words, sizeof(words), "following the redirect of 127.0.0.1: 127.0.0.1:%d: access is forbidden (HTTP 403), in its words: \"not for you\"",
		 second.port);
	assert_failed(&j, download_url(&j, url), ERR_NETWORK, words);
	/* what is not followed is said of the one that redirects */
	stop(&first);
	forget(&first);
	snprintf(line, sizeof(line), "Location: http://127.0.0.2:%d/e.bin\r\n", second.port);
	first = start(serve_turns, TURNS(rows));
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/d.bin", first.port);
	make_place(&j.place);
	assert_failed(&j, download_url(&j, url), ERR_NETWORK, "127.0.0.1: it redirects to an address of this computer");
	/* nobody is there */
	stop(&first);
	forget(&first);
	snprintf(line, sizeof(line), "Location: http://127.0.0.1:1/e.bin\r\n");
	first = start(serve_turns, TURNS(rows));
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/d.bin", first.port);
	make_place(&j.place);
	j.settings = &(const struct server_settings){ 5, 30, 10, 0, 0 };
	assert_failed(&j, download_url(&j, url), ERR_NETWORK, "following the redirect of 127.0.0.1: connecting to 127.0.0.1:1: Connection refused");
	stop(&first);
	stop(&second);
	forget(&first);
	forget(&second);
}

/* --- another service on the port */

struct service {
	const char *greeting;	/* unasked; NULL: none */
	const char *http, *tls, *mqtt;	/* answers; NULL: closed */
};

/* A process for each connection: a second one is looked at while the first waits. */
static void serve_service(int fd, const void *script, struct seen *seen)
{
	const struct service *s = script;
	char bytes[512];
	const char *answer = NULL;
	bool first = seen->connections == 1;
	ssize_t n;

	if (fork() != 0)
		return;
	alarm(20);
	if (s->greeting)
		say(fd, s->greeting);
	if (first && !gone_within(fd, 100))
		keep_silent(fd, LLONG_MAX);
	n = read(fd, bytes, sizeof(bytes));
	if (first)
		atomic_store(&silence->port, 0);
	if (n > 0)
		answer = bytes[0] == '\x16' ? s->tls : bytes[0] == '\x10' ? s->mqtt : s->http;
	if (answer)
		say(fd, answer);
	_exit(0);
}

struct misplaced {
	const char *scheme;
	struct service service;
	enum message_id id;
	const char *words;
};

/* One look. Returns whether ROW was named, at once; else WHAT says what came of it. */
static bool is_named(const struct misplaced *row, char *what, size_t size)
{
	struct server s = start(serve_service, &row->service);
	struct server_facts facts;
	struct server_status status;
	double begin = seconds();
	struct err e;
	int result = probe(&s, row->scheme, NULL, &facts, &status, &e);

	stop(&s);
	forget(&s);
	begin = seconds() - begin;
	snprintf(what, size, "%s after %g s: %s", message_info(e.message.id)->name, begin, err_read(&e));
	return result < 0 && e.message.id == row->id && strstr(err_read(&e), row->words) &&
	       status.kind == SERVER_SERVICE && begin < 8;
}

static void another_service_is_named_at_once(void **state)
{
	static const struct misplaced rows[] = {
		{ "ftp", { .greeting = "SSH-2.0-dropbear\r\n" }, MSG_HOST_OTHER_SERVICE, "it looks like SSH; it says \"SSH-2.0-dropbear\"" },
		{ "ftp", { .greeting = "220 mail.example ESMTP Postfix\r\n" }, MSG_HOST_OTHER_SERVICE, "it looks like SMTP" },
		{ "ftp", { .greeting = "\xff\xfd\x18\xff\xfd\x20" }, MSG_HOST_OTHER_SERVICE, "it looks like Telnet" },
		{ "ftp", { .greeting = "* OK IMAP4 ready\r\n" }, MSG_HOST_OTHER_SERVICE, "it looks like IMAP" },
		{ "ftp", { .greeting = "Who is there?\r\n" }, MSG_HOST_OTHER_SERVICE, "it says \"Who is there?\"" },
		{ "ftp", { .http = "HTTP/1.1 200 OK\r\n\r\n" }, MSG_HOST_IS_HTTP, "Begin the URL with http://" },
		{ "ftp", { .tls = "\x15\x03\x01" }, MSG_HOST_IS_TLS, "speaks TLS" },
		{ "ftp", { .mqtt = "\x20\x02\x01" }, MSG_HOST_OTHER_SERVICE, "it looks like MQTT" },
		{ "http", { .greeting = "220 hi\r\n" }, MSG_HOST_IS_FTP, "Begin the URL with ftp://" },
		{ "http", { .greeting = "SSH-2.0-x\r\n" }, MSG_HOST_OTHER_SERVICE, "it looks like SSH" },
		{ "http", { .greeting = "RFB 003.008\n" }, MSG_HOST_OTHER_SERVICE, "it looks like VNC" },
		{ "http", { .tls = "\x16\x03\x03" }, MSG_HOST_IS_TLS, "speaks TLS (encrypted), not http://" },
		{ "https", { .http = "HTTP/1.0 400 x\r\n\r\n" }, MSG_HOST_IS_HTTP, "not one for https://" },
	};

	(void)state;
	/* a service has a second for each answer: where the machine has none for it, once more */
	for (size_t i = 0, tries = 0; i < COUNT(rows); tries++) {
		char what[512];

		if (is_named(&rows[i], what, sizeof(what))) {
			i++;
			tries = 0;
		} else if (tries == 9) {
			fail_msg("row %zu: %s", i, what);
		}
	}
}

/* --- what is optional */

static void what_is_optional_is_left_out(void **state)
{
	static const struct ftp rows[] = {
		{ .has = SIZE, .size = "550 SIZE not allowed in ASCII mode\r\n" },
		{ .has = SIZE, .size = "502 no\r\n", .mdtm = "550 no\r\n" },
		{ .has = SIZE, .epsv = "500 no\r\n" },
		{ .has = SIZE, .epsv = "229 what?\r\n" },
		{ .has = SIZE, .rest = "550 no\r\n" },
		{ .has = SIZE, .size = "213 -20000\r\n" },
		{ .has = SIZE, .size = "213 0\r\n" },
		{ .has = SIZE, .size = "421 bye\r\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct server s = start(serve_ftp, &rows[i]);
		struct server_facts facts;
		struct server_status status;
		struct task j = { .size = 0 };
		struct err e;
		int result = probe(&s, "ftp", NULL, &facts, &status, &e);

		if (result < 0)
			fail_msg("row %zu: %s\n%s", i, err_read(&e), s.seen->log);
		result = download(&j, &s, "ftp");
		stop(&s);
		if (result < 0)
			fail_msg("row %zu: %s\n%s", i, err_read(&j.e), s.seen->log);
		forget(&s);
		assert_done(&j, result, blob(), SIZE);
	}
}

static void a_web_server_that_knows_get_alone_has_the_file(void **state)
{
	static const struct {
		struct turn turns[3];
		size_t count;
	} rows[] = {
		{ { { .want = "HEAD", .status = "404 x" }, { .want = "Range:", .status = "206 x", .headers = "Content-Range: bytes 0-511/20000\r\n", .size = 512 } }, 2 },
		{ { { .want = "HEAD" }, { .want = "Range:", .status = "200 OK", .size = SIZE } }, 2 },
		{ { { .want = "HEAD", .status = "500 x" }, { .want = "Range:", .status = "501 x" }, { .want = "GET", .not_want = "Range:", .status = "200 OK", .size = SIZE } }, 3 },
		{ { { .want = "HTTP/1.1", .status = "505 x" }, { .want = "HTTP/1.0", .status = "200 OK", .size = SIZE }, { .want = "GET", .status = "200 OK", .size = SIZE } }, 3 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct server s = start(serve_turns, &(const struct turns){ rows[i].turns, rows[i].count });
		const struct server_settings quick = { 5, 30, 10, 0, 0 };
		struct server_facts facts;
		struct server_status status;
		struct err e;

		(void)quick;
		if (probe(&s, "http", NULL, &facts, &status, &e) < 0)
			fail_msg("row %zu: %s\n%s", i, err_read(&e), s.seen->log);
		stop(&s);
		forget(&s);
		assert_true(facts.has_size && facts.size == SIZE);
	}
}

/* --- sizes that cannot be, content that was re-coded */

static void a_size_that_cannot_be_is_doubted(void **state)
{
	static const struct ftp rows[] = {
		{ .has = SIZE, .size = "213 -1\r\n" },
		{ .has = SIZE, .size = "213 0\r\n" },
		{ .has = SIZE, .size = "213 3\r\n" },
		{ .has = SIZE, .size = "213 about 20 kB\r\n" },
		{ .has = SIZE, .size = "213 99999999999999999999999\r\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct server s = start(serve_ftp, &rows[i]);
		struct server_facts facts;
		struct server_status status;
		char digest[65];
		struct task j = { .size = SIZE, .sha256 = digest_of(blob(), SIZE, digest) };
		struct err e;
		int result;

		if (probe(&s, "ftp", NULL, &facts, &status, &e) < 0)
			fail_msg("row %zu: %s", i, err_read(&e));
		if (!facts.odd_size || facts.has_size)
			fail_msg("row %zu: believed: %lu", i, (unsigned long)facts.size);
		/* the digest decides */
		result = download(&j, &s, "ftp");
		stop(&s);
		if (result < 0)
			fail_msg("row %zu: %s\n%s", i, err_read(&j.e), s.seen->log);
		forget(&s);
		assert_done(&j, result, blob(), SIZE);
	}
}

static void what_was_packed_on_the_way_is_unpacked(void **state)
{
	/* gzip of "0123456789abcdef" eight times */
	static const unsigned char packed[] = {
		0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0x33, 0x30, 0x34, 0x32, 0x36, 0x31,
		0x35, 0x33, 0xb7, 0xb0, 0x4c, 0x4c, 0x4a, 0x4e, 0x49, 0x4d, 0x33, 0x18, 0xd9, 0x3c, 0x00,
	};
	static const struct turn row = { .status = "200 OK", .headers = "Content-Encoding: gzip\r\n", .body = packed, .size = sizeof(packed) };
	const struct turn turns[] = { row, row };
	struct server s = start(serve_turns, TURNS(turns));
	struct server_facts facts;
	struct server_status status;
	struct err e;

	(void)state;
	(void)probe(&s, "http", NULL, &facts, &status, &e);
	stop(&s);
	forget(&s);
	assert_string_equal(facts.coding, "gzip");
	assert_false(facts.has_size);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_ftp_server_is_understood_by_its_words),
		cmocka_unit_test(a_web_server_is_understood_by_its_words),
		cmocka_unit_test(a_page_with_a_refusal_that_never_ends_is_left),
		cmocka_unit_test(the_cure_names_where_encryption_is),
		cmocka_unit_test(words_are_shown_of_a_login_out_of_netrc_too),
		cmocka_unit_test(a_second_host_is_told_of_itself),
		cmocka_unit_test(another_service_is_named_at_once),
		cmocka_unit_test(what_is_optional_is_left_out),
		cmocka_unit_test(a_web_server_that_knows_get_alone_has_the_file),
		cmocka_unit_test(a_size_that_cannot_be_is_doubted),
		cmocka_unit_test(what_was_packed_on_the_way_is_unpacked),
	};

	return cmocka_run_group_tests(tests, server_tests_begin, server_tests_end);
}

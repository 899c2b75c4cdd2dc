#include "config.h"

#include "server_fixture.h"

/* A publication and what came of it. */
struct post {
	const struct server_access *access;
	bool overwrite;
	const char *name;	/* NULL: d.bin */
	unsigned cancel_at;	/* the call with so many bytes done; 0: none */
	uint64_t done, total;
	struct server_status status;
	struct err e;
};

static bool on_progress(void *ctx, uint64_t done, uint64_t total)
{
	struct post *p = ctx;

	if (done < p->done || done > total || total != SIZE)
		fail_msg("progress went from %lu to %lu of %lu", (unsigned long)p->done,
			 (unsigned long)done, (unsigned long)total);
	p->done = done;
	p->total = total;
	return p->cancel_at == 0 || done < p->cancel_at;
}

/* Put the first SIZE bytes of blob() there. */
static int publish(struct post *p, const struct server *s, const char *scheme)
{
	const struct server_watch watch = { on_progress, p, NULL };
	struct place place;
	char url[300], digest[65];
	int result;

	make_place(&place);
	fill_place(&place, 0, SIZE);
	p->done = 0;
	memset(&p->e, 0, sizeof(p->e));
	snprintf(url, sizeof(url), "%s://127.0.0.1:%d/%s", scheme, s->port,
		 p->name ? p->name : "d.bin");
	result = server_publish(url, p->access, place.path, SIZE,
				digest_of(blob(), SIZE, digest), p->overwrite,
				&watch, &p->status, &p->e);
	drop_place(&place);
	return result;
}

static bool exists(const struct post *p)
{
	return p->e.message.id == MSG_PUBLISH_OTHER_STANDS;
}

#define NOT_THERE { .want = "GET /d.bin HTTP", .status = "404 Not Found", .size = 153 }
#define THERE { .want = "GET /d.bin HTTP", .status = "200 OK", .size = SIZE }
#define OTHER { .want = "GET /d.bin HTTP", .status = "200 OK", .from = 1, .size = SIZE }
#define LARGER { .want = "GET /d.bin HTTP", .status = "200 OK", .size = SIZE + 1 }
#define NO_OPTIONS { .want = "OPTIONS /d.bin HTTP", .status = "405 No" }
#define OPTIONS { .want = "OPTIONS /d.bin HTTP", .status = "200 OK", .headers = "Allow: GET, PUT\r\nAllow: DELETE,MOVE\r\n" }
#define PUT_NEW { .want = "If-None-Match: *\r\n", .status = "201 Created" }
#define PUT_OVER { .want = "PUT /d.bin HTTP", .not_want = "If-None-Match", .status = "204 No Content", .no_length = true }
#define PUT_PART { .want = ".part HTTP/1.1\r\n", .status = "201 Created" }

static const struct {
	struct turn turns[8];
	size_t count;
	bool overwrite, exists;
	const char *words;	/* NULL: it works */
} conditions[] = {
	/* a server that cannot rename */
	{ { NOT_THERE, NO_OPTIONS, PUT_NEW, THERE }, 4, false, false, NULL },
	{ { THERE }, 1, false, false, NULL },
	{ { OTHER }, 1, false, true, "another file of that name is already there" },
	{ { LARGER }, 1, false, true, "another file of that name is already there" },
	/* its size says enough: it need not be read */
	{ { { .want = "GET", .status = "200 OK", .size = SIZE - 1, .cut = 1, .stall = true } }, 1, false, true, "another file of that name is already there" },
	{ { OTHER, NO_OPTIONS, PUT_OVER, THERE }, 4, true, false, NULL },
	{ { LARGER, NO_OPTIONS, PUT_OVER, THERE }, 4, true, false, NULL },
	/* another one came in between */
	{ { NOT_THERE, NO_OPTIONS, { .want = "PUT", .status = "412 No" } }, 3, false, true, "another file" },
	/* a server that can */
	{ { NOT_THERE, OPTIONS, PUT_PART,
	    { .want = "/d.bin\r\nOverwrite: F\r\n", .status = "201 Created" }, THERE }, 5, false, false, NULL },
	{ { OTHER, OPTIONS, PUT_PART,
	    { .want = "/d.bin\r\nOverwrite: T\r\n", .status = "204 No Content", .no_length = true }, THERE }, 5, true, false, NULL },
	{ { NOT_THERE, OPTIONS, PUT_PART, { .want = "MOVE /d.bin.", .status = "412 No" },
	    { .want = "DELETE /d.bin.", .status = "204 x", .no_length = true } }, 5, false, true, "another file" },
	{ { NOT_THERE, OPTIONS, PUT_PART, { .want = "MOVE /d.bin.", .status = "403 No" },
	    { .want = "DELETE /d.bin.", .status = "204 x", .no_length = true }, PUT_NEW, THERE }, 7, false, false, NULL },
	/* what is refused */
	{ { { .want = "GET", .status = "401 No" } }, 1, false, false, "wants a user and password" },
	{ { { .want = "GET", .status = "302 No", .headers = "Location: /x\r\n" } }, 1, false, false, "it redirects to http://127.0.0.1" },
	{ { NOT_THERE, NO_OPTIONS, { .want = "PUT", .status = "405 No" } }, 3, false, false, "takes no uploads here (HTTP 405)" },
	{ { NOT_THERE, NO_OPTIONS, { .want = "PUT", .status = "409 No" } }, 3, false, false, "no such directory (HTTP 409)" },
	{ { OTHER, NO_OPTIONS, { .want = "PUT", .status = "507 No" } }, 3, true, false, "no space left (HTTP 507)" },
	/* broken in the middle: what came of it is taken away */
	{ { NOT_THERE, NO_OPTIONS, { .want = "PUT" }, { .want = "DELETE /d.bin HTTP", .status = "200 OK" } }, 4, false, false, "without an answer" },
	{ { NOT_THERE, OPTIONS, { .want = ".part HTTP" }, { .want = "DELETE /d.bin.", .status = "200 OK" } }, 4, false, false, "without an answer" },
	/* ... but not what stood there before */
	{ { OTHER, NO_OPTIONS, { .want = "PUT" } }, 3, true, false, "without an answer" },
	/* read back */
	{ { NOT_THERE, NO_OPTIONS, PUT_NEW, OTHER, { .want = "DELETE /d.bin HTTP", .status = "200 OK" } }, 5, false, false, "not what was sent: it was taken away" },
	{ { NOT_THERE, NO_OPTIONS, PUT_NEW, NOT_THERE, { .want = "DELETE /d.bin HTTP", .status = "404 x" } }, 5, false, false, "is not there" },
	{ { NOT_THERE, NO_OPTIONS, PUT_NEW, { .want = "GET", .status = "403 No" } }, 4, false, false, "reading back what was published: " },
};

static void http_publishes_under_every_condition(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(conditions); i++) {
		struct server s = start(serve_turns, &(const struct turns){ conditions[i].turns, conditions[i].count });
		struct post p = { .overwrite = conditions[i].overwrite };
		int result = publish(&p, &s, "http");

		stop(&s);
		if (result != (conditions[i].words ? -1 : 0))
			fail_msg("row %zu: %s\n%s", i, result < 0 ? err_read(&p.e) : "it worked", s.seen->log);
		if (conditions[i].words) {
			assert_contains(err_read(&p.e), conditions[i].words);
			assert_int_equal(p.e.code, ERR_NETWORK);
		}
		if (s.seen->connections != conditions[i].count || asked(&s, "[unexpected]"))
			fail_msg("row %zu: %s", i, s.seen->log);
		if (exists(&p) != conditions[i].exists)
			fail_msg("row %zu: exists %d", i, exists(&p));
		if (asked(&s, "PUT ") && (s.seen->size != SIZE || memcmp(s.seen->put, blob(), SIZE) != 0))
			fail_msg("row %zu: %zu bytes arrived", i, s.seen->size);
		if (result == 0)
			assert_int_equal(p.status.kind, SERVER_OK);
		forget(&s);
	}
}

static void ftp_publishes_under_every_condition(void **state)
{
	static const struct {
		struct ftp ftp;
		bool overwrite, exists;
		const char *words;	/* NULL: it works */
		const char *asked[4];	/* "!": must not be */
	} rows[] = {
		{ { .has = 0 }, false, false, NULL, { "STOR d.bin.", "RNFR d.bin.", "RNTO d.bin\r\n", "!DELE" } },
		{ { .has = SIZE }, false, false, NULL, { "RETR d.bin", "!STOR" } },
		{ { .has = SIZE, .from = 1 }, false, true, "another file of that name is already there", { "RETR d.bin", "!STOR" } },
		{ { .has = SIZE + 1 }, false, true, "another file of that name is already there", { "!STOR" } },
		{ { .has = SIZE - 1, .size = "500 no\r\n" }, false, true, "another file of that name is already there", { "!STOR" } },
		{ { .has = SIZE + 1, .size = "500 no\r\n" }, false, true, "another file of that name is already there", { "!STOR" } },
		{ { .has = SIZE, .from = 1 }, true, false, NULL, { "STOR d.bin.", "RNTO d.bin\r\n", "!DELE" } },
		/* a server that does not rename onto a file */
		{ { .has = 5, .keep_name = true }, true, false, NULL, { "STOR d.bin.", "DELE d.bin\r\n", "RNTO d.bin\r\n" } },
		/* one that does not rename at all */
		{ { .rnfr = "502 no\r\n" }, false, false, NULL, { "STOR d.bin.", "DELE d.bin.", "STOR d.bin\r\n" } },
		{ { .rnto = "550 no\r\n" }, false, false, NULL, { "STOR d.bin.", "DELE d.bin.", "STOR d.bin\r\n" } },
		/* what is refused */
		{ { .stor = "550 read only\r\n" }, false, false, "no permission to write there (FTP 550)", { "STOR d.bin." } },
		{ { .stor = "553 canary\r\n" }, false, false, "does not take the name (FTP 553)", { "STOR d.bin." } },
		{ { .stor = "552 full\r\n" }, false, false, "no space left (FTP 552)", { "STOR d.bin." } },
		{ { .pass = "530 canary\r\n" }, false, false, "login refused", { "!STOR" } },
		/* read back */
		{ { .damages = true }, false, false, "not what was sent: it was taken away", { "STOR d.bin.", "DELE d.bin\r\n" } },
		{ { .mute_quit = true }, false, false, NULL, { "STOR d.bin.", "RNTO d.bin\r\n" } },
	};
	static const struct server_access login = { .user = "field", .password = "canary" };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct server s = start(serve_ftp, &rows[i].ftp);
		struct post p = { .overwrite = rows[i].overwrite, .access = &login };
		double begin = seconds();
		int result = publish(&p, &s, "ftp");

		stop(&s);
		if (result != (rows[i].words ? -1 : 0))
			fail_msg("row %zu: %s\n%s", i, result < 0 ? err_read(&p.e) : "it worked", s.seen->log);
		if (rows[i].words)
			assert_contains(err_read(&p.e), rows[i].words);
		assert_lacks(err_read(&p.e), "canary");
		if (exists(&p) != rows[i].exists)
			fail_msg("row %zu: exists %d", i, exists(&p));
		for (size_t k = 0; k < 4 && rows[i].asked[k]; k++) {
			bool not = rows[i].asked[k][0] == '!';

			if ((asked(&s, rows[i].asked[k] + not) > 0) == not)
				fail_msg("row %zu: %s:\n%s", i, rows[i].asked[k], s.seen->log);
		}
		assert_true(seconds() - begin < 3);
		if (result == 0)
			assert_int_equal(p.done, asked(&s, "STOR") ? SIZE : 0);
		forget(&s);
	}
}

static void a_name_is_told_to_ftp_as_it_is_and_to_http_coded(void **state)
{
	static const struct ftp ftp = { .has = 0 };
	static const struct {
		const char *name, *words;
	} bad[] = {
		{ "", "names no file" }, { "x/", "names no file" }, { "a%0d%0aDELE%20x", "control byte" },
		{ "a%2fb", "control byte or a '/'" }, { "a;type=a", "';'" }, { "a%00b", "control byte" },
	};
	struct server s = start(serve_ftp, &ftp);
	struct post p = { .name = "a%20b%25c.bin" };
	int result = publish(&p, &s, "ftp");

	(void)state;
	if (result < 0)
		fail_msg("%s\n%s", err_read(&p.e), s.seen->log);
	assert_int_equal(asked(&s, "STOR a b%c.bin."), 1);
	assert_int_equal(asked(&s, "RNTO a b%c.bin\r\n"), 1);
	for (size_t i = 0; i < COUNT(bad); i++) {
		p.name = bad[i].name;
		assert_int_equal(publish(&p, &s, "ftp"), -1);
		assert_int_equal(p.e.code, ERR_USAGE);
		assert_contains(err_read(&p.e), bad[i].words);
	}
	assert_int_equal(s.seen->connections, 1);
	stop(&s);
	forget(&s);
}

/* While it looks, sends and reads back: over within a second, and nothing stays. */
static void a_cancel_takes_away_what_was_sent(void **state)
{
	static const struct ftp ftp = { .has = 0, .mute_quit = true };
	static const struct turn rows[] = {
		NOT_THERE, OPTIONS, { .want = ".part HTTP", .stall = true },
		{ .want = "DELETE /d.bin.", .status = "200 OK" },
	};
	static const struct turn deaf[] = {
		NOT_THERE, OPTIONS, { .want = ".part HTTP", .stall = true },
		{ .want = "DELETE /d.bin.", .stall = true },
	};
	struct post p = { .cancel_at = SIZE };
	struct server s = start(serve_ftp, &ftp);
	double begin = seconds();
	int result = publish(&p, &s, "ftp");

	(void)state;
	stop(&s);
	assert_int_equal(result, -1);
	assert_int_equal(p.e.code, ERR_CANCELLED);
	assert_true(seconds() - begin < 1);
	if (asked(&s, "STOR d.bin.") != 1 || asked(&s, "DELE d.bin.") != 1)
		fail_msg("%s", s.seen->log);
	forget(&s);

	for (size_t i = 0; i < 2; i++) {
		s = i == 0 ? start(serve_turns, TURNS(rows)) : start(serve_turns, TURNS(deaf));
		begin = seconds();
		result = publish(&p, &s, "http");
		stop(&s);
		assert_int_equal(result, -1);
		assert_int_equal(p.e.code, ERR_CANCELLED);
		assert_true(seconds() - begin < 1);
		assert_turns(&s, 4);
		forget(&s);
	}
}

static void a_file_that_changed_is_not_published(void **state)
{
	struct place place;
	struct err e = { 0 };
	char digest[65];

	(void)state;
	make_place(&place);
	fill_place(&place, 1, SIZE);
	assert_int_equal(server_publish("http://127.0.0.1:1/d.bin", NULL, place.path, SIZE,
					digest_of(blob(), SIZE, digest), false,
					NULL, NULL, &e), -1);
	assert_int_equal(e.code, ERR_PACKAGE);
	assert_contains(err_read(&e), "changed since it was checked");
	drop_place(&place);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(http_publishes_under_every_condition),
		cmocka_unit_test(ftp_publishes_under_every_condition),
		cmocka_unit_test(a_name_is_told_to_ftp_as_it_is_and_to_http_coded),
		cmocka_unit_test(a_cancel_takes_away_what_was_sent),
		cmocka_unit_test(a_file_that_changed_is_not_published),
	};

	return cmocka_run_group_tests(tests, server_tests_begin, server_tests_end);
}

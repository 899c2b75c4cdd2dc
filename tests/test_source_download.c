#include "config.h"

#include "source_fixture.h"

#include <sys/resource.h>

#define SIZE 20000
#define CAP 100000

static const struct source_settings quick = {
	.connect_s = 5, .stall_s = 30, .pause_ms = 10, .retries = 3,
};

/* A download and what came of it. */
struct task {
	const struct source_settings *settings;	/* NULL: quick */
	const struct source_access *access;
	uint64_t size;
	const char *sha256;
	unsigned cancel_at;	/* progress call that says stop; 0: none */
	uint64_t cancel_done;	/* ... or the first with so many bytes; 0: none */

	struct place place;
	unsigned calls;
	uint64_t done, total;
	bool backwards;
	struct source_status status;
	struct err e;
};

static bool watch(void *ctx, uint64_t done, uint64_t total)
{
	struct task *j = ctx;

	j->backwards = j->backwards || done < j->done;
	j->done = done;
	j->total = total;
	j->calls++;
	return j->calls != j->cancel_at && !(j->cancel_done > 0 && done >= j->cancel_done);
}

static int download_url(struct task *j, const char *url)
{
	memset(&j->e, 0, sizeof(j->e));
	return source_download_with(j->settings ? j->settings : &quick, url, j->access,
				    j->place.path, CAP, j->size, j->sha256, watch, j,
				    &j->status, &j->e);
}

static int download(struct task *j, const struct server *s, const char *scheme)
{
	char url[64];

	snprintf(url, sizeof(url), "%s://127.0.0.1:%d/d.bin", scheme, s->port);
	make_place(&j->place);
	return download_url(j, url);
}

/* It failed, in these words, and nothing is left of it. */
static void assert_failed(struct task *j, int result, enum err_code code,
			  const char *words)
{
	if (result == 0)
		fail_msg("downloaded; expected: %s", words);
	if (j->e.code != code)
		fail_msg("code %d, not %d: %s", (int)j->e.code, (int)code, j->e.text);
	assert_contains(j->e.text, words);
	if (access(j->place.path, F_OK) == 0)
		fail_msg("left behind after: %s", j->e.text);
	drop_place(&j->place);
}

static void assert_done(struct task *j, int result, const void *bytes, size_t size)
{
	struct stat st;

	if (result < 0)
		fail_msg("%s", j->e.text);
	assert_int_equal(j->status.kind, SOURCE_OK);
	assert_file(&j->place, bytes, size);
	assert_int_equal(stat(j->place.path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	drop_place(&j->place);
}

#define TURNS(table) &(const struct turns){ table, ROWS(table) }
#define V1 "ETag: \"v1\"\r\nAccept-Ranges: bytes\r\n"

static void a_file_is_downloaded_and_held_against_its_manifest(void **state)
{
	static const struct turn rows[] = {
		{ .want = "GET /d.bin HTTP/1.1\r\n", .not_want = "Range", .status = "200 OK", .size = SIZE },
	};
	struct server s = start(serve_turns, TURNS(rows));
	char digest[65];
	struct task j = { .size = SIZE, .sha256 = digest_of(blob(), SIZE, digest) };
	int result = download(&j, &s, "http");

	(void)state;
	stop(&s);
	assert_done(&j, result, blob(), SIZE);
	assert_turns(&s, 1);
	assert_int_equal(j.done, SIZE);
	assert_int_equal(j.total, SIZE);
	assert_false(j.backwards);
	forget(&s);
}

static void sizes_about_blocks_arrive_intact(void **state)
{
	static const size_t sizes[] = { 1, 1023, 1024, 1025, 2047, 2049, 65537, 99999 };
	const char *const schemes[] = { "http", "ftp" };

	(void)state;
	for (size_t i = 0; i < ROWS(sizes); i++)
		for (size_t k = 0; k < ROWS(schemes); k++) {
			const struct turn rows[] = { { .status = "200 OK", .size = sizes[i] } };
			const struct ftp ftp = { .has = sizes[i] };
			struct server s = k == 0 ? start(serve_turns, TURNS(rows)) :
						   start(serve_ftp, &ftp);
			char digest[65];
			struct task j = { .size = sizes[i],
					 .sha256 = digest_of(blob(), sizes[i], digest) };
			int result = download(&j, &s, schemes[k]);

			stop(&s);
			assert_done(&j, result, blob(), sizes[i]);
			forget(&s);
		}
}

/* What stood at the path is not written to, least of all through a link. */
static void the_file_is_made_anew(void **state)
{
	static const struct turn rows[] = { { .status = "200 OK", .size = 10 } };
	struct server s = start(serve_turns, TURNS(rows));
	struct task j = { .size = 0 };
	struct stat st;
	char url[64], other[128];

	(void)state;
	make_place(&j.place);
	snprintf(other, sizeof(other), "%s/other", j.place.dir);
	close(open(other, O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
	assert_int_equal(symlink(other, j.place.path), 0);
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/d.bin", s.port);
	if (download_url(&j, url) < 0)
		fail_msg("%s", j.e.text);
	stop(&s);
	assert_int_equal(stat(other, &st), 0);
	assert_int_equal(st.st_size, 0);
	unlink(other);
	assert_done(&j, 0, blob(), 10);
	forget(&s);
}

/* The parts of one version are put together, wherever it broke. */
static void D04_a_cut_at_every_4_KiB_is_resumed(void **state)
{
	(void)state;
	for (size_t cut = 4096; cut < SIZE; cut += 4096) {
		char range[64], told[96];
		const struct turn rows[] = {
			{ .status = "200 OK", .headers = V1, .size = SIZE, .cut = cut },
			{ .want = range, .status = "206 Partial Content", .headers = told,
			  .from = cut, .size = SIZE - cut },
		};
		struct server s;
		struct task j = { .size = 0 };
		int result;

		snprintf(range, sizeof(range), "Range: bytes=%zu-\r\n", cut);
		snprintf(told, sizeof(told), V1 "Content-Range: bytes %zu-%d/%d\r\n",
			 cut, SIZE - 1, SIZE);
		s = start(serve_turns, TURNS(rows));
		result = download(&j, &s, "http");
		stop(&s);
		assert_turns(&s, 2);
		assert_int_equal(asked(&s, "If-Range: \"v1\"\r\n"), 1);
		assert_done(&j, result, blob(), SIZE);
		assert_false(j.backwards);
		forget(&s);
	}
}

static void D04_a_server_that_always_cuts_is_given_up_and_nothing_stays(void **state)
{
	(void)state;
	for (size_t cut = 4096; cut < SIZE; cut += 4096) {
		const struct turn row = { .status = "200 OK", .headers = "Accept-Ranges: none\r\n",
					  .size = SIZE, .cut = cut };
		const struct turn rows[] = { row, row, row, row, row };
		struct server s = start(serve_turns, TURNS(rows));
		struct task j = { .size = 0 };
		int result = download(&j, &s, "http");
		char words[64], count[28];

		stop(&s);
		snprintf(words, sizeof(words), "the connection was cut after %s of 20,000 bytes",
			 text_count(count, cut));
		assert_failed(&j, result, ERR_NETWORK, words);
		assert_int_equal(s.told->connections, 4);
		forget(&s);
	}
}

/* Some of each try is kept: so is the count of what came in all. */
static void D04_a_cut_of_a_resumed_download_is_told_of_the_whole(void **state)
{
	char told[4][96];
	struct turn rows[4];
	struct server s;
	struct task j = { .size = 0 };
	int result;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		snprintf(told[i], sizeof(told[i]), V1 "Content-Range: bytes %zu-%d/%d\r\n",
			 i * 1000, SIZE - 1, SIZE);
		rows[i] = (struct turn){ .status = i == 0 ? "200 OK" : "206 Partial Content",
					 .headers = i == 0 ? V1 : told[i], .from = i * 1000,
					 .size = SIZE - i * 1000, .cut = 1000 };
	}
	s = start(serve_turns, TURNS(rows));
	result = download(&j, &s, "http");
	stop(&s);
	assert_failed(&j, result, ERR_NETWORK, "the connection was cut after 4,000 of 20,000 bytes");
	assert_turns(&s, 4);
	forget(&s);
}

/* Not a byte of the old version stays in the new one. */
static void a_file_that_changed_in_between_is_not_glued_together(void **state)
{
	static const struct turn rows[] = {
		{ .status = "200 OK", .headers = V1, .size = SIZE, .cut = 5000 },
		{ .want = "If-Range: \"v1\"", .status = "200 OK", .headers = "ETag: \"v2\"\r\n",
		  .from = 7, .size = SIZE - 100 },
	};
	struct server s = start(serve_turns, TURNS(rows));
	struct task j = { .size = 0 };
	int result = download(&j, &s, "http");

	(void)state;
	stop(&s);
	assert_turns(&s, 2);
	assert_done(&j, result, blob() + 7, SIZE - 100);
	forget(&s);
}

/* ... also where the server does not look at If-Range. */
static void a_part_of_another_size_is_not_glued_to_the_first(void **state)
{
	static const struct turn rows[] = {
		{ .status = "200 OK", .headers = V1, .size = SIZE, .cut = 5000 },
		{ .want = "Range: bytes=5000-", .status = "206 Partial Content",
		  .headers = "Content-Range: bytes 5000-19998/19999\r\n",
		  .from = 5000, .size = 14999 },
		{ .not_want = "Range", .status = "200 OK", .from = 7, .size = 19999 },
	};
	struct server s = start(serve_turns, TURNS(rows));
	struct task j = { .size = 0 };
	int result = download(&j, &s, "http");

	(void)state;
	stop(&s);
	assert_turns(&s, 3);
	assert_done(&j, result, blob() + 7, 19999);
	forget(&s);
}

static void parts_that_do_not_fit_are_found_by_the_digest_and_fetched_in_one(void **state)
{
	static const struct turn rows[] = {
		{ .status = "200 OK", .size = SIZE, .cut = 5000 },
		{ .want = "Range: bytes=5000-", .not_want = "If-Range", .status = "206 Partial Content",
		  .headers = "Content-Range: bytes 5000-19999/20000\r\n", .from = 5001, .size = 15000 },
		{ .not_want = "Range", .status = "200 OK", .size = SIZE },
	};
	struct server s = start(serve_turns, TURNS(rows));
	char digest[65];
	struct task j = { .size = SIZE, .sha256 = digest_of(blob(), SIZE, digest) };
	int result = download(&j, &s, "http");

	(void)state;
	stop(&s);
	assert_turns(&s, 3);
	assert_done(&j, result, blob(), SIZE);
	forget(&s);
}

/* Without a digest somebody must name the version. */
static void what_names_the_version_is_what_resumes(void **state)
{
	static const struct {
		const char *headers, *want, *not_want;
	} rows[] = {
		{ "ETag: \"a b\"\r\n", "If-Range: \"a b\"\r\n", NULL },
		{ "Last-Modified: Wed, 21 Oct 2026 07:28:00 GMT\r\n",
		  "If-Range: Wed, 21 Oct 2026 07:28:00 GMT\r\n", NULL },
		/* a weak ETag may name several versions (RFC 9110 13.1.5) */
		{ "ETag: W/\"v1\"\r\n", NULL, "Range" },
		{ "ETag: W/\"v1\"\r\nLast-Modified: Wed, 21 Oct 2026 07:28:00 GMT\r\n",
		  "If-Range: Wed, 21 Oct 2026 07:28:00 GMT\r\n", NULL },
		{ "ETag: \"v1\x1b[2J\"\r\n", NULL, "Range" },
		{ "", NULL, "Range" },
		{ V1 "Accept-Ranges: none\r\n", "If-Range", NULL },
		{ "Accept-Ranges: none\r\n" "ETag: \"v1\"\r\n", NULL, "Range" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		const struct turn turns[] = {
			{ .status = "200 OK", .headers = rows[i].headers, .size = SIZE, .cut = 5000 },
			{ .want = rows[i].want, .not_want = rows[i].not_want,
			  .status = "200 OK", .size = SIZE },
		};
		struct server s = start(serve_turns, TURNS(turns));
		struct task j = { .size = 0 };
		int result = download(&j, &s, "http");

		stop(&s);
		assert_turns(&s, 2);
		assert_done(&j, result, blob(), SIZE);
		forget(&s);
	}
}

static void a_range_that_is_refused_is_not_asked_again(void **state)
{
	static const struct turn rows[] = {
		{ .status = "200 OK", .headers = V1, .size = SIZE, .cut = 5000 },
		{ .want = "Range", .status = "416 Range Not Satisfiable" },
		{ .not_want = "Range", .status = "200 OK", .size = SIZE },
	};
	struct server s = start(serve_turns, TURNS(rows));
	struct task j = { .size = 0 };
	int result = download(&j, &s, "http");

	(void)state;
	stop(&s);
	assert_turns(&s, 3);
	assert_done(&j, result, blob(), SIZE);
	forget(&s);
}

static void a_part_that_was_not_asked_for_is_refused(void **state)
{
	static const char *const ranges[] = {
		"Content-Range: bytes 4999-19999/20000\r\n", "Content-Range: bytes 0-19999/20000\r\n",
		"Content-Range: bytes 5000-20000/20000\r\n", "Content-Range: bytes 5000-\r\n",
		"Content-Range: bytes -5000-19999/20000\r\n", "Content-Range: lines 5000-19999/20000\r\n",
		"Content-Range: bytes 5000-19999/20000x\r\n",
		"Content-Range: bytes 99999999999999999999999-19999/20000\r\n", "",
	};

	(void)state;
	for (size_t i = 0; i < ROWS(ranges); i++) {
		const struct turn turns[] = {
			{ .status = "200 OK", .headers = V1, .size = SIZE, .cut = 5000 },
			{ .status = "206 Partial Content", .headers = ranges[i], .from = 5000, .size = 15000 },
		};
		struct server s = start(serve_turns, TURNS(turns));
		struct task j = { .size = 0 };
		int result = download(&j, &s, "http");

		stop(&s);
		assert_failed(&j, result, ERR_NETWORK, "sends another part of the file than it was asked for");
		forget(&s);
	}
}

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
	char url[64];
	int port;

	(void)state;
	stop(&s);
	assert_failed(&j, result, ERR_NETWORK, "reset");
	assert_int_equal(s.told->connections, 4);
	forget(&s);

	s = start(serve_turns, TURNS(silent));
	result = download(&j, &s, "http");
	stop(&s);
	assert_failed(&j, result, ERR_NETWORK, "closed the connection without an answer");
	assert_int_equal(s.told->connections, 4);
	forget(&s);

	s = start(serve_turns, TURNS(later));
	result = download(&j, &s, "http");
	stop(&s);
	assert_turns(&s, 4);
	assert_done(&j, result, blob(), SIZE);
	forget(&s);

	close(listen_on_loopback(&port));
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/d.bin", port);
	make_place(&j.place);
	begin = seconds();
	result = download_url(&j, url);
	assert_failed(&j, result, ERR_NETWORK, "connecting to 127.0.0.1: Connection refused");
	assert_int_equal(j.status.kind, SOURCE_CONNECT);
	assert_true(seconds() - begin >= 0.07);	/* 10, 20 and 40 ms of pauses */

	/* RFC 6761: .invalid never resolves */
	make_place(&j.place);
	result = download_url(&j, "http://dfota.invalid/d.bin");
	assert_failed(&j, result, ERR_NETWORK, "dfota.invalid: no such host");
	assert_int_equal(j.status.kind, SOURCE_DNS);
}

static void D02_a_server_that_sends_nothing_is_left(void **state)
{
	static const struct source_settings hasty = {
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
	assert_int_equal(j.status.kind, SOURCE_TIMEOUT);
	assert_true(seconds() - begin < 5);
	forget(&s);

	/* what came before it got stuck is not lost */
	s = start(serve_turns, TURNS(stuck));
	result = download(&j, &s, "http");
	stop(&s);
	assert_turns(&s, 2);
	assert_done(&j, result, blob(), SIZE);
	forget(&s);
	assert_int_equal(source_defaults.stall_s, 30);
}

static void D03_a_trickle_is_a_stall(void **state)
{
	static const struct source_settings hasty = {
		.connect_s = 5, .stall_s = 2, .pause_ms = 10, .retries = 0,
	};
	static const struct turn rows[] = {
		{ .status = "200 OK", .size = SIZE, .trickle_ms = 500 },
	};
	static const struct ftp ftp = { .has = SIZE, .stall = true };
	struct server s = start(serve_turns, TURNS(rows));
	struct task j = { .settings = &hasty };
	double begin = seconds();
	int result = download(&j, &s, "http");

	(void)state;
	stop(&s);
	assert_failed(&j, result, ERR_NETWORK, "stalled: next to nothing moved for 2 s, after ");
	assert_int_equal(j.status.kind, SOURCE_TIMEOUT);
	assert_true(seconds() - begin < 10);
	forget(&s);

	s = start(serve_ftp, &ftp);
	result = download(&j, &s, "ftp");
	stop(&s);
	/* all of it came: the end is known by its size */
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
	struct task j = { .settings = &(const struct source_settings){ 5, 30, 10, 0 } };
	struct server s;
	int result;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
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
	struct task j = { .settings = &(const struct source_settings){ 5, 30, 10, 0 } };
	struct server s;
	int result;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
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
		assert_lacks(j.e.text, "canary");
		assert_int_equal(s.told->connections, 1);
		forget(&s);
	}
	for (size_t i = 0; i < ROWS(loop); i++)
		loop[i] = (struct turn){ .status = "302 Found", .headers = "Location: /d.bin\r\n" };
	s = start(serve_turns, TURNS(loop));
	result = download(&j, &s, "http");
	stop(&s);
	assert_failed(&j, result, ERR_NETWORK, "more than 5 redirects");
	assert_int_equal(s.told->connections, 6);
	forget(&s);
}

/* A login is for the server it was given for. */
static void D09_a_redirect_to_another_server_gets_no_login(void **state)
{
	static const struct source_access login = { .user = "field", .password = "canary" };
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

static void D11_a_flipped_bit_is_found_and_the_file_removed(void **state)
{
	unsigned char *bytes = malloc(SIZE);
	const struct turn rows[] = { { .status = "200 OK", .body = bytes, .size = SIZE } };
	char digest[65];
	struct task j = { .size = SIZE, .sha256 = digest_of(blob(), SIZE, digest) };

	(void)state;
	assert_non_null(bytes);
	for (size_t at = 0; at < SIZE; at += SIZE - 1) {
		struct server s;
		int result;

		memcpy(bytes, blob(), SIZE);
		bytes[at] ^= 0x10;
		s = start(serve_turns, TURNS(rows));
		result = download(&j, &s, "http");
		stop(&s);
		assert_failed(&j, result, ERR_PACKAGE, digest);
		assert_turns(&s, 1);	/* not tried again: it would be the same */
		forget(&s);
	}
	free(bytes);
}

static void a_file_of_another_size_is_refused_before_it_comes(void **state)
{
	static const struct turn rows[] = { { .status = "200 OK", .size = SIZE, .stall = true } };
	static const struct ftp ftp = { .has = SIZE };
	struct task j = { .size = SIZE + 1 };
	struct server s = start(serve_turns, TURNS(rows));
	int result = download(&j, &s, "http");

	(void)state;
	stop(&s);
	assert_failed(&j, result, ERR_PACKAGE, "has 20,000 bytes there, not 20,001 as expected");
	forget(&s);
	s = start(serve_ftp, &ftp);
	result = download(&j, &s, "ftp");
	stop(&s);
	assert_failed(&j, result, ERR_PACKAGE, "has 20,000 bytes there, not 20,001 as expected");
	forget(&s);
	j.size = CAP + 1;
	assert_int_equal(download(&j, &s, "http"), -1);
	assert_int_equal(j.e.code, ERR_PACKAGE);
	drop_place(&j.place);
}

static void a_web_page_is_no_package(void **state)
{
	static const struct {
		const char *headers, *body;
		bool page;
	} rows[] = {
		{ "Content-Type: text/html; charset=utf-8\r\n", "hello", true },
		{ "Content-Type: application/octet-stream\r\n", "<!DOCTYPE html><p>", true },
		{ "", "\xef\xbb\xbf \r\n\t<HTML>", true },
		{ "Content-Type: text/plain\r\n", "<!doc", false },
		{ "", "x<html>", false },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		const struct turn turns[] = { { .status = "200 OK", .headers = rows[i].headers,
						.body = rows[i].body, .size = strlen(rows[i].body) } };
		struct server s = start(serve_turns, TURNS(turns));
		struct task j = { .size = 0 };
		int result = download(&j, &s, "http");

		stop(&s);
		if (rows[i].page)
			assert_failed(&j, result, ERR_PACKAGE, "a web page (HTML)");
		else
			assert_done(&j, result, rows[i].body, strlen(rows[i].body));
		forget(&s);
	}
}

static void D13_replies_are_told_apart(void **state)
{
	static const struct {
		const char *status, *headers, *words;
		enum source_kind kind;
		unsigned tries;
	} rows[] = {
		{ "304 Not Modified", "", "not modified: it sends no file (HTTP 304)", SOURCE_OTHER, 1 },
		{ "401 Unauthorized", "", "wants a user and password: give them with --credentials FILE (HTTP 401)", SOURCE_LOGIN, 1 },
		{ "403 Forbidden", "", "access is forbidden (HTTP 403)", SOURCE_LOGIN, 1 },
		{ "404 Not Found", "", "no such file (HTTP 404)", SOURCE_NOT_FOUND, 1 },
		{ "410 Gone", "", "the file is gone (HTTP 410)", SOURCE_NOT_FOUND, 1 },
		{ "416 Range", "", "range asked for does not exist (HTTP 416)", SOURCE_OTHER, 1 },
		{ "500 Internal", "", "the server has a fault (HTTP 500)", SOURCE_OTHER, 4 },
		{ "503 Unavailable", "", "overloaded or closed: try again later (HTTP 503)", SOURCE_OTHER, 4 },
		{ "503 Unavailable", "Retry-After: 3600\r\n", "try again later (HTTP 503), it says after 3600 s", SOURCE_OTHER, 1 },
		{ "429 Too Many", "Retry-After: 31\r\n", "too many requests: try again later (HTTP 429), it says after 31 s", SOURCE_OTHER, 1 },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		const struct turn row = { .status = rows[i].status, .headers = rows[i].headers,
					  .body = "no", .size = 2 };
		const struct turn turns[] = { row, row, row, row, row };
		struct server s = start(serve_turns, TURNS(turns));
		struct task j = { .size = 0 };
		int result = download(&j, &s, "http");

		stop(&s);
		assert_failed(&j, result, ERR_NETWORK, rows[i].words);
		if (j.status.kind != rows[i].kind || s.told->connections != rows[i].tries)
			fail_msg("row %zu: kind %d, %u tries", i, (int)j.status.kind, s.told->connections);
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
	assert_true(seconds() - begin >= 1);
	assert_true(j.calls >= 8);	/* it is asked all the while */
	forget(&s);
}

static void D14_D15_ftp_breaks_and_goes_on(void **state)
{
	static const struct {
		struct ftp ftp;
		bool digest;
		const char *words;	/* NULL: it works */
		const char *asked;
		enum err_code code;
	} rows[] = {
		{ { .has = SIZE }, true, NULL, "RETR d.bin", ERR_NONE },
		/* D14: told to go elsewhere, it stays with the server */
		{ { .has = SIZE, .epsv = "500 no\r\n", .pasv = "192,0,2,66" }, true, NULL, "PASV", ERR_NONE },
		{ { .has = SIZE, .mdtm = "213 20261021072800\r\n", .cut = 5000, .cuts = 1, .after_cut = "426 cut\r\n" }, false, NULL, "REST 5000", ERR_NONE },
		/* D15: 421 in the middle, with and without the end of the connection */
		{ { .has = SIZE, .cut = 5000, .cuts = 1, .after_cut = "421 closing\r\n" }, true, NULL, "REST 5000", ERR_NONE },
		{ { .has = SIZE, .cut = 5000, .cuts = 1 }, true, NULL, "REST 5000", ERR_NONE },
		{ { .has = SIZE, .cut = 5000, .cuts = 9 }, true, NULL, "REST 15000", ERR_NONE },
		{ { .has = SIZE, .cut = 4000, .cuts = 9 }, true, "cut after 16,000 of 20,000 bytes", "REST 12000", ERR_NETWORK },
		/* nothing tells whether it is the same file: from the begin */
		{ { .has = SIZE, .cut = 5000, .cuts = 1, .mdtm = "502 what\r\n" }, false, NULL, "!REST 5000", ERR_NONE },
		{ { .has = SIZE, .cut = 5000, .cuts = 1, .rest = "502 no\r\n" }, true, NULL, "REST 5000", ERR_NONE },
		{ { .has = SIZE, .size = "500 no\r\n" }, true, NULL, "RETR", ERR_NONE },
		{ { .has = SIZE, .size = "500 no\r\n", .cut = 5000, .cuts = 9, .after_cut = "226 done\r\n" }, true, "has 5,000 bytes, not 20,000", "RETR", ERR_PACKAGE },
		{ { .has = SIZE, .ascii = true, .size = "500 no\r\n" }, true, "bytes, not 20,000 as expected", "RETR", ERR_PACKAGE },
		{ { .has = SIZE, .type = "504 text only\r\n" }, true, "binary mode is refused", "TYPE I", ERR_NETWORK },
		{ { .has = 0 }, true, "no such file or directory (FTP 550)", "RETR", ERR_NETWORK },
		{ { .has = SIZE, .pass = "530 canary, no\r\n" }, true, "login refused: check user and password (FTP 530)", "PASS", ERR_NETWORK },
		{ { .user = "421 too many\r\n" }, true, "try again later (FTP 421)", "USER", ERR_NETWORK },
		{ { .has = SIZE, .mute_quit = true }, true, NULL, "RETR d.bin", ERR_NONE },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		static const struct source_access login = { .user = "field", .password = "canary" };
		struct server s = start(serve_ftp, &rows[i].ftp);
		char digest[65];
		struct task j = { .size = rows[i].digest ? SIZE : 0, .access = &login,
				 .sha256 = rows[i].digest ? digest_of(blob(), SIZE, digest) : NULL };
		double begin = seconds();
		int result = download(&j, &s, "ftp");

		stop(&s);
		if (rows[i].words)
			assert_failed(&j, result, rows[i].code, rows[i].words);
		else
			assert_done(&j, result, blob(), SIZE);
		assert_lacks(j.e.text, "canary");
		if (seconds() - begin > 3)
			fail_msg("row %zu took %f s", i, seconds() - begin);
		if ((rows[i].asked[0] == '!') == (asked(&s, rows[i].asked + (rows[i].asked[0] == '!')) > 0))
			fail_msg("row %zu: %s:\n%s", i, rows[i].asked, s.told->log);
		forget(&s);
	}
}

static void D16_headers_without_end_are_bounded(void **state)
{
	enum { MEBI = 1 << 20 };
	char *line = malloc(MEBI + 16);
	char *many = malloc(10000 * 16 + 1);
	struct task j = { .settings = &(const struct source_settings){ 5, 30, 10, 0 } };
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
	static const struct source_access login = { .user = "field", .password = "c@n%ry" };
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
	for (size_t i = 0; i < ROWS(rows); i++) {
		s = start(serve_turns, &(const struct turns){ &rows[i].turn, 1 });
		result = download(&j, &s, "http");
		stop(&s);
		if (result == 0)
			fail_msg("row %zu", i);
		assert_contains(j.e.text, rows[i].words);
		for (size_t k = 0; k < ROWS(spellings); k++)
			assert_lacks(j.e.text, spellings[k]);
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
		struct source_access access;
		const char *words;
	} rows[] = {
		{ "http://field:canary@127.0.0.1:1/d", { .user = NULL }, "give user and password with --credentials" },
		{ "ftp://canary@127.0.0.1:1/d", { .user = NULL }, "give user and password with --credentials" },
		{ "http://:canary@127.0.0.1:1/d", { .user = NULL }, "give user and password with --credentials" },
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
	for (size_t i = 0; i < ROWS(rows); i++) {
		int result;

		j.access = &rows[i].access;
		make_place(&j.place);
		result = download_url(&j, rows[i].url);
		assert_failed(&j, result, ERR_USAGE, rows[i].words);
		assert_lacks(j.e.text, "canary");
	}
}

/* ~/.netrc is read when asked for, and only when nobody else can read it. */
static void a_netrc_is_used_only_when_asked_for(void **state)
{
	static const struct source_access none = { .netrc = false }, ours = { .netrc = true };
	static const struct turn without[] = { { .not_want = "Authorization", .status = "200 OK", .size = 9 } };
	static const struct turn with[] = {
		{ .want = "Authorization: Basic ZmllbGQ6Y2FuYXJ5\r\n", .status = "200 OK", .size = 9 },
		{ .want = "Authorization", .status = "401 canary", .headers = "canary\r\nX-canary: Y2FuYXJ5\r\n" },
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
	assert_failed(&j, result, ERR_NETWORK, "");
	assert_lacks(j.e.text, "canary");
	forget(&s);

	unlink(path);
	rmdir(home);
	if (old)
		setenv("HOME", old, 1);
	free((char *)(uintptr_t)old);
}

/* D18: at any moment within a second, and nothing stays. */
static void D18_a_cancel_stops_at_once(void **state)
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

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct server s = start(serve_turns, &rows[i].turns);
		struct task j = { .cancel_at = rows[i].at, .cancel_done = rows[i].done };
		int result;

		begin = seconds();
		result = download(&j, &s, "http");
		stop(&s);
		assert_failed(&j, result, ERR_CANCELLED, "cancelled");
		if (seconds() - begin > 2)	/* with 8 waits of 0.1 s before it */
			fail_msg("row %zu: %f s", i, seconds() - begin);
		if (rows[i].at > 0)
			assert_int_equal(j.calls, rows[i].at);
		forget(&s);
	}
	struct server s = start(serve_ftp, &ftp);
	struct task j = { .cancel_done = SIZE };
	int result;

	begin = seconds();
	result = download(&j, &s, "ftp");
	stop(&s);
	assert_failed(&j, result, ERR_CANCELLED, "cancelled");
	assert_true(seconds() - begin < 1);
	forget(&s);
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
	for (size_t i = 0; i < ROWS(names); i++)
		setenv(names[i], "http://127.0.0.1:1", 1);
	result = download(&j, &web, "http");
	assert_done(&j, result, blob(), SIZE);
	result = download(&j, &files, "ftp");
	assert_done(&j, result, blob(), SIZE);
	for (size_t i = 0; i < ROWS(names); i++)
		unsetenv(names[i]);
	stop(&web);
	stop(&files);
	forget(&web);
	forget(&files);
}

static void a_disk_that_takes_no_more_is_told_as_such(void **state)
{
	static const struct turn rows[] = { { .status = "200 OK", .size = SIZE } };
	struct server s = start(serve_turns, TURNS(rows));
	struct task j = { .size = 0 };
	struct rlimit old, little;
	int result;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	little = old;
	little.rlim_cur = 4096;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &little), 0);
	result = download(&j, &s, "http");
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	stop(&s);
	assert_failed(&j, result, ERR_PACKAGE, "File too large");
	assert_turns(&s, 1);
	forget(&s);

	make_place(&j.place);
	snprintf(j.place.path, sizeof(j.place.path), "%s/none/d.bin", j.place.dir);
	assert_int_equal(download_url(&j, "http://127.0.0.1:1/d"), -1);
	assert_contains(j.e.text, "creating ");
	drop_place(&j.place);
}

static void addresses_are_told_apart(void **state)
{
	static const struct {
		const char *address;
		enum source_reach reach;
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
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct sockaddr_in v4 = { .sin_family = AF_INET };
		struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
		bool six = inet_pton(AF_INET, rows[i].address, &v4.sin_addr) != 1;

		if (six)
			assert_int_equal(inet_pton(AF_INET6, rows[i].address, &v6.sin6_addr), 1);
		if (source_reach(six ? (struct sockaddr *)&v6 : (struct sockaddr *)&v4) != rows[i].reach)
			fail_msg("%s", rows[i].address);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_downloaded_and_held_against_its_manifest),
		cmocka_unit_test(sizes_about_blocks_arrive_intact),
		cmocka_unit_test(the_file_is_made_anew),
		cmocka_unit_test(D04_a_cut_at_every_4_KiB_is_resumed),
		cmocka_unit_test(D04_a_server_that_always_cuts_is_given_up_and_nothing_stays),
		cmocka_unit_test(D04_a_cut_of_a_resumed_download_is_told_of_the_whole),
		cmocka_unit_test(a_file_that_changed_in_between_is_not_glued_together),
		cmocka_unit_test(a_part_of_another_size_is_not_glued_to_the_first),
		cmocka_unit_test(parts_that_do_not_fit_are_found_by_the_digest_and_fetched_in_one),
		cmocka_unit_test(what_names_the_version_is_what_resumes),
		cmocka_unit_test(a_range_that_is_refused_is_not_asked_again),
		cmocka_unit_test(a_part_that_was_not_asked_for_is_refused),
		cmocka_unit_test(D01_refused_unknown_and_reset_are_told_apart_and_tried_again),
		cmocka_unit_test(D02_a_server_that_sends_nothing_is_left),
		cmocka_unit_test(D03_a_trickle_is_a_stall),
		cmocka_unit_test(D06_D07_what_is_too_long_or_of_no_sane_length_is_refused),
		cmocka_unit_test(D09_redirects_are_followed_by_strict_rules),
		cmocka_unit_test(D09_a_redirect_to_another_server_gets_no_login),
		cmocka_unit_test(D11_a_flipped_bit_is_found_and_the_file_removed),
		cmocka_unit_test(a_file_of_another_size_is_refused_before_it_comes),
		cmocka_unit_test(a_web_page_is_no_package),
		cmocka_unit_test(D13_replies_are_told_apart),
		cmocka_unit_test(D13_retry_after_is_kept),
		cmocka_unit_test(D14_D15_ftp_breaks_and_goes_on),
		cmocka_unit_test(D16_headers_without_end_are_bounded),
		cmocka_unit_test(D17_a_login_is_used_and_never_told),
		cmocka_unit_test(D17_a_login_in_the_url_or_of_control_bytes_is_refused),
		cmocka_unit_test(a_netrc_is_used_only_when_asked_for),
		cmocka_unit_test(D18_a_cancel_stops_at_once),
		cmocka_unit_test(D20_proxies_of_the_environment_are_not_used),
		cmocka_unit_test(a_disk_that_takes_no_more_is_told_as_such),
		cmocka_unit_test(addresses_are_told_apart),
	};

	return cmocka_run_group_tests(tests, source_tests_begin, source_tests_end);
}

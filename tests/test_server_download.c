#include "config.h"

#include "server_fixture.h"

#include <sys/resource.h>

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
	for (size_t i = 0; i < COUNT(sizes); i++)
		for (size_t k = 0; k < COUNT(schemes); k++) {
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
		fail_msg("%s", err_read(&j.e));
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
		char range[64], part[96];
		const struct turn rows[] = {
			{ .status = "200 OK", .headers = V1, .size = SIZE, .cut = cut },
			{ .want = range, .status = "206 Partial Content", .headers = part,
			  .from = cut, .size = SIZE - cut },
		};
		struct server s;
		struct task j = { .size = 0 };
		int result;

		snprintf(range, sizeof(range), "Range: bytes=%zu-\r\n", cut);
		snprintf(part, sizeof(part), V1 "Content-Range: bytes %zu-%d/%d\r\n",
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
		assert_int_equal(s.seen->connections, 4);
		forget(&s);
	}
}

/* Some of each try is kept: so is the count of what came in all. */
static void D04_a_cut_of_a_resumed_download_is_told_of_the_whole(void **state)
{
	char part[4][96];
	struct turn rows[4];
	struct server s;
	struct task j = { .size = 0 };
	int result;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		snprintf(part[i], sizeof(part[i]), V1 "Content-Range: bytes %zu-%d/%d\r\n",
			 i * 1000, SIZE - 1, SIZE);
		rows[i] = (struct turn){ .status = i == 0 ? "200 OK" : "206 Partial Content",
					 .headers = i == 0 ? V1 : part[i], .from = i * 1000,
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
	for (size_t i = 0; i < COUNT(rows); i++) {
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
	for (size_t i = 0; i < COUNT(ranges); i++) {
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
	assert_failed(&j, result, ERR_PACKAGE, "has 20,000 bytes, not 20,001 as expected");
	forget(&s);
	s = start(serve_ftp, &ftp);
	result = download(&j, &s, "ftp");
	stop(&s);
	assert_failed(&j, result, ERR_PACKAGE, "has 20,000 bytes, not 20,001 as expected");
	forget(&s);
	j.size = CAP + 1;
	assert_int_equal(download(&j, &s, "http"), -1);
	assert_int_equal(j.e.code, ERR_PACKAGE);
	drop_place(&j.place);
}

/* The cure is there, and not with our copy, which is gone. */
static void an_empty_file_is_the_server_s(void **state)
{
	static const struct turn rows[] = { { .status = "200 OK", .headers = "Content-Length: 0\r\n", .no_length = true } };
	struct server s = start(serve_turns, TURNS(rows));
	struct task j = { .size = 0 };
	int result = download(&j, &s, "http");

	(void)state;
	stop(&s);
	assert_failed(&j, result, ERR_PACKAGE, "the file there is empty");
	assert_int_equal(j.e.message.id, MSG_DOWNLOAD_EMPTY);
	forget(&s);
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
		{ "Content-Type: text/html\r\n", "\x01\xfe\x80z", false },
		{ "Content-Type: application/xhtml+xml\r\n", "PK\x05\x06\xff", false },
		{ "", "x<html>", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
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

static void a_file_that_changed_in_between_is_not_glued_together_from_ftp_either(void **state)
{
	static const struct ftp ftp = {
		.has = SIZE, .cut = 5000, .cuts = 1,
		.mdtm = "213 20261021072800\r\n", .mdtm_later = "213 20261021072801\r\n",
	};
	struct server s = start(serve_ftp, &ftp);
	struct task j = { .size = 0 };
	int result = download(&j, &s, "ftp");

	(void)state;
	stop(&s);
	assert_int_equal(asked(&s, "RETR"), 3);
	assert_done(&j, result, blob(), SIZE);
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
		/* D14: sent elsewhere, it stays with the server */
		{ { .has = SIZE, .epsv = "500 no\r\n", .pasv = "192,0,2,66" }, true, NULL, "PASV", ERR_NONE },
		{ { .has = SIZE, .mdtm = "213 20261021072800\r\n", .cut = 5000, .cuts = 1, .after_cut = "426 cut\r\n" }, false, NULL, "REST 5000", ERR_NONE },
		/* D15: 421 in the middle, with and without the end of the connection */
		{ { .has = SIZE, .cut = 5000, .cuts = 1, .after_cut = "421 closing\r\n" }, true, NULL, "REST 5000", ERR_NONE },
		{ { .has = SIZE, .cut = 5000, .cuts = 1 }, true, NULL, "REST 5000", ERR_NONE },
		{ { .has = SIZE, .cut = 5000, .cuts = 9 }, true, NULL, "REST 15000", ERR_NONE },
		{ { .has = SIZE, .cut = 4000, .cuts = 9 }, true, "the last of 4 tries: 127.0.0.1: the connection was cut after 16,000 of 20,000 bytes", "REST 12000", ERR_NETWORK },
		/* nothing shows whether it is the same file: from the begin */
		{ { .has = SIZE, .cut = 5000, .cuts = 1, .mdtm = "502 what\r\n" }, false, NULL, "!REST 5000", ERR_NONE },
		{ { .has = SIZE, .cut = 5000, .cuts = 1, .rest = "502 no\r\n" }, true, NULL, "REST 5000", ERR_NONE },
		{ { .has = SIZE, .size = "500 no\r\n" }, true, NULL, "RETR", ERR_NONE },
		{ { .has = SIZE, .size = "500 no\r\n", .cut = 5000, .cuts = 9, .after_cut = "226 done\r\n" }, true, "has 5,000 bytes, not 20,000", "RETR", ERR_PACKAGE },
		{ { .has = SIZE, .ascii = true, .size = "500 no\r\n" }, true, "the file has more bytes than expected", "RETR", ERR_PACKAGE },
		{ { .has = SIZE, .type = "504 text only\r\n" }, true, "binary mode is refused", "TYPE I", ERR_NETWORK },
		{ { .has = 0 }, true, "no such file or directory (FTP 550)", "SIZE", ERR_NETWORK },
		{ { .has = SIZE, .pass = "530 canary, no\r\n" }, true, "login refused (FTP 530)", "PASS", ERR_NETWORK },
		{ { .user = "421 too many\r\n" }, true, "in its words: \"too many\"", "USER", ERR_NETWORK },
		{ { .has = SIZE, .mute_quit = true }, true, NULL, "RETR d.bin", ERR_NONE },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		static const struct server_access login = { .user = "field", .password = "canary" };
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
		assert_lacks(err_read(&j.e), "canary");
		if (seconds() - begin > 3)
			fail_msg("row %zu took %f s", i, seconds() - begin);
		if ((rows[i].asked[0] == '!') == (asked(&s, rows[i].asked + (rows[i].asked[0] == '!')) > 0))
			fail_msg("row %zu: %s:\n%s", i, rows[i].asked, s.seen->log);
		forget(&s);
	}
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
	assert_contains(err_read(&j.e), "creating ");
	drop_place(&j.place);
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
		cmocka_unit_test(D11_a_flipped_bit_is_found_and_the_file_removed),
		cmocka_unit_test(a_file_of_another_size_is_refused_before_it_comes),
		cmocka_unit_test(an_empty_file_is_the_server_s),
		cmocka_unit_test(a_web_page_is_no_package),
		cmocka_unit_test(a_file_that_changed_in_between_is_not_glued_together_from_ftp_either),
		cmocka_unit_test(D14_D15_ftp_breaks_and_goes_on),
		cmocka_unit_test(a_disk_that_takes_no_more_is_told_as_such),
	};

	return cmocka_run_group_tests(tests, server_tests_begin, server_tests_end);
}

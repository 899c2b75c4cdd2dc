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
#include "base/text.h"
#include "words.h"

#define BYTES(literal) literal, sizeof(literal) - 1

static uint32_t next_random(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

/* --- safe text ---------------------------------------------------------- */

static const struct {
	const char *in;
	size_t size;
	const char *out;
} hostile[] = {
	{ BYTES(""), "" },
	{ BYTES(" AT+CSQ;\"\\x41\" {}~"), " AT+CSQ;\"\\x41\" {}~" },
	/* faults.md B18 */
	{ BYTES("%n%s%s"), "%n%s%s" },
	/* B03 */
	{ BYTES("\0OK\0\0"), "\\x00OK\\x00\\x00" },
	{ BYTES("\t\r\n\b\x7f"), "\\x09\\x0d\\x0a\\x08\\x7f" },
	/* B16: CSI, OSC 0, 8 and 52, DCS, APC, 8-bit C1 in either form, a lone ESC */
	{ BYTES("\x1b[2J"), "\\x1b[2J" },
	{ BYTES("\x1b]0;title\a"), "\\x1b]0;title\\x07" },
	{ BYTES("\x1b]8;;http://x\x1b\\y"), "\\x1b]8;;http://x\\x1b\\y" },
	{ BYTES("\x1b]52;c;AAAA\x9c"), "\\x1b]52;c;AAAA\\x9c" },
	{ BYTES("\x1bPq\x1b\\"), "\\x1bPq\\x1b\\" },
	{ BYTES("\x1b_x\x1b\\"), "\\x1b_x\\x1b\\" },
	{ BYTES("\x9b" "2J\x90\x9d\x9f"), "\\x9b2J\\x90\\x9d\\x9f" },
	{ BYTES("\xc2\x9b" "2J\xc2\x80\xc2\x9f"), "\\xc2\\x9b2J\\xc2\\x80\\xc2\\x9f" },
	{ BYTES("end\x1b"), "end\\x1b" },
	/* B17: bidi, zero-width */
	{ BYTES("a\u202egpj.exe"), "a\\u{202e}gpj.exe" },
	{ BYTES("\u2066x\u2069\u200e\u200f\u061c"), "\\u{2066}x\\u{2069}\\u{200e}\\u{200f}\\u{061c}" },
	{ BYTES("a\u200bb\u200dc\ufeff\u2060"), "a\\u{200b}b\\u{200d}c\\u{feff}\\u{2060}" },
	{ BYTES("a\u00adb\u034fc\u3164d\ufe0f"), "a\\u{00ad}b\\u{034f}c\\u{3164}d\\u{fe0f}" },
	{ BYTES("\u2028\u2029"), "\\u{2028}\\u{2029}" },
	{ BYTES("\U000e0041\U000e0100"), "\\u{e0041}\\u{e0100}" },
	{ BYTES("\ue000\U0010fffd\U00040000"), "\\u{e000}\\u{10fffd}\\u{40000}" },
	/* combining marks: two on a base stay, the third goes, and all without a base */
	{ BYTES("e\u0301\u0302"), "e\u0301\u0302" },
	{ BYTES("e\u0301\u0302\u0303\u0304x"), "e\u0301\u0302\\u{0303}\\u{0304}x" },
	{ BYTES("\u0301e"), "\\u{0301}e" },
	{ BYTES("\x01\u0301"), "\\x01\\u{0301}" },
	{ BYTES("\u200b\u0301"), "\\u{200b}\\u{0301}" },
	{ BYTES("\u1100\u1161\u11a8\u11a8"), "\u1100\u1161\u11a8\\u{11a8}" },
	/* noncharacters */
	{ BYTES("\xef\xbf\xbf\xef\xbf\xbe"), "\\xef\\xbf\\xbf\\xef\\xbf\\xbe" },
	{ BYTES("\xef\xb7\x90"), "\\xef\\xb7\\x90" },
	{ BYTES("\xf0\x9f\xbf\xbf"), "\\xf0\\x9f\\xbf\\xbf" },
	{ BYTES("\xf4\x8f\xbf\xbf"), "\\xf4\\x8f\\xbf\\xbf" },
	/* invalid, cut, overlong, surrogates, beyond U+10FFFF */
	{ BYTES("\xff\xfe\x80\xbf"), "\\xff\\xfe\\x80\\xbf" },
	{ BYTES("\xc3(\xe2\x82(\xf0\x9f\x98("), "\\xc3(\\xe2\\x82(\\xf0\\x9f\\x98(" },
	{ BYTES("\xe2\x82"), "\\xe2\\x82" },
	{ BYTES("\xc3"), "\\xc3" },
	{ BYTES("\xc0\xaf\xc1\xbf"), "\\xc0\\xaf\\xc1\\xbf" },
	{ BYTES("\xe0\x80\xaf\xe0\x9f\xbf"), "\\xe0\\x80\\xaf\\xe0\\x9f\\xbf" },
	{ BYTES("\xf0\x80\x80\xaf\xf0\x8f\xbf\xbf"), "\\xf0\\x80\\x80\\xaf\\xf0\\x8f\\xbf\\xbf" },
	{ BYTES("\xc0\x80"), "\\xc0\\x80" },
	{ BYTES("\xed\xa0\x80\xed\xbf\xbf"), "\\xed\\xa0\\x80\\xed\\xbf\\xbf" },
	{ BYTES("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80" },
	{ BYTES("\xf8\x88\x80\x80\x80"), "\\xf8\\x88\\x80\\x80\\x80" },
	/* what a technician may well have in a file name */
	{ BYTES("Gerät-Ω-да-שלום-日本語-한국-€-😀"), "Gerät-Ω-да-שלום-日本語-한국-€-😀" },
	{ BYTES("\u00a0\u00e9\ud7ff\ufffd"), "\u00a0\u00e9\ud7ff\ufffd" },
};

static void hostile_bytes_become_harmless(void **state)
{
	char out[512];

	(void)state;
	for (size_t i = 0; i < COUNT(hostile); i++) {
		memset(out, '#', sizeof(out));
		size_t size = text_safe(out, sizeof(out), hostile[i].in, hostile[i].size);

		assert_string_equal(out, hostile[i].out);
		assert_int_equal(size, strlen(out));
	}
	text_safe_str(out, sizeof(out), "a\x1b" "b");
	assert_string_equal(out, "a\\x1bb");
	assert_int_equal(text_safe(out, sizeof(out), NULL, 0), 0);
	assert_string_equal(out, "");
}

static void a_text_ends_with_a_whole_letter(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ "", "" }, { "a", "a" }, { "a\u00e9", "a\u00e9" }, { "a\xc3", "a" }, { "a\xe6\xbc", "a" }, { "\xf0\x9f\x98", "" },
		{ "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80" }, { "\x80", "\x80" }, { "a\x80\x80\x80\x80", "a\x80\x80\x80\x80" },
	};
	char text[16];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(text, sizeof(text), "%s", rows[i].in);
		text_end_whole(text);
		assert_string_equal(text, rows[i].out);
	}
}

static void a_hundred_marks_do_not_pile_up(void **state)
{
	char in[1 + 2 * 100], out[1024];
	size_t marks = 0;

	(void)state;
	in[0] = 'a';
	for (size_t i = 0; i < 100; i++)
		memcpy(in + 1 + 2 * i, "\u0300", 2);
	text_safe(out, sizeof(out), in, sizeof(in));
	for (char *p = out; (p = strstr(p, "\u0300")) != NULL; p += 2)
		marks++;
	assert_int_equal(marks, 2);
}

/* A strict check of its own: the sink may hold nothing else. */
static bool is_clean_utf8(const char *text)
{
	const unsigned char *p = (const unsigned char *)text;

	while (*p != '\0') {
		if (*p >= 0x20 && *p <= 0x7e) {
			p++;
			continue;
		}
		size_t more = *p >= 0xc2 && *p <= 0xdf ? 1 :
			      *p >= 0xe0 && *p <= 0xef ? 2 :
			      *p >= 0xf0 && *p <= 0xf4 ? 3 : 0;
		uint32_t c = *p & (0x3fu >> more);

		if (more == 0)
			return false;
		for (size_t i = 1; i <= more; i++) {
			if (p[i] < 0x80 || p[i] > 0xbf)
				return false;
			c = c << 6 | (p[i] & 0x3fu);
		}
		if (c < 0xa0 || (more == 2 && c < 0x800) || (more == 3 && c < 0x10000) ||
		    (c >= 0xd800 && c <= 0xdfff) || (c >= 0x200b && c <= 0x200f) ||
		    (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) ||
		    c == 0xfeff || (c & 0xfffe) == 0xfffe)
			return false;
		p += more + 1;
	}
	return true;
}

static void random_bytes_never_leave_a_control_byte(void **state)
{
	static const unsigned char rich[] = {
		0x1b, 0x9b, 0xc2, 0xe2, 0x80, 0x8b, 0xae, 0xef, 0xbf, 0xbe, 0xf0, 0xcc, 0x81, 'a', 0, '\n',
	};
	uint32_t seed = 123456789;
	char in[200], out[200 * 12];

	(void)state;
	for (int round = 0; round < 20000; round++) {
		size_t size = next_random(&seed) % sizeof(in);
		size_t room = 1 + next_random(&seed) % sizeof(out);

		for (size_t i = 0; i < size; i++) {
			uint32_t r = next_random(&seed);

			in[i] = (char)(r & 256 ? r : rich[r % COUNT(rich)]);
		}
		memset(out, 0x1b, sizeof(out));
		size_t used = text_safe(out, room, in, size);

		assert_true(used < room);
		assert_int_equal(strlen(out), used);
		if (!is_clean_utf8(out)) {
			print_error("round %d: not clean: %s\n", round, out);
			fail();
		}
	}
}

static void a_cut_is_at_a_whole_character_and_shown_by_dots(void **state)
{
	char full[512], out[512], stem[512];

	(void)state;
	for (size_t i = 0; i < COUNT(hostile); i++) {
		size_t whole = text_safe(full, sizeof(full), hostile[i].in, hostile[i].size);

		for (size_t room = 1; room <= whole + 2; room++) {
			size_t used = text_safe(out, room, hostile[i].in, hostile[i].size);
			bool found = false;

			assert_true(used < room);
			assert_int_equal(strlen(out), used);
			if (room > whole) {
				assert_string_equal(out, full);
				continue;
			}
			if (room >= 4) {
				assert_string_equal(out + used - 3, "...");
				out[used - 3] = '\0';
			}
			for (size_t n = 0; n <= hostile[i].size && !found; n++) {
				text_safe(stem, sizeof(stem), hostile[i].in, n);
				found = strcmp(stem, out) == 0;
			}
			if (!found) {
				print_error("room %zu of \"%s\": \"%s\"\n", room, full, out);
				fail();
			}
		}
	}
	text_safe_str(out, 8, "123456789");
	assert_string_equal(out, "1234...");
	text_safe_str(out, 8, "1234567");
	assert_string_equal(out, "1234567");
	text_safe_str(out, 3, "1234567");
	assert_string_equal(out, "12");
	text_safe_str(out, 6, "ab\x1b" "cd");
	assert_string_equal(out, "ab...");
	text_safe_str(out, 8, "abcd\x1b");
	assert_string_equal(out, "abcd...");
}

static void counts_are_grouped_by_thousands(void **state)
{
	static const struct {
		unsigned long long count;
		const char *text;
	} rows[] = {
		{ 0, "0" }, { 7, "7" }, { 999, "999" }, { 1000, "1,000" },
		{ 307200, "307,200" }, { 1048576, "1,048,576" }, { 1000000000, "1,000,000,000" },
		{ 18446744073709551615ULL, "18,446,744,073,709,551,615" },
	};
	char out[28];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_string_equal(text_count(out, rows[i].count), rows[i].text);
}

/* --- redaction ---------------------------------------------------------- */

static void add(struct redactor *r, const char *secret)
{
	struct err e;

	assert_int_equal(redactor_add_login(r, "user", secret, &e), 0);
}

static void assert_redacted(struct redactor *r, const char *in, const char *expected)
{
	char out[1024];

	assert_int_equal(redact(r, out, sizeof(out), in, strlen(in)), strlen(expected));
	assert_string_equal(out, expected);
}

static void known_secrets_are_blotted_out_anywhere(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ "", "" },
		{ "OK", "OK" },
		{ "s3cr3t!", "***" },
		{ "xs3cr3t!y", "x***y" },
		{ "s3cr3t!s3cr3t!", "***" },
		{ "s3cr3t! s3cr3t!", "*** ***" },
		{ "S3CR3T!", "S3CR3T!" },
		{ "s3cr3t", "***" },		/* may go on in the next line */
		{ "s3cr3t ", "s3cr3t " },
		{ "a=s3cr3t%21&b", "a=***&b" },
		{ "\"ftp://u:s3cr3t!@h/p\"", "\"ftp://***:***@h/p\"" },
		{ "other-one", "***" },
		{ "x7x", "x***x" },		/* a secret of one byte is kept too */
	};
	struct redactor r;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		redactor_init(&r);
		add(&r, "s3cr3t!");
		add(&r, "other-one");
		add(&r, "7");
		add(&r, "");
		assert_redacted(&r, rows[i].in, rows[i].out);
	}
}

static void a_secret_is_found_among_bytes_of_any_value(void **state)
{
	static const char in[] = "\0\xff" "hunter2\0\x1b";
	struct redactor r;
	char out[128];

	(void)state;
	redactor_init(&r);
	add(&r, "hunter2");
	assert_int_equal(redact(&r, out, sizeof(out), in, sizeof(in) - 1), 7);
	assert_memory_equal(out, "\0\xff***\0\x1b", 8);
}

static void percent_encoded_spellings_are_known(void **state)
{
	static const char *const spellings[] = {
		"p@s/w:d=1", "p%40s%2Fw%3Ad%3D1", "p%40s%2fw%3ad%3d1", "p%40s%2Fw:d=1", "p%40s%2fw:d=1",
	};
	struct redactor r;

	(void)state;
	redactor_init(&r);
	add(&r, "p@s/w:d=1");
	for (size_t i = 0; i < COUNT(spellings); i++)
		assert_redacted(&r, spellings[i], "***");
}

/* RFC 7617 2 and RFC 4648 10 */
static void a_login_is_known_as_basic_authentication(void **state)
{
	static const struct {
		const char *user, *password, *in, *out;
	} rows[] = {
		{ "Aladdin", "open sesame", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Basic ***==" },
		{ "user", "pass", "Basic dXNlcjpwYXNz", "Basic ***" },
		{ "admin", "admin", "Basic YWRtaW46YWRtaW4=", "Basic ***=" },
		{ "Aladdin", "open sesame", "open sesame", "***" },
		{ "Aladdin", "open sesame", "open%20sesame", "***" },
		{ "ftp", "x1y2", "ftp server ftp://ftp@h/", "ftp server ftp://***@h/" },
		{ "ftp", "", "ftp server", "ftp server" },
	};
	struct redactor r;
	struct err e;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		redactor_init(&r);
		assert_int_equal(redactor_add_login(&r, rows[i].user, rows[i].password, &e), 0);
		assert_redacted(&r, rows[i].in, rows[i].out);
	}
}

static void what_does_not_fit_is_refused_as_a_whole(void **state)
{
	char text[129];
	struct redactor r;
	struct err e;

	(void)state;
	redactor_init(&r);
	memset(text, '@', sizeof(text));
	text[128] = '\0';
	assert_int_equal(redactor_add_login(&r, "u", text, &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
	assert_null(strchr(err_read(&e), '@'));
	assert_int_equal(redactor_add_login(&r, text, "p", &e), -1);
	assert_int_equal(r.count, 0);

	text[127] = '\0';
	assert_int_equal(redactor_add_login(&r, text, text, &e), 0);
	assert_redacted(&r, text, "***");

	redactor_init(&r);
	for (char c = 'a'; r.count < REDACTOR_SECRETS; c++) {
		char secret[] = { c, c, c, '\0' };

		add(&r, secret);
		add(&r, secret);	/* the same again takes no room */
	}
	assert_int_equal(r.count, REDACTOR_SECRETS);
	assert_int_equal(redactor_add_login(&r, "u", "new", &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
	r.count -= 2;
	assert_int_equal(redactor_add_login(&r, "", "+/;", &e), -1);	/* five spellings */
	assert_int_equal(r.count, REDACTOR_SECRETS - 2);
	assert_int_equal(redactor_add_login(&r, "u", "+/;", &e), -1);
	assert_int_equal(r.count, REDACTOR_SECRETS - 2);
}

/* --- secrets cut by line ends: faults.md B24 ---------------------------- */

static bool contains(const char *text, size_t size, const char *piece, size_t piece_size)
{
	for (size_t i = 0; i + piece_size <= size; i++) {
		if (memcmp(text + i, piece, piece_size) == 0)
			return true;
	}
	return false;
}

/* Redact TEXT cut before each of CUTS and give what is seen, joined. */
static size_t redact_cut(struct redactor *r, char *seen, size_t room, const char *text,
			 size_t size, const size_t *cuts, size_t cut_count)
{
	size_t from = 0, used = 0;

	for (size_t i = 0; i <= cut_count; i++) {
		size_t to = i < cut_count ? cuts[i] : size;

		used += redact(r, seen + used, room - used, text + from, to - from);
		from = to;
	}
	return used;
}

static void assert_hidden(const char *seen, size_t size, const char *secret,
			  size_t secret_size, size_t cut)
{
	size_t piece = secret_size < 4 ? secret_size : 4;

	for (size_t i = 0; i + piece <= secret_size; i++) {
		if (contains(seen, size, secret + i, piece)) {
			print_error("\"%.*s\" cut at %zu shows: %.*s\n", (int)secret_size,
				    secret, cut, (int)size, seen);
			fail();
		}
	}
	assert_true(contains(seen, size, "***", 3));
}

/* Secrets of letters between digits, so that a piece seen is one given away. */
static void a_secret_cut_anywhere_shows_no_piece(void **state)
{
	uint32_t seed = 42;
	char secret[128], text[256], seen[600];

	(void)state;
	for (int round = 0; round < 400; round++) {
		size_t size = 2 + next_random(&seed) % (round % 4 == 0 ? 125 : 14);
		unsigned letters = round % 3 == 0 ? 2 : 26;
		struct redactor r;

		for (size_t i = 0; i < size; i++)
			secret[i] = (char)('a' + next_random(&seed) % letters);
		secret[size] = '\0';
		int total = snprintf(text, sizeof(text), "12345:%s@67890", secret);

		for (size_t cut = 0; cut <= (size_t)total; cut++) {
			redactor_init(&r);
			add(&r, secret);
			size_t used = redact_cut(&r, seen, sizeof(seen), text, (size_t)total,
						 &cut, 1);

			assert_hidden(seen, used, secret, size, cut);
			assert_memory_equal(seen, "12345:", cut < 6 ? 5 : 6);
			assert_memory_equal(seen + used - 5, "67890", 5);
		}
	}
}

static void a_secret_cut_in_three_shows_no_piece(void **state)
{
	uint32_t seed = 4711;
	char secret[16], text[64], seen[256];

	(void)state;
	for (int round = 0; round < 50; round++) {
		size_t size = 4 + next_random(&seed) % 9;
		struct redactor r;

		for (size_t i = 0; i < size; i++)
			secret[i] = (char)('a' + next_random(&seed) % 26);
		secret[size] = '\0';
		int total = snprintf(text, sizeof(text), "<%s>", secret);

		for (size_t a = 1; a < (size_t)total; a++) {
			for (size_t b = a; b < (size_t)total; b++) {
				size_t cuts[] = { a, b };

				redactor_init(&r);
				add(&r, secret);
				size_t used = redact_cut(&r, seen, sizeof(seen), text,
							 (size_t)total, cuts, 2);

				assert_hidden(seen, used, secret, size, a);
			}
		}
	}
}

static void an_encoded_secret_cut_anywhere_shows_no_piece(void **state)
{
	static const struct {
		const char *secret, *in_url;
	} rows[] = {
		{ "p@ss w\"rd/:", "p%40ss%20w%22rd%2F%3A" },
		{ "p@ss w\"rd/:", "p%40ss%20w%22rd%2f:" },
		{ "%%%%", "%25%25%25%25" },
		{ "gr\xc3\xbc\xc3\x9f", "gr%C3%BC%C3%9F" },
	};
	char text[128], seen[256];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int total = snprintf(text, sizeof(text), "<%s>", rows[i].in_url);

		for (size_t cut = 0; cut <= (size_t)total; cut++) {
			struct redactor r;

			redactor_init(&r);
			add(&r, rows[i].secret);
			size_t used = redact_cut(&r, seen, sizeof(seen), text, (size_t)total,
						 &cut, 1);

			assert_hidden(seen, used, rows[i].in_url, strlen(rows[i].in_url), cut);
		}
	}
}

/* The longest proper prefix of SECRET that TEXT ends in. */
static size_t ends_in(const char *secret, size_t secret_size, const char *text, size_t size)
{
	size_t n = secret_size - 1 < size ? secret_size - 1 : size;

	while (n > 0 && memcmp(secret, text + size - n, n) != 0)
		n--;
	return n;
}

/* What one line [FROM, TO) of TEXT has to look like, by the definition: hidden
 * are all occurrences that end by TO, and a begin of two bytes or more. */
static size_t expected_line(char *out, const char *secret, const char *text, size_t from,
			    size_t to)
{
	size_t size = strlen(secret), used = 0;
	bool hide[64] = { false }, before = false;
	size_t begun = ends_in(secret, size, text, to);

	for (size_t i = 0; i + size <= to; i++) {
		if (memcmp(text + i, secret, size) == 0)
			memset(hide + i, true, size);
	}
	if (begun >= 2)
		memset(hide + to - begun, true, begun);
	for (size_t i = from; i < to; i++) {
		if (hide[i] && !before) {
			memcpy(out + used, "***", 3);
			used += 3;
		}
		if (!hide[i])
			out[used++] = text[i];
		before = hide[i];
	}
	return used;
}

/* Texts of the secret's own letters: begins that overlap, repeat and mislead.
 * Nothing may be shown that must be hidden, nor hidden without reason. */
static void overlapping_begins_are_told_apart(void **state)
{
	uint32_t seed = 99;
	char secret[8], text[41], seen[256], expected[256];

	(void)state;
	for (int round = 0; round < 3000; round++) {
		size_t size = 2 + next_random(&seed) % 6;
		size_t cuts[2];

		for (size_t i = 0; i < size; i++)
			secret[i] = (char)('a' + next_random(&seed) % 2);
		secret[size] = '\0';
		for (size_t i = 0; i < 40; i++)
			text[i] = (char)('a' + next_random(&seed) % (round % 2 ? 3 : 2));
		text[40] = '\0';
		memcpy(text + next_random(&seed) % (40 - size), secret, size);
		cuts[0] = next_random(&seed) % 41;
		cuts[1] = cuts[0] + next_random(&seed) % (41 - cuts[0]);

		struct redactor r;

		redactor_init(&r);
		add(&r, secret);
		size_t used = redact_cut(&r, seen, sizeof(seen), text, 40, cuts, 2);
		size_t want = expected_line(expected, secret, text, 0, cuts[0]);

		want += expected_line(expected + want, secret, text, cuts[0], cuts[1]);
		want += expected_line(expected + want, secret, text, cuts[1], 40);
		if (used != want || memcmp(seen, expected, want) != 0) {
			print_error("%s in %s cut at %zu and %zu: %.*s, not %.*s\n", secret, text,
				    cuts[0], cuts[1], (int)used, seen, (int)want, expected);
			fail();
		}
	}
}

static void a_begin_that_does_not_go_on_is_forgotten(void **state)
{
	struct redactor r;

	(void)state;
	redactor_init(&r);
	add(&r, "password");
	assert_redacted(&r, "x=pass", "x=***");
	assert_redacted(&r, "OK", "OK");
	assert_redacted(&r, "word", "word");
	assert_redacted(&r, "p", "p");
	assert_redacted(&r, "assword", "***");
	assert_redacted(&r, "assword", "assword");
}

static void two_secrets_keep_their_own_begins(void **state)
{
	struct redactor r;

	(void)state;
	redactor_init(&r);
	add(&r, "alpha-one");
	add(&r, "pha-two");
	assert_redacted(&r, "<alpha-", "<***");
	assert_redacted(&r, "two>", "***>");
	assert_redacted(&r, "<alpha-", "<***");
	assert_redacted(&r, "one>", "***>");
}

static void an_unknown_apn_password_cut_in_two_is_hidden(void **state)
{
	static const char text[] = "+QICSGP: 1,\"internet\",\"qwertz\",\"hjklyx\",3";
	const size_t size = sizeof(text) - 1;
	const size_t begin = strlen("+QICSGP: 1");
	char seen[256];

	(void)state;
	for (size_t cut = begin; cut <= size; cut++) {
		struct redactor r;

		redactor_init(&r);
		size_t used = redact_cut(&r, seen, sizeof(seen), text, size, &cut, 1);

		if (contains(seen, used, "qw", 2) || contains(seen, used, "tz", 2) ||
		    contains(seen, used, "hj", 2) || contains(seen, used, "yx", 2)) {
			print_error("cut at %zu: %.*s\n", cut, (int)used, seen);
			fail();
		}
		assert_memory_equal(seen, text, begin);
		assert_redacted(&r, "OK", "OK");
		assert_redacted(&r, "\"x\"", "\"x\"");
	}
}

static void results_are_bounded(void **state)
{
	static char in[3 * REDACTOR_LINE_MAX], out[3 * REDACTOR_LINE_MAX + 64];
	struct redactor r;

	(void)state;
	redactor_init(&r);
	add(&r, "k");
	memset(in, 'x', sizeof(in));
	assert_int_equal(redact(&r, out, sizeof(out), in, sizeof(in)), REDACTOR_LINE_MAX);
	for (size_t i = 0; i < REDACTOR_LINE_MAX; i += 2)
		in[i] = 'k';
	memset(out, '#', sizeof(out));
	assert_int_equal(redact(&r, out, 100, in, sizeof(in)), 99);
	assert_int_equal(out[99], '\0');
	assert_int_equal(out[100], '#');
	assert_null(memchr(out, 'k', 99));
	assert_int_equal(redact(&r, out, 1, in, 10), 0);
	assert_string_equal(out, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hostile_bytes_become_harmless),
		cmocka_unit_test(a_text_ends_with_a_whole_letter),
		cmocka_unit_test(a_hundred_marks_do_not_pile_up),
		cmocka_unit_test(random_bytes_never_leave_a_control_byte),
		cmocka_unit_test(a_cut_is_at_a_whole_character_and_shown_by_dots),
		cmocka_unit_test(counts_are_grouped_by_thousands),
		cmocka_unit_test(known_secrets_are_blotted_out_anywhere),
		cmocka_unit_test(a_secret_is_found_among_bytes_of_any_value),
		cmocka_unit_test(percent_encoded_spellings_are_known),
		cmocka_unit_test(a_login_is_known_as_basic_authentication),
		cmocka_unit_test(what_does_not_fit_is_refused_as_a_whole),
		cmocka_unit_test(a_secret_cut_anywhere_shows_no_piece),
		cmocka_unit_test(a_secret_cut_in_three_shows_no_piece),
		cmocka_unit_test(an_encoded_secret_cut_anywhere_shows_no_piece),
		cmocka_unit_test(overlapping_begins_are_told_apart),
		cmocka_unit_test(a_begin_that_does_not_go_on_is_forgotten),
		cmocka_unit_test(two_secrets_keep_their_own_begins),
		cmocka_unit_test(an_unknown_apn_password_cut_in_two_is_hidden),
		cmocka_unit_test(results_are_bounded),
	};

	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}

#include "config.h"

#include <limits.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>

#include <cmocka.h>

#include "base/count.h"
#include "protocol/at.h"
#include "words.h"

/* A literal with its length, so that NUL bytes count. */
#define BYTES(literal) { literal, sizeof(literal) - 1 }

static struct slice slice_of(const char *text)
{
	return (struct slice){ text, strlen(text) };
}

static void assert_slice(struct slice s, const char *expected)
{
	char text[256];

	assert_string_equal(slice_copy(text, sizeof(text), s), expected);
}

/* --- lines -------------------------------------------------------------- */

/* What a splitter reports, joined by LF, which no line can hold. */
struct tokens {
	char text[8192];
	size_t size;
};

static void feed(struct at_splitter *s, struct tokens *t, const char *bytes,
		 size_t size)
{
	struct slice line;
	size_t used;

	while (at_split(s, bytes, size, &used, &line)) {
		assert_true(line.size > 0 && used > 0 && used <= size);
		assert_true(t->size + line.size + 1 <= sizeof(t->text));
		memcpy(t->text + t->size, line.data, line.size);
		t->size += line.size;
		t->text[t->size++] = '\n';
		bytes += used;
		size -= used;
	}
	assert_int_equal(used, size);
}

static void assert_tokens(const struct tokens *t, struct slice expected,
			  const char *how, size_t row)
{
	if (t->size == expected.size &&
	    memcmp(t->text, expected.data, expected.size) == 0)
		return;
	print_error("transcript %zu, %s: got %zu bytes \"%.*s\"\n", row, how,
		    t->size, (int)t->size, t->text);
	fail();
}

static const struct {
	struct slice in, lines;
	size_t pending;
} transcripts[] = {
	{ BYTES("\r\nOK\r\n"), BYTES("OK\n"), 0 },
	{ BYTES("AT+CSQ\r\r\n+CSQ: 26,99\r\n\r\nOK\r\n"),
	  BYTES("AT+CSQ\n+CSQ: 26,99\nOK\n"), 0 },
	{ BYTES("OK\rERROR\r"), BYTES("OK\nERROR\n"), 0 },
	{ BYTES("OK\nERROR\n"), BYTES("OK\nERROR\n"), 0 },
	{ BYTES("OK\r\r\nERROR\r\r\n"), BYTES("OK\nERROR\n"), 0 },
	{ BYTES("OK\n\rERROR\n\r"), BYTES("OK\nERROR\n"), 0 },
	{ BYTES("OK\r\nERROR"), BYTES("OK\n"), 5 },
	{ BYTES("\r\n\r\n\n\n\r\r"), BYTES(""), 0 },
	{ BYTES(""), BYTES(""), 0 },
	{ BYTES("\0\r\n\0OK\r\nO\0K\r\nOK\0\r\n"),
	  BYTES("OK\nO\0K\nOK\0\n"), 0 },
	{ BYTES("  two  \r\n \r\n"), BYTES("  two  \n \n"), 0 },
	{ BYTES("\xff\x80\x1b[2J\r\n+QIND: \"FOTA\",\"START\"\r\n"),
	  BYTES("\xff\x80\x1b[2J\n+QIND: \"FOTA\",\"START\"\n"), 0 },
	{ BYTES("\r\nCONNECT\r\nAA\r\n+QFUPL: 3000,B34A\r\n\r\nOK\r\n"),
	  BYTES("CONNECT\nAA\n+QFUPL: 3000,B34A\nOK\n"), 0 },
};

static void every_split_in_two_gives_the_same_lines(void **state)
{
	(void)state;
	for (size_t row = 0; row < COUNT(transcripts); row++) {
		struct slice in = transcripts[row].in;

		for (size_t cut = 0; cut <= in.size; cut++) {
			struct tokens t = { .size = 0 };
			struct at_splitter s;

			at_splitter_init(&s);
			feed(&s, &t, in.data, cut);
			feed(&s, &t, in.data + cut, in.size - cut);
			assert_tokens(&t, transcripts[row].lines, "cut in two", row);
			assert_int_equal(at_pending(&s),
					 transcripts[row].pending);
			assert_int_equal(s.dropped, 0);
		}
	}
}

static void one_byte_a_read_gives_the_same_lines(void **state)
{
	(void)state;
	for (size_t row = 0; row < COUNT(transcripts); row++) {
		struct slice in = transcripts[row].in;
		struct tokens t = { .size = 0 };
		struct at_splitter s;

		at_splitter_init(&s);
		for (size_t i = 0; i < in.size; i++)
			feed(&s, &t, in.data + i, 1);
		assert_tokens(&t, transcripts[row].lines, "byte by byte", row);
	}
}

static uint32_t next_random(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

/* Random bytes, rich in line ends, cut at random: against one feed of all. */
static void random_splits_of_random_bytes_give_the_same_lines(void **state)
{
	static const char alphabet[] = "\r\n\r\nAOK:, \"\0\xff+";
	uint32_t seed = 2463534242u;
	char in[600];

	(void)state;
	for (int round = 0; round < 2000; round++) {
		struct tokens whole = { .size = 0 }, parts = { .size = 0 };
		struct at_splitter a, b;
		size_t size = next_random(&seed) % sizeof(in);

		for (size_t i = 0; i < size; i++)
			in[i] = alphabet[next_random(&seed) % (sizeof(alphabet) - 1)];
		at_splitter_init(&a);
		at_splitter_init(&b);
		feed(&a, &whole, in, size);
		for (size_t at = 0; at < size;) {
			size_t part = next_random(&seed) % 7;

			part = part < size - at ? part : size - at;
			feed(&b, &parts, in + at, part);
			at += part;
		}
		assert_tokens(&parts, (struct slice){ whole.text, whole.size },
			      "random", (size_t)round);
		assert_int_equal(at_pending(&a), at_pending(&b));
	}
}

/* faults.md B01 */
static void an_over_long_line_is_cut_and_the_rest_counted(void **state)
{
	static const size_t chunks[] = { 1, 7, 1000, 1024 * 1024 };
	const size_t size = 1024 * 1024;
	char *in = malloc(size + 6);

	(void)state;
	assert_non_null(in);
	memset(in, 'x', size);
	memcpy(in + size, "\r\nOK\r\n", 6);
	for (size_t c = 0; c < COUNT(chunks); c++) {
		struct tokens t = { .size = 0 };
		struct at_splitter s;

		at_splitter_init(&s);
		for (size_t at = 0; at < size + 6; at += chunks[c])
			feed(&s, &t, in + at,
			     chunks[c] < size + 6 - at ? chunks[c] : size + 6 - at);
		assert_int_equal(t.size, AT_LINE_MAX + 4);
		assert_memory_equal(t.text + AT_LINE_MAX, "\nOK\n", 4);
		assert_int_equal(s.dropped, size - AT_LINE_MAX);
	}
	free(in);
}

static void a_line_of_exactly_the_limit_is_whole(void **state)
{
	struct tokens t = { .size = 0 };
	struct at_splitter s;
	char in[AT_LINE_MAX + 1];

	(void)state;
	memset(in, 'y', AT_LINE_MAX);
	in[AT_LINE_MAX] = '\n';
	at_splitter_init(&s);
	feed(&s, &t, in, sizeof(in));
	assert_int_equal(t.size, AT_LINE_MAX + 1);
	assert_int_equal(s.dropped, 0);
}

static void the_line_feed_after_a_reported_line_stays_unread(void **state)
{
	static const char in[] = "CONNECT\r\nA";
	struct at_splitter s;
	struct slice line;
	size_t used;

	(void)state;
	at_splitter_init(&s);
	assert_true(at_split(&s, in, 10, &used, &line));
	assert_int_equal(used, 8);
	assert_int_equal(at_pending(&s), 0);
	assert_false(at_split(&s, in + used, 1, &used, &line));
	assert_int_equal(at_pending(&s), 0);
	assert_false(at_split(&s, in + 9, 1, &used, &line));
	assert_int_equal(at_pending(&s), 1);
}

/* --- classes ------------------------------------------------------------ */

static const char digits_400[] =
	"99999999999999999999999999999999999999999999999999999999999999999999999999999999"
	"99999999999999999999999999999999999999999999999999999999999999999999999999999999"
	"99999999999999999999999999999999999999999999999999999999999999999999999999999999"
	"99999999999999999999999999999999999999999999999999999999999999999999999999999999"
	"99999999999999999999999999999999999999999999999999999999999999999999999999999999";

static void lines_are_classified(void **state)
{
	static const struct {
		struct slice line;
		enum at_class class;
	} rows[] = {
		{ BYTES("OK"), AT_OK },
		{ BYTES("OK  "), AT_OK },
		{ BYTES("OK\t"), AT_OK },
		{ BYTES("ok"), AT_INFO },
		{ BYTES(" OK"), AT_INFO },
		{ BYTES("OKAY"), AT_INFO },
		{ BYTES("OK\0"), AT_INFO },
		{ BYTES(""), AT_INFO },
		{ BYTES("ERROR"), AT_ERROR },
		{ BYTES("ERRORS"), AT_INFO },
		{ BYTES("+CME ERROR: 30"), AT_ERROR },
		{ BYTES("+CME ERROR:30"), AT_ERROR },
		{ BYTES("+CMS ERROR: 500"), AT_ERROR },
		{ BYTES("+CME ERROR: SIM not inserted"), AT_ERROR },
		{ BYTES("+CME ERROR"), AT_ERROR },
		{ BYTES("+CME ERRORS: 1"), AT_INFO },
		{ BYTES("+cme error: 1"), AT_INFO },
		{ BYTES("CONNECT"), AT_CONNECT },
		{ BYTES("CONNECT 115200"), AT_CONNECT },
		{ BYTES("CONNECT 512 "), AT_CONNECT },
		{ BYTES("CONNECT "), AT_CONNECT },
		{ BYTES("CONNECT FAIL"), AT_INFO },
		{ BYTES("CONNECTED"), AT_INFO },
		{ BYTES("NO CARRIER"), AT_NO_CARRIER },
		{ BYTES("BUSY"), AT_NO_CARRIER },
		{ BYTES("NO ANSWER"), AT_NO_CARRIER },
		{ BYTES("NO DIALTONE"), AT_NO_CARRIER },
		{ BYTES("+CSQ: 26,99"), AT_INFO },
		{ BYTES("UG96LNAR02A06E1G"), AT_INFO },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct at_result r = at_classify(rows[i].line);

		if (r.class != rows[i].class) {
			print_error("\"%s\" is of class %d\n", rows[i].line.data, (int)r.class);
			fail();
		}
		if (r.class != AT_ERROR) {
			assert_int_equal(r.cme, -1);
			assert_int_equal(r.text.size, 0);
		}
	}
}

/* faults.md B11 */
static void an_error_keeps_its_number_in_range_and_its_text_as_given(void **state)
{
	static const struct {
		const char *text;
		int cme;
	} rows[] = {
		{ "30", 30 }, { "0", 0 }, { "0007", 7 }, { "65535", 65535 },
		{ "65536", -1 }, { "4294967296", -1 }, { "4294967326", -1 },
		{ "18446744073709551616", -1 }, { "-1", -1 }, { "+5", -1 },
		{ "0x1f", -1 }, { "1e3", -1 }, { "30 ", 30 }, { "3 0", -1 },
		{ "", -1 }, { "SIM not inserted", 10 }, { "No Network Service", 30 }, { "SIM not", -1 }, { "30,1", -1 },
		{ digits_400, -1 },
	};
	char line[512], text[512];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		snprintf(line, sizeof(line), "+CME ERROR: %s", rows[i].text);
		struct at_result r = at_classify(slice_of(line));

		assert_int_equal(r.class, AT_ERROR);
		if (r.cme != rows[i].cme) {
			print_error("\"%s\" gave %d\n", line, r.cme);
			fail();
		}
		slice_copy(text, sizeof(text), r.text);
		assert_int_equal(strncmp(text, rows[i].text, strlen(text)), 0);
		assert_int_equal(slice_trim(slice_of(rows[i].text)).size, r.text.size);
	}
	assert_int_equal(at_classify(slice_of("ERROR")).cme, -1);
	assert_int_equal(at_classify(slice_of("ERROR")).text.size, 0);
}

/* protocol.md 5.5 and 5.4, all of them and no other. */
static void the_cme_table_is_that_of_the_manuals(void **state)
{
	static const int numbers[] = {
		0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 13, 14, 15, 16, 17, 18, 20, 21, 22,
		23, 24, 25, 26, 27, 30, 31, 32, 40, 41, 42, 43, 44, 45, 46, 47,
		400, 401, 402, 403, 405, 406, 407, 409, 410, 411, 413, 414, 416, 417, 418,
		419, 420, 421, 423, 425, 426,
	};
	const char *meaning;
	int number;

	(void)state;
	for (size_t i = 0; i < COUNT(numbers); i++) {
		assert_true(at_cme_row(i, &number, &meaning));
		assert_int_equal(number, numbers[i]);
		assert_true(strlen(meaning) > 0);
		assert_ptr_equal(at_cme_meaning(number), meaning);
	}
	assert_false(at_cme_row(COUNT(numbers), &number, &meaning));

	size_t known = 0;

	for (number = -10; number <= 70000; number++)
		known += at_cme_meaning(number) != NULL;
	assert_int_equal(known, COUNT(numbers));
	assert_string_equal(at_cme_meaning(10), "SIM not inserted");
	assert_string_equal(at_cme_meaning(407), "file already exists");
}

/* --- slices ------------------------------------------------------------- */

static void slices_are_compared_by_length(void **state)
{
	static const struct slice with_nul = BYTES("OK\0");

	(void)state;
	assert_true(slice_is(slice_of("OK"), "OK"));
	assert_false(slice_is(slice_of("OKX"), "OK"));
	assert_false(slice_is(slice_of("O"), "OK"));
	assert_false(slice_is(with_nul, "OK"));
	assert_true(slice_begins(with_nul, "OK"));
	assert_true(slice_begins(slice_of("+CSQ: 1"), "+CSQ:"));
	assert_false(slice_begins(slice_of("+CS"), "+CSQ:"));
	assert_true(slice_is((struct slice){ NULL, 0 }, ""));
	assert_true(slice_begins((struct slice){ NULL, 0 }, ""));
	assert_false(slice_begins((struct slice){ NULL, 0 }, "x"));
}

static void trimming_takes_blanks_from_both_ends_only(void **state)
{
	(void)state;
	assert_slice(slice_trim(slice_of(" \t a b \t")), "a b");
	assert_slice(slice_trim(slice_of("   ")), "");
	assert_slice(slice_trim((struct slice){ NULL, 0 }), "");
}

static void a_copy_is_cut_and_holds_no_nul(void **state)
{
	static const struct slice with_nul = BYTES("a\0b");
	char out[4] = "###";

	(void)state;
	assert_string_equal(slice_copy(out, sizeof(out), with_nul), "a?b");
	assert_string_equal(slice_copy(out, sizeof(out), slice_of("abcdef")), "abc");
	assert_string_equal(slice_copy(out, 1, slice_of("abcdef")), "");
}

static void numbers_are_plain_decimal_within_limits(void **state)
{
	static const struct {
		const char *text;
		long min, max;
		bool good;
		long value;
	} rows[] = {
		{ "0", 0, 9, true, 0 },
		{ " 42\t", 0, 99, true, 42 },
		{ "100", 0, 99, false, 0 },
		{ "4", 5, 99, false, 0 },
		{ "5", 5, 99, true, 5 },
		{ "99", 5, 99, true, 99 },
		{ "7", 0, 3, false, 0 },
		{ "", 0, 9, false, 0 },
		{ " ", 0, 9, false, 0 },
		{ "-1", -5, 9, false, 0 },
		{ "+1", 0, 9, false, 0 },
		{ "1.0", 0, 9, false, 0 },
		{ "0x1", 0, 99, false, 0 },
		{ "1 2", 0, 99, false, 0 },
		{ "9223372036854775807", 0, LONG_MAX, true, LONG_MAX },
		{ "9223372036854775808", 0, LONG_MAX, false, 0 },
		{ "92233720368547758070", 0, LONG_MAX, false, 0 },
		{ digits_400, 0, LONG_MAX, false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		long value = -77;

		if (slice_number(slice_of(rows[i].text), rows[i].min, rows[i].max,
				 &value) != rows[i].good) {
			print_error("\"%s\" in %ld..%ld\n", rows[i].text, rows[i].min, rows[i].max);
			fail();
		}
		assert_int_equal(value, rows[i].good ? rows[i].value : -77);
	}
}

/* --- fields ------------------------------------------------------------- */

static void fields_are_read_in_order(void **state)
{
	struct at_fields f = at_fields(
		slice_of("+COPS: 0, 0 ,\"A, B\",2,bare word,\"\""), "+COPS:");
	struct slice s;
	long n;

	(void)state;
	assert_true(at_field_number(&f, 0, 4, &n));
	assert_int_equal(n, 0);
	assert_true(at_field_skip(&f));
	assert_true(at_field_string(&f, &s));
	assert_slice(s, "A, B");
	assert_true(at_field_any(&f, &s));
	assert_slice(s, "2");
	assert_true(at_field_any(&f, &s));
	assert_slice(s, "bare word");
	assert_true(f.more);
	assert_true(at_field_any(&f, &s));
	assert_slice(s, "");
	assert_false(f.more);
	assert_false(f.bad);
	assert_false(at_field_any(&f, &s));
	assert_false(at_field_skip(&f));
}

static void a_line_without_the_prefix_has_no_fields(void **state)
{
	static const char *const lines[] = { "", "+CS", "CSQ: 1", "+CREG: 0,1" };
	struct slice s;

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		struct at_fields f = at_fields(slice_of(lines[i]), "+CSQ:");

		assert_false(f.more);
		assert_false(at_field_any(&f, &s));
	}
	struct at_fields f = at_fields((struct slice){ NULL, 0 }, "+CSQ:");

	assert_false(at_field_any(&f, &s));
}

static void an_empty_field_is_a_field(void **state)
{
	struct at_fields f = at_fields(slice_of("+X:,1,"), "+X:");
	struct slice s;
	long n;

	(void)state;
	assert_true(at_field_any(&f, &s));
	assert_int_equal(s.size, 0);
	assert_true(at_field_number(&f, 0, 9, &n));
	assert_true(f.more);
	assert_false(at_field_number(&f, 0, 9, &n));
	assert_false(f.more);
	f = at_fields(slice_of("+X:"), "+X:");
	assert_true(at_field_any(&f, &s));
	assert_int_equal(s.size, 0);
	assert_false(at_field_any(&f, &s));
}

static void a_field_of_the_wrong_kind_is_passed_over(void **state)
{
	struct at_fields f = at_fields(slice_of("+X: \"1\",2,a\"b\",\"a\"b,5"), "+X:");
	struct slice s;
	long n = -1;

	(void)state;
	assert_false(at_field_number(&f, 0, 9, &n));
	assert_false(at_field_string(&f, &s));
	assert_false(at_field_string(&f, &s));
	assert_false(at_field_string(&f, &s));
	assert_false(f.bad);
	assert_int_equal(n, -1);
	assert_true(at_field_number(&f, 0, 9, &n));
	assert_int_equal(n, 5);
}

static void an_unclosed_quote_is_an_error(void **state)
{
	static const char *const lines[] = { "+X: 1,\"a,2", "+X: 1,\"", "+X: 1,a\"b,2" };
	struct slice s;
	long n;

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		struct at_fields f = at_fields(slice_of(lines[i]), "+X:");

		assert_true(at_field_number(&f, 0, 9, &n));
		assert_false(at_field_any(&f, &s));
		assert_true(f.bad);
		assert_false(at_field_any(&f, &s));
		assert_false(at_field_skip(&f));
	}
}

static void fields_hold_any_byte(void **state)
{
	static const struct slice line = BYTES("+X: \"a\0\xff\x1b\",3");
	struct at_fields f = at_fields(line, "+X:");
	struct slice s;
	long n;

	(void)state;
	assert_true(at_field_string(&f, &s));
	assert_int_equal(s.size, 4);
	assert_memory_equal(s.data, "a\0\xff\x1b", 4);
	assert_true(at_field_number(&f, 0, 9, &n));
}

/* --- building ----------------------------------------------------------- */

static void a_template_is_filled(void **state)
{
	static const struct at_value values[] = {
		{ "size", "307200" }, { "timeout", "60" }, { "url", "ftp://h/p" },
		{ "empty", "" }, { NULL, NULL },
	};
	static const struct {
		const char *template, *expected;
	} rows[] = {
		{ "AT", "AT" },
		{ "", "" },
		{ "AT+QFOTADL=\"COM:\",{size},{timeout}", "AT+QFOTADL=\"COM:\",307200,60" },
		{ "AT+QFOTADL=\"{url}\"", "AT+QFOTADL=\"ftp://h/p\"" },
		{ "{size}{size}", "307200307200" },
		{ "<{empty}>", "<>" },
		{ "a}b", "a}b" },
	};
	char out[64];
	struct err e;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(at_build(out, sizeof(out), rows[i].template, values, &e), 0);
		assert_string_equal(out, rows[i].expected);
	}
}

static void a_value_cannot_close_the_quote_or_add_a_line(void **state)
{
	struct err e;
	char out[64];

	(void)state;
	for (int byte = 1; byte < 256; byte++) {
		char text[] = { 'a', 'b', (char)byte, 'c', '\0' };
		const struct at_value values[] = { { "url", text }, { NULL, NULL } };
		bool good = byte >= 0x20 && byte <= 0x7e && byte != '"' && byte != '\\';

		strcpy(out, "####");
		assert_int_equal(at_build(out, sizeof(out), "AT=\"{url}\"", values, &e),
				 good ? 0 : -1);
		if (good) {
			assert_int_equal(out[6], byte);
			continue;
		}
		assert_string_equal(out, "");
		assert_int_equal(e.code, ERR_USAGE);
		assert_non_null(strstr(err_words(&e), "url: byte 0x"));
		assert_non_null(strstr(err_words(&e), "position 3"));
	}
}

static void a_bad_template_is_refused(void **state)
{
	static const char *const templates[] = {
		"AT{nosuch}", "AT{size", "AT{}", "AT{siz}", "AT{sizes}", "AT\r", "AT\n+X", "AT\x80",
	};
	static const struct at_value values[] = { { "size", "1" }, { NULL, NULL } };
	struct err e;
	char out[64];

	(void)state;
	for (size_t i = 0; i < COUNT(templates); i++) {
		strcpy(out, "####");
		assert_int_equal(at_build(out, sizeof(out), templates[i], values, &e), -1);
		assert_int_equal(e.code, ERR_USAGE);
		assert_string_equal(out, "");
	}
}

static void a_result_that_does_not_fit_is_refused(void **state)
{
	static const struct at_value values[] = { { "v", "12345" }, { NULL, NULL } };
	struct err e;
	char out[8];

	(void)state;
	assert_int_equal(at_build(out, 8, "AT{v}", values, &e), 0);
	assert_string_equal(out, "AT12345");
	assert_int_equal(at_build(out, 7, "AT{v}", values, &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
	assert_string_equal(out, "");
	assert_int_equal(at_build(out, 1, "A", values, &e), -1);
	assert_int_equal(at_build(out, 1, "", values, &e), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_split_in_two_gives_the_same_lines),
		cmocka_unit_test(one_byte_a_read_gives_the_same_lines),
		cmocka_unit_test(random_splits_of_random_bytes_give_the_same_lines),
		cmocka_unit_test(an_over_long_line_is_cut_and_the_rest_counted),
		cmocka_unit_test(a_line_of_exactly_the_limit_is_whole),
		cmocka_unit_test(the_line_feed_after_a_reported_line_stays_unread),
		cmocka_unit_test(lines_are_classified),
		cmocka_unit_test(an_error_keeps_its_number_in_range_and_its_text_as_given),
		cmocka_unit_test(the_cme_table_is_that_of_the_manuals),
		cmocka_unit_test(slices_are_compared_by_length),
		cmocka_unit_test(trimming_takes_blanks_from_both_ends_only),
		cmocka_unit_test(a_copy_is_cut_and_holds_no_nul),
		cmocka_unit_test(numbers_are_plain_decimal_within_limits),
		cmocka_unit_test(fields_are_read_in_order),
		cmocka_unit_test(a_line_without_the_prefix_has_no_fields),
		cmocka_unit_test(an_empty_field_is_a_field),
		cmocka_unit_test(a_field_of_the_wrong_kind_is_passed_over),
		cmocka_unit_test(an_unclosed_quote_is_an_error),
		cmocka_unit_test(fields_hold_any_byte),
		cmocka_unit_test(a_template_is_filled),
		cmocka_unit_test(a_value_cannot_close_the_quote_or_add_a_line),
		cmocka_unit_test(a_bad_template_is_refused),
		cmocka_unit_test(a_result_that_does_not_fit_is_refused),
	};

	return cmocka_run_group_tests_name("at", tests, NULL, NULL);
}

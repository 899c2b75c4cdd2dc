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
#include "base/event.h"
#include "protocol/at.h"
#include "protocol/codes.h"

/* tests/codes.txt: the codes of protocol.md 5 in its words. */
struct code_row {
	char table[8], family[MODEL_SIZE];
	int first, last;
	char meaning[128];
};

static struct {
	struct code_row rows[256];
	size_t count;
} documented;

static int read_codes(void **state)
{
	const char *srcdir = getenv("srcdir");
	char path[512], line[256];
	FILE *f;

	(void)state;
	snprintf(path, sizeof(path), "%s/tests/codes.txt", srcdir ? srcdir : ".");
	f = fopen(path, "r");
	if (!f) {
		print_error("%s cannot be read\n", path);
		return -1;
	}
	while (fgets(line, sizeof(line), f)) {
		struct code_row *row = &documented.rows[documented.count];
		int used = 0;

		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '#' || line[0] == '\0')
			continue;
		assert_in_range(documented.count, 0, COUNT(documented.rows) - 1);
		if (sscanf(line, "%7s %23s %d%n", row->table, row->family, &row->first, &used) != 3)
			fail_msg("no code: %s", line);
		row->last = row->first;
		if (line[used] == '-') {
			row->last = (int)strtol(line + used + 1, NULL, 10);
			used += 1 + (int)strspn(line + used + 1, "0123456789");
		}
		if (line[used] != ' ' || row->last < row->first)
			fail_msg("no code: %s", line);
		snprintf(row->meaning, sizeof(row->meaning), "%s", line + used + 1);
		documented.count++;
	}
	fclose(f);
	return 0;
}

static bool is_documented(const char *table, const char *family, int number)
{
	for (size_t i = 0; i < documented.count; i++) {
		const struct code_row *c = &documented.rows[i];

		if (strcmp(c->table, table) == 0 &&
		    (family == NULL || strcmp(c->family, family) == 0) &&
		    number >= c->first && number <= c->last)
			return true;
	}
	return false;
}

/* So that a file of which half is gone does not prove anything. */
static void the_codes_are_all_there(void **state)
{
	static const struct {
		const char *table, *family;
		int count;
	} rows[] = {
		{ "ftp", "BG96", 32 }, { "http", "BG96", 31 }, { "file", "LTE-A", 2 },
		{ "end", "BG96", 4 }, { "end", "EP06", 6 + 11 + 7 }, { "end", "EC2x", 6 },
		{ "end", "LTE-A", 7 }, { "cme", "BG96", 36 + 21 },
		{ "http", "RFC9110", 27 }, { "http", "RFC6585", 2 }, { "http", "RFC7725", 1 }, { "ftp", "RFC959", 18 }, { "ftp", "RFC2228", 1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int count = 0;

		for (size_t k = 0; k < documented.count; k++) {
			const struct code_row *c = &documented.rows[k];

			if (strcmp(c->table, rows[i].table) == 0 && strcmp(c->family, rows[i].family) == 0)
				count += c->last - c->first + 1;
		}
		if (count != rows[i].count)
			print_error("%s of %s\n", rows[i].table, rows[i].family);
		assert_int_equal(count, rows[i].count);
	}
}

static void every_documented_code_has_its_row(void **state)
{
	(void)state;
	for (size_t i = 0; i < documented.count; i++) {
		const struct code_row *c = &documented.rows[i];

		for (int number = c->first; number <= c->last; number++) {
			const struct code_info *x = codes_find(c->table, number, c->family);

			if (x == NULL || strcmp(x->family, c->family) != 0 ||
			    number < x->first || number > x->last) {
				print_error("%s %d of %s has no row\n", c->table, number, c->family);
				fail();
			}
			assert_string_equal(x->table, c->table);
		}
	}
}

/* Each word of the document is in what is said; more may be. "bad characters"
 * of the summary are "invalid characters" to the manual. */
static bool has_words(const char *meaning, const char *words)
{
	static const char separators[] = " ,()";
	const char *at = words + strspn(words, separators);

	while (*at) {
		char word[64];
		size_t size = strcspn(at, separators);

		assert_in_range(size, 1, sizeof(word) - 1);
		memcpy(word, at, size);
		word[size] = '\0';
		if (!strcasestr(meaning, word) &&
		    !(strcmp(word, "bad") == 0 && strcasestr(meaning, "invalid")))
			return false;
		at += size;
		at += strspn(at, separators);
	}
	return true;
}

static void every_code_means_what_the_document_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < documented.count; i++) {
		const struct code_row *c = &documented.rows[i];

		for (int number = c->first; number <= c->last; number++) {
			const struct code_info *x = codes_find(c->table, number, c->family);

			if (!has_words(x->meaning, c->meaning)) {
				print_error("%s %d is told as \"%s\", the document says \"%s\"\n",
					    c->table, number, x->meaning, c->meaning);
				fail();
			}
		}
	}
}

static void no_row_covers_an_undocumented_code(void **state)
{
	const struct code_info *x;

	(void)state;
	for (size_t i = 0; (x = codes_row(i)) != NULL; i++) {
		for (int number = x->first; number <= x->last; number++) {
			if (!is_documented(x->table, x->family, number)) {
				print_error("%s %d of %s is made up\n", x->table, number, x->family);
				fail();
			}
		}
	}
}

static void no_code_of_a_family_has_two_rows(void **state)
{
	const struct code_info *a, *b;

	(void)state;
	for (size_t i = 0; (a = codes_row(i)) != NULL; i++) {
		for (size_t k = 0; k < i; k++) {
			b = codes_row(k);
			if (strcmp(a->table, b->table) == 0 &&
			    strcmp(a->family, b->family) == 0 &&
			    (a->first > a->last || (a->first <= b->last && b->first <= a->last))) {
				print_error("%s %d: two rows\n", a->table, a->first);
				fail();
			}
		}
	}
}

/* Lower case, no full stop: they stand behind a number or in a sentence. */
static void assert_words(const char *words, size_t room)
{
	assert_non_null(words);
	assert_in_range(strlen(words), 4, room - 1);
	for (const char *p = words; *p != '\0'; p++)
		assert_in_range(*p, 0x20, 0x7e);
	assert_int_not_equal(words[strlen(words) - 1], '.');
}

static void every_row_has_words_that_fit(void **state)
{
	const struct code_info *x;
	struct code code;

	(void)state;
	for (size_t i = 0; (x = codes_row(i)) != NULL; i++) {
		assert_words(x->meaning, sizeof(code.meaning));
		assert_words(x->cause, TEXT_SIZE);
		assert_words(x->next, TEXT_SIZE);
		assert_in_range(strlen(x->table), 1, sizeof(code.table) - 1);
		assert_in_range(strlen(x->family), 1, MODEL_SIZE - 1);
	}
	assert_null(codes_row(100000));
}

static void each_table_says_what_it_is_about(void **state)
{
	static const char *const names[] = { "ftp", "http", "file", "end", "cme" };

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		assert_non_null(codes_table(i));
		assert_string_equal(codes_table(i)->name, names[i]);
		assert_in_range(strlen(codes_table(i)->about), 10, TEXT_SIZE - 1);
	}
	assert_null(codes_table(COUNT(names)));
	assert_non_null(strstr(codes_table(3)->about, "of a sister where none of its own is known"));
}

/* What a server replies, at the end of a download of the other kind. */
static bool is_reply_of_other(const char *table, int number)
{
	return (strcmp(table, "ftp") == 0 && is_documented("http", NULL, number)) ||
		(strcmp(table, "http") == 0 && is_documented("ftp", NULL, number));
}

/* protocol.md 5.2: 12, 50, 420 and 570 occur; faults.md C17, C18 */
static void an_unknown_number_is_told_to_be_undocumented(void **state)
{
	static const int numbers[] = {
		INT_MIN, -1, 8, 12, 50, 404, 412, 503, 570, 600, 632, 700, 731, 999, INT_MAX,
	};
	const struct code_table *t;

	(void)state;
	for (size_t i = 0; (t = codes_table(i)) != NULL; i++) {
		for (size_t k = 0; k < COUNT(numbers); k++) {
			const struct code_info *x = codes_find(t->name, numbers[k], "BG96");

			assert_non_null(x);
			if (is_documented(t->name, NULL, numbers[k]) || is_reply_of_other(t->name, numbers[k]))
				continue;
			assert_string_equal(x->table, t->name);
			assert_string_equal(x->meaning, "not documented");
			assert_string_equal(x->family, "none");
		}
	}
}

/* protocol.md 5.2 */
static void a_number_of_the_other_table_is_named_with_it(void **state)
{
	static const struct {
		const char *table;
		int number;
		const char *meaning, *cause;
	} rows[] = {
		{ "http", 608, "not in this table; in the FTP table: socket closed by peer", "closed" },
		{ "http", 625, "not in this table; in the FTP table: not logged in (530)", "password" },
		{ "ftp", 714, "not in this table; in the HTTP table: DNS error", "host name" },
		{ "end", 702, "not in this table; in the HTTP table: time-out", "slow" },
		{ "file", 609, "not in this table; in the FTP table: time-out", "slow" },
		{ "ftp", 404, "not in this table; in the HTTP table: the server's reply: no such file", "path" },
		{ "http", 530, "not in this table; in the FTP table: the server's reply: not logged in", "password" },
		{ "http", 552, "not in this table; in the FTP table: the server's reply: storage exceeded", "no room" },
		/* what the module itself says of a package is no reply */
		{ "http", 507, "not documented", "no manual" },
		{ "end", 404, "not documented", "no manual" },
		{ "file", 530, "not documented", "no manual" },
		/* small numbers stand in too many tables to tell */
		{ "http", 12, "not documented", "no manual" },
		{ "ftp", 1, "not documented", "no manual" },
		{ "cme", 714, "not documented", "no manual" },
	};
	char meaning[128];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_string_equal(codes_meaning(meaning, sizeof(meaning), rows[i].table, rows[i].number, "BG96"), rows[i].meaning);
		assert_non_null(strcasestr(codes_find(rows[i].table, rows[i].number, "BG96")->cause, rows[i].cause));
	}
}

/* The only schemes that a module takes are plain already; `--relay` works always. */
static void no_cure_says_what_was_done_already(void **state)
{
	const struct code_info *x;

	(void)state;
	for (size_t i = 0; (x = codes_row(i)) != NULL; i++)
		if (strstr(x->next, "plain http") || strstr(x->next, "use http://"))
			fail_msg("%s %d: %s", x->table, x->first, x->next);
}

static void an_unknown_table_has_no_row(void **state)
{
	(void)state;
	assert_null(codes_find("", 0, NULL));
	assert_null(codes_find("FTP", 601, NULL));
	assert_null(codes_find("cms", 500, "BG96"));
}

static void the_family_asked_for_is_preferred(void **state)
{
	static const struct {
		const char *family;
		int number;
		const char *answered_by, *meaning;
	} rows[] = {
		{ "BG96", 505, "BG96", "package does not exist" },
		{ "EP06", 505, "EP06", "package file wrong" },
		{ "LTE-A", 505, "LTE-A", "package check error" },
		{ NULL, 505, "BG96", "package does not exist" },
		{ "nobody", 505, "BG96", "package does not exist" },
		{ "BG96", 510, "EP06", "patch does not match the source in the module" },
		{ "BG96", 552, "LTE-A", "project name mismatch" },
		{ "BG96", 501, "EC2x", "package cannot be unpacked, or no space" },
		{ "BG96", 525, "EP06", "upgrade failed" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct code_info *x = codes_find("end", rows[i].number, rows[i].family);

		assert_string_equal(x->family, rows[i].answered_by);
		assert_string_equal(x->meaning, rows[i].meaning);
	}
}

/* One truth: what a refused command is said to mean is what `dfota explain` says. */
static void cme_meanings_are_those_of_the_at_table(void **state)
{
	const struct code_info *x;
	const char *meaning;
	int number;
	size_t rows = 0;

	(void)state;
	for (size_t i = 0; at_cme_row(i, &number, &meaning); i++)
		assert_string_equal(codes_find("cme", number, NULL)->meaning, meaning);
	for (size_t i = 0; (x = codes_row(i)) != NULL; i++) {
		if (strcmp(x->table, "cme") != 0 || x->first > x->last)
			continue;
		assert_int_equal(x->first, x->last);
		assert_string_equal(at_cme_meaning(x->first), x->meaning);
		rows++;
	}
	assert_false(at_cme_row(rows, &number, &meaning));
}

static void a_search_finds_a_number_in_all_tables(void **state)
{
	const struct code_info *x;
	size_t index = 0;

	(void)state;
	x = codes_search(714, &index);
	assert_string_equal(x->table, "http");
	assert_string_equal(x->meaning, "DNS error");
	assert_null(codes_search(714, &index));

	static const char *const families[] = { "BG96", "EP06", "LTE-A" };

	index = 0;
	x = codes_search(504, &index);	/* replies of servers */
	assert_string_equal(x->table, "http");
	x = codes_search(504, &index);
	assert_string_equal(x->table, "ftp");
	for (size_t i = 0; i < COUNT(families); i++) {
		x = codes_search(504, &index);
		assert_string_equal(x->table, "end");
		assert_string_equal(x->family, families[i]);
	}
	assert_null(codes_search(504, &index));

	static const int unknown[] = { -1, 8, 999, INT_MAX, INT_MIN };

	for (size_t i = 0; i < COUNT(unknown); i++) {
		index = 0;
		assert_null(codes_search(unknown[i], &index));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_codes_are_all_there),
		cmocka_unit_test(every_documented_code_has_its_row),
		cmocka_unit_test(every_code_means_what_the_document_says),
		cmocka_unit_test(no_row_covers_an_undocumented_code),
		cmocka_unit_test(no_code_of_a_family_has_two_rows),
		cmocka_unit_test(every_row_has_words_that_fit),
		cmocka_unit_test(each_table_says_what_it_is_about),
		cmocka_unit_test(an_unknown_number_is_told_to_be_undocumented),
		cmocka_unit_test(a_number_of_the_other_table_is_named_with_it),
		cmocka_unit_test(no_cure_says_what_was_done_already),
		cmocka_unit_test(an_unknown_table_has_no_row),
		cmocka_unit_test(the_family_asked_for_is_preferred),
		cmocka_unit_test(cme_meanings_are_those_of_the_at_table),
		cmocka_unit_test(a_search_finds_a_number_in_all_tables),
	};

	return cmocka_run_group_tests_name("codes", tests, read_codes, NULL);
}

/* Words for people in their language; records, JSON and reports in English. */
#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/message.h"
#include "base/text.h"
#include "chinese.h"

static int begin(void **state)
{
	*state = calloc(1, sizeof(struct chinese));
	return *state ? 0 : -1;
}

static int end(void **state)
{
	struct chinese *c = *state;

	if (c->folder[0])
		chinese_forget(c);
	free(c);
	return 0;
}

static const char *said(const struct message *m, enum audience audience)
{
	static char text[3][2048];

	return message_advice(m, audience, text[audience], sizeof(text[audience]));
}

static void people_read_their_language_and_the_record_english(void **state)
{
	struct message m;

	chinese_prepare(*state);
	words_open();
	message_set(&m, MSG_PORT_HELD, "port=%s program=%s pid=%d", "/dev/ttyUSB2", "picocom", 4711);
	assert_true(is_chinese(said(&m, FOR_CONSOLE)));
	assert_true(is_chinese(said(&m, FOR_SCREEN)));
	assert_non_null(strstr(said(&m, FOR_CONSOLE), "/dev/ttyUSB2"));
	assert_non_null(strstr(said(&m, FOR_CONSOLE), "picocom"));
	assert_non_null(strstr(said(&m, FOR_CONSOLE), "4711"));
	assert_string_equal(said(&m, FOR_RECORD),
			    "/dev/ttyUSB2 is held by picocom (4711). Close picocom, then try again.");
}

static void a_system_error_is_recorded_in_english(void **state)
{
	struct message m;

	chinese_prepare(*state);
	words_open();
	message_set(&m, MSG_PACKAGE_UNREADABLE, "path=%s error=%d", "/media/pkg.bin", EACCES);
	assert_non_null(strstr(said(&m, FOR_RECORD), "opening the package /media/pkg.bin: Permission denied"));
	assert_string_equal(words_of_errno(ENOSPC), "No space left on device");
}

static void where_characters_are_not_utf_8_it_is_english(void **state)
{
	chinese_prepare(*state);
	unsetenv("LC_ALL");
	setenv("LC_MESSAGES", "zh_CN.UTF-8", 1);
	setenv("LC_CTYPE", "C", 1);
	words_open();
	assert_string_equal(_("See `dfota help`."), "See `dfota help`.");
}

static void without_a_translation_all_is_english(void **state)
{
	chinese_prepare(*state);
	setenv("TEXTDOMAINDIR", "/nonexistent", 1);
	words_open();
	assert_string_equal(_("See `dfota help`."), "See `dfota help`.");
	assert_ptr_equal(uselocale((locale_t)0), LC_GLOBAL_LOCALE);
}

static void a_language_that_does_not_exist_is_english(void **state)
{
	chinese_prepare(*state);
	setenv("LC_ALL", "xx_YY.UTF-8", 1);
	words_open();
	assert_string_equal(_("See `dfota help`."), "See `dfota help`.");
}

static void what_has_no_translation_is_english(void **state)
{
	chinese_prepare(*state);
	words_open();
	assert_string_equal(words_of("no such sentence"), "no such sentence");
	assert_string_equal(words_of(""), "");
}

static void *speak(void *out)
{
	*(const char **)out = words_of("See `dfota help`.");
	return NULL;
}

static void another_thread_stays_with_english(void **state)
{
	const char *words = NULL;
	pthread_t thread;

	chinese_prepare(*state);
	words_open();
	assert_int_equal(pthread_create(&thread, NULL, speak, &words), 0);
	pthread_join(thread, NULL);
	assert_string_equal(words, "See `dfota help`.");
	assert_true(is_chinese(_("See `dfota help`.")));
}

static void an_end_that_was_cut_becomes_whole(void **state)
{
	static const char *const rows[][2] = {
		{ "", "" },
		{ "abc", "abc" },
		{ "ab\xe4\xbd\xa0", "ab\xe4\xbd\xa0" },
		{ "ab\xe4\xbd", "ab" },
		{ "ab\xe4", "ab" },
		{ "\xe4", "" },
		{ "\xf0\x9f\x93", "" },
		{ "\xc3\xa9\xc3", "\xc3\xa9" },
		{ "e\xcc\x81", "e\xcc\x81" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[16];

		strcpy(text, rows[i][0]);
		text_end_whole(text);
		assert_string_equal(text, rows[i][1]);
	}
}

#define MO "\xe6\xa8\xa1"	/* two columns */
#define STOP "\xe3\x80\x82"
#define OPEN "\xef\xbc\x88"

/* A line may end beside a wide letter, but not before a sign that ends a sentence. */
static void lines_break_beside_wide_letters(void **state)
{
	static const struct {
		const char *text;
		int width;
		const char *lines[4];
	} rows[] = {
		{ "one two three", 8, { "one two", "three" } },
		{ "one two three", 7, { "one two", "three" } },
		{ "one  two", 4, { "one", "two" } },
		{ "ab ", 1, { "a", "b" } },
		{ MO MO MO MO, 4, { MO MO, MO MO } },
		{ MO MO MO MO, 5, { MO MO, MO MO } },
		{ MO MO MO STOP, 6, { MO MO, MO STOP } },
		{ MO MO OPEN MO, 6, { MO MO, OPEN MO } },
		{ MO "ModemManager" MO, 13, { MO, "ModemManager", MO } },
		{ MO " ModemManager", 8, { MO, "ModemMan", "ager" } },
		{ "e\xcc\x81" MO MO, 3, { "e\xcc\x81" MO, MO } },
		{ MO, 1, { MO } },
		/* signs that begin no line, and such that end none */
		{ MO MO MO ".", 6, { MO MO, MO "." } },
		{ MO "\xe2\x80\x9c" MO MO, 3, { MO, "\xe2\x80\x9c" MO, MO } },
		{ MO "\xe3\x80\x8c" MO, 4, { MO, "\xe3\x80\x8c" MO } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *next = rows[i].text;

		for (size_t k = 0; k < 4 && rows[i].lines[k]; k++) {
			const char *text = next;
			size_t size = text_line(text, rows[i].width, text_width, &next);
			char line[64];

			snprintf(line, sizeof(line), "%.*s", (int)size, text);
			assert_string_equal(line, rows[i].lines[k]);
		}
		assert_string_equal(next, "");
	}
}

/* What no character is, is none, and takes the column in which it is shown. */
static void characters_have_their_bytes_and_columns(void **state)
{
	static const struct {
		const char *bytes;
		uint32_t c;
		int columns;
	} rows[] = {
		{ "a", 'a', 1 }, { "\x07", 7, 1 }, { "\xc3\xa9", 0xe9, 1 }, { "\xcc\x81", 0x301, 0 }, { MO, 0x6a21, 2 },
		{ "\xe1\x85\xa1", 0x1161, 0 }, { "\xf0\x9f\x93\xa1", 0x1f4e1, 2 },
	};
	static const char *const none[] = { "", "\x80", "\xc3", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff" };
	uint32_t c;
	char out[4];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t size = strlen(rows[i].bytes);

		assert_int_equal(text_decode(rows[i].bytes, size, &c), size);
		assert_int_equal(c, rows[i].c);
		assert_int_equal(text_encode(out, c), size);
		assert_memory_equal(out, rows[i].bytes, size);
		assert_int_equal(text_width(c), rows[i].columns);
		assert_int_equal(text_columns(rows[i].bytes), rows[i].columns);
	}
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_int_equal(text_decode(none[i], strlen(none[i]), &c), 0);
	assert_int_equal(text_encode(out, 0xd800), 0);
	assert_int_equal(text_encode(out, 0x110000), 0);
	assert_int_equal(text_columns("a\xff" MO), 4);
}

static void a_printed_line_is_one_line_whatever_it_holds(void **state)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	assert_non_null(out);
	text_print(out, "%s %d", "a\nb\x1b[2J", 7);
	assert_int_equal(fclose(out), 0);
	assert_null(strchr(text, '\x1b'));
	assert_ptr_equal(strchr(text, '\n'), text + size - 1);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_end_that_was_cut_becomes_whole),
		cmocka_unit_test(lines_break_beside_wide_letters),
		cmocka_unit_test(characters_have_their_bytes_and_columns),
		cmocka_unit_test(a_printed_line_is_one_line_whatever_it_holds),
		cmocka_unit_test_setup_teardown(people_read_their_language_and_the_record_english, begin, end),
		cmocka_unit_test_setup_teardown(a_system_error_is_recorded_in_english, begin, end),
		cmocka_unit_test_setup_teardown(where_characters_are_not_utf_8_it_is_english, begin, end),
		cmocka_unit_test_setup_teardown(without_a_translation_all_is_english, begin, end),
		cmocka_unit_test_setup_teardown(a_language_that_does_not_exist_is_english, begin, end),
		cmocka_unit_test_setup_teardown(what_has_no_translation_is_english, begin, end),
		cmocka_unit_test_setup_teardown(another_thread_stays_with_english, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

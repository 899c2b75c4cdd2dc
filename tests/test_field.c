/*
 * Letters and columns, keys and their actions, a field that is edited.
 */
#include "config.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "ui/model/field.h"
#include "ui/term/cells.h"
#include "ui/term/keys.h"

/* -- cells -- */

static void widths_are_columns_not_bytes(void **state)
{
	static const struct {
		const char *text;
		int width;
	} rows[] = {
		{ "", 0 },
		{ "abc", 3 },
		{ "gr\xc3\xbc\xc3\x9f", 4 },
		{ "\xe6\xa8\xa1\xe5\x9d\x97", 4 },	/* two wide letters */
		{ "e\xcc\x81", 1 },			/* a combining mark */
		{ "\xff\xc3", 2 },			/* broken bytes, one each */
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (cells_width(rows[i].text) != rows[i].width)
			fail_msg("row %zu: width %d, not %d", i, cells_width(rows[i].text), rows[i].width);
}

static void a_cut_never_halves_a_wide_letter(void **state)
{
	(void)state;
	assert_int_equal(cells_fit("a\xe6\xa8\xa1z", 2), 1);
	assert_int_equal(cells_fit("a\xe6\xa8\xa1z", 3), 4);
	assert_int_equal(cells_fit("a\xe6\xa8\xa1z", 9), 5);
	assert_int_equal(cells_fit("abc", 0), 0);
}

static void lines_break_at_spaces_and_always_move_on(void **state)
{
	static const char *const want[] = { "aa bb", "ccccc", "cc d" };
	const char *next = "aa bb ccccccc d", *text;
	size_t i, size;

	(void)state;
	for (i = 0; *next; i++) {
		text = next;
		size = cells_line(text, 5, &next);
		assert_true(i < 3);
		assert_int_equal(size, strlen(want[i]));
		assert_memory_equal(text, want[i], size);
	}
	assert_int_equal(i, 3);
	/* too narrow for anything */
	cells_line("\xe6\xa8\xa1z", 1, &next);
	assert_string_equal(next, "z");
}

static void every_letter_survives_encoding_and_stepping_back(void **state)
{
	static const int codes[] = { 'a', 0xfc, 0x6a21, 0x1f600 };
	char text[32] = "";
	size_t i, at = 0;

	(void)state;
	for (i = 0; i < 4; i++)
		at += cells_encode(text + at, codes[i]);
	assert_int_equal(at, 10);
	for (i = 4; i-- > 0; at -= cells_before(text, at))
		assert_int_equal(cells_before(text, at), i + 1);
	assert_int_equal(cells_before(text, 0), 0);
	assert_int_equal(cells_encode(text, 0xd800), 0);
	assert_int_equal(cells_encode(text, 0x110000), 0);
}

/* -- keys -- */

static void every_action_has_a_letter_and_a_help_line(void **state)
{
	unsigned a;

	(void)state;
	for (a = 0; a < ACTION_COUNT; a++) {
		const struct action_info *info = action_info((enum action)a);

		assert_true(info->help[0] && info->shown[0] && info->keys[0]);
		/* what is on the bar needs a word there */
		assert_true(!info->rank || info->label[0]);
		assert_true(info->when <= WHEN_LISTENING);
	}
}

/* KEY means action A wherever A can be used; what is no action of a record may
 * give its key to one there. */
static void check_key(const struct action_info *info, unsigned a, int key)
{
	enum action alive = action_of_key(key, false), recorded = action_of_key(key, true);

	if (info->when != WHEN_RECORD && alive != (enum action)a)
		fail_msg("key %d of action %u is also one of action %d", key, a, (int)alive);
	if (recorded != (enum action)a && (info->when == WHEN_ALWAYS || info->when == WHEN_RECORD))
		fail_msg("in a record key %d of action %u is also one of action %d", key, a, (int)recorded);
}

static void no_key_means_two_actions(void **state)
{
	unsigned a, k;

	(void)state;
	for (a = 0; a < ACTION_COUNT; a++)
		for (k = 0; k < ACTION_KEYS && action_info((enum action)a)->keys[k]; k++)
			check_key(action_info((enum action)a), a, action_info((enum action)a)->keys[k]);
	assert_int_equal(action_of_key('Z', false), ACTION_COUNT);
	assert_int_equal(action_of_key(0, true), ACTION_COUNT);
	assert_int_equal(action_of_key(' ', false), ACTION_HOLD);
	assert_int_equal(action_of_key(' ', true), ACTION_PLAY);
	assert_int_equal(action_of_key('[', false), ACTION_COUNT);
}

/* -- field -- */

static enum field_result press(struct field *f, int code)
{
	struct key key = { .code = code, .pasted = false };

	return field_key(f, &key);
}

static void type(struct field *f, const char *text)
{
	while (*text)
		press(f, *text++);
}

static void a_field_edits_as_readline_does(void **state)
{
	static const struct {
		const char *start;
		int keys[8];
		const char *want;
		size_t cursor;
	} rows[] = {
		{ "", { 'a', 'b' }, "ab", 2 },
		{ "abc", { K_HOME, 'x' }, "xabc", 1 },
		{ "abc", { K_CTRL_A, K_DELETE }, "bc", 0 },
		{ "abc", { K_LEFT, K_BACKSPACE }, "ac", 1 },
		{ "abc", { K_LEFT, K_LEFT, K_CTRL_K }, "a", 1 },
		{ "abc", { K_LEFT, K_CTRL_U }, "c", 0 },
		{ "abc", { K_HOME, K_RIGHT, K_END, 'd' }, "abcd", 4 },
		{ "abc", { K_CTRL_A, K_CTRL_E, 'd' }, "abcd", 4 },
		{ "one two", { K_CTRL_W }, "one ", 4 },
		{ "one two  ", { K_CTRL_W }, "one ", 4 },
		{ "/a/bc", { K_CTRL_W }, "/a/", 3 },
		{ "/a/bc", { K_CTRL_W, K_CTRL_W }, "/a", 2 },
		{ "\xc3\xbc", { K_BACKSPACE }, "", 0 },
		{ "\xc3\xbc", { K_LEFT, K_DELETE, 0x6a21 }, "\xe6\xa8\xa1", 3 },
		{ "", { K_BACKSPACE, K_DELETE, K_LEFT, K_RIGHT, K_UP, K_DOWN }, "", 0 },
		{ "1234567", { 'x' }, "1234567", 7 },
	};
	struct field f;
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		field_begin(&f, rows[i].start, strlen(rows[i].start) == 7 && rows[i].start[0] == '1' ? 8 : 32);
		for (k = 0; k < 8 && rows[i].keys[k]; k++)
			press(&f, rows[i].keys[k]);
		if (strcmp(f.text, rows[i].want) || f.cursor != rows[i].cursor)
			fail_msg("row %zu: \"%s\" at %zu, not \"%s\" at %zu", i, f.text, f.cursor,
				 rows[i].want, rows[i].cursor);
	}
}

static void history_goes_back_and_returns_to_what_was_typed(void **state)
{
	struct history h = { .count = 0 };
	struct field f;
	char text[16];
	int i;

	(void)state;
	history_add(&h, "");
	assert_int_equal(h.count, 0);
	for (i = 0; i < HISTORY_COUNT + 3; i++) {
		snprintf(text, sizeof(text), "t%d", i);
		history_add(&h, text);
		history_add(&h, text);
	}
	assert_int_equal(h.count, HISTORY_COUNT);
	field_begin(&f, "new", 32);
	field_use_history(&f, &h);
	press(&f, K_UP);
	assert_string_equal(f.text, "t18");
	press(&f, K_UP);
	assert_string_equal(f.text, "t17");
	for (i = 0; i < 30; i++)
		press(&f, K_UP);
	assert_string_equal(f.text, "t3");
	for (i = 0; i < 30; i++)
		press(&f, K_DOWN);
	assert_string_equal(f.text, "new");
	history_free(&h);
}

static void a_paste_fills_a_field_but_never_ends_it(void **state)
{
	static const char pasted[] = "AT+CFUN=1,1\r\tX";
	struct key key = { .code = 0, .pasted = true };
	struct field f;
	size_t i;

	(void)state;
	field_begin(&f, "", 64);
	f.file = true;
	for (i = 0; pasted[i]; i++) {
		key.code = pasted[i];
		assert_int_equal(field_key(&f, &key), FIELD_GOES_ON);
	}
	assert_string_equal(f.text, "AT+CFUN=1,1X");
	assert_int_equal(press(&f, K_ENTER), FIELD_DONE);
	assert_int_equal(press(&f, K_ESC), FIELD_LEFT);
	assert_int_equal(press(&f, K_CTRL_C), FIELD_LEFT);
}

static void a_proposed_text_is_replaced_or_edited(void **state)
{
	struct field f;

	(void)state;
	field_begin(&f, "log.txt", 64);
	f.proposed = true;
	press(&f, 'x');
	press(&f, 'y');
	assert_string_equal(f.text, "xy");
	field_begin(&f, "log.txt", 64);
	f.proposed = true;
	press(&f, K_BACKSPACE);
	press(&f, 'T');
	assert_string_equal(f.text, "log.txT");
	field_begin(&f, "log.txt", 64);
	f.proposed = true;
	assert_int_equal(press(&f, K_ENTER), FIELD_DONE);
	assert_string_equal(f.text, "log.txt");
}

static void touch(const char *directory, const char *name)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fclose(file);
}

static void tab_completes_file_names(void **state)
{
	static const char *const names[] = { "pack-a.bin", "pack-b.bin", "other", ".hidden", "evil\033name" };
	char directory[] = "/tmp/dfota-field-XXXXXX", path[256];
	struct field f;
	size_t i, length;

	(void)state;
	assert_non_null(mkdtemp(directory));
	for (i = 0; i < 5; i++)
		touch(directory, names[i]);
	snprintf(path, sizeof(path), "%s/sub", directory);
	assert_int_equal(mkdir(path, 0700), 0);
	length = strlen(directory) + 1;

	field_begin(&f, directory, FIELD_SIZE);
	f.file = true;
	type(&f, "/p");
	press(&f, K_TAB);
	assert_string_equal(f.text + length, "pack-");
	assert_string_equal(f.list, "");
	press(&f, K_TAB);
	assert_non_null(strstr(f.list, "pack-a.bin"));
	assert_non_null(strstr(f.list, "pack-b.bin"));
	assert_null(strstr(f.list, "other"));
	type(&f, "b");
	assert_string_equal(f.list, "");
	press(&f, K_TAB);
	assert_string_equal(f.text + length, "pack-b.bin");
	for (i = 0; i < 10; i++)
		press(&f, K_BACKSPACE);
	press(&f, K_TAB);
	assert_null(strstr(f.list, "hidden"));
	assert_null(strchr(f.list, '\033'));
	assert_non_null(strstr(f.list, "evil\\x1bname"));
	type(&f, "s");
	press(&f, K_TAB);
	assert_string_equal(f.text + length, "sub/");

	assert_int_equal(rmdir(path), 0);
	for (i = 0; i < 5; i++) {
		snprintf(path, sizeof(path), "%s/%s", directory, names[i]);
		unlink(path);
	}
	rmdir(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(widths_are_columns_not_bytes),
		cmocka_unit_test(a_cut_never_halves_a_wide_letter),
		cmocka_unit_test(lines_break_at_spaces_and_always_move_on),
		cmocka_unit_test(every_letter_survives_encoding_and_stepping_back),
		cmocka_unit_test(every_action_has_a_letter_and_a_help_line),
		cmocka_unit_test(no_key_means_two_actions),
		cmocka_unit_test(a_field_edits_as_readline_does),
		cmocka_unit_test(history_goes_back_and_returns_to_what_was_typed),
		cmocka_unit_test(a_paste_fills_a_field_but_never_ends_it),
		cmocka_unit_test(a_proposed_text_is_replaced_or_edited),
		cmocka_unit_test(tab_completes_file_names),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}

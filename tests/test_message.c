#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/message.h"
#include "record/message_json.h"
#include "words.h"

/* --- the table --- */

static void every_row_has_a_name_of_its_own_and_words(void **state)
{
	(void)state;
	for (int i = MSG_NONE + 1; i < MSG_COUNT; i++) {
		const struct message_info *info = message_info((enum message_id)i);

		assert_int_equal(message_named(info->name), i);
		assert_non_null(info->words);
		assert_true(info->words[0] != '\0');
		if (info->code != ERR_NONE)
			assert_int_equal(info->severity, SEVERITY_ERROR);
	}
	assert_int_equal(message_named("no such message"), MSG_NONE);
	assert_int_equal(message_named(""), MSG_NONE);
}

static void every_failure_has_a_cure(void **state)
{
	(void)state;
	for (int i = MSG_NONE + 1; i < MSG_COUNT; i++) {
		const struct message_info *info = message_info((enum message_id)i);

		if (info->code != ERR_NONE && (!info->next || !info->next[0]))
			fail_msg("%s: what to do about it?", info->name);
	}
}

/* All values "7": words of any type are made of them. */
static void fill(struct message *m, enum message_id id)
{
	struct message_arg arg;

	message_begin(m, id);
	for (size_t i = 0; message_arg(id, i, &arg); i++)
		message_value(m, "7");
}

static bool has_argument(enum message_id id, const char *name, size_t size)
{
	struct message_arg arg;

	for (size_t i = 0; message_arg(id, i, &arg); i++)
		if (arg.name_size == size && memcmp(arg.name, name, size) == 0)
			return true;
	return false;
}

/* Each {name} and [name? of TEMPLATE is an argument of ID, and what opens closes. */
static void check_template(enum message_id id, const char *template)
{
	for (const char *at = template ? template : ""; *at; at++) {
		size_t size = strspn(at + 1, "abcdefghijklmnopqrstuvwxyz0123456789_");

		if ((*at == '{' || *at == '[') && at[1] == *at) {
			at++;
		} else if (*at == '{') {
			if (at[1 + size] != '}' || !has_argument(id, at + 1, size))
				fail_msg("%s: {%.*s} is no argument", message_info(id)->name, (int)size, at + 1);
		} else if (*at == '[') {
			assert_non_null(strchr(at, ']'));
			if (at[1 + size] == '?' && !has_argument(id, at + 1, size))
				fail_msg("%s: [%.*s? is no argument", message_info(id)->name, (int)size, at + 1);
		}
	}
}

static void words_name_arguments_that_the_row_has(void **state)
{
	(void)state;
	for (int i = MSG_NONE + 1; i < MSG_COUNT; i++) {
		const struct message_info *info = message_info((enum message_id)i);

		check_template((enum message_id)i, info->words);
		check_template((enum message_id)i, info->screen);
		check_template((enum message_id)i, info->next);
		check_template((enum message_id)i, info->screen_next);
	}
}

static void the_words_of_every_row_can_be_made(void **state)
{
	struct message m;
	char text[2048];

	(void)state;
	for (int i = MSG_NONE + 1; i < MSG_COUNT; i++) {
		for (int audience = FOR_CONSOLE; audience <= FOR_SCREEN; audience++) {
			fill(&m, (enum message_id)i);
			message_text(&m, (enum audience)audience, text, sizeof(text));
			assert_true(text[0] != '\0');
			message_next(&m, (enum audience)audience, text, sizeof(text));
		}
	}
}

/* --- values --- */

static void arguments_stand_where_the_words_name_them(void **state)
{
	struct message m;

	(void)state;
	message_set(&m, MSG_OPTION_NUMBER, "command=%s option=%s most=%zu value=%.*s", "run", "baud", (size_t)4000000, 3, "fast");
	assert_string_equal(message_words(&m), "run: --baud takes a number from 1 to 4000000, not \"fas\"");
	assert_string_equal(message_text_of(&m, "option"), "baud");
	assert_string_equal(message_text_of(&m, "most"), "4000000");
	assert_string_equal(message_text_of(&m, "nothing"), "");
}

static void a_value_that_looks_like_words_stays_a_value(void **state)
{
	struct message m;

	(void)state;
	message_set(&m, MSG_SAID, "text=%s", "{text} [x] %s %d");
	assert_string_equal(message_words(&m), "{text} [x] %s %d");
}

static void values_are_made_safe(void **state)
{
	struct message m;

	(void)state;
	message_set(&m, MSG_SAID, "text=%s", "a\x1b[2Jb");
	assert_string_equal(message_words(&m), "a\\x1b[2Jb");
}

static void what_is_too_long_is_cut_and_the_rest_is_empty(void **state)
{
	char longest[2 * MESSAGE_VALUES_SIZE];
	struct message m;
	char text[64];

	(void)state;
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	message_set(&m, MSG_OPTIONS_CONTRADICT, "command=%s option=%s other=%s", longest, "file", "url");
	assert_int_equal(strlen(message_text_of(&m, "command")), MESSAGE_VALUES_SIZE - 1);
	assert_string_equal(message_text_of(&m, "option"), "");
	assert_string_equal(message_text_of(&m, "other"), "");
	assert_int_equal(strlen(message_text(&m, FOR_CONSOLE, text, sizeof(text))), sizeof(text) - 1);
}

static void words_are_cut_at_a_whole_letter(void **state)
{
	struct message m;
	char text[4];

	(void)state;
	message_set(&m, MSG_SAID, "text=%s", "a\xc3\xa4\xc3\xa4");
	assert_string_equal(message_text(&m, FOR_CONSOLE, text, sizeof(text)), "a\xc3\xa4");
}

static void a_message_may_be_made_of_its_own_values(void **state)
{
	struct message m;

	(void)state;
	message_set(&m, MSG_SAID, "text=%s", "the port");
	message_set(&m, MSG_SAID, "text=%s", message_text_of(&m, "text"));
	assert_string_equal(message_words(&m), "the port");
}

static void what_was_being_done_is_said_first_and_what_follows_last(void **state)
{
	struct message m;

	(void)state;
	message_set(&m, MSG_SETTING_FORM, "");
	message_doing(&m, MSG_IN_LINE, "path=%s line=%d", "/c", 3);
	message_doing(&m, MSG_REPLAYING, "");
	message_then(&m, MSG_SAID, "text=%s", "nothing was read");
	assert_string_equal(message_words(&m),
			    "replay (`dfota report` needs no screen): /c, line 3: expected: name = value; nothing was read");
	message_doing(&m, MSG_IN_LINE, "path=%s line=%d", "/d", 4);	/* no room: dropped */
	assert_int_equal(m.part_count, MESSAGE_PARTS);
}

static void an_error_number_is_said_in_the_words_of_the_system(void **state)
{
	struct err e = {0};

	(void)state;
	assert_int_equal(err_fail_sys(&e, MSG_CONFIG_UNREADABLE, 13, "path=%s", "/c"), -1);
	assert_int_equal(e.code, ERR_USAGE);
	assert_int_equal(e.detail, 13);
	assert_string_equal(err_words(&e), "opening /c: Permission denied");
	assert_string_equal(message_text_of(&e.message, "error"), "13");
}

/* --- as JSON --- */

static json_t *object_of(const struct message *m)
{
	json_t *o = json_object();

	assert_non_null(o);
	assert_int_equal(message_put(o, m), 0);
	return o;
}

static void a_message_is_read_back_as_it_was_written(void **state)
{
	struct message m, back;
	json_t *o;
	char *text;

	(void)state;
	message_set(&m, MSG_OPTION_NUMBER, "command=%s option=%s most=%d value=%s", "run", "baud", 4000000, "fast");
	message_doing(&m, MSG_IN_LINE, "path=%s line=%d", "/c", 3);
	message_then(&m, MSG_SAID, "text=%s", "end");
	o = object_of(&m);
	text = json_dumps(o, JSON_COMPACT);
	assert_string_equal(text, "{\"id\":\"option-number\",\"args\":{\"command\":\"run\",\"option\":\"baud\",\"most\":4000000,\"value\":\"fast\"},"
			    "\"doing\":[{\"id\":\"in-line\",\"args\":{\"path\":\"/c\",\"line\":3}}],\"then\":[{\"id\":\"said\",\"args\":{\"text\":\"end\"}}]}");
	free(text);
	assert_true(message_get(o, &back));
	assert_int_equal(back.id, m.id);
	assert_string_equal(message_words(&back), "/c, line 3: run: --baud takes a number from 1 to 4000000, not \"fast\"; end");
	json_decref(o);
}

static void what_is_read_is_hostile(void **state)
{
	static const struct {
		const char *json, *words;
	} rows[] = {
		{ "{}", NULL },
		{ "{\"id\":7}", NULL },
		{ "{\"id\":\"of-tomorrow\",\"args\":{}}", NULL },
		{ "{\"id\":\"in-line\"}", ", line " },
		{ "{\"id\":\"in-line\",\"args\":[1,2]}", ", line " },
		{ "{\"id\":\"in-line\",\"args\":{\"path\":3,\"line\":\"x\"}}", ", line " },
		{ "{\"id\":\"in-line\",\"args\":{\"path\":\"\\u001b[2J\",\"line\":3,\"more\":4}}", "\\x1b[2J, line 3" },
		{ "{\"id\":\"in-line\",\"doing\":\"x\",\"then\":[3,{},{\"id\":\"said\"}]}", ", line ; " },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *o = json_loads(rows[i].json, 0, NULL);
		struct message m;

		assert_non_null(o);
		assert_int_equal(message_get(o, &m), rows[i].words != NULL);
		if (rows[i].words)
			assert_string_equal(message_words(&m), rows[i].words);
		else
			assert_int_equal(m.id, MSG_NONE);
		json_decref(o);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_has_a_name_of_its_own_and_words),
		cmocka_unit_test(every_failure_has_a_cure),
		cmocka_unit_test(words_name_arguments_that_the_row_has),
		cmocka_unit_test(the_words_of_every_row_can_be_made),
		cmocka_unit_test(arguments_stand_where_the_words_name_them),
		cmocka_unit_test(a_value_that_looks_like_words_stays_a_value),
		cmocka_unit_test(values_are_made_safe),
		cmocka_unit_test(what_is_too_long_is_cut_and_the_rest_is_empty),
		cmocka_unit_test(words_are_cut_at_a_whole_letter),
		cmocka_unit_test(a_message_may_be_made_of_its_own_values),
		cmocka_unit_test(what_was_being_done_is_said_first_and_what_follows_last),
		cmocka_unit_test(an_error_number_is_said_in_the_words_of_the_system),
		cmocka_unit_test(a_message_is_read_back_as_it_was_written),
		cmocka_unit_test(what_is_read_is_hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

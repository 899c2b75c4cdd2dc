/*
 * The words of messages where they are shown on the screen: there are fields
 * and keys there, and no options.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/message.h"

/* What is only said on the command line. */
#define MESSAGE(id, ...) MSG_##id,
static const enum message_id of_command_line[] = {
#include "base/count.h"
#include "base/messages/command.def"
#include "base/messages/sim.def"
#include "base/messages/screen.def"
	MSG_RECORD_ELSEWHERE,	/* only there another port can be named */
};
#undef MESSAGE

/* Commands that do what no key of the screen does. */
static const char *const commands[] = { "replay", "sim", "explain", "manifest", "request" };

static bool is_of_command_line(enum message_id id)
{
	size_t i;

	for (i = 0; i < COUNT(of_command_line); i++)
		if (of_command_line[i] == id)
			return true;
	return false;
}

static bool has_command(const char *text)
{
	static const char name[] = "`dfota ";
	size_t i;

	while ((text = strstr(text, name))) {
		text += strlen(name);
		for (i = 0; i < COUNT(commands) && strncmp(text, commands[i], strlen(commands[i])) != 0; i++)
			;
		if (i == COUNT(commands))
			return true;
	}
	return false;
}

static bool has_option(const char *text)
{
	while ((text = strstr(text, "--")) && !(text[2] >= 'a' && text[2] <= 'z'))
		text += 2;
	return text != NULL;
}

static void no_message_of_the_screen_names_an_option(void **state)
{
	unsigned looked_at = 0, bad = 0;
	int id;

	(void)state;
	for (id = MSG_NONE + 1; id < MSG_COUNT; id++) {
		const struct message_info *info = message_info((enum message_id)id);
		const char *words = info->screen ? info->screen : info->words;
		const char *next = info->screen_next ? info->screen_next : info->next ? info->next : "";

		if (is_of_command_line((enum message_id)id))
			continue;
		looked_at++;
		if (!has_option(words) && !has_option(next) && !has_command(words) && !has_command(next))
			continue;
		bad++;
		print_error("%s: %s | %s\n", info->name, words, next);
	}
	assert_true(looked_at >= 1);
	assert_int_equal(bad, 0);
}

/* What the command line does with --relay is a field here, and the cure names it. */
static void a_cure_of_the_screen_names_the_field(void **state)
{
	unsigned looked_at = 0;
	int id;

	(void)state;
	for (id = MSG_NONE + 1; id < MSG_COUNT; id++) {
		const struct message_info *info = message_info((enum message_id)id);

		if (!info->next || !info->screen_next || !strstr(info->next, "--relay"))
			continue;
		looked_at++;
		if (!strstr(info->screen_next, "Deliver"))
			fail_msg("%s: %s", info->name, info->screen_next);
	}
	assert_true(looked_at >= 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_message_of_the_screen_names_an_option),
		cmocka_unit_test(a_cure_of_the_screen_names_the_field),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

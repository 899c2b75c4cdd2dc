/*
 * templates: every template of the tables of messages and of the diagnosis, in
 * the form of a .pot file, each with what it belongs to: macros that stand in the
 * tables hide them from xgettext. `make update-po` runs it.
 */
#include "config.h"

#include <stdio.h>

#include "base/message.h"
#include "diagnosis/rules.h"

static void put_string(const char *text)
{
	putchar('"');
	for (; *text; text++)
		if (*text == '\n')
			fputs("\\n", stdout);
		else if (*text == '"' || *text == '\\')
			printf("\\%c", *text);
		else
			putchar(*text);
	puts("\"");
}

static void put(const char *owner, const char *part, const char *text)
{
	if (!text || !*text)
		return;
	printf("#. %s: %s\n#, no-c-format\nmsgid ", owner, part);
	put_string(text);
	puts("msgstr \"\"\n");
}

int main(void)
{
	const struct rule *rule;
	const struct ending *ending;

	puts("msgid \"\"\nmsgstr \"Content-Type: text/plain; charset=UTF-8\\n\"\n");
	for (int id = MSG_NONE + 1; id < MSG_COUNT; id++) {
		const struct message_info *info = message_info((enum message_id)id);

		put(info->name, "what is said", info->words);
		put(info->name, "what is said on the screen", info->screen);
		put(info->name, "what to do", info->next);
		put(info->name, "what to do, on the screen", info->screen_next);
	}
	for (size_t i = 0; (rule = rule_row(i)) != NULL; i++) {
		put(rule->info.name, "the cause that was found", rule->cause);
		put(rule->info.name, "what to do", rule->next);
		put(rule->info.name, "what to do, on the screen", rule->screen_next);
	}
	for (size_t i = 0; (ending = ending_row(i)) != NULL; i++) {
		put("outcome", "what comes before what to do", ending->before);
		put("outcome", "what comes after what to do", ending->after);
		put("outcome", "what comes after what to do, on the screen", ending->screen_after);
	}
	return 0;
}

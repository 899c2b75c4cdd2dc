/*
 * templates: the words of the tables, in the form of a .pot file, each with what
 * it belongs to; no xgettext reads them out of their macros. `make update-po` runs it.
 */
#include "config.h"

#include <stdio.h>

#include "base/err.h"
#include "base/message.h"
#include "base/result.h"
#include "base/step.h"
#include "command/options.h"
#include "diagnosis/rules.h"
#include "protocol/codes.h"
#include "ui/term/keys.h"

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

static void put_messages(void)
{
	for (int id = MSG_NONE + 1; id < MSG_COUNT; id++) {
		const struct message_info *info = message_info((enum message_id)id);

		put(info->name, "what is said", info->words);
		put(info->name, "what is said on the screen", info->screen);
		put(info->name, "what to do", info->next);
		put(info->name, "what to do, on the screen", info->screen_next);
	}
}

static void put_diagnosis(void)
{
	const struct rule *rule;
	const struct ending *ending;

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
	for (int code = 0; code < ERR_COUNT; code++)
		put(err_info((enum err_code)code)->name, "what to do", err_info((enum err_code)code)->advice);
}

static void put_codes(void)
{
	const struct code_table *table;
	const struct code_info *row;

	for (size_t i = 0; (table = codes_table(i)) != NULL; i++)
		put(table->name, "what the table of codes is about", table->about);
	for (size_t i = 0; (row = codes_row(i)) != NULL; i++) {
		put(row->table, "the likely cause of a code", row->cause);
		put(row->table, "what to do about a code", row->next);
	}
}

static void put_steps(void)
{
	for (int step = 0; step < STEP_COUNT; step++)
		put(step_info((enum step)step)->name, "a step, in one word", step_info((enum step)step)->label);
	for (int phase = 0; phase < PHASE_COUNT; phase++)
		put(phase_info((enum phase)phase)->name, "how safe it is, in 29 columns at most",
		    phase_info((enum phase)phase)->safety);
	for (int outcome = 0; outcome < OUTCOME_COUNT; outcome++)
		put(outcome_info((enum outcome)outcome)->name, "an outcome", outcome_info((enum outcome)outcome)->title);
	for (int route = 0; route < ROUTE_COUNT; route++)
		put(route_info((enum route)route)->name, "how the package is delivered", route_info((enum route)route)->label);
}

static void put_keys(void)
{
	for (int action = 0; action < ACTION_COUNT; action++) {
		const struct action_info *info = action_info((enum action)action);

		put(info->shown, "the key itself, in 9 columns at most", info->shown);
		put(info->shown, "beside it at the bottom, in one word", info->label);
		put(info->shown, "what the key does", info->help);
	}
}

static void put_options(void)
{
	const struct option_info *row;

	for (size_t i = 0; (row = option_row(i)) != NULL; i++)
		put(row->name, "what the option does", row->help);
	for (int command = 0; command < COMMAND_COUNT; command++)
		put(command_info((enum command)command)->name, "what the command does, in 49 columns at most",
		    command_info((enum command)command)->help);
}

int main(void)
{
	puts("msgid \"\"\nmsgstr \"Content-Type: text/plain; charset=UTF-8\\n\"\n");
	put_messages();
	put_diagnosis();
	put_codes();
	put_steps();
	put_keys();
	put_options();
	return 0;
}

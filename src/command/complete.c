#include "config.h"

#include "command/complete.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/count.h"
#include "base/text.h"
#include "command/options.h"
#include "modem/port.h"
#include "protocol/codes.h"
#include "protocol/profile.h"
#include "record/store.h"

#define OPEN_MAX 16

/* Print CANDIDATE where it goes on from WORD. One with a sign that a shell or a
 * terminal could take for something else is none. */
static void offer(const char *word, const char *candidate, const char *help)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-:+@%,=";

	char safe[256];

	if (strncmp(candidate, word, strlen(word)) != 0 || candidate[strspn(candidate, plain)])
		return;
	text_safe_str(safe, sizeof(safe), help);
	printf("%s\t%s\n", candidate, safe);
}

static void offer_files(const char *word)
{
	(void)word;
	puts(":files");
}

static void offer_ports(const char *word)
{
	struct port_info *list = calloc(PORTS_MAX, sizeof(*list));
	struct err ignored;
	int count = list ? port_list(NULL, list, PORTS_MAX, &ignored) : 0;

	for (int i = 0; i < count; i++)
		offer(word, list[i].path, list[i].description);
	offer(word, "tcp:", "a serial server, raw");
	offer(word, "rfc2217://", "a serial server, by telnet");
	free(list);
}

static void offer_profiles(const char *word)
{
	const struct profile *p;

	for (size_t i = 0; (p = profile_row(i)); i++)
		offer(word, p->name, p->models[0]);
}

static void offer_models(const char *word)
{
	const struct profile *p;

	for (size_t i = 0; (p = profile_row(i)); i++)
		for (const char *const *m = p->models; *m; m++)
			offer(word, *m, "");
}

static void offer_commands(const char *word)
{
	for (int i = 0; i < COMMAND_COUNT; i++)
		if (command_info((enum command)i)->name[0])
			offer(word, command_info((enum command)i)->name, command_info((enum command)i)->help);
}

static void offer_topics(const char *word)
{
	offer_commands(word);
	offer(word, "screen", "the screen");
}

static void offer_tables(const char *word)
{
	const struct code_table *table;

	for (size_t i = 0; (table = codes_table(i)); i++)
		offer(word, table->name, table->about);
}

static void offer_open(const char *word)
{
	struct open_upgrade *open = calloc(OPEN_MAX, sizeof(*open));
	size_t count = open ? store_list_open(open, OPEN_MAX) : 0;

	for (size_t i = 0; i < count && i < OPEN_MAX; i++)
		offer(word, open[i].record, open[i].module.model);
	free(open);
}

static void offer_ports_and_files(const char *word)
{
	offer_ports(word);
	offer_files(word);
}

static void offer_nothing(const char *word)
{
	(void)word;
}

/* What an option's value may be: by its name, else by what its argument is called. */
static void offer_value(const struct option_info *option, const char *word)
{
	static const struct {
		const char *name;
		void (*offer)(const char *word);
	} rows[] = {
		{"port", offer_ports}, {"profile", offer_profiles}, {"model", offer_models},
		{"FILE", offer_files}, {"PATH", offer_files},
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		if (strcmp(rows[i].name, option->name) == 0 || strcmp(rows[i].name, option->argument) == 0) {
			rows[i].offer(word);
			return;
		}
}

/* Bare words of a command. */
static void offer_operand(enum command command, const char *word)
{
	static void (*const rows[COMMAND_COUNT])(const char *word) = {
		[COMMAND_SCREEN] = offer_nothing, [COMMAND_RUN] = offer_ports_and_files,
		[COMMAND_PROBE] = offer_ports, [COMMAND_PORTS] = offer_nothing,
		[COMMAND_PROFILES] = offer_nothing,
		[COMMAND_EXPLAIN] = offer_tables, [COMMAND_MANIFEST] = offer_files,
		[COMMAND_REQUEST] = offer_nothing, [COMMAND_REPLAY] = offer_files,
		[COMMAND_REPORT] = offer_files, [COMMAND_STATUS] = offer_nothing,
		[COMMAND_RESUME] = offer_open, [COMMAND_SIM] = offer_nothing,
		[COMMAND_DOCTOR] = offer_nothing, [COMMAND_HELP] = offer_topics,
		[COMMAND_VERSION] = offer_nothing,
	};

	rows[command](word);
}

/* The option of COMMAND that WORD is, "--port", "--port=x" or "-p"; NULL: none. */
static const struct option_info *option_of(enum command command, const char *word)
{
	const struct option_info *row;
	const char letter[] = {word[0], word[0] ? word[1] : '\0', '\0'};
	size_t size = strcspn(word, "=");

	for (size_t i = 0; (row = option_row(i)); i++)
		if ((row->commands & 1u << command) && word[0] == '-' &&
		    ((row->letter && row->letter == letter[1] && !word[2]) ||
		     (strncmp(word, "--", 2) == 0 && strlen(row->name) == size - 2 &&
		      strncmp(word + 2, row->name, size - 2) == 0)))
			return row;
	return NULL;
}

/* Options of COMMAND that stand in none of WORDS[COUNT]. */
static void offer_options(enum command command, int count, char **words, const char *word)
{
	const struct option_info *row;

	for (size_t i = 0; (row = option_row(i)); i++) {
		char name[40];
		bool given = false;

		for (int k = 0; k < count; k++)
			given |= option_of(command, words[k]) == row;
		snprintf(name, sizeof(name), "--%s", row->name);
		if ((row->commands & 1u << command) && !given)
			offer(word, name, row->help);
	}
}

void complete_print(int count, char **words)
{
	enum command command = COMMAND_SCREEN;
	const struct option_info *option;
	const char *word = count ? words[count - 1] : "";
	const char *value = strchr(word, '=');

	for (int i = 0; count > 1 && i < COMMAND_COUNT; i++)
		if (strcmp(command_info((enum command)i)->name, words[0]) == 0)
			command = (enum command)i;
	option = count > 1 ? option_of(command, words[count - 2]) : NULL;
	if (option && option->argument && !strchr(words[count - 2], '=')) {
		offer_value(option, word);
		return;
	}
	if (word[0] == '-' && value) {
		option = option_of(command, word);
		if (option && option->argument)
			offer_value(option, value + 1);
		return;
	}
	if (word[0] == '-')
		offer_options(command, count - 1, words, word);
	else if (command == COMMAND_SCREEN && count <= 1)
		offer_commands(word);
	else
		offer_operand(command, word);
}

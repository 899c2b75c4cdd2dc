#include "config.h"

#include "command/help.h"

#include <string.h>

#include "base/count.h"
#include "base/text.h"
#include "base/words.h"

#define COLUMNS 79
#define INDENT 29	/* where an option's help begins */

/* TEXT in lines that end before COLUMNS, all from INDENT on. */
static void print_wrapped(FILE *out, const char *text)
{
	for (const char *next; *text; text = next) {
		size_t size = text_line(text, COLUMNS - INDENT, text_width, &next);

		fprintf(out, "%.*s\n", (int)size, text);
		if (*next)
			fprintf(out, "%*s", INDENT, "");
	}
}

static void print_options(FILE *out, enum command command)
{
	const struct option_info *row;

	for (size_t i = 0; (row = option_row(i)); i++) {
		const char letter[] = {row->letter ? '-' : ' ', row->letter ? row->letter : ' ', row->letter ? ',' : ' ', '\0'};
		int used;

		if (!(row->commands & 1u << command))
			continue;
		used = fprintf(out, "  %s --%s%s%s ", letter, row->name, row->argument ? " " : "",
			       row->argument ? row->argument : "");
		if (used > INDENT)
			fprintf(out, "\n%*s", INDENT, "");
		else
			fprintf(out, "%*s", INDENT - used, "");
		print_wrapped(out, _(row->help));
	}
}

static void print_command(FILE *out, enum command command)
{
	const struct command_info *info = command_info(command);

	fprintf(out, _("usage: dfota%s%s [options]%s%s\n%s\n\n"), info->name[0] ? " " : "", info->name,
		info->arguments[0] ? " " : "", info->arguments, _(info->help));
	print_options(out, command);
}

void help_print(FILE *out, enum command command)
{
	static const struct {
		const char *line, *help;
	} first[] = {
		{"dfota --demo", N_("watch a simulated module being upgraded")},
		{"dfota probe -p PORT", N_("can this module be upgraded? Changes nothing")},
		{"dfota", N_("the screen: choose, check, ask, upgrade, verify")},
	};

	if (command != COMMAND_HELP) {
		print_command(out, command);
		return;
	}
	fputs(_("dfota upgrades the firmware of Quectel modules by DFOTA. Begin with\n\n"), out);
	for (size_t i = 0; i < COUNT(first); i++)
		fprintf(out, "    %-24s  %s\n", first[i].line, _(first[i].help));
	fputs(_("\nAll commands (dfota help COMMAND shows what it takes, dfota help screen too):\n"), out);
	for (int i = 0; i < COMMAND_COUNT; i++) {
		const struct command_info *info = command_info((enum command)i);
		char left[40];

		snprintf(left, sizeof(left), "dfota %s%s%s", info->name, info->arguments[0] ? " " : "", info->arguments);
		fprintf(out, "  %-26s  %s\n", left, _(info->help));
	}
}

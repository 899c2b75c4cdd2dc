#include "config.h"

#include "ui/model/words.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* The first row that fits counts: longer ones come first. */
static const struct {
	const char *said, *screen;
	bool argument;	/* a path or -p PORT behind it goes too, to the end of the text */
} rows[] = {
	{ "with --target VERSION", "in the field Target of pane 2", false },
	{ "--target", "the field Target", false },
	{ "with --manifest FILE", "in the field Manifest", false },
	{ "use --credentials FILE", "fill in the fields User and Password of pane 2", false },
	{ "with --credentials FILE", "in the fields User and Password of pane 2", false },
	{ "with --credentials", "in the fields User and Password of pane 2", false },
	{ "with --file", "as a local file (Source in pane 2)", false },
	{ "--overwrite", "the field Overwrite of pane 2", false },
	{ "dfota run --publish", "Deliver: publish, in pane 2", false },
	{ "--publish", "Deliver: publish, in pane 2", false },
	{ "--relay", "Deliver: by wire, in pane 2", false },
	{ "choose another place with --record FILE", "choose another place with XDG_STATE_HOME", false },
	{ "use --record FILE in one of your own", "set XDG_STATE_HOME to one of your own", false },
	{ "use --record FILE", "set XDG_STATE_HOME to a directory of your own", false },
	{ "with: dfota resume", "with the key O", true },
	{ "with: dfota probe", "with Enter on its port in pane 1", true },
	{ "`dfota resume`", "the key O", false },
	{ "dfota resume", "the key O", true },
	{ "`dfota ports`", "pane 1", false },
	{ "dfota ports", "pane 1", false },
	{ "`dfota probe` checks", "Enter in pane 1 checks", false },
	{ "dfota probe", "Enter on its port in pane 1", true },
	{ "dfota report", "the key R", false },
	{ "Look the code up with `dfota explain`", "Read what the code means", false },
	{ "See `dfota help`.", "Correct what it names; the key ? lists the keys.", false },
	{ " (dfota help run)", "", false },
	{ " (--if-needed makes this a success)", "", false },
	{ "--", "the option ", false },
};
#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))

/* Does row ROW fit at TEXT? Two dashes are an option only where a word begins. */
static bool fits(size_t row, const char *text, bool begins)
{
	size_t size = strlen(rows[row].said);

	if (strncmp(text, rows[row].said, size) != 0)
		return false;
	return row + 1 < ROW_COUNT || (begins && text[size] >= 'a' && text[size] <= 'z');
}

char *words_on_screen(char *out, size_t out_size, const char *text)
{
	bool begins = true;
	size_t used = 0, row;

	out[0] = '\0';
	while (*text && used + 1 < out_size) {
		for (row = 0; row < ROW_COUNT && !fits(row, text, begins); row++)
			;
		if (row == ROW_COUNT) {
			begins = *text == ' ' || *text == '(' || *text == '"';
			out[used++] = *text++;
			out[used] = '\0';
			continue;
		}
		snprintf(out + used, out_size - used, "%s", rows[row].screen);
		if (row + 1 == ROW_COUNT && used > 1 && out[used - 2] == '.')
			out[used] = 'T';	/* a sentence begins */
		used += strlen(out + used);
		text += strlen(rows[row].said);
		if (rows[row].argument && (!strncmp(text, " /", 2) || !strncmp(text, " -p ", 4)))
			text += strlen(text);
		begins = false;
	}
	return out;
}

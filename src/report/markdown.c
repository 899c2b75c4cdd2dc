#include "config.h"

#include "report/markdown.h"

#include <stdbool.h>
#include <string.h>

/* Nothing in it means anything to any Markdown there is. */
static bool is_plain(const char *text)
{
	for (const char *c = text; *c; c++) {
		bool letter = (*c >= '0' && *c <= '9') || (*c >= 'A' && *c <= 'Z') || (*c >= 'a' && *c <= 'z');

		if (!letter && !strchr(" .,;:'\"()/%?=+-", *c))
			return false;
		if (*c == ':' && c[1] == '/')
			return false;
	}
	return !strcasestr(text, "www.");
}

void md_text(FILE *out, const char *text)
{
	if (is_plain(text))
		fputs(text, out);
	else
		md_code(out, text);
}

/* The longest run of backticks in TEXT. */
static int longest_run(const char *text)
{
	int longest = 0, run = 0;

	for (; *text; text++) {
		run = *text == '`' ? run + 1 : 0;
		if (run > longest)
			longest = run;
	}
	return longest;
}

static void put_run(FILE *out, int count)
{
	while (count-- > 0)
		fputc('`', out);
}

void md_code(FILE *out, const char *text)
{
	int run = longest_run(text) + 1;
	const char *pad = run > 1 ? " " : "";

	if (!*text)
		return;
	put_run(out, run);
	fputs(pad, out);
	for (; *text; text++) {
		if (*text == '|')
			fputc('\\', out);	/* else it would end the cell */
		fputc(*text, out);
	}
	fputs(pad, out);
	put_run(out, run);
}

void md_fence(FILE *out, const char *lines)
{
	int run = longest_run(lines) + 1;

	if (run < 3)
		run = 3;
	put_run(out, run);
	fprintf(out, "text\n%s", lines);
	put_run(out, run);
	fputs("\n\n", out);
}

#include "config.h"

#include "command/explain.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/count.h"
#include "base/redact.h"
#include "base/text.h"
#include "base/words.h"
#include "protocol/codes.h"

#define LINE_SIZE 512
#define CODE_MAX 65535	/* of +CME ERROR; no other is larger */

/* What was asked for. */
struct asked {
	const char *table;	/* NULL: all */
	int number;		/* -1: none was named */
	bool several;		/* numbers, and no table before one of them */
	char unknown[64];	/* the first word that is nothing of a code; "" */
};

/* The table that WORD[SIZE] names: "ftp", "CME", "HTTPEND" as in +QIND. */
static const char *table_of(const char *word, size_t size)
{
	const struct code_table *table;

	for (size_t i = 0; (table = codes_table(i)); i++) {
		size_t length = strlen(table->name);

		if (size >= length && strncasecmp(word, table->name, length) == 0 &&
		    (size == length || (size == length + 3 && strncasecmp(word + length, "end", 3) == 0)))
			return table->name;
	}
	return NULL;
}

/* Words that stand around a code in the lines of a module. */
static bool is_filling(const char *word, size_t size)
{
	static const char *const words[] = {"QIND", "FOTA", "ERROR"};

	for (size_t i = 0; i < COUNT(words); i++)
		if (strlen(words[i]) == size && strncasecmp(word, words[i], size) == 0)
			return true;
	return false;
}

static void take_word(struct asked *a, const char *word, size_t size)
{
	bool digits = strspn(word, "0123456789") >= size;
	const char *table = table_of(word, size);
	long number;

	if (digits) {
		number = size > 6 ? CODE_MAX + 1 : strtol(word, NULL, 10);
		if (a->number >= 0)
			a->several = true;
		else if (number <= CODE_MAX)
			a->number = (int)number;
		else
			snprintf(a->unknown, sizeof(a->unknown), "%.*s", (int)size, word);
	} else if (table && !a->table) {
		/* numbers before it are times of a log */
		*a = (struct asked){.table = table, .number = -1};
	} else if (!is_filling(word, size) && !a->unknown[0]) {
		snprintf(a->unknown, sizeof(a->unknown), "%.*s", (int)size, word);
	}
}

/* The words of LINE; what comes before a line of a module is of who noted it. */
static void take_line(struct asked *a, const char *line)
{
	const char *plus = strchr(line, '+');

	*a = (struct asked){.number = -1};
	for (line = plus ? plus : line; *line;) {
		size_t size = 0;

		while (isalnum((unsigned char)line[size]) || (unsigned char)line[size] >= 0x80)
			size++;
		if (size)
			take_word(a, line, size);
		line += size ? size : 1;
	}
}

/* The row whose meaning ends LINE, as +CME ERROR has it in words; NULL: none. */
static const struct code_info *row_of_words(const char *line)
{
	const struct code_info *row, *found = NULL;

	for (size_t i = 0; (row = codes_row(i)); i++) {
		size_t size = strlen(row->meaning), length = strlen(line);

		if (row->first == row->last && length >= size &&
		    strcasecmp(line + length - size, row->meaning) == 0 &&
		    (length == size || !isalnum((unsigned char)line[length - size - 1])) &&
		    (!found || size > strlen(found->meaning)))
			found = row;
	}
	return found;
}

/* TABLE: that was asked for, though ROW may be of another. */
static void print_row(const char *table, int number, const struct code_info *row)
{
	char meaning[128];

	text_print(stdout, "%s %d (%s): %s", table, number, row->family,
	       codes_meaning(meaning, sizeof(meaning), table, number, row->family));
	printf(_("  cause  %s\n  next   %s\n"), _(row->cause), _(row->next));
}

/* Every row for A. Returns how many. */
static size_t print_rows(const struct asked *a)
{
	const struct code_info *row;
	size_t index = 0, found = 0;

	while ((row = codes_search(a->number, &index)))
		if (!a->table || strcmp(row->table, a->table) == 0) {
			print_row(row->table, a->number, row);
			found++;
		}
	return found;
}

static int print_asked(const struct asked *a, struct err *e)
{
	const struct code_info *row;

	if (print_rows(a))
		return 0;
	if (!a->table)
		return err_fail(e, MSG_CODE_UNKNOWN, "number=%d", a->number);
	row = codes_find(a->table, a->number, NULL);
	print_row(a->table, a->number, row);
	if (a->number >= row->first && a->number <= row->last)
		return 0;	/* in another table, which was named */
	return err_fail(e, MSG_CODE_UNDOCUMENTED, "number=%d table=%s", a->number, a->table);
}

int explain_print(const struct options *o, struct err *e)
{
	const struct code_info *row;
	char line[LINE_SIZE] = "", shown[LINE_SIZE + 64];
	struct redactor r;
	struct asked a;
	size_t used = 0, size;

	for (size_t i = 0; i < o->word_count && used < sizeof(line); i++)
		used += (size_t)snprintf(line + used, sizeof(line) - used, "%s%s", i ? " " : "", o->words[i]);
	size = strlen(line);
	while (size && strchr(" \r\n\t\"'.", line[size - 1]))
		line[--size] = '\0';
	take_line(&a, line);
	row = a.number < 0 ? row_of_words(line) : NULL;
	if (row) {
		print_row(row->table, row->first, row);
		return 0;
	}
	redactor_init(&r);
	redact(&r, shown, sizeof(shown), line, size);
	if (a.number < 0)
		return err_fail(e, MSG_CODE_NO_NUMBER, "word=%s", shown);
	if (!a.table && a.unknown[0])
		return err_fail(e, MSG_CODE_NO_TABLE, "table=%s", a.unknown);
	if (a.several && !(a.table && strchr(line, '+')))
		return err_fail(e, MSG_CODE_NUMBERS, "word=%s", shown);
	return print_asked(&a, e);
}

/*
 * sentences.h - for tests: a record without the words of the program that wrote
 * it. What it says by ids and arguments is the same.
 */
#ifndef DFOTA_TESTS_SENTENCES_H
#define DFOTA_TESTS_SENTENCES_H

#include <stdio.h>
#include <string.h>

#include "base/count.h"

/* Put x in place of each byte of the value of KEY in LINE. */
static inline void blank(char *line, const char *key)
{
	char mark[32], *p;

	snprintf(mark, sizeof(mark), "\"%s\":\"", key);
	p = strstr(line, mark);
	for (p = p ? p + strlen(mark) : line + strlen(line); *p && *p != '"'; p++) {
		if (*p == '\\')
			*p++ = 'x';
		*p = 'x';
	}
}

/* All that a program put in words; what has no id has nothing but its words. */
static inline unsigned blank_sentences(char *text)
{
	static const char *const always[] = { "cause", "advice", "safety" };
	char *code;
	unsigned with_id = 0;

	for (char *line = text, *end; *line; line = end + 1) {
		end = strchr(line, '\n');
		if (!end)
			break;
		*end = '\0';
		for (size_t i = 0; i < COUNT(always); i++)
			blank(line, always[i]);
		code = strstr(line, "\"code\":{");
		if (code)	/* not an argument of that name */
			blank(code, "meaning");
		if (strstr(line, "\"id\":\"")) {
			blank(line, "text");
			blank(line, "message");
			with_id++;
		}
		*end = '\n';
	}
	return with_id;
}

#endif

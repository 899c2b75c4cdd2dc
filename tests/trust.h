/*
 * trust.h - a figure that a command prints, also in a file: $TRUST, a line a
 * figure of four words between tabs: figure, value, command, date. $TRUST_COMMAND
 * is what was typed, $TRUST_DAY when: a test may have a clock of its own. Without
 * $TRUST nothing is written.
 */
#ifndef DFOTA_TRUST_H
#define DFOTA_TRUST_H

#include <stdio.h>
#include <stdlib.h>

static inline void trust_write(const char *figure, const char *value)
{
	const char *path = getenv("TRUST"), *command = getenv("TRUST_COMMAND"), *day = getenv("TRUST_DAY");
	FILE *f;

	if (!path || !*path)
		return;
	f = fopen(path, "a");
	if (!f || fprintf(f, "%s\t%s\t%s\t%s\n", figure, value, command ? command : "", day ? day : "") < 0 || fclose(f) != 0)
		abort();
}

#endif

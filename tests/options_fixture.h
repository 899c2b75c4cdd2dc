/*
 * options_fixture.h - a command line, parsed, for the tests of options.h.
 */
#ifndef DFOTA_OPTIONS_FIXTURE_H
#define DFOTA_OPTIONS_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/count.h"
#include "command/options.h"
#include "words.h"

#define WORDS 80

/* A command line, parsed. */
struct parsed {
	char text[4096];
	char *argv[WORDS];
	int argc;
	struct options o;
	struct err e;
	int result;
};

/* Parse LINE, its words parted by single blanks, over what P->o holds. */
static inline void parse_over(struct parsed *p, const char *line)
{
	char *rest = p->text;

	snprintf(p->text, sizeof(p->text), "dfota%s%s", line[0] ? " " : "", line);
	p->argc = 0;
	while (rest && p->argc < WORDS - 1)
		p->argv[p->argc++] = strsep(&rest, " ");
	p->argv[p->argc] = NULL;
	p->e = (struct err){0};
	p->result = options_parse(p->argc, p->argv, &p->o, &p->e);
}

static inline void parse(struct parsed *p, const char *line)
{
	options_init(&p->o);
	parse_over(p, line);
}

static inline void assert_taken(const struct parsed *p, const char *line)
{
	if (p->result != 0)
		fail_msg("%s: %s", line, err_words(&p->e));
}

static inline void assert_refused(const struct parsed *p, const char *line, const char *message)
{
	if (p->result != -1 || p->e.code != ERR_USAGE || !strstr(err_read(&p->e), message))
		fail_msg("%s: returned %d, \"%s\"; expected \"%s\"", line, p->result, err_read(&p->e), message);
}

#endif

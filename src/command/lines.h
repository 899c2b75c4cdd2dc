/*
 * lines.h - events as lines for people, where there is no screen.
 *
 * Threads: of the front end.
 */
#ifndef DFOTA_LINES_H
#define DFOTA_LINES_H

#include <stdbool.h>
#include <stdio.h>

#include "base/event.h"
#include "base/setting.h"

struct lines {
	FILE *out;
	bool verbose, quiet;
	bool terminal;		/* OUT is one: progress redraws itself */
	bool drawn;		/* a progress line stands there */
	int tenth;		/* last tenth printed where nothing redraws */
};

/* What EV says; a question is asked by lines_question(). */
void lines_event(struct lines *l, const struct event *ev);

/* Of EV, a progress, the line that redraws itself; and away with it. */
void lines_progress(struct lines *l, const struct event *ev);
void lines_clear(struct lines *l);

/* The question before the gate, on standard error: what it is about, and the
 * words that want an answer, for COUNT modules. */
void lines_question(const struct question *q);
void lines_prompt(size_t count);

/* What was typed of an answer so far; begins as zeros. */
struct answer {
	char text[16];
	size_t size;
};

/* A byte more of A from standard input, which has one. Once the line is whole, or the
 * input at its end: 1 when it is "yes", 0 for all else; -1 before. */
int lines_answer(struct answer *a);

/* What was stored in the module, and whether it still is. */
void lines_settings(FILE *out, const struct settings *all);

#endif

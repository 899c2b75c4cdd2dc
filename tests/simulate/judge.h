/*
 * simulate/judge.h - is what the program did and said right? Judged by what
 * the simulated module knows, without knowing what should have happened.
 *
 * Threads: one thread.
 */
#ifndef DFOTA_SIMULATE_JUDGE_H
#define DFOTA_SIMULATE_JUDGE_H

#include "tests/simulate/session.h"

/* While time passes: can the module be asked? */
void judge_time(struct report *r, struct sim *sim, struct line *line, const struct setup *setup);

/* Before the program sends SIZE bytes P. */
void judge_write(struct report *r, struct sim *sim, const struct line *line, const struct setup *setup,
		 const unsigned char *p, size_t size);

/* When the last program has ended: what is true then. */
void judge_end(struct report *r, struct sim *sim, struct line *line);

/* All of it: R->wrong is the first thing that is not right. */
void judge(struct report *r, const struct world *w, const struct setup *setup, const struct line *line,
	   const char *record);

#endif

/*
 * turns.h - whose turn it is, where several modules are upgraded beside each
 * other: so many at a time, one question for all, none after so many failures.
 *
 * Pure: a front end tells what happened and does what is due.
 */
#ifndef DFOTA_TURNS_H
#define DFOTA_TURNS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/limits.h"

enum turn {
	TURN_WAITS,	/* for its turn */
	TURN_PREPARES,	/* nothing that cannot be undone */
	TURN_ASKS,	/* all is ready; for the answer, and then for its turn */
	TURN_RUNS,
	TURN_ENDED,
};

/* What is to be done for a module now. */
enum due { DUE_NOTHING, DUE_BEGIN, DUE_LEAVE_OUT, DUE_YES, DUE_NO, DUE_CANCEL };

struct turns {
	enum turn of[MODULES_MAX];
	size_t count;
	int at_once;		/* 0: all */
	int stop_after;		/* begin no other once so many have failed; 0: never */
	size_t failed;
	bool asked, answering, yes;	/* the question was put; it waits for its answer, which was */
	bool cancelled;		/* nothing is begun any more */
};

/* What is due for module AT, which has its next turn with that. What was prepared
 * before a stop is not begun either. */
enum due turns_next(struct turns *t, size_t at);

/* True once: when it is known of each module whether it can be upgraded, and of one
 * that it can. */
bool turns_ask(struct turns *t);

void turns_answer(struct turns *t, bool yes);

/* Module AT has ended. */
void turns_end(struct turns *t, size_t at, bool failed);

/* How many have the turn TURN. */
size_t turns_in(const struct turns *t, enum turn turn);

#endif

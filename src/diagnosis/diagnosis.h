/*
 * diagnosis.h - why an upgrade failed: rules that are held against the events
 * of a run and rank causes by evidence, each with the lines that support it.
 *
 * It is a fold: events are taken one after the other, live or out of a record,
 * and what was found can be asked for at any time; the same events give the
 * same findings.
 *
 * Sources: protocol.md 3 to 5 and 11; codes.h for what a code means.
 * Memory:  all of it is allocated by diagnosis_new().
 * Threads: a diagnosis belongs to one thread.
 */
#ifndef DFOTA_DIAGNOSIS_H
#define DFOTA_DIAGNOSIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/event.h"

#define FINDING_LINES 4
#define FINDINGS_MAX 12

struct finding {
	const char *rule;	/* "registration-lost"; "as-reported": what ended the run says it itself */
	int certainty;		/* 1..100: how certain the evidence makes it */
	bool remark;		/* it succeeded: what was noticed on the way, the cause of nothing */
	char cause[TEXT_SIZE];	/* a sentence with the values seen; safe text */
	char next[TEXT_SIZE];	/* what to do, in sentences; safe text */
	uint64_t lines[FINDING_LINES];	/* numbers of the events */
	size_t line_count;	/* at least 1 */
};

struct diagnosis;

/* A diagnosis that has seen nothing; NULL: no memory. */
struct diagnosis *diagnosis_new(void);
void diagnosis_free(struct diagnosis *d);

/* Take in EV, which is line NUMBER of the record. Numbers grow. */
void diagnosis_take(struct diagnosis *d, uint64_t number, const struct event *ev);

/* What comes next is of a program that goes on with the record, on a clock of its own. */
void diagnosis_goes_on(struct diagnosis *d);

/* No program works on it any more, as far as is known: without a result it was killed. */
void diagnosis_abandoned(struct diagnosis *d);

/*
 * Likely causes by the events so far, most certain first, in words for AUDIENCE;
 * of a success only remarks.
 * Where a run ended badly there is one at least: what no rule knows is explained
 * by the code that the module gave, else by the message that ended the run.
 * Returns how many of OUT are filled, at most MAX.
 */
size_t diagnosis_findings(struct diagnosis *d, enum audience audience, struct finding *out, size_t max);

/* Fill cause and advice of R, the result that was taken last, by the first
 * finding; a success has no cause. */
void diagnosis_explain(struct diagnosis *d, enum audience audience, struct result *r);

#endif

/*
 * collect.h - the facts in the events of a run, one after the other.
 *
 * Threads: as the pass.
 */
#ifndef DFOTA_DIAGNOSIS_COLLECT_H
#define DFOTA_DIAGNOSIS_COLLECT_H

#include "diagnosis/facts.h"

/* Nothing was seen yet. */
void collect_begin(struct pass *p);

/* Take in EV, line NUMBER of the record. */
void collect_event(struct pass *p, uint64_t number, const struct event *ev);

/* What comes next is of another program, whose time begins where this one's has come to. */
void collect_goes_on(struct pass *p);

/* What only the whole shows; nothing is taken in after that. */
void collect_end(struct pass *p);

#endif

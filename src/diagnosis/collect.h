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

/* What stands in records only; p->number and p->t_ms are set. */
void collect_start(struct pass *p, const struct plan *plan);
void collect_intent(struct pass *p, const struct open_upgrade *open);
void collect_resumed(struct pass *p);
void collect_gap(struct pass *p, bool disk);

/* What only the whole tells; nothing is taken in after that. */
void collect_end(struct pass *p);

#endif

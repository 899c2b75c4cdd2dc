/*
 * timeline.h - what happened in a session, a row for each event that matters.
 */
#ifndef DFOTA_REPORT_TIMELINE_H
#define DFOTA_REPORT_TIMELINE_H

#include "report/bundle.h"

struct timeline;

/* Of the record of B, which is borrowed. NULL when memory runs out. */
struct timeline *timeline_new(const struct bundle *b);
void timeline_free(struct timeline *l);

/* Take in EV, line NUMBER of the record, into the time line CTX. In their order. */
void timeline_take(void *ctx, uint64_t number, const struct event *ev);

/* Write the section: the first rows and the last, with how many are left out between them. */
void timeline_write(const struct timeline *l);

#endif

/*
 * timeline.h - what happened in a session, a row for each event that matters.
 */
#ifndef DFOTA_REPORT_TIMELINE_H
#define DFOTA_REPORT_TIMELINE_H

#include "report/bundle.h"

/* Write the section: the first rows and the last, with how many are left out between them. */
void timeline_write(const struct bundle *b);

#endif

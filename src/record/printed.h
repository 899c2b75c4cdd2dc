/*
 * printed.h - the keys and lines that --json has and no record: the line it
 * begins with, what the checks found, what a result says to a program that
 * wants to know whether it changed anything, and whose line it is.
 *
 * For event_json.c. Threads: constant data.
 */
#ifndef DFOTA_RECORD_PRINTED_H
#define DFOTA_RECORD_PRINTED_H

#include "base/event.h"
#include "record/line_fields.h"

extern const struct line_fields begin_line_fields, checks_fields, printed_result;

/* Say in O whose it is. -1 when memory runs out. */
int printed_source(json_t *o, const struct event_source *from);

#endif

/*
 * line_quick.h - a line of the module as our own writer puts it into a record,
 * read without a JSON library.
 *
 * A long record is made of these, and a report or a diagnosis reads all of
 * them: 0.3 us each instead of 6.
 */
#ifndef DFOTA_RECORD_LINE_QUICK_H
#define DFOTA_RECORD_LINE_QUICK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/event.h"

/*
 * Read LINE of SIZE bytes into EV, of which nothing but type, time and line is set.
 * False: it is of another kind or form, and EV as it was, or of any content; a form
 * that is taken is read just as event_parse() would without this.
 */
bool line_quick(const char *line, size_t size, struct event *ev);

#endif

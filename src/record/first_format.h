/*
 * first_format.h - sentences of dfota 0.1, whose records carry no ids, as the
 * messages that they have become. Only what reads such records uses it.
 *
 * Threads: constant data.
 */
#ifndef DFOTA_RECORD_FIRST_FORMAT_H
#define DFOTA_RECORD_FIRST_FORMAT_H

#include <stdbool.h>

#include "base/message.h"

/* What TEXT says, a notice or the message of a result. False when it is no
 * sentence that is known; M is then MSG_NONE. */
bool first_format_message(const char *text, struct message *m);

#endif

/*
 * listen.h - a TCP port that is served as ser2net serves a serial line raw: bytes
 * as they are, one client at a time, who is in the way told so and closed.
 *
 * No call blocks but the look-up of a host name.
 */
#ifndef DFOTA_LISTEN_H
#define DFOTA_LISTEN_H

#include <stddef.h>

#include "base/err.h"

/* Listen at WHERE, [HOST:]PORT; without a HOST for this computer alone, PORT 0 is
 * any free one. NAME[SIZE] is what to call it, tcp:HOST:PORT. The descriptor, or
 * -1 with ERR_USAGE or ERR_PORT. */
int listen_open(const char *where, char *name, size_t size, struct err *e);

/* The client that waits at LISTENER, -1: none does. */
int listen_take(int listener);

/* The same client is told WORDS and closed. */
void listen_refuse(int listener, const char *words);

#endif

/*
 * simulate/shrink.h - a world that goes wrong, made as short as it stays so.
 *
 * Threads: one thread.
 */
#ifndef DFOTA_SIMULATE_SHRINK_H
#define DFOTA_SIMULATE_SHRINK_H

#include "tests/simulate/session.h"

/* The kind of WRONG: "bytes: bytes while a command was under way". */
void shrink_class(const char *wrong, char *out, size_t size);

/* Leave out facts and lower numbers of W as long as it goes wrong in the way of FIRST; LAST is
 * what then comes out. */
void shrink(struct world *w, const struct report *first, struct report *last);

#endif

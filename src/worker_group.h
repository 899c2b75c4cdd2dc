/*
 * worker_group.h - what workers beside each other share: which of them has a module,
 * and a package that several of them download.
 *
 * Threads: any, while the group is there.
 */
#ifndef DFOTA_WORKER_GROUP_H
#define DFOTA_WORKER_GROUP_H

#include <stdbool.h>

#include "base/err.h"
#include "base/interrupt.h"
#include "base/limits.h"

struct package;
struct worker_group;

/* Workers that upgrade several modules beside each other: a module is upgraded
 * by one of them, through whatever ports it is reached. NULL: no memory. Free it
 * when they have stopped. */
struct worker_group *worker_group_new(void);
void worker_group_free(struct worker_group *g);

/* Does the module with IMEI, on PORT, belong to BY? To the first that asks, until the
 * group ends. PORT becomes that of the one it belongs to. */
bool worker_group_claim(struct worker_group *g, const void *by, const char *imei, char port[FILE_SIZE]);

#define WORKER_GROUP_KEY 640

/* The package that is known by KEY: who asks first fetches it with FETCH, the others wait
 * for what comes of that, as long as FETCH takes, or until WAKE ends the wait
 * (ERR_CANCELLED). Where FETCH was cancelled the next one fetches. 0 with OUT, the
 * caller's own; -1 with E, that of FETCH. */
int worker_group_share(struct worker_group *g, const char *key, struct interrupt *wake,
		       int (*fetch)(void *ctx, struct package **out, struct err *e), void *ctx,
		       struct package **out, struct err *e);

#endif

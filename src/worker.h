/*
 * worker.h - one thread for one module, and the two queues between it and a
 * front end. The only unit that knows threads.
 *
 * Requests go in, events come out, both as copies; no pointer crosses. Step,
 * question and result events have reserved room and are never lost; a newer
 * progress event replaces a queued one of its step; log lines drop oldest, and the next
 * one says how many.
 *
 * Threads: every worker_* call is made by the front end's thread. All signals
 *          are blocked in the worker.
 */
#ifndef DFOTA_WORKER_H
#define DFOTA_WORKER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/event.h"
#include "base/outlook.h"
#include "modem/port.h"

struct package;
struct worker;
struct worker_group;

struct worker_config {
	const struct port_roots *roots;	/* NULL: the real ones; borrowed */
	const char *record;		/* NULL: the usual directory; "": none; else a path; copied */
	const char *libraries;		/* their versions, for the record; NULL: not recorded; borrowed */
	struct worker_group *group;	/* with whom it shares the modules; NULL: it is alone; borrowed */
	const struct package *package;	/* plan.file, opened before; NULL: it is opened for the job; borrowed */
	bool watch_ports;		/* send the port list when it changes; REQUEST_RESCAN brings the first */
	enum audience audience;		/* whom cause and advice of a result speak to, in the language of the
					 * thread that starts the worker; in the record FOR_RECORD */
};

/* Start the thread. NULL with E when the system refuses one. */
struct worker *worker_start(const struct worker_config *config, struct err *e);

/* Cancel what may be cancelled, detach from what may not, join, free. An
 * upgrade past the gate is not waited for: use worker_busy() first. NULL is
 * allowed. */
void worker_stop(struct worker *w);

/* Readable when events wait to be taken: within a millisecond of the first. */
int worker_event_fd(const struct worker *w);

/* Take the oldest event. False when there is none. */
bool worker_next_event(struct worker *w, struct event *ev);

/* Queue a copy of R and wake the worker. -1 with E when the queue is full. */
int worker_request(struct worker *w, const struct request *r, struct err *e);

/* True from a REQUEST_RUN or REQUEST_AT until its last event was taken. */
bool worker_busy(struct worker *w);

/* What is known ahead of the upgrade that the newest REQUEST_LOOK named: true when
 * something new is, which worker_event_fd() says as well. A job that is asked for
 * comes first; to look ahead is none. */
bool worker_outlook(struct worker *w, struct outlook *out);

/* Milliseconds since worker_start(): the time base of events. */
int64_t worker_now_ms(const struct worker *w);

/* A second thread beside the worker, for the simulated module of --demo: RUN
 * is called with CTX on a thread with all signals blocked; join waits until it
 * returned, so make it return first. */
struct background;
struct background *background_start(void (*run)(void *ctx), void *ctx,
				    struct err *e);
void background_join(struct background *b);

#endif

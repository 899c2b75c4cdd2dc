/*
 * worker_fixture.h - a worker on its thread, asked and listened to.
 */
#ifndef DFOTA_WORKER_FIXTURE_H
#define DFOTA_WORKER_FIXTURE_H

#include <poll.h>

#include "port_fixture.h"
#include "worker.h"

#include "base/count.h"
#include "words.h"

#define PATIENCE_MS 300000	/* much longer than anything here takes */

static inline struct worker *start_with(const struct worker_config *config)
{
	struct err e;
	struct worker *w = worker_start(config, &e);

	if (!w)
		fail_msg("%s", err_words(&e));
	return w;
}

static inline struct worker *start(void)
{
	return start_with(&(struct worker_config){.record = ""});
}

static inline void ask(struct worker *w, enum request_type type)
{
	struct request r = {.type = type};
	struct err e;

	if (worker_request(w, &r, &e) < 0)
		fail_msg("request %d: %s", type, err_words(&e));
}

/* Wait for the next event. */
static inline void take(struct worker *w, struct event *ev)
{
	struct pollfd fd = {.fd = worker_event_fd(w), .events = POLLIN};

	while (!worker_next_event(w, ev))
		if (poll(&fd, 1, PATIENCE_MS) != 1)
			fail_msg("no event for %d ms", PATIENCE_MS);
}

/* Wait for an event of TYPE, others are passed over. */
static inline void take_until(struct worker *w, struct event *ev, enum event_type type)
{
	do
		take(w, ev);
	while (ev->type != type);
}

static inline bool readable(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, 0) == 1;
}

/* Within a millisecond it should be (worker.h); on any machine, some time. */
static inline bool readable_soon(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 60000) == 1;
}

#endif

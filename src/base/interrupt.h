/*
 * interrupt.h - what wakes a wait from outside: another thread, or a signal
 * handler. Whatever waits polls the descriptor beside its own: a port, a
 * server; one at a time.
 *
 * Threads: interrupt_raise() from any thread or signal handler; all else
 * belongs to the thread that waits.
 */
#ifndef DFOTA_INTERRUPT_H
#define DFOTA_INTERRUPT_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct interrupt {
	int fd;				/* readable when raised */
	bool (*hook)(void *ctx);	/* on the waiting thread: true ends the wait; NULL: every raise does */
	void *ctx;
};

/* Without a hook. -1 with E when the system has no descriptor to give. */
int interrupt_init(struct interrupt *i, struct err *e);
void interrupt_close(struct interrupt *i);

/* End the wait under way, or the next one, unless the hook is against it. */
void interrupt_raise(struct interrupt *i);

/* poll(2), tried again where it fails for a moment (no memory). Returns how many of FDS
 * are ready, also 0 when a signal came first; -1 with errno: nothing can be waited for. */
int interrupt_poll(struct pollfd *fds, nfds_t count, int timeout_ms);

/* Add COUNT to the eventfd(2) FD, which wakes who waits for it, whatever interrupts
 * us: a wake-up that is lost is a wait without end. From any thread or signal handler. */
void interrupt_wake(int fd, uint64_t count);

/* Forget what was raised; was there anything? */
bool interrupt_take(struct interrupt *i);

/* The same, and is the wait to end? I may be NULL: it is not. */
bool interrupt_ends(struct interrupt *i);

#endif

/*
 * console.h - the front end without a screen: events as lines or JSON, the
 * question on a terminal.
 */
#ifndef DFOTA_CONSOLE_H
#define DFOTA_CONSOLE_H

#include <poll.h>
#include <stdbool.h>

#include "base/err.h"
#include "base/event.h"
#include "worker.h"

struct console_config {
	bool json, verbose, quiet;
	int signal_fd;		/* signalfd(2) of SIGINT, SIGTERM, SIGHUP; borrowed */
};

/* Run PLAN on W to its result and print everything on stdout (problems of the
 * call itself on stderr). Returns the exit status. A SIGINT or SIGTERM is a
 * cancel, then a detach where a cancel is refused; SIGHUP goes on silently from P1 on. */
int console_run(struct worker *w, const struct plan *plan,
	    const struct console_config *config);

/* Ask the module at PLAN's port who it is and print nothing of it. 0 with ID; -1
 * with E when nobody answered. */
int console_identify(struct worker *w, const struct plan *plan, int signal_fd,
		 struct identity *id, struct err *e);

/* With JSON the line that everything begins with: what is done, and to what port. */
void console_begin(const struct plan *plan, bool json);

/* Print an error that came before a worker existed, with its cure, in the form
 * asked for: with JSON also the first line, for PLAN as far as it is known
 * (NULL: it is for no module), and the result. Returns the exit status. */
int console_fail(const struct err *e, const struct plan *plan, bool json);

/* Until something happens on one of FDS[COUNT]; -1 with E when nothing can be waited
 * for any more. */
int console_wait(struct pollfd *fds, size_t count, struct err *e);

/* Print an error that stops nothing, with its cure, on stderr. */
void console_warn(const struct err *e);

/* Whether all that was printed on stdout got there. Returns the exit status of a
 * program that would end with STATUS: that of lost output where nothing worse happened. */
int console_output(int status);

#endif

/*
 * fleet.h - several modules in one program: a worker each, one question for all
 * of them, each line with the port it is about, a summary at the end.
 *
 * What happens to one module touches no other. A signal asks as a person would,
 * and each worker obeys by its own step: what has not begun is not begun, what
 * installs goes on.
 * Threads: the front end's; workers have their own.
 */
#ifndef DFOTA_FLEET_H
#define DFOTA_FLEET_H

#include "command/console.h"
#include "command/jobs.h"

struct fleet_config {
	struct console_config console;
	const char *libraries;	/* as worker_config */
	int jobs;		/* so many at a time; 0: all */
	int stop_after;		/* begin no other once so many have failed; 0: never */
};

/* Do JOBS, all of one job, and print everything on stdout. Returns the worst of
 * the exit statuses of all. */
int fleet_run(const struct jobs *jobs, const struct fleet_config *config);

#endif

/*
 * jobs.h - which modules a command is for, and what each of them gets: the ports
 * of the command line, all that are plugged in, or the lines of a job file.
 *
 * Memory: plans may hold secrets; jobs_free() wipes them.
 * Errors: ERR_USAGE, of a job file with its line.
 */
#ifndef DFOTA_JOBS_H
#define DFOTA_JOBS_H

#include "command/options.h"
#include "modem/port.h"

struct jobs {
	struct plan *plans;	/* one a module */
	size_t count;
};

/* A plan for each module of O: that of O, but with what is its own. No port is
 * there twice, by whatever name. ROOTS: where ports are looked for, NULL: the real
 * ones. 0 with at least one plan, or -1 with E and nothing to free. */
int jobs_make(const struct options *o, const struct port_roots *roots, struct jobs *out, struct err *e);

void jobs_free(struct jobs *jobs);

#endif

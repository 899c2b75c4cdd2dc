/*
 * simulate.h - a simulated module beside the program: `dfota sim` as a whole, and
 * the module and package that --demo runs for a front end.
 *
 * Threads: the module runs on a background thread (worker.h); every call here
 *          is made by main's.
 */
#ifndef DFOTA_SIMULATE_H
#define DFOTA_SIMULATE_H

#include "base/err.h"
#include "command/options.h"

struct demo;

/* Make a private directory with the demo package, its manifest and a link to
 * a running simulated UG96, and point o->plan at them where it names nothing
 * else. NULL with E; nothing is left over then. */
struct demo *demo_start(struct options *o, struct err *e);

/* Stop the module and remove the directory. NULL is allowed. */
void demo_stop(struct demo *d);

/* `dfota sim`: print "ready PATH", serve until SIGNAL_FD has a signal, print
 * "version V", "upgrades N" and "violations N" with the first in words. 0, or -1 with E. */
int sim_serve(const struct options *o, int signal_fd, struct err *e);

#endif

/*
 * tty.h - the simulated module on a real pseudo-terminal or TCP port, in real
 * time: paced at its bit rate, its tty gone and back at a reboot (the connection
 * closed, as by a serial server: listen.h), its downloads made for real through
 * server.h.
 *
 * Threads: sim_tty_run() blocks its thread; sim_tty_stop() and sim_tty_release()
 *          may be called from any other thread; everything else only before or
 *          after the run.
 */
#ifndef DFOTA_SIM_TTY_H
#define DFOTA_SIM_TTY_H

#include <stdbool.h>

#include "base/err.h"
#include "sim/sim.h"

struct sim_tty;

struct sim_tty_config {
	struct sim_config sim;
	const char *link;	/* symbolic link to the tty, renewed at every return; NULL: none. An existing
				 * link is replaced, anything else refused */
	const char *listen;	/* [HOST:]PORT in place of a pseudo-terminal; NULL: none. The rate of the
				 * line is BAUD, whatever the module is told */
	int baud;		/* 0: 115200; garbage is heard and sent at any other host rate */
	bool paced;		/* false: as fast as the kernel goes */
	bool booting;		/* true: the module is switched on now, not warm */
};

/* Make the terminal and the module; copies CONFIG. NULL with E. */
struct sim_tty *sim_tty_new(const struct sim_tty_config *config, struct err *e);

/* Where a host opens it: the link, the pseudo-terminal's own name, or tcp:HOST:PORT. */
const char *sim_tty_path(const struct sim_tty *t);

/* Serve until sim_tty_stop(). 0, or -1 with E. */
int sim_tty_run(struct sim_tty *t, struct err *e);
void sim_tty_stop(struct sim_tty *t);

/* sim_release(), from another thread. */
void sim_tty_release(struct sim_tty *t);

/* The module, to ask after the run: violations, version. */
const struct sim *sim_tty_sim(const struct sim_tty *t);

/* Remove the link, free. NULL is allowed. */
void sim_tty_free(struct sim_tty *t);

#endif

/*
 * manager.h - ModemManager kept off a module's device as long as an upgrade takes.
 *
 * It opens the ports of modules that it finds, and does so again when a module
 * restarts. Over the system bus it can be told to leave a device alone: it hangs
 * up, closes all ports of the device and opens none until it is told otherwise or
 * the connection to the bus closes, however this program ends; a device that goes
 * and comes back stays inhibited. Where it is started or started again in the middle
 * of an upgrade, or finds the modem late, it is told anew, beside the waits of the
 * port; until it knows the module again it may write to it, which is said. Facts, from ModemManager 1.20's sources and D-Bus
 * policy: only a device whose modem is on the bus can be inhibited (WrongState while
 * it is still being looked at), one that it has nothing to do with is NotFound, and
 * as installed the policy lets only root do it.
 *
 * The only room that knows sd-bus; built without it, or where it is not installed,
 * nothing is ever kept off and that is said.
 *
 * Threads: one hold belongs to one thread, that of its port.
 */
#ifndef DFOTA_MANAGER_H
#define DFOTA_MANAGER_H

#include "base/message.h"
#include "modem/port.h"

struct manager;

/* What is worth saying. M is borrowed for the call. */
struct manager_listener {
	void (*say)(void *ctx, enum severity severity, const struct message *m);
	void *ctx;
};

/*
 * Keep ModemManager off the device of PATH, as port_open() takes it, from now on,
 * whenever it runs. P, open or not, lends its clock, roots, interrupt and waits, and
 * must outlive the hold, as what TO points to. Returns NULL where it can never have the
 * device (a network port), or cannot be told anything. Nothing is said as long as
 * ModemManager does not run or does not have the device; what stands in the way, and what
 * helps, is. Blocks as long as the limits in manager.c at most; an interrupt ends it, and
 * the rest is done beside the waits.
 */
struct manager *manager_hold(struct port *p, const char *path, const struct manager_listener *to);

/* Let ModemManager have it again. NULL is allowed. */
void manager_release(struct manager *m);

/* Can ModemManager be reached at all: was it built for that, and is libsystemd there? */
bool manager_reachable(void);

#endif

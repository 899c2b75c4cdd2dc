/*
 * inspect.h - the commands that look and change nothing in a module: ports,
 * manifests, what to ask the vendor for.
 *
 * Each prints on stdout and returns 0, or -1 with E.
 */
#ifndef DFOTA_INSPECT_H
#define DFOTA_INSPECT_H

#include "base/err.h"
#include "command/options.h"

/* `dfota ports`: what is plugged in, which is the AT port, who holds it. */
int inspect_ports(const struct options *o, struct err *e);

/* `dfota profiles`: the families, their commands and how sure they are. */
void inspect_profiles(void);

/* Where no port is named: the only likely one, which is said on stderr; -1 where
 * there is none, or more. */
int inspect_choose_port(struct options *o, struct err *e);

/* `dfota request`: the text that asks the vendor for a package (protocol.md
 * 10). Asks the module who it is; SIGNAL_FD as for console_identify(). */
int inspect_request(struct options *o, int signal_fd, struct err *e);

/* `dfota manifest`: write the manifest of a package, or check the one beside it. */
int inspect_manifest(struct options *o, int signal_fd, struct err *e);

#endif

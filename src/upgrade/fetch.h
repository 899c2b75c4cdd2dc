/*
 * upgrade/fetch.h - what this computer asks of servers.
 */
#ifndef DFOTA_UPGRADE_FETCH_H
#define DFOTA_UPGRADE_FETCH_H

#include "upgrade/state.h"

/* Ask the server about u->plan.url before the module is sent there. -1
 * when it is certain that this would go wrong. */
int upgrade_look_at_source(struct upgrade *u, struct err *e);

/* How this computer gets in, for its own requests. */
struct server_access upgrade_access(const struct upgrade *u);

/* Reports a transfer of this computer's own, ends it at an interrupt. */
struct server_watch upgrade_watch_server(struct upgrade *u);

/* Download plan.url and open it as the package; the file has no name any more
 * then, so that nothing is left of it whatever happens. */
int upgrade_download(struct upgrade *u, struct package **package, struct err *e);

/* "d.bin" of "http://h/d.bin". */
const char *upgrade_file_of_url(const char *url);

#endif

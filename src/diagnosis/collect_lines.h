/*
 * collect_lines.h - the facts in the lines from and to the module.
 *
 * Threads: as the pass.
 */
#ifndef DFOTA_DIAGNOSIS_COLLECT_LINES_H
#define DFOTA_DIAGNOSIS_COLLECT_LINES_H

#include "diagnosis/facts.h"

/* So long after a rate was found what comes may be of another one. */
#define SETTLE_MS 2000

/* Take in a line that was received; a line that was sent. */
void collect_received(struct pass *p, const struct event *ev);
void collect_sent(struct pass *p, const char *text);

/* The module installs, and is being watched. */
bool collect_installs(const struct pass *p);

/* It was away, or booted: true when that was in the middle of an installation. */
bool collect_restart(struct pass *p);

/* Something happened: how long had it been silent while it installs? */
void collect_silence(struct pass *p);

/* The module's download is over, one way or the other. */
void collect_download_end(struct pass *p);

#endif

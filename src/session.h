/*
 * session.h - the record of a session: log, evidence and recovery point in
 * one file of JSON lines, dfota-session(5). Append only.
 *
 * Threads: a session belongs to one thread.
 * Errors:  ERR_USAGE a directory or file that may not be used. A write that
 *          fails later never stops an upgrade: it is told once, and the
 *          record goes on when it can.
 */
#ifndef DFOTA_SESSION_H
#define DFOTA_SESSION_H

#include <stdbool.h>

#include "err.h"
#include "event.h"

struct session;

/* Create PATH, or with PATH NULL a new file in $XDG_STATE_HOME/dfota/sessions
 * (~/.local/state/dfota/sessions; directories 0700, file 0600). Refuses links,
 * what is no regular file, and existing files. Writes the header: program
 * version, host, plan without secrets. NULL with E. */
struct session *session_create(const char *path, const struct plan *plan,
			       struct err *e);

/* Sync and close. NULL is allowed. */
void session_close(struct session *s);

/* "" for NULL. */
const char *session_path(const struct session *s);

/* Append EV as one JSON line. -1 with E the first time writing fails, and
 * again after it worked in between; else 0. S may be NULL. */
int session_append(struct session *s, const struct event *ev, struct err *e);

/* State what is about to be done and make all so far durable (fdatasync, and
 * the directory). Call it before the dangerous byte; on -1 do not send it. */
int session_intent(struct session *s, const char *what, int64_t t_ms,
		   struct err *e);

#endif

/*
 * credentials.h - user and password of a server: from a file or a prompt,
 * never from argv or the environment, where other users see them.
 *
 * Memory: what is read is wiped from everything but the caller's buffers.
 * Errors: ERR_USAGE, with the cure.
 */
#ifndef DFOTA_CREDENTIALS_H
#define DFOTA_CREDENTIALS_H

#include "base/err.h"
#include "base/event.h"

/* Read `user = ...` and `password = ...` lines of PATH into PLAN. Refused
 * unless it is a regular file, ours, and mode 0600 or less; links are not
 * followed. */
int credentials_read(const char *path, struct plan *plan, struct err *e);

/* The same from FD, standard input: to its end, at most 5 minutes; a signal on
 * SIGNAL_FD ends it (ERR_CANCELLED). A terminal is refused, which would show what
 * is typed; a file is held to what credentials_read() wants of one. */
int credentials_from_input(int fd, int signal_fd, struct plan *plan, struct err *e);

/* Take the userinfo out of URL (plan.url or plan.publish): "ftp://USER@HOST"
 * names plan.user. A password there is refused. */
int credentials_from_url(char *url, struct plan *plan, struct err *e);

/* Ask for the password of plan.user on the terminal, without echo. */
int credentials_prompt(struct plan *plan, struct err *e);

#endif

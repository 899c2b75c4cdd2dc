/*
 * paths.h - where the files of this user go (XDG Base Directory Specification),
 * and a private place for a while.
 */
#ifndef DFOTA_PATHS_H
#define DFOTA_PATHS_H

#include <stddef.h>
#include <stdio.h>

#include "base/err.h"

/* $XDG_STATE_HOME/dfota/NAME, or ~/.local/state/dfota/NAME. Returns its length,
 * 0 when neither is set; SIZE or more: it does not fit. */
size_t paths_state(char *out, size_t size, const char *name);

/* $XDG_CONFIG_HOME/dfota/NAME, or ~/.config/dfota/NAME. */
size_t paths_config(char *out, size_t size, const char *name);

/* Make the directories above PATH, as far as they are missing, for us alone; whether
 * that was possible shows when PATH is made. */
void paths_make_parents(char *path);

/* Make a directory of our own in $TMPDIR or /tmp, where nobody can put a link;
 * its path to OUT. 0, or -1 with ERR_USAGE. */
int paths_temporary(char *out, size_t size, struct err *e);

/* Open the configuration file PATH to read it. Every start does: a pipe that
 * nobody writes to must not hold one up. NULL: MSG_CONFIG_NO_FILE, or
 * MSG_CONFIG_UNREADABLE with errno as its detail. The caller closes it. */
FILE *paths_open_config(const char *path, struct err *e);

#endif

/*
 * recent.h - the packages of the last upgrades, remembered from one run to the
 * next in $XDG_STATE_HOME/dfota/recent: a path a line, newest first.
 *
 * A help and nothing more: a file that is missing, damaged or can't be written
 * is no error.
 */
#ifndef DFOTA_RECENT_H
#define DFOTA_RECENT_H

#include <stddef.h>

#include "base/event.h"

#define RECENT_COUNT 8

struct recent {
	char paths[RECENT_COUNT][FILE_SIZE];	/* absolute, raw bytes */
	size_t count;
};

/* Read what is remembered. */
void recent_load(struct recent *r);

/* Put the file PATH in front and write all, at once or not at all. What is no
 * file, or has a line end in its path, is not remembered. */
void recent_add(const char *path);

#endif

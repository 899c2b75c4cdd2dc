/*
 * theme.h - what the roles of text look like, and the lines of the frames.
 * Never the only bearer of a meaning: whatever a role says is also there in
 * words or signs.
 */
#ifndef DFOTA_THEME_H
#define DFOTA_THEME_H

#include <stdbool.h>

enum role {
	ROLE_TEXT,
	ROLE_TITLE,
	ROLE_GOOD,
	ROLE_BAD,
	ROLE_BUSY,
	ROLE_DIM,
	ROLE_FOCUS,	/* where the keys go */
	ROLE_ALARM,	/* do not touch */
	ROLE_COUNT
};

/* ECMA-48; only those that can be read on black and on white. */
enum { NO_COLOUR = -1, RED = 1, GREEN = 2, MAGENTA = 5 };

struct role_look {
	int colour;
	bool bold, dim, reverse;
};

/* The look of ROLE; the same with its colour left out is the monochrome one. */
const struct role_look *theme_look(enum role role);

/* The frame in ASCII: corners clockwise from the upper left, then the
 * horizontal and the vertical line. */
extern const char theme_ascii_frame[6];

#endif

/*
 * layout.h - where everything stands, by the size of the screen. Pure.
 */
#ifndef DFOTA_LAYOUT_H
#define DFOTA_LAYOUT_H

#include "ui/model/view.h"
#include "ui/term/screen.h"

enum shape {
	SHAPE_NOTHING,	/* too small for anything */
	SHAPE_SINGLE,	/* one pane and a line of tabs */
	SHAPE_FOLDED,	/* port and package as a line each */
	SHAPE_FULL,	/* 80 x 24 */
	SHAPE_WIDE,	/* the log in the right half */
};

struct layout {
	enum shape shape;
	struct area title, tabs, bar;
	struct area lines[PANE_COUNT];	/* one-line forms; h 0: none */
	struct area panes[PANE_COUNT];	/* h 0: hidden */
	bool framed;
};

/* What a screen of the size WHOLE shows of V. */
void layout_make(struct layout *l, struct area whole, const struct view *v);

/* The rows of the log pane inside its frame, at least 1. */
int layout_log_rows(const struct layout *l);

#endif

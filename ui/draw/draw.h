/*
 * draw.h - the whole picture: title line, panes, pages, last line.
 */
#ifndef DFOTA_DRAW_H
#define DFOTA_DRAW_H

#include "ui/model/view.h"
#include "ui/term/screen.h"

/* What stands in a place of the picture. */
struct pointed {
	enum { POINTED_NOTHING, POINTED_PANE, POINTED_ACTION } what;
	enum pane_id pane;
	struct area inside;	/* of the pane, h 0: only its title or its one-line form is there */
	int row, column;	/* in it; row -1: on its frame */
	enum action action;	/* of the key bar */
};
struct pointed draw_pointed(const struct screen *s, const struct view *v, int y, int x);

/* Draw V as it is and send what changed. Notes in V what the size of the
 * screen decides: the rows of the log, how far a page can scroll. */
void draw_view(struct screen *s, struct view *v);

#endif

/*
 * draw.h - the whole picture: title line, panes, pages, last line.
 */
#ifndef DFOTA_DRAW_H
#define DFOTA_DRAW_H

#include "ui/model/view.h"
#include "ui/term/screen.h"

/* Draw V as it is and send what changed. Notes in V what the size of the
 * screen decides: the rows of the log, how far a page can scroll. */
void draw_view(struct screen *s, struct view *v);

#endif

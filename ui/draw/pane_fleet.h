/*
 * pane_fleet.h - several modules, a row each, in place of the four panes of one.
 */
#ifndef DFOTA_PANE_FLEET_H
#define DFOTA_PANE_FLEET_H

#include "ui/draw/layout.h"
#include "ui/model/view.h"
#include "ui/term/screen.h"

/* Draw the title line and the rows of V, by LAYOUT. */
void pane_fleet_draw(struct screen *s, const struct layout *layout, const struct view *v);

/* So many modules fit on a screen of the size WHOLE. */
int pane_fleet_rows(struct area whole);

#endif

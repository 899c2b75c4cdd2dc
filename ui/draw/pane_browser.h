/*
 * pane_browser.h - the page on which a package file is chosen: browser.h drawn
 * and worked by keys.
 */
#ifndef DFOTA_PANE_BROWSER_H
#define DFOTA_PANE_BROWSER_H

#include "ui/model/view.h"
#include "ui/term/keys.h"
#include "ui/term/screen.h"

/* The keys that work there, for the last line. */
extern const char browse_keys[];

/* Open the page, on the package file as it stands. */
void browse_begin(struct view *v);

/* Draw it over AREA; keeps v->scroll so that the cursor is seen. */
void browse_draw(struct screen *s, const struct area *area, struct view *v);

/* Move the cursor to what is drawn in row Y of the screen; false: nothing is there. */
bool browse_point(struct view *v, const struct area *area, int y);

/* Take a key. What was chosen becomes the package file, and the page closes. */
void browse_key(struct view *v, const struct key *key);

#endif

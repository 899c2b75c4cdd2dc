/*
 * pane.h - what every pane can do: draw itself from the view, and take the
 * actions that move in it.
 */
#ifndef DFOTA_PANE_H
#define DFOTA_PANE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/url.h"
#include "ui/draw/page.h"
#include "ui/model/view.h"
#include "ui/term/screen.h"

/* What an action in a pane asks of the loop, which has the worker. */
enum pane_request {
	PANE_REQUEST_NONE,
	PANE_REQUEST_IDENTIFY,	/* the port under the cursor was chosen */
	PANE_REQUEST_PORT_PATH,	/* a path is to be typed */
	PANE_REQUEST_EDIT,	/* the field under the cursor */
	PANE_REQUEST_RESULT,	/* the result page */
};

struct pane {
	const char *title;
	/* Right end of the upper frame line; NULL: nothing stands there. */
	void (*status)(const struct view *v, char *out, size_t size);
	void (*draw)(struct screen *s, const struct area *a, const struct view *v);
	/* The pane in one row, where there is no room for more; may be NULL. */
	void (*draw_line)(struct screen *s, const struct area *a, const struct view *v);
	/* Take a movement or ACTION_CHOOSE. */
	enum pane_request (*act)(struct view *v, enum action action);
	/* Add to P, whole, what the pane shows, or what is under its cursor. */
	void (*whole)(struct page *p, const struct view *v);
	/* Move the cursor to what is drawn in ROW and COLUMN of A. False: nothing to move
	 * to is there. NULL: the pane has no cursor. */
	bool (*point)(struct view *v, const struct area *a, int row, int column);
};

extern const struct pane pane_port, pane_source, pane_log, pane_progress;

/* The row of PANE. */
const struct pane *pane_of(enum pane_id pane);

/* Editing in the package pane: begin with the field under the cursor; take over
 * what was typed, or -1 when it can't stand; go to the next, if there is one. */
void source_edit(struct view *v);
int source_accept(struct view *v);
bool source_next(struct view *v);

/* Is the cursor of the package pane where a manifest is named, or no other file can be? */
bool source_on_manifest(const struct view *v);

/* A URL of SCHEME comes in: it picks the source; the first field that is typed takes it. */
void source_paste(struct view *v, enum url_scheme scheme);

/* Put the cursor of the package pane into FIELD. */
void source_go_to(struct view *v, enum plan_field field);

/* "307,200 B  06E1G -> 08E1G", as far as is known. */
void source_summary(const struct view *v, char *out, size_t size);

/* AT commands that may be typed and are completed by Tab; NULL past the end. */
const char *console_word(size_t index);

/* One line of the log as it is shown; in hex the 16 bytes from FROM on, in
 * text the columns from FROM on. Returns false when there is nothing there. */
bool log_line_text(const struct log_line *line, bool hex, int from, char *out, size_t size);

#endif

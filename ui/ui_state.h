/*
 * ui_internal.h - what the parts of the screen's loop share: ui.c waits and
 * draws, ui_keys.c knows what the keys do, ui_pages.c has the pages that read
 * and write files.
 */
#ifndef DFOTA_UI_INTERNAL_H
#define DFOTA_UI_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/event.h"
#include "record/reader.h"
#include "ui/draw/dialog.h"
#include "ui/model/replay.h"
#include "ui/model/view.h"
#include "ui/term/keys.h"
#include "ui/term/screen.h"
#include "ui/ui.h"
#include "worker.h"

struct ui {
	struct worker *worker;	/* NULL: a record is shown */
	struct record *record;	/* NULL: a module */
	struct replay *replay;	/* of it */
	const struct clock *clock;	/* by which it is played */
	struct screen *screen;	/* NULL: the terminal is gone */
	FILE *out, *in;
	int signal_fd;
	struct view view;
	bool draw_now, draw_soon;
	bool leave;
	bool signalled;		/* a second signal detaches */
	bool interrupted;	/* left before the result was in */
	int64_t drawn_ms;
};

/* Milliseconds: of the worker's clock, or of the one the record is played by. */
int64_t ui_now_ms(const struct ui *u);

/* Send a request that is nothing but its type. */
void ui_request(struct ui *u, enum request_type type);

/* Do what KEY means as things stand. */
void ui_take_key(struct ui *u, const struct key *key);

/* The package file may be another one now: its size, or why it can't be read. */
void ui_look_at_file(struct view *v);

/* Create a file that is not there, nor a link, for us alone; NULL when that is
 * not possible, which is said. */
FILE *ui_create_file(struct view *v, const char *path);

/* The screen opens: pages for what was left open, and what nobody saw. */
void ui_pages_begin(struct ui *u, const struct ui_config *config);

/* A result came in. */
void ui_pages_result(struct ui *u);

/* Do ACTION when it is about such a page. */
bool ui_pages_action(struct ui *u, enum action action);

/* The page MODE was left with VERDICT: what comes then. */
void ui_pages_left(struct ui *u, enum mode mode, enum verdict verdict);

#endif

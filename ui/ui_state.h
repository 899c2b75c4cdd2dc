/*
 * ui_state.h - what the parts of the screen's loop share: ui.c waits and
 * draws, ui_keys.c knows what the keys do, ui_pages.c has the pages that read
 * and write files.
 */
#ifndef DFOTA_UI_STATE_H
#define DFOTA_UI_STATE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/event.h"
#include "record/reader.h"
#include "ui/model/replay.h"
#include "ui/model/view.h"
#include "ui/term/screen.h"
#include "worker.h"

struct ui_fleet;

struct ui {
	struct ui_fleet *fleet;	/* several modules (ui_fleet.h); NULL: one */
	struct worker *(*new_worker)(void *ctx, struct err *e);	/* as ui_config, like the next ones */
	void *new_worker_ctx;
	int at_once, stop_after;
	struct worker *worker;	/* NULL: a record is shown */
	struct worker *own_worker;	/* while it is one that another program writes: what we go back to, */
	struct view *own_view;		/* ... allocated; else NULL */
	struct record *record;	/* NULL: a module */
	struct replay *replay;	/* of it */
	const struct clock *clock;	/* by which it is played */
	struct screen *screen;	/* NULL: the terminal is gone */
	FILE *out, *in;
	int signal_fd;
	int store_fd;		/* of store_watch(); -1: none */
	int64_t store_ms;	/* records changed: they are looked at then; -1: they did not */
	struct view view;
	bool draw_now, draw_soon;
	bool background;	/* the terminal belongs to another job: not drawn on, no keys */
	bool no_mouse;
	bool leave;
	bool signalled;		/* a second signal detaches */
	bool interrupted;	/* left before the result was in */
	bool ignored;		/* a key of those that came together */
	int64_t drawn_ms;
};

/* Milliseconds: of the worker's clock, or of the one the record is played by. */
int64_t ui_now_ms(const struct ui *u);

/* Send R and wipe it; a refusal is said. */
void ui_send(struct ui *u, struct request *r);

/* Send a request that is nothing but its type. */
void ui_request(struct ui *u, enum request_type type);

/* Where the fields name another package now, ask what can be known of it. */
void ui_look_ahead(struct ui *u);

/* Create a file that is not there, nor a link, for us alone; NULL when that is
 * not possible, which is said. */
FILE *ui_create_file(struct view *v, const char *path);

#endif

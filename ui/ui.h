/*
 * ui.h - the screen: curses life cycle, poll loop, layout.
 *
 * Threads: main only.
 */
#ifndef DFOTA_UI_H
#define DFOTA_UI_H

#include <stdbool.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/event.h"
#include "record/reader.h"
#include "worker.h"

struct ui_config {
	struct plan plan;	/* what the fields show at first */
	bool ascii;		/* no line drawing, no UTF-8 */
	bool mono;		/* no colour, as NO_COLOR does */
	bool no_mouse;		/* clicks and the wheel stay with the terminal */
	bool demo;		/* say that the module is simulated */
	int signal_fd;		/* signalfd(2) of SIGINT, SIGTERM, SIGHUP, SIGWINCH; borrowed */
	const struct clock *clock;	/* by which a record is played; NULL: the real one */
	const struct open_upgrade *open;	/* unfinished ones, newest first; copied */
	size_t open_count;
	const struct result *unseen;	/* a result whose terminal was lost; NULL; copied */
	const char *unseen_record;	/* its record */
	const struct plan *plans;	/* several modules to begin with, and what each gets; copied */
	size_t plan_count;		/* 0: PLAN alone */
	int at_once, stop_after;	/* of several modules, as base/turns.h has it */
	struct worker *(*new_worker)(void *ctx, struct err *e);	/* one for each of several modules, which the caller
								 * stops afterwards; NULL: there can be none */
	void *new_worker_ctx;
};

/* Can a screen be opened here? -1 with ERR_USAGE and the way out: no terminal,
 * TERM=dumb or unknown: use `dfota run`. */
int ui_possible(struct err *e);

/* Show the screen on W until the user leaves. Returns the exit status: of the
 * last result, of several modules the worst, 0 when there was none; -1 with E when no screen could be opened.
 * When the terminal vanishes in P1 or later curses ends and the loop goes on
 * without it until the result is in. */
int ui_run(struct worker *w, const struct ui_config *config, struct err *e);

/* Show R, borrowed, in the same screen until the user leaves; the plan of CONFIG
 * is not looked at, that of the record is. Returns 0; -1 with E when no screen
 * could be opened. */
int ui_replay(struct record *r, const struct ui_config *config, struct err *e);

/* The parts of both, for one who drives the screen step by step: open it
 * on OUT and IN (NULL with E when it can't be), wait for one thing and handle
 * it (false when it is time to leave), close it and return the exit status. */
struct ui;
struct ui *ui_open(struct worker *w, const struct ui_config *config, FILE *out, FILE *in, struct err *e);
struct ui *ui_open_replay(struct record *r, const struct ui_config *config, FILE *out, FILE *in, struct err *e);
bool ui_step(struct ui *u);
int ui_close(struct ui *u);

#endif

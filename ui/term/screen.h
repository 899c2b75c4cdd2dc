/*
 * screen.h - the terminal: opened, drawn on by rows and roles, asked for keys
 * and its size. The only unit that knows curses.
 *
 * All text drawn is safe text (text.h). Drawing goes to a picture in memory;
 * screen_end() sends what differs from the terminal's.
 *
 * Threads: one screen in a process, used by one thread.
 */
#ifndef DFOTA_SCREEN_H
#define DFOTA_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "ui/term/keys.h"
#include "ui/term/theme.h"

/* A rectangle of the screen. What is drawn into it is cut at its edges. */
struct area {
	int y, x, h, w;
};

struct screen_config {
	bool ascii, mono;
};

struct screen;

/* Can TERM do what a screen needs? -1 with ERR_USAGE. */
int screen_possible(struct err *e);

/* NULL with ERR_USAGE when the terminal can't be used. OUT and IN are borrowed. */
struct screen *screen_open(FILE *out, FILE *in, const struct screen_config *config, struct err *e);

/* Give the terminal back as it was found, paste and mouse reports off. NULL is allowed. */
void screen_close(struct screen *s);

/* Give the terminal back for a while; screen_resume() takes it again, whatever was
 * done to it, and draws all next time. It may also stand alone. */
void screen_suspend(struct screen *s);
void screen_resume(struct screen *s);

/* The whole of it. */
struct area screen_area(const struct screen *s);

/* A line of 19,200 baud or slower: draw less, and less often. */
bool screen_slow(const struct screen *s);

/* Ask the terminal for its size (0 x 0: 80 x 24) and draw all again next time. */
void screen_measure(struct screen *s);

/* Begin an empty picture. */
void screen_begin(struct screen *s);

/* Draw TEXT into row ROW of A from column COLUMN on. Returns the column after
 * it; what does not fit is cut, and ~ stands in the last column then. */
int screen_put(struct screen *s, const struct area *a, int row, int column, enum role role,
	       const char *text);
int screen_putf(struct screen *s, const struct area *a, int row, int column, enum role role,
		const char *format, ...) __attribute__((format(printf, 6, 7)));

/* Draw TEXT so that it ends at the right edge of A, if there is room after
 * column MIN. Returns the column it begins at, or the width of A. */
int screen_put_right(struct screen *s, const struct area *a, int row, int min,
		     enum role role, const char *text);

/* Blank ROW of A from COLUMN on. */
void screen_clear_row(struct screen *s, const struct area *a, int row, int column);

/* A pane, the one that has the keys, or what stands over panes or in their place. */
enum frame { FRAME_PANE, FRAME_FOCUS, FRAME_PAGE };

/* Draw a frame along the edges of A with TITLE and, right, STATUS in its upper line; on a
 * slow line only those, and of a pane whose lines are letters of three bytes only the
 * corners below. Returns the area inside. */
struct area screen_frame(struct screen *s, const struct area *a, enum frame frame,
			 const char *title, const char *status);

/* Show the cursor in ROW and COLUMN of A, from screen_begin() to screen_end(). */
void screen_cursor(struct screen *s, const struct area *a, int row, int column);

/* Let the terminal report clicks and the wheel from the next screen_end() on, or
 * not; never on a slow line. Until it does, and after, those that come are no keys. */
void screen_mouse(struct screen *s, bool on);

/* Send what changed. */
void screen_end(struct screen *s);

/*
 * Take the keys that came until NOW_MS, at most MAX. Several that came within
 * the 10 ms no hand is faster than are a paste and marked so. Returns how many,
 * -1 when the terminal is gone. Waits those 10 ms at most per key.
 */
int screen_keys(struct screen *s, int64_t now_ms, struct key *keys, int max);

/* When a key that is not whole yet becomes one, by the same clock, and
 * screen_keys() is to be called though nothing came; -1: none is waited for. */
int64_t screen_keys_due_ms(const struct screen *s);

#endif

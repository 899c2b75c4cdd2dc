/*
 * replay.h - a record looked at from any point of its time. Keeps a view in
 * the state in which the screen was there, plays it, and follows a record
 * that is still being written.
 *
 * The position is a line of the record and the time shown, which is that of
 * the line or one before the next. Forward its lines are fed to the view; for
 * a jump the state is made from the few lines that make it.
 *
 * No curses and no clock: the time of the day comes in as NOW_MS, milliseconds
 * of any monotonic clock. What cannot be done is said in the view.
 */
#ifndef DFOTA_REPLAY_H
#define DFOTA_REPLAY_H

#include <stdbool.h>
#include <stdint.h>

#include "record/reader.h"
#include "ui/model/view.h"

#define REPLAY_FOLLOW_MS 500	/* how often a record is asked for more */

struct replay;

/* Show R in V, both borrowed until replay_free(); V was made with the plan of
 * R's header, and its log becomes one over R. Begins at the start, stopped; in
 * a record that is being written at its end, live. NULL when memory runs out. */
struct replay *replay_new(struct record *r, struct view *v, int64_t now_ms);

/* To be called before view_free(). NULL is allowed. */
void replay_free(struct replay *p);

/* The line of the position. */
uint64_t replay_line(const struct replay *p);

/* Where what is known at the position ends: once there is a result, before the
 * run of a later program; else at the end of the record. */
uint64_t replay_run_end(const struct replay *p);

/* Go to LINE, or to the last one. */
void replay_go(struct replay *p, uint64_t line);

/* Go BY shown log lines on; past them to the ends of the record. */
void replay_move(struct replay *p, int64_t by);

/* Go to the end, and on with what comes when somebody writes it. */
void replay_end(struct replay *p, int64_t now_ms);

/* Go to the next beginning of a step or result, error, line with the text of
 * the log view; BACK: the one before. */
void replay_step(struct replay *p, bool back);
void replay_error(struct replay *p, bool back);
void replay_search(struct replay *p, bool back);

/* Play or stop. */
void replay_play(struct replay *p, int64_t now_ms);

/* The next speed, or the one before. */
void replay_speed(struct replay *p, bool slower);

/* Time went on to NOW_MS. True when there is something new to show. */
bool replay_tick(struct replay *p, int64_t now_ms);

/* When replay_tick() has to be called next; 0: at once, there is a search to go
 * on with; -1: not before something else happens. */
int64_t replay_due_ms(struct replay *p);

#endif

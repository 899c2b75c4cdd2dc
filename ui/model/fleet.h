/*
 * fleet.h - several modules as rows: how far each is, and whether its plug may be
 * pulled. Each has a view of its own; a row shows what stands there.
 *
 * Pure: no curses, no input or output, no clock.
 */
#ifndef DFOTA_FLEET_MODEL_H
#define DFOTA_FLEET_MODEL_H

#include "base/turns.h"
#include "ui/model/view.h"

/* May a module be without power now? */
enum unplug { UNPLUG_YES, UNPLUG_NO, UNPLUG_UNKNOWN };

/* What is shown of one. All text is safe. */
struct fleet_row {
	char port[FILE_SIZE], model[MODEL_SIZE], imei[IMEI_SIZE];
	char from[VERSION_SIZE], to[VERSION_SIZE];	/* of what runs, or ran; "": not known */
	enum turn turn;
	bool begun;		/* it is, or was, in STEP */
	enum step step;
	int percent;		/* -1: not known */
	unsigned rate;		/* hundreds of bytes a second; 0: not known */
	unsigned quiet_s;	/* no byte came or went for so long, in steps of 5; 0: not long */
	bool ended;		/* OUTCOME and WHAT say how */
	enum outcome outcome;
	char what[TEXT_SIZE];
	enum unplug unplug;
};

struct fleet_counts {
	size_t waiting, running, good, failed, keep;	/* KEEP: the plug must stay in, or may have to */
};

struct fleet {
	size_t count, cursor;
	struct turns turns;
	bool started;			/* all together: until each of them has ended */
	struct view *views[MODULES_MAX];	/* borrowed */
	struct fleet_row rows[MODULES_MAX];	/* as they are shown */
	size_t next;			/* the row that a slow line shows anew first */
};

/* Of the port list: mark what is under the cursor, or no longer; is PATH marked? False: there
 * is no room for more. */
bool fleet_mark(struct view *v);
bool fleet_is_marked(const struct view *v, const char *path);

/* Take over into the rows what the views say now; of a SLOW line's first what is
 * another step, then the others in turn, so many at a time. */
#define FLEET_SLOW_ROWS 3
void fleet_refresh(struct fleet *f, bool slow);

void fleet_count(const struct fleet *f, struct fleet_counts *out);

/* How module AT, which runs or ran, stands to its plug. */
enum unplug fleet_unplug(const struct view *v);

void fleet_move(struct fleet *f, enum action action, int rows);

/* What a cancel would mean to those that run: how many of each. */
void fleet_cancels(const struct fleet *f, size_t counts[CANCEL_REFUSED + 1]);

/* Has module AT to be upgraded when all are started: it runs nothing, and has not
 * come to its target. */
bool fleet_is_due(const struct fleet *f, size_t at);

/* Why s, and c, wait; NULL: they can be used. */
const char *fleet_start_refusal(const struct fleet *f);
const char *fleet_cancel_refusal(const struct fleet *f);

#endif

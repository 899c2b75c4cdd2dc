/*
 * replay_state.h - what the parts of a replay share: replay.c moves and
 * plays, replay_state.c knows the state at a line, replay_lines.c the log and
 * the time line.
 */
#ifndef DFOTA_REPLAY_STATE_H
#define DFOTA_REPLAY_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/event.h"
#include "record/reader.h"
#include "ui/model/log.h"
#include "ui/model/view.h"

#define BIT(type) (1U << EVENT_##type)
#define ALL_TYPES (BIT(COUNT) - 1)

struct frame;

struct replay {
	struct record *record;
	struct view *view;
	uint64_t line;
	int64_t t_ms;		/* the time shown */
	uint64_t job_line, step_line;	/* as in the state */
	struct frame *frames;	/* by line */
	size_t frame_count, frame_room;
	size_t speed;		/* row of speeds */
	bool playing, live;
	bool written;		/* somebody was writing it when it was last asked for more */
	int64_t played_ms;	/* NOW_MS when the time was last moved */
	int64_t followed_ms;	/* NOW_MS when it was last asked for more */
	struct event event;	/* the one at hand; a line of the log lies in it */
	char text[TEXT_SIZE + 256];	/* of such a line */
};

/* Make the state of the header. -1 when memory runs out. */
int replay_state_begin(struct replay *p);

/* Take LINE, the next one. */
void replay_state_feed(struct replay *p, uint64_t line);

/* Make the state at LINE. */
void replay_state_jump(struct replay *p, uint64_t line);

/* The log of the record; the context is the replay. */
extern const struct log_source replay_log;

/* Is there a silence before the line NEXT? */
bool replay_silence_before(struct replay *p, uint64_t next);

/* Fill the time line of the view. */
void replay_fill_cells(struct replay *p);

#endif

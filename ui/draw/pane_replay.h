/*
 * pane_replay.h - what stands on the screen only where a record is shown: its
 * title, the module as the record has it in place of the ports, and the time
 * line.
 */
#ifndef DFOTA_PANE_REPLAY_H
#define DFOTA_PANE_REPLAY_H

#include "ui/draw/page.h"
#include "ui/model/view.h"
#include "ui/term/screen.h"

/* The signs of the time line in one sentence, for the help page. */
extern const char pane_replay_legend[];

/* When and by what it was recorded, as far as there is room in A. */
void pane_replay_title(struct screen *s, const struct area *a, const struct view *v);

/* Host, port and module, in the port pane and in its one-line form. */
void pane_replay_module(struct screen *s, const struct area *a, const struct view *v);
void pane_replay_module_line(struct screen *s, const struct area *a, const struct view *v);

/* The same whole, for a page. */
void pane_replay_whole(struct page *p, const struct view *v);

/* The time line with the time and how it runs, in the last rows of A. Returns
 * how many it took. */
int pane_replay_time(struct screen *s, const struct area *a, const struct view *v);

#endif

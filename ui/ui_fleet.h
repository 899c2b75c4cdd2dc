/*
 * ui_fleet.h - several modules on one screen: a worker and a view each. The rows of
 * all are shown, or the four panes of one of them, while the others go on; they are
 * started together, by one question.
 */
#ifndef DFOTA_UI_FLEET_H
#define DFOTA_UI_FLEET_H

#include <poll.h>

#include "ui/draw/dialog.h"
#include "ui/ui_state.h"

/* Go over from the one module that is shown to those of PLANS[COUNT], which are
 * copied. -1 with E, and nothing has changed. */
int ui_fleet_begin(struct ui *u, const struct plan *plans, size_t count, struct err *e);
void ui_fleet_free(struct ui *u);

/* The same with the ports that are marked, each for what the fields name, and start
 * them; a refusal is said. */
void ui_fleet_marked(struct ui *u);

#define UI_FLEET_FDS (MODULES_MAX + 1)

/* What is waited for, at most UI_FLEET_FDS: returns how many. */
size_t ui_fleet_poll(const struct ui *u, struct pollfd *fds);

/* Take what the workers say, and do what is due then. */
void ui_fleet_step(struct ui *u);

/* Before the rows are drawn. */
void ui_fleet_show(struct ui *u);

/* From the module that is open to the rows. False: none is open. */
bool ui_fleet_back(struct ui *u);

/* A key of the rows, and what was made of a page over them. */
void ui_fleet_action(struct ui *u, enum action action);
void ui_fleet_verdict(struct ui *u, enum mode mode, enum verdict verdict);

/* Is any of them at work? */
bool ui_fleet_runs(const struct ui *u);

/* Is any of them past what can be undone? */
bool ui_fleet_at_stake(const struct ui *u);

/* The terminal is gone. False: nothing is at stake, and nothing goes on. */
bool ui_fleet_lost(struct ui *u);

/* A signal asks to end; another one detaches. False: nothing runs. */
bool ui_fleet_signalled(struct ui *u);

/* The worst exit status; 0 where nothing has a result. Says the results to the
 * terminal, which has no screen any more. */
int ui_fleet_end(struct ui *u);

#endif

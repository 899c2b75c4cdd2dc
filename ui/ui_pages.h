/*
 * ui_pages.h - the pages that read and write files: the diagnosis, the report,
 * unfinished upgrades, a result that nobody saw.
 */
#ifndef DFOTA_UI_PAGES_H
#define DFOTA_UI_PAGES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/event.h"
#include "ui/draw/dialog.h"
#include "ui/model/view.h"
#include "ui/term/keys.h"

struct ui;

/* The screen opens: the page of the COUNT unfinished upgrades OPEN, newest first. */
void ui_pages_unfinished(struct ui *u, const struct open_upgrade *open, size_t count);

/* ... and over it the page of the result R, with its RECORD or "", whose terminal was lost. */
void ui_pages_unseen(struct ui *u, const struct result *r, const char *record);

/* A result came in. */
void ui_pages_result(struct ui *u);

/* Back from the upgrade of another program, which was watched in its record. False: none
 * was. */
bool ui_pages_watched(struct ui *u);

/* Records have changed: what is unfinished now, and what came of what was. */
void ui_pages_look_again(struct ui *u);

/* A record is shown: its result, where there is one at the position, has the cause
 * that the diagnosis finds. */
void ui_pages_follow(struct ui *u);

/* Do ACTION when it is about such a page. */
bool ui_pages_action(struct ui *u, enum action action);

/* The page MODE was left with VERDICT: what comes then. */
void ui_pages_left(struct ui *u, enum mode mode, enum verdict verdict);

#endif

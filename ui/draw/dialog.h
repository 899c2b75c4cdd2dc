/*
 * dialog.h - the pages that cover the panes: the question before the gate, a
 * result, a confirmation, the help, a diagnosis, a report to be written, the
 * unfinished upgrades.
 */
#ifndef DFOTA_DIALOG_H
#define DFOTA_DIALOG_H

#include "ui/model/view.h"
#include "ui/term/screen.h"

/* Why keys that came in a burst do nothing. */
extern const char dialog_too_fast[];

/* Draw the page of V's mode over AREA; keeps v->scroll within the page. */
void dialog_draw(struct screen *s, const struct area *area, struct view *v);

/* Show the page MODE, which was asked for. */
void dialog_show(struct view *v, enum mode mode);

/* Begin to ask about a cancel, or about leaving. */
void dialog_confirm(struct view *v, bool leave);

/* Ask whether the module that is listened to is to be asked now. */
void dialog_ask_now(struct view *v);

/* What a key made of the page. */
enum verdict {
	VERDICT_NONE,	/* it goes on */
	VERDICT_YES,	/* the word or a name was typed, what is offered was chosen */
	VERDICT_NO,	/* the page was left */
	VERDICT_DIAGNOSIS,	/* ... for this one */
	VERDICT_REPORT,
};
enum verdict dialog_key(struct view *v, const struct key *key);

#endif

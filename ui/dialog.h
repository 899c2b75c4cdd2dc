/*
 * dialog.h - the pages that cover the panes: the question before the gate, a
 * result, a confirmation, the help.
 */
#ifndef DFOTA_DIALOG_H
#define DFOTA_DIALOG_H

#include "screen.h"
#include "view.h"

/* Draw the page of V's mode over AREA; keeps v->scroll within the page. */
void dialog_draw(struct screen *s, const struct area *area, struct view *v);

/* Begin to ask about a cancel, or about leaving. */
void dialog_confirm(struct view *v, bool leave);

/* What a key made of the page. */
enum verdict {
	VERDICT_NONE,	/* it goes on */
	VERDICT_YES,	/* the word was typed */
	VERDICT_NO,	/* the page was left */
};
enum verdict dialog_key(struct view *v, const struct key *key);

#endif

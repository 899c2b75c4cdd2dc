/*
 * field.h - a line of text under the hand: editing as readline does it, with
 * history, and with completion of file names or of words that are known.
 *
 * Holds raw bytes as typed: what draws it makes them safe first. A line end
 * in pasted text is dropped, so that a paste never ends the typing.
 */
#ifndef DFOTA_FIELD_H
#define DFOTA_FIELD_H

#include <stdbool.h>
#include <stddef.h>

#include "ui/term/keys.h"

#define FIELD_SIZE 512
#define HISTORY_COUNT 16
#define FIELD_LIST_SIZE 1024

/* What was typed before, newest last. Set to zero to begin. */
struct history {
	char *items[HISTORY_COUNT];
	size_t count;
};

/* Append a copy of TEXT, unless it is empty or the newest already. */
void history_add(struct history *h, const char *text);
void history_free(struct history *h);

struct field {
	char text[FIELD_SIZE];
	size_t room;		/* of the text with its NUL */
	size_t cursor;		/* byte offset */
	bool secret;		/* never shown, no history */
	bool file;		/* Tab completes a path */
	const char *(*word)(size_t index);	/* Tab completes one of these, or of the history; NULL past the end */
	bool proposed;		/* the text is an offer: the first letter typed replaces it */
	const struct history *history;	/* borrowed; NULL: none */
	size_t history_at;	/* history->count: what was typed itself */
	char typed[FIELD_SIZE];
	char list[FIELD_LIST_SIZE];	/* what Tab found, safe text, two spaces apart; "" */
};

enum field_result {
	FIELD_GOES_ON,
	FIELD_DONE,	/* Enter */
	FIELD_LEFT,	/* Esc, Ctrl-C, Ctrl-G */
	FIELD_NEXT,	/* Tab where it does not complete */
};

/* Begin with TEXT, the cursor after it. ROOM: at most FIELD_SIZE. */
void field_begin(struct field *f, const char *text, size_t room);

/* Let Up and Down go through H, which is borrowed while F is in use. */
void field_use_history(struct field *f, const struct history *h);

enum field_result field_key(struct field *f, const struct key *key);

/* Overwrite what was typed. */
void field_wipe(struct field *f);

/* Replace a leading "~/" by $HOME where it fits. */
void field_expand_home(struct field *f);

#endif

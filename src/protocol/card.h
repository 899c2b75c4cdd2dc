/*
 * protocol/card.h - what a module says of its SIM card, sorted by what has to
 * be done about it. Pure; any thread.
 *
 * Source: protocol.md 5.5, 7; the words of +CPIN: 3GPP TS 27.007, whose list
 * modules add to.
 */
#ifndef DFOTA_CARD_H
#define DFOTA_CARD_H

#include "protocol/at.h"

enum card {
	CARD_UNTOLD,	/* this does not speak of the card */
	CARD_READY,
	CARD_MISSING,	/* none that works, or works already: it may still be starting */
	CARD_WAITS,	/* for the code that its owner has */
	CARD_BLOCKED,	/* after wrong codes: for its PUK */
	CARD_BARRED,	/* the module is locked to another card or network */
};

/* Of the <state> of "+CPIN: <state>". What is no word of the standard is
 * CARD_MISSING: only a code that is wanted has a name that says so. */
enum card card_of_state(struct slice state);

/* Of "+CME ERROR: <number>". */
enum card card_of_error(long number);

#endif

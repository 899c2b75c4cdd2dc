/*
 * rules.h - the rules of the diagnosis, a table: which facts speak for which
 * cause, how strongly, and what to do about it.
 *
 * Threads: constant data.
 */
#ifndef DFOTA_DIAGNOSIS_RULES_H
#define DFOTA_DIAGNOSIS_RULES_H

#include "diagnosis/facts.h"

enum role {
	ROLE_END,
	ROLE_NEED,	/* all of them must hold */
	ROLE_ONE,	/* at least one of them */
	ROLE_MORE,	/* makes it more certain */
	ROLE_LESS,	/* makes it less certain */
	ROLE_NOT,	/* must not hold */
};

/* A fact, with a value in a range where that matters, and what it is worth. */
struct clue {
	enum role role;
	enum fact_id fact;
	long min, max;
	int points;
};

#define RULE_CLUES 12

/*
 * Points are certainty in percent, added up. A code or one sign alone stays at
 * 60 or below, as most of them have several causes; two kinds of evidence make
 * 65 to 85; more only where module, server or program said the cause itself.
 *
 * CAUSE and NEXT are templates: {fact} is its text or value, {fact=} its value
 * where it has a text too (0 is none), {fact#} how often it was seen, {a..b} the
 * seconds from fact a to fact b (less than one is none), {result} the words of
 * the message that ended the run. What stands in [ ] is left out when a fact in
 * it was not seen or its text is empty; [fact?...] is only there when it was seen.
 */
struct rule {
	struct {
		const char *name;	/* "registration-lost" */
		const char *about;
	} info;
	unsigned ends;		/* END_*: the outcomes it can be about */
	const char *cause;	/* one sentence */
	const char *next;	/* what to do, one or two sentences; NULL: what the message says that ended the run */
	const char *screen_next;	/* the same for the screen, where it differs */
	struct clue clues[RULE_CLUES];
	bool cure;		/* a message that ended the run, and is evidence, has a better NEXT */
	bool over_serial;	/* but that may be by way of the serial port: only where the family has one */
	bool at_once;		/* NEXT is due also where the outcome is uncertain and ENDS is wider */
	bool otherwise;		/* only when no other rule is supported by its line */
};
const struct rule *rule_row(size_t index);

/* What an outcome asks for, whatever its cause: said before and after the next
 * step of the rule. The first row that fits counts. */
struct ending {
	unsigned ends;
	enum fact_id fact;	/* only when it was seen; FACT_NONE: always */
	const char *before;	/* "": nothing */
	const char *after, *screen_after;
};
const struct ending *ending_row(size_t index);

#endif

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
	ROLE_MORE,	/* makes it surer */
	ROLE_LESS,	/* makes it less sure */
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
 * Points are certainty in percent, added up. What is written about them: a
 * code or one sign alone stays at 60 or below, as most of them have several
 * causes; two kinds of evidence make 65 to 85; more only where module, server
 * or program said the cause itself.
 *
 * CAUSE is a sentence: {fact} is its text or value, {fact#} how often it was
 * seen, {a..b} the seconds from fact a to fact b. What stands in [ ] is left
 * out when a fact in it was not seen; [fact?...] is only there when it was.
 */
struct rule {
	struct {
		const char *name;	/* "registration-lost" */
		const char *about;
	} info;
	unsigned ends;		/* END_*: the outcomes it can be about */
	const char *cause;
	const char *next;
	struct clue clues[RULE_CLUES];
	bool otherwise;		/* only when no other rule rests on its line */
};
const struct rule *rule_row(size_t index);

#endif

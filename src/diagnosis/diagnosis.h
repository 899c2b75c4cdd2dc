/*
 * diagnose.h - why an upgrade failed: rules that read a whole record and rank
 * causes by evidence, each with the lines it rests on. One table.
 *
 * Sources: protocol.md 3 to 5 and 11; codes.h for what a code means.
 * Threads: pure but for the record.
 */
#ifndef DFOTA_DIAGNOSE_H
#define DFOTA_DIAGNOSE_H

#include <stddef.h>
#include <stdint.h>

#include "record/reader.h"

#define FINDING_LINES 4
#define FINDINGS_MAX 12

struct finding {
	const char *rule;	/* "registration-lost" */
	int certainty;		/* 1..100: how sure the evidence makes it */
	char cause[TEXT_SIZE];	/* one sentence with the values seen; safe text */
	const char *next;	/* what to do; one sentence */
	uint64_t lines[FINDING_LINES];	/* numbers in the record */
	size_t line_count;	/* at least 1 */
};

/* Look at R; the surest first. Returns how many of OUT are filled, at most MAX. */
size_t diagnose(struct record *r, struct finding *out, size_t max);

/* Row INDEX of the rules, NULL past the end: name and what it is about. */
struct diagnose_rule_info {
	const char *name;
	const char *about;
};
const struct diagnose_rule_info *diagnose_rule(size_t index);

/* One line of the record as a person reads it: "  12.060 < +CSQ: 3,99". Returns OUT. */
char *diagnose_line(struct record *r, uint64_t number, char *out, size_t out_size);

#endif

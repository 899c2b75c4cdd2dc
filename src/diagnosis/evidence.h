/*
 * evidence.h - tables: which fact a message of this program, a code of the
 * module, the answer to a command, or a line that nobody asked for is evidence of.
 *
 * Threads: constant data.
 */
#ifndef DFOTA_DIAGNOSIS_EVIDENCE_H
#define DFOTA_DIAGNOSIS_EVIDENCE_H

#include "diagnosis/facts.h"

/* A message of this program, and what it is evidence of. TEXT and VALUE name the
 * arguments that the fact keeps, or are NULL; with ARGUMENT it counts only where
 * that argument is IS. */
struct message_evidence {
	enum message_id id;	/* its own, or of what was being done or follows */
	enum fact_id fact;
	const char *text, *value;
	const char *argument, *is;
};
const struct message_evidence *message_evidence_row(size_t index);

/* As TEXT: the words of the message, without what was being done and what follows. */
#define MESSAGE_WORDS "*"

/* What a code of a kind (TROUBLE_*, codes.h) is evidence of. */
struct code_kind {
	unsigned trouble;
	enum fact_id fact;
};
const struct code_kind *code_kind_row(size_t index);

/* A command and what an error to it is evidence of. */
struct order {
	const char *begins;
	enum fact_id refused;
};
const struct order *order_row(size_t index);

/* An answer that only somebody else can have asked for, when no command of
 * ours is out. MANAGER: it is one that ModemManager asks for. */
struct unsolicited {
	const char *begins;
	int commas;		/* exactly so many, else it is a URC of that name; 0: any */
	bool manager;
};
const struct unsolicited *unsolicited_row(size_t index);

#endif

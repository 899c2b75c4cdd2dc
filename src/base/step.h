/*
 * step.h - the steps of an upgrade, how far the module is from harm in each,
 * and what a cancel means there.
 *
 * Threads: constant data.
 */
#ifndef DFOTA_STEP_H
#define DFOTA_STEP_H

#include <stdbool.h>

/* Steps in run order; step_info() has a row for each. */
enum step {
	STEP_IDENTIFY,
	STEP_CHECK,
	STEP_FETCH,	/* only where this computer moves the package: relay, publish */
	STEP_PREPARE,
	STEP_TRANSFER,
	STEP_INSTALL,
	STEP_RESTART,
	STEP_VERIFY,
	STEP_COUNT
};

/* What became of a step. */
enum ended { ENDED_DONE, ENDED_FAILED, ENDED_UNKNOWN, ENDED_COUNT };

/* "done", "failed", "unknown". */
const char *ended_name(enum ended ended);

/* How far the module is from harm: design 3. */
enum phase { PHASE_PREFLIGHT, PHASE_TRANSFER, PHASE_INSTALL, PHASE_RETURN, PHASE_VERIFY, PHASE_COUNT };

/* Who carries the package to the module. */
enum delivery { DELIVERY_PULL /* the module downloads */, DELIVERY_PUSH /* over the wire */ };

/* What a cancel means right now. */
enum cancel {
	CANCEL_FREE,	/* leave; nothing was touched */
	CANCEL_STOP,	/* stop sending, prove the version unchanged */
	CANCEL_DETACH,	/* the module goes on by itself; only watching ends */
	CANCEL_REFUSED,	/* no return: only detach, when asked for by that name */
};

struct step_info {
	const char *name;	/* "transfer": JSON, record */
	const char *label;	/* "Transfer": screen */
	enum phase phase;
	int weight;		/* share of the wall time, percent; start values after fwupd (protocol.md 4.2) */
};

/* The row of STEP. */
const struct step_info *step_info(enum step step);

struct phase_info {
	const char *name;	/* "preflight" */
	const char *safety;	/* title line: "safe to leave", "DO NOT REMOVE POWER" */
	bool at_risk;
};
const struct phase_info *phase_info(enum phase phase);

/* What a cancel means in STEP of a DELIVERY. */
enum cancel step_cancel(enum step step, enum delivery delivery);

/* One sentence for the user: what cancel C does, or why it is refused. */
const char *cancel_words(enum cancel c);

#endif

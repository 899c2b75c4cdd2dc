/*
 * step.h - the steps of an upgrade, how far the module is from harm in each,
 * and what a cancel means there.
 *
 * Threads: constant data.
 */
#ifndef DFOTA_STEP_H
#define DFOTA_STEP_H

#include <stdbool.h>

#include "base/message.h"

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

/* How the package gets to the module; route_info() has a row for each. */
enum route {
	ROUTE_DOWNLOAD,	/* the module downloads it from plan.url */
	ROUTE_SERIAL,	/* plan.file over the serial port */
	ROUTE_RELAY,	/* this computer downloads plan.url, then sends it over the serial port */
	ROUTE_PUBLISH,	/* this computer puts plan.file at plan.publish, then the module downloads it */
	ROUTE_COUNT
};

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

struct route_info {
	const char *name;	/* "relay": JSON, record */
	const char *label;	/* "this computer downloads, then sends over the serial port" */
	bool serial;		/* this computer sends the package over the serial port */
	bool module_downloads;	/* the module asks a server for it */
};

/* The row of ROUTE. */
const struct route_info *route_info(enum route route);

/* What a cancel means in STEP of a ROUTE. */
enum cancel step_cancel(enum step step, enum route route);

/* The id of a sentence: what cancel C does, or why it is refused. */
enum message_id cancel_message(enum cancel c);

#endif

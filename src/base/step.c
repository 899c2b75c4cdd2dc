#include "config.h"

#include "base/step.h"

#include <assert.h>

#include "base/count.h"

/* Weights: start values after fwupd's 13 % for the upload and 85 % for flash
 * and return (protocol.md 4.2); what is left goes to the quick steps. */
static const struct step_info steps[] = {
	[STEP_IDENTIFY] = { "identify", "Identify", PHASE_PREFLIGHT, 1 },
	[STEP_CHECK] = { "check", "Check", PHASE_PREFLIGHT, 1 },
	[STEP_FETCH] = { "fetch", "Fetch", PHASE_PREFLIGHT, 0 },
	[STEP_PREPARE] = { "prepare", "Prepare", PHASE_PREFLIGHT, 1 },
	[STEP_TRANSFER] = { "transfer", "Transfer", PHASE_TRANSFER, 13 },
	[STEP_INSTALL] = { "install", "Install", PHASE_INSTALL, 80 },
	[STEP_RESTART] = { "restart", "Restart", PHASE_RETURN, 3 },
	[STEP_VERIFY] = { "verify", "Verify", PHASE_VERIFY, 1 },
};
static_assert(COUNT(steps) == STEP_COUNT, "a row a step");

const struct step_info *step_info(enum step step)
{
	assert((unsigned)step < STEP_COUNT);
	return &steps[step];
}

/* Design 3. The title line is 80 columns wide: keep the words short. */
static const struct phase_info phases[] = {
	[PHASE_PREFLIGHT] = { "preflight", "safe to leave", false },
	[PHASE_TRANSFER] = { "transfer", "still safe: old firmware runs", false },
	[PHASE_INSTALL] = { "install", "DO NOT REMOVE POWER", true },
	[PHASE_RETURN] = { "return", "do not remove power yet", true },
	[PHASE_VERIFY] = { "verify", "safe to leave", false },
};
static_assert(COUNT(phases) == PHASE_COUNT, "a row a phase");

const struct phase_info *phase_info(enum phase phase)
{
	assert((unsigned)phase < PHASE_COUNT);
	return &phases[phase];
}

static const struct route_info routes[] = {
	[ROUTE_DOWNLOAD] = { "download", "the module downloads", false, true },
	[ROUTE_SERIAL] = { "serial", "over the serial port", true, false },
	[ROUTE_RELAY] = { "relay", "this computer downloads, then sends over the serial port", true, false },
	[ROUTE_PUBLISH] = { "publish", "this computer puts it on a server, then the module downloads", false, true },
};
static_assert(COUNT(routes) == ROUTE_COUNT, "a row a route");

const struct route_info *route_info(enum route route)
{
	assert((unsigned)route < ROUTE_COUNT);
	return &routes[route];
}

/* Design 2. After AT+QFOTADL="url" the module goes on by itself, so a download
 * can only be left alone. In verify the module is safe; the outcome stays unknown. */
static const struct {
	enum cancel download, serial;	/* who carries the package: the module, this computer */
} cancels[] = {
	[STEP_IDENTIFY] = { CANCEL_FREE, CANCEL_FREE },
	[STEP_CHECK] = { CANCEL_FREE, CANCEL_FREE },
	[STEP_FETCH] = { CANCEL_FREE, CANCEL_FREE },
	[STEP_PREPARE] = { CANCEL_FREE, CANCEL_FREE },
	[STEP_TRANSFER] = { CANCEL_DETACH, CANCEL_STOP },
	[STEP_INSTALL] = { CANCEL_REFUSED, CANCEL_REFUSED },
	[STEP_RESTART] = { CANCEL_DETACH, CANCEL_DETACH },
	[STEP_VERIFY] = { CANCEL_DETACH, CANCEL_DETACH },
};
static_assert(COUNT(cancels) == STEP_COUNT, "a row a step");

enum cancel step_cancel(enum step step, enum route route)
{
	assert((unsigned)step < STEP_COUNT);
	return route_info(route)->serial ? cancels[step].serial : cancels[step].download;
}

enum message_id cancel_message(enum cancel c)
{
	static const enum message_id ids[] = {
		[CANCEL_FREE] = MSG_CANCEL_FREE,
		[CANCEL_STOP] = MSG_CANCEL_STOP,
		[CANCEL_DETACH] = MSG_CANCEL_DETACH,
		[CANCEL_REFUSED] = MSG_CANCEL_REFUSED,
	};

	assert((unsigned)c < COUNT(ids));
	return ids[c];
}

const char *ended_name(enum ended ended)
{
	static const char *const names[ENDED_COUNT] = {
		[ENDED_DONE] = "done",
		[ENDED_FAILED] = "failed",
		[ENDED_UNKNOWN] = "unknown",
	};

	assert((unsigned)ended < ENDED_COUNT);
	return names[ended];
}

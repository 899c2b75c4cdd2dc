#include "config.h"

#include "record/names.h"

#include <stdbool.h>
#include <stddef.h>

#include "base/count.h"
#include "base/event.h"

static const char *nth(const char *const *names, size_t count, int value)
{
	return value >= 0 && (size_t)value < count ? names[value] : NULL;
}

const char *job_name(int job)
{
	static const char *const names[] = {
		[JOB_UPGRADE] = "upgrade",
		[JOB_PROBE] = "probe",
		[JOB_RESUME] = "resume",
	};

	return nth(names, COUNT(names), job);
}

/* The older key: who carries the package. Read, it is the first route of that name. */
const char *method_name(int route)
{
	static const char *const names[ROUTE_COUNT] = {
		[ROUTE_DOWNLOAD] = "pull",
		[ROUTE_SERIAL] = "push",
		[ROUTE_RELAY] = "push",
		[ROUTE_PUBLISH] = "pull",
	};

	return nth(names, COUNT(names), route);
}

const char *route_name(int route)
{
	return route >= 0 && route < ROUTE_COUNT ? route_info((enum route)route)->name : NULL;
}

const char *intent_name(int intent)
{
	static const char *const names[] = {
		[INTENT_SETTINGS] = "settings",
		[INTENT_TRANSFER] = "transfer",
		[INTENT_INSTALL] = "install",
	};

	return nth(names, COUNT(names), intent);
}

const char *state_name(int begin)
{
	static const char *const names[] = { [false] = "end", [true] = "begin" };

	return nth(names, COUNT(names), begin);
}

const char *ending_name(int ended)
{
	return ended >= 0 && ended < ENDED_COUNT ? ended_name((enum ended)ended) : NULL;
}

const char *cancel_name(int cancel)
{
	static const char *const names[] = {
		[CANCEL_FREE] = "free",
		[CANCEL_STOP] = "stop",
		[CANCEL_DETACH] = "detach",
		[CANCEL_REFUSED] = "refused",
	};

	return nth(names, COUNT(names), cancel);
}

const char *unit_name(int unit)
{
	static const char *const names[] = {
		[UNIT_NONE] = "none",
		[UNIT_BYTES] = "bytes",
		[UNIT_PERCENT] = "percent",
	};

	return nth(names, COUNT(names), unit);
}

const char *severity_name(int severity)
{
	static const char *const names[] = {
		[SEVERITY_INFO] = "info",
		[SEVERITY_WARNING] = "warning",
		[SEVERITY_ERROR] = "error",
	};

	return nth(names, COUNT(names), severity);
}

const char *dir_name(int dir)
{
	static const char *const names[] = { [LINE_TX] = "tx", [LINE_RX] = "rx" };

	return nth(names, COUNT(names), dir);
}

const char *step_name(int step)
{
	return step >= 0 && step < STEP_COUNT ? step_info((enum step)step)->name : NULL;
}

const char *phase_name(int phase)
{
	return phase >= 0 && phase < PHASE_COUNT ? phase_info((enum phase)phase)->name : NULL;
}

const char *outcome_name(int outcome)
{
	return outcome >= 0 && outcome < OUTCOME_COUNT ? outcome_info((enum outcome)outcome)->name : NULL;
}

const char *stop_name(int code)
{
	return code >= 0 && code < ERR_COUNT ? err_info((enum err_code)code)->name : NULL;
}

const char *answer_name(int ask)
{
	return ask >= 0 && ask < ASK_COUNT ? ask_name((enum ask)ask) : NULL;
}

const char *gap_name(int why)
{
	static const char *const names[] = { [GAP_FLOOD] = "flood", [GAP_DISK] = "disk" };

	return nth(names, COUNT(names), why);
}

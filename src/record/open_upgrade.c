#include "config.h"

#include "record/open_upgrade.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "protocol/course.h"

/* A program that kept watching and was stopped before it had reached the module
 * has nothing to say about it: the result before that one counts. */
static bool last_result(struct record *r, uint64_t *at, struct result *result)
{
	struct event ev;

	*at = record_count(r);
	while (record_find(r, *at, true, 1U << EVENT_RESULT, false, at)) {
		if (!record_event(r, *at, &ev) ||
		    (ev.result.job == JOB_RESUME && ev.result.outcome == OUTCOME_STOPPED))
			continue;
		*result = ev.result;
		return true;
	}
	return false;
}

static void take_step(struct record *r, struct open_upgrade *out)
{
	uint64_t at = record_count(r);
	struct event ev;

	while (record_find(r, at, true, 1U << EVENT_STEP, false, &at)) {
		if (!record_event(r, at, &ev) || !ev.step.begin)
			continue;
		out->step = ev.step.step;
		return;
	}
}

/* PENDING: the upgrade command has no result yet. */
static void take_line(const struct event *ev, bool *pending, struct open_upgrade *out)
{
	enum at_class class = ev->line.meaning.class;

	if (ev->line.dir == LINE_TX) {
		bool opens = strstr(ev->line.text, "QFOTADL") != NULL;

		*pending = opens;
		opens |= strncmp(ev->line.text, "AT+QFUPL=", strlen("AT+QFUPL=")) == 0;
		out->gate_due |= opens && route_info(out->route)->serial;
		/* what opens data mode is no byte of a package */
		if (!opens)
			out->asked += strlen(ev->line.text) + 1;
		out->answered = false;
		out->due++;
	} else if (!strcmp(ev->line.text, "RDY")) {
		out->due = 0;
	} else if (class == AT_CONNECT) {
		*pending = out->answered = out->refused = out->gate_due = false;
	} else if (class == AT_OK || class == AT_ERROR) {
		out->refused |= *pending && class == AT_ERROR;
		*pending = out->gate_due = false;
		out->answered = out->asked > 0;
		out->asked = 0;
		out->due -= out->due > 0;
	}
}

/* What was sent after line AFTER, and answered: does the module still wait for
 * package bytes, and what of ours has it had? And what it said of its own accord. */
static void take_lines(struct record *r, uint64_t after, struct open_upgrade *out)
{
	struct course course = {0};
	struct event ev;
	bool pending = false;

	while (record_find(r, after, false, 1U << EVENT_LINE, false, &after)) {
		if (!record_event(r, after, &ev))
			continue;
		if (ev.line.meaning.is_fota)
			course_take(&course, &ev.line.meaning.fota);
		take_line(&ev, &pending, out);
	}
	out->started = course.started;
	out->ended = course.ended;
	out->end_code = course.end_code;
	out->downloaded = course.downloaded && route_info(out->route)->module_downloads;
	out->failed = out->downloaded && course_download_failed(&course);
	out->refused &= !out->started && !out->downloaded;
}

/* What was stored in the module, as far as its last word on each goes. */
static void take_settings(struct record *r, struct open_upgrade *out)
{
	uint64_t at = UINT64_MAX;
	struct event ev;

	out->settings.count = 0;
	while (record_find(r, at, false, 1U << EVENT_SETTING, false, &at))
		if (record_event(r, at, &ev))
			settings_take(&out->settings, &ev.setting);
	out->keep_settings = record_start(r)->plan.keep_settings;
}

/* The name of this computer, as a header would have it. */
static bool is_foreign(const struct record *r)
{
	const char *begun = record_start(r)->by.host;
	char host[HOST_NAME_MAX + 1] = "", safe[sizeof(host)];

	gethostname(host, sizeof(host) - 1);
	text_safe_str(safe, sizeof(safe), host);
	return begun[0] && host[0] && strcmp(begun, safe) != 0;
}

bool record_open_upgrade(struct record *r, struct open_upgrade *out)
{
	uint64_t intent = record_count(r), at;
	struct result result;
	struct event ev;

	/* its module went with the program, and the next has the same IMEI */
	if (record_start(r)->plan.demo)
		return false;
	do {
		if (!record_find(r, intent, true, 1U << EVENT_INTENT, false, &intent))
			return false;
	} while (!record_event(r, intent, &ev));
	*out = ev.intent;
	/* Half a path would be that of another file. */
	if (strlen(record_path(r)) < sizeof(out->record))
		memcpy(out->record, record_path(r), strlen(record_path(r)) + 1);
	if (record_find(r, intent, false, 1U << EVENT_CLOSED, false, &at))
		return false;
	if (last_result(r, &at, &result) && at > intent) {
		if (result.outcome != OUTCOME_UNKNOWN)
			return false;
		out->unknown = true;
	}
	take_step(r, out);
	take_lines(r, intent, out);
	take_settings(r, out);
	/* a damaged intent may be missing: these come after the gate only */
	if (out->step == STEP_INSTALL || out->started)
		out->intent = INTENT_INSTALL;
	out->foreign = is_foreign(r);
	out->live_pid = record_writer_pid(r);
	return true;
}

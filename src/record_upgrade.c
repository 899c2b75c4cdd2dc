#include "config.h"

#include "record.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "at.h"
#include "event_json.h"
#include "fota.h"
#include "json_fields.h"

static bool get_when(const json_t *o, void *base)
{
	const char *text = json_string_value(json_object_get(o, "when"));
	struct open_upgrade *open = base;
	struct tm tm = {0};
	const char *end = text ? strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm) : NULL;

	open->when_s = end && !*end ? (int64_t)timegm(&tm) : 0;
	return true;
}

#define TEXT(k, m) { .key = k, .kind = FIELD_TEXT, FIELD(struct open_upgrade, m) }
#define NUMBER(k, m) { .key = k, .kind = FIELD_INT, FIELD(struct open_upgrade, m) }

/* What an intent does not tell is taken for the worse: the gate. */
static const struct field intent_fields[] = {
	{ .key = "what", .kind = FIELD_NAME, FIELD(struct open_upgrade, intent), .name = intent_name,
	  .none = INTENT_INSTALL },
	{ .kind = FIELD_OWN, .get = get_when },
	TEXT("model", module.model),
	TEXT("imei", module.imei),
	TEXT("from", module.version),
	TEXT("to", to),
	{ .key = "method", .kind = FIELD_NAME, FIELD(struct open_upgrade, delivery), .name = delivery_name },
	TEXT("port", module.port),
	NUMBER("baud", baud),
	TEXT("profile", module.profile),
	TEXT("usb", module.usb_path),
	NUMBER("interface", module.usb_interface),
	TEXT("serial", module.serial),
	NUMBER("timeout", com_timeout_s),
	{ .key = "size", .kind = FIELD_COUNT, FIELD(struct open_upgrade, size) },
	TEXT("sha256", sha256),
};

bool record_intent(struct record *r, uint64_t number, struct open_upgrade *out)
{
	char line[EVENT_JSON_SIZE];
	size_t size;
	json_t *o;

	if (record_class(r, number).kind != RECORD_INTENT)
		return false;
	size = record_raw(r, number, line, sizeof(line));
	o = size < sizeof(line) ? json_loadb(line, size, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL) : NULL;
	if (!json_is_object(o)) {
		json_decref(o);
		return false;
	}
	memset(out, 0, sizeof(*out));
	fields_get(o, intent_fields, sizeof(intent_fields) / sizeof(intent_fields[0]), out);
	json_decref(o);
	/* Half a path would be that of another file. */
	if (strlen(record_path(r)) < sizeof(out->record))
		memcpy(out->record, record_path(r), strlen(record_path(r)) + 1);
	return true;
}

/* A program that watched on and was stopped before it had reached the module
 * has nothing to say about it: the result before that one counts. */
static bool last_result(struct record *r, uint64_t *at, struct result *result)
{
	struct event ev;

	*at = record_count(r);
	while (record_find(r, *at, true, 1U << RECORD_RESULT, false, at)) {
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

	while (record_find(r, at, true, 1U << RECORD_STEP, false, &at)) {
		if (!record_event(r, at, &ev) || !ev.step.begin)
			continue;
		out->step = ev.step.step;
		return;
	}
}

/* What the module said behind line AFTER. */
static void take_said(struct record *r, uint64_t after, struct open_upgrade *out)
{
	struct fota_urc urc;
	struct event ev;

	while (record_search(r, after, false, "\"FOTA\"", &after)) {
		if (!record_event(r, after, &ev) || ev.type != EVENT_LINE || ev.line.dir != LINE_RX ||
		    !fota_parse((struct slice){ ev.line.text, strlen(ev.line.text) }, &urc))
			continue;
		switch (urc.kind) {
		case FOTA_START:
		case FOTA_UPDATING:
		case FOTA_RESTORE:
		case FOTA_RESUMED:
			out->started = true;
			break;
		case FOTA_END:
			out->ended = true;
			out->end_code = urc.has_value ? (int)urc.value : -1;
			break;
		case FOTA_SOURCE_END:
			out->downloaded |= out->delivery == DELIVERY_PULL;
			break;
		case FOTA_NONE:
		case FOTA_SOURCE_START:
		case FOTA_DOWNLOADING:
			break;
		}
	}
}

bool record_open_upgrade(struct record *r, struct open_upgrade *out)
{
	uint64_t intent = record_count(r), at;
	struct result result;

	do {
		if (!record_find(r, intent, true, 1U << RECORD_INTENT, false, &intent))
			return false;
	} while (!record_intent(r, intent, out));
	if (record_find(r, intent, false, 1U << RECORD_CLOSED, false, &at))
		return false;
	if (last_result(r, &at, &result) && at > intent) {
		if (result.outcome != OUTCOME_UNKNOWN)
			return false;
		out->unknown = true;
	}
	take_step(r, out);
	take_said(r, intent, out);
	out->live_pid = record_writer(r);
	return true;
}

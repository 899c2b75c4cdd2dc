#include "config.h"

#include "record/event_json.h"

#include <assert.h>
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "protocol/line.h"
#include "record/first_format.h"
#include "record/line_fields.h"
#include "record/line_quick.h"
#include "record/message_json.h"
#include "record/names.h"
#include "record/printed.h"
#include "record/setting_json.h"

/* Six digits after the point say enough of seconds and shares. */
#define JSON_FLAGS (JSON_COMPACT | JSON_REAL_PRECISION(9))

/* --- step: what stands only where it begins */

static const struct field begin_fields[] = {
	NAME("cancel", FIELD_ALWAYS, step.cancel, cancel_name),
	{ .key = "limit", .kind = FIELD_SECONDS, .rule = FIELD_SOME, FIELD(struct event, step.limit_ms) },
};

static int put_begin(json_t *o, const void *base)
{
	const struct event *ev = base;

	return ev->step.begin ? PUT(o, begin_fields, ev) : 0;
}

static bool get_begin(const json_t *o, void *base)
{
	struct event *ev = base;
	bool good = true;

	if (ev->step.begin)
		good = GET(o, begin_fields, ev);
	return good;
}

/* A record of before did not say how a step ended: well. */
static int put_ended(json_t *o, const void *base)
{
	const struct event *ev = base;

	return ev->step.begin ? 0 :
		json_object_set_new(o, "ended", json_string(ended_name(ev->step.ended)));
}

static bool get_ended(const json_t *o, void *base)
{
	struct event *ev = base;
	int ended = field_named(json_object_get(o, "ended"), ending_name);

	ev->step.ended = ended < 0 ? ENDED_DONE : (enum ended)ended;
	return true;
}

static const struct field step_fields[] = {
	NAME("step", FIELD_NEEDED, step.step, step_name),
	NAME("state", FIELD_NEEDED, step.begin, state_name),
	OWN(put_ended, get_ended),
	OWN(put_begin, get_begin),
};

/* --- identity */

static const struct field usb_fields[] = {
	TEXT("usb", FIELD_ALWAYS, identity.usb_path),
	{ .key = "interface", .kind = FIELD_INT, FIELD(struct event, identity.usb_interface), .max = 255 },
	TEXT("serial", FIELD_SOME, identity.serial),
};

static int put_usb(json_t *o, const void *base)
{
	const struct event *ev = base;

	return ev->identity.usb_path[0] ? PUT(o, usb_fields, ev) : 0;
}

static bool get_usb(const json_t *o, void *base)
{
	struct event *ev = base;
	bool good = true;

	if (json_string_value(json_object_get(o, "usb")))
		good = GET(o, usb_fields, ev);
	return good;
}

static const struct field identity_fields[] = {
	TEXT("maker", FIELD_ALWAYS, identity.maker),
	TEXT("model", FIELD_ALWAYS, identity.model),
	TEXT("version", FIELD_ALWAYS, identity.version),
	TEXT("imei", FIELD_ALWAYS, identity.imei),
	TEXT("profile", FIELD_ALWAYS, identity.profile),
	TEXT("port", FIELD_ALWAYS, identity.port),
	OWN(put_usb, get_usb),
};

/* --- progress */

/* When the last byte moved is known of counted bytes only. */
static bool get_moved(const json_t *o, void *base)
{
	struct event *ev = base;

	(void)o;
	ev->progress.last_rx_ms = ev->progress.unit == UNIT_BYTES ? ev->t_ms : -1;
	return true;
}

static int put_nothing(json_t *o, const void *base)
{
	(void)o;
	(void)base;
	return 0;
}

static const struct field progress_fields[] = {
	NAME("step", FIELD_NEEDED, progress.step, step_name),
	AMOUNT("done", progress.done),
	AMOUNT("total", progress.total),
	NAME("unit", FIELD_NEEDED, progress.unit, unit_name),
	{ .key = "overall", .kind = FIELD_REAL, FIELD(struct event, progress.overall), .max = 1 },
	{ .key = "rate", .kind = FIELD_REAL, .rule = FIELD_SOME, FIELD(struct event, progress.bytes_per_s) },
	{ .key = "left", .kind = FIELD_SECONDS, .rule = FIELD_SOME, FIELD(struct event, progress.left_ms), .none = -1 },
	OWN(put_nothing, get_moved),
};

/* --- notice */

/* What M says, in words, as KEY. */
static int put_words(json_t *o, const char *key, const struct message *m)
{
	char text[2 * TEXT_SIZE];

	return json_object_set_new(o, key, json_string(message_text(m, FOR_RECORD, text, sizeof(text))));
}

/* One without an id that is known says what its words, KEY, say. False when
 * there are none either. */
static bool get_message(const json_t *o, const char *key, struct message *m)
{
	const char *said = json_string_value(json_object_get(o, key));
	char text[TEXT_SIZE];

	text_safe_str(text, sizeof(text), said ? said : "");
	if (!message_get(o, m) && (json_object_get(o, "id") || !first_format_message(text, m)))
		message_set(m, MSG_SAID, "text=%s", text);
	return said != NULL;
}

static int put_notice(json_t *o, const void *base)
{
	const struct message *m = &((const struct event *)base)->notice.message;

	return put_words(o, "text", m) | message_put(o, m);
}

static bool get_notice(const json_t *o, void *base)
{
	return get_message(o, "text", &((struct event *)base)->notice.message);
}

static const struct field notice_fields[] = {
	NAME("severity", FIELD_NEEDED, notice.severity, severity_name),
	OWN(put_notice, get_notice),
};

/* --- line: the exact bytes where the text does not show them */

static size_t kept_of(const char *text)
{
	size_t size = strlen(text);

	return size < RAW_SIZE ? size : RAW_SIZE;
}

static int put_raw(json_t *o, const void *base)
{
	const struct event *ev = base;
	const unsigned char *raw = ev->line.raw;
	char hex[2 * RAW_SIZE];
	size_t size = ev->line.raw_size < RAW_SIZE ? ev->line.raw_size : RAW_SIZE;

	if (size == 0 || (size == kept_of(ev->line.text) && !memcmp(raw, ev->line.text, size)))
		return 0;
	for (size_t i = 0; i < size; i++) {
		hex[2 * i] = "0123456789abcdef"[raw[i] >> 4];
		hex[2 * i + 1] = "0123456789abcdef"[raw[i] & 15];
	}
	return json_object_set_new(o, "raw", json_stringn(hex, 2 * size));
}

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Hex that is none is as good as none at all. */
static size_t unhex(unsigned char *out, const char *hex, size_t size)
{
	if (size == 0 || size % 2 || size / 2 > RAW_SIZE)
		return 0;
	for (size_t i = 0; i < size; i += 2) {
		if (digit(hex[i]) < 0 || digit(hex[i + 1]) < 0)
			return 0;
		out[i / 2] = (unsigned char)(digit(hex[i]) << 4 | digit(hex[i + 1]));
	}
	return size / 2;
}

static bool get_raw(const json_t *o, void *base)
{
	struct event *ev = base;
	const json_t *raw = json_object_get(o, "raw");
	size_t size = json_is_string(raw) ?
		unhex(ev->line.raw, json_string_value(raw), json_string_length(raw)) : 0;

	if (size == 0) {
		size = kept_of(ev->line.text);
		memcpy(ev->line.raw, ev->line.text, size);
	}
	ev->line.raw_size = (uint16_t)size;
	return true;
}

/* What a line is it says itself. */
static bool get_meaning(const json_t *o, void *base)
{
	struct event *ev = base;

	(void)o;
	ev->line.meaning = (struct line_meaning){ .cme = -1 };
	if (ev->line.dir == LINE_RX)
		ev->line.meaning = line_parse((struct slice){ ev->line.text, strlen(ev->line.text) });
	return true;
}

static const struct field line_fields[] = {
	NAME("dir", FIELD_NEEDED, line.dir, dir_name),
	TEXT("text", FIELD_NEEDED, line.text),
	FLAG("urc", FIELD_SOME, line.urc),
	FLAG("error", FIELD_SOME, line.error),
	OWN(put_raw, get_raw),
	OWN(put_nothing, get_meaning),
};

/* --- question */

/* One is what its text says where its id is not known. */
static json_t *fact_json(const struct message *fact)
{
	char text[TEXT_SIZE];
	json_t *o = json_object();

	if (!o || message_put(o, fact) < 0 ||
	    json_object_set_new(o, "text", json_string(message_text(fact, FOR_RECORD, text, sizeof(text)))) < 0) {
		json_decref(o);
		return NULL;
	}
	return o;
}

static int put_facts(json_t *o, const void *base)
{
	const struct question *q = &((const struct event *)base)->question;
	json_t *facts = json_array();

	for (size_t i = 0; facts && i < q->fact_count; i++)
		if (json_array_append_new(facts, fact_json(&q->facts[i])) < 0) {
			json_decref(facts);
			return -1;
		}
	return json_object_set_new(o, "facts", facts);
}

static bool get_facts(const json_t *o, void *base)
{
	struct question *q = &((struct event *)base)->question;
	const json_t *facts = json_object_get(o, "facts");

	for (size_t i = 0; i < json_array_size(facts) && i < QUESTION_FACTS; i++) {
		const json_t *fact = json_array_get(facts, i);
		const char *text = json_string_value(json_object_get(fact, "text"));

		if (!message_get(fact, &q->facts[i]))
			message_set(&q->facts[i], MSG_SAID, "text=%s", text ? text : "");
		q->fact_count++;
	}
	return true;
}

/* What could not be checked is one of the facts; older readers find it as text. */
static bool is_unchecked(const struct message *fact)
{
	bool is = fact->id == MSG_NO_MANIFEST || fact->id == MSG_SIZE_UNKNOWN || fact->id == MSG_SAID;

	for (size_t i = 0; i < fact->part_count; i++)
		is |= fact->parts[i].id == MSG_SERVER_NOT_ASKED;
	return is;
}

static int put_unchecked(json_t *o, const void *base)
{
	const struct question *q = &((const struct event *)base)->question;
	char all[TEXT_SIZE] = "", text[TEXT_SIZE];
	size_t used = 0;

	for (size_t i = 0; i < q->fact_count && used < sizeof(all); i++)
		if (is_unchecked(&q->facts[i]))
			used += (size_t)snprintf(all + used, sizeof(all) - used, "%s%s", used ? "; " : "",
						 message_text(&q->facts[i], FOR_RECORD, text, sizeof(text)));
	text_safe_str(text, sizeof(text), all);	/* cut, it may end within a letter */
	return json_object_set_new(o, "unchecked", json_string(text));
}

/* Where there are no facts beside it. */
static bool get_unchecked(const json_t *o, void *base)
{
	struct question *q = &((struct event *)base)->question;
	const char *text = json_string_value(json_object_get(o, "unchecked"));

	if (text && text[0] && !json_object_get(o, "facts"))
		message_set(&q->facts[q->fact_count++], MSG_SAID, "text=%s", text);
	return true;
}

static const struct field question_fields[] = {
	TEXT("model", FIELD_ALWAYS, question.module.model),
	TEXT("imei", FIELD_ALWAYS, question.module.imei),
	TEXT("port", FIELD_ALWAYS, question.module.port),
	TEXT("from", FIELD_ALWAYS, question.from),
	TEXT("to", FIELD_ALWAYS, question.to),
	TEXT("package", FIELD_ALWAYS, question.package),
	AMOUNT("size", question.size),
	TEXT("sha256", FIELD_ALWAYS, question.sha256),
	NAME("method", FIELD_NEEDED, question.route, method_name),
	NAME("route", FIELD_LATER, question.route, route_name),
	TEXT("command", FIELD_ALWAYS, question.command),
	OWN(put_unchecked, get_unchecked),
	OWN(put_facts, get_facts),
};

/* --- result */

static int put_outcome(json_t *o, const void *base)
{
	const struct result *r = &((const struct event *)base)->result;

	return json_object_set_new(o, "outcome", json_string(r->outcome == OUTCOME_STOPPED ?
				   err_info(r->stop)->name : outcome_info(r->outcome)->name));
}

static bool get_outcome(const json_t *o, void *base)
{
	struct result *r = &((struct event *)base)->result;
	const json_t *value = json_object_get(o, "outcome");
	int outcome = field_named(value, outcome_name);
	int stop = field_named(value, stop_name);

	if (outcome < 0 && stop < 0)
		return false;
	r->outcome = outcome < 0 ? OUTCOME_STOPPED : (enum outcome)outcome;
	if (outcome < 0)
		r->stop = (enum err_code)stop;
	return true;
}

static const struct field code_fields[] = {
	TEXT("table", FIELD_NEEDED, result.code.table),
	{ .key = "number", .kind = FIELD_INT, .rule = FIELD_NEEDED, FIELD(struct event, result.code.number),
	  .min = INT32_MIN, .max = INT32_MAX },
	TEXT("meaning", FIELD_ALWAYS, result.code.meaning),
	TEXT("family", FIELD_ALWAYS, result.code.family),
};

static int put_code(json_t *o, const void *base)
{
	const struct event *ev = base;
	json_t *code;

	if (!ev->result.code.present)
		return json_object_set_new(o, "code", json_null());
	code = json_object();
	if (!code || PUT(code, code_fields, ev) < 0) {
		json_decref(code);
		return -1;
	}
	return json_object_set_new(o, "code", code);
}

static bool get_code(const json_t *o, void *base)
{
	struct event *ev = base;
	struct code *code = &ev->result.code;

	code->present = GET(json_object_get(o, "code"), code_fields, ev);
	if (!code->present)
		memset(code, 0, sizeof(*code));
	return true;
}

static bool get_nothing(const json_t *o, void *base)
{
	(void)o;
	(void)base;
	return true;
}

static int put_what(json_t *o, const void *base)
{
	const struct message *what = &((const struct event *)base)->result.what;

	if (put_words(o, "message", what) < 0)
		return -1;
	if (what->id == MSG_NONE || what->id == MSG_SAID)
		return json_object_set_new(o, "id", json_null());
	return message_put(o, what);
}

static bool get_what(const json_t *o, void *base)
{
	get_message(o, "message", &((struct event *)base)->result.what);
	return true;
}

/* By the other values, so it is not read. */
static int put_safety(json_t *o, const void *base)
{
	const struct result *r = &((const struct event *)base)->result;
	char text[TEXT_SIZE];

	return json_object_set_new(o, "safety", json_string(
		message_plain(result_safety(r), FOR_RECORD, text, sizeof(text))));
}

static int put_result_settings(json_t *o, const void *base)
{
	return settings_put(o, &((const struct event *)base)->result.settings);
}

static bool get_result_settings(const json_t *o, void *base)
{
	settings_get(o, &((struct event *)base)->result.settings);
	return true;
}

/* The outcome is read last: it knows best why a run stopped. */
static const struct field result_fields[] = {
	OWN(put_outcome, get_nothing),
	{ .key = "exit", .kind = FIELD_INT, FIELD(struct event, result.exit_status), .max = 255 },
	NAME("step", FIELD_NEEDED, result.step, step_name),
	NAME("phase", FIELD_ALWAYS, result.phase, phase_name),
	NAME("job", FIELD_ALWAYS, result.job, job_name),
	NAME("stop", FIELD_SOME, result.stop, stop_name),
	TEXT("from", FIELD_OR_NULL, result.from),
	TEXT("to", FIELD_OR_NULL, result.to),
	TEXT("now", FIELD_OR_NULL, result.now),
	OWN(put_code, get_code),
	OWN(put_what, get_what),
	TEXT("cause", FIELD_ALWAYS, result.cause),
	TEXT("advice", FIELD_ALWAYS, result.advice),
	OWN(put_result_settings, get_result_settings),
	OWN(put_safety, get_nothing),
	TEXT("record", FIELD_OR_NULL, result.record),
	OWN(put_nothing, get_outcome),
};

/* --- port: an empty list has no path and nothing else */

static int put_problem(json_t *o, const void *base)
{
	const struct message *m = &((const struct event *)base)->port.info.problem;
	char text[2 * TEXT_SIZE];

	if (m->id == MSG_NONE)
		return json_object_set_new(o, "problem", json_null());
	message_advice(m, FOR_RECORD, text, sizeof(text));
	return json_object_set_new(o, "problem", json_string(text)) | message_put(o, m);
}

static bool get_problem(const json_t *o, void *base)
{
	struct message *m = &((struct event *)base)->port.info.problem;
	const char *text = json_string_value(json_object_get(o, "problem"));

	if (!message_get(o, m) && text)
		message_set(m, MSG_SAID, "text=%s", text);
	return true;
}

static const struct field port_fields[] = {
	TEXT("path", FIELD_NEEDED, port.info.path),
	TEXT("description", FIELD_ALWAYS, port.info.description),
	TEXT("driver", FIELD_ALWAYS, port.info.driver),
	FLAG("at", FIELD_ALWAYS, port.info.likely_at),
	TEXT("holder", FIELD_OR_NULL, port.info.holder),
	OWN(put_problem, get_problem),
};

#define USB_ID(k, m, most) { .key = k, .kind = FIELD_INT, FIELD(struct event, m), .none = -1, .min = -1, .max = most }

static const struct field port_usb_fields[] = {
	USB_ID("vid", port.info.usb_vid, UINT16_MAX),
	USB_ID("pid", port.info.usb_pid, UINT16_MAX),
	USB_ID("interface", port.info.usb_interface, 255),
	TEXT("usb_path", FIELD_ALWAYS, port.info.usb_path),
	TEXT("serial", FIELD_OR_NULL, port.info.serial),
};

static int put_port(json_t *o, const void *base)
{
	const struct event *ev = base;

	if (ev->port.count == 0)
		return json_object_set_new(o, "path", json_null());
	if (PUT(o, port_fields, ev) < 0)
		return -1;
	return ev->port.info.usb_vid >= 0 ? PUT(o, port_usb_fields, ev) : 0;
}

static bool get_port(const json_t *o, void *base)
{
	struct event *ev = base;

	if (json_is_null(json_object_get(o, "path")))
		return true;
	ev->port.count = 1;
	GET(o, port_usb_fields, ev);	/* none of which it needs */
	return GET(o, port_fields, ev);
}

static const struct field port_rows[] = { OWN(put_port, get_port) };

/* --- package, data, answer, record */

static const struct field package_fields[] = {
	TEXT("name", FIELD_ALWAYS, package.name),
	AMOUNT("size", package.size),
	TEXT("sha256", FIELD_ALWAYS, package.sha256),
	AMOUNT("escapes", package.escapes),
	FLAG("manifest", FIELD_ALWAYS, package.has_manifest),
	TEXT("model", FIELD_ALWAYS, package.model),
	TEXT("from", FIELD_ALWAYS, package.from),
	TEXT("to", FIELD_ALWAYS, package.to),
};

static const struct field data_fields[] = {
	AMOUNT("offset", data.offset),
	AMOUNT("size", data.size),
	TEXT("sha256", FIELD_ALWAYS, data.sha256),
};

static const struct field answer_fields[] = {
	NAME("answer", FIELD_NEEDED, answer, answer_name),
};

static const struct field record_fields[] = {
	TEXT("path", FIELD_NEEDED, record),
};

/* --- plan, setting */

static int put_plan(json_t *o, const void *base)
{
	const struct command_plan *plan = &((const struct event *)base)->plan;
	json_t *commands = json_array();
	const char *at = plan->commands;

	while (commands && *at) {
		size_t size = strcspn(at, "\n");

		if (json_array_append_new(commands, json_stringn(at, size)) < 0) {
			json_decref(commands);
			return -1;
		}
		at += size + (at[size] == '\n');
	}
	return json_object_set_new(o, "commands", commands) | settings_put(o, &plan->settings);
}

static bool get_plan(const json_t *o, void *base)
{
	struct command_plan *plan = &((struct event *)base)->plan;
	const json_t *commands = json_object_get(o, "commands");
	size_t used = 0;

	for (size_t i = 0; i < json_array_size(commands) && used + 1 < sizeof(plan->commands); i++) {
		const char *text = json_string_value(json_array_get(commands, i));
		char safe[TEXT_SIZE];

		text_safe_str(safe, sizeof(safe), text ? text : "");
		used += (size_t)snprintf(plan->commands + used, sizeof(plan->commands) - used, "%s\n", safe);
	}
	settings_get(o, &plan->settings);
	return true;
}

static const struct field plan_fields[] = { OWN(put_plan, get_plan) };

static int put_setting(json_t *o, const void *base)
{
	return setting_put(o, &((const struct event *)base)->setting);
}

static bool get_setting(const json_t *o, void *base)
{
	return setting_get(o, &((struct event *)base)->setting);
}

static const struct field setting_fields[] = { OWN(put_setting, get_setting) };

/* --- events */

/* PRINTED: what --json has besides, and no record. */
#define OF(type_name, its_rows) { .name = type_name, .rows = its_rows }
#define EVENT(type_name, rows) OF(type_name, (&(const struct line_fields){ rows, COUNT(rows) }))

static const struct {
	const char *name;
	const struct line_fields *rows, *printed;
} types[] = {
	[EVENT_STEP] = EVENT("step", step_fields),
	[EVENT_IDENTITY] = EVENT("identity", identity_fields),
	[EVENT_PROGRESS] = EVENT("progress", progress_fields),
	[EVENT_NOTICE] = EVENT("notice", notice_fields),
	[EVENT_LINE] = EVENT("line", line_fields),
	[EVENT_QUESTION] = EVENT("question", question_fields),
	[EVENT_RESULT] = { "result", &(const struct line_fields){ result_fields, COUNT(result_fields) }, &printed_result },
	[EVENT_PORT] = EVENT("port", port_rows),
	[EVENT_PACKAGE] = EVENT("package", package_fields),
	[EVENT_DATA] = EVENT("data", data_fields),
	[EVENT_ANSWER] = EVENT("answer", answer_fields),
	[EVENT_RECORD] = EVENT("record", record_fields),
	[EVENT_PLAN] = EVENT("plan", plan_fields),
	[EVENT_SETTING] = EVENT("setting", setting_fields),
	[EVENT_BEGIN] = OF("start", &begin_line_fields),
	[EVENT_CHECKS] = OF("checks", &checks_fields),
	[EVENT_START] = OF("header", &start_fields),
	[EVENT_INTENT] = OF("intent", &intent_fields),
	[EVENT_RESUMED] = OF("resumed", &resumed_fields),
	[EVENT_CLOSED] = OF("closed", &closed_fields),
	[EVENT_SHOWN] = OF("shown", &shown_fields),
	[EVENT_GAP] = OF("gap", &gap_fields),
};
static_assert(COUNT(types) == EVENT_COUNT, "a row an event");

static const struct field time_field = {
	.key = "t", .kind = FIELD_SECONDS, FIELD(struct event, t_ms),
};

const char *event_name(int type)
{
	return type >= 0 && type < EVENT_COUNT ? types[type].name : NULL;
}

/* The first line is before all time, and who adds a line to a record that
 * another program wrote does not know its time. */
static bool has_time(enum event_type type)
{
	return type != EVENT_START && type != EVENT_CLOSED && type != EVENT_SHOWN;
}

static int put_rows(json_t *o, const struct line_fields *rows, const struct event *ev)
{
	return rows ? fields_put(o, rows->fields, rows->count, ev) : 0;
}

/* EV as an object, NULL when memory runs out. FROM: as it is printed, else as it is recorded. */
static json_t *object_of(const struct event *ev, const struct event_source *from)
{
	json_t *o = json_object();

	if (o && json_object_set_new(o, "type", json_string(types[ev->type].name)) == 0 &&
	    put_rows(o, types[ev->type].rows, ev) == 0 &&
	    (!from || (put_rows(o, types[ev->type].printed, ev) == 0 && printed_source(o, from) == 0)) &&
	    (!has_time(ev->type) || fields_put(o, &time_field, 1, ev) == 0))
		return o;
	json_decref(o);
	return NULL;
}

/* A result without memory for it: what a program reads to know that it is over. */
static void print_bare_result(FILE *out, const struct event *ev)
{
	static const char *const changes[] = {"false", "true", "null"};
	const struct result *r = &ev->result;

	fprintf(out, "{\"type\":\"result\",\"outcome\":\"%s\",\"exit\":%d,\"message\":\"no memory for more than this\","
		"\"advice\":\"See the record.\",\"changed\":%s,\"t\":%lld}\n", result_name(r), r->exit_status,
		changes[result_change(r)], (long long)ev->t_ms / 1000);
}

/* O as text, to be freed; NULL without memory. Not json_dumps(): that one grows
 * its text, and leaves out a sign where it can't (jansson 2.14). */
static char *text_of(const json_t *o)
{
	size_t size = json_dumpb(o, NULL, 0, JSON_FLAGS);
	char *line = size > 0 ? malloc(size + 1) : NULL;

	if (line && json_dumpb(o, line, size, JSON_FLAGS) == size) {	/* it may want memory as well */
		line[size] = '\0';
		return line;
	}
	free(line);
	return NULL;
}

int event_json_print(FILE *out, const struct event *ev, const struct event_source *from)
{
	const struct event_source none = {NULL, NULL};
	json_t *o = object_of(ev, from ? from : &none);
	char *line = o ? text_of(o) : NULL;
	int r = line ? 0 : -1;

	json_decref(o);
	/* all of it is there before the first byte goes out */
	if (line)
		fprintf(out, "%s\n", line);
	free(line);
	if (!line && ev->type == EVENT_RESULT)
		print_bare_result(out, ev);
	return r;
}

int event_json(char *out, size_t out_size, const struct event *ev)
{
	json_t *o = object_of(ev, NULL);
	size_t size = o ? json_dumpb(o, out, out_size, JSON_FLAGS) : 0;

	json_decref(o);
	if (size == 0 || size >= out_size)
		return -1;
	out[size] = '\0';
	return (int)size;
}

bool event_parse(const char *line, size_t size, struct event *ev)
{
	json_t *o;
	int type;
	bool good;

	if (line_quick(line, size, ev))
		return true;
	o = json_loadb(line, size, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
	type = field_named(json_object_get(o, "type"), event_name);
	good = type >= 0;
	if (good) {
		memset(ev, 0, sizeof(*ev));
		ev->type = (enum event_type)type;
		fields_get(o, &time_field, 1, ev);
		good = fields_get(o, types[type].rows->fields, types[type].rows->count, ev);
	}
	json_decref(o);
	return good;
}

const char *event_json_library(void)
{
	return jansson_version_str();
}

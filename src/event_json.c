#include "config.h"
#include "event_json.h"

#include <jansson.h>
#include <string.h>

/* Six digits after the point say enough of seconds and shares. */
#define JSON_FLAGS (JSON_COMPACT | JSON_REAL_PRECISION(9))

static json_t *text_or_null(const char *s)
{
	return s[0] ? json_string(s) : json_null();
}

static void set_code(json_t *o, const struct code *code)
{
	if (!code->present) {
		json_object_set_new(o, "code", json_null());
		return;
	}
	json_object_set_new(o, "code",
			    json_pack("{s:s, s:i, s:s, s:s}", "table", code->table,
				      "number", code->number,
				      "meaning", code->meaning,
				      "family", code->family));
}

static json_t *step_object(const struct event *ev)
{
	return json_pack("{s:s, s:s, s:s}", "type", "step",
			 "step", step_info(ev->step.step)->name,
			 "state", ev->step.begin ? "begin" : "end");
}

static json_t *identity_object(const struct event *ev)
{
	const struct identity *id = &ev->identity;

	return json_pack("{s:s, s:s, s:s, s:s, s:s}", "type", "identity",
			 "model", id->model, "version", id->version,
			 "imei", id->imei, "port", id->port);
}

static json_t *progress_object(const struct event *ev)
{
	static const char *const units[] = {
		[UNIT_NONE] = "none",
		[UNIT_BYTES] = "bytes",
		[UNIT_PERCENT] = "percent",
	};

	return json_pack("{s:s, s:s, s:I, s:I, s:s, s:f}", "type", "progress",
			 "step", step_info(ev->progress.step)->name,
			 "done", (json_int_t)ev->progress.done,
			 "total", (json_int_t)ev->progress.total,
			 "unit", units[ev->progress.unit],
			 "overall", ev->progress.overall);
}

static json_t *notice_object(const struct event *ev)
{
	static const char *const severities[] = {
		[SEVERITY_INFO] = "info",
		[SEVERITY_WARNING] = "warning",
		[SEVERITY_ERROR] = "error",
	};

	return json_pack("{s:s, s:s, s:s}", "type", "notice",
			 "severity", severities[ev->notice.severity],
			 "text", ev->notice.text);
}

static json_t *line_object(const struct event *ev)
{
	return json_pack("{s:s, s:s, s:s}", "type", "line",
			 "dir", ev->line.dir == LINE_TX ? "tx" : "rx",
			 "text", ev->line.text);
}

static json_t *question_object(const struct event *ev)
{
	const struct question *q = &ev->question;

	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:s, s:s, s:s}",
			 "type", "question", "model", q->module.model,
			 "imei", q->module.imei, "from", q->from, "to", q->to,
			 "package", q->package, "size", (json_int_t)q->size,
			 "sha256", q->sha256, "method",
			 q->delivery == DELIVERY_PULL ? "pull" : "push",
			 "command", q->command);
}

static json_t *result_object(const struct event *ev)
{
	const struct result *r = &ev->result;
	json_t *o = json_pack("{s:s, s:s, s:i, s:s, s:o, s:o, s:o}",
			      "type", "result",
			      "outcome", r->outcome == OUTCOME_STOPPED ?
				err_info(r->stop)->name : outcome_info(r->outcome)->name,
			      "exit", r->exit_status,
			      "step", step_info(r->step)->name,
			      "from", text_or_null(r->from),
			      "to", text_or_null(r->to),
			      "now", text_or_null(r->now));

	if (!o)
		return NULL;
	set_code(o, &r->code);
	json_object_set_new(o, "message", json_string(r->message));
	json_object_set_new(o, "advice", json_string(r->advice));
	json_object_set_new(o, "record", text_or_null(r->record));
	return o;
}

static json_t *port_object(const struct event *ev)
{
	const struct port_info *p = &ev->port.info;
	json_t *o;

	if (ev->port.count == 0)
		return json_pack("{s:s, s:n}", "type", "port", "path");
	o = json_pack("{s:s, s:s, s:s, s:s, s:b, s:o, s:o}", "type", "port",
		      "path", p->path, "description", p->description,
		      "driver", p->driver, "at", p->likely_at,
		      "holder", text_or_null(p->holder),
		      "problem", text_or_null(p->problem));
	if (o && p->usb_vid >= 0) {
		json_object_set_new(o, "vid", json_integer(p->usb_vid));
		json_object_set_new(o, "pid", json_integer(p->usb_pid));
		json_object_set_new(o, "interface", json_integer(p->usb_interface));
		json_object_set_new(o, "usb_path", json_string(p->usb_path));
		json_object_set_new(o, "serial", text_or_null(p->serial));
	}
	return o;
}

int event_json(char *out, size_t out_size, const struct event *ev)
{
	static json_t *(*const objects[])(const struct event *) = {
		[EVENT_STEP] = step_object,
		[EVENT_IDENTITY] = identity_object,
		[EVENT_PROGRESS] = progress_object,
		[EVENT_NOTICE] = notice_object,
		[EVENT_LINE] = line_object,
		[EVENT_QUESTION] = question_object,
		[EVENT_RESULT] = result_object,
		[EVENT_PORT] = port_object,
	};
	json_t *o = objects[ev->type](ev);
	size_t size;

	if (!o)
		return -1;
	json_object_set_new(o, "t", json_real((double)ev->t_ms / 1000));
	size = json_dumpb(o, out, out_size, JSON_FLAGS);
	json_decref(o);
	if (size == 0 || size >= out_size)
		return -1;
	out[size] = '\0';
	return (int)size;
}

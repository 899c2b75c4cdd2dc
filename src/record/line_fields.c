#include "config.h"

#include "record/line_fields.h"

#include <stdio.h>

#include "record/names.h"

/* Older records say the route with a flag and a URL. */
static int put_relay(json_t *o, const void *base)
{
	const struct plan *plan = &((const struct event *)base)->start.plan;

	return plan->route != ROUTE_RELAY ? 0 : json_object_set_new(o, "relay", json_true());
}

static bool get_relay(const json_t *o, void *base)
{
	struct plan *plan = &((struct event *)base)->start.plan;

	if (json_is_true(json_object_get(o, "relay")))
		plan->route = ROUTE_RELAY;
	else if (plan->publish[0])
		plan->route = ROUTE_PUBLISH;
	return true;
}

static const struct field start[] = {
	NUMBER("format", FIELD_SOME, start.format),
	TEXT("program", FIELD_SOME, start.by.program),
	TEXT("libraries", FIELD_SOME, start.by.libraries),
	TEXT("host", FIELD_SOME, start.by.host),
	TEXT("system", FIELD_SOME, start.by.system),
	WHEN("when", FIELD_SOME, start.by.when_s),
	NUMBER("pid", FIELD_SOME, start.by.pid),
	NAME("job", FIELD_ALWAYS, start.plan.job, job_name),
	TEXT("port", FIELD_SOME, start.plan.port),
	NUMBER("baud", FIELD_SOME, start.plan.baud),
	NAME("method", FIELD_ALWAYS, start.plan.route, method_name),
	TEXT("file", FIELD_SOME, start.plan.file),
	TEXT("url", FIELD_SOME, start.plan.url),
	TEXT("publish", FIELD_SOME, start.plan.publish),
	TEXT("target", FIELD_SOME, start.plan.target),
	TEXT("manifest", FIELD_SOME, start.plan.manifest),
	TEXT("profile", FIELD_SOME, start.plan.profile),
	TEXT("imei", FIELD_SOME, start.plan.imei),
	TEXT("com_command", FIELD_SOME, start.plan.com_command),
	OWN(put_relay, get_relay),
	NAME("route", FIELD_LATER, start.plan.route, route_name),
	FLAG("overwrite", FIELD_SOME, start.plan.overwrite),
	FLAG("verify_source", FIELD_SOME, start.plan.verify_source),
	FLAG("yes", FIELD_SOME, start.plan.assume_yes),
	FLAG("demo", FIELD_SOME, start.plan.demo),
	FLAG("if_needed", FIELD_SOME, start.plan.if_needed),
	FLAG("keep_settings", FIELD_SOME, start.plan.keep_settings),
	NUMBER("com_timeout", FIELD_SOME, start.plan.com_timeout_s),
	NUMBER("watch_timeout", FIELD_SOME, start.plan.watch_timeout_s),
	NUMBER("return_timeout", FIELD_SOME, start.plan.return_timeout_s),
	NUMBER("start_timeout", FIELD_SOME, start.plan.start_timeout_s),
	NUMBER("supply_min", FIELD_SOME, start.plan.supply_min_mv),
};

static const struct field resumed[] = {
	TEXT("program", FIELD_SOME, resumed.program),
	TEXT("libraries", FIELD_SOME, resumed.libraries),
	TEXT("host", FIELD_SOME, resumed.host),
	WHEN("when", FIELD_SOME, resumed.when_s),
	NUMBER("pid", FIELD_SOME, resumed.pid),
};

/* The same in one sentence, for a person. */
static int put_intent_text(json_t *o, const void *base)
{
	const struct open_upgrade *open = &((const struct event *)base)->intent;
	char text[TEXT_SIZE];

	snprintf(text, sizeof(text), open->intent == INTENT_INSTALL ? "install %s over %s on %s, IMEI %s" :
		 open->intent == INTENT_TRANSFER ? "send %s over %s to %s, IMEI %s" :
		 "prepare %s over %s on %s, IMEI %s", open->to, open->module.version, open->module.model,
		 open->module.imei);
	return json_object_set_new(o, "text", json_string(text));
}

static int put_closed_text(json_t *o, const void *base)
{
	(void)base;
	return json_object_set_new(o, "text", json_string("abandoned by the operator"));
}

static bool get_nothing(const json_t *o, void *base)
{
	(void)o;
	(void)base;
	return true;
}

/* What an intent does not say is taken for the worse: the gate. */
static const struct field intent[] = {
	{ .key = "what", .kind = FIELD_NAME, FIELD(struct event, intent.intent), .name = intent_name,
	  .none = INTENT_INSTALL },
	WHEN("when", FIELD_ALWAYS, intent.when_s),
	TEXT("model", FIELD_ALWAYS, intent.module.model),
	TEXT("imei", FIELD_ALWAYS, intent.module.imei),
	TEXT("from", FIELD_ALWAYS, intent.module.version),
	TEXT("to", FIELD_ALWAYS, intent.to),
	NAME("method", FIELD_ALWAYS, intent.route, method_name),
	NAME("route", FIELD_LATER, intent.route, route_name),
	TEXT("port", FIELD_ALWAYS, intent.module.port),
	NUMBER("baud", FIELD_ALWAYS, intent.baud),
	TEXT("profile", FIELD_ALWAYS, intent.module.profile),
	TEXT("usb", FIELD_SOME, intent.module.usb_path),
	{ .key = "interface", .rule = FIELD_SOME, .kind = FIELD_INT,
	  FIELD(struct event, intent.module.usb_interface), .none = -1 },
	TEXT("serial", FIELD_SOME, intent.module.serial),
	NUMBER("timeout", FIELD_ALWAYS, intent.com_timeout_s),
	AMOUNT("size", intent.size),
	TEXT("sha256", FIELD_ALWAYS, intent.sha256),
	OWN(put_intent_text, get_nothing),
};

static const struct field closed[] = {
	WHEN("when", FIELD_ALWAYS, when_s),
	OWN(put_closed_text, get_nothing),
};

static const struct field shown[] = { WHEN("when", FIELD_ALWAYS, when_s) };

static const struct field gap[] = {
	AMOUNT("lines", gap.lines),
	NAME("why", FIELD_ALWAYS, gap.why, gap_name),
};

#define TABLE(rows) { rows, COUNT(rows) }

const struct line_fields start_fields = TABLE(start);
const struct line_fields intent_fields = TABLE(intent);
const struct line_fields resumed_fields = TABLE(resumed);
const struct line_fields closed_fields = TABLE(closed);
const struct line_fields shown_fields = TABLE(shown);
const struct line_fields gap_fields = TABLE(gap);

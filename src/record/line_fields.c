#include "config.h"
#include "record/line_fields.h"

#include "record/event_json.h"
#include "record/json_fields.h"

#define SOME(kind_, k, m) { .key = k, .rule = FIELD_SOME, .kind = kind_, FIELD(struct record_header, m) }
#define TEXT(k, m) SOME(FIELD_TEXT, k, m)
#define NUMBER(k, m) SOME(FIELD_INT, k, m)
#define FLAG(k, m) SOME(FIELD_FLAG, k, m)

/* Older records say the route with a flag and a URL. */
static int put_relay(json_t *o, const void *base)
{
	const struct record_header *h = base;

	return h->plan.route != ROUTE_RELAY ? 0 : json_object_set_new(o, "relay", json_true());
}

static bool get_relay(const json_t *o, void *base)
{
	struct record_header *h = base;

	if (json_is_true(json_object_get(o, "relay")))
		h->plan.route = ROUTE_RELAY;
	else if (h->plan.publish[0])
		h->plan.route = ROUTE_PUBLISH;
	return true;
}

static const struct field header[] = {
	NUMBER("format", format),
	TEXT("program", program),
	TEXT("libraries", libraries),
	TEXT("host", host),
	TEXT("system", system),
	TEXT("when", when),
	NUMBER("pid", pid),
	{ .key = "job", .kind = FIELD_NAME, FIELD(struct record_header, plan.job), .name = job_name },
	TEXT("port", plan.port),
	NUMBER("baud", plan.baud),
	{ .key = "method", .kind = FIELD_NAME, FIELD(struct record_header, plan.route), .name = method_name },
	TEXT("file", plan.file),
	TEXT("url", plan.url),
	TEXT("publish", plan.publish),
	TEXT("target", plan.target),
	TEXT("manifest", plan.manifest),
	TEXT("profile", plan.profile),
	TEXT("imei", plan.imei),
	TEXT("com_command", plan.com_command),
	{ .key = "relay", .kind = FIELD_OWN, .put = put_relay, .get = get_relay },
	{ .key = "route", .rule = FIELD_LATER, .kind = FIELD_NAME, FIELD(struct record_header, plan.route), .name = route_name },
	FLAG("overwrite", plan.overwrite),
	FLAG("verify_source", plan.verify_source),
	FLAG("yes", plan.assume_yes),
	FLAG("if_needed", plan.if_needed),
	NUMBER("com_timeout", plan.com_timeout_s),
	NUMBER("watch_timeout", plan.watch_timeout_s),
	NUMBER("return_timeout", plan.return_timeout_s),
	NUMBER("start_timeout", plan.start_timeout_s),
	NUMBER("supply_min", plan.supply_min_mv),
};

static const struct field resumed[] = {
	TEXT("program", program),
	TEXT("libraries", libraries),
	TEXT("host", host),
	TEXT("when", when),
	NUMBER("pid", pid),
	{ .key = "t", .kind = FIELD_SECONDS, FIELD(struct record_header, t_ms) },
};
#undef SOME
#undef TEXT
#undef NUMBER
#undef FLAG

#define TEXT(k, m) { .key = k, .kind = FIELD_TEXT, FIELD(struct record_statement, m) }
#define NUMBER(k, m) { .key = k, .kind = FIELD_INT, FIELD(struct record_statement, m) }

/* What an intent does not tell is taken for the worse: the gate. */
static const struct field intent[] = {
	{ .key = "what", .kind = FIELD_NAME, FIELD(struct record_statement, open.intent), .name = intent_name,
	  .none = INTENT_INSTALL },
	TEXT("when", when),
	TEXT("model", open.module.model),
	TEXT("imei", open.module.imei),
	TEXT("from", open.module.version),
	TEXT("to", open.to),
	{ .key = "method", .kind = FIELD_NAME, FIELD(struct record_statement, open.route), .name = method_name },
	{ .key = "route", .rule = FIELD_LATER, .kind = FIELD_NAME, FIELD(struct record_statement, open.route), .name = route_name },
	TEXT("port", open.module.port),
	NUMBER("baud", open.baud),
	TEXT("profile", open.module.profile),
	{ .key = "usb", .rule = FIELD_SOME, .kind = FIELD_TEXT, FIELD(struct record_statement, open.module.usb_path) },
	{ .key = "interface", .rule = FIELD_SOME, .kind = FIELD_INT,
	  FIELD(struct record_statement, open.module.usb_interface), .none = -1 },
	{ .key = "serial", .rule = FIELD_SOME, .kind = FIELD_TEXT, FIELD(struct record_statement, open.module.serial) },
	NUMBER("timeout", open.com_timeout_s),
	{ .key = "size", .kind = FIELD_COUNT, FIELD(struct record_statement, open.size) },
	TEXT("sha256", open.sha256),
	TEXT("text", text),
	{ .key = "t", .kind = FIELD_SECONDS, FIELD(struct record_statement, t_ms) },
};
#undef TEXT
#undef NUMBER

#define TABLE(rows) { rows, sizeof(rows) / sizeof((rows)[0]) }

const struct line_fields header_line_fields = TABLE(header);
const struct line_fields resumed_line_fields = TABLE(resumed);
const struct line_fields intent_line_fields = TABLE(intent);

#include "config.h"

#include "record/printed.h"

#include "record/names.h"

static const struct field begin_rows[] = {
	NUMBER("schema", FIELD_ALWAYS, start.format),
	TEXT("program", FIELD_ALWAYS, start.by.program),
	WHEN("when", FIELD_ALWAYS, start.by.when_s),
	TEXT("port", FIELD_OR_NULL, start.plan.port),
	NAME("job", FIELD_ALWAYS, start.plan.job, job_name),
};

const struct line_fields begin_line_fields = { begin_rows, COUNT(begin_rows) };

#define FOUND(k, m) { .key = k, .kind = FIELD_INT, .rule = FIELD_OR_NULL, FIELD(struct event, m), .none = -1 }

static const struct field checks_rows[] = {
	FOUND("supply_mv", checks.supply_mv),
	FOUND("rssi", checks.rssi),
	TEXT("sim", FIELD_OR_NULL, checks.sim),
	FOUND("registration", checks.registration),
};

const struct line_fields checks_fields = { checks_rows, COUNT(checks_rows) };

static int put_changed(json_t *o, const void *base)
{
	enum change change = result_change(&((const struct event *)base)->result);

	return json_object_set_new(o, "changed", change == CHANGE_UNKNOWN ? json_null() : json_boolean(change == CHANGE_DONE));
}

static const struct field result_rows[] = {
	OWN(put_changed, NULL),
	TEXT("unfinished", FIELD_OR_NULL, result.unfinished),
};

const struct line_fields printed_result = { result_rows, COUNT(result_rows) };

/* The port it was named by is the same in all its lines, whatever a line says of
 * the port where it is now. */
int printed_source(json_t *o, const struct event_source *from)
{
	if (!from->port)
		return 0;
	if (json_object_set_new(o, "port", json_string(from->port)) < 0)
		return -1;
	return from->imei[0] ? json_object_set_new(o, "imei", json_string(from->imei)) : 0;
}

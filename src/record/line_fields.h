/*
 * line_fields.h - the keys of a line as a table over struct event, and those of
 * the lines that stand in records only.
 *
 * For event_json.c. Threads: constant data.
 */
#ifndef DFOTA_RECORD_LINE_FIELDS_H
#define DFOTA_RECORD_LINE_FIELDS_H

#include <stddef.h>

#include "base/count.h"
#include "base/event.h"
#include "record/json_fields.h"

struct line_fields {
	const struct field *fields;
	size_t count;
};

extern const struct line_fields start_fields, intent_fields, resumed_fields, closed_fields, shown_fields,
	gap_fields;

/* Rows: a key, a rule, a member of struct event. */
#define TEXT(k, r, m) { .key = k, .kind = FIELD_TEXT, .rule = r, FIELD(struct event, m) }
#define AMOUNT(k, m) { .key = k, .kind = FIELD_COUNT, FIELD(struct event, m) }
#define NUMBER(k, r, m) { .key = k, .kind = FIELD_INT, .rule = r, FIELD(struct event, m) }
#define FLAG(k, r, m) { .key = k, .kind = FIELD_FLAG, .rule = r, FIELD(struct event, m) }
#define WHEN(k, r, m) { .key = k, .kind = FIELD_WHEN, .rule = r, FIELD(struct event, m) }
#define NAME(k, r, m, names) { .key = k, .kind = FIELD_NAME, .rule = r, FIELD(struct event, m), .name = names }
#define OWN(putter, getter) { .kind = FIELD_OWN, .put = putter, .get = getter }
#define PUT(o, rows, ev) fields_put(o, rows, COUNT(rows), ev)
#define GET(o, rows, ev) fields_get(o, rows, COUNT(rows), ev)

#endif

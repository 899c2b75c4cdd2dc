/*
 * event_json.h - an event as one JSON object, and back: the contract of `--json`
 * (design 5) and of the lines of a record.
 */
#ifndef DFOTA_EVENT_JSON_H
#define DFOTA_EVENT_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/event.h"

/* Write EV as one line of JSON without the line end into OUT. Returns its
 * length, or -1 when memory runs out or it does not fit. */
int event_json(char *out, size_t out_size, const struct event *ev);

/* The same to OUT, as --json prints it, with the line end, and without room for
 * it on the stack: with what no record holds (printed.h), and of which module of
 * several it is (FROM; NULL: there is one). 0, or -1 when memory runs out. */
int event_json_print(FILE *out, const struct event *ev, const struct event_source *from);

/* Read one line of JSON back, SIZE bytes without the line end. The text is
 * hostile: strings are made safe and cut, numbers brought into their range,
 * unknown keys skipped. False when it is no object, has a key twice, no known
 * type, or lacks what its type cannot do without. A result of a "stopped" run
 * has the name of its err_code as outcome. What the JSON does not say: the
 * index of a port; lines lost before this one; when the last byte of a
 * progress moved (for bytes: then; else -1); that no exact bytes of a line were
 * kept (they are those of the text). */
bool event_parse(const char *line, size_t size, struct event *ev);

/* enum event_type as in JSON: "line"; NULL for what is none. */
const char *event_name(int type);

/* "2.14": the version of the JSON library. */
const char *event_json_library(void);

#define EVENT_JSON_SIZE 49152	/* enough for any event */

#endif

/*
 * line_class.h - one line of a record: what kind it is, and when it was.
 */
#ifndef DFOTA_RECORD_LINE_CLASS_H
#define DFOTA_RECORD_LINE_CLASS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/event.h"

#define RECORD_LINE_MAX (64U << 10)	/* without the line end */

/* A class byte: the type of the event + 1, 0 where there is none, and two bits. */
#define CLASS_TYPE 0x3f
#define CLASS_URC 0x40
#define CLASS_ERROR 0x80

/* What a line says of itself. */
struct line_info {
	unsigned char class;
	bool bad;		/* no object with a type, or too long */
	bool parsed;		/* it was not enough to look at it */
	bool no_memory;		/* ... and could not be done */
	bool timed;
	int64_t t_ms;
	int pid;		/* > 0: of the program that writes from here on */
};

/* LINE is not looked at when SIZE says that it is too long. */
struct line_info line_info_of(const char *line, uint64_t size);

/* Whether events of TYPE, an enum event_type, stand in records at all. */
bool line_class_recorded(int type);

#endif

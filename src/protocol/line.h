/*
 * protocol/line.h - a received line, parsed once. Pure, as at.h.
 */
#ifndef DFOTA_PROTOCOL_LINE_H
#define DFOTA_PROTOCOL_LINE_H

#include "base/line.h"
#include "protocol/at.h"

/* A received line with what it is; TEXT lies in somebody else's buffer. */
struct at_line {
	struct slice text;
	struct line_meaning is;
};

/* What LINE is; blanks around it do not count. */
struct line_meaning line_parse(struct slice line);

#endif

/*
 * records.h - the commands that work on records: what was left open, which of
 * it to watch on, a report.
 *
 * Errors: as the units below; everything told is safe text.
 */
#ifndef DFOTA_COMMAND_RECORDS_H
#define DFOTA_COMMAND_RECORDS_H

#include <stdio.h>

#include "base/err.h"
#include "base/event.h"
#include "command/options.h"

/* Tell on OUT which upgrades were left open, and of the last result that nobody
 * saw because the terminal had gone; nothing when all is well. */
void records_print_open(FILE *out);

/* `dfota status`: upgrades left open, as lines or JSON. */
int records_status(const struct options *o, struct err *e);

/* The upgrade that `dfota resume` is to go on with: that of the record named, or the
 * only one open. 1 with OPEN, 0 when nothing is open (told on stdout), -1. With
 * --abandon it is closed, and 0 returned. */
int records_choose(const struct options *o, struct open_upgrade *open,
		    struct err *e);

/* `dfota report`: Markdown on stdout. */
int records_report(const struct options *o, struct err *e);

#endif

/*
 * records.h - the commands that work on records: unfinished upgrades, which of
 * them to keep watching, a report.
 *
 * Errors: as the units below; everything printed is safe text.
 */
#ifndef DFOTA_COMMAND_RECORDS_H
#define DFOTA_COMMAND_RECORDS_H

#include <stdio.h>

#include "base/err.h"
#include "base/event.h"
#include "command/options.h"

/* Print on OUT which upgrades are unfinished, and the last result that nobody
 * saw because the terminal had gone; nothing when all is well. */
void records_print_open(FILE *out);

/* `dfota status`: unfinished upgrades, as lines or JSON. */
int records_status(const struct options *o, struct err *e);

/* The upgrade that `dfota resume` is to go on with: that of the record named, or the
 * only one open. 1 with OPEN, 0 when nothing is open (printed on stdout), -1. With
 * --abandon it is closed, and 0 returned. */
int records_choose(const struct options *o, struct open_upgrade *open,
		   struct err *e);

/* `dfota report`: Markdown on stdout. */
int records_report(const struct options *o, struct err *e);

#endif

/*
 * report.h - a record as something to send: a support bundle in Markdown.
 *
 * Errors:  ERR_USAGE when OUT cannot be written.
 */
#ifndef DFOTA_REPORT_H
#define DFOTA_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"
#include "record/reader.h"

/*
 * Write R as Markdown: summary, time line, diagnosis, lines around the errors,
 * versions, digests. Redacted once more; everything from the record stands in
 * it so that it cannot become markup or control sequences. With ANONYMIZE the
 * IMEI, ICCID, IMSI, telephone numbers, addresses and host names are replaced
 * by short stand-ins, the same one for the same value.
 */
int report_write(FILE *out, struct record *r, bool anonymize, struct err *e);

#endif

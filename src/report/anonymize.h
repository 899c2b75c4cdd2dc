/*
 * anonymize.h - stand-ins for what names a person or a device: IMEI, ICCID,
 * IMSI, telephone numbers, addresses, host names.
 */
#ifndef DFOTA_REPORT_ANONYMIZE_H
#define DFOTA_REPORT_ANONYMIZE_H

#include <stddef.h>

#include "record/reader.h"

struct names;

/* The names that stand in R. NULL when memory runs out. */
struct names *names_read(struct record *r);
void names_free(struct names *n);

/* TEXT with stand-ins for names: those known, and those that look like names.
 * The same name gets the same stand-in. Returns OUT. */
char *names_replace(struct names *n, char *out, size_t size, const char *text);

#endif

/*
 * bundle.h - what every part of a report needs: where it goes, the record it is
 * made of, and the record's text as it may be shown.
 */
#ifndef DFOTA_REPORT_BUNDLE_H
#define DFOTA_REPORT_BUNDLE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "record/reader.h"

struct names;

struct bundle {
	FILE *out;
	struct record *r;
	struct names *names;	/* of persons and devices, to be replaced; NULL: they stay */
};

/* TEXT of the record as it may be shown: redacted once more, anonymized, and
 * cut to SIZE - 1 bytes at a word. Returns OUT. */
char *bundle_clean(const struct bundle *b, char *out, size_t size, const char *text);

/* "12.060" */
#define TIME_FORMAT "%lld.%03lld"
#define TIME_ARGS(ms) (long long)((ms) / 1000), (long long)((ms) % 1000)

#endif

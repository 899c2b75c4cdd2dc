/*
 * version.h - versions of firmware: a base and, where it is told, a sub-version,
 * as in BG96MAR02A07M1G_01.018.01.018. ATI and AT+CGMR report the base, AT+QGMR
 * both; releases are named in either form, and the sub-version in a longer or a
 * shorter one (protocol.md 10). The case of letters does not count.
 *
 * Threads: stateless.
 */
#ifndef DFOTA_VERSION_H
#define DFOTA_VERSION_H

#include <stdbool.h>

enum version_match {
	VERSION_OTHER,
	VERSION_BASE,	/* the same base; of one of them no sub-version is known */
	VERSION_SAME,
};

enum version_match version_compare(const char *a, const char *b);

/* Its sub-version, which may be of zeros only: not ready yet (protocol.md 7). "" where it has none. */
const char *version_sub(const char *version);
bool version_unready(const char *version);

/* Is A older than B? By base, then by sub-version; false where that can't be seen. */
bool version_older(const char *a, const char *b);

/* Do the bases of A and B have letters and digits in the same places? Firmware of
 * one module does as a rule (assumption, from the names in protocol.md 10). */
bool version_same_form(const char *a, const char *b);

#endif

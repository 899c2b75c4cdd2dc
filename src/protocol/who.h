/*
 * who.h - who a module is, found in what it answers by what it is: not by the
 * number of the line, its spelling, or a list of words that it is not.
 *
 * A model is a word that a profile knows, or with which the firmware version
 * begins; where no word says it, the known one with which the version begins. A version begins with the model, or two questions agree on it. An
 * IMEI has 15 digits of which the last is a check digit, or is the 16 digits
 * of an IMEISV (protocol.md 7, 10). Whatever else stands in an answer came
 * unasked: no name is made of it. Pure, as at.h.
 */
#ifndef DFOTA_WHO_H
#define DFOTA_WHO_H

#include <stdbool.h>
#include <stddef.h>

#include "base/limits.h"
#include "protocol/at.h"

enum who_source { WHO_ATI, WHO_CGMM, WHO_CGMR, WHO_QGMR, WHO_GSN, WHO_SOURCES };

/* The lines with which a source was answered; none where it was not. */
struct who_said {
	const struct slice *lines;
	size_t count;
};

struct who {
	char maker[MODEL_SIZE];		/* "": not reported, as all here */
	char model[MODEL_SIZE];		/* as a profile spells it, where one knows it */
	char version[VERSION_SIZE];	/* in full, as the module reports it */
	char lone_version[VERSION_SIZE];	/* what AT+CGMR says, if nothing speaks for it but itself */
	char imei[IMEI_SIZE];		/* 15 digits; of an IMEISV with the check digit that belongs to its first 14 */
	char other_version[VERSION_SIZE];	/* what ATI says, where that is another firmware than the version: doubt */
	char other_imei[32];		/* what stands in its place and is no IMEI */
};

/* Find it in what the sources said. */
void who_find(const struct who_said said[WHO_SOURCES], struct who *who);

/* The IMEI in LINE, whatever stands around it, as in struct who. False: there is none. */
bool who_imei(struct slice line, char imei[IMEI_SIZE]);

/* Is it the same module? By the first 14 digits. */
bool who_same_imei(const char *a, const char *b);

/* Does VERSION begin with MODEL, and say more? Case and signs between do not count: EG25GGBR07A08M2G is of EG25-G. */
bool who_version_of(const char *version, const char *model);

#endif

/*
 * identity.h - asking a module who it is.
 *
 * Threads and errors: as modem.h.
 */
#ifndef DFOTA_MODEM_IDENTITY_H
#define DFOTA_MODEM_IDENTITY_H

#include "modem/modem.h"

/* What does not agree in what it said; "" where all does. */
struct identity_doubt {
	char version[VERSION_SIZE];	/* ATI's, which is of another firmware */
	char imei[32];			/* in the place of an IMEI, and none */
};

/*
 * Ask who it is: ATE0 (an echo is tolerated all the same), ATV1, AT+CMEE=1,
 * ATI, AT+CGMR, AT+QGMR, AT+GSN, and their namesakes where these are refused.
 * What is missing, not ready or contradictory is asked again to DEADLINE_MS;
 * past it one that does not answer is asked no more.
 * WAS is what the module said before its restart, NULL at first: what it could
 * report then is waited for. The names in ID are set, of what protocol/who.h
 * accepts, "" where there is none; its other fields are left alone. -1 with
 * ERR_TIMEOUT when a question was not answered whose answer is missing.
 */
int modem_identify(struct modem *m, const struct identity *was, int64_t deadline_ms,
		   struct identity *id, struct identity_doubt *doubt, struct err *e);

#endif

/*
 * upgrade/conclude.h - how an upgrade ended: the first thing that went wrong, and
 * the result made of it.
 */
#ifndef DFOTA_UPGRADE_CONCLUDE_H
#define DFOTA_UPGRADE_CONCLUDE_H

#include "upgrade/state.h"

/* Keep E as what went wrong, unless something did before. */
void upgrade_fail(struct upgrade *u, const struct err *e);

/* Keep the code NUMBER of TABLE with its meaning, unless one is kept. */
void upgrade_code(struct upgrade *u, const char *table, int number);

/* The verdict: fills the result. The run ends when *NEXT is STEP_COUNT. */
void upgrade_conclude(struct upgrade *u, enum outcome outcome,
		      const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The verdict OUTCOME with the message ID. */
void upgrade_end(struct upgrade *u, enum outcome outcome, enum message_id id,
		 const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The same where something failed before: what failed; then ID. */
void upgrade_end_failed(struct upgrade *u, enum outcome outcome, enum message_id id,
			const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Watching ends although the module may go on: UNKNOWN, or DEVICE_FAILED when
 * it had told a failure code. WHY is one clause. */
void upgrade_conclude_silent(struct upgrade *u, const char *why);

#endif

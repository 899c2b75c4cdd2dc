/*
 * upgrade/conclude.h - how an upgrade ended: the first thing that went wrong, and
 * the result made of it.
 */
#ifndef DFOTA_UPGRADE_CONCLUDE_H
#define DFOTA_UPGRADE_CONCLUDE_H

#include "upgrade/state.h"

/* The step that runs failed. Keep E as what went wrong, unless something did before. */
void upgrade_fail(struct upgrade *u, const struct err *e);

/* What becomes of the step that runs is not known, unless it failed. */
void upgrade_leave_unknown(struct upgrade *u);

/* Keep the code NUMBER of TABLE with its meaning, unless one is kept. Returns
 * what it means; "" where nobody knows. */
const char *upgrade_code(struct upgrade *u, const char *table, int number);

/* The installation ended with CODE: what failed, unless that is 0. -1: not readable. */
void upgrade_fail_installation(struct upgrade *u, int code);

/* The verdict: fills the result, of the message ID. The run ends when *NEXT is
 * STEP_COUNT. */
void upgrade_conclude(struct upgrade *u, enum outcome outcome, enum message_id id,
		      const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The same where something failed before: what failed; then ID. */
void upgrade_conclude_failed(struct upgrade *u, enum outcome outcome, enum message_id id,
			     const char *format, ...) __attribute__((format(printf, 4, 5)));

/* STOPPED by what failed. */
void upgrade_conclude_stopped(struct upgrade *u);

/* Watching ends although the module may go on: UNKNOWN, or DEVICE_FAILED when
 * it had reported a failure code and did not answer when it was ASKED (or is
 * away). WHY has no arguments. */
void upgrade_conclude_silent(struct upgrade *u, enum message_id why, bool asked);

/* UNKNOWN: another module, NOW, answers in the place of ours. */
void upgrade_conclude_other(struct upgrade *u, const struct identity *now);

#endif

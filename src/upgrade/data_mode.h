/*
 * upgrade/data_mode.h - a module in data mode takes every byte for one of the
 * package: what is known of that, and how it is got out (protocol.md 2.2).
 *
 * From the command on the module counts as in data mode until the answer to a
 * question proves that it is not (the OK to the guarded "+++" may be a stray one), or a
 * FOTA line; of a complete package the time-out does. A result or RDY that nothing asked for
 * only allows the question at once: it may be a stray one. A port
 * that hangs up proves nothing: a cable was pulled, and the module runs on.
 *
 * Until then what is asked is counted as package bytes, and
 * - no question completes the declared size: written + asked stays below it;
 * - none follows another within the module's time-out, which is counted from
 *   the last moment at which the line can have carried a byte;
 * - after one without an answer the package counts as spoiled: no more of it is
 *   sent, and the result says so.
 * What is held back somewhere arrives before the question, never after it: so a
 * complete package needs no such care once its time-out is over. That begins when
 * START has had the time in which it must come, where no word of the module, RDY
 * aside, has ended the transfer and the port stays: then it may not have taken it yet.
 */
#ifndef DFOTA_UPGRADE_DATA_MODE_H
#define DFOTA_UPGRADE_DATA_MODE_H

#include "upgrade/state.h"

/* The module may take bytes from now on; MISSING of them complete what was declared. */
void upgrade_data_open(struct upgrade *u, uint64_t missing);

/* The same of the program before, as its record has it (plan.open). */
void upgrade_data_resumed(struct upgrade *u, uint64_t missing);

/* SIZE package bytes were written. */
void upgrade_data_wrote(struct upgrade *u, size_t size);

/* The module was told another size or time-out, which is not known: it is asked
 * once, when the time-out that was meant is over, and no more before it speaks. */
void upgrade_data_misheard(struct upgrade *u);

/* TEXT was sent to the module after the upgrade command. */
void upgrade_data_asked(struct upgrade *u, struct slice text);

/* What LINE of the module says about it. */
void upgrade_data_heard(struct upgrade *u, const struct at_line *line);

/* The port is open to a module that another program left in data mode: what that
 * program wrote may still be on its way through a server. */
void upgrade_data_reopened(struct upgrade *u);

/* Has the gate come when nobody waited for it? The modem, which was halted for
 * that, goes on; the module is in data mode. */
bool upgrade_data_late(struct upgrade *u);

/* Ask it once at once, where that is allowed: does it answer in command mode? */
bool upgrade_data_answers(struct upgrade *u);

/* The module answered in command mode. */
void upgrade_data_closed(struct upgrade *u);

/* Send nothing until the module has given up waiting for data; returns until
 * when. */
int64_t upgrade_keep_quiet(struct upgrade *u);

/* Get out of data mode by "+++", where that is allowed; *UNTIL_MS is the time before which
 * no byte may be sent. -1: detached meanwhile, so none at all. */
int upgrade_leave_data_mode(struct upgrade *u, int64_t *until_ms, struct err *e);

/* Ask a module that may be in data mode once, where that is allowed. 1: it
 * answered, 0: not; then *ASK_MS is when it may be asked again. -1 with E. */
int upgrade_ask_in_doubt(struct upgrade *u, int64_t *ask_ms, struct err *e);

#endif

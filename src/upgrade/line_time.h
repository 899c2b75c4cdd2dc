/*
 * upgrade/line_time.h - what the line can have carried of what was written:
 * driver, adapter and server take more at once than leaves (protocol.md 4.4).
 */
#ifndef DFOTA_UPGRADE_LINE_TIME_H
#define DFOTA_UPGRADE_LINE_TIME_H

#include "upgrade/state.h"

/* Bits a second that the line carries: where only a server knows its rate, what
 * the module answers to AT+IPR?, else 9,600 (protocol.md 4.6). 0: no line, what
 * is written is sent. */
int upgrade_line_rate(const struct upgrade *u);

/* How long SIZE bytes take on the line; 0 where there is none. */
int64_t upgrade_line_ms(const struct upgrade *u, uint64_t size);

/* SIZE bytes were written just now. */
void upgrade_line_took(struct upgrade *u, size_t size);

/* When all that was written has passed the line, now at the earliest. */
int64_t upgrade_line_free_ms(const struct upgrade *u);

/* Of the package bytes that were written, those that can have passed. */
uint64_t upgrade_line_carried(const struct upgrade *u);

#endif

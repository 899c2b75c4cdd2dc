/*
 * playback.h - a recorded session played back: the module answers each command
 * as the module of the record did, in recorded time, so that a session from the
 * field can be seen again.
 *
 * What is played is what the record says came from the module. A command that
 * the host sends is looked for in the record from where it has got to; what
 * came after it there comes after it here, at the same distance. Package bytes
 * are counted: an answer to the last of them waits for the last of them. The
 * port goes and comes back when the record says so. A record does not say what
 * stood in buffers, nor what nobody heard: a transfer that broke off takes half
 * of what was sent, and breaks off at its time.
 *
 * A command the record has no answer to where it is asked gets the answer that
 * it had last, or ERROR, which counts as a violation (sim_violations()).
 *
 * Threads: as the module it belongs to.
 */
#ifndef DFOTA_SIM_PLAYBACK_H
#define DFOTA_SIM_PLAYBACK_H

#include "sim/core.h"

/* The record at PATH, from its begin. NULL with E. */
struct playback *playback_open(const char *path, struct err *e);
void playback_free(struct playback *p);

/* Bit rate of the recorded port; 0: not said. */
int playback_baud(const struct playback *p);

/* Bytes of the host. */
void playback_input(struct sim *s, const unsigned char *bytes, size_t size);

/* When the next thing of the record is due, SIM_NEVER while it waits for the
 * host; do that. */
int64_t playback_due_ms(const struct sim *s);
void playback_run(struct sim *s);

#endif

/*
 * survey.h - what on this computer may stand in the way of a serial port, besides
 * the port itself (port.h): programs that open ports unasked, lock files that
 * nobody removed. Looks only.
 *
 * Threads: stateless.
 */
#ifndef DFOTA_SURVEY_H
#define DFOTA_SURVEY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/message.h"
#include "modem/port.h"

/* The lowest pid of a process that the kernel calls NAME; 0: none is seen. */
pid_t survey_process(const struct port_roots *roots, const char *name);

/* The directory of lock files goes to DIRECTORY. May this user make one there? */
bool survey_lock_directory(const struct port_roots *roots, char *directory, size_t size);

/* Lock files that an opening of their port would not heed (their process has ended,
 * they name none, it does not have the port open), to OUT[MAX], as messages. Returns
 * how many there are, at most MAX. */
size_t survey_locks(const struct port_roots *roots, struct message *out, size_t max);

#endif

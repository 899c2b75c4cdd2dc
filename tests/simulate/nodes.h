/*
 * simulate/nodes.h - what this computer shows of the ports of a session: a
 * small /sys and /dev of its own, in which devices come, go and move.
 *
 * Threads: one thread.
 */
#ifndef DFOTA_SIMULATE_NODES_H
#define DFOTA_SIMULATE_NODES_H

#include <stdbool.h>

#include "modem/link.h"
#include "modem/port.h"
#include "protocol/profile.h"

/* Below DIRECTORY, which exists. */
void nodes_begin(const char *directory);
const struct port_roots *nodes_roots(void);

/* A module with its own USB is one of these; a row with vid 0 is one of Quectel's that no profile lists. */
void nodes_module(const struct profile_usb *usb);

/* Nothing is plugged in. */
void nodes_clear(void);

/* The tty NAME ("ttyACM3") of a LINK is there, or no more; SECOND: of another device of the same
 * kind, with the same serial number. Nothing is shown of a link without a device. */
void nodes_plug(enum link link, const char *name, bool second);
void nodes_unplug(const char *name);

/* Where NAME is in /dev. */
const char *nodes_path(const char *name, char *out, size_t size);

#endif

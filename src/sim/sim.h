/*
 * sim.h - a module in software: what it does with bytes and with time.
 *
 * A pure engine: bytes and time in, bytes and time out. It does no I/O, reads
 * no clock and makes no thread; tty.h runs it on a pseudo-terminal, a test
 * runs it on a virtual clock. It is strict: it refuses what a module would
 * refuse, checks the package it got, and counts every protocol violation of
 * the host. What it imitates is protocol.md; what no source states is an
 * assumption there and here.
 *
 * Threads: a sim belongs to one thread.
 */
#ifndef DFOTA_SIM_H
#define DFOTA_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct sim;

struct sim_config {
	const char *family;	/* its personality (personality.h); NULL: "ugxx" */
	const char *model;	/* NULL: of the personality, as what follows: "UG96" */
	const char *imei;	/* NULL: 490154203237518 */
	const char *from;	/* version it runs; NULL: "UG96LNAR02A06E1G" */
	const char *to;		/* version the package makes; NULL: "UG96LNAR02A08E1G" */
	const char *package;	/* path of the only package it accepts; NULL: the demo package of from -> to */
	const char *scenario;	/* path of a scenario file; NULL: everything goes well */
	const char *scenario_text;	/* the same as text, for tests; NULL */
	const char *record;	/* path of a record to play (playback.h), in place of all above; NULL */
	void (*warn)(const char *text);	/* called with the first violation, in the thread of the caller; NULL */
	bool fast;		/* flash, boot and download delays shortened to milliseconds */
	int baud;		/* rate of its port; 0: 115200 */
};

/* A module, powered off; all of CONFIG is copied or read. NULL with E: a file
 * that cannot be read, no record, or a wrong line of a scenario, with its number. */
struct sim *sim_new(const struct sim_config *config, struct err *e);
void sim_free(struct sim *s);

/* Power on at NOW_MS: it boots (RDY and the other URCs) and then listens.
 * WARM: it has been on for a while and prints nothing. */
void sim_power_on(struct sim *s, int64_t now_ms, bool warm);

/* SIZE bytes from the host at NOW_MS. Bytes while it is away are dropped (and, in P2, counted as a violation). */
void sim_input(struct sim *s, int64_t now_ms, const void *bytes, size_t size);

/* What comes next may have waited since before the last answer (LATE), or has
 * just come: whoever runs the module could not look sooner. In the first case it
 * is no fault that it comes while a command is under way. */
void sim_late(struct sim *s, bool late);

/* Take up to SIZE bytes that are due for the host at NOW_MS. */
size_t sim_output(struct sim *s, int64_t now_ms, void *buf, size_t size);

/* Let time pass to NOW_MS: timers fire, percent lines are printed. */
void sim_run(struct sim *s, int64_t now_ms);

/* A block of the scenario that stands at `hold`, or comes to one, goes on. */
void sim_release(struct sim *s, int64_t now_ms);

/* When sim_run() or sim_output() next has something to do; INT64_MAX never. */
int64_t sim_next_ms(const struct sim *s);

/* False while the port does not exist: the module reboots, or was unplugged. */
bool sim_present(const struct sim *s);

/* How often it has gone away so far: a caller that looks too late to see it
 * gone must still hang up. */
unsigned sim_absences(const struct sim *s);

/* Bit rate the module's port is set to. */
int sim_baud(const struct sim *s);

/* The host's port is set to BAUD: at another rate than the module's each side
 * hears garbage. 0, as at the start: a line without a rate, always understood. */
void sim_host_baud(struct sim *s, int baud);

/* False while it takes no bytes (its RTS is low): the caller holds them back. */
bool sim_accepts(const struct sim *s);

/* How often the host broke the protocol so far, and how many settings it has
 * stored in the module and not put back; the first time in words ("" none). */
unsigned sim_violations(const struct sim *s, const char **first);

/* How many commands to start an upgrade it has received. */
unsigned sim_upgrades(const struct sim *s);

/* The firmware version it runs now. */
const char *sim_version(const struct sim *s);

/* What only the module itself knows. */
struct sim_truth {
	bool answers;		/* it is on, in command mode, and hears and speaks */
	bool installs;		/* a package is checked or written, whether it says so or not */
	bool takes_data;	/* what comes is taken for package bytes */
	uint64_t declared, received;	/* of the transfer under way, or the last */
	int64_t timeout_ms;	/* without data, after which it ends by itself */
	unsigned spoiled;	/* packages whose declared bytes came over the port, and are not the package's */
	const char *imei;
	unsigned files;		/* in its file store */
	const char *changed;	/* a stored setting that is not what it was at power-on; NULL: none */
};
struct sim_truth sim_truth_of(const struct sim *s);

#endif

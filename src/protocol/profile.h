/*
 * profile.h - one row a module family: everything that differs between them,
 * as data. Nothing here acts.
 *
 * Every value names its source in profile.c; "assumption" where none states it.
 */
#ifndef DFOTA_PROFILE_H
#define DFOTA_PROFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "protocol/module_url.h"

/* How long to wait for what, in milliseconds; sources: protocol.md 4.2.
 * A *notice* changes the display, nothing else; a *limit* ends a wait. */
struct profile_timers {
	int command_ms;			/* a plain AT command */
	int gate_notice_ms, gate_limit_ms;	/* gate token after the COM command */
	int data_limit_ms;		/* no byte taken by the module while sending */
	int source_start_notice_ms;	/* FTPSTART / HTTPSTART after OK */
	int source_end_notice_ms;	/* silence while the module downloads */
	int start_notice_ms;		/* START after transfer or download */
	int start_limit_ms;		/* then the version is asked; a reboot may lie between */
	int updating_notice_ms;		/* gap between UPDATING lines */
	int stall_limit_ms;		/* an installation may stall for so long, beyond that gap */
	int end_notice_ms;		/* END after UPDATING 100 */
	int reboot_ms;			/* RDY or a hang-up after END,0 */
	int listen_ms;			/* quiet listening on a returned port before the first AT */
	int poll_ms;			/* between AT probes of a returning module */
	int return_limit_ms;		/* an answer after END or hang-up */
	int watch_limit_ms;		/* watching in all */
};

struct profile_usb {
	int vid, pid;
	int at_interface;		/* bInterfaceNumber of the AT port, as port_info.usb_interface */
};

struct profile {
	const char *name;		/* "ugxx" */
	const char *models[8];		/* what ATI may call it; NULL ends */
	const struct profile_usb *usb;	/* a row with vid 0 ends */
	const char *pull_command;	/* template: {url} */
	const char *com_command;	/* template: {size} {timeout} */
	const char *com_gate;		/* the line that lets data flow: "CONNECT" */
	bool com_verified;		/* false: say "unverified" wherever it is shown */
	int com_timeout_s;		/* {timeout}: how long the module waits for data */
	const char *end_family;		/* whose flash-stage codes are borrowed (codes.h) */
	struct url_limits url;
	int context_id;			/* PDP context of a download */
	int supply_min_mv;
	int supply_run_min_mv, supply_run_max_mv;	/* what a running module can have; else it was not measured */
	int rssi_min;			/* +CSQ below this is a warning */
	long package_max;		/* bytes; larger is no DFOTA package */
	struct profile_timers timers;
};

/* The profile called NAME ("ugxx"), or NULL. */
const struct profile *profile_by_name(const char *name);

/* The profile that knows MODEL as ATI prints it ("UG96"), or NULL. */
const struct profile *profile_by_model(const char *model);

/* MODEL as the profiles spell it, in whatever case it comes; NULL: no profile knows it. */
const char *profile_model(const char *model);

/* The profile used where nothing better is known; never NULL. */
const struct profile *profile_default(void);

/* Row INDEX of all profiles, NULL past the end. */
const struct profile *profile_row(size_t index);

/* Interface number (bInterfaceNumber) of the AT port of a USB device, -1 when
 * no profile knows it. */
int profile_at_interface(int vid, int pid);

/* Is that USB device a module's own port, by its id? */
bool profile_own_usb(int vid, int pid);

#endif

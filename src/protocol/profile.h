/*
 * profile.h - one row a module family: everything that differs between them,
 * as data. Nothing here acts.
 *
 * Every value names its source in profile.c; "assumption" where none states it.
 * A row has a personality of the same name (sim/personality.h) and scenarios in
 * tests/scenarios/families; test_families holds that.
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
	int ack_limit_ms;		/* the acknowledgement of a block of an upload */
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

/* How long a module waits for data whose command names no time (protocol.md 2.1, assumption). */
#define PROFILE_DATA_TIMEOUT_S 60

/* How this computer gets a package into a module of the family. */
enum profile_serial {
	SERIAL_NONE,		/* no way is known: the module downloads, or nothing */
	SERIAL_STREAM,		/* com_command, and the bytes after its gate */
	SERIAL_UPLOAD,		/* com_command takes them into a file, start_command installs that */
	SERIAL_WAYS
};

/* How sure the form of a command is. None was tried on a module. */
enum profile_sure {
	SURE_DOCUMENTED,	/* the family's own guide */
	SURE_CODE,		/* working code or a captured log */
	SURE_ASSUMED,		/* of relatives, or of nobody */
	SURE_COUNT
};

struct profile {
	const char *name;		/* "ugxx" */
	const char *source;		/* where its commands are from, in words */
	const char *const *models;	/* what ATI may call it; NULL ends */
	const struct profile_usb *usb;	/* a row with vid 0 ends */
	const char *pull_command;	/* template: {url} */
	enum profile_sure pull_sure;
	enum profile_serial serial;	/* NONE: what follows up to serial_sure is not set */
	const char *com_command;	/* template: {size} {timeout}; of an upload {name} besides */
	const char *com_gate;		/* the line that lets data flow: "CONNECT" */
	int com_timeout_s;		/* {timeout}: how long the module waits for data */
	const char *start_command;	/* SERIAL_UPLOAD, template: {name} */
	const char *file_name;		/* SERIAL_UPLOAD: {name}, what the package is called in the module */
	enum profile_sure serial_sure;	/* ASSUMED: say "unverified" wherever it is shown */
	const char *package_format;	/* what a package looks like (package/look.h): "zip"; "": nothing known */
	const char *end_family;		/* whose flash-stage codes are used (codes.h) */
	bool end_borrowed;		/* they are a relative's: none of the family is known */
	struct url_limits url;
	bool restarts_first;		/* by itself, for the check of the package: protocol.md 4.1 */
	bool lte;			/* registered for data: by +CEREG as well as by +CGREG */
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

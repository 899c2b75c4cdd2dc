/*
 * link.h - what lies between this computer and a module, and what that means:
 * one row a kind of link (protocol.md 4.4). Known by the driver, not by there
 * being a USB path: adapters have one too.
 *
 * Threads: pure.
 */
#ifndef DFOTA_LINK_H
#define DFOTA_LINK_H

#include <stdbool.h>

#include "base/event.h"

enum link {
	LINK_UART,	/* 8250, platform UARTs; what a custom back end is unless it says otherwise */
	LINK_ADAPTER,	/* a USB-serial bridge with a UART behind it */
	LINK_OWN_USB,	/* the module's own USB port */
	LINK_PTY,	/* a terminal without a device */
	LINK_SOCKET,	/* raw TCP serial server */
	LINK_TELNET,	/* serial server that speaks RFC 2217 */
	LINK_COUNT
};

/* Who holds bytes back while the module takes none. */
enum link_flow {
	FLOW_LINES,	/* RTS/CTS, where they are wired and work */
	FLOW_BUS,	/* USB does it by itself; CTS says nothing */
	FLOW_SERVER,	/* the server's business: not known here */
	FLOW_ASKED,	/* RFC 2217 sets it and reports what is in force */
	FLOW_NONE,
};

struct link_info {
	const char *name;	/* "own-usb"; for ever, as in records */
	bool sets_rate;		/* a rate set here is the line's: else the driver may ignore it */
	bool searches_rate;	/* a module that does not answer may be at another rate */
	bool stores_rate;	/* a module with automatic rate needs one stored: AT+IPR, protocol.md 4.5 */
	enum link_flow flow;
	bool line_time;		/* what is written has passed only after bytes x 10 / rate; else "written" is "sent" */
	const char *urc_port;	/* what the module calls the port we read; NULL: not known, or by the interface */
};

/* The row of LINK; never NULL. */
const struct link_info *link_info(enum link link);

/* The link of the tty INFO. Its driver is "" where there is no device. */
enum link link_of(const struct port_info *info);

/* What the module at the other end calls the port INFO, as AT+QURCCFG names
 * it (BG96 names, assumption for UGxx); NULL: not known. */
const char *link_urc_port(enum link link, const struct port_info *info);

#endif

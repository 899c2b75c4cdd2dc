/*
 * port_net_state.h - the connection to a serial server, raw or telnet; for
 * port_net.c, port_tcp.c and port_telnet.c.
 */
#ifndef DFOTA_PORT_NET_STATE_H
#define DFOTA_PORT_NET_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "modem/port_state.h"
#include "protocol/telnet.h"

/* Made at the first opening and kept: after the gate nothing is allocated. */
struct port_net {
	struct telnet telnet;
	unsigned char rx[4096];	/* bytes of the line that nobody has read yet */
	size_t rx_at, rx_size;
	int64_t midway_ms;	/* since when a telnet command has not ended; 0: none is under way */
	char said[200];		/* the first bytes that came */
	size_t said_size;
	bool asked;		/* something was sent */
	bool answered;		/* and something came after it */
	int64_t opened_ms;
	int64_t connect_ms;	/* how long that took */
	int64_t next_ms;	/* no connection before it */
	int pause_ms;
};

/* Connect to p->path, [tcp:|telnet:|rfc2217:][//]HOST:PORT, when it is time for
 * it. -1: not there, or cancelled. */
int net_open(struct port *p, struct err *e);
void net_close(struct port *p);

/*
 * Take what the server says before it is asked, into rx: a telnet greeting
 * (returns 1 as soon as it is known by two bytes), or a banner or nothing (0).
 * -1 with E in the server's words when it closes the connection.
 */
int net_greeting(struct port *p, struct err *e);

/* Read what is there into rx, after what it holds. 1, 0: nothing is there; -1: closed. */
int net_fill(struct port *p, size_t size, struct err *e);

/* Bytes of the line that came: what the server says, or the module. */
void net_heard(struct port *p, const void *bytes, size_t size);

/* Move what rx holds to BUF. Returns how much. */
size_t net_take(struct port *p, void *buf, size_t size);

/* The connection ended or did not come about: the next one has to wait. Returns -1. */
int net_failed(struct port *p);

/* -1 with E: the server closed the connection, in its words if it said any. */
int net_refused(struct port *p, struct err *e);

/* Say what the server greets with, if it does; or which rate it keeps. */
void net_add_greeting(struct port *p);
void net_add_rate(struct port *p, int rate, int wanted);

/* write() for sockets. */
ssize_t net_put(int fd, const void *bytes, size_t size);

/* Spoken as telnet from now on, whatever its name: rx holds what came first. */
int telnet_begin(struct port *p, const struct port_settings *s, struct err *e);

/* The same when the greeting came after something was sent, which was no byte of
 * a package yet: nothing is waited for, and the line is left as it is. */
void telnet_begin_late(struct port *p);

#endif

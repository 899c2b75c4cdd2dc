/*
 * port.h - a byte pipe to a module: serial line, plain tty, TCP, simulator.
 *
 * Opening does, in this order (design 4): resolve links; refuse what is no
 * tty, and consoles; UUCP lock file where the directory is writable; open;
 * flock; TIOCEXCL; raw 8N1 at the rate, HUPCL, IXON and IXOFF off, CLOEXEC on,
 * CRTSCTS as asked; read back and compare. What can be known without opening
 * (a console, a lock, no serial port) is refused without opening, so that DTR
 * does not move; nothing is set before all locks are held. libserialport opens
 * and prepares real ports; names it does not know (pseudo-terminals) open
 * through the plain back end with the same calls, but without TIOCEXCL on a
 * pseudo-terminal: there the mark would outlive a killed program. Reading and
 * writing is our own poll/read/write (protocol.md 4.3).
 *
 * tcp:HOST:PORT is a raw TCP serial server (ser2net); its connection has 5 s
 * to come about, the look-up of a HOST name as long as the resolver takes.
 *
 * Threads: one port belongs to one thread; what wakes it is its interrupt.
 * Errors:  ERR_PORT missing, not permitted (names the group and the cure), no
 *          serial port, settings not taken; ERR_BUSY held, names the holder;
 *          ERR_GONE the device vanished (read of 0 bytes, POLLHUP, EIO, ENXIO,
 *          ENODEV) or the port is not open; ERR_CANCELLED the interrupt
 *          said so; ERR_TIMEOUT what was to be drained did not leave in time;
 *          ERR_USAGE no such bit rate, malformed tcp: name.
 */
#ifndef DFOTA_PORT_H
#define DFOTA_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/event.h"
#include "base/interrupt.h"
#include "modem/link.h"

struct port;

struct port_settings {
	int baud;		/* 300..4,000,000, a standard rate */
	bool flow_control;	/* RTS/CTS */
	bool awaited;		/* the port is away and will be back: what there is instead is not looked for */
};

/* Where ports are looked for; NULL members mean the real ones. A test points
 * them at a tree of its own. */
struct port_roots {
	const char *sys;	/* "/sys" */
	const char *dev;	/* "/dev" */
	const char *lock;	/* "/var/lock" */
	const char *proc;	/* "/proc" */
};

/* A closed port. CLOCK is borrowed for its life, and INTERRUPT (may be NULL),
 * which ends every blocking call, or the next one, with ERR_CANCELLED. ROOTS
 * is copied (NULL: the real ones). NULL with E when memory runs out. */
struct port *port_new(const struct clock *clock, struct interrupt *interrupt,
		      const struct port_roots *roots, struct err *e);

/* A back end of the caller's instead of a device, for a simulated module in
 * the same process. Each call follows its port_* namesake; read and write may return
 * early with 0 at DEADLINE_MS. OPS and CTX are kept until port_free(). */
struct port_backend {
	int (*open)(void *ctx, const char *path, const struct port_settings *s, struct err *e);
	void (*close)(void *ctx);
	int (*read)(void *ctx, void *buf, size_t size, int64_t deadline_ms, struct err *e);
	int (*write)(void *ctx, const void *buf, size_t size, int64_t deadline_ms, struct err *e);
	int (*wait)(void *ctx, int64_t deadline_ms, struct err *e);	/* as port_pause() */
	int (*set_baud)(void *ctx, int baud, struct err *e);	/* NULL: any rate will do */
	enum link (*link)(void *ctx);	/* NULL: LINK_UART */
	/* As port_drain() and port_discard_output(); NULL: what was written has left. */
	int (*drain)(void *ctx, int64_t deadline_ms, struct err *e);
	void (*discard)(void *ctx);
};
struct port *port_new_custom(const struct clock *clock,
			     struct interrupt *interrupt,
			     const struct port_backend *ops, void *ctx,
			     struct err *e);

/* Close and free. NULL is allowed. */
void port_free(struct port *p);

/* A port that comes and goes, or a server that ends its connections at once, is
 * opened no more often than twice a second (design 3, protocol.md 4.6). */
#define PORT_PAUSE_MS 500

/* Open PATH. Refused when already open. On failure nothing stays open or
 * locked and the device's settings are as port_close() leaves them. */
int port_open(struct port *p, const char *path, const struct port_settings *s,
	      struct err *e);

/* Drop unsent output (a close with CTS low would wait for it), restore the
 * settings found at open except HUPCL and, but of a pseudo-terminal, the echo
 * (what a module says while nobody listens would go back to it), unlock, close.
 * DTR does not move. */
void port_close(struct port *p);

bool port_is_open(const struct port *p);

/* What kind of link the port is, or was when it was open last. */
enum link port_link(const struct port *p);

/* The rate it was opened with or set to since; means nothing on some links. */
int port_baud(const struct port *p);

/* Change the rate of an open port. No effect where the link has none. */
int port_set_baud(struct port *p, int baud, struct err *e);

/* Switch RTS/CTS of an open port on or off. ERR_PORT when CTS is low: with a
 * line that is not wired nothing would ever be sent; it is off then. Nothing
 * is done where the link has no such lines. */
int port_set_flow_control(struct port *p, bool on, struct err *e);

/* True when an open port's serial server closed the connection after a few words,
 * which E tells: it is busy, or its device cannot be opened. For whoever had no
 * answer yet; a server that speaks at once is refused by port_open(). */
bool port_refused(struct port *p, struct err *e);

/* What is worth saying of the last port_open(): no lock directory, flow control
 * not available, ... Returns the INDEXth message, NULL past the end. What
 * concerns the computer and not this one opening comes once in the life of a
 * port. */
const struct message *port_notice(const struct port *p, size_t index);

/* Read 1..SIZE bytes. Returns the count, 0 when DEADLINE_MS passed first, -1
 * with E. Never blocks past the deadline. */
int port_read(struct port *p, void *buf, size_t size, int64_t deadline_ms,
	      struct err *e);

/*
 * Write up to SIZE bytes. Returns how many were taken, 0..SIZE, or -1 with E
 * and none taken. What fits is written first; then it waits, for room or for
 * input. So a count short of SIZE means one of
 *   - DEADLINE_MS has passed (the clock shows it): the device takes no data;
 *   - bytes wait to be read and there is no room: read them before the next
 *     call, which otherwise returns at once again;
 *   - an interrupt or an error came up after some bytes were taken: the next
 *     call reports it.
 * Never blocks past the deadline.
 */
int port_write(struct port *p, const void *buf, size_t size,
	       int64_t deadline_ms, struct err *e);

/* Wait until DEADLINE_MS with the port open or not, without reading. Returns
 * 0, or -1 with ERR_CANCELLED. */
int port_pause(struct port *p, int64_t deadline_ms, struct err *e);

/* Drop what was written and has not left yet; custom back ends and TCP keep it. */
void port_discard_output(struct port *p);

/* How long this program itself was held up in waits since the last call, where
 * that was seconds: it was stopped, or got no time. 0: it was not. */
int64_t port_take_late_ms(struct port *p);

/* Wait until everything written has left, at most to DEADLINE_MS; 0 or -1. */
int port_drain(struct port *p, int64_t deadline_ms, struct err *e);

/* List the serial ports of this computer into OUT[MAX], by USB path and
 * interface, then by name. Opens none of them. Returns how many there are, at
 * most MAX, or -1. */
int port_list(const struct port_roots *roots, struct port_info *out,
	      size_t max, struct err *e);

/* The same without who holds them and why they can't be opened: that is read
 * from every process, which costs 2.5 % of a core where it is done four times
 * a second, as in waiting for a module that is away. */
int port_list_hardware(const struct port_roots *roots, struct port_info *out, size_t max,
		       struct err *e);

/* Describe the device behind PATH (links resolved) as port_list() does, but for who holds it.
 * usb_path is "" for what is not USB. 0, or -1 when it is no port. */
int port_describe(const struct port_roots *roots, const char *path,
		  struct port_info *out, struct err *e);

/* A descriptor that becomes readable when serial ports may have come or gone
 * (inotify on the device directory); port_monitor_take() empties it and says
 * whether a tty was among it. -1 with E when the system has none to give. */
int port_monitor_open(const struct port_roots *roots, struct err *e);
bool port_monitor_take(int fd);

/* "0.1.1": the version of libserialport. */
const char *port_library(void);

#endif

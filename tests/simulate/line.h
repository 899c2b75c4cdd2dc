/*
 * simulate/line.h - what lies between the program and the simulated module, on
 * a virtual clock: latency, pauses, buffers, bit rates, a plug that is pulled.
 *
 * The clock moves only inside the calls of the back end, from event to event.
 * The module never stands still while the program does: what it prints waits
 * in the driver as far as there is room.
 *
 * Threads: one thread.
 */
#ifndef DFOTA_SIMULATE_LINE_H
#define DFOTA_SIMULATE_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "modem/link.h"
#include "modem/port.h"
#include "sim/sim.h"

#define LINE_START_MS 1000000
#define LINE_HOLDS 262144	/* bytes in each direction, power of two */
#define LINE_FAULTS 4
#define LINE_TWIN "ttyACM20"

struct line_config {
	enum link link;
	const char *name;	/* "ttyACM3", or the address of a server */
	const char *other_name;	/* that it has after it was away, by turns; NULL: the same */
	bool has_twin;		/* another module of the same kind is plugged in all the time */
	size_t buffer;		/* bytes that are taken before any is on the wire; 0: 4096 */
	int64_t latency_ms;	/* from the module */
	size_t read_max;	/* 0: no limit */
	struct { long after; int64_t ms; } pauses[LINE_FAULTS];	/* bytes from the module; 0: none */
	struct { long line, count; } lost[LINE_FAULTS];	/* lines from the module, from 1; 0: none */
	struct { int64_t at_ms, ms; } unplugged[LINE_FAULTS], stalled[LINE_FAULTS];	/* at_ms from the start, 0: none */
	struct { long write; long byte; } dropped[LINE_FAULTS];	/* of the host's Nth write that byte is lost; 0: none */
	struct { long byte; int64_t ms; } cut;	/* unplugged for so long when that many have passed, both ways; 0: not */
	struct { long call; int64_t ms; bool asleep; } stopped;	/* the program stands still at its Nth call; asleep: its clock too */
	int fail_open;		/* so many openings fail, from the second on */
	int server_baud;	/* LINK_SOCKET */
	bool server_closes;	/* the connection goes with the module, as where the server's device does */
};

struct line;

typedef void line_hook(void *ctx);

/* All is borrowed. TWIN may be NULL. */
struct line *line_new(const struct line_config *config, struct sim *sim, struct sim *twin);
void line_free(struct line *l);

/* The program's, which does not go on while the computer sleeps; and what time it is. */
const struct clock *line_clock(const struct line *l);
int64_t line_now(const struct line *l);
const struct port_backend *line_backend(void);

/* A program begins: called at each call of the back end; may leave by longjmp(). */
void line_on_call(struct line *l, line_hook *hook, void *ctx);

/* Called while time passes, after each act of the module; returns when it wants to be called
 * at the latest, INT64_MAX: with the next act. */
void line_on_time(struct line *l, int64_t (*hook)(void *ctx), void *ctx);

/* Called before bytes of the host are taken. */
void line_on_write(struct line *l, void (*hook)(void *ctx, const void *bytes, size_t size), void *ctx);

/* Wake the wait under way at AT_MS and call HOOK; one at a time. */
void line_wake(struct line *l, int64_t at_ms, line_hook *hook, void *ctx);

/* Let time pass without the program; 0: what is due now. */
void line_pass(struct line *l, int64_t ms);

/* The program has been killed: its port is closed. */
void line_hang_up(struct line *l);

unsigned line_openings(const struct line *l);

/* So many bytes have passed, both ways, and calls of the back end were made. */
long line_passed(const struct line *l);
long line_calls(const struct line *l);

/* Bytes of the host that are still on their way. */
size_t line_on_the_way(const struct line *l);

/* All that passed, with its times, as one number. */
uint64_t line_hash(const struct line *l);

/* The clock stood still over so many calls that a real program would spin. */
bool line_spun(const struct line *l);

/* A driver without zero-length packets would have held back so many writes. */
unsigned line_multiples(const struct line *l);

/* So many writes went to the twin. */
unsigned line_to_twin(const struct line *l);

/* The program stood still between the last look at what came and a write. */
bool line_late_write(const struct line *l);

/* How often a port that did not open was tried within half a second. */
unsigned line_hasty(const struct line *l);

#endif

/*
 * sim_port.h - the simulated module behind a struct port, in virtual time: an
 * upgrade of an hour runs in milliseconds, and the same way every time.
 *
 *	struct sim_port *sp = sim_port_new(&(struct sim_port_config){
 *		.sim = { .scenario_text = "set end-code 504\n", .fast = true },
 *	}, &e);
 *	struct port *p = port_new_custom(sim_port_clock(sp), NULL, sim_port_backend(), sp, &e);
 *	... port_open(p, SIM_PORT_PATH, ...), or upgrade_run() with plan.port = SIM_PORT_PATH
 *	port_free(p);
 *	assert_int_equal(sim_violations(sim_port_sim(sp), &first), 0);
 *	sim_port_free(sp);
 *
 * The clock moves only inside the back end's calls: a read and a wait move it
 * to the module's next act or to their deadline, a write by ten bits a byte
 * at the rate the port was opened with. At another rate than the module's,
 * both sides hear garbage. While the module is away open fails with ERR_PORT;
 * a port that was open when it went away is dead (ERR_GONE) until it is
 * closed and opened again, also when the module is back.
 *
 * A test that makes the clock stand still over 100,000 calls would spin in
 * real life: it is ended with a message.
 *
 * Threads: one thread.
 */
#ifndef DFOTA_TESTS_SIM_PORT_H
#define DFOTA_TESTS_SIM_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"
#include "modem/port.h"
#include "package/server.h"
#include "sim/sim.h"

/* The one path that exists, unless the test says otherwise; open() of any other fails with ERR_PORT. */
#define SIM_PORT_PATH "/dev/ttySIM0"

/* The clock's first reading. */
#define SIM_PORT_START_MS 1000000

/* What a server has for the module; an URL without a row is SERVER_NOT_FOUND. */
struct sim_port_file {
	const char *url;		/* as the module was given it, login included; NULL ends the table */
	const void *bytes;
	size_t size;
	struct server_status status;	/* .kind SERVER_OK: the bytes arrive; else the fetch fails so, after SIZE bytes */
	int64_t duration_ms;		/* of the download; 0: 1,000 */
};

struct sim_port_config {
	struct sim_config sim;
	bool booting;				/* switched on at the start; default: warm */
	enum link link;				/* default: LINK_UART */
	/* The IMEI of the module at PATH, asked when it is opened; NULL: no such port. NULL: only ours. */
	const char *(*imei_at)(void *ctx, const char *path);
	void *imei_ctx;
	size_t read_max;			/* most bytes one read gives; 0: no limit */
	const struct sim_port_file *files;	/* borrowed until sim_port_free(); NULL: no server */
};

struct sim_port;

/* A module that is on, and the clock. NULL with E as sim_new(). */
struct sim_port *sim_port_new(const struct sim_port_config *config, struct err *e);
void sim_port_free(struct sim_port *sp);

/* The virtual clock, and the back end for port_new_custom(), whose CTX is the sim_port. */
const struct clock *sim_port_clock(const struct sim_port *sp);
const struct port_backend *sim_port_backend(void);

/* The module: violations, version. */
struct sim *sim_port_sim(struct sim_port *sp);

typedef void sim_port_hook(void *ctx);

/* Call HOOK once from inside a back-end call when the clock reaches AT_MS (or
 * at the next call, when that is past). The call under way then returns at
 * once with what it has, so that an interrupt raised in HOOK is seen. */
void sim_port_at(struct sim_port *sp, int64_t at_ms, sim_port_hook *hook, void *ctx);

/* Call HOOK once when TEXT (at most 63 bytes) has passed: from the module
 * to the host, from the host to the module. */
void sim_port_on_output(struct sim_port *sp, const char *text, sim_port_hook *hook, void *ctx);
void sim_port_on_input(struct sim_port *sp, const char *text, sim_port_hook *hook, void *ctx);

enum sim_port_call { SIM_PORT_OPEN, SIM_PORT_READ, SIM_PORT_WRITE, SIM_PORT_CALLS };

/* Let the NTH call (from 1, counted since sim_port_new()) of CALL fail once with CODE. With
 * ERR_GONE the port is then dead until it is opened again. */
void sim_port_fail(struct sim_port *sp, enum sim_port_call call, unsigned nth, enum err_code code);

/* Call HOOK before every call of the back end takes effect. It may leave by
 * longjmp(), as a program that is killed does: the port is closed then, the
 * module goes on. NULL: no longer. */
void sim_port_before_calls(struct sim_port *sp, sim_port_hook *hook, void *ctx);

/* How many calls of CALL there were. */
unsigned sim_port_count(const struct sim_port *sp, enum sim_port_call call);

/* How often TEXT stood in what the host wrote, and how many bytes it wrote in
 * all. What is searched is the first 64 KiB outside of data mode's bulk: every
 * write of more than 512 bytes is left out. */
unsigned sim_port_sent(const struct sim_port *sp, const char *text);
uint64_t sim_port_bytes(const struct sim_port *sp);

#endif

#include "config.h"

#include "tests/simulate/line.h"

#include <stdlib.h>
#include <string.h>

#include "tests/simulate/nodes.h"

#define CHUNK 32		/* bytes that pass at once: what an adapter's FIFO holds */
#define SEGMENTS 1024		/* power of two */
#define DRIVER_BYTES 4096	/* what a driver takes by default, and keeps of what is not read */
#define SPIN_CALLS 20000
#define PACKET 64		/* of full-speed USB; 512 is one of it */

/* Bytes of the module that arrive together. */
struct segment {
	int64_t ms;
	size_t size;
};

struct line {
	struct clock clock;	/* first: the clock is the line */
	const struct line_config *config;
	struct sim *sim, *twin;
	int64_t now_ms, slept_ms;
	int64_t cut_ms;		/* the plug was pulled then; 0: it was not */
	long passed, calls;

	const char *name;	/* of its node now */
	bool plugged;		/* it is shown */
	bool open, dead;
	bool at_twin;		/* the twin's port is open */
	bool writing;		/* a write has been called and has not come to it yet */
	bool late_write;	/* ... and the program stood still there */
	unsigned absences, openings, shown, to_twin;
	int baud;
	int64_t failed_ms;	/* the last opening that failed; 0: none */

	unsigned char *out;
	size_t out_first, out_count;
	int64_t out_us;		/* when the last byte that left had passed */
	unsigned long writes;

	unsigned char *in;
	size_t in_first, in_count;
	struct segment segments[SEGMENTS];
	size_t segment_first, segment_count;
	int64_t in_ms;		/* arrival of the newest */
	long in_bytes, in_lines;

	line_hook *on_call, *on_wake;
	int64_t (*on_time)(void *ctx);
	int64_t time_ms;	/* when it wants to be called */
	void *call_ctx, *time_ctx, *wake_ctx, *write_ctx;
	void (*on_write)(void *ctx, const void *bytes, size_t size);
	int64_t wake_ms;
	bool woken;

	int64_t spin_ms;
	unsigned spin, multiples, hasty;
	bool spun;
	uint64_t hash;
};

static int64_t read_clock(const struct clock *clock)
{
	const struct line *l = (const struct line *)(const void *)clock;

	return l->now_ms - l->slept_ms;
}

struct line *line_new(const struct line_config *config, struct sim *sim, struct sim *twin)
{
	static unsigned char out[LINE_HOLDS], in[LINE_HOLDS];	/* pages that stay warm */
	struct line *l = calloc(1, sizeof(*l));

	if (!l)
		abort();
	l->out = out;
	l->in = in;
	l->clock.now_ms = read_clock;
	l->config = config;
	l->sim = sim;
	l->twin = twin;
	l->name = config->name;
	nodes_clear();
	if (twin)
		nodes_plug(LINK_OWN_USB, LINE_TWIN, true);
	l->now_ms = LINE_START_MS;
	l->wake_ms = INT64_MAX;
	l->hash = UINT64_C(0xcbf29ce484222325);
	return l;
}

void line_free(struct line *l)
{
	free(l);
}

const struct clock *line_clock(const struct line *l)
{
	return &l->clock;
}

int64_t line_now(const struct line *l)
{
	return l->now_ms;
}

void line_on_call(struct line *l, line_hook *hook, void *ctx)
{
	l->failed_ms = 0;
	l->on_call = hook;
	l->call_ctx = ctx;
}

void line_on_time(struct line *l, int64_t (*hook)(void *ctx), void *ctx)
{
	l->on_time = hook;
	l->time_ctx = ctx;
}

void line_on_write(struct line *l, void (*hook)(void *ctx, const void *bytes, size_t size), void *ctx)
{
	l->on_write = hook;
	l->write_ctx = ctx;
}

void line_wake(struct line *l, int64_t at_ms, line_hook *hook, void *ctx)
{
	l->wake_ms = at_ms;
	l->on_wake = hook;
	l->wake_ctx = ctx;
}

uint64_t line_hash(const struct line *l)
{
	return l->hash;
}

bool line_spun(const struct line *l)
{
	return l->spun;
}

unsigned line_multiples(const struct line *l)
{
	return l->multiples;
}

unsigned line_to_twin(const struct line *l)
{
	return l->to_twin;
}

bool line_late_write(const struct line *l)
{
	return l->late_write;
}

unsigned line_hasty(const struct line *l)
{
	return l->hasty;
}

unsigned line_openings(const struct line *l)
{
	return l->openings;
}

size_t line_on_the_way(const struct line *l)
{
	return l->out_count + l->writing;
}

long line_passed(const struct line *l)
{
	return l->passed;
}

long line_calls(const struct line *l)
{
	return l->calls;
}

static void mix(struct line *l, const unsigned char *p, size_t size)
{
	l->hash = (l->hash ^ (uint64_t)l->now_ms) * UINT64_C(0x100000001b3);
	for (size_t i = 0; i < size; i++)
		l->hash = (l->hash ^ p[i]) * UINT64_C(0x100000001b3);
}

static bool has_wire(const struct line *l)
{
	return l->config->link != LINK_OWN_USB && l->config->link != LINK_PTY;
}

/* The node or the connection goes with the module. */
static bool goes_away(const struct line *l)
{
	return !has_wire(l) || (l->config->server_closes && l->config->link >= LINK_SOCKET);
}

/* A server has its rate, whatever this computer sets; RFC 2217 sets it there. */
static bool is_served(const struct line *l)
{
	return l->config->link == LINK_SOCKET;
}

/* What the wire runs at. */
static int wire_baud(const struct line *l)
{
	if (is_served(l))
		return l->config->server_baud;
	return has_wire(l) && l->baud ? l->baud : sim_baud(l->sim);
}

/* A UART of the board has no plug. */
static bool is_unplugged(const struct line *l)
{
	if (l->config->link == LINK_UART)
		return false;
	if (l->cut_ms && l->now_ms < l->cut_ms + l->config->cut.ms)
		return true;
	for (size_t i = 0; i < LINE_FAULTS; i++) {
		int64_t at_ms = LINE_START_MS + l->config->unplugged[i].at_ms;

		if (l->config->unplugged[i].at_ms && l->now_ms >= at_ms && l->now_ms < at_ms + l->config->unplugged[i].ms)
			return true;
	}
	return false;
}

/* One more byte of the dialogue, in either direction. False: it does not arrive. */
static bool pass_byte(struct line *l)
{
	if (is_unplugged(l))
		return false;
	if (++l->passed == l->config->cut.byte)
		l->cut_ms = l->now_ms;
	return true;
}

/* A node for the module: its own USB and a pseudo-terminal go with it. */
static bool is_there(const struct line *l)
{
	return !is_unplugged(l) && (!goes_away(l) || sim_present(l->sim));
}

/* --- from the module */

static bool is_lost(const struct line *l, long line)
{
	for (size_t i = 0; i < LINE_FAULTS; i++)
		if (l->config->lost[i].line && line >= l->config->lost[i].line &&
		    line < l->config->lost[i].line + l->config->lost[i].count)
			return true;
	return false;
}

static int64_t pause_at(const struct line *l, long byte)
{
	for (size_t i = 0; i < LINE_FAULTS; i++)
		if (l->config->pauses[i].after == byte)
			return l->config->pauses[i].ms;
	return 0;
}

static void arrive(struct line *l, unsigned char c)
{
	struct segment *last = NULL;

	if (l->segment_count)
		last = &l->segments[(l->segment_first + l->segment_count - 1) % SEGMENTS];
	if (!l->open || l->dead || l->in_count == LINE_HOLDS || (last && last->ms != l->in_ms && l->segment_count == SEGMENTS))
		return;
	if (!last || last->ms != l->in_ms) {
		last = &l->segments[(l->segment_first + l->segment_count++) % SEGMENTS];
		*last = (struct segment){.ms = l->in_ms};
	}
	last->size++;
	l->in[(l->in_first + l->in_count++) % LINE_HOLDS] = c;
}

/* What the module prints now is on its way. */
static void collect(struct line *l)
{
	unsigned char bytes[512];
	size_t n;

	while (sim_next_ms(l->sim) <= l->now_ms && (n = sim_output(l->sim, l->now_ms, bytes, sizeof(bytes)))) {
		int64_t at_ms = l->now_ms + l->config->latency_ms + (int64_t)n * 10000 / wire_baud(l);

		if (l->in_ms < at_ms)
			l->in_ms = at_ms;
		for (size_t i = 0; i < n; i++) {
			bool lost = is_lost(l, l->in_lines + 1);

			l->in_ms += pause_at(l, ++l->in_bytes);
			l->in_lines += bytes[i] == '\n';
			if (pass_byte(l) && !lost && !l->at_twin)
				arrive(l, bytes[i]);
		}
	}
}

/* --- to the module */

static int64_t chunk_due_us(const struct line *l)
{
	size_t size = l->out_count < CHUNK ? l->out_count : CHUNK;

	return l->out_us + (int64_t)size * 10000000 / wire_baud(l);
}

/* Does anything keep the module from what is in the buffers? */
static bool is_held(const struct line *l)
{
	return !l->out_count || !sim_accepts(l->sim) || is_unplugged(l);
}

static void deliver(struct line *l)
{
	unsigned char bytes[CHUNK];
	bool late = l->out_count > CHUNK;

	while (!is_held(l) && chunk_due_us(l) <= l->now_ms * 1000) {
		size_t size = l->out_count < CHUNK ? l->out_count : CHUNK;

		size_t arrived = 0;

		l->out_us = chunk_due_us(l);
		for (size_t i = 0; i < size; i++) {
			bytes[i] = l->out[(l->out_first + i) % LINE_HOLDS];
			arrived += pass_byte(l);
		}
		l->out_first = (l->out_first + size) % LINE_HOLDS;
		l->out_count -= size;
		sim_late(l->sim, late);
		sim_input(l->sim, l->now_ms, bytes, arrived);
		collect(l);
	}
}

/* The node comes and goes with what it stands for. */
static void show_node(struct line *l)
{
	if (l->plugged == is_there(l))
		return;
	l->plugged = !l->plugged;
	if (!l->plugged) {
		nodes_unplug(l->name);
		return;
	}
	if (l->config->other_name && l->shown++)
		l->name = l->name == l->config->name ? l->config->other_name : l->config->name;
	nodes_plug(l->config->link, l->name, false);
}

static void settle_twin(struct line *l)
{
	unsigned char bytes[256];
	size_t n;

	if (!l->twin)
		return;
	sim_run(l->twin, l->now_ms);
	while (sim_next_ms(l->twin) <= l->now_ms && (n = sim_output(l->twin, l->now_ms, bytes, sizeof(bytes)))) {
		if (l->at_twin)
			l->in_ms = l->now_ms;
		for (size_t i = 0; i < n && l->at_twin; i++)
			arrive(l, bytes[i]);
	}
}

/* --- time */

static void settle(struct line *l)
{
	sim_run(l->sim, l->now_ms);
	show_node(l);
	settle_twin(l);
	collect(l);
	deliver(l);
	if (l->open && !l->dead && !l->at_twin && (is_unplugged(l) || (goes_away(l) && l->absences != sim_absences(l->sim)))) {
		l->dead = true;
		l->out_count = 0;
	}
	l->time_ms = l->on_time(l->time_ctx);
	sim_run(l->sim, l->now_ms);
	collect(l);
	if (l->wake_ms <= l->now_ms) {
		l->wake_ms = INT64_MAX;
		l->woken = true;
		l->on_wake(l->wake_ctx);
	}
}

static int64_t sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t next_plug_ms(const struct line *l)
{
	int64_t next = INT64_MAX;

	if (l->cut_ms && l->now_ms < l->cut_ms + l->config->cut.ms)
		next = l->cut_ms + l->config->cut.ms;
	for (size_t i = 0; i < LINE_FAULTS; i++) {
		int64_t at_ms = LINE_START_MS + l->config->unplugged[i].at_ms, end_ms = at_ms + l->config->unplugged[i].ms;

		if (!l->config->unplugged[i].at_ms)
			continue;
		if (at_ms > l->now_ms)
			next = sooner(next, at_ms);
		else if (end_ms > l->now_ms)
			next = sooner(next, end_ms);
	}
	return next;
}

/* One step of time, at most to LIMIT_MS. */
static void step(struct line *l, int64_t limit_ms)
{
	int64_t next = sooner(sim_next_ms(l->sim), sooner(l->wake_ms, next_plug_ms(l)));

	if (l->twin)
		next = sooner(next, sim_next_ms(l->twin));

	if (!is_held(l))
		next = sooner(next, (chunk_due_us(l) + 999) / 1000);
	if (l->segment_count && l->segments[l->segment_first].ms > l->now_ms)
		next = sooner(next, l->segments[l->segment_first].ms);
	next = sooner(next, sooner(limit_ms, l->time_ms > l->now_ms ? l->time_ms : INT64_MAX));
	if (next > l->now_ms)
		l->now_ms = next;
	settle(l);
}

static void pass_to(struct line *l, int64_t ms)
{
	settle(l);
	while (l->now_ms < ms) {
		int64_t before = l->now_ms;

		step(l, ms);
		if (l->now_ms == before)
			l->now_ms++;	/* what waits to be read is no reason to stand still */
	}
	settle(l);
}

void line_pass(struct line *l, int64_t ms)
{
	pass_to(l, l->now_ms + ms);
}

/* The program stands still. */
static void stall(struct line *l)
{
	for (size_t i = 0; i < LINE_FAULTS; i++) {
		int64_t at_ms = LINE_START_MS + l->config->stalled[i].at_ms;

		if (l->config->stalled[i].at_ms && l->now_ms >= at_ms && l->now_ms < at_ms + l->config->stalled[i].ms) {
			pass_to(l, at_ms + l->config->stalled[i].ms);
			l->late_write |= l->writing;
		}
	}
}

/* At a call, not at a time: what it asked for happens afterwards. */
static void stop(struct line *l)
{
	if (++l->calls != l->config->stopped.call)
		return;
	pass_to(l, l->now_ms + l->config->stopped.ms);
	if (l->config->stopped.asleep)
		l->slept_ms += l->config->stopped.ms;
}

static void come(struct line *l)
{
	if (l->on_call)
		l->on_call(l->call_ctx);
	stall(l);
	stop(l);
	if (l->spin_ms != l->now_ms) {
		l->spin_ms = l->now_ms;
		l->spin = 0;
	}
	if (++l->spin < SPIN_CALLS)
		return;
	l->spun = true;
	l->now_ms++;
}

/* --- the back end */

/* A time of the program's clock. */
static int64_t real_ms(const struct line *l, int64_t ms)
{
	return ms > INT64_MAX - l->slept_ms ? INT64_MAX : ms + l->slept_ms;
}

static int gone(const struct line *l, struct err *e)
{
	return err_fail(e, MSG_PORT_GONE, "port=%s", l->name);
}

static void forget(struct line *l)
{
	l->in_count = l->segment_count = 0;
}

static void set_host_rate(struct line *l, int baud)
{
	sim_host_baud(l->sim, is_served(l) ? l->config->server_baud : l->config->link == LINK_OWN_USB ? 0 : baud);
}

static bool is_path_of(const struct line *l, const char *path, const char *name)
{
	char node[256];

	return strcmp(path, l->config->link < LINK_SOCKET ? nodes_path(name, node, sizeof(node)) : name) == 0;
}

static int backend_open(void *ctx, const char *path, const struct port_settings *s, struct err *e)
{
	struct line *l = ctx;

	come(l);
	settle(l);
	l->openings++;
	l->at_twin = l->twin && is_path_of(l, path, LINE_TWIN);
	if ((!l->at_twin && (!is_path_of(l, path, l->name) || !is_there(l))) ||
	    (l->openings > 1 && l->openings <= (unsigned)l->config->fail_open + 1)) {
		l->hasty += l->failed_ms && l->now_ms - l->failed_ms < 500;
		l->failed_ms = l->now_ms;
		return err_fail(e, MSG_PORT_NODE_MISSING, "port=%s", path);
	}
	l->open = true;
	l->dead = false;
	l->absences = sim_absences(l->sim);
	l->baud = s->baud;
	forget(l);
	set_host_rate(l, s->baud);
	return 0;
}

void line_hang_up(struct line *l)
{
	l->open = l->at_twin = false;
	if (l->config->link < LINK_SOCKET)
		l->out_count = 0;
	forget(l);
}

static void backend_close(void *ctx)
{
	line_hang_up(ctx);
}

static size_t take(struct line *l, unsigned char *buf, size_t size)
{
	size_t n = 0;

	while (n < size && l->segment_count && l->segments[l->segment_first].ms <= l->now_ms) {
		struct segment *s = &l->segments[l->segment_first];

		buf[n++] = l->in[l->in_first];
		l->in_first = (l->in_first + 1) % LINE_HOLDS;
		l->in_count--;
		if (!--s->size) {
			l->segment_first = (l->segment_first + 1) % SEGMENTS;
			l->segment_count--;
		}
	}
	mix(l, buf, n);
	return n;
}

static int backend_read(void *ctx, void *buf, size_t size, int64_t deadline_ms, struct err *e)
{
	struct line *l = ctx;

	come(l);
	deadline_ms = real_ms(l, deadline_ms);
	l->woken = false;
	if (l->config->read_max && size > l->config->read_max)
		size = l->config->read_max;
	settle(l);
	for (;;) {
		size_t n;

		n = take(l, buf, size);
		if (n || l->woken)
			return (int)n;
		if (l->dead || !l->open)
			return gone(l, e);
		if (l->now_ms >= deadline_ms)
			return 0;
		step(l, deadline_ms);
	}
}

static bool is_dropped(const struct line *l, size_t byte)
{
	for (size_t i = 0; i < LINE_FAULTS; i++)
		if (l->config->dropped[i].write && (unsigned long)l->config->dropped[i].write == l->writes &&
		    (size_t)l->config->dropped[i].byte == byte)
			return true;
	return false;
}

/* Into the buffers, as far as there is room. */
static size_t put(struct line *l, const unsigned char *p, size_t size)
{
	size_t room = l->config->buffer ? l->config->buffer : DRIVER_BYTES, asked = size;

	room = room > l->out_count ? room - l->out_count : 0;
	if (size > room)
		size = room;
	if (!size)
		return 0;
	if (l->at_twin) {
		l->to_twin++;
		sim_input(l->twin, l->now_ms, p, size);
		return size;
	}
	if (l->on_write)
		l->on_write(l->write_ctx, p, size);
	l->writes++;
	l->multiples += l->config->link == LINK_OWN_USB && size % PACKET == 0 && size == asked;
	if (!l->out_count)
		l->out_us = l->now_ms * 1000;
	for (size_t i = 0; i < size; i++)
		if (!is_dropped(l, i))
			l->out[(l->out_first + l->out_count++) % LINE_HOLDS] = p[i];
	mix(l, p, size);
	return size;
}

static bool has_input(const struct line *l)
{
	return l->segment_count && l->segments[l->segment_first].ms <= l->now_ms;
}

static int backend_write(void *ctx, const void *buf, size_t size, int64_t deadline_ms, struct err *e)
{
	struct line *l = ctx;

	l->writing = true;
	come(l);
	l->writing = false;
	deadline_ms = real_ms(l, deadline_ms);
	l->woken = false;
	settle(l);
	for (;;) {
		size_t n;

		if (l->dead || !l->open)
			return gone(l, e);
		n = put(l, buf, size);
		if (n || l->woken || l->now_ms >= deadline_ms || has_input(l))
			return (int)n;
		step(l, deadline_ms);
	}
}

/* Until somebody wakes it; LEAVES: also until all has left. */
static void wait_on(struct line *l, int64_t deadline_ms, bool leaves)
{
	come(l);
	deadline_ms = real_ms(l, deadline_ms);
	l->woken = false;
	settle(l);
	while (!l->woken && l->now_ms < deadline_ms && !(leaves && line_on_the_way(l) == 0)) {
		int64_t before = l->now_ms;

		step(l, deadline_ms);
		if (l->now_ms == before)
			l->now_ms++;
	}
}

static int backend_wait(void *ctx, int64_t deadline_ms, struct err *e)
{
	(void)e;
	wait_on(ctx, deadline_ms, false);
	return 0;
}

static int backend_drain(void *ctx, int64_t deadline_ms, struct err *e)
{
	wait_on(ctx, deadline_ms, true);
	return line_on_the_way(ctx) == 0 ? 0 : err_fail(e, MSG_COMMAND_STALLED, "");
}

static int backend_set_baud(void *ctx, int baud, struct err *e)
{
	struct line *l = ctx;

	(void)e;
	come(l);
	settle(l);
	l->baud = baud;
	set_host_rate(l, baud);
	return 0;
}

static enum link backend_link(void *ctx)
{
	const struct line *l = ctx;

	return l->config->link;
}

const struct port_backend *line_backend(void)
{
	static const struct port_backend ops = {
		.open = backend_open, .close = backend_close, .read = backend_read,
		.write = backend_write, .wait = backend_wait, .drain = backend_drain, .set_baud = backend_set_baud,
		.link = backend_link,
	};

	return &ops;
}

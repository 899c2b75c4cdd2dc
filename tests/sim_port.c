#include "config.h"

#include "sim_port.h"
#include "sim/core.h"
#include "sim/fetch.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOOKS 32
#define FAULTS 16
#define TEXT_BYTES 64
#define LOG_BYTES 65536
#define LOG_WRITE_MAX 512
#define DRIVER_BYTES 4096	/* a serial driver takes so much while CTS is low */
#define STEP_BYTES 1024
#define SPIN_CALLS 100000

enum stream { OUTPUT, INPUT, STREAMS };

struct hook {
	sim_port_hook *call;	/* NULL: free, or has been called */
	void *ctx;
	int64_t at_ms;		/* INT64_MAX: by text */
	enum stream stream;
	char text[TEXT_BYTES];
};

struct fault {
	enum sim_port_call call;
	unsigned nth;		/* 0: free */
	enum err_code code;
};

struct sim_port {
	struct clock clock;	/* first: the clock is the sim_port */
	int64_t now_ms;
	int64_t rest_us;	/* of a byte on the line */
	struct sim *sim;
	struct sim_port_config config;

	bool open, dead;
	unsigned absences;	/* of the module when it was opened */
	int baud;
	unsigned char held[DRIVER_BYTES];
	size_t held_size;

	const struct sim_port_file *file;	/* being downloaded; NULL none */
	int64_t file_ms;			/* when it is there */

	struct hook hooks[HOOKS];
	sim_port_hook *before_calls;
	void *before_ctx;
	struct fault faults[FAULTS];
	unsigned counts[SIM_PORT_CALLS];
	char window[STREAMS][TEXT_BYTES];	/* the last bytes of a stream */
	char log[LOG_BYTES];
	size_t log_size;
	uint64_t bytes;

	int64_t spin_ms;
	unsigned spin;
};

static int64_t read_clock(const struct clock *clock)
{
	return ((const struct sim_port *)(const void *)clock)->now_ms;
}

struct sim_port *sim_port_new(const struct sim_port_config *config, struct err *e)
{
	struct sim_port *sp = calloc(1, sizeof(*sp));

	if (!sp) {
		err_fail(e, MSG_NO_MEMORY, "what=%s", "port");
		return NULL;
	}
	sp->sim = sim_new(&config->sim, e);
	if (!sp->sim) {
		free(sp);
		return NULL;
	}
	sp->clock.now_ms = read_clock;
	sp->config = *config;
	sp->now_ms = SIM_PORT_START_MS;
	sim_power_on(sp->sim, sp->now_ms, !config->booting);
	return sp;
}

void sim_port_free(struct sim_port *sp)
{
	if (!sp)
		return;
	sim_free(sp->sim);
	free(sp);
}

const struct clock *sim_port_clock(const struct sim_port *sp)
{
	return &sp->clock;
}

struct sim *sim_port_sim(struct sim_port *sp)
{
	return sp->sim;
}

static struct hook *add_hook(struct sim_port *sp, sim_port_hook *call, void *ctx)
{
	size_t i = 0;

	while (i < HOOKS && sp->hooks[i].call)
		i++;
	assert(i < HOOKS);
	sp->hooks[i] = (struct hook){ .call = call, .ctx = ctx, .at_ms = INT64_MAX };
	return &sp->hooks[i];
}

void sim_port_at(struct sim_port *sp, int64_t at_ms, sim_port_hook *hook, void *ctx)
{
	add_hook(sp, hook, ctx)->at_ms = at_ms;
}

static void add_text_hook(struct sim_port *sp, enum stream stream, const char *text,
			  sim_port_hook *call, void *ctx)
{
	struct hook *h = add_hook(sp, call, ctx);

	assert(*text && strlen(text) < TEXT_BYTES);
	h->stream = stream;
	snprintf(h->text, sizeof(h->text), "%s", text);
}

void sim_port_on_output(struct sim_port *sp, const char *text, sim_port_hook *hook, void *ctx)
{
	add_text_hook(sp, OUTPUT, text, hook, ctx);
}

void sim_port_on_input(struct sim_port *sp, const char *text, sim_port_hook *hook, void *ctx)
{
	add_text_hook(sp, INPUT, text, hook, ctx);
}

static void call_hook(struct hook *h)
{
	struct hook copy = *h;

	h->call = NULL;
	copy.call(copy.ctx);
}

/* Call what is due by time; true when something was. */
static bool call_due(struct sim_port *sp)
{
	bool any = false;

	for (size_t i = 0; i < HOOKS; i++)
		if (sp->hooks[i].call && sp->hooks[i].at_ms <= sp->now_ms) {
			call_hook(&sp->hooks[i]);
			any = true;
		}
	return any;
}

static bool window_ends_in(const char *window, const char *text)
{
	size_t size = strlen(text);

	return !memcmp(window + TEXT_BYTES - size, text, size);
}

/* SIZE bytes have passed; true when a hook was called. */
static bool watch(struct sim_port *sp, enum stream stream, const void *bytes, size_t size)
{
	const char *p = bytes;
	char *window = sp->window[stream];
	bool any = false;

	for (size_t n = 0; n < size; n++) {
		memmove(window, window + 1, TEXT_BYTES - 1);
		window[TEXT_BYTES - 1] = p[n];
		for (size_t i = 0; i < HOOKS; i++) {
			struct hook *h = &sp->hooks[i];

			if (h->call && h->text[0] && h->stream == stream && window_ends_in(window, h->text)) {
				call_hook(h);
				any = true;
			}
		}
	}
	return any;
}

void sim_port_fail(struct sim_port *sp, enum sim_port_call call, unsigned nth, enum err_code code)
{
	size_t i = 0;

	while (i < FAULTS && sp->faults[i].nth)
		i++;
	assert(i < FAULTS);
	sp->faults[i] = (struct fault){ .call = call, .nth = nth, .code = code };
}

unsigned sim_port_count(const struct sim_port *sp, enum sim_port_call call)
{
	return sp->counts[call];
}

/* The clock must move now and then. */
static void guard_spin(struct sim_port *sp)
{
	if (sp->spin_ms != sp->now_ms) {
		sp->spin_ms = sp->now_ms;
		sp->spin = 0;
	}
	if (++sp->spin < SPIN_CALLS)
		return;
	fprintf(stderr, "sim_port: %d calls and the time has not moved: this would spin\n", SPIN_CALLS);
	abort();
}

void sim_port_before_calls(struct sim_port *sp, sim_port_hook *hook, void *ctx)
{
	sp->before_calls = hook;
	sp->before_ctx = ctx;
}

static void come(struct sim_port *sp)
{
	guard_spin(sp);
	if (sp->before_calls)
		sp->before_calls(sp->before_ctx);
}

/* Count a call of CALL; -1 when a fault is set on it. */
static int begin(struct sim_port *sp, enum sim_port_call call, struct err *e)
{
	struct message fault;
	unsigned nth = ++sp->counts[call];

	come(sp);
	for (size_t i = 0; i < FAULTS; i++) {
		struct fault *f = &sp->faults[i];

		if (f->nth != nth || f->call != call)
			continue;
		f->nth = 0;
		if (f->code == ERR_GONE)
			sp->dead = true;
		message_set(&fault, MSG_PORT_FAILED, "port=%s", SIM_PORT_PATH);
		return err_take(e, f->code, &fault);
	}
	return 0;
}

static const struct sim_port_file *find_file(const struct sim_port *sp, const char *url)
{
	static const struct sim_port_file missing = { .status = { .kind = SERVER_NOT_FOUND } };
	const struct sim_port_file *f = sp->config.files;

	while (f && f->url && strcmp(f->url, url) != 0)
		f++;
	return f && f->url ? f : &missing;
}

static void serve(struct sim_port *sp)
{
	const char *url = sim_fetch_wanted(sp->sim);

	if (!url) {
		sp->file = NULL;
		return;
	}
	if (!sp->file) {
		sp->file = find_file(sp, url);
		sp->file_ms = sp->now_ms + (sp->file->duration_ms ? sp->file->duration_ms : 1000);
	}
	if (sp->now_ms < sp->file_ms)
		return;
	if (sp->file->size)
		sim_fetch_data(sp->sim, sp->file->bytes, sp->file->size);
	sim_fetch_end(sp->sim, sp->now_ms, &sp->file->status, sp->file->status.kind == SERVER_OK);
	sp->file = NULL;
}

/* Let the module and the server do what is due now. */
static void settle(struct sim_port *sp)
{
	unsigned char lost[256];

	sim_run(sp->sim, sp->now_ms);
	serve(sp);
	if (!sp->open)
		while (sim_next_ms(sp->sim) <= sp->now_ms && sim_output(sp->sim, sp->now_ms, lost, sizeof(lost)))
			;
	sim_run(sp->sim, sp->now_ms);
	if (sp->open && sp->absences != sim_absences(sp->sim))
		sp->dead = true;
	if (sp->held_size && !sp->dead && sim_accepts(sp->sim)) {
		sim_input(sp->sim, sp->now_ms, sp->held, sp->held_size);
		sp->held_size = 0;
	}
}

/* The first time after now at which something may happen, at most LIMIT_MS. */
static int64_t next_event_ms(const struct sim_port *sp, int64_t limit_ms)
{
	int64_t next = sim_next_ms(sp->sim);

	if (sp->file && sp->file_ms < next)
		next = sp->file_ms;
	for (size_t i = 0; i < HOOKS; i++)
		if (sp->hooks[i].call && sp->hooks[i].at_ms < next)
			next = sp->hooks[i].at_ms;
	if (next > limit_ms)
		next = limit_ms;
	return next > sp->now_ms ? next : sp->now_ms;
}

static int gone(struct err *e)
{
	return err_fail(e, MSG_PORT_GONE, "port=%s", SIM_PORT_PATH);
}

static int backend_open(void *ctx, const char *path, const struct port_settings *s, struct err *e)
{
	struct sim_port *sp = ctx;
	const char *imei;

	if (begin(sp, SIM_PORT_OPEN, e) < 0)
		return -1;
	assert(!sp->open);
	settle(sp);
	imei = sp->config.imei_at ? sp->config.imei_at(sp->config.imei_ctx, path) :
		strcmp(path, SIM_PORT_PATH) == 0 ? sp->sim->set.imei : NULL;
	if (!imei || !sim_present(sp->sim))
		return err_fail(e, MSG_PORT_NODE_MISSING, "port=%s", path);
	if (imei != sp->sim->set.imei)
		snprintf(sp->sim->set.imei, sizeof(sp->sim->set.imei), "%s", imei);
	sp->open = true;
	sp->dead = false;
	sp->absences = sim_absences(sp->sim);
	sp->baud = s->baud;
	sp->held_size = 0;
	sim_host_baud(sp->sim, s->baud);
	return 0;
}

static void backend_close(void *ctx)
{
	struct sim_port *sp = ctx;

	sp->open = false;
	sp->held_size = 0;
}

static int backend_read(void *ctx, void *buf, size_t size, int64_t deadline_ms, struct err *e)
{
	struct sim_port *sp = ctx;

	if (begin(sp, SIM_PORT_READ, e) < 0)
		return -1;
	if (sp->config.read_max && size > sp->config.read_max)
		size = sp->config.read_max;
	for (;;) {
		bool called;
		size_t n;

		settle(sp);
		if (sp->dead || !sp->open)
			return gone(e);
		called = call_due(sp);
		n = sim_output(sp->sim, sp->now_ms, buf, size);
		watch(sp, OUTPUT, buf, n);
		if (n || called || sp->now_ms >= deadline_ms)
			return (int)n;
		sp->now_ms = next_event_ms(sp, deadline_ms);
	}
}

/* Let K bytes pass over the line. */
static void transmit(struct sim_port *sp, const unsigned char *p, size_t k)
{
	sp->rest_us += (int64_t)k * 10000000 / sp->baud;
	sp->now_ms += sp->rest_us / 1000;
	sp->rest_us %= 1000;
	sim_input(sp->sim, sp->now_ms, p, k);
}

/* How many of SIZE bytes pass before something else happens, at least 1. */
static size_t step_size(const struct sim_port *sp, size_t size, int64_t deadline_ms)
{
	int64_t left_ms = next_event_ms(sp, deadline_ms) - sp->now_ms;
	int64_t fits = left_ms > STEP_BYTES * 10000 / 300 ? STEP_BYTES : left_ms * sp->baud / 10000;

	if (size > STEP_BYTES)
		size = STEP_BYTES;
	if ((int64_t)size > fits)
		size = fits < 1 ? 1 : (size_t)fits;
	return size;
}

static void keep(struct sim_port *sp, const void *bytes, size_t size, size_t write_size)
{
	if (write_size <= LOG_WRITE_MAX && size < LOG_BYTES - sp->log_size) {
		memcpy(sp->log + sp->log_size, bytes, size);
		sp->log_size += size;
	}
	sp->bytes += size;
}

/* What the driver takes while the module does not. */
static size_t hold(struct sim_port *sp, const void *bytes, size_t size)
{
	size_t room = DRIVER_BYTES - sp->held_size;

	if (size > room)
		size = room;
	memcpy(sp->held + sp->held_size, bytes, size);
	sp->held_size += size;
	return size;
}

static int backend_write(void *ctx, const void *buf, size_t size, int64_t deadline_ms, struct err *e)
{
	struct sim_port *sp = ctx;
	const unsigned char *p = buf;
	size_t done = 0;

	if (begin(sp, SIM_PORT_WRITE, e) < 0)
		return -1;
	do {
		bool called;
		size_t k;

		settle(sp);
		if (sp->dead || !sp->open)
			return done ? (int)done : gone(e);
		called = call_due(sp);
		if (called && done)
			break;
		if (sim_accepts(sp->sim)) {
			k = step_size(sp, size - done, deadline_ms);
			transmit(sp, p + done, k);
		} else {
			k = hold(sp, p + done, size - done);
		}
		keep(sp, p + done, k, size);
		done += k;
		if (watch(sp, INPUT, p + done - k, k) || called)
			break;
		if (!k)
			sp->now_ms = next_event_ms(sp, deadline_ms);
		sim_run(sp->sim, sp->now_ms);
		if (sim_present(sp->sim) && sim_next_ms(sp->sim) <= sp->now_ms)
			break;
	} while (done < size && sp->now_ms < deadline_ms);
	return (int)done;
}

static int backend_wait(void *ctx, int64_t deadline_ms, struct err *e)
{
	struct sim_port *sp = ctx;

	(void)e;
	come(sp);
	for (;;) {
		settle(sp);
		if (call_due(sp) || sp->now_ms >= deadline_ms)
			return 0;
		/* output that nobody reads yet is no reason to stand still */
		if (sim_next_ms(sp->sim) <= sp->now_ms)
			sp->now_ms++;
		else
			sp->now_ms = next_event_ms(sp, deadline_ms);
	}
}

static int backend_set_baud(void *ctx, int baud, struct err *e)
{
	struct sim_port *sp = ctx;

	(void)e;
	come(sp);
	settle(sp);
	sp->baud = baud;
	sim_host_baud(sp->sim, baud);
	return 0;
}

static enum link backend_link(void *ctx)
{
	return ((const struct sim_port *)ctx)->config.link;
}

const struct port_backend *sim_port_backend(void)
{
	static const struct port_backend ops = {
		.open = backend_open, .close = backend_close, .read = backend_read,
		.write = backend_write, .wait = backend_wait, .set_baud = backend_set_baud, .link = backend_link,
	};

	return &ops;
}

unsigned sim_port_sent(const struct sim_port *sp, const char *text)
{
	size_t size = strlen(text);
	unsigned count = 0;

	for (size_t i = 0; i + size <= sp->log_size; i++)
		count += !memcmp(sp->log + i, text, size);
	return count;
}

uint64_t sim_port_bytes(const struct sim_port *sp)
{
	return sp->bytes;
}

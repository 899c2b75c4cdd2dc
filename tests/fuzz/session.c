/*
 * A whole upgrade of a module that lies, on the virtual clock.
 *
 * The first byte chooses: a scenario (the rest is its text), or the good module behind a
 * line that adds, drops and delays bytes and hangs up, as the rest says. Whatever it
 * does: one result in bounded time, one command to upgrade at most, never more bytes
 * than were declared. Where nothing was added that can be taken for an answer, what is
 * reported is true and the module was never wronged.
 */
#include "config.h"

#include "sim/scenario.h"
#include "tests/fuzz/safe.h"
#include "tests/upgrade_fixture.h"

#define LONGEST_MS (4 * 3600 * 1000LL)	/* of all limits that follow one another */

struct hostile {
	struct run run;
	const struct port_backend *good;
	struct input script;
	bool lies;		/* something was added that may be part of an answer */
	bool hurts;		/* something was lost or came late */
};

static struct hostile *of(void *ctx)
{
	return ctx;
}

static int open_good(void *ctx, const char *path, const struct port_settings *s, struct err *e)
{
	return of(ctx)->good->open(of(ctx)->run.sp, path, s, e);
}

static void close_good(void *ctx)
{
	of(ctx)->good->close(of(ctx)->run.sp);
}

static int write_good(void *ctx, const void *buf, size_t size, int64_t deadline_ms, struct err *e)
{
	return of(ctx)->good->write(of(ctx)->run.sp, buf, size, deadline_ms, e);
}

static int wait_good(void *ctx, int64_t deadline_ms, struct err *e)
{
	return of(ctx)->good->wait(of(ctx)->run.sp, deadline_ms, e);
}

static int set_baud_good(void *ctx, int baud, struct err *e)
{
	return of(ctx)->good->set_baud ? of(ctx)->good->set_baud(of(ctx)->run.sp, baud, e) : 0;
}

/* What can be taken for a final result, a gate token, a FOTA line or a version. */
static bool may_lie(const unsigned char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if ((bytes[i] >= 'A' && bytes[i] <= 'Z') || (bytes[i] >= '0' && bytes[i] <= '9'))
			return true;
	return false;
}

/* One byte of the script a read: 0..127 nothing; then up to 15 bytes more from the
 * script; up to 7 lost; late; hung up. */
static int read_hostile(void *ctx, void *buf, size_t size, int64_t deadline_ms, struct err *e)
{
	struct hostile *h = ctx;
	unsigned what = take_byte(&h->script), n = 0;
	unsigned char *bytes = buf;
	int got;

	if (what >= 0x80 && what < 0xc0) {
		for (; n < (what & 15) && n < size && h->script.left > 0; n++)
			bytes[n] = (unsigned char)take_byte(&h->script);
		h->lies |= may_lie(bytes, n);
		if (n > 0)
			return (int)n;
	}
	if (what == 0xff) {
		h->hurts = true;
		sim_port_fail(h->run.sp, SIM_PORT_READ, sim_port_count(h->run.sp, SIM_PORT_READ) + 1, ERR_GONE);
	}
	got = h->good->read(h->run.sp, buf, size, deadline_ms, e);
	if (what >= 0xc0 && what < 0xe0 && got > 0) {
		int lost = (int)(what & 7) < got ? (int)(what & 7) : got;

		h->hurts = true;
		memmove(bytes, bytes + lost, (size_t)(got - lost));
		got -= lost;
	}
	return got;
}

static const struct port_backend hostile_line = {
	.open = open_good, .close = close_good, .read = read_hostile, .write = write_good, .wait = wait_good,
	.set_baud = set_baud_good,
};

/* The package, made once. */
static void *kept_files(bool make)
{
	static void *state;

	if (make && !state)
		CLAIM(files_make(&state) == 0);
	return state;
}

static void remove_files(void)
{
	void *state = kept_files(false);

	files_remove(&state);
}

static void *files(void)
{
	if (!kept_files(false))
		atexit(remove_files);
	return kept_files(true);
}

static bool loads(const char *text, size_t size)
{
	static struct sim_scenario sc;
	struct sim_settings p;
	struct err e;

	sim_settings_init(&p, true);
	if (sim_scenario_parse(&sc, &p, "fuzz", text, size, &e) < 0)
		return false;
	sim_scenario_free(&sc);
	return true;
}

static void check(const struct hostile *h, bool honest)
{
	const struct run *r = &h->run;

	CLAIM(r->results == 1 && !r->killed);
	CLAIM(r->took_ms <= LONGEST_MS);
	CLAIM(r->qfotadl <= 1);
	CLAIM(r->result.outcome != OUTCOME_SUCCESS || r->qfotadl == 1 || strcmp(r->began, TO) == 0);
	CLAIM(r->result.outcome != OUTCOME_STOPPED || r->qfotadl == 0 || r->plan.route == ROUTE_SERIAL);
	if (!honest)
		return;
	if (r->violations)
		fprintf(stderr, "%s\n", r->violation);
	CLAIM(r->violations == 0);
	CLAIM(r->result.outcome != OUTCOME_SUCCESS || strcmp(r->version, TO) == 0);
	CLAIM(r->result.outcome != OUTCOME_UNCHANGED || strcmp(r->version, r->began) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct hostile h;
	struct input in = { data, size };
	unsigned flags = take_byte(&in);
	char text[4096];
	void *state = files();

	memset(&h, 0, sizeof(h));
	run_init(&h.run, &state);
	if (flags & 2)
		run_pull(&h.run, HTTP_URL);
	else
		run_push(&h.run);
	h.run.config.booting = flags & 4;
	h.run.config.read_max = flags & 8 ? 1 : 0;
	h.run.cancel_at = flags >> 4 < STEP_COUNT ? (enum step)(flags >> 4) : STEP_COUNT;
	h.run.cancel_with = REQUEST_CANCEL;
	if (flags & 1) {
		h.good = sim_port_backend();
		h.script = in;
		h.run.backend = &hostile_line;
		h.run.backend_ctx = &h;
	} else {
		h.run.config.sim.scenario_text = text_of(in, text, sizeof(text));
		if (!loads(text, strlen(text)))
			return 0;
	}
	run_go(&h.run);
	check(&h, (flags & 1) && !h.lies);
	return 0;
}

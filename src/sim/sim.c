#include "config.h"

#include "sim/sim.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "package/package.h"
#include "sim/blocks.h"
#include "sim/commands.h"
#include "sim/core.h"
#include "sim/data.h"
#include "sim/demo_package.h"
#include "sim/files.h"
#include "sim/flash.h"
#include "sim/personality.h"
#include "sim/playback.h"

/* Bytes that were on the wire when START was printed. */
#define START_GRACE_MS 100

static const struct {
	int percent;		/* of boot-ms */
	const char *text;
	bool sim_card;		/* only with one */
	bool needs_rate;	/* not said before an automatic rate is found (protocol.md 4.5) */
} boot_urcs[] = {		/* protocol.md 3.2 */
	{ 25, "RDY", false, true },
	{ 30, "+CFUN: 1", false, true },
	{ 60, "+CPIN: {cpin}", true, true },
	{ 60, "+QUSIM: 1", true, false },
	{ 90, "+QIND: SMS DONE", true, false },
	{ 100, "+QIND: PB DONE", true, false },
};
#define BOOT_URCS (sizeof(boot_urcs) / sizeof(boot_urcs[0]))

static void clear_output(struct sim *s)
{
	s->queue_count = 0;
	s->bytes_count = 0;
}

/* Take one byte off the queue. */
static unsigned char next_byte(struct sim *s)
{
	struct sim_out *item = &s->queue[s->queue_first];
	unsigned char c = item->fill;

	if (item->kind == SIM_OUT_BYTES) {
		c = s->bytes[s->bytes_first];
		s->bytes_first = (s->bytes_first + 1) % SIM_QUEUE_BYTES;
		s->bytes_count--;
	} else if (item->kind == SIM_OUT_GARBAGE) {
		c = (unsigned char)sim_random(s);
	} else if (item->kind == SIM_OUT_FILE) {
		c = s->files[item->file].bytes[item->offset++];
	}
	if (!--item->left) {
		s->queue_first = (s->queue_first + 1) % SIM_QUEUE_ITEMS;
		s->queue_count--;
	}
	return c;
}

static bool wrong_rate(const struct sim *s)
{
	return s->host_baud && s->host_baud != s->set.baud && !s->set.auto_rate;
}

/* One byte C over a line with noise of PPM: 0, 1 or 2 bytes to OUT. */
static size_t pass_byte(struct sim *s, unsigned char c, long ppm,
			unsigned char out[2])
{
	out[0] = wrong_rate(s) ? (unsigned char)sim_random(s) : c;
	if (ppm <= 0 || sim_random(s) % 1000000 >= (uint32_t)ppm)
		return 1;
	switch ((enum sim_noise)s->set.noise_kind) {
	case SIM_NOISE_FLIP:
		out[0] ^= (unsigned char)(1 << sim_random(s) % 8);
		return 1;
	case SIM_NOISE_DROP:
		return 0;
	case SIM_NOISE_DOUBLE:
		out[1] = out[0];
		sim_excuse(s, 1);
		return 2;
	}
	return 1;
}

size_t sim_output(struct sim *s, int64_t now_ms, void *buf, size_t size)
{
	unsigned char *p = buf, out[2];
	size_t n = 0, limit = size;

	sim_run(s, now_ms);
	if (s->set.chunk && (size_t)s->set.chunk < limit)
		limit = (size_t)s->set.chunk;
	if (s->now_ms < s->out_ready_ms)
		return 0;
	while (s->queue_count && n < limit) {
		size_t got = pass_byte(s, next_byte(s), s->set.noise_out, out);

		for (size_t i = 0; i < got && n < size; i++)
			p[n++] = out[i];
	}
	if (s->set.chunk && n)
		s->out_ready_ms = s->now_ms + 1;
	if (!s->queue_count && s->auto_next)
		s->set.auto_rate = 1;
	if (!s->queue_count)
		s->auto_next = false;
	if (!s->queue_count && s->baud_next) {
		s->set.auto_rate = 0;
		s->set.baud = s->baud_next;
		s->baud_next = 0;
	}
	return n;
}

static void reset_session(struct sim *s)
{
	s->line_size = 0;
	s->line_too_long = s->line_noise = false;
	s->stash_size = 0;
	s->busy = s->busy_blamed = false;
	s->timer[SIM_TIMER_ANSWER] = SIM_NEVER;
	s->no_return = false;
	for (size_t i = 0; i < SIM_RUNS; i++)
		if (s->runs[i].command) {
			s->runs[i].command = false;
			s->runs[i].then = NULL;
		}
	sim_data_leave(s);
}

static void then_boot(struct sim *s, long arg)
{
	(void)arg;
	if (sim_upgrade_resumes(s)) {
		s->power = SIM_ON;
		return;
	}
	s->boot_urc = 0;
	s->timer[SIM_TIMER_BOOT] = s->now_ms + s->set.boot_ms * boot_urcs[0].percent / 100;
}

static void boot_step(struct sim *s)
{
	char text[64];
	int done = boot_urcs[s->boot_urc].percent;

	s->power = SIM_ON;
	if (s->spill && s->boot_urc == 0)	/* it left data mode unheard: from now on the host can know */
		sim_excuse(s, 0);
	if ((!boot_urcs[s->boot_urc].sim_card || strcmp(s->set.cpin, "none") != 0) &&
	    (!boot_urcs[s->boot_urc].needs_rate || !s->set.auto_rate || s->rate_heard))
		sim_urc(s, sim_expand(s, text, sizeof(text), boot_urcs[s->boot_urc].text));
	if (++s->boot_urc < BOOT_URCS)
		s->timer[SIM_TIMER_BOOT] = s->now_ms + s->set.boot_ms *
					   (boot_urcs[s->boot_urc].percent - done) / 100;
}

static void boot(struct sim *s)
{
	reset_session(s);
	s->power = SIM_BOOTING;
	s->baud_next = 0;
	s->rate_heard = false;
	s->set.auto_rate = s->start.auto_rate;
	s->set.baud = s->set.baud_after_boot ? s->set.baud_after_boot : s->baud_stored;
	s->set.cmee = s->start.cmee;
	s->set.echo = s->start.echo;
	sim_event(s, SIM_AT_BOOT, 0, then_boot);
}

void sim_power_on(struct sim *s, int64_t now_ms, bool warm)
{
	s->now_ms = s->born_ms = now_ms;
	if (warm)
		s->power = SIM_ON;
	else
		boot(s);
}

static void depart(struct sim *s)
{
	int64_t away_ms = s->leaving_for_ms;

	s->leaving = false;
	s->absences++;
	s->power = SIM_AWAY;
	clear_output(s);
	reset_session(s);
	s->timer[SIM_TIMER_BOOT] = SIM_NEVER;
	s->timer[SIM_TIMER_POWER] = s->gone ? SIM_NEVER : s->now_ms + away_ms;
	if (!s->leaving_warm) {
		s->set.context = 0;
		sim_upgrade_power_cut(s, away_ms + s->set.boot_ms / 4);
	}
}

static void power_timer(struct sim *s)
{
	if (s->leaving)
		depart(s);
	else if (s->leaving_warm)
		s->power = SIM_ON;
	else
		boot(s);
}

unsigned sim_absences(const struct sim *s)
{
	return s->absences;
}

enum due_kind { DUE_NONE, DUE_TIMER, DUE_RUN, DUE_BLOCK, DUE_PLAYBACK };

struct due {
	int64_t ms;
	enum due_kind kind;
	size_t index;
};

static void sooner(struct due *d, int64_t ms, enum due_kind kind, size_t index)
{
	if (ms < d->ms)
		*d = (struct due){ .ms = ms, .kind = kind, .index = index };
}

static struct due find_due(const struct sim *s)
{
	struct due d = { .ms = SIM_NEVER };

	if (s->stopped || s->power == SIM_OFF)
		return d;
	if (s->leaving && !s->queue_count)
		sooner(&d, s->now_ms, DUE_TIMER, SIM_TIMER_POWER);
	for (size_t i = 0; i < SIM_TIMERS; i++)
		sooner(&d, s->timer[i], DUE_TIMER, i);
	if (s->playback)
		sooner(&d, playback_due_ms(s), DUE_PLAYBACK, 0);
	for (size_t i = 0; i < SIM_RUNS; i++)
		if (s->runs[i].block)
			sooner(&d, s->runs[i].due_ms, DUE_RUN, i);
	for (size_t i = 0; i < s->scenario.block_count; i++)
		sooner(&d, sim_time_block_ms(s, i), DUE_BLOCK, i);
	return d;
}

static void fire_timer(struct sim *s, enum sim_timer timer)
{
	s->timer[timer] = SIM_NEVER;
	switch (timer) {
	case SIM_TIMER_ANSWER:
		s->answer(s, 0);
		break;
	case SIM_TIMER_POWER:
		power_timer(s);
		break;
	case SIM_TIMER_BOOT:
		boot_step(s);
		break;
	case SIM_TIMER_STAGE:
		sim_upgrade_timer(s);
		break;
	case SIM_TIMER_DATA:
		sim_data_timeout(s);
		break;
	case SIM_TIMER_ESCAPE:
		sim_data_escape(s);
		break;
	case SIM_TIMERS:
		break;
	}
}

void sim_release(struct sim *s, int64_t now_ms)
{
	sim_run(s, now_ms);
	s->releases++;
	for (size_t i = 0; i < SIM_RUNS && s->releases; i++) {
		struct sim_run *r = &s->runs[i];

		if (!r->block || !r->held)
			continue;
		r->held = false;
		s->releases--;
		sim_run_go_on(s, r);
	}
}

int64_t sim_next_ms(const struct sim *s)
{
	int64_t next = find_due(s).ms;

	if (s->queue_count && sim_present(s) && s->out_ready_ms < next)
		next = s->out_ready_ms;
	return next;
}

/* True for a byte that may be wrong without the host's fault. */
static bool excused(const struct sim *s)
{
	return (s->spill && s->now_ms <= s->spill_until_ms) || s->set.noise_in || wrong_rate(s) || s->late_noise;
}

static void count_spill(struct sim *s)
{
	if (s->spill)
		s->spill--;
}

/* Bytes that come while a command runs wait; they are a fault of the host,
 * unless the module has been silent beyond any time a host must wait. */
static void stash(struct sim *s, const unsigned char *bytes, size_t size)
{
	s->stash_noise |= excused(s);
	for (size_t i = 0; i < size; i++) {
		/* of the CR LF that ended the command: no data of a gate to come */
		if (bytes[i] == '\n' && !s->stash_size)
			continue;
		if (bytes[i] != '\r' && bytes[i] != '\n' && !excused(s) && !s->busy_blamed &&
		    (!s->late || s->busy_with_data) &&
		    s->now_ms - s->busy_since_ms < s->busy_limit_ms) {
			sim_blame(s, s->busy_with_data ? "more bytes than were declared"
						       : "bytes while a command was under way: %.60s", s->command);
			s->busy_blamed = true;
		}
		s->stashed_ms = s->now_ms;
		if (s->stash_size < sizeof(s->stash))
			s->stash[s->stash_size++] = bytes[i];
		else
			count_spill(s);
	}
}

/* False when what comes now is lost; blamed where it is the host's fault. */
static bool hears(struct sim *s, size_t size)
{
	bool flash = s->stage == SIM_FLASH;

	if (s->power == SIM_OFF || s->power == SIM_AWAY) {
		if (flash && size)
			sim_blame(s, "%zu bytes to a module that was flashing and away", size);
		return false;
	}
	if (s->no_return && s->now_ms > s->no_return_ms + START_GRACE_MS) {
		sim_blame(s, "bytes to the module while it was flashing");
		s->violations += (unsigned)size - 1;
	}
	return s->power == SIM_ON && !flash && !s->stopped && !s->leaving && !s->set.deaf;
}

/* What may not be sent between the last byte of a package and START, nor
 * before the gate token of the FILE form. */
static void judge_byte(struct sim *s, unsigned char c)
{
	if (c == '\r' || c == '\n')
		return;
	if (s->stage == SIM_CHECK && (s->source == SIM_FROM_COM || s->source == SIM_FROM_FILE))
		sim_blame(s, "bytes between the end of the package and START");
	else if (s->stage == SIM_WAIT_SOURCE && s->source == SIM_FROM_FILE)
		sim_blame(s, "bytes before the gate token");
}

static void feed(struct sim *s, const unsigned char *p, size_t size)
{
	while (size) {
		size_t used = 1;

		if (!hears(s, size))
			return;
		if (s->playback) {
			playback_input(s, p, size);
			return;
		}
		if (s->busy) {
			stash(s, p, size);
			return;
		}
		if (s->data_mode) {
			used = sim_data_input(s, p, size);
		} else {
			if (excused(s))
				s->line_noise = true;
			else
				judge_byte(s, *p);
			count_spill(s);
			sim_command_byte(s, *p);
		}
		p += used;
		size -= used;
	}
}

/* What waited while a command ran is heard now. */
static void feed_stash(struct sim *s)
{
	unsigned char waiting[SIM_STASH_MAX];
	size_t size = s->stash_size;

	if (s->busy || !size)
		return;
	memcpy(waiting, s->stash, size);
	s->stash_size = 0;
	s->late_noise = s->stash_noise;
	s->stash_noise = false;
	s->late = true;	/* what these begin may not be blamed on those that waited behind them */
	s->came_ms = s->stashed_ms;
	feed(s, waiting, size);
	s->came_ms = 0;
	s->late = s->late_noise = false;
}

void sim_run(struct sim *s, int64_t now_ms)
{
	struct due d;

	while ((d = find_due(s)).kind != DUE_NONE && d.ms <= now_ms) {
		if (d.ms > s->now_ms)
			s->now_ms = d.ms;
		if (d.kind == DUE_TIMER) {
			fire_timer(s, (enum sim_timer)d.index);
		} else if (d.kind == DUE_RUN) {
			sim_run_go_on(s, &s->runs[d.index]);
		} else if (d.kind == DUE_PLAYBACK) {
			playback_run(s);
		} else {
			sim_time_block(s, d.index);
		}
		feed_stash(s);
	}
	if (now_ms > s->now_ms)
		s->now_ms = now_ms;
}

void sim_input(struct sim *s, int64_t now_ms, const void *bytes, size_t size)
{
	const unsigned char *p = bytes;
	unsigned char heard[1024];
	size_t n = 0;

	sim_run(s, now_ms);
	for (size_t i = 0; i < size; i++) {
		n += pass_byte(s, p[i], s->set.noise_in, heard + n);
		if (n + 2 > sizeof(heard) || i + 1 == size) {
			feed(s, heard, n);
			n = 0;
		}
	}
}

void sim_late(struct sim *s, bool late)
{
	s->late = late;
}

void sim_host_baud(struct sim *s, int baud)
{
	s->host_baud = s->playback ? 0 : baud;
}

bool sim_accepts(const struct sim *s)
{
	return s->set.reading;
}

int sim_baud(const struct sim *s)
{
	return (int)s->set.baud;
}

/* Property KEY to VALUE, unless that is NULL. */
static int configure(struct sim *s, const char *key, const char *value,
		     struct err *e)
{
	if (!value)
		return 0;
	return sim_setting_set(&s->set, (size_t)sim_setting_find(key, strlen(key)), value, e);
}

static int measure_package(struct sim *s, const char *path, struct err *e)
{
	struct package *p;

	if (!path) {
		s->package_size = SIM_DEMO_PACKAGE_SIZE;
		sim_demo_sha256(s->base, s->set.to, s->package_sha256);
		return 0;
	}
	p = package_open(path, LONG_MAX, e);
	if (!p)
		return -1;
	s->package_size = package_size(p);
	snprintf(s->package_sha256, sizeof(s->package_sha256), "%s", package_sha256(p));
	package_close(p);
	return 0;
}

static int read_config(struct sim *s, const struct sim_config *c, struct err *e)
{
	sim_settings_init(&s->set, c->fast);
	if (sim_personality_apply(&s->set, c->family, e) < 0)
		return -1;
	if (configure(s, "model", c->model, e) < 0 || configure(s, "imei", c->imei, e) < 0 ||
	    configure(s, "version", c->from, e) < 0 || configure(s, "to", c->to, e) < 0)
		return -1;
	if (c->baud)
		s->set.baud = c->baud;
	snprintf(s->base, sizeof(s->base), "%s", s->set.version);
	s->warn = c->warn;
	if (c->record) {
		s->playback = playback_open(c->record, e);
		if (s->playback && !c->baud && playback_baud(s->playback))
			s->set.baud = playback_baud(s->playback);
		return s->playback ? 0 : -1;
	}
	if (measure_package(s, c->package, e) < 0)
		return -1;
	if (c->scenario)
		return sim_scenario_load(&s->scenario, &s->set, c->scenario, e);
	if (c->scenario_text)
		return sim_scenario_parse(&s->scenario, &s->set, "scenario", c->scenario_text,
					  strlen(c->scenario_text), e);
	return 0;
}

static const struct sim_parts parts = {
	.command_default = sim_command_default, .command_go_on = sim_command_go_on,
	.data_finish = sim_data_finish, .data_leave = sim_data_leave,
	.upgrade_cancel = sim_upgrade_cancel,
};

struct sim *sim_new(const struct sim_config *config, struct err *e)
{
	struct sim *s = calloc(1, sizeof(*s));

	if (!s) {
		err_fail(e, MSG_NO_MEMORY, "what=%s", "module");
		return NULL;
	}
	if (read_config(s, config, e) < 0) {
		sim_free(s);
		return NULL;
	}
	s->parts = &parts;
	s->start = s->set;
	s->baud_stored = s->set.baud;
	s->random = (uint64_t)s->set.seed;
	for (size_t i = 0; i < SIM_TIMERS; i++)
		s->timer[i] = SIM_NEVER;
	return s;
}

void sim_free(struct sim *s)
{
	if (!s)
		return;
	playback_free(s->playback);
	sim_scenario_free(&s->scenario);
	sim_file_free_all(s);
	free(s);
}

unsigned sim_violations(const struct sim *s, const char **first)
{
	if (first)
		*first = s->violations ? s->violation : s->stored_first;
	return s->violations + s->stored_count;
}

unsigned sim_upgrades(const struct sim *s)
{
	return s->upgrades;
}

const char *sim_version(const struct sim *s)
{
	return s->set.version;
}

static const char *changed_setting(const struct sim *s)
{
	if (s->baud_stored != s->start.baud)
		return "the rate";
	if (strcmp(s->set.urcport, s->start.urcport) != 0)
		return "the URC port";
	return s->set.stateurc != s->start.stateurc ? "the state URCs" : NULL;
}

struct sim_truth sim_truth_of(const struct sim *s)
{
	return (struct sim_truth){
		.answers = s->power == SIM_ON && !s->stopped && !s->leaving && !s->set.deaf && !s->set.mute &&
			s->set.reading && !s->data_mode && s->stage != SIM_FLASH && !s->no_return,
		.installs = s->stage == SIM_CHECK || s->stage == SIM_FLASH,
		.takes_data = s->data_mode,
		.declared = s->data.declared, .received = s->data.received, .timeout_ms = s->data.timeout_ms,
		.spoiled = s->spoiled,
		.files = sim_file_count(s),
		.imei = s->set.imei,
		.changed = changed_setting(s),
	};
}

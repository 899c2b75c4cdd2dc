/*
 * A module that went away is found again by more than a serial number: by its
 * place, by what was there before, and by its IMEI.
 */
#include "config.h"

#include "sysfs_fixture.h"
#include "upgrade_fixture.h"

#include "base/count.h"
#include "modem/find.h"

#define SERIAL "0123456789\n"
#define OTHER_IMEI "356895040000013"
#define OUR_IMEI "490154203237518"

/* The AT port NODE of a module at PLACE. */
static void plug(const struct world *w, const char *place, const char *node, const char *serial)
{
	plug_device(w, place, "1519\n", "0020\n", "UG96\n", serial);
	plug_tty(w, place, 6, node, "cdc_acm", false);
}

static void unplug(const struct world *w, const char *node)
{
	char name[300];

	snprintf(name, sizeof(name), "%s/class/tty/%s/device", w->sys, node);
	unlink(name);
	snprintf(name, sizeof(name), "%s/class/tty/%s", w->sys, node);
	assert_int_equal(rmdir(name), 0);
}

static void begin(struct world *w, struct module_search *s, const char *place, const char *node)
{
	struct port_info was;
	char path[200];

	snprintf(path, sizeof(path), "%s/%s", w->dev, node);
	make_link(w, path + strlen(w->dir) + 1, w->slave);
	assert_int_equal(port_describe(&w->fake, path, &was, &w->e), 0);
	assert_string_equal(was.usb_path, place);
	find_begin(s, &w->fake, &was);
}

/* Where it is looked for is NODE; NULL: nowhere. */
static void assert_found(struct world *w, struct module_search *s, const char *node)
{
	char out[FILE_SIZE] = "", expected[FILE_SIZE];
	bool found = find_module(s, &w->fake, "given", out, sizeof(out));

	if (found != (node != NULL))
		fail_msg("found: %s", out);
	snprintf(expected, sizeof(expected), "%s/%s", w->dev, node ? node : "");
	if (node)
		assert_string_equal(out, expected);
}

/* faults.md A19, A20 */
static void its_own_place_is_the_best(void **state)
{
	struct world *w = *state;
	struct module_search s;

	plug(w, "1-1.2", "ttyACM3", SERIAL);
	begin(w, &s, "1-1.2", "ttyACM3");
	assert_found(w, &s, "ttyACM3");
	unplug(w, "ttyACM3");
	assert_found(w, &s, NULL);
	/* the name is another's now, and more like it is plugged in */
	plug(w, "1-1.3", "ttyACM3", "other\n");
	assert_found(w, &s, NULL);
	plug(w, "1-1.1", "ttyACM4", SERIAL);
	plug(w, "1-1.2", "ttyACM10", "another number now\n");
	assert_found(w, &s, "ttyACM10");
}

/* faults.md A44: modules, and adapters, with one serial number. */
static void what_was_at_its_own_place_before_is_no_candidate(void **state)
{
	static const struct { const char *vid, *pid, *driver, *serial; } kinds[] = {
		{ "1519\n", "0020\n", "cdc_acm", SERIAL },
		{ "2c7c\n", "0125\n", "option1", "0000\n" },
		{ "0403\n", "6001\n", "ftdi_sio", "A1\n" },
		{ "1a86\n", "7523\n", "ch341-uart", "\n" },
	};
	struct world *w = *state;
	struct module_search s;
	char node[16], twin[16], place[16], other[16], third[16], moved[16];

	for (size_t i = 0; i < COUNT(kinds); i++) {
		const char *nodes[] = { node, twin, moved }, *places[] = { place, other, third };

		snprintf(node, sizeof(node), "ttyUSB%zu0", i);
		snprintf(twin, sizeof(twin), "ttyUSB%zu1", i);
		snprintf(moved, sizeof(moved), "ttyUSB%zu2", i);
		snprintf(place, sizeof(place), "1-%zu.1", i + 2);
		snprintf(other, sizeof(other), "1-%zu.2", i + 2);
		snprintf(third, sizeof(third), "1-%zu.3", i + 2);
		for (size_t k = 0; k < 2; k++) {
			plug_device(w, places[k], kinds[i].vid, kinds[i].pid, "x\n", kinds[i].serial);
			plug_tty(w, places[k], 2, nodes[k], kinds[i].driver, true);
		}
		begin(w, &s, place, node);
		unplug(w, node);
		assert_found(w, &s, NULL);
		/* the twin restarts as well, and has another name */
		unplug(w, twin);
		assert_found(w, &s, NULL);
		snprintf(twin, sizeof(twin), "ttyUSB%zu9", i);
		plug_tty(w, other, 2, twin, kinds[i].driver, true);
		assert_found(w, &s, NULL);
		/* faults.md A45: ours comes back at a place where nothing was */
		plug_device(w, third, kinds[i].vid, kinds[i].pid, "x\n", kinds[i].serial);
		plug_tty(w, third, 2, moved, kinds[i].driver, true);
		assert_found(w, &s, moved);
		unplug(w, moved);
		unplug(w, twin);
	}
}

static void where_another_answered_is_no_candidate_until_it_has_gone(void **state)
{
	struct world *w = *state;
	struct module_search s;

	plug(w, "1-1.2", "ttyACM3", SERIAL);
	begin(w, &s, "1-1.2", "ttyACM3");
	find_foreign(&s, "1-1.2");
	assert_found(w, &s, NULL);
	plug(w, "1-1.4", "ttyACM7", SERIAL);
	assert_found(w, &s, "ttyACM7");
	find_foreign(&s, "1-1.4");
	assert_found(w, &s, NULL);
	unplug(w, "ttyACM3");
	assert_found(w, &s, NULL);
	plug(w, "1-1.2", "ttyACM5", SERIAL);
	assert_found(w, &s, "ttyACM5");
}

static void what_is_not_on_usb_is_where_it_was(void **state)
{
	struct world *w = *state;
	struct port_info was = {.usb_vid = -1, .usb_pid = -1, .usb_interface = -1};
	struct module_search s;
	char out[FILE_SIZE];

	find_begin(&s, &w->fake, &was);
	assert_true(find_module(&s, &w->fake, "tcp:192.0.2.1:2000", out, sizeof(out)));
	assert_string_equal(out, "tcp:192.0.2.1:2000");
}

/* --- in an upgrade --- */

/* Two modules of one serial number; the names below /dev are those of sim_port. */
struct pair {
	struct world *w;
	struct port_roots roots;
	bool foreign_at_home;		/* at our place another module answers after the restart */
	bool restarted;
	unsigned opened_twin, opened_home;
};

static const char *imei_at(void *ctx, const char *path)
{
	struct pair *p = ctx;

	if (strcmp(path, "/dev/ttySIM3") == 0) {
		p->opened_twin++;
		return OTHER_IMEI;
	}
	if (strcmp(path, "/dev/ttySIM4") == 0)
		return OUR_IMEI;
	p->opened_home++;
	return p->foreign_at_home && p->restarted ? "356895040000021" : OUR_IMEI;
}

static void begin_upgrade(struct run *r, struct pair *p, void **state, void *files)
{
	p->w = *state;
	p->roots = (struct port_roots){ p->w->sys, "/dev", p->w->lock, p->w->proc };
	plug(p->w, "1-1.2", "ttySIM0", SERIAL);
	plug(p->w, "1-1.3", "ttySIM3", SERIAL);
	run_init(r, files);
	run_push(r);
	r->roots = &p->roots;
	r->config.link = LINK_OWN_USB;
	r->config.sim.scenario_text = "set port usbat\nset urcport usbat\n";
	r->config.imei_at = imei_at;
	r->config.imei_ctx = p;
	r->watcher = p;
}

static void at_end(void *ctx)
{
	struct pair *p = ctx;

	p->restarted = true;
	unplug(p->w, "ttySIM0");
}

static void back_home(void *ctx)
{
	plug(((struct pair *)ctx)->w, "1-1.2", "ttySIM0", SERIAL);
}

static void elsewhere(void *ctx)
{
	plug(((struct pair *)ctx)->w, "1-1.4", "ttySIM4", SERIAL);
}

static void comes_home(struct run *r)
{
	sim_port_on_output(r->sp, "\"UPDATING\",49", at_end, r->watcher);
	sim_port_at(r->sp, SIM_PORT_START_MS + 150000, back_home, r->watcher);
}

static void comes_elsewhere(struct run *r)
{
	sim_port_on_output(r->sp, "\"UPDATING\",49", at_end, r->watcher);
	sim_port_at(r->sp, SIM_PORT_START_MS + 150000, elsewhere, r->watcher);
}

static void both_come(struct run *r)
{
	sim_port_on_output(r->sp, "\"UPDATING\",49", at_end, r->watcher);
	sim_port_at(r->sp, SIM_PORT_START_MS + 150000, back_home, r->watcher);
	sim_port_at(r->sp, SIM_PORT_START_MS + 300000, elsewhere, r->watcher);
}

static void a_twin_is_not_spoken_to_while_ours_restarts(void **state)
{
	static const struct {
		void (*setup)(struct run *r);
		bool foreign_at_home;
		enum outcome outcome;
		const char *port;
	} rows[] = {
		{comes_home, false, OUTCOME_SUCCESS, "/dev/ttySIM0"},
		{comes_elsewhere, false, OUTCOME_SUCCESS, "/dev/ttySIM4"},
		{both_come, true, OUTCOME_SUCCESS, "/dev/ttySIM4"},
		{comes_home, true, OUTCOME_UNKNOWN, NULL},
	};
	void *files;

	files_make(&files);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct pair p = {.foreign_at_home = rows[i].foreign_at_home};
		void *again = *state;
		struct run r;

		begin_upgrade(&r, &p, &again, &files);
		r.setup = rows[i].setup;
		run_go(&r);
		run_expect(&r, rows[i].outcome);
		assert_int_equal(p.opened_twin, 0);
		if (rows[i].port) {
			if (strcmp(r.identity.port, rows[i].port) != 0)
				fail_msg("row %zu: %s, restarted %d, home %u, %lld ms\n%s", i, r.identity.port, p.restarted, p.opened_home, (long long)r.took_ms, r.notices);
			assert_string_equal(r.identity.imei, OUR_IMEI);
		} else {
			/* it was looked for to the end, and both are told apart */
			assert_in_range(r.took_ms, 500000, 1200000);
			assert_non_null(strstr(message_words(&r.result.what), "356895040000021"));
			assert_non_null(strstr(message_words(&r.result.what), OUR_IMEI));
		}
		unplug(p.w, rows[i].setup == comes_elsewhere ? "ttySIM4" : "ttySIM0");
		if (rows[i].setup == both_come)
			unplug(p.w, "ttySIM4");
		unplug(p.w, "ttySIM3");
	}
	files_remove(&files);
}

/* --- a port that comes and goes: faults.md A36 --- */

struct flaps {
	unsigned until;		/* so many openings end at once */
	unsigned opened;
	int64_t first_ms, last_ms;
	struct run *r;
};

/* The next read after the restart finds that the port has gone again. */
static void lose_again(void *ctx)
{
	struct flaps *f = ctx;
	unsigned opened = sim_port_count(f->r->sp, SIM_PORT_OPEN);

	if (opened < 2 || opened == f->opened)
		return;
	f->opened = opened;
	f->last_ms = clock_now_ms(sim_port_clock(f->r->sp));
	if (opened == 2)
		f->first_ms = f->last_ms;
	if (opened < f->until)
		sim_port_fail(f->r->sp, SIM_PORT_READ, sim_port_count(f->r->sp, SIM_PORT_READ) + 1, ERR_GONE);
}

static void a_port_that_comes_and_goes_is_opened_twice_a_second(void **state)
{
	static const unsigned untils[] = {3, 20, 400};
	void *files;

	(void)state;
	files_make(&files);
	for (size_t i = 0; i < COUNT(untils); i++) {
		struct flaps f = {.until = untils[i]};
		const char *said;
		unsigned times = 0;
		struct run r;

		run_init(&r, &files);
		run_push(&r);
		f.r = &r;
		r.watcher = &f;
		r.lose = lose_again;
		run_go(&r);
		run_expect(&r, OUTCOME_SUCCESS);
		assert_in_range(f.opened, untils[i], untils[i] + 3);
		assert_true(f.last_ms - f.first_ms >= (int64_t)(untils[i] - 3) * 500);
		/* said once, with a count */
		for (said = r.notices; (said = strstr(said, "the port comes and goes")); said++)
			times++;
		assert_int_equal(times, 1);
		for (said = r.notices; (said = strstr(said, "the port is back")); said++)
			times++;
		assert_in_range(times, 1, 3);
		if (untils[i] > 3)
			assert_non_null(strstr(r.notices, "the port came and went "));
	}
	files_remove(&files);
}

#define WITH_WORLD(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_WORLD(its_own_place_is_the_best),
		WITH_WORLD(what_was_at_its_own_place_before_is_no_candidate),
		WITH_WORLD(where_another_answered_is_no_candidate_until_it_has_gone),
		WITH_WORLD(what_is_not_on_usb_is_where_it_was),
		cmocka_unit_test(a_port_that_comes_and_goes_is_opened_twice_a_second),
		WITH_WORLD(a_twin_is_not_spoken_to_while_ours_restarts),
	};

	return cmocka_run_group_tests_name("find", tests, NULL, NULL);
}

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

/* faults.md A45: each is where the other was, and the first is looked for. */
static void devices_that_changed_places_are_known_by_their_numbers(void **state)
{
	static const struct { const char *vid, *pid, *driver, *serial[2]; } kinds[] = {
		{ "1519\n", "0020\n", "cdc_acm", { "A1\n", "B2\n" } },
		{ "2c7c\n", "0125\n", "option1", { "490154203237518\n", "356895040000013\n" } },
		{ "0403\n", "6001\n", "ftdi_sio", { "FT000001\n", "FT000002\n" } },
	};
	struct world *w = *state;
	struct module_search s;

	for (size_t i = 0; i < COUNT(kinds); i++) {
		char nodes[2][16], places[2][16];

		for (size_t k = 0; k < 2; k++) {
			snprintf(nodes[k], sizeof(nodes[k]), "ttyUSB%zu%zu", i, k);
			snprintf(places[k], sizeof(places[k]), "1-%zu.%zu", i + 2, k + 1);
			plug_device(w, places[k], kinds[i].vid, kinds[i].pid, "x\n", kinds[i].serial[k]);
			plug_tty(w, places[k], 2, nodes[k], kinds[i].driver, true);
		}
		begin(w, &s, places[0], nodes[0]);
		for (size_t k = 0; k < 2; k++)
			unplug(w, nodes[k]);
		plug_device(w, places[0], kinds[i].vid, kinds[i].pid, "x\n", kinds[i].serial[1]);
		plug_tty(w, places[0], 2, nodes[0], kinds[i].driver, true);
		assert_found(w, &s, NULL);
		plug_device(w, places[1], kinds[i].vid, kinds[i].pid, "x\n", kinds[i].serial[0]);
		plug_tty(w, places[1], 2, nodes[1], kinds[i].driver, true);
		assert_found(w, &s, nodes[1]);
		for (size_t k = 0; k < 2; k++)
			unplug(w, nodes[k]);
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

/* --- which port of it: faults.md A46 --- */

static const struct module { const char *vid, *pid, *driver; bool bridge; unsigned at, other; } modules[] = {
	{ "1519\n", "0020\n", "cdc_acm", false, 6, 0 },
	{ "2c7c\n", "0125\n", "option1", true, 2, 0 },
	{ "2c7c\n", "0296\n", "option1", true, 2, 3 },
	{ "05c6\n", "9003\n", "option1", true, 2, 1 },
};

static void the_at_port_of_a_module_is_known(void **state)
{
	struct world *w = *state;
	char out[FILE_SIZE], expected[FILE_SIZE];

	for (size_t i = 0; i < COUNT(modules); i++) {
		const struct module *m = &modules[i];
		struct port_info of = { .usb_interface = (int)m->other };
		char place[16], at[16], other[16];

		snprintf(place, sizeof(place), "2-%zu", i + 1);
		snprintf(at, sizeof(at), "ttyUSB%zu6", i);
		snprintf(other, sizeof(other), "ttyUSB%zu0", i);
		plug_device(w, place, m->vid, m->pid, "x\n", "1\n");
		plug_tty(w, place, m->other, other, m->driver, m->bridge);
		of.usb_vid = (int)strtol(m->vid, NULL, 16);
		of.usb_pid = (int)strtol(m->pid, NULL, 16);
		snprintf(of.usb_path, sizeof(of.usb_path), "%s", place);
		assert_true(find_at_port(&w->fake, &of, out, sizeof(out)));
		assert_string_equal(out, "");
		plug_tty(w, place, m->at, at, m->driver, m->bridge);
		assert_true(find_at_port(&w->fake, &of, out, sizeof(out)));
		snprintf(expected, sizeof(expected), "%s/%s", w->dev, at);
		assert_string_equal(out, expected);
		of.likely_at = true;
		assert_false(find_at_port(&w->fake, &of, out, sizeof(out)));
	}
}

/* What a run without -p takes, if it is one. */
static void likely_ports_are_those_of_modules_that_are_known(void **state)
{
	struct world *w = *state;
	struct port_info list[2];
	char expected[FILE_SIZE];

	plug_device(w, "1-1.9", "0403\n", "6001\n", "x\n", "1\n");
	plug_tty(w, "1-1.9", 0, "ttyUSB0", "ftdi_sio", true);
	assert_int_equal(find_likely(&w->fake, list, 2), 0);
	plug(w, "1-1.2", "ttyACM3", SERIAL);
	plug_tty(w, "1-1.2", 0, "ttyACM0", "cdc_acm", false);
	assert_int_equal(find_likely(&w->fake, list, 2), 1);
	snprintf(expected, sizeof(expected), "%s/ttyACM3", w->dev);
	assert_string_equal(list[0].path, expected);
	plug(w, "1-1.3", "ttyACM7", SERIAL);
	plug(w, "1-1.4", "ttyACM8", SERIAL);
	assert_int_equal(find_likely(&w->fake, list, 2), 2);
}

/* On a bench its port is one of hundreds, and each of the others is another module's. */
static void it_is_found_among_many(void **state)
{
	struct world *w = *state;
	char place[16], tty[16];
	struct module_search s;

	for (unsigned i = 0; i < 70; i++) {
		snprintf(place, sizeof(place), "1-1.%u", i + 1);
		snprintf(tty, sizeof(tty), "ttyACM%u", 7 * i + 3);
		plug(w, place, tty, SERIAL);
	}
	begin(w, &s, "1-1.70", "ttyACM486");
	assert_found(w, &s, "ttyACM486");
	unplug(w, "ttyACM486");
	assert_found(w, &s, NULL);
	plug(w, "1-1.70", "ttyACM500", SERIAL);
	assert_found(w, &s, "ttyACM500");
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
			assert_non_null(strstr(r.notices, "the port came and went; losses in all: "));
	}
	files_remove(&files);
}

static void the_wrong_port_of_the_right_module_names_the_right_one(void **state)
{
	static const struct {
		bool at_there;
		const char *scenario, *words;
		enum message_id id;
	} rows[] = {
		{true, "set deaf on\n", "is not the AT port of this module and does not answer: that is /dev/ttySIM6", MSG_WRONG_INTERFACE},
		{true, "set mute on\n", "that is /dev/ttySIM6", MSG_WRONG_INTERFACE},
		{false, "set deaf on\n", "the AT port, interface 6, is not there", MSG_NO_AT_PORT},
		/* one that answers will do */
		{true, "", NULL, MSG_MODULE_READY},
	};
	struct world *w = *state;
	struct port_roots roots = { w->sys, "/dev", w->lock, w->proc };
	void *files;

	files_make(&files);
	plug_device(w, "1-1.2", "1519\n", "0020\n", "UG96\n", SERIAL);
	plug_tty(w, "1-1.2", 2, "ttySIM0", "cdc_acm", false);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct run r;

		if (rows[i].at_there && i == 0)
			plug_tty(w, "1-1.2", 6, "ttySIM6", "cdc_acm", false);
		if (!rows[i].at_there)
			unplug(w, "ttySIM6");
		if (i == 3)
			plug_tty(w, "1-1.2", 6, "ttySIM6", "cdc_acm", false);
		run_init(&r, &files);
		r.plan.job = JOB_PROBE;
		r.roots = &roots;
		r.config.link = LINK_OWN_USB;
		r.config.sim.scenario_text = rows[i].scenario;
		run_go(&r);
		assert_int_equal(r.result.what.id, rows[i].id);
		if (rows[i].words)
			assert_non_null(strstr(message_words(&r.result.what), rows[i].words));
		if (rows[i].at_there)
			assert_non_null(strstr(r.notices, "is not the AT port of this module: that is /dev/ttySIM6"));
	}
	files_remove(&files);
}

#define WITH_WORLD(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_WORLD(its_own_place_is_the_best),
		WITH_WORLD(what_was_at_its_own_place_before_is_no_candidate),
		WITH_WORLD(devices_that_changed_places_are_known_by_their_numbers),
		WITH_WORLD(where_another_answered_is_no_candidate_until_it_has_gone),
		WITH_WORLD(what_is_not_on_usb_is_where_it_was),
		cmocka_unit_test(a_port_that_comes_and_goes_is_opened_twice_a_second),
		WITH_WORLD(the_at_port_of_a_module_is_known),
		WITH_WORLD(likely_ports_are_those_of_modules_that_are_known),
		WITH_WORLD(it_is_found_among_many),
		WITH_WORLD(the_wrong_port_of_the_right_module_names_the_right_one),
		WITH_WORLD(a_twin_is_not_spoken_to_while_ours_restarts),
	};

	return cmocka_run_group_tests_name("find", tests, NULL, NULL);
}

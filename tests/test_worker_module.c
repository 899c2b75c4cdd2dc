/*
 * The worker and what it works on: the ports that are plugged in, and a simulated
 * module on a pseudo-terminal.
 */
#include "config.h"

#include "sim/demo_package.h"
#include "sim/tty.h"
#include "worker_fixture.h"
#include "words.h"

/* --- ports -------------------------------------------------------------- */

/* The USB device 1519:0020 at PLACE with the tty NAME at INTERFACE, and its node. */
static void plug(const struct world *w, const char *place, int interface, const char *name)
{
	char path[256], text[256];

	snprintf(path, sizeof(path), "sys/devices/usb1/%s/%s:1.%d/tty/%s", place, place, interface, name);
	make_dir(w, path);
	snprintf(path, sizeof(path), "sys/devices/usb1/%s/%s:1.%d/bInterfaceNumber", place, place, interface);
	snprintf(text, sizeof(text), "%02x\n", (unsigned)interface);
	make_file(w, path, text);
	snprintf(path, sizeof(path), "sys/devices/usb1/%s/idVendor", place);
	make_file(w, path, "1519\n");
	snprintf(path, sizeof(path), "sys/devices/usb1/%s/idProduct", place);
	make_file(w, path, "0020\n");
	snprintf(path, sizeof(path), "sys/class/tty/%s", name);
	make_dir(w, path);
	snprintf(path, sizeof(path), "sys/class/tty/%s/device", name);
	snprintf(text, sizeof(text), "../../../devices/usb1/%s/%s:1.%d", place, place, interface);
	make_link(w, path, text);
	snprintf(path, sizeof(path), "dev/%s", name);
	make_file(w, path, "");
}

/* Take a whole list into ROWS; returns how many. */
static size_t take_list(struct worker *w, struct port_info *rows, size_t max)
{
	struct event ev;
	size_t count = 0;

	do {
		take_until(w, &ev, EVENT_PORT);
		if (ev.port.count == 0)
			return 0;
		if (ev.port.index == 0)
			count = 0;
		assert_int_equal(ev.port.index, count);
		assert_true(count < max);
		rows[count++] = ev.port.info;
	} while (count < ev.port.count);
	return count;
}

static void the_list_of_ports_comes_when_asked_for(void **state)
{
	struct world *world = *state;
	struct port_info rows[8];
	struct worker *w;

	make_dir(world, "sys/class/tty");
	w = start_with(&(struct worker_config){.roots = &world->fake, .record = ""});
	ask(w, REQUEST_RESCAN);
	assert_int_equal(take_list(w, rows, COUNT(rows)), 0);
	plug(world, "1-1", 0, "ttyACM0");
	plug(world, "1-1", 6, "ttyACM3");
	ask(w, REQUEST_RESCAN);
	assert_int_equal(take_list(w, rows, COUNT(rows)), 2);
	assert_non_null(strstr(rows[1].path, "ttyACM3"));
	assert_int_equal(rows[0].usb_vid, 0x1519);
	assert_false(rows[0].likely_at);
	assert_true(rows[1].likely_at);	/* protocol.md 9 */
	worker_stop(w);
}

/* More than the screen takes: the count tells it. */
static void a_list_of_ports_that_is_cut_tells_how_many_there_are(void **state)
{
	struct world *world = *state;
	struct event ev;
	struct worker *w;
	size_t last = 0;

	for (int i = 0; i < 70; i++) {
		char name[16];

		snprintf(name, sizeof(name), "ttyACM%d", i);
		plug(world, "1-1", i, name);
	}
	w = start_with(&(struct worker_config){.roots = &world->fake, .record = ""});
	ask(w, REQUEST_RESCAN);
	do {
		take_until(w, &ev, EVENT_PORT);
		assert_int_equal(ev.port.count, 70);
		assert_true(ev.port.index == 0 || ev.port.index == last + 1);
		last = ev.port.index;
	} while (last != 63);
	worker_stop(w);
}

static void the_list_of_ports_follows_what_is_plugged(void **state)
{
	struct world *world = *state;
	struct port_info rows[8];
	struct worker *w;

	make_dir(world, "sys/class/tty");
	plug(world, "1-1", 0, "ttyACM0");
	w = start_with(&(struct worker_config){.roots = &world->fake, .record = "", .watch_ports = true});
	ask(w, REQUEST_RESCAN);
	assert_int_equal(take_list(w, rows, COUNT(rows)), 1);
	plug(world, "1-2", 0, "ttyACM1");
	while (take_list(w, rows, COUNT(rows)) != 2)
		;
	assert_non_null(strstr(rows[1].path, "ttyACM1"));
	worker_stop(w);
}

/* --- the real upgrade --------------------------------------------------- */

struct module {
	struct world *world;
	struct sim_tty *tty;
	struct background *thread;
	char package[192], link[192], record[192];
	int status;
	struct err e;
};

static void run_module(void *ctx)
{
	struct module *m = ctx;

	m->status = sim_tty_run(m->tty, &m->e);
}

static void module_start(struct module *m, struct world *world, const char *scenario)
{
	struct sim_tty_config config = {.sim = {.fast = true, .scenario_text = scenario}, .link = m->link};

	m->world = world;
	snprintf(m->package, sizeof(m->package), "%s/delta.bin", world->dir);
	snprintf(m->link, sizeof(m->link), "%s/ttyUG96", world->dir);
	snprintf(m->record, sizeof(m->record), "%s/record", world->dir);
	assert_int_equal(sim_write_demo_package(m->package, "UG96", "UG96LNAR02A06E1G", "UG96LNAR02A08E1G", &m->e), 0);
	m->tty = sim_tty_new(&config, &m->e);
	if (!m->tty)
		fail_msg("%s", err_words(&m->e));
	m->thread = background_start(run_module, m, &m->e);
	assert_non_null(m->thread);
}

/* The module must have been treated well, and run VERSION. */
static void module_stop(struct module *m, const char *version)
{
	const char *first;
	unsigned violations;

	sim_tty_stop(m->tty);
	background_join(m->thread);
	if (m->status < 0)
		fail_msg("%s", err_words(&m->e));
	violations = sim_violations(sim_tty_sim(m->tty), &first);
	if (violations)
		fail_msg("%u violations: %s", violations, first);
	assert_string_equal(sim_version(sim_tty_sim(m->tty)), version);
	sim_tty_free(m->tty);
	unlink(m->record);
}

static struct request upgrade_of(const struct module *m)
{
	struct request r = {.type = REQUEST_RUN, .plan = {.route = ROUTE_SERIAL}};

	snprintf(r.plan.port, sizeof(r.plan.port), "%s", m->link);
	snprintf(r.plan.file, sizeof(r.plan.file), "%s", m->package);
	return r;
}

static void assert_outcome(const struct event *ev, enum outcome outcome, enum err_code stop)
{
	if (ev->result.outcome != outcome || ev->result.stop != stop)
		fail_msg("%s, %s: %s", outcome_info(ev->result.outcome)->name,
			 err_info(ev->result.stop)->name, message_words(&ev->result.what));
}

static void an_upgrade_goes_through_all_steps(void **state)
{
	struct module m;
	struct request r;
	struct worker *w;
	struct event ev;
	static const enum step steps[] = {
		STEP_IDENTIFY, STEP_CHECK, STEP_PREPARE, STEP_TRANSFER, STEP_INSTALL, STEP_RESTART, STEP_VERIFY,
	};
	size_t next = 0;
	unsigned questions = 0;

	module_start(&m, *state, NULL);
	w = start_with(&(struct worker_config){.roots = &m.world->roots, .record = m.record});
	r = upgrade_of(&m);
	assert_int_equal(worker_request(w, &r, &m.e), 0);
	do {
		take(w, &ev);
		if (ev.type == EVENT_STEP && ev.step.begin) {
			assert_true(next < COUNT(steps));
			assert_int_equal(ev.step.step, steps[next++]);
		}
		if (ev.type != EVENT_QUESTION)
			continue;
		questions++;
		r = (struct request){.type = REQUEST_ANSWER, .yes = true};
		assert_int_equal(worker_request(w, &r, &m.e), 0);
	} while (ev.type != EVENT_RESULT);
	assert_outcome(&ev, OUTCOME_SUCCESS, ERR_NONE);
	assert_int_equal(next, COUNT(steps));
	assert_int_equal(questions, 1);
	assert_string_equal(ev.result.record, m.record);
	assert_int_equal(access(m.record, R_OK), 0);
	worker_stop(w);
	module_stop(&m, "UG96LNAR02A08E1G");
}

static void a_no_at_the_question_touches_nothing(void **state)
{
	static const struct request answers[] = {
		{.type = REQUEST_ANSWER}, {.type = REQUEST_CANCEL}, {.type = REQUEST_DETACH},
	};
	struct module m;
	struct worker *w;
	struct event ev;

	module_start(&m, *state, NULL);
	for (size_t i = 0; i < COUNT(answers); i++) {
		struct request r = upgrade_of(&m);

		w = start_with(&(struct worker_config){.roots = &m.world->roots, .record = ""});
		assert_int_equal(worker_request(w, &r, &m.e), 0);
		take_until(w, &ev, EVENT_QUESTION);
		assert_int_equal(worker_request(w, &answers[i], &m.e), 0);
		take_until(w, &ev, EVENT_RESULT);
		assert_outcome(&ev, OUTCOME_STOPPED, ERR_CANCELLED);
		worker_stop(w);
	}
	module_stop(&m, "UG96LNAR02A06E1G");
}

/* Quitting while it waits for the answer. */
static void stopping_at_the_question_touches_nothing(void **state)
{
	struct module m;
	struct request r;
	struct worker *w;
	struct event ev;

	module_start(&m, *state, NULL);
	r = upgrade_of(&m);
	w = start_with(&(struct worker_config){.roots = &m.world->roots, .record = ""});
	assert_int_equal(worker_request(w, &r, &m.e), 0);
	take_until(w, &ev, EVENT_QUESTION);
	worker_stop(w);
	module_stop(&m, "UG96LNAR02A06E1G");
}

static void a_probe_and_a_typed_command_change_nothing(void **state)
{
	struct module m;
	struct request r;
	struct worker *w;
	struct event ev;
	bool answered = false;

	module_start(&m, *state, NULL);
	w = start_with(&(struct worker_config){.roots = &m.world->roots, .record = ""});
	r = upgrade_of(&m);
	r.plan.job = JOB_PROBE;
	assert_int_equal(worker_request(w, &r, &m.e), 0);
	take_until(w, &ev, EVENT_IDENTITY);
	assert_string_equal(ev.identity.model, "UG96");
	assert_string_equal(ev.identity.version, "UG96LNAR02A06E1G");
	take_until(w, &ev, EVENT_RESULT);
	assert_outcome(&ev, OUTCOME_READY, ERR_NONE);
	r.type = REQUEST_AT;
	snprintf(r.text, sizeof(r.text), "AT+CGMR");
	assert_int_equal(worker_request(w, &r, &m.e), 0);
	do {
		take_until(w, &ev, EVENT_LINE);
		answered |= strcmp(ev.line.text, "UG96LNAR02A06E1G") == 0;
	} while (strcmp(ev.line.text, "OK") != 0);
	assert_true(answered);
	snprintf(r.text, sizeof(r.text), "AT+CSQ");
	assert_int_equal(worker_request(w, &r, &m.e), 0);
	take_until(w, &ev, EVENT_NOTICE);	/* in words */
	assert_int_equal(ev.notice.message.id, MSG_SIGNAL);
	take_until(w, &ev, EVENT_LINE);
	assert_string_equal(ev.line.text, "OK");
	worker_stop(w);
	module_stop(&m, "UG96LNAR02A06E1G");
}

/* --- who reads it ------------------------------------------------------- */

static void a_result_speaks_to_its_front_end(void **state)
{
	static const char *const words[] = { [FOR_CONSOLE] = "--record", [FOR_SCREEN] = "XDG_STATE_HOME" };
	struct world *world = *state;
	struct request r = {.type = REQUEST_RUN};
	char *home = strdup(getenv("HOME") ? getenv("HOME") : "/"), *state_home = getenv("XDG_STATE_HOME");
	struct event ev;
	int audience;

	state_home = state_home ? strdup(state_home) : NULL;
	unsetenv("HOME");
	unsetenv("XDG_STATE_HOME");
	for (audience = FOR_CONSOLE; audience <= FOR_SCREEN; audience++) {
		struct worker *w = start_with(&(struct worker_config){.audience = (enum audience)audience});

		assert_int_equal(worker_request(w, &r, &world->e), 0);
		take_until(w, &ev, EVENT_RESULT);
		assert_non_null(strstr(ev.result.advice, words[audience]));
		worker_stop(w);
	}
	setenv("HOME", home, 1);
	if (state_home)
		setenv("XDG_STATE_HOME", state_home, 1);
	free(home);
	free(state_home);
}

#define WITH_WORLD(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_WORLD(the_list_of_ports_comes_when_asked_for),
		WITH_WORLD(a_list_of_ports_that_is_cut_tells_how_many_there_are),
		WITH_WORLD(the_list_of_ports_follows_what_is_plugged),
		WITH_WORLD(an_upgrade_goes_through_all_steps),
		WITH_WORLD(a_no_at_the_question_touches_nothing),
		WITH_WORLD(stopping_at_the_question_touches_nothing),
		WITH_WORLD(a_probe_and_a_typed_command_change_nothing),
		WITH_WORLD(a_result_speaks_to_its_front_end),
	};

	return cmocka_run_group_tests_name("worker_module", tests, NULL, NULL);
}

/* The phases of an upgrade: what a cancel does in each, and what must be in the record
   before the gate is passed. */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/count.h"
#include "upgrade_fixture.h"
#include "words.h"

/* A cancel in each step obeys the table of design 3. */
static void a_cancel_obeys_the_phase(void **state)
{
	static const struct {
		enum step step;
		enum request_type with;
		bool pull;
		enum outcome outcome;
		int exit_status;
		enum ended ended;	/* of that step, at last */
	} rows[] = {
		{STEP_IDENTIFY, REQUEST_CANCEL, false, OUTCOME_STOPPED, 130, ENDED_FAILED},
		{STEP_CHECK, REQUEST_CANCEL, false, OUTCOME_STOPPED, 130, ENDED_FAILED},
		{STEP_PREPARE, REQUEST_CANCEL, true, OUTCOME_STOPPED, 130, ENDED_FAILED},
		{STEP_TRANSFER, REQUEST_CANCEL, false, OUTCOME_STOPPED, 130, ENDED_FAILED},	/* before the command */
		{STEP_TRANSFER, REQUEST_CANCEL, true, OUTCOME_STOPPED, 130, ENDED_FAILED},	/* before the command */
		{STEP_INSTALL, REQUEST_CANCEL, false, OUTCOME_SUCCESS, 0, ENDED_DONE},
		{STEP_INSTALL, REQUEST_CANCEL, true, OUTCOME_SUCCESS, 0, ENDED_DONE},
		{STEP_INSTALL, REQUEST_DETACH, false, OUTCOME_UNKNOWN, 12, ENDED_UNKNOWN},
		{STEP_RESTART, REQUEST_CANCEL, false, OUTCOME_UNKNOWN, 12, ENDED_UNKNOWN},
		{STEP_VERIFY, REQUEST_CANCEL, false, OUTCOME_UNKNOWN, 12, ENDED_UNKNOWN},
	};
	struct run r;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		run_init(&r, state);
		if (rows[i].pull)
			run_pull(&r, HTTP_URL);
		else
			run_push(&r);
		r.cancel_at = rows[i].step;
		r.cancel_with = rows[i].with;
		run_go(&r);
		if (r.result.outcome != rows[i].outcome)
			print_error("row %zu\n", i);
		run_expect(&r, rows[i].outcome);
		assert_int_equal(r.result.exit_status, rows[i].exit_status);
		assert_int_equal(r.ended[rows[i].step], rows[i].ended);
	}
}

static void cancel_now(void *ctx)
{
	run_ask(ctx, REQUEST_CANCEL, false);
}

static void cancel_at_connect(struct run *r)
{
	sim_port_on_output(r->sp, "CONNECT", cancel_now, r);
}

static void a_cancel_in_data_mode_proves_the_version_unchanged(void **state)
{
	struct run r;

	run_init(&r, state);
	run_push(&r);
	r.setup = cancel_at_connect;
	run_go(&r);
	run_expect(&r, OUTCOME_UNCHANGED);
	assert_int_equal(r.result.stop, ERR_CANCELLED);
	assert_string_equal(r.result.now, FROM);
}

/* True when the record says that WHAT is about to be done. */
static bool intends(const struct run *r, const char *what)
{
	char line[8192];
	FILE *f = fopen(r->files->record, "r");
	bool found = false;

	assert_non_null(f);
	while (!found && fgets(line, sizeof(line), f))
		found = strstr(line, "\"intent\"") && strstr(line, what) && strstr(line, TO " over " FROM);
	fclose(f);
	return found;
}

static void expect_no_install(void *ctx)
{
	assert_true(intends(ctx, "\"transfer\""));
	assert_false(intends(ctx, "\"install\""));
}

static void expect_intent(void *ctx)
{
	struct run *r = ctx;

	assert_true(intends(r, "\"install\""));
	r->reached = true;
}

/* The gate: faults.md, phases; design 4. */
static void expect_intent_at_the_gate(struct run *r)
{
	const char *last = (const char *)r->files->bytes + PACKAGE_SIZE - 8;
	char end[9];

	if (r->plan.route == ROUTE_DOWNLOAD) {
		sim_port_on_input(r->sp, "AT+QFOTADL=\"http", expect_intent, r);
		return;
	}
	assert_null(memchr(last, '\0', 8));
	snprintf(end, sizeof(end), "%.8s", last);
	sim_port_on_output(r->sp, "CONNECT", expect_no_install, r);
	sim_port_on_input(r->sp, end, expect_intent, r);
}

static void the_record_states_the_intent_before_the_gate_is_passed(void **state)
{
	struct run r;

	for (int way = 0; way < 2; way++) {
		run_init(&r, state);
		if (way)
			run_pull(&r, HTTP_URL);
		else
			run_push(&r);
		r.recorded = true;
		r.setup = expect_intent_at_the_gate;
		run_go(&r);
		run_expect(&r, OUTCOME_SUCCESS);
		assert_true(r.reached);
	}
}

/* A pipe in place of PATH cannot be synced. */
static void make_undurable(const char *path)
{
	int ends[2], fd = 3;
	char name[64], target[256] = "";

	for (; fd < 256 && strcmp(target, path) != 0; fd++) {
		ssize_t n;

		snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
		n = readlink(name, target, sizeof(target) - 1);
		target[n < 0 ? 0 : n] = '\0';
	}
	assert_in_range(fd, 4, 255);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(dup2(ends[1], fd - 1), fd - 1);
	close(ends[1]);	/* the other end stays: nobody is to get SIGPIPE */
}

static void make_directory_undurable(struct run *r)
{
	make_undurable(r->files->directory);
}

static void on_connect(void *ctx)
{
	struct run *r = ctx;

	make_undurable(r->files->record);
}

static void make_record_undurable_while_sending(struct run *r)
{
	sim_port_on_output(r->sp, "CONNECT", on_connect, r);
}

/* faults.md F04, F09 */
static void the_gate_is_not_passed_without_a_durable_record(void **state)
{
	struct run r;

	run_init(&r, state);
	run_pull(&r, HTTP_URL);
	r.recorded = true;
	r.setup = make_directory_undurable;
	run_go(&r);
	run_expect_stop(&r, ERR_USAGE);
	assert_non_null(strstr(message_words(&r.result.what), "could not be recorded"));
	run_init(&r, state);
	run_push(&r);
	r.recorded = true;
	r.setup = make_directory_undurable;
	run_go(&r);
	run_expect_stop(&r, ERR_USAGE);
	run_init(&r, state);
	run_push(&r);
	r.recorded = true;
	r.setup = make_record_undurable_while_sending;
	run_go(&r);
	run_expect(&r, OUTCOME_UNCHANGED);
	assert_non_null(strstr(message_words(&r.result.what), "could not be recorded"));
	assert_string_equal(r.version, FROM);
}

static void cancel_at_http_start(struct run *r)
{
	sim_port_on_output(r->sp, "HTTPSTART", cancel_now, r);
}

static void a_cancel_of_a_download_is_a_detach(void **state)
{
	struct run r;

	run_init(&r, state);
	run_pull(&r, HTTP_URL);
	r.setup = cancel_at_http_start;
	run_go(&r);
	run_expect(&r, OUTCOME_UNKNOWN);
	assert_non_null(strstr(message_words(&r.result.what), "detached"));
	assert_non_null(strstr(r.result.advice, "dfota probe -p"));
}

/* --- the question --- */

static void keep_question(struct run *r, const struct event *ev)
{
	if (ev->type == EVENT_QUESTION)
		*(struct question *)r->watcher = ev->question;
}

static void ask_to_upgrade(struct run *r, struct question *q, bool yes)
{
	r->plan.assume_yes = false;
	r->answer = true;
	r->yes = yes;
	r->watch = keep_question;
	r->watcher = q;
	run_go(r);
	assert_int_equal(r->questions, 1);
}

static void the_question_holds_what_the_preparation_found(void **state)
{
	static const struct {
		const char *url;	/* NULL: over the serial port */
		bool manifest;
		const char *scenario;
		uint64_t size;
		enum message_id facts[4];
	} rows[] = {
		{NULL, true, "", PACKAGE_SIZE, {MSG_COM_UNVERIFIED}},
		{NULL, false, "", PACKAGE_SIZE - 1, {MSG_NO_MANIFEST, MSG_COM_UNVERIFIED}},
		{NULL, true, "set stateurc off\n", PACKAGE_SIZE, {MSG_COM_UNVERIFIED, MSG_SETTING_PLANNED}},
		{"http://192.0.2.7/private", true, "", PACKAGE_SIZE, {MSG_ADDRESS_PRIVATE, MSG_SERVER_HAS_FILE}},
		{"http://192.0.2.7/fine", false, "", PACKAGE_SIZE, {MSG_NO_MANIFEST, MSG_SERVER_HAS_FILE}},
		{"http://192.0.2.7/sizeless", false, "", 0, {MSG_NO_MANIFEST, MSG_SIZE_UNKNOWN, MSG_SERVER_HIDES_SIZE}},
		{"http://192.0.2.7/unreachable", false, "", 0, {MSG_NO_MANIFEST, MSG_CONNECT_FAILED, MSG_SIZE_UNKNOWN}},
	};
	static struct question q;
	struct run r;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		run_init(&r, state);
		if (rows[i].url)
			run_pull(&r, rows[i].url);
		else
			run_push(&r);
		if (!rows[i].manifest) {
			r.plan.manifest[0] = '\0';
			snprintf(r.plan.target, sizeof(r.plan.target), TO);
			if (!rows[i].url)
				snprintf(r.plan.file, sizeof(r.plan.file), "%s", r.files->other);
		}
		r.config.sim.scenario_text = rows[i].scenario;
		memset(&q, 0, sizeof(q));
		ask_to_upgrade(&r, &q, false);
		run_expect_stop(&r, ERR_CANCELLED);
		assert_int_equal(q.size, rows[i].size);
		for (size_t k = 0; k < 4; k++)
			if ((k < q.fact_count ? q.facts[k].id : MSG_NONE) != rows[i].facts[k])
				fail_msg("row %zu: fact %zu is %s", i, k, message_info(q.facts[k].id)->name);
	}
}

/* A setting that outlives the run is none of the preparation. */
static void what_is_stored_waits_for_the_yes(void **state)
{
	static struct question q;
	struct run r;

	for (int yes = 0; yes <= 1; yes++) {
		run_init(&r, state);
		run_push(&r);
		r.config.sim.scenario_text = "set stateurc off\n";
		ask_to_upgrade(&r, &q, yes);
		run_expect(&r, yes ? OUTCOME_SUCCESS : OUTCOME_STOPPED);
		assert_int_equal(strstr(r.lines, "AT+QCFG=\"stateurc/enable\",1") != NULL, yes);
	}
}

/* A result that is none leaves the dialogue out of step right before the transfer:
 * what brings it back is no package byte, and nothing has begun before the command. */
static void what_brings_the_dialogue_into_step_begins_nothing(void **state)
{
	static const char *const before[] = {
		"on AT+CMEE=1\n\tline NO CARRIER\n",
		"on AT+CMEE=1\n\tline OKK\n",
		"on ATE1\n\tline NOT NOW\n",
	};
	struct run r;

	for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
		run_init(&r, state);
		run_push(&r);
		r.config.sim.scenario_text = before[i];
		run_go(&r);
		run_expect(&r, OUTCOME_SUCCESS);
		assert_null(strstr(message_words(&r.result.what), "may have taken"));
	}
	run_init(&r, state);
	run_pull(&r, HTTP_URL);
	r.config.sim.scenario_text = "on AT+QINDCFG=\"all\",1\n\tline NO CARRIER\n"
		"on AT+CMEE?\n\twait 1000000\non AT\n\tline OK\non AT nth 2..\n\twait 1000000\n";
	run_go(&r);
	run_expect(&r, OUTCOME_STOPPED);
	assert_null(strstr(message_words(&r.result.what), "may have begun"));
}

/* A result that nobody asked for comes while a command is in flight, and what a module
 * that has no DFOTA says comes behind it. */
static void no_stray_result_makes_a_yes_of_a_refusal(void **state)
{
	static const char *const refusals[] = {"ERROR", "+CME ERROR: 4", "+CME ERROR: operation not supported"};
	static const char *const strays[] = {"OK", "OK\n\tline OK", "OK\n\twait 150\n\tline OK\n\twait 400\n\tline OK"};
	static const int answers_ms[] = {5, 60, 200};
	char text[256];
	struct run r;

	for (size_t i = 0; i < COUNT(refusals) * COUNT(strays) * COUNT(answers_ms) * 12; i++) {
		int answer_ms = answers_ms[i % COUNT(answers_ms)];
		const char *stray = strays[i / COUNT(answers_ms) % COUNT(strays)];
		const char *refusal = refusals[i / COUNT(answers_ms) / COUNT(strays) % COUNT(refusals)];
		int at_ms = 10 + (int)(i / (COUNT(answers_ms) * COUNT(strays) * COUNT(refusals))) * answer_ms;

		run_init(&r, state);
		if (i % 2)
			run_pull(&r, HTTP_URL);
		else
			run_push(&r);
		snprintf(text, sizeof(text), "set answer-ms %d\non AT+QFOTADL=?\n\tline %s\nat time %d\n\tline %s\n",
			 answer_ms, refusal, at_ms, stray);
		r.config.sim.scenario_text = text;
		run_go(&r);
		if (r.qfotadl != 0 || r.result.outcome == OUTCOME_SUCCESS || strcmp(r.version, FROM) != 0)
			fail_msg("%s%s", text, r.lines);
	}
}

/* --- out of data mode */

static void cancel_soon(void *ctx)
{
	struct run *r = ctx;

	sim_port_at(r->sp, clock_now_ms(sim_port_clock(r->sp)) + 300, cancel_now, r);
}

static void cancel_while_sending(struct run *r)
{
	sim_port_on_output(r->sp, "CONNECT", cancel_soon, r);
}

/* A push that is cancelled after some blocks. */
static void cancel_push(struct run *r, void **state, enum link link, const char *scenario)
{
	run_init(r, state);
	run_push(r);
	r->setup = cancel_while_sending;
	r->config.link = link;
	r->config.sim.scenario_text = scenario;
	run_go(r);
	assert_int_equal(r->qfotadl, 1);
}

/* A server takes more at once than the line carries: it is waited for, and that is said. */
static void data_mode_is_left_when_the_line_has_carried_all(void **state)
{
	static const char *const rates[] = {"on AT+IPR?\n\tline ERROR\n", "on AT+IPR?\n\tline +IPR: 0\n\tline OK\n"};
	struct run r;

	for (size_t i = 0; i < COUNT(rates); i++) {
		cancel_push(&r, state, LINK_SOCKET, rates[i]);
		run_expect(&r, OUTCOME_UNCHANGED);
		assert_non_null(strstr(r.notices, "until the line has carried what was written"));
		assert_non_null(strstr(r.lines, "+++\nOK\n"));
	}
	cancel_push(&r, state, LINK_UART, "");
	run_expect(&r, OUTCOME_UNCHANGED);
	assert_null(strstr(r.notices, "until the line has carried"));
}

/* It may have been unplugged only: until its time-out is over it may still take package bytes. */
static void a_port_that_goes_while_data_mode_is_left_proves_nothing(void **state)
{
	static const char *const scenarios[] = {
		"at data 1\n\twait 700\n\tvanish 5000\n", "at data 1\n\twait 1000\n\tvanish 40000\n",
		"at data 1\n\twait 1200\n\tvanish 60000\n",
	};

	for (size_t i = 0; i < COUNT(scenarios); i++) {
		struct run r;

		cancel_push(&r, state, LINK_UART, scenarios[i]);
		run_expect(&r, OUTCOME_UNCHANGED);
		assert_null(strstr(r.lines, "+++"));
		assert_non_null(strstr(r.notices, "waiting in silence for "));
		assert_non_null(strstr(r.notices, "the port is back"));
		assert_in_range(r.took_ms, 25000, 120000);
	}
}

/* What was written may have reached it until then: its time-out counts from there. */
static void a_port_that_goes_in_the_silence_prolongs_it(void **state)
{
	const char *at;
	unsigned said = 0;
	struct run r;

	cancel_push(&r, state, LINK_UART, "at data 1\n\tset mute on\n\twait 45000\n\tvanish 3000\n\tset mute off\n");
	run_expect(&r, OUTCOME_UNCHANGED);
	for (at = r.notices; (at = strstr(at, "waiting in silence for ")); at++)
		said++;
	assert_int_equal(said, 2);
	assert_in_range(r.took_ms, 45000 + 25000, 45000 + 40000);
	at = strstr(r.lines, "CONNECT\n+++\n");
	assert_non_null(at);
	assert_ptr_equal(strstr(at, "AT\n"), at + strlen("CONNECT\n+++\n"));
}

/* Whether it left data mode for that or not: it is asked nothing, and its port stays open. */
static void an_installation_that_begins_while_data_mode_is_left_is_only_watched(void **state)
{
	static const int after_ms[] = {400, 700, 1200};
	static const char *const leaves[] = {"\tleave\n", ""};
	char scenario[256];

	for (size_t i = 0; i < COUNT(after_ms) * COUNT(leaves); i++) {
		const char *start;
		struct run r;

		snprintf(scenario, sizeof(scenario),
			 "at data 1\n\twait %d\n\tline +QIND: \"FOTA\",\"START\"\n%s"
			 "at time 30000\n\tline +QIND: \"FOTA\",\"UPDATING\",12\nat time 60000\n\tline +QIND: \"FOTA\",\"END\",504\n",
			 after_ms[i / 2], leaves[i % 2]);
		cancel_push(&r, state, LINK_UART, scenario);
		run_expect(&r, OUTCOME_UNCHANGED);
		start = strstr(r.lines, "START");
		if (strstr(start, "\nAT") < strstr(start, "\"END\""))
			fail_msg("%s%s", scenario, r.lines);
		assert_null(strstr(r.notices, "the port has gone"));
		assert_int_equal(r.calls[SIM_PORT_OPEN], 1);
	}
}

/* The driver takes so many bytes, no more. */
static size_t room;

static int narrow_write(void *ctx, const void *buf, size_t size, int64_t deadline_ms, struct err *e)
{
	int n;

	if (size > room)
		size = room;
	if (size == 0)
		return sim_port_backend()->wait(ctx, deadline_ms, e);
	n = sim_port_backend()->write(ctx, buf, size, deadline_ms, e);
	if (n > 0)
		room -= (size_t)n;
	return n;
}

static void narrow(void *left)
{
	room = PACKAGE_SIZE - *(size_t *)left;
}

static void widen(void *left)
{
	(void)left;
	room = SIZE_MAX;
}

static void narrow_in_data(struct run *r)
{
	sim_port_on_output(r->sp, "CONNECT", narrow, r->watcher);
	sim_port_at(r->sp, SIM_PORT_START_MS + 30000, widen, NULL);
}

/* Where so few bytes are missing that a question would be them, none is sent, and it is said. */
static void no_question_is_the_rest_of_a_package(void **state)
{
	struct port_backend backend = *sim_port_backend();

	backend.write = narrow_write;
	for (size_t left = 1; left <= 7; left++) {
		size_t asked = 0;
		struct run r;

		room = SIZE_MAX;
		run_init(&r, state);
		run_push(&r);
		r.backend = &backend;
		r.setup = narrow_in_data;
		r.watcher = &left;
		r.config.sim.scenario_text = "at data 1000\n\tset mute on\n";
		run_go(&r);
		run_expect(&r, OUTCOME_UNKNOWN);
		for (const char *at = strstr(r.lines, "CONNECT\n"); (at = strchr(at, '\n')) && *++at;)
			asked += strcspn(at, "\n") == 2 || strcspn(at, "\n") == 3 ? 3 : 100;
		if (asked >= left || (left > 3 && asked == 0))
			fail_msg("%zu bytes missing, %zu asked\n%s", left, asked, r.lines);
		assert_non_null(strstr(r.notices, "so it is asked no more"));
		assert_non_null(strstr(message_words(&r.result.what), "never had the whole package"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_stray_result_makes_a_yes_of_a_refusal),
		cmocka_unit_test(a_cancel_obeys_the_phase),
		cmocka_unit_test(a_cancel_in_data_mode_proves_the_version_unchanged),
		cmocka_unit_test(the_record_states_the_intent_before_the_gate_is_passed),
		cmocka_unit_test(the_gate_is_not_passed_without_a_durable_record),
		cmocka_unit_test(a_cancel_of_a_download_is_a_detach),
		cmocka_unit_test(the_question_holds_what_the_preparation_found),
		cmocka_unit_test(what_is_stored_waits_for_the_yes),
		cmocka_unit_test(what_brings_the_dialogue_into_step_begins_nothing),
		cmocka_unit_test(data_mode_is_left_when_the_line_has_carried_all),
		cmocka_unit_test(a_port_that_goes_while_data_mode_is_left_proves_nothing),
		cmocka_unit_test(a_port_that_goes_in_the_silence_prolongs_it),
		cmocka_unit_test(an_installation_that_begins_while_data_mode_is_left_is_only_watched),
		cmocka_unit_test(no_question_is_the_rest_of_a_package),
	};

	return cmocka_run_group_tests(tests, files_make, files_remove);
}

/*
 * What else can happen to an unfinished upgrade: killed again and again
 * while it is watched, modules that misbehave, records that lie.
 */
#include "config.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "upgrade_fixture.h"
#include "words.h"

#include "base/count.h"
#include "words.h"

static void print_run(const struct run *r)
{
	print_error("%s (%s), runs %s, %u times AT+QFOTADL, %u violations %s, %lld ms\n%s\n%s",
		    outcome_info(r->result.outcome)->name, message_words(&r->result.what), r->version, r->qfotadl,
		    r->violations, r->violation, (long long)r->took_ms, r->notices, r->lines);
}

/* No byte too many, and nothing claimed that is not so. */
static bool is_true(const struct run *r)
{
	const char *runs = sim_version(sim_port_sim(r->sp));

	if (r->violations || r->qfotadl > 1)
		return false;
	switch (r->result.outcome) {
	case OUTCOME_SUCCESS:
		return strcmp(runs, TO) == 0;
	case OUTCOME_UNCHANGED:
		return strcmp(runs, r->began) == 0;
	case OUTCOME_UNKNOWN:
		/* the package was never complete, and so it is */
		if (strstr(safety_words(&r->result), "installs nothing"))
			return strcmp(runs, r->began) == 0;
		return strstr(safety_words(&r->result), "Do not remove power") != NULL;
	case OUTCOME_DEVICE_FAILED:
		/* a third version was told: what it runs is known */
		if (r->result.now[0] && strcmp(r->result.now, runs) != 0)
			return false;
		return strstr(safety_words(&r->result), r->result.now[0] ? "Keep its power on" : "Do not remove power") != NULL;
	case OUTCOME_STOPPED:
		return r->qfotadl == 0;
	case OUTCOME_READY:
	case OUTCOME_COUNT:
		break;
	}
	return false;
}

/* --- killed while watching */

struct kind {
	const char *name, *url, *scenario;	/* url NULL: push */
};

static void prepare(struct run *r, void **state, const struct kind *kind)
{
	run_init(r, state);
	r->recorded = true;
	r->config.sim.scenario_text = kind->scenario;
	if (kind->url)
		run_pull(r, kind->url);
	else
		run_push(r);
}

/* How many points KIND's upgrade has. */
static unsigned count_points(void **state, const struct kind *kind)
{
	struct run r;

	prepare(&r, state, kind);
	run_go(&r);
	return r.points;
}

/* Kill it at FIRST, then up to TIMES those who keep watching, each at EVERY points of its own; the last one ends it. */
static bool killed_again(void **state, const struct kind *kind, unsigned first, unsigned every, unsigned times)
{
	struct open_upgrade open;
	bool good, is_open;
	struct run r;

	prepare(&r, state, kind);
	r.kill_at = first;
	run_power_on(&r);
	run_program(&r);
	is_open = r.killed && run_unfinished(&r, &open);
	for (unsigned i = 0; i < times && is_open; i++) {
		run_resume(&r, &open, every);
		is_open = r.killed && run_unfinished(&r, &open);
	}
	if (is_open)
		run_resume(&r, &open, 0);
	else if (r.results == 0 && r.qfotadl == 0)
		r.result.outcome = OUTCOME_UNCHANGED;
	good = is_true(&r) && r.result.outcome <= OUTCOME_UNCHANGED;
	if (!good) {
		print_error("%s, killed at %u, then every %u: ", kind->name, first, every);
		print_run(&r);
	}
	run_power_off(&r);
	return good;
}

static void a_resume_killed_again_and_again_is_resumed_right(void **state)
{
	static const struct kind kinds[] = {
		{"push", NULL, NULL},
		{"pull", HTTP_URL, NULL},
		{"push, END 504", NULL, "set end-code 504\n"},
		{"pull, HTTPEND 702", HTTP_URL, "set source-code 702\n"},
	};
	static const unsigned every[] = {1, 2, 5, 13, 34, 60};
	unsigned good = 0, all = 0;

	for (size_t k = 0; k < COUNT(kinds); k++) {
		unsigned points = count_points(state, &kinds[k]);

		for (unsigned first = points / 3; first <= points; first += points / 6)
			for (size_t i = 0; i < COUNT(every); i++) {
				all++;
				good += killed_again(state, &kinds[k], first, every[i], 4);
			}
	}
	print_message("killed, resumed and killed up to four times more: right %u of %u\n", good, all);
	assert_int_equal(good, all);
}

/* --- every scenario, killed */

static bool killed_scenario(void **state, const char *name, char *text, bool pull, unsigned percent)
{
	const struct kind kind = {name, pull ? FTP_URL : NULL, text};
	unsigned points;
	struct open_upgrade open;
	struct run r;
	bool good;

	points = count_points(state, &kind);

	prepare(&r, state, &kind);
	r.kill_at = points * percent / 100 + 1;
	run_power_on(&r);
	run_program(&r);
	if (r.killed && run_unfinished(&r, &open))
		run_resume(&r, &open, 0);
	else if (r.killed)
		r.result.outcome = r.qfotadl ? OUTCOME_COUNT : OUTCOME_STOPPED;
	good = is_true(&r);
	if (!good) {
		print_error("%s by %s, killed at %u of %u: ", name, pull ? "pull" : "push", r.kill_at, points);
		print_run(&r);
	}
	run_power_off(&r);
	return good;
}

/* The text of the scenario file NAME, on a line of 115200 baud. */
static const char *scenario_directory(char *out, size_t size)
{
	const char *srcdir = getenv("srcdir");

	snprintf(out, size, "%s/tests/scenarios", srcdir ? srcdir : ".");
	return out;
}

static void load(char *text, size_t text_size, const char *name)
{
	size_t size = (size_t)snprintf(text, text_size, "set chunk 12\n");
	char directory[512], path[1024];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%.200s", scenario_directory(directory, sizeof(directory)), name);
	f = fopen(path, "rb");
	assert_non_null(f);
	size += fread(text + size, 1, text_size - 1 - size, f);
	assert_int_equal(fclose(f), 0);
	text[size] = '\0';
}

static void every_scenario_killed_is_resumed_to_the_truth(void **state)
{
	char directory[512], text[16384];
	unsigned good = 0, all = 0;
	struct dirent *entry;
	DIR *d = opendir(scenario_directory(directory, sizeof(directory)));

	assert_non_null(d);
	while ((entry = readdir(d))) {
		if (entry->d_name[0] == '.')
			continue;
		load(text, sizeof(text), entry->d_name);
		for (unsigned pull = 0; pull < 2; pull++, all++)
			good += killed_scenario(state, entry->d_name, text, pull, 40 + (all * 7) % 60);
	}
	closedir(d);
	print_message("every scenario, killed and resumed: true %u of %u\n", good, all);
	assert_true(all > 100);
	assert_int_equal(good, all);
}

/* --- one fault each */

static void detach(void *ctx)
{
	run_ask(ctx, REQUEST_DETACH, false);
}

static void cancel_and_soon_detach(void *ctx)
{
	struct run *r = ctx;

	run_ask(r, REQUEST_CANCEL, false);
	sim_port_at(r->sp, clock_now_ms(sim_port_clock(r->sp)) + 500, detach, r);
}

static void kill_now(void *ctx)
{
	struct run *r = ctx;

	r->kill_at = r->points + 1;
}

static void kill_soon(void *ctx)
{
	struct run *r = ctx;

	r->kill_at = r->points + 12;
}

/* Some of the package is written. */
static void kill_in_data(struct run *r)
{
	sim_port_on_output(r->sp, "CONNECT", kill_soon, r);
}

static void kill_at_connect(struct run *r)
{
	sim_port_on_output(r->sp, "CONNECT", kill_now, r);
}

static void kill_at_http_start(struct run *r)
{
	sim_port_on_output(r->sp, "HTTPSTART", kill_now, r);
}

static void kill_at_37(struct run *r)
{
	sim_port_on_output(r->sp, "\"UPDATING\",37", kill_now, r);
}

static void kill_at_http_end(struct run *r)
{
	sim_port_on_output(r->sp, "HTTPEND", kill_now, r);
}

static void kill_at_refusal(struct run *r)
{
	sim_port_on_output(r->sp, "+CME ERROR: 50", kill_now, r);
}

static void kill_at_end(struct run *r)
{
	sim_port_on_output(r->sp, "\"END\"", kill_now, r);
}

/* KIND is killed by SETUP; what its record says then. */
static void kill_first(struct run *r, void **state, const struct kind *kind,
		       void (*setup)(struct run *r), struct open_upgrade *open)
{
	prepare(r, state, kind);
	r->setup = setup;
	run_power_on(r);
	run_program(r);
	r->setup = NULL;
	assert_true(r->killed);
	assert_true(run_unfinished(r, open));
}

static void expect(struct run *r, enum outcome outcome)
{
	if (r->result.outcome != outcome || !is_true(r))
		print_run(r);
	assert_int_equal(r->result.outcome, outcome);
	assert_true(is_true(r));
}

static void detach_in_data_mode(struct run *r)
{
	sim_port_on_output(r->sp, "CONNECT", cancel_and_soon_detach, r);
}

static void a_detach_while_leaving_data_mode_sends_no_more(void **state)
{
	static const struct kind kind = {"push", NULL, NULL};
	struct run r;

	prepare(&r, state, &kind);
	r.setup = detach_in_data_mode;
	run_power_on(&r);
	run_program(&r);
	expect(&r, OUTCOME_UNKNOWN);
	assert_null(strstr(strstr(r.lines, "CONNECT"), "AT"));
	run_power_off(&r);
}

/* START before all was sent: the module is not asked, and its port stays open. */
static void an_installation_that_begins_while_sending_is_only_watched(void **state)
{
	static const struct kind kind = {"push", NULL,
		"at data 10000\n\tline +QIND: \"FOTA\",\"START\"\n\tleave\n"
		"at time 20000\n\tline +QIND: \"FOTA\",\"UPDATING\",12\n"
		"at time 40000\n\tline +QIND: \"FOTA\",\"END\",504\n"};
	const char *start;
	struct run r;

	prepare(&r, state, &kind);
	run_power_on(&r);
	run_program(&r);
	expect(&r, OUTCOME_UNCHANGED);
	assert_int_equal(r.result.code.number, 504);
	assert_int_equal(r.calls[SIM_PORT_OPEN], 1);
	start = strstr(r.lines, "START");
	assert_true(strstr(start, "\nAT") > strstr(start, "\"END\""));
	run_power_off(&r);
}

static void answer_yes(void *ctx)
{
	run_ask(ctx, REQUEST_ANSWER, true);
}

static void answer_after_a_minute(struct run *r)
{
	sim_port_at(r->sp, SIM_PORT_START_MS + 60000, answer_yes, r);
}

/* The question stood long: what the module said meanwhile counts. */
static void no_upgrade_begins_over_one_that_began_during_the_question(void **state)
{
	static const struct kind kinds[] = {
		{"pull", HTTP_URL, "at time 30000\n\tline +QIND: \"FOTA\",\"START\"\n"
		 "at time 90000\n\tline +QIND: \"FOTA\",\"END\",0\n"},
		{"push", NULL, "at time 30000\n\tline +QIND: \"FOTA\",\"UPDATING\",4\n"
		 "at time 90000\n\tline +QIND: \"FOTA\",\"END\",0\n"},
	};

	for (size_t i = 0; i < COUNT(kinds); i++) {
		struct run r;

		prepare(&r, state, &kinds[i]);
		r.plan.assume_yes = false;
		r.setup = answer_after_a_minute;
		run_power_on(&r);
		run_program(&r);
		expect(&r, OUTCOME_STOPPED);
		assert_int_equal(r.qfotadl, 0);
		run_power_off(&r);
	}
}

/* It takes 20 minutes without a word, whatever the wall clock was set to. */
static void a_download_that_goes_on_is_waited_for(void **state)
{
	static const struct kind kind = {"pull", HTTP_URL, "set download-ms 1200000\n"};
	static const int64_t when[] = {0, 1, -1, INT64_C(4102444800)};	/* none; 1970; as it was; 2100 */

	for (size_t i = 0; i < COUNT(when); i++) {
		struct open_upgrade open;
		struct run r;

		kill_first(&r, state, &kind, kill_at_http_start, &open);
		if (when[i] >= 0)
			open.when_s = when[i];
		run_resume(&r, &open, 0);
		expect(&r, OUTCOME_SUCCESS);
		run_power_off(&r);
	}
}

/* One that was lost with the power is not waited for in vain for ever. */
static void a_download_that_never_ends_leaves_the_module_unchanged(void **state)
{
	static const struct kind kind = {"pull", HTTP_URL, "at download-end\n\tdrop\n"};
	struct open_upgrade open;
	struct run r;

	kill_first(&r, state, &kind, kill_at_http_start, &open);
	run_resume(&r, &open, 0);
	expect(&r, OUTCOME_UNCHANGED);
	assert_false(run_unfinished(&r, &open));
	run_power_off(&r);
}

static void a_module_that_stalls_is_not_asked(void **state)
{
	static const struct kind kinds[] = {
		{"push", NULL, "at updating 41\n\twait 600000\n"},
		{"pull", HTTP_URL, "at updating 41\n\twait 600000\n"},
	};

	for (size_t i = 0; i < COUNT(kinds); i++) {
		struct open_upgrade open;
		struct run r;

		kill_first(&r, state, &kinds[i], kill_at_37, &open);
		run_resume(&r, &open, 0);
		expect(&r, OUTCOME_SUCCESS);
		run_power_off(&r);
	}
}

/* The module was asked to wait for data for ten minutes: what is configured now,
 * or a record that lies, does not shorten that. */
static void what_was_asked_of_the_module_counts(void **state)
{
	static const struct kind kind = {"push", NULL, NULL};
	struct open_upgrade open;
	struct run r;

	prepare(&r, state, &kind);
	r.plan.com_timeout_s = 600;
	r.setup = kill_at_connect;
	run_power_on(&r);
	run_program(&r);
	r.setup = NULL;
	assert_true(run_unfinished(&r, &open));
	memset(&r.plan, 0, sizeof(r.plan));
	r.plan.job = JOB_RESUME;
	r.plan.open = open;
	r.plan.com_timeout_s = 10;
	r.plan.baud = 9600;
	r.plan.listen_timeout_s = 1;
	r.kill_at = 0;
	run_program(&r);
	expect(&r, OUTCOME_UNCHANGED);
	assert_non_null(strstr(r.notices, "after 605 s of silence"));
	/* once: the question, its echo, which is on since the command, and the answer */
	assert_non_null(strstr(r.lines, "CME ERROR: 421\nAT\nAT\nOK"));
	run_power_off(&r);
}

static void resume_now(struct run *r, const struct open_upgrade *open)
{
	memset(&r->plan, 0, sizeof(r->plan));
	r->plan.job = JOB_RESUME;
	r->plan.open = *open;
	r->plan.ask_now = true;
	r->kill_at = 0;
	run_program(r);
}

/* How long after it came the program that resumed asked, in milliseconds, at most. */
static void expect_soon(const struct run *r, int64_t most_ms)
{
	if (r->took_ms > most_ms)
		print_run(r);
	assert_in_range(r->took_ms, 0, most_ms);
}

/* faults.md C41, B32: whatever the silence is for, and whatever drips in. */
static void the_watch_ends_a_resume_as_well(void **state)
{
	static const int limits_s[] = {1, 7, 30};
	static const char *const lines[] = {"+CREG: 2", "RDY", "OK"};
	char text[8192];

	for (size_t i = 0; i < COUNT(limits_s) * COUNT(lines); i++) {
		struct kind kind = {"push", NULL, text};
		size_t n = (size_t)snprintf(text, sizeof(text), "at updating 41\n");
		struct open_upgrade open;
		struct run r;

		for (int line = 0; line < 200; line++)
			n += (size_t)snprintf(text + n, sizeof(text) - n, "\tline %s\n\twait 500\n", lines[i % COUNT(lines)]);
		kill_first(&r, state, &kind, kill_at_37, &open);
		memset(&r.plan, 0, sizeof(r.plan));
		r.plan.job = JOB_RESUME;
		r.plan.open = open;
		r.plan.watch_timeout_s = limits_s[i / COUNT(lines)];
		r.kill_at = 0;
		run_program(&r);
		expect_soon(&r, r.plan.watch_timeout_s * 1000 + 4000);
		run_power_off(&r);
	}
}

/* faults.md C43: where the record says that nothing goes on in the module, it is
 * asked at once. */
static void a_module_that_had_ended_is_asked_at_once(void **state)
{
	static const struct {
		struct kind kind;
		void (*setup)(struct run *r);
		enum outcome outcome;
		int64_t most_ms;
	} rows[] = {
		{{"push", NULL, "set reboot-ms 60000\n"}, kill_at_end, OUTCOME_SUCCESS, 10000},
		{{"pull", HTTP_URL, "set reboot-ms 60000\n"}, kill_at_end, OUTCOME_SUCCESS, 10000},
		{{"push, END 504", NULL, "set end-code 504\n"}, kill_at_end, OUTCOME_UNCHANGED, 10000},
		{{"pull, 702", HTTP_URL, "set source-code 702\n"}, kill_at_http_end, OUTCOME_UNCHANGED, 10000},
		{{"pull refused", HTTP_URL, "on AT+QFOTADL=*http*\n\tline +CME ERROR: 50\n"}, kill_at_refusal, OUTCOME_UNCHANGED, 10000},
		/* an error that nothing has confirmed: the gate may still come */
		{{"push refused", NULL, "on AT+QFOTADL=*COM*\n\tline +CME ERROR: 50\n"}, kill_at_refusal, OUTCOME_UNCHANGED, 40000},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct open_upgrade open;
		struct run r;

		kill_first(&r, state, &rows[i].kind, rows[i].setup, &open);
		run_resume(&r, &open, 0);
		expect(&r, rows[i].outcome);
		expect_soon(&r, rows[i].most_ms);
		assert_true(rows[i].most_ms > 10000 || !strstr(r.notices, "of silence"));
		run_power_off(&r);
	}
}

/* Else why it listens is said, and --ask-now does not. */
static void a_module_that_may_be_installing_is_asked_now_on_demand(void **state)
{
	static const struct kind kind = {"push", NULL, NULL};
	struct open_upgrade open;
	struct run r;

	kill_first(&r, state, &kind, kill_at_37, &open);
	run_resume(&r, &open, 0);
	assert_non_null(strstr(r.notices, "the module may be installing"));
	run_power_off(&r);

	kill_first(&r, state, &kind, kill_at_37, &open);
	resume_now(&r, &open);
	assert_non_null(strstr(r.notices, "a module that is installing may be disturbed"));
	assert_null(strstr(r.notices, "of silence"));
	run_power_off(&r);
}

/* Data mode: once at once, then by the rule. */
static void a_module_in_data_mode_is_asked_now_only_once(void **state)
{
	static const struct kind kind = {"push", NULL, NULL};
	struct open_upgrade open;
	struct run r;

	for (int now = 0; now < 2; now++) {
		kill_first(&r, state, &kind, kill_at_connect, &open);
		if (now)
			resume_now(&r, &open);
		else
			run_resume(&r, &open, 0);
		expect(&r, OUTCOME_UNCHANGED);
		expect_soon(&r, 60000);
		assert_true(now == (strstr(r.lines, "AT\n+CME ERROR: 421") != NULL));
		run_power_off(&r);
	}
}

static void kill_at_command(struct run *r)
{
	sim_port_on_output(r->sp, "QFOTADL=\"", kill_now, r);
}

/* The command that opens data mode has its time, and the data then have theirs. */
static void a_gate_that_is_still_to_come_is_waited_for(void **state)
{
	static const struct kind kinds[] = {
		{"push", NULL, "on AT+QFOTADL=\"*\n\twait 12000\n\tdefault\n"},
		{"push", NULL, "on AT+QFOTADL=\"*\n\twait 26500\n\tdefault\n"},
		{"push", NULL, "on AT+QFOTADL=\"*\n\twait 29500\n\tdefault\n"},
		{"push", NULL, "on AT+QFOTADL=\"*\n\twait 29000\n\tline ERROR\n"},
		/* a gate that begins no download of the module's */
		{"push", NULL, "on AT+QFOTADL=\"*\n\twait 12000\n\tline OK\n\tline +QIND: \"FOTA\",\"FILESTART\"\n"},
	};

	for (size_t i = 0; i < COUNT(kinds); i++) {
		struct open_upgrade open;
		struct run r;

		kill_first(&r, state, &kinds[i], kill_at_command, &open);
		run_resume(&r, &open, 0);
		expect(&r, OUTCOME_UNCHANGED);
		expect_soon(&r, 90000);
		run_power_off(&r);
	}
}

/* What the program before had written may have gone with it, whatever somebody says. */
static void an_end_of_nobody_does_not_end_data_mode(void **state)
{
	static const struct kind kinds[] = {
		{"push", NULL, "at data 1\n\twait 300\n\tline +QIND: \"FOTA\",\"END\",0\n"},
		{"push", NULL, "at data 1\n\twait 900\n\tline +QIND: \"FOTA\",\"END\",504\n"},
		{"push", NULL, "at data 700\n\twait 5000\n\tline +QIND: \"FOTA\",\"END\",0\n"},
	};

	for (size_t i = 0; i < COUNT(kinds); i++) {
		struct open_upgrade open;
		struct run r;

		kill_first(&r, state, &kinds[i], kill_in_data, &open);
		run_resume(&r, &open, 0);
		expect(&r, OUTCOME_UNCHANGED);
		/* at most once before its time-out is over */
		assert_null(strstr(r.lines, "AT\nAT\nAT\n"));
		run_power_off(&r);
	}
}

static void kill_later(void *ctx)
{
	struct run *r = ctx;

	sim_port_at(r->sp, clock_now_ms(sim_port_clock(r->sp)) + 3000, kill_now, r);
}

static void kill_in_silence(struct run *r)
{
	sim_port_on_output(r->sp, "\"END\"", kill_later, r);
}

/* It is asked once at once, unless the program before has done that: never twice within the
 * module's time-out, which would begin it again until the questions are the rest of the package. */
static void who_was_asked_after_an_end_of_nobody_is_not_asked_at_once(void **state)
{
	static const int places[] = {1, 700, 12345, 19000};
	char scenario[128];

	for (size_t i = 0; i < COUNT(places) * 2; i++) {
		const struct kind kind = {"push", NULL, scenario};
		bool asked = i % 2;
		struct open_upgrade open;
		struct run r;

		snprintf(scenario, sizeof(scenario), "at data %d\n\tline +QIND: \"FOTA\",\"END\",504\n", places[i / 2]);
		kill_first(&r, state, &kind, asked ? kill_in_silence : kill_at_end, &open);
		assert_true(open.ended);
		assert_int_equal(open.asked > 0, asked);
		run_resume(&r, &open, 0);
		expect(&r, OUTCOME_UNCHANGED);
		assert_true((strncmp(r.lines, "AT\n", 3) == 0) == !asked);
		expect_soon(&r, 40000);
		run_power_off(&r);
	}
}

static void kill_when_complete(struct run *r)
{
	char end[9];

	snprintf(end, sizeof(end), "%.8s", (const char *)r->files->bytes + PACKAGE_SIZE - 8);
	sim_port_on_input(r->sp, end, kill_now, r);
}

/* It may wait for bytes that got lost on the way, whoever wants it asked now. */
static void a_complete_package_is_never_asked_about_at_once(void **state)
{
	static const struct kind kinds[] = {
		{"push", NULL, "at data-end\n\twait 40000\n\tdefault\n"},
		{"push", NULL, "at data-end\n\tset mute on\n\tdrop\n\twait 20000\n\tset mute off\n"},
	};

	for (size_t i = 0; i < COUNT(kinds); i++) {
		struct open_upgrade open;
		struct run r;

		kill_first(&r, state, &kinds[i], kill_when_complete, &open);
		resume_now(&r, &open);
		expect(&r, i == 0 ? OUTCOME_SUCCESS : OUTCOME_UNCHANGED);
		assert_non_null(strstr(r.notices, "listening for up to 25 s first"));
		assert_true(r.took_ms > 25000);
		run_power_off(&r);
	}
}

/* Whoever said it: what is asked then may be taken for package bytes until its time is over. */
static void a_gate_while_the_version_is_read_is_waited_out(void **state)
{
	static const struct kind kind = {"push", NULL, "on AT+CGMR nth 2\n\tline CONNECT\n\tdefault\n"};
	struct open_upgrade open;
	struct run r;

	kill_first(&r, state, &kind, kill_at_37, &open);
	run_resume(&r, &open, 0);
	expect(&r, OUTCOME_SUCCESS);
	assert_non_null(strstr(r.notices, "waiting in silence for 25 s"));
	assert_true(r.took_ms > 25000);
	run_power_off(&r);
}

static void a_record_with_impossible_numbers_is_resumed(void **state)
{
	static const struct kind kind = {"push", NULL, NULL};
	static const int numbers[] = {INT32_MAX, INT32_MIN, -1, 0};

	for (size_t i = 0; i < COUNT(numbers); i++) {
		struct open_upgrade open;
		struct run r;

		kill_first(&r, state, &kind, kill_at_37, &open);
		open.com_timeout_s = numbers[i];
		open.baud = numbers[i] < 0 ? numbers[i] : 0;
		open.when_s = numbers[i];
		snprintf(open.module.profile, sizeof(open.module.profile), "none such");
		run_resume(&r, &open, 0);
		expect(&r, OUTCOME_SUCCESS);
		run_power_off(&r);
	}
}

/* A failure code before the crash, and then a port that is not there: nobody
 * asked the module. */
static void a_module_that_is_not_plugged_in_has_not_failed(void **state)
{
	static const struct kind kind = {"push", NULL, "set end-code 504\n"};
	struct open_upgrade open;
	struct run r;

	kill_first(&r, state, &kind, kill_at_end, &open);
	open.ended = true;
	open.end_code = 504;
	snprintf(open.module.port, sizeof(open.module.port), "/dev/ttyGONE0");
	run_resume(&r, &open, 0);
	expect(&r, OUTCOME_UNKNOWN);
	assert_non_null(strstr(r.notices, "/dev/ttyGONE0"));
	assert_true(run_unfinished(&r, &open));
	snprintf(open.module.port, sizeof(open.module.port), SIM_PORT_PATH);
	run_resume(&r, &open, 0);
	expect(&r, OUTCOME_UNCHANGED);
	assert_int_equal(r.result.code.number, 504);
	run_power_off(&r);
}

/* What cannot be resumed says nothing of the module, and stays open. */
static void a_resume_that_cannot_begin_claims_nothing(void **state)
{
	static const struct kind kind = {"push", NULL, NULL};

	for (int i = 0; i < 3; i++) {
		struct open_upgrade open, still;
		struct run r;

		kill_first(&r, state, &kind, kill_at_37, &open);
		if (i == 0)
			open.to[0] = '\0';
		else if (i == 1)
			open.module.imei[0] = '\0';
		else
			open.foreign = true;
		run_resume(&r, &open, 0);
		assert_int_equal(r.result.outcome, OUTCOME_STOPPED);
		assert_int_equal(result_safety(&r.result), MSG_SAFE_UNKNOWN);
		assert_int_equal(r.violations, 0);
		assert_true(run_unfinished(&r, &still));
		run_power_off(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_resume_killed_again_and_again_is_resumed_right),
		cmocka_unit_test(every_scenario_killed_is_resumed_to_the_truth),
		cmocka_unit_test(a_detach_while_leaving_data_mode_sends_no_more),
		cmocka_unit_test(an_installation_that_begins_while_sending_is_only_watched),
		cmocka_unit_test(no_upgrade_begins_over_one_that_began_during_the_question),
		cmocka_unit_test(a_download_that_goes_on_is_waited_for),
		cmocka_unit_test(a_download_that_never_ends_leaves_the_module_unchanged),
		cmocka_unit_test(a_module_that_stalls_is_not_asked),
		cmocka_unit_test(what_was_asked_of_the_module_counts),
		cmocka_unit_test(the_watch_ends_a_resume_as_well),
		cmocka_unit_test(a_module_that_had_ended_is_asked_at_once),
		cmocka_unit_test(a_module_that_may_be_installing_is_asked_now_on_demand),
		cmocka_unit_test(a_module_in_data_mode_is_asked_now_only_once),
		cmocka_unit_test(a_gate_that_is_still_to_come_is_waited_for),
		cmocka_unit_test(an_end_of_nobody_does_not_end_data_mode),
		cmocka_unit_test(who_was_asked_after_an_end_of_nobody_is_not_asked_at_once),
		cmocka_unit_test(a_complete_package_is_never_asked_about_at_once),
		cmocka_unit_test(a_gate_while_the_version_is_read_is_waited_out),
		cmocka_unit_test(a_record_with_impossible_numbers_is_resumed),
		cmocka_unit_test(a_module_that_is_not_plugged_in_has_not_failed),
		cmocka_unit_test(a_resume_that_cannot_begin_claims_nothing),
	};

	return cmocka_run_group_tests(tests, files_make, files_remove);
}

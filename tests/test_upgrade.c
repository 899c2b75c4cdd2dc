/* The upgrade against the simulated module in virtual time. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "package.h"
#include "sim_port.h"
#include "upgrade.h"

#define FROM "UG96LNAR02A06E1G"
#define TO "UG96LNAR02A08E1G"
#define PACKAGE_SIZE 20000
#define HTTP_URL "http://192.0.2.7/ug96-06-08.bin"
#define FTP_URL "ftp://192.0.2.7/ug96-06-08.bin"
#define FTP_LOGIN_URL "ftp://field:s3cret@192.0.2.7/ug96-06-08.bin"

/* A directory with a package; made once. */
struct files {
	char directory[64];
	char package[128], manifest[128], other[128];
	unsigned char bytes[PACKAGE_SIZE];
};

/* The servers of a test, as this computer sees them: the path says what is
 * wrong with the one that is asked. */
static int probe(const char *url, const struct source_access *access,
		 struct source_facts *facts, source_progress_fn *alive,
		 void *ctx, struct source_status *status, struct err *e)
{
	(void)access;
	memset(facts, 0, sizeof(*facts));
	*status = (struct source_status){.reply = 200};
	if (!alive(ctx, 0, 0))
		return err_set(e, ERR_CANCELLED, "cancelled");
	if (strstr(url, "unreachable")) {
		status->kind = SOURCE_CONNECT;
		return err_set(e, ERR_NETWORK, "connection refused");
	}
	if (strstr(url, "missing")) {
		status->kind = SOURCE_NOT_FOUND;
		return err_set(e, ERR_NETWORK, "404 not found");
	}
	facts->html = strstr(url, "page") != NULL;
	facts->has_size = strstr(url, "sizeless") == NULL;
	facts->size = PACKAGE_SIZE + (strstr(url, "longer") != NULL);
	facts->private_address = strstr(url, "private") != NULL;
	if (strstr(url, "moved"))
		snprintf(facts->redirect, sizeof(facts->redirect), "http://192.0.2.8/elsewhere");
	return 0;
}

/* The package of make_files(), from its number generator. */
static void package_bytes(unsigned char bytes[PACKAGE_SIZE])
{
	uint32_t x = 1;

	for (size_t i = 0; i < PACKAGE_SIZE; i++) {
		x = x * 1664525 + 1013904223;
		bytes[i] = (unsigned char)(x >> 24);
	}
}

static int download(const char *url, const struct source_access *access,
		    const char *path, uint64_t max_size, uint64_t size,
		    const char *sha256, source_progress_fn *progress, void *ctx,
		    struct source_status *status, struct err *e)
{
	unsigned char bytes[PACKAGE_SIZE];
	FILE *f;

	(void)access;
	(void)max_size;
	(void)size;
	*status = (struct source_status){.reply = 200};
	if (!progress(ctx, PACKAGE_SIZE / 2, PACKAGE_SIZE))
		return err_set(e, ERR_CANCELLED, "cancelled");
	if (strstr(url, "broken"))
		return err_set(e, ERR_NETWORK, "the connection broke");
	if (strstr(url, "altered") && sha256)
		return err_set(e, ERR_PACKAGE, "the digest differs");
	package_bytes(bytes);
	f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, sizeof(bytes), f), sizeof(bytes));
	assert_int_equal(fclose(f), 0);
	return 0;
}

static int publish(const char *url, const struct source_access *access,
		   const char *path, uint64_t size, const char *sha256,
		   bool overwrite, bool *exists, source_progress_fn *progress,
		   void *ctx, struct source_status *status, struct err *e)
{
	(void)access;
	(void)path;
	*status = (struct source_status){.reply = 226};
	assert_int_equal(size, PACKAGE_SIZE);
	assert_int_equal(strlen(sha256), 64);
	if (!progress(ctx, size, size))
		return err_set(e, ERR_CANCELLED, "cancelled");
	*exists = strstr(url, "occupied") != NULL;
	return *exists && !overwrite ? err_set(e, ERR_NETWORK, "it differs") : 0;
}

static const struct source_calls servers = {probe, download, publish};

struct run {
	struct files *files;
	struct plan plan;
	struct sim_port_config config;
	struct sim_port_file served[3];
	/* what came out */
	struct result result;
	unsigned results, questions;
	bool steps[STEP_COUNT];
	char notices[8192];
	char lines[65536];
	unsigned violations;
	char violation[256];
	char version[VERSION_SIZE];
	unsigned qfotadl;	/* how often AT+QFOTADL= went out */
	int64_t took_ms;
	unsigned calls[SIM_PORT_CALLS];
	/* what is done to it */
	void (*setup)(struct run *r);
	bool answer, yes;
	enum step cancel_at;	/* STEP_COUNT: never */
	enum request_type cancel_with;
	enum sim_port_call failing_call;
	unsigned failing_nth;
	struct upgrade *upgrade;
	struct sim_port *sp;
	struct port *port;
	struct request pending;
	bool has_pending;
};


static void append(char *to, size_t size, const char *text)
{
	size_t used = strlen(to);

	snprintf(to + used, size - used, "%s\n", text);
}

static bool on_interrupt(void *ctx)
{
	struct run *r = ctx;

	if (!r->has_pending)
		return false;
	r->has_pending = false;
	return upgrade_request(r->upgrade, &r->pending);
}

static void ask_for(struct run *r, enum request_type type, bool yes)
{
	r->pending = (struct request){.type = type, .yes = yes};
	r->has_pending = true;
	port_interrupt(r->port);
}

static void on_event(void *ctx, const struct event *ev)
{
	struct run *r = ctx;

	switch (ev->type) {
	case EVENT_STEP:
		r->steps[ev->step.step] = true;
		if (ev->step.begin && ev->step.step == r->cancel_at)
			ask_for(r, r->cancel_with, false);
		break;
	case EVENT_NOTICE:
		append(r->notices, sizeof(r->notices), ev->notice.text);
		break;
	case EVENT_LINE:
		append(r->lines, sizeof(r->lines), ev->line.text);
		break;
	case EVENT_QUESTION:
		r->questions++;
		assert_null(strstr(ev->question.command, "s3cret"));
		if (r->answer)
			ask_for(r, REQUEST_ANSWER, r->yes);
		break;
	case EVENT_RESULT:
		r->results++;
		r->result = ev->result;
		break;
	case EVENT_IDENTITY:
	case EVENT_PROGRESS:
	case EVENT_PORT:
		break;
	}
}

static void run_init(struct run *r, void **state)
{
	memset(r, 0, sizeof(*r));
	r->files = *state;
	r->cancel_at = STEP_COUNT;
	r->plan.assume_yes = true;
	snprintf(r->plan.port, sizeof(r->plan.port), "%s", SIM_PORT_PATH);
	r->config.sim.package = r->files->package;
	r->config.sim.from = FROM;
	r->config.sim.to = TO;
	r->config.sim.fast = true;
}

static void push(struct run *r)
{
	r->plan.delivery = DELIVERY_PUSH;
	snprintf(r->plan.file, sizeof(r->plan.file), "%s", r->files->package);
}

static void pull(struct run *r, const char *url)
{
	r->plan.delivery = DELIVERY_PULL;
	snprintf(r->plan.url, sizeof(r->plan.url), "%s", url);
	snprintf(r->plan.manifest, sizeof(r->plan.manifest), "%s", r->files->manifest);
	r->served[0] = (struct sim_port_file){.url = url, .bytes = r->files->bytes, .size = PACKAGE_SIZE};
	r->served[1] = (struct sim_port_file){.url = FTP_LOGIN_URL, .bytes = r->files->bytes, .size = PACKAGE_SIZE};
	r->config.files = r->served;
}

static void go(struct run *r)
{
	struct upgrade_env env = {
		.emit = on_event, .ctx = r, .start_ms = SIM_PORT_START_MS, .source = &servers,
	};
	const char *first;
	struct err e = {0};

	r->sp = sim_port_new(&r->config, &e);
	if (!r->sp)
		fail_msg("%s", e.text);
	env.clock = sim_port_clock(r->sp);
	r->port = port_new_custom(env.clock, sim_port_backend(), r->sp, &e);
	assert_non_null(r->port);
	env.port = r->port;
	port_on_interrupt(r->port, on_interrupt, r);
	r->upgrade = upgrade_new(&env, &r->plan, &e);
	assert_non_null(r->upgrade);
	if (r->setup)
		r->setup(r);
	upgrade_run(r->upgrade, NULL);
	r->took_ms = clock_now_ms(env.clock) - SIM_PORT_START_MS;
	r->violations = sim_violations(sim_port_sim(r->sp), &first);
	snprintf(r->violation, sizeof(r->violation), "%s", first);
	snprintf(r->version, sizeof(r->version), "%s", sim_version(sim_port_sim(r->sp)));
	r->qfotadl = sim_port_sent(r->sp, "AT+QFOTADL=\"");
	for (int i = 0; i < SIM_PORT_CALLS; i++)
		r->calls[i] = sim_port_count(r->sp, (enum sim_port_call)i);
	upgrade_free(r->upgrade);
	port_free(r->port);
	sim_port_free(r->sp);
	assert_int_equal(r->results, 1);
}

static void expect(const struct run *r, enum outcome outcome)
{
	if (r->result.outcome != outcome || r->violations)
		print_error("outcome %s, wanted %s: %s; violations %u %s\n%s\n%s",
			    outcome_info(r->result.outcome)->name, outcome_info(outcome)->name,
			    r->result.message, r->violations, r->violation, r->notices, r->lines);
	assert_int_equal(r->result.outcome, outcome);
	assert_int_equal(r->violations, 0);
}

static void expect_stop(const struct run *r, enum err_code code)
{
	expect(r, OUTCOME_STOPPED);
	if (r->result.stop != code)
		print_error("%s\n", r->result.message);
	assert_int_equal(r->result.stop, code);
	assert_int_equal(r->result.exit_status, err_info(code)->exit_status);
	assert_int_equal(r->qfotadl, 0);
	assert_string_equal(r->version, FROM);
}

static void a_push_ends_in_success(void **state)
{
	struct run r;

	run_init(&r, state);
	push(&r);
	go(&r);
	expect(&r, OUTCOME_SUCCESS);
	assert_string_equal(r.version, TO);
	assert_string_equal(r.result.now, TO);
	assert_int_equal(r.result.exit_status, 0);
	assert_int_equal(r.qfotadl, 1);
	for (int i = 0; i < STEP_COUNT; i++)
		assert_int_equal(r.steps[i], i != STEP_FETCH);
}

static void a_pull_by_http_ends_in_success(void **state)
{
	struct run r;

	run_init(&r, state);
	pull(&r, HTTP_URL);
	go(&r);
	expect(&r, OUTCOME_SUCCESS);
	assert_string_equal(r.version, TO);
}

static void a_pull_by_ftp_keeps_the_password_out_of_every_event(void **state)
{
	struct run r;

	run_init(&r, state);
	pull(&r, FTP_URL);
	snprintf(r.plan.user, sizeof(r.plan.user), "field");
	snprintf(r.plan.password, sizeof(r.plan.password), "s3cret");
	r.answer = r.yes = true;
	r.plan.assume_yes = false;
	go(&r);
	expect(&r, OUTCOME_SUCCESS);
	assert_int_equal(r.questions, 1);
	assert_null(strstr(r.lines, "s3cret"));
	assert_null(strstr(r.notices, "s3cret"));
}

static void any_split_of_the_answers_gives_the_same_outcome(void **state)
{
	struct run r;

	for (size_t size = 1; size < 20; size++) {
		run_init(&r, state);
		push(&r);
		r.config.read_max = size;
		go(&r);
		expect(&r, OUTCOME_SUCCESS);
	}
}

static void without_a_yes_nothing_is_sent(void **state)
{
	struct run r;

	run_init(&r, state);
	push(&r);
	r.plan.assume_yes = false;
	r.answer = true;
	go(&r);
	expect_stop(&r, ERR_CANCELLED);
	assert_int_equal(r.result.exit_status, 130);
}

static void a_dry_run_sends_nothing_that_changes_the_module(void **state)
{
	struct run r;

	run_init(&r, state);
	push(&r);
	r.plan.dry_run = true;
	go(&r);
	expect(&r, OUTCOME_READY);
	assert_int_equal(r.qfotadl, 0);
	assert_non_null(strstr(r.notices, "would send: AT+QFOTADL=\"COM:\",20000,60"));
}

static void a_probe_needs_no_package(void **state)
{
	struct run r;

	run_init(&r, state);
	r.plan.job = JOB_PROBE;
	go(&r);
	expect(&r, OUTCOME_READY);
	assert_int_equal(r.result.exit_status, 0);
}

/* Scenarios that must stop before the gate. */
static void preflight_refuses(void **state)
{
	static const struct {
		const char *scenario;
		bool pull;
		enum err_code code;
		const char *says;
	} rows[] = {
		{"set model UC20\n", false, ERR_MODULE, "UC20"},
		{"set voltage-mv 3100\n", false, ERR_MODULE, "3100 mV, at least 3400 mV"},
		{"on AT+QFOTADL=?\n\tline ERROR\n", false, ERR_MODULE, "no DFOTA"},
		{"set version UG96LNAR02A05E1G\n", false, ERR_PACKAGE, "UG96LNAR02A05E1G"},
		{"set version " TO "\n", false, ERR_PACKAGE, "already runs"},
		{"set cpin SIM PIN\n", true, ERR_NETWORK, "SIM PIN"},
		{"set cgreg 2\n", true, ERR_NETWORK, "not registered"},
		{"set context off\non AT+QIACT=1\n\tline ERROR\n", true, ERR_NETWORK, "PDP context"},
		{"on AT\n\tdrop\non AT*\n\tdrop\n", false, ERR_MODULE, "no answer"},
		{"on AT+CGMR\n\tline OK\non ATI\n\tline OK\n", false, ERR_MODULE, ""},
		{"on AT+GSN\n\tline ERROR\n", false, ERR_MODULE, "IMEI"},
	};
	struct run r;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		run_init(&r, state);
		if (rows[i].pull)
			pull(&r, HTTP_URL);
		else
			push(&r);
		r.config.sim.scenario_text = rows[i].scenario;
		go(&r);
		if (r.result.stop != rows[i].code || !strstr(r.result.message, rows[i].says))
			print_error("row %zu: %s\n", i, r.result.message);
		assert_non_null(strstr(r.result.message, rows[i].says));
		assert_int_equal(r.result.stop, rows[i].code);
		assert_int_equal(r.qfotadl, 0);
	}
}

static void a_push_needs_no_network(void **state)
{
	struct run r;

	run_init(&r, state);
	push(&r);
	r.config.sim.scenario_text = "set cpin NOT READY\nset cgreg 0\nset context off\n";
	go(&r);
	expect(&r, OUTCOME_SUCCESS);
}

static void an_inactive_context_is_activated_for_a_pull(void **state)
{
	struct run r;

	run_init(&r, state);
	pull(&r, HTTP_URL);
	r.config.sim.scenario_text = "set context off\n";
	go(&r);
	expect(&r, OUTCOME_SUCCESS);
}

static void already_at_the_target_is_success_only_if_asked_for(void **state)
{
	struct run r;

	run_init(&r, state);
	push(&r);
	r.plan.if_needed = true;
	r.config.sim.from = TO;
	go(&r);
	expect(&r, OUTCOME_SUCCESS);
	assert_int_equal(r.qfotadl, 0);
}

/* What a module may do after the command went out, and how it must end. */
struct after_row {
	const char *scenario;
	bool pull;
	enum outcome outcome;
	const char *says;	/* in the message */
	int code;		/* -1: none */
};

static void check_after(void **state, const struct after_row *row, size_t i)
{
	struct run r;

	run_init(&r, state);
	if (row->pull)
		pull(&r, HTTP_URL);
	else
		push(&r);
	r.config.sim.scenario_text = row->scenario;
	go(&r);
	if (r.result.outcome != row->outcome || !strstr(r.result.message, row->says) || r.violations)
		print_error("row %zu:\n%s\n", i, row->scenario);
	expect(&r, row->outcome);
	if (!strstr(r.result.message, row->says))
		print_error("message: %s\n", r.result.message);
	assert_non_null(strstr(r.result.message, row->says));
	if (row->code < 0)
		assert_false(r.result.code.present);
	else
		assert_int_equal(r.result.code.number, row->code);
	if (r.result.outcome == OUTCOME_SUCCESS)
		assert_string_equal(r.version, TO);
	if (r.result.outcome == OUTCOME_UNCHANGED)
		assert_string_equal(r.version, FROM);
}

static void after_the_command_the_version_decides(void **state)
{
	static const struct after_row rows[] = {
		/* C06 */
		{"on AT+QFOTADL=*COM*\n\tline OK\n", false, OUTCOME_UNCHANGED, "OK but never CONNECT", -1},
		{"on AT+QFOTADL=*COM*\n\tline ERROR\n", false, OUTCOME_UNCHANGED, "refused", -1},
		{"on AT+QFOTADL=*COM*\n\tline +CME ERROR: 3\n", false, OUTCOME_UNCHANGED, "not allowed", 3},
		{"on AT+QFOTADL=*COM*\n\twait 20\n", false, OUTCOME_UNCHANGED, "never said CONNECT", -1},
		/* C10 */
		{"at data 5000\n\tleave\n\tline ERROR\n", false, OUTCOME_UNCHANGED, "stopped taking data", -1},
		/* C15 */
		{"on AT+QFOTADL=*http*\n\tline +CME ERROR: 50\n", true, OUTCOME_UNCHANGED, "refused", 50},
		/* C16 */
		{"at download\n\tdrop\n", true, OUTCOME_UNCHANGED, "did not start", -1},
		/* C17 */
		{"set source-code 702\n", true, OUTCOME_UNCHANGED, "time-out", 702},
		{"set source-code 799\n", true, OUTCOME_UNCHANGED, "799", 799},
		/* C18 */
		{"set end-code 504\n", false, OUTCOME_UNCHANGED, "504", 504},
		{"set end-code 505\n", true, OUTCOME_UNCHANGED, "505", 505},
		/* C19 */
		{"set final-version " FROM "\n", false, OUTCOME_UNCHANGED, "without effect", -1},
		/* C23 */
		{"at updating 37\n\twait 600000\n", false, OUTCOME_SUCCESS, "", -1},
		/* C25 */
		{"set updating-word RESTORE\n", false, OUTCOME_SUCCESS, "", -1},
		/* END lost in the hang-up */
		{"at end\n\thush\n", false, OUTCOME_SUCCESS, "", -1},
		/* START lost */
		{"at start\n\thush\n", false, OUTCOME_SUCCESS, "", -1},
		/* C26 */
		{"set absent-ms 180000\n", false, OUTCOME_SUCCESS, "", -1},
		{"at reboot\n\tvanish 0\n", false, OUTCOME_UNKNOWN, "did not answer", -1},
		{"at end\n\tstop\n", false, OUTCOME_UNKNOWN, "", -1},
		/* C27 */
		{"set final-version UG96LNAR02A07E1G\n", false, OUTCOME_DEVICE_FAILED, "neither", -1},
		{"at boot\n\tset imei 490154203237591\n", false, OUTCOME_UNKNOWN, "another module", -1},
		/* C06: CONNECT 60 s late, when nobody waits for it any more */
		{"on AT+QFOTADL=*COM*\n\twait 60000\n\tdefault\n", false, OUTCOME_UNCHANGED, "never said CONNECT", -1},
		/* B08 while sending */
		{"at data 5000\n\tline OK\n", false, OUTCOME_UNCHANGED, "stopped taking data", -1},
		/* C24, without resume */
		{"set resume off\nat updating 45\n\tdefault\n\treboot\n", false, OUTCOME_UNCHANGED, "did not finish", -1},
		/* A29 */
		{"set baud-after-boot 9600\n", false, OUTCOME_SUCCESS, "", -1},
		/* B12, B13, B14 */
		{"at updating 20\n\tline +QIND: \"FOTA\",\"UPDATING\",101\n\tline +QIND: \"FOTA\",\"UPDATING\",-5\n"
		 "\tline +QIND: \"FOTA\",\"UPDATING\"\n\tline +QIND: \"FOTA\",\"updating\",,,\n\tline +QIND: \"FOTA\",\"EN\n",
		 false, OUTCOME_SUCCESS, "", -1},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_after(state, &rows[i], i);
}

/* C24: power lost while installing; the module goes on by itself. */
static void a_power_cut_is_watched_through(void **state)
{
	static const char *const moments[] = {"start", "updating 0", "updating 37", "updating 97"};
	char text[128];
	struct after_row row = {text, false, OUTCOME_SUCCESS, "", -1};

	for (size_t i = 0; i < sizeof(moments) / sizeof(moments[0]); i++) {
		snprintf(text, sizeof(text), "set resume announce\nat %s nth 1\n\treboot\n", moments[i]);
		check_after(state, &row, i);
		snprintf(text, sizeof(text), "set resume on\nat %s nth 1\n\treboot\n", moments[i]);
		check_after(state, &row, i);
	}
}

/* A14: unplugged at every thousandth byte of the transfer. */
static void an_unplug_while_sending_leaves_the_module_unchanged(void **state)
{
	char text[128];
	struct after_row row = {text, false, OUTCOME_UNCHANGED, "", -1};

	for (unsigned at = 1; at < PACKAGE_SIZE; at += 1000) {
		snprintf(text, sizeof(text), "at data %u\n\tleave\n\tvanish 3000\n", at);
		check_after(state, &row, at);
	}
}

/* A cancel in each step obeys the table of design 3. */
static void a_cancel_obeys_the_phase(void **state)
{
	static const struct {
		enum step step;
		enum request_type with;
		bool pull;
		enum outcome outcome;
		int exit_status;
	} rows[] = {
		{STEP_IDENTIFY, REQUEST_CANCEL, false, OUTCOME_STOPPED, 130},
		{STEP_CHECK, REQUEST_CANCEL, false, OUTCOME_STOPPED, 130},
		{STEP_PREPARE, REQUEST_CANCEL, true, OUTCOME_STOPPED, 130},
		{STEP_TRANSFER, REQUEST_CANCEL, false, OUTCOME_UNCHANGED, 10},
		{STEP_INSTALL, REQUEST_CANCEL, false, OUTCOME_SUCCESS, 0},
		{STEP_INSTALL, REQUEST_CANCEL, true, OUTCOME_SUCCESS, 0},
		{STEP_INSTALL, REQUEST_DETACH, false, OUTCOME_UNKNOWN, 12},
		{STEP_RESTART, REQUEST_CANCEL, false, OUTCOME_UNKNOWN, 12},
		{STEP_VERIFY, REQUEST_CANCEL, false, OUTCOME_UNKNOWN, 12},
	};
	struct run r;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		run_init(&r, state);
		if (rows[i].pull)
			pull(&r, HTTP_URL);
		else
			push(&r);
		r.cancel_at = rows[i].step;
		r.cancel_with = rows[i].with;
		go(&r);
		if (r.result.outcome != rows[i].outcome)
			print_error("row %zu\n", i);
		expect(&r, rows[i].outcome);
		assert_int_equal(r.result.exit_status, rows[i].exit_status);
	}
}

static void cancel_now(void *ctx)
{
	ask_for(ctx, REQUEST_CANCEL, false);
}

static void cancel_at_connect(struct run *r)
{
	sim_port_on_output(r->sp, "CONNECT", cancel_now, r);
}

static void a_cancel_in_data_mode_proves_the_version_unchanged(void **state)
{
	struct run r;

	run_init(&r, state);
	push(&r);
	r.setup = cancel_at_connect;
	go(&r);
	expect(&r, OUTCOME_UNCHANGED);
	assert_int_equal(r.result.stop, ERR_CANCELLED);
	assert_string_equal(r.result.now, FROM);
}

static void cancel_at_http_start(struct run *r)
{
	sim_port_on_output(r->sp, "HTTPSTART", cancel_now, r);
}

static void a_cancel_of_a_download_is_a_detach(void **state)
{
	struct run r;

	run_init(&r, state);
	pull(&r, HTTP_URL);
	r.setup = cancel_at_http_start;
	go(&r);
	expect(&r, OUTCOME_UNKNOWN);
	assert_non_null(strstr(r.result.message, "detached"));
	assert_non_null(strstr(r.result.advice, "dfota probe -p"));
}

static void fail_one(struct run *r)
{
	sim_port_fail(r->sp, r->failing_call, r->failing_nth,
		      r->failing_call == SIM_PORT_OPEN ? ERR_PORT : ERR_GONE);
}

/* Every read, write and open failing once, as an unplug of that moment: the
 * outcome must be what the module really is. */
static void every_call_failing_once_ends_in_a_true_outcome(void **state)
{
	struct run good, r;
	unsigned tried = 0;

	run_init(&good, state);
	push(&good);
	go(&good);
	for (int call = 0; call < SIM_PORT_CALLS; call++) {
		for (unsigned nth = 1; nth <= good.calls[call]; nth++) {
			run_init(&r, state);
			push(&r);
			r.failing_call = (enum sim_port_call)call;
			r.failing_nth = nth;
			r.setup = fail_one;
			go(&r);
			if (r.violations)
				print_error("call %d, nth %u: %s\n", call, nth, r.violation);
			assert_int_equal(r.violations, 0);
			assert_in_range(r.qfotadl, 0, 1);
			if (r.result.outcome == OUTCOME_SUCCESS)
				assert_string_equal(r.version, TO);
			else if (r.result.outcome != OUTCOME_UNKNOWN)
				assert_string_equal(r.version, FROM);
			tried++;
		}
	}
	print_message("%u of %u calls\n", tried, good.calls[0] + good.calls[1] + good.calls[2]);
}

/* Noise on the line in the preflight and later never makes a success of a
 * module that was not upgraded (faults.md A24). */
static void noise_never_makes_a_success(void **state)
{
	static const char *const kinds[] = {"flip", "drop", "double"};
	char text[160];
	struct run r;

	for (unsigned seed = 1; seed <= 60; seed++) {
		run_init(&r, state);
		push(&r);
		snprintf(text, sizeof(text), "set seed %u\nset noise-kind %s\nset noise-in %u\nset noise-out %u\n",
			 seed, kinds[seed % 3], seed % 4, seed % 5);
		r.config.sim.scenario_text = text;
		go(&r);
		if (r.result.outcome == OUTCOME_SUCCESS)
			assert_string_equal(r.version, TO);
		else if (r.result.outcome != OUTCOME_UNKNOWN)
			assert_string_equal(r.version, FROM);
	}
}

static void a_package_that_does_not_fit_its_manifest_is_refused(void **state)
{
	struct run r;

	run_init(&r, state);
	push(&r);
	snprintf(r.plan.file, sizeof(r.plan.file), "%s", r.files->other);
	snprintf(r.plan.manifest, sizeof(r.plan.manifest), "%s", r.files->manifest);
	go(&r);
	expect_stop(&r, ERR_PACKAGE);
	assert_false(r.steps[STEP_IDENTIFY]);
}

static void a_package_without_manifest_needs_a_target(void **state)
{
	struct run r;

	run_init(&r, state);
	push(&r);
	snprintf(r.plan.file, sizeof(r.plan.file), "%s", r.files->other);
	go(&r);
	expect_stop(&r, ERR_USAGE);
	assert_non_null(strstr(r.result.message, "--target"));
}

/* The wrong package for this module, and nothing that says so beforehand. */
static void the_module_refuses_a_package_it_cannot_use(void **state)
{
	struct run r;

	run_init(&r, state);
	push(&r);
	snprintf(r.plan.file, sizeof(r.plan.file), "%s", r.files->other);
	snprintf(r.plan.target, sizeof(r.plan.target), "%s", TO);
	go(&r);
	expect(&r, OUTCOME_UNCHANGED);
	assert_true(r.result.code.present);
	assert_string_equal(r.result.code.table, "end");
	assert_true(r.result.cause[0]);
}

/* What the server says before the module is told to fetch from it. */
static void a_pull_looks_at_the_server_first(void **state)
{
	static const struct {
		const char *url;
		enum err_code stop;	/* ERR_NONE: it goes on to success */
		const char *says;
	} rows[] = {
		{"http://192.0.2.7/missing", ERR_NETWORK, "404"},
		{"http://192.0.2.7/page", ERR_PACKAGE, "web page"},
		{"http://192.0.2.7/longer", ERR_PACKAGE, "20001 bytes, the manifest says 20000"},
		{"http://192.0.2.7/moved", ERR_NETWORK, "http://192.0.2.8/elsewhere"},
		{"http://192.0.2.7/unreachable", ERR_NONE, "could not be asked from here"},
		{"http://192.0.2.7/private", ERR_NONE, "address of this network only"},
		{"http://192.0.2.7/sizeless", ERR_NONE, "does not tell the size"},
	};
	struct run r;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		run_init(&r, state);
		pull(&r, rows[i].url);
		go(&r);
		if (rows[i].stop == ERR_NONE) {
			expect(&r, OUTCOME_SUCCESS);
			assert_non_null(strstr(r.notices, rows[i].says));
		} else {
			expect_stop(&r, rows[i].stop);
			assert_non_null(strstr(r.result.message, rows[i].says));
		}
	}
}

static void verifying_the_source_needs_the_right_digest(void **state)
{
	struct run r;

	run_init(&r, state);
	pull(&r, "http://192.0.2.7/fine");
	r.plan.verify_source = true;
	go(&r);
	expect(&r, OUTCOME_SUCCESS);
	assert_non_null(strstr(r.notices, "proves the server"));
	run_init(&r, state);
	pull(&r, "http://192.0.2.7/altered");
	r.plan.verify_source = true;
	go(&r);
	expect_stop(&r, ERR_PACKAGE);
}

static void a_relay_downloads_and_pushes(void **state)
{
	struct run r;

	run_init(&r, state);
	push(&r);
	r.plan.file[0] = '\0';
	r.plan.relay = true;
	snprintf(r.plan.url, sizeof(r.plan.url), "https://192.0.2.7/delta.bin?x=1");
	snprintf(r.plan.manifest, sizeof(r.plan.manifest), "%s", r.files->manifest);
	go(&r);
	expect(&r, OUTCOME_SUCCESS);
	assert_true(r.steps[STEP_FETCH]);
	assert_int_equal(r.qfotadl, 1);
}

static void a_relay_that_fails_to_download_touches_nothing(void **state)
{
	struct run r;

	run_init(&r, state);
	push(&r);
	r.plan.file[0] = '\0';
	r.plan.relay = true;
	snprintf(r.plan.url, sizeof(r.plan.url), "https://192.0.2.7/broken");
	snprintf(r.plan.manifest, sizeof(r.plan.manifest), "%s", r.files->manifest);
	go(&r);
	expect_stop(&r, ERR_NETWORK);
	assert_int_equal(r.result.step, STEP_FETCH);
}

static void a_cancel_while_fetching_leaves(void **state)
{
	struct run r;

	run_init(&r, state);
	push(&r);
	r.plan.relay = true;
	snprintf(r.plan.url, sizeof(r.plan.url), "https://192.0.2.7/fine");
	snprintf(r.plan.manifest, sizeof(r.plan.manifest), "%s", r.files->manifest);
	r.cancel_at = STEP_FETCH;
	r.cancel_with = REQUEST_CANCEL;
	go(&r);
	expect_stop(&r, ERR_CANCELLED);
}

static void publish_to(struct run *r, const char *url)
{
	push(r);
	pull(r, url);
	r->plan.url[0] = r->plan.manifest[0] = '\0';
	snprintf(r->plan.publish, sizeof(r->plan.publish), "%s", url);
}

static void a_publish_puts_the_file_up_and_pulls_it(void **state)
{
	struct run r;

	run_init(&r, state);
	publish_to(&r, "http://192.0.2.7/up");
	go(&r);
	expect(&r, OUTCOME_SUCCESS);
	assert_true(r.steps[STEP_FETCH]);
	assert_non_null(strstr(r.lines, "HTTPSTART"));
}

static void a_publish_never_replaces_another_file_unasked(void **state)
{
	struct run r;

	run_init(&r, state);
	publish_to(&r, "http://192.0.2.7/occupied");
	go(&r);
	expect_stop(&r, ERR_NETWORK);
	assert_non_null(strstr(r.result.message, "--overwrite"));
	run_init(&r, state);
	publish_to(&r, "http://192.0.2.7/occupied");
	r.plan.overwrite = true;
	go(&r);
	expect(&r, OUTCOME_SUCCESS);
}

static void write_file(const char *path, const void *bytes, size_t size)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, size, f), size);
	assert_int_equal(fclose(f), 0);
}

static int make_files(void **state)
{
	struct files *f = calloc(1, sizeof(*f));
	struct manifest m = {.model = "UG96", .from = FROM, .to = TO, .size = PACKAGE_SIZE};
	struct package *p;
	struct err e;

	snprintf(f->directory, sizeof(f->directory), "%s/dfota-test-XXXXXX",
		 getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	assert_non_null(mkdtemp(f->directory));
	snprintf(f->package, sizeof(f->package), "%s/delta.bin", f->directory);
	snprintf(f->manifest, sizeof(f->manifest), "%s/delta.bin.manifest", f->directory);
	snprintf(f->other, sizeof(f->other), "%s/other.bin", f->directory);
	package_bytes(f->bytes);
	write_file(f->package, f->bytes, PACKAGE_SIZE);
	write_file(f->other, f->bytes, PACKAGE_SIZE - 1);
	p = package_open(f->package, 1 << 20, &e);
	assert_non_null(p);
	snprintf(m.sha256, sizeof(m.sha256), "%s", package_sha256(p));
	package_close(p);
	assert_int_equal(manifest_write(f->manifest, &m, &e), 0);
	*state = f;
	return 0;
}

static int remove_files(void **state)
{
	struct files *f = *state;

	unlink(f->package);
	unlink(f->manifest);
	unlink(f->other);
	rmdir(f->directory);
	free(f);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_push_ends_in_success),
		cmocka_unit_test(a_pull_by_http_ends_in_success),
		cmocka_unit_test(a_pull_by_ftp_keeps_the_password_out_of_every_event),
		cmocka_unit_test(any_split_of_the_answers_gives_the_same_outcome),
		cmocka_unit_test(without_a_yes_nothing_is_sent),
		cmocka_unit_test(a_dry_run_sends_nothing_that_changes_the_module),
		cmocka_unit_test(a_probe_needs_no_package),
		cmocka_unit_test(preflight_refuses),
		cmocka_unit_test(a_push_needs_no_network),
		cmocka_unit_test(an_inactive_context_is_activated_for_a_pull),
		cmocka_unit_test(already_at_the_target_is_success_only_if_asked_for),
		cmocka_unit_test(after_the_command_the_version_decides),
		cmocka_unit_test(a_power_cut_is_watched_through),
		cmocka_unit_test(an_unplug_while_sending_leaves_the_module_unchanged),
		cmocka_unit_test(a_cancel_obeys_the_phase),
		cmocka_unit_test(a_cancel_in_data_mode_proves_the_version_unchanged),
		cmocka_unit_test(a_cancel_of_a_download_is_a_detach),
		cmocka_unit_test(every_call_failing_once_ends_in_a_true_outcome),
		cmocka_unit_test(noise_never_makes_a_success),
		cmocka_unit_test(a_package_that_does_not_fit_its_manifest_is_refused),
		cmocka_unit_test(a_package_without_manifest_needs_a_target),
		cmocka_unit_test(a_pull_looks_at_the_server_first),
		cmocka_unit_test(verifying_the_source_needs_the_right_digest),
		cmocka_unit_test(a_relay_downloads_and_pushes),
		cmocka_unit_test(a_relay_that_fails_to_download_touches_nothing),
		cmocka_unit_test(a_cancel_while_fetching_leaves),
		cmocka_unit_test(a_publish_puts_the_file_up_and_pulls_it),
		cmocka_unit_test(a_publish_never_replaces_another_file_unasked),
		cmocka_unit_test(the_module_refuses_a_package_it_cannot_use),
	};

	return cmocka_run_group_tests(tests, make_files, remove_files);
}

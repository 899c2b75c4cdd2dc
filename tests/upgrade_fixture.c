#include "config.h"

#include "upgrade_fixture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "package/package.h"
#include "record/open_upgrade.h"
#include "record/reader.h"
#include "sim/personality.h"
#include "words.h"

static bool alive(const struct server_watch *watch, uint64_t done, uint64_t total)
{
	return watch->progress(watch->ctx, done, total) && !interrupt_ends(watch->interrupt);
}

/* The servers as this computer sees them: words in the path. */
static int probe(const char *url, const struct server_access *access,
		 struct server_facts *facts, const struct server_watch *watch,
		 struct server_status *status, struct err *e)
{
	(void)access;
	memset(facts, 0, sizeof(*facts));
	*status = (struct server_status){.reply = 200};
	if (!alive(watch, 0, 0))
		return err_fail(e, MSG_CANCELLED, "");
	if (strstr(url, "unreachable")) {
		status->kind = SERVER_CONNECT;
		return err_fail_sys(e, MSG_CONNECT_FAILED, ECONNREFUSED, "host=%s", "192.0.2.7");
	}
	if (strstr(url, "vacant")) {
		*status = (struct server_status){.reply = 204, .kind = SERVER_OTHER};
		return err_fail(e, MSG_HTTP_NO_CONTENT, "host=%s reply=%d wait=%d", "192.0.2.7", 204, 0);
	}
	if (strstr(url, "missing")) {
		status->kind = SERVER_NOT_FOUND;
		return err_fail(e, MSG_HTTP_NOT_FOUND, "host=%s reply=%d wait=%d", "192.0.2.7", 404, 0);
	}
	facts->html = strstr(url, "page") != NULL;
	if (strstr(url, "titled-page"))
		facts->look = (struct look){LOOK_PAGE, true, "HTML", "Portal"};
	facts->has_size = strstr(url, "sizeless") == NULL;
	facts->size = PACKAGE_SIZE + (strstr(url, "longer") != NULL);
	facts->private_address = strstr(url, "private") != NULL;
	if (strstr(url, "moved"))
		snprintf(facts->redirect, sizeof(facts->redirect), "http://192.0.2.8/elsewhere");
	return 0;
}

static void write_file(const char *path, const void *bytes, size_t size)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, size, f), size);
	assert_int_equal(fclose(f), 0);
}

/* The package, from a number generator. */
static void package_bytes(unsigned char bytes[PACKAGE_SIZE])
{
	uint32_t x = 1;

	for (size_t i = 0; i < PACKAGE_SIZE; i++) {
		x = x * 1664525 + 1013904223;
		bytes[i] = (unsigned char)(x >> 24);
	}
}

static int download(const char *url, const struct server_access *access,
		    const char *path, uint64_t max_size, uint64_t size,
		    const char *sha256, const struct server_watch *watch,
		    struct server_status *status, struct err *e)
{
	unsigned char bytes[PACKAGE_SIZE];

	(void)access;
	(void)max_size;
	(void)size;
	*status = (struct server_status){.reply = 200};
	if (!alive(watch, PACKAGE_SIZE / 2, PACKAGE_SIZE))
		return err_fail(e, MSG_CANCELLED, "");
	if (strstr(url, "broken"))
		return err_fail(e, MSG_HOST_RESET, "host=%s library=%s", "192.0.2.7", "reset");
	if (strstr(url, "altered") && sha256)
		return err_fail(e, MSG_DOWNLOAD_OTHER_DIGEST, "host=%s sha256=%s expected=%s", "192.0.2.7", "00", "ff");
	package_bytes(bytes);
	write_file(path, bytes, sizeof(bytes));
	return 0;
}

static int publish(const char *url, const struct server_access *access,
		   const char *path, uint64_t size, const char *sha256,
		   bool overwrite,
		   const struct server_watch *watch, struct server_status *status, struct err *e)
{
	(void)access;
	(void)path;
	*status = (struct server_status){.reply = 226};
	assert_int_equal(size, PACKAGE_SIZE);
	assert_int_equal(strlen(sha256), 64);
	if (!alive(watch, size, size))
		return err_fail(e, MSG_CANCELLED, "");
	return strstr(url, "occupied") && !overwrite ? err_fail(e, MSG_PUBLISH_OTHER_STANDS, "host=%s", "192.0.2.7") : 0;
}

static void append(char *to, size_t size, size_t *used, const char *text)
{
	int n = snprintf(to + *used, size - *used, "%s\n", text);

	*used = (size_t)n < size - *used ? *used + (size_t)n : size - 1;
}

static bool on_interrupt(void *ctx)
{
	struct run *r = ctx;

	if (!r->has_pending)
		return false;
	r->has_pending = false;
	return upgrade_request(r->upgrade, &r->pending);
}

void run_ask(struct run *r, enum request_type type, bool yes)
{
	r->pending = (struct request){.type = type, .yes = yes};
	r->has_pending = true;
	interrupt_raise(&r->interrupt);
}

/* kill -9: nothing of the program runs any more; its files are closed and its
 * port hung up by the system. */
static void pass_point(void *ctx)
{
	struct run *r = ctx;

	if (r->lose && r->sp)
		r->lose(r->watcher);
	if (++r->points == r->kill_at)
		longjmp(r->death, 1);
}

/* As the worker does. */
static void observe(void *ctx, struct event *ev)
{
	struct run *r = ctx;

	diagnosis_take(r->diagnosis, r->observed++, ev);
	if (ev->type == EVENT_RESULT)
		diagnosis_explain(r->diagnosis, FOR_CONSOLE, &ev->result);
}

static void on_event(void *ctx, const struct event *ev)
{
	struct run *r = ctx;

	pass_point(r);
	if (r->watch)
		r->watch(r, ev);
	switch (ev->type) {
	case EVENT_STEP:
		r->steps[ev->step.step] = true;
		/* one at a time, and each that began ends */
		assert_int_equal(r->step_open, !ev->step.begin);
		r->step_open = ev->step.begin;
		r->ended[ev->step.step] = ev->step.begin ? ENDED_COUNT : ev->step.ended;
		if (ev->step.begin && ev->step.step == r->cancel_at)
			run_ask(r, r->cancel_with, false);
		break;
	case EVENT_NOTICE:
		append(r->notices, sizeof(r->notices), &r->notices_size, message_words(&ev->notice.message));
		break;
	case EVENT_LINE:
		append(r->lines, sizeof(r->lines), &r->lines_size, ev->line.text);
		break;
	case EVENT_QUESTION:
		r->questions++;
		assert_null(strstr(ev->question.command, FTP_PASSWORD));
		if (r->answer)
			run_ask(r, REQUEST_ANSWER, r->yes);
		break;
	case EVENT_RESULT:
		r->results++;
		assert_false(r->step_open);
		r->result = ev->result;
		break;
	case EVENT_IDENTITY:
		r->identity = ev->identity;
		break;
	case EVENT_PROGRESS:
	case EVENT_PORT:
	case EVENT_PACKAGE:
	case EVENT_DATA:
	case EVENT_ANSWER:
	case EVENT_RECORD:
	case EVENT_PLAN:
	case EVENT_SETTING:
	case EVENT_BEGIN:
	case EVENT_CHECKS:
	case EVENT_START:
	case EVENT_INTENT:
	case EVENT_RESUMED:
	case EVENT_CLOSED:
	case EVENT_SHOWN:
	case EVENT_GAP:
	case EVENT_COUNT:
		break;
	}
}

void run_init(struct run *r, void **state)
{
	memset(r, 0, sizeof(*r));
	r->files = *state;
	r->cancel_at = STEP_COUNT;
	r->plan.assume_yes = true;
	snprintf(r->plan.port, sizeof(r->plan.port), "%s", SIM_PORT_PATH);
	r->config.sim.package = r->files->package;
	snprintf(r->to, sizeof(r->to), "%s", TO);
	r->config.sim.from = FROM;
	r->config.sim.to = TO;
	r->config.sim.fast = true;
}

void run_push(struct run *r)
{
	r->plan.route = ROUTE_SERIAL;
	snprintf(r->plan.file, sizeof(r->plan.file), "%s", r->files->package);
}

void run_pull(struct run *r, const char *url)
{
	r->plan.route = ROUTE_DOWNLOAD;
	snprintf(r->plan.url, sizeof(r->plan.url), "%s", url);
	snprintf(r->plan.manifest, sizeof(r->plan.manifest), "%s", r->files->manifest);
	r->served[0] = (struct sim_port_file){.url = url, .bytes = r->files->bytes, .size = PACKAGE_SIZE};
	r->served[1] = (struct sim_port_file){.url = FTP_LOGIN_URL, .bytes = r->files->bytes, .size = PACKAGE_SIZE};
	r->config.files = r->served;
}

void run_pull_with_login(struct run *r)
{
	run_pull(r, FTP_URL);
	snprintf(r->plan.user, sizeof(r->plan.user), "%s", FTP_USER);
	snprintf(r->plan.password, sizeof(r->plan.password), "%s", FTP_PASSWORD);
}

void run_family(struct run *r, const char *family)
{
	struct manifest m = {.size = PACKAGE_SIZE};
	struct sim_settings set;
	struct package *package;
	struct err e;

	package = package_open(r->files->package, 1 << 20, &e);
	assert_non_null(package);
	snprintf(m.sha256, sizeof(m.sha256), "%s", package_sha256(package));
	package_close(package);
	sim_settings_init(&set, true);
	assert_int_equal(sim_personality_apply(&set, family, &e), 0);
	snprintf(m.model, sizeof(m.model), "%s", set.model);
	snprintf(m.from, sizeof(m.from), "%s", set.version);
	snprintf(m.to, sizeof(m.to), "%s", set.to);
	assert_int_equal(manifest_write(r->files->family, &m, &e), 0);
	snprintf(r->plan.manifest, sizeof(r->plan.manifest), "%s", r->files->family);
	snprintf(r->to, sizeof(r->to), "%s", m.to);
	r->config.sim.family = family;
	r->config.sim.from = r->config.sim.to = NULL;
}

/* What became of the module and the line. */
static void look_back(struct run *r)
{
	struct sim *sim = sim_port_sim(r->sp);
	const char *first;

	r->took_ms = clock_now_ms(sim_port_clock(r->sp)) - SIM_PORT_START_MS;
	r->violations = sim_violations(sim, &first);
	snprintf(r->violation, sizeof(r->violation), "%s", first);
	snprintf(r->version, sizeof(r->version), "%s", sim_version(sim));
	r->files_left = sim_truth_of(sim).files;
	r->qfotadl = sim_port_sent(r->sp, "AT+QFOTADL=\"");
	for (int i = 0; i < SIM_PORT_CALLS; i++)
		r->calls[i] = sim_port_count(r->sp, (enum sim_port_call)i);
}

void run_power_on(struct run *r)
{
	struct err e = {0};

	r->sp = sim_port_new(&r->config, &e);
	if (!r->sp)
		fail_msg("%s", err_words(&e));
	snprintf(r->began, sizeof(r->began), "%s", sim_version(sim_port_sim(r->sp)));
	sim_port_before_calls(r->sp, pass_point, r);
}

static void open_record(struct run *r)
{
	struct err e = {0};

	if (!r->recorded)
		return;
	if (r->plan.job == JOB_RESUME)
		r->writer = writer_reopen(r->files->record, NULL, &e);
	else
		r->writer = writer_create(r->files->record, NULL, &r->plan, &e);
	if (!r->writer)
		fail_msg("%s", err_words(&e));
}

void run_program(struct run *r)
{
	const struct server_calls servers = {r->probe ? r->probe : probe, download, publish};
	struct upgrade_env env = {
		.observe = observe, .emit = on_event, .ctx = r, .start_ms = SIM_PORT_START_MS, .servers = &servers,
		.clock = sim_port_clock(r->sp), .roots = r->roots,
	};
	struct event start = {.type = EVENT_START};
	struct err e = {0};

	r->results = 0;
	r->points = 0;
	r->killed = r->step_open = false;
	r->lines_size = r->notices_size = 0;
	assert_int_equal(interrupt_init(&r->interrupt, &e), 0);
	r->interrupt.hook = on_interrupt;
	r->interrupt.ctx = r;
	r->port = port_new_custom(env.clock, &r->interrupt, r->backend ? r->backend : sim_port_backend(),
				  r->backend_ctx ? r->backend_ctx : r->sp, &e);
	assert_non_null(r->port);
	env.port = r->port;
	env.interrupt = &r->interrupt;
	open_record(r);
	env.record = r->writer;
	r->diagnosis = diagnosis_new();
	assert_non_null(r->diagnosis);
	r->observed = 0;
	start.start.plan = r->plan;
	diagnosis_take(r->diagnosis, r->observed++, &start);
	r->upgrade = upgrade_new(&env, &r->plan, &e);
	assert_non_null(r->upgrade);
	if (r->setup)
		r->setup(r);
	if (setjmp(r->death) == 0)
		upgrade_run(r->upgrade, NULL);
	else
		r->killed = true;
	look_back(r);
	upgrade_free(r->upgrade);
	diagnosis_free(r->diagnosis);
	writer_close(r->writer);
	r->writer = NULL;
	port_free(r->port);
	interrupt_close(&r->interrupt);
	if (!r->killed)
		assert_int_equal(r->results, 1);
}

bool run_unfinished(const struct run *r, struct open_upgrade *open)
{
	struct err e = {0};
	struct record *record = record_open(r->files->record, &e);
	bool found;

	if (!record)
		fail_msg("%s", err_words(&e));
	memset(open, 0, sizeof(*open));
	found = record_open_upgrade(record, open);
	record_free(record);
	return found;
}

void run_resume(struct run *r, const struct open_upgrade *open, unsigned kill_at)
{
	r->kill_at = kill_at;
	memset(&r->plan, 0, sizeof(r->plan));
	r->plan.job = JOB_RESUME;
	r->plan.open = *open;
	run_program(r);
}

void run_power_off(struct run *r)
{
	unlink(r->files->record);
	sim_port_free(r->sp);
}

void run_go(struct run *r)
{
	run_power_on(r);
	run_program(r);
	run_power_off(r);
}

void run_expect(const struct run *r, enum outcome outcome)
{
	if (r->result.outcome != outcome || r->violations)
		print_error("outcome %s, wanted %s: %s; violations %u %s\n%s\n%s",
			    outcome_info(r->result.outcome)->name, outcome_info(outcome)->name,
			    message_words(&r->result.what), r->violations, r->violation, r->notices, r->lines);
	assert_int_equal(r->result.outcome, outcome);
	assert_int_equal(r->violations, 0);
}

void run_expect_stop(const struct run *r, enum err_code code)
{
	run_expect(r, OUTCOME_STOPPED);
	if (r->result.stop != code)
		print_error("%s\n", message_words(&r->result.what));
	assert_int_equal(r->result.stop, code);
	assert_int_equal(r->result.exit_status, err_info(code)->exit_status);
	assert_int_equal(r->qfotadl, 0);
	assert_string_equal(r->version, FROM);
}

void run_expect_truth(const struct run *r)
{
	if (r->result.outcome == OUTCOME_SUCCESS)
		assert_string_equal(r->version, r->to);
	else if (r->result.outcome != OUTCOME_UNKNOWN && r->result.outcome != OUTCOME_DEVICE_FAILED)
		assert_string_equal(r->version, r->began);
	assert_in_range(r->qfotadl, 0, 1);
}

static void make_manifest(const struct files *f)
{
	struct manifest m = {.model = "UG96", .from = FROM, .to = TO, .size = PACKAGE_SIZE};
	struct package *p;
	struct err e;

	p = package_open(f->package, 1 << 20, &e);
	assert_non_null(p);
	snprintf(m.sha256, sizeof(m.sha256), "%s", package_sha256(p));
	package_close(p);
	assert_int_equal(manifest_write(f->manifest, &m, &e), 0);
}

int files_make(void **state)
{
	struct files *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	snprintf(f->directory, sizeof(f->directory), "%s/dfota-test-XXXXXX",
		 getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	assert_non_null(mkdtemp(f->directory));
	snprintf(f->package, sizeof(f->package), "%s/delta.bin", f->directory);
	snprintf(f->manifest, sizeof(f->manifest), "%s/delta.bin.manifest", f->directory);
	snprintf(f->other, sizeof(f->other), "%s/other.bin", f->directory);
	snprintf(f->family, sizeof(f->family), "%s/family.manifest", f->directory);
	snprintf(f->record, sizeof(f->record), "%s/record.jsonl", f->directory);
	package_bytes(f->bytes);
	write_file(f->package, f->bytes, PACKAGE_SIZE);
	write_file(f->other, f->bytes, PACKAGE_SIZE - 1);
	make_manifest(f);
	*state = f;
	return 0;
}

int files_remove(void **state)
{
	struct files *f = *state;

	unlink(f->package);
	unlink(f->manifest);
	unlink(f->other);
	unlink(f->family);
	rmdir(f->directory);
	free(f);
	return 0;
}

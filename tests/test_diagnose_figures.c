/*
 * How often the diagnosis names the true cause: sessions of the simulated module
 * whose cause is known (diagnose_cases.h), each in several surroundings, on a
 * virtual clock, with the record as it is written. `make diagnosis-figures` prints
 * the figures and keeps them; what is not named first is listed with DFOTA_VERBOSE.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "upgrade_fixture.h"

#include "base/count.h"
#include "diagnose_cases.h"
#include "diagnosis/of_record.h"
#include "record/reader.h"
#include "words.h"

#define SCENARIO_SIZE 4096
#define FIRST_LEAST 95	/* percent */

/* What a module and its neighbourhood do anyway: none of it is a cause. The
 * settings stand before those of the session, the blocks behind. */
static const struct {
	const char *settings, *blocks;
} surroundings[] = {
	{ "", "" },
	{ "set echo off\nset answer-ms 90\nset rssi 15\nset creg 5\nset voltage-mv 3920\nset boot-ms 6000\n",
	  "at time 160\n\tline +CREG: 1,\"00C3\",\"0A1B2C3D\",2\nat boot\n\tline +CFUN: 1\n\tline PHONE READY\n" },
	{ "set eol \"\\r\"\nset chunk 9\nset updating-word RESTORE\nset absent-ms 9000\nset start-ms 4000\nset percents \"1,8,12,20,33,37,45,60,80,97\"\nset seed 77\n",
	  "at time 140\n\tline +QIND: \"csq\",23,99\nat boot\n\tline APP RDY\n\tline +QIND: SMS DONE\n" },
	{ "set echo off\nset answer-ms 200\nset rssi 17\n", "at time 10\n\tline RDY\n\tgarbage 12\nat boot\n\tgarbage 20\n\tline RDY\n" },
};

/* --- servers as this computer sees them, by words in the URL --- */

static int server_fails(const char *url, struct server_status *status, struct err *e)
{
	static const struct {
		const char *word;
		enum message_id id;
		enum server_kind kind;
		int reply;
	} replies[] = {
		{ "/401", MSG_HTTP_LOGIN_WRONG, SERVER_LOGIN, 401 }, { "/403", MSG_HTTP_FORBIDDEN, SERVER_LOGIN, 403 },
		{ "/404", MSG_HTTP_NOT_FOUND, SERVER_NOT_FOUND, 404 }, { "/503", MSG_HTTP_OVERLOADED, SERVER_BUSY, 503 },
		{ "/530", MSG_FTP_LOGIN, SERVER_LOGIN, 530 }, { "/550", MSG_FTP_NOT_FOUND, SERVER_NOT_FOUND, 550 },
		{ "/421", MSG_FTP_CLOSES, SERVER_BUSY, 421 },
	};

	*status = (struct server_status){ .reply = 200 };
	for (size_t i = 0; i < COUNT(replies); i++) {
		if (!strstr(url, replies[i].word))
			continue;
		*status = (struct server_status){ .kind = replies[i].kind, .reply = replies[i].reply };
		return err_fail(e, replies[i].id, "host=%s reply=%d wait=%d", "192.0.2.7", replies[i].reply, 0);
	}
	if (strstr(url, "/tls")) {
		*status = (struct server_status){ .kind = SERVER_TLS, .reply = 530 };
		return err_fail(e, MSG_SERVER_WANTS_TLS, "host=%s protocol=%s reply=%d", "192.0.2.7", "FTP", 530);
	}
	if (strstr(url, "/refused")) {
		*status = (struct server_status){ .kind = SERVER_CONNECT };
		return err_fail_sys(e, MSG_CONNECT_FAILED, 111, "host=%s", "192.0.2.7");
	}
	if (!strstr(url, "/nohost"))
		return 0;
	*status = (struct server_status){ .kind = SERVER_DNS };
	return err_fail(e, MSG_HOST_UNKNOWN, "host=%s library=%s", "fota.example.invalid", "could not resolve");
}

static int probe(const char *url, const struct server_access *access, struct server_facts *facts,
		 const struct server_watch *watch, struct server_status *status, struct err *e)
{
	(void)access;
	(void)watch;
	memset(facts, 0, sizeof(*facts));
	if (server_fails(url, status, e) < 0)
		return -1;
	facts->html = strstr(url, "/page") != NULL;
	facts->has_size = true;
	facts->size = PACKAGE_SIZE + (strstr(url, "/longer") != NULL);
	facts->private_address = strstr(url, "/private") != NULL;
	snprintf(facts->address, sizeof(facts->address), "%s", facts->private_address ? "10.4.0.9" : "192.0.2.7");
	if (strstr(url, "/moved"))
		snprintf(facts->redirect, sizeof(facts->redirect), "https://192.0.2.8/elsewhere");
	return 0;
}

/* --- the port, which somebody may have, and a program that stands still --- */

struct line {
	const struct session *session;
	struct sim_port *sp;
	int openings, writes;
	bool stood;
};

static int line_open(void *ctx, const char *path, const struct port_settings *s, struct err *e)
{
	struct line *l = ctx;
	const struct holder *h = &l->session->holder;

	l->openings++;
	if (!h->count || l->openings < h->from || l->openings >= h->from + h->count)
		return sim_port_backend()->open(l->sp, path, s, e);
	if (h->id == MSG_PORT_HELD_UNSEEN)
		return err_fail(e, h->id, "port=%s", path);
	if (h->id == MSG_PORT_HELD_BY_PROCESS)
		return err_fail(e, h->id, "port=%s pid=%d", path, 4711);
	return err_fail(e, h->id, "port=%s program=%s pid=%d", path, h->program, 4711);
}

static void line_close(void *ctx)
{
	sim_port_backend()->close(((struct line *)ctx)->sp);
}

/* SIGSTOP: what comes meanwhile waits in the driver. */
static int line_read(void *ctx, void *buf, size_t size, int64_t deadline_ms, struct err *e)
{
	struct line *l = ctx;

	if (l->session->late_s && !l->stood && l->writes >= l->session->late_after) {
		l->stood = true;
		if (sim_port_backend()->wait(l->sp, clock_now_ms(sim_port_clock(l->sp)) + l->session->late_s * 1000, e) < 0)
			return -1;
	}
	return sim_port_backend()->read(l->sp, buf, size, deadline_ms, e);
}

static int line_write(void *ctx, const void *buf, size_t size, int64_t deadline_ms, struct err *e)
{
	struct line *l = ctx;

	l->writes++;
	return sim_port_backend()->write(l->sp, buf, size, deadline_ms, e);
}

static int line_wait(void *ctx, int64_t deadline_ms, struct err *e)
{
	return sim_port_backend()->wait(((struct line *)ctx)->sp, deadline_ms, e);
}

static int line_set_baud(void *ctx, int baud, struct err *e)
{
	return sim_port_backend()->set_baud(((struct line *)ctx)->sp, baud, e);
}

static const struct port_backend line_backend = {
	.open = line_open, .close = line_close, .read = line_read, .write = line_write, .wait = line_wait, .set_baud = line_set_baud,
};

/* --- a session --- */

static void set_route(struct run *r, const struct session *x, char url[128])
{
	snprintf(url, 128, "%s://192.0.2.7/%s%sug96-06-08.bin", x->way == FTP ? "ftp" : "http",
		 x->server ? x->server : "", x->server ? "/" : "");
	if (x->way == SERIAL)
		run_push(r);
	else
		run_pull(r, url);
	if (x->family)
		run_family(r, x->family);
	if (x->way == RELAY)
		r->plan.route = ROUTE_RELAY;
	if (x->other_file) {
		snprintf(r->plan.file, sizeof(r->plan.file), "%s", r->files->other);
		snprintf(r->plan.manifest, sizeof(r->plan.manifest), "%s", r->files->manifest);
	}
	if (!x->no_manifest)
		return;
	snprintf(r->plan.file, sizeof(r->plan.file), "%s", x->way == SERIAL ? r->files->other : "");
	r->plan.manifest[0] = '\0';
	snprintf(r->plan.target, sizeof(r->plan.target), "%s", TO);
}

/* kill -9 */
static void kill_at_step(struct run *r, const struct event *ev)
{
	const struct session *x = r->watcher;

	if (x->kill_after && ev->type == EVENT_STEP && ev->step.begin && ev->step.step == x->when && !r->kill_at)
		r->kill_at = r->points + (unsigned)x->kill_after;
}

static void set_people(struct run *r, const struct session *x)
{
	static const enum request_type requests[] = {
		[CANCELS] = REQUEST_CANCEL, [DETACHES] = REQUEST_DETACH, [LOSES] = REQUEST_LOST,
	};

	r->plan.return_timeout_s = x->return_s;
	r->plan.watch_timeout_s = x->watch_s;
	r->plan.start_timeout_s = x->start_s;
	r->plan.verify_source = x->verified;
	if (x->who == SAYS_NO) {
		r->plan.assume_yes = false;
		r->answer = true;
	} else if (x->who != NOBODY) {
		r->cancel_at = x->when;
		r->cancel_with = requests[x->who];
	}
}

static size_t diagnose(struct run *r, struct finding found[FINDINGS_MAX])
{
	struct err e;
	struct record *record = record_open(r->files->record, &e);
	size_t count;

	assert_non_null(record);
	count = diagnosis_of_record(record, FOR_CONSOLE, found, FINDINGS_MAX);
	record_free(record);
	return count;
}

/* The findings of the record of X. A session that is meant to fail must. */
static size_t run_session(void **state, const struct session *x, bool fails, size_t around, struct finding found[FINDINGS_MAX])
{
	struct line line = { .session = x };
	char scenario[SCENARIO_SIZE], url[128];
	struct open_upgrade open;
	struct run r;
	size_t count;

	run_init(&r, state);
	set_route(&r, x, url);
	set_people(&r, x);
	r.recorded = true;
	if (x->way == HTTP || x->way == FTP)
		r.probe = probe;
	snprintf(scenario, sizeof(scenario), "%s%s%s", surroundings[around].settings, x->module, surroundings[around].blocks);
	r.config.sim.scenario_text = scenario;
	r.watch = kill_at_step;
	r.watcher = (void *)(uintptr_t)x;
	run_power_on(&r);
	line.sp = r.sp;
	r.backend = &line_backend;
	r.backend_ctx = &line;
	run_program(&r);
	if (x->resumed && run_unfinished(&r, &open))
		run_resume(&r, &open, 0);
	count = diagnose(&r, found);
	if ((r.result.outcome == OUTCOME_SUCCESS) == fails && !r.killed && !x->resumed)
		fail_msg("%s (%zu) ended as %s: %s\n%s\n%s", x->name, around, outcome_info(r.result.outcome)->name,
			 message_words(&r.result.what), r.notices, r.lines);
	if (getenv("DFOTA_VERBOSE") && strcmp(getenv("DFOTA_VERBOSE"), x->name) == 0)
		print_error("%s\n%s\n%s\n", message_words(&r.result.what), r.notices, r.lines);
	run_power_off(&r);
	return count;
}

static bool is_true(const struct session *x, const struct finding *f)
{
	size_t size = strlen(f->rule);

	for (const char *at = x->truth; (at = strstr(at, f->rule)); at += size)
		if ((at == x->truth || at[-1] == ' ') && (at[size] == ' ' || at[size] == '\0'))
			return true;
	return false;
}

static void print_missed(const struct session *x, size_t around, const struct finding *found, size_t count)
{
	if (!getenv("DFOTA_VERBOSE"))
		return;
	print_error("%s (%zu): %s\n", x->name, around, x->truth);
	for (size_t i = 0; i < count; i++)
		print_error("   %d %s: %s\n", found[i].certainty, found[i].rule, found[i].cause);
}

static void the_true_cause_comes_first(void **state)
{
	size_t all = 0, first = 0, second = 0;

	for (size_t i = 0; i < COUNT(failures) * COUNT(surroundings); i++) {
		const struct session *x = &failures[i / COUNT(surroundings)];
		struct finding found[FINDINGS_MAX];
		size_t around = i % COUNT(surroundings), at = 0, count = run_session(state, x, true, around, found);

		while (at < count && !is_true(x, &found[at]))
			at++;
		all++;
		first += at < count && at == 0;
		second += at < count && at < 2;
		if (at > 0 || at == count)
			print_missed(x, around, found, count);
	}
	print_message("# sessions: %zu of each of %zu kinds\n", COUNT(surroundings), COUNT(failures));
	print_message("true cause first: %zu of %zu\n", first, all);
	print_message("true cause among the first two: %zu of %zu\n", second, all);
	assert_true(COUNT(failures) >= 96);
	assert_true(first * 100 >= all * FIRST_LEAST);
	assert_int_equal(second, all);
}

static void a_success_has_no_cause(void **state)
{
	size_t all = 0, false_causes = 0;

	for (size_t i = 0; i < COUNT(successes) * COUNT(surroundings); i++) {
		const struct session *x = &successes[i / COUNT(surroundings)];
		struct finding found[FINDINGS_MAX];
		size_t around = i % COUNT(surroundings), at = 0, count = run_session(state, x, false, around, found);

		while (at < count && found[at].remark && is_true(x, &found[at]))
			at++;
		all++;
		false_causes += at < count;
		if (at < count)
			print_missed(x, around, found, count);
	}
	print_message("causes named on a success: %zu of %zu\n", false_causes, all);
	assert_true(COUNT(successes) >= 20);
	assert_int_equal(false_causes, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_true_cause_comes_first),
		cmocka_unit_test(a_success_has_no_cause),
	};

	if (access("/dev/shm", W_OK) == 0)	/* records are synced, and thousands of times */
		setenv("TMPDIR", "/dev/shm", 0);
	return cmocka_run_group_tests_name("diagnose_figures", tests, files_make, files_remove);
}

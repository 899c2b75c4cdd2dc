/*
 * The worker on real threads, with a script in place of the upgrade: worker.c is
 * compiled right here, with its calls of upgrade.h led through a seam.
 */
#include "config.h"

#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "upgrade/upgrade.h"
#include "worker_fixture.h"

/* An upgrade as the worker sees it. */
struct script {
	struct upgrade_env env;
	struct plan plan;
	enum request_type told[64];	/* by the hook */
	size_t told_count;
	bool ends;		/* what it says to them */
};

/* How a script plays; set while no worker runs. */
static void (*play)(struct script *s);
static bool out_of_memory;
static sem_t reached, go_on;

static struct upgrade *seam_new(const struct upgrade_env *env, const struct plan *plan, struct err *e)
{
	struct script *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	s->env = *env;
	s->plan = *plan;
	s->ends = true;
	if (out_of_memory) {
		free(s);
		err_said(e, ERR_CRASH, "no memory for an upgrade");
		return NULL;
	}
	return (struct upgrade *)(void *)s;
}

static void seam_free(struct upgrade *u)
{
	free(u);
}

static void seam_run(struct upgrade *u, struct result *result)
{
	(void)result;
	play((void *)u);
}

static void seam_type(struct upgrade *u, const char *text)
{
	(void)text;
	play((void *)u);
}

static bool seam_request(struct upgrade *u, const struct request *r)
{
	struct script *s = (void *)u;

	if (s->told_count < COUNT(s->told))
		s->told[s->told_count++] = r->type;
	return s->ends;
}

#define upgrade_new seam_new
#define upgrade_free seam_free
#define upgrade_run seam_run
#define upgrade_type seam_type
#define upgrade_request seam_request
#include "worker.c"
#include "words.h"
#undef upgrade_new
#undef upgrade_free
#undef upgrade_run
#undef upgrade_type
#undef upgrade_request

/* --- telling and being told --------------------------------------------- */

/* Emit an event of TYPE with NUMBER in it. */
static void emit(struct script *s, enum event_type type, int number)
{
	struct event ev = {.type = type, .t_ms = number};

	if (type == EVENT_LINE)
		snprintf(ev.line.text, sizeof(ev.line.text), "%d", number);
	else if (type == EVENT_PROGRESS)
		ev.progress.done = (uint64_t)number;
	else if (type == EVENT_RESULT)
		ev.result.exit_status = number;
	s->env.emit(s->env.ctx, &ev);
}

static int setup(void **state)
{
	(void)state;
	sem_init(&reached, 0, 0);
	sem_init(&go_on, 0, 0);
	out_of_memory = false;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	sem_destroy(&reached);
	sem_destroy(&go_on);
	play = NULL;
	return 0;
}

/* --- events ------------------------------------------------------------- */

static void play_mixed(struct script *s)
{
	static const enum event_type types[] = {
		EVENT_LINE, EVENT_STEP, EVENT_NOTICE, EVENT_IDENTITY, EVENT_LINE, EVENT_QUESTION, EVENT_STEP,
	};

	for (int i = 0; i < 70; i++)
		emit(s, types[(size_t)i % COUNT(types)], i);
	emit(s, EVENT_RESULT, 70);
	sem_post(&reached);
}

static void events_come_in_the_order_of_their_telling(void **state)
{
	struct worker *w;
	struct event ev;

	(void)state;
	play = play_mixed;
	w = start();
	assert_false(readable(worker_event_fd(w)));
	ask(w, REQUEST_RUN);
	sem_wait(&reached);
	for (int i = 0; i <= 70; i++) {
		assert_true(readable_soon(worker_event_fd(w)));
		assert_true(worker_next_event(w, &ev));
		assert_int_equal(ev.t_ms, i);
	}
	assert_int_equal(ev.type, EVENT_RESULT);
	assert_false(worker_next_event(w, &ev));
	assert_false(readable(worker_event_fd(w)));
	worker_stop(w);
}

#define FLOOD 1000

static void play_lines(struct script *s)
{
	for (int i = 0; i < FLOOD; i++)
		emit(s, EVENT_LINE, i);
	emit(s, EVENT_RESULT, 0);
	sem_post(&reached);
	sem_wait(&go_on);
	emit(s, EVENT_LINE, FLOOD);
}

/* faults.md F14, H07 */
static void the_oldest_lines_are_dropped_and_counted(void **state)
{
	struct worker *w;
	struct event ev;
	unsigned taken = 0, dropped = 0;

	(void)state;
	play = play_lines;
	w = start();
	ask(w, REQUEST_RUN);
	sem_wait(&reached);
	for (take(w, &ev); ev.type == EVENT_LINE; take(w, &ev)) {
		if (taken == 0)
			assert_true(ev.line.dropped_before > 0);
		else
			assert_int_equal(ev.line.dropped_before, 0);
		dropped += ev.line.dropped_before;
		assert_int_equal(ev.t_ms, dropped + taken);	/* nothing is missing unsaid */
		taken++;
	}
	assert_int_equal(ev.type, EVENT_RESULT);
	assert_int_equal(taken + dropped, FLOOD);
	assert_true(taken >= 200);
	sem_post(&go_on);
	take(w, &ev);
	assert_int_equal(ev.t_ms, FLOOD);
	assert_int_equal(ev.line.dropped_before, 0);
	worker_stop(w);
}

static void play_everything(struct script *s)
{
	for (int step = 0; step < 30; step++) {
		emit(s, EVENT_STEP, step);
		for (int i = 0; i < 200; i++) {
			emit(s, EVENT_LINE, i);
			emit(s, EVENT_NOTICE, i);
			emit(s, EVENT_PROGRESS, i);
			emit(s, EVENT_IDENTITY, i);
		}
		if (step % 10 == 0)
			emit(s, EVENT_QUESTION, step);
	}
	emit(s, EVENT_RESULT, 7);
	sem_post(&reached);
}

/* faults.md H04 */
static void what_matters_is_never_lost(void **state)
{
	unsigned steps = 0, questions = 0;
	struct worker *w;
	struct event ev;

	(void)state;
	play = play_everything;
	w = start();
	ask(w, REQUEST_RUN);
	sem_wait(&reached);
	do {
		take(w, &ev);
		if (ev.type == EVENT_STEP)
			assert_int_equal(ev.t_ms, steps++);
		if (ev.type == EVENT_QUESTION)
			assert_int_equal(ev.t_ms, 10 * questions++);
	} while (ev.type != EVENT_RESULT);
	assert_int_equal(steps, 30);
	assert_int_equal(questions, 3);
	assert_int_equal(ev.result.exit_status, 7);
	worker_stop(w);
}

static void play_endless_steps(struct script *s)
{
	for (int i = 0; i < 5000; i++)
		emit(s, EVENT_STEP, i);
	emit(s, EVENT_RESULT, 9);
	sem_post(&reached);
}

static void the_result_arrives_whatever_was_before(void **state)
{
	struct worker *w;
	struct event ev;

	(void)state;
	play = play_endless_steps;
	w = start();
	ask(w, REQUEST_RUN);
	sem_wait(&reached);
	take_until(w, &ev, EVENT_RESULT);
	assert_int_equal(ev.result.exit_status, 9);
	worker_stop(w);
}

static void play_progress(struct script *s)
{
	for (int i = 1; i <= 500; i++)
		emit(s, EVENT_PROGRESS, i);
	emit(s, EVENT_STEP, 1);
	emit(s, EVENT_PROGRESS, 501);
	sem_post(&reached);
	sem_wait(&go_on);
	emit(s, EVENT_PROGRESS, 502);
	emit(s, EVENT_RESULT, 0);
}

static void newer_progress_replaces_what_is_queued_of_its_step(void **state)
{
	struct worker *w;
	struct event ev;

	(void)state;
	play = play_progress;
	w = start();
	ask(w, REQUEST_RUN);
	sem_wait(&reached);
	take(w, &ev);
	assert_int_equal(ev.type, EVENT_PROGRESS);	/* how far it came before the step */
	assert_int_equal(ev.progress.done, 500);
	take(w, &ev);
	assert_int_equal(ev.type, EVENT_STEP);
	take(w, &ev);
	assert_int_equal(ev.type, EVENT_PROGRESS);
	assert_int_equal(ev.progress.done, 501);
	assert_false(worker_next_event(w, &ev));
	sem_post(&go_on);
	take(w, &ev);
	assert_int_equal(ev.progress.done, 502);
	take(w, &ev);
	assert_int_equal(ev.type, EVENT_RESULT);
	worker_stop(w);
}

/* --- requests ----------------------------------------------------------- */

static void play_blocked(struct script *s)
{
	sem_post(&reached);
	sem_wait(&go_on);
	emit(s, EVENT_RESULT, 0);
}

static void a_full_queue_refuses_and_recovers(void **state)
{
	const struct request rescan = {.type = REQUEST_RESCAN};
	struct worker *w;
	struct event ev;
	struct err e;
	int count = 0;

	(void)state;
	play = play_blocked;
	w = start();
	ask(w, REQUEST_RUN);
	sem_wait(&reached);	/* it has taken the request and takes no more */
	while (worker_request(w, &rescan, &e) == 0)
		assert_true(++count < 1000);
	assert_int_equal(e.code, ERR_BUSY);
	assert_true(count >= 8);
	sem_post(&go_on);
	take_until(w, &ev, EVENT_RESULT);
	take_until(w, &ev, EVENT_PORT);	/* they were taken */
	ask(w, REQUEST_RUN);
	sem_wait(&reached);
	sem_post(&go_on);
	take_until(w, &ev, EVENT_RESULT);
	worker_stop(w);
}

/* Waits on its port until it is cancelled; tells what it was told. */
static void play_waiting(struct script *s)
{
	struct err e;

	sem_post(&reached);
	if (port_pause(s->env.port, clock_now_ms(s->env.clock) + PATIENCE_MS, &e) == 0)
		emit(s, EVENT_RESULT, 1);	/* not cancelled */
	else if (e.code == ERR_CANCELLED)
		emit(s, EVENT_RESULT, s->told_count ? 100 + (int)s->told[s->told_count - 1] : 2);
	else
		emit(s, EVENT_RESULT, 3);
}

static void a_cancel_ends_the_wait(void **state)
{
	static const enum request_type types[] = {REQUEST_CANCEL, REQUEST_DETACH, REQUEST_ANSWER};
	struct worker *w;
	struct event ev;

	(void)state;
	play = play_waiting;
	w = start();
	for (size_t i = 0; i < COUNT(types); i++) {
		ask(w, REQUEST_RUN);
		sem_wait(&reached);
		ask(w, types[i]);
		take_until(w, &ev, EVENT_RESULT);
		assert_int_equal(ev.result.exit_status, 100 + types[i]);
	}
	worker_stop(w);
}

/* The worker wakes up to both at once: the second must not wait in the queue. */
static void a_cancel_right_behind_a_run_is_heard(void **state)
{
	struct worker *w;
	struct event ev;

	(void)state;
	play = play_waiting;
	w = start();
	for (int i = 0; i < 300; i++) {
		ask(w, REQUEST_RUN);
		ask(w, REQUEST_CANCEL);
		take_until(w, &ev, EVENT_RESULT);
		if (ev.result.exit_status == 1)
			fail_msg("round %d: the cancel was not heard", i);
	}
	worker_stop(w);
}

/* Refuses to be cancelled, as in the middle of an installation. */
static void play_refusing(struct script *s)
{
	struct err e;

	s->ends = false;
	sem_post(&reached);
	while (s->told_count < 3)
		if (port_pause(s->env.port, clock_now_ms(s->env.clock) + 10, &e) < 0)
			emit(s, EVENT_RESULT, 1);
	emit(s, EVENT_RESULT, 0);
}

static void a_refused_cancel_changes_nothing(void **state)
{
	struct worker *w;
	struct event ev;

	(void)state;
	play = play_refusing;
	w = start();
	ask(w, REQUEST_RUN);
	sem_wait(&reached);
	for (int i = 0; i < 3; i++)
		ask(w, REQUEST_CANCEL);
	take_until(w, &ev, EVENT_RESULT);
	assert_int_equal(ev.result.exit_status, 0);
	worker_stop(w);
}

static void play_asked(struct script *s)
{
	struct err e;

	/* whatever came for an earlier job is not for this one */
	port_pause(s->env.port, clock_now_ms(s->env.clock), &e);
	emit(s, EVENT_RESULT, (int)s->told_count);
	sem_post(&reached);
}

static void a_request_that_comes_too_late_is_for_nobody(void **state)
{
	struct worker *w;
	struct event ev;

	(void)state;
	play = play_asked;
	w = start();
	ask(w, REQUEST_CANCEL);
	ask(w, REQUEST_ANSWER);
	ask(w, REQUEST_DETACH);
	ask(w, REQUEST_RUN);
	take_until(w, &ev, EVENT_RESULT);
	assert_int_equal(ev.result.exit_status, 0);
	worker_stop(w);
}

/* faults.md C29: one module, one upgrade at a time. */
static void a_second_run_is_refused_while_one_works(void **state)
{
	struct worker *w;
	struct event ev;

	(void)state;
	play = play_waiting;
	w = start();
	ask(w, REQUEST_RUN);
	sem_wait(&reached);
	ask(w, REQUEST_RUN);
	take_until(w, &ev, EVENT_NOTICE);
	assert_non_null(strstr(message_words(&ev.notice.message), "not now"));
	assert_true(worker_busy(w));
	ask(w, REQUEST_CANCEL);
	take_until(w, &ev, EVENT_RESULT);
	assert_int_equal(sem_trywait(&reached), -1);	/* it did not run afterwards */
	worker_stop(w);
}

static void busy_is_from_the_request_to_the_last_event(void **state)
{
	struct worker *w;
	struct event ev;

	(void)state;
	play = play_blocked;
	w = start();
	assert_false(worker_busy(w));
	ask(w, REQUEST_RUN);
	assert_true(worker_busy(w));
	sem_wait(&reached);
	ask(w, REQUEST_AT);	/* waits its turn */
	sem_post(&go_on);
	take_until(w, &ev, EVENT_RESULT);
	sem_wait(&reached);	/* the first is over, the second works */
	assert_true(worker_busy(w));
	sem_post(&go_on);
	take_until(w, &ev, EVENT_RESULT);
	ask(w, REQUEST_RESCAN);
	take_until(w, &ev, EVENT_PORT);
	while (worker_next_event(w, &ev))
		;
	/* a typed command or a run was before: both are over */
	assert_int_equal(w->jobs, 0);
	worker_stop(w);
}

static void play_looking_for_secrets(struct script *s)
{
	struct worker *w = s->env.ctx;
	bool found;

	pthread_mutex_lock(&w->lock);
	found = memmem(w, sizeof(*w), "pA55word", 8) != NULL;
	pthread_mutex_unlock(&w->lock);
	emit(s, EVENT_RESULT, found);
}

static void the_queue_keeps_no_secret(void **state)
{
	struct request r = {.type = REQUEST_RUN, .plan = {.user = "joe", .password = "pA55word"}};
	struct worker *w;
	struct event ev;
	struct err e;

	(void)state;
	play = play_looking_for_secrets;
	w = start();
	assert_int_equal(worker_request(w, &r, &e), 0);
	take_until(w, &ev, EVENT_RESULT);
	assert_int_equal(ev.result.exit_status, false);
	worker_stop(w);
}

/* --- life --------------------------------------------------------------- */

/* Are those that ask for something blocked, and those of a crash not? */
static bool has_signals_of_a_thread(void)
{
	sigset_t set;

	pthread_sigmask(SIG_SETMASK, NULL, &set);
	return sigismember(&set, SIGINT) && sigismember(&set, SIGTERM) && sigismember(&set, SIGHUP) &&
	       !sigismember(&set, SIGSEGV) && !sigismember(&set, SIGBUS) && !sigismember(&set, SIGABRT);
}

static void play_signals(struct script *s)
{
	emit(s, EVENT_RESULT, has_signals_of_a_thread());
}

static void run_signals(void *ctx)
{
	*(bool *)ctx = has_signals_of_a_thread();
}

static void signals_that_ask_are_the_front_ends_and_those_of_a_crash_a_threads_own(void **state)
{
	struct worker *w;
	struct background *b;
	struct event ev;
	struct err e;
	sigset_t asking, before;
	bool blocked = false;

	(void)state;
	play = play_signals;
	sigemptyset(&asking);
	sigaddset(&asking, SIGINT);
	sigaddset(&asking, SIGTERM);
	sigaddset(&asking, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &asking, &before);
	w = start();
	ask(w, REQUEST_RUN);
	take_until(w, &ev, EVENT_RESULT);
	assert_int_equal(ev.result.exit_status, true);
	worker_stop(w);
	b = background_start(run_signals, &blocked, &e);
	assert_non_null(b);
	background_join(b);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	assert_true(blocked);
}

static void play_busily(struct script *s)
{
	struct err e;

	for (int i = 0; i < 20; i++)
		emit(s, EVENT_LINE, i);
	emit(s, EVENT_STEP, 0);
	if (port_pause(s->env.port, clock_now_ms(s->env.clock) + PATIENCE_MS, &e) == 0)
		abort();
	emit(s, EVENT_RESULT, 0);
}

/* faults.md H05: whatever it is at, it ends when it is told to. WORKERS: so many, for a
 * tool that remembers each thread (tests/races). */
static void a_thousand_workers_come_and_go(void **state)
{
	const char *few = getenv("WORKERS");
	int count = few ? atoi(few) : 1000;
	struct event ev;

	(void)state;
	play = play_busily;
	for (int i = 0; i < count; i++) {
		struct worker *w = start();

		if (i % 4 > 0)
			ask(w, REQUEST_RUN);
		if (i % 4 == 2)
			take(w, &ev);
		if (i % 4 == 3)
			ask(w, REQUEST_CANCEL);
		worker_stop(w);
	}
	worker_stop(NULL);
}

static void run_post(void *ctx)
{
	(void)ctx;
	sem_wait(&reached);
	sem_post(&go_on);
}

/* The queue has no room for the request to quit. */
static void stopping_works_with_a_full_queue(void **state)
{
	const struct request rescan = {.type = REQUEST_RESCAN};
	struct background *b;
	struct worker *w;
	struct err e;

	(void)state;
	play = play_blocked;
	w = start();
	ask(w, REQUEST_RUN);
	sem_wait(&reached);
	while (worker_request(w, &rescan, &e) == 0)
		;
	b = background_start(run_post, NULL, &e);	/* lets it go on from aside */
	assert_non_null(b);
	sem_post(&reached);
	worker_stop(w);
	background_join(b);
}

static void many_workers_live_side_by_side(void **state)
{
	struct worker *w[16];
	struct event ev;

	(void)state;
	play = play_mixed;
	for (size_t i = 0; i < COUNT(w); i++)
		w[i] = start();
	for (size_t i = 0; i < COUNT(w); i++)
		ask(w[i], REQUEST_RUN);
	for (size_t i = 0; i < COUNT(w); i++) {
		take_until(w[i], &ev, EVENT_RESULT);
		assert_int_equal(ev.result.exit_status, 70);
		assert_true(ev.t_ms == 70 && worker_now_ms(w[i]) >= 0);
	}
	for (size_t i = 0; i < COUNT(w); i++)
		worker_stop(w[i]);
}

/* faults.md E12 */
static void a_system_without_descriptors_refuses_in_words(void **state)
{
	struct rlimit before, limit;
	struct worker *w = NULL;
	struct err e;
	int first = dup(0), refused = 0;

	(void)state;
	assert_true(first >= 0);
	close(first);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	for (int spare = 0; spare < 8 && !w; spare++) {
		e = (struct err){0};
		limit = before;
		limit.rlim_cur = (rlim_t)(first + spare);
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
		w = worker_start(&(struct worker_config){.record = ""}, &e);
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
		if (!w)
			assert_true(e.code != ERR_NONE && err_words(&e)[0]);
		refused += !w;
	}
	assert_non_null(w);
	assert_true(refused >= 2);
	worker_stop(w);
}

/* --- a job that can't begin; records ------------------------------------ */

static void play_result(struct script *s)
{
	emit(s, EVENT_RESULT, s->env.record != NULL);
}

static void an_upgrade_is_recorded_and_nothing_else(void **state)
{
	static const struct {
		enum job job;
		bool dry_run;
		bool wanted;
		bool recorded;
	} rows[] = {
		{JOB_UPGRADE, false, true, true},
		{JOB_UPGRADE, true, true, false},
		{JOB_PROBE, false, true, false},
		{JOB_UPGRADE, false, false, false},
	};
	struct world *world = *state;
	char path[256];

	play = play_result;
	snprintf(path, sizeof(path), "%s/record", world->dir);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct request r = {.type = REQUEST_RUN, .plan = {.job = rows[i].job, .dry_run = rows[i].dry_run}};
		struct worker *w = start_with(&(struct worker_config){.record = rows[i].wanted ? path : ""});
		struct event ev;

		assert_int_equal(worker_request(w, &r, &world->e), 0);
		take_until(w, &ev, EVENT_RESULT);
		worker_stop(w);
		assert_int_equal(ev.result.exit_status, rows[i].recorded);
		assert_int_equal(unlink(path), rows[i].recorded ? 0 : -1);
	}
}

static void a_job_that_can_not_begin_has_a_result(void **state)
{
	struct world *world = *state;
	struct request r = {.type = REQUEST_RUN};
	struct worker *w;
	struct event ev;
	char path[PATH_MAX + 10];

	play = play_result;
	w = start_with(&(struct worker_config){.record = "/nonexistent/record"});
	assert_int_equal(worker_request(w, &r, &world->e), 0);
	take_until(w, &ev, EVENT_RESULT);
	assert_int_equal(ev.result.outcome, OUTCOME_STOPPED);
	assert_int_equal(ev.result.stop, ERR_USAGE);
	assert_int_equal(ev.result.exit_status, 64);
	assert_non_null(strstr(message_words(&ev.result.what), "/nonexistent"));
	worker_stop(w);
	out_of_memory = true;
	w = start();
	assert_int_equal(worker_request(w, &r, &world->e), 0);
	take_until(w, &ev, EVENT_RESULT);
	assert_int_equal(ev.result.stop, ERR_CRASH);
	worker_stop(w);
	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_null(worker_start(&(struct worker_config){.record = path}, &world->e));
	assert_int_equal(world->e.code, ERR_USAGE);
}

#define SCRIPTED(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
#define WITH_WORLD(f) cmocka_unit_test_setup_teardown(f, both_setup, both_teardown)

static int both_setup(void **state)
{
	return setup(state) || world_setup(state);
}

static int both_teardown(void **state)
{
	return world_teardown(state) || teardown(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCRIPTED(events_come_in_the_order_of_their_telling),
		SCRIPTED(the_oldest_lines_are_dropped_and_counted),
		SCRIPTED(what_matters_is_never_lost),
		SCRIPTED(the_result_arrives_whatever_was_before),
		SCRIPTED(newer_progress_replaces_what_is_queued_of_its_step),
		SCRIPTED(a_full_queue_refuses_and_recovers),
		SCRIPTED(a_cancel_ends_the_wait),
		SCRIPTED(a_cancel_right_behind_a_run_is_heard),
		SCRIPTED(a_refused_cancel_changes_nothing),
		SCRIPTED(a_request_that_comes_too_late_is_for_nobody),
		SCRIPTED(a_second_run_is_refused_while_one_works),
		SCRIPTED(busy_is_from_the_request_to_the_last_event),
		SCRIPTED(the_queue_keeps_no_secret),
		SCRIPTED(signals_that_ask_are_the_front_ends_and_those_of_a_crash_a_threads_own),
		SCRIPTED(a_thousand_workers_come_and_go),
		SCRIPTED(stopping_works_with_a_full_queue),
		SCRIPTED(many_workers_live_side_by_side),
		SCRIPTED(a_system_without_descriptors_refuses_in_words),
		WITH_WORLD(an_upgrade_is_recorded_and_nothing_else),
		WITH_WORLD(a_job_that_can_not_begin_has_a_result),
	};

	return cmocka_run_group_tests_name("worker", tests, NULL, NULL);
}

/*
 * What workers beside each other share: a package that several download.
 */
#include "config.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "package/package.h"
#include "worker_group.h"

#define WORKERS 8

struct world {
	struct worker_group *group;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	int fetches, begun;	/* of all; workers that asked */
	int wanted;		/* a fetch lasts until so many have asked */
	int cancels;		/* so many fetches are cancelled, the first ones */
	bool fails;
	char path[64];
};

struct worker_of {
	struct world *world;
	pthread_t thread;
	struct interrupt wake;
	int result;
	struct err e;
	uint64_t size;
};

static void world_begin(struct world *w, int wanted)
{
	FILE *f;

	memset(w, 0, sizeof(*w));
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->changed, NULL);
	w->wanted = wanted;
	w->group = worker_group_new();
	assert_non_null(w->group);
	snprintf(w->path, sizeof(w->path), "/tmp/dfota-group-%ld", (long)getpid());
	f = fopen(w->path, "w");
	assert_non_null(f);
	fputs("a package", f);
	assert_int_equal(fclose(f), 0);
}

static void world_end(struct world *w)
{
	worker_group_free(w->group);
	unlink(w->path);
	pthread_cond_destroy(&w->changed);
	pthread_mutex_destroy(&w->lock);
}

static int fetch(void *ctx, struct package **out, struct err *e)
{
	struct world *w = ((struct worker_of *)ctx)->world;
	int number;

	pthread_mutex_lock(&w->lock);
	number = ++w->fetches;
	pthread_cond_broadcast(&w->changed);
	while (w->begun < w->wanted)
		pthread_cond_wait(&w->changed, &w->lock);
	pthread_mutex_unlock(&w->lock);
	if (number <= w->cancels)
		return err_fail(e, MSG_CANCELLED, "");
	if (w->fails)
		return err_fail(e, MSG_SERVER_FILE_EMPTY, "");
	*out = package_open(w->path, 1000, e);
	return *out ? 0 : -1;
}

static void *ask(void *ctx)
{
	struct worker_of *own = ctx;
	struct package *package = NULL;

	pthread_mutex_lock(&own->world->lock);
	own->world->begun++;
	pthread_cond_broadcast(&own->world->changed);
	pthread_mutex_unlock(&own->world->lock);
	own->result = worker_group_share(own->world->group, "key", &own->wake, fetch, own, &package, &own->e);
	own->size = package ? package_size(package) : 0;
	package_close(package);
	return NULL;
}

/* A wake-up that asks for nothing ends no wait. */
static bool never(void *ctx)
{
	(void)ctx;
	return false;
}

static bool always(void *ctx)
{
	(void)ctx;
	return true;
}

static void begin(struct world *w, struct worker_of *own, bool (*hook)(void *ctx))
{
	struct err e;

	*own = (struct worker_of){ .world = w };
	assert_int_equal(interrupt_init(&own->wake, &e), 0);
	own->wake.hook = hook;
	assert_int_equal(pthread_create(&own->thread, NULL, ask, own), 0);
}

static void begin_all(struct world *w, struct worker_of *all)
{
	for (int i = 0; i < WORKERS; i++)
		begin(w, &all[i], never);
}

static void end(struct worker_of *own)
{
	pthread_join(own->thread, NULL);
	interrupt_close(&own->wake);
}

static void one_fetches_for_all(void **state)
{
	struct worker_of all[WORKERS];
	struct world w;

	(void)state;
	world_begin(&w, WORKERS);
	begin_all(&w, all);
	for (int i = 0; i < WORKERS; i++) {
		end(&all[i]);
		assert_int_equal(all[i].result, 0);
		assert_int_equal(all[i].size, strlen("a package"));
	}
	assert_int_equal(w.fetches, 1);
	world_end(&w);
}

static void a_failure_is_that_of_all(void **state)
{
	struct worker_of all[WORKERS];
	struct world w;

	(void)state;
	world_begin(&w, WORKERS);
	w.fails = true;
	begin_all(&w, all);
	for (int i = 0; i < WORKERS; i++) {
		end(&all[i]);
		assert_int_equal(all[i].result, -1);
		assert_int_equal(all[i].e.message.id, MSG_SERVER_FILE_EMPTY);
	}
	assert_int_equal(w.fetches, 1);
	world_end(&w);
}

static void the_next_one_fetches_after_a_cancel(void **state)
{
	struct worker_of all[WORKERS];
	struct world w;
	int cancelled = 0;

	(void)state;
	world_begin(&w, WORKERS);
	w.cancels = 2;
	begin_all(&w, all);
	for (int i = 0; i < WORKERS; i++) {
		end(&all[i]);
		cancelled += all[i].result < 0 && all[i].e.code == ERR_CANCELLED;
		assert_true(all[i].result == 0 || all[i].e.code == ERR_CANCELLED);
	}
	assert_int_equal(cancelled, 2);
	assert_int_equal(w.fetches, 3);
	world_end(&w);
}

static void who_waits_can_be_cancelled(void **state)
{
	struct worker_of first, second;
	struct world w;

	(void)state;
	world_begin(&w, 3);	/* the first one fetches until a third has asked, who is none */
	begin(&w, &first, never);
	pthread_mutex_lock(&w.lock);
	while (w.fetches == 0)
		pthread_cond_wait(&w.changed, &w.lock);
	pthread_mutex_unlock(&w.lock);
	begin(&w, &second, always);
	interrupt_raise(&second.wake);
	end(&second);
	assert_int_equal(second.result, -1);
	assert_int_equal(second.e.code, ERR_CANCELLED);
	pthread_mutex_lock(&w.lock);
	w.begun = w.wanted;
	pthread_cond_broadcast(&w.changed);
	pthread_mutex_unlock(&w.lock);
	end(&first);
	assert_int_equal(first.result, 0);
	assert_int_equal(w.fetches, 1);
	world_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_fetches_for_all),
		cmocka_unit_test(a_failure_is_that_of_all),
		cmocka_unit_test(the_next_one_fetches_after_a_cancel),
		cmocka_unit_test(who_waits_can_be_cancelled),
	};

	return cmocka_run_group_tests_name("worker_group", tests, NULL, NULL);
}

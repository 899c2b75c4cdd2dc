#include "config.h"

#include "worker_group.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "package/package.h"

struct claim {
	const void *by;
	char imei[IMEI_SIZE], port[FILE_SIZE];
};

/* A package that is fetched, or was. */
struct shared {
	char key[WORKER_GROUP_KEY];
	bool busy;		/* somebody fetches it */
	struct package *package;	/* what came */
	bool failed;
	struct err why;
};

struct worker_group {
	pthread_mutex_t lock;
	size_t count;
	struct claim claims[MODULES_MAX];
	size_t shared_count;
	struct shared *shared[MODULES_MAX];	/* allocated: most runs have none, or one */
	struct interrupt *waiting[MODULES_MAX];	/* those to wake when a fetch is over */
	size_t waiting_count;
};

struct worker_group *worker_group_new(void)
{
	struct worker_group *g = malloc(sizeof(*g));	/* mostly for one: not touched, as by calloc() */

	if (!g)
		return NULL;
	g->count = g->shared_count = g->waiting_count = 0;
	pthread_mutex_init(&g->lock, NULL);
	return g;
}

void worker_group_free(struct worker_group *g)
{
	if (!g)
		return;
	for (size_t i = 0; i < g->shared_count; i++) {
		package_close(g->shared[i]->package);
		free(g->shared[i]);
	}
	pthread_mutex_destroy(&g->lock);
	free(g);
}

bool worker_group_claim(struct worker_group *g, const void *by, const char *imei, char port[FILE_SIZE])
{
	struct claim *c = g->claims;

	pthread_mutex_lock(&g->lock);
	while (c < g->claims + g->count && strcmp(c->imei, imei) != 0)
		c++;
	if (c == g->claims + g->count && g->count < MODULES_MAX) {
		g->count++;
		c->by = by;
		snprintf(c->imei, sizeof(c->imei), "%s", imei);
		memcpy(c->port, port, sizeof(c->port));
	}
	memcpy(port, c->port, sizeof(c->port));
	pthread_mutex_unlock(&g->lock);
	return c->by == by;
}

/* -- a package for several -- */

/* NULL: there is no room for another. */
static struct shared *shared_of(struct worker_group *g, const char *key)
{
	struct shared *s;

	for (size_t i = 0; i < g->shared_count; i++)
		if (strcmp(g->shared[i]->key, key) == 0)
			return g->shared[i];
	s = g->shared_count < MODULES_MAX ? calloc(1, sizeof(*s)) : NULL;
	if (!s)
		return NULL;
	snprintf(s->key, sizeof(s->key), "%s", key);
	g->shared[g->shared_count++] = s;
	return s;
}

/* What is known of S by now: 1 with OUT; -1 with E; 0: nothing. */
static int outcome_of(const struct shared *s, struct package **out, struct err *e)
{
	if (s->package) {
		*out = package_again(s->package, e);
		return *out ? 1 : -1;
	}
	if (!s->failed)
		return 0;
	*e = s->why;
	return -1;
}

static void wait_for(struct worker_group *g, struct interrupt *wake)
{
	struct pollfd p = { .fd = wake->fd, .events = POLLIN };

	if (g->waiting_count < MODULES_MAX)
		g->waiting[g->waiting_count++] = wake;
	pthread_mutex_unlock(&g->lock);
	poll(&p, 1, -1);	/* as long as who fetches takes, which ends at its own limits */
	pthread_mutex_lock(&g->lock);
	for (size_t i = 0; i < g->waiting_count; i++)
		if (g->waiting[i] == wake)
			g->waiting[i] = g->waiting[--g->waiting_count];
}

static void keep(struct worker_group *g, struct shared *s, int r, struct package *package, const struct err *e)
{
	s->busy = false;
	if (r == 0)
		s->package = package;
	s->failed = r < 0 && e->code != ERR_CANCELLED;
	if (s->failed)
		s->why = *e;
	for (size_t i = 0; i < g->waiting_count; i++)
		interrupt_raise(g->waiting[i]);
}

int worker_group_share(struct worker_group *g, const char *key, struct interrupt *wake,
		       int (*fetch)(void *ctx, struct package **out, struct err *e), void *ctx,
		       struct package **out, struct err *e)
{
	struct package *fetched = NULL;
	struct shared *s;
	int r;

	pthread_mutex_lock(&g->lock);
	s = shared_of(g, key);
	while (s && (r = outcome_of(s, out, e)) == 0 && s->busy) {
		wait_for(g, wake);
		pthread_mutex_unlock(&g->lock);
		if (interrupt_ends(wake))	/* its hook takes what was asked for */
			return err_fail(e, MSG_CANCELLED, "");
		pthread_mutex_lock(&g->lock);
	}
	if (s && r == 0)
		s->busy = true;
	pthread_mutex_unlock(&g->lock);
	if (!s)
		return fetch(ctx, out, e);
	if (r != 0)
		return r < 0 ? -1 : 0;
	r = fetch(ctx, &fetched, e);
	pthread_mutex_lock(&g->lock);
	keep(g, s, r, fetched, e);
	if (r == 0)
		r = outcome_of(s, out, e) < 0 ? -1 : 0;
	pthread_mutex_unlock(&g->lock);
	return r;
}

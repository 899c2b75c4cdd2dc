#include "config.h"
#include "worker.h"

#include <errno.h>
#include <locale.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/ring.h"
#include "base/text.h"
#include "diagnosis/of_record.h"
#include "record/store.h"
#include "record/writer.h"
#include "upgrade/foresee.h"
#include "upgrade/upgrade.h"
#include "worker_group.h"

#define LINES 256	/* log lines and notices: the oldest go first */
#define STATES 160	/* steps, identities, questions, results, port rows */
#define STATES_RESERVED 64	/* of them, only for what must not be lost */
/* What comes within this is taken at one wake-up: one for each line cost 2.7 times the processor. */
#define TOGETHER_NS 1000000
#define AT_ONCE_NS 1
#define REQUESTS 16
#define SHOWN_PORTS_MAX 64
#define STACK_SIZE (2 * 1024 * 1024)

struct worker {
	pthread_t thread;
	pthread_mutex_t lock;	/* of all down to the blank line */
	struct ring lines, states;
	struct event progress;
	uint64_t progress_order;	/* 0: none queued */
	uint64_t next_order;
	uint32_t dropped;	/* lines lost: older than all that are queued */
	struct request requests[REQUESTS];
	size_t first_request, request_count;
	unsigned jobs;		/* asked for and not over */
	struct outlook outlook;	/* the newest */
	bool outlook_new;	/* ... was not taken yet */

	int event_fd;		/* a timer, over when events are to be taken */
	struct interrupt wake;	/* raised when a request waits */
	struct port *port;
	struct upgrade *upgrade;	/* while one runs */
	struct diagnosis *diagnosis;	/* of the job that is done; NULL: no memory */
	uint64_t observed;	/* events it has seen */
	bool quit, rescan;
	int monitor_fd;		/* -1: ports are not watched */
	int64_t start_ms;
	const struct port_roots *roots;
	const char *libraries;	/* as worker_config */
	struct worker_group *group;
	const struct package *package;	/* these two as well */
	enum audience audience;	/* as worker_config */
	locale_t language;	/* of the thread that started this one; its own is English */
	const char *record;	/* as worker_config; copied below */
	char record_path[FILE_SIZE];
	struct request taken;
	struct request look;	/* the newest REQUEST_LOOK */
	bool look_due;		/* ... is to be done when nothing else is */
};

/* What a front end cannot do without. */
static bool must_arrive(const struct event *ev)
{
	return ev->type == EVENT_STEP || ev->type == EVENT_QUESTION ||
	       ev->type == EVENT_RESULT;
}

static void put_line(struct worker *w, const struct event *ev, uint64_t order)
{
	if (w->lines.count == w->lines.capacity) {
		ring_take(&w->lines, NULL);
		w->dropped++;
	}
	ring_put(&w->lines, ev, order);
}

static void take_line(struct worker *w, struct event *ev)
{
	ring_take(&w->lines, ev);
	if (ev->type != EVENT_LINE)
		return;
	ev->line.dropped_before = w->dropped;
	w->dropped = 0;
}

/* A ring full of states means a front end that takes none for a whole run:
 * the oldest step is then worth less than the newest result. */
static void put_state(struct worker *w, const struct event *ev, uint64_t order)
{
	size_t room = w->states.capacity - w->states.count;

	if (room <= STATES_RESERVED && !must_arrive(ev))
		return;
	if (room == 0)
		ring_take(&w->states, NULL);
	ring_put(&w->states, ev, order);
}

/* Progress that waits is not replaced over a state: how far a step came is
 * known when the next begins. */
static void keep_progress(struct worker *w)
{
	if (!w->progress_order || w->states.capacity - w->states.count <= STATES_RESERVED)
		return;
	put_state(w, &w->progress, w->progress_order);
	w->progress_order = 0;
}

static bool has_events(const struct worker *w)
{
	return w->lines.count || w->states.count || w->progress_order;
}

static void wake_after(struct worker *w, long ns)
{
	timerfd_settime(w->event_fd, 0, &(struct itimerspec){.it_value.tv_nsec = ns}, NULL);
}

static void push_event(void *ctx, const struct event *ev)
{
	struct worker *w = ctx;
	bool waits, many;

	pthread_mutex_lock(&w->lock);
	/* who takes events stops only where none is left: before that no wake-up is needed */
	waits = !has_events(w);
	w->next_order++;
	switch (ev->type) {
	case EVENT_LINE:
	case EVENT_NOTICE:
		put_line(w, ev, w->next_order);
		break;
	case EVENT_PROGRESS:
		w->progress = *ev;
		w->progress_order = w->next_order;
		break;
	case EVENT_DATA:	/* for the record only */
	case EVENT_START:
	case EVENT_INTENT:
	case EVENT_RESUMED:
	case EVENT_CLOSED:
	case EVENT_SHOWN:
	case EVENT_GAP:
	case EVENT_COUNT:
		break;
	case EVENT_STEP:
	case EVENT_IDENTITY:
	case EVENT_QUESTION:
	case EVENT_RESULT:
	case EVENT_PORT:
	case EVENT_PACKAGE:
	case EVENT_ANSWER:
	case EVENT_RECORD:
	case EVENT_PLAN:
	case EVENT_SETTING:
	case EVENT_BEGIN:
	case EVENT_CHECKS:
		keep_progress(w);
		put_state(w, ev, w->next_order);
		break;
	}
	waits = waits && has_events(w);
	many = w->lines.count == w->lines.capacity / 2;
	pthread_mutex_unlock(&w->lock);
	if (waits || many)
		wake_after(w, many ? AT_ONCE_NS : TOGETHER_NS);
}

bool worker_next_event(struct worker *w, struct event *ev)
{
	uint64_t lines, states, progress, counter;
	bool found = true;
	ssize_t n;

	pthread_mutex_lock(&w->lock);
	lines = ring_order(&w->lines);
	states = ring_order(&w->states);
	progress = w->progress_order ? w->progress_order : UINT64_MAX;
	if (lines < states && lines < progress) {
		take_line(w, ev);
	} else if (states < progress) {
		ring_take(&w->states, ev);
	} else if (progress != UINT64_MAX) {
		*ev = w->progress;
		w->progress_order = 0;
	} else {
		found = false;
		n = read(w->event_fd, &counter, sizeof(counter));
		(void)n;	/* empty already: as wanted */
	}
	pthread_mutex_unlock(&w->lock);
	return found;
}

int worker_event_fd(const struct worker *w)
{
	return w->event_fd;
}

int64_t worker_now_ms(const struct worker *w)
{
	return clock_now_ms(clock_monotonic()) - w->start_ms;
}

/* Something of a job waits; the port list is none. */
static bool has_job_events(const struct worker *w)
{
	return w->lines.count || w->progress_order || ring_holds_other(&w->states, EVENT_PORT);
}

bool worker_busy(struct worker *w)
{
	bool busy;

	pthread_mutex_lock(&w->lock);
	busy = w->jobs || has_job_events(w);
	pthread_mutex_unlock(&w->lock);
	return busy;
}

int worker_request(struct worker *w, const struct request *r, struct err *e)
{
	bool full;

	pthread_mutex_lock(&w->lock);
	full = w->request_count == REQUESTS;
	if (!full) {
		w->requests[(w->first_request + w->request_count++) % REQUESTS] = *r;
		if (r->type == REQUEST_RUN || r->type == REQUEST_AT)
			w->jobs++;
	}
	pthread_mutex_unlock(&w->lock);
	if (full)
		return err_fail(e, MSG_REQUESTS_FULL, "");
	interrupt_raise(&w->wake);
	return 0;
}

static void wipe(struct request *r)
{
	explicit_bzero(r, sizeof(*r));
}

/* Into w->taken; the queue keeps no secret. */
static bool take_request(struct worker *w)
{
	struct request *r;
	bool found;

	pthread_mutex_lock(&w->lock);
	found = w->request_count > 0;
	if (found) {
		r = &w->requests[w->first_request];
		w->taken = *r;
		wipe(r);
		w->first_request = (w->first_request + 1) % REQUESTS;
		w->request_count--;
	}
	pthread_mutex_unlock(&w->lock);
	return found;
}

/* The newest counts. */
static void keep_look(struct worker *w)
{
	w->look = w->taken;
	w->look_due = true;
}

static void end_job(struct worker *w)
{
	pthread_mutex_lock(&w->lock);
	w->jobs--;
	pthread_mutex_unlock(&w->lock);
}

static void push_warning(struct worker *w, const struct message *m)
{
	struct event ev = {.type = EVENT_NOTICE};

	ev.t_ms = worker_now_ms(w);
	ev.notice.severity = SEVERITY_WARNING;
	ev.notice.message = *m;
	push_event(w, &ev);
}

static void push_not_now(struct worker *w)
{
	struct message m;

	message_set(&m, MSG_NOT_NOW, "");
	push_warning(w, &m);
}

/* The interrupt hook while an upgrade runs: requests are taken here. */
static bool on_interrupt(void *ctx)
{
	struct worker *w = ctx;
	bool end = false;

	while (take_request(w)) {
		switch (w->taken.type) {
		case REQUEST_ANSWER:
		case REQUEST_CANCEL:
		case REQUEST_DETACH:
		case REQUEST_LOST:
			end |= upgrade_request(w->upgrade, &w->taken);
			break;
		case REQUEST_QUIT:
			w->quit = true;
			w->taken.type = REQUEST_DETACH;
			end |= upgrade_request(w->upgrade, &w->taken);
			break;
		case REQUEST_RESCAN:
			w->rescan = true;
			break;
		case REQUEST_LOOK:
			keep_look(w);
			break;
		case REQUEST_RUN:
		case REQUEST_AT:
			push_not_now(w);
			end_job(w);
			break;
		}
		wipe(&w->taken);
	}
	return end;
}

/* What goes on, to the diagnosis: it says why a job ended as it did. */
static void observe(void *ctx, struct event *ev)
{
	struct worker *w = ctx;

	if (!w->diagnosis)
		return;
	diagnosis_take(w->diagnosis, w->observed++, ev);
	if (ev->type == EVENT_RESULT)
		diagnosis_explain(w->diagnosis, FOR_RECORD, &ev->result);
}

/* In words and language of the front end. */
static void push_explained(struct worker *w, const struct event *result)
{
	struct event shown = *result;
	locale_t own = uselocale(w->language);

	diagnosis_explain(w->diagnosis, w->audience, &shown.result);
	uselocale(own);
	push_event(w, &shown);
}

static void to_front(void *ctx, const struct event *ev)
{
	struct worker *w = ctx;

	if (ev->type == EVENT_RESULT && w->audience != FOR_RECORD && w->diagnosis)
		push_explained(w, ev);
	else
		push_event(w, ev);
}

static void observe_start(struct worker *w, const struct plan *plan)
{
	struct event ev = {.type = EVENT_START};

	ev.t_ms = worker_now_ms(w);
	ev.start.plan = *plan;
	explicit_bzero(ev.start.plan.user, sizeof(ev.start.plan.user));
	explicit_bzero(ev.start.plan.password, sizeof(ev.start.plan.password));
	text_safe_str(ev.start.plan.port, sizeof(ev.start.plan.port), plan->port);
	observe(w, &ev);
}

/* What another program has recorded before. */
static void observe_record(struct worker *w, const char *path)
{
	struct err unreadable;
	struct record *r = record_open(path, &unreadable);

	if (r && w->diagnosis) {
		diagnosis_read(w->diagnosis, r);
		w->observed = record_count(r);
	}
	record_free(r);
}

/* A job that could not even begin still has a result. */
static void push_refusal(struct worker *w, enum job job, const struct err *e)
{
	struct event ev = {.type = EVENT_RESULT};

	ev.t_ms = worker_now_ms(w);
	result_stopped(&ev.result, job, e);
	observe(w, &ev);
	to_front(w, &ev);
}

/* Another program may have ended it since it was chosen: what counts is what
 * the record says now that it is ours. */
static int reopen_record(struct worker *w, struct open_upgrade *open,
			 struct record_writer **writer, struct err *e)
{
	char path[FILE_SIZE];

	memcpy(path, open->record, sizeof(path));
	*writer = writer_reopen(path, w->libraries, e);
	if (!*writer)
		return -1;
	if (store_read_open(path, open))
		return 0;
	writer_close(*writer);
	*writer = NULL;
	return err_fail(e, MSG_NOT_UNFINISHED, "record=%s", path);
}

/* The record of a job; none for what changes nothing. */
static int open_record(struct worker *w, struct plan *plan,
		       struct record_writer **writer, struct err *e)
{
	if (plan->job == JOB_RESUME)
		return reopen_record(w, &plan->open, writer, e);
	if (plan->job != JOB_UPGRADE || plan->dry_run || (w->record && !w->record[0]))
		return 0;
	*writer = writer_create(w->record, w->libraries, plan, e);
	/* a later upgrade of the same screen has a record of its own */
	if (*writer)
		w->record = NULL;
	return *writer ? 0 : -1;
}

/* env.claim and env.share, of the group. */
static bool claim(void *ctx, const char *imei, char port[FILE_SIZE])
{
	struct worker *w = ctx;

	return worker_group_claim(w->group, w, imei, port);
}

static int share(void *ctx, const char *key, int (*fetch)(void *u, struct package **out, struct err *e), void *u,
		 struct package **out, struct err *e)
{
	struct worker *w = ctx;

	return worker_group_share(w->group, key, &w->wake, fetch, u, out, e);
}

static void run_job(struct worker *w, struct request *r)
{
	struct upgrade_env env = {
		.clock = clock_monotonic(),
		.start_ms = w->start_ms,
		.port = w->port,
		.interrupt = &w->wake,
		.roots = w->roots,
		/* a simulated module of ours is no module that somebody waits for */
		.find_open = r->plan.demo ? NULL : store_find_open,
		.check_open = r->plan.demo ? NULL : store_check_open,
		.claim = w->group ? claim : NULL,
		.share = w->group ? share : NULL,
		.package = w->package,
		.observe = observe,
		.emit = to_front,
		.ctx = w,
	};
	bool resumes = r->type == REQUEST_RUN && r->plan.job == JOB_RESUME;
	struct err e;

	if (!resumes)
		observe_start(w, &r->plan);
	if (r->type == REQUEST_RUN && open_record(w, &r->plan, &env.record, &e) < 0) {
		push_refusal(w, r->plan.job, &e);
		return;
	}
	if (resumes)
		observe_record(w, writer_path(env.record));
	w->upgrade = upgrade_new(&env, &r->plan, &e);
	if (!w->upgrade) {
		push_refusal(w, r->plan.job, &e);
	} else {
		w->wake.hook = on_interrupt;
		/* what came right behind R is in the queue, its wake-up is spent */
		interrupt_raise(&w->wake);
		if (r->type == REQUEST_RUN)
			upgrade_run(w->upgrade, NULL);
		else
			upgrade_type(w->upgrade, r->text);
		w->wake.hook = NULL;
		upgrade_free(w->upgrade);
		w->upgrade = NULL;
	}
	writer_close(env.record);
}

/* With a diagnosis that follows it from its begin. */
static void work(struct worker *w, struct request *r)
{
	w->diagnosis = diagnosis_new();
	w->observed = 0;
	run_job(w, r);
	diagnosis_free(w->diagnosis);
	w->diagnosis = NULL;
}

/* How many ports there are, where LISTED of them fill the list. */
static size_t count_ports(const struct worker *w, size_t listed)
{
	struct port_info *all = listed == SHOWN_PORTS_MAX ? calloc(PORTS_MAX, sizeof(*all)) : NULL;
	struct err ignored;
	int count = all ? port_list_hardware(w->roots, all, PORTS_MAX, &ignored) : 0;

	free(all);
	return count > (int)listed ? (size_t)count : listed;
}

static void push_ports(struct worker *w)
{
	struct event ev = {.type = EVENT_PORT};
	struct port_info *list = malloc(SHOWN_PORTS_MAX * sizeof(*list));	/* calloc() would touch all of its 75 kB */
	struct err e;
	int count = list ? port_list(w->roots, list, SHOWN_PORTS_MAX, &e) : 0;

	ev.t_ms = worker_now_ms(w);
	if (count < 0) {
		push_warning(w, &e.message);
		count = 0;
	}
	ev.port.count = count_ports(w, (size_t)count);
	do {
		if (count)
			ev.port.info = list[ev.port.index];
		push_event(w, &ev);
	} while (++ev.port.index < (size_t)count);
	free(list);
}

static void rescan_if_due(struct worker *w)
{
	if (w->rescan)
		push_ports(w);
	w->rescan = false;
}

static void serve(struct worker *w)
{
	while (!w->quit && take_request(w)) {
		struct request r = w->taken;

		wipe(&w->taken);
		switch (r.type) {
		case REQUEST_RUN:
		case REQUEST_AT:
			work(w, &r);
			end_job(w);
			w->rescan |= w->monitor_fd >= 0;
			break;
		case REQUEST_RESCAN:
			w->rescan = true;
			break;
		case REQUEST_LOOK:
			w->taken = r;
			keep_look(w);
			wipe(&w->taken);
			break;
		case REQUEST_QUIT:
			w->quit = true;
			break;
		case REQUEST_ANSWER:
		case REQUEST_CANCEL:
		case REQUEST_DETACH:
		case REQUEST_LOST:
			break;	/* came too late: what it was for is over */
		}
		wipe(&r);
	}
}

static void push_outlook(void *ctx, const struct outlook *outlook)
{
	struct worker *w = ctx;

	pthread_mutex_lock(&w->lock);
	w->outlook = *outlook;
	w->outlook.number = w->look.number;
	w->outlook_new = true;
	pthread_mutex_unlock(&w->lock);
	wake_after(w, AT_ONCE_NS);
}

bool worker_outlook(struct worker *w, struct outlook *out)
{
	bool found;

	pthread_mutex_lock(&w->lock);
	found = w->outlook_new;
	if (found)
		*out = w->outlook;
	w->outlook_new = false;
	pthread_mutex_unlock(&w->lock);
	return found;
}

/* Whatever is asked meanwhile comes first: then it begins again. */
static void look_ahead(struct worker *w)
{
	const struct upgrade_env env = {
		.clock = clock_monotonic(),
		.start_ms = w->start_ms,
		.port = w->port,
		.interrupt = &w->wake,
		.roots = w->roots,
	};

	w->look_due = !upgrade_foresee(&env, &w->look.plan, &w->look.module, push_outlook, w);
	if (!w->look_due)
		wipe(&w->look);
}

/* Until nothing is left to do. */
static void serve_all(struct worker *w)
{
	serve(w);
	while (w->look_due && !w->quit) {
		rescan_if_due(w);
		look_ahead(w);
		serve(w);
	}
}

static void *worker_main(void *ctx)
{
	struct worker *w = ctx;

	while (!w->quit) {
		struct pollfd fds[2] = {
			{.fd = w->wake.fd, .events = POLLIN},
			{.fd = w->monitor_fd, .events = POLLIN},
		};
		bool blind;

		rescan_if_due(w);
		blind = interrupt_poll(fds, 2, -1) < 0;
		if (fds[1].revents)
			w->rescan = port_monitor_take(w->monitor_fd);
		if (fds[0].revents || blind) {	/* a job that cannot wait either says so */
			interrupt_take(&w->wake);
			serve_all(w);
		}
	}
	return NULL;
}

/* A thread with the signals blocked that its starter has blocked, which are the front
 * end's; those of a crash are not, or it would end the program before it can be told. */
static int start_thread(pthread_t *thread, void *(*run)(void *), void *ctx,
			struct err *e)
{
	pthread_attr_t attr;
	int r;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	r = pthread_create(thread, &attr, run, ctx);
	pthread_attr_destroy(&attr);
	return r ? err_fail_sys(e, MSG_NO_THREAD, r, "") : 0;
}

static void worker_free(struct worker *w)
{
	port_free(w->port);
	interrupt_close(&w->wake);
	if (w->event_fd >= 0)
		close(w->event_fd);
	if (w->monitor_fd >= 0)
		close(w->monitor_fd);
	ring_free(&w->lines);
	ring_free(&w->states);
	pthread_mutex_destroy(&w->lock);
	for (size_t i = 0; i < REQUESTS; i++)
		wipe(&w->requests[i]);
	wipe(&w->taken);
	wipe(&w->look);
	free(w);
}

static int worker_init(struct worker *w, const struct worker_config *config,
		       struct err *e)
{
	struct err unwatched;

	w->event_fd = w->monitor_fd = w->wake.fd = -1;
	pthread_mutex_init(&w->lock, NULL);
	w->start_ms = clock_now_ms(clock_monotonic());
	w->roots = config->roots;
	w->libraries = config->libraries;
	w->group = config->group;
	w->package = config->package;
	w->audience = config->audience;
	w->language = uselocale((locale_t)0);
	if (config->record) {
		if ((size_t)snprintf(w->record_path, sizeof(w->record_path), "%s", config->record) >= sizeof(w->record_path))
			return err_fail(e, MSG_RECORD_PATH_LONG, "");
		w->record = w->record_path;
	}
	if (ring_init(&w->lines, LINES) < 0 || ring_init(&w->states, STATES) < 0)
		return err_fail(e, MSG_NO_MEMORY, "what=%s", "queues");
	w->event_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (w->event_fd < 0)
		return err_fail_sys(e, MSG_NO_DESCRIPTOR, errno, "");
	if (interrupt_init(&w->wake, e) < 0)
		return -1;
	w->wake.ctx = w;
	w->port = port_new(clock_monotonic(), &w->wake, config->roots, e);
	if (!w->port)
		return -1;
	if (config->watch_ports)
		w->monitor_fd = port_monitor_open(config->roots, &unwatched);
	return 0;
}

struct worker *worker_start(const struct worker_config *config, struct err *e)
{
	struct worker *w = calloc(1, sizeof(*w));

	if (!w) {
		err_fail(e, MSG_NO_MEMORY, "what=%s", "worker");
		return NULL;
	}
	if (worker_init(w, config, e) < 0 ||
	    start_thread(&w->thread, worker_main, w, e) < 0) {
		worker_free(w);
		return NULL;
	}
	return w;
}

void worker_stop(struct worker *w)
{
	const struct request quit = {.type = REQUEST_QUIT};
	struct err e;

	if (!w)
		return;
	/* a full queue: the worker is woken all the same and makes room */
	while (worker_request(w, &quit, &e) < 0)
		interrupt_raise(&w->wake);
	pthread_join(w->thread, NULL);
	worker_free(w);
}

struct background {
	pthread_t thread;
	void (*run)(void *ctx);
	void *ctx;
};

static void *background_main(void *ctx)
{
	struct background *b = ctx;

	b->run(b->ctx);
	return NULL;
}

struct background *background_start(void (*run)(void *ctx), void *ctx,
				    struct err *e)
{
	struct background *b = calloc(1, sizeof(*b));

	if (!b) {
		err_fail(e, MSG_NO_MEMORY, "what=%s", "thread");
		return NULL;
	}
	b->run = run;
	b->ctx = ctx;
	if (start_thread(&b->thread, background_main, b, e) < 0) {
		free(b);
		return NULL;
	}
	return b;
}

void background_join(struct background *b)
{
	pthread_join(b->thread, NULL);
	free(b);
}

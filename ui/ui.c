#include "config.h"

#include "ui/ui.h"

#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "base/job_control.h"
#include "base/text.h"
#include "base/words.h"
#include "record/store.h"
#include "ui/draw/draw.h"
#include "ui/model/memory.h"
#include "ui/ui_fleet.h"
#include "ui/ui_keys.h"
#include "ui/ui_mouse.h"
#include "ui/ui_pages.h"
#include "ui/ui_state.h"

#define DRAW_MS 250		/* four drawings a second for what events change */
#define DRAW_SLOW_MS 1000	/* one on a slow line */
#define DRAW_BUSY_MS 1500	/* ... where more lines come than are drawn */
#define BACKGROUND_MS 500	/* so often it is asked whose the terminal is */
#define CLOCK_MS 1000		/* "last byte N s ago" */
#define STORE_MS 2000		/* records that other programs write are looked at so often */
#define EVENTS_A_STEP 256	/* then the keys have their turn */
#define KEYS_A_STEP 256

/* -- drawing -- */

/* A terminal that has not taken the last drawing gets no new one. */
static bool takes_output(const struct ui *u)
{
	struct pollfd p = { fileno(u->out), POLLOUT, 0 };

	return poll(&p, 1, 0) > 0;
}

static int draw_interval(const struct ui *u)
{
	if (!screen_slow(u->screen))
		return DRAW_MS;
	return u->view.log_view.slow && u->view.log_view.skipped ? DRAW_BUSY_MS : DRAW_SLOW_MS;
}

/* Does what is shown change by itself, second by second? */
static bool time_runs(const struct ui *u)
{
	const struct replay_view *r = &u->view.replay;

	if (u->view.fleet.on)
		return ui_fleet_runs(u);
	return r->on ? r->playing || (r->live && u->view.job.running) : u->view.job.running;
}

static bool draw_is_due(const struct ui *u)
{
	if (!u->screen || u->background)
		return false;
	return u->draw_now || (u->draw_soon && ui_now_ms(u) - u->drawn_ms >= draw_interval(u));
}

static void draw_if_due(struct ui *u)
{
	int64_t now_ms = ui_now_ms(u);

	if (!u->screen || u->background)
		return;
	if (u->worker)
		u->view.now_ms = now_ms;
	if (time_runs(u) && now_ms - u->drawn_ms >= CLOCK_MS)
		u->draw_soon = true;
	if (!draw_is_due(u) || !takes_output(u))
		return;
	if (u->replay)
		ui_pages_follow(u);
	ui_fleet_show(u);
	screen_mouse(u->screen, !u->no_mouse && !u->view.fleet.on && ui_mouse_serves(u->view.mode));
	view_log_advance(&u->view, screen_slow(u->screen));
	draw_view(u->screen, &u->view);
	u->draw_now = u->draw_soon = false;
	u->drawn_ms = now_ms;
}

/* -- the loop -- */

/* In preflight nothing was touched: leave. Later the module needs its watcher,
 * who goes on without a screen. */
static void lose_terminal(struct ui *u)
{
	struct view *v = &u->view;
	bool goes_on = !u->replay && v->job.running && view_phase(v) != PHASE_PREFLIGHT;

	if (u->fleet) {
		screen_close(u->screen);
		u->screen = NULL;
		u->leave = !ui_fleet_lost(u);
		return;
	}
	if (goes_on && u->screen)
		ui_request(u, REQUEST_LOST);
	screen_close(u->screen);
	u->screen = NULL;
	v->leaving = true;
	u->leave = u->replay != NULL;
	if (u->leave || goes_on)
		return;
	if (v->busy || v->job.running)
		ui_request(u, REQUEST_CANCEL);
	u->interrupted = v->job.running;
	u->leave = true;
}

static void be_signalled(struct ui *u)
{
	if (u->fleet) {
		u->leave = !ui_fleet_signalled(u);
		u->draw_now = true;
		return;
	}
	if (u->replay || !u->view.job.running) {
		u->leave = true;
		return;
	}
	view_say(&u->view, false, u->signalled ? N_("detaching") : N_("a signal: cancelling; one more detaches"));
	ui_request(u, u->signalled ? REQUEST_DETACH : REQUEST_CANCEL);
	u->signalled = true;
	u->view.leaving = true;
	u->draw_now = true;
}

/* SIGCONT, or the shell has given the terminal back. */
static void go_on(struct ui *u)
{
	u->background = job_in_background(fileno(u->in));
	if (u->background || !u->screen)
		return;
	screen_resume(u->screen);
	u->draw_now = true;
}

/* While a module is at stake nobody stops us: from transfer to verify. */
static void be_stopped(struct ui *u)
{
	if (u->fleet ? ui_fleet_at_stake(u) : u->view.job.running && view_phase(&u->view) != PHASE_PREFLIGHT) {
		view_say(&u->view, false, "not stopped: the upgrade needs this program");
		u->draw_now = true;
		return;
	}
	if (u->screen)
		screen_suspend(u->screen);
	job_stop();
	go_on(u);
}

static void take_signals(struct ui *u)
{
	struct signalfd_siginfo info;

	if (read(u->signal_fd, &info, sizeof(info)) != sizeof(info))
		return;
	switch (info.ssi_signo) {
	case SIGWINCH:
		if (u->screen)
			screen_measure(u->screen);
		u->draw_now = true;
		break;
	case SIGTSTP:
		be_stopped(u);
		break;
	case SIGCONT:
		go_on(u);
		break;
	case SIGHUP:
		lose_terminal(u);
		break;
	default:
		be_signalled(u);
		break;
	}
}

static void look_if_busy(struct ui *u)
{
	bool busy = worker_busy(u->worker);

	if (u->view.busy != busy)
		u->draw_now = true;
	u->view.busy = busy;
}

static void take_keys(struct ui *u)
{
	struct key keys[KEYS_A_STEP];
	int count = screen_keys(u->screen, ui_now_ms(u), keys, KEYS_A_STEP);

	if (count < 0) {
		lose_terminal(u);
		return;
	}
	if (u->worker) {
		look_if_busy(u);
		u->view.now_ms = ui_now_ms(u);
	}
	ui_take_keys(u, keys, count);
	explicit_bzero(keys, sizeof(keys));	/* a password may be among them */
	u->draw_now |= count > 0;
}

/* The rest of a key did not come. */
static bool keys_are_due(const struct ui *u)
{
	int64_t due_ms = u->screen && !u->background ? screen_keys_due_ms(u->screen) : -1;

	return due_ms >= 0 && ui_now_ms(u) >= due_ms;
}

/* What comes in masses waits for the next drawing; the rest is shown at once. */
static bool is_mass(enum event_type type)
{
	return type == EVENT_LINE || type == EVENT_PROGRESS || type == EVENT_NOTICE;
}

static void take_events(struct ui *u)
{
	struct outlook outlook;
	struct event ev;
	int i;

	u->view.now_ms = ui_now_ms(u);
	for (i = 0; i < EVENTS_A_STEP && worker_next_event(u->worker, &ev); i++) {
		view_event(&u->view, &ev);
		if (is_mass(ev.type))
			u->draw_soon = true;
		else
			u->draw_now = true;
		if (ev.type == EVENT_IDENTITY && !u->view.demo && u->view.mode == MODE_PANES)
			memory_recall(u->view.histories, u->view.identity.model);
		if (ev.type == EVENT_RESULT)
			ui_pages_result(u);
		if (ev.type == EVENT_RESULT && u->view.leaving)
			u->leave = true;
	}
	if (worker_outlook(u->worker, &outlook)) {
		view_outlook(&u->view, &outlook);
		u->draw_now = true;
	}
	look_if_busy(u);
}

static int64_t sooner(int64_t a, int64_t b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

/* When the record goes on; what could not be drawn yet can wait. */
static int64_t replay_wakes_ms(const struct ui *u)
{
	int64_t due = replay_due_ms(u->replay), draw = u->drawn_ms + draw_interval(u);

	return due > 0 && due < draw && u->view.replay.playing ? draw : due;
}

/* When something is to be drawn. */
static int64_t draw_wakes_ms(const struct ui *u)
{
	int64_t due = -1;

	if (u->draw_soon)
		due = u->drawn_ms + draw_interval(u);
	else if (time_runs(u))
		due = u->drawn_ms + CLOCK_MS;
	return u->replay ? sooner(due, replay_wakes_ms(u)) : due;
}

/* How long nothing has to be done; -1: until something happens. BLOCKED: what is to
 * be drawn waits for the terminal. */
static int wait_ms(const struct ui *u, bool blocked)
{
	int64_t due;

	if (!u->screen)
		return -1;
	if (u->background)	/* no signal comes with the terminal */
		return BACKGROUND_MS;
	due = sooner(screen_keys_due_ms(u->screen), blocked ? -1 : draw_wakes_ms(u));
	if (u->worker && !u->fleet)
		due = sooner(due, u->store_ms);
	if (due < 0)
		return -1;
	due -= ui_now_ms(u);
	return due < 0 ? 0 : due > INT_MAX ? INT_MAX : (int)due;
}

static void set_freeze(struct ui *u)
{
	bool typing = u->view.mode == MODE_EDIT || u->view.mode == MODE_PROMPT || u->view.mode == MODE_REPORT;
	bool freeze = u->screen && screen_slow(u->screen) && typing;

	if (freeze != u->view.log_view.frozen)
		view_log_freeze(&u->view, freeze);
}

/* Other programs write records. Of ours nothing is to be learnt so, nor while one is followed. */
static void look_at_store(struct ui *u, bool changed)
{
	int64_t now_ms = ui_now_ms(u);

	if (changed)
		u->store_ms = now_ms + STORE_MS;
	if (!u->worker || u->fleet || u->store_ms < 0 || now_ms < u->store_ms)
		return;
	u->store_ms = -1;
	store_changed(u->store_fd);
	if (!u->view.job.running)
		ui_pages_look_again(u);
}

bool ui_step(struct ui *u)
{
	bool due = draw_is_due(u);
	struct pollfd fds[5 + UI_FLEET_FDS] = {
		{ u->screen && !u->background ? fileno(u->in) : -1, POLLIN, 0 },
		{ u->worker && !u->fleet ? worker_event_fd(u->worker) : -1, POLLIN, 0 },
		{ u->signal_fd, POLLIN, 0 },
		/* something is to be drawn, and the terminal did not take it */
		{ due ? fileno(u->out) : -1, POLLOUT, 0 },
		{ u->worker && !u->fleet && u->store_ms < 0 ? u->store_fd : -1, POLLIN, 0 },
	};

	if (interrupt_poll(fds, 5 + ui_fleet_poll(u, fds + 5), wait_ms(u, due)) < 0) {
		u->leave = true;
		return false;
	}
	if (u->replay && replay_tick(u->replay, ui_now_ms(u)))
		u->draw_soon = true;
	if (u->background && !job_in_background(fileno(u->in)))
		go_on(u);
	if (u->screen && (fds[0].revents & POLLIN || keys_are_due(u)))
		take_keys(u);
	else if (fds[0].revents && u->screen)
		lose_terminal(u);
	if (fds[1].revents && u->worker)
		take_events(u);
	ui_fleet_step(u);
	look_at_store(u, fds[4].revents != 0);
	if (fds[2].revents)	/* after the events: what a signal does depends on the step */
		take_signals(u);
	set_freeze(u);
	ui_look_ahead(u);
	if (!u->leave)
		draw_if_due(u);
	return !u->leave;
}

int ui_possible(struct err *e)
{
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return err_fail(e, MSG_SCREEN_NEEDS_TERMINAL, "");
	return screen_possible(e);
}

static void free_ui(struct ui *u)
{
	if (u->store_fd >= 0)
		close(u->store_fd);
	screen_close(u->screen);
	u->screen = NULL;
	ui_pages_watched(u);
	ui_fleet_free(u);
	replay_free(u->replay);
	view_free(&u->view);
	free(u);
}

/* What both kinds have; PLAN is shown. */
static struct ui *make_ui(const struct plan *plan, const struct ui_config *config, FILE *out, FILE *in,
			  struct err *e)
{
	struct ui *u = calloc(1, sizeof(*u));

	if (!u || view_init(&u->view, plan) < 0) {
		err_fail(e, MSG_SCREEN_NO_MEMORY, "");
		free(u);
		return NULL;
	}
	u->clock = config->clock ? config->clock : clock_monotonic();
	u->out = out;
	u->in = in;
	u->signal_fd = config->signal_fd;
	u->store_fd = -1;
	u->store_ms = -1;
	u->view.demo = config->demo;
	u->no_mouse = config->no_mouse;
	u->new_worker = config->new_worker;
	u->new_worker_ctx = config->new_worker_ctx;
	u->at_once = config->at_once;
	u->stop_after = config->stop_after;
	return u;
}

/* Draw it for the first time. */
static struct ui *begin_ui(struct ui *u, const struct ui_config *config, struct err *e)
{
	const char *no_color = getenv("NO_COLOR");
	struct screen_config looks = { config->ascii, config->mono || (no_color && *no_color) };

	u->screen = screen_open(u->out, u->in, &looks, e);
	if (!u->screen) {
		free_ui(u);
		return NULL;
	}
	u->draw_now = true;
	draw_if_due(u);
	return u;
}

struct ui *ui_open(struct worker *w, const struct ui_config *config, FILE *out, FILE *in, struct err *e)
{
	struct ui *u = make_ui(&config->plan, config, out, in, e);

	if (!u)
		return NULL;
	u->worker = w;
	if (!config->demo)
		memory_recall(u->view.histories, "");
	u->store_fd = config->demo ? -1 : store_watch();
	ui_pages_unfinished(u, config->open, config->open_count);
	if (config->unseen)
		ui_pages_unseen(u, config->unseen, config->unseen_record ? config->unseen_record : "");
	if (config->plan_count && ui_fleet_begin(u, config->plans, config->plan_count, e) < 0) {
		free_ui(u);
		return NULL;
	}
	return begin_ui(u, config, e);
}

struct ui *ui_open_replay(struct record *r, const struct ui_config *config, FILE *out, FILE *in, struct err *e)
{
	struct ui *u = make_ui(&record_start(r)->plan, config, out, in, e);

	if (!u)
		return NULL;
	u->record = r;
	snprintf(u->view.record, sizeof(u->view.record), "%s", record_path(r));
	u->replay = replay_new(r, &u->view, ui_now_ms(u));
	if (!u->replay) {
		err_fail(e, MSG_SCREEN_NO_MEMORY, "");
		free_ui(u);
		return NULL;
	}
	return begin_ui(u, config, e);
}

/* The next step on the command line, as the record has it: that of the screen
 * names keys. */
static void say_advice(FILE *out, const char *path)
{
	struct event ev;
	struct err unreadable;
	struct record *r = record_open(path, &unreadable);
	uint64_t at;

	if (r && record_find(r, record_count(r), true, 1U << EVENT_RESULT, false, &at) &&
	    record_event(r, at, &ev) && ev.result.advice[0])
		text_print(out, "dfota: %s", ev.result.advice);
	record_free(r);
}

/* What the screen showed last, for the shell's scroll-back. */
static void say_result(FILE *out, const struct result *r)
{
	char words[TEXT_SIZE];

	text_print(out, "dfota: %s: %s", outcome_info(r->outcome)->name,
		message_text(&r->what, FOR_CONSOLE, words, sizeof(words)));
	if (r->record[0]) {
		say_advice(out, r->record);
		text_print(out, _("dfota: the record is %s"), r->record);
	}
	fflush(out);
}

int ui_close(struct ui *u)
{
	bool has_result = u->view.has_result && !u->view.unseen && !u->replay;
	int status = u->interrupted ? err_info(ERR_CANCELLED)->exit_status : 0;

	if (has_result)
		status = u->view.result.exit_status;
	if (u->fleet) {
		screen_close(u->screen);
		u->screen = NULL;
		status = ui_fleet_end(u);
	}
	if (u->screen) {
		screen_close(u->screen);
		u->screen = NULL;
		if (has_result)
			say_result(u->out, &u->view.result);
	}
	free_ui(u);
	return status;
}

static int run_ui(struct ui *u)
{
	if (!u)
		return -1;
	while (ui_step(u))
		;
	return ui_close(u);
}

int ui_run(struct worker *w, const struct ui_config *config, struct err *e)
{
	struct ui *u = ui_open(w, config, stdout, stdin, e);

	if (u)
		ui_request(u, REQUEST_RESCAN);	/* it reads the files of each process: the screen is painted first */
	return run_ui(u);
}

int ui_replay(struct record *r, const struct ui_config *config, struct err *e)
{
	return run_ui(ui_open_replay(r, config, stdout, stdin, e));
}

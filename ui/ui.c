#include "config.h"

#include "ui.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dialog.h"
#include "draw.h"
#include "keys.h"
#include "pane.h"
#include "pane_browser.h"
#include "recent.h"
#include "screen.h"
#include "text.h"
#include "view.h"

#define DRAW_MS 250		/* four drawings a second for what events change */
#define DRAW_SLOW_MS 1000	/* one on a slow line */
#define CLOCK_MS 1000		/* "last byte N s ago" */
#define EVENTS_A_STEP 256	/* then the keys have their turn */
#define KEYS_A_STEP 256

struct ui {
	struct worker *worker;
	struct screen *screen;	/* NULL: the terminal is gone */
	FILE *out, *in;
	int signal_fd;
	struct view view;
	bool draw_now, draw_soon;
	bool leave;
	bool signalled;		/* a second signal detaches */
	bool interrupted;	/* left before the result was in */
	int64_t drawn_ms;
};

/* -- requests -- */

static void send_request(struct ui *u, struct request *r)
{
	struct err e;

	if (worker_request(u->worker, r, &e) < 0)
		view_say(&u->view, true, "%s", e.text);
	explicit_bzero(r, sizeof(*r));
	u->view.busy = worker_busy(u->worker);
}

static void send_type(struct ui *u, enum request_type type)
{
	struct request r = { .type = type };

	send_request(u, &r);
}

static void send_answer(struct ui *u, bool yes)
{
	struct request r = { .type = REQUEST_ANSWER, .yes = yes };

	send_request(u, &r);
}

static void send_command(struct ui *u, const char *text)
{
	struct request r = { .type = REQUEST_AT };

	memcpy(r.plan.port, u->view.plan.port, sizeof(r.plan.port));
	r.plan.baud = u->view.plan.baud;
	memcpy(r.text, text, strnlen(text, sizeof(r.text) - 1));
	send_request(u, &r);
}

static void run_job(struct ui *u, enum job job)
{
	struct request r = { .type = REQUEST_RUN };
	struct err e;

	view_make_plan(&u->view, job, &r.plan);
	if (worker_request(u->worker, &r, &e) < 0)
		view_say(&u->view, true, "%s", e.text);
	else
		view_begin_job(&u->view, job);
	/* the package of the demo is gone with it */
	if (u->view.job.running && r.plan.file[0] && !u->view.demo)
		recent_add(r.plan.file);
	explicit_bzero(&r, sizeof(r));
}

/* -- what the keys do -- */

static void look_at_file(struct view *v)
{
	struct stat st;

	v->file_size = 0;
	v->file_problem[0] = '\0';
	if (v->source != SOURCE_FILE || !v->plan.file[0])
		return;
	if (stat(v->plan.file, &st) < 0)
		snprintf(v->file_problem, sizeof(v->file_problem), "file: %s", strerror(errno));
	else if (!S_ISREG(st.st_mode))
		snprintf(v->file_problem, sizeof(v->file_problem), "this is no regular file");
	else
		v->file_size = (uint64_t)st.st_size;
}

/* Some fields begin with text: PREFILL. A whole value typed or pasted behind
 * it, which shows by its own BEGIN or as tcp:, replaces it. */
static const char *behind_prefill(const char *text, const char *prefill, const char *begin)
{
	const char *rest = text + strlen(prefill);

	if (strncasecmp(text, prefill, strlen(prefill)) != 0)
		return text;
	return !strncasecmp(rest, begin, strlen(begin)) || !strncmp(rest, "tcp:", 4) ? rest : text;
}

static void begin_prompt(struct view *v, enum prompt prompt, const char *text)
{
	const struct prompt_info *info = view_prompt(prompt);

	v->mode = MODE_PROMPT;
	v->prompt = prompt;
	field_begin(&v->field, text, info->room);
	v->field.file = info->file;
	field_use_history(&v->field, &v->histories[info->history]);
}

static void write_lines(struct view *v, FILE *f)
{
	uint64_t position, end = log_shown_end(v->log);
	char text[TEXT_SIZE + 32];
	struct log_line line;
	int from;

	for (position = log_shown_first(v->log); position < end; position++) {
		log_get(v->log, log_shown(v->log, position), &line);
		for (from = 0; log_line_text(&line, v->log_view.hex, from, text, sizeof(text)); from += 16) {
			fprintf(f, "%s\n", text);
			if (!v->log_view.hex || line.kind == LOG_NOTE || line.kind == LOG_WARNING)
				break;
		}
	}
}

/* A file that exists is not overwritten, nor is a link followed. */
static void write_log(struct view *v, const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
	uint64_t count = log_shown_end(v->log) - log_shown_first(v->log);
	char number[28];
	bool failed;

	if (!f) {
		view_say(v, true, errno == EEXIST ? "%s exists: give another name" : "writing %s: %s",
			 path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return;
	}
	write_lines(v, f);
	failed = ferror(f) != 0;
	if (fclose(f) || failed)
		view_say(v, true, "writing %s: %s", path, strerror(errno));
	else
		view_say(v, false, "%s lines written to %s", text_count(number, count), path);
}

static void accept_prompt(struct ui *u)
{
	struct view *v = &u->view;
	const struct prompt_info *info = view_prompt(v->prompt);
	char text[FIELD_SIZE];

	if (info->file)
		field_expand_home(&v->field);
	memcpy(text, v->field.text, sizeof(text));
	history_add(&v->histories[info->history], text);
	v->mode = MODE_PANES;
	if (v->prompt == PROMPT_FILTER)
		view_log_filter(v, text);
	if (!text[0])
		return;
	switch (v->prompt) {
	case PROMPT_FILTER:
		break;
	case PROMPT_PORT:
		view_choose_port(v, behind_prefill(text, "/dev/", "/"));
		run_job(u, JOB_PROBE);
		break;
	case PROMPT_AT:
		send_command(u, behind_prefill(text, "AT", "AT"));
		break;
	case PROMPT_WRITE:
		write_log(v, text);
		break;
	}
}

static void prompt_key(struct ui *u, const struct key *key)
{
	struct view *v = &u->view;

	switch (field_key(&v->field, key)) {
	case FIELD_DONE:
		accept_prompt(u);
		break;
	case FIELD_LEFT:
		v->mode = MODE_PANES;
		break;
	case FIELD_GOES_ON:
	case FIELD_NEXT:
		break;
	}
}

static void edit_key(struct ui *u, const struct key *key)
{
	struct view *v = &u->view;
	enum field_result result = field_key(&v->field, key);

	if (result == FIELD_LEFT) {
		field_wipe(&v->field);
		v->mode = MODE_PANES;
	}
	if (result != FIELD_DONE && result != FIELD_NEXT)
		return;
	if (source_accept(v) == 0 && result == FIELD_NEXT && source_next(v))
		source_edit(v);
	look_at_file(v);
}

static void make_wish_true(struct ui *u, enum wish wish)
{
	struct view *v = &u->view;
	struct port_row row;

	switch (wish) {
	case WISH_NOTHING:
		break;
	case WISH_IDENTIFY:
		view_port_row(v, view_port_cursor(v), &row);
		view_choose_port(v, row.path);
		run_job(u, JOB_PROBE);
		break;
	case WISH_TYPE_PORT:
		begin_prompt(v, PROMPT_PORT, "/dev/");
		break;
	case WISH_EDIT:
		source_edit(v);
		break;
	case WISH_RESULT:
		v->mode = MODE_RESULT;
		v->scroll = 0;
		break;
	}
}

/* What costs nothing is cancelled at once; else it is said what would happen. */
static void cancel(struct ui *u)
{
	struct view *v = &u->view;

	if (v->job.running && v->job.step_known && v->job.cancel != CANCEL_FREE) {
		dialog_confirm(v, false);
		return;
	}
	send_type(u, REQUEST_CANCEL);
	view_say(v, false, "cancelling");
}

static void quit(struct ui *u)
{
	if (u->view.job.running)
		dialog_confirm(&u->view, true);
	else
		u->leave = true;
}

static void find(struct view *v, bool error, bool back)
{
	v->focus = PANE_LOG;
	if (!view_log_find(v, error, back))
		view_say(v, false, error ? "no error in the log" : "no line holds that text");
}

static void log_action(struct view *v, enum action action)
{
	switch ((int)action) {
	case ACTION_NEXT_HIT:
		find(v, false, false);
		break;
	case ACTION_PREVIOUS_HIT:
		find(v, false, true);
		break;
	case ACTION_NEXT_ERROR:
		find(v, true, false);
		break;
	case ACTION_URC:
		view_log_urc_only(v, !v->log_view.urc_only);
		break;
	case ACTION_HEX:
		v->log_view.hex = !v->log_view.hex;
		v->log_view.left = 0;
		break;
	case ACTION_HOLD:
		view_log_hold(v, v->log_view.follow);
		break;
	default:
		break;
	}
}

static void do_action(struct ui *u, enum action action, const struct key *key)
{
	struct view *v = &u->view;

	switch (action) {
	case ACTION_NEXT_PANE:
		v->focus = (enum pane_id)((v->focus + 1) % PANE_COUNT);
		break;
	case ACTION_PREVIOUS_PANE:
		v->focus = (enum pane_id)((v->focus + PANE_COUNT - 1) % PANE_COUNT);
		break;
	case ACTION_PANE:
		v->focus = (enum pane_id)(key->code - '1');
		break;
	case ACTION_UP:
	case ACTION_DOWN:
	case ACTION_LEFT:
	case ACTION_RIGHT:
	case ACTION_PAGE_UP:
	case ACTION_PAGE_DOWN:
	case ACTION_FIRST:
	case ACTION_LAST:
	case ACTION_CHOOSE:
		make_wish_true(u, pane_of(v->focus)->act(v, action));
		look_at_file(v);
		break;
	case ACTION_BROWSE:
		browse_begin(v);
		break;
	case ACTION_START:
		run_job(u, JOB_UPGRADE);
		break;
	case ACTION_CANCEL:
		cancel(u);
		break;
	case ACTION_RESCAN:
		send_type(u, REQUEST_RESCAN);
		break;
	case ACTION_AT:
		begin_prompt(v, PROMPT_AT, "AT");
		break;
	case ACTION_FILTER:
		v->focus = PANE_LOG;
		begin_prompt(v, PROMPT_FILTER, v->log_view.text);
		break;
	case ACTION_NEXT_HIT:
	case ACTION_PREVIOUS_HIT:
	case ACTION_NEXT_ERROR:
	case ACTION_URC:
	case ACTION_HEX:
	case ACTION_HOLD:
		log_action(v, action);
		break;
	case ACTION_WRITE:
		begin_prompt(v, PROMPT_WRITE, "");
		break;
	case ACTION_HELP:
		v->mode = MODE_HELP;
		v->scroll = 0;
		break;
	case ACTION_REDRAW:
		screen_measure(u->screen);
		break;
	case ACTION_QUIT:
		quit(u);
		break;
	case ACTION_COUNT:
		break;
	}
}

static void pane_key(struct ui *u, const struct key *key)
{
	struct view *v = &u->view;
	enum action action = action_of_key(key->code);
	const char *refusal;

	v->message[0] = '\0';
	if (action == ACTION_COUNT || (action_info(action)->risky && key->pasted))
		return;
	refusal = view_refusal(v, action);
	/* A refused cancel explains itself and offers to detach. */
	if (refusal && !(action == ACTION_CANCEL && v->job.running)) {
		if (*refusal)
			view_say(v, true, "not now: %s", refusal);
		return;
	}
	do_action(u, action, key);
}

static void page_key(struct ui *u, const struct key *key)
{
	struct view *v = &u->view;
	enum mode mode = v->mode;
	enum verdict verdict;
	bool detach = v->confirm_cancel == CANCEL_DETACH || v->confirm_cancel == CANCEL_REFUSED;

	if (key->code == K_CTRL_L) {
		screen_measure(u->screen);
		return;
	}
	verdict = dialog_key(v, key);
	if (verdict == VERDICT_NONE)
		return;
	v->mode = MODE_PANES;
	if (mode == MODE_QUESTION)
		send_answer(u, verdict == VERDICT_YES);
	if (mode == MODE_CONFIRM && verdict == VERDICT_YES) {
		v->leaving = v->confirm_leave;
		send_type(u, detach ? REQUEST_DETACH : REQUEST_CANCEL);
		view_say(v, false, "%s", detach ? "detaching" : "cancelling");
	}
}

static void take_key(struct ui *u, const struct key *key)
{
	switch (u->view.mode) {
	case MODE_PANES:
		pane_key(u, key);
		break;
	case MODE_EDIT:
		u->view.message[0] = '\0';
		edit_key(u, key);
		break;
	case MODE_PROMPT:
		prompt_key(u, key);
		break;
	case MODE_BROWSE:
		browse_key(&u->view, key);
		look_at_file(&u->view);
		break;
	case MODE_QUESTION:
	case MODE_CONFIRM:
	case MODE_RESULT:
	case MODE_HELP:
		page_key(u, key);
		break;
	}
}

/* -- drawing -- */

/* A terminal that has not taken the last drawing gets no new one. */
static bool takes_output(const struct ui *u)
{
	struct pollfd p = { fileno(u->out), POLLOUT, 0 };

	return poll(&p, 1, 0) > 0;
}

static int draw_interval(const struct ui *u)
{
	return screen_slow(u->screen) ? DRAW_SLOW_MS : DRAW_MS;
}

static void draw_if_due(struct ui *u)
{
	int64_t since;

	if (!u->screen)
		return;
	u->view.now_ms = worker_now_ms(u->worker);
	since = u->view.now_ms - u->drawn_ms;
	if (u->view.job.running && since >= CLOCK_MS)
		u->draw_soon = true;
	if ((!u->draw_now && (!u->draw_soon || since < draw_interval(u))) || !takes_output(u))
		return;
	draw_view(u->screen, &u->view);
	u->draw_now = u->draw_soon = false;
	u->drawn_ms = u->view.now_ms;
}

/* -- the loop -- */

/* In preflight nothing was touched: leave. Later the module needs its watcher,
 * who goes on without a screen. */
static void lose_terminal(struct ui *u)
{
	struct view *v = &u->view;

	screen_close(u->screen);
	u->screen = NULL;
	v->leaving = true;
	if (v->job.running && view_phase(v) != PHASE_PREFLIGHT)
		return;
	if (v->busy || v->job.running)
		send_type(u, REQUEST_CANCEL);
	u->interrupted = v->job.running;
	u->leave = true;
}

static void be_signalled(struct ui *u)
{
	if (!u->view.job.running) {
		u->leave = true;
		return;
	}
	view_say(&u->view, false, u->signalled ? "detaching" : "a signal: cancelling; one more detaches");
	send_type(u, u->signalled ? REQUEST_DETACH : REQUEST_CANCEL);
	u->signalled = true;
	u->view.leaving = true;
	u->draw_now = true;
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
	int i, count = screen_keys(u->screen, keys, KEYS_A_STEP);

	if (count < 0) {
		lose_terminal(u);
		return;
	}
	look_if_busy(u);
	u->view.now_ms = worker_now_ms(u->worker);
	for (i = 0; i < count && !u->leave; i++)
		take_key(u, &keys[i]);
	explicit_bzero(keys, sizeof(keys));	/* a password may be among them */
	u->draw_now = true;
}

/* What comes in masses waits for the next drawing; the rest is shown at once. */
static bool is_mass(enum event_type type)
{
	return type == EVENT_LINE || type == EVENT_PROGRESS || type == EVENT_NOTICE;
}

static void take_events(struct ui *u)
{
	struct event ev;
	int i;

	u->view.now_ms = worker_now_ms(u->worker);
	for (i = 0; i < EVENTS_A_STEP && worker_next_event(u->worker, &ev); i++) {
		view_event(&u->view, &ev);
		if (is_mass(ev.type))
			u->draw_soon = true;
		else
			u->draw_now = true;
		if (ev.type == EVENT_RESULT && u->view.leaving)
			u->leave = true;
	}
	look_if_busy(u);
}

/* How long nothing has to be drawn; -1: until something happens. */
static int wait_ms(const struct ui *u)
{
	int64_t due = -1;

	if (!u->screen)
		return -1;
	if (u->draw_soon)
		due = u->drawn_ms + draw_interval(u);
	else if (u->view.job.running)
		due = u->drawn_ms + CLOCK_MS;
	if (due < 0)
		return -1;
	due -= worker_now_ms(u->worker);
	return due < 0 ? 0 : (int)due;
}

static void set_freeze(struct ui *u)
{
	bool typing = u->view.mode == MODE_EDIT || u->view.mode == MODE_PROMPT;
	bool freeze = u->screen && screen_slow(u->screen) && typing;

	if (freeze != u->view.log_view.frozen)
		view_log_freeze(&u->view, freeze);
}

bool ui_step(struct ui *u)
{
	struct pollfd fds[] = {
		{ u->screen ? fileno(u->in) : -1, POLLIN, 0 },
		{ worker_event_fd(u->worker), POLLIN, 0 },
		{ u->signal_fd, POLLIN, 0 },
		/* something is to be drawn, and the terminal did not take it */
		{ u->screen && u->draw_now ? fileno(u->out) : -1, POLLOUT, 0 },
	};

	if (poll(fds, sizeof(fds) / sizeof(fds[0]), u->draw_now ? -1 : wait_ms(u)) < 0 && errno != EINTR) {
		u->leave = true;
		return false;
	}
	if (fds[2].revents)
		take_signals(u);
	if (fds[0].revents & POLLIN && u->screen)
		take_keys(u);
	else if (fds[0].revents && u->screen)
		lose_terminal(u);
	if (fds[1].revents)
		take_events(u);
	set_freeze(u);
	if (!u->leave)
		draw_if_due(u);
	return !u->leave;
}

int ui_possible(struct err *e)
{
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return err_set(e, ERR_USAGE, "the screen needs a terminal on input and output: use `dfota run`");
	return screen_possible(e);
}

struct ui *ui_open(struct worker *w, const struct ui_config *config, FILE *out, FILE *in, struct err *e)
{
	const char *no_color = getenv("NO_COLOR");
	struct screen_config looks = { config->ascii, config->mono || (no_color && *no_color) };
	struct ui *u = calloc(1, sizeof(*u));

	if (!u || view_init(&u->view, &config->plan) < 0) {
		err_set(e, ERR_CRASH, "no memory for the screen");
		free(u);
		return NULL;
	}
	u->worker = w;
	u->out = out;
	u->in = in;
	u->signal_fd = config->signal_fd;
	u->view.demo = config->demo;
	look_at_file(&u->view);
	u->screen = screen_open(out, in, &looks, e);
	if (!u->screen) {
		view_free(&u->view);
		free(u);
		return NULL;
	}
	u->draw_now = true;
	draw_if_due(u);
	return u;
}

/* What the screen showed last, for the shell's scroll-back. */
static void say_result(FILE *out, const struct result *r)
{
	fprintf(out, "dfota: %s: %s\n", outcome_info(r->outcome)->name, r->message);
	if (r->advice[0])
		fprintf(out, "dfota: %s\n", r->advice);
	if (r->record[0])
		fprintf(out, "dfota: the record is %s\n", r->record);
	fflush(out);
}

int ui_close(struct ui *u)
{
	int status = u->interrupted ? err_info(ERR_CANCELLED)->exit_status : 0;

	if (u->view.has_result)
		status = u->view.result.exit_status;
	if (u->screen) {
		screen_close(u->screen);
		if (u->view.has_result)
			say_result(u->out, &u->view.result);
	}
	view_free(&u->view);
	free(u);
	return status;
}

int ui_run(struct worker *w, const struct ui_config *config, struct err *e)
{
	struct ui *u = ui_open(w, config, stdout, stdin, e);

	if (!u)
		return -1;
	while (ui_step(u))
		;
	return ui_close(u);
}

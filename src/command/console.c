#include "config.h"
#include "command/console.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "base/count.h"
#include "base/interrupt.h"
#include "base/job_control.h"
#include "base/text.h"
#include "command/lines.h"
#include "record/event_json.h"

struct console {
	struct worker *w;
	struct console_config config;
	struct lines lines;
	enum step step;
	bool asking;
	unsigned signals;	/* SIGINT and SIGTERM so far */
	struct answer answer;
	bool lost;		/* nobody reads what is printed any more */
	bool done;
	int exit_status;
	struct identity *identity;	/* not NULL: only this is wanted, nothing is printed */
	enum err_code stop;
	struct message what;	/* of the result */
	struct event event;
	struct event shown;	/* the last progress, or the question */
};

static void print_json(struct console *c, const struct event *ev)
{
	if (ev->type == EVENT_LINE && !c->config.verbose)
		return;
	if (event_json_print(stdout, ev, NULL) < 0)
		fprintf(stderr, "dfota: no memory for an event\n");
	fflush(stdout);
}

/* What went wrong, and what to do about it. */
static void print_error(const struct err *e)
{
	char text[2 * TEXT_SIZE];

	text_print(stderr, "dfota: %s", message_text(&e->message, FOR_CONSOLE, text, sizeof(text)));
	if (message_next(&e->message, FOR_CONSOLE, text, sizeof(text))[0])
		text_print(stderr, "       %s", text);
}

void console_warn(const struct err *e)
{
	print_error(e);
}

static void request(struct console *c, enum request_type type, bool yes)
{
	struct request r = {.type = type, .yes = yes};
	struct err e;

	if (worker_request(c->w, &r, &e) < 0)
		print_error(&e);
}

/* The record keeps that nobody saw how it ended. */
static void be_lost(struct console *c)
{
	if (!c->lost)
		request(c, REQUEST_LOST, false);
	c->lost = true;
}

static void take_event(struct console *c, const struct event *ev)
{
	if (c->identity) {
		if (ev->type == EVENT_IDENTITY)
			*c->identity = ev->identity;
	} else if (c->config.json)
		print_json(c, ev);
	else
		lines_event(&c->lines, ev);
	if (ferror(stdout))
		be_lost(c);
	if (ev->type == EVENT_PROGRESS || ev->type == EVENT_QUESTION)
		c->shown = *ev;
	if (ev->type == EVENT_STEP)
		c->step = ev->step.step;
	if (ev->type == EVENT_QUESTION) {
		lines_question(&ev->question);
		lines_prompt(1);
		c->asking = true;
		c->answer.size = 0;
	}
	if (ev->type == EVENT_RESULT) {
		c->done = true;
		c->exit_status = ev->result.exit_status;
		c->stop = ev->result.stop;
		c->what = ev->result.what;
	}
}

/* While a module is at stake nobody stops us: from transfer to verify. */
static void be_stopped(struct console *c)
{
	if (!c->done && step_info(c->step)->phase != PHASE_PREFLIGHT)
		return;
	lines_clear(&c->lines);
	fflush(stdout);
	job_stop();
}

/* The screen shows what a shell did meanwhile. */
static void show_again(struct console *c)
{
	if (c->asking) {
		lines_question(&c->shown.question);
		lines_prompt(1);
	} else if (c->lines.terminal && c->shown.type == EVENT_PROGRESS && !c->done)
		lines_progress(&c->lines, &c->shown);
	fflush(stdout);
}

/* A signal asks as a person would: first to cancel, then to be let go. A lost
 * terminal matters only while nothing is at stake (design 4). */
static void take_signal(struct console *c)
{
	struct signalfd_siginfo info;

	if (read(c->config.signal_fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGHUP) {
		if (step_info(c->step)->phase == PHASE_PREFLIGHT)
			request(c, REQUEST_CANCEL, false);
		else
			be_lost(c);
		return;
	}
	if (info.ssi_signo == SIGTSTP)
		be_stopped(c);
	if (info.ssi_signo == SIGCONT)
		show_again(c);
	if (info.ssi_signo == SIGINT || info.ssi_signo == SIGTERM || info.ssi_signo == SIGQUIT)
		request(c, c->signals++ == 0 ? REQUEST_CANCEL : REQUEST_DETACH, false);
}

static void take_input(struct console *c)
{
	int yes = lines_answer(&c->answer);

	if (yes < 0)
		return;
	c->asking = false;
	request(c, REQUEST_ANSWER, yes > 0);
}

int console_wait(struct pollfd *fds, size_t count, struct err *e)
{
	return interrupt_poll(fds, count, -1) < 0 ? err_fail_sys(e, MSG_WAIT_FAILED, errno, "") : 0;
}

/* Until the result; -1 with E when no event can be waited for any more. */
static int loop(struct console *c, struct err *e)
{
	while (!c->done) {
		struct pollfd fds[] = {
			{.fd = worker_event_fd(c->w), .events = POLLIN},
			{.fd = c->config.signal_fd, .events = POLLIN},
			{.fd = c->asking ? STDIN_FILENO : -1, .events = POLLIN},
		};

		if (console_wait(fds, COUNT(fds), e) < 0)
			return -1;
		/* what a signal does depends on the step */
		while (!c->done && worker_next_event(c->w, &c->event))
			take_event(c, &c->event);
		if (fds[1].revents)
			take_signal(c);
		if (fds[2].revents)
			take_input(c);
	}
	return 0;
}

/* What a program reads first, on which the meaning of the rest depends. */
void console_begin(const struct plan *plan, bool json)
{
	struct event *ev = json ? calloc(1, sizeof(*ev)) : NULL;	/* too much for a small stack (faults.md E13) */

	if (!ev)
		return;
	ev->type = EVENT_BEGIN;
	ev->start.format = JSON_SCHEMA;
	ev->start.by.when_s = time(NULL);
	snprintf(ev->start.by.program, sizeof(ev->start.by.program), "%s", "dfota " PACKAGE_VERSION);
	text_safe_str(ev->start.plan.port, sizeof(ev->start.plan.port), plan->port[0] ? plan->port : plan->open.module.port);
	ev->start.plan.job = plan->job;
	event_json_print(stdout, ev, NULL);
	fflush(stdout);
	free(ev);
}

/* An error in place of a result, T_MS after the start. */
static int fail_at(const struct err *e, enum job job, bool json, int64_t t_ms)
{
	struct event ev = {.type = EVENT_RESULT, .t_ms = t_ms};

	print_error(e);
	result_stopped(&ev.result, job, e);
	if (json)
		event_json_print(stdout, &ev, NULL);
	fflush(stdout);
	return ev.result.exit_status;
}

int console_run(struct worker *w, const struct plan *plan,
	    const struct console_config *config)
{
	struct console c = {
		.w = w, .config = *config,
		.lines = {
			.out = stdout, .verbose = config->verbose, .quiet = config->quiet,
			.terminal = isatty(STDOUT_FILENO) && !config->json,
		},
		.exit_status = err_info(ERR_CRASH)->exit_status,
	};
	struct request run = {.type = REQUEST_RUN, .plan = *plan};
	struct err e;
	int r = 0;

	console_begin(plan, config->json);
	if (plan->job == JOB_UPGRADE && !plan->assume_yes && !plan->dry_run && !isatty(STDIN_FILENO)) {
		err_fail(&e, MSG_NO_TERMINAL_TO_ASK, "");
		return fail_at(&e, plan->job, config->json, 0);
	}
	r = worker_request(w, &run, &e);
	explicit_bzero(&run, sizeof(run));
	if (r < 0)
		return fail_at(&e, plan->job, config->json, 0);
	if (loop(&c, &e) < 0)
		return fail_at(&e, plan->job, config->json, c.event.t_ms);
	return c.exit_status;
}

int console_identify(struct worker *w, const struct plan *plan, int signal_fd,
		 struct identity *id, struct err *e)
{
	struct console c = {.w = w, .config = {.signal_fd = signal_fd}, .identity = id};
	struct request run = {.type = REQUEST_RUN, .plan = *plan};

	memset(id, 0, sizeof(*id));
	run.plan.job = JOB_PROBE;
	if (worker_request(w, &run, e) < 0)
		return -1;
	if (loop(&c, e) < 0)
		return -1;
	/* what it is not ready for does not matter here */
	return id->version[0] ? 0 : err_take(e, c.stop, &c.what);
}

int console_fail(const struct err *e, const struct plan *plan, bool json)
{
	if (plan)
		console_begin(plan, json);
	return fail_at(e, plan ? plan->job : JOB_UPGRADE, json, 0);
}

int console_output(int status)
{
	const int lost = err_info(ERR_OUTPUT)->exit_status;
	struct err e;

	/* more may be lost at the end than at the last write; what is said already is not said again */
	if ((fflush(stdout) | ferror(stdout)) == 0 || status == lost)
		return status;
	err_fail(&e, MSG_OUTPUT_NOT_WRITTEN, "");
	print_error(&e);
	return status == 0 || status == err_info(ERR_CANCELLED)->exit_status ? lost : status;
}

#include "config.h"

#include "command/fleet.h"

#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/count.h"
#include "base/job_control.h"
#include "base/text.h"
#include "base/turns.h"
#include "base/words.h"
#include "command/lines.h"
#include "package/package.h"
#include "protocol/profile.h"
#include "record/event_json.h"
#include "worker_group.h"

struct module {
	const struct plan *plan;
	struct worker *w;	/* NULL: not begun, or gone */
	const struct package *package;	/* borrowed; NULL: the worker opens it */
	enum step step;
	struct lines lines;
	char port[FILE_SIZE], imei[IMEI_SIZE];
	bool lost;		/* its record knows that nobody reads */
	struct question question;
	struct result result;
};

/* A package, and what its path is. */
struct opened {
	const char *path;
	struct package *package;	/* NULL: it cannot be opened, as each worker finds out */
};

struct fleet {
	struct fleet_config config;
	struct module *modules;
	size_t count;
	struct worker_group *group;
	struct opened *opened;
	size_t opened_count;
	struct turns turns;
	struct answer answer;
	unsigned signals;	/* INT, TERM and QUIT so far */
	int64_t start_ms;
	struct event event;
};

/* --- what is printed --- */

/* TEXT, which may be several lines, each with the port it is about. */
static void print_tagged(const struct module *m, char *text)
{
	char *line;

	while ((line = strsep(&text, "\n")) && (line[0] || text))
		text_print(stdout, "[%s] %s", m->port, line);
}

static void print_event(struct fleet *f, struct module *m, const struct event *ev)
{
	const struct event_source from = {m->port, m->imei};
	char *text = NULL;
	size_t size;

	if (f->config.console.json) {
		if (ev->type != EVENT_LINE || f->config.console.verbose)
			event_json_print(stdout, ev, &from);
		fflush(stdout);
		return;
	}
	m->lines.out = open_memstream(&text, &size);
	if (m->lines.out) {
		lines_event(&m->lines, ev);
		fclose(m->lines.out);
		print_tagged(m, text);
	}
	free(text);
	fflush(stdout);
}

static int64_t now_ms(const struct fleet *f)
{
	return clock_now_ms(clock_monotonic()) - f->start_ms;
}

/* {"success": 15, "busy": 1} */
static json_t *count_outcomes(const struct fleet *f)
{
	json_t *counts = json_object();

	for (size_t i = 0; i < f->count; i++) {
		const char *name = result_name(&f->modules[i].result);
		json_int_t before = json_integer_value(json_object_get(counts, name));

		json_object_set_new(counts, name, json_integer(before + 1));
	}
	return counts;
}

static int worst(const struct fleet *f)
{
	int status = 0;

	for (size_t i = 0; i < f->count; i++)
		status = result_worse(status, f->modules[i].result.exit_status);
	return status;
}

static void print_summary_json(const struct fleet *f, json_t *counts)
{
	int changed = 0;
	json_t *o;

	for (size_t i = 0; i < f->count; i++)
		changed += result_change(&f->modules[i].result) == CHANGE_DONE;
	o = json_pack("{s:s, s:I, s:O, s:i, s:i, s:f}", "type", "summary", "modules", (json_int_t)f->count, "outcomes", counts,
		      "exit", worst(f), "changed", changed, "t", (double)now_ms(f) / 1000);
	if (o && json_dumpf(o, stdout, JSON_COMPACT | JSON_REAL_PRECISION(9)) == 0)
		putchar('\n');
	json_decref(o);
}

static void print_summary_lines(const struct fleet *f, json_t *counts)
{
	char text[2 * TEXT_SIZE];
	const char *name;
	json_t *value;

	text_print(stdout, _("modules: %zu"), f->count);
	json_object_foreach(counts, name, value)
		text_print(stdout, "  %-14s %d", name, (int)json_integer_value(value));
	for (size_t i = 0; i < f->count; i++) {
		const struct module *m = &f->modules[i];

		text_print(stdout, "  %s%s%s  %s: %s", m->port, m->imei[0] ? "  " : "", m->imei, result_name(&m->result),
			   message_text(&m->result.what, FOR_CONSOLE, text, sizeof(text)));
		if (m->result.exit_status && m->result.record[0])
			text_print(stdout, _("    record %s"), m->result.record);
	}
}

static void print_summary(const struct fleet *f)
{
	json_t *counts = count_outcomes(f);

	if (f->config.console.json)
		print_summary_json(f, counts);
	else
		print_summary_lines(f, counts);
	json_decref(counts);
	fflush(stdout);
}

static void print_questions(const struct fleet *f)
{
	size_t count = 0;

	for (size_t i = 0; i < f->count; i++) {
		if (f->turns.of[i] != TURN_ASKS)
			continue;
		lines_question(&f->modules[i].question);
		count++;
	}
	lines_prompt(count);
}

/* --- one module --- */

static void request(struct module *m, enum request_type type, bool yes)
{
	const struct request r = {.type = type, .yes = yes};
	struct err e;

	if (m->w && worker_request(m->w, &r, &e) < 0)
		console_warn(&e);
}

/* The record keeps that nobody saw how it ended. */
static void be_lost(struct module *m)
{
	if (!m->lost && m->w)
		request(m, REQUEST_LOST, false);
	m->lost = true;
}

static void end(struct fleet *f, struct module *m, const struct result *r)
{
	m->result = *r;
	turns_end(&f->turns, (size_t)(m - f->modules), r->exit_status != 0);
}

/* It ends before it begins, or cannot be watched any more. */
static void end_by(struct fleet *f, struct module *m, const struct err *e)
{
	struct event ev = {.type = EVENT_RESULT};

	result_stopped(&ev.result, m->plan->job, e);
	print_event(f, m, &ev);
	end(f, m, &ev.result);
}

static void begin(struct fleet *f, struct module *m)
{
	const struct worker_config config = {
		.libraries = f->config.libraries, .group = f->group, .package = m->package, .audience = FOR_CONSOLE,
	};
	struct request run = {.type = REQUEST_RUN, .plan = *m->plan};
	struct err e;

	console_begin(m->plan, f->config.console.json);
	m->w = worker_start(&config, &e);
	if (!m->w || worker_request(m->w, &run, &e) < 0)
		end_by(f, m, &e);
	explicit_bzero(&run, sizeof(run));
}

static void leave_out(struct fleet *f, struct module *m)
{
	struct err e;

	if (f->turns.cancelled)
		err_fail(&e, MSG_NOT_BEGUN_CANCELLED, "");
	else
		err_fail(&e, MSG_NOT_BEGUN_FAILURES, "count=%zu", f->turns.failed);
	console_begin(m->plan, f->config.console.json);
	end_by(f, m, &e);
}

static void take_event(struct fleet *f, struct module *m, const struct event *ev)
{
	if (ev->type == EVENT_IDENTITY)
		snprintf(m->imei, sizeof(m->imei), "%s", ev->identity.imei);
	print_event(f, m, ev);
	if (ev->type == EVENT_STEP)
		m->step = ev->step.step;
	if (ev->type == EVENT_QUESTION) {
		m->question = ev->question;
		f->turns.of[m - f->modules] = TURN_ASKS;
	}
	if (ev->type == EVENT_RESULT)
		end(f, m, &ev->result);
}

static void take_events(struct fleet *f, struct module *m)
{
	const enum turn *turn = &f->turns.of[m - f->modules];

	while (*turn != TURN_ENDED && worker_next_event(m->w, &f->event))
		take_event(f, m, &f->event);
	if (*turn == TURN_ENDED) {
		worker_stop(m->w);
		m->w = NULL;
	}
}

/* --- all of them --- */

static void go_on(struct fleet *f)
{
	for (size_t i = 0; i < f->count; i++) {
		struct module *m = &f->modules[i];

		switch (turns_next(&f->turns, i)) {
		case DUE_NOTHING:
			break;
		case DUE_BEGIN:
			begin(f, m);
			break;
		case DUE_LEAVE_OUT:
			leave_out(f, m);
			break;
		case DUE_YES:
			request(m, REQUEST_ANSWER, true);
			break;
		case DUE_NO:
			request(m, REQUEST_ANSWER, false);
			break;
		case DUE_CANCEL:
			request(m, REQUEST_CANCEL, false);
			break;
		}
	}
}

static void take_input(struct fleet *f)
{
	int yes = lines_answer(&f->answer);

	if (yes >= 0)
		turns_answer(&f->turns, yes > 0);
}

static bool is_at_stake(const struct module *m)
{
	return m->w && step_info(m->step)->phase != PHASE_PREFLIGHT;
}

static void stop_if_safe(struct fleet *f)
{
	for (size_t i = 0; i < f->count; i++)
		if (is_at_stake(&f->modules[i]))
			return;
	job_stop();
}

/* As to one module, each by its own step; what waits is not begun. */
static void cancel(struct fleet *f, enum request_type type)
{
	f->turns.cancelled = true;
	for (size_t i = 0; i < f->count; i++)
		if (f->turns.of[i] == TURN_PREPARES || f->turns.of[i] == TURN_RUNS)
			request(&f->modules[i], type, false);
}

/* The terminal is gone: what is at stake goes on, the rest is given up. */
static void hang_up(struct fleet *f)
{
	f->turns.cancelled = true;
	for (size_t i = 0; i < f->count; i++) {
		if (is_at_stake(&f->modules[i]))
			be_lost(&f->modules[i]);
		else if (f->turns.of[i] != TURN_ASKS)	/* those go_on() cancels */
			request(&f->modules[i], REQUEST_CANCEL, false);
	}
}

static void take_signal(struct fleet *f)
{
	struct signalfd_siginfo info;

	if (read(f->config.console.signal_fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGHUP)
		hang_up(f);
	if (info.ssi_signo == SIGTSTP)
		stop_if_safe(f);
	if (info.ssi_signo == SIGCONT && f->turns.answering)
		print_questions(f);
	if (info.ssi_signo == SIGINT || info.ssi_signo == SIGTERM || info.ssi_signo == SIGQUIT)
		cancel(f, f->signals++ == 0 ? REQUEST_CANCEL : REQUEST_DETACH);
}

/* 0: something happened; -1 with E when nothing can be waited for any more. */
static int wait_event(struct fleet *f, struct pollfd *fds, struct err *e)
{
	fds[0] = (struct pollfd){.fd = f->config.console.signal_fd, .events = POLLIN};
	fds[1] = (struct pollfd){.fd = f->turns.answering ? STDIN_FILENO : -1, .events = POLLIN};
	for (size_t i = 0; i < f->count; i++)
		fds[2 + i] = (struct pollfd){.fd = f->modules[i].w ? worker_event_fd(f->modules[i].w) : -1, .events = POLLIN};
	return console_wait(fds, 2 + f->count, e);
}

static int loop(struct fleet *f, struct err *e)
{
	struct pollfd fds[2 + MODULES_MAX];

	for (;;) {
		go_on(f);
		if (turns_in(&f->turns, TURN_ENDED) == f->count)
			return 0;
		if (turns_ask(&f->turns))
			print_questions(f);
		if (wait_event(f, fds, e) < 0)
			return -1;
		/* what a signal does depends on the steps */
		for (size_t i = 0; i < f->count; i++)
			if (f->modules[i].w)
				take_events(f, &f->modules[i]);
		if (fds[0].revents)
			take_signal(f);
		if (fds[1].revents)
			take_input(f);
		for (size_t i = 0; ferror(stdout) && i < f->count; i++)
			be_lost(&f->modules[i]);
	}
}

/* A file is opened and hashed once, however many modules get it. */
static const struct package *open_once(struct fleet *f, const char *path)
{
	struct opened *o = f->opened;
	struct err ignored;

	while (o < f->opened + f->opened_count && strcmp(o->path, path) != 0)
		o++;
	if (o == f->opened + f->opened_count) {
		f->opened_count++;
		o->path = path;
		o->package = package_open(path, profile_default()->package_max, &ignored);
	}
	return o->package;
}

static int prepare(struct fleet *f, const struct jobs *jobs, struct err *e)
{
	f->count = f->turns.count = jobs->count;
	f->turns.at_once = f->config.jobs;
	f->turns.stop_after = f->config.stop_after;
	f->group = worker_group_new();
	f->modules = calloc(jobs->count, sizeof(*f->modules));
	f->opened = calloc(jobs->count, sizeof(*f->opened));
	if (!f->group || !f->modules || !f->opened)
		return err_fail(e, MSG_NO_MEMORY, "what=%s", "modules");
	for (size_t i = 0; i < jobs->count; i++) {
		struct module *m = &f->modules[i];

		m->plan = &jobs->plans[i];
		m->lines.verbose = f->config.console.verbose;
		m->lines.quiet = f->config.console.quiet;
		text_safe_str(m->port, sizeof(m->port), m->plan->port);
		if (m->plan->job == JOB_UPGRADE && m->plan->route == ROUTE_SERIAL)
			m->package = open_once(f, m->plan->file);
	}
	return 0;
}

static void clean_up(struct fleet *f)
{
	for (size_t i = 0; f->modules && i < f->count; i++)
		worker_stop(f->modules[i].w);
	for (size_t i = 0; i < f->opened_count; i++)
		package_close(f->opened[i].package);
	worker_group_free(f->group);
	free(f->modules);
	free(f->opened);
}

/* E ends all that have not ended. */
static void end_all(struct fleet *f, const struct err *e)
{
	console_warn(e);
	for (size_t i = 0; i < f->count; i++) {
		if (f->turns.of[i] == TURN_WAITS)
			console_begin(f->modules[i].plan, f->config.console.json);
		if (f->turns.of[i] != TURN_ENDED)
			end_by(f, &f->modules[i], e);
	}
}

int fleet_run(const struct jobs *jobs, const struct fleet_config *config)
{
	struct fleet f = {.config = *config, .start_ms = clock_now_ms(clock_monotonic())};
	const struct plan *first = &jobs->plans[0];
	int status;
	struct err e;

	if (prepare(&f, jobs, &e) < 0) {
		clean_up(&f);
		return console_fail(&e, first, config->console.json);
	}
	if (first->job == JOB_UPGRADE && !first->assume_yes && !first->dry_run && !isatty(STDIN_FILENO)) {
		err_fail(&e, MSG_NO_TERMINAL_TO_ASK, "");
		end_all(&f, &e);
	} else if (loop(&f, &e) < 0) {
		end_all(&f, &e);
	}
	print_summary(&f);
	status = worst(&f);
	clean_up(&f);
	return status;
}

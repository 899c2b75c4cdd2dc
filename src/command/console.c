#include "config.h"
#include "command/console.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "base/job_control.h"
#include "base/text.h"
#include "base/words.h"
#include "record/event_json.h"

#define BAR_WIDTH 24

struct console {
	struct worker *w;
	struct console_config config;
	bool terminal;		/* stdout is one: progress redraws itself */
	bool drawn;		/* a progress line stands there */
	int tenth;		/* last tenth printed where nothing redraws */
	enum step step;
	bool asking;
	unsigned signals;	/* SIGINT and SIGTERM so far */
	char answer[16];
	size_t answer_size;
	bool lost;		/* nobody reads what is printed any more */
	bool done;
	int exit_status;
	struct identity *identity;	/* not NULL: only this is wanted, nothing is printed */
	enum err_code stop;
	struct message what;	/* of the result */
	struct event event;
	struct event shown;	/* the last progress, or the question */
};

static void clear_progress(struct console *c)
{
	if (c->drawn)
		fputs("\r\033[K", stdout);
	c->drawn = false;
}

static void print_progress(struct console *c, const struct event *ev)
{
	double done = ev->progress.total ?
		(double)ev->progress.done / (double)ev->progress.total : 0;
	int tenth = (int)(done * 10), cells = (int)(done * BAR_WIDTH);
	char bar[BAR_WIDTH + 1], count[28], total[28];

	if (ev->progress.unit == UNIT_NONE || c->config.quiet)
		return;
	if (!c->terminal) {
		if (tenth != c->tenth)
			text_print(stdout, "%s %d%%", _(step_info(ev->progress.step)->label), tenth * 10);
		c->tenth = tenth;
		return;
	}
	memset(bar, '-', BAR_WIDTH);
	memset(bar, '#', (size_t)cells);
	bar[BAR_WIDTH] = '\0';
	printf("\r\033[K%s [%s] %3d%%", _(step_info(ev->progress.step)->label), bar, (int)(done * 100));
	if (ev->progress.unit == UNIT_BYTES)
		printf(_("  %s of %s B"), text_count(count, ev->progress.done), text_count(total, ev->progress.total));
	if (ev->progress.bytes_per_s > 0)
		printf("  %.1f kB/s  %lld:%02lld", ev->progress.bytes_per_s / 1000,
		       (long long)ev->progress.left_ms / 60000, (long long)ev->progress.left_ms / 1000 % 60);
	c->drawn = true;
}

static void print_question(const struct question *q)
{
	char size[28], text[TEXT_SIZE];

	fputc('\n', stderr);
	text_print(stderr, _("module   %s, IMEI %s, on %s"), q->module.model, q->module.imei, q->module.port);
	text_print(stderr, _("from     %s"), q->from);
	text_print(stderr, _("to       %s"), q->to);
	text_print(stderr, _("package  %s"), q->package);
	if (q->size)
		text_print(stderr, _("size     %s B"), text_count(size, q->size));
	if (q->sha256[0])
		text_print(stderr, _("sha256   %s"), q->sha256);
	text_print(stderr, _("method   %s"), _(route_info(q->route)->module_downloads ? N_("the module downloads") : N_("over the serial port")));
	text_print(stderr, _("command  %s"), q->command);
	for (size_t i = 0; i < q->fact_count; i++)
		text_print(stderr, message_info(q->facts[i].id)->severity == SEVERITY_INFO ? _("note     %s") : _("warning  %s"),
			message_text(&q->facts[i], FOR_CONSOLE, text, sizeof(text)));
	fputs(_("Install it? From the start of the installation on the power must stay on. Type yes: "), stderr);
}

void console_print_settings(const struct settings *all)
{
	char text[2 * TEXT_SIZE];
	struct message m;

	for (size_t i = 0; i < all->count; i++) {
		setting_message(&all->list[i], &m);
		text_print(stdout, _("  setting %s"), message_text(&m, FOR_CONSOLE, text, sizeof(text)));
	}
}

static void print_result(const struct result *r)
{
	char text[2 * TEXT_SIZE];

	text_print(stdout, "%s: %s", r->outcome == OUTCOME_STOPPED ? "stopped" : outcome_info(r->outcome)->name,
	       message_text(&r->what, FOR_CONSOLE, text, sizeof(text)));
	if (r->code.present)
		text_print(stdout, _("  code    %s %d: %s (as %s)"), r->code.table, r->code.number, r->code.meaning, r->code.family);
	if (r->cause[0])
		text_print(stdout, _("  cause   %s"), r->cause);
	if (r->advice[0])
		text_print(stdout, _("  next    %s"), r->advice);
	console_print_settings(&r->settings);
	text_print(stdout, _("  safe    %s"), message_plain(result_safety(r), FOR_CONSOLE, text, sizeof(text)));
	if (r->record[0])
		text_print(stdout, _("  record  %s"), r->record);
}

static void print_notice(const struct event *ev)
{
	char text[2 * TEXT_SIZE];

	text_print(stdout, ev->notice.severity == SEVERITY_INFO ? "  %s" : _("  warning: %s"),
	       message_text(&ev->notice.message, FOR_CONSOLE, text, sizeof(text)));
}

static void print_plain(struct console *c, const struct event *ev)
{
	if (ev->type != EVENT_PROGRESS)
		clear_progress(c);
	switch (ev->type) {
	case EVENT_STEP:
		if (ev->step.begin && !c->config.quiet)
			text_print(stdout, "%s", _(step_info(ev->step.step)->label));
		c->tenth = 0;
		break;
	case EVENT_IDENTITY:
		if (!c->config.quiet)
			text_print(stdout, _("  %s, firmware %s, IMEI %s"), ev->identity.model, ev->identity.version,
			       ev->identity.imei[0] ? ev->identity.imei : _("(none)"));
		break;
	case EVENT_PROGRESS:
		print_progress(c, ev);
		break;
	case EVENT_NOTICE:
		if (!c->config.quiet || ev->notice.severity != SEVERITY_INFO)
			print_notice(ev);
		break;
	case EVENT_LINE:
		if (c->config.verbose)
			text_print(stdout, "  %10.3f %c %s", (double)ev->t_ms / 1000,
			       ev->line.dir == LINE_TX ? '>' : '<', ev->line.text);
		break;
	case EVENT_QUESTION:
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
	case EVENT_RESULT:
		print_result(&ev->result);
		break;
	}
	fflush(stdout);
}

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
		print_plain(c, ev);
	if (ferror(stdout))
		be_lost(c);
	if (ev->type == EVENT_PROGRESS || ev->type == EVENT_QUESTION)
		c->shown = *ev;
	if (ev->type == EVENT_STEP)
		c->step = ev->step.step;
	if (ev->type == EVENT_QUESTION) {
		print_question(&ev->question);
		c->asking = true;
		c->answer_size = 0;
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
	clear_progress(c);
	fflush(stdout);
	job_stop();
}

/* The screen shows what a shell did meanwhile. */
static void show_again(struct console *c)
{
	if (c->asking)
		print_question(&c->shown.question);
	else if (c->terminal && c->shown.type == EVENT_PROGRESS && !c->done)
		print_progress(c, &c->shown);
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

/* The answer, a byte at a time: only the line "yes" is one. */
static void take_input(struct console *c)
{
	char byte;
	ssize_t n = read(STDIN_FILENO, &byte, 1);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n == 1 && byte != '\n') {
		if (c->answer_size < sizeof(c->answer))
			c->answer[c->answer_size++] = byte;
		return;
	}
	c->asking = false;
	request(c, REQUEST_ANSWER, c->answer_size == 3 && memcmp(c->answer, "yes", 3) == 0);
}

#define POLL_TRIES 4	/* what fails once may work the next time */

/* Until the result; -1 with E when no event can be waited for any more. */
static int loop(struct console *c, struct err *e)
{
	int failed = 0;

	while (!c->done) {
		struct pollfd fds[] = {
			{.fd = worker_event_fd(c->w), .events = POLLIN},
			{.fd = c->config.signal_fd, .events = POLLIN},
			{.fd = c->asking ? STDIN_FILENO : -1, .events = POLLIN},
		};

		if (poll(fds, 3, -1) < 0) {
			if (errno != EINTR && ++failed == POLL_TRIES)
				return err_fail_sys(e, MSG_WAIT_FAILED, errno, "");
			continue;
		}
		failed = 0;
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
	struct event ev = {.type = EVENT_BEGIN};

	if (!json)
		return;
	ev.start.format = JSON_SCHEMA;
	ev.start.by.when_s = time(NULL);
	snprintf(ev.start.by.program, sizeof(ev.start.by.program), "%s", "dfota " PACKAGE_VERSION);
	text_safe_str(ev.start.plan.port, sizeof(ev.start.plan.port), plan->port[0] ? plan->port : plan->open.module.port);
	ev.start.plan.job = plan->job;
	event_json_print(stdout, &ev, NULL);
	fflush(stdout);
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
		.w = w, .config = *config, .terminal = isatty(STDOUT_FILENO) && !config->json,
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

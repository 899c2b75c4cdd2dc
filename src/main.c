#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/message.h"
#include "base/paths.h"
#include "base/text.h"
#include "base/url.h"
#include "base/words.h"
#include "command/complete.h"
#include "command/console.h"
#include "command/credentials.h"
#include "command/doctor.h"
#include "command/explain.h"
#include "command/fleet.h"
#include "command/help.h"
#include "command/inspect.h"
#include "command/jobs.h"
#include "command/options.h"
#include "command/records.h"
#include "command/simulate.h"
#include "modem/port.h"
#include "package/server.h"
#include "record/event_json.h"
#include "record/reader.h"
#include "record/store.h"
#include "ui/ui.h"
#include "worker.h"
#include "worker_group.h"

/* A parent may close 0, 1, 2: the serial port must never become one of them
 * (faults.md E22). */
static void hold_standard_descriptors(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
}

/* Our own fault: nothing is known any more but the terminal and who reads us.
 * Give the one back, tell the other, and leave; the record stays as it was
 * written. Only what may be called in a signal handler is called in these. */
static void put_crash(int fd, const char *text, size_t size)
{
	ssize_t n = write(fd, text, size);

	(void)n;
}

static void on_crash(int number)
{
	static const char words[] =
		"\ndfota: internal error. If an upgrade was running, the module goes on by itself:\n"
		"keep its power on, then keep watching with dfota resume.\n";
	struct termios t;

	(void)number;
	if (tcgetattr(STDIN_FILENO, &t) == 0) {
		t.c_lflag |= ICANON | ECHO | ISIG | IEXTEN;
		t.c_iflag |= ICRNL;
		t.c_oflag |= OPOST | ONLCR;
		tcsetattr(STDIN_FILENO, TCSANOW, &t);
	}
	put_crash(STDERR_FILENO, words, sizeof(words) - 1);
	_exit(70);	/* err_info(ERR_CRASH)->exit_status */
}

/* The screen is left; its escape sequences go where it is drawn, and nowhere else. */
static void on_crash_of_screen(int number)
{
	static const char leave[] = "\033[?2004l\033[?1000;1006l\033[?1049l\033[?25h\033[0m\r\n";
	struct termios t;

	if (tcgetattr(STDOUT_FILENO, &t) == 0)
		put_crash(STDOUT_FILENO, leave, sizeof(leave) - 1);
	on_crash(number);
}

static char *add(char *p, const char *end, const char *text)
{
	while (*text && p < end)
		*p++ = *text++;
	return p;
}

/* A program that reads us gets its result, as src/record/event_json.c writes one;
 * what only the engine knows is left out. No printf may be called here. */
static void on_crash_of_json(int number)
{
	const struct message_info *info = message_info(MSG_INTERNAL_ERROR);
	int64_t t_ms = clock_of_process_ms();
	char line[1024], *p = line, digits[24], *d = digits + sizeof(digits) - 1;
	const char *end = line + sizeof(line);

	*d = '\0';
	for (int i = 0; i < 4 || t_ms > 0; i++, t_ms /= 10) {
		if (i == 3)
			*--d = '.';
		*--d = (char)('0' + t_ms % 10);
	}
	p = add(p, end, "{\"type\":\"result\",\"outcome\":\"crash\",\"exit\":70,\"stop\":\"crash\",\"from\":null,\"to\":null,"
		"\"now\":null,\"code\":null,\"message\":\"");
	p = add(add(p, end, info->words), end, "\",\"id\":\"");
	p = add(add(p, end, info->name), end, "\",\"args\":{},\"cause\":\"\",\"advice\":\"");
	p = add(add(p, end, info->next), end, "\",\"record\":null,\"changed\":null,\"unfinished\":null,\"t\":");
	p = add(add(p, end, d), end, "}\n");
	put_crash(STDOUT_FILENO, line, (size_t)(p - line));
	on_crash(number);
}

static void catch_crashes(void (*handler)(int))
{
	static const int crashes[] = {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSYS, SIGTRAP, SIGXCPU};
	const struct sigaction action = {.sa_handler = handler, .sa_flags = (int)SA_RESETHAND};

	for (size_t i = 0; i < sizeof(crashes) / sizeof(crashes[0]); i++)
		sigaction(crashes[i], &action, NULL);
}

/* Never called: the signal is blocked. */
static void on_stop(int number)
{
	(void)number;
}

/* All signals that ask for something come through one descriptor, also SIGTSTP,
 * which has no effect while a module is at stake; those that would only kill or
 * stop us are ignored (design 4). */
static int prepare_signals(struct err *e)
{
	static const int ignored[] = {
		SIGPIPE, SIGTTOU, SIGTTIN, SIGXFSZ, SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF, SIGPOLL, SIGPWR,
	};
	struct sigaction action = {.sa_handler = SIG_IGN};
	sigset_t set;
	int fd;

	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		sigaction(ignored[i], &action, NULL);
	/* one without a handler is ignored by curses while it draws, which throws it away */
	action = (struct sigaction){.sa_handler = on_stop};
	sigaction(SIGTSTP, &action, NULL);
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGQUIT);
	sigaddset(&set, SIGWINCH);
	sigaddset(&set, SIGTSTP);
	sigaddset(&set, SIGCONT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? err_fail_sys(e, MSG_NO_DESCRIPTOR, errno, "") : fd;
}

/* Where a password may come into our memory no core file is written, not even
 * into a pipe, for which the size limit counts for nothing; nor may others of the
 * same user look. Without one we stay open to who asks which program has the port. */
static void keep_secrets(const struct options *o)
{
	if (o->command == COMMAND_SCREEN || o->credentials || o->jobs_file || o->plan.netrc || strchr(o->plan.url, '@') || strchr(o->plan.publish, '@'))
		prctl(PR_SET_DUMPABLE, 0);
}

/* Login from where it may come from, before a worker exists. */
static int prepare_login(struct options *o, int signal_fd, struct err *e)
{
	keep_secrets(o);
	if (credentials_from_url(o->plan.url, &o->plan, e) < 0 ||
	    credentials_from_url(o->plan.publish, &o->plan, e) < 0)
		return -1;
	if (o->credentials && strcmp(o->credentials, "-") == 0)
		return credentials_from_input(STDIN_FILENO, signal_fd, &o->plan, e);
	if (o->credentials)
		return credentials_read(o->credentials, &o->plan, e);
	if (o->plan.user[0] && o->command != COMMAND_SCREEN)
		return credentials_prompt(&o->plan, e);
	return 0;
}

#define LIBRARIES_SIZE 256

/* What support wants to know of this computer; libcurl as it is loaded where it is
 * NEEDED. */
static const char *library_versions(char out[LIBRARIES_SIZE], bool needed)
{
	char safe[LIBRARIES_SIZE], server[64];
	struct err ignored;		/* whoever needs it says so */

	if (needed)
		server_load(&ignored);
	server_library(server, sizeof(server));
	snprintf(out, LIBRARIES_SIZE, "%s, libserialport %s, jansson %s", server,
		 port_library(), event_json_library());
	text_safe_str(safe, sizeof(safe), out);
	memcpy(out, safe, sizeof(safe));
	return out;
}

/* The workers of several modules on the screen. */
struct crew {
	struct worker_config config;
	struct worker *workers[MODULES_MAX];
	size_t count;
};

static struct worker *hire(void *ctx, struct err *e)
{
	struct crew *c = ctx;
	struct worker *w = NULL;

	if (c->count == MODULES_MAX)
		err_fail(e, MSG_MODULES_MANY, "command=%s most=%d", "", MODULES_MAX);
	else
		w = worker_start(&c->config, e);
	if (w)
		c->workers[c->count++] = w;
	return w;
}

static void dismiss(struct crew *c)
{
	while (c->count)
		worker_stop(c->workers[--c->count]);
	worker_group_free(c->config.group);
}

#define OPEN_MAX 16

/* The screen, which begins with the unfinished upgrades. CREW: for several modules,
 * those of JOBS to begin with. */
static int run_screen(const struct options *o, struct worker *w, struct crew *crew, const struct jobs *jobs,
		      int signal_fd, struct err *e)
{
	struct ui_config screen = {
		.ascii = o->ascii, .mono = o->mono, .no_mouse = o->no_mouse,
		.demo = o->demo, .signal_fd = signal_fd,
		.plans = jobs->plans, .plan_count = jobs->count, .at_once = o->jobs, .stop_after = o->stop_after,
		.new_worker = hire, .new_worker_ctx = crew,
	};
	struct open_upgrade *open = malloc(OPEN_MAX * sizeof(*open));	/* mostly none: not touched, as by calloc() */
	struct result unseen;
	char path[FILE_SIZE];
	struct err ignored;
	int status;

	options_first_plan(o, &screen.plan);
	screen.open = open;
	screen.open_count = open ? store_list_open(open, OPEN_MAX) : 0;
	if (screen.open_count > OPEN_MAX)
		screen.open_count = OPEN_MAX;
	if (store_unseen(path, sizeof(path), &unseen)) {
		screen.unseen = &unseen;
		screen.unseen_record = path;
	}
	status = ui_run(w, &screen, e);
	if (screen.unseen && status >= 0)
		store_mark_shown(path, &ignored);	/* else it is shown once more */
	explicit_bzero(&screen.plan, sizeof(screen.plan));
	free(open);
	return status;
}

static int begin_screen(struct options *o, struct worker *w, const struct worker_config *config, int signal_fd, struct err *e)
{
	struct crew crew = {.config = *config};
	struct jobs jobs = {0};
	int status;

	crew.config.watch_ports = false;	/* the one that is there does it for all */
	crew.config.group = worker_group_new();
	if (options_several(o) && jobs_make(o, NULL, &jobs, e) < 0)
		status = -1;
	else
		status = run_screen(o, w, &crew, &jobs, signal_fd, e);
	jobs_free(&jobs);
	dismiss(&crew);
	return status;
}

/* The front ends: both live on a worker, perhaps with a simulated module. */
static int run_front(struct options *o, int signal_fd, struct err *e)
{
	char libraries[LIBRARIES_SIZE];
	const struct worker_config config = {
		.record = o->record,
		.libraries = library_versions(libraries, o->plan.url[0] || o->plan.publish[0]),
		.watch_ports = o->command == COMMAND_SCREEN,
		.audience = o->command == COMMAND_SCREEN ? FOR_SCREEN : o->json ? FOR_RECORD : FOR_CONSOLE,
	};
	struct worker *w;
	int status;

	o->plan.demo = o->demo;
	o->plan.route = options_route(o);
	if (o->command == COMMAND_SCREEN && ui_possible(e) < 0)
		return -1;
	if (geteuid() == 0 && o->command != COMMAND_SCREEN && !o->quiet && !o->demo)
		fputs(_("dfota: running as root; membership in the port's group is enough\n"), stderr);
	w = worker_start(&config, e);
	if (!w)
		return -1;
	if (o->command == COMMAND_SCREEN) {
		status = begin_screen(o, w, &config, signal_fd, e);
	} else {
		const struct console_config lines = {
			.json = o->json, .verbose = o->verbose, .quiet = o->quiet,
			.signal_fd = signal_fd,
		};
		status = console_run(w, &o->plan, &lines);
		catch_crashes(on_crash);	/* the result is there */
	}
	worker_stop(w);
	return status;
}

/* Several modules beside each other. */
static int run_fleet(struct options *o, int signal_fd, struct err *e)
{
	char libraries[LIBRARIES_SIZE];
	const struct fleet_config config = {
		.console = {
			.json = o->json, .verbose = o->verbose, .quiet = o->quiet, .signal_fd = signal_fd,
		},
		.libraries = library_versions(libraries, o->plan.url[0] || o->plan.publish[0]),
		.jobs = o->jobs,
		.stop_after = o->stop_after,
	};
	struct jobs jobs;
	int status;

	o->plan.route = options_route(o);
	if (jobs_make(o, NULL, &jobs, e) < 0)
		return -1;
	status = fleet_run(&jobs, &config);
	catch_crashes(on_crash);	/* the results are there */
	jobs_free(&jobs);
	return status;
}

static int run_with_demo(struct options *o, int signal_fd, struct err *e)
{
	struct demo *demo = NULL;
	int status;

	if (prepare_login(o, signal_fd, e) < 0)
		return -1;
	if (options_several(o) && o->command != COMMAND_SCREEN)
		return run_fleet(o, signal_fd, e);
	if (o->command != COMMAND_SCREEN && !o->demo && !o->plan.port[0] && inspect_choose_port(o, e) < 0)
		return -1;
	if (o->demo && !(demo = demo_start(o, e)))
		return -1;
	status = run_front(o, signal_fd, e);
	explicit_bzero(&o->plan.password, sizeof(o->plan.password));
	demo_stop(demo);
	return status;
}

static int run_replay(const struct options *o, int signal_fd, struct err *e)
{
	const struct ui_config screen = {
		.ascii = o->ascii, .mono = o->mono, .no_mouse = o->no_mouse, .signal_fd = signal_fd,
	};
	struct record *r;
	int status;

	if (ui_possible(e) < 0)
		return err_doing(e, MSG_REPLAYING, "");
	r = record_open(o->words[0], e);
	if (!r)
		return -1;
	status = ui_replay(r, &screen, e);
	record_free(r);
	return status;
}

static int run_doctor(const struct options *o, struct err *e)
{
	char libraries[LIBRARIES_SIZE];
	struct err screen = {0};

	if (ui_possible(&screen) == 0)
		screen.message.id = MSG_NONE;
	library_versions(libraries, true);
	return doctor_run(o, &screen.message, libraries, e);
}

static int run_resume(struct options *o, int signal_fd, struct err *e)
{
	int r = records_choose(o, &o->plan.open, e);

	return r <= 0 ? r : run_front(o, signal_fd, e);
}

/* What any command says first; the screen has a page for it. */
static void print_unfinished(const struct options *o)
{
	switch (o->command) {
	case COMMAND_RUN:
	case COMMAND_PROBE:
	case COMMAND_PORTS:
	case COMMAND_PROFILES:
	case COMMAND_EXPLAIN:
	case COMMAND_MANIFEST:
	case COMMAND_REQUEST:
	case COMMAND_REPORT:
	case COMMAND_SIM:
	case COMMAND_VERSION:
		records_print_open(stderr);
		break;
	case COMMAND_SCREEN:
	case COMMAND_REPLAY:
	case COMMAND_STATUS:
	case COMMAND_RESUME:
	case COMMAND_DOCTOR:
	case COMMAND_HELP:
	case COMMAND_COUNT:
		break;
	}
}

static bool draws_screen(const struct options *o)
{
	return o->command == COMMAND_SCREEN || o->command == COMMAND_REPLAY;
}

/* The exit status, or -1 with E. */
static int dispatch(struct options *o, struct err *e)
{
	int signal_fd = prepare_signals(e);

	if (signal_fd < 0)
		return -1;
	if (draws_screen(o) && o->ascii)
		words_close();
	catch_crashes(draws_screen(o) ? on_crash_of_screen : o->json ? on_crash_of_json : on_crash);
	print_unfinished(o);
	switch (o->command) {
	case COMMAND_SCREEN:
	case COMMAND_RUN:
	case COMMAND_PROBE:
		return run_with_demo(o, signal_fd, e);
	case COMMAND_PORTS:
		return inspect_ports(o, e);
	case COMMAND_PROFILES:
		inspect_profiles();
		return 0;
	case COMMAND_EXPLAIN:
		return explain_print(o, e);
	case COMMAND_MANIFEST:
		return inspect_manifest(o, signal_fd, e);
	case COMMAND_REQUEST:
		return inspect_request(o, signal_fd, e);
	case COMMAND_REPLAY:
		return run_replay(o, signal_fd, e);
	case COMMAND_REPORT:
		return records_report(o, e);
	case COMMAND_STATUS:
		return records_status(o, e);
	case COMMAND_RESUME:
		return run_resume(o, signal_fd, e);
	case COMMAND_SIM:
		return sim_serve(o, signal_fd, e);
	case COMMAND_DOCTOR:
		return run_doctor(o, e);
	case COMMAND_HELP:
		help_print(stdout, o->topic);
		return 0;
	case COMMAND_VERSION:
		printf("dfota %s\n", PACKAGE_VERSION);
		return 0;
	case COMMAND_COUNT:
		break;
	}
	return err_fail(e, MSG_NO_FUNCTION, "");
}

/* What is typed stands over what is configured, and a mistake in the one is told
 * before a mistake in the other, which stops only what needs it. */
static int read_options(int argc, char **argv, struct options *o, struct err *e)
{
	char path[FILE_SIZE];
	size_t size = paths_config(path, sizeof(path), "config");
	struct err config = { .code = ERR_NONE };
	int r = size == 0 || size >= sizeof(path) ? 0 : options_read_config(path, o, &config);

	if (options_parse(argc, argv, o, e) < 0)
		return -1;
	if (o->misconfigured & 1u << o->command)
		return err_take(e, config.code, &config.message);
	if (r < 0)
		console_warn(&config);
	return 0;
}

/* What is to be done to a module; NULL: no upgrade, probe or resume. */
static const struct plan *job_of(struct options *o)
{
	if (o->command != COMMAND_RUN && o->command != COMMAND_PROBE && o->command != COMMAND_RESUME)
		return NULL;
	o->plan.job = o->command == COMMAND_PROBE ? JOB_PROBE :
		o->command == COMMAND_RESUME ? JOB_RESUME : JOB_UPGRADE;
	return &o->plan;
}

/* Returns the exit status; a failure is told in the form that was asked for. */
static int run_command(int argc, char **argv, struct options *o)
{
	struct err e = {0};
	const struct plan *job;
	int status;

	options_init(o);
	if (argc > 1 && strcmp(argv[1], "complete") == 0) {	/* words that need make no sense */
		complete_print(argc - 2, argv + 2);
		return 0;
	}
	if (!options_name_json(argc, argv))
		words_open();
	if (read_options(argc, argv, o, &e) < 0)
		return console_fail(&e, job_of(o), o->json || options_name_json(argc, argv));
	job = job_of(o);
	status = dispatch(o, &e);
	return status < 0 ? console_fail(&e, job, o->json) : status;
}

/* A large block is mapped and goes back when it is freed: of what is hardly used little is
 * touched. glibc would take such blocks from its heaps once one was freed, and zero all of
 * each, 0.5 MB a module of a fleet. */
static void map_large_blocks(void)
{
#ifdef M_MMAP_THRESHOLD
	mallopt(M_MMAP_THRESHOLD, 64 * 1024);
#endif
}

int main(int argc, char **argv)
{
	const struct rlimit no_core = {0, 0};
	struct options o;
	int status;

	hold_standard_descriptors();
	map_large_blocks();
	/* passwords pass through our memory */
	setrlimit(RLIMIT_CORE, &no_core);
	if (getuid() != geteuid() || getgid() != getegid()) {
		fprintf(stderr, "dfota: not made to run setuid or setgid\n");
		return err_info(ERR_USAGE)->exit_status;
	}
	status = run_command(argc, argv, &o);
	return draws_screen(&o) ? status : console_output(status);
}

#include "config.h"
#include "command/simulate.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "base/job_control.h"
#include "base/paths.h"
#include "base/text.h"
#include "sim/demo_package.h"
#include "sim/tty.h"
#include "worker.h"

/* A module on its thread. */
struct module {
	struct sim_tty *tty;
	struct background *thread;
	int ended_fd;	/* readable when the thread returned */
	int status;
	struct err e;
};

static void run(void *ctx)
{
	struct module *m = ctx;

	m->status = sim_tty_run(m->tty, &m->e);
	interrupt_wake(m->ended_fd, 1);
}

static void module_stop(struct module *m)
{
	if (m->thread) {
		sim_tty_stop(m->tty);
		background_join(m->thread);
	}
	m->thread = NULL;
	if (m->ended_fd >= 0)
		close(m->ended_fd);
	m->ended_fd = -1;
}

static int module_start(struct module *m, const struct sim_tty_config *config,
			struct err *e)
{
	m->thread = NULL;
	m->ended_fd = eventfd(0, EFD_CLOEXEC);
	if (m->ended_fd < 0)
		return err_fail_sys(e, MSG_NO_DESCRIPTOR, errno, "");
	m->tty = sim_tty_new(config, e);
	if (m->tty)
		m->thread = background_start(run, m, e);
	if (m->thread)
		return 0;
	sim_tty_free(m->tty);
	m->tty = NULL;
	module_stop(m);
	return -1;
}

static struct sim_tty_config config_of(const struct options *o)
{
	return (struct sim_tty_config){
		.sim = {
			.family = o->command == COMMAND_SIM && o->plan.profile[0] ? o->plan.profile : NULL,
			.model = o->model,
			.imei = o->plan.imei[0] ? o->plan.imei : NULL,
			.from = o->from,
			.to = o->to,
			.scenario = o->scenario,
			.fast = o->fast,
		},
		.baud = o->plan.baud,
		.paced = !o->unpaced,
		.booting = o->booting,
	};
}

struct demo {
	char directory[FILE_SIZE - 64];
	char package[FILE_SIZE], manifest[FILE_SIZE], link[FILE_SIZE];
	struct module module;
};

#define DEMO_FROM "UG96LNAR02A06E1G"
#define DEMO_TO "UG96LNAR02A08E1G"

static int make_files(struct demo *d, struct err *e)
{
	if (paths_temporary(d->directory, sizeof(d->directory), e) < 0)
		return -1;
	snprintf(d->package, sizeof(d->package), "%s/ug96-06-08.bin", d->directory);
	snprintf(d->manifest, sizeof(d->manifest), "%s/ug96-06-08.bin.manifest", d->directory);
	snprintf(d->link, sizeof(d->link), "%s/ttyUG96", d->directory);
	return sim_write_demo_package(d->package, "UG96", DEMO_FROM, DEMO_TO, e);
}

static void remove_files(struct demo *d)
{
	unlink(d->package);
	unlink(d->manifest);
	unlink(d->link);
	rmdir(d->directory);
}

struct demo *demo_start(struct options *o, struct err *e)
{
	struct demo *d = calloc(1, sizeof(*d));
	struct sim_tty_config config = config_of(o);

	if (!d) {
		err_fail(e, MSG_NO_MEMORY, "what=%s", "demo");
		return NULL;
	}
	config.sim.from = DEMO_FROM;
	config.sim.to = DEMO_TO;
	config.link = d->link;
	if (make_files(d, e) < 0 || module_start(&d->module, &config, e) < 0) {
		if (d->link[0])
			remove_files(d);
		free(d);
		return NULL;
	}
	snprintf(o->plan.port, sizeof(o->plan.port), "%s", d->link);
	if (!o->plan.file[0] && !o->plan.url[0])
		snprintf(o->plan.file, sizeof(o->plan.file), "%s", d->package);
	return d;
}

void demo_stop(struct demo *d)
{
	if (!d)
		return;
	module_stop(&d->module);
	sim_tty_free(d->module.tty);
	remove_files(d);
	free(d);
}

static void warn(const char *text)
{
	text_print(stderr, "dfota: %s", text);
}

/* A descriptor by which signal NUMBER comes. Before any thread is started. */
static int signal_descriptor(int number, struct err *e)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, number);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? err_fail_sys(e, MSG_NO_DESCRIPTOR, errno, "") : fd;
}

static void take_releases(int fd, struct sim_tty *tty)
{
	struct signalfd_siginfo info;

	while (read(fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
		sim_tty_release(tty);
}

/* True when a signal ends it: nobody else is to be served then. */
static bool is_ended_by(int signal_fd)
{
	struct signalfd_siginfo info;

	if (read(signal_fd, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return false;
	if (info.ssi_signo == SIGTSTP)
		job_stop();
	return info.ssi_signo != SIGTSTP && info.ssi_signo != SIGCONT && info.ssi_signo != SIGWINCH;
}

int sim_serve(const struct options *o, int signal_fd, struct err *e)
{
	struct sim_tty_config config = config_of(o);
	struct module m;
	struct pollfd fds[3];
	const char *first;
	unsigned count;
	int release_fd = signal_descriptor(SIGUSR1, e);

	config.link = o->link;
	config.listen = o->listen;
	config.sim.record = o->record;
	config.sim.warn = o->record ? warn : NULL;
	config.sim.package = o->plan.file[0] ? o->plan.file : NULL;
	if (release_fd < 0 || module_start(&m, &config, e) < 0) {
		close(release_fd);
		return -1;
	}
	text_print(stdout, "ready %s", sim_tty_path(m.tty));
	fflush(stdout);
	fds[0] = (struct pollfd){.fd = signal_fd, .events = POLLIN};
	fds[1] = (struct pollfd){.fd = m.ended_fd, .events = POLLIN};
	fds[2] = (struct pollfd){.fd = release_fd, .events = POLLIN};
	while ((poll(fds, 3, -1) < 0 && errno == EINTR) ||
	       (!fds[1].revents && !(fds[0].revents && is_ended_by(signal_fd))))
		take_releases(release_fd, m.tty);
	module_stop(&m);
	close(release_fd);
	count = sim_violations(sim_tty_sim(m.tty), &first);
	if (!o->record)
		text_print(stdout, "version %s", sim_version(sim_tty_sim(m.tty)));
	text_print(stdout, "upgrades %u", sim_upgrades(sim_tty_sim(m.tty)));
	text_print(stdout, "violations %u%s%s", count, count ? ": " : "", count ? first : "");
	sim_tty_free(m.tty);
	if (m.status < 0)
		*e = m.e;
	return m.status;
}

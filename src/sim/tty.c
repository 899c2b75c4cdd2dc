#include "config.h"

#include "sim/tty.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "base/count.h"
#include "base/interrupt.h"
#include "package/server.h"
#include "sim/fetch.h"
#include "sim/listen.h"

#define MS_NS 1000000LL
#define NEVER_NS INT64_MAX
#define QUANTUM_NS (4 * MS_NS)	/* bytes of a paced line come in lots of this */
#define CREDIT_NS (10 * MS_NS)	/* what a line that ran dry for a moment may catch up */
#define DRAIN_STEPS 2000	/* a hang-up waits so often for the host to read */
#define DRAIN_STEP_NS (5 * MS_NS)
#define BLOCKED_STEP_NS (50 * MS_NS)
#define FETCH_TURN_NS (200 * MS_NS)
#define FETCH_MAX (16u << 20)
#define LOOK_NS (100 * MS_NS)	/* the port is looked at so often, however quiet it is */
/* What may have waited longer for the module's look has no known place among its
 * answers. Less than any host waits for one: AT while it is looked for, 500 ms. */
#define LATE_NS (400 * MS_NS)
#define STALL_NS (500 * MS_NS)	/* see now_ns() */
#define STOP (UINT64_C(1) << 32)	/* on `asked`; less: releases */
#define BUFFER 4096
/* in ser2net's words */
#define IN_USE "Port already in use\r\n"
#define AWAY "Device open failure: Value or file not found\r\n"

/* One direction of the line. */
struct line {
	bool active;		/* bytes are under way */
	int64_t free_ns;	/* up to when the line is used; before the clock by what is due */
};

struct sim_tty {
	struct sim *sim;
	bool paced;
	char link[PATH_MAX];	/* "": none */
	char name[300];		/* of the pseudo-terminal, or tcp:HOST:PORT */
	int listener;		/* -1: a pseudo-terminal */
	int server_baud;	/* of the serial server that is imagined behind it */
	bool open;		/* the port is there: the module is not away */
	int master, slave;	/* -1: away; of a listener, MASTER is its client and -1: none */
	int last;		/* the slave before: its number is nobody else's meanwhile; -1: none */
	unsigned absences;	/* of the module when they were opened */
	int asked;		/* eventfd */
	bool stopping;
	int64_t real_ns, now_ns;	/* see now_ns() */
	int64_t empty_ns;	/* real time at which the host had sent nothing more */
	struct line in, out;
	unsigned char tx[BUFFER];	/* taken from the module, not yet written */
	size_t tx_at, tx_size;
	bool tx_blocked;		/* the host does not read */
	unsigned drain_steps;		/* waits before a hang-up so far */
};

static const struct {
	speed_t code;
	int baud;
} speeds[] = {
	{ B300, 300 }, { B600, 600 }, { B1200, 1200 }, { B2400, 2400 },
	{ B4800, 4800 }, { B9600, 9600 }, { B19200, 19200 }, { B38400, 38400 },
	{ B57600, 57600 }, { B115200, 115200 }, { B230400, 230400 },
	{ B460800, 460800 }, { B500000, 500000 }, { B576000, 576000 },
	{ B921600, 921600 }, { B1000000, 1000000 }, { B1152000, 1152000 },
	{ B1500000, 1500000 }, { B2000000, 2000000 }, { B2500000, 2500000 },
	{ B3000000, 3000000 }, { B3500000, 3500000 }, { B4000000, 4000000 },
};
#define SPEEDS (sizeof(speeds) / sizeof(speeds[0]))

static int64_t real_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 * MS_NS + ts.tv_nsec;
}

/* The module's time: of a stall of the machine it sees STALL_NS at most, so that
 * none of its limits passes while it could not look. */
static int64_t now_ns(struct sim_tty *t)
{
	int64_t now = real_ns(), passed = now - t->real_ns;

	t->real_ns = now;
	t->now_ns += passed < STALL_NS ? passed : STALL_NS;
	return t->now_ns;
}

static int64_t now_ms(struct sim_tty *t)
{
	return now_ns(t) / MS_NS;
}

static int64_t sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Whether t->link is the link we made. */
static bool link_is_ours(const struct sim_tty *t)
{
	char target[sizeof(t->name)];
	ssize_t n;

	if (!t->link[0] || !t->name[0])
		return false;
	n = readlink(t->link, target, sizeof(target));
	return n == (ssize_t)strlen(t->name) && !memcmp(target, t->name, (size_t)n);
}

/* Point the link at the terminal, in one step for whoever looks. */
static int make_link(struct sim_tty *t, struct err *e)
{
	char fresh[PATH_MAX + 32];
	struct stat st;

	if (!t->link[0])
		return 0;
	if (lstat(t->link, &st) == 0 && !S_ISLNK(st.st_mode))
		return err_fail(e, MSG_LINK_NO_LINK, "path=%s", t->link);
	snprintf(fresh, sizeof(fresh), "%s.%ld", t->link, (long)getpid());
	if ((unlink(fresh) < 0 && errno != ENOENT) || symlink(t->name, fresh) < 0 ||
	    rename(fresh, t->link) < 0) {
		err_fail_sys(e, MSG_LINK_FAILED, errno, "path=%s", t->link);
		unlink(fresh);
		return -1;
	}
	return 0;
}

/* A slave that nobody has set up yet behaves like the module's line. */
static int make_raw(const struct sim_tty *t)
{
	struct termios tio;

	if (tcgetattr(t->slave, &tio) < 0)
		return -1;
	cfmakeraw(&tio);
	tio.c_cflag |= CLOCAL | CREAD;
	for (size_t i = 0; i < SPEEDS; i++)
		if (speeds[i].baud == sim_baud(t->sim))
			cfsetspeed(&tio, speeds[i].code);
	return tcsetattr(t->slave, TCSANOW, &tio);
}

/* The host's end is gone, or is to go. */
static void close_host(struct sim_tty *t)
{
	if (t->master >= 0)
		close(t->master);
	t->master = -1;
	t->tx_at = t->tx_size = 0;
	t->tx_blocked = t->in.active = false;
}

/* Whoever had the port waits for it to come back, with the lock of its number: the next
 * terminal that is made must not get that. */
static void keep_number(struct sim_tty *t)
{
	if (t->last >= 0)
		close(t->last);
	if (t->slave < 0 && t->master >= 0 && t->listener < 0)
		t->slave = open(t->name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	t->last = t->slave;
	t->slave = -1;
}

static void close_port(struct sim_tty *t)
{
	char unread[BUFFER];

	if (link_is_ours(t))
		unlink(t->link);
	/* what is unread would make a reset of the end, which discards what was sent */
	while (t->listener >= 0 && t->master >= 0 && read(t->master, unread, sizeof(unread)) > 0)
		;
	keep_number(t);
	close_host(t);
	t->open = t->out.active = false;
	t->drain_steps = 0;
}

static int open_port(struct sim_tty *t, struct err *e)
{
	t->absences = sim_absences(t->sim);
	t->open = true;
	if (t->listener >= 0)
		return 0;
	t->master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (t->master < 0 || grantpt(t->master) < 0 || unlockpt(t->master) < 0 ||
	    ptsname_r(t->master, t->name, sizeof(t->name)) != 0)
		return err_fail_sys(e, MSG_TERMINAL_NOT_MADE, errno, "");
	t->slave = open(t->name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (t->slave < 0 || make_raw(t) < 0)
		return err_fail_sys(e, MSG_TERMINAL_NOT_SET_UP, errno, "path=%s", t->name);
	return make_link(t, e);
}

/* Rate of the host's end, 0 when it is no usual one. */
static int host_baud(const struct sim_tty *t)
{
	struct termios tio;

	if (t->listener >= 0)
		return t->server_baud;
	/* asked on the master, the kernel answers for the slave */
	if (tcgetattr(t->master, &tio) < 0)
		return 0;
	for (size_t i = 0; i < SPEEDS; i++)
		if (speeds[i].code == cfgetospeed(&tio))
			return speeds[i].baud;
	return 0;
}

static int64_t byte_ns(const struct sim_tty *t)
{
	return 10 * 1000 * MS_NS / sim_baud(t->sim);
}

static void begin_line(struct line *l, int64_t now)
{
	if (l->active)
		return;
	l->active = true;
	l->free_ns = now;
}

/* How many bytes have had time to pass. */
static size_t due_bytes(const struct sim_tty *t, const struct line *l, int64_t now)
{
	int64_t n;

	if (!t->paced)
		return BUFFER;
	n = (now - l->free_ns) / byte_ns(t);
	return n > BUFFER ? BUFFER : (size_t)n;
}

/* When the next lot is due. */
static int64_t due_ns(const struct sim_tty *t, const struct line *l)
{
	int64_t one = byte_ns(t);

	if (!l->active)
		return NEVER_NS;
	return t->paced ? l->free_ns + (one > QUANTUM_NS ? one : QUANTUM_NS) : 0;
}

/* N of the DUE bytes have passed. */
static void use_line(const struct sim_tty *t, struct line *l, size_t n, size_t due, int64_t now)
{
	l->free_ns += (int64_t)n * byte_ns(t);
	if (n < due && l->free_ns < now - CREDIT_NS)
		l->free_ns = now - CREDIT_NS;
}

static ssize_t put(const struct sim_tty *t, const void *bytes, size_t size)
{
	return t->listener < 0 ? write(t->master, bytes, size) :
		send(t->master, bytes, size, MSG_NOSIGNAL);
}

/* Write what was taken from the module; true when all is out. Where nobody
 * listens it is lost, as on a line. */
static bool flush_tx(struct sim_tty *t)
{
	while (t->master >= 0 && t->tx_at < t->tx_size) {
		ssize_t n = put(t, t->tx + t->tx_at, t->tx_size - t->tx_at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno != EAGAIN && t->listener >= 0) {
			close_host(t);
			return true;
		}
		if (n <= 0) {
			t->tx_blocked = true;
			return false;
		}
		t->tx_at += (size_t)n;
	}
	t->tx_at = t->tx_size = 0;
	return true;
}

static void transmit(struct sim_tty *t, int64_t now)
{
	size_t due;

	if (t->tx_blocked) {
		t->tx_blocked = false;
		if (flush_tx(t))
			t->out.free_ns = now;
		return;
	}
	if (!t->out.active && sim_next_ms(t->sim) > now / MS_NS)
		return;
	begin_line(&t->out, now);
	if (due_ns(t, &t->out) > now)
		return;
	due = due_bytes(t, &t->out, now);
	sim_host_baud(t->sim, host_baud(t));
	t->tx_size = sim_output(t->sim, now / MS_NS, t->tx, due);
	if (!t->tx_size) {
		t->out.active = false;
		return;
	}
	use_line(t, &t->out, t->tx_size, due, now);
	flush_tx(t);
}

/* What has come by *AT, which becomes the time when it was read: this thread may have
 * stood still before, and more have come meanwhile. */
static void receive(struct sim_tty *t, int64_t *at)
{
	unsigned char buf[BUFFER];
	int64_t now = *at;
	int64_t begun_ns = real_ns();
	size_t due;
	ssize_t n;

	if (!t->in.active || due_ns(t, &t->in) > now || !sim_accepts(t->sim))
		return;
	due = due_bytes(t, &t->in, now);
	n = read(t->master, buf, due);
	sim_late(t->sim, real_ns() - t->empty_ns > LATE_NS);
	if (n < (ssize_t)due)
		t->empty_ns = begun_ns;
	if (n <= 0) {
		t->in.active = false;
		if (t->listener >= 0 && (n == 0 || errno != EAGAIN))
			close_host(t);
		return;
	}
	use_line(t, &t->in, (size_t)n, due, now);
	sim_host_baud(t->sim, host_baud(t));
	*at = now_ns(t);
	sim_input(t->sim, *at / MS_NS, buf, (size_t)n);
}

/* Whether a host has the port open: without our own end of it, is it hung up? */
static bool has_host(struct sim_tty *t)
{
	struct pollfd hang_up = { t->master, 0, 0 };

	if (t->listener >= 0)
		return t->master >= 0;
	close(t->slave);
	t->slave = -1;
	if (poll(&hang_up, 1, 0) != 0)
		return false;
	t->slave = open(t->name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	return t->slave >= 0;
}

/* The module is about to hang up: a hang-up discards what the host has not
 * read, so give it a moment, in which it has its turns even where the machine
 * stalls. True: hang up now. */
static bool drained(struct sim_tty *t)
{
	struct pollfd input = { -1, POLLIN, 0 };
	int unread = 0;

	if (t->drain_steps++ == DRAIN_STEPS || (t->drain_steps == 1 && !has_host(t)))
		return true;
	t->tx_blocked = false;
	if (t->listener >= 0)	/* the queue is empty when the host's system has it all */
		return flush_tx(t) && (ioctl(t->master, TIOCOUTQ, &unread) < 0 || !unread);
	input.fd = t->slave;
	/* poll() lets the kernel hand on what is still on its way to the slave */
	return flush_tx(t) && poll(&input, 1, 0) == 0 &&
	       ioctl(t->slave, FIONREAD, &unread) == 0 && !unread;
}

/* The module has gone, or has gone and come back meanwhile. */
static bool departing(const struct sim_tty *t)
{
	return t->open && t->absences != sim_absences(t->sim);
}

/* Let port and module follow each other. */
static int follow(struct sim_tty *t, int64_t now, struct err *e)
{
	sim_run(t->sim, now / MS_NS);
	if (departing(t)) {
		if (drained(t))
			close_port(t);
		return 0;
	}
	if (!sim_present(t->sim))
		return 0;
	if (!t->open && open_port(t, e) < 0)
		return -1;
	receive(t, &now);
	transmit(t, now);
	/* the last bytes may have let the module go */
	sim_run(t->sim, now / MS_NS);
	return 0;
}

static int64_t wake_ns(const struct sim_tty *t, int64_t now)
{
	int64_t next_ms = sim_next_ms(t->sim), wake = NEVER_NS;

	if (departing(t))
		return now + DRAIN_STEP_NS;
	if (!t->open && sim_present(t->sim))
		return now;
	/* output that waits for the line or for the host hides the module's timers */
	if (t->tx_blocked)
		wake = now + BLOCKED_STEP_NS;
	else if (!t->out.active && next_ms < NEVER_NS / MS_NS)
		wake = next_ms * MS_NS;
	if (!t->open)
		return wake;
	if (!t->tx_blocked)
		wake = sooner(wake, due_ns(t, &t->out));
	if (sim_accepts(t->sim))
		wake = sooner(wake, due_ns(t, &t->in));
	return wake;
}

/* What another thread has asked for. */
static void take_asked(struct sim_tty *t)
{
	uint64_t asked = 0;
	ssize_t n = read(t->asked, &asked, sizeof(asked));

	(void)n;	/* it was readable */
	t->stopping = t->stopping || asked >= STOP;
	for (asked %= STOP; asked > 0; asked--)
		sim_release(t->sim, now_ms(t));
}

/* Somebody connects: to a free port, to one in use, or to one that is not there. */
static void take_client(struct sim_tty *t)
{
	struct pollfd old = { t->master, POLLRDHUP, 0 };

	if (!t->open) {
		listen_refuse(t->listener, AWAY);
		return;
	}
	if (t->master >= 0 && poll(&old, 1, 0) == 0) {
		listen_refuse(t->listener, IN_USE);
		return;
	}
	close_host(t);
	t->master = listen_take(t->listener);
	t->empty_ns = real_ns();
}

static int wait_for(struct sim_tty *t, int64_t until_ns, struct err *e)
{
	struct pollfd fds[] = { { t->asked, POLLIN, 0 }, { t->master, 0, 0 },
				{ t->listener, POLLIN, 0 } };
	int64_t begun_ns = real_ns(), now = now_ns(t), left;
	struct timespec ts;

	if (t->master >= 0 && !departing(t)) {
		if (!t->in.active && sim_accepts(t->sim))
			fds[1].events |= POLLIN;
		if (t->tx_blocked)
			fds[1].events |= POLLOUT;
	}
	if (!fds[1].events)
		fds[1].fd = -1;
	left = until_ns > now ? sooner(until_ns - now, LOOK_NS) : 0;
	ts.tv_sec = (time_t)(left / (1000 * MS_NS));
	ts.tv_nsec = (long)(left % (1000 * MS_NS));
	if (ppoll(fds, COUNT(fds), &ts, NULL) < 0)
		return errno == EINTR ? 0 : err_fail_sys(e, MSG_SIM_WAIT_FAILED, errno, "");
	if (fds[0].revents)
		take_asked(t);
	if (fds[1].revents & POLLIN)
		begin_line(&t->in, now_ns(t));
	else if (fds[1].events & POLLIN)
		t->empty_ns = begun_ns;
	if (fds[2].revents)
		take_client(t);
	return 0;
}

/* One turn: what is due, then wait for more. */
static int turn(struct sim_tty *t, struct err *e)
{
	int64_t now = now_ns(t);

	if (follow(t, now, e) < 0)
		return -1;
	return wait_for(t, wake_ns(t, now), e);
}

struct fetch {
	struct sim_tty *t;
	struct err *e;
	bool failed;		/* the terminal, not the server */
};

/* Serve the port while a download goes on, as long as there is talk on it.
 * False: give the download up. */
static bool serve_meanwhile(struct fetch *f)
{
	struct sim_tty *t = f->t;
	int64_t end = now_ns(t) + FETCH_TURN_NS, wake = 0;

	while (!f->failed && !t->stopping && wake < end && now_ns(t) < end) {
		f->failed = wait_for(t, wake, f->e) < 0 || follow(t, now_ns(t), f->e) < 0;
		wake = wake_ns(t, now_ns(t));
	}
	return !f->failed && !t->stopping && sim_fetch_wanted(t->sim);
}

static bool take_bytes(void *ctx, const void *bytes, size_t size)
{
	struct fetch *f = ctx;

	sim_fetch_data(f->t->sim, bytes, size);
	return true;
}

static bool progress(void *ctx, uint64_t done, uint64_t total)
{
	(void)done;
	(void)total;
	return serve_meanwhile(ctx);
}

static int fetch(struct sim_tty *t, struct err *e)
{
	struct fetch f = { .t = t, .e = e };
	const struct server_sink sink = {
		.write = take_bytes, .progress = progress, .ctx = &f, .max_size = FETCH_MAX,
	};
	struct server_status status = { .kind = SERVER_OTHER };
	char url[URL_SIZE];
	struct err ignored;
	bool ok;

	snprintf(url, sizeof(url), "%s", sim_fetch_wanted(t->sim));
	ok = server_fetch(url, &sink, &status, &ignored) == 0;
	if (f.failed)
		return -1;
	sim_fetch_end(t->sim, now_ms(t), &status, ok);
	return 0;
}

static int prepare(struct sim_tty *t, const struct sim_tty_config *config, struct err *e)
{
	struct sim_config sim = config->sim;

	if (config->baud)
		sim.baud = config->baud;
	if (config->link && snprintf(t->link, sizeof(t->link), "%s", config->link) >= (int)sizeof(t->link))
		return err_fail(e, MSG_LINK_LONG, "");
	t->asked = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (t->asked < 0)
		return err_fail_sys(e, MSG_NO_DESCRIPTOR, errno, "");
	t->sim = sim_new(&sim, e);
	if (!t->sim)
		return -1;
	t->server_baud = sim_baud(t->sim);
	if (config->listen) {
		t->listener = listen_open(config->listen, t->name, sizeof(t->name), e);
		if (t->listener < 0)
			return -1;
	}
	t->real_ns = t->now_ns = t->empty_ns = real_ns();
	sim_power_on(t->sim, now_ms(t), !config->booting);
	return open_port(t, e);
}

struct sim_tty *sim_tty_new(const struct sim_tty_config *config, struct err *e)
{
	struct sim_tty *t = calloc(1, sizeof(*t));

	if (!t) {
		err_fail(e, MSG_NO_MEMORY, "what=%s", "terminal");
		return NULL;
	}
	t->master = t->slave = t->last = t->listener = t->asked = -1;
	t->paced = config->paced;
	if (prepare(t, config, e) < 0) {
		sim_tty_free(t);
		return NULL;
	}
	return t;
}

const char *sim_tty_path(const struct sim_tty *t)
{
	return t->link[0] ? t->link : t->name;
}

int sim_tty_run(struct sim_tty *t, struct err *e)
{
	while (!t->stopping) {
		int rc;

		if (sim_fetch_wanted(t->sim))
			rc = fetch(t, e);
		else
			rc = turn(t, e);
		if (rc < 0)
			return -1;
	}
	return 0;
}

void sim_tty_stop(struct sim_tty *t)
{
	interrupt_wake(t->asked, STOP);
}

void sim_tty_release(struct sim_tty *t)
{
	interrupt_wake(t->asked, 1);
}

const struct sim *sim_tty_sim(const struct sim_tty *t)
{
	return t->sim;
}

void sim_tty_free(struct sim_tty *t)
{
	if (!t)
		return;
	close_port(t);
	if (t->last >= 0)
		close(t->last);
	if (t->listener >= 0)
		close(t->listener);
	if (t->asked >= 0)
		close(t->asked);
	sim_free(t->sim);
	free(t);
}

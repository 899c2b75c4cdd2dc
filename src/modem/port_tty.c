#include "config.h"

#include "modem/port_state.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <libserialport.h>

#include "base/count.h"
#include "modem/port.h"

/* A program that has just made its lock file opens the port within this (assumption). */
#define NEW_LOCK_MS 1000

static const struct {
	int baud;
	speed_t speed;
} speeds[] = {
	{ 300, B300 }, { 600, B600 }, { 1200, B1200 }, { 1800, B1800 },
	{ 2400, B2400 }, { 4800, B4800 }, { 9600, B9600 }, { 19200, B19200 },
	{ 38400, B38400 }, { 57600, B57600 }, { 115200, B115200 },
	{ 230400, B230400 }, { 460800, B460800 }, { 500000, B500000 },
	{ 576000, B576000 }, { 921600, B921600 }, { 1000000, B1000000 },
	{ 1152000, B1152000 }, { 1500000, B1500000 }, { 2000000, B2000000 },
	{ 2500000, B2500000 }, { 3000000, B3000000 }, { 3500000, B3500000 },
	{ 4000000, B4000000 },
};

static int find_speed(int baud, speed_t *speed, struct err *e)
{
	for (size_t i = 0; i < COUNT(speeds); i++)
		if (speeds[i].baud == baud) {
			*speed = speeds[i].speed;
			return 0;
		}
	return err_fail(e, MSG_PORT_RATE, "baud=%d", baud);
}

static int no_hardware(const char *path, int error_number, struct err *e)
{
	return err_fail_sys(e, MSG_PORT_NO_HARDWARE, error_number, "port=%s", path);
}

static int open_failed(struct port *p, const char *path, const struct stat *node, struct err *e)
{
	const struct places *w = &p->places;
	int error_number = errno;
	struct message why;

	switch (error_number) {
	case EACCES:
	case EPERM:
		port_permission(&why, path, node);
		return err_take(e, ERR_PORT, &why);
	case EBUSY:	/* TIOCEXCL of another program */
		return port_busy(&p->lock, w, node, path, e);
	case ENOENT:
		return port_missing(w, path, e);
	case EIO:
	case ENXIO:
	case ENODEV:
		return no_hardware(path, error_number, e);
	default:
		return err_fail_sys(e, MSG_PORT_OPEN_FAILED, error_number, "port=%s", path);
	}
}

/* As port_lock_file(), which may want a moment. */
static int take_lock_file(struct port *p, const char *device, const struct stat *node, struct err *e)
{
	int r;

	p->lock.waited = false;
	r = port_lock_file(&p->lock, &p->places, device, node, p->path, e);
	if (r == PORT_LOCK_NEW) {
		if (port_fd_pause(p, clock_now_ms(p->clock) + NEW_LOCK_MS, e) < 0)
			return -1;
		p->lock.waited = true;
		r = port_lock_file(&p->lock, &p->places, device, node, p->path, e);
	}
	if (r >= 0 && p->lock.stale.id != MSG_NONE)
		port_add_message(p, &p->lock.stale);
	return r;
}

/*
 * A tty of which nobody has changed anything since the computer or its driver
 * started begins with its echo on: what a module says before this goes back to
 * it as commands, and one that was waiting for a reader speaks within the
 * opening. So this comes before all that is not needed to know that the port is
 * ours. What is left are the few microseconds since the open, in which only the
 * kernel can keep its echo off (dfota(1), TROUBLESHOOTING); close_tty() leaves
 * it off, so that there is one such opening and not one each time.
 */
static int echo_off(struct port *p)
{
	struct termios quiet;

	if (tcgetattr(p->fd, &p->found) < 0)
		return errno;
	p->have_found = true;
	quiet = p->found;
	quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG);
	tcsetattr(p->fd, TCSANOW, &quiet);	/* configure() reads back */
	return 0;
}

/* Open DEVICE and lock it; of its settings only the echo is changed. */
static int open_locked(struct port *p, const char *path, const char *device,
		       const struct stat *node, struct err *e)
{
	const struct places *w = &p->places;
	struct holder h;
	struct stat now;
	int r, fd, error_number;

	/* Ask before the device is opened: an open alone may raise DTR. */
	if (holder_by_flock(w, node, &h))
		return port_busy(&p->lock, w, node, path, e);
	r = take_lock_file(p, device, node, e);
	if (r < 0)
		return -1;
	if (r == 0 && !p->lock_reported) {
		p->lock_reported = true;
		port_add_notice(p, MSG_NO_LOCK_FILE, w->lock);
	}
	fd = open(device, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return open_failed(p, path, node, e);
	if (port_lock_descriptor(&p->lock, fd, w, node, path, e) < 0)
		return -1;
	p->fd = fd;
	error_number = echo_off(p);
	if (fstat(fd, &now) < 0 || now.st_rdev != node->st_rdev || !isatty(fd))
		return err_fail(e, MSG_PORT_IS_NONE, "port=%s", path);
	if (error_number)
		return no_hardware(path, error_number, e);
	if (!node_is_pty(node))	/* behind one is a program, and no module that waits for a reader */
		p->found.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
	return 0;
}

/*
 * Let libserialport open what it knows. What it does not know (no name in
 * /sys/class/tty) or can't drive (no modem lines) stays with the descriptor
 * that holds the lock: the plain back end.
 */
static void open_serial(struct port *p, const char *device)
{
	int fd;

	if (sp_get_port_by_name(device, &p->serial) != SP_OK) {
		p->serial = NULL;
		return;
	}
	if (sp_open(p->serial, SP_MODE_READ_WRITE) != SP_OK) {
		sp_free_port(p->serial);
		p->serial = NULL;
		return;
	}
	/* 0.1.1 does not set it: protocol.md 4.3. */
	if (sp_get_port_handle(p->serial, &fd) == SP_OK &&
	    fcntl(fd, F_SETFD, FD_CLOEXEC) == 0) {
		p->fd = fd;
		return;
	}
	sp_close(p->serial);
	sp_free_port(p->serial);
	p->serial = NULL;
}

/* The first setting of WANT that GOT does not have; NULL when all are there. Of
 * a LINK that has no wire nothing is required that only a wire has: option, for
 * one, keeps what its tty had and stays at 9,600 (protocol.md 9). */
static const char *differing(const struct termios *got,
			     const struct termios *want, enum link link)
{
	bool wire = link_info(link)->sets_rate;
	const struct {
		tcflag_t got, want, mask;
		const char *what;
		bool of_wire;
	} rows[] = {
		{ got->c_iflag, want->c_iflag, IXON | IXOFF | IXANY, "XON/XOFF off", false },
		{ got->c_iflag, want->c_iflag, ~(tcflag_t)0, "unchanged input", false },
		{ got->c_oflag, want->c_oflag, OPOST, "raw output", false },
		{ got->c_lflag, want->c_lflag, ~(tcflag_t)0, "raw mode", false },
		{ got->c_cflag, want->c_cflag, CSIZE | CSTOPB | PARENB, "8N1", true },
		{ got->c_cflag, want->c_cflag, HUPCL, "HUPCL off", false },
		{ got->c_cflag, want->c_cflag, CLOCAL | CREAD, "CLOCAL", false },
		/* A driver may be unable to switch it on; that is a notice. */
		{ got->c_cflag & ~want->c_cflag, 0, CRTSCTS, "RTS/CTS off", true },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		if ((wire || !rows[i].of_wire) && (rows[i].got ^ rows[i].want) & rows[i].mask)
			return rows[i].what;
	if (wire && cfgetospeed(got) != cfgetospeed(want))
		return "bit rate";
	return NULL;
}

/* Set the line and read back: tcsetattr() succeeds when any of it worked. */
static int apply(struct port *p, const struct termios *want, struct err *e)
{
	struct termios got;
	const char *what;

	if (tcsetattr(p->fd, TCSANOW, want) < 0 || tcgetattr(p->fd, &got) < 0)
		return err_fail_sys(e, MSG_PORT_SETUP, errno, "port=%s", p->path);
	what = differing(&got, want, p->link);
	if (what)
		return err_fail(e, MSG_PORT_SETTING, "port=%s setting=%s", p->path, what);
	if (link_info(p->link)->sets_rate && want->c_cflag & ~got.c_cflag & CRTSCTS)
		port_add_notice(p, MSG_PORT_NO_FLOW_CONTROL, p->path);
	return 0;
}

/* Every bit is stated: what another program or libserialport left on stays
 * on otherwise (protocol.md 4.3). */
static int configure(struct port *p, const struct port_settings *s,
		     speed_t speed, struct err *e)
{
	struct termios want = p->found;
	speed_t found = cfgetospeed(&p->found);

	/* of no meaning there: what the module was told before stays */
	if (!link_info(p->link)->sets_rate && found != B0)
		speed = found;
	want.c_iflag = IGNBRK;
	want.c_oflag = 0;
	want.c_lflag = 0;
	want.c_cflag = CS8 | CREAD | CLOCAL | (s->flow_control ? CRTSCTS : 0);
	want.c_cc[VMIN] = 1;	/* 0 would make "nothing there" look like a hang-up */
	want.c_cc[VTIME] = 0;
	cfsetispeed(&want, speed);
	cfsetospeed(&want, speed);
	return apply(p, &want, e);
}

static enum link find_link(const struct port *p)
{
	struct port_info info;

	if (!port_find_sysfs(&p->places, p->path, &info))
		port_info_init(&info);
	return link_of(&info);
}

static int open_tty(struct port *p, const struct port_settings *s, struct err *e)
{
	char device[PATH_MAX];
	struct stat node;
	speed_t speed = B0;

	if (find_speed(s->baud, &speed, e) < 0 ||
	    (s->awaited && access(p->path, F_OK) < 0 && err_fail(e, MSG_PORT_NODE_MISSING, "port=%s", p->path) < 0) ||
	    port_resolve(&p->places, p->path, device, &node, e) < 0 ||
	    open_locked(p, p->path, device, &node, e) < 0)
		return -1;
	p->link = find_link(p);
	open_serial(p, device);
	/* On a pty the mark would outlive us, killed, as long as its master. */
	if (p->serial || !node_is_pty(&node))
		p->exclusive = ioctl(p->fd, TIOCEXCL) == 0;
	if (configure(p, s, speed, e) < 0)
		return -1;
	if ((p->found.c_cflag & HUPCL) && !p->hupcl_reported) {
		p->hupcl_reported = true;
		port_add_notice(p, MSG_PORT_HUPCL, p->path);
	}
	p->found.c_cflag &= ~(tcflag_t)HUPCL;
	if (cfgetospeed(&p->found) == B0) {	/* B0 means: drop DTR */
		cfsetispeed(&p->found, speed);
		cfsetospeed(&p->found, speed);
	}
	return 0;
}

static int set_rate(struct port *p, int baud, struct err *e)
{
	struct termios want;
	speed_t speed = B0;

	if (find_speed(baud, &speed, e) < 0)
		return -1;
	if (!link_info(p->link)->sets_rate)
		return 0;
	if (tcgetattr(p->fd, &want) < 0)
		return port_gone(p, errno, e);
	cfsetispeed(&want, speed);
	cfsetospeed(&want, speed);
	return apply(p, &want, e);
}

static int set_flow(struct port *p, bool on, struct err *e)
{
	struct termios want;
	int lines;

	if (link_info(p->link)->flow == FLOW_BUS)	/* CTS says nothing of it */
		return 0;
	if (on && ioctl(p->fd, TIOCMGET, &lines) == 0 && !(lines & TIOCM_CTS))
		return err_fail(e, MSG_PORT_CTS_LOW, "port=%s", p->path);
	if (tcgetattr(p->fd, &want) < 0)
		return port_gone(p, errno, e);
	want.c_cflag &= ~(tcflag_t)CRTSCTS;
	if (on)
		want.c_cflag |= CRTSCTS;
	return apply(p, &want, e);
}

static void close_tty(struct port *p)
{
	if (p->have_found) {
		tcflush(p->fd, TCOFLUSH);
		tcsetattr(p->fd, TCSANOW, &p->found);
	}
	if (p->exclusive)
		ioctl(p->fd, TIOCNXCL);
	if (p->serial) {
		sp_close(p->serial);
		sp_free_port(p->serial);
	}
	port_lock_release(&p->lock);
	p->serial = NULL;
	p->have_found = p->exclusive = false;
}

static int write_tty(struct port *p, const void *buf, size_t size, int64_t deadline_ms, struct err *e)
{
	return port_fd_write(p, write, buf, size, deadline_ms, e);
}

static void discard(struct port *p)
{
	tcflush(p->fd, TCOFLUSH);
}

const struct backend port_backend_tty = {
	.open = open_tty, .close = close_tty, .read = port_fd_read, .write = write_tty,
	.pause = port_fd_pause, .set_baud = set_rate, .set_flow = set_flow, .discard = discard,
	.drain = port_fd_drain,
};

#include "config.h"

#include "modem/port.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include <libserialport.h>

#include "modem/port_state.h"

#define DRAIN_STEP_MS 50

static struct port *new_port(const struct clock *clock,
			     struct interrupt *interrupt, struct err *e)
{
	struct port *p = calloc(1, sizeof(*p));

	if (!p) {
		err_fail_sys(e, MSG_PORT_NO_MEMORY, errno, "");
		return NULL;
	}
	p->clock = clock;
	p->interrupt = interrupt;
	p->fd = -1;
	p->lock.fd = -1;
	return p;
}

struct port *port_new(const struct clock *clock, struct interrupt *interrupt,
		      const struct port_roots *roots, struct err *e)
{
	struct port *p = new_port(clock, interrupt, e);

	if (p && places_init(&p->places, roots, e) < 0) {
		port_free(p);
		return NULL;
	}
	return p;
}

struct port *port_new_custom(const struct clock *clock,
			     struct interrupt *interrupt,
			     const struct port_backend *ops, void *ctx,
			     struct err *e)
{
	struct port *p = new_port(clock, interrupt, e);

	if (p) {
		p->ops = ops;
		p->ctx = ctx;
	}
	return p;
}

void port_free(struct port *p)
{
	if (!p)
		return;
	port_close(p);
	free(p);
}

/* Undo whatever of an opening was done so far. */
static void release(struct port *p)
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
	if (p->socket && p->fd >= 0)
		close(p->fd);
	port_lock_release(&p->lock);
	p->serial = NULL;
	p->have_found = p->exclusive = p->socket = p->open = false;
	p->fd = -1;
	p->path[0] = '\0';
}

static int not_open(struct err *e)
{
	return err_fail(e, MSG_PORT_NOT_OPEN, "");
}

int port_open(struct port *p, const char *path, const struct port_settings *s,
	      struct err *e)
{
	int r;

	if (p->open)
		return err_fail(e, MSG_PORT_IS_OPEN, "port=%s", p->path);
	if (!path_join(p->path, sizeof(p->path), "%s", path)) {
		p->path[0] = '\0';
		return err_fail(e, MSG_PORT_NAME_LONG, "");
	}
	p->notice_count = 0;
	if (p->ops)
		r = p->ops->open(p->ctx, path, s, e);
	else if (strncmp(path, "tcp:", 4) == 0)
		r = port_open_tcp(p, e);
	else
		r = port_open_tty(p, s, e);
	if (r < 0) {
		release(p);
		return -1;
	}
	p->baud = s->baud;
	p->open = true;
	return 0;
}

void port_close(struct port *p)
{
	if (p->open && p->ops)
		p->ops->close(p->ctx);
	if (p->open)
		release(p);
}

bool port_is_open(const struct port *p)
{
	return p->open;
}

const struct message *port_notice(const struct port *p, size_t index)
{
	return index < p->notice_count ? &p->notices[index] : NULL;
}

int port_set_baud(struct port *p, int baud, struct err *e)
{
	if (!p->open)
		return not_open(e);
	if (p->ops && p->ops->set_baud && p->ops->set_baud(p->ctx, baud, e) < 0)
		return -1;
	if (!p->ops && !p->socket && port_set_rate(p, baud, e) < 0)
		return -1;
	p->baud = baud;
	return 0;
}

int port_set_flow_control(struct port *p, bool on, struct err *e)
{
	if (!p->open)
		return not_open(e);
	return p->ops || p->socket ? 0 : port_set_flow(p, on, e);
}

static bool would_block(int error_number)
{
	return error_number == EAGAIN || error_number == EINTR;
}

/* A back end may return early with nothing, so that an interrupt is noticed. */
static int read_custom(struct port *p, void *buf, size_t size,
		       int64_t deadline_ms, struct err *e)
{
	int n;

	do {
		if (port_check_interrupt(p, e) < 0)
			return -1;
		n = p->ops->read(p->ctx, buf, size, deadline_ms, e);
	} while (n == 0 && clock_now_ms(p->clock) < deadline_ms);
	return n;
}

int port_read(struct port *p, void *buf, size_t size, int64_t deadline_ms,
	      struct err *e)
{
	assert(size > 0 && size <= INT_MAX);
	if (!p->open)
		return not_open(e);
	if (p->ops)
		return read_custom(p, buf, size, deadline_ms, e);
	for (;;) {
		int bits = port_wait(p, POLLIN, deadline_ms, e);
		ssize_t n;

		if (bits <= 0)
			return bits;
		n = read(p->fd, buf, size);
		if (n > 0)
			return (int)n;
		if (n == 0 || !would_block(errno))
			return port_gone(p, n < 0 ? errno : 0, e);
		if (bits & (POLLHUP | POLLERR | POLLNVAL))
			return port_gone(p, 0, e);
	}
}

static ssize_t put(struct port *p, const void *bytes, size_t size)
{
	return p->socket ? send(p->fd, bytes, size, MSG_NOSIGNAL) :
			   write(p->fd, bytes, size);
}

/* What ends the call with an error waits for the next call when bytes went
 * out in this one: the caller must know how many. */
int port_write(struct port *p, const void *buf, size_t size,
	       int64_t deadline_ms, struct err *e)
{
	const unsigned char *bytes = buf;
	size_t done = 0;

	assert(size <= INT_MAX);
	if (!p->open)
		return not_open(e);
	if (port_check_interrupt(p, e) < 0)
		return -1;
	if (p->ops)
		return p->ops->write(p->ctx, buf, size, deadline_ms, e);
	while (done < size) {
		ssize_t n = put(p, bytes + done, size - done);
		int bits;

		if (n > 0) {
			done += (size_t)n;
			continue;
		}
		if (n < 0 && !would_block(errno))
			return done ? (int)done : port_gone(p, errno, e);
		bits = port_sleep(p, p->fd, POLLIN | POLLOUT, deadline_ms, e);
		if (bits < 0)
			return done ? (int)done : -1;
		if (bits & WOKEN) {
			if (done)
				return (int)done;
			if (port_check_interrupt(p, e) < 0)
				return -1;
			continue;
		}
		if (bits & (POLLHUP | POLLERR | POLLNVAL))
			return done ? (int)done : port_gone(p, 0, e);
		if (!(bits & POLLOUT))	/* input waits, or the deadline */
			break;
	}
	return (int)done;
}

int port_pause(struct port *p, int64_t deadline_ms, struct err *e)
{
	int bits;

	do {
		if (port_check_interrupt(p, e) < 0)
			return -1;
		if (p->ops && p->ops->wait(p->ctx, deadline_ms, e) < 0)
			return -1;
	} while (p->ops && clock_now_ms(p->clock) < deadline_ms);
	if (p->ops)
		return port_check_interrupt(p, e);
	bits = port_wait_on(p, -1, 0, deadline_ms, e);
	return bits < 0 ? -1 : 0;
}

void port_discard_output(struct port *p)
{
	if (p->open && !p->ops && !p->socket)
		tcflush(p->fd, TCOFLUSH);
}

/* Bytes that have not left yet, -1 with errno. A UART's own register is asked
 * where the driver shows it. */
static int unsent(const struct port *p)
{
	int queued = 0, status = 0;

	if (ioctl(p->fd, TIOCOUTQ, &queued) < 0)
		return -1;
	if (!queued && !p->socket && ioctl(p->fd, TIOCSERGETLSR, &status) == 0 &&
	    !(status & TIOCSER_TEMT))
		queued = 1;
	return queued;
}

int port_drain(struct port *p, int64_t deadline_ms, struct err *e)
{
	if (!p->open)
		return not_open(e);
	if (port_check_interrupt(p, e) < 0)
		return -1;
	if (p->ops)
		return 0;
	for (;;) {
		int queued = unsent(p), bits;
		int64_t now = clock_now_ms(p->clock), step_ms;

		if (queued <= 0)
			return queued < 0 ? port_gone(p, errno, e) : 0;
		if (now >= deadline_ms)
			return err_fail(e, MSG_PORT_UNSENT, "port=%s size=%d", p->path, queued);
		/* Nothing signals an empty queue: look again when the line
		 * has had time for it. */
		step_ms = (int64_t)queued * 10 * 1000 / p->baud + 1;
		if (step_ms > DRAIN_STEP_MS)
			step_ms = DRAIN_STEP_MS;
		bits = port_wait(p, 0, step_ms < deadline_ms - now ?
				 now + step_ms : deadline_ms, e);
		if (bits != 0)
			return bits < 0 ? -1 : port_gone(p, 0, e);
	}
}

const char *port_library(void)
{
	return sp_get_package_version_string();
}

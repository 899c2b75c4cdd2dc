#include "config.h"

#include "modem/port_state.h"

#include <errno.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Nothing signals an empty queue: it is looked at so often. */
#define DRAIN_STEP_MS 50

static bool would_block(int error_number)
{
	return error_number == EAGAIN || error_number == EINTR;
}

int port_fd_read(struct port *p, void *buf, size_t size, int64_t deadline_ms, struct err *e)
{
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

/* What ends the call with an error waits for the next call when bytes went
 * out in this one: the caller must know how many. */
int port_fd_write(struct port *p, port_put *put, const void *buf, size_t size,
		  int64_t deadline_ms, struct err *e)
{
	const unsigned char *bytes = buf;
	size_t done = 0;

	while (done < size) {
		ssize_t n = put(p->fd, bytes + done, size - done);
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

int port_fd_pause(struct port *p, int64_t deadline_ms, struct err *e)
{
	return port_wait_on(p, -1, 0, deadline_ms, e) < 0 ? -1 : 0;
}

/* Bytes that have not left yet, -1 with errno. A UART's own register is asked
 * where the driver shows it; a socket has none. */
static int unsent(const struct port *p)
{
	int queued = 0, status = 0;

	if (ioctl(p->fd, TIOCOUTQ, &queued) < 0)
		return -1;
	if (!queued && ioctl(p->fd, TIOCSERGETLSR, &status) == 0 && !(status & TIOCSER_TEMT))
		queued = 1;
	return queued;
}

int port_fd_drain(struct port *p, int64_t deadline_ms, struct err *e)
{
	for (;;) {
		int queued = unsent(p), bits;
		int64_t now = clock_now_ms(p->clock), step_ms;

		if (queued <= 0)
			return queued < 0 ? port_gone(p, errno, e) : 0;
		if (now >= deadline_ms)
			return err_fail(e, MSG_PORT_UNSENT, "port=%s size=%d", p->path, queued);
		/* look again when the line has had time for it */
		step_ms = (int64_t)queued * 10 * 1000 / p->baud + 1;
		if (step_ms > DRAIN_STEP_MS)
			step_ms = DRAIN_STEP_MS;
		bits = port_wait(p, 0, step_ms < deadline_ms - now ?
				 now + step_ms : deadline_ms, e);
		if (bits != 0)
			return bits < 0 ? -1 : port_gone(p, 0, e);
	}
}

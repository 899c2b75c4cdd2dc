#include "config.h"

#include "modem/port_state.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>

#include "base/address.h"
#include "base/count.h"

/* More than a busy machine takes: the program was stopped, or starved. */
#define LATE_MS 3000

void port_add_message(struct port *p, const struct message *m)
{
	assert(p->notice_count < PORT_NOTICES);
	p->notices[p->notice_count++] = *m;
}

void port_add_notice(struct port *p, enum message_id id, const char *value)
{
	struct message m;

	message_begin(&m, id);
	message_value(&m, value);
	port_add_message(p, &m);
}

int port_gone(const struct port *p, int error_number, struct err *e)
{
	static const int gone[] = {
		0, EIO, ENXIO, ENODEV, EPIPE, ECONNRESET, ETIMEDOUT,
		EHOSTUNREACH, ENETUNREACH, ENETDOWN,
	};

	for (size_t i = 0; i < COUNT(gone); i++)
		if (error_number == gone[i]) {
			if (address_of_port(p->path))
				err_fail(e, MSG_CONNECTION_GONE, "port=%s", p->path);
			else
				err_fail(e, MSG_PORT_GONE, "port=%s", p->path);
			e->detail = error_number;
			return -1;
		}
	return err_fail_sys(e, MSG_PORT_FAILED, error_number, "port=%s", p->path);
}

/* Do what an interrupt wants, if there was one. */
int port_check_interrupt(struct port *p, struct err *e)
{
	return interrupt_ends(p->interrupt) ? err_fail(e, MSG_CANCELLED, "") : 0;
}

/* A wait was over OVER_MS after its end. */
void port_note_late(struct port *p, int64_t over_ms)
{
	if (over_ms >= LATE_MS)
		p->late_ms += over_ms;
}

int64_t port_take_late_ms(struct port *p)
{
	int64_t late_ms = p->late_ms;

	p->late_ms = 0;
	return late_ms;
}

/* How late a wait was is known where it was to end: so often, then. */
#define NAP_MS 2000

void port_share_waits(struct port *p, const struct port_companion *c)
{
	p->companion = c ? *c : (struct port_companion){ .work = NULL };
}

/* Sleep until EVENTS or a hang-up on FD (-1: none), an interrupt, or the
 * deadline. Returns the bits, 0 at the deadline, -1 with E. */
int port_sleep(struct port *p, int fd, short events,
		       int64_t deadline_ms, struct err *e)
{
	int wake = p->interrupt ? p->interrupt->fd : -1;

	for (;;) {
		const struct port_companion *beside = p->companion.work ? &p->companion : NULL;
		struct port_need need = beside ? beside->need(beside->ctx) : (struct port_need){ -1, 0, INT64_MAX };
		struct pollfd fds[] = { { wake, POLLIN, 0 }, { fd, events, 0 }, { need.fd, need.events, 0 } };
		int64_t end = need.due_ms < deadline_ms ? need.due_ms : deadline_ms;
		int64_t now = clock_now_ms(p->clock);
		int64_t left = end > now ? end - now : 0;

		left = left < NAP_MS ? left : NAP_MS;
		if (interrupt_poll(fds, 3, (int)left) < 0)
			return err_fail_sys(e, MSG_PORT_WAIT, errno, "");
		port_note_late(p, clock_now_ms(p->clock) - now - left);
		if (beside && (fds[2].revents || clock_now_ms(p->clock) >= need.due_ms))
			beside->work(beside->ctx);
		if (fds[0].revents || fds[1].revents)
			return fds[1].revents | (fds[0].revents ? WOKEN : 0);
		if (clock_now_ms(p->clock) >= deadline_ms)
			return 0;
	}
}

/* The same with interrupts asked: they end it with ERR_CANCELLED or not at
 * all. */
int port_wait_on(struct port *p, int fd, short events, int64_t deadline_ms,
		   struct err *e)
{
	int bits = WOKEN;

	while (bits > 0 && (bits & WOKEN)) {
		bits = port_sleep(p, fd, events, deadline_ms, e);
		if (bits > 0 && (bits & WOKEN) && port_check_interrupt(p, e) < 0)
			return -1;
	}
	return bits;
}

int port_wait(struct port *p, short events, int64_t deadline_ms, struct err *e)
{
	return port_wait_on(p, p->fd, events, deadline_ms, e);
}

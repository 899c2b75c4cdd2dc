#include "config.h"

#include "modem/port_net_state.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "base/count.h"
#include "modem/port.h"

/* Telnet with COM-PORT-OPTION: protocol/telnet.h over a connection. */

#define AGREE_MS 5000	/* as long as a connection may take */
#define ANSWER_MS 3000	/* a server looks after its line once a second (protocol.md 4.6) */

/* Send what waits for the server; it stays where there is no room. */
static int flush(struct port *p, struct err *e)
{
	struct telnet *t = &p->net->telnet;

	while (t->out_size > 0) {
		ssize_t n = net_put(p->fd, t->out, t->out_size);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return 0;
		if (n < 0)
			return port_gone(p, errno, e);
		telnet_flushed(t, (size_t)n);
	}
	return 0;
}

/* The bytes of rx from AT on are as they came. */
static void decode(struct port *p, size_t at)
{
	struct port_net *n = p->net;
	size_t size = telnet_take(&n->telnet, n->rx + at, n->rx_size - at, n->rx + at);

	n->rx_size = at + size;
	if (size > 0)
		net_heard(p, n->rx + at, size);
}

/* Take in what is there. What nobody has read while the server was asked
 * something makes room for more. */
static int pull(struct port *p, struct err *e)
{
	struct port_net *n = p->net;
	size_t room = telnet_room(&n->telnet), at;
	int r;

	if (sizeof(n->rx) - n->rx_size < sizeof(n->rx) / 8)
		n->rx_at = n->rx_size = 0;
	at = n->rx_size;
	r = net_fill(p, room, e);
	if (r <= 0)
		return r;
	/* the rest of an option that does not end is the line's */
	if (n->midway_ms && clock_now_ms(p->clock) - n->midway_ms > ANSWER_MS)
		telnet_give_up(&n->telnet);
	decode(p, at);
	if (!telnet_is_midway(&n->telnet))
		n->midway_ms = 0;
	else if (!n->midway_ms)
		n->midway_ms = clock_now_ms(p->clock);
	return r;
}

static short events_of(const struct telnet *t)
{
	return (short)((telnet_room(t) > 0 ? POLLIN : 0) | (t->out_size > 0 ? POLLOUT : 0));
}

static bool is_over(const struct port *p, int64_t deadline_ms)
{
	return clock_now_ms(p->clock) >= deadline_ms;
}

/* One turn: what waits goes out, what came is taken in. 1, 0 at the deadline, also
 * where a flood of commands goes on, -1. */
static int serve(struct port *p, int64_t deadline_ms, struct err *e)
{
	int bits = flush(p, e) < 0 ? -1 :
		port_wait(p, events_of(&p->net->telnet), deadline_ms, e);

	if (bits > 0 && (bits & ~POLLOUT) && pull(p, e) < 0)
		bits = -1;
	if (bits < 0 && e->code == ERR_GONE)
		net_failed(p);
	return bits < 0 ? -1 : bits > 0 && !is_over(p, deadline_ms);
}

/* Until the server has answered COMMANDS, a bit each, or its time is up. */
static int await(struct port *p, unsigned commands, struct err *e)
{
	int64_t end_ms = clock_now_ms(p->clock) + ANSWER_MS;
	int r = 1;

	while (r > 0 && (p->net->telnet.answered & commands) != commands)
		r = serve(p, end_ms, e);
	return r < 0 ? -1 : 0;
}

/* Ask for one setting: 1 it is in force, 0 it is not, or not answered. */
static int set(struct port *p, enum telnet_command command, uint32_t value, struct err *e)
{
	struct telnet *t = &p->net->telnet;

	if (!telnet_ask(t, command, value))
		return 0;
	if (await(p, 1u << command, e) < 0)
		return -1;
	return telnet_answered(t, command) && telnet_value(t, command) == value;
}

static int rate_in_force(const struct telnet *t)
{
	uint32_t rate = telnet_value(t, TELNET_BAUD);

	return telnet_answered(t, TELNET_BAUD) && rate >= 50 && rate <= 4000000 ? (int)rate : 0;
}

/* What the server made of the settings: 8N1 must be, a rate is taken as it is. */
static int judge_line(struct port *p, int wanted, struct err *e)
{
	static const struct {
		enum telnet_command command;
		uint32_t value;
		const char *name;
	} frame[] = {
		{ TELNET_DATA_SIZE, 8, "8" }, { TELNET_PARITY, 1, "N" }, { TELNET_STOP_SIZE, 1, "1" },
	};
	const struct telnet *t = &p->net->telnet;
	int rate = rate_in_force(t);
	bool confirmed = rate > 0;

	for (size_t i = 0; i < COUNT(frame); i++) {
		bool answered = telnet_answered(t, frame[i].command);

		confirmed = confirmed && answered;
		if (answered && telnet_value(t, frame[i].command) != frame[i].value)
			return err_fail(e, MSG_TELNET_FRAME, "port=%s", p->path);
	}
	if (!confirmed)
		port_add_notice(p, MSG_TELNET_UNCONFIRMED, p->path);
	if (rate == 0)
		return 0;
	p->link = LINK_TELNET;
	p->baud = rate;
	if (rate != wanted)
		net_add_rate(p, rate, wanted);
	return 0;
}

/* DTR is raised as opening a device does it, and never dropped; a server whose
 * device has none does not answer that. */
static int set_line(struct port *p, const struct port_settings *s, struct err *e)
{
	const struct {
		enum telnet_command command;
		uint32_t value;
	} rows[] = {
		{ TELNET_BAUD, (uint32_t)s->baud }, { TELNET_DATA_SIZE, 8 }, { TELNET_PARITY, 1 },
		{ TELNET_STOP_SIZE, 1 }, { TELNET_CONTROL, TELNET_DTR_ON },
		{ TELNET_LINE_MASK, 0 }, { TELNET_MODEM_MASK, TELNET_CTS },
	};
	unsigned awaited = 0;

	for (size_t i = 0; i < COUNT(rows); i++)
		if (telnet_ask(&p->net->telnet, rows[i].command, rows[i].value) &&
		    rows[i].command < TELNET_CONTROL)
			awaited |= 1u << rows[i].command;
	if (await(p, awaited, e) < 0)
		return -1;
	return judge_line(p, s->baud, e);
}

static int agree(struct port *p, const struct port_settings *s, struct err *e)
{
	struct telnet *t = &p->net->telnet;
	int64_t end_ms = clock_now_ms(p->clock) + AGREE_MS;
	int r = 1;

	telnet_start(t);
	while (r > 0 && telnet_pending(t))
		r = serve(p, end_ms, e);
	if (r < 0)
		return e->code == ERR_GONE ? net_refused(p, e) : -1;
	if (!telnet_is_binary(t))
		return err_fail(e, telnet_pending(t) ? MSG_TELNET_NO_ANSWER : MSG_TELNET_NOT_BINARY,
				"port=%s", p->path);
	if (!telnet_has_com_port(t)) {
		port_add_notice(p, MSG_TELNET_NO_COM_PORT, p->path);
		return 0;
	}
	if (set_line(p, s, e) < 0)
		return e->code == ERR_GONE ? net_refused(p, e) : -1;
	return 0;
}

int telnet_begin(struct port *p, const struct port_settings *s, struct err *e)
{
	p->backend = &port_backend_telnet;
	decode(p, 0);
	if (agree(p, s, e) < 0)
		return -1;
	net_add_greeting(p);
	return 0;
}

static int open_telnet(struct port *p, const struct port_settings *s, struct err *e)
{
	return net_open(p, e) < 0 ? -1 : telnet_begin(p, s, e);
}

void telnet_begin_late(struct port *p)
{
	struct err later;

	p->backend = &port_backend_telnet;
	decode(p, 0);
	telnet_start(&p->net->telnet);
	flush(p, &later);	/* the next call has the same error */
}

static int read_telnet(struct port *p, void *buf, size_t size, int64_t deadline_ms, struct err *e)
{
	int r = 1;

	while (r > 0 && p->net->rx_size == 0)
		r = serve(p, deadline_ms, e);
	/* what came before an end or a deadline is read first */
	return p->net->rx_size > 0 ? (int)net_take(p, buf, size) : r;
}

/* What fits now. How many were taken, 0: no room, -1. */
static int send_some(struct port *p, const unsigned char *bytes, size_t size, struct err *e)
{
	struct telnet *t = &p->net->telnet;
	unsigned char out[1400];
	ssize_t n;
	bool half;

	/* a new connection agrees to it again, or is refused */
	if (!telnet_is_binary(t) && !telnet_pending(t))
		return err_fail(e, MSG_TELNET_LEFT_BINARY, "port=%s", p->path);
	if (flush(p, e) < 0)
		return -1;
	if (t->suspended || !telnet_is_binary(t) || t->out_size > 0)
		return 0;
	n = net_put(p->fd, out, telnet_encode(bytes, size, out, sizeof(out)));
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : port_gone(p, errno, e);
	p->net->asked = true;
	size = telnet_sent(out, (size_t)n, &half);
	if (half)
		telnet_owes_half(t);
	return (int)size;
}

/* 1: try again; 0: the deadline, or what takes the caller: bytes to read, or an
 * interrupt after some were DONE; -1. */
static int await_room(struct port *p, size_t done, int64_t deadline_ms, struct err *e)
{
	const struct telnet *t = &p->net->telnet;
	bool held = t->suspended || !telnet_is_binary(t);
	int bits;

	if (p->net->rx_size > 0)
		return 0;
	bits = port_sleep(p, p->fd, (short)(events_of(t) | (held ? 0 : POLLOUT)), deadline_ms, e);
	if (bits <= 0)
		return bits;
	if (bits & WOKEN)
		return done > 0 ? 0 : port_check_interrupt(p, e) < 0 ? -1 : 1;
	return (bits & ~POLLOUT) && pull(p, e) < 0 ? -1 : 1;
}

static int write_telnet(struct port *p, const void *buf, size_t size, int64_t deadline_ms, struct err *e)
{
	const unsigned char *bytes = buf;
	size_t done = 0;

	while (done < size) {
		int n = send_some(p, bytes + done, size - done, e);

		if (n > 0) {
			done += (size_t)n;
			continue;
		}
		if (n == 0)
			n = await_room(p, done, deadline_ms, e);
		if (n > 0 && !is_over(p, deadline_ms))
			continue;
		if (n < 0 && e->code == ERR_GONE)
			net_failed(p);
		return n < 0 && done == 0 ? -1 : (int)done;
	}
	return (int)done;
}

static int set_baud_telnet(struct port *p, int baud, struct err *e)
{
	int r;

	if (p->link != LINK_TELNET)	/* the server's */
		return 0;
	r = set(p, TELNET_BAUD, (uint32_t)baud, e);
	if (r != 0)
		return r < 0 ? -1 : 0;
	return err_fail(e, MSG_TELNET_RATE, "port=%s wanted=%d", p->path, baud);
}

static int set_flow_telnet(struct port *p, bool on, struct err *e)
{
	const struct telnet *t = &p->net->telnet;
	int r;

	if (p->link != LINK_TELNET)
		return 0;
	r = set(p, TELNET_CONTROL, on ? TELNET_FLOW_LINES : TELNET_FLOW_NONE, e);
	if (r < 0 || !on)
		return r < 0 ? -1 : 0;
	if (r == 0)
		return err_fail(e, MSG_TELNET_NO_FLOW, "port=%s", p->path);
	if (!telnet_answered(t, TELNET_MODEM_STATE) || (telnet_value(t, TELNET_MODEM_STATE) & TELNET_CTS))
		return 0;
	if (set(p, TELNET_CONTROL, TELNET_FLOW_NONE, e) < 0)
		return -1;
	return err_fail(e, MSG_PORT_CTS_LOW, "port=%s", p->path);
}

/* Of the server's buffer: ours has room for a pair at most. */
static void discard_telnet(struct port *p)
{
	struct err later;

	if (telnet_has_com_port(&p->net->telnet) && telnet_ask(&p->net->telnet, TELNET_PURGE, TELNET_PURGE_OUT))
		flush(p, &later);	/* the next call has the same error */
}

static int drain_telnet(struct port *p, int64_t deadline_ms, struct err *e)
{
	while (p->net->telnet.out_size > 0) {
		int r = serve(p, deadline_ms, e);

		if (r == 0 && p->net->telnet.out_size > 0)
			return err_fail(e, MSG_PORT_UNSENT, "port=%s size=%zu", p->path, p->net->telnet.out_size);
		if (r < 0)
			return -1;
	}
	return port_fd_drain(p, deadline_ms, e);
}

const struct backend port_backend_telnet = {
	.open = open_telnet, .close = net_close, .read = read_telnet, .write = write_telnet,
	.pause = port_fd_pause, .set_baud = set_baud_telnet, .set_flow = set_flow_telnet,
	.discard = discard_telnet, .drain = drain_telnet,
};

#include "config.h"

#include "modem/port_net_state.h"

#include <string.h>

/* Raw TCP: bytes as they are, until the first ones that come are telnet's. */

static int open_tcp(struct port *p, const struct port_settings *s, struct err *e)
{
	int r = net_open(p, e) < 0 ? -1 : net_greeting(p, e);

	if (r < 0)
		return -1;
	if (r > 0) {
		port_add_notice(p, MSG_TELNET_FOUND, p->path);
		return telnet_begin(p, s, e);
	}
	net_add_greeting(p);
	port_add_notice(p, MSG_TCP_SETTINGS, p->path);
	return 0;
}

/* BUF[SIZE] is a greeting that came late. */
static int go_on_as_telnet(struct port *p, void *buf, size_t size, int64_t deadline_ms, struct err *e)
{
	memcpy(p->net->rx, buf, size);
	p->net->rx_size = size;
	telnet_begin_late(p);
	return p->backend->read(p, buf, size, deadline_ms, e);
}

static int read_tcp(struct port *p, void *buf, size_t size, int64_t deadline_ms, struct err *e)
{
	struct port_net *net = p->net;
	bool first = !net->said_size;
	int n;

	if (net->rx_size > 0)
		return (int)net_take(p, buf, size);
	if (first && size > sizeof(net->said))
		size = sizeof(net->said);
	n = port_fd_read(p, buf, size, deadline_ms, e);
	if (n < 0 && e->code == ERR_GONE)
		return net_failed(p);
	if (n <= 0)
		return n;
	if (first && n > 1 && telnet_begins(buf, (size_t)n))
		return go_on_as_telnet(p, buf, (size_t)n, deadline_ms, e);
	net_heard(p, buf, (size_t)n);
	return n;
}

static int write_tcp(struct port *p, const void *buf, size_t size, int64_t deadline_ms, struct err *e)
{
	int n = port_fd_write(p, net_put, buf, size, deadline_ms, e);

	if (n > 0)
		p->net->asked = true;
	return n < 0 && e->code == ERR_GONE ? net_failed(p) : n;
}

const struct backend port_backend_tcp = {
	.open = open_tcp, .close = net_close, .read = read_tcp, .write = write_tcp,
	.pause = port_fd_pause, .drain = port_fd_drain,
};

#include "config.h"

#include "modem/port_state.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/address.h"
#include "base/count.h"

#define CONNECT_MS 5000

/* Cut "tcp:HOST:PORT" into its parts. */
static int split_tcp(const char *path, struct address *out, struct err *e)
{
	if (address_split(path + strlen("tcp:"), out) && out->host[0] && out->port[0] != '0')
		return 0;
	return err_fail(e, MSG_TCP_NAME, "port=%s", path);
}

/* Without keepalive a server that lost its power would look like a module
 * that has nothing to say. */
static void set_options(int fd)
{
	static const struct {
		int level, name, value;
	} rows[] = {
		{ IPPROTO_TCP, TCP_NODELAY, 1 },
		{ SOL_SOCKET, SO_KEEPALIVE, 1 },
		{ IPPROTO_TCP, TCP_KEEPIDLE, 10 },
		{ IPPROTO_TCP, TCP_KEEPINTVL, 5 },
		{ IPPROTO_TCP, TCP_KEEPCNT, 3 },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		setsockopt(fd, rows[i].level, rows[i].name, &rows[i].value,
			   sizeof(rows[i].value));
}

/* Connect to one address: 1, or 0 with errno when it can't be reached, or -1
 * when the call was cancelled. p->fd is open then in any case but 0. */
static int connect_address(struct port *p, const struct addrinfo *a,
			   int64_t deadline_ms, struct err *e)
{
	int error_number = 0;
	socklen_t size = sizeof(error_number);
	int r;

	p->fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (p->fd < 0)
		return 0;
	if (connect(p->fd, a->ai_addr, a->ai_addrlen) == 0)
		return 1;
	error_number = errno;
	if (error_number == EINPROGRESS) {
		r = port_wait(p, POLLOUT, deadline_ms, e);
		if (r < 0)
			return -1;
		error_number = ETIMEDOUT;
		if (r > 0)
			getsockopt(p->fd, SOL_SOCKET, SO_ERROR, &error_number, &size);
		if (!error_number)
			return 1;
	}
	close(p->fd);
	p->fd = -1;
	errno = error_number;
	return 0;
}

static int open_tcp(struct port *p, const struct port_settings *s, struct err *e)
{
	const struct addrinfo hints = { .ai_family = AF_UNSPEC,
					.ai_socktype = SOCK_STREAM,
					.ai_flags = AI_NUMERICSERV };
	int64_t deadline_ms = clock_now_ms(p->clock) + CONNECT_MS;
	struct addrinfo *list = NULL;
	struct address where;
	int r;

	(void)s;
	p->link = LINK_SOCKET;
	if (split_tcp(p->path, &where, e) < 0)
		return -1;
	r = getaddrinfo(where.host, where.port, &hints, &list);
	if (r != 0)
		return err_fail(e, MSG_TCP_LOOKUP, "host=%s reason=%s", where.host, gai_strerror(r));
	r = 0;
	for (const struct addrinfo *a = list; a && r == 0; a = a->ai_next)
		r = connect_address(p, a, deadline_ms, e);
	if (r == 0)
		err_fail_sys(e, MSG_TCP_CONNECT, errno, "port=%s", p->path);
	freeaddrinfo(list);
	if (r <= 0)
		return -1;
	set_options(p->fd);
	port_add_notice(p, MSG_TCP_SETTINGS, p->path);
	return 0;
}

static void close_tcp(struct port *p)
{
	if (p->fd >= 0)
		close(p->fd);
}

static ssize_t put(int fd, const void *bytes, size_t size)
{
	return send(fd, bytes, size, MSG_NOSIGNAL);
}

static int write_tcp(struct port *p, const void *buf, size_t size, int64_t deadline_ms, struct err *e)
{
	return port_fd_write(p, put, buf, size, deadline_ms, e);
}

const struct backend port_backend_tcp = {
	.prefix = "tcp:", .open = open_tcp, .close = close_tcp, .read = port_fd_read, .write = write_tcp,
	.pause = port_fd_pause, .drain = port_fd_drain,
};

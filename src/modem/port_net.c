#include "config.h"

#include "modem/port_net_state.h"

#include <ctype.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/address.h"
#include "base/count.h"
#include "base/text.h"
#include "modem/port.h"

#define CONNECT_MS 5000
/* A server greets as soon as it has the connection: it has three times as long
 * as that took, and as long as a busy one on the same network may need. */
#define GREETING_MS 300
#define GREETING_MAX_MS 3000
/* A module that restarts, or a server whose device is missing, makes connections
 * that end at once: PORT_PAUSE_MS between two, then more. */
#define PAUSE_MAX_MS 2000

static int split_name(const char *path, struct address *out, struct err *e)
{
	const char *where = address_of_port(path);

	if (where && address_split(where, out) && out->host[0] && out->port[0] != '0')
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

static int connect_to(struct port *p, const struct address *where, struct err *e)
{
	const struct addrinfo hints = { .ai_family = AF_UNSPEC,
					.ai_socktype = SOCK_STREAM,
					.ai_flags = AI_NUMERICSERV };
	int64_t deadline_ms = p->net->opened_ms + CONNECT_MS;
	struct addrinfo *list = NULL;
	int r = getaddrinfo(where->host, where->port, &hints, &list);

	if (r != 0)
		return err_fail(e, MSG_TCP_LOOKUP, "host=%s reason=%s", where->host, gai_strerror(r));
	for (const struct addrinfo *a = list; a && r == 0; a = a->ai_next)
		r = connect_address(p, a, deadline_ms, e);
	if (r == 0)
		err_fail_sys(e, MSG_TCP_CONNECT, errno, "port=%s", p->path);
	freeaddrinfo(list);
	return r > 0 ? 0 : -1;
}

/* What the last connection left is gone; when the next may be, is kept. */
static void forget(struct port_net *n)
{
	telnet_init(&n->telnet);
	n->rx_at = n->rx_size = n->said_size = 0;
	n->asked = n->answered = false;
	n->midway_ms = 0;
}

int net_open(struct port *p, struct err *e)
{
	struct address where;
	struct port_net *n;

	p->link = LINK_SOCKET;
	if (split_name(p->path, &where, e) < 0)
		return -1;
	if (!p->net && !(p->net = calloc(1, sizeof(*p->net))))
		return err_fail_sys(e, MSG_PORT_NO_MEMORY, errno, "");
	n = p->net;
	if (clock_now_ms(p->clock) < n->next_ms && port_fd_pause(p, n->next_ms, e) < 0)
		return -1;
	forget(n);
	n->opened_ms = clock_now_ms(p->clock);
	if (connect_to(p, &where, e) < 0)
		return net_failed(p);
	n->connect_ms = clock_now_ms(p->clock) - n->opened_ms;
	set_options(p->fd);
	return 0;
}

void net_close(struct port *p)
{
	if (p->fd >= 0)
		close(p->fd);
}

int net_failed(struct port *p)
{
	struct port_net *n = p->net;
	int64_t now = clock_now_ms(p->clock);

	n->pause_ms = n->answered ? 0 : 2 * n->pause_ms;
	if (n->pause_ms < PORT_PAUSE_MS)
		n->pause_ms = PORT_PAUSE_MS;
	if (n->pause_ms > PAUSE_MAX_MS)
		n->pause_ms = PAUSE_MAX_MS;
	n->next_ms = n->opened_ms + n->pause_ms;
	if (n->next_ms < now)
		n->next_ms = now;
	return -1;
}

void net_heard(struct port *p, const void *bytes, size_t size)
{
	struct port_net *n = p->net;
	size_t room = sizeof(n->said) - n->said_size;

	n->answered = n->answered || n->asked;
	if (size > room)
		size = room;
	memcpy(n->said + n->said_size, bytes, size);
	n->said_size += size;
}

int net_fill(struct port *p, size_t size, struct err *e)
{
	struct port_net *n = p->net;
	size_t room = sizeof(n->rx) - n->rx_size;
	ssize_t r = recv(p->fd, n->rx + n->rx_size, size < room ? size : room, MSG_DONTWAIT);

	if (r > 0) {
		n->rx_size += (size_t)r;
		return 1;
	}
	if (r < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	return port_gone(p, r < 0 ? errno : 0, e);
}

size_t net_take(struct port *p, void *buf, size_t size)
{
	struct port_net *n = p->net;
	size_t left = n->rx_size - n->rx_at;

	if (size > left)
		size = left;
	memcpy(buf, n->rx + n->rx_at, size);
	n->rx_at += size;
	if (n->rx_at == n->rx_size)
		n->rx_at = n->rx_size = 0;
	return size;
}

ssize_t net_put(int fd, const void *bytes, size_t size)
{
	return send(fd, bytes, size, MSG_NOSIGNAL);
}

#define WORDS_SIZE 256

/* What was said, in one line; "" when it has no words. */
static const char *words_of(const struct port_net *n, char out[WORDS_SIZE])
{
	char line[sizeof(n->said)];
	size_t used = 0;

	for (size_t i = 0; i < n->said_size; i++) {
		unsigned char c = (unsigned char)n->said[i];

		if (c > ' ')
			line[used++] = (char)c;
		else if (used > 0 && line[used - 1] != ' ')
			line[used++] = ' ';
	}
	while (used > 0 && line[used - 1] == ' ')
		used--;
	text_safe(out, WORDS_SIZE, line, used);
	return out;
}

/* Does a server that closes the connection say that somebody else has the port?
 * ser2net says "Port already in use", or "Object was already in use" of its device. */
static bool means_busy(const char *words)
{
	static const char *const rows[] = { "in use", "busy", "already", "occupied", "locked" };
	char lower[WORDS_SIZE] = "";

	for (size_t i = 0; i < sizeof(lower) - 1 && words[i]; i++)
		lower[i] = (char)tolower((unsigned char)words[i]);
	for (size_t i = 0; i < COUNT(rows); i++)
		if (strstr(lower, rows[i]))
			return true;
	return false;
}

int net_refused(struct port *p, struct err *e)
{
	char words[WORDS_SIZE];

	words_of(p->net, words);
	if (!words[0])
		return err_fail(e, MSG_SERVER_CLOSED, "port=%s", p->path);
	if (means_busy(words))
		return err_fail(e, MSG_SERVER_BUSY, "port=%s words=%s", p->path, words);
	return err_fail(e, MSG_SERVER_REFUSES, "port=%s words=%s", p->path, words);
}

bool port_refused(struct port *p, struct err *e)
{
	return p->net && address_of_port(p->path) && p->net->said_size > 0 && net_refused(p, e) < 0;
}

/* Before the first command; whether it is the server or the module is not known. */
void net_add_greeting(struct port *p)
{
	char words[WORDS_SIZE];
	struct message m;

	if (!words_of(p->net, words)[0])
		return;
	message_set(&m, MSG_SERVER_GREETS, "port=%s words=%s", p->path, words);
	port_add_message(p, &m);
}

void net_add_rate(struct port *p, int rate, int wanted)
{
	struct message m;

	message_set(&m, MSG_TELNET_KEEPS_RATE, "port=%s rate=%d wanted=%d", p->path, rate, wanted);
	port_add_message(p, &m);
}

/* More of the greeting: 1, 0 no more, -1 closed. */
static int hear_greeting(struct port *p, int64_t end_ms, struct err *e)
{
	struct port_net *n = p->net;
	int r;

	do {
		r = n->rx_size < sizeof(n->said) ? port_wait(p, POLLIN, end_ms, e) : 0;
		if (r > 0)
			r = net_fill(p, sizeof(n->said) - n->rx_size, e);
		else if (r <= 0)
			return r;
	} while (r == 0);
	return r;
}

int net_greeting(struct port *p, struct err *e)
{
	struct port_net *n = p->net;
	int64_t wait_ms = GREETING_MS + 3 * n->connect_ms;
	int64_t end_ms = clock_now_ms(p->clock) + (wait_ms < GREETING_MAX_MS ? wait_ms : GREETING_MAX_MS);
	int r;

	while ((r = hear_greeting(p, end_ms, e)) > 0)
		if (n->rx_size > 1 && telnet_begins(n->rx, n->rx_size))
			return 1;
	net_heard(p, n->rx, n->rx_size);
	if (r == 0)
		return 0;
	net_failed(p);
	return e->code == ERR_CANCELLED ? -1 : net_refused(p, e);
}

#include "config.h"

#include "sim/listen.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/address.h"

/* The first address of LIST that can be listened at; -1 with errno. */
static int listen_at(const struct addrinfo *list)
{
	const int yes = 1;

	for (const struct addrinfo *a = list; a; a = a->ai_next) {
		int fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

		if (fd < 0)
			continue;
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
		if (bind(fd, a->ai_addr, a->ai_addrlen) == 0 && listen(fd, SOMAXCONN) == 0)
			return fd;
		close(fd);
	}
	return -1;
}

/* PORT 0 has become a number. */
static void name_of(int fd, const char *host, char *name, size_t size)
{
	struct sockaddr_storage a;
	socklen_t length = sizeof(a);
	char port[8] = "";

	if (getsockname(fd, (struct sockaddr *)&a, &length) == 0)
		getnameinfo((struct sockaddr *)&a, length, NULL, 0, port, sizeof(port),
			    NI_NUMERICSERV);
	snprintf(name, size, strchr(host, ':') ? "tcp:[%s]:%s" : "tcp:%s:%s", host, port);
}

int listen_open(const char *where, char *name, size_t size, struct err *e)
{
	const struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM,
					.ai_flags = AI_NUMERICSERV };
	struct addrinfo *list = NULL;
	struct address address;
	const char *host;
	int fd, r;

	if (!address_split(where, &address))
		return err_fail(e, MSG_LISTEN_NAME, "address=%s", where);
	host = address.host[0] ? address.host : "127.0.0.1";
	r = getaddrinfo(host, address.port, &hints, &list);
	if (r != 0)
		return err_fail(e, MSG_LISTEN_LOOKUP, "host=%s reason=%s", host, gai_strerror(r));
	fd = listen_at(list);
	if (fd < 0)
		err_fail_sys(e, MSG_LISTEN_FAILED, errno, "address=%s", where);
	else
		name_of(fd, host, name, size);
	freeaddrinfo(list);
	return fd;
}

int listen_take(int listener)
{
	const int yes = 1;
	int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd >= 0)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	return fd;
}

void listen_refuse(int listener, const char *words)
{
	int fd = listen_take(listener);
	ssize_t n;

	if (fd < 0)
		return;
	n = send(fd, words, strlen(words), MSG_NOSIGNAL);
	(void)n;	/* it has gone already */
	close(fd);
}

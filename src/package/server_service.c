#include "config.h"

#include "package/server_state.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/count.h"

/* To be connected once more, for what is said unasked, and for an answer to each thing
 * that we say: the server is there, and a service that knows what we say answers at
 * once, on a slow link or an overloaded computer within seconds. */
#define CONNECT_MS 2000
#define UNASKED_MS 1000
#define ANSWER_MS 3000
#define SLICE_MS 100

#define IS(text) text, sizeof(text) - 1

/* How services begin, which speak first or answer what they do not know. */
static const struct {
	const char *begin;
	size_t size;
	const char *holds;	/* besides, in the first bytes; NULL: nothing */
	struct server_service service;
} services[] = {
	{ IS("SSH-"), NULL, { "SSH", SERVICE_OTHER } },
	{ IS("220"), "SMTP", { "SMTP", SERVICE_OTHER } },
	{ IS("220"), NULL, { "FTP", SERVICE_FTP } },
	{ IS("HTTP/"), NULL, { "HTTP", SERVICE_HTTP } },
	{ IS("\x16\x03"), NULL, { "TLS", SERVICE_TLS } },
	{ IS("\x15\x03"), NULL, { "TLS", SERVICE_TLS } },
	{ IS("\xff\xfb"), NULL, { "Telnet", SERVICE_OTHER } },
	{ IS("\xff\xfc"), NULL, { "Telnet", SERVICE_OTHER } },
	{ IS("\xff\xfd"), NULL, { "Telnet", SERVICE_OTHER } },
	{ IS("\xff\xfe"), NULL, { "Telnet", SERVICE_OTHER } },
	{ IS("+OK"), NULL, { "POP3", SERVICE_OTHER } },
	{ IS("* OK"), NULL, { "IMAP", SERVICE_OTHER } },
	{ IS("* BYE"), NULL, { "IMAP", SERVICE_OTHER } },
	{ IS("RFB "), NULL, { "VNC", SERVICE_OTHER } },
	{ IS("@RSYNCD:"), NULL, { "rsync", SERVICE_OTHER } },
	{ IS("RTSP/"), NULL, { "RTSP", SERVICE_OTHER } },
	{ IS("SIP/"), NULL, { "SIP", SERVICE_OTHER } },
	{ IS("ICY "), NULL, { "Shoutcast", SERVICE_OTHER } },
	{ IS("AMQP"), NULL, { "AMQP", SERVICE_OTHER } },
	{ IS("-ERR"), NULL, { "Redis", SERVICE_OTHER } },
	{ IS("-DENIED"), NULL, { "Redis", SERVICE_OTHER } },
	{ IS("\x20\x02"), NULL, { "MQTT", SERVICE_OTHER } },
	{ IS("\x20\x03"), NULL, { "MQTT", SERVICE_OTHER } },
	{ IS("\x03\x00\x00"), NULL, { "RDP", SERVICE_OTHER } },
};

/* What we say, in this order, each on a connection of its own. The first waits
 * for what a server says unasked. */
static const struct opening {
	const char *bytes;
	size_t size;
} openings[] = {
	{ IS("GET / HTTP/1.0\r\n\r\n") },
	/* a ClientHello of TLS 1.2, RFC 5246 7.4.1.2: whatever the answer, it is TLS */
	{ IS("\x16\x03\x01\x00\x31\x01\x00\x00\x2d\x03\x03"
	     "dfota looks what listens at port"
	     "\x00\x00\x06\xc0\x2f\xc0\x30\x00\x2f\x01\x00") },
	/* CONNECT of MQTT 3.1.1, section 3.1 */
	{ IS("\x10\x11\x00\x04MQTT\x04\x02\x00\x0a\x00\x05" "dfota") },
};

static bool holds(const char *bytes, size_t size, const char *text)
{
	return memmem(bytes, size, text, strlen(text)) != NULL;
}

const struct server_service *server_service_of(const void *bytes, size_t size)
{
	const char *begin = bytes;

	for (size_t i = 0; i < COUNT(services); i++)
		if (size >= services[i].size && memcmp(begin, services[i].begin, services[i].size) == 0 &&
		    (!services[i].holds || holds(begin, size, services[i].holds)))
			return &services[i].service;
	return NULL;
}

/* Where the last request was connected to; 0: nowhere. */
static socklen_t find_peer(struct transfer *t, struct sockaddr_storage *out)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)(void *)out;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)(void *)out;
	char *address = NULL;
	long port = 0;

	memset(out, 0, sizeof(*out));
	curl_easy_getinfo(t->curl, CURLINFO_PRIMARY_IP, &address);
	curl_easy_getinfo(t->curl, CURLINFO_PRIMARY_PORT, &port);
	if (address && port > 0 && inet_pton(AF_INET, address, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons((uint16_t)port);
		return sizeof(*v4);
	}
	if (address && port > 0 && inet_pton(AF_INET6, address, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons((uint16_t)port);
		return sizeof(*v6);
	}
	/* libcurl 8 says it only of a connection that came about with its TLS */
	*out = t->peer;
	return t->peer_size;
}

/* A connection that is looked at. */
struct sight {
	struct transfer *t;
	int fd;		/* ours */
	int other;	/* something that comes there ends it; -1: none */
	bool ended;
};

/* Wait for EVENTS, MS at most. False: it does not come, or something ended it. */
static bool await(struct sight *s, short events, int ms)
{
	struct interrupt *interrupt = s->t->watch.interrupt;

	for (; ms > 0; ms -= SLICE_MS) {
		struct pollfd fds[] = { { s->fd, events, 0 }, { interrupt ? interrupt->fd : -1, POLLIN, 0 } };
		struct pollfd other = { s->other, POLLIN, 0 };

		poll(fds, COUNT(fds), SLICE_MS);
		poll(&other, 1, 0);
		if (interrupt_ends(interrupt) ||
		    (s->t->watch.progress && !s->t->watch.progress(s->t->watch.ctx, s->t->done, 0)))
			s->t->cancelled = true;
		s->ended = s->t->cancelled || other.revents;
		if (s->ended || fds[0].revents)
			return !s->ended;
	}
	return false;
}

static bool connect_to(struct sight *s, const struct sockaddr_storage *peer, socklen_t size)
{
	int error = 0;
	socklen_t error_size = sizeof(error);

	s->fd = socket(peer->ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s->fd < 0)
		return false;
	if (connect(s->fd, (const struct sockaddr *)peer, size) == 0)
		return true;
	return errno == EINPROGRESS && await(s, POLLOUT, CONNECT_MS) &&
	       getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &error_size) == 0 && error == 0;
}

/* Read what comes within MS, up to SIZE. */
static size_t hear(struct sight *s, int ms, char *out, size_t size)
{
	ssize_t n;

	if (!await(s, POLLIN, ms))
		return 0;
	n = recv(s->fd, out, size, 0);
	return n > 0 ? (size_t)n : 0;
}

/* Ask Q. Returns how much came, in OUT. */
static size_t ask(struct sight *s, const struct sockaddr_storage *peer, socklen_t peer_size,
		  const struct opening *q, bool listen, char *out, size_t size)
{
	size_t n = 0;

	if (connect_to(s, peer, peer_size)) {
		if (listen)
			n = hear(s, UNASKED_MS, out, size);
		if (n == 0 && !s->ended && send(s->fd, q->bytes, q->size, MSG_NOSIGNAL) == (ssize_t)q->size)
			n = hear(s, ANSWER_MS, out, size);
	}
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	return n;
}

static bool is_wanted(const struct transfer *t, const struct server_service *found)
{
	char *scheme = NULL;
	bool wanted, tls;

	curl_url_get(t->url, CURLUPART_SCHEME, &scheme, 0);
	tls = scheme && (strcmp(scheme, "https") == 0 || strcmp(scheme, "ftps") == 0);
	curl_free(scheme);
	if (tls)
		wanted = found->scheme == SERVICE_TLS;
	else
		wanted = found->scheme == (t->ftp ? SERVICE_FTP : SERVICE_HTTP);
	return wanted;
}

/* What answered with SIZE bytes. What nobody knows is named by its own words. */
static const struct server_service *identify(const struct transfer *t, const char *bytes, size_t size)
{
	static const struct server_service unknown = { "", SERVICE_OTHER }, ftp = { "FTP", SERVICE_FTP };
	const struct server_service *found = server_service_of(bytes, size);

	if (found)
		return found;
	/* a server that turns away the second connection: "421 ..." */
	if (t->ftp && size > 3 && strspn(bytes, "0123456789") == 3)
		return &ftp;
	return &unknown;
}

bool server_look(struct transfer *t, int fd)
{
	struct sight s = { .t = t, .fd = -1, .other = fd };
	const struct server_service *found = NULL;
	struct sockaddr_storage peer;
	socklen_t size = find_peer(t, &peer);
	char bytes[128] = "";

	if (t->looked || size == 0)
		return false;
	t->looked = true;
	for (size_t i = 0; i < COUNT(openings) && !s.ended; i++) {
		size_t n = ask(&s, &peer, size, &openings[i], i == 0, bytes, sizeof(bytes) - 1);
		const struct server_service *this = n > 0 ? identify(t, bytes, n) : NULL;

		if (this && is_wanted(t, this))
			return false;
		if (this && !found) {
			found = this;
			memcpy(t->said, bytes, n);
			t->said_size = n;
		}
	}
	if (!found || s.ended)
		return false;
	t->service = *found;
	return true;
}

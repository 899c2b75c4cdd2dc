#include "config.h"

#include "server_time.h"

#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define NS_PER_MS 1000000LL
#define GLANCE_MS 10	/* of real time: how soon a silence is noticed */
#define GLANCE_NS 100000	/* what that counts */

struct silence *silence;
bool time_is_real = true;

static atomic_llong now_ns = 1000000 * NS_PER_MS;

int clock_gettime(clockid_t id, struct timespec *t)
{
	int (*real)(clockid_t, struct timespec *);
	long long now;

	if (time_is_real || id == CLOCK_REALTIME) {
		*(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
		return real(id, t);
	}
	now = atomic_load(&now_ns);
	t->tv_sec = (time_t)(now / (1000 * NS_PER_MS));
	t->tv_nsec = (long)(now % (1000 * NS_PER_MS));
	return 0;
}

static void pass(int ms)
{
	atomic_fetch_add(&now_ns, ms * NS_PER_MS);
}

static int real_poll(struct pollfd *fds, nfds_t count, int ms)
{
	int (*real)(struct pollfd *, nfds_t, int);

	*(void **)&real = dlsym(RTLD_NEXT, "poll");
	return real(fds, count, ms);
}

/* Is one of them the connection on which a server keeps silent? */
static bool are_silent(const struct pollfd *fds, nfds_t count)
{
	int port = atomic_load(&silence->port);

	for (nfds_t i = 0; port != 0 && i < count; i++) {
		struct sockaddr_in self = { .sin_family = AF_UNSPEC };
		socklen_t size = sizeof(self);

		if (getsockname(fds[i].fd, (struct sockaddr *)&self, &size) == 0 &&
		    self.sin_family == AF_INET && ntohs(self.sin_port) == port)
			return true;
	}
	return false;
}

/* Let up to MS of the silence pass; how many. */
static int sit_out(int ms)
{
	long long left = atomic_load(&silence->left_ms);

	if (left < ms)
		ms = (int)left;
	atomic_fetch_sub(&silence->left_ms, ms);
	pass(ms);
	return ms;
}

/* Nothing but what another thread may say: a lone descriptor that is no socket. */
static bool are_idle(const struct pollfd *fds, nfds_t count)
{
	socklen_t size = 0;

	return count == 0 || (count == 1 && getsockname(fds[0].fd, NULL, &size) < 0 && errno == ENOTSOCK);
}

int poll(struct pollfd *fds, nfds_t count, int ms)
{
	int n = real_poll(fds, count, time_is_real ? ms : 0);

	if (time_is_real || ms < 0)
		return n != 0 ? n : real_poll(fds, count, ms);
	bool idle = n == 0 && are_idle(fds, count);

	if (idle)
		pass(ms);
	while (n == 0 && !idle && ms > 0) {
		if (are_silent(fds, count))
			ms -= sit_out(ms);
		if (ms == 0)
			break;
		n = real_poll(fds, count, ms < GLANCE_MS ? ms : GLANCE_MS);
		ms -= ms < GLANCE_MS ? ms : GLANCE_MS;
		atomic_fetch_add(&now_ns, GLANCE_NS);
	}
	return n;
}

/* RFC 6761: .invalid never resolves; a name server is not to be asked. */
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
		struct addrinfo **out)
{
	int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
	static const char invalid[] = ".invalid";
	size_t size = node ? strlen(node) : 0;

	if (size > strlen(invalid) && strcmp(node + size - strlen(invalid), invalid) == 0)
		return EAI_NONAME;
	*(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
	return real(node, service, hints, out);
}

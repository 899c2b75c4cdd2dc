/*
 * slow.c - stands before the C library (LD_PRELOAD): a machine that takes its
 * time where two threads or two programs meet.
 *
 *	SLOW=lock:3000		up to 3 ms before each lock of a mutex and after it is free
 *	SLOW=io:3000		up to 3 ms before and after each read, write and wait
 *	SLOW=lookup:60000000	a minute for each look-up of a host name
 *
 * How long each time is drawn from SLOW_SEED.
 *
 *	WAKE=2			each second wake-up of another thread is interrupted first (EINTR)
 *
 *	SLEPT=PATH		the number of seconds in PATH, once it is there: so long the computer
 *				slept in the next wait. CLOCK_BOOTTIME has gone on, CLOCK_MONOTONIC has not
 */
#define _GNU_SOURCE

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static atomic_ulong drawn;
static atomic_long slept_s;

static void be_slow(const char *where, int all_of_it)
{
	const char *wish = getenv("SLOW"), *seed = getenv("SLOW_SEED");
	size_t size = strlen(where);
	unsigned long most, x;
	struct timespec pause;
	int before = errno;

	if (!wish || strncmp(wish, where, size) != 0 || wish[size] != ':')
		return;
	most = strtoul(wish + size + 1, NULL, 10);
	x = (atomic_fetch_add(&drawn, 1) + 1 + (seed ? strtoul(seed, NULL, 10) : 0)) * 0x9E3779B97F4A7C15u;
	x = all_of_it ? most : ((x ^ x >> 29) * 0xBF58476D1CE4E5B9u >> 20) % (most + 1);
	pause.tv_sec = (time_t)(x / 1000000);
	pause.tv_nsec = (long)(x % 1000000) * 1000;
	syscall(SYS_nanosleep, &pause, NULL);
	errno = before;
}

static void *next_of(const char *name)
{
	void *f = dlsym(RTLD_NEXT, name);

	if (!f)
		abort();
	return f;
}

int pthread_mutex_lock(pthread_mutex_t *m)
{
	static _Atomic(void *) kept;
	int (*f)(pthread_mutex_t *) = (int (*)(pthread_mutex_t *))atomic_load(&kept);

	if (!f) {
		f = (int (*)(pthread_mutex_t *))next_of("pthread_mutex_lock");
		atomic_store(&kept, (void *)f);
	}
	be_slow("lock", 0);
	return f(m);
}

int pthread_mutex_unlock(pthread_mutex_t *m)
{
	static _Atomic(void *) kept;
	int (*f)(pthread_mutex_t *) = (int (*)(pthread_mutex_t *))atomic_load(&kept);
	int r;

	if (!f) {
		f = (int (*)(pthread_mutex_t *))next_of("pthread_mutex_unlock");
		atomic_store(&kept, (void *)f);
	}
	r = f(m);
	be_slow("lock", 0);
	return r;
}

ssize_t read(int fd, void *bytes, size_t size)
{
	ssize_t n;

	be_slow("io", 0);
	n = syscall(SYS_read, fd, bytes, size);
	be_slow("io", 0);
	return n;
}

static bool is_eventfd(int fd)
{
	char path[64], to[64];
	ssize_t size;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	size = readlink(path, to, sizeof(to));
	return size >= 7 && memmem(to, (size_t)size, "eventfd", 7);
}

static int wake_is_interrupted(int fd, size_t size)
{
	static atomic_ulong wakes;
	const char *each = getenv("WAKE");

	return each && size == 8 && is_eventfd(fd) && (atomic_fetch_add(&wakes, 1) + 1) % strtoul(each, NULL, 10) == 0;
}

ssize_t write(int fd, const void *bytes, size_t size)
{
	ssize_t n;

	if (wake_is_interrupted(fd, size)) {
		errno = EINTR;
		return -1;
	}
	be_slow("io", 0);
	n = syscall(SYS_write, fd, bytes, size);
	be_slow("io", 0);
	return n;
}

static void fall_asleep(void)
{
	const char *path = getenv("SLEPT");
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	char text[24] = "";

	if (fd < 0)
		return;
	if (syscall(SYS_read, fd, text, sizeof(text) - 1) > 0)
		atomic_store(&slept_s, strtol(text, NULL, 10));
	close(fd);
}

int poll(struct pollfd *fds, nfds_t count, int timeout)
{
	int n;

	be_slow("io", 0);
	n = (int)syscall(SYS_poll, fds, count, timeout);
	if (timeout > 0)
		fall_asleep();
	be_slow("io", 0);
	return n;
}

int clock_gettime(clockid_t id, struct timespec *t)
{
	int before = errno, r = (int)syscall(SYS_clock_gettime, id, t);

	if (r == 0 && id == CLOCK_BOOTTIME)
		t->tv_sec += atomic_load(&slept_s);
	errno = before;
	return r;
}

int getaddrinfo(const char *host, const char *service, const struct addrinfo *hints, struct addrinfo **list)
{
	int (*f)(const char *, const char *, const struct addrinfo *, struct addrinfo **) =
		(int (*)(const char *, const char *, const struct addrinfo *, struct addrinfo **))next_of("getaddrinfo");

	if (!hints || !(hints->ai_flags & AI_NUMERICHOST))	/* those ask nobody */
		be_slow("lookup", 1);
	return f(host, service, hints, list);
}

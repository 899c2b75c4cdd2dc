/*
 * fail.c - stands before the C library (LD_PRELOAD): calls that fail at a
 * chosen moment, from outside the program.
 *
 *	FAIL=malloc:17		the 17th allocation finds no memory
 *	FAIL=poll:3+		from the 3rd wait of the main thread on each fails (ENOMEM)
 *	FAIL=thread-poll:1	the first wait of the other threads fails
 *	FAIL=crash:5		the thread that waits for the 5th time of these reads where nothing is
 *	FAIL=date:1/2		each 2nd look at the calendar is ten years ahead of the others
 */
#define _GNU_SOURCE

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static atomic_long calls;

/* Is this call of CALL, one of several of them, the one that fails? */
static bool fails(const char *call)
{
	const char *wish = getenv("FAIL");
	size_t size = strlen(call);
	char *end;
	long first, each, now;

	if (!wish || strncmp(wish, call, size) != 0 || wish[size] != ':')
		return false;
	first = strtol(wish + size + 1, &end, 10);
	now = atomic_fetch_add(&calls, 1) + 1;
	if (*end == '+')
		return now >= first;
	each = *end == '/' ? strtol(end + 1, NULL, 10) : 0;
	return each > 0 ? now % each == 0 : now == first;
}

/* The C library's own; it must not be looked up by what may fail. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);

static bool starved(void)
{
	if (!fails("malloc"))
		return false;
	errno = ENOMEM;
	return true;
}

void *malloc(size_t size)
{
	return starved() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return starved() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
	return starved() ? NULL : __libc_realloc(old, size);
}

int poll(struct pollfd *fds, nfds_t count, int timeout)
{
	bool in_main = getpid() == (pid_t)syscall(SYS_gettid);

	if (!in_main && fails("crash"))
		timeout = *(volatile int *)8;
	if (fails(in_main ? "poll" : "thread-poll")) {
		errno = ENOMEM;
		return -1;
	}
	return (int)syscall(SYS_poll, fds, count, timeout);
}

/* What poll() is called by where the size of the array is checked. */
int __poll_chk(struct pollfd *fds, nfds_t count, int timeout, size_t size)
{
	(void)size;
	return poll(fds, count, timeout);
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
	int r = (int)syscall(SYS_clock_gettime, clock, now);

	if (clock == CLOCK_REALTIME && fails("date"))
		now->tv_sec += 10L * 365 * 24 * 3600;
	return r;
}

time_t time(time_t *out)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	if (out)
		*out = now.tv_sec;
	return now.tv_sec;
}

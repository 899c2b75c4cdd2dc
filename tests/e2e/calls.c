/*
 * calls.c - stands before the C library (LD_PRELOAD): any one call of a
 * session fails, and it can be counted how many there are.
 *
 *	CALL=openat:3		the third openat() fails, as it may by its manual
 *	CALL_COUNT=FILE		at the end FILE has a line "call number" each
 *
 * Not here, since they cannot fail with what they are given: clock_gettime()
 * with a valid clock, gmtime_r() of a time that a clock can have, what works on memory, strings and sets of signals,
 * mutexes that no thread dies with, setting a timerfd, and reading and writing an
 * eventfd, signalfd or timerfd, of which only an interruption is known (fail.c, wake).
 */
#define _GNU_SOURCE

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/utsname.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#pragma GCC diagnostic ignored "-Wmissing-prototypes"
#pragma GCC diagnostic ignored "-Wredundant-decls"

/* name, what it returns, its parameters, how they are passed on, what it
 * returns when it fails, and with which errno (0: as it is) */
#define CALLS(CALL) \
	CALL(read, ssize_t, (int a, void *b, size_t c), (a, b, c), -1, EIO) \
	CALL(__read_chk, ssize_t, (int a, void *b, size_t c, size_t d), (a, b, c, d), -1, EIO) \
	CALL(pread, ssize_t, (int a, void *b, size_t c, off_t d), (a, b, c, d), -1, EIO) \
	CALL(write, ssize_t, (int a, const void *b, size_t c), (a, b, c), -1, EIO) \
	CALL(send, ssize_t, (int a, const void *b, size_t c, int d), (a, b, c, d), -1, ECONNRESET) \
	CALL(recv, ssize_t, (int a, void *b, size_t c, int d), (a, b, c, d), -1, ECONNRESET) \
	CALL(close, int, (int a), (a), -1, EIO) \
	CALL(fsync, int, (int a), (a), -1, EIO) \
	CALL(fdatasync, int, (int a), (a), -1, EIO) \
	CALL(ftruncate, int, (int a, off_t b), (a, b), -1, EIO) \
	CALL(fallocate, int, (int a, int b, off_t c, off_t d), (a, b, c, d), -1, ENOSPC) \
	CALL(lseek, off_t, (int a, off_t b, int c), (a, b, c), -1, ESPIPE) \
	CALL(rename, int, (const char *a, const char *b), (a, b), -1, EIO) \
	CALL(link, int, (const char *a, const char *b), (a, b), -1, EPERM) \
	CALL(symlink, int, (const char *a, const char *b), (a, b), -1, EPERM) \
	CALL(unlink, int, (const char *a), (a), -1, EIO) \
	CALL(unlinkat, int, (int a, const char *b, int c), (a, b, c), -1, EIO) \
	CALL(mkdir, int, (const char *a, mode_t b), (a, b), -1, EACCES) \
	CALL(fchmod, int, (int a, mode_t b), (a, b), -1, EPERM) \
	CALL(access, int, (const char *a, int b), (a, b), -1, EACCES) \
	CALL(stat, int, (const char *a, struct stat *b), (a, b), -1, EACCES) \
	CALL(lstat, int, (const char *a, struct stat *b), (a, b), -1, EACCES) \
	CALL(fstat, int, (int a, struct stat *b), (a, b), -1, EIO) \
	CALL(fstatat, int, (int a, const char *b, struct stat *c, int d), (a, b, c, d), -1, EACCES) \
	CALL(statvfs, int, (const char *a, struct statvfs *b), (a, b), -1, EIO) \
	CALL(readlink, ssize_t, (const char *a, char *b, size_t c), (a, b, c), -1, EACCES) \
	CALL(readlinkat, ssize_t, (int a, const char *b, char *c, size_t d), (a, b, c, d), -1, EACCES) \
	CALL(realpath, char *, (const char *a, char *b), (a, b), NULL, EACCES) \
	CALL(__realpath_chk, char *, (const char *a, char *b, size_t c), (a, b, c), NULL, EACCES) \
	CALL(opendir, DIR *, (const char *a), (a), NULL, EMFILE) \
	CALL(fdopendir, DIR *, (int a), (a), NULL, ENOMEM) \
	CALL(fopen, FILE *, (const char *a, const char *b), (a, b), NULL, EMFILE) \
	CALL(fdopen, FILE *, (int a, const char *b), (a, b), NULL, ENOMEM) \
	CALL(open_memstream, FILE *, (char **a, size_t *b), (a, b), NULL, ENOMEM) \
	CALL(flock, int, (int a, int b), (a, b), -1, ENOLCK) \
	CALL(tcgetattr, int, (int a, struct termios *b), (a, b), -1, EIO) \
	CALL(tcsetattr, int, (int a, int b, const struct termios *c), (a, b, c), -1, EIO) \
	CALL(tcflush, int, (int a, int b), (a, b), -1, EIO) \
	CALL(isatty, int, (int a), (a), 0, EIO) \
	CALL(poll, int, (struct pollfd *a, nfds_t b, int c), (a, b, c), -1, ENOMEM) \
	CALL(ppoll, int, (struct pollfd *a, nfds_t b, const struct timespec *c, const sigset_t *d), (a, b, c, d), -1, ENOMEM) \
	CALL(eventfd, int, (unsigned a, int b), (a, b), -1, EMFILE) \
	CALL(timerfd_create, int, (int a, int b), (a, b), -1, EMFILE) \
	CALL(signalfd, int, (int a, const sigset_t *b, int c), (a, b, c), -1, EMFILE) \
	CALL(inotify_init1, int, (int a), (a), -1, EMFILE) \
	CALL(inotify_add_watch, int, (int a, const char *b, uint32_t c), (a, b, c), -1, ENOSPC) \
	CALL(sigaction, int, (int a, const struct sigaction *b, struct sigaction *c), (a, b, c), -1, EINVAL) \
	CALL(socket, int, (int a, int b, int c), (a, b, c), -1, EMFILE) \
	CALL(connect, int, (int a, const struct sockaddr *b, socklen_t c), (a, b, c), -1, ECONNREFUSED) \
	CALL(setsockopt, int, (int a, int b, int c, const void *d, socklen_t e), (a, b, c, d, e), -1, ENOPROTOOPT) \
	CALL(getsockopt, int, (int a, int b, int c, void *d, socklen_t *e), (a, b, c, d, e), -1, ENOBUFS) \
	CALL(getsockname, int, (int a, struct sockaddr *b, socklen_t *c), (a, b, c), -1, ENOBUFS) \
	CALL(getpeername, int, (int a, struct sockaddr *b, socklen_t *c), (a, b, c), -1, ENOTCONN) \
	CALL(getaddrinfo, int, (const char *a, const char *b, const struct addrinfo *c, struct addrinfo **d), (a, b, c, d), EAI_AGAIN, 0) \
	CALL(gethostname, int, (char *a, size_t b), (a, b), -1, ENAMETOOLONG) \
	CALL(uname, int, (struct utsname *a), (a), -1, EFAULT) \
	CALL(getentropy, int, (void *a, size_t b), (a, b), -1, EIO) \
	CALL(setrlimit, int, (__rlimit_resource_t a, const struct rlimit *b), (a, b), -1, EPERM) \
	CALL(getpwuid_r, int, (uid_t a, struct passwd *b, char *c, size_t d, struct passwd **e), (a, b, c, d, e), EIO, 0) \
	CALL(newlocale, locale_t, (int a, const char *b, locale_t c), (a, b, c), (locale_t)0, ENOENT) \
	CALL(setlocale, char *, (int a, const char *b), (a, b), NULL, ENOENT) \
	CALL(localtime_r, struct tm *, (const time_t *a, struct tm *b), (a, b), NULL, EOVERFLOW) \
	CALL(pthread_attr_init, int, (pthread_attr_t *a), (a), ENOMEM, 0) \
	CALL(pthread_attr_setstacksize, int, (pthread_attr_t *a, size_t b), (a, b), EINVAL, 0) \
	CALL(pthread_mutex_init, int, (pthread_mutex_t *a, const pthread_mutexattr_t *b), (a, b), ENOMEM, 0) \
	CALL(pthread_create, int, (pthread_t *a, const pthread_attr_t *b, void *(*c)(void *), void *d), (a, b, c, d), EAGAIN, 0)

#define NUMBER(name, ...) CALL_##name,
enum { CALLS(NUMBER) CALL_open, CALL_openat, CALL_fcntl, CALL_ioctl, CALL_malloc, CALL_COUNT };

#define NAME(name, ...) #name,
static const char *const names[] = { CALLS(NAME) "open", "openat", "fcntl", "ioctl", "malloc" };

static atomic_long made[CALL_COUNT];

/* An eventfd, a signalfd or a timerfd. */
static bool only_wakes(int call, int fd)
{
	char path[32], to[32];
	ssize_t size;

	if (call != CALL_read && call != CALL_write)
		return false;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	size = syscall(SYS_readlink, path, to, sizeof(to));
	return size > 11 && memcmp(to, "anon_inode:", 11) == 0;
}

/* Is this call the one? */
static bool fails(int call)
{
	long now = atomic_fetch_add(&made[call], 1) + 1;
	const char *wish = getenv("CALL");
	size_t size = strlen(names[call]);

	return wish && strncmp(wish, names[call], size) == 0 && wish[size] == ':' && atol(wish + size + 1) == now;
}

/* The next of that name; none is looked up twice. */
static void *next_of(_Atomic(void *) *kept, const char *name)
{
	void *f = atomic_load(kept);

	if (!f) {
		f = dlsym(RTLD_NEXT, name);
		if (!f)
			abort();
		atomic_store(kept, f);
	}
	return f;
}

/* A close() that fails has closed all the same. */
#define DONE_ALL_THE_SAME(name, pass, f) \
	if (CALL_##name == CALL_close) \
		(void)f pass;

#define DEFINE(name, type, list, pass, bad, why) \
	extern type name list; \
	type name list \
	{ \
		static _Atomic(void *) kept; \
		type (*f) list = (type (*) list)next_of(&kept, #name); \
		if (fails(CALL_##name) && !only_wakes(CALL_##name, (int)(intptr_t)a)) { \
			DONE_ALL_THE_SAME(name, pass, f) \
			if (why) \
				errno = why; \
			return bad; \
		} \
		return f pass; \
	}

#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wnonnull-compare"
CALLS(DEFINE)

int open(const char *path, int flags, ...)
{
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0;
	va_end(args);
	if (fails(CALL_open)) {
		errno = EMFILE;
		return -1;
	}
	return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

int openat(int dir, const char *path, int flags, ...)
{
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0;
	va_end(args);
	if (fails(CALL_openat)) {
		errno = EMFILE;
		return -1;
	}
	return (int)syscall(SYS_openat, dir, path, flags, mode);
}

int fcntl(int fd, int what, ...)
{
	va_list args;
	void *value;

	va_start(args, what);
	value = va_arg(args, void *);
	va_end(args);
	if (fails(CALL_fcntl)) {
		errno = EINVAL;
		return -1;
	}
	return (int)syscall(SYS_fcntl, fd, what, value);
}

int ioctl(int fd, unsigned long what, ...)
{
	va_list args;
	void *value;

	va_start(args, what);
	value = va_arg(args, void *);
	va_end(args);
	if (fails(CALL_ioctl)) {
		errno = EIO;
		return -1;
	}
	return (int)syscall(SYS_ioctl, fd, what, value);
}

/* The C library's own; they must not be looked up by what may fail. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);

static bool starved(void)
{
	if (!fails(CALL_malloc))
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

__attribute__((destructor)) static void count(void)
{
	const char *path = getenv("CALL_COUNT");
	int fd = path ? (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, 0600) : -1;
	char line[64];

	for (int i = 0; fd >= 0 && i < CALL_COUNT; i++) {
		int size = snprintf(line, sizeof(line), "%s %ld\n", names[i], atomic_load(&made[i]));

		syscall(SYS_write, fd, line, (size_t)size);
	}
}

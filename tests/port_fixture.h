/*
 * port_fixture.h - a pseudo-terminal, a directory of one's own and a port, for
 * the tests of port.h. A test function gets a struct world by cmocka's state.
 */
#ifndef DFOTA_PORT_FIXTURE_H
#define DFOTA_PORT_FIXTURE_H

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/err.h"
#include "modem/port.h"
#include "words.h"

#define SOON_MS 40		/* a deadline that is to pass */
#define PTY_HOLDS 4095
#define LATE_MS 100000		/* one that must not, however slow the machine is */

struct world {
	char dir[64];		/* ours, with sys/, dev/, lock/, proc/ in it */
	char sys[160], dev[160], lock[160], proc[160];
	struct port_roots roots;	/* lock is ours, the rest is real */
	struct port_roots fake;		/* all ours */
	int master;
	char slave[64];
	struct interrupt interrupt;
	struct port *port;
	struct err e;
};

static const struct port_settings usual = { .baud = 115200 };

static inline int64_t in_ms(int ms)
{
	return clock_now_ms(clock_monotonic()) + ms;
}

static inline void make_pty(int *master, char slave[64])
{
	*master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(*master >= 0);
	assert_int_equal(grantpt(*master), 0);
	assert_int_equal(unlockpt(*master), 0);
	assert_int_equal(ptsname_r(*master, slave, 64), 0);
}

static inline int world_setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	/* Short enough for port_info.path, and open to every user. */
	snprintf(w->dir, sizeof(w->dir), "/tmp/dfota-port.XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	/* Another user, too, must get through in the permission tests. */
	assert_int_equal(chmod(w->dir, 0755), 0);
	snprintf(w->sys, sizeof(w->sys), "%s/sys", w->dir);
	snprintf(w->dev, sizeof(w->dev), "%s/dev", w->dir);
	snprintf(w->lock, sizeof(w->lock), "%s/lock", w->dir);
	snprintf(w->proc, sizeof(w->proc), "%s/proc", w->dir);
	assert_int_equal(mkdir(w->sys, 0755) | mkdir(w->dev, 0755) |
			 mkdir(w->lock, 0755) | mkdir(w->proc, 0755), 0);
	w->roots = (struct port_roots){ .lock = w->lock };
	w->fake = (struct port_roots){ w->sys, w->dev, w->lock, w->proc };
	make_pty(&w->master, w->slave);
	assert_int_equal(interrupt_init(&w->interrupt, &w->e), 0);
	w->port = port_new(clock_monotonic(), &w->interrupt, &w->roots, &w->e);
	assert_non_null(w->port);
	*state = w;
	return 0;
}

static inline int remove_entry(const char *path, const struct stat *st, int type,
			       struct FTW *walk)
{
	(void)st;
	(void)type;
	(void)walk;
	return remove(path);
}

static inline int world_teardown(void **state)
{
	struct world *w = *state;

	port_free(w->port);
	interrupt_close(&w->interrupt);
	if (w->master >= 0)
		close(w->master);
	nftw(w->dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
	free(w);
	return 0;
}

/* HOOK decides about an interrupt, inside of the blocking call. */
static inline void hook_in(struct world *w, bool (*hook)(void *ctx), void *ctx)
{
	w->interrupt.hook = hook;
	w->interrupt.ctx = ctx;
}

static inline void assert_opens(struct world *w, const char *path)
{
	if (port_open(w->port, path, &usual, &w->e) < 0)
		fail_msg("%s did not open: %s", path, err_read(&w->e));
}

/* Opening PATH fails with CODE and a text that contains PART. */
static inline void assert_refused(struct world *w, const char *path,
				  enum err_code code, const char *part)
{
	if (port_open(w->port, path, &usual, &w->e) == 0)
		fail_msg("%s opened", path);
	if (w->e.code != code || !strstr(err_read(&w->e), part))
		fail_msg("%s: code %d, \"%s\"; expected %d, \"%s\"", path,
			 w->e.code, err_read(&w->e), code, part);
	assert_false(port_is_open(w->port));
}

static inline void assert_error(const struct world *w, enum err_code code)
{
	if (w->e.code != code)
		fail_msg("code %d, \"%s\"; expected code %d", w->e.code,
			 err_read(&w->e), code);
}

/* Write until no more is taken. The kernel moves the bytes on in its own time,
 * until MASTER, the other end of a pseudo-terminal (-1: it is none), holds all that
 * it can. */
static inline void fill(struct world *w, int master)
{
	static const char block[4096];
	bool full;
	int n;

	do {
		int unread = 0;

		full = master < 0 || (ioctl(master, FIONREAD, &unread) == 0 && unread >= PTY_HOLDS);
		n = port_write(w->port, block, sizeof(block), in_ms(SOON_MS), &w->e);
	} while (n > 0 || (n == 0 && !full));
	assert_int_equal(n, 0);
}

static inline int blocking_read(struct world *w)
{
	char c;

	return port_read(w->port, &c, 1, in_ms(LATE_MS), &w->e);
}

static inline int blocking_write(struct world *w)
{
	return port_write(w->port, "A", 1, in_ms(LATE_MS), &w->e);
}

/* Below DIR of the world: a directory with its parents, a file, a link. */
static inline void make_dir(const struct world *w, const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", w->dir, name);
	for (char *c = path + strlen(w->dir) + 1; *c; c++)
		if (*c == '/') {
			*c = '\0';
			mkdir(path, 0755);
			*c = '/';
		}
	if (mkdir(path, 0755) < 0)
		assert_int_equal(errno, EEXIST);
}

static inline void make_file(const struct world *w, const char *name,
			     const char *text)
{
	char path[PATH_MAX];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", w->dir, name);
	f = fopen(path, "we");
	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

static inline void make_link(const struct world *w, const char *name,
			     const char *target)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", w->dir, name);
	unlink(path);
	assert_int_equal(symlink(target, path), 0);
}

/* Run HOLD in a child, which then stays until it is asked to end; returns its
 * pid when HOLD is done. */
static inline pid_t hold_in_child(struct world *w, void (*hold)(struct world *w),
				  int *until)
{
	int ready[2], end[2];
	char c;
	pid_t pid;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	assert_int_equal(pipe2(end, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		close(end[1]);
		hold(w);
		if (write(ready[1], "", 1) != 1)
			_exit(1);
		_exit(read(end[0], &c, 1) != 0);
	}
	close(ready[1]);
	close(end[0]);
	assert_int_equal(read(ready[0], &c, 1), 1);
	close(ready[0]);
	*until = end[1];
	return pid;
}

static inline void end_child(pid_t pid, int until)
{
	int status;

	close(until);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* The pid of a process that is not: Linux gives out none above 1 << 22. */
#define DEAD_PID ((1L << 22) + 1)

#endif

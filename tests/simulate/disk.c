#include "config.h"

#include "tests/simulate/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static struct {
	const struct disk_faults *faults;	/* NULL: nobody runs */
	void (*die)(void *ctx);
	void *ctx;
	long writes, syncs;
	bool transfer, install;			/* durable */
	bool wrote_transfer, wrote_install;
	int64_t wall_s;
	bool woken;				/* a wake-up waits */
} disk;

void disk_begin(const struct disk_faults *faults, void (*die)(void *ctx), void *ctx)
{
	int64_t wall_s = disk.wall_s;

	memset(&disk, 0, sizeof(disk));
	disk.faults = faults;
	disk.die = die;
	disk.ctx = ctx;
	disk.wall_s = wall_s;
}

void disk_end(void)
{
	disk.faults = NULL;
}

bool disk_has_transfer(void)
{
	return disk.transfer;
}

bool disk_has_install(void)
{
	return disk.install;
}

void disk_set_wall(int64_t s)
{
	disk.wall_s = s;
}

static bool is_within(long n, long from, long count)
{
	return from && n >= from && n < from + count;
}

static void look(const char *text, size_t size)
{
	if (!memmem(text, size, "{\"type\":\"intent\"", 16))
		return;
	disk.wrote_install |= memmem(text, size, "\"what\":\"install\"", 16) != NULL;
	disk.wrote_transfer |= memmem(text, size, "\"what\":\"transfer\"", 17) != NULL;
}

ssize_t write(int fd, const void *buf, size_t size)
{
	const struct disk_faults *f = disk.faults;

	/* a wake-up of eight bytes is no record */
	if (size == 8)
		disk.woken = true;
	if (!f || fd <= 2 || size == 8)
		return syscall(SYS_write, fd, buf, size);
	disk.writes++;
	if (disk.writes == f->kill_at) {
		if (f->kill_bytes > 0)
			syscall(SYS_write, fd, buf, (size_t)f->kill_bytes < size ? (size_t)f->kill_bytes : size);
		disk.die(disk.ctx);
	}
	if (is_within(disk.writes, f->full_from, f->full_count)) {
		errno = ENOSPC;
		return -1;
	}
	look(buf, size);
	return syscall(SYS_write, fd, buf, size);
}

/* Is it raised? Asked at every call, and nearly always no: not worth a system call. */
ssize_t read(int fd, void *buf, size_t size)
{
	if (size == 8 && !disk.woken) {
		errno = EAGAIN;
		return -1;
	}
	if (size == 8)
		disk.woken = false;
	return syscall(SYS_read, fd, buf, size);
}

int fdatasync(int fd)
{
	const struct disk_faults *f = disk.faults;

	(void)fd;	/* there is no disk behind it */
	if (!f)
		return 0;
	if (is_within(++disk.syncs, f->sync_from, f->sync_count)) {
		/* what was written may never reach the disk */
		disk.wrote_transfer = disk.transfer;
		disk.wrote_install = disk.install;
		errno = EIO;
		return -1;
	}
	disk.transfer |= disk.wrote_transfer;
	disk.install |= disk.wrote_install;
	return 0;
}

int fsync(int fd)
{
	(void)fd;
	return 0;
}

int fallocate(int fd, int mode, off_t offset, off_t size)
{
	(void)fd;
	(void)mode;
	(void)offset;
	(void)size;
	errno = EOPNOTSUPP;	/* the reserve has tests of its own */
	return -1;
}

time_t time(time_t *out)
{
	if (out)
		*out = (time_t)disk.wall_s;
	return (time_t)disk.wall_s;
}

int clock_gettime(clockid_t id, struct timespec *t)
{
	if (id != CLOCK_REALTIME)
		return (int)syscall(SYS_clock_gettime, id, t);
	t->tv_sec = (time_t)disk.wall_s;
	t->tv_nsec = 0;
	return 0;
}

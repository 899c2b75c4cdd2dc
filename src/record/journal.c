#include "config.h"
#include "record/journal.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "record/event_json.h"

/* Space is asked for by blocks of so many bytes. */
#define BLOCK 4096
/* How often to look whether the record is still there; for what must not be lost,
 * always. */
#define LOOK_EVERY_MS 3000
/* Who only looks whether a record is locked holds its lock for a moment. */
#define LOCK_TRIES 10
#define LOCK_WAIT_MS 20

/* What a record started again consists of, in this order; the gap stands between. */
enum head { HEAD_FIRST, HEAD_INTENT, HEADS };

struct journal {
	int fd;
	int directory_fd;
	dev_t device;
	ino_t inode;
	off_t size;		/* after what was written last */
	off_t reserved;		/* end of the space that is held ready */
	bool no_reserve;	/* the file system cannot do that */
	bool torn;		/* the file ends within a line */
	bool failing;		/* reported, and does not work again yet */
	bool doubtful;		/* a sync failed */
	bool directory_synced;
	bool displaced;		/* another file has the name, or none can have it */
	struct err found;	/* what others did to it, not reported yet; ERR_NONE */
	int64_t looked_ms;
	uint64_t written;	/* lines by us, heads and gaps aside but the intent */
	uint64_t lost;		/* lines since the last gap line */
	int64_t lost_ms;	/* when the first of them was to be written */
	int heads_written;
	struct {
		char text[JOURNAL_LINE_MAX];
		size_t size;
		int64_t t_ms;
	} heads[HEADS];
	char path[PATH_MAX];
	size_t kept_size;
	char kept[JOURNAL_KEPT_SIZE];	/* entries, each followed by its line */
};

struct entry {
	size_t size;
	int64_t t_ms;
	bool vital;
};

static struct entry entry_at(const struct journal *f, size_t at)
{
	struct entry entry;

	memcpy(&entry, f->kept + at, sizeof(entry));
	return entry;
}

/* --- the place */

static const char *name_of(const struct journal *f)
{
	const char *slash = strrchr(f->path, '/');

	return slash ? slash + 1 : f->path;
}

/* A directory that others may write would let them swap the record. */
static int open_directory(struct journal *f, struct err *e)
{
	char directory[PATH_MAX];
	char *slash;
	struct stat st;

	memcpy(directory, f->path, sizeof(directory));
	slash = strrchr(directory, '/');
	if (!slash)
		strcpy(directory, ".");
	else
		slash[slash == directory] = '\0';
	f->directory_fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (f->directory_fd < 0 || fstat(f->directory_fd, &st) < 0)
		return err_fail_sys(e, MSG_RECORD_DIRECTORY_UNREADABLE, errno, "directory=%s", directory);
	if (st.st_uid != geteuid() && st.st_uid != 0)
		return err_fail(e, MSG_RECORD_DIRECTORY_FOREIGN, "directory=%s", directory);
	if ((st.st_mode & S_IWOTH) && !(st.st_mode & S_ISVTX))
		return err_fail(e, MSG_RECORD_DIRECTORY_OPEN, "directory=%s", directory);
	return 0;
}

static int lock(struct journal *f, struct err *e)
{
	for (int i = 0; i < LOCK_TRIES; i++) {
		if (flock(f->fd, LOCK_EX | LOCK_NB) == 0)
			return 0;
		if (errno == ENOLCK || errno == EOPNOTSUPP)
			return 0;	/* the file system has no locks */
		if (errno == EWOULDBLOCK)
			poll(NULL, 0, LOCK_WAIT_MS);
	}
	return err_fail(e, MSG_RECORD_IN_USE, "record=%s", f->path);
}

/* Take FD as the file and lock it. */
static int take(struct journal *f, int fd, struct err *e)
{
	struct stat st;

	if (f->fd >= 0)
		close(f->fd);
	f->fd = fd;
	if (fstat(fd, &st) < 0)
		return err_fail_sys(e, MSG_RECORD_NOT_OPENED, errno, "record=%s", f->path);
	f->device = st.st_dev;
	f->inode = st.st_ino;
	f->size = st.st_size;
	f->reserved = 0;
	f->torn = false;
	f->directory_synced = false;
	return lock(f, e);
}

static int create(struct journal *f)
{
	return openat(f->directory_fd, name_of(f), O_RDWR | O_APPEND | O_CREAT | O_EXCL |
		      O_NOFOLLOW | O_CLOEXEC, 0600);
}

/* --- writing */

static int no_write(const struct journal *f, int error_number, struct err *e)
{
	bool full = error_number == ENOSPC || error_number == EDQUOT || error_number == EFBIG;

	return err_fail_sys(e, full ? MSG_RECORD_DISK_FULL : MSG_RECORD_NOT_WRITTEN, error_number,
			    "record=%s", f->path);
}

/* Have space for SIZE bytes more, and unless it is the LAST RESORT the reserve
 * after them. Whatever goes wrong but a full disk shows when writing. */
static int make_space(struct journal *f, size_t size, bool last_resort, struct err *e)
{
	off_t end = f->size + (off_t)size + (last_resort ? 0 : JOURNAL_RESERVE);
	int r;

	if (f->no_reserve || end <= f->reserved)
		return 0;
	end = (end + BLOCK - 1) / BLOCK * BLOCK;
	do {
		r = fallocate(f->fd, FALLOC_FL_KEEP_SIZE, f->size, end - f->size);
	} while (r < 0 && errno == EINTR);
	if (r == 0)
		f->reserved = end;
	else if (errno == ENOSPC || errno == EDQUOT)
		return no_write(f, errno, e);
	else
		f->no_reserve = true;
	return 0;
}

static int write_bytes(struct journal *f, const char *bytes, size_t size, struct err *e)
{
	while (size > 0) {
		ssize_t n = write(f->fd, bytes, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return no_write(f, n < 0 ? errno : ENOSPC, e);
		f->torn = bytes[n - 1] != '\n';
		f->size += n;
		bytes += n;
		size -= (size_t)n;
	}
	return 0;
}

/* One line, in one write. A torn one before it is ended first; what was torn
 * comes again, whole. */
static int write_line(struct journal *f, const char *text, size_t size,
		      bool last_resort, struct err *e)
{
	char line[JOURNAL_LINE_MAX + 1];

	assert(size <= JOURNAL_LINE_MAX);
	memcpy(line, text, size);
	line[size] = '\n';
	if (make_space(f, size + 2, last_resort, e) < 0 ||
	    (f->torn && write_bytes(f, "\n", 1, e) < 0) ||
	    write_bytes(f, line, size + 1, e) < 0)
		return -1;
	return 0;
}

/* --- what is kept in memory */

static void lose(struct journal *f, uint64_t lines, int64_t t_ms)
{
	if (f->lost == 0)
		f->lost_ms = t_ms;
	f->lost += lines;
}

/* Let the oldest lines go, the ordinary ones or all, until WANTED bytes are free. */
static void drop(struct journal *f, size_t wanted, bool vital_too)
{
	size_t from = 0, to = 0, end = f->kept_size;

	while (from < end) {
		struct entry entry = entry_at(f, from);
		size_t size = sizeof(entry) + entry.size;
		size_t free_size = JOURNAL_KEPT_SIZE - f->kept_size;

		if (free_size < wanted && (vital_too || !entry.vital)) {
			lose(f, 1, entry.t_ms);
			f->kept_size -= size;
		} else {
			memmove(f->kept + to, f->kept + from, size);
			to += size;
		}
		from += size;
	}
	assert(to == f->kept_size);
}

static void keep(struct journal *f, const struct journal_line *line)
{
	struct entry entry = {.size = line->size, .t_ms = line->t_ms, .vital = line->vital};
	size_t size = sizeof(entry) + entry.size;

	assert(entry.size <= JOURNAL_LINE_MAX);
	/* many at once: making room means moving the rest */
	if (JOURNAL_KEPT_SIZE - f->kept_size < size)
		drop(f, JOURNAL_KEPT_SIZE / 4, false);
	if (JOURNAL_KEPT_SIZE - f->kept_size < size)
		drop(f, size, true);
	memcpy(f->kept + f->kept_size, &entry, sizeof(entry));
	memcpy(f->kept + f->kept_size + sizeof(entry), line->text, line->size);
	f->kept_size += size;
}

static int write_gap(struct journal *f, bool last_resort, struct err *e)
{
	struct event ev = {.type = EVENT_GAP, .gap = {f->lost, GAP_DISK}};
	int64_t t_ms = f->lost_ms;
	char gap[128];
	int size;

	if (f->lost == 0)
		return 0;
	/* what comes next may be older: a vital line that stayed, the intent */
	if (f->kept_size > 0 && entry_at(f, 0).t_ms < t_ms)
		t_ms = entry_at(f, 0).t_ms;
	if (f->heads_written < HEADS && f->heads[HEAD_INTENT].size > 0)
		t_ms = f->heads[HEAD_INTENT].t_ms;
	ev.t_ms = t_ms;
	size = event_json(gap, sizeof(gap), &ev);
	if (size < 0)
		return err_fail(e, MSG_RECORD_LINE_LOST, "record=%s", f->path);
	if (write_line(f, gap, (size_t)size, last_resort, e) < 0)
		return -1;
	f->lost = 0;
	return 0;
}

/* What a record started again begins with, and the gap where there is one. */
static int write_heads(struct journal *f, bool last_resort, struct err *e)
{
	for (; f->heads_written < HEADS; f->heads_written++) {
		size_t size = f->heads[f->heads_written].size;

		if (f->heads_written > HEAD_FIRST && write_gap(f, last_resort, e) < 0)
			return -1;
		if (size > 0 && write_line(f, f->heads[f->heads_written].text, size, last_resort, e) < 0)
			return -1;
	}
	return write_gap(f, last_resort, e);
}

/* Write all that is kept, in order. -1: the rest stays. */
static int flush(struct journal *f, bool last_resort, struct err *e)
{
	int r = write_heads(f, last_resort, e);
	size_t done = 0;

	while (r == 0 && done < f->kept_size) {
		struct entry entry = entry_at(f, done);

		r = write_line(f, f->kept + done + sizeof(entry), entry.size, last_resort, e);
		if (r < 0)
			break;
		done += sizeof(entry) + entry.size;
		f->written++;
	}
	memmove(f->kept, f->kept + done, f->kept_size - done);
	f->kept_size -= done;
	return r;
}

/* The same with the reserve, for the vital lines at least. */
static int flush_vital(struct journal *f, struct err *e)
{
	if (flush(f, false, e) == 0)
		return 0;
	if (f->reserved <= f->size || (e->detail != ENOSPC && e->detail != EDQUOT))
		return -1;
	drop(f, SIZE_MAX, false);
	return flush(f, true, e);
}

/* --- what others did to the record */

/* From FIRST on the heads are to be written again; the other lines are lost. */
static void start_again(struct journal *f, enum head first, int64_t t_ms)
{
	uint64_t again = f->heads[HEAD_INTENT].size > 0;

	f->heads_written = (int)first;
	if (f->written > again)
		lose(f, f->written - again, t_ms);
	f->written = again;
}

static void removed(struct journal *f, int64_t t_ms)
{
	bool known = f->displaced;
	int fd = create(f);

	f->displaced = fd < 0;
	if (fd < 0 && !known)
		err_fail_sys(&f->found, MSG_RECORD_REMOVED_FOR_GOOD, errno, "record=%s", f->path);
	if (fd < 0)
		return;
	take(f, fd, &f->found);
	err_fail(&f->found, MSG_RECORD_REMOVED, "record=%s", f->path);
	start_again(f, HEAD_FIRST, t_ms);
}

static void cut(struct journal *f, off_t size, int64_t t_ms)
{
	char last = '\n';

	err_fail(&f->found, MSG_RECORD_CUT, "record=%s", f->path);
	f->size = size;
	f->reserved = 0;
	f->torn = size > 0 && pread(f->fd, &last, 1, size - 1) == 1 && last != '\n';
	start_again(f, size == 0 ? HEAD_FIRST : HEAD_INTENT, t_ms);
}

/* faults.md F06 */
static void look(struct journal *f, int64_t t_ms)
{
	bool known = f->displaced;
	struct stat st;

	f->looked_ms = t_ms;
	if (fstatat(f->directory_fd, name_of(f), &st, AT_SYMLINK_NOFOLLOW) < 0) {
		if (errno == ENOENT)
			removed(f, t_ms);
		return;
	}
	f->displaced = st.st_dev != f->device || st.st_ino != f->inode;
	if (f->displaced && !known)
		err_fail(&f->found, MSG_RECORD_REPLACED, "record=%s", f->path);
	if (!f->displaced && st.st_size < f->size)
		cut(f, st.st_size, t_ms);
}

/* --- the contract */

static struct journal *file_new(const char *path, struct err *e)
{
	struct journal *f = calloc(1, sizeof(*f));

	if (!f) {
		err_fail(e, MSG_RECORD_NO_MEMORY, "");
		return NULL;
	}
	f->fd = f->directory_fd = -1;
	if ((size_t)snprintf(f->path, sizeof(f->path), "%s", path) >= sizeof(f->path))
		err_fail(e, MSG_RECORD_PLACE_LONG, "");
	else if (open_directory(f, e) == 0)
		return f;
	journal_close(f);
	return NULL;
}

static int begin(struct journal *f, const char *head, size_t size, struct err *e)
{
	int fd = create(f);

	if (fd < 0 && errno == EEXIST) {
		err_fail(e, MSG_RECORD_EXISTS, "record=%s", f->path);
		e->detail = EEXIST;
		return -1;
	}
	if (fd < 0)
		return err_fail_sys(e, MSG_RECORD_NOT_MADE, errno, "record=%s", f->path);
	assert(size <= JOURNAL_LINE_MAX);
	memcpy(f->heads[HEAD_FIRST].text, head, size);
	f->heads[HEAD_FIRST].size = size;
	if (take(f, fd, e) == 0 && flush(f, false, e) == 0)
		return 0;
	unlinkat(f->directory_fd, name_of(f), 0);
	f->heads_written = HEADS;
	return -1;
}

struct journal *journal_create(const char *path, const char *head,
			       size_t head_size, struct err *e)
{
	struct journal *f = file_new(path, e);

	if (f && begin(f, head, head_size, e) < 0) {
		journal_close(f);
		return NULL;
	}
	return f;
}

/* The first line of what was opened: it says that this is a record. */
static int read_head(struct journal *f, struct err *e)
{
	static const char mark[] = "{\"type\":\"header\"";
	char *text = f->heads[HEAD_FIRST].text;
	ssize_t n = pread(f->fd, text, JOURNAL_LINE_MAX, 0);
	const char *end = n > 0 ? memchr(text, '\n', (size_t)n) : NULL;
	char last = '\n';

	if (!end || (size_t)n < sizeof(mark) || memcmp(text, mark, sizeof(mark) - 1) != 0)
		return err_fail(e, MSG_RECORD_NO_HEADER, "record=%s", f->path);
	f->heads[HEAD_FIRST].size = (size_t)(end - text);
	f->heads_written = HEADS;
	f->torn = pread(f->fd, &last, 1, f->size - 1) == 1 && last != '\n';
	return 0;
}

static int open_file(struct journal *f, struct err *e)
{
	struct stat st;
	int fd = openat(f->directory_fd, name_of(f), O_RDWR | O_APPEND | O_NOFOLLOW |
			O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return err_fail_sys(e, MSG_RECORD_NOT_OPENED, errno, "record=%s", f->path);
	/* before the lock: a FIFO or a device must not be touched */
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_uid != geteuid()) {
		close(fd);
		return err_fail(e, MSG_RECORD_NOT_OWN, "record=%s", f->path);
	}
	if (take(f, fd, e) < 0)
		return -1;
	if (fstat(fd, &st) < 0 || st.st_nlink != 1)
		return err_fail(e, MSG_RECORD_OTHER_NAMES, "record=%s", f->path);
	return read_head(f, e);
}

struct journal *journal_open(const char *path, struct err *e)
{
	struct journal *f = file_new(path, e);

	if (!f)
		return NULL;
	f->heads_written = HEADS;
	if (open_file(f, e) < 0) {
		journal_close(f);
		return NULL;
	}
	return f;
}

/* The space that is held ready lies after the end. */
static void give_back_space(struct journal *f)
{
	struct stat st;

	if (f->reserved > f->size && fstat(f->fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    ftruncate(f->fd, st.st_size) == 0)
		f->reserved = st.st_size;
}

void journal_close(struct journal *f)
{
	struct err ignored;

	if (!f)
		return;
	if (f->fd >= 0) {
		flush_vital(f, &ignored);
		give_back_space(f);
		fdatasync(f->fd);
		close(f->fd);
	}
	if (f->directory_fd >= 0)
		close(f->directory_fd);
	free(f);
}

const char *journal_path(const struct journal *f)
{
	return f->path;
}

int journal_descriptor(const struct journal *f)
{
	return f->fd;
}

uint64_t journal_size(const struct journal *f)
{
	return (uint64_t)f->size;
}

/* -1 the first time, and 1 when it is over. R: how writing went. */
static int report_once(struct journal *f, int r)
{
	bool reported = f->failing;

	f->failing = r < 0;
	if (r < 0)
		return reported ? 0 : -1;
	return reported;
}

int journal_append(struct journal *f, const struct journal_line *line,
		   struct err *e)
{
	struct err failed;
	int r;

	if (line->vital || line->t_ms - f->looked_ms >= LOOK_EVERY_MS)
		look(f, line->t_ms);
	keep(f, line);
	r = report_once(f, flush(f, false, &failed));
	if (f->found.code != ERR_NONE) {
		*e = f->found;
		f->found.code = ERR_NONE;
		return -1;
	}
	if (r < 0)
		*e = failed;
	return r;
}

int journal_lose(struct journal *f, int64_t t_ms, struct err *e)
{
	lose(f, 1, t_ms);
	err_fail(e, MSG_RECORD_LINE_LOST, "record=%s", f->path);
	return report_once(f, -1);
}

static int sync_all(struct journal *f, struct err *e)
{
	if (f->displaced)
		return err_fail(e, MSG_RECORD_DISPLACED, "record=%s", f->path);
	if (f->doubtful)
		return err_fail(e, MSG_RECORD_DISK_DOUBTFUL, "record=%s", f->path);
	f->doubtful = fdatasync(f->fd) < 0 || (!f->directory_synced && fsync(f->directory_fd) < 0);
	if (f->doubtful)
		return err_fail_sys(e, MSG_RECORD_NOT_DURABLE, errno, "record=%s", f->path);
	f->directory_synced = true;
	return 0;
}

/* What was not written in time is not to be written later. */
static void take_back(struct journal *f)
{
	size_t at = 0, last = f->kept_size;

	while (at < f->kept_size) {
		last = at;
		at += sizeof(struct entry) + entry_at(f, at).size;
	}
	f->kept_size = last;
}

int journal_state(struct journal *f, const struct journal_line *line,
		  struct err *e)
{
	look(f, line->t_ms);
	keep(f, line);
	if (flush_vital(f, e) < 0) {
		take_back(f);
		f->failing = true;
		return -1;
	}
	if (sync_all(f, e) < 0)
		return -1;
	memcpy(f->heads[HEAD_INTENT].text, line->text, line->size);
	f->heads[HEAD_INTENT].size = line->size;
	f->heads[HEAD_INTENT].t_ms = line->t_ms;
	return 0;
}

/* Each call of the C library that a record is written and read with fails once, with each
 * error that it may have: what was said to be kept is there, and all is closed again. */
#include "config.h"

#include <dlfcn.h>
#include <errno.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/utsname.h>

#include "record/journal.h"
#include "record/open_upgrade.h"
#include "record/reader.h"
#include "record/store.h"
#include "writer_fixture.h"

enum call { CALL_FSTAT, CALL_FSTATAT, CALL_FLOCK, CALL_FALLOCATE, CALL_FDATASYNC, CALL_FSYNC, CALL_PREAD, CALL_WRITE, CALL_FTRUNCATE,
	    CALL_UNAME, CALL_MKDIR, CALL_OPENAT, CALL_UNLINKAT, CALL_GETEUID, CALL_HOST,
	    CALL_INOTIFY, CALL_LSEEK, CALL_MALLOC, CALL_COUNT };

#define NOTHING (-1)	/* it takes or gives nothing, and does not say why */
/* Somebody put another thing in its place meanwhile. */
#define THEIRS (-2)
#define FIFO (-3)
#define SMALL (-4)
#define ELSEWHERE (-5)	/* on another file system */
#define HUGE_NOW (-6)	/* only where no writer asks */

static const int errors[CALL_COUNT][5] = {
	[CALL_FSTAT] = { EIO, THEIRS, FIFO }, [CALL_FSTATAT] = { EIO, SMALL, ELSEWHERE }, [CALL_FLOCK] = { ENOLCK, EOPNOTSUPP, EIO, EWOULDBLOCK },
	[CALL_FALLOCATE] = { EINTR, ENOSPC, EDQUOT, EOPNOTSUPP }, [CALL_FDATASYNC] = { EIO }, [CALL_FSYNC] = { EIO },
	[CALL_PREAD] = { EINTR, EIO, NOTHING }, [CALL_WRITE] = { EINTR, EIO, ENOSPC, EDQUOT, NOTHING }, [CALL_FTRUNCATE] = { EIO },
	[CALL_UNAME] = { EFAULT }, [CALL_MKDIR] = { EACCES }, [CALL_OPENAT] = { EACCES, EEXIST, ENOENT, ELOOP }, [CALL_UNLINKAT] = { EACCES },
	[CALL_GETEUID] = { NOTHING }, [CALL_HOST] = { ENAMETOOLONG }, [CALL_INOTIFY] = { EMFILE }, [CALL_LSEEK] = { EINVAL },
	[CALL_MALLOC] = { ENOMEM },
};

static struct {
	enum call call;
	int left;	/* calls until it fails; below 0: it has */
	int error;
	bool always;	/* ... and from then on */
} fault = { .left = -1 };

static bool fails(enum call call)
{
	if (call != fault.call || fault.left < 0 || (fault.left > 0 && fault.left--))
		return false;
	if (!fault.always)
		fault.left = -1;
	errno = fault.error;
	return true;
}

static int what_it_returns(void)
{
	return fault.error == NOTHING ? 0 : -1;
}

/* The C library's own, behind the one of the same name here. */
#define REAL(result, name, ...) \
	result (*real)(__VA_ARGS__); \
	*(void **)&real = dlsym(RTLD_NEXT, name)

int fstat(int fd, struct stat *st)
{
	REAL(int, "fstat", int, struct stat *);
	int r = real(fd, st);

	if (!fails(CALL_FSTAT))
		return r;
	if (fault.error == THEIRS)
		st->st_uid++;
	else if (fault.error == FIFO)
		st->st_mode = S_IFIFO;
	else if (fault.error == HUGE_NOW)
		st->st_size = (off_t)1 << 40;
	return fault.error < 0 ? r : -1;
}

/* A user who is none of those that files belong to but root. */
uid_t geteuid(void)
{
	REAL(uid_t, "geteuid", void);
	return fails(CALL_GETEUID) ? 12345 : real();
}

int fstatat(int fd, const char *path, struct stat *st, int flags)
{
	REAL(int, "fstatat", int, const char *, struct stat *, int);
	int r = real(fd, path, st, flags);

	if (!fails(CALL_FSTATAT))
		return r;
	if (fault.error == SMALL)
		st->st_size = 1;
	else if (fault.error == ELSEWHERE)
		st->st_dev++;
	return fault.error < 0 ? r : -1;
}

int flock(int fd, int how)
{
	REAL(int, "flock", int, int);
	return fails(CALL_FLOCK) ? -1 : real(fd, how);
}

int fallocate(int fd, int mode, off_t offset, off_t size)
{
	REAL(int, "fallocate", int, int, off_t, off_t);
	return fails(CALL_FALLOCATE) ? -1 : real(fd, mode, offset, size);
}

/* No power is cut here: nobody waits for the disk. */
int fdatasync(int fd)
{
	(void)fd;
	return fails(CALL_FDATASYNC) ? -1 : 0;
}

int fsync(int fd)
{
	(void)fd;
	return fails(CALL_FSYNC) ? -1 : 0;
}

ssize_t pread(int fd, void *bytes, size_t size, off_t offset)
{
	REAL(ssize_t, "pread", int, void *, size_t, off_t);
	return fails(CALL_PREAD) ? what_it_returns() : real(fd, bytes, size, offset);
}

ssize_t write(int fd, const void *bytes, size_t size)
{
	REAL(ssize_t, "write", int, const void *, size_t);
	return fails(CALL_WRITE) ? what_it_returns() : real(fd, bytes, size);
}

/* Not every file system knows of holes. */
off_t lseek(int fd, off_t offset, int from)
{
	REAL(off_t, "lseek", int, off_t, int);
	return fails(CALL_LSEEK) ? -1 : real(fd, offset, from);
}

int ftruncate(int fd, off_t size)
{
	REAL(int, "ftruncate", int, off_t);
	return fails(CALL_FTRUNCATE) ? -1 : real(fd, size);
}

int uname(struct utsname *name)
{
	REAL(int, "uname", struct utsname *);
	return fails(CALL_UNAME) ? -1 : real(name);
}

int gethostname(char *name, size_t size)
{
	REAL(int, "gethostname", char *, size_t);
	return fails(CALL_HOST) ? -1 : real(name, size);
}

int inotify_init1(int flags)
{
	REAL(int, "inotify_init1", int);
	return fails(CALL_INOTIFY) ? -1 : real(flags);
}

int mkdir(const char *path, mode_t mode)
{
	REAL(int, "mkdir", const char *, mode_t);
	return fails(CALL_MKDIR) ? -1 : real(path, mode);
}

int openat(int fd, const char *path, int flags, ...)
{
	REAL(int, "openat", int, const char *, int, mode_t);
	return fails(CALL_OPENAT) ? -1 : real(fd, path, flags, 0600);
}

int unlinkat(int fd, const char *path, int flags)
{
	REAL(int, "unlinkat", int, const char *, int);
	return fails(CALL_UNLINKAT) ? -1 : real(fd, path, flags);
}

/* A sanitizer has its own. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HAVE_SANITIZER
#endif
#endif
#if defined(HAVE_SANITIZER) || defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define NO_MEMORY_FAILS
#else
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);

void *malloc(size_t size)
{
	return fails(CALL_MALLOC) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return fails(CALL_MALLOC) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
	return fails(CALL_MALLOC) ? NULL : __libc_realloc(old, size);
}
#endif

/* How many of the calls said that what they were given is kept. */
struct kept {
	bool intent, result;
};

static struct event line_of(const char *text, int64_t t_ms)
{
	struct event ev = { .type = EVENT_LINE, .t_ms = t_ms };

	ev.line.raw_size = (uint16_t)strlen(text);
	memcpy(ev.line.raw, text, ev.line.raw_size);
	return ev;
}

/* Where a record stands that is not told where. */
enum where { WHERE_TOLD, WHERE_USUAL, WHERE_DEMO, WHERES };

static struct kept write_record(struct place *p, enum where where)
{
	const struct plan plan = { .port = "/dev/ttyACM3", .demo = where == WHERE_DEMO };
	struct open_upgrade open = usual_upgrade(INTENT_INSTALL);
	struct event progress = { .type = EVENT_PROGRESS, .t_ms = 7, .progress = { .step = STEP_TRANSFER, .unit = UNIT_BYTES, .total = 9 } };
	struct event step = { .type = EVENT_STEP, .t_ms = 8, .step = { .step = STEP_TRANSFER } };
	struct event heard = line_of("OK", 5), result = { .type = EVENT_RESULT, .t_ms = 9, .result = { .outcome = OUTCOME_UNKNOWN } };
	struct record_writer *s = writer_create(where == WHERE_TOLD ? p->path : NULL, "jansson 2.14", &plan, &p->e);
	struct kept kept = { false, false };

	if (!s)
		return kept;
	snprintf(p->path, sizeof(p->path), "%s", writer_path(s));
	writer_append(s, &heard, &p->e);
	kept.intent = writer_intent(s, &open, 6, &p->e) == 0;
	for (progress.progress.done = 0; progress.progress.done < 3; progress.progress.done++)
		writer_append(s, &progress, &p->e);	/* the last one is held until the step ends */
	writer_append(s, &step, &p->e);
	writer_close(s);
	s = writer_reopen(p->path, "jansson 2.14", &p->e);
	if (!s)
		return kept;
	kept.result = writer_append(s, &result, &p->e) == 0;
	writer_close(s);
	return kept;
}

/* An intent that was said to be durable is in the record; nothing of what was read is wrong. */
static void check_record(struct place *p, struct kept kept)
{
	struct record *r = record_open(p->path, &p->e);
	bool intent = false, result = false;
	struct event ev;

	for (uint64_t i = 0; r && i < record_count(r); i++) {
		bool read = record_event(r, i, &ev);

		intent |= read && ev.type == EVENT_INTENT;
		result |= read && ev.type == EVENT_RESULT;
	}
	record_free(r);
	if ((kept.intent && !intent) || (kept.result && !result))
		fail_msg("call %d, error %d: the %s is lost", (int)fault.call, fault.error, kept.intent && !intent ? "intent" : "result");
}

static int open_descriptors(void)
{
	int count = 0;

	for (int fd = 3; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

/* Each call fails the first time, the second, ..., with each of its errors. */
struct walk {
	int call;
	size_t error;
	int nth;	/* -1: before the first */
};

static bool next_fault(struct walk *w)
{
	w->nth++;
	if (w->call < CALL_COUNT) {
		fault.call = (enum call)w->call;
		fault.error = errors[w->call][w->error];
		fault.left = w->nth;
	}
	return w->call < CALL_COUNT;
}

/* True when nothing failed: there are not so many calls. */
static bool end_fault(struct walk *w)
{
	bool missed = fault.left >= 0;

	fault.left = -1;
	if (!missed)
		return false;
	w->nth = -1;
	if (++w->error == COUNT(errors[0]) || !errors[w->call][w->error]) {
		w->error = 0;
		w->call++;
	}
	return true;
}

static void what_is_said_to_be_kept_is_kept(void **state)
{
	struct place *p = *state;
	int before = open_descriptors();

	setenv("XDG_STATE_HOME", p->dir, 1);
	for (int where = WHERE_TOLD; where < WHERES; where++) {
		for (struct walk w = { .nth = -1 }; next_fault(&w); ) {
			struct kept kept;
			bool all;

			unlink(p->path);
			snprintf(p->path, sizeof(p->path), "%s/record.jsonl", p->dir);
			kept = write_record(p, (enum where)where);
			all = end_fault(&w);
			check_record(p, kept);
			assert_int_equal(open_descriptors(), before);
			assert_true(!all || (kept.intent && kept.result));
		}
	}
}

/* ... or not, where there is no place for it. */
static void a_name_that_is_taken_is_not_tried_for_ever(void **state)
{
	static const struct plan plan = { .port = "/dev/ttyACM3" };
	struct place *p = *state;
	char deep[PATH_MAX];

	setenv("XDG_STATE_HOME", p->dir, 1);
	fault.call = CALL_OPENAT, fault.left = 0, fault.error = EEXIST, fault.always = true;
	assert_null(writer_create(NULL, "jansson 2.14", &plan, &p->e));
	fault.left = -1, fault.always = false;
	assert_int_equal(p->e.message.id, MSG_RECORD_EXISTS);
	/* room for the directory, none for the record in it */
	memset(deep, 'd', sizeof(deep));
	deep[0] = '/';
	deep[PATH_MAX - 1 - strlen("/dfota/sessions/x")] = '\0';
	setenv("XDG_STATE_HOME", deep, 1);
	assert_null(writer_create(NULL, "jansson 2.14", &plan, &p->e));
	assert_int_equal(p->e.message.id, MSG_RECORD_PLACE_LONG);
}

static void a_record_is_read_right_or_not_at_all(void **state)
{
	struct place *p = *state;
	int before = open_descriptors();
	struct open_upgrade open;
	struct record *r;
	uint64_t count;

	write_record(p, WHERE_TOLD);
	r = record_open(p->path, &p->e);
	assert_non_null(r);
	count = record_count(r);
	assert_true(record_open_upgrade(r, &open));
	record_free(r);
	for (struct walk w = { .nth = -1 }; next_fault(&w); ) {
		bool opened = false, all;

		r = record_open(p->path, &p->e);
		if (r && record_follow(r, &p->e) >= 0)
			assert_int_equal(record_count(r), count);
		if (r) {
			record_writer_pid(r);
			opened = record_open_upgrade(r, &open);
		}
		all = end_fault(&w);
		assert_true(!all || (r && opened));
		assert_true(r || p->e.code != ERR_NONE);
		record_free(r);
		assert_int_equal(open_descriptors(), before);
	}
}

/* What comes while it is read is read, or that it could not be is said. */
static void what_is_added_is_read_or_an_error(void **state)
{
	static const char more[] = "{ \"type\":\"line\",\"dir\":\"rx\",\"text\":\"RDY\",\"t\":10.0}\n";
	struct place *p = *state;
	struct open_upgrade unfinished;
	off_t size;
	int fd;

	write_record(p, WHERE_TOLD);
	fd = open(p->path, O_WRONLY | O_APPEND | O_CLOEXEC);
	assert_true(fd >= 0);
	size = lseek(fd, 0, SEEK_END);
	for (struct walk w = { .nth = -1 }; next_fault(&w); ) {
		int left = fault.left;
		struct record *r;
		uint64_t count;
		int64_t added;
		bool all, opened;

		fault.left = -1;
		assert_int_equal(ftruncate(fd, size), 0);
		r = record_open(p->path, &p->e);
		assert_non_null(r);
		count = record_count(r);
		assert_int_equal(write(fd, more, sizeof(more) - 1), sizeof(more) - 1);
		/* a hole, as a disk leaves where it lost what was written */
		assert_int_equal(ftruncate(fd, lseek(fd, 0, SEEK_END) + (4 << 20)), 0);
		fault.left = left;
		added = record_follow(r, &p->e);
		opened = record_open_upgrade(r, &unfinished);
		all = end_fault(&w);
		assert_true(added < 0 || record_count(r) == count + (uint64_t)added);
		if (all ? added != 1 || !opened : added == 0 && fault.error != NOTHING)
			fail_msg("call %d, error %d: %d lines came", (int)fault.call, fault.error, (int)added);
		record_free(r);
	}
	close(fd);
}

static void one_that_cannot_be_removed_stays_and_is_not_counted(void **state)
{
	static const struct {
		enum call call;
		int error;
	} rows[] = { { CALL_UNLINKAT, EACCES }, { CALL_FSTAT, HUGE_NOW }, { CALL_FSTAT, THEIRS }, { CALL_OPENAT, EACCES } };
	struct event done = { .type = EVENT_RESULT, .t_ms = 9, .result = { .outcome = OUTCOME_SUCCESS } };
	static const struct plan plan = { .port = "/dev/ttyACM3" };
	struct place *p = *state;
	struct record_writer *s;

	setenv("XDG_STATE_HOME", p->dir, 1);
	s = writer_create(NULL, "jansson 2.14", &plan, &p->e);
	assert_non_null(s);
	assert_int_equal(writer_append(s, &done, &p->e), 0);
	writer_close(s);
	for (size_t i = 0; i < COUNT(rows); i++) {
		fault.call = rows[i].call, fault.left = rows[i].call == CALL_OPENAT, fault.error = rows[i].error;
		assert_int_equal(store_prune(0, 0), 0);
		assert_int_equal(fault.left, -1);
	}
	assert_int_equal(store_prune(0, 0), 1);
}

/* A directory that cannot be looked through is none in which nothing is unfinished. */
static void what_is_unfinished_is_told_or_is_not_known(void **state)
{
	struct place *p = *state;
	int before = open_descriptors();

	setenv("XDG_STATE_HOME", p->dir, 1);
	write_record(p, WHERE_USUAL);
	for (struct walk w = { .nth = -1 }; next_fault(&w); ) {
		struct open_upgrade open;
		char unknown[PATH_MAX] = "";
		bool found = store_list_open(&open, 1) == 1;
		bool checked = store_check_open(NULL, unknown, sizeof(unknown), &p->e) == 0;
		int watched = store_watch();
		bool all;

		if (watched >= 0)
			close(watched);
		store_prune(0, 0);
		all = end_fault(&w);
		/* a record that became shorter by that is another one */
		if (access(p->path, F_OK) < 0 && fault.error == NOTHING)
			write_record(p, WHERE_USUAL);
		else if (access(p->path, F_OK) < 0)
			fail_msg("call %d, error %d: an unfinished upgrade is gone", (int)fault.call, fault.error);
		assert_true(!all || (found && checked && !unknown[0] && watched >= 0));
		assert_int_equal(open_descriptors(), before);
	}
}

#ifndef NO_MEMORY_FAILS
/* Where there is no memory for the line that says what is missing, nothing is written that
 * would pass for all of it. */
static void what_is_missing_is_said_before_anything_else(void **state)
{
	static const char head[] = "{\"type\":\"header\",\"format\":1}", text[] = "{\"type\":\"answer\",\"answer\":\"yes\",\"t\":1.0}";
	const struct journal_line line = { .text = text, .size = sizeof(text) - 1, .t_ms = 1000, .vital = true };
	struct place *p = *state;

	for (int again = 0; again < 2; again++) {
		struct journal *f = journal_create(p->path, head, sizeof(head) - 1, &p->e);
		struct event ev;
		struct record *r;

		assert_non_null(f);
		if (again)	/* it is removed, and begins anew */
			journal_append(f, &line, &p->e);
		if (again)
			unlink(p->path);
		else
			journal_lose(f, 500, &p->e);
		fault.call = CALL_MALLOC, fault.left = 0, fault.error = ENOMEM, fault.always = true;
		journal_append(f, &line, &p->e);
		fault.left = -1, fault.always = false;
		journal_append(f, &line, &p->e);
		journal_close(f);
		r = record_open(p->path, &p->e);
		assert_non_null(r);
		assert_true(record_count(r) >= 3);
		assert_true(record_event(r, 1, &ev) && ev.type == EVENT_GAP);
		assert_true(record_event(r, 2, &ev) && ev.type == EVENT_ANSWER);
		record_free(r);
		unlink(p->path);
	}
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_PLACE(what_is_said_to_be_kept_is_kept),
		IN_PLACE(a_name_that_is_taken_is_not_tried_for_ever),
		IN_PLACE(a_record_is_read_right_or_not_at_all),
		IN_PLACE(what_is_added_is_read_or_an_error),
		IN_PLACE(one_that_cannot_be_removed_stays_and_is_not_counted),
		IN_PLACE(what_is_unfinished_is_told_or_is_not_known),
#ifndef NO_MEMORY_FAILS
		IN_PLACE(what_is_missing_is_said_before_anything_else),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

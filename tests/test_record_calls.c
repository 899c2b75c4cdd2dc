/* Each call of the C library that a record is written and read with fails once, with each
 * error that it may have: what was said to be kept is there, and all is closed again. */
#include "config.h"

#include <dlfcn.h>
#include <errno.h>
#include <sys/file.h>

#include "record/reader.h"
#include "record/store.h"
#include "writer_fixture.h"

enum call { CALL_FSTAT, CALL_FSTATAT, CALL_FLOCK, CALL_FALLOCATE, CALL_FDATASYNC, CALL_FSYNC, CALL_PREAD, CALL_WRITE, CALL_FTRUNCATE,
	    CALL_COUNT };

static const int errors[CALL_COUNT][4] = {
	[CALL_FSTAT] = { EIO }, [CALL_FSTATAT] = { EIO }, [CALL_FLOCK] = { ENOLCK, EOPNOTSUPP, EIO, EWOULDBLOCK },
	[CALL_FALLOCATE] = { EINTR, ENOSPC, EDQUOT, EOPNOTSUPP }, [CALL_FDATASYNC] = { EIO }, [CALL_FSYNC] = { EIO },
	[CALL_PREAD] = { EINTR, EIO }, [CALL_WRITE] = { EINTR, EIO, ENOSPC, EDQUOT }, [CALL_FTRUNCATE] = { EIO },
};

static struct {
	enum call call;
	int left;	/* calls until it fails; below 0: it has */
	int error;
} fault;

static bool fails(enum call call)
{
	if (call != fault.call || fault.left < 0 || fault.left-- > 0)
		return false;
	errno = fault.error;
	return true;
}

/* The C library's own, behind the one of the same name here. */
#define REAL(result, name, ...) \
	result (*real)(__VA_ARGS__); \
	*(void **)&real = dlsym(RTLD_NEXT, name)

int fstat(int fd, struct stat *st)
{
	REAL(int, "fstat", int, struct stat *);
	return fails(CALL_FSTAT) ? -1 : real(fd, st);
}

int fstatat(int fd, const char *path, struct stat *st, int flags)
{
	REAL(int, "fstatat", int, const char *, struct stat *, int);
	return fails(CALL_FSTATAT) ? -1 : real(fd, path, st, flags);
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

int fdatasync(int fd)
{
	REAL(int, "fdatasync", int);
	return fails(CALL_FDATASYNC) ? -1 : real(fd);
}

int fsync(int fd)
{
	REAL(int, "fsync", int);
	return fails(CALL_FSYNC) ? -1 : real(fd);
}

ssize_t pread(int fd, void *bytes, size_t size, off_t offset)
{
	REAL(ssize_t, "pread", int, void *, size_t, off_t);
	return fails(CALL_PREAD) ? -1 : real(fd, bytes, size, offset);
}

ssize_t write(int fd, const void *bytes, size_t size)
{
	REAL(ssize_t, "write", int, const void *, size_t);
	return fails(CALL_WRITE) ? -1 : real(fd, bytes, size);
}

int ftruncate(int fd, off_t size)
{
	REAL(int, "ftruncate", int, off_t);
	return fails(CALL_FTRUNCATE) ? -1 : real(fd, size);
}

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

static struct kept write_record(struct place *p)
{
	static const struct plan plan = { .port = "/dev/ttyACM3" };
	struct open_upgrade open = usual_upgrade(INTENT_INSTALL);
	struct event heard = line_of("OK", 5), result = { .type = EVENT_RESULT, .t_ms = 9, .result = { .outcome = OUTCOME_UNKNOWN } };
	struct record_writer *s = writer_create(p->path, "jansson 2.14", &plan, &p->e);
	struct kept kept = { false, false };

	if (!s)
		return kept;
	writer_append(s, &heard, &p->e);
	kept.intent = writer_intent(s, &open, 6, &p->e) == 0;
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

static void what_is_said_to_be_kept_is_kept(void **state)
{
	struct place *p = *state;
	int before = open_descriptors();

	for (int call = 0; call < CALL_COUNT; call++) {
		for (size_t k = 0; k < COUNT(errors[0]) && errors[call][k]; k++) {
			for (int nth = 0, done = 0; !done; nth++) {
				struct kept kept;

				unlink(p->path);
				fault.call = (enum call)call, fault.left = nth, fault.error = errors[call][k];
				kept = write_record(p);
				done = fault.left >= 0;
				fault.left = -1;
				check_record(p, kept);
				assert_int_equal(open_descriptors(), before);
				assert_true(!done || (kept.intent && kept.result));
			}
		}
	}
}

static void a_record_is_read_right_or_not_at_all(void **state)
{
	struct place *p = *state;
	int before = open_descriptors();
	uint64_t count;
	struct record *r;

	fault.left = -1;
	write_record(p);
	r = record_open(p->path, &p->e);
	assert_non_null(r);
	count = record_count(r);
	record_free(r);
	for (int call = 0; call < CALL_COUNT; call++) {
		for (size_t k = 0; k < COUNT(errors[0]) && errors[call][k]; k++) {
			for (int nth = 0, done = 0; !done; nth++) {
				fault.call = (enum call)call, fault.left = nth, fault.error = errors[call][k];
				r = record_open(p->path, &p->e);
				if (r && record_follow(r, &p->e) >= 0)
					assert_int_equal(record_count(r), count);
				done = fault.left >= 0;
				fault.left = -1;
				assert_true(r || p->e.code != ERR_NONE);
				record_free(r);
				assert_int_equal(open_descriptors(), before);
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_PLACE(what_is_said_to_be_kept_is_kept),
		IN_PLACE(a_record_is_read_right_or_not_at_all),
	};

	fault.left = -1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}

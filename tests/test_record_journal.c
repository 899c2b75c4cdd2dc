#include "config.h"

#include <errno.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "skip.h"
#include "writer_fixture.h"
#include "words.h"

/* faults.md F04, F09: a pipe takes the bytes but can't be synced. */
static void what_can_not_be_made_durable_is_refused(void **state)
{
	struct place *p = *state;

	for (int directory = 0; directory < 2; directory++) {
		struct record_writer *s = create(p, NULL);
		int ends[2];

		assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
		assert_true(dup3(ends[1], descriptor_of(directory ? p->dir : p->path), O_CLOEXEC) >= 0);
		assert_int_equal(intend(s, 0, &p->e), -1);
		assert_int_equal(p->e.code, ERR_USAGE);
		assert_non_null(strstr(err_words(&p->e), "making the record"));
		assert_non_null(strstr(err_words(&p->e), p->path));
		writer_close(s);
		close(ends[0]);
		close(ends[1]);
		assert_int_equal(unlink(p->path), 0);
	}
}

/* faults.md F02, F03. A limit on the file is a disk that is full. */
static void a_full_disk_is_reported_once_and_the_record_continues(void **state)
{
	struct place *p = *state;
	struct record_writer *s = create(p, NULL);
	struct event ev = notice("before"), lost = notice("lost"), after = notice("after");
	int r[6];

	assert_int_equal(writer_append(s, &ev, &p->e), 0);
	limit_files_to(size_of(p->path));
	r[0] = writer_append(s, &lost, &p->e);
	r[1] = writer_append(s, &lost, &p->e);
	r[2] = intend(s, 12, &p->e);	/* must not pass unnoticed */
	limit_files_to(RLIM_INFINITY);
	assert_int_equal(r[0], -1);
	assert_int_equal(p->e.code, ERR_USAGE);
	assert_non_null(strstr(err_words(&p->e), p->path));
	assert_int_equal(r[1], 0);
	assert_int_equal(r[2], -1);
	assert_int_equal(writer_append(s, &after, &p->e), 1);
	assert_int_equal(writer_append(s, &after, &p->e), 0);
	limit_files_to(size_of(p->path));
	r[3] = writer_append(s, &lost, &p->e);
	r[4] = writer_append(s, &lost, &p->e);
	limit_files_to(RLIM_INFINITY);
	assert_int_equal(r[3], -1);
	assert_int_equal(r[4], 0);
	writer_close(s);
	assert_whole(p);
	/* nothing is missing, but for the intent that was refused */
	ASSERT_LINES(p, "header", "before", "lost", "lost", "after", "after", "lost", "lost");
}

/* The disk fills up within a line: what is torn stands alone. */
static void a_torn_line_spoils_no_other(void **state)
{
	struct place *p = *state;
	struct event ev = notice("lost"), after = notice("after");

	for (rlim_t part = 1; part < 20; part++) {
		struct record_writer *s = create(p, NULL);
		rlim_t size = size_of(p->path);
		int r[3];

		limit_files_to(size + part);
		r[0] = writer_append(s, &ev, &p->e);
		r[1] = writer_append(s, &ev, &p->e);
		limit_files_to(size + part + 1 + part);	/* a line end, and torn again */
		r[2] = writer_append(s, &ev, &p->e);
		limit_files_to(RLIM_INFINITY);
		assert_int_equal(r[0], -1);
		assert_int_equal(r[1], 0);
		assert_int_equal(r[2], 0);
		assert_int_equal(writer_append(s, &after, &p->e), 1);
		assert_int_equal(intend(s, 12, &p->e), 0);
		writer_close(s);
		ASSERT_LINES(p, "header", "?", "?", "lost", "lost", "lost", "after", "intent");
		assert_int_equal(unlink(p->path), 0);
	}
}

/* faults.md F01 */
static void a_disk_that_is_full_from_the_start_refuses_the_session(void **state)
{
	struct place *p = *state;
	const struct plan plan = {.port = "x"};
	struct record_writer *s;

	limit_files_to(10);
	s = writer_create(p->path, NULL, &plan, &p->e);
	limit_files_to(RLIM_INFINITY);
	assert_null(s);
	assert_int_equal(p->e.code, ERR_USAGE);
	assert_non_null(strstr(err_words(&p->e), "writing the record"));
	/* trying again after making room meets no leftover */
	writer_close(create(p, NULL));
}


static struct event step_at(int64_t t_ms)
{
	return (struct event){.type = EVENT_STEP, .t_ms = t_ms};
}

/* faults.md F03. Any error is as good as a full disk. */
static void lines_that_can_not_be_written_are_written_later(void **state)
{
	enum kind { FULL, CLOSED_PIPE, READ_ONLY };
	static const enum kind rows[] = {FULL, CLOSED_PIPE, READ_ONLY};
	struct place *p = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct record_writer *s = create(p, NULL);
		int fd = descriptor_of(p->path), saved = fcntl(fd, F_DUPFD_CLOEXEC, 0), broken = -1;
		struct event lost = notice("lost"), after = notice("after");
		int ends[2];

		assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
		close(ends[0]);
		if (rows[i] == CLOSED_PIPE)
			broken = dup3(ends[1], fd, O_CLOEXEC);
		close(ends[1]);
		if (rows[i] != CLOSED_PIPE) {
			int other = open(rows[i] == FULL ? "/dev/full" : p->path,
					 rows[i] == FULL ? O_WRONLY : O_RDONLY);

			broken = dup3(other, fd, O_CLOEXEC);
			close(other);
		}
		assert_true(broken >= 0);
		assert_int_equal(writer_append(s, &lost, &p->e), -1);
		assert_int_equal(p->e.code, ERR_USAGE);
		assert_non_null(strstr(err_words(&p->e), "writing the record"));
		assert_int_equal(writer_append(s, &lost, &p->e), 0);
		assert_true(dup3(saved, fd, O_CLOEXEC) >= 0);
		close(saved);
		assert_int_equal(writer_append(s, &after, &p->e), 1);
		writer_close(s);
		assert_whole(p);
		ASSERT_LINES(p, "header", "lost", "lost", "after");
		assert_int_equal(unlink(p->path), 0);
	}
}

/* The oldest go first, and no step at all. */
static void what_memory_has_no_room_for_is_counted(void **state)
{
	struct place *p = *state;
	struct record_writer *s = create(p, NULL);
	char text[200] = "";
	size_t missing;
	int64_t t;

	memset(text, 'x', sizeof(text) - 1);
	limit_files_to(size_of(p->path));
	for (t = 0; t < 100000; t += 20) {
		struct event ev = t % 1000 ? notice_at(t, text) : step_at(t);

		writer_append(s, &ev, &p->e);
	}
	limit_files_to(RLIM_INFINITY);
	assert_int_equal(writer_append(s, &(struct event){.type = EVENT_STEP, .t_ms = t}, &p->e), 1);
	writer_close(s);
	assert_whole(p);
	assert_string_equal(text_of(p, 1, "type"), "gap");
	assert_string_equal(text_of(p, 1, "why"), "disk");
	missing = (size_t)number_of(p, 1, "lines");
	assert_int_equal(count_type(p, "gap"), 1);
	assert_int_equal(count_type(p, "step"), 101);
	assert_int_equal(missing + count_type(p, "notice"), 4900);
	assert_in_range(count_type(p, "notice"), 500, 1500);
	assert_true(number_of(p, p->count - 2, "t") == 99.98);
}

/* Lines as long as they get, and nothing but steps: no overrun. */
static void memory_is_bounded_whatever_the_lines_are(void **state)
{
	struct place *p = *state;
	struct record_writer *s = create(p, NULL);
	struct event question = {.type = EVENT_QUESTION};

	memset(question.question.command, '"', sizeof(question.question.command) - 1);
	memset(question.question.package, '\\', sizeof(question.question.package) - 1);
	limit_files_to(size_of(p->path));
	for (int i = 0; i < 2000; i++)
		writer_append(s, i % 3 ? &question : &(struct event){.type = EVENT_STEP}, &p->e);
	limit_files_to(RLIM_INFINITY);
	writer_close(s);
	assert_whole(p);
	assert_true(p->size < 300 * 1024);
	assert_int_equal(number_of(p, 1, "lines") + (double)p->count - 2, 2000);
}

/* The intent may not overtake what was done before it. */
static void an_intent_takes_the_lines_before_it_to_disk(void **state)
{
	struct place *p = *state;
	struct record_writer *s = create(p, NULL);
	struct event lost = notice("lost"), after = notice("after");

	limit_files_to(size_of(p->path));
	writer_append(s, &lost, &p->e);
	writer_append(s, &lost, &p->e);
	limit_files_to(RLIM_INFINITY);
	assert_int_equal(intend(s, 12, &p->e), 0);
	ASSERT_LINES(p, "header", "lost", "lost", "intent");
	assert_int_equal(writer_append(s, &after, &p->e), 1);
	writer_close(s);
	ASSERT_LINES(p, "header", "lost", "lost", "intent", "after");
}

/* faults.md F04: a second sync would find nothing left to complain of. */
static void a_record_whose_sync_failed_once_is_not_durable_any_more(void **state)
{
	struct place *p = *state;

	for (int directory = 0; directory < 2; directory++) {
		struct record_writer *s = create(p, NULL);
		int fd = descriptor_of(directory ? p->dir : p->path);
		int saved = fcntl(fd, F_DUPFD_CLOEXEC, 0), ends[2];

		assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
		assert_true(dup3(ends[1], fd, O_CLOEXEC) >= 0);
		assert_int_equal(intend(s, 0, &p->e), -1);
		assert_true(dup3(saved, fd, O_CLOEXEC) >= 0);
		assert_int_equal(intend(s, 0, &p->e), -1);
		assert_non_null(strstr(err_words(&p->e), "making the record"));
		writer_close(s);
		close(saved);
		close(ends[0]);
		close(ends[1]);
		assert_int_equal(unlink(p->path), 0);
	}
}

/* --- faults.md F06 */

static void a_record_that_is_removed_is_started_again(void **state)
{
	struct place *p = *state;
	struct record_writer *s = create(p, NULL);
	struct event a = notice_at(0, "a"), b = notice_at(1000, "b"), c = notice_at(9000, "c"), d = notice_at(9001, "d");

	assert_int_equal(writer_append(s, &a, &p->e), 0);
	assert_int_equal(intend(s, 500, &p->e), 0);
	assert_int_equal(unlink(p->path), 0);
	assert_int_equal(writer_append(s, &b, &p->e), 0);
	assert_int_equal(writer_append(s, &c, &p->e), -1);
	assert_non_null(strstr(err_words(&p->e), p->path));
	assert_non_null(strstr(err_words(&p->e), "was removed"));
	assert_int_equal(writer_append(s, &d, &p->e), 0);
	assert_int_equal(intend(s, 9100, &p->e), 0);
	assert_null(writer_reopen(p->path, NULL, &p->e));
	assert_int_equal(p->e.code, ERR_BUSY);
	writer_close(s);
	/* what is needed to keep watching is there again */
	assert_whole(p);
	ASSERT_LINES(p, "header", "gap", "intent", "c", "d", "intent");
	assert_int_equal(number_of(p, 1, "lines"), 2);
	assert_string_equal(text_of(p, 1, "why"), "disk");
	assert_int_equal(size_of(p->path), p->size);
}

static void an_intent_notices_at_once_that_the_record_is_gone(void **state)
{
	struct place *p = *state;
	struct record_writer *s = create(p, NULL);
	struct event a = notice("a"), b = notice("b");

	assert_int_equal(writer_append(s, &a, &p->e), 0);
	assert_int_equal(unlink(p->path), 0);
	assert_int_equal(intend(s, 12, &p->e), 0);
	ASSERT_LINES(p, "header", "gap", "intent");
	assert_int_equal(writer_append(s, &b, &p->e), -1);
	assert_non_null(strstr(err_words(&p->e), "was removed"));
	assert_int_equal(writer_append(s, &b, &p->e), 0);
	writer_close(s);
	assert_whole(p);
	ASSERT_LINES(p, "header", "gap", "intent", "b", "b");
}

/* Nothing durable can be promised of a file that has no name. */
static void a_record_whose_place_is_taken_takes_no_intent(void **state)
{
	struct place *p = *state;
	struct record_writer *s = create(p, NULL);
	struct event a = notice_at(9000, "a"), b = notice_at(19000, "b"), c = notice_at(29000, "c");
	char other[192];

	snprintf(other, sizeof(other), "%s/other", p->dir);
	write_text(other, "theirs\n");
	assert_int_equal(rename(other, p->path), 0);
	assert_int_equal(writer_append(s, &a, &p->e), -1);
	assert_non_null(strstr(err_words(&p->e), "took the place"));
	assert_int_equal(writer_append(s, &b, &p->e), 0);
	assert_int_equal(intend(s, 19001, &p->e), -1);
	assert_non_null(strstr(err_words(&p->e), "took its place"));
	assert_int_equal(size_of(p->path), strlen("theirs\n"));
	assert_int_equal(unlink(p->path), 0);
	assert_int_equal(writer_append(s, &c, &p->e), -1);
	assert_non_null(strstr(err_words(&p->e), "started again"));
	assert_int_equal(intend(s, 29001, &p->e), 0);
	writer_close(s);
	assert_whole(p);
	ASSERT_LINES(p, "header", "gap", "c", "intent");
}

static void a_record_that_is_moved_away_is_started_again(void **state)
{
	struct place *p = *state;
	struct record_writer *s = create(p, NULL);
	struct event a = notice_at(0, "a"), b = notice_at(9000, "b");
	char other[192];

	snprintf(other, sizeof(other), "%s/other", p->dir);
	assert_int_equal(writer_append(s, &a, &p->e), 0);
	assert_int_equal(rename(p->path, other), 0);
	assert_int_equal(writer_append(s, &b, &p->e), -1);
	writer_close(s);
	assert_whole_at(p, other);
	assert_int_equal(p->count, 2);
	assert_whole(p);
	ASSERT_LINES(p, "header", "gap", "b");
}

static void a_record_that_is_cut_off_goes_on_in_lines(void **state)
{
	struct place *p = *state;
	struct event a = notice_at(0, "a"), b = notice_at(9000, "b"), c = notice_at(9001, "c");

	for (rlim_t left = 0; left < 200; left += 199) {
		struct record_writer *s = create(p, NULL);
		rlim_t head = size_of(p->path);

		assert_int_equal(writer_append(s, &a, &p->e), 0);
		assert_int_equal(intend(s, 500, &p->e), 0);
		assert_int_equal(truncate(p->path, (off_t)(left ? head + 10 : 0)), 0);
		assert_int_equal(writer_append(s, &b, &p->e), -1);
		assert_non_null(strstr(err_words(&p->e), "cut off"));
		assert_int_equal(writer_append(s, &c, &p->e), 0);
		writer_close(s);
		if (left)
			ASSERT_LINES(p, "header", "?", "gap", "intent", "b", "c");
		else
			ASSERT_LINES(p, "header", "gap", "intent", "b", "c");
		assert_int_equal(unlink(p->path), 0);
	}
}

static void a_record_whose_directory_is_gone_harms_nobody(void **state)
{
	struct place *p = *state;
	const struct plan plan = {.port = "x"};
	char directory[192], path[256];
	struct record_writer *s;

	snprintf(directory, sizeof(directory), "%s/d", p->dir);
	snprintf(path, sizeof(path), "%s/record.jsonl", directory);
	assert_int_equal(mkdir(directory, 0700), 0);
	s = writer_create(path, NULL, &plan, &p->e);
	assert_non_null(s);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(directory), 0);
	for (int64_t t = 9000; t < 60000; t += 5000)
		assert_int_equal(writer_append(s, &(struct event){.type = EVENT_STEP, .t_ms = t}, &p->e), t == 9000 ? -1 : 0);
	assert_int_equal(intend(s, 60000, &p->e), -1);
	writer_close(s);
}

/* What is held ready for the end is not wasted on every record there is. */
static void a_finished_record_gives_its_space_back(void **state)
{
	struct place *p = *state;
	struct record_writer *s = create(p, NULL);
	struct stat st;
	blkcnt_t held;

	assert_int_equal(stat(p->path, &st), 0);
	held = st.st_blocks;
	writer_close(s);
	assert_whole(p);
	assert_int_equal(stat(p->path, &st), 0);
	if (held < 16384 / 512)
		skip_because("this file system cannot hold space ready");
	assert_true(st.st_blocks < 16384 / 512);
}

#define NO_DISK "no file system may be mounted"

/* --- a disk of 64 KiB, in a child of its own name space */

static bool tell_kernel(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool written = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return written;
}

static bool mount_disk(const char *where)
{
	char user[64], group[64];
	bool root = geteuid() == 0;

	snprintf(user, sizeof(user), "0 %u 1", (unsigned)geteuid());
	snprintf(group, sizeof(group), "0 %u 1", (unsigned)getegid());
	if (unshare(root ? CLONE_NEWNS : CLONE_NEWUSER | CLONE_NEWNS) < 0)
		return false;
	if (!root && (!tell_kernel("/proc/self/setgroups", "deny") || !tell_kernel("/proc/self/uid_map", user) ||
		      !tell_kernel("/proc/self/gid_map", group)))
		return false;
	return mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
		mount("none", where, "tmpfs", 0, "size=64k") == 0;
}

static void fill_disk(const char *path)
{
	static const char page[4096];
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	if (fd < 0)
		_exit(2);
	while (write(fd, page, sizeof(page)) > 0)
		;
	close(fd);
}

#define MUST(condition) do { \
	if (!(condition)) { \
		fprintf(stderr, "line %d: %s\n", __LINE__, #condition); \
		_exit(2); \
	} \
} while (0)

/* Write lines until the disk is full. */
static void append_until_full(struct record_writer *s, int64_t *t_ms, struct err *e)
{
	int r = 0;

	for (int i = 0; i < 100 && r == 0; i++) {
		struct event ev = notice_at((*t_ms)++, "an ordinary line, more of which than there is room for are written");

		r = writer_append(s, &ev, e);
	}
	MUST(r < 0 && strstr(err_words(e), "No space left on device"));
}

/* A whole upgrade on a disk that is full from its first line to FREED. */
static void upgrade_on_full_disk(const char *path, const char *fill, int freed)
{
	const struct plan plan = {.port = "x"};
	struct event result = {.type = EVENT_RESULT}, ev;
	struct record_writer *s;
	int64_t t = 0;
	struct err e;

	fill_disk(fill);
	MUST(!writer_create(path, NULL, &plan, &e));
	MUST(strstr(err_words(&e), "No space left on device") && access(path, F_OK) < 0);
	MUST(unlink(fill) == 0);
	s = writer_create(path, NULL, &plan, &e);
	MUST(s);
	fill_disk(fill);
	append_until_full(s, &t, &e);
	ev = step_at(t++);
	MUST(writer_append(s, &ev, &e) == 0);
	if (freed == 1) {
		MUST(unlink(fill) == 0);
		ev = notice_at(t++, "freed");
		MUST(writer_append(s, &ev, &e) == 1);
	}
	MUST(intend(s, t++, &e) == 0);
	for (int i = 0; i < 20; i++) {
		ev = notice_at(t++, "between");
		MUST(writer_append(s, &ev, &e) == 0);
	}
	if (freed == 2) {
		MUST(unlink(fill) == 0);
		ev = notice_at(t++, "freed");
		MUST(writer_append(s, &ev, &e) == 1);
	}
	result.t_ms = t++;
	MUST(writer_append(s, &result, &e) == 0);
	writer_close(s);
}

/* Run it and keep the record at KEPT. False when there can be no such disk. */
static bool run_on_small_disk(const struct place *p, int freed, const char *kept)
{
	char disk[192], path[256], fill[256];
	int status;
	pid_t child;

	snprintf(disk, sizeof(disk), "%s/disk", p->dir);
	snprintf(path, sizeof(path), "%s/record.jsonl", disk);
	snprintf(fill, sizeof(fill), "%s/fill", disk);
	mkdir(disk, 0700);
	fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct place copy = {0};

		if (!mount_disk(disk))
			_exit(1);
		upgrade_on_full_disk(path, fill, freed);
		read_all(&copy, path);
		add_to(kept, copy.text, copy.size);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	if (!WIFEXITED(status) || WEXITSTATUS(status) > 1)
		fail_msg("the child ended with %#x", (unsigned)status);
	return WEXITSTATUS(status) == 0;
}

/* faults.md F02: the intents and the end of the record have their room, so that
 * an upgrade that has begun need not be abandoned. */
static void an_upgrade_goes_on_when_the_disk_is_full(void **state)
{
	struct place *p = *state;

	if (!run_on_small_disk(p, 0, p->path))
		skip_because(NO_DISK);
	assert_whole(p);
	assert_int_equal(count_type(p, "gap"), 2);
	assert_int_equal(count_type(p, "step"), 1);
	assert_int_equal(count_type(p, "intent"), 1);
	assert_string_equal(text_of(p, p->count - 2, "type"), "gap");
	assert_int_equal(number_of(p, p->count - 2, "lines"), 20);
	assert_string_equal(text_of(p, p->count - 1, "type"), "result");
}

static void the_record_is_whole_when_the_disk_has_room_again(void **state)
{
	struct place *p = *state;

	for (int freed = 1; freed <= 2; freed++) {
		if (!run_on_small_disk(p, freed, p->path))
			skip_because(NO_DISK);
		assert_whole(p);
		/* the intent could not wait for the lines before it */
		assert_int_equal(count_type(p, "gap"), freed == 1 ? 0 : 1);
		assert_int_equal(count_type(p, "step"), 1);
		assert_string_equal(text_of(p, p->count - 1, "type"), "result");
		assert_string_equal(text_of(p, p->count - (freed == 1 ? 22 : 2), "type"), freed == 1 ? "intent" : "notice");
		unlink(p->path);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_PLACE(what_can_not_be_made_durable_is_refused),
		IN_PLACE(a_full_disk_is_reported_once_and_the_record_continues),
		IN_PLACE(a_torn_line_spoils_no_other),
		IN_PLACE(a_disk_that_is_full_from_the_start_refuses_the_session),
		IN_PLACE(lines_that_can_not_be_written_are_written_later),
		IN_PLACE(what_memory_has_no_room_for_is_counted),
		IN_PLACE(memory_is_bounded_whatever_the_lines_are),
		IN_PLACE(an_intent_takes_the_lines_before_it_to_disk),
		IN_PLACE(a_record_whose_sync_failed_once_is_not_durable_any_more),
		IN_PLACE(a_record_that_is_removed_is_started_again),
		IN_PLACE(an_intent_notices_at_once_that_the_record_is_gone),
		IN_PLACE(a_record_whose_place_is_taken_takes_no_intent),
		IN_PLACE(a_record_that_is_moved_away_is_started_again),
		IN_PLACE(a_record_that_is_cut_off_goes_on_in_lines),
		IN_PLACE(a_record_whose_directory_is_gone_harms_nobody),
		IN_PLACE(a_finished_record_gives_its_space_back),
		IN_PLACE(an_upgrade_goes_on_when_the_disk_is_full),
		IN_PLACE(the_record_is_whole_when_the_disk_has_room_again),
	};

	signal(SIGXFSZ, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("session_file", tests, NULL, NULL);
}

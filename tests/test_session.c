#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "session.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

#define LINES_MAX 256

/* A directory of one's own, and a record as it is read back. */
struct place {
	char dir[128];
	char path[160];		/* of the record */
	json_t *lines[LINES_MAX];	/* NULL: no JSON object */
	size_t count;
	char *text;
	size_t size;
	struct err e;
};

static int setup(void **state)
{
	struct place *p = calloc(1, sizeof(*p));
	const char *tmp = getenv("TMPDIR");

	assert_non_null(p);
	snprintf(p->dir, sizeof(p->dir), "%s/dfota-session.XXXXXX", tmp ? tmp : "/tmp");
	assert_non_null(mkdtemp(p->dir));
	snprintf(p->path, sizeof(p->path), "%s/record.jsonl", p->dir);
	*state = p;
	return 0;
}

static void forget(struct place *p)
{
	for (size_t i = 0; i < p->count; i++)
		json_decref(p->lines[i]);
	free(p->text);
	p->text = NULL;
	p->count = p->size = 0;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *walk)
{
	(void)st;
	(void)type;
	(void)walk;
	return remove(path);
}

static int teardown(void **state)
{
	struct place *p = *state;

	forget(p);
	nftw(p->dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
	free(p);
	return 0;
}

static struct session *create(struct place *p, const struct plan *plan)
{
	static const struct plan usual = {.port = "/dev/ttyACM3"};
	struct session *s = session_create(p->path, plan ? plan : &usual, &p->e);

	if (!s)
		fail_msg("%s", p->e.text);
	return s;
}

/* Take the record at PATH apart. */
static void read_back(struct place *p, const char *path)
{
	FILE *f = fopen(path, "re");
	char *at, *end;

	assert_non_null(f);
	forget(p);
	p->text = malloc(1 << 20);
	assert_non_null(p->text);
	p->size = fread(p->text, 1, (1 << 20) - 1, f);
	p->text[p->size] = '\0';
	fclose(f);
	for (at = p->text; (end = memchr(at, '\n', p->size - (size_t)(at - p->text))); at = end + 1) {
		json_t *o = json_loadb(at, (size_t)(end - at), JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);

		assert_true(p->count < LINES_MAX);
		if (o && !json_is_object(o))
			fail_msg("not an object: %.*s", (int)(end - at), at);
		p->lines[p->count++] = o;
	}
}

static const char *text_of(const struct place *p, size_t line, const char *key)
{
	const char *text = json_string_value(json_object_get(p->lines[line], key));

	return text ? text : "(none)";
}

/* The record is whole: all lines are objects with a type, the header first. */
static void assert_whole(struct place *p)
{
	read_back(p, p->path);
	assert_true(p->count > 0 && p->size > 0 && p->text[p->size - 1] == '\n');
	for (size_t i = 0; i < p->count; i++)
		assert_string_not_equal(text_of(p, i, "type"), "(none)");
	assert_string_equal(text_of(p, 0, "type"), "header");
}

static struct event notice(const char *text)
{
	struct event ev = {.type = EVENT_NOTICE, .t_ms = 12};

	snprintf(ev.notice.text, sizeof(ev.notice.text), "%s", text);
	return ev;
}

static void the_header_tells_what_is_about_to_be_done(void **state)
{
	static const struct {
		struct plan plan;
		const char *port, *method, *job, *file, *url, *target;
		int baud;
	} rows[] = {
		{{.port = "/dev/ttyACM3", .delivery = DELIVERY_PUSH, .file = "a b.bin"},
		 "/dev/ttyACM3", "push", "upgrade", "a b.bin", "(none)", "(none)", 115200},
		{{.port = "tcp:h:1", .delivery = DELIVERY_PULL, .url = "http://h/f", .target = "UG96X", .baud = 9600},
		 "tcp:h:1", "pull", "upgrade", "(none)", "http://h/f", "UG96X", 9600},
		{{.port = "/dev/ttyS0", .job = JOB_PROBE}, "/dev/ttyS0", "pull", "probe", "(none)", "(none)", "(none)", 115200},
	};
	struct place *p = *state;
	char host[256] = "";

	gethostname(host, sizeof(host) - 1);
	for (size_t i = 0; i < COUNT(rows); i++) {
		session_close(create(p, &rows[i].plan));
		assert_whole(p);
		assert_int_equal(p->count, 1);
		assert_string_equal(text_of(p, 0, "program"), "dfota " PACKAGE_VERSION);
		assert_string_equal(text_of(p, 0, "host"), host);
		assert_int_equal(strlen(text_of(p, 0, "when")), strlen("2026-11-22T08:00:00Z"));
		assert_int_equal(json_integer_value(json_object_get(p->lines[0], "format")), 1);
		assert_string_equal(text_of(p, 0, "port"), rows[i].port);
		assert_string_equal(text_of(p, 0, "method"), rows[i].method);
		assert_string_equal(text_of(p, 0, "job"), rows[i].job);
		assert_string_equal(text_of(p, 0, "file"), rows[i].file);
		assert_string_equal(text_of(p, 0, "url"), rows[i].url);
		assert_string_equal(text_of(p, 0, "target"), rows[i].target);
		assert_int_equal(json_integer_value(json_object_get(p->lines[0], "baud")), rows[i].baud);
		assert_int_equal(unlink(p->path), 0);
	}
}

/* Names are bytes; a record is UTF-8. */
static void names_of_any_bytes_are_recorded_as_safe_text(void **state)
{
	static const char *const names[] = {
		"\xff\xfe", "a\xc3", "\xed\xa0\x80", ("\xe2\x80\xae" "nib"), "\x1b[2J\"\\\n", "\xc3\xa4.bin",
	};
	static const char *const safe[] = {
		"\\xff\\xfe", "a\\xc3", "\\xed\\xa0\\x80", "\\u{202e}nib", "\\x1b[2J\"\\\\x0a", "\xc3\xa4.bin",
	};
	struct place *p = *state;

	for (size_t i = 0; i < COUNT(names); i++) {
		struct plan plan = {.job = JOB_UPGRADE};
		struct session *s;

		snprintf(plan.port, sizeof(plan.port), "%s", names[i]);
		snprintf(plan.file, sizeof(plan.file), "%s", names[i]);
		snprintf(plan.target, sizeof(plan.target), "%s", names[i]);
		snprintf(plan.url, sizeof(plan.url), "http://h/%s", names[i]);
		s = create(p, &plan);
		assert_int_equal(session_intent(s, names[i], 5, &p->e), 0);
		session_close(s);
		assert_whole(p);
		assert_string_equal(text_of(p, 0, "port"), safe[i]);
		assert_string_equal(text_of(p, 0, "file"), safe[i]);
		assert_string_equal(text_of(p, 0, "target"), safe[i]);
		assert_string_equal(text_of(p, 0, "url") + strlen("http://h/"), safe[i]);
		assert_string_equal(text_of(p, 1, "text"), safe[i]);
		assert_int_equal(unlink(p->path), 0);
	}
}

static void the_longest_names_have_room(void **state)
{
	struct place *p = *state;
	struct plan plan = {.job = JOB_UPGRADE};

	memset(plan.port, '\x01', sizeof(plan.port) - 1);
	memset(plan.file, '"', sizeof(plan.file) - 1);
	memset(plan.target, '\xff', sizeof(plan.target) - 1);
	memset(plan.url, '\\', sizeof(plan.url) - 1);
	session_close(create(p, &plan));
	assert_whole(p);
}

static void each_event_is_a_line_that_parses_back(void **state)
{
	struct place *p = *state;
	struct session *s = create(p, NULL);
	static const char *const types[] = {
		"header", "step", "identity", "progress", "notice", "line", "question", "result",
	};

	for (enum event_type type = EVENT_STEP; type <= EVENT_PORT; type++) {
		struct event ev = {.type = type, .t_ms = 1500};

		assert_int_equal(session_append(s, &ev, &p->e), 0);
	}
	session_close(s);
	assert_whole(p);
	assert_int_equal(p->count, COUNT(types));	/* a list of ports is no part of a session */
	for (size_t i = 0; i < COUNT(types); i++)
		assert_string_equal(text_of(p, i, "type"), types[i]);
	assert_true(json_real_value(json_object_get(p->lines[1], "t")) == 1.5);
}

static void progress_is_recorded_once_a_second(void **state)
{
	struct place *p = *state;
	struct session *s = create(p, NULL);

	for (int64_t t = 0; t <= 10000; t += 50) {
		struct event ev = {.type = EVENT_PROGRESS, .t_ms = t};

		assert_int_equal(session_append(s, &ev, &p->e), 0);
	}
	session_close(s);
	assert_whole(p);
	assert_int_equal(p->count, 1 + 11);
}

static void the_plans_secrets_stay_out(void **state)
{
	struct plan plan = {
		.port = "/dev/ttyACM3", .delivery = DELIVERY_PULL, .user = "joe", .password = "pA55word",
		.url = "ftp://joe:pA55word@h/f",
	};
	struct place *p = *state;

	session_close(create(p, &plan));
	assert_whole(p);
	assert_null(strstr(p->text, "pA55"));
	assert_string_equal(text_of(p, 0, "url"), "ftp://***:***@h/f");
}

static void the_intent_is_there_when_the_call_returns(void **state)
{
	struct place *p = *state;
	struct session *s = create(p, NULL);

	assert_int_equal(session_intent(s, "install B over A on UG96", 1234, &p->e), 0);
	assert_whole(p);
	assert_int_equal(p->count, 2);
	assert_string_equal(text_of(p, 1, "type"), "intent");
	assert_string_equal(text_of(p, 1, "text"), "install B over A on UG96");
	assert_true(json_real_value(json_object_get(p->lines[1], "t")) == 1.234);
	session_close(s);
}

/* The descriptor that leads to PATH. */
static int descriptor_of(const char *path)
{
	for (int fd = 3; fd < 256; fd++) {
		char name[64], target[PATH_MAX];
		ssize_t n;

		snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
		n = readlink(name, target, sizeof(target) - 1);
		if (n < 0)
			continue;
		target[n] = '\0';
		if (strcmp(target, path) == 0)
			return fd;
	}
	fail_msg("no descriptor of %s", path);
	return -1;
}

/* faults.md F04, F09: a pipe takes the bytes but can't be synced. */
static void what_can_not_be_made_durable_is_refused(void **state)
{
	struct place *p = *state;

	for (int directory = 0; directory < 2; directory++) {
		struct session *s = create(p, NULL);
		int ends[2];

		assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
		assert_true(dup3(ends[1], descriptor_of(directory ? p->dir : p->path), O_CLOEXEC) >= 0);
		assert_int_equal(session_intent(s, "install", 0, &p->e), -1);
		assert_int_equal(p->e.code, ERR_USAGE);
		assert_non_null(strstr(p->e.text, "making the record"));
		assert_non_null(strstr(p->e.text, p->path));
		session_close(s);
		close(ends[0]);
		close(ends[1]);
		assert_int_equal(unlink(p->path), 0);
	}
}

static void nothing_is_done_without_a_record(void **state)
{
	struct place *p = *state;
	struct event ev = notice("x");

	assert_int_equal(session_append(NULL, &ev, &p->e), 0);
	assert_int_equal(session_intent(NULL, "x", 0, &p->e), 0);
	assert_string_equal(session_path(NULL), "");
	session_close(NULL);
}

/* faults.md F05, F12 */
static void a_place_that_may_not_be_used_is_refused(void **state)
{
	enum kind { FILE_THERE, LINK, DANGLING_LINK, FIFO, DIRECTORY, NO_DIRECTORY, NOT_A_DIRECTORY, OPEN_TO_ALL };
	static const struct {
		enum kind kind;
		const char *message;
	} rows[] = {
		{FILE_THERE, "exists already; name a new file"},
		{LINK, "exists already"},
		{DANGLING_LINK, "exists already"},
		{FIFO, "exists already"},
		{DIRECTORY, "exists already"},
		{NO_DIRECTORY, "opening the directory"},
		{NOT_A_DIRECTORY, "opening the directory"},
		{OPEN_TO_ALL, "may be written by everybody"},
	};
	struct place *p = *state;
	const struct plan plan = {.port = "/dev/ttyACM3"};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char path[256], other[192];
		struct stat st;
		FILE *f;

		snprintf(path, sizeof(path), "%s/%zu", p->dir, i);
		snprintf(other, sizeof(other), "%s/other", p->dir);
		f = fopen(other, "we");
		assert_non_null(f);
		fputs("theirs", f);
		fclose(f);
		switch (rows[i].kind) {
		case FILE_THERE:
			assert_int_equal(link(other, path), 0);
			break;
		case LINK:
			assert_int_equal(symlink(other, path), 0);
			break;
		case DANGLING_LINK:
			assert_int_equal(symlink("nowhere", path), 0);
			break;
		case FIFO:
			assert_int_equal(mkfifo(path, 0600), 0);
			break;
		case DIRECTORY:
			assert_int_equal(mkdir(path, 0700), 0);
			break;
		case NO_DIRECTORY:
			strcat(path, "/record");
			break;
		case NOT_A_DIRECTORY:
			snprintf(path, sizeof(path), "%s/record", other);
			break;
		case OPEN_TO_ALL:
			assert_int_equal(mkdir(path, 0700), 0);
			assert_int_equal(chmod(path, 0777), 0);
			strcat(path, "/record");
			break;
		}
		if (session_create(path, &plan, &p->e))
			fail_msg("row %zu was taken", i);
		if (p->e.code != ERR_USAGE || !strstr(p->e.text, rows[i].message))
			fail_msg("row %zu: code %d, %s", i, p->e.code, p->e.text);
		assert_int_equal(stat(other, &st), 0);
		assert_int_equal(st.st_size, 6);
		unlink(other);
	}
	assert_null(session_create("/dev/full", &plan, &p->e));
	assert_int_equal(access("nowhere", F_OK), -1);
}

/* As /tmp: what is ours there nobody else can replace. */
static void a_sticky_directory_will_do(void **state)
{
	struct place *p = *state;

	assert_int_equal(chmod(p->dir, 01777), 0);
	session_close(create(p, NULL));
	assert_whole(p);
}

static void a_path_without_a_directory_is_one_right_here(void **state)
{
	struct place *p = *state;
	const struct plan plan = {.port = "x"};
	int before = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct session *s, *none;

	assert_true(before >= 0);
	assert_int_equal(chdir(p->dir), 0);
	s = session_create("record.jsonl", &plan, &p->e);
	assert_int_equal(chmod(".", 0777), 0);
	none = session_create("other.jsonl", &plan, &p->e);
	assert_int_equal(fchdir(before), 0);
	close(before);
	assert_non_null(s);
	assert_null(none);
	assert_non_null(strstr(p->e.text, "may be written by everybody"));
	assert_int_equal(session_intent(s, "x", 0, &p->e), 0);
	session_close(s);
	assert_whole(p);
}

static void a_path_too_long_is_refused(void **state)
{
	struct place *p = *state;
	const struct plan plan = {.port = "x"};
	char path[PATH_MAX + 10];

	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_null(session_create(path, &plan, &p->e));
	assert_int_equal(p->e.code, ERR_USAGE);
	assert_non_null(strstr(p->e.text, "too long"));
}

static unsigned mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 07777;
}

/* The usual place, with XDG_STATE_HOME and HOME set to STATE_HOME and HOME. */
static struct session *create_usual(struct place *p, const char *state_home, const char *home)
{
	const struct plan plan = {.port = "x"};
	char before_state[PATH_MAX] = "", before_home[PATH_MAX] = "";
	struct session *s;

	if (getenv("XDG_STATE_HOME"))
		snprintf(before_state, sizeof(before_state), "%s", getenv("XDG_STATE_HOME"));
	if (getenv("HOME"))
		snprintf(before_home, sizeof(before_home), "%s", getenv("HOME"));
	unsetenv("XDG_STATE_HOME");
	unsetenv("HOME");
	if (state_home)
		setenv("XDG_STATE_HOME", state_home, 1);
	if (home)
		setenv("HOME", home, 1);
	s = session_create(NULL, &plan, &p->e);
	if (before_state[0])
		setenv("XDG_STATE_HOME", before_state, 1);
	else
		unsetenv("XDG_STATE_HOME");
	setenv("HOME", before_home, 1);
	return s;
}

static void the_usual_place_is_private(void **state)
{
	struct place *p = *state;
	char home[192], path[256];
	mode_t mask = umask(0);
	struct session *s;

	snprintf(home, sizeof(home), "%s/new/home", p->dir);
	s = create_usual(p, NULL, home);
	umask(mask);
	if (!s)
		fail_msg("%s", p->e.text);
	snprintf(path, sizeof(path), "%s/.local/state/dfota/sessions", home);
	assert_memory_equal(session_path(s), path, strlen(path));
	assert_int_equal(mode_of(session_path(s)), 0600);
	assert_int_equal(mode_of(path), 0700);
	*strrchr(path, '/') = '\0';
	assert_int_equal(mode_of(path), 0700);
	read_back(p, session_path(s));
	assert_string_equal(text_of(p, 0, "type"), "header");
	session_close(s);
}

static void the_usual_place_is_where_the_user_wants_it(void **state)
{
	struct place *p = *state;
	char path[160];
	struct session *s;

	snprintf(path, sizeof(path), "%s/state", p->dir);
	s = create_usual(p, path, "/nonexistent");
	assert_non_null(s);
	assert_memory_equal(session_path(s), path, strlen(path));
	session_close(s);
	/* a relative one does not count (XDG base directories) */
	s = create_usual(p, "state", p->dir);
	assert_non_null(s);
	assert_memory_equal(session_path(s), p->dir, strlen(p->dir));
	session_close(s);
	assert_null(create_usual(p, NULL, NULL));
	assert_non_null(strstr(p->e.text, "--record FILE"));
	assert_null(create_usual(p, "relative", ""));
	
}

/* Several modules at once, or a second run right after the first. */
static void sessions_of_one_second_have_names_of_their_own(void **state)
{
	struct place *p = *state;
	struct session *s[20];

	for (size_t i = 0; i < COUNT(s); i++) {
		s[i] = create_usual(p, p->dir, NULL);
		if (!s[i])
			fail_msg("session %zu: %s", i, p->e.text);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(session_path(s[i]), session_path(s[k]));
	}
	for (size_t i = 0; i < COUNT(s); i++)
		session_close(s[i]);
}

/* No more than SIZE bytes go into any file; SIGXFSZ is ignored. */
static void limit_files_to(rlim_t size)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = size;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static rlim_t size_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return (rlim_t)st.st_size;
}

/* faults.md F02, F03. A limit on the file is a disk that is full. */
static void a_full_disk_is_told_once_and_the_record_goes_on(void **state)
{
	struct place *p = *state;
	struct session *s = create(p, NULL);
	struct event ev = notice("before"), lost = notice("lost"), after = notice("after");
	int r[6];

	assert_int_equal(session_append(s, &ev, &p->e), 0);
	limit_files_to(size_of(p->path));
	r[0] = session_append(s, &lost, &p->e);
	r[1] = session_append(s, &lost, &p->e);
	r[2] = session_intent(s, "install", 0, &p->e);	/* must not pass unnoticed */
	limit_files_to(RLIM_INFINITY);
	assert_int_equal(r[0], -1);
	assert_int_equal(p->e.code, ERR_USAGE);
	assert_non_null(strstr(p->e.text, p->path));
	assert_int_equal(r[1], 0);
	assert_int_equal(r[2], -1);
	assert_int_equal(session_append(s, &after, &p->e), 0);
	limit_files_to(size_of(p->path));
	r[3] = session_append(s, &lost, &p->e);
	r[4] = session_append(s, &lost, &p->e);
	limit_files_to(RLIM_INFINITY);
	assert_int_equal(r[3], -1);
	assert_int_equal(r[4], 0);
	session_close(s);
	assert_whole(p);
	assert_int_equal(p->count, 3);
	assert_string_equal(text_of(p, 2, "text"), "after");
}

/* The disk fills up within a line: what is torn stands alone. */
static void a_torn_line_spoils_no_other(void **state)
{
	struct place *p = *state;
	struct event ev = notice("lost"), after = notice("after");

	for (rlim_t part = 1; part < 20; part++) {
		struct session *s = create(p, NULL);
		rlim_t size = size_of(p->path);
		int r[3];

		limit_files_to(size + part);
		r[0] = session_append(s, &ev, &p->e);
		r[1] = session_append(s, &ev, &p->e);
		limit_files_to(size + part + 1 + part);	/* a line end, and torn again */
		r[2] = session_append(s, &ev, &p->e);
		limit_files_to(RLIM_INFINITY);
		assert_int_equal(r[0], -1);
		assert_int_equal(r[1], 0);
		assert_int_equal(r[2], 0);
		assert_int_equal(session_append(s, &after, &p->e), 0);
		assert_int_equal(session_intent(s, "install", 0, &p->e), 0);
		session_close(s);
		read_back(p, p->path);
		assert_int_equal(p->count, 5);
		assert_string_equal(text_of(p, 0, "type"), "header");
		assert_null(p->lines[1]);
		assert_null(p->lines[2]);
		assert_string_equal(text_of(p, 3, "text"), "after");
		assert_string_equal(text_of(p, 4, "type"), "intent");
		assert_int_equal(unlink(p->path), 0);
	}
}

/* faults.md F01 */
static void a_disk_that_is_full_from_the_start_refuses_the_session(void **state)
{
	struct place *p = *state;
	const struct plan plan = {.port = "x"};
	struct session *s;

	limit_files_to(10);
	s = session_create(p->path, &plan, &p->e);
	limit_files_to(RLIM_INFINITY);
	assert_null(s);
	assert_int_equal(p->e.code, ERR_USAGE);
	assert_non_null(strstr(p->e.text, "writing the record"));
	/* trying again after making room meets no leftover */
	session_close(create(p, NULL));
}

/* faults.md E21 */
static void no_descriptor_outlives_an_exec(void **state)
{
	struct place *p = *state;
	struct session *s = create(p, NULL);

	assert_true(fcntl(descriptor_of(p->path), F_GETFD) & FD_CLOEXEC);
	assert_true(fcntl(descriptor_of(p->dir), F_GETFD) & FD_CLOEXEC);
	session_close(s);
}

/* A record is only appended to: what another program adds stays. */
static void writing_is_always_at_the_end(void **state)
{
	struct place *p = *state;
	struct session *s = create(p, NULL);
	struct event ev = notice("ours");
	FILE *f = fopen(p->path, "ae");

	assert_non_null(f);
	fputs("{\"type\":\"x\"}\n", f);
	fclose(f);
	assert_int_equal(session_append(s, &ev, &p->e), 0);
	session_close(s);
	assert_whole(p);
	assert_string_equal(text_of(p, 1, "type"), "x");
	assert_string_equal(text_of(p, 2, "text"), "ours");
}

#define IN_PLACE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_PLACE(the_header_tells_what_is_about_to_be_done),
		IN_PLACE(names_of_any_bytes_are_recorded_as_safe_text),
		IN_PLACE(the_longest_names_have_room),
		IN_PLACE(each_event_is_a_line_that_parses_back),
		IN_PLACE(progress_is_recorded_once_a_second),
		IN_PLACE(the_plans_secrets_stay_out),
		IN_PLACE(the_intent_is_there_when_the_call_returns),
		IN_PLACE(what_can_not_be_made_durable_is_refused),
		IN_PLACE(nothing_is_done_without_a_record),
		IN_PLACE(a_place_that_may_not_be_used_is_refused),
		IN_PLACE(a_sticky_directory_will_do),
		IN_PLACE(a_path_without_a_directory_is_one_right_here),
		IN_PLACE(a_path_too_long_is_refused),
		IN_PLACE(the_usual_place_is_private),
		IN_PLACE(the_usual_place_is_where_the_user_wants_it),
		IN_PLACE(sessions_of_one_second_have_names_of_their_own),
		IN_PLACE(a_full_disk_is_told_once_and_the_record_goes_on),
		IN_PLACE(a_torn_line_spoils_no_other),
		IN_PLACE(a_disk_that_is_full_from_the_start_refuses_the_session),
		IN_PLACE(no_descriptor_outlives_an_exec),
		IN_PLACE(writing_is_always_at_the_end),
	};

	signal(SIGXFSZ, SIG_IGN);
	return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}

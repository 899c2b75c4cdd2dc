/*
 * writer_fixture.h - a directory of one's own and the record in it, for the
 * tests of writer.h, journal.h and store.h.
 */
#ifndef DFOTA_WRITER_FIXTURE_H
#define DFOTA_WRITER_FIXTURE_H

#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
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

#include "base/count.h"
#include "record/writer.h"
#include "words.h"

/* A record as it is read back. */
struct place {
	char dir[128];
	char path[160];		/* of the record */
	json_t **lines;		/* NULL: no JSON object */
	size_t count, room;
	char *text;
	size_t size;
	struct err e;
};

static inline int place_setup(void **state)
{
	struct place *p = calloc(1, sizeof(*p));
	const char *tmp = getenv("TMPDIR");

	assert_non_null(p);
	snprintf(p->dir, sizeof(p->dir), "%s/dfota-record.XXXXXX", tmp ? tmp : "/tmp");
	assert_non_null(mkdtemp(p->dir));
	snprintf(p->path, sizeof(p->path), "%s/record.jsonl", p->dir);
	*state = p;
	return 0;
}

static inline void place_forget(struct place *p)
{
	for (size_t i = 0; i < p->count; i++)
		json_decref(p->lines[i]);
	free(p->lines);
	free(p->text);
	p->lines = NULL;
	p->text = NULL;
	p->count = p->room = p->size = 0;
}

static inline int remove_entry(const char *path, const struct stat *st, int type, struct FTW *walk)
{
	(void)st;
	(void)type;
	(void)walk;
	return remove(path);
}

static inline int place_teardown(void **state)
{
	struct place *p = *state;

	place_forget(p);
	nftw(p->dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
	free(p);
	return 0;
}

#define IN_PLACE(f) cmocka_unit_test_setup_teardown(f, place_setup, place_teardown)

static inline struct record_writer *create(struct place *p, const struct plan *plan)
{
	static const struct plan usual = {.port = "/dev/ttyACM3"};
	struct record_writer *s = writer_create(p->path, "jansson 2.14", plan ? plan : &usual, &p->e);

	if (!s)
		fail_msg("%s", err_words(&p->e));
	return s;
}

static inline struct record_writer *reopen(struct place *p)
{
	struct record_writer *s = writer_reopen(p->path, "jansson 2.14", &p->e);

	if (!s)
		fail_msg("%s", err_words(&p->e));
	return s;
}

static inline void add_to(const char *path, const void *bytes, size_t size)
{
	FILE *f = fopen(path, "ae");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, size, f), size);
	assert_int_equal(fclose(f), 0);
}

/* A record written by hand. */
static inline void write_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static inline void read_all(struct place *p, const char *path)
{
	FILE *f = fopen(path, "re");
	struct stat st;

	if (!f)
		fail_msg("no file %s", path);
	assert_int_equal(fstat(fileno(f), &st), 0);
	p->text = malloc((size_t)st.st_size + 1);
	assert_non_null(p->text);
	p->size = fread(p->text, 1, (size_t)st.st_size, f);
	p->text[p->size] = '\0';
	fclose(f);
}

/* Take the record at PATH apart. */
static inline void read_back(struct place *p, const char *path)
{
	char *at, *end;

	place_forget(p);
	read_all(p, path);
	for (at = p->text; (end = memchr(at, '\n', p->size - (size_t)(at - p->text))); at = end + 1) {
		json_t *o = json_loadb(at, (size_t)(end - at), JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);

		if (p->count == p->room) {
			p->room = 2 * p->room + 256;
			p->lines = realloc(p->lines, p->room * sizeof(*p->lines));
			assert_non_null(p->lines);
		}
		p->lines[p->count++] = json_is_object(o) ? json_incref(o) : NULL;
		json_decref(o);
	}
}

static inline const char *text_of(const struct place *p, size_t line, const char *key)
{
	const char *text = line < p->count ? json_string_value(json_object_get(p->lines[line], key)) : NULL;

	return text ? text : "(none)";
}

static inline double number_of(const struct place *p, size_t line, const char *key)
{
	const json_t *value = line < p->count ? json_object_get(p->lines[line], key) : NULL;

	if (!json_is_number(value))
		fail_msg("line %zu has no number %s", line, key);
	return json_number_value(value);
}

/* The record is whole: all lines are objects with a type, the header first, and
 * time does not go back. */
static inline void assert_whole_at(struct place *p, const char *path)
{
	double t = 0;

	read_back(p, path);
	assert_true(p->count > 0 && p->size > 0 && p->text[p->size - 1] == '\n');
	for (size_t i = 0; i < p->count; i++) {
		const json_t *at = json_object_get(p->lines[i], "t");

		assert_string_not_equal(text_of(p, i, "type"), "(none)");
		if (json_is_number(at) && json_number_value(at) < t)
			fail_msg("time goes back in line %zu", i);
		t = json_is_number(at) ? json_number_value(at) : t;
	}
	assert_string_equal(text_of(p, 0, "type"), "header");
}

static inline void assert_whole(struct place *p)
{
	assert_whole_at(p, p->path);
}

/* The record consists of these lines: types, or texts where they have one;
 * "?" is one that is no JSON. */
static inline void assert_lines(struct place *p, const char *const *expected, size_t count)
{
	read_back(p, p->path);
	for (size_t i = 0; i < count || i < p->count; i++) {
		const char *text = text_of(p, i, "type");

		if (strcmp(text, "notice") == 0 || strcmp(text, "line") == 0)
			text = text_of(p, i, "text");
		if (i < p->count && !p->lines[i])
			text = "?";
		if (i >= p->count || i >= count || strcmp(text, expected[i]) != 0)
			fail_msg("line %zu is %s, not %s:\n%s", i, i < p->count ? text : "missing",
				 i < count ? expected[i] : "there", p->text);
	}
}
#define ASSERT_LINES(p, ...) \
	assert_lines(p, (const char *const[]){__VA_ARGS__}, \
		     sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static inline size_t count_type(const struct place *p, const char *type)
{
	size_t count = 0;

	for (size_t i = 0; i < p->count; i++)
		count += strcmp(text_of(p, i, "type"), type) == 0;
	return count;
}

static inline struct event notice_at(int64_t t_ms, const char *text)
{
	struct event ev = {.type = EVENT_NOTICE, .t_ms = t_ms};

	message_set(&ev.notice.message, MSG_SAID, "text=%s", text);
	return ev;
}

static inline struct event notice(const char *text)
{
	return notice_at(12, text);
}

/* As for a UG96 on USB. */
static inline struct open_upgrade usual_upgrade(enum intent intent)
{
	return (struct open_upgrade){
		.intent = intent, .route = ROUTE_SERIAL, .baud = 115200, .com_timeout_s = 60,
		.module = {
			.model = "UG96", .version = "UG96LNAR02A06E1G", .imei = "490154203237518",
			.profile = "UGxx", .port = "/dev/ttyACM3", .usb_path = "1-1.2",
			.serial = "0042", .usb_interface = 6,
		},
		.to = "UG96LNAR02A08E1G", .size = 307200, .sha256 = "2b5144",
	};
}

static inline int intend(struct record_writer *s, int64_t t_ms, struct err *e)
{
	struct open_upgrade open = usual_upgrade(INTENT_INSTALL);

	return writer_intent(s, &open, t_ms, e);
}

/* The descriptor that leads to PATH. */
static inline int descriptor_of(const char *path)
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

/* No more than SIZE bytes go into any file; SIGXFSZ is ignored. */
static inline void limit_files_to(rlim_t size)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = size;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static inline rlim_t size_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return (rlim_t)st.st_size;
}

#endif

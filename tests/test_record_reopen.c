#include "config.h"

#include <time.h>

#include "writer_fixture.h"
#include "words.h"

#define HEADER "{\"type\":\"header\",\"format\":1}\n"
#define STEP_80 "{\"type\":\"step\",\"step\":\"install\",\"state\":\"begin\",\"t\":80.25}\n"

/* The record of a run that wrote an intent AGO seconds before now, at t = 60. */
static void write_unfinished(struct place *p, int64_t ago_s)
{
	time_t when = time(NULL) - (time_t)ago_s;
	char text[512], at[40];
	struct tm tm;

	assert_non_null(gmtime_r(&when, &tm));
	strftime(at, sizeof(at), "%Y-%m-%dT%H:%M:%SZ", &tm);
	snprintf(text, sizeof(text), HEADER "{\"type\":\"intent\",\"what\":\"install\",\"when\":\"%s\",\"t\":60}\n" STEP_80, at);
	write_text(p->path, text);
}

static void an_unfinished_record_is_continued(void **state)
{
	struct place *p = *state;
	struct event ev = notice("watching");
	struct record_writer *s = create(p, NULL);

	assert_int_equal(intend(s, 1000, &p->e), 0);
	writer_close(s);
	s = reopen(p);
	assert_string_equal(writer_path(s), p->path);
	assert_int_equal(writer_append(s, &ev, &p->e), 0);
	writer_close(s);
	assert_whole(p);
	ASSERT_LINES(p, "header", "intent", "resumed", "watching");
	assert_string_equal(text_of(p, 2, "program"), "dfota " PACKAGE_VERSION);
	assert_string_equal(text_of(p, 2, "libraries"), "jansson 2.14");
	assert_int_equal(number_of(p, 2, "pid"), getpid());
	assert_int_equal(strlen(text_of(p, 2, "when")), strlen("2026-11-22T08:00:00Z"));
}

/* What the wall clock says is taken where it can be true (faults.md E14). */
static void time_goes_on_where_the_record_ended(void **state)
{
	static const struct {
		int64_t ago_s;
		double least, most;
	} rows[] = {
		{3600, 3660, 3660 + 600},
		{-7200, 80.25, 80.25},			/* set back since */
		{INT64_C(10) * 366 * 86400, 80.25, 80.25},	/* set forward since */
	};
	struct place *p = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct event first = notice_at(5000, "first"), later = notice_at(7500, "later");
		struct record_writer *s;
		double t;

		write_unfinished(p, rows[i].ago_s);
		s = reopen(p);
		assert_int_equal(writer_append(s, &first, &p->e), 0);
		assert_int_equal(writer_append(s, &later, &p->e), 0);
		assert_int_equal(intend(s, 8500, &p->e), 0);
		writer_close(s);
		assert_whole(p);
		t = number_of(p, 3, "t");
		if (t < rows[i].least || t > rows[i].most)
			fail_msg("row %zu: t is %f, not %f to %f", i, t, rows[i].least, rows[i].most);
		assert_true(number_of(p, 4, "t") == t);
		assert_true(number_of(p, 5, "t") == t + 2.5);
		assert_true(number_of(p, 6, "t") == t + 3.5);
	}
}

static void a_record_without_times_can_be_continued(void **state)
{
	static const char *const rows[] = {
		HEADER,
		HEADER "{\"type\":\"intent\",\"when\":\"yesterday\",\"t\":\"x\"}\n",
		HEADER "{\"type\":\"intent\",\"when\":7,\"t\":-1e300}\n[]\n\n{\"t\":1e99}\n",
		HEADER "{\"type\":\"intent\",\"when\":\"9999999999-01-01T00:00:00Z\",\"t\":0}\n",
		/* thirty years and more: a later time would be none that this program can count */
		HEADER "{\"type\":\"answer\",\"answer\":\"yes\",\"t\":2000000000.0}\n{\"type\":\"answer\",\"answer\":\"yes\",\"t\":1e15}\n",
		HEADER "\xff\xfe\x00\n{\"type\":\"resumed\"\n",
	};
	struct place *p = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct event ev = notice("watching");
		struct record_writer *s;

		write_text(p->path, rows[i]);
		s = reopen(p);
		assert_int_equal(writer_append(s, &ev, &p->e), 0);
		writer_close(s);
		read_back(p, p->path);
		assert_string_equal(text_of(p, p->count - 2, "type"), "resumed");
		assert_string_equal(text_of(p, p->count - 1, "text"), "watching");
		assert_true(number_of(p, p->count - 1, "t") == 0);
	}
}

static void a_torn_last_line_is_closed_before_the_record_goes_on(void **state)
{
	static const char line[] = "{\"type\":\"progress\",\"t\":81.5";
	struct place *p = *state;

	for (size_t size = 1; size < sizeof(line); size++) {
		struct event ev = notice("watching");
		struct record_writer *s;

		write_unfinished(p, 0);
		add_to(p->path, line, size);
		s = reopen(p);
		assert_int_equal(writer_append(s, &ev, &p->e), 0);
		writer_close(s);
		ASSERT_LINES(p, "header", "intent", "step", "?", "resumed", "watching");
	}
}

static void one_program_at_a_time_writes_a_record(void **state)
{
	struct place *p = *state;
	struct record_writer *s = create(p, NULL);

	assert_null(writer_reopen(p->path, NULL, &p->e));
	assert_int_equal(p->e.code, ERR_BUSY);
	assert_non_null(strstr(err_words(&p->e), p->path));
	writer_close(s);
	s = reopen(p);
	assert_null(writer_reopen(p->path, NULL, &p->e));
	assert_int_equal(p->e.code, ERR_BUSY);
	writer_close(s);
	ASSERT_LINES(p, "header", "resumed");
}

/* faults.md F05, F08 */
static void what_is_no_record_of_ours_is_not_gone_on_with(void **state)
{
	enum kind { TEXT, LINK, HARD_LINK, FIFO, DIRECTORY, MISSING, OTHERS };
	static const struct {
		enum kind kind;
		const char *text, *message;
	} rows[] = {
		{TEXT, "", "no record"},
		{TEXT, "{\"type\":\"header\"", "no record"},
		{TEXT, "{\"type\":\"notice\"}\n" HEADER, "no record"},
		{TEXT, "\xef\xbb\xbf" HEADER, "no record"},
		{LINK, NULL, "opening the record"},
		{HARD_LINK, NULL, "other names"},
		{FIFO, NULL, "not a file of your own"},
		{DIRECTORY, NULL, "opening the record"},
		{MISSING, NULL, "opening the record"},
		{OTHERS, NULL, "not a file of your own"},
	};
	struct place *p = *state;
	char other[192], before[64];

	snprintf(other, sizeof(other), "%s/other", p->dir);
	snprintf(before, sizeof(before), "%s", HEADER);
	for (size_t i = 0; i < COUNT(rows); i++) {
		write_text(other, HEADER);
		switch (rows[i].kind) {
		case TEXT:
			write_text(p->path, rows[i].text);
			break;
		case LINK:
			assert_int_equal(symlink(other, p->path), 0);
			break;
		case HARD_LINK:
			assert_int_equal(link(other, p->path), 0);
			break;
		case FIFO:
			assert_int_equal(mkfifo(p->path, 0600), 0);
			break;
		case DIRECTORY:
			assert_int_equal(mkdir(p->path, 0700), 0);
			break;
		case MISSING:
			break;
		case OTHERS:
			write_text(p->path, HEADER);
			if (chown(p->path, 12345, (gid_t)-1) < 0)
				goto next;	/* only root gives files away */
			break;
		}
		if (writer_reopen(p->path, NULL, &p->e))
			fail_msg("row %zu was taken", i);
		if (p->e.code != ERR_USAGE || !strstr(err_words(&p->e), rows[i].message) || !strstr(err_words(&p->e), p->path))
			fail_msg("row %zu: code %d, %s", i, p->e.code, err_words(&p->e));
		assert_int_equal(size_of(other), strlen(HEADER));
next:
		remove(p->path);
	}
}

/* A full disk is no reason not to watch (faults.md F02). */
static void a_record_on_a_full_disk_can_be_gone_on_with(void **state)
{
	struct place *p = *state;
	struct event ev = notice("watching"), after = notice("after");
	struct record_writer *s;
	int r[3];

	write_unfinished(p, 0);
	limit_files_to(size_of(p->path));
	s = writer_reopen(p->path, NULL, &p->e);
	r[0] = s ? writer_append(s, &ev, &p->e) : 0;
	r[1] = writer_append(s, &ev, &p->e);
	limit_files_to(RLIM_INFINITY);
	assert_non_null(s);
	assert_int_equal(r[0], -1);
	assert_non_null(strstr(err_words(&p->e), "writing the record"));
	assert_int_equal(r[1], 0);
	assert_int_equal(writer_append(s, &after, &p->e), 1);
	writer_close(s);
	assert_whole(p);
	ASSERT_LINES(p, "header", "intent", "step", "resumed", "watching", "watching", "after");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_PLACE(an_unfinished_record_is_continued),
		IN_PLACE(time_goes_on_where_the_record_ended),
		IN_PLACE(a_record_without_times_can_be_continued),
		IN_PLACE(a_torn_last_line_is_closed_before_the_record_goes_on),
		IN_PLACE(one_program_at_a_time_writes_a_record),
		IN_PLACE(what_is_no_record_of_ours_is_not_gone_on_with),
		IN_PLACE(a_record_on_a_full_disk_can_be_gone_on_with),
	};

	signal(SIGXFSZ, SIG_IGN);
	return cmocka_run_group_tests_name("writer_reopen", tests, NULL, NULL);
}

/* Records that cannot be read, a directory that cannot: what may be unfinished in them is
 * not called finished; and what others do to the directory is noticed. */
#include "config.h"

#include <poll.h>

#include "record/store.h"
#include "writer_fixture.h"

#define HEADER "{\"type\":\"header\",\"format\":1,\"pid\":1}\n"
#define LATER "{\"type\":\"header\",\"format\":99,\"pid\":1}\n"
#define INTENT \
	"{\"type\":\"intent\",\"what\":\"install\",\"when\":\"2026-11-22T09:31:00Z\",\"model\":\"UG96\"," \
	"\"imei\":\"490154203237518\",\"from\":\"A\",\"to\":\"B\",\"method\":\"push\",\"port\":\"/dev/ttyACM3\",\"t\":60}\n"

static char *in_place(const struct place *p, const char *name, char path[FILE_SIZE])
{
	snprintf(path, FILE_SIZE, "%s/%s", p->dir, name);
	return path;
}

static int setup(void **state)
{
	struct place *p;
	char path[FILE_SIZE];

	place_setup(state);
	p = *state;
	setenv("XDG_STATE_HOME", p->dir, 1);
	assert_int_equal(mkdir(in_place(p, "dfota", path), 0700), 0);
	return 0;
}

static void put(const struct place *p, const char *name, const char *text, int age_s)
{
	struct timespec times[2] = {{.tv_sec = 1795339800 - age_s}, {.tv_sec = 1795339800 - age_s}};
	char path[FILE_SIZE];

	mkdir(in_place(p, "dfota/sessions", path), 0700);
	snprintf(path, sizeof(path), "%s/dfota/sessions/%s", p->dir, name);
	write_text(path, text);
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void a_directory_that_cannot_be_read_is_told(void **state)
{
	struct place *p = *state;
	char path[FILE_SIZE], unknown[FILE_SIZE] = "x";

	/* none yet */
	assert_int_equal(store_check(&p->e), 0);
	assert_int_equal(store_check_open(NULL, unknown, sizeof(unknown), &p->e), 0);
	assert_string_equal(unknown, "");
	assert_int_equal(store_watch(), -1);
	write_text(in_place(p, "dfota/sessions", path), "no directory");
	assert_int_equal(store_check(&p->e), -1);
	assert_int_equal(p->e.message.id, MSG_RECORDS_UNREADABLE);
	assert_int_equal(store_check_open(NULL, unknown, sizeof(unknown), &p->e), -1);
	unsetenv("XDG_STATE_HOME");
	unsetenv("HOME");
	assert_int_equal(store_check(&p->e), -1);
	assert_int_equal(p->e.message.id, MSG_RECORD_NO_PLACE);
	assert_int_equal(store_prune_demos(), 0);
	assert_int_equal(store_watch(), -1);
}

static void a_record_that_cannot_be_read_may_be_unfinished(void **state)
{
	struct place *p = *state;
	char path[FILE_SIZE], unknown[FILE_SIZE], small[10];

	put(p, "open.jsonl", HEADER INTENT, 0);
	put(p, "empty.jsonl", "", 1);
	put(p, "del\x7f.jsonl", LATER INTENT, 2);
	assert_int_equal(store_check_open(NULL, unknown, sizeof(unknown), &p->e), 0);
	assert_string_equal(unknown, "");
	put(p, "later.jsonl", LATER INTENT, 5);
	put(p, "before.jsonl", LATER INTENT, 9);
	assert_int_equal(store_check_open(NULL, unknown, sizeof(unknown), &p->e), 0);
	assert_string_equal(unknown, in_place(p, "dfota/sessions/later.jsonl", path));
	assert_int_equal(store_check_open("", unknown, sizeof(unknown), &p->e), 0);
	assert_string_equal(unknown, path);
	assert_int_equal(store_check_open(path, unknown, sizeof(unknown), &p->e), 0);
	assert_string_equal(unknown, in_place(p, "dfota/sessions/before.jsonl", path));
	assert_int_equal(store_check_open(NULL, small, sizeof(small), &p->e), 0);
	assert_string_equal(small, "");
}

/* A record whose path no event can carry would be unfinished and never found. */
static void a_place_too_long_for_a_record_is_told(void **state)
{
	static const struct plan plan = { .port = "/dev/ttyACM3" };
	struct place *p = *state;

	for (size_t more = 0; more < 2; more++) {
		size_t size = FILE_SIZE - 97 - strlen("/dfota/sessions") + more;
		struct open_upgrade open;
		char home[FILE_SIZE], path[2 * FILE_SIZE];

		memset(home, 'd', size);
		memcpy(home, p->dir, strlen(p->dir));
		for (size_t at = strlen(p->dir); at < size; at += 100)
			home[at] = '/';
		home[size] = '\0';
		for (size_t at = strlen(p->dir) + 1; at <= size; at++)
			if (home[at] == '/' || !home[at]) {
				snprintf(path, sizeof(path), "%.*s", (int)at, home);
				mkdir(path, 0700);
			}
		setenv("XDG_STATE_HOME", home, 1);
		snprintf(path, sizeof(path), "%s/dfota", home);
		assert_int_equal(mkdir(path, 0700), 0);
		snprintf(path, sizeof(path), "%s/dfota/sessions", home);
		assert_int_equal(mkdir(path, 0700), 0);
		snprintf(path, sizeof(path), "%s/dfota/sessions/open.jsonl", home);
		write_text(path, HEADER INTENT);
		assert_int_equal(store_check(&p->e), more ? -1 : 0);
		assert_int_equal(store_list_open(&open, 1), !more);
		if (!more) {
			assert_string_equal(open.record, path);
			continue;
		}
		assert_int_equal(p->e.message.id, MSG_RECORD_PLACE_LONG);
		assert_null(writer_create(NULL, "jansson 2.14", &plan, &p->e));
		assert_int_equal(p->e.message.id, MSG_RECORD_PLACE_LONG);
	}
}

/* Who kept watching and was stopped before reaching the module knows nothing of it. */
static void a_watch_that_was_stopped_leaves_an_upgrade_unfinished(void **state)
{
	static const struct {
		const char *lines;
		size_t open;
	} rows[] = {
		{"{\"type\":\"result\",\"outcome\":\"unknown\",\"job\":\"upgrade\",\"step\":\"install\",\"t\":61}\n"
		 "{\"type\":\"result\",\"outcome\":\"stopped\",\"job\":\"resume\",\"step\":\"identify\",\"t\":62}\n", 1},
		{"{\"type\":\"result\",\"outcome\":\"success\",\"job\":\"upgrade\",\"step\":\"verify\",\"t\":61}\n"
		 "{\"type\":\"result\",\"outcome\":\"stopped\",\"job\":\"resume\",\"step\":\"identify\",\"t\":62}\n", 0},
		{"{\"type\":\"result\",\"outcome\":\"stopped\",\"job\":\"resume\",\"step\":\"identify\",\"t\":62}\n", 1},
		{"{\"type\":\"result\",\"outcome\":\"unchanged\",\"job\":\"resume\",\"step\":\"verify\",\"t\":62}\n", 0},
		{"{\"type\":\"result\",\"outcome\":\"no such\",\"t\":62}\n", 1},
	};
	struct place *p = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		char text[2048];
		struct open_upgrade open;

		snprintf(text, sizeof(text), HEADER INTENT "%s", rows[i].lines);
		put(p, "a.jsonl", text, 0);
		if (store_list_open(&open, 1) != rows[i].open)
			fail_msg("row %zu", i);
	}
}

static bool is_readable(int fd)
{
	struct pollfd wait = {fd, POLLIN, 0};

	return poll(&wait, 1, 0) == 1;
}

static void what_others_do_to_records_is_noticed(void **state)
{
	struct place *p = *state;
	char path[FILE_SIZE];
	int fd;

	put(p, "a.jsonl", HEADER INTENT, 0);
	fd = store_watch();
	assert_true(fd >= 0);
	assert_false(is_readable(fd));
	put(p, "a.jsonl", HEADER, 0);
	assert_true(is_readable(fd));
	store_changed(fd);
	assert_false(is_readable(fd));
	assert_int_equal(unlink(in_place(p, "dfota/sessions/a.jsonl", path)), 0);
	assert_true(is_readable(fd));
	close(fd);
}

#define IN_DOUBT(f) cmocka_unit_test_setup_teardown(f, setup, place_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_DOUBT(a_directory_that_cannot_be_read_is_told),
		IN_DOUBT(a_record_that_cannot_be_read_may_be_unfinished),
		IN_DOUBT(a_place_too_long_for_a_record_is_told),
		IN_DOUBT(a_watch_that_was_stopped_leaves_an_upgrade_unfinished),
		IN_DOUBT(what_others_do_to_records_is_noticed),
	};

	return cmocka_run_group_tests_name("record_doubt", tests, NULL, NULL);
}

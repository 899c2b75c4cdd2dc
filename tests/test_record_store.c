#include "config.h"

#include <sys/file.h>
#include <time.h>

#include "record/last_lines.h"
#include "record/store.h"
#include "writer_fixture.h"
#include "words.h"

#define HEADER "{\"type\":\"header\",\"format\":1,\"pid\":1}\n"
#define INTENT_OF(imei, port, usb) \
	"{\"type\":\"intent\",\"what\":\"install\",\"when\":\"2026-11-22T09:31:00Z\",\"model\":\"UG96\"," \
	"\"imei\":\"" imei "\",\"from\":\"UG96LNAR02A06E1G\",\"to\":\"UG96LNAR02A08E1G\",\"method\":\"push\"," \
	"\"port\":\"" port "\"," usb "\"t\":60}\n"
#define IMEI "490154203237518"
#define INTENT INTENT_OF(IMEI, "/dev/ttyACM3", "")
#define RESULT(outcome, exit) \
	"{\"type\":\"result\",\"outcome\":\"" outcome "\",\"exit\":" exit ",\"step\":\"verify\",\"job\":\"upgrade\"," \
	"\"message\":\"m\",\"advice\":\"a\",\"t\":70}\n"
#define SUCCESS RESULT("success", "0")
#define UNKNOWN RESULT("unknown", "12")
#define RESUME_STOPPED \
	"{\"type\":\"result\",\"outcome\":\"port\",\"exit\":20,\"step\":\"identify\",\"job\":\"resume\"," \
	"\"stop\":\"port\",\"message\":\"m\",\"advice\":\"a\",\"t\":71}\n"
#define RESUMED "{\"type\":\"resumed\",\"pid\":2,\"t\":80}\n"
#define CLOSED "{\"type\":\"closed\",\"when\":\"2026-11-22T09:40:00Z\",\"text\":\"x\"}\n"
#define LOST "{\"type\":\"answer\",\"answer\":\"lost\",\"t\":61}\n"
#define SHOWN "{\"type\":\"shown\",\"when\":\"2026-11-22T09:40:00Z\"}\n"
#define NOTICE "{\"type\":\"notice\",\"severity\":\"info\",\"text\":\"x\",\"t\":1}\n"

/* The usual directory, within the place. */
struct usual {
	struct place *place;
	char directory[192];
	char home[PATH_MAX], state[PATH_MAX];
	time_t begun;		/* of the test: ages count from then */
};

static int setup(void **state)
{
	struct usual *u = calloc(1, sizeof(*u));
	void *place;

	assert_non_null(u);
	place_setup(&place);
	u->place = place;
	u->begun = time(NULL);
	snprintf(u->home, sizeof(u->home), "%s", getenv("HOME") ? getenv("HOME") : "");
	snprintf(u->state, sizeof(u->state), "%s", getenv("XDG_STATE_HOME") ? getenv("XDG_STATE_HOME") : "");
	setenv("XDG_STATE_HOME", u->place->dir, 1);
	snprintf(u->directory, sizeof(u->directory), "%s/dfota", u->place->dir);
	assert_int_equal(mkdir(u->directory, 0700), 0);
	strcat(u->directory, "/sessions");
	assert_int_equal(mkdir(u->directory, 0700), 0);
	*state = u;
	return 0;
}

static int teardown(void **state)
{
	struct usual *u = *state;
	void *place = u->place;

	if (u->state[0])
		setenv("XDG_STATE_HOME", u->state, 1);
	else
		unsetenv("XDG_STATE_HOME");
	setenv("HOME", u->home, 1);
	free(u);
	return place_teardown(&place);
}

static char *path_in(const struct usual *u, const char *name, char path[256])
{
	snprintf(path, 256, "%s/%s", u->directory, name);
	return path;
}

/* A record NAME with TEXT that was written AGO seconds before the test. */
static void put(const struct usual *u, const char *name, const char *text, int64_t ago_s)
{
	struct timespec times[2] = {{.tv_sec = u->begun - (time_t)ago_s}};
	char path[256];

	write_text(path_in(u, name, path), text);
	times[1] = times[0];
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void take_away(const struct usual *u, const char *name)
{
	char path[256];

	assert_int_equal(unlink(path_in(u, name, path)), 0);
}

static void the_directory_is_where_the_user_wants_it(void **state)
{
	struct usual *u = *state;
	char out[PATH_MAX], small[20];

	assert_int_equal(store_directory(out, sizeof(out), &u->place->e), 0);
	assert_string_equal(out, u->directory);
	assert_int_equal(store_directory(small, sizeof(small), &u->place->e), -1);
	assert_int_equal(u->place->e.code, ERR_USAGE);
	setenv("XDG_STATE_HOME", "relative", 1);
	setenv("HOME", "/home/field", 1);
	assert_int_equal(store_directory(out, sizeof(out), &u->place->e), 0);
	assert_string_equal(out, "/home/field/.local/state/dfota/sessions");
	unsetenv("HOME");
	assert_int_equal(store_directory(out, sizeof(out), &u->place->e), -1);
	assert_int_equal(u->place->e.message.id, MSG_RECORD_NO_PLACE);
	assert_non_null(strstr(message_info(u->place->e.message.id)->next, "--record FILE"));
}

static void a_directory_that_is_not_there_is_empty(void **state)
{
	struct usual *u = *state;
	struct open_upgrade open;
	struct result result;
	char path[FILE_SIZE];

	assert_int_equal(rmdir(u->directory), 0);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(store_list_open(&open, 1), 0);
		assert_false(store_find_open("/dev/ttyACM3", "1-1.2", IMEI, NULL, &open));
		assert_false(store_unseen(path, sizeof(path), &result));
		assert_int_equal(store_prune(0, 0), 0);
		unsetenv("XDG_STATE_HOME");
		unsetenv("HOME");
	}
}

/* Open: an intent and after it no result, or "unknown", and nobody closed it. */
static void what_is_unfinished_is_found(void **state)
{
	static const struct {
		const char *text;
		bool open;
	} rows[] = {
		{HEADER, false},
		{HEADER NOTICE, false},
		{HEADER INTENT, true},
		{HEADER INTENT NOTICE, true},
		{HEADER INTENT "{\"type\":\"result\",\"outc", true},	/* torn */
		{HEADER INTENT SUCCESS, false},
		{HEADER INTENT SUCCESS NOTICE, false},
		{HEADER INTENT SUCCESS "{\"type\":\"int", false},
		{HEADER INTENT RESULT("unchanged", "10"), false},
		{HEADER INTENT RESULT("device-failed", "11"), false},
		{HEADER INTENT UNKNOWN, true},
		{HEADER INTENT UNKNOWN SHOWN, true},
		{HEADER INTENT UNKNOWN CLOSED, false},
		{HEADER INTENT CLOSED, false},
		{HEADER INTENT UNKNOWN RESUMED SUCCESS, false},
		{HEADER INTENT UNKNOWN RESUMED UNKNOWN, true},
		{HEADER INTENT RESUMED, true},
		{HEADER INTENT RESUMED RESUME_STOPPED, true},
		{HEADER INTENT SUCCESS RESUMED RESUME_STOPPED, false},
		{HEADER SUCCESS INTENT, true},
		{HEADER RESULT("package", "22"), false},
		{HEADER "{\"type\":\"intent\"\n" NOTICE, false},	/* it never got to the disk */
		{HEADER INTENT "{\"type\":\"result\",\"outcome\":7}\n", true},
		{HEADER INTENT "\xff\xfe\n[]\n\n", true},
		{NOTICE INTENT, false},
		{"", false},
	};
	struct usual *u = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct open_upgrade open;

		put(u, "a.jsonl", rows[i].text, 0);
		if (store_list_open(&open, 1) != rows[i].open)
			fail_msg("row %zu is %sopen", i, rows[i].open ? "not " : "");
		if (!rows[i].open)
			continue;
		assert_string_equal(open.module.imei, IMEI);
		assert_string_equal(open.to, "UG96LNAR02A08E1G");
		assert_memory_equal(open.record, u->directory, strlen(u->directory));
		assert_int_equal(open.live_pid, 0);
	}
}

/* However far from the end the intent is. */
static void an_intent_far_from_the_end_is_found(void **state)
{
	struct usual *u = *state;
	struct open_upgrade open;
	char path[256];

	put(u, "a.jsonl", HEADER INTENT, 0);
	path_in(u, "a.jsonl", path);
	for (int lines = 0; lines < 40000; lines += 2000) {
		char block[2000 * sizeof(NOTICE)] = "";

		assert_int_equal(store_list_open(&open, 1), 1);
		for (int i = 0; i < 2000; i++)
			memcpy(block + (size_t)i * (sizeof(NOTICE) - 1), NOTICE, sizeof(NOTICE));
		add_to(path, block, strlen(block));
	}
	add_to(path, SUCCESS, strlen(SUCCESS));
	assert_int_equal(store_list_open(&open, 1), 0);
}

/* What this process has read so far; 0: the system does not say. */
static uint64_t bytes_read(void)
{
	FILE *f = fopen("/proc/self/io", "re");
	unsigned long long bytes = 0;

	if (f && fscanf(f, "rchar: %llu", &bytes) != 1)
		bytes = 0;
	if (f)
		fclose(f);
	return bytes;
}

/* Every command begins with it. */
static void records_that_are_finished_are_hardly_read(void **state)
{
	static const char *const ends[] = {SUCCESS, RESULT("unchanged", "10") SHOWN NOTICE, CLOSED, RESULT("port", "20")};
	struct usual *u = *state;
	size_t size = 1000 * strlen(NOTICE);
	char *text = malloc(size + 1000), name[32], *at = text;
	uint64_t before;

	assert_non_null(text);
	at += sprintf(at, "%s", HEADER INTENT);
	for (int i = 0; i < 1000; i++)
		at += sprintf(at, "%s", NOTICE);
	for (int i = 0; i < 200; i++) {
		strcpy(at, ends[(size_t)i % COUNT(ends)]);
		snprintf(name, sizeof(name), "%03d.jsonl", i);
		put(u, name, text, i);
	}
	before = bytes_read();
	assert_int_equal(store_list_open(NULL, 0), 0);
	if (before > 0)
		assert_in_range(bytes_read() - before, 200, 200 * 8192);
	free(text);
}

static void the_newest_comes_first_and_all_are_counted(void **state)
{
	static const char *const names[] = {"c.jsonl", "a.jsonl", "d.jsonl", "b.jsonl"};
	struct usual *u = *state;
	struct open_upgrade open[2];

	for (size_t i = 0; i < COUNT(names); i++)
		put(u, names[i], HEADER INTENT, (int64_t)(1000 * (i + 1)));
	assert_int_equal(store_list_open(open, 2), 4);
	assert_non_null(strstr(open[0].record, "/c.jsonl"));
	assert_non_null(strstr(open[1].record, "/a.jsonl"));
	assert_int_equal(store_list_open(NULL, 0), 4);
}

static void an_upgrade_that_somebody_watches_has_his_number(void **state)
{
	struct usual *u = *state;
	const struct plan plan = {.port = "x"};
	struct open_upgrade open, intent = usual_upgrade(INTENT_INSTALL);
	struct record_writer *s = writer_create(NULL, NULL, &plan, &u->place->e);
	char path[PATH_MAX];

	assert_non_null(s);
	assert_int_equal(store_list_open(&open, 1), 0);
	assert_int_equal(writer_intent(s, &intent, 1000, &u->place->e), 0);
	assert_int_equal(store_list_open(&open, 1), 1);
	assert_int_equal(open.live_pid, getpid());
	assert_string_equal(open.module.usb_path, "1-1.2");
	assert_int_equal(open.module.usb_interface, 6);
	snprintf(path, sizeof(path), "%s", writer_path(s));
	assert_int_equal(store_close_upgrade(path, &u->place->e), -1);
	assert_int_equal(u->place->e.code, ERR_BUSY);
	writer_close(s);
	assert_int_equal(store_list_open(&open, 1), 1);
	assert_int_equal(open.live_pid, 0);
	assert_int_equal(store_close_upgrade(path, &u->place->e), 0);
	assert_int_equal(store_list_open(&open, 1), 0);
	assert_whole_at(u->place, path);
	assert_string_equal(text_of(u->place, u->place->count - 1, "text"), "abandoned by the operator");
}

static void an_open_upgrade_is_found_by_port_usb_place_and_module(void **state)
{
	static const struct {
		const char *port, *usb_path, *imei;
		bool found;
	} rows[] = {
		{"/dev/ttyACM3", "", "", true},
		{"/dev/ttyACM3", NULL, NULL, true},
		{"/dev/ttyACM4", "", "", false},
		{"/dev/ttyACM4", "", IMEI, true},
		{"/dev/ttyACM4", "", "356938035643809", false},
		{"/dev/ttyACM3", "1-1.2", "", true},	/* it had no USB place: the name counts */
		{"/dev/ttyUSB0", "2-1", "", true},	/* of the other record */
		{"/dev/ttyUSB1", "2-1", "", true},
		{"/dev/ttyUSB0", "2-2", "", false},	/* another device took the name */
		{"/dev/ttyUSB0", "", "", true},
		{"tcp:h:1", "", "", false},
		{"", "", "", false},
		{NULL, NULL, NULL, false},
	};
	struct usual *u = *state;
	char except[256], other[256];

	put(u, "a.jsonl", HEADER INTENT, 0);
	put(u, "b.jsonl", HEADER INTENT_OF("490154203237526", "/dev/ttyUSB0", "\"usb\":\"2-1\",\"interface\":2,"), 10);
	put(u, "c.jsonl", HEADER INTENT_OF("1", "", "") SUCCESS, 20);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct open_upgrade open;

		if (store_find_open(rows[i].port, rows[i].usb_path, rows[i].imei, NULL, &open) != rows[i].found)
			fail_msg("row %zu: %sfound", i, rows[i].found ? "not " : "");
	}
	path_in(u, "a.jsonl", except);
	path_in(u, "b.jsonl", other);
	assert_false(store_find_open("/dev/ttyACM3", "", IMEI, except, &(struct open_upgrade){0}));
	assert_true(store_find_open("/dev/ttyACM3", "", IMEI, other, &(struct open_upgrade){0}));
}

/* A link, by-id, a node of another name: what counts is the device. */
static void a_port_is_known_by_all_its_names(void **state)
{
	struct usual *u = *state;
	struct open_upgrade open;
	char link[256], text[1024];

	assert_int_equal(symlink("/dev/null", path_in(u, "tty", link)), 0);
	snprintf(text, sizeof(text), "%s{\"type\":\"intent\",\"imei\":\"490154203237526\",\"port\":\"%s\"}\n", HEADER, link);
	put(u, "a.jsonl", text, 0);
	assert_true(store_find_open("/dev/null", "", "", NULL, &open));
	assert_true(store_find_open("/dev/../dev/null", "", "", NULL, &open));
	assert_false(store_find_open("/dev/zero", "", "", NULL, &open));
	assert_false(store_find_open("null", "", "", NULL, &open));
	assert_false(store_find_open("/dev/no-such", "", "", NULL, &open));
	assert_false(store_find_open(u->place->dir, "", "", NULL, &open));
	put(u, "b.jsonl", HEADER INTENT_OF("490154203237526", "/dev/no-such", "") INTENT_OF("490154203237526", "/", ""), 0);
	assert_false(store_find_open("/dev/zero", "", "", NULL, &open));
	put(u, "b.jsonl", HEADER INTENT_OF("490154203237526", "/dev/no-such", ""), 0);
	assert_false(store_find_open("/dev/zero", "", "", NULL, &open));
	put(u, "b.jsonl", HEADER INTENT_OF("490154203237526", "", ""), 0);
	assert_false(store_find_open("", "", "", NULL, &open));
	take_away(u, "b.jsonl");
	put(u, "a.jsonl", HEADER INTENT_OF("490154203237526", "/dev/null", ""), 0);
	assert_true(store_find_open(link, "", "", NULL, &open));
	put(u, "a.jsonl", HEADER INTENT_OF("490154203237526", "tcp:Gateway:2001", ""), 0);
	assert_true(store_find_open("tcp:gateway:2001", "", "", NULL, &open));
	assert_true(store_find_open("rfc2217://gateway:2001", "", "", NULL, &open));
	assert_false(store_find_open("tcp:gateway:2002", "", "", NULL, &open));
	assert_false(store_find_open("telnet:gateway:2002", "", "", NULL, &open));
	assert_int_equal(unlink(link), 0);
}

static void one_of_ten_thousand_files_is_found(void **state)
{
	struct usual *u = *state;
	struct open_upgrade open;
	char name[32];

	for (int i = 0; i < 10000; i++) {
		snprintf(name, sizeof(name), "junk%05d.jsonl", i);
		put(u, name, "", 1000);
	}
	put(u, "a.jsonl", HEADER INTENT, 0);
	assert_int_equal(store_list_open(&open, 1), 1);
	assert_true(store_find_open("", "", IMEI, NULL, &open));
}

static void an_upgrade_is_read_again_before_it_is_resumed(void **state)
{
	struct usual *u = *state;
	struct open_upgrade open;
	char path[256];

	put(u, "a.jsonl", HEADER INTENT, 0);
	assert_true(store_read_open(path_in(u, "a.jsonl", path), &open));
	put(u, "a.jsonl", HEADER INTENT SUCCESS, 0);
	assert_false(store_read_open(path, &open));
	assert_false(store_read_open("/dev/null", &open));
}

static void a_result_that_nobody_saw_is_shown_once(void **state)
{
	static const struct {
		const char *text;
		bool unseen;
	} rows[] = {
		{HEADER INTENT SUCCESS, false},
		{HEADER INTENT LOST SUCCESS, true},
		{HEADER INTENT LOST NOTICE SUCCESS NOTICE, true},
		{HEADER INTENT LOST UNKNOWN, true},
		{HEADER INTENT LOST, false},
		{HEADER INTENT SUCCESS LOST, false},
		{HEADER INTENT LOST SUCCESS SHOWN, false},
		{HEADER INTENT LOST UNKNOWN CLOSED, false},
		{HEADER INTENT LOST UNKNOWN RESUMED SUCCESS, false},
		{HEADER INTENT LOST UNKNOWN RESUMED LOST SUCCESS, true},
		{HEADER INTENT LOST SUCCESS "{\"type\":\"sho", true},
		{HEADER INTENT LOST SUCCESS "{\"type\":\"result\",\"outcome\":7}\n", true},
		{NOTICE LOST SUCCESS, false},
	};
	struct usual *u = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		char path[FILE_SIZE], small[10];
		struct result result;

		put(u, "a.jsonl", rows[i].text, 0);
		if (store_unseen(path, sizeof(path), &result) != rows[i].unseen)
			fail_msg("row %zu is %sseen", i, rows[i].unseen ? "" : "not ");
		if (!rows[i].unseen)
			continue;
		assert_false(store_unseen(small, sizeof(small), &result));
		assert_string_equal(message_words(&result.what), "m");
		assert_int_equal(store_mark_shown(path, &u->place->e), 0);
		assert_false(store_unseen(path, sizeof(path), &result));
	}
}

static void the_newest_unseen_result_is_shown_first(void **state)
{
	struct usual *u = *state;
	struct result result;
	char path[FILE_SIZE];

	put(u, "a.jsonl", HEADER INTENT LOST SUCCESS, 300);
	put(u, "b.jsonl", HEADER INTENT LOST UNKNOWN, 200);
	put(u, "c.jsonl", HEADER INTENT SUCCESS, 100);
	assert_true(store_unseen(path, sizeof(path), &result));
	assert_non_null(strstr(path, "/b.jsonl"));
	assert_int_equal(result.outcome, OUTCOME_UNKNOWN);
	assert_int_equal(store_mark_shown(path, &u->place->e), 0);
	assert_true(store_unseen(path, sizeof(path), &result));
	assert_non_null(strstr(path, "/a.jsonl"));
}

/* The terminal went away long before the end. */
static void a_lost_terminal_far_before_the_result_is_found(void **state)
{
	struct usual *u = *state;
	struct result result;
	char path[256], found[FILE_SIZE];

	put(u, "a.jsonl", HEADER INTENT LOST, 0);
	path_in(u, "a.jsonl", path);
	for (int i = 0; i < 20000; i++)
		add_to(path, NOTICE, strlen(NOTICE));
	add_to(path, SUCCESS, strlen(SUCCESS));
	assert_true(store_unseen(found, sizeof(found), &result));
}

/* ... of those that are looked into. */
static void an_unseen_result_of_long_ago_is_none(void **state)
{
	struct usual *u = *state;
	struct result result;
	char path[FILE_SIZE], name[32];

	put(u, "old.jsonl", HEADER INTENT LOST SUCCESS, 1000);
	for (int i = 0; i < 19; i++) {
		snprintf(name, sizeof(name), "%d.jsonl", i);
		put(u, name, HEADER INTENT SUCCESS, i);
	}
	assert_true(store_unseen(path, sizeof(path), &result));
	put(u, "one-more.jsonl", HEADER INTENT SUCCESS, 100);
	assert_false(store_unseen(path, sizeof(path), &result));
	/* ... and not if there is too much to read before */
	take_away(u, "one-more.jsonl");
	for (int i = 0; i < 3; i++) {
		char big[256];

		snprintf(name, sizeof(name), "%d.jsonl", i);
		put(u, name, HEADER, i);
		path_in(u, name, big);
		for (int k = 0; k < 2 << 20; k += 1 << 16) {
			static char line[1 << 16];

			memset(line, ' ', sizeof(line));
			memcpy(line, "{\"type\":\"data\",\"offset\":0,\"x\":\"", 32);
			memcpy(line + sizeof(line) - 4, "\"}\n", 3);
			line[sizeof(line) - 1] = '\n';
			add_to(big, line, sizeof(line));
		}
	}
	assert_false(store_unseen(path, sizeof(path), &result));
}

/* faults.md F05, F08: what else may be in the directory. */
static void what_is_no_record_of_ours_is_left_alone(void **state)
{
	struct usual *u = *state;
	struct open_upgrade open;
	struct result result;
	char path[256], other[256], found[FILE_SIZE];
	static const char *const names[] = {
		"not-a-record.txt", "escape\x1b[2J.jsonl", "blank name.jsonl", "\xff.jsonl", ".jsonl", ".hidden.jsonl",
		"a-name-so-long-that-nobody-would-type-it-and-no-program-of-ours-gives-one-like-it-to-a-record-0123456789.jsonl",
	};

	for (size_t i = 0; i < COUNT(names); i++)
		put(u, names[i], HEADER INTENT LOST UNKNOWN, 0);
	put(u, "others.jsonl", "{\"type\":\"somewhat\"}\n" INTENT LOST UNKNOWN, 0);
	snprintf(other, sizeof(other), "%s/elsewhere", u->place->dir);
	write_text(other, HEADER INTENT LOST UNKNOWN);
	assert_int_equal(symlink(other, path_in(u, "link.jsonl", path)), 0);
	assert_int_equal(mkfifo(path_in(u, "fifo.jsonl", path), 0600), 0);
	assert_int_equal(mkdir(path_in(u, "directory.jsonl", path), 0700), 0);
	put(u, "sparse.jsonl", HEADER INTENT LOST UNKNOWN, 0);
	assert_int_equal(truncate(path_in(u, "sparse.jsonl", path), INT64_C(1) << 30), 0);
	put(u, "empty.jsonl", "", 0);
	put(u, "zeros.jsonl", "", 0);
	assert_int_equal(truncate(path_in(u, "zeros.jsonl", path), 10 << 20), 0);
	put(u, "theirs.jsonl", HEADER INTENT LOST UNKNOWN, 0);
	if (chown(path_in(u, "theirs.jsonl", path), 12345, (gid_t)-1) < 0)
		take_away(u, "theirs.jsonl");	/* only root gives files away */
	assert_int_equal(store_list_open(&open, 1), 0);
	assert_false(store_find_open("/dev/ttyACM3", "", IMEI, NULL, &open));
	assert_false(store_unseen(found, sizeof(found), &result));
	assert_int_equal(store_prune(0, 0), 0);
}

static void a_line_can_only_be_added_to_a_record(void **state)
{
	struct usual *u = *state;
	char path[256];

	put(u, "a.jsonl", "hello\n", 0);
	assert_int_equal(store_mark_shown(path_in(u, "a.jsonl", path), &u->place->e), -1);
	assert_int_equal(store_close_upgrade(path, &u->place->e), -1);
	assert_non_null(strstr(err_words(&u->place->e), path));
	assert_int_equal(size_of(path), 6);
	put(u, "a.jsonl", HEADER INTENT "{\"torn", 0);
	assert_int_equal(store_close_upgrade(path, &u->place->e), 0);
	read_back(u->place, path);
	assert_int_equal(u->place->count, 4);
	assert_null(u->place->lines[2]);
	assert_string_equal(text_of(u->place, 3, "type"), "closed");
}

static size_t count_records(const struct usual *u, int records)
{
	size_t count = 0;
	char name[32], path[256];

	for (int i = 0; i < records; i++) {
		snprintf(name, sizeof(name), "%03d.jsonl", i);
		count += access(path_in(u, name, path), F_OK) == 0;
	}
	return count;
}

/* Number 0 is the oldest. */
static void put_records(const struct usual *u, int records, int64_t every_s)
{
	char name[32];

	for (int i = 0; i < records; i++) {
		snprintf(name, sizeof(name), "%03d.jsonl", i);
		put(u, name, HEADER SUCCESS, (records - i) * every_s);
	}
}

static void the_oldest_records_beyond_the_count_go(void **state)
{
	struct usual *u = *state;
	char path[256];

	put_records(u, 30, 60);
	put(u, "other.txt", HEADER, 100000);
	put(u, "other.jsonl", "no record\n", 100000);
	assert_int_equal(store_prune(25, 180), 5);
	assert_int_equal(count_records(u, 30), 25);
	assert_int_equal(access(path_in(u, "004.jsonl", path), F_OK), -1);
	assert_int_equal(access(path_in(u, "005.jsonl", path), F_OK), 0);
	assert_int_equal(access(path_in(u, "other.txt", path), F_OK), 0);
	assert_int_equal(access(path_in(u, "other.jsonl", path), F_OK), 0);
	assert_int_equal(store_prune(25, 180), 0);
}

/* The newest stay: a clock may be wrong (faults.md E14). */
static void records_go_by_age_but_for_the_newest(void **state)
{
	struct usual *u = *state;

	put_records(u, 30, 100000);
	assert_int_equal(store_prune(200, 27), 7);
	assert_int_equal(count_records(u, 30), 23);
	assert_int_equal(store_prune(200, 1), 3);
	assert_int_equal(count_records(u, 30), 20);
}

static void a_record_that_is_open_or_written_never_goes(void **state)
{
	static const char *const kept[] = {
		HEADER INTENT, HEADER INTENT UNKNOWN, HEADER INTENT RESUMED,
		"{\"type\":\"header\",\"format\":99}\n" INTENT,	/* of a later version: who knows */
	};
	struct usual *u = *state;
	char path[256];
	int fd;

	for (size_t i = 0; i < COUNT(kept); i++) {
		put(u, "a.jsonl", kept[i], 1000);
		if (store_prune(0, 0) != 0)
			fail_msg("row %zu went", i);
	}
	put(u, "a.jsonl", HEADER SUCCESS, 1000);
	fd = open(path_in(u, "a.jsonl", path), O_RDONLY | O_CLOEXEC);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(store_prune(0, 0), 0);
	close(fd);
	assert_int_equal(store_prune(0, 0), 1);
}

static void a_new_session_in_the_usual_place_makes_room(void **state)
{
	const struct plan plan = {.port = "x"};
	struct usual *u = *state;
	struct record_writer *s;
	char path[256];

	put_records(u, 205, 60);
	s = writer_create(path_in(u, "named.jsonl", path), NULL, &plan, &u->place->e);
	assert_non_null(s);
	writer_close(s);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(count_records(u, 205), 205);
	s = writer_create(NULL, NULL, &plan, &u->place->e);
	assert_non_null(s);
	assert_int_equal(count_records(u, 205), STORE_KEEP_COUNT - 1);
	assert_int_equal(access(writer_path(s), F_OK), 0);
	writer_close(s);
}

/* --- lines from the end */

/* All lines of TEXT backwards, joined by '|'. True when none was missed. */
static bool tail_of(const struct usual *u, const char *text, size_t size, off_t reach, char *out, size_t out_size)
{
	struct last_lines *t = malloc(sizeof(*t));
	char path[256];
	const char *line;
	size_t line_size, used = 0;
	bool complete;
	int fd;

	assert_non_null(t);
	unlink(path_in(u, "t", path));
	add_to(path, text, size);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	last_lines_begin(t, fd, reach);
	while (last_lines_next(t, &line, &line_size)) {
		assert_true(used + line_size + 2 < out_size);
		memcpy(out + used, line, line_size);
		used += line_size;
		out[used++] = '|';
	}
	out[used] = '\0';
	complete = last_lines_complete(t);
	for (int i = 0; i < 10; i++)
		assert_false(last_lines_next(t, &line, &line_size));
	close(fd);
	free(t);
	return complete;
}

static void lines_come_from_the_end(void **state)
{
	static const struct {
		const char *text, *lines;
		off_t reach;
		bool complete;
	} rows[] = {
		{"", "", 100, true},
		{"torn", "", 100, true},
		{"\n", "|", 100, true},
		{"a\n", "a|", 100, true},
		{"a\nbb\n", "bb|a|", 100, true},
		{"a\n\nbb\ntorn", "bb||a|", 100, true},
		{"a\nbb\n", "bb|", 4, false},
		{"a\nbb\n", "", 3, false},
		{"a\nbb\n", "", 0, false},
	};
	struct usual *u = *state;
	char out[64];

	for (size_t i = 0; i < COUNT(rows); i++) {
		bool complete = tail_of(u, rows[i].text, strlen(rows[i].text), rows[i].reach, out, sizeof(out));

		if (strcmp(out, rows[i].lines) != 0 || complete != rows[i].complete)
			fail_msg("row %zu: %s, %scomplete", i, out, complete ? "" : "not ");
	}
}

/* Wherever the buffer begins. */
static void lines_of_all_lengths_come_from_the_end(void **state)
{
	struct usual *u = *state;
	size_t room = 1 << 20, expected = 0;
	char *text = malloc(room), *out = malloc(room), *at = text;

	assert_true(text && out);
	for (size_t length = 0; length < 1000; length++) {
		memset(at, 'a' + (int)(length % 26), length);
		at += length;
		*at++ = '\n';
	}
	assert_true(tail_of(u, text, (size_t)(at - text), 1 << 20, out, room));
	for (size_t length = 1000; length-- > 0; expected += length + 1) {
		assert_int_equal(out[expected + length], '|');
		assert_true(length == 0 || out[expected] == 'a' + (int)(length % 26));
	}
	assert_int_equal(strlen(out), expected);
	free(text);
	free(out);
}

static void a_line_too_long_ends_the_walk(void **state)
{
	struct usual *u = *state;
	size_t size = 200000;
	char *text = malloc(size), out[64];

	assert_non_null(text);
	memset(text, 'x', size);
	memcpy(text, "first\n", 6);
	memcpy(text + size - 6, "\nlast\n", 6);
	assert_false(tail_of(u, text, size, 1 << 20, out, sizeof(out)));
	assert_string_equal(out, "last|");
	/* nor is a part of a torn one a line */
	assert_false(tail_of(u, text, 70000, 1 << 20, out, sizeof(out)));
	assert_string_equal(out, "");
	free(text);
}

#define IN_USUAL(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_USUAL(the_directory_is_where_the_user_wants_it),
		IN_USUAL(a_directory_that_is_not_there_is_empty),
		IN_USUAL(what_is_unfinished_is_found),
		IN_USUAL(an_intent_far_from_the_end_is_found),
		IN_USUAL(records_that_are_finished_are_hardly_read),
		IN_USUAL(the_newest_comes_first_and_all_are_counted),
		IN_USUAL(an_upgrade_that_somebody_watches_has_his_number),
		IN_USUAL(an_open_upgrade_is_found_by_port_usb_place_and_module),
		IN_USUAL(a_port_is_known_by_all_its_names),
		IN_USUAL(one_of_ten_thousand_files_is_found),
		IN_USUAL(an_upgrade_is_read_again_before_it_is_resumed),
		IN_USUAL(a_result_that_nobody_saw_is_shown_once),
		IN_USUAL(the_newest_unseen_result_is_shown_first),
		IN_USUAL(a_lost_terminal_far_before_the_result_is_found),
		IN_USUAL(an_unseen_result_of_long_ago_is_none),
		IN_USUAL(what_is_no_record_of_ours_is_left_alone),
		IN_USUAL(a_line_can_only_be_added_to_a_record),
		IN_USUAL(the_oldest_records_beyond_the_count_go),
		IN_USUAL(records_go_by_age_but_for_the_newest),
		IN_USUAL(a_record_that_is_open_or_written_never_goes),
		IN_USUAL(a_new_session_in_the_usual_place_makes_room),
		IN_USUAL(lines_come_from_the_end),
		IN_USUAL(lines_of_all_lengths_come_from_the_end),
		IN_USUAL(a_line_too_long_ends_the_walk),
	};

	return cmocka_run_group_tests_name("sessions", tests, NULL, NULL);
}

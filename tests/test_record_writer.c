#include "config.h"

#include <errno.h>
#include <sys/utsname.h>
#include <time.h>

#include "protocol/line.h"
#include "writer_fixture.h"
#include "words.h"

static void the_header_says_what_is_about_to_be_done(void **state)
{
	static const struct {
		struct plan plan;
		const char *port, *method, *job, *file, *url, *target;
		int baud;
	} rows[] = {
		{{.port = "/dev/ttyACM3", .route = ROUTE_SERIAL, .file = "a b.bin"},
		 "/dev/ttyACM3", "push", "upgrade", "a b.bin", "(none)", "(none)", 115200},
		{{.port = "tcp:h:1", .route = ROUTE_DOWNLOAD, .url = "http://h/f", .target = "UG96X", .baud = 9600},
		 "tcp:h:1", "pull", "upgrade", "(none)", "http://h/f", "UG96X", 9600},
		{{.port = "/dev/ttyS0", .job = JOB_PROBE}, "/dev/ttyS0", "pull", "probe", "(none)", "(none)", "(none)", 115200},
	};
	struct place *p = *state;
	struct utsname name;
	char host[256] = "";

	gethostname(host, sizeof(host) - 1);
	for (size_t i = 0; i < COUNT(rows); i++) {
		writer_close(create(p, &rows[i].plan));
		assert_whole(p);
		assert_int_equal(p->count, 1);
		assert_string_equal(text_of(p, 0, "program"), "dfota " PACKAGE_VERSION);
		assert_string_equal(text_of(p, 0, "host"), host);
		assert_int_equal(strlen(text_of(p, 0, "when")), strlen("2026-11-22T08:00:00Z"));
		assert_string_equal(text_of(p, 0, "libraries"), "jansson 2.14");
		assert_true(uname(&name) == 0 && strstr(text_of(p, 0, "system"), name.release));
		assert_int_equal(number_of(p, 0, "pid"), getpid());
		assert_int_equal(number_of(p, 0, "format"), 1);
		assert_string_equal(text_of(p, 0, "port"), rows[i].port);
		assert_string_equal(text_of(p, 0, "method"), rows[i].method);
		assert_string_equal(text_of(p, 0, "job"), rows[i].job);
		assert_string_equal(text_of(p, 0, "file"), rows[i].file);
		assert_string_equal(text_of(p, 0, "url"), rows[i].url);
		assert_string_equal(text_of(p, 0, "target"), rows[i].target);
		assert_int_equal(number_of(p, 0, "baud"), rows[i].baud);
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
		struct open_upgrade open = usual_upgrade(INTENT_INSTALL);
		struct plan plan = {.job = JOB_UPGRADE};
		struct record_writer *s;

		snprintf(plan.port, sizeof(plan.port), "%s", names[i]);
		snprintf(plan.file, sizeof(plan.file), "%s", names[i]);
		snprintf(plan.target, sizeof(plan.target), "%s", names[i]);
		snprintf(plan.url, sizeof(plan.url), "http://h/%s", names[i]);
		s = create(p, &plan);
		snprintf(open.module.port, sizeof(open.module.port), "%s", names[i]);
		snprintf(open.to, sizeof(open.to), "%s", names[i]);
		assert_int_equal(writer_intent(s, &open, 5, &p->e), 0);
		writer_close(s);
		assert_whole(p);
		assert_string_equal(text_of(p, 0, "port"), safe[i]);
		assert_string_equal(text_of(p, 0, "file"), safe[i]);
		assert_string_equal(text_of(p, 0, "target"), safe[i]);
		assert_string_equal(text_of(p, 0, "url") + strlen("http://h/"), safe[i]);
		assert_string_equal(text_of(p, 1, "port"), safe[i]);
		assert_string_equal(text_of(p, 1, "to"), safe[i]);
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
	writer_close(create(p, &plan));
	assert_whole(p);
}

/* What was not given is not in the header. */
static void settings_stand_in_the_header_where_they_were_given(void **state)
{
	static const char *const numbers[] = {
		"com_timeout", "watch_timeout", "return_timeout", "start_timeout", "supply_min",
	};
	static const char *const flags[] = {"relay", "overwrite", "verify_source", "yes", "if_needed"};
	static const char *const texts[] = {"publish", "manifest", "profile", "imei", "com_command"};
	static const struct plan all = {
		.port = "/dev/ttyACM3", .publish = "ftp://h/f", .manifest = "m", .profile = "UGxx",
		.imei = "490154203237518", .com_command = "AT+QFOTADL=\"COM:\",{size}", .com_timeout_s = 1,
		.watch_timeout_s = 2, .return_timeout_s = 3, .start_timeout_s = 4, .supply_min_mv = 5,
		.route = ROUTE_RELAY, .overwrite = true, .verify_source = true, .assume_yes = true, .if_needed = true,
	};
	struct place *p = *state;

	writer_close(create(p, &all));
	assert_whole(p);
	for (size_t i = 0; i < COUNT(numbers); i++)
		assert_int_equal(number_of(p, 0, numbers[i]), i + 1);
	for (size_t i = 0; i < COUNT(flags); i++)
		assert_true(json_is_true(json_object_get(p->lines[0], flags[i])));
	assert_string_equal(text_of(p, 0, "publish"), "ftp://h/f");
	assert_string_equal(text_of(p, 0, "com_command"), "AT+QFOTADL=\"COM:\",{size}");
	assert_int_equal(unlink(p->path), 0);

	writer_close(create(p, NULL));
	assert_whole(p);
	for (size_t i = 0; i < COUNT(numbers); i++)
		assert_null(json_object_get(p->lines[0], numbers[i]));
	for (size_t i = 0; i < COUNT(flags); i++)
		assert_null(json_object_get(p->lines[0], flags[i]));
	for (size_t i = 0; i < COUNT(texts); i++)
		assert_null(json_object_get(p->lines[0], texts[i]));
}

static void each_event_is_a_line_that_parses_back(void **state)
{
	struct place *p = *state;
	struct record_writer *s = create(p, NULL);
	static const char *const types[] = {
		"header", "step", "identity", "progress", "notice", "line", "question", "result",
		"package", "data", "answer", "plan", "setting",
	};

	for (enum event_type type = EVENT_STEP; type < EVENT_COUNT; type++) {
		struct event ev = {.type = type, .t_ms = 1500};

		assert_int_equal(writer_append(s, &ev, &p->e), 0);
	}
	writer_close(s);
	assert_whole(p);
	assert_int_equal(p->count, COUNT(types));	/* ports and its own name are no part of a session */
	for (size_t i = 0; i < COUNT(types); i++)
		assert_string_equal(text_of(p, i, "type"), types[i]);
	assert_true(json_real_value(json_object_get(p->lines[1], "t")) == 1.5);
}

static void progress_is_recorded_once_a_second(void **state)
{
	struct place *p = *state;
	struct record_writer *s = create(p, NULL);

	for (int64_t t = 0; t <= 10000; t += 50) {
		struct event ev = {.type = EVENT_PROGRESS, .t_ms = t};

		assert_int_equal(writer_append(s, &ev, &p->e), 0);
	}
	writer_close(s);
	assert_whole(p);
	assert_int_equal(p->count, 1 + 11);
}

static void the_plans_secrets_stay_out(void **state)
{
	struct plan plan = {
		.port = "/dev/ttyACM3", .route = ROUTE_DOWNLOAD, .user = "joe", .password = "pA55word",
		.url = "ftp://joe:pA55word@h/f", .publish = "ftp://joe:pA55word@h/g",
		.com_command = "AT+CPIN=\"pA55word\"",
	};
	struct place *p = *state;

	writer_close(create(p, &plan));
	assert_whole(p);
	assert_null(strstr(p->text, "pA55"));
	assert_string_equal(text_of(p, 0, "url"), "ftp://***:***@h/f");
	assert_string_equal(text_of(p, 0, "publish"), "ftp://***:***@h/g");
}

static void the_intent_is_there_when_the_call_returns(void **state)
{
	struct place *p = *state;
	struct record_writer *s = create(p, NULL);

	assert_int_equal(intend(s, 1234, &p->e), 0);
	assert_whole(p);
	assert_int_equal(p->count, 2);
	assert_string_equal(text_of(p, 1, "type"), "intent");
	assert_true(number_of(p, 1, "t") == 1.234);
	writer_close(s);
}

static void the_intent_says_all_that_watching_on_needs(void **state)
{
	static const struct {
		const char *key, *value;
	} texts[] = {
		{"what", "install"}, {"model", "UG96"}, {"imei", "490154203237518"},
		{"from", "UG96LNAR02A06E1G"}, {"to", "UG96LNAR02A08E1G"}, {"method", "push"},
		{"port", "/dev/ttyACM3"}, {"profile", "UGxx"}, {"usb", "1-1.2"}, {"serial", "0042"},
		{"sha256", "2b5144"},
		{"text", "install UG96LNAR02A08E1G over UG96LNAR02A06E1G on UG96, IMEI 490154203237518"},
	};
	static const struct {
		const char *key;
		int value;
	} numbers[] = {{"baud", 115200}, {"interface", 6}, {"timeout", 60}, {"size", 307200}};
	struct place *p = *state;
	struct record_writer *s = create(p, NULL);
	struct open_upgrade transfer = usual_upgrade(INTENT_TRANSFER);

	assert_int_equal(intend(s, 1000, &p->e), 0);
	transfer.module.usb_path[0] = '\0';
	assert_int_equal(writer_intent(s, &transfer, 2000, &p->e), 0);
	writer_close(s);
	assert_whole(p);
	for (size_t i = 0; i < COUNT(texts); i++)
		assert_string_equal(text_of(p, 1, texts[i].key), texts[i].value);
	for (size_t i = 0; i < COUNT(numbers); i++)
		assert_int_equal(number_of(p, 1, numbers[i].key), numbers[i].value);
	assert_int_equal(strlen(text_of(p, 1, "when")), strlen("2026-11-22T08:00:00Z"));
	assert_string_equal(text_of(p, 2, "what"), "transfer");
	assert_null(json_object_get(p->lines[2], "usb"));
	assert_null(json_object_get(p->lines[2], "interface"));
	assert_null(json_object_get(p->lines[2], "serial"));
}

static void nothing_is_done_without_a_record(void **state)
{
	struct place *p = *state;
	struct event ev = notice("x");

	assert_int_equal(writer_append(NULL, &ev, &p->e), 0);
	assert_int_equal(intend(NULL, 0, &p->e), 0);
	assert_string_equal(writer_path(NULL), "");
	writer_close(NULL);
}

enum kind { FILE_THERE, LINK, DANGLING_LINK, FIFO, DIRECTORY, NO_DIRECTORY, NOT_A_DIRECTORY, OPEN_TO_ALL };
static const struct {
	enum kind kind;
	const char *message;
} bad_places[] = {
	{FILE_THERE, "exists already"},
	{LINK, "exists already"},
	{DANGLING_LINK, "exists already"},
	{FIFO, "exists already"},
	{DIRECTORY, "exists already"},
	{NO_DIRECTORY, "opening the directory"},
	{NOT_A_DIRECTORY, "opening the directory"},
	{OPEN_TO_ALL, "everybody may write to"},
};

/* faults.md F05, F12 */
static void a_place_that_may_not_be_used_is_refused(void **state)
{
	struct place *p = *state;
	const struct plan plan = {.port = "/dev/ttyACM3"};

	for (size_t i = 0; i < COUNT(bad_places); i++) {
		char path[256], other[192];
		struct stat st;
		FILE *f;

		snprintf(path, sizeof(path), "%s/%zu", p->dir, i);
		snprintf(other, sizeof(other), "%s/other", p->dir);
		f = fopen(other, "we");
		assert_non_null(f);
		fputs("theirs", f);
		fclose(f);
		switch (bad_places[i].kind) {
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
		if (writer_create(path, NULL, &plan, &p->e))
			fail_msg("row %zu was taken", i);
		if (p->e.code != ERR_USAGE || !strstr(err_words(&p->e), bad_places[i].message))
			fail_msg("row %zu: code %d, %s", i, p->e.code, err_words(&p->e));
		assert_int_equal(stat(other, &st), 0);
		assert_int_equal(st.st_size, 6);
		unlink(other);
	}
	assert_null(writer_create("/dev/full", NULL, &plan, &p->e));
	assert_int_equal(access("nowhere", F_OK), -1);
}

/* As /tmp: what is ours there nobody else can replace. */
static void a_sticky_directory_will_do(void **state)
{
	struct place *p = *state;

	assert_int_equal(chmod(p->dir, 01777), 0);
	writer_close(create(p, NULL));
	assert_whole(p);
}

static void a_path_without_a_directory_is_one_right_here(void **state)
{
	struct place *p = *state;
	const struct plan plan = {.port = "x"};
	int before = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct record_writer *s, *none;

	assert_true(before >= 0);
	assert_int_equal(chdir(p->dir), 0);
	s = writer_create("record.jsonl", NULL, &plan, &p->e);
	assert_int_equal(chmod(".", 0777), 0);
	none = writer_create("other.jsonl", NULL, &plan, &p->e);
	assert_int_equal(fchdir(before), 0);
	close(before);
	assert_non_null(s);
	assert_null(none);
	assert_non_null(strstr(err_words(&p->e), "everybody may write to"));
	assert_int_equal(intend(s, 0, &p->e), 0);
	writer_close(s);
	assert_whole(p);
}

static void a_path_too_long_is_refused(void **state)
{
	struct place *p = *state;
	const struct plan plan = {.port = "x"};
	char path[PATH_MAX + 10];

	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_null(writer_create(path, NULL, &plan, &p->e));
	assert_int_equal(p->e.code, ERR_USAGE);
	assert_non_null(strstr(err_words(&p->e), "too long"));
}

static unsigned mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 07777;
}

/* The usual place, with XDG_STATE_HOME and HOME set to STATE_HOME and HOME. */
static struct record_writer *create_usual(struct place *p, const char *state_home, const char *home)
{
	const struct plan plan = {.port = "x"};
	char before_state[PATH_MAX] = "", before_home[PATH_MAX] = "";
	struct record_writer *s;

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
	s = writer_create(NULL, NULL, &plan, &p->e);
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
	struct record_writer *s;

	snprintf(home, sizeof(home), "%s/new/home", p->dir);
	s = create_usual(p, NULL, home);
	umask(mask);
	if (!s)
		fail_msg("%s", err_words(&p->e));
	snprintf(path, sizeof(path), "%s/.local/state/dfota/sessions", home);
	assert_memory_equal(writer_path(s), path, strlen(path));
	assert_int_equal(mode_of(writer_path(s)), 0600);
	assert_int_equal(mode_of(path), 0700);
	*strrchr(path, '/') = '\0';
	assert_int_equal(mode_of(path), 0700);
	read_back(p, writer_path(s));
	assert_string_equal(text_of(p, 0, "type"), "header");
	writer_close(s);
}

static void the_usual_place_is_where_the_user_wants_it(void **state)
{
	struct place *p = *state;
	char path[160];
	struct record_writer *s;

	snprintf(path, sizeof(path), "%s/state", p->dir);
	s = create_usual(p, path, "/nonexistent");
	assert_non_null(s);
	assert_memory_equal(writer_path(s), path, strlen(path));
	writer_close(s);
	/* a relative one does not count (XDG base directories) */
	s = create_usual(p, "state", p->dir);
	assert_non_null(s);
	assert_memory_equal(writer_path(s), p->dir, strlen(p->dir));
	writer_close(s);
	assert_null(create_usual(p, NULL, NULL));
	assert_int_equal(p->e.message.id, MSG_RECORD_NO_PLACE);
	assert_non_null(strstr(message_info(p->e.message.id)->next, "--record FILE"));
	assert_null(create_usual(p, "relative", ""));
}

/* Several modules at once, or a second run right after the first. */
static void records_of_one_second_have_names_of_their_own(void **state)
{
	struct place *p = *state;
	struct record_writer *s[20];

	for (size_t i = 0; i < COUNT(s); i++) {
		s[i] = create_usual(p, p->dir, NULL);
		if (!s[i])
			fail_msg("session %zu: %s", i, err_words(&p->e));
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(writer_path(s[i]), writer_path(s[k]));
	}
	for (size_t i = 0; i < COUNT(s); i++)
		writer_close(s[i]);
}

/* faults.md E21 */
static void no_descriptor_outlives_an_exec(void **state)
{
	struct place *p = *state;
	struct record_writer *s = create(p, NULL);

	assert_true(fcntl(descriptor_of(p->path), F_GETFD) & FD_CLOEXEC);
	assert_true(fcntl(descriptor_of(p->dir), F_GETFD) & FD_CLOEXEC);
	writer_close(s);
}

/* A record is only appended to: what another program adds stays. */
static void writing_is_always_at_the_end(void **state)
{
	struct place *p = *state;
	struct record_writer *s = create(p, NULL);
	struct event ev = notice("ours");
	FILE *f = fopen(p->path, "ae");

	assert_non_null(f);
	fputs("{\"type\":\"x\"}\n", f);
	fclose(f);
	assert_int_equal(writer_append(s, &ev, &p->e), 0);
	writer_close(s);
	assert_whole(p);
	assert_string_equal(text_of(p, 1, "type"), "x");
	assert_string_equal(text_of(p, 2, "text"), "ours");
}

static struct event received(int64_t t_ms, const char *text)
{
	struct event ev = {.type = EVENT_LINE, .t_ms = t_ms};

	ev.line.dir = LINE_RX;
	snprintf(ev.line.text, sizeof(ev.line.text), "%s", text);
	return ev;
}

/* faults.md F14 */
static void a_flood_is_cut_off_and_counted(void **state)
{
	struct place *p = *state;
	struct record_writer *s = create(p, NULL);
	struct event step = {.type = EVENT_STEP, .t_ms = 0}, sent = received(0, "AT");
	struct event flood = received(0, "FLOOD"), later = received(10000, "LATER");
	uint64_t missing = 0;

	sent.line.dir = LINE_TX;
	for (int i = 0; i < 100000; i++)
		assert_int_equal(writer_append(s, &flood, &p->e), 0);
	assert_int_equal(writer_append(s, &step, &p->e), 0);
	assert_int_equal(writer_append(s, &sent, &p->e), 0);
	assert_int_equal(intend(s, 0, &p->e), 0);
	assert_int_equal(writer_append(s, &flood, &p->e), 0);
	assert_int_equal(writer_append(s, &later, &p->e), 0);
	writer_close(s);
	assert_whole(p);
	for (size_t i = 0; i < p->count; i++) {
		if (strcmp(text_of(p, i, "type"), "gap") != 0)
			continue;
		assert_string_equal(text_of(p, i, "why"), "flood");
		missing += (uint64_t)number_of(p, i, "lines");
	}
	assert_int_equal(missing + count_type(p, "line"), 100000 + 3);
	assert_int_equal(count_type(p, "gap"), 2);
	assert_int_equal(count_type(p, "step"), 1);
	assert_int_equal(count_type(p, "intent"), 1);
	assert_in_range(count_type(p, "line"), 1000, 10000);
	assert_string_equal(text_of(p, p->count - 1, "text"), "LATER");
}

/* ... but neither notices nor the messages of the upgrade. */
static void a_flood_leaves_what_matters(void **state)
{
	struct place *p = *state;
	struct record_writer *s = create(p, NULL);
	struct event flood = received(0, "FLOOD"), end = received(0, "+QIND: \"FOTA\",\"END\",0");
	struct event gone = {.type = EVENT_NOTICE, .t_ms = 0};

	end.line.meaning = line_parse((struct slice){end.line.text, strlen(end.line.text)});
	message_set(&gone.notice.message, MSG_SAID, "text=%s", "gone");
	for (int i = 0; i < 5000; i++)
		assert_int_equal(writer_append(s, &flood, &p->e), 0);
	assert_int_equal(writer_append(s, &end, &p->e), 0);
	assert_int_equal(writer_append(s, &gone, &p->e), 0);
	for (int i = 0; i < 5000; i++)
		assert_int_equal(writer_append(s, &end, &p->e), 0);
	writer_close(s);
	assert_whole(p);
	assert_int_equal(count_type(p, "notice"), 1);
	assert_in_range(count_type(p, "line"), 2001, 4001);
}

static void a_long_flood_costs_a_bounded_number_of_lines(void **state)
{
	struct place *p = *state;
	struct record_writer *s = create(p, NULL);

	for (int64_t t = 0; t < 60000; t++) {
		struct event flood = received(t, "FLOOD");

		assert_int_equal(writer_append(s, &flood, &p->e), 0);
		assert_int_equal(writer_append(s, &flood, &p->e), 0);
	}
	writer_close(s);
	assert_whole(p);
	assert_in_range(count_type(p, "gap"), 50, 61);
	assert_in_range(count_type(p, "line"), 7000, 8100);
}

/* The end of a flood is counted even when nothing follows. */
static void what_a_flood_left_out_is_counted_at_the_end(void **state)
{
	struct place *p = *state;
	struct record_writer *s = create(p, NULL);
	struct event flood = received(0, "FLOOD");

	for (int i = 0; i < 5000; i++)
		writer_append(s, &flood, &p->e);
	writer_close(s);
	assert_whole(p);
	assert_string_equal(text_of(p, p->count - 1, "type"), "gap");
	assert_int_equal(number_of(p, p->count - 1, "lines") + (double)count_type(p, "line"), 5000);
}

/* Three quarters of an hour of a talkative module, and 5 MiB over the serial port. */
static void an_upgrade_is_no_flood(void **state)
{
	struct place *p = *state;
	struct record_writer *s = create(p, NULL);
	size_t lines = 1;

	for (int64_t t = 0; t < 45 * 60 * 1000; t += 250) {
		struct event urc = received(t, "+QIND: \"FOTA\",\"UPDATING\",37");
		struct event data = {.type = EVENT_DATA, .t_ms = t};

		assert_int_equal(writer_append(s, &urc, &p->e), 0);
		assert_int_equal(writer_append(s, &data, &p->e), 0);
		lines += 2;
	}
	for (int i = 0; i < 1900; i++) {
		struct event answer = received(45 * 60 * 1000, "answer");

		assert_int_equal(writer_append(s, &answer, &p->e), 0);
		lines++;
	}
	writer_close(s);
	assert_whole(p);
	assert_int_equal(count_type(p, "gap"), 0);
	assert_int_equal(p->count, lines);
}

/* Records stay below 64 MiB and a little. */
static void a_record_of_full_size_takes_vital_lines_only(void **state)
{
	struct place *p = *state;
	struct event ev = received(81000, "line"), step = {.type = EVENT_STEP, .t_ms = 81000};
	struct event progress = {.type = EVENT_PROGRESS, .t_ms = 81000};
	struct record_writer *s;
	rlim_t size;

	writer_close(create(p, NULL));
	assert_int_equal(truncate(p->path, 64 << 20), 0);
	add_to(p->path, "\n", 1);
	size = size_of(p->path);
	s = reopen(p);
	assert_int_equal(writer_append(s, &ev, &p->e), 0);
	assert_int_equal(writer_append(s, &progress, &p->e), 0);
	assert_int_equal(writer_append(s, &step, &p->e), 0);
	writer_close(s);
	read_all(p, p->path);
	assert_null(strstr(p->text + size, "\"line\""));
	assert_null(strstr(p->text + size, "\"progress\""));
	assert_non_null(strstr(p->text + size, "\"step\""));
	assert_non_null(strstr(p->text + size, "\"lines\":2,\"why\":\"flood\""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_PLACE(the_header_says_what_is_about_to_be_done),
		IN_PLACE(names_of_any_bytes_are_recorded_as_safe_text),
		IN_PLACE(the_longest_names_have_room),
		IN_PLACE(settings_stand_in_the_header_where_they_were_given),
		IN_PLACE(each_event_is_a_line_that_parses_back),
		IN_PLACE(progress_is_recorded_once_a_second),
		IN_PLACE(the_plans_secrets_stay_out),
		IN_PLACE(the_intent_is_there_when_the_call_returns),
		IN_PLACE(the_intent_says_all_that_watching_on_needs),
		IN_PLACE(nothing_is_done_without_a_record),
		IN_PLACE(a_place_that_may_not_be_used_is_refused),
		IN_PLACE(a_sticky_directory_will_do),
		IN_PLACE(a_path_without_a_directory_is_one_right_here),
		IN_PLACE(a_path_too_long_is_refused),
		IN_PLACE(the_usual_place_is_private),
		IN_PLACE(the_usual_place_is_where_the_user_wants_it),
		IN_PLACE(records_of_one_second_have_names_of_their_own),
		IN_PLACE(no_descriptor_outlives_an_exec),
		IN_PLACE(writing_is_always_at_the_end),
		IN_PLACE(a_flood_is_cut_off_and_counted),
		IN_PLACE(a_flood_leaves_what_matters),
		IN_PLACE(a_long_flood_costs_a_bounded_number_of_lines),
		IN_PLACE(what_a_flood_left_out_is_counted_at_the_end),
		IN_PLACE(an_upgrade_is_no_flood),
		IN_PLACE(a_record_of_full_size_takes_vital_lines_only),
	};

	return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}

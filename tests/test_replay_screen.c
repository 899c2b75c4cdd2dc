/*
 * The screen over a record, driven step by step by a clock of the test. The
 * record is golden/replay.jsonl: an upgrade over the serial port that the module refused.
 */
#include "config.h"

#include "screen_fixture.h"

#include <sys/file.h>

#include "base/clock.h"
#include "record/reader.h"
#include "words.h"

/* -- the rig -- */

struct player {
	struct clock clock;
	int64_t now_ms;
	struct record *record;
	struct ui *ui;
	FILE *out, *in;
	int keyboard;
	int signals;
	int master;		/* of the terminal; -1: none */
	bool open;
};

static int64_t clock_of_test(const struct clock *self)
{
	return ((const struct player *)self)->now_ms;
}

static const char *golden_record(char path[512])
{
	const char *srcdir = getenv("srcdir");

	snprintf(path, 512, "%s/tests/golden/replay.jsonl", srcdir ? srcdir : ".");
	return path;
}

static void open_ui(struct player *p, const struct setup *s, const char *path)
{
	struct ui_config config = { .ascii = s->ascii, .clock = &p->clock };
	struct err e = { 0 };
	int pipes[2];

	set_environment(s);
	assert_int_equal(pipe(pipes), 0);
	config.signal_fd = pipes[0];
	p->signals = pipes[1];
	p->clock.now_ms = clock_of_test;
	p->now_ms = 100000;
	p->record = record_open(path, &e);
	if (!p->record)
		fail_msg("%s", err_words(&e));
	p->ui = ui_open_replay(p->record, &config, p->out, p->in, &e);
	if (!p->ui)
		fail_msg("no screen: %s", err_words(&e));
	p->open = true;
}

static struct player *play_file(const struct setup *s, const char *path)
{
	struct player *p = calloc(1, sizeof(*p));
	int keys[2];

	assert_non_null(p);
	assert_int_equal(pipe(keys), 0);
	p->out = fopen("/dev/null", "w");
	p->in = fdopen(keys[0], "r");
	p->keyboard = keys[1];
	p->master = -1;
	open_ui(p, s, path);
	return p;
}

static struct player *play_golden(int lines, int columns)
{
	struct setup s = usual;
	char path[512];

	s.lines = lines;
	s.columns = columns;
	return play_file(&s, golden_record(path));
}

/* On a serial line of SPEED. */
static struct player *play_on_a_line(speed_t speed)
{
	struct player *p = calloc(1, sizeof(*p));
	struct setup s = usual;
	struct termios t;
	char path[512];
	int slave;

	assert_non_null(p);
	p->master = posix_openpt(O_RDWR | O_NOCTTY);
	assert_true(p->master >= 0);
	assert_int_equal(grantpt(p->master) | unlockpt(p->master), 0);
	slave = open(ptsname(p->master), O_RDWR | O_NOCTTY);
	assert_int_equal(tcgetattr(slave, &t), 0);
	cfsetospeed(&t, speed);
	cfsetispeed(&t, speed);
	assert_int_equal(tcsetattr(slave, TCSANOW, &t), 0);
	fcntl(p->master, F_SETFL, O_NONBLOCK);
	s.term = "vt100";
	p->out = fdopen(slave, "w");
	p->in = fdopen(dup(slave), "r");
	p->keyboard = dup(p->master);
	open_ui(p, &s, golden_record(path));
	return p;
}

static size_t bytes_sent(struct player *p)
{
	char bytes[4096];
	size_t total = 0;
	ssize_t n;

	while ((n = read(p->master, bytes, sizeof(bytes))) > 0)
		total += (size_t)n;
	return total;
}

static void stop(struct player *p)
{
	assert_int_equal(ui_close(p->ui), 0);
	record_free(p->record);
	fclose(p->out);
	fclose(p->in);
	if (p->keyboard >= 0)
		close(p->keyboard);
	if (p->master >= 0)
		close(p->master);
	close(p->signals);
	free(p);
}

/* Keys pressed one after the other. */
static void press(struct player *p, const char *keys)
{
	for (; *keys && p->open; keys++) {
		assert_int_equal(write(p->keyboard, keys, 1), 1);
		p->open = ui_step(p->ui);
	}
}

/* Time passes while it plays or is live: at the end nothing would wake it. */
static void let_pass(struct player *p, int64_t ms)
{
	int64_t end = p->now_ms + ms;

	for (; p->now_ms < end && !sees("the end"); p->open = ui_step(p->ui))
		p->now_ms += 250;
}

/* -- golden screens -- */

static void a_record_at_every_size(void **state)
{
	static const struct {
		int lines, columns;
		const char *keys, *golden;
	} rows[] = {
		{ 24, 80, "", "replay-start-80x24" },
		{ 24, 80, "]]]]", "replay-transfer-80x24" },
		{ 24, 80, "]]]]]jjj", "replay-install-80x24" },
		{ 24, 80, "G", "replay-end-80x24" },
		{ 40, 120, "]]]]]jjj", "replay-install-120x40" },
		{ 18, 60, "]]]]]jjj", "replay-install-60x18" },
		{ 18, 60, "]]1", "replay-module-60x18" },
		{ 12, 40, "]]]]]jjj", "replay-install-40x12" },
		{ 12, 40, "]]]]]jjj3", "replay-log-40x12" },
		{ 6, 24, "]]]]]jjj", "replay-install-24x6" },
		{ 1, 1, "]]]]]jjj", "transfer-1x1" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct player *p = play_golden(rows[i].lines, rows[i].columns);

		press(p, rows[i].keys);
		assert_golden(rows[i].golden);
		stop(p);
	}
}

static void without_utf8_all_is_ascii(void **state)
{
	struct setup s = usual;
	struct player *p;
	char path[512], *seen;
	size_t i;

	(void)state;
	s.locale = "C";
	p = play_file(&s, golden_record(path));
	press(p, "]]]]]jjj");
	seen = picture();
	for (i = 0; seen[i]; i++)
		assert_true((unsigned char)seen[i] < 0x7f);
	assert_sees("+3 AT log-");
	free(seen);
	stop(p);
}

static void an_error_is_shown_where_it_stands(void **state)
{
	struct player *p = play_golden(24, 80);

	(void)state;
	press(p, "ee");
	assert_golden("replay-error-80x24");
	stop(p);
}

static void the_help_page_has_the_keys_of_a_record(void **state)
{
	struct player *p = play_golden(40, 120);

	(void)state;
	press(p, "?");
	assert_golden("replay-help-120x40");
	press(p, "q");
	assert_true(p->open);
	assert_sees("4 Upgrade");
	stop(p);
}

/* -- keys -- */

static void what_would_change_something_is_refused(void **state)
{
	static const char keys[] = "scr:o\003";
	struct player *p = play_golden(24, 80);
	size_t i;

	(void)state;
	press(p, "]]");
	for (i = 0; keys[i]; i++) {
		press(p, (char[]){ keys[i], '\0' });
		if (!sees(" this is a record"))
			fail_msg("key %d is not refused", keys[i]);
		press(p, "x");
	}
	press(p, "1\r");
	assert_sees(" this is a record");
	press(p, "2");
	press(p, "\r");
	assert_sees(" this is a record");
	press(p, "ll");
	assert_sees("(*) Local file");
	press(p, "q");
	assert_false(p->open);
	stop(p);
}

static void the_result_comes_when_it_is_asked_for(void **state)
{
	struct player *p = play_golden(24, 80);

	(void)state;
	press(p, "\r");
	assert_false(sees("Not done"));
	press(p, "G");
	assert_sees("4 Upgrade");
	assert_false(sees("Not done"));
	press(p, "\r");
	assert_golden("replay-result-80x24");
	press(p, " ");
	assert_false(sees("Not done"));
	assert_true(p->open);
	stop(p);
}

static void a_filter_and_hits_are_of_the_whole_record(void **state)
{
	struct player *p = play_golden(24, 80);

	(void)state;
	press(p, "/UPDATING\r");
	assert_sees("\"UPDATING\"  0 of 25");
	press(p, "jj");
	assert_sees("\"UPDATING\"  2 of 25");
	assert_false(sees("UPDATING\",12"));
	press(p, "n");
	assert_sees("all  24 of");
	assert_sees("UPDATING\",12");
	press(p, "gN");
	assert_sees("no line before this one");
	stop(p);
}

static void shown_lines_are_written(void **state)
{
	struct player *p = play_golden(24, 80);
	char path[] = "/tmp/dfota-replay-XXXXXX", command[64], text[256] = "";
	FILE *f;

	(void)state;
	assert_non_null(mkdtemp(path));
	press(p, "]]w");
	snprintf(command, sizeof(command), "%s/log\r", path);
	press(p, command);
	assert_sees("10 lines written");
	strcpy(strchr(command, '\r'), "");
	f = fopen(command, "r");
	assert_non_null(f);
	assert_non_null(fgets(text, sizeof(text), f));
	assert_non_null(strstr(text, "> AT"));
	fclose(f);
	unlink(command);
	rmdir(path);
	stop(p);
}

/* -- playing -- */

static void it_plays_and_stops(void **state)
{
	struct player *p = play_golden(24, 80);

	(void)state;
	press(p, "]]]] ");
	assert_sees("1x playing");
	assert_sees("Space stop");
	let_pass(p, 3000);
	assert_sees("0:10 / ");
	assert_sees("last byte <1 s ago");
	press(p, "+++");
	assert_sees("10x playing");
	let_pass(p, 2500);
	assert_sees(">Install");
	assert_sees("was: DO NOT REMOVE POWER");
	press(p, " ");
	assert_sees("10x stopped");
	press(p, "-- ++++++");
	let_pass(p, 3000);
	assert_sees("the end");
	assert_sees("Install!");
	stop(p);
}

static void a_long_silence_is_said_to_be_cut(void **state)
{
	struct player *p = play_golden(24, 80);

	(void)state;
	press(p, "]]]]]j ");
	let_pass(p, 1000);
	assert_sees("1x playing");
	press(p, "+");
	assert_sees("2x silence cut");
	stop(p);
}

static void a_signal_or_a_lost_terminal_ends_it(void **state)
{
	struct signalfd_siginfo info = { .ssi_signo = SIGTERM };
	struct player *p = play_golden(24, 80);

	(void)state;
	press(p, "]]]]]jjj");
	assert_int_equal(write(p->signals, &info, sizeof(info)), sizeof(info));
	assert_false(ui_step(p->ui));
	stop(p);
	p = play_golden(24, 80);
	press(p, "]]]]]jjj");
	info.ssi_signo = SIGHUP;
	assert_int_equal(write(p->signals, &info, sizeof(info)), sizeof(info));
	assert_false(ui_step(p->ui));
	stop(p);
	p = play_golden(24, 80);
	press(p, "]]]]]jjj");
	close(p->keyboard);
	p->keyboard = -1;
	assert_false(ui_step(p->ui));
	stop(p);
}

static void a_record_that_is_written_is_seen_live(void **state)
{
	static const char more[] =
		"{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"RDY\",\"urc\":true,\"t\":2.5}\n";
	static const char result[] =
		"{\"type\":\"result\",\"outcome\":\"success\",\"exit\":0,\"step\":\"verify\",\"message\":\"m\",\"t\":3.0}\n";
	static const char closed[] = "{\"type\":\"closed\",\"text\":\"given up\"}\n";
	char path[] = "/tmp/dfota-replay-XXXXXX";
	static const char begin[] =
		"{\"type\":\"header\",\"format\":1,\"program\":\"dfota 0.1.0\",\"job\":\"upgrade\",\"port\":\"/dev/ttyACM3\"}\n"
		"{\"type\":\"step\",\"step\":\"install\",\"state\":\"begin\",\"cancel\":\"refused\",\"t\":1.0}\n";
	int fd = mkstemp(path);
	struct player *p;

	(void)state;
	assert_int_equal(write(fd, begin, strlen(begin)), strlen(begin));
	assert_int_equal(flock(fd, LOCK_EX), 0);
	p = play_file(&usual, path);
	assert_sees("live");
	assert_sees(">Install");
	let_pass(p, 2000);
	assert_sees("no byte yet, 3 s");
	assert_int_equal(write(fd, more, strlen(more)), strlen(more));
	let_pass(p, 750);
	assert_sees("< RDY");
	assert_int_equal(write(fd, result, strlen(result)), strlen(result));
	let_pass(p, 750);
	assert_sees("result: success");
	assert_sees("live");
	assert_int_equal(write(fd, closed, strlen(closed)), strlen(closed));
	let_pass(p, 750);		/* no time runs any more, but it is followed */
	assert_sees("abandoned by the operator");
	press(p, " ");
	assert_sees("stopped");
	close(fd);
	unlink(path);
	stop(p);
}

/* -- what it costs -- */

static void it_is_cheap_on_a_line(void **state)
{
	static const struct {
		speed_t speed;
		size_t limit;
	} rows[] = { { B38400, 2000 }, { B9600, 1500 } };
	struct player *p;
	size_t i, bytes, most = 0;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		p = play_on_a_line(rows[i].speed);
		bytes = bytes_sent(p);
		print_message("first screen at row %zu: %zu B\n", i, bytes);
		assert_in_range(bytes, 1, rows[i].limit);
		stop(p);
	}
	p = play_on_a_line(B9600);
	press(p, "]]]] ");
	let_pass(p, 2000);		/* no more lines: only time and progress */
	bytes_sent(p);
	for (i = 0; i < 20; i++) {
		let_pass(p, 1000);
		bytes = bytes_sent(p);
		most = bytes > most ? bytes : most;
	}
	print_message("a tick while it plays: %zu B at most\n", most);
	assert_in_range(most, 1, 60);
	press(p, " ");
	bytes_sent(p);
	press(p, "\x02");		/* a key that means nothing */
	assert_int_equal(bytes_sent(p), 0);
	stop(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_at_every_size),
		cmocka_unit_test(without_utf8_all_is_ascii),
		cmocka_unit_test(an_error_is_shown_where_it_stands),
		cmocka_unit_test(the_help_page_has_the_keys_of_a_record),
		cmocka_unit_test(what_would_change_something_is_refused),
		cmocka_unit_test(the_result_comes_when_it_is_asked_for),
		cmocka_unit_test(a_filter_and_hits_are_of_the_whole_record),
		cmocka_unit_test(shown_lines_are_written),
		cmocka_unit_test(it_plays_and_stops),
		cmocka_unit_test(a_long_silence_is_said_to_be_cut),
		cmocka_unit_test(a_signal_or_a_lost_terminal_ends_it),
		cmocka_unit_test(a_record_that_is_written_is_seen_live),
		cmocka_unit_test(it_is_cheap_on_a_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

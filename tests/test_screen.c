/*
 * The screen as a whole, driven step by step on a worker that does nothing
 * but hand out the events of the test.
 */
#include "config.h"

#include "screen_fixture.h"

/* -- golden screens -- */

static void the_start_screen(void **state)
{
	struct setup s = usual;
	struct rig *r;

	(void)state;
	s.port = NULL;
	r = rig_new(&s);
	push_ports(r);
	step(r);
	assert_golden("start-80x24");
	rig_close(r);
}

static void a_port_with_a_problem_tells_its_cure(void **state)
{
	struct rig *r = rig_new(&usual);

	(void)state;
	push_ports(r);
	type(r, "1jjj");
	assert_golden("port-problem-80x24");
	rig_close(r);
}

static void probing(void **state)
{
	struct rig *r = rig_new(&usual);

	(void)state;
	push_ports(r);
	type(r, "1\r");
	r->worker.busy = true;
	push_step(r, STEP_IDENTIFY, true, DELIVERY_PULL);
	push_line(r, LINE_TX, "AT", false, false);
	wait_a_bit(r);
	wait_a_bit(r);
	assert_golden("probing-80x24");
	rig_close(r);
}

static void a_transfer_at_every_size(void **state)
{
	static const struct {
		int lines, columns;
		const char *golden;
	} rows[] = {
		{ 24, 80, "transfer-80x24" },
		{ 40, 120, "transfer-120x40" },
		{ 18, 60, "transfer-60x18" },
		{ 12, 40, "transfer-40x12" },
		{ 6, 24, "transfer-24x6" },
		{ 1, 1, "transfer-1x1" },
	};
	struct setup s;
	struct rig *r;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		s = sized(rows[i].lines, rows[i].columns);
		r = rig_new(&s);
		play_transfer(r);
		assert_golden(rows[i].golden);
		rig_close(r);
	}
}

static void a_step_that_is_left_out_is_not_shown(void **state)
{
	struct setup s = sized(24, 80);
	struct rig *r = rig_new(&s);

	(void)state;
	type(r, "s");
	push_step(r, STEP_CHECK, true, DELIVERY_PUSH);
	step(r);
	assert_sees("Identify  >Check  Prepare");
	push_step(r, STEP_CHECK, false, DELIVERY_PUSH);
	push_step(r, STEP_FETCH, true, DELIVERY_PUSH);
	step(r);
	assert_sees("Identify  Check* >Fetch  Prepare");
	rig_close(r);
}

static void the_folded_screen_opens_the_pane_in_hand(void **state)
{
	struct setup s = sized(18, 60);
	struct rig *r = rig_new(&s);

	(void)state;
	play_transfer(r);
	type(r, "2");
	assert_golden("package-60x18");
	rig_close(r);
}

static void without_utf8_lines_are_ascii(void **state)
{
	struct setup s = sized(24, 80);
	struct rig *r;

	(void)state;
	s.locale = "C";
	r = rig_new(&s);
	play_transfer(r);
	push_line(r, LINE_RX, "gr\xc3\xbc\xc3\x9f", false, false);
	wait_a_bit(r);
	assert_golden("ascii-80x24");
	rig_close(r);
}

static void the_ascii_option_does_the_same(void **state)
{
	struct setup s = sized(24, 80);
	struct rig *r;

	(void)state;
	s.ascii = true;
	r = rig_new(&s);
	play_transfer(r);
	push_line(r, LINE_RX, "gr\xc3\xbc\xc3\x9f", false, false);
	wait_a_bit(r);
	assert_golden("ascii-80x24");
	rig_close(r);
}

static void wide_letters_keep_the_frame_straight(void **state)
{
	struct rig *r = rig_new(&usual);
	char text[256] = "";
	int i;

	(void)state;
	for (i = 0; i < 40; i++)
		strcat(text, "\xe6\xa8\xa1");
	push_line(r, LINE_RX, text, false, false);
	push_line(r, LINE_RX, "x\xe6\xa8\xa1\xe5\x9d\x97y", false, false);
	wait_a_bit(r);
	assert_golden("wide-80x24");
	rig_close(r);
}

static void the_question(void **state)
{
	struct setup s = sized(24, 80);
	struct rig *r = rig_new(&s);

	(void)state;
	play_transfer(r);
	push_question(r);
	step(r);
	assert_golden("question-80x24");
	rig_close(r);
}

static void the_install(void **state)
{
	struct setup s = sized(24, 80);
	struct rig *r = rig_new(&s);

	(void)state;
	play_install(r);
	push_notice(r, SEVERITY_WARNING, "no byte for 60 s; that is usual while it writes");
	r->worker.now_ms += 61000;
	wait_a_bit(r);
	assert_golden("install-80x24");
	rig_close(r);
}

static void a_refused_cancel_explains_itself(void **state)
{
	struct setup s = sized(24, 80);
	struct rig *r = rig_new(&s);

	(void)state;
	play_install(r);
	type(r, "c");
	assert_golden("refused-80x24");
	rig_close(r);
}

static void a_success_is_a_page(void **state)
{
	struct setup s = sized(24, 80);
	struct rig *r = rig_new(&s);
	struct event ev = result_event(OUTCOME_SUCCESS);

	(void)state;
	play_install(r);
	push(r, &ev);
	r->worker.busy = false;
	step(r);
	assert_golden("success-80x24");
	wait_a_bit(r);
	type(r, " ");
	assert_sees("The module runs the new firmware");	/* in pane 4 */
	assert_false(sees("Record"));
	type(r, "4\r");
	assert_golden("success-80x24");
	assert_int_equal(rig_close(r), 0);
}

static void a_failure_is_a_page_not_a_number(void **state)
{
	struct setup s = sized(24, 80);
	struct rig *r = rig_new(&s);
	struct event ev = result_event(OUTCOME_UNCHANGED);

	(void)state;
	play_transfer(r);
	ev.result.step = STEP_TRANSFER;
	ev.result.phase = PHASE_TRANSFER;
	ev.result.code = (struct code){ true, "http", 714, "DNS error", "BG96" };
	strcpy(ev.result.message, "the module could not download the package");
	strcpy(ev.result.advice, "");
	strcpy(ev.result.now, "UG96LNAR02A06E1G");
	push(r, &ev);
	r->worker.busy = false;
	step(r);
	assert_golden("failure-80x24");
	assert_int_equal(rig_close(r), 10);
}

static void the_help_page_is_made_of_the_table(void **state)
{
	struct rig *r = rig_new(&usual);
	unsigned a;

	(void)state;
	type(r, "?");
	assert_golden("help-80x24");
	for (a = 0; a < ACTION_COUNT; a++) {
		while (!sees(action_info((enum action)a)->help) && sees("more:")) {
			char before[64], after[64];

			mvinnstr(2, 0, before, 40);
			send_bytes(r, "\033OB");
			mvinnstr(2, 0, after, 40);
			if (!strcmp(before, after))
				break;
		}
	}
	type(r, "x");
	assert_sees("4 Upgrade");
	rig_close(r);
}

static void a_filter_shows_its_lines_and_hits_show_their_place(void **state)
{
	struct setup s = sized(24, 80);
	struct rig *r = rig_new(&s);

	(void)state;
	play_install(r);
	type(r, "/qind");
	assert_sees("Show lines with: qind");
	type(r, "\r");
	assert_golden("filter-80x24");
	type(r, "n");
	assert_sees("all  9 of 9  held");
	assert_sees("reverse:   12.811 < +QIND: \"FOTA\",\"START\"");
	type(r, "e");
	assert_sees("reverse:   12.060 <!+CME ERROR: 3");
	type(r, "u");
	assert_sees("URC  2 of 9");
	rig_close(r);
}

static void the_hex_view_shows_exact_bytes(void **state)
{
	struct setup s = sized(24, 80);
	struct rig *r = rig_new(&s);

	(void)state;
	play_transfer(r);
	type(r, "3x");
	assert_golden("hex-80x24");
	type(r, "l");
	assert_sees("2c 33 30 37 32 30 30 2c 36 30 0d 0a");
	rig_close(r);
}

static void a_held_log_counts_what_arrives(void **state)
{
	struct setup s = sized(24, 80);
	struct rig *r = rig_new(&s);
	int i;

	(void)state;
	play_transfer(r);
	type(r, " ");
	for (i = 0; i < 28; i++)
		push_line(r, LINE_RX, "A", false, false);
	wait_a_bit(r);
	assert_sees("all  35 of 35  held +28");
	assert_sees("12.031 > AT+CGMR");
	assert_false(sees("< A"));
	type(r, " ");
	assert_sees("follow");
	assert_sees("< A");
	rig_close(r);
}

/* -- the keyboard alone -- */

static void an_ftp_upgrade_is_set_up_from_the_keyboard(void **state)
{
	struct rig *r = rig_new(&usual);
	const struct request *run;

	(void)state;
	push_ports(r);
	type(r, "2j\r192.0.2.7/ug96.bin\rj\rfield\tgeheim");	/* Tab goes on to the password */
	assert_false(sees("geheim"));
	type(r, "\r");
	assert_golden("ftp-80x24");
	type(r, "s");
	run = last_request(r, REQUEST_RUN);
	assert_int_equal(run->plan.job, JOB_UPGRADE);
	assert_int_equal(run->plan.delivery, DELIVERY_PULL);
	assert_string_equal(run->plan.port, "/dev/ttyACM3");
	assert_string_equal(run->plan.url, "ftp://192.0.2.7/ug96.bin");
	assert_string_equal(run->plan.user, "field");
	assert_string_equal(run->plan.password, "geheim");
	assert_false(run->plan.assume_yes);
	rig_close(r);
}

static void an_http_upgrade_is_set_up_from_the_keyboard(void **state)
{
	struct rig *r = rig_new(&usual);
	const struct request *run;

	(void)state;
	type(r, "2l");
	assert_sees("( ) FTP (*) HTTP ( ) Local file");
	type(r, "j\rexample.org/ug96.bin\rG\rUG96LNAR02A08E1G\rs");
	run = last_request(r, REQUEST_RUN);
	assert_string_equal(run->plan.url, "http://example.org/ug96.bin");
	assert_string_equal(run->plan.target, "UG96LNAR02A08E1G");
	rig_close(r);
}

static void a_local_file_is_set_up_from_the_keyboard(void **state)
{
	struct rig *r = rig_new(&usual);
	char path[] = "/tmp/dfota-screen-XXXXXX", half[sizeof(path)];
	int fd = mkstemp(path);

	(void)state;
	assert_int_equal(ftruncate(fd, 307200), 0);
	close(fd);
	snprintf(half, sizeof(half), "%.*s", (int)sizeof(path) - 4, path);
	type(r, "2hj\r");
	type(r, half);
	type(r, "\t\r");
	assert_sees(path);
	assert_sees("307,200 B");
	assert_sees("(*) by wire ( ) publish");
	type(r, "s");
	assert_string_equal(last_request(r, REQUEST_RUN)->plan.file, path);
	assert_int_equal(last_request(r, REQUEST_RUN)->plan.delivery, DELIVERY_PUSH);
	unlink(path);
	rig_close(r);
}

static void a_relay_is_set_up_from_the_keyboard(void **state)
{
	struct rig *r = rig_new(&usual);
	const struct request *run;

	(void)state;
	type(r, "2j\r\025https://example.org/ug96.bin\r");
	assert_sees("( ) FTP (*) HTTP ( ) Local file");
	assert_sees("Deliver  (*) module downloads ( ) by wire");
	type(r, "jjjl");
	assert_sees("Deliver  ( ) module downloads (*) by wire");
	assert_golden("relay-80x24");
	type(r, "s");
	run = last_request(r, REQUEST_RUN);
	assert_true(run->plan.relay);
	assert_int_equal(run->plan.delivery, DELIVERY_PUSH);
	assert_string_equal(run->plan.url, "https://example.org/ug96.bin");
	type(r, "l");	/* fixed while it runs */
	assert_sees("Deliver  ( ) module downloads (*) by wire");
	rig_close(r);
}

static void publishing_is_set_up_from_the_keyboard(void **state)
{
	static const struct {
		int lines, columns;
		const char *golden;
	} rows[] = { { 24, 80, "publish-80x24" }, { 18, 60, "publish-60x18" } };
	const struct request *run;
	struct setup s;
	struct rig *r;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		s = sized(rows[i].lines, rows[i].columns);
		r = rig_new(&s);
		push_ports(r);
		type(r, "2jj\r");		/* Deliver */
		assert_sees("( ) by wire (*) publish");
		type(r, "s");
		assert_sees("not now: name the Publish URL first");
		type(r, "j\r192.0.2.7/put/ug96.bin\tfield\tgeh");
		assert_sees("Password ******");
		type(r, "eim\rj\r");	/* and Overwrite */
		assert_sees("Overwrite ( ) no (*) yes");
		assert_golden(rows[i].golden);
		type(r, "s");
		run = last_request(r, REQUEST_RUN);
		assert_int_equal(run->plan.delivery, DELIVERY_PULL);
		assert_string_equal(run->plan.file, s.file);
		assert_string_equal(run->plan.url, "");
		assert_string_equal(run->plan.publish, "ftp://192.0.2.7/put/ug96.bin");
		assert_string_equal(run->plan.user, "field");
		assert_string_equal(run->plan.password, "geheim");
		assert_true(run->plan.overwrite);
		rig_close(r);
	}
}

static void a_login_in_the_publish_url_is_sent_to_its_fields(void **state)
{
	struct setup s = sized(24, 80);
	struct rig *r = rig_new(&s);

	(void)state;
	type(r, "2jjlj\ru:geheim@h/f\r");
	assert_sees("have fields of their own");
	type(r, "\003");
	assert_false(sees("geheim"));
	rig_close(r);
}

/* Neither drawn while it is typed, nor brought back by any field. */
static void a_password_is_never_shown_and_never_remembered(void **state)
{
	struct rig *r = rig_new(&usual);
	static const char keys[] = "geheim";
	char key[2] = "";
	size_t i;

	(void)state;
	type(r, "2j\r192.0.2.7/x.bin\t\025field\t");
	for (i = 0; keys[i]; i++) {
		key[0] = keys[i];
		type(r, key);
		assert_sees("Password ******");
		assert_false(sees("geh") || sees("g*") || sees("******m"));
	}
	type(r, "\r\r");
	for (i = 0; i < 4; i++) {
		send_bytes(r, "\033OA");
		assert_false(sees("geh"));
	}
	type(r, "\003k\r");		/* User has a history, and it is not there */
	for (i = 0; i < 4; i++) {
		send_bytes(r, "\033OA");
		assert_false(sees("geh"));
	}
	type(r, "\003s");
	assert_string_equal(last_request(r, REQUEST_RUN)->plan.password, "geheim");
	rig_close(r);
}

/* -- the browser -- */

static char state_home[] = "/tmp/dfota-state-XXXXXX";

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *at)
{
	(void)st;
	(void)flag;
	(void)at;
	return remove(path);
}

/* Nothing was upgraded yet. */
static void forget_packages(void)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/dfota/recent", state_home);
	unlink(path);
}

static void make_file(const char *directory, const char *name, off_t size)
{
	const struct timespec times[2] = { { 1710152100, 0 }, { 1710152100, 0 } };	/* 2024-03-11 10:15 */
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		fail_msg("%s: %s", path, strerror(errno));
	assert_int_equal(ftruncate(fd, size) | futimens(fd, times), 0);
	close(fd);
}

/* A home directory with packages. */
static void make_packages(char *home)
{
	static const char *const names[] = {
		"ug96-06-07.bin", "ug96-06-08.bin.manifest", "ug96-a-name-so-long-that-it-is-cut-on-every-screen-06-09.bin",
		"evil\033[2J\xe2\x80\xaename.bin", "manual.pdf",
	};
	char path[256];
	size_t i;

	assert_non_null(mkdtemp(home));
	setenv("HOME", home, 1);
	setenv("TZ", "UTC", 1);
	snprintf(path, sizeof(path), "%s/old", home);
	assert_int_equal(mkdir(path, 0700), 0);
	make_file(home, "old/ug96-05-06.bin", 298000);
	make_file(home, "ug96-06-08.bin", 307200);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		make_file(home, names[i], (off_t)(i * 1000000));
}

static void remove_packages(const char *home)
{
	nftw(home, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void a_package_is_chosen_in_the_browser(void **state)
{
	static const struct {
		int lines, columns;
		const char *golden;
	} rows[] = { { 24, 80, "browser-80x24" }, { 18, 60, "browser-60x18" }, { 12, 40, "browser-40x12" } };
	char home[32], file[64], want[64];
	struct setup s;
	struct rig *r;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		strcpy(home, "/tmp/dfota-home-XXXXXX");
		make_packages(home);
		forget_packages();
		snprintf(file, sizeof(file), "%s/old/ug96-05-06.bin", home);
		s = sized(rows[i].lines, rows[i].columns);
		s.file = file;
		r = rig_new(&s);
		type(r, "2s");			/* it is recent from now on */
		last_request(r, REQUEST_RUN);
		push(r, &(struct event){ .type = EVENT_RESULT, .result = { .stop = ERR_BUSY } });
		wait_a_bit(r);
		wait_a_bit(r);
		type(r, " 2o");
		assert_sees("> ug96-05-06.bin");
		send_bytes(r, "\177");		/* up */
		assert_sees("> old/");
		type(r, "jjjj");
		assert_golden(rows[i].golden);
		type(r, "\r");
		assert_false(sees("Package file"));
		snprintf(want, sizeof(want), "%s/ug96-06-08.bin", home);
		type(r, "s");
		assert_string_equal(last_request(r, REQUEST_RUN)->plan.file, want);
		rig_close(r);
		remove_packages(home);
	}
}

static void the_browser_is_left_without_a_choice(void **state)
{
	static const char *const keys[] = { "q", "\003", "\007" };
	struct setup s = sized(24, 80);
	struct rig *r = rig_new(&s);
	size_t i;

	(void)state;
	type(r, "1o");
	assert_false(sees("Package file"));	/* the key is one of pane 2 */
	type(r, "2");
	assert_sees("o browse");
	for (i = 0; i < 3; i++) {
		type(r, "o");
		assert_sees("Package file");
		send_bytes(r, "\r\rqq");		/* a burst chooses nothing */
		assert_sees("Package file");
		type(r, "jjGgkbfhx");
		type(r, keys[i]);
		assert_false(sees("Package file"));
		assert_sees("/nonexistent/ug96-06-08.bin");
	}
	assert_true(r->open);
	assert_int_equal(r->worker.request_count, 0);
	rig_close(r);
}

static void only_packages_of_real_upgrades_are_recent(void **state)
{
	char home[] = "/tmp/dfota-home-XXXXXX", file[64], recent[64];
	struct setup s = sized(24, 80);
	struct rig *r;

	(void)state;
	make_packages(home);
	forget_packages();
	snprintf(file, sizeof(file), "%s/ug96-06-08.bin", home);
	snprintf(recent, sizeof(recent), "%s/dfota/recent", state_home);
	s.file = file;
	s.demo = true;
	r = rig_new(&s);
	type(r, "s");
	last_request(r, REQUEST_RUN);
	rig_close(r);
	assert_int_equal(access(recent, F_OK), -1);
	s.demo = false;
	r = rig_new(&s);
	type(r, "1\r");			/* identified, not upgraded */
	last_request(r, REQUEST_RUN);
	rig_close(r);
	assert_int_equal(access(recent, F_OK), -1);
	r = rig_new(&s);
	type(r, "s");
	rig_close(r);
	assert_int_equal(unlink(recent), 0);
	remove_packages(home);
}

static void a_missing_file_is_said_at_once(void **state)
{
	struct setup s = sized(24, 80);
	struct rig *r = rig_new(&s);

	(void)state;
	assert_sees("file: No such file or directory");
	rig_close(r);
}

static void a_login_in_a_url_is_sent_to_its_fields(void **state)
{
	struct rig *r = rig_new(&usual);

	(void)state;
	type(r, "2j\ru:geheim@h/f\r");
	assert_sees("have fields of their own");
	assert_false(r->worker.request_count);
	type(r, "\003");	/* leaves the field as it was */
	assert_false(sees("geheim"));
	assert_sees("(of the package)");
	rig_close(r);
}

static void a_port_is_chosen_and_identified(void **state)
{
	struct setup s = usual;
	struct event ev = result_event(OUTCOME_READY);
	struct rig *r;

	(void)state;
	s.port = NULL;
	r = rig_new(&s);
	push_ports(r);
	type(r, "s");
	assert_sees("not now: choose a port first");
	type(r, "j\r");
	assert_string_equal(last_request(r, REQUEST_RUN)->plan.port, "/dev/ttyUSB0");
	assert_int_equal(last_request(r, REQUEST_RUN)->plan.job, JOB_PROBE);
	r->worker.busy = true;
	push_identity(r, "UG96LNAR02A06E1G");
	ev.result.job = JOB_PROBE;
	ev.result.now[0] = '\0';
	push(r, &ev);
	r->worker.busy = false;
	step(r);
	assert_sees("dfota   UG96LNAR02A06E1G on /dev/ttyACM3");
	assert_sees("All checks passed");
	rig_close(r);
}

static void a_port_can_be_typed(void **state)
{
	struct setup s = usual;
	struct rig *r;

	(void)state;
	s.port = NULL;
	r = rig_new(&s);
	type(r, "\r");
	assert_sees("Path of the port: /dev/");
	type(r, "\025tcp:localhost:7000\r");
	assert_string_equal(last_request(r, REQUEST_RUN)->plan.port, "tcp:localhost:7000");
	assert_sees("> tcp:localhost:7000");
	rig_close(r);
}

static void an_at_command_can_be_typed_while_nothing_runs(void **state)
{
	struct setup s = sized(24, 80);
	struct rig *r = rig_new(&s);

	(void)state;
	type(r, ":+CSQ\r");
	assert_string_equal(last_request(r, REQUEST_AT)->text, "AT+CSQ");
	assert_string_equal(last_request(r, REQUEST_AT)->plan.port, "/dev/ttyACM3");
	play_install(r);
	r->worker.request_count = 0;
	type(r, ":");
	assert_sees("not now: nothing may be sent while the module installs");
	assert_int_equal(r->worker.request_count, 0);
	rig_close(r);
}

static void a_typed_command_lets_a_held_log_follow(void **state)
{
	struct setup s = sized(24, 80);
	struct rig *r = rig_new(&s);
	int i;

	(void)state;
	for (i = 0; i < 28; i++)
		push_line(r, LINE_RX, "A", false, false);
	wait_a_bit(r);
	type(r, " :+CSQ\r");
	push_line(r, LINE_RX, "+CSQ: 18,99", false, false);
	wait_a_bit(r);
	assert_sees("follow");
	assert_sees("< +CSQ: 18,99");
	rig_close(r);
}

static void a_package_is_forgotten_when_its_fields_change(void **state)
{
	static const char *const changes[] = {
		"gl",			/* another source */
		"gjjjjl",		/* another way of delivery */
		"gj\rx\r",		/* another name */
	};
	struct event ev = { .type = EVENT_PACKAGE };
	size_t i;

	(void)state;
	ev.package = (struct package_info){ .name = "ug96-06-08.bin", .size = 307200, .sha256 = "9f2c41d06a7be813",
					    .from = "UG96LNAR02A06E1G", .to = "UG96LNAR02A08E1G" };
	for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		struct setup s = usual;
		struct rig *r;

		s.url = "ftp://192.0.2.7/ug96-06-08.bin";
		r = rig_new(&s);
		push(r, &ev);
		step(r);
		assert_sees("307,200 B  06E1G -> 08E1G  sha256 9f2c41..");
		type(r, "2gj\r\r");	/* edited, but nothing changed */
		assert_sees("sha256 9f2c41..");
		type(r, changes[i]);
		if (sees("sha256") || sees("307,200"))
			fail_msg("change %zu: the package is still there", i);
		rig_close(r);
	}
}

static void what_is_shown_is_written_but_nothing_overwritten(void **state)
{
	struct rig *r = rig_new(&usual);
	char path[] = "/tmp/dfota-lines-XXXXXX", text[256];
	struct stat st;
	FILE *f;

	(void)state;
	close(mkstemp(path));
	play_install(r);
	type(r, "/qind\r");
	type(r, "w");
	type(r, path);
	type(r, "\r");
	assert_sees("exists: give another name");
	unlink(path);
	type(r, "w");
	type(r, path);
	type(r, "\r");
	assert_sees("2 lines written to");
	f = fopen(path, "r");
	assert_non_null(f);
	assert_non_null(fgets(text, sizeof(text), f));
	assert_string_equal(text, "  12.811 < +QIND: \"FOTA\",\"START\"\n");
	assert_non_null(fgets(text, sizeof(text), f));
	assert_null(fgets(text, sizeof(text), f));
	assert_int_equal(fstat(fileno(f), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	fclose(f);
	unlink(path);
	rig_close(r);
}

/* -- the gate -- */

static struct rig *at_the_question(void)
{
	struct setup s = sized(24, 80);
	struct rig *r = rig_new(&s);

	push_ports(r);
	type(r, "s");
	r->worker.busy = true;
	push_step(r, STEP_PREPARE, true, DELIVERY_PUSH);
	push_question(r);
	step(r);
	r->worker.request_count = 0;
	return r;
}

static void a_typed_yes_answers_the_question(void **state)
{
	struct rig *r = at_the_question();

	(void)state;
	wait_a_bit(r);
	type(r, "yes\r");
	assert_int_equal(r->worker.request_count, 1);
	assert_true(last_request(r, REQUEST_ANSWER)->yes);
	rig_close(r);
}

static void what_is_not_a_typed_yes_never_counts(void **state)
{
	/* each row arrives in one read; then Enter alone */
	static const char *const rows[] = { "yes", "yes\r", "y\r", "\033[200~yes\033[201~", "xxxxyes\r\r\ryes\r" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct rig *r = at_the_question();

		wait_a_bit(r);
		send_bytes(r, rows[i]);
		assert_sees("Pasted text does not count");
		type(r, "\r");
		if (r->worker.request_count)
			fail_msg("row %zu sent a request", i);
		type(r, "y");
		send_bytes(r, "es");
		type(r, "\r");
		type(r, "YES\ryes \rja\r");
		assert_sees("Only the word yes starts it; Esc or no leaves.");
		assert_int_equal(r->worker.request_count, 0);
		type(r, "yes\r");
		assert_true(last_request(r, REQUEST_ANSWER)->yes);
		rig_close(r);
	}
}

static void keys_meant_for_the_panes_do_not_answer(void **state)
{
	struct rig *r = at_the_question();

	(void)state;
	type(r, "yes\r");	/* within the first half second */
	assert_int_equal(r->worker.request_count, 0);
	wait_a_bit(r);
	type(r, "\r");
	assert_int_equal(r->worker.request_count, 0);
	rig_close(r);
}

static void a_question_that_cannot_be_seen_cannot_be_answered(void **state)
{
	struct setup s = sized(1, 1);
	struct rig *r = rig_new(&s);
	struct event result = result_event(OUTCOME_STOPPED);

	(void)state;
	type(r, "s");
	push_question(r);
	wait_a_bit(r);
	wait_a_bit(r);
	r->worker.request_count = 0;
	type(r, "yes\r");
	assert_int_equal(r->worker.request_count, 0);
	type(r, "\003");
	assert_false(last_request(r, REQUEST_ANSWER)->yes);
	push(r, &result);
	wait_a_bit(r);
	wait_a_bit(r);
	type(r, " q");
	assert_false(r->open);
	rig_close(r);
}

static void no_and_ctrl_c_say_no(void **state)
{
	static const struct {
		const char *keys;
		bool at_once;	/* pasted */
	} rows[] = {
		{ "no\r", false }, { "\003", false }, { "yes\003", false }, { "\033", false },
		{ "no\r", true }, { "yes\003", true },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct rig *r = at_the_question();

		wait_a_bit(r);
		if (rows[i].at_once)
			send_bytes(r, rows[i].keys);
		else
			type(r, rows[i].keys);
		assert_false(last_request(r, REQUEST_ANSWER)->yes);
		rig_close(r);
	}
}

static void a_pasted_no_counts_once_enter_is_pressed(void **state)
{
	struct rig *r = at_the_question();

	(void)state;
	wait_a_bit(r);
	send_bytes(r, "no");
	assert_int_equal(r->worker.request_count, 0);
	type(r, "\r");
	assert_false(last_request(r, REQUEST_ANSWER)->yes);
	rig_close(r);
}

static void a_burst_of_keys_starts_nothing(void **state)
{
	struct setup s = sized(24, 80);
	struct rig *r = rig_new(&s);

	(void)state;
	send_bytes(r, "sss\r:AT\rq");
	assert_true(r->open);
	assert_int_equal(r->worker.request_count, 0);
	send_bytes(r, "\033OB");	/* an arrow is one key */
	type(r, "s");
	assert_int_equal(r->worker.request_count, 1);
	rig_close(r);
}

/* -- cancel, quit, signals, hang-up -- */

static void cancel_means_what_the_step_says(void **state)
{
	static const struct {
		enum step step;
		enum delivery delivery;
		const char *keys;	/* after c */
		int request;		/* -1: none */
	} rows[] = {
		{ STEP_CHECK, DELIVERY_PUSH, "", REQUEST_CANCEL },
		{ STEP_TRANSFER, DELIVERY_PUSH, "y", REQUEST_CANCEL },
		{ STEP_TRANSFER, DELIVERY_PUSH, "n", -1 },
		{ STEP_TRANSFER, DELIVERY_PUSH, "\r", -1 },
		{ STEP_TRANSFER, DELIVERY_PULL, "y", REQUEST_DETACH },
		{ STEP_INSTALL, DELIVERY_PUSH, "y\r", -1 },
		{ STEP_INSTALL, DELIVERY_PUSH, "yes\r", -1 },
		{ STEP_INSTALL, DELIVERY_PUSH, "detach\r", REQUEST_DETACH },
		{ STEP_RESTART, DELIVERY_PULL, "y", REQUEST_DETACH },
	};
	struct setup s = sized(24, 80);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct rig *r = rig_new(&s);

		type(r, "s");
		r->worker.busy = true;
		push_step(r, rows[i].step, true, rows[i].delivery);
		step(r);
		r->worker.request_count = 0;
		type(r, i % 2 ? "\003" : "c");
		type(r, rows[i].keys);
		if (rows[i].request < 0 ? r->worker.request_count != 0 :
		    r->worker.request_count != 1 || (int)r->worker.requests[0].type != rows[i].request)
			fail_msg("row %zu: %zu requests, the first %d", i, r->worker.request_count,
				 (int)r->worker.requests[0].type);
		assert_true(r->open);
		rig_close(r);
	}
}

static void quit_leaves_at_once_when_nothing_runs(void **state)
{
	struct rig *r = rig_new(&usual);

	(void)state;
	type(r, "q");
	assert_false(r->open);
	assert_int_equal(rig_close(r), 0);
}

static void quit_during_a_job_waits_for_its_result(void **state)
{
	struct setup s = sized(24, 80);
	struct rig *r = rig_new(&s);
	struct event ev = result_event(OUTCOME_UNCHANGED);

	(void)state;
	play_transfer(r);
	r->worker.request_count = 0;
	type(r, "qy");
	last_request(r, REQUEST_CANCEL);
	assert_true(r->open);
	push(r, &ev);
	step(r);
	assert_false(r->open);
	assert_int_equal(rig_close(r), 10);
}

static void send_signal(struct rig *r, int number)
{
	struct signalfd_siginfo info = { .ssi_signo = (uint32_t)number };

	assert_int_equal(write(r->signals, &info, sizeof(info)), sizeof(info));
	step(r);
}

static void a_signal_cancels_and_a_second_one_detaches(void **state)
{
	struct setup s = sized(24, 80);
	struct rig *r = rig_new(&s);
	struct event ev = result_event(OUTCOME_UNKNOWN);

	(void)state;
	play_install(r);
	send_signal(r, SIGTERM);
	last_request(r, REQUEST_CANCEL);
	assert_true(r->open);
	send_signal(r, SIGINT);
	last_request(r, REQUEST_DETACH);
	push(r, &ev);
	step(r);
	assert_false(r->open);
	assert_int_equal(rig_close(r), 12);
}

static void a_signal_ends_an_idle_screen(void **state)
{
	struct rig *r = rig_new(&usual);

	(void)state;
	send_signal(r, SIGTERM);
	assert_false(r->open);
	assert_int_equal(r->worker.request_count, 0);
	rig_close(r);
}

static void hang_up(struct rig *r)
{
	close(r->keyboard);
	r->keyboard = -1;
	step(r);
}

static void a_lost_terminal_in_preflight_cancels_and_leaves(void **state)
{
	struct setup s = sized(24, 80);
	struct rig *r = rig_new(&s);

	(void)state;
	type(r, "s");
	r->worker.busy = true;
	push_step(r, STEP_CHECK, true, DELIVERY_PUSH);
	step(r);
	hang_up(r);
	last_request(r, REQUEST_CANCEL);
	assert_false(r->open);
	assert_int_equal(rig_close(r), 130);
}

static void a_lost_terminal_when_idle_just_leaves(void **state)
{
	struct rig *r = rig_new(&usual);

	(void)state;
	hang_up(r);
	assert_false(r->open);
	assert_int_equal(r->worker.request_count, 0);
	assert_int_equal(rig_close(r), 0);
}

static void a_lost_terminal_later_does_not_stop_the_watch(void **state)
{
	struct setup s = sized(24, 80);
	struct event ev = result_event(OUTCOME_SUCCESS);
	int by_signal;

	(void)state;
	for (by_signal = 0; by_signal < 2; by_signal++) {
		struct rig *r = rig_new(&s);

		play_transfer(r);
		r->worker.request_count = 0;
		if (by_signal)
			send_signal(r, SIGHUP);
		else
			hang_up(r);
		assert_true(r->open);
		last_request(r, REQUEST_LOST);
		push_step(r, STEP_INSTALL, true, DELIVERY_PUSH);
		push_line(r, LINE_RX, "+QIND: \"FOTA\",\"START\"", true, false);
		send_signal(r, SIGHUP);
		assert_true(r->open);
		assert_int_equal(r->worker.request_count, 1);	/* it is said once, and nothing else */
		push(r, &ev);
		step(r);
		assert_false(r->open);
		assert_int_equal(rig_close(r), 0);
	}
}

/* -- sizes -- */

static void any_size_is_survived(void **state)
{
	struct setup s = sized(24, 80);
	struct rig *r = rig_new(&s);
	int lines, columns;

	(void)state;
	play_install(r);
	push_notice(r, SEVERITY_WARNING, "a notice that is long enough to be wrapped over more than one row of a pane");
	for (lines = 1; lines < 45; lines += lines < 8 ? 1 : 5)
		for (columns = 1; columns < 135; columns += columns < 12 ? 1 : 7) {
			resizeterm(lines, columns);
			wait_a_bit(r);
			type(r, "\tc\003?/x");
			wait_a_bit(r);
			type(r, "\003 2");
			assert_true(r->open);
		}
	rig_close(r);
}

static void the_browser_survives_any_size(void **state)
{
	struct setup s = sized(24, 80);
	struct rig *r;
	int lines, columns;

	(void)state;
	s.file = "/etc/passwd";
	s.publish = "ftp://192.0.2.7/x";
	r = rig_new(&s);
	type(r, "2");
	for (lines = 1; lines < 45; lines += lines < 8 ? 1 : 5)
		for (columns = 1; columns < 135; columns += columns < 12 ? 1 : 7) {
			resizeterm(lines, columns);
			wait_a_bit(r);
			type(r, "oGkg\003");
			wait_a_bit(r);
			assert_true(r->open);
		}
	rig_close(r);
}

/* -- bytes to the terminal (a real one: a pseudo-terminal) -- */

struct line_rig {
	struct rig *rig;
	int master;
};

static size_t count_output(struct line_rig *l)
{
	char bytes[4096];
	size_t total = 0;
	ssize_t n;

	while ((n = read(l->master, bytes, sizeof(bytes))) > 0)
		total += (size_t)n;
	return total;
}

static struct line_rig on_a_line(speed_t speed, const char *term, const char *locale, const char *publish)
{
	struct setup s = sized(24, 80);
	struct line_rig l = { .master = posix_openpt(O_RDWR | O_NOCTTY) };
	struct termios t;
	int slave;

	assert_true(l.master >= 0);
	assert_int_equal(grantpt(l.master) | unlockpt(l.master), 0);
	slave = open(ptsname(l.master), O_RDWR | O_NOCTTY);
	assert_true(slave >= 0);
	assert_int_equal(tcgetattr(slave, &t), 0);
	cfsetospeed(&t, speed);
	cfsetispeed(&t, speed);
	assert_int_equal(tcsetattr(slave, TCSANOW, &t), 0);
	fcntl(l.master, F_SETFL, O_NONBLOCK);
	s.term = term;
	s.locale = locale;
	s.publish = publish;
	l.rig = rig_open(&s, fdopen(slave, "w"), fdopen(dup(slave), "r"), dup(l.master));
	return l;
}

static void close_line(struct line_rig *l)
{
	rig_close(l->rig);
	close(l->master);
}

static void the_first_screen_is_cheap(void **state)
{
	static const struct {
		speed_t speed;
		const char *term, *locale, *publish;
		size_t limit;
	} rows[] = {
		{ B38400, "vt100", "C", NULL, 2000 },
		{ B38400, "vt100", "C.UTF-8", NULL, 2000 },
		{ B9600, "vt100", "C", NULL, 1500 },
		{ B19200, "vt100", "C.UTF-8", NULL, 1500 },
		{ B38400, "vt100", "C.UTF-8", "ftp://192.0.2.7/put/ug96-06-08.bin", 2000 },
		{ B9600, "vt100", "C.UTF-8", "ftp://192.0.2.7/put/ug96-06-08.bin", 1500 },
	};
	size_t i, bytes;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct line_rig l = on_a_line(rows[i].speed, rows[i].term, rows[i].locale,
						 rows[i].publish);

		push_ports(l.rig);
		wait_a_bit(l.rig);
		bytes = count_output(&l);
		print_message("%s in %s at row %zu: first screen %zu B\n", rows[i].term, rows[i].locale, i, bytes);
		if (bytes > rows[i].limit)
			fail_msg("row %zu: %zu B, more than %zu", i, bytes, rows[i].limit);
		close_line(&l);
	}
}

static void a_progress_tick_is_cheap_and_idle_is_free(void **state)
{
	struct line_rig l = on_a_line(B9600, "vt100", "C.UTF-8", NULL);
	size_t bytes, most = 0, total = 0;
	uint64_t done;

	(void)state;
	play_transfer(l.rig);
	wait_a_bit(l.rig);
	count_output(&l);
	for (done = 117760; done < 307200; done += 2900) {
		push_progress(l.rig, STEP_TRANSFER, UNIT_BYTES, done, 307200);
		wait_a_bit(l.rig);
		bytes = count_output(&l);
		most = bytes > most ? bytes : most;
		total += bytes;
	}
	print_message("a progress tick: %zu B at most, %zu B in the middle\n", most,
		      total / ((307200 - 117760) / 2900));
	assert_true(most <= 60);
	for (done = 0; done < 20; done++) {	/* nothing new but drawing time */
		push_progress(l.rig, STEP_TRANSFER, UNIT_BYTES, 304000, 307200);
		wait_a_bit(l.rig);
		if (done > 0)
			assert_int_equal(count_output(&l), 0);
		count_output(&l);
	}
	close_line(&l);
}

static void a_slow_line_draws_once_a_second_and_keys_at_once(void **state)
{
	struct line_rig l = on_a_line(B9600, "vt100", "C.UTF-8", NULL);

	(void)state;
	play_transfer(l.rig);
	wait_a_bit(l.rig);
	count_output(&l);
	l.rig->worker.now_ms += 500;
	push_progress(l.rig, STEP_TRANSFER, UNIT_BYTES, 150000, 307200);
	step(l.rig);
	assert_int_equal(count_output(&l), 0);
	l.rig->worker.now_ms += 500;
	step(l.rig);
	assert_true(count_output(&l) > 0);

	/* the log waits while a field is edited: the echo comes in 100 ms, that is 96 B */
	type(l.rig, "/");
	count_output(&l);
	push_line(l.rig, LINE_RX, "+QIND: \"FOTA\",\"UPDATING\",50", true, false);
	push_line(l.rig, LINE_RX, "+QIND: \"FOTA\",\"UPDATING\",51", true, false);
	type(l.rig, "q");
	assert_in_range(count_output(&l), 1, 20);
	assert_false(sees("UPDATING"));
	type(l.rig, "\003");
	assert_sees("UPDATING");
	close_line(&l);
}

static void nothing_is_drawn_for_a_terminal_that_takes_nothing(void **state)
{
	struct line_rig l = on_a_line(B38400, "vt100", "C.UTF-8", NULL);
	int i;

	(void)state;
	tcflow(fileno(l.rig->out), TCOOFF);	/* as Ctrl-S does */
	for (i = 0; i < 200; i++) {
		push_line(l.rig, LINE_RX, "+QIND: \"FOTA\",\"UPDATING\",50", true, false);
		l.rig->worker.now_ms += 1000;
		if (l.rig->worker.count > 100)
			step(l.rig);
	}
	send_signal(l.rig, SIGTERM);		/* still answered */
	assert_false(l.rig->open);
	tcflow(fileno(l.rig->out), TCOON);
	close_line(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_start_screen),
		cmocka_unit_test(a_port_with_a_problem_tells_its_cure),
		cmocka_unit_test(probing),
		cmocka_unit_test(a_transfer_at_every_size),
		cmocka_unit_test(a_step_that_is_left_out_is_not_shown),
		cmocka_unit_test(the_folded_screen_opens_the_pane_in_hand),
		cmocka_unit_test(without_utf8_lines_are_ascii),
		cmocka_unit_test(the_ascii_option_does_the_same),
		cmocka_unit_test(wide_letters_keep_the_frame_straight),
		cmocka_unit_test(the_question),
		cmocka_unit_test(the_install),
		cmocka_unit_test(a_refused_cancel_explains_itself),
		cmocka_unit_test(a_success_is_a_page),
		cmocka_unit_test(a_failure_is_a_page_not_a_number),
		cmocka_unit_test(the_help_page_is_made_of_the_table),
		cmocka_unit_test(a_filter_shows_its_lines_and_hits_show_their_place),
		cmocka_unit_test(the_hex_view_shows_exact_bytes),
		cmocka_unit_test(a_held_log_counts_what_arrives),
		cmocka_unit_test(an_ftp_upgrade_is_set_up_from_the_keyboard),
		cmocka_unit_test(an_http_upgrade_is_set_up_from_the_keyboard),
		cmocka_unit_test(a_local_file_is_set_up_from_the_keyboard),
		cmocka_unit_test(a_relay_is_set_up_from_the_keyboard),
		cmocka_unit_test(publishing_is_set_up_from_the_keyboard),
		cmocka_unit_test(a_login_in_the_publish_url_is_sent_to_its_fields),
		cmocka_unit_test(a_password_is_never_shown_and_never_remembered),
		cmocka_unit_test(a_package_is_chosen_in_the_browser),
		cmocka_unit_test(the_browser_is_left_without_a_choice),
		cmocka_unit_test(only_packages_of_real_upgrades_are_recent),
		cmocka_unit_test(the_browser_survives_any_size),
		cmocka_unit_test(a_missing_file_is_said_at_once),
		cmocka_unit_test(a_login_in_a_url_is_sent_to_its_fields),
		cmocka_unit_test(a_port_is_chosen_and_identified),
		cmocka_unit_test(a_port_can_be_typed),
		cmocka_unit_test(an_at_command_can_be_typed_while_nothing_runs),
		cmocka_unit_test(a_typed_command_lets_a_held_log_follow),
		cmocka_unit_test(a_package_is_forgotten_when_its_fields_change),
		cmocka_unit_test(what_is_shown_is_written_but_nothing_overwritten),
		cmocka_unit_test(a_typed_yes_answers_the_question),
		cmocka_unit_test(what_is_not_a_typed_yes_never_counts),
		cmocka_unit_test(keys_meant_for_the_panes_do_not_answer),
		cmocka_unit_test(a_question_that_cannot_be_seen_cannot_be_answered),
		cmocka_unit_test(no_and_ctrl_c_say_no),
		cmocka_unit_test(a_pasted_no_counts_once_enter_is_pressed),
		cmocka_unit_test(a_burst_of_keys_starts_nothing),
		cmocka_unit_test(cancel_means_what_the_step_says),
		cmocka_unit_test(quit_leaves_at_once_when_nothing_runs),
		cmocka_unit_test(quit_during_a_job_waits_for_its_result),
		cmocka_unit_test(a_signal_cancels_and_a_second_one_detaches),
		cmocka_unit_test(a_signal_ends_an_idle_screen),
		cmocka_unit_test(a_lost_terminal_in_preflight_cancels_and_leaves),
		cmocka_unit_test(a_lost_terminal_when_idle_just_leaves),
		cmocka_unit_test(a_lost_terminal_later_does_not_stop_the_watch),
		cmocka_unit_test(any_size_is_survived),
		cmocka_unit_test(the_first_screen_is_cheap),
		cmocka_unit_test(a_progress_tick_is_cheap_and_idle_is_free),
		cmocka_unit_test(a_slow_line_draws_once_a_second_and_keys_at_once),
		cmocka_unit_test(nothing_is_drawn_for_a_terminal_that_takes_nothing),
	};
	int failed;

	if (!mkdtemp(state_home) || setenv("XDG_STATE_HOME", state_home, 1))
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	nftw(state_home, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	return failed;
}

/*
 * The screen as a whole, driven step by step on a worker that does nothing
 * but hand out the events of the test.
 */
#include "config.h"

#include "base/count.h"
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

/* The first run: nothing is there, and each pane says what comes next. */
static void empty_panes_teach(void **state)
{
	static const struct {
		int lines, columns;
		const char *golden;
	} rows[] = {
		{ 24, 80, "empty-80x24" }, { 40, 120, "empty-120x40" }, { 18, 60, "empty-60x18" }, { 12, 40, "empty-40x12" },
	};
	struct event none = { .type = EVENT_PORT };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct setup s = usual;
		struct rig *r;

		s.lines = rows[i].lines;
		s.columns = rows[i].columns;
		s.port = NULL;
		r = rig_new(&s);
		push(r, &none);
		wait_a_bit(r);
		assert_golden(rows[i].golden);
		type(r, "/none\r");
		assert_sees(rows[i].lines > 12 ? "no line holds this text" : "no line holds");
		type(r, "/\025\ru");
		assert_sees("nothing came unasked yet");
		rig_close(r);
	}
}

static void show_a_port_problem(struct rig *r)
{
	push_ports(r);
	type(r, "1jjj");
}

/* A gateway with many modules; each has seven (protocol.md 9). */
static void a_list_of_ports_that_is_cut_says_how_many_more_there_are(void **state)
{
	struct event ev = { .type = EVENT_PORT, .port.count = 112 };
	struct rig *r = rig_new(&usual);

	(void)state;
	for (ev.port.index = 0; ev.port.index < 64; ev.port.index++) {
		snprintf(ev.port.info.path, sizeof(ev.port.info.path), "/dev/ttyUSB%zu", ev.port.index);
		push(r, &ev);
	}
	type(r, "1G");
	assert_sees("48 more: type a path");
	rig_close(r);
}

static void a_port_with_a_problem_tells_its_cure(void **state)
{
	struct rig *r = rig_new(&usual);

	(void)state;
	show_a_port_problem(r);
	assert_golden("port-problem-80x24");
	rig_close(r);
}

static void show_a_probe(struct rig *r)
{
	push_ports(r);
	type(r, "1\r");
	r->worker.busy = true;
	push_step(r, STEP_IDENTIFY, true, ROUTE_DOWNLOAD);
	push_line(r, LINE_TX, "AT", false, false);
	wait_a_bit(r);
	wait_a_bit(r);
}

static void probing(void **state)
{
	struct rig *r = rig_new(&usual);

	(void)state;
	show_a_probe(r);
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
	push_step(r, STEP_CHECK, true, ROUTE_SERIAL);
	step(r);
	assert_sees("Identify  >Check  Prepare");
	push_step(r, STEP_CHECK, false, ROUTE_SERIAL);
	push_step(r, STEP_FETCH, true, ROUTE_SERIAL);
	step(r);
	assert_sees("Identify  Check* >Fetch  Prepare");
	rig_close(r);
}

/* A transfer that broke, and what was done about it. */
static void push_broken_transfer(struct rig *r)
{
	struct event ev = result_event(OUTCOME_UNCHANGED);

	push_progress(r, STEP_TRANSFER, UNIT_BYTES, 54000, 307200);
	push_step_end(r, STEP_TRANSFER, ENDED_FAILED);
	push_step(r, STEP_VERIFY, true, ROUTE_SERIAL);
	wait_a_bit(r);
	assert_sees("Prepare* Transfer! Install  Restart  >Verify");
	push_step_end(r, STEP_VERIFY, ENDED_DONE);
	ev.result.step = STEP_TRANSFER;
	push(r, &ev);
	wait_a_bit(r);
	wait_a_bit(r);
	type(r, "x");
}

static void a_step_is_shown_as_what_it_was(void **state)
{
	struct event ev = result_event(OUTCOME_UNKNOWN);
	struct setup s = sized(24, 80);
	struct rig *r = rig_new(&s);

	(void)state;
	play_transfer(r);
	push_broken_transfer(r);
	assert_sees("Prepare* Transfer! Install  Restart  Verify");	/* nothing after it looks done */
	rig_close(r);
	r = rig_new(&s);
	play_install(r);
	push_step_end(r, STEP_INSTALL, ENDED_UNKNOWN);
	ev.result.step = STEP_INSTALL;
	push(r, &ev);
	wait_a_bit(r);
	wait_a_bit(r);
	type(r, "x");
	assert_sees("Transfer* Install? Restart  Verify");
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

static void show_the_question(struct rig *r)
{
	play_transfer(r);
	push_question(r);
	step(r);
}

static void the_question(void **state)
{
	struct setup s = sized(24, 80);
	struct rig *r = rig_new(&s);

	(void)state;
	show_the_question(r);
	assert_golden("question-80x24");
	rig_close(r);
}

static void show_the_install(struct rig *r)
{
	play_install(r);
	push_notice(r, SEVERITY_WARNING, "no byte for 60 s; that is usual while it writes");
	r->worker.now_ms += 61000;
	wait_a_bit(r);
}

static void the_install(void **state)
{
	struct setup s = sized(24, 80);
	struct rig *r = rig_new(&s);

	(void)state;
	show_the_install(r);
	assert_golden("install-80x24");
	rig_close(r);
}

static void show_a_refused_cancel(struct rig *r)
{
	play_install(r);
	type(r, "c");
}

static void a_refused_cancel_explains_itself(void **state)
{
	struct setup s = sized(24, 80);
	struct rig *r = rig_new(&s);

	(void)state;
	show_a_refused_cancel(r);
	assert_golden("refused-80x24");
	rig_close(r);
}

static void show_a_success(struct rig *r)
{
	struct event ev = result_event(OUTCOME_SUCCESS);

	play_install(r);
	push(r, &ev);
	r->worker.busy = false;
	step(r);
}

static void a_success_is_a_page(void **state)
{
	struct setup s = sized(24, 80);
	struct rig *r = rig_new(&s);

	(void)state;
	show_a_success(r);
	assert_golden("success-80x24");
	wait_a_bit(r);
	type(r, " ");
	assert_sees("The module runs the new firmware");	/* in pane 4 */
	assert_false(sees("Record"));
	type(r, "4\r");
	assert_golden("success-80x24");
	assert_int_equal(rig_close(r), 0);
}

static void show_a_failure(struct rig *r)
{
	struct event ev = result_event(OUTCOME_UNCHANGED);

	play_transfer(r);
	ev.result.step = STEP_TRANSFER;
	ev.result.phase = PHASE_TRANSFER;
	ev.result.code = (struct code){ true, "http", 714, "DNS error", "BG96" };
	message_set(&ev.result.what, MSG_SAID, "text=%s", "the module could not download the package");
	strcpy(ev.result.cause, "the host name is misspelt, or the network's name server does not know it");
	strcpy(ev.result.advice, "check the host name; try the server's IP address instead");
	strcpy(ev.result.now, "UG96LNAR02A06E1G");
	push(r, &ev);
	r->worker.busy = false;
	step(r);
}

static void a_failure_is_a_page_not_a_number(void **state)
{
	struct setup s = sized(24, 80);
	struct rig *r = rig_new(&s);

	(void)state;
	show_a_failure(r);
	assert_golden("failure-80x24");
	assert_int_equal(rig_close(r), 10);
}

/* The pages above, at the sizes they were not seen at: none loses what it must say. */
static void each_page_fits_the_other_sizes(void **state)
{
	static const struct {
		const char *name;
		void (*show)(struct rig *r);
	} pages[] = {
		{ "port-problem", show_a_port_problem }, { "probing", show_a_probe }, { "question", show_the_question },
		{ "install", show_the_install }, { "refused", show_a_refused_cancel }, { "success", show_a_success },
		{ "failure", show_a_failure },
	};
	static const struct {
		int lines, columns;
	} sizes[] = { { 40, 120 }, { 18, 60 }, { 12, 40 } };
	char golden[64];
	struct setup s;
	struct rig *r;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(pages) * COUNT(sizes); i++) {
		s = sized(sizes[i % COUNT(sizes)].lines, sizes[i % COUNT(sizes)].columns);
		r = rig_new(&s);
		pages[i / COUNT(sizes)].show(r);
		snprintf(golden, sizeof(golden), "%s-%dx%d", pages[i / COUNT(sizes)].name, s.columns, s.lines);
		assert_golden(golden);
		rig_close(r);
	}
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

/* -- ports, commands, lines -- */

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

/* As on the command line: it would stand in a history, a record, a title. */
static void a_typed_port_holds_no_login(void **state)
{
	static const char *const typed[] = {
		"tcp:me:secret@host:7000", "rfc2217://secret@host:7000", "telnet:a:secret@[::1]:23", "tcp://x@y:secret@host:1",
	};
	struct setup s = usual;

	(void)state;
	s.port = NULL;
	for (size_t i = 0; i < sizeof(typed) / sizeof(typed[0]); i++) {
		struct rig *r = rig_new(&s);

		type(r, i % 2 ? "\r\025" : "\r");	/* after the proposed /dev/, or in its place */
		type(r, typed[i]);
		type(r, "\r");
		assert_sees("does not belong in the address of a serial");
		assert_false(sees("secret"));
		assert_int_equal(r->worker.request_count, 0);
		type(r, "\r\033[A");	/* nor is it remembered */
		assert_false(sees("secret"));
		rig_close(r);
	}
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

static void the_console_completes_what_it_knows(void **state)
{
	struct setup s = sized(24, 80);
	struct rig *r = rig_new(&s);

	(void)state;
	type(r, ":+cs\t\r");
	assert_string_equal(last_request(r, REQUEST_AT)->text, "AT+CSQ");
	type(r, ":+CG\t");
	assert_sees("AT+CGMR  AT+CGSN  AT+CGREG?");		/* all that go on so */
	type(r, "R\t");
	assert_sees("AT command: AT+CGREG?");
	type(r, "\r:+QWORD=1\r");				/* typed before: known from now on */
	assert_string_equal(last_request(r, REQUEST_AT)->text, "AT+QWORD=1");
	type(r, ":+QW\t");
	assert_sees("AT command: AT+QWORD=1");
	type(r, "\025XY\t\r");				/* nothing to complete */
	assert_string_equal(last_request(r, REQUEST_AT)->text, "XY");
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
	assert_sees("to file: dfota-log-20");	/* typing replaces it */
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

static void a_long_message_is_shown_whole(void **state)
{
	char path[] = "/tmp/dfota-lines-XXXXXX";
	struct setup s = sized(12, 40);
	struct rig *r = rig_new(&s);

	(void)state;
	close(mkstemp(path));
	type(r, "w");
	type(r, path);
	type(r, "\r");
	assert_sees("/tmp/dfota-lines-");
	assert_sees("another name");
	type(r, "j");
	assert_false(sees("another name"));
	unlink(path);
	rig_close(r);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_start_screen),
		cmocka_unit_test(empty_panes_teach),
		cmocka_unit_test(a_list_of_ports_that_is_cut_says_how_many_more_there_are),
		cmocka_unit_test(a_port_with_a_problem_tells_its_cure),
		cmocka_unit_test(probing),
		cmocka_unit_test(a_transfer_at_every_size),
		cmocka_unit_test(a_step_that_is_left_out_is_not_shown),
		cmocka_unit_test(a_step_is_shown_as_what_it_was),
		cmocka_unit_test(the_folded_screen_opens_the_pane_in_hand),
		cmocka_unit_test(without_utf8_lines_are_ascii),
		cmocka_unit_test(the_ascii_option_does_the_same),
		cmocka_unit_test(wide_letters_keep_the_frame_straight),
		cmocka_unit_test(the_question),
		cmocka_unit_test(the_install),
		cmocka_unit_test(a_refused_cancel_explains_itself),
		cmocka_unit_test(a_success_is_a_page),
		cmocka_unit_test(a_failure_is_a_page_not_a_number),
		cmocka_unit_test(each_page_fits_the_other_sizes),
		cmocka_unit_test(the_help_page_is_made_of_the_table),
		cmocka_unit_test(a_filter_shows_its_lines_and_hits_show_their_place),
		cmocka_unit_test(the_hex_view_shows_exact_bytes),
		cmocka_unit_test(a_held_log_counts_what_arrives),
		cmocka_unit_test(a_port_is_chosen_and_identified),
		cmocka_unit_test(a_port_can_be_typed),
		cmocka_unit_test(a_typed_port_holds_no_login),
		cmocka_unit_test(an_at_command_can_be_typed_while_nothing_runs),
		cmocka_unit_test(the_console_completes_what_it_knows),
		cmocka_unit_test(a_typed_command_lets_a_held_log_follow),
		cmocka_unit_test(what_is_shown_is_written_but_nothing_overwritten),
		cmocka_unit_test(a_long_message_is_shown_whole),
		cmocka_unit_test(any_size_is_survived),
	};

	return cmocka_run_group_tests(tests, begin_state_home, end_state_home);
}

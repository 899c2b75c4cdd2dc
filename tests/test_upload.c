/*
 * A package that goes into the module's file store first: AT+QFUPL with
 * acknowledgements and a checksum, then AT+QFOTADL of the file. What goes wrong on
 * the way leaves the firmware as it was, and no file.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "upgrade_fixture.h"

#include "base/count.h"
#include "words.h"

#define NAME "dfota_update.bin"
#define START "AT+QFOTADL=\"/data/ufs/" NAME "\""
#define DELETE "AT+QFDEL=\"" NAME "\""

static void begin(struct run *r, void **state, const char *scenario)
{
	run_init(r, state);
	run_push(r);
	run_family(r, "ec2x");
	r->config.link = LINK_OWN_USB;
	r->config.sim.scenario_text = scenario;
}

static void expect_stop(const struct run *r, enum err_code code)
{
	run_expect(r, OUTCOME_STOPPED);
	assert_int_equal(r->result.stop, code);
	assert_int_equal(r->qfotadl, 0);
}

static unsigned count(const struct run *r, const char *line)
{
	size_t size = strlen(line);
	unsigned found = 0;

	for (const char *at = r->lines; (at = strstr(at, line)); at += size)
		found += (at == r->lines || at[-1] == '\n') && at[size] == '\n';
	return found;
}

static void a_good_one_is_checked_and_installed(void **state)
{
	struct run r;

	begin(&r, state, "");
	run_go(&r);
	run_expect(&r, OUTCOME_SUCCESS);
	assert_non_null(strstr(r.lines, "AT+QFUPL=\"" NAME "\",20003,20,1\n"));
	assert_non_null(strstr(r.notices, "the module has the package: 20,003 bytes"));
	assert_true(strstr(r.lines, "+QFUPL: 20003,") < strstr(r.lines, START));
	assert_int_equal(r.qfotadl, 1);
	assert_int_equal(r.files_left, 0);
	/* the module has deleted it itself */
	assert_int_equal(r.result.settings.count, 1);
	assert_int_equal(r.result.settings.list[0].state, SETTING_PUT_BACK);
}

/* Nothing is installed of what did not arrive whole. */
static void what_goes_wrong_on_the_way_leaves_the_module_as_it_was(void **state)
{
	static const struct {
		const char *scenario, *says;
	} rows[] = {
		{"at ack 1\n\tdrop\n", "has not acknowledged a block for 5 s"},
		{"at ack 3\n\tdrop\n", "has not acknowledged a block for 5 s"},
		{"at ack 19\n\tdrop\n", "has not acknowledged a block for 5 s"},
		{"at ack 2\n\traw \"B\"\n\tdrop\n", "has not acknowledged"},
		{"at ack 2\n\traw \"a\"\n\tdrop\n", "has not acknowledged"},
		{"at ack 2\n\traw \"\\r\\n+X: A\\r\\n\"\n\tdrop\n", "has not acknowledged"},
		{"at ack 5\n\tline ERROR\n\tleave\n", "stopped taking data: ERROR"},
		{"at data 7000\n\tline +CME ERROR: 403\n\tleave\n", "stopped taking data: +CME ERROR: 403"},
		{"at data-end\n\tline +QFUPL: 20003,DEAD\n\tline OK\n\tdrop\n", "got 20,003 bytes with checksum DEAD"},
		{"at data-end\n\tline +QFUPL: 20002,0\n\tline OK\n\tdrop\n", "got 20,002 bytes"},
		{"at data-end\n\tline OK\n\tdrop\n", "without the size and checksum"},
		{"at data-end\n\tline +QFUPL: 20003,12345\n\tline OK\n\tdrop\n", "without the size and checksum"},
		{"at data-end\n\tline +QFUPL: 20003,-1\n\tline OK\n\tdrop\n", "without the size and checksum"},
		{"at data-end\n\tline +CME ERROR: 409\n\tdrop\n", "failed to write the file"},
		{"on AT+QFUPL=*\n\tline +CME ERROR: 420\n", "no space"},
		{"on AT+QFUPL=*\n\tline OK\n", "OK but not CONNECT"},
		{"on AT+QFUPL=*\n\twait 100\n", "did not say CONNECT"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct run r;

		begin(&r, state, rows[i].scenario);
		run_go(&r);
		if (!strstr(message_words(&r.result.what), rows[i].says) && !strstr(r.result.code.meaning, rows[i].says))
			print_error("row %zu: %s (%s)\n", i, message_words(&r.result.what), r.result.code.meaning);
		run_expect(&r, OUTCOME_UNCHANGED);
		assert_true(strstr(message_words(&r.result.what), rows[i].says) ||
			    strstr(r.result.code.meaning, rows[i].says));
		assert_int_equal(r.qfotadl, 0);
		assert_string_equal(r.version, r.began);
		assert_int_equal(r.files_left, 0);
	}
}

/* What comes between the blocks is no acknowledgement, and spoils none. */
static void lines_between_the_blocks_do_no_harm(void **state)
{
	static const char *const rows[] = {
		"at ack 4\n\tline +CREG: 1\n",
		"at ack 4\n\traw \"\\0\\r\\n\"\n",
		"at data-end\n\tline +QIND: \"csq\",20\n",
		"set chunk 1\n",
		"set answer-ms 2000\n",
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct run r;

		begin(&r, state, rows[i]);
		run_go(&r);
		run_expect(&r, OUTCOME_SUCCESS);
		assert_int_equal(r.qfotadl, 1);
	}
}

/* At its name only: nothing else in the module is touched. */
static void a_leftover_is_deleted_first(void **state)
{
	static const char *const rows[] = {
		/* it is listed, or only in the way */
		"on AT+QFLST=*\n\tline +QFLST: \"UFS:" NAME "\",77\n\tline OK\non " DELETE " nth 1\n\tline OK\n",
		"on AT+QFUPL=* nth 1\n\tline +CME ERROR: 407\non " DELETE " nth 1\n\tline OK\n",
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct run r;

		begin(&r, state, rows[i]);
		run_go(&r);
		run_expect(&r, OUTCOME_SUCCESS);
	assert_non_null(strstr(r.notices, "a file " NAME " of an earlier try"));
		assert_true(strstr(r.lines, DELETE) < strstr(r.lines, START));
		assert_in_range(count(&r, DELETE), 1, 3);
		assert_null(strstr(r.lines, "AT+QFDEL=\"*\""));
	}
}

static void one_that_is_in_the_way_for_ever_stops_it(void **state)
{
	struct run r;

	begin(&r, state, "on AT+QFUPL=*\n\tline +CME ERROR: 407\non AT+QFDEL=*\n\tline OK\n");
	run_go(&r);
	run_expect(&r, OUTCOME_UNCHANGED);
	assert_int_equal(r.result.code.number, 407);
	assert_int_equal(r.qfotadl, 0);
}

static void a_module_without_room_is_sent_nothing(void **state)
{
	struct run r;

	begin(&r, state, "set ufs-free 20002\n");
	run_go(&r);
	expect_stop(&r, ERR_MODULE);
	assert_non_null(strstr(message_words(&r.result.what), "room for 20,002 bytes, the package has 20,003"));
	assert_null(strstr(r.lines, "AT+QFUPL"));
	begin(&r, state, "on AT+QFLDS*\n\tline ERROR\n");	/* not known */
	run_go(&r);
	run_expect(&r, OUTCOME_SUCCESS);
	assert_non_null(strstr(r.notices, "does not report how much room"));
}

static void a_refused_start_leaves_no_file(void **state)
{
	struct run r;

	begin(&r, state, "on AT+QFOTADL=\"/*\n\tline +CME ERROR: 405\n");
	run_go(&r);
	run_expect(&r, OUTCOME_UNCHANGED);
	assert_int_equal(r.result.code.number, 405);
	assert_int_equal(r.files_left, 0);
}

/* protocol.md 4.1: START comes on the port that returns, or is lost; the OK may be lost too. */
static void the_port_that_goes_at_once_is_no_failure(void **state)
{
	static const char *const rows[] = {
		"set absent-ms 20000\n",
		"at start\n\thush\n",
		"at start\n\tline +QIND: \"FOTA\",\"STA\n",
		"at end\n\thush\n",
		"on AT+QFOTADL=\"/*\n\tset mute on\n\tdefault\nat start\n\tset mute off\n",
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct run r;

		begin(&r, state, rows[i]);
		run_go(&r);
		run_expect(&r, OUTCOME_SUCCESS);
		assert_string_equal(r.version, r.to);
	}
}

static void the_dry_run_and_the_question_name_all_that_is_sent(void **state)
{
	struct run r;

	begin(&r, state, "");
	r.plan.dry_run = true;
	run_go(&r);
	run_expect(&r, OUTCOME_READY);
	assert_non_null(strstr(r.notices, "AT+QFUPL=\"" NAME "\",20003,20,1"));
	assert_non_null(strstr(r.notices, START));
	assert_non_null(strstr(r.notices, "would send at the end: " DELETE));
	assert_null(strstr(r.lines, "AT+QFUPL"));
}

static void cancel_half_way(struct run *r, const struct event *ev)
{
	if (ev->type == EVENT_DATA && ev->data.size > 5000 && !r->reached) {
		r->reached = true;
		run_ask(r, REQUEST_CANCEL, false);
	}
}

static void a_cancel_on_the_way_stops_it(void **state)
{
	struct run r;

	begin(&r, state, "");
	r.watch = cancel_half_way;
	run_go(&r);
	assert_true(r.reached);
	run_expect(&r, OUTCOME_UNCHANGED);
	assert_int_equal(r.qfotadl, 0);
	assert_int_equal(r.files_left, 0);
}

static void com_command_is_refused_in_words(void **state)
{
	struct run r;

	begin(&r, state, "");
	snprintf(r.plan.com_command, sizeof(r.plan.com_command), "AT+QFOTADL=\"COM:\",{size}");
	run_go(&r);
	expect_stop(&r, ERR_USAGE);
	assert_non_null(strstr(r.result.advice, "--com-command"));
}

/* A program that is killed anywhere: who resumes finds out, and leaves no file. */
static void one_that_is_killed_is_resumed_to_its_end(void **state)
{
	unsigned points;
	struct run r;

	begin(&r, state, "");
	r.recorded = true;
	run_go(&r);
	points = r.points;
	for (unsigned at = 1; at < points; at += points / 59 + 1) {
		struct open_upgrade open;

		begin(&r, state, "");
		r.recorded = true;
		r.kill_at = at;
		run_power_on(&r);
		run_program(&r);
		assert_true(r.killed);
		if (run_unfinished(&r, &open)) {
			run_resume(&r, &open, 0);
			if (r.result.outcome != OUTCOME_SUCCESS && r.result.outcome != OUTCOME_UNCHANGED)
				print_error("killed at %u: %s\n%s\n", at, message_words(&r.result.what), r.lines);
			assert_true(r.result.outcome == OUTCOME_SUCCESS || r.result.outcome == OUTCOME_UNCHANGED);
			assert_string_equal(r.version, r.result.outcome == OUTCOME_SUCCESS ? r.to : r.began);
			assert_int_equal(r.violations, 0);
			assert_int_equal(r.files_left, 0);
		}
		run_power_off(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_one_is_checked_and_installed),
		cmocka_unit_test(what_goes_wrong_on_the_way_leaves_the_module_as_it_was),
		cmocka_unit_test(lines_between_the_blocks_do_no_harm),
		cmocka_unit_test(a_leftover_is_deleted_first),
		cmocka_unit_test(one_that_is_in_the_way_for_ever_stops_it),
		cmocka_unit_test(a_module_without_room_is_sent_nothing),
		cmocka_unit_test(a_refused_start_leaves_no_file),
		cmocka_unit_test(the_port_that_goes_at_once_is_no_failure),
		cmocka_unit_test(the_dry_run_and_the_question_name_all_that_is_sent),
		cmocka_unit_test(a_cancel_on_the_way_stops_it),
		cmocka_unit_test(com_command_is_refused_in_words),
		cmocka_unit_test(one_that_is_killed_is_resumed_to_its_end),
	};

	return cmocka_run_group_tests_name("upload", tests, files_make, files_remove);
}

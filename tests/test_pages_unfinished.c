/*
 * The pages that come up by themselves: unfinished upgrades, and what nobody saw.
 */
#include "config.h"

#include "pages_fixture.h"
#include "record/store.h"

/* -- unfinished upgrades -- */

static struct open_upgrade unfinished(const char *model, const char *imei)
{
	struct open_upgrade open = {
		.record = "/home/field/.local/state/dfota/sessions/" RECORD, .intent = INTENT_INSTALL,
		.when_s = 1795339860, .module = ug96("UG96LNAR02A06E1G"), .to = "UG96LNAR02A08E1G",
		.route = ROUTE_DOWNLOAD, .baud = 115200, .step = STEP_INSTALL, .started = true,
	};

	snprintf(open.module.model, sizeof(open.module.model), "%s", model);
	snprintf(open.module.imei, sizeof(open.module.imei), "%s", imei);
	return open;
}

static struct rig *with_open(int lines, int columns, const struct open_upgrade *open, size_t count)
{
	struct setup s = sized(lines, columns);
	struct rig *r;

	s.open = open;
	s.open_count = count;
	r = rig_new(&s);
	wait_a_bit(r);
	return r;
}

static void an_unfinished_upgrade_is_the_first_thing_seen(void **state)
{
	struct open_upgrade open = unfinished("UG96", "861234567890123");
	size_t i;

	(void)state;
	for (i = 0; i < SIZE_COUNT; i++) {
		struct rig *r = with_open(sizes[i].lines, sizes[i].columns, &open, 1);

		assert_page("open", sizes[i].name);
		type(r, "q");
		assert_true(r->open);
		assert_int_equal(r->worker.request_count, 0);
		type(r, "4");
		assert_page("later", sizes[i].name);
		rig_close(r);
	}
}

static void enter_keeps_watching_it(void **state)
{
	static const char *const keys[] = { "\r", "y" };
	struct open_upgrade open = unfinished("UG96", "861234567890123");
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct rig *r = with_open(24, 80, &open, 1);
		const struct request *request;

		type(r, keys[i]);
		request = last_request(r, REQUEST_RUN);
		assert_int_equal(r->worker.request_count, 1);
		assert_int_equal(request->plan.job, JOB_RESUME);
		assert_int_equal(request->plan.route, ROUTE_DOWNLOAD);
		assert_memory_equal(&request->plan.open, &open, sizeof(open));
		assert_string_equal(request->plan.port, "");	/* where the record says */
		assert_string_equal(request->plan.file, "");
		assert_sees("do not remove power yet");
		assert_sees("module on /dev/ttyACM3");
		rig_close(r);
	}
}

static void keys_typed_before_the_page_was_seen_choose_nothing(void **state)
{
	struct open_upgrade open = unfinished("UG96", "861234567890123");
	struct setup s = sized(24, 80);
	struct rig *r;

	(void)state;
	s.open = &open;
	s.open_count = 1;
	r = rig_new(&s);
	type(r, "\ry");
	assert_int_equal(r->worker.request_count, 0);
	wait_a_bit(r);
	send_bytes(r, "\ry");	/* a paste neither */
	assert_int_equal(r->worker.request_count, 0);
	rig_close(r);
}

static void the_watch_is_shown_to_its_result(void **state)
{
	struct open_upgrade open = unfinished("UG96", "861234567890123");
	struct rig *r = with_open(24, 80, &open, 1);
	struct event ev = result_event(OUTCOME_SUCCESS);

	(void)state;
	type(r, "\r");
	r->worker.busy = true;
	push_step(r, STEP_RESTART, true, ROUTE_DOWNLOAD);
	wait_a_bit(r);
	assert_golden("watch-80x24");
	push_step(r, STEP_INSTALL, true, ROUTE_DOWNLOAD);
	push_line(r, LINE_RX, "+QIND: \"FOTA\",\"UPDATING\",37", true, false);
	wait_a_bit(r);
	assert_sees("DO NOT REMOVE POWER");
	push_step(r, STEP_VERIFY, true, ROUTE_DOWNLOAD);
	ev.result.job = JOB_RESUME;
	push(r, &ev);
	r->worker.busy = false;
	wait_a_bit(r);
	assert_sees(" Done ");
	wait_a_bit(r);
	type(r, " ");
	assert_sees("safe to leave");
	assert_false(sees("is unfinished"));	/* no record says so any more */
	assert_int_equal(rig_close(r), 0);
}

static void of_several_one_is_chosen(void **state)
{
	struct open_upgrade open[3];
	size_t i;

	(void)state;
	open[0] = unfinished("UG96", "861234567890123");
	open[1] = unfinished("UG95", "861234567890456");
	open[1].intent = INTENT_TRANSFER;
	open[2] = unfinished("UG96", "861234567890789");
	open[2].live_pid = 812;
	for (i = 0; i < SIZE_COUNT; i++) {
		struct rig *r = with_open(sizes[i].lines, sizes[i].columns, open, 3);

		assert_page("several", sizes[i].name);
		send_bytes(r, "\033OB");
		send_bytes(r, "\033OB");
		send_bytes(r, "\033OB");
		assert_page("in-use", sizes[i].name);
		type(r, "k\r");
		assert_string_equal(last_request(r, REQUEST_RUN)->plan.open.module.imei, "861234567890456");
		rig_close(r);
	}
}

/* Its lock, as its writer has it. */
static int open_writer(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	return fd;
}

/* Another process is at it: its record in the same panes, and back. */
static void the_upgrade_of_another_process_is_watched_live(void **state)
{
	struct open_upgrade open = unfinished("UG96", "861234567890123");
	int writer;
	struct rig *r;
	FILE *f;

	(void)state;
	open.live_pid = 812;
	put_session(HEADER "{\"type\":\"step\",\"step\":\"install\",\"state\":\"begin\",\"cancel\":\"refused\",\"limit\":120,\"t\":11.5}\n"
		    INTENT LINE("rx", "+QIND: \\\"FOTA\\\",\\\"UPDATING\\\",37", ",\"urc\":true", "13.0"));
	snprintf(open.record, sizeof(open.record), "%s/dfota/sessions/" RECORD, getenv("XDG_STATE_HOME"));
	writer = open_writer(open.record);
	r = with_open(24, 80, &open, 1);
	assert_sees("Enter: watch it live");
	type(r, "y");
	assert_int_equal(r->worker.request_count, 0);	/* it is not ours to go on with */
	wait_a_bit(r);
	assert_sees("UPDATING\",37");
	assert_sees("DO NOT REMOVE POWER");	/* true now: no "was:" */
	assert_false(sees("was:"));
	assert_sees("q back");
	f = fopen(open.record, "ae");
	assert_non_null(f);
	fputs(LINE("rx", "+QIND: \\\"FOTA\\\",\\\"UPDATING\\\",64", ",\"urc\":true", "15.0"), f);
	fclose(f);
	type(r, "G");
	assert_sees("UPDATING\",64");
	type(r, "q");
	assert_sees("2 Package");
	assert_false(sees("UPDATING"));
	last_request(r, REQUEST_RESCAN);
	close(writer);
	assert_int_equal(rig_close(r), 0);
}

/* Its terminal was lost, so its result would be told at the next start, as one nobody saw. */
static void what_was_watched_to_its_end_is_no_news(void **state)
{
	static const char *const outcomes[] = { "success", "unchanged", "device-failed" };

	(void)state;
	for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++) {
		struct open_upgrade open = unfinished("UG96", "861234567890123");
		char path[sizeof(open.record)];
		struct result result;
		struct rig *r;
		int writer;
		FILE *f;

		open.live_pid = 812;
		put_session(HEADER INTENT "{\"type\":\"answer\",\"answer\":\"lost\",\"t\":20}\n");
		snprintf(open.record, sizeof(open.record), "%s/dfota/sessions/" RECORD, getenv("XDG_STATE_HOME"));
		writer = open_writer(open.record);
		r = with_open(24, 80, &open, 1);
		type(r, "\r");
		assert_sees("q back");
		assert_false(store_unseen(path, sizeof(path), &result));
		f = fopen(open.record, "ae");
		assert_non_null(f);
		fprintf(f, "{\"type\":\"result\",\"outcome\":\"%s\",\"exit\":0,\"step\":\"verify\",\"from\":\"UG96LNAR02A06E1G\","
			"\"to\":\"UG96LNAR02A08E1G\",\"now\":\"UG96LNAR02A08E1G\",\"message\":\"m\",\"t\":90}\n", outcomes[i]);
		fclose(f);
		close(writer);
		assert_true(store_unseen(path, sizeof(path), &result));
		type(r, "G");
		type(r, "q");
		assert_sees("2 Package");
		assert_false(sees("not watched here"));
		assert_false(store_unseen(path, sizeof(path), &result));
		rig_close(r);
	}
}

/* Watching, of our own and of another process, at the other sizes of the screen. */
static void what_is_watched_is_seen_at_every_size(void **state)
{
	(void)state;
	for (size_t i = 0; i < OTHER_SIZE_COUNT; i++) {
		struct open_upgrade open = unfinished("UG96", "861234567890123");
		int writer;
		struct rig *r;

		put_session(HEADER "{\"type\":\"step\",\"step\":\"install\",\"state\":\"begin\",\"cancel\":\"refused\",\"limit\":120,\"t\":11.5}\n"
			    INTENT LINE("rx", "+QIND: \\\"FOTA\\\",\\\"UPDATING\\\",37", ",\"urc\":true", "13.0"));
		snprintf(open.record, sizeof(open.record), "%s/dfota/sessions/" RECORD, getenv("XDG_STATE_HOME"));
		r = with_open(other_sizes[i].lines, other_sizes[i].columns, &open, 1);
		type(r, "\r");
		r->worker.busy = true;
		push_step(r, STEP_RESTART, true, ROUTE_DOWNLOAD);
		wait_a_bit(r);
		assert_page("watch", other_sizes[i].name);
		type(r, "a");
		assert_page("ask-now", other_sizes[i].name);
		rig_close(r);

		open.live_pid = 812;
		writer = open_writer(open.record);
		r = with_open(other_sizes[i].lines, other_sizes[i].columns, &open, 1);
		type(r, "\r");
		wait_a_bit(r);
		assert_page("live", other_sizes[i].name);
		close(writer);
		rig_close(r);
	}
}

static void the_risk_of_asking_is_read_first(void **state)
{
	struct open_upgrade open = unfinished("UG96", "861234567890123");
	struct rig *r = with_open(12, 40, &open, 1);
	size_t count;

	(void)state;
	type(r, "\r");
	r->worker.busy = true;
	push_step(r, STEP_RESTART, true, ROUTE_DOWNLOAD);
	wait_a_bit(r);
	type(r, "a");
	wait_a_bit(r);
	count = r->worker.request_count;
	type(r, "y");
	assert_int_equal(r->worker.request_count, count);
	assert_sees("read it to its");
	while (sees("more: Down"))
		send_bytes(r, "\033[B");
	type(r, "y");
	last_request(r, REQUEST_DETACH);
	rig_close(r);
}

/* One key asks a module that is listened to; the risk stands beside it. */
static void a_module_that_is_listened_to_can_be_asked_now(void **state)
{
	struct open_upgrade open = unfinished("UG96", "861234567890123");
	struct event ev = result_event(OUTCOME_UNKNOWN);
	struct rig *r;

	(void)state;
	put_session(HEADER INTENT);
	snprintf(open.record, sizeof(open.record), "%s/dfota/sessions/" RECORD, getenv("XDG_STATE_HOME"));
	r = with_open(24, 80, &open, 1);
	type(r, "\r");
	assert_false(last_request(r, REQUEST_RUN)->plan.ask_now);
	r->worker.busy = true;
	push_step(r, STEP_RESTART, true, ROUTE_DOWNLOAD);
	wait_a_bit(r);
	assert_sees("a ask now");
	type(r, "a");
	assert_golden("ask-now-80x24");
	wait_a_bit(r);
	type(r, "n");	/* no */
	assert_int_equal(r->worker.request_count, 1);
	type(r, "a");
	wait_a_bit(r);
	type(r, "y");
	last_request(r, REQUEST_DETACH);
	ev.result.job = JOB_RESUME;
	r->worker.busy = false;
	push(r, &ev);
	wait_a_bit(r);
	assert_true(last_request(r, REQUEST_RUN)->plan.ask_now);
	assert_false(sees(" Not done "));
	push_step(r, STEP_INSTALL, true, ROUTE_DOWNLOAD);
	wait_a_bit(r);
	assert_false(sees("a ask now"));	/* it installs: nothing may be sent */
	type(r, "a");
	assert_int_equal(r->worker.request_count, 3);
	rig_close(r);
}

static void a_record_that_is_gone_cannot_be_watched(void **state)
{
	struct open_upgrade open = unfinished("UG96", "861234567890123");
	struct rig *r;

	(void)state;
	open.live_pid = 812;
	strcpy(open.record, "/nonexistent/record.jsonl");
	r = with_open(24, 80, &open, 1);
	type(r, "\r");
	assert_sees("there is no record");
	type(r, "q");
	assert_int_equal(rig_close(r), 0);
}

static void more_than_can_be_listed_do_no_harm(void **state)
{
	struct open_upgrade open[20];
	struct rig *r;
	size_t i;

	(void)state;
	for (i = 0; i < 20; i++)
		open[i] = unfinished("UG96", "861234567890123");
	r = with_open(12, 40, open, 20);
	for (i = 0; i < 30; i++)
		type(r, "j");
	assert_sees("> ");
	type(r, "\r");
	last_request(r, REQUEST_RUN);
	rig_close(r);
}

static void the_page_comes_back_as_things_are_then(void **state)
{
	struct open_upgrade open = unfinished("UG96", "861234567890123");
	struct rig *r = with_open(24, 80, &open, 1);

	(void)state;
	put_session(HEADER INTENT);
	type(r, "n");
	type(r, "O");
	assert_sees("An upgrade is unfinished");
	assert_sees("past the point of no return");	/* as this record has it */
	type(r, "\r");
	assert_int_equal(last_request(r, REQUEST_RUN)->plan.job, JOB_RESUME);
	rig_close(r);

	r = with_open(24, 80, &open, 1);
	type(r, "n");
	put_session(network_lost);
	type(r, "O");
	assert_sees("no unfinished upgrade is left");
	assert_false(sees("is unfinished"));
	type(r, "O");
	assert_false(sees("no unfinished upgrade is left"));	/* nothing it could mean */
	rig_close(r);
}

/* Another program goes on with it while this screen shows its panes: what the title says
 * is true then, without a key. */
static void an_upgrade_that_ends_elsewhere_is_over_here(void **state)
{
	static const struct {
		const char *outcome, *now;
	} ends[] = {
		{ "success", "UG96LNAR02A08E1G" }, { "unchanged", "UG96LNAR02A06E1G" }, { "device-failed", "UG96LNAR02A07E1G" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		struct open_upgrade open = unfinished("UG96", "861234567890123");
		char text[2048];
		struct rig *r;

		put_session(HEADER INTENT);
		snprintf(open.record, sizeof(open.record), "%s/dfota/sessions/" RECORD, getenv("XDG_STATE_HOME"));
		r = with_open(24, 80, &open, 1);
		type(r, "n");
		assert_false(sees("safe to leave"));
		snprintf(text, sizeof(text), HEADER INTENT "{\"type\":\"result\",\"outcome\":\"%s\",\"exit\":0,\"step\":\"verify\","
			 "\"from\":\"UG96LNAR02A06E1G\",\"to\":\"UG96LNAR02A08E1G\",\"now\":\"%s\",\"message\":\"m\",\"t\":90}\n",
			 ends[i].outcome, ends[i].now);
		put_session(text);
		for (int k = 0; k < 5 && !sees("has ended"); k++)
			wait_a_bit(r);
		assert_sees("an upgrade that was not watched here has ended");
		assert_sees("safe to leave");	/* nothing is under way any more */
		type(r, "4\r");
		assert_sees("This ended while it was not watched here.");
		assert_sees(ends[i].now);
		rig_close(r);
	}
}

/* One that nobody knew of here when the screen was opened. */
static void an_upgrade_that_begins_elsewhere_is_seen(void **state)
{
	struct setup s = sized(24, 80);
	struct rig *r;

	(void)state;
	put_session(network_lost);
	r = rig_new(&s);
	assert_sees("safe to leave");
	put_session(HEADER INTENT);
	for (int k = 0; k < 5 && sees("safe to leave"); k++)
		wait_a_bit(r);
	assert_false(sees("safe to leave"));
	rig_close(r);
}

static void an_upgrade_that_ends_unknown_can_still_be_watched(void **state)
{
	struct rig *r = upgrading(24, 80, HEADER);
	struct event ev = result_event(OUTCOME_UNKNOWN);

	(void)state;
	put_session(HEADER INTENT);
	strcpy(ev.result.advice, "Keep the module powered; the key O keeps watching.");
	push(r, &ev);
	r->worker.busy = false;
	wait_a_bit(r);
	assert_sees("the key O keeps watching");
	wait_a_bit(r);
	type(r, " O");
	assert_sees("An upgrade is unfinished");
	rig_close(r);
}

static void a_lost_terminal_goes_on_watching(void **state)
{
	struct open_upgrade open = unfinished("UG96", "861234567890123");
	struct rig *r = with_open(24, 80, &open, 1);
	struct event ev = result_event(OUTCOME_SUCCESS);

	(void)state;
	type(r, "\r");
	close(r->keyboard);
	r->keyboard = -1;
	step(r);
	assert_true(r->open);
	last_request(r, REQUEST_LOST);
	push(r, &ev);
	step(r);
	assert_false(r->open);
	rig_close(r);
}

static void hostile_words_of_an_open_upgrade_are_shown_harmless(void **state)
{
	struct open_upgrade open = unfinished("UG\x1b[2J", "86\x07\x9b" "12");
	struct rig *r;

	(void)state;
	snprintf(open.record, sizeof(open.record), "/tmp/\x1b[31m/\xe2\x80\xae.jsonl");
	r = with_open(24, 80, &open, 1);
	assert_sees("Module    UG\\x1b[2J  IMEI 86\\x07\\x9b12");
	assert_sees("Record    /tmp/\\x1b[31m/\\u{202e}.jsonl");
	type(r, "n");
	assert_sees("UG\\x1b[2J");	/* in pane 4 */
	rig_close(r);
}

/* -- what nobody saw -- */

static void a_result_that_nobody_saw_is_shown(void **state)
{
	struct event ev = result_event(OUTCOME_UNCHANGED);
	struct setup s = sized(24, 80);
	struct rig *r;

	(void)state;
	put_file(RECORD, network_lost);
	message_set(&ev.result.what, MSG_SAID, "text=%s", "the module could not download the package");
	strcpy(ev.result.advice, "Trying again is safe.");
	ev.result.record[0] = '\0';
	s.unseen = &ev.result;
	s.unseen_record = RECORD;
	r = rig_new(&s);
	assert_golden("unseen-80x24");
	wait_a_bit(r);
	type(r, "d");
	assert_sees("20.120 < +CREG: 0");
	type(r, " ");
	assert_sees("This ended while it was not watched here.");
	type(r, "R");
	assert_sees("dfota-report-20261122-093000.md");
	type(r, "\003");
	type(r, "q");
	assert_int_equal(rig_close(r), 0);	/* it is not of this run */
}

static void after_it_come_unfinished_upgrades(void **state)
{
	struct open_upgrade open = unfinished("UG96", "861234567890123");
	struct event ev = result_event(OUTCOME_UNKNOWN);
	struct setup s = sized(24, 80);
	struct rig *r;

	(void)state;
	s.open = &open;
	s.open_count = 1;
	s.unseen = &ev.result;
	s.unseen_record = RECORD;
	r = rig_new(&s);
	assert_sees("This ended while it was not watched here.");
	wait_a_bit(r);
	type(r, " ");
	assert_sees("An upgrade is unfinished");
	wait_a_bit(r);
	type(r, "q");
	assert_true(r->open);
	type(r, "4\r");
	assert_sees("This ended while it was not watched here.");
	wait_a_bit(r);
	type(r, " q");
	assert_false(r->open);
	rig_close(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PAGE_TEST(an_unfinished_upgrade_is_the_first_thing_seen),
		PAGE_TEST(enter_keeps_watching_it),
		PAGE_TEST(keys_typed_before_the_page_was_seen_choose_nothing),
		PAGE_TEST(the_watch_is_shown_to_its_result),
		PAGE_TEST(of_several_one_is_chosen),
		PAGE_TEST(what_is_watched_is_seen_at_every_size),
		PAGE_TEST(the_risk_of_asking_is_read_first),
		PAGE_TEST(a_module_that_is_listened_to_can_be_asked_now),
		PAGE_TEST(the_upgrade_of_another_process_is_watched_live),
		PAGE_TEST(what_was_watched_to_its_end_is_no_news),
		PAGE_TEST(a_record_that_is_gone_cannot_be_watched),
		PAGE_TEST(more_than_can_be_listed_do_no_harm),
		PAGE_TEST(the_page_comes_back_as_things_are_then),
		PAGE_TEST(an_upgrade_that_ends_elsewhere_is_over_here),
		PAGE_TEST(an_upgrade_that_begins_elsewhere_is_seen),
		PAGE_TEST(an_upgrade_that_ends_unknown_can_still_be_watched),
		PAGE_TEST(a_lost_terminal_goes_on_watching),
		PAGE_TEST(hostile_words_of_an_open_upgrade_are_shown_harmless),
		PAGE_TEST(a_result_that_nobody_saw_is_shown),
		PAGE_TEST(after_it_come_unfinished_upgrades),
	};

	return RUN_PAGE_TESTS(tests);
}

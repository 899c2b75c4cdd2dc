/* The screen in Chinese: its pages at two sizes, and what wide letters do to them. */
#include "config.h"

#include "base/text.h"
#include "chinese.h"
#include "pages_fixture.h"

static struct chinese chinese;

static int begin(void **state)
{
	empty_home(state);
	memset(&chinese, 0, sizeof(chinese));
	return 0;
}

static int end(void **state)
{
	(void)state;
	if (chinese.folder[0])
		chinese_forget(&chinese);
	return 0;
}

/* A screen of a person who reads Chinese. */
static struct rig *rig_in_chinese(int lines, int columns, const char *port)
{
	struct setup s = sized(lines, columns);

	if (!chinese.folder[0]) {
		chinese_prepare(&chinese);
		setlocale(LC_CTYPE, "");
		words_open();
	}
	s.locale = "zh_CN.UTF-8";
	s.port = port;
	return rig_new(&s);
}

static void the_panes(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct rig *r = rig_in_chinese(sizes[i].lines, sizes[i].columns, NULL);

		push_ports(r);
		step(r);
		assert_page("zh-start", sizes[i].name);
		rig_close(r);
	}
}

static void a_transfer(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct rig *r = rig_in_chinese(sizes[i].lines, sizes[i].columns, "/dev/ttyACM3");

		play_transfer(r);
		assert_page("zh-transfer", sizes[i].name);
		rig_close(r);
	}
}

static void the_question(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct rig *r = rig_in_chinese(sizes[i].lines, sizes[i].columns, "/dev/ttyACM3");

		play_transfer(r);
		push_question(r);
		step(r);
		assert_sees("yes");	/* the word to type stays */
		assert_page("zh-question", sizes[i].name);
		rig_close(r);
	}
}

/* As push_failure() has it, with a message of the table. */
static void end_in_failure(struct rig *r)
{
	struct event ev = result_event(OUTCOME_UNCHANGED);

	ev.result.step = STEP_TRANSFER;
	ev.result.phase = PHASE_TRANSFER;
	ev.result.code = (struct code){ true, "http", 702, "HTTP timeout", "BG96" };
	message_set(&ev.result.what, MSG_DOWNLOAD_FAILED, "code=%d meaning=%s", 702, "HTTP timeout");
	strcpy(ev.result.advice, "");
	strcpy(ev.result.now, "UG96LNAR02A06E1G");
	strcpy(ev.result.record, RECORD);
	push(r, &ev);
	r->worker.busy = false;
	wait_a_bit(r);
	wait_a_bit(r);
}

/* The result comes from the record, which is in English; what is shown is made anew. */
static void a_failure(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct rig *r;

		put_file(RECORD, network_lost);
		r = rig_in_chinese(sizes[i].lines, sizes[i].columns, "/dev/ttyACM3");
		type(r, "s");
		push_record(r, RECORD);
		push_step(r, STEP_TRANSFER, true, ROUTE_DOWNLOAD);
		step(r);
		end_in_failure(r);
		assert_page("zh-failure", sizes[i].name);
		rig_close(r);
	}
}

static void the_keys(void **state)
{
	struct rig *r = rig_in_chinese(24, 80, "/dev/ttyACM3");

	(void)state;
	type(r, "?");
	assert_page("zh-help", "80x24");
	rig_close(r);
}

/* Nothing is cut within a letter, and no row is longer than the screen, at any width. */
static void every_width_is_kept(void **state)
{
	(void)state;
	for (int columns = 20; columns <= 100; columns++) {
		struct rig *r = rig_in_chinese(columns < 60 ? 12 : 24, columns, "/dev/ttyACM3");
		char *p;

		play_transfer(r);
		push_question(r);
		step(r);
		p = picture();
		assert_null(strchr(p, '\\'));
		assert_int_not_equal(mbstowcs(NULL, p, 0), (size_t)-1);
		for (char *row = strtok(p, "\n"); row && strncmp(row, "reverse", 7); row = strtok(NULL, "\n"))
			assert_true(text_columns(row) <= columns);
		free(p);
		rig_close(r);
	}
}

/* A wide letter that has room for one column only, and a letter with a mark. */
static void a_wide_letter_is_not_cut_in_two(void **state)
{
	struct rig *r = rig_in_chinese(24, 80, "/dev/ttyACM3");
	char text[512];

	(void)state;
	for (int before = 60; before < 67; before++)	/* of 66 columns */ {
		memset(text, 'x', sizeof(text));
		snprintf(text + before, sizeof(text) - (size_t)before, "\xe6\xa8\xa1\xe5\x9d\x97" "e\xcc\x81" "\xe6\xa8\xa1");
		push_line(r, LINE_RX, text, false, false);
	}
	wait_a_bit(r);
	assert_page("zh-cut", "80x24");
	rig_close(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_panes, begin, end),
		cmocka_unit_test_setup_teardown(a_transfer, begin, end),
		cmocka_unit_test_setup_teardown(the_question, begin, end),
		cmocka_unit_test_setup_teardown(a_failure, begin, end),
		cmocka_unit_test_setup_teardown(the_keys, begin, end),
		cmocka_unit_test_setup_teardown(every_width_is_kept, begin, end),
		cmocka_unit_test_setup_teardown(a_wide_letter_is_not_cut_in_two, begin, end),
	};

	return RUN_PAGE_TESTS(tests);
}

/*
 * The mouse: what it does, when it is asked for, and where it does nothing.
 */
#include "config.h"

#include "line_fixture.h"

/* -- where something stands -- */

/* The last place of it. */
static bool find_on_screen(const char *text, int *y, int *x)
{
	char *p = picture(), *row = p, *end, *at;
	bool found = false;

	for (int i = 0; i < LINES && (end = strchr(row, '\n')); i++, row = end + 1) {
		*end = '\0';
		at = strstr(row, text);
		if (!at)
			continue;
		*at = '\0';
		found = true;
		*y = i;
		*x = 0;
		for (const char *c = row; *c; c++)	/* columns: of UTF-8 the first bytes */
			*x += ((unsigned char)*c & 0xc0) != 0x80;
	}
	free(p);
	return found;
}

/* BUTTON on TEXT, in the middle of it; as a terminal reports it. */
static void use_mouse(struct rig *r, int button, const char *text)
{
	char bytes[64];
	int y, x;

	if (!find_on_screen(text, &y, &x))
		fail_msg("no \"%s\" on this screen", text);
	snprintf(bytes, sizeof(bytes), "\033[<%d;%d;%dM\033[<%d;%d;%dm", button, x + 2, y + 1, button, x + 2, y + 1);
	send_bytes(r, bytes);
}

static void click(struct rig *r, const char *text)
{
	use_mouse(r, 0, text);
}

static void wheel(struct rig *r, bool up, const char *text)
{
	use_mouse(r, up ? 64 : 65, text);
}

/* -- what it does -- */

static void a_port_is_chosen_by_a_second_press(void **state)
{
	struct setup s = usual;
	struct rig *r;

	(void)state;
	s.port = NULL;
	r = rig_new(&s);
	push_ports(r);
	wait_a_bit(r);
	click(r, "FT232R");
	assert_sees("reverse: ttyUSB0");
	assert_int_equal(r->worker.request_count, 0);
	click(r, "FT232R");
	assert_string_equal(last_request(r, REQUEST_RUN)->plan.port, "/dev/ttyUSB0");
	rig_close(r);
}

static void a_field_is_chosen_and_edited(void **state)
{
	static const struct {
		int lines, columns;
	} shapes[] = { { 24, 80 }, { 40, 120 } };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct setup s = sized(shapes[i].lines, shapes[i].columns);
		struct rig *r = rig_new(&s);

		click(r, "Target");
		assert_sees("reverse: Target");
		click(r, "as the manifest says");
		type(r, "UG96X");
		click(r, "Source");		/* not while a field is edited */
		assert_sees("Target   UG96X");
		type(r, "\r");
		assert_sees("reverse: Target");
		click(r, "Source");
		click(r, "FTP");
		assert_sees("( ) Local file");
		rig_close(r);
	}
}

static void panes_tabs_and_lines_are_chosen(void **state)
{
	static const struct {
		int lines, columns;
		const char *press, *brings;
	} rows[] = {
		{ 24, 80, "1 Port", "reverse: 1 Port" }, { 24, 80, "3 AT log", "reverse: 3 AT log" },
		{ 18, 60, "3 AT log", "reverse: 3 AT log" }, { 18, 60, "/nonexistent", "reverse: 2 Package" },
		{ 12, 40, "1 Port", "reverse: 1 Port" }, { 12, 40, "3 AT log", "reverse: 3 AT log" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct setup s = sized(rows[i].lines, rows[i].columns);
		struct rig *r = rig_new(&s);

		click(r, rows[i].press);
		assert_sees(rows[i].brings);
		rig_close(r);
	}
}

static void the_keys_of_the_bar_are_pressed(void **state)
{
	struct setup s = sized(24, 80);
	struct rig *r = rig_new(&s);

	(void)state;
	click(r, "? help");
	assert_sees("any other key: back");
	send_bytes(r, "x");
	click(r, "quit");
	assert_false(r->open);
	rig_close(r);
	r = rig_new(&s);
	push_ports(r);
	wait_a_bit(r);
	click(r, "s start");
	assert_int_equal(last_request(r, REQUEST_RUN)->plan.job, JOB_UPGRADE);
	rig_close(r);
}

static void the_wheel_moves_what_it_is_over(void **state)
{
	struct setup s = sized(24, 80);
	struct rig *r = rig_new(&s);
	char text[32];

	(void)state;
	for (int i = 0; i < 60; i++) {
		snprintf(text, sizeof(text), "line %d", i);
		push_line(r, LINE_RX, text, false, false);
	}
	wait_a_bit(r);
	wheel(r, true, "line 59");
	assert_sees("held");
	assert_sees("line 56");
	assert_false(sees("line 57"));
	wheel(r, false, "line 56");
	wheel(r, false, "line 56");
	assert_sees("line 59");
	rig_close(r);
}

/* -- where it does nothing -- */

static const char everywhere[] = "\033[<0;10;10M\033[<0;10;10m\033[<64;10;10M\033[<65;10;10M\033[M !!\033[M +8\033[<0;70;24M";

static void no_page_is_left_by_it(void **state)
{
	struct setup s = sized(24, 80);
	struct rig *r = rig_new(&s);
	struct event ev = result_event(OUTCOME_SUCCESS);

	(void)state;
	send_bytes(r, "?");
	send_bytes(r, everywhere);
	assert_sees("any other key: back");
	wheel(r, false, "the next pane");
	assert_false(sees("the next pane"));
	send_bytes(r, "x");
	type(r, "s");
	push(r, &ev);
	wait_a_bit(r);
	wait_a_bit(r);
	assert_sees("Outcome");
	send_bytes(r, everywhere);
	assert_sees("Outcome");
	rig_close(r);
}

static void an_open_question_takes_none(void **state)
{
	struct setup s = sized(24, 80);
	struct rig *r = rig_new(&s);
	size_t count;

	(void)state;
	play_transfer(r);
	push_question(r);
	wait_a_bit(r);
	wait_a_bit(r);
	count = r->worker.request_count;
	send_bytes(r, everywhere);
	assert_sees("Type yes");
	assert_int_equal(r->worker.request_count, count);
	rig_close(r);

	r = rig_new(&s);
	play_transfer(r);
	send_bytes(r, "c");
	wait_a_bit(r);
	count = r->worker.request_count;
	assert_sees("any other key: go on");
	send_bytes(r, everywhere);
	assert_sees("any other key: go on");
	assert_int_equal(r->worker.request_count, count);
	rig_close(r);
}

static void pasted_reports_press_nothing(void **state)
{
	struct setup s = sized(24, 80);
	struct rig *r = rig_new(&s);
	char bytes[96];
	int y, x;

	(void)state;
	push_ports(r);
	wait_a_bit(r);
	assert_true(find_on_screen("s start", &y, &x));
	snprintf(bytes, sizeof(bytes), "\033[200~\033[<0;%d;%dM\033[201~", x + 1, y + 1);
	send_bytes(r, bytes);
	assert_int_equal(r->worker.request_count, 0);
	assert_sees("ignored: typed too fast");
	rig_close(r);
}

static void a_configuration_leaves_it_to_the_terminal(void **state)
{
	struct setup s = sized(24, 80);
	struct rig *r;

	(void)state;
	s.no_mouse = true;
	r = rig_new(&s);
	push_ports(r);
	wait_a_bit(r);
	click(r, "1 Port");
	assert_false(sees("reverse: 1 Port"));
	click(r, "s start");
	assert_int_equal(r->worker.request_count, 0);
	rig_close(r);
}

/* -- when it is asked for -- */

static void assert_in(const char *bytes, const char *what, bool there)
{
	if ((strstr(bytes, what) != NULL) != there)
		fail_msg("CSI%s is %s what is sent", what + 1, there ? "not in" : "in");
}

static void modes_are_set_where_they_are_safe_and_given_back(void **state)
{
	static const struct {
		speed_t speed;
		const char *term;
		bool paste, mouse;
	} rows[] = {
		{ B38400, "vt100", true, true }, { B115200, "xterm", true, true }, { B38400, "linux", true, true },
		{ B19200, "vt220", true, false }, { B9600, "xterm", true, false }, { B38400, "vt52", false, false },
	};
	char bytes[16384];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct line_rig l = on_a_line(rows[i].speed, rows[i].term, "C.UTF-8", NULL);

		take_output(&l, bytes, sizeof(bytes));
		assert_in(bytes, "\033[?2004h", rows[i].paste);
		assert_in(bytes, "\033[?1000;1006h", rows[i].mouse);
		rig_close(l.rig);
		take_output(&l, bytes, sizeof(bytes));
		assert_in(bytes, "\033[?2004l", rows[i].paste);
		assert_in(bytes, "\033[?1000;1006l", rows[i].mouse);
		close(l.master);
	}
}

static void a_question_gives_the_mouse_back(void **state)
{
	struct line_rig l = on_a_line(B38400, "xterm", "C.UTF-8", NULL);
	char bytes[16384];

	(void)state;
	play_transfer(l.rig);
	take_output(&l, bytes, sizeof(bytes));
	push_question(l.rig);
	wait_a_bit(l.rig);
	take_output(&l, bytes, sizeof(bytes));
	assert_in(bytes, "\033[?1000;1006l", true);
	wait_a_bit(l.rig);
	type(l.rig, "no\r");
	wait_a_bit(l.rig);
	take_output(&l, bytes, sizeof(bytes));
	assert_in(bytes, "\033[?1000;1006h", true);
	close_line(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_port_is_chosen_by_a_second_press),
		cmocka_unit_test(a_field_is_chosen_and_edited),
		cmocka_unit_test(panes_tabs_and_lines_are_chosen),
		cmocka_unit_test(the_keys_of_the_bar_are_pressed),
		cmocka_unit_test(the_wheel_moves_what_it_is_over),
		cmocka_unit_test(no_page_is_left_by_it),
		cmocka_unit_test(an_open_question_takes_none),
		cmocka_unit_test(pasted_reports_press_nothing),
		cmocka_unit_test(a_configuration_leaves_it_to_the_terminal),
		cmocka_unit_test(modes_are_set_where_they_are_safe_and_given_back),
		cmocka_unit_test(a_question_gives_the_mouse_back),
	};

	return cmocka_run_group_tests(tests, begin_state_home, end_state_home);
}

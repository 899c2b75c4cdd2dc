/*
 * What the screen costs on a line: bytes, and when they are sent.
 */
#include "config.h"

#include "line_fixture.h"

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

/* Lines that come faster than a slow line draws: one a drawing, what is left out is
 * counted, and the newest are all there once nothing comes any more. */
static void a_busy_log_costs_a_slow_line_one_line_a_drawing(void **state)
{
	static const int speeds[] = { B9600, B19200, B9600 };

	(void)state;
	for (int k = 0; k < 3; k++) {
		struct line_rig l = on_a_line((speed_t)speeds[k], "vt100", k == 2 ? "C" : "C.UTF-8", NULL);
		char text[96];

		play_transfer(l.rig);
		wait_a_bit(l.rig);
		wait_a_bit(l.rig);
		count_output(&l);
		for (int i = 0; i < 40; i++) {
			for (int n = 0; n < 2 + k; n++) {
				snprintf(text, sizeof(text), "+CREG: 1,\"%04X\",\"0A1B2C3D\",%d,\"a cell that changes again\"", i, n);
				push_line(l.rig, LINE_RX, text, true, false);
			}
			l.rig->worker.now_ms += 2000;
			step(l.rig);
			if (i > 0)
				assert_in_range(count_output(&l), 1, 160);
			count_output(&l);
		}
		assert_sees(" skipped");
		wait_a_bit(l.rig);
		wait_a_bit(l.rig);
		assert_false(sees(" skipped"));
		for (int i = 38; i < 40; i++) {
			snprintf(text, sizeof(text), "\"%04X\",\"0A1B2C3D\",%d", i, 1);
			assert_sees(text);
		}
		close_line(&l);
	}
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
		cmocka_unit_test(the_first_screen_is_cheap),
		cmocka_unit_test(a_progress_tick_is_cheap_and_idle_is_free),
		cmocka_unit_test(a_slow_line_draws_once_a_second_and_keys_at_once),
		cmocka_unit_test(a_busy_log_costs_a_slow_line_one_line_a_drawing),
		cmocka_unit_test(nothing_is_drawn_for_a_terminal_that_takes_nothing),
	};

	return cmocka_run_group_tests(tests, begin_state_home, end_state_home);
}

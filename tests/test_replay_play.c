/*
 * A record that plays, and one that is followed while it is written.
 */
#include "config.h"

#include <fcntl.h>
#include <sys/file.h>

#include "replay_fixture.h"

/* -- playing -- */

static void time_runs_as_fast_as_the_speed_says(void **state)
{
	static const struct {
		int speed;
		uint64_t from;
		int64_t ms;		/* real */
		uint64_t line;		/* then */
		int64_t time_ms;
		int64_t due_ms;		/* from then on; -1: no more */
	} rows[] = {
		{ 1, 0, 0, 0, 0, 0 },
		{ 1, 0, 1, 1, 1, 99 },
		{ 1, 0, 99, 1, 99, 1 },
		{ 1, 0, 100, 2, 100, 100 },
		{ 1, 0, 1999, 6, 1999, 1 },
		{ 1, 0, 2000, 8, 2000, 500 },		/* two lines at once */
		{ 1, 9, 20000, 9, 22500, 10000 },	/* silence takes its time */
		{ 1, 9, 30000, 10, 32500, 500 },
		{ 2, 0, 1000, 8, 2000, 250 },
		{ 10, 0, 200, 8, 2000, 50 },
		{ 10, 9, 499, 9, 7490, 1 },		/* 30 s of silence are cut to 5 s */
		{ 10, 9, 500, 10, 32500, 50 },
		{ 10, 9, 551, 11, 33010, 99 },
		{ 1000, 0, 7, 9, 7000, 1 },
		{ 1000, 0, 8, 11, 33000, 1 },
		{ 1000, 0, 33, 14, 100500, -1 },	/* the silences are cut however long the step */
		{ 1000, 0, 1000, 14, 100500, -1 },
		{ 300, 12, 3600000, 14, 100500, -1 },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct rig *r = look_at_text(*state, short_run);
		int64_t due;

		set_speed(r, rows[i].speed);
		replay_go(r->replay, rows[i].from);
		replay_play(r->replay, 5000);
		assert_true(r->view.replay.playing);
		replay_tick(r->replay, 5000 + rows[i].ms);
		due = replay_due_ms(r->replay);
		if (replay_line(r->replay) != rows[i].line || r->view.replay.time_ms != rows[i].time_ms ||
		    due != (rows[i].due_ms < 0 ? -1 : 5000 + rows[i].ms + rows[i].due_ms))
			fail_msg("row %zu: line %lu at %lld ms, due %lld", i, (unsigned long)replay_line(r->replay),
				 (long long)r->view.replay.time_ms, (long long)(due - 5000 - rows[i].ms));
		assert_int_equal(r->view.now_ms, rows[i].time_ms);
		assert_int_equal(r->view.replay.playing, rows[i].due_ms >= 0);
		look_away(r);
	}
}

static struct rig *play_for(struct record *r, int speed, int64_t ms, int64_t pieces_ms)
{
	struct rig *rig = look_at(r, 0);
	int64_t t;

	set_speed(rig, speed);
	replay_play(rig->replay, 0);
	for (t = pieces_ms; t < ms; t += pieces_ms)
		replay_tick(rig->replay, t);
	replay_tick(rig->replay, ms);
	return rig;
}

static void small_steps_lead_where_a_long_one_leads(void **state)
{
	struct record *record = open_text(*state, short_run);
	static const int speeds[] = { 1, 2, 5, 30, 100, 300 };
	int64_t ms;
	size_t i;

	for (i = 0; i < sizeof(speeds) / sizeof(speeds[0]); i++) {
		for (ms = 1; ms < 12000; ms = ms * 3 / 2 + 1) {
			struct rig *one = play_for(record, speeds[i], ms, ms), *many = play_for(record, speeds[i], ms, 7);

			if (replay_line(one->replay) != replay_line(many->replay) ||
			    one->view.replay.time_ms != many->view.replay.time_ms)
				fail_msg("%dx, %lld ms: line %lu at %lld ms, and %lu at %lld", speeds[i], (long long)ms,
					 (unsigned long)replay_line(one->replay), (long long)one->view.replay.time_ms,
					 (unsigned long)replay_line(many->replay), (long long)many->view.replay.time_ms);
			look_away(one);
			look_away(many);
		}
	}
}

static void a_silence_is_cut_short_only_where_that_is_said(void **state)
{
	struct rig *r = look_at_text(*state, short_run);

	replay_go(r->replay, 9);
	replay_play(r->replay, 0);
	assert_false(r->view.replay.cuts);
	replay_speed(r->replay, false);
	assert_true(r->view.replay.cuts);
	replay_tick(r->replay, 2600);
	assert_int_equal(replay_line(r->replay), 10);
	assert_false(r->view.replay.cuts);
	look_away(r);
}

static void what_stands_still_needs_no_waking(void **state)
{
	struct rig *r = look_at_text(*state, short_run);

	assert_int_equal(replay_due_ms(r->replay), -1);
	assert_false(replay_tick(r->replay, 1000000));
	assert_int_equal(replay_line(r->replay), 0);
	replay_play(r->replay, 1000000);
	assert_true(replay_tick(r->replay, 1000150));
	replay_play(r->replay, 1000200);
	assert_false(r->view.replay.playing);
	assert_int_equal(replay_due_ms(r->replay), -1);
	assert_false(replay_tick(r->replay, 2000000));
	assert_int_equal(replay_line(r->replay), 2);
	replay_go(r->replay, 99);
	replay_play(r->replay, 2000000);
	assert_false(r->view.replay.playing);
	assert_non_null(strstr(r->view.message, "ends here"));
	look_away(r);
}

/* -- a record that is being written -- */

static int hold(const struct place *p)
{
	int fd = open(p->path, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	return fd;
}

static void a_record_that_is_being_written_is_followed(void **state)
{
	struct place *p = *state;
	struct rig *r;
	int fd;

	open_text(p, HEADER STEP("identify", "0.0") LINE("tx", "AT", "1.0"));
	fd = hold(p);
	r = look_at(p->r, 70000);
	assert_true(r->view.replay.live);
	assert_int_equal(replay_line(r->replay), 2);
	assert_int_equal(replay_due_ms(r->replay), 70000 + REPLAY_FOLLOW_MS);
	append(p, LINE("rx", "OK", "2.0") STEP("install", "3.0") "{\"type\":\"li");
	assert_false(replay_tick(r->replay, 70300));
	assert_int_equal(r->view.now_ms, 1300);		/* the silence is seen */
	assert_true(replay_tick(r->replay, 70500));
	assert_int_equal(replay_line(r->replay), 4);
	assert_int_equal(r->view.job.step, STEP_INSTALL);
	assert_int_equal(r->view.replay.end_ms, 3000);
	assert_string_equal(r->view.replay.problem, "");	/* the rest of the line is to come */
	assert_shown(r, ">AT|<OK|");
	append(p, "ne\",\"dir\":\"rx\",\"text\":\"RDY\",\"t\":4.0}\n");
	assert_true(replay_tick(r->replay, 71000));
	assert_shown(r, ">AT|<OK|<RDY|");
	append(p, RESULT("success", "5.0") "{\"type\":\"li");
	close(fd);
	assert_true(replay_tick(r->replay, 71500));	/* the last lines are not missed */
	assert_true(r->view.has_result);
	assert_non_null(strstr(r->view.replay.problem, "breaks off"));
	assert_false(r->view.replay.live);
	assert_int_equal(replay_due_ms(r->replay), -1);
	look_away(r);
}

static void one_who_moves_away_comes_back_with_g(void **state)
{
	struct place *p = *state;
	struct rig *r;
	int fd;

	open_text(p, HEADER LINE("tx", "AT", "1.0") LINE("rx", "OK", "2.0"));
	fd = hold(p);
	r = look_at(p->r, 0);
	replay_move(r->replay, -1);
	assert_false(r->view.replay.live);
	assert_int_equal(replay_due_ms(r->replay), -1);
	append(p, LINE("rx", "RDY", "3.0"));
	assert_false(replay_tick(r->replay, 9000));
	assert_int_equal(replay_line(r->replay), 1);
	replay_play(r->replay, 9000);		/* plays on into what came since */
	assert_true(r->view.replay.playing);
	assert_int_equal(r->view.replay.end_ms, 3000);
	assert_true(replay_tick(r->replay, 11000));
	assert_int_equal(replay_line(r->replay), 3);
	assert_true(r->view.replay.live);
	replay_play(r->replay, 11000);
	assert_false(r->view.replay.live);
	append(p, ERROR("NO CARRIER", "4.0"));
	replay_end(r->replay, 12000);
	assert_true(r->view.replay.live);
	assert_int_equal(replay_line(r->replay), 4);
	close(fd);
	assert_true(replay_tick(r->replay, 13000));
	assert_false(r->view.replay.live);
	append(p, LINE("rx", "by a later run", "5.0"));
	fd = hold(p);
	replay_end(r->replay, 14000);
	assert_true(r->view.replay.live);
	assert_int_equal(replay_line(r->replay), 5);
	close(fd);
	look_away(r);
}

static void a_record_that_became_shorter_is_said(void **state)
{
	struct place *p = *state;
	struct rig *r;
	int fd;

	open_text(p, short_run);
	fd = hold(p);
	r = look_at(p->r, 0);
	assert_int_equal(truncate(p->path, 100), 0);
	replay_tick(r->replay, 1000);
	assert_non_null(strstr(r->view.message, "became shorter"));
	assert_false(r->view.replay.live);
	replay_go(r->replay, 3);
	replay_go(r->replay, 14);
	close(fd);
	look_away(r);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(time_runs_as_fast_as_the_speed_says),
		TEST(small_steps_lead_where_a_long_one_leads),
		TEST(a_silence_is_cut_short_only_where_that_is_said),
		TEST(what_stands_still_needs_no_waking),
		TEST(a_record_that_is_being_written_is_followed),
		TEST(one_who_moves_away_comes_back_with_g),
		TEST(a_record_that_became_shorter_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

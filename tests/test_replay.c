/*
 * A record looked at from any point of its time: whatever way led there, the
 * view shows what the lines up to there made of it.
 */
#include "config.h"

#include "replay_fixture.h"
#include "words.h"

/* -- the state at a position -- */

static void compare(const struct view *got, const struct view *want, uint64_t line, unsigned seed)
{
	size_t i;

#define SAME(member) \
	do { \
		if (got->member != want->member) \
			fail_msg("seed %u, line %lu: " #member " is %lld, not %lld", seed, (unsigned long)line, \
				 (long long)got->member, (long long)want->member); \
	} while (0)
#define SAME_TEXT(member) \
	do { \
		if (strcmp(got->member, want->member) != 0) \
			fail_msg("seed %u, line %lu: " #member " is %s, not %s", seed, (unsigned long)line, \
				 got->member, want->member); \
	} while (0)
	SAME(job.running);
	SAME(job.job);
	SAME(job.step_known);
	SAME(job.step);
	for (i = 0; i < STEP_COUNT; i++)
		SAME(job.marks[i]);
	SAME(job.cancel);
	SAME(job.limit_ms);
	SAME(job.begin_ms);
	SAME(job.step_ms);
	SAME(job.last_rx_ms);
	SAME(job.unit);
	SAME(job.done);
	SAME(job.total);
	SAME(job.left_ms);
	SAME(notice_count);
	for (i = 0; i < got->notice_count; i++) {
		SAME(notices[i].t_ms);
		SAME_TEXT(notices[i].text);
	}
	SAME(identified);
	if (got->identified)
		SAME_TEXT(identity.version);
	SAME(packaged);
	if (got->packaged)
		SAME_TEXT(package.name);
	SAME(asked);
	SAME(open_question);
	if (got->asked)
		SAME_TEXT(question.command);
	SAME(has_result);
	if (got->has_result)
		SAME_TEXT(result.what.values);
	SAME(now_ms);
	assert_int_equal(view_phase(got), view_phase(want));
#undef SAME
#undef SAME_TEXT
}

/* What LINE does to a view, simply. */
static void take(struct view *v, struct record *r, uint64_t line)
{
	struct event ev;

	v->now_ms = record_time_ms(r, line);
	if (line == 0)
		view_begin_job(v, record_start(r)->plan.job);
	if (record_class(r, line).type == EVENT_RESUMED)
		view_begin_job(v, JOB_RESUME);
	if (!record_event(r, line, &ev))
		return;
	if (ev.type == EVENT_PROGRESS)
		ev.progress.last_rx_ms = ev.t_ms;
	view_event(v, &ev);
}

static void add_random_event(struct text *t, unsigned *seed, int64_t t_ms)
{
	struct event ev = { .t_ms = t_ms };
	char number[16];

	snprintf(number, sizeof(number), "%u", next(seed) % 1000);
	switch (next(seed) % 16) {
	case 0: case 1:
		ev.type = EVENT_STEP;
		ev.step.step = (enum step)(next(seed) % STEP_COUNT);
		ev.step.begin = next(seed) % 3 > 0;
		ev.step.cancel = (enum cancel)(next(seed) % 4);
		ev.step.limit_ms = next(seed) % 5 * 1000;
		break;
	case 2: case 3: case 4:
		ev.type = EVENT_PROGRESS;
		ev.progress.step = (enum step)(next(seed) % STEP_COUNT);
		ev.progress.unit = next(seed) % 2 ? UNIT_BYTES : UNIT_PERCENT;
		ev.progress.done = next(seed) % 100;
		ev.progress.total = 100;
		ev.progress.left_ms = next(seed) % 2 ? -1 : 5000;
		break;
	case 5: case 6:
		ev.type = EVENT_NOTICE;
		ev.notice.severity = (enum severity)(next(seed) % 3);
		message_set(&ev.notice.message, MSG_SAID, "text=%s", number);
		break;
	case 7:
		ev.type = EVENT_IDENTITY;
		snprintf(ev.identity.version, sizeof(ev.identity.version), "V%s", number);
		break;
	case 8:
		ev.type = EVENT_PACKAGE;
		snprintf(ev.package.name, sizeof(ev.package.name), "%s.bin", number);
		break;
	case 9:
		ev.type = EVENT_QUESTION;
		snprintf(ev.question.command, sizeof(ev.question.command), "AT+%s", number);
		break;
	case 10:
		ev.type = EVENT_ANSWER;
		ev.answer = (enum ask)(next(seed) % ASK_COUNT);
		break;
	case 11:
		ev.type = EVENT_RESULT;
		ev.result.outcome = (enum outcome)(next(seed) % OUTCOME_COUNT);
		ev.result.stop = ev.result.outcome == OUTCOME_STOPPED ? ERR_NETWORK : ERR_NONE;
		ev.result.step = (enum step)(next(seed) % STEP_COUNT);
		ev.result.phase = (enum phase)(next(seed) % PHASE_COUNT);
		snprintf(ev.result.now, sizeof(ev.result.now), "%s", next(seed) % 2 ? number : "");
		message_set(&ev.result.what, MSG_SAID, "text=%s", number);
		break;
	default:
		ev.type = EVENT_LINE;
		ev.line.dir = next(seed) % 2 ? LINE_TX : LINE_RX;
		ev.line.urc = next(seed) % 3 == 0;
		ev.line.error = next(seed) % 5 == 0;
		snprintf(ev.line.text, sizeof(ev.line.text), "line %s", number);
		break;
	}
	add_event(t, &ev);
}

static struct text random_record(unsigned seed, size_t lines)
{
	struct text t = { NULL, 0, 0 };
	char line[128];
	int64_t t_ms = 0;
	size_t i;

	add(&t, STRING(HEADER));
	for (i = 1; i < lines; i++) {
		t_ms += next(&seed) % 8 ? next(&seed) % 900 : next(&seed) % 20000;
		switch (next(&seed) % 40) {
		case 0:
			snprintf(line, sizeof(line), "{\"type\":\"resumed\",\"pid\":9,\"t\":%lld.%03lld}\n",
				 (long long)t_ms / 1000, (long long)t_ms % 1000);
			add(&t, STRING(line));
			break;
		case 1:
			add(&t, STRING("{\"type\":\"of another program\"}\n"));
			break;
		default:
			add_random_event(&t, &seed, t_ms);
			break;
		}
	}
	return t;
}

static void check_positions(struct place *p, unsigned seed)
{
	struct text text = random_record(seed, 300);
	struct rig *forward, *jumps, *want = calloc(1, sizeof(*want));
	uint64_t line, count;

	write_record(p, text.data, text.size);
	must_open(p);
	count = record_count(p->r);
	assert_int_equal(count, 300);
	forward = look_at(p->r, 0);
	jumps = look_at(p->r, 0);
	assert_int_equal(view_init(&want->view, &record_start(p->r)->plan), 0);
	want->view.replay.on = true;
	for (line = 0; line < count; line++) {
		take(&want->view, p->r, line);
		replay_go(forward->replay, line);
		compare(&forward->view, &want->view, line, seed);
		replay_go(jumps->replay, line % 2 ? 0 : count - 1);	/* from before, and from after */
		replay_go(jumps->replay, line);
		assert_int_equal(replay_line(jumps->replay), line);
		compare(&jumps->view, &want->view, line, seed);
	}
	look_away(forward);
	look_away(jumps);
	look_away(want);
	free(text.data);
}

static void the_state_is_that_of_the_lines_before_whatever_way_led_there(void **state)
{
	unsigned seed;

	for (seed = 1; seed <= 12; seed++)
		check_positions(*state, seed);
}

static void a_step_back_forgets_what_is_to_come(void **state)
{
	struct rig *r = look_at_text(*state, short_run);
	char safety[64];

	assert_false(r->view.job.step_known);
	replay_go(r->replay, 14);
	assert_true(r->view.has_result);
	assert_false(r->view.job.running);
	replay_go(r->replay, 12);
	assert_false(r->view.has_result);
	assert_true(r->view.job.running);
	assert_int_equal(r->view.notice_count, 1);
	assert_string_equal(view_safety(&r->view, safety), "was: DO NOT REMOVE POWER");
	replay_go(r->replay, 9);
	assert_int_equal(r->view.notice_count, 0);
	assert_int_equal(r->view.job.step, STEP_TRANSFER);
	assert_int_equal(r->view.job.marks[STEP_INSTALL], MARK_NONE);
	replay_go(r->replay, 0);
	assert_false(r->view.job.step_known);
	assert_string_equal(view_safety(&r->view, safety), "was: safe to leave");
	look_away(r);
}

static void a_step_is_replayed_as_what_it_was(void **state)
{
	struct rig *r = look_at_text(*state, HEADER STEP("transfer", "1.0") STEP_ENDED("transfer", "failed", "2.0")
		STEP("install", "3.0") STEP_ENDED("install", "unknown", "4.0") STEP("verify", "5.0") STEP_END("verify", "6.0"));

	replay_go(r->replay, 6);
	assert_int_equal(view_mark(&r->view.job, STEP_TRANSFER), MARK_FAILED);
	assert_int_equal(view_mark(&r->view.job, STEP_INSTALL), MARK_UNKNOWN);
	assert_int_equal(r->view.job.marks[STEP_VERIFY], MARK_DONE);
	assert_int_equal(view_mark(&r->view.job, STEP_VERIFY), MARK_NONE);
	replay_go(r->replay, 1);
	assert_int_equal(view_mark(&r->view.job, STEP_TRANSFER), MARK_RUNNING);
	look_away(r);
}

static void no_page_comes_up_by_itself(void **state)
{
	struct sample s = make_sample();
	struct place *p = *state;
	struct rig *r;
	uint64_t line;

	write_record(p, s.text.data, s.text.size);
	r = look_at(must_open(p), 0);
	field_begin(&r->view.field, "being typed", 32);
	r->view.mode = MODE_PROMPT;
	for (line = 0; line < s.count; line++) {
		replay_go(r->replay, line);
		assert_int_equal(r->view.mode, MODE_PROMPT);
		assert_string_equal(r->view.field.text, "being typed");
	}
	assert_true(r->view.has_result);
	look_away(r);
	free(s.text.data);
}

static void the_header_is_shown(void **state)
{
	struct rig *r = look_at_text(*state, short_run);

	assert_string_equal(r->view.replay.when, "2026-11-22 09:30 UTC");
	assert_string_equal(r->view.replay.program, "dfota 0.1.0");
	assert_string_equal(r->view.plan.port, "/dev/ttyACM3");
	assert_int_equal(r->view.source, SOURCE_FILE);
	assert_string_equal(r->view.message, "");
	assert_int_equal(r->view.replay.end_ms, 100500);
	look_away(r);
}

static void what_is_wrong_with_a_record_is_said(void **state)
{
	struct rig *r = look_at_text(*state, HEADER LINE("rx", "OK", "1.0") "{\"type\":\"line\",\"dir\":\"r");

	assert_non_null(strstr(r->view.replay.problem, "breaks off within line 3"));
	assert_string_equal(r->view.message, r->view.replay.problem);
	assert_true(r->view.message_bad);
	look_away(r);
}

/* -- moving -- */

static void keys_move_by_steps_errors_and_shown_lines(void **state)
{
	enum way { STEPS, ERRORS, LINES, HITS };
	static const struct {
		enum way way;
		int from, by, to;	/* by: lines; of the others only the sign counts */
	} rows[] = {
		{ STEPS, 0, 1, 1 }, { STEPS, 1, 1, 5 }, { STEPS, 7, 1, 10 }, { STEPS, 10, 1, 14 }, { STEPS, 14, 1, 14 },
		{ STEPS, 14, -1, 10 }, { STEPS, 9, -1, 7 }, { STEPS, 7, -1, 5 }, { STEPS, 1, -1, 1 },
		{ ERRORS, 0, 1, 6 }, { ERRORS, 6, 1, 12 }, { ERRORS, 12, 1, 12 }, { ERRORS, 14, -1, 12 },
		{ ERRORS, 12, -1, 6 }, { ERRORS, 6, -1, 6 },
		{ LINES, 0, 1, 2 }, { LINES, 3, 1, 6 }, { LINES, 0, 4, 8 }, { LINES, 14, 1, 14 }, { LINES, 13, 5, 14 },
		{ LINES, 8, -1, 6 }, { LINES, 7, -1, 6 }, { LINES, 9, -2, 6 }, { LINES, 2, -1, 0 }, { LINES, 0, -5, 0 },
		{ HITS, 0, 1, 9 }, { HITS, 9, 1, 11 }, { HITS, 13, 1, 13 }, { HITS, 14, -1, 13 }, { HITS, 9, -1, 9 },
	};
	struct rig *r = look_at_text(*state, short_run);
	size_t i;

	snprintf(r->view.log_view.text, sizeof(r->view.log_view.text), "qind");
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool back = rows[i].by < 0, stays = rows[i].from == rows[i].to && rows[i].way != LINES;

		replay_go(r->replay, (uint64_t)rows[i].from);
		r->view.message[0] = '\0';
		if (rows[i].way == STEPS)
			replay_step(r->replay, back);
		else if (rows[i].way == ERRORS)
			replay_error(r->replay, back);
		else if (rows[i].way == HITS)
			replay_search(r->replay, back);
		else
			replay_move(r->replay, rows[i].by);
		if (replay_line(r->replay) != (uint64_t)rows[i].to)
			fail_msg("row %zu: line %lu, not %d", i, (unsigned long)replay_line(r->replay), rows[i].to);
		if ((r->view.message[0] != '\0') != stays)
			fail_msg("row %zu: \"%s\" is said", i, r->view.message);
		assert_int_equal(r->view.replay.time_ms, record_time_ms(((struct place *)*state)->r, (uint64_t)rows[i].to));
	}
	look_away(r);
}

static void a_hit_is_marked_among_all_lines_until_one_moves_on(void **state)
{
	struct rig *r = look_at_text(*state, short_run);

	view_log_filter(&r->view, "QIND");
	replay_search(r->replay, false);
	assert_int_equal(replay_line(r->replay), 9);
	assert_false(r->view.log_view.filtered);
	assert_int_equal(r->view.log_view.marked, 10);
	assert_int_equal(log_shown_end(r->view.log), 5);
	replay_error(r->replay, false);
	assert_int_equal(r->view.log_view.marked, 13);
	replay_move(r->replay, -1);
	assert_int_equal(r->view.log_view.marked, 0);
	look_away(r);
}

/* -- the log -- */

static void lines_to_come_are_not_shown(void **state)
{
	struct rig *r = look_at_text(*state, short_run);

	assert_shown(r, "");
	assert_int_equal(log_found_end(r->view.log), 9);
	replay_go(r->replay, 7);
	assert_shown(r, ">AT+CGMR|<UG96LNAR02A06E1G|<+CME ERROR: 3|");
	replay_go(r->replay, 2);
	assert_shown(r, ">AT+CGMR|");
	replay_go(r->replay, 99);
	assert_int_equal(replay_line(r->replay), 14);
	assert_int_equal(log_shown_end(r->view.log), 9);
	look_away(r);
}

static void filters_look_at_the_whole_record(void **state)
{
	struct rig *r = look_at_text(*state, short_run);

	replay_go(r->replay, 11);
	view_log_filter(&r->view, "qind");
	assert_shown(r, "<+QIND: START|<+QIND: UPDATING,50|");
	assert_int_equal(log_found_end(r->view.log), 3);
	replay_move(r->replay, 1);
	assert_int_equal(replay_line(r->replay), 13);
	view_log_filter(&r->view, "slow");
	assert_shown(r, "!it is slow to start|");
	view_log_filter(&r->view, "AT");
	view_log_urc_only(&r->view, true);
	assert_shown(r, "<+QIND: UPDATING,50|");
	view_log_filter(&r->view, "");
	assert_shown(r, "<+QIND: START|<+QIND: UPDATING,50|<+QIND: END,0|");
	look_away(r);
}

static void a_search_with_many_hits_goes_on_in_parts(void **state)
{
	struct text t = { NULL, 0, 0 };
	struct place *p = *state;
	struct rig *r;
	int i;

	add(&t, STRING(HEADER));
	for (i = 0; i < 3 * LOG_PART; i++)
		add(&t, STRING(LINE("rx", "hit", "1.0") LINE("rx", "miss", "1.0")));
	write_record(p, t.data, t.size);
	r = look_at(must_open(p), 0);
	view_log_filter(&r->view, "HIT");
	assert_int_equal(log_found_end(r->view.log), LOG_PART);
	assert_int_equal(replay_due_ms(r->replay), 0);
	replay_go(r->replay, 3 * LOG_PART);
	replay_move(r->replay, -1);		/* from after what was found so far */
	assert_int_equal(replay_line(r->replay), 3 * LOG_PART - 1);
	view_log_filter(&r->view, "HIT");
	replay_go(r->replay, 1);
	replay_move(r->replay, LOG_PART);	/* further than it has come */
	assert_int_equal(replay_line(r->replay), 2 * LOG_PART + 1);
	for (i = 0; replay_due_ms(r->replay) == 0 && i < 5; i++)
		assert_true(replay_tick(r->replay, 0));
	assert_int_equal(log_found_end(r->view.log), 3 * LOG_PART);
	assert_false(replay_tick(r->replay, 0));
	assert_int_equal(replay_line(r->replay), 2 * LOG_PART + 1);
	look_away(r);
	free(t.data);
}

static void pages_and_keys_of_then_stand_in_the_log(void **state)
{
	struct sample s = { .count = 0 };
	struct place *p = *state;
	struct rig *r;

	sample_begin(&s);
	write_record(p, s.text.data, s.text.size);
	append(p, "{\"type\":\"gap\",\"lines\":12,\"why\":\"disk\",\"t\":9.5}\n{\"type\":\"resumed\",\"pid\":9,\"t\":9.6}\n"
	       RESULT("success", "9.7") "{\"type\":\"closed\",\"text\":\"x\"}\n");
	r = look_at(must_open(p), 0);
	replay_go(r->replay, record_count(p->r) - 1);
	assert_last(r, 6, "-asked: install B over A with AT+QFOTADL=\"COM:307200,60\"?|-answered: yes|"
		    "-lines are missing here|-a later run of the program goes on from here|-result: success: m|"
		    "-abandoned by the operator|");
	look_away(r);
	free(s.text.data);
}

static void exact_bytes_are_those_of_the_record(void **state)
{
	struct rig *r = look_at_text(*state, HEADER LINE("rx", "OK", "1.0")
		"{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"\\\\x1b[\",\"raw\":\"1b5b\",\"t\":2.0}\n");
	struct log_line line;

	assert_true(log_get(r->view.log, 1, &line));
	assert_int_equal(line.raw_size, 2);
	assert_memory_equal(line.raw, "OK", 2);
	assert_int_equal(line.t_ms, 1000);
	assert_true(log_get(r->view.log, 2, &line));
	assert_int_equal(line.raw_size, 2);
	assert_memory_equal(line.raw, "\x1b[", 2);
	assert_string_equal(line.text, "\\x1b[");
	look_away(r);
}

/* -- the time line -- */

static void the_time_line_tells_what_happened_when(void **state)
{
	struct rig *r = look_at_text(*state, short_run);
	const struct time_cell *cells = r->view.replay.cells;
	char marks[64] = "", silent[VIEW_TIME_CELLS + 1] = "";
	size_t i;

	for (i = 0; i < VIEW_TIME_CELLS; i++) {
		silent[i] = cells[i].silent ? '.' : '-';
		if (*cells[i].marks)
			snprintf(marks + strlen(marks), sizeof(marks) - strlen(marks), "%s at %zu, ", cells[i].marks, i);
	}
	/* 100.5 s are 240 cells of 0.419 s */
	assert_string_equal(marks, "IC at 0, ! at 2, T at 4, N at 77, ! at 81, * at 239, ");
	assert_int_equal(silent[5], '-');
	for (i = 6; i < 77; i++)
		assert_int_equal(silent[i], '.');
	for (i = 77; i < 82; i++)
		assert_int_equal(silent[i], '-');
	for (i = 82; i < 238; i++)
		assert_int_equal(silent[i], '.');
	assert_int_equal(silent[239], '-');
	look_away(r);
}

static void every_step_has_a_letter_of_its_own(void **state)
{
	bool seen[256] = { false };
	int step;

	(void)state;
	for (step = 0; step < STEP_COUNT; step++) {
		unsigned char letter = (unsigned char)view_step_letter((enum step)step);

		assert_true(letter >= 'A' && letter <= 'Z' && !seen[letter]);
		seen[letter] = true;
	}
}

/* -- hostile records -- */

static void use_everything(struct record *r)
{
	struct rig *rig = look_at(r, 0);
	uint64_t line, count = record_count(r), i;
	struct log_line text;
	int64_t now = 0;

	for (line = 0; line <= count; line += 1 + count / 37)
		replay_go(rig->replay, count - line);
	replay_go(rig->replay, 0);
	replay_move(rig->replay, 3);
	replay_step(rig->replay, false);
	replay_error(rig->replay, false);
	replay_speed(rig->replay, false);
	replay_play(rig->replay, now);
	for (i = 0; i < 50; i++)
		replay_tick(rig->replay, now += 333);
	set_speed(rig, 1000);
	for (i = 0; i < 50; i++)
		replay_tick(rig->replay, now += 100000);
	replay_end(rig->replay, now);
	replay_step(rig->replay, true);
	replay_error(rig->replay, true);
	view_log_filter(&rig->view, "1");
	view_log_urc_only(&rig->view, true);
	replay_move(rig->replay, -2);
	replay_move(rig->replay, 1000);
	for (i = log_shown_first(rig->view.log); i < log_shown_end(rig->view.log); i++)
		assert_true(log_get(rig->view.log, log_shown(rig->view.log, i), &text));
	look_away(rig);
}

static void scramble(struct text *t, unsigned seed)
{
	size_t i, changes = 1 + next(&seed) % 200;

	for (i = 0; i < changes; i++)
		t->data[strlen(HEADER) + next(&seed) % (t->size - strlen(HEADER))] = (char)next(&seed);
}

/* Lines in any order, and their times with them. */
static struct text shuffled(const struct text *t, unsigned seed)
{
	const char *lines[400], *at = t->data + strlen(HEADER), *end;
	struct text out = { NULL, 0, 0 };
	size_t count = 0, i;

	for (; (end = memchr(at, '\n', (size_t)(t->data + t->size - at))); at = end + 1)
		lines[count++] = at;
	add(&out, STRING(HEADER));
	for (i = count; i > 0; i--) {
		size_t pick = next(&seed) % i;

		end = strchr(lines[pick], '\n');
		add(&out, lines[pick], (size_t)(end + 1 - lines[pick]));
		lines[pick] = lines[i - 1];
	}
	return out;
}

static void hostile_records_do_no_harm(void **state)
{
	struct place *p = *state;
	unsigned seed;

	for (seed = 1; seed <= 60; seed++) {
		struct text t = random_record(seed, 200), other = shuffled(&t, seed);

		write_record(p, other.data, other.size);
		use_everything(must_open(p));
		scramble(&t, seed);
		write_record(p, t.data, t.size);
		use_everything(must_open(p));
		free(t.data);
		free(other.data);
	}
}

static void strange_times_do_no_harm(void **state)
{
	static const char *const records[] = {
		HEADER,
		HEADER LINE("rx", "a", "-5") LINE("rx", "b", "1e300") LINE("rx", "c", "3"),
		HEADER LINE("rx", "a", "9e15") LINE("rx", "b", "0") RESULT("success", "1") STEP("check", "2"),
		HEADER RESULT("success", "1e9") RESULT("unknown", "0.5") LINE("rx", "a", "0"),
		HEADER STEP_END("verify", "0") "{\"type\":\"resumed\"}\n{\"type\":\"closed\"}\n",
	};
	size_t i;

	for (i = 0; i < sizeof(records) / sizeof(records[0]); i++)
		use_everything(open_text(*state, records[i]));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(the_state_is_that_of_the_lines_before_whatever_way_led_there),
		TEST(a_step_back_forgets_what_is_to_come),
		TEST(a_step_is_replayed_as_what_it_was),
		TEST(no_page_comes_up_by_itself),
		TEST(the_header_is_shown),
		TEST(what_is_wrong_with_a_record_is_said),
		TEST(keys_move_by_steps_errors_and_shown_lines),
		TEST(a_hit_is_marked_among_all_lines_until_one_moves_on),
		TEST(lines_to_come_are_not_shown),
		TEST(filters_look_at_the_whole_record),
		TEST(a_search_with_many_hits_goes_on_in_parts),
		TEST(pages_and_keys_of_then_stand_in_the_log),
		TEST(exact_bytes_are_those_of_the_record),
		TEST(the_time_line_tells_what_happened_when),
		TEST(every_step_has_a_letter_of_its_own),
		TEST(hostile_records_do_no_harm),
		TEST(strange_times_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

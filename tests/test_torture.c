/*
 * What can happen at any moment happens at each: whole sessions on the virtual clock of
 * tests/simulate, one for each place of a fault. make torture takes every place, make check some.
 *
 *	TORTURE=N	one place of N (1: all; default 97)
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/count.h"
#include "base/step.h"
#include "tests/simulate/session.h"
#include "tests/trust.h"

/* One place of so many in make check; a prime, so that no row of the dialogue is left out always. */
#define SOME 97
#define SHOWN 3

/* Ways and links that differ in what a fault does to them. */
static const struct base {
	int route, link;
} bases[] = {
	{ROUTE_DOWNLOAD, LINK_OWN_USB}, {ROUTE_SERIAL, LINK_OWN_USB}, {ROUTE_RELAY, LINK_ADAPTER}, {ROUTE_PUBLISH, LINK_SOCKET},
	{ROUTE_SERIAL, LINK_UART}, {ROUTE_SERIAL, LINK_TELNET}, {ROUTE_DOWNLOAD, LINK_ADAPTER},
};

struct tally {
	const char *figure;
	unsigned long right, all;
};

/* What a session came to that is wrong beside what the judge says; NULL: nothing. */
typedef const char *check_fn(const struct report *r, const struct report *calm);

static int begin(void **state)
{
	(void)state;
	session_begin();
	return 0;
}

static int end(void **state)
{
	(void)state;
	session_end();
	return 0;
}

static long one_of(void)
{
	const char *text = getenv("TORTURE");
	long n = text ? strtol(text, NULL, 10) : SOME;

	return n > 0 ? n : SOME;
}

static void print_base(char *text, size_t size, const struct base *b)
{
	snprintf(text, size, "route %d\nlink %d\nsize 7\n", b->route, b->link);
}

static void run_text(const char *text, struct report *r)
{
	struct world w;
	char line[256];

	if (!world_parse(&w, text, line, sizeof(line)))
		fail_msg("no fact: %s", line);
	session_run(&w, getenv("TORTURE_TRACE") != NULL, r);
}

/* The session of TEXT. CALM is the same without a fault, for CHECK; both may be NULL. */
static void try(struct tally *t, const char *text, check_fn *check, const struct report *calm)
{
	static struct report r;
	const char *wrong;

	run_text(text, &r);
	wrong = r.wrong[0] ? r.wrong : check ? check(&r, calm) : NULL;
	t->all++;
	if (!wrong)
		t->right++;
	else if (t->all - t->right <= SHOWN)
		print_error("%s: %s (%s, step %d asked in %d)\n%s", t->figure, wrong, outcome_info(r.seen.result.outcome)->name,
			    r.seen.result.step, r.seen.asked_step, text);
}

static void tell(const struct tally *t)
{
	char value[64];

	snprintf(value, sizeof(value), "%lu of %lu", t->right, t->all);
	print_message("# %s: %s\n", t->figure, value);
	fflush(stdout);
	trust_write(t->figure, value);
	assert_true(t->all > 0);
	assert_int_equal(t->right, t->all);
}

/* What comes out without a fault: success. */
static void run_calm(const char *text, struct report *calm)
{
	run_text(text, calm);
	if (calm->wrong[0] || calm->seen.result.outcome != OUTCOME_SUCCESS)
		fail_msg("%s%s", text, calm->wrong);
}

/* --- the line */

#define BIT_SESSIONS 10000

static void no_bit_error_makes_a_false_verdict(void **state)
{
	static const long rates_ppm[] = {30000, 10000, 3000, 1000, 300, 100};
	struct tally t = {.figure = "sessions with bit errors at six rates (100 to 30,000 a million bytes) without a false verdict"};
	char text[256], noise[160];

	(void)state;
	for (long seed = 1; seed <= BIT_SESSIONS; seed += one_of()) {
		long rate = rates_ppm[seed % (long)COUNT(rates_ppm)], kind = seed / 6 % 3, ways = seed / 18 % 3;

		print_base(text, sizeof(text), &bases[(size_t)(seed / 54) % COUNT(bases)]);
		snprintf(noise, sizeof(noise), "noise-in %ld %ld %ld\n", rate, kind, seed);
		if (ways != 1)
			strcat(text, noise);
		snprintf(noise, sizeof(noise), "noise-out %ld %ld %ld\n", rate, kind, seed);
		if (ways != 0)
			strcat(text, noise);
		try(&t, text, NULL, NULL);
	}
	tell(&t);
}

static void a_module_that_vanishes_at_any_byte_is_told_true(void **state)
{
	static const long away_ms[] = {15000, 90000};
	struct tally t = {.figure = "plug pulled at each byte of the dialogue, both ways, judged right"};
	static struct report calm;
	char base[128], text[256];

	(void)state;
	for (size_t i = 0; i < COUNT(bases) * COUNT(away_ms); i++) {
		print_base(base, sizeof(base), &bases[i % COUNT(bases)]);
		run_calm(base, &calm);
		for (long byte = 1; byte <= calm.passed; byte += one_of()) {
			snprintf(text, sizeof(text), "%scut %ld %ld\n", base, byte, away_ms[i / COUNT(bases)]);
			try(&t, text, NULL, NULL);
		}
	}
	tell(&t);
}

/* --- the operator */

/* A cancel obeys the phase that it came in: design 2. */
static const char *check_cancel(const struct report *r, const struct report *calm)
{
	const struct outcome_seen *seen = &r->seen;
	enum outcome is = seen->result.outcome;
	enum phase phase = step_info(seen->asked_step)->phase;

	(void)calm;
	if (!seen->was_asked || is == OUTCOME_SUCCESS)
		return seen->was_asked && phase == PHASE_PREFLIGHT ? "the cancel was not heard" : NULL;
	if (phase == PHASE_PREFLIGHT && (is != OUTCOME_STOPPED || r->truth.upgrades))
		return "cancelled in preflight, but it was begun";
	if (phase == PHASE_INSTALL)
		return "cancelled where that is refused";
	if (is == OUTCOME_UNKNOWN || is == OUTCOME_UNCHANGED || is == OUTCOME_STOPPED)
		return NULL;
	return "the cancel made another outcome";
}

/* At a random moment of each phase, each way. */
#define MOMENTS 500

static uint64_t next_random(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return *state >> 33;
}

static int64_t step_end_ms(const struct outcome_seen *seen, int step)
{
	for (int i = step + 1; i < STEP_COUNT; i++)
		if (seen->step_ms[i])
			return seen->step_ms[i];
	return seen->ended_ms;
}

static void cancel_in(struct tally *t, const struct base *b, const struct report *calm, enum phase phase, uint64_t *random)
{
	char text[256];
	int64_t first = 0, last = 0;
	int step = -1;

	for (int i = 0; i < STEP_COUNT; i++) {
		if (step_info((enum step)i)->phase != phase || !calm->seen.step_ms[i])
			continue;
		if (step < 0) {
			step = i;
			first = calm->seen.step_ms[i];
		}
		last = step_end_ms(&calm->seen, i);
	}
	for (long i = 0; step >= 0 && i < MOMENTS; i += one_of()) {
		int64_t ms = (int64_t)next_random(random) % (last - first + 1);

		print_base(text, sizeof(text), b);
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s %d %lld\n", i % 5 ? "cancel" : "detach", step, (long long)ms);
		try(t, text, NULL, NULL);
	}
}

static void a_cancel_at_random_moments_of_each_phase_is_judged_right(void **state)
{
	struct tally t = {.figure = "cancels and detaches at 500 random moments of each phase, seven ways, judged right"};
	static struct report calm;
	uint64_t random = 1;
	char base[128];

	(void)state;
	for (size_t i = 0; i < COUNT(bases); i++) {
		print_base(base, sizeof(base), &bases[i]);
		run_calm(base, &calm);
		for (int phase = 0; phase < PHASE_COUNT; phase++)
			cancel_in(&t, &bases[i], &calm, (enum phase)phase, &random);
	}
	tell(&t);
}

/* Also in the same instant as the gate, as END, as any line. */
static void a_cancel_at_any_call_and_event_obeys_the_phase(void **state)
{
	static const char *const figures[] = {
		"cancel at each call and event of a session: the phase is obeyed",
		"detach at each call and event of a session: judged right",
		"terminal lost at each call and event of a session: judged right",
	};
	static struct report calm;
	char base[128], text[256];

	(void)state;
	for (size_t what = 0; what < COUNT(figures); what++) {
		struct tally t = {.figure = figures[what]};

		for (size_t i = 0; i < COUNT(bases); i++) {
			print_base(base, sizeof(base), &bases[i]);
			run_calm(base, &calm);
			for (long point = 1; point <= calm.seen.points; point += one_of()) {
				snprintf(text, sizeof(text), "%srequest %ld %zu\n", base, point, what);
				try(&t, text, what == 0 ? check_cancel : NULL, &calm);
			}
		}
		tell(&t);
	}
}

/* --- time */

static const char *check_same(const struct report *r, const struct report *calm)
{
	if (r->hash != calm->hash || r->seen.ended_ms != calm->seen.ended_ms)
		return "it went another way";
	return r->seen.result.outcome == OUTCOME_SUCCESS ? NULL : "no success";
}

/* The wall clock decides nothing: each byte and each time stay what they were. */
static void a_wall_clock_that_jumps_changes_nothing(void **state)
{
	static const long jumps_s[] = {-315360000, -86400, -3600, -1, 1, 3600, 86400, 315360000};
	struct tally t = {.figure = "wall clock set by 1 s to 10 years, both ways, each second of a session: the same session"};
	static struct report calm;
	char base[128], text[256];

	(void)state;
	for (size_t i = 0; i < COUNT(bases) * COUNT(jumps_s); i++) {
		int64_t length_ms;

		print_base(base, sizeof(base), &bases[i % COUNT(bases)]);
		run_calm(base, &calm);
		length_ms = calm.seen.ended_ms - calm.seen.begun_ms;
		for (int64_t ms = 1; ms < length_ms; ms += 1000 * one_of()) {
			snprintf(text, sizeof(text), "%swall-clock %lld %ld\n", base, (long long)ms, jumps_s[i / COUNT(bases)]);
			try(&t, text, check_same, &calm);
		}
	}
	tell(&t);
}

/* SIGSTOP, or the lid: what comes meanwhile is seen before the next write, and the module is not blamed. */
static void who_stands_still_at_any_call_is_judged_right(void **state)
{
	static const struct { long ms; int asleep; } stops[] = {{1000, 0}, {10000, 0}, {25000, 0}, {60000, 0}, {10000, 1}, {60000, 1}};
	struct tally t = {.figure = "program stopped for 1 to 60 s, or the machine asleep, at each call of a session: judged right"};
	static struct report calm;
	char base[128], text[256];

	(void)state;
	for (size_t i = 0; i < COUNT(bases) * COUNT(stops); i++) {
		print_base(base, sizeof(base), &bases[i % COUNT(bases)]);
		run_calm(base, &calm);
		for (long call = 1; call <= calm.calls; call += one_of()) {
			snprintf(text, sizeof(text), "%sstopped %ld %ld %d\n", base, call, stops[i / COUNT(bases)].ms,
				 stops[i / COUNT(bases)].asleep);
			try(&t, text, NULL, NULL);
		}
	}
	tell(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_bit_error_makes_a_false_verdict),
		cmocka_unit_test(a_module_that_vanishes_at_any_byte_is_told_true),
		cmocka_unit_test(a_cancel_at_random_moments_of_each_phase_is_judged_right),
		cmocka_unit_test(a_cancel_at_any_call_and_event_obeys_the_phase),
		cmocka_unit_test(a_wall_clock_that_jumps_changes_nothing),
		cmocka_unit_test(who_stands_still_at_any_call_is_judged_right),
	};

	return cmocka_run_group_tests(tests, begin, end);
}

/* No package is ever completed by bytes of ours, at any stall, buffer, size and time-out:
   sessions drawn from seeds, and the ones that were seen. DATA_MODE_CASES: how many. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/count.h"
#include "tests/simulate/session.h"

#define CASES 3000

/* What holds bytes back, ends or spoils data mode, and who leaves it. */
static const char theme[] =
	"size link buffer stalled deaf-data com-timeout answer-ms start-ms leaves-data reboot-data late-gate lost-byte "
	"kill cancel detach server-baud latency resume-unknown listen-timeout urcs-off result watch-timeout no-answer";

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

/* What of W is wrong in data mode; NULL: nothing. A result out of nowhere may pass
 * for an answer: what is asked after it is not judged. */
static const char *run(const struct world *w, struct report *r)
{
	bool forged = false;

	for (size_t i = 0; i < w->count; i++)
		forged |= strcmp(w->facts[i].kind->name, "result") == 0;
	session_run(w, false, r);
	if (r->truth.spoiled)
		return "a package was completed that is none";
	if (r->truth.asked_again && !forged)
		return "asked again before the time-out";
	if (r->seen.results == 1 && r->seen.result.outcome == OUTCOME_SUCCESS && strcmp(r->truth.now, r->truth.began) == 0)
		return "a success that is none";
	return NULL;
}

static unsigned next_random(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)(*state >> 33);
}

static long between(uint64_t *state, long least, long most)
{
	return least + (long)(next_random(state) % (unsigned)(most - least + 1));
}

/* A transfer that the module stops taking, once or twice, for about as long as
 * somebody waits; what is held back arrives afterwards. */
static void draw_stall(struct world *w, uint64_t seed)
{
	uint64_t state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
	long timeout_s = between(&state, 5, 60), at = between(&state, 1, 6000);
	char text[512], line[64] = "";
	int n = snprintf(text, sizeof(text), "size %ld\nlink %ld\nbuffer %ld\ncom-timeout %ld\ndeaf-data %ld %ld\n",
			 between(&state, 0, 18), between(&state, 0, LINK_COUNT - 1), 64L << between(&state, 0, 11), timeout_s,
			 at, between(&state, 1, 4000 * timeout_s));

	for (unsigned more = next_random(&state) % 3; more > 0; more--)
		n += snprintf(text + n, sizeof(text) - (size_t)n, "deaf-data %ld %ld\n",
			      at += between(&state, 1, 300), between(&state, 1, 2000 * timeout_s));
	if (next_random(&state) % 4 == 0)
		n += snprintf(text + n, sizeof(text) - (size_t)n, "cancel 4 %ld\n", between(&state, 0, 20000));
	if (next_random(&state) % 4 == 0)
		n += snprintf(text + n, sizeof(text) - (size_t)n, "kill %ld %ld\n", between(&state, 100, 250),
			      between(&state, 0, 60000));
	if (next_random(&state) % 4 == 0)
		n += snprintf(text + n, sizeof(text) - (size_t)n, "lost-byte %ld %ld\n", between(&state, 40, 120),
			      between(&state, 0, 40));
	if (next_random(&state) % 4 == 0)
		snprintf(text + n, sizeof(text) - (size_t)n, "resume-unknown 1\n");
	if (!world_parse(w, text, line, sizeof(line)))
		fail_msg("%s", line);
}

static void no_package_is_completed_by_bytes_of_ours(void **state)
{
	const char *text = getenv("DATA_MODE_CASES");
	unsigned long cases = text ? strtoul(text, NULL, 10) : CASES, asked = 0, good = 0;
	static char facts[WORLD_TEXT_SIZE];
	unsigned long outcomes[OUTCOME_COUNT] = {0};

	(void)state;
	for (unsigned long seed = 1; seed <= cases; seed++) {
		static struct report r;
		const char *wrong;
		struct world w;

		if (seed % 2)
			draw_stall(&w, seed);
		else
			world_draw(&w, seed, theme);
		wrong = run(&w, &r);
		if (wrong)
			print_error("seed %lu: %s\n%s", seed, wrong, world_print(&w, facts, sizeof(facts)));
		good += !wrong;
		asked += r.truth.asked_ms != 0;
		outcomes[r.seen.result.outcome]++;
	}
	for (int i = 0; i < OUTCOME_COUNT; i++)
		print_message("%8lu  %s\n", outcomes[i], outcome_info((enum outcome)i)->name);
	print_message("%8lu  asked in data mode\n%lu of %lu\n", asked, good, cases);
	assert_int_equal(good, cases);
	assert_true(cases < CASES || asked > 0);
}

/* Seen: the buffers let go after the program had given up, each AT began the
 * module's time-out anew, and the last of them completed the package. */
static void what_was_seen_does_not_come_again(void **state)
{
	static const char *const worlds[] = {
		"size 18\nlink 1\nbuffer 4096\ndeaf-data 1000 65000\n",
		"size 18\nlink 4\nbuffer 160000\nserver-baud 0\nstalled 3000 70000\n",
		"size 18\nlink 2\ndeaf-data 19990 30000\n",
		"size 17\nlink 1\nbuffer 200000\ndeaf-data 5 18000\ncom-timeout 20\n",
		"size 4\nlink 1\nstalled 900 40000\n",
		"size 3\nlink 1\ndeaf-data 1 19000\n",
		"size 15\nlink 1\ndeaf-data 3000 300000\nkill 180 0\n",
		"size 18\nlink 1\ndeaf-data 4000 15000\nkill 180 1000\n",
		/* the result of an earlier command passes for that of the upgrade command */
		"size 0\nanswer-ms 23\nresult 0 1\n", "size 3\nanswer-ms 23\nresult 0 1\n", "size 3\nanswer-ms 300\nresult 1 1\n",
		"size 2\nanswer-ms 25\nresult 0 1\nlate-gate 38936\n",
		/* RDY out of nowhere while a byte is missing; an ERROR just after "+++" */
		"lost-byte 23 0\nresult 5 923\n", "buffer 64\nsize 6\nresult 5 1526\nno-answer 3 3\n",
		/* so it is where all is written, but waits before a deaf module, and a byte got lost */
		"size 0\nresume-unknown 1\nlatency 15\nlost-byte 25 29\nstalled 6 101\nresult 5 26290\ndeaf-data 1 17896\nleaves-data 3188\nwatch-timeout 1676\n",
		"link 1\nsize 12\nlost-byte 27 35\nresult 5 27418\ndeaf-data 30 16130\n",
		"link 2\nsize 6\nlost-byte 24 13\nresult 5 54311\ndeaf-data 30 27039\ncom-timeout 30\n",
		"link 3\nsize 4\nlost-byte 24 16\nresult 5 33520\ndeaf-data 36 18688\n",
		"link 4\nsize 8\nlost-byte 40 17\nresult 5 43898\ndeaf-data 46 28664\ncom-timeout 30\n",
		"link 5\nsize 1\nlost-byte 26 25\nresult 5 27600\ndeaf-data 41 14766\n",
		"size 1\nresult 1 54926\nurcs-off 1\nlate-gate 52507\n",
		/* a digit of the declared size is lost on the way: a part of the package completes it */
		"link 4\nsize 2\nstart-ms 1013\ncom-timeout 14\nresume-unknown 1\nlatency 28\nlost-byte 22 19\nurcs-off 1\nlate-gate 14218\nkill 204 18\ndetach 6 7\nlisten-timeout 22\n",
		/* so it is beside a stray result, on own USB, and where the time-out was lost with it */
		"size 1\nanswer-ms 99\nstart-ms 750\ncom-timeout 51\nbuffer 6087\nlost-byte 26 19\nresult 2 1\n",
		"com-timeout 12\nbuffer 273\nserver-baud 2\nresult 3 2563\ndetach 4 112\nlisten-timeout 488\n",
		"link 2\nlost-byte 21 18\nno-answer 14 3\ndeaf-data 4 724\nleaves-data 868\ncancel 0 10356\n",
		"start-ms 2327\nresume-unknown 1\nlatency 161\nlost-byte 25 22\nno-answer 19 3\nurcs-off 1\nlate-gate 401\ndeaf-data 664 226\n",
		"link 5\nanswer-ms 11\nbuffer 12461\nlost-byte 24 22\nstalled 223878 59835\nno-answer 16 2\nreboot-data 4999\ndeaf-data 35 3656\nleaves-data 42\nkill 473 18222\ncancel 3 4063\n",
		"size 2\ncom-timeout 42\nbuffer 74\nstalled 6445 63\nserver-baud 1\nresult 3 5939\nno-answer 4 2\nurcs-off 1\nlate-gate 3669\nkill 476 24737\ndetach 4 115\n",
		"answer-ms 15\nresume-unknown 1\nlatency 2\nlost-byte 4 1\nstalled 74290 71\nresult 0 9965\nurcs-off 1\nlate-gate 1416\ncancel 1 1718\nwatch-timeout 710\nlisten-timeout 89\n",
		"size 2\nanswer-ms 16\nstart-ms 30\nlatency 2\nbuffer 180527\nlost-byte 4 4\nserver-baud 2\nresult 0 7466\nno-answer 2 2\nlate-gate 5081\ndeaf-data 183 5001\ncancel 6 0\ndetach 4 1340\n",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(worlds); i++) {
		static struct report r;
		char line[256] = "";
		const char *wrong;
		struct world w;

		if (!world_parse(&w, worlds[i], line, sizeof(line)))
			fail_msg("world %zu: %s", i, line);
		wrong = run(&w, &r);
		if (wrong)
			fail_msg("world %zu: %s\n%s", i, wrong, worlds[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_seen_does_not_come_again),
		cmocka_unit_test(no_package_is_completed_by_bytes_of_ours),
	};

	return cmocka_run_group_tests(tests, begin, end);
}

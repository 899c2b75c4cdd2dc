/* Every limit ends the wait, in every step, under silence and under a drip of lines; and
   what several ends of an installation, or a broken transfer, are called. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/count.h"
#include "upgrade_fixture.h"
#include "words.h"

/* Preflight, and the round that is under way when a limit passes. */
#define PREFLIGHT_MS 4000
#define ROUND_MS 4000
#define LONG 8192

/* A line every half second for two minutes, from AT on. */
static void drip(char *text, size_t size, const char *at, const char *line)
{
	size_t n = strlen(text);

	n += (size_t)snprintf(text + n, size - n, "at %s\n", at);
	for (int i = 0; i < 200 && n < size; i++)
		n += (size_t)snprintf(text + n, size - n, "\tline %s\n\twait 500\n", line);
}

static const struct wait_row {
	const char *what, *scenario;
	bool pull;
} waits[] = {
	{"the gate", "on AT+QFOTADL=*COM*\n\tdrop\n", false},
	{"room for data", "at data 10000\n\tset reading off\n", false},
	{"the start", "at start\n\tdrop\n", false},
	{"the end", "at updating 37\n\tstop\n", false},
	{"a download", "at download\n\tdrop\n", true},
	{"a mute download", "set urcport usbmodem\non AT+QURCCFG=\"urcport\",*\n\tline ERROR\nat download\n\tdrop\n", true},
	{"the restart", "at reboot\n\tvanish 0\n", false},
	{"the restart", "at reboot\n\tvanish 0\n", true},
};

/* C41, B32 */
static void the_watch_ends_each_wait(void **state)
{
	static const int limits_s[] = {1, 5, 12, 40, 90};
	static const char *const lines[] = {NULL, "+CREG: 2", "RDY", "+QIND: \"FOTA\",\"HELLO\"", "OK"};
	static char text[16 * LONG];

	for (size_t i = 0; i < COUNT(waits); i++)
		for (size_t j = 0; j < COUNT(limits_s); j++)
			for (size_t k = 0; k < COUNT(lines); k++) {
				struct run r;

				snprintf(text, sizeof(text), "%s", waits[i].scenario);
				if (lines[k])
					drip(text, sizeof(text), "time 2000", lines[k]);
				run_init(&r, state);
				if (waits[i].pull)
					run_pull(&r, HTTP_URL);
				else
					run_push(&r);
				r.config.sim.scenario_text = text;
				r.plan.watch_timeout_s = limits_s[j];
				run_go(&r);
				if (r.took_ms > PREFLIGHT_MS + limits_s[j] * 1000 + ROUND_MS)
					fail_msg("%s, limit %d s, %s: %lld ms\n%s", waits[i].what, limits_s[j],
						 lines[k] ? lines[k] : "silence", (long long)r.took_ms, r.lines + (r.lines_size > 800 ? r.lines_size - 800 : 0));
				if (r.result.outcome == OUTCOME_SUCCESS && strcmp(r.version, TO) != 0)
					fail_msg("%s: a success that is none", waits[i].what);
			}
}

/* Each limit of the operator ends the wait that it is for. */
static void the_other_limits_end_their_waits(void **state)
{
	static const struct {
		const char *scenario;
		int return_s, start_s;
		int64_t most_ms;	/* beyond the limit: what comes before and after the wait */
	} rows[] = {
		{"at reboot\n\tvanish 0\n", 3, 0, 12000},
		{"at reboot\n\tvanish 0\n", 40, 0, 12000},
		{"at start\n\tdrop\n", 0, 3, 95000},
		{"at start\n\tdrop\n", 0, 90, 95000},
		{"at data 10000\n\tset reading off\n", 3, 0, 30000},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct run r;

		run_init(&r, state);
		run_push(&r);
		r.config.sim.scenario_text = rows[i].scenario;
		r.plan.return_timeout_s = rows[i].return_s;
		r.plan.start_timeout_s = rows[i].start_s;
		run_go(&r);
		if (r.took_ms > (rows[i].return_s + rows[i].start_s) * INT64_C(1000) + rows[i].most_ms)
			fail_msg("row %zu: %lld ms\n%s", i, (long long)r.took_ms, r.notices);
	}
}

/* C37: the failure decides the words, the version the outcome. */
static void each_end_counts(void **state)
{
	static const struct {
		const char *scenario;
		enum outcome outcome;
		const char *says;
	} rows[] = {
		{"at end\n\tdefault\n\tline +QIND: \"FOTA\",\"END\",504\n", OUTCOME_SUCCESS, "although it had ended an installation with code 504"},
		{"at end\n\tline +QIND: \"FOTA\",\"END\",510\n\tdefault\n", OUTCOME_SUCCESS, "although it had ended an installation with code 510"},
		{"set final-version " FROM "\nat end\n\tdefault\n\tline +QIND: \"FOTA\",\"END\",504\n", OUTCOME_UNCHANGED, "with code 504"},
		{"set final-version " FROM "\nat end\n\tline +QIND: \"FOTA\",\"END\",502\n\tdefault\n", OUTCOME_UNCHANGED, "with code 502"},
		{"set end-code 506\nat end\n\tdefault\n\tline +QIND: \"FOTA\",\"END\",0\n", OUTCOME_UNCHANGED, "with code 506"},
		{"at end\n\thush\n", OUTCOME_SUCCESS, "its END was not seen"},
		{"at end\n\tline +QIND: \"FOTA\",\"EN\n\thush\n", OUTCOME_SUCCESS, "its END was not seen"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct run r;

		run_init(&r, state);
		run_push(&r);
		r.config.sim.scenario_text = rows[i].scenario;
		run_go(&r);
		if (r.result.outcome != rows[i].outcome || !strstr(message_words(&r.result.what), rows[i].says))
			print_error("row %zu: %s\n", i, message_words(&r.result.what));
		run_expect(&r, rows[i].outcome);
		assert_non_null(strstr(message_words(&r.result.what), rows[i].says));
	}
}

/* C44: nothing was installed, and no word says so. */
static void a_transfer_that_breaks_off_with_the_module_gone_has_failed(void **state)
{
	static const unsigned places[] = {1, 5000, 12345, PACKAGE_SIZE - 100};
	char text[128];

	for (size_t i = 0; i < COUNT(places); i++) {
		struct run r;

		snprintf(text, sizeof(text), "at data %u\n\tvanish 0\n", places[i]);
		run_init(&r, state);
		run_push(&r);
		r.config.sim.scenario_text = text;
		run_go(&r);
		run_expect(&r, OUTCOME_UNKNOWN);
		assert_int_equal(r.ended[STEP_TRANSFER], ENDED_FAILED);
		assert_int_equal(r.result.step, STEP_TRANSFER);
		assert_non_null(strstr(message_words(&r.result.what), "went away before all of the package was sent"));
		assert_non_null(strstr(message_words(&r.result.what), "installs nothing"));
		assert_null(strstr(safety_words(&r.result), "still be installing"));
	}
}

struct patience {
	const char *scenario;
	int64_t least_s, most_s;
};

/* A pull that comes to nothing is called unchanged, and takes so long. */
static void pull_gives_up(void **state, const struct patience *row)
{
	struct run r;

	run_init(&r, state);
	run_pull(&r, HTTP_URL);
	r.config.sim.scenario_text = row->scenario;
	run_go(&r);
	run_expect(&r, OUTCOME_UNCHANGED);
	if (r.took_ms < row->least_s * 1000 || r.took_ms > row->most_s * 1000)
		fail_msg("%s: %lld ms", row->scenario, (long long)r.took_ms);
}

/* A restart ends a download: it is known by the echo, which is on again. Where that was off before
 * and is now, or never was, the cable may have been out, and the download goes on. */
static void a_lost_link_ends_no_download(void **state)
{
	static const struct patience rows[] = {
		{"at download\n\treboot\n", 300, 700},
		{"set boot-ms 20000\nat download\n\treboot\n", 300, 700},
		{"set echo off\nat download\n\treboot\n", 2600, 2700},
		{"set echo stuck\nat download\n\treboot\n", 2600, 2700},
		{"set echo partial\nat download\n\treboot\n", 2600, 2700},
		{"at download\n\tvanish 3000\n\tdrop\n", 2600, 2700},
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		pull_gives_up(state, &rows[i]);
}

/* What says nothing at all after its OK downloads nothing, where the module says that
 * its messages come here; else nobody knows. */
static void a_download_without_a_word_is_given_up_sooner_where_it_would_be_heard(void **state)
{
	static const struct patience rows[] = {
		{"on AT+QFOTADL=\"*\n\tline OK\n", 600, 700},
		{"set stateurc off\non AT+QFOTADL=\"*\n\tline OK\n", 600, 700},	/* it is switched on */
		{"on AT+QCFG=\"stateurc*\n\tline ERROR\non AT+QFOTADL=\"*\n\tline OK\n", 2600, 2700},
		{"on AT+QURCCFG*\n\tline ERROR\non AT+QFOTADL=\"*\n\tline OK\n", 2600, 2700},
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		pull_gives_up(state, &rows[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_watch_ends_each_wait),
		cmocka_unit_test(the_other_limits_end_their_waits),
		cmocka_unit_test(each_end_counts),
		cmocka_unit_test(a_lost_link_ends_no_download),
		cmocka_unit_test(a_download_without_a_word_is_given_up_sooner_where_it_would_be_heard),
		cmocka_unit_test(a_transfer_that_breaks_off_with_the_module_gone_has_failed),
	};

	return cmocka_run_group_tests(tests, files_make, files_remove);
}

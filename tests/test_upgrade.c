/* The upgrade against the simulated module in virtual time. */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "upgrade_fixture.h"
#include "words.h"

static void a_push_ends_in_success(void **state)
{
	struct run r;

	run_init(&r, state);
	run_push(&r);
	run_go(&r);
	run_expect(&r, OUTCOME_SUCCESS);
	assert_string_equal(r.version, TO);
	assert_string_equal(r.result.now, TO);
	assert_int_equal(r.result.exit_status, 0);
	assert_int_equal(r.qfotadl, 1);
	for (int i = 0; i < STEP_COUNT; i++)
		assert_int_equal(r.steps[i], i != STEP_FETCH);
}

static void a_pull_by_http_ends_in_success(void **state)
{
	struct run r;

	run_init(&r, state);
	run_pull(&r, HTTP_URL);
	run_go(&r);
	run_expect(&r, OUTCOME_SUCCESS);
	assert_string_equal(r.version, TO);
}

static void a_pull_by_ftp_keeps_the_password_out_of_every_event(void **state)
{
	struct run r;

	run_init(&r, state);
	run_pull(&r, FTP_URL);
	snprintf(r.plan.user, sizeof(r.plan.user), "field");
	snprintf(r.plan.password, sizeof(r.plan.password), "s3cret");
	r.answer = r.yes = true;
	r.plan.assume_yes = false;
	run_go(&r);
	run_expect(&r, OUTCOME_SUCCESS);
	assert_int_equal(r.questions, 1);
	assert_null(strstr(r.lines, "s3cret"));
	assert_null(strstr(r.notices, "s3cret"));
}

static void any_split_of_the_answers_gives_the_same_outcome(void **state)
{
	struct run r;

	for (size_t size = 1; size < 20; size++) {
		run_init(&r, state);
		run_push(&r);
		r.config.read_max = size;
		run_go(&r);
		run_expect(&r, OUTCOME_SUCCESS);
	}
}

static void without_a_yes_nothing_is_sent(void **state)
{
	struct run r;

	run_init(&r, state);
	run_push(&r);
	r.plan.assume_yes = false;
	r.answer = true;
	run_go(&r);
	run_expect_stop(&r, ERR_CANCELLED);
	assert_int_equal(r.result.exit_status, 130);
}

static void a_dry_run_sends_nothing_that_changes_the_module(void **state)
{
	struct run r;

	run_init(&r, state);
	run_push(&r);
	r.plan.dry_run = true;
	run_go(&r);
	run_expect(&r, OUTCOME_READY);
	assert_int_equal(r.qfotadl, 0);
	assert_non_null(strstr(r.notices, "would send: AT+QFOTADL=\"COM:\",20003,20"));
}

static void a_probe_needs_no_package(void **state)
{
	struct run r;

	run_init(&r, state);
	r.plan.job = JOB_PROBE;
	run_go(&r);
	run_expect(&r, OUTCOME_READY);
	assert_int_equal(r.result.exit_status, 0);
}

/* Somebody else's upgrade. */
#define INSTALLING \
	"on AT nth 1\n" \
	"\tline +QIND: \"FOTA\",\"UPDATING\",4\n" \
	"\twait 100000\n" \
	"\tline +QIND: \"FOTA\",\"UPDATING\",61\n" \
	"\twait 100000\n" \
	"\tset version " TO "\n" \
	"\tline +QIND: \"FOTA\",\"END\",0\n" \
	"\treboot\n"

static void a_module_that_installs_already_is_watched_and_not_disturbed(void **state)
{
	struct run r;

	for (enum job job = JOB_UPGRADE; job <= JOB_PROBE; job++) {
		const char *first, *end;

		run_init(&r, state);
		run_push(&r);
		r.plan.job = job;
		r.config.sim.scenario_text = INSTALLING;
		run_go(&r);
		run_expect(&r, job == JOB_PROBE ? OUTCOME_READY : OUTCOME_STOPPED);
		assert_int_equal(r.qfotadl, 0);
		assert_string_equal(r.result.now, TO);
		assert_non_null(strstr(safety_words(&r.result), "safe to remove power"));
		assert_true(r.took_ms > 200000);
		first = strstr(r.lines, "UPDATING");
		end = strstr(r.lines, "END");
		assert_non_null(first);
		assert_non_null(end);
		for (const char *line = first; line < end; line++)
			assert_memory_not_equal(line, "\nAT", 3);
	}
	assert_non_null(strstr(r.notices, "not started here"));
}

/* design 3: in P2 no AT command is sent; a percent may come while it is asked. */
static void a_module_that_installs_again_while_it_is_asked_is_left_alone(void **state)
{
	/* the second AT is the first after the restart; then AT+CGMR while the version is read */
	static const char *const asked[] = {"AT nth 2", "AT+CGMR nth 2"};
	char text[256];
	struct run r;

	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		const char *first, *end;

		/* the second time both lines come in one read */
		snprintf(text, sizeof(text), "on %s\n\tline +QIND: \"FOTA\",\"UPDATING\",61\n"
			 "\twait %d\n\tline +QIND: \"FOTA\",\"END\",0\n\treboot\n", asked[i], i ? 0 : 60000);
		run_init(&r, state);
		run_push(&r);
		r.config.sim.scenario_text = text;
		run_go(&r);
		run_expect(&r, OUTCOME_SUCCESS);
		assert_true(r.took_ms < 300000);	/* not by the end of a watch */
		first = strstr(r.lines, "\"UPDATING\",61");
		assert_non_null(first);
		end = strstr(first, "\"END\"");
		assert_non_null(end);
		for (; first < end; first++)
			assert_memory_not_equal(first, "\nAT", 3);
	}
}

static void a_module_that_goes_on_installing_is_never_called_safe(void **state)
{
	struct run r;

	run_init(&r, state);
	run_push(&r);
	r.config.sim.scenario_text = "on AT\n\tline +QIND: \"FOTA\",\"UPDATING\",4\n";
	run_go(&r);
	run_expect(&r, OUTCOME_UNKNOWN);
	assert_int_equal(r.qfotadl, 0);
	assert_non_null(strstr(safety_words(&r.result), "Do not remove power"));
	assert_true(phase_info(r.result.phase)->at_risk);
}

static void a_module_that_was_not_reached_is_not_called_safe(void **state)
{
	struct run r;

	run_init(&r, state);
	run_push(&r);
	r.config.sim.scenario_text = "on AT*\n\tdrop\n";
	run_go(&r);
	run_expect_stop(&r, ERR_MODULE);
	assert_int_equal(result_safety(&r.result), MSG_SAFE_UNKNOWN);
}

/* Scenarios that must stop before the gate. */
static void preflight_refuses(void **state)
{
	static const struct {
		const char *scenario;
		bool pull;
		enum err_code code;
		const char *says;
	} rows[] = {
		{"set model M95\n", false, ERR_MODULE, "M95"},
		{"set voltage-mv 3100\n", false, ERR_MODULE, "3100 mV, at least 3400 mV"},
		{"on AT+QFOTADL=?\n\tline ERROR\n", false, ERR_MODULE, "no DFOTA"},
		{"set version UG96LNAR02A05E1G\n", false, ERR_PACKAGE, "UG96LNAR02A05E1G"},
		{"set version " TO "\n", false, ERR_PACKAGE, "already runs"},
		{"set cpin SIM PIN\n", true, ERR_NETWORK, "SIM PIN"},
		{"set cgreg 2\n", true, ERR_NETWORK, "not registered"},
		{"set context off\non AT+QIACT=1\n\tline ERROR\n", true, ERR_NETWORK, "PDP context"},
		{"on AT\n\tdrop\non AT*\n\tdrop\n", false, ERR_MODULE, "no answer"},
		{"on AT+CGMR\n\tline OK\non AT+GMR\n\tline OK\non ATI\n\tline OK\n", false, ERR_MODULE, "firmware version"},
		{"on AT+GSN\n\tline ERROR\non AT+CGSN\n\tline ERROR\n", false, ERR_MODULE, "IMEI"},
	};
	struct run r;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		run_init(&r, state);
		if (rows[i].pull)
			run_pull(&r, HTTP_URL);
		else
			run_push(&r);
		r.config.sim.scenario_text = rows[i].scenario;
		run_go(&r);
		if (r.result.stop != rows[i].code || !strstr(message_words(&r.result.what), rows[i].says))
			print_error("row %zu: %s\n", i, message_words(&r.result.what));
		assert_non_null(strstr(message_words(&r.result.what), rows[i].says));
		assert_int_equal(r.result.stop, rows[i].code);
		assert_int_equal(r.qfotadl, 0);
	}
}

/* faults.md I12: what stops it stops no question, so that the record can tell causes apart. */
static void what_stops_it_stops_no_question(void **state)
{
	static const char *const scenarios[] = {
		"set voltage-mv 3100\n", "set cpin SIM PIN\n", "set cgreg 2\n", "on AT+QFOTADL=?\n\tline ERROR\n",
	};
	static const char *const asked[] = { "AT+CBC", "AT+CPIN?", "AT+CGREG?", "AT+CSQ", "AT+QIACT?" };
	struct run r;

	for (size_t i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++) {
		run_init(&r, state);
		run_pull(&r, HTTP_URL);
		r.config.sim.scenario_text = scenarios[i];
		run_go(&r);
		assert_int_equal(r.result.outcome, OUTCOME_STOPPED);
		assert_int_equal(r.qfotadl, 0);
		for (size_t k = 0; k < sizeof(asked) / sizeof(asked[0]); k++)
			if (!strstr(r.lines, asked[k]))
				fail_msg("row %zu: %s was not asked", i, asked[k]);
	}
}

static void at_the_target_nothing_is_left_to_do(void **state)
{
	struct run r;

	run_init(&r, state);
	run_push(&r);
	r.config.sim.scenario_text = "set version " TO "\n";
	run_go(&r);
	assert_int_equal(r.result.stop, ERR_PACKAGE);
	assert_string_equal(r.result.advice, "Nothing is left to do; in scripts --if-needed makes this a success.");
}

static void another_module_than_the_one_named_is_refused(void **state)
{
	struct run r;

	run_init(&r, state);
	run_push(&r);
	snprintf(r.plan.imei, sizeof(r.plan.imei), "356895040000013");
	run_go(&r);
	run_expect_stop(&r, ERR_MODULE);
	assert_non_null(strstr(message_words(&r.result.what), "490154203237518, not 356895040000013"));
}

static void a_push_needs_no_network(void **state)
{
	struct run r;

	run_init(&r, state);
	run_push(&r);
	r.config.sim.scenario_text = "set cpin NOT READY\nset cgreg 0\nset context off\n";
	run_go(&r);
	run_expect(&r, OUTCOME_SUCCESS);
}

static void an_inactive_context_is_activated_for_a_pull(void **state)
{
	struct run r;

	run_init(&r, state);
	run_pull(&r, HTTP_URL);
	r.config.sim.scenario_text = "set context off\n";
	run_go(&r);
	run_expect(&r, OUTCOME_SUCCESS);
}

static void already_at_the_target_is_success_only_if_asked_for(void **state)
{
	struct run r;

	run_init(&r, state);
	run_push(&r);
	r.plan.if_needed = true;
	r.config.sim.from = TO;
	run_go(&r);
	run_expect(&r, OUTCOME_SUCCESS);
	assert_int_equal(r.qfotadl, 0);
}

/* What a module may do after the command went out, and how it must end. */
struct after_row {
	const char *scenario;
	bool pull;
	enum outcome outcome;
	const char *says;	/* in the message */
	int code;		/* -1: none */
};

static void check_after(void **state, const struct after_row *row, size_t i)
{
	struct run r;

	run_init(&r, state);
	if (row->pull)
		run_pull(&r, HTTP_URL);
	else
		run_push(&r);
	r.config.sim.scenario_text = row->scenario;
	run_go(&r);
	if (r.result.outcome != row->outcome || !strstr(message_words(&r.result.what), row->says) || r.violations)
		print_error("row %zu:\n%s\n", i, row->scenario);
	run_expect(&r, row->outcome);
	if (!strstr(message_words(&r.result.what), row->says))
		print_error("message: %s\n", message_words(&r.result.what));
	assert_non_null(strstr(message_words(&r.result.what), row->says));
	if (row->code < 0)
		assert_false(r.result.code.present);
	else
		assert_int_equal(r.result.code.number, row->code);
	if (r.result.outcome == OUTCOME_SUCCESS)
		assert_string_equal(r.version, TO);
	if (r.result.outcome == OUTCOME_UNCHANGED)
		assert_string_equal(r.version, FROM);
}

static void after_the_command_the_version_decides(void **state)
{
	static const struct after_row rows[] = {
		/* C06 */
		{"on AT+QFOTADL=*COM*\n\tline OK\n", false, OUTCOME_UNCHANGED, "OK but not CONNECT", -1},
		{"on AT+QFOTADL=*COM*\n\tline ERROR\n", false, OUTCOME_UNCHANGED, "refused", -1},
		{"on AT+QFOTADL=*COM*\n\tline +CME ERROR: 3\n", false, OUTCOME_UNCHANGED, "not allowed", 3},
		{"on AT+QFOTADL=*COM*\n\twait 20\n", false, OUTCOME_UNCHANGED, "did not say CONNECT", -1},
		/* C10 */
		{"at data 5000\n\tleave\n\tline ERROR\n", false, OUTCOME_UNCHANGED, "stopped taking data", -1},
		{"at data 5000\n\tleave\n\tline +QIND: \"FOTA\",\"END\",505\n", false, OUTCOME_UNCHANGED,
		 "stopped taking data: +QIND", -1},
		/* C15 */
		{"on AT+QFOTADL=*http*\n\tline +CME ERROR: 50\n", true, OUTCOME_UNCHANGED, "refused", 50},
		/* C16 */
		{"at download\n\tdrop\n", true, OUTCOME_UNCHANGED, "no start of the installation was seen", -1},
		/* C17 */
		{"set source-code 702\n", true, OUTCOME_UNCHANGED, "time-out", 702},
		{"set source-code 799\n", true, OUTCOME_UNCHANGED, "799", 799},
		/* C18 */
		{"set end-code 504\n", false, OUTCOME_UNCHANGED, "504", 504},
		{"set end-code 505\n", true, OUTCOME_UNCHANGED, "505", 505},
		/* a download that failed and went on all the same: what it installed counts */
		{"set end-code 504\nat download-end\n\tline +QIND: \"FOTA\",\"HTTPEND\",702\n\tline +QIND: \"FOTA\",\"START\"\n\tdefault\n", true, OUTCOME_UNCHANGED,
		 "installation with code 504", 504},
		/* C19 */
		{"set final-version " FROM "\n", false, OUTCOME_UNCHANGED, "without effect", -1},
		/* C23 */
		{"at updating 37\n\twait 600000\n", false, OUTCOME_SUCCESS, "", -1},
		/* C25 */
		{"set updating-word RESTORE\n", false, OUTCOME_SUCCESS, "", -1},
		/* END lost in the hang-up */
		{"at end\n\thush\n", false, OUTCOME_SUCCESS, "", -1},
		/* START lost */
		{"at start\n\thush\n", false, OUTCOME_SUCCESS, "", -1},
		/* C26 */
		{"set absent-ms 180000\n", false, OUTCOME_SUCCESS, "", -1},
		{"at reboot\n\tvanish 0\n", false, OUTCOME_UNKNOWN, "did not answer", -1},
		{"at end\n\tstop\n", false, OUTCOME_UNKNOWN, "", -1},
		/* C27 */
		{"set final-version UG96LNAR02A07E1G\n", false, OUTCOME_DEVICE_FAILED, "neither", -1},
		{"at boot\n\tset imei 490154203237591\n", false, OUTCOME_UNKNOWN, "another module", -1},
		/* C06: CONNECT 60 s late, when nobody waits for it any more */
		{"on AT+QFOTADL=*COM*\n\twait 60000\n\tdefault\n", false, OUTCOME_UNCHANGED, "did not say CONNECT", -1},
		/* a CONNECT that nobody waits for */
		{"at reboot\n\tline CONNECT\n", true, OUTCOME_SUCCESS, "", -1},
		{"at reboot\n\tline CONNECT\n", false, OUTCOME_SUCCESS, "", -1},
		/* B08 while sending */
		{"at data 5000\n\tline OK\n", false, OUTCOME_UNCHANGED, "stopped taking data", -1},
		/* C24, without resume */
		{"set resume off\nat updating 45\n\tdefault\n\treboot\n", false, OUTCOME_UNCHANGED, "no end of the installation was seen", -1},
		/* A29 */
		{"set baud-after-boot 9600\n", false, OUTCOME_SUCCESS, "", -1},
		/* B12, B13, B14 */
		{"at updating 20\n\tline +QIND: \"FOTA\",\"UPDATING\",101\n\tline +QIND: \"FOTA\",\"UPDATING\",-5\n"
		 "\tline +QIND: \"FOTA\",\"UPDATING\"\n\tline +QIND: \"FOTA\",\"updating\",,,\n\tline +QIND: \"FOTA\",\"EN\n",
		 false, OUTCOME_SUCCESS, "", -1},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_after(state, &rows[i], i);
}

/* C10: whether the last byte was written before the module's ERROR was read, or
 * after it, depends on buffers; the answer does not. */
static void a_transfer_that_broke_off_fails_in_its_step(void **state)
{
	static const char *const scenarios[] = {
		"at data 5000\n\tleave\n\tline ERROR\n", "at data-end\n\tline ERROR\n\tdrop\n",
	};

	for (size_t i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++) {
		struct run r;

		run_init(&r, state);
		run_push(&r);
		r.config.sim.scenario_text = scenarios[i];
		run_go(&r);
		run_expect(&r, OUTCOME_UNCHANGED);
		assert_int_equal(r.result.step, STEP_TRANSFER);
		assert_string_equal(message_words(&r.result.what), "the module stopped taking data: ERROR; the module still runs " FROM);
		assert_string_equal(r.version, FROM);
	}
}

static void a_step_ends_as_what_it_was(void **state)
{
	static const struct {
		const char *scenario;
		bool pull;
		const char *ended;	/* a letter a step begun, in their order: done, failed, unknown */
	} rows[] = {
		{"", false, "i-d c-d p-d t-d I-d r-d v-d"},
		{"", true, "i-d c-d p-d t-d I-d r-d v-d"},
		{"set voltage-mv 3100\n", false, "i-d c-f"},
		{"at data 5000\n\tleave\n\tline ERROR\n", false, "i-d c-d p-d t-f v-d"},
		{"on AT+QFOTADL=*COM*\n\tline OK\n", false, "i-d c-d p-d t-f r-d v-d"},
		{"set source-code 702\n", true, "i-d c-d p-d t-f v-d"},
		{"at download\n\tdrop\n", true, "i-d c-d p-d t-u I-u r-d v-f"},
		{"set end-code 504\n", false, "i-d c-d p-d t-d I-f r-d v-d"},
		{"at end\n\thush\n", false, "i-d c-d p-d t-d I-u r-d v-d"},
		{"set final-version " FROM "\n", false, "i-d c-d p-d t-d I-d r-d v-f"},
		{"set final-version UG96LNAR02A07E1G\n", false, "i-d c-d p-d t-d I-d r-d v-f"},
		{"at boot\n\tset imei 490154203237591\n", false, "i-d c-d p-d t-d I-d r-d v-u"},
		{"at reboot\n\tvanish 0\n", false, "i-d c-d p-d t-d I-d r-u"},
	};
	static const char letters[STEP_COUNT] = "icfptIrv", ends[ENDED_COUNT] = "dfu";
	struct run r;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char got[64] = "";

		run_init(&r, state);
		if (rows[i].pull)
			run_pull(&r, HTTP_URL);
		else
			run_push(&r);
		r.config.sim.scenario_text = rows[i].scenario;
		run_go(&r);
		for (int s = 0; s < STEP_COUNT; s++)
			if (r.steps[s])
				snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%c-%c", got[0] ? " " : "",
					 letters[s], ends[r.ended[s]]);
		if (strcmp(got, rows[i].ended) != 0)
			print_error("row %zu\n", i);
		assert_string_equal(got, rows[i].ended);
	}
}

/* Who has said how it ended is asked at once; who says nothing, when START
 * cannot be late any more (protocol.md 4.2). */
static void an_old_version_is_final_in_its_time(void **state)
{
	static const struct {
		const char *scenario;
		int64_t least_s, most_s;
	} rows[] = {
		{"set end-code 504\n", 0, 10},
		{"set final-version " FROM "\n", 0, 20},
		{"at start\n\tdrop\n", 300, 400},
		{"set resume off\nat updating 45\n\tdefault\n\treboot\n", 60, 400},
	};
	struct run r;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		run_init(&r, state);
		run_push(&r);
		r.config.sim.scenario_text = rows[i].scenario;
		run_go(&r);
		run_expect(&r, OUTCOME_UNCHANGED);
		if (r.took_ms > rows[i].most_s * 1000)
			print_error("row %zu: %lld ms\n", i, (long long)r.took_ms);
		assert_in_range(r.took_ms, rows[i].least_s * 1000, rows[i].most_s * 1000);
	}
}

/* It runs the new version from its restart on, not from its END. */
#define LATE_VERSION "set final-version " FROM "\nat reboot\n\tset version " TO "\n\tdefault\n"

/* protocol.md 4.2: with END seen nothing installs any more, so the module may be asked;
 * the old version of one that has not restarted yet decides nothing. */
static void what_is_asked_between_end_and_restart_decides_nothing(void **state)
{
	static const char *const restarts[] = {
		"set reboot-ms 50000\nset boot-ms 20000\n" LATE_VERSION, "set reboot-ms 1\n" LATE_VERSION,
		"set reboot-ms 7000\nset absent-ms 100\n" LATE_VERSION, "set reboot-ms 7000\n",
	};
	struct run r;

	for (size_t i = 0; i < sizeof(restarts) / sizeof(restarts[0]); i++)
		for (int pull = 0; pull < 2; pull++) {
			run_init(&r, state);
			if (pull)
				run_pull(&r, HTTP_URL);
			else
				run_push(&r);
			r.config.sim.scenario_text = restarts[i];
			run_go(&r);
			run_expect(&r, OUTCOME_SUCCESS);
		}
}

/* C43: one that stays in command mode after its END, and has nothing more to say. */
static void a_module_that_answers_after_its_end_is_asked_at_once(void **state)
{
	struct run r;
	const char *end, *asked;

	run_init(&r, state);
	run_push(&r);
	r.config.sim.scenario_text = "set reboot-ms 50000\n" LATE_VERSION;
	run_go(&r);
	run_expect(&r, OUTCOME_SUCCESS);
	end = strstr(r.lines, "\"END\",0");
	assert_non_null(end);
	asked = strstr(end, "\nAT\n");
	assert_non_null(asked);
	/* what it runs before its restart, and after it */
	asked = strstr(asked, "\n" FROM "\n");
	assert_non_null(asked);
	assert_non_null(strstr(asked, "\n" TO "\n"));
}

/* C24: power lost while installing; the module goes on by itself. */
static void a_power_cut_is_watched_through(void **state)
{
	static const char *const moments[] = {"start", "updating 0", "updating 37", "updating 97"};
	char text[128];
	struct after_row row = {text, false, OUTCOME_SUCCESS, "", -1};

	for (size_t i = 0; i < sizeof(moments) / sizeof(moments[0]); i++) {
		snprintf(text, sizeof(text), "set resume announce\nat %s nth 1\n\treboot\n", moments[i]);
		check_after(state, &row, i);
		snprintf(text, sizeof(text), "set resume on\nat %s nth 1\n\treboot\n", moments[i]);
		check_after(state, &row, i);
	}
}

/* A14: unplugged at every thousandth byte of the transfer. */
static void an_unplug_while_sending_leaves_the_module_unchanged(void **state)
{
	char text[128];
	struct after_row row = {text, false, OUTCOME_UNCHANGED, "", -1};

	for (unsigned at = 1; at < PACKAGE_SIZE; at += 1000) {
		snprintf(text, sizeof(text), "at data %u\n\tleave\n\tvanish 3000\n", at);
		check_after(state, &row, at);
	}
}

/* B08 close to the end of the package: neither the way out of data mode nor a
 * question may complete it, and what is complete is not disturbed. */
static void a_stray_error_completes_no_package(void **state)
{
	char text[64];
	struct run r;

	for (unsigned left = 0; left <= 80; left++) {
		run_init(&r, state);
		run_push(&r);
		snprintf(text, sizeof(text), "at data %u\n\tline %s\n", PACKAGE_SIZE - left,
			 left % 2 ? "ERROR" : "+CME ERROR: 100");
		r.config.sim.scenario_text = text;
		r.config.sim.fast = false;
		run_go(&r);
		if (r.violations)
			print_error("%u bytes left: %s\n%s\n%s", left, r.violation, message_words(&r.result.what), r.lines);
		assert_int_equal(r.violations, 0);
		assert_in_range(r.result.outcome, OUTCOME_SUCCESS, OUTCOME_UNCHANGED);
		assert_false(r.result.outcome == OUTCOME_SUCCESS && r.result.code.present);
		run_expect_truth(&r);
	}
}

static void fail_one(struct run *r)
{
	sim_port_fail(r->sp, r->failing_call, r->failing_nth,
		      r->failing_call == SIM_PORT_OPEN ? ERR_PORT : ERR_GONE);
}

/* Every read, write and open failing once, as an unplug of that moment: the
 * outcome must be what the module really is. */
static void every_call_failing_once_ends_in_a_true_outcome(void **state)
{
	struct run good, r;
	unsigned tried = 0;

	run_init(&good, state);
	run_push(&good);
	run_go(&good);
	for (int call = 0; call < SIM_PORT_CALLS; call++) {
		for (unsigned nth = 1; nth <= good.calls[call]; nth++) {
			run_init(&r, state);
			run_push(&r);
			r.failing_call = (enum sim_port_call)call;
			r.failing_nth = nth;
			r.setup = fail_one;
			run_go(&r);
			if (r.violations)
				print_error("call %d, nth %u: %s\n", call, nth, r.violation);
			assert_int_equal(r.violations, 0);
			assert_in_range(r.qfotadl, 0, 1);
			if (r.result.outcome == OUTCOME_SUCCESS)
				assert_string_equal(r.version, TO);
			else if (r.result.outcome != OUTCOME_UNKNOWN)
				assert_string_equal(r.version, FROM);
			tried++;
		}
	}
	print_message("%u of %u calls\n", tried, good.calls[0] + good.calls[1] + good.calls[2]);
}

/* Noise on the line in the preflight and later never makes a success of a
 * module that was not upgraded (faults.md A24). */
static void noise_never_makes_a_success(void **state)
{
	static const char *const kinds[] = {"flip", "drop", "double"};
	char text[160];
	struct run r;

	for (unsigned seed = 1; seed <= 60; seed++) {
		run_init(&r, state);
		run_push(&r);
		snprintf(text, sizeof(text), "set seed %u\nset noise-kind %s\nset noise-in %u\nset noise-out %u\n",
			 seed, kinds[seed % 3], seed % 4, seed % 5);
		r.config.sim.scenario_text = text;
		run_go(&r);
		if (r.result.outcome == OUTCOME_SUCCESS)
			assert_string_equal(r.version, TO);
		else if (r.result.outcome != OUTCOME_UNKNOWN)
			assert_string_equal(r.version, FROM);
	}
}

static void a_package_that_does_not_fit_its_manifest_is_refused(void **state)
{
	struct run r;

	run_init(&r, state);
	run_push(&r);
	snprintf(r.plan.file, sizeof(r.plan.file), "%s", r.files->other);
	snprintf(r.plan.manifest, sizeof(r.plan.manifest), "%s", r.files->manifest);
	run_go(&r);
	run_expect_stop(&r, ERR_PACKAGE);
	assert_false(r.steps[STEP_IDENTIFY]);
}

static void a_package_without_manifest_needs_a_target(void **state)
{
	struct run r;

	run_init(&r, state);
	run_push(&r);
	snprintf(r.plan.file, sizeof(r.plan.file), "%s", r.files->other);
	run_go(&r);
	run_expect_stop(&r, ERR_USAGE);
	assert_non_null(strstr(r.result.advice, "--target"));
}

/* The wrong package for this module, and nothing that says so beforehand. */
static void the_module_refuses_a_package_it_cannot_use(void **state)
{
	struct run r;

	run_init(&r, state);
	run_push(&r);
	snprintf(r.plan.file, sizeof(r.plan.file), "%s", r.files->other);
	snprintf(r.plan.target, sizeof(r.plan.target), "%s", TO);
	run_go(&r);
	run_expect(&r, OUTCOME_UNCHANGED);
	assert_true(r.result.code.present);
	assert_string_equal(r.result.code.table, "end");
	assert_true(r.result.cause[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_push_ends_in_success),
		cmocka_unit_test(a_pull_by_http_ends_in_success),
		cmocka_unit_test(a_pull_by_ftp_keeps_the_password_out_of_every_event),
		cmocka_unit_test(any_split_of_the_answers_gives_the_same_outcome),
		cmocka_unit_test(without_a_yes_nothing_is_sent),
		cmocka_unit_test(a_dry_run_sends_nothing_that_changes_the_module),
		cmocka_unit_test(a_probe_needs_no_package),
		cmocka_unit_test(a_module_that_installs_already_is_watched_and_not_disturbed),
		cmocka_unit_test(a_module_that_installs_again_while_it_is_asked_is_left_alone),
		cmocka_unit_test(a_module_that_goes_on_installing_is_never_called_safe),
		cmocka_unit_test(a_module_that_was_not_reached_is_not_called_safe),
		cmocka_unit_test(preflight_refuses),
		cmocka_unit_test(what_stops_it_stops_no_question),
		cmocka_unit_test(at_the_target_nothing_is_left_to_do),
		cmocka_unit_test(another_module_than_the_one_named_is_refused),
		cmocka_unit_test(a_push_needs_no_network),
		cmocka_unit_test(an_inactive_context_is_activated_for_a_pull),
		cmocka_unit_test(already_at_the_target_is_success_only_if_asked_for),
		cmocka_unit_test(after_the_command_the_version_decides),
		cmocka_unit_test(a_transfer_that_broke_off_fails_in_its_step),
		cmocka_unit_test(a_step_ends_as_what_it_was),
		cmocka_unit_test(an_old_version_is_final_in_its_time),
		cmocka_unit_test(what_is_asked_between_end_and_restart_decides_nothing),
		cmocka_unit_test(a_module_that_answers_after_its_end_is_asked_at_once),
		cmocka_unit_test(a_power_cut_is_watched_through),
		cmocka_unit_test(an_unplug_while_sending_leaves_the_module_unchanged),
		cmocka_unit_test(a_stray_error_completes_no_package),
		cmocka_unit_test(every_call_failing_once_ends_in_a_true_outcome),
		cmocka_unit_test(noise_never_makes_a_success),
		cmocka_unit_test(a_package_that_does_not_fit_its_manifest_is_refused),
		cmocka_unit_test(a_package_without_manifest_needs_a_target),
		cmocka_unit_test(the_module_refuses_a_package_it_cannot_use),
	};

	return cmocka_run_group_tests(tests, files_make, files_remove);
}

#include "config.h"

#include <dirent.h>

#include "sim/scenario.h"
#include "sim_fixture.h"
#include "words.h"

static void a_block_is_the_answer_of_a_command(void **state)
{
	static const struct {
		const char *scenario, *command, *answer;
	} rows[] = {
		{ "on AT+CGMR\n\tline V\n\tline OK\n", "AT+CGMR", "\r\nV\r\n\r\nOK\r\n" },
		{ "on AT+CGMR\n\tline OTHER {model}\n\tdefault\n", "AT+CGMR", "\r\nOTHER UG96\r\n\r\n" FROM "\r\n\r\nOK\r\n" },
		{ "on AT+CGMR\n\tdefault\n\tline OK\n", "AT+CGMR", "\r\n" FROM "\r\n\r\nOK\r\n\r\nOK\r\n" },
		{ "on AT+CGMR\n\tdrop\n", "AT+CGMR", "" },
		{ "on AT+CGMR\n\tline V\n\tline OK\n\tdrop\n\tline more\n", "AT+CGMR", "\r\nV\r\n\r\nOK\r\n\r\nmore\r\n" },
		{ "on AT+C*\n\traw \"\\r\\n\\x41\\0\\tB\\\\\\\"\"\n", "AT+CBC", "\r\nA" },
		{ "on AT+C*\n\tline C\non AT+CBC\n\tline never\n", "AT+CBC", "\r\nC\r\n" },
		{ "on AT+CGMR nth 2\n\tline second\n", "AT+CGMR", "\r\n" FROM "\r\n\r\nOK\r\n" },
		{ "on AT+CGMR nth 1..\n\tline {nothing}\n", "AT+CGMR", "\r\n{nothing}\r\n" },
		{ "on AT+CREG?\n\tset creg 5\n\tdefault\n", "AT+CSQ;+CREG?;+CBC",
		  "\r\n+CSQ: 26,99\r\n\r\n+CREG: 0,5\r\n\r\n+CBC: 0,71,3814\r\n\r\nOK\r\n" },
		{ "on AT+CREG?\n\tline cut\n", "AT+CSQ;+CREG?;+CBC", "\r\n+CSQ: 26,99\r\n\r\ncut\r\n" },
		{ "on AT\n\tfill 3 \"x\"\n", "AT", "xxx" },
		{ "set eol \"\\n\"\nset bol \"\"\n", "AT", "OK\n" },
		{ "# nothing\n\n   # at all\n", "AT", "\r\nOK\r\n" },
		{ "on AT+CBC\r\n\tline crlf file\r\n", "AT+CBC", "\r\ncrlf file\r\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct rig r;

		rig_init(&r, rows[i].scenario);
		echo_off(&r);
		if (strcmp(ask(&r, rows[i].command), rows[i].answer) != 0)
			fail_msg("row %zu: \"%s\"", i, r.heard);
		rig_free(&r);
	}
}

static void nth_counts(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, "on AT+CBC nth 2\n\tline two\non AT+CBC nth 4..\n\tline four on\n");
	echo_off(&r);
	expect_heard((ask(&r, "AT+CBC"), &r), "3814");
	assert_string_equal(ask(&r, "AT+CBC"), "\r\ntwo\r\n");
	expect_heard((ask(&r, "AT+CBC"), &r), "3814");
	assert_string_equal(ask(&r, "AT+CBC"), "\r\nfour on\r\n");
	assert_string_equal(ask(&r, "AT+CBC"), "\r\nfour on\r\n");
	rig_free(&r);
}

static void a_wait_keeps_the_host_waiting(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, "on AT+CBC\n\twait 60000\n\tline CONNECT\n");
	echo_off(&r);
	say(&r, "AT+CBC\r");
	pass(&r, 59000);
	assert_string_equal(r.heard, "");
	/* after so long a host may try */
	say(&r, "AT\r");
	expect_no_blame(&r);
	pass(&r, 2000);
	assert_string_equal(r.heard, "\r\nCONNECT\r\n\r\nOK\r\n");
	rig_free(&r);
}

static void a_hold_waits_for_its_release(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, "on AT+CBC\n\thold\n\tline CONNECT\n");
	echo_off(&r);
	say(&r, "AT+CBC\r");
	pass(&r, 3600000);
	assert_string_equal(r.heard, "");
	sim_release(r.sim, r.now_ms);
	pass(&r, 100);
	assert_string_equal(r.heard, "\r\nCONNECT\r\n");
	/* who is released before he waits does not wait */
	sim_release(r.sim, r.now_ms);
	assert_string_equal(ask(&r, "AT+CBC"), "\r\nCONNECT\r\n");
	assert_string_equal(ask(&r, "AT+CBC"), "");
	rig_free(&r);
}

static void a_drop_ends_the_command_and_not_its_block(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, "on AT+CBC\n\tline ERROR\n\tdrop\n\twait 3000\n\tline RING\n");
	echo_off(&r);
	say(&r, "AT+CBC\r");
	pass(&r, 1000);
	assert_string_equal(r.heard, "\r\nERROR\r\n");
	assert_string_equal(ask(&r, "AT"), "\r\nOK\r\n");
	pass(&r, 3000);
	expect_heard(&r, "RING");
	expect_no_blame(&r);
	rig_free(&r);
}

static void an_event_block_comes_before_hides_or_ends_the_step(void **state)
{
	static const struct {
		const char *scenario;
		const char *order[4];
		const char *never;
		const char *version;
	} rows[] = {
		{ "at start\n\tline before\n", { "before", FOTA("\"START\""), FOTA("\"END\",0") }, NULL, TO },
		{ "at start\n\tdefault\n\tline after\n", { FOTA("\"START\""), "after", FOTA("\"END\",0") }, NULL, TO },
		{ "at start\n\thush\n", { FOTA("\"UPDATING\",0"), FOTA("\"END\",0") }, FOTA("\"START\""), TO },
		{ "at start\n\tdrop\n", { "OK" }, "+QIND", FROM },
		{ "at end\n\thush\n", { FOTA("\"UPDATING\",100"), "RDY" }, "END", TO },
		{ "at end\n\tdrop\n", { FOTA("\"UPDATING\",100") }, "RDY", TO },
		{ "at updating 50\n\tline half\n", { FOTA("\"UPDATING\",49"), "half", FOTA("\"UPDATING\",53") }, NULL, TO },
		{ "at updating 50\n\tstop\n", { FOTA("\"UPDATING\",49") }, "53", FROM },
		{ "at reboot\n\tset imei 1234\n", { "RDY" }, NULL, TO },
		{ "at boot\n\tgarbage 20\n", { "END", "RDY" }, NULL, TO },
		{ "at data-end\n\tdrop\n", { "CONNECT" }, "+QIND", FROM },
		{ "at data-end\n\tline ERROR\n\tdrop\n", { "CONNECT", "ERROR" }, "+QIND", FROM },
		{ "at data 1000\n\tfinish\n", { "CONNECT", "OK", FOTA("\"END\",505") }, "START", FROM },
		{ "at data 1000\n\tline ERROR\n\tleave\n", { "CONNECT", "ERROR" }, "+QIND", FROM },
		{ "at data 307200\n\tline all\n", { "all", "OK", "START" }, NULL, TO },
		{ "set final-version UG96X\n", { "END\",0", "RDY" }, NULL, "UG96X" },
		{ "set final-version unchanged\n", { "END\",0", "RDY" }, NULL, FROM },
		{ "set percents 0,50,75\n", { FOTA("\"UPDATING\",0"), FOTA("\"UPDATING\",50"), FOTA("\"END\",0") }, FOTA("\"UPDATING\",2"), TO },
		{ "set percents 0,50,75\nat updating 51\n\tline late\n", { FOTA("\"UPDATING\",50"), "late", FOTA("\"UPDATING\",75") }, NULL, TO },
		{ "set percents\n", { FOTA("\"START\""), FOTA("\"END\",0") }, "UPDATING", TO },
		{ "set percents 30,60\nset end-code 504\nset end-percent 40\n", { FOTA("\"UPDATING\",30"), FOTA("\"END\",504") }, FOTA("\"UPDATING\",60"), FROM },
		{ "set updating-word RESTORE\n", { FOTA("\"RESTORE\",0"), FOTA("\"RESTORE\",100"), "END\",0" }, "UPDATING", TO },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct rig r;

		rig_init(&r, rows[i].scenario);
		echo_off(&r);
		send_package(&r, files_of(state), COM_COMMAND);
		pass(&r, 20000);
		expect_order(&r, rows[i].order);
		if (rows[i].never)
			expect_not_heard(&r, rows[i].never);
		expect_version(&r, rows[i].version);
		expect_no_blame(&r);
		rig_free(&r);
	}
}

static void noise_spoils_a_package(void **state)
{
	static const char *const kinds[] = { "flip", "drop", "double" };

	for (size_t i = 0; i < COUNT(kinds); i++) {
		struct rig r;
		char scenario[96];

		snprintf(scenario, sizeof(scenario), "on AT+QFOTADL=*\n\tdefault\n\tset noise-in 1000\n\tset noise-kind %s\n", kinds[i]);
		rig_init(&r, scenario);
		send_package(&r, files_of(state), COM_COMMAND);
		pass(&r, 200000);
		expect_not_heard(&r, "START");
		expect_version(&r, FROM);
		expect_no_blame(&r);
		rig_free(&r);
	}
}

static void noise_hits_as_often_as_it_is_set_to(void **state)
{
	struct rig r;
	unsigned char buf[4096];
	size_t n, hits = 0, all = 0;

	(void)state;
	rig_init(&r, "set noise-out 10000\nat time 1000\n\tfill 1000000 \"x\"\n");
	sim_run(r.sim, r.now_ms + 1000);
	while ((n = sim_output(r.sim, r.now_ms + 1000, buf, sizeof(buf)))) {
		all += n;
		for (size_t i = 0; i < n; i++)
			hits += buf[i] != 'x';
	}
	assert_int_equal(all, 1000000);
	assert_in_range(hits, 9000, 11000);
	rig_free(&r);
}

static void a_huge_fill_takes_no_memory(void **state)
{
	struct rig r;
	unsigned char buf[4096];

	(void)state;
	rig_init(&r, "at time 1\n\tfill 1073741824 \"A\"\n\tgarbage 10737418240\n\tline end\n");
	sim_run(r.sim, r.now_ms + 1);
	assert_int_equal(sim_output(r.sim, r.now_ms + 1, buf, sizeof(buf)), sizeof(buf));
	assert_int_equal(buf[4095], 'A');
	rig_free(&r);
}

static void a_chunk_is_a_burst_a_millisecond(void **state)
{
	struct rig r;
	char buf[64];

	(void)state;
	rig_init(&r, "set chunk 2\n");
	echo_off(&r);
	say(&r, "AT\r");
	sim_run(r.sim, r.now_ms + 1);
	assert_int_equal(sim_output(r.sim, r.now_ms + 1, buf, sizeof(buf)), 2);
	assert_int_equal(sim_output(r.sim, r.now_ms + 1, buf, sizeof(buf)), 0);
	assert_true(sim_next_ms(r.sim) == r.now_ms + 2);
	assert_int_equal(sim_output(r.sim, r.now_ms + 2, buf, sizeof(buf)), 2);
	assert_memory_equal(buf, "OK", 2);
	rig_free(&r);
}

static void echo_can_be_odd(void **state)
{
	static const struct {
		const char *scenario, *command, *answer;
	} rows[] = {
		{ "set echo double\n", "AT", "AATT\r\r\r\nOK\r\n" },
		{ "set echo partial\n", "ATI0", "ATI" },
		{ "set echo off\n", "AT", "\r\nOK\r\n" },
		{ "set echo wrap\n", "AT+QFOTADL=\"ftp://u:secret@h/p\"", "AT+QFOTADL=\"ftp://u\r\n:secret@" },
	};
	struct rig r;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		rig_init(&r, rows[i].scenario);
		ask(&r, rows[i].command);
		if (i == 1)
			expect_not_heard(&r, rows[i].answer);
		else
			expect_heard(&r, rows[i].answer);
		rig_free(&r);
	}
	rig_init(&r, "set echo stuck\n");
	ask(&r, "ATE0");
	assert_string_equal(ask(&r, "AT"), "AT\r\r\nOK\r\n");
	rig_free(&r);
}

static void mute_deaf_and_flow_control_can_be_set(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, "set mute on\n");
	assert_string_equal(ask(&r, "AT"), "");
	rig_free(&r);
	rig_init(&r, "set deaf on\n");
	assert_string_equal(ask(&r, "AT"), "");
	rig_free(&r);
	rig_init(&r, "at time 1000\n\tset reading off\nat time 2000\n\tset reading on\n");
	assert_true(sim_accepts(r.sim));
	pass(&r, 1500);
	assert_false(sim_accepts(r.sim));
	pass(&r, 1000);
	assert_true(sim_accepts(r.sim));
	rig_free(&r);
}

/* As a module without flow control: its buffer, and what it can store meanwhile. */
static void a_transfer_that_is_faster_than_its_rate_loses_bytes(void **state)
{
	const struct files *f = files_of(state);
	const size_t each = 15;
	struct rig r;

	rig_init(&r, "set take-rate 15000\n");
	ask(&r, COM_COMMAND);
	for (size_t i = 0; i < sizeof(f->bytes); i += each) {
		say_bytes(&r, f->bytes + i, each < sizeof(f->bytes) - i ? each : sizeof(f->bytes) - i);
		pass(&r, 1);
	}
	pass(&r, 10000);
	expect_heard(&r, "START");
	rig_free(&r);
	rig_init(&r, "set take-rate 15000\n");
	send_package(&r, f, COM_COMMAND);
	pass(&r, 200000);
	expect_not_heard(&r, "START");
	expect_heard(&r, "ERROR");
	expect_version(&r, FROM);
	expect_no_blame(&r);
	rig_free(&r);
}

static void a_wrong_scenario_line_is_named(void **state)
{
	static const struct {
		const char *text, *error;
	} rows[] = {
		{ "set colour red\n", "scenario, line 1: there is no property \"colour\"" },
		{ "set percents 0,50,20\n", "line 1: percents takes ascending numbers from 0 to 100 with commas between, not \"0,50,20\"" },
		{ "set percents 0,101\n", "percents takes ascending" },
		{ "set percents 0,\n", "percents takes ascending" },
		{ "set percents ,\n", "percents takes ascending" },
		{ "\n\nset rssi 100\n", "line 3: rssi takes a number from 0 to 99, not \"100\"" },
		{ "set rssi\n", "rssi takes a number" },
		{ "set rssi 1x\n", "not \"1x\"" },
		{ "set context maybe\n", "context has no value \"maybe\"" },
		{ "set imei 123456789012345678901234567890\n", "imei takes at most 23 bytes" },
		{ "set eol \"\\q\"\n", "unknown escape \"\\q\"" },
		{ "set eol \"\\r\n", "the quote is not closed" },
		{ "set eol \"\\r\" x\n", "more text after the closing quote" },
		{ "set eol \"\\0\"\n", "eol cannot hold a NUL" },
		{ "\tline X\n", "line 1: an action outside of a block" },
		{ "line X\n", "a line begins with set, on or at, not with \"line\"" },
		{ "on\n", "\"on\" without a command" },
		{ "on nth 2\n", "\"on\" without a command" },
		{ "on AT nth 0\n", "nth takes a number from 1" },
		{ "on AT nth x\n", "nth takes a number from 1" },
		{ "on AT nth 2.\n", "nth takes a number from 1" },
		{ "at noon\n", "there is no event \"noon\"" },
		{ "at data\n", "data takes a number" },
		{ "at start 5\n", "at start takes no number" },
		{ "at start\n\tjump\n", "line 2: there is no action \"jump\"" },
		{ "at start\n\twait\n", "line 2: wait takes a number" },
		{ "at start\n\twait -1\n", "wait takes a number" },
		{ "at start\n\treboot now\n", "reboot takes no value" },
		{ "at start\n\tfill 3 \"ab\"\n", "fill takes one byte" },
		{ "at start\n\tfill \"a\"\n", "fill takes a number" },
		{ "at start\n\traw x\n", "a text in quotes is missing" },
		{ "at start\n\tset end-code x\n", "line 2: end-code takes a number" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct sim_config config = { .scenario_text = rows[i].text };
		struct err e;

		assert_null(sim_new(&config, &e));
		assert_int_equal(e.code, ERR_USAGE);
		if (!strstr(err_words(&e), rows[i].error))
			fail_msg("\"%s\" gives: %s", rows[i].text, err_words(&e));
	}
}

static void scenario_limits_are_reported(void **state)
{
	struct sim_scenario *sc = malloc(sizeof(*sc));
	struct sim_settings p;
	char *text = malloc(SCENARIO_MAX + 1);
	size_t n = 0;
	struct err e;

	(void)state;
	assert_non_null(sc);
	assert_non_null(text);
	sim_settings_init(&p, true);
	memset(text, '#', SCENARIO_MAX + 1);
	assert_int_equal(sim_scenario_parse(sc, &p, "big", text, SCENARIO_MAX + 1, &e), -1);
	assert_non_null(strstr(err_words(&e), "the scenario big has more than 262,144 bytes"));
	assert_int_equal(sim_scenario_parse(sc, &p, "full", text, SCENARIO_MAX, &e), 0);
	sim_scenario_free(sc);
	for (int i = 0; i <= SCENARIO_BLOCKS; i++)
		n += (size_t)sprintf(text + n, "at start\n");
	assert_int_equal(sim_scenario_parse(sc, &p, "many", text, n, &e), -1);
	assert_non_null(strstr(err_words(&e), "many, line 65: more than 64 blocks"));
	n = (size_t)sprintf(text, "at start\n");
	for (int i = 0; i <= SCENARIO_ACTIONS; i++)
		n += (size_t)sprintf(text + n, " hush\n");
	assert_int_equal(sim_scenario_parse(sc, &p, "many", text, n, &e), -1);
	assert_non_null(strstr(err_words(&e), "line 514: more than 512 actions"));
	assert_int_equal(sim_scenario_parse(sc, &p, "nul", "set rssi 1\0\n", 12, &e), -1);
	assert_non_null(strstr(err_words(&e), "a NUL byte"));
	assert_int_equal(sim_scenario_load(sc, &p, "/nonexistent.at", &e), -1);
	assert_non_null(strstr(err_words(&e), "there is no scenario /nonexistent.at"));
	assert_int_equal(sim_scenario_load(sc, &p, "/tmp", &e), -1);
	assert_non_null(strstr(err_words(&e), "not a regular file"));
	free(text);
	free(sc);
}

static void any_scenario_text_is_parsed_or_refused(void **state)
{
	static const char seed[] =
		"set eol \"\\r\\n\"\non AT+C* nth 2..\n\tline x {imei}\n\traw \"\\x41\"\nat data 5\n\tfill 3 \"a\"\n\twait 5\n";
	struct sim_scenario *sc = malloc(sizeof(*sc));
	struct sim_settings p;
	unsigned random = 1;
	struct err e;

	(void)state;
	assert_non_null(sc);
	sim_settings_init(&p, true);
	for (int round = 0; round < 20000; round++) {
		char text[sizeof(seed)];
		int parsed = 0;

		memcpy(text, seed, sizeof(seed));
		for (int k = 0; k < 4; k++) {
			random = random * 1103515245u + 12345u;
			text[random % (sizeof(seed) - 1)] = (char)(random >> 16);
		}
		e = (struct err){0};
		if (sim_scenario_parse(sc, &p, "mutant", text, sizeof(seed) - 1, &e) == 0) {
			sim_scenario_free(sc);
			parsed = 1;
		}
		assert_true(parsed || strstr(err_words(&e), "mutant, line"));
	}
	free(sc);
}

static void a_pattern_fits_as_a_whole(void **state)
{
	static const struct {
		const char *pattern, *text;
		bool fits;
	} rows[] = {
		{ "AT", "AT", true }, { "AT", "ATI", false }, { "AT*", "AT", true },
		{ "AT*", "ATI", true }, { "*", "", true }, { "", "", true }, { "", "A", false },
		{ "AT+*?", "AT+CREG?", true }, { "AT+*?", "AT+CREG", false },
		{ "*a*b", "xaxbxb", true }, { "*a*b", "xaxbx", false }, { "A**", "A", true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (sim_pattern_fits(rows[i].pattern, rows[i].text) != rows[i].fits)
			fail_msg("%s on %s", rows[i].pattern, rows[i].text);
}

/* A host of little sense: asks, sends the package when it may, asks again. */
static void live_through(struct rig *r, const struct files *f)
{
	ask(r, "ATE0");
	ask(r, "ATI");
	ask(r, "AT+CGMR");
	ask(r, "AT+QFOTADL=?");
	ask(r, COM_COMMAND);
	if (strstr(r->heard, "CONNECT"))
		say_bytes(r, f->bytes, sizeof(f->bytes));
	pass(r, 7200000);
	ask(r, "AT+CGMR");
}

static void every_scenario_of_the_suite_can_be_lived_through(void **state)
{
	const char *srcdir = getenv("srcdir");
	char dir[512], path[1024], line[256];
	unsigned count = 0;
	struct dirent *entry;
	DIR *d;

	snprintf(dir, sizeof(dir), "%s/tests/scenarios", srcdir ? srcdir : ".");
	d = opendir(dir);
	assert_non_null(d);
	while ((entry = readdir(d))) {
		struct sim_config config = { .scenario = path, .fast = true };
		size_t size = strlen(entry->d_name);
		struct rig *r;
		struct err e;
		FILE *in;

		if (size < 4 || strcmp(entry->d_name + size - 3, ".at") != 0)
			continue;
		count++;
		snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
		in = fopen(path, "r");
		assert_non_null(in);
		assert_non_null(fgets(line, sizeof(line), in));
		fclose(in);
		if (strncmp(line, "# ", 2) != 0)
			fail_msg("%s does not begin with a comment that tells what happens", path);
		r = calloc(1, sizeof(*r));
		assert_non_null(r);
		r->sim = sim_new(&config, &e);
		if (!r->sim)
			fail_msg("%s", err_words(&e));
		r->now_ms = 1000;
		sim_power_on(r->sim, r->now_ms, true);
		live_through(r, files_of(state));
		rig_free(r);
		free(r);
	}
	closedir(d);
	assert_true(count > 40);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_block_is_the_answer_of_a_command),
		cmocka_unit_test(nth_counts),
		cmocka_unit_test(a_wait_keeps_the_host_waiting),
		cmocka_unit_test(a_hold_waits_for_its_release),
		cmocka_unit_test(a_drop_ends_the_command_and_not_its_block),
		cmocka_unit_test(an_event_block_comes_before_hides_or_ends_the_step),
		cmocka_unit_test(noise_spoils_a_package),
		cmocka_unit_test(noise_hits_as_often_as_it_is_set_to),
		cmocka_unit_test(a_huge_fill_takes_no_memory),
		cmocka_unit_test(a_chunk_is_a_burst_a_millisecond),
		cmocka_unit_test(echo_can_be_odd),
		cmocka_unit_test(mute_deaf_and_flow_control_can_be_set),
		cmocka_unit_test(a_transfer_that_is_faster_than_its_rate_loses_bytes),
		cmocka_unit_test(a_wrong_scenario_line_is_named),
		cmocka_unit_test(scenario_limits_are_reported),
		cmocka_unit_test(any_scenario_text_is_parsed_or_refused),
		cmocka_unit_test(a_pattern_fits_as_a_whole),
		cmocka_unit_test(every_scenario_of_the_suite_can_be_lived_through),
	};

	return cmocka_run_group_tests(tests, make_files, remove_files);
}

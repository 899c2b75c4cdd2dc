#include "config.h"

#include "sim_fixture.h"

static const struct {
	const char *command, *answer;
} answers[] = {
	{ "AT", "\r\nOK\r\n" },
	{ "at", "\r\nOK\r\n" },
	{ "AT ", "\r\nOK\r\n" },
	{ "ATE0V1", "\r\nOK\r\n" },
	{ "ATV1", "\r\nOK\r\n" },
	{ "ATI", "\r\nQuectel\r\n\r\nUG96\r\n\r\nRevision: " FROM "\r\n\r\nOK\r\n" },
	{ "AT+CGMR", "\r\n" FROM "\r\n\r\nOK\r\n" },
	{ "AT+GMR", "\r\n" FROM "\r\n\r\nOK\r\n" },
	{ "AT+QGMR", "\r\nERROR\r\n" },
	{ "AT+GSN", "\r\n490154203237518\r\n\r\nOK\r\n" },
	{ "at+cgsn", "\r\n490154203237518\r\n\r\nOK\r\n" },
	{ "AT+CMEE?", "\r\n+CMEE: 0\r\n\r\nOK\r\n" },
	{ "AT+CPIN?", "\r\n+CPIN: READY\r\n\r\nOK\r\n" },
	{ "AT+CSQ", "\r\n+CSQ: 26,99\r\n\r\nOK\r\n" },
	{ "AT+CREG?", "\r\n+CREG: 0,1\r\n\r\nOK\r\n" },
	{ "AT+CGREG?", "\r\n+CGREG: 0,1\r\n\r\nOK\r\n" },
	{ "AT+COPS?", "\r\n+COPS: 0,0,\"DFOTA TEST\",2\r\n\r\nOK\r\n" },
	{ "AT+CSQ;+CREG?;+CGREG?", "\r\n+CSQ: 26,99\r\n\r\n+CREG: 0,1\r\n\r\n+CGREG: 0,1\r\n\r\nOK\r\n" },
	{ "AT+CSQ;+NONSENSE;+CREG?", "\r\n+CSQ: 26,99\r\n\r\nERROR\r\n" },
	{ "AT+QICSGP=1", "\r\n+QICSGP: 1,\"internet\",\"\",\"\",0\r\n\r\nOK\r\n" },
	{ "AT+QICSGP=1,1,\"m2m;x\",\"u\",\"p\",1", "\r\nOK\r\n" },
	{ "AT+QIACT?", "\r\n+QIACT: 1,1,1,\"10.0.0.2\"\r\n\r\nOK\r\n" },
	{ "AT+QIACT=1", "\r\nOK\r\n" },
	{ "AT+QIDEACT=1", "\r\nOK\r\n" },
	{ "AT+CGDCONT?", "\r\n+CGDCONT: 1,\"IP\",\"internet\",\"0.0.0.0\",0,0\r\n\r\nOK\r\n" },
	{ "AT+CBC", "\r\n+CBC: 0,71,3814\r\n\r\nOK\r\n" },
	{ "AT+IPR?", "\r\n+IPR: 115200\r\n\r\nOK\r\n" },
	{ "AT+IPR=12345", "\r\nERROR\r\n" },
	{ "ATE1;&W", "\r\nOK\r\n" },
	{ "AT+IFC=2,2", "\r\nOK\r\n" },
	{ "AT+IFC?", "\r\n+IFC: 0,0\r\n\r\nOK\r\n" },
	{ "AT&D0", "\r\nOK\r\n" },
	{ "AT&D1", "\r\nOK\r\n" },
	{ "AT&D2", "\r\nOK\r\n" },
	{ "AT+QURCCFG=\"urcport\"", "\r\n+QURCCFG: \"urcport\",\"uart1\"\r\n\r\nOK\r\n" },
	{ "AT+QURCCFG=\"urcport\",\"nowhere\"", "\r\nERROR\r\n" },
	{ "AT+QCFG=\"stateurc/enable\"", "\r\n+QCFG: \"stateurc/enable\",1\r\n\r\nOK\r\n" },
	{ "AT+QCFG=\"stateurc/enable\",1", "\r\nOK\r\n" },
	{ "AT+QCFG=\"stateurc/enable\",7", "\r\nERROR\r\n" },
	{ "AT+QINDCFG=\"all\",1", "\r\nERROR\r\n" },
	{ "AT+QFLDS=\"UFS\"", "\r\n+QFLDS: 2987840,2987840\r\n\r\nOK\r\n" },
	{ "AT+QFLDS", "\r\n+QFLDS: 0,0\r\n\r\nOK\r\n" },
	{ "AT+QFLST", "\r\nOK\r\n" },
	{ "AT+QFLST=\"*\"", "\r\nOK\r\n" },
	{ "AT+QFUPL=?", "\r\n+QFUPL: <filename>[,(1-2987840)[,(1-65535)[,(0,1)]]]\r\n\r\nOK\r\n" },
	{ "AT+QFDEL=\"no.bin\"", "\r\nERROR\r\n" },
	{ "AT+QFDWL=\"no.bin\"", "\r\nERROR\r\n" },
	{ "AT+QFOTADL=?", "\r\nOK\r\n" },
	{ "AT+NONSENSE", "\r\nERROR\r\n" },
	{ "AT+CMEE=9", "\r\nERROR\r\n" },
	{ "", "" },
};

static void every_command_has_its_answer(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(answers); i++) {
		struct rig r;

		rig_init(&r, NULL);
		echo_off(&r);
		if (strcmp(ask(&r, answers[i].command), answers[i].answer) != 0)
			fail_msg("%s: \"%s\"", answers[i].command, r.heard);
		expect_no_blame(&r);
		rig_free(&r);
	}
}

static void what_was_set_is_reported(void **state)
{
	static const struct {
		const char *set, *query, *answer;
	} rows[] = {
		{ "AT+CMEE=2", "AT+CMEE?", "+CMEE: 2" },
		{ "AT+IFC=2,2", "AT+IFC?", "+IFC: 2,2" },
		{ "AT+QICSGP=1,1,\"m2m\",\"\",\"\",0", "AT+CGDCONT?", "\"m2m\"" },
		{ "AT+QIDEACT=1", "AT+QIACT?", "OK" },
		{ "AT+QURCCFG=\"urcport\",\"usbat\"", "AT+QURCCFG=\"urcport\"", "\"usbat\"" },
		{ "AT+QCFG=\"stateurc/enable\",0", "AT+QCFG=\"stateurc/enable\"", ",0\r\n" },
		{ "AT+IPR=9600;&W", "AT+IPR?", "+IPR: 9600" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct rig r;

		rig_init(&r, NULL);
		ask(&r, rows[i].set);
		expect_heard(&r, "OK");
		ask(&r, rows[i].query);
		expect_heard(&r, rows[i].answer);
		rig_free(&r);
	}
}

static void it_echoes_until_echo_is_switched_off(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, NULL);
	assert_string_equal(ask(&r, "AT"), "AT\r\r\nOK\r\n");
	assert_string_equal(ask(&r, "ATE0"), "ATE0\r\r\nOK\r\n");
	assert_string_equal(ask(&r, "AT"), "\r\nOK\r\n");
	assert_string_equal(ask(&r, "ATE1"), "\r\nOK\r\n");
	assert_string_equal(ask(&r, "AT\n"), "AT\r\r\nOK\r\n");
	rig_free(&r);
}

static void errors_come_as_cmee_asks(void **state)
{
	static const struct {
		const char *mode, *answer;
	} rows[] = {
		{ "AT+CMEE=0", "\r\nERROR\r\n" },
		{ "AT+CMEE=1", "\r\n+CME ERROR: 10\r\n" },
		{ "AT+CMEE=2", "\r\n+CME ERROR: SIM not inserted\r\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct rig r;

		rig_init(&r, "set cpin none\n");
		echo_off(&r);
		ask(&r, rows[i].mode);
		assert_string_equal(ask(&r, "AT+CPIN?"), rows[i].answer);
		rig_free(&r);
	}
}

static void a_line_that_is_too_long_is_an_error(void **state)
{
	struct rig r;
	char line[3000];

	(void)state;
	memset(line, 'X', sizeof(line));
	memcpy(line, "AT+CSQ=", 7);
	line[sizeof(line) - 1] = '\0';
	rig_init(&r, NULL);
	echo_off(&r);
	assert_string_equal(ask(&r, line), "\r\nERROR\r\n");
	assert_string_equal(ask(&r, "AT"), "\r\nOK\r\n");
	rig_free(&r);
}

static const struct {
	const char *what;
	size_t size;
	unsigned char first, step;	/* byte i is first + i * step, unless text */
	const char *text;
	unsigned modulo;		/* 0: 256 */
	const char *answer;
} vectors[] = {
	{ "1234567890", 10, 0, 0, "1234567890", 0, "+QFUPL: 10,3938" },
	{ "0123456789", 10, 0, 0, "0123456789", 0, "+QFUPL: 10,3839" },
	{ "123456789", 9, 0, 0, "123456789", 0, "+QFUPL: 9,3908" },
	{ "ABC", 3, 0, 0, "ABC", 0, "+QFUPL: 3,242" },
	{ "A", 1, 0, 0, "A", 0, "+QFUPL: 1,4100" },
	{ "+++", 3, 0, 0, "+++", 0, "+QFUPL: 3,2B" },
	{ "0..255 four times", 1024, 0, 1, NULL, 0, "+QFUPL: 1024,0" },
	{ "1024 x FF", 1024, 0xff, 0, NULL, 0, "+QFUPL: 1024,0" },
	{ "1025 x FF", 1025, 0xff, 0, NULL, 0, "+QFUPL: 1025,FF00" },
	{ "i mod 251", 3000, 0, 1, NULL, 251, "+QFUPL: 3000,1602" },
};

static void the_checksum_of_an_upload_is_the_documented_one(void **state)
{
	unsigned char bytes[3000];

	(void)state;
	for (size_t i = 0; i < COUNT(vectors); i++) {
		struct rig r;
		char command[64];

		for (size_t k = 0; k < vectors[i].size; k++)
			bytes[k] = vectors[i].text ? (unsigned char)vectors[i].text[k] :
				(unsigned char)(vectors[i].first + (vectors[i].modulo ? k % vectors[i].modulo : k) * vectors[i].step);
		snprintf(command, sizeof(command), "AT+QFUPL=\"a.bin\",%zu,5", vectors[i].size);
		rig_init(&r, NULL);
		echo_off(&r);
		assert_string_equal(ask(&r, command), "\r\nCONNECT\r\n");
		forget(&r);
		say_bytes(&r, bytes, vectors[i].size);
		pass(&r, 100);
		expect_heard(&r, vectors[i].answer);
		expect_heard(&r, "\r\nOK\r\n");
		expect_no_blame(&r);
		rig_free(&r);
	}
}

static void each_full_kilobyte_is_acknowledged(void **state)
{
	static const struct {
		size_t size;
		const char *acks;
	} rows[] = {
		{ 1, "" }, { 1023, "" }, { 1024, "A" }, { 1025, "A" }, { 2047, "A" },
		{ 2048, "AA" }, { 2049, "AA" }, { 3000, "AA" },
	};
	static const unsigned char zeros[3000];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct rig r;
		char command[64], answer[64];

		snprintf(command, sizeof(command), "AT+QFUPL=\"a.bin\",%zu,5,1", rows[i].size);
		snprintf(answer, sizeof(answer), "%s\r\n+QFUPL: %zu,0\r\n\r\nOK\r\n", rows[i].acks, rows[i].size);
		rig_init(&r, NULL);
		ask(&r, command);
		forget(&r);
		say_bytes(&r, zeros, rows[i].size);
		pass(&r, 100);
		assert_string_equal(r.heard, answer);
		rig_free(&r);
	}
}

static void a_file_is_kept_listed_given_back_and_deleted(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, NULL);
	echo_off(&r);
	ask(&r, "AT+CMEE=1");
	ask(&r, "AT+QFUPL=\"a.bin\",10");
	say(&r, "1234567890");
	pass(&r, 100);
	assert_string_equal(ask(&r, "AT+QFUPL=\"a.bin\",10"), "\r\n+CME ERROR: 407\r\n");
	assert_string_equal(ask(&r, "AT+QFUPL=\"b.bin\",9999999"), "\r\n+CME ERROR: 420\r\n");
	assert_string_equal(ask(&r, "AT+QFLST"), "\r\n+QFLST: \"a.bin\",10\r\n\r\nOK\r\n");
	assert_string_equal(ask(&r, "AT+QFLDS"), "\r\n+QFLDS: 10,1\r\n\r\nOK\r\n");
	assert_string_equal(ask(&r, "AT+QFDWL=\"a.bin\""),
			    "\r\nCONNECT\r\n1234567890\r\n+QFDWL: 10,3938\r\n\r\nOK\r\n");
	assert_string_equal(ask(&r, "AT+QFDEL=\"a.bin\""), "\r\nOK\r\n");
	assert_string_equal(ask(&r, "AT+QFDEL=\"a.bin\""), "\r\n+CME ERROR: 405\r\n");
	expect_no_blame(&r);
	rig_free(&r);
}

static void data_mode_ends_by_time_out(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, NULL);
	echo_off(&r);
	ask(&r, "AT+QFOTADL=\"COM:\",1000,7");
	say(&r, "AT\r");
	forget(&r);
	pass(&r, 6999);
	assert_string_equal(r.heard, "");
	pass(&r, 2);
	assert_string_equal(r.heard, "\r\nERROR\r\n");
	assert_string_equal(ask(&r, "AT"), "\r\nOK\r\n");
	expect_no_blame(&r);
	rig_free(&r);
}

/* Pauses in ms around and inside of the three bytes; does it end data mode? */
static void three_plus_end_data_mode_only_between_silences(void **state)
{
	static const struct {
		int64_t before, inside, after;
		bool ends;
	} rows[] = {
		{ 1000, 0, 1000, true },
		{ 1500, 300, 1500, true },
		{ 999, 0, 1000, false },
		{ 1000, 0, 999, false },
		{ 1000, 1000, 1000, false },
		{ 0, 0, 0, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct rig r;

		rig_init(&r, NULL);
		echo_off(&r);
		ask(&r, "AT+QFUPL=\"a\",20,60");
		say(&r, "0123456789");
		pass(&r, rows[i].before);
		forget(&r);
		for (int k = 0; k < 3; k++) {
			say(&r, "+");
			pass(&r, k < 2 ? rows[i].inside : rows[i].after);
		}
		assert_string_equal(r.heard, rows[i].ends ? "\r\nOK\r\n" : "");
		if (rows[i].ends) {
			assert_string_equal(ask(&r, "AT+QFLST"), "\r\n+QFLST: \"a\",10\r\n\r\nOK\r\n");
		} else {
			say(&r, "ABCDEFG");
			pass(&r, 100);
			expect_heard(&r, "+QFUPL: 20,");
		}
		expect_no_blame(&r);
		rig_free(&r);
	}
}

static void an_escape_that_completes_the_size_is_data(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, NULL);
	ask(&r, "AT+QFUPL=\"a\",3,60");
	pass(&r, 2000);
	forget(&r);
	say(&r, "+++");
	pass(&r, 100);
	assert_string_equal(r.heard, "\r\n+QFUPL: 3,2B\r\n\r\nOK\r\n");
	rig_free(&r);
}

static void an_escape_forgets_a_package(void **state)
{
	struct rig r;

	rig_init(&r, NULL);
	echo_off(&r);
	ask(&r, COM_COMMAND);
	say_bytes(&r, files_of(state)->bytes, 100000);
	pass(&r, 1100);
	forget(&r);
	say(&r, "+++");
	pass(&r, 1100);
	assert_string_equal(r.heard, "\r\nOK\r\n");
	/* and it can be sent again */
	send_package(&r, files_of(state), COM_COMMAND);
	pass(&r, 10000);
	expect_version(&r, TO);
	expect_no_blame(&r);
	rig_free(&r);
}

static void what_a_host_does_wrong_is_counted(void **state)
{
	static const struct {
		const char *what, *command;
		unsigned count;
		const char *words;
	} rows[] = {
		{ "a number", "AT+QFOTADL=1", 1, "a number starts an upgrade" },
		{ "read form", "AT+QFOTADL?", 1, "documented nowhere" },
		{ "all files", "AT+QFDEL=\"*\"", 1, "deletes every file" },
		{ "scheme", "AT+QFOTADL=\"gopher://h/p\"", 1, "unknown scheme" },
		{ "https", "AT+QFOTADL=\"https://h/p\"", 1, "unknown scheme" },
		{ "no path", "AT+QFOTADL=\"http://h\"", 1, "no path" },
		{ "no host", "AT+QFOTADL=\"http:///p\"", 1, "no host" },
		{ "port", "AT+QFOTADL=\"http://h:0/p\"", 1, "no port number" },
		{ "two @", "AT+QFOTADL=\"ftp://a@b@h/p\"", 1, "more than one @" },
		{ "blank", "AT+QFOTADL=\"http://h/a b\"", 1, "forbidden byte" },
		{ "hash", "AT+QFOTADL=\"http://h/a#b\"", 1, "forbidden byte" },
		{ "escape", "AT+QFOTADL=\"http://h/a%0Db\"", 1, "forbidden escape" },
		{ "more fields", "AT+QFOTADL=\"http://h/p\",1,50", 1, "parameters after" },
		{ "open quote", "AT+QFOTADL=\"http://h/p", 1, "no form of the command" },
		{ "no command", "hello", 1, "no command: hello" },
		{ "before AT", "xxAT", 1, "no command: xxAT" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct rig r;

		rig_init(&r, NULL);
		ask(&r, rows[i].command);
		expect_blame(&r, rows[i].count, rows[i].words);
		expect_version(&r, FROM);
		rig_free(&r);
	}
}

static void a_command_during_another_is_counted_and_answered_after_it(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, "set answer-ms 200\n");
	echo_off(&r);
	say(&r, "AT+CSQ\r\n");
	pass(&r, 100);
	expect_no_blame(&r);
	say(&r, "AT+CBC\r");
	expect_blame(&r, 1, "bytes while a command was under way: AT+CSQ");
	pass(&r, 1000);
	expect_order(&r, (const char *const[]){ "+CSQ:", "OK", "+CBC:", "OK", NULL });
	rig_free(&r);
}

/* Two questions that waited for a module that could not look: nobody knows
 * whether the second came too soon. */
static void what_comes_late_is_no_fault(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, NULL);
	echo_off(&r);
	sim_late(r.sim, true);
	say(&r, "AT\rAT\r");
	pass(&r, 1000);
	expect_no_blame(&r);
	assert_string_equal(r.heard, "\r\nOK\r\n\r\nOK\r\n");
	sim_late(r.sim, false);
	say(&r, "AT\rAT\r");	/* who looks for its rate may ask again */
	expect_no_blame(&r);
	pass(&r, 1000);
	say(&r, "AT+CSQ\rAT\r");
	expect_blame(&r, 1, "bytes while a command was under way: AT");
	rig_free(&r);
}

static void bytes_beyond_the_declared_size_are_counted(void **state)
{
	struct rig r;

	rig_init(&r, NULL);
	ask(&r, COM_COMMAND);
	say_bytes(&r, files_of(state)->bytes, SIM_DEMO_PACKAGE_SIZE);
	say(&r, "x");
	expect_blame(&r, 1, "more bytes than were declared");
	rig_free(&r);
}

static void bytes_between_package_and_start_are_counted(void **state)
{
	struct rig r;

	rig_init(&r, "set start-ms 5000\n");
	send_package(&r, files_of(state), COM_COMMAND);
	pass(&r, 1000);
	expect_no_blame(&r);
	say(&r, "A");
	expect_blame(&r, 1, "between the end of the package and START");
	rig_free(&r);
}

static void every_byte_while_it_flashes_is_counted(void **state)
{
	struct rig r;

	rig_init(&r, "set flash-ms 60000\n");
	send_package(&r, files_of(state), COM_COMMAND);
	pass(&r, 30000);
	expect_no_blame(&r);
	forget(&r);
	say(&r, "AT\r");
	expect_blame(&r, 3, "while it was flashing");
	pass(&r, 1000);
	expect_not_heard(&r, "OK");
	pass(&r, 40000);
	expect_version(&r, TO);
	rig_free(&r);
}

static void data_before_the_gate_token_is_counted(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, "set dialect file\nset start-ms 5000\n");
	ask(&r, "AT+QFOTADL=\"FILE:100\"");
	say(&r, "x");
	expect_blame(&r, 1, "before the gate token");
	rig_free(&r);
}

static void an_escape_in_command_mode_is_no_fault(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, NULL);
	echo_off(&r);
	say(&r, "+++");
	pass(&r, 1100);
	assert_string_equal(ask(&r, "AT"), "\r\nOK\r\n");
	expect_no_blame(&r);
	rig_free(&r);
}

static void it_goes_away_and_comes_back_at_a_reboot(void **state)
{
	struct rig r;
	int64_t gone_ms = 0, back_ms = 0;

	rig_init(&r, "set absent-ms 1500\nset boot-ms 4000\n");
	send_package(&r, files_of(state), COM_COMMAND);
	while (!back_ms && r.now_ms < 60000) {
		pass(&r, 1);
		if (!gone_ms && !sim_present(r.sim))
			gone_ms = r.now_ms;
		if (gone_ms && sim_present(r.sim))
			back_ms = r.now_ms;
	}
	expect_heard(&r, "\"END\",0");
	assert_in_range(back_ms - gone_ms, 1499, 1501);
	/* deaf until RDY, a quarter of the boot later */
	forget(&r);
	say(&r, "AT\r");
	pass(&r, 990);
	assert_string_equal(r.heard, "");
	pass(&r, 20);
	assert_string_equal(r.heard, "\r\nRDY\r\n");
	ask(&r, "AT");
	expect_heard(&r, "OK");
	expect_no_blame(&r);
	rig_free(&r);
}

static void a_cold_start_prints_its_urcs(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, NULL);
	sim_power_on(r.sim, r.now_ms, false);
	assert_true(sim_present(r.sim));
	pass(&r, 1000);
	expect_order(&r, (const char *const[]){ "RDY", "+CFUN: 1", "+CPIN: READY", "+QIND: PB DONE", NULL });
	rig_free(&r);
}

static void a_power_cut_in_the_flash_is_survived_as_set(void **state)
{
	static const struct {
		const char *resume, *version, *heard;
	} rows[] = {
		{ "on", TO, FOTA("\"UPDATING\",41") },
		{ "announce", TO, FOTA("\"Last upgrade was not finished,continue upgrade\"") },
		{ "off", FROM, "RDY\r\n" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct rig r;
		char scenario[96];

		snprintf(scenario, sizeof(scenario), "set resume %s\nat updating 37\n\treboot\n", rows[i].resume);
		rig_init(&r, scenario);
		send_package(&r, files_of(state), COM_COMMAND);
		while (sim_present(r.sim) && r.now_ms < 60000)
			pass(&r, 1);
		assert_false(sim_present(r.sim));
		forget(&r);
		pass(&r, 20000);
		expect_heard(&r, rows[i].heard);
		expect_version(&r, rows[i].version);
		rig_free(&r);
	}
}

static void unplugged_while_it_flashes_it_goes_on(void **state)
{
	struct rig r;

	rig_init(&r, "set flash-ms 28000\nat updating 37\n\tvanish 5000\n");
	send_package(&r, files_of(state), COM_COMMAND);
	while (sim_present(r.sim) && r.now_ms < 60000)
		pass(&r, 1);
	say(&r, "A");
	expect_blame(&r, 1, "away");
	forget(&r);
	pass(&r, 60000);
	expect_order(&r, (const char *const[]){ "\"UPDATING\",61", "\"END\",0", "RDY", NULL });
	expect_not_heard(&r, "\"UPDATING\",41");
	expect_version(&r, TO);
	rig_free(&r);
}

static void vanished_for_ever_it_does_not_come_back(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, "at time 1000\n vanish 0\n");
	pass(&r, 1000);
	assert_false(sim_present(r.sim));
	assert_true(sim_next_ms(r.sim) == INT64_MAX);
	pass(&r, 100000000);
	assert_false(sim_present(r.sim));
	rig_free(&r);
}

static void at_another_rate_both_sides_hear_garbage(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, NULL);
	echo_off(&r);
	sim_host_baud(r.sim, 9600);
	ask(&r, "AT");
	expect_not_heard(&r, "OK");
	sim_host_baud(r.sim, 115200);
	ask(&r, "");
	ask(&r, "AT");
	expect_heard(&r, "OK");
	expect_no_blame(&r);
	rig_free(&r);
}

static void a_new_rate_holds_from_behind_the_ok_and_is_stored_on_demand(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, "at time 5000\n reboot\nat time 10000\n reboot\n");
	sim_host_baud(r.sim, 115200);
	ask(&r, "AT+IPR=9600");
	expect_heard(&r, "OK");
	assert_int_equal(sim_baud(r.sim), 9600);
	pass(&r, 5000);
	assert_int_equal(sim_baud(r.sim), 115200);
	ask(&r, "AT+IPR=460800;&W");
	pass(&r, 5000);
	assert_int_equal(sim_baud(r.sim), 460800);
	rig_free(&r);
}

static void urcs_go_where_they_are_sent(void **state)
{
	static const struct {
		const char *scenario, *command;
		bool heard;
	} rows[] = {
		{ "", "AT", true },
		{ "set urcport usbmodem\n", "AT", false },
		{ "set urcport usbmodem\n", "AT+QURCCFG=\"urcport\",\"uart1\"", true },
		{ "set stateurc off\n", "AT", false },
		{ "set stateurc off\n", "AT+QCFG=\"stateurc/enable\",1", true },
		{ "set mute off\n", "AT", true },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct rig r;

		rig_init(&r, rows[i].scenario);
		ask(&r, rows[i].command);
		send_package(&r, files_of(state), COM_COMMAND);
		pass(&r, 10000);
		if (rows[i].heard)
			expect_order(&r, flash_lines);
		else
			expect_not_heard(&r, "+QIND");
		expect_version(&r, TO);
		rig_free(&r);
	}
}

/* What is said with the whole dialogue cut into pieces of SPLIT bytes. */
static void play(struct rig *r, const struct files *f, size_t split, const char *scenario)
{
	static const char *const commands[] = {
		"ATE0", "ATI", "AT+CMEE=1", "AT+CSQ;+CREG?;+CGREG?;+COPS?", "AT+NONSENSE",
		"AT+QFOTADL=?", "AT+QFUPL=\"x\",10",
	};

	rig_init(r, scenario);
	r->split = split;
	for (size_t i = 0; i < COUNT(commands); i++) {
		say(r, commands[i]);
		say(r, "\r\n");
		pass(r, 1000);
	}
	say(r, "1234567890");
	pass(r, 1000);
	say(r, COM_COMMAND "\r");
	pass(r, 1000);
	say_bytes(r, f->bytes, sizeof(f->bytes));
	pass(r, 10000);
}

static void every_split_of_the_input_does_the_same(void **state)
{
	static const size_t splits[] = { 1, 2, 3, 5, 7, 16, 31, 64, 100, 1000, 1023, 1024, 1025, 4096 };
	struct rig *whole = malloc(sizeof(*whole)), *part = malloc(sizeof(*part));

	assert_non_null(whole);
	assert_non_null(part);
	play(whole, files_of(state), 0, NULL);
	assert_string_equal(sim_version(whole->sim), TO);
	for (size_t i = 0; i < COUNT(splits); i++) {
		play(part, files_of(state), splits[i], NULL);
		assert_string_equal(part->heard, whole->heard);
		assert_string_equal(sim_version(part->sim), TO);
		expect_no_blame(part);
		rig_free(part);
	}
	rig_free(whole);
	free(whole);
	free(part);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_command_has_its_answer),
		cmocka_unit_test(what_was_set_is_reported),
		cmocka_unit_test(it_echoes_until_echo_is_switched_off),
		cmocka_unit_test(errors_come_as_cmee_asks),
		cmocka_unit_test(a_line_that_is_too_long_is_an_error),
		cmocka_unit_test(the_checksum_of_an_upload_is_the_documented_one),
		cmocka_unit_test(each_full_kilobyte_is_acknowledged),
		cmocka_unit_test(a_file_is_kept_listed_given_back_and_deleted),
		cmocka_unit_test(data_mode_ends_by_time_out),
		cmocka_unit_test(three_plus_end_data_mode_only_between_silences),
		cmocka_unit_test(an_escape_that_completes_the_size_is_data),
		cmocka_unit_test(an_escape_forgets_a_package),
		cmocka_unit_test(what_a_host_does_wrong_is_counted),
		cmocka_unit_test(a_command_during_another_is_counted_and_answered_after_it),
		cmocka_unit_test(what_comes_late_is_no_fault),
		cmocka_unit_test(bytes_beyond_the_declared_size_are_counted),
		cmocka_unit_test(bytes_between_package_and_start_are_counted),
		cmocka_unit_test(every_byte_while_it_flashes_is_counted),
		cmocka_unit_test(data_before_the_gate_token_is_counted),
		cmocka_unit_test(an_escape_in_command_mode_is_no_fault),
		cmocka_unit_test(it_goes_away_and_comes_back_at_a_reboot),
		cmocka_unit_test(a_cold_start_prints_its_urcs),
		cmocka_unit_test(a_power_cut_in_the_flash_is_survived_as_set),
		cmocka_unit_test(unplugged_while_it_flashes_it_goes_on),
		cmocka_unit_test(vanished_for_ever_it_does_not_come_back),
		cmocka_unit_test(at_another_rate_both_sides_hear_garbage),
		cmocka_unit_test(a_new_rate_holds_from_behind_the_ok_and_is_stored_on_demand),
		cmocka_unit_test(urcs_go_where_they_are_sent),
		cmocka_unit_test(every_split_of_the_input_does_the_same),
	};

	return cmocka_run_group_tests(tests, make_files, remove_files);
}

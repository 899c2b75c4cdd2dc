#include "config.h"

#include "package/package.h"
#include "sim/fetch.h"
#include "sim_fixture.h"

#define URL_COMMAND "AT+QFOTADL=\"http://192.0.2.7/delta.bin\""

static void a_package_over_the_line_makes_the_new_version(void **state)
{
	struct rig r;

	rig_init(&r, NULL);
	echo_off(&r);
	send_package(&r, files_of(state), COM_COMMAND);
	pass(&r, 10000);
	assert_ptr_equal(strstr(r.heard, "\r\nCONNECT\r\n\r\nOK\r\n\r\n" FOTA("\"START\"")), r.heard);
	expect_order(&r, flash_lines);
	expect_version(&r, TO);
	ask(&r, "AT+CGMR");
	expect_heard(&r, TO);
	expect_no_blame(&r);
	rig_free(&r);
}

/* A question is package bytes: once within the time-out, and never the last of them. */
static void questions_in_data_mode_are_counted(void **state)
{
	static const struct {
		int first_ms, second_ms;	/* after the last byte before */
		bool blamed;
	} rows[] = {
		{2000, 0, false}, {19000, 0, false}, {2000, 5000, true}, {2000, 19000, true}, {2000, 25000, false},
	};
	struct rig r;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *first;

		rig_init(&r, NULL);
		echo_off(&r);
		ask(&r, "AT+QFOTADL=\"COM:\",100,20");
		say(&r, "0123456789");
		pass(&r, rows[i].first_ms);
		say(&r, "AT\r");
		if (rows[i].second_ms) {
			pass(&r, rows[i].second_ms);
			say(&r, "AT\r");
		}
		pass(&r, 2000);
		if ((sim_violations(r.sim, &first) != 0) != rows[i].blamed)
			fail_msg("row %zu: %s", i, first);
		rig_free(&r);
	}
}

static void a_question_that_completes_a_package_is_counted(void **state)
{
	struct rig r;

	(void)state;
	for (int pause_ms = 0; pause_ms < 3000; pause_ms += 1500) {
		rig_init(&r, NULL);
		echo_off(&r);
		ask(&r, "AT+QFOTADL=\"COM:\",13,20");
		say(&r, "0123456789");
		pass(&r, pause_ms);
		say(&r, "AT\r");
		expect_blame(&r, 1, "completed by a question");
		rig_free(&r);
	}
}

static void serve(struct rig *r, const char *url, const void *bytes, size_t size,
		  const struct server_status *status)
{
	assert_non_null(sim_fetch_wanted(r->sim));
	assert_string_equal(sim_fetch_wanted(r->sim), url);
	sim_fetch_data(r->sim, bytes, size);
	sim_fetch_end(r->sim, r->now_ms, status, status->kind == SERVER_OK);
	assert_null(sim_fetch_wanted(r->sim));
}

static void a_url_is_downloaded_and_makes_the_new_version(void **state)
{
	static const struct {
		const char *url, *start, *end;
	} rows[] = {
		{ HTTP_URL, FOTA("\"HTTPSTART\""), FOTA("\"HTTPEND\",0") },
		{ FTP_URL, FOTA("\"FTPSTART\""), FOTA("\"FTPEND\",0") },
		{ "http://192.0.2.7:8080/d", FOTA("\"HTTPSTART\""), FOTA("\"HTTPEND\",0") },
	};
	const struct server_status fine = { .kind = SERVER_OK };
	const struct files *f = files_of(state);

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct rig r;
		char command[300];

		rig_init(&r, NULL);
		echo_off(&r);
		snprintf(command, sizeof(command), "AT+QFOTADL=\"%s\"", rows[i].url);
		ask(&r, command);
		assert_memory_equal(r.heard, "\r\nOK\r\n", 6);
		expect_heard(&r, rows[i].start);
		/* it still answers */
		ask(&r, "AT+CSQ");
		expect_heard(&r, "+CSQ: 26,99");
		forget(&r);
		serve(&r, rows[i].url, f->bytes, sizeof(f->bytes), &fine);
		pass(&r, 10000);
		expect_order(&r, (const char *const[]){ rows[i].end, FOTA("\"START\""), NULL });
		expect_order(&r, flash_lines);
		expect_version(&r, TO);
		expect_no_blame(&r);
		rig_free(&r);
	}
}

static void a_failed_download_gives_its_code(void **state)
{
	static const struct {
		const char *url;
		struct server_status status;
		const char *end;
	} rows[] = {
		{ HTTP_URL, { .kind = SERVER_DNS }, FOTA("\"HTTPEND\",714") },
		{ HTTP_URL, { .kind = SERVER_CONNECT }, FOTA("\"HTTPEND\",716") },
		{ HTTP_URL, { .kind = SERVER_NOT_FOUND, .reply = 404 }, FOTA("\"HTTPEND\",723") },
		{ HTTP_URL, { .kind = SERVER_LOGIN, .reply = 401 }, FOTA("\"HTTPEND\",723") },
		{ HTTP_URL, { .kind = SERVER_TIMEOUT }, FOTA("\"HTTPEND\",722") },
		{ HTTP_URL, { .kind = SERVER_OTHER }, FOTA("\"HTTPEND\",701") },
		{ FTP_URL, { .kind = SERVER_DNS }, FOTA("\"FTPEND\",604") },
		{ FTP_URL, { .kind = SERVER_CONNECT }, FOTA("\"FTPEND\",605") },
		{ FTP_URL, { .kind = SERVER_LOGIN, .reply = 530 }, FOTA("\"FTPEND\",625") },
		{ FTP_URL, { .kind = SERVER_NOT_FOUND, .reply = 550 }, FOTA("\"FTPEND\",627") },
		{ FTP_URL, { .kind = SERVER_OTHER, .reply = 421 }, FOTA("\"FTPEND\",614") },
		{ FTP_URL, { .kind = SERVER_TIMEOUT }, FOTA("\"FTPEND\",609") },
		{ FTP_URL, { .kind = SERVER_OTHER }, FOTA("\"FTPEND\",601") },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct rig r;
		char command[300];

		rig_init(&r, NULL);
		snprintf(command, sizeof(command), "AT+QFOTADL=\"%s\"", rows[i].url);
		ask(&r, command);
		serve(&r, rows[i].url, "PK", 2, &rows[i].status);
		pass(&r, 10000);
		expect_heard(&r, rows[i].end);
		expect_not_heard(&r, "\"START\"");
		expect_version(&r, FROM);
		ask(&r, "AT");
		expect_heard(&r, "OK");
		rig_free(&r);
	}
}

static void a_url_needs_sim_registration_and_context(void **state)
{
	static const struct {
		const char *scenario, *answer;
	} rows[] = {
		{ "set cpin none\n", "+CME ERROR: 10" },
		{ "set cpin SIM PIN\n", "+CME ERROR: 11" },
		{ "set cpin SIM PUK\n", "+CME ERROR: 12" },
		{ "set creg 2\nset cgreg 0\n", "+CME ERROR: 30" },
		{ "set context off\n", "+CME ERROR: 3" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct rig r;

		rig_init(&r, rows[i].scenario);
		ask(&r, "AT+CMEE=1");
		ask(&r, "AT+QFOTADL=\"" HTTP_URL "\"");
		expect_heard(&r, rows[i].answer);
		assert_null(sim_fetch_wanted(r.sim));
		ask(&r, COM_COMMAND);
		expect_heard(&r, "CONNECT");
		rig_free(&r);
	}
}

static void each_dialect_takes_its_own_form_only(void **state)
{
	static const char *const commands[] = {
		COM_COMMAND, "AT+QFOTADL=\"COM:307200\",60", "AT+QFOTADL=\"FILE:307200\"",
	};
	static const struct {
		const char *scenario;
		size_t accepted;
		const char *gate, *end;
	} rows[] = {
		{ "set dialect com\n", 0, "CONNECT\r\n", "OK\r\n" },
		{ "set dialect com-size\n", 1, "CONNECT\r\n", "OK\r\n" },
		{ "set dialect file\n", 2, FOTA("\"FILESTART\""), FOTA("\"FILEEND\",0") },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct rig r;

		rig_init(&r, rows[i].scenario);
		echo_off(&r);
		for (size_t c = 0; c < COUNT(commands); c++)
			if (c != rows[i].accepted)
				assert_string_equal(ask(&r, commands[c]), "\r\nERROR\r\n");
		ask(&r, commands[rows[i].accepted]);
		expect_heard(&r, rows[i].gate);
		forget(&r);
		say_bytes(&r, files_of(state)->bytes, SIM_DEMO_PACKAGE_SIZE);
		pass(&r, 10000);
		expect_order(&r, (const char *const[]){ rows[i].end, FOTA("\"START\""), NULL });
		expect_version(&r, TO);
		expect_no_blame(&r);
		rig_free(&r);
	}
}

/* protocol.md 1.1, 1.2, 8 */
static void each_family_takes_its_own_form_only(void **state)
{
	static const struct {
		const char *family, *command;
		bool taken;
	} rows[] = {
		{ "lte-a", URL_COMMAND, true }, { "lte-a", URL_COMMAND ",1,50,50", true },
		{ "lte-a", URL_COMMAND ",2,50,50", false }, { "lte-a", "AT+QFOTADL=\"FILE:20003\"", true },
		{ "lte-a", COM_COMMAND, false }, { "lte-a", "AT+QFOTADL=?", true },
		{ "ec200u", URL_COMMAND ",1,50,100", true }, { "ec200u", URL_COMMAND ",1,200,100", false },
		{ "ec200u", URL_COMMAND ",1", false },
		{ "bg96", URL_COMMAND, true }, { "bg96", URL_COMMAND ",1,50,100", false }, { "bg96", COM_COMMAND, false },
		{ "bg96", "AT+QFOTADL=1", false }, { "bg96", "AT+QFOTADL=?", true },
		{ "ec2x", "AT+QFOTADL=\"/data/ufs/none.bin\"", false }, { "ec2x", COM_COMMAND, false },
		{ "ep06", URL_COMMAND, true }, { "ep06", "AT+QFOTADL=\"FILE:20003\"", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct sim_config config = { .family = rows[i].family, .fast = true };
		struct rig r = { .now_ms = 5000 };
		struct err e;

		r.sim = sim_new(&config, &e);
		assert_non_null(r.sim);
		sim_power_on(r.sim, r.now_ms, true);
		echo_off(&r);
		ask(&r, "AT+QIACT=1");
		if ((strstr(ask(&r, rows[i].command), "\r\nOK\r\n") != NULL) != rows[i].taken)
			fail_msg("%s, %s: %s", rows[i].family, rows[i].command, r.heard);
		if (strcmp(rows[i].family, "bg96") == 0 && strstr(rows[i].command, "=?"))
			assert_string_equal(r.heard, "\r\nOK\r\n");
		assert_null(strstr(r.heard, "CONNECT"));
		rig_free(&r);
	}
}

static void a_wrong_package_is_never_flashed(void **state)
{
	static const struct {
		const char *what, *scenario;
		size_t flip, size;
		const char *end;
	} rows[] = {
		{ "first byte", NULL, 0, 307200, FOTA("\"END\",505") },
		{ "last byte", NULL, 307199, 307200, FOTA("\"END\",505") },
		{ "a byte short", NULL, 307200, 307199, FOTA("\"END\",505") },
		{ "one byte", NULL, 307200, 1, FOTA("\"END\",505") },
		{ "for another base", "set version UG96LNAR02A05E1G\n", 307200, 307200, FOTA("\"END\",504") },
	};
	static unsigned char bytes[SIM_DEMO_PACKAGE_SIZE + 1];

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct rig r;
		char command[64], before[64];

		memcpy(bytes, files_of(state)->bytes, SIM_DEMO_PACKAGE_SIZE);
		bytes[rows[i].flip] ^= 1;
		rig_init(&r, rows[i].scenario);
		snprintf(before, sizeof(before), "%s", sim_version(r.sim));
		snprintf(command, sizeof(command), "AT+QFOTADL=\"COM:\",%zu,60", rows[i].size);
		ask(&r, command);
		say_bytes(&r, bytes, rows[i].size);
		pass(&r, 10000);
		expect_heard(&r, rows[i].end);
		expect_not_heard(&r, "\"START\"");
		expect_not_heard(&r, "RDY");
		expect_version(&r, before);
		rig_free(&r);
	}
}

static void a_second_upgrade_with_the_same_package_is_refused(void **state)
{
	struct rig r;

	rig_init(&r, NULL);
	send_package(&r, files_of(state), COM_COMMAND);
	pass(&r, 10000);
	expect_version(&r, TO);
	forget(&r);
	send_package(&r, files_of(state), COM_COMMAND);
	pass(&r, 10000);
	expect_heard(&r, "\"END\",504");
	expect_version(&r, TO);
	rig_free(&r);
}

static void a_package_file_is_the_only_one_taken(void **state)
{
	struct files *f = files_of(state);
	struct sim_config config = { .package = f->manifest, .fast = true };
	struct rig r;
	struct err e;

	rig_init(&r, NULL);
	sim_free(r.sim);
	r.sim = sim_new(&config, &e);
	assert_non_null(r.sim);
	sim_power_on(r.sim, r.now_ms, true);
	send_package(&r, f, COM_COMMAND);
	pass(&r, 10000);
	expect_heard(&r, "\"END\",505");
	rig_free(&r);
}

static void an_end_code_leaves_the_old_version_and_the_port(void **state)
{
	static const int codes[] = { 502, 504, 505, 510, 511, 520, 530, 540, 546, 999 };

	for (size_t i = 0; i < COUNT(codes); i++) {
		struct rig r;
		char scenario[32], end[48];

		snprintf(scenario, sizeof(scenario), "set end-code %d\n", codes[i]);
		snprintf(end, sizeof(end), FOTA("\"END\",%d"), codes[i]);
		rig_init(&r, scenario);
		send_package(&r, files_of(state), COM_COMMAND);
		pass(&r, 10000);
		expect_order(&r, (const char *const[]){ FOTA("\"START\""), FOTA("\"UPDATING\",45"), end, NULL });
		expect_not_heard(&r, "\"UPDATING\",49");
		expect_not_heard(&r, "RDY");
		expect_version(&r, FROM);
		ask(&r, "AT");
		expect_heard(&r, "OK");
		expect_no_blame(&r);
		rig_free(&r);
	}
}

static void the_demo_package_is_the_same_every_time(void **state)
{
	struct files *f = files_of(state);
	struct manifest m;
	struct err e;
	struct package *p;

	assert_int_equal(manifest_read(f->manifest, &m, &e), 0);
	assert_string_equal(m.model, "UG96");
	assert_string_equal(m.from, FROM);
	assert_string_equal(m.to, TO);
	assert_int_equal(m.size, SIM_DEMO_PACKAGE_SIZE);
	p = package_open(f->package, 1 << 20, &e);
	assert_non_null(p);
	assert_string_equal(m.sha256, package_sha256(p));
	/* what it was when it was first made */
	assert_string_equal(m.sha256, "07af0a035c15c4aaeefccb7cf71b97ef14626c4b6b3787b8c473918ab6a0e364");
	package_close(p);
	assert_int_equal(sim_write_demo_package("/nonexistent/x", "UG96", FROM, TO, &e), -1);
	assert_int_equal(e.code, ERR_PACKAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_package_over_the_line_makes_the_new_version),
		cmocka_unit_test(questions_in_data_mode_are_counted),
		cmocka_unit_test(a_question_that_completes_a_package_is_counted),
		cmocka_unit_test(a_url_is_downloaded_and_makes_the_new_version),
		cmocka_unit_test(a_failed_download_gives_its_code),
		cmocka_unit_test(a_url_needs_sim_registration_and_context),
		cmocka_unit_test(each_dialect_takes_its_own_form_only),
		cmocka_unit_test(each_family_takes_its_own_form_only),
		cmocka_unit_test(a_wrong_package_is_never_flashed),
		cmocka_unit_test(a_second_upgrade_with_the_same_package_is_refused),
		cmocka_unit_test(a_package_file_is_the_only_one_taken),
		cmocka_unit_test(an_end_code_leaves_the_old_version_and_the_port),
		cmocka_unit_test(the_demo_package_is_the_same_every_time),
	};

	return cmocka_run_group_tests(tests, make_files, remove_files);
}

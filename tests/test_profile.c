#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <setjmp.h>

#include <cmocka.h>

#include "base/count.h"
#include "base/event.h"
#include "protocol/at.h"
#include "protocol/codes.h"
#include "protocol/profile.h"

/* protocol.md 8 */
static void models_have_the_profile_of_their_guide_and_no_other_has_one(void **state)
{
	static const struct {
		const char *model, *profile;
	} rows[] = {
		{"UC15", "ucxx"}, {"UC20", "ucxx"}, {"EC20", "ec2x"}, {"EC25", "ec2x"}, {"EG25", "ec2x"},
		{"EG25-G", "ec2x"}, {"EG95", "ec2x"}, {"EM05", "ec2x"}, {"EP06", "ep06"}, {"EM06", "ep06"},
		{"BG96", "bg96"}, {"BG95-M3", "bg95"}, {"BG77", "bg95"}, {"EC200A", "lte-a"}, {"EC800K", "lte-a"},
		{"EG915N", "lte-a"}, {"EC200U", "ec200u"}, {"EG915U", "ec200u"},
	};
	static const char *const strangers[] = {
		"", "M95", "SIM800", "BC95", "EG18", "RM500Q", "EC200", "EC2", "EC2000", "EG9", "EG915", "BG9",
		"ug96", "UG9", "UG960", " UG96",
	};

	(void)state;
	assert_ptr_equal(profile_by_model("UG96"), profile_by_name("ugxx"));
	assert_ptr_equal(profile_by_model("UG95"), profile_by_name("ugxx"));
	assert_ptr_equal(profile_by_model("UG35"), profile_by_name("ugxx"));
	assert_non_null(profile_by_name("ugxx"));
	assert_null(profile_by_name("UGXX"));
	assert_null(profile_by_name(""));
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_ptr_equal(profile_by_model(rows[i].model), profile_by_name(rows[i].profile));
	for (size_t i = 0; i < COUNT(strangers); i++)
		assert_null(profile_by_model(strangers[i]));
	assert_ptr_equal(profile_default(), profile_by_name("ugxx"));
}

static void names_and_models_are_unique(void **state)
{
	const struct profile *p;

	(void)state;
	for (size_t i = 0; (p = profile_row(i)) != NULL; i++) {
		assert_ptr_equal(profile_by_name(p->name), p);
		assert_non_null(p->models[0]);
		for (size_t m = 0; p->models[m] != NULL; m++) {
			assert_in_range(strlen(p->models[m]), 1, MODEL_SIZE - 1);
			assert_ptr_equal(profile_by_model(p->models[m]), p);
		}
	}
	assert_null(profile_row(1000));
}

/* protocol.md 1.1, 4.2, 7, 11 */
static void the_ugxx_row_holds_the_values_of_its_sources(void **state)
{
	const struct profile *p = profile_by_name("ugxx");

	(void)state;
	assert_string_equal(p->pull_command, "AT+QFOTADL=\"{url}\"");
	assert_string_equal(p->com_command, "AT+QFOTADL=\"COM:\",{size},{timeout}");
	assert_string_equal(p->com_gate, "CONNECT");
	assert_int_equal(p->serial_sure, SURE_ASSUMED);
	assert_int_equal(p->pull_sure, SURE_ASSUMED);
	assert_int_equal(p->com_timeout_s, 20);
	assert_int_equal(p->url.max, 255);
	assert_int_equal(p->url.login_max, 50);
	assert_int_equal(p->url.ftp_path_max, 50);
	assert_false(p->url.https);
	assert_int_equal(p->context_id, 1);
	assert_int_equal(p->supply_min_mv, 3400);
	assert_int_equal(p->rssi_min, 10);
	assert_int_equal(p->package_max, 104857599);
	assert_int_equal(p->timers.command_ms, 5000);
	assert_int_equal(p->timers.gate_limit_ms, 30000);
	assert_int_equal(p->timers.return_limit_ms, 600000);
	assert_int_equal(p->timers.watch_limit_ms, 2700000);
}

/* Bounds that every row, also a later one, has to keep. */
static void every_row_can_be_worked_with(void **state)
{
	static const struct at_value values[] = {
		{ "size", "104857599" }, { "timeout", "65535" }, { "url", "ftp://h/p" },
		{ "name", "12345678.bin" }, { NULL, NULL },
	};
	const struct profile *p;
	struct err e;
	char out[128];		/* plan.com_command */

	(void)state;
	for (size_t i = 0; (p = profile_row(i)) != NULL; i++) {
		const struct profile_timers *t = &p->timers;

		assert_int_equal(at_build(out, sizeof(out), p->pull_command, values, &e), 0);
		/* a number in place of a URL starts an upgrade on BG96 (protocol.md 1.2) */
		assert_non_null(strstr(p->pull_command, "=\"{url}\""));
		if (p->serial == SERIAL_NONE) {
			assert_null(p->com_command);
		} else {
			assert_int_equal(at_build(out, sizeof(out), p->com_command, values, &e), 0);
			/* an announced size is what keeps surplus bytes away */
			assert_non_null(strstr(p->com_command, "{size}"));
			assert_non_null(p->com_gate);
			assert_in_range(p->com_timeout_s, 11, 65535);
		}
		assert_int_equal(p->serial == SERIAL_UPLOAD, p->start_command != NULL);
		if (p->serial == SERIAL_UPLOAD) {
			assert_int_equal(at_build(out, sizeof(out), p->start_command, values, &e), 0);
			assert_in_range(strlen(p->file_name), 1, 80);	/* protocol.md 6 */
		}
		assert_in_range(p->pull_sure, 0, SURE_COUNT - 1);
		assert_non_null(p->package_format);
		assert_string_equal(codes_find("end", 0, p->end_family)->family, p->end_family);
		assert_in_range(p->url.max, 1, URL_SIZE - 1);
		assert_in_range(p->url.login_max, 1, LOGIN_SIZE - 1);
		assert_true(t->command_ms > 0 && t->data_limit_ms > 0);
		assert_true(t->gate_notice_ms > 0 && t->gate_notice_ms < t->gate_limit_ms);
		assert_true(t->start_notice_ms > 0 && t->start_notice_ms < t->start_limit_ms);
		assert_true(t->source_start_notice_ms > 0 && t->source_end_notice_ms > 0);
		assert_true(t->updating_notice_ms > 0 && t->end_notice_ms > 0);
		assert_true(t->poll_ms > 0 && t->listen_ms >= t->poll_ms);
		assert_true(t->return_limit_ms > t->listen_ms);
		assert_true(t->watch_limit_ms > t->return_limit_ms);
	}
}

/* protocol.md 9: ttyACM3, two interfaces a port; else ttyUSB2, one a port */
static void the_at_port_is_known_by_usb_id(void **state)
{
	static const struct {
		int vid, pid, at_interface;
	} rows[] = {
		{ 0x1519, 0x0020, 6 }, { 0x05c6, 0x9090, 2 }, { 0x05c6, 0x9003, 2 },
		{ 0x05c6, 0x9215, 2 }, { 0x2c7c, 0x0121, 2 }, { 0x2c7c, 0x0125, 2 },
		{ 0x2c7c, 0x0191, 2 }, { 0x2c7c, 0x0195, 2 }, { 0x2c7c, 0x0306, 2 },
		{ 0x2c7c, 0x0296, 2 }, { 0x2c7c, 0x0435, 2 },
		{ 0x0403, 0x6001, -1 }, { 0x1519, 0x0021, -1 }, { 0x2c7c, 0x0020, -1 },
		{ 0, 0, -1 }, { -1, -1, -1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(profile_at_interface(rows[i].vid, rows[i].pid),
				 rows[i].at_interface);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(models_have_the_profile_of_their_guide_and_no_other_has_one),
		cmocka_unit_test(names_and_models_are_unique),
		cmocka_unit_test(the_ugxx_row_holds_the_values_of_its_sources),
		cmocka_unit_test(every_row_can_be_worked_with),
		cmocka_unit_test(the_at_port_is_known_by_usb_id),
	};

	return cmocka_run_group_tests_name("profile", tests, NULL, NULL);
}

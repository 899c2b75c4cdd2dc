#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <setjmp.h>

#include <cmocka.h>

#include "protocol/course.h"

/* Take in what stands behind "FOTA", of a line. */
static enum course_word take(struct course *c, const char *rest)
{
	char line[128] = "+QIND: \"FOTA\",";
	struct fota_urc urc;

	strncat(line, rest, sizeof(line) - strlen(line) - 1);
	assert_true(fota_parse((struct slice){ line, strlen(line) }, &urc));
	return course_take(c, &urc);
}

static void a_download_and_an_installation_run_their_course(void **state)
{
	struct course c = {0};

	(void)state;
	assert_int_equal(take(&c, "\"FTPSTART\""), COURSE_DOWNLOADS);
	assert_true(c.heard && c.downloading && !c.downloaded);
	assert_int_equal(take(&c, "\"FTPEND\",0"), COURSE_DOWNLOADED);
	assert_true(!c.downloading && c.downloaded && !course_download_failed(&c));
	assert_int_equal(c.source, FOTA_SOURCE_FTP);
	assert_false(c.started);
	assert_int_equal(take(&c, "\"START\""), COURSE_INSTALLS);
	assert_true(c.started && course_installs(&c));
	assert_int_equal(take(&c, "\"UPDATING\",7"), COURSE_INSTALLS);
	assert_int_equal(take(&c, "\"UPDATING\", 12%"), COURSE_INSTALLS);
	assert_int_equal(c.percent, 12);
	assert_int_equal(take(&c, "\"END\",0"), COURSE_ENDED);
	assert_true(c.started && c.ended && !course_installs(&c));
	assert_int_equal(c.end_code, 0);
	assert_true(!c.again && !c.rebooted && !c.restarted && !c.went_on && !c.resumed);
}

static void lost_lines_are_implied_by_later_ones(void **state)
{
	struct course c = {0};

	(void)state;
	take(&c, "\"DOWNLOADING\",4096");
	assert_true(c.downloading);
	take(&c, "\"UPDATING\",3");
	assert_true(!c.downloading && c.started);
	c = (struct course){0};
	take(&c, "\"RESTORE\",1%");
	assert_true(c.started);
	assert_int_equal(c.percent, 1);
}

static void resumed_is_a_restart_that_installs_again(void **state)
{
	struct course c = {0};

	(void)state;
	take(&c, "\"UPDATING\",40");
	assert_int_equal(take(&c, "\"Last upgrade was not finished,continue upgrade\""), COURSE_INSTALLS);
	assert_true(c.resumed && c.rebooted && c.restarted && c.went_on && course_installs(&c));
	assert_int_equal(c.percent, 40);
	assert_false(c.again);
	/* also when it is the first that is heard, or comes after an END */
	c = (struct course){0};
	take(&c, "\"END\",504");
	take(&c, "\"Last upgrade was not finished,continue upgrade\"");
	assert_true(c.started && c.again && course_installs(&c));
}

static void an_installation_after_an_end_is_one_more(void **state)
{
	static const char *const lines[] = {
		"\"START\"", "\"UPDATING\",2", "\"RESTORE\",2", "\"UPDATING\",x",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct course c = {0};

		take(&c, "\"START\"");
		take(&c, "\"END\",0");
		take(&c, lines[i]);
		assert_true(c.started && c.again && !c.ended && course_installs(&c));
		take(&c, "\"END\",511");
		assert_true(c.ended);
		assert_int_equal(c.end_code, 511);
	}
}

static void an_end_counts_whatever_it_says(void **state)
{
	static const char *const lines[] = { "\"END\"", "\"END\",", "\"END\",x", "\"END\",-1", "\"END\",0,7" };

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct course c = {0};

		assert_int_equal(take(&c, lines[i]), COURSE_ENDED);
		assert_true(c.ended && !c.started);
		assert_int_equal(c.end_code, -1);
	}
}

static void the_last_of_two_ends_counts(void **state)
{
	struct course c = {0};

	(void)state;
	take(&c, "\"START\"");
	take(&c, "\"END\",504");
	take(&c, "\"END\",0");
	assert_int_equal(c.end_code, 0);
	assert_false(c.again);
}

static void an_odd_percent_leaves_the_last_one(void **state)
{
	struct course c = {0};

	(void)state;
	take(&c, "\"UPDATING\",55");
	take(&c, "\"UPDATING\",255");
	take(&c, "\"UPDATING\",-3");
	assert_int_equal(c.odd_percents, 2);
	assert_int_equal(c.percent, 55);
	take(&c, "\"UPDATING\"");
	take(&c, "\"UPDATING\",5x");
	assert_int_equal(c.odd_percents, 2);
	assert_int_equal(c.percent, 55);
	take(&c, "\"UPDATING\",100");
	assert_int_equal(c.percent, 100);
	assert_true(course_installs(&c));
}

static void a_failed_download_is_void_once_it_installs(void **state)
{
	struct course c = {0};

	(void)state;
	assert_int_equal(take(&c, "\"HTTPEND\",714"), COURSE_DOWNLOAD_FAILED);
	assert_true(course_download_failed(&c));
	assert_int_equal(c.source_code, 714);
	take(&c, "\"HTTPSTART\"");
	assert_true(c.downloading && !course_download_failed(&c));
	take(&c, "\"HTTPEND\"");
	assert_true(course_download_failed(&c));
	assert_int_equal(c.source_code, -1);
	take(&c, "\"START\"");
	assert_true(c.downloaded && !course_download_failed(&c));
}

static void what_cannot_be_read_changes_nothing(void **state)
{
	struct course c = {0};

	(void)state;
	take(&c, "\"UPDATING\",9");
	assert_int_equal(take(&c, "\"UPDA"), COURSE_NOTHING);
	assert_int_equal(take(&c, "\"PONDERING\",99"), COURSE_NOTHING);
	assert_int_equal(c.percent, 9);
	assert_true(course_installs(&c));
	c = (struct course){0};
	take(&c, "\"PONDERING\",99");
	assert_true(c.heard && !c.downloading && !c.started && !c.ended);
}

static void a_restart_counts_in_the_middle_only(void **state)
{
	struct course c = {0};

	(void)state;
	course_restart(&c);
	assert_true(c.rebooted && !c.restarted);
	take(&c, "\"UPDATING\",9");
	assert_false(c.went_on);
	course_restart(&c);
	assert_true(c.restarted && !c.went_on);
	take(&c, "\"UPDATING\",10");
	assert_true(c.went_on);
	c = (struct course){0};
	take(&c, "\"START\"");
	take(&c, "\"END\",0");
	course_restart(&c);
	assert_true(c.rebooted && !c.restarted);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_download_and_an_installation_run_their_course),
		cmocka_unit_test(lost_lines_are_implied_by_later_ones),
		cmocka_unit_test(resumed_is_a_restart_that_installs_again),
		cmocka_unit_test(an_installation_after_an_end_is_one_more),
		cmocka_unit_test(an_end_counts_whatever_it_says),
		cmocka_unit_test(the_last_of_two_ends_counts),
		cmocka_unit_test(an_odd_percent_leaves_the_last_one),
		cmocka_unit_test(a_failed_download_is_void_once_it_installs),
		cmocka_unit_test(what_cannot_be_read_changes_nothing),
		cmocka_unit_test(a_restart_counts_in_the_middle_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

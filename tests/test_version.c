/* Versions: base and sub-version (protocol.md 10). */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/count.h"
#include "base/version.h"

#define BASE "BG96MAR02A07M1G"

static void base_and_sub_version_are_compared_apart(void **state)
{
	static const struct {
		const char *a, *b;
		enum version_match match;
	} rows[] = {
		{"UG96LNAR02A08E1G", "UG96LNAR02A08E1G", VERSION_SAME},
		{"UG96LNAR02A08E1G", "ug96lnar02a08e1g", VERSION_SAME},
		{"UG96LNAR02A08E1G", "UG96LNAR02A06E1G", VERSION_OTHER},
		{"UG96LNAR02A08E1G", "UG96LNAR02A08E1", VERSION_OTHER},
		{"UG96LNAR02A08E1G", "UG96LNAR02A08E1G_01.001", VERSION_BASE},
		{"UG96LNAR02A08E1G_01.002.01.002", "UG96LNAR02A08E1G", VERSION_BASE},
		{BASE "_01.016.01.016", BASE "_01.016.01.016", VERSION_SAME},
		{BASE "_01.016.01.016", BASE "_01.018.01.018", VERSION_OTHER},
		{BASE "_01.018", BASE "_01.018.01.018", VERSION_SAME},
		{BASE "_01.018", BASE "_01.017.01.018", VERSION_OTHER},
		{BASE "_1.18", BASE "_01.018.01.018", VERSION_SAME},
		{BASE "_01.01", BASE "_01.018", VERSION_OTHER},
		{BASE "_a0.301.a0.301", BASE "_A0.301.A0.301", VERSION_SAME},
		{BASE "_A0.301.A0.301", BASE "_A0.302", VERSION_OTHER},
		{BASE "_01.016", "UG96LNAR02A08E1G_01.016", VERSION_OTHER},
		/* not ready: says as much as none */
		{BASE "_00.000.00.000", BASE "_01.018.01.018", VERSION_BASE},
		{BASE "_00.000", BASE, VERSION_BASE},
		/* an underscore alone makes no sub-version */
		{"EC_20_V2", "EC_20_V3", VERSION_OTHER},
		{"EC_20_V2", "EC", VERSION_OTHER},
		{"_01.001", "_01.002", VERSION_OTHER},
		{"", "", VERSION_OTHER},
		{"", BASE, VERSION_OTHER},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (version_compare(rows[i].a, rows[i].b) != rows[i].match)
			fail_msg("%s and %s", rows[i].a, rows[i].b);
		assert_int_equal(version_compare(rows[i].b, rows[i].a), rows[i].match);
	}
}

static void older_is_said_only_where_it_can_be_seen(void **state)
{
	static const struct {
		const char *a, *b;
		bool older;
	} rows[] = {
		{"UG96LNAR02A06E1G", "UG96LNAR02A08E1G", true},
		{"ug96lnar02a06e1g", "UG96LNAR02A08E1G_01.001", true},
		{"UG96LNAR02A08E1G", "UG96LNAR02A06E1G", false},
		{BASE "_01.016.01.016", BASE "_01.018.01.018", true},
		{BASE "_01.9", BASE "_01.018", true},
		{BASE "_01.018.01.018", BASE "_01.016.01.016", false},
		{BASE, BASE "_01.016.01.016", false},
		{BASE "_01.016.01.016", BASE, false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (version_older(rows[i].a, rows[i].b) != rows[i].older)
			fail_msg("%s and %s", rows[i].a, rows[i].b);
}

static void a_sub_version_of_zeros_is_not_ready(void **state)
{
	(void)state;
	assert_true(version_unready(BASE "_00.000.00.000"));
	assert_true(version_unready(BASE "_00.000"));
	assert_false(version_unready(BASE "_01.000"));
	assert_false(version_unready(BASE));
	assert_string_equal(version_sub(BASE "_01.204.01.204"), "01.204.01.204");
	assert_string_equal(version_sub(BASE), "");
	assert_string_equal(version_sub("a_b"), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(base_and_sub_version_are_compared_apart),
		cmocka_unit_test(older_is_said_only_where_it_can_be_seen),
		cmocka_unit_test(a_sub_version_of_zeros_is_not_ready),
	};

	return cmocka_run_group_tests_name("version", tests, NULL, NULL);
}

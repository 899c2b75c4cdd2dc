/* HOST:PORT as users write it. */
#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/address.h"

static void an_address_is_cut_into_host_and_port(void **state)
{
	static const struct {
		const char *text, *host, *port;
	} rows[] = {
		{ "gate:2001", "gate", "2001" }, { "2001", "", "2001" }, { ":2001", "", "2001" },
		{ "192.0.2.7:65535", "192.0.2.7", "65535" }, { "[2001:db8::1]:1", "2001:db8::1", "1" },
		{ "::1:80", "::1", "80" }, { "h:0", "h", "0" },
	};
	struct address a;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_true(address_split(rows[i].text, &a));
		assert_string_equal(a.host, rows[i].host);
		assert_string_equal(a.port, rows[i].port);
	}
}

static void what_has_no_port_number_is_no_address(void **state)
{
	static const char *const rows[] = {
		"", ":", "gate", "gate:", "gate:65536", "gate:20x", "gate:-1", "gate: 1", "gate:+1",
		"gate:02", "gate:999999999999999999999", "[]:1", "-1",
	};
	char longest[300];
	struct address a;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_false(address_split(rows[i], &a));
	memset(longest, 'h', sizeof(longest));
	memcpy(longest + 255, ":1", 3);
	assert_true(address_split(longest, &a));
	assert_int_equal(strlen(a.host), 255);
	memcpy(longest + 255, "h:1", 4);
	assert_false(address_split(longest, &a));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_is_cut_into_host_and_port),
		cmocka_unit_test(what_has_no_port_number_is_no_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

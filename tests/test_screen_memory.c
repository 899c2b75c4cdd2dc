/*
 * What was typed in other runs, offered in the fields of this one.
 */
#include "config.h"

#include "screen_fixture.h"

#include "ui/model/memory.h"

static const struct { int lines, columns; const char *golden; } sizes[] = {
	{ 24, 80, "recall-80x24" }, { 18, 60, "recall-60x18" }, { 12, 40, "recall-40x12" }, { 40, 120, "recall-120x40" },
};

/* Newest first, but what was for this module before all others; the field shows it whole or
 * with a mark. */
static void what_was_typed_for_this_module_is_offered_first(void **state)
{
	(void)state;
	memory_add(HISTORY_URL, "UG96", "ftp://updates.example.com/ug96/ug96-06-08.bin");
	memory_add(HISTORY_URL, "UG95", "ftp://updates.example.com/ug95/ug95-04-05.bin");
	memory_add(HISTORY_URL, "", "ftp://192.0.2.7/of-no-module.bin");
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct setup s = usual;
		struct rig *r;

		s.lines = sizes[i].lines;
		s.columns = sizes[i].columns;
		r = rig_new(&s);
		push_ports(r);
		push_identity(r, "UG96LNAR02A06E1G");
		wait_a_bit(r);
		type(r, "2j\r");
		send_bytes(r, "\033[A");
		assert_golden(sizes[i].golden);
		send_bytes(r, "\033[A");
		assert_true(sees("of-no-module.bin"));
		send_bytes(r, "\033[A");
		assert_true(sees("ug95-04-05.bin"));
		rig_close(r);
	}
}

/* The same for the prompts, whose module need not be known. */
static void ports_and_commands_are_offered_in_their_prompts(void **state)
{
	(void)state;
	memory_add(HISTORY_PORT, "", "tcp:gateway.example.com:7000");
	memory_add(HISTORY_AT, "UG96", "AT+QGMR");
	memory_add(HISTORY_AT, "", "AT+CSQ");
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct setup s = usual;
		struct rig *r;

		s.lines = sizes[i].lines;
		s.columns = sizes[i].columns;
		s.port = NULL;
		r = rig_new(&s);
		type(r, "1\r");
		send_bytes(r, "\033[A");
		assert_true(sees("example.com:7000"));
		rig_close(r);
		s.port = usual.port;
		r = rig_new(&s);
		push_identity(r, "UG96LNAR02A06E1G");
		wait_a_bit(r);
		type(r, ":");
		send_bytes(r, "\033[A");
		assert_true(sees("AT+QGMR"));
		rig_close(r);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_typed_for_this_module_is_offered_first),
		cmocka_unit_test(ports_and_commands_are_offered_in_their_prompts),
	};

	return cmocka_run_group_tests(tests, begin_state_home, end_state_home);
}

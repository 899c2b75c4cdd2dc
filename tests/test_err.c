#include "config.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/text.h"
#include "words.h"

static void failing_fills_all_fields(void **state)
{
	struct err e = { .code = ERR_CRASH, .detail = 7 };

	(void)state;
	assert_int_equal(err_fail(&e, MSG_PORT_HELD, "port=%s program=%s pid=%d", "/dev/ttyS0", "minicom", 812), -1);
	assert_int_equal(e.code, ERR_BUSY);
	assert_int_equal(e.detail, 0);
	assert_int_equal(e.message.id, MSG_PORT_HELD);
	assert_string_equal(err_words(&e), "/dev/ttyS0 is held by minicom (812)");
}

static void an_errno_is_kept_and_said_in_words(void **state)
{
	struct err e = { 0 };

	(void)state;
	assert_int_equal(err_fail_sys(&e, MSG_PORT_OPEN_FAILED, EACCES, "port=%s", "/dev/ttyS0"), -1);
	assert_int_equal(e.code, ERR_PORT);
	assert_int_equal(e.detail, EACCES);
	assert_string_equal(err_words(&e), "opening /dev/ttyS0: Permission denied");
}

static void what_was_being_done_is_said_first(void **state)
{
	struct err e = { 0 };

	(void)state;
	err_fail(&e, MSG_COMMAND_REFUSED, "command=%s", "AT+CGMR");
	e.detail = 30;
	assert_int_equal(err_doing(&e, MSG_DOING_ASK_VERSION, ""), -1);
	assert_int_equal(err_doing(&e, MSG_IN_LINE, "path=%s line=%d", "/c", 3), -1);
	assert_int_equal(e.code, ERR_REFUSED);
	assert_int_equal(e.detail, 30);
	assert_string_equal(err_words(&e), "/c, line 3: asking for the firmware version: AT+CGMR was refused: ERROR");
}

static void an_error_may_be_made_of_its_own_values(void **state)
{
	struct err e = { 0 };

	(void)state;
	err_fail(&e, MSG_COMMAND_REFUSED, "command=%s", "ATI");
	err_fail(&e, MSG_COMMAND_LONG, "command=%s", message_text_of(&e.message, "command"));
	assert_string_equal(err_words(&e), "ATI: command too long");
	err_doing(&e, MSG_DOING_SEND, "command=%s", message_text_of(&e.message, "command"));
	assert_string_equal(err_words(&e), "sending ATI: ATI: command too long");
	err_take(&e, ERR_MODULE, &e.message);
	assert_string_equal(err_words(&e), "sending ATI: ATI: command too long");
	assert_int_equal(e.code, ERR_MODULE);
}

static void a_long_value_is_cut_and_terminated(void **state)
{
	struct err e = { 0 };
	char fill[2 * MESSAGE_VALUES_SIZE];

	(void)state;
	memset(fill, 'x', sizeof(fill) - 1);
	fill[sizeof(fill) - 1] = '\0';
	err_fail(&e, MSG_COMMAND_LONG, "command=%s", fill);
	assert_int_equal(strlen(message_text_of(&e.message, "command")), MESSAGE_VALUES_SIZE - 1);
	err_doing(&e, MSG_DOING_SEND, "command=%s", fill);
	assert_memory_equal(err_words(&e), "sending : xx", 12);
	err_fail_sys(&e, MSG_PORT_OPEN_FAILED, ENOENT, "port=%s", fill);
	assert_int_equal(e.detail, ENOENT);
	assert_memory_equal(err_words(&e), "opening xx", 10);
}

/* The exit statuses of design 3, said here once more: scripts rely on them. */
static void every_code_has_a_name_an_exit_status_and_advice(void **state)
{
	static const struct {
		enum err_code code;
		const char *name;
		int exit_status;
	} rows[] = {
		{ ERR_NONE, "none", 0 },
		{ ERR_PORT, "port", 20 },
		{ ERR_BUSY, "busy", 21 },
		{ ERR_PACKAGE, "package", 22 },
		{ ERR_NETWORK, "network", 23 },
		{ ERR_MODULE, "module", 24 },
		{ ERR_TIMEOUT, "timeout", 24 },
		{ ERR_REFUSED, "refused", 24 },
		{ ERR_GONE, "gone", 24 },
		{ ERR_CANCELLED, "cancelled", 130 },
		{ ERR_USAGE, "usage", 64 },
		{ ERR_CRASH, "crash", 70 },
		{ ERR_OUTPUT, "output", 74 },
	};

	(void)state;
	assert_int_equal(sizeof(rows) / sizeof(rows[0]), ERR_COUNT);
	for (size_t i = 0; i < ERR_COUNT; i++) {
		const struct err_info *info = err_info(rows[i].code);

		assert_int_equal(rows[i].code, i);
		assert_string_equal(info->name, rows[i].name);
		assert_int_equal(info->exit_status, rows[i].exit_status);
		assert_non_null(info->advice);
		assert_int_equal(info->advice[strlen(info->advice) - 1], '.');
	}
}

static void a_code_outside_the_table_is_our_own_fault(void **state)
{
	(void)state;
	assert_ptr_equal(err_info(ERR_COUNT), err_info(ERR_CRASH));
	assert_ptr_equal(err_info((enum err_code)-1), err_info(ERR_CRASH));
}

static void a_printed_line_is_one_line(void **state)
{
	static const char hostile[] = "a\x1b[31mb\nfake: line\r\x07\xc2\x9b" "c\xe2\x80\xae";
	char text[256] = "";
	FILE *f = fmemopen(text, sizeof(text), "w");

	(void)state;
	assert_non_null(f);
	text_print(f, "port %s, %d%%", hostile, 40);
	fclose(f);
	assert_string_equal(text, "port a\\x1b[31mb\\x0afake: line\\x0d\\x07\\xc2\\x9bc\\u{202e}, 40%\n");
}

static void the_monotonic_clock_runs_and_never_goes_back(void **state)
{
	const struct clock *c = clock_monotonic();
	int64_t first = clock_now_ms(c), last = first;

	(void)state;
	assert_true(first > 0);
	while (last < first + 3) {
		int64_t now = clock_now_ms(c);

		assert_true(now >= last);
		last = now;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(failing_fills_all_fields),
		cmocka_unit_test(an_errno_is_kept_and_said_in_words),
		cmocka_unit_test(what_was_being_done_is_said_first),
		cmocka_unit_test(an_error_may_be_made_of_its_own_values),
		cmocka_unit_test(a_long_value_is_cut_and_terminated),
		cmocka_unit_test(every_code_has_a_name_an_exit_status_and_advice),
		cmocka_unit_test(a_code_outside_the_table_is_our_own_fault),
		cmocka_unit_test(a_printed_line_is_one_line),
		cmocka_unit_test(the_monotonic_clock_runs_and_never_goes_back),
	};

	return cmocka_run_group_tests_name("err", tests, NULL, NULL);
}

/*
 * The lines of the AT log, and which of them are shown.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/count.h"
#include "ui/model/log.h"

static void add_line(struct log *log, const char *text, bool urc)
{
	struct log_line line = { .text = text, .urc = urc, .kind = LOG_RECEIVED };

	log_add(log, &line);
}

static void a_line_keeps_its_text_and_its_exact_bytes(void **state)
{
	static const unsigned char raw[] = { 'O', 'K', 0, 0x1b, '\r', '\n' };
	struct log *log = log_new();
	struct log_line line = { .t_ms = 12060, .kind = LOG_RECEIVED, .error = true,
				 .text = "OK\\x00\\x1b", .raw = raw, .raw_size = sizeof(raw) };
	struct log_line got;

	(void)state;
	log_add(log, &line);
	add_line(log, "same", true);
	assert_true(log_get(log, 0, &got));
	assert_string_equal(got.text, "OK\\x00\\x1b");
	assert_int_equal(got.t_ms, 12060);
	assert_true(got.error && !got.urc);
	assert_int_equal(got.raw_size, sizeof(raw));
	assert_memory_equal(got.raw, raw, sizeof(raw));
	assert_true(log_get(log, 1, &got));
	assert_int_equal(got.raw_size, 4);
	assert_memory_equal(got.raw, "same", 4);
	assert_false(log_get(log, 2, &got));
	log_free(log);
}

static void a_full_log_drops_the_oldest_lines(void **state)
{
	struct log *log = log_new();
	struct log_line line;
	char text[32];
	uint64_t i;

	(void)state;
	for (i = 0; i < LOG_LINES + 1000; i++) {
		snprintf(text, sizeof(text), "line %llu", (unsigned long long)i);
		add_line(log, text, false);
	}
	assert_int_equal(log_end(log), LOG_LINES + 1000);
	assert_int_equal(log_first(log), 1000);
	assert_int_equal(log_shown_end(log) - log_shown_first(log), LOG_LINES);
	for (i = log_first(log); i < log_end(log); i += 997) {
		snprintf(text, sizeof(text), "line %llu", (unsigned long long)i);
		assert_true(log_get(log, i, &line));
		assert_string_equal(line.text, text);
	}
	log_free(log);
}

/* The longest lines there are, with other bytes, then short ones: in a sixty-fourth as in all. */
static void a_share_of_the_room_holds_the_newest_lines(void **state)
{
	static char text[UINT16_MAX + 1], raw[UINT16_MAX];
	const struct log_line longest = { .text = text, .raw = (unsigned char *)raw, .raw_size = sizeof(raw) };
	const uint32_t shares[] = { 1, 3, 64 };
	struct log_line line;

	(void)state;
	memset(text, 'a', UINT16_MAX);
	memset(raw, 'b', sizeof(raw));
	for (size_t i = 0; i < COUNT(shares); i++) {
		struct log *log = log_new();
		uint64_t room = 1;

		while (room * 2 * shares[i] <= LOG_LINES)
			room *= 2;
		log_share(log, shares[i]);
		for (int n = 0; n < 100; n++)
			log_add(log, &longest);
		assert_true(log_get(log, 99, &line));
		assert_memory_equal(line.text, text, sizeof(text));
		assert_memory_equal(line.raw, raw, sizeof(raw));
		for (uint64_t n = 0; n < room + 50; n++)
			add_line(log, "short", false);
		assert_int_equal(log_end(log) - log_first(log), room);
		assert_int_equal(log_shown_end(log) - log_shown_first(log), room);
		log_reserve(log);
		log_free(log);
	}
}

/* Lines of all lengths, several times around the byte ring: each is whole. */
static void long_lines_go_round_the_ring_whole(void **state)
{
	static char text[9000];
	struct log *log = log_new();
	struct log_line line;
	uint64_t i, n;

	(void)state;
	for (i = 0; i < 9000; i++) {
		size_t size = 1 + i * 7919 % 8000;

		memset(text, 'a' + (int)(i % 26), size);
		text[size] = '\0';
		add_line(log, text, false);
	}
	assert_true(log_first(log) > 1000);
	for (n = log_first(log); n < log_end(log); n++) {
		assert_true(log_get(log, n, &line));
		assert_int_equal(line.raw_size, 1 + n * 7919 % 8000);
		assert_int_equal(line.text[0], 'a' + (int)(n % 26));
		assert_int_equal(line.text[line.raw_size - 1], 'a' + (int)(n % 26));
	}
	log_free(log);
}

static void a_filter_shows_what_came_and_what_comes(void **state)
{
	struct log *log = log_new();

	(void)state;
	add_line(log, "+QIND: \"FOTA\"", true);
	add_line(log, "OK", false);
	log_filter(log, "qind", false);
	add_line(log, "AT+QIND?", false);
	add_line(log, "OK", false);
	assert_int_equal(log_shown_end(log), 2);
	assert_int_equal(log_shown(log, 0), 0);
	assert_int_equal(log_shown(log, 1), 2);
	assert_int_equal(log_shown_at(log, 1), 1);
	assert_int_equal(log_shown_at(log, 3), 2);
	log_filter(log, "qind", true);
	assert_int_equal(log_shown_end(log), 1);
	log_filter(log, "", false);
	assert_int_equal(log_shown_end(log), 4);
	assert_true(log_holds(log, 1, "ok"));
	assert_false(log_holds(log, 1, "okay"));
	log_free(log);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_keeps_its_text_and_its_exact_bytes),
		cmocka_unit_test(a_full_log_drops_the_oldest_lines),
		cmocka_unit_test(a_share_of_the_room_holds_the_newest_lines),
		cmocka_unit_test(long_lines_go_round_the_ring_whole),
		cmocka_unit_test(a_filter_shows_what_came_and_what_comes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

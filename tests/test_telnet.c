/* Telnet and COM-PORT-OPTION: bytes in any pieces, answers that differ, hostile ones. */
#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/telnet.h"

#define IAC "\xff"
#define WILL IAC "\xfb"
#define WONT IAC "\xfc"
#define DO IAC "\xfd"
#define DONT IAC "\xfe"
#define SB44 IAC "\xfa\x2c"
#define SE IAC "\xf0"
/* protocol.md 4.6: ser2net 4.3.11 */
#define GREETING WILL "\x03" DO "\x03" WILL "\x01" DONT "\x01" DO "\0" WILL "\0" DO "\x2c"

/* Text with NULs in it. */
#define BYTES(text) (const unsigned char *)(text), sizeof(text) - 1

static size_t take(struct telnet *t, const unsigned char *bytes, size_t size, unsigned char *data)
{
	size_t n = 0, piece;

	for (; size > 0; bytes += piece, size -= piece) {
		piece = telnet_room(t) < size ? telnet_room(t) : size;
		assert_true(piece > 0);
		n += telnet_take(t, bytes, piece, data + n);
		telnet_flushed(t, t->out_size);
	}
	return n;
}

static void assert_data(struct telnet *t, const unsigned char *bytes, size_t size, const char *data)
{
	unsigned char out[2048];
	size_t n = take(t, bytes, size, out);

	assert_int_equal(n, strlen(data));
	assert_memory_equal(out, data, n);
}

static void assert_out(struct telnet *t, const unsigned char *bytes, size_t size)
{
	assert_int_equal(t->out_size, size);
	assert_memory_equal(t->out, bytes, size);
	telnet_flushed(t, size);
}

static void agree(struct telnet *t)
{
	telnet_init(t);
	take(t, BYTES(GREETING), (unsigned char[64]){0});
	assert_true(telnet_start(t));
	telnet_flushed(t, t->out_size);
	assert_false(telnet_pending(t));
}

static void the_greeting_of_ser2net_is_agreed_to(void **state)
{
	unsigned char data[64];
	struct telnet t;

	(void)state;
	telnet_init(&t);
	assert_int_equal(telnet_take(&t, BYTES(GREETING), data), 0);
	assert_out(&t, BYTES(DO "\x03" WILL "\x03" DO "\x01" WILL "\0" DO "\0" WILL "\x2c"));
	assert_true(telnet_start(&t));	/* nothing is left to ask */
	assert_int_equal(t.out_size, 0);
	assert_true(telnet_is_binary(&t) && telnet_has_com_port(&t) && !telnet_pending(&t));
}

static void what_is_asked_counts_when_it_is_answered(void **state)
{
	struct telnet t;

	(void)state;
	telnet_init(&t);
	assert_true(telnet_start(&t));
	assert_out(&t, BYTES(WILL "\0" DO "\0" WILL "\x03" DO "\x03" WILL "\x2c"));
	assert_true(telnet_pending(&t) && !telnet_is_binary(&t));
	assert_data(&t, BYTES(DO "\0" WILL "\x03" DONT "\x03"), "");
	assert_false(telnet_is_binary(&t));
	assert_data(&t, BYTES(WILL "\0"), "");
	assert_true(telnet_is_binary(&t) && telnet_pending(&t));
	assert_data(&t, BYTES(DONT "\x2c"), "");
	assert_false(telnet_has_com_port(&t) || telnet_pending(&t));
	assert_int_equal(t.out_size, 0);
	/* taken back later */
	assert_int_equal(telnet_take(&t, BYTES(WONT "\0"), (unsigned char[4]){0}), 0);
	assert_false(telnet_is_binary(&t));
	assert_out(&t, BYTES(DONT "\0"));
}

static void no_is_said_once(void **state)
{
	unsigned char data[8];
	struct telnet t;

	(void)state;
	telnet_init(&t);
	telnet_take(&t, BYTES(WILL "\x18"), data);
	assert_out(&t, BYTES(DONT "\x18"));
	telnet_take(&t, BYTES(DO "\x18"), data);
	assert_out(&t, BYTES(WONT "\x18"));
	telnet_take(&t, BYTES(DO "\x01"), data);
	assert_out(&t, BYTES(WONT "\x01"));
	for (int i = 0; i < 1000; i++)
		assert_data(&t, BYTES(WILL "\x18" DO "\x18" DO "\x01" WONT "\x18" DONT "\xff"), "");
	assert_int_equal(t.out_size, 0);
}

static void what_the_server_answers_counts(void **state)
{
	static const struct {
		const char *bytes;
		size_t size;
		enum telnet_command command;
		uint32_t value;
	} rows[] = {
		{SB44 "\x65\0\0\x25\x80" SE, 10, TELNET_BAUD, 9600},
		{SB44 "\x65\0\x01\xff\xff\xff\xff" SE, 12, TELNET_BAUD, 0x1ffff},
		{SB44 "\x66\x07" SE, 7, TELNET_DATA_SIZE, 7},
		{SB44 "\x67\x01" SE, 7, TELNET_PARITY, 1},
		{SB44 "\x68\x02" SE, 7, TELNET_STOP_SIZE, 2},
		{SB44 "\x69\x01" SE, 7, TELNET_CONTROL, 1},
		{SB44 "\x6b\x30" SE, 7, TELNET_MODEM_STATE, 48},
		{SB44 "\x6b\xff\xff" SE, 8, TELNET_MODEM_STATE, 255},
		{SB44 "\x70\x02" SE, 7, TELNET_PURGE, 2},
	};
	struct telnet t;

	(void)state;
	agree(&t);
	assert_true(telnet_ask(&t, TELNET_BAUD, 115200));
	assert_out(&t, BYTES(SB44 "\x01\0\x01\xc2\0" SE));
	assert_true(telnet_ask(&t, TELNET_BAUD, 0xffff));	/* 255 is doubled there, too */
	assert_out(&t, BYTES(SB44 "\x01\0\0\xff\xff\xff\xff" SE));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_true(telnet_ask(&t, rows[i].command, 77));
		telnet_flushed(&t, t.out_size);
		assert_false(telnet_answered(&t, rows[i].command));
		assert_data(&t, (const unsigned char *)rows[i].bytes, rows[i].size, "");
		assert_true(telnet_answered(&t, rows[i].command));
		assert_int_equal(telnet_value(&t, rows[i].command), rows[i].value);
	}
}

static void what_is_no_answer_changes_nothing(void **state)
{
	struct telnet t;

	(void)state;
	agree(&t);
	assert_data(&t, BYTES("a" SB44 SE "b" SB44 "\x65" SE "c" SB44 "\x65\1\2\3" SE "d" SB44 "\x65\1\2\3\4\5" SE
			      "e" SB44 "\x01\1\2\3\4" SE "f" SB44 "\xe0\1" SE "g" SB44 "\x64" "ser2net" SE
			      "h" IAC "\xfa\x18\x01" SE "i" SB44 "\x69" SE "j"), "abcdefghij");
	assert_int_equal(t.answered, 0);
	assert_int_equal(t.out_size, 0);
}

static void an_option_that_stops_in_the_middle_is_survived(void **state)
{
	struct telnet t;
	unsigned char flood[1024];

	(void)state;
	agree(&t);
	/* the next command shows that it broke off */
	assert_data(&t, BYTES(SB44 "\x65\0\0" DO "\x2c" "OK\r\n"), "OK\r\n");
	assert_int_equal(t.answered, 0);
	assert_data(&t, BYTES(SB44 "\x65\0\0" SB44 "\x65\0\0\x25\x80" SE "OK"), "OK");
	assert_int_equal(telnet_value(&t, TELNET_BAUD), 9600);
	assert_int_equal(t.spoilt, 2);
	/* nothing follows for long */
	assert_data(&t, BYTES("a" SB44 "\x65\0"), "a");
	assert_true(telnet_is_midway(&t));
	telnet_give_up(&t);
	assert_data(&t, BYTES("OK"), "OK");
	assert_int_equal(t.spoilt--, 3);
	/* no end at all */
	memset(flood, 'x', sizeof(flood));
	memcpy(flood, SB44, 3);
	memcpy(flood + sizeof(flood) - 4, "\r\nOK", 4);
	assert_int_equal(take(&t, flood, sizeof(flood), flood), sizeof(flood) - 3 - TELNET_SB_MAX - 1);
	assert_int_equal(t.spoilt, 3);
}

static void the_server_stops_and_goes_on(void **state)
{
	struct telnet t;

	(void)state;
	agree(&t);
	assert_data(&t, BYTES("a" SB44 "\x6c" SE "b"), "ab");
	assert_true(t.suspended);
	assert_data(&t, BYTES(SB44 "\x6d" SE), "");
	assert_false(t.suspended);
}

static void text_before_binary_has_padding(void **state)
{
	struct telnet t;

	(void)state;
	telnet_init(&t);
	assert_data(&t, BYTES("a\r\0b\r\nc"), "a\rb\r\nc");
	agree(&t);
	assert_int_equal(take(&t, BYTES("a\r\0b"), (unsigned char[8]){0}), 4);
}

static void a_greeting_is_known_by_its_first_bytes(void **state)
{
	(void)state;
	for (int second = 0; second < 256; second++) {
		unsigned char bytes[] = {255, (unsigned char)second};

		assert_int_equal(telnet_begins(bytes, 2), second >= 251 && second <= 254);
	}
	assert_true(telnet_begins(BYTES(IAC)));
	assert_false(telnet_begins(BYTES("")));
	assert_false(telnet_begins(BYTES("O" WILL)));
}

/* What a server sends for DATA: 255 doubled, commands strewn in at random. */
static size_t as_server(const unsigned char *data, size_t size, unsigned char *out, size_t out_size)
{
	static const struct {
		const char *bytes;
		size_t size;
	} strewn[] = {
		{SB44 "\x6b\x30" SE, 7}, {IAC "\xf1", 2}, {WILL "\x01", 3}, {DO "\x2c", 3}, {WILL "\x05", 3},
		{SB44 "\x6b\xff\xff" SE, 8}, {SB44 "\x6c" SE SB44 "\x6d" SE, 12}, {IAC "\xfa\x18" "abc" SE, 8},
		{SB44 "\x64" "a" IAC IAC "b" SE, 10},
	};
	size_t n = 0;

	for (size_t i = 0; i < size; i++) {
		if (rand() % 8 == 0) {
			size_t k = (size_t)rand() % (sizeof(strewn) / sizeof(strewn[0]));

			memcpy(out + n, strewn[k].bytes, strewn[k].size);
			n += strewn[k].size;
		}
		out[n++] = data[i];
		if (data[i] == 255)
			out[n++] = 255;
		assert_true(n + 16 < out_size);
	}
	return n;
}

static void assert_all_values_pass(struct telnet *t, const unsigned char *data, const unsigned char *wire,
				   size_t size, size_t split)
{
	unsigned char got[8192];
	size_t n = take(t, wire, split, got);

	n += take(t, wire + split, size - split, got + n);
	assert_int_equal(n, 512);
	assert_memory_equal(got, data, n);
}

static void all_values_pass_at_every_split(void **state)
{
	unsigned char data[512], wire[8192];
	struct telnet t;
	size_t size, done;

	(void)state;
	srand(1);
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (unsigned char)(i * 151 + i / 256);
	agree(&t);
	size = as_server(data, sizeof(data), wire, sizeof(wire));
	for (size_t split = 0; split <= size; split++)
		assert_all_values_pass(&t, data, wire, size, split);
	for (int round = 0; round < 2000; round++) {	/* pieces of any size */
		unsigned char got[8192];
		size_t n = 0;

		size = as_server(data, sizeof(data), wire, sizeof(wire));
		for (done = 0; done < size;) {
			size_t piece = 1 + (size_t)rand() % (size_t)(round % 17 + 1);

			piece = piece < size - done ? piece : size - done;
			n += take(&t, wire + done, piece, got + n);
			done += piece;
		}
		assert_int_equal(n, sizeof(data));
		assert_memory_equal(got, data, n);
	}
}

static void what_is_sent_is_what_is_taken(void **state)
{
	unsigned char data[512], out[700], back[700];
	struct telnet t;

	(void)state;
	srand(2);
	agree(&t);
	for (int round = 0; round < 5000; round++) {
		size_t size = 1 + (size_t)rand() % sizeof(data), room = 2 + (size_t)rand() % (sizeof(out) - 2);
		size_t used, sent, taken;
		bool half;

		for (size_t i = 0; i < size; i++)
			data[i] = rand() % 3 ? (unsigned char)rand() : 255;
		used = telnet_encode(data, size, out, room);
		assert_true(used <= room && (used > 0));
		sent = (size_t)rand() % (used + 1);
		taken = telnet_sent(out, sent, &half);
		if (half)
			out[sent++] = 255;
		assert_int_equal(take(&t, out, sent, back), taken);
		assert_memory_equal(back, data, taken);
	}
}

/* Whatever comes: no write past a buffer, no answer longer than its room. */
static void random_bytes_do_no_harm(void **state)
{
	static const unsigned char likely[] = {255, 250, 251, 252, 253, 254, 240, 44, 0, 1, 3, 101, 107, 108, 112};
	unsigned char bytes[TELNET_OUT], data[TELNET_OUT];
	struct telnet t;

	(void)state;
	srand(3);
	telnet_init(&t);
	for (int round = 0; round < 20000; round++) {
		size_t room = telnet_room(&t), size = room ? (size_t)rand() % (room + 1) : 0;

		for (size_t i = 0; i < size; i++)
			bytes[i] = rand() % 4 ? likely[(size_t)rand() % sizeof(likely)] : (unsigned char)rand();
		assert_true(telnet_take(&t, bytes, size, data) <= size);
		assert_true(t.out_size <= TELNET_OUT);
		if (rand() % 4 == 0)
			telnet_flushed(&t, (size_t)rand() % (t.out_size + 1));
		if (rand() % 4 == 0)
			telnet_ask(&t, TELNET_BAUD, (uint32_t)rand());
		if (rand() % 64 == 0)
			telnet_start(&t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_greeting_of_ser2net_is_agreed_to),
		cmocka_unit_test(what_is_asked_counts_when_it_is_answered),
		cmocka_unit_test(no_is_said_once),
		cmocka_unit_test(what_the_server_answers_counts),
		cmocka_unit_test(what_is_no_answer_changes_nothing),
		cmocka_unit_test(an_option_that_stops_in_the_middle_is_survived),
		cmocka_unit_test(the_server_stops_and_goes_on),
		cmocka_unit_test(text_before_binary_has_padding),
		cmocka_unit_test(a_greeting_is_known_by_its_first_bytes),
		cmocka_unit_test(all_values_pass_at_every_split),
		cmocka_unit_test(what_is_sent_is_what_is_taken),
		cmocka_unit_test(random_bytes_do_no_harm),
	};

	return cmocka_run_group_tests_name("telnet", tests, NULL, NULL);
}

/* Into data mode, in it, and out of it. */
#include "config.h"

#include "modem_fixture.h"

#define COM "AT+QFOTADL=\"COM:\",5000,60"

/* protocol.md 2.1, faults.md C06 */
static void only_the_gate_opens_data_mode(void **state)
{
	static const struct {
		const char *before, *says, *gate;
		int result;
		bool bare_ok;
		int detail;	/* of a refusal */
	} rows[] = {
		{"", "\r\nCONNECT\r\n", "CONNECT", 1, false, 0},
		{"", "CONNECT\r", "CONNECT", 1, false, 0},
		{"", COM "\r\r\nCONNECT\r\n", "CONNECT", 1, false, 0},
		{"", "\r\n+CREG: 1\r\n\r\nCONNECT\r\n", "CONNECT", 1, false, 0},
		{"", "\r\n CONNECT \r\n", "CONNECT", 1, false, 0},
		{"", "\r\nOK\r\n\r\nCONNECT\r\n", "CONNECT", 1, true, 0},
		{"", "\r\nOK\r\n\r\n+QIND: \"FOTA\",\"FILESTART\"\r\n", "+QIND: \"FOTA\",\"FILESTART\"", 1, true, 0},
		{"", "\r\nCONNECT\r\n", "+QIND: \"FOTA\",\"FILESTART\"", 0, false, 0},
		{"", "", "CONNECT", 0, false, 0},
		{"", "\r\nOK\r\n", "CONNECT", 0, true, 0},
		{"", "\r\nOK\r\n\r\n+QIND: \"FOTA\",\"HTTPSTART\"\r\n", "CONNECT", 0, true, 0},
		{"", "\r\n+QIND: \"FOTA\",\"START\"\r\n", "CONNECT", 0, false, 0},
		{"", "\r\nCONNECTED\r\nconnect\r\n>\r\n", "CONNECT", 0, false, 0},
		/* no result but this one: it was refused */
		{"", "\r\nNO CARRIER\r\n", "CONNECT", -1, false, -1},
		{"", "\r\n+CREG: 1\r\n\r\nBUSY\r\n", "CONNECT", -1, false, -1},
		/* a call that ended meanwhile */
		{"", "\r\nNO CARRIER\r\n\r\nOK\r\n", "CONNECT", 0, true, 0},
		{"", "\r\nNO CARRIER\r\n\r\nCONNECT\r\n", "CONNECT", 1, false, 0},
		{"", "\r\nCONNECT", "CONNECT", 0, false, 0},
		{"", COM "\r\r\nERROR\r\n", "CONNECT", -1, false, -1},
		{"", "\r\n+CME ERROR: 4\r\n", "CONNECT", -1, false, 4},
		{"", "\r\nOK\r\n\r\nERROR\r\n", "CONNECT", -1, true, -1},
		{"", "\r\n+CME ERROR: 4\r\n\r\nCONNECT\r\n", "CONNECT", -1, false, 4},
		{"\r\nCONNECT\r\n", "", "CONNECT", 0, false, 0},
		{"\r\nERROR\r\nOK\r\n", "\r\nCONNECT\r\n", "CONNECT", 1, false, 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		for (int bytewise = 0; bytewise < 2; bytewise++) {
			struct answer answers[] = {
				{COM, {rows[i].says, strlen(rows[i].says)}, 0, 0, false},
				{NULL, BYTES(""), 0, 0, false},
			};
			struct line *l = line_new(answers);
			bool bare_ok = false;
			int r;

			l->read_max = bytewise ? 1 : 0;
			say_text(l, rows[i].before, 0);
			r = modem_enter_data(l->modem, COM, rows[i].gate, START_MS + 10000, &bare_ok, &l->e);
			if (r != rows[i].result || bare_ok != rows[i].bare_ok)
				fail_msg("row %zu: %d, bare OK %d, %s", i, r, bare_ok, l->seen);
			if (r == 0)
				assert_int_equal(l->now_ms, START_MS + 10000);
			if (r < 0)
				assert_failed(l, r, ERR_REFUSED, "AT+QFOTADL was refused");
			if (r < 0)
				assert_int_equal(l->e.detail, rows[i].detail);
			assert_sent(l, COM "\r");
			line_free(l);
		}
}

static void waiting_for_the_gate_goes_on_without_a_second_command(void **state)
{
	static const struct answer answers[] = {
		{COM, BYTES("\r\nCONNECT\r\n"), 12000, 0, true},
		{NULL, BYTES(""), 0, 0, false},
	};
	struct line *l = line_new(answers);
	bool bare_ok = false;

	(void)state;
	assert_int_equal(modem_enter_data(l->modem, COM, "CONNECT", START_MS + 10000, &bare_ok, &l->e), 0);
	assert_int_equal(modem_enter_data(l->modem, NULL, "CONNECT", START_MS + 30000, &bare_ok, &l->e), 1);
	assert_false(bare_ok);
	assert_sent(l, COM "\r");
	line_free(l);
}

/* A digit of the size that is lost on the way makes a part of the package the whole. */
static void the_echo_shows_what_the_module_was_told(void **state)
{
	static const struct {
		const char *before, *echo;
		int result;
	} rows[] = {
		{"AT+CMEE=1\r", COM "\r", 1},
		{"AT+CMEE=1\r", "", 1},
		{"AT+CMEE=1\r", "AT+QFOTADL=\"COM:\",500,60\r", -1},
		{"AT+CMEE=1\r", "AT+QFOTADL=\"COM:\",4000,60\r", -1},
		{"AT+CMEE=1\r", "AT+QFOTADL=\"COM:\",50000,60\r", -1},
		{"AT+CMEE=1\r", "AT+QFOTADL=\"COM:\",5000,6\r", -1},
		{"AT+CMEE=1\r", "AT+QFOTADL=\"COM:\",5000,90\r", -1},
		{"AT+CMEE=1\r", "AT+QFO\r\n+CREG: 1\r\nTADL=\"COM:\",5000,60\r", 1},
		{"AT+CMEE=1\r", "\r\nRDY\r\n", 1},
		/* an echo that spoils everything proves nothing */
		{"AT+CME=1\r", "AT+QFOTADL=\"COM:\",500,60\r", 1},
		{"", "AT+QFOTADL=\"COM:\",500,60\r", 1},
		{"AATT++CCMMEEEE==11\r", "AATT++\r", 1},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char before[64], says[96];
		struct answer answers[] = {
			{"ATE1", BYTES("\r\nOK\r\n"), 0, 0, false},
			{"AT+CMEE=1", {before, 0}, 0, 0, false},
			{COM, {says, 0}, 0, 0, true},
			{NULL, BYTES(""), 0, 0, false},
		};
		struct line *l;
		bool bare_ok = false;
		int r;

		answers[1].text.size = (size_t)snprintf(before, sizeof(before), "%s\r\nOK\r\n", rows[i].before);
		answers[2].text.size = (size_t)snprintf(says, sizeof(says), "%s\r\nCONNECT\r\n", rows[i].echo);
		l = line_new(answers);
		assert_int_equal(modem_show_echo(l->modem, &l->e), 0);
		r = modem_enter_data(l->modem, COM, "CONNECT", l->now_ms + 10000, &bare_ok, &l->e);
		if (r != rows[i].result)
			fail_msg("row %zu: %d, %s", i, r, l->seen);
		if (r < 0)
			assert_failed(l, r, ERR_MODULE, "its echo differs");
		assert_non_null(strstr(l->seen, "> " COM));
		line_free(l);
	}
}

static void a_failing_port_is_told_at_the_gate(void **state)
{
	struct line *l = line_new(NULL);
	bool bare_ok = false;

	(void)state;
	l->read_error = ERR_GONE;
	assert_failed(l, modem_enter_data(l->modem, COM, "CONNECT", START_MS + 10000, &bare_ok, &l->e), ERR_GONE, "");
	assert_sent(l, "");
	line_free(l);
}

static void a_failing_port_is_told_before_the_command(void **state)
{
	static const struct modem_command csq = {"AT+CSQ", NULL, 300, NULL};
	struct line *l = line_new(NULL);
	bool bare_ok = false;

	(void)state;
	/* unanswered: it has to be asked where it stands first */
	assert_failed(l, modem_command(l->modem, &csq, NULL, &l->e), ERR_TIMEOUT, "");
	l->sent_size = l->command_at = 0;
	l->read_error = ERR_GONE;
	assert_failed(l, modem_enter_data(l->modem, COM, "CONNECT", l->now_ms + 10000, &bare_ok, &l->e), ERR_GONE, "");
	assert_null(memmem(l->sent, l->sent_size, COM, strlen(COM)));
	line_free(l);
}

/* What the command waited before it went out is no time of the module's. */
static void a_gate_has_its_time_from_the_command_on(void **state)
{
	static const struct answer answers[] = {
		{COM, BYTES("\r\nCONNECT\r\n"), 11000, 0, true},
		{NULL, BYTES(""), 0, 0, false},
	};

	(void)state;
	for (int busy_ms = 500; busy_ms <= 2500; busy_ms += 2000) {
		struct line *l = line_new(answers);
		bool bare_ok = false;

		l->busy_ms = busy_ms;
		assert_int_equal(modem_enter_data(l->modem, COM, "CONNECT", START_MS + 10000, &bare_ok, &l->e), busy_ms > 1000);
		line_free(l);
	}
}

/* A half line, to whose end it is waited for longer than the gate has time: the command goes
 * out whole all the same, for half of one would stay with the module and spoil the next. */
static void no_command_goes_out_by_half(void **state)
{
	static const struct answer answers[] = {
		{COM, BYTES("\r\nCONNECT\r\n"), 100, 0, true},
		{NULL, BYTES(""), 0, 0, false},
	};

	(void)state;
	for (int limit_ms = 100; limit_ms <= 500; limit_ms += 100) {
		struct line *l = line_new(answers);
		bool bare_ok = false;

		say_text(l, "\r\n+QIN", 0);
		assert_int_equal(modem_pause(l->modem, START_MS + 1, &l->e), 0);
		assert_true(modem_enter_data(l->modem, COM, "CONNECT", START_MS + limit_ms, &bare_ok, &l->e) >= 0);
		assert_in_range(l->sent_ms[0], START_MS + limit_ms, START_MS + 2000);
		assert_sent(l, COM "\r");
		line_free(l);
	}
}

static const char package[5000];

/* In data mode, after the gate. */
static struct line *in_data_mode(struct slice glued)
{
	static char text[512];
	static struct answer answers[] = {
		{COM, {text, 0}, 0, 0, true},
		{"AT", BYTES("\r\nOK\r\n"), 0, 0, false},
		{NULL, BYTES(""), 0, 0, false},
	};
	struct line *l = line_new(answers);
	bool bare_ok = false;

	memcpy(text, "\r\nCONNECT\r\n", 11);
	memcpy(text + 11, glued.data, glued.size);
	answers[0].text.size = 11 + glued.size;
	assert_int_equal(modem_enter_data(l->modem, COM, "CONNECT", START_MS + 10000, &bare_ok, &l->e), 1);
	l->sent_size = l->command_at = 0;
	return l;
}

static void data_goes_out_whole(void **state)
{
	struct line *l = in_data_mode((struct slice)BYTES(""));
	size_t sent;

	(void)state;
	assert_int_equal(modem_write_data(l->modem, package, sizeof(package), l->now_ms + 10000, &sent, &l->e), 0);
	assert_int_equal(sent, sizeof(package));
	assert_int_equal(l->sent_size, sizeof(package));
	assert_memory_equal(l->sent, package, sizeof(package));
	line_free(l);
}

/* What stood after the gate in the same read was said in data mode. */
static void what_is_glued_to_the_gate_counts(void **state)
{
	static const struct {
		struct slice glued;
		bool ends;
	} rows[] = {
		{BYTES("\n"), false},
		{BYTES("A"), false},
		{BYTES("AAAA\r\n"), false},
		{BYTES("\r\n+CREG: 1\r\n"), false},
		{BYTES("\xff\0\r\n"), false},
		{BYTES("\r\nOK"), false},
		{BYTES("\r\nOK\r\n"), true},
		{BYTES("\r\nERROR\r\n"), true},
		{BYTES("\r\n+CME ERROR: 421\r\n"), true},
		{BYTES("A\r\nNO CARRIER\r\n"), true},
		{BYTES("\r\n+QIND: \"FOTA\",\"END\",504\r\n"), true},
		{BYTES("\r\n+QFOTADL: 0\r\n"), true},
		{BYTES("\r\nRDY\r\n"), true},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct line *l = in_data_mode(rows[i].glued);
		size_t sent;
		int r = modem_write_data(l->modem, package, sizeof(package), l->now_ms + 10000, &sent, &l->e);

		if (r != (rows[i].ends ? -1 : 0))
			fail_msg("row %zu: %d, %zu sent\n%s", i, r, sent, l->seen);
		assert_int_equal(sent, rows[i].ends ? 0 : sizeof(package));
		if (r < 0)
			assert_failed(l, r, ERR_REFUSED, "the module stopped taking data: ");
		assert_int_equal(l->sent_size, sent);
		line_free(l);
	}
}

static void data_stops_when_the_module_leaves_data_mode(void **state)
{
	static const struct {
		struct slice says;
		int detail;
	} rows[] = {
		{BYTES("\r\nERROR\r\n"), -1},
		{BYTES("\r\n+CME ERROR: 421\r\n"), 421},
		{BYTES("\r\nOK\r\n"), -1},
		{BYTES("\r\nNO CARRIER\r\n"), -1},
		{BYTES("\r\n+QIND: \"FOTA\",\"END\",511\r\n"), -1},
		{BYTES("\r\nRDY\r\n"), -1},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct line *l = in_data_mode((struct slice)BYTES(""));
		size_t sent, all = 0;
		int r = 0;

		l->leave = rows[i].says;
		l->leave_at = 2500;
		while (r == 0 && all < sizeof(package)) {
			r = modem_write_data(l->modem, package, 1000, l->now_ms + 10000, &sent, &l->e);
			all += sent;
		}
		assert_failed(l, r, ERR_REFUSED, "the module stopped taking data");
		assert_int_equal(l->e.detail, rows[i].detail);
		assert_int_equal(all, 3000);	/* the write under way, none after it */
		assert_int_equal(l->sent_size, 3000);
		line_free(l);
	}
}

/* The answer to the last byte belongs to whoever watches then. */
static void what_answers_the_last_byte_is_left_to_be_read(void **state)
{
	struct line *l = in_data_mode((struct slice)BYTES(""));
	struct at_line line;
	size_t sent;

	(void)state;
	l->leave = (struct slice)BYTES("\r\nOK\r\n\r\n+QIND: \"FOTA\",\"START\"\r\n");
	l->leave_at = sizeof(package);
	if (modem_write_data(l->modem, package, sizeof(package), l->now_ms + 10000, &sent, &l->e) < 0)
		fail_msg("%s", err_read(&l->e));
	assert_int_equal(modem_next_line(l->modem, &line, l->now_ms + 100, &l->e), 1);
	assert_true(slice_is(line.text, "OK"));
	assert_int_equal(modem_next_line(l->modem, &line, l->now_ms + 100, &l->e), 1);
	assert_true(slice_is(line.text, "+QIND: \"FOTA\",\"START\""));
	line_free(l);
}

static void a_stall_ends_the_transfer_and_counts_what_went_out(void **state)
{
	struct line *l = in_data_mode((struct slice)BYTES(""));
	int64_t begun = l->now_ms;
	size_t sent;

	(void)state;
	l->room = 1234;
	assert_failed(l, modem_write_data(l->modem, package, sizeof(package), l->now_ms + 10000, &sent, &l->e),
		      ERR_TIMEOUT, "the module has taken no data for 10 s (flow control)");
	assert_int_equal(sent, 1234);
	assert_int_equal(l->now_ms, begun + 10000);
	/* talking is no taking */
	l->chatter_ms = 100;
	begun = l->now_ms;
	assert_failed(l, modem_write_data(l->modem, package, 10, l->now_ms + 5000, &sent, &l->e), ERR_TIMEOUT, "for 5 s");
	assert_int_equal(sent, 0);
	assert_int_equal(l->now_ms, begun + 5000);
	line_free(l);
}

/* faults.md C42: a byte now and then renews no limit. */
static void a_limit_holds_under_a_drip_of_bytes(void **state)
{
	static const int every_ms[] = {100, 900, 4000, 9999};

	(void)state;
	for (size_t i = 0; i < COUNT(every_ms); i++) {
		struct line *l = in_data_mode((struct slice)BYTES(""));
		int64_t begun = l->now_ms;
		size_t sent;

		l->drip_ms = every_ms[i];
		assert_failed(l, modem_write_data(l->modem, package, 1000, begun + 10000, &sent, &l->e), ERR_TIMEOUT, "for 10 s");
		assert_int_equal(l->now_ms, begun + 10000);
		assert_int_equal(sent, 10000 / every_ms[i]);
		line_free(l);
	}
}

/* A driver without zero-length packets holds back a write that fills its last
 * packet, protocol.md 2.3. */
static void no_write_is_a_multiple_of_a_packet(void **state)
{
	(void)state;
	for (size_t size = 1; size < 1300; size++) {
		struct line *l = in_data_mode((struct slice)BYTES(""));
		size_t sent;

		assert_int_equal(modem_write_data(l->modem, package, size, l->now_ms + 10000, &sent, &l->e), 0);
		assert_int_equal(sent, size);
		assert_int_equal(l->multiples, 0);
		line_free(l);
	}
}

static void no_command_is_a_multiple_of_a_packet(void **state)
{
	static const struct answer answers[] = {
		{"AT*", BYTES("\r\nOK\r\n"), 0, 0, false},
		{NULL, BYTES(""), 0, 0, false},
	};
	char text[600] = "AT+QFOTADL=\"";

	(void)state;
	for (size_t size = strlen(text); size < sizeof(text) - 1; size++) {
		struct modem_command command = {.text = text, .timeout_ms = 1000};
		struct line *l = line_new(answers);

		text[size] = '\0';
		modem_command(l->modem, &command, NULL, &l->e);
		assert_int_equal(l->sent_size, size + 1);
		assert_int_equal(l->multiples, 0);
		text[size] = 'x';
		line_free(l);
	}
}

static void a_failing_port_is_told_in_data_mode(void **state)
{
	static const enum err_code codes[] = {ERR_GONE, ERR_CANCELLED, ERR_PORT};
	size_t sent;

	(void)state;
	for (size_t i = 0; i < COUNT(codes); i++)
		for (int writing = 0; writing < 2; writing++) {
			struct line *l = in_data_mode((struct slice)BYTES(""));

			*(writing ? &l->write_error : &l->read_error) = codes[i];
			assert_failed(l, modem_write_data(l->modem, package, sizeof(package), l->now_ms + 10000, &sent, &l->e), codes[i], "a fault");
			assert_int_equal(sent, l->sent_size);
			line_free(l);
		}
}

/* Who stood still past the limit, and again while looking after that: not a byte goes to a
 * module that may have given up, and its word of that counts. */
static void nothing_is_sent_after_standing_still_past_the_limit(void **state)
{
	static const struct {
		const char *says;
		enum err_code code;
	} rows[] = {
		{"", ERR_TIMEOUT},
		{"\r\n+CREG: 1\r\n", ERR_TIMEOUT},
		{"\r\nERROR\r\n", ERR_REFUSED},
		{"\r\n+QIND: \"FOTA\",\"END\",511\r\n", ERR_REFUSED},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		for (int still_ms = 4000; still_ms <= 40000; still_ms += 4000) {
			struct line *l = in_data_mode((struct slice)BYTES(""));
			size_t sent;

			l->still_ms = still_ms;
			say_text(l, rows[i].says, still_ms > 10000 ? 10000 : 9000);
			assert_failed(l, modem_write_data(l->modem, package, sizeof(package), l->now_ms + 10000, &sent, &l->e),
				      rows[i].code, "");
			assert_int_equal(sent, 0);
			assert_int_equal(l->sent_size, 0);
			line_free(l);
		}
}

/* protocol.md 6: its size and checksum, and OK; whatever else the line may look like. */
static void an_upload_is_over_with_size_checksum_and_ok(void **state)
{
	static const struct {
		const char *says;
		enum err_code code;
		unsigned checksum;
	} rows[] = {
		{"\r\n+QFUPL: 5000,B34A\r\n\r\nOK\r\n", ERR_NONE, 0xb34a},
		{"+QFUPL: 5000,b3\r\nOK\r\n", ERR_NONE, 0xb3},
		{"+QFUPL: 5000,0\r\nOK\r\n", ERR_NONE, 0},
		/* acknowledgements that nobody waited for */
		{"A\r\n+QFUPL: 5000,B34A\r\nOK\r\n", ERR_NONE, 0xb34a},
		{"AAA+QFUPL: 5000,B34A\r\nOK\r\n", ERR_NONE, 0xb34a},
		{"AAA\r\nOK\r\n", ERR_MODULE, 0},
		{"+QFUPL: 5000\r\nOK\r\n", ERR_MODULE, 0},
		{"+QFUPL: 5000,\r\nOK\r\n", ERR_MODULE, 0},
		{"+QFUPL: ,B34A\r\nOK\r\n", ERR_MODULE, 0},
		{"+QFUPL: 5000,B34A,1\r\nOK\r\n", ERR_MODULE, 0},
		{"+QFUPL: 5000,0B34A\r\nOK\r\n", ERR_MODULE, 0},
		{"+QFUPL: 5000,B34G\r\nOK\r\n", ERR_MODULE, 0},
		{"+QFUPL: 5000,+B34\r\nOK\r\n", ERR_MODULE, 0},
		{"+QFUPL: 5000,B34A\r\n+CME ERROR: 409\r\n", ERR_REFUSED, 0},
		{"+QFUPL: 5000,B34A\r\n", ERR_TIMEOUT, 0},
		{"", ERR_TIMEOUT, 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct line *l = in_data_mode((struct slice)BYTES(""));
		uint64_t size = 0;
		unsigned checksum = 0;
		int64_t limit_ms = l->now_ms + 5000;
		int r;

		say_text(l, rows[i].says, 100);
		r = modem_end_upload(l->modem, &size, &checksum, limit_ms, &l->e);
		if (r != (rows[i].code ? -1 : 0) || (r < 0 && l->e.code != rows[i].code))
			fail_msg("row %zu: %d, %s", i, r, err_read(&l->e));
		if (r == 0) {
			assert_int_equal(size, 5000);
			assert_int_equal(checksum, rows[i].checksum);
		}
		assert_true(l->now_ms <= limit_ms);
		line_free(l);
	}
}

static void a_failing_port_is_told_while_an_upload_is_answered(void **state)
{
	static const enum err_code codes[] = {ERR_GONE, ERR_CANCELLED, ERR_PORT};

	(void)state;
	for (size_t i = 0; i < COUNT(codes); i++) {
		struct line *l = in_data_mode((struct slice)BYTES(""));
		uint64_t size;
		unsigned checksum;

		l->read_error = codes[i];
		assert_failed(l, modem_await_ack(l->modem, l->now_ms + 5000, &l->e), codes[i], "a fault");
		assert_failed(l, modem_end_upload(l->modem, &size, &checksum, l->now_ms + 5000, &l->e), codes[i], "a fault");
		line_free(l);
	}
}

/* protocol.md 2.2: 1 s of silence, "+++", 1 s of silence, OK. */
static void leaving_data_mode_waits_for_the_word_of_the_module(void **state)
{
	static const struct {
		int says_ms;		/* after the last data */
		const char *says;
		const char *sent;
		int result;
	} rows[] = {
		{2200, "\r\nOK\r\n", "+++", 0},
		{2200, "\r\nNO CARRIER\r\n", "+++", 0},
		{2200, "\r\nERROR\r\n", "+++", -1},
		{2200, "\r\nRDY\r\n", "+++", -1},
		{5900, "\r\nOK\r\n", "+++", 0},
		{2200, "\r\n+CREG: 1\r\n", "+++", -1},
		{6100, "\r\nOK\r\n", "+++", -1},
		/* its own time-out: no "+++" to the command parser */
		{500, "\r\nERROR\r\n", "", 1},
		{500, "\r\n+QIND: \"FOTA\",\"END\",511\r\n", "", 1},
		{500, "\r\n+CREG: 1\r\n", "+++", -1},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct line *l = in_data_mode((struct slice)BYTES(""));
		size_t sent;
		int r;

		assert_int_equal(modem_write_data(l->modem, package, 100, l->now_ms + 10000, &sent, &l->e), 0);
		say_text(l, rows[i].says, rows[i].says_ms);
		r = modem_escape_data(l->modem, 0, l->now_ms + 6000, &l->e);
		if (r != rows[i].result)
			fail_msg("row %zu: %d, %s\n%s", i, r, err_read(&l->e), l->seen);
		if (r < 0)
			assert_failed(l, r, ERR_TIMEOUT, "+++");
		if (r < 0)
			assert_int_equal(l->now_ms, l->sent_ms[99] + 6000);
		assert_int_equal(l->sent_size, 100 + strlen(rows[i].sent));
		assert_memory_equal(l->sent + 100, rows[i].sent, strlen(rows[i].sent));
		if (rows[i].sent[0])
			assert_true(l->sent_ms[100] - l->sent_ms[99] >= 1000);
		assert_int_equal(l->sent_ms[102], rows[i].sent[0] ? l->sent_ms[100] : 0);
		line_free(l);
	}
}

static void leaving_data_mode_waits_for_what_the_driver_holds(void **state)
{
	static const struct {
		enum err_code drain, deaf;
		int result;
		unsigned discards;
		const char *sent;
	} rows[] = {
		{ERR_NONE, ERR_NONE, 0, 0, "+++"},
		{ERR_TIMEOUT, ERR_NONE, 0, 1, "+++"},
		{ERR_GONE, ERR_NONE, -1, 0, ""},
		{ERR_CANCELLED, ERR_NONE, -1, 0, ""},
		{ERR_NONE, ERR_GONE, -1, 0, "+++"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct line *l = in_data_mode((struct slice)BYTES(""));
		int64_t limit_ms = l->now_ms + 60000;
		int r;

		l->drain_error = rows[i].drain;
		l->deaf_error = rows[i].deaf;
		say_text(l, "\r\nOK\r\n", rows[i].drain == ERR_TIMEOUT ? 20000 : 2200);
		r = modem_escape_data(l->modem, 0, limit_ms, &l->e);
		if (r != rows[i].result)
			fail_msg("row %zu: %d, %s", i, r, err_read(&l->e));
		if (r < 0)
			assert_int_equal(l->e.code, rows[i].drain ? rows[i].drain : rows[i].deaf);
		assert_int_equal(l->discards, rows[i].discards);
		assert_int_equal(l->sent_size, strlen(rows[i].sent));
		assert_memory_equal(l->sent, rows[i].sent, l->sent_size);
		line_free(l);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_gate_opens_data_mode),
		cmocka_unit_test(waiting_for_the_gate_goes_on_without_a_second_command),
		cmocka_unit_test(the_echo_shows_what_the_module_was_told),
		cmocka_unit_test(a_failing_port_is_told_at_the_gate),
		cmocka_unit_test(a_failing_port_is_told_before_the_command),
		cmocka_unit_test(a_gate_has_its_time_from_the_command_on),
		cmocka_unit_test(no_command_goes_out_by_half),
		cmocka_unit_test(data_goes_out_whole),
		cmocka_unit_test(what_is_glued_to_the_gate_counts),
		cmocka_unit_test(data_stops_when_the_module_leaves_data_mode),
		cmocka_unit_test(what_answers_the_last_byte_is_left_to_be_read),
		cmocka_unit_test(a_stall_ends_the_transfer_and_counts_what_went_out),
		cmocka_unit_test(a_limit_holds_under_a_drip_of_bytes),
		cmocka_unit_test(no_write_is_a_multiple_of_a_packet),
		cmocka_unit_test(no_command_is_a_multiple_of_a_packet),
		cmocka_unit_test(a_failing_port_is_told_in_data_mode),
		cmocka_unit_test(nothing_is_sent_after_standing_still_past_the_limit),
		cmocka_unit_test(an_upload_is_over_with_size_checksum_and_ok),
		cmocka_unit_test(a_failing_port_is_told_while_an_upload_is_answered),
		cmocka_unit_test(leaving_data_mode_waits_for_the_word_of_the_module),
		cmocka_unit_test(leaving_data_mode_waits_for_what_the_driver_holds),
	};

	return cmocka_run_group_tests_name("modem_data", tests, NULL, NULL);
}

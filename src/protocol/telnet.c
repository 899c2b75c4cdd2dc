#include "config.h"

#include "protocol/telnet.h"

#include <assert.h>
#include <string.h>

#include "base/count.h"

enum { SE = 240, SB = 250, WILL = 251, WONT = 252, DO = 253, DONT = 254, IAC = 255 };

enum { OFF, ASKED, ON };

enum { IN_DATA, IN_COMMAND, IN_OPTION, IN_SB_OPTION, IN_SB, IN_SB_IAC };

/* Who may have what: a server that echoes does so for its line. */
static const struct {
	unsigned char code;
	bool us_wanted, us_allowed, him_wanted, him_allowed;
} rows[TELNET_OPTIONS] = {
	[TELNET_BINARY] = {0, true, true, true, true},
	[TELNET_ECHO] = {1, false, false, false, true},
	[TELNET_SGA] = {3, true, true, true, true},
	[TELNET_COM_PORT] = {44, true, true, false, true},
};

void telnet_init(struct telnet *t)
{
	memset(t, 0, sizeof(*t));
}

static void put(struct telnet *t, const unsigned char *bytes, size_t size)
{
	assert(size <= TELNET_OUT - t->out_size);
	memcpy(t->out + t->out_size, bytes, size);
	t->out_size += size;
}

static void say(struct telnet *t, unsigned char verb, unsigned char option)
{
	put(t, (const unsigned char[]){IAC, verb, option}, 3);
}

bool telnet_start(struct telnet *t)
{
	if (telnet_room(t) < 2 * 3 * COUNT(rows))
		return false;
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (rows[i].us_wanted && t->us[i] == OFF) {
			t->us[i] = ASKED;
			say(t, WILL, rows[i].code);
		}
		if (rows[i].him_wanted && t->him[i] == OFF) {
			t->him[i] = ASKED;
			say(t, DO, rows[i].code);
		}
	}
	return true;
}

bool telnet_pending(const struct telnet *t)
{
	return memchr(t->us, ASKED, sizeof(t->us)) || memchr(t->him, ASKED, sizeof(t->him));
}

bool telnet_is_binary(const struct telnet *t)
{
	return t->us[TELNET_BINARY] == ON && t->him[TELNET_BINARY] == ON;
}

bool telnet_has_com_port(const struct telnet *t)
{
	return t->us[TELNET_COM_PORT] == ON;
}

/* Commands of three bytes make answers of three, and two of them may be here. */
size_t telnet_room(const struct telnet *t)
{
	size_t free = TELNET_OUT - t->out_size;

	return free > 2 ? free - 2 : 0;
}

/* No is said once: a server that goes on asking is not answered for ever. */
static void refuse(struct telnet *t, bool ours, unsigned char option)
{
	uint64_t *word = &t->refused[ours][option / 64], bit = UINT64_C(1) << option % 64;

	if (*word & bit)
		return;
	*word |= bit;
	say(t, ours ? WONT : DONT, option);
}

/* WILL, WONT: what he does. DO, DONT: what we do. */
static void negotiate(struct telnet *t, unsigned char verb, unsigned char option)
{
	bool ours = verb == DO || verb == DONT, yes = verb == DO || verb == WILL;
	unsigned char *now;
	size_t i = 0;

	while (i < COUNT(rows) && rows[i].code != option)
		i++;
	if (i == COUNT(rows) || !(ours ? rows[i].us_allowed : rows[i].him_allowed)) {
		if (yes)
			refuse(t, ours, option);
		return;
	}
	now = ours ? &t->us[i] : &t->him[i];
	if (yes && *now == OFF)
		say(t, ours ? WILL : DO, option);
	else if (!yes && *now == ON)
		say(t, ours ? WONT : DONT, option);
	*now = yes ? ON : OFF;
}

/* The subnegotiation is whole: COMMAND + 100, and its value. */
static void take_answer(struct telnet *t)
{
	unsigned command = t->sb_size ? t->sb[0] - 100u : TELNET_COMMANDS;
	size_t size = command == TELNET_BAUD ? 4 : 1;
	uint32_t value = 0;

	if (t->option != rows[TELNET_COM_PORT].code || command >= TELNET_COMMANDS)
		return;
	if (command == TELNET_SUSPEND || command == TELNET_RESUME) {
		t->suspended = command == TELNET_SUSPEND;
		return;
	}
	if (command == 0 || t->sb_size != 1 + size)
		return;
	for (size_t i = 0; i < size; i++)
		value = value << 8 | t->sb[1 + i];
	t->values[command] = value;
	t->answered |= 1u << command;
}

static void take_sb(struct telnet *t, unsigned char byte)
{
	if (t->sb_size < sizeof(t->sb))
		t->sb[t->sb_size] = byte;
	t->state = IN_SB;
	if (++t->sb_size <= TELNET_SB_MAX)
		return;
	t->spoilt++;
	t->state = IN_DATA;
}

/* What follows IAC. True: it is a byte of the line. */
static bool take_command(struct telnet *t, unsigned char byte)
{
	t->state = IN_DATA;
	if (byte == IAC)
		return true;
	t->verb = byte;
	t->sb_size = 0;
	if (byte >= WILL)
		t->state = IN_OPTION;
	else if (byte == SB)
		t->state = IN_SB_OPTION;
	return false;
}

/* IAC in a subnegotiation: a byte of it, its end, or it broke off and this is
 * the next command. */
static void take_sb_command(struct telnet *t, unsigned char byte)
{
	t->state = IN_DATA;
	if (byte == IAC) {
		take_sb(t, byte);
	} else if (byte == SE) {
		take_answer(t);
	} else {
		t->spoilt++;
		take_command(t, byte);
	}
}

/* Without BINARY CR comes as CR NUL or CR LF. */
static bool is_padding(struct telnet *t, unsigned char byte)
{
	bool padding = t->after_cr && byte == 0 && t->him[TELNET_BINARY] != ON;

	t->after_cr = byte == '\r';
	return padding;
}

size_t telnet_take(struct telnet *t, const unsigned char *bytes, size_t size, unsigned char *data)
{
	size_t n = 0;

	assert(size <= telnet_room(t));
	for (size_t i = 0; i < size; i++) {
		unsigned char byte = bytes[i];
		bool is_data = false;

		switch (t->state) {
		case IN_COMMAND:
			is_data = take_command(t, byte);
			break;
		case IN_OPTION:
			t->state = IN_DATA;
			negotiate(t, t->verb, byte);
			break;
		case IN_SB_OPTION:
			t->option = byte;
			t->state = IN_SB;
			break;
		case IN_SB:
			if (byte == IAC)
				t->state = IN_SB_IAC;
			else
				take_sb(t, byte);
			break;
		case IN_SB_IAC:
			take_sb_command(t, byte);
			break;
		default:
			is_data = byte != IAC;
			t->state = is_data ? IN_DATA : IN_COMMAND;
			break;
		}
		if (is_data && !is_padding(t, byte))
			data[n++] = byte;
	}
	return n;
}

bool telnet_is_midway(const struct telnet *t)
{
	return t->state != IN_DATA;
}

void telnet_give_up(struct telnet *t)
{
	if (t->state != IN_DATA)
		t->spoilt++;
	t->state = IN_DATA;
}

bool telnet_begins(const unsigned char *bytes, size_t size)
{
	return size > 0 && bytes[0] == IAC && (size == 1 || (bytes[1] >= WILL && bytes[1] != IAC));
}

bool telnet_ask(struct telnet *t, enum telnet_command command, uint32_t value)
{
	unsigned char frame[16] = {IAC, SB, rows[TELNET_COM_PORT].code, (unsigned char)command};
	size_t size = 4;

	for (int shift = command == TELNET_BAUD ? 24 : 0; shift >= 0; shift -= 8) {
		frame[size++] = (unsigned char)(value >> shift);
		if (frame[size - 1] == IAC)
			frame[size++] = IAC;
	}
	frame[size++] = IAC;
	frame[size++] = SE;
	if (size > telnet_room(t))
		return false;
	put(t, frame, size);
	t->answered &= ~(1u << command);
	return true;
}

bool telnet_answered(const struct telnet *t, enum telnet_command command)
{
	return t->answered & 1u << command;
}

uint32_t telnet_value(const struct telnet *t, enum telnet_command command)
{
	return t->values[command];
}

size_t telnet_encode(const unsigned char *bytes, size_t size, unsigned char *out, size_t out_size)
{
	size_t n = 0;

	for (size_t i = 0; i < size; i++) {
		if (n + (bytes[i] == IAC ? 2 : 1) > out_size)
			break;
		out[n++] = bytes[i];
		if (bytes[i] == IAC)
			out[n++] = IAC;
	}
	return n;
}

size_t telnet_sent(const unsigned char *out, size_t sent, bool *half)
{
	size_t n = 0;

	*half = false;
	for (size_t i = 0; i < sent; i++, n++) {
		if (out[i] != IAC)
			continue;
		*half = i + 1 == sent;
		i++;
	}
	return n;
}

void telnet_owes_half(struct telnet *t)
{
	put(t, (const unsigned char[]){IAC}, 1);
}

void telnet_flushed(struct telnet *t, size_t n)
{
	assert(n <= t->out_size);
	t->out_size -= n;
	memmove(t->out, t->out + n, t->out_size);
}

/*
 * telnet.h - telnet as serial servers speak it: bytes of the line apart from
 * commands, options agreed, the line asked and set by COM-PORT-OPTION (RFC 854,
 * 856, 1143, 2217; protocol.md 4.6).
 *
 * What the server answers counts, never what was asked. Every byte that comes is
 * hostile: a subnegotiation that does not end is given up after TELNET_SB_MAX
 * bytes, and what comes can't make more answers than there is room for.
 *
 * Threads: pure; no I/O, no clock, no allocation.
 */
#ifndef DFOTA_TELNET_H
#define DFOTA_TELNET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	TELNET_SB_MAX = 256,	/* no COM-PORT-OPTION is longer than a signature */
	TELNET_OUT = 1024,
};

enum telnet_option { TELNET_BINARY, TELNET_ECHO, TELNET_SGA, TELNET_COM_PORT, TELNET_OPTIONS };

/* Commands of COM-PORT-OPTION; the server answers with the same plus 100. */
enum telnet_command {
	TELNET_BAUD = 1,
	TELNET_DATA_SIZE = 2,
	TELNET_PARITY = 3,	/* 1 none */
	TELNET_STOP_SIZE = 4,
	TELNET_CONTROL = 5,	/* 1 no flow control, 3 RTS/CTS, 8 DTR on */
	TELNET_MODEM_STATE = 7,	/* of the server alone; 16: CTS */
	TELNET_SUSPEND = 8,
	TELNET_RESUME = 9,
	TELNET_LINE_MASK = 10,
	TELNET_MODEM_MASK = 11,
	TELNET_PURGE = 12,	/* 2: what is to be sent */
	TELNET_COMMANDS
};

enum { TELNET_FLOW_NONE = 1, TELNET_FLOW_LINES = 3, TELNET_DTR_ON = 8, TELNET_CTS = 16, TELNET_PURGE_OUT = 2 };

struct telnet {
	unsigned char us[TELNET_OPTIONS], him[TELNET_OPTIONS];	/* off, asked, on */
	uint64_t refused[2][4];		/* options refused once, of his and of ours */
	int state;
	unsigned char verb, option;	/* of the command under way */
	bool after_cr;
	unsigned char sb[8];		/* what of a subnegotiation can matter */
	size_t sb_size;			/* all of it */
	unsigned answered;		/* a bit a command */
	uint32_t values[TELNET_COMMANDS];	/* as the server said them last */
	unsigned spoilt;		/* subnegotiations without an end */
	bool suspended;			/* the server takes no data now */
	unsigned char out[TELNET_OUT];	/* for the server, before any more data */
	size_t out_size;
};

void telnet_init(struct telnet *t);

/* Ask for all that is wanted and not agreed yet: BINARY and SGA both ways,
 * COM-PORT. ECHO is left to the server. False: no room, nothing is asked. */
bool telnet_start(struct telnet *t);

/* True while the server has not answered what telnet_start() asked. */
bool telnet_pending(const struct telnet *t);

/* Agreed: every byte value passes, both ways. */
bool telnet_is_binary(const struct telnet *t);

/* Agreed: the line can be set. */
bool telnet_has_com_port(const struct telnet *t);

/* How many received bytes telnet_take() may be given: there is room for all
 * that they can make it answer. */
size_t telnet_room(const struct telnet *t);

/* Take what was received, SIZE <= telnet_room(); what of it is the line's is
 * written to DATA[SIZE], which may be BYTES itself. Returns how much that is. */
size_t telnet_take(struct telnet *t, const unsigned char *bytes, size_t size, unsigned char *data);

/* True in the middle of a command or option. What comes of it is not data: a server
 * that has stopped there is not waited for, telnet_give_up() is for the caller's clock. */
bool telnet_is_midway(const struct telnet *t);
void telnet_give_up(struct telnet *t);

/* True when BYTES[SIZE], the first that came, begin as telnet: IAC and one of
 * WILL, WONT, DO, DONT. Too few bytes to say: as far as they go. */
bool telnet_begins(const unsigned char *bytes, size_t size);

/* Ask or set COMMAND; telnet_answered() is false until the answer is there, and
 * telnet_value() is what it says. False: no room, nothing is asked. */
bool telnet_ask(struct telnet *t, enum telnet_command command, uint32_t value);
bool telnet_answered(const struct telnet *t, enum telnet_command command);
uint32_t telnet_value(const struct telnet *t, enum telnet_command command);

/*
 * Data for the line, 255 doubled: as much of BYTES[SIZE] as fits OUT[OUT_SIZE].
 * Returns how much of OUT is used. telnet_sent() says how many of BYTES are in the
 * first SENT bytes of such an OUT; *HALF: the other 255 of a pair must come first.
 */
size_t telnet_encode(const unsigned char *bytes, size_t size, unsigned char *out, size_t out_size);
size_t telnet_sent(const unsigned char *out, size_t sent, bool *half);

/* The other half of a pair goes out first. After a telnet_encode() that found
 * t->out empty. */
void telnet_owes_half(struct telnet *t);

/* The first N bytes of t->out are under way. */
void telnet_flushed(struct telnet *t, size_t n);

#endif

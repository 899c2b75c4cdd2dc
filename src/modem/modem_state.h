/*
 * modem_state.h - the modem itself, and what its files share. For this folder only.
 */
#ifndef DFOTA_MODEM_STATE_H
#define DFOTA_MODEM_STATE_H

#include "modem/modem.h"
#include "protocol/talker.h"

#define RX_SIZE 4096
#define REFUSAL_SIZE 48

struct modem {
	struct port *port;
	const struct clock *clock;
	struct modem_hooks hooks;
	struct at_splitter splitter;
	bool halted;
	unsigned char rx[RX_SIZE];	/* read, not yet split */
	size_t rx_at, rx_size;
	int64_t last_rx_ms;
	bool noise;	/* lines came with bytes that no module prints: noise, or the wrong rate */
	char command[AT_LINE_MAX];	/* in flight: its echo is no answer */
	int64_t sent_ms;		/* when it was */
	bool began_before;		/* the line that is coming had begun by then: it is no answer to it */
	int64_t half_ms;		/* last_rx_ms of a half line that was waited for in vain */
	unsigned owed;			/* results of commands that timed out: they may still come */
	char said[REFUSAL_SIZE];	/* in words of its own, right after the command in flight */
	char said_before[REFUSAL_SIZE];	/* ... after one that timed out */
	char refusal[REFUSAL_SIZE];	/* what it says in place of ERROR; "": not known */
	struct talker *talker;		/* while it is found out what talks there */
	bool numeric;			/* then: its results are numbers (ATV0) */
};

/* Send COMMAND and read to its result, as modem_command(), in step or not: what
 * is owed may answer it. */
int modem_converse(struct modem *m, const struct modem_command *command,
		   struct modem_reply *reply, struct err *e);

#endif

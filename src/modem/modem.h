/*
 * modem.h - one module on one port: a command and its answer, URCs, data mode.
 *
 * One command is in flight at a time. Every command names the form of its
 * answer and its deadline; any other line, whatever it looks like, came unasked
 * and goes to the hook as a URC.
 *
 * Threads: a modem belongs to the thread of its port.
 * Errors:  ERR_TIMEOUT no answer; ERR_REFUSED an ERROR class answer, detail is
 *          the CME number or -1; ERR_GONE, ERR_CANCELLED, ... of the port.
 */
#ifndef DFOTA_MODEM_H
#define DFOTA_MODEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/event.h"
#include "modem/port.h"
#include "protocol/at.h"
#include "protocol/line.h"
#include "protocol/profile.h"

struct modem;

/* What a modem reports while it works; called on its thread. Lines are raw. */
struct modem_hooks {
	void (*line)(void *ctx, enum line_dir dir, const struct at_line *line, bool urc);
	void *ctx;
};

/* A modem on PORT, which is borrowed with CLOCK for the modem's life; HOOKS is
 * copied. NULL with E when memory runs out. */
struct modem *modem_new(struct port *port, const struct clock *clock,
			const struct modem_hooks *hooks, struct err *e);
void modem_free(struct modem *m);

struct modem_command {
	const char *text;	/* "AT+CGMR"; at_build() when it holds a value */
	const char *prefix;	/* of the answer lines: "+CSQ:"; "" of any form; NULL none expected */
	int timeout_ms;		/* from when it has gone out */
	bool (*fits)(struct slice line);	/* can a line with the prefix be an answer? NULL: any can */
};

#define REPLY_LINES 16

/* An answer: its information lines, copied. */
struct modem_reply {
	struct slice lines[REPLY_LINES];	/* into text[] */
	size_t count;
	bool cut;				/* more came than fits */
	char text[AT_LINE_MAX];
	size_t text_size;
};

/*
 * Send COMMAND and wait for its final result. Lines that arrived before are
 * drained as URCs first, so that a stray OK cannot answer this command, and a
 * line that had begun before is no answer. After a time-out the dialogue is
 * brought into step first: results that are owed are waited for a moment, then
 * AT+CMEE? is asked, which nothing else answers. REPLY may be NULL: the lines
 * that fit; where one is asked for, the last is the answer. 0 on OK, also
 * without a line that fits.
 */
int modem_command(struct modem *m, const struct modem_command *command,
		  struct modem_reply *reply, struct err *e);

/* The same for a question that may be asked again: once, after a time-out. An OK
 * without a line that fits, where there can be one, is believed only when it is known to
 * be its own: none that came unasked makes a yes of a refusal. REPLY is not NULL. */
int modem_ask(struct modem *m, const struct modem_command *command,
	      struct modem_reply *reply, struct err *e);

/* The time of all questions is over at END_MS: an answer is waited for to then, or for as
 * long as a busy module takes. 0: no such limit. */
void modem_limit(struct modem *m, int64_t end_ms);

/* Does the next result belong to the next command, as far as is known? */
bool modem_in_step(const struct modem *m);

/* Read what comes unasked until UNTIL_MS. 0, or -1. */
int modem_pause(struct modem *m, int64_t until_ms, struct err *e);

/* The last command was answered: did it come back as it was sent? Or no byte of it? Both
 * false where that can't be told. */
bool modem_has_echo(const struct modem *m);
bool modem_has_no_echo(const struct modem *m);

/* Switch the echo on, for what comes next, and see whether it can be believed.
 * 0, also where the module has none; -1: of the port. */
int modem_show_echo(struct modem *m, struct err *e);

/*
 * Send COMMAND (NULL: it was sent before, go on waiting) and wait for the line
 * GATE after it, echo excluded. 1: the gate has come and the module is in
 * data mode. 0: DEADLINE_MS passed, later by as much as COMMAND took to go out.
 * -1: ERR_REFUSED on an ERROR class answer;
 * ERR_MODULE when the gate has come and an echo that can be believed shows
 * another command: the module waits for a size that was never declared;
 * or of the port. *BARE_OK becomes true when an OK came: without the gate
 * nothing may be sent then (protocol.md 2.1).
 */
int modem_enter_data(struct modem *m, const char *command, const char *gate,
		     int64_t deadline_ms, bool *bare_ok, struct err *e);

/* True for a line that a module prints in command mode only: a final result, a
 * FOTA line other than DOWNLOADING, RDY. A gate token is one of them by its form. */
bool modem_shows_command_mode(const struct at_line *line);

/* RDY: it has restarted, by its own word. */
bool modem_says_boot(const struct at_line *line);

/*
 * Send SIZE package bytes in data mode; ERR_TIMEOUT when they are not taken by
 * DEADLINE_MS, however many of them were. *SENT is how many went out, on failure
 * too. No write is a multiple of 64 bytes. What arrives meanwhile
 * is logged; a line that shows that the module has left data mode (a final
 * result, a FOTA URC, RDY) ends the call at once with ERR_REFUSED: what would
 * be sent after it reached the command parser.
 */
int modem_write_data(struct modem *m, const void *bytes, size_t size,
		     int64_t deadline_ms, size_t *sent, struct err *e);

/* Wait for the acknowledgement of what was written: one byte 'A' that begins a
 * line (protocol.md 6). ERR_TIMEOUT without it; ERR_REFUSED as modem_write_data(). */
int modem_await_ack(struct modem *m, int64_t deadline_ms, struct err *e);

/* After the last byte of an upload: "+QFUPL: <size>,<checksum>" and its OK, by
 * DEADLINE_MS. ERR_TIMEOUT; ERR_REFUSED on an ERROR class answer; ERR_MODULE: OK without it. */
int modem_end_upload(struct modem *m, uint64_t *size, unsigned *checksum, int64_t deadline_ms, struct err *e);

/* Get out of data mode on purpose: let what was written leave, at least to
 * LEFT_MS; 1 s of silence, "+++", and wait for the OK; all by DEADLINE_MS. 0 with it. 1: a line that
 * shows command mode came before "+++" was sent, which it then is not. ERR_TIMEOUT: the
 * module may still take every byte for data, so none may be sent before its
 * own time-out. */
int modem_escape_data(struct modem *m, int64_t left_ms, int64_t deadline_ms,
		      struct err *e);

/* Next line of whatever kind, for watching. 1 with LINE (valid until the next
 * call), 0 when DEADLINE_MS passed, -1. Sends nothing. */
int modem_next_line(struct modem *m, struct at_line *line, int64_t deadline_ms,
		    struct err *e);

/* The time, on the modem's clock. */
int64_t modem_now(const struct modem *m);

/* When the last byte was received; clock time, 0 never. */
int64_t modem_last_rx_ms(const struct modem *m);

/* When the last command went out; clock time. */
int64_t modem_sent_ms(const struct modem *m);

/* What was received last has come since then: the look before, or the last command. Long
 * ago where this program stood still. */
int64_t modem_unseen_ms(const struct modem *m);

/* Bytes cut off lines longer than AT_LINE_MAX, since the port opened. */
uint64_t modem_cut(const struct modem *m);

/* Let every call that waits fail with ERR_MODULE from now on until
 * modem_go_on() or modem_reset(): the module must not be sent another byte.
 * From a hook. */
void modem_halt(struct modem *m);

/* After modem_halt(), with what has arrived since: nothing is lost. */
void modem_go_on(struct modem *m);

/* Forget half lines and unread bytes: after port_open(). */
void modem_reset(struct modem *m);

/*
 * Send AT until it answers, at the port's rate; with TRY_RATES also
 * at the other usual rates, and *BAUD is the one that answered. To
 * DEADLINE_MS, or 7 s longer where an answer came that none has confirmed.
 * What another program has stored in the module is undone for the session: results
 * as numbers, or none at all (ATV1, ATQ0). What answers and is no module is named in
 * the error as what it is, garbage as a wrong rate.
 */
int modem_sync(struct modem *m, bool try_rates, int *baud, int64_t deadline_ms,
	       struct err *e);

#endif

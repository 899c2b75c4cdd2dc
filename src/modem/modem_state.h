/*
 * modem_state.h - the modem itself, and what its files share. For this folder only.
 */
#ifndef DFOTA_MODEM_STATE_H
#define DFOTA_MODEM_STATE_H

#include "modem/modem.h"
#include "protocol/talker.h"

#define RX_SIZE 4096
/* A question that has an answer of its own. */
#define STEP_COMMAND "AT+CMEE?"
#define STEP_PREFIX "+CMEE:"
#define OWED_MAX 32
#define REFUSAL_SIZE 48

struct modem {
	struct port *port;
	const struct clock *clock;
	struct modem_hooks hooks;
	struct at_splitter splitter;
	bool halted;
	int64_t end_ms;			/* modem_limit() */
	int took_ms;			/* the longest time that an answer took so far */
	unsigned char rx[RX_SIZE];	/* read, not yet split */
	size_t rx_at, rx_size;
	int64_t last_rx_ms;
	int64_t looked_ms, looked_before_ms;	/* when the port was looked at last, and the time before */
	bool noise;	/* since the last result lines came with bytes that no module prints: noise, or the wrong rate */
	char command[AT_LINE_MAX];	/* in flight: its echo is no answer */
	int64_t sent_ms;		/* when it was */
	bool has_result;		/* it was answered, by what may be owed to one before it */
	size_t echoed_size;		/* of it, in one line or more: a URC may stand between */
	bool misheard;			/* it came back as another command */
	bool shows_echo;		/* just before the upgrade command one came back whole */
	bool began_before;		/* the line that is coming had begun by then: it is no answer to it */
	int64_t half_ms;		/* last_rx_ms of a half line that was waited for in vain */
	/* results that may still come, of commands that timed out, in their order */
	enum owed { OWED_RESULT, OWED_STEP } owed[OWED_MAX];
	size_t owed_count;
	unsigned owed_more;		/* older ones, so many at most: some may never have been heard */
	unsigned results;		/* lines that were one, so far */
	bool out_of_step;		/* so what is asked next might be answered by them */
	bool knows_step;		/* it answers STEP_COMMAND */
	bool late_step;			/* the result that is coming is of an earlier one of these, */
	bool backlog;			/* and those of what was asked between come now */
	char said[REFUSAL_SIZE];	/* in words of its own, right after the command in flight */
	unsigned said_lines;		/* what came since then that answers nothing */
	char ending[REFUSAL_SIZE];	/* NO CARRIER, BUSY and their like came since then: its refusal where no other result comes */
	char said_before[REFUSAL_SIZE];	/* ... after one that timed out */
	char refusal[REFUSAL_SIZE];	/* what it says in place of ERROR; "": not known */
	struct talker *talker;		/* while it is found out what talks there */
	bool numeric;			/* then: its results are numbers (ATV0) */
};

/* When an answer is waited for no longer that has TIMEOUT_MS from now. */
int64_t modem_until(const struct modem *m, int timeout_ms);

/* LINE to the hook. */
void modem_report(struct modem *m, const struct at_line *line, bool urc);

/* TEXT was sent, to the hook. */
void modem_tell_sent(struct modem *m, struct slice text);

/* How many of SIZE bytes, 1 or more, the next write has: no multiple of 64. */
size_t modem_write_size(size_t size);

/* Write SIZE BYTES by DEADLINE_MS, whatever comes meanwhile a URC. */
int modem_write_all(struct modem *m, const char *bytes, size_t size, int64_t deadline_ms, struct err *e);

/* Send TEXT when the line is quiet; by DEADLINE_MS, later by as long as that took. */
int modem_send(struct modem *m, const char *text, int64_t deadline_ms, struct err *e);

/* A line after a command, not reported yet; as modem_next_line(). *OLD: it had
 * begun before that went out, or is known to be of an earlier one. */
int modem_read_answer(struct modem *m, struct at_line *line, bool *old, int64_t deadline_ms, struct err *e);

/* The next line of any kind, not reported yet. As modem_next_line(). */
int modem_read_line(struct modem *m, struct at_line *line, int64_t deadline_ms, struct err *e);

/* The next byte C, before it is part of a line. As modem_next_line(). */
int modem_read_byte(struct modem *m, unsigned char *c, int64_t deadline_ms, struct err *e);

/* Has LINE bytes that no module prints? */
bool modem_is_noise(struct slice line);

bool modem_is_result(const struct at_line *line);
bool modem_is_echo(const struct modem *m, struct slice line);

/* LINE came after the command in flight: if it is its echo, it is counted. */
void modem_note_echo(struct modem *m, struct slice line);

/* LINE is no answer: it may be how this module refuses. Was that said twice
 * alike, each time with nothing behind it? Then it is, from now on. */
void modem_note_words(struct modem *m, struct slice line);
bool modem_says_again(struct modem *m);

/* LINE, AT_NO_CARRIER, came after the command in flight. As its final result it
 * refuses that (V.250); a data call that ends says the same unasked. */
void modem_note_ending(struct modem *m, const struct at_line *line);

/* ERR_REFUSED: LINE is what was said to COMMAND. */
int modem_refused(const char *command, const struct at_line *line, struct err *e);

/* ... what modem_note_ending() noted, and nothing else came in time. */
int modem_refused_by_ending(const struct modem *m, const char *command, struct err *e);

/* The length of COMMAND up to its parameters, which may hold secrets. */
int modem_name_size(const char *command);

/* A command timed out: its result may still come. */
void modem_owe(struct modem *m, enum owed what);

/* A result has come that is owed: of STEP_COMMAND, and so of nothing before it,
 * or of the first other command. */
void modem_repay(struct modem *m, enum owed what);

/* Is it the result of a command that was not STEP_COMMAND that comes next? */
bool modem_owes_result(const struct modem *m);

/* Is one among those that may come? */
bool modem_owes_results(const struct modem *m);

/* Bring the dialogue into step, before COMMAND is sent: as many results as
 * commands, or a question that has an answer of its own. ERR_TIMEOUT without
 * that: nothing may be asked. */
int modem_step_in(struct modem *m, const char *command, struct err *e);

/* Was the last result that of the command before? Asks what nothing else answers so, and the
 * dialogue is in step after that. 1: it was, or can't be told; 0: it was its own; -1,
 * also where results come of their own accord (ERR_TIMEOUT). */
int modem_is_late(struct modem *m, struct err *e);

/* Send COMMAND and read to its result, as modem_command(), in step or not: what
 * is owed may answer it. */
int modem_converse(struct modem *m, const struct modem_command *command,
		   struct modem_reply *reply, struct err *e);

#endif

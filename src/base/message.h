/*
 * message.h - everything this program has to say, as values: an id with named
 * arguments. Words are made of them at the sink, and read by no code again.
 *
 * The table stands in messages/, a file a room; a row is
 *
 *	MESSAGE(PORT_HELD, "port-held", ERROR(BUSY),
 *		"port:text program:text pid:number",
 *		.words = "{port} is in use by {program}[ (process {pid})]",
 *		.next = "Close that program, then try again.")
 *
 * Its name is what JSON and records carry, so it is for ever. ERROR(code) is a
 * failure and what the user can do now; NOTICE(severity) is worth saying.
 * Arguments are of type text; number; bytes, shown as 307,200; errno, shown in
 * the system's words. In words {name} is an argument; what stands in [ ] is
 * left out when an argument in it is "" or 0, and [name?...] is there only
 * when that argument is neither; [[ and {{ are the signs themselves.
 *
 * A message may say besides what was being done (message_doing(): "WHAT: ...")
 * and what follows from it (message_then(): "...; WHAT").
 *
 * Memory: none is allocated. Values are made safe text (text.h) and cut to fit.
 * Threads: plain values; the table is constant.
 */
#ifndef DFOTA_MESSAGE_H
#define DFOTA_MESSAGE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum severity { SEVERITY_INFO, SEVERITY_WARNING, SEVERITY_ERROR };

/* What the user can do now; err.h has a row for each. */
enum err_code {
	ERR_NONE,
	ERR_PORT,	/* missing, not permitted, no serial port */
	ERR_BUSY,	/* another program holds the port */
	ERR_PACKAGE,	/* package or manifest unusable, or for another module */
	ERR_NETWORK,	/* a server or the module's network connection */
	ERR_MODULE,	/* not ready, not supported, or answers nonsense */
	ERR_TIMEOUT,	/* no answer before the deadline */
	ERR_REFUSED,	/* the module answered with an error; detail: CME number or -1 */
	ERR_GONE,	/* the port vanished: unplugged, or the module rebooted */
	ERR_CANCELLED,	/* the user said no */
	ERR_USAGE,	/* arguments, configuration or credentials */
	ERR_CRASH,	/* our own fault */
	ERR_OUTPUT,	/* standard output could not be written, nothing worse happened */
	ERR_COUNT
};

#define MESSAGE(id, ...) MSG_##id,
enum message_id {
	MSG_NONE,
#include "base/messages/all.def"
	MSG_COUNT
};
#undef MESSAGE

enum message_type { MESSAGE_TEXT, MESSAGE_NUMBER, MESSAGE_BYTES, MESSAGE_ERRNO };

/* For whom words are made: people at a command line or at the screen with its fields
 * and keys, in their language (words.h); or the record, JSON and reports: as for a
 * command line, and always in English. */
enum audience { FOR_CONSOLE, FOR_SCREEN, FOR_RECORD };

struct message_info {
	const char *name;	/* "port-held" */
	enum severity severity;
	enum err_code code;	/* of an error; ERR_NONE of a notice */
	const char *args;	/* "port:text pid:number"; "" */
	const char *words, *screen;	/* screen, screen_next: where it differs; else NULL */
	const char *next, *screen_next;	/* the cure, one sentence; NULL: none */
};

/* The row of ID; never NULL. */
const struct message_info *message_info(enum message_id id);

/* The id that is called NAME; MSG_NONE: no such. */
enum message_id message_named(const char *name);

/* Argument INDEX of ID: its type, and its name, which is NAME_SIZE bytes long
 * and not terminated. False past the last. */
struct message_arg {
	const char *name;
	size_t name_size;
	enum message_type type;
};
bool message_arg(enum message_id id, size_t index, struct message_arg *out);

#define MESSAGE_VALUES_SIZE 768
#define MESSAGE_PARTS 3

enum message_role { MESSAGE_DOING, MESSAGE_THEN };

struct message {
	enum message_id id;	/* MSG_NONE: there is none */
	uint16_t used;		/* bytes of VALUES */
	uint8_t part_count;	/* what was said besides; more is dropped */
	struct message_part {
		enum message_id id;
		enum message_role role;
		uint16_t at;	/* in VALUES */
	} parts[MESSAGE_PARTS];
	char values[MESSAGE_VALUES_SIZE];	/* of ID, then of each part: strings in the order of the row */
};

/*
 * Make M the message ID. FORMAT has the arguments in the order of the row, each
 * as name=%x with a blank between: "port=%s pid=%d"; "" where there are none.
 * Conversions: %s %.*s %c %d %u %ld %lu %lld %llu %zu. Missing ones are "".
 */
void message_set(struct message *m, enum message_id id, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void message_setv(struct message *m, enum message_id id, const char *format, va_list args)
	__attribute__((format(printf, 3, 0)));

/* Put what was being done before what M says; the last put is said first. */
void message_doing(struct message *m, enum message_id id, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

void message_doingv(struct message *m, enum message_id id, const char *format, va_list args)
	__attribute__((format(printf, 3, 0)));

/* Fill the last argument of M, of type errno, which has no value yet. No effect
 * where the last one is of another type. */
void message_set_errno(struct message *m, int error_number);

/* Add what follows from it. */
void message_then(struct message *m, enum message_id id, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void message_thenv(struct message *m, enum message_id id, const char *format, va_list args)
	__attribute__((format(printf, 3, 0)));

/* The same value by value, for one that is read back: begin, then a value for
 * each argument of its row in order. message_part() returns false when there
 * is no room for another. */
void message_begin(struct message *m, enum message_id id);
bool message_part(struct message *m, enum message_id id, enum message_role role);
void message_value(struct message *m, const char *value);

/* Argument INDEX of ID's values that begin at AT (0 for M's own; a part's at); "" past the end. */
const char *message_value_at(const struct message *m, size_t at, size_t index);

/* The argument NAME of M's own id; "" when it has none of that name. */
const char *message_text_of(const struct message *m, const char *name);

/* Do A and B say the same? Parts do not count. */
bool message_is(const struct message *a, const struct message *b);

/* TEMPLATE in the language of AUDIENCE. */
const char *message_words_for(enum audience audience, const char *template) __attribute__((format_arg(2)));

/* What M says, in words; safe text, cut to OUT_SIZE. Returns OUT. */
char *message_text(const struct message *m, enum audience audience, char *out, size_t out_size);

/* Both in one: "WORDS. NEXT"; "" of MSG_NONE. Returns OUT. */
char *message_advice(const struct message *m, enum audience audience, char *out, size_t out_size);

/* The words of ID, which has no arguments. Returns OUT. */
char *message_plain(enum message_id id, enum audience audience, char *out, size_t out_size);

/* What to do about it; "" when the table has nothing. Returns OUT. */
char *message_next(const struct message *m, enum audience audience, char *out, size_t out_size);

#endif

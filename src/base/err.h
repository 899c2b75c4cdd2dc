/*
 * err.h - the error value: what went wrong, in words and as a code that says
 * what the user can do now.
 *
 * A function that can fail returns 0 (or a count) or -1 and fills a struct
 * err owned by its caller. err_fail() and err_doing() return -1, so that a
 * failing exit is one line and context builds up:
 *
 *	if (modem_command(m, &cgmr, &reply, e) < 0)
 *		return err_doing(e, MSG_DOING_ASK_VERSION, "");
 *	-> "asking for the firmware version: no answer to AT+CGMR within 5.0 s"
 *
 * What it says is a message (message.h): no words are made before the sink.
 * Memory: none is allocated.  Threads: a struct err belongs to one thread.
 */
#ifndef DFOTA_ERR_H
#define DFOTA_ERR_H

#include "base/message.h"

struct err {
	enum err_code code;
	int detail;	/* errno, CME number, ... as the code says; else 0 */
	struct message message;
};

/* What a code means to the user: the table that `--help`, the manual page and
 * the exit status derive from. */
struct err_info {
	const char *name;	/* "busy": as in JSON and in the manual */
	int exit_status;	/* of the program when it stops before the module was touched */
	const char *advice;	/* the next step of a message that has none: one of a record without ids */
};

/* The row of CODE; never NULL. */
const struct err_info *err_info(enum err_code code);

/* Fill E with the message ID, whose row has the code, and its arguments: FORMAT
 * as in message_set(). Returns -1. */
int err_fail(struct err *e, enum message_id id, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The same with errno ERROR_NUMBER kept in detail and, where the row ends in an
 * argument of type errno, as its value. Returns -1. */
int err_fail_sys(struct err *e, enum message_id id, int error_number, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Put what was being done before it. Keeps the code and the detail. Returns -1. */
int err_doing(struct err *e, enum message_id id, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Make E the error CODE that says M. Returns -1. */
int err_take(struct err *e, enum err_code code, const struct message *m);

#ifdef DFOTA_ANALYZED	/* tests/analyze: by tools that see one file at a time */
#define err_fail(...) (err_fail(__VA_ARGS__), -1)
#define err_fail_sys(...) (err_fail_sys(__VA_ARGS__), -1)
#define err_doing(...) (err_doing(__VA_ARGS__), -1)
#define err_take(...) (err_take(__VA_ARGS__), -1)
#endif

#endif

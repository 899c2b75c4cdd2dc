/*
 * event.h - what travels between threads and to the record: plain values
 * without pointers, and the tables that name them.
 *
 * Every string in an event is safe text (text.h) and free of secrets; a
 * request may hold secrets and is wiped by whoever takes it out of its queue.
 */
#ifndef DFOTA_EVENT_H
#define DFOTA_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/job.h"
#include "base/limits.h"
#include "base/line.h"
#include "base/message.h"
#include "base/result.h"
#include "base/step.h"

/* A serial port of this computer. */
struct port_info {
	char path[64];			/* /dev/ttyACM3 */
	char description[64];		/* product as the bus names it */
	char serial[64];
	char usb_path[64];		/* "1-1.2"; "" when not USB */
	char driver[24];
	int usb_vid, usb_pid;		/* -1: none */
	int usb_interface;		/* -1: none */
	bool likely_at;			/* by the profile's table of USB ids: the AT port */
	char holder[64];		/* "minicom (812)"; "" free or not readable */
	struct message problem;		/* why it cannot be opened; MSG_NONE */
};

enum unit { UNIT_NONE, UNIT_BYTES, UNIT_PERCENT };

#define QUESTION_FACTS 8

struct question {			/* the one before the gate */
	struct identity module;
	char from[VERSION_SIZE], to[VERSION_SIZE];
	char package[FILE_SIZE];	/* file name or redacted URL */
	uint64_t size;			/* 0: not known (pull without manifest) */
	char sha256[65];		/* "" */
	enum route route;
	char command[TEXT_SIZE];	/* the very AT command, redacted */
	struct message facts[QUESTION_FACTS];	/* what the preparation found, the gravest first */
	size_t fact_count;
};

/* The package this computer has, or what the manifest says of the one the
 * module will download. */
struct package_info {
	char name[FILE_SIZE];		/* file name or redacted URL */
	uint64_t size;			/* 0: not known */
	char sha256[65];		/* "" */
	uint64_t escapes;		/* "+++" in it */
	bool has_manifest;
	char model[MODEL_SIZE];		/* by the manifest; "" */
	char from[VERSION_SIZE], to[VERSION_SIZE];
};

enum event_type {
	EVENT_STEP,
	EVENT_IDENTITY,
	EVENT_PROGRESS,
	EVENT_NOTICE,
	EVENT_LINE,
	EVENT_QUESTION,
	EVENT_RESULT,
	EVENT_PORT,	/* one row of the port list; index 0 begins a new list, which may end before count; count 0: it is empty */
	EVENT_PACKAGE,
	EVENT_DATA,	/* package bytes that went out, in place of the bytes */
	EVENT_ANSWER,
	EVENT_RECORD,	/* where this job is recorded; not in the record itself */
	EVENT_PLAN,	/* the AT commands that come next */
	EVENT_SETTING,	/* one that is stored in the module: what becomes of it */
	EVENT_BEGIN,	/* the first line of --json, in place of the record's; not in the record */
	EVENT_CHECKS,	/* what the module was asked before an upgrade; not in the record */
	/* what stands in records only */
	EVENT_START,	/* the first line: who writes, and what is to be done */
	EVENT_INTENT,	/* what comes next, and all that is needed to keep watching */
	EVENT_RESUMED,	/* another program goes on from here */
	EVENT_CLOSED,	/* the unfinished upgrade was abandoned */
	EVENT_SHOWN,	/* the result was shown to a person who had missed it */
	EVENT_GAP,	/* lines are missing here */
	EVENT_COUNT
};

/* What is going to be sent. */
struct command_plan {
	char commands[2048];		/* a line each, redacted */
	struct settings settings;	/* those of them that are stored in the module */
};

/* What the checks found, as far as it was told and can be. */
struct checks_found {
	int supply_mv;		/* -1: not measured */
	int rssi;		/* 0..31 as AT+CSQ has it; -1: not known */
	int registration;	/* the state of AT+CGREG?; -1: not told */
	char sim[64];		/* "ready", or the module's own words in small letters; "": not told */
};

/* The version of what --json prints: another one where what exists changes its meaning. */
#define JSON_SCHEMA 1

/* The program that writes a record. */
struct program_info {
	char program[64], libraries[256], host[128], system[256];
	int64_t when_s;		/* when it began, UTC, seconds since 1970; 0: not known */
	int pid;
};

struct job_start {
	int format;		/* of the record; BEGIN: JSON_SCHEMA */
	struct program_info by;
	struct plan plan;	/* without secrets */
};

enum gap { GAP_FLOOD /* too many lines */, GAP_DISK /* they could not be written */, GAP_COUNT };

struct event {
	enum event_type type;
	int64_t t_ms;			/* since the worker started */
	union {
		struct {
			enum step step;
			bool begin;	/* false: it ended, as ENDED says */
			enum ended ended;
			enum cancel cancel;	/* what a cancel means from now on */
			int64_t limit_ms;	/* silence allowed before a notice; 0: none */
		} step;
		struct identity identity;
		struct {
			enum step step;
			enum unit unit;
			uint64_t done, total;	/* total 0: not known */
			double overall;		/* 0..1 */
			double bytes_per_s;	/* goodput; 0: not known */
			int64_t left_ms;	/* -1: not known */
			int64_t last_rx_ms;	/* when the last byte moved, t_ms base */
		} progress;
		struct {
			enum severity severity;
			struct message message;
		} notice;
		struct {
			enum line_dir dir;
			bool urc;
			bool error;		/* an ERROR class line */
			struct line_meaning meaning;	/* of one received */
			char text[TEXT_SIZE];
			uint16_t raw_size;	/* 0: no exact bytes kept */
			unsigned char raw[RAW_SIZE];	/* redacted */
			uint32_t dropped_before;	/* lines lost from the queue before this one */
		} line;
		struct question question;
		struct result result;
		struct {
			size_t index, count;
			struct port_info info;
		} port;
		struct package_info package;
		struct {
			uint64_t offset, size;
			char sha256[65];	/* of these bytes */
		} data;
		enum ask answer;
		char record[FILE_SIZE];
		struct command_plan plan;
		struct setting setting;
		struct job_start start;		/* BEGIN, START */
		struct checks_found checks;
		struct open_upgrade intent;
		struct program_info resumed;
		int64_t when_s;			/* closed, shown: UTC, seconds since 1970; 0: not known */
		struct {
			uint64_t lines;
			enum gap why;
		} gap;
	};
};

/* A line is an eighth of the largest event, and there are most of them: to copy all of
 * each was a fifth of what a flood cost. */
static inline void event_copy(struct event *to, const struct event *from)
{
	size_t size = from->type == EVENT_LINE ? offsetof(struct event, line) + sizeof(from->line) : sizeof(*from);

	memcpy(to, from, size);
}

/* Whose event it is, where several modules are printed beside each other. */
struct event_source {
	const char *port;	/* as it was named; NULL: there is one module only */
	const char *imei;	/* "": not known yet */
};

enum request_type {
	REQUEST_RUN,		/* plan */
	REQUEST_ANSWER,		/* yes */
	REQUEST_CANCEL,
	REQUEST_DETACH,
	REQUEST_LOST,		/* the terminal went away: the record keeps that nobody saw the result */
	REQUEST_RESCAN,
	REQUEST_LOOK,		/* plan; module where it is known; number: what can be known of it now (outlook.h) */
	REQUEST_AT,		/* plan.port, plan.baud, text: one AT command typed by a person */
	REQUEST_QUIT,		/* internal to the worker */
};

struct request {
	enum request_type type;
	bool yes;
	char text[256];
	struct plan plan;
	struct identity module;	/* LOOK: what was learnt of the one on the port; model "": nothing */
	uint32_t number;
};

#endif

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

#include "base/err.h"

#define VERSION_SIZE 64		/* firmware version strings, NUL included */
#define MODEL_SIZE 24
#define IMEI_SIZE 24
#define URL_SIZE 512		/* room to refuse; a module takes 255 */
#define LOGIN_SIZE 64		/* user, password; a module takes 50 */
#define FILE_SIZE 512		/* a path */
#define TEXT_SIZE 768		/* a line, a sentence */
#define RAW_SIZE 256		/* exact bytes of a line, for the hex view */

/* Steps in run order; step_info() has a row for each. */
enum step {
	STEP_IDENTIFY,
	STEP_CHECK,
	STEP_FETCH,	/* only where this computer moves the package: relay, publish */
	STEP_PREPARE,
	STEP_TRANSFER,
	STEP_INSTALL,
	STEP_RESTART,
	STEP_VERIFY,
	STEP_COUNT
};

/* How far the module is from harm: design 3. */
enum phase { PHASE_PREFLIGHT, PHASE_TRANSFER, PHASE_INSTALL, PHASE_RETURN, PHASE_VERIFY, PHASE_COUNT };

/* Who carries the package to the module. */
enum delivery { DELIVERY_PULL /* the module downloads */, DELIVERY_PUSH /* over the wire */ };

/* What a cancel means right now. */
enum cancel {
	CANCEL_FREE,	/* leave; nothing was touched */
	CANCEL_STOP,	/* stop sending, prove the version unchanged */
	CANCEL_DETACH,	/* the module goes on by itself; only watching ends */
	CANCEL_REFUSED,	/* no return: only detach, when asked for by that name */
};

struct step_info {
	const char *name;	/* "transfer": JSON, record */
	const char *label;	/* "Transfer": screen */
	enum phase phase;
	int weight;		/* share of the wall time, percent; start values after fwupd (protocol.md 4.2) */
};

/* The row of STEP. */
const struct step_info *step_info(enum step step);

struct phase_info {
	const char *name;	/* "preflight" */
	const char *safety;	/* title line: "safe to leave", "DO NOT REMOVE POWER" */
	bool at_risk;
};
const struct phase_info *phase_info(enum phase phase);

/* What a cancel means in STEP of a DELIVERY. */
enum cancel step_cancel(enum step step, enum delivery delivery);

/* One sentence for the user: what cancel C does, or why it is refused. */
const char *cancel_words(enum cancel c);

/* How it ended. Below OUTCOME_STOPPED the module is described by evidence;
 * OUTCOME_STOPPED: nothing was sent that could change it, result.stop says why. */
enum outcome {
	OUTCOME_SUCCESS,	/* exit 0: same IMEI, version re-read, equals the target */
	OUTCOME_UNCHANGED,	/* 10: version re-read, equals the starting one */
	OUTCOME_DEVICE_FAILED,	/* 11: a third version, or a failure code and silence */
	OUTCOME_UNKNOWN,	/* 12: could not be asked, or identity in doubt */
	OUTCOME_READY,		/* 0: probe or dry run: all checks passed, nothing done */
	OUTCOME_STOPPED,	/* exit status of the err_code that stopped it */
	OUTCOME_COUNT
};

struct outcome_info {
	const char *name;	/* "device-failed" */
	const char *title;	/* "The module needs a person" */
	int exit_status;	/* -1: that of the err_code */
};
const struct outcome_info *outcome_info(enum outcome outcome);

/* What is to be done: filled by a front end, copied to the worker. */
enum job {
	JOB_UPGRADE,
	JOB_PROBE,
	JOB_RESUME,	/* watch on an upgrade that was left open; sends nothing that changes the module */
};

/* Who is on the other end. */
struct identity {
	char maker[MODEL_SIZE];
	char model[MODEL_SIZE];
	char version[VERSION_SIZE];
	char imei[IMEI_SIZE];
	char profile[MODEL_SIZE];	/* "": no profile knows this model */
	char port[FILE_SIZE];
	char usb_path[64];		/* "1-1.2"; "" when not USB */
	char serial[64];		/* of the USB device; "" */
	int usb_interface;		/* with usb_path only */
};

/* What an intent promises to do next. */
enum intent {
	INTENT_TRANSFER,	/* push: the module takes package bytes from now on; nothing is installed yet */
	INTENT_INSTALL,		/* the commit gate */
};

/* An upgrade as its last intent tells it: all that is needed to watch on. */
struct open_upgrade {
	char record[FILE_SIZE];	/* path of its record; "" in an intent */
	enum intent intent;
	int64_t when_s;		/* of the intent, UTC, seconds since 1970 */
	struct identity module;	/* version: what it ran before */
	char to[VERSION_SIZE];
	enum delivery delivery;
	int baud;
	int com_timeout_s;	/* push: how long the module waits for data */
	uint64_t size;		/* 0: not known */
	char sha256[65];	/* "" */
	/* what its record tells besides; not in an intent line */
	enum step step;		/* the last one begun */
	bool started;		/* the module said that it installs */
	bool ended;		/* ... and that it ended, with: */
	int end_code;
	bool downloaded;	/* pull: the module said that its download was over */
	bool failed;		/* ... and that it failed */
	bool foreign;		/* its record was begun on a computer of another name */
	bool unknown;		/* there is a result, but it is "unknown" */
	int live_pid;		/* a program is at it right now: its process, -1 not known; 0: none */
};

/* In which state it was left, as far as its record knows: "while the module
 * was installing". */
const char *open_state(const struct open_upgrade *open);

struct plan {
	enum job job;
	char port[FILE_SIZE];		/* path, by-id link, or tcp:HOST:PORT */
	int baud;			/* 0: 115200 */
	char profile[MODEL_SIZE];	/* "": by the model */
	enum delivery delivery;
	char file[FILE_SIZE];		/* package, for push */
	char url[URL_SIZE];		/* for pull; without userinfo */
	char user[LOGIN_SIZE];
	char password[LOGIN_SIZE];
	char manifest[FILE_SIZE];	/* "": FILE.manifest when there is one */
	char target[VERSION_SIZE];	/* "": from the manifest */
	char com_command[128];		/* "": of the profile */
	int com_timeout_s;		/* {timeout} of com_command; 0: of the profile */
	bool relay;			/* push what this computer downloads from url */
	char publish[URL_SIZE];		/* pull: put file there first, then let the module download it */
	bool overwrite;			/* publish: even over another file */
	bool verify_source;		/* pull: download and hash here before the gate */
	char cacert[FILE_SIZE];		/* CA certificates besides the system's, for our own requests */
	bool netrc;			/* login for our own requests from ~/.netrc */
	char imei[IMEI_SIZE];		/* "": any module; else only this one */
	bool assume_yes;		/* skip the question */
	bool dry_run;			/* stop before the gate, show the commands */
	bool if_needed;			/* already at the target is success */
	int watch_timeout_s;		/* 0: 2,700 */
	int return_timeout_s;		/* 0: 600 */
	int supply_min_mv;		/* 0: of the profile */
	int start_timeout_s;		/* the installation must begin so long after the transfer; 0: of the profile */
	int listen_timeout_s;		/* JOB_RESUME: silence before the module is asked; 0: of the profile */
	struct open_upgrade open;	/* JOB_RESUME */
};

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
	char problem[TEXT_SIZE];	/* why it cannot be opened, with the cure; "" */
};

enum line_dir { LINE_TX, LINE_RX };
enum severity { SEVERITY_INFO, SEVERITY_WARNING, SEVERITY_ERROR };
enum unit { UNIT_NONE, UNIT_BYTES, UNIT_PERCENT };

/* A code that the module or a server gave, and where its meaning stands. */
struct code {
	bool present;
	char table[8];			/* "ftp", "http", "file", "end", "cme" */
	int number;
	char meaning[128];
	char family[24];		/* whose document says so: "BG96" */
};

struct question {			/* the one before the gate */
	struct identity module;
	char from[VERSION_SIZE], to[VERSION_SIZE];
	char package[FILE_SIZE];	/* file name or redacted URL */
	uint64_t size;			/* 0: not known (pull without manifest) */
	char sha256[65];		/* "" */
	enum delivery delivery;
	char command[TEXT_SIZE];	/* the very AT command, redacted */
	char unchecked[TEXT_SIZE];	/* what could not be checked; "" */
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

/* What a person, or what stands for one, asked of a running job. */
enum ask { ASK_YES, ASK_NO, ASK_CANCEL, ASK_DETACH, ASK_LOST /* the terminal went away */, ASK_COUNT };

/* "yes", "no", "cancel", "detach", "lost". */
const char *ask_name(enum ask ask);

struct result {
	enum job job;
	enum outcome outcome;
	enum err_code stop;		/* what stopped it; ERR_NONE */
	int exit_status;
	enum step step;			/* where */
	enum phase phase;		/* then */
	char from[VERSION_SIZE], to[VERSION_SIZE], now[VERSION_SIZE];
	struct code code;
	char message[TEXT_SIZE];	/* what happened */
	char cause[TEXT_SIZE];		/* the likely cause; "" */
	char advice[TEXT_SIZE];		/* the next step */
	char safety[128];		/* is it safe to remove power */
	char record[FILE_SIZE];		/* "" */
};

/* What can be said of the module by a run that did not reach it. */
#define SAFETY_NOT_REACHED "This run changed nothing; whether the module may be switched off is not known."

/* The result of a JOB that E stopped before it began. */
void result_stopped(struct result *r, enum job job, const struct err *e);

enum event_type {
	EVENT_STEP,
	EVENT_IDENTITY,
	EVENT_PROGRESS,
	EVENT_NOTICE,
	EVENT_LINE,
	EVENT_QUESTION,
	EVENT_RESULT,
	EVENT_PORT,	/* one row of the port list; index 0 begins a new list; count 0: it is empty */
	EVENT_PACKAGE,
	EVENT_DATA,	/* package bytes that went out, in place of the bytes */
	EVENT_ANSWER,
	EVENT_RECORD,	/* where this job is recorded; not in the record itself */
	EVENT_COUNT
};

struct event {
	enum event_type type;
	int64_t t_ms;			/* since the worker started */
	union {
		struct {
			enum step step;
			bool begin;	/* false: it ended well */
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
			char text[TEXT_SIZE];
		} notice;
		struct {
			enum line_dir dir;
			bool urc;
			bool error;		/* an ERROR class line */
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
	};
};

enum request_type {
	REQUEST_RUN,		/* plan */
	REQUEST_ANSWER,		/* yes */
	REQUEST_CANCEL,
	REQUEST_DETACH,
	REQUEST_LOST,		/* the terminal went away: the record keeps that nobody saw the result */
	REQUEST_RESCAN,
	REQUEST_AT,		/* plan.port, plan.baud, text: one AT command typed by a person */
	REQUEST_QUIT,		/* internal to the worker */
};

struct request {
	enum request_type type;
	bool yes;
	char text[256];
	struct plan plan;
};

#endif

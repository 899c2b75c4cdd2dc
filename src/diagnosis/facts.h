/*
 * facts.h - what the files of the diagnosis share: the facts that events can be
 * evidence of, and where the fold over the events is.
 *
 * Threads: plain values.
 */
#ifndef DFOTA_DIAGNOSIS_FACTS_H
#define DFOTA_DIAGNOSIS_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/event.h"
#include "protocol/course.h"
#include "protocol/profile.h"

/* Which of several sightings of a fact is kept; all are counted. */
enum keep { KEEP_FIRST, KEEP_LAST, KEEP_LEAST, KEEP_MOST };

/*
 * What a record can be evidence of. A fact has a line, where it was seen; how
 * often; a value or a text, or neither. Its name stands in sentences of rules.
 */
#define DIAGNOSE_FACTS(FACT) \
	/* how the run was made and ended */ \
	FACT(PULL, "pull", KEEP_FIRST) \
	FACT(IDENTITY, "identity", KEEP_FIRST)		/* text: version */ \
	FACT(COMMAND, "command", KEEP_LAST)		/* AT+QFOTADL= went out */ \
	FACT(RESULT, "result", KEEP_LAST)		/* value: what stopped it */ \
	FACT(RECORD, "record", KEEP_LAST)		/* text: its path; not seen where that is too long to be typed */ \
	FACT(PORT, "port", KEEP_FIRST)			/* text */ \
	FACT(TARGET, "target", KEEP_LAST)		/* text: version */ \
	FACT(MAY_INSTALL, "may-install", KEEP_LAST)	/* as far as is known, at the end of all */ \
	/* what the family has, known at the end of all; evidence of nothing */ \
	FACT(SERIAL_WAY, "serial-way", KEEP_LAST)	/* a way to get a package over the serial port */ \
	FACT(NO_SERIAL_WAY, "no-serial-way", KEEP_LAST) \
	FACT(COM_FORM, "com-form", KEEP_LAST)		/* whose command can be given */ \
	FACT(COM_FIXED, "com-fixed", KEEP_LAST) \
	FACT(NO_HTTPS, "no-https", KEEP_LAST) \
	/* the port and who is on it */ \
	FACT(MODEM_MANAGER, "modem-manager", KEEP_FIRST) \
	FACT(MANAGER_TALK, "manager-talk", KEEP_FIRST)	/* what ModemManager asks new modems */ \
	FACT(PORT_HELD_GUESS, "port-held-guess", KEEP_LAST)	/* by whom was not seen */ \
	FACT(PORT_HELD, "port-held", KEEP_LAST)		/* text: by which program; value: its process, 0 */ \
	FACT(LOCK_FILE, "lock-file", KEEP_LAST)		/* that cannot be used */ \
	FACT(OTHER_BAUD, "other-baud", KEEP_LAST)	/* text: the module's */ \
	FACT(RATE_FOUND, "rate-found", KEEP_LAST)	/* OTHER_BAUD, and at that rate the module was identified, or took a package */ \
	FACT(ONLY_NOISE, "only-noise", KEEP_LAST) \
	FACT(NO_MODULE, "no-module", KEEP_LAST) \
	FACT(ANSWERED_ONCE, "answered-once", KEEP_LAST)	/* and not when it was asked again */ \
	FACT(VANISHED, "vanished", KEEP_LAST)		/* before anything was sent */ \
	FACT(GONE_SENDING, "gone-sending", KEEP_FIRST) \
	FACT(NEVER_COMPLETE, "never-complete", KEEP_LAST)	/* it never had the whole package */ \
	FACT(UNSOLICITED, "unsolicited", KEEP_FIRST)	/* answers to what we did not ask */ \
	FACT(UNSOLICITED_ECHO, "unsolicited-echo", KEEP_FIRST)	/* commands we did not send */ \
	FACT(TALK_BEFORE, "talk-before", KEEP_LAST)	/* those two, and none since the upgrade was asked for */ \
	FACT(TALK_IN_ANSWER, "talk-in-answer", KEEP_LAST)	/* those two, and it is not known whose answer was heard */ \
	FACT(STRAY, "stray", KEEP_FIRST)		/* OK or ERROR to nothing */ \
	FACT(NOISE, "noise", KEEP_FIRST)		/* bytes that no module prints */ \
	FACT(DATA_NOISE, "data-noise", KEEP_FIRST)	/* such, and package bytes may have been echoed so */ \
	FACT(ECHO_BROKEN, "echo-broken", KEEP_FIRST) \
	FACT(LONG_LINES, "long-lines", KEEP_FIRST) \
	/* the module and what it was asked before the start */ \
	FACT(NO_DFOTA, "no-dfota", KEEP_FIRST) \
	FACT(UNKNOWN_MODEL, "unknown-model", KEEP_LAST) \
	FACT(WRONG_IMEI, "wrong-imei", KEEP_LAST) \
	FACT(VOLTAGE, "voltage", KEEP_LEAST)		/* mV */ \
	FACT(VOLTAGE_LOW, "voltage-low", KEEP_LEAST)	/* under the limit */ \
	FACT(VOLTAGE_POOR, "voltage-poor", KEEP_LEAST)	/* little above it */ \
	FACT(VOLTAGE_AFTER, "voltage-after", KEEP_LEAST)	/* under it or little above, asked afterwards */ \
	FACT(UNDER_VOLTAGE, "under-voltage", KEEP_FIRST)	/* the module's own warning */ \
	FACT(SIM_MISSING, "sim-missing", KEEP_LAST) \
	FACT(SIM_LOCKED, "sim-locked", KEEP_LAST) \
	FACT(SIM_WAITS, "sim-waits", KEEP_LAST)		/* how: for its code, */ \
	FACT(SIM_BLOCKED, "sim-blocked", KEEP_LAST)	/* for its PUK, */ \
	FACT(SIM_BARRED, "sim-barred", KEEP_LAST)	/* or it is the module's own lock */ \
	FACT(SIGNAL, "signal", KEEP_LEAST)		/* dBm, of the step in which it was last reported */ \
	FACT(UNREGISTERED, "unregistered", KEEP_LAST)	/* before the start */ \
	FACT(DENIED, "denied", KEEP_LAST)		/* registration refused */ \
	FACT(REGISTRATION_LOST, "registration-lost", KEEP_FIRST) \
	FACT(REGISTRATION_BACK, "registration-back", KEEP_FIRST) \
	FACT(REGISTRATION_GONE, "registration-gone", KEEP_FIRST)	/* asked after the download failed */ \
	FACT(CONTEXT_OFF, "context-off", KEEP_LAST) \
	FACT(CONTEXT_REFUSED, "context-refused", KEEP_LAST) \
	FACT(CONTEXT_LOST, "context-lost", KEEP_FIRST) \
	FACT(CONTEXT_GONE, "context-gone", KEEP_LAST)	/* then as well */ \
	FACT(ROOM_SHORT, "room-short", KEEP_LAST)	/* text: free bytes, fewer than the package has */ \
	FACT(URCS_ELSEWHERE, "urcs-elsewhere", KEEP_LAST) \
	FACT(URC_PORT_REFUSED, "urc-port-refused", KEEP_LAST) \
	FACT(URCS_UNSURE, "urcs-unsure", KEEP_LAST)	/* to a port that may be another than this one */ \
	FACT(URCS_OFF, "urcs-off", KEEP_LAST) \
	FACT(STATE_URC_REFUSED, "state-urc-refused", KEEP_LAST) \
	FACT(NO_FLOW, "no-flow", KEEP_FIRST)		/* no RTS/CTS while sending */ \
	/* package, manifest, server */ \
	FACT(NO_MANIFEST, "no-manifest", KEEP_FIRST) \
	FACT(MANIFEST_FITS, "manifest-fits", KEEP_LAST)	/* text: the version it is for */ \
	FACT(BASE_DIFFERS, "base-differs", KEEP_LAST)	/* text: as MANIFEST_FITS */ \
	FACT(MODEL_DIFFERS, "model-differs", KEEP_LAST)	/* text: the model it is for */ \
	FACT(BASE_REFUSED, "base-refused", KEEP_LAST)	/* text: as MANIFEST_FITS */ \
	FACT(MODEL_REFUSED, "model-refused", KEEP_LAST) \
	FACT(AT_TARGET, "at-target", KEEP_LAST) \
	FACT(PACKAGE_ALTERED, "package-altered", KEEP_LAST) \
	FACT(HTML, "html", KEEP_LAST) \
	FACT(REDIRECT, "redirect", KEEP_LAST) \
	FACT(OTHER_FILE, "other-file", KEEP_LAST) \
	FACT(LOGIN_HERE, "login-here", KEEP_LAST)	/* the server to this computer */ \
	FACT(ACCOUNT_HERE, "account-here", KEEP_LAST) \
	FACT(FORBIDDEN_HERE, "forbidden-here", KEEP_LAST) \
	FACT(BUSY_HERE, "busy-here", KEEP_LAST) \
	FACT(TLS_HERE, "tls-here", KEEP_LAST) \
	FACT(OTHER_SERVICE, "other-service", KEEP_LAST)	/* text: which */ \
	FACT(SERVER_OK, "server-ok", KEEP_LAST)		/* it has the file, for this computer */ \
	FACT(UNLIKELY, "unlikely", KEEP_LAST)		/* text: what the package looks like */ \
	FACT(MISSING_HERE, "missing-here", KEEP_LAST) \
	FACT(DNS_HERE, "dns-here", KEEP_LAST) \
	FACT(UNASKED, "unasked", KEEP_LAST)		/* not reached from here; text: why */ \
	FACT(PRIVATE, "private", KEEP_LAST)		/* text: its address */ \
	/* codes of the module, and what kind of trouble they mean */ \
	FACT(CODE, "code", KEEP_FIRST) \
	FACT(CODE_CAUSE, "code-cause", KEEP_FIRST)	/* text: as codes_find() has it */ \
	FACT(CODE_NEXT, "code-next", KEEP_FIRST) \
	FACT(NETWORK_CODE, "network-code", KEEP_FIRST) \
	FACT(TIMEOUT_CODE, "timeout-code", KEEP_FIRST) \
	FACT(CONTEXT_CODE, "context-code", KEEP_FIRST) \
	FACT(CONNECT_CODE, "connect-code", KEEP_FIRST) \
	FACT(CLOSED_CODE, "closed-code", KEEP_FIRST) \
	FACT(DNS_CODE, "dns-code", KEEP_FIRST) \
	FACT(LOGIN_CODE, "login-code", KEEP_FIRST) \
	FACT(FILE_CODE, "file-code", KEEP_FIRST) \
	FACT(PASSIVE_CODE, "passive-code", KEEP_FIRST) \
	FACT(BUSY_CODE, "busy-code", KEEP_FIRST) \
	FACT(TLS_CODE, "tls-code", KEEP_FIRST) \
	FACT(PACKAGE_CODE, "package-code", KEEP_FIRST) \
	FACT(VERSION_CODE, "version-code", KEEP_FIRST) \
	FACT(PROJECT_CODE, "project-code", KEEP_FIRST) \
	FACT(ROOM_CODE, "room-code", KEEP_FIRST) \
	FACT(FLASH_CODE, "flash-code", KEEP_FIRST) \
	FACT(LOST_BYTES_CODE, "lost-bytes-code", KEEP_FIRST) \
	FACT(OWN_CODE, "own-code", KEEP_FIRST)		/* one that nothing on the serial port can bring about */ \
	FACT(DOWNLOAD_CODE, "download-code", KEEP_FIRST)	/* of a download by the module */ \
	FACT(NOT_REACHED, "not-reached", KEEP_FIRST)	/* a time-out there, and no connection from here; text: as TIMEOUT_CODE */ \
	/* the transfer */ \
	FACT(COM_REFUSED, "com-refused", KEEP_LAST) \
	FACT(URL_OK, "url-ok", KEEP_LAST) \
	FACT(UNVERIFIED, "unverified", KEEP_LAST)	/* the form of the COM command */ \
	FACT(BARE_OK, "bare-ok", KEEP_LAST) \
	FACT(NO_GATE, "no-gate", KEEP_LAST) \
	FACT(LATE_GATE, "late-gate", KEEP_FIRST)	/* value: seconds after the command */ \
	FACT(MAY_BE_UNHEARD, "may-be-unheard", KEEP_LAST)	/* the command before that: not echoed, or a restart would not have been seen */ \
	FACT(SENT, "sent", KEEP_LAST)			/* value: percent; text: bytes */ \
	FACT(WHOLE_SENT, "whole-sent", KEEP_LAST) \
	FACT(LEFT_DATA, "left-data", KEEP_LAST)		/* text: what the module said */ \
	FACT(STALL, "stall", KEEP_LAST) \
	FACT(UNACKED, "unacked", KEEP_LAST)		/* an upload, or a block of it */ \
	FACT(SOURCE_OK, "source-ok", KEEP_LAST)		/* FTPEND,0 and the like */ \
	FACT(UPLOAD_OK, "upload-ok", KEEP_LAST)		/* size and checksum of its file are those of the package */ \
	FACT(DOWNLOAD_S, "download-time", KEEP_LAST)	/* seconds, to its end or failure */ \
	/* the installation and what came after it */ \
	FACT(FOTA_BEFORE, "fota-before", KEEP_FIRST)	/* not of our doing */ \
	FACT(ATTACHED, "attached", KEEP_FIRST) \
	FACT(FOTA, "fota", KEEP_LAST)			/* any line about an upgrade of ours */ \
	FACT(STARTED, "started", KEEP_LAST)		/* START, UPDATING, RESTORE */ \
	FACT(PERCENT, "percent", KEEP_LAST) \
	FACT(ODD_PERCENT, "odd-percent", KEEP_FIRST)	/* beyond 0 to 100 */ \
	FACT(END_OK, "end-ok", KEEP_LAST) \
	FACT(END, "end", KEEP_LAST)			/* any END */ \
	FACT(RESTARTED, "restarted", KEEP_FIRST)	/* or away, in the middle of it; value: percent */ \
	FACT(RESTARTED_EARLY, "restarted-early", KEEP_LAST)	/* before the upgrade was asked for; value: how often */ \
	FACT(RESTARTED_LOADING, "restarted-loading", KEEP_LAST)	/* after that, before it installed; value: how often */ \
	FACT(RESTARTED_AGAIN, "restarted-again", KEEP_LAST)	/* while it installed, more than once; value: how often */ \
	FACT(RESTART_OR_END, "restart-or-end", KEEP_LAST)	/* RESTARTED, and it may have been the end of it */ \
	FACT(BOOTED, "booted", KEEP_FIRST)		/* it said so then */ \
	FACT(WENT_ON, "went-on", KEEP_FIRST)		/* the module, after that */ \
	FACT(SILENCE, "silence", KEEP_MOST)		/* while it installs: seconds, the line before */ \
	FACT(WATCH_ENDED, "watch-ended", KEEP_LAST) \
	FACT(NO_RETURN, "no-return", KEEP_LAST) \
	FACT(RUNS_TARGET, "runs-target", KEEP_LAST)	/* text: version, read after the command */ \
	FACT(RUNS_OLD, "runs-old", KEEP_LAST) \
	FACT(RUNS_THIRD, "runs-third", KEEP_LAST) \
	FACT(OTHER_IMEI, "other-imei", KEEP_FIRST) \
	FACT(HIDDEN_IMEI, "hidden-imei", KEEP_FIRST)	/* of the module that answers at the end */ \
	/* people, the program, the disk */ \
	FACT(DECLINED, "declined", KEEP_FIRST) \
	FACT(CANCELLED, "cancelled", KEEP_FIRST) \
	FACT(DETACHED, "detached", KEEP_FIRST) \
	FACT(TERMINAL_LOST, "terminal-lost", KEEP_FIRST) \
	FACT(INTENT, "intent", KEEP_LAST) \
	FACT(DEMO, "demo", KEEP_LAST)			/* its module was simulated, and has ended with the program */ \
	FACT(LATE, "late", KEEP_MOST)			/* this program itself; value: seconds */ \
	FACT(KILLED, "killed", KEEP_FIRST)		/* the last line of a program that ended in the middle */ \
	FACT(KILLED_EARLY, "killed-early", KEEP_LAST)	/* ... of one that had sent nothing of the upgrade */ \
	FACT(SETTINGS_OPEN, "settings-open", KEEP_LAST)	/* it was to change what is stored in the module */ \
	FACT(RESUMED, "resumed", KEEP_FIRST) \
	FACT(UNFINISHED, "unfinished", KEEP_LAST)	/* an earlier upgrade */ \
	FACT(GAP_DISK, "gap-disk", KEEP_FIRST) \
	FACT(GAP_FLOOD, "gap-flood", KEEP_FIRST)

#define DIAGNOSE_ENUM(id, name, keep) FACT_##id,
enum fact_id { DIAGNOSE_FACTS(DIAGNOSE_ENUM) FACT_COUNT, FACT_NONE = FACT_COUNT };
#undef DIAGNOSE_ENUM

#define FACT_TEXT 256
/* So many commands in a row may stay without a result: all of the checks. */
#define UNANSWERED 16
#define COMMAND_NAME 64

struct fact {
	uint64_t count;		/* 0: not seen; the rest means nothing then */
	uint64_t line;
	int64_t t_ms;
	long value;
	bool has_text;
	char text[FACT_TEXT];	/* safe; "" */
};

/* How the last result says that it ended, as bits. */
enum {
	END_SUCCESS = 1, END_UNCHANGED = 2, END_FAILED = 4, END_UNKNOWN = 8,
	END_STOPPED = 16, END_NONE = 32,
	END_BAD = END_UNCHANGED | END_FAILED | END_UNKNOWN | END_STOPPED | END_NONE,
	END_UNCERTAIN = END_FAILED | END_UNKNOWN | END_NONE,	/* nobody may start again yet */
	END_ANY = END_BAD | END_SUCCESS,
};

struct facts {
	struct fact of[FACT_COUNT];
	unsigned end;		/* one of END_* */
};

/* The fact that is called NAME (SIZE bytes), or FACT_NONE. */
enum fact_id fact_named(const char *name, size_t size);

/* Where the pass is, and what it remembers of the lines before. */
struct pass {
	struct facts facts;
	uint64_t number;		/* of this line */
	int64_t t_ms;
	enum step step;
	bool push;

	char command[TEXT_SIZE];	/* the last that was sent */
	char unanswered[UNANSWERED][COMMAND_NAME];	/* the last that had no result when the next was sent, by turns */
	unsigned unanswered_count;
	bool in_flight;
	bool echoed, echoed_before;	/* the last command; the one before it */
	struct rate_search {
		bool under_way;		/* it is asked until it answers, at one rate after the other */
		bool confirmed;		/* a command was answered at the rate that was found last */
		bool noisy;		/* noise has come behind the last command */
		unsigned bursts;	/* commands behind which some came */
		struct {
			struct fact noise;
			unsigned bursts;
		} before;		/* what had come when it began */
	} search;
	unsigned owed;			/* results that may still come late */
	bool heard;			/* a final result or an echo, spelt as it should be; since the last restart */
	bool context_seen;		/* an active one in the answer to AT+QIACT? */
	bool talk_since_asked;		/* of another program */
	bool afterwards;		/* it failed, and is asked what separates the causes */
	bool data_network;		/* it has said whether it is in one for data */
	unsigned networks;		/* in which it says it is, a bit each; forgotten when it is asked afterwards */
	bool loads;			/* a command that opens data mode went out */
	bool in_data, data_over;	/* the gate has opened; the module has ended it */
	struct course course;		/* since AT+QFOTADL= went out */
	bool unwatched;			/* a run ended or another took over, and the module was not heard since */
	bool asked;			/* AT+QFOTADL= with a package went out */
	int64_t asked_ms;
	uint64_t asked_line;
	bool restarted_itself;		/* since then, as its family does */
	bool pull_refused;		/* that, and the module was to download */
	bool gate_due;			/* a command that opens data mode went out, and its gate has not come */
	int64_t gate_asked_ms;
	bool unechoed;			/* it was not echoed, and the command before it was */
	int64_t heard_ms;		/* the last line while it installs */
	uint64_t heard_line;
	enum step signal_step;		/* in which the signal was reported */
	int64_t restart_ms;		/* the last one; -1: none */
	bool rdy;			/* it has said so */
	bool answered;			/* a command, since then */
	bool goes_on;			/* another program goes on with the record, on a clock of its own: */
	int64_t shift_ms;		/* to the time of the record */
	int64_t unsettled_ms;		/* until then bytes may be spoiled by a restart or another rate */
	long restarts;			/* while it installed */
	bool end_failed;		/* an END had a code; a later END,0 takes nothing back */

	struct message what;		/* that ended the run */
	bool abandoned;			/* no program is at it any more */
	bool upgrades;			/* that is its job */
	bool identified;
	struct identity identity;	/* the first one */
	struct package_info package;	/* the last one */
	uint64_t package_line;
	long supply_min;
	uint64_t sent, total;		/* package bytes */
	char from[VERSION_SIZE], to[VERSION_SIZE];
	char version[VERSION_SIZE];	/* read last, and where */
	uint64_t version_line;
	int64_t version_ms;
};

/* Would facts_note_at() keep what it is given of ID with VALUE, or only count it? */
bool facts_keeps(const struct pass *p, enum fact_id id, long value);

/* LINE is evidence of ID, with VALUE and TEXT (may be NULL); the event that is taken is. */
void facts_note_at(struct pass *p, enum fact_id id, uint64_t line,
		   int64_t t_ms, long value, const char *text);
void facts_note(struct pass *p, enum fact_id id, long value, const char *text);
bool facts_seen(const struct pass *p, enum fact_id id);
void facts_forget(struct pass *p, enum fact_id id);

/* The profile of the module. */
const struct profile *facts_profile(const struct pass *p);

#endif

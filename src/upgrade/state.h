/*
 * upgrade/state.h - the state of one upgrade, and what all its files need of it.
 * For the files of this folder only.
 */
#ifndef DFOTA_UPGRADE_STATE_H
#define DFOTA_UPGRADE_STATE_H

#include "base/redact.h"
#include "base/text.h"
#include "modem/find.h"
#include "modem/manager.h"
#include "modem/modem.h"
#include "package/package.h"
#include "protocol/course.h"
#include "protocol/profile.h"
#include "upgrade/env.h"

struct upgrade;

/* Settings that a check found wrong and `prepare` puts right. */
enum fix {
	FIX_DTR,		/* a DTR edge must not end data mode */
	FIX_STATE_URC,		/* state URCs are off */
	FIX_URC_PORT,		/* URCs go to another port */
	FIX_INDICATIONS,	/* master switch of later modules */
	FIX_RATE,		/* the module would come back at another rate */
	FIX_FLOW,		/* RTS/CTS, where this computer sends */
	FIX_CONTEXT,		/* PDP context, where the module downloads */
	FIX_COUNT
};

/* What is particular to a route. */
struct route_steps {
	/* Check what the user gave, before the port is touched. */
	int (*load)(struct upgrade *u, struct err *e);
	/* The family is known: does it take what the user gave? NULL: whatever that is. */
	int (*fits)(struct upgrade *u, struct err *e);
	/* Bring the package where it is needed; NULL: it is there. */
	int (*fetch)(struct upgrade *u, struct err *e);
	/* Build u->command; nothing is sent. */
	int (*prepare)(struct upgrade *u, struct err *e);
	/* Pass the gate and bring the package over. Returns -1 only when nothing was
	 * sent that could change the module; else *NEXT says how to go on. */
	int (*transfer)(struct upgrade *u, enum step *next, struct err *e);
};

/* What is known of data mode, data_mode.h. */
struct data_mode {
	bool serial;		/* this computer sends: a gate opens it */
	bool open;		/* the module may be in it */
	bool left;		/* it says that it is not: a result, RDY, a FOTA line; nothing it was asked yet */
	bool complete;		/* all declared bytes are written, as far as is known */
	bool held;		/* what was written may wait before a module that takes nothing: it has not ended the transfer */
	bool late;		/* the gate came when nobody waited for it: the modem is halted */
	bool asks_now;		/* one question may go out at once: it says that it left, or a person wants it */
	uint64_t missing;	/* of the declared bytes, at least; what was asked counts as arrived */
	int64_t gate_end_ms;	/* until then the gate may come; 0: it has, or was not asked for */
	uint64_t asked;		/* bytes of ours that it may have taken for package bytes */
	int64_t asked_ms;	/* when it was asked last; 0: not yet */
	int64_t taken_ms;	/* the last moment at which it can have taken a byte */
};

struct upgrade {
	struct upgrade_env env;
	struct plan plan;
	const struct profile *profile;
	bool family_known;		/* PROFILE is that of the module, not the default */
	const struct route_steps *route;
	struct modem *modem;
	struct redactor redact[2];	/* by enum line_dir */
	bool typed;		/* a command of a person is sent: its answer is told in words */
	bool secret_sent;	/* in the command that has no result yet */

	struct package *package;	/* what is on this computer */
	bool has_manifest;
	struct manifest manifest;
	struct fact {
		enum severity severity;
		struct message message;
	} facts[QUESTION_FACTS];	/* for the question, the gravest first */
	size_t fact_count;
	uint64_t server_size;	/* of the package, as the server reports it; 0: not known */
	char pull_url[URL_SIZE];	/* what the module is given: holds the login */
	char command[URL_SIZE + 64];	/* AT+QFOTADL=...; holds the login */
	char upload[96];		/* AT+QFUPL=..., where the package goes into a file first; "" */
	bool leftover;			/* a file of that name is in the module */
	char from[VERSION_SIZE], to[VERSION_SIZE];

	struct identity identity;	/* of the module before anything happened */
	struct port_info device;
	struct module_search search;	/* for it, when it is away */
	struct port_info found;		/* where the port was opened last, proven ours or not; path "": never again */
	struct identity foreign;	/* the last other module that answered there */
	int64_t opened_ms;		/* when the port was opened last */
	unsigned flaps;			/* how often it went at once, since it stayed */
	struct manager *manager;	/* kept off the device; NULL: it is not */
	int baud;
	int64_t ready_end_ms;		/* a module that is not ready yet is asked again until then */
	struct checks_found checks;
	bool supply_unmeasured;		/* nobody knows whether it is strong enough: said in the result */
	bool fits[FIX_COUNT];		/* of the URCs: the module says that it needs no fix, or has taken it */
	bool fix[FIX_COUNT];
	char before[FIX_COUNT][24];	/* what the module reported of it */
	char urc_port[16];		/* what the module calls our port, for FIX_URC_PORT */
	struct settings settings;	/* what is stored in the module */
	uint64_t sent_size;		/* package bytes that are out */
	int64_t line_free_ms;		/* when what is out has passed the line, by the rate */
	int module_rate;		/* its answer to AT+IPR?; 0: automatic, or not known */
	bool slow;			/* sent without flow control */

	enum step step;
	bool step_open;			/* begun, not ended */
	enum ended step_ended;		/* what becomes of it, as far as is known */
	bool asking, answered, yes;	/* the question before the gate */
	bool cancelled;			/* by the user; what it means is the step's */
	bool committed;			/* past the gate */
	bool sent;			/* the upgrade command has gone out, by this program or the one before */
	struct data_mode data;
	bool stopping;			/* cleaning up after a stop: no further cancel */
	bool attached;			/* what is watched was not started by this program */
	uint64_t reported_size;		/* of sent_size, what the record knows */
	struct message waiting_for;	/* why the port can't be opened, as reported last */

	uint64_t cut;			/* bytes of over-long lines that were reported */
	struct course course;		/* what the module said since the transfer began */
	bool under_way;			/* before our command: it is at an upgrade that was not started here */
	bool answers;			/* the last that is known of it: it is in command mode */
	bool echo_off;			/* its echo was, when the upgrade command went out, */
	bool echoes;			/* and is on again: what answers has restarted since */
	bool again;			/* while it was asked or waited for: it installs (once more) */
	int64_t command_ms;		/* when the upgrade command went out, or was about to */
	int64_t sent_ms;		/* when the transfer was over */
	int64_t ended_ms;		/* when the last END came, or this program after it */
	int64_t watch_end_ms;		/* watching ends in all */
	int64_t return_end_ms;		/* an answer must have come; 0: not counting */
	bool return_prolonged;		/* for a link that came back just before */
	int64_t quiet_end_ms;		/* not a byte may be sent before: data mode */
	int64_t settle_end_ms;		/* the old version is final from then on; 0: not seen yet */
	int64_t progress_ms;		/* of the last progress event */
	int64_t fetch_ms;		/* when our own transfer began */
	int64_t data_ms;		/* when reported_size was reported */
	int listen_ms;			/* resume: silence to keep when the port opens, at first; then 0 */

	struct err failure;		/* the first thing that went wrong after P0 */
	enum step failure_step;
	struct code code;		/* that came with it */
	char unfinished[FILE_SIZE];	/* the record of the upgrade that stands in the way; "" */
	bool has_result;
	struct result result;
};

/* This computer sends the package over the serial port; else the module downloads it. */
static inline bool upgrade_sends(const struct upgrade *u)
{
	return route_info(u->plan.route)->serial;
}

static inline int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static inline int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* The time, on the clock of the upgrade. */
int64_t upgrade_now(const struct upgrade *u);

/* How long after the transfer an installation may still begin. */
int upgrade_start_limit_ms(const struct upgrade *u);

/* The module downloads, as far as is known, and was not heard for a while: from the command on
 * it may do so, and without a word, for as long as any watch; a shorter one of this program makes
 * none shorter. Not where the operator says how long it is waited for the start. */
void upgrade_download_unheard(struct upgrade *u);

/* How long it is watched in all, and how long a module that is away may take
 * to answer again. */
int upgrade_watch_limit_ms(const struct upgrade *u);
int upgrade_return_limit_ms(const struct upgrade *u);

/* The command that takes the package over the port, with its marks; NULL: the family has none. */
const char *upgrade_com_template(const struct upgrade *u);

/* How long the module waits for data before it leaves data mode by itself: what its command
 * says, and where that has no {timeout}, the module's own. */
int upgrade_com_timeout_s(const struct upgrade *u);

#endif

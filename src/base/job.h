/*
 * job.h - what is to be done, as a plain value: the plan of a job, who is on
 * the other end, and an unfinished upgrade.
 *
 * A plan may hold secrets; whoever has done with it wipes it.
 * Threads: constant data and plain values.
 */
#ifndef DFOTA_JOB_H
#define DFOTA_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "base/limits.h"
#include "base/message.h"
#include "base/setting.h"
#include "base/step.h"

/* What is to be done: filled by a front end, copied to the worker. */
enum job {
	JOB_UPGRADE,
	JOB_PROBE,
	JOB_RESUME,	/* keep watching an unfinished upgrade; sends nothing that changes the module */
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
	INTENT_SETTINGS,	/* settings are stored in the module from now on; nothing of the package is sent yet */
	INTENT_TRANSFER,	/* push: the module takes package bytes from now on; nothing is installed yet */
	INTENT_INSTALL,		/* the commit gate */
};

/* An upgrade as its last intent says: all that is needed to keep watching it. */
struct open_upgrade {
	char record[FILE_SIZE];	/* path of its record; "" in an intent */
	enum intent intent;
	int64_t when_s;		/* of the intent, UTC, seconds since 1970 */
	struct identity module;	/* version: what it ran before */
	char to[VERSION_SIZE];
	enum route route;
	int baud;
	int com_timeout_s;	/* push: how long the module waits for data */
	uint64_t size;		/* 0: not known */
	char sha256[65];	/* "" */
	/* what its record says besides; not in an intent line */
	enum step step;		/* the last one begun */
	bool started;		/* the module said that it installs */
	bool ended;		/* ... and that it ended, with: */
	int end_code;
	bool downloaded;	/* pull: the module said that its download was over */
	bool failed;		/* ... and that it failed */
	bool refused;		/* the module refused the command: nothing has begun */
	bool gate_due;		/* push: neither data mode nor a result had come of the command that opens it */
	unsigned due;		/* commands whose result had not come, since it restarted last */
	bool answered;		/* what was asked last was answered: it was in command mode */
	uint64_t asked;		/* else how many bytes were asked since: package bytes, perhaps */
	struct settings settings;	/* what was stored in the module */
	bool keep_settings;	/* ... and is to stay */
	bool foreign;		/* its record was begun on a computer of another name */
	bool unknown;		/* there is a result, but it is "unknown" */
	int live_pid;		/* a program is at it right now: its process, -1 not known; 0: none */
};

/* In which state it was left, as far as its record knows; the id of a clause:
 * "while the module was installing". */
enum message_id open_state(const struct open_upgrade *open);

/* The parts of a plan that a person fills in, and that can be wrong by themselves. */
enum plan_field { PLAN_NOTHING, PLAN_URL, PLAN_LOGIN, PLAN_FILE, PLAN_PUBLISH, PLAN_MANIFEST, PLAN_TARGET, PLAN_FIELDS };

struct plan {
	enum job job;
	char port[FILE_SIZE];		/* path, by-id link, or tcp:HOST:PORT */
	int baud;			/* 0: 115200 */
	char profile[MODEL_SIZE];	/* "": by the model */
	enum route route;
	char file[FILE_SIZE];		/* package: ROUTE_SERIAL, ROUTE_PUBLISH */
	char url[URL_SIZE];		/* ROUTE_DOWNLOAD, ROUTE_RELAY; without userinfo */
	char user[LOGIN_SIZE];
	char password[LOGIN_SIZE];
	char manifest[FILE_SIZE];	/* "": FILE.manifest when there is one */
	char target[VERSION_SIZE];	/* "": from the manifest */
	char com_command[128];		/* "": of the profile */
	int com_timeout_s;		/* {timeout} of com_command; 0: of the profile */
	char publish[URL_SIZE];		/* ROUTE_PUBLISH */
	bool overwrite;			/* publish: even over another file */
	bool verify_source;		/* ROUTE_DOWNLOAD: download and hash here before the gate */
	char cacert[FILE_SIZE];		/* CA certificates besides the system's, for our own requests */
	bool netrc;			/* login for our own requests from ~/.netrc */
	char imei[IMEI_SIZE];		/* "": any module; else only this one */
	bool assume_yes;		/* skip the question */
	bool demo;			/* of a simulated module that goes with the program: never unfinished */
	bool dry_run;			/* stop before the gate, show the commands */
	bool if_needed;			/* already at the target is success */
	bool keep_settings;		/* what has to be stored in the module is not put back */
	int watch_timeout_s;		/* 0: of the profile */
	int return_timeout_s;		/* 0: of the profile */
	int supply_min_mv;		/* 0: of the profile */
	int start_timeout_s;		/* the installation must begin so long after the transfer; 0: of the profile */
	int listen_timeout_s;		/* JOB_RESUME: silence before the module is asked; 0: of the profile */
	bool ask_now;			/* JOB_RESUME: ask the module as soon as it may be, whatever it is doing */
	struct open_upgrade open;	/* JOB_RESUME */
};

/* What a person, or what stands for one, asked of a running job. */
enum ask { ASK_YES, ASK_NO, ASK_CANCEL, ASK_DETACH, ASK_LOST /* the terminal went away */, ASK_COUNT };

/* "yes", "no", "cancel", "detach", "lost". */
const char *ask_name(enum ask ask);

#endif

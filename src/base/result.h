/*
 * result.h - how a job ended, as a plain value.
 *
 * Every string in it is safe text (text.h) and free of secrets.
 * Threads: constant data and plain values.
 */
#ifndef DFOTA_RESULT_H
#define DFOTA_RESULT_H

#include <stdbool.h>

#include "base/err.h"
#include "base/job.h"
#include "base/limits.h"
#include "base/setting.h"
#include "base/step.h"

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

/* A code that the module or a server gave, and where its meaning stands. */
struct code {
	bool present;
	char table[8];			/* "ftp", "http", "file", "end", "cme" */
	int number;
	char meaning[128];
	char family[24];		/* whose document says so: "BG96" */
};

struct result {
	enum job job;
	enum outcome outcome;
	enum err_code stop;		/* what stopped it; ERR_NONE */
	int exit_status;
	enum step step;			/* where */
	enum phase phase;		/* then */
	char from[VERSION_SIZE], to[VERSION_SIZE], now[VERSION_SIZE];
	struct code code;
	struct settings settings;	/* that were sent to the module */
	struct message what;		/* what happened */
	char cause[TEXT_SIZE];		/* the likely cause; "" */
	char advice[TEXT_SIZE];		/* the next step */
	char record[FILE_SIZE];		/* "" */
	char unfinished[FILE_SIZE];	/* of another record, whose upgrade stands in the way; "" */
};

/* Does the module run another firmware than before R? */
enum change { CHANGE_NONE, CHANGE_DONE, CHANGE_UNKNOWN };
enum change result_change(const struct result *r);

/* "success", or what stopped it ("busy"): the word in JSON and reports. Static. */
const char *result_name(const struct result *r);

/* Of two exit statuses that which tells of worse: 70, 11, 12, 10, 20 to 24, 64, 74,
 * 130, 0. */
int result_worse(int a, int b);

/* Is it safe to remove power after R? The id of a sentence. */
enum message_id result_safety(const struct result *r);

/* The result of a JOB that E stopped before it began. */
void result_stopped(struct result *r, enum job job, const struct err *e);

#endif

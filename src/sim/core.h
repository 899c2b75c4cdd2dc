/*
 * core.h - inside the simulated module: its state, and what every part of it
 * uses: output, timers, random numbers, blame. For this folder only.
 *
 * Nothing recurses: what takes time sets a timer and returns. A step of the
 * module that a scenario may touch goes through sim_event(), which does the
 * step itself when no block fits.
 */
#ifndef DFOTA_SIM_CORE_H
#define DFOTA_SIM_CORE_H

#include <nettle/sha2.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/scenario.h"

struct playback;
struct sim;

#define SIM_NEVER INT64_MAX
#define SIM_LINE_MAX 1024	/* a command line; longer ones are ERROR */
#define SIM_STASH_MAX 4096	/* bytes that wait while a command runs */
#define SIM_QUEUE_BYTES 65536	/* power of two */
#define SIM_QUEUE_ITEMS 256	/* power of two */
#define SIM_RUNS 8		/* blocks that run at the same time */
#define SIM_FILES 16
#define SIM_URL_MAX 255		/* protocol.md 1.1 */

enum sim_power {
	SIM_OFF,
	SIM_AWAY,	/* the port does not exist */
	SIM_BOOTING,	/* it does, but no command is heard yet */
	SIM_ON,
};

enum sim_stage {
	SIM_IDLE,
	SIM_WAIT_SOURCE,	/* OK is out, FTPSTART, HTTPSTART, FILESTART to come */
	SIM_RECEIVE,		/* package bytes come over the port */
	SIM_DOWNLOAD,
	SIM_DOWNLOADED,		/* FTPEND, HTTPEND to come */
	SIM_CHECK,		/* the package has come, START is due */
	SIM_FLASH,
	SIM_ENDED,		/* the restart is due */
};

enum sim_timer {
	SIM_TIMER_ANSWER,	/* the command under way is done */
	SIM_TIMER_POWER,	/* must leave now, or comes back */
	SIM_TIMER_BOOT,		/* next boot URC */
	SIM_TIMER_STAGE,	/* next step of the upgrade */
	SIM_TIMER_DATA,		/* data mode without data */
	SIM_TIMER_ESCAPE,	/* second silence around +++ */
	SIM_TIMERS,
};

enum sim_source { SIM_FROM_FTP, SIM_FROM_HTTP, SIM_FROM_COM, SIM_FROM_FILE };

/* What a command's built-in answer came to. */
enum sim_answer {
	SIM_OK,
	SIM_ERROR,	/* sim->cme: number, -1 none */
	SIM_TAKEN,	/* the answer is given or comes later: data mode */
};

/* What outlives a restart, by the command that shows it. */
enum sim_stored_setting { SIM_STORED_RATE, SIM_STORED_PROFILE, SIM_STORED_URC_PORT, SIM_STORED_STATE_URC, SIM_STORED };

/* Something queued for the host. */
struct sim_out {
	enum { SIM_OUT_BYTES, SIM_OUT_FILL, SIM_OUT_GARBAGE, SIM_OUT_FILE } kind;
	unsigned char fill;
	size_t file;		/* SIM_OUT_FILE: which, from */
	size_t offset;
	uint64_t left;
};

typedef void sim_step(struct sim *s, long arg);

/* A block under way. */
struct sim_run {
	const struct sim_block *block;	/* NULL: free */
	size_t next;			/* action */
	int64_t due_ms;
	bool command;			/* it answers the command under way */
	bool did_default, dropped;
	bool hush;			/* the step's line is not printed */
	bool held;			/* until sim_release() */
	sim_step *then;
	long arg;
};

struct sim_file {
	char name[81];		/* "": free */
	size_t size;
	unsigned char *bytes;
};

/* What becomes of the bytes of data mode: a file, or a package. */
struct sim_transfer {
	void (*take)(struct sim *s, const unsigned char *bytes, size_t size);
	/* No more will come: WHOLE, or after an escape or a time-out. */
	void (*end)(struct sim *s, bool whole);
	sim_step *received;		/* all is there: answer */
	void (*forget)(struct sim *s);	/* drop it without a word */
};

/* Data mode. */
struct sim_data {
	const struct sim_transfer *to;
	uint64_t declared, received;
	bool ack;
	uint16_t checksum;	/* XOR of big-endian pairs, protocol.md 6 */
	int64_t timeout_ms;
	int64_t begun_ms, last_ms;	/* when it began, when the last byte came */
	int64_t asked_ms;	/* when a question came; 0: none did */
	unsigned char tail[3];	/* the last bytes */
	unsigned plus;		/* bytes of an escape that are held back */
	size_t file;		/* of an upload */
};

/* What the blocks of a scenario ask of the parts that run them. */
struct sim_parts {
	/* `default` in the block that answers s->command: SIM_OK, with the result
	 * still to be printed, when more commands follow. */
	enum sim_answer (*command_default)(struct sim *s);
	/* That block is at its end: go on with the line after SIM_OK, else be done. */
	void (*command_go_on)(struct sim *s, enum sim_answer answer);
	void (*data_finish)(struct sim *s);	/* `finish` */
	void (*data_leave)(struct sim *s);	/* `leave` */
	void (*upgrade_cancel)(struct sim *s);	/* `drop` in an upgrade */
};

struct sim {
	const struct sim_parts *parts;
	struct playback *playback;	/* NULL: it is a module of its own */

	/* what it is */
	struct sim_settings set, start;	/* now; at power-on */
	struct sim_scenario scenario;
	char base[64];			/* version the package is made for */
	uint64_t package_size;
	char package_sha256[65];

	/* time */
	int64_t now_ms, born_ms;
	int64_t timer[SIM_TIMERS];
	bool stopped;

	/* power and port */
	enum sim_power power;
	bool leaving;			/* as soon as the output is out */
	bool leaving_warm;		/* unplugged, not switched off */
	int64_t leaving_for_ms;		/* 0: for ever */
	bool gone;			/* for ever */
	unsigned absences;
	size_t boot_urc;
	long baud_stored, baud_next;	/* AT&W; after the OK to AT+IPR, 0 none */
	bool auto_next;			/* AT+IPR=0 came */
	bool rate_heard;		/* with automatic rate: the host has said AT since the start */
	struct sim_stored {		/* what the host changed and the module keeps */
		bool by_host;
		char before[24], now[24];
	} stored[SIM_STORED];
	unsigned stored_count;		/* of them, not put back; */
	char stored_first[96];		/* the first in words */
	int host_baud;

	/* input */
	char line[SIM_LINE_MAX];
	size_t line_size;
	bool line_too_long, line_noise;
	unsigned echoed;
	uint64_t spill;			/* bytes that are no fault of the host when they come late */
	int64_t spill_until_ms;
	unsigned char stash[SIM_STASH_MAX];
	size_t stash_size;

	/* the command under way */
	bool busy, busy_blamed;
	bool busy_with_data;		/* it is the end of a transfer */
	int64_t busy_since_ms, busy_limit_ms;	/* the host waits from when it came */
	int64_t stashed_ms;		/* when the last byte of the stash came */
	int64_t came_ms;		/* what is heard now, out of the stash; 0: now */
	bool late;			/* what comes may have waited: nobody knows since when */
	bool stash_noise, late_noise;	/* what waits was damaged when it came; and is heard now */
	sim_step *answer;		/* what SIM_TIMER_ANSWER does */
	const char *rest;		/* of line[]: commands still to run */
	char command[SIM_LINE_MAX + 4];	/* the one that runs, "AT+CSQ" */
	int cme;

	/* output */
	struct sim_out queue[SIM_QUEUE_ITEMS];
	size_t queue_first, queue_count;
	unsigned char bytes[SIM_QUEUE_BYTES];
	size_t bytes_first, bytes_count;
	int64_t out_ready_ms;		/* `chunk` */
	uint64_t random;

	/* scenario */
	struct sim_run runs[SIM_RUNS];
	unsigned seen[SCENARIO_BLOCKS];
	bool fired[SCENARIO_BLOCKS];	/* `time` once a life, `updating` once a flash */
	bool hush;
	unsigned releases;		/* that no hold has used up */

	/* transfer and upgrade */
	bool data_mode;
	struct sim_data data;
	struct sim_file files[SIM_FILES];
	enum sim_stage stage;
	enum sim_source source;
	char url[SIM_URL_MAX + 1];
	struct sha256_ctx digest;
	uint64_t digest_size;
	size_t downloaded;		/* row of the lines of DOWNLOADING */
	char local[81];			/* the package is this file of its own; "": it is not */
	int64_t source_ms;		/* when the download began */
	long source_code;
	size_t percent;			/* row of the percent lines */
	bool own_restart;		/* for the check of the package: no power cut, whatever `resume` says */
	bool no_return;			/* START or UPDATING has been printed */
	int64_t no_return_ms;

	unsigned upgrades;	/* AT+QFOTADL= commands that came */
	unsigned spoiled;	/* complete by the port, and not the package */
	unsigned violations;
	char violation[160];
	void (*warn)(const char *text);	/* called with the first; NULL */
};

/* The host broke the protocol; the first time is kept in words. */
void sim_blame(struct sim *s, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The host has stored WHAT: NOW in place of BEFORE. */
void sim_store(struct sim *s, enum sim_stored_setting what, const char *before, const char *now);

/* So many bytes too many may come soon without the host's fault. */
void sim_excuse(struct sim *s, uint64_t bytes);

uint32_t sim_random(struct sim *s);

/* In any network. */
bool sim_registered(const struct sim *s);

/* False while the port does not exist: the module reboots, or was unplugged. */
bool sim_present(const struct sim *s);

/* Queue bytes, a line of our own, a line that is a URC (routed, may be switched off). */
void sim_put(struct sim *s, const void *bytes, size_t size);
void sim_put_item(struct sim *s, const struct sim_out *item);
void sim_put_line(struct sim *s, const char *text);
void sim_urc(struct sim *s, const char *text);

/* TEMPLATE with {KEY} replaced by properties; as lines, '\n' begins another. */
char *sim_expand(const struct sim *s, char *out, size_t out_size,
		 const char *template);
void sim_put_template(struct sim *s, const char *template);

/* Print OK, or the error of CME (-1: none) in the form AT+CMEE asks for. */
void sim_put_ok(struct sim *s);
void sim_put_error(struct sim *s, int cme);

/* The upgrade comes to STAGE; its next step is due AFTER_MS from now. */
void sim_next_stage(struct sim *s, enum sim_stage stage, int64_t after_ms);

/* Leave the port once the output is out: unplugged (WARM) or restarting, for
 * AWAY_MS, 0 for ever. */
void sim_leave(struct sim *s, bool warm, int64_t away_ms);

/* The module is busy for MS, then does STEP; what the host sends meanwhile
 * waits until sim_ready(). */
void sim_answer_after(struct sim *s, int64_t ms, sim_step *step);
void sim_ready(struct sim *s);

#endif

/*
 * report_internal.h - what the files report*.c share:
 *
 *	report.c		the bundle: its sections
 *	report_timeline.c	what happened, a row each
 *	report_markdown.c	hostile text as Markdown
 *	report_anonymize.c	stand-ins for what names a person or a device
 *	report_scenario.c	a story as scenario text
 *	report_story.c		what a module did, read from a record
 *	report_align.c		which of it a built-in module does by itself
 *	report_commands.c	the answers that differ from the built-in ones
 */
#ifndef DFOTA_REPORT_INTERNAL_H
#define DFOTA_REPORT_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "protocol/at.h"
#include "protocol/fota_urc.h"
#include "record/reader.h"
#include "sim/scenario.h"

/* --- the bundle */

struct names;

struct bundle {
	FILE *out;
	struct record *r;
	struct names *names;	/* of persons and devices, to be replaced; NULL: they stay */
};

/* What the record says as it may be shown: redacted once more, anonymized, and
 * cut to SIZE - 1 bytes at a word. Returns OUT. */
char *bundle_clean(const struct bundle *b, char *out, size_t size, const char *text);

/* TEXT, which is clean, in a line of Markdown: as it is, or as code where it
 * could be anything else. In a cell of a table too. */
void md_text(FILE *out, const char *text);

/* As code in any case; nothing for "". */
void md_code(FILE *out, const char *text);

/* LINES as a block that they cannot close. */
void md_fence(FILE *out, const char *lines);

/* How many lines are missing where line NUMBER, a gap, stands; 0: none, or nobody knows. */
uint64_t bundle_missing(const struct bundle *b, uint64_t number);

/* What happened, as a table. */
void bundle_timeline(const struct bundle *b);

/* The names that stand in R. NULL when memory runs out. */
struct names *names_read(struct record *r);
void names_free(struct names *n);

/* TEXT with stand-ins for names: those known, and those that look like names.
 * Returns OUT. */
char *names_replace(struct names *n, char *out, size_t size, const char *text);

/* "12.060" */
#define TIME_FORMAT "%lld.%03lld"
#define TIME_ARGS(ms) (long long)((ms) / 1000), (long long)((ms) % 1000)

/* --- the story: what a module did, in the terms of a scenario */

#define STORY_SETTINGS 48
#define STORY_MOMENTS 1024
#define STORY_PLAIN 300		/* of them, lines that mean nothing to an upgrade */
#define STORY_NONE UINT64_MAX

/* Where a built-in module does something by itself, in its order (sim_scenario.h). */
enum stage {
	STAGE_NONE,		/* nowhere: what no built-in module does */
	STAGE_COMMAND,		/* the answer to AT+QFOTADL= */
	STAGE_DATA_END,
	STAGE_DOWNLOAD,
	STAGE_DOWNLOAD_END,
	STAGE_START,
	STAGE_UPDATING,
	STAGE_END,
	STAGE_REBOOT,
	STAGE_BOOT,
	STAGE_COUNT
};

/* Something the module did after AT+QFOTADL= went out. */
struct moment {
	enum moment_kind { MOMENT_LINE, MOMENT_GONE, MOMENT_BACK } what;
	enum stage stage;
	uint64_t number;	/* line of the record */
	int64_t t_ms;
	uint64_t data;		/* package bytes that were known to be out */
	enum at_class class;
	enum fota_kind kind;
	bool counts;		/* its value can be read and is in range */
	long value;
};

struct setting {
	const char *key;
	char value[sizeof(((struct sim_settings *)0)->percents)];
};

struct story {
	struct record *record;
	struct event ev;		/* the line last looked at */
	struct sim_settings set;
	struct setting settings[STORY_SETTINGS];
	size_t setting_count;

	struct result result;		/* the last */
	bool has_result, cancelled, resumed;
	bool gaps;			/* lines are missing behind the command */
	int64_t result_ms;
	bool pull;
	uint64_t synced;		/* commands before this line were sent at a wrong rate; STORY_NONE none */
	uint64_t command;		/* line of AT+QFOTADL=, or STORY_NONE */
	int64_t command_ms;
	int64_t asked_ms;		/* when a command went out last */
	bool http;			/* of its URL */
	char from[VERSION_SIZE], to[VERSION_SIZE];
	char version_after[VERSION_SIZE], imei_after[IMEI_SIZE];	/* as it was told last */
	bool version_told, imei_told;	/* since the command */
	bool same_urc_port, own_urcs;	/* its messages came to our port; come to it since the command */

	uint64_t package_size, data_out;
	uint64_t data_last;		/* line of the last data event, or STORY_NONE */
	int64_t data_ms;		/* its time */
	bool escape_answered;		/* an OK came to +++ */
	int64_t again_ms;		/* when a command was answered after it; 0 never */

	struct moment moments[STORY_MOMENTS];
	size_t count, plain;
	unsigned left_out;		/* lines there was no room for */

	/* what report_align.c finds */
	bool refused;			/* AT+QFOTADL= did not begin anything */
	bool answer_lost;		/* ... but its OK was not seen */
	bool broken;			/* the package did not get over */
	bool completes;			/* a built-in module goes on to its restart */
	enum stage cut;			/* where a built-in module must be stopped; STAGE_NONE */
	uint64_t restart;		/* from this line on it is what it became; STORY_NONE */
	size_t percent_count;
	long percents[101];		/* told in ascending order */
	bool own_percents;		/* they are set; else those of a built-in module */
};

/* Read R. NULL with E. */
struct story *story_read(struct record *r, struct err *e);
void story_free(struct story *s);

/* Find for each moment the stage it belongs to, and the settings that follow. */
void story_align(struct story *s);

/* Keep property KEY, unless it may not have this VALUE. False then. */
bool story_set(struct story *s, const char *key, const char *value);
bool story_set_number(struct story *s, const char *key, int64_t value);

/* May property KEY have VALUE? */
bool story_may_set(const char *key, const char *value);

/* Write a `set` line for it. */
void story_put_setting(FILE *out, const char *key, const char *value);

/* The port went, or came back: the program's own words for it in s->ev. */
bool story_is_gone(const struct story *s);
bool story_is_back(const struct story *s);

/* Read line NUMBER into s->ev; true when it is a line of the module's. */
bool story_line(struct story *s, uint64_t number);

/* s->ev is the echo of COMMAND, or in place of one. */
bool story_is_echo(const struct story *s, const char *command);

/* The percents that a module tells of which nothing else is said. How many. */
size_t story_usual_percents(long out[101]);

/* The percent that a built-in module would tell next, -1 none. */
long story_next_percent(const struct story *s);

/* --- scenario text under way */

struct script {
	FILE *out;
	size_t blocks, actions, written;
	unsigned left_out;
	FILE *body;		/* of the block under way */
	char *text;
	size_t size, body_actions, body_bytes;
	int64_t now_ms;		/* time of the record where the block has got to */
	bool booting;		/* boot messages come by themselves */
};

void script_begin(struct script *w, int64_t now_ms);
void script_action(struct script *w, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void script_wait_until(struct script *w, int64_t t_ms);
/* The line in s->ev, to the byte as far as it was kept. */
void script_line(struct script *w, const struct story *s);
/* Write the block with HEAD; one that there is no room for, or without
 * actions, is left out. */
void script_end(struct script *w, const char *head);

/* Write blocks for the commands that were answered otherwise than a built-in
 * module does. */
int script_commands(struct script *w, struct story *s, struct err *e);

/* How COMMAND is matched: its first part, as a scenario spells it. */
void script_pattern(char *out, size_t out_size, const char *command);

#endif

/*
 * view.h - everything the screen shows, as data. Events and the choices of
 * the user go in; the panes only draw what stands here.
 *
 * Pure: no curses, no input or output, no clock.
 */
#ifndef DFOTA_VIEW_H
#define DFOTA_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "browser.h"
#include "event.h"
#include "field.h"
#include "keys.h"
#include "log.h"

#define VIEW_PORTS 64
#define VIEW_NOTICES 4
#define VIEW_PUBLISH_ROWS 1	/* the package pane has so many more when it publishes */

enum pane_id { PANE_PORT, PANE_SOURCE, PANE_LOG, PANE_PROGRESS, PANE_COUNT };

/* Where the package comes from. */
enum source { SOURCE_FTP, SOURCE_HTTP, SOURCE_FILE, SOURCE_COUNT };

enum mark { MARK_NONE, MARK_RUNNING, MARK_DONE, MARK_FAILED };

/* Who gets the keys. */
enum mode {
	MODE_PANES,
	MODE_EDIT,	/* the field under the cursor of the package pane */
	MODE_PROMPT,	/* a field on the last line */
	MODE_BROWSE,	/* the list to choose a file from */
	MODE_QUESTION,	/* the one before the gate */
	MODE_CONFIRM,	/* a cancel, a detach or leaving */
	MODE_RESULT,
	MODE_HELP,
};

enum history_kind { HISTORY_PORT, HISTORY_URL, HISTORY_USER, HISTORY_FILE, HISTORY_TARGET,
		    HISTORY_FILTER, HISTORY_AT, HISTORY_KINDS };

enum prompt { PROMPT_PORT, PROMPT_FILTER, PROMPT_AT, PROMPT_WRITE };

struct prompt_info {
	const char *label;
	enum history_kind history;
	size_t room;
	bool file;		/* Tab completes */
};

struct notice {
	int64_t t_ms;
	enum severity severity;
	char text[TEXT_SIZE];
};

/* How the log pane looks at the log. */
struct log_view {
	bool follow;		/* the newest lines; else the view holds */
	uint64_t top;		/* position of the first row while it holds */
	uint64_t arrived;	/* log_end() when the hold began */
	uint64_t marked;	/* number of the line n, N and e went to, + 1; 0: none */
	bool frozen;		/* slow line: the log waits while a field is edited, and shows this: */
	uint64_t frozen_shown, frozen_end;
	int left;		/* columns moved sideways */
	int rows;		/* of the pane, set by the layout */
	bool hex, urc_only;
	bool filtered;		/* only lines that hold text */
	char text[LOG_FILTER_SIZE];	/* what / asked for */
	uint64_t lost;		/* lines dropped before they came here */
};

struct job_view {
	bool running;
	enum job job;
	enum delivery delivery;
	bool step_known;
	enum step step;
	enum mark marks[STEP_COUNT];
	enum cancel cancel;
	int64_t limit_ms;	/* silence allowed in this step; 0: none */
	int64_t begin_ms;	/* of the job */
	int64_t step_ms;	/* of the step */
	int64_t last_rx_ms;	/* -1: no byte yet */
	enum unit unit;		/* UNIT_NONE: no progress yet in this step */
	uint64_t done, total;
	double bytes_per_s;
	int64_t left_ms;
};

struct view {
	struct plan plan;		/* what the fields show */
	enum source source;
	bool publish;			/* SOURCE_FILE: by way of a server */
	bool demo;
	uint64_t file_size;		/* of plan.file; 0: not known */
	char file_problem[160];		/* why it cannot be read; "" */

	struct port_info ports[VIEW_PORTS];
	size_t port_count;
	bool port_moved;		/* the user moved the cursor: it stays on its path */
	char port_cursor[FILE_SIZE];
	size_t port_row;		/* its row when it was last seen */

	enum pane_id focus;
	size_t item;			/* under the cursor of the package pane */

	struct log *log;
	struct log_view log_view;

	struct job_view job;
	bool busy;			/* worker_busy(): the port is taken, by a job or a typed command */
	struct notice notices[VIEW_NOTICES];	/* newest first */
	size_t notice_count;
	bool identified;
	struct identity identity;
	bool asked;			/* question holds the one of this job */
	struct question question;
	bool has_result;
	struct result result;

	enum mode mode;
	enum prompt prompt;
	struct history histories[HISTORY_KINDS];
	struct browser browser;		/* of MODE_BROWSE */
	struct field field;		/* of MODE_EDIT, PROMPT, QUESTION, CONFIRM */
	enum cancel confirm_cancel;	/* what CONFIRM asked about */
	bool confirm_leave;		/* and whether to leave then */
	bool leaving;			/* leave when the result is in */
	int scroll;			/* of the page shown */
	int64_t page_ms;		/* since when; keys typed before do not count */
	bool page_seen;			/* it was drawn: nothing is confirmed unseen */
	bool pasted;			/* say that a paste does not count */
	char message[TEXT_SIZE];	/* on the last line until the next key; "" */
	bool message_bad;

	int64_t now_ms;
};

/* Begin with PLAN, which is copied. -1 when memory runs out. */
int view_init(struct view *v, const struct plan *plan);

/* Free, and overwrite what is secret. */
void view_free(struct view *v);

/* Take one event. */
void view_event(struct view *v, const struct event *ev);

/* A job was given to the worker. */
void view_begin_job(struct view *v, enum job job);

/* The module on the port may be another one now. */
void view_choose_port(struct view *v, const char *path);

/* Is the package a file here that goes to a server first? */
bool view_publishes(const struct view *v);

/* Who carries the package, as the source and the way chosen say. */
enum delivery view_delivery(const struct view *v);

/* The plan of the upgrade that the fields describe. Wipe it after use. */
void view_make_plan(const struct view *v, enum job job, struct plan *plan);

/* Change the source; a scheme in the URL follows, and stays one with TLS. */
void view_set_source(struct view *v, enum source source);

/* What a URL of SOURCE begins with. */
const char *view_scheme(enum source source);

/* The URL was edited: the source follows its scheme. */
void view_url_changed(struct view *v);

/* The phase the module is in, as far as is known, and the words for it. */
enum phase view_phase(const struct view *v);

/* Why ACTION can't be used now: NULL when it can, "" when there is nothing it
 * could mean, else the reason in words. */
const char *view_refusal(const struct view *v, enum action action);

/* The word for ACTION on the key bar, as things stand. */
const char *view_label(const struct view *v, enum action action);

/* Say something on the last line until the next key. */
void view_say(struct view *v, bool bad, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The row of PROMPT. */
const struct prompt_info *view_prompt(enum prompt prompt);

/* Rows of the port pane: chosen by -p and not in the list, the list, and one
 * to type a path. INFO is NULL for a path that is not in the list; PATH is ""
 * for the last row. False past the end. */
struct port_row {
	const char *path;
	const struct port_info *info;
	bool chosen;
};
bool view_port_row(const struct view *v, size_t row, struct port_row *out);

/* The row under the cursor. */
size_t view_port_cursor(const struct view *v);
void view_move_port(struct view *v, int by);

/* The log: the first position to show and the one behind the last. */
uint64_t view_log_top(const struct view *v);
uint64_t view_log_end(const struct view *v);
void view_log_hold(struct view *v, bool hold);
/* Let the log wait, or go on, while a field is edited on a slow line. */
void view_log_freeze(struct view *v, bool freeze);
void view_log_scroll(struct view *v, int64_t by);
/* Show only lines with TEXT; "" all. */
void view_log_filter(struct view *v, const char *text);
void view_log_urc_only(struct view *v, bool urc_only);
/* To the next line (BACK: the one before) that holds the text, or that is an
 * error. False when there is none. */
bool view_log_find(struct view *v, bool error, bool back);

#endif

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

#include "base/err.h"
#include "base/event.h"
#include "base/outlook.h"
#include "ui/model/browser.h"
#include "ui/model/field.h"
#include "ui/model/findings.h"
#include "ui/model/log.h"
#include "ui/term/keys.h"

#define VIEW_SAFETY 96	/* bytes of the safety words */
#define VIEW_PORTS 64
#define VIEW_NOTICES 4
#define VIEW_OPEN 16		/* unfinished upgrades: the newest */
#define VIEW_PUBLISH_ROWS 1	/* the package pane has so many more when it publishes */
#define VIEW_TIME_ROWS 1	/* the progress pane has so many more with a record */
#define VIEW_TIME_CELLS 240
#define VIEW_TIME_MARKS 7
#define VIEW_SILENCE_MS 5000	/* a longer one is cut short when it is played fast */

enum pane_id { PANE_PORT, PANE_SOURCE, PANE_LOG, PANE_PROGRESS, PANE_COUNT };

/* Where the package comes from. */
enum source { SOURCE_FTP, SOURCE_HTTP, SOURCE_FILE, SOURCE_COUNT };

enum mark { MARK_NONE, MARK_RUNNING, MARK_DONE, MARK_FAILED, MARK_UNKNOWN };

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
	MODE_WHOLE,	/* what the pane in hand shows, not cut */
	MODE_DIAGNOSIS,
	MODE_REPORT,	/* a report is to be written: the name of its file */
	MODE_UNFINISHED,	/* the unfinished upgrades */
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

/* A pane of more rows is none of a slow line. */
#define LOG_SLOW_ROWS 64

/* How the log pane looks at the log. */
struct log_view {
	bool follow;		/* the newest lines; else the view holds */
	uint64_t top;		/* position of the first row while it holds */
	uint64_t arrived;	/* log_end() when the hold began */
	uint64_t marked;	/* number of the line n, N and e went to, + 1; 0: none */
	bool frozen;		/* slow line: the log waits while a field is edited, and shows this: */
	uint64_t frozen_shown, frozen_end;
	bool slow;		/* slow line: while lines come, one more at each drawing; these positions: */
	bool slow_more;		/* some came before the last drawing */
	uint64_t slow_at[LOG_SLOW_ROWS], slow_end, skipped;
	int slow_count;
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
	enum route route;
	bool step_known;
	enum step step;
	enum mark marks[STEP_COUNT];
	enum cancel cancel;
	bool stopping;		/* the sending was cancelled: the version is to be proved yet */
	int64_t limit_ms;	/* silence allowed in this step; 0: none */
	int64_t begin_ms;	/* of the job */
	int64_t step_ms;	/* of the step */
	int64_t last_rx_ms;	/* -1: no byte yet */
	enum unit unit;		/* UNIT_NONE: no progress yet in this step */
	uint64_t done, total;
	double bytes_per_s;
	int64_t left_ms;
};

/* A stretch of a record on its time line. */
struct time_cell {
	bool silent;	/* nothing at all came or went, and for long */
	/* What happened, in order: letters of steps that began, ! an error or a
	 * bad end (once), * a good end; the first ones. */
	char marks[VIEW_TIME_MARKS + 1];
};

/* A record in place of a module: how it is looked at. All text is safe. */
struct replay_view {
	bool on;
	bool within;		/* what another program does, watched from a screen of our own */
	char when[32], program[64], host[128], system[128];	/* of its header */
	char problem[TEXT_SIZE];	/* what is wrong with it; "" */
	int64_t time_ms, end_ms;	/* time shown, and of the last line */
	int speed;
	bool playing;
	bool cuts;		/* a silence is being cut short */
	bool at_end;
	bool growing;		/* somebody writes on */
	bool live;		/* at the end, and going on with what comes */
	struct time_cell cells[VIEW_TIME_CELLS];
};

struct fleet;

/* Several modules in one program (fleet.h). */
struct fleet_view {
	bool on;		/* they are shown here, a row each: */
	const struct fleet *rows;	/* borrowed */
	const char *start_refusal, *cancel_refusal;	/* why s and c wait; NULL: they can be used */
	bool member;		/* this is one of them, and is left for the others */
	bool together;		/* ... that all are upgraded now: their question is put once, and not here */
	size_t marked;		/* ports of the list, which s begins with together: their paths */
	char marks[MODULES_MAX][FILE_SIZE];
};

struct view {
	struct fleet_view fleet;
	struct plan plan;		/* what the fields show */
	enum source source;
	bool publish;			/* SOURCE_FILE: by way of a server */
	bool relay;			/* a URL: this computer downloads it */
	bool demo;
	struct outlook outlook;		/* of what the fields name, as far as it is known */
	bool outlook_due;		/* they changed since it was asked for */
	uint32_t outlook_number;	/* of the last request for it */

	struct port_info ports[VIEW_PORTS];
	size_t port_count;
	size_t ports_unlisted;		/* there are so many more */
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
	bool packaged;			/* package is known for what the fields name */
	struct package_info package;
	bool asked;			/* question holds the one of this job */
	bool open_question;		/* and it waits for its answer */
	struct question question;
	bool has_result;
	struct result result;
	bool unseen;			/* of a job whose terminal was lost */
	char record[FILE_SIZE];		/* of the job shown; "": none */
	struct findings diagnosis;	/* of that record, once it was asked for or went wrong */
	struct open_upgrade open[VIEW_OPEN];	/* unfinished, newest first */
	size_t open_count, open_row;	/* ... and the one under the cursor */
	struct replay_view replay;

	enum mode mode;
	enum prompt prompt;
	struct history histories[HISTORY_KINDS];
	struct browser browser;		/* of MODE_BROWSE */
	struct field field;		/* of MODE_EDIT, PROMPT, QUESTION, CONFIRM, REPORT */
	enum cancel confirm_cancel;	/* what CONFIRM asked about */
	bool confirm_leave;		/* and whether to leave then */
	bool confirm_ask;		/* it asked whether the module is to be asked now */
	char ask_record[FILE_SIZE];	/* of the unfinished one that is watched again then; "" */
	bool leaving;			/* leave when the result is in */
	int scroll;			/* of the page shown */
	int64_t page_ms;		/* since when; keys typed before do not count */
	bool page_seen;			/* it was drawn: nothing is confirmed unseen */
	int page_rows, page_width;	/* ... so large */
	int page_known;			/* lines of it that were seen, from the first on */
	int page_left;			/* those that were not; -1: not known */
	bool pasted;			/* say that a paste does not count */
	bool wrong_word;		/* ... or that another word was typed than the one asked for */
	bool too_early;			/* ... or that not all was seen yet */
	bool over_result;		/* the diagnosis is left for the result page */
	bool open_due;			/* after the result page the one of unfinished upgrades */
	bool anonymize;			/* the report */
	char message[TEXT_SIZE];	/* on the last line until the next key; "" */
	bool message_bad;

	int64_t now_ms;
};

/* Begin with PLAN, which is copied. V is all zero, by calloc() where it can: of its 220 KiB
 * a start touches a tenth. -1 when memory runs out. */
int view_init(struct view *v, const struct plan *plan);

/* Free, and overwrite what is secret. */
void view_free(struct view *v);

/* Take one event. */
void view_event(struct view *v, const struct event *ev);

/* A job was given to the worker. */
void view_begin_job(struct view *v, enum job job);

/* Watching goes on for the unfinished one under the cursor. */
void view_begin_watch(struct view *v);

/* Show the page MODE from its start on. */
void view_open_page(struct view *v, enum mode mode);

/* The module on the port may be another one now. */
void view_choose_port(struct view *v, const char *path);

/* Is the package a file here that goes to a server first? */
bool view_publishes(const struct view *v);

/* Who carries the package, as the source and the way chosen say. */
enum route view_route(const struct view *v);

/* The plan of the upgrade that the fields describe. Wipe it after use. */
void view_make_plan(const struct view *v, enum job job, struct plan *plan);

/* Change the source; a scheme in the URL follows, and stays one with TLS. */
void view_set_source(struct view *v, enum source source);

/* What a URL of SOURCE begins with. */
const char *view_scheme(enum source source);

/* The URL was edited: the source follows its scheme. */
void view_url_changed(struct view *v);

/* The fields name another package now: what was known of the one before is
 * forgotten. */
void view_package_changed(struct view *v);

/* What is known of the package may be wrong by now, or is of another one: ask again. */
void view_look_again(struct view *v);

/* Is it time to ask what can be known of the upgrade that the fields name, or while a file
 * is chosen from a list, of the one under the cursor there? Then R
 * is the request; wipe it after use. */
bool view_look(struct view *v, struct request *r);

/* What came of it. */
void view_outlook(struct view *v, const struct outlook *outlook);

/* Does URL name something, or is it a scheme alone? */
bool view_names_something(const char *url);

/* The field in which the cursor belongs while s waits for it; PLAN_NOTHING: none. */
enum plan_field view_start_field(const struct view *v);

/* The phase the module is in, as far as is known, and the words for it. */
enum phase view_phase(const struct view *v);
const char *view_safety(const struct view *v, char out[VIEW_SAFETY]);

/* How many of the notices are still news: those of this step, and for half a
 * minute the ones before. */
size_t view_notices(const struct view *v);

/* What to show for STEP: nothing after a step that failed looks done. */
enum mark view_mark(const struct job_view *job, enum step step);

/* The letter of STEP on the time line of a record. */
char view_step_letter(enum step step);

/* Is ACTION one of this screen at all, of a module or of a record? */
bool view_offers(const struct view *v, enum action action);

/* Why ACTION can't be used now: NULL when it can, "" when there is nothing it
 * could mean, else the reason in words. */
const char *view_refusal(const struct view *v, enum action action);

/* The word for ACTION on the key bar, as things stand. */
const char *view_label(const struct view *v, enum action action);

/* Say something on the last line until the next key. */
void view_say(struct view *v, bool bad, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The same of an error, with its cure. */
void view_say_error(struct view *v, const struct err *e);

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

/* Position of the line in ROW of the pane; view_log_end() or more: it is empty. */
uint64_t view_log_at(const struct view *v, int row);

/* Before each drawing. While lines come on and on, a SLOW line is shown one more, the
 * newest: what came between is skipped, and counted, until nothing comes any more. */
void view_log_advance(struct view *v, bool slow);

/* The log: the first position to show and the one after the last. */
uint64_t view_log_top(const struct view *v);
uint64_t view_log_end(const struct view *v);
void view_log_hold(struct view *v, bool hold);
/* Let the log wait, or go on, while a field is edited on a slow line. */
void view_log_freeze(struct view *v, bool freeze);
void view_log_scroll(struct view *v, int64_t by);
/* Show only lines with TEXT; "" all. */
void view_log_filter(struct view *v, const char *text);
void view_log_urc_only(struct view *v, bool urc_only);
/* Show all lines again; the text is kept for n and N. */
void view_log_show_all(struct view *v);
/* To the next line (BACK: the one before) that holds the text, or that is an
 * error. False when there is none. */
bool view_log_find(struct view *v, bool error, bool back);

#endif

/*
 * simulate/session.h - a world as it is set up, the session that is run in it,
 * and what came out.
 *
 * Threads: one thread, one session at a time.
 */
#ifndef DFOTA_SIMULATE_SESSION_H
#define DFOTA_SIMULATE_SESSION_H

#include "base/event.h"
#include "diagnosis/diagnosis.h"
#include "tests/simulate/disk.h"
#include "tests/simulate/line.h"
#include "tests/simulate/world.h"

#define ASKS 4
#define KILLS 3
#define PROGRAMS 6	/* the first, and those that resume */
#define WRONG_SIZE 512

enum server_fault { SERVER_FINE, SERVER_REFUSES, SERVER_CUTS, SERVER_WRONG_FILE, SERVER_MISSING, SERVER_LOGIN_BAD, SERVER_FAULTS };

/* What somebody asks of the program. */
struct asking {
	enum step step;		/* so long after this one begins */
	int64_t ms;
	enum request_type type;	/* REQUEST_RUN: nothing */
};

/* What a world comes to. */
struct setup {
	struct plan plan;
	struct line_config line;
	struct disk_faults disk;
	long size;		/* of the package */
	enum server_fault server;	/* as the module sees it */
	enum server_fault our_server;	/* as this computer does */
	int64_t server_ms;
	long kills[KILLS];	/* at the Nth call or event of a program; 0: none */
	int64_t away_ms;	/* from a kill to the next program */
	struct asking asks[ASKS];
	struct { long point; enum request_type type; } request;	/* at the Nth call or event; 0: none */
	bool answers, yes;
	bool resumes;		/* also what ended unknown */
	size_t family;		/* sim_personality() */
	int64_t jump_at_ms, jump_s;	/* of the wall clock */
	char module[WORLD_TEXT_SIZE];	/* scenario */
};

/* What came out of the last program, and of all. */
struct outcome_seen {
	struct result result;
	unsigned results;
	bool killed;
	unsigned programs, resumed;
	bool was_asked;		/* to cancel, to detach; so far it was then */
	enum step asked_step;
	int64_t asked_ms, step_ms[STEP_COUNT];	/* when they began, of the last program; 0: they did not */
	long points;		/* calls and events of the last program */
	bool step_wrong;	/* a step began within another, or did not end */
	bool only_heard;	/* in its last step it was there, and nothing was sent */
	bool asks_no_more;	/* so few bytes are missing that a question could complete the package */
	int64_t begun_ms, ended_ms, gate_ms;	/* of the last program; gate 0: none */
	bool started;		/* it said that it installs */
	int64_t word_ms;	/* of an upgrade was heard last; one that means nothing is none */
	int64_t told_ms;	/* when it said its IMEI last; INT64_MAX: it was asked again who it is, and has not said it */
	struct finding findings[FINDINGS_MAX];
	size_t finding_count;
};

struct truth {
	char began[VERSION_SIZE], now[VERSION_SIZE], later[VERSION_SIZE];	/* later: hours after */
	bool at_work;		/* at the end, at its package */
	bool other_module;	/* who answers is not who was asked at first */
	int64_t other_ms;	/* since then; 0: it never was */
	unsigned ordered;	/* AT+QFOTADL with a package, as it was written */
	unsigned upgrades, violations;	/* ... as it came */
	char violation[160];
	int64_t able_ms;	/* it could be asked since then; INT64_MAX: it cannot */
	char target[VERSION_SIZE];	/* what the package makes of it */
	unsigned files;		/* of ours, in its file store */
	char changed[96];	/* a stored setting that is not as it was; "" */
	int64_t asked_ms;	/* when data mode was asked something last, 0: not yet */
	unsigned asked_again;	/* once more, before the module's time-out was over */
	bool spoiled;		/* a package was completed that is not the one */
	char early[96];		/* what was sent before it was stated; "" */
	int64_t installs_ms;	/* a package is in its hands since then, 0: none */
	bool took, spilled;	/* data mode; it ended while bytes were on their way */
	bool on_the_way;	/* at the last look */
	bool overdue;		/* sent to one that installs, when its time was over */
};

/* Run W; false with WRONG: one line, beginning with the kind of violation and a
 * colon. TRACE: print lines and notices. HASH: of all that passed. */
struct report {
	struct outcome_seen seen;
	struct truth truth;
	char wrong[WRONG_SIZE];
	uint64_t hash;
	long passed, calls;	/* bytes both ways; of the back end */
};
bool session_run(const struct world *w, bool trace, struct report *out);

/* The scenario of the module of W. Returns OUT. */
char *session_module(const struct world *w, char out[WORLD_TEXT_SIZE]);

/* Fill S by the facts of W. */
void session_setup(struct setup *s, const struct world *w);

/* Directory for files; removed by session_end(). */
void session_begin(void);
void session_end(void);

#endif

/*
 * upgrade_fixture.h - whole upgrades of the simulated module in virtual time,
 * for the tests of upgrade.h: the package with its manifest, the servers, the
 * person who answers, and everything that came out.
 *
 *	static void a_push_ends_in_success(void **state)
 *	{
 *		struct run r;
 *
 *		run_init(&r, state);
 *		run_push(&r);
 *		r.config.sim.scenario_text = "set absent-ms 180000\n";
 *		run_go(&r);
 *		run_expect(&r, OUTCOME_SUCCESS);
 *	}
 *	...
 *	return cmocka_run_group_tests(tests, files_make, files_remove);
 *
 * run_go() itself fails the test unless there was exactly one result. A run
 * is made once: run_init() before the next.
 */
#ifndef DFOTA_UPGRADE_FIXTURE_H
#define DFOTA_UPGRADE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "diagnosis/diagnosis.h"
#include "sim_port.h"
#include "upgrade/upgrade.h"

#define FROM "UG96LNAR02A06E1G"
#define TO "UG96LNAR02A08E1G"
/* So that a thousand bytes a write leave three for the last. */
#define PACKAGE_SIZE 20003
/* The server has a file at every URL; words in the path say what is wrong with
 * it or with the server: the table stands in upgrade_fixture.c. */
#define HTTP_URL "http://192.0.2.7/ug96-06-08.bin"
#define FTP_URL "ftp://192.0.2.7/ug96-06-08.bin"
/* What the module is given of FTP_URL with this login. */
#define FTP_USER "field"
#define FTP_PASSWORD "s3cret"
#define FTP_LOGIN_URL "ftp://" FTP_USER ":" FTP_PASSWORD "@192.0.2.7/ug96-06-08.bin"

/* A directory with a package FROM -> TO, its manifest, and another package
 * that this manifest does not fit. RECORD is a path in it, free for a run. */
struct files {
	char directory[64];
	char package[128], manifest[128], other[128], record[128];
	char family[128];	/* of run_family(): the manifest */
	unsigned char bytes[PACKAGE_SIZE];
};

/* Setup and teardown of a group: *STATE is the files of its tests. */
int files_make(void **state);
int files_remove(void **state);

struct run {
	struct files *files;
	struct plan plan;
	struct sim_port_config config;
	struct sim_port_file served[3];
	const struct port_roots *roots;	/* NULL: the real ones */
	const struct port_backend *backend;	/* what stands before the module; NULL: nothing */
	void *backend_ctx;		/* NULL: the module's own */
	/* how servers serve this computer; NULL: by the words of upgrade_fixture.c */
	int (*probe)(const char *url, const struct server_access *access, struct server_facts *facts,
		     const struct server_watch *watch, struct server_status *status, struct err *e);

	/* what is done to it; set before run_go() */
	void (*setup)(struct run *r);	/* when sp and upgrade stand, before the start */
	void (*watch)(struct run *r, const struct event *ev);	/* sees every event */
	void *watcher;			/* for it */
	void (*lose)(void *watcher);	/* before every call of the back end */
	bool recorded;			/* with a session record at files->record */
	char to[VERSION_SIZE];		/* what the package makes; run_init(): TO */
	bool answer, yes;		/* the question: answer it? with yes? */
	enum step cancel_at;		/* when this step begins; STEP_COUNT: never */
	enum request_type cancel_with;
	enum sim_port_call failing_call;	/* for a setup that makes one fail */
	unsigned failing_nth;
	bool reached;			/* for a hook: it was called */
	unsigned kill_at;		/* the program is killed at this point: a call of the port or an event; 0: never */
	unsigned points;		/* so many were passed */
	bool killed;

	/* what came out */
	struct result result;
	struct identity identity;	/* as reported last */
	unsigned results, questions;
	bool steps[STEP_COUNT];		/* which of them began */
	bool step_open;
	enum ended ended[STEP_COUNT];	/* the last time; ENDED_COUNT: it has not */
	char notices[8192];		/* one a line, cut at the end */
	char lines[65536];		/* sent and received, one a line, cut at the end */
	size_t notices_size, lines_size;
	unsigned violations;
	char violation[256];		/* the first of them */
	char began[VERSION_SIZE], version[VERSION_SIZE];	/* what the module ran and runs */
	unsigned files_left;		/* in the module's file store */
	unsigned qfotadl;		/* how often AT+QFOTADL= went out */
	int64_t took_ms;
	unsigned calls[SIM_PORT_CALLS];

	/* while it runs */
	struct upgrade *upgrade;
	struct diagnosis *diagnosis;
	uint64_t observed;
	struct sim_port *sp;
	struct interrupt interrupt;
	struct port *port;
	struct record_writer *writer;
	struct request pending;
	bool has_pending;
	jmp_buf death;
};

/* A run of UG96 FROM -> TO with -y and neither push nor pull yet. */
void run_init(struct run *r, void **state);

/* Push the package; let the module pull it from URL. */
void run_push(struct run *r);
void run_pull(struct run *r, const char *url);

/* The same with the login of FTP_LOGIN_URL. */
void run_pull_with_login(struct run *r);

/* The module is one of FAMILY, and the package for it: after run_push() or run_pull(). */
void run_family(struct run *r, const char *family);

void run_go(struct run *r);

/* The parts of run_go(), for several programs at one module: switch it on; let
 * a program do its plan and end, or be killed; switch it off. What came out
 * is of the last program, but for the record, which stays until power off. */
void run_power_on(struct run *r);
void run_program(struct run *r);
void run_power_off(struct run *r);

/* What the record of R says was unfinished. */
bool run_unfinished(const struct run *r, struct open_upgrade *open);

/* A new program goes on with OPEN; it is killed at the point KILL_AT (0: never). */
void run_resume(struct run *r, const struct open_upgrade *open, unsigned kill_at);

/* Ask the upgrade under way for something, as a front end would. */
void run_ask(struct run *r, enum request_type type, bool yes);

/* It ended in OUTCOME, and the host did nothing wrong. */
void run_expect(const struct run *r, enum outcome outcome);

/* It stopped with CODE before anything was sent that could change the module. */
void run_expect_stop(const struct run *r, enum err_code code);

/* The outcome is true: a success runs TO, an unchanged one what it ran, and
 * the upgrade was asked for at most once. */
void run_expect_truth(const struct run *r);

#endif

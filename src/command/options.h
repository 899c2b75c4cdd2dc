/*
 * options.h - the subcommands and options as one table: parser, usage text,
 * help, manual and shell completion derive from it.
 */
#ifndef DFOTA_OPTIONS_H
#define DFOTA_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/event.h"

enum command {
	COMMAND_SCREEN,		/* no subcommand */
	COMMAND_RUN,
	COMMAND_PROBE,
	COMMAND_PORTS,
	COMMAND_PROFILES,
	COMMAND_EXPLAIN,
	COMMAND_MANIFEST,
	COMMAND_REQUEST,
	COMMAND_REPLAY,
	COMMAND_REPORT,
	COMMAND_STATUS,
	COMMAND_RESUME,
	COMMAND_SIM,
	COMMAND_DOCTOR,
	COMMAND_HELP,
	COMMAND_VERSION,
	COMMAND_COUNT
};

#define PORT_ALL "all"	/* -p: whatever is plugged in */
#define OPERANDS_MAX 12	/* a line of a module is pasted as several */

struct options {
	enum command command;
	struct plan plan;	/* what -p, -f, -u, ... say */
	struct plan first;	/* what a configuration says the fields of the screen show first */
	/* run, probe: all that -p names, "all" among them; plan.port is the last */
	const char *ports[MODULES_MAX];
	size_t port_count;
	const char *jobs_file;	/* NULL: none */
	int jobs, stop_after;	/* 0: no limit */
	bool relay;		/* see options_route() */
	bool demo, json, verbose, quiet, ascii, mono, no_mouse;
	const char *record;	/* --record; NULL: the usual directory; of sim: what is played, NULL nothing */
	const char *credentials;	/* path */
	/* manifest */
	const char *model, *from, *to;
	/* sim */
	const char *link, *listen, *scenario;
	bool unpaced, booting, fast;
	bool anonymize;		/* report */
	bool abandon;		/* resume */
	enum command topic;	/* of COMMAND_HELP; itself: the overview */
	/* operands: explain, manifest, replay, report, resume, help; those of run and
	 * probe are in the plan as well */
	const char *words[OPERANDS_MAX];
	size_t word_count;
	unsigned misconfigured;	/* bit set of commands that the configuration is wrong for */
};

/* All empty. */
void options_init(struct options *options);

/* Read defaults from the INI file PATH: `name = value`, named as the long
 * options, '_' as good as '-', sections do not matter. A file that is not there is none. -1 with
 * ERR_USAGE, which names the first line that is wrong; the others hold, and
 * OPTIONS->misconfigured says which commands cannot do without. */
int options_read_config(const char *path, struct options *options,
			struct err *e);

/* Parse ARGV over what OPTIONS holds. Pointers of OPTIONS point into ARGV. 0,
 * or -1 with ERR_USAGE: "run: --file and --url contradict each other". */
int options_parse(int argc, char **argv, struct options *options,
		  struct err *e);

/* The plan that the fields of the screen show first: of the command line, and where
 * that names no port, no user, nothing of a package, of the configuration. */
void options_first_plan(const struct options *options, struct plan *plan);

/* Whether ARGV, which need not make sense otherwise, asks for JSON: also what is
 * wrong with it is then told so. */
bool options_name_json(int argc, char **argv);

/* Is WORD meant as a URL? One with a login in it also where its scheme is missing, unless
 * there is such a file: its name would be shown. */
bool options_is_url(const char *word);

/* Whether several modules are named, or may be. */
bool options_several(const struct options *options);

/* What --file, --url, --relay and --publish say together. */
enum route options_route(const struct options *options);

/* The table, of which the help, completion and the test of the manual are made. */
struct option_info {
	char letter;		/* 0: none */
	const char *name;	/* "port" */
	const char *argument;	/* "PORT"; NULL: a switch */
	const char *help;
	unsigned commands;	/* bit set of enum command */
};
const struct option_info *option_row(size_t index);	/* NULL past the end */
struct command_info {
	const char *name;	/* "run"; "" the screen */
	const char *arguments;	/* "FILE" */
	const char *help;
};
const struct command_info *command_info(enum command command);

#endif

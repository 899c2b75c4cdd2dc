#include "config.h"
#include "command/options.h"

#include <errno.h>
#include <getopt.h>
#include <ini.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/address.h"
#include "base/count.h"
#include "base/paths.h"
#include "base/redact.h"
#include "base/url.h"
#include "command/nearest.h"

#define BIT(command) (1u << (command))
#define SCREEN BIT(COMMAND_SCREEN)
#define RUN BIT(COMMAND_RUN)
#define PROBE BIT(COMMAND_PROBE)
#define PORTS BIT(COMMAND_PORTS)
#define EXPLAIN BIT(COMMAND_EXPLAIN)
#define MANIFEST BIT(COMMAND_MANIFEST)
#define REQUEST BIT(COMMAND_REQUEST)
#define REPLAY BIT(COMMAND_REPLAY)
#define REPORT BIT(COMMAND_REPORT)
#define STATUS BIT(COMMAND_STATUS)
#define RESUME BIT(COMMAND_RESUME)
#define SIM BIT(COMMAND_SIM)
#define DOCTOR BIT(COMMAND_DOCTOR)

enum kind {
	KIND_SWITCH,	/* a bool becomes true */
	KIND_POINTER,	/* into argv */
	KIND_TEXT,	/* copied: at most size - 1 bytes */
	KIND_NUMBER,	/* int, 1..size */
	KIND_HELP,
	KIND_VERSION,
};

/* Where a value goes. Same index as rows[]. */
struct place {
	enum kind kind;
	size_t offset;
	size_t size;
};

#define FIELD(member) offsetof(struct options, member)
#define TEXT(member) {KIND_TEXT, FIELD(member), sizeof(((struct options *)0)->member)}

static const struct {
	struct option_info info;
	struct place place;
} rows[] = {
	{{'p', "port", "PORT", "the module's AT port: /dev/ttyACM3, a link to it, tcp:HOST:PORT or rfc2217://HOST:PORT (resume: where the module is now); several may be named, or all, for run, probe and the screen", SCREEN | RUN | PROBE | MANIFEST | REQUEST | RESUME}, TEXT(plan.port)},
	{{0, "jobs-file", "FILE", "several modules, a line each: port, package or URL, target, credentials", SCREEN | RUN | PROBE}, {KIND_POINTER, FIELD(jobs_file), 0}},
	{{0, "jobs", "N", "of several modules so many at a time (default: all)", SCREEN | RUN | PROBE}, {KIND_NUMBER, FIELD(jobs), MODULES_MAX}},
	{{0, "stop-after", "N", "of several modules begin no other once so many have failed", SCREEN | RUN | PROBE}, {KIND_NUMBER, FIELD(stop_after), MODULES_MAX}},
	{{0, "demo", NULL, "a simulated UG96 in place of a port: no hardware, no network", SCREEN | RUN | PROBE | MANIFEST | REQUEST}, {KIND_SWITCH, FIELD(demo), 0}},
	{{'f', "file", "FILE", "send this delta package over the serial port", SCREEN | RUN}, TEXT(plan.file)},
	{{'u', "url", "URL", "let the module download from ftp://[USER@]HOST[:PORT]/PATH or http://HOST[:PORT]/PATH", SCREEN | RUN}, TEXT(plan.url)},
	{{0, "manifest", "FILE", "what the package is made for (default: PACKAGE.manifest)", SCREEN | RUN}, TEXT(plan.manifest)},
	{{0, "target", "VERSION", "the version the package makes, where no manifest says it", SCREEN | RUN}, TEXT(plan.target)},
	{{0, "credentials", "FILE", "user and password of the server; the file must be yours with mode 0600; - reads standard input", SCREEN | RUN}, {KIND_POINTER, FIELD(credentials), 0}},
	{{0, "relay", NULL, "with --url: this computer downloads the package, then sends it over the serial port", SCREEN | RUN}, {KIND_SWITCH, FIELD(relay), 0}},
	{{0, "publish", "URL", "with --file: put it on this FTP or HTTP server, then let the module download it", SCREEN | RUN}, TEXT(plan.publish)},
	{{0, "overwrite", NULL, "publish even over another file of that name", SCREEN | RUN}, {KIND_SWITCH, FIELD(plan.overwrite), 0}},
	{{0, "verify-source", NULL, "with --url: download and hash the file here before the module downloads it", SCREEN | RUN}, {KIND_SWITCH, FIELD(plan.verify_source), 0}},
	{{0, "cacert", "FILE", "CA certificates to trust besides the system's, for https and ftps", SCREEN | RUN}, TEXT(plan.cacert)},
	{{0, "netrc", NULL, "use this computer's login from ~/.netrc", SCREEN | RUN}, {KIND_SWITCH, FIELD(plan.netrc), 0}},
	{{'b', "baud", "BAUD", "bit rate of the port (default 115200)", SCREEN | RUN | PROBE | MANIFEST | REQUEST | SIM}, {KIND_NUMBER, FIELD(plan.baud), 4000000}},
	{{0, "imei", "IMEI", "only the module with this IMEI", SCREEN | RUN | PROBE | SIM}, TEXT(plan.imei)},
	{{0, "profile", "NAME", "treat the module as one of this family (sim: be one; dfota profiles lists them)", SCREEN | RUN | PROBE | SIM}, TEXT(plan.profile)},
	{{0, "com-command", "TEMPLATE", "the COM form of AT+QFOTADL with {size} and {timeout}", SCREEN | RUN}, TEXT(plan.com_command)},
	{{0, "com-timeout", "S", "{timeout}: how long the module waits for data (default: of the profile)", SCREEN | RUN}, {KIND_NUMBER, FIELD(plan.com_timeout_s), 65535}},
	{{'y', "yes", NULL, "do not ask before the point of no return", RUN}, {KIND_SWITCH, FIELD(plan.assume_yes), 0}},
	{{0, "dry-run", NULL, "check everything, show the AT commands, send none that changes the module", RUN}, {KIND_SWITCH, FIELD(plan.dry_run), 0}},
	{{0, "if-needed", NULL, "a module that already runs the target is a success", SCREEN | RUN}, {KIND_SWITCH, FIELD(plan.if_needed), 0}},
	{{0, "keep-settings", NULL, "leave what has to be stored in the module as it is then, in place of putting it back", SCREEN | RUN | RESUME}, {KIND_SWITCH, FIELD(plan.keep_settings), 0}},
	{{0, "start-timeout", "S", "an installation that has not begun so many seconds after the transfer counts as not begun (default: of the profile)", SCREEN | RUN | RESUME}, {KIND_NUMBER, FIELD(plan.start_timeout_s), 86400}},
	{{0, "ask-now", NULL, "ask the module as soon as possible, without listening first; one that is installing may be disturbed", RESUME}, {KIND_SWITCH, FIELD(plan.ask_now), 0}},
	{{0, "listen-timeout", "S", "ask the module after so many seconds of silence (default: of the profile; longer where it may wait for data)", RESUME}, {KIND_NUMBER, FIELD(plan.listen_timeout_s), 86400}},
	{{0, "watch-timeout", "S", "stop watching after so many seconds in all (default 2700)", SCREEN | RUN | RESUME}, {KIND_NUMBER, FIELD(plan.watch_timeout_s), 86400}},
	{{0, "return-timeout", "S", "wait so many seconds for an answer after the installation (default 600)", SCREEN | RUN | RESUME}, {KIND_NUMBER, FIELD(plan.return_timeout_s), 86400}},
	{{0, "supply-min", "MV", "refuse below this supply voltage (default: of the profile)", SCREEN | RUN | PROBE}, {KIND_NUMBER, FIELD(plan.supply_min_mv), 10000}},
	{{0, "record", "FILE", "where the session is recorded (default: $XDG_STATE_HOME/dfota/sessions; sim: the recorded session to play)", SCREEN | RUN | SIM}, {KIND_POINTER, FIELD(record), 0}},
	{{0, "json", NULL, "print everything as JSON lines", RUN | PROBE | PORTS | STATUS | RESUME | DOCTOR}, {KIND_SWITCH, FIELD(json), 0}},
	{{'v', "verbose", NULL, "show every line to and from the module", RUN | PROBE | RESUME}, {KIND_SWITCH, FIELD(verbose), 0}},
	{{'q', "quiet", NULL, "only warnings and the result", RUN | PROBE | RESUME}, {KIND_SWITCH, FIELD(quiet), 0}},
	{{0, "ascii", NULL, "draw with ASCII only", SCREEN | REPLAY}, {KIND_SWITCH, FIELD(ascii), 0}},
	{{0, "mono", NULL, "no colours, as with NO_COLOR", SCREEN | REPLAY}, {KIND_SWITCH, FIELD(mono), 0}},
	{{0, "no-mouse", NULL, "leave clicks and the wheel to the terminal", SCREEN | REPLAY}, {KIND_SWITCH, FIELD(no_mouse), 0}},
	{{0, "model", "M", "the module's model (sim: what it says it is)", MANIFEST | SIM}, {KIND_POINTER, FIELD(model), 0}},
	{{0, "from", "V", "the version the package is for (sim: what it runs)", MANIFEST | SIM}, {KIND_POINTER, FIELD(from), 0}},
	{{0, "to", "V", "the version the package makes", MANIFEST | REQUEST | SIM}, {KIND_POINTER, FIELD(to), 0}},
	{{0, "link", "PATH", "a link to the simulated module's terminal", SIM}, {KIND_POINTER, FIELD(link), 0}},
	{{0, "listen", "[HOST:]PORT", "the simulated module on a TCP port, as a serial server serves it", SIM}, {KIND_POINTER, FIELD(listen), 0}},
	{{0, "package", "FILE", "the only package the simulated module takes", SIM}, TEXT(plan.file)},
	{{0, "scenario", "FILE", "what goes wrong with the simulated module", SCREEN | RUN | PROBE | SIM}, {KIND_POINTER, FIELD(scenario), 0}},
	{{0, "anonymize", NULL, "replace serial and telephone numbers, addresses and names by stand-ins", REPORT}, {KIND_SWITCH, FIELD(anonymize), 0}},
	{{0, "abandon", NULL, "abandon the upgrade: dfota no longer waits for its module", RESUME}, {KIND_SWITCH, FIELD(abandon), 0}},
	{{0, "unpaced", NULL, "the simulated module is as fast as this computer", SCREEN | RUN | PROBE | SIM}, {KIND_SWITCH, FIELD(unpaced), 0}},
	{{0, "boot", NULL, "the simulated module has just been switched on", SIM}, {KIND_SWITCH, FIELD(booting), 0}},
	{{0, "fast", NULL, "the simulated module flashes and boots in a moment", SCREEN | RUN | PROBE | SIM}, {KIND_SWITCH, FIELD(fast), 0}},
	{{'h', "help", NULL, "show this help", ~0u}, {KIND_HELP, 0, 0}},
	{{'V', "version", NULL, "show the version", SCREEN}, {KIND_VERSION, 0, 0}},
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static const struct command_info commands[] = {
	[COMMAND_SCREEN] = {"", "", "the screen"},
	[COMMAND_RUN] = {"run", "[PORT] [PACKAGE]", "upgrade without a screen"},
	[COMMAND_PROBE] = {"probe", "[PORT]", "identify and check a module; changes nothing"},
	[COMMAND_PORTS] = {"ports", "", "what is plugged in, which tty is the AT port"},
	[COMMAND_PROFILES] = {"profiles", "", "families of modules, and how sure each is"},
	[COMMAND_EXPLAIN] = {"explain", "[TABLE] CODE", "what a code means, or the line that a module sent"},
	[COMMAND_MANIFEST] = {"manifest", "FILE", "write or check the manifest of a package"},
	[COMMAND_REQUEST] = {"request", "", "what to ask the vendor for, to get a package"},
	[COMMAND_REPLAY] = {"replay", "FILE", "a recorded session in the same screen"},
	[COMMAND_REPORT] = {"report", "FILE", "a recorded session for support, as Markdown"},
	[COMMAND_STATUS] = {"status", "", "unfinished upgrades"},
	[COMMAND_RESUME] = {"resume", "[FILE]", "keep watching an unfinished upgrade"},
	[COMMAND_SIM] = {"sim", "", "a simulated module on a terminal or a TCP port"},
	[COMMAND_DOCTOR] = {"doctor", "", "check this computer, a cure for each finding"},
	[COMMAND_HELP] = {"help", "[COMMAND]", "show the help of a command"},
	[COMMAND_VERSION] = {"version", "", "show the version"},
};

_Static_assert(sizeof(commands) / sizeof(commands[0]) == COMMAND_COUNT, "a row a command");

const struct option_info *option_row(size_t index)
{
	return index < ROWS ? &rows[index].info : NULL;
}

const struct command_info *command_info(enum command command)
{
	return &commands[command];
}

static bool find_command(const char *name, enum command *command)
{
	for (int i = 0; i < COMMAND_COUNT; i++)
		if (commands[i].name[0] && strcmp(commands[i].name, name) == 0) {
			*command = (enum command)i;
			return true;
		}
	return false;
}

/* The command that was meant by NAME; NULL: none is near. */
static const char *nearest_command(const char *name)
{
	struct nearest n = {0};

	for (int i = 0; i < COMMAND_COUNT; i++)
		nearest_try(&n, name, commands[i].name);
	return n.word;
}

static int unknown_command(const char *name, struct err *e)
{
	const char *meant = nearest_command(name);

	return err_fail(e, MSG_COMMAND_UNKNOWN, "command=%s meant=%s", name, meant ? meant : "");
}

/* What a configuration file may set: the lasting choices, no secret, and what
 * stands in first_values[]. */
static const char *const configurable[] = {
	"baud", "imei", "profile", "com-command", "com-timeout", "supply-min",
	"start-timeout", "watch-timeout", "return-timeout", "ascii", "mono", "mouse",
	"port", "user", "url", "file", "publish", "manifest", "target",
};

/* What would name a single upgrade stands in the fields of the screen, where it
 * is seen before anything is started; nowhere else. */
static const struct first_value {
	const char *name;
	size_t offset, size;
	bool package;	/* one of it goes with the others only */
	bool url;
} first_values[] = {
#define VALUE(name, member, package, url) {name, offsetof(struct plan, member), sizeof(((struct plan *)0)->member), package, url}
	VALUE("port", port, false, false),
	VALUE("user", user, false, false),
	VALUE("url", url, true, true),
	VALUE("file", file, true, false),
	VALUE("publish", publish, true, true),
	VALUE("manifest", manifest, true, false),
	VALUE("target", target, true, false),
#undef VALUE
};

static const char *prefix(const struct options *o)
{
	return commands[o->command].name;
}

static int set_number(const struct place *place, const char *name, void *to,
		      const char *value, const struct options *o, struct err *e)
{
	char *end;
	long number = strtol(value, &end, 10);
	int checked;

	if (end == value || *end || number < 1 || number > (long)place->size)
		return err_fail(e, MSG_OPTION_NUMBER, "command=%s option=%s most=%zu value=%s", prefix(o), name, place->size, value);
	checked = (int)number;
	memcpy(to, &checked, sizeof(checked));
	return 0;
}

static int set_value(size_t index, const char *value, struct options *o,
		     struct err *e)
{
	const struct place *place = &rows[index].place;
	const char *name = rows[index].info.name;
	char *to = (char *)o + place->offset;
	size_t size;

	if (rows[index].info.argument && place->kind != KIND_NUMBER && !value[0])
		return err_fail(e, MSG_OPTION_EMPTY, "command=%s option=%s", prefix(o), name);
	switch (place->kind) {
	case KIND_SWITCH:
		*(bool *)to = true;
		return 0;
	case KIND_POINTER:
		memcpy(to, &value, sizeof(value));
		return 0;
	case KIND_NUMBER:
		return set_number(place, name, to, value, o, e);
	case KIND_HELP:
		o->topic = o->command == COMMAND_SCREEN ? COMMAND_HELP : o->command;
		o->command = COMMAND_HELP;
		return 0;
	case KIND_VERSION:
		o->command = COMMAND_VERSION;
		return 0;
	case KIND_TEXT:
		break;
	}
	size = strlen(value);
	if (size >= place->size)
		return err_fail(e, MSG_OPTION_LONG, "command=%s option=%s size=%zu most=%zu", prefix(o), name, size, place->size - 1);
	if (to == o->plan.port && address_holds_login(value))
		return err_fail(e, MSG_PORT_LOGIN, "");
	memcpy(to, value, size + 1);
	return 0;
}

/* Getopt's own tables, for the options of one command. */
static void build(unsigned bit, struct option *longs, char *letters)
{
	*letters++ = '-';	/* operands come as they stand */
	*letters++ = ':';	/* a missing argument is distinguished */
	for (size_t i = 0; i < ROWS; i++) {
		const struct option_info *info = &rows[i].info;

		if (!(info->commands & bit))
			continue;
		*longs++ = (struct option){
			info->name, info->argument ? required_argument : no_argument,
			NULL, 256 + (int)i,
		};
		if (!info->letter)
			continue;
		*letters++ = info->letter;
		if (info->argument)
			*letters++ = ':';
	}
	*longs = (struct option){NULL, 0, NULL, 0};
	*letters = '\0';
}

/* The row of the option NAME; ROWS: none. */
static size_t row_named(const char *name)
{
	size_t row = 0;

	while (row < ROWS && strcmp(rows[row].info.name, name) != 0)
		row++;
	return row;
}

static size_t row_of(int got)
{
	if (got >= 256)
		return (size_t)got - 256;
	for (size_t i = 0; i < ROWS; i++)
		if (rows[i].info.letter == got)
			return i;
	return ROWS;
}

/* The option that was meant by WORD, "--naem=value" or "-n", of this command if
 * there is one near enough, else of another; NULL: none. */
static const struct option_info *option_meant(const struct options *o, const char *word)
{
	struct nearest n = {0};
	const struct option_info *found = NULL;
	char name[64];

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(word, "="), word);
	for (size_t i = 0; i < ROWS; i++) {
		if (name[0] == '-' && name[1] == rows[i].info.letter && name[1] && !name[2])
			return &rows[i].info;
		if (strncmp(name, "--", 2) != 0)
			continue;
		if (strcmp(name + 2, rows[i].info.name) == 0)
			return &rows[i].info;	/* of another command, or this one had taken it */
		if (!(rows[i].info.commands & BIT(o->command)))
			continue;
		nearest_try(&n, name + 2, rows[i].info.name);
		if (n.word == rows[i].info.name)
			found = &rows[i].info;
	}
	return found;
}

/* The first command of the set BITS, as it is typed. */
static const char *command_of(unsigned bits)
{
	for (int i = 0; i < COMMAND_COUNT; i++)
		if (bits & BIT(i) && i != COMMAND_SCREEN)
			return commands[i].name;
	return "";
}

/* What getopt did not take: WORD, or a letter or a value in it. */
static int refuse(const struct options *o, const char *word, struct err *e)
{
	char option[64] = { '-', (char)optopt }, help[64], meant[64] = "";
	const struct option_info *info;
	const char *elsewhere = "";

	snprintf(help, sizeof(help), "dfota help%s%s", commands[o->command].name[0] ? " " : "",
		 commands[o->command].name);
	if (optopt >= 256)
		return err_fail(e, MSG_OPTION_NO_VALUE, "command=%s option=%s", prefix(o), rows[optopt - 256].info.name);
	if (!optopt)	/* not its value, which may be a password */
		snprintf(option, sizeof(option), "%.*s", (int)strcspn(word, "="), word);
	info = option_meant(o, option);
	if (info && info->commands & BIT(o->command))
		snprintf(meant, sizeof(meant), "--%s", info->name);
	else if (info)
		elsewhere = command_of(info->commands);
	return err_fail(e, MSG_OPTION_UNKNOWN, "command=%s option=%s help=%s meant=%s elsewhere=%s", prefix(o), option, help,
			meant, elsewhere);
}

/* WORD, which nobody asked for, without what may be a password. */
static int unexpected(const struct options *o, const char *word, struct err *e)
{
	char shown[FILE_SIZE];

	redact_url(shown, sizeof(shown), word);
	return err_fail(e, MSG_WORD_UNEXPECTED, "command=%s word=%s", prefix(o), shown);
}

static int add_operand(struct options *o, const char *word, struct err *e)
{
	if (!commands[o->command].arguments[0])
		return unexpected(o, word, e);
	if (o->word_count == sizeof(o->words) / sizeof(o->words[0]))
		return err_fail(e, MSG_WORDS_MANY, "command=%s", prefix(o));
	o->words[o->word_count++] = word;
	return 0;
}

/* Can WORD be nothing but a port? A path is one where there is a device. */
static bool is_port(const char *word)
{
	static const char *const begins[] = {"/dev/", "tcp:", "rfc2217:", "telnet:"};
	struct stat st;

	for (size_t i = 0; i < COUNT(begins); i++)
		if (strncmp(word, begins[i], strlen(begins[i])) == 0)
			return true;
	return stat(word, &st) == 0 && S_ISCHR(st.st_mode);
}

bool options_is_url(const char *word)
{
	const char *at = url_login_end(word, strlen(word), NULL);
	struct stat st;

	return strstr(word, "://") || (at && memchr(word, ':', (size_t)(at - word)) && stat(word, &st) < 0);
}

/* One of several that -p names. */
static int add_port(struct options *o, const char *port, struct err *e)
{
	if (o->port_count == MODULES_MAX)
		return err_fail(e, MSG_MODULES_MANY, "command=%s most=%d", prefix(o), MODULES_MAX);
	o->ports[o->port_count++] = port;
	return 0;
}

/* May this option be given again? */
static bool repeats(const struct options *o, size_t row)
{
	return rows[row].info.letter == 'p' && (1u << o->command & (SCREEN | RUN | PROBE));
}

/* What says something of one module is none of several. */
static int check_several(const struct options *o, struct err *e)
{
	const char *option = o->demo ? "demo" : o->plan.imei[0] ? "imei" : o->record ? "record" :
		o->plan.publish[0] ? "publish" : NULL;

	return option ? err_fail(e, MSG_OPTION_FOR_ONE, "command=%s option=%s", prefix(o), option) : 0;
}

/* The bare words of `run` and `probe`, as if they had been given with their option. */
static int take_operands(struct options *o, struct err *e)
{
	for (size_t i = 0; i < o->word_count; i++) {
		const char *word = o->words[i];
		bool port = is_port(word);
		const char *name = port ? "port" : options_is_url(word) ? "url" : "file";
		size_t row = row_named(name);

		if (!word[0] || (o->command == COMMAND_PROBE && !port) ||
		    (port ? o->plan.port[0] : o->plan.file[0] || o->plan.url[0]))
			return unexpected(o, word, e);
		if (set_value(row, word, o, e) < 0 || (port && add_port(o, word, e) < 0))
			return -1;
	}
	return 0;
}

static int contradict(const struct options *o, const char *option, const char *other, struct err *e)
{
	return err_fail(e, MSG_OPTIONS_CONTRADICT, "command=%s option=%s other=%s", prefix(o), option, other);
}

static int alone(const struct options *o, const char *option, const char *with, struct err *e)
{
	return err_fail(e, MSG_OPTION_ALONE, "command=%s option=%s with=%s", prefix(o), option, with);
}

static int missing(const struct options *o, const char *operand, const char *example, struct err *e)
{
	return err_fail(e, MSG_OPERAND_MISSING, "command=%s operand=%s example=%s", prefix(o), operand, example);
}

static int check_words(const struct options *o, struct err *e)
{
	if (o->verbose && o->quiet)
		return contradict(o, "verbose", "quiet", e);
	return 0;
}

/* What a record says leaves nothing to set. */
static int check_sim(const struct options *o, struct err *e)
{
	const struct {
		const char *name;
		bool given;
	} others[] = {
		{"scenario", o->scenario}, {"package", o->plan.file[0]}, {"model", o->model},
		{"from", o->from}, {"to", o->to}, {"boot", o->booting}, {"fast", o->fast},
	};

	for (size_t i = 0; o->record && i < sizeof(others) / sizeof(others[0]); i++)
		if (others[i].given)
			return contradict(o, "record", others[i].name, e);
	return o->link && o->listen ? contradict(o, "link", "listen", e) : 0;
}

static int check_run(const struct options *o, struct err *e)
{
	const struct plan *plan = &o->plan;

	if (plan->file[0] && plan->url[0] && o->command != COMMAND_SIM)
		return contradict(o, "file", "url", e);
	if (o->relay && !plan->url[0])
		return alone(o, "relay", "url", e);
	if (plan->publish[0] && !plan->file[0])
		return alone(o, "publish", "file", e);
	if (plan->overwrite && !plan->publish[0])
		return alone(o, "overwrite", "publish", e);
	if (plan->verify_source && (!plan->url[0] || o->relay))
		return err_fail(e, MSG_VERIFY_SOURCE_ALONE, "command=%s", prefix(o));
	if (o->demo && plan->port[0])
		return contradict(o, "demo", "port", e);
	if (o->command == COMMAND_REQUEST && !o->demo && !plan->port[0])
		return err_fail(e, MSG_PORT_NOT_NAMED, "command=%s", prefix(o));
	if (options_several(o) && check_several(o, e) < 0)
		return -1;
	if (o->command == COMMAND_RUN && !o->demo && !plan->file[0] && !plan->url[0] && !o->jobs_file)
		return err_fail(e, MSG_PACKAGE_NOT_NAMED, "");
	if (check_words(o, e) < 0)
		return -1;
	if (!o->demo && o->command != COMMAND_SIM && (o->scenario || o->unpaced || o->fast))
		return alone(o, o->scenario ? "scenario" : o->unpaced ? "unpaced" : "fast", "demo", e);
	return 0;
}

/* Nothing: check it. All three, or a module that reports two of them: write it. */
static int check_manifest(const struct options *o, struct err *e)
{
	bool asks = o->demo || o->plan.port[0];

	if (o->demo && o->plan.port[0])
		return contradict(o, "demo", "port", e);
	if (asks && (o->model || o->from || !o->to))
		return err_fail(e, MSG_MANIFEST_ASKS_MODULE, "");
	if (!asks && (o->model || o->from || o->to) && !(o->model && o->from && o->to))
		return err_fail(e, MSG_MANIFEST_INCOMPLETE, "");
	return 0;
}

static int check(struct options *o, struct err *e)
{
	switch (o->command) {
	case COMMAND_SCREEN:
		return check_run(o, e);
	case COMMAND_RUN:
	case COMMAND_PROBE:
		return take_operands(o, e) < 0 ? -1 : check_run(o, e);
	case COMMAND_SIM:
		return check_sim(o, e) < 0 ? -1 : check_run(o, e);
	case COMMAND_REQUEST:
		if (!o->to)
			return err_fail(e, MSG_TARGET_NOT_NAMED, "");
		return check_run(o, e);
	case COMMAND_EXPLAIN:
		if (o->word_count == 0)
			return missing(o, "CODE", "dfota explain http 714", e);
		return 0;
	case COMMAND_MANIFEST:
		if (o->word_count != 1)
			return missing(o, "FILE", "dfota manifest FILE --model UG96 --from V --to V", e);
		return check_manifest(o, e);
	case COMMAND_REPLAY:
	case COMMAND_REPORT:
		if (o->word_count != 1)
			return missing(o, "FILE", o->command == COMMAND_REPLAY ? "dfota replay FILE" : "dfota report FILE", e);
		return 0;
	case COMMAND_RESUME:
		if (o->word_count > 1)
			return err_fail(e, MSG_WORDS_MANY, "command=%s", prefix(o));
		return check_words(o, e);
	case COMMAND_HELP:
		if (o->word_count > 1)
			return err_fail(e, MSG_WORDS_MANY, "command=%s", prefix(o));
		if (o->word_count && strcmp(o->words[0], "screen") == 0)
			o->topic = COMMAND_SCREEN;
		else if (o->word_count && !find_command(o->words[0], &o->topic))
			return unknown_command(o->words[0], e);
		return 0;
	case COMMAND_PORTS:
	case COMMAND_PROFILES:
	case COMMAND_STATUS:
	case COMMAND_DOCTOR:
	case COMMAND_VERSION:
	case COMMAND_COUNT:
		break;
	}
	return 0;
}

/* The index in configurable[] of KEY, '_' as good as '-'. */
static size_t configurable_index(const char *key)
{
	char name[32];
	size_t i = 0;

	snprintf(name, sizeof(name), "%s", key);
	for (char *c = name; *c; c++)
		if (*c == '_')
			*c = '-';
	while (i < COUNT(configurable) && strcmp(name, configurable[i]) != 0)
		i++;
	return i;
}

static const struct first_value *first_value_named(const char *name)
{
	for (size_t i = 0; i < COUNT(first_values); i++)
		if (strcmp(name, first_values[i].name) == 0)
			return &first_values[i];
	return NULL;
}

static int set_first_value(const struct first_value *v, const char *value, struct options *o, struct err *e)
{
	size_t size = strlen(value);

	if (!size)
		return err_fail(e, MSG_OPTION_EMPTY, "command=%s option=%s", prefix(o), v->name);
	if (size >= v->size)
		return err_fail(e, MSG_OPTION_LONG, "command=%s option=%s size=%zu most=%zu", prefix(o), v->name, size, v->size - 1);
	if (v->url && url_at(value))
		return err_fail(e, MSG_SETTING_LOGIN, "setting=%s", v->name);
	memcpy((char *)&o->first + v->offset, value, size + 1);
	return 0;
}

/* "mouse = no" is --no-mouse: what is on by itself is named by what it is. */
static int set_mouse(const char *value, struct options *o, struct err *e)
{
	bool off = strcmp(value, "no") == 0 || strcmp(value, "off") == 0;

	if (!off && strcmp(value, "yes") != 0 && strcmp(value, "on") != 0)
		return err_fail(e, MSG_SETTING_NO, "setting=%s", "mouse");
	o->no_mouse = off;
	return 0;
}

static const char *setting_meant(const char *key)
{
	struct nearest n = {0};

	for (size_t i = 0; i < COUNT(configurable); i++)
		nearest_try(&n, key, configurable[i]);
	return n.word ? n.word : "";
}

/* What speaks to a module, or draws the screen that does: what is wrong with a
 * configuration in a way that names no option may concern any of them. */
#define WITH_MODULE (SCREEN | RUN | PROBE | MANIFEST | REQUEST | RESUME)

struct reading {
	struct options *o;
	FILE *f;
	int line;
	struct err *e;		/* the first, and its line */
	int wrong_line;
	bool seen[COUNT(configurable)];
};

/* As inih counts them. */
static char *read_line(char *out, int size, void *ctx)
{
	struct reading *r = ctx;

	r->line++;
	return fgets(out, size, r->f);
}

/* The first thing that is wrong is told; the commands of all stop. */
static int misconfigured(struct reading *r, unsigned needed_by, const struct err *e)
{
	if (r->e->code == ERR_NONE) {
		*r->e = *e;
		r->wrong_line = r->line;
	}
	r->o->misconfigured |= needed_by;
	return 0;
}

/* inih calls it for each key; 0 stops at this line. */
static int take_key(void *user, const char *section, const char *key,
		    const char *value)
{
	struct reading *r = user;
	size_t index = configurable_index(key), row;
	const struct first_value *first;
	struct err e;

	(void)section;
	if (index == COUNT(configurable)) {
		err_fail(&e, MSG_SETTING_UNKNOWN, "setting=%s meant=%s", key, setting_meant(key));
		return misconfigured(r, WITH_MODULE, &e);
	}
	row = row_named(configurable[index]);
	first = first_value_named(configurable[index]);
	if (r->seen[index]) {
		err_fail(&e, MSG_SETTING_TWICE, "setting=%s", key);
		return misconfigured(r, first ? SCREEN : row < ROWS ? rows[row].info.commands : SCREEN | REPLAY, &e);
	}
	r->seen[index] = true;
	if (row == ROWS && !first)
		return set_mouse(value, r->o, &e) == 0 ? 1 : misconfigured(r, SCREEN | REPLAY, &e);
	if (first)
		return set_first_value(first, value, r->o, &e) == 0 ? 1 : misconfigured(r, SCREEN, &e);
	if (rows[row].place.kind == KIND_SWITCH && strcmp(value, "yes") != 0) {
		err_fail(&e, MSG_SETTING_YES, "setting=%s", key);
		return misconfigured(r, rows[row].info.commands, &e);
	}
	return set_value(row, value, r->o, &e) == 0 ? 1 : misconfigured(r, rows[row].info.commands, &e);
}

int options_read_config(const char *path, struct options *o, struct err *e)
{
	FILE *f = paths_open_config(path, e);
	struct reading r = {.o = o, .f = f, .e = e};
	int line;

	o->misconfigured = f || e->detail == ENOENT ? 0 : WITH_MODULE;
	if (o->misconfigured)
		return -1;
	e->code = ERR_NONE;
	if (!f)
		return 0;
	line = ini_parse_stream(read_line, &r, take_key, &r);
	fclose(f);
	if (line == 0)
		return 0;
	/* a line of no form at all, found by inih itself */
	if (e->code == ERR_NONE || line != r.wrong_line) {
		o->misconfigured |= WITH_MODULE;
		err_fail(e, MSG_SETTING_FORM, "");
	}
	return err_doing(e, MSG_IN_LINE, "path=%s line=%d", path, line);
}

void options_init(struct options *o)
{
	memset(o, 0, sizeof(*o));
	o->topic = COMMAND_HELP;
}

int options_parse(int argc, char **argv, struct options *o, struct err *e)
{
	struct option longs[ROWS + 1];
	char letters[2 * ROWS + 3];
	bool seen[ROWS] = {false};
	size_t row;
	int got;

	if (argc > 1 && argv[1][0] != '-') {
		if (!find_command(argv[1], &o->command))
			return unknown_command(argv[1], e);
		argc--;
		argv++;
	}
	build(BIT(o->command), longs, letters);
	optind = 0;
	opterr = 0;
	while ((got = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		if (got == 1) {
			if (add_operand(o, optarg, e) < 0)
				return -1;
			continue;
		}
		if (got == ':')
			return err_fail(e, MSG_OPTION_VALUE_MISSING, "command=%s option=%s", prefix(o), argv[optind - 1]);
		if (got == '?')
			return refuse(o, argv[optind - 1], e);
		row = row_of(got);
		if (seen[row] && !repeats(o, row))
			return err_fail(e, MSG_OPTION_TWICE, "command=%s option=%s", prefix(o), rows[row].info.name);
		seen[row] = true;
		if (set_value(row, optarg, o, e) < 0 || (repeats(o, row) && add_port(o, optarg, e) < 0))
			return -1;
		if (o->command == COMMAND_HELP || o->command == COMMAND_VERSION)
			return 0;
	}
	for (; optind < argc; optind++)
		if (add_operand(o, argv[optind], e) < 0)
			return -1;
	return check(o, e);
}

void options_first_plan(const struct options *o, struct plan *plan)
{
	bool package = o->demo;	/* which is its own, as its port is */

	*plan = o->plan;
	for (size_t i = 0; i < COUNT(first_values); i++)
		package |= first_values[i].package && ((const char *)plan)[first_values[i].offset];
	for (size_t i = 0; i < COUNT(first_values); i++) {
		const struct first_value *v = &first_values[i];
		char *to = (char *)plan + v->offset;

		if (!*to && !o->demo && !(v->package && package))
			memcpy(to, (const char *)&o->first + v->offset, v->size);
	}
}

bool options_name_json(int argc, char **argv)
{
	/* as getopt takes it, which allows it to be shortened */
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strlen(argv[i]) >= strlen("--js") && strncmp(argv[i], "--json", strlen(argv[i])) == 0)
			return true;
	return false;
}

bool options_several(const struct options *o)
{
	return o->jobs_file || o->port_count > 1 || (o->port_count == 1 && strcmp(o->ports[0], PORT_ALL) == 0);
}

enum route options_route(const struct options *o)
{
	if (o->plan.publish[0])
		return ROUTE_PUBLISH;
	if (!o->plan.url[0])
		return ROUTE_SERIAL;
	return o->relay ? ROUTE_RELAY : ROUTE_DOWNLOAD;
}

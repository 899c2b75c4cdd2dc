/* Command line, configuration file, credentials. */
#include "config.h"

#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#include "command/credentials.h"
#include "command/options.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

#define WORDS 32

/* A command line, parsed. */
struct parsed {
	char text[4096];
	char *argv[WORDS];
	int argc;
	struct options o;
	struct err e;
	int result;
};

/* Parse LINE, its words parted by single blanks, over what P->o holds. */
static void parse_over(struct parsed *p, const char *line)
{
	char *rest = p->text;

	snprintf(p->text, sizeof(p->text), "dfota%s%s", line[0] ? " " : "", line);
	p->argc = 0;
	while (rest && p->argc < WORDS - 1)
		p->argv[p->argc++] = strsep(&rest, " ");
	p->argv[p->argc] = NULL;
	p->e = (struct err){0};
	p->result = options_parse(p->argc, p->argv, &p->o, &p->e);
}

static void parse(struct parsed *p, const char *line)
{
	options_init(&p->o);
	parse_over(p, line);
}

static void assert_taken(const struct parsed *p, const char *line)
{
	if (p->result != 0)
		fail_msg("%s: %s", line, p->e.text);
}

static void assert_refused(const struct parsed *p, const char *line, const char *message)
{
	if (p->result != -1 || p->e.code != ERR_USAGE || !strstr(p->e.text, message))
		fail_msg("%s: returned %d, \"%s\"; expected \"%s\"", line, p->result, p->e.text, message);
}

/* --- the command line --------------------------------------------------- */

static void each_command_is_known_by_its_name(void **state)
{
	static const char *const lines[] = {
		[COMMAND_SCREEN] = "", [COMMAND_RUN] = "run --demo", [COMMAND_PROBE] = "probe --demo",
		[COMMAND_PORTS] = "ports", [COMMAND_EXPLAIN] = "explain http 714", [COMMAND_MANIFEST] = "manifest f.bin",
		[COMMAND_REQUEST] = "request --demo --to V", [COMMAND_REPLAY] = "replay r.jsonl",
		[COMMAND_REPORT] = "report r.jsonl", [COMMAND_STATUS] = "status", [COMMAND_RESUME] = "resume", [COMMAND_SIM] = "sim", [COMMAND_HELP] = "help", [COMMAND_VERSION] = "version",
	};
	struct parsed p;

	(void)state;
	assert_int_equal(COUNT(lines), COMMAND_COUNT);
	for (size_t i = 0; i < COUNT(lines); i++) {
		assert_non_null(lines[i]);
		parse(&p, lines[i]);
		assert_taken(&p, lines[i]);
		assert_int_equal(p.o.command, i);
		assert_string_equal(command_info((enum command)i)->name, i == COMMAND_SCREEN ? "" : strtok(p.text + 6, " "));
	}
}

/* All commands by all options: each takes its own and no other. */
static void a_command_takes_its_own_options_only(void **state)
{
	const struct option_info *row;
	struct parsed p;
	char line[256];
	unsigned taken = 0, refused = 0;

	(void)state;
	for (int c = 0; c < COMMAND_COUNT; c++)
		for (size_t i = 0; (row = option_row(i)); i++)
			for (int letter = 0; letter <= (row->letter != 0); letter++) {
				const char *name = command_info((enum command)c)->name;
				char word[40];

				if (letter)
					snprintf(word, sizeof(word), "-%c", row->letter);
				else
					snprintf(word, sizeof(word), "--%s", row->name);
				snprintf(line, sizeof(line), "%s%s%s%s", name, name[0] ? " " : "", word, row->argument ? " 7" : "");
				parse(&p, line);
				if (row->commands & (1u << c)) {
					if (p.result < 0 && strstr(p.e.text, "no option is called"))
						fail_msg("%s: %s", line, p.e.text);
					taken++;
				} else {
					assert_refused(&p, line, "no option is called");
					if (!strstr(p.e.text, word))
						fail_msg("%s: %s", line, p.e.text);
					refused++;
				}
			}
	assert_true(taken > 60 && refused > 100);
}

/* Each value ends where it belongs. */
static void values_go_to_their_places(void **state)
{
	enum kind { SWITCH, POINTER, TEXT, NUMBER };
	static const struct {
		const char *line;
		enum kind kind;
		size_t offset;
		const char *text;
		int number;
	} rows[] = {
#define AT(member) offsetof(struct options, member)
		{"probe --port /dev/x", TEXT, AT(plan.port), "/dev/x", 0},
		{"probe -p /dev/x", TEXT, AT(plan.port), "/dev/x", 0},
		{"probe -p/dev/x", TEXT, AT(plan.port), "/dev/x", 0},
		{"probe --port=/dev/x", TEXT, AT(plan.port), "/dev/x", 0},
		{"run -p x --file a.bin", TEXT, AT(plan.file), "a.bin", 0},
		{"run -p x -f a.bin", TEXT, AT(plan.file), "a.bin", 0},
		{"run -p x --url http://h/f", TEXT, AT(plan.url), "http://h/f", 0},
		{"run -p x -u http://h/f", TEXT, AT(plan.url), "http://h/f", 0},
		{"run --demo --manifest m", TEXT, AT(plan.manifest), "m", 0},
		{"run --demo --target V2", TEXT, AT(plan.target), "V2", 0},
		{"run --demo --credentials c", POINTER, AT(credentials), "c", 0},
		{"run -p x -u u --relay", SWITCH, AT(plan.relay), NULL, 0},
		{"run -p x -f f --publish ftp://h/f", TEXT, AT(plan.publish), "ftp://h/f", 0},
		{"run -p x -f f --publish u --overwrite", SWITCH, AT(plan.overwrite), NULL, 0},
		{"run -p x -u u --verify-source", SWITCH, AT(plan.verify_source), NULL, 0},
		{"run -p x -u u --cacert c", TEXT, AT(plan.cacert), "c", 0},
		{"run -p x -u u --netrc", SWITCH, AT(plan.netrc), NULL, 0},
		{"run --demo --baud 921600", NUMBER, AT(plan.baud), NULL, 921600},
		{"run --demo -b 9600", NUMBER, AT(plan.baud), NULL, 9600},
		{"run --demo --imei 490154203237518", TEXT, AT(plan.imei), "490154203237518", 0},
		{"run --demo --profile ugxx", TEXT, AT(plan.profile), "ugxx", 0},
		{"run --demo --com-command AT+X={size}", TEXT, AT(plan.com_command), "AT+X={size}", 0},
		{"run --demo --yes", SWITCH, AT(plan.assume_yes), NULL, 0},
		{"run --demo -y", SWITCH, AT(plan.assume_yes), NULL, 0},
		{"run --demo --dry-run", SWITCH, AT(plan.dry_run), NULL, 0},
		{"run --demo --if-needed", SWITCH, AT(plan.if_needed), NULL, 0},
		{"run --demo --com-timeout 30", NUMBER, AT(plan.com_timeout_s), NULL, 30},
		{"run --demo --start-timeout 59", NUMBER, AT(plan.start_timeout_s), NULL, 59},
		{"resume --listen-timeout 58", NUMBER, AT(plan.listen_timeout_s), NULL, 58},
		{"resume r.jsonl --abandon", SWITCH, AT(abandon), NULL, 0},
		{"report --anonymize r.jsonl", SWITCH, AT(anonymize), NULL, 0},
		{"report --scenario r.jsonl", POINTER, AT(scenario), "r.jsonl", 0},
		{"run --demo --watch-timeout 60", NUMBER, AT(plan.watch_timeout_s), NULL, 60},
		{"run --demo --return-timeout 61", NUMBER, AT(plan.return_timeout_s), NULL, 61},
		{"run --demo --supply-min 3300", NUMBER, AT(plan.supply_min_mv), NULL, 3300},
		{"run --demo --record r", POINTER, AT(record), "r", 0},
		{"run --demo --json", SWITCH, AT(json), NULL, 0},
		{"run --demo --verbose", SWITCH, AT(verbose), NULL, 0},
		{"run --demo -v", SWITCH, AT(verbose), NULL, 0},
		{"run --demo --quiet", SWITCH, AT(quiet), NULL, 0},
		{"run --demo -yq", SWITCH, AT(quiet), NULL, 0},
		{"run --demo", SWITCH, AT(demo), NULL, 0},
		{"--ascii", SWITCH, AT(ascii), NULL, 0},
		{"--mono", SWITCH, AT(mono), NULL, 0},
		{"ports --json", SWITCH, AT(json), NULL, 0},
		{"manifest f --model UG96 --from A --to B", POINTER, AT(model), "UG96", 0},
		{"manifest f --demo --to B", POINTER, AT(to), "B", 0},
		{"request -p x --to B", POINTER, AT(to), "B", 0},
		{"manifest --model UG96 --from A --to B f", POINTER, AT(from), "A", 0},
		{"sim --to B", POINTER, AT(to), "B", 0},
		{"sim --link /tmp/l", POINTER, AT(link), "/tmp/l", 0},
		{"sim --package p", TEXT, AT(plan.file), "p", 0},
		{"sim --scenario s", POINTER, AT(scenario), "s", 0},
		{"sim --unpaced", SWITCH, AT(unpaced), NULL, 0},
		{"sim --boot", SWITCH, AT(booting), NULL, 0},
		{"sim --fast", SWITCH, AT(fast), NULL, 0},
		{"run --demo --fast", SWITCH, AT(fast), NULL, 0},
#undef AT
	};
	struct parsed p;
	size_t option = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *at = (const char *)&p.o + rows[i].offset;
		const char *pointer;
		int number;

		parse(&p, rows[i].line);
		assert_taken(&p, rows[i].line);
		switch (rows[i].kind) {
		case SWITCH:
			if (!*(const bool *)at)
				fail_msg("%s: not set", rows[i].line);
			break;
		case POINTER:
			memcpy(&pointer, at, sizeof(pointer));
			assert_non_null(pointer);
			assert_string_equal(pointer, rows[i].text);
			break;
		case TEXT:
			assert_string_equal(at, rows[i].text);
			break;
		case NUMBER:
			memcpy(&number, at, sizeof(number));
			assert_int_equal(number, rows[i].number);
			break;
		}
	}
	/* none is forgotten above */
	for (const struct option_info *row; (row = option_row(option++));) {
		char name[40];
		bool found = strcmp(row->name, "help") == 0 || strcmp(row->name, "version") == 0;

		snprintf(name, sizeof(name), "--%s", row->name);
		for (size_t i = 0; i < COUNT(rows) && !found; i++)
			found = strstr(rows[i].line, name) != NULL;
		if (!found)
			fail_msg("no line above has %s", name);
	}
}

static void what_is_not_said_is_empty(void **state)
{
	static const struct options nothing;
	struct parsed p;

	(void)state;
	parse(&p, "");
	assert_taken(&p, "");
	p.o.topic = nothing.topic;
	assert_memory_equal(&p.o, &nothing, sizeof(nothing));
}

static void operands_are_taken_where_a_command_has_some(void **state)
{
	struct parsed p;

	(void)state;
	parse(&p, "explain http 714");
	assert_taken(&p, "explain");
	assert_int_equal(p.o.word_count, 2);
	assert_string_equal(p.o.words[0], "http");
	assert_string_equal(p.o.words[1], "714");
	parse(&p, "manifest -- -odd");
	assert_taken(&p, "manifest");
	assert_string_equal(p.o.words[0], "-odd");
}

static void what_makes_no_sense_is_refused_in_words(void **state)
{
	static const struct {
		const char *line, *message;
	} rows[] = {
		{"run -p x -f a -u http://h/f", "run: --file and --url contradict each other"},
		{"-f a -u http://h/f", "dfota: --file and --url contradict each other"},
		{"run --demo -p x -f a", "run: --demo and --port contradict each other"},
		{"probe --demo -p x", "probe: --demo and --port contradict each other"},
		{"run -f a", "run: which port?"},
		{"run -p  -f a", "run: --port needs a value"},
		{"probe", "probe: which port?"},
		{"run -p x", "run: which package?"},
		{"run --demo -v -q", "run: --verbose and --quiet contradict each other"},
		{"run -p x -f a --fast", "--scenario, --unpaced and --fast go with --demo"},
		{"run -p x -f a --scenario s", "--scenario, --unpaced and --fast go with --demo"},
		{"--unpaced", "--scenario, --unpaced and --fast go with --demo"},
		{"explain", "explain: which code?"},
		{"explain a b c", "explain: too many words"},
		{"replay", "replay: which record?"},
		{"replay a b", "replay: which record?"},
		{"report", "report: which record?"},
		{"report a --scenario b", "report: which record?"},
		{"report --scenario a --anonymize", "--scenario and --anonymize contradict each other"},
		{"resume a b", "resume: one record at a time"},
		{"resume -v -q", "resume: --verbose and --quiet contradict each other"},
		{"status x", "status: what is \"x\"?"},
		{"manifest", "manifest: which package?"},
		{"manifest a b", "manifest: which package?"},
		{"run -p x -f f --relay", "run: --relay goes with --url"},
		{"run -p x -u u --publish v", "run: --publish goes with --file"},
		{"run -p x -f f --overwrite", "run: --overwrite goes with --publish"},
		{"run -p x -f f --verify-source", "run: --verify-source goes with --url"},
		{"run -p x -u u --relay --verify-source", "--verify-source goes with --url and without --relay"},
		{"request --demo", "request: which version is wanted?"},
		{"request --to B", "request: which port?"},
		{"manifest f --demo -p x --to B", "manifest: --demo and --port contradict each other"},
		{"manifest f -p x --from A --to B", "manifest: with --port the module tells --model and --from"},
		{"manifest f -p x", "give --to alone"},
		{"manifest a --model M", "manifest: --model, --from and --to go together"},
		{"manifest a --from A --to B", "manifest: --model, --from and --to go together"},
		{"help nonsense", "help: no command is called \"nonsense\""},
		{"nonsense", "no command is called \"nonsense\""},
		{"run nonsense", "run: what is \"nonsense\"?"},
		{"-p x nonsense", "dfota: what is \"nonsense\"?"},
		{"ports x", "ports: what is \"x\"?"},
		{"version x", "version: what is \"x\"?"},
		/* unknown, half, or wrongly used options */
		{"run --nonsense", "run: no option is called --nonsense (dfota help run lists them)"},
		{"--nonsense=3", "dfota: no option is called --nonsense=3 (dfota help lists them)"},
		{"run -Z", "run: no option is called -Z"},
		{"run --demo -yZq", "run: no option is called -Z"},
		{"run --re x", "run: no option is called --re"},
		{"run --json=1", "run: --json takes no value"},
		{"run --demo --password x", "run: no option is called --password"},
		{"run --port", "run: --port needs a value"},
		{"run -p", "run: -p needs a value"},
		{"run -yp", "run: -yp needs a value"},
		{"sim --baud", "sim: --baud needs a value"},
	};
	struct parsed p;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		parse(&p, rows[i].line);
		assert_refused(&p, rows[i].line, rows[i].message);
	}
}

static void numbers_are_checked(void **state)
{
	static const struct {
		const char *name;
		long max;
	} options[] = {
		{"baud", 4000000}, {"watch-timeout", 86400}, {"return-timeout", 86400}, {"supply-min", 10000},
	};
	static const char *const bad[] = {
		"0", "-1", "x", "1x", "", "1.5", "1e3", "0x10", "99999999999999999999", "-99999999999999999999", "1,000",
	};
	struct parsed p;
	char line[128];

	(void)state;
	for (size_t i = 0; i < COUNT(options); i++) {
		for (size_t k = 0; k < COUNT(bad); k++) {
			snprintf(line, sizeof(line), "run --demo --%s %s", options[i].name, bad[k]);
			parse(&p, line);
			assert_refused(&p, line, "takes a number from 1 to ");
			assert_non_null(strstr(p.e.text, options[i].name));
		}
		snprintf(line, sizeof(line), "run --demo --%s %ld", options[i].name, options[i].max + 1);
		parse(&p, line);
		assert_refused(&p, line, "takes a number from 1 to ");
		snprintf(line, sizeof(line), "run --demo --%s %ld", options[i].name, options[i].max);
		parse(&p, line);
		assert_taken(&p, line);
		snprintf(line, sizeof(line), "run --demo --%s 1", options[i].name);
		parse(&p, line);
		assert_taken(&p, line);
	}
}

static void values_too_long_are_refused_and_not_cut(void **state)
{
	static const struct {
		const char *name;
		size_t size;
	} options[] = {
		{"port", FILE_SIZE}, {"file", FILE_SIZE}, {"url", URL_SIZE}, {"manifest", FILE_SIZE},
		{"cacert", FILE_SIZE}, {"target", VERSION_SIZE}, {"imei", IMEI_SIZE}, {"profile", MODEL_SIZE}, {"com-command", 128},
	};
	struct parsed p;
	char line[1024];

	(void)state;
	for (size_t i = 0; i < COUNT(options); i++)
		for (size_t extra = 0; extra < 2; extra++) {
			int used = snprintf(line, sizeof(line), "--%s ", options[i].name);

			memset(line + used, 'x', options[i].size - 1 + extra);
			line[(size_t)used + options[i].size - 1 + extra] = '\0';
			parse(&p, line);
			if (extra == 0)
				assert_taken(&p, options[i].name);
			else
				assert_refused(&p, options[i].name, "at most");
		}
}

static char *help_of(enum command command)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	options_help(f, command);
	fclose(f);
	return text;
}

static void help_lists_every_option_of_a_command_and_no_other(void **state)
{
	(void)state;
	for (int c = 0; c < COMMAND_COUNT; c++) {
		char *text = help_of((enum command)c);
		const struct option_info *row;

		for (size_t i = 0; (row = option_row(i)); i++) {
			unsigned bit = 1u << (c == COMMAND_HELP ? (int)COMMAND_SCREEN : c);
			char name[40];

			snprintf(name, sizeof(name), " --%s%s%s ", row->name, row->argument ? " " : "", row->argument ? row->argument : "");
			if (!!strstr(text, name) != !!(row->commands & bit))
				fail_msg("help of %s:%s\n%s", command_info((enum command)c)->name, name, text);
			if ((row->commands & bit) && !strstr(text, row->help))
				fail_msg("help of %s says nothing about%s", command_info((enum command)c)->name, name);
		}
		free(text);
	}
}

static void the_overview_lists_every_command(void **state)
{
	char *text = help_of(COMMAND_HELP);

	(void)state;
	for (int c = 0; c < COMMAND_COUNT; c++) {
		const struct command_info *info = command_info((enum command)c);
		char name[40];

		snprintf(name, sizeof(name), "dfota %s", info->name);
		assert_non_null(strstr(text, name));
		assert_non_null(strstr(text, info->help));
	}
	free(text);
}

static void help_is_asked_for_in_three_ways(void **state)
{
	struct parsed p;
	char line[64];

	(void)state;
	for (int c = COMMAND_RUN; c < COMMAND_COUNT; c++) {
		static const char *const forms[] = {"help %s", "%s --help", "%s -h"};

		for (size_t i = 0; i < COUNT(forms); i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
			snprintf(line, sizeof(line), forms[i], command_info((enum command)c)->name);
#pragma GCC diagnostic pop
			parse(&p, line);
			assert_taken(&p, line);
			assert_int_equal(p.o.command, COMMAND_HELP);
			assert_int_equal(p.o.topic, c);
		}
	}
	parse(&p, "--help");
	assert_int_equal(p.o.command, COMMAND_HELP);
	assert_int_equal(p.o.topic, COMMAND_HELP);
	parse(&p, "-V");
	assert_int_equal(p.o.command, COMMAND_VERSION);
	/* help is given whatever else is wrong */
	parse(&p, "run -f a -u b --help");
	assert_int_equal(p.o.command, COMMAND_HELP);
}

static void the_tables_are_well_formed(void **state)
{
	const struct option_info *row, *other;

	(void)state;
	for (size_t i = 0; (row = option_row(i)); i++) {
		assert_true(row->name[0] && row->help[0] && row->commands);
		for (size_t k = 0; k < i; k++) {
			other = option_row(k);
			assert_string_not_equal(row->name, other->name);
			assert_false(row->letter && row->letter == other->letter);
		}
	}
	assert_null(option_row(1000));
}

/* --- files -------------------------------------------------------------- */

struct place {
	char dir[128], path[160];
	struct err e;
};

static int setup(void **state)
{
	struct place *p = calloc(1, sizeof(*p));
	const char *tmp = getenv("TMPDIR");

	assert_non_null(p);
	snprintf(p->dir, sizeof(p->dir), "%s/dfota-options.XXXXXX", tmp ? tmp : "/tmp");
	assert_non_null(mkdtemp(p->dir));
	snprintf(p->path, sizeof(p->path), "%s/file", p->dir);
	*state = p;
	return 0;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *walk)
{
	(void)st;
	(void)type;
	(void)walk;
	return remove(path);
}

static int teardown(void **state)
{
	struct place *p = *state;

	nftw(p->dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
	free(p);
	return 0;
}

static void make(const struct place *p, const char *text, mode_t mode)
{
	int fd = open(p->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void a_configuration_sets_defaults_that_the_line_overrides(void **state)
{
	struct place *place = *state;
	struct parsed p;

	options_init(&p.o);
	assert_int_equal(options_read_config("/nonexistent/config", &p.o, &p.e), 0);
	make(place, "\xef\xbb\xbf# ours\r\n[defaults]\r\nbaud = 9600\r\nwatch_timeout=60\r\n\r\n"
	     "com-command = AT+QFOTADL=\"COM:{size}\",{timeout}\r\nascii = yes\r\n", 0644);
	if (options_read_config(place->path, &p.o, &p.e) < 0)
		fail_msg("%s", p.e.text);
	parse_over(&p, "--watch-timeout 90");
	assert_taken(&p, "over a configuration");
	assert_int_equal(p.o.plan.baud, 9600);
	assert_int_equal(p.o.plan.watch_timeout_s, 90);
	assert_string_equal(p.o.plan.com_command, "AT+QFOTADL=\"COM:{size}\",{timeout}");
	assert_true(p.o.ascii);
	assert_false(p.o.mono);
}

/* faults.md G07 */
static void a_wrong_configuration_is_told_with_its_line(void **state)
{
	static const struct {
		const char *text, *message;
	} rows[] = {
		{"baud = 9600\nspeed = 1\n", "line 2: no setting is called \"speed\""},
		{"baud = fast\n", "line 1: "},
		{"\n\nbaud = 0\n", "line 3: "},
		{"imei = 490154203237518490154203237518\n", "line 1: "},
		{"ascii = no\n", "line 1: ascii takes yes"},
		{"nonsense\n", "line 1: expected: name = value"},
		{"[open\n", "line 1: "},
		/* what names one upgrade, and secrets, are no lasting choices */
		{"port = /dev/ttyACM3\n", "line 1: no setting is called \"port\""},
		{"password = x\n", "no setting is called \"password\""},
		{"yes = yes\n", "no setting is called \"yes\""},
		{"help = yes\n", "no setting is called \"help\""},
		{"a_very_long_name_of_a_setting_that_does_not_exist = x\n", "no setting is called"},
	};
	struct place *place = *state;
	struct options o;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct err e = {0};

		make(place, rows[i].text, 0644);
		options_init(&o);
		if (options_read_config(place->path, &o, &e) == 0 || e.code != ERR_USAGE ||
		    !strstr(e.text, rows[i].message) || !strstr(e.text, place->path))
			fail_msg("%s: \"%s\", expected \"%s\"", rows[i].text, e.text, rows[i].message);
	}
}

static void a_configuration_of_one_endless_line_is_refused(void **state)
{
	struct place *place = *state;
	char *text = malloc(1 << 20);
	struct options o;

	assert_non_null(text);
	memset(text, 'x', (1 << 20) - 1);
	text[(1 << 20) - 1] = '\0';
	make(place, text, 0644);
	free(text);
	options_init(&o);
	assert_int_equal(options_read_config(place->path, &o, &place->e), -1);
	assert_int_equal(place->e.code, ERR_USAGE);
}

static void credentials_are_taken_as_they_stand(void **state)
{
	static const struct {
		const char *text, *user, *password;
	} rows[] = {
		{"user = joe\npassword = s3cret\n", "joe", "s3cret"},
		{"password=s3cret\nuser=joe", "joe", "s3cret"},
		{"# ours\r\n\r\n\tuser\t=\tjoe\r\npassword = s3cret\r\n", "joe", "s3cret"},
		{"user = joe\npassword =  two  words \n", "joe", "two  words "},
		{"user = joe\npassword = a=b=c#d;e\"f\n", "joe", "a=b=c#d;e\"f"},
		{"user = joe\npassword = \xc3\xa4\n", "joe", "\xc3\xa4"},
	};
	struct place *p = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct plan plan = {.url = "ftp://h/f"};

		make(p, rows[i].text, i % 2 ? 0600 : 0400);
		if (credentials_read(p->path, &plan, &p->e) < 0)
			fail_msg("row %zu: %s", i, p->e.text);
		assert_string_equal(plan.user, rows[i].user);
		assert_string_equal(plan.password, rows[i].password);
		assert_string_equal(plan.url, "ftp://h/f");
		assert_int_equal(unlink(p->path), 0);
	}
}

static void wrong_credentials_are_told_without_the_secret(void **state)
{
	static const struct {
		const char *text, *message;
	} rows[] = {
		{"", "needs the lines user = ... and password = ..."},
		{"user = joe\n", "needs the lines"},
		{"password = s3cret\n", "needs the lines"},
		{"user =\npassword = s3cret\n", "needs the lines"},
		{"user = joe\npassword = \n", "needs the lines"},
		{"user = joe\ns3cret\n", "line 2: expected user = ... or password = ..."},
		{"user = joe\npasswort = s3cret\n", "line 2: expected"},
		{"user = joe\npassword2 = s3cret\n", "line 2: expected"},
		{"user = joe\npass word = s3cret\n", "line 2: expected"},
		{"= s3cret\n", "line 1: expected"},
		{"user = joe\npassword = s3cret s3cret s3cret s3cret s3cret s3cret s3cret s3cret s3cret s3cret s3cret\n", "line 2: longer than 63 bytes"},
	};
	struct place *p = *state;
	char text[2048];

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct plan plan = {.url = ""};

		make(p, rows[i].text, 0600);
		if (credentials_read(p->path, &plan, &p->e) == 0 || p->e.code != ERR_USAGE ||
		    !strstr(p->e.text, rows[i].message) || !strstr(p->e.text, p->path))
			fail_msg("row %zu: \"%s\", expected \"%s\"", i, p->e.text, rows[i].message);
		assert_null(strstr(p->e.text, "s3cret"));
	}
	memset(text, '#', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	make(p, text, 0600);
	assert_int_equal(credentials_read(p->path, &(struct plan){.url = ""}, &p->e), -1);
	assert_non_null(strstr(p->e.text, "too long"));
}

/* faults.md G04 */
static void only_a_private_file_of_ours_holds_credentials(void **state)
{
	static const mode_t modes[] = {0644, 0640, 0604, 0660, 0602, 0620, 0601, 0777};
	static const char good[] = "user = joe\npassword = s3cret\n";
	struct place *p = *state;
	struct plan plan = {.url = ""};
	char other[256];

	for (size_t i = 0; i < COUNT(modes); i++) {
		make(p, good, modes[i]);
		if (credentials_read(p->path, &plan, &p->e) == 0)
			fail_msg("mode %o was taken", modes[i]);
		assert_non_null(strstr(p->e.text, "chmod 600"));
	}
	make(p, good, 0600);
	snprintf(other, sizeof(other), "%s/link", p->dir);
	assert_int_equal(symlink(p->path, other), 0);
	assert_int_equal(credentials_read(other, &plan, &p->e), -1);
	assert_non_null(strstr(p->e.text, "is a link"));
	snprintf(other, sizeof(other), "%s/fifo", p->dir);
	assert_int_equal(mkfifo(other, 0600), 0);
	assert_int_equal(credentials_read(other, &plan, &p->e), -1);
	assert_non_null(strstr(p->e.text, "is no regular file"));
	assert_int_equal(credentials_read(p->dir, &plan, &p->e), -1);
	assert_non_null(strstr(p->e.text, "is no regular file"));
	assert_int_equal(credentials_read("/dev/null", &plan, &p->e), -1);
	snprintf(other, sizeof(other), "%s/none", p->dir);
	assert_int_equal(credentials_read(other, &plan, &p->e), -1);
	assert_non_null(strstr(p->e.text, "No such file"));
	if (geteuid() == 0) {
		assert_int_equal(chown(p->path, 65534, 65534), 0);
		assert_int_equal(credentials_read(p->path, &plan, &p->e), -1);
		assert_non_null(strstr(p->e.text, "belongs to another user"));
	}
	assert_string_equal(plan.password, "");
}

static void the_user_is_taken_out_of_the_url(void **state)
{
	static const struct {
		const char *url, *user, *left;
	} rows[] = {
		{"ftp://joe@h/f", "joe", "ftp://h/f"},
		{"ftp://joe@h:2121/a@b", "joe", "ftp://h:2121/a@b"},
		{"ftp://h/f", "", "ftp://h/f"},
		{"http://h/a@b", "", "http://h/a@b"},
		{"http://h?x=a@b", "", "http://h?x=a@b"},
		{"http://h#a:b@c", "", "http://h#a:b@c"},
		{"ftp://a@b@h/f", "a", "ftp://b@h/f"},	/* the rest is refused with the URL */
		{"h/f", "", "h/f"},
		{"", "", ""},
	};
	struct place *p = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct plan plan = {.url = ""};

		snprintf(plan.url, sizeof(plan.url), "%s", rows[i].url);
		if (credentials_from_url(plan.url, &plan, &p->e) < 0)
			fail_msg("%s: %s", rows[i].url, p->e.text);
		assert_string_equal(plan.user, rows[i].user);
		assert_string_equal(plan.url, rows[i].left);
		assert_string_equal(plan.password, "");
	}
}

/* faults.md G03, D17 */
static void a_password_in_the_url_is_refused_and_wiped(void **state)
{
	static const char *const urls[] = {
		"ftp://joe:s3cret@h/f", "http://:s3cret@h/f", "ftp://joe:s3cret@h", "ftp://joe:s3c:ret@h/s3cret",
	};
	struct place *p = *state;

	for (size_t i = 0; i < COUNT(urls); i++) {
		struct plan plan = {.url = ""};

		snprintf(plan.url, sizeof(plan.url), "%s", urls[i]);
		assert_int_equal(credentials_from_url(plan.url, &plan, &p->e), -1);
		assert_int_equal(p->e.code, ERR_USAGE);
		assert_non_null(strstr(p->e.text, "--credentials FILE"));
		assert_null(strstr(p->e.text, "s3c"));
		assert_null(memmem(&plan, sizeof(plan), "s3c", 3));
	}
	for (int size = 0; size <= LOGIN_SIZE; size += LOGIN_SIZE) {
		struct plan plan = {.url = "ftp://"};

		memset(plan.url + 6, 'u', (size_t)size);
		strcat(plan.url, "@h/f");
		assert_int_equal(credentials_from_url(plan.url, &plan, &p->e), -1);
		assert_non_null(strstr(p->e.text, "the user in the URL"));
	}
}

/* What the child of a prompt reports. */
struct answer {
	int result;
	struct plan plan;
	struct err e;
};

/* credentials_prompt() in a child with SLAVE (NULL: none) as its terminal. */
static pid_t prompt_in_child(const char *slave, int to_parent)
{
	struct answer a = {.plan = {.user = "joe"}};
	pid_t pid = fork();
	int fd = -1;

	assert_true(pid >= 0);
	if (pid > 0)
		return pid;
	setsid();
	if (slave)
		fd = open(slave, O_RDWR);	/* becomes the controlling terminal */
	a.result = credentials_prompt(&a.plan, &a.e);
	_exit(write(to_parent, &a, sizeof(a)) != sizeof(a) || (slave && fd < 0));
}

static void read_answer(int from_child, pid_t pid, struct answer *a)
{
	int status;

	assert_int_equal(read(from_child, a, sizeof(*a)), sizeof(*a));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void a_prompt_hides_what_is_typed(void **state)
{
	static const struct {
		const char *typed;
		int result;
		const char *password;
	} rows[] = {
		{"two  words \n", 0, "two  words "},
		{"\n", -1, ""},
		{"\x04", -1, ""},
		{"0123456789012345678901234567890123456789012345678901234567890123456789\n", -1, ""},
	};
	struct place *p = *state;

	(void)p;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), ends[2];
		char slave[64], seen[512];
		size_t size = 0;
		struct answer a;
		struct termios t;
		pid_t pid;

		assert_true(master >= 0);
		assert_int_equal(grantpt(master) | unlockpt(master) | ptsname_r(master, slave, sizeof(slave)), 0);
		assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
		pid = prompt_in_child(slave, ends[1]);
		while (!memmem(seen, size, "Password of joe: ", 17)) {
			ssize_t n = read(master, seen + size, sizeof(seen) - size);

			assert_true(n > 0);
			size += (size_t)n;
		}
		/* who sees the question may type at once */
		assert_int_equal(tcgetattr(master, &t), 0);
		assert_int_equal(t.c_lflag & ECHO, 0);
		assert_int_equal(write(master, rows[i].typed, strlen(rows[i].typed)), strlen(rows[i].typed));
		read_answer(ends[0], pid, &a);
		if (a.result != rows[i].result || strcmp(a.plan.password, rows[i].password) != 0)
			fail_msg("row %zu: %d, \"%s\", %s", i, a.result, a.plan.password, a.e.text);
		assert_int_equal(tcgetattr(master, &t), 0);
		assert_true(t.c_lflag & ECHO);
		assert_int_equal(fcntl(master, F_SETFL, O_NONBLOCK), 0);
		while (size < sizeof(seen)) {
			ssize_t n = read(master, seen + size, sizeof(seen) - size);

			if (n <= 0)
				break;
			size += (size_t)n;
		}
		assert_null(memmem(seen, size, "words", 5));
		assert_null(memmem(seen, size, "0123", 4));
		close(master);
		close(ends[0]);
		close(ends[1]);
	}
}

static void a_prompt_needs_a_terminal(void **state)
{
	struct answer a;
	int ends[2];

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	read_answer(ends[0], prompt_in_child(NULL, ends[1]), &a);
	assert_int_equal(a.result, -1);
	assert_int_equal(a.e.code, ERR_USAGE);
	assert_non_null(strstr(a.e.text, "--credentials FILE"));
	close(ends[0]);
	close(ends[1]);
}

#define IN_PLACE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_command_is_known_by_its_name),
		cmocka_unit_test(a_command_takes_its_own_options_only),
		cmocka_unit_test(values_go_to_their_places),
		cmocka_unit_test(what_is_not_said_is_empty),
		cmocka_unit_test(operands_are_taken_where_a_command_has_some),
		cmocka_unit_test(what_makes_no_sense_is_refused_in_words),
		cmocka_unit_test(numbers_are_checked),
		cmocka_unit_test(values_too_long_are_refused_and_not_cut),
		cmocka_unit_test(help_lists_every_option_of_a_command_and_no_other),
		cmocka_unit_test(the_overview_lists_every_command),
		cmocka_unit_test(help_is_asked_for_in_three_ways),
		cmocka_unit_test(the_tables_are_well_formed),
		IN_PLACE(a_configuration_sets_defaults_that_the_line_overrides),
		IN_PLACE(a_wrong_configuration_is_told_with_its_line),
		IN_PLACE(a_configuration_of_one_endless_line_is_refused),
		IN_PLACE(credentials_are_taken_as_they_stand),
		IN_PLACE(wrong_credentials_are_told_without_the_secret),
		IN_PLACE(only_a_private_file_of_ours_holds_credentials),
		IN_PLACE(the_user_is_taken_out_of_the_url),
		IN_PLACE(a_password_in_the_url_is_refused_and_wiped),
		IN_PLACE(a_prompt_hides_what_is_typed),
		IN_PLACE(a_prompt_needs_a_terminal),
	};

	return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}

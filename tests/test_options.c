/* The command line. */
#include "config.h"

#include "command/help.h"
#include "command/nearest.h"
#include "options_fixture.h"

/* --- the command line --------------------------------------------------- */

static void each_command_is_known_by_its_name(void **state)
{
	static const char *const lines[] = {
		[COMMAND_SCREEN] = "", [COMMAND_RUN] = "run --demo", [COMMAND_PROBE] = "probe --demo",
		[COMMAND_PORTS] = "ports", [COMMAND_PROFILES] = "profiles", [COMMAND_EXPLAIN] = "explain http 714", [COMMAND_MANIFEST] = "manifest f.bin",
		[COMMAND_REQUEST] = "request --demo --to V", [COMMAND_REPLAY] = "replay r.jsonl",
		[COMMAND_REPORT] = "report r.jsonl", [COMMAND_STATUS] = "status", [COMMAND_RESUME] = "resume", [COMMAND_SIM] = "sim", [COMMAND_DOCTOR] = "doctor", [COMMAND_HELP] = "help", [COMMAND_VERSION] = "version",
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
/* Whether NAME is the beginning of another option of COMMAND, which it then means. */
static bool abbreviates(const char *name, int command)
{
	const struct option_info *row;

	for (size_t i = 0; (row = option_row(i)); i++)
		if ((row->commands & (1u << command)) && !strncmp(row->name, name, strlen(name)))
			return true;
	return false;
}

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
				if (abbreviates(row->name, c)) {
					if (p.result < 0 && strstr(err_words(&p.e), "there is no option"))
						fail_msg("%s: %s", line, err_words(&p.e));
					taken++;
				} else {
					assert_refused(&p, line, "there is no option");
					if (!strstr(err_words(&p.e), word))
						fail_msg("%s: %s", line, err_words(&p.e));
					refused++;
				}
			}
	assert_true(taken > 60 && refused > 100);
}

enum kind { SWITCH, POINTER, TEXT, NUMBER };
static const struct {
	const char *line;
	enum kind kind;
	size_t offset;
	const char *text;
	int number;
} places[] = {
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
	{"run -p x -u u --relay", SWITCH, AT(relay), NULL, 0},
	{"run -p x -f f --publish ftp://h/f", TEXT, AT(plan.publish), "ftp://h/f", 0},
	{"run -p x -f f --publish u --overwrite", SWITCH, AT(plan.overwrite), NULL, 0},
	{"run -p x -u u --verify-source", SWITCH, AT(plan.verify_source), NULL, 0},
	{"run -p x -u u --cacert c", TEXT, AT(plan.cacert), "c", 0},
	{"run -p x -u u --netrc", SWITCH, AT(plan.netrc), NULL, 0},
	{"run --demo --baud 921600", NUMBER, AT(plan.baud), NULL, 921600},
	{"run --demo -b 9600", NUMBER, AT(plan.baud), NULL, 9600},
	{"run --jobs-file j", POINTER, AT(jobs_file), "j", 0},
	{"run -p a -p b -f f --jobs 8", NUMBER, AT(jobs), NULL, 8},
	{"probe -p a -p b --stop-after 3", NUMBER, AT(stop_after), NULL, 3},
	{"run --demo --imei 490154203237518", TEXT, AT(plan.imei), "490154203237518", 0},
	{"run --demo --profile ugxx", TEXT, AT(plan.profile), "ugxx", 0},
	{"run --demo --com-command AT+X={size}", TEXT, AT(plan.com_command), "AT+X={size}", 0},
	{"run --demo --yes", SWITCH, AT(plan.assume_yes), NULL, 0},
	{"run --demo -y", SWITCH, AT(plan.assume_yes), NULL, 0},
	{"run --demo --dry-run", SWITCH, AT(plan.dry_run), NULL, 0},
	{"run --demo --if-needed", SWITCH, AT(plan.if_needed), NULL, 0},
	{"run --demo --keep-settings", SWITCH, AT(plan.keep_settings), NULL, 0},
	{"run --demo --com-timeout 30", NUMBER, AT(plan.com_timeout_s), NULL, 30},
	{"run --demo --start-timeout 59", NUMBER, AT(plan.start_timeout_s), NULL, 59},
	{"resume --ask-now", SWITCH, AT(plan.ask_now), NULL, 0},
	{"resume --listen-timeout 58", NUMBER, AT(plan.listen_timeout_s), NULL, 58},
	{"resume r.jsonl --abandon", SWITCH, AT(abandon), NULL, 0},
	{"report --anonymize r.jsonl", SWITCH, AT(anonymize), NULL, 0},
	{"run --demo --watch-timeout 60", NUMBER, AT(plan.watch_timeout_s), NULL, 60},
	{"run --demo --return-timeout 61", NUMBER, AT(plan.return_timeout_s), NULL, 61},
	{"run --demo --supply-min 3300", NUMBER, AT(plan.supply_min_mv), NULL, 3300},
	{"run --demo --record r", POINTER, AT(record), "r", 0},
	{"sim --record r", POINTER, AT(record), "r", 0},
	{"run --demo --json", SWITCH, AT(json), NULL, 0},
	{"run --demo --verbose", SWITCH, AT(verbose), NULL, 0},
	{"run --demo -v", SWITCH, AT(verbose), NULL, 0},
	{"run --demo --quiet", SWITCH, AT(quiet), NULL, 0},
	{"run --demo -yq", SWITCH, AT(quiet), NULL, 0},
	{"run --demo", SWITCH, AT(demo), NULL, 0},
	{"--ascii", SWITCH, AT(ascii), NULL, 0},
	{"--mono", SWITCH, AT(mono), NULL, 0},
	{"--no-mouse", SWITCH, AT(no_mouse), NULL, 0},
	{"replay r --no-mouse", SWITCH, AT(no_mouse), NULL, 0},
	{"ports --json", SWITCH, AT(json), NULL, 0},
	{"manifest f --model UG96 --from A --to B", POINTER, AT(model), "UG96", 0},
	{"manifest f --demo --to B", POINTER, AT(to), "B", 0},
	{"request -p x --to B", POINTER, AT(to), "B", 0},
	{"manifest --model UG96 --from A --to B f", POINTER, AT(from), "A", 0},
	{"sim --to B", POINTER, AT(to), "B", 0},
	{"sim --link /tmp/l", POINTER, AT(link), "/tmp/l", 0},
	{"sim --listen h:1", POINTER, AT(listen), "h:1", 0},
	{"sim --package p", TEXT, AT(plan.file), "p", 0},
	{"sim --scenario s", POINTER, AT(scenario), "s", 0},
	{"sim --unpaced", SWITCH, AT(unpaced), NULL, 0},
	{"sim --boot", SWITCH, AT(booting), NULL, 0},
	{"sim --fast", SWITCH, AT(fast), NULL, 0},
	{"run --demo --fast", SWITCH, AT(fast), NULL, 0},
#undef AT
};

/* Each value ends where it belongs. */
static void values_go_to_their_places(void **state)
{
	struct parsed p;
	size_t option = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(places); i++) {
		const char *at = (const char *)&p.o + places[i].offset;
		const char *pointer;
		int number;

		parse(&p, places[i].line);
		assert_taken(&p, places[i].line);
		switch (places[i].kind) {
		case SWITCH:
			if (!*(const bool *)at)
				fail_msg("%s: not set", places[i].line);
			break;
		case POINTER:
			memcpy(&pointer, at, sizeof(pointer));
			assert_non_null(pointer);
			assert_string_equal(pointer, places[i].text);
			break;
		case TEXT:
			assert_string_equal(at, places[i].text);
			break;
		case NUMBER:
			memcpy(&number, at, sizeof(number));
			assert_int_equal(number, places[i].number);
			break;
		}
	}
	/* none is forgotten above */
	for (const struct option_info *row; (row = option_row(option++));) {
		char name[40];
		bool found = strcmp(row->name, "help") == 0 || strcmp(row->name, "version") == 0;

		snprintf(name, sizeof(name), "--%s", row->name);
		for (size_t i = 0; i < COUNT(places) && !found; i++)
			found = strstr(places[i].line, name) != NULL;
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

/* What a bare word is can be seen. */
static void run_and_probe_take_port_and_package_without_their_options(void **state)
{
	static const struct {
		const char *line, *port, *file, *url;
	} lines[] = {
		{"run pkg.bin", "", "pkg.bin", ""},
		{"run /dev/ttyUSB3 pkg.bin", "/dev/ttyUSB3", "pkg.bin", ""},
		{"run pkg.bin /dev/ttyUSB3 -y", "/dev/ttyUSB3", "pkg.bin", ""},
		{"run tcp:gateway:2001 http://h/pkg.bin --target V", "tcp:gateway:2001", "", "http://h/pkg.bin"},
		{"run -p x ftp://h/pkg.bin", "x", "", "ftp://h/pkg.bin"},
		{"run rfc2217://h:1 ./tcp.bin", "rfc2217://h:1", "./tcp.bin", ""},
		{"run /dev/null -f x", "/dev/null", "x", ""},
		{"probe telnet:h:23", "telnet:h:23", "", ""},
	};
	struct parsed p;

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		parse(&p, lines[i].line);
		assert_taken(&p, lines[i].line);
		assert_string_equal(p.o.plan.port, lines[i].port);
		assert_string_equal(p.o.plan.file, lines[i].file);
		assert_string_equal(p.o.plan.url, lines[i].url);
	}
}

static void what_was_mistyped_gets_the_nearest_word(void **state)
{
	static const struct {
		const char *line, *cure;
	} lines[] = {
		{"prob", "Did you mean `dfota probe`?"},
		{"RUN", "Did you mean `dfota run`?"},
		{"exlpain 3", "Did you mean `dfota explain`?"},
		{"help statuss", "Did you mean `dfota status`?"},
		{"run --jsno", "Did you mean --json?"},
		{"run --watchtimeout 3", "Did you mean --watch-timeout?"},
		{"run --manifets=x", "Did you mean --manifest?"},
		{"sim --fats", "Did you mean --fast?"},
	};
	static const char *const far[] = {"xyz", "upgrade", "r", "nonsense"};
	char next[512];
	struct nearest n = {0};
	struct parsed p;

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		parse(&p, lines[i].line);
		assert_int_equal(p.result, -1);
		message_next(&p.e.message, FOR_CONSOLE, next, sizeof(next));
		if (!strstr(next, lines[i].cure))
			fail_msg("%s: %s", lines[i].line, next);
	}
	for (size_t i = 0; i < COUNT(far); i++) {
		parse(&p, far[i]);
		assert_int_equal(p.result, -1);
		assert_null(strstr(message_next(&p.e.message, FOR_CONSOLE, next, sizeof(next)), "Did you mean"));
	}
	parse(&p, "probe --file x");
	assert_refused(&p, "probe --file", "--file is one of dfota run");
	/* the nearest of several; words of any length do no harm */
	nearest_try(&n, "report", "resort");
	nearest_try(&n, "report", "report");
	nearest_try(&n, "report", "repots");
	assert_string_equal(n.word, "report");
	n = (struct nearest){0};
	nearest_try(&n, "", "");
	nearest_try(&n, "", "run");
	nearest_try(&n, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "run");
	assert_null(n.word);
}

static const struct {
	const char *line, *message;
} nonsense[] = {
	{"run -p x -f a -u http://h/f", "run: --file and --url contradict each other"},
	{"-f a -u http://h/f", "--file and --url contradict each other"},
	{"run --demo -p x -f a", "run: --demo and --port contradict each other"},
	{"probe --demo -p x", "probe: --demo and --port contradict each other"},
	{"run -p  -f a", "run: --port needs a value"},
	{"run -p x", "run: which package?"},
	{"run --demo -v -q", "run: --verbose and --quiet contradict each other"},
	{"run -p x -f a --fast", "goes with --demo"},
	{"run -p x -f a --scenario s", "goes with --demo"},
	{"--unpaced", "goes with --demo"},
	{"explain", "explain: name one CODE"},
	{"explain 1 2 3 4 5 6 7 8 9 a b c d", "explain: too many words"},
	{"replay", "replay: name one FILE"},
	{"replay a b", "replay: name one FILE"},
	{"report", "report: name one FILE"},
	{"report --scenario a", "report: there is no option --scenario"},
	{"resume a b", "resume: too many words"},
	{"sim --record r --scenario s", "sim: --record and --scenario contradict each other"},
	{"sim --link l --listen 1", "sim: --link and --listen contradict each other"},
	{"sim --record r --from V", "sim: --record and --from contradict each other"},
	{"resume -v -q", "resume: --verbose and --quiet contradict each other"},
	{"status x", "status: \"x\" is not expected here"},
	{"manifest", "manifest: name one FILE"},
	{"manifest a b", "manifest: name one FILE"},
	{"run -p x -f f --relay", "run: --relay goes with --url"},
	{"run -p x -u u --publish v", "run: --publish goes with --file"},
	{"run -p x -f f --overwrite", "run: --overwrite goes with --publish"},
	{"run -p x -f f --verify-source", "run: --verify-source goes with --url"},
	{"run -p x -u u --relay --verify-source", "--verify-source goes with --url and without --relay"},
	{"request --demo", "request: which version do you want?"},
	{"request --to B", "request: which port?"},
	{"manifest f --demo -p x --to B", "manifest: --demo and --port contradict each other"},
	{"manifest f -p x --from A --to B", "manifest: with --port the module itself reports --model and --from"},
	{"manifest f -p x", "give --to alone"},
	{"manifest a --model M", "manifest: --model, --from and --to go together"},
	{"manifest a --from A --to B", "manifest: --model, --from and --to go together"},
	{"help nonsense", "there is no command \"nonsense\""},
	{"nonsense", "there is no command \"nonsense\""},
	{"run -f a nonsense", "run: \"nonsense\" is not expected here"},
	{"run a.bin b.bin", "run: \"b.bin\" is not expected here"},
	{"run http://h/a b.bin", "run: \"b.bin\" is not expected here"},
	{"run -p x /dev/ttyX", "run: \"/dev/ttyX\" is not expected here"},
	{"run -f a -u http://h/f --demo", "run: --file and --url contradict each other"},
	{"run a.bin --demo /dev/ttyX", "run: --demo and --port contradict each other"},
	{"run /dev/ttyX", "run: which package?"},
	{"probe a.bin", "probe: \"a.bin\" is not expected here"},
	{"-p x nonsense", "\"nonsense\" is not expected here"},
	{"ports x", "ports: \"x\" is not expected here"},
	{"version x", "version: \"x\" is not expected here"},
	/* unknown, half, or wrongly used options */
	{"run --nonsense", "run: there is no option --nonsense (dfota help run lists them)"},
	{"--nonsense=3", "there is no option --nonsense (dfota help lists them)"},
	{"run --demo --passwort=secret", "run: there is no option --passwort (dfota"},
	{"run -p tcp:u:pass@h:1 -f x", "an '@' does not belong in the address of a serial server"},
	{"probe rfc2217://u@h:1", "an '@' does not belong in the address of a serial server"},
	{"run --demo -f x u:pass@h/y", "run: \"***:***@h/y\" is not expected here"},
	{"run -Z", "run: there is no option -Z"},
	{"run --demo -yZq", "run: there is no option -Z"},
	{"run --re x", "run: there is no option --re"},
	{"run --json=1", "run: --json takes no value"},
	{"run --demo --password x", "run: there is no option --password"},
	{"run --port", "run: --port needs a value"},
	{"run -p", "run: -p needs a value"},
	{"run -yp", "run: -yp needs a value"},
	{"sim --baud", "sim: --baud needs a value"},
};

static void what_makes_no_sense_is_refused_in_words(void **state)
{
	struct parsed p;

	(void)state;
	for (size_t i = 0; i < COUNT(nonsense); i++) {
		parse(&p, nonsense[i].line);
		assert_refused(&p, nonsense[i].line, nonsense[i].message);
	}
}

/* faults.txt G15: never dropped in silence, however it is written. */
static void several_ports_are_all_kept(void **state)
{
	static const struct { const char *line; size_t count; bool several; } cases[] = {
		{"run -p a -p b --port c -f x", 3, true}, {"probe --port=a -pb", 2, true}, {"run -p all -f x", 1, true},
		{"run -p a -f x", 1, false}, {"run /dev/null x", 1, false}, {"run /dev/null --jobs-file j", 1, true},
		{"probe --jobs-file j", 0, true}, {"run --demo", 0, false}, {"probe", 0, false},
	};
	static const char *const for_one[] = {
		"run -p a -p b -f x --imei 490154203237518", "run -p all -f x --record r", "run --jobs-file j --demo",
		"run -p a -p b -f x --publish ftp://h/f", "probe -p all --imei 490154203237518",
	};
	char many[MODULES_MAX * 5 + 32] = "probe";
	struct parsed p;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		parse(&p, cases[i].line);
		assert_taken(&p, cases[i].line);
		assert_int_equal(p.o.port_count, cases[i].count);
		assert_true(options_several(&p.o) == cases[i].several);
	}
	for (size_t i = 0; i < COUNT(for_one); i++) {
		parse(&p, for_one[i]);
		assert_refused(&p, for_one[i], "is for one module");
	}
	for (int i = 0; i <= MODULES_MAX; i++)
		strcat(many, " -pa");
	parse(&p, many);
	assert_refused(&p, many, "more than 64 modules");
}

static void an_option_given_twice_is_refused(void **state)
{
	static const char *const more[] = {
		"request -p a -p b --to x", "resume -p a --port=b", "run --demo -v -f x --verbose", "run --demo -f a -u http://h/f --file b",
		"run -p a -fx -fy", "probe --demo -b 9600 --ba 115200", "run --demo -yy", "report x --anonymize --anonymize",
	};
	const struct option_info *info;
	struct parsed p;
	char line[192];

	(void)state;
	for (size_t i = 0; (info = option_row(i)); i++)
		for (enum command c = 0; c < COMMAND_HELP; c++) {
			bool several = strcmp(info->name, "port") == 0 && (c == COMMAND_SCREEN || c == COMMAND_RUN || c == COMMAND_PROBE);

			if (!(info->commands & 1u << c) || strcmp(info->name, "help") == 0 || strcmp(info->name, "version") == 0 || several)
				continue;
			snprintf(line, sizeof(line), "%s%s--%s%s --%s%s", command_info(c)->name,
				 command_info(c)->name[0] ? " " : "", info->name, info->argument ? " 7" : "", info->name, info->argument ? " 8" : "");
			parse(&p, line);
			assert_refused(&p, line, "is given twice");
			assert_non_null(strstr(err_words(&p.e), info->name));
		}
	for (size_t i = 0; i < COUNT(more); i++) {
		parse(&p, more[i]);
		assert_refused(&p, more[i], "is given twice");
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
			assert_non_null(strstr(err_words(&p.e), options[i].name));
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
	help_print(f, command);
	fclose(f);
	return text;
}

/* TEXT with each run of blanks and line ends as one blank. */
static void unwrap(char *text)
{
	char *out = text;

	for (const char *in = text; *in; in++)
		if (*in != ' ' && *in != '\n')
			*out++ = *in;
		else if (out == text || out[-1] != ' ')
			*out++ = ' ';
	*out = '\0';
}

static void help_lists_every_option_of_a_command_and_no_other(void **state)
{
	(void)state;
	for (int c = 0; c < COMMAND_COUNT; c++) {
		char *text = help_of((enum command)c);
		const struct option_info *row;

		unwrap(text);
		for (size_t i = 0; (row = option_row(i)); i++) {
			bool takes = c != COMMAND_HELP && (row->commands & 1u << c);
			char name[40];

			snprintf(name, sizeof(name), " --%s%s%s ", row->name, row->argument ? " " : "", row->argument ? row->argument : "");
			if (c != COMMAND_HELP && !!strstr(text, name) != takes)
				fail_msg("help of %s:%s\n%s", command_info((enum command)c)->name, name, text);
			if (takes && !strstr(text, row->help))
				fail_msg("help of %s says nothing about%s", command_info((enum command)c)->name, name);
		}
		free(text);
	}
}

static void help_fits_a_console(void **state)
{
	(void)state;
	for (int c = 0; c < COMMAND_COUNT; c++) {
		char *text = help_of((enum command)c), *rest = text, *line;
		int lines = -1;	/* after the last line end nothing comes */

		while ((line = strsep(&rest, "\n"))) {
			lines++;
			if (strlen(line) > 79)
				fail_msg("help of %s has %zu columns: %s", command_info((enum command)c)->name, strlen(line), line);
		}
		assert_true(c != COMMAND_HELP || lines <= 23);	/* and the prompt */
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
	parse(&p, "help screen");
	assert_int_equal(p.o.topic, COMMAND_SCREEN);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_command_is_known_by_its_name),
		cmocka_unit_test(a_command_takes_its_own_options_only),
		cmocka_unit_test(values_go_to_their_places),
		cmocka_unit_test(what_is_not_said_is_empty),
		cmocka_unit_test(operands_are_taken_where_a_command_has_some),
		cmocka_unit_test(what_makes_no_sense_is_refused_in_words),
		cmocka_unit_test(several_ports_are_all_kept),
		cmocka_unit_test(an_option_given_twice_is_refused),
		cmocka_unit_test(numbers_are_checked),
		cmocka_unit_test(values_too_long_are_refused_and_not_cut),
		cmocka_unit_test(help_lists_every_option_of_a_command_and_no_other),
		cmocka_unit_test(help_fits_a_console),
		cmocka_unit_test(run_and_probe_take_port_and_package_without_their_options),
		cmocka_unit_test(what_was_mistyped_gets_the_nearest_word),
		cmocka_unit_test(the_overview_lists_every_command),
		cmocka_unit_test(help_is_asked_for_in_three_ways),
		cmocka_unit_test(the_tables_are_well_formed),
	};

	return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}

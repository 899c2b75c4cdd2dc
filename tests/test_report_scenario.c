/*
 * From field to test: a run is recorded, a scenario made of its record, and
 * the program run again against that. It must come to the same.
 */
#include "config.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/report.h"
#include "sim/scenario.h"
#include "upgrade_fixture.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
/* Bytes in a millisecond: 115200 baud; a USB port. */
#define UART 12
#define USB 1200
#define TEXT_MAX 65536

/* Beyond tests/scenarios: what those do not do. */
static const struct more {
	const char *name, *text;
} more[] = {
	{ "installs when the port opens",
	  "at time 1\n\tset deaf on\n\tline +QIND: \"FOTA\",\"UPDATING\",20\n\twait 30000\n"
	  "\tline +QIND: \"FOTA\",\"END\",0\n\twait 1000\n\tset version " TO "\n\tvanish 2000\n"
	  "\twait 2500\n\tline RDY\n\tset deaf off\n" },
	{ "begins to install in the preflight",
	  "on ATI nth 1\n\tset deaf on\n\tline +QIND: \"FOTA\",\"UPDATING\",20\n\twait 30000\n"
	  "\tline +QIND: \"FOTA\",\"END\",0\n\twait 1000\n\tset version " TO "\n\tvanish 2000\n"
	  "\twait 2500\n\tline RDY\n\tset deaf off\n" },
	{ "messages spelt otherwise",
	  "at start\n\tline +QIND: \"FOTA\", \"START\"\n\thush\n"
	  "at updating 20\n\tline +QIND: \"FOTA\",\"UPDATING\",21%\n\thush\n"
	  "at download\n\tline +QIND: \"FOTA\",\"HTTPTART\"\n\thush\n" },
	{ "the reply of the server behind the code", "at download-end\n\tline +QIND: \"FOTA\",\"FTPEND\",0,226\n\thush\n" },
	{ "the OK to the URL is lost", "on AT+QFOTADL=\"*\n\tset mute on\n\tdefault\n\tset mute off\n" },
	{ "power cut, boots", "set absent-ms 5000\nset boot-ms 40000\nset resume off\nat updating 45\n\tdefault\n\treboot\n" },
	{ "power cut, goes on", "set absent-ms 5000\nset boot-ms 40000\nset resume announce\nset flash-ms 60000\n"
	  "at updating 45\n\tdefault\n\treboot\n" },
	{ "percents of its own", "set percents 1,50,99\nset flash-ms 90000\nat updating 99\n\twait 30000\nat end\n\thush\n" },
	{ "no percents", "set percents\n" },
	{ "refuses the package", "at start\n\tline +QIND: \"FOTA\",\"END\",505\n\tdrop\n" },
	{ "fails without a word before", "set end-code 510\nset percents 0\nset end-percent 0\nat start\n\thush\n" },
	{ "restarts and the port stays", "at reboot\n\twait 3000\n\tline RDY\n\twait 1000\n\tline +CFUN: 1\n\tdrop\n" },
	{ "restarts and the port stays, without a word", "at reboot\n\tset deaf on\n\twait 90000\n\tset deaf off\n\tdrop\n" },
	{ "restarts twice", "set absent-ms 3000\nset boot-ms 20000\nat reboot\n\tdefault\n\twait 15000\n\treboot\n" },
	{ "the context takes long", "set context off\non AT+QIACT=1\n\twait 20000\n\tdefault\n" },
	{ "the context is refused", "set context off\non AT+QIACT=1\n\twait 20000\n\tline +CME ERROR: 30\n" },
	{ "goes when it is asked for its version", "on AT+CGMR nth 2\n\tvanish 2000\n" },
	{ "does not know its version at first", "on AT+CGMR nth 2\n\tline OK\non ATI nth 2\n\tline Quectel\n\tline OK\n" },
};

/* Where the message cannot be the same: a record keeps no more of a line. */
static const char *const cut_messages[] = { "b19-version-64k.at" };

static const char *ending(const struct result *result)
{
	return result->outcome == OUTCOME_STOPPED ? err_info(result->stop)->name :
		outcome_info(result->outcome)->name;
}

static char *make_scenario(const char *record)
{
	struct record *r;
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	struct err e;

	assert_non_null(f);
	r = record_open(record, &e);
	if (!r || report_scenario(f, r, &e) < 0)
		fail_msg("%s", e.text);
	record_free(r);
	assert_int_equal(fclose(f), 0);
	return text;
}

static void prepare(struct run *r, void **state, bool pull, const char *scenario)
{
	run_init(r, state);
	if (pull)
		run_pull_with_login(r);
	else
		run_push(r);
	r->config.sim.scenario_text = scenario;
	r->recorded = true;
}

static bool is_cut(const char *name)
{
	for (size_t i = 0; i < COUNT(cut_messages); i++)
		if (!strcmp(cut_messages[i], name))
			return true;
	return false;
}

static bool came_to_the_same(const char *name, const struct run *a, const struct run *b)
{
	const struct code *was = &a->result.code, *is = &b->result.code;

	return !strcmp(ending(&a->result), ending(&b->result)) && a->result.stop == b->result.stop &&
	       was->present == is->present && was->number == is->number && !strcmp(was->table, is->table) &&
	       (is_cut(name) || !strcmp(a->result.message, b->result.message)) && b->violations == 0;
}

/* SCENARIO, and what is made of its record. True when that is the same. */
static bool goes_round(void **state, const char *name, bool pull, const char *scenario)
{
	static const char *const ways[] = { "push", "pull" };
	struct run *a = malloc(sizeof(*a)), *b = malloc(sizeof(*b));
	char *made;
	bool same;

	assert_true(a && b);
	prepare(a, state, pull, scenario);
	run_power_on(a);
	run_program(a);
	made = make_scenario(a->files->record);
	run_power_off(a);
	prepare(b, state, pull, made);
	run_go(b);
	same = came_to_the_same(name, a, b);
	if (!same)
		print_error("%s by %s: was %s, %s%d, %s\nis %s, %s%d, %s; violations %u %s\n%s\n",
			    name, ways[pull], ending(&a->result), a->result.code.table, a->result.code.number,
			    a->result.message, ending(&b->result), b->result.code.table, b->result.code.number,
			    b->result.message, b->violations, b->violation, made);
	free(made);
	free(a);
	free(b);
	return same;
}

static const char *source_path(char *out, size_t size, const char *name)
{
	const char *srcdir = getenv("srcdir");

	snprintf(out, size, "%s/tests/%s", srcdir ? srcdir : ".", name);
	return out;
}

/* The text of a file on a line of SPEED bytes in a millisecond. */
static void load(char *text, size_t size, const char *path, int speed)
{
	size_t used = (size_t)snprintf(text, size, "set chunk %d\n", speed);
	FILE *f = fopen(path, "rb");

	if (!f)
		fail_msg("%s cannot be read", path);
	used += fread(text + used, 1, size - used, f);
	assert_in_range(used, 1, size - 1);
	assert_int_equal(fclose(f), 0);
	text[used] = '\0';
}

static void every_scenario_goes_round(void **state)
{
	char dir[512], path[1024], text[TEXT_MAX];
	DIR *d = opendir(source_path(dir, sizeof(dir), "scenarios"));
	unsigned all = 0, same = 0;
	struct dirent *entry;

	if (!d)
		fail_msg("%s cannot be read", dir);
	while ((entry = readdir(d))) {
		/* what takes a minute on a slow line is another case on a fast one */
		bool fast = !strncmp(entry->d_name, "b0", 2);

		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
		for (int i = 0; i < (fast ? 4 : 2); i++) {
			load(text, sizeof(text), path, i < 2 ? UART : USB);
			same += goes_round(state, entry->d_name, i % 2, text);
			all++;
		}
	}
	closedir(d);
	print_message("scenarios that come to the same from their records: %u of %u\n", same, all);
	assert_true(all > 190);
	assert_int_equal(same, all);
}

static void more_goes_round(void **state)
{
	unsigned same = 0;

	for (size_t i = 0; i < COUNT(more); i++)
		for (int pull = 0; pull < 2; pull++)
			same += goes_round(state, more[i].name, pull, more[i].text);
	print_message("others: %u of %zu\n", same, 2 * COUNT(more));
	assert_int_equal(same, 2 * COUNT(more));
}

/* Not only to the same end: what was recorded is what is said. */
static void what_is_made_of_what(void **state)
{
	static const struct {
		const char *scenario;
		bool pull;
		const char *has[4], *lacks[3];
	} rows[] = {
		{ "", false, { "set version " FROM "\n", "set to " TO "\n", "set imei 490154203237518\n", "set absent-ms " },
		  { "percents", "final-version", "on AT" } },
		{ "set absent-ms 0\n", false, { "set absent-ms 0\n" }, { "final-version" } },
		{ "set final-version unchanged\n", false, { "set final-version unchanged\n" }, { "drop" } },
		{ "set final-version UG96LNAR02A07E1G\n", true, { "set final-version UG96LNAR02A07E1G\n" }, { NULL } },
		{ "set updating-word RESTORE\n", false, { "set updating-word RESTORE\n" }, { "hush" } },
		{ "set percents 3,50\n", false, { "set percents 3,50\n" }, { "hush" } },
		{ "set percents\n", false, { "set percents\n" }, { "hush" } },
		{ "set end-code 504\n", true, { "set end-code 504\nset end-percent 45\n" }, { "percents ", "drop" } },
		{ "set source-code 609\n", true, { "set source-code 609\n" }, { "drop" } },
		{ "set rssi 12\nset voltage-mv 3600\nset battery 55\n", false, { "set rssi 12\n", "set voltage-mv 3600\n", "set battery 55\n" }, { NULL } },
		{ "set cpin SIM PIN\n", true, { "set cpin SIM PIN\n" }, { "on AT" } },
		{ "set cpin none\n", true, { "set cpin none\n" }, { "on AT" } },
		{ "set cgreg 2\n", true, { "set cgreg 2\n" }, { "on AT" } },
		{ "set test-answer +QFOTADL: <url>\n", true, { "set test-answer +QFOTADL: <url>\n" }, { "on AT" } },
		{ "set urcport usbmodem\n", false, { "set urcport usbmodem\n" }, { "on AT" } },
		{ "at start\n\thush\n", false, { "at start\n\thush\n" }, { "drop" } },
		{ "at end\n\thush\n", false, { "at end\n\thush\n" }, { "drop" } },
		{ "at start\n\tdrop\n", false, { "at start\n\tdrop\n" }, { "hush" } },
		{ "at download\n\tdrop\n", true, { "at download\n\tdrop\n" }, { "hush" } },
		{ "at start\n\tline +QIND: \"FOTA\",\"END\",505\n\tdrop\n", false,
		  { "at start\n\tline +QIND: \"FOTA\",\"END\",505\n\tdrop\n" }, { "end-code" } },
		{ "at updating 41\n\twait 600000\n", false, { "at updating 41\n\twait 600000\n" }, { "hush" } },
		{ "at reboot\n\tset imei 004999010640000\n", false, { "at reboot\n\tset imei 004999010640000\n" }, { "on AT" } },
		{ "at reboot\n\tset imei\n", false, { "at reboot\n\tset imei\n" }, { "on AT" } },
		{ "at data 10000\n\tline OK\n", false, { "at data 10000\n\tline OK\n" }, { "leave" } },
		{ "at data 10000\n\tline ERROR\n\tleave\n", false, { "at data 10000\n\tline ERROR\n\tleave\n" }, { "drop" } },
		{ "at data 10000\n\tset reading off\n", false, { "at data 10000\n\tset reading off\n" }, { "reading on" } },
		{ "at data 10000\n\tvanish 2000\n", false, { "at data 10000\n\tvanish 2000\n" }, { "leave" } },
		{ "at data-end\n\twait 60000\n\tline +CME ERROR: 421\n\tdrop\n", false,
		  { "at data-end\n\twait 600", "\tline +CME ERROR: 421\n\tdrop\n" }, { "at start" } },
		{ "on AT+CBC\n\traw \"\\r\\n{imei}\\x1b\\r\\n{imei}\\r\\n\"\n\tdefault\n", false,
		  { "on AT+CBC\n\traw \"\\r\\n{imei}\\x1b\\r\\n\"\n\traw \"\\r\\n{imei}\\r\\n\"\n\tline +CBC: 0,71,3814\n\tline OK\n\tdrop\n" }, { NULL } },
		{ "at end\n\thush\nat reboot\n\tline RDY\n\tdrop\n", false,
		  { "at end\n\thush\n", "\tline RDY\n", "at reboot\n\tdrop\n" }, { "absent-ms", "on AT" } },
		{ "on AT+CGMR nth 2\n\tvanish 2000\n", false, { "\tvanish 200", "on AT+CGMR nth 2\n\tdrop\n" }, { NULL } },
		{ "on AT+CBC\n\tdefault\n\tline RING\n", false, { "on AT+CBC\n\tdefault\n\tline RING\n" }, { NULL } },
		{ "on AT+CSQ nth 1\n\tdrop\n", true, { "on AT+CSQ nth 1\n\tdrop\n" }, { "nth 2" } },
		{ "on AT nth 3..\n\tdefault\non AT\n\tdrop\n", true, { "on AT nth 3..\n\tdefault\non AT\n\tdrop\n" }, { NULL } },
		{ "on AT+QFOTADL=\"*\n\tline +CME ERROR: 30\n", true, { "on AT+QFOTADL=\"*\n\tline +CME ERROR: 30\n\tdrop\n" }, { NULL } },
		{ "on AT+QFOTADL=\"*\n\twait 20000\n\tdefault\n", false, { "on AT+QFOTADL=\"*\n\twait 20", "\tdefault\n" }, { "line" } },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct run *r = malloc(sizeof(*r));
		char *made;

		assert_non_null(r);
		prepare(r, state, rows[i].pull, rows[i].scenario);
		run_power_on(r);
		run_program(r);
		made = make_scenario(r->files->record);
		run_power_off(r);
		for (size_t n = 0; n < COUNT(rows[i].has) && rows[i].has[n]; n++)
			if (!strstr(made, rows[i].has[n]))
				fail_msg("row %zu: no \"%s\" in\n%s", i, rows[i].has[n], made);
		for (size_t n = 0; n < COUNT(rows[i].lacks) && rows[i].lacks[n]; n++)
			if (strstr(made, rows[i].lacks[n]))
				fail_msg("row %zu: \"%s\" in\n%s", i, rows[i].lacks[n], made);
		free(made);
		free(r);
	}
}

/* --- records as files */

static void expect_golden(const char *record, const char *golden)
{
	const char *mode = getenv("DFOTA_GOLDEN");
	char path[512], want[TEXT_MAX] = "", *got = make_scenario(source_path(path, sizeof(path), record));
	FILE *f;

	source_path(path, sizeof(path), golden);
	if (mode && !strcmp(mode, "write")) {
		f = fopen(path, "w");
		assert_non_null(f);
		fputs(got, f);
		assert_int_equal(fclose(f), 0);
	}
	f = fopen(path, "r");
	if (!f)
		fail_msg("%s cannot be read", path);
	want[fread(want, 1, sizeof(want) - 1, f)] = '\0';
	fclose(f);
	if (strcmp(want, got) != 0)
		print_error("%s\n", got);
	assert_string_equal(want, got);
	free(got);
}

static void golden_scenarios(void **state)
{
	(void)state;
	expect_golden("golden/report-http.jsonl", "golden/scenario-http.at");
	expect_golden("golden/report-504.jsonl", "golden/scenario-504.at");
	expect_golden("golden/report-resumed.jsonl", "golden/scenario-resumed.at");
}

/* Write SIZE bytes to PATH; the scenario of that, which must be one. False
 * when it is no record at all. */
static bool makes_a_scenario(const char *path, const char *bytes, size_t size)
{
	FILE *f = fopen(path, "wb"), *out;
	struct record *r;
	struct err e;
	char *text = NULL;
	size_t text_size;

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, size, f), size);
	assert_int_equal(fclose(f), 0);
	r = record_open(path, &e);
	if (!r)
		return false;
	out = open_memstream(&text, &text_size);
	assert_non_null(out);
	if (report_scenario(out, r, &e) < 0)
		fail_msg("%s", e.text);
	record_free(r);
	assert_int_equal(fclose(out), 0);
	assert_in_range(text_size, 1, SCENARIO_MAX);
	free(text);
	return true;
}

static size_t read_file(char *out, size_t size, const char *path)
{
	FILE *f = fopen(path, "rb");
	size_t used;

	if (!f)
		fail_msg("%s cannot be read", path);
	used = fread(out, 1, size, f);
	assert_in_range(used, 1, size - 1);
	assert_int_equal(fclose(f), 0);
	return used;
}

static void a_damaged_record_makes_a_scenario(void **state)
{
	struct files *files = *state;
	char path[512], bytes[TEXT_MAX], flipped[TEXT_MAX];
	size_t size = read_file(bytes, sizeof(bytes), source_path(path, sizeof(path), "golden/report-504.jsonl"));
	uint32_t x = 1;
	unsigned made = 0;

	for (size_t cut = 1; cut < size; cut += 61)
		made += makes_a_scenario(files->record, bytes, cut);
	for (int i = 0; i < 200; i++) {
		memcpy(flipped, bytes, size);
		for (int n = 0; n < 8; n++) {
			x = x * 1664525 + 1013904223;
			flipped[600 + (x >> 8) % (size - 600)] ^= (char)(1 << (x & 7));
		}
		made += makes_a_scenario(files->record, flipped, size);
	}
	unlink(files->record);
	assert_true(made > 300);
}

#define HEADER "{\"type\":\"header\",\"format\":1,\"program\":\"dfota 0.1.0\",\"method\":\"push\"}\n"

static void hostile_lines_make_a_scenario(void **state)
{
	static const char *const lines[] = {
		"{\"type\":\"line\",\"dir\":\"tx\",\"text\":\"AT+X=\\\"a nth 0..\\\"\",\"t\":1}\n",
		"{\"type\":\"line\",\"dir\":\"tx\",\"text\":\" ; ; \",\"t\":1}\n",
		"{\"type\":\"line\",\"dir\":\"tx\",\"text\":\"\",\"t\":1}\n",
		"{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"{imei} {\",\"t\":1}\n",
		"{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"\\\"\\\\\",\"raw\":\"225c000d0a09ff7b\",\"t\":1}\n",
		"{\"type\":\"identity\",\"model\":\"  \\\" x\",\"version\":\"\\\"\",\"imei\":\"\\u00e9\",\"t\":1}\n",
		"{\"type\":\"identity\",\"model\":\"0123456789012345678901234567890123456789\",\"t\":1}\n",
		"{\"type\":\"line\",\"dir\":\"tx\",\"text\":\"AT+QFOTADL=\",\"t\":-5}\n",
		"{\"type\":\"line\",\"dir\":\"tx\",\"text\":\"AT+QFOTADL=\\\"COM:\\\",9\",\"t\":1}\n"
		"{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"CONNECT\",\"t\":0}\n"
		"{\"type\":\"data\",\"offset\":18446744073709551615,\"size\":18446744073709551615,\"t\":9e99}\n"
		"{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"+QIND: \\\"FOTA\\\",\\\"END\\\",2147483647\",\"urc\":true,\"t\":3}\n",
		"{\"type\":\"result\",\"outcome\":\"unknown\",\"step\":\"install\",\"to\":\"\\u202e\",\"code\":{\"table\":\"#\\n\",\"number\":-1},\"t\":2}\n",
	};
	struct files *files = *state;
	char text[4096];

	for (size_t i = 0; i < COUNT(lines); i++) {
		int size = snprintf(text, sizeof(text), HEADER "%s", lines[i]);

		assert_true(makes_a_scenario(files->record, text, (size_t)size));
	}
	unlink(files->record);
}

/* Limits of a scenario are kept: most of it is left out and told. */
static void a_flood_makes_a_bounded_scenario(void **state)
{
	struct files *files = *state;
	FILE *f = fopen(files->record, "w");
	char *made;

	assert_non_null(f);
	fputs(HEADER "{\"type\":\"package\",\"size\":9,\"to\":\"" TO "\",\"t\":0.1}\n", f);
	for (int i = 0; i < 3000; i++)
		fprintf(f, "{\"type\":\"line\",\"dir\":\"tx\",\"text\":\"AT+C%d\",\"t\":1}\n"
			"{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"%0700d\",\"t\":%d}\n", i % 90, i, i);
	fputs("{\"type\":\"line\",\"dir\":\"tx\",\"text\":\"AT+QFOTADL=\\\"COM:\\\",9\",\"t\":4000}\n"
	      "{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"CONNECT\",\"t\":4001}\n"
	      "{\"type\":\"data\",\"offset\":0,\"size\":9,\"t\":4002}\n"
	      "{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"OK\",\"urc\":true,\"t\":4003}\n", f);
	for (int i = 0; i < 3000; i++)
		fprintf(f, "{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"noise %d\",\"urc\":true,\"t\":%d}\n"
			"{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"+QIND: \\\"FOTA\\\",\\\"UPDATING\\\",%d\",\"urc\":true,\"t\":%d}\n",
			i, 5000 + i, i % 101, 5000 + i);
	assert_int_equal(fclose(f), 0);
	made = make_scenario(files->record);
	assert_in_range(strlen(made), 1, SCENARIO_MAX);
	assert_non_null(strstr(made, "# Left out: "));
	assert_non_null(strstr(made, "line noise 0\n"));
	assert_non_null(strstr(made, "at data-end"));
	free(made);
	unlink(files->record);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_scenario_goes_round),
		cmocka_unit_test(more_goes_round),
		cmocka_unit_test(what_is_made_of_what),
		cmocka_unit_test(golden_scenarios),
		cmocka_unit_test(a_damaged_record_makes_a_scenario),
		cmocka_unit_test(hostile_lines_make_a_scenario),
		cmocka_unit_test(a_flood_makes_a_bounded_scenario),
	};

	return cmocka_run_group_tests(tests, files_make, files_remove);
}

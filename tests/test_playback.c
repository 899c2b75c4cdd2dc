/*
 * From field to test: a run is recorded, its record played back, and the
 * program run again against that. It must come to the same.
 */
#include "config.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/count.h"
#include "package/package.h"
#include "protocol/profile.h"
#include "record/reader.h"
#include "upgrade_fixture.h"
#include "words.h"

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

static const char *ending(const struct result *result)
{
	return result->outcome == OUTCOME_STOPPED ? err_info(result->stop)->name :
		outcome_info(result->outcome)->name;
}

static void prepare(struct run *r, void **state, bool pull)
{
	run_init(r, state);
	if (pull)
		run_pull_with_login(r);
	else
		run_push(r);
}

/* A sentence of an older program may have no id. */
static bool says_the_same(const struct message *was, const struct message *is)
{
	return was->id == MSG_SAID || was->id == is->id;
}

static bool came_to_the_same(const struct run *a, const struct run *b)
{
	const struct code *was = &a->result.code, *is = &b->result.code;

	return !strcmp(ending(&a->result), ending(&b->result)) && a->result.stop == b->result.stop &&
	       was->present == is->present && was->number == is->number && !strcmp(was->table, is->table) &&
	       says_the_same(&a->result.what, &b->result.what) && b->violations == 0;
}

static const char *played_path(char *out, size_t size, const struct run *r)
{
	snprintf(out, size, "%s/played.jsonl", r->files->directory);
	return out;
}

/* SCENARIO, and its record played back. True when that is the same. */
static bool goes_round(void **state, const char *name, bool pull, const char *scenario)
{
	static const char *const ways[] = { "push", "pull" };
	struct run *a = malloc(sizeof(*a)), *b = malloc(sizeof(*b));
	char record[256];
	bool same;

	assert_true(a && b);
	prepare(a, state, pull);
	a->config.sim.scenario_text = scenario;
	a->recorded = true;
	run_power_on(a);
	run_program(a);
	assert_int_equal(rename(a->files->record, played_path(record, sizeof(record), a)), 0);
	run_power_off(a);
	prepare(b, state, pull);
	b->config.sim.record = record;
	run_go(b);
	same = came_to_the_same(a, b);
	if (!same)
		print_error("%s by %s: was %s, %s %d, %s\nis %s, %s %d, %s; violations %u %s\n",
			    name, ways[pull], ending(&a->result), a->result.code.table, a->result.code.number,
			    message_words(&a->result.what), ending(&b->result), b->result.code.table, b->result.code.number,
			    message_words(&b->result.what), b->violations, b->violation);
	if (!same && getenv("DFOTA_KEEP"))
		rename(record, getenv("DFOTA_KEEP"));
	unlink(record);
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

		/* a record keeps 767 of the 65,536 bytes, and so not how long they took */
		if (entry->d_name[0] == '.' || !strcmp(entry->d_name, "b19-version-64k.at"))
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
		for (int i = 0; i < (fast ? 4 : 2); i++) {
			load(text, sizeof(text), path, i < 2 ? UART : USB);
			same += goes_round(state, entry->d_name, i % 2, text);
			all++;
		}
	}
	closedir(d);
	print_message("scenarios whose records come to the same: %u of %u\n", same, all);
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

/* --- records as files */

/* Sessions that ended by what no module does: nothing of it is in a record. */
static const struct {
	const char *name, *by;
} others[] = {
	{ "cancelled", "a person" }, { "declined", "a person" }, { "detached", "a person" },
	{ "program-killed-2", "a person: there is no result" },
	{ "ended-early", "a person: there is no result" },
	{ "left-open", "another session" }, { "unfinished", "another session" },
	{ "modem-manager", "another program" }, { "port-held", "another program" },
	{ "port-unusable", "the computer" }, { "package-altered", "the package" },
	{ "file-missing", "the server" }, { "login-wrong", "the server" }, { "server-html", "the server" },
	{ "server-other-file", "the server" }, { "server-redirect", "the server" },
	{ "server-wants-tls", "the server" },
	{ "other-service", "the server" },
	{ "account-refused", "the server" },
	{ "access-denied", "the server" },
	{ "port-held-unseen", "another program" }, { "program-late", "this program, which stood still" },
};

/* As all samples of a kind are: NAME, NAME-2, NAME-3. */
static bool is_other(const char *name)
{
	for (size_t i = 0; i < COUNT(others); i++) {
		size_t size = strlen(others[i].name);
		const char *rest = name + size;

		if (strncmp(others[i].name, name, size) == 0 && rest[strspn(rest, "-0123456789")] == '\0')
			return true;
	}
	return false;
}

static bool find_event(struct record *r, enum event_type type, struct event *ev)
{
	uint64_t at = record_count(r);

	return record_find(r, at, true, 1U << type, false, &at) && record_event(r, at, ev);
}

/* A pseudo-terminal, on which nothing about flow control is sent; 0.1 took each for a line. */
static bool was_on_a_pty(struct record *r)
{
	struct event ev;

	for (uint64_t i = 0; i < record_count(r); i++)
		if (record_event(r, i, &ev) && ev.type == EVENT_LINE && !strncmp(ev.line.text, "AT+IFC=", 7))
			return false;
	return true;
}

/* A package of the size of the recorded one, with its manifest where that had one. */
static void make_package(struct run *r, const struct package_info *info)
{
	struct manifest m = {.size = info->size};
	struct package *p;
	struct err e;
	FILE *f;

	snprintf(r->plan.file, sizeof(r->plan.file), "%s/recorded.bin", r->files->directory);
	snprintf(r->plan.manifest, sizeof(r->plan.manifest), "%s/recorded.bin.manifest", r->files->directory);
	f = fopen(r->plan.file, "wb");
	assert_non_null(f);
	for (uint64_t i = 0; i < info->size; i++)
		fputc((int)(i * 7 % 251), f);
	assert_int_equal(fclose(f), 0);
	p = package_open(r->plan.file, 1 << 20, &e);
	assert_non_null(p);
	snprintf(m.model, sizeof(m.model), "%s", info->model);
	snprintf(m.from, sizeof(m.from), "%s", info->from);
	snprintf(m.to, sizeof(m.to), "%s", info->to);
	snprintf(m.sha256, sizeof(m.sha256), "%s", package_sha256(p));
	package_close(p);
	if (info->has_manifest)
		assert_int_equal(manifest_write(r->plan.manifest, &m, &e), 0);
	else
		r->plan.manifest[0] = '\0';
}

static void remove_package(const struct run *r)
{
	char path[FILE_SIZE];

	snprintf(path, sizeof(path), "%s/recorded.bin.manifest", r->files->directory);
	unlink(path);
	snprintf(path, sizeof(path), "%s/recorded.bin", r->files->directory);
	unlink(path);
}

/* A family that has come since then. */
static bool is_known_today(struct record *r)
{
	struct event ev;

	return find_event(r, EVENT_IDENTITY, &ev) && profile_by_model(ev.identity.model) != NULL;
}

/* The recorded job once more, with the record of it as the module. */
static bool comes_to_the_same(void **state, const char *name, const char *path)
{
	struct run *r = malloc(sizeof(*r)), *was = malloc(sizeof(*was));
	struct event *package = malloc(sizeof(*package)), *result = malloc(sizeof(*result));
	struct err e;
	struct record *record = record_open(path, &e);
	bool same;

	assert_true(record && r && was && package && result);
	run_init(r, state);
	assert_true(find_event(record, EVENT_PACKAGE, package) && find_event(record, EVENT_RESULT, result));
	r->plan = record_start(record)->plan;
	r->plan.assume_yes = true;
	snprintf(r->plan.port, sizeof(r->plan.port), SIM_PORT_PATH);
	make_package(r, &package->package);
	r->config.sim.record = path;
	r->config.link = was_on_a_pty(record) ? LINK_PTY : LINK_UART;
	run_go(r);
	was->result = result->result;
	/* 0.1 had one message for every port that goes away */
	if (was->result.what.id == MSG_PORT_GONE && r->result.what.id == MSG_TRANSFER_BROKEN)
		was->result.what = r->result.what;
	same = came_to_the_same(was, r) || (was->result.what.id == MSG_MODEL_UNKNOWN && is_known_today(record));
	if (!same)
		print_error("%s: was %s, %s %d, %s\nis %s, %s %d, %s; violations %u %s\n", name,
			    ending(&was->result), was->result.code.table, was->result.code.number, message_words(&was->result.what),
			    ending(&r->result), r->result.code.table, r->result.code.number, message_words(&r->result.what),
			    r->violations, r->violation);
	remove_package(r);
	record_free(record);
	free(r);
	free(was);
	free(package);
	free(result);
	return same;
}

/* All records of DIR; how many of them come to the same. */
static unsigned play_all(void **state, const char *records, unsigned *all)
{
	char dir[512], path[1024], name[256];
	DIR *d = opendir(source_path(dir, sizeof(dir), records));
	struct dirent *entry;
	unsigned same = 0;

	if (!d)
		fail_msg("%s cannot be read", dir);
	while ((entry = readdir(d))) {
		size_t size = strlen(entry->d_name);

		snprintf(name, sizeof(name), "%.*s", (int)(size > 6 ? size - 6 : 0), entry->d_name);
		if (size < 7 || strcmp(entry->d_name + size - 6, ".jsonl") != 0 || is_other(name))
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
		same += comes_to_the_same(state, name, path);
		++*all;
	}
	closedir(d);
	return same;
}

static void recorded_sessions_come_to_the_same(void **state)
{
	unsigned all = 0, same = play_all(state, "records", &all) + play_all(state, "records/v1", &all);

	print_message("recorded sessions that come to the same: %u of %u\n", same, all);
	assert_true(all > 60);
	assert_int_equal(same, all);
}

/* SIZE bytes as a record: the program comes to an end with that. False when it
 * is no record at all. */
static bool comes_to_an_end(void **state, const char *bytes, size_t size)
{
	struct run *r = malloc(sizeof(*r));
	char path[256];
	struct err e;
	FILE *f;
	struct sim *sim;

	assert_non_null(r);
	prepare(r, state, false);
	f = fopen(played_path(path, sizeof(path), r), "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, size, f), size);
	assert_int_equal(fclose(f), 0);
	r->config.sim.record = path;
	sim = sim_new(&r->config.sim, &e);
	sim_free(sim);
	if (sim)
		run_go(r);
	unlink(path);
	free(r);
	return sim != NULL;
}

static void a_damaged_record_is_played(void **state)
{
	char path[512], bytes[TEXT_MAX], flipped[TEXT_MAX];
	FILE *f = fopen(source_path(path, sizeof(path), "records/v1/link-lost.jsonl"), "rb");
	uint32_t x = 1;
	unsigned played = 0;
	size_t size;

	assert_non_null(f);
	size = fread(bytes, 1, sizeof(bytes), f);
	assert_int_equal(fclose(f), 0);
	assert_in_range(size, 4096, sizeof(bytes) - 1);
	for (size_t cut = 1; cut < size; cut += 211)
		played += comes_to_an_end(state, bytes, cut);
	for (int i = 0; i < 60; i++) {
		memcpy(flipped, bytes, size);
		for (int n = 0; n < 8; n++) {
			x = x * 1664525 + 1013904223;
			flipped[600 + (x >> 8) % (size - 600)] ^= (char)(1 << (x & 7));
		}
		played += comes_to_an_end(state, flipped, size);
	}
	assert_true(played > 90);
}

#define HEADER "{\"type\":\"header\",\"format\":1,\"program\":\"dfota 0.1.0\",\"method\":\"push\"}\n"
#define SENT(text, t) "{\"type\":\"line\",\"dir\":\"tx\",\"text\":\"" text "\",\"t\":" t "}\n"
#define HEARD(text, t) "{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"" text "\",\"t\":" t "}\n"

static void hostile_lines_are_played(void **state)
{
	static const char *const records[] = {
		HEADER,
		HEADER SENT("AT", "9e18") HEARD("OK", "-9e18"),
		HEADER SENT("AT", "1") HEARD("OK", "0") SENT("AT", "-5") HEARD("OK", "9e15"),
		HEADER SENT("***", "1") HEARD("***", "1") SENT("", "1") SENT("+++", "1"),
		HEADER SENT("AT", "1") HEARD("\\u0000\\ud800", "1") HEARD("OK", "1"),
		HEADER SENT("AT+QFOTADL=\\\"", "1") "{\"type\":\"data\",\"offset\":18446744073709551615,\"size\":18446744073709551615,\"t\":1}\n",
		HEADER "{\"type\":\"package\",\"size\":18446744073709551615,\"t\":1}\n" SENT("AT+QFOTADL=\\\"COM:\\\",18446744073709551615", "1")
		"{\"type\":\"data\",\"offset\":0,\"size\":18446744073709551615,\"t\":1}\n",
	};

	for (size_t i = 0; i < COUNT(records); i++)
		comes_to_an_end(state, records[i], strlen(records[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_scenario_goes_round),
		cmocka_unit_test(more_goes_round),
		cmocka_unit_test(recorded_sessions_come_to_the_same),
		cmocka_unit_test(a_damaged_record_is_played),
		cmocka_unit_test(hostile_lines_are_played),
	};

	return cmocka_run_group_tests(tests, files_make, files_remove);
}

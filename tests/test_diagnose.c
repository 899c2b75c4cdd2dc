/*
 * Every rule with two records of runs it is about: tests/records (make there). Which rules fire where is tests/golden/diagnosis.txt;
 * DFOTA_GOLDEN=write writes it again.
 */
#include "config.h"

#include <dirent.h>
#include <fcntl.h>

#include "diagnose_fixture.h"
#include "diagnose_records.h"

static void expect_lines(struct record *r, const struct row *row, const struct finding *f)
{
	char line[512];

	assert_in_range(f->line_count, 1, FINDING_LINES);
	for (size_t i = 0; i < f->line_count; i++) {
		assert_in_range(f->lines[i], 1, record_count(r) - 1);
		if (i > 0)
			assert_true(f->lines[i] > f->lines[i - 1]);
	}
	for (size_t i = 0; i < COUNT(row->lines) && row->lines[i]; i++) {
		if (rests_on(r, f, row->lines[i]))
			continue;
		print_error("%s: %s does not rest on \"%s\", but on\n", row->name, f->rule, row->lines[i]);
		for (size_t k = 0; k < f->line_count; k++)
			print_error("  %s\n", diagnosis_line(r, f->lines[k], FOR_RECORD, line, sizeof(line)));
		fail();
	}
}

static void each_record_is_explained_by_its_rule(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct row *row = &rows[i];
		struct finding found[FINDINGS_MAX];
		struct record *r = open_named(row->name);
		size_t count = diagnosis_of_record(r, FOR_CONSOLE, found, FINDINGS_MAX), at = 0;

		assert_int_equal(record_damage(r)->id, MSG_NONE);
		if (!row->rule) {
			record_free(r);
			continue;
		}
		while (at < count && strcmp(found[at].rule, row->rule) != 0)
			at++;
		if (at > (row->second ? 1 : 0))
			print_findings(row->name, found, count);
		assert_in_range(at, 0, row->second ? 1 : 0);
		expect_lines(r, row, &found[at]);
		record_free(r);
	}
}

static void nothing_is_found_in_a_plain_success(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct finding found[FINDINGS_MAX];
		char path[512];
		size_t count;

		if (rows[i].rule)
			continue;
		count = diagnose_path(record_file(path, sizeof(path), rows[i].name), found);
		if (count)
			print_findings(rows[i].name, found, count);
		assert_int_equal(count, 0);
	}
}

static void every_rule_has_two_records(void **state)
{
	const struct rule *rule;
	size_t successes = 0;

	(void)state;
	for (size_t k = 0; k < COUNT(rows); k++)
		successes += !rows[k].rule && strncmp(rows[k].name, "success-", 8) == 0;
	assert_true(successes >= 2);
	for (size_t i = 0; (rule = rule_row(i)) != NULL; i++) {
		size_t found = 0;

		for (size_t k = 0; k < COUNT(rows); k++)
			found += rows[k].rule && strcmp(rows[k].rule, rule->info.name) == 0;
		if (found < 2)
			fail_msg("%zu records for %s: two at least", found, rule->info.name);
		assert_in_range(strlen(rule->info.about), 8, 70);
	}
	assert_null(rule_row(SIZE_MAX));
}

static void expect_screen_words(const char *words)
{
	if (strstr(words, "dfota ") || strstr(words, "--") || strstr(words, "-b "))
		fail_msg("not for the screen: %s", words);
}

/* Fields and keys, no options and commands: those are for the command line. */
static void the_screen_has_words_of_its_own(void **state)
{
	const struct rule *rule;
	const struct ending *ending;

	(void)state;
	for (size_t i = 0; (rule = rule_row(i)) != NULL; i++) {
		expect_screen_words(rule->cause);
		if (!rule->next)	/* the words of the message: test_message.c */
			continue;
		expect_screen_words(rule->screen_next ? rule->screen_next : rule->next);
		assert_true(!rule->screen_next || strcmp(rule->screen_next, rule->next) != 0);
	}
	for (size_t i = 0; (ending = ending_row(i)) != NULL; i++) {
		expect_screen_words(ending->before);
		expect_screen_words(ending->screen_after);
	}
}

static void every_record_has_a_row(void **state)
{
	char path[512];
	DIR *d = opendir(source_path(path, sizeof(path), RECORDS));
	struct dirent *entry;
	size_t count = 0;

	(void)state;
	if (!d)
		fail_msg("%s cannot be read", path);
	while ((entry = readdir(d))) {
		const char *dot = strstr(entry->d_name, ".jsonl");
		bool found = false;

		if (!dot)
			continue;
		for (size_t i = 0; i < COUNT(rows) && !found; i++)
			found = strlen(rows[i].name) == (size_t)(dot - entry->d_name) &&
				strncmp(rows[i].name, entry->d_name, strlen(rows[i].name)) == 0;
		if (!found)
			fail_msg("%s has no row in the table", entry->d_name);
		count++;
	}
	closedir(d);
	assert_int_equal(count, COUNT(rows));
}

/* Sentences: a capital first, a full stop last, no mark of a rule left in, and
 * the surest first. */
static void findings_can_be_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct finding found[FINDINGS_MAX];
		char path[512], safe[2 * TEXT_SIZE];
		size_t count = diagnose_path(record_file(path, sizeof(path), rows[i].name), found);

		for (size_t k = 0; k < count; k++) {
			const struct finding *f = &found[k];

			assert_in_range(f->certainty, 1, k ? found[k - 1].certainty : 97);
			if (strpbrk(f->cause, "{}") || f->cause[0] < 'A' || f->cause[0] > 'Z' ||
			    f->cause[strlen(f->cause) - 1] != '.' || strstr(f->cause, "  ") || strstr(f->cause, ".."))
				fail_msg("%s: %s", f->rule, f->cause);
			assert_in_range(strlen(f->cause), 20, 400);
			assert_non_null(f->next);
			assert_in_range(strlen(f->next), 20, 300);
			text_safe_str(safe, sizeof(safe), f->cause);
			assert_string_equal(safe, f->cause);
		}
	}
}

/* The values that were seen stand in the sentence. */
static void causes_tell_what_was_seen(void **state)
{
	static const struct {
		const char *name, *part;
	} cases[] = {
		{ "modem-manager", "held by ModemManager (process 612)." },
		{ "modem-manager-2", "only it asks for, AT+GCAP." },
		{ "port-held", "open: minicom (process 612)." },
		{ "port-unusable", "there is no /dev/ttyUSB7;" },
		{ "link-lost-2", " of 15,000 bytes had been written" },
		{ "other-program", "such as +CREG: 0,1" },
		{ "line-noise", "that no module prints: " },
		{ "echo-broken", "for example AT0:" },
		{ "unknown-model", "model: M95." },
		{ "wrong-base-version", "run UG96LNAR02A06E1G, but this one runs UG96LNAR02A05E1G." },
		{ "wrong-model", "it is for UG95." },
		{ "already-done", "runs UG96LNAR02A08E1G already." },
		{ "package-altered", "manifest: ug96-06-08.bin." },
		{ "wrong-package", "END 507 (package version mismatch); no manifest" },
		{ "no-room", "+CME ERROR 423 (file too large)" },
		{ "sim-missing", "SIM not inserted." },
		{ "sim-locked", "SIM PIN." },
		{ "registration-denied", "(+CGREG: 0,3)" },
		{ "registration-lost", "(+CREG: 0), 17 s before it ended with HTTPEND 702 (time-out); its signal had been -95 dBm." },
		{ "context-inactive", "answered with ERROR." },
		{ "context-inactive-2", "+QIURC: \"pdpdeact\",1" },
		{ "weak-signal", "-105 dBm; it ended with HTTPEND 702 (time-out) after 7" },
		{ "slow-link", "HTTPEND 702 (time-out) after 13" },
		{ "dns-failed", "HTTPEND 714 (DNS error); this computer does not know it either: fota.example.invalid" },
		{ "server-private", "network: 192.168.1.20 is an address" },
		{ "server-unreachable", "nor could this computer, connecting to 203.0.113.7: Connection refused." },
		{ "server-redirect", "follow: http://203.0.113.8/files/ug96-06-08.bin." },
		{ "server-other-file", "manifest: the server's file has 20,007 bytes, the manifest says 20,003." },
		{ "com-form-unknown", "answered error 425, invalid parameter; no document" },
		{ "com-form-unknown-2", "it answered OK, but never that it waits" },
		{ "left-data-mode", "it said ERROR." },
		{ "supply-low", "3100 mV." },
		{ "low-voltage-restart", "at 45 %, with 3460 mV at its supply before the start; it had warned: UNDER_VOLTAGE WARNING:" },
		{ "power-cut-2", "at 45 %, and restarted:" },
		{ "flash-failed", "END 504 (upgrade failed), at 45 %." },
		{ "third-version", "runs UG96LNAR02A07E1G," },
		{ "another-module", "IMEI is 356895040000013." },
		{ "end-lost", "runs UG96LNAR02A08E1G:" },
		{ "impossible-percent", "lines with one: 3." },
		{ "long-silence", "for 130 s (at 37 %) while" },
		{ "still-installing", "at 100 %;" },
		{ "program-killed", "bytes); a later one continued with it." },
		{ "ended-early", "and may be switched off." },
		{ "code-only", "HTTPEND 703 (busy)" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct finding found[FINDINGS_MAX];
		char path[512];

		assert_in_range(diagnose_path(record_file(path, sizeof(path), cases[i].name), found), 1, FINDINGS_MAX);
		if (!strstr(found[0].cause, cases[i].part))
			fail_msg("%s: \"%s\" is not in: %s", cases[i].name, cases[i].part, found[0].cause);
	}
}

static bool golden_writes(void)
{
	const char *mode = getenv("DFOTA_GOLDEN");

	return mode && strcmp(mode, "write") == 0;
}

/* --- evidence --- */

/* TEXT without the line NUMBER. Returns the new size. */
static size_t without_line(char *text, size_t size, uint64_t number)
{
	char *from = text, *end;

	while (number-- > 0)
		from = (char *)memchr(from, '\n', (size_t)(text + size - from)) + 1;
	end = (char *)memchr(from, '\n', (size_t)(text + size - from)) + 1;
	memmove(from, end, (size_t)(text + size - end));
	return size - (size_t)(end - from);
}

/* When all its evidence is taken away a cause is not found. */
static void nothing_is_found_without_its_evidence(void **state)
{
	char text[RECORD_SIZE], path[128];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t size = rows[i].rule ? read_named(rows[i].name, text, sizeof(text)) : 0;
		int certainty = 100;

		while (size > 0) {
			struct finding found[FINDINGS_MAX];
			size_t count = diagnose_path(write_record(path, text, size), found);
			const struct finding *f = find_rule(found, count, rows[i].rule);

			if (!f)
				break;
			if (f->certainty > certainty)
				fail_msg("%s: %s is surer without a part of its evidence", rows[i].name, f->rule);
			certainty = f->certainty;
			assert_in_range(f->line_count, 1, FINDING_LINES);
			for (size_t k = f->line_count; k > 0; k--)
				size = without_line(text, size, f->lines[k - 1]);
		}
		if (rows[i].rule)
			assert_in_range(size, 1, sizeof(text) - 1);
	}
}

/* The certainty of RULE in the record NAME without the lines that hold one of
 * WITHOUT; 0: not found. */
static int certainty_without(const char *name, const char *rule, const char *without)
{
	char text[RECORD_SIZE], kept[RECORD_SIZE], path[128];
	size_t size = read_named(name, text, sizeof(text) - 1), used = 0;
	struct finding found[FINDINGS_MAX];
	const struct finding *f;

	text[size] = '\0';
	for (char *line = text, *next; *line; line = next) {
		next = strchr(line, '\n') + 1;
		if (without && memmem(line, (size_t)(next - line), without, strlen(without)))
			continue;
		memcpy(kept + used, line, (size_t)(next - line));
		used += (size_t)(next - line);
	}
	f = find_rule(found, diagnose_path(write_record(path, kept, used), found), rule);
	return f ? f->certainty : 0;
}

/* Two kinds of evidence make surer than one. */
static void more_evidence_makes_surer(void **state)
{
	static const struct {
		const char *name, *rule, *without;
		bool still;	/* found all the same */
	} cases[] = {
		{ "registration-lost", "registration-lost", "+CREG: 0\"", true },	/* +CGREG is left */
		{ "registration-lost", "registration-lost", "HTTPEND", true },
		{ "context-inactive-2", "context-inactive", "pdpdeact", true },
		{ "context-inactive-2", "context-inactive", "HTTPEND", true },
		{ "weak-signal", "weak-signal", "HTTPEND", false },
		{ "weak-signal", "weak-signal", "+CSQ", false },
		{ "dns-failed", "dns-failed", "no such host", true },
		{ "server-unreachable", "server-unreachable", "could not be asked", true },
		{ "wrong-package", "wrong-package", "manifest", true },
		{ "low-voltage-restart", "low-voltage-restart", "UNDER_VOLTAGE", true },
		{ "low-voltage-restart", "low-voltage-restart", "+CBC", true },
		{ "com-form-unknown", "com-form-unknown", "unverified", true },
		{ "urcs-elsewhere", "urcs-elsewhere", "ERROR", true },
		{ "end-lost", "end-lost", "AT+CGMR", true },	/* ATI tells it too */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		int with = certainty_without(cases[i].name, cases[i].rule, NULL);
		int less = certainty_without(cases[i].name, cases[i].rule, cases[i].without);
		bool same = strcmp(cases[i].without, "+CREG: 0\"") == 0 || strcmp(cases[i].rule, "end-lost") == 0;

		if (same ? less != with : less >= with || cases[i].still != (less > 0))
			fail_msg("%s: %s has %d with and %d without %s", cases[i].name, cases[i].rule,
				 with, less, cases[i].without);
	}
}

/* --- the cure fits the family --- */

/* The same run of a module of another family, one that has no way over the serial port. */
static void no_way_is_told_that_the_family_has_not(void **state)
{
	static const char ours[] = "\"profile\":\"ugxx\"", other[] = "\"profile\":\"bg96\"";
	size_t looked = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct finding found[FINDINGS_MAX];
		char text[RECORD_SIZE], path[128];
		size_t size = read_named(rows[i].name, text, sizeof(text) - 1), count;

		text[size] = '\0';
		for (char *at = text; (at = strstr(at, ours)); looked++)
			memcpy(at, other, sizeof(other) - 1);
		if (!strstr(text, other))	/* not known which it is */
			continue;
		count = diagnose_path(write_record(path, text, size), found);
		for (size_t k = 0; k < count; k++)
			if (strstr(found[k].next, "--relay") || strstr(found[k].next, "--com-command") || strstr(found[k].next, "over the serial port"))
				fail_msg("%s, %s: %s", rows[i].name, found[k].rule, found[k].next);
	}
	assert_true(looked > COUNT(rows) / 2);
}

/* --- which rule fires where --- */

/* A row: NAME and behind it the rules that fire, the surest first. */
static size_t matrix_row(char *out, size_t size, const char *name, const char *path)
{
	struct finding found[FINDINGS_MAX];
	size_t count = diagnose_path(path, found);
	size_t used = (size_t)snprintf(out, size, "%-24s", name);

	for (size_t k = 0; k < count; k++)
		used += (size_t)snprintf(out + used, size - used, "  %s %d", found[k].rule, found[k].certainty);
	used += (size_t)snprintf(out + used, size - used, "%s\n", count ? "" : "  -");
	assert_in_range(used, 1, size - 1);
	return used;
}

/* The records, then each code alone. */
static void matrix(char *out, size_t size)
{
	char path[512], name[64], text[2048];
	size_t used = 0;

	for (size_t i = 0; i < COUNT(rows); i++)
		used += matrix_row(out + used, size - used, rows[i].name, record_file(path, sizeof(path), rows[i].name));
	for (size_t i = 0; codes_row(i); i++) {
		if (code_record(i, name, sizeof(name), text, sizeof(text)))
			used += matrix_row(out + used, size - used, name, write_record(path, text, strlen(text)));
	}
}

static void rules_fire_where_they_should(void **state)
{
	char got[32768], want[32768], path[512];
	size_t size;
	FILE *f;

	(void)state;
	matrix(got, sizeof(got));
	source_path(path, sizeof(path), "tests/golden/diagnosis.txt");
	if (golden_writes()) {
		f = fopen(path, "wb");
		assert_non_null(f);
		fputs(got, f);
		assert_int_equal(fclose(f), 0);
	}
	f = fopen(path, "rb");
	if (!f)
		fail_msg("%s cannot be read", path);
	size = fread(want, 1, sizeof(want) - 1, f);
	want[size] = '\0';
	fclose(f);
	if (strcmp(got, want) != 0)
		print_error("%s has\n%s\nand not\n%s", path, want, got);
	assert_string_equal(got, want);
}

/* --- signs that no record of a run has --- */

/* Words are never looked at where there is an id. */
#define ENDED_BY(outcome, id, args) "{\"type\":\"result\",\"outcome\":\"" outcome "\",\"exit\":10,\"step\":\"transfer\"," \
	"\"message\":\"x\",\"id\":\"" id "\",\"args\":{" args "},\"t\":90}\n"
#define NOTICE(id, args) "{\"type\":\"notice\",\"severity\":\"warning\",\"text\":\"x\",\"id\":\"" id "\",\"args\":{" args "},\"t\":1}\n"
#define ARG(name, value) "\"" name "\":\"" value "\""
#define STOPPED(why) "{\"type\":\"result\",\"outcome\":\"" why "\",\"exit\":10,\"step\":\"transfer\",\"message\":\"m\",\"t\":90}\n"
#define BY_WIRE "{\"type\":\"header\",\"format\":1,\"program\":\"dfota 0.1.0\",\"job\":\"upgrade\"," \
	"\"port\":\"/dev/ttyUSB0\",\"baud\":115200,\"method\":\"push\"}\n"
#define PULLING LINE("tx", "AT+QFOTADL=\\\"http://203.0.113.7/p\\\"", "1") LINE("rx", "OK", "1.1") \
	"{\"type\":\"step\",\"step\":\"transfer\",\"state\":\"begin\",\"t\":1}\n"
#define ENDED(code) URC("+QIND: \\\"FOTA\\\",\\\"" code, "21") RESULT("unchanged", "")
#define WEAK(code) HEADER LINE("tx", "AT+CSQ", "0.1") LINE("rx", "+CSQ: 3,99", "0.2") LINE("rx", "OK", "0.2") PULLING ENDED(code)
#define PUSHED BY_WIRE "{\"type\":\"package\",\"name\":\"p\",\"size\":10,\"sha256\":\"\",\"escapes\":0,\"manifest\":false,\"model\":\"\"," \
	"\"from\":\"\",\"to\":\"B\",\"t\":0}\n" LINE("tx", "AT+QFOTADL=\\\"COM:\\\",10,60", "1") LINE("rx", "CONNECT", "1.1") \
	"{\"type\":\"data\",\"offset\":0,\"size\":10,\"sha256\":\"\",\"t\":2}\n"
#define HALF_PUSHED BY_WIRE "{\"type\":\"package\",\"name\":\"p\",\"size\":10,\"sha256\":\"\",\"escapes\":0,\"manifest\":false,\"model\":\"\"," \
	"\"from\":\"\",\"to\":\"B\",\"t\":0}\n" LINE("tx", "AT+QFOTADL=\\\"COM:\\\",10,60", "1") LINE("rx", "CONNECT", "1.1") \
	"{\"type\":\"data\",\"offset\":0,\"size\":5,\"sha256\":\"\",\"t\":2}\n"
#define REFUSED(code) BY_WIRE LINE("tx", "AT+QFOTADL=\\\"COM:\\\",10,60", "1") LINE("rx", "+CME ERROR: " code, "1.1") RESULT("unchanged", "")
#define ASKED(command, answer) LINE("tx", command, "0.1") LINE("rx", answer, "0.2") LINE("rx", "OK", "0.2")
#define INSTALLING "{\"type\":\"step\",\"step\":\"install\",\"state\":\"begin\",\"t\":30}\n" \
	URC("+QIND: \\\"FOTA\\\",\\\"UPDATING\\\",40", "31")
#define NOISY "{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"\\\\x00\",\"urc\":true,\"raw\":\"00\",\"t\":2}\n"
#define NOISE_AT(t) "{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"\\\\x00\",\"urc\":true,\"raw\":\"00\",\"t\":" t "}\n"
#define KNOWN "{\"type\":\"identity\",\"model\":\"UG96\",\"version\":\"A\",\"imei\":\"1\",\"port\":\"p\",\"t\":0}\n"
#define READ_AS(version) LINE("tx", "AT+CGMR", "80") LINE("rx", version, "81") LINE("rx", "OK", "82")
#define FOREIGN(text) HEADER LINE("tx", "AT+QFOTADL=?", "1") LINE("rx", "OK", "1.1") URC(text, "5") RESULT("unchanged", "")

static const struct {
	const char *text, *rule;
	int certainty;
} signs[] = {
	{ HEADER ENDED_BY("busy", "lock-file-nameless", ARG("port", "/dev/ttyS0")), "port-unusable", 90 },
	{ HEADER ENDED_BY("port", "port-permission-group", ARG("port", "/dev/ttyS0")), "port-unusable", 90 },
	/* what a file or a host is called is no evidence */
	{ HEADER ENDED_BY("package", "package-missing", ARG("path", "/x/ModemManager.bin")), "modem-manager", 0 },
	{ HEADER ENDED_BY("port", "port-missing", ARG("port", "/dev/ModemManager")), "modem-manager", 0 },
	{ HEADER ENDED_BY("busy", "port-held", ARG("program", "ModemManager")), "modem-manager", 90 },
	{ HEADER ENDED_BY("busy", "port-held", ARG("program", "minicom") "," ARG("port", "ModemManager")), "modem-manager", 0 },
	{ HEADER ENDED_BY("port", "port-is-other", ARG("port", "/dev/null")), "port-unusable", 90 },
	{ HEADER ENDED_BY("port", "port-no-hardware", ARG("port", "/dev/ttyS9")), "port-unusable", 90 },
	{ HEADER NOTICE("port-held-by-manager", ARG("program", "ModemManager")) RESULT("success", ""), "modem-manager", 90 },
	{ HEADER ENDED_BY("module", "other-imei", ARG("imei", "490154203237518")), "another-module", 90 },
	{ HEADER ENDED_BY("unknown", "another-module", ARG("imei", "490154203237526")), "another-module", 80 },
	/* it may be the upgraded one */
	{ HEADER ENDED_BY("unknown", "another-module-hidden", ARG("version", "B")), "imei-not-reported", 80 },
	{ HEADER ENDED_BY("unknown", "another-module-hidden", ARG("version", "B")), "another-module", 0 },
	{ HEADER ENDED_BY("package", "package-size-differs", ARG("package", "p")), "package-altered", 90 },
	{ HEADER ENDED_BY("package", "package-changed-read", ARG("package", "p")), "package-altered", 90 },
	{ HEADER ENDED_BY("package", "package-empty", ARG("path", "p")), "package-altered", 90 },
	{ HEADER ENDED_BY("network", "http-forbidden", ARG("host", "h")), "login-wrong", 0 },
	{ HEADER ENDED_BY("network", "http-forbidden", ARG("host", "h")), "access-denied", 75 },
	{ HEADER ENDED_BY("network", "ftp-login", ARG("host", "h")), "login-wrong", 75 },
	{ HEADER ENDED_BY("network", "host-login", ARG("host", "h")), "login-wrong", 75 },
	{ HEADER ENDED_BY("network", "http-gone", ARG("host", "h")), "file-missing", 80 },
	{ BY_WIRE ENDED_BY("unchanged", "gate-missing", ""), "com-form-unknown", 45 },
	{ BY_WIRE ENDED_BY("unchanged", "command-stalled", ""), "flow-control-stall", 75 },
	{ BY_WIRE ENDED_BY("cancelled", "declined", ""), "declined", 95 },
	{ PUSHED URC("+CME ERROR: 421", "9") RESULT("unchanged", ""), "bytes-lost", 65 },
	{ PUSHED NOTICE("flow-not-wired", "") URC("+CME ERROR: 421", "9") RESULT("unchanged", ""), "bytes-lost", 85 },
	{ PUSHED NOTICE("flow-refused", "") URC("+CME ERROR: 421", "9") RESULT("unchanged", ""), "bytes-lost", 85 },
	{ PUSHED ENDED("FILEEND\\\",500"), "bytes-lost", 65 },
	{ REFUSED("20"), "no-room", 75 },
	{ REFUSED("403"), "no-room", 75 },
	{ REFUSED("420"), "no-room", 75 },
	/* a code that says what is wrong is no other form of the command */
	{ REFUSED("407"), "com-form-unknown", 0 },
	{ REFUSED("407"), "code-only", 30 },
	{ REFUSED("13"), "com-form-unknown", 0 },
	{ REFUSED("4"), "com-form-unknown", 55 },
	{ REFUSED("425"), "com-form-unknown", 55 },
	{ REFUSED("9999"), "com-form-unknown", 55 },
	{ WEAK("FTPEND\\\",601"), "weak-signal", 70 },
	{ WEAK("FTPEND\\\",602"), "weak-signal", 70 },
	{ WEAK("FTPEND\\\",605"), "weak-signal", 70 },
	{ WEAK("FTPEND\\\",609"), "weak-signal", 80 },
	{ WEAK("FTPEND\\\",616"), "weak-signal", 70 },
	{ WEAK("FTPEND\\\",604"), "weak-signal", 0 },
	{ WEAK("HTTPEND\\\",701"), "weak-signal", 70 },
	{ WEAK("HTTPEND\\\",722"), "weak-signal", 80 },
	{ WEAK("HTTPEND\\\",728"), "weak-signal", 80 },
	{ WEAK("HTTPEND\\\",0"), "weak-signal", 0 },
	/* what speaks against a cause */
	{ HEADER NOTICE("server-has-file", ARG("size", "10")) PULLING ENDED("FTPEND\\\",625"), "server-refuses-module", 70 },
	{ HEADER NOTICE("server-has-file", ARG("size", "10")) PULLING ENDED("FTPEND\\\",625"), "login-wrong", 40 },
	{ HEADER NOTICE("server-hides-size", "") PULLING ENDED("HTTPEND\\\",404"), "server-refuses-module", 70 },
	{ HEADER NOTICE("address-private", ARG("address", "10.0.0.1")) PULLING ENDED("HTTPEND\\\",719"), "server-private", 25 },
	{ PUSHED ENDED("END\\\",507"), "bytes-lost", 0 },
	{ PUSHED ENDED("END\\\",506"), "bytes-lost", 30 },
	{ PUSHED URC("+QIND: \\\"FOTA\\\",\\\"FILEEND\\\",0", "9") ENDED("END\\\",506"), "bytes-lost", 10 },
	/* the same code early and late */
	{ PUSHED ENDED("END\\\",504"), "wrong-package", 75 },
	{ PUSHED INSTALLING ENDED("END\\\",504"), "wrong-package", 0 },
	{ PUSHED INSTALLING ENDED("END\\\",504"), "flash-failed", 50 },
	{ PUSHED INSTALLING ENDED("END\\\",520"), "flash-failed", 50 },
	{ PUSHED ENDED("END\\\",540"), "flash-failed", 0 },
	/* a number of the other table */
	{ HEADER PULLING ENDED("HTTPEND\\\",625"), "login-wrong", 60 },
	{ HEADER PULLING ENDED("FTPEND\\\",714"), "dns-failed", 60 },
	{ HEADER PULLING ENDED("HTTPEND\\\",608"), "connection-closed", 45 },
	/* where nothing was downloaded, or it was long over, it says nothing of one */
	{ PUSHED ENDED("END\\\",714"), "dns-failed", 0 },
	{ PUSHED ENDED("END\\\",714"), "code-only", 30 },
	{ PUSHED INSTALLING ENDED("END\\\",606"), "connection-closed", 0 },
	{ HEADER PULLING INSTALLING ENDED("END\\\",702"), "slow-link", 0 },
	/* the signal in every form, the worst of the failing step */
	{ HEADER ASKED("AT+CSQ", "+CSQ: 20,99") PULLING URC("+QIND: \\\"csq\\\",3,99", "5") ENDED("HTTPEND\\\",702"), "weak-signal", 80 },
	{ HEADER ASKED("AT+CSQ", "+CSQ: 20,99") PULLING URC("+CSQ: 2,99", "5") URC("+QIND: \\\"csq\\\",18,99", "6") ENDED("HTTPEND\\\",702"), "weak-signal", 80 },
	{ HEADER ASKED("AT+CSQ", "+CSQ: 3,99") PULLING URC("+QIND: \\\"csq\\\",20,99", "5") ENDED("HTTPEND\\\",702"), "weak-signal", 0 },
	/* restarts in each step, however many lines one shows */
	{ HEADER KNOWN PULLING URC("RDY", "5") URC("RDY", "6") ENDED("HTTPEND\\\",701"), "restarts", 35 },
	{ HEADER KNOWN PULLING URC("RDY", "2") URC("RDY", "20") ENDED("HTTPEND\\\",701"), "restarts", 60 },
	{ HEADER KNOWN URC("RDY", "2") URC("UNDER_VOLTAGE WARNING", "2") STOPPED("module"), "restarts", 65 },
	{ HEADER KNOWN URC("RDY", "2") URC("RDY", "20") STOPPED("module"), "restarts", 55 },
	{ HEADER KNOWN PULLING INSTALLING URC("RDY", "50") RESULT("success", ""), "restarts", 0 },
	/* our own lateness */
	{ PUSHED NOTICE("program-late", "\"seconds\":40") ENDED_BY("unchanged", "data-stalled", "\"limit\":10"), "program-late", 80 },
	{ PUSHED NOTICE("program-late", "\"seconds\":40") ENDED_BY("unchanged", "data-stalled", "\"limit\":10"), "flow-control-stall", 50 },
	{ HEADER NOTICE("program-late", "\"seconds\":9") ENDED_BY("module", "no-module", ""), "program-late", 75 },
	{ HEADER NOTICE("program-late", "\"seconds\":9") RESULT("success", ""), "program-late", 0 },
	/* a guess stays one; a hold that cleared up is none */
	{ HEADER ENDED_BY("busy", "port-held-unseen", ARG("port", "p")), "port-held-unseen", 60 },
	{ HEADER ENDED_BY("busy", "port-held-maybe-manager", ARG("port", "p")), "port-held", 0 },
	{ HEADER NOTICE("port-held", ARG("program", "minicom")) ASKED("AT", "OK") STOPPED("module"), "port-held", 0 },
	/* a figure that cannot be is not measured */
	{ HEADER ASKED("AT+CBC", "+CBC: 0,0,0") STOPPED("module"), "supply-low", 0 },
	{ HEADER ASKED("AT+CBC", "+CBC: 0,90,3100") STOPPED("module"), "supply-low", 95 },
	/* noise while the module restarts, and a line or two of a success */
	{ HEADER KNOWN PULLING INSTALLING URC("RDY", "50") NOISE_AT("52") RESULT("unchanged", ""), "line-noise", 0 },
	{ HEADER KNOWN PULLING NOISE_AT("5") RESULT("unchanged", ""), "line-noise", 35 },
	{ HEADER KNOWN PULLING NOISE_AT("5") NOISE_AT("6") RESULT("success", ""), "line-noise", 0 },
	/* what is left of a package comes back from a module that has left data mode, before and after it says so */
	{ HALF_PUSHED NOISE_AT("5") RESULT("unchanged", ""), "line-noise", 0 },
	{ HALF_PUSHED URC("OK", "4") NOISE_AT("5") NOISE_AT("6") RESULT("unchanged", ""), "line-noise", 0 },
	{ HALF_PUSHED URC("OK", "4") ASKED("AT", "OK") NOISE_AT("5") RESULT("unchanged", ""), "line-noise", 35 },
	{ PUSHED INSTALLING NOISE_AT("50") RESULT("unchanged", ""), "line-noise", 35 },
	{ HEADER PULLING ENDED("HTTPEND\\\",401"), "login-wrong", 60 },
	{ HEADER PULLING ENDED("HTTPEND\\\",403"), "file-missing", 60 },
	{ HEADER PULLING ENDED("HTTPEND\\\",404"), "file-missing", 60 },
	{ HEADER PULLING ENDED("HTTPEND\\\",420"), "tls", 60 },
	{ HEADER PULLING ENDED("HTTPEND\\\",503"), "server-busy", 60 },
	{ FOREIGN("+CSQ: 12,99"), "other-program", 45 },
	{ FOREIGN("+CGREG: 0,1"), "other-program", 45 },
	{ FOREIGN("+CGREG: 1"), "other-program", 0 },
	{ FOREIGN("+COPS: 0"), "other-program", 45 },
	{ FOREIGN("+CBC: 0,1,3800"), "other-program", 45 },
	{ FOREIGN("+CGDCONT: 1"), "other-program", 45 },
	{ FOREIGN("+CNMI: 0"), "other-program", 45 },
	{ FOREIGN("+CLCK: 0"), "other-program", 45 },
	{ FOREIGN("+CGATT: 1"), "other-program", 45 },
	{ FOREIGN("+QIACT: 1,1"), "other-program", 45 },
	{ FOREIGN("+QFOTADL: 1"), "other-program", 0 },
	{ FOREIGN("AT+COPS?"), "other-program", 55 },
	{ FOREIGN("AT+CGCLASS?"), "modem-manager", 70 },
	{ FOREIGN("+CGCLASS: \\\"A\\\""), "modem-manager", 80 },
	{ FOREIGN("+CRSM: 1"), "modem-manager", 80 },
	{ FOREIGN("+CSCS: 1"), "modem-manager", 80 },
	{ FOREIGN("+CPMS: 1"), "modem-manager", 80 },
	{ HEADER ASKED("AT+CBC", "+CBC: 0,70,3450") URC("UNDER_VOLTAGE WARNING", "1") ENDED_BY("gone", "port-vanished", ARG("port", "x")), "unplugged", 97 },
	{ HEADER ASKED("AT+CBC", "+CBC: 0,70,3450") ENDED_BY("gone", "port-vanished", ARG("port", "x")), "unplugged", 85 },
	{ HEADER ASKED("AT+CBC", "+CBC: 0,70,3550") ENDED_BY("gone", "port-vanished", ARG("port", "x")), "unplugged", 75 },
	{ PUSHED URC("UNDER_VOLTAGE WARNING", "3") NOTICE("port-gone-waiting", "") RESULT("unchanged", ""), "link-lost", 85 },
	{ HEADER NOISY URC("OK", "3") RESULT("unchanged", ""), "other-program", 15 },
	{ HEADER NOISY LINE("tx", "AT+CSQ", "3") LINE("rx", "AT+SQ", "3.1") RESULT("unchanged", ""), "line-noise", 50 },
	{ HEADER NOISY LINE("tx", "AT+CSQ", "3") LINE("rx", "AT+SQ", "3.1") RESULT("unchanged", ""), "echo-broken", 0 },
	{ HEADER LINE("tx", "AT+CSQ", "3") LINE("rx", "AATT++CCSSQQ", "3.1") RESULT("unchanged", ""), "echo-broken", 35 },
	{ HEADER LINE("tx", "AT+CSQ", "3") LINE("rx", "AT+C", "3.1") RESULT("unchanged", ""), "echo-broken", 0 },
	{ HEADER LINE("tx", "AT+CPIN?", "1") LINE("rx", "+CME ERROR: 13", "1") STOPPED("network"), "sim-missing", 90 },
	{ BY_WIRE LINE("tx", "AT+CPIN?", "1") LINE("rx", "+CME ERROR: 13", "1") STOPPED("network"), "sim-missing", 0 },
	{ HEADER ASKED("AT+CPIN?", "+CPIN: NOT READY") ASKED("AT+CPIN?", "+CPIN: READY") STOPPED("network"), "sim-missing", 0 },
	{ HEADER LINE("tx", "AT+CPIN?", "1") LINE("rx", "+CME ERROR: 12", "1") STOPPED("network"), "sim-locked", 90 },
	{ BY_WIRE LINE("tx", "AT+CPIN?", "1") LINE("rx", "+CME ERROR: 12", "1") STOPPED("network"), "sim-locked", 0 },
	{ BY_WIRE ASKED("AT+CGREG?", "+CGREG: 0,3") STOPPED("network"), "registration-denied", 0 },
	{ BY_WIRE ASKED("AT+CGREG?", "+CGREG: 0,2") STOPPED("network"), "not-registered", 0 },
	{ HEADER ASKED("AT+CGREG?", "+CGREG: 0,2") ASKED("AT+CGREG?", "+CGREG: 0,5") STOPPED("network"), "not-registered", 0 },
	{ HEADER PULLING URC("+CREG: 0", "9") ENDED_BY("unknown", "download-not-over", ""), "registration-lost", 70 },
	{ HEADER PULLING URC("+CREG: 0", "9") URC("+CREG: 1", "10") ENDED("HTTPEND\\\",702"), "registration-lost", 65 },
	{ HEADER PULLING URC("+CREG: 0", "9") URC("+QIND: \\\"FOTA\\\",\\\"HTTPEND\\\",0", "10") ENDED("END\\\",504"), "registration-lost", 0 },
	{ HEADER PULLING URC("+CGEV: NW DEACT \\\"IP\\\"", "9") ENDED("HTTPEND\\\",702"), "context-inactive", 75 },
	{ HEADER PULLING URC("+CREG: 0", "9") URC("+CGEV: NW DETACH", "9") ENDED("HTTPEND\\\",702"), "context-inactive", 55 },
	{ HEADER PULLING URC("+CGEV: ME DETACH", "9") URC("+QIND: \\\"FOTA\\\",\\\"HTTPEND\\\",0", "10") ENDED("END\\\",504"), "context-inactive", 0 },
	{ HEADER ASKED("AT+CSQ", "+CSQ: 3,99") PULLING ENDED_BY("unknown", "download-not-over", ""), "weak-signal", 55 },
	{ HEADER ASKED("AT+CSQ", "+CSQ: 99,99") PULLING ENDED("HTTPEND\\\",702"), "weak-signal", 0 },
	{ HEADER ASKED("AT+CSQ", "+CSQ: 7,99") PULLING ENDED("HTTPEND\\\",702"), "weak-signal", 0 },
	{ HEADER ASKED("AT+CSQ", "+CSQ: 3,99") PULLING URC("+QIND: \\\"FOTA\\\",\\\"HTTPEND\\\",0", "10") INSTALLING
	  ENDED_BY("unknown", "installation-not-over", ""), "weak-signal", 0 },
	{ HEADER PULLING URC("+CREG: 0", "9") ENDED("HTTPEND\\\",719"), "connection-closed", 30 },
	{ HEADER PULLING URC("+CGEV: NW DETACH", "9") ENDED("HTTPEND\\\",719"), "connection-closed", 30 },
	{ PUSHED NOISY ENDED("END\\\",505"), "wrong-package", 65 },
	{ PUSHED NOISY ENDED("END\\\",505"), "bytes-lost", 45 },
	{ PUSHED URC("+CME ERROR: 421", "3") ENDED_BY("unchanged", "data-left", ARG("answer", "+CME ERROR: 421")), "left-data-mode", 75 },
	{ HEADER ASKED("AT+CBC", "+CBC: 0,70,3450") PULLING INSTALLING ENDED("END\\\",504"), "flash-failed", 60 },
	{ HEADER PULLING URC("+QIND: \\\"FOTA\\\",\\\"HTTPEND\\\",0", "10") RESULT("unchanged", ""), "installation-not-begun", 40 },
	{ HEADER PULLING INSTALLING URC("+QIND: \\\"FOTA\\\",\\\"END\\\",504", "50") ENDED_BY("device-failed", "no-answer-again", ""), "not-back", 65 },
	{ HEADER NOTICE("urcs-elsewhere", "") PULLING ENDED("HTTPEND\\\",702"), "urcs-elsewhere", 0 },
	{ HEADER NOTICE("urcs-elsewhere", "") RESULT("unchanged", ""), "urcs-elsewhere", 0 },
	{ HEADER NOTICE("urcs-off", "") PULLING ENDED("HTTPEND\\\",702"), "urcs-off", 0 },
	{ HEADER NOTICE("urcs-off", "") RESULT("unchanged", ""), "urcs-off", 0 },
	{ HEADER PULLING INSTALLING URC("RDY", "200") URC("+QIND: \\\"FOTA\\\",\\\"UPDATING\\\",60", "201") RESULT("success", ""), "long-silence", 0 },
	{ HEADER PULLING INSTALLING URC("RDY", "200") URC("+QIND: \\\"FOTA\\\",\\\"UPDATING\\\",60", "201") RESULT("success", ""), "power-cut", 45 },
	{ HEADER PULLING INSTALLING URC("RDY", "200") RESULT("success", ""), "long-silence", 35 },
	{ HEADER PULLING INSTALLING URC("RDY", "200") RESULT("success", ""), "power-cut", 0 },
	{ HEADER PULLING INSTALLING URC("+CGEV: NW DETACH", "32") ENDED("END\\\",504"), "context-inactive", 0 },
	{ HEADER URC("+CGEV: NW DETACH", "0.5") PULLING ENDED("END\\\",504"), "context-inactive", 0 },
	{ HEADER ASKED("AT+QIACT?", "+QIACT: 1,1,1") PULLING ENDED("HTTPEND\\\",707"), "context-inactive", 55 },
	{ HEADER ASKED("AT+QIACT?", "+QIACT: 1,0,1") PULLING ENDED("HTTPEND\\\",707"), "context-inactive", 65 },
	{ HEADER ASKED("AT+QIACT?", "+QIACT: 2,1,1") PULLING ENDED("HTTPEND\\\",707"), "context-inactive", 65 },
	{ HEADER "{\"type\":\"package\",\"name\":\"p\",\"size\":10,\"sha256\":\"\",\"escapes\":0,\"manifest\":true,\"model\":\"UG96\",\"from\":\"A\",\"to\":\"B\",\"t\":0}\n"
	  "{\"type\":\"identity\",\"model\":\"UG96\",\"version\":\"C\",\"imei\":\"1\",\"port\":\"p\",\"t\":1}\n" PULLING ENDED("END\\\",505"), "wrong-package", 50 },
	{ HEADER "{\"type\":\"package\",\"name\":\"p\",\"size\":10,\"sha256\":\"\",\"escapes\":0,\"manifest\":true,\"model\":\"UG96\",\"from\":\"A\",\"to\":\"B\",\"t\":0}\n"
	  "{\"type\":\"identity\",\"model\":\"UG96\",\"version\":\"A\",\"imei\":\"1\",\"port\":\"p\",\"t\":1}\n" PULLING ENDED("END\\\",505"), "wrong-package", 35 },
	{ HEADER PULLING INSTALLING READ_AS("B") RESULT("success", "\"from\":\"A\",\"to\":\"B\","), "end-lost", 70 },
	{ HEADER PULLING INSTALLING READ_AS("B") RESULT("unchanged", "\"from\":\"A\",\"to\":\"B\","), "end-lost", 0 },
};

/* What each of them is worth to which rule. */
static void each_sign_counts(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(signs); i++) {
		struct finding found[FINDINGS_MAX];
		size_t count = diagnose_text(signs[i].text, found);
		const struct finding *f = find_rule(found, count, signs[i].rule);

		if ((f ? f->certainty : 0) == signs[i].certainty)
			continue;
		print_findings(signs[i].text, found, count);
		fail_msg("%s: not %d %%", signs[i].rule, signs[i].certainty);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_record_is_explained_by_its_rule),
		cmocka_unit_test(nothing_is_found_in_a_plain_success),
		cmocka_unit_test(every_rule_has_two_records),
		cmocka_unit_test(the_screen_has_words_of_its_own),
		cmocka_unit_test(every_record_has_a_row),
		cmocka_unit_test(findings_can_be_read),
		cmocka_unit_test(causes_tell_what_was_seen),
		cmocka_unit_test(nothing_is_found_without_its_evidence),
		cmocka_unit_test(more_evidence_makes_surer),
		cmocka_unit_test(no_way_is_told_that_the_family_has_not),
		cmocka_unit_test(rules_fire_where_they_should),
		cmocka_unit_test(each_sign_counts),
	};

	return cmocka_run_group_tests_name("diagnose", tests, make_scratch, remove_scratch);
}

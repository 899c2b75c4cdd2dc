/*
 * Every file of tests/scenarios, by push and by pull: how the upgrade must
 * end is a table, and how it ended must be the truth. One test a file and way.
 */
#include "config.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "upgrade_fixture.h"

#include "base/count.h"
#include "words.h"

/* Bytes in a millisecond: 115200 baud; a USB port. */
#define UART 12
#define USB 1200
/* No run takes longer: what is left of a preflight, and the watch (design 5). */
#define LONGEST_MS (2700 * INT64_C(1000) + 60000)

/* END: the name of the outcome, or of the error that stopped it before the
 * gate. SAYS stands in the message, the code's meaning, the advice or a notice. */
struct end {
	const char *end, *says;
};
#define BOTH(end, says) {end, says}, {end, says}
/* Not run this way: nothing of the file would happen. */
#define NEVER {NULL, NULL}

static const struct row {
	const char *file;
	struct end push, pull;
	int speed;
} rows[] = {
	{"a13-unplugged-in-preflight", BOTH("gone", "vanished"), UART},
	{"a14-unplugged-while-sending", {"unchanged", "has gone"}, NEVER, UART},
	{"a15-unplugged-while-flashing", {"success", "waiting for the module to come back"}, {"success", "the port is back"}, UART},
	{"a18-stops-reading", {"unknown", "flow control"}, NEVER, UART},
	{"a20-another-module-returns", {"unknown", "IMEI 356895040000013"}, {"unknown", "has the IMEI 490154203237518"}, UART},
	{"a23-another-rate", BOTH("success", "at 9600 baud"), UART},
	{"a23-nothing-but-noise", BOTH("module", "noise on the line"), UART},
	{"a24-noise-both-ways", {"unchanged", "505"}, {"success", NULL}, UART},
	{"a24-noise-double", {"unchanged", "505"}, NEVER, UART},
	{"a24-noise-drop", {"unchanged", "time-out"}, NEVER, UART},
	{"a24-noise-flip", {"unchanged", "505"}, NEVER, UART},
	{"a25-breaks-and-marks", BOTH("success", "3814 mV"), UART},
	{"a26-foreign-answers", BOTH("success", NULL), UART},
	{"a29-back-at-the-stored-rate", BOTH("success", NULL), UART},
	/* 1 MiB takes 91 s at 115200 baud: no answer in time, which only a pull needs */
	{"b01-endless-line", {"success", "does not report its supply"}, {"network", "registered for data"}, UART},
	{"b01-endless-line", BOTH("success", "too long"), USB},
	/* the restart of the module ends the flood */
	{"b02-flood", BOTH("success", NULL), UART},
	{"b02-flood", BOTH("success", NULL), USB},
	{"b03-nuls", BOTH("success", NULL), UART},
	{"b04-lines-end-in-cr-only", {"success", "3814 mV"}, {"success", NULL}, UART},
	{"b04-lines-end-in-crcrlf", {"success", "3814 mV"}, {"success", NULL}, UART},
	{"b04-lines-end-in-lf-only", {"success", "3814 mV"}, {"success", NULL}, UART},
	{"b04-lines-end-in-lfcr", {"success", "3814 mV"}, {"success", NULL}, UART},
	{"b04-no-line-end", BOTH("success", "supply voltage was not measured"), UART},
	{"b05-byte-by-byte", BOTH("success", NULL), UART},
	{"b06-echo-double", BOTH("success", NULL), UART},
	{"b06-echo-partial", BOTH("success", "3814 mV"), UART},
	{"b06-echo-returns", BOTH("success", "3814 mV"), UART},
	{"b06-echo-stuck", BOTH("success", "3814 mV"), UART},
	{"b08-stray-ok-while-sending", {"unchanged", "stopped taking data: OK"}, NEVER, UART},
	{"b08-stray-results", {"success", "3814 mV"}, {"success", "signal -61 dBm"}, UART},
	{"b11-cme-400-digits", BOTH("unchanged", "refused: error 9999999"), UART},
	{"b11-cme-empty", BOTH("unchanged", "refused: ERROR"), UART},
	{"b11-cme-hex", BOTH("unchanged", "error 0x1f"), UART},
	{"b11-cme-huge", BOTH("unchanged", "error 4294967296"), UART},
	{"b11-cme-negative", BOTH("unchanged", "error -1"), UART},
	{"b11-cme-text", BOTH("unchanged", "error not in this mood"), UART},
	{"b12-impossible-percents", BOTH("success", "impossible percent"), UART},
	/* the module never ends what it began: nobody may ask it */
	{"b13-percents-jump", BOTH("unknown", "before the installation finished"), UART},
	{"b14-unknown-urcs", BOTH("success", NULL), UART},
	{"b16-control-sequences", {"success", "3814 mV"}, {"success", NULL}, UART},
	{"b17-unicode-traps", {"success", "3814 mV"}, {"success", NULL}, UART},
	{"b18-format-directives", {"success", "3814 mV"}, {"success", NULL}, UART},
	/* ATI says the same in few words */
	{"b19-version-64k", BOTH("success", NULL), UART},
	{"b19-version-is-a-path", {"package", "this one runs ../../../../etc/passwd"}, {"package", NULL}, UART},
	{"b21-boots-in-preflight", BOTH("success", NULL), UART},
	{"b23-no-network", {"success", "does not need it"}, {"network", "not registered"}, UART},
	{"b23-no-sim", {"success", "does not need it"}, {"network", "SIM not inserted"}, UART},
	{"b23-sim-pin", {"success", "does not need it"}, {"network", "SIM PIN"}, UART},
	/* nothing asks for the access point: the file is for what a person types */
	{"b24-secret-apn", BOTH("success", NULL), UART},
	{"b24-secret-echoed-in-pieces", BOTH("success", NULL), UART},
	{"b24-secret-echoed", BOTH("success", NULL), UART},
	{"c01-another-model", BOTH("module", "M95"), UART},
	{"c01-no-dfota", BOTH("module", "no DFOTA"), UART},
	{"c02-another-base-version", {"package", FROM ", this one runs UG96LNAR02A05E1G"}, {"package", "UG96LNAR02A05E1G"}, UART},
	{"c03-already-at-target", BOTH("package", "nothing to do"), UART},
	/* UGxx does not report how much room it has for a package it is streamed */
	{"c04-no-room", {"unchanged", "file too large"}, NEVER, UART},
	{"c06-bare-ok", {"unchanged", "OK but not CONNECT"}, {"unchanged", "no start of the installation was seen"}, UART},
	{"c06-connect-after-60s", {"unchanged", "did not say CONNECT"}, {"success", "it may have begun all the same"}, UART},
	{"c06-error", BOTH("unchanged", "refused"), UART},
	{"c06-silence", {"unchanged", "did not say CONNECT"}, {"unchanged", "no start of the installation was seen"}, UART},
	/* acknowledgements and checksums are of AT+QFUPL, which no UGxx upgrade needs */
	{"c07-ack-missing", {"success", NULL}, NEVER, UART},
	{"c08-ack-wrong", {"success", NULL}, NEVER, UART},
	{"c10-ends-data-mode-early", {"unchanged", "stopped taking data: OK"}, NEVER, UART},
	{"c10-leaves-data-mode", {"unchanged", "stopped taking data: ERROR"}, NEVER, UART},
	{"c11-checksum-differs", {"unchanged", "no start of the installation was seen"}, NEVER, UART},
	{"c15-refused-with-cme", BOTH("unchanged", "file too large"), UART},
	{"c16-late-start", BOTH("success", "nothing from the module for 60 s"), UART},
	{"c16-no-source-start", NEVER, {"unchanged", "no start of the installation was seen"}, UART},
	{"c16-no-start", BOTH("unchanged", "no start of the installation was seen"), UART},
	{"c17-source-code", NEVER, {"unchanged", "code 701"}, UART},
	{"c18-end-code", BOTH("unchanged", "code 504 (upgrade failed)"), UART},
	{"c19-end-zero-without-effect", BOTH("unchanged", "without effect"), UART},
	{"c22-torn-lines", BOTH("success", NULL), UART},
	{"c23-stalls-at-37", BOTH("success", "nothing from the module for 120 s"), UART},
	{"c24-power-cut-at-45", BOTH("success", NULL), UART},
	{"c24-power-cut-at-end", BOTH("success", NULL), UART},
	{"c24-power-cut-at-start", BOTH("success", NULL), UART},
	{"c24-power-cut-without-resume", BOTH("unchanged", "no end of the installation was seen"), UART},
	{"c25-restore-lines", BOTH("success", NULL), UART},
	{"c26-never-returns", {"unknown", "dfota probe -p"}, {"unknown", "did not answer again"}, UART},
	{"c26-returns-after-15-s", BOTH("success", NULL), UART},
	{"c26-returns-after-20-min", {"unknown", "dfota probe -p"}, {"unknown", "did not answer again"}, UART},
	{"c26-returns-after-3-min", BOTH("success", NULL), UART},
	{"c27-factory-imei", {"unknown", "IMEI 004999010640000"}, {"unknown", "has the IMEI 490154203237518"}, UART},
	{"c27-no-imei", {"unknown", "does not report its IMEI"}, {"unknown", "has the IMEI 490154203237518"}, UART},
	{"c27-third-version", {"device-failed", "runs UG96LNAR02A07E1G, neither"}, {"device-failed", "neither"}, UART},
	{"c30-low-voltage", BOTH("module", "3100 mV, at least 3400 mV"), UART},
	{"c34-state-urcs-off-for-ever", BOTH("success", "progress may not be available"), UART},
	{"c34-state-urcs-off", BOTH("success", "switched off"), UART},
	{"c34-urcs-elsewhere-for-ever", BOTH("success", "progress is not available"), UART},
	{"c34-urcs-elsewhere", BOTH("success", "to another port"), UART},
	{"c35-file-form", {"unchanged", "refused"}, NEVER, UART},
	{"c35-form-refused-with-cme", {"unchanged", "invalid parameter"}, NEVER, UART},
	{"c35-size-in-the-string", {"unchanged", "refused"}, NEVER, UART},
	{"c36-reads-on-later", {"unchanged", "taken no data for 10 s"}, NEVER, UART},
	{"c37-ends-twice", BOTH("success", "with code 504"), UART},
	{"c44-gone-while-sending", {"unknown", "before all of the package was sent"}, NEVER, UART},
	{"x-deaf-in-data-mode", {"unchanged", "waiting in silence"}, NEVER, UART},
	{"x-end-lost", BOTH("success", NULL), UART},
	{"x-port-dies-before-start", BOTH("success", NULL), UART},
	{"x-start-long-after-return", NEVER, {"success", NULL}, UART},
	{"x-start-lost", BOTH("success", NULL), UART},
};

struct scenario {
	struct files *files;
	const struct row *row;
	bool pull;
	char name[80];
};

static const char *directory(char *out, size_t size)
{
	const char *srcdir = getenv("srcdir");

	snprintf(out, size, "%s/tests/scenarios", srcdir ? srcdir : ".");
	return out;
}

/* The text of a file on a line of SPEED bytes in a millisecond. */
static void load(char *text, size_t size, const char *name, int speed)
{
	char dir[512], path[640];
	size_t used = (size_t)snprintf(text, size, "set chunk %d\n", speed);
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s.at", directory(dir, sizeof(dir)), name);
	f = fopen(path, "rb");
	if (!f)
		fail_msg("%s is in the table and cannot be read", path);
	used += fread(text + used, 1, size - used, f);
	assert_in_range(used, 1, size - 1);
	assert_int_equal(fclose(f), 0);
	text[used] = '\0';
}

static const char *ending(const struct result *result)
{
	return result->outcome == OUTCOME_STOPPED ? err_info(result->stop)->name :
		outcome_info(result->outcome)->name;
}

static bool says(const struct run *r, const char *text)
{
	return !text || strstr(message_words(&r->result.what), text) || strstr(r->result.code.meaning, text) ||
		strstr(r->result.advice, text) || strstr(r->notices, text);
}

/* Nothing that a terminal would obey, and no secret (faults.md B16, B24). */
static void expect_clean(const char *text)
{
	assert_null(strstr(text, FTP_PASSWORD));
	for (const unsigned char *c = (const unsigned char *)text; *c; c++)
		if ((*c < 0x20 && *c != '\n') || *c == 0x7f || (*c == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0))
			fail_msg("control byte 0x%02x: %.80s", *c, (const char *)c);
}

static void print_run(const struct run *r)
{
	print_error("%s: %s\nviolations: %u %s\nruns %s after %lld ms; AT+QFOTADL sent %u times\n%s%s",
		    ending(&r->result), message_words(&r->result.what), r->violations, r->violation, r->version,
		    (long long)r->took_ms, r->qfotadl, r->notices, r->lines);
}

static void run_scenario(void **state)
{
	const struct scenario *s = *state;
	const struct end *wanted = s->pull ? &s->row->pull : &s->row->push;
	void *files = s->files;
	char text[16384];
	struct run r;

	run_init(&r, &files);
	if (s->pull)
		run_pull_with_login(&r);
	else
		run_push(&r);
	load(text, sizeof(text), s->row->file, s->row->speed);
	r.config.sim.scenario_text = text;
	run_go(&r);
	if (strcmp(ending(&r.result), wanted->end) != 0 || !says(&r, wanted->says) || r.violations)
		print_run(&r);
	assert_string_equal(ending(&r.result), wanted->end);
	assert_true(says(&r, wanted->says));
	assert_int_equal(r.violations, 0);
	run_expect_truth(&r);
	if (r.result.outcome == OUTCOME_STOPPED)
		assert_int_equal(r.qfotadl, 0);
	assert_in_range(r.took_ms, 0, LONGEST_MS);
	expect_clean(r.lines);
	expect_clean(r.notices);
	expect_clean(message_words(&r.result.what));
}

static void every_file_has_a_row(void **state)
{
	char dir[512];
	DIR *d = opendir(directory(dir, sizeof(dir)));
	struct dirent *entry;

	(void)state;
	if (!d)
		fail_msg("%s cannot be read", dir);
	while ((entry = readdir(d))) {
		size_t size = strlen(entry->d_name), i = 0;

		if (entry->d_name[0] == '.' || strcmp(entry->d_name, "families") == 0)
			continue;	/* those are test_families' */
		while (i < COUNT(rows) && (strncmp(entry->d_name, rows[i].file, size - 3) != 0 ||
					   strlen(rows[i].file) != size - 3))
			i++;
		if (i == COUNT(rows))
			fail_msg("%s has no row in the table", entry->d_name);
	}
	closedir(d);
}

static struct CMUnitTest test_of(struct scenario *s, const struct row *row, bool pull, void *files)
{
	*s = (struct scenario){.files = files, .row = row, .pull = pull};
	snprintf(s->name, sizeof(s->name), "%s by %s%s", row->file, pull ? "pull" : "push",
		 row->speed == USB ? " over USB" : "");
	return (struct CMUnitTest){.name = s->name, .test_func = run_scenario, .initial_state = s};
}

int main(void)
{
	struct CMUnitTest tests[2 * COUNT(rows) + 1] = {cmocka_unit_test(every_file_has_a_row)};
	struct scenario scenarios[2 * COUNT(rows)];
	size_t count = 1;
	void *files;
	int failed;

	files_make(&files);
	for (size_t i = 0; i < COUNT(rows); i++)
		for (int pull = 0; pull < 2; pull++)
			if (pull ? rows[i].pull.end : rows[i].push.end) {
				tests[count] = test_of(&scenarios[count - 1], &rows[i], pull, files);
				count++;
			}
	/* how many there are is known only now: the macro wants an array */
	failed = _cmocka_run_group_tests("scenarios", tests, count, NULL, NULL);
	files_remove(&files);
	return failed;
}

/*
 * The support bundle: golden files, nothing of a person left where that was
 * asked for, and nothing in a record that becomes markup.
 */
#include "config.h"

#include <ctype.h>
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/count.h"
#include "record/reader.h"
#include "report/report.h"
#include "sentences.h"
#include "skip.h"
#include "words.h"

#define FILE_MAX 131072
/* A report is something to send in a message. */
#define REPORT_MAX (64 * 1024)
#define HEADER "{\"type\":\"header\",\"format\":1,\"program\":\"dfota 0.1.0\",\"method\":\"push\"}\n"

/* A directory that is the current one: a report names its record as it was
 * named. */
struct place {
	char dir[128], back[512], golden[640];
};

static int enter(void **state)
{
	struct place *p = calloc(1, sizeof(*p));
	const char *tmp = getenv("TMPDIR"), *srcdir = getenv("srcdir");

	assert_non_null(p);
	assert_non_null(getcwd(p->back, sizeof(p->back)));
	if (srcdir && srcdir[0] == '/')
		snprintf(p->golden, sizeof(p->golden), "%s/tests/golden", srcdir);
	else
		snprintf(p->golden, sizeof(p->golden), "%s/%s/tests/golden", p->back, srcdir ? srcdir : ".");
	snprintf(p->dir, sizeof(p->dir), "%s/dfota-report.XXXXXX", tmp ? tmp : "/tmp");
	assert_non_null(mkdtemp(p->dir));
	assert_int_equal(chdir(p->dir), 0);
	*state = p;
	return 0;
}

static int leave(void **state)
{
	struct place *p = *state;

	unlink("session.jsonl");
	assert_int_equal(chdir(p->back), 0);
	assert_int_equal(rmdir(p->dir), 0);
	free(p);
	return 0;
}

static size_t read_file(char *out, size_t size, const char *path)
{
	FILE *f = fopen(path, "rb");
	size_t used;

	if (!f)
		fail_msg("%s cannot be read", path);
	used = fread(out, 1, size - 1, f);
	assert_int_equal(fclose(f), 0);
	out[used] = '\0';
	return used;
}

static void write_file(const char *path, const void *bytes, size_t size)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, size, f), size);
	assert_int_equal(fclose(f), 0);
}

/* The report on session.jsonl; NULL when that is no record. */
static char *report(bool anonymize)
{
	char *text = NULL;
	size_t size;
	FILE *f;
	struct err e;
	struct record *r = record_open("session.jsonl", &e);

	if (!r)
		return NULL;
	f = open_memstream(&text, &size);
	assert_non_null(f);
	if (report_write(f, r, anonymize, &e) < 0)
		fail_msg("%s", err_words(&e));
	record_free(r);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(strlen(text), size);
	return text;
}

static char *report_of(const char *lines, bool anonymize)
{
	char *text;

	write_file("session.jsonl", lines, strlen(lines));
	text = report(anonymize);
	assert_non_null(text);
	return text;
}

/* --- what a reader of Markdown may take for markup */

static size_t run_of(const char *p)
{
	return strspn(p, "`");
}

/* Behind the code span at P; NULL when nothing closes it. */
static const char *skip_code(const char *p)
{
	size_t run = run_of(p);

	for (p += run; *p; p += run_of(p) ? run_of(p) : 1)
		if (run_of(p) == run)
			return p + run;
	return NULL;
}

static void expect_no_markup(const char *line)
{
	static const char *const never[] = { "<", "&", "[", "]", "@", "://", "www.", "~", "\\", "!" };
	char text[8192];
	size_t used = 0;

	for (const char *p = line; *p;) {
		if (*p != '`') {
			text[used++] = *p++;
			continue;
		}
		p = skip_code(p);
		if (!p)
			fail_msg("code that is not closed: %s", line);
	}
	text[used] = '\0';
	for (size_t i = 0; i < COUNT(never); i++)
		if (strstr(text, never[i]))
			fail_msg("\"%s\" outside of code: %s", never[i], line);
	/* a table has two columns */
	if (text[0] == '|') {
		int bars = 0;

		for (const char *p = line; *p; p++)
			bars += *p == '|' && (p == line || p[-1] != '\\');
		if (bars != 3)
			fail_msg("a row of %d bars: %s", bars, line);
	}
}

static void expect_safe(const char *text)
{
	char *copy = strdup(text), *next = copy, *line;
	size_t fence = 0;

	assert_non_null(copy);
	assert_in_range(strlen(text), 100, REPORT_MAX);
	for (const unsigned char *c = (const unsigned char *)text; *c; c++)
		if ((*c < 0x20 && *c != '\n') || *c == 0x7f || (*c == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0))
			fail_msg("control byte 0x%02x: %.80s", *c, (const char *)c);
	while ((line = strsep(&next, "\n"))) {
		size_t run = run_of(line);

		for (const char *c = line; fence && !(run >= fence && !line[run]) && *c; c += run_of(c) ? run_of(c) : 1)
			assert_in_range(run_of(c), 0, fence - 1);
		if (!fence && run >= 3 && !strcmp(line + run, "text"))
			fence = run;
		else if (fence && run >= fence && !line[run])
			fence = 0;
		else if (!fence)
			expect_no_markup(line);
	}
	assert_int_equal(fence, 0);
	free(copy);
}

/* --- golden files */

static void tell_difference(const char *want, const char *got)
{
	int number = 1;

	while (*want && *want == *got) {
		number += *want == '\n';
		want++;
		got++;
	}
	print_error("line %d: wanted %.120s\n\ngot %.120s\n", number, want, got);
}

static void expect_golden(const struct place *p, const char *record, bool anonymize, const char *golden)
{
	static char bytes[FILE_MAX], want[FILE_MAX];
	const char *mode = getenv("DFOTA_GOLDEN");
	char path[768], *got;

	snprintf(path, sizeof(path), "%s/%s", p->golden, record);
	write_file("session.jsonl", bytes, read_file(bytes, sizeof(bytes), path));
	got = report(anonymize);
	assert_non_null(got);
	expect_safe(got);
	snprintf(path, sizeof(path), "%s/%s", p->golden, golden);
	if (mode && !strcmp(mode, "write"))
		write_file(path, got, strlen(got));
	read_file(want, sizeof(want), path);
	if (strcmp(want, got) != 0) {
		tell_difference(want, got);
		fail_msg("the report is not %s (DFOTA_GOLDEN=write makes it so)", path);
	}
	free(got);
}

static void golden_reports(void **state)
{
	expect_golden(*state, "report-http.jsonl", false, "report-http.md");
	expect_golden(*state, "report-504.jsonl", false, "report-504.md");
	expect_golden(*state, "report-resumed.jsonl", false, "report-resumed.md");
	expect_golden(*state, "report-names.jsonl", true, "report-names.md");
}

static void a_report_is_the_same_every_time(void **state)
{
	static char bytes[FILE_MAX];
	const struct place *p = *state;
	char path[768], *first, *second;

	snprintf(path, sizeof(path), "%s/report-names.jsonl", p->golden);
	write_file("session.jsonl", bytes, read_file(bytes, sizeof(bytes), path));
	first = report(true);
	assert_int_equal(setenv("TZ", "Asia/Tokyo", 1), 0);
	second = report(true);
	assert_string_equal(first, second);
	free(first);
	free(second);
}

/* --- anonymized */

static void expect_absent(const char *text, const char *what)
{
	const char *at = strstr(text, what);

	if (at)
		fail_msg("\"%s\" is left: %.100s", what, at - (at - text > 40 ? 40 : at - text));
}

static void nothing_of_a_person_is_left(void **state)
{
	static const char *const names[] = {
		"490154203237518", "3237518", "356895040000013", "0000013", "262011234567890",
		"8949020000012345678", "4915112345678", "15112345678", "491710760000", "10.34.56.78",
		"254.128", "2001:db8", "192.168.77", "198.51.100", "02:1a:2b", "rolf", "rmueller",
		"example.com", "example.org", "0123456789AB", "geheim",
	};
	static const char *const stay[] = {
		"49015420-imei-1", "35689504-imei-2", "UG96LNAR02A06E1G", "\"26201\"", "END\",504", "host-1",
		"9d5bcf149082170e054d626eef7a23162fa9e815a947cc044ecc272390425e52", "/home/user-1/",
	};
	static char bytes[FILE_MAX];
	const struct place *p = *state;
	char path[768], *text;

	snprintf(path, sizeof(path), "%s/report-names.jsonl", p->golden);
	write_file("session.jsonl", bytes, read_file(bytes, sizeof(bytes), path));
	text = report(true);
	for (size_t i = 0; i < COUNT(names); i++) {
		/* what is looked for is there at all */
		assert_non_null(strstr(bytes, names[i]));
		expect_absent(text, names[i]);
	}
	for (size_t i = 0; i < COUNT(stay); i++)
		if (!strstr(text, stay[i]))
			fail_msg("\"%s\" should have stayed", stay[i]);
	free(text);
}

/* One line of a module each, and how it is shown. */
static void stand_ins(void **state)
{
	static const struct {
		const char *said, *shown;
	} rows[] = {
		{ "490154203237518", "imsi-1" },
		{ "IMEI 490154203237518", "IMEI 49015420-imei-1" },
		{ "x490154203237518x", "ximsi-1x" },
		{ "89490200001234567890", "iccid-1" },
		{ "12345678901234", "number-1" },
		{ "1234567890123", "1234567890123" },
		{ "+4915112345678", "+phone-1" },
		{ "\\\"015112345678\\\"", "\"phone-1\"" },
		{ "+CSQ: 26,99", "+CSQ: 26,99" },
		{ "+COPS: 0,0,\\\"26201\\\",2", "+COPS: 0,0,\"26201\",2" },
		{ "ask 192.0.2.7, 192.0.2.70 or 192.0.2.7", "ask address-1, address-2 or address-1" },
		{ "lib/1.2.3.4 1.2.3 UG96LNAR02A06E1G_01.200.01.200", "lib/1.2.3.4 1.2.3 UG96LNAR02A06E1G_01.200.01.200" },
		{ "at 09:30:00, ::1, fe80::1", "at 09:30:00, address-1, address-2" },
		{ "tcp:gate.example:2000 gate.example", "tcp:host-1:2000 host-1" },
		{ "http://fw.example/a@b http://fw.example:80", "http://host-1/a@b http://host-1:80" },
		{ "http://ann:pw@fw.example/", "http://***:***@host-1/" },
		{ "/home/ann/x /Users/bob/y ann", "/home/user-1/x /Users/user-2/y ann" },
		{ "9d5bcf149082170e054d626eef7a23162fa9e815a947cc044ecc272390425e52",
		  "9d5bcf149082170e054d626eef7a23162fa9e815a947cc044ecc272390425e52" },
		{ "12345678901234567890123456789012345678901234567890123456789012ab",
		  "12345678901234567890123456789012345678901234567890123456789012ab" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char lines[1024], want[512], *text;

		snprintf(lines, sizeof(lines), HEADER "{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"%s\",\"error\":true,\"t\":1}\n",
			 rows[i].said);
		snprintf(want, sizeof(want), "1.000 < %s\n", rows[i].shown);
		text = report_of(lines, true);
		if (!strstr(text, want))
			fail_msg("row %zu: no \"%s\" in\n%s", i, want, text);
		free(text);
	}
}

/* More names than there is room for: none is shown all the same. */
static void a_flood_of_names(void **state)
{
	FILE *f = fopen("session.jsonl", "w");
	char *text;

	(void)state;
	assert_non_null(f);
	fputs(HEADER, f);
	for (int i = 0; i < 3000; i++)
		fprintf(f, "{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"26201%010d\",\"error\":true,\"t\":%d}\n", i * 7919, i);
	assert_int_equal(fclose(f), 0);
	text = report(true);
	expect_safe(text);
	expect_absent(text, "26201");
	assert_non_null(strstr(text, "imsi-"));
	free(text);
}

/* --- hostile */

/* TEXT, as it stands in JSON, wherever a record has room for it. */
static char *report_everywhere(const char *text)
{
	static const char *const lines[] = {
		"{\"type\":\"header\",\"format\":1,\"program\":\"%s\",\"libraries\":\"%s\",\"host\":\"%s\",\"system\":\"%s\","
		"\"when\":\"%s\",\"port\":\"%s\",\"url\":\"%s\",\"publish\":\"%s\",\"com_command\":\"%s\",\"imei\":\"%s\"}\n",
		"{\"type\":\"identity\",\"maker\":\"%s\",\"model\":\"%s\",\"version\":\"%s\",\"imei\":\"%s\",\"profile\":\"%s\","
		"\"port\":\"%s\",\"usb\":\"%s\",\"serial\":\"%s\",\"interface\":6,\"t\":1}\n",
		"{\"type\":\"package\",\"name\":\"%s\",\"size\":1,\"sha256\":\"%s\",\"manifest\":true,\"model\":\"%s\",\"from\":\"%s\",\"to\":\"%s\",\"t\":1}\n",
		"{\"type\":\"question\",\"model\":\"%s\",\"from\":\"%s\",\"to\":\"%s\",\"package\":\"%s\",\"method\":\"push\",\"command\":\"%s\",\"t\":1}\n",
		"{\"type\":\"intent\",\"what\":\"install\",\"model\":\"%s\",\"from\":\"%s\",\"to\":\"%s\",\"t\":2}\n",
		"{\"type\":\"notice\",\"severity\":\"error\",\"text\":\"%s\",\"t\":2}\n",
		"{\"type\":\"line\",\"dir\":\"tx\",\"text\":\"AT+QFOTADL=%s\",\"t\":2}\n",
		"{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"%s\",\"error\":true,\"t\":3}\n",
		"{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"+QIND: \\\"FOTA\\\",\\\"END\\\",1,%s\",\"urc\":true,\"t\":3}\n",
		"{\"type\":\"result\",\"outcome\":\"unknown\",\"step\":\"install\",\"from\":\"%s\",\"to\":\"%s\",\"now\":\"%s\","
		"\"code\":{\"table\":\"%s\",\"number\":1,\"meaning\":\"%s\",\"family\":\"%s\"},"
		"\"message\":\"%s\",\"cause\":\"%s\",\"advice\":\"%s\",\"safety\":\"%s\",\"record\":\"%s\",\"t\":4}\n",
		"{\"type\":\"closed\",\"text\":\"%s\"}\n",
	};
	FILE *f = fopen("session.jsonl", "w");
	char *got;

	assert_non_null(f);
	for (size_t i = 0; i < COUNT(lines); i++)
		for (const char *p = lines[i]; *p; p++) {
			if (p[0] == '%' && p[1] == 's') {
				fputs(text, f);
				p++;
			} else {
				fputc(*p, f);
			}
		}
	assert_int_equal(fclose(f), 0);
	got = report(false);
	assert_non_null(got);
	return got;
}

static void nothing_becomes_markup(void **state)
{
	static const char *const texts[] = {
		"<script>alert(1)</script>", "[click](http://evil.example)", "![x](http://evil.example/x.png)",
		"http://evil.example www.evil.example ann@evil.example", "www.evil.example", "ann@evil.example",
		"a | b | c", "`", "``", "```", "````text", "` ``` `", "```\\n\\n<b>", "~~~", "*a* _b_ **c** ~~d~~",
		"# title", "- item", "1. item", "> quote", "&lt;b&gt; &#60;", "\\\\", "\\\\|", "|", "||", "`|`", "\\\\`",
		"\\u001b[2J\\u0007", "\\u009b31m", "\\u202eabc", "\\u200b", "   ", "---", "===", "<!--", "-->", "]]>",
		"ftp://ann:geheim@evil.example/x", "mailto:ann@evil.example", "\\\"|\\\"", "a`b``c```d",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		char *text = report_everywhere(texts[i]);

		expect_safe(text);
		expect_absent(text, "geheim");
		free(text);
	}
}

/* As long as a record can make it: of everything, too much. */
static void a_report_is_bounded(void **state)
{
	FILE *f = fopen("session.jsonl", "w");
	char longest[700], *text;

	(void)state;
	assert_non_null(f);
	memset(longest, '`', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	for (size_t i = 0; i + 1 < sizeof(longest); i += 2)
		longest[i] = '|';
	fprintf(f, "{\"type\":\"header\",\"format\":1,\"program\":\"%s\",\"libraries\":\"%s\",\"host\":\"%s\",\"url\":\"%s\","
		"\"publish\":\"%s\",\"com_command\":\"%s\",\"port\":\"%s\"}\n",
		longest, longest, longest, longest, longest, longest, longest);
	for (int i = 0; i < 2000; i++)
		fprintf(f, "{\"type\":\"step\",\"step\":\"%s\",\"state\":\"begin\",\"cancel\":\"free\",\"limit\":1,\"t\":%d}\n"
			"{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"%s\",\"urc\":true,\"error\":true,\"t\":%d}\n"
			"{\"type\":\"notice\",\"severity\":\"warning\",\"text\":\"%s\",\"t\":%d}\n",
			i % 2 ? "install" : "restart", i * 10, longest, i * 10 + 5, longest, i * 10 + 6);
	fprintf(f, "{\"type\":\"result\",\"outcome\":\"unknown\",\"step\":\"install\",\"message\":\"%s\",\"cause\":\"%s\","
		"\"advice\":\"%s\",\"safety\":\"%s\",\"t\":30000}\n", longest, longest, longest, longest);
	assert_int_equal(fclose(f), 0);
	text = report(false);
	expect_safe(text);
	print_message("the longest report: %zu bytes\n", strlen(text));
	assert_non_null(strstr(text, "more are left out"));
	free(text);
}

static void a_damaged_record_is_reported(void **state)
{
	static char bytes[FILE_MAX], flipped[FILE_MAX];
	const struct place *p = *state;
	unsigned made = 0;
	char path[768];
	uint32_t x = 7;
	size_t size;

	snprintf(path, sizeof(path), "%s/report-names.jsonl", p->golden);
	size = read_file(bytes, sizeof(bytes), path);
	for (int i = 0; i < 300; i++) {
		size_t end = i < 150 ? size * (size_t)(i + 1) / 150 : size;
		char *text;

		memcpy(flipped, bytes, size);
		for (int n = 0; i >= 150 && n < 10; n++) {
			x = x * 1664525 + 1013904223;
			flipped[700 + (x >> 8) % (size - 700)] ^= (char)(1 << (x & 7));
		}
		write_file("session.jsonl", flipped, end);
		text = report(i % 2);
		if (!text)
			continue;
		expect_safe(text);
		free(text);
		made++;
	}
	assert_true(made > 250);
}

#define SPOKE(dir, text, t) "{\"type\":\"line\",\"dir\":\"" dir "\",\"text\":\"" text "\",\"urc\":false,\"t\":" t "}\n"
#define FAILED(text, t) "{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"" text "\",\"error\":true,\"t\":" t "}\n"
#define REFUSED_AT(t) SPOKE("tx", "AT+CPIN?", t) FAILED("+CME ERROR: 14", t)

static void the_problems_of_a_record_are_reported(void **state)
{
	static const struct {
		const char *lines, *reported;
	} rows[] = {
		{ HEADER, "no result: the record ends without one" },
		{ HEADER "{\"type\":\"no", "Record damaged" },
		{ HEADER "{\"type\":\"gap\",\"lines\":12,\"why\":\"disk\",\"t\":1}\n{\"type\":\"gap\",\"lines\":30,\"t\":2}\n",
		  "lines missing: 42, gaps: 2 " },
		{ HEADER "{\"type\":\"gap\",\"lines\":\"x\",\"t\":1}\n", "lines missing: 0, gaps: 1 " },
		{ HEADER "{\"type\":\"resumed\",\"pid\":9,\"t\":1}\n", "Programs that resumed it | 1 |" },
		{ HEADER "{\"type\":\"intent\",\"what\":\"install\",\"model\":\"UG96\",\"imei\":\"490154203237518\",\"from\":\"A\",\"to\":\"B\",\"t\":1}\n",
		  "Unfinished | **yes**" },
		{ HEADER "{\"type\":\"answer\",\"answer\":\"lost\",\"t\":1}\n", "the terminal was lost" },
		{ HEADER "{\"type\":\"step\",\"step\":\"install\",\"state\":\"begin\",\"cancel\":\"refused\",\"limit\":120,\"t\":1}\n"
		  "{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"x\",\"urc\":true,\"t\":122}\n", "**silence** of 121.000 s ends (limit 120 s)" },
		{ HEADER "{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"+QIND: \\\"FOTA\\\",\\\"HTTPEND\\\",702\",\"urc\":true,\"t\":1}\n",
		  "Errors and warnings: 1." },
		/* an error is told with what it answers; of one that comes again and again, how often */
		{ HEADER SPOKE("tx", "AT+QGMR", "1") FAILED("ERROR", "1.5"), "| 1.500 | the module to AT+QGMR: ERROR |" },
		{ HEADER SPOKE("tx", "AT+QGMR", "1") SPOKE("rx", "OK", "1.5") FAILED("ERROR", "2"), "| 2.000 | the module: ERROR |" },
		{ HEADER REFUSED_AT("1") REFUSED_AT("2") REFUSED_AT("3") REFUSED_AT("4") SPOKE("rx", "RDY", "5"),
		  "| 1.000 | the module to AT+CPIN?: +CME ERROR: 14 |\n| 4.000 | the module to AT+CPIN?: +CME ERROR: 14, 3 times until here |\n| 5.000 | the module: RDY |\n" },
		{ HEADER REFUSED_AT("1") SPOKE("rx", "RDY", "2") REFUSED_AT("3"), "| 3.000 | the module to AT+CPIN?: +CME ERROR: 14 |\n" },
		{ HEADER SPOKE("tx", "AT+QFOTADL=\\\"COM:\\\",10,20", "1") SPOKE("rx", "CONNECT", "2"), "| 2.000 | the module to AT+QFOTADL: CONNECT |" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *text = report_of(rows[i].lines, false);

		expect_safe(text);
		if (!strstr(text, rows[i].reported))
			fail_msg("row %zu: no \"%s\" in\n%s", i, rows[i].reported, text);
		free(text);
	}
}

static unsigned expect_the_same_without_sentences(const char *path)
{
	char *text = malloc(FILE_MAX), *was, *is;
	unsigned with_id;

	assert_non_null(text);
	read_file(text, FILE_MAX, path);
	was = report_of(text, false);
	with_id = blank_sentences(text);
	is = report_of(text, false);
	if (strcmp(was, is) != 0)
		fail_msg("%s: with x for its sentences the report is\n%s\nand was\n%s", path, is, was);
	free(was);
	free(is);
	free(text);
	return with_id;
}

static void no_sentence_of_a_record_counts(void **state)
{
	static const char *const places[] = { "records", "records/v1" };
	const struct place *p = *state;
	unsigned records = 0, with_id = 0;
	char dir[700], path[1024];
	struct dirent *entry;
	DIR *d;

	for (size_t i = 0; i < COUNT(places); i++) {
		snprintf(dir, sizeof(dir), "%s/../%s", p->golden, places[i]);
		d = opendir(dir);
		assert_non_null(d);
		while ((entry = readdir(d))) {
			if (!strstr(entry->d_name, ".jsonl"))
				continue;
			snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
			with_id += expect_the_same_without_sentences(path);
			records++;
		}
		closedir(d);
	}
	print_message("records: %u; messages with an id: %u\n", records, with_id);
	assert_true(records >= 80);
}

static void what_cannot_be_written_is_an_error(void **state)
{
	struct record *r;
	struct err e;
	FILE *full = fopen("/dev/full", "w");

	(void)state;
	if (!full)
		skip_because("there is no /dev/full");
	write_file("session.jsonl", HEADER, strlen(HEADER));
	r = record_open("session.jsonl", &e);
	assert_non_null(r);
	assert_int_equal(report_write(full, r, false, &e), -1);
	assert_int_equal(e.code, ERR_OUTPUT);
	record_free(r);
	fclose(full);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden_reports),
		cmocka_unit_test(a_report_is_the_same_every_time),
		cmocka_unit_test(nothing_of_a_person_is_left),
		cmocka_unit_test(stand_ins),
		cmocka_unit_test(a_flood_of_names),
		cmocka_unit_test(nothing_becomes_markup),
		cmocka_unit_test(a_report_is_bounded),
		cmocka_unit_test(a_damaged_record_is_reported),
		cmocka_unit_test(the_problems_of_a_record_are_reported),
		cmocka_unit_test(no_sentence_of_a_record_counts),
		cmocka_unit_test(what_cannot_be_written_is_an_error),
	};

	return cmocka_run_group_tests(tests, enter, leave);
}

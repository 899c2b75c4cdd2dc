/*
 * diagnose_fixture.h - records read and made here, and what is found in them, for
 * the tests of diagnosis.h.
 */
#ifndef DFOTA_DIAGNOSE_FIXTURE_H
#define DFOTA_DIAGNOSE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/count.h"
#include "base/text.h"
#include "diagnosis/evidence.h"
#include "diagnosis/of_record.h"
#include "diagnosis/rules.h"
#include "protocol/codes.h"
#include "words.h"

#define RECORD_SIZE (40 * 1024)

/* A directory for records that are made here. */
static char scratch[64];

static inline const char *source_path(char *out, size_t size, const char *name)
{
	const char *srcdir = getenv("srcdir");

	snprintf(out, size, "%s/%s", srcdir ? srcdir : ".", name);
	return out;
}

/* Where the records are that tests are of. */
#define RECORDS "tests/records"

static inline const char *record_file(char *out, size_t size, const char *name)
{
	char file[128];

	snprintf(file, sizeof(file), RECORDS "/%s.jsonl", name);
	return source_path(out, size, file);
}

static inline struct record *open_record(const char *path)
{
	struct err e;
	struct record *r = record_open(path, &e);

	if (!r)
		fail_msg("%s", err_words(&e));
	return r;
}

static inline struct record *open_named(const char *name)
{
	char path[512];

	return open_record(record_file(path, sizeof(path), name));
}

/* Diagnose the record at PATH; the line numbers come with it. */
static inline size_t diagnose_path(const char *path, struct finding *out)
{
	struct record *r = open_record(path);
	size_t count = diagnosis_of_record(r, FOR_CONSOLE, out, FINDINGS_MAX);

	record_free(r);
	return count;
}

static inline size_t read_named(const char *name, char *out, size_t size)
{
	char path[512];
	FILE *f = fopen(record_file(path, sizeof(path), name), "rb");
	size_t n;

	if (!f)
		fail_msg("%s cannot be read", path);
	n = fread(out, 1, size, f);
	fclose(f);
	assert_in_range(n, 1, size - 1);
	return n;
}

/* SIZE bytes TEXT as a record; returns its path. */
static inline const char *write_record(char path[128], const char *text, size_t size)
{
	FILE *f;

	snprintf(path, 128, "%s/record.jsonl", scratch);
	f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, size, f), size);
	assert_int_equal(fclose(f), 0);
	return path;
}

static inline int make_scratch(void **state)
{
	(void)state;
	snprintf(scratch, sizeof(scratch), "%s/dfota-diagnose-XXXXXX",
		 getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	return mkdtemp(scratch) ? 0 : -1;
}

static inline int remove_scratch(void **state)
{
	char path[128];

	(void)state;
	snprintf(path, sizeof(path), "%s/record.jsonl", scratch);
	unlink(path);
	return rmdir(scratch);
}

static inline const struct finding *find_rule(const struct finding *f, size_t count, const char *rule)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(f[i].rule, rule) == 0)
			return &f[i];
	return NULL;
}

static inline void print_findings(const char *name, const struct finding *f, size_t count)
{
	print_error("%s:\n", name);
	for (size_t i = 0; i < count; i++)
		print_error("  %d %s: %s\n", f[i].certainty, f[i].rule, f[i].cause);
}

static inline bool rests_on(struct record *r, const struct finding *f, const char *text)
{
	char line[512];

	for (size_t i = 0; i < f->line_count; i++)
		if (strstr(diagnosis_line(r, f->lines[i], FOR_RECORD, line, sizeof(line)), text))
			return true;
	return false;
}

/* --- records of a few lines --- */

#define HEADER "{\"type\":\"header\",\"format\":1,\"program\":\"dfota 0.1.0\",\"job\":\"upgrade\"," \
	"\"port\":\"/dev/ttyUSB0\",\"baud\":115200,\"method\":\"pull\"}\n"
#define LINE(dir, text, t) "{\"type\":\"line\",\"dir\":\"" dir "\",\"text\":\"" text "\",\"t\":" t "}\n"
#define URC(text, t) "{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"" text "\",\"urc\":true,\"t\":" t "}\n"
#define RESULT(outcome, rest) "{\"type\":\"result\",\"outcome\":\"" outcome "\",\"exit\":10,\"step\":\"transfer\"," rest \
	"\"message\":\"m\",\"t\":90}\n"

static inline size_t diagnose_text(const char *text, struct finding *out)
{
	char path[128];

	return diagnose_path(write_record(path, text, strlen(text)), out);
}

/* Walk the codes that end a download or an installation: INDEX is one of
 * codes_row(). "HTTPEND 702" and a record with nothing but this code; false
 * for a row of another kind. */
static inline bool code_record(size_t index, char *name, size_t name_size, char *text, size_t size)
{
	static const struct {
		const char *table, *urc;
	} tables[] = {
		{ "ftp", "FTPEND" }, { "http", "HTTPEND" }, { "file", "FILEEND" }, { "end", "END" },
	};
	const struct code_info *x = codes_row(index);
	int number = x->first > x->last ? 12345 : x->first;
	size_t k = 0;

	while (k < COUNT(tables) && strcmp(tables[k].table, x->table) != 0)
		k++;
	if (k == COUNT(tables) || number == 0 || codes_find(x->table, number, NULL) != x)
		return false;
	snprintf(name, name_size, "%s %d", tables[k].urc, number);
	snprintf(text, size, HEADER LINE("tx", "AT+QFOTADL=\\\"http://203.0.113.7/p\\\"", "1") LINE("rx", "OK", "1.1")
		 "{\"type\":\"step\",\"step\":\"transfer\",\"state\":\"begin\",\"t\":1}\n"
		 "{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"+QIND: \\\"FOTA\\\",\\\"%s\\\",%d\",\"urc\":true,\"t\":9}\n"
		 RESULT("unchanged", ""), tables[k].urc, number);
	return true;
}

#endif

#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <setjmp.h>

#include <cmocka.h>

#include "base/count.h"
#include "protocol/fota_urc.h"

static bool parse(const char *line, struct fota_urc *urc)
{
	return fota_parse((struct slice){ line, strlen(line) }, urc);
}

static void every_documented_line_is_understood(void **state)
{
	static const struct {
		const char *line;
		enum fota_kind kind;
		enum fota_source source;
		long value;	/* -1: none */
	} rows[] = {
		/* protocol.md 3.1 */
		{ "+QIND: \"FOTA\",\"FTPSTART\"", FOTA_SOURCE_START, FOTA_SOURCE_FTP, -1 },
		{ "+QIND: \"FOTA\",\"FTPEND\",0", FOTA_SOURCE_END, FOTA_SOURCE_FTP, 0 },
		{ "+QIND: \"FOTA\",\"FTPEND\",601", FOTA_SOURCE_END, FOTA_SOURCE_FTP, 601 },
		{ "+QIND: \"FOTA\",\"FTPEND\",627,550", FOTA_SOURCE_END, FOTA_SOURCE_FTP, 627 },
		{ "+QIND: \"FOTA\",\"HTTPSTART\"", FOTA_SOURCE_START, FOTA_SOURCE_HTTP, -1 },
		{ "+QIND: \"FOTA\",\"HTTPEND\",714", FOTA_SOURCE_END, FOTA_SOURCE_HTTP, 714 },
		{ "+QIND: \"FOTA\",\"FILESTART\"", FOTA_SOURCE_START, FOTA_SOURCE_FILE, -1 },
		{ "+QIND: \"FOTA\",\"FILEEND\",500", FOTA_SOURCE_END, FOTA_SOURCE_FILE, 500 },
		{ "+QIND: \"FOTA\",\"COMSTART\"", FOTA_SOURCE_START, FOTA_SOURCE_COM, -1 },
		{ "+QIND: \"FOTA\",\"COMEND\",0", FOTA_SOURCE_END, FOTA_SOURCE_COM, 0 },
		{ "+QIND: \"FOTA\",\"DOWNLOADING\",98304", FOTA_DOWNLOADING, FOTA_SOURCE_NONE, 98304 },
		{ "+QIND: \"FOTA\",\"DOWNLOADING\",7%", FOTA_DOWNLOADING, FOTA_SOURCE_NONE, 7 },
		{ "+QIND: \"FOTA\",\"START\"", FOTA_START, FOTA_SOURCE_NONE, -1 },
		{ "+QIND: \"FOTA\",\"UPDATING\",12", FOTA_UPDATING, FOTA_SOURCE_NONE, 12 },
		{ "+QIND: \"FOTA\",\"UPDATING\", 1%", FOTA_UPDATING, FOTA_SOURCE_NONE, 1 },
		{ "+QIND: \"FOTA\",\"UPDATING\",  7 %  ", FOTA_UPDATING, FOTA_SOURCE_NONE, 7 },
		{ "+QIND: \"FOTA\",\"UPDATING\",100%", FOTA_UPDATING, FOTA_SOURCE_NONE, 100 },
		{ "+QIND: \"FOTA\",\"RESTORE\",1%", FOTA_RESTORE, FOTA_SOURCE_NONE, 1 },
		{ "+QIND: \"FOTA\",\"Last upgrade was not finished,continue upgrade\"",
		  FOTA_RESUMED, FOTA_SOURCE_NONE, -1 },
		{ "+QIND: \"FOTA\",\"END\",0", FOTA_END, FOTA_SOURCE_NONE, 0 },
		{ "+QIND: \"FOTA\",\"END\",504", FOTA_END, FOTA_SOURCE_NONE, 504 },
		/* misprints and blanks seen */
		{ "+QIND: \"FOTA\",\"HTTPTART\"", FOTA_SOURCE_START, FOTA_SOURCE_HTTP, -1 },
		{ "+QIND: \"FOTA\",\"HTTPSSTART\"", FOTA_SOURCE_START, FOTA_SOURCE_HTTP, -1 },
		{ "+QIND: \"FOTA\",\"HTTPSEND\",0", FOTA_SOURCE_END, FOTA_SOURCE_HTTP, 0 },
		{ "+QIND: \"FOTA\",\"HTTP START\"", FOTA_SOURCE_START, FOTA_SOURCE_HTTP, -1 },
		{ "+QIND: \"FOTA\",\"HTTP END\",701", FOTA_SOURCE_END, FOTA_SOURCE_HTTP, 701 },
		{ "+QIND: \"FOTA\",\"FTP_START\"", FOTA_SOURCE_START, FOTA_SOURCE_FTP, -1 },
		{ "+QIND: \"FOTA\",\"DOWNLOAD START\"", FOTA_SOURCE_START, FOTA_SOURCE_DOWNLOAD, -1 },
		{ "+QIND: \"FOTA\",\"DOWNLOADEND\",0", FOTA_SOURCE_END, FOTA_SOURCE_DOWNLOAD, 0 },
		/* blank after the colon missing, blanks elsewhere */
		{ "+QIND:\"FOTA\",\"UPDATING\",12", FOTA_UPDATING, FOTA_SOURCE_NONE, 12 },
		{ " +QIND:  \"FOTA\" , \"END\" , 0 ", FOTA_END, FOTA_SOURCE_NONE, 0 },
	};
	struct fota_urc urc;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		bool good = parse(rows[i].line, &urc) && urc.kind == rows[i].kind &&
			    urc.source == rows[i].source && !urc.out_of_range &&
			    urc.has_value == (rows[i].value >= 0) &&
			    (!urc.has_value || urc.value == rows[i].value);

		if (!good) {
			print_error("%s: kind %d, source %d, value %d %ld\n", rows[i].line,
				    (int)urc.kind, (int)urc.source, urc.has_value, urc.value);
			fail();
		}
	}
}

static void other_lines_are_not_ours(void **state)
{
	static const char *const lines[] = {
		"", "OK", "RDY", "+QIND: SMS DONE", "+QIND: PB DONE", "+QIND:", "+QIND: ",
		"+QIND: \"ABFOTA\",\"UPDATE\",50", "+QIND: \"fota\",\"START\"",
		"+QIND: FOTA,\"START\"", "+QIND: \"FOTA", "+QIND: \"csq\",26,99",
		"+QIND: \"FOTA \",\"START\"", "+qind: \"FOTA\",\"START\"",
		"QIND: \"FOTA\",\"START\"", "AT+QFOTADL=\"http://h/+QIND: \"FOTA\",\"START\"",
	};
	struct fota_urc urc;

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		memset(&urc, 0xff, sizeof(urc));
		if (parse(lines[i], &urc) || urc.kind != FOTA_NONE) {
			print_error("taken for ours: %s\n", lines[i]);
			fail();
		}
	}
}

/* faults.md B14 */
static void unknown_and_broken_keywords_change_nothing(void **state)
{
	static const struct {
		const char *line, *keyword;
	} rows[] = {
		{ "+QIND: \"FOTA\"", "" },
		{ "+QIND: \"FOTA\",", "" },
		{ "+QIND: \"FOTA\",\"\"", "" },
		{ "+QIND: \"FOTA\",\"start\"", "start" },
		{ "+QIND: \"FOTA\",\"Start\"", "Start" },
		{ "+QIND: \"FOTA\",\"STARTX\"", "STARTX" },
		{ "+QIND: \"FOTA\",\" START\"", " START" },
		{ "+QIND: \"FOTA\",\"TART\"", "TART" },
		{ "+QIND: \"FOTA\",\"DOWNLOAD SUCCESS\"", "DOWNLOAD SUCCESS" },
		{ "+QIND: \"FOTA\",\"DOWNLOAD\",5", "DOWNLOAD" },
		{ "+QIND: \"FOTA\",\"HTTP  START\"", "HTTP  START" },
		{ "+QIND: \"FOTA\",\"HTTPSSSTART\"", "HTTPSSSTART" },
		{ "+QIND: \"FOTA\",\"FTPSSTART\"", "FTPSSTART" },
		{ "+QIND: \"FOTA\",\"FTP\"", "FTP" },
		{ "+QIND: \"FOTA\",\"FTPENDED\",0", "FTPENDED" },
		{ "+QIND: \"FOTA\",,\"START\"", "" },
		{ "+QIND: \"FOTA\",\"START", "" },
		{ "+QIND: \"FOTA\",\"END,0", "" },
		{ "+QIND: \"FOTA\",END,0", "" },
		{ "+QIND: \"FOTA\",\"VERIFYING\",12", "VERIFYING" },
	};
	struct fota_urc urc;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		bool ours = parse(rows[i].line, &urc);

		if (!ours || urc.kind != FOTA_NONE || urc.has_value) {
			print_error("%s: ours %d, kind %d\n", rows[i].line, ours, (int)urc.kind);
			fail();
		}
		assert_string_equal(urc.keyword, rows[i].keyword);
	}
}

/* faults.md B12 */
static void a_percent_is_clamped_or_missing_but_never_believed(void **state)
{
	static const struct {
		const char *value;
		bool has_value, out_of_range;
		long shown;
	} rows[] = {
		{ ",0", true, false, 0 },
		{ ",100", true, false, 100 },
		{ ",101", true, true, 100 },
		{ ",999999999999999999999999999999", true, true, 100 },
		{ ",-5", true, true, 0 },
		{ ",-0", true, true, 0 },
		{ ",1e9", false, false, 0 },
		{ ",nan", false, false, 0 },
		{ ",", false, false, 0 },
		{ "", false, false, 0 },
		{ ",%", false, false, 0 },
		{ ",5%%", false, false, 0 },
		{ ",--5", false, false, 0 },
		{ ",0x10", false, false, 0 },
		{ ",5,", false, false, 0 },
		{ ",,5", false, false, 0 },
		{ ",5\"", false, false, 0 },
	};
	static const char *const keywords[] = { "UPDATING", "RESTORE" };
	struct fota_urc urc;
	char line[128];

	(void)state;
	for (size_t i = 0; i < 2 * COUNT(rows); i++) {
		size_t row = i / 2;

		snprintf(line, sizeof(line), "+QIND: \"FOTA\",\"%s\"%s",
			 keywords[i % 2], rows[row].value);
		assert_true(parse(line, &urc));
		assert_int_equal(urc.kind, i % 2 ? FOTA_RESTORE : FOTA_UPDATING);
		if (urc.has_value != rows[row].has_value ||
		    urc.out_of_range != rows[row].out_of_range ||
		    (urc.has_value && urc.value != rows[row].shown)) {
			print_error("%s: %d %d %ld\n", line, urc.has_value,
				    urc.out_of_range, urc.value);
			fail();
		}
	}
}

static void a_code_that_cannot_be_read_is_no_value(void **state)
{
	static const char *const values[] = {
		"", ",", ",zero", ",-1", ",0x0", ",0%", ",+0", ",00000000004294967296",
		",0,", ",,0", ",0,x", ",0,0,0", ",\"", ",0 0", ",0\"",
	};
	static const char *const keywords[] = { "END", "FTPEND", "HTTPEND", "FILEEND", "COMEND" };
	struct fota_urc urc;
	char line[128];

	(void)state;
	for (size_t i = 0; i < COUNT(values); i++) {
		for (size_t k = 0; k < COUNT(keywords); k++) {
			snprintf(line, sizeof(line), "+QIND: \"FOTA\",\"%s\"%s",
				 keywords[k], values[i]);
			assert_true(parse(line, &urc));
			assert_int_equal(urc.kind, k == 0 ? FOTA_END : FOTA_SOURCE_END);
			if (urc.has_value) {
				print_error("%s read as %ld\n", line, urc.value);
				fail();
			}
		}
	}
	assert_true(parse("+QIND: \"FOTA\",\"END\",0,0", &urc));
	assert_false(urc.has_value);
}

/* Whatever is cut off or broken, an END of success appears only where one
 * was: no prefix of a failure line, no byte changed in the code, reads as 0. */
static void a_broken_failure_line_never_reads_as_success(void **state)
{
	static const char whole[] = "+QIND: \"FOTA\",\"END\",504";
	const size_t size = sizeof(whole) - 1;
	struct fota_urc urc;
	char line[sizeof(whole)];

	(void)state;
	for (size_t cut = 0; cut <= size; cut++) {
		fota_parse((struct slice){ whole, cut }, &urc);
		assert_false(urc.kind == FOTA_END && urc.has_value && urc.value == 0);
	}
	for (size_t at = 0; at < size; at++) {
		for (int byte = 0; byte < 256; byte++) {
			memcpy(line, whole, sizeof(whole));
			line[at] = (char)byte;
			fota_parse((struct slice){ line, size }, &urc);
			assert_false(urc.kind == FOTA_END && urc.has_value && urc.value == 0);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_documented_line_is_understood),
		cmocka_unit_test(other_lines_are_not_ours),
		cmocka_unit_test(unknown_and_broken_keywords_change_nothing),
		cmocka_unit_test(a_percent_is_clamped_or_missing_but_never_believed),
		cmocka_unit_test(a_code_that_cannot_be_read_is_no_value),
		cmocka_unit_test(a_broken_failure_line_never_reads_as_success),
	};

	return cmocka_run_group_tests_name("fota", tests, NULL, NULL);
}

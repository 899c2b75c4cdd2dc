/* Who a module is, out of what it answers. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/count.h"
#include "protocol/who.h"

#define V "UG96LNAR02A06E1G"
#define IMEI "490154203237518"

/* TEXT, of lines that end in '|', as what a source said. */
static void put(struct who_said *said, struct slice lines[16], const char *text)
{
	said->lines = lines;
	said->count = 0;
	while (*text) {
		size_t size = strcspn(text, "|");

		assert_true(said->count < 16);
		lines[said->count++] = (struct slice){text, size};
		text += size + (text[size] == '|');
	}
}

struct row {
	const char *ati, *cgmr, *qgmr, *gsn;
	const char *maker, *model, *version, *imei;
};

static void find(const struct row *row, const char *cgmm, struct who *who)
{
	struct slice lines[WHO_SOURCES][16];
	struct who_said said[WHO_SOURCES];
	const char *texts[WHO_SOURCES] = {row->ati, cgmm, row->cgmr, row->qgmr, row->gsn};

	for (int i = 0; i < WHO_SOURCES; i++)
		put(&said[i], lines[i], texts[i] ? texts[i] : "");
	who_find(said, who);
}

static void expect(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct row *r = &rows[i];
		struct who who;

		find(r, NULL, &who);
		if (strcmp(who.maker, r->maker) || strcmp(who.model, r->model) || strcmp(who.version, r->version) ||
		    strcmp(who.imei, r->imei))
			fail_msg("row %zu, \"%s\" \"%s\": maker %s, model %s, version %s, IMEI %s", i, r->ati, r->cgmr,
				 who.maker, who.model, who.version, who.imei);
	}
}

static void every_spelling_of_an_identity_is_understood(void **state)
{
	static const struct row rows[] = {
		{"Quectel|UG96|Revision: " V, V, "", IMEI, "Quectel", "UG96", V, IMEI},
		{"Quectel_Ltd|Quectel_UG95|Revision: UG95EAR02A09M1G", "UG95EAR02A09M1G", "", IMEI, "Quectel_Ltd", "UG95", "UG95EAR02A09M1G", IMEI},
		{"QUECTEL|ug95|REVISION: UG95EAR02A09M1G", "UG95EAR02A09M1G", "", IMEI, "QUECTEL", "UG95", "UG95EAR02A09M1G", IMEI},
		{"Quectel UG96|Revision: " V, V, "", IMEI, "Quectel", "UG96", V, IMEI},
		{"Quectel UG96 Revision: " V, "", "", IMEI, "Quectel", "UG96", V, IMEI},
		{"Quectel_UG35|" "UG35LNAR02A01", "", "", IMEI, "Quectel", "UG35", "UG35LNAR02A01", IMEI},
		{"Manufacturer: Quectel|Model: UG96|Revision: " V "|IMEI: " IMEI "|+GCAP: +CGSM,+DS,+ES", V, "", "", "Quectel", "UG96", V, IMEI},
		{"MANUFACTURER: QUECTEL WIRELESS SOLUTIONS|MODEL: \"UG96\"|SW version: " V, "+CGMR: \"" V "\"", "", IMEI, "QUECTEL", "UG96", V, IMEI},
		{"Revision: " V "|UG96|Quectel", "Revision: " V, "", "+GSN: " IMEI, "Quectel", "UG96", V, IMEI},
		{"Quectel|BC660K-GL|Revision: BC660KGLAAR01A01", "BC660KGLAAR01A01", "", IMEI, "Quectel", "BC660K-GL", "BC660KGLAAR01A01", IMEI},
		{"Quectel|EG25|Revision: EG25GGBR07A08M2G", "EG25GGBR07A08M2G", "EG25GGBR07A08M2G_30.203.30.203", IMEI,
		 "Quectel", "EG25", "EG25GGBR07A08M2G_30.203.30.203", IMEI},
		/* another maker's: two questions agree */
		{"Manufacturer: SomeOne|Model: X7|Revision: 12.00.406", "12.00.406", "", IMEI, "SomeOne", "X7", "12.00.406", IMEI},
	};

	(void)state;
	expect(rows, COUNT(rows));
}

/* Words that come unasked, in any place: no name is made of them. */
static void what_comes_unasked_is_no_name(void **state)
{
	static const char *const words[] = {
		"APP RDY", "SMS DONE", "RDY", "BOOTING", "Ready4Use", "+CFUN: 1", "+CPIN: READY", "+QIND: PB DONE",
		"AT+CGNR", "T+CGMR", "^SYSSTART", "PB DONE 2", "*ATREADY: 1", "\x80\xff", "$GPRMC,1", "+QUSIM: 1", "0", "+CMT",
		"NITZ_TIME_2026-11-30", "MODEM:STARTUP",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(words); i++)
		for (int place = 0; place < 4; place++) {
			char ati[256], cgmr[128], gsn[128];
			struct row row = {ati, cgmr, "", gsn, "Quectel", "UG96", V, IMEI};

			snprintf(ati, sizeof(ati), "%s%sQuectel|%s%sUG96|%s%sRevision: " V "|%s%s", place == 0 ? words[i] : "",
				 place == 0 ? "|" : "", place == 1 ? words[i] : "", place == 1 ? "|" : "",
				 place == 2 ? words[i] : "", place == 2 ? "|" : "", place == 3 ? words[i] : "",
				 place == 3 ? "|" : "");
			snprintf(cgmr, sizeof(cgmr), place % 2 ? "%s|" V : V "|%s", words[i]);
			snprintf(gsn, sizeof(gsn), place % 2 ? "%s|" IMEI : IMEI "|%s", words[i]);
			expect(&row, 1);
			/* nothing but it */
			snprintf(cgmr, sizeof(cgmr), "%s", words[i]);
			expect(&row, 1);
			row = (struct row){"Quectel|UG96", cgmr, "", "", "Quectel", "UG96", "", ""};
			expect(&row, 1);
			row = (struct row){cgmr, V, "", "", "", "UG96", V, ""};
			if (strcmp(cgmr, "Ready4Use") == 0)	/* may be a model that is not known */
				row.model = row.version = "";
			expect(&row, 1);
		}
}

static void a_version_is_what_begins_with_the_model_or_is_agreed_on(void **state)
{
	static const struct row rows[] = {
		{"Quectel|UG96", V, "", "", "Quectel", "UG96", V, ""},
		{"Quectel|UG96|Revision: " V, "", "", "", "Quectel", "UG96", V, ""},
		{"Quectel|UG96|Revision: /../passwd", "/../passwd", "", "", "Quectel", "UG96", "/../passwd", ""},
		{"Quectel|UG96", "/../passwd", "", "", "Quectel", "UG96", "", ""},
		{"Quectel|UG96|Revision: " V, V, V "_01.002.01.002", "", "Quectel", "UG96", V "_01.002.01.002", ""},
		{"Quectel|UG96|Revision: " V, V "_01.001", "", "", "Quectel", "UG96", V "_01.001", ""},
		{"Quectel|UG96|Revision: " V, V, V "_00.000.00.000", "", "Quectel", "UG96", V, ""},
		/* two against one; the last of several */
		{"Quectel|UG96|Revision: " V, "UG96LNAR02A05E1G|" V, "", "", "Quectel", "UG96", V, ""},
		{"Quectel|UG96|Revision: " V, V "|UG96LNAR02A05E1G", "", "", "Quectel", "UG96", V, ""},
		{"Quectel|UG96|Revision: UG96LNAR02A05E1G", V, V "_01.001", "", "Quectel", "UG96", V "_01.001", ""},
		{"Quectel|UG96", "UG96LNAR02A05E1G|" V, "", "", "Quectel", "UG96", V, ""},
		{"Quectel|UG96", "UG96", "", "", "Quectel", "UG96", "", ""},
		{"Quectel|UG96", "UG96LNAR02A06E1G UG96", "", "", "Quectel", "UG96", "", ""},
	};
	struct row doubtful = {"Quectel|UG96|Revision: UG96LNAR02A05E1G", V, "", "", "", "", "", ""};
	struct who who;

	(void)state;
	expect(rows, COUNT(rows));
	find(&doubtful, NULL, &who);
	assert_string_equal(who.version, V);
	assert_string_equal(who.other_version, "UG96LNAR02A05E1G");
	find(&rows[4], NULL, &who);
	assert_string_equal(who.other_version, "");
}

static void a_model_is_known_or_told_by_two(void **state)
{
	static const struct row silent = {"Quectel", V, "", "", "", "", "", ""}, other = {"Hayes|X9000", "", "", "", "", "", "", ""};
	struct who who;

	(void)state;
	find(&silent, NULL, &who);
	assert_string_equal(who.model, "UG96");	/* the version says it */
	find(&silent, "UG96", &who);
	assert_string_equal(who.model, "UG96");
	assert_string_equal(who.version, V);
	find(&other, NULL, &who);
	assert_string_equal(who.model, "");
	find(&other, "X9000", &who);
	assert_string_equal(who.model, "X9000");
	find(&other, "SMS DONE", &who);
	assert_string_equal(who.model, "");
}

static void an_imei_is_found_whatever_stands_around_it(void **state)
{
	static const struct {
		const char *line, *imei;
	} rows[] = {
		{IMEI, IMEI},
		{"\"" IMEI "\"", IMEI},
		{"+CGSN: \"" IMEI "\"", IMEI},
		{"+GSN:" IMEI, IMEI},
		{"IMEI: " IMEI ",00", IMEI},
		{"imei=" IMEI ";", IMEI},
		{"49-015420-323751-8", IMEI},
		{IMEI "-07", IMEI},
		{"IMEI/SV: " IMEI "/07", IMEI},
		{IMEI "07", IMEI},
		{"49015420323751907", NULL},	/* the check digit is wrong */
		{"4901542032375107", IMEI},	/* IMEISV: the check digit belongs to the first 14 */
		{"+CGSN: 4901542032375193", IMEI},
		{"356895040000013", "356895040000013"},
		{"490154203237519", NULL},
		{"490154203237", NULL},
		{"49015420323751", NULL},
		{"49015420323751A", NULL},
		{"49015420323751812345", NULL},	/* an ICCID is longer */
		{"000000000000000", NULL},
		{"0000000000000000", NULL},
		{"", NULL},
		{"ERROR", NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char imei[IMEI_SIZE] = "";
		bool found = who_imei((struct slice){rows[i].line, strlen(rows[i].line)}, imei);

		if (found != (rows[i].imei != NULL) || (found && strcmp(imei, rows[i].imei) != 0))
			fail_msg("%s: %s", rows[i].line, imei);
	}
	assert_true(who_same_imei(IMEI, "4901542032375107"));
	assert_false(who_same_imei(IMEI, "356895040000013"));
	assert_false(who_same_imei("", ""));
}

static void what_is_no_imei_is_kept_to_be_named(void **state)
{
	static const struct row damaged = {"UG96", "", "", "490154203237519", "", "", "", ""},
		none = {"UG96", "", "", "+CFUN: 1", "", "", "", ""};
	struct who who;

	(void)state;
	find(&damaged, NULL, &who);
	assert_string_equal(who.imei, "");
	assert_string_equal(who.other_imei, "490154203237519");
	find(&none, NULL, &who);
	assert_string_equal(who.other_imei, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_spelling_of_an_identity_is_understood),
		cmocka_unit_test(what_comes_unasked_is_no_name),
		cmocka_unit_test(a_version_is_what_begins_with_the_model_or_is_agreed_on),
		cmocka_unit_test(a_model_is_known_or_told_by_two),
		cmocka_unit_test(an_imei_is_found_whatever_stands_around_it),
		cmocka_unit_test(what_is_no_imei_is_kept_to_be_named),
	};

	return cmocka_run_group_tests_name("who", tests, NULL, NULL);
}

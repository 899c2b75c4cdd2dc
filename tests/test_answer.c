/*
 * What the answers to a typed command mean.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/count.h"
#include "base/limits.h"
#include "protocol/answer.h"
#include "protocol/codes.h"

static const char *meaning(const char *line, char out[TEXT_SIZE])
{
	struct slice text = { line, strlen(line) };
	struct at_line l = { text, line_parse(text) };
	struct message m;

	return answer_meaning(&l, &m) ? message_text(&m, FOR_SCREEN, out, TEXT_SIZE) : "";
}

static void answers_are_told_in_words(void **state)
{
	static const struct {
		const char *line, *words;
	} rows[] = {
		{ "+CSQ: 18,99", "signal -77 dBm" }, { "+CSQ: 0,0", "signal -113 dBm" }, { "+CSQ:31,99", "signal -51 dBm" },
		{ "+CSQ: 99,99", "the signal strength is not known" }, { "+CSQ: 50,99", "" }, { "+CSQ: high", "" }, { "+CSQ: (0-31,99),(0-7,99)", "" },
		{ "+CREG: 0,1", "registered, home network" }, { "+CGREG: 2,5,\"1A2B\",\"01C2\"", "registered, roaming" },
		{ "+CREG: 2", "not registered yet: searching for a network" }, { "+CEREG: 0,3", "the network refuses to register the module" },
		{ "+CREG: 1,\"1A2B\",\"01C2\"", "registered, home network" }, { "+CREG: 0,0", "not registered, and not searching for a network" },
		{ "+CREG: (0-2)", "" }, { "+CREG: 0,4", "not known whether it is registered: out of coverage, for example" },
		{ "+CPIN: READY", "the SIM is ready" }, { "+CPIN: SIM PIN", "the SIM is not ready: SIM PIN" },
		{ "+CPIN: \"SIM PUK\"", "the SIM is not ready: SIM PUK" }, { "+CPIN:", "" },
		{ "+QIND: \"csq\",20,99", "signal -73 dBm" }, { "+QIND: \"act\",\"HSPA\"", "" },
		{ "+QIND: \"FOTA\",\"UPDATING\",37", "the module installs: 37 %" }, { "+QIND: \"FOTA\",\"START\"", "the module begins to install" },
		{ "+QIND: \"FOTA\",\"HTTPSTART\"", "the module takes the package" }, { "+QIND: \"FOTA\",\"NEWS\"", "" },
		{ "+CBC: 0,85,3925", "supply voltage 3925 mV" }, { "+CBC: 0,85", "" },
		{ "OK", "" }, { "ERROR", "" }, { "+CME ERROR: the SIM is on fire", "" }, { "+CMS ERROR: 310", "" }, { "UG96LNAR02A06E1G", "" }, { "", "" },
	};
	char words[TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (strcmp(meaning(rows[i].line, words), rows[i].words) != 0)
			fail_msg("%s: \"%s\", not \"%s\"", rows[i].line, meaning(rows[i].line, words), rows[i].words);
}

/* As `dfota explain` has them, those of the other table and of none as well. */
static void codes_are_those_of_explain(void **state)
{
	static const struct {
		const char *line, *table;
		int number;
	} rows[] = {
		{ "+CME ERROR: 10", "cme", 10 }, { "+CME ERROR: 50", "cme", 50 }, { "+CME ERROR: 65000", "cme", 65000 },
		{ "+QIND: \"FOTA\",\"HTTPEND\",702", "http", 702 }, { "+QIND: \"FOTA\",\"FTPEND\",601", "ftp", 601 },
		{ "+QIND: \"FOTA\",\"END\",504", "end", 504 }, { "+QIND: \"FOTA\",\"END\",0", "end", 0 },
		{ "+QIND: \"FOTA\",\"HTTPEND\",0", "http", 0 },
		{ "+CME ERROR: SIM busy", "cme", 14 },
	};
	char words[TEXT_SIZE], want[128];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		codes_meaning(want, sizeof(want), rows[i].table, rows[i].number, NULL);
		if (!strstr(meaning(rows[i].line, words), want))
			fail_msg("%s: \"%s\", not \"%s\"", rows[i].line, meaning(rows[i].line, words), want);
	}
}

/* Nothing that is offered changes anything. */
static void only_questions_are_offered(void **state)
{
	const char *text;
	size_t i, end;

	(void)state;
	for (i = 0; (text = answer_question(i)); i++) {
		end = strlen(text) - 1;
		assert_memory_equal(text, "AT", 2);
		if (strchr(text, '='))
			assert_true(text[end] == '?' || text[end] == '"');
	}
	assert_true(i > 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_are_told_in_words),
		cmocka_unit_test(codes_are_those_of_explain),
		cmocka_unit_test(only_questions_are_offered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

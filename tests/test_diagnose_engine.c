/* How findings are made, whatever the rules are; records that are damaged. */
#include "config.h"

#include <fcntl.h>
#include <sys/file.h>

#include "chinese.h"
#include "diagnose_fixture.h"
#include "words.h"

static void a_record_of_nothing_is_explained_by_nothing(void **state)
{
	static const char *const texts[] = {
		HEADER,
		HEADER "{}\n[]\n\"\"\n\n{\"type\":\"line\"}\nnonsense\n",
		HEADER RESULT("success", ""),
		HEADER "{\"type\":\"step\",\"step\":\"identify\",\"state\":\"begin\",\"t\":0}\n",
	};
	struct finding found[FINDINGS_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++)
		assert_int_equal(diagnose_text(texts[i], found), 0);
}

static void only_so_many_are_told_and_the_surest(void **state)
{
	struct finding all[FINDINGS_MAX], one;
	struct record *r = open_named("weak-signal");
	size_t count = diagnosis_of_record(r, FOR_CONSOLE, all, FINDINGS_MAX);

	(void)state;
	assert_in_range(count, 2, FINDINGS_MAX);
	assert_int_equal(diagnosis_of_record(r, FOR_CONSOLE, &one, 1), 1);
	assert_string_equal(one.rule, all[0].rule);
	assert_int_equal(diagnosis_of_record(r, FOR_CONSOLE, NULL, 0), 0);
	record_free(r);
}

/* What a rule is about must have happened in its place: before the command,
 * or after the download, a lost network is none that spoiled it. */
static void a_lost_network_counts_only_in_the_download(void **state)
{
	static const struct {
		const char *text;
		bool found;
	} cases[] = {
		{ HEADER LINE("tx", "AT+QFOTADL=\\\"http://203.0.113.7/p\\\"", "1") LINE("rx", "OK", "1.1")
		  "{\"type\":\"step\",\"step\":\"transfer\",\"state\":\"begin\",\"t\":1}\n"
		  URC("+CREG: 2", "9") URC("+QIND: \\\"FOTA\\\",\\\"HTTPEND\\\",702", "21") RESULT("unchanged", ""), true },
		{ HEADER URC("+CREG: 2", "0.5") "{\"type\":\"step\",\"step\":\"transfer\",\"state\":\"begin\",\"t\":1}\n"
		  LINE("tx", "AT+QFOTADL=\\\"http://203.0.113.7/p\\\"", "1") LINE("rx", "OK", "1.1")
		  URC("+QIND: \\\"FOTA\\\",\\\"HTTPEND\\\",702", "21") RESULT("unchanged", ""), false },
		{ HEADER "{\"type\":\"step\",\"step\":\"transfer\",\"state\":\"begin\",\"t\":1}\n"
		  LINE("tx", "AT+QFOTADL=\\\"http://203.0.113.7/p\\\"", "1") LINE("rx", "OK", "1.1")
		  "{\"type\":\"step\",\"step\":\"install\",\"state\":\"begin\",\"t\":8}\n"
		  URC("+CREG: 2", "9") URC("+QIND: \\\"FOTA\\\",\\\"END\\\",504", "21") RESULT("unchanged", ""), false },
		/* registered is not lost, whatever else the line tells */
		{ HEADER LINE("tx", "AT+QFOTADL=\\\"http://203.0.113.7/p\\\"", "1") LINE("rx", "OK", "1.1")
		  "{\"type\":\"step\",\"step\":\"transfer\",\"state\":\"begin\",\"t\":1}\n"
		  URC("+CREG: 5,\\\"1A2B\\\",\\\"0003\\\"", "9") URC("+CREG: 1", "10") URC("+CREG: 0,1", "11")
		  URC("+QIND: \\\"FOTA\\\",\\\"HTTPEND\\\",702", "21") RESULT("unchanged", ""), false },
		/* a success is not explained by it */
		{ HEADER LINE("tx", "AT+QFOTADL=\\\"http://203.0.113.7/p\\\"", "1") LINE("rx", "OK", "1.1")
		  "{\"type\":\"step\",\"step\":\"transfer\",\"state\":\"begin\",\"t\":1}\n"
		  URC("+CREG: 2", "9") URC("+QIND: \\\"FOTA\\\",\\\"HTTPEND\\\",702", "21") RESULT("success", ""), false },
	};
	struct finding found[FINDINGS_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct finding *f = find_rule(found, diagnose_text(cases[i].text, found), "registration-lost");

		if ((f != NULL) != cases[i].found)
			fail_msg("case %zu", i);
	}
	diagnose_text(cases[0].text, found);
	assert_non_null(strstr(found[0].cause, "(+CREG: 2), 12 s before it ended with HTTPEND 702 (time-out)"));
}

/* No code is left without a word, of a rule or of codes_find(); and a code alone
 * is no proof, but where it says the cause itself. */
static void every_code_is_explained(void **state)
{
	(void)state;
	for (size_t i = 0; codes_row(i); i++) {
		struct finding found[FINDINGS_MAX];
		char name[64], text[2048], path[128], urc[64];
		struct record *r;

		if (!code_record(i, name, sizeof(name), text, sizeof(text)))
			continue;
		r = open_record(write_record(path, text, strlen(text)));
		snprintf(urc, sizeof(urc), "\"%.*s\"", (int)strcspn(name, " "), name);
		if (diagnosis_of_record(r, FOR_CONSOLE, found, FINDINGS_MAX) == 0 || !rests_on(r, &found[0], urc))
			fail_msg("%s is explained by nothing", name);
		if (found[0].certainty > 60 && strcmp(found[0].rule, "no-room") != 0)
			fail_msg("%s alone makes %s %d %% sure", name, found[0].rule, found[0].certainty);
		record_free(r);
	}
}

/* The last result counts: what was unknown yesterday is known when it was watched on. */
static void the_last_result_counts(void **state)
{
	struct finding found[FINDINGS_MAX];

	(void)state;
	assert_non_null(find_rule(found, diagnose_text(HEADER
		"{\"type\":\"answer\",\"answer\":\"detach\",\"t\":5}\n" RESULT("unknown", ""), found), "detached"));
	assert_int_equal(diagnose_text(HEADER
		"{\"type\":\"answer\",\"answer\":\"detach\",\"t\":5}\n" RESULT("unknown", "") RESULT("success", ""), found), 0);
}

/* A name at the start of a sentence is spelled as it is. */
static void a_name_is_spelled_as_it_is(void **state)
{
	static const struct {
		const char *name, *cause;
	} rows[] = {
		{ "s.bin", "s.bin is no package: " }, { "delta", "delta is no package: " }, { "Q.zip", "Q.zip is no package: " },
	};
	struct finding found[FINDINGS_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char text[1024];

		snprintf(text, sizeof(text), HEADER "{\"type\":\"result\",\"outcome\":\"package\",\"exit\":22,\"step\":\"identify\",\"message\":\"x\","
			 "\"id\":\"package-is-filled\",\"args\":{\"name\":\"%s\"},\"t\":1}\n", rows[i].name);
		assert_true(diagnose_text(text, found) > 0);
		assert_ptr_equal(strstr(found[0].cause, rows[i].cause), found[0].cause);
	}
}

/* What never had its whole package may be switched off: no next step says otherwise. */
static void what_never_had_the_package_need_not_be_kept_powered(void **state)
{
	static const char *const ids[] = { "gate-bare-ok", "gate-missing", "transfer-cancelled" };
	struct finding found[FINDINGS_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(ids); i++) {
		char text[2048];

		snprintf(text, sizeof(text), HEADER "{\"type\":\"answer\",\"answer\":\"cancel\",\"t\":5}\n{\"type\":\"answer\",\"answer\":\"detach\",\"t\":6}\n"
			 "{\"type\":\"result\",\"outcome\":\"unknown\",\"exit\":12,\"step\":\"transfer\",\"message\":\"x\",\"id\":\"%s\",\"args\":{},\"then\":[{\"id\":\"not-asked-again\"},{\"id\":\"never-complete\"}],\"t\":90}\n", ids[i]);
		assert_true(diagnose_text(text, found) > 0);
		if (strstr(found[0].next, "powered") || strstr(found[0].cause, "went on by itself"))
			fail_msg("%s: %s %s", ids[i], found[0].cause, found[0].next);
	}
}

/* There is nobody to ask any more. */
static void a_demo_that_was_left_asks_for_nothing(void **state)
{
	static const char *const rests[] = {
		"{\"type\":\"answer\",\"answer\":\"detach\",\"t\":5}\n" RESULT("unknown", "\"record\":\"/tmp/r.jsonl\","), "",
	};
	struct finding found[FINDINGS_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(rests); i++) {
		char text[4096];

		snprintf(text, sizeof(text), "{\"demo\":true,%s%s", &HEADER URC("+QIND: \\\"FOTA\\\",\\\"UPDATING\\\",45", "4")[1], rests[i]);
		assert_true(diagnose_text(text, found) > 0);
		assert_non_null(strstr(found[0].next, "This was the demo: "));
		assert_null(strstr(found[0].next, "dfota resume"));
	}
}

/* An upgrade that is under way was not killed. */
static void a_record_that_is_being_written_is_not_of_a_killed_program(void **state)
{
	static const char text[] = HEADER "{\"type\":\"intent\",\"what\":\"install\",\"model\":\"UG96\",\"imei\":\"490154203237518\","
		"\"from\":\"A\",\"to\":\"B\",\"method\":\"pull\",\"port\":\"/dev/ttyUSB0\",\"t\":1}\n";
	struct finding found[FINDINGS_MAX];
	char path[128];
	int fd;

	(void)state;
	assert_non_null(find_rule(found, diagnose_text(text, found), "program-killed"));
	fd = open(write_record(path, text, strlen(text)), O_RDWR | O_CLOEXEC);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(diagnose_path(path, found), 0);
	close(fd);
}

static void a_line_is_told_as_a_person_reads_it(void **state)
{
	static const struct {
		const char *line, *told;
	} cases[] = {
		{ LINE("rx", "+CSQ: 3,99", "12.06"), "  12.060 < +CSQ: 3,99" },
		{ LINE("tx", "AT+CSQ", "0.001"), "   0.001 > AT+CSQ" },
		{ "{\"type\":\"notice\",\"severity\":\"warning\",\"text\":\"weak\",\"t\":1234.5}\n", "1234.500 ! weak" },
		{ "{\"type\":\"notice\",\"severity\":\"info\",\"text\":\"well\",\"t\":2}\n", "   2.000 * well" },
		{ "{\"type\":\"step\",\"step\":\"install\",\"state\":\"begin\",\"t\":2}\n", "   2.000 = Install begins" },
		{ "{\"type\":\"data\",\"offset\":19000,\"size\":1003,\"sha256\":\"\",\"t\":2}\n", "   2.000 > 1,003 package bytes from 19,000 on" },
		{ "{\"type\":\"answer\",\"answer\":\"cancel\",\"t\":3}\n", "   3.000 = the operator: cancel" },
		{ "{\"type\":\"gap\",\"lines\":3,\"why\":\"disk\",\"t\":3}\n", "   3.000 = (lines are missing here)" },
		{ "nonsense\n", "   0.000 = (not readable)" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char text[1024], path[128], out[256];
		struct record *r;

		snprintf(text, sizeof(text), HEADER "%s", cases[i].line);
		r = open_record(write_record(path, text, strlen(text)));
		assert_string_equal(diagnosis_line(r, 1, FOR_RECORD, out, sizeof(out)), cases[i].told);
		/* cut, and still whole characters */
		assert_string_equal(diagnosis_line(r, 1, FOR_RECORD, out, 1), "");
		assert_in_range(strlen(diagnosis_line(r, 1, FOR_RECORD, out, 8)), 0, 7);
		record_free(r);
	}
}

/* On the screen in the language of who looks, in a report in English; a line of the module as it came. */
static void a_line_is_told_in_the_language_of_who_reads_it(void **state)
{
	static const char *const told[] = {
		"{\"type\":\"step\",\"step\":\"restart\",\"state\":\"begin\",\"t\":2}\n",
		"{\"type\":\"step\",\"step\":\"verify\",\"state\":\"end\",\"t\":2}\n",
		"{\"type\":\"data\",\"offset\":512,\"size\":512,\"sha256\":\"\",\"t\":2}\n",
		"{\"type\":\"answer\",\"answer\":\"detach\",\"t\":3}\n",
		"{\"type\":\"gap\",\"lines\":9,\"why\":\"memory\",\"t\":3}\n",
		"nonsense\n",
	};
	char text[1024], path[128], out[256];
	struct chinese c;

	(void)state;
	chinese_prepare(&c);
	words_open();
	for (size_t i = 0; i <= COUNT(told); i++) {
		struct record *r;

		snprintf(text, sizeof(text), HEADER "%s", i < COUNT(told) ? told[i] : LINE("rx", "+CREG: 1,5", "7"));
		r = open_record(write_record(path, text, strlen(text)));
		assert_int_equal(is_chinese(diagnosis_line(r, 1, FOR_SCREEN, out, sizeof(out))), i < COUNT(told));
		assert_false(is_chinese(diagnosis_line(r, 1, FOR_RECORD, out, sizeof(out))));
		record_free(r);
	}
	chinese_forget(&c);
}

/* --- the fold --- */

/* Asking changes nothing: what comes after it counts as if nobody had asked. */
static void findings_may_be_asked_for_at_any_time(void **state)
{
	static const char *const names[] = { "registration-lost", "bytes-lost", "power-cut-2", "program-killed", "success-pull" };

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		struct finding asked[FINDINGS_MAX], once[FINDINGS_MAX];
		struct record *r = open_named(names[i]);
		struct diagnosis *often = diagnosis_new(), *seldom = diagnosis_new();
		size_t count = 0;
		struct event ev;

		assert_true(often && seldom);
		for (uint64_t n = 0; n < record_count(r); n++) {
			if (!record_event(r, n, &ev))
				continue;
			diagnosis_take(often, n, &ev);
			diagnosis_take(seldom, n, &ev);
			count = diagnosis_findings(often, FOR_CONSOLE, asked, FINDINGS_MAX);
		}
		assert_int_equal(diagnosis_findings(seldom, FOR_CONSOLE, once, FINDINGS_MAX), count);
		for (size_t k = 0; k < count; k++) {
			assert_string_equal(asked[k].rule, once[k].rule);
			assert_string_equal(asked[k].cause, once[k].cause);
			assert_int_equal(asked[k].certainty, once[k].certainty);
			assert_int_equal(asked[k].line_count, once[k].line_count);
			assert_memory_equal(asked[k].lines, once[k].lines, sizeof(once[k].lines));
		}
		diagnosis_free(often);
		diagnosis_free(seldom);
		record_free(r);
	}
}

static void what_has_seen_nothing_finds_nothing(void **state)
{
	struct diagnosis *d = diagnosis_new();
	struct finding found[FINDINGS_MAX];

	(void)state;
	assert_non_null(d);
	assert_int_equal(diagnosis_findings(d, FOR_CONSOLE, found, FINDINGS_MAX), 0);
	diagnosis_abandoned(d);
	assert_int_equal(diagnosis_findings(d, FOR_CONSOLE, found, FINDINGS_MAX), 0);
	diagnosis_free(d);
	diagnosis_free(NULL);
}

/* --- every way to stop --- */

/* Argument after argument of ID, of any value. */
static struct message some_message(enum message_id id)
{
	struct message m;
	struct message_arg arg;

	message_begin(&m, id);
	for (size_t i = 0; message_arg(id, i, &arg); i++)
		message_value(&m, arg.type == MESSAGE_TEXT ? "something" : "2");
	return m;
}

/* The first finding of a run that ENDED so, with nothing else seen. */
static size_t find_for(enum message_id id, enum outcome outcome, enum audience audience, struct finding *f)
{
	struct diagnosis *d = diagnosis_new();
	struct event ev = { .type = EVENT_RESULT };
	size_t count;

	assert_non_null(d);
	ev.result.outcome = outcome;
	ev.result.stop = message_info(id)->code != ERR_NONE ? message_info(id)->code : ERR_MODULE;
	ev.result.what = some_message(id);
	diagnosis_take(d, 1, &ev);
	count = diagnosis_findings(d, audience, f, 1);
	diagnosis_free(d);
	return count;
}

static void every_way_to_stop_has_a_cause_and_a_next_step(void **state)
{
	static const enum outcome outcomes[] = { OUTCOME_STOPPED, OUTCOME_UNCHANGED, OUTCOME_DEVICE_FAILED, OUTCOME_UNKNOWN };
	size_t looked = 0;

	(void)state;
	for (int id = MSG_NONE + 1; id < MSG_COUNT; id++) {
		for (size_t i = 0; i < COUNT(outcomes); i++) {
			for (int audience = FOR_CONSOLE; audience <= FOR_SCREEN; audience++) {
				struct finding f;

				if (find_for((enum message_id)id, outcomes[i], (enum audience)audience, &f) != 1)
					fail_msg("%s: no finding", message_info((enum message_id)id)->name);
				if (strlen(f.cause) < 4 || f.cause[strlen(f.cause) - 1] != '.' || strlen(f.next) < 10)
					fail_msg("%s: cause \"%s\", next \"%s\"", message_info((enum message_id)id)->name, f.cause, f.next);
				looked++;
			}
		}
	}
	assert_in_range(looked, COUNT(outcomes) * 2, SIZE_MAX);
}

/* What an outcome asks for, whatever its cause; the exact command where there is one. */
static void the_next_step_is_that_of_the_outcome(void **state)
{
	static const struct {
		const char *outcome, *line, *rest, *begin, *end;
	} cases[] = {
		{ "unchanged", "END\\\",504", "", "", " Trying again is safe." },
		{ "device-failed", "END\\\",504", "", "Keep the module powered and send", "Ask for its version again with: dfota probe -p /dev/ttyUSB0" },
		{ "unknown", "UPDATING\\\",45", "\"to\":\"B\",\"record\":\"/tmp/r.jsonl\",", "Keep the module powered: it may still be installing B.",
		  " Keep watching with: dfota resume /tmp/r.jsonl" },
		/* it ended: there is no installation that power could spoil */
		{ "unknown", "END\\\",504", "\"to\":\"B\",\"record\":\"/tmp/r.jsonl\",", "Keep the module powered. Keep",
		  "Keep watching with: dfota resume /tmp/r.jsonl" },
		{ "unknown", "UPDATING\\\",45", "\"to\":\"B\",", "Keep the module powered: it may still be installing B.", "Then ask for its version with: dfota probe -p /dev/ttyUSB0" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct finding found[FINDINGS_MAX];
		char text[2048];
		size_t size;

		snprintf(text, sizeof(text), HEADER LINE("tx", "AT+QFOTADL=\\\"http://203.0.113.7/p\\\"", "1")
			 URC("+QIND: \\\"FOTA\\\",\\\"%s", "9")
			 "{\"type\":\"result\",\"outcome\":\"%s\",\"exit\":10,\"step\":\"transfer\",%s\"message\":\"m\",\"t\":90}\n",
			 cases[i].line, cases[i].outcome, cases[i].rest);
		assert_in_range(diagnose_text(text, found), 1, FINDINGS_MAX);
		size = strlen(found[0].next);
		if (strncmp(found[0].next, cases[i].begin, strlen(cases[i].begin)) != 0 || size < strlen(cases[i].end) ||
		    strcmp(found[0].next + size - strlen(cases[i].end), cases[i].end) != 0)
			fail_msg("%s: %s", cases[i].outcome, found[0].next);
	}
}

/* --- a cure leads into no refusal --- */

/* Some families download, and have no other way; one has no form of the command to give. */
static void a_cure_is_one_that_the_family_has(void **state)
{
	static const struct {
		const char *family, *method, *trouble, *rule, *next;	/* its beginning */
	} cases[] = {
#define REDIRECTED ENDED("server-redirects-elsewhere", "\"url\":\"https://h.example/p\"")
#define WANTS_TLS ENDED("server-wants-tls", "\"host\":\"h\",\"protocol\":\"FTP\",\"reply\":530,\"said\":\"\",\"url\":\"ftps://h/p\"")
#define ENDED(id, args) "{\"type\":\"result\",\"outcome\":\"stopped\",\"exit\":23,\"step\":\"check\"," \
	"\"message\":\"x\",\"id\":\"" id "\",\"args\":{" args "},\"t\":90}\n"
#define GOT(line) LINE("tx", "AT+QFOTADL=\\\"http://203.0.113.7/p\\\"", "1") LINE("rx", "OK", "1.1") URC(line, "9") RESULT("unchanged", "")
#define SENT(answer) LINE("tx", "AT+QFOTADL=\\\"COM:\\\",10,60", "1") LINE("rx", answer, "1.1") RESULT("unchanged", "")
		{ "ugxx", "pull", REDIRECTED, "server-redirect", "Let this computer download it and send it over the serial port: -u https://h.example/p --relay." },
		{ "ep06", "pull", REDIRECTED, "server-redirect", "Put the file on a server that gives it to the module without" },
		{ "ec2x", "pull", WANTS_TLS, "server-wants-tls", "Use ftps://h/p with --relay" },
		{ "bg95", "pull", WANTS_TLS, "server-wants-tls", "Put the file on a server that gives it in a way the module can use" },
		{ "ugxx", "pull", GOT("+QIND: \\\"FOTA\\\",\\\"HTTPEND\\\",420"), "tls", "Let this computer download and send" },
		{ "ec200u", "pull", GOT("+QIND: \\\"FOTA\\\",\\\"FTPEND\\\",631"), "tls", "Put the file on a server that gives it without" },
		{ "lte-a", "push", SENT("+CME ERROR: 3"), "com-form-unknown", "Ask for its form with AT+QFOTADL=?" },
		{ "ec2x", "push", SENT("+CME ERROR: 3"), "com-form-unknown", "Let the module download" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct finding found[FINDINGS_MAX];
		char text[2048];

		snprintf(text, sizeof(text), "{\"type\":\"header\",\"format\":1,\"program\":\"dfota 0.1.0\",\"job\":\"upgrade\",\"port\":\"/dev/ttyUSB0\",\"baud\":115200,\"method\":\"%s\"}\n"
			 "{\"type\":\"identity\",\"model\":\"M\",\"version\":\"A\",\"imei\":\"1\",\"port\":\"p\",\"profile\":\"%s\",\"t\":0}\n%s",
			 cases[i].method, cases[i].family, cases[i].trouble);
		assert_in_range(diagnose_text(text, found), 1, FINDINGS_MAX);
		if (strcmp(found[0].rule, cases[i].rule) != 0 || strncmp(found[0].next, cases[i].next, strlen(cases[i].next)) != 0)
			fail_msg("%s, %s: %s: %s", cases[i].family, cases[i].rule, found[0].rule, found[0].next);
	}
}

/* A URL, a login are refused before it is known which way the module has. */
static void a_cure_for_some_families_says_for_which(void **state)
{
	size_t looked = 0;

	(void)state;
	for (int id = MSG_NONE + 1; id < MSG_COUNT; id++) {
		const struct message_info *info = message_info((enum message_id)id);

		if (info->code != ERR_USAGE || !info->next || !strstr(info->next, "--relay"))
			continue;
		if (!strstr(info->next, "where the module takes"))
			fail_msg("%s: %s", info->name, info->next);
		looked++;
	}
	assert_true(looked >= 8);
}

static void a_warning_before_the_port_vanished_is_told(void **state)
{
	struct finding found[FINDINGS_MAX];

	(void)state;
	assert_in_range(diagnose_text(HEADER URC("UNDER_VOLTAGE POWER DOWN", "1")
		"{\"type\":\"result\",\"outcome\":\"stopped\",\"exit\":12,\"step\":\"check\",\"message\":\"x\",\"id\":\"port-vanished\","
		"\"args\":{\"port\":\"x\"},\"t\":90}\n", found), 1, FINDINGS_MAX);
	assert_string_equal(found[0].rule, "unplugged");
	assert_non_null(strstr(found[0].cause, "; the module had warned: UNDER_VOLTAGE POWER DOWN."));
}

/* The result is filled from the first finding, and a success has no cause. */
static void a_result_is_explained_by_the_first_finding(void **state)
{
	static const char *const names[] = { "registration-lost", "supply-low", "third-version", "success-pull", "end-lost" };

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		struct record *r = open_named(names[i]);
		struct diagnosis *d = diagnosis_new();
		struct finding first = {0};
		struct result result = {0};
		struct event ev;

		assert_non_null(d);
		for (uint64_t n = 0; n < record_count(r); n++) {
			if (!record_event(r, n, &ev))
				continue;
			diagnosis_take(d, n, &ev);
			if (ev.type == EVENT_RESULT)
				result = ev.result;
		}
		diagnosis_findings(d, FOR_CONSOLE, &first, 1);
		diagnosis_explain(d, FOR_CONSOLE, &result);
		if (result.outcome == OUTCOME_SUCCESS) {
			assert_string_equal(result.cause, "");
		} else {
			assert_string_equal(result.cause, first.cause);
			assert_string_equal(result.advice, first.next);
		}
		diagnosis_free(d);
		record_free(r);
	}
}

/* --- hostile records --- */

static void expect_harmless(const char *path)
{
	struct finding found[FINDINGS_MAX];
	char line[200];
	struct record *r;
	struct err e;
	size_t count;

	r = record_open(path, &e);
	if (!r)
		return;
	count = diagnosis_of_record(r, FOR_CONSOLE, found, FINDINGS_MAX);
	for (size_t i = 0; i < count; i++) {
		for (const unsigned char *c = (const unsigned char *)found[i].cause; *c; c++)
			if (*c < 0x20 || *c == 0x7f || (*c == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0))
				fail_msg("control byte in %s", found[i].rule);
		assert_in_range(found[i].line_count, 1, FINDING_LINES);
		for (size_t k = 0; k < found[i].line_count; k++) {
			assert_in_range(found[i].lines[k], 0, record_count(r) - 1);
			diagnosis_line(r, found[i].lines[k], FOR_RECORD, line, sizeof(line));
		}
	}
	record_free(r);
}

static void a_torn_record_is_read_as_far_as_it_goes(void **state)
{
	char text[RECORD_SIZE], path[128];
	size_t size = read_named("registration-lost", text, sizeof(text));

	(void)state;
	for (size_t end = 0; end < size; end += 61)
		expect_harmless(write_record(path, text, end));
}

static void flipped_bytes_do_no_harm(void **state)
{
	static const char *const names[] = { "registration-lost", "bytes-lost", "low-voltage-restart", "echo-broken" };
	char text[RECORD_SIZE], path[128];
	uint32_t x = 1;

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		for (int round = 0; round < 100; round++) {
			size_t size = read_named(names[i], text, sizeof(text));

			for (int k = 0; k < 40; k++) {
				x = x * 1664525 + 1013904223;
				text[(x >> 8) % size] = (char)(x >> 3);
			}
			expect_harmless(write_record(path, text, size));
		}
	}
}

static void impossible_values_do_no_harm(void **state)
{
	static const char *const lines[] = {
		"{\"type\":\"data\",\"offset\":9223372036854775807,\"size\":9223372036854775807,\"sha256\":\"\",\"t\":1e300}",
		"{\"type\":\"package\",\"name\":\"\\u001b[2J\",\"size\":1,\"manifest\":true,\"model\":\"{x}[y\",\"from\":\"%n%s\",\"to\":\"]\",\"t\":-1}",
		"{\"type\":\"progress\",\"step\":\"transfer\",\"done\":18446744073709551615,\"total\":1,\"unit\":\"bytes\",\"t\":2}",
		LINE("rx", "+CSQ: 99999999999999999999,-1", "3"),
		LINE("rx", "+CREG:", "3"), LINE("rx", "+CREG: ,,,", "3"), LINE("rx", "+CBC: 0,0,0", "3"),
		LINE("tx", "", "3"), LINE("rx", "", "3"), LINE("rx", "AT+", "3"), URC("AT+", "3"), URC(":", "3"),
		URC("+QIND: \\\"FOTA\\\",\\\"END\\\",99999999999999999999", "4"),
		"{\"type\":\"notice\",\"severity\":\"info\",\"text\":\"the module answers at {identity}[{code\",\"t\":5}",
		RESULT("unknown", "\"from\":\"{\",\"to\":\"[\","),
	};
	char text[8192], path[128];
	size_t used = (size_t)snprintf(text, sizeof(text), HEADER);

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s", lines[i],
					 lines[i][strlen(lines[i]) - 1] == '\n' ? "" : "\n");
		expect_harmless(write_record(path, text, used));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_of_nothing_is_explained_by_nothing),
		cmocka_unit_test(only_so_many_are_told_and_the_surest),
		cmocka_unit_test(a_lost_network_counts_only_in_the_download),
		cmocka_unit_test(every_code_is_explained),
		cmocka_unit_test(the_last_result_counts),
		cmocka_unit_test(what_never_had_the_package_need_not_be_kept_powered),
		cmocka_unit_test(a_demo_that_was_left_asks_for_nothing),
		cmocka_unit_test(a_name_is_spelled_as_it_is),
		cmocka_unit_test(a_record_that_is_being_written_is_not_of_a_killed_program),
		cmocka_unit_test(a_line_is_told_as_a_person_reads_it),
		cmocka_unit_test(a_line_is_told_in_the_language_of_who_reads_it),
		cmocka_unit_test(findings_may_be_asked_for_at_any_time),
		cmocka_unit_test(what_has_seen_nothing_finds_nothing),
		cmocka_unit_test(every_way_to_stop_has_a_cause_and_a_next_step),
		cmocka_unit_test(the_next_step_is_that_of_the_outcome),
		cmocka_unit_test(a_cure_is_one_that_the_family_has),
		cmocka_unit_test(a_cure_for_some_families_says_for_which),
		cmocka_unit_test(a_warning_before_the_port_vanished_is_told),
		cmocka_unit_test(a_result_is_explained_by_the_first_finding),
		cmocka_unit_test(a_torn_record_is_read_as_far_as_it_goes),
		cmocka_unit_test(flipped_bytes_do_no_harm),
		cmocka_unit_test(impossible_values_do_no_harm),
	};

	return cmocka_run_group_tests_name("diagnose_engine", tests, make_scratch, remove_scratch);
}

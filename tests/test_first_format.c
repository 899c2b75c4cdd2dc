/*
 * Records of dfota 0.1, which carry no ids: tests/records/v1, as that program
 * wrote them; findings.txt has what it found in each.
 */
#include "config.h"

#include "diagnose_fixture.h"
#include "record/first_format.h"

static void a_sentence_is_the_message_that_it_has_become(void **state)
{
	static const struct {
		const char *text;
		enum message_id id;
		const char *words;
	} rows[] = {
		{ "writing the record /r: No space left on device", MSG_RECORD_NOT_WRITTEN, "writing the record /r: No space left on device" },
		{ "writing the record /r: no memory for a line", MSG_RECORD_LINE_LOST, "writing the record /r: no memory for a line" },
		{ "making the record /a: b durable: Input/output error", MSG_RECORD_NOT_DURABLE, "making the record /a: b durable: Input/output error" },
		{ "supply voltage 3812 mV", MSG_SUPPLY, "supply voltage 3812 mV" },
		{ "signal -67 dBm", MSG_SIGNAL, "signal -67 dBm" },
		{ "the server has the file: 307200 bytes", MSG_SERVER_HAS_FILE, "the server has the file: 307,200 bytes" },
		{ "the server has the file: 307,200 bytes", MSG_SERVER_HAS_FILE, "the server has the file: 307,200 bytes" },
		{ "sending AT: asking for the IMEI: waiting for the port: cancelled", MSG_CANCELLED,
		  "sending AT: asking for the IMEI: waiting for the port: cancelled" },
		{ "/a; b: c is held by x y (812); close it and try again", MSG_PORT_HELD, "/a; b: c is held by x y (812)" },
		{ "the module stopped taking data: OK; the module still runs A", MSG_DATA_LEFT, "the module stopped taking data: OK; the module still runs A" },
		{ "AT+QCFG was refused: ERROR: progress may not be available; the version decides", MSG_COMMAND_REFUSED,
		  "AT+QCFG was refused: ERROR; progress may not be available; the version decides" },
		{ "AT+QFOTADL was refused: error 423, file too large (file too large); the module still runs A", MSG_COMMAND_REFUSED_CME,
		  "AT+QFOTADL was refused: error 423, file too large; the module still runs A" },
		{ "SIM: SIM not inserted: the module cannot download", MSG_SIM_REFUSED, "the SIM can't be used: error 10, SIM not inserted" },
		{ "the server could not be asked from here (h: no such host: the name is not known (DNS) (Could not resolve host: h)); the module has another network",
		  MSG_HOST_UNKNOWN, "h: no such host: the name is not known (DNS) (Could not resolve host: h); the server could not be asked from here; the module has another network" },
		{ "asking the server: h: the server is overloaded or closed: try again later (HTTP 503), it says after 30 s", MSG_HTTP_OVERLOADED,
		  "asking the server: h: the server is overloaded or closed (HTTP 503)" },
		{ "no module found on /p: asking who the module is: no answer to AT+CGMM within 5.0 s", MSG_NO_ANSWER,
		  "no module found on /p: asking who the module is: no answer to AT+CGMM within 5.0 s" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct message m;
		char words[TEXT_SIZE];

		if (!first_format_message(rows[i].text, &m) || m.id != rows[i].id)
			fail_msg("%s: id %d", rows[i].text, (int)m.id);
		assert_string_equal(message_text(&m, FOR_CONSOLE, words, sizeof(words)), rows[i].words);
	}
}

static void other_sentences_are_left_alone(void **state)
{
	static const char *const texts[] = {
		"", ": ", "; ", "a", "writing the record", "writing the record /r: no such error", "writing the record /r: No space left on device.",
		"Writing the record /r: No space left on device", "; ; ; ; : : : :", "{record}", "writing the record ", "making the record  durable: ",
		"cancelled.", "sending AT: nothing of ours", "waiting for the port: ",
		/* more parts than a message has */
		"asking the server: asking for the IMEI: waiting for the port: verifying the source: no answer to +++",
		"no answer to +++; what it runs now is not known; the module did not answer again; what it runs now is not known; the module did not answer again",
		"signal  dBm", "signal - dBm", "signal -6x dBm", "signal 6- dBm",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct message m;

		if (first_format_message(texts[i], &m))
			fail_msg("\"%s\" is %s", texts[i], message_info(m.id)->name);
		assert_int_equal(m.id, MSG_NONE);
	}
}

/* Whoever writes the sentences that a record holds gains nothing but a sentence. */
static void a_hostile_sentence_costs_little(void **state)
{
	static const char *const parts[] = { "; ", ": ", " ", "writing the record ", "durable", "\"",
		"; the module still runs A", "asking the server: ", "asking the server: ; the module still runs A" };
	char text[TEXT_SIZE];
	struct message m;

	(void)state;
	for (size_t i = 0; i < COUNT(parts); i++) {
		size_t used = 0, size = strlen(parts[i]);

		for (; used + size < sizeof(text); used += size)
			memcpy(text + used, parts[i], size);
		text[used] = '\0';
		first_format_message(text, &m);
	}
}

/* As NAME: RULE CERTAINTY ... */
static void the_findings_are_those_of_before(void **state)
{
	char path[512], line[1024];
	FILE *f = fopen(source_path(path, sizeof(path), "tests/records/v1/findings.txt"), "r");
	size_t records = 0;

	(void)state;
	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		struct finding found[FINDINGS_MAX];
		char name[64], now[1024];
		size_t count, used;

		line[strcspn(line, "\n")] = '\0';
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(line, ":"), line);
		snprintf(path, sizeof(path), "tests/records/v1/%s.jsonl", name);
		source_path(now, sizeof(now), path);
		count = diagnose_path(now, found);
		used = (size_t)snprintf(now, sizeof(now), "%s:", name);
		for (size_t i = 0; i < count; i++)
			used += (size_t)snprintf(now + used, sizeof(now) - used, " %s %d", found[i].rule, found[i].certainty);
		if (strcmp(now, line) != 0)
			print_error("now %s\nwas %s\n", now, line), records += 1000;
		records++;
	}
	fclose(f);
	assert_int_equal(records, 80);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sentence_is_the_message_that_it_has_become),
		cmocka_unit_test(other_sentences_are_left_alone),
		cmocka_unit_test(a_hostile_sentence_costs_little),
		cmocka_unit_test(the_findings_are_those_of_before),
	};

	return cmocka_run_group_tests_name("first_format", tests, NULL, NULL);
}

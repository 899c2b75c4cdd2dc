/*
 * Every rule with two records of runs it is about: tests/records (make there). Which rules fire where is tests/golden/diagnosis.txt;
 * DFOTA_GOLDEN=write writes it again.
 */
#include "config.h"

#include <dirent.h>
#include <fcntl.h>

#include "diagnose_fixture.h"

/*
 * The record NAME is explained by RULE before all others, or, with SECOND, as
 * the second where another cause is as likely. Each of LINES stands in one of
 * the lines of its evidence.
 */
static const struct row {
	const char *name, *rule;
	const char *lines[4];
	bool second;
} rows[] = {
	{ "modem-manager", "modem-manager", { "is held by ModemManager (612)" }, false },
	{ "modem-manager-2", "modem-manager", { "< AT+GCAP" }, false },
	{ "port-held", "port-held", { "is held by minicom (612)" }, false },
	{ "port-held-unseen", "port-held-unseen", { "held by a program of another user" }, false },
	{ "port-unusable", "port-unusable", { "there is no /dev/ttyUSB7" }, false },
	{ "wrong-baud", "wrong-baud", { "only noise on the line", "\\x" }, false },
	{ "no-answer", "no-answer", { "no module found on" }, false },
	{ "unplugged", "unplugged", { "the port vanished" }, false },
	{ "link-lost", "link-lost", { "the port has gone", "package bytes" }, false },
	{ "link-lost-2", "link-lost", { "the port has gone", "package bytes" }, false },
	{ "other-program", "other-program", { "< +CREG: 0,1", "< OK" }, false },
	{ "line-noise", "line-noise", { "\\x00" }, false },
	{ "echo-broken", "echo-broken", { "< AT0" }, false },
	{ "endless-line", "endless-line", { "a line of the module was too long" }, false },
	{ "no-dfota", "no-dfota", { "< ERROR", "result: module" }, false },
	{ "unknown-model", "unknown-model", { "UC20 is not a module this program knows" }, false },
	{ "wrong-base-version", "wrong-base-version", { "for UG96: UG96LNAR02A06E1G", "firmware UG96LNAR02A05E1G", "result: package" }, false },
	{ "wrong-model", "wrong-model", { "for UG95: ", "= UG96, firmware", "result: package" }, false },
	{ "already-done", "already-done", { "nothing to do" }, false },
	{ "package-altered", "package-altered", { "the package is damaged or another one" }, false },
	{ "wrong-package", "wrong-package", { "\"END\",507", "no manifest" }, false },
	{ "no-room", "no-room", { "+CME ERROR: 423" }, false },
	{ "sim-missing", "sim-missing", { "+CME ERROR: 10", "result: network" }, false },
	{ "sim-locked", "sim-locked", { "+CPIN: SIM PIN", "result: network" }, false },
	{ "registration-denied", "registration-denied", { "+CGREG: 0,3", "result: network" }, false },
	{ "not-registered", "not-registered", { "+CGREG: 0,0", "result: network" }, false },
	{ "registration-lost", "registration-lost", { "< +CREG: 0", "\"HTTPEND\",702", "+CSQ: 9,99" }, false },
	{ "context-inactive", "context-inactive", { "< ERROR" }, false },
	{ "context-inactive-2", "context-inactive", { "\"pdpdeact\",1", "\"HTTPEND\",707" }, false },
	{ "weak-signal", "weak-signal", { "+CSQ: 4,99", "\"HTTPEND\",702" }, false },
	{ "slow-link", "slow-link", { "\"HTTPEND\",702", "+CSQ: 8,99" }, false },
	{ "dns-failed", "dns-failed", { "no such host", "\"HTTPEND\",714" }, false },
	{ "server-private", "server-private", { "192.168.1.20 is an address of a private network", "\"HTTPEND\",716" }, false },
	{ "server-unreachable", "server-unreachable", { "could not be asked from here", "\"HTTPEND\",716" }, false },
	{ "server-html", "server-html", { "a web page" }, false },
	{ "server-redirect", "server-redirect", { "redirects to" }, false },
	{ "server-other-file", "server-other-file", { "the server's file has" }, false },
	{ "login-wrong", "login-wrong", { "(HTTP 401)" }, false },
	{ "login-wrong-2", "server-refuses-module", { "the server has the file", "\"FTPEND\",625" }, false },
	{ "server-wants-tls", "server-wants-tls", { "must use encryption" }, false },
	{ "server-wants-tls-2", "server-wants-tls", { "Upgrade Required" }, false },
	{ "other-service", "other-service", { "SSH-2.0" }, false },
	{ "other-service-2", "other-service", { "an FTP server answers" }, false },
	{ "account-refused", "account-refused", { "This account has expired" }, false },
	{ "account-refused-2", "account-refused", { "suspended" }, false },
	{ "access-denied", "access-denied", { "(HTTP 403)" }, false },
	{ "access-denied-2", "access-denied", { "Permission denied" }, false },
	{ "restarts", "restarts", { "< RDY" }, false },
	{ "file-missing", "file-missing", { "no such file (HTTP 404)" }, false },
	{ "file-missing-2", "server-refuses-module", { "\"FTPEND\",627" }, false },
	{ "server-busy", "server-busy", { "\"FTPEND\",614" }, false },
	{ "passive-ftp", "passive-ftp", { "\"FTPEND\",615" }, false },
	{ "connection-closed", "connection-closed", { "\"HTTPEND\",719" }, false },
	{ "tls", "tls", { "\"HTTPEND\",570" }, false },
	{ "no-download", "no-download", { "< OK" }, false },
	{ "code-only", "code-only", { "\"HTTPEND\",703" }, false },
	{ "com-form-unknown", "com-form-unknown", { "+CME ERROR: 425", "is unverified" }, false },
	{ "com-form-unknown-2", "com-form-unknown", { "OK but never CONNECT", "is unverified" }, false },
	{ "left-data-mode", "left-data-mode", { "stopped taking data: ERROR", "package bytes" }, false },
	{ "program-late", "program-late", { "held up for" }, false },
	{ "flow-control-stall", "flow-control-stall", { "(flow control)", "package bytes" }, false },
	{ "bytes-lost", "bytes-lost", { "\"END\",505", "20,003 of 20,003 bytes", "for UG96: " }, false },
	{ "supply-low", "supply-low", { "+CBC: 0,71,3100", "result: module" }, false },
	{ "low-voltage-restart", "low-voltage-restart", { "+CBC: 0,71,3460", "UNDER_VOLTAGE", "the port has gone" }, false },
	{ "power-cut", "power-cut", { "the port has gone" }, false },
	{ "power-cut-2", "power-cut", { "the port has gone", "< UG96LNAR02A06E1G" }, false },
	{ "flash-failed", "flash-failed", { "\"END\",504", "< UG96LNAR02A06E1G" }, false },
	{ "end-without-effect", "end-without-effect", { "\"END\",0", "< UG96LNAR02A06E1G" }, false },
	{ "installation-not-begun", "installation-not-begun", { "20,003 of 20,003 bytes", "< UG96LNAR02A06E1G" }, false },
	{ "third-version", "third-version", { "< UG96LNAR02A07E1G" }, false },
	{ "another-module", "another-module", { "< 356895040000013" }, false },
	{ "end-lost", "end-lost", { "\"UPDATING\",100", "< UG96LNAR02A08E1G" }, false },
	{ "urcs-elsewhere", "urcs-elsewhere", { "to another port", "< ERROR" }, false },
	{ "urcs-off", "urcs-off", { "switched off", "< ERROR" }, false },
	{ "impossible-percent", "impossible-percent", { "\"UPDATING\",101" }, false },
	{ "long-silence", "long-silence", { "\"UPDATING\",37" }, false },
	{ "already-updating", "already-updating", { "\"UPDATING\",57", "not started here" }, false },
	{ "still-installing", "still-installing", { "the watch time ran out" }, false },
	{ "not-back", "not-back", { "\"END\",0", "did not answer again" }, false },
	{ "declined", "declined", { "the operator: no" }, false },
	{ "cancelled", "cancelled", { "the operator: cancel" }, false },
	{ "detached", "detached", { "the operator: cancel" }, false },
	{ "program-killed", "program-killed", { "a later program continues" }, false },
	{ "program-killed-2", "program-killed", { "about to install" }, false },
	{ "terminal-lost", "terminal-lost", { "the terminal was lost" }, false },
	{ "unfinished", "unfinished", { "is unfinished" }, false },
	{ "disk-full", "disk-full", { "lines are missing" }, false },
	{ "message-flood", "message-flood", { "lines are missing" }, false },
	{ "already-done-2", "already-done", { "result: package: nothing to do" }, false },
	{ "already-updating-2", "already-updating", { "< +QIND: \"FOTA\",\"UPDATING\",12", "! the module is installing an update that was" }, false },
	{ "another-module-2", "another-module", { "< 356938035643809" }, false },
	{ "bytes-lost-2", "bytes-lost", { "\"END\",506", "= 20,003 of 20,003 bytes" }, false },
	{ "cancelled-2", "cancelled", { "= the operator: cancel", "result: cancelled: checking the module" }, false },
	{ "code-only-2", "code-only", { "< +QIND: \"FOTA\",\"HTTPEND\",725" }, false },
	{ "connection-closed-2", "connection-closed", { "< +QIND: \"FOTA\",\"FTPEND\",616" }, false },
	{ "declined-2", "declined", { "= the operator: no" }, false },
	{ "detached-2", "detached", { "= the operator: cancel" }, false },
	{ "disk-full-2", "disk-full", { "= (lines are missing here)" }, false },
	{ "dns-failed-2", "dns-failed", { "< +QIND: \"FOTA\",\"FTPEND\",604" }, false },
	{ "echo-broken-2", "echo-broken", { "< AATT" }, false },
	{ "end-lost-2", "end-lost", { "< +QIND: \"FOTA\",\"UPDATING\",100", "< UG96LNAR02A08E1G" }, false },
	{ "end-without-effect-2", "end-without-effect", { "< +QIND: \"FOTA\",\"END\",0", "< UG96LNAR02A06E1G" }, false },
	{ "endless-line-2", "endless-line", { "! a line of the module was too long; 2,452 by" }, false },
	{ "file-missing-3", "file-missing", { "result: network: asking the server" }, false },
	{ "flash-failed-2", "flash-failed", { "< +QIND: \"FOTA\",\"END\",525", "< UG96LNAR02A06E1G" }, false },
	{ "flow-control-stall-2", "flow-control-stall", { "package bytes", "< +CME ERROR: 421" }, false },
	{ "impossible-percent-2", "impossible-percent", { "< +QIND: \"FOTA\",\"UPDATING\",250" }, false },
	{ "installation-not-begun-2", "installation-not-begun", { "< +QIND: \"FOTA\",\"HTTPEND\",0", "< UG96LNAR02A06E1G" }, false },
	{ "left-data-mode-2", "left-data-mode", { "package bytes", "result: unchanged: the module stopped taking" }, false },
	{ "line-noise-2", "line-noise", { "< \\x80\\xf3\\x01" }, false },
	{ "login-wrong-3", "login-wrong", { "result: network: asking the server" }, false },
	{ "long-silence-2", "long-silence", { "< +QIND: \"FOTA\",\"UPDATING\",73" }, false },
	{ "low-voltage-restart-2", "low-voltage-restart", { "< +CBC: 0,71,3440", "* the port has gone; waiting for the module t" }, false },
	{ "message-flood-2", "message-flood", { "= (lines are missing here)" }, false },
	{ "no-answer-2", "no-answer", { "result: module: no module found on /dev/ttyUS" }, false },
	{ "no-dfota-2", "no-dfota", { "< +CME ERROR: 4", "result: module: this module does not know AT+" }, false },
	{ "no-download-2", "no-download", { "< OK", "result: unknown: the watch time ran out befor" }, false },
	{ "no-room-2", "no-room", { "< +QIND: \"FOTA\",\"END\",511", "< UG96LNAR02A06E1G" }, false },
	{ "not-back-2", "not-back", { "< +QIND: \"FOTA\",\"END\",0", "result: unknown: the module did not answer ag" }, false },
	{ "not-registered-2", "not-registered", { "< +CGREG: 0,0", "result: network: the module is not registered" }, false },
	{ "other-program-2", "other-program", { "< AT+COPS?", "< +COPS: 0,0,\"TELCO\",2" }, false },
	{ "package-altered-2", "package-altered", { "result: package: ug96-06-08.bin has the SHA-2" }, false },
	{ "passive-ftp-2", "passive-ftp", { "< +QIND: \"FOTA\",\"FTPEND\",607" }, false },
	{ "port-held-2", "port-held", { "result: busy: /dev/ttyUSB0 is held by picocom" }, false },
	{ "port-held-unseen-2", "port-held-unseen", { "result: busy: /dev/ttyUSB0 is held by a progr" }, false },
	{ "port-unusable-2", "port-unusable", { "result: port: /dev/null is not a serial port" }, false },
	{ "program-late-2", "program-late", { "! this program was itself held up for 12 s: i", "< +CME ERROR: 421" }, false },
	{ "registration-denied-2", "registration-denied", { "< +CGREG: 0,3", "result: network: the module is not registered" }, false },
	{ "registration-lost-2", "registration-lost", { "< +CGREG: 2", "< +QIND: \"FOTA\",\"FTPEND\",605" }, false },
	{ "restarts-2", "restarts", { "< UNDER_VOLTAGE WARNING", "< RDY" }, false },
	{ "server-busy-2", "server-busy", { "! 203.0.113.7: the server is overloaded or cl", "< +QIND: \"FOTA\",\"HTTPEND\",503" }, false },
	{ "server-html-2", "server-html", { "result: package: the server answers with a we" }, false },
	{ "server-other-file-2", "server-other-file", { "result: package: 203.0.113.7" }, false },
	{ "server-private-2", "server-private", { "! 192.168.1.20 is an address of a private net", "< +QIND: \"FOTA\",\"HTTPEND\",702" }, false },
	{ "server-redirect-2", "server-redirect", { "result: network: the server redirects to http" }, false },
	{ "server-refuses-module", "server-refuses-module", { "the server has the file", "< +QIND: \"FOTA\",\"HTTPEND\",403" }, false },
	{ "server-unreachable-2", "server-unreachable", { "! connecting to 203.0.113.7: Connection refus", "< +QIND: \"FOTA\",\"HTTPEND\",702" }, false },
	{ "sim-locked-2", "sim-locked", { "< +CPIN: SIM PUK", "result: network: the SIM is not ready" }, false },
	{ "sim-missing-2", "sim-missing", { "< +CME ERROR: 13", "result: network: the SIM can't be used" }, false },
	{ "slow-link-2", "slow-link", { "< +QIND: \"FOTA\",\"FTPEND\",609" }, false },
	{ "still-installing-2", "still-installing", { "< +QIND: \"FOTA\",\"UPDATING\",33", "result: unknown: the watch time ran out befor" }, false },
	{ "supply-low-2", "supply-low", { "< +CBC: 0,71,3290", "result: module: the supply voltage is too low" }, false },
	{ "terminal-lost-2", "terminal-lost", { "= the terminal was lost" }, false },
	{ "third-version-2", "third-version", { "< +QIND: \"FOTA\",\"END\",0", "< UG96LNAR02A04E1G" }, false },
	{ "tls-2", "tls", { "< +QIND: \"FOTA\",\"FTPEND\",631" }, false },
	{ "unfinished-2", "unfinished", { "result: busy: an earlier upgrade of the UG96" }, false },
	{ "unknown-model-2", "unknown-model", { "result: module: SIM800 is not a module this p" }, false },
	{ "unplugged-2", "unplugged", { "result: gone: the port vanished" }, false },
	{ "urcs-elsewhere-2", "urcs-elsewhere", { "* the module sends its messages to another po", "< ERROR" }, false },
	{ "urcs-off-2", "urcs-off", { "* the module's state messages are switched of", "< ERROR" }, false },
	{ "weak-signal-2", "weak-signal", { "< +QIND: \"csq\",2,99", "< +QIND: \"FOTA\",\"HTTPEND\",722" }, false },
	{ "wrong-base-version-2", "wrong-base-version", { "= package http://203.0.113.7/ug96-06-08.bin,", "= UG96, firmware UG96LNAR02A04E1G, IMEI 49015" }, false },
	{ "wrong-baud-3", "wrong-baud", { "< K\\xa8\\x8f\\xa0\\xb0\\xcb\\xd8\\xf8\"8qo\\xf1\\xf0H\\", "result: module: no module found on /dev/ttyUS" }, false },
	{ "wrong-model-2", "wrong-model", { "= package http://203.0.113.7/ug96-06-08.bin,", "= UG96, firmware UG96LNAR02A06E1G, IMEI 49015" }, false },
	{ "wrong-package-2", "wrong-package", { "< +QIND: \"FOTA\",\"END\",552", "< UG96LNAR02A06E1G" }, false },
	/* nothing is wrong with these */
	{ "wrong-baud-2", NULL, { NULL }, false },	/* it succeeded at the other rate */
	{ "success-push", NULL, { NULL }, false },
	{ "success-pull", NULL, { NULL }, false },
};

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
			print_error("  %s\n", diagnosis_line(r, f->lines[k], line, sizeof(line)));
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

	(void)state;
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
		{ "unknown-model", "model: UC20." },
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
		{ "impossible-percent", "3 times." },
		{ "long-silence", "for 130 s (at 37 %) while" },
		{ "still-installing", "at 100 %;" },
		{ "program-killed", "bytes); a later one continued with it." },
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
		cmocka_unit_test(rules_fire_where_they_should),
		cmocka_unit_test(each_sign_counts),
	};

	return cmocka_run_group_tests_name("diagnose", tests, make_scratch, remove_scratch);
}

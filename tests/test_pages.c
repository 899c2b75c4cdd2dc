/*
 * The pages that show what stands in records: the diagnosis and the report.
 */
#include "config.h"

#include <dirent.h>

#include "base/count.h"
#include "pages_fixture.h"
#include "sentences.h"

/* -- the diagnosis -- */

static void a_failure_names_its_likely_cause_and_d_shows_why(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < SIZE_COUNT; i++) {
		struct rig *r = upgrading(sizes[i].lines, sizes[i].columns, network_lost);

		push_failure(r);
		assert_page("likely", sizes[i].name);
		type(r, "d");
		assert_page("diagnosis", sizes[i].name);
		type(r, " ");
		assert_page("likely", sizes[i].name);	/* it covered this one */
		type(r, " ");
		assert_false(sees(" Diagnosis "));
		assert_false(sees(" Not done "));
		type(r, "d");
		assert_page("diagnosis", sizes[i].name);
		type(r, " ");
		assert_false(sees(" Not done "));
		rig_close(r);
	}
}

static void the_evidence_is_what_the_module_said(void **state)
{
	struct rig *r = upgrading(24, 80, network_lost);

	(void)state;
	push_failure(r);
	type(r, "d");
	assert_sees("1. ");
	assert_sees("evidence:");
	assert_sees("20.120 < +CREG: 0");
	assert_sees("next: ");
	page_down(r);
	page_down(r);
	page_down(r);
	assert_sees("Record    " RECORD);
	rig_close(r);
}

static void a_record_without_trouble_is_said_to_be_so(void **state)
{
	struct rig *r = upgrading(24, 80, HEADER);

	(void)state;
	type(r, "d");
	assert_golden("diagnosis-none-80x24");
	rig_close(r);
}

static void a_running_upgrade_can_be_looked_at_again_and_again(void **state)
{
	struct rig *r = upgrading(24, 80, HEADER);
	int fd = open(RECORD, O_RDONLY | O_CLOEXEC);

	(void)state;
	assert_int_equal(flock(fd, LOCK_EX), 0);	/* as its writer does */
	type(r, "d");
	assert_sees("No known cause");
	assert_sees("So far    the record is still being written; press d to refresh");
	put_file(RECORD, network_lost);
	type(r, "d");
	assert_sees("+QIND: \"FOTA\",\"HTTPEND\",702");
	close(fd);
	rig_close(r);
}

static void without_a_record_that_is_said(void **state)
{
	struct rig *r = rig_new(&usual);

	(void)state;
	type(r, "d");
	assert_sees("not now: nothing was recorded yet");
	type(r, "1\r");
	type(r, "d");
	assert_sees("not now: there is no record: only upgrades are recorded");
	type(r, "R");
	assert_sees("not now: there is no record: only upgrades are recorded");
	rig_close(r);
}

static void a_record_that_is_gone_is_said_to_be_so(void **state)
{
	struct rig *r = upgrading(24, 80, HEADER);

	(void)state;
	assert_int_equal(unlink(RECORD), 0);
	push_failure(r);
	assert_sees("could not download");
	type(r, "d");
	assert_sees("The record can't be read, so nothing is known from it.");
	assert_sees("there is no record");
	type(r, "R\r");
	assert_sees("there is no record");
	rig_close(r);
}

/* A string with everything that a terminal would obey. */
#define EVIL "\\u001b]0;owned\\u0007\\u009b31m\\u202e\\u0000x"

static void what_stands_in_a_record_never_reaches_the_terminal_raw(void **state)
{
	static const char evil[] = HEADER
		"{\"type\":\"identity\",\"maker\":\"" EVIL "\",\"model\":\"" EVIL "\",\"version\":\"" EVIL "\",\"imei\":\"" EVIL "\","
		"\"profile\":\"\",\"port\":\"" EVIL "\",\"t\":0.4}\n"
		LINE("tx", "AT+CSQ", "", "11.0") LINE("rx", "\x1b]0;owned\x07+CSQ: 3,99 " EVIL, ",\"urc\":true", "11.1")
		LINE("tx", "AT+QFOTADL=\\\"http://h/" EVIL "\\\"", "", "12.0")
		LINE("rx", "+CREG: 0," EVIL, ",\"urc\":true", "20.1") LINE("rx", "+QIND: \\\"FOTA\\\",\\\"HTTPEND\\\",702", ",\"urc\":true", "37.1")
		"{\"type\":\"notice\",\"severity\":\"error\",\"text\":\"ModemManager " EVIL "\",\"t\":1.0}\n";
	struct setup s = sized(24, 80);
	struct rig *r;
	char *bytes;
	int keys[2];

	(void)state;
	put_file(RECORD, evil);
	assert_int_equal(pipe(keys), 0);
	r = rig_open(&s, fopen("out", "we"), fdopen(keys[0], "r"), keys[1]);
	type(r, "s");
	push_record(r, RECORD);
	push_step(r, STEP_TRANSFER, true, ROUTE_DOWNLOAD);
	push_failure(r);
	type(r, "d");
	assert_sees("1. ");
	assert_sees("ModemManager");
	page_down(r);
	page_down(r);
	rig_close(r);
	bytes = read_file("out");
	assert_true(strlen(bytes) > 1000);
	assert_null(strstr(bytes, "\033]"));
	assert_null(strstr(bytes, "\xc2\x9b"));
	assert_null(strstr(bytes, "\xe2\x80\xae"));
	free(bytes);
}

/* A record in place of a module. */
static struct rig *replaying(int lines, int columns, struct record *record)
{
	struct setup s = sized(lines, columns);
	struct rig *r = calloc(1, sizeof(*r));
	struct ui_config config = { .ascii = false };
	struct err e = { 0 };
	int keys[2], signals[2];

	assert_non_null(r);
	assert_int_equal(pipe(keys) | pipe(signals), 0);
	set_environment(&s);
	r->out = fopen("/dev/null", "w");
	r->in = fdopen(keys[0], "r");
	r->keyboard = keys[1];
	config.signal_fd = signals[0];
	r->signals = signals[1];
	r->worker.fd = eventfd(0, EFD_NONBLOCK);
	r->ui = ui_open_replay(record, &config, r->out, r->in, &e);
	if (!r->ui)
		fail_msg("no screen: %s", err_words(&e));
	r->open = true;
	return r;
}

static void a_replay_has_the_same_diagnosis_and_report(void **state)
{
	struct record *record;
	struct err e = { 0 };
	struct rig *r;

	(void)state;
	put_file(RECORD, network_lost);
	record = record_open(RECORD, &e);
	if (!record)
		fail_msg("%s", err_words(&e));
	r = replaying(24, 80, record);
	type(r, "d");
	assert_golden("replay-diagnosis-80x24");
	type(r, " ");
	assert_false(sees(" Diagnosis "));
	type(r, "G");		/* the place in the record does not matter */
	type(r, "d");
	assert_sees("20.120 < +CREG: 0");
	type(r, "R\r");
	assert_sees("report written: ");
	assert_int_equal(access("dfota-report-20261122-093000.md", F_OK), 0);
	type(r, "Os");
	assert_false(sees("Unfinished"));
	rig_close(r);
	record_free(record);
}

/* What a program of then had written as cause and cure counts no more. */
static void a_replayed_result_has_the_cause_that_is_found(void **state)
{
	static const char second[] =
		"{\"type\":\"resumed\",\"pid\":9,\"t\":50.0}\n"
		"{\"type\":\"step\",\"step\":\"verify\",\"state\":\"begin\",\"cancel\":\"free\",\"t\":50.1}\n"
		"{\"type\":\"result\",\"outcome\":\"success\",\"exit\":0,\"step\":\"verify\",\"phase\":\"verify\",\"job\":\"resume\","
		"\"from\":\"A\",\"to\":\"B\",\"now\":\"B\",\"code\":null,\"message\":\"it runs B\",\"t\":51.0}\n";
	char *old = strdup(network_lost), *cause = strstr(old, "\"cause\":\"\",\"advice\":\"\"");
	struct record *record;
	struct err e;
	struct rig *r;
	FILE *f;

	(void)state;
	*cause = '\0';
	f = fopen(RECORD, "we");
	assert_non_null(f);
	fprintf(f, "%s\"cause\":\"witchcraft\",\"advice\":\"burn it\"%s%s", old,
		cause + strlen("\"cause\":\"\",\"advice\":\"\""), second);
	fclose(f);
	free(old);
	record = record_open(RECORD, &e);
	assert_non_null(record);
	r = replaying(24, 80, record);
	type(r, "G");
	assert_sees("it runs B");
	type(r, "[[");		/* from the end of the second run to that of the first */
	assert_sees("Find a better place for the antenna");
	type(r, "\r");
	assert_sees("Cause     The module lost the mobile network during the download");
	assert_false(sees("witchcraft") || sees("burn it"));
	type(r, "d");
	assert_sees("1. The module lost the mobile network during the download");
	rig_close(r);
	record_free(record);
}

/* The end of the record TEXT on the screen, with its page where it has one; to be freed. */
static char *end_of(const char *text)
{
	struct record *record;
	struct rig *r;
	struct err e;
	char *seen;

	put_file(RECORD, text);
	record = record_open(RECORD, &e);
	assert_non_null(record);
	r = replaying(60, 104, record);
	type(r, "G\r");
	seen = picture();
	rig_close(r);
	record_free(record);
	unlink(RECORD);
	return seen;
}

/* Ids and arguments make what is shown, not the words of a program of then. */
static bool is_the_same_without_sentences(const char *path)
{
	char *text = read_file(path), *was = end_of(text), *is, *safety;
	bool same;

	blank_sentences(text);
	is = end_of(text);
	/* which is what that program knew, and no cause */
	while ((safety = strstr(was, "Safe?")))
		memset(safety, '-', strcspn(safety, "\n"));
	while ((safety = strstr(is, "Safe?")))
		memset(safety, '-', strcspn(safety, "\n"));
	same = !strcmp(was, is);
	if (!same)
		tell_difference(was, is);
	free(was);
	free(is);
	free(text);
	return same;
}

/* A key of support's screen is of no use to whoever is at the module. */
static void a_replay_tells_commands_not_keys(void **state)
{
	const char *srcdir = getenv("srcdir");
	char path[512], *text, *seen;

	(void)state;
	snprintf(path, sizeof(path), "%s/tests/records/detached.jsonl", srcdir ? srcdir : ".");
	text = read_file(path);
	seen = end_of(text);
	assert_non_null(strstr(seen, "Keep watching with: dfota resume"));
	assert_null(strstr(seen, "press O"));
	free(seen);
	free(text);
}

static void no_sentence_of_a_record_counts(void **state)
{
	static const char *const places[] = { "records", "records/v1" };
	const char *srcdir = getenv("srcdir");
	unsigned records = 0, different = 0;
	char dir[512], path[1024];
	struct dirent *entry;
	DIR *d;

	(void)state;
	for (size_t i = 0; i < COUNT(places); i++) {
		snprintf(dir, sizeof(dir), "%s/tests/%s", srcdir ? srcdir : ".", places[i]);
		d = opendir(dir);
		assert_non_null(d);
		while ((entry = readdir(d))) {
			if (!strstr(entry->d_name, ".jsonl"))
				continue;
			snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
			records++;
			if (is_the_same_without_sentences(path))
				continue;
			print_error("%s is another without its sentences\n", path);
			different++;
		}
		closedir(d);
	}
	assert_true(records >= 80);
	assert_int_equal(different, 0);
}

/* Keys mean nothing once the screen is left. */
static void the_last_words_are_for_the_command_line(void **state)
{
	static const char said[] = "\"advice\":\"Keep watching with: dfota resume\"";
	char *begin = strdup(network_lost), *advice = strstr(begin, "\"advice\":\"\"");
	struct setup s = sized(24, 80);
	struct rig *r;
	char *shown;
	FILE *f;
	int keys[2];

	(void)state;
	*advice = '\0';
	f = fopen(RECORD, "we");
	assert_non_null(f);
	fprintf(f, "%s%s%s", begin, said, advice + strlen("\"advice\":\"\""));
	fclose(f);
	free(begin);
	assert_int_equal(pipe(keys), 0);
	r = rig_open(&s, fopen("out", "we"), fdopen(keys[0], "r"), keys[1]);
	type(r, "s");
	push_failure(r);
	assert_sees("Find a better place for the antenna");
	rig_close(r);
	shown = read_file("out");
	assert_non_null(strstr(shown, "dfota: unchanged: the module could not download the package\n"
			       "dfota: Keep watching with: dfota resume\n"
			       "dfota: the record is " RECORD "\n"));
	free(shown);
}

/* -- the report -- */

static void a_report_is_written_once_and_for_nobody_else(void **state)
{
	struct rig *r = upgrading(24, 80, network_lost);
	struct stat st;
	char *text;

	(void)state;
	push_failure(r);
	type(r, "R");
	assert_golden("report-80x24");
	type(r, "\r");
	assert_sees("report written: ");
	assert_int_equal(stat("dfota-report-20261122-093000.md", &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	text = read_file("dfota-report-20261122-093000.md");
	assert_true(text[0] == '#');
	free(text);
	assert_false(sees(" Report for support "));
	type(r, "R\r");
	assert_sees("exists: give another name");
	assert_sees(" Report for support ");
	type(r, "2\r");
	assert_sees("report written: ");
	assert_int_equal(access("dfota-report-20261122-093000.md2", F_OK), 0);
	rig_close(r);
}

static void a_report_follows_no_link(void **state)
{
	struct rig *r = upgrading(24, 80, network_lost);

	(void)state;
	assert_int_equal(symlink("victim", "dfota-report-20261122-093000.md"), 0);
	type(r, "R\r");
	assert_sees("exists: give another name");
	assert_int_equal(access("victim", F_OK), -1);
	type(r, "\003");
	assert_false(sees(" Report for support "));
	rig_close(r);
}

static void a_report_is_anonymized_on_request(void **state)
{
	struct rig *r = upgrading(18, 60, network_lost);
	char *plain, *anonymized;

	(void)state;
	type(r, "R");
	assert_sees("(*) as they are   ( ) anonymized");
	type(r, "\r");
	type(r, "R\t");
	assert_golden("report-60x18");
	type(r, "x\r");
	assert_sees("anonymized report written");
	plain = read_file("dfota-report-20261122-093000.md");
	anonymized = read_file("dfota-report-20261122-093000.mdx");
	assert_string_not_equal(plain, anonymized);
	free(plain);
	free(anonymized);
	type(r, "R");	/* the choice stays */
	assert_sees("( ) as they are   (*) anonymized");
	rig_close(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PAGE_TEST(a_failure_names_its_likely_cause_and_d_shows_why),
		PAGE_TEST(the_evidence_is_what_the_module_said),
		PAGE_TEST(a_record_without_trouble_is_said_to_be_so),
		PAGE_TEST(a_running_upgrade_can_be_looked_at_again_and_again),
		PAGE_TEST(without_a_record_that_is_said),
		PAGE_TEST(a_record_that_is_gone_is_said_to_be_so),
		PAGE_TEST(what_stands_in_a_record_never_reaches_the_terminal_raw),
		PAGE_TEST(a_replay_has_the_same_diagnosis_and_report),
		PAGE_TEST(a_replayed_result_has_the_cause_that_is_found),
		PAGE_TEST(a_replay_tells_commands_not_keys),
		PAGE_TEST(no_sentence_of_a_record_counts),
		PAGE_TEST(the_last_words_are_for_the_command_line),
		PAGE_TEST(a_report_is_written_once_and_for_nobody_else),
		PAGE_TEST(a_report_follows_no_link),
		PAGE_TEST(a_report_is_anonymized_on_request),
	};

	return RUN_PAGE_TESTS(tests);
}

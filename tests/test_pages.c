/*
 * The pages that show what stands in records: the diagnosis, the report, what
 * is unfinished, what nobody saw.
 */
#include "config.h"

#include "screen_fixture.h"

#include <sys/file.h>

#include "record/reader.h"

#define RECORD "20261122-093000.jsonl"

#define HEADER "{\"type\":\"header\",\"format\":1,\"program\":\"dfota 0.1.0\",\"host\":\"bench\",\"when\":\"2026-11-22T09:30:00Z\"," \
	"\"pid\":812,\"job\":\"upgrade\",\"port\":\"/dev/ttyACM3\",\"baud\":115200,\"method\":\"pull\",\"url\":\"http://203.0.113.7/p.bin\"}\n"

#define INTENT "{\"type\":\"intent\",\"what\":\"install\",\"when\":\"2026-11-22T09:31:00Z\",\"model\":\"UG96\",\"imei\":\"861234567890123\"," \
	"\"from\":\"UG96LNAR02A06E1G\",\"to\":\"UG96LNAR02A08E1G\",\"method\":\"pull\",\"port\":\"/dev/ttyACM3\",\"baud\":115200,\"profile\":\"ugxx\"," \
	"\"usb\":\"1-1.2\",\"interface\":6,\"serial\":\"\",\"timeout\":60,\"size\":307200,\"sha256\":\"\",\"text\":\"install\",\"t\":11.6}\n"

#define LINE(dir, text, more, t) "{\"type\":\"line\",\"dir\":\"" dir "\",\"text\":\"" text "\"" more ",\"t\":" t "}\n"

/* The network goes away in the middle of a download. */
static const char network_lost[] = HEADER
	"{\"type\":\"identity\",\"maker\":\"Quectel\",\"model\":\"UG96\",\"version\":\"UG96LNAR02A06E1G\",\"imei\":\"861234567890123\","
	"\"profile\":\"ugxx\",\"port\":\"/dev/ttyACM3\",\"usb\":\"1-1.2\",\"interface\":6,\"serial\":\"\",\"t\":0.4}\n"
	LINE("tx", "AT+CSQ", "", "11.031") LINE("rx", "+CSQ: 3,99", "", "11.060") LINE("rx", "OK", "", "11.060")
	"{\"type\":\"step\",\"step\":\"transfer\",\"state\":\"begin\",\"cancel\":\"detach\",\"limit\":600,\"t\":11.5}\n" INTENT
	LINE("tx", "AT+QFOTADL=\\\"http://203.0.113.7/p.bin\\\"", "", "12.031") LINE("rx", "OK", "", "12.060")
	LINE("rx", "+QIND: \\\"FOTA\\\",\\\"HTTPSTART\\\"", ",\"urc\":true", "13.0")
	LINE("rx", "+CREG: 0", ",\"urc\":true", "20.120")
	LINE("rx", "+QIND: \\\"FOTA\\\",\\\"HTTPEND\\\",702", ",\"urc\":true", "37.132")
	"{\"type\":\"result\",\"outcome\":\"unchanged\",\"exit\":10,\"step\":\"transfer\",\"phase\":\"transfer\",\"job\":\"upgrade\",\"stop\":\"network\","
	"\"from\":\"UG96LNAR02A06E1G\",\"to\":\"UG96LNAR02A08E1G\",\"now\":\"UG96LNAR02A06E1G\","
	"\"code\":{\"table\":\"http\",\"number\":702,\"meaning\":\"HTTP timeout\",\"family\":\"BG96\"},"
	"\"message\":\"the module could not download the package\",\"cause\":\"\",\"advice\":\"\",\"safety\":\"\",\"record\":\"\",\"t\":38.0}\n";

/* -- a directory of one's own -- */

static char home[] = "/tmp/dfota-pages-XXXXXX";

static void put_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

/* Where store_list_open() looks. */
static void put_session(const char *text)
{
	mkdir("dfota", 0700);
	mkdir("dfota/sessions", 0700);
	put_file("dfota/sessions/" RECORD, text);
}

static int remove_below(const char *path, const struct stat *st, int flag, struct FTW *at)
{
	return at->level > 0 ? remove_one(path, st, flag, at) : 0;
}

static int empty_home(void **state)
{
	(void)state;
	nftw(home, remove_below, 8, FTW_DEPTH | FTW_PHYS);
	return 0;
}

static char *read_file(const char *path)
{
	char *text = calloc(1, PICTURE_SIZE);
	FILE *f = fopen(path, "re");

	assert_non_null(text);
	if (!f)
		fail_msg("%s: %s", path, strerror(errno));
	text[fread(text, 1, PICTURE_SIZE - 1, f)] = '\0';
	fclose(f);
	return text;
}

/* -- scenes -- */

static void push_record(struct rig *r, const char *path)
{
	struct event ev = { .type = EVENT_RECORD };

	snprintf(ev.record, sizeof(ev.record), "%s", path);
	push(r, &ev);
}

static void push_failure(struct rig *r)
{
	struct event ev = result_event(OUTCOME_UNCHANGED);

	ev.result.step = STEP_TRANSFER;
	ev.result.phase = PHASE_TRANSFER;
	ev.result.code = (struct code){ true, "http", 702, "HTTP timeout", "BG96" };
	message_set(&ev.result.what, MSG_SAID, "text=%s", "the module could not download the package");
	strcpy(ev.result.advice, "");
	strcpy(ev.result.now, "UG96LNAR02A06E1G");
	strcpy(ev.result.record, RECORD);
	push(r, &ev);
	r->worker.busy = false;
	wait_a_bit(r);
	wait_a_bit(r);
}

/* An upgrade that is recorded in TEXT. */
static struct rig *upgrading(int lines, int columns, const char *text)
{
	struct setup s = sized(lines, columns);
	struct rig *r;

	put_file(RECORD, text);
	r = rig_new(&s);
	type(r, "s");
	push_record(r, RECORD);
	push_step(r, STEP_TRANSFER, true, ROUTE_DOWNLOAD);
	step(r);
	return r;
}

static void page_down(struct rig *r)
{
	send_bytes(r, "\033[6~");
}

static const struct {
	int lines, columns;
	const char *name;
} sizes[] = { { 24, 80, "80x24" }, { 18, 60, "60x18" }, { 12, 40, "40x12" } };
#define SIZE_COUNT (sizeof(sizes) / sizeof(sizes[0]))

static void assert_page(const char *page, const char *size)
{
	char name[64];

	snprintf(name, sizeof(name), "%s-%s", page, size);
	assert_golden(name);
}

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
	assert_sees("No such file");
	type(r, "R\r");
	assert_sees("No such file");
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
	struct err e = { .text = "" };
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
		fail_msg("no screen: %s", e.text);
	r->open = true;
	return r;
}

static void a_replay_has_the_same_diagnosis_and_report(void **state)
{
	struct record *record;
	struct err e = { .text = "" };
	struct rig *r;

	(void)state;
	put_file(RECORD, network_lost);
	record = record_open(RECORD, &e);
	if (!record)
		fail_msg("%s", e.text);
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

/* -- unfinished upgrades -- */

static struct open_upgrade unfinished(const char *model, const char *imei)
{
	struct open_upgrade open = {
		.record = "/home/field/.local/state/dfota/sessions/" RECORD, .intent = INTENT_INSTALL,
		.when_s = 1795339860, .module = ug96("UG96LNAR02A06E1G"), .to = "UG96LNAR02A08E1G",
		.route = ROUTE_DOWNLOAD, .baud = 115200, .step = STEP_INSTALL, .started = true,
	};

	snprintf(open.module.model, sizeof(open.module.model), "%s", model);
	snprintf(open.module.imei, sizeof(open.module.imei), "%s", imei);
	return open;
}

static struct rig *with_open(int lines, int columns, const struct open_upgrade *open, size_t count)
{
	struct setup s = sized(lines, columns);
	struct rig *r;

	s.open = open;
	s.open_count = count;
	r = rig_new(&s);
	wait_a_bit(r);
	return r;
}

static void an_unfinished_upgrade_is_the_first_thing_seen(void **state)
{
	struct open_upgrade open = unfinished("UG96", "861234567890123");
	size_t i;

	(void)state;
	for (i = 0; i < SIZE_COUNT; i++) {
		struct rig *r = with_open(sizes[i].lines, sizes[i].columns, &open, 1);

		assert_page("open", sizes[i].name);
		type(r, "q");
		assert_true(r->open);
		assert_int_equal(r->worker.request_count, 0);
		type(r, "4");
		assert_page("later", sizes[i].name);
		rig_close(r);
	}
}

static void enter_keeps_watching_it(void **state)
{
	static const char *const keys[] = { "\r", "y" };
	struct open_upgrade open = unfinished("UG96", "861234567890123");
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct rig *r = with_open(24, 80, &open, 1);
		const struct request *request;

		type(r, keys[i]);
		request = last_request(r, REQUEST_RUN);
		assert_int_equal(r->worker.request_count, 1);
		assert_int_equal(request->plan.job, JOB_RESUME);
		assert_int_equal(request->plan.route, ROUTE_DOWNLOAD);
		assert_memory_equal(&request->plan.open, &open, sizeof(open));
		assert_string_equal(request->plan.port, "");	/* where the record says */
		assert_string_equal(request->plan.file, "");
		assert_sees("do not remove power yet");
		assert_sees("module on /dev/ttyACM3");
		rig_close(r);
	}
}

static void keys_typed_before_the_page_was_seen_choose_nothing(void **state)
{
	struct open_upgrade open = unfinished("UG96", "861234567890123");
	struct setup s = sized(24, 80);
	struct rig *r;

	(void)state;
	s.open = &open;
	s.open_count = 1;
	r = rig_new(&s);
	type(r, "\ry");
	assert_int_equal(r->worker.request_count, 0);
	wait_a_bit(r);
	send_bytes(r, "\ry");	/* a paste neither */
	assert_int_equal(r->worker.request_count, 0);
	rig_close(r);
}

static void the_watch_is_shown_to_its_result(void **state)
{
	struct open_upgrade open = unfinished("UG96", "861234567890123");
	struct rig *r = with_open(24, 80, &open, 1);
	struct event ev = result_event(OUTCOME_SUCCESS);

	(void)state;
	type(r, "\r");
	r->worker.busy = true;
	push_step(r, STEP_RESTART, true, ROUTE_DOWNLOAD);
	wait_a_bit(r);
	assert_golden("watch-80x24");
	push_step(r, STEP_INSTALL, true, ROUTE_DOWNLOAD);
	push_line(r, LINE_RX, "+QIND: \"FOTA\",\"UPDATING\",37", true, false);
	wait_a_bit(r);
	assert_sees("DO NOT REMOVE POWER");
	push_step(r, STEP_VERIFY, true, ROUTE_DOWNLOAD);
	ev.result.job = JOB_RESUME;
	push(r, &ev);
	r->worker.busy = false;
	wait_a_bit(r);
	assert_sees(" Done ");
	wait_a_bit(r);
	type(r, " ");
	assert_sees("safe to leave");
	assert_false(sees("is unfinished"));	/* no record says so any more */
	assert_int_equal(rig_close(r), 0);
}

static void of_several_one_is_chosen(void **state)
{
	struct open_upgrade open[3];
	size_t i;

	(void)state;
	open[0] = unfinished("UG96", "861234567890123");
	open[1] = unfinished("UG95", "861234567890456");
	open[1].intent = INTENT_TRANSFER;
	open[2] = unfinished("UG96", "861234567890789");
	open[2].live_pid = 812;
	for (i = 0; i < SIZE_COUNT; i++) {
		struct rig *r = with_open(sizes[i].lines, sizes[i].columns, open, 3);

		assert_page("several", sizes[i].name);
		send_bytes(r, "\033OB");
		send_bytes(r, "\033OB");
		send_bytes(r, "\033OB");
		assert_page("in-use", sizes[i].name);
		type(r, "\ry");
		assert_int_equal(r->worker.request_count, 0);
		type(r, "k\r");
		assert_string_equal(last_request(r, REQUEST_RUN)->plan.open.module.imei, "861234567890456");
		rig_close(r);
	}
}

static void more_than_can_be_listed_do_no_harm(void **state)
{
	struct open_upgrade open[20];
	struct rig *r;
	size_t i;

	(void)state;
	for (i = 0; i < 20; i++)
		open[i] = unfinished("UG96", "861234567890123");
	r = with_open(12, 40, open, 20);
	for (i = 0; i < 30; i++)
		type(r, "j");
	assert_sees("> ");
	type(r, "\r");
	last_request(r, REQUEST_RUN);
	rig_close(r);
}

static void the_page_comes_back_as_things_are_then(void **state)
{
	struct open_upgrade open = unfinished("UG96", "861234567890123");
	struct rig *r = with_open(24, 80, &open, 1);

	(void)state;
	put_session(HEADER INTENT);
	type(r, "n");
	type(r, "O");
	assert_sees("An upgrade is unfinished");
	assert_sees("past the point of no return");	/* as this record has it */
	type(r, "\r");
	assert_int_equal(last_request(r, REQUEST_RUN)->plan.job, JOB_RESUME);
	rig_close(r);

	r = with_open(24, 80, &open, 1);
	type(r, "n");
	put_session(network_lost);
	type(r, "O");
	assert_sees("no unfinished upgrade is left");
	assert_false(sees("is unfinished"));
	type(r, "O");
	assert_false(sees("no unfinished upgrade is left"));	/* nothing it could mean */
	rig_close(r);
}

static void an_upgrade_that_ends_unknown_can_still_be_watched(void **state)
{
	struct rig *r = upgrading(24, 80, HEADER);
	struct event ev = result_event(OUTCOME_UNKNOWN);

	(void)state;
	put_session(HEADER INTENT);
	strcpy(ev.result.advice, "Keep the module powered; the key O keeps watching.");
	push(r, &ev);
	r->worker.busy = false;
	wait_a_bit(r);
	assert_sees("the key O keeps watching");
	wait_a_bit(r);
	type(r, " O");
	assert_sees("An upgrade is unfinished");
	rig_close(r);
}

static void a_lost_terminal_goes_on_watching(void **state)
{
	struct open_upgrade open = unfinished("UG96", "861234567890123");
	struct rig *r = with_open(24, 80, &open, 1);
	struct event ev = result_event(OUTCOME_SUCCESS);

	(void)state;
	type(r, "\r");
	close(r->keyboard);
	r->keyboard = -1;
	step(r);
	assert_true(r->open);
	last_request(r, REQUEST_LOST);
	push(r, &ev);
	step(r);
	assert_false(r->open);
	rig_close(r);
}

static void hostile_words_of_an_open_upgrade_are_shown_harmless(void **state)
{
	struct open_upgrade open = unfinished("UG\x1b[2J", "86\x07\x9b" "12");
	struct rig *r;

	(void)state;
	snprintf(open.record, sizeof(open.record), "/tmp/\x1b[31m/\xe2\x80\xae.jsonl");
	r = with_open(24, 80, &open, 1);
	assert_sees("Module    UG\\x1b[2J  IMEI 86\\x07\\x9b12");
	assert_sees("Record    /tmp/\\x1b[31m/\\u{202e}.jsonl");
	type(r, "n");
	assert_sees("UG\\x1b[2J");	/* in pane 4 */
	rig_close(r);
}

/* -- what nobody saw -- */

static void a_result_that_nobody_saw_is_shown(void **state)
{
	struct event ev = result_event(OUTCOME_UNCHANGED);
	struct setup s = sized(24, 80);
	struct rig *r;

	(void)state;
	put_file(RECORD, network_lost);
	message_set(&ev.result.what, MSG_SAID, "text=%s", "the module could not download the package");
	strcpy(ev.result.advice, "Trying again is safe.");
	ev.result.record[0] = '\0';
	s.unseen = &ev.result;
	s.unseen_record = RECORD;
	r = rig_new(&s);
	assert_golden("unseen-80x24");
	wait_a_bit(r);
	type(r, "d");
	assert_sees("20.120 < +CREG: 0");
	type(r, " ");
	assert_sees("This ended while the terminal was gone.");
	type(r, "R");
	assert_sees("dfota-report-20261122-093000.md");
	type(r, "\003");
	type(r, "q");
	assert_int_equal(rig_close(r), 0);	/* it is not of this run */
}

static void after_it_come_unfinished_upgrades(void **state)
{
	struct open_upgrade open = unfinished("UG96", "861234567890123");
	struct event ev = result_event(OUTCOME_UNKNOWN);
	struct setup s = sized(24, 80);
	struct rig *r;

	(void)state;
	s.open = &open;
	s.open_count = 1;
	s.unseen = &ev.result;
	s.unseen_record = RECORD;
	r = rig_new(&s);
	assert_sees("This ended while the terminal was gone.");
	wait_a_bit(r);
	type(r, " ");
	assert_sees("An upgrade is unfinished");
	wait_a_bit(r);
	type(r, "q");
	assert_true(r->open);
	type(r, "4\r");
	assert_sees("This ended while the terminal was gone.");
	wait_a_bit(r);
	type(r, " q");
	assert_false(r->open);
	rig_close(r);
}

#define PAGE_TEST(name) cmocka_unit_test_setup(name, empty_home)

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
		PAGE_TEST(a_report_is_written_once_and_for_nobody_else),
		PAGE_TEST(a_report_follows_no_link),
		PAGE_TEST(a_report_is_anonymized_on_request),
		PAGE_TEST(an_unfinished_upgrade_is_the_first_thing_seen),
		PAGE_TEST(enter_keeps_watching_it),
		PAGE_TEST(keys_typed_before_the_page_was_seen_choose_nothing),
		PAGE_TEST(the_watch_is_shown_to_its_result),
		PAGE_TEST(of_several_one_is_chosen),
		PAGE_TEST(more_than_can_be_listed_do_no_harm),
		PAGE_TEST(the_page_comes_back_as_things_are_then),
		PAGE_TEST(an_upgrade_that_ends_unknown_can_still_be_watched),
		PAGE_TEST(a_lost_terminal_goes_on_watching),
		PAGE_TEST(hostile_words_of_an_open_upgrade_are_shown_harmless),
		PAGE_TEST(a_result_that_nobody_saw_is_shown),
		PAGE_TEST(after_it_come_unfinished_upgrades),
	};
	int failed;

	if (!mkdtemp(home) || chdir(home) < 0 || setenv("XDG_STATE_HOME", home, 1))
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	empty_home(NULL);
	rmdir(home);
	return failed;
}

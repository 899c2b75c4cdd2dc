/*
 * pages_fixture.h - a directory with records, and the screen over them.
 */
#ifndef DFOTA_PAGES_FIXTURE_H
#define DFOTA_PAGES_FIXTURE_H

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
static const char network_lost[] __attribute__((unused)) = HEADER
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

static char home[] __attribute__((unused)) = "/tmp/dfota-pages-XXXXXX";

static inline void put_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

/* Where store_list_open() looks. */
static inline void put_session(const char *text)
{
	mkdir("dfota", 0700);
	mkdir("dfota/sessions", 0700);
	put_file("dfota/sessions/" RECORD, text);
}

static inline int remove_below(const char *path, const struct stat *st, int flag, struct FTW *at)
{
	return at->level > 0 ? remove_one(path, st, flag, at) : 0;
}

static inline int empty_home(void **state)
{
	(void)state;
	nftw(home, remove_below, 8, FTW_DEPTH | FTW_PHYS);
	return 0;
}

static inline char *read_file(const char *path)
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

static inline void push_record(struct rig *r, const char *path)
{
	struct event ev = { .type = EVENT_RECORD };

	snprintf(ev.record, sizeof(ev.record), "%s", path);
	push(r, &ev);
}

static inline void push_failure(struct rig *r)
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
static inline struct rig *upgrading(int lines, int columns, const char *text)
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

static inline void page_down(struct rig *r)
{
	send_bytes(r, "\033[6~");
}

static const struct {
	int lines, columns;
	const char *name;
} sizes[] __attribute__((unused)) = { { 24, 80, "80x24" }, { 18, 60, "60x18" }, { 12, 40, "40x12" } };
#define SIZE_COUNT (sizeof(sizes) / sizeof(sizes[0]))

/* The shapes of the screen besides the one of 80 x 24. */
static const struct {
	int lines, columns;
	const char *name;
} other_sizes[] __attribute__((unused)) = { { 40, 120, "120x40" }, { 18, 60, "60x18" }, { 12, 40, "40x12" } };
#define OTHER_SIZE_COUNT (sizeof(other_sizes) / sizeof(other_sizes[0]))

static inline void assert_page(const char *page, const char *size)
{
	char name[64];

	snprintf(name, sizeof(name), "%s-%s", page, size);
	assert_golden(name);
}

#define PAGE_TEST(name) cmocka_unit_test_setup(name, empty_home)

/* Run TESTS in a directory of their own, which is also that of the state. */
#define RUN_PAGE_TESTS(tests) (begin_home() ? 1 : end_home(cmocka_run_group_tests(tests, NULL, NULL)))

static inline int begin_home(void)
{
	return !mkdtemp(home) || chdir(home) < 0 || setenv("XDG_STATE_HOME", home, 1);
}

static inline int end_home(int failed)
{
	empty_home(NULL);
	rmdir(home);
	return failed;
}

#endif

/* The simulated module: the engine on a clock of the test's own, its port in
 * virtual time, and once on a real pseudo-terminal. */
#include "config.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#include "package.h"
#include "sim.h"
#include "sim_port.h"
#include "sim_scenario.h"
#include "sim_tty.h"

#define FROM "UG96LNAR02A06E1G"
#define TO "UG96LNAR02A08E1G"
#define HTTP_URL "http://192.0.2.7/delta.bin"
#define FTP_URL "ftp://field:secret@192.0.2.7/delta.bin"
#define FOTA(rest) "+QIND: \"FOTA\"," rest "\r\n"
#define ROWS(table) (sizeof(table) / sizeof((table)[0]))
#define HEARD_MAX 65536

/* A module, its time, and what it has said. */
struct rig {
	struct sim *sim;
	int64_t now_ms;
	char heard[HEARD_MAX];
	size_t size;
	size_t split;		/* bytes a call; 0: all at once */
};

/* The demo package, made once. */
struct files {
	char dir[64];
	char package[96], manifest[128];
	unsigned char bytes[SIM_DEMO_PACKAGE_SIZE];
};

static struct files *files_of(void **state)
{
	return *state;
}

static int make_files(void **state)
{
	struct files *f = calloc(1, sizeof(*f));
	struct err e;
	FILE *in;

	assert_non_null(f);
	snprintf(f->dir, sizeof(f->dir), "/tmp/test_sim.XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->package, sizeof(f->package), "%s/delta.bin", f->dir);
	snprintf(f->manifest, sizeof(f->manifest), "%s/delta.bin.manifest", f->dir);
	assert_int_equal(sim_write_demo_package(f->package, "UG96", FROM, TO, &e), 0);
	in = fopen(f->package, "rb");
	assert_non_null(in);
	assert_int_equal(fread(f->bytes, 1, sizeof(f->bytes), in), sizeof(f->bytes));
	assert_int_equal(fgetc(in), EOF);
	fclose(in);
	*state = f;
	return 0;
}

static int remove_files(void **state)
{
	struct files *f = files_of(state);

	unlink(f->package);
	unlink(f->manifest);
	rmdir(f->dir);
	free(f);
	return 0;
}

static void rig_init(struct rig *r, const char *scenario)
{
	const struct sim_config config = { .scenario_text = scenario, .fast = true };
	struct err e;

	memset(r, 0, sizeof(*r));
	r->now_ms = 5000;
	r->sim = sim_new(&config, &e);
	if (!r->sim)
		fail_msg("%s", e.text);
	sim_power_on(r->sim, r->now_ms, true);
}

static void rig_free(struct rig *r)
{
	sim_free(r->sim);
}

static void hear(struct rig *r)
{
	size_t n;

	do {
		size_t room = HEARD_MAX - 1 - r->size;

		if (r->split && r->split < room)
			room = r->split;
		n = sim_output(r->sim, r->now_ms, r->heard + r->size, room);
		r->size += n;
		r->heard[r->size] = '\0';
	} while (n);
}

/* Let MS milliseconds pass. */
static void pass(struct rig *r, int64_t ms)
{
	int64_t end = r->now_ms + ms;

	for (;;) {
		int64_t next;

		sim_run(r->sim, r->now_ms);
		hear(r);
		next = sim_next_ms(r->sim);
		/* a flood ends here: what is not taken keeps it from moving on */
		if (next > end || r->size == HEARD_MAX - 1)
			break;
		if (next > r->now_ms)
			r->now_ms = next;
	}
	r->now_ms = end;
	sim_run(r->sim, end);
}

static void say_bytes(struct rig *r, const void *bytes, size_t size)
{
	const char *p = bytes;
	size_t step = r->split ? r->split : size;

	for (size_t i = 0; i < size; i += step)
		sim_input(r->sim, r->now_ms, p + i, step < size - i ? step : size - i);
}

static void say(struct rig *r, const char *text)
{
	say_bytes(r, text, strlen(text));
}

static void forget(struct rig *r)
{
	r->size = 0;
	r->heard[0] = '\0';
}

/* COMMAND, and what comes within a second; without echo. */
static const char *ask(struct rig *r, const char *command)
{
	forget(r);
	say(r, command);
	say(r, "\r");
	pass(r, 1000);
	return r->heard;
}

static void echo_off(struct rig *r)
{
	ask(r, "ATE0");
	forget(r);
}

static void expect_blame(struct rig *r, unsigned count, const char *words)
{
	const char *first;
	unsigned n = sim_violations(r->sim, &first);

	if (n != count || !strstr(first, words))
		fail_msg("%u violations (%s), not %u (%s)", n, first, count, words);
}

static void expect_no_blame(struct rig *r)
{
	expect_blame(r, 0, "");
}

static void expect_heard(const struct rig *r, const char *text)
{
	if (!strstr(r->heard, text))
		fail_msg("not heard: \"%s\"\nbut: \"%s\"", text, r->heard);
}

static void expect_not_heard(const struct rig *r, const char *text)
{
	if (strstr(r->heard, text))
		fail_msg("heard: \"%s\"\nin: \"%s\"", text, r->heard);
}

/* The texts stand in what was heard, in this order. */
static void expect_order(const struct rig *r, const char *const *texts)
{
	const char *at = r->heard;

	for (; *texts; texts++) {
		const char *next = strstr(at, *texts);

		if (!next)
			fail_msg("not heard in its turn: \"%s\"\nin: \"%s\"", *texts, r->heard);
		else
			at = next + strlen(*texts);
	}
}

static void expect_version(struct rig *r, const char *version)
{
	assert_string_equal(sim_version(r->sim), version);
}

/* -- commands -- */

static void every_command_has_its_answer(void **state)
{
	static const struct {
		const char *command, *answer;
	} rows[] = {
		{ "AT", "\r\nOK\r\n" },
		{ "at", "\r\nOK\r\n" },
		{ "AT ", "\r\nOK\r\n" },
		{ "ATE0V1", "\r\nOK\r\n" },
		{ "ATV1", "\r\nOK\r\n" },
		{ "ATI", "\r\nQuectel\r\n\r\nUG96\r\n\r\nRevision: " FROM "\r\n\r\nOK\r\n" },
		{ "AT+CGMR", "\r\n" FROM "\r\n\r\nOK\r\n" },
		{ "AT+GMR", "\r\n" FROM "\r\n\r\nOK\r\n" },
		{ "AT+QGMR", "\r\nERROR\r\n" },
		{ "AT+GSN", "\r\n490154203237518\r\n\r\nOK\r\n" },
		{ "at+cgsn", "\r\n490154203237518\r\n\r\nOK\r\n" },
		{ "AT+CMEE?", "\r\n+CMEE: 0\r\n\r\nOK\r\n" },
		{ "AT+CPIN?", "\r\n+CPIN: READY\r\n\r\nOK\r\n" },
		{ "AT+CSQ", "\r\n+CSQ: 26,99\r\n\r\nOK\r\n" },
		{ "AT+CREG?", "\r\n+CREG: 0,1\r\n\r\nOK\r\n" },
		{ "AT+CGREG?", "\r\n+CGREG: 0,1\r\n\r\nOK\r\n" },
		{ "AT+COPS?", "\r\n+COPS: 0,0,\"DFOTA TEST\",2\r\n\r\nOK\r\n" },
		{ "AT+CSQ;+CREG?;+CGREG?", "\r\n+CSQ: 26,99\r\n\r\n+CREG: 0,1\r\n\r\n+CGREG: 0,1\r\n\r\nOK\r\n" },
		{ "AT+CSQ;+NONSENSE;+CREG?", "\r\n+CSQ: 26,99\r\n\r\nERROR\r\n" },
		{ "AT+QICSGP=1", "\r\n+QICSGP: 1,\"internet\",\"\",\"\",0\r\n\r\nOK\r\n" },
		{ "AT+QICSGP=1,1,\"m2m;x\",\"u\",\"p\",1", "\r\nOK\r\n" },
		{ "AT+QIACT?", "\r\n+QIACT: 1,1,1,\"10.0.0.2\"\r\n\r\nOK\r\n" },
		{ "AT+QIACT=1", "\r\nOK\r\n" },
		{ "AT+QIDEACT=1", "\r\nOK\r\n" },
		{ "AT+CGDCONT?", "\r\n+CGDCONT: 1,\"IP\",\"internet\",\"0.0.0.0\",0,0\r\n\r\nOK\r\n" },
		{ "AT+CBC", "\r\n+CBC: 0,71,3814\r\n\r\nOK\r\n" },
		{ "AT+IPR?", "\r\n+IPR: 115200\r\n\r\nOK\r\n" },
		{ "AT+IPR=12345", "\r\nERROR\r\n" },
		{ "AT&W", "\r\nOK\r\n" },
		{ "AT+IFC=2,2", "\r\nOK\r\n" },
		{ "AT+IFC?", "\r\n+IFC: 0,0\r\n\r\nOK\r\n" },
		{ "AT&D0", "\r\nOK\r\n" },
		{ "AT&D1", "\r\nOK\r\n" },
		{ "AT&D2", "\r\nOK\r\n" },
		{ "AT+QURCCFG=\"urcport\"", "\r\n+QURCCFG: \"urcport\",\"uart1\"\r\n\r\nOK\r\n" },
		{ "AT+QURCCFG=\"urcport\",\"nowhere\"", "\r\nERROR\r\n" },
		{ "AT+QCFG=\"stateurc/enable\"", "\r\n+QCFG: \"stateurc/enable\",1\r\n\r\nOK\r\n" },
		{ "AT+QCFG=\"stateurc/enable\",0", "\r\nOK\r\n" },
		{ "AT+QCFG=\"stateurc/enable\",7", "\r\nERROR\r\n" },
		{ "AT+QINDCFG=\"all\",1", "\r\nERROR\r\n" },
		{ "AT+QFLDS=\"UFS\"", "\r\n+QFLDS: 2987840,2987840\r\n\r\nOK\r\n" },
		{ "AT+QFLDS", "\r\n+QFLDS: 0,0\r\n\r\nOK\r\n" },
		{ "AT+QFLST", "\r\nOK\r\n" },
		{ "AT+QFLST=\"*\"", "\r\nOK\r\n" },
		{ "AT+QFUPL=?", "\r\n+QFUPL: <filename>[,(1-2987840)[,(1-65535)[,(0,1)]]]\r\n\r\nOK\r\n" },
		{ "AT+QFDEL=\"no.bin\"", "\r\nERROR\r\n" },
		{ "AT+QFDWL=\"no.bin\"", "\r\nERROR\r\n" },
		{ "AT+QFOTADL=?", "\r\nOK\r\n" },
		{ "AT+NONSENSE", "\r\nERROR\r\n" },
		{ "AT+CMEE=9", "\r\nERROR\r\n" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct rig r;

		rig_init(&r, NULL);
		echo_off(&r);
		if (strcmp(ask(&r, rows[i].command), rows[i].answer) != 0)
			fail_msg("%s: \"%s\"", rows[i].command, r.heard);
		expect_no_blame(&r);
		rig_free(&r);
	}
}

static void what_was_set_is_told(void **state)
{
	static const struct {
		const char *set, *query, *answer;
	} rows[] = {
		{ "AT+CMEE=2", "AT+CMEE?", "+CMEE: 2" },
		{ "AT+IFC=2,2", "AT+IFC?", "+IFC: 2,2" },
		{ "AT+QICSGP=1,1,\"m2m\",\"\",\"\",0", "AT+CGDCONT?", "\"m2m\"" },
		{ "AT+QIDEACT=1", "AT+QIACT?", "OK" },
		{ "AT+QURCCFG=\"urcport\",\"usbat\"", "AT+QURCCFG=\"urcport\"", "\"usbat\"" },
		{ "AT+QCFG=\"stateurc/enable\",0", "AT+QCFG=\"stateurc/enable\"", ",0\r\n" },
		{ "AT+IPR=9600;&W", "AT+IPR?", "+IPR: 9600" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct rig r;

		rig_init(&r, NULL);
		ask(&r, rows[i].set);
		expect_heard(&r, "OK");
		ask(&r, rows[i].query);
		expect_heard(&r, rows[i].answer);
		rig_free(&r);
	}
}

static void it_echoes_until_told_not_to(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, NULL);
	assert_string_equal(ask(&r, "AT"), "AT\r\r\nOK\r\n");
	assert_string_equal(ask(&r, "ATE0"), "ATE0\r\r\nOK\r\n");
	assert_string_equal(ask(&r, "AT"), "\r\nOK\r\n");
	assert_string_equal(ask(&r, "ATE1"), "\r\nOK\r\n");
	assert_string_equal(ask(&r, "AT\n"), "AT\r\r\nOK\r\n");
	rig_free(&r);
}

static void errors_come_as_cmee_asks(void **state)
{
	static const struct {
		const char *mode, *answer;
	} rows[] = {
		{ "AT+CMEE=0", "\r\nERROR\r\n" },
		{ "AT+CMEE=1", "\r\n+CME ERROR: 10\r\n" },
		{ "AT+CMEE=2", "\r\n+CME ERROR: SIM not inserted\r\n" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct rig r;

		rig_init(&r, "set cpin none\n");
		echo_off(&r);
		ask(&r, rows[i].mode);
		assert_string_equal(ask(&r, "AT+CPIN?"), rows[i].answer);
		rig_free(&r);
	}
}

static void a_line_that_is_too_long_is_an_error(void **state)
{
	struct rig r;
	char line[3000];

	(void)state;
	memset(line, 'X', sizeof(line));
	memcpy(line, "AT+CSQ=", 7);
	line[sizeof(line) - 1] = '\0';
	rig_init(&r, NULL);
	echo_off(&r);
	assert_string_equal(ask(&r, line), "\r\nERROR\r\n");
	assert_string_equal(ask(&r, "AT"), "\r\nOK\r\n");
	rig_free(&r);
}

/* -- files -- */

static const struct {
	const char *what;
	size_t size;
	unsigned char first, step;	/* byte i is first + i * step, unless text */
	const char *text;
	unsigned modulo;		/* 0: 256 */
	const char *answer;
} vectors[] = {
	{ "1234567890", 10, 0, 0, "1234567890", 0, "+QFUPL: 10,3938" },
	{ "0123456789", 10, 0, 0, "0123456789", 0, "+QFUPL: 10,3839" },
	{ "123456789", 9, 0, 0, "123456789", 0, "+QFUPL: 9,3908" },
	{ "ABC", 3, 0, 0, "ABC", 0, "+QFUPL: 3,242" },
	{ "A", 1, 0, 0, "A", 0, "+QFUPL: 1,4100" },
	{ "+++", 3, 0, 0, "+++", 0, "+QFUPL: 3,2B" },
	{ "0..255 four times", 1024, 0, 1, NULL, 0, "+QFUPL: 1024,0" },
	{ "1024 x FF", 1024, 0xff, 0, NULL, 0, "+QFUPL: 1024,0" },
	{ "1025 x FF", 1025, 0xff, 0, NULL, 0, "+QFUPL: 1025,FF00" },
	{ "i mod 251", 3000, 0, 1, NULL, 251, "+QFUPL: 3000,1602" },
};

static void the_checksum_of_an_upload_is_the_documented_one(void **state)
{
	unsigned char bytes[3000];

	(void)state;
	for (size_t i = 0; i < ROWS(vectors); i++) {
		struct rig r;
		char command[64];

		for (size_t k = 0; k < vectors[i].size; k++)
			bytes[k] = vectors[i].text ? (unsigned char)vectors[i].text[k] :
				(unsigned char)(vectors[i].first + (vectors[i].modulo ? k % vectors[i].modulo : k) * vectors[i].step);
		snprintf(command, sizeof(command), "AT+QFUPL=\"a.bin\",%zu,5", vectors[i].size);
		rig_init(&r, NULL);
		echo_off(&r);
		assert_string_equal(ask(&r, command), "\r\nCONNECT\r\n");
		forget(&r);
		say_bytes(&r, bytes, vectors[i].size);
		pass(&r, 100);
		expect_heard(&r, vectors[i].answer);
		expect_heard(&r, "\r\nOK\r\n");
		expect_no_blame(&r);
		rig_free(&r);
	}
}

static void each_full_kilobyte_is_acknowledged(void **state)
{
	static const struct {
		size_t size;
		const char *acks;
	} rows[] = {
		{ 1, "" }, { 1023, "" }, { 1024, "A" }, { 1025, "A" }, { 2047, "A" },
		{ 2048, "AA" }, { 2049, "AA" }, { 3000, "AA" },
	};
	static const unsigned char zeros[3000];

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct rig r;
		char command[64], answer[64];

		snprintf(command, sizeof(command), "AT+QFUPL=\"a.bin\",%zu,5,1", rows[i].size);
		snprintf(answer, sizeof(answer), "%s\r\n+QFUPL: %zu,0\r\n\r\nOK\r\n", rows[i].acks, rows[i].size);
		rig_init(&r, NULL);
		ask(&r, command);
		forget(&r);
		say_bytes(&r, zeros, rows[i].size);
		pass(&r, 100);
		assert_string_equal(r.heard, answer);
		rig_free(&r);
	}
}

static void a_file_is_kept_listed_given_back_and_deleted(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, NULL);
	echo_off(&r);
	ask(&r, "AT+CMEE=1");
	ask(&r, "AT+QFUPL=\"a.bin\",10");
	say(&r, "1234567890");
	pass(&r, 100);
	assert_string_equal(ask(&r, "AT+QFUPL=\"a.bin\",10"), "\r\n+CME ERROR: 407\r\n");
	assert_string_equal(ask(&r, "AT+QFUPL=\"b.bin\",9999999"), "\r\n+CME ERROR: 420\r\n");
	assert_string_equal(ask(&r, "AT+QFLST"), "\r\n+QFLST: \"a.bin\",10\r\n\r\nOK\r\n");
	assert_string_equal(ask(&r, "AT+QFLDS"), "\r\n+QFLDS: 10,1\r\n\r\nOK\r\n");
	assert_string_equal(ask(&r, "AT+QFDWL=\"a.bin\""),
			    "\r\nCONNECT\r\n1234567890\r\n+QFDWL: 10,3938\r\n\r\nOK\r\n");
	assert_string_equal(ask(&r, "AT+QFDEL=\"a.bin\""), "\r\nOK\r\n");
	assert_string_equal(ask(&r, "AT+QFDEL=\"a.bin\""), "\r\n+CME ERROR: 405\r\n");
	expect_no_blame(&r);
	rig_free(&r);
}

/* -- the ways to success -- */

static const char *const flash_lines[] = {
	FOTA("\"START\""), FOTA("\"UPDATING\",0"), FOTA("\"UPDATING\",2"), FOTA("\"UPDATING\",13"),
	FOTA("\"UPDATING\",97"), FOTA("\"UPDATING\",100"), FOTA("\"END\",0"),
	"RDY\r\n", "+CFUN: 1\r\n", "+CPIN: READY\r\n", "+QUSIM: 1\r\n",
	"+QIND: SMS DONE\r\n", "+QIND: PB DONE\r\n", NULL,
};

static void send_package(struct rig *r, const struct files *f, const char *command)
{
	ask(r, command);
	say_bytes(r, f->bytes, sizeof(f->bytes));
}

#define COM_COMMAND "AT+QFOTADL=\"COM:\",307200,60"

static void a_package_over_the_line_makes_the_new_version(void **state)
{
	struct rig r;

	rig_init(&r, NULL);
	echo_off(&r);
	send_package(&r, files_of(state), COM_COMMAND);
	pass(&r, 10000);
	assert_ptr_equal(strstr(r.heard, "\r\nCONNECT\r\n\r\nOK\r\n\r\n" FOTA("\"START\"")), r.heard);
	expect_order(&r, flash_lines);
	expect_version(&r, TO);
	ask(&r, "AT+CGMR");
	expect_heard(&r, TO);
	expect_no_blame(&r);
	rig_free(&r);
}

static void serve(struct rig *r, const char *url, const void *bytes, size_t size,
		  const struct source_status *status)
{
	assert_non_null(sim_fetch_wanted(r->sim));
	assert_string_equal(sim_fetch_wanted(r->sim), url);
	sim_fetch_data(r->sim, bytes, size);
	sim_fetch_end(r->sim, r->now_ms, status, status->kind == SOURCE_OK);
	assert_null(sim_fetch_wanted(r->sim));
}

static void a_url_is_downloaded_and_makes_the_new_version(void **state)
{
	static const struct {
		const char *url, *start, *end;
	} rows[] = {
		{ HTTP_URL, FOTA("\"HTTPSTART\""), FOTA("\"HTTPEND\",0") },
		{ FTP_URL, FOTA("\"FTPSTART\""), FOTA("\"FTPEND\",0") },
		{ "http://192.0.2.7:8080/d", FOTA("\"HTTPSTART\""), FOTA("\"HTTPEND\",0") },
	};
	const struct source_status fine = { .kind = SOURCE_OK };
	const struct files *f = files_of(state);

	for (size_t i = 0; i < ROWS(rows); i++) {
		struct rig r;
		char command[300];

		rig_init(&r, NULL);
		echo_off(&r);
		snprintf(command, sizeof(command), "AT+QFOTADL=\"%s\"", rows[i].url);
		ask(&r, command);
		assert_memory_equal(r.heard, "\r\nOK\r\n", 6);
		expect_heard(&r, rows[i].start);
		/* it still answers */
		ask(&r, "AT+CSQ");
		expect_heard(&r, "+CSQ: 26,99");
		forget(&r);
		serve(&r, rows[i].url, f->bytes, sizeof(f->bytes), &fine);
		pass(&r, 10000);
		expect_order(&r, (const char *const[]){ rows[i].end, FOTA("\"START\""), NULL });
		expect_order(&r, flash_lines);
		expect_version(&r, TO);
		expect_no_blame(&r);
		rig_free(&r);
	}
}

static void a_failed_download_gives_its_code(void **state)
{
	static const struct {
		const char *url;
		struct source_status status;
		const char *end;
	} rows[] = {
		{ HTTP_URL, { .kind = SOURCE_DNS }, FOTA("\"HTTPEND\",714") },
		{ HTTP_URL, { .kind = SOURCE_CONNECT }, FOTA("\"HTTPEND\",716") },
		{ HTTP_URL, { .kind = SOURCE_NOT_FOUND, .reply = 404 }, FOTA("\"HTTPEND\",723") },
		{ HTTP_URL, { .kind = SOURCE_LOGIN, .reply = 401 }, FOTA("\"HTTPEND\",723") },
		{ HTTP_URL, { .kind = SOURCE_TIMEOUT }, FOTA("\"HTTPEND\",722") },
		{ HTTP_URL, { .kind = SOURCE_OTHER }, FOTA("\"HTTPEND\",701") },
		{ FTP_URL, { .kind = SOURCE_DNS }, FOTA("\"FTPEND\",604") },
		{ FTP_URL, { .kind = SOURCE_CONNECT }, FOTA("\"FTPEND\",605") },
		{ FTP_URL, { .kind = SOURCE_LOGIN, .reply = 530 }, FOTA("\"FTPEND\",625") },
		{ FTP_URL, { .kind = SOURCE_NOT_FOUND, .reply = 550 }, FOTA("\"FTPEND\",627") },
		{ FTP_URL, { .kind = SOURCE_OTHER, .reply = 421 }, FOTA("\"FTPEND\",614") },
		{ FTP_URL, { .kind = SOURCE_TIMEOUT }, FOTA("\"FTPEND\",609") },
		{ FTP_URL, { .kind = SOURCE_OTHER }, FOTA("\"FTPEND\",601") },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct rig r;
		char command[300];

		rig_init(&r, NULL);
		snprintf(command, sizeof(command), "AT+QFOTADL=\"%s\"", rows[i].url);
		ask(&r, command);
		serve(&r, rows[i].url, "PK", 2, &rows[i].status);
		pass(&r, 10000);
		expect_heard(&r, rows[i].end);
		expect_not_heard(&r, "\"START\"");
		expect_version(&r, FROM);
		ask(&r, "AT");
		expect_heard(&r, "OK");
		rig_free(&r);
	}
}

static void a_url_needs_sim_registration_and_context(void **state)
{
	static const struct {
		const char *scenario, *answer;
	} rows[] = {
		{ "set cpin none\n", "+CME ERROR: 10" },
		{ "set cpin SIM PIN\n", "+CME ERROR: 11" },
		{ "set cpin SIM PUK\n", "+CME ERROR: 12" },
		{ "set creg 2\nset cgreg 0\n", "+CME ERROR: 30" },
		{ "set context off\n", "+CME ERROR: 3" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct rig r;

		rig_init(&r, rows[i].scenario);
		ask(&r, "AT+CMEE=1");
		ask(&r, "AT+QFOTADL=\"" HTTP_URL "\"");
		expect_heard(&r, rows[i].answer);
		assert_null(sim_fetch_wanted(r.sim));
		ask(&r, COM_COMMAND);
		expect_heard(&r, "CONNECT");
		rig_free(&r);
	}
}

static void each_dialect_takes_its_own_form_only(void **state)
{
	static const char *const commands[] = {
		COM_COMMAND, "AT+QFOTADL=\"COM:307200\",60", "AT+QFOTADL=\"FILE:307200\"",
	};
	static const struct {
		const char *scenario;
		size_t accepted;
		const char *gate, *end;
	} rows[] = {
		{ "set dialect com\n", 0, "CONNECT\r\n", "OK\r\n" },
		{ "set dialect com-size\n", 1, "CONNECT\r\n", "OK\r\n" },
		{ "set dialect file\n", 2, FOTA("\"FILESTART\""), FOTA("\"FILEEND\",0") },
	};

	for (size_t i = 0; i < ROWS(rows); i++) {
		struct rig r;

		rig_init(&r, rows[i].scenario);
		echo_off(&r);
		for (size_t c = 0; c < ROWS(commands); c++)
			if (c != rows[i].accepted)
				assert_string_equal(ask(&r, commands[c]), "\r\nERROR\r\n");
		ask(&r, commands[rows[i].accepted]);
		expect_heard(&r, rows[i].gate);
		forget(&r);
		say_bytes(&r, files_of(state)->bytes, SIM_DEMO_PACKAGE_SIZE);
		pass(&r, 10000);
		expect_order(&r, (const char *const[]){ rows[i].end, FOTA("\"START\""), NULL });
		expect_version(&r, TO);
		expect_no_blame(&r);
		rig_free(&r);
	}
}

/* -- what it must never flash -- */

static void a_wrong_package_is_never_flashed(void **state)
{
	static const struct {
		const char *what, *scenario;
		size_t flip, size;
		const char *end;
	} rows[] = {
		{ "first byte", NULL, 0, 307200, FOTA("\"END\",505") },
		{ "last byte", NULL, 307199, 307200, FOTA("\"END\",505") },
		{ "a byte short", NULL, 307200, 307199, FOTA("\"END\",505") },
		{ "one byte", NULL, 307200, 1, FOTA("\"END\",505") },
		{ "for another base", "set version UG96LNAR02A05E1G\n", 307200, 307200, FOTA("\"END\",504") },
	};
	static unsigned char bytes[SIM_DEMO_PACKAGE_SIZE + 1];

	for (size_t i = 0; i < ROWS(rows); i++) {
		struct rig r;
		char command[64], before[64];

		memcpy(bytes, files_of(state)->bytes, SIM_DEMO_PACKAGE_SIZE);
		bytes[rows[i].flip] ^= 1;
		rig_init(&r, rows[i].scenario);
		snprintf(before, sizeof(before), "%s", sim_version(r.sim));
		snprintf(command, sizeof(command), "AT+QFOTADL=\"COM:\",%zu,60", rows[i].size);
		ask(&r, command);
		say_bytes(&r, bytes, rows[i].size);
		pass(&r, 10000);
		expect_heard(&r, rows[i].end);
		expect_not_heard(&r, "\"START\"");
		expect_not_heard(&r, "RDY");
		expect_version(&r, before);
		rig_free(&r);
	}
}

static void a_second_upgrade_with_the_same_package_is_refused(void **state)
{
	struct rig r;

	rig_init(&r, NULL);
	send_package(&r, files_of(state), COM_COMMAND);
	pass(&r, 10000);
	expect_version(&r, TO);
	forget(&r);
	send_package(&r, files_of(state), COM_COMMAND);
	pass(&r, 10000);
	expect_heard(&r, "\"END\",504");
	expect_version(&r, TO);
	rig_free(&r);
}

static void a_package_file_is_the_only_one_taken(void **state)
{
	struct files *f = files_of(state);
	struct sim_config config = { .package = f->manifest, .fast = true };
	struct rig r;
	struct err e;

	rig_init(&r, NULL);
	sim_free(r.sim);
	r.sim = sim_new(&config, &e);
	assert_non_null(r.sim);
	sim_power_on(r.sim, r.now_ms, true);
	send_package(&r, f, COM_COMMAND);
	pass(&r, 10000);
	expect_heard(&r, "\"END\",505");
	rig_free(&r);
}

static void an_end_code_leaves_the_old_version_and_the_port(void **state)
{
	static const int codes[] = { 502, 504, 505, 510, 511, 520, 530, 540, 546, 999 };

	for (size_t i = 0; i < ROWS(codes); i++) {
		struct rig r;
		char scenario[32], end[48];

		snprintf(scenario, sizeof(scenario), "set end-code %d\n", codes[i]);
		snprintf(end, sizeof(end), FOTA("\"END\",%d"), codes[i]);
		rig_init(&r, scenario);
		send_package(&r, files_of(state), COM_COMMAND);
		pass(&r, 10000);
		expect_order(&r, (const char *const[]){ FOTA("\"START\""), FOTA("\"UPDATING\",45"), end, NULL });
		expect_not_heard(&r, "\"UPDATING\",49");
		expect_not_heard(&r, "RDY");
		expect_version(&r, FROM);
		ask(&r, "AT");
		expect_heard(&r, "OK");
		expect_no_blame(&r);
		rig_free(&r);
	}
}

/* -- data mode -- */

static void data_mode_ends_by_time_out(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, NULL);
	echo_off(&r);
	ask(&r, "AT+QFOTADL=\"COM:\",1000,7");
	say(&r, "AT\r");
	forget(&r);
	pass(&r, 6999);
	assert_string_equal(r.heard, "");
	pass(&r, 2);
	assert_string_equal(r.heard, "\r\nERROR\r\n");
	assert_string_equal(ask(&r, "AT"), "\r\nOK\r\n");
	expect_no_blame(&r);
	rig_free(&r);
}

/* Pauses in ms around and inside of the three bytes; does it end data mode? */
static void three_plus_end_data_mode_only_between_silences(void **state)
{
	static const struct {
		int64_t before, inside, after;
		bool ends;
	} rows[] = {
		{ 1000, 0, 1000, true },
		{ 1500, 300, 1500, true },
		{ 999, 0, 1000, false },
		{ 1000, 0, 999, false },
		{ 1000, 1000, 1000, false },
		{ 0, 0, 0, false },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct rig r;

		rig_init(&r, NULL);
		echo_off(&r);
		ask(&r, "AT+QFUPL=\"a\",20,60");
		say(&r, "0123456789");
		pass(&r, rows[i].before);
		forget(&r);
		for (int k = 0; k < 3; k++) {
			say(&r, "+");
			pass(&r, k < 2 ? rows[i].inside : rows[i].after);
		}
		assert_string_equal(r.heard, rows[i].ends ? "\r\nOK\r\n" : "");
		if (rows[i].ends) {
			assert_string_equal(ask(&r, "AT+QFLST"), "\r\n+QFLST: \"a\",10\r\n\r\nOK\r\n");
		} else {
			say(&r, "ABCDEFG");
			pass(&r, 100);
			expect_heard(&r, "+QFUPL: 20,");
		}
		expect_no_blame(&r);
		rig_free(&r);
	}
}

static void an_escape_that_completes_the_size_is_data(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, NULL);
	ask(&r, "AT+QFUPL=\"a\",3,60");
	pass(&r, 2000);
	forget(&r);
	say(&r, "+++");
	pass(&r, 100);
	assert_string_equal(r.heard, "\r\n+QFUPL: 3,2B\r\n\r\nOK\r\n");
	rig_free(&r);
}

static void an_escape_forgets_a_package(void **state)
{
	struct rig r;

	rig_init(&r, NULL);
	echo_off(&r);
	ask(&r, COM_COMMAND);
	say_bytes(&r, files_of(state)->bytes, 100000);
	pass(&r, 1100);
	forget(&r);
	say(&r, "+++");
	pass(&r, 1100);
	assert_string_equal(r.heard, "\r\nOK\r\n");
	/* and it can be sent again */
	send_package(&r, files_of(state), COM_COMMAND);
	pass(&r, 10000);
	expect_version(&r, TO);
	expect_no_blame(&r);
	rig_free(&r);
}

/* -- violations -- */

static void what_a_host_does_wrong_is_counted(void **state)
{
	static const struct {
		const char *what, *command;
		unsigned count;
		const char *words;
	} rows[] = {
		{ "a number", "AT+QFOTADL=1", 1, "a number starts an upgrade" },
		{ "read form", "AT+QFOTADL?", 1, "documented nowhere" },
		{ "all files", "AT+QFDEL=\"*\"", 1, "deletes every file" },
		{ "scheme", "AT+QFOTADL=\"gopher://h/p\"", 1, "unknown scheme" },
		{ "https", "AT+QFOTADL=\"https://h/p\"", 1, "unknown scheme" },
		{ "no path", "AT+QFOTADL=\"http://h\"", 1, "no path" },
		{ "no host", "AT+QFOTADL=\"http:///p\"", 1, "no host" },
		{ "port", "AT+QFOTADL=\"http://h:0/p\"", 1, "no port number" },
		{ "two @", "AT+QFOTADL=\"ftp://a@b@h/p\"", 1, "more than one @" },
		{ "blank", "AT+QFOTADL=\"http://h/a b\"", 1, "forbidden byte" },
		{ "hash", "AT+QFOTADL=\"http://h/a#b\"", 1, "forbidden byte" },
		{ "escape", "AT+QFOTADL=\"http://h/a%0Db\"", 1, "forbidden escape" },
		{ "more fields", "AT+QFOTADL=\"http://h/p\",1,50", 1, "parameters behind" },
		{ "open quote", "AT+QFOTADL=\"http://h/p", 1, "no form of the command" },
		{ "no command", "hello", 1, "no command: hello" },
		{ "before AT", "xxAT", 1, "no command: xxAT" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct rig r;

		rig_init(&r, NULL);
		ask(&r, rows[i].command);
		expect_blame(&r, rows[i].count, rows[i].words);
		expect_version(&r, FROM);
		rig_free(&r);
	}
}

static void a_command_during_another_is_counted_and_answered_after_it(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, "set answer-ms 200\n");
	echo_off(&r);
	say(&r, "AT+CSQ\r\n");
	pass(&r, 100);
	expect_no_blame(&r);
	say(&r, "AT+CBC\r");
	expect_blame(&r, 1, "bytes while a command was under way: AT+CSQ");
	pass(&r, 1000);
	expect_order(&r, (const char *const[]){ "+CSQ:", "OK", "+CBC:", "OK", NULL });
	rig_free(&r);
}

static void bytes_beyond_the_declared_size_are_counted(void **state)
{
	struct rig r;

	rig_init(&r, NULL);
	ask(&r, COM_COMMAND);
	say_bytes(&r, files_of(state)->bytes, SIM_DEMO_PACKAGE_SIZE);
	say(&r, "x");
	expect_blame(&r, 1, "more bytes than were declared");
	rig_free(&r);
}

static void bytes_between_package_and_start_are_counted(void **state)
{
	struct rig r;

	rig_init(&r, "set start-ms 5000\n");
	send_package(&r, files_of(state), COM_COMMAND);
	pass(&r, 1000);
	expect_no_blame(&r);
	say(&r, "A");
	expect_blame(&r, 1, "between the end of the package and START");
	rig_free(&r);
}

static void every_byte_while_it_flashes_is_counted(void **state)
{
	struct rig r;

	rig_init(&r, "set flash-ms 60000\n");
	send_package(&r, files_of(state), COM_COMMAND);
	pass(&r, 30000);
	expect_no_blame(&r);
	forget(&r);
	say(&r, "AT\r");
	expect_blame(&r, 3, "while it was flashing");
	pass(&r, 1000);
	expect_not_heard(&r, "OK");
	pass(&r, 40000);
	expect_version(&r, TO);
	rig_free(&r);
}

static void data_before_the_gate_token_is_counted(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, "set dialect file\nset start-ms 5000\n");
	ask(&r, "AT+QFOTADL=\"FILE:100\"");
	say(&r, "x");
	expect_blame(&r, 1, "before the gate token");
	rig_free(&r);
}

static void an_escape_in_command_mode_is_no_fault(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, NULL);
	echo_off(&r);
	say(&r, "+++");
	pass(&r, 1100);
	assert_string_equal(ask(&r, "AT"), "\r\nOK\r\n");
	expect_no_blame(&r);
	rig_free(&r);
}

/* -- power and port -- */

static void it_goes_away_and_comes_back_at_a_reboot(void **state)
{
	struct rig r;
	int64_t gone_ms = 0, back_ms = 0;

	rig_init(&r, "set absent-ms 1500\nset boot-ms 4000\n");
	send_package(&r, files_of(state), COM_COMMAND);
	while (!back_ms && r.now_ms < 60000) {
		pass(&r, 1);
		if (!gone_ms && !sim_present(r.sim))
			gone_ms = r.now_ms;
		if (gone_ms && sim_present(r.sim))
			back_ms = r.now_ms;
	}
	expect_heard(&r, "\"END\",0");
	assert_in_range(back_ms - gone_ms, 1499, 1501);
	/* deaf until RDY, a quarter of the boot later */
	forget(&r);
	say(&r, "AT\r");
	pass(&r, 990);
	assert_string_equal(r.heard, "");
	pass(&r, 20);
	assert_string_equal(r.heard, "\r\nRDY\r\n");
	ask(&r, "AT");
	expect_heard(&r, "OK");
	expect_no_blame(&r);
	rig_free(&r);
}

static void a_cold_start_prints_its_urcs(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, NULL);
	sim_power_on(r.sim, r.now_ms, false);
	assert_true(sim_present(r.sim));
	pass(&r, 1000);
	expect_order(&r, (const char *const[]){ "RDY", "+CFUN: 1", "+CPIN: READY", "+QIND: PB DONE", NULL });
	rig_free(&r);
}

static void a_power_cut_in_the_flash_is_survived_as_set(void **state)
{
	static const struct {
		const char *resume, *version, *heard;
	} rows[] = {
		{ "on", TO, FOTA("\"UPDATING\",41") },
		{ "announce", TO, FOTA("\"Last upgrade was not finished,continue upgrade\"") },
		{ "off", FROM, "RDY\r\n" },
	};

	for (size_t i = 0; i < ROWS(rows); i++) {
		struct rig r;
		char scenario[96];

		snprintf(scenario, sizeof(scenario), "set resume %s\nat updating 37\n\treboot\n", rows[i].resume);
		rig_init(&r, scenario);
		send_package(&r, files_of(state), COM_COMMAND);
		while (sim_present(r.sim) && r.now_ms < 60000)
			pass(&r, 1);
		assert_false(sim_present(r.sim));
		forget(&r);
		pass(&r, 20000);
		expect_heard(&r, rows[i].heard);
		expect_version(&r, rows[i].version);
		rig_free(&r);
	}
}

static void unplugged_while_it_flashes_it_goes_on(void **state)
{
	struct rig r;

	rig_init(&r, "set flash-ms 28000\nat updating 37\n\tvanish 5000\n");
	send_package(&r, files_of(state), COM_COMMAND);
	while (sim_present(r.sim) && r.now_ms < 60000)
		pass(&r, 1);
	say(&r, "A");
	expect_blame(&r, 1, "away");
	forget(&r);
	pass(&r, 60000);
	expect_order(&r, (const char *const[]){ "\"UPDATING\",61", "\"END\",0", "RDY", NULL });
	expect_not_heard(&r, "\"UPDATING\",41");
	expect_version(&r, TO);
	rig_free(&r);
}

static void vanished_for_ever_it_does_not_come_back(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, "at time 1000\n vanish 0\n");
	pass(&r, 1000);
	assert_false(sim_present(r.sim));
	assert_true(sim_next_ms(r.sim) == INT64_MAX);
	pass(&r, 100000000);
	assert_false(sim_present(r.sim));
	rig_free(&r);
}

static void at_another_rate_both_sides_hear_garbage(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, NULL);
	echo_off(&r);
	sim_host_baud(r.sim, 9600);
	ask(&r, "AT");
	expect_not_heard(&r, "OK");
	sim_host_baud(r.sim, 115200);
	ask(&r, "");
	ask(&r, "AT");
	expect_heard(&r, "OK");
	expect_no_blame(&r);
	rig_free(&r);
}

static void a_new_rate_holds_from_behind_the_ok_and_is_stored_on_demand(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, "at time 5000\n reboot\nat time 10000\n reboot\n");
	sim_host_baud(r.sim, 115200);
	ask(&r, "AT+IPR=9600");
	expect_heard(&r, "OK");
	assert_int_equal(sim_baud(r.sim), 9600);
	pass(&r, 5000);
	assert_int_equal(sim_baud(r.sim), 115200);
	ask(&r, "AT+IPR=460800;&W");
	pass(&r, 5000);
	assert_int_equal(sim_baud(r.sim), 460800);
	rig_free(&r);
}

static void urcs_go_where_they_are_sent(void **state)
{
	static const struct {
		const char *scenario, *command;
		bool heard;
	} rows[] = {
		{ "", "AT", true },
		{ "set urcport usbmodem\n", "AT", false },
		{ "set urcport usbmodem\n", "AT+QURCCFG=\"urcport\",\"uart1\"", true },
		{ "set stateurc off\n", "AT", false },
		{ "set stateurc off\n", "AT+QCFG=\"stateurc/enable\",1", true },
		{ "set mute off\n", "AT", true },
	};

	for (size_t i = 0; i < ROWS(rows); i++) {
		struct rig r;

		rig_init(&r, rows[i].scenario);
		ask(&r, rows[i].command);
		send_package(&r, files_of(state), COM_COMMAND);
		pass(&r, 10000);
		if (rows[i].heard)
			expect_order(&r, flash_lines);
		else
			expect_not_heard(&r, "+QIND");
		expect_version(&r, TO);
		rig_free(&r);
	}
}

/* -- any split -- */

/* What is said with the whole dialogue cut into pieces of SPLIT bytes. */
static void play(struct rig *r, const struct files *f, size_t split, const char *scenario)
{
	static const char *const commands[] = {
		"ATE0", "ATI", "AT+CMEE=1", "AT+CSQ;+CREG?;+CGREG?;+COPS?", "AT+NONSENSE",
		"AT+QFOTADL=?", "AT+QFUPL=\"x\",10",
	};

	rig_init(r, scenario);
	r->split = split;
	for (size_t i = 0; i < ROWS(commands); i++) {
		say(r, commands[i]);
		say(r, "\r\n");
		pass(r, 1000);
	}
	say(r, "1234567890");
	pass(r, 1000);
	say(r, COM_COMMAND "\r");
	pass(r, 1000);
	say_bytes(r, f->bytes, sizeof(f->bytes));
	pass(r, 10000);
}

static void every_split_of_the_input_does_the_same(void **state)
{
	static const size_t splits[] = { 1, 2, 3, 5, 7, 16, 31, 64, 100, 1000, 1023, 1024, 1025, 4096 };
	struct rig *whole = malloc(sizeof(*whole)), *part = malloc(sizeof(*part));

	assert_non_null(whole);
	assert_non_null(part);
	play(whole, files_of(state), 0, NULL);
	assert_string_equal(sim_version(whole->sim), TO);
	for (size_t i = 0; i < ROWS(splits); i++) {
		play(part, files_of(state), splits[i], NULL);
		assert_string_equal(part->heard, whole->heard);
		assert_string_equal(sim_version(part->sim), TO);
		expect_no_blame(part);
		rig_free(part);
	}
	rig_free(whole);
	free(whole);
	free(part);
}

/* -- scenarios -- */

static void a_block_is_the_answer_of_a_command(void **state)
{
	static const struct {
		const char *scenario, *command, *answer;
	} rows[] = {
		{ "on AT+CGMR\n\tline V\n\tline OK\n", "AT+CGMR", "\r\nV\r\n\r\nOK\r\n" },
		{ "on AT+CGMR\n\tline OTHER {model}\n\tdefault\n", "AT+CGMR", "\r\nOTHER UG96\r\n\r\n" FROM "\r\n\r\nOK\r\n" },
		{ "on AT+CGMR\n\tdefault\n\tline OK\n", "AT+CGMR", "\r\n" FROM "\r\n\r\nOK\r\n\r\nOK\r\n" },
		{ "on AT+CGMR\n\tdrop\n", "AT+CGMR", "" },
		{ "on AT+C*\n\traw \"\\r\\n\\x41\\0\\tB\\\\\\\"\"\n", "AT+CBC", "\r\nA" },
		{ "on AT+C*\n\tline C\non AT+CBC\n\tline never\n", "AT+CBC", "\r\nC\r\n" },
		{ "on AT+CGMR nth 2\n\tline second\n", "AT+CGMR", "\r\n" FROM "\r\n\r\nOK\r\n" },
		{ "on AT+CGMR nth 1..\n\tline {nothing}\n", "AT+CGMR", "\r\n{nothing}\r\n" },
		{ "on AT+CREG?\n\tset creg 5\n\tdefault\n", "AT+CSQ;+CREG?;+CBC",
		  "\r\n+CSQ: 26,99\r\n\r\n+CREG: 0,5\r\n\r\n+CBC: 0,71,3814\r\n\r\nOK\r\n" },
		{ "on AT+CREG?\n\tline cut\n", "AT+CSQ;+CREG?;+CBC", "\r\n+CSQ: 26,99\r\n\r\ncut\r\n" },
		{ "on AT\n\tfill 3 \"x\"\n", "AT", "xxx" },
		{ "set eol \"\\n\"\nset bol \"\"\n", "AT", "OK\n" },
		{ "# nothing\n\n   # at all\n", "AT", "\r\nOK\r\n" },
		{ "on AT+CBC\r\n\tline crlf file\r\n", "AT+CBC", "\r\ncrlf file\r\n" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct rig r;

		rig_init(&r, rows[i].scenario);
		echo_off(&r);
		if (strcmp(ask(&r, rows[i].command), rows[i].answer) != 0)
			fail_msg("row %zu: \"%s\"", i, r.heard);
		rig_free(&r);
	}
}

static void nth_counts(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, "on AT+CBC nth 2\n\tline two\non AT+CBC nth 4..\n\tline four on\n");
	echo_off(&r);
	expect_heard((ask(&r, "AT+CBC"), &r), "3814");
	assert_string_equal(ask(&r, "AT+CBC"), "\r\ntwo\r\n");
	expect_heard((ask(&r, "AT+CBC"), &r), "3814");
	assert_string_equal(ask(&r, "AT+CBC"), "\r\nfour on\r\n");
	assert_string_equal(ask(&r, "AT+CBC"), "\r\nfour on\r\n");
	rig_free(&r);
}

static void a_wait_keeps_the_host_waiting(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, "on AT+CBC\n\twait 60000\n\tline CONNECT\n");
	echo_off(&r);
	say(&r, "AT+CBC\r");
	pass(&r, 59000);
	assert_string_equal(r.heard, "");
	/* after so long a host may try */
	say(&r, "AT\r");
	expect_no_blame(&r);
	pass(&r, 2000);
	assert_string_equal(r.heard, "\r\nCONNECT\r\n\r\nOK\r\n");
	rig_free(&r);
}

static void an_event_block_comes_before_hides_or_ends_the_step(void **state)
{
	static const struct {
		const char *scenario;
		const char *order[4];
		const char *never;
		const char *version;
	} rows[] = {
		{ "at start\n\tline before\n", { "before", FOTA("\"START\""), FOTA("\"END\",0") }, NULL, TO },
		{ "at start\n\tdefault\n\tline after\n", { FOTA("\"START\""), "after", FOTA("\"END\",0") }, NULL, TO },
		{ "at start\n\thush\n", { FOTA("\"UPDATING\",0"), FOTA("\"END\",0") }, FOTA("\"START\""), TO },
		{ "at start\n\tdrop\n", { "OK" }, "+QIND", FROM },
		{ "at end\n\thush\n", { FOTA("\"UPDATING\",100"), "RDY" }, "END", TO },
		{ "at end\n\tdrop\n", { FOTA("\"UPDATING\",100") }, "RDY", TO },
		{ "at updating 50\n\tline half\n", { FOTA("\"UPDATING\",49"), "half", FOTA("\"UPDATING\",53") }, NULL, TO },
		{ "at updating 50\n\tstop\n", { FOTA("\"UPDATING\",49") }, "53", FROM },
		{ "at reboot\n\tset imei 1234\n", { "RDY" }, NULL, TO },
		{ "at boot\n\tgarbage 20\n", { "END", "RDY" }, NULL, TO },
		{ "at data-end\n\tdrop\n", { "CONNECT" }, "+QIND", FROM },
		{ "at data-end\n\tline ERROR\n\tdrop\n", { "CONNECT", "ERROR" }, "+QIND", FROM },
		{ "at data 1000\n\tfinish\n", { "CONNECT", "OK", FOTA("\"END\",505") }, "START", FROM },
		{ "at data 1000\n\tline ERROR\n\tleave\n", { "CONNECT", "ERROR" }, "+QIND", FROM },
		{ "at data 307200\n\tline all\n", { "all", "OK", "START" }, NULL, TO },
		{ "set final-version UG96X\n", { "END\",0", "RDY" }, NULL, "UG96X" },
		{ "set final-version unchanged\n", { "END\",0", "RDY" }, NULL, FROM },
		{ "set updating-word RESTORE\n", { FOTA("\"RESTORE\",0"), FOTA("\"RESTORE\",100"), "END\",0" }, "UPDATING", TO },
	};

	for (size_t i = 0; i < ROWS(rows); i++) {
		struct rig r;

		rig_init(&r, rows[i].scenario);
		echo_off(&r);
		send_package(&r, files_of(state), COM_COMMAND);
		pass(&r, 20000);
		expect_order(&r, rows[i].order);
		if (rows[i].never)
			expect_not_heard(&r, rows[i].never);
		expect_version(&r, rows[i].version);
		expect_no_blame(&r);
		rig_free(&r);
	}
}

static void noise_spoils_a_package(void **state)
{
	static const char *const kinds[] = { "flip", "drop", "double" };

	for (size_t i = 0; i < ROWS(kinds); i++) {
		struct rig r;
		char scenario[96];

		snprintf(scenario, sizeof(scenario), "on AT+QFOTADL=*\n\tdefault\n\tset noise-in 1000\n\tset noise-kind %s\n", kinds[i]);
		rig_init(&r, scenario);
		send_package(&r, files_of(state), COM_COMMAND);
		pass(&r, 200000);
		expect_not_heard(&r, "START");
		expect_version(&r, FROM);
		expect_no_blame(&r);
		rig_free(&r);
	}
}

static void noise_hits_as_often_as_it_is_set_to(void **state)
{
	struct rig r;
	unsigned char buf[4096];
	size_t n, hits = 0, all = 0;

	(void)state;
	rig_init(&r, "set noise-out 10000\nat time 1000\n\tfill 1000000 \"x\"\n");
	sim_run(r.sim, r.now_ms + 1000);
	while ((n = sim_output(r.sim, r.now_ms + 1000, buf, sizeof(buf)))) {
		all += n;
		for (size_t i = 0; i < n; i++)
			hits += buf[i] != 'x';
	}
	assert_int_equal(all, 1000000);
	assert_in_range(hits, 9000, 11000);
	rig_free(&r);
}

static void a_huge_fill_takes_no_memory(void **state)
{
	struct rig r;
	unsigned char buf[4096];

	(void)state;
	rig_init(&r, "at time 1\n\tfill 1073741824 \"A\"\n\tgarbage 10737418240\n\tline end\n");
	sim_run(r.sim, r.now_ms + 1);
	assert_int_equal(sim_output(r.sim, r.now_ms + 1, buf, sizeof(buf)), sizeof(buf));
	assert_int_equal(buf[4095], 'A');
	rig_free(&r);
}

static void a_chunk_is_a_burst_a_millisecond(void **state)
{
	struct rig r;
	char buf[64];

	(void)state;
	rig_init(&r, "set chunk 2\n");
	echo_off(&r);
	say(&r, "AT\r");
	sim_run(r.sim, r.now_ms + 1);
	assert_int_equal(sim_output(r.sim, r.now_ms + 1, buf, sizeof(buf)), 2);
	assert_int_equal(sim_output(r.sim, r.now_ms + 1, buf, sizeof(buf)), 0);
	assert_true(sim_next_ms(r.sim) == r.now_ms + 2);
	assert_int_equal(sim_output(r.sim, r.now_ms + 2, buf, sizeof(buf)), 2);
	assert_memory_equal(buf, "OK", 2);
	rig_free(&r);
}

static void echo_can_be_odd(void **state)
{
	static const struct {
		const char *scenario, *command, *answer;
	} rows[] = {
		{ "set echo double\n", "AT", "AATT\r\r\r\nOK\r\n" },
		{ "set echo partial\n", "ATI0", "ATI" },
		{ "set echo off\n", "AT", "\r\nOK\r\n" },
		{ "set echo wrap\n", "AT+QFOTADL=\"ftp://u:secret@h/p\"", "AT+QFOTADL=\"ftp://u\r\n:secret@" },
	};
	struct rig r;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		rig_init(&r, rows[i].scenario);
		ask(&r, rows[i].command);
		if (i == 1)
			expect_not_heard(&r, rows[i].answer);
		else
			expect_heard(&r, rows[i].answer);
		rig_free(&r);
	}
	rig_init(&r, "set echo stuck\n");
	ask(&r, "ATE0");
	assert_string_equal(ask(&r, "AT"), "AT\r\r\nOK\r\n");
	rig_free(&r);
}

static void mute_deaf_and_flow_control_can_be_set(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, "set mute on\n");
	assert_string_equal(ask(&r, "AT"), "");
	rig_free(&r);
	rig_init(&r, "set deaf on\n");
	assert_string_equal(ask(&r, "AT"), "");
	rig_free(&r);
	rig_init(&r, "at time 1000\n\tset reading off\nat time 2000\n\tset reading on\n");
	assert_true(sim_accepts(r.sim));
	pass(&r, 1500);
	assert_false(sim_accepts(r.sim));
	pass(&r, 1000);
	assert_true(sim_accepts(r.sim));
	rig_free(&r);
}

static void a_wrong_scenario_line_is_named(void **state)
{
	static const struct {
		const char *text, *error;
	} rows[] = {
		{ "set colour red\n", "scenario, line 1: no property is called \"colour\"" },
		{ "\n\nset rssi 100\n", "line 3: rssi must be a number from 0 to 99, not \"100\"" },
		{ "set rssi\n", "rssi must be a number" },
		{ "set rssi 1x\n", "not \"1x\"" },
		{ "set context maybe\n", "context has no value \"maybe\"" },
		{ "set imei 123456789012345678901234567890\n", "imei has more than 23 bytes" },
		{ "set eol \"\\q\"\n", "unknown escape \"\\q\"" },
		{ "set eol \"\\r\n", "the quote is not closed" },
		{ "set eol \"\\r\" x\n", "more text behind the closing quote" },
		{ "set eol \"\\0\"\n", "eol cannot hold a NUL" },
		{ "\tline X\n", "line 1: an action outside of a block" },
		{ "line X\n", "a line begins with set, on or at, not with \"line\"" },
		{ "on\n", "on which command?" },
		{ "on nth 2\n", "on which command?" },
		{ "on AT nth 0\n", "nth wants a number from 1 on" },
		{ "on AT nth x\n", "nth wants a number from 1 on" },
		{ "on AT nth 2.\n", "nth wants a number from 1 on" },
		{ "at noon\n", "no event is called \"noon\"" },
		{ "at data\n", "data wants a number" },
		{ "at start 5\n", "at start takes no number" },
		{ "at start\n\tjump\n", "line 2: no action is called \"jump\"" },
		{ "at start\n\twait\n", "line 2: wait wants a number" },
		{ "at start\n\twait -1\n", "wait wants a number" },
		{ "at start\n\treboot now\n", "reboot takes nothing behind it" },
		{ "at start\n\tfill 3 \"ab\"\n", "fill wants one byte" },
		{ "at start\n\tfill \"a\"\n", "fill wants a number" },
		{ "at start\n\traw x\n", "a quoted text is missing" },
		{ "at start\n\tset end-code x\n", "line 2: end-code must be a number" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		const struct sim_config config = { .scenario_text = rows[i].text };
		struct err e;

		assert_null(sim_new(&config, &e));
		assert_int_equal(e.code, ERR_USAGE);
		if (!strstr(e.text, rows[i].error))
			fail_msg("\"%s\" gives: %s", rows[i].text, e.text);
	}
}

static void scenario_limits_are_told(void **state)
{
	struct sim_scenario *sc = malloc(sizeof(*sc));
	struct sim_settings p;
	char *text = malloc(SCENARIO_MAX + 1);
	size_t n = 0;
	struct err e;

	(void)state;
	assert_non_null(sc);
	assert_non_null(text);
	sim_settings_init(&p, true);
	memset(text, '#', SCENARIO_MAX + 1);
	assert_int_equal(sim_scenario_parse(sc, &p, "big", text, SCENARIO_MAX + 1, &e), -1);
	assert_non_null(strstr(e.text, "big: more than 262144 bytes"));
	assert_int_equal(sim_scenario_parse(sc, &p, "full", text, SCENARIO_MAX, &e), 0);
	sim_scenario_free(sc);
	for (int i = 0; i <= SCENARIO_BLOCKS; i++)
		n += (size_t)sprintf(text + n, "at start\n");
	assert_int_equal(sim_scenario_parse(sc, &p, "many", text, n, &e), -1);
	assert_non_null(strstr(e.text, "many, line 65: more than 64 blocks"));
	n = (size_t)sprintf(text, "at start\n");
	for (int i = 0; i <= SCENARIO_ACTIONS; i++)
		n += (size_t)sprintf(text + n, " hush\n");
	assert_int_equal(sim_scenario_parse(sc, &p, "many", text, n, &e), -1);
	assert_non_null(strstr(e.text, "line 514: more than 512 actions"));
	assert_int_equal(sim_scenario_parse(sc, &p, "nul", "set rssi 1\0\n", 12, &e), -1);
	assert_non_null(strstr(e.text, "a NUL byte"));
	assert_int_equal(sim_scenario_load(sc, &p, "/nonexistent.at", &e), -1);
	assert_non_null(strstr(e.text, "opening the scenario /nonexistent.at"));
	assert_int_equal(sim_scenario_load(sc, &p, "/tmp", &e), -1);
	assert_non_null(strstr(e.text, "no regular file"));
	free(text);
	free(sc);
}

static void any_scenario_text_is_parsed_or_refused(void **state)
{
	static const char seed[] =
		"set eol \"\\r\\n\"\non AT+C* nth 2..\n\tline x {imei}\n\traw \"\\x41\"\nat data 5\n\tfill 3 \"a\"\n\twait 5\n";
	struct sim_scenario *sc = malloc(sizeof(*sc));
	struct sim_settings p;
	unsigned random = 1;
	struct err e;

	(void)state;
	assert_non_null(sc);
	sim_settings_init(&p, true);
	for (int round = 0; round < 20000; round++) {
		char text[sizeof(seed)];
		int parsed = 0;

		memcpy(text, seed, sizeof(seed));
		for (int k = 0; k < 4; k++) {
			random = random * 1103515245u + 12345u;
			text[random % (sizeof(seed) - 1)] = (char)(random >> 16);
		}
		e.text[0] = '\0';
		if (sim_scenario_parse(sc, &p, "mutant", text, sizeof(seed) - 1, &e) == 0) {
			sim_scenario_free(sc);
			parsed = 1;
		}
		assert_true(parsed || strstr(e.text, "mutant, line"));
	}
	free(sc);
}

static void a_pattern_fits_as_a_whole(void **state)
{
	static const struct {
		const char *pattern, *text;
		bool fits;
	} rows[] = {
		{ "AT", "AT", true }, { "AT", "ATI", false }, { "AT*", "AT", true },
		{ "AT*", "ATI", true }, { "*", "", true }, { "", "", true }, { "", "A", false },
		{ "AT+*?", "AT+CREG?", true }, { "AT+*?", "AT+CREG", false },
		{ "*a*b", "xaxbxb", true }, { "*a*b", "xaxbx", false }, { "A**", "A", true },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		if (sim_pattern_fits(rows[i].pattern, rows[i].text) != rows[i].fits)
			fail_msg("%s on %s", rows[i].pattern, rows[i].text);
}

/* A host of little sense: asks, sends the package when it may, asks again. */
static void live_through(struct rig *r, const struct files *f)
{
	ask(r, "ATE0");
	ask(r, "ATI");
	ask(r, "AT+CGMR");
	ask(r, "AT+QFOTADL=?");
	ask(r, COM_COMMAND);
	if (strstr(r->heard, "CONNECT"))
		say_bytes(r, f->bytes, sizeof(f->bytes));
	pass(r, 7200000);
	ask(r, "AT+CGMR");
}

static void every_scenario_of_the_suite_can_be_lived_through(void **state)
{
	const char *srcdir = getenv("srcdir");
	char dir[512], path[1024], line[256];
	unsigned count = 0;
	struct dirent *entry;
	DIR *d;

	snprintf(dir, sizeof(dir), "%s/tests/scenarios", srcdir ? srcdir : ".");
	d = opendir(dir);
	assert_non_null(d);
	while ((entry = readdir(d))) {
		struct sim_config config = { .scenario = path, .fast = true };
		size_t size = strlen(entry->d_name);
		struct rig *r;
		struct err e;
		FILE *in;

		if (size < 4 || strcmp(entry->d_name + size - 3, ".at") != 0)
			continue;
		count++;
		snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
		in = fopen(path, "r");
		assert_non_null(in);
		assert_non_null(fgets(line, sizeof(line), in));
		fclose(in);
		if (strncmp(line, "# ", 2) != 0)
			fail_msg("%s does not begin with a comment that tells what happens", path);
		r = calloc(1, sizeof(*r));
		assert_non_null(r);
		r->sim = sim_new(&config, &e);
		if (!r->sim)
			fail_msg("%s", e.text);
		r->now_ms = 1000;
		sim_power_on(r->sim, r->now_ms, true);
		live_through(r, files_of(state));
		rig_free(r);
		free(r);
	}
	closedir(d);
	assert_true(count > 40);
}

/* -- the demo package -- */

static void the_demo_package_is_the_same_every_time(void **state)
{
	struct files *f = files_of(state);
	struct manifest m;
	struct err e;
	struct package *p;

	assert_int_equal(manifest_read(f->manifest, &m, &e), 0);
	assert_string_equal(m.model, "UG96");
	assert_string_equal(m.from, FROM);
	assert_string_equal(m.to, TO);
	assert_int_equal(m.size, SIM_DEMO_PACKAGE_SIZE);
	p = package_open(f->package, 1 << 20, &e);
	assert_non_null(p);
	assert_string_equal(m.sha256, package_sha256(p));
	/* what it was when it was first made */
	assert_string_equal(m.sha256, "07af0a035c15c4aaeefccb7cf71b97ef14626c4b6b3787b8c473918ab6a0e364");
	package_close(p);
	assert_int_equal(sim_write_demo_package("/nonexistent/x", "UG96", FROM, TO, &e), -1);
	assert_int_equal(e.code, ERR_PACKAGE);
}

/* -- the port in virtual time -- */

struct virtual {
	struct sim_port *sp;
	struct port *port;
};

static const struct port_settings at_115200 = { .baud = 115200 };

static void virtual_init(struct virtual *v, const struct sim_port_config *config)
{
	struct err e;

	v->sp = sim_port_new(config, &e);
	if (!v->sp)
		fail_msg("%s", e.text);
	v->port = port_new_custom(sim_port_clock(v->sp), sim_port_backend(), v->sp, &e);
	assert_non_null(v->port);
}

static void virtual_free(struct virtual *v)
{
	port_free(v->port);
	sim_port_free(v->sp);
}

static int64_t virtual_now(const struct virtual *v)
{
	return clock_now_ms(sim_port_clock(v->sp));
}

static void virtual_open(struct virtual *v)
{
	struct err e;

	if (port_open(v->port, SIM_PORT_PATH, &at_115200, &e) < 0)
		fail_msg("%s", e.text);
}

/* Read until TEXT has come or LIMIT_MS has passed. */
static bool virtual_hear(struct virtual *v, const char *text, int64_t limit_ms)
{
	char heard[8192] = "";
	size_t size = 0;
	int64_t end = virtual_now(v) + limit_ms;
	struct err e;

	while (virtual_now(v) < end && size < sizeof(heard) - 1) {
		int n = port_read(v->port, heard + size, sizeof(heard) - 1 - size, end, &e);

		if (n < 0)
			return false;
		size += (size_t)n;
		heard[size] = '\0';
		if (strstr(heard, text))
			return true;
	}
	return false;
}

static void virtual_send(struct virtual *v, const void *bytes, size_t size)
{
	const char *p = bytes;
	struct err e;

	while (size) {
		int n = port_write(v->port, p, size, virtual_now(v) + 60000, &e);

		if (n <= 0)
			fail_msg("%s", n ? e.text : "nothing written");
		p += n;
		size -= (size_t)n;
	}
}

static void virtual_say(struct virtual *v, const char *text)
{
	virtual_send(v, text, strlen(text));
}

static void time_passes_by_reading_and_writing(void **state)
{
	const struct sim_port_config config = { .sim.fast = true };
	struct virtual v;
	int64_t begin;
	char c;
	struct err e;

	virtual_init(&v, &config);
	virtual_open(&v);
	assert_int_equal(virtual_now(&v), SIM_PORT_START_MS);
	assert_int_equal(port_read(v.port, &c, 1, SIM_PORT_START_MS + 3600000, &e), 0);
	assert_int_equal(virtual_now(&v), SIM_PORT_START_MS + 3600000);
	virtual_say(&v, COM_COMMAND "\r");
	assert_true(virtual_hear(&v, "CONNECT", 1000));
	begin = virtual_now(&v);
	virtual_send(&v, files_of(state)->bytes, SIM_DEMO_PACKAGE_SIZE);
	assert_in_range(virtual_now(&v) - begin, 26666 - 30, 26666 + 30);
	assert_true(virtual_hear(&v, "\"START\"", 10000));
	assert_int_equal(port_pause(v.port, virtual_now(&v) + 100, &e), 0);
	virtual_free(&v);
}

static void a_port_is_dead_from_a_reboot_on(void **state)
{
	const struct sim_port_config config = {
		.sim.fast = true, .sim.scenario_text = "set absent-ms 5000\nat time 1000\n\treboot\n",
	};
	struct virtual v;
	struct err e;
	char c;

	(void)state;
	virtual_init(&v, &config);
	virtual_open(&v);
	assert_int_equal(port_read(v.port, &c, 1, virtual_now(&v) + 60000, &e), -1);
	assert_int_equal(e.code, ERR_GONE);
	assert_int_equal(virtual_now(&v), SIM_PORT_START_MS + 1000);
	assert_int_equal(port_pause(v.port, virtual_now(&v) + 10000, &e), 0);
	assert_int_equal(port_read(v.port, &c, 1, virtual_now(&v) + 60000, &e), -1);
	port_close(v.port);
	virtual_open(&v);
	virtual_say(&v, "AT\r");
	assert_true(virtual_hear(&v, "OK", 1000));
	virtual_free(&v);
}

static void no_port_opens_while_the_module_is_away(void **state)
{
	const struct sim_port_config config = {
		.sim.fast = true, .sim.scenario_text = "set absent-ms 5000\nat time 1000\n\treboot\n",
	};
	struct virtual v;
	struct err e;

	(void)state;
	virtual_init(&v, &config);
	assert_int_equal(port_open(v.port, "/dev/ttyOTHER", &at_115200, &e), -1);
	assert_int_equal(e.code, ERR_PORT);
	assert_int_equal(port_pause(v.port, SIM_PORT_START_MS + 2000, &e), 0);
	assert_int_equal(port_open(v.port, SIM_PORT_PATH, &at_115200, &e), -1);
	assert_int_equal(e.code, ERR_PORT);
	assert_int_equal(port_pause(v.port, SIM_PORT_START_MS + 6010, &e), 0);
	virtual_open(&v);
	assert_true(virtual_hear(&v, "RDY", 10000));
	virtual_free(&v);
}

static void a_server_of_the_test_is_downloaded_from(void **state)
{
	const struct sim_port_file served[] = {
		{ .url = HTTP_URL, .bytes = files_of(state)->bytes, .size = SIM_DEMO_PACKAGE_SIZE, .duration_ms = 20000 },
		{ .url = NULL },
	};
	const struct sim_port_config config = { .sim.fast = true, .files = served };
	struct virtual v;
	int64_t begin;

	virtual_init(&v, &config);
	virtual_open(&v);
	virtual_say(&v, "AT+QFOTADL=\"http://192.0.2.9/x\"\r");
	assert_true(virtual_hear(&v, "\"HTTPEND\",723", 60000));
	begin = virtual_now(&v);
	virtual_say(&v, "AT+QFOTADL=\"" HTTP_URL "\"\r");
	assert_true(virtual_hear(&v, "\"HTTPEND\",0", 60000));
	assert_in_range(virtual_now(&v) - begin, 20000, 20100);
	assert_true(virtual_hear(&v, "\"END\",0", 60000));
	assert_string_equal(sim_version(sim_port_sim(v.sp)), TO);
	assert_int_equal(sim_port_sent(v.sp, "AT+QFOTADL"), 2);
	virtual_free(&v);
}

static void count_up(void *ctx)
{
	++*(int *)ctx;
}

static void hooks_are_called_once_at_their_time(void **state)
{
	const struct sim_port_config config = { .sim.fast = true };
	int by_time = 0, by_input = 0, by_output = 0;
	struct virtual v;
	struct err e;
	char c;

	(void)state;
	virtual_init(&v, &config);
	virtual_open(&v);
	sim_port_at(v.sp, SIM_PORT_START_MS + 500, count_up, &by_time);
	sim_port_on_input(v.sp, "AT+CSQ", count_up, &by_input);
	sim_port_on_output(v.sp, "26,99", count_up, &by_output);
	/* the call ends at the hook */
	assert_int_equal(port_read(v.port, &c, 1, SIM_PORT_START_MS + 1000, &e), 0);
	assert_int_equal(virtual_now(&v), SIM_PORT_START_MS + 500);
	assert_int_equal(by_time, 1);
	for (int i = 0; i < 2; i++) {
		virtual_say(&v, "AT+CSQ\r");
		assert_true(virtual_hear(&v, "OK", 1000));
	}
	assert_int_equal(by_time, 1);
	assert_int_equal(by_input, 1);
	assert_int_equal(by_output, 1);
	virtual_free(&v);
}

static void the_nth_call_fails_as_asked(void **state)
{
	const struct sim_port_config config = { .sim.fast = true };
	struct virtual v;
	struct err e;
	char c;

	(void)state;
	virtual_init(&v, &config);
	sim_port_fail(v.sp, SIM_PORT_OPEN, 1, ERR_BUSY);
	sim_port_fail(v.sp, SIM_PORT_READ, 2, ERR_GONE);
	sim_port_fail(v.sp, SIM_PORT_WRITE, 1, ERR_TIMEOUT);
	assert_int_equal(port_open(v.port, SIM_PORT_PATH, &at_115200, &e), -1);
	assert_int_equal(e.code, ERR_BUSY);
	virtual_open(&v);
	assert_int_equal(port_write(v.port, "AT\r", 3, virtual_now(&v) + 100, &e), -1);
	assert_int_equal(e.code, ERR_TIMEOUT);
	assert_int_equal(port_read(v.port, &c, 1, virtual_now(&v) + 10, &e), 0);
	assert_int_equal(port_read(v.port, &c, 1, virtual_now(&v) + 10, &e), -1);
	assert_int_equal(e.code, ERR_GONE);
	assert_int_equal(port_read(v.port, &c, 1, virtual_now(&v) + 10, &e), -1);
	assert_int_equal(sim_port_count(v.sp, SIM_PORT_READ), 3);
	virtual_free(&v);
}

static void without_rts_a_write_is_taken_by_the_driver_only(void **state)
{
	const struct sim_port_config config = {
		.sim.fast = true, .sim.scenario_text = "set reading off\nat time 60000\n\tset reading on\n",
	};
	static const char bytes[8192] = "AT\r";
	struct virtual v;
	struct err e;

	(void)state;
	virtual_init(&v, &config);
	virtual_open(&v);
	assert_int_equal(port_write(v.port, bytes, sizeof(bytes), virtual_now(&v) + 10000, &e), 4096);
	assert_int_equal(virtual_now(&v), SIM_PORT_START_MS + 10000);
	assert_int_equal(port_write(v.port, bytes, 1, virtual_now(&v) + 10000, &e), 0);
	assert_int_equal(virtual_now(&v), SIM_PORT_START_MS + 20000);
	assert_true(virtual_hear(&v, "OK", 60000));
	assert_in_range(virtual_now(&v), SIM_PORT_START_MS + 60000, SIM_PORT_START_MS + 60100);
	virtual_free(&v);
}

/* -- on a real terminal -- */

struct tty {
	struct sim_tty *sim;
	pthread_t thread;
	char link[128];
	int fd;
	int rc;
	struct err e;
};

static void *serve_tty(void *arg)
{
	struct tty *t = arg;

	t->rc = sim_tty_run(t->sim, &t->e);
	return NULL;
}

static void tty_start(struct tty *t, const struct files *f, const char *scenario)
{
	struct sim_tty_config config = {
		.sim = { .fast = true, .scenario_text = scenario }, .link = t->link, .paced = true,
	};

	snprintf(t->link, sizeof(t->link), "%s/modem", f->dir);
	t->fd = -1;
	t->sim = sim_tty_new(&config, &t->e);
	if (!t->sim)
		fail_msg("%s", t->e.text);
	assert_string_equal(sim_tty_path(t->sim), t->link);
	assert_int_equal(pthread_create(&t->thread, NULL, serve_tty, t), 0);
}

static void tty_open(struct tty *t, speed_t speed)
{
	struct termios tio;

	t->fd = open(t->link, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	assert_true(t->fd >= 0);
	assert_int_equal(tcgetattr(t->fd, &tio), 0);
	cfmakeraw(&tio);
	cfsetspeed(&tio, speed);
	assert_int_equal(tcsetattr(t->fd, TCSANOW, &tio), 0);
}

/* The end: no violation, and the link is gone. */
static void tty_stop(struct tty *t)
{
	struct stat st;
	const char *first;
	unsigned violations;

	sim_tty_stop(t->sim);
	assert_int_equal(pthread_join(t->thread, NULL), 0);
	if (t->rc < 0)
		fail_msg("%s", t->e.text);
	violations = sim_violations(sim_tty_sim(t->sim), &first);
	if (violations)
		fail_msg("%u violations: %s", violations, first);
	sim_tty_free(t->sim);
	close(t->fd);
	assert_int_equal(lstat(t->link, &st), -1);
}

/* Read until TEXT has come (true) or the terminal is hung up (false). */
static bool tty_hear(struct tty *t, const char *text)
{
	char heard[16384];
	size_t size = 0;

	while (size < sizeof(heard) - 1) {
		struct pollfd fd = { t->fd, POLLIN, 0 };
		ssize_t n;

		if (poll(&fd, 1, 20000) <= 0)
			fail_msg("\"%s\" has not come within 20 s", text);
		n = read(t->fd, heard + size, sizeof(heard) - 1 - size);
		if (n <= 0)
			return false;
		size += (size_t)n;
		heard[size] = '\0';
		if (strstr(heard, text))
			return true;
	}
	return false;
}

static void tty_send(struct tty *t, const void *bytes, size_t size)
{
	const char *p = bytes;

	while (size) {
		struct pollfd fd = { t->fd, POLLOUT, 0 };
		ssize_t n;

		if (poll(&fd, 1, 20000) <= 0)
			fail_msg("the terminal takes nothing");
		n = write(t->fd, p, size);
		if (n > 0) {
			p += n;
			size -= (size_t)n;
		}
	}
}

static void tty_say(struct tty *t, const char *text)
{
	tty_send(t, text, strlen(text));
}

static void a_dialogue_on_a_terminal(void **state)
{
	struct tty t;
	char c;

	tty_start(&t, files_of(state), NULL);
	tty_open(&t, B115200);
	tty_say(&t, "ATI\r");
	assert_true(tty_hear(&t, "Revision: " FROM "\r\n\r\nOK\r\n"));
	close(t.fd);
	tty_open(&t, B9600);
	tty_say(&t, "A");
	assert_int_equal(poll(&(struct pollfd){ t.fd, POLLIN, 0 }, 1, 20000), 1);
	assert_int_equal(read(t.fd, &c, 1), 1);
	assert_int_not_equal(c, 'A');
	close(t.fd);
	tty_open(&t, B115200);
	tty_say(&t, "\rAT+GSN\r");
	assert_true(tty_hear(&t, "490154203237518\r\n\r\nOK\r\n"));
	tty_stop(&t);
}

/* Wait until the link is there again. */
static void tty_await(struct tty *t)
{
	struct stat st;

	for (int i = 0; i < 2000 && lstat(t->link, &st) < 0; i++)
		poll(NULL, 0, 10);
	assert_int_equal(lstat(t->link, &st), 0);
}

static void an_upgrade_on_a_terminal_hangs_it_up_and_brings_it_back(void **state)
{
	const struct files *f = files_of(state);
	struct tty t;

	tty_start(&t, f, "set baud 921600\n");
	tty_open(&t, B921600);
	tty_say(&t, COM_COMMAND "\r");
	assert_true(tty_hear(&t, "CONNECT\r\n"));
	tty_send(&t, f->bytes, sizeof(f->bytes));
	/* all is read before the hang-up comes */
	assert_true(tty_hear(&t, "\"END\",0\r\n"));
	assert_false(tty_hear(&t, "nothing more"));
	close(t.fd);
	tty_await(&t);
	tty_open(&t, B921600);
	assert_true(tty_hear(&t, "PB DONE\r\n"));
	tty_say(&t, "AT+CGMR\r");
	assert_true(tty_hear(&t, TO));
	tty_stop(&t);
}

static void only_a_link_is_replaced(void **state)
{
	const struct files *f = files_of(state);
	struct sim_tty_config config = { .sim.fast = true, .link = f->package };
	struct sim_tty *t;
	char link[128];
	struct stat st;
	struct err e;

	assert_null(sim_tty_new(&config, &e));
	assert_int_equal(e.code, ERR_USAGE);
	assert_non_null(strstr(e.text, "is no symbolic link"));
	assert_int_equal(stat(f->package, &st), 0);
	snprintf(link, sizeof(link), "%s/old", f->dir);
	assert_int_equal(symlink("/nowhere", link), 0);
	config.link = link;
	t = sim_tty_new(&config, &e);
	assert_non_null(t);
	assert_int_equal(stat(link, &st), 0);
	assert_true(S_ISCHR(st.st_mode));
	sim_tty_free(t);
	assert_int_equal(lstat(link, &st), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_command_has_its_answer),
		cmocka_unit_test(what_was_set_is_told),
		cmocka_unit_test(it_echoes_until_told_not_to),
		cmocka_unit_test(errors_come_as_cmee_asks),
		cmocka_unit_test(a_line_that_is_too_long_is_an_error),
		cmocka_unit_test(the_checksum_of_an_upload_is_the_documented_one),
		cmocka_unit_test(each_full_kilobyte_is_acknowledged),
		cmocka_unit_test(a_file_is_kept_listed_given_back_and_deleted),
		cmocka_unit_test(a_package_over_the_line_makes_the_new_version),
		cmocka_unit_test(a_url_is_downloaded_and_makes_the_new_version),
		cmocka_unit_test(a_failed_download_gives_its_code),
		cmocka_unit_test(a_url_needs_sim_registration_and_context),
		cmocka_unit_test(each_dialect_takes_its_own_form_only),
		cmocka_unit_test(a_wrong_package_is_never_flashed),
		cmocka_unit_test(a_second_upgrade_with_the_same_package_is_refused),
		cmocka_unit_test(a_package_file_is_the_only_one_taken),
		cmocka_unit_test(an_end_code_leaves_the_old_version_and_the_port),
		cmocka_unit_test(data_mode_ends_by_time_out),
		cmocka_unit_test(three_plus_end_data_mode_only_between_silences),
		cmocka_unit_test(an_escape_that_completes_the_size_is_data),
		cmocka_unit_test(an_escape_forgets_a_package),
		cmocka_unit_test(what_a_host_does_wrong_is_counted),
		cmocka_unit_test(a_command_during_another_is_counted_and_answered_after_it),
		cmocka_unit_test(bytes_beyond_the_declared_size_are_counted),
		cmocka_unit_test(bytes_between_package_and_start_are_counted),
		cmocka_unit_test(every_byte_while_it_flashes_is_counted),
		cmocka_unit_test(data_before_the_gate_token_is_counted),
		cmocka_unit_test(an_escape_in_command_mode_is_no_fault),
		cmocka_unit_test(it_goes_away_and_comes_back_at_a_reboot),
		cmocka_unit_test(a_cold_start_prints_its_urcs),
		cmocka_unit_test(a_power_cut_in_the_flash_is_survived_as_set),
		cmocka_unit_test(unplugged_while_it_flashes_it_goes_on),
		cmocka_unit_test(vanished_for_ever_it_does_not_come_back),
		cmocka_unit_test(at_another_rate_both_sides_hear_garbage),
		cmocka_unit_test(a_new_rate_holds_from_behind_the_ok_and_is_stored_on_demand),
		cmocka_unit_test(urcs_go_where_they_are_sent),
		cmocka_unit_test(every_split_of_the_input_does_the_same),
		cmocka_unit_test(a_block_is_the_answer_of_a_command),
		cmocka_unit_test(nth_counts),
		cmocka_unit_test(a_wait_keeps_the_host_waiting),
		cmocka_unit_test(an_event_block_comes_before_hides_or_ends_the_step),
		cmocka_unit_test(noise_spoils_a_package),
		cmocka_unit_test(noise_hits_as_often_as_it_is_set_to),
		cmocka_unit_test(a_huge_fill_takes_no_memory),
		cmocka_unit_test(a_chunk_is_a_burst_a_millisecond),
		cmocka_unit_test(echo_can_be_odd),
		cmocka_unit_test(mute_deaf_and_flow_control_can_be_set),
		cmocka_unit_test(a_wrong_scenario_line_is_named),
		cmocka_unit_test(scenario_limits_are_told),
		cmocka_unit_test(any_scenario_text_is_parsed_or_refused),
		cmocka_unit_test(a_pattern_fits_as_a_whole),
		cmocka_unit_test(every_scenario_of_the_suite_can_be_lived_through),
		cmocka_unit_test(the_demo_package_is_the_same_every_time),
		cmocka_unit_test(time_passes_by_reading_and_writing),
		cmocka_unit_test(a_port_is_dead_from_a_reboot_on),
		cmocka_unit_test(no_port_opens_while_the_module_is_away),
		cmocka_unit_test(a_server_of_the_test_is_downloaded_from),
		cmocka_unit_test(hooks_are_called_once_at_their_time),
		cmocka_unit_test(the_nth_call_fails_as_asked),
		cmocka_unit_test(without_rts_a_write_is_taken_by_the_driver_only),
		cmocka_unit_test(a_dialogue_on_a_terminal),
		cmocka_unit_test(an_upgrade_on_a_terminal_hangs_it_up_and_brings_it_back),
		cmocka_unit_test(only_a_link_is_replaced),
	};

	return cmocka_run_group_tests(tests, make_files, remove_files);
}

/*
 * sim_fixture.h - a simulated module on a clock of the test's own, and the
 * demo package, for the tests of sim.h. A test function gets a struct files by
 * cmocka's state.
 */
#ifndef DFOTA_SIM_FIXTURE_H
#define DFOTA_SIM_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/count.h"
#include "sim/demo_package.h"
#include "sim/sim.h"
#include "words.h"

#define FROM "UG96LNAR02A06E1G"
#define TO "UG96LNAR02A08E1G"
#define HTTP_URL "http://192.0.2.7/delta.bin"
#define FTP_URL "ftp://field:secret@192.0.2.7/delta.bin"
#define FOTA(rest) "+QIND: \"FOTA\"," rest "\r\n"
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

static inline struct files *files_of(void **state)
{
	return *state;
}

static inline int make_files(void **state)
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

static inline int remove_files(void **state)
{
	struct files *f = files_of(state);

	unlink(f->package);
	unlink(f->manifest);
	rmdir(f->dir);
	free(f);
	return 0;
}

static inline void rig_init(struct rig *r, const char *scenario)
{
	const struct sim_config config = { .scenario_text = scenario, .fast = true };
	struct err e;

	memset(r, 0, sizeof(*r));
	r->now_ms = 5000;
	r->sim = sim_new(&config, &e);
	if (!r->sim)
		fail_msg("%s", err_words(&e));
	sim_power_on(r->sim, r->now_ms, true);
}

static inline void rig_free(struct rig *r)
{
	sim_free(r->sim);
}

static inline void hear(struct rig *r)
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
static inline void pass(struct rig *r, int64_t ms)
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

static inline void say_bytes(struct rig *r, const void *bytes, size_t size)
{
	const char *p = bytes;
	size_t step = r->split ? r->split : size;

	for (size_t i = 0; i < size; i += step)
		sim_input(r->sim, r->now_ms, p + i, step < size - i ? step : size - i);
}

static inline void say(struct rig *r, const char *text)
{
	say_bytes(r, text, strlen(text));
}

static inline void forget(struct rig *r)
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

static inline void echo_off(struct rig *r)
{
	ask(r, "ATE0");
	forget(r);
}

static inline void expect_blame(struct rig *r, unsigned count, const char *words)
{
	const char *first;
	unsigned n = sim_violations(r->sim, &first);

	if (n != count || !strstr(first, words))
		fail_msg("%u violations (%s), not %u (%s)", n, first, count, words);
}

static inline void expect_no_blame(struct rig *r)
{
	expect_blame(r, 0, "");
}

static inline void expect_heard(const struct rig *r, const char *text)
{
	if (!strstr(r->heard, text))
		fail_msg("not heard: \"%s\"\nbut: \"%s\"", text, r->heard);
}

static inline void expect_not_heard(const struct rig *r, const char *text)
{
	if (strstr(r->heard, text))
		fail_msg("heard: \"%s\"\nin: \"%s\"", text, r->heard);
}

/* The texts stand in what was heard, in this order. */
static inline void expect_order(const struct rig *r, const char *const *texts)
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

static inline void expect_version(struct rig *r, const char *version)
{
	assert_string_equal(sim_version(r->sim), version);
}

static const char *const flash_lines[] __attribute__((unused)) = {
	FOTA("\"START\""), FOTA("\"UPDATING\",0"), FOTA("\"UPDATING\",2"), FOTA("\"UPDATING\",13"),
	FOTA("\"UPDATING\",97"), FOTA("\"UPDATING\",100"), FOTA("\"END\",0"),
	"RDY\r\n", "+CFUN: 1\r\n", "+CPIN: READY\r\n", "+QUSIM: 1\r\n",
	"+QIND: SMS DONE\r\n", "+QIND: PB DONE\r\n", NULL,
};

static inline void send_package(struct rig *r, const struct files *f, const char *command)
{
	ask(r, command);
	say_bytes(r, f->bytes, sizeof(f->bytes));
}

#define COM_COMMAND "AT+QFOTADL=\"COM:\",307200,60"

#endif

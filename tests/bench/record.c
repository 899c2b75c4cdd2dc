/*
 * Measures a record of 100 MB, asserts nothing: tests/bench/record DIRECTORY
 *
 * Makes the record in DIRECTORY (and removes it), opens it, reads lines at
 * random and in order, searches all of it, jumps to times.
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "record/event_json.h"
#include "record/reader.h"
#include "tests/words.h"

#define BYTES 100000000
#define PROBES 20000

/* Of the processor: the machine may do other things as well. */
static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* Not of getrusage(): that counts the program that started this one. */
static long peak_kib(void)
{
	FILE *f = fopen("/proc/self/status", "re");
	char line[256];
	long kib = 0;

	while (f && kib == 0 && fgets(line, sizeof(line), f))
		if (strncmp(line, "VmHWM:", 6) == 0)
			kib = strtol(line + 6, NULL, 10);
	if (f)
		fclose(f);
	return kib;
}

/* The NUMBERth line of a long watch: mostly lines, one in twenty of another kind. */
static void fill(struct event *ev, uint64_t number)
{
	static const char *const texts[] = {
		"AT+CSQ", "+CSQ: 18,99", "OK", "AT+CREG?", "+CREG: 0,1", "OK",
		"+QIND: \"csq\",18,99", "+QIND: \"FOTA\",\"UPDATING\",37", "+CME ERROR: 30",
	};
	size_t i = (size_t)(number % 9);

	memset(ev, 0, sizeof(*ev));
	ev->t_ms = (int64_t)number * 3;
	if (number % 20 == 19) {
		ev->type = EVENT_PROGRESS;
		ev->progress.step = STEP_INSTALL;
		ev->progress.unit = UNIT_PERCENT;
		ev->progress.done = number / 20000;
		ev->progress.total = 100;
		ev->progress.left_ms = -1;
		return;
	}
	ev->type = EVENT_LINE;
	ev->line.dir = i == 0 || i == 3 ? LINE_TX : LINE_RX;
	ev->line.urc = i == 6 || i == 7;
	ev->line.error = i == 8;
	snprintf(ev->line.text, sizeof(ev->line.text), "%s", texts[i]);
	if (number % 50 == 0) {
		ev->line.raw_size = 4;
		memcpy(ev->line.raw, "\x01\x02\r\n", 4);
	}
}

static int make(const char *path)
{
	FILE *f = fopen(path, "we");
	char line[EVENT_JSON_SIZE];
	long size = 0;

	if (!f)
		return -1;
	size = fprintf(f, "{\"type\":\"header\",\"format\":1,\"program\":\"bench\"}\n");
	for (uint64_t number = 0; size < BYTES; number++) {
		struct event ev;

		fill(&ev, number);
		event_json(line, sizeof(line), &ev);
		size += fprintf(f, "%s\n", line);
	}
	return fclose(f);
}

static void measure(const char *path)
{
	long before = peak_kib();
	double start = now_ms(), worst = 0, sum = 0;
	struct record *r;
	struct event ev;
	struct err e;
	uint64_t found = 0, events = 0;
	unsigned random = 1;

	r = record_open(path, &e);
	if (!r) {
		fprintf(stderr, "%s\n", err_words(&e));
		exit(1);
	}
	printf("record of %d MB, %" PRIu64 " lines: %.0f ms to open, %ld KiB more memory\n", BYTES / 1000000,
	       record_count(r), now_ms() - start, peak_kib() - before);
	for (int i = 0; i < PROBES; i++) {
		double begin = now_ms(), took;

		random = random * 1664525 + 1013904223;
		record_event(r, random % record_count(r), &ev);
		took = now_ms() - begin;
		sum += took;
		worst = took > worst ? took : worst;
	}
	printf("  a line at random: %.1f us (worst of %d: %.0f us)\n", sum / PROBES * 1e3, PROBES, worst * 1e3);
	start = now_ms();
	for (int i = 0; i < PROBES; i++) {
		random = random * 1664525 + 1013904223;
		found += record_at(r, random % 3000000);
	}
	printf("  a time at random: %.1f us\n", (now_ms() - start) / PROBES * 1e3);
	start = now_ms();
	for (uint64_t i = 0; i < record_count(r); i++)
		events += record_event(r, i, &ev);
	printf("  all %" PRIu64 " events in order: %.0f ms\n", events, now_ms() - start);
	start = now_ms();
	record_search(r, UINT64_MAX, false, "not in it", &found);
	printf("  search all of it for what is not there: %.0f ms\n", now_ms() - start);
	start = now_ms();
	record_find(r, UINT64_MAX, false, 1U << EVENT_INTENT, false, &found);
	printf("  find a kind that is not there: %.1f ms\n", now_ms() - start);
	printf("  %ld KiB resident at most\n", peak_kib());
	record_free(r);
}

int main(int argc, char **argv)
{
	char path[4096];

	if (argc != 2) {
		fprintf(stderr, "usage: record DIRECTORY\n");
		return 64;
	}
	snprintf(path, sizeof(path), "%s/bench-%ld.jsonl", argv[1], (long)getpid());
	if (make(path) < 0) {
		perror(path);
		return 1;
	}
	measure(path);
	unlink(path);
	return 0;
}

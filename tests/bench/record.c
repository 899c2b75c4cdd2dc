/*
 * Measures a record, asserts nothing: tests/bench/record FILE LINES
 *
 * Makes a record of LINES lines in FILE and prints what it takes of the processor, a
 * figure a line, in ms: to open it, a filter (a search through all of it for what is
 * not there), the next hit an eighth of the way on, all of it in order, a diagnosis, a
 * line and a time at random (us). For tests/bench/run.
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "diagnosis/of_record.h"
#include "record/event_json.h"
#include "record/reader.h"
#include "tests/words.h"

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
static void fill(struct event *ev, uint64_t number, uint64_t lines)
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
	snprintf(ev->line.text, sizeof(ev->line.text), "%s", number == lines / 8 ? "NO CARRIER" : texts[i]);
	if (number % 50 == 0) {
		ev->line.raw_size = 4;
		memcpy(ev->line.raw, "\x01\x02\r\n", 4);
	}
}

static int make(const char *path, uint64_t lines)
{
	FILE *f = fopen(path, "we");
	char line[EVENT_JSON_SIZE];

	if (!f)
		return -1;
	fprintf(f, "{\"type\":\"header\",\"format\":1,\"program\":\"bench\"}\n");
	for (uint64_t number = 0; number < lines; number++) {
		struct event ev;

		fill(&ev, number, lines);
		event_json(line, sizeof(line), &ev);
		fprintf(f, "%s\n", line);
	}
	return fclose(f);
}

static void measure_random(struct record *r, int64_t end_ms)
{
	unsigned random = 1;
	uint64_t found = 0;
	struct event ev;
	double start = now_ms();

	for (int i = 0; i < PROBES; i++) {
		random = random * 1664525 + 1013904223;
		record_event(r, random % record_count(r), &ev);
	}
	printf("random_line %.2f\n", (now_ms() - start) / PROBES * 1e3);
	start = now_ms();
	for (int i = 0; i < PROBES; i++) {
		random = random * 1664525 + 1013904223;
		found += record_at(r, (int64_t)random % end_ms);
	}
	printf("random_time %.2f\n", (now_ms() - start) / PROBES * 1e3);
}

static void measure(const char *path)
{
	static struct finding findings[FINDINGS_MAX];
	double start = now_ms();
	struct record *r;
	struct event ev;
	struct err e;
	uint64_t found;

	r = record_open(path, &e);
	if (!r) {
		fprintf(stderr, "%s\n", err_words(&e));
		exit(1);
	}
	printf("open %.2f\n", now_ms() - start);
	start = now_ms();
	record_search(r, UINT64_MAX, false, "not in it", &found);
	printf("filter %.2f\n", now_ms() - start);
	start = now_ms();
	record_search(r, UINT64_MAX, false, "no carrier", &found);
	printf("next_hit %.2f\n", now_ms() - start);
	start = now_ms();
	for (uint64_t i = 0; i < record_count(r); i++)
		record_event(r, i, &ev);
	printf("in_order %.2f\n", now_ms() - start);
	start = now_ms();
	diagnosis_of_record(r, FOR_RECORD, findings, FINDINGS_MAX);
	printf("diagnosis %.2f\n", now_ms() - start);
	measure_random(r, (int64_t)record_count(r) * 3);
	printf("resident_kib %ld\n", peak_kib());
	record_free(r);
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		fprintf(stderr, "usage: record FILE LINES\n");
		return 64;
	}
	if (make(argv[1], strtoull(argv[2], NULL, 10)) < 0) {
		perror(argv[1]);
		return 1;
	}
	measure(argv[1]);
	return 0;
}

/*
 * record_fixture.h - a directory with a record in it, and a record that holds
 * every kind of line.
 */
#ifndef DFOTA_TESTS_RECORD_FIXTURE_H
#define DFOTA_TESTS_RECORD_FIXTURE_H

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/count.h"
#include "base/text.h"
#include "record/event_json.h"
#include "record/reader.h"
#include "words.h"

#define HEADER "{\"type\":\"header\",\"format\":1,\"program\":\"dfota 0.1.0\",\"pid\":812}\n"
#define STRING(s) s, strlen(s)

/* What is wrong with record R, in words. */
#define damage_of(r) message_text(record_damage(r), FOR_CONSOLE, (char[TEXT_SIZE]){0}, TEXT_SIZE)

struct place {
	char dir[128];
	char path[160];		/* of the record */
	struct record *r;
	struct err e;
};

/* A growing text. */
struct text {
	char *data;
	size_t size, room;
};

static inline int setup(void **state)
{
	struct place *p = calloc(1, sizeof(*p));
	const char *tmp = getenv("TMPDIR");

	assert_non_null(p);
	snprintf(p->dir, sizeof(p->dir), "%s/dfota-record.XXXXXX", tmp ? tmp : "/tmp");
	assert_non_null(mkdtemp(p->dir));
	snprintf(p->path, sizeof(p->path), "%s/record.jsonl", p->dir);
	*state = p;
	return 0;
}

static inline int remove_entry(const char *path, const struct stat *st, int type, struct FTW *walk)
{
	(void)st;
	(void)type;
	(void)walk;
	return remove(path);
}

static inline int teardown(void **state)
{
	struct place *p = *state;

	record_free(p->r);
	nftw(p->dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
	free(p);
	return 0;
}

static inline void add(struct text *t, const void *bytes, size_t size)
{
	if (t->size + size > t->room) {
		t->room = 2 * (t->size + size);
		t->data = realloc(t->data, t->room);
		assert_non_null(t->data);
	}
	memcpy(t->data + t->size, bytes, size);
	t->size += size;
}

static inline void add_event(struct text *t, const struct event *ev)
{
	char line[EVENT_JSON_SIZE];
	int size = event_json(line, sizeof(line), ev);

	assert_true(size > 0);
	add(t, line, (size_t)size);
	add(t, "\n", 1);
}

static inline void put(const char *path, const char *mode, const void *bytes, size_t size)
{
	FILE *f = fopen(path, mode);

	assert_non_null(f);
	if (size > 0)
		assert_int_equal(fwrite(bytes, 1, size, f), size);
	assert_int_equal(fclose(f), 0);
}

static inline void write_record(const struct place *p, const void *bytes, size_t size)
{
	put(p->path, "we", bytes, size);
}

static inline void append(const struct place *p, const char *text)
{
	put(p->path, "ae", text, strlen(text));
}

/* Open what is at P->path, which must be a record. */
static inline struct record *must_open(struct place *p)
{
	record_free(p->r);
	p->r = record_open(p->path, &p->e);
	if (!p->r)
		fail_msg("%s", err_words(&p->e));
	return p->r;
}

static inline struct record *open_text(struct place *p, const char *text)
{
	write_record(p, text, strlen(text));
	return must_open(p);
}

/* What is at P->path must be refused in one line that names it. */
static inline void assert_refused(struct place *p, const char *why)
{
	struct record *r = record_open(p->path, &p->e);

	if (r) {
		record_free(r);
		fail_msg("opened: %s", p->path);
	}
	assert_int_equal(p->e.code, ERR_USAGE);
	if (!strstr(err_words(&p->e), p->path) || !strstr(err_words(&p->e), why) || strpbrk(err_words(&p->e), "\n\r\x1b"))
		fail_msg("want \"%s\" of %s: %s", why, p->path, err_words(&p->e));
}

static inline unsigned next(unsigned *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static inline size_t lines_in(const char *text, size_t size)
{
	size_t count = 0;

	for (size_t i = 0; i < size; i++)
		count += text[i] == '\n';
	return count;
}

/* The types of the lines of a sample, in order. */
struct sample {
	struct text text;
	enum event_type types[256];
	bool urc[256], error[256];
	int64_t t_ms[256];
	size_t count;
};

static inline void note(struct sample *s, enum event_type type, int64_t t_ms)
{
	assert_true(s->count < COUNT(s->types));
	s->types[s->count] = type;
	s->t_ms[s->count++] = t_ms;
}

/* A line that another writer may write too. */
static inline void sample_text(struct sample *s, enum event_type type, int64_t t_ms, const char *line)
{
	add(&s->text, STRING(line));
	add(&s->text, "\n", 1);
	note(s, type, t_ms);
}

static inline void sample_event(struct sample *s, enum event_type type, const struct event *ev)
{
	s->urc[s->count] = ev->type == EVENT_LINE && ev->line.urc;
	s->error[s->count] = (ev->type == EVENT_LINE && ev->line.error) ||
		(ev->type == EVENT_NOTICE && ev->notice.severity != SEVERITY_INFO) ||
		(ev->type == EVENT_RESULT && ev->result.outcome != OUTCOME_SUCCESS);
	add_event(&s->text, ev);
	note(s, type, ev->t_ms);
}

static inline void sample_line(struct sample *s, int64_t t_ms, enum line_dir dir, bool urc, const char *bytes, size_t size)
{
	struct event ev = {.type = EVENT_LINE, .t_ms = t_ms};

	ev.line.dir = dir;
	ev.line.urc = urc;
	ev.line.error = strncmp(bytes, "+CME ERROR", 10) == 0;
	text_safe(ev.line.text, sizeof(ev.line.text), bytes, size);
	ev.line.raw_size = (uint16_t)size;
	memcpy(ev.line.raw, bytes, size);
	sample_event(s, EVENT_LINE, &ev);
}

#define INTENT(what) "{\"type\":\"intent\",\"what\":\"" what "\",\"when\":\"2026-11-22T09:31:00Z\",\"model\":\"UG96\"," \
	"\"imei\":\"490154203237518\",\"from\":\"A\",\"to\":\"B\",\"method\":\"push\",\"port\":\"/dev/ttyACM3\",\"baud\":115200," \
	"\"profile\":\"ugxx\",\"usb\":\"1-1.2\",\"interface\":6,\"serial\":\"s1\",\"timeout\":60,\"size\":307200,\"sha256\":\"ab12\"," \
	"\"text\":\"install B over A on UG96, IMEI 490154203237518\",\"t\":9.5}"

static inline void sample_begin(struct sample *s)
{
	sample_text(s, EVENT_START, 0, "{\"type\":\"header\",\"format\":1,\"program\":\"dfota 0.1.0\",\"libraries\":\"jansson 2.14\",\"host\":\"bench\","
		    "\"system\":\"Linux 6.1.0 x86_64\",\"when\":\"2026-11-22T09:30:00Z\",\"pid\":812,\"job\":\"upgrade\",\"port\":\"/dev/ttyACM3\","
		    "\"baud\":115200,\"method\":\"push\",\"file\":\"d.bin\"}");
	for (int i = STEP_IDENTIFY; i <= STEP_PREPARE; i++) {
		sample_event(s, EVENT_STEP, &(struct event){.type = EVENT_STEP, .t_ms = i * 100,
			     .step = {.step = (enum step)i, .begin = true, .limit_ms = 2500}});
		sample_line(s, i * 100 + 1, LINE_TX, false, STRING("AT+CGMR"));
		sample_line(s, i * 100 + 2, LINE_RX, false, STRING("UG96LNAR02A06E1G"));
		sample_line(s, i * 100 + 3, LINE_RX, true, STRING("+QIND: \"csq\",18,99"));
		sample_line(s, i * 100 + 4, LINE_RX, false, STRING("OK"));
		sample_event(s, EVENT_STEP, &(struct event){.type = EVENT_STEP, .t_ms = i * 100 + 5, .step = {.step = (enum step)i}});
	}
	sample_event(s, EVENT_IDENTITY, &(struct event){.type = EVENT_IDENTITY, .t_ms = 600, .identity = {.maker = "Quectel",
		     .model = "UG96", .version = "A", .imei = "490154203237518", .profile = "ugxx", .port = "/dev/ttyACM3",
		     .usb_path = "1-1.2", .serial = "s1", .usb_interface = 6}});
	sample_event(s, EVENT_PACKAGE, &(struct event){.type = EVENT_PACKAGE, .t_ms = 610, .package = {.name = "d.bin",
		     .size = 307200, .sha256 = "ab12", .has_manifest = true, .model = "UG96", .from = "A", .to = "B"}});
	sample_event(s, EVENT_QUESTION, &(struct event){.type = EVENT_QUESTION, .t_ms = 620, .question = {.module = {.model = "UG96",
		     .imei = "490154203237518", .port = "/dev/ttyACM3"}, .from = "A", .to = "B", .package = "d.bin", .size = 307200,
		     .sha256 = "ab12", .route = ROUTE_SERIAL, .command = "AT+QFOTADL=\"COM:307200,60\""}});
	sample_event(s, EVENT_PLAN, &(struct event){.type = EVENT_PLAN, .t_ms = 615, .plan = {.commands = "AT&D0\nAT+IPR=115200;&W\n",
		     .settings = {{{"AT+IPR=115200;&W", "0", "AT+IPR=0;&W", SETTING_PLANNED}}, 1}}});
	sample_event(s, EVENT_ANSWER, &(struct event){.type = EVENT_ANSWER, .t_ms = 9000, .answer = ASK_YES});
	sample_event(s, EVENT_SETTING, &(struct event){.type = EVENT_SETTING, .t_ms = 9100,
		     .setting = {"AT+IPR=115200;&W", "0", "AT+IPR=0;&W", SETTING_CHANGED}});
}

static inline void sample_middle(struct sample *s)
{
	sample_text(s, EVENT_INTENT, 9500, INTENT("transfer"));
	for (int i = 0; i < 12; i++) {
		sample_event(s, EVENT_DATA, &(struct event){.type = EVENT_DATA, .t_ms = 10000 + i * 1000,
			     .data = {.offset = (uint64_t)i * 11000, .size = 11000, .sha256 = "0123"}});
		sample_event(s, EVENT_PROGRESS, &(struct event){.type = EVENT_PROGRESS, .t_ms = 10001 + i * 1000,
			     .progress = {.step = STEP_TRANSFER, .unit = UNIT_BYTES, .done = (uint64_t)i * 11000, .total = 307200,
			     .overall = i / 100.0, .bytes_per_s = 11000, .left_ms = 27000 - i * 1000}});
	}
	sample_text(s, EVENT_INTENT, 9500, INTENT("install"));
	sample_line(s, 24000, LINE_RX, false, "\x00\xff\x1b[2J\"\\", 8);
	sample_line(s, 24001, LINE_RX, false, STRING("+CME ERROR: 30"));
	sample_text(s, EVENT_GAP, 24500, "{\"type\":\"gap\",\"lines\":12,\"why\":\"flood\",\"t\":24.5}");
	sample_event(s, EVENT_NOTICE, &(struct event){.type = EVENT_NOTICE, .t_ms = 24600, .notice = {.severity = SEVERITY_INFO, .message = SAID("going on")}});
	sample_event(s, EVENT_NOTICE, &(struct event){.type = EVENT_NOTICE, .t_ms = 24700, .notice = {.severity = SEVERITY_WARNING, .message = SAID("slow")}});
	for (int i = 0; i < 25; i++) {
		char line[64];

		snprintf(line, sizeof(line), "+QIND: \"FOTA\",\"UPDATING\",%d", i * 4);
		sample_line(s, 25000 + i * 1000, LINE_RX, true, STRING(line));
	}
	sample_line(s, 50000, LINE_RX, true, STRING("+QIND: \"FOTA\",\"END\",0"));
}

static inline void sample_end(struct sample *s)
{
	struct event ev = {.type = EVENT_RESULT, .t_ms = 51000};

	ev.result = (struct result){.outcome = OUTCOME_UNKNOWN, .exit_status = 12, .step = STEP_RESTART, .phase = PHASE_RETURN,
				    .from = "A", .to = "B", .what = SAID("m"), .cause = "c", .advice = "a",
				    .code = {.present = true, .table = "end", .number = 504, .meaning = "n", .family = "BG96"}};
	sample_event(s, EVENT_RESULT, &ev);
	sample_text(s, EVENT_RESUMED, 52000, "{\"type\":\"resumed\",\"program\":\"dfota 0.1.0\",\"host\":\"bench\",\"when\":\"2026-11-23T09:30:00Z\",\"pid\":977,\"t\":52.0}");
	sample_text(s, EVENT_COUNT, 52500, "{\"type\":\"of a later program\",\"t\":52.5}");
	sample_event(s, EVENT_ANSWER, &(struct event){.type = EVENT_ANSWER, .t_ms = 53000, .answer = ASK_LOST});
	ev.t_ms = 60000;
	ev.result = (struct result){.job = JOB_RESUME, .outcome = OUTCOME_SUCCESS, .step = STEP_VERIFY, .phase = PHASE_VERIFY,
				    .from = "A", .to = "B", .now = "B", .what = SAID("m"), .advice = "a"};
	sample_event(s, EVENT_RESULT, &ev);
	sample_text(s, EVENT_SHOWN, 60000, "{\"type\":\"shown\",\"when\":\"2026-11-23T09:40:00Z\"}");
	sample_text(s, EVENT_CLOSED, 60000, "{\"type\":\"closed\",\"when\":\"2026-11-23T09:41:00Z\",\"text\":\"abandoned by the operator\"}");
}

/* Some hundred lines with every kind among them. */
static inline struct sample make_sample(void)
{
	struct sample s = {0};

	sample_begin(&s);
	sample_middle(&s);
	sample_end(&s);
	return s;
}

#endif

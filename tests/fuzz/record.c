/* A record that somebody else wrote: read, diagnosed, reported and replayed. What it
 * says is safe wherever it is shown, and says the same each time it is asked. */
#include "config.h"

#include "diagnosis/of_record.h"
#include "record/event_json.h"
#include "record/reader.h"
#include "report/report.h"
#include "tests/fuzz/safe.h"
#include "ui/model/replay.h"
#include "ui/model/view.h"

#define LINES 64	/* looked at one by one */

static void check_event(const struct event *ev)
{
	static char json[EVENT_JSON_SIZE];
	struct event again;
	int size = event_json(json, sizeof(json), ev);

	CLAIM(size > 0 && is_safe(json, (size_t)size, false));
	CLAIM(event_parse(json, (size_t)size, &again) && again.type == ev->type);
}

static void check_lines(struct record *r)
{
	uint64_t count = record_count(r), at = UINT64_MAX, found = 0, back = 0;
	int64_t last_ms = INT64_MIN;
	char text[2 * TEXT_SIZE];
	struct event ev;

	for (uint64_t i = 0; i < count && i < LINES; i++) {
		struct record_class class = record_class(r, i);
		bool is = record_event(r, i, &ev);

		CLAIM(!is || ev.type == class.type);
		CLAIM(record_time_ms(r, i) >= 0 || last_ms == INT64_MIN);
		last_ms = record_time_ms(r, i);
		if (is)
			check_event(&ev);
		diagnosis_line(r, i, FOR_SCREEN, text, sizeof(text));
		CLAIM(is_safe(text, strlen(text), false));
	}
	while (record_find(r, at, false, ~0u, false, &at) && ++found <= count)
		;
	at = count;
	while (record_find(r, at, true, ~0u, false, &at) && ++back <= count)
		;
	CLAIM(found == back && found <= count);
	CLAIM(record_at(r, INT64_MAX) == count && record_at(r, 0) <= count);
	if (record_search(r, UINT64_MAX, false, "QIND", &at))
		CLAIM(at < count);
}

static void check_findings(struct record *r)
{
	struct finding one[FINDINGS_MAX], two[FINDINGS_MAX];
	size_t count = diagnosis_of_record(r, FOR_CONSOLE, one, FINDINGS_MAX);

	CLAIM(diagnosis_of_record(r, FOR_CONSOLE, two, FINDINGS_MAX) == count);
	for (size_t i = 0; i < count; i++) {
		const struct finding *f = &one[i];

		CLAIM(f->certainty >= 1 && f->certainty <= 100 && (i == 0 || f->certainty <= one[i - 1].certainty));
		CLAIM(is_safe(f->cause, strlen(f->cause), false) && is_safe(f->next, strlen(f->next), false));
		CLAIM(f->line_count >= 1 && f->line_count <= FINDING_LINES);
		for (size_t k = 0; k < f->line_count; k++)
			CLAIM(f->lines[k] < record_count(r));
		CLAIM(strcmp(f->rule, two[i].rule) == 0 && strcmp(f->cause, two[i].cause) == 0);
	}
}

static char *report(struct record *r, bool anonymize, size_t *size)
{
	char *text = NULL;
	struct err e;
	FILE *out = open_memstream(&text, size);

	CLAIM(out && report_write(out, r, anonymize, &e) == 0 && fclose(out) == 0);
	CLAIM(is_safe(text, *size, true));
	return text;
}

static void check_report(struct record *r)
{
	size_t size, same;
	char *one = report(r, false, &size), *two = report(r, false, &same);

	CLAIM(size == same && memcmp(one, two, size) == 0);
	free(one);
	free(two);
	free(report(r, true, &size));
}

/* Gone to LINE, the same is shown whichever way one came. */
static void check_replay(struct record *r, struct input moves)
{
	struct view v = {0};
	struct replay *p;
	struct err e;
	uint64_t count = record_count(r);
	int64_t now_ms = 0;

	CLAIM(view_init(&v, &record_start(r)->plan) == 0);
	p = replay_new(r, &v, now_ms);
	CLAIM(p);
	for (unsigned n = 0; n < 24; n++) {
		unsigned move = take_byte(&moves);

		switch (move % 8) {
		case 0: replay_go(p, move / 8); break;
		case 1: replay_move(p, (int)move - 128); break;
		case 2: replay_end(p, now_ms); break;
		case 3: replay_step(p, move & 8); break;
		case 4: replay_error(p, move & 8); break;
		case 5: replay_speed(p, move & 8); break;
		case 6: replay_play(p, now_ms); break;
		default: now_ms += move * 50; replay_tick(p, now_ms); break;
		}
		CLAIM(count == 0 || replay_line(p) < count);
		CLAIM(replay_run_end(p) <= count);
		(void)e;
	}
	replay_free(p);
	view_free(&v);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	char path[32], words[TEXT_SIZE];
	struct err e = { .code = ERR_NONE };
	struct record *r;

	file_of(in, path);
	r = record_open(path, &e);
	if (!r) {
		claim_words(&e);
		return 0;
	}
	message_text(record_damage(r), FOR_CONSOLE, words, sizeof(words));
	CLAIM(is_safe(words, strlen(words), false));
	check_lines(r);
	check_findings(r);
	check_report(r);
	/* the end of the file says how it is looked at */
	if (in.left > 24)
		in = (struct input){ data + size - 24, 24 };
	check_replay(r, in);
	record_free(r);
	return 0;
}

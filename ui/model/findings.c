#include "config.h"

#include "ui/model/findings.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/words.h"

/* rules.h: two kinds of evidence make 65 and more, a code or one
 * sign alone 60 at most. */
#define STRONG 65
#define LIKELY 45

static const char *how_sure(int certainty)
{
	return certainty >= STRONG ? N_("strong") : certainty >= LIKELY ? N_("likely") : N_("possible");
}

static void take(struct findings *d, struct record *r, const struct finding *f)
{
	char line[FINDINGS_LINE];
	size_t i;

	d->well = f->remark;
	d->findings[d->count].sure = f->remark ? N_("noticed") : how_sure(f->certainty);
	snprintf(d->findings[d->count].next, TEXT_SIZE, "%s", f->next);
	d->findings[d->count].line_count = f->line_count;
	text_safe_str(d->findings[d->count].cause, TEXT_SIZE, f->cause);
	for (i = 0; i < f->line_count; i++)
		text_safe_str(d->findings[d->count].lines[i], FINDINGS_LINE,
			      diagnosis_line(r, f->lines[i], FOR_SCREEN, line, sizeof(line)));
	d->count++;
}

/* Nobody works on what is over: without a result it was killed. */
static bool is_abandoned(struct record *r, uint64_t end)
{
	return end < record_count(r) || record_writer_pid(r) == 0;
}

/* Cause and next step of the last result before END. */
static void explain(struct findings *d, struct diagnosis *diagnosis, struct record *r, uint64_t end,
		    enum audience audience)
{
	struct event ev;
	uint64_t at;

	if (!record_find(r, end, true, 1U << EVENT_RESULT, false, &at) || !record_event(r, at, &ev))
		return;
	diagnosis_explain(diagnosis, audience, &ev.result);
	d->explains = true;
	memcpy(d->cause, ev.result.cause, sizeof(d->cause));
	memcpy(d->next, ev.result.advice, sizeof(d->next));
}

static void diagnose(struct findings *d, struct record *r, uint64_t end, enum audience audience)
{
	struct diagnosis *diagnosis = diagnosis_new();
	struct finding found[FINDINGS_MAX];
	struct event ev;
	size_t count;

	if (!diagnosis)
		return;
	for (uint64_t i = 0; i < end; i++)
		if (record_event(r, i, &ev))
			diagnosis_take(diagnosis, i, &ev);
	if (is_abandoned(r, end))
		diagnosis_abandoned(diagnosis);
	explain(d, diagnosis, r, end, audience);
	count = diagnosis_findings(diagnosis, audience, found, FINDINGS_MAX);
	for (size_t i = 0; i < count; i++)
		take(d, r, &found[i]);
	diagnosis_free(diagnosis);
}

static void make(struct findings *d, struct record *r, uint64_t end, enum audience audience)
{
	memset(d, 0, sizeof(*d));
	d->made = true;
	d->end = end;
	snprintf(d->record, sizeof(d->record), "%s", record_path(r));
	message_text(record_damage(r), FOR_SCREEN, d->problem, sizeof(d->problem));
	d->growing = record_writer_pid(r) > 0;
	diagnose(d, r, end, audience);
}

void findings_make(struct findings *d, struct record *r, uint64_t end)
{
	make(d, r, end, FOR_CONSOLE);
}

void findings_read(struct findings *d, const char *path)
{
	struct err e;
	struct record *r = record_open(path, &e);

	if (r) {
		make(d, r, record_count(r), FOR_SCREEN);
		record_free(r);
		return;
	}
	memset(d, 0, sizeof(*d));
	d->made = d->unread = true;
	snprintf(d->record, sizeof(d->record), "%s", path);
	message_text(&e.message, FOR_SCREEN, d->problem, sizeof(d->problem));
}

const char *findings_cause(const struct findings *d, const struct result *r)
{
	return d->explains ? d->cause : r->cause;
}

const char *findings_next(const struct findings *d, const struct result *r)
{
	return d->explains ? d->next : r->advice;
}

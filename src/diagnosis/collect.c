#include "config.h"

#include "diagnosis/facts.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "protocol/codes.h"
#include "protocol/profile.h"

#define DIAGNOSE_INFO(id, name, keep) [FACT_##id] = { name, keep },
static const struct {
	const char *name;
	enum keep keep;
} infos[] = { DIAGNOSE_FACTS(DIAGNOSE_INFO) };

enum fact_id fact_named(const char *name, size_t size)
{
	for (int i = 0; i < FACT_COUNT; i++)
		if (strlen(infos[i].name) == size && memcmp(infos[i].name, name, size) == 0)
			return (enum fact_id)i;
	return FACT_NONE;
}

static bool is_kept(const struct fact *f, enum keep keep, long value)
{
	switch (keep) {
	case KEEP_FIRST:
		return false;
	case KEEP_LAST:
		return true;
	case KEEP_LEAST:
		return value < f->value;
	case KEEP_MOST:
		return value > f->value;
	}
	return false;
}

void facts_note_at(struct pass *p, enum fact_id id, uint64_t line,
		    int64_t t_ms, long value, const char *text)
{
	struct fact *f = &p->facts->of[id];

	if (f->count++ > 0 && !is_kept(f, infos[id].keep, value))
		return;
	f->line = line;
	f->t_ms = t_ms;
	f->value = value;
	text_safe_str(f->text, sizeof(f->text), text ? text : "");
}

/* This line is evidence of ID. */
void facts_note(struct pass *p, enum fact_id id, long value, const char *text)
{
	facts_note_at(p, id, p->number, p->t_ms, value, text);
}

bool facts_seen(const struct pass *p, enum fact_id id)
{
	return p->facts->of[id].count > 0;
}

void facts_forget(struct pass *p, enum fact_id id)
{
	p->facts->of[id].count = 0;
}

const struct profile *facts_profile(const struct pass *p)
{
	const struct profile *profile = profile_by_name(p->identity.profile);

	return profile ? profile : profile_default();
}

/* A code of the module: how it is called, and its kinds of trouble. */
void facts_note_code(struct pass *p, const char *table, int number,
		      const char *called)
{
	const char *family = facts_profile(p)->end_family;
	const struct code_info *x = codes_find(table, number, family);
	unsigned trouble = codes_trouble(table, number, family);
	char text[FACT_TEXT];
	const struct code_kind *kind;

	snprintf(text, sizeof(text), "%.24s %d (%.80s)", called, number, x->meaning);
	facts_note(p, FACT_CODE, number, text);
	facts_note(p, FACT_CODE_CAUSE, number, x->cause);
	facts_note(p, FACT_CODE_NEXT, number, x->next);
	for (size_t i = 0; (kind = code_kind_row(i)) != NULL; i++)
		if (trouble & kind->trouble)
			facts_note(p, kind->fact, number, text);
}

/* --- what the program says --- */

static void note_saying(struct pass *p, const struct saying *row,
			const char *text, const char *found)
{
	bool behind = row->capture == CAPTURE_BEHIND;
	const char *from = behind ? found + strlen(row->words) : text;
	size_t size = strcspn(from, row->stop);
	char part[FACT_TEXT] = "";

	if (row->capture == CAPTURE_BEFORE && size > (size_t)(found - text))
		size = (size_t)(found - text);
	if (row->capture != CAPTURE_NOTHING)
		slice_copy(part, sizeof(part), slice_trim((struct slice){from, size}));
	facts_note(p, row->fact, 0, part);
}

static void take_sayings(struct pass *p, const char *text, bool result)
{
	enum fact_id last = FACT_NONE;
	const struct saying *row;

	for (size_t i = 0; (row = saying_row(i)) != NULL; i++) {
		const char *found = (result ? row->in_result : row->in_notice) ?
			strstr(text, row->words) : NULL;

		if (found && row->fact != last) {
			note_saying(p, row, text, found);
			last = row->fact;
		}
	}
}

static void take_notice(struct pass *p, const char *text)
{
	take_sayings(p, text, false);
	if (!strstr(text, "the port has gone"))
		return;
	/* what was written may still have been on its way */
	if (p->in_data && !p->data_over && !facts_seen(p, FACT_STARTED))
		facts_note(p, FACT_GONE_SENDING, 0, NULL);
	else
		facts_take_restart(p);
}

static void take_answer(struct pass *p, enum ask answer)
{
	static const enum fact_id facts[ASK_COUNT] = {
		[ASK_YES] = FACT_NONE,
		[ASK_NO] = FACT_DECLINED,
		[ASK_CANCEL] = FACT_CANCELLED,
		[ASK_DETACH] = FACT_DETACHED,
		[ASK_LOST] = FACT_TERMINAL_LOST,
	};

	if (facts[answer] != FACT_NONE)
		facts_note(p, facts[answer], 0, NULL);
}

static unsigned end_of(const struct result *r)
{
	static const unsigned ends[OUTCOME_COUNT] = {
		[OUTCOME_SUCCESS] = END_SUCCESS,
		[OUTCOME_UNCHANGED] = END_UNCHANGED,
		[OUTCOME_DEVICE_FAILED] = END_FAILED,
		[OUTCOME_UNKNOWN] = END_UNKNOWN,
		[OUTCOME_READY] = END_SUCCESS,
		[OUTCOME_STOPPED] = END_STOPPED,
	};

	return ends[r->outcome];
}

static void take_versions(struct pass *p, const char *from, const char *to)
{
	if (from[0])
		snprintf(p->from, sizeof(p->from), "%s", from);
	if (to[0])
		snprintf(p->to, sizeof(p->to), "%s", to);
}

static void take_result(struct pass *p, const struct result *r)
{
	facts_take_silence(p);
	p->unwatched = true;
	if (!facts_seen(p, FACT_DOWNLOAD_S) && !facts_seen(p, FACT_STARTED))
		facts_take_download_end(p);
	p->facts->end = end_of(r);
	facts_note(p, FACT_RESULT, (long)r->stop, NULL);
	take_sayings(p, r->message, true);
	take_versions(p, r->from, r->to);
}

/* Bytes up to DONE of TOTAL (0: not known) are out. */
static void take_progress(struct pass *p, uint64_t done, uint64_t total)
{
	char text[FACT_TEXT], out[28], of[28];

	if (total > 0)
		p->total = total;
	if (done < p->sent || p->total == 0)
		return;
	if (done > p->total)
		done = p->total;
	p->sent = done;
	snprintf(text, sizeof(text), "%s of %s bytes", text_count(out, done),
		 text_count(of, p->total));
	facts_note(p, FACT_SENT, (long)((double)done * 100 / (double)p->total), text);
	if (done == p->total)
		facts_note(p, FACT_WHOLE_SENT, 100, text);
}

static void take_event(struct pass *p, const struct event *ev)
{
	switch (ev->type) {
	case EVENT_STEP:
		p->step = ev->step.begin ? ev->step.step : p->step;
		break;
	case EVENT_IDENTITY:
		if (!p->identified)
			p->identity = ev->identity;
		p->identified = true;
		facts_note(p, FACT_IDENTITY, 0, ev->identity.version);
		break;
	case EVENT_PROGRESS:
		if (ev->progress.step == STEP_TRANSFER && ev->progress.unit == UNIT_BYTES)
			take_progress(p, ev->progress.done, ev->progress.total);
		break;
	case EVENT_NOTICE:
		take_notice(p, ev->notice.text);
		break;
	case EVENT_LINE:
		if (ev->line.dir == LINE_TX)
			facts_take_sent(p, ev->line.text);
		else
			facts_take_received(p, ev);
		break;
	case EVENT_QUESTION:
		take_versions(p, ev->question.from, ev->question.to);
		break;
	case EVENT_RESULT:
		take_result(p, &ev->result);
		break;
	case EVENT_PACKAGE:
		p->package = ev->package;
		p->package_line = p->number;
		p->total = ev->package.size;
		break;
	case EVENT_DATA:
		take_progress(p, ev->data.offset + ev->data.size, 0);
		break;
	case EVENT_ANSWER:
		take_answer(p, ev->answer);
		break;
	case EVENT_PORT:
	case EVENT_RECORD:
	case EVENT_COUNT:
		break;
	}
}

/* Lines that are no events: of the record itself. */
static void take_own(struct pass *p, struct record *r, enum record_kind kind)
{
	struct open_upgrade open;
	char raw[256];

	switch (kind) {
	case RECORD_INTENT:
		facts_note(p, FACT_INTENT, 0, NULL);
		if (record_intent(r, p->number, &open))
			take_versions(p, open.module.version, open.to);
		break;
	case RECORD_RESUMED:
		facts_note(p, FACT_RESUMED, 0, NULL);
		if (p->facts->end == END_NONE && p->number > 0)
			facts_note_at(p, FACT_KILLED, p->number - 1, p->t_ms, 0, NULL);
		/* nothing is known of what the next program finds */
		p->in_flight = false;
		p->unwatched = true;
		p->heard_ms = -1;
		break;
	case RECORD_GAP:
		record_raw(r, p->number, raw, sizeof(raw));
		facts_note(p, strstr(raw, "\"disk\"") ? FACT_GAP_DISK : FACT_GAP_FLOOD, 0, NULL);
		break;
	case RECORD_NOTHING:
	case RECORD_HEADER:
	case RECORD_CLOSED:
	case RECORD_SHOWN:
	case RECORD_STEP:
	case RECORD_IDENTITY:
	case RECORD_PROGRESS:
	case RECORD_NOTICE:
	case RECORD_LINE:
	case RECORD_QUESTION:
	case RECORD_ANSWER:
	case RECORD_PACKAGE:
	case RECORD_DATA:
	case RECORD_RESULT:
	case RECORD_KINDS:
		break;
	}
}

/* --- what only the whole tells --- */

static void judge_manifest(struct pass *p)
{
	const struct package_info *m = &p->package;
	bool base, model;

	if (p->package_line == 0)
		return;
	if (!m->has_manifest) {
		facts_note_at(p, FACT_NO_MANIFEST, p->package_line, 0, 0, NULL);
		return;
	}
	if (!p->identified)
		return;
	base = strcmp(m->from, p->identity.version) == 0;
	model = strcmp(m->model, p->identity.model) == 0;
	if (base && model)
		facts_note_at(p, FACT_MANIFEST_FITS, p->package_line, 0, 0, m->from);
	if (!model)
		facts_note_at(p, FACT_MODEL_DIFFERS, p->package_line, 0, 0, m->model);
	else if (!base)
		facts_note_at(p, FACT_BASE_DIFFERS, p->package_line, 0, 0, m->from);
}

/* A module that runs the target, did not go on after it restarted and told no
 * end, restarted at the end of the installation: the END is what is missing. */
static void judge_restart(struct pass *p)
{
	if (p->facts->end == END_SUCCESS && !facts_seen(p, FACT_WENT_ON))
		facts_forget(p, FACT_RESTARTED);
}

/* What was read after the upgrade was asked for. */
static void judge_version(struct pass *p)
{
	enum fact_id id = FACT_RUNS_THIRD;

	if (!p->asked || p->version_line < p->asked_line || !p->version[0] || !p->to[0])
		return;
	if (strcmp(p->version, p->to) == 0)
		id = FACT_RUNS_TARGET;
	else if (strcmp(p->version, p->from) == 0)
		id = FACT_RUNS_OLD;
	facts_note_at(p, id, p->version_line, p->version_ms, 0, p->version);
}

void facts_collect(struct facts *f, struct record *r)
{
	const struct plan *plan = &record_header(r)->plan;
	struct pass p = {.facts = f, .heard_ms = -1, .supply_min = plan->supply_min_mv,
			 .push = route_info(plan->route)->serial};
	struct event ev;
	uint64_t count = record_count(r);

	memset(f, 0, sizeof(*f));
	f->end = END_NONE;
	if (!p.push)
		facts_note(&p, FACT_PULL, 0, NULL);
	for (p.number = 0; p.number < count; p.number++) {
		enum record_kind kind = record_class(r, p.number).kind;

		if (kind == RECORD_NOTHING)
			continue;
		p.t_ms = record_time_ms(r, p.number);
		if (record_event(r, p.number, &ev))
			take_event(&p, &ev);
		else
			take_own(&p, r, kind);
	}
	judge_manifest(&p);
	judge_version(&p);
	judge_restart(&p);
	if (f->end == END_NONE && facts_seen(&p, FACT_INTENT) && record_writer_pid(r) == 0)
		facts_note_at(&p, FACT_KILLED, count - 1, p.t_ms, 0, NULL);
}

#include "config.h"

#include "diagnosis/collect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/count.h"
#include "base/text.h"
#include "base/version.h"
#include "diagnosis/collect_lines.h"
#include "diagnosis/evidence.h"
#include "protocol/at.h"

/* So many spoiled lines, and behind so many questions, are no accident. */
#define NOISE_LEAST 3
#define BURSTS_LEAST 2

/* --- what the program says --- */

/* The argument NAME (NULL: none) of the message ID whose values begin at AT of M. */
static char *argument(const struct message *m, enum message_id id, size_t at, const char *name,
		      char out[FACT_TEXT])
{
	struct message_arg arg;

	out[0] = '\0';
	for (size_t i = 0; name && message_arg(id, i, &arg); i++) {
		if (strlen(name) != arg.name_size || memcmp(name, arg.name, arg.name_size) != 0)
			continue;
		snprintf(out, FACT_TEXT, "%s", message_value_at(m, at, i));
		if (arg.type == MESSAGE_BYTES)
			text_count(out, strtoull(message_value_at(m, at, i), NULL, 10));
	}
	return out;
}

/* What the fact of ROW keeps of the message ID, whose values begin at AT of M. */
static char *fact_text(const struct message *m, enum message_id id, size_t at,
		       const struct message_evidence *row, char out[FACT_TEXT])
{
	struct message alone = *m;

	if (!row->text || strcmp(row->text, MESSAGE_WORDS) != 0)
		return argument(m, id, at, row->text, out);
	alone.part_count = 0;
	return message_text(&alone, FOR_RECORD, out, FACT_TEXT);
}

/* The message ID, M's own or a part of it. */
static void take_message(struct pass *p, const struct message *m, enum message_id id, size_t at)
{
	const struct message_evidence *row;
	char text[FACT_TEXT], value[FACT_TEXT];

	for (size_t i = 0; (row = message_evidence_row(i)) != NULL; i++)
		if (row->id == id && (!row->argument || strcmp(argument(m, id, at, row->argument, text), row->is) == 0))
			facts_note(p, row->fact, strtol(argument(m, id, at, row->value, value), NULL, 10),
				   fact_text(m, id, at, row, text));
}

static void take_messages(struct pass *p, const struct message *m)
{
	take_message(p, m, m->id, 0);
	for (size_t i = 0; i < m->part_count; i++)
		take_message(p, m, m->parts[i].id, m->parts[i].at);
}

static void take_notice(struct pass *p, const struct message *m)
{
	take_messages(p, m);
	if (m->id == MSG_ASKS_AFTERWARDS) {
		p->afterwards = true;
		p->networks = 0;
		p->context_seen = false;
	}
	if (m->id == MSG_OTHER_RATE) {
		p->unsettled_ms = p->t_ms + SETTLE_MS;
		p->search.confirmed = false;
	}
	if (m->id != MSG_PORT_GONE_WAITING && m->id != MSG_PORT_COMES_AND_GOES)
		return;
	/* what was written may still have been on its way */
	if (p->in_data && !p->data_over && !facts_seen(p, FACT_STARTED) &&
	    !(facts_seen(p, FACT_WHOLE_SENT) && facts_profile(p)->restarts_first)) {
		facts_note(p, FACT_GONE_SENDING, 0, NULL);
		return;
	}
	/* no second sign of a restart that was over when it answered */
	if (p->answered)
		p->restart_ms = -1;
	collect_restart(p);
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
	if (!to[0])
		return;
	snprintf(p->to, sizeof(p->to), "%s", to);
	facts_note(p, FACT_TARGET, 0, to);
}

static void take_result(struct pass *p, const struct result *r)
{
	collect_silence(p);
	p->unwatched = true;
	if (!facts_seen(p, FACT_DOWNLOAD_S) && !facts_seen(p, FACT_STARTED))
		collect_download_end(p);
	p->facts.end = end_of(r);
	facts_note(p, FACT_RESULT, (long)r->stop, NULL);
	if (strlen(r->record) < FACT_TEXT && r->record[0])
		facts_note(p, FACT_RECORD, 0, r->record);
	p->what = r->what;
	take_messages(p, &r->what);
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
	/* of a file it is known when the module has said what it got */
	if (done == p->total && facts_profile(p)->serial != SERIAL_UPLOAD)
		facts_note(p, FACT_WHOLE_SENT, 100, text);
}

/* --- what stands in records only --- */

static void take_start(struct pass *p, const struct plan *plan)
{
	p->supply_min = plan->supply_min_mv;
	p->push = route_info(plan->route)->serial;
	p->upgrades = plan->job == JOB_UPGRADE;
	if (plan->demo)
		facts_note(p, FACT_DEMO, 0, NULL);
	if (plan->port[0] && strlen(plan->port) < FACT_TEXT)
		facts_note(p, FACT_PORT, 0, plan->port);
	if (!p->push)
		facts_note(p, FACT_PULL, 0, NULL);
}

static void take_intent(struct pass *p, const struct open_upgrade *open)
{
	/* of the first nothing of the package was to be sent yet */
	facts_note(p, open->intent == INTENT_SETTINGS ? FACT_SETTINGS_OPEN : FACT_INTENT, 0, NULL);
	take_versions(p, open->module.version, open->to);
}

static void take_resumed(struct pass *p)
{
	p->afterwards = false;
	facts_note(p, FACT_RESUMED, 0, NULL);
	if (p->facts.end == END_NONE && p->number > 0)
		facts_note_at(p, FACT_KILLED, p->number - 1, p->t_ms, 0, NULL);
	/* nothing is known of what the next program finds */
	p->in_flight = p->search.under_way = false;
	p->unwatched = true;
	p->heard_ms = -1;
}

static void take_package(struct pass *p, const struct package_info *package)
{
	p->package = *package;
	p->package_line = p->number;
	p->total = package->size;
}

static void take_identity(struct pass *p, const struct identity *id)
{
	if (!p->identified)
		p->identity = *id;
	p->identified = true;
	facts_note(p, FACT_IDENTITY, 0, id->version);
}

static void take_step(struct pass *p, const struct event *ev)
{
	if (!ev->step.begin)
		return;
	p->step = ev->step.step;
	if (p->step == STEP_TRANSFER)
		facts_forget(p, FACT_LATE);	/* what was late before it has done no harm */
}

static void take_event(struct pass *p, const struct event *ev)
{
	switch (ev->type) {
	case EVENT_STEP:
		take_step(p, ev);
		break;
	case EVENT_IDENTITY:
		take_identity(p, &ev->identity);
		break;
	case EVENT_PROGRESS:
		if (ev->progress.step == STEP_TRANSFER && ev->progress.unit == UNIT_BYTES)
			take_progress(p, ev->progress.done, ev->progress.total);
		break;
	case EVENT_NOTICE:
		take_notice(p, &ev->notice.message);
		break;
	case EVENT_LINE:
		if (ev->line.dir == LINE_TX)
			collect_sent(p, ev->line.text);
		else
			collect_received(p, ev);
		break;
	case EVENT_QUESTION:
		take_versions(p, ev->question.from, ev->question.to);
		break;
	case EVENT_RESULT:
		take_result(p, &ev->result);
		break;
	case EVENT_PACKAGE:
		take_package(p, &ev->package);
		break;
	case EVENT_DATA:
		take_progress(p, ev->data.offset + ev->data.size, 0);
		break;
	case EVENT_ANSWER:
		take_answer(p, ev->answer);
		break;
	case EVENT_START:
		take_start(p, &ev->start.plan);
		break;
	case EVENT_INTENT:
		take_intent(p, &ev->intent);
		break;
	case EVENT_RESUMED:
		take_resumed(p);
		break;
	case EVENT_GAP:
		facts_note(p, ev->gap.why == GAP_DISK ? FACT_GAP_DISK : FACT_GAP_FLOOD, 0, NULL);
		break;
	case EVENT_CLOSED:
	case EVENT_SHOWN:
	case EVENT_PORT:
	case EVENT_RECORD:
	case EVENT_PLAN:
	case EVENT_SETTING:
	case EVENT_BEGIN: case EVENT_CHECKS:
	case EVENT_COUNT:
		break;
	}
}

/* --- what only the whole shows --- */

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
	base = version_compare(m->from, p->identity.version) != VERSION_OTHER;
	model = strcasecmp(m->model, p->identity.model) == 0;
	if (base && model)
		facts_note_at(p, FACT_MANIFEST_FITS, p->package_line, 0, 0, m->from);
	if (!model)
		facts_note_at(p, FACT_MODEL_DIFFERS, p->package_line, 0, 0, m->model);
	else if (!base)
		facts_note_at(p, FACT_BASE_DIFFERS, p->package_line, 0, 0, m->from);
}

/* A module that runs the target, did not continue after it restarted and reported no
 * end, restarted at the end of the installation: the END is what is missing. Where nobody
 * knows what it runs that may be so. */
static void judge_restart(struct pass *p)
{
	const struct fact *restarted = &p->facts.of[FACT_RESTARTED];

	if (restarted->count == 0 || facts_seen(p, FACT_WENT_ON))
		return;
	if (p->facts.end == END_SUCCESS)
		facts_forget(p, FACT_RESTARTED);
	else if (!facts_seen(p, FACT_RUNS_OLD) && !facts_seen(p, FACT_RUNS_THIRD))
		facts_note_at(p, FACT_RESTART_OR_END, restarted->line, restarted->t_ms, restarted->value, NULL);
}

static void judge_reach(struct pass *p)
{
	const struct fact *code = &p->facts.of[FACT_TIMEOUT_CODE];

	if (code->count > 0 && facts_seen(p, FACT_UNASKED))
		facts_note_at(p, FACT_NOT_REACHED, code->line, code->t_ms, code->value, code->text);
}

/* Lines came and none of them was a result: that is another rate, or a broken wire. One
 * burst, and silence to all that was asked after it, is what a module that starts makes too. */
static void judge_noise(struct pass *p)
{
	const struct fact *noise = &p->facts.of[FACT_NOISE];
	bool no_module = facts_seen(p, FACT_NO_MODULE);

	if (no_module && noise->count > 0 && p->search.bursts < BURSTS_LEAST) {
		facts_forget(p, FACT_ONLY_NOISE);
		return;
	}
	if (no_module && noise->count >= NOISE_LEAST && !p->heard && !facts_seen(p, FACT_ONLY_NOISE))
		facts_note_at(p, FACT_ONLY_NOISE, noise->line, noise->t_ms, 0, NULL);
	if (p->heard && !p->asked)	/* at this rate */
		facts_forget(p, FACT_ONLY_NOISE);
}

static bool another_talks(const struct pass *p)
{
	return facts_seen(p, FACT_UNSOLICITED) || facts_seen(p, FACT_UNSOLICITED_ECHO);
}

/* Who talked to the module before the upgrade was asked for, and not since, has not stopped it. */
static void judge_talk(struct pass *p)
{
	if (p->asked && another_talks(p) && !p->talk_since_asked && !facts_seen(p, FACT_MODEM_MANAGER))
		facts_note_at(p, FACT_TALK_BEFORE, p->asked_line, p->asked_ms, 0, NULL);
}

/* Silence speaks against the form of a command only where the module heard it and has stayed:
 * one that restarts says nothing of it where its messages go to another port. An OK speaks
 * against it where what was to come is no such message. */
static bool may_be_unheard(const struct pass *p)
{
	const char *gate = facts_profile(p)->com_gate;
	bool elsewhere = facts_seen(p, FACT_URCS_UNSURE) || facts_seen(p, FACT_URCS_ELSEWHERE);
	bool by_urc = gate && gate[0] == '+';

	if (facts_seen(p, FACT_NO_GATE) && (p->unechoed || elsewhere || facts_seen(p, FACT_RESTARTED_LOADING)))
		return true;
	return facts_seen(p, FACT_BARE_OK) && by_urc && elsewhere;
}

/* It understood the command where it said so when nobody waited for it any more; and an OK in
 * which another program talked may be that one's. */
static void judge_gate(struct pass *p)
{
	if (!facts_seen(p, FACT_NO_GATE) && !facts_seen(p, FACT_BARE_OK)) {
		facts_forget(p, FACT_LATE_GATE);
		return;
	}
	if (facts_seen(p, FACT_LATE_GATE)) {
		facts_forget(p, FACT_NO_GATE);
		facts_forget(p, FACT_BARE_OK);
		return;
	}
	if (p->talk_since_asked)
		facts_note_at(p, FACT_TALK_IN_ANSWER, p->asked_line, p->asked_ms, 0, NULL);
	if (may_be_unheard(p))
		facts_note_at(p, FACT_MAY_BE_UNHEARD, p->asked_line, p->asked_ms, 0, NULL);
}

/* What answers late may be heard at a rate that is not the module's, and be taken for an
 * answer there: no command was answered at it, and all that came was noise. */
static void judge_rate_found(struct pass *p)
{
	const struct fact *other = &p->facts.of[FACT_OTHER_BAUD];
	uint64_t line = other->line;

	if (other->count == 0 || p->search.confirmed)
		return;
	facts_forget(p, FACT_OTHER_BAUD);
	if (p->facts.of[FACT_NOISE].line > line)
		facts_forget(p, FACT_NOISE);
}

/* A rate that was found before the module was known, or had its package, was a hindrance, and overcome. */
static void judge_rate(struct pass *p)
{
	static const enum fact_id taken[] = { FACT_IDENTITY, FACT_WHOLE_SENT, FACT_SOURCE_OK, FACT_STARTED };
	const struct fact *other = &p->facts.of[FACT_OTHER_BAUD];

	if (other->count == 0 || facts_seen(p, FACT_ONLY_NOISE))
		return;
	for (size_t i = 0; i < COUNT(taken); i++)
		if (facts_seen(p, taken[i]) && other->line < p->facts.of[taken[i]].line)
			facts_note_at(p, FACT_RATE_FOUND, other->line, other->t_ms, 0, NULL);
}

/* A late answer, or a spoiled line or two, is no trouble of a session that succeeded. */
static void judge_success(struct pass *p)
{
	if (p->facts.end != END_SUCCESS)
		return;
	if (!another_talks(p))
		facts_forget(p, FACT_STRAY);
	if (p->facts.of[FACT_NOISE].count < NOISE_LEAST)
		facts_forget(p, FACT_NOISE);
}

/* What was read after the upgrade was asked for. */
static void judge_version(struct pass *p)
{
	enum fact_id id = FACT_RUNS_THIRD;

	if (!p->asked || p->version_line < p->asked_line || !p->version[0] || !p->to[0])
		return;
	if (version_compare(p->version, p->to) == VERSION_SAME)
		id = FACT_RUNS_TARGET;
	else if (version_compare(p->version, p->from) == VERSION_SAME)
		id = FACT_RUNS_OLD;
	else if (version_compare(p->version, p->to) == VERSION_BASE)
		id = FACT_RUNS_TARGET;
	else if (version_compare(p->version, p->from) == VERSION_BASE)
		id = FACT_RUNS_OLD;
	/* what decides against the module was read twice alike, or it is not known */
	if (id == FACT_RUNS_THIRD && p->facts.end == END_UNKNOWN)
		return;
	facts_note_at(p, id, p->version_line, p->version_ms, 0, p->version);
}

/* It may be installing unless its package is not complete, or it said that it
 * has ended; what was under way before is not known. */
static void judge_installation(struct pass *p)
{
	bool complete = p->course.started || (p->asked && (!p->push || facts_seen(p, FACT_WHOLE_SENT)));

	if (facts_seen(p, FACT_ATTACHED) || (complete && !p->course.ended))
		facts_note(p, FACT_MAY_INSTALL, 0, NULL);
}

void collect_begin(struct pass *p)
{
	memset(p, 0, sizeof(*p));
	p->facts.end = END_NONE;
	p->heard_ms = p->restart_ms = -1;
}

void collect_event(struct pass *p, uint64_t number, const struct event *ev)
{
	if (p->goes_on)
		p->shift_ms = p->t_ms - ev->t_ms;
	p->goes_on = false;
	p->number = number;
	p->t_ms = ev->t_ms + p->shift_ms;
	take_event(p, ev);
}

void collect_goes_on(struct pass *p)
{
	p->goes_on = true;
}

/* Which cures the family has a way for. */
static void judge_ways(struct pass *p)
{
	const struct profile *profile = facts_profile(p);

	facts_note(p, profile->serial == SERIAL_NONE ? FACT_NO_SERIAL_WAY : FACT_SERIAL_WAY, 0, NULL);
	facts_note(p, profile->serial == SERIAL_STREAM ? FACT_COM_FORM : FACT_COM_FIXED, 0, NULL);
	if (!profile->url.https)
		facts_note(p, FACT_NO_HTTPS, 0, NULL);
}

void collect_end(struct pass *p)
{
	judge_ways(p);
	judge_manifest(p);
	judge_version(p);
	judge_restart(p);
	judge_talk(p);
	judge_gate(p);
	judge_noise(p);
	judge_rate_found(p);
	judge_rate(p);
	judge_reach(p);
	judge_success(p);
	judge_installation(p);
	if (p->abandoned && p->facts.end == END_NONE && (facts_seen(p, FACT_INTENT) || (p->upgrades && p->identified)))
		facts_note(p, facts_seen(p, FACT_INTENT) ? FACT_KILLED : FACT_KILLED_EARLY, 0, NULL);
}

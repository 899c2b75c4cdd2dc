#include "config.h"

#include "tests/simulate/judge.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/count.h"
#include "diagnosis/of_record.h"
#include "protocol/profile.h"
#include "record/reader.h"
#include "sim/personality.h"
#include "tests/words.h"

/* A module that could be asked for so long at the end must have been. */
#define ABLE_MS 60000
/* It may have come back just now. */
#define SOON_MS 500
/* The preflight, with every question unanswered twice and a context that takes its time. */
#define PREFLIGHT_MS (900 * 1000)
/* Beyond a limit: the round that is under way when it passes. */
#define MORE_MS (30 * 1000)
#define WATCH_MS (2700 * 1000)
/* A time to watch that is too short for the waits of the program. */
#define HURRY_S 900
/* Behind a port that was away for up to a minute stands a silence of GAP_MS. */
#define ASKING_S 190
/* Silence after which a module is asked though it may be installing. */
#define START_MS (300 * 1000)
#define LISTEN_MS (720 * 1000)
#define CHECK_S 60
/* Between two lines of one that installs: protocol.md 4.2. */
#define GAP_MS (120 * 1000)
/* An answer of 48 bytes and its OK are on the wire for so long at 9,600 baud. */
#define WIRE_MS 50

#define IMEI "490154203237518"

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

__attribute__((format(printf, 2, 3)))
static void wrong(struct report *r, const char *format, ...)
{
	va_list args;

	if (r->wrong[0])
		return;
	va_start(args, format);
	vsnprintf(r->wrong, sizeof(r->wrong), format, args);
	va_end(args);
}

void judge_time(struct report *r, struct sim *sim, struct line *line, const struct setup *setup)
{
	struct sim_truth t = sim_truth_of(sim);
	int64_t now = line_now(line);

	(void)setup;
	if (!r->truth.other_ms && strcmp(t.imei, IMEI) != 0)
		r->truth.other_ms = now;
	/* what was on its way when it left, with no package complete, may all have come since the last look */
	if (r->truth.took && !t.takes_data && (line_on_the_way(line) || (r->truth.on_the_way && !t.installs)))
		r->truth.spilled = true;
	r->truth.took = t.takes_data;
	r->truth.on_the_way = line_on_the_way(line) > 0;
	if (!t.installs)
		r->truth.installs_ms = 0;
	else if (!r->truth.installs_ms)
		r->truth.installs_ms = now;
	if (t.answers && !line_on_the_way(line)) {
		if (r->truth.able_ms == INT64_MAX)
			r->truth.able_ms = now;
	} else {
		r->truth.able_ms = INT64_MAX;
	}
}

/* A module that installs may be asked when every wait for its word is over: nobody can tell
 * it from one that hangs. */
static void judge_overdue(struct report *r, const struct line *line, const struct setup *setup)
{
	const struct plan *plan = &setup->plan;
	int64_t start_ms = plan->start_timeout_s ? plan->start_timeout_s * INT64_C(1000) : START_MS;
	int64_t listen_ms = plan->job == JOB_RESUME && plan->listen_timeout_s ? plan->listen_timeout_s * INT64_C(1000) : LISTEN_MS;
	int64_t now = line_now(line);
	bool listened, silent;

	/* the link was lost, and with it what it said */
	if (line_openings(line) > 1)
		start_ms = earlier(start_ms, GAP_MS);
	/* who gives it less than the check of a package takes wants it so */
	if (r->truth.installs_ms && plan->start_timeout_s && plan->start_timeout_s < CHECK_S)
		r->truth.overdue = true;
	listened = plan->job == JOB_RESUME && now - r->seen.begun_ms >= listen_ms;
	silent = now - r->seen.word_ms >= earlier(start_ms, listen_ms);
	if (r->truth.installs_ms && silent && (listened || now - r->truth.installs_ms >= start_ms))
		r->truth.overdue = true;
}

/* How long the module waits for data as it was told to; noise may have made more of that. */
static int64_t told_timeout_ms(const struct setup *s)
{
	const struct profile *p = profile_by_name(sim_personality(s->family)->name);

	if (p->com_command && !strstr(p->com_command, "{timeout}"))
		return PROFILE_DATA_TIMEOUT_S * INT64_C(1000);
	return (s->plan.com_timeout_s ? s->plan.com_timeout_s : p->com_timeout_s) * INT64_C(1000);
}

/* In data mode a question is package bytes, and begins the module's time-out anew. */
static void judge_question(struct report *r, const struct line *line, int64_t timeout_ms)
{
	int64_t now = line_now(line);

	if (r->truth.asked_ms && now - r->truth.asked_ms < timeout_ms)
		r->truth.asked_again++;
	r->truth.asked_ms = now;
}

void judge_write(struct report *r, struct sim *sim, const struct line *line, const struct setup *setup,
		 const unsigned char *p, size_t size)
{
	struct sim_truth t = sim_truth_of(sim);

	judge_overdue(r, line, setup);
	if (t.takes_data && size >= 2 && !memcmp(p, "AT", 2) && p[size - 1] == '\r')
		judge_question(r, line, earlier(t.timeout_ms, told_timeout_ms(setup)));
}

void judge_end(struct report *r, struct sim *sim, struct line *line)
{
	struct sim_truth t = sim_truth_of(sim);
	const char *first;

	(void)line;
	snprintf(r->truth.now, sizeof(r->truth.now), "%s", sim_version(sim));
	r->truth.violations = sim_violations(sim, &first);
	snprintf(r->truth.violation, sizeof(r->truth.violation), "%s", first);
	r->truth.at_work = t.installs;
	r->truth.upgrades = sim_upgrades(sim);
	r->truth.spoiled = t.spoiled > 0;
	r->truth.files = t.files;
	r->truth.other_module = strcmp(t.imei, IMEI) != 0;
	if (t.changed)
		snprintf(r->truth.changed, sizeof(r->truth.changed), "%s", t.changed);
}

static bool is_hurried(const struct setup *s)
{
	return (s->plan.watch_timeout_s && s->plan.watch_timeout_s < HURRY_S) ||
		(s->plan.return_timeout_s && s->plan.return_timeout_s < ASKING_S);
}

/* --start-timeout says for a download that is resumed, or whose link was lost, when it does not
 * begin any more (dfota.1). */
static bool is_ruled_out(const struct setup *s, const struct line *line)
{
	return s->plan.start_timeout_s && (s->plan.job == JOB_RESUME || line_openings(line) > 1) && !route_info(s->plan.route)->serial;
}

/* A verdict names who it is and what that runs: both were true when its last answer said so,
 * and no answer holds for what comes after it. */
static bool names_another(const struct report *r, const struct setup *setup)
{
	const struct result *is = &r->seen.result;
	int64_t asked_ms = r->seen.told_ms - setup->line.latency_ms - WIRE_MS;

	return is->now[0] && is->outcome != OUTCOME_STOPPED && r->truth.other_ms <= asked_ms;
}

/* It has answered any question for MS at the end, and there was the time to ask. */
static bool was_able_for(const struct report *r, const struct setup *setup, unsigned flags, int64_t ms)
{
	return r->truth.able_ms != INT64_MAX && r->seen.ended_ms - r->truth.able_ms > ms &&
		!is_hurried(setup) && !(flags & KIND_DEAFENS);
}

/* One that said START is not asked before it says that it has ended, or restarts, nor one whose
 * package a question could complete; and somebody may leave it no time to be asked. */
static bool may_be_asked(const struct report *r, unsigned flags)
{
	return !r->seen.asks_no_more && !r->seen.started && r->seen.result.phase != PHASE_INSTALL && !(flags & KIND_LEAVES);
}

/* What was read is what it runs, and that is neither the old nor the target. */
static bool read_a_failure(const struct result *is, const struct truth *t)
{
	return strcmp(is->now, t->now) == 0 && strcmp(t->now, t->began) != 0 && strcmp(t->now, t->target) != 0;
}

/* The verdict against what the module runs. */
static void judge_verdict(struct report *r, unsigned flags, const struct setup *setup, const struct line *line)
{
	const struct result *is = &r->seen.result;
	const struct truth *t = &r->truth;
	bool same = strcmp(t->now, t->began) == 0, stays = strcmp(t->later, t->began) == 0;

	if (t->other_module) {
		if (names_another(r, setup))
			wrong(r, "verdict: %s, but another module answers", outcome_info(is->outcome)->name);
		return;
	}
	switch (is->outcome) {
	case OUTCOME_SUCCESS:
		if (strcmp(t->now, t->target) != 0)
			wrong(r, "verdict: a success that is none (it runs %s)", t->now);
		break;
	case OUTCOME_UNCHANGED:
	case OUTCOME_STOPPED:
	case OUTCOME_READY:
		/* who believes a forged end is not to blame, nor the operator's word that nothing begins any more */
		if (!same || (!stays && !(flags & KIND_FORGES) && !is_ruled_out(setup, line)))
			wrong(r, "verdict: %s, but it changed (it runs %s, later %s)", outcome_info(is->outcome)->name, t->now, t->later);
		break;
	case OUTCOME_DEVICE_FAILED:
		if (is->now[0] ? !read_a_failure(is, t) : was_able_for(r, setup, flags, SOON_MS))
			wrong(r, "verdict: device-failed, but it has not (read: %s, it runs %s)", is->now[0] ? is->now : "nothing", t->now);
		break;
	case OUTCOME_UNKNOWN:
		if (may_be_asked(r, flags) && was_able_for(r, setup, flags, ABLE_MS))
			wrong(r, "unknown: but it could be asked (for %lld s)", (long long)(r->seen.ended_ms - t->able_ms) / 1000);
		break;
	case OUTCOME_COUNT:
		break;
	}
}

/* May its plug be pulled? Who says so rules out that it installs, now and later. */
static void judge_safety(struct report *r, unsigned flags)
{
	static const enum message_id safe[] = {MSG_SAFE_WORKS, MSG_SAFE_UNTOUCHED, MSG_SAFE_FIRMWARE, MSG_SAFE_INCOMPLETE};
	const struct truth *t = &r->truth;
	enum message_id id = result_safety(&r->seen.result);
	bool works = t->at_work || strcmp(t->later, t->now) != 0;

	for (size_t i = 0; i < COUNT(safe); i++)
		if (id == safe[i] && works && !t->other_module && !(flags & (KIND_FORGES | KIND_DAMAGES)))
			wrong(r, "safety: %s, but it installs (it runs %s, later %s)", message_info(id)->name, t->now, t->later);
}

/* A violation that no program could avoid. */
static bool is_excused(const struct truth *t, unsigned flags)
{
	bool no_command = strstr(t->violation, "no command") != NULL;

	/* what is stored has a judgement of its own: it can't be put back by who was sent away */
	return (flags & (KIND_FORGES | KIND_DAMAGES)) || strstr(t->violation, "not put back") || (t->spilled && no_command) ||
		((flags & KIND_TEARS) && (no_command || strstr(t->violation, "no form of the command")));
}

/* It stood still between its last look and a write: that one still goes out, and only that. */
static bool is_late_write(const struct truth *t, const struct line *line)
{
	return line_late_write(line) && strstr(t->violation, "no command");
}

/* The link went within the command that starts an upgrade: what comes next makes its line
 * longer, whatever that is, and its string never ends. Nothing takes back what was sent. */
static bool is_cut_command(const struct truth *t, const struct line *line)
{
	return t->violations == 1 && line_openings(line) > 1 && strstr(t->violation, "no form of the command") &&
		strncmp(t->violation, "AT+QFOTADL=\"", strlen("AT+QFOTADL=\"")) == 0;
}

/* It has its result; one that has gone by then takes nothing. */
static bool is_done_with(const struct report *r)
{
	return r->truth.able_ms != INT64_MAX && r->seen.results == 1 && r->seen.result.outcome != OUTCOME_UNKNOWN;
}

static bool has(const struct world *w, const char *name)
{
	for (size_t i = 0; i < w->count; i++)
		if (strcmp(w->facts[i].kind->name, name) == 0)
			return true;
	return false;
}

/* A question that lost its mark on the way was asked by nobody; one that lost another byte
 * is not answered, and an OK that nobody asked for may come just then. */
static bool is_unrefused(const struct report *r, const struct world *w, unsigned flags)
{
	if (has(w, "lost-byte") && (has(w, "stray-ok") || has(w, "result")))
		return true;
	return (flags & KIND_DAMAGES) && !r->seen.gate_ms && !r->seen.resumed;
}

/* What was sent, against what the module's state allowed. */
static void judge_bytes(struct report *r, const struct world *w, const struct line *line, unsigned flags)
{
	const struct truth *t = &r->truth;

	if (t->early[0])
		wrong(r, "intent: %s before it was on disk", t->early);
	/* of what came, noise may have made one out of the question whether it can */
	if (t->ordered > 1)
		wrong(r, "bytes: more than one upgrade was asked for (%u)", t->ordered);
	if (t->upgrades > 0 && (flags & KIND_REFUSES) && !is_unrefused(r, w, flags))
		wrong(r, "bytes: an upgrade was asked for that the module refuses");
	if (t->asked_again && !(flags & KIND_FORGES))
		wrong(r, "bytes: data mode was asked again before its time-out (%u times)", t->asked_again);
	if (t->spoiled && !(flags & KIND_DAMAGES))
		wrong(r, "bytes: a package was completed that is none");
	if (t->violations && !t->overdue && !is_excused(t, flags) && !is_late_write(t, line) && !is_cut_command(t, line))
		wrong(r, "bytes: %s (%u times)", t->violation, t->violations);
	if (is_done_with(r) && !(flags & (KIND_DAMAGES | KIND_DEAFENS | KIND_FORGES))) {
		if (t->changed[0])
			wrong(r, "settings: %s was changed and not put back", t->changed);
		if (t->files)
			wrong(r, "settings: %u files of ours stay in the module", t->files);
	}
	/* a program that comes later does not know that it was there before */
	if (line_to_twin(line) && !r->seen.resumed)
		wrong(r, "bytes: another module was spoken to (%u writes)", line_to_twin(line));
	if (line_multiples(line))
		wrong(r, "bytes: writes that are multiples of 64 (%u)", line_multiples(line));
	if (line_hasty(line))
		wrong(r, "port: openings within half a second (%u)", line_hasty(line));
	if (line_spun(line))
		wrong(r, "port: the clock stood still, this would spin");
}

static int64_t stalls_ms(const struct setup *s)
{
	int64_t sum = s->line.stopped.ms;

	for (size_t i = 0; i < LINE_FAULTS; i++)
		sum += s->line.stalled[i].ms;
	return sum;
}

static void judge_limits(struct report *r, const struct setup *s)
{
	const struct outcome_seen *seen = &r->seen;
	int64_t watch_ms = s->plan.watch_timeout_s ? s->plan.watch_timeout_s * INT64_C(1000) : WATCH_MS;
	int64_t from_ms = seen->gate_ms && s->plan.job != JOB_RESUME ? seen->gate_ms : seen->begun_ms;
	bool before = !seen->gate_ms && s->plan.job != JOB_RESUME;
	int64_t took_ms = seen->ended_ms - from_ms;

	/* one that was found at an installation is watched from then on */
	if (took_ms > (before ? PREFLIGHT_MS : 0) + watch_ms + MORE_MS + stalls_ms(s))
		wrong(r, "limits: it took longer (%lld s of %lld)", (long long)took_ms / 1000, (long long)watch_ms / 1000);
}

/* The record must read back as what happened. */
static void judge_record(struct report *r, const char *path, unsigned flags)
{
	struct finding found[FINDINGS_MAX];
	struct event ev = {0};
	struct err e = {0};
	uint64_t at = 0;
	struct record *record;
	size_t count;

	if (flags & KIND_DISK)
		return;
	record = record_open(path, &e);
	if (!record) {
		wrong(r, "record: %s", err_words(&e));
		return;
	}
	if (record_damage(record)->id != MSG_NONE && !r->seen.resumed && !r->seen.killed)
		wrong(r, "record: %s", message_words(record_damage(record)));
	if (!r->seen.killed) {
		if (!record_find(record, record_count(record), true, 1U << EVENT_RESULT, false, &at) ||
		    !record_event(record, at, &ev) || ev.result.outcome != r->seen.result.outcome)
			wrong(r, "record: its result is another");
		count = diagnosis_of_record(record, FOR_CONSOLE, found, FINDINGS_MAX);
		if (count != r->seen.finding_count || (count && strcmp(found[0].rule, r->seen.findings[0].rule) != 0))
			wrong(r, "record: it is diagnosed as %s, live it was %s", count ? found[0].rule : "nothing",
			      r->seen.finding_count ? r->seen.findings[0].rule : "nothing");
	}
	record_free(record);
}

static void judge_diagnosis(struct report *r, const struct world *w)
{
	const struct outcome_seen *seen = &r->seen;

	if (seen->result.outcome == OUTCOME_SUCCESS) {
		if (seen->result.cause[0])
			wrong(r, "diagnosis: a success has the cause %s", seen->findings[0].rule);
		return;
	}
	if (!seen->finding_count) {
		wrong(r, "diagnosis: nothing was found");
		return;
	}
	if (strcmp(seen->findings[0].rule, "as-reported") == 0)
		return;
	for (size_t i = 0; i < seen->finding_count && i < 2; i++)
		for (size_t j = 0; j < w->count; j++)
			if (kind_explains(&w->facts[j], seen->findings[i].rule))
				return;
	wrong(r, "diagnosis: %s names no fault of this world", seen->findings[0].rule);
}

static bool has_result(const char *path)
{
	struct err e = {0};
	struct record *record = record_open(path, &e);
	uint64_t at;
	bool found = record && record_find(record, record_count(record), true, 1U << EVENT_RESULT, false, &at);

	record_free(record);
	return found;
}

/* What is not as it was is said, whatever came of the rest. */
static void judge_settings(struct report *r, unsigned flags)
{
	const struct settings *told = &r->seen.result.settings;

	for (size_t i = 0; i < told->count; i++)
		if (setting_stands(&told->list[i]))
			return;
	if (r->truth.changed[0] && !r->truth.other_module && !(flags & (KIND_FORGES | KIND_DAMAGES | KIND_DISK)))
		wrong(r, "settings: %s was changed, and the result does not say so", r->truth.changed);
}

/* No number in a result is negative, what runs was no other package, and who was there and was
 * not asked has not been silent. */
static void judge_words(struct report *r)
{
	const struct message *what = &r->seen.result.what;
	const char *words = message_words(what);

	for (size_t i = 0; i < what->part_count; i++)
		if (what->parts[i].id == MSG_MAY_HOLD_QUESTIONS && r->seen.result.outcome == OUTCOME_SUCCESS)
			wrong(r, "words: a success, and not the package (%.200s)", words);
	if (what->id == MSG_NO_ANSWER_AGAIN && r->seen.only_heard)
		wrong(r, "words: it was not asked (%.200s)", words);

	for (const char *p = words; (p = strstr(p, " -")); p++)
		if (p[2] >= '0' && p[2] <= '9')
			wrong(r, "words: a negative number (%.200s)", words);
}

void judge(struct report *r, const struct world *w, const struct setup *setup, const struct line *line,
	   const char *record)
{
	const struct outcome_seen *seen = &r->seen;
	unsigned flags = world_flags(w);

	judge_bytes(r, w, line, flags);
	if (seen->killed) {
		/* nothing was left open: it had its result, or nothing can have happened */
		if (strcmp(r->truth.later, r->truth.began) != 0 && !has_result(record))
			wrong(r, "verdict: killed and not resumed, but it changed (it runs %s)", r->truth.later);
		return;
	}
	if (seen->results != 1 && !(flags & KIND_DISK && !seen->results))
		wrong(r, "result: there were %u", seen->results);
	if (seen->results != 1)
		return;
	judge_words(r);
	judge_settings(r, flags);
	if (seen->step_wrong)
		wrong(r, "steps: one began within another");
	judge_verdict(r, flags, setup, line);
	if (!is_ruled_out(setup, line))
		judge_safety(r, flags);
	judge_limits(r, setup);
	judge_record(r, record, flags);
	judge_diagnosis(r, w);
}

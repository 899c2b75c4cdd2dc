#include "config.h"

#include "diagnosis/diagnosis.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "diagnosis/collect.h"
#include "diagnosis/rules.h"
#include "diagnosis/sentence.h"

#define RULES_MAX 96
/* Nothing read from a record is certain. */
#define CERTAINTY_MAX 97
/* A number in a sentence of a rule. */
#define NUMBER_SIZE 24

/* A rule that holds. */
struct match {
	const struct rule *rule;
	int certainty;
};

static bool holds(const struct facts *f, const struct clue *clue)
{
	const struct fact *fact = &f->of[clue->fact];

	return fact->count > 0 && fact->value >= clue->min && fact->value <= clue->max;
}

/* The certainty of RULE; 0: it does not hold. */
static int judge(const struct facts *f, const struct rule *rule)
{
	bool any = true, one = false;
	int points = 0;

	if (!(rule->ends & f->end))
		return 0;
	for (size_t i = 0; i < RULE_CLUES && rule->clues[i].role != ROLE_END; i++) {
		const struct clue *clue = &rule->clues[i];
		bool held = holds(f, clue);

		if (clue->role == ROLE_NOT ? held : clue->role == ROLE_NEED && !held)
			return 0;
		if (clue->role == ROLE_ONE) {
			any = false;
			one |= held;
		}
		if (held)
			points += clue->role == ROLE_LESS ? -clue->points : clue->points;
	}
	if (!any && !one)
		return 0;
	if (points < 1)
		points = 1;
	return points < CERTAINTY_MAX ? points : CERTAINTY_MAX;
}

/* A clue that is worth nothing is no evidence to show. */
static bool is_evidence(const struct facts *f, const struct clue *clue)
{
	return clue->role != ROLE_NOT && clue->role != ROLE_LESS && clue->points > 0 &&
	       holds(f, clue);
}

static bool is_supported(const struct facts *f, const struct rule *rule, uint64_t line)
{
	for (size_t i = 0; i < RULE_CLUES && rule->clues[i].role != ROLE_END; i++)
		if (is_evidence(f, &rule->clues[i]) && f->of[rule->clues[i].fact].line == line)
			return true;
	return false;
}

/* Behind those that are as sure. */
static void insert(struct match *matches, size_t *count, const struct rule *rule,
		   int certainty)
{
	size_t at = *count;

	while (at > 0 && matches[at - 1].certainty < certainty) {
		matches[at] = matches[at - 1];
		at--;
	}
	matches[at] = (struct match){rule, certainty};
	++*count;
}

static bool is_told(const struct facts *f, const struct match *matches,
		    size_t count, const struct rule *rule)
{
	uint64_t line = f->of[rule->clues[0].fact].line;

	for (size_t i = 0; i < count; i++)
		if (is_supported(f, matches[i].rule, line))
			return true;
	return false;
}

static size_t match_rules(const struct facts *f, struct match *matches)
{
	const struct rule *rule;
	size_t count = 0;

	for (size_t i = 0; (rule = rule_row(i)) != NULL && i < RULES_MAX; i++) {
		int certainty = judge(f, rule);

		if (certainty > 0 && !(rule->otherwise && is_told(f, matches, count, rule)))
			insert(matches, &count, rule, certainty);
	}
	return count;
}

static const struct ending *find_ending(const struct facts *f)
{
	const struct ending *row;

	for (size_t i = 0; (row = ending_row(i)) != NULL; i++)
		if ((row->ends & f->end) && (row->fact == FACT_NONE || f->of[row->fact].count))
			return row;
	return NULL;
}

static void append_sentence(char *out, size_t out_size, const char *text)
{
	size_t used = strlen(out);

	/* what ends a sentence of wide characters has its space in itself */
	if (text[0])
		snprintf(out + used, out_size - used, "%s%s", used && (unsigned char)out[used - 1] < 0x80 ? " " : "", text);
	text_end_whole(out);
}

/* What to do: OWN, the next step of a rule, between what the outcome asks for.
 * Where that is uncertain nobody may start again yet: then OWN is said only AT_ONCE. */
static void write_next(const struct speaker *s, const char *own, bool at_once, char *out, size_t out_size)
{
	const struct facts *f = &s->pass->facts;
	const struct ending *ending = find_ending(f);
	char after[TEXT_SIZE] = "";

	out[0] = '\0';
	if (ending)
		sentence_append(s, out, out_size, ending->before);
	if (!ending || !(f->end & END_UNCERTAIN) || at_once)
		append_sentence(out, out_size, own);
	if (ending)
		sentence_append(s, after, sizeof(after), s->audience == FOR_SCREEN ? ending->screen_after : ending->after);
	append_sentence(out, out_size, after);
}

/* The lines of the evidence, the weightiest where there is no room for all;
 * in the order of the record. */
static void fill_lines(const struct facts *f, const struct rule *rule,
		       struct finding *out)
{
	for (size_t i = 0; i < RULE_CLUES && rule->clues[i].role != ROLE_END; i++) {
		uint64_t line = f->of[rule->clues[i].fact].line;
		size_t at = 0;

		if (!is_evidence(f, &rule->clues[i]) || out->line_count == FINDING_LINES)
			continue;
		while (at < out->line_count && out->lines[at] < line)
			at++;
		if (at < out->line_count && out->lines[at] == line)
			continue;
		memmove(&out->lines[at + 1], &out->lines[at],
			(out->line_count - at) * sizeof(out->lines[0]));
		out->lines[at] = line;
		out->line_count++;
	}
}

/* --- the fold --- */

struct diagnosis {
	struct pass pass;
	struct pass whole;	/* the same, and what only the whole shows */
};

struct diagnosis *diagnosis_new(void)
{
	struct diagnosis *d = malloc(sizeof(*d));

	if (d)
		collect_begin(&d->pass);
	return d;
}

void diagnosis_free(struct diagnosis *d)
{
	free(d);
}

void diagnosis_take(struct diagnosis *d, uint64_t number, const struct event *ev)
{
	collect_event(&d->pass, number, ev);
}

void diagnosis_goes_on(struct diagnosis *d)
{
	collect_goes_on(&d->pass);
}

void diagnosis_abandoned(struct diagnosis *d)
{
	d->pass.abandoned = true;
}

/* The message that ended the run says why by itself: a program that was given
 * the wrong file knows that better than any rule; a port or a module that did
 * not do as it should may have a deeper reason, and silence always has one. */
enum { OWN_CERTAINTY = 90, STOP_CERTAINTY = 60, CURE_CERTAINTY = 40, SILENT_CERTAINTY = 35, BARE_CERTAINTY = 20 };

static int reported_certainty(const struct pass *p)
{
	long stop = p->facts.of[FACT_RESULT].value;

	/* this computer's own, whatever became of the module */
	if (stop == ERR_USAGE || stop == ERR_CRASH)
		return OWN_CERTAINTY;
	/* a code says more than the message that quotes it */
	if (p->facts.end != END_STOPPED)
		return message_info(p->what.id)->next && !p->facts.of[FACT_CODE].count ? CURE_CERTAINTY : BARE_CERTAINTY;
	if (stop == ERR_PACKAGE)
		return OWN_CERTAINTY;
	return stop == ERR_TIMEOUT ? SILENT_CERTAINTY : STOP_CERTAINTY;
}

/* Is what ended the run the first of the findings, before COUNT rules? */
static bool reported_is_first(const struct pass *p, const struct match *matches, size_t count)
{
	const struct fact *result = &p->facts.of[FACT_RESULT];

	if (!result->count || !(p->facts.end & END_BAD) ||
	    (count > 0 && matches[0].certainty >= reported_certainty(p)))
		return false;
	for (size_t i = 0; i < count; i++)
		if (is_supported(&p->facts, matches[i].rule, result->line))
			return false;
	return true;
}

/* What the message that ended the run says to do. */
static void reported_next(const struct speaker *s, char *out, size_t out_size)
{
	const struct fact *result = &s->pass->facts.of[FACT_RESULT];

	message_next(&s->pass->what, s->audience, out, out_size);
	if (!out[0])
		snprintf(out, out_size, "%s", message_words_for(s->audience, err_info((enum err_code)result->value)->advice));
}

/* What M says begins with a value of its own: the name of a file is spelled as it is. */
static bool begins_with_value(const struct message *m)
{
	for (size_t i = 0; i < m->part_count; i++)
		if (m->parts[i].role == MESSAGE_DOING)
			return false;
	return m->id != MSG_SAID && message_info(m->id)->words[0] == '{';
}

static void write_reported(const struct speaker *s, struct finding *out)
{
	const struct fact *result = &s->pass->facts.of[FACT_RESULT];
	char own[TEXT_SIZE], first;

	memset(out, 0, sizeof(*out));
	out->rule = "as-reported";
	out->certainty = reported_certainty(s->pass);
	first = sentence_result(s, out->cause, sizeof(out->cause))[0];
	sentence_finish(s, out->cause, sizeof(out->cause));
	if (begins_with_value(&s->pass->what))
		out->cause[0] = first;
	reported_next(s, own, sizeof(own));
	write_next(s, own, false, out->next, sizeof(out->next));
	out->lines[0] = result->line;
	out->line_count = 1;
}

/* The next step of RULE alone. */
static void write_own_next(const struct speaker *s, const struct rule *rule, char *out, size_t out_size)
{
	const char *template = s->audience == FOR_SCREEN && rule->screen_next ? rule->screen_next : rule->next;
	bool leads = !rule->over_serial || facts_seen(s->pass, FACT_SERIAL_WAY);
	bool reported = !template || (rule->cure && leads && message_info(s->pass->what.id)->next &&
		is_supported(&s->pass->facts, rule, s->pass->facts.of[FACT_RESULT].line));

	out[0] = '\0';
	if (reported)
		reported_next(s, out, out_size);
	else
		sentence_append(s, out, out_size, template);
	sentence_finish(s, out, out_size);
}

static void write_finding(const struct speaker *s, const struct match *match, struct finding *out)
{
	const struct rule *rule = match->rule;
	char own[TEXT_SIZE];

	memset(out, 0, sizeof(*out));
	out->rule = rule->info.name;
	out->certainty = match->certainty;
	out->remark = s->pass->facts.end == END_SUCCESS;
	sentence_append(s, out->cause, sizeof(out->cause), rule->cause);
	write_own_next(s, rule, own, sizeof(own));
	write_next(s, own, rule->at_once || !(rule->ends & ~(unsigned)END_UNCERTAIN), out->next, sizeof(out->next));
	fill_lines(&s->pass->facts, rule, out);
}

size_t diagnosis_findings(struct diagnosis *d, enum audience audience, struct finding *out, size_t max)
{
	const struct speaker speaker = { &d->whole, audience };
	struct match matches[RULES_MAX];
	size_t count, used = 0;

	d->whole = d->pass;
	collect_end(&d->whole);
	count = match_rules(&d->whole.facts, matches);
	if (used < max && reported_is_first(&d->whole, matches, count))
		write_reported(&speaker, &out[used++]);
	for (size_t i = 0; i < count && used < max; i++)
		write_finding(&speaker, &matches[i], &out[used++]);
	return used;
}

void diagnosis_explain(struct diagnosis *d, enum audience audience, struct result *r)
{
	struct finding first;

	r->cause[0] = '\0';
	if (r->outcome == OUTCOME_SUCCESS || r->outcome == OUTCOME_READY) {
		if (!message_next(&r->what, audience, r->advice, sizeof(r->advice))[0])
			snprintf(r->advice, sizeof(r->advice), "%s", message_words_for(audience, r->outcome == OUTCOME_SUCCESS ?
				 N_("Nothing is left to do.") : N_("Nothing was changed.")));
	} else if (diagnosis_findings(d, audience, &first, 1) > 0) {
		memcpy(r->cause, first.cause, sizeof(r->cause));
		memcpy(r->advice, first.next, sizeof(r->advice));
	}
}

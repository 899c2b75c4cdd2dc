#include "config.h"

#include "diagnosis/diagnosis.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diagnosis/collect.h"
#include "diagnosis/rules.h"

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

static bool rests_on(const struct facts *f, const struct rule *rule, uint64_t line)
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
		if (rests_on(f, matches[i].rule, line))
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

/* --- sentences --- */

/* What stands for the SIZE bytes NAME; false when a fact in it was not seen. */
static bool expand(const struct facts *f, const char *name, size_t size,
		   char out[FACT_TEXT])
{
	const char *dots = memmem(name, size, "..", 2);
	bool counted = size > 0 && name[size - 1] == '#';
	enum fact_id id = fact_named(name, dots ? (size_t)(dots - name) : size - counted);
	enum fact_id until = dots ? fact_named(dots + 2, size - (size_t)(dots + 2 - name)) : id;
	const struct fact *fact;

	if (id == FACT_NONE || until == FACT_NONE || !f->of[id].count || !f->of[until].count)
		return false;
	fact = &f->of[id];
	if (dots)
		snprintf(out, FACT_TEXT, "%lld", (long long)(f->of[until].t_ms - fact->t_ms) / 1000);
	else if (counted)
		snprintf(out, FACT_TEXT, "%llu", (unsigned long long)fact->count);
	else if (fact->text[0])
		snprintf(out, FACT_TEXT, "%s", fact->text);
	else
		snprintf(out, FACT_TEXT, "%ld", fact->value);
	return true;
}

/* Skip the condition "fact?" at *FROM. False when it does not hold. */
static bool take_condition(const struct facts *f, const char **from, const char *end)
{
	size_t size = strspn(*from, "abcdefghijklmnopqrstuvwxyz-");
	enum fact_id id;

	if (*from + size >= end || (*from)[size] != '?')
		return true;
	id = fact_named(*from, size);
	*from += size + 1;
	return id != FACT_NONE && f->of[id].count > 0;
}

/* Append the part FROM..END of a sentence; false when a fact in it is missing. */
static bool append_part(const struct facts *f, char *out, size_t out_size,
			const char *from, const char *end)
{
	size_t used = strlen(out);

	while (from < end) {
		const char *brace = memchr(from, '{', (size_t)(end - from));
		const char *close = brace ? memchr(brace, '}', (size_t)(end - brace)) : NULL;
		const char *stop = close ? brace : end;
		char text[FACT_TEXT] = "";

		if (close && !expand(f, brace + 1, (size_t)(close - brace - 1), text))
			return false;
		used += (size_t)snprintf(out + used, out_size - used, "%.*s%s",
					 (int)(stop - from), from, text);
		if (used >= out_size)
			return true;
		from = close ? close + 1 : end;
	}
	return true;
}

/* TEMPLATE with the facts in it: diagnose_internal.h tells its marks. */
static void write_sentence(const struct facts *f, char *out, size_t out_size,
			   const char *template)
{
	const char *from = template;

	out[0] = '\0';
	while (*from) {
		const char *open = strchr(from, '[');
		const char *close = open ? strchr(open, ']') : NULL;
		size_t before;

		if (!close) {
			append_part(f, out, out_size, from, from + strlen(from));
			return;
		}
		append_part(f, out, out_size, from, open);
		before = strlen(out);
		from = open + 1;
		if (!take_condition(f, &from, close) ||
		    !append_part(f, out, out_size, from, close))
			out[before] = '\0';
		from = close + 1;
	}
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
	struct pass whole;	/* the same, and what only the whole tells */
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

void diagnosis_abandoned(struct diagnosis *d)
{
	d->pass.abandoned = true;
}

size_t diagnosis_findings(struct diagnosis *d, struct finding *out, size_t max)
{
	const struct facts *facts = &d->whole.facts;
	struct match matches[RULES_MAX];
	size_t count;

	d->whole = d->pass;
	collect_end(&d->whole);
	count = match_rules(facts, matches);
	if (count > max)
		count = max;
	for (size_t i = 0; i < count; i++) {
		const struct rule *rule = matches[i].rule;

		memset(&out[i], 0, sizeof(out[i]));
		out[i].rule = rule->info.name;
		out[i].certainty = matches[i].certainty;
		out[i].next = rule->next;
		write_sentence(facts, out[i].cause, sizeof(out[i].cause), rule->cause);
		fill_lines(facts, rule, &out[i]);
	}
	return count;
}

#include "config.h"

#include "ui/draw/page.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "ui/model/fleet.h"

static const struct question *question_of(const struct fleet *f, size_t at)
{
	return f->turns.of[at] == TURN_ASKS ? &f->views[at]->question : NULL;
}

static bool same_package(const struct question *a, const struct question *b)
{
	return a->route == b->route && a->size == b->size && !strcmp(a->package, b->package) &&
		!strcmp(a->sha256, b->sha256) && !strcmp(a->command, b->command);
}

static bool same_fact(const struct message *a, const struct message *b)
{
	char one[TEXT_SIZE], other[TEXT_SIZE];

	return a->id == b->id && !strcmp(message_text(a, FOR_SCREEN, one, sizeof(one)), message_text(b, FOR_SCREEN, other, sizeof(other)));
}

static bool has_fact(const struct question *q, const struct message *fact)
{
	for (size_t i = 0; i < q->fact_count; i++)
		if (same_fact(&q->facts[i], fact))
			return true;
	return false;
}

static bool all_have(const struct fleet *f, const struct message *fact)
{
	for (size_t i = 0; i < f->count; i++)
		if (question_of(f, i) && !has_fact(question_of(f, i), fact))
			return false;
	return true;
}

static bool one_package(const struct fleet *f, const struct question *first)
{
	for (size_t i = 0; i < f->count; i++)
		if (question_of(f, i) && !same_package(question_of(f, i), first))
			return false;
	return true;
}

/* What the preparation found: where ALL have it, or where not. */
static void add_facts(struct page *p, const struct fleet *f, const struct question *q, bool all)
{
	for (size_t i = 0; i < q->fact_count; i++)
		if (all_have(f, &q->facts[i]) == all)
			page_add_fact(p, &q->facts[i]);
}

static void add_module(struct page *p, const struct fleet *f, const struct question *q, bool package)
{
	page_add(p, ROLE_TITLE, "Module", "%s  %s  IMEI %s", q->module.port, q->module.model, q->module.imei);
	page_add(p, ROLE_TEXT, "", "%s -> %s", q->from, q->to[0] ? q->to : _("not known"));
	if (package)
		page_add_package(p, q);
	add_facts(p, f, q, false);
}

/* Those that are not asked about, and why. */
static void add_left_out(struct page *p, const struct fleet *f)
{
	for (size_t i = 0; i < f->count; i++)
		if (!question_of(f, i) && f->rows[i].ended)
			page_add(p, ROLE_DIM, "Not this", "%s: %s", f->rows[i].port, f->rows[i].what);
}

void page_fleet_question(struct page *p, const struct view *v)
{
	const struct fleet *f = v->fleet.rows;
	const struct question *first = NULL;
	size_t count = turns_in(&f->turns, TURN_ASKS);
	char text[128];
	bool one;

	p->title = N_(" Upgrade all? ");
	snprintf(text, sizeof(text), _("%zu of %zu modules. From here on each needs its power until it is back."), count,
		 f->count);
	page_add_after(p, ROLE_ALARM, "", text);
	page_gap(p);
	for (size_t i = f->count; i-- > 0;)
		first = question_of(f, i) ? question_of(f, i) : first;
	if (!first)
		return;
	one = one_package(f, first);
	for (size_t i = 0; i < f->count; i++)
		if (question_of(f, i))
			add_module(p, f, question_of(f, i), !one);
	add_left_out(p, f);
	page_gap(p);
	if (one)
		page_add_package(p, first);
	add_facts(p, f, first, true);
	snprintf(p->hint, sizeof(p->hint), _("Type yes to upgrade %zu of %zu modules, no to stop: "), count, f->count);
}

/* What a cancel, or leaving, does to those that run. */
void page_fleet_confirm(struct page *p, const struct view *v)
{
	static const char *const words[] = {
		[CANCEL_FREE] = N_("in which nothing was changed: cancelled"),
		[CANCEL_STOP] = N_("that the package is being sent to: stopped, still safe"),
		[CANCEL_DETACH] = N_("that go on by themselves: no longer watched, keep their power on"),
		[CANCEL_REFUSED] = N_("that install: this cannot be stopped, keep their power on"),
	};
	const bool word = v->confirm_cancel == CANCEL_REFUSED;
	size_t counts[CANCEL_REFUSED + 1];
	char text[32];

	fleet_cancels(v->fleet.rows, counts);
	p->title = v->confirm_leave ? N_(" Leave? ") : N_(" Cancel all? ");
	for (unsigned i = 0; i <= CANCEL_REFUSED; i++) {
		snprintf(text, sizeof(text), "%2zu  ", counts[i]);
		if (counts[i])
			page_add_after(p, i == CANCEL_REFUSED ? ROLE_ALARM : ROLE_TEXT, text, _(words[i]));
	}
	page_add(p, ROLE_TEXT, "", "None that waits for its turn is begun.");
	if (word)
		page_add(p, ROLE_TEXT, "", "The next start of dfota shows them, to keep watching.");
	snprintf(p->hint, sizeof(p->hint), "%s", word ? _("Type detach and Enter to leave all the same: ") :
		 v->confirm_leave ? _("y: cancel, then leave the program    any other key: go on") : _("y: cancel    any other key: go on"));
}

/* The row under the cursor, not cut. */
void page_fleet_whole(struct page *p, const struct view *v)
{
	const struct fleet_row *r = &v->fleet.rows->rows[v->fleet.rows->cursor];

	p->title = N_("Modules");
	page_add(p, ROLE_TITLE, "Port", "%s", r->port);
	page_add(p, ROLE_TEXT, "Module", "%s%s%s", r->model, r->imei[0] ? "  IMEI " : "", r->imei);
	page_add(p, ROLE_TEXT, "From", "%s", r->from);
	page_add(p, ROLE_TEXT, "To", "%s", r->to);
	if (r->begun)
		page_add(p, ROLE_TEXT, "Step", "%s", _(step_info(r->step)->label));
	if (r->ended) {
		page_add(p, ROLE_TEXT, "Outcome", "%s", _(outcome_info(r->outcome)->title));
		page_add(p, ROLE_TEXT, "What", "%s", r->what);
		page_add(p, ROLE_TITLE, "Next", "Enter shows its result");
	}
	snprintf(p->hint, sizeof(p->hint), "%s", _("arrows move, any other key: back"));
}

#include "config.h"

#include "ui/draw/page.h"

#include <stdio.h>
#include <string.h>

#include "base/words.h"
#include "protocol/codes.h"

static void add_code(struct page *p, const struct code *code)
{
	const struct code_info *x = codes_find(code->table, code->number, code->family);
	const char *about = "", *words;
	char meaning[128];

	for (size_t i = 0; codes_table(i); i++)
		if (!strcmp(codes_table(i)->name, code->table))
			about = codes_table(i)->about;
	words = x ? codes_meaning(meaning, sizeof(meaning), code->table, code->number, code->family) :
		code->meaning[0] ? code->meaning : _("not documented");
	if (code->family[0])
		page_add(p, ROLE_BAD, "Code", "%s %d: %s (document of the %s)", code->table, code->number, words, code->family);
	else
		page_add(p, ROLE_BAD, "Code", "%s %d: %s", code->table, code->number, words);
	page_add(p, ROLE_DIM, "", "%s", _(about));
}

static void add_settings(struct page *p, const struct settings *all)
{
	char words[TEXT_SIZE];
	struct message m;

	for (size_t i = 0; i < all->count; i++) {
		setting_message(&all->list[i], &m);
		page_add(p, ROLE_TEXT, i ? "" : N_("Settings"), "%s", message_text(&m, FOR_SCREEN, words, sizeof(words)));
	}
}

void page_result(struct page *p, const struct view *v)
{
	const struct result *r = &v->result;
	bool good = r->outcome == OUTCOME_SUCCESS || r->outcome == OUTCOME_READY;
	char words[TEXT_SIZE];

	p->title = good ? N_(" Done ") : N_(" Not done ");
	if (v->unseen)
		page_add_after(p, ROLE_TITLE, "", _("This ended while it was not watched here."));
	page_add(p, good ? ROLE_GOOD : ROLE_BAD, "Outcome", "%s: %s", outcome_info(r->outcome)->name,
		 _(outcome_info(r->outcome)->title));
	page_add(p, ROLE_TEXT, "What", "%s", message_text(&r->what, FOR_SCREEN, words, sizeof(words)));
	page_add(p, ROLE_TEXT, "Cause", "%s", findings_cause(&v->diagnosis, r));
	page_add(p, ROLE_TITLE, "Next", "%s", findings_next(&v->diagnosis, r));
	page_add(p, ROLE_TITLE, "Safe?", "%s", message_plain(result_safety(r), FOR_SCREEN, words, sizeof(words)));
	add_settings(p, &r->settings);
	page_gap(p);
	if (r->code.present)
		add_code(p, &r->code);
	if (!good)
		page_add(p, ROLE_TEXT, "Step", "%s", _(step_info(r->step)->label));
	page_add(p, ROLE_TEXT, "From", "%s", r->from);
	page_add(p, ROLE_TEXT, "To", "%s", r->to);
	page_add(p, ROLE_TEXT, "Now", "%s", r->now);
	page_add(p, ROLE_TEXT, "Record", "%s", r->record[0] ? r->record : v->record);
	snprintf(p->hint, sizeof(p->hint), "%s",
		 v->record[0] ? _("d: diagnosis  R: report  other: back") :
		 _("any key: back to the panes, where it stays readable"));
}

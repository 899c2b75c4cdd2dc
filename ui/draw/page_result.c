#include "config.h"

#include "ui/draw/page.h"

#include <stdio.h>
#include <string.h>

#include "protocol/codes.h"

/* What the result says wins; the table has words for the rest. */
static void add_code(struct page *p, const struct result *r)
{
	const struct code_info *x = NULL;
	const char *about = "";
	size_t i;

	if (r->code.present) {
		x = codes_find(r->code.table, r->code.number, r->code.family);
		for (i = 0; codes_table(i); i++)
			if (!strcmp(codes_table(i)->name, r->code.table))
				about = codes_table(i)->about;
		page_add(p, ROLE_BAD, "Code", "%s %d: %s%s%s%s", r->code.table, r->code.number,
			 r->code.meaning[0] ? r->code.meaning : x ? x->meaning : "not documented",
			 r->code.family[0] ? " (document of the " : "", r->code.family, r->code.family[0] ? ")" : "");
		page_add(p, ROLE_DIM, "", "%s", about);
	}
	page_add(p, ROLE_TEXT, "Cause", "%s", r->cause[0] ? r->cause : x ? x->cause : "");
	page_add(p, ROLE_TITLE, "Next", "%s", r->advice[0] ? r->advice : x ? x->next : "");
}

void page_result(struct page *p, const struct view *v)
{
	const struct result *r = &v->result;
	bool good = r->outcome == OUTCOME_SUCCESS || r->outcome == OUTCOME_READY;
	const char *likely = findings_likely(&v->diagnosis);
	char words[TEXT_SIZE];

	p->title = good ? " Done " : " Not done ";
	if (v->unseen)
		page_add_after(p, ROLE_TITLE, "", "This ended while the terminal was gone.");
	page_add(p, good ? ROLE_GOOD : ROLE_BAD, "Outcome", "%s: %s", outcome_info(r->outcome)->name,
		 outcome_info(r->outcome)->title);
	page_add(p, ROLE_TEXT, "What", "%s", message_text(&r->what, FOR_SCREEN, words, sizeof(words)));
	if (!good && likely)
		page_add(p, ROLE_TITLE, "Why", "most likely: %s (d shows why)", likely);
	add_code(p, r);
	page_add(p, ROLE_TITLE, "Safe?", "%s", r->safety);
	page_gap(p);
	if (!good)
		page_add(p, ROLE_TEXT, "Step", "%s", step_info(r->step)->label);
	page_add(p, ROLE_TEXT, "From", "%s", r->from);
	page_add(p, ROLE_TEXT, "To", "%s", r->to);
	page_add(p, ROLE_TEXT, "Now", "%s", r->now);
	page_add(p, ROLE_TEXT, "Record", "%s", r->record[0] ? r->record : v->record);
	page_add(p, ROLE_DIM, "Exit", "%d", r->exit_status);
	snprintf(p->hint, sizeof(p->hint), "%s",
		 v->record[0] ? "d: diagnosis  R: report  any other key: back" :
		 "any key: back to the panes, where it stays readable");
}

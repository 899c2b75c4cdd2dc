#include "config.h"

#include "ui/draw/page.h"

#include <stdio.h>
#include <string.h>

#include "base/words.h"


#define INDENT "   "

/* "  12.060 < +CSQ: 3,99": what does not fit goes on under the text. */
static void add_line(struct page *p, const char *line)
{
	size_t size = strspn(line, " ");
	char start[64];

	size += strspn(line + size, "0123456789.");
	if (strlen(line) > size + 3 && size < 40)
		size += 3;
	else
		size = 0;
	snprintf(start, sizeof(start), INDENT "%.*s", (int)size, line);
	page_add_after(p, ROLE_TEXT, start, line + size);
}

static void add_finding(struct page *p, const struct findings *d, size_t i)
{
	char text[TEXT_SIZE * 2], start[48];
	size_t line;

	snprintf(start, sizeof(start), "%zu. ", i + 1);
	snprintf(text, sizeof(text), "%s (%s)", d->findings[i].cause, _(d->findings[i].sure));
	page_add_after(p, ROLE_TITLE, start, text);
	snprintf(start, sizeof(start), INDENT "%s", _("next: "));
	page_add_after(p, ROLE_TEXT, start, d->findings[i].next);
	page_add_after(p, ROLE_DIM, INDENT, _("evidence:"));
	for (line = 0; line < d->findings[i].line_count; line++)
		add_line(p, d->findings[i].lines[line]);
	page_gap(p);
}

void page_diagnosis(struct page *p, const struct view *v)
{
	const struct findings *d = &v->diagnosis;
	size_t i;

	p->title = N_(" Diagnosis ");
	if (d->well && d->count) {
		page_add_after(p, ROLE_GOOD, "", _("It succeeded: there is no cause to look for. What was noticed on the way:"));
		page_gap(p);
	}
	for (i = 0; i < d->count; i++)
		add_finding(p, d, i);
	if (d->unread)
		page_add_after(p, ROLE_BAD, "", _("The record can't be read, so nothing is known from it."));
	else if (!d->count)
		page_add_after(p, ROLE_TEXT, "", _("No known cause of trouble fits this record."));
	page_add(p, ROLE_BUSY, d->unread ? N_("Why") : N_("But"), "%s", d->problem);
	if (d->growing)
		page_add(p, ROLE_DIM, "So far", "the record is still being written; press d to refresh");
	page_add(p, ROLE_DIM, "Record", "%s", d->record);
	snprintf(p->hint, sizeof(p->hint), "%s", _("arrows move  R: report  other: back"));
}

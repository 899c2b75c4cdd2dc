#include "config.h"

#include "ui/draw/page.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "ui/term/cells.h"

static void add_line(struct page *p, enum role role, const char *start, const char *text, size_t size)
{
	int row = p->count++ - p->from;

	if (row < 0 || row >= PAGE_ROWS)
		return;
	p->lines[row].role = role;
	snprintf(p->lines[row].text, PAGE_LINE_SIZE, "%s%.*s", start, (int)size, text);
}

/* START before the first line of TEXT, INDENT columns before the others. */
static void add_wrapped(struct page *p, enum role role, const char *start, int indent, const char *text)
{
	char safe[TEXT_SIZE * 4], blank[32];
	const char *next = safe;
	size_t size;

	snprintf(blank, sizeof(blank), "%*s", indent, "");
	text_safe_str(safe, sizeof(safe), text);
	do {
		text = next;
		size = cells_line(text, p->width - cells_width(start), &next);
		add_line(p, role, start, text, size);
		start = blank;
	} while (*next);
}

void page_add_after(struct page *p, enum role role, const char *start, const char *text)
{
	add_wrapped(p, role, start, cells_width(start), text);
}

void page_add(struct page *p, enum role role, const char *label, const char *format, ...)
{
	char text[TEXT_SIZE * 2], start[64];
	va_list args;
	int room;

	va_start(args, format);
	vsnprintf(text, sizeof(text), _(format), args);
	va_end(args);
	if (!text[0])
		return;
	room = PAGE_LABEL - cells_width(_(label));
	if (p->width >= PAGE_NARROW)
		snprintf(start, sizeof(start), "%s%*s", _(label), room > 0 ? room : 0, "");
	else if (*label)
		snprintf(start, sizeof(start), "%s%s", _(label), label[strlen(label) - 1] == '?' ? " " : _(": "));
	else
		snprintf(start, sizeof(start), "  ");
	add_wrapped(p, role, start, p->width >= PAGE_NARROW ? PAGE_LABEL : 2, text);
}

void page_gap(struct page *p)
{
	add_line(p, ROLE_TEXT, "", "", 0);
}

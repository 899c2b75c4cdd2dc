#include "config.h"

#include "ui/draw/page.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"
#include "ui/term/cells.h"

static void add_line(struct page *p, enum role role, const char *start, const char *text, size_t size)
{
	int row = p->count++ - p->from;

	if (row < 0 || row >= PAGE_ROWS)
		return;
	p->lines[row].role = role;
	snprintf(p->lines[row].text, PAGE_LINE_SIZE, "%s%.*s", start, (int)size, text);
}

void page_add_after(struct page *p, enum role role, const char *start, const char *text)
{
	char safe[TEXT_SIZE * 4], blank[32];
	const char *next = safe;
	size_t size;

	snprintf(blank, sizeof(blank), "%*s", cells_width(start), "");
	text_safe_str(safe, sizeof(safe), text);
	do {
		text = next;
		size = cells_line(text, p->width - cells_width(start), &next);
		add_line(p, role, start, text, size);
		start = blank;
	} while (*next);
}

void page_add(struct page *p, enum role role, const char *label, const char *format, ...)
{
	char text[TEXT_SIZE * 2], start[32];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	snprintf(start, sizeof(start), "%-*s", PAGE_LABEL, label);
	if (text[0])
		page_add_after(p, role, start, text);
}

void page_gap(struct page *p)
{
	add_line(p, ROLE_TEXT, "", "", 0);
}

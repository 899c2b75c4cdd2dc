/*
 * page.h - the lines of a page that covers the panes: added one after the
 * other and wrapped to its width. Only those from FROM on are kept, as many as
 * a screen can show, so a page may be of any length.
 *
 * Whatever is added is made safe (text.h): pages show what stands in records.
 * Pure: no curses.
 */
#ifndef DFOTA_PAGE_H
#define DFOTA_PAGE_H

#include <stddef.h>

#include "ui/model/view.h"
#include "ui/term/theme.h"

#define PAGE_ROWS 96
#define PAGE_WIDTH 100
#define PAGE_LINE_SIZE (PAGE_WIDTH * 4 + 1)	/* UTF-8 */
#define PAGE_LABEL 10	/* columns of a label */
#define PAGE_NARROW 46	/* a page of fewer columns has no room for such a margin */

struct page {
	const char *title;
	const char *warning;	/* between lines and hint, why a key did not count; NULL: none */
	char hint[320];		/* under the lines */
	int width;		/* columns of a line; set before lines are added */
	int from;		/* the first line that is kept; the same */
	int count;		/* lines added */
	int marked;		/* the one under the cursor of a list; 0: none */
	struct {
		enum role role;
		char text[PAGE_LINE_SIZE];
	} lines[PAGE_ROWS];	/* those from FROM on */
};

/* Add text; nothing when it is empty. LABEL stands before it. Both are translated here. */
void page_add(struct page *p, enum role role, const char *label, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Add TEXT with START before its first line, and the others under it. */
void page_add_after(struct page *p, enum role role, const char *start, const char *text);

void page_gap(struct page *p);

/* Of a question: what is sent and how it gets there; one thing that the preparation
 * found, a warning or a note. */
void page_add_package(struct page *p, const struct question *q);
void page_add_fact(struct page *p, const struct message *fact);

/* The pages that have a file of their own. */
void page_question(struct page *p, const struct view *v);
void page_result(struct page *p, const struct view *v);
void page_diagnosis(struct page *p, const struct view *v);
void page_report(struct page *p, const struct view *v);
void page_unfinished(struct page *p, const struct view *v);
void page_whole(struct page *p, const struct view *v);
void page_fleet_question(struct page *p, const struct view *v);
void page_fleet_confirm(struct page *p, const struct view *v);
void page_fleet_whole(struct page *p, const struct view *v);

#endif

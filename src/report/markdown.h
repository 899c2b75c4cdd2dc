/*
 * markdown.h - hostile text as Markdown that it cannot break out of.
 */
#ifndef DFOTA_REPORT_MARKDOWN_H
#define DFOTA_REPORT_MARKDOWN_H

#include <stdio.h>

/* TEXT, which is clean, in a line of Markdown: as it is, or as code where it
 * could be anything else. In a cell of a table too. */
void md_text(FILE *out, const char *text);

/* As code in any case; nothing for "". */
void md_code(FILE *out, const char *text);

/* LINES as a block that they cannot close. */
void md_fence(FILE *out, const char *lines);

#endif

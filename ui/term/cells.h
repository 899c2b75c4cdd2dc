/*
 * cells.h - how many columns a text takes on the screen, and where to cut it.
 *
 * Text is UTF-8 that was made safe (text.h); what is not is taken byte by
 * byte, so nothing here runs past the NUL. A letter that the locale cannot
 * show, or not in the width that text.h has for it, counts one column: the
 * screen shows a question mark there.
 * Pure but for the locale.
 */
#ifndef DFOTA_CELLS_H
#define DFOTA_CELLS_H

#include <stddef.h>
#include <wchar.h>

struct letter {
	wchar_t code;	/* L'?' when the locale cannot show it */
	size_t size;	/* bytes; 0 at the end of the text */
	int width;	/* columns: 0, 1 or 2 */
};

/* The first letter of TEXT. */
struct letter cells_letter(const char *text);

/* Bytes of the letter that ends right before TEXT[AT]; 0 at the start. */
size_t cells_before(const char *text, size_t at);

/* Write CODE as UTF-8 to OUT (room for 4 bytes). Returns its size, 0 for what
 * is no character. */
size_t cells_encode(char *out, int code);

/* Columns of the whole of TEXT. */
int cells_width(const char *text);

/* Bytes of the longest start of TEXT that takes at most WIDTH columns. */
size_t cells_fit(const char *text, int width);

/* One line of at most WIDTH columns, as text_line() has it. */
size_t cells_line(const char *text, int width, const char **next);

/* How many such lines TEXT makes. */
int cells_rows(const char *text, int width);

#endif

#include "config.h"

#include "ui/term/cells.h"

#include <string.h>

#include "base/text.h"

struct letter cells_letter(const char *text)
{
	struct letter l = { L'?', 1, 1 };
	uint32_t code;
	size_t size = text_decode(text, strnlen(text, 4), &code);

	if (!text[0])
		return (struct letter){ 0, 0, 0 };
	if (size == 0)
		return l;
	l.size = size;
	/* curses goes by the C library: what that takes for wider or narrower
	 * would shift the rest of the line */
	if (wcwidth((wchar_t)code) == text_width(code)) {
		l.code = (wchar_t)code;
		l.width = text_width(code);
	}
	return l;
}

size_t cells_before(const char *text, size_t at)
{
	size_t back;

	for (back = at < 4 ? at : 4; back > 1; back--)
		if (cells_letter(text + at - back).size == back)
			return back;
	return back;
}

size_t cells_encode(char *out, int code)
{
	return code > 0 ? text_encode(out, (uint32_t)code) : 0;
}

int cells_width(const char *text)
{
	struct letter l;
	int width = 0;

	for (; (l = cells_letter(text)).size; text += l.size)
		width += l.width;
	return width;
}

size_t cells_fit(const char *text, int width)
{
	struct letter l;
	size_t size = 0;

	for (; (l = cells_letter(text + size)).size; size += l.size) {
		width -= l.width;
		if (width < 0)
			break;
	}
	return size;
}

/* Columns of CODE as the screen shows it. */
static int shown_width(uint32_t code)
{
	return wcwidth((wchar_t)code) == text_width(code) ? text_width(code) : 1;
}

size_t cells_line(const char *text, int width, const char **next)
{
	return text_line(text, width, shown_width, next);
}

int cells_rows(const char *text, int width)
{
	int rows = 0;

	for (; *text; rows++)
		cells_line(text, width, &text);
	return rows;
}

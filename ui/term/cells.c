#include "config.h"

#include "ui/term/cells.h"

#include <stdbool.h>
#include <string.h>

#include "base/count.h"
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

/* Signs that begin no line, and such that end none. */
static bool holds_on(const char *text)
{
	static const char *const signs[] = {
		"\xe3\x80\x81", "\xe3\x80\x82", "\xef\xbc\x8c", "\xef\xbc\x9a", "\xef\xbc\x9b",	/* , . , : ; */
		"\xef\xbc\x81", "\xef\xbc\x9f", "\xef\xbc\x89", "\xe3\x80\x8d", "\xe2\x80\x9d",	/* ! ? ) ] " */
	};

	for (size_t i = 0; i < COUNT(signs); i++)
		if (strncmp(text, signs[i], 3) == 0)
			return true;
	return *text && strchr(",.;:!?)", *text);
}

static bool opens(const char *sign, size_t size)
{
	return size == 3 && (memcmp(sign, "\xef\xbc\x88", 3) == 0 || memcmp(sign, "\xe3\x80\x8c", 3) == 0 ||
			     memcmp(sign, "\xe2\x80\x9c", 3) == 0);	/* ( [ " */
}

/* Wide letters have no spaces between them: a line breaks before or after any,
 * but for signs that belong to what stands before or after them. */
static bool breaks(const char *text, size_t at)
{
	size_t before = cells_before(text, at);

	if (text[at - 1] == ' ')
		return true;
	return (cells_letter(text + at).width == 2 || cells_letter(text + at - before).width == 2) &&
	       cells_letter(text + at).width > 0 && !holds_on(text + at) && !opens(text + at - before, before);
}

size_t cells_line(const char *text, int width, const char **next)
{
	size_t size = cells_fit(text, width), cut = size;

	if (!text[0]) {
		*next = text;
		return 0;
	}
	if (size == 0)
		cut = cells_letter(text).size;
	else if (text[size] && text[size] != ' ')
		while (cut > 0 && !breaks(text, cut))
			cut -= cells_before(text, cut);
	if (cut == 0)
		cut = size;
	*next = text + cut;
	while (**next == ' ')
		(*next)++;
	while (cut > 1 && text[cut - 1] == ' ')
		cut--;
	return cut;
}

int cells_rows(const char *text, int width)
{
	int rows = 0;

	for (; *text; rows++)
		cells_line(text, width, &text);
	return rows;
}

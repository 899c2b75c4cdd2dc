#include "config.h"

#include "ui/term/cells.h"

#include <stdbool.h>

static bool is_tail(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* The code point of the SIZE bytes at TEXT; lead bytes as in RFC 3629. */
static wchar_t decode(const char *text, size_t size)
{
	static const unsigned char lead_bits[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	unsigned code = (unsigned char)text[0] & lead_bits[size];
	size_t i;

	for (i = 1; i < size; i++)
		code = code << 6 | ((unsigned char)text[i] & 0x3fU);
	return (wchar_t)code;
}

static size_t letter_size(const char *text)
{
	unsigned char lead = (unsigned char)text[0];
	size_t size = lead < 0xc2 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 1;
	size_t i;

	for (i = 1; i < size; i++)
		if (!is_tail(text[i]))
			return 1;
	return size;
}

struct letter cells_letter(const char *text)
{
	struct letter l = { L'?', 0, 1 };
	int width;

	if (!text[0])
		return (struct letter){ 0, 0, 0 };
	l.size = letter_size(text);
	if (l.size == 1) {
		if ((unsigned char)text[0] >= ' ' && (unsigned char)text[0] < 0x7f)
			l.code = (wchar_t)text[0];
		return l;
	}
	width = wcwidth(decode(text, l.size));
	if (width >= 0) {
		l.code = decode(text, l.size);
		l.width = width;
	}
	return l;
}

size_t cells_before(const char *text, size_t at)
{
	size_t back;

	for (back = at < 4 ? at : 4; back > 0; back--)
		if (letter_size(text + at - back) == back)
			return back;
	return 0;
}

size_t cells_encode(char *out, int code)
{
	unsigned c = (unsigned)code;

	if (code <= 0 || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return 0;
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
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
		while (cut > 0 && text[cut - 1] != ' ')
			cut--;
	if (cut == 0)
		cut = size;
	*next = text + cut;
	while (**next == ' ')
		(*next)++;
	while (cut > 1 && text[cut - 1] == ' ')
		cut--;
	return cut;
}

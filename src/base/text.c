#include "config.h"

#include "base/text.h"

#include <assert.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <unictype.h>
#include <unigbrk.h>
#include <unistr.h>
#include <uniwidth.h>

#include "base/count.h"

size_t text_decode(const char *in, size_t size, uint32_t *c)
{
	int used = size > 0 ? u8_mbtoucr(c, (const uint8_t *)in, size) : 0;

	return used > 0 ? (size_t)used : 0;
}

size_t text_encode(char out[4], uint32_t c)
{
	int used = u8_uctomb((uint8_t *)out, c, 4);

	return used > 0 ? (size_t)used : 0;
}

/* What shows nothing, changes the direction or the look of what follows, or
 * has no agreed look: also all beyond plane 3. */
static bool is_invisible(uint32_t c)
{
	return c > 0x3ffff || uc_is_property_default_ignorable_code_point(c) ||
	       uc_is_general_category_withtable(c, UC_CATEGORY_MASK_Cf | UC_CATEGORY_MASK_Zl |
						UC_CATEGORY_MASK_Zp | UC_CATEGORY_MASK_Co);
}

/* What takes no column of its own: combining marks and trailing Hangul jamo. */
static bool is_mark(uint32_t c)
{
	int part = uc_graphemeclusterbreak_property(c);

	return part == GBP_V || part == GBP_T ||
	       uc_is_general_category_withtable(c, UC_CATEGORY_MASK_Mn | UC_CATEGORY_MASK_Me);
}

int text_width(uint32_t c)
{
	int width = is_mark(c) ? 0 : uc_width(c, "UTF-8");

	return width < 0 ? 1 : width;
}

void text_end_whole(char *text)
{
	size_t size = strlen(text), at = size;
	uint32_t c;

	while (at > 0 && size - at < 3 && ((unsigned char)text[at - 1] & 0xc0) == 0x80)
		at--;
	if (at > 0 && (unsigned char)text[at - 1] >= 0xc0 && text_decode(text + at - 1, size - at + 1, &c) == 0)
		text[at - 1] = '\0';
}

static bool is_noncharacter(uint32_t c)
{
	return (c & 0xfffe) == 0xfffe || (c >= 0xfdd0 && c <= 0xfdef);
}

/* What one character turns into; the longest is four \xNN. */
struct piece {
	char text[20];
	size_t size;
};

static void put_bytes(struct piece *p, const char *in, size_t size)
{
	for (size_t i = 0; i < size; i++)
		p->size += (size_t)sprintf(p->text + p->size, "\\x%02x", (unsigned char)in[i]);
}

/* More marks than this on one base run into the lines above and below. */
#define MARKS_MAX 2

/* Make P of the character that begins at IN; returns how many bytes it is.
 * *MARKS is how many more combining marks may follow the one before. */
static size_t next_piece(struct piece *p, const char *in, size_t size,
			 int *marks)
{
	uint32_t c;
	size_t used;
	bool mark;

	if (*in >= 0x20 && *in < 0x7f) {	/* most there is: 2 ns instead of 40 */
		p->text[0] = *in;
		p->size = 1;
		*marks = MARKS_MAX;
		return 1;
	}
	used = text_decode(in, size, &c);
	p->size = 0;
	if (used == 0) {
		put_bytes(p, in, 1);
		*marks = 0;
		return 1;
	}
	mark = is_mark(c);
	if (c < 0xa0 || is_noncharacter(c)) {
		put_bytes(p, in, used);
		*marks = 0;
	} else if (is_invisible(c) || (mark && *marks == 0)) {
		p->size = (size_t)sprintf(p->text, "\\u{%04x}", (unsigned)c);
		*marks = 0;
	} else {
		memcpy(p->text, in, used);
		p->size = used;
		*marks = mark ? *marks - 1 : MARKS_MAX;
	}
	return used;
}

size_t text_safe(char *out, size_t out_size, const void *in, size_t size)
{
	static const char dots[] = "...";
	const char *bytes = in;
	size_t room = out_size - 1;
	size_t used = 0;
	size_t cut = 0;		/* the last place where the dots still fit */
	int marks = 0;
	struct piece p;

	assert(out_size > 0);
	for (size_t i = 0; i < size;) {
		i += next_piece(&p, bytes + i, size - i, &marks);
		if (p.size > room - used) {
			if (room < strlen(dots))
				break;
			memcpy(out + cut, dots, strlen(dots));
			used = cut + strlen(dots);
			break;
		}
		memcpy(out + used, p.text, p.size);
		used += p.size;
		if (room - used >= strlen(dots))
			cut = used;
	}
	out[used] = '\0';
	return used;
}

#define LINE_MAX_SIZE 4096

void text_print(FILE *out, const char *format, ...)
{
	char line[LINE_MAX_SIZE], safe[LINE_MAX_SIZE];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	text_safe_str(safe, sizeof(safe), line);
	fprintf(out, "%s\n", safe);
}

size_t text_safe_str(char *out, size_t out_size, const char *in)
{
	return text_safe(out, out_size, in, strlen(in));
}

char *text_count(char out[28], unsigned long long size)
{
	char reversed[28];
	size_t used = 0;
	size_t digits = 0;

	do {
		if (digits > 0 && digits % 3 == 0)
			reversed[used++] = ',';
		reversed[used++] = (char)('0' + size % 10);
		size /= 10;
		digits++;
	} while (size > 0);
	for (size_t i = 0; i < used; i++)
		out[i] = reversed[used - 1 - i];
	out[used] = '\0';
	return out;
}

/* --- lines --- */

/* The character of TEXT: its bytes, 0 at the end; what is no character is a byte of one column. */
static size_t take_letter(const char *text, int (*width)(uint32_t), int *columns)
{
	uint32_t c;
	size_t size = text_decode(text, strnlen(text, 4), &c);

	*columns = size ? width(c) : text[0] != '\0';
	return size ? size : text[0] != '\0';
}

int text_columns(const char *text)
{
	int columns, sum = 0;
	size_t size;

	for (; (size = take_letter(text, text_width, &columns)); text += size)
		sum += columns;
	return sum;
}

/* Signs that begin no line, and such that end none; TEXT is not at its end. */
static bool holds_on(const char *text)
{
	static const char *const signs[] = {
		"\xe3\x80\x81", "\xe3\x80\x82", "\xef\xbc\x8c", "\xef\xbc\x9a", "\xef\xbc\x9b",	/* , . , : ; */
		"\xef\xbc\x81", "\xef\xbc\x9f", "\xef\xbc\x89", "\xe3\x80\x8d", "\xe2\x80\x9d",	/* ! ? ) ] " */
	};

	for (size_t i = 0; i < COUNT(signs); i++)
		if (strncmp(text, signs[i], 3) == 0)
			return true;
	return strchr(",.;:!?)", *text);
}

static bool opens(const char *sign, size_t size)
{
	return size == 3 && (memcmp(sign, "\xef\xbc\x88", 3) == 0 || memcmp(sign, "\xe3\x80\x8c", 3) == 0 ||
			     memcmp(sign, "\xe2\x80\x9c", 3) == 0);	/* ( [ " */
}

/* Wide letters have no spaces between them: a line breaks before or after any,
 * but for signs that belong to what stands before or after them. The letter before
 * AT is BEFORE, of BEFORE_COLUMNS. */
static bool breaks(const char *at, const char *before, int before_columns)
{
	int columns;

	if (*before == ' ')
		return true;
	take_letter(at, text_width, &columns);
	return columns > 0 && (columns == 2 || before_columns == 2) && !holds_on(at) &&
	       !opens(before, (size_t)(at - before));
}

size_t text_line(const char *text, int width, int (*width_of)(uint32_t), const char **next)
{
	const char *at = text, *cut = NULL, *before = text;
	int columns, before_columns = 0;
	size_t size;

	while ((size = take_letter(at, width_of, &columns)) && width >= columns) {
		if (at > text && breaks(at, before, before_columns))
			cut = at;
		width -= columns;
		before = at;
		before_columns = columns;
		at += size;
	}
	if (at == text)	/* not one letter fits: it moves on all the same */
		cut = at + size;
	else if (!*at || *at == ' ' || breaks(at, before, before_columns) || !cut)
		cut = at;
	*next = cut + strspn(cut, " ");
	while (cut > text + 1 && cut[-1] == ' ')
		cut--;
	return (size_t)(cut - text);
}

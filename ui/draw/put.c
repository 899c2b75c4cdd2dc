#include "config.h"

#include "ui/draw/put.h"

#include <stdio.h>

#include "base/text.h"
#include "ui/term/cells.h"

const char *put_duration(int64_t ms, char out[32])
{
	long long s = ms < 0 ? 0 : ms / 1000;

	if (s < 3600)
		snprintf(out, 32, "%lld:%02lld", s / 60, s % 60);
	else
		snprintf(out, 32, "%lld:%02lld:%02lld", s / 3600, s / 60 % 60, s % 60);
	return out;
}

int put_wrapped(struct screen *s, const struct area *a, int row, enum role role, const char *text)
{
	char line[2048];
	const char *next;
	size_t size;

	for (; *text && row < a->h; text = next) {
		size = cells_line(text, a->w, &next);
		snprintf(line, sizeof(line), "%.*s", (int)size, text);
		screen_put(s, a, row++, 0, role, line);
	}
	if (*text && row > 0)
		screen_put(s, a, row - 1, a->w - 1, role, "~");
	return row;
}

void put_field(struct screen *s, const struct area *a, int row, int column, int width,
		    const struct field *f)
{
	struct area place = { a->y + row, a->x + column, 1, width };
	char before[FIELD_SIZE * 4], after[FIELD_SIZE * 4], *start = before;
	int used;

	if (f->secret) {
		/* Of fixed length: not even how long it is shows. */
		used = screen_put(s, &place, 0, 0, ROLE_TEXT, f->text[0] ? "******" : "");
		screen_cursor(s, &place, 0, used);
		return;
	}
	text_safe(before, sizeof(before), f->text, f->cursor);
	text_safe_str(after, sizeof(after), f->text + f->cursor);
	while (cells_width(start) >= width && *start)
		start += cells_letter(start).size;
	used = screen_put(s, &place, 0, 0, ROLE_TEXT, start);
	screen_put(s, &place, 0, used, ROLE_TEXT, after);
	if (start != before && width > 1)
		screen_put(s, &place, 0, 0, ROLE_TEXT, cells_letter(start).width == 2 ? "~ " : "~");
	screen_cursor(s, &place, 0, used);
}

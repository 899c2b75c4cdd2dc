#include "config.h"

#include "record/line_quick.h"

#include <stdint.h>
#include <string.h>

#include "protocol/line.h"

/* What is left of a line. */
struct rest {
	const char *at, *end;
};

static bool take_bytes(struct rest *r, const char *word, size_t size)
{
	if ((size_t)(r->end - r->at) < size || memcmp(r->at, word, size) != 0)
		return false;
	r->at += size;
	return true;
}

/* WORD is a literal: its strlen() was a fortieth of a report. */
#define take(r, word) take_bytes(r, word, sizeof(word) - 1)

/* Up to and with the quote that ends it: printable ASCII, which safe text is as it
 * stands, and of the escapes the two that our writer needs for it. */
static bool take_text(struct rest *r, char out[TEXT_SIZE])
{
	size_t used = 0;

	for (; r->at < r->end; r->at++) {
		char c = *r->at;

		if (c == '"') {
			r->at++;
			out[used] = '\0';
			return true;
		}
		if (c == '\\') {
			if (++r->at == r->end || (*r->at != '"' && *r->at != '\\'))
				return false;
			c = *r->at;
		}
		if (c < 0x20 || c > 0x7e || used == TEXT_SIZE - 1)
			return false;
		out[used++] = c;
	}
	return false;
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Pairs of hex digits, one at least, up to and with the quote. */
static bool take_hex(struct rest *r, unsigned char out[RAW_SIZE], uint16_t *size)
{
	for (*size = 0; *size < RAW_SIZE && r->end - r->at >= 2; r->at += 2, ++*size) {
		int high = hex_digit(r->at[0]), low = hex_digit(r->at[1]);

		if (high < 0 || low < 0)
			break;
		out[*size] = (unsigned char)(high << 4 | low);
	}
	return *size > 0 && take(r, "\"");
}

/* Seconds of up to 9 digits, of ms up to 3, as JSON has a number: no further zero in front. */
static bool take_time(struct rest *r, int64_t *ms)
{
	const char *begin = r->at, *point;
	int64_t value = 0;
	int places;

	for (; r->at < r->end && *r->at >= '0' && *r->at <= '9'; r->at++)
		if (r->at - begin < 9)
			value = value * 10 + (*r->at - '0');
	if (r->at == begin || r->at - begin > 9 || (*begin == '0' && r->at - begin > 1))
		return false;
	point = r->at;
	if (take(r, "."))
		for (; r->at < r->end && r->at - point <= 3 && *r->at >= '0' && *r->at <= '9'; r->at++)
			value = value * 10 + (*r->at - '0');
	places = r->at > point ? (int)(r->at - point) - 1 : 3;
	if (places == 0)
		return false;
	for (*ms = r->at > point ? value : value * 1000; places < 3; places++)
		*ms *= 10;
	return true;
}

/* Behind the text, in the order of our writer. */
static bool take_fields(struct rest *r, struct event *ev)
{
	ev->line.urc = take(r, ",\"urc\":true");
	ev->line.error = take(r, ",\"error\":true");
	if (take(r, ",\"raw\":\"")) {
		if (!take_hex(r, ev->line.raw, &ev->line.raw_size))
			return false;
	} else {
		size_t size = strlen(ev->line.text);

		ev->line.raw_size = (uint16_t)(size < RAW_SIZE ? size : RAW_SIZE);
		memcpy(ev->line.raw, ev->line.text, ev->line.raw_size);
	}
	return take(r, ",\"t\":") && take_time(r, &ev->t_ms) && take(r, "}") && r->at == r->end;
}

bool line_quick(const char *line, size_t size, struct event *ev)
{
	struct rest r = { line, line + size };

	if (!take(&r, "{\"type\":\"line\",\"dir\":\""))
		return false;
	ev->line.dir = take(&r, "rx") ? LINE_RX : LINE_TX;
	if (ev->line.dir == LINE_TX && !take(&r, "tx"))
		return false;
	if (!take(&r, "\",\"text\":\"") || !take_text(&r, ev->line.text) || !take_fields(&r, ev))
		return false;
	ev->type = EVENT_LINE;
	ev->line.dropped_before = 0;
	ev->line.meaning = (struct line_meaning){ .cme = -1 };
	if (ev->line.dir == LINE_RX)
		ev->line.meaning = line_parse((struct slice){ ev->line.text, strlen(ev->line.text) });
	return true;
}

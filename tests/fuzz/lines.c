/* The splitter and the fields of a line: any cut of the bytes gives the same lines,
 * those that a plain reading of the whole gives. */
#include "config.h"

#include "protocol/at.h"
#include "tests/fuzz/fuzz.h"

/* The next line of IN as a reader sees it who has all of it: up to CR or LF, without
 * NULs in front. False: none is complete. */
static bool plain_line(struct input *in, struct input *line)
{
	for (;;) {
		size_t n = 0;

		while (in->left > 0 && *in->at == '\0')
			take_byte(in);
		while (n < in->left && in->at[n] != '\r' && in->at[n] != '\n')
			n++;
		*line = (struct input){ in->at, n };
		if (n == in->left)
			return false;
		in->at += n + 1;
		in->left -= n + 1;
		if (n > 0)
			return true;
	}
}

/* WAY chooses how: as which answer, and which kinds of fields in turn. */
static void walk_fields(struct slice line, unsigned way)
{
	static const char *const prefixes[] = { "", "+CSQ:", "+QIND:" };
	struct at_fields f = at_fields(line, prefixes[way % 3]);
	struct slice text = { line.data, 0 };
	unsigned kind = way / 3 % 5;
	long number = 7;
	size_t count;
	bool got = true;

	for (count = 0; f.more && !f.bad && got; count++) {
		unsigned what = kind < 4 ? kind : (unsigned)count % 4;

		got = what == 0 ? at_field_any(&f, &text) : what == 1 ? at_field_string(&f, &text) :
		      what == 2 ? at_field_number(&f, -5, 70000, &number) : at_field_skip(&f);
		CLAIM(!got || (text.data >= line.data && text.data + text.size <= line.data + line.size));
		CLAIM(number >= -5 && number <= 70000);
	}
	CLAIM(count <= line.size + 1);
}

static void look_at(struct slice line, unsigned way)
{
	struct at_result result = at_classify(line);
	struct slice trimmed = slice_trim(line);
	char copy[64];

	CLAIM(result.cme >= -1 && result.cme <= 65535);
	CLAIM(result.class == AT_ERROR || (result.cme == -1 && result.text.size == 0));
	CLAIM(trimmed.size <= line.size);
	CLAIM(strlen(slice_copy(copy, sizeof(copy), line)) == (line.size < 63 ? line.size : 63));
	walk_fields(line, way);
}

/* A value that is put into a command adds no line and closes no quote. */
static void build(struct slice line)
{
	char value[256], out[512];
	struct err e;
	size_t quotes = 0;

	slice_copy(value, sizeof(value), line);
	if (at_build(out, sizeof(out), "AT+X=\"{v}\",{v}", (struct at_value[]){ { "v", value }, { NULL, NULL } }, &e) < 0)
		return;
	for (size_t i = 0; out[i] != '\0'; i++) {
		CLAIM(out[i] >= 0x20 && out[i] <= 0x7e && out[i] != '\\');
		quotes += out[i] == '"';
	}
	CLAIM(quotes == 2 && strlen(out) == strlen("AT+X=\"\",") + 2 * strlen(value));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size }, plain, line;
	struct at_splitter s;
	struct slice got;
	unsigned pieces = take_byte(&in), way = pieces;
	uint64_t dropped = 0;
	size_t used;

	at_splitter_init(&s);
	plain = in;
	while (in.left > 0) {
		/* two cuts that take turns */
		size_t piece = 1 + (pieces & 15) * 7, most = piece < in.left ? piece : in.left;

		pieces = pieces >> 4 | (pieces & 15) << 4;
		if (at_split(&s, in.at, most, &used, &got)) {
			CLAIM(plain_line(&plain, &line));
			CLAIM(got.size == (line.left < AT_LINE_MAX ? line.left : AT_LINE_MAX));
			CLAIM(memcmp(got.data, line.at, got.size) == 0);
			dropped += line.left - got.size;
			look_at(got, way++);
			build(got);
		} else {
			CLAIM(used == most);
		}
		CLAIM(used > 0 && used <= most);
		in.at += used;
		in.left -= used;
	}
	CLAIM(!plain_line(&plain, &line));
	CLAIM(at_pending(&s) == (line.left < AT_LINE_MAX ? line.left : AT_LINE_MAX));
	CLAIM(s.dropped == dropped + line.left - at_pending(&s));
	return 0;
}

#include "config.h"

#include "protocol/at.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

void at_splitter_init(struct at_splitter *s)
{
	s->size = 0;
	s->complete = false;
	s->dropped = 0;
}

size_t at_pending(const struct at_splitter *s)
{
	return s->complete ? 0 : s->size;
}

bool at_split(struct at_splitter *s, const void *bytes, size_t size,
	      size_t *used, struct slice *line)
{
	const char *in = bytes;

	if (s->complete) {
		s->size = 0;
		s->complete = false;
	}
	for (size_t i = 0; i < size; i++) {
		if (in[i] == '\0' && s->size == 0)
			continue;
		if (in[i] != '\r' && in[i] != '\n') {
			if (s->size < AT_LINE_MAX)
				s->line[s->size++] = in[i];
			else
				s->dropped++;
			continue;
		}
		if (s->size == 0)
			continue;
		s->complete = true;
		*used = i + 1;
		*line = (struct slice){ s->line, s->size };
		return true;
	}
	*used = size;
	return false;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

bool slice_is(struct slice line, const char *text)
{
	return slice_begins(line, text) && line.size == strlen(text);
}

bool slice_begins(struct slice line, const char *prefix)
{
	size_t i = 0;

	/* mostly the first bytes differ, and each line is looked up in tables of prefixes */
	while (prefix[i] && i < line.size && line.data[i] == prefix[i])
		i++;
	return prefix[i] == '\0';
}

struct slice slice_trim(struct slice line)
{
	while (line.size > 0 && is_blank(line.data[0])) {
		line.data++;
		line.size--;
	}
	while (line.size > 0 && is_blank(line.data[line.size - 1]))
		line.size--;
	return line;
}

static struct slice slice_from(struct slice line, size_t offset)
{
	return (struct slice){ line.data + offset, line.size - offset };
}

char *slice_copy(char *out, size_t out_size, struct slice line)
{
	assert(out_size > 0);
	size_t size = line.size < out_size ? line.size : out_size - 1;

	for (size_t i = 0; i < size; i++)
		out[i] = line.data[i] != '\0' ? line.data[i] : '?';
	out[size] = '\0';
	return out;
}

bool slice_number(struct slice s, long min, long max, long *value)
{
	long sum = 0;

	s = slice_trim(s);
	if (s.size == 0)
		return false;
	for (size_t i = 0; i < s.size; i++) {
		if (!at_is_digit(s.data[i]))
			return false;
		long digit = s.data[i] - '0';

		if (digit > max || sum > (max - digit) / 10)
			return false;
		sum = sum * 10 + digit;
	}
	if (sum < min)
		return false;
	*value = sum;
	return true;
}

/* Final results that stand alone on a line: 3GPP TS 27.007 and V.250 5.7.1. */
static const struct {
	const char *text;
	enum at_class class;
} finals[] = {
	{ "OK", AT_OK },
	{ "ERROR", AT_ERROR },
	{ "CONNECT", AT_CONNECT },
	{ "NO CARRIER", AT_NO_CARRIER },
	{ "BUSY", AT_NO_CARRIER },
	{ "NO ANSWER", AT_NO_CARRIER },
	{ "NO DIALTONE", AT_NO_CARRIER },
};

static const char *const error_prefixes[] = { "+CME ERROR", "+CMS ERROR" };

/* LINE ends in no blank. */
static bool is_connect_with_number(struct slice line)
{
	size_t i = strlen("CONNECT ");

	if (!slice_begins(line, "CONNECT "))
		return false;
	while (i < line.size && at_is_digit(line.data[i]))
		i++;
	return i == line.size;
}

/* The number whose words AT+CMEE=2 has the module print, in any case; -1. */
static int cme_of_words(struct slice words)
{
	const char *meaning;
	int number;

	for (size_t i = 0; at_cme_row(i, &number, &meaning); i++)
		if (words.size == strlen(meaning) && strncasecmp(words.data, meaning, words.size) == 0)
			return number;
	return -1;
}

struct at_result at_classify(struct slice line)
{
	struct at_result result = { .class = AT_INFO, .cme = -1 };
	long number;

	while (line.size > 0 && is_blank(line.data[line.size - 1]))
		line.size--;
	for (size_t i = 0; i < sizeof(finals) / sizeof(finals[0]); i++) {
		if (slice_is(line, finals[i].text)) {
			result.class = finals[i].class;
			return result;
		}
	}
	if (is_connect_with_number(line)) {
		result.class = AT_CONNECT;
		return result;
	}
	for (size_t i = 0; i < sizeof(error_prefixes) / sizeof(error_prefixes[0]); i++) {
		size_t size = strlen(error_prefixes[i]);

		if (!slice_begins(line, error_prefixes[i]) ||
		    (line.size > size && line.data[size] != ':'))
			continue;
		result.class = AT_ERROR;
		if (line.size > size)
			result.text = slice_trim(slice_from(line, size + 1));
		if (i > 0)	/* of the message service, with numbers and words of its own: 3GPP TS 27.005 */
			result.text = line;
		else if (slice_number(result.text, 0, 65535, &number))
			result.cme = (int)number;
		else
			result.cme = cme_of_words(result.text);
	}
	return result;
}

/* BG96 AT manual, table 10 (protocol.md 5.5), and BG96 FILE manual, table 1
 * (protocol.md 5.4). Ascending. */
static const struct {
	int number;
	const char *meaning;
} cme_table[] = {
	{ 0, "phone failure" },
	{ 1, "no connection to phone" },
	{ 2, "phone adaptor link reserved" },
	{ 3, "operation not allowed" },
	{ 4, "operation not supported" },
	{ 5, "PH-SIM PIN required" },
	{ 6, "PH-FSIM PIN required" },
	{ 7, "PH-FSIM PUK required" },
	{ 10, "SIM not inserted" },
	{ 11, "SIM PIN required" },
	{ 12, "SIM PUK required" },
	{ 13, "SIM failure" },
	{ 14, "SIM busy" },
	{ 15, "SIM wrong" },
	{ 16, "wrong password" },
	{ 17, "SIM PIN2 required" },
	{ 18, "SIM PUK2 required" },
	{ 20, "memory full" },
	{ 21, "invalid index" },
	{ 22, "not found" },
	{ 23, "memory failure" },
	{ 24, "text string too long" },
	{ 25, "invalid characters in text string" },
	{ 26, "dial string too long" },
	{ 27, "invalid characters in dial string" },
	{ 30, "no network service" },
	{ 31, "network time-out" },
	{ 32, "network not allowed, emergency calls only" },
	{ 40, "network personalization PIN required" },
	{ 41, "network personalization PUK required" },
	{ 42, "network subset personalization PIN required" },
	{ 43, "network subset personalization PUK required" },
	{ 44, "service provider personalization PIN required" },
	{ 45, "service provider personalization PUK required" },
	{ 46, "corporate personalization PIN required" },
	{ 47, "corporate personalization PUK required" },
	{ 400, "invalid input value" },
	{ 401, "larger than the size of the file" },
	{ 402, "read zero bytes" },
	{ 403, "drive full" },
	{ 405, "file not found" },
	{ 406, "invalid file name" },
	{ 407, "file already exists" },
	{ 409, "failed to write the file" },
	{ 410, "failed to open the file" },
	{ 411, "failed to read the file" },
	{ 413, "too many open files" },
	{ 414, "file is read-only" },
	{ 416, "invalid file handle" },
	{ 417, "failed to list files" },
	{ 418, "failed to delete the file" },
	{ 419, "failed to get the disk information" },
	{ 420, "no space" },
	{ 421, "time-out" },
	{ 423, "file too large" },
	{ 425, "invalid parameter" },
	{ 426, "file already open" },
};

const char *at_cme_meaning(int number)
{
	int row;
	const char *meaning;

	for (size_t i = 0; at_cme_row(i, &row, &meaning); i++) {
		if (row == number)
			return meaning;
	}
	return NULL;
}

bool at_cme_row(size_t index, int *number, const char **meaning)
{
	if (index >= sizeof(cme_table) / sizeof(cme_table[0]))
		return false;
	*number = cme_table[index].number;
	*meaning = cme_table[index].meaning;
	return true;
}

struct at_fields at_fields(struct slice line, const char *prefix)
{
	struct at_fields f = { NULL, NULL, false, false };
	size_t size = strlen(prefix);

	if (line.size < size || !slice_begins(line, prefix))
		return f;
	f.at = line.data + size;
	f.end = line.data + line.size;
	f.more = true;
	return f;
}

static bool next_field(struct at_fields *f, struct slice *field)
{
	bool quoted = false;

	if (f->bad || !f->more)
		return false;
	const char *p = f->at;

	while (p < f->end && (quoted || *p != ',')) {
		if (*p == '"')
			quoted = !quoted;
		p++;
	}
	*field = slice_trim((struct slice){ f->at, (size_t)(p - f->at) });
	f->bad = quoted;
	f->more = p < f->end;
	f->at = f->more ? p + 1 : p;
	return !f->bad;
}

/* Strip the quotes of "..." when nothing but that stands there. */
static bool unquote(struct slice field, struct slice *value)
{
	if (field.size < 2 || field.data[0] != '"' ||
	    field.data[field.size - 1] != '"' ||
	    memchr(field.data + 1, '"', field.size - 2) != NULL)
		return false;
	*value = (struct slice){ field.data + 1, field.size - 2 };
	return true;
}

bool at_field_number(struct at_fields *f, long min, long max, long *value)
{
	struct slice field;

	return next_field(f, &field) && slice_number(field, min, max, value);
}

bool at_field_string(struct at_fields *f, struct slice *value)
{
	struct slice field;

	return next_field(f, &field) && unquote(field, value);
}

bool at_field_any(struct at_fields *f, struct slice *value)
{
	struct slice field;

	if (!next_field(f, &field))
		return false;
	if (!unquote(field, value))
		*value = field;
	return true;
}

bool at_field_skip(struct at_fields *f)
{
	struct slice field;

	return next_field(f, &field);
}

static bool is_printable(char c)
{
	return c >= 0x20 && c <= 0x7e;
}

static int append(char *out, size_t out_size, size_t *used, char c,
		  struct err *e)
{
	if (*used + 1 >= out_size)
		return err_fail(e, MSG_AT_COMMAND_LONG, "most=%zu", out_size - 1);
	out[(*used)++] = c;
	return 0;
}

static const char *hex(char out[8], char c)
{
	snprintf(out, 8, "0x%02x", (unsigned)(unsigned char)c);
	return out;
}

/* Byte by byte, because a quote or a line end in a value would end the
 * parameter and begin another command. */
static int append_value(char *out, size_t out_size, size_t *used,
			const struct at_value *v, struct err *e)
{
	for (size_t i = 0; v->value[i] != '\0'; i++) {
		char c = v->value[i];

		if (!is_printable(c) || c == '"' || c == '\\')
			return err_fail(e, MSG_AT_VALUE_BYTE, "key=%s byte=%s position=%zu", v->key,
					hex((char[8]){0}, c), i + 1);
		if (append(out, out_size, used, c, e) < 0)
			return -1;
	}
	return 0;
}

/* The row of the {key} at TEXT, and in *END what follows it. */
static const struct at_value *find_value(const struct at_value *values,
					 const char *text, const char **end)
{
	const char *close = strchr(text, '}');

	if (close == NULL)
		return NULL;
	struct slice key = { text + 1, (size_t)(close - text) - 1 };

	*end = close + 1;
	for (; values->key != NULL; values++) {
		if (slice_is(key, values->key))
			return values;
	}
	return NULL;
}

static int build(char *out, size_t out_size, const char *template,
		 const struct at_value *values, struct err *e)
{
	size_t used = 0;
	const char *p = template;

	while (*p != '\0') {
		if (*p == '{') {
			const struct at_value *v = find_value(values, p, &p);

			if (v == NULL)
				return err_fail(e, MSG_AT_TEMPLATE_KEY, "template=%s", template);
			if (append_value(out, out_size, &used, v, e) < 0)
				return -1;
			continue;
		}
		if (!is_printable(*p))
			return err_fail(e, MSG_AT_TEMPLATE_BYTE, "byte=%s position=%zu",
					hex((char[8]){0}, *p), (size_t)(p - template) + 1);
		if (append(out, out_size, &used, *p++, e) < 0)
			return -1;
	}
	out[used] = '\0';
	return 0;
}

int at_build(char *out, size_t out_size, const char *template,
	     const struct at_value *values, struct err *e)
{
	assert(out_size > 0);
	if (build(out, out_size, template, values, e) < 0) {
		out[0] = '\0';	/* half a command must not reach a module */
		return -1;
	}
	return 0;
}

#include "config.h"

#include "record/line_class.h"

#include <assert.h>
#include <errno.h>
#include <jansson.h>
#include <stddef.h>
#include <string.h>

#include "record/event_json.h"
#include "record/json_fields.h"

static_assert(EVENT_COUNT < CLASS_TYPE, "a class byte holds any type");
#define CLASS(type) ((unsigned char)((type) + 1))

/* Take WORD off the end of the SIZE bytes at LINE, which begins as a line of ours
 * and with that alone is longer than any such word. */
static bool take_back_bytes(const char *line, size_t *size, const char *word, size_t length)
{
	assert(*size >= length);
	if (memcmp(line + *size - length, word, length) != 0)
		return false;
	*size -= length;
	return true;
}

/* WORD is a literal: its strlen() was two fifths of what it takes to open a record. */
#define take_back(line, size, word) take_back_bytes(line, size, word, sizeof(word) - 1)

/* Take `,"t":12.345}` off the end, as our own writer puts it there. */
static bool take_time(const char *line, size_t *size, int64_t *t_ms)
{
	size_t end = *size - 1, at = end, point = end;
	int64_t ms = 0;

	if (line[end] != '}')
		return false;
	/* what a line begins with ends it */
	while ((line[at - 1] >= '0' && line[at - 1] <= '9') || line[at - 1] == '.')
		if (line[--at] == '.')
			point = at;
	if (point == at || point - at > 9 || (point < end && (end - point == 1 || end - point > 4)))
		return false;
	for (size_t i = at; i < end; i++)
		if (i != point && line[i] == '.')
			return false;
		else if (i != point)
			ms = ms * 10 + (line[i] - '0');
	for (size_t digits = point < end ? end - point - 1 : 0; digits < 3; digits++)
		ms *= 10;
	*t_ms = ms;
	*size = at;
	return take_back(line, size, ",\"t\":");
}

/* Take `,"raw":"0d0a"` off the end. */
static void take_raw(const char *line, size_t *size)
{
	size_t at = *size;

	if (!take_back(line, &at, "\""))
		return;
	while ((line[at - 1] >= '0' && line[at - 1] <= '9') || (line[at - 1] >= 'a' && line[at - 1] <= 'f'))
		at--;
	if (take_back(line, &at, ",\"raw\":\""))
		*size = at;
}

/* Is what stands from AT to END the rest of one string? */
static bool ends_text(const char *at, const char *end)
{
	const char *quote;

	while (at < end && (quote = memchr(at, '"', (size_t)(end - at))) != NULL) {
		size_t slashes = 0;

		while (quote - slashes > at && quote[-1 - (ptrdiff_t)slashes] == '\\')
			slashes++;
		if (slashes % 2 == 0)
			return quote + 1 == end;
		at = quote + 1;
	}
	return false;
}

/* The kinds that a long record is made of, when their lines look just as our
 * own writer makes them: known without parsing them. */
static bool class_by_form(const char *line, size_t size, struct line_info *info)
{
#define BEGIN(text) text, sizeof(text) - 1
	static const struct {
		const char *begin;
		size_t size;
		unsigned char class;
	} usual[] = {
		{ BEGIN("{\"type\":\"line\",\"dir\":\"rx\",\"text\":\""), CLASS(EVENT_LINE) },
		{ BEGIN("{\"type\":\"line\",\"dir\":\"tx\",\"text\":\""), CLASS(EVENT_LINE) },
		{ BEGIN("{\"type\":\"progress\",\"step\":\""), CLASS(EVENT_PROGRESS) },
		{ BEGIN("{\"type\":\"data\",\"offset\":"), CLASS(EVENT_DATA) },
		{ BEGIN("{\"type\":\"notice\",\"severity\":\"info\",\"text\":\""), CLASS(EVENT_NOTICE) },
		{ BEGIN("{\"type\":\"notice\",\"severity\":\"warning\",\"text\":\""), CLASS(EVENT_NOTICE) | CLASS_ERROR },
	};
#undef BEGIN
	const size_t count = sizeof(usual) / sizeof(usual[0]);
	size_t i = 0;

	while (i < count && (size < usual[i].size || memcmp(line, usual[i].begin, usual[i].size) != 0))
		i++;
	if (i == count || !take_time(line, &size, &info->t_ms))
		return false;
	info->timed = true;
	info->class = usual[i].class;
	if (usual[i].class != CLASS(EVENT_LINE))
		return true;
	take_raw(line, &size);
	if (take_back(line, &size, ",\"error\":true"))
		info->class |= CLASS_ERROR;
	if (take_back(line, &size, ",\"urc\":true"))
		info->class |= CLASS_URC;
	return ends_text(line + usual[i].size, line + size);
}

static bool says(const json_t *o, const char *key, const char *word)
{
	const char *text = json_string_value(json_object_get(o, key));

	return text && strcmp(text, word) == 0;
}

/* Is that an error or a warning? */
static bool is_error(int type, const json_t *o)
{
	if (type == EVENT_LINE)
		return json_is_true(json_object_get(o, "error"));
	if (type == EVENT_NOTICE)
		return !says(o, "severity", "info");
	return type == EVENT_RESULT &&
	       !says(o, "outcome", outcome_info(OUTCOME_SUCCESS)->name) &&
	       !says(o, "outcome", outcome_info(OUTCOME_READY)->name);
}

/* What any line may say. */
struct common {
	int64_t t_ms;
	int pid;
};

static const struct field common_fields[] = {
	{ .key = "t", .kind = FIELD_SECONDS, FIELD(struct common, t_ms), .none = -1 },
	{ .key = "pid", .kind = FIELD_INT, FIELD(struct common, pid) },
};

/* NULL: no JSON, or with *NO_MEMORY nobody knows (json_error_code() does not always say it). */
static json_t *parse(const char *line, size_t size, bool *no_memory)
{
	json_t *o;

	errno = 0;
	o = json_loadb(line, size, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
	*no_memory = !o && errno == ENOMEM;
	return o;
}

static void class_by_parsing(const char *line, size_t size, struct line_info *info)
{
	json_t *o = parse(line, size, &info->no_memory);
	const json_t *name = json_object_get(o, "type");
	int type = field_named(name, event_name);
	struct common common = {0};

	info->parsed = true;
	info->bad = !json_is_string(name);
	if (type >= 0 && line_class_recorded(type)) {
		info->class = CLASS(type);
		if (is_error(type, o))
			info->class |= CLASS_ERROR;
		if (type == EVENT_LINE && json_is_true(json_object_get(o, "urc")))
			info->class |= CLASS_URC;
	}
	if (!info->bad) {
		fields_get(o, common_fields, sizeof(common_fields) / sizeof(common_fields[0]), &common);
		info->timed = common.t_ms >= 0;
		info->t_ms = common.t_ms;
	}
	if (type == EVENT_START || type == EVENT_RESUMED)
		info->pid = common.pid;
	json_decref(o);
}

bool line_class_recorded(int type)
{
	return type != EVENT_PORT && type != EVENT_RECORD && type != EVENT_BEGIN && type != EVENT_CHECKS;
}

struct line_info line_info_of(const char *line, uint64_t size)
{
	struct line_info info = {0};

	if (size == 0)
		return info;
	if (size > RECORD_LINE_MAX || !strchr("{ \t\r", line[0]) || !line[0]) {
		info.bad = true;
	} else if (!class_by_form(line, (size_t)size, &info)) {
		info = (struct line_info){0};
		class_by_parsing(line, (size_t)size, &info);
	}
	return info;
}

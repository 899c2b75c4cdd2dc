#include "config.h"

#include "record/line_class.h"

#include <assert.h>
#include <jansson.h>
#include <stddef.h>
#include <string.h>

#include "record/event_json.h"
#include "record/json_fields.h"

static const struct {
	const char *name;	/* NULL: that of the event */
	enum event_type type;
} kinds[] = {
	[RECORD_NOTHING] = { .name = "" },
	[RECORD_HEADER] = { .name = "header" },
	[RECORD_INTENT] = { .name = "intent" },
	[RECORD_RESUMED] = { .name = "resumed" },
	[RECORD_CLOSED] = { .name = "closed" },
	[RECORD_SHOWN] = { .name = "shown" },
	[RECORD_GAP] = { .name = "gap" },
	[RECORD_STEP] = { .type = EVENT_STEP },
	[RECORD_IDENTITY] = { .type = EVENT_IDENTITY },
	[RECORD_PROGRESS] = { .type = EVENT_PROGRESS },
	[RECORD_NOTICE] = { .type = EVENT_NOTICE },
	[RECORD_LINE] = { .type = EVENT_LINE },
	[RECORD_QUESTION] = { .type = EVENT_QUESTION },
	[RECORD_ANSWER] = { .type = EVENT_ANSWER },
	[RECORD_PACKAGE] = { .type = EVENT_PACKAGE },
	[RECORD_DATA] = { .type = EVENT_DATA },
	[RECORD_RESULT] = { .type = EVENT_RESULT },
};
static_assert(sizeof(kinds) / sizeof(kinds[0]) == RECORD_KINDS, "a row a kind");

const char *record_kind_name(int kind)
{
	if (kind < 0 || kind >= RECORD_KINDS)
		return NULL;
	return kinds[kind].name ? kinds[kind].name : event_name((int)kinds[kind].type);
}

bool record_kind_type(enum record_kind kind, enum event_type *type)
{
	*type = kinds[kind].type;
	return !kinds[kind].name;
}

/* Take WORD off the end of the SIZE bytes at LINE. */
static bool take_back(const char *line, size_t *size, const char *word)
{
	size_t length = strlen(word);

	if (*size < length || memcmp(line + *size - length, word, length) != 0)
		return false;
	*size -= length;
	return true;
}

/* Take `,"t":12.345}` off the end, as our own writer puts it there. */
static bool take_time(const char *line, size_t *size, int64_t *t_ms)
{
	size_t end = *size - 1, at = end, point = end;
	int64_t ms = 0;

	if (*size < 2 || line[end] != '}')
		return false;
	while (at > 0 && ((line[at - 1] >= '0' && line[at - 1] <= '9') || line[at - 1] == '.'))
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
	while (at > 0 && ((line[at - 1] >= '0' && line[at - 1] <= '9') ||
			  (line[at - 1] >= 'a' && line[at - 1] <= 'f')))
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
	static const struct {
		const char *begin;
		unsigned char class;
	} usual[] = {
		{ "{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"", RECORD_LINE },
		{ "{\"type\":\"line\",\"dir\":\"tx\",\"text\":\"", RECORD_LINE },
		{ "{\"type\":\"progress\",\"step\":\"", RECORD_PROGRESS },
		{ "{\"type\":\"data\",\"offset\":", RECORD_DATA },
		{ "{\"type\":\"notice\",\"severity\":\"info\",\"text\":\"", RECORD_NOTICE },
		{ "{\"type\":\"notice\",\"severity\":\"warning\",\"text\":\"", RECORD_NOTICE | CLASS_ERROR },
	};
	const size_t count = sizeof(usual) / sizeof(usual[0]);
	size_t i = 0;

	while (i < count && (size < strlen(usual[i].begin) ||
			     memcmp(line, usual[i].begin, strlen(usual[i].begin)) != 0))
		i++;
	if (i == count || !take_time(line, &size, &info->t_ms))
		return false;
	info->timed = true;
	info->class = usual[i].class;
	if (usual[i].class != RECORD_LINE)
		return true;
	take_raw(line, &size);
	if (take_back(line, &size, ",\"error\":true"))
		info->class |= CLASS_ERROR;
	if (take_back(line, &size, ",\"urc\":true"))
		info->class |= CLASS_URC;
	return ends_text(line + strlen(usual[i].begin), line + size);
}

static bool says(const json_t *o, const char *key, const char *word)
{
	const char *text = json_string_value(json_object_get(o, key));

	return text && strcmp(text, word) == 0;
}

/* Is that an error or a warning? */
static bool is_error(enum record_kind kind, const json_t *o)
{
	if (kind == RECORD_LINE)
		return json_is_true(json_object_get(o, "error"));
	if (kind == RECORD_NOTICE)
		return !says(o, "severity", "info");
	return kind == RECORD_RESULT &&
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

static void class_by_parsing(const char *line, size_t size, struct line_info *info)
{
	json_t *o = json_loadb(line, size, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
	const json_t *type = json_object_get(o, "type");
	int kind = field_named(type, record_kind_name);
	struct common common = {0};

	info->parsed = true;
	info->bad = !json_is_string(type);
	if (kind > RECORD_NOTHING) {
		info->class = (unsigned char)kind;
		if (is_error((enum record_kind)kind, o))
			info->class |= CLASS_ERROR;
		if (kind == RECORD_LINE && json_is_true(json_object_get(o, "urc")))
			info->class |= CLASS_URC;
	}
	if (!info->bad) {
		fields_get(o, common_fields, sizeof(common_fields) / sizeof(common_fields[0]), &common);
		info->timed = common.t_ms >= 0;
		info->t_ms = common.t_ms;
	}
	if (kind == RECORD_HEADER || kind == RECORD_RESUMED)
		info->pid = common.pid;
	json_decref(o);
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

#include "config.h"

#include "record/json_fields.h"

#include <assert.h>
#include <limits.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"

/* Room for a text of ours that is no UTF-8 and has to be made safe again. */
#define SAFE_SIZE 4096

/* No time of ours is beyond a hundred years; a double holds it exactly. */
#define MS_MAX (100LL * 366 * 86400 * 1000)

static const void *member(const struct field *f, const void *base)
{
	return (const char *)base + f->offset;
}

static json_t *text_value(const char *text)
{
	json_t *value = json_string(text);
	char safe[SAFE_SIZE];

	/* Words cut by snprintf() may end within a letter. */
	if (!value && text_safe_str(safe, sizeof(safe), text) > 0)
		value = json_string(safe);
	return value;
}

/* Limits are whole seconds and look so; a time always has its point. */
static json_t *seconds_value(const struct field *f, int64_t ms)
{
	return f->rule == FIELD_SOME && ms % 1000 == 0 ? json_integer(ms / 1000) :
		json_real((double)ms / 1000);
}

static json_t *when_value(int64_t when_s)
{
	char text[CLOCK_UTC_SIZE] = "";

	return json_string(when_s ? clock_utc(text, when_s) : text);
}

/* A bool is an enum of two. */
static int name_index(const struct field *f, const void *base)
{
	int value;

	if (f->size == sizeof(bool))
		return *(const bool *)member(f, base);
	assert(f->size == sizeof(value));
	memcpy(&value, member(f, base), sizeof(value));
	return value;
}

static bool is_none(const struct field *f, const void *base)
{
	const void *at = member(f, base);

	switch (f->kind) {
	case FIELD_TEXT:
		return *(const char *)at == '\0';
	case FIELD_COUNT:
		return *(const uint64_t *)at == 0;
	case FIELD_INT:
		return *(const int *)at == f->none;
	case FIELD_FLAG:
		return !*(const bool *)at;
	case FIELD_REAL:
		return !(*(const double *)at > (double)f->none);
	case FIELD_SECONDS:
		return *(const int64_t *)at == f->none;
	case FIELD_WHEN:
		return *(const int64_t *)at == 0;
	case FIELD_NAME:
	case FIELD_OWN:		/* never here: it has functions of its own */
		;
	}
	assert(f->kind == FIELD_NAME);
	return name_index(f, base) == f->none;
}

static json_t *value_of(const struct field *f, const void *base)
{
	const void *at = member(f, base);

	switch (f->kind) {
	case FIELD_TEXT:
		return text_value(at);
	case FIELD_COUNT:
		return json_integer(*(const uint64_t *)at < INT64_MAX ?
				    (json_int_t)*(const uint64_t *)at : INT64_MAX);
	case FIELD_INT:
		return json_integer(*(const int *)at);
	case FIELD_FLAG:
		return json_boolean(*(const bool *)at);
	case FIELD_REAL:
		return json_real(*(const double *)at);
	case FIELD_SECONDS:
		return seconds_value(f, *(const int64_t *)at);
	case FIELD_WHEN:
		return when_value(*(const int64_t *)at);
	case FIELD_NAME:
	case FIELD_OWN:
		;
	}
	assert(f->kind == FIELD_NAME);
	return json_string(f->name(name_index(f, base)));
}

int fields_put(json_t *o, const struct field *fields, size_t count, const void *base)
{
	for (const struct field *f = fields; f < fields + count; f++) {
		bool none = f->kind != FIELD_OWN && is_none(f, base);
		int r;

		if (f->rule == FIELD_SOME && none)
			continue;
		if (f->kind == FIELD_OWN)
			r = f->put(o, base);
		else
			r = json_object_set_new(o, f->key, f->rule == FIELD_OR_NULL && none ?
						json_null() : value_of(f, base));
		if (r < 0)
			return -1;
	}
	return 0;
}

int field_named(const json_t *value, const char *(*name)(int value))
{
	const char *text = json_string_value(value);
	const char *known;

	for (int i = 0; text && (known = name(i)); i++)
		if (strlen(known) == json_string_length(value) && !strcmp(known, text))
			return i;
	return -1;
}

/* VALUE times SCALE within the limits of F; NONE when it is no number. */
static double number(const struct field *f, const json_t *value, double scale, int64_t most)
{
	double low = (double)f->min;
	double high = (double)(f->min || f->max ? f->max : most);
	double x = json_number_value(value) * scale;

	if (!json_is_number(value))
		return (double)f->none;
	return x > high ? high : x > low ? x : low;
}

static uint64_t count_of(const json_t *value)
{
	double x = json_real_value(value);

	if (json_is_integer(value))
		return json_integer_value(value) > 0 ? (uint64_t)json_integer_value(value) : 0;
	return x >= 0 && x < (double)INT64_MAX ? (uint64_t)x : 0;
}

static bool get_name(const struct field *f, const json_t *value, void *at)
{
	int found = field_named(value, f->name);

	if (found < 0 && f->rule == FIELD_NEEDED)
		return false;
	if (found < 0 && f->rule == FIELD_LATER)
		return true;
	if (found < 0)
		found = (int)f->none;
	if (f->size == sizeof(bool))
		*(bool *)at = found != 0;
	else
		memcpy(at, &found, sizeof(found));
	return true;
}

static bool get(const struct field *f, const json_t *value, void *at)
{
	switch (f->kind) {
	case FIELD_TEXT:
		if (json_is_string(value))
			text_safe(at, f->size, json_string_value(value), json_string_length(value));
		return json_is_string(value) || f->rule != FIELD_NEEDED;
	case FIELD_COUNT:
		*(uint64_t *)at = count_of(value);
		return true;
	case FIELD_INT:
		*(int *)at = (int)number(f, value, 1, INT_MAX);
		return json_is_number(value) || f->rule != FIELD_NEEDED;
	case FIELD_FLAG:
		*(bool *)at = json_is_true(value);
		return true;
	case FIELD_REAL:
		*(double *)at = number(f, value, 1, INT64_MAX);
		return true;
	case FIELD_SECONDS:
		*(int64_t *)at = json_is_number(value) ?
			(int64_t)(number(f, value, 1000, MS_MAX) + 0.5) : f->none;
		return true;
	case FIELD_WHEN:
		if (!json_is_string(value) || !clock_utc_parse(json_string_value(value), at))
			*(int64_t *)at = 0;
		return true;
	case FIELD_NAME:
	case FIELD_OWN:
		;
	}
	assert(f->kind == FIELD_NAME);
	return get_name(f, value, at);
}

bool fields_get(const json_t *o, const struct field *fields, size_t count, void *base)
{
	for (const struct field *f = fields; f < fields + count; f++) {
		if (f->kind == FIELD_OWN) {
			if (!f->get(o, base))
				return false;
		} else if (!get(f, json_object_get(o, f->key), (char *)base + f->offset)) {
			return false;
		}
	}
	return true;
}

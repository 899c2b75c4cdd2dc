#include "config.h"

#include "record/setting_json.h"

#include "base/count.h"
#include "base/limits.h"
#include "record/json_fields.h"

#define TEXT(k, r, m) { .key = k, .kind = FIELD_TEXT, .rule = r, FIELD(struct setting, m) }

static const struct field fields[] = {
	TEXT("command", FIELD_NEEDED, command),
	TEXT("before", FIELD_ALWAYS, before),
	TEXT("undo", FIELD_ALWAYS, undo),
	{ .key = "state", .kind = FIELD_NAME, .rule = FIELD_NEEDED, FIELD(struct setting, state), .name = setting_state_name },
};

int setting_put(json_t *o, const struct setting *s)
{
	char text[2 * TEXT_SIZE];
	struct message said;

	setting_message(s, &said);
	return fields_put(o, fields, COUNT(fields), s) | json_object_set_new(o, "stored", json_true()) |
	       json_object_set_new(o, "text", json_string(message_text(&said, FOR_RECORD, text, sizeof(text))));
}

bool setting_get(const json_t *o, struct setting *s)
{
	*s = (struct setting){ .state = SETTING_PLANNED };
	return fields_get(o, fields, COUNT(fields), s);
}

static json_t *object_of(const struct setting *s)
{
	json_t *o = json_object();

	if (o && setting_put(o, s) == 0)
		return o;
	json_decref(o);
	return NULL;
}

int settings_put(json_t *o, const struct settings *all)
{
	json_t *array = json_array();

	for (size_t i = 0; array && i < all->count; i++)
		if (json_array_append_new(array, object_of(&all->list[i])) < 0) {
			json_decref(array);
			return -1;
		}
	return json_object_set_new(o, "settings", array);
}

void settings_get(const json_t *o, struct settings *all)
{
	const json_t *array = json_object_get(o, "settings");
	struct setting s;

	all->count = 0;
	for (size_t i = 0; i < json_array_size(array); i++)
		if (setting_get(json_array_get(array, i), &s))
			settings_take(all, &s);
}

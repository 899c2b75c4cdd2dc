#include "config.h"

#include "record/message_json.h"

#include <stdio.h>
#include <stdlib.h>

/* A number that is not known is not written: it would be read as 0. */
static int put_value(json_t *args, const struct message_arg *arg, const char *value)
{
	char name[64];
	json_t *json;

	if (arg->type != MESSAGE_TEXT && value[0] == '\0')
		return 0;
	json = arg->type == MESSAGE_TEXT ? json_string(value) :
		json_integer((json_int_t)strtoll(value, NULL, 10));
	snprintf(name, sizeof(name), "%.*s", (int)arg->name_size, arg->name);
	return json_object_set_new(args, name, json);
}

/* Set "id" and "args" of ID, whose values begin at AT of M. */
static int put_one(json_t *o, const struct message *m, enum message_id id, size_t at)
{
	json_t *args = json_object();
	struct message_arg arg;
	int result = 0;

	for (size_t i = 0; args && message_arg(id, i, &arg); i++)
		result |= put_value(args, &arg, message_value_at(m, at, i));
	result |= json_object_set_new(o, "id", json_string(message_info(id)->name));
	result |= json_object_set_new(o, "args", args);
	return result ? -1 : 0;
}

static const char *const role_keys[] = {
	[MESSAGE_DOING] = "doing",
	[MESSAGE_THEN] = "then",
};
#define ROLES (sizeof(role_keys) / sizeof(role_keys[0]))

static int put_parts(json_t *o, const struct message *m, enum message_role role)
{
	json_t *list = NULL;
	int result = 0;

	for (size_t i = 0; i < m->part_count; i++) {
		json_t *part;

		if (m->parts[i].role != role)
			continue;
		part = json_object();
		if (!list)
			list = json_array();
		result |= !part ? -1 : put_one(part, m, m->parts[i].id, m->parts[i].at);
		result |= json_array_append_new(list, part);
		if (result)
			break;
	}
	return !list ? result : json_object_set_new(o, role_keys[role], list) | result;
}

int message_put(json_t *o, const struct message *m)
{
	int result;

	if (m->id == MSG_NONE || m->id == MSG_SAID)
		return 0;
	result = put_one(o, m, m->id, 0);
	for (size_t role = 0; role < ROLES; role++)
		result |= put_parts(o, m, (enum message_role)role);
	return result ? -1 : 0;
}

static enum message_id get_id(const json_t *o)
{
	const char *name = json_string_value(json_object_get(o, "id"));

	return name ? message_named(name) : MSG_NONE;
}

/* A value for each argument of ID, in the order of its row. */
static void get_values(const json_t *o, struct message *m, enum message_id id)
{
	const json_t *args = json_object_get(o, "args");
	struct message_arg arg;

	for (size_t i = 0; message_arg(id, i, &arg); i++) {
		char name[64], number[32] = "";
		const json_t *value;

		snprintf(name, sizeof(name), "%.*s", (int)arg.name_size, arg.name);
		value = json_object_get(args, name);
		if (json_is_integer(value))
			snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(value));
		message_value(m, arg.type != MESSAGE_TEXT ? number :
			      json_is_string(value) ? json_string_value(value) : "");
	}
}

bool message_get(const json_t *o, struct message *m)
{
	enum message_id id = get_id(o);

	message_begin(m, id);
	if (id == MSG_NONE)
		return false;
	get_values(o, m, id);
	for (size_t role = 0; role < ROLES; role++) {
		const json_t *list = json_object_get(o, role_keys[role]);

		for (size_t i = 0; i < json_array_size(list); i++) {
			const json_t *part = json_array_get(list, i);
			enum message_id its = get_id(part);

			if (its != MSG_NONE && message_part(m, its, (enum message_role)role))
				get_values(part, m, its);
		}
	}
	return true;
}

#include "config.h"

#include "base/message.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/words.h"

#define ERROR(c) .severity = SEVERITY_ERROR, .code = ERR_##c
#define NOTICE(s) .severity = SEVERITY_##s
#define MESSAGE(id, its_name, kind, its_args, ...) \
	[MSG_##id] = { .name = its_name, kind, .args = its_args, __VA_ARGS__ },
static const struct message_info infos[] = {
	[MSG_NONE] = { .name = "none", .args = "", .words = "" },
#include "base/count.h"
#include "base/messages/all.def"
};
static_assert(COUNT(infos) == MSG_COUNT, "every message has a row");

const struct message_info *message_info(enum message_id id)
{
	assert((unsigned)id < MSG_COUNT);
	return &infos[id];
}

enum message_id message_named(const char *name)
{
	for (int id = MSG_NONE + 1; id < MSG_COUNT; id++)
		if (strcmp(infos[id].name, name) == 0)
			return (enum message_id)id;
	return MSG_NONE;
}

/* --- arguments --- */

static enum message_type type_named(const char *name, size_t size)
{
	static const char *const names[] = {
		[MESSAGE_TEXT] = "text",
		[MESSAGE_NUMBER] = "number",
		[MESSAGE_BYTES] = "bytes",
		[MESSAGE_ERRNO] = "errno",
	};
	size_t i;

	for (i = 0; i < COUNT(names); i++)
		if (strlen(names[i]) == size && memcmp(names[i], name, size) == 0)
			break;
	assert(i < COUNT(names));
	return (enum message_type)i;
}

bool message_arg(enum message_id id, size_t index, struct message_arg *out)
{
	const char *at = message_info(id)->args;

	for (; *at; index--) {
		size_t size = strcspn(at, " "), name = strcspn(at, ":");

		if (index == 0) {
			*out = (struct message_arg){ at, name, type_named(at + name + 1, size - name - 1) };
			return true;
		}
		at += size + (at[size] == ' ');
	}
	return false;
}

/* Which argument of ID has the SIZE bytes of NAME; -1: none. */
static int index_of(enum message_id id, const char *name, size_t size, struct message_arg *out)
{
	for (int i = 0; message_arg(id, (size_t)i, out); i++)
		if (out->name_size == size && memcmp(out->name, name, size) == 0)
			return i;
	return -1;
}

void message_begin(struct message *m, enum message_id id)
{
	m->id = id;
	m->used = 0;
	m->part_count = 0;
	m->values[0] = '\0';
}

bool message_part(struct message *m, enum message_id id, enum message_role role)
{
	if (m->part_count == MESSAGE_PARTS)
		return false;
	m->parts[m->part_count++] = (struct message_part){ id, role, m->used };
	return true;
}

void message_value(struct message *m, const char *value)
{
	size_t room = sizeof(m->values) - m->used;

	if (room > 1)
		m->used = (uint16_t)(m->used + text_safe_str(m->values + m->used, room, value) + 1);
}

const char *message_value_at(const struct message *m, size_t at, size_t index)
{
	while (at < m->used && index-- > 0)
		at += strlen(m->values + at) + 1;
	return at < m->used ? m->values + at : "";
}

const char *message_text_of(const struct message *m, const char *name)
{
	struct message_arg arg;
	int index = index_of(m->id, name, strlen(name), &arg);

	return index < 0 ? "" : message_value_at(m, 0, (size_t)index);
}

bool message_is(const struct message *a, const struct message *b)
{
	struct message_arg arg;

	if (a->id != b->id)
		return false;
	for (size_t i = 0; message_arg(a->id, i, &arg); i++)
		if (strcmp(message_value_at(a, 0, i), message_value_at(b, 0, i)) != 0)
			return false;
	return true;
}

/* --- from a format --- */

/* An integer that stands for a number, by the length and sign of its conversion. */
static void take_integer(char out[32], const char *length, size_t length_size, bool is_signed,
			 va_list *args)
{
	unsigned long long u;
	long long s;

	if (length_size == 2)
		s = va_arg(*args, long long), u = (unsigned long long)s;
	else if (length_size == 1 && *length == 'z')
		u = va_arg(*args, size_t), s = (long long)u;
	else if (length_size == 1)
		s = va_arg(*args, long), u = (unsigned long)s;
	else
		s = va_arg(*args, int), u = (unsigned)s;
	if (is_signed)
		snprintf(out, 32, "%lld", s);
	else
		snprintf(out, 32, "%llu", u);
}

/* Take the value for the conversion behind the '%' at AT. Returns what is behind it. */
static const char *take_value(struct message *m, const char *at, va_list *args)
{
	char text[MESSAGE_VALUES_SIZE] = "";
	const char *length;

	if (strncmp(at, ".*s", 3) == 0) {
		int size = va_arg(*args, int);

		snprintf(text, sizeof(text), "%.*s", size, va_arg(*args, const char *));
		message_value(m, text);
		return at + 3;
	}
	length = at;
	at += strspn(at, "lz");
	if (*at == 's') {
		const char *value = va_arg(*args, const char *);

		message_value(m, value ? value : "");
	} else if (*at == 'c') {
		text[0] = (char)va_arg(*args, int);
		message_value(m, text);
	} else {
		assert(*at == 'd' || *at == 'u');
		take_integer(text, length, (size_t)(at - length), *at == 'd', args);
		message_value(m, text);
	}
	return at + 1;
}

/* One value for each argument of ID. */
static void take_values(struct message *m, enum message_id id, const char *format, va_list *args)
{
	struct message_arg arg;

	for (size_t i = 0; message_arg(id, i, &arg); i++) {
		const char *percent = strchr(format, '%');

		if (percent)
			format = take_value(m, percent + 1, args);
		else
			message_value(m, "");
	}
}

void message_setv(struct message *m, enum message_id id, const char *format, va_list args)
{
	struct message made;	/* values may point into M */
	va_list copy;

	message_begin(&made, id);
	va_copy(copy, args);
	take_values(&made, id, format, &copy);
	va_end(copy);
	*m = made;
}

void message_set(struct message *m, enum message_id id, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	message_setv(m, id, format, args);
	va_end(args);
}

void message_set_errno(struct message *m, int error_number)
{
	struct message_arg arg, last = { .type = MESSAGE_TEXT };
	char text[16];

	for (size_t i = 0; message_arg(m->id, i, &arg); i++)
		last = arg;
	if (last.type != MESSAGE_ERRNO || m->used == 0 || m->values[m->used - 1] != '\0')
		return;
	m->used--;	/* the empty value that stands there */
	snprintf(text, sizeof(text), "%d", error_number);
	message_value(m, text);
}

static void add_part(struct message *m, enum message_id id, enum message_role role,
		     const char *format, va_list args)
{
	va_list copy;

	va_copy(copy, args);
	if (message_part(m, id, role))
		take_values(m, id, format, &copy);
	va_end(copy);
}

void message_doingv(struct message *m, enum message_id id, const char *format, va_list args)
{
	add_part(m, id, MESSAGE_DOING, format, args);
}

void message_doing(struct message *m, enum message_id id, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	message_doingv(m, id, format, args);
	va_end(args);
}

void message_thenv(struct message *m, enum message_id id, const char *format, va_list args)
{
	add_part(m, id, MESSAGE_THEN, format, args);
}

void message_then(struct message *m, enum message_id id, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	message_thenv(m, id, format, args);
	va_end(args);
}

/* --- words --- */

/* Words in the making. */
struct writer {
	char *out;
	size_t size, used;
	const struct message *m;
	enum message_id id;	/* whose words */
	size_t at;		/* its values in M */
	enum audience audience;
};

static void put(struct writer *w, const char *text, size_t size)
{
	size_t room = w->size - 1 - w->used;

	if (size > room)	/* at a whole character */
		for (size = room; size > 0 && ((unsigned char)text[size] & 0xc0) == 0x80; size--)
			;
	memcpy(w->out + w->used, text, size);
	w->used += size;
	w->out[w->used] = '\0';
}

/* Write the argument of SIZE bytes NAME. False when it is empty or 0. */
static bool put_argument(struct writer *w, const char *name, size_t size)
{
	struct message_arg arg;
	int index = index_of(w->id, name, size, &arg);
	const char *value;
	char text[128] = "";

	if (index < 0)
		return false;
	value = message_value_at(w->m, w->at, (size_t)index);
	if (arg.type == MESSAGE_BYTES) {
		text_count(text, strtoull(value, NULL, 10));
	} else if (arg.type == MESSAGE_ERRNO) {
		snprintf(text, sizeof(text), "%s", w->audience == FOR_RECORD ?
			 words_of_errno(atoi(value)) : strerror(atoi(value)));
	}
	put(w, text[0] ? text : value, strlen(text[0] ? text : value));
	return *value && !(arg.type != MESSAGE_TEXT && strcmp(value, "0") == 0);
}

/* Skip "name?" at *FROM; false when that argument is empty or 0. */
static bool take_condition(struct writer *w, const char **from, const char *end)
{
	size_t size = strspn(*from, "abcdefghijklmnopqrstuvwxyz0123456789_"), before = w->used;
	bool there;

	if (*from + size >= end || (*from)[size] != '?')
		return true;
	there = put_argument(w, *from, size);
	w->used = before;
	*from += size + 1;
	return there;
}

/* Write FROM..END with its arguments. False when one of them is empty or 0. */
static bool put_piece(struct writer *w, const char *from, const char *end)
{
	bool full = true;

	while (from < end) {
		size_t plain = 0;
		const char *close;

		while (from + plain < end && from[plain] != '{')
			plain++;
		put(w, from, plain);
		from += plain;
		if (from == end)
			break;
		if (from[1] == '{') {
			put(w, "{", 1);
			from += 2;
			continue;
		}
		close = memchr(from, '}', (size_t)(end - from));
		assert(close);
		full &= put_argument(w, from + 1, (size_t)(close - from - 1));
		from = close + 1;
	}
	return full;
}

/* Write TEMPLATE: pieces, and options in [ ]. */
static void put_words(struct writer *w, const char *template)
{
	while (*template) {
		size_t plain = strcspn(template, "[");
		const char *close;
		size_t before;

		put_piece(w, template, template + plain);
		template += plain;
		if (!*template)
			break;
		if (template[1] == '[') {
			put(w, "[", 1);
			template += 2;
			continue;
		}
		close = strchr(template, ']');
		assert(close);
		before = w->used;
		template++;
		if (!take_condition(w, &template, close) || !put_piece(w, template, close))
			w->used = before;
		w->out[w->used] = '\0';
		template = close + 1;
	}
}

const char *message_words_for(enum audience audience, const char *template)
{
	return audience == FOR_RECORD ? template : _(template);
}

/* Write what stands between two sentences. */
static void put_sign(struct writer *w, const char *sign)
{
	sign = message_words_for(w->audience, sign);
	put(w, sign, strlen(sign));
}

static void put_message(struct writer *w, enum message_id id, size_t at)
{
	const struct message_info *info = message_info(id);

	w->id = id;
	w->at = at;
	put_words(w, message_words_for(w->audience, w->audience == FOR_SCREEN && info->screen ?
				       info->screen : info->words));
}

char *message_text(const struct message *m, enum audience audience, char *out, size_t out_size)
{
	struct writer w = { .out = out, .size = out_size, .m = m, .audience = audience };

	out[0] = '\0';
	for (size_t i = m->part_count; i-- > 0;)
		if (m->parts[i].role == MESSAGE_DOING) {
			put_message(&w, m->parts[i].id, m->parts[i].at);
			put_sign(&w, N_(": "));
		}
	put_message(&w, m->id, 0);
	for (size_t i = 0; i < m->part_count; i++)
		if (m->parts[i].role == MESSAGE_THEN) {
			put_sign(&w, N_("; "));
			put_message(&w, m->parts[i].id, m->parts[i].at);
		}
	return out;
}

char *message_plain(enum message_id id, enum audience audience, char *out, size_t out_size)
{
	struct message m;

	message_begin(&m, id);
	return message_text(&m, audience, out, out_size);
}

char *message_next(const struct message *m, enum audience audience, char *out, size_t out_size)
{
	const struct message_info *info = message_info(m->id);
	const char *next = audience == FOR_SCREEN && info->screen_next ? info->screen_next : info->next;
	struct writer w = { .out = out, .size = out_size, .m = m, .id = m->id, .audience = audience };

	out[0] = '\0';
	if (next)
		put_words(&w, message_words_for(audience, next));
	return out;
}

char *message_advice(const struct message *m, enum audience audience, char *out, size_t out_size)
{
	const char *stop = message_words_for(audience, N_(". "));
	size_t used = strlen(message_text(m, audience, out, out_size)), size = strlen(stop);

	if (used > 0 && used + size + 1 < out_size && message_info(m->id)->next) {
		memcpy(out + used, stop, size + 1);
		message_next(m, audience, out + used + size, out_size - used - size);
	}
	return out;
}

#include "config.h"

#include "record/first_format.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/count.h"

/* Where a sentence stands in another. */
enum place {
	ALONE,
	BEFORE,		/* "WHAT: ...": what was being done */
	AFTER,		/* "...; WHAT": what follows */
};

/* {name} stands for the argument of that name, {} for what is not kept. */
static const struct sentence {
	enum place place;
	const char *words;
	enum message_id id;
} sentences[] = {
	/* records */
	{ ALONE, "opening the directory {directory}: {error}", MSG_RECORD_DIRECTORY_UNREADABLE },
	{ ALONE, "another program is writing the record {record}", MSG_RECORD_IN_USE },
	{ ALONE, "writing the record {record}: no memory for a line", MSG_RECORD_LINE_LOST },
	{ ALONE, "writing the record {record}: {error}", MSG_RECORD_NOT_WRITTEN },
	{ ALONE, "making the record {record} durable: another file took its place", MSG_RECORD_DISPLACED },
	{ ALONE, "making the record {record} durable: the disk failed before", MSG_RECORD_DISK_DOUBTFUL },
	{ ALONE, "making the record {record} durable: {error}", MSG_RECORD_NOT_DURABLE },
	/* upgrade */
	{ ALONE, "the port has gone; waiting for the module to come back", MSG_PORT_GONE_WAITING },
	{ ALONE, "the port is back", MSG_PORT_BACK },
	{ ALONE, "the module is back as {port}", MSG_PORT_BACK_AS },
	/* packages */
	{ ALONE, "{path} is empty: copy the package anew", MSG_PACKAGE_EMPTY },
	{ ALONE, "{path} has {size} bytes; a DFOTA package for this module has at most {most}", MSG_PACKAGE_LARGE },
	{ ALONE, "{package} changed while it was being read", MSG_PACKAGE_CHANGED_READ },
	{ ALONE, "{package} changed while it was being sent", MSG_PACKAGE_CHANGED_SENT },
	{ ALONE, "{package} has {size} bytes, its manifest says {manifest}: one of the two is another package's", MSG_PACKAGE_SIZE_DIFFERS },
	{ ALONE, "{package} has the SHA-256 {sha256}, its manifest says {manifest}: the package is damaged or another one", MSG_PACKAGE_DIGEST_DIFFERS },
};

/* --- a sentence and its values --- */

#define VALUES_MAX 12

struct value {
	const char *name;	/* "" of {} */
	size_t name_size;
	const char *text;
	size_t size;
};

/* Hold TEXT of SIZE bytes against WORDS: a value ends where the words after it
 * begin, the last one where they fit to the end. Returns how many VALUES there
 * are, -1 when it does not fit. */
static int fit(const char *words, const char *text, size_t size, struct value *values)
{
	const char *end = text + size;
	size_t plain = strcspn(words, "{");
	int count = 0;

	if (plain > size || memcmp(words, text, plain) != 0)
		return -1;
	text += plain;
	words += plain;
	while (*words) {
		size_t name_size = strcspn(words, "}") - 1;
		const char *next = words + name_size + 2, *found;

		plain = strcspn(next, "{");
		if (next[plain])
			found = memmem(text, (size_t)(end - text), next, plain);
		else
			found = (size_t)(end - text) >= plain && memcmp(end - plain, next, plain) == 0 ? end - plain : NULL;
		if (!found || count == VALUES_MAX)
			return -1;
		values[count++] = (struct value){ words + 1, name_size, text, (size_t)(found - text) };
		text = found + plain;
		words = next + plain;
	}
	return text == end ? count : -1;
}

static bool is_number(const char *text)
{
	size_t digits = strspn(text + (*text == '-'), "0123456789");

	return digits > 0 && text[digits + (*text == '-')] == '\0';
}

/* OUT becomes the number of an error in the system's words. */
static bool find_errno(char out[MESSAGE_VALUES_SIZE])
{
	for (int number = 1; number < 134; number++) {
		char reason[128];

		if (strcmp(strerror_r(number, reason, sizeof(reason)), out) != 0)
			continue;
		snprintf(out, MESSAGE_VALUES_SIZE, "%d", number);
		return true;
	}
	return false;
}

/* "307,200" */
static void drop_commas(char *text)
{
	char *to = text;

	for (; *text; text++)
		if (*text != ',')
			*to++ = *text;
	*to = '\0';
}

/* The value of ARG among VALUES, "" when it is not there. False when it cannot be one. */
static bool value_of(const struct message_arg *arg, const struct value *values, int count,
		     char out[MESSAGE_VALUES_SIZE])
{
	int i = 0;

	out[0] = '\0';
	while (i < count && (values[i].name_size != arg->name_size ||
			     memcmp(values[i].name, arg->name, arg->name_size) != 0))
		i++;
	if (i == count)
		return true;
	snprintf(out, MESSAGE_VALUES_SIZE, "%.*s", (int)values[i].size, values[i].text);
	if (arg->type == MESSAGE_ERRNO)
		return find_errno(out);
	if (arg->type == MESSAGE_BYTES)
		drop_commas(out);
	return arg->type == MESSAGE_TEXT || is_number(out);
}

/* --- a message and its parts --- */

static bool begin(struct message *m, enum message_id id, enum place place)
{
	if (place == ALONE)
		message_begin(m, id);
	return place == ALONE || message_part(m, id, place == BEFORE ? MESSAGE_DOING : MESSAGE_THEN);
}

/* Make M the sentence S, or add it, with VALUES. False, and M is as it was, when
 * they do not fit. */
static bool make(struct message *m, const struct sentence *s, const struct value *values, int count)
{
	struct message made = *m;
	bool good = begin(&made, s->id, s->place);
	char value[MESSAGE_VALUES_SIZE];
	struct message_arg arg;

	for (size_t i = 0; good && message_arg(s->id, i, &arg); i++) {
		good = value_of(&arg, values, count, value);
		message_value(&made, value);
	}
	if (good)
		*m = made;
	return good;
}

/* Add the sentence of PLACE that TEXT is to M. */
static bool add(struct message *m, enum place place, const char *text, size_t size)
{
	for (size_t row = 0; row < COUNT(sentences); row++) {
		const struct sentence *s = &sentences[row];
		struct value values[VALUES_MAX];
		int count = s->place == place ? fit(s->words, text, size, values) : -1;

		if (count >= 0 && make(m, s, values, count))
			return true;
	}
	return false;
}

/* Fill M from TEXT: a sentence, or one with what follows after its last "; ",
 * or one with what was being done before its first ": ". */
static bool read_sentence(struct message *m, const char *text, size_t size, int parts)
{
	if (add(m, ALONE, text, size))
		return true;
	for (size_t at = size; parts > 0 && at-- > 1;) {
		struct message then = *m;

		if (memcmp(text + at - 1, "; ", 2) == 0 && at + 1 <= size &&
		    add(&then, AFTER, text + at + 1, size - at - 1))
			return read_sentence(m, text, at - 1, parts - 1) &&
			       add(m, AFTER, text + at + 1, size - at - 1);
	}
	for (size_t at = 0; parts > 0 && at + 2 < size; at++) {
		struct message doing = *m;

		if (memcmp(text + at, ": ", 2) == 0 && add(&doing, BEFORE, text, at))
			return read_sentence(m, text + at + 2, size - at - 2, parts - 1) &&
			       add(m, BEFORE, text, at);
	}
	return false;
}

bool first_format_message(const char *text, struct message *m)
{
	bool known;

	message_begin(m, MSG_NONE);
	known = read_sentence(m, text, strlen(text), MESSAGE_PARTS);
	if (!known)
		message_begin(m, MSG_NONE);
	return known;
}

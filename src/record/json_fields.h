/*
 * json_fields.h - members of a struct as keys of a JSON object, both ways, by
 * one table.
 *
 * What is read is hostile: texts are made safe and cut to their member,
 * numbers brought into their range, a value of the wrong type is as good as
 * none.
 * Threads: stateless.
 */
#ifndef DFOTA_JSON_FIELDS_H
#define DFOTA_JSON_FIELDS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum field_kind {
	FIELD_TEXT,	/* char[] */
	FIELD_COUNT,	/* uint64_t */
	FIELD_INT,	/* int */
	FIELD_FLAG,	/* bool */
	FIELD_REAL,	/* double */
	FIELD_SECONDS,	/* int64_t milliseconds; in JSON seconds */
	FIELD_WHEN,	/* int64_t seconds since 1970, UTC; in JSON "2026-11-22T09:30:00Z"; 0: not known */
	FIELD_NAME,	/* an enum or a bool, by name */
	FIELD_OWN,	/* put and get do it */
};

enum field_rule {
	FIELD_ALWAYS,
	FIELD_OR_NULL,	/* "" is null */
	FIELD_SOME,	/* left out when it is "", false or NONE */
	FIELD_NEEDED,	/* always; reading fails without it */
	FIELD_LATER,	/* NAME: always; came later: without it a key before says the same */
};

struct field {
	const char *key;
	enum field_kind kind;
	enum field_rule rule;
	size_t offset, size;
	int64_t none;		/* INT, REAL, SECONDS: the value when there is none */
	int64_t min, max;	/* INT, REAL, SECONDS read; both 0: 0 and what the member holds */
	const char *(*name)(int value);	/* NAME: NULL past the end */
	int (*put)(json_t *o, const void *base);	/* OWN: -1 when memory runs out */
	bool (*get)(const json_t *o, void *base);	/* OWN: false: reading fails */
};

#define FIELD(type, member) \
	.offset = offsetof(type, member), .size = sizeof(((type *)0)->member)

/* Set the keys of FIELDS in O from the struct at BASE. -1 when memory runs out. */
int fields_put(json_t *o, const struct field *fields, size_t count, const void *base);

/* Fill the struct at BASE, all 0 before, from O. False when a needed key is
 * not there or has a name that is not known. */
bool fields_get(const json_t *o, const struct field *fields, size_t count, void *base);

/* Which number has the name that VALUE holds; -1 when it is no string, or no
 * such name. */
int field_named(const json_t *value, const char *(*name)(int value));

#endif

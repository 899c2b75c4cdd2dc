/*
 * words.h - for tests: what a user reads of a message or an error, its words
 * and behind a line end its cure, in a buffer that lasts until the next call.
 */
#ifndef DFOTA_TESTS_WORDS_H
#define DFOTA_TESTS_WORDS_H

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/message.h"
#include "base/result.h"

/* Initializer of a message that is a sentence alone. */
#define SAID(its_text) { .id = MSG_SAID, .used = sizeof(its_text), .values = its_text }

/* Make E the error CODE that says TEXT. Returns -1. */
static inline int err_said(struct err *e, enum err_code code, const char *text)
{
	struct message m;

	message_set(&m, MSG_SAID, "text=%s", text);
	return err_take(e, code, &m);
}

/* The words alone. */
static inline const char *message_words(const struct message *m)
{
	static char texts[4][2048];	/* a few in one call of printf() */
	static unsigned next;

	next = (next + 1) % 4;
	return message_text(m, FOR_CONSOLE, texts[next], sizeof(texts[next]));
}

/* Those of an id without arguments. */
static inline const char *plain_words(enum message_id id)
{
	static char text[1024];

	return message_plain(id, FOR_CONSOLE, text, sizeof(text));
}

static inline const char *safety_words(const struct result *r)
{
	return plain_words(result_safety(r));
}

/* The words and the cure. */
static inline const char *message_read(const struct message *m)
{
	static char text[4096];

	message_text(m, FOR_CONSOLE, text, sizeof(text) / 2);
	strcat(text, "\n");
	message_next(m, FOR_CONSOLE, text + strlen(text), sizeof(text) / 2);
	return text;
}

static inline const char *err_words(const struct err *e)
{
	return message_words(&e->message);
}

static inline const char *err_read(const struct err *e)
{
	return message_read(&e->message);
}

#endif

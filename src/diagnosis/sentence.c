#include "config.h"

#include "diagnosis/sentence.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/words.h"

static const struct fact *seen(const struct speaker *s, const char *name, size_t size)
{
	enum fact_id id = fact_named(name, size);

	return id != FACT_NONE && s->pass->facts.of[id].count ? &s->pass->facts.of[id] : NULL;
}

char *sentence_result(const struct speaker *s, char *out, size_t out_size)
{
	if (!message_text(&s->pass->what, s->audience, out, out_size)[0])
		snprintf(out, out_size, "%s", message_words_for(s->audience, N_("what ended it was not recorded")));
	return out;
}

/* What a code means is in words of ours; the text of any other fact is somebody else's. */
static const char *text_of(const struct speaker *s, const struct fact *fact)
{
	bool ours = fact == &s->pass->facts.of[FACT_CODE_CAUSE] || fact == &s->pass->facts.of[FACT_CODE_NEXT];

	return ours ? message_words_for(s->audience, fact->text) : fact->text;
}

/* What stands for the SIZE bytes NAME; false when a fact in it was not seen. */
static bool expand(const struct speaker *s, const char *name, size_t size, char out[TEXT_SIZE])
{
	const char *dots = memmem(name, size, "..", 2);
	char mark = size > 0 && strchr("#=", name[size - 1]) ? name[size - 1] : '\0';
	const struct fact *fact = seen(s, name, dots ? (size_t)(dots - name) : size - (mark != '\0'));
	const struct fact *until = dots ? seen(s, dots + 2, size - (size_t)(dots + 2 - name)) : fact;

	if (!fact || !until || (mark == '=' && fact->value == 0) ||
	    (dots && until->t_ms - fact->t_ms < 1000) || (!mark && fact->has_text && !fact->text[0]))
		return false;
	if (dots)
		snprintf(out, TEXT_SIZE, "%lld", (long long)(until->t_ms - fact->t_ms) / 1000);
	else if (mark == '#')
		snprintf(out, TEXT_SIZE, "%llu", (unsigned long long)fact->count);
	else if (fact == &s->pass->facts.of[FACT_RESULT])
		sentence_result(s, out, TEXT_SIZE);
	else if (fact->has_text && mark != '=')
		snprintf(out, TEXT_SIZE, "%s", text_of(s, fact));
	else
		snprintf(out, TEXT_SIZE, "%ld", fact->value);
	return true;
}

/* Skip the condition "fact?" at *FROM. False when it does not hold. */
static bool take_condition(const struct speaker *s, const char **from, const char *end)
{
	size_t size = strspn(*from, "abcdefghijklmnopqrstuvwxyz-");
	const char *name = *from;

	if (name + size >= end || name[size] != '?')
		return true;
	*from += size + 1;
	return seen(s, name, size) != NULL;
}

/* Append the part FROM..END of a sentence; false when a fact in it is missing. */
static bool append_part(const struct speaker *s, char *out, size_t out_size,
			const char *from, const char *end)
{
	size_t used = strlen(out);

	while (from < end && used < out_size) {
		const char *brace = memchr(from, '{', (size_t)(end - from));
		const char *close = brace ? memchr(brace, '}', (size_t)(end - brace)) : NULL;
		char text[TEXT_SIZE] = "{";

		if (!close)
			brace = end;
		else if (brace[1] == '{')	/* the sign itself */
			close = brace + 1;
		else if (!expand(s, brace + 1, (size_t)(close - brace - 1), text))
			return false;
		used += (size_t)snprintf(out + used, out_size - used, "%.*s%s", (int)(brace - from), from,
					 close ? text : "");
		from = close ? close + 1 : end;
	}
	return true;
}

void sentence_append(const struct speaker *s, char *out, size_t out_size, const char *template)
{
	const char *from = message_words_for(s->audience, template);

	while (*from) {
		const char *open = strchr(from, '[');
		const char *close = open ? strchr(open, ']') : NULL;
		size_t before;

		if (!close) {
			append_part(s, out, out_size, from, from + strlen(from));
			break;
		}
		append_part(s, out, out_size, from, open);
		before = strlen(out);
		from = open + 1;
		if (!take_condition(s, &from, close) || !append_part(s, out, out_size, from, close))
			out[before] = '\0';
		from = close + 1;
	}
	text_end_whole(out);
}

void sentence_finish(const struct speaker *s, char *out, size_t out_size)
{
	const char *stop = message_words_for(s->audience, N_("."));
	size_t size = strlen(out), stop_size = strlen(stop);

	if (out[0] >= 'a' && out[0] <= 'z')
		out[0] = (char)(out[0] - 'a' + 'A');
	if (size >= stop_size && size + stop_size < out_size && out[size - 1] != '.' &&
	    strcmp(out + size - stop_size, stop) != 0)
		strcpy(out + size, stop);
}

#include "config.h"

#include "report/bundle.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/redact.h"
#include "base/text.h"
#include "report/anonymize.h"

static bool is_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       strchr(".:-_@+", c);
}

/* At the end of a word, unless that is too far away. */
static void cut(char *text, size_t size)
{
	static const char dots[] = "...";
	size_t most = size - sizeof(dots), end = most;

	if (strlen(text) < size)
		return;
	while (end > most / 2 && is_word(text[end - 1]))
		end--;
	if (end == most / 2)
		end = most;
	while (end > 0 && ((unsigned char)text[end] & 0xc0) == 0x80)
		end--;
	strcpy(text + end, dots);
}

char *bundle_clean(const struct bundle *b, char *out, size_t size, const char *text)
{
	struct redactor redactor;
	char clean[3 * TEXT_SIZE + 64], safe[3 * TEXT_SIZE + 64];

	redactor_init(&redactor);
	redact(&redactor, clean, sizeof(clean), text, strnlen(text, sizeof(clean) - 64));
	if (b->names)
		names_replace(b->names, safe, sizeof(safe), clean);
	else
		strcpy(safe, clean);
	text_safe_str(clean, sizeof(clean), safe);
	cut(clean, size);
	snprintf(out, size, "%s", clean);
	return out;
}

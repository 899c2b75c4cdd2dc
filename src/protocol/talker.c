#include "config.h"

#include "protocol/talker.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* So many make a stream of them: one may be a message of a module. */
#define SENTENCES 2

static bool is_text(struct slice line)
{
	for (size_t i = 0; i < line.size; i++)
		if ((line.data[i] < 0x20 && line.data[i] != '\t') || line.data[i] > 0x7e)
			return false;
	return line.size > 0;
}

/* NMEA 0183: "$GPRMC,...*hh", the XOR of what stands between '$' and '*'. */
static bool is_sentence(struct slice line)
{
	unsigned char sum = 0;
	size_t i = 1;
	char digits[3] = "";

	if (line.size < 4 || (line.data[0] != '$' && line.data[0] != '!'))
		return false;
	while (i < line.size && line.data[i] != '*')
		sum ^= (unsigned char)line.data[i++];
	if (i + 3 != line.size || !isxdigit((unsigned char)line.data[i + 1]) || !isxdigit((unsigned char)line.data[i + 2]))
		return false;
	memcpy(digits, line.data + i + 1, 2);
	return strtoul(digits, NULL, 16) == sum;
}

void talker_take(struct talker *t, struct slice line, bool is_echo)
{
	line = slice_trim(line);
	if (!is_text(line))
		return;
	t->lines++;
	t->echoes += is_echo;
	t->sentences += is_sentence(line);
	if (!is_echo && !t->prompt)
		slice_copy(t->text, sizeof(t->text), line);
}

void talker_take_half(struct talker *t, struct slice half)
{
	half = slice_trim(half);
	if (!is_text(half) || !memchr("#$>%:?", half.data[half.size - 1], 6))
		return;
	t->prompt = true;
	slice_copy(t->text, sizeof(t->text), half);
}

enum talker_kind talker_kind(const struct talker *t)
{
	if (t->sentences >= SENTENCES)
		return TALKER_NMEA;
	if (t->prompt)
		return TALKER_PROMPT;
	if (t->lines == 0)
		return TALKER_SILENT;
	return t->echoes == t->lines ? TALKER_ECHO : TALKER_TEXT;
}

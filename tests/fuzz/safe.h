/*
 * safe.h - what may stand at a sink, found without the code that makes text safe:
 * a decoder of UTF-8 and the ranges of Unicode that show nothing or turn text round.
 */
#ifndef DFOTA_TESTS_FUZZ_SAFE_H
#define DFOTA_TESTS_FUZZ_SAFE_H

#include "base/err.h"
#include "base/limits.h"
#include "tests/fuzz/fuzz.h"

/* The character at TEXT and its bytes; 0: not well-formed (RFC 3629). */
static inline size_t decode(const unsigned char *text, size_t size, uint32_t *c)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = text[0] < 0x80 ? 1 : text[0] < 0xc0 ? 0 : text[0] < 0xe0 ? 2 : text[0] < 0xf0 ? 3 : text[0] < 0xf8 ? 4 : 0;

	if (n == 0 || n > size)
		return 0;
	*c = n == 1 ? text[0] : text[0] & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		*c = *c << 6 | (text[i] & 0x3f);
	}
	return *c >= least[n] && *c <= 0x10ffff && (*c < 0xd800 || *c > 0xdfff) ? n : 0;
}

/* Controls, bidirectional and invisible characters, private use, noncharacters. */
static inline bool may_stand(uint32_t c)
{
	static const struct { uint32_t first, last; } never[] = {
		{ 0, 0x1f }, { 0x7f, 0x9f }, { 0xad, 0xad }, { 0x34f, 0x34f }, { 0x61c, 0x61c },
		{ 0x115f, 0x1160 }, { 0x17b4, 0x17b5 }, { 0x180b, 0x180f }, { 0x200b, 0x200f },
		{ 0x2028, 0x202e }, { 0x2060, 0x206f }, { 0x3164, 0x3164 }, { 0xe000, 0xf8ff },
		{ 0xfdd0, 0xfdef }, { 0xfe00, 0xfe0f }, { 0xfeff, 0xfeff }, { 0xffa0, 0xffa0 },
		{ 0xfff9, 0xfffb }, { 0x1d173, 0x1d17a }, { 0xe0000, 0x10ffff },
	};

	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		if (c >= never[i].first && c <= never[i].last)
			return false;
	return (c & 0xfffe) != 0xfffe;
}

/* All of TEXT may be shown; LINES: it may have line feeds. */
static inline bool is_safe(const char *text, size_t size, bool lines)
{
	uint32_t c;
	size_t n;

	for (size_t i = 0; i < size; i += n) {
		n = decode((const unsigned char *)text + i, size - i, &c);
		if (n == 0 || (!may_stand(c) && !(lines && c == '\n')))
			return false;
	}
	return true;
}

/* What E says may be shown, and there is something that it says. */
static inline void claim_words(const struct err *e)
{
	char words[TEXT_SIZE];

	CLAIM(e->code != ERR_NONE && e->message.id != MSG_NONE);
	for (int audience = FOR_CONSOLE; audience <= FOR_SCREEN; audience++) {
		message_text(&e->message, (enum audience)audience, words, sizeof(words));
		CLAIM(words[0] && is_safe(words, strlen(words), false));
	}
}

#endif

#include "config.h"

#include "protocol/card.h"

#include <string.h>
#include <strings.h>

#include "base/count.h"

static bool is_word(struct slice text, const char *word)
{
	return text.size == strlen(word) && strncasecmp(text.data, word, text.size) == 0;
}

/* Is there WORD in TEXT, with a 2 behind it or nothing? */
static bool ends_in(struct slice text, const char *word)
{
	size_t size = strlen(word);

	if (text.size > 0 && text.data[text.size - 1] == '2')
		text.size--;
	return text.size >= size && strncasecmp(text.data + text.size - size, word, size) == 0;
}

enum card card_of_state(struct slice state)
{
	bool pin = ends_in(state, "PIN"), puk = ends_in(state, "PUK");

	if (state.size == 0)
		return CARD_UNTOLD;
	if (is_word(state, "READY"))
		return CARD_READY;
	if (!pin && !puk)
		return CARD_MISSING;
	if (state.size > 3 && strncasecmp(state.data, "PH-", 3) == 0)
		return CARD_BARRED;
	return puk ? CARD_BLOCKED : CARD_WAITS;
}

enum card card_of_error(long number)
{
	static const struct {
		long first, last;
		enum card card;
	} rows[] = {
		{5, 7, CARD_BARRED}, {10, 10, CARD_MISSING}, {11, 11, CARD_WAITS}, {12, 12, CARD_BLOCKED},
		{13, 15, CARD_MISSING}, {17, 17, CARD_WAITS}, {18, 18, CARD_BLOCKED}, {40, 47, CARD_BARRED},
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		if (number >= rows[i].first && number <= rows[i].last)
			return rows[i].card;
	return CARD_UNTOLD;
}

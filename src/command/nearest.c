#include "config.h"

#include "command/nearest.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#define LETTERS_MAX 40	/* longer than any of our words */

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static bool same(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* How many letters to change, put in, leave out or swap with their neighbour. */
static size_t distance(const char *a, size_t a_size, const char *b, size_t b_size)
{
	size_t rows[3][LETTERS_MAX + 1];
	size_t *before = rows[0], *last = rows[1], *now = rows[2], *free_row;

	for (size_t k = 0; k <= b_size; k++)
		last[k] = k;
	memset(before, 0, sizeof(rows[0]));
	for (size_t i = 1; i <= a_size; i++) {
		now[0] = i;
		for (size_t k = 1; k <= b_size; k++) {
			now[k] = least(least(last[k], now[k - 1]) + 1, last[k - 1] + !same(a[i - 1], b[k - 1]));
			if (i > 1 && k > 1 && same(a[i - 1], b[k - 2]) && same(a[i - 2], b[k - 1]))
				now[k] = least(now[k], before[k - 2] + 1);
		}
		free_row = before;
		before = last;
		last = now;
		now = free_row;
	}
	return last[b_size];
}

void nearest_try(struct nearest *n, const char *typed, const char *candidate)
{
	size_t typed_size = strlen(typed), size = strlen(candidate), d;

	if (!typed_size || !size || typed_size > LETTERS_MAX || size > LETTERS_MAX)
		return;
	d = distance(typed, typed_size, candidate, size);
	if (d <= 1 + least(typed_size, size) / 4 && d < least(typed_size, size) && (!n->word || d < n->distance))
		*n = (struct nearest){candidate, d};
}

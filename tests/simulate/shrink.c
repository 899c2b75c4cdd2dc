#include "config.h"

#include "tests/simulate/shrink.h"

#include <stdio.h>
#include <string.h>

#define ROUNDS 6

void shrink_class(const char *wrong, char *out, size_t size)
{
	size_t n = 0, colons = 0;

	for (const char *p = wrong; *p && n + 1 < size; p++) {
		/* neither the command that was under way, nor the numbers */
		colons += *p == ':';
		if (colons == 2 || *p == '(')
			break;
		out[n++] = *p;
	}
	out[n] = '\0';
}

static bool is_still_wrong(const struct world *w, const char *class, struct report *r)
{
	char now[64];

	if (session_run(w, false, r))
		return false;
	shrink_class(r->wrong, now, sizeof(now));
	return strcmp(now, class) == 0;
}

/* Without COUNT facts from AT on. */
static bool leave_out(struct world *w, size_t at, size_t count, const char *class, struct report *r)
{
	struct world less = *w;

	memmove(&less.facts[at], &less.facts[at + count], (less.count - at - count) * sizeof(less.facts[0]));
	less.count -= count;
	if (!is_still_wrong(&less, class, r))
		return false;
	*w = less;
	return true;
}

static bool lower(struct world *w, size_t at, size_t j, const char *class, struct report *r)
{
	const struct range *range = &w->facts[at].kind->n[j];
	long *n = &w->facts[at].n[j], was = *n;
	const long tries[] = {range->min, range->min + (was - range->min) / 2, range->min + (was - range->min) * 7 / 8, was - 1};

	for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
		if (tries[i] >= was || tries[i] < range->min)
			continue;
		*n = tries[i];
		if (is_still_wrong(w, class, r))
			return true;
		*n = was;
	}
	return false;
}

void shrink(struct world *w, const struct report *first, struct report *last)
{
	static struct report r;
	char class[64];
	bool better = true;

	shrink_class(first->wrong, class, sizeof(class));
	for (size_t size = w->count / 2; size > 1; size /= 2)
		for (size_t at = 0; at + size <= w->count;)
			if (!leave_out(w, at, size, class, &r))
				at += size;
	for (int round = 0; better && round < ROUNDS; round++) {
		better = false;
		for (size_t at = w->count; at-- > 0;)
			better |= leave_out(w, at, 1, class, &r);
		for (size_t at = 0; at < w->count; at++)
			for (size_t j = 0; j < WORLD_NUMBERS; j++)
				better |= w->facts[at].kind->n[j].max && lower(w, at, j, class, &r);
	}
	session_run(w, false, last);
}

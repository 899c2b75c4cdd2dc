#include "config.h"

#include "ui/term/keys.h"

#include <assert.h>

#include "base/count.h"

#define ACTION_ROW(id, keys, shown, label, rank, when, risky, help) \
	[ACTION_##id] = { keys, shown, label, rank, when, risky, help },
static const struct action_info actions[] = { ACTIONS(ACTION_ROW) };
#undef ACTION_ROW

const struct action_info *action_info(enum action action)
{
	assert((unsigned)action < ACTION_COUNT);
	return &actions[action];
}

bool action_of_fleet(enum action action)
{
	static const enum action theirs[] = {
		ACTION_CHOOSE, ACTION_START, ACTION_CANCEL, ACTION_WHOLE, ACTION_HELP, ACTION_REDRAW, ACTION_QUIT,
		ACTION_UP, ACTION_DOWN, ACTION_PAGE_UP, ACTION_PAGE_DOWN, ACTION_FIRST, ACTION_LAST,
	};

	for (size_t i = 0; i < COUNT(theirs); i++)
		if (theirs[i] == action)
			return true;
	return false;
}

/* Rows of a record come first: what they take is not offered to the others. */
enum action action_of_key(int code, bool record)
{
	unsigned a, k;

	for (a = 0; a < ACTION_COUNT; a++) {
		if (actions[a].when == WHEN_RECORD && !record)
			continue;
		for (k = 0; k < ACTION_KEYS; k++)
			if (code && actions[a].keys[k] == code)
				return (enum action)a;
	}
	return ACTION_COUNT;
}

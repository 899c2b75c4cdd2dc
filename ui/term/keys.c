#include "config.h"

#include "ui/term/keys.h"

#include <assert.h>

#define ACTION_ROW(id, keys, shown, label, rank, when, risky, help) \
	[ACTION_##id] = { keys, shown, label, rank, when, risky, help },
static const struct action_info actions[] = { ACTIONS(ACTION_ROW) };
#undef ACTION_ROW

const struct action_info *action_info(enum action action)
{
	assert((unsigned)action < ACTION_COUNT);
	return &actions[action];
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

#include "config.h"

#include "keys.h"

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

enum action action_of_key(int code)
{
	unsigned a, k;

	for (a = 0; a < ACTION_COUNT; a++)
		for (k = 0; k < ACTION_KEYS; k++)
			if (code && actions[a].keys[k] == code)
				return (enum action)a;
	return ACTION_COUNT;
}

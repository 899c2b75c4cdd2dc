#include "config.h"

#include "base/setting.h"

#include <string.h>

const char *setting_state_name(int state)
{
	static const char *const names[SETTING_STATES] = {
		[SETTING_PLANNED] = "planned",
		[SETTING_SENT] = "sent",
		[SETTING_CHANGED] = "changed",
		[SETTING_REFUSED] = "refused",
		[SETTING_PUT_BACK] = "put-back",
	};

	return state >= 0 && state < SETTING_STATES ? names[state] : NULL;
}

void settings_take(struct settings *all, const struct setting *s)
{
	size_t i = 0;

	while (i < all->count && strcmp(all->list[i].command, s->command) != 0)
		i++;
	if (i == SETTINGS_MAX)
		return;
	all->list[i] = *s;
	if (i == all->count)
		all->count++;
}

bool setting_stands(const struct setting *s)
{
	return s->state == SETTING_SENT || s->state == SETTING_CHANGED;
}

bool settings_touched(const struct settings *all)
{
	for (size_t i = 0; i < all->count; i++)
		if (setting_stands(&all->list[i]) || all->list[i].state == SETTING_PUT_BACK)
			return true;
	return false;
}

void setting_message(const struct setting *s, struct message *m)
{
	static const enum message_id words[SETTING_STATES] = {
		[SETTING_PLANNED] = MSG_SETTING_PLANNED,
		[SETTING_SENT] = MSG_SETTING_SENT,
		[SETTING_CHANGED] = MSG_SETTING_CHANGED,
		[SETTING_REFUSED] = MSG_SETTING_REFUSED,
		[SETTING_PUT_BACK] = MSG_SETTING_PUT_BACK,
	};

	message_set(m, words[s->state], "command=%s before=%s undo=%s", s->command, s->before, s->undo);
}

#include "config.h"

#include "base/job.h"

#include <assert.h>

enum message_id open_state(const struct open_upgrade *open)
{
	if (open->intent == INTENT_SETTINGS)
		return MSG_LEFT_SETTING;
	if (open->intent == INTENT_TRANSFER)
		return MSG_LEFT_SENDING;
	if (open->ended)
		return MSG_LEFT_UNREAD;
	if (open->started)
		return MSG_LEFT_INSTALLING;
	return MSG_LEFT_COMMITTED;
}

const char *ask_name(enum ask ask)
{
	static const char *const names[ASK_COUNT] = {
		[ASK_YES] = "yes",
		[ASK_NO] = "no",
		[ASK_CANCEL] = "cancel",
		[ASK_DETACH] = "detach",
		[ASK_LOST] = "lost",
	};

	assert((unsigned)ask < ASK_COUNT);
	return names[ask];
}

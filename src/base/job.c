#include "config.h"

#include "base/job.h"

#include <assert.h>

const char *open_state(const struct open_upgrade *open)
{
	if (open->intent == INTENT_TRANSFER)
		return "while the package was being sent";
	if (open->ended)
		return "after the installation, before the version was read";
	if (open->started)
		return "while the module was installing";
	return "past the point of no return";
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

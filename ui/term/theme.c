#include "config.h"

#include "ui/term/theme.h"

#include <assert.h>

static const struct role_look looks[] = {
	[ROLE_TEXT] = { NO_COLOUR, false, false, false },
	[ROLE_TITLE] = { NO_COLOUR, true, false, false },
	[ROLE_GOOD] = { GREEN, true, false, false },
	[ROLE_BAD] = { RED, true, false, false },
	[ROLE_BUSY] = { MAGENTA, true, false, false },
	[ROLE_DIM] = { NO_COLOUR, false, true, false },
	[ROLE_FOCUS] = { NO_COLOUR, false, false, true },
	[ROLE_ALARM] = { RED, true, false, true },
};
static_assert(sizeof(looks) / sizeof(looks[0]) == ROLE_COUNT, "a row a role");

const struct role_look *theme_look(enum role role)
{
	assert((unsigned)role < ROLE_COUNT);
	return &looks[role];
}

const char theme_ascii_frame[6] = { '+', '+', '+', '+', '-', '|' };

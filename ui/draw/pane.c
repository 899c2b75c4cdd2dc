#include "config.h"

#include "ui/draw/pane.h"

#include <assert.h>

#include "protocol/answer.h"

const char *console_word(size_t index)
{
	return answer_question(index);
}

const struct pane *pane_of(enum pane_id pane)
{
	static const struct pane *const panes[] = {
		[PANE_PORT] = &pane_port,
		[PANE_SOURCE] = &pane_source,
		[PANE_LOG] = &pane_log,
		[PANE_PROGRESS] = &pane_progress,
	};
	static_assert(sizeof(panes) / sizeof(panes[0]) == PANE_COUNT, "a row a pane");

	assert((unsigned)pane < PANE_COUNT);
	return panes[pane];
}

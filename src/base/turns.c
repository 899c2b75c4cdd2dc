#include "config.h"

#include "base/turns.h"

size_t turns_in(const struct turns *t, enum turn turn)
{
	size_t count = 0;

	for (size_t i = 0; i < t->count; i++)
		count += t->of[i] == turn;
	return count;
}

static bool has_room(const struct turns *t)
{
	return !t->at_once || turns_in(t, TURN_PREPARES) + turns_in(t, TURN_RUNS) < (size_t)t->at_once;
}

static bool is_stopped(const struct turns *t)
{
	return t->cancelled || (t->stop_after && t->failed >= (size_t)t->stop_after);
}

static enum due move(struct turns *t, size_t at, enum turn turn, enum due due)
{
	t->of[at] = turn;
	return due;
}

enum due turns_next(struct turns *t, size_t at)
{
	bool no = t->asked && !t->answering && !t->yes;

	if (t->of[at] == TURN_WAITS && is_stopped(t))
		return DUE_LEAVE_OUT;
	if (t->of[at] == TURN_WAITS && has_room(t))
		return move(t, at, TURN_PREPARES, DUE_BEGIN);
	if (t->of[at] == TURN_ASKS && (is_stopped(t) || no))
		return move(t, at, TURN_RUNS, is_stopped(t) ? DUE_CANCEL : DUE_NO);
	if (t->of[at] == TURN_ASKS && t->yes && has_room(t))
		return move(t, at, TURN_RUNS, DUE_YES);
	return DUE_NOTHING;
}

bool turns_ask(struct turns *t)
{
	if (t->asked || !turns_in(t, TURN_ASKS) || turns_in(t, TURN_WAITS) || turns_in(t, TURN_PREPARES))
		return false;
	t->asked = t->answering = true;
	return true;
}

void turns_answer(struct turns *t, bool yes)
{
	t->answering = false;
	t->yes = yes;
}

void turns_end(struct turns *t, size_t at, bool failed)
{
	t->of[at] = TURN_ENDED;
	t->failed += failed;
}

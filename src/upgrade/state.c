#include "config.h"

#include "upgrade/state.h"

int64_t upgrade_now(const struct upgrade *u)
{
	return clock_now_ms(u->env.clock);
}

int upgrade_start_limit_ms(const struct upgrade *u)
{
	return u->plan.start_timeout_s ? u->plan.start_timeout_s * 1000 :
		u->profile->timers.start_limit_ms;
}

int upgrade_watch_limit_ms(const struct upgrade *u)
{
	return u->plan.watch_timeout_s ? u->plan.watch_timeout_s * 1000 :
		u->profile->timers.watch_limit_ms;
}

int upgrade_return_limit_ms(const struct upgrade *u)
{
	return u->plan.return_timeout_s ? u->plan.return_timeout_s * 1000 :
		u->profile->timers.return_limit_ms;
}

int upgrade_com_timeout_s(const struct upgrade *u)
{
	return u->plan.com_timeout_s ? u->plan.com_timeout_s : u->profile->com_timeout_s;
}

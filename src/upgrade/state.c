#include "config.h"

#include "upgrade/state.h"

#include <string.h>

int64_t upgrade_now(const struct upgrade *u)
{
	return clock_now_ms(u->env.clock);
}

int upgrade_start_limit_ms(const struct upgrade *u)
{
	return u->plan.start_timeout_s ? u->plan.start_timeout_s * 1000 :
		u->profile->timers.start_limit_ms;
}

void upgrade_download_unheard(struct upgrade *u)
{
	int64_t watch_ms = later(upgrade_watch_limit_ms(u), u->profile->timers.watch_limit_ms);

	if (!u->plan.start_timeout_s)
		u->sent_ms = later(u->sent_ms, u->command_ms + watch_ms - upgrade_start_limit_ms(u) -
				   u->profile->timers.start_notice_ms);
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

const char *upgrade_com_template(const struct upgrade *u)
{
	return u->plan.com_command[0] ? u->plan.com_command : u->profile->com_command;
}

int upgrade_com_timeout_s(const struct upgrade *u)
{
	const char *template = upgrade_com_template(u);
	int given_s = u->plan.com_timeout_s;

	/* a time that the module is not told makes its own no shorter */
	if (template && !strstr(template, "{timeout}"))
		return given_s > PROFILE_DATA_TIMEOUT_S ? given_s : PROFILE_DATA_TIMEOUT_S;
	return given_s ? given_s : u->profile->com_timeout_s;
}

#include "config.h"

#include "upgrade/data_mode.h"

#include "upgrade/tell.h"

/* Silence of the guard, "+++" and its OK (protocol.md 2.2). */
#define ESCAPE_LIMIT_MS 5000
/* One question after it: how long, and how many bytes at most. */
#define ASK_MS 1000
#define ASK_SIZE_MAX 32
/* Beyond the module's own time-out for data. */
#define QUIET_MORE_S 5

int64_t upgrade_keep_quiet(struct upgrade *u)
{
	int seconds = upgrade_com_timeout_s(u) + QUIET_MORE_S;

	upgrade_report(u, MSG_KEEPING_QUIET, "seconds=%d", seconds);
	u->in_data = false;
	u->quiet_end_ms = upgrade_now(u) + seconds * INT64_C(1000);
	return u->quiet_end_ms;
}

/*
 * A module that may be in data mode would take an AT for package bytes, and
 * each renews its time-out. So: the guarded "+++"; then one question, where
 * it cannot complete the declared size; then silence until the module's own
 * time-out must be over (protocol.md 2.2).
 */
int upgrade_leave_data_mode(struct upgrade *u, int64_t *until_ms, struct err *e)
{
	uint64_t left = package_size(u->package) - u->sent_size;
	int64_t left_ms = later(u->line_free_ms, upgrade_now(u));
	bool out = modem_escape_data(u->modem, left_ms, left_ms + ESCAPE_LIMIT_MS, e) == 0 ||
		(e->code == ERR_TIMEOUT && left > ASK_SIZE_MAX &&
		 modem_sync(u->modem, false, &u->baud, upgrade_now(u) + ASK_MS, e) == 0);

	*until_ms = upgrade_now(u);
	if (!out && e->code == ERR_CANCELLED)
		return -1;
	u->in_data = !out && e->code == ERR_GONE;
	if (out || e->code == ERR_GONE || u->again)
		return 0;
	upgrade_report(u, MSG_DATA_MODE_NOT_LEFT, "");
	*until_ms = upgrade_keep_quiet(u);
	return 0;
}

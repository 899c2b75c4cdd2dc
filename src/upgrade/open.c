#include "config.h"

#include "upgrade/open.h"

#include <string.h>

#include "upgrade/tell.h"

int upgrade_check_records(struct upgrade *u, struct err *e)
{
	char record[FILE_SIZE];

	if (!u->env.check_open)
		return 0;
	if (u->env.check_open(writer_path(u->env.record), record, sizeof(record), e) < 0)
		return -1;
	if (record[0])
		upgrade_report(u, MSG_RECORD_NOT_KNOWN, "record=%s", record);
	return 0;
}

int upgrade_refuse_open(struct upgrade *u, const char *imei, struct err *e)
{
	struct open_upgrade open;
	const char *record = writer_path(u->env.record);
	char port[FILE_SIZE];

	memcpy(port, u->plan.port, sizeof(port));
	if (imei[0] && u->env.claim && !u->env.claim(u->env.ctx, imei, port))
		return err_fail(e, MSG_MODULE_TWICE, "imei=%s port=%s", imei, port);
	if (!u->env.find_open)
		return 0;
	if (!(imei[0] ? u->env.find_open("", "", imei, record, &open) :
	      u->env.find_open(u->plan.port, u->device.usb_path, "", record, &open)))
		return 0;
	text_safe_str(u->unfinished, sizeof(u->unfinished), open.record);
	if (open.live_pid != 0)
		return err_fail(e, MSG_UPGRADE_RUNNING, "model=%s imei=%s pid=%d", open.module.model,
				open.module.imei, open.live_pid > 0 ? open.live_pid : 0);
	return err_fail(e, MSG_UPGRADE_UNFINISHED, "model=%s imei=%s", open.module.model, open.module.imei);
}

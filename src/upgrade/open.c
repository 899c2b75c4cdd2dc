#include "config.h"

#include "upgrade/open.h"

int upgrade_refuse_open(struct upgrade *u, const char *imei, struct err *e)
{
	struct open_upgrade open;
	const char *record = writer_path(u->env.record);

	if (!u->env.find_open)
		return 0;
	if (!(imei[0] ? u->env.find_open("", "", imei, record, &open) :
	      u->env.find_open(u->plan.port, u->device.usb_path, "", record, &open)))
		return 0;
	if (open.live_pid != 0)
		return err_set(e, ERR_BUSY, "dfota (process %d) is upgrading the %s with IMEI %s", open.live_pid,
			       open.module.model, open.module.imei);
	return err_set(e, ERR_BUSY, "an upgrade of the %s with IMEI %s was left open: watch it to its end first (or give it up), with dfota resume",
		       open.module.model, open.module.imei);
}

#include "config.h"

#include "upgrade/routes.h"

#include "upgrade/fetch.h"
#include "upgrade/target.h"
#include "upgrade/tell.h"

static int relay_load(struct upgrade *u, struct err *e)
{
	return upgrade_load_target(u, u->plan.manifest, e);
}

static int relay_fetch(struct upgrade *u, struct err *e)
{
	if (upgrade_download(u, &u->package, e) < 0)
		return -1;
	upgrade_progress(u, UNIT_BYTES, package_size(u->package), package_size(u->package), u->fetch_ms, true);
	upgrade_report(u, MSG_RELAY_DOWNLOADED, "size=%llu sha256=%s",
		       (unsigned long long)package_size(u->package), package_sha256(u->package));
	return 0;
}

/* The same into a file of the module. */
const struct route_steps route_relay_upload = {
	.load = relay_load,
	.fits = upload_fits,
	.fetch = relay_fetch,
	.prepare = upload_prepare,
	.transfer = upload_transfer,
};

/* This computer downloads, then sends over the serial port. */
const struct route_steps route_relay = {
	.load = relay_load,
	.fetch = relay_fetch,
	.prepare = push_prepare,
	.transfer = push_transfer,
};


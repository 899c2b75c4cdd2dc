#include "config.h"

#include "upgrade/routes.h"

#include <stdio.h>

#include "upgrade/fetch.h"
#include "upgrade/target.h"
#include "upgrade/tell.h"

static int publish_load(struct upgrade *u, struct err *e)
{
	if (upgrade_load_url(u, u->plan.publish, e) < 0)
		return -1;
	return push_load(u, e);
}

static int publish_fetch(struct upgrade *u, struct err *e)
{
	const struct server_access to = upgrade_access(u);
	const struct server_watch watch = upgrade_watch_server(u);
	struct server_status status;

	if (u->plan.dry_run) {
		upgrade_report(u, MSG_WOULD_PUBLISH, "url=%s", u->plan.publish);
		return 0;
	}
	u->fetch_ms = upgrade_now(u);
	if (u->env.servers->publish(u->plan.publish, &to, u->plan.file,
				   package_size(u->package), package_sha256(u->package),
				   u->plan.overwrite, &watch, &status, e) < 0) {
		return err_doing(e, MSG_PUBLISHING, "");
	}
	upgrade_report(u, MSG_PUBLISHED, "url=%s", u->plan.publish);
	return 0;
}

static int publish_prepare(struct upgrade *u, struct err *e)
{
	snprintf(u->plan.url, sizeof(u->plan.url), "%s", u->plan.publish);
	return pull_prepare(u, e);
}

/* This computer puts the file on a server, then the module downloads it. */
const struct route_steps route_publish = {
	.load = publish_load,
	.fits = pull_fits,
	.fetch = publish_fetch,
	.prepare = publish_prepare,
	.transfer = pull_transfer,
};

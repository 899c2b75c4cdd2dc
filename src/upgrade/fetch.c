#include "config.h"

#include "upgrade/fetch.h"

#include <stdio.h>
#include <unistd.h>

#include "base/paths.h"
#include "upgrade/tell.h"

struct server_access upgrade_access(const struct upgrade *u)
{
	return (struct server_access){
		.user = u->plan.user,
		.password = u->plan.password,
		.cacert = u->plan.cacert[0] ? u->plan.cacert : NULL,
		.netrc = u->plan.netrc,
	};
}

static bool on_progress(void *ctx, uint64_t done, uint64_t total)
{
	struct upgrade *u = ctx;

	if (u->step == STEP_FETCH)
		upgrade_progress(u, UNIT_BYTES, done, total, u->fetch_ms, false);
	return true;
}

struct server_watch upgrade_watch_server(struct upgrade *u)
{
	return (struct server_watch){ on_progress, u, u->env.interrupt };
}

int upgrade_download(struct upgrade *u, struct package **package, struct err *e)
{
	const struct server_access from = upgrade_access(u);
	const struct server_watch watch = upgrade_watch_server(u);
	char directory[FILE_SIZE - 16], path[FILE_SIZE];
	struct server_status status;
	int r;

	if (paths_temporary(directory, sizeof(directory), e) < 0)
		return -1;
	snprintf(path, sizeof(path), "%s/package", directory);
	u->fetch_ms = upgrade_now(u);
	r = u->env.servers->download(u->plan.url, &from, path,
				    (uint64_t)u->profile->package_max,
				    u->has_manifest ? u->manifest.size : 0,
				    u->has_manifest ? u->manifest.sha256 : NULL,
				    &watch, &status, e);
	if (r == 0) {
		*package = package_open(path, u->profile->package_max, e);
		r = *package ? 0 : -1;
	}
	unlink(path);
	rmdir(directory);
	return r;
}

static int verify_source(struct upgrade *u, struct err *e)
{
	struct package *seen = NULL;

	if (!u->has_manifest)
		return err_fail(e, MSG_VERIFY_NEEDS_MANIFEST, "");
	if (upgrade_download(u, &seen, e) < 0)
		return err_doing(e, MSG_VERIFYING_SERVER, "");
	package_close(seen);
	upgrade_report(u, MSG_SERVER_VERIFIED, "");
	return 0;
}

/* What makes certain that the module would get something else. */
static int judge_facts(struct upgrade *u, const struct server_facts *facts,
		       struct err *e)
{
	if (facts->redirect[0])
		return err_fail(e, MSG_SERVER_REDIRECTS, "url=%s", facts->redirect);
	if (facts->html)
		return err_fail(e, MSG_SERVER_WEB_PAGE, "type=%s", facts->type);
	if (u->has_manifest && facts->has_size && facts->size != u->manifest.size)
		return err_fail(e, MSG_SERVER_OTHER_SIZE, "size=%llu wanted=%llu",
				(unsigned long long)facts->size, (unsigned long long)u->manifest.size);
	if (facts->private_address)
		upgrade_found(u, MSG_ADDRESS_PRIVATE, "address=%s", facts->address);
	u->server_size = facts->has_size ? facts->size : 0;
	if (facts->has_size)
		upgrade_found(u, MSG_SERVER_HAS_FILE, "size=%llu", (unsigned long long)facts->size);
	else
		upgrade_found(u, MSG_SERVER_HIDES_SIZE, "");
	return 0;
}

int upgrade_look_at_source(struct upgrade *u, struct err *e)
{
	const struct server_access from = upgrade_access(u);
	const struct server_watch watch = upgrade_watch_server(u);
	struct server_facts facts;
	struct server_status status = {0};

	if (u->plan.dry_run && u->plan.publish[0])
		return 0;	/* it is not there yet */
	if (u->env.servers->probe(u->plan.url, &from, &facts, &watch, &status, e) < 0) {
		/* The module has another network: only what a server said is certain. */
		if (e->code != ERR_NETWORK || status.kind == SERVER_NOT_FOUND || status.kind == SERVER_LOGIN)
			return err_doing(e, MSG_ASKING_SERVER, "");
		message_then(&e->message, MSG_SERVER_NOT_ASKED, "");
		upgrade_found_message(u, SEVERITY_WARNING, &e->message);
		return 0;
	}
	if (judge_facts(u, &facts, e) < 0)
		return -1;
	return u->plan.verify_source ? verify_source(u, e) : 0;
}

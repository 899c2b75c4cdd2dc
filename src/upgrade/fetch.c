#include "config.h"

#include "upgrade/fetch.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/paths.h"
#include "upgrade/target.h"
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

const char *upgrade_file_of_url(const char *url)
{
	const char *slash = strrchr(url, '/');

	return slash && slash[1] ? slash + 1 : url;
}

static int download(void *ctx, struct package **package, struct err *e)
{
	struct upgrade *u = ctx;
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
		r = *package ? look_refuse(package_look(*package), upgrade_file_of_url(u->plan.url), e) : -1;
	}
	unlink(path);
	rmdir(directory);
	return r;
}

int upgrade_download(struct upgrade *u, struct package **package, struct err *e)
{
	char key[URL_SIZE + LOGIN_SIZE + sizeof(u->manifest.sha256)];

	if (!u->env.share)
		return download(u, package, e);
	/* who asks with another login, or for other bytes, may get something else */
	snprintf(key, sizeof(key), "%s %s %s", u->has_manifest ? u->manifest.sha256 : "", u->plan.user, u->plan.url);
	return u->env.share(u->env.ctx, key, download, u, package, e);
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

/* A redirect that the module may not follow: where it could go itself, that
 * address is the cure, else this computer must download. */
static int refuse_redirect(struct upgrade *u, const char *url, struct err *e)
{
	char own[URL_SIZE];
	struct err ignored;
	bool usable = module_url(own, sizeof(own), url, u->plan.user, u->plan.password, &u->profile->url, &ignored) == 0;

	return err_fail(e, usable ? MSG_SERVER_REDIRECTS : MSG_SERVER_REDIRECTS_ELSEWHERE, "url=%s", url);
}

/* What makes certain that the module would get something else. */
static int refuse_facts(struct upgrade *u, const struct server_facts *facts, struct err *e)
{
	if (facts->redirect[0])
		return refuse_redirect(u, facts->redirect, e);
	if (facts->html)
		return err_fail(e, MSG_SERVER_WEB_PAGE, "type=%s title=%s",
				facts->look.kind == LOOK_PAGE ? facts->look.format : facts->type, facts->look.title);
	if (look_refuse(&facts->look, upgrade_file_of_url(u->plan.url), e) < 0)
		return err_doing(e, MSG_ASKING_SERVER, "");
	if (facts->has_size && facts->size == 0)
		return err_fail(e, MSG_SERVER_FILE_EMPTY, "");
	if (u->has_manifest && facts->has_size && facts->size != u->manifest.size &&
	    facts->size <= (uint64_t)u->profile->package_max)
		return err_fail(e, MSG_SERVER_OTHER_SIZE, "size=%llu wanted=%llu",
				(unsigned long long)facts->size, (unsigned long long)u->manifest.size);
	return 0;
}

/* Say what is doubtful in FACTS. True when only the digest can decide. */
static bool doubt_facts(struct upgrade *u, const struct server_facts *facts)
{
	bool large = facts->has_size && facts->size > (uint64_t)u->profile->package_max;

	upgrade_doubt_look(u, &facts->look, upgrade_file_of_url(u->plan.url));
	if (facts->odd_size)
		upgrade_found(u, MSG_SERVER_SIZE_ODD, "");
	if (large)
		upgrade_found(u, MSG_SERVER_SIZE_LARGE, "size=%llu most=%ld", (unsigned long long)facts->size,
			      u->profile->package_max);
	if (facts->coding[0])
		upgrade_found(u, MSG_SERVER_RECODES, "coding=%s", facts->coding);
	else if (strncasecmp(facts->type, "text/", 5) == 0)
		upgrade_found(u, MSG_SERVER_SENDS_TEXT, "type=%s", facts->type);
	return facts->odd_size || large || facts->coding[0];
}

static int judge_facts(struct upgrade *u, const struct server_facts *facts,
		       struct err *e)
{
	bool doubtful;

	if (refuse_facts(u, facts, e) < 0)
		return -1;
	doubtful = doubt_facts(u, facts);
	if (facts->private_address)
		upgrade_found(u, MSG_ADDRESS_PRIVATE, "address=%s", facts->address);
	u->server_size = facts->has_size && !doubtful ? facts->size : 0;
	if (u->server_size)
		upgrade_found(u, MSG_SERVER_HAS_FILE, "size=%llu", (unsigned long long)facts->size);
	else if (!doubtful)
		upgrade_found(u, MSG_SERVER_HIDES_SIZE, "");
	return u->plan.verify_source || (doubtful && u->has_manifest) ? verify_source(u, e) : 0;
}

/* Did the server itself say what holds for the module as well? */
static bool is_final(const struct server_status *status)
{
	return status->kind == SERVER_NOT_FOUND || status->kind == SERVER_LOGIN || status->kind == SERVER_TLS ||
	       status->kind == SERVER_SERVICE;
}

/* Did it answer, and not with the file? Of FTP the last reply may be one before that. */
static bool has_declined(const struct upgrade *u, const struct server_status *status)
{
	return status->reply >= 400 || (status->reply > 200 && strncasecmp(u->plan.url, "http", 4) == 0);
}

int upgrade_look_at_source(struct upgrade *u, struct err *e)
{
	const struct server_access from = upgrade_access(u);
	const struct server_watch watch = upgrade_watch_server(u);
	struct server_facts facts;
	struct server_status status = {.kind = SERVER_OK};

	if (u->plan.dry_run && u->plan.publish[0])
		return 0;	/* it is not there yet */
	if (u->env.servers->probe(u->plan.url, &from, &facts, &watch, &status, e) < 0) {
		/* The module has another network: only what a server said is certain. Where this
		 * computer could ask none (no libcurl), nothing is known. */
		if (e->code != ERR_NETWORK || is_final(&status) || status.kind == SERVER_OK)
			return err_doing(e, MSG_ASKING_SERVER, "");
		message_then(&e->message, has_declined(u, &status) ? MSG_SERVER_MAY_REFUSE : MSG_SERVER_NOT_ASKED, "");
		upgrade_found_message(u, SEVERITY_WARNING, &e->message);
		return 0;
	}
	return judge_facts(u, &facts, e);
}

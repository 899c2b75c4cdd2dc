#include "config.h"

#include "upgrade/foresee.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/count.h"
#include "base/paths.h"
#include "base/redact.h"
#include "upgrade/fetch.h"
#include "upgrade/routes.h"
#include "upgrade/steps.h"
#include "upgrade/target.h"
#include "upgrade/upgrade.h"

/* A few lines of text (dfota-manifest(5)). */
#define MANIFEST_MAX 65536

struct foresight {
	struct upgrade *u;
	struct outlook outlook;
	bool module_known;
};

static bool has_file(const struct upgrade *u)
{
	return u->plan.route == ROUTE_SERIAL || u->plan.route == ROUTE_PUBLISH;
}

/* What comes up now is about FIELD. */
static void look_at(struct foresight *f, enum plan_field field)
{
	f->outlook.field = field;
}

/* What the module will be given. */
static int look_at_url(struct foresight *f, struct err *e)
{
	struct upgrade *u = f->u;
	bool publishes = u->plan.route == ROUTE_PUBLISH;
	const char *url = publishes ? u->plan.publish : u->plan.url;

	if (u->plan.route != ROUTE_DOWNLOAD && !publishes)
		return 0;
	look_at(f, publishes ? PLAN_PUBLISH : PLAN_URL);
	if (module_url_check(url, &u->profile->url, e) < 0)
		return -1;
	look_at(f, PLAN_LOGIN);
	return upgrade_load_url(u, url, e);
}

static int look_at_file(struct foresight *f, struct err *e)
{
	struct upgrade *u = f->u;

	if (!has_file(u))
		return 0;
	look_at(f, PLAN_FILE);
	u->package = package_open(u->plan.file, u->profile->package_max, e);
	return u->package ? look_refuse(package_look(u->package), package_name(u->package), e) : -1;
}

/* The one that is named, or stands beside the file. */
static int look_at_manifest(struct foresight *f, struct err *e)
{
	struct upgrade *u = f->u;
	struct outlook *out = &f->outlook;
	char path[FILE_SIZE + 16];

	look_at(f, PLAN_MANIFEST);
	if (has_file(u) && !u->plan.manifest[0]) {
		if (upgrade_manifest_path(u, path, sizeof(path), e) < 0)
			return -1;
		snprintf(u->plan.manifest, sizeof(u->plan.manifest), "%s", path);
		text_safe_str(out->manifest, sizeof(out->manifest), path);
	}
	if (!u->plan.manifest[0])
		return 0;
	if (manifest_read(u->plan.manifest, &u->manifest, e) < 0 ||
	    (u->package && package_check_manifest(u->package, &u->manifest, e) < 0))
		return -1;
	u->has_manifest = true;
	return 0;
}

static int look_at_target(struct foresight *f, struct err *e)
{
	struct upgrade *u = f->u;
	enum step next = STEP_COUNT;

	look_at(f, PLAN_TARGET);
	if (upgrade_load_target(u, "", e) < 0)
		return -1;
	if (!f->module_known)
		return 0;
	if (u->has_manifest && !u->plan.target[0])
		look_at(f, PLAN_MANIFEST);
	return upgrade_check_versions(u, &next, e);
}

static int look_here(struct foresight *f, struct err *e)
{
	return look_at_url(f, e) < 0 || look_at_file(f, e) < 0 || look_at_manifest(f, e) < 0 ||
		look_at_target(f, e) < 0 ? -1 : 0;
}

static void describe(struct foresight *f)
{
	const struct upgrade *u = f->u;
	struct package_info *p = &f->outlook.package;

	p->size = u->package ? package_size(u->package) : u->has_manifest ? u->manifest.size : u->server_size;
	snprintf(p->sha256, sizeof(p->sha256), "%s",
		 u->package ? package_sha256(u->package) : u->has_manifest ? u->manifest.sha256 : "");
	p->has_manifest = u->has_manifest;
	if (!u->has_manifest)
		return;
	snprintf(p->model, sizeof(p->model), "%s", u->manifest.model);
	snprintf(p->from, sizeof(p->from), "%s", u->manifest.from);
	snprintf(p->to, sizeof(p->to), "%s", u->manifest.to);
}

/* E as the problem, or none. */
static void judge(struct foresight *f, const struct err *e)
{
	if (e) {
		f->outlook.problem = e->message;
	} else {
		f->outlook.field = PLAN_NOTHING;
		f->outlook.problem.id = MSG_NONE;
	}
	describe(f);
}

/* -- servers -- */

/* Is there a server to ask, and a way in? */
static bool may_ask(const struct foresight *f, bool here)
{
	const struct plan *plan = &f->u->plan;

	if (plan->route != ROUTE_DOWNLOAD && plan->route != ROUTE_RELAY)
		return false;
	if (plan->user[0] && !plan->password[0] && !plan->netrc)
		return false;	/* the password comes later */
	return here || f->outlook.problem.id == MSG_TARGET_MISSING;
}

/* "URL.manifest", before what is asked of the server with it. */
static bool manifest_url(const struct upgrade *u, char out[URL_SIZE + 16])
{
	size_t size = strcspn(u->plan.url, "?#");

	return snprintf(out, URL_SIZE, "%.*s.manifest%s", (int)size, u->plan.url, u->plan.url + size) < URL_SIZE;
}

/* Where the manifest that belongs to URL is kept: one file a URL. */
static bool manifest_place(const char *url, char out[FILE_SIZE])
{
	char name[URL_SIZE + 64];
	size_t size;

	snprintf(name, sizeof(name), "manifests/");
	redact_url(name + strlen(name), sizeof(name) - strlen(name), url);
	for (char *c = name + sizeof("manifests/") - 1; *c; c++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-", *c))
			*c = '_';
	if (strlen(name) > NAME_MAX)	/* its end names the file */
		memmove(name + sizeof("manifests/") - 1, name + strlen(name) - NAME_MAX / 2, NAME_MAX / 2 + 1);
	size = paths_state(out, FILE_SIZE, name);
	return size > 0 && size < FILE_SIZE - 16;
}

/* A manifest that is not there, or none, is no problem: there is a field for it. */
static bool fetch_manifest(struct foresight *f)
{
	struct upgrade *u = f->u;
	const struct server_access from = upgrade_access(u);
	const struct server_watch watch = upgrade_watch_server(u);
	char url[URL_SIZE + 16], place[FILE_SIZE], part[FILE_SIZE + 16];
	struct server_status status;
	struct err e;

	if (u->plan.manifest[0] || !manifest_url(u, url) || !manifest_place(url, place))
		return false;
	paths_make_parents(place);
	snprintf(part, sizeof(part), "%s.%ld", place, (long)getpid());
	unlink(part);
	if (u->env.servers->download(url, &from, part, MANIFEST_MAX, 0, NULL, &watch, &status, &e) < 0)
		return false;
	if (manifest_read(part, &u->manifest, &e) < 0 || rename(part, place) < 0) {
		unlink(part);
		return false;
	}
	u->has_manifest = true;
	snprintf(f->outlook.manifest, sizeof(f->outlook.manifest), "%s", place);
	return f->outlook.fetched = true;
}

/* The server does not let us in like this. */
static bool is_about_login(enum message_id id)
{
	static const enum message_id ids[] = {
		MSG_FTP_LOGIN, MSG_FTP_LOGIN_NEEDED, MSG_HOST_LOGIN, MSG_HTTP_LOGIN, MSG_HTTP_LOGIN_NEEDED,
		MSG_HTTP_LOGIN_WRONG,
	};

	for (size_t i = 0; i < COUNT(ids); i++)
		if (ids[i] == id)
			return true;
	return false;
}

static int look_there(struct foresight *f, struct err *e)
{
	look_at(f, PLAN_URL);
	if (upgrade_look_at_source(f->u, e) < 0) {
		if (is_about_login(e->message.id))
			look_at(f, PLAN_LOGIN);
		return -1;
	}
	if (fetch_manifest(f) && upgrade_look_at_source(f->u, e) < 0)
		return -1;
	return look_at_target(f, e);
}

/* Of what a server says the gravest that is no good news. */
static void take_doubt(void *ctx, const struct event *ev)
{
	struct foresight *f = ctx;

	if (ev->type == EVENT_NOTICE && ev->notice.severity != SEVERITY_INFO && f->outlook.field == PLAN_URL &&
	    f->outlook.doubt.id == MSG_NONE)
		f->outlook.doubt = ev->notice.message;
}

static bool foresee(struct foresight *f, void (*tell)(void *ctx, const struct outlook *outlook), void *ctx)
{
	struct err e = {0};
	bool here = look_here(f, &e) == 0;
	bool there;

	judge(f, here ? NULL : &e);
	f->outlook.asking = may_ask(f, here);
	tell(ctx, &f->outlook);
	if (!f->outlook.asking)
		return true;
	there = look_there(f, &e) == 0;
	if (!there && e.code == ERR_CANCELLED)
		return false;
	judge(f, there ? NULL : &e);
	f->outlook.asking = false;
	tell(ctx, &f->outlook);
	return true;
}

bool upgrade_foresee(const struct upgrade_env *env, const struct plan *plan, const struct identity *module,
		     void (*tell)(void *ctx, const struct outlook *outlook), void *ctx)
{
	struct foresight f = {.module_known = module->model[0] && module->version[0]};
	struct upgrade_env own = *env;
	const struct profile *known;
	struct err e;
	bool done;

	own.record = NULL;
	own.observe = NULL;
	own.emit = take_doubt;
	own.ctx = &f;
	f.u = upgrade_new(&own, plan, &e);
	if (!f.u)
		return true;
	known = profile_by_name(plan->profile[0] ? plan->profile : module->profile);
	f.u->profile = known ? known : profile_default();
	f.u->family_known = true;	/* the likeliest, where it is not */
	f.u->plan.verify_source = false;	/* that downloads all of it */
	f.u->identity = *module;
	snprintf(f.u->from, sizeof(f.u->from), "%s", module->version);
	done = foresee(&f, tell, ctx);
	upgrade_free(f.u);
	return done;
}

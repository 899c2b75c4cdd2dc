#include "config.h"

#include "upgrade/target.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/version.h"
#include "protocol/who.h"
#include "upgrade/tell.h"

int upgrade_manifest_path(const struct upgrade *u, char *out, size_t out_size,
			  struct err *e)
{
	if (u->plan.manifest[0]) {
		snprintf(out, out_size, "%s", u->plan.manifest);
		return 0;
	}
	if (manifest_path(out, out_size, u->plan.file, e) < 0)
		return -1;
	if (access(out, F_OK) < 0 && errno == ENOENT)
		out[0] = '\0';
	return 0;
}

int upgrade_load_target(struct upgrade *u, const char *path, struct err *e)
{
	if (path[0]) {
		if (manifest_read(path, &u->manifest, e) < 0)
			return -1;
		u->has_manifest = true;
	}
	if (u->has_manifest && u->package &&
	    package_check_manifest(u->package, &u->manifest, e) < 0)
		return -1;
	if (u->has_manifest && u->plan.target[0] && version_compare(u->plan.target, u->manifest.to) == VERSION_OTHER)
		return err_fail(e, MSG_TARGETS_DIFFER, "target=%s manifest=%s", u->plan.target, u->manifest.to);
	snprintf(u->to, sizeof(u->to), "%s", u->has_manifest ? u->manifest.to : u->plan.target);
	for (const char *c = u->to; *c; c++)
		if (*c < 0x21 || *c > 0x7e)
			return err_fail(e, MSG_TARGET_NO_VERSION, "");
	if (!u->to[0])
		return err_fail(e, MSG_TARGET_MISSING, "");
	return 0;
}

enum runs upgrade_runs(const struct upgrade *u, const char *version)
{
	enum version_match to = version_compare(version, u->to), from = version_compare(version, u->from);

	if (to == VERSION_SAME)
		return RUNS_TARGET;
	if (to == VERSION_BASE)
		return from == VERSION_OTHER ? RUNS_TARGET : RUNS_EITHER;
	return from == VERSION_OTHER ? RUNS_OTHER : RUNS_OLD;
}

int upgrade_check_form(struct upgrade *u, struct err *e)
{
	const char *model = u->identity.model;

	if (!who_version_of(u->from, model) || version_same_form(u->to, u->from))
		return 0;
	if (!who_version_of(u->to, model))
		return err_fail(e, MSG_TARGET_OTHER_FORM, "to=%s version=%s", u->to, u->from);
	upgrade_found(u, MSG_TARGET_ODD_FORM, "to=%s version=%s", u->to, u->from);
	return 0;
}

int upgrade_load_url(struct upgrade *u, const char *url, struct err *e)
{
	struct url_limits limits = u->profile->url;

	/* what one family takes and another does not is judged when it is known */
	if (!u->family_known) {
		limits.https = true;
		limits.no_ftp = false;
	}
	return module_url(u->pull_url, sizeof(u->pull_url), url, u->plan.user, u->plan.password, &limits, e);
}

void upgrade_doubt_look(struct upgrade *u, const struct look *look, const char *name)
{
	if (look->kind != LOOK_UNKNOWN && strcmp(look->format, u->profile->package_format) != 0)
		upgrade_found(u, look->kind == LOOK_IMAGE ? MSG_PACKAGE_UNLIKELY_IMAGE : MSG_PACKAGE_UNLIKELY,
			      "name=%s format=%s", name, look->format);
}

/*
 * upgrade/target.h - what the user gave, before a port or a server is touched:
 * manifest, target version, the URL for the module.
 */
#ifndef DFOTA_UPGRADE_TARGET_H
#define DFOTA_UPGRADE_TARGET_H

#include "upgrade/state.h"

/* Read the manifest at PATH ("": there is none), hold it against the package,
 * and settle which version is the target. */
int upgrade_load_target(struct upgrade *u, const char *path, struct err *e);

/* The manifest to use with the package FILE: that of the plan, else the one
 * beside it, else "". */
int upgrade_manifest_path(const struct upgrade *u, char *out, size_t out_size,
			  struct err *e);

/* Report that the package NAME looks like what is seldom one for this module. */
void upgrade_doubt_look(struct upgrade *u, const struct look *look, const char *name);

/* What a module that reports VERSION runs. */
enum runs {
	RUNS_TARGET,
	RUNS_OLD,	/* what it ran before */
	RUNS_OTHER,
	RUNS_EITHER,	/* old and target differ in the sub-version, which it does not report */
};
enum runs upgrade_runs(const struct upgrade *u, const char *version);

/* Check URL for the module and keep what it is given in u->pull_url. */
int upgrade_load_url(struct upgrade *u, const char *url, struct err *e);

/* Is the target written as the module writes its version, so that it can be known
 * again afterwards? -1: it is no version of this model; a doubt is reported. */
int upgrade_check_form(struct upgrade *u, struct err *e);

#endif

/*
 * upgrade/resume.h - what this run did not start: left unfinished by another, or
 * already under way.
 */
#ifndef DFOTA_UPGRADE_RESUME_H
#define DFOTA_UPGRADE_RESUME_H

#include "upgrade/state.h"

/* Take over an unfinished upgrade: plan.open. */
int upgrade_take_over(struct upgrade *u, struct err *e);

/* A module that installs something nobody here has asked for is watched and
 * not disturbed. False when that is not what stopped the step. */
bool upgrade_attach(struct upgrade *u, const struct err *why);

/* What became of it, by the identity read now. */
void upgrade_conclude_attached(struct upgrade *u, const struct identity *now);

#endif

/*
 * upgrade/steps.h - the steps, a file each. A step does its part and sets *NEXT
 * where another one than the next in order follows; STEP_COUNT ends the run, and
 * there is a result then. -1 with E: it failed.
 */
#ifndef DFOTA_UPGRADE_STEPS_H
#define DFOTA_UPGRADE_STEPS_H

#include "upgrade/state.h"

/* Open the port; which module is it, and may it be upgraded? */
int upgrade_identify(struct upgrade *u, enum step *next, struct err *e);

/* The manifest, the module and the target must fit together (faults.md C01-C03): what
 * was given and read is enough. */
int upgrade_check_versions(struct upgrade *u, enum step *next, struct err *e);

/* Ask the module about CHECKs; -1 with the reason not to go on. */
int upgrade_check(struct upgrade *u, enum step *next, struct err *e);

/* After a failure: ask what separates its causes, for record and diagnosis; nothing comes
 * of the answers here. Only where the module takes commands, and none is under way. */
void upgrade_ask_afterwards(struct upgrade *u);

/* Put right what the checks found, build the command, ask the person. */
int upgrade_prepare(struct upgrade *u, enum step *next, struct err *e);

int upgrade_install(struct upgrade *u, enum step *next, struct err *e);

/* Open the port where the module is now. False: not there (yet). */
bool upgrade_reopen(struct upgrade *u);

int upgrade_restart(struct upgrade *u, enum step *next, struct err *e);

int upgrade_verify(struct upgrade *u, enum step *next, struct err *e);

#endif

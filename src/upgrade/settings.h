/*
 * upgrade/settings.h - what is set in the module for the upgrade.
 *
 * What is stored in the module outlives the run: it is changed only where it
 * has to be, after the yes, with the value before in the record, and put back
 * at the end unless --keep-settings is given (protocol.md 3.3, 4.5).
 */
#ifndef DFOTA_UPGRADE_SETTINGS_H
#define DFOTA_UPGRADE_SETTINGS_H

#include "upgrade/state.h"

/* Our side of flow control; then the plan: what is to be sent, and what of it is
 * stored. LAST is the command that starts the upgrade, redacted. */
int upgrade_plan_settings(struct upgrade *u, const char *last, struct err *e);

/* What must be known to work before the question. */
int upgrade_apply_settings(struct upgrade *u, struct err *e);

/* The rest, after the yes. */
int upgrade_store_settings(struct upgrade *u, struct err *e);

/* At the end, with the result concluded: put back what stands, where the module
 * is known to be in command mode; keep in the result what became of it all. */
void upgrade_put_back_settings(struct upgrade *u);

/* With the result concluded: does the module listen to commands, and to nothing else? It
 * was asked for its version just now, or nothing but commands was ever sent to it. */
bool upgrade_takes_commands(const struct upgrade *u);

/* What became of what COMMAND stores, if that was planned; in the record before
 * anything is sent for it. */
void upgrade_report_stored(struct upgrade *u, const char *command, enum setting_state state);

#endif

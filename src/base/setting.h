/*
 * setting.h - a setting that is stored in the module and outlives the run: what
 * it was, what it is made, and what puts it back.
 *
 * Threads: plain values.
 */
#ifndef DFOTA_SETTING_H
#define DFOTA_SETTING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/message.h"

enum setting_state {
	SETTING_PLANNED,	/* nothing was sent yet */
	SETTING_SENT,		/* the command went out: it may be in force */
	SETTING_CHANGED,	/* the module said OK */
	SETTING_REFUSED,
	SETTING_PUT_BACK,	/* it was changed, and is again what it was */
	SETTING_STATES
};

/* "planned", "sent", "changed", "refused", "put-back"; NULL past the end. */
const char *setting_state_name(int state);

struct setting {
	char command[96];	/* AT+QURCCFG="urcport","uart1" */
	char before[24];	/* usbmodem */
	char undo[96];		/* the command that puts it back */
	enum setting_state state;
};

#define SETTINGS_MAX 4

struct settings {
	struct setting list[SETTINGS_MAX];
	size_t count;
};

/* Keep S among ALL, in the place of what was known of its command. What finds
 * no room is dropped. */
void settings_take(struct settings *all, const struct setting *s);

/* Is S changed in the module, as far as is known? */
bool setting_stands(const struct setting *s);

/* Was the module sent any of ALL? */
bool settings_touched(const struct settings *all);

/* M says what became of S, which was sent: "was changed: ..., before: ...". */
void setting_message(const struct setting *s, struct message *m);

#endif

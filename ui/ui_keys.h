/*
 * ui_keys.h - what the keys do.
 */
#ifndef DFOTA_UI_KEYS_H
#define DFOTA_UI_KEYS_H

#include "ui/term/keys.h"

struct ui;

/* Do what KEY means as things stand. */
void ui_take_key(struct ui *u, const struct key *key);

/* COUNT that came at once. */
void ui_take_keys(struct ui *u, const struct key *keys, int count);

#endif

/*
 * ui_mouse.h - what the mouse does: the same as keys, and nothing that no key
 * does. A press on a pane chooses it and what is under the pointer, a second one
 * does what Enter does there; one on the key bar is that key; the wheel moves.
 */
#ifndef DFOTA_UI_MOUSE_H
#define DFOTA_UI_MOUSE_H

#include <stdbool.h>

#include "ui/model/view.h"
#include "ui/term/keys.h"

struct ui;

/* Is the mouse taken in MODE? Not while a question is open. */
bool ui_mouse_serves(enum mode mode);

/* Is KEY one of the mouse? */
bool ui_mouse_is(const struct key *key);

#define UI_MOUSE_KEYS 3

/* Choose what MOUSE points at. Returns how many KEYS it stands for then, none to three. */
int ui_mouse_keys(struct ui *u, const struct key *mouse, struct key keys[UI_MOUSE_KEYS]);

#endif

/*
 * input.h - bytes of the keyboard to keys.
 *
 * TERM and the terminal seldom agree on serial consoles and through gateways:
 * the forms of keys that are in use are known whatever TERM says, those of
 * TERM as well. What is no key of ours (other function keys, Alt and a letter,
 * reports of the focus, answers of the terminal) is taken as a whole and given
 * to nobody, so none of its letters is a key. Clicks and the wheel are keys with
 * a place.
 *
 * Pure: no curses, no input or output, no clock but the time it is told.
 */
#ifndef DFOTA_INPUT_H
#define DFOTA_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ui/term/keys.h"

/* A key in several bytes whose rest does not come within this time is over: a
 * lone Esc is Esc. Longer than a gateway or a mobile network holds bytes back. */
#define INPUT_REST_MS 1000

#define INPUT_HELD 40
#define INPUT_KNOWN 32
#define INPUT_KNOWN_SIZE 12

struct input {
	unsigned char held[INPUT_HELD];	/* a key that is not whole */
	size_t size;
	bool in_string;		/* an answer of the terminal, to its end */
	bool in_paste;		/* between the marks that a terminal puts around one */
	int64_t last_ms;	/* when the last byte came */
	struct {
		char bytes[INPUT_KNOWN_SIZE];
		int code;
	} known[INPUT_KNOWN];	/* of TERM */
	size_t known_count;
};

/* BYTES are what TERM says that key CODE sends; only those that begin with Esc are taken. */
void input_know(struct input *in, const char *bytes, int code);

/* Take BYTE, which came at NOW_MS. Returns how many keys are whole now, none to
 * two: they are in KEYS. One between the marks of a paste is marked as pasted. */
int input_take(struct input *in, unsigned char byte, int64_t now_ms, struct key keys[2]);

/* When the rest of what is held is waited for no longer; -1: nothing is held. */
int64_t input_due_ms(const struct input *in);

/* It is NOW_MS and nothing more came. Returns 1 when KEY is one now, else 0. */
int input_expire(struct input *in, int64_t now_ms, struct key *key);

#endif

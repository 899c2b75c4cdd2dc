/*
 * words.h - advice that speaks to the command line, said for the screen:
 * "--target VERSION" is the field Target in pane 2 there.
 */
#ifndef DFOTA_WORDS_H
#define DFOTA_WORDS_H

#include <stddef.h>

/* Write TEXT to OUT as the screen says it; cut when it does not fit. Returns OUT. */
char *words_on_screen(char *out, size_t out_size, const char *text);

#endif

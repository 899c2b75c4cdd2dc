/*
 * words.h - the language of the words that people read.
 *
 * A table marks its English with N_("..."); where it is shown it is _(marked).
 * Tables that po/templates.c prints need no mark.
 * The language is that of a thread: a thread reads English until it calls
 * words_open(), so what a library says there is in English too, and what is
 * written by it. Records, JSON and reports never go through _().
 */
#ifndef DFOTA_WORDS_H
#define DFOTA_WORDS_H

#define N_(english) english
#define _(english) words_of(english)

/* ENGLISH in the language of this thread; ENGLISH itself where it has no translation. */
const char *words_of(const char *english) __attribute__((format_arg(1)));

/* From now on this thread reads in the language of the environment (LANGUAGE,
 * LC_ALL, LC_MESSAGES, LANG). It stays with English where there is no
 * translation, and where the terminal's characters are not in UTF-8. */
void words_open(void);

/* This thread reads English again. */
void words_close(void);

/* ERROR_NUMBER in the system's English words, in whatever language the thread is. */
const char *words_of_errno(int error_number);

#endif

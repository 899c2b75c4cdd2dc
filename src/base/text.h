/*
 * text.h - hostile text made safe to show. Secrets: redact.h.
 *
 * Everything that comes from a module, a server, a file or a file name passes
 * text_safe() on its way to any sink (screen, stdout, stderr, JSON, record).
 *
 * Memory: none is allocated; results are always terminated with NUL.
 * Threads: functions are pure.
 */
#ifndef DFOTA_TEXT_H
#define DFOTA_TEXT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * Write SIZE bytes of IN to OUT as printable UTF-8. What stays: printable
 * ASCII and valid UTF-8 letters and signs. Written as \xNN byte by byte:
 * control bytes (C0, DEL, C1 in either form), invalid or overlong UTF-8,
 * surrogates, noncharacters; as \u{NNNN}: bidi controls, zero-width and other
 * invisible characters, private use, and combining marks past the second on
 * one base or without a base.
 * A backslash stays a backslash.
 * Cuts at a whole character or escape when OUT_SIZE (at least 1) is too small
 * and then ends in "..." where that fits. Returns the length written.
 */
size_t text_safe(char *out, size_t out_size, const void *in, size_t size);

/* The same for a C string. */
size_t text_safe_str(char *out, size_t out_size, const char *in);

/* Cut TEXT, of which the end may have been cut, at its last whole character. */
void text_end_whole(char *text);

/* Columns of the whole of TEXT. */
int text_columns(const char *text);

/*
 * The bytes of TEXT that make one line of at most WIDTH columns, broken at a
 * space where there is one, or beside a wide letter; *NEXT is set to what follows,
 * without the spaces at the break. Always moves on, even where WIDTH is too small
 * for a letter. WIDTH_OF has the columns of a character, text_width() or what a
 * terminal makes of it.
 */
size_t text_line(const char *text, int width, int (*width_of)(uint32_t), const char **next);

/* Print one line on OUT: what FORMAT makes, safe as a whole, cut past 4 KiB, and a
 * line feed. What a line holds cannot begin another. */
void text_print(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The character that IN[SIZE] begins with, to C: its bytes; 0: none, or no
 * well-formed UTF-8. */
size_t text_decode(const char *in, size_t size, uint32_t *c);

/* Write C as UTF-8. Returns its bytes, 0 for what is no character. */
size_t text_encode(char out[4], uint32_t c);

/* Columns that C takes, 0 to 2, where text_safe() lets it stand. */
int text_width(uint32_t c);

/* SIZE bytes with thousands separated, "307,200", at most 27 bytes with NUL.
 * Independent of the locale. Returns OUT. */
char *text_count(char out[28], unsigned long long size);

#endif

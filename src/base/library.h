/*
 * library.h - shared libraries that are loaded when they are used first, and not linked
 *
 * For those that bring many others with them and that most runs never use. The room that
 * uses one has a header that defines the library's functions as FROM_LIBRARY(NAME), so
 * that they are called as if it was linked. Thread-safe.
 */
#ifndef DFOTA_LIBRARY_H
#define DFOTA_LIBRARY_H

#include <stdbool.h>

/*
 * Before any call of its functions, as often as one likes: load FILE, a name without a
 * folder, looked for where the system has its libraries. It stays until the program
 * ends. NEWEST is the youngest of its functions that are called: without it the library
 * is too old, or another one. Returns NULL, or why it is not there, in the system's
 * words, which live until the thread's next call.
 */
const char *library_load(const char *file, const char *newest);

/* Is the function NAME there? */
bool library_has(const char *name);

/* The function NAME of a library that is loaded. */
void *library_function(const char *name);

#define FROM_LIBRARY(name) ((__typeof__(name) *)library_function(#name))

#endif

/*
 * skip.h - a test that cannot be run here says why: tests/unit puts the reason
 * into its line.
 */
#ifndef DFOTA_SKIP_H
#define DFOTA_SKIP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Does not return. */
static inline void skip_because(const char *reason)
{
	print_message("# skip: %s\n", reason);
	skip();
}

#endif

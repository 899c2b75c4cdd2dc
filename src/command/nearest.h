/*
 * nearest.h - the word that somebody meant who mistyped one.
 *
 * Pure; any thread.
 */
#ifndef DFOTA_NEAREST_H
#define DFOTA_NEAREST_H

#include <stddef.h>

struct nearest {
	const char *word;	/* the best so far; NULL: none is near enough */
	size_t distance;
};

/* Hold CANDIDATE against what was TYPED: it is taken where it is nearer than
 * what N has. Near enough is one letter wrong, missing, too many or swapped with
 * its neighbour, one more for each four letters; case does not count. */
void nearest_try(struct nearest *n, const char *typed, const char *candidate);

#endif

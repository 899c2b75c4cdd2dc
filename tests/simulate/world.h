/*
 * simulate/world.h - one whole session as a value: what is drawn from a seed,
 * printed, read back and made shorter.
 *
 * A world is a list of facts, each a row of kinds.c with up to three numbers.
 * A fact that is not there has its usual value, so that leaving one out gives
 * a simpler world. As text it is a line a fact, '#' begins a comment:
 *
 *	route 1
 *	flash-ms 40000
 *	reboot-at 12000
 *
 * Threads: plain values and constant data.
 */
#ifndef DFOTA_SIMULATE_WORLD_H
#define DFOTA_SIMULATE_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WORLD_FACTS 48
#define WORLD_NUMBERS 3
/* Scenario of the simulated module, or the text of a world. */
#define WORLD_TEXT_SIZE 16384

struct setup;

/* What a kind of fact may do to the module or the line; the judge goes by it. */
enum kind_flag {
	KIND_DAMAGES = 1,	/* bytes arrive that nobody sent: a wrong package may be complete */
	KIND_DEAFENS = 2,	/* the dialogue may fail for good, though the module lives */
	KIND_FORGES = 4,	/* words are on the line that the module's state does not bear out */
	KIND_DISK = 8,		/* the record may have holes */
	KIND_LEAVES = 16,	/* the operator may end it: unknown is honest */
	KIND_TEARS = 32,	/* a command may arrive without its end, and the next one behind it */
	KIND_REFUSES = 64,	/* it has no DFOTA by its own word, whatever else it says */
	KIND_UGXX = 128,	/* words of that family: nothing in a world of another */
};

struct kind {
	const char *name;
	int per_mille;		/* of all worlds that have it */
	struct range {
		long min, max;	/* both 0: not used */
	} n[WORLD_NUMBERS];
	const char *module;	/* lines of its scenario; $0 a number, %1 the first word of words.., see kinds.c; NULL */
	void (*apply)(struct setup *s, const long n[WORLD_NUMBERS]);	/* to the rest of the world; NULL */
	unsigned flags;
	const char *rules;	/* of the diagnosis that may name it, in blanks; NULL: none does */
};

/* The row NUMBER, NULL past the end. */
const struct kind *kind_row(size_t number);

struct fact {
	const struct kind *kind;
	long n[WORLD_NUMBERS];
};

struct world {
	struct fact facts[WORLD_FACTS];
	size_t count;
};

/* The same world for the same seed and table. THEME: only kinds that it names, with
 * blanks between, and those often; NULL: all. */
void world_draw(struct world *w, uint64_t seed, const char *theme);

/* Append what KIND's row says for N to the scenario in OUT. */
void kind_module(const struct fact *f, char *out, size_t size);

/* May the diagnosis name RULE because of F? */
bool kind_explains(const struct fact *f, const char *rule);

/* One line a fact. Returns OUT. */
char *world_print(const struct world *w, char *out, size_t size);

/* The same back; the first line that is none is given in WRONG. */
bool world_parse(struct world *w, const char *text, char *wrong, size_t wrong_size);

/* All flags of its facts. */
unsigned world_flags(const struct world *w);

#endif

/*
 * personality.h - how the module of each family differs from a UG96: properties
 * of a scenario (scenario.h), a row a profile (protocol/profile.h), from the same
 * sources.
 *
 * Threads: constant data.
 */
#ifndef DFOTA_SIM_PERSONALITY_H
#define DFOTA_SIM_PERSONALITY_H

#include "sim/scenario.h"

struct personality {
	const char *name;	/* of the profile */
	const char *settings;	/* lines of a scenario, `set` only */
};

/* Row INDEX, NULL past the end. */
const struct personality *sim_personality(size_t index);

/* Let P, which sim_settings_init() has set, be a module of FAMILY (NULL: UGxx).
 * ERR_USAGE: there is none. */
int sim_personality_apply(struct sim_settings *p, const char *family, struct err *e);

#endif

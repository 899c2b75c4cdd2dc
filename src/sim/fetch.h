/*
 * fetch.h - a download that the simulated module wants to make: who runs the
 * module fetches it and reports the data as it comes, then the end.
 */
#ifndef DFOTA_SIM_FETCH_H
#define DFOTA_SIM_FETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "package/server.h"

struct sim;

/* The URL, or NULL when it wants none. */
const char *sim_fetch_wanted(const struct sim *s);
void sim_fetch_data(struct sim *s, const void *bytes, size_t size);
void sim_fetch_end(struct sim *s, int64_t now_ms,
		   const struct server_status *status, bool ok);

#endif

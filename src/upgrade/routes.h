/*
 * upgrade/routes.h - the ways for the package to get to the module, and what two
 * of them share. As the members of struct route_steps (state.h).
 */
#ifndef DFOTA_UPGRADE_ROUTES_H
#define DFOTA_UPGRADE_ROUTES_H

#include "upgrade/state.h"

extern const struct route_steps route_download, route_serial, route_relay, route_publish;

/* The steps of ROUTE in a module of that family; NULL: it has no such way. */
const struct route_steps *route_steps(enum profile_serial family, enum route route);

/* Over the serial port. */
int push_load(struct upgrade *u, struct err *e);
int push_prepare(struct upgrade *u, struct err *e);
int push_transfer(struct upgrade *u, enum step *next, struct err *e);

/* The module downloads. */
int pull_fits(struct upgrade *u, struct err *e);
int pull_prepare(struct upgrade *u, struct err *e);
int pull_transfer(struct upgrade *u, enum step *next, struct err *e);

#endif

/*
 * upgrade/routes.h - the ways for the package to get to the module, and what two
 * of them share. As the members of struct route_steps (state.h).
 */
#ifndef DFOTA_UPGRADE_ROUTES_H
#define DFOTA_UPGRADE_ROUTES_H

#include "package/blocks.h"
#include "upgrade/state.h"

extern const struct route_steps route_download, route_serial, route_relay, route_publish;
/* ROUTE_SERIAL and ROUTE_RELAY where the package goes into the module's file store. */
extern const struct route_steps route_upload, route_relay_upload;

/* The steps of ROUTE in a module of that family; NULL: it has no such way. */
const struct route_steps *route_steps(enum profile_serial family, enum route route);

/* Over the serial port. */
int push_load(struct upgrade *u, struct err *e);
int push_prepare(struct upgrade *u, struct err *e);
int push_transfer(struct upgrade *u, enum step *next, struct err *e);

/* What a person should know of the package on this computer. */
void push_look(struct upgrade *u);

/* A package on its way over the serial port. */
struct sending {
	struct blocks plan;
	uint64_t gate, offset;	/* no write goes past the gate from before it */
	int64_t due_us;		/* when the schedule allowed the last write */
};

void push_begin(struct upgrade *u, struct sending *s);

/* Send COMMAND and wait for the gate token: 0 when data may flow. */
int push_enter(struct upgrade *u, const char *command, struct err *e);

/* Send what BYTES holds from s->offset up to END. */
int push_part(struct upgrade *u, struct sending *s, uint64_t end, const unsigned char *bytes, struct err *e);

/* The sending failed as E says, IN_DATA mode or before: the way back. As a transfer. */
int push_fail(struct upgrade *u, bool in_data, enum step *next, struct err *e);

/* The package goes into the module's file store. */
int upload_fits(struct upgrade *u, struct err *e);
int upload_prepare(struct upgrade *u, struct err *e);
int upload_transfer(struct upgrade *u, enum step *next, struct err *e);

/* The module downloads. */
int pull_fits(struct upgrade *u, struct err *e);
int pull_prepare(struct upgrade *u, struct err *e);
int pull_transfer(struct upgrade *u, enum step *next, struct err *e);

/* Send u->command behind the gate. 1: the upgrade may be under way; 0: *NEXT says how to go on; -1. */
int pull_start(struct upgrade *u, enum step *next, struct err *e);

#endif

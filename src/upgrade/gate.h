/*
 * upgrade/gate.h - the commit gate: what comes next is on disk before the byte that
 * cannot be taken back is sent.
 */
#ifndef DFOTA_UPGRADE_GATE_H
#define DFOTA_UPGRADE_GATE_H

#include "upgrade/state.h"

/* State durably what comes next; -1: it must not be done. */
int upgrade_intend(struct upgrade *u, enum intent intent, struct err *e);

/* Pass the commit gate; -1: the dangerous byte must not be sent. */
int upgrade_gate(struct upgrade *u, struct err *e);

#endif

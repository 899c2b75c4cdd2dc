/*
 * explain.h - `dfota explain`: what a code means.
 */
#ifndef DFOTA_EXPLAIN_H
#define DFOTA_EXPLAIN_H

#include "base/err.h"
#include "command/options.h"

/*
 * Print what the operands of O mean: a number, a table and a number (FTP 601), or
 * a line that a module sent, as it was pasted, with quotes or without them
 * (+QIND: "FOTA","HTTPEND",714; +CME ERROR: 30; +CME ERROR: SIM busy). 0; -1 with
 * ERR_USAGE for what is none of these, and for a number that no table has, after
 * what can be said of it.
 */
int explain_print(const struct options *o, struct err *e);

#endif

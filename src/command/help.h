/*
 * help.h - the help, made of the tables of options.h.
 */
#ifndef DFOTA_HELP_H
#define DFOTA_HELP_H

#include <stdio.h>

#include "command/options.h"

/* Print the help of COMMAND: what it takes, in lines of at most 79 columns;
 * COMMAND_HELP: the overview, which a terminal of 80x24 shows as a whole. */
void help_print(FILE *out, enum command command);

#endif

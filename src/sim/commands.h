/*
 * commands.h - command mode: lines, echo, the table of AT commands.
 */
#ifndef DFOTA_SIM_COMMANDS_H
#define DFOTA_SIM_COMMANDS_H

#include "sim/core.h"

/* A byte in command mode. */
void sim_command_byte(struct sim *s, unsigned char c);

/* For struct sim_parts. */
enum sim_answer sim_command_default(struct sim *s);
void sim_command_go_on(struct sim *s, enum sim_answer answer);

#endif

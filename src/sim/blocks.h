/*
 * blocks.h - the blocks of a scenario: which one runs, and how far it is.
 */
#ifndef DFOTA_SIM_BLOCKS_H
#define DFOTA_SIM_BLOCKS_H

#include "sim/core.h"

/* EVENT with its number ARG: its block runs, then THEN does the step. */
void sim_event(struct sim *s, enum sim_at event, long arg, sim_step *then);

/* Lets event blocks count data: the smallest N > RECEIVED of an `at data N`, or UINT64_MAX. */
uint64_t sim_next_data_event(const struct sim *s, uint64_t received);

/* Percent blocks fire once a flash: a new one begins. */
void sim_forget_percents(struct sim *s);

/* Run the block that answers s->command, if one fits. */
bool sim_run_command_block(struct sim *s);

/* Go on with a block whose wait is over. */
void sim_run_go_on(struct sim *s, struct sim_run *r);

/* When block I, if it is an `at time`, is due; SIM_NEVER. Run it. */
int64_t sim_time_block_ms(const struct sim *s, size_t i);
void sim_time_block(struct sim *s, size_t i);

#endif

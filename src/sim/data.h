/*
 * data.h - data mode: declared bytes, acknowledgements, the guarded escape, the time-out.
 */
#ifndef DFOTA_SIM_DATA_H
#define DFOTA_SIM_DATA_H

#include "sim/core.h"

/* Enter data mode as s->data says (to, declared, timeout_ms, ack, file). */
void sim_data_enter(struct sim *s);

/* Take bytes in data mode; how many. */
size_t sim_data_input(struct sim *s, const unsigned char *bytes, size_t size);

/* End it: as if all had come; without a word; by time-out; by +++. */
void sim_data_finish(struct sim *s);
void sim_data_leave(struct sim *s);
void sim_data_timeout(struct sim *s);
void sim_data_escape(struct sim *s);

#endif

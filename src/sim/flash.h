/*
 * flash.h - AT+QFOTADL: download, check, installation, restart.
 */
#ifndef DFOTA_SIM_FLASH_H
#define DFOTA_SIM_FLASH_H

#include "sim/core.h"

enum sim_answer sim_upgrade_command(struct sim *s, const char *value);

/* Hold a command against what a host must never send. */
void sim_upgrade_judge(struct sim *s, const char *command);

void sim_upgrade_timer(struct sim *s);
void sim_upgrade_cancel(struct sim *s);		/* forget it, whatever its stage */
void sim_upgrade_power_cut(struct sim *s, int64_t away_ms);
bool sim_upgrade_resumes(struct sim *s);	/* after a boot; announces it where asked */

#endif

/*
 * doctor.h - `dfota doctor`: what on this computer stands in the way of an
 * upgrade, with a cure for each finding. Looks only: opens no port, changes no file.
 */
#ifndef DFOTA_DOCTOR_H
#define DFOTA_DOCTOR_H

#include "base/err.h"
#include "command/options.h"

/*
 * Print a line a finding, or with --json an object of type "check". SCREEN is why
 * no screen can be shown here (MSG_NONE: it can), LIBRARIES their versions. Returns
 * 0 where nothing stands in the way, warnings or not; else the exit status of the
 * first that does. -1 with E when nothing could be looked at.
 */
int doctor_run(const struct options *o, const struct message *screen, const char *libraries, struct err *e);

#endif

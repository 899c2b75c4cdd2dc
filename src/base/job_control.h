/*
 * job_control.h - stopping and going on as the shell asks for it, in a program
 * that takes its signals from a descriptor.
 *
 * Threads: the one that has the terminal.
 */
#ifndef DFOTA_JOB_CONTROL_H
#define DFOTA_JOB_CONTROL_H

#include <stdbool.h>

/* Stop the whole process as SIGTSTP would, which is blocked again afterwards.
 * Returns when it goes on; at once where there is nobody to wake it. */
void job_stop(void);

/* Does TERMINAL belong to another job now? False for what is no terminal of ours. */
bool job_in_background(int terminal);

#endif

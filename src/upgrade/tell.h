/*
 * upgrade/tell.h - events: steps, notices, progress, the package and its bytes, to the
 * record first and then to the front end.
 */
#ifndef DFOTA_UPGRADE_TELL_H
#define DFOTA_UPGRADE_TELL_H

#include "upgrade/state.h"

/* Let the front end's diagnosis see EV, which is stamped. */
void upgrade_observe(struct upgrade *u, struct event *ev);

/* Report how long this program itself stood still since it was asked last, in milliseconds:
 * what comes late because of us is not the module's fault, and is watched for that much
 * longer. 0: it did not. upgrade_emit() says it before anything else. */
int64_t upgrade_report_late(struct upgrade *u);

/* Stamp EV; observe it; to the record first, then to the front end (design 4). */
void upgrade_emit(struct upgrade *u, struct event *ev);

/* Change the step: the only place that does. */
void upgrade_set_step(struct upgrade *u, enum step step);

/* The step that runs, if any, has ended as u->step_ended says. */
void upgrade_end_step(struct upgrade *u);

/* Report the message ID, of the severity of its row; FORMAT as in message_set(). */
void upgrade_report(struct upgrade *u, enum message_id id, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The same of a finished message, such as that of an error. */
void upgrade_report_message(struct upgrade *u, enum severity severity, const struct message *m);

/* Report it, and keep it for the question: the person who is asked has to know. */
void upgrade_found(struct upgrade *u, enum message_id id, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void upgrade_found_message(struct upgrade *u, enum severity severity, const struct message *m);

/* Progress of the step now running; at most four a second unless IMPORTANT.
 * STARTED_MS is when DONE was 0, for the rate (0: no rate). */
void upgrade_progress(struct upgrade *u, enum unit unit, uint64_t done,
		      uint64_t total, int64_t started_ms, bool important);

/* Report the package, or what the manifest says of it. */
void upgrade_report_package(struct upgrade *u);

/* Report the package bytes that went out since the last time: once a second, or
 * now. */
void upgrade_report_data(struct upgrade *u, bool now);

#endif

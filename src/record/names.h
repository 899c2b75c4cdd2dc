/*
 * names.h - values of enums as they are called in JSON, each NULL for what has none.
 *
 * Threads: constant data.
 */
#ifndef DFOTA_RECORD_NAMES_H
#define DFOTA_RECORD_NAMES_H

const char *job_name(int job);		/* enum job: "resume" */
const char *method_name(int route);	/* enum route, who carries: "push" */
const char *route_name(int route);	/* enum route: "relay" */
const char *intent_name(int intent);	/* enum intent: "install" */
const char *state_name(int begin);	/* bool: "begin", "end" */
const char *ending_name(int ended);	/* enum ended: "done" */
const char *cancel_name(int cancel);	/* enum cancel: "detach" */
const char *unit_name(int unit);	/* enum unit: "bytes" */
const char *severity_name(int severity);	/* enum severity: "warning" */
const char *dir_name(int dir);		/* enum line_dir: "rx" */
const char *step_name(int step);	/* enum step: "transfer" */
const char *phase_name(int phase);	/* enum phase: "install" */
const char *outcome_name(int outcome);	/* enum outcome: "unchanged" */
const char *stop_name(int code);	/* enum err_code: "busy" */
const char *answer_name(int ask);	/* enum ask: "yes" */
const char *gap_name(int why);		/* enum gap: "flood" */

#endif

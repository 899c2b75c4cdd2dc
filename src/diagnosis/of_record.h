/*
 * of_record.h - the diagnosis of a record that is read back, and its lines as a
 * person reads them.
 *
 * Threads: as the record.
 */
#ifndef DFOTA_DIAGNOSIS_OF_RECORD_H
#define DFOTA_DIAGNOSIS_OF_RECORD_H

#include "diagnosis/diagnosis.h"
#include "record/reader.h"

/* Take in all that R has so far. A program that resumes an upgrade begins with
 * that, so that it finds what the record says afterwards. */
void diagnosis_read(struct diagnosis *d, struct record *r);

/* What all of R speaks for, as diagnosis_findings(); nothing without memory. */
size_t diagnosis_of_record(struct record *r, enum audience audience, struct finding *out, size_t max);

/* The same; TAKE gets each event as well, for a pass through a million lines takes 0.28 s. */
size_t diagnosis_of_record_beside(struct record *r, enum audience audience,
				  void (*take)(void *ctx, uint64_t number, const struct event *ev), void *ctx,
				  struct finding *out, size_t max);

/* Line NUMBER of R: "  12.060 < +CSQ: 3,99". Returns OUT. */
char *diagnosis_line(struct record *r, uint64_t number, enum audience audience, char *out, size_t out_size);

#endif

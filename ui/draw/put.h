/*
 * put.h - what panes and pages alike put on the screen: times, wrapped text,
 * a field that is edited.
 */
#ifndef DFOTA_PUT_H
#define DFOTA_PUT_H

#include <stdint.h>

#include "ui/model/field.h"
#include "ui/term/screen.h"

/* "1:07", "1:02:07": MS as minutes and seconds, and hours. Returns OUT. */
const char *put_duration(int64_t ms, char out[32]);

/* Draw TEXT over rows ROW and further, wrapped to the width of A; where it
 * does not fit it ends in ~. Returns the row after it. */
int put_wrapped(struct screen *s, const struct area *a, int row, enum role role, const char *text);

/* The value of a field of at most WIDTH columns while it is edited: the part
 * around the cursor, which is set. */
void put_field(struct screen *s, const struct area *a, int row, int column, int width, const struct field *f);

#endif

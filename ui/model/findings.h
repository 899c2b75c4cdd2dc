/*
 * findings.h - what the diagnosis found in a record, as text to be shown: the
 * record itself may be gone, or longer, by then.
 */
#ifndef DFOTA_FINDINGS_H
#define DFOTA_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/event.h"
#include "diagnosis/of_record.h"
#include "record/reader.h"

#define FINDINGS_LINE 320

struct findings {
	bool made;
	char record[FILE_SIZE];		/* its path, as given */
	char problem[TEXT_SIZE];	/* what is wrong with the record; "" */
	bool unread;			/* ... so much that it was not looked at */
	bool growing;			/* it was being written */
	uint64_t end;			/* lines before it were looked at */
	bool explains;			/* there is a result, with */
	char cause[TEXT_SIZE], next[TEXT_SIZE];
	bool well;			/* a success: what follows are remarks */
	size_t count;
	struct {
		const char *sure;	/* how sure, in a word */
		char cause[TEXT_SIZE];
		char next[TEXT_SIZE];
		size_t line_count;
		char lines[FINDING_LINES][FINDINGS_LINE];
	} findings[FINDINGS_MAX];
};

/* Look at the lines of R before END, for a replay: the module is elsewhere, so cures are
 * commands that can be passed on, not keys of this screen. */
void findings_make(struct findings *d, struct record *r, uint64_t end);

/* Look at the record PATH, or say in problem why it can't be. */
void findings_read(struct findings *d, const char *path);

/* Cause and next step of R, the result of what was diagnosed: the first finding
 * has them in words for whoever looks. */
const char *findings_cause(const struct findings *d, const struct result *r);
const char *findings_next(const struct findings *d, const struct result *r);

#endif

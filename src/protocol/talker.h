/*
 * talker.h - what talks on a port that gives no answer to AT: known by the form
 * of what it says, not by its words. Pure, as at.h.
 */
#ifndef DFOTA_TALKER_H
#define DFOTA_TALKER_H

#include "protocol/at.h"

enum talker_kind {
	TALKER_SILENT,
	TALKER_TEXT,	/* something else */
	TALKER_ECHO,	/* what was sent, and nothing else */
	TALKER_PROMPT,	/* waits for input at the end of a line: a shell, a login, a boot loader */
	TALKER_NMEA,	/* sentences with a checksum: a satellite receiver */
};

struct talker {
	unsigned lines, echoes, sentences;
	char text[64];		/* the last of it; of a prompt the prompt */
	bool prompt;
};

/* A whole line of it; IS_ECHO: it was sent by us. */
void talker_take(struct talker *t, struct slice line, bool is_echo);

/* A line that has not ended, and after which it was silent. */
void talker_take_half(struct talker *t, struct slice half);

enum talker_kind talker_kind(const struct talker *t);

#endif

/*
 * upgrade/listen.h - what the module says: each line to the log, and what its FOTA
 * lines mean for the upgrade.
 */
#ifndef DFOTA_UPGRADE_LISTEN_H
#define DFOTA_UPGRADE_LISTEN_H

#include "upgrade/state.h"

/* The modem's line hook: every line both ways, redacted and safe, to the log. */
void upgrade_on_line(void *ctx, enum line_dir dir, const struct at_line *line, bool urc);

/* A line of the module. */
struct heard {
	struct slice text;	/* without blanks around it; valid until the next call */
	struct line_meaning is;
	enum course_word word;
	bool booted;		/* RDY */
};

/* The next line for a watcher; u->course knows it. As modem_next_line(), to
 * *UNTIL_MS, which grows by the time in which this program stood still; reports
 * SILENT, whose argument is seconds, once when NOTICE_MS pass without a line. */
int upgrade_watch(struct upgrade *u, struct heard *heard, int notice_ms,
		  enum message_id silent, int64_t *until_ms, struct err *e);

/* The port went away. Where it is the module's own, it restarted, or was
 * unplugged; behind an adapter or a server it runs on. Which it was nobody knows yet: a
 * download may go on unheard. */
void upgrade_lost_port(struct upgrade *u);

/* It has restarted, by its echo, and is not at a download any more. */
void upgrade_has_restarted(struct upgrade *u);

/* Did it say that it installs, while it was asked? Then back to listening. */
bool upgrade_installs_again(struct upgrade *u);

#endif

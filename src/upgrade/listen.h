/*
 * upgrade/listen.h - what the module says: each line to the log, and what its FOTA
 * lines mean for the upgrade.
 */
#ifndef DFOTA_UPGRADE_LISTEN_H
#define DFOTA_UPGRADE_LISTEN_H

#include "upgrade/state.h"

/* The modem's line hook: every line both ways, redacted and safe, to the log. */
void upgrade_on_line(void *ctx, enum line_dir dir, const struct at_line *line, bool urc);

/* The next line for a watcher; takes what it says into u->seen. As
 * modem_next_line(), to UNTIL_MS; tells once when NOTICE_MS pass without a
 * line that WHAT is waited for. */
int upgrade_watch(struct upgrade *u, struct fota_urc *urc, struct slice *line,
		  int notice_ms, const char *what, int64_t until_ms,
		  struct err *e);

/* It ended, as u->seen says: a code that is no success is what failed. */
void upgrade_take_end(struct upgrade *u);

/* A download that was not known to be under way has begun, or has just ended:
 * the installation has its whole time again. */
void upgrade_expect_start(struct upgrade *u, bool downloading);

/* Does URC say that a download failed? */
bool upgrade_download_failed(const struct fota_urc *urc);

/* Does URC belong to a download that begins, goes on or ended well? */
bool upgrade_downloads(const struct fota_urc *urc);

/* A module that is waited for tells of a download: what that means for how long. */
void upgrade_take_download(struct upgrade *u, const struct fota_urc *urc);

/* Did it say that it installs, while it was asked? Then back to listening. */
bool upgrade_installs_again(struct upgrade *u);

#endif

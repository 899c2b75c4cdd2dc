/*
 * protocol/course.h - what the FOTA lines of a module mean for where it is:
 * one pure fold, used live, when an unfinished upgrade is taken up again, by
 * the diagnosis and by a playback. Pure, as at.h.
 *
 * It counts from the moment at which the upgrade command went out; what came
 * before belongs to another upgrade and isn't fed in. What is decided here,
 * by protocol.md 3 and 4.1:
 *
 * - A keyword that cannot be read changes nothing, but the module was heard:
 *   its messages do come to this port.
 * - DOWNLOADING implies the start of the download, UPDATING and RESTORE imply
 *   START: that line gets lost where a USB port comes back too late.
 * - RESUMED is printed at power-up in the middle of an installation: the module
 *   has restarted, and it installs again.
 * - START, UPDATING, RESTORE or RESUMED after an END: it installs again, so it
 *   has not ended. Two such END (a repeated line): the last one counts.
 * - A module that installs has its package, whatever the end of its download
 *   said before: that failure is void. A new start of a download voids the end
 *   of the one before.
 * - An END is an end whatever it says; a code that cannot be read is -1, as is
 *   one that is missing, and neither is success. END does not imply START: a
 *   package may be refused before anything is written.
 * - A percent beyond 0 to 100, or one that cannot be read, leaves the last
 *   percent as it was: it is for display only, and 100 is no END.
 */
#ifndef DFOTA_COURSE_H
#define DFOTA_COURSE_H

#include "protocol/fota_urc.h"

struct course {
	bool heard;		/* any FOTA line at all */

	bool downloading;	/* a download has begun and not ended */
	bool downloaded;	/* it has ended; SOURCE and SOURCE_CODE say how */
	enum fota_source source;	/* of the line that said so last */
	int source_code;	/* 0: well; -1: not readable */

	bool started;		/* an installation has begun, now or earlier */
	bool ended;		/* ... and the last one has ended, or none could begin */
	int end_code;		/* of that END; 0: well; -1: not readable */
	bool again;		/* one began after an END */
	long percent;		/* the last readable one; 0: none yet */
	unsigned odd_percents;	/* how many were beyond 0 to 100 */

	bool returned;		/* ... and after that END the module was away, or booted */
	bool rebooted;		/* the module was away, or booted */
	bool restarted;		/* ... in the middle of an installation */
	bool went_on;		/* ... and continued */
	bool resumed;		/* it said so itself */
};

/* What one line says, whatever came before it. */
enum course_word {
	COURSE_NOTHING,		/* nothing that can be read */
	COURSE_DOWNLOADS,	/* a download begins or continues */
	COURSE_DOWNLOADED,	/* ... ended well */
	COURSE_DOWNLOAD_FAILED,	/* ... ended with a code, or one that cannot be read */
	COURSE_INSTALLS,	/* an installation begins or continues */
	COURSE_ENDED,		/* ... ended, well or not */
};
enum course_word course_word(const struct fota_urc *urc);

/* Take in a line of the module; begin with a course of zeroes. Returns what the line says. */
enum course_word course_take(struct course *c, const struct fota_urc *urc);

/* The module restarted, or its port went away: RDY, a hang-up. */
void course_restart(struct course *c);

/* It installs, as far as is known. */
bool course_installs(const struct course *c);

/* Its download failed, and nothing came after that. */
bool course_download_failed(const struct course *c);

#endif

/*
 * store.h - the directory of records: what is there, what is unfinished, what
 * may be removed.
 *
 * Threads: functions are safe to call from any thread; files are the state.
 * Errors:  a directory that is not there is empty; a record that cannot be
 *          read is skipped.
 */
#ifndef DFOTA_RECORD_STORE_H
#define DFOTA_RECORD_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/event.h"

#define STORE_KEEP_COUNT 200
#define STORE_KEEP_DAYS 180
#define STORE_KEEP_DEMOS 20

/* $XDG_STATE_HOME/dfota/sessions, or ~/.local/state/dfota/sessions. -1 with
 * ERR_USAGE when neither is set or it is too long. */
int store_directory(char *out, size_t out_size, struct err *e);

/* $XDG_STATE_HOME/dfota/demo: the records of simulated modules that go with the
 * program. They stand in nobody's way: none is unfinished, and none takes the place
 * of another module's. Else as store_directory(). */
int store_demo_directory(char *out, size_t out_size, struct err *e);

/* -1 with E where the usual directory is there, or may be, and cannot be read: that
 * nothing is listed says nothing then. */
int store_check(struct err *e);

/* The same, and OUT is the newest record of the usual directory that cannot be read
 * (another user's, of a later version, damaged), so that its upgrade may be unfinished;
 * "": none. EXCEPT (may be NULL) does not count. */
int store_check_open(const char *except, char *out, size_t out_size, struct err *e);

/* Unfinished upgrades in the usual directory, newest first, at most MAX.
 * Returns how many there are; cheap when there are none (only records without
 * a result, or with an unknown one, are looked into beyond their ends). */
size_t store_list_open(struct open_upgrade *out, size_t max);

/* The upgrade of the record PATH, wherever that is, as it is now; false when it
 * is not unfinished (any more). */
bool store_read_open(const char *path, struct open_upgrade *out);

/* Is one of the unfinished upgrades on this port (by any name of its device, or USB
 * place when USB_PATH is not ""), or of this module (IMEI not "")? EXCEPT (may be NULL) is a record
 * that does not count. True with OUT. */
bool store_find_open(const char *port, const char *usb_path, const char *imei,
		     const char *except, struct open_upgrade *out);

/* The newest record whose result nobody saw, because the terminal had gone; only
 * the newest 20 are looked into. True with its path and result. */
bool store_unseen(char *path, size_t path_size, struct result *result);

/* A descriptor that is readable when a record of the usual directory was written to,
 * begun, ended or removed since store_changed(). The caller closes it. -1: it cannot be told. */
int store_watch(void);

/* Take in what FD, of store_watch(), has to tell. */
void store_changed(int fd);

/* Append that the result of PATH was seen. */
int store_mark_shown(const char *path, struct err *e);

/* Append that the unfinished upgrade of PATH is abandoned: nobody waits for it
 * any more. ERR_BUSY while a program is running it. */
int store_close_upgrade(const char *path, struct err *e);

/* Remove records beyond KEEP_COUNT or older than KEEP_DAYS from the usual
 * directory, oldest first; never one that is unfinished, cannot be read, or is being
 * written, and of the newest 20 none for its age. How many went. */
size_t store_prune(size_t keep_count, int keep_days);

/* The same for those of demos, whatever their age: the newest STORE_KEEP_DEMOS stay. */
size_t store_prune_demos(void);

#endif

/*
 * browser.h - a directory as a list to choose a package from: recent packages,
 * the way up, directories, files. Data only; pane_browser.c draws it.
 *
 * Shown are directories and regular files; not shown are names that begin with
 * a dot, and manifests whose package is there (it says that it has one).
 *
 * Names and paths are raw bytes: what draws them makes them safe first.
 * Memory: owns its entries until browser_end().
 */
#ifndef DFOTA_BROWSER_H
#define DFOTA_BROWSER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/event.h"
#include "ui/model/recent.h"

#define BROWSER_ENTRIES 2000	/* of a directory; the rest is counted */
#define BROWSER_NAMES 65536	/* read at most: there the counting ends too */

enum browser_kind { BROWSER_RECENT, BROWSER_UP, BROWSER_DIRECTORY, BROWSER_FILE };

struct browser_entry {
	enum browser_kind kind;
	char *name;		/* a recent one: its path */
	bool there;		/* a file: size and date are known */
	bool manifest;		/* one lies beside it */
	uint64_t size;
	int64_t modified_s;	/* since 1970 */
};

struct browser {
	char directory[FILE_SIZE];	/* absolute */
	struct browser_entry *entries;
	size_t count, cursor;
	size_t left_out;		/* names not listed */
	bool more;			/* and those that were not even counted */
	char problem[160];		/* why it can't be read, or entered; "" */
	struct recent recent;
	bool manifests;		/* that is what is looked for */
};

/* Begin in the directory of FILE, else of the newest recent package, else the
 * current one; the cursor on FILE if it is there. B is zero or was ended. */
void browser_begin(struct browser *b, const char *file);
void browser_end(struct browser *b);

/* The same to choose a manifest: begin in the directory of MANIFEST, else of the package
 * FILE; manifests are shown, recent packages are not. */
void browser_begin_manifests(struct browser *b, const char *manifest, const char *file);

/* Move the cursor, at most to the ends. */
void browser_move(struct browser *b, long by);

/* The path of the file under the cursor in PATH, of FILE_SIZE bytes; false: it is none, or
 * is gone. */
bool browser_path(struct browser *b, char *path);

/* Open what is under the cursor. True when that is a file: its path is in
 * PATH then, of FILE_SIZE bytes. */
bool browser_open(struct browser *b, char *path);

/* List the directory above, the cursor on the one that was left. */
void browser_up(struct browser *b);

#endif

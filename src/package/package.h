/*
 * package.h - a delta package on disk and its manifest.
 *
 * A package is opened once, measured and hashed; what is sent later is read
 * through the same descriptor and hashed again on the way (package_read), so
 * that a file changed in between is caught before it is complete.
 *
 * Memory: the package itself is never held in memory.
 * Threads: a package belongs to one thread.
 * Errors:  ERR_PACKAGE for everything a user can cure by another file.
 */
#ifndef DFOTA_PACKAGE_H
#define DFOTA_PACKAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/event.h"
#include "package/look.h"

#define SHA256_TEXT_SIZE 65

/* PACKAGE.manifest, `key = value` lines: dfota-manifest(5). */
struct manifest {
	char model[MODEL_SIZE];
	char from[VERSION_SIZE];
	char to[VERSION_SIZE];
	uint64_t size;
	char sha256[SHA256_TEXT_SIZE];	/* lower case */
};

/* Read and check PATH: every key once, none unknown, none missing, values well formed; errors
 * name file, line and cure. */
int manifest_read(const char *path, struct manifest *m, struct err *e);

/* Write M to PATH, atomically (temporary file, fsync, rename), mode 0644. */
int manifest_write(const char *path, const struct manifest *m, struct err *e);

/* The name that belongs to PACKAGE_PATH: "<package>.manifest". -1 when it is too long. */
int manifest_path(char *out, size_t out_size, const char *package_path,
		  struct err *e);

struct package;

/* Open PATH read-only: a regular file of 1 to MAX_SIZE bytes. Hashes it all.
 * Refuses empty, unreadable, directory, FIFO, device, too large, in words.
 * NULL with E. */
struct package *package_open(const char *path, long max_size, struct err *e);
void package_close(struct package *p);

/* The same file once more, for another thread: nothing of it is read again, and
 * what is sent is still held against P's digest. NULL with E. */
struct package *package_again(const struct package *p, struct err *e);

uint64_t package_size(const struct package *p);
const char *package_sha256(const struct package *p);	/* 64 hex digits, lower case */
const char *package_name(const struct package *p);	/* base name, as given */

const struct look *package_look(const struct package *p);

/* Offsets of "+++": how many there are, and whether a write that covers
 * [OFFSET, OFFSET + SIZE) would begin or end inside one or right at its edge
 * (protocol.md 2.2). */
uint64_t package_escapes(const struct package *p);

/* The largest SIZE' <= SIZE, at least 1, so that a write of [OFFSET, OFFSET+SIZE')
 * isolates no "+++": it ends neither inside one nor directly before or after one. The end of the
 * package is always allowed. */
size_t package_block(const struct package *p, uint64_t offset, size_t size);

/* Read SIZE bytes at OFFSET. Reading from 0 on in order also feeds a second
 * digest for package_intact(). A short file is ERR_PACKAGE: "changed while it
 * was being sent". */
int package_read(struct package *p, uint64_t offset, void *buf, size_t size,
		 struct err *e);

/* True when all bytes were read in order and their digest equals that of
 * package_open(). */
bool package_intact(const struct package *p);

/* The SHA-256 of SIZE bytes at OFFSET, as text. */
int package_digest(struct package *p, uint64_t offset, uint64_t size,
		   char out[SHA256_TEXT_SIZE], struct err *e);

/* Hold M against the package: size and digest. ERR_PACKAGE names both values. */
int package_check_manifest(const struct package *p, const struct manifest *m,
			   struct err *e);

#endif

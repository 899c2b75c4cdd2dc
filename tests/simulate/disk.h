/*
 * simulate/disk.h - the disk of the record: what of it is durable, and how it
 * fails. Stands before the C library's write(), fdatasync() and fallocate(),
 * and its wall clock.
 *
 * Threads: one thread.
 */
#ifndef DFOTA_SIMULATE_DISK_H
#define DFOTA_SIMULATE_DISK_H

#include <stdbool.h>
#include <stdint.h>

struct disk_faults {
	long full_from, full_count;	/* calls that find no space; 0: none */
	long sync_from, sync_count;	/* fdatasync() that fails; 0: none */
	long kill_at, kill_bytes;	/* the program dies in this write, after so many bytes; 0: never */
};

/* A new session. FAULTS is borrowed; DIE is called for kill_at and does not return. */
void disk_begin(const struct disk_faults *faults, void (*die)(void *ctx), void *ctx);

/* Plain again, for the files of the simulation. */
void disk_end(void);

/* Intents that are durable: to send package bytes, to install. */
bool disk_has_transfer(void);
bool disk_has_install(void);

/* Seconds since 1970 of the wall clock, from now on. */
void disk_set_wall(int64_t s);

#endif

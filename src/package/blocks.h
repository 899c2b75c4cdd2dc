/*
 * blocks.h - into which writes a package is cut, and where the commit gate
 * stands in it. Pure.
 *
 * - No write is a multiple of 64, so none of 512: a driver that sends no
 *   zero-length packet holds such a write back until more comes, and behind the
 *   gate nothing comes any more (protocol.md 2.3).
 * - No write isolates a "+++" (protocol.md 2.2), wherever the package allows it.
 * - What is written after the gate is 65 bytes at least, or the whole package
 *   where that is smaller: "+++", and a question that is taken for package
 *   bytes, can't complete what stopped before the gate.
 *
 * Threads: any; plain values.
 */
#ifndef DFOTA_PACKAGE_BLOCKS_H
#define DFOTA_PACKAGE_BLOCKS_H

#include <stddef.h>
#include <stdint.h>

/* The most bytes of a write, and of all that is written after the gate. */
#define BLOCK_MAX 1000

struct blocks {
	uint64_t size;		/* of the package, from 1 */
	size_t most;		/* bytes a write; 2 to BLOCK_MAX */
	/* As package_block(). */
	size_t (*fit)(const void *ctx, uint64_t offset, size_t size);
	const void *ctx;
};

/* How many bytes are written before the gate; 0: none. */
uint64_t blocks_gate(const struct blocks *b);

/* The size of the write at OFFSET, which is below b->size: none goes past GATE
 * from before it, which is what blocks_gate() returned. */
size_t blocks_next(const struct blocks *b, uint64_t gate, uint64_t offset);

#endif

#include "config.h"

#include "package/blocks.h"

#include <assert.h>

/* One more than the packet size of a full-speed USB device. */
#define AFTER_GATE_MIN 65
/* How far the gate may move towards the beginning for a "+++"; with what a run
 * of '+' can't help it stays where it is. */
#define GATE_MOVE_MAX 512
#define PACKET_SIZE 64

uint64_t blocks_gate(const struct blocks *b)
{
	uint64_t from, span;
	size_t fit;

	if (b->size <= AFTER_GATE_MIN)
		return 0;
	span = b->size - AFTER_GATE_MIN;
	from = span > GATE_MOVE_MAX ? span - GATE_MOVE_MAX : 0;
	fit = b->fit(b->ctx, from, (size_t)(span - from));
	return from + fit;
}

size_t blocks_next(const struct blocks *b, uint64_t gate, uint64_t offset)
{
	uint64_t left = (offset < gate ? gate : b->size) - offset;
	size_t size = left < b->most ? (size_t)left : b->most;

	assert(b->most > 1 && offset < b->size);
	do {
		if (size % PACKET_SIZE == 0)
			size--;
		size = b->fit(b->ctx, offset, size);
	} while (size % PACKET_SIZE == 0);
	return size;
}

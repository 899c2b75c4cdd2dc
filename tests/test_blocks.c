/* Into which writes a package is cut: every size, and every place of a "+++". */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "package/blocks.h"

#define SIZE_MAX_TESTED 1100000
/* At so many bytes a write the plan repeats itself, but at its end. */
#define END_SIZE 4000

static size_t fit_all(const void *ctx, uint64_t offset, size_t size)
{
	(void)ctx;
	(void)offset;
	return size;
}

/* Follow the plan from OFFSET on; 0 when it is as it should be. */
static int follow(const struct blocks *b, uint64_t offset, const char **wrong)
{
	uint64_t gate = blocks_gate(b);
	bool at_gate = offset > gate;

	*wrong = NULL;
	if (b->size - gate < 65 && gate != 0)
		*wrong = "too little after the gate";
	if (b->size - gate > BLOCK_MAX)
		*wrong = "too much after the gate";
	while (offset < b->size && !*wrong) {
		size_t n = blocks_next(b, gate, offset);

		at_gate |= offset == gate;
		if (n == 0 || n > b->most)
			*wrong = "no size of a write";
		else if (n % 64 == 0)
			*wrong = "a multiple of 64";
		else if (offset < gate && offset + n > gate)
			*wrong = "past the gate";
		else if (offset + n > b->size)
			*wrong = "past the end";
		offset += n;
	}
	if (!*wrong && !at_gate)
		*wrong = "never at the gate";
	return *wrong ? -1 : 0;
}

/* The first write at or after OFFSET of a plan that has no "+++" to heed. */
static uint64_t begin_at(const struct blocks *b, uint64_t offset)
{
	size_t n = blocks_next(b, UINT64_MAX, 0);

	return offset - offset % n;
}

static void no_write_of_any_size_is_a_multiple_of_a_packet(void **state)
{
	static const size_t most[] = {1000, 32, 2, 64, 512, 999};
	const char *wrong;

	(void)state;
	for (size_t i = 0; i < sizeof(most) / sizeof(most[0]); i++)
		for (uint64_t size = 1; size <= SIZE_MAX_TESTED; size += size < 20000 || most[i] > 2 ? 1 : 97) {
			struct blocks b = {.size = size, .most = most[i], .fit = fit_all};
			uint64_t from = size > END_SIZE ? begin_at(&b, size - END_SIZE) : 0;

			if (most[i] < 100 && size > 200)
				from = begin_at(&b, size - 200);
			if (follow(&b, from, &wrong) < 0)
				fail_msg("%zu a write, size %llu: %s", most[i], (unsigned long long)size, wrong);
		}
}

/* From the first byte, where the plan isn't followed by its end alone. */
static void a_whole_plan_is_followed(void **state)
{
	static const uint64_t sizes[] = {1, 2, 63, 64, 65, 66, 127, 128, 129, 130, 191, 192, 193, 512, 576, 577, 999,
					 1000, 1001, 1024, 1064, 1065, 1066, 2512, 3064, 2192, 20003, 307200, 1048576};
	const char *wrong;

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		for (size_t most = 2; most <= BLOCK_MAX; most += most < 140 ? 1 : 31) {
			struct blocks b = {.size = sizes[i], .most = most, .fit = fit_all};

			if (follow(&b, 0, &wrong) < 0)
				fail_msg("%zu a write, size %llu: %s", most, (unsigned long long)sizes[i], wrong);
		}
}

struct text {
	const char *bytes;
	size_t size;
};

static bool isolates(const struct text *t, uint64_t border)
{
	for (uint64_t at = border < 3 ? 0 : border - 3; at <= border && at + 3 <= t->size; at++)
		if (memcmp(t->bytes + at, "+++", 3) == 0)
			return true;
	return false;
}

/* As package_block(). */
static size_t fit_text(const void *ctx, uint64_t offset, size_t size)
{
	const struct text *t = ctx;

	if (offset + size >= t->size)
		return (size_t)(t->size - offset);
	for (size_t fit = size; fit > 0; fit--)
		if (!isolates(t, offset + fit))
			return fit;
	return size;
}

static unsigned next_random(unsigned *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

/* Where "+++" stand apart, no border of a write touches one, and the gate does
 * not either. */
static void no_border_touches_an_escape(void **state)
{
	static char bytes[3000];
	unsigned seed = 1;

	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		struct text t = {bytes, 1 + next_random(&seed) % sizeof(bytes)};
		struct blocks b = {.size = t.size, .most = round % 2 ? 1000 : 32, .fit = fit_text, .ctx = &t};
		uint64_t gate, offset = 0;
		const char *wrong;

		memset(bytes, 'x', sizeof(bytes));
		for (size_t at = next_random(&seed) % 40; at + 3 < t.size; at += 12 + next_random(&seed) % 150)
			memset(bytes + at, '+', 3 + next_random(&seed) % 2);
		gate = blocks_gate(&b);
		if (follow(&b, 0, &wrong) < 0)
			fail_msg("round %u: %s", round, wrong);
		while (offset < t.size) {
			offset += blocks_next(&b, gate, offset);
			if (offset < t.size && isolates(&t, offset))
				fail_msg("round %u: the border at %llu of %zu", round, (unsigned long long)offset, t.size);
		}
	}
}

/* Before a "+++" a write becomes shorter: not by so much that it is a packet. */
static void a_cut_before_an_escape_is_no_packet_either(void **state)
{
	static char bytes[400];
	struct text t = {bytes, sizeof(bytes)};
	struct blocks b = {.size = t.size, .most = 66, .fit = fit_text, .ctx = &t};

	(void)state;
	memset(bytes, 'x', sizeof(bytes));
	memcpy(bytes + 65, "+++", 3);
	assert_int_equal(fit_text(&t, 0, 66), 64);
	assert_int_equal(blocks_next(&b, blocks_gate(&b), 0), 63);
}

static void nothing_but_plus_is_cut_all_the_same(void **state)
{
	static char bytes[5000];
	const char *wrong;

	(void)state;
	memset(bytes, '+', sizeof(bytes));
	for (size_t size = 1; size <= sizeof(bytes); size++)
		for (size_t most = 32; most <= 1000; most += 968) {
			struct text t = {bytes, size};
			struct blocks b = {.size = size, .most = most, .fit = fit_text, .ctx = &t};

			if (follow(&b, 0, &wrong) < 0)
				fail_msg("%zu a write, size %zu: %s", most, size, wrong);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_write_of_any_size_is_a_multiple_of_a_packet),
		cmocka_unit_test(a_whole_plan_is_followed),
		cmocka_unit_test(no_border_touches_an_escape),
		cmocka_unit_test(a_cut_before_an_escape_is_no_packet_either),
		cmocka_unit_test(nothing_but_plus_is_cut_all_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

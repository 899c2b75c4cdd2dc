#include "config.h"

#include "base/clock.h"

#include <assert.h>
#include <time.h>

static int64_t monotonic_now_ms(const struct clock *self)
{
	struct timespec t;
	int failed = clock_gettime(CLOCK_MONOTONIC, &t);

	(void)self;
	assert(!failed);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

const struct clock *clock_monotonic(void)
{
	static const struct clock monotonic = { monotonic_now_ms };

	return &monotonic;
}

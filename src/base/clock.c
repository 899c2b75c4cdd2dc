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

char *clock_utc(char out[CLOCK_UTC_SIZE], int64_t when_s)
{
	time_t when = (time_t)when_s;
	struct tm tm;

	if (!gmtime_r(&when, &tm) || strftime(out, CLOCK_UTC_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		out[0] = '\0';
	return out;
}

bool clock_utc_parse(const char *text, int64_t *when_s)
{
	struct tm tm = {0};
	const char *end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm);

	if (!end || *end)
		return false;
	*when_s = (int64_t)timegm(&tm);
	return true;
}

int64_t clock_utc_now_s(void)
{
	return (int64_t)time(NULL);
}

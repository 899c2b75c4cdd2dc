#include "config.h"

#include "base/clock.h"

#include <assert.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* CLOCK_MONOTONIC stands still while the computer sleeps, and the module does not: what
 * ran out meanwhile has run out, and a wait that took too long is known as one. */
static int64_t monotonic_now_ms(const struct clock *self)
{
	struct timespec t;
	int failed = clock_gettime(CLOCK_BOOTTIME, &t);

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

/* The start is the 22nd field of /proc/self/stat, in ticks since the boot, proc(5);
 * the 2nd, a name in parentheses, may hold anything. */
static int64_t process_start_ticks(void)
{
	char text[1024];
	const char *p;
	int64_t ticks = 0;
	int fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
	ssize_t size = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		close(fd);
	text[size > 0 ? size : 0] = '\0';
	p = strrchr(text, ')');
	for (int field = 2; p && field < 22; field++)
		p = strchr(p + 1, ' ');
	for (p = p ? p + 1 : ""; *p >= '0' && *p <= '9'; p++)
		ticks = ticks * 10 + (*p - '0');
	return ticks;
}

int64_t clock_of_process_ms(void)
{
	const int64_t ticks = process_start_ticks(), rate = sysconf(_SC_CLK_TCK);
	struct timespec t;

	if (ticks == 0 || rate <= 0 || clock_gettime(CLOCK_BOOTTIME, &t) != 0)
		return 0;
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000 - ticks * 1000 / rate;
}

/*
 * steady_clock.c - the clock of tests that run on real threads and terminals:
 * it stands before the C library's and does not see a stall of the machine. A
 * time in which nobody looked at it counts as a second at most, so that the
 * limits of some seconds that they have to keep hold however slow it all goes.
 */
#include "config.h"

#include <dlfcn.h>
#include <pthread.h>
#include <time.h>

#define NS_PER_S 1000000000LL

int clock_gettime(clockid_t id, struct timespec *t)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static long long last_ns, shown_ns = NS_PER_S;
	int (*real)(clockid_t, struct timespec *);
	long long now_ns;
	int result;

	*(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
	result = real(id, t);
	if (result < 0 || (id != CLOCK_MONOTONIC && id != CLOCK_BOOTTIME))
		return result;
	now_ns = t->tv_sec * NS_PER_S + t->tv_nsec;
	pthread_mutex_lock(&lock);
	if (now_ns > last_ns) {
		shown_ns += now_ns - last_ns < NS_PER_S ? now_ns - last_ns : NS_PER_S;
		last_ns = now_ns;
	}
	t->tv_sec = (time_t)(shown_ns / NS_PER_S);
	t->tv_nsec = (long)(shown_ns % NS_PER_S);
	pthread_mutex_unlock(&lock);
	return 0;
}

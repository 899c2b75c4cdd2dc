/*
 * Measures the list of ports, asserts nothing: tests/bench/ports SYS DEV COUNT
 *
 * Lists the COUNT ports of a computer that is made up in the folders SYS and DEV, and
 * prints what that takes of the processor, in ms. For tests/bench/run.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/limits.h"
#include "modem/port.h"

int main(int argc, char **argv)
{
	struct port_info *list = calloc(PORTS_MAX, sizeof(*list));
	struct timespec t;
	struct err e;

	if (argc != 4 || !list)
		return 64;
	if (port_list(&(struct port_roots){.sys = argv[1], .dev = argv[2], .lock = argv[2]}, list, PORTS_MAX, &e) != atoi(argv[3]))
		return 1;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	printf("%.3f\n", (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6);
	free(list);
	return 0;
}

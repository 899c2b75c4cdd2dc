/*
 * server_time.h - time and names of the tests of server*.c: the clock, poll()
 * and the resolver that stand before the C library's, for us and for libcurl.
 *
 * The clock does not measure how long a machine takes. It goes on when poll()
 * waits for nothing: with no descriptor or one that is no socket (an
 * interrupt), or on the connection where a server
 * of server_fixture.h keeps silent on purpose; then by the whole timeout, at
 * once. Whatever else is waited for will come, and counts next to nothing. So
 * no stall of a process passes for one of the server, limits are kept to the
 * millisecond, and no test waits for them.
 */
#ifndef DFOTA_SERVER_TIME_H
#define DFOTA_SERVER_TIME_H

#include <stdatomic.h>
#include <stdbool.h>

/* Shared with the servers, which are processes of their own. */
struct silence {
	atomic_int port;	/* the client's end of the connection; 0: no silence */
	atomic_llong left_ms;
};

/* Set both in the process of the client; time is real before, and in servers. */
extern struct silence *silence;
extern bool time_is_real;

#endif

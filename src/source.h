/*
 * source.h - FTP and HTTP servers: the one unit that knows libcurl.
 *
 * Threads: every call is independent and blocks its own thread.
 * Errors:  ERR_USAGE a URL no module may be given; ERR_NETWORK a server.
 */
#ifndef DFOTA_SOURCE_H
#define DFOTA_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "event.h"

/* The limits a module sets on a URL (profile.h). */
struct url_limits {
	int url_max;
	int login_max;
	int ftp_path_max;	/* 0: none */
	bool https;
};

struct url_parts {
	char scheme[8];		/* "ftp" or "http", lower case */
	char host[256];
	int port;		/* 0: not given */
	char path[URL_SIZE];	/* from the first '/' on; never empty */
};

/*
 * Check URL (without userinfo) and its login, and build the URL a module is
 * given: ftp://user:password@host:port/path. protocol.md 1.1 says what is
 * refused: bytes outside 0x21..0x7E, '"', '\', '#', %00 %0a %0d, userinfo in URL, more
 * than one '@', unknown scheme, over-long parts. The error names the byte and its position
 * (counted from 1). http with a login is refused. PARTS may be NULL.
 */
int source_module_url(char *out, size_t out_size, const char *url,
		      const char *user, const char *password,
		      const struct url_limits *limits, struct url_parts *parts,
		      struct err *e);

/* Called as bytes arrive and about once a second when none do. TOTAL 0: not
 * known. Return false to stop: ERR_CANCELLED. */
typedef bool source_progress_fn(void *ctx, uint64_t done, uint64_t total);

struct source_sink {
	/* Take SIZE bytes; false stops with ERR_NETWORK. */
	bool (*write)(void *ctx, const void *bytes, size_t size);
	source_progress_fn *progress;	/* may be NULL */
	void *ctx;
	uint64_t max_size;		/* more than this is refused while it arrives */
};

/* How a server answered: for messages, and for the module's error code. */
struct source_status {
	int reply;	/* FTP or HTTP reply code; 0: none came */
	enum source_kind { SOURCE_OK, SOURCE_DNS, SOURCE_CONNECT, SOURCE_LOGIN, SOURCE_NOT_FOUND, SOURCE_TIMEOUT, SOURCE_OTHER } kind;
};

/*
 * Download URL (userinfo allowed here: it is the one a module was given)
 * into SINK. Only http, https, ftp, ftps; no redirect to another scheme; TLS
 * verified; passive FTP to the server's own address; low-speed limit
 * 30 s; no proxy from the environment. STATUS may be NULL.
 */
int source_fetch(const char *url, const struct source_sink *sink,
		 struct source_status *status, struct err *e);

/* Once, before any thread starts, and once after all ended. */
int source_global_init(struct err *e);
void source_global_cleanup(void);

#endif

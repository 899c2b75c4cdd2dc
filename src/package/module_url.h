/*
 * module_url.h - the URL that a module is given, and what may not stand in it.
 *
 * Pure: text in, text out.
 * Errors: ERR_USAGE.
 */
#ifndef DFOTA_MODULE_URL_H
#define DFOTA_MODULE_URL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/event.h"

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
int module_url(char *out, size_t out_size, const char *url,
		      const char *user, const char *password,
		      const struct url_limits *limits, struct url_parts *parts,
		      struct err *e);

#endif

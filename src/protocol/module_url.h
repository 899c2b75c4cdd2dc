/*
 * module_url.h - the URL that a module is given, and what may not stand in it
 * (protocol.md 1.1). Pure: text in, text out.
 *
 * Errors: ERR_USAGE; the message names the byte and its position, counted from
 * 1, and never a byte of a login.
 */
#ifndef DFOTA_MODULE_URL_H
#define DFOTA_MODULE_URL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* What a module takes: a part of its profile. */
struct url_limits {
	int max;		/* bytes of the whole URL; 0: URL_SIZE - 1 */
	int login_max;		/* bytes of user, of password, of host; 0: any */
	int ftp_path_max;	/* 0: any */
	bool https;
	bool no_ftp;
};

/* Check a URL without userinfo, as it is typed: bytes outside 0x21..0x7E, '"', '\',
 * '#', ';', coded control bytes, userinfo, another scheme, no host, no file,
 * over-long parts. */
int module_url_check(const char *url, const struct url_limits *limits, struct err *e);

/* The same with a login (NULL or "": none), which http does not take, and build
 * what the module is given: ftp://user:password@host:port/path. On failure OUT
 * is "". */
int module_url(char *out, size_t out_size, const char *url, const char *user,
	       const char *password, const struct url_limits *limits, struct err *e);

#endif

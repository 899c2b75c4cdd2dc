/*
 * url.h - the syntax that all URLs here have: a scheme, who and where, a path.
 *
 * Pure.
 */
#ifndef DFOTA_URL_H
#define DFOTA_URL_H

#include <stdbool.h>
#include <stddef.h>

enum url_scheme { URL_NO_SCHEME, URL_FTP, URL_HTTP, URL_FTPS, URL_HTTPS, URL_SCHEMES };

/* What the name of a scheme is made of (RFC 3986 3.1). */
#define URL_SCHEME_SIGNS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-."

/* "ftp://"; "" for URL_NO_SCHEME. */
const char *url_scheme_text(enum url_scheme scheme);

/* How URL begins, in any case of letters; URL_NO_SCHEME for any other. */
enum url_scheme url_scheme(const char *url);

static inline bool url_is_ftp(enum url_scheme scheme)
{
	return scheme == URL_FTP || scheme == URL_FTPS;
}

/* What follows a scheme and "://", or URL itself: [USER[:PASSWORD]@]HOST[:PORT]. *SIZE
 * (may be NULL) is how long that is. */
const char *url_authority(const char *url, size_t *size);

/* Is the host of SIZE bytes at TEXT a number that readers of addresses take in
 * different ways: "192.0", "010.0.0.1", "0x7f000001", "1"? (protocol.md 1.1: libcurl
 * reads such as IPv4 addresses; what a module makes of them nobody knows.) Not so
 * the four decimal numbers of an address, and names. */
bool url_host_is_odd_number(const char *text, size_t size);

/* The '@' that ends the userinfo of URL, NULL: it has none. */
const char *url_at(const char *url);

/* The '@' of the SIZE bytes at TEXT, an authority and what follows it, before which a
 * login may stand, NULL: none. A '/' that somebody did not encode ends the userinfo for
 * every reader, and the rest of what was meant as a password is a path then: such is
 * the last '@' that a ':' stands before which begins no port: "user:pa/ss@host", not
 * "host:80/a@b". HIDDEN (may be NULL) marks the bytes that are known to be of a secret:
 * they end nothing. */
const char *url_login_end(const char *text, size_t size, const bool *hidden);

/* Has URL an '@' in what is its path to every reader, but may end a password? */
bool url_login_unclear(const char *url);

#endif

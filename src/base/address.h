/*
 * address.h - HOST:PORT as users write it; an IPv6 HOST may stand in brackets.
 *
 * Pure.
 */
#ifndef DFOTA_ADDRESS_H
#define DFOTA_ADDRESS_H

#include <stdbool.h>

struct address {
	char host[256];		/* without brackets; "": none was written */
	char port[8];		/* decimal, without leading blanks, signs or zeros */
};

/* What follows "tcp:", "telnet:" or "rfc2217:", with or without "//", in the NAME of
 * a port behind a serial server; NULL: it is no such name. */
const char *address_of_port(const char *name);

/* Does the NAME of a port behind a serial server hold a login, which those are given
 * none of? */
bool address_holds_login(const char *name);

/* Cut TEXT into its parts. False where no port number of 0 to 65535 stands in
 * it, or HOST is too long; a port alone has no colon. */
bool address_split(const char *text, struct address *out);

#endif

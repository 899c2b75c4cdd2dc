/*
 * server.h - FTP and HTTP servers: the one unit that knows libcurl.
 *
 * Threads: every call is independent and blocks its own thread.
 * Errors:  ERR_USAGE no URL of a server; ERR_NETWORK a server; ERR_PACKAGE a file.
 */
#ifndef DFOTA_SERVER_H
#define DFOTA_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/interrupt.h"
#include "base/event.h"
#include "package/look.h"

/* Called as bytes move and several times a second when none do. TOTAL 0: not
 * known. Return false to stop: ERR_CANCELLED. */
typedef bool server_progress_fn(void *ctx, uint64_t done, uint64_t total);

/* Who looks on, and what ends it: ERR_CANCELLED. */
struct server_watch {
	server_progress_fn *progress;	/* may be NULL */
	void *ctx;
	struct interrupt *interrupt;	/* may be NULL */
};

struct server_sink {
	/* Take SIZE bytes; false stops with ERR_NETWORK. */
	bool (*write)(void *ctx, const void *bytes, size_t size);
	server_progress_fn *progress;	/* may be NULL */
	void *ctx;
	uint64_t max_size;		/* more than this is refused while it arrives */
};

/* How a server answered: for messages, and for the module's error code. */
struct server_status {
	int reply;	/* FTP or HTTP reply code; 0: none came */
	enum server_kind {
		SERVER_OK,	/* also where this computer could ask none */
		SERVER_DNS, SERVER_CONNECT, SERVER_LOGIN, SERVER_NOT_FOUND, SERVER_TIMEOUT,
		SERVER_TLS,	/* it wants encryption */
		SERVER_BUSY,	/* it serves others now */
		SERVER_SERVICE,	/* another service listens there */
		SERVER_OTHER } kind;
};

/*
 * Download URL (userinfo allowed here: it is the one a module was given)
 * into SINK. Only http, https, ftp, ftps; at most 5 redirects, none to another
 * scheme or to a nearer address (this computer, its network); TLS verified,
 * 1.2 at least; passive FTP to the server's own address; low-speed limit
 * 30 s; no proxy from the environment. STATUS may be NULL.
 *
 * ftps:// begins with TLS (implicit, port 990), but on port 21, where servers
 * speak plain FTP first, with AUTH TLS (explicit). Data is encrypted in both,
 * with TLS 1.2: servers want sessions resumed that the library does not keep
 * of 1.3.
 */
int server_fetch(const char *url, const struct server_sink *sink,
		 struct server_status *status, struct err *e);

/* How this computer gets in, for its own requests. */
struct server_access {
	const char *user, *password;	/* "" or NULL: none */
	const char *cacert;		/* file of CA certificates besides the system's; NULL */
	bool netrc;			/* take the login from ~/.netrc; only when asked for */
};

/* What a server says of a file, asked from here. */
struct server_facts {
	bool has_size;
	uint64_t size;
	char type[64];			/* content type; "" not given */
	bool html;			/* by its type or its first bytes */
	struct look look;		/* of its first bytes; in words of the server, redacted */
	bool odd_size;			/* what is said of its size cannot be: HAS_SIZE is false then */
	char coding[32];		/* how it was re-coded on the way; "" not at all */
	int64_t modified_s;		/* Unix time; -1 not given */
	bool ranges;			/* a broken download can be resumed */
	char redirect[URL_SIZE];	/* where it sends us, userinfo hidden; "" nowhere */
	char address[64];		/* what was connected to */
	bool private_address;		/* loopback, private, link-local: only this network knows it */
};

/*
 * Ask about URL without downloading it: HTTP HEAD, then a GET of its first
 * 512 bytes, which counts where HEAD is refused; FTP SIZE and MDTM, then the
 * begin of the file. A redirect is reported, not followed. What is optional in
 * a request is left out where it fails: then the plain form counts.
 * ACCESS and WATCH may be NULL in this and the next two; userinfo in URL is
 * refused.
 */
int server_probe(const char *url, const struct server_access *access,
		 struct server_facts *facts, const struct server_watch *watch,
		 struct server_status *status, struct err *e);

/*
 * Download URL to PATH (a new file, mode 0600). What breaks is tried again up
 * to three times with growing pauses (Retry-After up to 30 s is kept), from
 * where it broke when the server has ranges; parts are put together only when
 * they are of one version of the file, or the digest decides. A web page is
 * refused. On failure PATH is removed. SHA256 (64 hex digits; may be NULL) and
 * SIZE (0: not known) are held against the result: ERR_PACKAGE.
 */
int server_download(const char *url, const struct server_access *access,
		    const char *path, uint64_t max_size, uint64_t size,
		    const char *sha256, const struct server_watch *watch,
		    struct server_status *status, struct err *e);

/*
 * Put the file PATH of SIZE bytes and digest SHA256 at URL: FTP upload or HTTP
 * PUT, to a temporary name that is renamed where the server can, then read
 * back and hashed. The same file standing there already is success; another
 * one is MSG_PUBLISH_OTHER_STANDS unless OVERWRITE.
 */
int server_publish(const char *url, const struct server_access *access,
		   const char *path, uint64_t size, const char *sha256,
		   bool overwrite, const struct server_watch *watch,
		   struct server_status *status, struct err *e);

/* The three as a value, so that a test can put others in their place. */
struct server_calls {
	int (*probe)(const char *url, const struct server_access *access,
		     struct server_facts *facts, const struct server_watch *watch,
		     struct server_status *status, struct err *e);
	int (*download)(const char *url, const struct server_access *access,
			const char *path, uint64_t max_size, uint64_t size,
			const char *sha256, const struct server_watch *watch,
			struct server_status *status, struct err *e);
	int (*publish)(const char *url, const struct server_access *access,
		       const char *path, uint64_t size, const char *sha256,
		       bool overwrite, const struct server_watch *watch,
		       struct server_status *status, struct err *e);
};

/* The ones above. */
const struct server_calls *server_real(void);

/* Load libcurl, which the first call does that needs it: for who wants to know before, or
 * to name it. ERR_CRASH. In any thread. */
int server_load(struct err *e);

/* "libcurl/7.88.1 GnuTLS/3.7.9": the versions of libcurl and of its TLS, into OUT;
 * "libcurl/7.88.1 when built" where it was not loaded. Not by curl_version(): that starts
 * OpenLDAP, which looks this computer's own name up and waits as long as a network without
 * an answer keeps it waiting. */
void server_library(char *out, size_t size);

#endif

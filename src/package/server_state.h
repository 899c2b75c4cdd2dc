/*
 * server_state.h - what server*.c share: one server spoken to through
 * libcurl, request by request.
 *
 * Call order: fill the upper part of a struct transfer, server_open(), any
 * number of server_perform(), server_close().
 */
#ifndef DFOTA_SERVER_STATE_H
#define DFOTA_SERVER_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/err.h"
#include "base/redact.h"
#include "base/text.h"
#include "package/libcurl.h"
#include "package/package.h"
#include "package/server.h"

/* What a test makes shorter. */
struct server_settings {
	long connect_s;		/* to be connected, TLS included */
	long stall_s;		/* with next to nothing coming or going */
	int pause_ms;		/* before the second try; doubled for each one more */
	int retries;		/* tries after the first */
	int look_ms;		/* silence before we look what else may listen there; 0: never */
};

extern const struct server_settings server_defaults;

/* Who can reach an address, the narrowest first. */
enum server_reach {
	REACH_COMPUTER,		/* this one only */
	REACH_NETWORK,		/* private, link-local, shared by a provider */
	REACH_WORLD,
};

enum server_reach server_reach(const struct sockaddr *address);

/* Why we ended a request that libcurl would have gone on with. */
enum server_stop {
	STOP_NONE,
	STOP_HEADERS,		/* more header than is sane */
	STOP_LENGTH,		/* a Content-Length that is none, or two */
	STOP_SIZE,		/* more than max_size */
	STOP_REPLY,		/* a reply that is no error and not what was asked for */
	STOP_REDIRECT,
	STOP_LOCAL,		/* a redirect to an address nearer than where it came from */
	STOP_SERVICE,		/* what answers is another service */
	STOP_CALLER,		/* begin() or write() said so */
};

struct transfer;

/* Optional or extended forms of a request that are left out once they failed. */
enum server_plain {
	PLAIN_EPSV = 1 << 0,
	PLAIN_SIZE = 1 << 1,
	PLAIN_MDTM = 1 << 2,
	PLAIN_CWD = 1 << 3,	/* directory by directory: the whole path instead */
	PLAIN_HTTP = 1 << 4,	/* HTTP/1.1 */
};

/* Another service than was asked for. NAME "": nobody knows. */
struct server_service {
	const char *name;	/* "SSH"; static */
	enum service_scheme { SERVICE_OTHER, SERVICE_HTTP, SERVICE_TLS, SERVICE_FTP } scheme;
};

/* One exchange. */
struct server_request {
	const char *url;
	const char *method;		/* of HTTP; NULL: GET, HEAD or PUT as follows */
	bool head;			/* no body; FTP: SIZE and MDTM only */
	bool follow;			/* redirects, where the rules allow them */
	const char *range;		/* "0-63", "4096-"; NULL: all of it */
	struct curl_slist *headers;	/* more HTTP header lines */
	struct curl_slist *commands;	/* FTP, in the directory of the file; nothing else is done then */
	struct package *upload;		/* sent from its first byte on */
	uint64_t max_size;		/* of the whole file */
	long timeout_ms;		/* for all of it; 0: none */
	/* The header of a good answer is complete. False stops. May be NULL. */
	bool (*begin)(void *ctx, struct transfer *t);
	/* Take a part of the body; false stops. NULL: it is dropped. */
	bool (*write)(void *ctx, const void *bytes, size_t size);
	void *ctx;
};

/* A server and the request under way. */
struct transfer {
	const struct server_settings *settings;
	const struct server_access *access;	/* NULL: a login may stand in the URL */
	struct server_watch watch;

	CURL *curl;
	CURLM *multi;
	CURLU *url;			/* of the request, or where it was redirected to */
	char netrc[FILE_SIZE];		/* "": not used */
	struct redactor secrets;
	bool secrets_known;		/* false: show no text of library or server */
	char host[128];			/* that the request is for; safe text */
	char first_host[128];		/* that the URL names */
	char from_host[128];		/* that redirected to this one */
	int sockets[8];			/* open ones; -1: free */

	const struct server_request *request;
	bool ftp;
	bool tls;			/* FTP only; for HTTP the scheme says it */
	bool begun;			/* the header of a good answer was complete */
	bool has_length;
	uint64_t length;		/* of the body, by the server */
	bool odd_length;		/* FTP gave a size that is none */
	uint64_t base;			/* for messages: what earlier requests brought */
	uint64_t done;			/* of the body */
	uint64_t sent;			/* of an upload */
	size_t header_size;
	bool ftp_ranges;
	unsigned plain;			/* PLAIN_*: stays for later requests */
	bool explicit_tls;		/* ftps:// whose server speaks plain FTP first */
	bool publishing;		/* a module is to download from here */
	bool coded;			/* the body was re-coded on the way: no length */
	char verb[8];			/* the last FTP command; "": none was sent yet */
	char said[1024];		/* the last reply, as it came, or the begin of the page with it */
	size_t said_size;
	int replying;			/* reply of FTP of which more lines come; 0: none */
	bool page;			/* the body goes to SAID: the answer is a refusal */
	int64_t page_until_ms;
	struct sockaddr_storage peer;	/* the address tried last for the request itself */
	socklen_t peer_size;		/* 0: none yet */
	bool looked;			/* what else listens there was looked at */
	struct server_service service;	/* ... and found */
	int hops;			/* redirects followed */
	bool moved;			/* ... to another host or port than at first: no login for it */
	bool strayed;			/* ... to another host */
	enum server_reach reach;	/* the widest the first host was reached by */
	bool reach_known;
	enum server_stop stop;
	bool cancelled;			/* whoever watches said so, be it at the very end */
	CURLcode rc;
	bool again;			/* it failed in a way that another try may cure */
	char library_text[CURL_ERROR_SIZE];
};

/* Get ready to speak to the server of URL. ERR_USAGE: an URL or login that
 * cannot be used. Needs server_close() in any case. */
int server_open(struct transfer *t, const char *url, struct err *e);
void server_close(struct transfer *t);

/* End all connections: the next request makes its own. */
void server_hang_up(struct transfer *t);

/*
 * Do R, which must be for the server of server_open(). 0 when the server did
 * it; -1 with ERR_NETWORK, ERR_CANCELLED. The fields of T say more until the
 * next request.
 */
int server_perform(struct transfer *t, const struct server_request *r,
		   struct server_status *status, struct err *e);

/* The first header line NAME of the last answer; NULL: there is none. */
const char *server_header(struct transfer *t, const char *name);

/* How the last answer was packed on the way; NULL: not at all. */
const char *server_coding(struct transfer *t);

/* The part of the file that the last answer is: "bytes FIRST-LAST/TOTAL".
 * TOTAL is 0 when it is not given. */
bool server_range(struct transfer *t, uint64_t *first, uint64_t *total);

/* Where the last answer redirects to, as it is; to be freed with curl_free().
 * NULL: nowhere. */
char *server_location(struct transfer *t);

/* Text of a server or of the library for a message: redacted and safe. */
void server_words(struct transfer *t, char *out, size_t out_size,
		  const char *text);

/* Name the host of t->url for messages; after a redirect with a port that is named. */
void server_name_host(struct transfer *t);

/* --- server_said.c: what the server said, and what it means --- */

/* A line of HTTP header or of FTP, or a part of the page with a refusal. */
void server_hear(struct transfer *t, const char *bytes, size_t size);
void server_hear_page(struct transfer *t, const char *bytes, size_t size);

/* What goes out to the server, BYTES, may hold the login of ~/.netrc: keep it
 * out of messages. Then what the server says may be shown. */
void server_learn_secrets(struct transfer *t, const char *bytes, size_t size);

/* Its words for a message: redacted, safe, without markup. */
void server_said(struct transfer *t, char *out, size_t out_size);

/* Why it refused, as far as command, number and words tell. */
enum server_why {
	WHY_UNTOLD,
	WHY_TLS,	/* it wants encryption */
	WHY_MANY,	/* load, too many connections */
	WHY_ACCOUNT,	/* expired, locked, closed */
	WHY_ADDRESS,	/* where we come from */
	WHY_DIRECTORY,	/* no file */
	WHY_MISSING,
	WHY_ACCESS,
};
enum server_why server_why(struct transfer *t, long number);

/* Of FTP: is it about the connection or a login, not yet about a file? */
bool server_is_early(const struct transfer *t);

/* --- server_service.c: other services on the port --- */

/* What begins with BYTES; NULL: unknown. */
const struct server_service *server_service_of(const void *bytes, size_t size);

/* Look what listens where the last request was connected to: on connections of
 * its own, for some seconds at most; something that comes on FD (-1: none)
 * ends it. True with t->service and t->said when it is something else. */
bool server_look(struct transfer *t, int fd);

/* Does userinfo stand in URL? */
bool server_has_login(CURLU *url);

/* Do SIZE bytes at the begin of a file look like a web page (look.h)? */
bool server_looks_html(const void *bytes, size_t size);

/* The same, where the server calls the file TYPE (NULL: nothing). Its word alone makes no
 * page, small servers say text/html of every file (busybox httpd of every part of one);
 * it counts where the bytes do not speak against it: text, none at all, or CODED ones. */
bool server_is_page(const char *type, bool coded, const void *bytes, size_t size);

/* --- server_errors.c: failures as messages; all return -1 --- */

/* The message ID, of a failure of KIND; what reply NUMBER means; what the
 * library's RC means, or why we ended the request. */
int server_fail(enum server_kind kind, struct server_status *status, struct err *e,
		enum message_id id, const char *format, ...)
	__attribute__((format(printf, 5, 6)));
int server_fail_reply(struct transfer *t, long number,
		      struct server_status *status, struct err *e);
int server_fail_library(struct transfer *t, CURLcode rc,
			struct server_status *status, struct err *e);

/* The public calls with SETTINGS of a test. */
int server_fetch_with(const struct server_settings *settings, const char *url,
		      const struct server_sink *sink,
		      struct server_status *status, struct err *e);
int server_download_with(const struct server_settings *settings,
			 const char *url, const struct server_access *access,
			 const char *path, uint64_t max_size, uint64_t size,
			 const char *sha256, const struct server_watch *watch,
			 struct server_status *status, struct err *e);

#endif

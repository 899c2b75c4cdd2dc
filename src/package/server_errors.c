#include "config.h"

#include "base/count.h"
#include "base/redact.h"
#include "package/server_state.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* A stalled transfer that brought less is not worth as much time again. */
#define WORTH_MORE 4096

/* Replies with a meaning that helps. FIRST..LAST, of FTP or HTTP; UPLOAD is
 * what it means for one, where that is something else. */
static const struct reply {
	bool ftp;
	int first, last;
	enum server_kind kind;
	bool again;	/* another try may go better */
	const char *words;
	const char *upload;
} replies[] = {
	{ false, 304, 304, SERVER_OTHER, false, "not modified: it sends no file", NULL },
	{ false, 300, 399, SERVER_OTHER, false, "a redirect that leads nowhere", NULL },
	{ false, 400, 400, SERVER_OTHER, false, "the server does not understand the request", NULL },
	{ false, 401, 401, SERVER_LOGIN, false, "user and password are needed or wrong", NULL },
	{ false, 403, 403, SERVER_LOGIN, false, "access is forbidden", NULL },
	{ false, 404, 404, SERVER_NOT_FOUND, false, "no such file", "no such directory" },
	{ false, 405, 405, SERVER_OTHER, false, "the server does not do this", "the server takes no uploads here" },
	{ false, 407, 407, SERVER_LOGIN, false, "a proxy wants a login", NULL },
	{ false, 408, 408, SERVER_TIMEOUT, true, "the server gave up waiting", NULL },
	{ false, 409, 409, SERVER_OTHER, false, "the server sees a conflict", "no such directory" },
	{ false, 410, 410, SERVER_NOT_FOUND, false, "the file is gone", NULL },
	{ false, 412, 412, SERVER_OTHER, false, "a condition does not hold", "a file of that name stands there" },
	{ false, 413, 413, SERVER_OTHER, false, "too large for the server", NULL },
	{ false, 416, 416, SERVER_OTHER, false, "the range asked for does not exist", NULL },
	{ false, 429, 429, SERVER_OTHER, true, "too many requests: try again later", NULL },
	{ false, 500, 500, SERVER_OTHER, true, "the server has a fault", NULL },
	{ false, 501, 501, SERVER_OTHER, false, "the server cannot do this", "the server takes no uploads" },
	{ false, 502, 502, SERVER_OTHER, true, "a gateway got no answer it can use", NULL },
	{ false, 503, 503, SERVER_OTHER, true, "the server is overloaded or closed: try again later", NULL },
	{ false, 504, 504, SERVER_TIMEOUT, true, "a gateway gave up waiting", NULL },
	{ false, 507, 507, SERVER_OTHER, false, "the server has no space left", NULL },
	{ true, 421, 421, SERVER_OTHER, true, "the server closes the connection: try again later", NULL },
	{ true, 425, 426, SERVER_OTHER, true, "the data connection failed", NULL },
	{ true, 450, 450, SERVER_NOT_FOUND, true, "the file is not available now", NULL },
	{ true, 451, 451, SERVER_OTHER, true, "the server has a fault", NULL },
	{ true, 452, 452, SERVER_OTHER, false, "the server has no space left", NULL },
	{ true, 530, 530, SERVER_LOGIN, false, "login refused: check user and password", NULL },
	{ true, 532, 532, SERVER_LOGIN, false, "the server wants an account for that", NULL },
	{ true, 550, 550, SERVER_NOT_FOUND, false, "no such file or directory", "no such directory, or no permission to write there" },
	{ true, 552, 552, SERVER_OTHER, false, "the server has no space left", NULL },
	{ true, 553, 553, SERVER_OTHER, false, "the server does not take the name", NULL },
};

static const struct reply *find_reply(bool ftp, long number)
{
	for (size_t i = 0; i < COUNT(replies); i++)
		if (replies[i].ftp == ftp && number >= replies[i].first &&
		    number <= replies[i].last)
			return &replies[i];
	return NULL;
}

/* What libcurl calls a failure, where its own words do not help; NULL: they do. */
static const struct failure {
	CURLcode rc;
	enum server_kind kind;
	bool again;
	const char *words;
} failures[] = {
	{ CURLE_COULDNT_RESOLVE_HOST, SERVER_DNS, true, "no such host: the name is not known (DNS)" },
	{ CURLE_LOGIN_DENIED, SERVER_LOGIN, false, "login refused: check user and password" },
	{ CURLE_REMOTE_FILE_NOT_FOUND, SERVER_NOT_FOUND, false, "no such file or directory" },
	{ CURLE_REMOTE_ACCESS_DENIED, SERVER_NOT_FOUND, false, "no such directory, or no permission" },
	{ CURLE_FTP_COULDNT_SET_TYPE, SERVER_OTHER, false, "it does not send files as they are: binary mode is refused" },
	{ CURLE_GOT_NOTHING, SERVER_OTHER, true, "the server closed the connection without an answer" },
	{ CURLE_RECV_ERROR, SERVER_OTHER, true, "the connection was reset" },
	{ CURLE_SEND_ERROR, SERVER_OTHER, true, "the connection was reset" },
	{ CURLE_WEIRD_SERVER_REPLY, SERVER_OTHER, false, "its answer makes no sense" },
	{ CURLE_UNSUPPORTED_PROTOCOL, SERVER_OTHER, false, "its answer is no HTTP" },
	{ CURLE_PEER_FAILED_VERIFICATION, SERVER_OTHER, false, "its certificate is not trusted: expired, for another name, too weak, or from a CA that this computer does not know (--cacert FILE adds one)" },
	{ CURLE_SSL_CACERT_BADFILE, SERVER_OTHER, false, "the file of CA certificates cannot be used" },
	{ CURLE_SSL_CONNECT_ERROR, SERVER_CONNECT, false, "no secure connection: it must speak TLS 1.2, or for https a newer one" },
	{ CURLE_USE_SSL_FAILED, SERVER_CONNECT, false, "no secure connection: the FTP server refuses TLS" },
	/* libcurl's own limit for one header line is told as a lack of memory */
	{ CURLE_OUT_OF_MEMORY, SERVER_OTHER, false, "the header of its answer has no end" },
	{ CURLE_COULDNT_CONNECT, SERVER_CONNECT, true, NULL },
	{ CURLE_FTP_CANT_GET_HOST, SERVER_CONNECT, true, NULL },
};

static const struct failure *find_failure(CURLcode rc)
{
	for (size_t i = 0; i < COUNT(failures); i++)
		if (failures[i].rc == rc)
			return &failures[i];
	return NULL;
}

void server_words(struct transfer *t, char *out, size_t out_size,
		  const char *text)
{
	char redacted[REDACTOR_LINE_MAX + 64];
	size_t size;

	if (!t->secrets_known) {
		snprintf(out, out_size, "(not shown)");
		return;
	}
	size = redact(&t->secrets, redacted, sizeof(redacted), text, strlen(text));
	text_safe(out, out_size, redacted, size);
}

/* The library's own words. Call before the handle does anything else: its
 * buffer is overwritten. */
static void library_words(struct transfer *t, CURLcode rc, char *out,
			  size_t out_size)
{
	if (t->library_text[0] == '\0' || !t->secrets_known)
		snprintf(out, out_size, "%s", curl_easy_strerror(rc));
	else
		server_words(t, out, out_size, t->library_text);
}

int server_tell(struct transfer *t, enum server_kind kind,
		struct server_status *status, struct err *e,
		const char *format, ...)
{
	char words[ERR_TEXT_SIZE];
	va_list args;

	va_start(args, format);
	vsnprintf(words, sizeof(words), format, args);
	va_end(args);
	status->kind = kind;
	return err_set(e, ERR_NETWORK, "%s: %s", t->host, words);
}

/* A login that was not given is needed, one that was given is wrong. */
static const char *login_words(const struct transfer *t)
{
	if (!t->access)
		return NULL;
	if (t->netrc[0])
		return "user and password of ~/.netrc are missing or wrong";
	if (t->access->user && *t->access->user)
		return "user or password is wrong";
	return "it wants a user and password: give them with --credentials FILE";
}

int server_tell_reply(struct transfer *t, long number,
		      struct server_status *status, struct err *e)
{
	const struct reply *reply = find_reply(t->ftp, number);
	const char *words = reply ? reply->words : "the server refused";
	curl_off_t wait_s = 0;
	char later[48] = "";

	if (reply && reply->upload && t->request->upload)
		words = reply->upload;
	if (number == 401 && !t->ftp && login_words(t))
		words = login_words(t);
	t->again = reply && reply->again;
	if (!t->ftp)
		curl_easy_getinfo(t->curl, CURLINFO_RETRY_AFTER, &wait_s);
	if (wait_s > 0)
		snprintf(later, sizeof(later), ", it says after %" PRId64 " s",
			 (int64_t)wait_s);
	return server_tell(t, reply ? reply->kind : SERVER_OTHER, status, e,
			   "%s (%s %ld)%s", words, t->ftp ? "FTP" : "HTTP",
			   number, later);
}

static int tell_too_large(struct transfer *t, struct server_status *status,
			  struct err *e)
{
	char most[28];

	return server_tell(t, SERVER_OTHER, status, e,
			   "the file has more than %s bytes: it is no package for this module",
			   text_count(most, t->request->max_size));
}

static int tell_redirect(struct transfer *t, struct server_status *status,
			 struct err *e)
{
	char *location = server_location(t);
	char words[256];

	if (!location)
		return server_tell_reply(t, status->reply, status, e);
	server_words(t, words, sizeof(words), location);
	curl_free(location);
	return server_tell(t, SERVER_OTHER, status, e,
			   "it redirects to %s: give that address if it is meant",
			   words);
}

int server_tell_stop(struct transfer *t, struct server_status *status,
		     struct err *e)
{
	switch (t->stop) {
	case STOP_HEADERS:
		return server_tell(t, SERVER_OTHER, status, e,
				   "the header of its answer has no end");
	case STOP_LENGTH:
		return server_tell(t, SERVER_OTHER, status, e,
				   "it tells a length that cannot be, or two of them (Content-Length)");
	case STOP_SIZE:
		return tell_too_large(t, status, e);
	case STOP_REPLY:
		return server_tell_reply(t, status->reply, status, e);
	case STOP_REDIRECT:
		return tell_redirect(t, status, e);
	case STOP_LOCAL:
		return server_tell(t, SERVER_OTHER, status, e,
				   "it redirects to an address of this computer or its network, which is not followed");
	case STOP_CALLER:
		return server_tell(t, SERVER_OTHER, status, e,
				   t->request->upload ? "the file could not be read" :
							"what came could not be stored");
	case STOP_NONE:
		break;
	}
	return server_tell(t, SERVER_OTHER, status, e, "writing failed");
}

static int tell_timeout(struct transfer *t, struct server_status *status,
			struct err *e)
{
	curl_off_t connected_us = 0;
	uint64_t now = t->request->upload ? t->sent : t->done;
	uint64_t moved = t->base + now;
	char done[28];

	curl_easy_getinfo(t->curl, CURLINFO_CONNECT_TIME_T, &connected_us);
	if (connected_us == 0)
		return server_tell(t, SERVER_TIMEOUT, status, e,
				   "no connection within %ld s", t->settings->connect_s);
	if (moved == 0)
		return server_tell(t, SERVER_TIMEOUT, status, e,
				   "it took the connection but did not answer within %ld s",
				   t->settings->stall_s);
	t->again = now >= WORTH_MORE;
	return server_tell(t, SERVER_TIMEOUT, status, e,
			   "stalled: next to nothing moved for %ld s, after %s bytes",
			   t->settings->stall_s, text_count(done, moved));
}

static int tell_cut(struct transfer *t, struct server_status *status,
		    struct err *e)
{
	char done[28], whole[28];

	t->again = true;
	text_count(done, t->base + t->done);
	if (!t->has_length)
		return server_tell(t, SERVER_OTHER, status, e,
				   "the connection was cut after %s bytes", done);
	return server_tell(t, SERVER_OTHER, status, e,
			   "the connection was cut after %s of %s bytes", done,
			   text_count(whole, t->base + t->length));
}

static int tell_connect(struct transfer *t, const char *words,
			struct server_status *status, struct err *e)
{
	long number = 0;

	curl_easy_getinfo(t->curl, CURLINFO_OS_ERRNO, &number);
	status->kind = SERVER_CONNECT;
	if (number != 0)
		return err_sys(e, ERR_NETWORK, (int)number, "connecting to %s",
			       t->host);
	return err_set(e, ERR_NETWORK, "connecting to %s: %s", t->host, words);
}

int server_tell_failure(struct transfer *t, CURLcode rc,
			struct server_status *status, struct err *e)
{
	const struct failure *failure = find_failure(rc);
	char words[CURL_ERROR_SIZE + 64];

	library_words(t, rc, words, sizeof(words));
	status->kind = SERVER_OTHER;
	if (t->cancelled)
		return err_set(e, ERR_CANCELLED, "%s: cancelled", t->host);
	if (t->stop != STOP_NONE)
		return server_tell_stop(t, status, e);
	if (rc == CURLE_FILESIZE_EXCEEDED)
		return tell_too_large(t, status, e);
	/* an FTP server that closes, 421, is a time-out to the library */
	if (rc == CURLE_OPERATION_TIMEDOUT && !(t->ftp && status->reply == 421))
		return tell_timeout(t, status, e);
	if (rc == CURLE_PARTIAL_FILE)
		return tell_cut(t, status, e);
	t->again = failure && failure->again;
	if (failure && !failure->words)
		return tell_connect(t, words, status, e);
	if (rc == CURLE_HTTP_RETURNED_ERROR ||
	    (t->ftp && status->reply >= 400 && find_reply(true, status->reply)))
		return server_tell_reply(t, status->reply, status, e);
	if (failure)
		return server_tell(t, failure->kind, status, e, "%s (%s)",
				   failure->words, words);
	return server_tell(t, SERVER_OTHER, status, e, "%s", words);
}

#include "config.h"

#include "package/server_state.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/count.h"
#include "base/redact.h"
#include "base/text.h"

/* A stalled transfer that brought less is not worth as much time again. */
#define WORTH_MORE 4096

/* Replies with a meaning that helps. FIRST..LAST, of FTP or HTTP; UPLOAD is
 * what it means for one, where that is something else. */
static const struct reply {
	bool ftp;
	int first, last;
	enum server_kind kind;
	bool again;	/* another try may go better */
	enum message_id id;
	enum message_id upload;
} replies[] = {
	{ false, 304, 304, SERVER_OTHER, false, MSG_HTTP_NOT_MODIFIED, MSG_NONE },
	{ false, 300, 399, SERVER_OTHER, false, MSG_HTTP_REDIRECT_NOWHERE, MSG_NONE },
	{ false, 400, 400, SERVER_OTHER, false, MSG_HTTP_BAD_REQUEST, MSG_NONE },
	{ false, 401, 401, SERVER_LOGIN, false, MSG_HTTP_LOGIN, MSG_NONE },
	{ false, 403, 403, SERVER_LOGIN, false, MSG_HTTP_FORBIDDEN, MSG_NONE },
	{ false, 404, 404, SERVER_NOT_FOUND, false, MSG_HTTP_NOT_FOUND, MSG_HTTP_NO_DIRECTORY },
	{ false, 405, 405, SERVER_OTHER, false, MSG_HTTP_NOT_DONE, MSG_HTTP_NO_UPLOADS_HERE },
	{ false, 407, 407, SERVER_LOGIN, false, MSG_HTTP_PROXY_LOGIN, MSG_NONE },
	{ false, 408, 408, SERVER_TIMEOUT, true, MSG_HTTP_GAVE_UP, MSG_NONE },
	{ false, 409, 409, SERVER_OTHER, false, MSG_HTTP_CONFLICT, MSG_HTTP_NO_DIRECTORY },
	{ false, 410, 410, SERVER_NOT_FOUND, false, MSG_HTTP_GONE, MSG_NONE },
	{ false, 412, 412, SERVER_OTHER, false, MSG_HTTP_CONDITION, MSG_HTTP_FILE_STANDS },
	{ false, 413, 413, SERVER_OTHER, false, MSG_HTTP_TOO_LARGE, MSG_NONE },
	{ false, 416, 416, SERVER_OTHER, false, MSG_HTTP_RANGE, MSG_NONE },
	{ false, 429, 429, SERVER_OTHER, true, MSG_HTTP_TOO_MANY, MSG_NONE },
	{ false, 500, 500, SERVER_OTHER, true, MSG_HTTP_FAULT, MSG_NONE },
	{ false, 501, 501, SERVER_OTHER, false, MSG_HTTP_CANNOT, MSG_HTTP_NO_UPLOADS },
	{ false, 502, 502, SERVER_OTHER, true, MSG_HTTP_GATEWAY, MSG_NONE },
	{ false, 503, 503, SERVER_OTHER, true, MSG_HTTP_OVERLOADED, MSG_NONE },
	{ false, 504, 504, SERVER_TIMEOUT, true, MSG_HTTP_GATEWAY_TIMEOUT, MSG_NONE },
	{ false, 507, 507, SERVER_OTHER, false, MSG_HTTP_NO_SPACE, MSG_NONE },
	{ true, 421, 421, SERVER_OTHER, true, MSG_FTP_CLOSES, MSG_NONE },
	{ true, 425, 426, SERVER_OTHER, true, MSG_FTP_DATA_CONNECTION, MSG_NONE },
	{ true, 450, 450, SERVER_NOT_FOUND, true, MSG_FTP_NOT_AVAILABLE, MSG_NONE },
	{ true, 451, 451, SERVER_OTHER, true, MSG_FTP_FAULT, MSG_NONE },
	{ true, 452, 452, SERVER_OTHER, false, MSG_FTP_NO_SPACE, MSG_NONE },
	{ true, 530, 530, SERVER_LOGIN, false, MSG_FTP_LOGIN, MSG_NONE },
	{ true, 532, 532, SERVER_LOGIN, false, MSG_FTP_ACCOUNT, MSG_NONE },
	{ true, 550, 550, SERVER_NOT_FOUND, false, MSG_FTP_NOT_FOUND, MSG_FTP_NOT_WRITABLE },
	{ true, 552, 552, SERVER_OTHER, false, MSG_FTP_NO_SPACE, MSG_NONE },
	{ true, 553, 553, SERVER_OTHER, false, MSG_FTP_NAME, MSG_NONE },
};

static const struct reply *find_reply(bool ftp, long number)
{
	for (size_t i = 0; i < COUNT(replies); i++)
		if (replies[i].ftp == ftp && number >= replies[i].first &&
		    number <= replies[i].last)
			return &replies[i];
	return NULL;
}

/* What libcurl calls a failure, where its own words do not help; MSG_NONE: they do. */
static const struct failure {
	CURLcode rc;
	enum server_kind kind;
	bool again;
	enum message_id id;
} failures[] = {
	{ CURLE_COULDNT_RESOLVE_HOST, SERVER_DNS, true, MSG_HOST_UNKNOWN },
	{ CURLE_LOGIN_DENIED, SERVER_LOGIN, false, MSG_HOST_LOGIN },
	{ CURLE_REMOTE_FILE_NOT_FOUND, SERVER_NOT_FOUND, false, MSG_HOST_NO_FILE },
	{ CURLE_REMOTE_ACCESS_DENIED, SERVER_NOT_FOUND, false, MSG_HOST_NO_DIRECTORY },
	{ CURLE_FTP_COULDNT_SET_TYPE, SERVER_OTHER, false, MSG_HOST_NO_BINARY },
	{ CURLE_GOT_NOTHING, SERVER_OTHER, true, MSG_HOST_CLOSED },
	{ CURLE_RECV_ERROR, SERVER_OTHER, true, MSG_HOST_RESET },
	{ CURLE_SEND_ERROR, SERVER_OTHER, true, MSG_HOST_RESET },
	{ CURLE_WEIRD_SERVER_REPLY, SERVER_OTHER, false, MSG_HOST_NONSENSE },
	{ CURLE_UNSUPPORTED_PROTOCOL, SERVER_OTHER, false, MSG_HOST_NO_HTTP },
	{ CURLE_PEER_FAILED_VERIFICATION, SERVER_OTHER, false, MSG_HOST_CERTIFICATE },
	{ CURLE_SSL_CACERT_BADFILE, SERVER_OTHER, false, MSG_CA_FILE },
	{ CURLE_SSL_CONNECT_ERROR, SERVER_CONNECT, false, MSG_HOST_NO_TLS },
	{ CURLE_USE_SSL_FAILED, SERVER_CONNECT, false, MSG_HOST_TLS_REFUSED },
	/* libcurl's own limit for one header line is reported as a lack of memory */
	{ CURLE_OUT_OF_MEMORY, SERVER_OTHER, false, MSG_HOST_HEADER_ENDLESS },
	{ CURLE_COULDNT_CONNECT, SERVER_CONNECT, true, MSG_NONE },
	{ CURLE_FTP_CANT_GET_HOST, SERVER_CONNECT, true, MSG_NONE },
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

int server_fail(enum server_kind kind, struct server_status *status, struct err *e,
		enum message_id id, const char *format, ...)
{
	struct message m;
	va_list args;

	va_start(args, format);
	message_setv(&m, id, format, args);
	va_end(args);
	status->kind = kind;
	return err_take(e, message_info(id)->code, &m);
}

/* A login that was not given is needed, one that was given is wrong. */
static enum message_id login_message(const struct transfer *t)
{
	if (!t->access)
		return MSG_HTTP_LOGIN;
	if (t->netrc[0])
		return MSG_HTTP_LOGIN_NETRC;
	return t->access->user && *t->access->user ? MSG_HTTP_LOGIN_WRONG : MSG_HTTP_LOGIN_NEEDED;
}

int server_fail_reply(struct transfer *t, long number,
		      struct server_status *status, struct err *e)
{
	const struct reply *reply = find_reply(t->ftp, number);
	enum message_id id = reply ? reply->id : t->ftp ? MSG_FTP_REFUSED : MSG_HTTP_REFUSED;
	curl_off_t wait_s = 0;
	struct message m;
	char text[24];

	if (reply && reply->upload != MSG_NONE && t->request->upload)
		id = reply->upload;
	if (id == MSG_HTTP_LOGIN)
		id = login_message(t);
	t->again = reply && reply->again;
	if (!t->ftp)
		curl_easy_getinfo(t->curl, CURLINFO_RETRY_AFTER, &wait_s);
	/* all of them have the same arguments */
	message_begin(&m, id);
	message_value(&m, t->host);
	snprintf(text, sizeof(text), "%ld", number);
	message_value(&m, text);
	snprintf(text, sizeof(text), "%" PRId64, (int64_t)wait_s);
	message_value(&m, text);
	status->kind = reply ? reply->kind : SERVER_OTHER;
	return err_take(e, message_info(id)->code, &m);
}

static int fail_too_large(struct transfer *t, struct server_status *status,
			  struct err *e)
{
	return server_fail(SERVER_OTHER, status, e, MSG_FILE_TOO_LARGE, "host=%s most=%llu", t->host,
			   (unsigned long long)t->request->max_size);
}

static int fail_redirect(struct transfer *t, struct server_status *status,
			 struct err *e)
{
	char *location = server_location(t);
	char words[256];

	if (!location)
		return server_fail_reply(t, status->reply, status, e);
	server_words(t, words, sizeof(words), location);
	curl_free(location);
	return server_fail(SERVER_OTHER, status, e, MSG_REDIRECT_TO, "host=%s url=%s", t->host, words);
}

static int fail_stop(struct transfer *t, struct server_status *status,
		     struct err *e)
{
	switch (t->stop) {
	case STOP_HEADERS:
		return server_fail(SERVER_OTHER, status, e, MSG_HOST_HEADER_ENDLESS, "host=%s library=%s", t->host, "");
	case STOP_LENGTH:
		return server_fail(SERVER_OTHER, status, e, MSG_LENGTH_IMPOSSIBLE, "host=%s", t->host);
	case STOP_SIZE:
		return fail_too_large(t, status, e);
	case STOP_REPLY:
		return server_fail_reply(t, status->reply, status, e);
	case STOP_REDIRECT:
		return fail_redirect(t, status, e);
	case STOP_LOCAL:
		return server_fail(SERVER_OTHER, status, e, MSG_REDIRECT_LOCAL, "host=%s", t->host);
	case STOP_CALLER:
		return server_fail(SERVER_OTHER, status, e, t->request->upload ? MSG_NOT_READ : MSG_NOT_STORED,
				   "host=%s", t->host);
	case STOP_NONE:
		break;
	}
	return server_fail(SERVER_OTHER, status, e, MSG_WRITING_FAILED, "host=%s", t->host);
}

static int fail_timeout(struct transfer *t, struct server_status *status,
			struct err *e)
{
	curl_off_t connected_us = 0;
	uint64_t now = t->request->upload ? t->sent : t->done;
	uint64_t moved = t->base + now;

	curl_easy_getinfo(t->curl, CURLINFO_CONNECT_TIME_T, &connected_us);
	if (connected_us == 0)
		return server_fail(SERVER_TIMEOUT, status, e, MSG_CONNECT_TIMEOUT, "host=%s limit=%ld",
				   t->host, t->settings->connect_s);
	if (moved == 0)
		return server_fail(SERVER_TIMEOUT, status, e, MSG_ANSWER_TIMEOUT, "host=%s limit=%ld",
				   t->host, t->settings->stall_s);
	t->again = now >= WORTH_MORE;
	return server_fail(SERVER_TIMEOUT, status, e, MSG_TRANSFER_STALLED, "host=%s limit=%ld size=%llu",
			   t->host, t->settings->stall_s, (unsigned long long)moved);
}

static int fail_cut(struct transfer *t, struct server_status *status,
		    struct err *e)
{
	t->again = true;
	return server_fail(SERVER_OTHER, status, e, MSG_TRANSFER_CUT, "host=%s size=%llu total=%llu", t->host,
			   (unsigned long long)(t->base + t->done),
			   (unsigned long long)(t->has_length ? t->base + t->length : 0));
}

static int fail_connect(struct transfer *t, const char *words,
			struct server_status *status, struct err *e)
{
	long number = 0;

	curl_easy_getinfo(t->curl, CURLINFO_OS_ERRNO, &number);
	status->kind = SERVER_CONNECT;
	if (number != 0)
		return err_fail_sys(e, MSG_CONNECT_FAILED, (int)number, "host=%s", t->host);
	return err_fail(e, MSG_CONNECT_FAILED_LIBRARY, "host=%s library=%s", t->host, words);
}

int server_fail_library(struct transfer *t, CURLcode rc,
			struct server_status *status, struct err *e)
{
	const struct failure *failure = find_failure(rc);
	char words[CURL_ERROR_SIZE + 64];

	library_words(t, rc, words, sizeof(words));
	status->kind = SERVER_OTHER;
	if (t->cancelled)
		return err_fail(e, MSG_TRANSFER_STOPPED, "host=%s", t->host);
	if (t->stop != STOP_NONE)
		return fail_stop(t, status, e);
	if (rc == CURLE_FILESIZE_EXCEEDED)
		return fail_too_large(t, status, e);
	/* an FTP server that closes, 421, is a time-out to the library */
	if (rc == CURLE_OPERATION_TIMEDOUT && !(t->ftp && status->reply == 421))
		return fail_timeout(t, status, e);
	if (rc == CURLE_PARTIAL_FILE)
		return fail_cut(t, status, e);
	t->again = failure && failure->again;
	if (failure && failure->id == MSG_NONE)
		return fail_connect(t, words, status, e);
	if (rc == CURLE_HTTP_RETURNED_ERROR ||
	    (t->ftp && status->reply >= 400 && find_reply(true, status->reply)))
		return server_fail_reply(t, status->reply, status, e);
	return server_fail(failure ? failure->kind : SERVER_OTHER, status, e,
			   failure ? failure->id : MSG_HOST_FAILED, "host=%s library=%s", t->host, words);
}

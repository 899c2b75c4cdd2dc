#include "config.h"

#include "package/server_state.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/count.h"
#include "base/text.h"

/* A stalled transfer that brought less is not worth as much time again. */
#define WORTH_MORE 4096

/* CURLE_TOO_LARGE of libcurl 8.6, for one that may be built without it. */
#define TOO_LARGE ((CURLcode)100)

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
	/* of a file that was to be read whole: to all else any of these is success */
	{ false, 202, 202, SERVER_OTHER, false, MSG_HTTP_NOT_YET, MSG_NONE },
	{ false, 203, 203, SERVER_OTHER, false, MSG_HTTP_CHANGED_ON_WAY, MSG_NONE },
	{ false, 204, 205, SERVER_OTHER, false, MSG_HTTP_NO_CONTENT, MSG_NONE },
	{ false, 206, 206, SERVER_OTHER, false, MSG_HTTP_ONLY_PART, MSG_NONE },
	{ false, 200, 299, SERVER_OTHER, false, MSG_HTTP_NOT_FILE, MSG_NONE },
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
	{ false, 429, 429, SERVER_BUSY, true, MSG_HTTP_TOO_MANY, MSG_NONE },
	{ false, 500, 500, SERVER_OTHER, true, MSG_HTTP_FAULT, MSG_NONE },
	{ false, 501, 501, SERVER_OTHER, false, MSG_HTTP_CANNOT, MSG_HTTP_NO_UPLOADS },
	{ false, 502, 502, SERVER_OTHER, true, MSG_HTTP_GATEWAY, MSG_NONE },
	{ false, 503, 503, SERVER_BUSY, true, MSG_HTTP_OVERLOADED, MSG_NONE },
	{ false, 504, 504, SERVER_TIMEOUT, true, MSG_HTTP_GATEWAY_TIMEOUT, MSG_NONE },
	{ false, 507, 507, SERVER_OTHER, false, MSG_HTTP_NO_SPACE, MSG_NONE },
	{ false, 511, 511, SERVER_OTHER, false, MSG_HTTP_PROXY_LOGIN, MSG_NONE },	/* of a portal on the way, RFC 6585 */
	{ false, 500, 599, SERVER_OTHER, true, MSG_HTTP_FAULT, MSG_NONE },	/* RFC 9110 15: as 500 */
	{ true, 421, 421, SERVER_BUSY, true, MSG_FTP_CLOSES, MSG_NONE },
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

/* What a reason that the server gave means, whatever the number. */
static const struct reason {
	enum server_kind kind;
	bool again;
	enum message_id id;
} reasons[] = {
	[WHY_UNTOLD] = { SERVER_OTHER, false, MSG_NONE },
	[WHY_TLS] = { SERVER_TLS, false, MSG_SERVER_WANTS_TLS },
	[WHY_MANY] = { SERVER_BUSY, true, MSG_SERVER_FULL },
	[WHY_ACCOUNT] = { SERVER_LOGIN, false, MSG_ACCOUNT_CLOSED },
	[WHY_ADDRESS] = { SERVER_OTHER, false, MSG_ADDRESS_REFUSED },
	[WHY_DIRECTORY] = { SERVER_NOT_FOUND, false, MSG_SERVER_NO_FILE },
	[WHY_MISSING] = { SERVER_NOT_FOUND, false, MSG_NONE },
	[WHY_ACCESS] = { SERVER_LOGIN, false, MSG_ACCESS_DENIED },
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
	/* libcurl's own limit for one header line is reported as a lack of memory, by
	 * later ones than 8.5 as something too large */
	{ CURLE_OUT_OF_MEMORY, SERVER_OTHER, false, MSG_HOST_HEADER_ENDLESS },
	{ TOO_LARGE, SERVER_OTHER, false, MSG_HOST_HEADER_ENDLESS },
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

/* Is user and password as they are one of the ways in that an HTTP server names? */
static bool takes_basic(struct transfer *t)
{
	struct curl_header *way;
	size_t i = 0;

	for (; curl_easy_header(t->curl, "WWW-Authenticate", i, CURLH_HEADER, -1, &way) == CURLHE_OK; i++)
		if (strcasestr(way->value, "Basic"))
			return true;
	return i == 0;
}

/* A login that was not given is needed, one that was given is wrong; before a
 * password was sent none can be. */
static enum message_id login_message(struct transfer *t)
{
	bool given = t->access && t->access->user && *t->access->user;
	bool early = t->ftp && (t->verb[0] == '\0' || strcmp(t->verb, "USER") == 0);

	if (early && (t->verb[0] == '\0' || given || !t->access || t->netrc[0]))
		return MSG_FTP_USER_REFUSED;
	if (t->ftp && !early && strcmp(t->verb, "PASS") != 0 && strcmp(t->verb, "ACCT") != 0)
		return MSG_FTP_NOT_GIVEN;
	if (!t->ftp && !takes_basic(t))
		return MSG_HTTP_LOGIN_OTHER;
	if (!t->access)
		return t->ftp ? MSG_FTP_LOGIN : MSG_HTTP_LOGIN;
	if (t->netrc[0])
		return t->ftp ? MSG_FTP_LOGIN_NETRC : MSG_HTTP_LOGIN_NETRC;
	if (given)
		return t->ftp ? MSG_FTP_LOGIN : MSG_HTTP_LOGIN_WRONG;
	return t->ftp ? MSG_FTP_LOGIN_NEEDED : MSG_HTTP_LOGIN_NEEDED;
}

/* Before a file was asked for no reply is about one. */
static bool is_too_early(const struct transfer *t, const struct reply *reply)
{
	return t->ftp && server_is_early(t) && reply->kind != SERVER_LOGIN && reply->kind != SERVER_BUSY;
}

/* The message of REPLY (NULL: an unknown one) for the reason WHY. */
static enum message_id reply_message(struct transfer *t, const struct reply *reply, enum server_why why)
{
	enum message_id id = reply ? reply->id : t->ftp ? MSG_FTP_REFUSED : MSG_HTTP_REFUSED;

	if (reply && reply->upload != MSG_NONE && t->request->upload)
		return reply->upload;
	if (id == MSG_HTTP_LOGIN || id == MSG_FTP_LOGIN)
		return login_message(t);
	if (reply && is_too_early(t, reply))
		return MSG_FTP_REFUSED;
	/* of 550 only the words tell whether there is no such file */
	if (id == MSG_FTP_NOT_FOUND && why == WHY_UNTOLD)
		return MSG_FTP_NOT_GIVEN;
	return id;
}

/* Where a server that wants encryption may be asked with it: the same place by
 * ftps:// or https://. */
static void encrypted_url(struct transfer *t, char *out, size_t out_size)
{
	CURLU *url = curl_url_dup(t->url);
	char *port = NULL, *whole = NULL;

	out[0] = '\0';
	/* its control port stays: there it changes to TLS when asked */
	if (url && t->ftp && curl_url_get(url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK)
		curl_url_set(url, CURLUPART_PORT, port, 0);
	if (url && curl_url_set(url, CURLUPART_USER, NULL, 0) == CURLUE_OK &&
	    curl_url_set(url, CURLUPART_PASSWORD, NULL, 0) == CURLUE_OK &&
	    curl_url_set(url, CURLUPART_SCHEME, t->ftp ? "ftps" : "https", 0) == CURLUE_OK &&
	    curl_url_get(url, CURLUPART_URL, &whole, 0) == CURLUE_OK)
		server_words(t, out, out_size, whole);
	curl_free(whole);
	curl_free(port);
	curl_url_cleanup(url);
}

static bool is_named(const struct message_arg *arg, const char *name)
{
	return arg->name_size == strlen(name) && memcmp(arg->name, name, arg->name_size) == 0;
}

/* What the argument NAME of a message about a reply is. */
static void reply_value(struct transfer *t, long number, const struct message_arg *arg,
			char *out, size_t out_size)
{
	curl_off_t wait_s = 0;

	out[0] = '\0';
	if (is_named(arg, "host")) {
		snprintf(out, out_size, "%s", t->host);
	} else if (is_named(arg, "reply")) {
		snprintf(out, out_size, "%ld", number);
	} else if (is_named(arg, "protocol")) {
		snprintf(out, out_size, "%s", t->ftp ? "FTP" : "HTTP");
	} else if (is_named(arg, "said")) {
		server_said(t, out, out_size);
	} else if (is_named(arg, "url")) {
		encrypted_url(t, out, out_size);
	} else if (is_named(arg, "wait") && !t->ftp) {
		curl_easy_getinfo(t->curl, CURLINFO_RETRY_AFTER, &wait_s);
		snprintf(out, out_size, "%" PRId64, (int64_t)wait_s);
	}
}

int server_fail_reply(struct transfer *t, long number,
		      struct server_status *status, struct err *e)
{
	const struct reply *reply = find_reply(t->ftp, number);
	enum server_why why = server_why(t, number);
	const struct reason *reason = &reasons[why];
	char text[MESSAGE_VALUES_SIZE / 2];
	struct message_arg arg;
	enum message_id id;
	struct message m;

	/* who was refused with his password is told that, whatever else the words hint */
	if (why == WHY_ACCESS && (!t->ftp || number == 530 || t->request->upload))
		reason = &reasons[WHY_UNTOLD];
	if (why == WHY_MANY && reply && !t->ftp && reply->kind == SERVER_BUSY)
		reason = &reasons[WHY_UNTOLD];
	id = reason->id != MSG_NONE ? reason->id : reply_message(t, reply, why);
	if (id == MSG_SERVER_WANTS_TLS && t->publishing)
		id = MSG_PUBLISH_WANTS_TLS;
	t->again = reason->id != MSG_NONE ? reason->again : reply && reply->again;
	status->kind = reason->id != MSG_NONE ? reason->kind : reply && !is_too_early(t, reply) ? reply->kind : SERVER_OTHER;
	message_begin(&m, id);
	for (size_t i = 0; message_arg(id, i, &arg); i++) {
		reply_value(t, number, &arg, text, sizeof(text));
		message_value(&m, text);
	}
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

/* Another service answers on that port. */
static int fail_service(struct transfer *t, struct server_status *status, struct err *e)
{
	static const enum message_id ids[] = {
		[SERVICE_OTHER] = MSG_HOST_OTHER_SERVICE,
		[SERVICE_HTTP] = MSG_HOST_IS_HTTP,
		[SERVICE_TLS] = MSG_HOST_IS_TLS,
		[SERVICE_FTP] = MSG_HOST_IS_FTP,
	};
	char *scheme = NULL, *port = NULL;
	char said[256];

	curl_url_get(t->url, CURLUPART_SCHEME, &scheme, 0);
	curl_url_get(t->url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT);
	server_said(t, said, sizeof(said));
	/* the bytes of a binary protocol are no words */
	if (t->service.name[0] && t->said_size > 0 && !isprint((unsigned char)t->said[0]))
		said[0] = '\0';
	server_fail(SERVER_SERVICE, status, e, ids[t->service.scheme], "host=%s port=%s wanted=%s service=%s said=%s",
		    t->host, port ? port : "", t->tls ? "ftps" : scheme ? scheme : "", t->service.name,
		    said);
	curl_free(scheme);
	curl_free(port);
	return -1;
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
		return server_fail(SERVER_OTHER, status, e, MSG_REDIRECT_LOCAL, "host=%s", t->from_host);
	case STOP_SERVICE:
		return fail_service(t, status, e);
	case STOP_CALLER:
		return server_fail(SERVER_OTHER, status, e, t->request->upload ? MSG_NOT_READ : MSG_NOT_STORED,
				   "host=%s", t->host);
	case STOP_NONE:
		break;
	}
	return server_fail(SERVER_OTHER, status, e, MSG_WRITING_FAILED, "host=%s", t->host);
}

/* The server answers; the address that it gave for the data does not. */
static bool is_data_connection(const struct transfer *t)
{
	return t->ftp && (strcmp(t->verb, "EPSV") == 0 || strcmp(t->verb, "PASV") == 0);
}

static int fail_timeout(struct transfer *t, struct server_status *status,
			struct err *e)
{
	curl_off_t connected_us = 0;
	uint64_t now = t->request->upload ? t->sent : t->done;
	uint64_t moved = t->base + now;

	curl_easy_getinfo(t->curl, CURLINFO_CONNECT_TIME_T, &connected_us);
	if (is_data_connection(t))
		return server_fail(SERVER_TIMEOUT, status, e, MSG_DATA_CONNECT_FAILED, "host=%s", t->host);
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
	uint64_t come = t->base + t->done, total = t->has_length ? t->base + t->length : 0;
	char said[256] = "";

	if (t->ftp && status->reply >= 400)
		server_said(t, said, sizeof(said));
	t->again = true;
	return server_fail(SERVER_OTHER, status, e, MSG_TRANSFER_CUT, "host=%s size=%llu total=%llu said=%s", t->host,
			   (unsigned long long)come, (unsigned long long)total, said);
}

static int fail_connect(struct transfer *t, const char *words,
			struct server_status *status, struct err *e)
{
	long number = 0;

	if (is_data_connection(t))
		return server_fail(SERVER_CONNECT, status, e, MSG_DATA_CONNECT_FAILED, "host=%s", t->host);
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
	char words[CURL_ERROR_SIZE + 64], said[256] = "";

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
	/* a refusal in words says more than the library makes of its number */
	if (rc == CURLE_HTTP_RETURNED_ERROR ||
	    (t->ftp && status->reply >= 400 && (t->said_size > 0 || find_reply(true, status->reply)) &&
	     rc != CURLE_FTP_COULDNT_SET_TYPE && rc != CURLE_COULDNT_CONNECT && rc != CURLE_USE_SSL_FAILED))
		return server_fail_reply(t, status->reply, status, e);
	/* what the server said of it, rather than what the library makes of that */
	if (rc == CURLE_USE_SSL_FAILED || rc == CURLE_FTP_COULDNT_SET_TYPE)
		server_said(t, said, sizeof(said));
	return server_fail(failure ? failure->kind : SERVER_OTHER, status, e,
			   failure ? failure->id : MSG_HOST_FAILED, "host=%s library=%s", t->host,
			   said[0] ? said : words);
}

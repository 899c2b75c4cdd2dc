#include "config.h"

#include "source.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "text.h"

#define CONNECT_TIMEOUT_S 15L
#define STALL_TIMEOUT_S 30L
#define REDIRECTS_MAX 5L

/* All header lines of one answer; an honest one has some hundred bytes. */
#define HEADERS_MAX 65536

/* What may not stand in a URL that is put between quotes in an AT command
 * (protocol.md 1.1), and why. ';' joins AT commands; blanks break downloads
 * on similar stacks. */
static const struct {
	unsigned char first, last;
	const char *why;
} refused_bytes[] = {
	{ ' ', ' ', "blank: write %20" },
	{ 0x00, 0x1f, "control byte" },
	{ 0x7f, 0x7f, "control byte" },
	{ 0x80, 0xff, "not ASCII: write it as %XX, a host name in its xn-- form" },
	{ '"', '"', "'\"': it would close the AT parameter" },
	{ '\\', '\\', "'\\'" },
	{ '#', '#', "'#': a module takes no fragment" },
	{ ';', ';', "';'" },
};

static const char *why_refused(unsigned char byte)
{
	for (size_t i = 0; i < sizeof(refused_bytes) / sizeof(refused_bytes[0]);
	     i++)
		if (byte >= refused_bytes[i].first &&
		    byte <= refused_bytes[i].last)
			return refused_bytes[i].why;
	return NULL;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The byte that the "%XX" at TEXT stands for, -1 when it is none. */
static int percent_byte(const char *text)
{
	int high, low;

	if (text[0] != '%')
		return -1;
	high = hex_digit(text[1]);
	if (high < 0)
		return -1;
	low = hex_digit(text[2]);
	return low < 0 ? -1 : high * 16 + low;
}

static int check_url_bytes(const char *url, struct err *e)
{
	for (size_t i = 0; url[i] != '\0'; i++) {
		unsigned char byte = (unsigned char)url[i];
		const char *why = why_refused(byte);
		int coded = percent_byte(&url[i]);

		if (why)
			return err_set(e, ERR_USAGE,
				       "URL: byte 0x%02x at position %zu cannot be given to a module (%s)",
				       byte, i + 1, why);
		if ((coded >= 0 && coded < 0x20) || coded == 0x7f)
			return err_set(e, ERR_USAGE,
				       "URL: %%%02x at position %zu cannot be given to a module (coded control byte)",
				       (unsigned)coded, i + 1);
	}
	return 0;
}

/* Bytes that would end the user or password early, besides those refused
 * everywhere. The byte itself is not shown: it belongs to a secret. */
static int check_login(const char *what, const char *text, int max,
		       struct err *e)
{
	size_t size = strlen(text);

	for (size_t i = 0; i < size; i++)
		if (why_refused((unsigned char)text[i]) ||
		    strchr("@:/?%", text[i]))
			return err_set(e, ERR_USAGE,
				       "the byte at position %zu of the %s cannot stand in a URL for a module: it takes letters, digits and signs other than \" \\ # ; @ : / ? %%",
				       i + 1, what);
	if (max > 0 && size > (size_t)max)
		return err_set(e, ERR_USAGE,
			       "the %s has %zu bytes; a module takes at most %d",
			       what, size, max);
	return 0;
}

static int parse_scheme(struct url_parts *parts, const char *url, bool https,
			const char **rest, struct err *e)
{
	const char *end = strstr(url, "://");
	size_t size;

	if (!end)
		return err_set(e, ERR_USAGE,
			       "URL: no scheme: begin it with ftp:// or http://");
	size = (size_t)(end - url);
	*rest = end + 3;
	if (size == 3 && strncasecmp(url, "ftp", size) == 0) {
		strcpy(parts->scheme, "ftp");
		return 0;
	}
	if (size == 4 && strncasecmp(url, "http", size) == 0) {
		strcpy(parts->scheme, "http");
		return 0;
	}
	if (size == 5 && strncasecmp(url, "https", size) == 0) {
		if (!https)
			return err_set(e, ERR_USAGE,
				       "URL: this module cannot do https://: give it http:// or ftp://, or download the file and send it with --file");
		strcpy(parts->scheme, "https");
		return 0;
	}
	return err_set(e, ERR_USAGE,
		       "URL: unknown scheme \"%.*s\": a module takes ftp:// and http://",
		       size > 20 ? 20 : (int)size, url);
}

static int parse_port(struct url_parts *parts, const char *text, size_t size,
		      struct err *e)
{
	int port = 0;

	for (size_t i = 0; i < size && port <= 65535; i++) {
		if (text[i] < '0' || text[i] > '9')
			return err_set(e, ERR_USAGE,
				       "URL: port \"%.*s\" is no number",
				       size > 20 ? 20 : (int)size, text);
		port = port * 10 + (text[i] - '0');
	}
	if (size == 0)
		return err_set(e, ERR_USAGE,
			       "URL: no port after the ':': leave both away or give 1 to 65535");
	if (port < 1 || port > 65535)
		return err_set(e, ERR_USAGE,
			       "URL: port %.*s is not within 1 to 65535",
			       size > 20 ? 20 : (int)size, text);
	parts->port = port;
	return 0;
}

static int check_host(const struct url_parts *parts, size_t offset, int max,
		      struct err *e)
{
	const char *host = parts->host;
	size_t size = strlen(host);

	if (size == 0)
		return err_set(e, ERR_USAGE, "URL: no host");
	for (size_t i = 0; i < size; i++) {
		char c = host[i];

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9') ||
		    (i > 0 && (c == '.' || c == '-' || c == '_')))
			continue;
		if (c == '[')
			return err_set(e, ERR_USAGE,
				       "URL: IPv6 address at position %zu: a module takes names and IPv4 addresses",
				       offset + i + 1);
		return err_set(e, ERR_USAGE,
			       "URL: '%c' at position %zu cannot stand in a host name",
			       c, offset + i + 1);
	}
	if (max > 0 && size > (size_t)max)
		return err_set(e, ERR_USAGE,
			       "URL: the host has %zu bytes; a module takes at most %d",
			       size, max);
	return 0;
}

/* "host[:port]" between the scheme and the path, OFFSET bytes into the URL. */
static int parse_authority(struct url_parts *parts, const char *text,
			   size_t size, size_t offset,
			   const struct url_limits *limits, struct err *e)
{
	const char *at = memchr(text, '@', size);
	const char *colon = memchr(text, ':', size);
	size_t host_size;

	if (at)
		return err_set(e, ERR_USAGE,
			       "URL: '@' at position %zu: give user and password with --credentials, not in the URL",
			       offset + (size_t)(at - text) + 1);
	if (colon && text[0] == '[')
		colon = NULL;	/* an IPv6 address: check_host() says so */
	host_size = colon ? (size_t)(colon - text) : size;
	if (host_size >= sizeof(parts->host))
		return err_set(e, ERR_USAGE, "URL: the host has %zu bytes",
			       host_size);
	memcpy(parts->host, text, host_size);
	parts->host[host_size] = '\0';
	if (check_host(parts, offset, limits->login_max, e) < 0)
		return -1;
	if (!colon)
		return 0;
	return parse_port(parts, colon + 1, size - host_size - 1, e);
}

static int parse_path(struct url_parts *parts, const char *path,
		      const struct url_limits *limits, struct err *e)
{
	size_t size = strlen(path);

	if (path[0] != '/' || size < 2 ||
	    (strcmp(parts->scheme, "ftp") == 0 && path[size - 1] == '/'))
		return err_set(e, ERR_USAGE,
			       "URL: names no file: %s://%.60s/FILE",
			       parts->scheme, parts->host);
	if (strcmp(parts->scheme, "ftp") == 0 && limits->ftp_path_max > 0 &&
	    size > (size_t)limits->ftp_path_max)
		return err_set(e, ERR_USAGE,
			       "URL: the path has %zu bytes; for ftp a module takes at most %d",
			       size, limits->ftp_path_max);
	memcpy(parts->path, path, size + 1);
	return 0;
}

static int parse_url(struct url_parts *parts, const char *url,
		     const struct url_limits *limits, struct err *e)
{
	const char *authority;
	size_t size;

	memset(parts, 0, sizeof(*parts));
	if (check_url_bytes(url, e) < 0 ||
	    parse_scheme(parts, url, limits->https, &authority, e) < 0)
		return -1;
	size = strcspn(authority, "/?");
	if (parse_authority(parts, authority, size, (size_t)(authority - url),
			    limits, e) < 0)
		return -1;
	return parse_path(parts, authority + size, limits, e);
}

int source_module_url(char *out, size_t out_size, const char *url,
		      const char *user, const char *password,
		      const struct url_limits *limits, struct url_parts *parts,
		      struct err *e)
{
	struct url_parts own;
	size_t max = limits->url_max > 0 ? (size_t)limits->url_max : URL_SIZE - 1;
	bool login = (user && *user) || (password && *password);
	char port[8] = "";
	int n;

	assert(out_size > 0);
	out[0] = '\0';
	if (!parts)
		parts = &own;
	if (!user)
		user = "";
	if (!password)
		password = "";
	if (strlen(url) > max || strlen(url) >= URL_SIZE)
		return err_set(e, ERR_USAGE,
			       "URL: %zu bytes; a module takes at most %zu",
			       strlen(url), max);
	if (parse_url(parts, url, limits, e) < 0)
		return -1;
	if (login && strcmp(parts->scheme, "ftp") != 0)
		return err_set(e, ERR_USAGE,
			       "a module takes user and password for ftp:// only: leave them away or use an FTP server");
	if (login && *user == '\0')
		return err_set(e, ERR_USAGE, "a password without a user");
	if (check_login("user", user, limits->login_max, e) < 0 ||
	    check_login("password", password, limits->login_max, e) < 0)
		return -1;
	if (parts->port != 0)
		snprintf(port, sizeof(port), ":%d", parts->port);
	n = snprintf(out, out_size, "%s://%s%s%s%s%s%s%s", parts->scheme, user,
		     login ? ":" : "", password, login ? "@" : "", parts->host,
		     port, parts->path);
	if (n >= 0 && (size_t)n < out_size && (size_t)n <= max)
		return 0;
	memset(out, 0, out_size);
	return err_set(e, ERR_USAGE,
		       "URL: %d bytes with user and password; a module takes at most %zu",
		       n, max);
}

/* A download under way. */
struct transfer {
	const struct source_sink *sink;
	CURL *curl;
	uint64_t done;
	size_t header_size;
	enum { STOP_NONE, STOP_SIZE, STOP_SINK, STOP_HEADERS } stop;
	char host[128];			/* safe text */
	char library_text[CURL_ERROR_SIZE];
	struct redactor secrets;
	bool secrets_known;		/* false: show no text of the library */
};

static size_t take_body(char *bytes, size_t size, size_t count, void *ctx)
{
	struct transfer *t = ctx;
	size_t total = size * count;

	if (total > t->sink->max_size - t->done) {
		t->stop = STOP_SIZE;
		return CURL_WRITEFUNC_ERROR;
	}
	if (!t->sink->write(t->sink->ctx, bytes, total)) {
		t->stop = STOP_SINK;
		return CURL_WRITEFUNC_ERROR;
	}
	t->done += total;
	return total;
}

static size_t take_header(char *bytes, size_t size, size_t count, void *ctx)
{
	struct transfer *t = ctx;
	size_t total = size * count;

	(void)bytes;
	if (total > HEADERS_MAX - t->header_size) {
		t->stop = STOP_HEADERS;
		return CURL_WRITEFUNC_ERROR;
	}
	t->header_size += total;
	return total;
}

static int tell_progress(void *ctx, curl_off_t total, curl_off_t done,
			 curl_off_t up_total, curl_off_t up_done)
{
	const struct transfer *t = ctx;

	(void)done;	/* counts the bodies of redirects too */
	(void)up_total;
	(void)up_done;
	return t->sink->progress(t->sink->ctx, t->done,
				 total > 0 ? (uint64_t)total : 0) ?
		       0 :
		       1;
}

/* Name the server for messages, and learn the secrets of URL. */
static int read_url(struct transfer *t, const char *url, struct err *e)
{
	char *host = NULL, *user = NULL, *password = NULL;
	struct err ignored;
	CURLU *u = curl_url();
	CURLUcode rc;

	if (!u)
		return err_set(e, ERR_CRASH, "out of memory");
	redactor_init(&t->secrets);
	rc = curl_url_set(u, CURLUPART_URL, url, 0);
	if (rc == CURLUE_OK)
		rc = curl_url_get(u, CURLUPART_HOST, &host, 0);
	if (rc == CURLUE_OK) {
		text_safe_str(t->host, sizeof(t->host), host);
		curl_url_get(u, CURLUPART_USER, &user, CURLU_URLDECODE);
		curl_url_get(u, CURLUPART_PASSWORD, &password, CURLU_URLDECODE);
		t->secrets_known = redactor_add_login(&t->secrets,
						      user ? user : "",
						      password ? password : "",
						      &ignored) == 0;
	}
	if (password)
		memset(password, 0, strlen(password));
	curl_free(password);
	curl_free(user);
	curl_free(host);
	curl_url_cleanup(u);
	if (rc == CURLUE_UNSUPPORTED_SCHEME)
		return err_set(e, ERR_USAGE,
			       "unknown scheme: http, https, ftp and ftps are known");
	if (rc != CURLUE_OK)
		return err_set(e, ERR_USAGE, "not a URL: %s",
			       curl_url_strerror(rc));
	return 0;
}

static bool has_scheme(const char *url, const char *scheme)
{
	size_t size = strlen(scheme);

	return strncasecmp(url, scheme, size) == 0 && url[size] == ':';
}

/* Everything that makes libcurl strict. Returns the first failure. */
static CURLcode set_options(struct transfer *t, const char *url)
{
	CURL *c = t->curl;
	bool secure = has_scheme(url, "https");
	CURLcode rc = CURLE_OK;

#define SET(option, value)                                             \
	do {                                                           \
		if (rc == CURLE_OK)                                    \
			rc = curl_easy_setopt(c, CURLOPT_##option, value); \
	} while (0)
	SET(URL, url);
	SET(PROTOCOLS_STR, "http,https,ftp,ftps");
	SET(REDIR_PROTOCOLS_STR, secure ? "https" : "http,https");
	SET(FOLLOWLOCATION, 1L);
	SET(MAXREDIRS, REDIRECTS_MAX);
	SET(FAILONERROR, 1L);
	SET(PROXY, "");
	SET(NETRC, (long)CURL_NETRC_IGNORED);
	SET(NOSIGNAL, 1L);
	SET(QUICK_EXIT, 1L);	/* a cancel does not wait for the resolver */
	SET(CONNECTTIMEOUT, CONNECT_TIMEOUT_S);
	SET(SERVER_RESPONSE_TIMEOUT, STALL_TIMEOUT_S);
	SET(LOW_SPEED_LIMIT, 1L);
	SET(LOW_SPEED_TIME, STALL_TIMEOUT_S);
	SET(FTP_SKIP_PASV_IP, 1L);
	SET(SSL_VERIFYPEER, 1L);
	SET(SSL_VERIFYHOST, 2L);
	SET(SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(HTTPAUTH, (long)CURLAUTH_BASIC);
	SET(USERAGENT, PACKAGE_NAME "/" PACKAGE_VERSION);
	SET(MAXFILESIZE_LARGE, t->sink->max_size > INT64_MAX ?
				       (curl_off_t)INT64_MAX :
				       (curl_off_t)t->sink->max_size);
	SET(WRITEFUNCTION, take_body);
	SET(WRITEDATA, t);
	SET(HEADERFUNCTION, take_header);
	SET(HEADERDATA, t);
	SET(ERRORBUFFER, t->library_text);
	if (t->sink->progress) {
		SET(NOPROGRESS, 0L);
		SET(XFERINFOFUNCTION, tell_progress);
		SET(XFERINFODATA, t);
	}
#undef SET
	return rc;
}

/* Replies with a meaning that helps. FIRST..LAST, of FTP or HTTP. */
static const struct reply {
	bool ftp;
	int first, last;
	enum source_kind kind;
	const char *words;
} replies[] = {
	{ false, 401, 401, SOURCE_LOGIN, "user and password are needed or wrong" },
	{ false, 403, 403, SOURCE_LOGIN, "access is forbidden" },
	{ false, 404, 404, SOURCE_NOT_FOUND, "no such file" },
	{ false, 407, 407, SOURCE_LOGIN, "a proxy wants a login" },
	{ false, 408, 408, SOURCE_TIMEOUT, "the server gave up waiting" },
	{ false, 410, 410, SOURCE_NOT_FOUND, "the file is gone" },
	{ false, 416, 416, SOURCE_OTHER, "the range asked for does not exist" },
	{ false, 429, 429, SOURCE_OTHER, "too many requests: try again later" },
	{ false, 500, 500, SOURCE_OTHER, "the server has a fault" },
	{ false, 503, 503, SOURCE_OTHER, "the server is overloaded or closed: try again later" },
	{ false, 504, 504, SOURCE_TIMEOUT, "a gateway gave up waiting" },
	{ false, 300, 399, SOURCE_OTHER, "a redirect that leads nowhere" },
	{ true, 421, 421, SOURCE_OTHER, "the server closes the connection: try again later" },
	{ true, 425, 426, SOURCE_OTHER, "the data connection failed" },
	{ true, 450, 450, SOURCE_NOT_FOUND, "the file is not available now" },
	{ true, 530, 530, SOURCE_LOGIN, "login refused: check user and password" },
	{ true, 550, 550, SOURCE_NOT_FOUND, "no such file or directory" },
};

static const struct reply *find_reply(bool ftp, long number)
{
	for (size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++)
		if (replies[i].ftp == ftp && number >= replies[i].first &&
		    number <= replies[i].last)
			return &replies[i];
	return NULL;
}

/* What libcurl calls a failure, where its own words do not help; NULL: they do. */
static const struct failure {
	CURLcode rc;
	enum source_kind kind;
	const char *words;
} failures[] = {
	{ CURLE_COULDNT_RESOLVE_HOST, SOURCE_DNS, "no such host: the name is not known (DNS)" },
	{ CURLE_LOGIN_DENIED, SOURCE_LOGIN, "login refused: check user and password" },
	{ CURLE_REMOTE_FILE_NOT_FOUND, SOURCE_NOT_FOUND, "no such file or directory" },
	{ CURLE_TOO_MANY_REDIRECTS, SOURCE_OTHER, "more than 5 redirects" },
	{ CURLE_GOT_NOTHING, SOURCE_OTHER, "the server closed the connection without an answer" },
	{ CURLE_RECV_ERROR, SOURCE_OTHER, "the connection was reset" },
	{ CURLE_SEND_ERROR, SOURCE_OTHER, "the connection was reset" },
	{ CURLE_PEER_FAILED_VERIFICATION, SOURCE_OTHER, "its certificate is not trusted" },
	{ CURLE_SSL_CONNECT_ERROR, SOURCE_CONNECT, "no secure connection (TLS)" },
	/* libcurl's own limit for one header line is told as a lack of memory */
	{ CURLE_OUT_OF_MEMORY, SOURCE_OTHER, "the header of its answer has no end" },
	{ CURLE_COULDNT_CONNECT, SOURCE_CONNECT, NULL },
	{ CURLE_FTP_CANT_GET_HOST, SOURCE_CONNECT, NULL },
};

static const struct failure *find_failure(CURLcode rc)
{
	for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++)
		if (failures[i].rc == rc)
			return &failures[i];
	return NULL;
}

/* The library's own words, redacted. Call before the handle does anything
 * else: its buffer is overwritten. */
static void library_words(struct transfer *t, CURLcode rc, char *out,
			  size_t out_size)
{
	char redacted[CURL_ERROR_SIZE + 64];
	size_t size;

	if (t->library_text[0] == '\0' || !t->secrets_known) {
		snprintf(out, out_size, "%s", curl_easy_strerror(rc));
		return;
	}
	size = redact(&t->secrets, redacted, sizeof(redacted), t->library_text,
		      strlen(t->library_text));
	text_safe(out, out_size, redacted, size);
}

static int __attribute__((format(printf, 5, 6)))
tell(struct source_status *status, enum source_kind kind, struct transfer *t,
     struct err *e, const char *format, ...)
{
	char words[ERR_TEXT_SIZE];
	va_list args;

	va_start(args, format);
	vsnprintf(words, sizeof(words), format, args);
	va_end(args);
	status->kind = kind;
	return err_set(e, ERR_NETWORK, "%s: %s", t->host, words);
}

static int tell_reply(struct transfer *t, bool ftp, long number,
		      struct source_status *status, struct err *e)
{
	const struct reply *reply = find_reply(ftp, number);

	return tell(status, reply ? reply->kind : SOURCE_OTHER, t, e,
		    "%s (%s %ld)",
		    reply ? reply->words : "the server refused",
		    ftp ? "FTP" : "HTTP", number);
}

static int tell_too_large(struct transfer *t, struct source_status *status,
			  struct err *e)
{
	char most[28];

	return tell(status, SOURCE_OTHER, t, e,
		    "the file has more than %s bytes: it is no package for this module",
		    text_count(most, t->sink->max_size));
}

static int tell_timeout(struct transfer *t, struct source_status *status,
			struct err *e)
{
	curl_off_t connected_us = 0;
	char done[28];

	curl_easy_getinfo(t->curl, CURLINFO_CONNECT_TIME_T, &connected_us);
	if (connected_us == 0)
		return tell(status, SOURCE_TIMEOUT, t, e,
			    "no connection within %ld s", CONNECT_TIMEOUT_S);
	if (t->done == 0)
		return tell(status, SOURCE_TIMEOUT, t, e,
			    "it took the connection but did not answer in time");
	return tell(status, SOURCE_TIMEOUT, t, e,
		    "stalled: less than 1 byte a second for %ld s, after %s bytes",
		    STALL_TIMEOUT_S, text_count(done, t->done));
}

static int tell_cut(struct transfer *t, struct source_status *status,
		    struct err *e)
{
	curl_off_t length = -1;
	char done[28], whole[28];

	curl_easy_getinfo(t->curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
	text_count(done, t->done);
	if (length <= 0)
		return tell(status, SOURCE_OTHER, t, e,
			    "the connection was cut after %s bytes", done);
	return tell(status, SOURCE_OTHER, t, e,
		    "the connection was cut after %s of %s bytes", done,
		    text_count(whole, (unsigned long long)length));
}

static int tell_connect(struct transfer *t, const char *words,
			struct source_status *status, struct err *e)
{
	long number = 0;

	curl_easy_getinfo(t->curl, CURLINFO_OS_ERRNO, &number);
	status->kind = SOURCE_CONNECT;
	if (number != 0)
		return err_sys(e, ERR_NETWORK, (int)number, "connecting to %s",
			       t->host);
	return err_set(e, ERR_NETWORK, "connecting to %s: %s", t->host, words);
}

static int tell_stop(struct transfer *t, struct source_status *status,
		     struct err *e)
{
	switch (t->stop) {
	case STOP_SIZE:
		return tell_too_large(t, status, e);
	case STOP_SINK:
		return tell(status, SOURCE_OTHER, t, e,
			    "what came could not be stored");
	case STOP_HEADERS:
		return tell(status, SOURCE_OTHER, t, e,
			    "the header of its answer has no end");
	case STOP_NONE:
		break;
	}
	return tell(status, SOURCE_OTHER, t, e, "writing failed");
}

static int tell_failure(struct transfer *t, CURLcode rc, bool ftp,
			struct source_status *status, struct err *e)
{
	const struct failure *failure = find_failure(rc);
	char words[CURL_ERROR_SIZE + 64];

	library_words(t, rc, words, sizeof(words));
	status->kind = SOURCE_OTHER;
	if (rc == CURLE_ABORTED_BY_CALLBACK)
		return err_set(e, ERR_CANCELLED, "the download was cancelled");
	if (t->stop != STOP_NONE)
		return tell_stop(t, status, e);
	if (rc == CURLE_FILESIZE_EXCEEDED)
		return tell_too_large(t, status, e);
	/* an FTP server that closes, 421, is a time-out to the library */
	if (rc == CURLE_OPERATION_TIMEDOUT && !(ftp && status->reply == 421))
		return tell_timeout(t, status, e);
	if (rc == CURLE_PARTIAL_FILE)
		return tell_cut(t, status, e);
	if (rc == CURLE_UNSUPPORTED_PROTOCOL)
		return tell(status, SOURCE_OTHER, t, e,
			    "it redirects to a scheme that is not followed (%s)",
			    words);
	if (failure && !failure->words)
		return tell_connect(t, words, status, e);
	if (rc == CURLE_HTTP_RETURNED_ERROR ||
	    (ftp && status->reply >= 400 && find_reply(ftp, status->reply)))
		return tell_reply(t, ftp, status->reply, status, e);
	if (failure)
		return tell(status, failure->kind, t, e, "%s (%s)",
			    failure->words, words);
	return tell(status, SOURCE_OTHER, t, e, "%s", words);
}

/* The answer of a transfer that libcurl calls good. */
static int check_answer(struct transfer *t, bool ftp,
			struct source_status *status, struct err *e)
{
	status->kind = SOURCE_OK;
	if (!ftp && status->reply != 200)
		return tell_reply(t, ftp, status->reply, status, e);
	return 0;
}

static int run_transfer(struct transfer *t, const char *url,
			struct source_status *status, struct err *e)
{
	bool ftp = has_scheme(url, "ftp") || has_scheme(url, "ftps");
	long reply = 0;
	CURLcode rc = set_options(t, url);

	if (rc != CURLE_OK)
		return err_set(e, ERR_CRASH, "setting up the download: %s",
			       curl_easy_strerror(rc));
	rc = curl_easy_perform(t->curl);
	curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &reply);
	status->reply = (int)reply;
	if (rc != CURLE_OK)
		return tell_failure(t, rc, ftp, status, e);
	return check_answer(t, ftp, status, e);
}

int source_fetch(const char *url, const struct source_sink *sink,
		 struct source_status *status, struct err *e)
{
	struct transfer t = { .sink = sink };
	struct source_status own;
	int result = -1;

	if (!status)
		status = &own;
	*status = (struct source_status){ .kind = SOURCE_OTHER };
	t.curl = curl_easy_init();
	if (!t.curl)
		return err_set(e, ERR_CRASH, "setting up the download: out of memory");
	if (!has_scheme(url, "http") && !has_scheme(url, "https") &&
	    !has_scheme(url, "ftp") && !has_scheme(url, "ftps"))
		err_set(e, ERR_USAGE,
			"unknown scheme: http, https, ftp and ftps are known");
	else if (read_url(&t, url, e) == 0)
		result = run_transfer(&t, url, status, e);
	curl_easy_cleanup(t.curl);
	return result;
}

int source_global_init(struct err *e)
{
	CURLcode rc = curl_global_init(CURL_GLOBAL_DEFAULT);

	if (rc != CURLE_OK)
		return err_set(e, ERR_CRASH, "starting libcurl: %s",
			       curl_easy_strerror(rc));
	return 0;
}

void source_global_cleanup(void)
{
	curl_global_cleanup();
}

const struct source_calls *source_real(void)
{
	static const struct source_calls calls = {
		source_probe, source_download, source_publish,
	};

	return &calls;
}

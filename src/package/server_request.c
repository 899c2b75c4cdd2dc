#include "config.h"

#include "package/server_state.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/count.h"

#define REDIRECTS_MAX 5

/* Below this many bytes a second for stall_s a transfer counts as stalled. */
#define LOW_SPEED 10L

/* All header lines of one answer; an honest one has some hundred bytes. */
#define HEADERS_MAX 65536

/* How long a cancel may wait for us. */
#define SLICE_MS 100

/* Bytes of an upload that wait in the kernel: few, so that what was sent has
 * arrived and a slow line is not taken for a stalled one. */
#define SEND_BUFFER 65536

/* There FTP begins in plain text, also where it is ftps:// (RFC 4217);
 * everywhere else ftps:// begins with TLS. */
#define FTP_PORT "21"

/* The page with a refusal is worth this much waiting. */
#define PAGE_MS 2000

/* FTP servers want the data connection to resume the TLS session of the
 * control connection; of TLS 1.3 the library with GnuTLS keeps none. */
#define FTP_TLS (long)(CURL_SSLVERSION_TLSv1_2 | CURL_SSLVERSION_MAX_TLSv1_2)

static bool halt(struct transfer *t, enum server_stop stop)
{
	t->stop = stop;
	return false;
}

static bool parse_length(const char *text, uint64_t *length)
{
	uint64_t n = 0;

	if (*text == '\0')
		return false;
	for (; *text != '\0'; text++) {
		unsigned digit = (unsigned)*text - '0';

		if (digit > 9 || n > ((uint64_t)INT64_MAX - digit) / 10)
			return false;
		n = n * 10 + digit;
	}
	*length = n;
	return true;
}

const char *server_coding(struct transfer *t)
{
	const char *coding = server_header(t, "Content-Encoding");

	return coding && strcasecmp(coding, "identity") != 0 ? coding : NULL;
}

/* The library takes the last of several lengths; two that differ mean that
 * somebody on the way reads another answer than we do. */
static bool read_length(struct transfer *t)
{
	struct curl_header *header;
	uint64_t length;
	curl_off_t size = -1;

	if (t->ftp && t->odd_length && !(t->plain & PLAIN_SIZE))
		return false;
	if (t->ftp) {
		curl_easy_getinfo(t->curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &size);
		t->has_length = size >= 0;
		t->length = size >= 0 ? (uint64_t)size : 0;
		return true;
	}
	/* the library decodes it; the length is that of the packed bytes then */
	t->coded = server_coding(t) != NULL;
	for (size_t i = 0; curl_easy_header(t->curl, "Content-Length", i, CURLH_HEADER,
					    -1, &header) == CURLHE_OK; i++) {
		if (!parse_length(header->value, &length) ||
		    (t->has_length && length != t->length))
			return false;
		t->has_length = !t->coded;
		t->length = length;
	}
	return true;
}

static bool accepts(const struct server_request *r, long reply)
{
	if (r->method || r->upload)
		return reply >= 200 && reply <= 299;
	return reply == 200 || (r->range && reply == 206);
}

/* The header of an answer is complete: look at it before the body comes. */
static bool begin_body(struct transfer *t)
{
	const struct server_request *r = t->request;
	long reply = 0;

	t->begun = true;
	curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &reply);
	if (!t->ftp && reply >= 300 && reply <= 399 && reply != 304)
		return halt(t, STOP_REDIRECT);
	if (!t->ftp && reply >= 400) {
		t->page = true;
		t->page_until_ms = clock_now_ms(clock_monotonic()) + PAGE_MS;
		return true;
	}
	if (!t->ftp && !accepts(r, reply))
		return halt(t, STOP_REPLY);
	if (!read_length(t))
		return halt(t, STOP_LENGTH);
	if (t->has_length && t->length > r->max_size && !r->head)
		return halt(t, STOP_SIZE);
	if (r->begin && !r->begin(r->ctx, t))
		return halt(t, STOP_CALLER);
	return true;
}

static size_t receive_body(char *bytes, size_t size, size_t count, void *ctx)
{
	struct transfer *t = ctx;
	const struct server_request *r = t->request;
	size_t total = size * count;

	/* what FTP says of a file comes as a body too */
	if (r->head || r->commands)
		return total;
	if (!t->begun && !begin_body(t))
		return CURL_WRITEFUNC_ERROR;
	if (t->page) {
		server_hear_page(t, bytes, total);
		return t->said_size < sizeof(t->said) ? total : CURL_WRITEFUNC_ERROR;
	}
	if (total > r->max_size - t->done) {
		t->stop = STOP_SIZE;
		return CURL_WRITEFUNC_ERROR;
	}
	if (r->write && !r->write(r->ctx, bytes, total)) {
		t->stop = STOP_CALLER;
		return CURL_WRITEFUNC_ERROR;
	}
	t->done += total;
	return total;
}

/* A line that the library makes of what an FTP server said of a file. */
static void read_ftp_fact(struct transfer *t, const char *bytes, size_t size)
{
	static const char ranges[] = "Accept-ranges: bytes";
	static const char length[] = "Content-Length: ";
	char text[24];

	if (size >= sizeof(ranges) && memcmp(bytes, ranges, sizeof(ranges) - 1) == 0)
		t->ftp_ranges = true;
	if (size < sizeof(length) || size - sizeof(length) >= sizeof(text) ||
	    memcmp(bytes, length, sizeof(length) - 1) != 0)
		return;
	snprintf(text, sizeof(text), "%.*s", (int)(size - sizeof(length) + 1),
		 bytes + sizeof(length) - 1);
	text[strcspn(text, "\r\n")] = '\0';
	t->has_length = parse_length(text, &t->length) && !t->odd_length;
}

/* The first line of a control connection: is it that of an FTP server? */
static bool greets(struct transfer *t, const char *bytes, size_t size)
{
	static const struct server_service unknown = { "", SERVICE_OTHER };
	const struct server_service *service = server_service_of(bytes, size);
	bool digits = size > 3;

	for (size_t i = 0; i < 3 && digits; i++)
		digits = bytes[i] >= '0' && bytes[i] <= '9';
	if (digits && (!service || service->scheme == SERVICE_FTP))
		return true;
	t->service = service ? *service : unknown;
	t->said_size = size < sizeof(t->said) ? size : sizeof(t->said);
	memcpy(t->said, bytes, t->said_size);
	return false;
}

/* Which command of FTP goes out; what stands behind it is nobody's business. */
static int hear_library(CURL *curl, curl_infotype type, char *bytes, size_t size, void *ctx)
{
	struct transfer *t = ctx;
	size_t n = 0;

	(void)curl;
	if (type == CURLINFO_HEADER_OUT && t->netrc[0])
		server_learn_secrets(t, bytes, size);
	if (type != CURLINFO_HEADER_OUT || !t->ftp)
		return 0;
	while (n < size && n + 1 < sizeof(t->verb) && bytes[n] >= 'A' && bytes[n] <= 'Z')
		n++;
	memcpy(t->verb, bytes, n);
	t->verb[n] = '\0';
	return 0;
}

/* A header line of HTTP, or a reply of FTP. */
static size_t receive_header(char *bytes, size_t size, size_t count, void *ctx)
{
	struct transfer *t = ctx;
	size_t total = size * count;
	long reply = 0;

	if (total > HEADERS_MAX - t->header_size) {
		t->stop = STOP_HEADERS;
		return CURL_WRITEFUNC_ERROR;
	}
	if (t->ftp && t->header_size == 0 && t->verb[0] == '\0' && !greets(t, bytes, total)) {
		t->stop = STOP_SERVICE;
		return CURL_WRITEFUNC_ERROR;
	}
	t->header_size += total;
	server_hear(t, bytes, total);
	if (t->ftp && t->request->head)
		read_ftp_fact(t, bytes, total);
	if (t->ftp || t->begun || total == 0 || (bytes[0] != '\r' && bytes[0] != '\n'))
		return total;
	curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &reply);
	if (reply >= 200 && !begin_body(t))
		return CURL_WRITEFUNC_ERROR;
	return total;
}

static size_t send_body(char *out, size_t size, size_t count, void *ctx)
{
	struct transfer *t = ctx;
	uint64_t left = package_size(t->request->upload) - t->sent;
	size_t n = size * count;
	struct err ignored;	/* the caller asks package_intact() */

	if (n > left)
		n = (size_t)left;
	if (n > 0 && package_read(t->request->upload, t->sent, out, n, &ignored) < 0) {
		t->stop = STOP_CALLER;
		return CURL_READFUNC_ABORT;
	}
	t->sent += n;
	return n;
}

static int rewind_body(void *ctx, curl_off_t offset, int origin)
{
	struct transfer *t = ctx;

	if (origin != SEEK_SET || offset != 0)
		return CURL_SEEKFUNC_CANTSEEK;
	t->sent = 0;
	return CURL_SEEKFUNC_OK;
}

static int report_progress(void *ctx, curl_off_t total, curl_off_t done,
			 curl_off_t up_total, curl_off_t up_done)
{
	struct transfer *t = ctx;
	uint64_t now = t->request->upload ? (uint64_t)up_done : t->done;

	(void)done;
	if (t->request->upload)
		total = up_total;
	if (!t->watch.progress(t->watch.ctx, now, total > 0 ? (uint64_t)total : 0))
		t->cancelled = true;
	return t->cancelled ? 1 : 0;
}

/* A redirect may not lead nearer than where it came from: a server out there
 * has no business to make us ask this computer or its neighbours. */
static bool may_reach(struct transfer *t, enum server_reach reach)
{
	if (t->hops == 0) {
		if (!t->reach_known || reach > t->reach)
			t->reach = reach;
		t->reach_known = true;
		return true;
	}
	return reach >= t->reach && !(reach == REACH_COMPUTER && t->strayed);
}

static curl_socket_t open_socket(void *ctx, curlsocktype purpose,
				 struct curl_sockaddr *address)
{
	struct transfer *t = ctx;
	int size = SEND_BUFFER, fd;
	size_t i = 0;

	(void)purpose;
	if (!may_reach(t, server_reach(&address->addr))) {
		t->stop = STOP_LOCAL;
		return CURL_SOCKET_BAD;
	}
	while (i < COUNT(t->sockets) && t->sockets[i] >= 0)
		i++;
	if (i == COUNT(t->sockets))
		return CURL_SOCKET_BAD;
	fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
	if (fd < 0)
		return CURL_SOCKET_BAD;
	if (t->request->upload)		/* only costs speed where it fails */
		(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	t->sockets[i] = fd;
	if (i == 0 && address->addrlen <= sizeof(t->peer)) {
		memcpy(&t->peer, &address->addr, address->addrlen);
		t->peer_size = address->addrlen;
	}
	return fd;
}

static int close_socket(void *ctx, curl_socket_t fd)
{
	struct transfer *t = ctx;

	for (size_t i = 0; i < COUNT(t->sockets); i++)
		if (t->sockets[i] == fd)
			t->sockets[i] = -1;
	return close(fd);
}

/* The login of our own requests, for the host they were meant for. */
static CURLcode set_login(struct transfer *t)
{
	const struct server_access *a = t->access;
	CURLcode rc;

	rc = curl_easy_setopt(t->curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	if (rc != CURLE_OK || !a)
		return rc;
	rc = curl_easy_setopt(t->curl, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
	if (rc != CURLE_OK || t->moved)
		return rc;
	if (t->netrc[0]) {
		rc = curl_easy_setopt(t->curl, CURLOPT_NETRC, (long)CURL_NETRC_OPTIONAL);
		if (rc == CURLE_OK)
			rc = curl_easy_setopt(t->curl, CURLOPT_NETRC_FILE, t->netrc);
	}
	if (rc == CURLE_OK && a->user && *a->user)
		rc = curl_easy_setopt(t->curl, CURLOPT_USERNAME, a->user);
	if (rc == CURLE_OK && a->user && *a->user && a->password)
		rc = curl_easy_setopt(t->curl, CURLOPT_PASSWORD, a->password);
	return rc;
}

/* The CAs of the system stay: they come from a directory, those of the user
 * from a file. */
static CURLcode set_trust(struct transfer *t)
{
	const curl_version_info_data *built = curl_version_info(CURLVERSION_NOW);
	const char *cacert = t->access ? t->access->cacert : NULL;
	CURLcode rc;

	if (!cacert || !*cacert)
		return CURLE_OK;
	rc = curl_easy_setopt(t->curl, CURLOPT_CAPATH,
			      built->capath ? built->capath : "/etc/ssl/certs");
	if (rc == CURLE_OK)
		rc = curl_easy_setopt(t->curl, CURLOPT_CAINFO, cacert);
	return rc;
}

/* Set an option of C unless RC says that one before failed. */
#define SET(option, value)                                             \
	do {                                                           \
		if (rc == CURLE_OK)                                    \
			rc = curl_easy_setopt(c, CURLOPT_##option, value); \
	} while (0)

/* What R asks for. */
static CURLcode set_request(struct transfer *t, const struct server_request *r)
{
	CURL *c = t->curl;
	CURLcode rc = CURLE_OK;

	if (r->head || r->commands)
		SET(NOBODY, 1L);
	if (r->upload) {
		SET(UPLOAD, 1L);
		SET(INFILESIZE_LARGE, (curl_off_t)package_size(r->upload));
		SET(READFUNCTION, send_body);
		SET(READDATA, t);
		SET(SEEKFUNCTION, rewind_body);
		SET(SEEKDATA, t);
	}
	if (!r->upload && !r->commands && !(t->plain & PLAIN_MDTM))
		SET(FILETIME, 1L);
	if (t->ftp && (t->plain & PLAIN_SIZE) && !r->head)
		SET(IGNORE_CONTENT_LENGTH, 1L);
	if (t->ftp && (t->plain & PLAIN_EPSV))
		SET(FTP_USE_EPSV, 0L);
	if (t->ftp && (t->plain & PLAIN_CWD) && !r->commands)
		SET(FTP_FILEMETHOD, (long)CURLFTPMETHOD_NOCWD);
	if (r->method)
		SET(CUSTOMREQUEST, r->method);
	if (r->range)
		SET(RANGE, r->range);
	if (r->headers)
		SET(HTTPHEADER, r->headers);
	if (r->commands)
		SET(POSTQUOTE, r->commands);
	/* HTTP is measured by begin_body(), which knows errors from files */
	if (t->ftp && r->max_size <= INT64_MAX)
		SET(MAXFILESIZE_LARGE, (curl_off_t)r->max_size);
	SET(TIMEOUT_MS, r->timeout_ms);
	return rc;
}

/* Everything that makes libcurl strict, the same for every request. Returns
 * the first failure. */
static CURLcode set_options(struct transfer *t)
{
	CURL *c = t->curl;
	CURLcode rc = CURLE_OK;

	curl_easy_reset(c);
	SET(CURLU, t->url);
	SET(PROTOCOLS_STR, "http,https,ftp,ftps");
	SET(FOLLOWLOCATION, 0L);	/* follow() has rules of its own */
	SET(HTTP_VERSION, t->plain & PLAIN_HTTP ? (long)CURL_HTTP_VERSION_1_0 : (long)CURL_HTTP_VERSION_1_1);
	SET(ACCEPT_ENCODING, "identity");	/* decoded all the same */
	SET(VERBOSE, 1L);
	SET(DEBUGFUNCTION, hear_library);
	SET(DEBUGDATA, t);
	SET(PROXY, "");
	SET(NOSIGNAL, 1L);
	SET(QUICK_EXIT, 1L);	/* a cancel does not wait for the resolver */
	SET(CONNECTTIMEOUT, t->settings->connect_s);
	SET(SERVER_RESPONSE_TIMEOUT, t->settings->stall_s);
	SET(LOW_SPEED_LIMIT, LOW_SPEED);
	SET(LOW_SPEED_TIME, t->settings->stall_s);
	SET(FTP_SKIP_PASV_IP, 1L);
	SET(USE_SSL, t->ftp && t->tls ? (long)CURLUSESSL_ALL : (long)CURLUSESSL_NONE);
	SET(SSL_VERIFYPEER, 1L);
	SET(SSL_VERIFYHOST, 2L);
	SET(SSLVERSION, t->ftp ? FTP_TLS : (long)CURL_SSLVERSION_TLSv1_2);
	SET(HTTPAUTH, (long)CURLAUTH_BASIC);
	SET(USERAGENT, PACKAGE_NAME "/" PACKAGE_VERSION);
	SET(WRITEFUNCTION, receive_body);
	SET(WRITEDATA, t);
	SET(HEADERFUNCTION, receive_header);
	SET(HEADERDATA, t);
	SET(OPENSOCKETFUNCTION, open_socket);
	SET(OPENSOCKETDATA, t);
	SET(CLOSESOCKETFUNCTION, close_socket);
	SET(CLOSESOCKETDATA, t);
	SET(ERRORBUFFER, t->library_text);
	if (t->watch.progress) {
		SET(NOPROGRESS, 0L);
		SET(XFERINFOFUNCTION, report_progress);
		SET(XFERINFODATA, t);
	}
#undef SET
	if (rc == CURLE_OK)
		rc = set_trust(t);
	if (rc == CURLE_OK)
		rc = set_login(t);
	return rc == CURLE_OK ? set_request(t, t->request) : rc;
}

static int control_socket(const struct transfer *t)
{
	for (size_t i = 0; i < COUNT(t->sockets); i++)
		if (t->sockets[i] >= 0)
			return t->sockets[i];
	return -1;
}

/* Connected, since SINCE_MS (0: not yet), and nothing came? */
static bool is_mute(struct transfer *t, int64_t *since_ms)
{
	int64_t now_ms = clock_now_ms(clock_monotonic());
	struct sockaddr_storage peer;
	socklen_t size = sizeof(peer);

	if (t->settings->look_ms == 0 || t->looked || t->header_size > 0 || t->done > 0 || t->sent > 0)
		return false;
	if (*since_ms == 0 && getpeername(control_socket(t), (struct sockaddr *)&peer, &size) == 0)
		*since_ms = now_ms;
	return *since_ms != 0 && now_ms - *since_ms > t->settings->look_ms;
}

/* Enough was read, or waited for, of what comes with a refusal. */
static bool page_is_over(const struct transfer *t)
{
	return t->page && (t->said_size == sizeof(t->said) || clock_now_ms(clock_monotonic()) >= t->page_until_ms);
}

/* As curl_easy_perform(), but an interrupt ends it at once, and the progress
 * function is asked often enough for a cancel to do the same. */
static CURLcode drive(struct transfer *t)
{
	struct interrupt *interrupt = t->watch.interrupt;
	struct curl_waitfd wake = { .fd = interrupt ? interrupt->fd : -1,
				    .events = CURL_WAIT_POLLIN };
	CURLcode rc = CURLE_OUT_OF_MEMORY;
	int64_t connected_ms = 0;
	int running = 1, left;
	CURLMsg *message;

	if (curl_multi_add_handle(t->multi, t->curl) != CURLM_OK)
		return rc;
	while (running > 0 && !t->cancelled && t->stop != STOP_SERVICE && !page_is_over(t)) {
		if (curl_multi_perform(t->multi, &running) != CURLM_OK)
			break;
		if (running > 0)
			curl_multi_poll(t->multi, &wake, interrupt ? 1 : 0, SLICE_MS, NULL);
		if (interrupt_ends(interrupt))
			t->cancelled = true;
		else if (running > 0 && is_mute(t, &connected_ms) && server_look(t, control_socket(t)))
			t->stop = STOP_SERVICE;
	}
	while ((message = curl_multi_info_read(t->multi, &left)))
		if (message->msg == CURLMSG_DONE)
			rc = message->data.result;
	/* an answer without any body */
	if (rc == CURLE_OK && !t->begun && !t->request->head &&
	    !t->request->commands && !begin_body(t))
		rc = CURLE_WRITE_ERROR;
	curl_multi_remove_handle(t->multi, t->curl);
	return rc;
}

/* Failures that another service on the port explains. */
static bool is_unclear(const struct transfer *t, CURLcode rc)
{
	static const CURLcode codes[] = {
		CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY, CURLE_GOT_NOTHING, CURLE_RECV_ERROR,
		CURLE_SEND_ERROR, CURLE_SSL_CONNECT_ERROR,
	};

	for (size_t i = 0; i < COUNT(codes); i++)
		if (codes[i] == rc)
			return t->settings->look_ms > 0 && t->stop == STOP_NONE && t->header_size == 0 && t->done == 0;
	return false;
}

/* One request to t->url, as it is. */
static int exchange_once(struct transfer *t, struct server_status *status,
			 struct err *e)
{
	long reply = 0;
	CURLcode rc;

	t->begun = t->has_length = t->ftp_ranges = false;
	t->again = t->cancelled = false;
	t->length = t->done = t->sent = 0;
	t->header_size = 0;
	t->stop = STOP_NONE;
	t->library_text[0] = t->verb[0] = '\0';
	t->said_size = 0;
	t->replying = 0;
	t->page = t->coded = t->odd_length = false;
	rc = set_options(t);
	if (rc != CURLE_OK)
		return err_fail(e, MSG_LIBRARY_SETUP, "library=%s", curl_easy_strerror(rc));
	rc = drive(t);
	if (t->cancelled) {
		rc = CURLE_ABORTED_BY_CALLBACK;
		t->stop = STOP_NONE;
	}
	curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &reply);
	if (!t->cancelled && !t->ftp && reply >= 400 && (rc == CURLE_OK || t->page))
		rc = CURLE_HTTP_RETURNED_ERROR;
	else if (rc != CURLE_OK && is_unclear(t, rc) && server_look(t, -1))
		t->stop = STOP_SERVICE;
	/* who answered once is what was asked for */
	t->looked |= t->header_size > 0;
	t->rc = rc;
	status->reply = (int)reply;
	status->kind = SERVER_OK;
	if (rc == CURLE_OK && t->stop != STOP_SERVICE)
		return 0;
	return server_fail_library(t, rc, status, e);
}

/* Go on as with ftp:// at the same port, and change to TLS there. */
static bool begin_plain(struct transfer *t)
{
	char *port = NULL;
	bool done;

	curl_url_get(t->url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT);
	done = port && curl_url_set(t->url, CURLUPART_PORT, port, 0) == CURLUE_OK &&
	       curl_url_set(t->url, CURLUPART_SCHEME, "ftp", 0) == CURLUE_OK;
	curl_free(port);
	t->explicit_tls = done;
	return done;
}

/* What failed was optional: leave it out the next time. False: there is nothing to leave out. */
static bool leave_out(struct transfer *t, const struct server_status *status)
{
	static const struct {
		const char *verb;
		unsigned plain;
	} optional[] = {
		{ "EPSV", PLAIN_EPSV }, { "SIZE", PLAIN_SIZE }, { "MDTM", PLAIN_MDTM }, { "CWD", PLAIN_CWD },
	};
	const struct server_request *r = t->request;
	unsigned before = t->plain;

	if (t->cancelled || t->rc == CURLE_FILESIZE_EXCEEDED)
		return false;
	if (t->stop == STOP_SERVICE && t->tls && !t->explicit_tls && t->service.scheme == SERVICE_FTP)
		return begin_plain(t);
	if (t->stop == STOP_LENGTH && t->ftp)
		t->plain |= PLAIN_SIZE;
	else if (t->stop != STOP_NONE)
		return false;
	for (size_t i = 0; t->ftp && !r->commands && !r->upload && i < COUNT(optional); i++)
		if (strcmp(t->verb, optional[i].verb) == 0)
			t->plain |= optional[i].plain;
	if (!t->ftp && status->reply == 505)
		t->plain |= PLAIN_HTTP;
	/* without SIZE nothing is left of a request for facts */
	return t->plain != before && !(t->ftp && r->head && (t->plain & PLAIN_SIZE));
}

/* One request to t->url, in its plainest form if need be. */
static int exchange(struct transfer *t, struct server_status *status, struct err *e)
{
	int result;

	while ((result = exchange_once(t, status, e)) < 0 && leave_out(t, status))
		/* a connection keeps that it is asked so */
		if (strcmp(t->verb, "EPSV") == 0)
			server_hang_up(t);
	return result;
}

static bool same_part(CURLU *a, CURLU *b, CURLUPart part)
{
	char *one = NULL, *other = NULL;
	bool same;

	curl_url_get(a, part, &one, CURLU_DEFAULT_PORT);
	curl_url_get(b, part, &other, CURLU_DEFAULT_PORT);
	same = one && other && strcasecmp(one, other) == 0;
	curl_free(one);
	curl_free(other);
	return same;
}

/* May we go on from t->url to NEXT, which LOCATION names? */
static int check_redirect(struct transfer *t, CURLU *next, const char *location,
			  struct server_status *status, struct err *e)
{
	char words[256];

	if (t->hops == REDIRECTS_MAX)
		return server_fail(SERVER_OTHER, status, e, MSG_REDIRECTS_MANY, "host=%s most=%d", t->host, REDIRECTS_MAX);
	server_words(t, words, sizeof(words), location);
	if (!same_part(t->url, next, CURLUPART_SCHEME))
		return server_fail(SERVER_OTHER, status, e, MSG_REDIRECT_SCHEME, "host=%s url=%s", t->host, words);
	if (server_has_login(next))
		return server_fail(SERVER_OTHER, status, e, MSG_REDIRECT_LOGIN, "host=%s", t->host);
	if (!same_part(t->url, next, CURLUPART_HOST))
		t->moved = t->strayed = true;
	if (!same_part(t->url, next, CURLUPART_PORT))
		t->moved = true;
	t->looked = t->looked && !t->moved;
	return 0;
}

/* Make t->url where the last answer redirects to, if that may be. */
static int follow(struct transfer *t, struct server_status *status,
		  struct err *e)
{
	char *location = server_location(t);
	CURLU *next = curl_url();
	int result = -1;

	if (!location || !next ||
	    curl_url_set(next, CURLUPART_URL, location, CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK)
		server_fail_reply(t, status->reply, status, e);
	else
		result = check_redirect(t, next, location, status, e);
	if (result == 0) {
		CURLU *last = t->url;

		t->url = next;
		next = last;
		t->hops++;
		memcpy(t->from_host, t->host, sizeof(t->from_host));
		server_name_host(t);
	}
	curl_free(location);
	curl_url_cleanup(next);
	return result;
}

/* ftps:// on the port of ftp:// is given to the library as ftp:// that must
 * change to TLS; commands are for the directory of the file. */
static int read_request_url(struct transfer *t, const struct server_request *r,
			    struct err *e)
{
	char *scheme = NULL, *port = NULL, *path = NULL, *slash;
	CURLUcode rc = curl_url_set(t->url, CURLUPART_URL, r->url, 0);

	if (rc != CURLUE_OK)
		return err_fail(e, MSG_NOT_A_URL, "library=%s", curl_url_strerror(rc));
	curl_url_get(t->url, CURLUPART_SCHEME, &scheme, 0);
	curl_url_get(t->url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT);
	curl_url_get(t->url, CURLUPART_PATH, &path, 0);
	t->tls = scheme && strcmp(scheme, "ftps") == 0;
	t->ftp = t->tls || (scheme && strcmp(scheme, "ftp") == 0);
	if (t->tls && (t->explicit_tls || (port && strcmp(port, FTP_PORT) == 0)))
		rc = curl_url_set(t->url, CURLUPART_SCHEME, "ftp", 0);
	slash = path ? strrchr(path, '/') : NULL;
	if (rc == CURLUE_OK && r->commands && slash) {
		slash[1] = '\0';
		rc = curl_url_set(t->url, CURLUPART_PATH, path, 0);
	}
	curl_free(scheme);
	curl_free(port);
	curl_free(path);
	return rc == CURLUE_OK ? 0 : err_fail(e, MSG_NO_MEMORY, "what=%s", "request");
}

int server_perform(struct transfer *t, const struct server_request *r,
		   struct server_status *status, struct err *e)
{
	t->request = r;
	t->hops = 0;
	t->moved = t->strayed = false;
	status->reply = 0;
	status->kind = SERVER_OTHER;
	if (read_request_url(t, r, e) < 0)
		return -1;
	server_name_host(t);
	for (;;) {
		if (exchange(t, status, e) == 0)
			return 0;
		if (t->stop != STOP_REDIRECT || !r->follow || follow(t, status, e) < 0)
			break;
	}
	if (t->moved && t->stop != STOP_LOCAL)
		err_doing(e, MSG_DOING_REDIRECT, "host=%s", t->first_host);
	return -1;
}

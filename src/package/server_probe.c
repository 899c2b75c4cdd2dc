#include "config.h"

#include "package/server_state.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/count.h"
#include "package/look.h"

#define PEEK_SIZE 512
#define PEEK_RANGE "0-511"

/* The first bytes of a file. */
struct peek {
	char bytes[PEEK_SIZE];
	size_t size;
};

static bool keep_first(void *ctx, const void *bytes, size_t size)
{
	struct peek *p = ctx;
	size_t room = sizeof(p->bytes) - p->size;
	size_t n = size < room ? size : room;

	memcpy(p->bytes + p->size, bytes, n);
	p->size += n;
	return p->size < sizeof(p->bytes);
}

static bool type_is_html(const char *type)
{
	static const char *const types[] = { "text/html", "application/xhtml" };

	for (size_t i = 0; i < COUNT(types); i++)
		if (strncasecmp(type, types[i], strlen(types[i])) == 0)
			return true;
	return false;
}

bool server_looks_html(const void *bytes, size_t size)
{
	struct look_scan scan;

	look_begin(&scan);
	look_feed(&scan, bytes, size);
	return look_end(&scan, false).kind == LOOK_PAGE;
}

bool server_is_page(const char *type, bool coded, const void *bytes, size_t size)
{
	struct look_scan scan;

	if (server_looks_html(bytes, size))
		return true;
	if (!type || !type_is_html(type))
		return false;
	look_begin(&scan);
	look_feed(&scan, bytes, size);
	return coded || size == 0 || scan.text;
}

static bool is_private(const char *address)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };

	if (inet_pton(AF_INET, address, &v4.sin_addr) == 1)
		return server_reach((struct sockaddr *)&v4) != REACH_WORLD;
	if (inet_pton(AF_INET6, address, &v6.sin6_addr) == 1)
		return server_reach((struct sockaddr *)&v6) != REACH_WORLD;
	return false;
}

/* The last answer says that the file has SIZE bytes. Of HTTP the answer to GET
 * counts; the one to HEAD may be of another program. */
static void note_size(struct server_facts *facts, bool known, uint64_t size)
{
	facts->has_size = known;
	facts->size = known ? size : 0;
}

/* The last answer brought SIZE bytes of the file, ALL: there are no more. */
static void judge_size(struct server_facts *facts, size_t size, bool all)
{
	if (facts->has_size && (facts->size < size || (all && facts->size > size && size < PEEK_SIZE)))
		facts->odd_size = true;
	if (facts->odd_size)
		note_size(facts, false, 0);
}

/* What the last answer says. */
static void read_facts(struct transfer *t, const struct server_status *status,
		       struct server_facts *facts)
{
	const char *type = t->ftp ? NULL : server_header(t, "Content-Type");
	const char *ranges = t->ftp ? NULL : server_header(t, "Accept-Ranges");
	const char *coding = t->ftp ? NULL : server_coding(t);
	char *address = NULL;
	uint64_t first, total = 0;
	curl_off_t modified = -1;

	curl_easy_getinfo(t->curl, CURLINFO_PRIMARY_IP, &address);
	snprintf(facts->address, sizeof(facts->address), "%s", address ? address : "");
	facts->private_address = is_private(facts->address);
	curl_easy_getinfo(t->curl, CURLINFO_FILETIME_T, &modified);
	if (modified >= 0)
		facts->modified_s = modified;
	if (type) {
		server_words(t, facts->type, sizeof(facts->type), type);
		facts->html = type_is_html(type);
	}
	if (coding)
		server_words(t, facts->coding, sizeof(facts->coding), coding);
	facts->odd_size |= t->odd_length;
	if (status->reply == 206 && !t->ftp) {
		facts->ranges = server_range(t, &first, &total);
		note_size(facts, total > 0, total);
		return;
	}
	facts->ranges = t->ftp ? facts->ranges || t->ftp_ranges :
				 ranges && strcasecmp(ranges, "bytes") == 0;
	if (t->has_length)
		note_size(facts, true, t->length);
}

/* True when the last answer redirects to somewhere: that is reported. */
static bool read_redirect(struct transfer *t, struct server_status *status,
			  struct server_facts *facts)
{
	char *location = t->stop == STOP_REDIRECT ? server_location(t) : NULL;

	if (!location)
		return false;
	read_facts(t, status, facts);
	facts->has_size = facts->html = facts->ranges = false;
	server_words(t, facts->redirect, sizeof(facts->redirect), location);
	curl_free(location);
	status->kind = SERVER_OK;
	return true;
}

/* ALL: there is no more of it. */
static void look_at_begin(struct transfer *t, const struct peek *first, struct server_facts *facts, bool all)
{
	struct look_scan scan;
	char title[LOOK_TITLE];

	look_begin(&scan);
	look_feed(&scan, first->bytes, first->size);
	facts->look = look_end(&scan, all || (facts->has_size && facts->size == first->size));
	server_words(t, title, sizeof(title), facts->look.title);
	memcpy(facts->look.title, title, sizeof(title));
}

/* A part was asked for and refused. Where that is not for another reason, the
 * whole may be given. */
static bool may_want_whole(const struct transfer *t, const struct server_status *status)
{
	static const int final[] = { 401, 403, 404, 407, 410, 416, 429, 503 };

	if (t->ftp || t->cancelled || t->stop != STOP_NONE || status->kind == SERVER_TIMEOUT)
		return false;
	for (size_t i = 0; i < COUNT(final); i++)
		if (status->reply == final[i])
			return false;
	return status->reply >= 400 || t->rc == CURLE_GOT_NOTHING || t->rc == CURLE_RECV_ERROR;
}

/* Read the begin of the file, as a module would begin to. */
static int peek(struct transfer *t, const char *url, struct server_facts *facts,
		struct server_status *status, struct err *e)
{
	struct peek first = { .size = 0 };
	struct server_request r = { .url = url, .max_size = UINT64_MAX,
				   .range = t->ftp ? NULL : PEEK_RANGE,
				   .write = keep_first, .ctx = &first };
	int result;

	/* it is not to stop where SIZE says that the file ends */
	t->plain |= t->ftp ? PLAIN_SIZE : 0;
	result = server_perform(t, &r, status, e);
	if (result < 0 && may_want_whole(t, status)) {
		r.range = NULL;
		result = server_perform(t, &r, status, e);
	}
	if (read_redirect(t, status, facts))
		return 0;
	/* nothing to read in an empty file */
	if (result < 0 && facts->has_size && facts->size == 0 && status->reply == 416) {
		status->kind = SERVER_OK;
		return 0;
	}
	if (result < 0 && !(t->stop == STOP_CALLER && first.size == sizeof(first.bytes)))
		return -1;
	status->kind = SERVER_OK;
	read_facts(t, status, facts);
	judge_size(facts, first.size, result == 0 && !r.range);
	look_at_begin(t, &first, facts, !r.range && result == 0);
	facts->html = server_is_page(facts->type, facts->coding[0] != '\0', first.bytes, first.size);
	return 0;
}

/* A request for facts failed: may one for the file itself do better? Not where
 * there is no server, no login, or nobody who waits. */
static bool may_ask_plainly(const struct transfer *t, const struct server_status *status)
{
	if (t->cancelled || t->stop != STOP_NONE)
		return false;
	if (t->ftp)
		return strcmp(t->verb, "SIZE") == 0 || strcmp(t->verb, "MDTM") == 0 || strcmp(t->verb, "REST") == 0 ||
		       strcmp(t->verb, "CWD") == 0;
	return status->reply >= 400 || t->rc == CURLE_GOT_NOTHING || t->rc == CURLE_RECV_ERROR ||
	       (t->rc == CURLE_OPERATION_TIMEDOUT && t->reach_known && status->reply == 0);
}

/* Is it only the data connection of FTP that failed? */
static bool lacks_data(const struct transfer *t, const struct server_status *status)
{
	return strcmp(t->verb, "EPSV") == 0 || strcmp(t->verb, "PASV") == 0 || status->reply == 425 || status->reply == 426;
}

static int ask(struct transfer *t, const char *url, struct server_facts *facts,
	       struct server_status *status, struct err *e)
{
	const struct server_request head = { .url = url, .head = true, .max_size = UINT64_MAX };
	bool known = server_perform(t, &head, status, e) == 0;

	if (read_redirect(t, status, facts))
		return 0;
	if (known)
		read_facts(t, status, facts);
	else if (!may_ask_plainly(t, status))
		return -1;
	/* Of HTTP the answer to GET counts: HEAD may be refused, or answered by
	 * another program. */
	if (peek(t, url, facts, status, e) == 0)
		return 0;
	/* an FTP server that gave the size has the file, though its data does not get here */
	if (!known || !t->ftp || !facts->has_size || t->cancelled || !lacks_data(t, status))
		return -1;
	status->kind = SERVER_OK;
	return 0;
}

int server_probe(const char *url, const struct server_access *access,
		 struct server_facts *facts, const struct server_watch *watch,
		 struct server_status *status, struct err *e)
{
	const struct server_access nobody = { NULL, NULL, NULL, false };
	struct transfer t = { .settings = &server_defaults,
			      .access = access ? access : &nobody };
	struct server_status own;
	int result = -1;

	if (!status)
		status = &own;
	*status = (struct server_status){ .kind = SERVER_OTHER };
	memset(facts, 0, sizeof(*facts));
	facts->modified_s = -1;
	if (watch)
		t.watch = *watch;
	if (server_open(&t, url, e) == 0)
		result = ask(&t, url, facts, status, e);
	else
		status->kind = SERVER_OK;	/* none was asked */
	server_close(&t);
	return result;
}

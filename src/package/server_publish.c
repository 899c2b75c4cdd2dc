#include "config.h"

#include "package/server_state.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <nettle/base16.h>
#include <nettle/sha2.h>

/* For putting away what failed: a cancel must be over within a second. */
#define TIDY_MS 10000L
#define TIDY_CANCELLED_MS 700L

#define NAME_SIZE 256

/* What stands on the server under a name. */
enum standing { STANDS_NOTHING, STANDS_SAME, STANDS_OTHER };

/* A file on its way to a server. */
struct publication {
	struct transfer t;
	const char *url;
	struct package *package;
	uint64_t size;
	const char *sha256;
	bool overwrite;
	struct server_watch watch;
	uint64_t shown;			/* as progress; stays while it is read back or sent again */
	char name[NAME_SIZE];		/* of the file, for FTP */
	char temporary[NAME_SIZE + 16];
	char temporary_url[URL_SIZE + 32];
	struct sha256_ctx hash;		/* of what is read back */
	bool other;			/* its size is wrong already */
};

static bool report_progress(void *ctx, uint64_t done, uint64_t total)
{
	struct publication *p = ctx;

	(void)total;
	if (p->t.request->upload && done > p->shown)
		p->shown = done;
	return p->watch.progress(p->watch.ctx, p->shown, p->size);
}

static bool begin_compare(void *ctx, struct transfer *t)
{
	struct publication *p = ctx;

	p->other = t->has_length && t->length != p->size;
	return !p->other;
}

static bool hash_compare(void *ctx, const void *bytes, size_t size)
{
	struct publication *p = ctx;

	sha256_update(&p->hash, size, bytes);
	return true;
}

static bool same_digest(struct publication *p)
{
	unsigned char digest[SHA256_DIGEST_SIZE];
	char text[SHA256_TEXT_SIZE];

	sha256_digest(&p->hash, sizeof(digest), digest);
	base16_encode_update(text, sizeof(digest), digest);
	text[sizeof(text) - 1] = '\0';
	return strcasecmp(text, p->sha256) == 0;
}

/* Read what stands under the name and compare. */
static int look(struct publication *p, enum standing *standing,
		struct server_status *status, struct err *e)
{
	const struct server_request r = { .url = p->url, .max_size = p->size,
				   .begin = begin_compare, .write = hash_compare,
				   .ctx = p };

	sha256_init(&p->hash);
	p->other = false;
	*standing = STANDS_OTHER;
	if (server_perform(&p->t, &r, status, e) == 0) {
		if (same_digest(p))
			*standing = STANDS_SAME;
		return 0;
	}
	if (status->kind == SERVER_NOT_FOUND) {
		*standing = STANDS_NOTHING;
		return 0;
	}
	return p->other || p->t.stop == STOP_SIZE || p->t.rc == CURLE_FILESIZE_EXCEEDED ? 0 : -1;
}

static int fail_exists(struct publication *p, struct server_status *status,
		       struct err *e)
{
	return server_fail(SERVER_OTHER, status, e, MSG_PUBLISH_OTHER_STANDS, "host=%s", p->t.host);
}

/* FTP commands, of which SECOND may be NULL, where the file is. */
static int command(struct publication *p, const char *first, const char *second,
		   long timeout_ms, struct server_status *status, struct err *e)
{
	struct server_request r = { .url = p->url, .max_size = UINT64_MAX,
			     .timeout_ms = timeout_ms };
	struct curl_slist *rest;
	int result = -1;

	r.commands = curl_slist_append(NULL, first);
	rest = second ? curl_slist_append(r.commands, second) : r.commands;
	if (r.commands && rest)
		result = server_perform(&p->t, &r, status, e);
	else
		err_fail(e, MSG_NO_MEMORY, "what=%s", "upload");
	curl_slist_free_all(r.commands);
	return result;
}

static int request_with(struct publication *p, struct server_request *r,
			const char *header, const char *another,
			struct server_status *status, struct err *e)
{
	struct curl_slist *list = header ? curl_slist_append(NULL, header) : NULL;
	struct curl_slist *all = another ? curl_slist_append(list, another) : list;
	int result = -1;

	r->headers = all;
	if ((header && !list) || (another && !all))
		err_fail(e, MSG_NO_MEMORY, "what=%s", "upload");
	else
		result = server_perform(&p->t, r, status, e);
	curl_slist_free_all(list);
	r->headers = NULL;
	return result;
}

/* Take away what we put there. Whether that works changes nothing. */
static void put_away(struct publication *p, bool temporary, bool cancelled)
{
	const long timeout_ms = cancelled ? TIDY_CANCELLED_MS : TIDY_MS;
	const struct server_watch watch = p->t.watch;
	struct server_request r = { .url = temporary ? p->temporary_url : p->url,
			     .method = "DELETE", .max_size = UINT64_MAX,
			     .timeout_ms = timeout_ms };
	char line[sizeof(p->temporary) + 8];
	struct server_status status;
	struct err ignored;

	p->t.watch = (struct server_watch){ NULL, NULL, NULL };
	snprintf(line, sizeof(line), "DELE %s", temporary ? p->temporary : p->name);
	if (p->t.ftp)
		command(p, line, NULL, timeout_ms, &status, &ignored);
	else
		server_perform(&p->t, &r, &status, &ignored);
	p->t.watch = watch;
}

/* Send the file to its temporary or its own name. CONDITION: a header line
 * that HTTP takes it under; NULL: none. What came of a try that broke is taken
 * away when OURS: nothing else stood under the name. (Where HTTP refused,
 * nothing came of it, and what stands there is somebody else's by now.) */
static int send_to(struct publication *p, bool temporary, const char *condition,
		   bool ours, struct server_status *status, struct err *e)
{
	struct server_request r = { .url = temporary ? p->temporary_url : p->url,
			     .upload = p->package, .max_size = UINT64_MAX };
	/* many servers do not answer to Expect, which costs a second */
	int result = request_with(p, &r, "Expect:", condition, status, e);
	bool began = p->t.sent > 0 && (p->t.ftp || status->reply < 400);

	if (p->t.stop == STOP_CALLER || (result == 0 && !package_intact(p->package)))
		result = err_fail(e, MSG_PUBLISH_CHANGED, "path=%s", package_name(p->package));
	if (result < 0 && ours && began)
		put_away(p, temporary, e->code == ERR_CANCELLED);
	if (result == 0)
		p->shown = p->size;
	return result;
}

/* Under its own name at once, for servers that do not rename. */
static int send_directly(struct publication *p, enum standing before,
			 struct server_status *status, struct err *e)
{
	int result = send_to(p, false, p->overwrite ? NULL : "If-None-Match: *",
			     before == STANDS_NOTHING, status, e);

	if (result < 0 && !p->t.ftp && status->reply == 412)
		return fail_exists(p, status, e);
	return result;
}

static int rename_ftp(struct publication *p, struct server_status *status,
		      struct err *e)
{
	char from[sizeof(p->temporary) + 8], to[sizeof(p->name) + 8];

	snprintf(from, sizeof(from), "RNFR %s", p->temporary);
	snprintf(to, sizeof(to), "RNTO %s", p->name);
	return command(p, from, to, 0, status, e);
}

static int move_http(struct publication *p, struct server_status *status,
		     struct err *e)
{
	struct server_request r = { .url = p->temporary_url, .method = "MOVE",
			     .max_size = UINT64_MAX };
	char line[URL_SIZE + 16];

	snprintf(line, sizeof(line), "Destination: %s", p->url);
	return request_with(p, &r, line, p->overwrite ? "Overwrite: T" : "Overwrite: F",
			    status, e);
}

static int rename_sent(struct publication *p, enum standing before,
		       struct server_status *status, struct err *e)
{
	char line[sizeof(p->name) + 8];

	if (!p->t.ftp)
		return move_http(p, status, e);
	if (rename_ftp(p, status, e) == 0)
		return 0;
	if (before != STANDS_OTHER || p->t.rc != CURLE_QUOTE_ERROR)
		return -1;
	/* some servers do not rename onto a file */
	snprintf(line, sizeof(line), "DELE %s", p->name);
	if (command(p, line, NULL, 0, status, e) < 0)
		return -1;
	return rename_ftp(p, status, e);
}

/* Does the server rename? An FTP server is found out by trying. */
static bool can_rename(struct publication *p, struct server_status *status)
{
	struct server_request r = { .url = p->url, .method = "OPTIONS", .max_size = UINT64_MAX };
	struct curl_header *header;
	struct err ignored;

	if (p->t.ftp)
		return true;
	if (server_perform(&p->t, &r, status, &ignored) < 0)
		return false;
	for (size_t i = 0; curl_easy_header(p->t.curl, "Allow", i, CURLH_HEADER, -1,
					    &header) == CURLHE_OK; i++)
		if (strstr(header->value, "MOVE"))
			return true;
	return false;
}

static int put(struct publication *p, enum standing before,
	       struct server_status *status, struct err *e)
{
	if (!can_rename(p, status))
		return send_directly(p, before, status, e);
	if (send_to(p, true, NULL, true, status, e) < 0)
		return -1;
	if (rename_sent(p, before, status, e) == 0)
		return 0;
	put_away(p, true, e->code == ERR_CANCELLED);
	if (!p->t.ftp && status->reply == 412)
		return fail_exists(p, status, e);
	/* without an answer there is no server to try anything else with */
	if (e->code == ERR_CANCELLED || status->reply < 400)
		return -1;
	return send_directly(p, before, status, e);
}

/* What a module would get now. */
static int read_back(struct publication *p, struct server_status *status,
		     struct err *e)
{
	enum standing now;

	if (look(p, &now, status, e) < 0)
		return err_doing(e, MSG_DOING_READ_BACK, "");
	if (now == STANDS_SAME)
		return 0;
	put_away(p, false, false);
	return server_fail(SERVER_OTHER, status, e,
			   now == STANDS_NOTHING ? MSG_PUBLISH_LOST : MSG_PUBLISH_SPOILED, "host=%s", p->t.host);
}

static int publish(struct publication *p, struct server_status *status,
		   struct err *e)
{
	enum standing before;

	if (look(p, &before, status, e) < 0)
		return -1;
	if (before == STANDS_SAME)
		return 0;
	if (before == STANDS_OTHER && !p->overwrite)
		return fail_exists(p, status, e);
	if (put(p, before, status, e) < 0)
		return -1;
	return read_back(p, status, e);
}

/* The names that the file gets, in the forms that FTP and HTTP want. */
static int name_file(struct publication *p, struct err *e)
{
	unsigned char random[4];
	char *path = NULL, *slash, *name = NULL, *whole = NULL;
	char suffix[16];
	CURLU *url = curl_url();
	int size = 0, result = -1;

	if (getentropy(random, sizeof(random)) < 0)
		memset(random, 0, sizeof(random));
	snprintf(suffix, sizeof(suffix), ".%02x%02x%02x%02x.part", random[0],
		 random[1], random[2], random[3]);
	if (url && curl_url_set(url, CURLUPART_URL, p->url, 0) == CURLUE_OK)
		curl_url_get(url, CURLUPART_PATH, &path, 0);
	slash = path ? strrchr(path, '/') : NULL;
	if (slash)
		name = curl_easy_unescape(p->t.curl, slash + 1, 0, &size);
	if (!name || size == 0 || size >= NAME_SIZE) {
		err_fail(e, MSG_PUBLISH_NO_NAME, "");
	} else {
		result = 0;
		for (int i = 0; i < size; i++)
			if ((unsigned char)name[i] < 0x20 || name[i] == 0x7f || name[i] == '/')
				result = err_fail(e, MSG_PUBLISH_NAME, "");
	}
	if (result == 0) {
		char longer[URL_SIZE + 32];

		snprintf(p->name, sizeof(p->name), "%s", name);
		snprintf(p->temporary, sizeof(p->temporary), "%s%s", name, suffix);
		snprintf(longer, sizeof(longer), "%s%s", path, suffix);
		curl_url_set(url, CURLUPART_PATH, longer, 0);
		curl_url_get(url, CURLUPART_URL, &whole, 0);
		snprintf(p->temporary_url, sizeof(p->temporary_url), "%s", whole ? whole : "");
	}
	curl_free(whole);
	curl_free(name);
	curl_free(path);
	curl_url_cleanup(url);
	return result;
}

/* The file must still be the one that was looked at. */
static int open_file(struct publication *p, const char *path, struct err *e)
{
	p->package = package_open(path, LONG_MAX, e);
	if (!p->package)
		return -1;
	if (package_size(p->package) == p->size &&
	    strcasecmp(package_sha256(p->package), p->sha256) == 0)
		return 0;
	return err_fail(e, MSG_PUBLISH_CHANGED_BEFORE, "path=%s", path);
}

int server_publish(const char *url, const struct server_access *access,
		   const char *path, uint64_t size, const char *sha256,
		   bool overwrite, const struct server_watch *watch,
		   struct server_status *status, struct err *e)
{
	const struct server_access nobody = { NULL, NULL, NULL, false };
	struct publication p = {
		.t = { .settings = &server_defaults,
		       .access = access ? access : &nobody, .publishing = true },
		.url = url, .size = size, .sha256 = sha256, .overwrite = overwrite,
	};
	struct server_status own;
	int result = -1;

	if (!status)
		status = &own;
	*status = (struct server_status){ .kind = SERVER_OTHER };
	if (watch) {
		p.watch = *watch;
		p.t.watch = (struct server_watch){ watch->progress ? report_progress : NULL,
						   &p, watch->interrupt };
	}
	if (strlen(url) >= URL_SIZE)
		return err_fail(e, MSG_URL_TOO_LONG, "size=%zu", strlen(url));
	if (open_file(&p, path, e) == 0 && server_open(&p.t, url, e) == 0 &&
	    name_file(&p, e) == 0)
		result = publish(&p, status, e);
	server_close(&p.t);
	package_close(p.package);
	return result;
}

#include "config.h"

#include "package/server_state.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"

/* A server that asks for more patience than this is not waited for. */
#define RETRY_AFTER_MAX_S 30

#define SLICE_MS 100

/* A file on its way from a server to a file. */
struct download {
	struct transfer t;
	const char *url, *path;
	uint64_t max_size;
	uint64_t size;			/* that it must have; 0: not known */
	const char *sha256;		/* that it must have; NULL: not known */
	struct server_watch watch;
	int fd;
	uint64_t from;			/* where the request under way began */
	uint64_t have;			/* bytes in the file, all from one version of it */
	uint64_t total;			/* by the server; 0: not known */
	char head[64];			/* its first bytes */
	char validator[128];		/* names the version for If-Range; "": nothing does */
	int64_t modified_s;		/* of FTP; -1: not given */
	bool no_ranges;			/* the server cannot go on in the middle */
	bool resumed;			/* the file is made of parts */
	bool start_over;			/* begin() saw another version: start again */
	struct err why;			/* of begin() or write(); code ERR_NONE: none */
};

/* ID is a message whose one argument is the host. */
static bool stop(struct download *d, enum message_id id)
{
	struct message m;

	message_begin(&m, id);
	message_value(&m, d->t.host);
	err_take(&d->why, message_info(id)->code, &m);
	return false;
}

/* Throw away what came. False with d->why. */
static bool empty(struct download *d)
{
	d->from = d->have = d->total = 0;
	d->resumed = false;
	d->validator[0] = '\0';
	d->modified_s = -1;
	if (ftruncate(d->fd, 0) == 0 && lseek(d->fd, 0, SEEK_SET) == 0)
		return true;
	err_fail_sys(&d->why, MSG_DOWNLOAD_NOT_WRITTEN, errno, "path=%s", d->path);
	return false;
}

/* A strong ETag, or the date, as it may stand in If-Range (RFC 9110 13.1.5). */
static void keep_validator(struct download *d)
{
	const char *tag = server_header(&d->t, "ETag");
	const char *date = server_header(&d->t, "Last-Modified");
	const char *text = tag && tag[0] == '"' ? tag : date;

	if (!text || strlen(text) >= sizeof(d->validator))
		return;
	for (const char *c = text; *c != '\0'; c++)
		if (*c < 0x20 || *c > 0x7e)
			return;
	strcpy(d->validator, text);
}

static bool begin_http(struct download *d)
{
	const char *ranges = server_header(&d->t, "Accept-Ranges");
	uint64_t first = 0, total = 0;
	long reply = 0;

	curl_easy_getinfo(d->t.curl, CURLINFO_RESPONSE_CODE, &reply);
	/* parts of what was re-coded on the way do not fit together */
	if ((ranges && strcasecmp(ranges, "none") == 0) || d->t.coded)
		d->no_ranges = true;
	if (reply != 206) {		/* all of it, asked for or not */
		if (d->have > 0 && !empty(d))
			return false;
		keep_validator(d);
		d->total = d->t.has_length ? d->t.length : 0;
		return true;
	}
	if (!server_range(&d->t, &first, &total) || first != d->from)
		return stop(d, MSG_DOWNLOAD_OTHER_PART);
	if (d->total > 0 && total > 0 && total != d->total) {
		d->start_over = true;
		return stop(d, MSG_DOWNLOAD_CHANGED);
	}
	return true;
}

static bool begin_ftp(struct download *d)
{
	curl_off_t modified = -1;

	curl_easy_getinfo(d->t.curl, CURLINFO_FILETIME_T, &modified);
	if (d->from > 0 && modified != d->modified_s) {
		d->start_over = true;
		return stop(d, MSG_DOWNLOAD_CHANGED);
	}
	d->modified_s = modified;
	if (d->from == 0)
		d->total = d->t.has_length ? d->t.length : 0;
	return true;
}

/* The header of the answer is there: is this the file? */
static bool begin(void *ctx, struct transfer *t)
{
	struct download *d = ctx;

	if (!(t->ftp ? begin_ftp(d) : begin_http(d)))
		return false;
	if (d->size > 0 && d->total > 0 && d->total != d->size) {
		err_fail(&d->why, MSG_DOWNLOAD_OTHER_SIZE, "host=%s size=%llu expected=%llu", t->host,
			 (unsigned long long)d->total, (unsigned long long)d->size);
		return false;
	}
	return true;
}

static bool take(void *ctx, const void *bytes, size_t size)
{
	struct download *d = ctx;
	const char *from = bytes;

	if (d->size > 0 && size > d->size - d->have)
		return stop(d, MSG_DOWNLOAD_LONGER);
	if (size > d->max_size - d->have)
		return stop(d, MSG_FILE_GREW);
	for (size_t i = 0; i < size && d->have + i < sizeof(d->head); i++)
		d->head[d->have + i] = from[i];
	while (size > 0) {
		ssize_t n = write(d->fd, from, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			err_fail_sys(&d->why, MSG_DOWNLOAD_NOT_WRITTEN, errno, "path=%s", d->path);
			return false;
		}
		from += n;
		size -= (size_t)n;
		d->have += (uint64_t)n;
	}
	if (server_looks_html(d->head, d->have < sizeof(d->head) ? (size_t)d->have : sizeof(d->head)))
		return stop(d, MSG_DOWNLOAD_WEB_PAGE);
	return true;
}

static bool report_progress(void *ctx, uint64_t done, uint64_t total)
{
	struct download *d = ctx;

	(void)done;	/* of this request only */
	(void)total;
	return d->watch.progress(d->watch.ctx, d->have, d->size > 0 ? d->size : d->total);
}

/* Can what is there be gone on with? Without a name for the version only the
 * digest can show whether the parts fit. */
static bool can_resume(const struct download *d)
{
	return d->have > 0 && !d->no_ranges &&
	       (d->sha256 || (d->t.ftp ? d->modified_s >= 0 : d->validator[0] != '\0'));
}

/* One try. */
static int try_once(struct download *d, struct server_status *status,
		    struct err *e)
{
	char range[32], line[sizeof(d->validator) + 16];
	struct server_request r = { .url = d->url, .follow = true, .max_size = d->max_size,
			     .begin = begin, .write = take, .ctx = d };
	int result;

	d->why.code = ERR_NONE;
	d->start_over = false;
	if (d->have > 0 && !can_resume(d) && !empty(d)) {
		*e = d->why;
		return -1;
	}
	d->from = d->t.base = d->have;
	if (d->from > 0) {
		snprintf(range, sizeof(range), "%" PRIu64 "-", d->from);
		r.range = range;
		d->resumed = true;
	}
	if (d->from > 0 && d->validator[0] != '\0' && !d->t.ftp) {
		snprintf(line, sizeof(line), "If-Range: %s", d->validator);
		r.headers = curl_slist_append(NULL, line);
	}
	result = server_perform(&d->t, &r, status, e);
	curl_slist_free_all(r.headers);
	if (result < 0 && d->why.code != ERR_NONE) {
		*e = d->why;
		d->t.again = d->start_over;
	}
	return result;
}

/* Let MS pass; false when cancelled. */
static bool pass(struct download *d, int64_t ms)
{
	const struct clock *clock = clock_monotonic();
	struct interrupt *interrupt = d->watch.interrupt;
	struct pollfd wake = { interrupt ? interrupt->fd : -1, POLLIN, 0 };
	int64_t deadline_ms = clock_now_ms(clock) + ms;

	for (;;) {
		int64_t left = deadline_ms - clock_now_ms(clock);

		if (interrupt_ends(interrupt) ||
		    (d->watch.progress && !report_progress(d, 0, 0)))
			return false;
		if (left <= 0)
			return true;
		poll(&wake, interrupt ? 1 : 0, left < SLICE_MS ? (int)left : SLICE_MS);
	}
}

/* Read what stands in the file and hold it against what was expected. */
static int verify(struct download *d, struct err *e)
{
	struct package *p = package_open(d->path, d->max_size > LONG_MAX ?
						LONG_MAX : (long)d->max_size, e);
	int result = 0;

	if (!p && e->message.id == MSG_PACKAGE_EMPTY)	/* our copy is as good as what there is */
		return err_fail(e, MSG_DOWNLOAD_EMPTY, "host=%s", d->t.host);
	if (!p)
		return err_doing(e, MSG_DOING_DOWNLOAD, "host=%s", d->t.host);
	if (!d->t.ftp && !d->sha256 && server_is_page(server_header(&d->t, "Content-Type"), d->t.coded, d->head,
						      d->have < sizeof(d->head) ? (size_t)d->have : sizeof(d->head)))
		result = err_fail(e, MSG_DOWNLOAD_WEB_PAGE, "host=%s", d->t.host);
	else if (d->size > 0 && package_size(p) != d->size)
		result = err_fail(e, MSG_DOWNLOAD_OTHER_SIZE, "host=%s size=%llu expected=%llu", d->t.host,
				  (unsigned long long)package_size(p), (unsigned long long)d->size);
	else if (d->sha256 && strcasecmp(package_sha256(p), d->sha256) != 0)
		result = err_fail(e, MSG_DOWNLOAD_OTHER_DIGEST, "host=%s sha256=%s expected=%s", d->t.host,
				  package_sha256(p), d->sha256);
	package_close(p);
	return result;
}

/* Did it fail because of a size that the server gave, where the digest can decide? */
static bool may_be_of_another_size(const struct download *d, const struct server_status *status, const struct err *e)
{
	if (!d->t.ftp || !d->sha256 || (d->t.plain & PLAIN_SIZE))
		return false;
	return (d->t.rc == CURLE_PARTIAL_FILE && status->reply == 226) || d->t.rc == CURLE_FILESIZE_EXCEEDED ||
	       d->t.stop == STOP_SIZE || e->message.id == MSG_DOWNLOAD_OTHER_SIZE;
}

/* What a failed try leaves must not stand in the way of the next. */
static bool prepare_again(struct download *d, const struct server_status *status,
			  struct err *e)
{
	/* the server did not take the range */
	bool refused = d->from > 0 &&
		       (d->t.ftp ? d->t.rc == CURLE_FTP_COULDNT_USE_REST ||
					   d->t.rc == CURLE_BAD_DOWNLOAD_RESUME :
				   status->reply == 416);

	if (!d->t.again && !refused)
		return false;
	if (refused)
		d->no_ranges = true;
	if ((d->start_over || refused) && !empty(d)) {
		*e = d->why;
		return false;
	}
	return true;
}

static int64_t pause_ms(struct download *d, int tries)
{
	int64_t ms = (int64_t)d->t.settings->pause_ms << tries;
	curl_off_t wanted_s = 0;

	if (!d->t.ftp)
		curl_easy_getinfo(d->t.curl, CURLINFO_RETRY_AFTER, &wanted_s);
	if (wanted_s > RETRY_AFTER_MAX_S)
		return -1;
	return wanted_s * 1000 > ms ? wanted_s * 1000 : ms;
}

static int run(struct download *d, struct server_status *status, struct err *e)
{
	for (int tries = 0;; tries++) {
		bool last = tries == d->t.settings->retries;
		int64_t ms;

		if (try_once(d, status, e) == 0) {
			if (verify(d, e) == 0)
				return 0;
			/* parts that do not fit: once more, in one piece */
			if (last || !d->resumed)
				return -1;
			d->no_ranges = true;
			if (!empty(d)) {
				*e = d->why;
				return -1;
			}
			continue;
		}
		if (e->code != ERR_CANCELLED && may_be_of_another_size(d, status, e) && empty(d)) {
			d->t.plain |= PLAIN_SIZE;
			tries--;
			continue;
		}
		if (last || e->code == ERR_CANCELLED || !prepare_again(d, status, e))
			return tries == 0 || e->code == ERR_CANCELLED ? -1 : err_doing(e, MSG_DOING_LAST_TRY, "count=%d", tries + 1);
		ms = pause_ms(d, tries);
		if (ms < 0)
			return -1;
		if (!pass(d, ms))
			return err_fail(e, MSG_TRANSFER_STOPPED, "host=%s", d->t.host);
	}
}

/* A new file: what another program put there, or a link, is not written to. */
static int create(const char *path, struct err *e)
{
	int fd;

	if (unlink(path) < 0 && errno != ENOENT)
		return err_fail_sys(e, MSG_DOWNLOAD_NOT_REPLACED, errno, "path=%s", path);
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	return fd < 0 ? err_fail_sys(e, MSG_DOWNLOAD_NOT_CREATED, errno, "path=%s", path) : fd;
}

static int download(struct download *d, struct server_status *status,
		    struct err *e)
{
	int result;

	d->fd = create(d->path, e);
	if (d->fd < 0)
		return -1;
	result = run(d, status, e);
	if (close(d->fd) < 0 && result == 0)
		result = err_fail_sys(e, MSG_DOWNLOAD_NOT_WRITTEN, errno, "path=%s", d->path);
	if (result < 0)
		unlink(d->path);
	return result;
}

int server_download_with(const struct server_settings *settings,
			 const char *url, const struct server_access *access,
			 const char *path, uint64_t max_size, uint64_t size,
			 const char *sha256, const struct server_watch *watch,
			 struct server_status *status, struct err *e)
{
	const struct server_access nobody = { NULL, NULL, NULL, false };
	struct download d = {
		.t = { .settings = settings, .access = access ? access : &nobody },
		.url = url, .path = path, .max_size = max_size, .size = size,
		.sha256 = sha256, .modified_s = -1,
	};
	struct server_status own;
	int result = -1;

	if (!status)
		status = &own;
	*status = (struct server_status){ .kind = SERVER_OTHER };
	if (size > max_size)
		return err_fail(e, MSG_EXPECTED_TOO_LARGE, "size=%llu most=%llu",
				(unsigned long long)size, (unsigned long long)max_size);
	if (watch) {
		d.watch = *watch;
		d.t.watch = (struct server_watch){ watch->progress ? report_progress : NULL,
						   &d, watch->interrupt };
	}
	if (server_open(&d.t, url, e) == 0)
		result = download(&d, status, e);
	server_close(&d.t);
	return result;
}

int server_download(const char *url, const struct server_access *access,
		    const char *path, uint64_t max_size, uint64_t size,
		    const char *sha256, const struct server_watch *watch,
		    struct server_status *status, struct err *e)
{
	return server_download_with(&server_defaults, url, access, path, max_size,
				    size, sha256, watch, status, e);
}

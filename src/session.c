#include "config.h"
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "event_json.h"
#include "text.h"

/* Progress goes to disk at most this often (design 6). */
#define PROGRESS_EVERY_MS 1000

#define SESSIONS_A_SECOND 100

struct session {
	int fd;
	int directory_fd;
	bool failing;
	bool torn;		/* the last write left a partial line */
	int64_t progress_ms;	/* of the last progress line */
	char path[PATH_MAX];
	char line[EVENT_JSON_SIZE];
};

/* One line, whole or not at all as far as the system lets us. */
static int write_line(struct session *s, size_t size, struct err *e)
{
	size_t done = 0;

	if (s->torn && write(s->fd, "\n", 1) != 1)
		return err_sys(e, ERR_USAGE, errno, "writing the record %s", s->path);
	s->torn = false;
	s->line[size++] = '\n';
	while (done < size) {
		ssize_t n = write(s->fd, s->line + done, size - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			s->torn = done > 0;
			return err_sys(e, ERR_USAGE, n < 0 ? errno : ENOSPC,
				       "writing the record %s", s->path);
		}
		done += (size_t)n;
	}
	return 0;
}

static int write_object(struct session *s, json_t *o, struct err *e)
{
	size_t size = o ? json_dumpb(o, s->line, sizeof(s->line) - 1,
				     JSON_COMPACT | JSON_REAL_PRECISION(9)) : 0;

	json_decref(o);
	if (size == 0 || size >= sizeof(s->line) - 1)
		return err_set(e, ERR_CRASH, "writing the record %s: no memory for a line", s->path);
	return write_line(s, size, e);
}

/* Make each directory of PATH up to its last '/', mode 0700. */
static int make_directories(char *path, struct err *e)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		int r;

		*slash = '\0';
		r = mkdir(path, 0700);
		if (r < 0 && errno != EEXIST) {
			err_sys(e, ERR_USAGE, errno, "making the directory %s (choose another place with --record FILE)", path);
			*slash = '/';
			return -1;
		}
		*slash = '/';
	}
	return 0;
}

/* The usual name: when, and who, so that two programs never meet; NUMBER tells
 * the sessions of one program apart. */
static int usual_path(char *out, size_t out_size, unsigned number, struct err *e)
{
	const char *state = getenv("XDG_STATE_HOME");
	const char *home = getenv("HOME");
	struct timespec now;
	struct tm tm;
	char when[32], more[16] = "";
	int n;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	strftime(when, sizeof(when), "%Y%m%dT%H%M%SZ", &tm);
	if (number)
		snprintf(more, sizeof(more), "-%u", number);
	if (state && state[0] == '/')
		n = snprintf(out, out_size, "%s/dfota/sessions/%s-%ld%s.jsonl",
			     state, when, (long)getpid(), more);
	else if (home && home[0] == '/')
		n = snprintf(out, out_size, "%s/.local/state/dfota/sessions/%s-%ld%s.jsonl",
			     home, when, (long)getpid(), more);
	else
		return err_set(e, ERR_USAGE,
			       "no place for the record: neither HOME nor XDG_STATE_HOME is set; use --record FILE");
	if (n < 0 || (size_t)n >= out_size)
		return err_set(e, ERR_USAGE, "the path of the record is too long; use --record FILE");
	return make_directories(out, e);
}

/* A directory that others may write would let them swap the record. */
static int open_directory(struct session *s, struct err *e)
{
	char directory[PATH_MAX];
	char *slash;
	struct stat st;

	memcpy(directory, s->path, sizeof(directory));
	slash = strrchr(directory, '/');
	if (!slash)
		strcpy(directory, ".");
	else
		slash[slash == directory] = '\0';
	s->directory_fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->directory_fd < 0 || fstat(s->directory_fd, &st) < 0)
		return err_sys(e, ERR_USAGE, errno, "opening the directory %s", directory);
	if (st.st_uid != geteuid() && st.st_uid != 0)
		return err_set(e, ERR_USAGE,
			       "the directory %s belongs to another user; use --record FILE in one of your own",
			       directory);
	if ((st.st_mode & S_IWOTH) && !(st.st_mode & S_ISVTX))
		return err_set(e, ERR_USAGE,
			       "the directory %s may be written by everybody; use --record FILE in one of your own",
			       directory);
	return 0;
}

/* Safe text as a value; with "" the key is left out by "s:o*". */
static json_t *safe_or_nothing(const char *s)
{
	char safe[2 * FILE_SIZE];

	text_safe_str(safe, sizeof(safe), s);
	return safe[0] ? json_string(safe) : NULL;
}

static json_t *header(const struct plan *plan)
{
	char host[HOST_NAME_MAX + 1] = "", safe[256], port[2 * FILE_SIZE];
	char when[40], url[URL_SIZE + 16];
	struct timespec now;
	struct tm tm;

	gethostname(host, sizeof(host) - 1);
	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm);
	text_safe_str(safe, sizeof(safe), host);
	text_safe_str(port, sizeof(port), plan->port);
	redact_url(url, sizeof(url), plan->url);
	return json_pack("{s:s, s:i, s:s, s:s, s:s, s:s, s:s, s:i, s:s, s:o*, s:o*, s:o*}",
			 "type", "header", "format", 1,
			 "program", "dfota " PACKAGE_VERSION,
			 "host", safe, "when", when,
			 "job", plan->job == JOB_PROBE ? "probe" : "upgrade",
			 "port", port, "baud", plan->baud ? plan->baud : 115200,
			 "method", plan->delivery == DELIVERY_PULL ? "pull" : "push",
			 "file", safe_or_nothing(plan->file),
			 "url", safe_or_nothing(url),
			 "target", safe_or_nothing(plan->target));
}

static int create_file(struct session *s, const char *path,
		       const struct plan *plan, struct err *e)
{
	unsigned number = 0;

	if (path && (size_t)snprintf(s->path, sizeof(s->path), "%s", path) >= sizeof(s->path))
		return err_set(e, ERR_USAGE, "--record: the path is too long");
	do {
		if (!path && usual_path(s->path, sizeof(s->path), number++, e) < 0)
			return -1;
		if (s->directory_fd < 0 && open_directory(s, e) < 0)
			return -1;
		s->fd = open(s->path, O_WRONLY | O_APPEND | O_CREAT | O_EXCL |
			     O_NOFOLLOW | O_CLOEXEC, 0600);
	} while (s->fd < 0 && errno == EEXIST && !path && number < SESSIONS_A_SECOND);
	if (s->fd < 0 && errno == EEXIST)
		return err_set(e, ERR_USAGE, "the record %s exists already; name a new file", s->path);
	if (s->fd < 0)
		return err_sys(e, ERR_USAGE, errno, "making the record %s", s->path);
	if (write_object(s, header(plan), e) < 0) {
		unlink(s->path);
		return -1;
	}
	return 0;
}

struct session *session_create(const char *path, const struct plan *plan,
			       struct err *e)
{
	struct session *s = calloc(1, sizeof(*s));

	if (!s) {
		err_set(e, ERR_CRASH, "no memory for the record");
		return NULL;
	}
	s->fd = s->directory_fd = -1;
	s->progress_ms = -PROGRESS_EVERY_MS;
	if (create_file(s, path, plan, e) < 0) {
		session_close(s);
		return NULL;
	}
	return s;
}

void session_close(struct session *s)
{
	if (!s)
		return;
	if (s->fd >= 0) {
		fdatasync(s->fd);
		close(s->fd);
	}
	if (s->directory_fd >= 0)
		close(s->directory_fd);
	free(s);
}

const char *session_path(const struct session *s)
{
	return s ? s->path : "";
}

int session_append(struct session *s, const struct event *ev, struct err *e)
{
	bool told;
	int size;

	if (!s || ev->type == EVENT_PORT)
		return 0;
	if (ev->type == EVENT_PROGRESS) {
		if (ev->t_ms - s->progress_ms < PROGRESS_EVERY_MS)
			return 0;
		s->progress_ms = ev->t_ms;
	}
	told = s->failing;
	size = event_json(s->line, sizeof(s->line) - 1, ev);
	if (size < 0)
		err_set(e, ERR_CRASH, "writing the record %s: no memory for a line", s->path);
	s->failing = size < 0 || write_line(s, (size_t)size, e) < 0;
	return s->failing && !told ? -1 : 0;
}

int session_intent(struct session *s, const char *what, int64_t t_ms,
		   struct err *e)
{
	char safe[TEXT_SIZE];

	if (!s)
		return 0;
	text_safe_str(safe, sizeof(safe), what);
	if (write_object(s, json_pack("{s:s, s:s, s:f}", "type", "intent",
				      "text", safe, "t", (double)t_ms / 1000), e) < 0)
		return -1;
	if (fdatasync(s->fd) < 0 || fsync(s->directory_fd) < 0)
		return err_sys(e, ERR_USAGE, errno, "making the record %s durable", s->path);
	return 0;
}

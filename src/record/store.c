#include "config.h"
#include "record/store.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/address.h"
#include "base/clock.h"
#include "base/paths.h"
#include "base/text.h"
#include "record/event_json.h"
#include "record/journal.h"
#include "record/last_lines.h"
#include "record/open_upgrade.h"
#include "record/reader.h"

/* Names longer than this are not ours. */
#define NAME_SIZE 96
/* A directory may be full of anything. */
#define ENTRIES_MAX 4096
/* A record of ours is not longer; what is does not hold up every start. */
#define RECORD_MAX (72 << 20)
/* Bytes of a record's end that say whether it was concluded. */
#define END_REACH LAST_LINES_SIZE
/* What is read at a start to find a result that nobody saw, in all, and in how
 * many of the newest records. */
#define UNSEEN_REACH (4 << 20)
#define UNSEEN_RECORDS 20
/* A wall clock set wrong must not make all records old at once. */
#define KEEP_WHATEVER_AGE 20

struct entry {
	char name[NAME_SIZE];
	struct timespec changed;
};

/* The regular files *.jsonl of the usual directory that are ours, newest
 * first. */
struct list {
	char directory[FILE_SIZE];
	int fd;
	size_t count;
	struct entry *entries;
	struct last_lines *tail;
};

static int directory_named(const char *name, char *out, size_t out_size, struct err *e)
{
	size_t size = paths_state(out, out_size, name);

	if (size == 0)
		return err_fail(e, MSG_RECORD_NO_PLACE, "");
	if (size + NAME_SIZE >= out_size)	/* a record in it has a path of FILE_SIZE */
		return err_fail(e, MSG_RECORD_PLACE_LONG, "");
	return 0;
}

int store_directory(char *out, size_t out_size, struct err *e)
{
	return directory_named("sessions", out, out_size, e);
}

int store_demo_directory(char *out, size_t out_size, struct err *e)
{
	return directory_named("demo", out, out_size, e);
}

/* --- the directory */

/* The path of a record is shown and typed: no other names. */
static bool is_record_name(const char *name)
{
	size_t size = strlen(name);

	if (size < sizeof(".jsonl") || size >= NAME_SIZE || name[0] == '.' || strcmp(name + size - 6, ".jsonl") != 0)
		return false;
	for (size_t i = 0; i < size; i++)
		if (name[i] <= ' ' || name[i] > '~')
			return false;
	return true;
}

static int by_age(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->changed.tv_sec != y->changed.tv_sec)
		return x->changed.tv_sec < y->changed.tv_sec ? 1 : -1;
	if (x->changed.tv_nsec != y->changed.tv_nsec)
		return x->changed.tv_nsec < y->changed.tv_nsec ? 1 : -1;
	return strcmp(y->name, x->name);
}

static void read_entries(struct list *l, DIR *d)
{
	struct dirent *found;
	struct stat st;

	while ((found = readdir(d))) {
		struct entry *entry;

		/* too many: the newest stay */
		if (l->count == ENTRIES_MAX) {
			qsort(l->entries, l->count, sizeof(*l->entries), by_age);
			l->count /= 2;
		}
		entry = &l->entries[l->count];
		if (!is_record_name(found->d_name) ||
		    fstatat(l->fd, found->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		    !S_ISREG(st.st_mode) || st.st_uid != geteuid() || st.st_size > RECORD_MAX)
			continue;
		memcpy(entry->name, found->d_name, strlen(found->d_name) + 1);
		entry->changed = st.st_mtim;
		l->count++;
	}
	qsort(l->entries, l->count, sizeof(*l->entries), by_age);
}

static void list_free(struct list *l)
{
	close(l->fd);
	free(l->entries);
	free(l->tail);
}

/* The records of L->directory. False when there is nothing; L need not be freed then. */
static bool list_directory(struct list *l)
{
	DIR *d;
	int fd;

	l->fd = open(l->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (l->fd < 0)
		return false;
	l->entries = calloc(ENTRIES_MAX, sizeof(*l->entries));
	l->tail = malloc(sizeof(*l->tail));
	fd = openat(l->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	d = fd >= 0 ? fdopendir(fd) : NULL;
	if (!d && fd >= 0)
		close(fd);
	if (l->entries && l->tail && d)
		read_entries(l, d);
	if (d)
		closedir(d);
	if (l->count > 0)
		return true;
	list_free(l);
	return false;
}

/* Those of the usual directory. */
static bool list_read(struct list *l)
{
	struct err ignored;

	memset(l, 0, sizeof(*l));
	return store_directory(l->directory, sizeof(l->directory), &ignored) == 0 && list_directory(l);
}

/* The path of entry NUMBER; false when it does not fit. */
static bool path_of(const struct list *l, size_t number, char *out, size_t out_size)
{
	int n = snprintf(out, out_size, "%s/%s", l->directory, l->entries[number].name);

	return (size_t)n < out_size;
}

/* Open entry NUMBER when it is a record; -1. */
static int open_entry(const struct list *l, size_t number)
{
	static const char mark[] = "{\"type\":\"header\"";
	char begin[sizeof(mark) - 1];
	struct stat st;
	int fd = openat(l->fd, l->entries[number].name,
			O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
	    st.st_size <= RECORD_MAX && pread(fd, begin, sizeof(begin), 0) == (ssize_t)sizeof(begin) &&
	    memcmp(begin, mark, sizeof(begin)) == 0)
		return fd;
	close(fd);
	return -1;
}

/* --- unfinished upgrades */

/* The result in LINE; false when it is none that says something of the module:
 * who kept watching and was stopped before reaching it knows nothing. */
static bool is_verdict(const char *line, size_t size, struct event *ev)
{
	return line_begins(line, size, "{\"type\":\"result\"") && event_parse(line, size, ev) &&
		!(ev->result.job == JOB_RESUME && ev->result.outcome == OUTCOME_STOPPED);
}

/* Does the end of the record FD leave it possible that it is open? */
static bool may_be_open(struct last_lines *t, int fd)
{
	struct event ev;
	const char *line;
	size_t size;

	last_lines_begin(t, fd, END_REACH);
	while (last_lines_next(t, &line, &size)) {
		if (line_begins(line, size, "{\"type\":\"intent\""))
			return true;
		if (line_begins(line, size, "{\"type\":\"closed\""))
			return false;
		if (is_verdict(line, size, &ev))
			return ev.result.outcome == OUTCOME_UNKNOWN;
	}
	return !last_lines_complete(t);
}

/* Entry NUMBER as an open upgrade: 1, or 0 when it is none; -1 it cannot be read. */
static int read_open(const struct list *l, size_t number, struct open_upgrade *out)
{
	int fd = open_entry(l, number);
	char path[FILE_SIZE];
	struct record *r;
	struct err ignored;
	bool open, lost;

	if (fd < 0)
		return -1;
	open = may_be_open(l->tail, fd);
	close(fd);
	if (!open)
		return 0;
	path_of(l, number, path, sizeof(path));
	r = record_open(path, &ignored);
	if (!r)
		return -1;
	open = record_open_upgrade(r, out);
	lost = record_lost(r);
	record_free(r);
	return open || !lost ? open : -1;
}

int store_check(struct err *e)
{
	char directory[FILE_SIZE];
	int fd;

	if (store_directory(directory, sizeof(directory), e) < 0)
		return -1;
	fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		close(fd);
	return fd >= 0 || errno == ENOENT ? 0 : err_fail_sys(e, MSG_RECORDS_UNREADABLE, errno, "directory=%s", directory);
}

/* B may be NULL. */
static bool is_same(const char *a, const char *b)
{
	return b && a[0] && strcmp(a, b) == 0;
}

/* Is entry NUMBER one whose upgrade may be unfinished, for it cannot be read: not by
 * this user, not by this version, or not any more? */
static bool is_unknown(const struct list *l, size_t number)
{
	int fd = openat(l->fd, l->entries[number].name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct open_upgrade ignored;
	bool unknown = fd < 0 && errno != ENOENT && errno != ELOOP;
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() && st.st_size > 0)
		unknown = read_open(l, number, &ignored) < 0;
	if (fd >= 0)
		close(fd);
	return unknown;
}

int store_check_open(const char *except, char *out, size_t out_size, struct err *e)
{
	struct list l;

	out[0] = '\0';
	if (store_check(e) < 0)
		return -1;
	if (!list_read(&l))
		return 0;
	for (size_t i = 0; i < l.count && !out[0]; i++)
		if (is_unknown(&l, i) && (!path_of(&l, i, out, out_size) || is_same(out, except)))
			out[0] = '\0';
	list_free(&l);
	return 0;
}

size_t store_list_open(struct open_upgrade *out, size_t max)
{
	struct open_upgrade open;
	struct list l;
	size_t count = 0;

	if (!list_read(&l))
		return 0;
	for (size_t i = 0; i < l.count; i++) {
		if (read_open(&l, i, &open) <= 0)
			continue;
		if (count < max)
			out[count] = open;
		count++;
	}
	list_free(&l);
	return count;
}

/* One port has many names: links, by-id. */
static bool is_same_device(const char *a, const char *b)
{
	struct stat x, y;

	return a[0] == '/' && b[0] == '/' && stat(a, &x) == 0 && stat(b, &y) == 0 &&
		S_ISCHR(x.st_mode) && S_ISCHR(y.st_mode) && x.st_rdev == y.st_rdev;
}

/* A USB place says more than the name that the port has there. */
static bool is_there(const struct identity *module, const char *port, const char *usb_path)
{
	if (usb_path && usb_path[0] && module->usb_path[0])
		return strcmp(module->usb_path, usb_path) == 0;
	/* a server's port is the same in capitals, and however it is spoken to */
	if (address_of_port(port) && address_of_port(module->port))
		return strcasecmp(address_of_port(module->port), address_of_port(port)) == 0;
	return is_same(module->port, port) || is_same_device(module->port, port);
}

bool store_read_open(const char *path, struct open_upgrade *out)
{
	struct err ignored;
	struct record *r = record_open(path, &ignored);
	bool open = r && record_open_upgrade(r, out);

	record_free(r);
	return open;
}

bool store_find_open(const char *port, const char *usb_path, const char *imei,
		     const char *except, struct open_upgrade *out)
{
	char safe_port[FILE_SIZE];
	bool found = false;
	struct list l;

	if (!list_read(&l))
		return false;
	text_safe_str(safe_port, sizeof(safe_port), port ? port : "");
	for (size_t i = 0; i < l.count && !found; i++)
		found = read_open(&l, i, out) > 0 && !is_same(out->record, except) &&
			(is_there(&out->module, safe_port, usb_path) || is_same(out->module.imei, imei));
	list_free(&l);
	return found;
}

/* --- results that nobody saw */

/* Is the last result of FD one whose terminal had gone? Takes what it reads off
 * BUDGET. */
static bool is_unseen(struct last_lines *t, int fd, off_t *budget, struct result *result)
{
	off_t begun;
	bool found = false, lost = false;
	struct event ev;
	const char *line;
	size_t size;

	last_lines_begin(t, fd, *budget);
	begun = t->start;
	while (!lost && last_lines_next(t, &line, &size)) {
		if (line_begins(line, size, "{\"type\":\"shown\"") ||
		    line_begins(line, size, "{\"type\":\"closed\"") ||
		    line_begins(line, size, "{\"type\":\"resumed\""))
			break;
		if (!found && line_begins(line, size, "{\"type\":\"result\"") && event_parse(line, size, &ev)) {
			*result = ev.result;
			found = true;
		}
		lost = line_begins(line, size, "{\"type\":\"answer\",\"answer\":\"lost\"");
		if (lost && !found)
			break;	/* it goes on */
	}
	*budget -= LAST_LINES_SIZE + (begun > t->start ? begun - t->start : 0);
	return found && lost;
}

bool store_unseen(char *path, size_t path_size, struct result *result)
{
	off_t budget = UNSEEN_REACH;
	bool found = false;
	struct list l;

	if (!list_read(&l))
		return false;
	for (size_t i = 0; i < l.count && i < UNSEEN_RECORDS && budget > 0 && !found; i++) {
		int fd = open_entry(&l, i);

		if (fd < 0)
			continue;
		found = is_unseen(l.tail, fd, &budget, result) && path_of(&l, i, path, path_size);
		close(fd);
	}
	list_free(&l);
	return found;
}

/* --- what others do */

int store_watch(void)
{
	char directory[FILE_SIZE];
	struct err e;
	int fd;

	if (store_directory(directory, sizeof(directory), &e) < 0)
		return -1;
	fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (fd >= 0 && inotify_add_watch(fd, directory, IN_MODIFY | IN_CLOSE_WRITE | IN_DELETE | IN_MOVE) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

void store_changed(int fd)
{
	char events[4096];

	while (read(fd, events, sizeof(events)) > 0)
		;	/* which record it was does not matter: all are looked at */
}

/* --- lines that others add */

static int add_line(const char *path, enum event_type type, struct err *e)
{
	struct event ev = {.type = type, .when_s = clock_utc_now_s()};
	struct journal *f = journal_open(path, e);
	struct journal_line line = {.vital = true};
	char text[256];
	int r;

	if (!f)
		return -1;
	line.text = text;
	r = event_json(text, sizeof(text), &ev);
	assert(r > 0);
	line.size = (size_t)r;
	r = journal_state(f, &line, e);
	journal_close(f);
	return r;
}

int store_mark_shown(const char *path, struct err *e)
{
	return add_line(path, EVENT_SHOWN, e);
}

int store_close_upgrade(const char *path, struct err *e)
{
	return add_line(path, EVENT_CLOSED, e);
}

/* --- what may go */

/* Remove entry NUMBER unless it is open or being written. */
static bool remove_entry(const struct list *l, size_t number)
{
	struct open_upgrade open;
	int fd = open_entry(l, number);
	bool gone;

	if (fd < 0)
		return false;
	/* what cannot be locked is being written */
	gone = flock(fd, LOCK_SH | LOCK_NB) == 0 && read_open(l, number, &open) == 0 &&
		unlinkat(l->fd, l->entries[number].name, 0) == 0;
	close(fd);
	return gone;
}

static size_t prune(const struct list *l, size_t keep_count, int keep_days)
{
	time_t oldest = time(NULL) - (time_t)keep_days * 24 * 3600;
	size_t records = 0, gone = 0;

	for (size_t i = 0; i < l->count; i++) {
		int fd = open_entry(l, i);

		if (fd < 0)
			continue;
		close(fd);
		records++;
		if (records > keep_count ||
		    (records > KEEP_WHATEVER_AGE && l->entries[i].changed.tv_sec < oldest))
			gone += remove_entry(l, i);
	}
	return gone;
}

size_t store_prune(size_t keep_count, int keep_days)
{
	struct list l;
	size_t gone;

	if (!list_read(&l))
		return 0;
	gone = prune(&l, keep_count, keep_days);
	list_free(&l);
	return gone;
}

size_t store_prune_demos(void)
{
	struct list l = {.fd = -1};
	struct err ignored;
	size_t gone;

	if (store_demo_directory(l.directory, sizeof(l.directory), &ignored) < 0 || !list_directory(&l))
		return 0;
	gone = prune(&l, STORE_KEEP_DEMOS, STORE_KEEP_DAYS);
	list_free(&l);
	return gone;
}

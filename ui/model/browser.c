#include "config.h"

#include "ui/model/browser.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/words.h"

static const char manifest_end[] = ".manifest";

static void drop_entries(struct browser *b)
{
	size_t i;

	for (i = 0; i < b->count; i++)
		free(b->entries[i].name);
	free(b->entries);
	b->entries = NULL;
	b->count = b->cursor = 0;
}

/* Entries grow in steps of powers of two. NULL when memory runs out. */
static struct browser_entry *add_entry(struct browser *b, enum browser_kind kind, const char *name)
{
	struct browser_entry *entries = b->entries;
	char *copy = strdup(name);

	if (copy && (b->count & (b->count - 1)) == 0) {
		entries = realloc(entries, (b->count ? 2 * b->count : 1) * sizeof(*entries));
		if (entries)
			b->entries = entries;
	}
	if (!copy || !entries) {
		free(copy);
		snprintf(b->problem, sizeof(b->problem), "%s", _("no memory for the list"));
		return NULL;
	}
	entries[b->count] = (struct browser_entry){ .kind = kind, .name = copy };
	return &entries[b->count++];
}

static bool is_file(int dir_fd, const char *name, struct stat *st)
{
	return fstatat(dir_fd, name, st, 0) == 0 && S_ISREG(st->st_mode);
}

static void look_at_file(int dir_fd, struct browser_entry *entry)
{
	char manifest[FILE_SIZE + sizeof(manifest_end)];
	struct stat st;

	entry->there = is_file(dir_fd, entry->name, &st);
	if (!entry->there)
		return;
	entry->size = (uint64_t)st.st_size;
	entry->modified_s = (int64_t)st.st_mtim.tv_sec;
	snprintf(manifest, sizeof(manifest), "%s%s", entry->name, manifest_end);
	entry->manifest = is_file(dir_fd, manifest, &st);
}

static void add_recent(struct browser *b)
{
	struct browser_entry *entry;
	size_t i;

	for (i = 0; i < b->recent.count && !b->manifests; i++) {
		entry = add_entry(b, BROWSER_RECENT, b->recent.paths[i]);
		if (entry)
			look_at_file(AT_FDCWD, entry);
	}
}

static bool is_manifest_of_another(int dir_fd, const char *name)
{
	size_t size = strlen(name), end = sizeof(manifest_end) - 1;
	char package[NAME_MAX + 1];
	struct stat st;

	if (size <= end || size > NAME_MAX || strcmp(name + size - end, manifest_end))
		return false;
	snprintf(package, sizeof(package), "%.*s", (int)(size - end), name);
	return is_file(dir_fd, package, &st);
}

/* False for what is not listed: devices, broken links, manifests. */
static bool judge(const struct browser *b, int dir_fd, const struct dirent *found, enum browser_kind *kind)
{
	struct stat st;
	bool directory = found->d_type == DT_DIR, file = found->d_type == DT_REG;

	if ((found->d_type == DT_LNK || found->d_type == DT_UNKNOWN) &&
	    fstatat(dir_fd, found->d_name, &st, 0) == 0) {
		directory = S_ISDIR(st.st_mode);
		file = S_ISREG(st.st_mode);
	}
	*kind = directory ? BROWSER_DIRECTORY : BROWSER_FILE;
	return directory || (file && (b->manifests || !is_manifest_of_another(dir_fd, found->d_name)));
}

static int compare(const void *left, const void *right)
{
	const struct browser_entry *a = left, *b = right;
	int order = (int)a->kind - (int)b->kind;

	if (!order)
		order = strcasecmp(a->name, b->name);
	return order ? order : strcmp(a->name, b->name);
}

static void read_names(struct browser *b, DIR *dir)
{
	struct dirent *found;
	enum browser_kind kind;
	size_t names = 0;

	for (errno = 0; (found = readdir(dir)); errno = 0) {
		if (found->d_name[0] == '.')
			continue;
		b->more = names++ == BROWSER_NAMES;
		if (b->more)
			return;
		if (judge(b, dirfd(dir), found, &kind) && !add_entry(b, kind, found->d_name))
			return;
	}
	if (errno)
		snprintf(b->problem, sizeof(b->problem), _("reading this directory: %s"), strerror(errno));
}

/* Those from FIRST on: sorted, cut, and only then looked at one by one. */
static void finish_names(struct browser *b, size_t first, int dir_fd)
{
	size_t i;

	qsort(b->entries + first, b->count - first, sizeof(*b->entries), compare);
	while (b->count - first > BROWSER_ENTRIES) {
		free(b->entries[--b->count].name);
		b->left_out++;
	}
	for (i = first; i < b->count; i++)
		if (b->entries[i].kind == BROWSER_FILE)
			look_at_file(dir_fd, &b->entries[i]);
}

/* List b->directory. */
static void list(struct browser *b)
{
	int fd = open(b->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	size_t first;

	drop_entries(b);
	b->problem[0] = '\0';
	b->left_out = 0;
	b->more = false;
	if (!dir)
		snprintf(b->problem, sizeof(b->problem), _("this directory can't be read: %s"), strerror(errno));
	add_recent(b);
	if (strcmp(b->directory, "/"))
		add_entry(b, BROWSER_UP, "..");
	first = b->count;
	if (dir) {
		read_names(b, dir);
		if (b->count > first)
			finish_names(b, first, dirfd(dir));
		closedir(dir);
	} else if (fd >= 0) {
		close(fd);
	}
	/* what was opened is what is looked at first */
	b->cursor = first < b->count ? first : b->count ? b->count - 1 : 0;
}

static void put_cursor_on(struct browser *b, const char *name)
{
	size_t i;

	for (i = 0; i < b->count; i++)
		if (b->entries[i].kind >= BROWSER_DIRECTORY && !strcmp(b->entries[i].name, name))
			b->cursor = i;
}

/* Begin in the directory that holds FILE. */
static bool begin_at(struct browser *b, const char *file)
{
	char absolute[PATH_MAX], copy[FILE_SIZE];
	char *slash;
	size_t size;

	snprintf(copy, sizeof(copy), "%s", file);
	slash = strrchr(copy, '/');
	if (slash)
		slash[slash == copy] = '\0';
	if (!realpath(slash ? copy : ".", absolute))
		return false;
	size = strlen(absolute);
	if (size >= sizeof(b->directory))
		return false;
	memcpy(b->directory, absolute, size + 1);
	list(b);
	slash = strrchr(file, '/');
	put_cursor_on(b, slash ? slash + 1 : file);
	return true;
}

static void begin_here(struct browser *b)
{
	if (begin_at(b, ""))
		return;
	strcpy(b->directory, "/");
	list(b);
}

void browser_begin(struct browser *b, const char *file)
{
	memset(b, 0, sizeof(*b));
	recent_load(&b->recent);
	if (file[0] && begin_at(b, file))
		return;
	if (b->recent.count && begin_at(b, b->recent.paths[0])) {
		b->cursor = 0;
		return;
	}
	begin_here(b);
}

void browser_begin_manifests(struct browser *b, const char *manifest, const char *file)
{
	memset(b, 0, sizeof(*b));
	b->manifests = true;
	if ((!manifest[0] || !begin_at(b, manifest)) && (!file[0] || !begin_at(b, file)))
		begin_here(b);
}

void browser_end(struct browser *b)
{
	drop_entries(b);
	memset(b, 0, sizeof(*b));
}

void browser_move(struct browser *b, long by)
{
	size_t last = b->count ? b->count - 1 : 0;

	if (by < 0)
		b->cursor = b->cursor > (size_t)-by ? b->cursor - (size_t)-by : 0;
	else
		b->cursor = last - b->cursor > (size_t)by ? b->cursor + (size_t)by : last;
}

/* b->directory and NAME in PATH, of FILE_SIZE bytes. */
static bool join(struct browser *b, const char *name, char *path)
{
	const char *slash = strcmp(b->directory, "/") ? "/" : "";

	if ((size_t)snprintf(path, FILE_SIZE, "%s%s%s", b->directory, slash, name) < FILE_SIZE)
		return true;
	snprintf(b->problem, sizeof(b->problem), _("the path would be longer than %d bytes"), FILE_SIZE - 1);
	return false;
}

bool browser_path(struct browser *b, char *path)
{
	const struct browser_entry *entry = &b->entries[b->cursor];

	if (!b->count || !entry->there)
		return false;
	if (entry->kind != BROWSER_RECENT)
		return entry->kind == BROWSER_FILE && join(b, entry->name, path);
	snprintf(path, FILE_SIZE, "%s", entry->name);
	return true;
}

bool browser_open(struct browser *b, char *path)
{
	const struct browser_entry *entry = &b->entries[b->cursor];
	char directory[FILE_SIZE];

	if (!b->count)
		return false;
	switch (entry->kind) {
	case BROWSER_RECENT:
		snprintf(path, FILE_SIZE, "%s", entry->name);
		return true;
	case BROWSER_UP:
		browser_up(b);
		return false;
	case BROWSER_DIRECTORY:
		if (join(b, entry->name, directory)) {
			memcpy(b->directory, directory, sizeof(directory));
			list(b);
		}
		return false;
	case BROWSER_FILE:
		return join(b, entry->name, path);
	}
	return false;
}

void browser_up(struct browser *b)
{
	char left[FILE_SIZE];
	char *slash = strrchr(b->directory, '/');

	if (!slash[1])
		return;
	snprintf(left, sizeof(left), "%s", slash + 1);
	slash[slash == b->directory] = '\0';
	list(b);
	put_cursor_on(b, left);
}

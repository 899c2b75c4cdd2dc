#include "config.h"

#include "ui/model/recent.h"

#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/paths.h"

/* What we write ourselves fits; of a longer file the rest does not count. */
#define CONTENT_SIZE (RECENT_COUNT * FILE_SIZE)

static bool find_place(char *out, size_t size)
{
	size_t length = paths_state(out, size, "recent");

	return length > 0 && length < size;
}

static void take(struct recent *r, const char *path, size_t size)
{
	size_t i;

	if (r->count == RECENT_COUNT || size >= FILE_SIZE || path[0] != '/' ||
	    memchr(path, '\0', size) || memchr(path, '\n', size))
		return;
	for (i = 0; i < r->count; i++)
		if (strlen(r->paths[i]) == size && !memcmp(r->paths[i], path, size))
			return;
	memcpy(r->paths[r->count], path, size);
	r->paths[r->count++][size] = '\0';
}

static size_t read_content(const char *place, char *content)
{
	/* O_NONBLOCK: whatever lies there, it is not waited for */
	int fd = open(place, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	size_t size = 0;
	struct stat st;
	ssize_t n = 0;

	if (fd < 0)
		return 0;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		while (size < CONTENT_SIZE && (n = read(fd, content + size, CONTENT_SIZE - size)) > 0)
			size += (size_t)n;
	close(fd);
	return size;
}

void recent_load(struct recent *r)
{
	char place[PATH_MAX], content[CONTENT_SIZE];
	const char *line = content, *end;
	size_t left;

	memset(r, 0, sizeof(*r));
	if (!find_place(place, sizeof(place)))
		return;
	/* a last line without its end may be half a path */
	for (left = read_content(place, content); left && (end = memchr(line, '\n', left)); line = end + 1) {
		take(r, line, (size_t)(end - line));
		left -= (size_t)(end - line) + 1;
	}
}

static bool write_all(int fd, const struct recent *r)
{
	char line[FILE_SIZE + 1];
	size_t i;
	int n;

	for (i = 0; i < r->count; i++) {
		n = snprintf(line, sizeof(line), "%s\n", r->paths[i]);
		if (write(fd, line, (size_t)n) != n)
			return false;
	}
	return true;
}

/* No fsync: what a power cut damages is read as far as it goes. */
static void save(const struct recent *r)
{
	char place[PATH_MAX], temporary[PATH_MAX + 8];
	bool good;
	int fd;

	if (!find_place(place, sizeof(place)))
		return;
	paths_make_parents(place);
	snprintf(temporary, sizeof(temporary), "%s.XXXXXX", place);
	fd = mkostemp(temporary, O_CLOEXEC);	/* 0600 */
	if (fd < 0)
		return;
	good = write_all(fd, r);
	if (close(fd) < 0 || !good || rename(temporary, place) < 0)
		unlink(temporary);
}

void recent_add(const char *path)
{
	struct recent old, now = { .count = 0 };
	char absolute[PATH_MAX];
	struct stat st;
	size_t i;

	if (!realpath(path, absolute) || stat(absolute, &st) < 0 || !S_ISREG(st.st_mode))
		return;
	take(&now, absolute, strlen(absolute));
	if (!now.count)
		return;
	recent_load(&old);
	for (i = 0; i < old.count; i++)
		take(&now, old.paths[i], strlen(old.paths[i]));
	save(&now);
}

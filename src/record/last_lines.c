#include "config.h"
#include "record/last_lines.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIRST_STEP 4096

/* Fill the room before the END bytes at hand. False at the end of the reach, or
 * when there is no room, or nothing to be had. */
static bool read_before(struct last_lines *t)
{
	size_t room = LAST_LINES_SIZE - t->end, done = 0;
	off_t start;

	if (t->start <= t->reach || room == 0)
		return false;
	if (room > t->step)
		room = t->step;
	if (t->step < LAST_LINES_SIZE)
		t->step *= 4;
	if ((off_t)room > t->start - t->reach)
		room = (size_t)(t->start - t->reach);
	start = t->start - (off_t)room;
	memmove(t->buffer + room, t->buffer, t->end);
	while (done < room) {
		ssize_t n = pread(t->fd, t->buffer + done, room - done, start + (off_t)done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {		/* shorter than it was, or unreadable */
			t->reach = t->start;
			t->end = 0;
			return false;
		}
		done += (size_t)n;
	}
	t->start = start;
	t->end += room;
	return true;
}

/* Where the line that ends at END begins; -1 when that is not at hand. */
static ssize_t line_start(const struct last_lines *t)
{
	const char *before = memrchr(t->buffer, '\n', t->end);

	if (before)
		return before - t->buffer + 1;
	return t->start == 0 ? 0 : -1;
}

void last_lines_begin(struct last_lines *t, int fd, off_t reach)
{
	struct stat st;
	ssize_t torn;

	t->fd = fd;
	t->end = 0;
	t->step = FIRST_STEP;
	/* of what cannot be asked there is nothing at hand, and that is not all of it */
	t->start = t->reach = 1;
	if (fstat(fd, &st) == 0) {
		t->start = st.st_size;
		t->reach = t->start > reach ? t->start - reach : 0;
	}
	while ((torn = line_start(t)) < 0 && read_before(t))
		;
	if (torn < 0)	/* where it ends nobody knows, so none before it is at hand */
		t->reach = t->start;
	t->end = torn < 0 ? 0 : (size_t)torn;
}

bool last_lines_next(struct last_lines *t, const char **line, size_t *size)
{
	ssize_t start;

	if (t->end == 0)
		return false;
	t->end--;		/* its line end */
	while ((start = line_start(t)) < 0 && read_before(t))
		;
	if (start < 0) {
		t->reach = t->start;
		t->end = 0;
		return false;
	}
	*line = t->buffer + start;
	*size = t->end - (size_t)start;
	t->end = (size_t)start;
	return true;
}

bool last_lines_complete(const struct last_lines *t)
{
	return t->start == 0;
}

bool line_begins(const char *line, size_t size, const char *begin)
{
	return size >= strlen(begin) && memcmp(line, begin, strlen(begin)) == 0;
}

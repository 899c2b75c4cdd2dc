#include "config.h"

#include "modem/survey.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "modem/port_state.h"

#define PREFIX "LCK.."

pid_t survey_process(const struct port_roots *roots, const char *name)
{
	struct places w;
	struct err ignored;

	return places_init(&w, roots, &ignored) < 0 ? 0 : (pid_t)process_named(&w, name);
}

bool survey_lock_directory(const struct port_roots *roots, char *directory, size_t size)
{
	struct places w;
	struct err ignored;

	if (places_init(&w, roots, &ignored) < 0)
		return false;
	snprintf(directory, size, "%s", w.lock);
	return access(w.lock, W_OK | X_OK) == 0;
}

/* The device of lock file NAME: "LCK..pts_7" is of pts/7, as port_lock.c names them. */
static bool find_node(const struct places *w, const char *name, struct stat *node)
{
	char path[PLACE_SIZE + NAME_MAX + 2];

	if (!path_join(path, sizeof(path), "%s/%s", w->dev, name + strlen(PREFIX)))
		return false;
	for (char *c = path + strlen(w->dev) + 1; stat(path, node) < 0; *c = '/')
		if (!(c = strchr(c, '_')))
			return false;
	return true;
}

struct left {
	struct places w;
	struct message *out;
	size_t count, max;
};

static bool look_for_left(void *ctx, const char *name)
{
	struct left *left = ctx;
	char path[PLACE_SIZE + NAME_MAX + 2];
	enum lock_worth worth;
	struct stat st, node;
	long pid;
	int fd = -1;

	if (strncmp(name, PREFIX, strlen(PREFIX)) == 0 && path_join(path, sizeof(path), "%s/%s", left->w.lock, name))
		fd = lock_file_open(path, &pid, &st);
	if (fd < 0)
		return true;
	close(fd);
	worth = lock_file_worth(&left->w, pid, &st, find_node(&left->w, name, &node) ? &node : NULL, false);
	if (worth == LOCK_DEAD || worth == LOCK_UNTRUE)
		lock_file_problem(&left->out[left->count++], &left->w, worth, path, pid);
	return left->count < left->max;
}

size_t survey_locks(const struct port_roots *roots, struct message *out, size_t max)
{
	struct left left = {.out = out, .max = max};
	struct err ignored;

	if (max > 0 && places_init(&left.w, roots, &ignored) == 0)
		each_entry(left.w.lock, look_for_left, &left);
	return left.count;
}

#include "config.h"

#include "modem/survey.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "modem/port_state.h"

pid_t survey_process(const struct port_roots *roots, const char *name)
{
	char program[40];
	struct dirent *entry;
	struct places w;
	struct err ignored;
	long found = 0;
	DIR *dir;

	if (places_init(&w, roots, &ignored) < 0 || !(dir = opendir(w.proc)))
		return 0;
	while ((entry = readdir(dir))) {
		long pid = strtol(entry->d_name, NULL, 10);

		if (pid <= 0 || (found && pid > found))
			continue;
		process_name(&w, pid, program, sizeof(program));
		if (strcmp(program, name) == 0)
			found = pid;
	}
	closedir(dir);
	return (pid_t)found;
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

/* M says what is wrong with lock file PATH; false: nothing. */
static bool is_stale(const char *path, struct message *m)
{
	struct stat st;
	long pid;
	int fd = lock_file_open(path, &pid, &st);

	if (fd < 0)
		return false;
	close(fd);
	if (pid && process_lives(pid))
		return false;
	message_set(m, MSG_LOCK_FILE_LEFT, "path=%s pid=%ld", path, pid);
	return true;
}

size_t survey_locks(const struct port_roots *roots, struct message *out, size_t max)
{
	char path[PLACE_SIZE + NAME_MAX + 2];
	struct dirent *entry;
	struct places w;
	struct err ignored;
	size_t count = 0;
	DIR *dir;

	if (places_init(&w, roots, &ignored) < 0 || !(dir = opendir(w.lock)))
		return 0;
	while (count < max && (entry = readdir(dir)))
		if (strncmp(entry->d_name, "LCK..", strlen("LCK..")) == 0 &&
		    path_join(path, sizeof(path), "%s/%s", w.lock, entry->d_name) && is_stale(path, &out[count]))
			count++;
	closedir(dir);
	return count;
}

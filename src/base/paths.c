#include "config.h"

#include "base/paths.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *absolute(const char *variable)
{
	const char *path = getenv(variable);

	return path && path[0] == '/' ? path : NULL;
}

static size_t find(char *out, size_t size, const char *variable, const char *below_home,
		 const char *name)
{
	const char *base = absolute(variable), *home = absolute("HOME");
	int n = 0;

	if (base)
		n = snprintf(out, size, "%s/dfota/%s", base, name);
	else if (home)
		n = snprintf(out, size, "%s/%s/dfota/%s", home, below_home, name);
	return n > 0 ? (size_t)n : 0;
}

size_t paths_state(char *out, size_t size, const char *name)
{
	return find(out, size, "XDG_STATE_HOME", ".local/state", name);
}

size_t paths_config(char *out, size_t size, const char *name)
{
	return find(out, size, "XDG_CONFIG_HOME", ".config", name);
}

void paths_make_parents(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0700);
		*slash = '/';
	}
}

int paths_temporary(char *out, size_t size, struct err *e)
{
	const char *base = absolute("TMPDIR");
	int n = snprintf(out, size, "%s/dfota-XXXXXX", base ? base : "/tmp");

	if (n < 0 || (size_t)n >= size)
		return err_fail(e, MSG_TMPDIR_LONG, "");
	return mkdtemp(out) ? 0 : err_fail_sys(e, MSG_TMPDIR_UNUSABLE, errno, "path=%s", base ? base : "/tmp");
}

FILE *paths_open_config(const char *path, struct err *e)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;
	FILE *f;

	if (fd >= 0 && fstat(fd, &st) == 0 && !S_ISREG(st.st_mode)) {
		close(fd);
		err_fail(e, MSG_CONFIG_NO_FILE, "path=%s", path);
		return NULL;
	}
	f = fd >= 0 ? fdopen(fd, "r") : NULL;
	if (!f) {
		err_fail_sys(e, MSG_CONFIG_UNREADABLE, errno, "path=%s", path);
		if (fd >= 0)
			close(fd);
	}
	return f;
}

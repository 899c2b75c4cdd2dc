#include "config.h"

#include "modem/port_state.h"

#include <grp.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/count.h"
#include "modem/port.h"

bool path_join(char *out, size_t size, const char *format, ...)
{
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(out, size, format, args);
	va_end(args);
	return length >= 0 && (size_t)length < size;
}

int places_init(struct places *w, const struct port_roots *roots, struct err *e)
{
	const struct {
		char *to;
		const char *from, *usual;
	} rows[] = {
		{ w->sys, roots ? roots->sys : NULL, "/sys" },
		{ w->dev, roots ? roots->dev : NULL, "/dev" },
		{ w->lock, roots ? roots->lock : NULL, "/var/lock" },
		{ w->proc, roots ? roots->proc : NULL, "/proc" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *path = rows[i].from ? rows[i].from : rows[i].usual;

		if (!path_join(rows[i].to, PLACE_SIZE, "%s", path))
			return err_fail(e, MSG_PORT_PATH_LONG, "path=%s", path);
	}
	return 0;
}

/* Linux admin-guide, devices.txt: majors of UNIX98 pseudo-terminal slaves. */
enum { PTY_MAJOR_FIRST = 136, PTY_MAJOR_LAST = 143 };

bool node_is_pty(const struct stat *node)
{
	return S_ISCHR(node->st_mode) &&
	       major(node->st_rdev) >= PTY_MAJOR_FIRST &&
	       major(node->st_rdev) <= PTY_MAJOR_LAST;
}

bool node_same(const struct stat *a, const struct stat *b)
{
	if (!S_ISCHR(a->st_mode) || !S_ISCHR(b->st_mode) ||
	    a->st_rdev != b->st_rdev)
		return false;
	/* Every devpts (one a container) counts from 0 again. */
	return !node_is_pty(a) || a->st_dev == b->st_dev;
}

static void user_name(char *out, size_t size)
{
	struct passwd entry, *found = NULL;
	char buf[1024];

	if (getpwuid_r(geteuid(), &entry, buf, sizeof(buf), &found) == 0 && found)
		snprintf(out, size, "%s", entry.pw_name);
	else
		snprintf(out, size, "%lu", (unsigned long)geteuid());
}

static void group_name(char *out, size_t size, gid_t group)
{
	struct group entry, *found = NULL;
	char buf[4096];

	if (getgrgid_r(group, &entry, buf, sizeof(buf), &found) == 0 && found)
		snprintf(out, size, "%s", entry.gr_name);
	else
		snprintf(out, size, "%lu", (unsigned long)group);
}

void port_permission(struct message *m, const char *path, const struct stat *node)
{
	char user[64], group[64], mode[8];

	user_name(user, sizeof(user));
	group_name(group, sizeof(group), node->st_gid);
	snprintf(mode, sizeof(mode), "%03o", (unsigned)node->st_mode & 0777);
	if ((node->st_mode & 060) == 060 && node->st_gid != 0)
		message_set(m, MSG_PORT_PERMISSION_GROUP, "port=%s user=%s group=%s", path, user, group);
	else
		message_set(m, MSG_PORT_PERMISSION_MODE, "port=%s mode=%s user=%s group=%s", path, mode, user, group);
}

#include "config.h"

#include "modem/port_state.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/count.h"
#include "modem/port.h"

/* Nothing at PATH: say what there is instead. */
int port_missing(const struct places *w, const char *path, struct err *e)
{
	const struct port_roots roots = { w->sys, w->dev, w->lock, w->proc };
	struct port_info list[4];
	char found[400] = "";
	struct err ignored;
	int count = port_list_hardware(&roots, list, COUNT(list), &ignored);

	for (int i = 0; i < count; i++) {
		size_t used = strlen(found);

		if (!path_join(found + used, sizeof(found) - used,
			       "%s%s%s%s%s", i ? ", " : "", list[i].path,
			       list[i].description[0] ? " (" : "",
			       list[i].description,
			       list[i].description[0] ? ")" : ""))
			break;
	}
	if (count <= 0)
		return err_fail(e, MSG_PORT_NONE, "port=%s", path);
	return err_fail(e, MSG_PORT_MISSING, "port=%s found=%s", path, found);
}

static enum message_id node_kind(const struct stat *node)
{
	if (S_ISREG(node->st_mode))
		return MSG_PORT_IS_FILE;
	if (S_ISDIR(node->st_mode))
		return MSG_PORT_IS_DIRECTORY;
	if (S_ISFIFO(node->st_mode))
		return MSG_PORT_IS_FIFO;
	if (S_ISSOCK(node->st_mode))
		return MSG_PORT_IS_SOCKET;
	return MSG_PORT_IS_OTHER;
}

/* Terminals that are no ports; opening some of them has effects (ptmx makes a
 * new terminal). Numbers: Linux admin-guide, devices.txt. */
static enum message_id console_kind(const struct stat *node)
{
	static const struct {
		unsigned major, minor_first, minor_last;
		enum message_id kind;
	} rows[] = {
		{ 4, 0, 63, MSG_PORT_IS_VIRTUAL_CONSOLE },
		{ 5, 0, 0, MSG_PORT_IS_TERMINAL },
		{ 5, 1, 1, MSG_PORT_IS_CONSOLE },
		{ 5, 2, 2, MSG_PORT_IS_PTMX },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		if (major(node->st_rdev) == rows[i].major &&
		    minor(node->st_rdev) >= rows[i].minor_first &&
		    minor(node->st_rdev) <= rows[i].minor_last)
			return rows[i].kind;
	return MSG_NONE;
}

/* Known by sysfs to be of another class: not even opened, as a watchdog, say,
 * starts at open. */
static bool other_class(const struct places *w, const struct stat *node)
{
	char path[PLACE_SIZE + 64], class[PATH_MAX];
	const char *name;
	ssize_t n = -1;

	if (path_join(path, sizeof(path), "%s/dev/char/%u:%u/subsystem", w->sys,
		      major(node->st_rdev), minor(node->st_rdev)))
		n = readlink(path, class, sizeof(class) - 1);
	if (n <= 0)
		return false;
	class[n] = '\0';
	name = strrchr(class, '/');
	return strcmp(name ? name + 1 : class, "tty") != 0;
}

/* Error E: PATH is what KIND says, no serial port. */
static int refuse_kind(enum message_id kind, const char *path, struct err *e)
{
	struct message m;

	message_begin(&m, kind);
	message_value(&m, path);
	return err_take(e, message_info(kind)->code, &m);
}

int port_resolve(const struct places *w, const char *path,
		 char *device, struct stat *node, struct err *e)
{
	enum message_id kind;

	if (!realpath(path, device) || stat(device, node) < 0)
		return errno == ENOENT || errno == ENOTDIR ?
			port_missing(w, path, e) :
			err_fail_sys(e, MSG_PORT_LOOKUP, errno, "port=%s", path);
	if (!S_ISCHR(node->st_mode))
		kind = node_kind(node);
	else if (other_class(w, node))
		kind = MSG_PORT_IS_OTHER;
	else
		kind = console_kind(node);
	return kind == MSG_NONE ? 0 : refuse_kind(kind, path, e);
}

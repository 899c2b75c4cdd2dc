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
	char found[ERR_TEXT_SIZE] = "";
	struct err ignored;
	int count = port_list(&roots, list, COUNT(list),
			      &ignored);

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
		return err_set(e, ERR_PORT,
			       "there is no %s, and no other serial port was found",
			       path);
	return err_set(e, ERR_PORT, "there is no %s; found: %s", path, found);
}

static const char *node_kind(const struct stat *node)
{
	if (S_ISREG(node->st_mode))
		return "a file";
	if (S_ISDIR(node->st_mode))
		return "a directory";
	if (S_ISFIFO(node->st_mode))
		return "a FIFO";
	if (S_ISSOCK(node->st_mode))
		return "a socket";
	return "another device";
}

/* Terminals that are no ports; opening some of them has effects (ptmx makes a
 * new terminal). Numbers: Linux admin-guide, devices.txt. */
static const char *console_kind(const struct stat *node)
{
	static const struct {
		unsigned major, minor_first, minor_last;
		const char *kind;
	} rows[] = {
		{ 4, 0, 63, "a virtual console" },
		{ 5, 0, 0, "the terminal in use" },
		{ 5, 1, 1, "the system console" },
		{ 5, 2, 2, "the maker of pseudo-terminals" },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		if (major(node->st_rdev) == rows[i].major &&
		    minor(node->st_rdev) >= rows[i].minor_first &&
		    minor(node->st_rdev) <= rows[i].minor_last)
			return rows[i].kind;
	return NULL;
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

int port_resolve(const struct places *w, const char *path,
		 char *device, struct stat *node, struct err *e)
{
	const char *kind;

	if (!realpath(path, device) || stat(device, node) < 0)
		return errno == ENOENT || errno == ENOTDIR ?
			port_missing(w, path, e) :
			err_sys(e, ERR_PORT, errno, "looking for %s", path);
	if (!S_ISCHR(node->st_mode))
		kind = node_kind(node);
	else if (other_class(w, node))
		kind = "another device";
	else
		kind = console_kind(node);
	if (kind)
		return err_set(e, ERR_PORT, "%s is not a serial port but %s",
			       path, kind);
	return 0;
}

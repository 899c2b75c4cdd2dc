#include "config.h"

#include "modem/port.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/address.h"
#include "base/text.h"
#include "modem/port_state.h"

#define LINKS_MAX 16		/* of a path, before it is called a loop */

/*
 * The name in sysfs of the tty that PATH leads to. Links are followed one by
 * one, so that the name right below the device directory counts, even if that
 * is a link itself.
 */
static bool find_name(const struct places *w, const char *path, char *name,
		      size_t size)
{
	char here[PATH_MAX], dir[PATH_MAX], dev[PATH_MAX], target[PATH_MAX];
	struct port_info info;

	if (!realpath(w->dev, dev) || !path_join(here, sizeof(here), "%s", path))
		return false;
	for (int i = 0; i < LINKS_MAX; i++) {
		char *slash = strrchr(here, '/');
		ssize_t n;

		if (!path_join(name, size, "%s", slash ? slash + 1 : here))
			return false;
		n = readlink(here, target, sizeof(target) - 1);
		if (slash)
			*slash = '\0';
		if (!realpath(slash ? (*here ? here : "/") : ".", dir))
			return false;
		if (strcmp(dir, dev) == 0 && name[0] && name[0] != '.' &&
		    port_read_sysfs(w, name, &info))
			return true;
		if (n <= 0)
			return false;
		target[n] = '\0';
		if (target[0] == '/' ?
		    !path_join(here, sizeof(here), "%s", target) :
		    !path_join(here, sizeof(here), "%s/%s", dir, target))
			return false;
	}
	return false;
}

bool port_find_sysfs(const struct places *w, const char *path, struct port_info *out)
{
	char name[64];

	return find_name(w, path, name, sizeof(name)) && port_read_sysfs(w, name, out);
}

int port_describe(const struct port_roots *roots, const char *path,
		  struct port_info *out, struct err *e)
{
	char device[PATH_MAX];
	struct places w;
	struct stat node;

	port_info_init(out);
	if (places_init(&w, roots, e) < 0)
		return -1;
	if (address_of_port(path)) {
		text_safe_str(out->path, sizeof(out->path), path);
		snprintf(out->description, sizeof(out->description),
			 "serial port of a TCP server");
		return 0;
	}
	if (!port_find_sysfs(&w, path, out)) {
		if (port_resolve(&w, path, device, &node, e) < 0)
			return -1;
		port_info_init(out);
		if (!path_join(out->path, sizeof(out->path), "%s", device))
			return err_fail(e, MSG_PORT_NAME_LONG, "");
		if (node_is_pty(&node))
			snprintf(out->description, sizeof(out->description),
				 "pseudo-terminal");
	}
	port_read_state(&w, out, 1, false);
	return 0;
}

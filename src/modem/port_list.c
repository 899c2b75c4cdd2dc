#include "config.h"

#include "modem/port.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "modem/port_state.h"
#include "protocol/profile.h"

/*
 * The list is read from sysfs alone. sp_list_ports() of libserialport 0.1.1
 * opens ports of the serial8250 driver, which moves DTR (protocol.md 4.3), and
 * knows nothing that sysfs does not: its descriptions are the USB product, or
 * the node's name again.
 */

#define NODES_MAX 64		/* ports whose holder is looked for at once */

/* Attribute NAME of sysfs directory DIR as safe text, without its line end;
 * false and "" when there is none. */
static bool attribute(const char *dir, const char *name, char *out, size_t size)
{
	char path[PATH_MAX + 32], text[256];
	ssize_t n = -1;
	int fd = -1;

	out[0] = '\0';
	if (path_join(path, sizeof(path), "%s/%s", dir, name))
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd >= 0) {
		n = read(fd, text, sizeof(text));
		close(fd);
	}
	while (n > 0 && text[n - 1] == '\n')
		n--;
	if (n <= 0)
		return false;
	text_safe(out, size, text, (size_t)n);
	return true;
}

/* A number attribute in BASE, -1 when there is none. */
static int number(const char *dir, const char *name, int base)
{
	char text[16], *end;
	long value;

	if (!attribute(dir, name, text, sizeof(text)))
		return -1;
	value = strtol(text, &end, base);
	return *end || end == text || value < 0 || value > INT_MAX ?
		-1 : (int)value;
}

/* The last part of what link NAME in DIR points to; "" without one. */
static void link_name(const char *dir, const char *name, char *out, size_t size)
{
	char path[PATH_MAX + 32], target[PATH_MAX];
	const char *slash;
	ssize_t n = -1;

	out[0] = '\0';
	if (path_join(path, sizeof(path), "%s/%s", dir, name))
		n = readlink(path, target, sizeof(target) - 1);
	if (n <= 0)
		return;
	target[n] = '\0';
	slash = strrchr(target, '/');
	text_safe_str(out, size, slash ? slash + 1 : target);
}

static void driver_of(const char *dir, char *out, size_t size)
{
	char bus[32];

	/* From Linux 6.5 two devices named port and ctrl stand between a UART
	 * and its hardware; their drivers say nothing. */
	link_name(dir, "subsystem", bus, sizeof(bus));
	if (strcmp(bus, "serial-base") != 0)
		link_name(dir, "driver", out, size);
}

/*
 * Facts of the device at DIR and of what it hangs on, up to the USB device.
 * DIR is cut short. A tty of cdc_acm hangs on its USB interface; one of
 * usb-serial on a device of its own below the interface.
 */
static void read_ancestors(char *dir, const char *root, struct port_info *out)
{
	size_t top = strlen(root);
	char *slash;

	while (strlen(dir) > top && (slash = strrchr(dir, '/'))) {
		if (!out->driver[0])
			driver_of(dir, out->driver, sizeof(out->driver));
		if (out->usb_interface < 0)
			out->usb_interface = number(dir, "bInterfaceNumber", 16);
		out->usb_vid = number(dir, "idVendor", 16);
		if (out->usb_vid >= 0) {
			out->usb_pid = number(dir, "idProduct", 16);
			attribute(dir, "serial", out->serial, sizeof(out->serial));
			attribute(dir, "product", out->description,
				  sizeof(out->description));
			text_safe_str(out->usb_path, sizeof(out->usb_path),
				      slash + 1);
			return;
		}
		*slash = '\0';
	}
}

void port_info_init(struct port_info *out)
{
	memset(out, 0, sizeof(*out));
	out->usb_vid = out->usb_pid = out->usb_interface = -1;
}

/* What sysfs knows of tty NAME; false when it is no port with hardware. */
bool port_read_sysfs(const struct places *w, const char *name,
		     struct port_info *out)
{
	char class[PLACE_SIZE + NAME_MAX + 16], path[sizeof(class) + 8];
	char device[PATH_MAX], root[PATH_MAX];
	int type;

	port_info_init(out);
	/* Consoles and other virtual terminals have no device. */
	if (!path_join(class, sizeof(class), "%s/class/tty/%s", w->sys, name) ||
	    !path_join(path, sizeof(path), "%s/device", class) ||
	    !path_join(out->path, sizeof(out->path), "%s/%s", w->dev, name) ||
	    access(path, F_OK) < 0 ||	/* most are virtual, and each part of a path costs realpath() a call */
	    !realpath(path, device) || !realpath(w->sys, root))
		return false;
	/* PORT_UNKNOWN of serial_core: a name set aside, no UART behind it. */
	type = number(class, "type", 10);
	if (type == 0)
		return false;
	read_ancestors(device, root, out);
	out->likely_at = out->usb_interface >= 0 &&
		profile_at_interface(out->usb_vid, out->usb_pid) == out->usb_interface;
	if (type > 0 && !out->description[0])
		snprintf(out->description, sizeof(out->description), "serial port");
	return true;
}

/* Who has the ports open, and why they can't be. */
void port_read_state(const struct places *w, struct port_info *list,
		       size_t count, bool holders)
{
	struct stat nodes[NODES_MAX] = { 0 };
	struct holder found[NODES_MAX] = { 0 };

	if (count > NODES_MAX)
		count = NODES_MAX;
	for (size_t i = 0; i < count; i++)
		if (stat(list[i].path, &nodes[i]) < 0)
			nodes[i].st_mode = 0;
		else if (holders && !holder_by_flock(w, &nodes[i], &found[i]))
			holder_by_lock_file(w, list[i].path, &nodes[i], &found[i]);
	if (holders)
		holder_by_open_files(w, nodes, found, count);
	for (size_t i = 0; i < count; i++) {
		struct port_info *p = &list[i];

		holder_name(&found[i], p->holder, sizeof(p->holder));
		if (!nodes[i].st_mode)
			message_set(&p->problem, MSG_PORT_NODE_MISSING, "port=%s", p->path);
		else if (access(p->path, R_OK | W_OK) < 0)
			port_permission(&p->problem, p->path, &nodes[i]);
		else if (found[i].pid)
			holder_problem(&found[i], &p->problem, p->path);
	}
}

/* USB first, by path and interface; numbers in names count as numbers. */
static int order(const struct port_info *a, const struct port_info *b)
{
	int difference = !a->usb_path[0] - !b->usb_path[0];

	if (!difference)
		difference = strverscmp(a->usb_path, b->usb_path);
	if (!difference)
		difference = a->usb_interface - b->usb_interface;
	return difference ? difference : strverscmp(a->path, b->path);
}

static int compare(const void *a, const void *b)
{
	return order(a, b);
}

/* NEW among OUT[COUNT], in no order; the last by order() falls out when OUT is full.
 * Returns the new count. */
static size_t put(struct port_info *out, size_t count, size_t max, const struct port_info *new)
{
	size_t last = 0;

	if (count < max) {
		out[count] = *new;
		return count + 1;
	}
	for (size_t i = 1; i < count; i++)
		if (order(&out[i], &out[last]) > 0)
			last = i;
	if (count > 0 && order(new, &out[last]) < 0)
		out[last] = *new;
	return count;
}

static int list_places(const struct places *w, struct port_info *out, size_t max, struct err *e)
{
	char path[PLACE_SIZE + 16];
	struct dirent *entry;
	struct port_info info;
	size_t count = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/class/tty", w->sys);
	dir = opendir(path);
	if (!dir)
		return err_fail_sys(e, MSG_PORTS_LIST, errno, "path=%s", path);
	if (max > INT_MAX)
		max = INT_MAX;
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.' && port_read_sysfs(w, entry->d_name, &info))
			count = put(out, count, max, &info);
	closedir(dir);
	qsort(out, count, sizeof(*out), compare);
	return (int)count;
}

int port_list_hardware(const struct port_roots *roots, struct port_info *out, size_t max, struct err *e)
{
	struct places w;

	return places_init(&w, roots, e) < 0 ? -1 : list_places(&w, out, max, e);
}

int port_list(const struct port_roots *roots, struct port_info *out,
	      size_t max, struct err *e)
{
	struct places w;
	int count;

	if (places_init(&w, roots, e) < 0)
		return -1;
	count = list_places(&w, out, max, e);
	for (int i = 0; i < count; i += NODES_MAX)
		port_read_state(&w, out + i, (size_t)(count - i), true);
	return count;
}

int port_monitor_open(const struct port_roots *roots, struct err *e)
{
	struct places w;
	int fd;

	if (places_init(&w, roots, e) < 0)
		return -1;
	fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (fd < 0)
		return err_fail_sys(e, MSG_PORTS_WATCH, errno, "path=%s", w.dev);
	/* IN_ATTRIB: udev makes a node first and grants access to it later. */
	if (inotify_add_watch(fd, w.dev, IN_CREATE | IN_DELETE | IN_MOVED_FROM |
			      IN_MOVED_TO | IN_ATTRIB) < 0) {
		err_fail_sys(e, MSG_PORTS_WATCH, errno, "path=%s", w.dev);
		close(fd);
		return -1;
	}
	return fd;
}

static bool is_tty_event(const struct inotify_event *event)
{
	return (event->mask & IN_Q_OVERFLOW) ||
	       (event->len > 3 && strncmp(event->name, "tty", 3) == 0) ||
	       (event->len > 6 && strncmp(event->name, "rfcomm", 6) == 0);
}

bool port_monitor_take(int fd)
{
	char buf[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	bool found = false;
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) > 0)
		for (char *at = buf; at < buf + n;) {
			const struct inotify_event *event = (const void *)at;

			found |= is_tty_event(event);
			at += sizeof(*event) + event->len;
		}
	return found;
}

#include "config.h"

#include "tests/simulate/nodes.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/count.h"

static char root[96], sys[128], dev[128], nothing[128];
static const struct port_roots roots = {sys, dev, nothing, nothing};

/* What each link hangs on, and the second of its kind. */
static const struct device {
	enum link link;
	bool second;
	const char *directory;	/* below sys/devices */
	const char *driver;
} devices[] = {
	{LINK_UART, false, "pnp0/00:01", "serial8250"},
	{LINK_ADAPTER, false, "usb1/1-1/1-1.3/1-1.3:1.0/port", "ftdi_sio"},
	{LINK_OWN_USB, false, "usb1/1-1/1-1.2/1-1.2:1.6", "cdc_acm"},
	{LINK_OWN_USB, true, "usb1/1-1/1-1.4/1-1.4:1.6", "cdc_acm"},
};

static const struct {
	const char *name, *text;
} attributes[] = {
	{"usb1/1-1/1-1.3/idVendor", "0403\n"}, {"usb1/1-1/1-1.3/idProduct", "6001\n"},
	{"usb1/1-1/1-1.3/serial", "A5XK3RJT\n"}, {"usb1/1-1/1-1.3/1-1.3:1.0/bInterfaceNumber", "00\n"},
	{"usb1/1-1/1-1.2/serial", "004999010640000\n"}, {"usb1/1-1/1-1.4/serial", "004999010640000\n"},
};

static void make_directories(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0700);
		*slash = '/';
	}
	mkdir(path, 0700);
}

static void write_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	if (!f || fputs(text, f) < 0 || fclose(f) != 0)
		abort();
}

void nodes_begin(const char *directory)
{
	char path[400];

	snprintf(root, sizeof(root), "%s", directory);
	snprintf(sys, sizeof(sys), "%s/sys", root);
	snprintf(dev, sizeof(dev), "%s/dev", root);
	snprintf(nothing, sizeof(nothing), "%s/none", root);
	snprintf(path, sizeof(path), "%s/class/tty", sys);
	make_directories(path);
	mkdir(dev, 0700);
	mkdir(nothing, 0700);
	for (size_t i = 0; i < COUNT(devices); i++) {
		snprintf(path, sizeof(path), "%s/devices/%s", sys, devices[i].directory);
		make_directories(path);
		snprintf(path, sizeof(path), "%s/devices/%s/driver", sys, devices[i].directory);
		if (symlink(devices[i].driver, path) < 0)
			abort();
	}
	for (size_t i = 0; i < COUNT(attributes); i++) {
		snprintf(path, sizeof(path), "%s/devices/%s", sys, attributes[i].name);
		write_text(path, attributes[i].text);
	}
}

static void write_number(const char *device, const char *name, int digits, int number)
{
	char path[400], text[16];

	snprintf(path, sizeof(path), "%s/devices/%s/%s", sys, device, name);
	snprintf(text, sizeof(text), "%0*x\n", digits, (unsigned)number);
	write_text(path, text);
}

void nodes_module(const struct profile_usb *usb)
{
	static const struct profile_usb any = {0x2c7c, 0x0901, 2};
	static const struct profile_usb *shown;

	if (!usb->vid)
		usb = &any;
	if (usb == shown)
		return;
	shown = usb;
	for (int i = 2; i <= 4; i += 2) {
		char device[48], interface[64];

		snprintf(device, sizeof(device), "usb1/1-1/1-1.%d", i);
		snprintf(interface, sizeof(interface), "%s/1-1.%d:1.6", device, i);
		write_number(device, "idVendor", 4, usb->vid);
		write_number(device, "idProduct", 4, usb->pid);
		write_number(interface, "bInterfaceNumber", 2, usb->at_interface);
	}
}

const struct port_roots *nodes_roots(void)
{
	return &roots;
}

const char *nodes_path(const char *name, char *out, size_t size)
{
	snprintf(out, size, "%s/%s", dev, name);
	return out;
}

void nodes_unplug(const char *name)
{
	char path[400];

	snprintf(path, sizeof(path), "%s/class/tty/%s/device", sys, name);
	unlink(path);
	snprintf(path, sizeof(path), "%s/class/tty/%s", sys, name);
	rmdir(path);
	unlink(nodes_path(name, path, sizeof(path)));
}

void nodes_plug(enum link link, const char *name, bool second)
{
	char path[400], target[400];

	for (size_t i = 0; i < COUNT(devices); i++) {
		if (devices[i].link != link || devices[i].second != second)
			continue;
		snprintf(path, sizeof(path), "%s/class/tty/%s", sys, name);
		mkdir(path, 0700);
		snprintf(path, sizeof(path), "%s/class/tty/%s/device", sys, name);
		snprintf(target, sizeof(target), "%s/devices/%s", sys, devices[i].directory);
		if (symlink(target, path) < 0)
			return;	/* there already */
		write_text(nodes_path(name, path, sizeof(path)), "");
	}
}

void nodes_clear(void)
{
	char path[400];
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/class/tty", sys);
	dir = opendir(path);
	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			nodes_unplug(entry->d_name);
	if (dir)
		closedir(dir);
}

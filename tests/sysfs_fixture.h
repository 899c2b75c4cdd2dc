/*
 * sysfs_fixture.h - USB devices and their ttys in the sysfs of a struct world.
 */
#ifndef DFOTA_SYSFS_FIXTURE_H
#define DFOTA_SYSFS_FIXTURE_H

#include "port_fixture.h"

#define USB "sys/devices/pci0000:00/usb1/1-1/"

/* A USB device at PATH ("1-1.2"), with what its descriptors say. */
static inline void plug_device(const struct world *w, const char *path,
			const char *vid, const char *pid, const char *product,
			const char *serial)
{
	const struct { const char *name, *text; } rows[] = {
		{ "idVendor", vid }, { "idProduct", pid },
		{ "product", product }, { "serial", serial },
	};
	char name[200];

	snprintf(name, sizeof(name), USB "%s", path);
	make_dir(w, name);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(name, sizeof(name), USB "%s/%s", path, rows[i].name);
		make_file(w, name, rows[i].text);
	}
}

/* The tty NODE at interface NUMBER of that device. BRIDGE: with a device of
 * its own between, as usb-serial makes it. */
static inline void plug_tty(const struct world *w, const char *path, unsigned number,
		     const char *node, const char *driver, bool bridge)
{
	char dir[300], name[400], target[600], text[8];

	snprintf(dir, sizeof(dir), USB "%s/%s:1.%u", path, path, number);
	make_dir(w, dir);
	snprintf(name, sizeof(name), "%s/bInterfaceNumber", dir);
	snprintf(text, sizeof(text), "%02x\n", number);
	make_file(w, name, text);
	if (bridge) {
		snprintf(dir + strlen(dir), sizeof(dir) - strlen(dir), "/%s", node);
		make_dir(w, dir);
	}
	snprintf(name, sizeof(name), "%s/driver", dir);
	snprintf(target, sizeof(target), "../../drivers/%s", driver);
	make_link(w, name, target);
	snprintf(name, sizeof(name), "sys/class/tty/%s", node);
	make_dir(w, name);
	snprintf(name, sizeof(name), "sys/class/tty/%s/device", node);
	snprintf(target, sizeof(target), "%s/%s", w->dir, dir);
	make_link(w, name, target);
}

#endif

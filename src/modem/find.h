/*
 * find.h - where a module is now that went away: by its USB place, else by what
 * its device is. Which of several that are alike it is says the IMEI, which who
 * searches asks for: two modules, or two adapters, may carry the same serial
 * number (protocol.md 9; faults.md A44, A45).
 *
 * Threads: plain values.
 */
#ifndef DFOTA_FIND_H
#define DFOTA_FIND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/event.h"
#include "modem/port.h"

#define FIND_BESIDE (2 * MODULES_MAX)	/* the other modules of a bench, and as many adapters */
#define FIND_FOREIGN 8

/* What was plugged in beside the module, and where. */
struct find_device {
	char place[64], serial[64];
	int vid, pid;
};

struct module_search {
	struct port_info was;	/* its port as it was known last; a usb_vid of 0: not known */
	struct find_device beside[FIND_BESIDE];	/* at the same time as it: no candidates */
	size_t beside_count;
	char foreign[FIND_FOREIGN][64];	/* USB places where another module answered */
	size_t foreign_count;
};

/* The module is at WAS now; what else is plugged in is none of its, where it is and, by
 * its serial number, where it is put. */
void find_begin(struct module_search *s, const struct port_roots *roots, const struct port_info *was);

/* Another module answers at USB_PATH: no candidate until it has gone away. */
void find_foreign(struct module_search *s, const char *usb_path);

/*
 * Where the module may be now: the tty of its interface at its own place, else
 * that of a device like it which was not there before. What is not on USB is
 * where it was, at GIVEN. True with the path in OUT.
 */
bool find_module(struct module_search *s, const struct port_roots *roots, const char *given,
		 char *out, size_t out_size);

/* OF is a port of a module's own USB, but not its AT port, as far as profiles
 * know: true with that one's path in OUT, "" where it is not there. */
bool find_at_port(const struct port_roots *roots, const struct port_info *of, char *out, size_t out_size);

/* The ports that are likely to be the AT port of a module into OUT[MAX]. Returns
 * how many there are, at most MAX. */
size_t find_likely(const struct port_roots *roots, struct port_info *out, size_t max);

#endif

#include "config.h"

#include "modem/find.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/profile.h"

/* All ports that are plugged in, without who holds them; free() it. *COUNT is 0
 * where they cannot be listed. On the heap: too much for a small stack. */
static struct port_info *list_hardware(const struct port_roots *roots, int *count)
{
	struct port_info *list = calloc(PORTS_MAX, sizeof(*list));
	struct err ignored;

	*count = list ? port_list_hardware(roots, list, PORTS_MAX, &ignored) : 0;
	if (*count < 0)
		*count = 0;
	return list;
}

static bool is_among(char (*places)[64], size_t count, const char *place)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(places[i], place) == 0)
			return true;
	return false;
}

static void add(char (*places)[64], size_t *count, size_t max, const char *place)
{
	if (*count < max && place[0] && !is_among(places, *count, place))
		snprintf(places[(*count)++], sizeof(places[0]), "%s", place);
}

static bool is_device(const struct port_info *p, const struct find_device *d)
{
	return p->usb_vid == d->vid && p->usb_pid == d->pid && strcmp(p->serial, d->serial) == 0;
}

/* Is P a port of what was beside the module? At its place a twin is (faults.md A44), but
 * not what was put there since; elsewhere only a number that is not the module's tells. */
static bool is_beside(const struct module_search *s, const struct port_info *p)
{
	for (size_t i = 0; i < s->beside_count; i++)
		if (is_device(p, &s->beside[i]) && (strcmp(p->usb_path, s->beside[i].place) == 0 ||
						    (p->serial[0] && strcmp(p->serial, s->was.serial) != 0)))
			return true;
	return false;
}

static void add_beside(struct module_search *s, const struct port_info *p)
{
	struct find_device *d = &s->beside[s->beside_count];

	if (s->beside_count == FIND_BESIDE)
		return;
	s->beside_count++;
	*d = (struct find_device){ .vid = p->usb_vid, .pid = p->usb_pid };
	snprintf(d->place, sizeof(d->place), "%s", p->usb_path);
	snprintf(d->serial, sizeof(d->serial), "%s", p->serial);
}

void find_begin(struct module_search *s, const struct port_roots *roots, const struct port_info *was)
{
	struct port_info *list;
	int count;

	memset(s, 0, sizeof(*s));
	s->was = *was;
	if (!was->usb_path[0])
		return;
	list = list_hardware(roots, &count);
	for (int i = 0; i < count; i++)
		if (list[i].usb_path[0] && strcmp(list[i].usb_path, was->usb_path) != 0 && !is_beside(s, &list[i]))
			add_beside(s, &list[i]);
	free(list);
}

void find_foreign(struct module_search *s, const char *usb_path)
{
	add(s->foreign, &s->foreign_count, FIND_FOREIGN, usb_path);
}

/* What is unplugged may come back as another. */
static void forget_gone(struct module_search *s, const struct port_info *list, int count)
{
	size_t kept = 0;

	for (size_t k = 0; k < s->foreign_count; k++) {
		bool there = false;

		for (int i = 0; i < count; i++)
			there |= strcmp(list[i].usb_path, s->foreign[k]) == 0;
		if (there && kept != k)
			memcpy(s->foreign[kept], s->foreign[k], sizeof(s->foreign[k]));
		kept += there;
	}
	s->foreign_count = kept;
}

/* Is P a port like the module's? One without a serial number is like another
 * only by its ids. */
static bool is_alike(const struct port_info *p, const struct port_info *was)
{
	bool ids_known = was->usb_vid > 0;

	if (p->usb_interface != was->usb_interface || strcmp(p->serial, was->serial) != 0)
		return false;
	if (ids_known && (p->usb_vid != was->usb_vid || p->usb_pid != was->usb_pid))
		return false;
	return ids_known || was->serial[0];
}

static bool is_candidate(struct module_search *s, const struct port_info *p)
{
	return p->usb_path[0] && !is_beside(s, p) &&
		!is_among(s->foreign, s->foreign_count, p->usb_path);
}

bool find_module(struct module_search *s, const struct port_roots *roots, const char *given,
		 char *out, size_t out_size)
{
	struct port_info *list;
	int count, found = -1;

	if (!s->was.usb_path[0]) {
		snprintf(out, out_size, "%s", given);
		return true;
	}
	list = list_hardware(roots, &count);
	forget_gone(s, list, count);
	for (int i = 0; i < count; i++) {
		bool own = strcmp(list[i].usb_path, s->was.usb_path) == 0 &&
			list[i].usb_interface == s->was.usb_interface;

		if (is_candidate(s, &list[i]) && (own || (found < 0 && is_alike(&list[i], &s->was))))
			found = i;
		if (own && found == i)
			break;
	}
	if (found >= 0)
		snprintf(out, out_size, "%s", list[found].path);
	free(list);
	return found >= 0;
}

bool find_at_port(const struct port_roots *roots, const struct port_info *of, char *out, size_t out_size)
{
	struct port_info *list;
	int count;

	out[0] = '\0';
	if (!of->usb_path[0] || of->likely_at || profile_at_interface(of->usb_vid, of->usb_pid) < 0)
		return false;
	list = list_hardware(roots, &count);
	for (int i = 0; i < count; i++)
		if (list[i].likely_at && strcmp(list[i].usb_path, of->usb_path) == 0)
			snprintf(out, out_size, "%s", list[i].path);
	free(list);
	return true;
}

size_t find_likely(const struct port_roots *roots, struct port_info *out, size_t max)
{
	struct port_info *list = calloc(PORTS_MAX, sizeof(*list));
	struct err ignored;
	int count = list ? port_list(roots, list, PORTS_MAX, &ignored) : 0;
	size_t found = 0;

	for (int i = 0; i < count && found < max; i++)
		if (list[i].likely_at)
			out[found++] = list[i];
	free(list);
	return found;
}

#include "config.h"

#include "command/inspect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/count.h"
#include "base/text.h"
#include "base/version.h"
#include "base/words.h"
#include "command/console.h"
#include "command/simulate.h"
#include "modem/find.h"
#include "modem/port.h"
#include "package/package.h"
#include "protocol/profile.h"
#include "record/event_json.h"
#include "worker.h"

int inspect_ports(const struct options *o, struct err *e)
{
	struct event ev = {.type = EVENT_PORT};
	struct port_info *list = calloc(PORTS_MAX, sizeof(*list));
	char text[2 * TEXT_SIZE], usb[64], holder[sizeof(list[0].holder) + 48];
	int count = list ? port_list(NULL, list, PORTS_MAX, e) : err_fail(e, MSG_NO_MEMORY, "what=%s", "ports");

	if (count == 0 && !o->json)
		puts(_("no serial ports"));
	for (int i = 0; i < count; i++) {
		const struct port_info *p = &list[i];

		ev.port.count = (size_t)count;
		ev.port.index = (size_t)i;
		ev.port.info = *p;
		if (o->json) {
			event_json_print(stdout, &ev, NULL);
			continue;
		}
		usb[0] = '\0';
		if (p->usb_vid >= 0)
			snprintf(usb, sizeof(usb), _(" %04x:%04x interface %d"), (unsigned)p->usb_vid, (unsigned)p->usb_pid,
				 p->usb_interface);
		if (p->holder[0])
			snprintf(holder, sizeof(holder), _("  held by %s"), p->holder);
		text_print(stdout, "%-16s %-3s %-28s%s%s", p->path, p->likely_at ? "AT" : "", p->description, usb,
			   p->holder[0] ? holder : "");
		if (p->problem.id != MSG_NONE)
			text_print(stdout, "                     %s", message_advice(&p->problem, FOR_CONSOLE, text, sizeof(text)));
	}
	free(list);
	return count < 0 ? -1 : 0;
}

/* How sure it is, in words. */
static const char *sure_words(enum profile_sure sure)
{
	static const char *const words[SURE_COUNT] = {
		[SURE_DOCUMENTED] = N_("documented"), [SURE_CODE] = N_("from working code or logs"), [SURE_ASSUMED] = N_("assumed"),
	};

	return _(words[sure]);
}

void inspect_profiles(void)
{
	const struct profile *p;

	puts(_("None of them was tried on a real module."));
	for (size_t i = 0; (p = profile_row(i)); i++) {
		char models[256] = "", schemes[32];
		size_t used = 0;

		for (const char *const *m = p->models; *m && used < sizeof(models); m++)
			used += (size_t)snprintf(models + used, sizeof(models) - used, " %s", *m);
		snprintf(schemes, sizeof(schemes), "http%s%s", p->url.https ? ", https" : "", p->url.no_ftp ? "" : ", ftp");
		text_print(stdout, "%s:%s", p->name, models);
		text_print(stdout, _("  the module downloads (%s): %s (%s)"), schemes, p->pull_command, sure_words(p->pull_sure));
		if (p->serial == SERIAL_NONE)
			puts(_("  over the serial port: not known"));
		else
			text_print(stdout, _("  over the serial port: %s%s%s (%s)"), p->com_command,
				   p->start_command ? ", " : "", p->start_command ? p->start_command : "",
				   sure_words(p->serial_sure));
		text_print(stdout, p->end_borrowed ? _("  codes of the installation: of %s, borrowed") :
			   _("  codes of the installation: of %s"), p->end_family);
		text_print(stdout, _("  from: %s"), p->source);
	}
}

int inspect_choose_port(struct options *o, struct err *e)
{
	const char *command = command_info(o->command)->name;
	struct port_info list[8];
	struct message chosen;
	char text[2 * TEXT_SIZE] = "";
	size_t count = find_likely(NULL, list, COUNT(list)), used = 0;

	if (count == 0)
		return err_fail(e, MSG_PORT_NOT_NAMED, "command=%s", command);
	if (count == 1) {
		snprintf(o->plan.port, sizeof(o->plan.port), "%s", list[0].path);
		message_set(&chosen, MSG_PORT_CHOSEN, "port=%s description=%s", list[0].path, list[0].description);
		fprintf(stderr, "dfota: %s\n", message_text(&chosen, FOR_CONSOLE, text, sizeof(text)));
		return 0;
	}
	for (size_t i = 0; i < count; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s", i ? ", " : "", list[i].path);
	return err_fail(e, MSG_PORTS_LIKELY, "command=%s ports=%s", command, text);
}

/* Ask the module, perhaps the simulated one, who it is. */
static int identify(struct options *o, int signal_fd, struct identity *id,
		    struct err *e)
{
	const struct worker_config config = {.record = ""};
	struct demo *demo = NULL;
	struct worker *w;
	int r = -1;

	if (o->demo && !(demo = demo_start(o, e)))
		return -1;
	w = worker_start(&config, e);
	if (w)
		r = console_identify(w, &o->plan, signal_fd, id, e);
	worker_stop(w);
	demo_stop(demo);
	return r;
}

/* protocol.md 10: a package is made by the vendor for one pair of versions. */
int inspect_request(struct options *o, int signal_fd, struct err *e)
{
	struct identity id;

	if (identify(o, signal_fd, &id, e) < 0)
		return -1;
	puts("Request for a DFOTA delta package\n");
	text_print(stdout, "Module:             %s %s", id.maker, id.model);
	text_print(stdout, "Firmware now:       %s", id.version);
	text_print(stdout, "Firmware wanted:    %s", o->to);
	puts("Hardware revision:  (from the label: no AT command reports it)");
	text_print(stdout, "IMEI of one module: %s", id.imei[0] ? id.imei : "(not reported)");
	printf("\nPlease make the delta package for exactly this pair of versions%s.\n",
	       version_older(o->to, id.version) ? " (a downgrade)" : "");
	return 0;
}

static int fill_manifest(struct manifest *m, const char *model, const char *from,
			 const char *to, const struct package *p, struct err *e)
{
	const struct { const char *key, *value; char *field; size_t size; } fields[] = {
		{"model", model, m->model, sizeof(m->model)},
		{"from", from, m->from, sizeof(m->from)},
		{"to", to, m->to, sizeof(m->to)},
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if ((size_t)snprintf(fields[i].field, fields[i].size, "%s", fields[i].value) >= fields[i].size)
			return err_fail(e, MSG_MANIFEST_FIELD_LONG, "option=%s most=%zu", fields[i].key, fields[i].size - 1);
	m->size = package_size(p);
	snprintf(m->sha256, sizeof(m->sha256), "%s", package_sha256(p));
	return 0;
}

static int make_manifest(struct options *o, int signal_fd, const struct package *p,
			 const char *path, struct manifest *m, struct err *e)
{
	struct identity id;
	int r;

	if (!o->to)
		return manifest_read(path, m, e) < 0 ? -1 : package_check_manifest(p, m, e);
	if (o->model)
		r = fill_manifest(m, o->model, o->from, o->to, p, e);
	else if (identify(o, signal_fd, &id, e) == 0)
		r = fill_manifest(m, id.model, id.version, o->to, p, e);
	else
		return -1;
	if (r < 0)
		return -1;
	return manifest_write(path, m, e);
}

int inspect_manifest(struct options *o, int signal_fd, struct err *e)
{
	struct manifest m = {0};
	char path[FILE_SIZE + 16];
	struct package *p = package_open(o->words[0], profile_default()->package_max, e);
	int r = -1;

	if (!p)
		return -1;
	if (look_refuse(package_look(p), package_name(p), e) == 0 &&
	    manifest_path(path, sizeof(path), o->words[0], e) == 0)
		r = make_manifest(o, signal_fd, p, path, &m, e);
	if (r == 0)
		text_print(stdout, "%s: %s, %s -> %s, %llu B, sha256 %s", path, m.model, m.from, m.to,
			   (unsigned long long)m.size, m.sha256);
	package_close(p);
	return r;
}

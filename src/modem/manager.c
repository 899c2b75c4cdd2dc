#include "config.h"

#include "modem/manager.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#ifdef HAVE_SDBUS
#include <systemd/sd-bus.h>
#endif

#include "base/address.h"
#include "base/count.h"
#include "modem/port_state.h"

#define PROGRAM "ModemManager"

/* What came of a question. */
enum said {
	SAID_YES,
	SAID_NOT_ITS,		/* it has nothing to do with the device */
	SAID_NOT_READY,		/* it is still looking at the device, or gave up on it */
	SAID_BY_ANOTHER,	/* another program keeps it off already */
	SAID_FORBIDDEN,
	SAID_NO,		/* for another reason, in its own words */
	SAID_NOTHING,		/* no answer in time */
	SAID_UNREACHED,		/* no bus, not on it, or built without */
	SAID_STOPPED,		/* an interrupt came */
};

/* The device that is to be left alone. */
struct target {
	const char *port;	/* as the user calls it */
	const char *tty;	/* as the kernel does: "ttyACM3" */
	char uid[PATH_MAX];	/* of the device, for ModemManager; "": not known */
	bool met;		/* it answered: it runs, whatever processes can be seen */
	bool listed;		/* its modem is on the bus */
	char reason[256];	/* of SAID_NO */
};

static void say(const struct manager_listener *to, enum severity severity, const struct message *m)
{
	to->say(to->ctx, severity, m);
}

/* What is to be told of SAID, a failure; nothing where nothing stands in the way. */
static void say_failure(const struct target *t, enum said said, const struct manager_listener *to)
{
	enum severity severity = t->listed ? SEVERITY_WARNING : SEVERITY_INFO;
	struct message m = {.id = MSG_NONE};

	switch (said) {
	case SAID_BY_ANOTHER:
		message_set(&m, MSG_MANAGER_OFF_ALREADY, "port=%s", t->port);
		severity = SEVERITY_INFO;
		break;
	case SAID_FORBIDDEN:
		message_set(&m, MSG_MANAGER_FORBIDDEN, "port=%s", t->port);
		break;
	case SAID_NOT_READY:
		message_set(&m, MSG_MANAGER_NOT_READY, "port=%s", t->port);
		severity = SEVERITY_WARNING;
		break;
	case SAID_NO:
		message_set(&m, MSG_MANAGER_REFUSES, "port=%s reason=%s", t->port, t->reason);
		break;
	case SAID_NOTHING:
		message_set(&m, MSG_MANAGER_SILENT, "port=%s", t->port);
		severity = SEVERITY_WARNING;
		break;
	case SAID_UNREACHED:
		message_set(&m, MSG_MANAGER_UNREACHED, "port=%s", t->port);
		severity = SEVERITY_WARNING;
		break;
	case SAID_YES:
	case SAID_NOT_ITS:
	case SAID_STOPPED:
		return;
	}
	say(to, severity, &m);
}

#ifdef HAVE_SDBUS

#define SERVICE "org.freedesktop.ModemManager1"
#define OBJECT "/org/freedesktop/ModemManager1"
#define FAILED SERVICE ".Error.Core."

/* A daemon on the same computer answers at once, on one that is overloaded within
 * seconds; a bus that hangs must not keep an upgrade from its start. */
#define LOOK_MS 5000
/* Before it answers it hangs up and disables the modem: some AT commands, each of
 * which it gives 3 to 10 s. */
#define HOLD_MS 30000
/* So long it may look at a module that was just plugged in: three tries of 3 s at
 * a port that speaks AT, and some questions. */
#define READY_MS 15000
#define ASK_AGAIN_MS 1000
/* Only for manners: when the connection closes it lets go as well. */
#define RELEASE_MS 2000

struct manager {
	struct port *port;
	sd_bus *bus;
	char path[FILE_SIZE], uid[PATH_MAX];
};

bool manager_reachable(void)
{
	return true;
}

static int keep_answer(sd_bus_message *answer, void *ctx, sd_bus_error *unused)
{
	sd_bus_message **out = ctx;

	(void)unused;
	*out = sd_bus_message_ref(answer);
	return 1;
}

/* Let the bus work until *ANSWER is there, at most LIMIT_MS. Ours are the limits
 * and the poll: sd-bus' own would wait for a bus that hangs, and for no interrupt. */
static enum said await(struct manager *m, sd_bus_message **answer, int64_t limit_ms)
{
	int64_t end_ms = clock_now_ms(m->port->clock) + limit_ms;
	struct err e;

	while (!*answer) {
		int worked = sd_bus_process(m->bus, NULL);
		int events = sd_bus_get_events(m->bus);

		if (worked < 0 || (!*answer && events < 0))
			return SAID_UNREACHED;
		if (*answer)
			break;
		if (clock_now_ms(m->port->clock) >= end_ms)
			return SAID_NOTHING;
		if (worked == 0 && port_wait_on(m->port, sd_bus_get_fd(m->bus), (short)events, end_ms, &e) < 0)
			return SAID_STOPPED;
	}
	return SAID_YES;
}

/* What the error ANSWER means; T gets its words. */
static enum said judge_error(struct target *t, sd_bus_message *answer)
{
	static const struct {
		const char *name;
		enum said said;
	} rows[] = {
		{"org.freedesktop.DBus.Error.ServiceUnknown", SAID_UNREACHED},
		{"org.freedesktop.DBus.Error.NameHasNoOwner", SAID_UNREACHED},
		{"org.freedesktop.DBus.Error.AccessDenied", SAID_FORBIDDEN},
		{FAILED "Unauthorized", SAID_FORBIDDEN},
		{FAILED "NotFound", SAID_NOT_ITS},
		{FAILED "WrongState", SAID_NOT_READY},
		{FAILED "InProgress", SAID_BY_ANOTHER},
	};
	const sd_bus_error *error = sd_bus_message_get_error(answer);

	for (size_t i = 0; i < COUNT(rows); i++)
		if (sd_bus_error_has_name(error, rows[i].name))
			return rows[i].said;
	snprintf(t->reason, sizeof(t->reason), "%s", error && error->message ? error->message : "");
	return SAID_NO;
}

/* Send CALL, which is ours to drop, and wait for the answer, *ANSWER on SAID_YES.
 * A ModemManager that does not run is not started for this. */
static enum said ask(struct manager *m, struct target *t, sd_bus_message *call, int64_t limit_ms,
		     sd_bus_message **answer)
{
	sd_bus_slot *slot = NULL;
	enum said said = SAID_UNREACHED;

	*answer = NULL;
	if (call && sd_bus_message_set_auto_start(call, 0) >= 0 &&
	    sd_bus_call_async(m->bus, &slot, call, keep_answer, answer, UINT64_MAX) >= 0)
		said = await(m, answer, limit_ms);
	sd_bus_slot_unref(slot);
	sd_bus_message_unref(call);
	if (said == SAID_YES && sd_bus_message_is_method_error(*answer, NULL)) {
		said = judge_error(t, *answer);
		*answer = sd_bus_message_unref(*answer);
	}
	return said;
}

static sd_bus_message *new_call(struct manager *m, const char *interface, const char *method)
{
	sd_bus_message *call = NULL;

	return sd_bus_message_new_method_call(m->bus, &call, SERVICE, OBJECT, interface, method) < 0 ? NULL : call;
}

static enum said inhibit(struct manager *m, struct target *t, bool on, int64_t limit_ms)
{
	sd_bus_message *answer, *call = new_call(m, SERVICE, "InhibitDevice");
	enum said said;

	if (call && sd_bus_message_append(call, "sb", t->uid, on) < 0)
		call = sd_bus_message_unref(call);
	said = ask(m, t, call, limit_ms, &answer);
	sd_bus_message_unref(answer);
	return said;
}

/* At a variant: is TTY among the ports, an array of names and kinds? -1: damaged. */
static int has_port(sd_bus_message *m, const char *tty)
{
	const char *name;
	uint32_t kind;
	int found = 0, r;

	if (sd_bus_message_enter_container(m, 'v', "a(su)") < 0 || sd_bus_message_enter_container(m, 'a', "(su)") < 0)
		return -1;
	while ((r = sd_bus_message_read(m, "(su)", &name, &kind)) > 0)
		found |= strcmp(name, tty) == 0;
	return r < 0 || sd_bus_message_exit_container(m) < 0 || sd_bus_message_exit_container(m) < 0 ? -1 : found;
}

/* At the properties of a modem: where it is the one of T, its uid goes there. */
static int read_modem(sd_bus_message *m, struct target *t)
{
	const char *name, *uid = "";
	int ours = 0, r;

	if (sd_bus_message_enter_container(m, 'a', "{sv}") < 0)
		return -1;
	while ((r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
		r = sd_bus_message_read(m, "s", &name);
		if (r >= 0 && strcmp(name, "Device") == 0)
			r = sd_bus_message_read(m, "v", "s", &uid);
		else if (r >= 0 && strcmp(name, "Ports") == 0)
			r = ours = has_port(m, t->tty);
		else if (r >= 0)
			r = sd_bus_message_skip(m, "v");
		if (r < 0 || sd_bus_message_exit_container(m) < 0)
			return -1;
	}
	if (ours > 0 && uid[0])
		t->listed = path_join(t->uid, sizeof(t->uid), "%s", uid);
	return r < 0 ? r : sd_bus_message_exit_container(m);
}

/* At the interfaces of an object. */
static int read_object(sd_bus_message *m, struct target *t)
{
	const char *name;
	int r;

	if (sd_bus_message_skip(m, "o") < 0 || sd_bus_message_enter_container(m, 'a', "{sa{sv}}") < 0)
		return -1;
	while ((r = sd_bus_message_enter_container(m, 'e', "sa{sv}")) > 0) {
		r = sd_bus_message_read(m, "s", &name);
		if (r >= 0)
			r = strcmp(name, SERVICE ".Modem") == 0 ? read_modem(m, t) : sd_bus_message_skip(m, "a{sv}");
		if (r < 0 || sd_bus_message_exit_container(m) < 0)
			return -1;
	}
	return r < 0 ? r : sd_bus_message_exit_container(m);
}

/* Look for the modem of T among those on the bus. */
static enum said look(struct manager *m, struct target *t)
{
	sd_bus_message *answer, *call = new_call(m, "org.freedesktop.DBus.ObjectManager", "GetManagedObjects");
	enum said said = ask(m, t, call, LOOK_MS, &answer);

	if (said != SAID_YES)
		return said;
	t->met = true;
	if (sd_bus_message_enter_container(answer, 'a', "{oa{sa{sv}}}") >= 0)
		while (sd_bus_message_enter_container(answer, 'e', "oa{sa{sv}}") > 0)
			if (read_object(answer, t) < 0 || sd_bus_message_exit_container(answer) < 0)
				break;
	sd_bus_message_unref(answer);
	return SAID_YES;
}

static enum said keep_off(struct manager *m, struct target *t, const struct manager_listener *to)
{
	int64_t now_ms = clock_now_ms(m->port->clock), end_ms = now_ms + READY_MS;
	bool waits = false;
	struct message notice;
	enum said said;
	struct err e;

	if (sd_bus_open_system(&m->bus) < 0)
		return SAID_UNREACHED;
	for (;; now_ms = clock_now_ms(m->port->clock)) {
		said = look(m, t);
		if (said != SAID_YES)
			return said;
		if (!t->uid[0])
			return SAID_NOT_ITS;
		said = inhibit(m, t, true, HOLD_MS);
		if (said != SAID_NOT_READY || now_ms >= end_ms)
			return said;
		message_set(&notice, MSG_MANAGER_WAIT, "port=%s seconds=%d", t->port, READY_MS / 1000);
		if (!waits)
			say(to, SEVERITY_INFO, &notice);
		waits = true;
		if (port_wait_on(m->port, -1, 0, now_ms + ASK_AGAIN_MS, &e) < 0)
			return SAID_STOPPED;
	}
}

static void drop(struct manager *m)
{
	sd_bus_close_unref(m->bus);	/* without a flush, which would wait */
	free(m);
}

static struct manager *hold(struct port *p, struct target *t, const struct manager_listener *to, enum said *said)
{
	struct manager *m = calloc(1, sizeof(*m));

	*said = SAID_UNREACHED;
	if (!m)
		return NULL;
	m->port = p;
	*said = keep_off(m, t, to);
	if (*said == SAID_YES) {
		snprintf(m->path, sizeof(m->path), "%s", t->port);
		memcpy(m->uid, t->uid, sizeof(m->uid));
		return m;
	}
	drop(m);
	return NULL;
}

void manager_release(struct manager *m, const struct manager_listener *to)
{
	struct target t = {.port = ""};
	struct message lost;
	enum said said;

	if (!m)
		return;
	memcpy(t.uid, m->uid, sizeof(t.uid));
	said = inhibit(m, &t, false, RELEASE_MS);
	message_set(&lost, MSG_MANAGER_LOST, "port=%s", m->path);
	if (said == SAID_NOT_ITS || said == SAID_UNREACHED)
		say(to, SEVERITY_INFO, &lost);
	drop(m);
}

#else

bool manager_reachable(void)
{
	return false;
}

static struct manager *hold(struct port *p, struct target *t, const struct manager_listener *to, enum said *said)
{
	(void)p;
	(void)t;
	(void)to;
	*said = SAID_UNREACHED;
	return NULL;
}

void manager_release(struct manager *m, const struct manager_listener *to)
{
	(void)m;
	(void)to;
}

#endif

/* The USB device of PATH, as ModemManager calls it: its directory in sysfs. */
static void find_device(const struct places *w, const char *path, char uid[PATH_MAX])
{
	char link[PLACE_SIZE + 100];
	struct port_info info;

	if (!port_find_sysfs(w, path, &info) || !info.usb_path[0] ||
	    !path_join(link, sizeof(link), "%s/bus/usb/devices/%s", w->sys, info.usb_path) || !realpath(link, uid))
		uid[0] = '\0';
}

struct manager *manager_hold(struct port *p, const char *path, const struct manager_listener *to)
{
	struct target t = {.port = path};
	char device[PATH_MAX];
	struct manager *held;
	struct message m;
	struct stat node;
	enum said said;
	struct err e;

	if (address_of_port(path) || port_resolve(&p->places, path, device, &node, &e) < 0)
		return NULL;
	t.tty = device + (strncmp(device, "/dev/", 5) == 0 ? 5 : 0);
	find_device(&p->places, path, t.uid);
	held = hold(p, &t, to, &said);
	if (held) {
		message_set(&m, MSG_MANAGER_OFF, "port=%s", path);
		say(to, SEVERITY_INFO, &m);
	} else if ((t.met || process_named(&p->places, PROGRAM)) && (t.listed || !node_is_pty(&node))) {
		say_failure(&t, said, to);
	}
	return held;
}

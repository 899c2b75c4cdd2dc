#include "config.h"

#include "modem/manager.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/count.h"
#include "modem/port_state.h"
#ifdef HAVE_SDBUS
#include "modem/sdbus.h"
#endif

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
};

/* The device that is to be left alone. */
struct target {
	char port[FILE_SIZE];	/* as the user calls it */
	char tty[FILE_SIZE];	/* as the kernel does: "ttyACM3" */
	char uid[PATH_MAX];	/* of the device, for ModemManager; "": not known */
	bool pty;		/* ModemManager never opens one, but for a test */
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

	if (!t->met || (t->pty && !t->listed))
		return;
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
		return;
	}
	say(to, severity, &m);
}

#ifdef HAVE_SDBUS

#define SERVICE "org.freedesktop.ModemManager1"
#define OBJECT "/org/freedesktop/ModemManager1"
#define OBJECTS "org.freedesktop.DBus.ObjectManager"
#define FAILED SERVICE ".Error.Core."
#define OWNER_CHANGED \
	"type='signal',sender='org.freedesktop.DBus',interface='org.freedesktop.DBus',member='NameOwnerChanged',arg0='" SERVICE "'"
#define MODEM_ADDED "type='signal',sender='" SERVICE "',interface='" OBJECTS "',member='InterfacesAdded'"

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

/* So much of what the bus brings is looked at at a time: a port waits beside it. */
#define WORK_STEPS 64

enum state {
	RESTS,		/* nothing to be done until the bus tells something */
	LOOKS,		/* asked for the modems on the bus */
	ASKS,		/* asked to be kept off */
	PAUSES,		/* was asked too early: asks again at due_ms */
	HOLDS,
};

struct manager {
	struct port *port;
	struct manager_listener to;
	struct target target;
	sd_bus *bus;
	sd_bus_slot *call;	/* under way; NULL: none */
	enum state state;
	enum said said;		/* what came of it last */
	int64_t due_ms;		/* of an answer, or to ask again */
	int64_t ready_ms;	/* it may look at the module until then */
	bool waits;		/* and that was said */
};

bool manager_reachable(void)
{
	return sdbus_load();
}

/* What the error ANSWER means; T gets its words. */
static enum said judge(struct target *t, sd_bus_message *answer)
{
	static const struct {
		const char *name;
		enum said said;
	} rows[] = {
		{"org.freedesktop.DBus.Error.ServiceUnknown", SAID_UNREACHED},
		{"org.freedesktop.DBus.Error.NameHasNoOwner", SAID_UNREACHED},
		{"org.freedesktop.DBus.Error.AccessDenied", SAID_FORBIDDEN},
		{"org.freedesktop.DBus.Error.NoReply", SAID_NOTHING},
		{FAILED "Unauthorized", SAID_FORBIDDEN},
		{FAILED "NotFound", SAID_NOT_ITS},
		{FAILED "WrongState", SAID_NOT_READY},
		{FAILED "InProgress", SAID_BY_ANOTHER},
	};
	const sd_bus_error *error = sd_bus_message_get_error(answer);

	if (!sd_bus_message_is_method_error(answer, NULL))
		return SAID_YES;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (sd_bus_error_has_name(error, rows[i].name))
			return rows[i].said;
	snprintf(t->reason, sizeof(t->reason), "%s", error && error->message ? error->message : "");
	return SAID_NO;
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
	/* a module that came back may have another name; what ModemManager called it stays */
	ours = t->listed ? strcmp(uid, t->uid) == 0 : ours > 0 || (t->uid[0] && strcmp(uid, t->uid) == 0);
	if (ours && uid[0])
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

/* At the answer with all objects: look for the modem of T. */
static void read_objects(sd_bus_message *answer, struct target *t)
{
	t->met = true;
	if (sd_bus_message_enter_container(answer, 'a', "{oa{sa{sv}}}") >= 0)
		while (sd_bus_message_enter_container(answer, 'e', "oa{sa{sv}}") > 0)
			if (read_object(answer, t) < 0 || sd_bus_message_exit_container(answer) < 0)
				break;
}

/* Nothing of ours is under way. */
static bool settled(const struct manager *m)
{
	return m->state == RESTS || m->state == HOLDS;
}

static void stop_asking(struct manager *m)
{
	m->call = sd_bus_slot_unref(m->call);
	m->state = RESTS;
}

/* It has come to something, which is said where it is another than before. */
static void settle(struct manager *m, enum said said)
{
	enum said before = m->said;
	struct message off;

	stop_asking(m);
	m->said = said;
	if (said == SAID_YES) {
		m->state = HOLDS;
		message_set(&off, MSG_MANAGER_OFF, "port=%s", m->target.port);
		say(&m->to, SEVERITY_INFO, &off);
	} else if (said != before) {
		say_failure(&m->target, said, &m->to);
	}
}

/* Send CALL, which is ours to drop; DONE gets the answer. A ModemManager that does
 * not run is not started for this. */
static void send(struct manager *m, sd_bus_message *call, sd_bus_message_handler_t done, enum state state, int64_t limit_ms)
{
	stop_asking(m);
	m->state = state;
	m->due_ms = clock_now_ms(m->port->clock) + limit_ms;
	if (!call || sd_bus_message_set_auto_start(call, 0) < 0 ||
	    sd_bus_call_async(m->bus, &m->call, call, done, m, UINT64_MAX) < 0)
		settle(m, SAID_UNREACHED);
	sd_bus_message_unref(call);
}

static sd_bus_message *new_call(struct manager *m, const char *interface, const char *method)
{
	sd_bus_message *call = NULL;

	return sd_bus_message_new_method_call(m->bus, &call, SERVICE, OBJECT, interface, method) < 0 ? NULL : call;
}

static void inhibit(struct manager *m, bool on, sd_bus_message_handler_t done, enum state state, int64_t limit_ms)
{
	sd_bus_message *call = new_call(m, SERVICE, "InhibitDevice");

	if (call && sd_bus_message_append(call, "sb", m->target.uid, on) < 0)
		call = sd_bus_message_unref(call);
	send(m, call, done, state, limit_ms);
}

static int on_inhibited(sd_bus_message *answer, void *ctx, sd_bus_error *unused)
{
	struct manager *m = ctx;
	enum said said = judge(&m->target, answer);
	int64_t now_ms = clock_now_ms(m->port->clock);
	struct message notice;

	(void)unused;
	if (said != SAID_NOT_READY || now_ms >= m->ready_ms) {
		settle(m, said);
		return 1;
	}
	stop_asking(m);
	m->state = PAUSES;
	m->due_ms = now_ms + ASK_AGAIN_MS;
	message_set(&notice, MSG_MANAGER_WAIT, "port=%s seconds=%d", m->target.port, READY_MS / 1000);
	if (!m->waits)
		say(&m->to, SEVERITY_INFO, &notice);
	m->waits = true;
	return 1;
}

static int on_objects(sd_bus_message *answer, void *ctx, sd_bus_error *unused)
{
	struct manager *m = ctx;
	enum said said = judge(&m->target, answer);

	(void)unused;
	if (said == SAID_YES)
		read_objects(answer, &m->target);
	if (said != SAID_YES || !m->target.uid[0])
		settle(m, said != SAID_YES ? said : SAID_NOT_ITS);
	else
		inhibit(m, true, on_inhibited, ASKS, HOLD_MS);
	return 1;
}

static void look(struct manager *m)
{
	send(m, new_call(m, OBJECTS, "GetManagedObjects"), on_objects, LOOKS, LOOK_MS);
}

/* From now on it may be busy with the module for its time. */
static void look_anew(struct manager *m)
{
	m->ready_ms = clock_now_ms(m->port->clock) + READY_MS;
	look(m);
}

/* It was stopped, or begins, or both: with it went what it was told. */
static int on_owner(sd_bus_message *signal, void *ctx, sd_bus_error *unused)
{
	const char *name, *before, *now;
	struct manager *m = ctx;
	struct message came;

	(void)unused;
	if (sd_bus_message_read(signal, "sss", &name, &before, &now) < 0)
		return 1;
	stop_asking(m);
	if (!now[0])
		return 1;
	m->said = SAID_UNREACHED;
	m->waits = false;
	m->target.met = true;
	message_set(&came, MSG_MANAGER_CAME, "port=%s", m->target.port);
	if (m->target.listed || !m->target.pty)
		say(&m->to, SEVERITY_WARNING, &came);
	look_anew(m);
	return 1;
}

/* Perhaps the modem of our device, which it has found at last. */
static int on_added(sd_bus_message *signal, void *ctx, sd_bus_error *unused)
{
	struct manager *m = ctx;

	(void)signal;
	(void)unused;
	if (m->state == RESTS)
		look_anew(m);
	return 1;
}

static void say_lost(const struct manager *m)
{
	struct message lost;

	message_set(&lost, MSG_MANAGER_LOST, "port=%s", m->target.port);
	say(&m->to, SEVERITY_INFO, &lost);
}

/* The bus is gone, and with it what ModemManager was told. */
static void lose(struct manager *m)
{
	if (m->state == HOLDS)
		say_lost(m);
	stop_asking(m);
	m->said = SAID_UNREACHED;
	m->bus = sd_bus_close_unref(m->bus);
}

/* Do what is to be done by now, without waiting. */
static void work(void *ctx)
{
	struct manager *m = ctx;
	int worked = 1;

	if (!m->bus)
		return;
	for (int i = 0; worked > 0 && i < WORK_STEPS; i++)
		worked = sd_bus_process(m->bus, NULL);
	if (worked < 0 || sd_bus_get_events(m->bus) < 0) {
		lose(m);
	} else if (clock_now_ms(m->port->clock) >= m->due_ms) {
		if (m->state == PAUSES)
			look(m);
		else if (m->state == LOOKS || m->state == ASKS)
			settle(m, SAID_NOTHING);
	}
}

static struct port_need need(void *ctx)
{
	const struct manager *m = ctx;

	if (!m->bus)
		return (struct port_need){.fd = -1, .due_ms = INT64_MAX};
	return (struct port_need){
		.fd = sd_bus_get_fd(m->bus),
		.events = (short)sd_bus_get_events(m->bus),	/* work() has seen that it is open */
		.due_ms = settled(m) ? INT64_MAX : m->due_ms,
	};
}

/* Work until it has come to something; an interrupt leaves it for later. */
static void await(struct manager *m)
{
	struct err e;

	for (work(m); m->bus && !settled(m); work(m)) {
		struct port_need n = need(m);

		if (port_wait_on(m->port, n.fd, n.events, n.due_ms, &e) < 0)
			return;
	}
}

static bool begin(struct manager *m)
{
	if (sd_bus_open_system(&m->bus) < 0 || sd_bus_add_match_async(m->bus, NULL, OWNER_CHANGED, on_owner, NULL, m) < 0 ||
	    sd_bus_add_match_async(m->bus, NULL, MODEM_ADDED, on_added, NULL, m) < 0)
		return false;
	look_anew(m);
	return true;
}

static struct manager *watch(struct port *p, const struct target *t, const struct manager_listener *to)
{
	struct manager *m;

	if (!sdbus_load()) {
		say_failure(t, SAID_UNREACHED, to);
		return NULL;
	}
	m = calloc(1, sizeof(*m));
	if (!m)
		return NULL;
	m->port = p;
	m->to = *to;
	m->target = *t;
	m->said = SAID_NOT_ITS;
	if (!begin(m))
		settle(m, SAID_UNREACHED);
	await(m);
	port_share_waits(p, &(struct port_companion){need, work, m});
	return m;
}

static int on_released(sd_bus_message *answer, void *ctx, sd_bus_error *unused)
{
	struct manager *m = ctx;

	(void)unused;
	stop_asking(m);
	m->said = judge(&m->target, answer);
	return 1;
}

void manager_release(struct manager *m)
{
	if (!m)
		return;
	port_share_waits(m->port, NULL);
	work(m);
	if (m->state == HOLDS) {
		m->target.met = false;	/* of what goes wrong now nothing follows */
		m->said = SAID_NOTHING;
		inhibit(m, false, on_released, ASKS, RELEASE_MS);
		await(m);
		if (m->said == SAID_NOT_ITS || m->said == SAID_UNREACHED)
			say_lost(m);
	}
	sd_bus_slot_unref(m->call);
	sd_bus_close_unref(m->bus);	/* without a flush, which would wait */
	free(m);
}

#else

bool manager_reachable(void)
{
	return false;
}

static struct manager *watch(struct port *p, const struct target *t, const struct manager_listener *to)
{
	(void)p;
	say_failure(t, SAID_UNREACHED, to);
	return NULL;
}

void manager_release(struct manager *m)
{
	(void)m;
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
	struct target t = {.met = false};
	char device[PATH_MAX];
	struct stat node;
	struct err e;

	if (address_of_port(path) || port_resolve(&p->places, path, device, &node, &e) < 0)
		return NULL;
	snprintf(t.port, sizeof(t.port), "%s", path);
	snprintf(t.tty, sizeof(t.tty), "%s", device + (strncmp(device, "/dev/", 5) == 0 ? 5 : 0));
	t.pty = node_is_pty(&node);
	t.met = process_named(&p->places, PROGRAM);
	find_device(&p->places, path, t.uid);
	return watch(p, &t, to);
}

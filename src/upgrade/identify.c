#include "config.h"

#include "upgrade/steps.h"

#include <stdio.h>
#include <string.h>

#include "modem/identity.h"
#include "protocol/who.h"
#include "upgrade/open.h"
#include "upgrade/routes.h"
#include "upgrade/tell.h"

/* Bounded (faults.md A23, B21): all rates, which takes 11 s where a server is asked for each, and
 * the one that was given again, at which a module that was booting answers by then. */
#define SYNC_LIMIT_MS 15000
/* A module that has just been switched on says who it is as soon as it is
 * ready: RDY comes within 10 s (protocol.md 4.2, UG96 cold boot). */
#define READY_LIMIT_MS 10000

/* What is in doubt is said while there is a choice. */
static void report_doubt(struct upgrade *u, const struct identity_doubt *doubt)
{
	if (doubt->version[0])
		upgrade_found(u, MSG_VERSIONS_DISAGREE, "ati=%s version=%s", doubt->version, u->identity.version);
}

static int refuse_imei(const struct upgrade *u, const struct identity_doubt *doubt, struct err *e)
{
	if (u->identity.imei[0])
		return 0;
	if (doubt->imei[0])
		return err_fail(e, MSG_IMEI_WRONG, "text=%s", doubt->imei);
	return err_fail(e, MSG_IMEI_NOT_REPORTED, "");
}

/* The right module, but not its AT port (faults.md A46): AT is the one to use,
 * "" where it is not there. E is what came of asking this one. */
static int refuse_interface(const struct upgrade *u, const char *at, struct err *e)
{
	const char *port = u->plan.port;

	if (e->code == ERR_GONE || e->code == ERR_CANCELLED)
		return -1;
	return at[0] ? err_fail(e, MSG_WRONG_INTERFACE, "port=%s at=%s", port, at) :
		err_fail(e, MSG_NO_AT_PORT, "port=%s interface=%d", port,
			 profile_at_interface(u->device.usb_vid, u->device.usb_pid));
}

/* Until it answers. */
static int sync(struct upgrade *u, int *baud, struct err *e)
{
	char at[FILE_SIZE];
	bool wrong = find_at_port(u->env.roots, &u->device, at, sizeof(at));

	if (wrong && at[0])
		upgrade_report(u, MSG_NOT_THE_AT_PORT, "port=%s at=%s", u->plan.port, at);
	if (modem_sync(u->modem, link_info(port_link(u->env.port))->searches_rate, baud,
		       upgrade_now(u) + SYNC_LIMIT_MS, e) == 0)
		return 0;
	if (e->code == ERR_CANCELLED)	/* nobody waited for its answer */
		return -1;
	if (e->code == ERR_GONE && port_refused(u->env.port, e))
		return -1;
	if (wrong && refuse_interface(u, at, e) < 0)
		return -1;
	return err_doing(e, MSG_NO_MODULE, "port=%s", u->plan.port);
}

/* The way that was chosen, as this family has it. */
static int choose_route(struct upgrade *u, struct err *e)
{
	const struct route_steps *route = route_steps(u->profile->serial, u->plan.route);

	if (!route)
		return err_fail(e, MSG_NO_SERIAL_WAY, "model=%s", u->identity.model);
	u->route = route;
	return route->fits ? route->fits(u, e) : 0;
}

int upgrade_identify(struct upgrade *u, enum step *next, struct err *e)
{
	struct port_settings settings = {.baud = u->baud};
	struct event ev = {.type = EVENT_IDENTITY};
	const struct message *notice;
	struct identity_doubt doubt;
	int baud = u->baud;

	(void)next;
	if (port_open(u->env.port, u->plan.port, &settings, e) < 0)
		return -1;
	for (size_t i = 0; (notice = port_notice(u->env.port, i)); i++)
		upgrade_report_message(u, SEVERITY_INFO, notice);
	modem_reset(u->modem);
	if (sync(u, &baud, e) < 0)
		return -1;
	if (baud != u->baud)
		upgrade_report(u, MSG_OTHER_RATE, "rate=%d wanted=%d", baud, u->baud);
	u->baud = baud;
	if (modem_identify(u->modem, NULL, upgrade_now(u) + READY_LIMIT_MS, &u->identity, &doubt, e) < 0)
		return -1;
	if (u->under_way)
		return err_fail(e, MSG_INSTALLING_ALREADY, "");
	if (!u->plan.profile[0])
		u->profile = profile_by_model(u->identity.model);
	snprintf(u->identity.profile, sizeof(u->identity.profile), "%s", u->profile ? u->profile->name : "");
	snprintf(u->identity.port, sizeof(u->identity.port), "%s", u->plan.port);
	snprintf(u->identity.usb_path, sizeof(u->identity.usb_path), "%s", u->device.usb_path);
	snprintf(u->identity.serial, sizeof(u->identity.serial), "%s", u->device.serial);
	u->identity.usb_interface = u->device.usb_interface;
	snprintf(u->from, sizeof(u->from), "%s", u->identity.version);
	ev.identity = u->identity;
	text_safe_str(ev.identity.port, sizeof(ev.identity.port), u->plan.port);
	upgrade_emit(u, &ev);
	if (!u->profile) {
		u->profile = profile_default();
		if (!u->identity.model[0])
			return err_fail(e, MSG_MODEL_NOT_REPORTED, "profile=%s", u->profile->name);
		return err_fail(e, MSG_MODEL_UNKNOWN, "model=%s profile=%s", u->identity.model, u->profile->name);
	}
	u->family_known = true;
	if (!u->from[0])
		return err_fail(e, MSG_VERSION_NOT_REPORTED, "");
	if (u->plan.imei[0] && !u->identity.imei[0])
		return err_fail(e, MSG_IMEI_HIDDEN, "wanted=%s", u->plan.imei);
	if (u->plan.imei[0] && !who_same_imei(u->plan.imei, u->identity.imei))
		return err_fail(e, MSG_OTHER_IMEI, "imei=%s wanted=%s", u->identity.imei, u->plan.imei);
	report_doubt(u, &doubt);
	if (u->plan.job == JOB_PROBE)
		return 0;
	if (refuse_imei(u, &doubt, e) < 0 || choose_route(u, e) < 0)
		return -1;
	return upgrade_refuse_open(u, u->identity.imei, e);
}

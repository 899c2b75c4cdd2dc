#include "config.h"
#include "upgrade/upgrade.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/redact.h"
#include "upgrade/conclude.h"
#include "upgrade/listen.h"
#include "upgrade/steps.h"
#include "upgrade/tell.h"
#include "upgrade/open.h"
#include "upgrade/resume.h"
#include "upgrade/routes.h"

#define DEFAULT_BAUD 115200
#define DEFAULT_WATCH_S 2700	/* design 5 */
#define DEFAULT_RETURN_S 600
#define SYNC_LIMIT_MS 10000	/* faults.md A23, B21: bounded */
/* A person reads the question; a forgotten one must not stand for ever. */
#define QUESTION_LIMIT_MS (24 * 3600 * INT64_C(1000))
/* A command typed by hand may be a network one. */
#define TYPED_LIMIT_MS 30000

static int step_identify(struct upgrade *u, enum step *next, struct err *e)
{
	struct port_settings settings = {.baud = u->baud};
	struct event ev = {.type = EVENT_IDENTITY};
	const char *notice;
	int baud = u->baud;

	(void)next;
	if (port_open(u->env.port, u->plan.port, &settings, e) < 0)
		return -1;
	for (size_t i = 0; (notice = port_notice(u->env.port, i)); i++)
		upgrade_notice(u, SEVERITY_INFO, "%s", notice);
	modem_reset(u->modem);
	if (modem_sync(u->modem, !u->device.usb_path[0], &baud,
		       upgrade_now(u) + SYNC_LIMIT_MS, e) < 0)
		return err_wrap(e, "no module found on %s", u->plan.port);
	if (baud != u->baud)
		upgrade_notice(u, SEVERITY_WARNING, "the module answers at %d baud, not at %d; going on so", baud, u->baud);
	u->baud = baud;
	if (modem_identify(u->modem, &u->identity, e) < 0)
		return -1;
	if (u->seen.started)
		return err_set(e, ERR_MODULE, "the module is installing already");
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
		return err_set(e, ERR_MODULE, "%s is not a module this program knows (--profile %s if it is a relative)",
			       u->identity.model[0] ? u->identity.model : "what answers", u->profile->name);
	}
	if (!u->from[0])
		return err_set(e, ERR_MODULE, "the module does not tell its firmware version");
	if (u->plan.imei[0] && strcmp(u->plan.imei, u->identity.imei) != 0)
		return err_set(e, ERR_MODULE, "this module has the IMEI %s, not %s",
			       u->identity.imei[0] ? u->identity.imei : "(none)", u->plan.imei);
	if (u->plan.job == JOB_PROBE)
		return 0;
	if (!u->identity.imei[0])
		return err_set(e, ERR_MODULE, "the module does not tell its IMEI; it could not be recognised after the restart");
	return upgrade_refuse_open(u, u->identity.imei, e);
}

/* Ask the person; 0 on yes. */
static int ask(struct upgrade *u, struct err *e)
{
	struct event ev = {.type = EVENT_QUESTION};
	struct question *q = &ev.question;
	char command[sizeof(u->command) + 64];
	int64_t limit_ms = upgrade_now(u) + QUESTION_LIMIT_MS;
	size_t size;

	q->module = u->identity;
	snprintf(q->from, sizeof(q->from), "%s", u->from);
	snprintf(q->to, sizeof(q->to), "%s", u->to);
	q->route = u->plan.route;
	if (u->package) {
		text_safe_str(q->package, sizeof(q->package),
			      u->plan.route == ROUTE_RELAY ? u->plan.url : package_name(u->package));
		q->size = package_size(u->package);
		snprintf(q->sha256, sizeof(q->sha256), "%s", package_sha256(u->package));
	} else {
		text_safe_str(q->package, sizeof(q->package), u->plan.url);
		q->size = u->has_manifest ? u->manifest.size : 0;
		snprintf(q->sha256, sizeof(q->sha256), "%s", u->manifest.sha256);
	}
	size = redact(&u->redact[LINE_TX], command, sizeof(command), u->command, strlen(u->command));
	text_safe(q->command, sizeof(q->command), command, size);
	snprintf(q->unchecked, sizeof(q->unchecked), "%s%s%s",
		 u->has_manifest ? "" : "no manifest: whether the package fits this module and is whole was not checked",
		 !u->has_manifest && u->unchecked[0] ? "; " : "", u->unchecked);
	u->asking = true;
	u->answered = false;
	upgrade_emit(u, &ev);
	while (!u->answered && !u->cancelled && upgrade_now(u) < limit_ms) {
		struct err woken;

		if (port_pause(u->env.port, limit_ms, &woken) < 0 && !u->answered && !u->cancelled) {
			u->asking = false;
			*e = woken;
			return -1;
		}
	}
	u->asking = false;
	if (u->answered && u->yes)
		return 0;
	return err_set(e, ERR_CANCELLED, "the question was not answered with yes; nothing was sent");
}

static int step_fetch(struct upgrade *u, enum step *next, struct err *e)
{
	(void)next;
	return u->route->fetch(u, e);
}

/* The question may have stood for hours: somebody may have begun an upgrade of
 * this module through another port, and the module one by itself. */
static int look_again(struct upgrade *u, struct err *e)
{
	struct at_line line;
	int r;

	if (upgrade_refuse_open(u, u->identity.imei, e) < 0)
		return -1;
	do
		r = modem_next_line(u->modem, &line, upgrade_now(u), e);
	while (r > 0);
	return r;
}

static int step_prepare(struct upgrade *u, enum step *next, struct err *e)
{
	char command[sizeof(u->command) + 64], safe[TEXT_SIZE];
	size_t size;

	if (u->plan.job != JOB_UPGRADE) {
		upgrade_conclude(u, OUTCOME_READY, "%s, firmware %s, IMEI %s: ready for DFOTA", u->identity.model,
				 u->from, u->identity.imei[0] ? u->identity.imei : "not told");
		*next = STEP_COUNT;
		return 0;
	}
	if (u->route->prepare(u, e) < 0 || upgrade_apply_fixes(u, e) < 0)
		return -1;
	if (u->plan.dry_run) {
		size = redact(&u->redact[LINE_TX], command, sizeof(command), u->command, strlen(u->command));
		text_safe(safe, sizeof(safe), command, size);
		upgrade_notice(u, SEVERITY_INFO, "would send: %s", safe);
		upgrade_conclude(u, OUTCOME_READY, "dry run: all checks passed, nothing was sent that changes the module");
		*next = STEP_COUNT;
		return 0;
	}
	if (!u->plan.assume_yes && ask(u, e) < 0)
		return -1;
	return look_again(u, e);
}

static int step_transfer(struct upgrade *u, enum step *next, struct err *e)
{
	u->watch_end_ms = upgrade_now(u) + u->plan.watch_timeout_s * INT64_C(1000);
	u->sent_ms = upgrade_now(u);
	u->seen = (struct watched){0};
	u->sent = false;
	return u->route->transfer(u, next, e);
}

typedef int step_fn(struct upgrade *u, enum step *next, struct err *e);

static step_fn *const steps[STEP_COUNT] = {
	[STEP_IDENTIFY] = step_identify,
	[STEP_CHECK] = upgrade_check,
	[STEP_FETCH] = step_fetch,
	[STEP_PREPARE] = step_prepare,
	[STEP_TRANSFER] = step_transfer,
	[STEP_INSTALL] = upgrade_install,
	[STEP_RESTART] = upgrade_restart,
	[STEP_VERIFY] = upgrade_verify,
};

/* A step gave up: before the gate that ends the run, behind it only a detach does. */
static void stop(struct upgrade *u, struct err *e)
{
	if (u->committed && e->code == ERR_CANCELLED) {
		/* not asked: whatever code there was, that is no evidence */
		upgrade_conclude(u, OUTCOME_UNKNOWN, "%s%sdetached: the module goes on by itself; what it runs now is not known",
				 u->failure.text, u->failure.code != ERR_NONE ? "; " : "");
		return;
	}
	if (e->code == ERR_GONE)
		err_set(e, ERR_GONE, "the port vanished: %s is unplugged or the module went off", u->plan.port);
	upgrade_fail(u, e);
	upgrade_conclude(u, OUTCOME_STOPPED, "%s", u->failure.text);
}

/* Where the port is plugged in, to find it again; nothing for what is not USB. */
static void describe_device(struct upgrade *u)
{
	struct err unknown;

	if (port_describe(u->env.roots, u->plan.port, &u->device, &unknown) < 0)
		memset(&u->device, 0, sizeof(u->device));
	u->device.likely_at = u->device.usb_path[0] &&
		profile_at_interface(u->device.usb_vid, u->device.usb_pid) == u->device.usb_interface;
}

static int load(struct upgrade *u, struct err *e)
{
	if (u->plan.profile[0]) {
		u->profile = profile_by_name(u->plan.profile);
		if (!u->profile) {
			u->profile = profile_default();
			return err_set(e, ERR_USAGE, "no profile is called %s", u->plan.profile);
		}
	}
	if (u->plan.job == JOB_RESUME)
		return upgrade_take_over(u, e);
	if (u->plan.job == JOB_UPGRADE && u->route->load(u, e) < 0)
		return -1;
	describe_device(u);
	return upgrade_refuse_open(u, "", e);
}

static void run_steps(struct upgrade *u)
{
	enum step step = u->plan.job == JOB_RESUME ? STEP_RESTART : STEP_IDENTIFY;
	struct err e = {0};

	if (load(u, &e) < 0) {
		stop(u, &e);
		return;
	}
	if (u->plan.job == JOB_UPGRADE)
		upgrade_tell_package(u);
	while (step != STEP_COUNT) {
		enum step next = step + 1;

		if (step == STEP_FETCH && (u->plan.job == JOB_PROBE || !u->route->fetch)) {
			step = next;
			continue;
		}
		if (u->step != step || !u->step_open)
			upgrade_set_step(u, step);
		if (u->cancelled && !u->committed) {
			err_set(&e, ERR_CANCELLED, "cancelled; nothing was sent that could change the module");
			stop(u, &e);
			return;
		}
		if (steps[step](u, &next, &e) < 0) {
			if (!upgrade_attach(u, &e)) {
				stop(u, &e);
				return;
			}
			next = STEP_INSTALL;
		}
		step = next;
	}
}

static void tell_record(struct upgrade *u)
{
	struct event ev = {.type = EVENT_RECORD};

	text_safe_str(ev.record, sizeof(ev.record), writer_path(u->env.record));
	upgrade_emit(u, &ev);
}

static void tell_answer(struct upgrade *u, enum ask answer)
{
	struct event ev = {.type = EVENT_ANSWER};

	ev.answer = answer;
	upgrade_emit(u, &ev);
}

void upgrade_run(struct upgrade *u, struct result *result)
{
	struct event ev = {.type = EVENT_RESULT};

	if (writer_path(u->env.record)[0])
		tell_record(u);
	run_steps(u);
	if (u->result.outcome <= OUTCOME_UNCHANGED || u->result.outcome == OUTCOME_READY)
		upgrade_end_step(u);
	port_close(u->env.port);
	ev.result = u->result;
	upgrade_emit(u, &ev);
	if (result)
		*result = u->result;
}

bool upgrade_request(struct upgrade *u, const struct request *r)
{
	enum cancel meaning = u->step_open ? step_cancel(u->step, u->plan.route) : CANCEL_FREE;

	if (r->type == REQUEST_ANSWER && u->asking) {
		u->answered = true;
		u->yes = r->yes;
		tell_answer(u, r->yes ? ASK_YES : ASK_NO);
		return true;
	}
	if (r->type == REQUEST_LOST)
		tell_answer(u, ASK_LOST);
	if (r->type != REQUEST_CANCEL && r->type != REQUEST_DETACH)
		return false;
	tell_answer(u, r->type == REQUEST_CANCEL ? ASK_CANCEL : ASK_DETACH);
	if (u->stopping) {
		if (r->type == REQUEST_CANCEL)
			upgrade_notice(u, SEVERITY_INFO, "stopping already: the module is asked for its version");
		u->cancelled = u->cancelled || r->type == REQUEST_DETACH;
		return r->type == REQUEST_DETACH;
	}
	if (meaning == CANCEL_STOP && u->committed)
		meaning = CANCEL_REFUSED;
	if (meaning == CANCEL_REFUSED && r->type == REQUEST_CANCEL) {
		upgrade_notice(u, SEVERITY_WARNING, "%s", cancel_words(CANCEL_REFUSED));
		return false;
	}
	u->cancelled = true;
	return true;
}

/* Commands that start or spoil an upgrade belong to `s`, not to a keyboard. */
static bool is_dangerous(const char *text)
{
	static const char *const never[] = {"QFOTADL", "NFWUPD", "QABFOTA"};

	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		if (strcasestr(text, never[i]) && !strstr(text, "=?"))
			return true;
	return false;
}

static int type(struct upgrade *u, const char *text, struct err *e)
{
	struct port_settings settings = {.baud = u->baud};
	struct modem_command command = {text, "", TYPED_LIMIT_MS};

	for (const char *c = text; *c; c++)
		if (*c < 0x20 || *c > 0x7e)
			return err_set(e, ERR_USAGE, "an AT command has printable characters only");
	if (is_dangerous(text))
		return err_set(e, ERR_USAGE, "a command that changes the firmware is not sent by hand: start an upgrade");
	describe_device(u);
	if (upgrade_refuse_open(u, "", e) < 0 ||
	    port_open(u->env.port, u->plan.port, &settings, e) < 0)
		return -1;
	modem_reset(u->modem);
	return modem_command(u->modem, &command, NULL, e);
}

void upgrade_type(struct upgrade *u, const char *text)
{
	struct err e;

	if (type(u, text, &e) < 0 && e.code != ERR_REFUSED)
		upgrade_notice(u, SEVERITY_WARNING, "%s", e.text);
	port_close(u->env.port);
}

static const struct route_steps *const routes[ROUTE_COUNT] = {
	[ROUTE_DOWNLOAD] = &route_download,
	[ROUTE_SERIAL] = &route_serial,
	[ROUTE_RELAY] = &route_relay,
	[ROUTE_PUBLISH] = &route_publish,
};

struct upgrade *upgrade_new(const struct upgrade_env *env,
			    const struct plan *plan, struct err *e)
{
	struct modem_hooks hooks = {.line = upgrade_on_line};
	struct upgrade *u = calloc(1, sizeof(*u));

	if (!u) {
		err_set(e, ERR_CRASH, "no memory for an upgrade");
		return NULL;
	}
	u->env = *env;
	u->plan = *plan;
	u->profile = profile_default();
	if (!u->env.servers)
		u->env.servers = server_real();
	u->route = routes[plan->route];
	u->baud = plan->baud ? plan->baud : DEFAULT_BAUD;
	if (!u->plan.watch_timeout_s)
		u->plan.watch_timeout_s = DEFAULT_WATCH_S;
	if (!u->plan.return_timeout_s)
		u->plan.return_timeout_s = DEFAULT_RETURN_S;
	hooks.ctx = u;
	u->modem = modem_new(env->port, env->clock, &hooks, e);
	for (int dir = LINE_TX; dir <= LINE_RX; dir++) {
		redactor_init(&u->redact[dir]);
		if (u->modem && redactor_add_login(&u->redact[dir], plan->user, plan->password, e) < 0) {
			modem_free(u->modem);
			u->modem = NULL;
		}
	}
	if (!u->modem) {
		free(u);
		return NULL;
	}
	return u;
}

void upgrade_free(struct upgrade *u)
{
	if (!u)
		return;
	modem_free(u->modem);
	package_close(u->package);
	explicit_bzero(u, sizeof(*u));
	free(u);
}

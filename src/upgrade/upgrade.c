#include "config.h"

#include "upgrade/upgrade.h"

#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/count.h"
#include "base/redact.h"
#include "upgrade/conclude.h"
#include "upgrade/listen.h"
#include "upgrade/open.h"
#include "upgrade/resume.h"
#include "upgrade/routes.h"
#include "upgrade/settings.h"
#include "upgrade/steps.h"
#include "upgrade/tell.h"

/* The longest a driver may take for what it holds: 4 KiB at 9,600 baud. */
#define LET_OUT_MS 5000
#define DEFAULT_BAUD 115200

/* A command typed by hand may be a network one. */
#define TYPED_LIMIT_MS 30000

static int step_fetch(struct upgrade *u, enum step *next, struct err *e)
{
	(void)next;
	return u->route->fetch(u, e);
}

static int step_transfer(struct upgrade *u, enum step *next, struct err *e)
{
	u->watch_end_ms = upgrade_now(u) + upgrade_watch_limit_ms(u);
	u->sent_ms = u->command_ms = upgrade_now(u);
	u->course = (struct course){0};
	u->again = false;
	u->sent = false;
	return u->route->transfer(u, next, e);
}

typedef int step_fn(struct upgrade *u, enum step *next, struct err *e);

static step_fn *const steps[STEP_COUNT] = {
	[STEP_IDENTIFY] = upgrade_identify,
	[STEP_CHECK] = upgrade_check,
	[STEP_FETCH] = step_fetch,
	[STEP_PREPARE] = upgrade_prepare,
	[STEP_TRANSFER] = step_transfer,
	[STEP_INSTALL] = upgrade_install,
	[STEP_RESTART] = upgrade_restart,
	[STEP_VERIFY] = upgrade_verify,
};

/* A step failed. Before the commit gate that ends the run; after it, only a detach does. */
static void stop(struct upgrade *u, struct err *e)
{
	if (u->committed && e->code == ERR_CANCELLED) {
		/* not asked: whatever code there was, that is no evidence */
		upgrade_leave_unknown(u);
		if (u->failure.code != ERR_NONE)
			upgrade_conclude_failed(u, OUTCOME_UNKNOWN, MSG_DETACHED, "");
		else
			upgrade_conclude(u, OUTCOME_UNKNOWN, MSG_DETACHED, "");
		return;
	}
	if (e->code == ERR_GONE && address_of_port(u->plan.port))
		err_fail(e, MSG_SERVER_HUNG_UP, "port=%s", u->plan.port);
	else if (e->code == ERR_GONE)
		err_fail(e, MSG_PORT_VANISHED, "port=%s", u->plan.port);
	upgrade_fail(u, e);
	upgrade_conclude_stopped(u);
}

/* Where the port is plugged in, to find it again; nothing for what is not USB. */
static void describe_device(struct upgrade *u)
{
	struct err unknown;

	if (port_describe(u->env.roots, u->plan.port, &u->device, &unknown) < 0)
		memset(&u->device, 0, sizeof(u->device));
	find_begin(&u->search, u->env.roots, &u->device);
}

static int load(struct upgrade *u, struct err *e)
{
	if (u->plan.profile[0]) {
		u->profile = profile_by_name(u->plan.profile);
		if (!u->profile) {
			u->profile = profile_default();
			return err_fail(e, MSG_PROFILE_UNKNOWN, "profile=%s", u->plan.profile);
		}
		u->family_known = true;
	}
	if (u->plan.job == JOB_RESUME)
		return upgrade_take_over(u, e);
	if (u->plan.job == JOB_UPGRADE && (upgrade_check_records(u, e) < 0 || u->route->load(u, e) < 0))
		return -1;
	describe_device(u);
	return upgrade_refuse_open(u, "", e);
}

static void say_of_manager(void *ctx, enum severity severity, const struct message *m)
{
	upgrade_report_message(ctx, severity, m);
}

/* A probe and a dry run are over soon, and would cut off who is online with the
 * module; a simulated one is nobody's. */
static void keep_manager_off(struct upgrade *u)
{
	const struct manager_listener to = {say_of_manager, u};

	if (u->plan.job != JOB_PROBE && !u->plan.dry_run && !u->plan.demo)
		u->manager = manager_hold(u->env.port, u->plan.port, &to);
}

static void let_manager_on(struct upgrade *u)
{
	manager_release(u->manager);
	u->manager = NULL;
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
		upgrade_report_package(u);
	keep_manager_off(u);
	while (step != STEP_COUNT) {
		enum step next = step + 1;

		if (step == STEP_FETCH && (u->plan.job == JOB_PROBE || !u->route->fetch)) {
			step = next;
			continue;
		}
		if (u->step != step || !u->step_open)
			upgrade_set_step(u, step);
		if (u->cancelled && !u->committed) {
			err_fail(&e, MSG_CANCELLED_EARLY, "");
			stop(u, &e);
			return;
		}
		if (steps[step](u, &next, &e) < 0) {
			if (!upgrade_attach(u, &e)) {
				stop(u, &e);
				return;
			}
			u->step_ended = ENDED_FAILED;
			next = STEP_INSTALL;
		}
		step = next;
	}
}

static void report_record(struct upgrade *u)
{
	struct event ev = {.type = EVENT_RECORD};

	text_safe_str(ev.record, sizeof(ev.record), writer_path(u->env.record));
	upgrade_emit(u, &ev);
}

static void report_answer(struct upgrade *u, enum ask answer)
{
	struct event ev = {.type = EVENT_ANSWER};

	ev.answer = answer;
	upgrade_emit(u, &ev);
}

/* A package that was let go is the module's: what the driver still holds of it
 * must not be dropped with the port, or the module waits for it in data mode. Nor half a
 * command, which the next program's would end. */
static void let_out(struct upgrade *u)
{
	struct err e;

	if ((!u->data.open || u->data.complete) && port_is_open(u->env.port))
		(void)port_drain(u->env.port, upgrade_now(u) + LET_OUT_MS, &e);
}

void upgrade_run(struct upgrade *u, struct result *result)
{
	struct event ev = {.type = EVENT_RESULT};

	if (writer_path(u->env.record)[0])
		report_record(u);
	run_steps(u);
	upgrade_put_back_settings(u);
	upgrade_ask_afterwards(u);
	upgrade_end_step(u);
	let_out(u);
	port_close(u->env.port);
	let_manager_on(u);
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
		report_answer(u, r->yes ? ASK_YES : ASK_NO);
		return true;
	}
	if (r->type == REQUEST_LOST)
		report_answer(u, ASK_LOST);
	if (r->type != REQUEST_CANCEL && r->type != REQUEST_DETACH)
		return false;
	report_answer(u, r->type == REQUEST_CANCEL ? ASK_CANCEL : ASK_DETACH);
	if (u->stopping) {
		if (r->type == REQUEST_CANCEL)
			upgrade_report(u, MSG_STOPPING_ALREADY, "");
		u->cancelled = u->cancelled || r->type == REQUEST_DETACH;
		return r->type == REQUEST_DETACH;
	}
	if (meaning == CANCEL_STOP && u->committed)
		meaning = CANCEL_REFUSED;
	if (meaning == CANCEL_REFUSED && r->type == REQUEST_CANCEL) {
		upgrade_report(u, MSG_CANCEL_REFUSED, "");
		return false;
	}
	u->cancelled = true;
	return true;
}

/* Commands that start or spoil an upgrade belong to `s`, not to a keyboard. */
static bool is_dangerous(const char *text)
{
	static const char *const never[] = {"QFOTADL", "NFWUPD", "QABFOTA"};

	for (size_t i = 0; i < COUNT(never); i++)
		if (strcasestr(text, never[i]) && !strstr(text, "=?"))
			return true;
	return false;
}

static int send_typed(struct upgrade *u, const char *text, struct err *e)
{
	struct port_settings settings = {.baud = u->baud};
	struct modem_command command = {text, "", TYPED_LIMIT_MS, NULL};

	for (const char *c = text; *c; c++)
		if (*c < 0x20 || *c > 0x7e)
			return err_fail(e, MSG_TYPED_UNPRINTABLE, "");
	if (is_dangerous(text))
		return err_fail(e, MSG_TYPED_DANGEROUS, "");
	describe_device(u);
	if (upgrade_refuse_open(u, "", e) < 0 ||
	    port_open(u->env.port, u->plan.port, &settings, e) < 0)
		return -1;
	modem_reset(u->modem);
	u->typed = true;
	return modem_command(u->modem, &command, NULL, e);
}

void upgrade_type(struct upgrade *u, const char *text)
{
	struct err e;

	if (send_typed(u, text, &e) < 0 && e.code != ERR_REFUSED)
		upgrade_report_message(u, SEVERITY_WARNING, &e.message);
	port_close(u->env.port);
}

struct upgrade *upgrade_new(const struct upgrade_env *env,
			    const struct plan *plan, struct err *e)
{
	struct modem_hooks hooks = {.line = upgrade_on_line};
	struct upgrade *u = calloc(1, sizeof(*u));

	if (!u) {
		err_fail(e, MSG_UPGRADE_NO_MEMORY, "");
		return NULL;
	}
	u->env = *env;
	u->plan = *plan;
	u->profile = profile_default();
	if (!u->env.servers)
		u->env.servers = server_real();
	u->route = route_steps(SERIAL_STREAM, plan->route);	/* which has them all; the module's when it is known */
	u->baud = plan->baud ? plan->baud : DEFAULT_BAUD;
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

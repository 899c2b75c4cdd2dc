#include "config.h"
#include "upgrade.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explain.h"
#include "upgrade_internal.h"

#define DEFAULT_BAUD 115200
#define DEFAULT_WATCH_S 2700	/* design 5 */
#define DEFAULT_RETURN_S 600
#define SYNC_LIMIT_MS 10000	/* faults.md A23, B21: bounded */
#define PROGRESS_EVERY_MS 250
/* A person reads the question; a forgotten one must not stand for ever. */
#define QUESTION_LIMIT_MS (24 * 3600 * INT64_C(1000))
/* A command typed by hand may be a network one. */
#define TYPED_LIMIT_MS 30000
/* The version may not be ready right after boot (protocol.md 7). */
#define VERSION_TRIES 5
#define VERSION_EVERY_MS 2000

int64_t upgrade_now(const struct upgrade *u)
{
	return clock_now_ms(u->env.clock);
}

/* To the record first, then to the front end (design 4). */
static void emit(struct upgrade *u, struct event *ev)
{
	struct err e;

	ev->t_ms = upgrade_now(u) - u->env.start_ms;
	if (session_append(u->env.session, ev, &e) < 0) {
		struct event warning = {.type = EVENT_NOTICE, .t_ms = ev->t_ms};

		warning.notice.severity = SEVERITY_WARNING;
		text_safe_str(warning.notice.text, sizeof(warning.notice.text), e.text);
		u->env.emit(u->env.ctx, &warning);
	}
	u->env.emit(u->env.ctx, ev);
}

void upgrade_notice(struct upgrade *u, enum severity severity,
		    const char *format, ...)
{
	struct event ev = {.type = EVENT_NOTICE};
	char text[TEXT_SIZE];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	ev.notice.severity = severity;
	text_safe_str(ev.notice.text, sizeof(ev.notice.text), text);
	emit(u, &ev);
}

/* Silence of a step after which something is said about it; 0: not watched. */
static int silence_limit_ms(const struct upgrade *u)
{
	const struct profile_timers *t = &u->profile->timers;

	switch (u->step) {
	case STEP_TRANSFER:
		return u->plan.delivery == DELIVERY_PUSH ? t->data_limit_ms :
			t->source_end_notice_ms;
	case STEP_INSTALL:
		return t->updating_notice_ms;
	case STEP_RESTART:
		return u->plan.return_timeout_s * 1000;
	case STEP_IDENTIFY:
	case STEP_CHECK:
	case STEP_FETCH:
	case STEP_PREPARE:
	case STEP_VERIFY:
	case STEP_COUNT:
		break;
	}
	return 0;
}

static void emit_step(struct upgrade *u, bool begin)
{
	struct event ev = {.type = EVENT_STEP};

	ev.step.step = u->step;
	ev.step.begin = begin;
	ev.step.cancel = step_cancel(u->step, u->plan.delivery);
	ev.step.limit_ms = silence_limit_ms(u);
	emit(u, &ev);
}

static void end_step(struct upgrade *u)
{
	if (u->step_open)
		emit_step(u, false);
	u->step_open = false;
}

void upgrade_set_step(struct upgrade *u, enum step step)
{
	end_step(u);
	u->step = step;
	u->step_open = true;
	emit_step(u, true);
}

static double overall(const struct upgrade *u, uint64_t done, uint64_t total)
{
	double weight = 0;

	for (int i = 0; i < (int)u->step; i++)
		weight += step_info((enum step)i)->weight;
	if (total > 0 && done <= total)
		weight += step_info(u->step)->weight * (double)done / (double)total;
	return weight / 100;
}

void upgrade_progress(struct upgrade *u, enum unit unit, uint64_t done,
		      uint64_t total, int64_t started_ms, bool important)
{
	struct event ev = {.type = EVENT_PROGRESS};
	int64_t now = upgrade_now(u);

	if (!important && now - u->progress_ms < PROGRESS_EVERY_MS)
		return;
	u->progress_ms = now;
	ev.progress.step = u->step;
	ev.progress.unit = unit;
	ev.progress.done = done;
	ev.progress.total = total;
	ev.progress.overall = overall(u, done, total);
	ev.progress.left_ms = -1;
	ev.progress.last_rx_ms = (unit == UNIT_BYTES ? now : modem_last_rx_ms(u->modem)) -
		u->env.start_ms;
	if (started_ms && now > started_ms && done > 0) {
		ev.progress.bytes_per_s = (double)done * 1000 / (double)(now - started_ms);
		ev.progress.left_ms = (int64_t)((double)(total - done) * 1000 /
						ev.progress.bytes_per_s);
	}
	emit(u, &ev);
}

void upgrade_fail(struct upgrade *u, const struct err *e)
{
	if (u->failure.code != ERR_NONE)
		return;
	u->failure = *e;
	u->failure_step = u->step;
}

void upgrade_code(struct upgrade *u, const char *table, int number)
{
	const struct explanation *row = explain(table, number, u->profile->end_family);

	if (u->code.present)
		return;
	u->code.present = true;
	u->code.number = number;
	snprintf(u->code.table, sizeof(u->code.table), "%s", table);
	snprintf(u->code.meaning, sizeof(u->code.meaning), "%s", row ? row->meaning : "");
	snprintf(u->code.family, sizeof(u->code.family), "%s", row ? row->family : "");
}

/* TEXT as a sentence: a capital first, a full stop last. */
static void sentence(char *out, size_t out_size, const char *text)
{
	size_t size = (size_t)snprintf(out, out_size, "%s", text);

	if (out[0] >= 'a' && out[0] <= 'z')
		out[0] = (char)(out[0] - 'a' + 'A');
	if (size > 0 && size + 1 < out_size && out[size - 1] != '.') {
		out[size] = '.';
		out[size + 1] = '\0';
	}
}

/* The next step, in the user's words: by the code where there is one. */
static void fill_advice(struct upgrade *u, struct result *r)
{
	const struct explanation *row = NULL;
	char next[512];

	if (r->code.present)
		row = explain(r->code.table, r->code.number, u->profile->end_family);
	if (row)
		sentence(r->cause, sizeof(r->cause), row->cause);
	switch (r->outcome) {
	case OUTCOME_SUCCESS:
		snprintf(r->advice, sizeof(r->advice), "Nothing is left to do.");
		break;
	case OUTCOME_READY:
		snprintf(r->advice, sizeof(r->advice), "Nothing was changed.");
		break;
	case OUTCOME_UNCHANGED:
		sentence(next, sizeof(next), row ? row->next : err_info(r->stop)->advice);
		snprintf(r->advice, sizeof(r->advice), "%s Trying again is safe.", next);
		break;
	case OUTCOME_DEVICE_FAILED:
		snprintf(r->advice, sizeof(r->advice),
			 "Keep the module powered and send the record to support. Ask it again with: dfota probe -p %s", u->plan.port);
		break;
	case OUTCOME_UNKNOWN:
		snprintf(r->advice, sizeof(r->advice),
			 "Keep the module powered, it may still be installing %s. Then ask for its version with: dfota probe -p %s",
			 u->to, u->plan.port);
		break;
	case OUTCOME_STOPPED:
		snprintf(r->advice, sizeof(r->advice), "%s", err_info(r->stop)->advice);
		break;
	case OUTCOME_COUNT:
		break;
	}
}

static const char *safety_words(const struct result *r)
{
	switch (r->outcome) {
	case OUTCOME_SUCCESS:
	case OUTCOME_UNCHANGED:
		return "The module works; it is safe to remove power.";
	case OUTCOME_READY:
	case OUTCOME_STOPPED:
		return "The module was not touched; it is safe to remove power.";
	case OUTCOME_DEVICE_FAILED:
	case OUTCOME_UNKNOWN:
	case OUTCOME_COUNT:
		break;
	}
	return "Do not remove power: the module may still be installing.";
}

void upgrade_conclude(struct upgrade *u, enum outcome outcome,
		      const char *format, ...)
{
	struct result *r = &u->result;
	char text[TEXT_SIZE];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	memset(r, 0, sizeof(*r));
	r->job = u->plan.job;
	r->outcome = outcome;
	r->stop = u->failure.code;
	r->step = u->failure.code != ERR_NONE ? u->failure_step : u->step;
	r->phase = step_info(r->step)->phase;
	r->exit_status = outcome_info(outcome)->exit_status;
	if (r->exit_status < 0)
		r->exit_status = err_info(r->stop)->exit_status;
	snprintf(r->from, sizeof(r->from), "%s", u->from);
	snprintf(r->to, sizeof(r->to), "%s", u->to);
	if (outcome == OUTCOME_SUCCESS || outcome == OUTCOME_UNCHANGED || outcome == OUTCOME_DEVICE_FAILED)
		snprintf(r->now, sizeof(r->now), "%s", u->identity.version);
	else if (outcome == OUTCOME_READY || outcome == OUTCOME_STOPPED)
		snprintf(r->now, sizeof(r->now), "%s", u->from);
	r->code = u->code;
	text_safe_str(r->message, sizeof(r->message), text);
	text_safe_str(r->record, sizeof(r->record), session_path(u->env.session));
	snprintf(r->safety, sizeof(r->safety), "%s", safety_words(r));
	fill_advice(u, r);
	u->has_result = true;
}

void upgrade_conclude_silent(struct upgrade *u, const char *why)
{
	u->identity.version[0] = '\0';
	if (u->code.present && u->code.number != 0)
		upgrade_conclude(u, OUTCOME_DEVICE_FAILED, "%s, and %s", u->failure.text, why);
	else if (u->failure.code != ERR_NONE)
		upgrade_conclude(u, OUTCOME_UNKNOWN, "%s; %s", u->failure.text, why);
	else
		upgrade_conclude(u, OUTCOME_UNKNOWN, "%s; what it runs now is not known", why);
}

int upgrade_gate(struct upgrade *u, struct err *e)
{
	char what[TEXT_SIZE];

	if (u->cancelled)
		return err_set(e, ERR_CANCELLED, "cancelled before the point of no return");
	snprintf(what, sizeof(what), "install %s over %s on %s, IMEI %s", u->to,
		 u->from, u->identity.model, u->identity.imei);
	if (session_intent(u->env.session, what, upgrade_now(u) - u->env.start_ms, e) < 0)
		return err_wrap(e, "not starting what could not be recorded");
	u->committed = true;
	return 0;
}

/* Every line of the module, both ways: redacted, safe, to the log. */
static void on_line(void *ctx, enum line_dir dir, struct slice line, bool urc)
{
	struct upgrade *u = ctx;
	struct event ev = {.type = EVENT_LINE};
	char clean[AT_LINE_MAX + 256];
	size_t size = redact(&u->redact[dir], clean, sizeof(clean), line.data, line.size);

	ev.line.dir = dir;
	ev.line.urc = urc;
	ev.line.error = dir == LINE_RX && at_classify(line).class == AT_ERROR;
	text_safe(ev.line.text, sizeof(ev.line.text), clean, size);
	ev.line.raw_size = (uint16_t)(size < RAW_SIZE ? size : RAW_SIZE);
	memcpy(ev.line.raw, clean, ev.line.raw_size);
	emit(u, &ev);
	if (modem_cut(u->modem) > u->cut)
		upgrade_notice(u, SEVERITY_WARNING, "a line of the module was too long; %llu bytes of it were dropped",
			       (unsigned long long)(modem_cut(u->modem) - u->cut));
	u->cut = modem_cut(u->modem);
	/* While we ask questions this can only be an upgrade we did not start. */
	if (urc && !u->committed && !u->stopping) {
		struct fota_urc fota = {0};

		if (fota_parse(line, &fota) && fota.kind != FOTA_NONE && fota.kind != FOTA_END)
			u->seen.started = true;
	}
}

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
		       upgrade_now(u) + SYNC_LIMIT_MS, e) < 0) {
		if (u->seen.started)
			return err_set(e, ERR_MODULE, "the module is installing an update already: leave it powered and ask again later");
		return err_wrap(e, "no module found on %s", u->plan.port);
	}
	if (baud != u->baud)
		upgrade_notice(u, SEVERITY_WARNING, "the module answers at %d baud, not at %d; going on so", baud, u->baud);
	u->baud = baud;
	if (modem_identify(u->modem, &u->identity, e) < 0)
		return -1;
	if (u->seen.started)
		return err_set(e, ERR_MODULE, "the module is installing an update already: leave it powered and ask again later");
	if (!u->plan.profile[0])
		u->profile = profile_by_model(u->identity.model);
	snprintf(u->identity.profile, sizeof(u->identity.profile), "%s", u->profile ? u->profile->name : "");
	snprintf(u->identity.port, sizeof(u->identity.port), "%s", u->plan.port);
	snprintf(u->from, sizeof(u->from), "%s", u->identity.version);
	ev.identity = u->identity;
	text_safe_str(ev.identity.port, sizeof(ev.identity.port), u->plan.port);
	emit(u, &ev);
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
	if (!u->identity.imei[0] && u->plan.job == JOB_UPGRADE)
		return err_set(e, ERR_MODULE, "the module does not tell its IMEI; it could not be recognised after the restart");
	return 0;
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
	q->delivery = u->plan.delivery;
	if (u->package) {
		text_safe_str(q->package, sizeof(q->package), package_name(u->package));
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
	emit(u, &ev);
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
	return u->method->fetch(u, e);
}

static int step_prepare(struct upgrade *u, enum step *next, struct err *e)
{
	char command[sizeof(u->command) + 64], safe[TEXT_SIZE];
	size_t size;

	if (u->plan.job == JOB_PROBE) {
		upgrade_conclude(u, OUTCOME_READY, "%s, firmware %s, IMEI %s: ready for DFOTA", u->identity.model,
				 u->from, u->identity.imei[0] ? u->identity.imei : "not told");
		*next = STEP_COUNT;
		return 0;
	}
	if (u->method->prepare(u, e) < 0 || upgrade_apply_fixes(u, e) < 0)
		return -1;
	if (u->plan.dry_run) {
		size = redact(&u->redact[LINE_TX], command, sizeof(command), u->command, strlen(u->command));
		text_safe(safe, sizeof(safe), command, size);
		upgrade_notice(u, SEVERITY_INFO, "would send: %s", safe);
		upgrade_conclude(u, OUTCOME_READY, "dry run: all checks passed, nothing was sent that changes the module");
		*next = STEP_COUNT;
		return 0;
	}
	return u->plan.assume_yes ? 0 : ask(u, e);
}

static int step_transfer(struct upgrade *u, enum step *next, struct err *e)
{
	u->watch_end_ms = upgrade_now(u) + u->plan.watch_timeout_s * INT64_C(1000);
	u->sent_ms = upgrade_now(u);
	u->seen = (struct watched){0};
	return u->method->transfer(u, next, e);
}

static int read_identity(struct upgrade *u, struct identity *now, struct err *e)
{
	*now = u->identity;
	for (int i = 0; i < VERSION_TRIES; i++) {
		if (modem_identify(u->modem, now, e) < 0)
			return -1;
		if (now->version[0] && now->imei[0])
			return 0;
		if (port_pause(u->env.port, upgrade_now(u) + VERSION_EVERY_MS, e) < 0)
			return -1;
	}
	return 0;
}

/* The old version, but no word of an end: the module may be about to start,
 * or to go on after a power cut. Give it its time once. */
static bool may_still_start(struct upgrade *u)
{
	const struct profile_timers *t = &u->profile->timers;

	if (u->failure.code != ERR_NONE || u->seen.ended)
		return false;
	if (!u->settle_end_ms) {
		u->settle_end_ms = upgrade_now(u) + t->start_notice_ms;
		if (u->sent_ms + t->start_limit_ms > u->settle_end_ms)
			u->settle_end_ms = u->sent_ms + t->start_limit_ms;
	}
	return upgrade_now(u) < u->settle_end_ms && upgrade_now(u) < u->watch_end_ms;
}

static void conclude_unchanged(struct upgrade *u)
{
	const char *version = u->identity.version;

	if (u->failure.code != ERR_NONE) {
		if (u->code.present)
			upgrade_conclude(u, OUTCOME_UNCHANGED, "%s (%s); the module still runs %s", u->failure.text, u->code.meaning, version);
		else
			upgrade_conclude(u, OUTCOME_UNCHANGED, "%s; the module still runs %s", u->failure.text, version);
	} else if (u->seen.ended) {
		upgrade_conclude(u, OUTCOME_UNCHANGED, "the module claimed success (END,0) without effect: it still runs %s", version);
	} else {
		upgrade_conclude(u, OUTCOME_UNCHANGED, "the module did not %s the installation; it still runs %s",
				 u->seen.started ? "finish" : "start", version);
	}
	if (u->result.stop == ERR_NONE)
		u->result.stop = ERR_MODULE;
}

static int step_verify(struct upgrade *u, enum step *next, struct err *e)
{
	struct identity now;

	*next = STEP_COUNT;
	if (read_identity(u, &now, e) < 0) {
		if (e->code == ERR_CANCELLED)
			return -1;
		*next = STEP_RESTART;
		if (e->code == ERR_GONE)
			port_close(u->env.port);
		if (u->return_end_ms && upgrade_now(u) >= u->return_end_ms) {
			upgrade_conclude_silent(u, e->text);
			*next = STEP_COUNT;
		}
		return 0;
	}
	if (strcmp(now.imei, u->identity.imei) != 0) {
		upgrade_conclude(u, OUTCOME_UNKNOWN, "another module answers: IMEI %s, firmware %s; the upgraded one has the IMEI %s",
				 now.imei[0] ? now.imei : "(none)", now.version, u->identity.imei);
		return 0;
	}
	if (!now.version[0]) {
		upgrade_conclude_silent(u, "the module does not tell its firmware version");
		return 0;
	}
	if (strcmp(now.version, u->from) == 0 && may_still_start(u)) {
		*next = STEP_INSTALL;
		return 0;
	}
	snprintf(u->identity.version, sizeof(u->identity.version), "%s", now.version);
	if (strcmp(now.version, u->to) == 0) {
		struct event ev = {.type = EVENT_IDENTITY};

		u->failure.code = ERR_NONE;
		ev.identity = u->identity;
		emit(u, &ev);
		upgrade_progress(u, UNIT_NONE, 1, 1, 0, true);
		upgrade_conclude(u, OUTCOME_SUCCESS, "%s with IMEI %s now runs %s", now.model, now.imei, now.version);
	} else if (strcmp(now.version, u->from) == 0) {
		conclude_unchanged(u);
	} else {
		upgrade_conclude(u, OUTCOME_DEVICE_FAILED, "the module runs %s, neither the old version %s nor the target %s", now.version, u->from, u->to);
	}
	return 0;
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
	[STEP_VERIFY] = step_verify,
};

/* A step gave up: before the gate that ends the run, behind it only a detach does. */
static void stop(struct upgrade *u, struct err *e)
{
	if (u->committed && e->code == ERR_CANCELLED) {
		upgrade_conclude_silent(u, "detached: the module goes on by itself");
		return;
	}
	if (e->code == ERR_GONE)
		err_set(e, ERR_GONE, "the port vanished: %s is unplugged or the module went off", u->plan.port);
	upgrade_fail(u, e);
	upgrade_conclude(u, OUTCOME_STOPPED, "%s", u->failure.text);
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
	return u->plan.job == JOB_UPGRADE ? u->method->load(u, e) : 0;
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

static void run_steps(struct upgrade *u)
{
	enum step step = STEP_IDENTIFY;
	struct err e = {0};

	if (load(u, &e) < 0) {
		stop(u, &e);
		return;
	}
	describe_device(u);
	while (step != STEP_COUNT) {
		enum step next = step + 1;

		if (step == STEP_FETCH && (u->plan.job == JOB_PROBE || !u->method->fetch)) {
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
			stop(u, &e);
			return;
		}
		step = next;
	}
}

void upgrade_run(struct upgrade *u, struct result *result)
{
	struct event ev = {.type = EVENT_RESULT};

	run_steps(u);
	if (u->result.outcome <= OUTCOME_UNCHANGED || u->result.outcome == OUTCOME_READY)
		end_step(u);
	port_close(u->env.port);
	ev.result = u->result;
	emit(u, &ev);
	if (result)
		*result = u->result;
}

bool upgrade_request(struct upgrade *u, const struct request *r)
{
	enum cancel meaning = u->step_open ? step_cancel(u->step, u->plan.delivery) : CANCEL_FREE;

	if (r->type == REQUEST_ANSWER && u->asking) {
		u->answered = true;
		u->yes = r->yes;
		return true;
	}
	if (r->type != REQUEST_CANCEL && r->type != REQUEST_DETACH)
		return false;
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
	if (port_open(u->env.port, u->plan.port, &settings, e) < 0)
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

static const struct method *method_of(const struct plan *plan)
{
	if (plan->relay)
		return &method_relay;
	if (plan->publish[0])
		return &method_publish;
	return plan->delivery == DELIVERY_PULL ? &method_pull : &method_push;
}

struct upgrade *upgrade_new(const struct upgrade_env *env,
			    const struct plan *plan, struct err *e)
{
	struct modem_hooks hooks = {.line = on_line};
	struct upgrade *u = calloc(1, sizeof(*u));

	if (!u) {
		err_set(e, ERR_CRASH, "no memory for an upgrade");
		return NULL;
	}
	u->env = *env;
	u->plan = *plan;
	u->profile = profile_default();
	if (!u->env.source)
		u->env.source = source_real();
	u->method = method_of(plan);
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

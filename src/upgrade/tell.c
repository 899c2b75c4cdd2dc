#include "config.h"

#include "upgrade/tell.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define PROGRESS_EVERY_MS 250
#define DATA_EVERY_MS 1000

void upgrade_observe(struct upgrade *u, struct event *ev)
{
	if (u->env.observe)
		u->env.observe(u->env.ctx, ev);
}

int64_t upgrade_report_late(struct upgrade *u)
{
	int64_t late_ms = u->env.port ? port_take_late_ms(u->env.port) : 0;

	if (late_ms <= 0)
		return 0;
	if (u->watch_end_ms)
		u->watch_end_ms += late_ms;
	if (u->return_end_ms)
		u->return_end_ms += late_ms;
	upgrade_report(u, MSG_PROGRAM_LATE, "seconds=%lld", (long long)(late_ms / 1000));
	return late_ms;
}

void upgrade_emit(struct upgrade *u, struct event *ev)
{
	struct err e;
	int written;

	upgrade_report_late(u);
	ev->t_ms = upgrade_now(u) - u->env.start_ms;
	upgrade_observe(u, ev);
	written = writer_append(u->env.record, ev, &e);
	if (written != 0) {
		struct event word = {.type = EVENT_NOTICE, .t_ms = ev->t_ms};

		word.notice.severity = written < 0 ? SEVERITY_WARNING : SEVERITY_INFO;
		if (written < 0)
			word.notice.message = e.message;
		else
			message_set(&word.notice.message, MSG_RECORD_WRITTEN_AGAIN, "");
		u->env.emit(u->env.ctx, &word);
	}
	u->env.emit(u->env.ctx, ev);
}

void upgrade_report_message(struct upgrade *u, enum severity severity, const struct message *m)
{
	struct event ev = {.type = EVENT_NOTICE};

	ev.notice.severity = severity;
	ev.notice.message = *m;
	upgrade_emit(u, &ev);
}

void upgrade_report(struct upgrade *u, enum message_id id, const char *format, ...)
{
	struct message m;
	va_list args;

	va_start(args, format);
	message_setv(&m, id, format, args);
	va_end(args);
	upgrade_report_message(u, message_info(id)->severity, &m);
}

/* The gravest first; what finds no room is the least grave. */
static void keep_fact(struct upgrade *u, enum severity severity, const struct message *m)
{
	size_t at = u->fact_count;

	while (at > 0 && u->facts[at - 1].severity < severity)
		at--;
	if (at == QUESTION_FACTS)
		return;
	if (u->fact_count < QUESTION_FACTS)
		u->fact_count++;
	memmove(&u->facts[at + 1], &u->facts[at], (u->fact_count - at - 1) * sizeof(u->facts[0]));
	u->facts[at].severity = severity;
	u->facts[at].message = *m;
}

void upgrade_found_message(struct upgrade *u, enum severity severity, const struct message *m)
{
	upgrade_report_message(u, severity, m);
	keep_fact(u, severity, m);
}

void upgrade_found(struct upgrade *u, enum message_id id, const char *format, ...)
{
	struct message m;
	va_list args;

	va_start(args, format);
	message_setv(&m, id, format, args);
	va_end(args);
	upgrade_found_message(u, message_info(id)->severity, &m);
}

/* Silence of a step after which something is said about it; 0: not watched. */
static int silence_limit_ms(const struct upgrade *u)
{
	const struct profile_timers *t = &u->profile->timers;

	switch (u->step) {
	case STEP_TRANSFER:
		return upgrade_sends(u) ? t->data_limit_ms :
			t->source_end_notice_ms;
	case STEP_INSTALL:
		return t->updating_notice_ms;
	case STEP_RESTART:
		if (u->listen_ms)	/* then the module is asked */
			return u->listen_ms;
		return upgrade_return_limit_ms(u);
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
	ev.step.ended = begin ? ENDED_DONE : u->step_ended;
	ev.step.cancel = step_cancel(u->step, u->plan.route);
	ev.step.limit_ms = silence_limit_ms(u);
	upgrade_emit(u, &ev);
}

void upgrade_end_step(struct upgrade *u)
{
	if (u->step_open)
		emit_step(u, false);
	u->step_open = false;
}

void upgrade_set_step(struct upgrade *u, enum step step)
{
	upgrade_end_step(u);
	u->step = step;
	u->step_open = true;
	u->step_ended = ENDED_DONE;
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
	upgrade_emit(u, &ev);
}

void upgrade_report_package(struct upgrade *u)
{
	struct event ev = {.type = EVENT_PACKAGE};
	struct package_info *p = &ev.package;

	text_safe_str(p->name, sizeof(p->name), u->package && u->plan.route != ROUTE_RELAY ?
		      package_name(u->package) : u->plan.url);
	p->has_manifest = u->has_manifest;
	if (u->package) {
		p->size = package_size(u->package);
		p->escapes = package_escapes(u->package);
		snprintf(p->sha256, sizeof(p->sha256), "%s", package_sha256(u->package));
	} else if (u->has_manifest) {
		p->size = u->manifest.size;
		snprintf(p->sha256, sizeof(p->sha256), "%s", u->manifest.sha256);
	}
	if (u->has_manifest) {
		snprintf(p->model, sizeof(p->model), "%s", u->manifest.model);
		snprintf(p->from, sizeof(p->from), "%s", u->manifest.from);
	}
	snprintf(p->to, sizeof(p->to), "%s", u->to);
	upgrade_emit(u, &ev);
}

void upgrade_report_data(struct upgrade *u, bool now)
{
	struct event ev = {.type = EVENT_DATA};
	struct err e;

	if (u->sent_size == u->reported_size ||
	    (!now && upgrade_now(u) - u->data_ms < DATA_EVERY_MS))
		return;
	ev.data.offset = u->reported_size;
	ev.data.size = u->sent_size - u->reported_size;
	if (package_digest(u->package, ev.data.offset, ev.data.size, ev.data.sha256, &e) < 0)
		ev.data.sha256[0] = '\0';	/* what package_read() finds, the transfer reports */
	u->reported_size = u->sent_size;
	u->data_ms = upgrade_now(u);
	upgrade_emit(u, &ev);
}

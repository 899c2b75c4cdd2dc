#include "config.h"

#include "upgrade/routes.h"

#include <stdio.h>
#include <string.h>

#include "package/blocks.h"
#include "upgrade/conclude.h"
#include "upgrade/data_mode.h"
#include "upgrade/fetch.h"
#include "upgrade/gate.h"
#include "upgrade/line_time.h"
#include "upgrade/listen.h"
#include "upgrade/target.h"
#include "upgrade/tell.h"

/* Without flow control: 32 bytes a write, at most 15,000 B/s (protocol.md 2.3). */
#define SLOW_BLOCK_SIZE 32
#define SLOW_BYTES_PER_S 15000
/* Ten bits a byte: a line of so many bits a second is slower than that by itself. */
#define SLOW_RATE (SLOW_BYTES_PER_S * 10)
/* What the schedule lags behind by more than this is not made up for: it would
 * be a burst. */
#define LAG_MAX_US 20000
/* What may wait in buffers while we send: more than a hiccup of ours, less than
 * anybody waits for. */
#define AHEAD_MS 1000
/* A result of a command that answers in its time: 0.3 s are documented (protocol.md 4.2). */
#define GATE_AFTER_ERROR_MS 1000
/* A byte needs some time to the module: so much, and no more than half of its patience. */
#define LATE_LEAST_MS INT64_C(1000)
/* So long a wait is worth a word. */
#define LINE_TOLD_FROM_MS 2000

int push_load(struct upgrade *u, struct err *e)
{
	char manifest[FILE_SIZE + 16];

	u->package = u->env.package ? package_again(u->env.package, e) :
		package_open(u->plan.file, u->profile->package_max, e);
	if (!u->package || look_refuse(package_look(u->package), package_name(u->package), e) < 0 ||
	    upgrade_manifest_path(u, manifest, sizeof(manifest), e) < 0)
		return -1;
	return upgrade_load_target(u, manifest, e);
}

void push_look(struct upgrade *u)
{
	const struct look *look = package_look(u->package);

	upgrade_doubt_look(u, look, u->plan.route == ROUTE_RELAY ? upgrade_file_of_url(u->plan.url) : package_name(u->package));
	if (package_escapes(u->package) > 0)
		upgrade_report(u, MSG_PACKAGE_ESCAPES, "count=%llu",
			       (unsigned long long)package_escapes(u->package));
}

int push_prepare(struct upgrade *u, struct err *e)
{
	char size[24], timeout[16];
	const struct at_value values[] = {
		{"size", size}, {"timeout", timeout},
		{"name", package_name(u->package)}, {NULL, NULL},
	};
	const char *template = upgrade_com_template(u);

	snprintf(size, sizeof(size), "%llu", (unsigned long long)package_size(u->package));
	snprintf(timeout, sizeof(timeout), "%d", upgrade_com_timeout_s(u));
	if (at_build(u->command, sizeof(u->command), template, values, e) < 0)
		return err_doing(e, MSG_COM_COMMAND, "template=%s", template);
	if (u->plan.com_timeout_s && u->plan.com_timeout_s != upgrade_com_timeout_s(u))
		upgrade_found(u, MSG_COM_TIMEOUT_UNUSED, "template=%s seconds=%d", template, upgrade_com_timeout_s(u));
	if (u->profile->serial_sure == SURE_ASSUMED)
		upgrade_found(u, MSG_COM_UNVERIFIED, "");
	push_look(u);
	return 0;
}

int push_enter(struct upgrade *u, const char *command, struct err *e)
{
	const struct profile_timers *t = &u->profile->timers;
	int64_t begun_ms = upgrade_now(u);
	bool bare_ok = false;
	int64_t limit_ms = earlier(begun_ms + t->gate_limit_ms, u->watch_end_ms);
	int r;

	u->data.gate_end_ms = limit_ms;
	r = modem_enter_data(u->modem, command, u->profile->com_gate,
				 earlier(begun_ms + t->gate_notice_ms, limit_ms), &bare_ok, e);

	if (u->sent)	/* it has the time from then on */
		u->data.gate_end_ms = limit_ms = earlier(modem_sent_ms(u->modem) + t->gate_limit_ms, u->watch_end_ms);
	if (r == 0 && upgrade_now(u) < limit_ms) {
		upgrade_report(u, MSG_GATE_LATE, "gate=%s seconds=%d", u->profile->com_gate, t->gate_notice_ms / 1000);
		r = modem_enter_data(u->modem, NULL, u->profile->com_gate, limit_ms, &bare_ok, e);
	}
	if (r == 0)
		return err_fail(e, bare_ok ? MSG_GATE_BARE_OK : MSG_GATE_MISSING, "gate=%s", u->profile->com_gate);
	if (r > 0)
		u->data.taken_ms = modem_unseen_ms(u->modem);
	return r > 0 ? 0 : -1;
}

/* As package_block(), for the plan of writes. */
static size_t fit_block(const void *ctx, uint64_t offset, size_t size)
{
	return package_block(ctx, offset, size);
}

/* No flow control that is known to work, and a line that is not slower by itself:
 * sent by a schedule, 32 bytes at start + sent / 15,000 B/s. */
static bool is_scheduled(const struct upgrade *u)
{
	enum link link = port_link(u->env.port);
	int rate = link == LINK_SOCKET ? 0 : upgrade_line_rate(u);

	return (u->slow || link_info(link)->flow == FLOW_SERVER) && (rate == 0 || rate > SLOW_RATE);
}

/* After a write of SIZE bytes: wait until the next may go out. No more is given
 * away at once than the line carries in a moment, where its rate is known: what
 * waits in buffers can't be taken back. */
static int await_turn(struct upgrade *u, struct sending *s, size_t size, struct err *e)
{
	int64_t now_ms = upgrade_now(u), wait_ms = 0;

	if (is_scheduled(u)) {
		s->due_us = later(s->due_us, now_ms * 1000 - LAG_MAX_US) + (int64_t)size * 1000000 / SLOW_BYTES_PER_S;
		wait_ms = (s->due_us + 999) / 1000;
	}
	if (port_link(u->env.port) != LINK_SOCKET || u->module_rate > 0)
		wait_ms = later(wait_ms, upgrade_line_free_ms(u) - AHEAD_MS);
	return wait_ms <= now_ms ? 0 : port_pause(u->env.port, wait_ms, e);
}

/* The module may have given up its wait for data while this program stood still. */
static int check_in_time(const struct upgrade *u, struct err *e)
{
	int64_t passed_ms = upgrade_now(u) - u->data.taken_ms;
	int64_t limit_ms = upgrade_com_timeout_s(u) * INT64_C(1000);

	if (passed_ms + earlier(LATE_LEAST_MS, limit_ms / 2) < limit_ms)
		return 0;
	return err_fail(e, MSG_TRANSFER_LATE, "seconds=%d", (int)((passed_ms + 999) / 1000));
}

/* Let the module take COUNT bytes at OFFSET. They have the limit for no data, and
 * the time that the line needs for them and for what is on its way. */
static int send_block(struct upgrade *u, uint64_t offset, const unsigned char *block, size_t count, struct err *e)
{
	int64_t limit_ms = upgrade_line_free_ms(u) + upgrade_line_ms(u, count) + u->profile->timers.data_limit_ms;
	size_t sent = 0;
	int r;

	if (check_in_time(u, e) < 0)
		return -1;
	r = modem_write_data(u->modem, block, count, earlier(limit_ms, u->watch_end_ms), &sent, e);

	upgrade_line_took(u, sent);
	upgrade_data_wrote(u, sent);
	u->sent_size = offset + sent;
	upgrade_report_data(u, r < 0 || u->sent_size == package_size(u->package));
	if (r < 0 && e->code == ERR_TIMEOUT && upgrade_now(u) >= u->watch_end_ms)
		return err_fail(e, MSG_TRANSFER_NOT_OVER, "");
	return r;
}

/* The next write may go out: nobody has stopped, there is time left. */
static int may_go_on(struct upgrade *u, struct err *e)
{
	if (u->cancelled && !u->committed)
		return err_fail(e, MSG_TRANSFER_CANCELLED, "");
	if (upgrade_now(u) >= u->watch_end_ms)
		return err_fail(e, MSG_TRANSFER_NOT_OVER, "");
	return 0;
}

int push_part(struct upgrade *u, struct sending *s, uint64_t end, const unsigned char *bytes, struct err *e)
{
	uint64_t size = s->plan.size;

	while (s->offset < end) {
		size_t count = blocks_next(&s->plan, s->gate, s->offset);

		if (may_go_on(u, e) < 0 || send_block(u, s->offset, bytes, count, e) < 0)
			return -1;
		s->offset += count;
		bytes += count;
		upgrade_progress(u, UNIT_BYTES, upgrade_line_carried(u), size, u->fetch_ms, s->offset == size);
		if (s->offset < size && await_turn(u, s, count, e) < 0)
			return -1;
	}
	return 0;
}

void push_begin(struct upgrade *u, struct sending *s)
{
	*s = (struct sending){
		.plan = {
			.size = package_size(u->package), .most = is_scheduled(u) ? SLOW_BLOCK_SIZE : BLOCK_MAX,
			.fit = fit_block, .ctx = u->package,
		},
		.due_us = upgrade_now(u) * 1000,
	};
	u->fetch_ms = upgrade_now(u);
}

/* What stands after the commit gate is read whole before that is passed, and so is
 * the package. */
static int send_package(struct upgrade *u, struct err *e)
{
	unsigned char bytes[BLOCK_MAX];
	struct sending s;

	push_begin(u, &s);
	s.gate = blocks_gate(&s.plan);
	while (s.offset < s.plan.size) {
		uint64_t end = s.plan.size;

		if (s.offset < s.gate)
			end = s.offset + blocks_next(&s.plan, s.gate, s.offset);
		if (package_read(u->package, s.offset, bytes, (size_t)(end - s.offset), e) < 0 || may_go_on(u, e) < 0)
			return -1;
		if (s.offset == s.gate && !package_intact(u->package))
			return err_fail(e, MSG_PACKAGE_CHANGED, "");
		if ((s.offset == s.gate && upgrade_gate(u, e) < 0) || push_part(u, &s, end, bytes, e) < 0)
			return -1;
	}
	return 0;
}

/* All is written; it is sent when the line can have carried it. */
static void finish(struct upgrade *u)
{
	u->sent_ms = upgrade_line_free_ms(u);
	if (u->sent_ms - upgrade_now(u) > LINE_TOLD_FROM_MS)
		upgrade_report(u, MSG_LINE_BUSY, "seconds=%d", (int)((u->sent_ms - upgrade_now(u)) / 1000));
}

/* The command was answered by an error. That may be one of what was asked before:
 * then the gate follows, or the module does not answer while it prepares it. */
static bool is_refused(struct upgrade *u)
{
	int64_t until_ms = upgrade_now(u) + GATE_AFTER_ERROR_MS;
	struct at_line line;
	struct err e;

	while (modem_next_line(u->modem, &line, until_ms, &e) > 0)
		;
	return !u->data.late && upgrade_data_answers(u);
}

/* The sending failed as E says: where the module is now, and the next step. */
static int give_up(struct upgrade *u, bool in_data, enum step *next, struct err *e)
{
	int64_t until_ms;
	bool refused;

	u->stopping = true;
	*next = STEP_RESTART;
	refused = !in_data && e->code == ERR_REFUSED && is_refused(u);
	in_data |= upgrade_data_late(u);
	if (refused) {
		*next = STEP_VERIFY;
	} else if (e->code == ERR_GONE) {
		upgrade_lost_port(u);
		upgrade_keep_quiet(u);	/* it may have been unplugged only, and wait for data */
	} else if (!in_data || upgrade_now(u) >= u->watch_end_ms) {
		upgrade_keep_quiet(u);	/* it may still take what comes for data (protocol.md 2.1) */
	} else if (upgrade_leave_data_mode(u, &until_ms, e) < 0) {
		return -1;
	} else if (!u->data.open) {
		*next = STEP_VERIFY;
	}
	return 0;
}

int push_transfer(struct upgrade *u, enum step *next, struct err *e)
{
	bool in_data;

	if (modem_show_echo(u->modem, e) < 0 || upgrade_intend(u, INTENT_TRANSFER, e) < 0)
		return -1;
	u->data_ms = upgrade_now(u);
	upgrade_progress(u, UNIT_BYTES, 0, package_size(u->package), 0, true);
	upgrade_data_open(u, package_size(u->package));
	in_data = push_enter(u, u->command, e) == 0;
	if (in_data && send_package(u, e) == 0) {
		finish(u);
		return 0;
	}
	return push_fail(u, in_data, next, e);
}

int push_fail(struct upgrade *u, bool in_data, enum step *next, struct err *e)
{
	if (!in_data && e->message.id == MSG_COMMAND_MISHEARD)
		upgrade_data_misheard(u);
	if (e->code == ERR_CANCELLED)
		err_fail(e, MSG_TRANSFER_CANCELLED, "");
	else if (e->code == ERR_GONE && u->sent)
		err_fail(e, MSG_TRANSFER_BROKEN, "port=%s", u->plan.port);
	if (e->code == ERR_REFUSED && e->detail >= 0)
		upgrade_code(u, "cme", e->detail);
	if (!u->sent)
		upgrade_data_closed(u);
	if (!u->sent && u->under_way)
		return -1;	/* an update that was not started here */
	upgrade_fail(u, e);
	u->committed = true;
	if (u->course.started) {
		modem_go_on(u->modem);
		*next = STEP_INSTALL;
		return 0;
	}
	return give_up(u, in_data, next, e);
}

const struct route_steps route_serial = {
	.load = push_load,
	.prepare = push_prepare,
	.transfer = push_transfer,
};

#include "config.h"

#include "upgrade/routes.h"

#include <stdio.h>

#include "upgrade/conclude.h"
#include "upgrade/data_mode.h"
#include "upgrade/gate.h"
#include "upgrade/target.h"
#include "upgrade/tell.h"

/* Bytes a write: cdc_acm may stall after a multiple of its packet size, 64 or
 * 512 (protocol.md 2.3), and 1,000 is none. */
#define BLOCK_SIZE 1000
/* Without flow control: 32 bytes a write, at most 15 kB/s (protocol.md 2.3). */
#define SLOW_BLOCK_SIZE 32
#define SLOW_GAP_MS 3
#define SLOW_ABOVE_BAUD 115200
/* So many bytes at least stay for the last block: "+++" and nothing else that
 * gets out of data mode may ever complete the declared size. */
#define LAST_BLOCK_MIN 64
/* More than drivers and adapters hold. */
#define BUFFERS_SIZE 65536

int push_load(struct upgrade *u, struct err *e)
{
	char manifest[FILE_SIZE + 16];

	u->package = package_open(u->plan.file, u->profile->package_max, e);
	if (!u->package || upgrade_manifest_path(u, manifest, sizeof(manifest), e) < 0)
		return -1;
	return upgrade_load_target(u, manifest, e);
}

int push_prepare(struct upgrade *u, struct err *e)
{
	char size[24], timeout[16];
	const struct at_value values[] = {
		{"size", size}, {"timeout", timeout},
		{"name", package_name(u->package)}, {NULL, NULL},
	};
	const char *template = u->plan.com_command[0] ? u->plan.com_command : u->profile->com_command;

	snprintf(size, sizeof(size), "%llu", (unsigned long long)package_size(u->package));
	snprintf(timeout, sizeof(timeout), "%d", upgrade_com_timeout_s(u));
	if (at_build(u->command, sizeof(u->command), template, values, e) < 0)
		return err_doing(e, MSG_COM_COMMAND, "template=%s", template);
	if (!u->profile->com_verified)
		upgrade_found(u, MSG_COM_UNVERIFIED, "");
	if (package_escapes(u->package) > 0)
		upgrade_report(u, MSG_PACKAGE_ESCAPES, "count=%llu",
			       (unsigned long long)package_escapes(u->package));
	return 0;
}

/* What is written may wait in buffers on its way, which no driver reports:
 * go by the bit rate, which means nothing on USB. */
static void count_line(struct upgrade *u, size_t sent)
{
	int64_t now = upgrade_now(u);

	if (u->device.usb_path[0])
		return;
	if (u->line_free_ms < now)
		u->line_free_ms = now;
	u->line_free_ms += (int64_t)sent * 10000 / u->baud + 1;
	if (u->line_free_ms > now + BUFFERS_SIZE * INT64_C(10000) / u->baud)
		u->line_free_ms = now + BUFFERS_SIZE * INT64_C(10000) / u->baud;
}

/* Wait for the gate token. 0 when data may flow. */
static int enter_data(struct upgrade *u, struct err *e)
{
	const struct profile_timers *t = &u->profile->timers;
	int64_t begun_ms = upgrade_now(u);
	bool bare_ok = false;
	int r = modem_enter_data(u->modem, u->command, u->profile->com_gate,
				 begun_ms + t->gate_notice_ms, &bare_ok, e);

	if (r == 0) {
		upgrade_report(u, MSG_GATE_LATE, "gate=%s seconds=%d", u->profile->com_gate, t->gate_notice_ms / 1000);
		r = modem_enter_data(u->modem, NULL, u->profile->com_gate,
				     begun_ms + t->gate_limit_ms, &bare_ok, e);
	}
	if (r == 0)
		return err_fail(e, bare_ok ? MSG_GATE_BARE_OK : MSG_GATE_MISSING, "gate=%s", u->profile->com_gate);
	return r > 0 ? 0 : -1;
}

/* The size of the next write, and the pause after it where the line has no
 * flow control. */
static size_t block_size(const struct upgrade *u, uint64_t offset, int *gap_ms)
{
	bool slow = u->slow && u->baud > SLOW_ABOVE_BAUD;
	uint64_t left = package_size(u->package) - offset;
	size_t size = slow ? SLOW_BLOCK_SIZE : BLOCK_SIZE;

	*gap_ms = slow ? SLOW_GAP_MS : 0;
	if (left <= size || left <= LAST_BLOCK_MIN)
		size = (size_t)left;
	else if (left - size < LAST_BLOCK_MIN)
		size = (size_t)left - LAST_BLOCK_MIN;
	return package_block(u->package, offset, size);
}

static int send_package(struct upgrade *u, struct err *e)
{
	uint64_t size = package_size(u->package), offset = 0;
	int64_t begun_ms = upgrade_now(u);

	while (offset < size) {
		unsigned char block[BLOCK_SIZE];
		int gap_ms, r;
		size_t count = block_size(u, offset, &gap_ms), sent;

		if (package_read(u->package, offset, block, count, e) < 0)
			return -1;
		if (u->cancelled && !u->committed)
			return err_fail(e, MSG_TRANSFER_CANCELLED, "");
		if (offset + count == size) {
			/* the commit gate: this block completes the declared size */
			if (!package_intact(u->package))
				return err_fail(e, MSG_PACKAGE_CHANGED, "");
			if (upgrade_gate(u, e) < 0)
				return -1;
		}
		r = modem_write_data(u->modem, block, count, u->profile->timers.data_limit_ms, &sent, e);
		count_line(u, sent);
		u->sent_size = offset + sent;
		upgrade_report_data(u, r < 0 || u->sent_size == size);
		if (r < 0)
			return -1;
		offset += count;
		upgrade_progress(u, UNIT_BYTES, offset, size, begun_ms, offset == size);
		if (gap_ms && port_pause(u->env.port, upgrade_now(u) + gap_ms, e) < 0)
			return -1;
	}
	return 0;
}

int push_transfer(struct upgrade *u, enum step *next, struct err *e)
{
	int64_t until_ms;
	bool in_data;

	if (upgrade_intend(u, INTENT_TRANSFER, e) < 0)
		return -1;
	u->data_ms = upgrade_now(u);
	upgrade_progress(u, UNIT_BYTES, 0, package_size(u->package), 0, true);
	in_data = enter_data(u, e) == 0;
	if (in_data && send_package(u, e) == 0) {
		u->sent_ms = upgrade_now(u);
		return 0;
	}
	if (e->code == ERR_CANCELLED)
		err_fail(e, MSG_TRANSFER_CANCELLED, "");
	if (e->code == ERR_REFUSED && e->detail >= 0)
		upgrade_code(u, "cme", e->detail);
	if (!u->sent && u->under_way)
		return -1;	/* an update that was not started here */
	upgrade_fail(u, e);
	u->committed = true;
	if (u->course.started) {
		modem_go_on(u->modem);
		*next = STEP_INSTALL;
		return 0;
	}
	u->stopping = true;
	u->in_data = in_data;
	*next = STEP_RESTART;
	if (e->code == ERR_GONE)
		course_restart(&u->course);
	else if (!in_data && e->code == ERR_REFUSED)
		*next = STEP_VERIFY;	/* said in command mode */
	else if (!in_data)
		upgrade_keep_quiet(u);	/* it may still take what comes for data (protocol.md 2.1) */
	else if (upgrade_leave_data_mode(u, &until_ms, e) < 0)
		return -1;
	else if (until_ms <= upgrade_now(u))
		*next = STEP_VERIFY;
	return 0;
}

const struct route_steps route_serial = {
	.load = push_load,
	.prepare = push_prepare,
	.transfer = push_transfer,
};

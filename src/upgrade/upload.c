#include "config.h"

#include "upgrade/routes.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/count.h"
#include "upgrade/conclude.h"
#include "upgrade/data_mode.h"
#include "upgrade/fetch.h"
#include "upgrade/gate.h"
#include "upgrade/line_time.h"
#include "upgrade/settings.h"
#include "upgrade/tell.h"

/*
 * The package goes into the module's file store by AT+QFUPL, block by block
 * acknowledged; size and checksum must agree; then it is told to install that
 * file, which is the gate (protocol.md 6, 8). Until then nothing can happen to
 * its firmware, and the file is deleted again.
 */

#define ACK_BLOCK 1024		/* protocol.md 6 */
#define CME_EXISTS 407		/* protocol.md 5.4 */
/* From the last byte to its size and checksum: FILEEND of LTE-A may take so long (protocol.md 4.2). */
#define END_MS 30000

int upload_fits(struct upgrade *u, struct err *e)
{
	return u->plan.com_command[0] ? err_fail(e, MSG_COM_COMMAND_UNUSED, "model=%s", u->identity.model) : 0;
}

static int build(struct upgrade *u, char *out, size_t out_size, const char *template, struct err *e)
{
	char size[24], timeout[16];
	const struct at_value values[] = {
		{"size", size}, {"timeout", timeout}, {"name", u->profile->file_name}, {NULL, NULL},
	};

	snprintf(size, sizeof(size), "%llu", (unsigned long long)package_size(u->package));
	snprintf(timeout, sizeof(timeout), "%d", upgrade_com_timeout_s(u));
	return at_build(out, out_size, template, values, e);
}

/* Ask TEMPLATE; 1: REPLY has a line of PREFIX, 0: not, -1. */
static int ask(struct upgrade *u, const char *template, const char *prefix, struct modem_reply *reply, struct err *e)
{
	char text[96];
	const struct modem_command command = {text, prefix, u->profile->timers.command_ms, NULL};

	if (build(u, text, sizeof(text), template, e) < 0)
		return -1;
	if (modem_ask(u->modem, &command, reply, e) == 0)
		return reply->count > 0;
	return e->code == ERR_REFUSED || e->code == ERR_TIMEOUT ? 0 : -1;
}

/* "+QFLST: \"UFS:<name>\",<size>": of a file of ours that was left behind. */
static int look_for_leftover(struct upgrade *u, long *size, struct err *e)
{
	struct modem_reply reply;
	struct at_fields f;
	int r = ask(u, "AT+QFLST=\"{name}\"", "+QFLST:", &reply, e);

	*size = 0;
	if (r <= 0)
		return r;
	f = at_fields(reply.lines[reply.count - 1], "+QFLST:");
	if (!at_field_skip(&f) || !at_field_number(&f, 0, 1L << 30, size))
		*size = 0;
	u->leftover = true;
	upgrade_report(u, MSG_LEFTOVER, "name=%s", u->profile->file_name);
	return 0;
}

/* "+QFLDS: <free>,<total>". */
static int look_for_room(struct upgrade *u, struct err *e)
{
	long leftover, free = -1, total;
	struct modem_reply reply;
	struct at_fields f;
	int r;

	if (look_for_leftover(u, &leftover, e) < 0)
		return -1;
	r = ask(u, "AT+QFLDS=\"UFS\"", "+QFLDS:", &reply, e);
	if (r < 0)
		return -1;
	if (r > 0)
		f = at_fields(reply.lines[reply.count - 1], "+QFLDS:");
	if (r == 0 || !at_field_number(&f, 0, LONG_MAX / 2, &free) || !at_field_number(&f, 0, LONG_MAX / 2, &total) ||
	    total < free) {
		upgrade_report(u, MSG_ROOM_UNKNOWN, "");
		return 0;
	}
	if ((uint64_t)(free + leftover) < package_size(u->package))
		return err_fail(e, MSG_NO_ROOM, "free=%ld size=%llu", free + leftover,
				(unsigned long long)package_size(u->package));
	return 0;
}

int upload_prepare(struct upgrade *u, struct err *e)
{
	if (build(u, u->upload, sizeof(u->upload), u->profile->com_command, e) < 0 ||
	    build(u, u->command, sizeof(u->command), u->profile->start_command, e) < 0 ||
	    look_for_room(u, e) < 0)
		return -1;
	push_look(u);
	return 0;
}

static int delete_leftover(struct upgrade *u, struct err *e)
{
	char text[96];
	const struct modem_command command = {text, NULL, u->profile->timers.command_ms, NULL};

	if (build(u, text, sizeof(text), "AT+QFDEL=\"{name}\"", e) < 0)
		return -1;
	return modem_command(u->modem, &command, NULL, e);
}

/* XOR of big-endian pairs, an odd last byte the high one (protocol.md 6). BYTES begin one. */
static unsigned xor_pairs(const unsigned char *bytes, size_t size)
{
	unsigned sum = 0;

	for (size_t i = 0; i < size; i++)
		sum ^= i % 2 ? (unsigned)bytes[i] : (unsigned)bytes[i] << 8;
	return sum;
}

/* Block by block: the next goes out when the module has acknowledged the one before. */
static int send_blocks(struct upgrade *u, unsigned *checksum, struct err *e)
{
	unsigned char bytes[ACK_BLOCK];
	struct sending s;

	push_begin(u, &s);
	*checksum = 0;
	while (s.offset < s.plan.size) {
		uint64_t left = s.plan.size - s.offset;
		size_t size = left < ACK_BLOCK ? (size_t)left : ACK_BLOCK;

		s.gate = s.offset + size;
		if (package_read(u->package, s.offset, bytes, size, e) < 0)
			return -1;
		if (s.gate == s.plan.size && !package_intact(u->package))
			return err_fail(e, MSG_PACKAGE_CHANGED, "");
		*checksum ^= xor_pairs(bytes, size);
		if (push_part(u, &s, s.gate, bytes, e) < 0)
			return -1;
		if (size == ACK_BLOCK &&
		    modem_await_ack(u->modem, earlier(upgrade_line_free_ms(u) + u->profile->timers.ack_limit_ms,
						      u->watch_end_ms), e) < 0)
			return -1;
	}
	return 0;
}

/* What it says that it got must be what was sent. */
static int check_upload(struct upgrade *u, unsigned checksum, struct err *e)
{
	int64_t until_ms = earlier(upgrade_line_free_ms(u) + END_MS, u->watch_end_ms);
	unsigned found;
	char got[8], wanted[8];
	uint64_t size;

	if (modem_end_upload(u->modem, &size, &found, until_ms, e) < 0)
		return -1;
	snprintf(got, sizeof(got), "%04X", found & 0xffff);
	snprintf(wanted, sizeof(wanted), "%04X", checksum & 0xffff);
	if (size != package_size(u->package) || found != checksum)
		return err_fail(e, MSG_UPLOAD_DIFFERS, "size=%llu checksum=%s sent=%llu wanted=%s", (unsigned long long)size, got,
				(unsigned long long)package_size(u->package), wanted);
	upgrade_report(u, MSG_UPLOAD_CHECKED, "size=%llu checksum=%s", (unsigned long long)size, got);
	return 0;
}

/* Into data mode; a file that the list did not show is deleted, once. */
static int enter(struct upgrade *u, struct err *e)
{
	upgrade_report_stored(u, u->upload, SETTING_SENT);
	for (bool again = false;; again = true) {
		upgrade_data_open(u, package_size(u->package));
		if (push_enter(u, u->upload, e) == 0)
			return 0;
		if (again || e->code != ERR_REFUSED || e->detail != CME_EXISTS)
			break;
		upgrade_data_closed(u);
		upgrade_report(u, MSG_LEFTOVER, "name=%s", u->profile->file_name);
		if (delete_leftover(u, e) < 0)
			break;
	}
	if (e->code == ERR_REFUSED)
		upgrade_report_stored(u, u->upload, SETTING_REFUSED);
	return -1;
}

/* All bytes are in: 0, and *ENTERED or not, -1. */
static int upload(struct upgrade *u, bool *entered, struct err *e)
{
	unsigned checksum;

	*entered = enter(u, e) == 0;
	if (!*entered || send_blocks(u, &checksum, e) < 0)
		return -1;
	u->sent_ms = upgrade_line_free_ms(u);
	if (check_upload(u, checksum, e) < 0)
		return -1;
	upgrade_report_stored(u, u->upload, SETTING_CHANGED);
	return 0;
}

int upload_transfer(struct upgrade *u, enum step *next, struct err *e)
{
	bool entered;
	int r;

	if ((u->leftover && delete_leftover(u, e) < 0) ||
	    modem_show_echo(u->modem, e) < 0 || upgrade_intend(u, INTENT_TRANSFER, e) < 0)
		return -1;
	u->data_ms = upgrade_now(u);
	upgrade_progress(u, UNIT_BYTES, 0, package_size(u->package), 0, true);
	if (upload(u, &entered, e) < 0)
		return push_fail(u, entered, next, e);
	/* it answered in command mode: nothing of what is sent from here on is package */
	u->data = (struct data_mode){.serial = false};
	if (u->cancelled) {
		err_fail(e, MSG_TRANSFER_CANCELLED, "");
		upgrade_fail(u, e);
		u->committed = u->stopping = true;
		*next = STEP_VERIFY;
		return 0;
	}
	r = pull_start(u, next, e);
	u->sent_ms = upgrade_now(u);
	return r < 0 ? -1 : 0;
}

const struct route_steps route_upload = {
	.load = push_load,
	.fits = upload_fits,
	.prepare = upload_prepare,
	.transfer = upload_transfer,
};

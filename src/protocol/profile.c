#include "config.h"

#include "protocol/profile.h"

#include <string.h>
#include <strings.h>

/* protocol.md 9: of the cdc_acm ports ttyACM0..6, ttyACM3 is the AT port
 * (Quectel Linux USB Driver guide V1.8). A cdc_acm port is a control and a data
 * interface and its tty belongs to the control interface, so the fourth port is interface 6;
 * that the numbers have no gaps is an assumption. 1519:0020 is a whole line of
 * Infineon and Intel modems: ATI proves the module, not this id. */
static const struct profile_usb ugxx_usb[] = {
	{ 0x1519, 0x0020, 6 },
	{ 0, 0, 0 },
};

/* Modules that dfota does not upgrade but whose AT port it can point to:
 * protocol.md 9, ttyUSB2 throughout; an option port is one interface. */
static const struct profile_usb other_usb[] = {
	{ 0x05c6, 0x9090, 2 },	/* UC15 */
	{ 0x05c6, 0x9003, 2 },	/* UC20 */
	{ 0x05c6, 0x9215, 2 },	/* EC20 */
	{ 0x2c7c, 0x0121, 2 },	/* EC21 */
	{ 0x2c7c, 0x0125, 2 },	/* EC25 */
	{ 0x2c7c, 0x0191, 2 },	/* EG91 */
	{ 0x2c7c, 0x0195, 2 },	/* EG95 */
	{ 0x2c7c, 0x0306, 2 },	/* EP06, EG06, EM06 */
	{ 0x2c7c, 0x0296, 2 },	/* BG96 */
	{ 0x2c7c, 0x0435, 2 },	/* AG35 */
	{ 0, 0, 0 },
};

static const struct profile profiles[] = {
	{
		.name = "ugxx",
		/* UGxx DFOTA Upgrade User Guide V1.0, introduction */
		.models = { "UG96", "UG95", "UG35", NULL },
		.usb = ugxx_usb,
		/* protocol.md 1.1: FTP and HTTP as sources are UGxx, the syntax is of sister families */
		.pull_command = "AT+QFOTADL=\"{url}\"",
		/* assumption, protocol.md 1.2: the pseudo name of AT+QFTPPUT, the
		 * order name, size, timeout of AT+QFUPL */
		.com_command = "AT+QFOTADL=\"COM:\",{size},{timeout}",
		.com_gate = "CONNECT",		/* AT+QFUPL and "COM:" forms, protocol.md 2.1 */
		.com_verified = false,		/* the text of the guide's 3.3 is not known */
		.com_timeout_s = 20,		/* protocol.md 1.2, assumption: twice our longest pause between bytes; a failed transfer waits for its end */
		.end_family = "BG96",		/* no UGxx table is known, protocol.md 5.3; the family nearest in its manuals */
		.url = {
			.max = 255,		/* EP06, BG96, LTE-A, protocol.md 1.1 */
			.login_max = 50,	/* Ruptela and LTE-A, protocol.md 1.1 */
			.ftp_path_max = 50,	/* LTE-A; UGxx FTP manual: remote file name 50 */
			.https = false,		/* assumption, protocol.md 1.1: later families only */
		},
		.context_id = 1,		/* assumption, protocol.md 7; BG96 uses cid 1 */
		.supply_run_min_mv = 2500,	/* assumption: UG96 is off far above */
		.supply_run_max_mv = 5500,	/* assumption: UG96 does not survive it; its range ends at 4.3 V */
		.supply_min_mv = 3400,		/* assumption: the supply range of UG96 begins at 3.3 V */
		.rssi_min = 10,			/* assumption: -93 dBm, by the formula of protocol.md 7 */
		.package_max = 100L * 1024 * 1024 - 1,	/* larger is a full-flash image, protocol.md 11 */
		.timers = {		/* protocol.md 4.2, column "ours", where nothing else is said */
			.command_ms = 5 * 1000,
			.gate_notice_ms = 10 * 1000,		/* FILESTART took at most 10 s */
			.gate_limit_ms = 30 * 1000,
			.data_limit_ms = 10 * 1000,		/* assumption: twice the ACK wait */
			.source_start_notice_ms = 60 * 1000,
			.source_end_notice_ms = 600 * 1000,
			.start_notice_ms = 60 * 1000,
			.start_limit_ms = 300 * 1000,		/* seen elsewhere, with a reboot between */
			.updating_notice_ms = 120 * 1000,
			.stall_limit_ms = 600 * 1000,		/* assumption: a stall of ten minutes is allowed for */
			.end_notice_ms = 60 * 1000,
			.reboot_ms = 60000,		/* RDY after END: 30-60 s */
			.listen_ms = 10 * 1000,			/* assumption: the boot time; resume lines may come before any AT (protocol.md 11) */
			.poll_ms = 2 * 1000,			/* assumption */
			.return_limit_ms = 600 * 1000,		/* give up 10 min after END */
			.watch_limit_ms = 2700 * 1000,		/* 45 min in all */
		},
	},
};

const struct profile *profile_by_name(const char *name)
{
	const struct profile *p;

	for (size_t i = 0; (p = profile_row(i)) != NULL; i++) {
		if (strcmp(p->name, name) == 0)
			return p;
	}
	return NULL;
}

/* In any case of letters; *SPELLING is ours. */
static const struct profile *find_model(const char *model, const char **spelling)
{
	const struct profile *p;

	for (size_t i = 0; (p = profile_row(i)) != NULL; i++) {
		for (const char *const *m = p->models; *m != NULL; m++) {
			*spelling = *m;
			if (strcasecmp(*m, model) == 0)
				return p;
		}
	}
	return NULL;
}

const struct profile *profile_by_model(const char *model)
{
	const char *spelling;
	const struct profile *p = find_model(model, &spelling);

	return p && strcmp(spelling, model) == 0 ? p : NULL;
}

const char *profile_model(const char *model)
{
	const char *spelling;

	return find_model(model, &spelling) ? spelling : NULL;
}

const struct profile *profile_default(void)
{
	return &profiles[0];
}

const struct profile *profile_row(size_t index)
{
	if (index >= sizeof(profiles) / sizeof(profiles[0]))
		return NULL;
	return &profiles[index];
}

static int find_usb(const struct profile_usb *usb, int vid, int pid)
{
	for (; usb->vid != 0; usb++) {
		if (usb->vid == vid && usb->pid == pid)
			return usb->at_interface;
	}
	return -1;
}

/* All of 2c7c is Quectel's own (protocol.md 9). */
bool profile_own_usb(int vid, int pid)
{
	return vid == 0x2c7c || profile_at_interface(vid, pid) >= 0;
}

int profile_at_interface(int vid, int pid)
{
	const struct profile *p;
	int found = find_usb(other_usb, vid, pid);

	for (size_t i = 0; found < 0 && (p = profile_row(i)) != NULL; i++)
		found = find_usb(p->usb, vid, pid);
	return found;
}

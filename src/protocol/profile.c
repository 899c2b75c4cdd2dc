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

/* protocol.md 9, of all that follow: ttyUSB2; an option port is one interface. */
static const struct profile_usb ucxx_usb[] = {
	{ 0x05c6, 0x9090, 2 },	/* UC15 */
	{ 0x05c6, 0x9003, 2 },	/* UC20 */
	{ 0, 0, 0 },
};

static const struct profile_usb ec2x_usb[] = {
	{ 0x05c6, 0x9215, 2 },	/* EC20 */
	{ 0x2c7c, 0x0121, 2 },	/* EC21 */
	{ 0x2c7c, 0x0125, 2 },	/* EC25 */
	{ 0x2c7c, 0x0191, 2 },	/* EG91 */
	{ 0x2c7c, 0x0195, 2 },	/* EG95 */
	{ 0, 0, 0 },
};

static const struct profile_usb ep06_usb[] = {
	{ 0x2c7c, 0x0306, 2 },	/* EP06, EG06, EM06 */
	{ 0, 0, 0 },
};

static const struct profile_usb bg96_usb[] = {
	{ 0x2c7c, 0x0296, 2 },
	{ 0, 0, 0 },
};

/* Families of which protocol.md 9 lists no id; all of 2c7c is a module's own port. */
static const struct profile_usb no_usb[] = {
	{ 0, 0, 0 },
};

/* Modules that dfota does not upgrade but whose AT port it can point to. */
static const struct profile_usb other_usb[] = {
	{ 0x2c7c, 0x0435, 2 },	/* AG35 */
	{ 0, 0, 0 },
};

/* Models, as ATI prints them: protocol.md 7 and 8; with a variant behind them by
 * assumption. What stands in no list is refused. */
static const char *const ugxx_models[] = { "UG96", "UG95", "UG35", NULL };
static const char *const ucxx_models[] = { "UC15", "UC20", NULL };
static const char *const ec2x_models[] = {
	"EC25", "EC20", "EC21", "EG25", "EG25-G", "EG21", "EG21-G", "EG91", "EG95", "EM05", NULL,
};
static const char *const ep06_models[] = { "EP06", "EG06", "EM06", NULL };
static const char *const bg96_models[] = { "BG96", NULL };
static const char *const bg95_models[] = {
	"BG95", "BG95-M1", "BG95-M2", "BG95-M3", "BG95-M4", "BG95-M5", "BG95-M6", "BG95-MF", "BG77", NULL,
};
static const char *const lte_a_models[] = {
	"EC200A", "EC200M", "EC200N", "EC600K", "EC600M", "EC600N", "EC800K", "EC800M", "EC800N",
	"EG912N", "EG915N", NULL,
};
static const char *const ec200u_models[] = { "EC200U", "EG912U", "EG915U", NULL };

/* protocol.md 4.2, column "ours", for every family. Where nothing else is said
 * it was seen or allowed elsewhere. */
#define COMMON_TIMERS \
	.timers = { \
		.command_ms = 5 * 1000, \
		.gate_notice_ms = 10 * 1000,		/* FILESTART took at most 10 s */ \
		.gate_limit_ms = 30 * 1000, \
		.data_limit_ms = 10 * 1000,		/* assumption: twice the ACK wait */ \
		.ack_limit_ms = 5 * 1000,		/* fwupd */ \
		.source_start_notice_ms = 60 * 1000, \
		.source_end_notice_ms = 600 * 1000, \
		.start_notice_ms = 60 * 1000, \
		.start_limit_ms = 300 * 1000,		/* with a reboot between */ \
		.updating_notice_ms = 120 * 1000, \
		.stall_limit_ms = 600 * 1000,		/* assumption: a stall of ten minutes is allowed for */ \
		.end_notice_ms = 60 * 1000, \
		.reboot_ms = 60 * 1000,			/* RDY after END: 30-60 s */ \
		.listen_ms = 10 * 1000,			/* assumption: the boot time; resume lines may come before any AT (protocol.md 11) */ \
		.poll_ms = 2 * 1000,			/* assumption */ \
		.return_limit_ms = 600 * 1000,		/* give up 10 min after END */ \
		.watch_limit_ms = 2700 * 1000,		/* 45 min in all; EG18 took 20 */ \
	}

/* The same in every row, with the reason. */
#define COMMON \
	.context_id = 1,	/* assumption, protocol.md 7; BG96 uses cid 1, LTE-A what AT+QCFG="fota/cid" names */ \
	.supply_run_min_mv = 2500,	/* assumption: a module is off far above */ \
	.supply_run_max_mv = 5500,	/* assumption: it does not survive that; the range of UG96 ends at 4.3 V */ \
	.rssi_min = 10,		/* assumption: -93 dBm, by the formula of protocol.md 7 */ \
	.package_max = 100L * 1024 * 1024 - 1,	/* larger is a full-flash image, protocol.md 11 */ \
	COMMON_TIMERS

/* assumption: the supply range of UG96 begins at 3.3 V */
#define SUPPLY_UMTS 3400
/* assumption: cards of these families are made for 3.3 V */
#define SUPPLY_LTE 3100

static const struct profile profiles[] = {
	{
		.name = "ugxx",
		/* UGxx DFOTA Upgrade User Guide V1.0, introduction */
		.source = "UGxx DFOTA guide V1.0 (sources only); syntax of sister families; COM form assumed",
		.models = ugxx_models,
		.usb = ugxx_usb,
		/* protocol.md 1.1: FTP and HTTP as sources are UGxx, the syntax is of sister families */
		.pull_command = "AT+QFOTADL=\"{url}\"",
		.pull_sure = SURE_ASSUMED,
		.serial = SERIAL_STREAM,
		/* assumption, protocol.md 1.2: the pseudo name of AT+QFTPPUT, the
		 * order name, size, timeout of AT+QFUPL */
		.com_command = "AT+QFOTADL=\"COM:\",{size},{timeout}",
		.com_gate = "CONNECT",		/* AT+QFUPL and "COM:" forms, protocol.md 2.1 */
		.com_timeout_s = 20,		/* protocol.md 1.2, assumption: twice our longest pause between bytes; a failed transfer waits for its end */
		.serial_sure = SURE_ASSUMED,	/* the text of the guide's 3.3 is not known */
		.package_format = "",		/* protocol.md 10: a .bin without a known mark */
		.end_family = "BG96",		/* no UGxx table is known, protocol.md 5.3; the family nearest in its manuals */
		.end_borrowed = true,
		.url = {
			.max = 255,		/* EP06, BG96, LTE-A, protocol.md 1.1 */
			.login_max = 50,	/* Ruptela and LTE-A, protocol.md 1.1 */
			.ftp_path_max = 50,	/* LTE-A; UGxx FTP manual: remote file name 50 */
			.https = false,		/* assumption, protocol.md 1.1: later families only */
		},
		.supply_min_mv = SUPPLY_UMTS,
		COMMON,
	},
	{
		.name = "ucxx",
		/* protocol.md 8: the guide exists, its text is not known; all as of UGxx by assumption */
		.source = "UMTS/HSPA DFOTA guide V1.0 (by title only); all assumed as of UGxx",
		.models = ucxx_models,
		.usb = ucxx_usb,
		.pull_command = "AT+QFOTADL=\"{url}\"",
		.pull_sure = SURE_ASSUMED,
		.serial = SERIAL_STREAM,
		.com_command = "AT+QFOTADL=\"COM:\",{size},{timeout}",
		.com_gate = "CONNECT",
		.com_timeout_s = 20,
		.serial_sure = SURE_ASSUMED,
		.package_format = "",
		.end_family = "BG96",
		.end_borrowed = true,
		.url = { .max = 255, .login_max = 50, .ftp_path_max = 50 },
		.supply_min_mv = SUPPLY_UMTS,
		COMMON,
	},
	{
		.name = "ec2x",
		.source = "captured logs and code (fwupd); EC2x QuecOpen DFOTA note V1.0 for codes",
		.models = ec2x_models,
		.usb = ec2x_usb,
		.pull_command = "AT+QFOTADL=\"{url}\"",	/* protocol.md 8 */
		.pull_sure = SURE_CODE,
		/* protocol.md 6 and 8, fwupd: name, acknowledgements, and the path of the store */
		.serial = SERIAL_UPLOAD,
		.com_command = "AT+QFUPL=\"{name}\",{size},{timeout},1",
		.com_gate = "CONNECT",
		.com_timeout_s = 20,		/* assumption: more than the wait for an acknowledgement; fwupd says 5 */
		.start_command = "AT+QFOTADL=\"/data/ufs/{name}\"",
		.file_name = "dfota_update.bin",
		.serial_sure = SURE_CODE,
		.package_format = "zip",
		.end_family = "EC2x",
		.url = { .max = 255, .login_max = 50, .ftp_path_max = 50 },	/* assumption, of EP06 and LTE-A */
		.restarts_first = true,
		.lte = true,
		.supply_min_mv = SUPPLY_LTE,
		COMMON,
	},
	{
		.name = "ep06",
		.source = "EP06 DFOTA guide V1.0",
		.models = ep06_models,
		.usb = ep06_usb,
		.pull_command = "AT+QFOTADL=\"{url}\"",	/* protocol.md 8 */
		.pull_sure = SURE_DOCUMENTED,
		.package_format = "zip",	/* update.zip, protocol.md 8 */
		.end_family = "EP06",
		.url = {
			.max = 255,		/* protocol.md 1.1 */
			.login_max = 50, .ftp_path_max = 50,	/* assumption, of LTE-A; FTPEND has codes, protocol.md 5.1 */
		},
		.restarts_first = true,
		.lte = true,
		.supply_min_mv = SUPPLY_LTE,
		COMMON,
	},
	{
		/* Never AT+QFOTADL with a number: 1 starts an upgrade (protocol.md 1.2) */
		.name = "bg96",
		.source = "BG96 DFOTA guide",
		.models = bg96_models,
		.usb = bg96_usb,
		.pull_command = "AT+QFOTADL=\"{url}\"",	/* protocol.md 8 */
		.pull_sure = SURE_DOCUMENTED,
		.package_format = "zip",
		.end_family = "BG96",
		.url = {
			.max = 255, .login_max = 50,	/* protocol.md 1.1; the host's limit is LTE-A's */
			.https = true, .no_ftp = true,	/* protocol.md 8 */
		},
		.lte = true,
		.supply_min_mv = SUPPLY_LTE,
		COMMON,
	},
	{
		.name = "bg95",
		.source = "captured logs (forums.quectel.com); codes and limits of BG96",
		.models = bg95_models,
		.usb = no_usb,
		.pull_command = "AT+QFOTADL=\"{url}\"",	/* protocol.md 8 */
		.pull_sure = SURE_CODE,
		.package_format = "",		/* zip or bin, protocol.md 8 */
		.end_family = "BG96",
		.end_borrowed = true,
		.url = { .max = 255, .login_max = 50, .https = true, .no_ftp = true },
		.lte = true,
		.supply_min_mv = SUPPLY_LTE,
		COMMON,
	},
	{
		.name = "lte-a",
		.source = "LTE Standard(A) DFOTA guide V1.5",
		.models = lte_a_models,
		.usb = no_usb,
		/* mode and URC limits may follow, and need not (protocol.md 1.1) */
		.pull_command = "AT+QFOTADL=\"{url}\"",
		.pull_sure = SURE_DOCUMENTED,
		.serial = SERIAL_STREAM,
		.com_command = "AT+QFOTADL=\"FILE:{size}\"",
		.com_gate = "+QIND: \"FOTA\",\"FILESTART\"",	/* after a bare OK; no CONNECT (protocol.md 2.1) */
		.com_timeout_s = PROFILE_DATA_TIMEOUT_S,	/* a stopped transfer waits for its end */
		.serial_sure = SURE_DOCUMENTED,
		.package_format = "",		/* .bin, protocol.md 8 */
		.end_family = "LTE-A",
		.url = {
			.max = 255, .login_max = 50, .ftp_path_max = 50,	/* protocol.md 1.1 */
		},
		.restarts_first = true,
		.lte = true,
		.supply_min_mv = SUPPLY_LTE,
		COMMON,
	},
	{
		.name = "ec200u",
		.source = "captured logs and code; codes and limits of LTE Standard(A)",
		.models = ec200u_models,
		.usb = no_usb,
		/* <mode>,<URCs of the download>,<URCs of the update>: protocol.md 1.1, 8 */
		.pull_command = "AT+QFOTADL=\"{url}\",1,50,100",
		.pull_sure = SURE_CODE,
		.package_format = "",		/* .pack, .pac, protocol.md 8 */
		.end_family = "LTE-A",
		.end_borrowed = true,
		.url = { .max = 255, .login_max = 50, .ftp_path_max = 50 },
		.lte = true,
		.supply_min_mv = SUPPLY_LTE,
		COMMON,
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

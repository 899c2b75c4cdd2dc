/*
 * Sessions with their true cause, for tests/test_diagnose_figures.c: what is wrong
 * in the world, and which rules of the diagnosis say that. They are other ones
 * than those of tests/records, and no rule may be fitted to one of them.
 */
#ifndef DFOTA_DIAGNOSE_CASES_H
#define DFOTA_DIAGNOSE_CASES_H

#include "base/message.h"

enum way { SERIAL, HTTP, FTP, RELAY };

/* Another program that has the port: openings FROM..FROM + COUNT - 1 fail so. */
struct holder {
	int from, count;
	enum message_id id;
	const char *program;
};

struct session {
	const char *name;
	const char *truth;	/* rules, blanks between; any of them is the true cause */
	enum way way;
	const char *module;	/* its scenario */
	const char *server;	/* words in its URL, which say how it serves this computer; NULL: well */
	struct holder holder;
	/* what people and the computer do */
	int return_s, watch_s, start_s;		/* limits, 0: as usual */
	int late_after, late_s;	/* the program stands still for so long once so many writes are out */
	enum { NOBODY, SAYS_NO, CANCELS, DETACHES, LOSES } who;
	enum step when;		/* this step begins */
	int kill_after;		/* killed so many calls and events after the beginning of WHEN; 0: not */
	bool resumed;		/* and another program goes on */
	bool other_file;	/* the file is not the one of the manifest */
	bool no_manifest;
	bool verified;		/* this computer downloads and compares the file first */
};

/* Name, truth, way, module, and what else there is. */
#define CASE(n, t, w, ...) { .name = n, .truth = t, .way = w, .module = __VA_ARGS__ }
#define GOES_ON "\tdefault\n"
#define FOTA(words) "\tline +QIND: \"FOTA\"," words "\n"
#define ALWAYS(...) { .from = 1, .count = 1000000, __VA_ARGS__ }
#define REFUSED(with) "on AT+QFOTADL=\"*\n\tline " with "\n"

static const struct session failures[] = {
	/* who is on the port, and the port */
	CASE("picocom has the port", "port-held", SERIAL, "", .holder = ALWAYS(.id = MSG_PORT_HELD, .program = "picocom")),
	CASE("a process without a name has the port", "port-held", HTTP, "", .holder = ALWAYS(.id = MSG_PORT_HELD_BY_PROCESS)),
	CASE("ModemManager has the port", "modem-manager", FTP, "", .holder = ALWAYS(.id = MSG_PORT_HELD_BY_MANAGER, .program = "ModemManager")),
	CASE("somebody has the port, who is not seen", "port-held-unseen", SERIAL, "", .holder = ALWAYS(.id = MSG_PORT_HELD_UNSEEN)),
	CASE("a short hold after the restart, and a third version", "third-version", SERIAL, "set final-version UG96LNAR02A07E1G\n",
	  .holder = { .from = 2, .count = 3, .id = MSG_PORT_HELD, .program = "gpsd" }),
	CASE("a short hold by ModemManager, and END without effect", "end-without-effect", HTTP, "set final-version unchanged\n",
	  .holder = { .from = 2, .count = 2, .id = MSG_PORT_HELD_BY_MANAGER, .program = "ModemManager" }),
	CASE("ModemManager asks on while the module downloads", "modem-manager", HTTP,
	  "set source-code 704\nset download-ms 9000\nat download\n" GOES_ON "\twait 2000\n\tline AT+CSCS=?\n\tline +CSCS: (\"GSM\",\"UCS2\")\n\tline OK\n"),
	CASE("a tracker asks for the operator in the transfer", "other-program", SERIAL,
	  "at data 9000\n\tline AT+COPS?\n\tline +COPS: 0,0,\"TELCO\",2\n\tline OK\n\tleave\n"),
	CASE("pppd dials while the module downloads", "other-program context-inactive", HTTP,
	  "set source-code 706\nset download-ms 6000\nat download\n" GOES_ON "\twait 900\n\tline AT+CGDCONT?\n\tline +CGDCONT: 1,\"IP\",\"net\"\n\tline OK\n"),
	CASE("unplugged at the question for the signal", "unplugged", SERIAL, "on AT+CSQ\n\tvanish 0\n"),
	CASE("unplugged at the question for the version", "unplugged", HTTP, "on AT+CGMR\n\tvanish 0\n"),
	CASE("a warning of the supply, then the port vanishes before the start", "unplugged restarts supply-low", FTP,
	  "on AT+IPR?\n\tline UNDER_VOLTAGE WARNING\n\tvanish 0\n"),
	CASE("unplugged at byte 3,000", "link-lost", SERIAL, "at data 3000\n\tvanish 0\n"),
	CASE("unplugged at byte 17,000 and plugged in again", "link-lost", SERIAL, "at data 17000\n\tvanish 4000\n\tleave\n"),
	CASE("noise at each rate", "wrong-baud", SERIAL, "set echo off\non AT*\n\tgarbage 40\n"),
	CASE("deaf", "no-answer", HTTP, "set deaf on\n"),
	CASE("mute", "no-answer", FTP, "set mute on\n"),

	/* the right module, the right package */
	CASE("AT+QFOTADL is not supported", "no-dfota", SERIAL, "on AT+QFOTADL=?\n\tline +CME ERROR: 4\n"),
	CASE("AT+QFOTADL is an error", "no-dfota", HTTP, "on AT+QFOTADL=?\n\tline ERROR\n"),
	CASE("a SIM800", "unknown-model", SERIAL, "set model SIM800\nset version SIM800R14.18\n"),
	CASE("a module of another base", "wrong-base-version", SERIAL, "set version UG96LNAR02A03E1G\n"),
	CASE("a module of a newer base", "wrong-base-version", HTTP, "set version UG96LNAR02A09E1G\n"),
	CASE("a UG95", "wrong-model", FTP, "set model UG95\nset version UG95EAR02A06M1G\n"),
	CASE("at the target already", "already-done", HTTP, "set version UG96LNAR02A08E1G\n"),
	CASE("a file that is not the one of its manifest", "package-altered", SERIAL, "", .other_file = true),
	CASE("another baseline, no manifest", "wrong-package", SERIAL, "set end-code 553\nset end-percent 0\n", .no_manifest = true),
	CASE("another project, no manifest", "wrong-package", HTTP, "set end-code 552\nset end-percent 0\n", .no_manifest = true),
	CASE("another version, by wire, the manifest fits", "wrong-package", SERIAL, "set end-code 507\nset end-percent 0\n"),
	CASE("another version, downloaded and verified here", "wrong-package", HTTP, "set end-code 507\nset end-percent 0\n", .verified = true),
	CASE("the source does not match, downloaded", "wrong-package", FTP, "set end-code 553\nset end-percent 0\n"),
	CASE("the check fails, after a download that was complete", "wrong-package", HTTP, "set end-code 506\nset end-percent 0\n", .verified = true),
	CASE("the drive is full", "no-room", SERIAL, REFUSED("+CME ERROR: 403")),
	CASE("no space", "no-room", HTTP, REFUSED("+CME ERROR: 420")),
	CASE("no space to unpack", "no-room", FTP, "set end-code 511\nset end-percent 0\n"),
	CASE("larger than the area", "no-room", SERIAL, "set fota-max 9000\n"),

	/* SIM and network */
	CASE("a defective SIM", "sim-missing", HTTP, "on AT+CPIN?\n\tline +CME ERROR: 13\n"),
	CASE("a SIM that is never ready", "sim-missing", FTP, "set cpin NOT READY\nset creg 0\nset cgreg 0\n"),
	CASE("a SIM without contact, no network", "sim-missing", HTTP, "set cpin none\nset creg 0\nset cgreg 0\nset context off\n"),
	CASE("a SIM that wants its PUK", "sim-locked", HTTP, "set cpin SIM PUK\nset creg 0\nset cgreg 0\n"),
	CASE("a SIM locked to a provider", "sim-locked", FTP, "on AT+CPIN?\n\tline +CME ERROR: 45\n"),
	CASE("no subscription here", "registration-denied", FTP, "set creg 3\nset cgreg 3\nset rssi 20\n"),
	CASE("no data subscription: calls only", "registration-denied", HTTP, "set creg 1\nset cgreg 3\n"),
	CASE("it searches on", "not-registered", HTTP, "set creg 2\nset cgreg 2\nset rssi 99\n"),
	CASE("no network, no antenna", "not-registered weak-signal", FTP, "set creg 0\nset cgreg 0\nset rssi 0\n"),
	CASE("the network goes in the download", "registration-lost", HTTP,
	  "set source-code 701\nset download-ms 40000\nat download\n" GOES_ON "\twait 9000\n\tline +CGREG: 2\n"),
	CASE("the network goes and comes back", "registration-lost", FTP,
	  "set source-code 605\nset download-ms 30000\nat download\n" GOES_ON "\twait 4000\n\tline +CREG: 2\n\twait 20000\n\tline +CREG: 1,\"1A2B\",\"03\"\n"),
	CASE("the network refuses on the way", "registration-lost registration-denied", HTTP,
	  "set source-code 710\nset download-ms 30000\nat download\n" GOES_ON "\twait 14000\n\tline +CGREG: 3\n"),
	CASE("the context cannot be switched on", "context-inactive", HTTP, "set context off\non AT+QIACT=1\n\tline +CME ERROR: 30\n"),
	CASE("the context never comes", "context-inactive", FTP, "set context off\non AT+QIACT=1\n\twait 8000\n\tline ERROR\n"),
	CASE("the network ends the context", "context-inactive", FTP,
	  "set source-code 605\nset download-ms 20000\nat download\n" GOES_ON "\twait 7000\n\tline +CGEV: NW DEACT \"IP\",\"10.1.2.3\",1\n"),
	CASE("no context by its code", "context-inactive", HTTP, "set source-code 709\n"),
	CASE("hardly a signal", "weak-signal", FTP, "set rssi 3\nset source-code 609\nset download-ms 90000\n"),
	CASE("the signal falls and recovers", "weak-signal", HTTP,
	  "set source-code 702\nset download-ms 90000\nat download\n" GOES_ON "\twait 9000\n\tline +QIND: \"csq\",2,99\n\twait 50000\n\tline +QIND: \"csq\",19,99\n"),
	CASE("the signal falls, as another form says", "weak-signal", HTTP,
	  "set source-code 722\nset download-ms 60000\nat download\n" GOES_ON "\twait 5000\n\tline +QIND: \"csq\",4,99\n\twait 9000\n\tline +QIND: \"csq\",11,99\n"),
	CASE("a slow server", "slow-link", FTP, "set rssi 22\nset source-code 609\nset download-ms 240000\n"),
	CASE("a server that does not answer in time", "slow-link", HTTP, "set source-code 728\nset download-ms 70000\n"),

	/* servers */
	CASE("a name that nobody knows", "dns-failed", HTTP, "set source-code 714\n", .server = "nohost"),
	CASE("a name that the mobile network does not know", "dns-failed", FTP, "set source-code 604\n"),
	CASE("an address of this network", "server-private", HTTP, "set source-code 716\n", .server = "private"),
	CASE("an address of this network, and the wait is long", "server-private", HTTP, "set source-code 702\nset download-ms 75000\n", .server = "private"),
	CASE("nobody listens", "server-unreachable", FTP, "set source-code 605\n", .server = "refused"),
	CASE("a firewall before the mobile network", "server-unreachable", HTTP, "set source-code 716\n"),
	CASE("a portal's page", "server-html", HTTP, "", .server = "page"),
	CASE("moved", "server-redirect", HTTP, "", .server = "moved"),
	CASE("a longer file", "server-other-file", HTTP, "", .server = "longer"),
	CASE("wrong password", "login-wrong", HTTP, "", .server = "401"),
	CASE("wrong FTP password", "login-wrong", FTP, "", .server = "530"),
	CASE("forbidden", "access-denied", HTTP, "", .server = "403"),
	CASE("not there", "file-missing", HTTP, "", .server = "404"),
	CASE("not there by FTP", "file-missing", FTP, "", .server = "550"),
	CASE("200 here, 403 there", "server-refuses-module", HTTP, "set source-code 403\n"),
	CASE("200 here, 404 there", "server-refuses-module", HTTP, "set source-code 404\n"),
	CASE("the file is here, 530 there", "server-refuses-module", FTP, "set source-code 530\n"),
	CASE("the file is here, 550 there", "server-refuses-module", FTP, "set source-code 550\n"),
	CASE("401 there, and not asked from here", "login-wrong", HTTP, "set source-code 401\n", .server = "refused"),
	CASE("404 there, and not asked from here", "file-missing", HTTP, "set source-code 404\n", .server = "refused"),
	CASE("overloaded", "server-busy", HTTP, "set source-code 503\n", .server = "503"),
	CASE("too many users", "server-busy", FTP, "set source-code 603\n", .server = "421"),
	CASE("too many requests of modules", "server-busy", HTTP, "set source-code 429\n"),
	CASE("encryption is wanted", "server-wants-tls", FTP, "", .server = "tls"),
	CASE("passive FTP blocked", "passive-ftp", FTP, "set source-code 425\nset download-ms 20000\n"),
	CASE("the peer closes", "connection-closed", FTP, "set source-code 616\nset download-ms 14000\n"),
	CASE("an FTP number in HTTPEND", "connection-closed", HTTP, "set source-code 608\nset download-ms 8000\n"),
	CASE("no encryption in the module", "tls", FTP, "set source-code 631\n"),
	CASE("encryption, by a number without a row", "tls", HTTP, "set source-code 420\n"),
	CASE("a call", "code-only", HTTP, "set source-code 725\n"),
	CASE("an unknown number", "code-only", FTP, "set source-code 699\n"),
	CASE("a URL that the module does not take", "code-only", HTTP, "set source-code 711\n"),
	CASE("OK and nothing after it", "no-download", FTP, "at download\n\tdrop\n"),

	/* over the serial port */
	CASE("COM is an error", "com-form-unknown", SERIAL, REFUSED("ERROR")),
	CASE("COM is not allowed", "com-form-unknown", SERIAL, REFUSED("+CME ERROR: 3")),
	CASE("another dialect", "com-form-unknown", SERIAL, "set dialect com-size\n"),
	CASE("the gate comes when nobody waits any more", "gate-late", SERIAL, "on AT+QFOTADL=\"*\n\twait 40000\n\tdefault\n"),
	CASE("OK, and the gate a minute later", "gate-late", SERIAL, "on AT+QFOTADL=\"*\n\tline OK\n\twait 60000\n\tdefault\n"),
	CASE("no gate", "com-form-unknown", SERIAL, "on AT+QFOTADL=\"*\n\tdrop\n"),
	CASE("it stops taking data", "left-data-mode", SERIAL, "at data 4000\n\tline ERROR\n\tleave\n"),
	CASE("it stops taking data, time-out", "left-data-mode bytes-lost", SERIAL, "at data 15000\n\tline +CME ERROR: 421\n\tleave\n"),
	CASE("CTS low", "flow-control-stall", SERIAL, "at data 7000\n\tset reading off\n", .return_s = 60),
	CASE("the program is stopped in the transfer", "program-late", SERIAL, "", .late_after = 30, .late_s = 70),
	CASE("bytes flipped, found by the check", "bytes-lost", SERIAL, "set noise-in 0\nat data 2000\n\tset noise-in 300\n\tset noise-kind flip\nset end-percent 0\n"),
	CASE("bytes lost without flow control", "bytes-lost", SERIAL, "at data 2000\n\tset noise-in 400\n\tset noise-kind drop\n"),
	CASE("the check of a package by wire fails", "bytes-lost", SERIAL, "set end-code 506\nset end-percent 0\n"),

	/* the installation, restarts, power */
	CASE("3.2 V", "supply-low", SERIAL, "set voltage-mv 3210\n"),
	CASE("3.3 V, downloads", "supply-low", HTTP, "set voltage-mv 3301\n"),
	CASE("a warning of the supply, and a restart at 20 %", "low-voltage-restart", SERIAL,
	  "set resume off\nat updating 20\n" GOES_ON "\tline UNDER_VOLTAGE WARNING\n\treboot\n", .start_s = 30),
	CASE("3.4 V, and restarts at 60 %", "low-voltage-restart", HTTP, "set voltage-mv 3490\nset resume off\nat updating 60\n" GOES_ON "\treboot\n", .start_s = 30),
	CASE("a power cut at 33 %", "power-cut", FTP, "set resume off\nat updating 33\n" GOES_ON "\treboot\n", .start_s = 30),
	CASE("a power cut at the end", "power-cut", SERIAL, "set resume off\nat updating 97\n" GOES_ON "\treboot\n", .start_s = 30),
	CASE("restarts in the preflight", "restarts unplugged no-answer", SERIAL, "on AT+CBC\n\treboot\non ATI nth 2..\n\treboot\n"),
	CASE("restarts while it downloads", "restarts", HTTP,
	  "set download-ms 60000\nset source-code 701\nat download\n" GOES_ON "\twait 5000\n\tline RDY\n\twait 15000\n\tline RDY\n\twait 15000\n\tline RDY\n"),
	CASE("a warning of the supply, and a restart while it downloads", "restarts", FTP,
	  "set download-ms 40000\nset source-code 601\nat download\n" GOES_ON "\twait 3000\n\tline UNDER_VOLTAGE POWER DOWN\n\twait 12000\n\tline RDY\n"),
	CASE("a restart in the transfer", "restarts link-lost", SERIAL, "at data 11000\n\treboot\n"),
	CASE("writing fails at 46 %", "flash-failed", HTTP, "set end-code 502\n"),
	CASE("writing fails at 80 %", "flash-failed", SERIAL, "set end-code 525\nset end-percent 80\n"),
	CASE("writing fails at 12 %, an own number", "flash-failed", FTP, "set end-code 541\nset end-percent 12\n"),
	CASE("END 0 and the old version", "end-without-effect", FTP, "set final-version unchanged\n"),
	CASE("it never begins", "installation-not-begun", HTTP, "at start\n\tdrop\n", .start_s = 40),
	CASE("it never begins, by wire", "installation-not-begun", SERIAL, "at start\n\tdrop\n", .start_s = 40),
	CASE("a third version", "third-version", FTP, "set final-version UG96LNAR02A04E1G\n"),
	CASE("another module comes back", "another-module", HTTP, "at reboot\n\tset imei 356938035643809\n"),
	CASE("it never comes back", "not-back", HTTP, "set absent-ms 0\n", .return_s = 40),
	CASE("it hangs at 37 %", "still-installing", FTP, "at updating 37\n\tstop\n", .watch_s = 200),
	CASE("a long installation and a short watch", "still-installing", SERIAL, "set flash-ms 600000\n", .watch_s = 120),
	CASE("installing already", "already-updating", SERIAL,
	  "on AT+CSQ\n" FOTA("\"UPDATING\",12") "\twait 4000\n" FOTA("\"UPDATING\",60") "\twait 3000\n" FOTA("\"END\",0") "\twait 500\n\treboot\n"),

	/* people, the program */
	CASE("no", "declined", SERIAL, "", .who = SAYS_NO),
	CASE("cancelled in the check", "cancelled", HTTP, "", .who = CANCELS, .when = STEP_CHECK),
	CASE("cancelled in the transfer", "cancelled", SERIAL, "", .who = CANCELS, .when = STEP_TRANSFER),
	CASE("detached", "detached", HTTP, "", .who = DETACHES, .when = STEP_INSTALL),
	CASE("killed and never resumed", "program-killed", HTTP, "", .kill_after = 12, .when = STEP_INSTALL),
	CASE("killed in the transfer, resumed", "program-killed", SERIAL, "", .kill_after = 20, .when = STEP_TRANSFER, .resumed = true),
	CASE("killed while it installs, and the module never comes back", "not-back program-killed", HTTP, "set absent-ms 0\n",
	     .kill_after = 3, .when = STEP_INSTALL, .resumed = true, .return_s = 40),

	/* more than one thing is there, and one of them is the cause */
	CASE("a weak signal, and 404", "file-missing server-refuses-module", HTTP, "set rssi 3\nset source-code 404\n"),
	CASE("an address of this network that was reached, and 403", "server-refuses-module", HTTP, "set source-code 403\n", .server = "private"),
	CASE("a weak signal, and the network goes", "registration-lost", HTTP,
	     "set rssi 4\nset source-code 702\nset download-ms 50000\nat download\n" GOES_ON "\twait 9000\n\tline +CREG: 0\n"),
	CASE("the network went and came back, and 403", "server-refuses-module", HTTP,
	     "set source-code 403\nset download-ms 30000\nat download\n" GOES_ON "\twait 5000\n\tline +CREG: 2\n\twait 4000\n\tline +CREG: 1\n"),
	CASE("the network goes, and the data connection closes", "registration-lost", FTP,
	     "set source-code 607\nset download-ms 30000\nat download\n" GOES_ON "\twait 12000\n\tline +CGREG: 0\n"),
	CASE("the program stood still in the download, and 404", "file-missing server-refuses-module", HTTP,
	     "set source-code 404\nset download-ms 90000\n", .late_after = 25, .late_s = 60),
	CASE("the program stood still in the download, and a time-out of the module", "slow-link", HTTP,
	     "set source-code 702\nset download-ms 150000\n", .late_after = 25, .late_s = 60),
	CASE("the program stood still in the check, and CTS is low", "flow-control-stall", SERIAL, "at data 5000\n\tset reading off\n",
	     .late_after = 8, .late_s = 30, .return_s = 60),
	CASE("ModemManager in the check, and another version", "wrong-package", HTTP,
	     "set end-code 507\nset end-percent 0\non AT+IFC?\n\tline AT+GCAP\n\tline +GCAP: +CGSM\n\tline OK\n" GOES_ON),
	CASE("a dial-up program in the check, and writing fails", "flash-failed", FTP,
	     "set end-code 504\nset end-percent 61\non AT+IFC?\n\tline AT+CGDCONT?\n\tline +CGDCONT: 1,\"IP\",\"net\"\n\tline OK\n" GOES_ON),
	CASE("another program in the check, and no room", "no-room", HTTP,
	     REFUSED("+CME ERROR: 420") "on AT+CSQ\n\tline +COPS: 0,0,\"TELCO\"\n" GOES_ON),
	CASE("a warning of the supply in the check, and 550", "server-refuses-module", FTP,
	     "set source-code 550\non AT+CSQ\n\tline UNDER_VOLTAGE WARNING\n" GOES_ON),
	CASE("a poor supply, and another project", "wrong-package", SERIAL, "set voltage-mv 3440\nset end-code 552\nset end-percent 0\n"),
	CASE("a poor supply, and CTS low", "flow-control-stall", SERIAL, "set voltage-mv 3440\nat data 9000\n\tset reading off\n", .return_s = 60),
	CASE("a damaged echo, and no room", "no-room", SERIAL, "set echo double\n" REFUSED("+CME ERROR: 423")),
	CASE("a long line in the check, and 404", "file-missing server-refuses-module", HTTP,
	     "set source-code 404\non AT+CSQ\n\tfill 3000 \"z\"\n\tline x\n" GOES_ON),
	CASE("noise in the download, and a wrong name", "dns-failed", HTTP,
	     "set source-code 714\nset download-ms 9000\nat download\n" GOES_ON "\twait 3000\n\tgarbage 60\n\twait 500\n\tgarbage 60\n"),
	CASE("nobody listens, and the module waits in vain", "server-unreachable", HTTP, "set source-code 702\nset download-ms 80000\n", .server = "refused"),
	CASE("no SIM by the code of the command", "sim-missing", HTTP, REFUSED("+CME ERROR: 10")),
	CASE("a SIM that is locked by the code of the command", "sim-locked", FTP, REFUSED("+CME ERROR: 11")),
	CASE("a held port to the end", "port-held", HTTP, "", .holder = { .from = 2, .count = 1000000, .id = MSG_PORT_HELD, .program = "gpsd" }, .return_s = 60),
	CASE("restarts three times while it installs", "power-cut", SERIAL,
	     "set resume on\nat updating 20\n\treboot\nat updating 45\n\treboot\nat updating 60\n\tset resume off\n\treboot\n", .start_s = 30),
	CASE("a supply that breaks down again and again", "low-voltage-restart", HTTP,
	     "set voltage-mv 3450\nset resume on\nat updating 20\n\treboot\nat updating 45\n\tset resume off\n\treboot\n", .start_s = 30),
	CASE("low voltage and no SIM", "supply-low", HTTP, "set voltage-mv 3100\nset cpin none\nset creg 0\nset cgreg 0\n"),
	CASE("attached, but no packet data", "not-registered", FTP, "set creg 1\nset cgreg 2\n"),
	CASE("a weak signal by wire, and END without effect", "end-without-effect", SERIAL, "set rssi 1\nset final-version unchanged\n"),
	CASE("two ends, the first a failure", "flash-failed", HTTP,
	     "set end-code 502\nset end-percent 51\nat end\n" GOES_ON "\twait 300\n" FOTA("\"END\",0")),
	CASE("a redirect of an address of this network", "server-redirect", HTTP, "", .server = "private/moved"),
	CASE("a weak signal, and the server is busy", "server-busy", FTP, "set rssi 4\nset source-code 421\n"),
	CASE("unknown error and nothing else", "code-only", HTTP, "set source-code 701\nset rssi 24\n"),
	CASE("a line or two of noise, and a module of another base", "wrong-base-version", SERIAL,
	     "set version UG96LNAR02A05E1G\nat time 60\n\tgarbage 30\n"),
	CASE("it leaves data mode when a call comes", "left-data-mode", SERIAL, "at data 6000\n\tline RING\n\tline NO CARRIER\n\tleave\n"),
	CASE("the module restarts in the transfer, with a warning", "restarts link-lost", SERIAL, "at data 8000\n\tline UNDER_VOLTAGE WARNING\n\treboot\n"),

	/* what was asked after the refusal, the worst that was reported, numbers of the other table */
	CASE("the registration is gone when it is asked after the failure", "registration-lost", HTTP,
	     "set source-code 701\nset download-ms 20000\nat download\n\tset creg 0\n\tset cgreg 0\n" GOES_ON),
	CASE("the worst signal stands between two good ones", "weak-signal", FTP,
	     "set source-code 601\nset download-ms 60000\nat download\n" GOES_ON "\twait 4000\n\tline +CSQ: 1,99\n\twait 9000\n\tline +CSQ: 21,99\n"),
	CASE("the source does not match, verified here", "wrong-package", HTTP, "set end-code 505\nset end-percent 0\n", .verified = true),
	CASE("200 here, 401 there", "server-refuses-module", HTTP, "set source-code 401\n"),
	CASE("a version mismatch by wire, with noise on the line", "wrong-package", SERIAL,
	     "set end-code 507\nset end-percent 0\non AT+CSQ\n" GOES_ON "\tgarbage 9\n"),
	CASE("busy, by a number of FTP in HTTPEND", "server-busy", HTTP, "set source-code 614\n"),
	CASE("no connection, by a number of HTTP in FTPEND", "server-unreachable", FTP, "set source-code 716\n"),
	CASE("503 there, 200 here", "server-busy", HTTP, "set source-code 503\n"),
	CASE("a warning and two restarts while it downloads", "restarts", FTP,
	     "set download-ms 60000\nset source-code 605\nat download\n" GOES_ON "\twait 5000\n\tline UNDER_VOLTAGE WARNING\n\twait 9000\n\tline RDY\n\twait 20000\n\tline RDY\n"),
	CASE("the program stands still for minutes in the transfer", "program-late", SERIAL, "", .late_after = 45, .late_s = 300),
	CASE("a short hold by ModemManager, and a power cut", "power-cut", SERIAL, "set resume off\nat updating 70\n" GOES_ON "\treboot\n",
	     .holder = { .from = 2, .count = 2, .id = MSG_PORT_HELD_BY_MANAGER, .program = "ModemManager" }, .start_s = 30),
	CASE("a short hold by nobody who is seen, and writing fails", "flash-failed", FTP, "set end-code 504\nset end-percent 71\n",
	     .holder = { .from = 2, .count = 1, .id = MSG_PORT_HELD_UNSEEN }),
	CASE("a damaged echo, and CTS low", "flow-control-stall", SERIAL, "set echo double\nat data 5000\n\tset reading off\n", .return_s = 60),
	/* other rates, other devices, words of its own */
	CASE("a rate that no search tries", "wrong-baud no-answer", SERIAL, "set baud 4800\n"),
	CASE("noise when it starts, and then it is deaf", "no-answer", SERIAL, "set deaf on\nat time 5\n\tgarbage 30\n"),
	CASE("AT+QFOTADL is unknown, in words of its own", "no-dfota", HTTP, "on AT+QFOTADL=?\n\tline COMMAND NOT SUPPORT\n"),
	CASE("the form is refused, in words of its own", "com-form-unknown as-reported", SERIAL, REFUSED("COMMAND NOT SUPPORT")),
	CASE("no SIM by a code in words", "sim-missing", HTTP, REFUSED("+CME ERROR: SIM not inserted")),
	CASE("no space by a code in words", "as-reported", SERIAL, REFUSED("+CME ERROR: No space left on the device")),
	CASE("the registration is denied, as it says with its mode", "registration-denied", HTTP,
	  "on AT+CGREG?\n\tline +CGREG: 2,3,\"00C3\",\"0A1B\"\n\tline OK\non AT+CREG?\n\tline +CREG: 2,3\n\tline OK\non AT+CEREG?\n\tline +CEREG: 2,3\n\tline OK\n"),
	CASE("the SIM card is pulled in the download", "sim-missing", HTTP,
	  "set source-code 701\nset download-ms 30000\nat download\n" GOES_ON "\twait 8000\n\tline +CPIN: NOT READY\n\twait 500\n\tline +CREG: 0\n"),
	CASE("a dial-up connection takes the context in the download", "context-inactive", HTTP,
	  "set source-code 705\nset download-ms 20000\nat download\n" GOES_ON "\twait 6000\n\tline +QIURC: \"pdpdeact\",1\n"),
	CASE("switched off in the download", "restarts", FTP,
	  "set source-code 601\nset download-ms 30000\nat download\n" GOES_ON "\twait 6000\n\tline NORMAL POWER DOWN\n\twait 9000\n\tline RDY\n"),
	CASE("it restarts in the download and knows nothing of it", "restarts", HTTP, "at download\n\treboot\n"),

	/* by wire, and by way of this computer */
	CASE("the command is answered with OK alone", "com-form-unknown", SERIAL, "on AT+QFOTADL=\"*\n\tline OK\n"),
	CASE("it restarts instead of CONNECT", "restarts", SERIAL, "on AT+QFOTADL=\"*\n\treboot\n"),
	CASE("it restarts instead of CONNECT, and its words go elsewhere", "restarts as-reported urcs-elsewhere", SERIAL, "set urcport usbat\nset echo on\non AT+QFOTADL=\"*\n\treboot\n"),
	CASE("it says OK in the middle of the package", "left-data-mode bytes-lost", SERIAL, "at data 5000\n\tline OK\n\tleave\n"),
	CASE("relayed, and the form is refused", "com-form-unknown", RELAY, REFUSED("ERROR")),
	CASE("relayed, and it stops taking data", "left-data-mode", RELAY, "at data 9000\n\tline NO CARRIER\n\tleave\n"),
	CASE("relayed, and unplugged", "link-lost", RELAY, "at data 5000\n\tvanish 0\n"),
	CASE("relayed, and for another version", "wrong-package", RELAY, "set end-code 507\nset end-percent 0\n"),
	CASE("little room, and the check fails", "room-short no-room bytes-lost", SERIAL, "set ufs-free 3000\nset end-code 506\nset end-percent 0\n"),

	/* the installation */
	CASE("a power cut at START", "power-cut", SERIAL, "set resume off\nat start\n" GOES_ON "\twait 500\n\treboot\n", .start_s = 30),
	CASE("it cannot resume, and says so with a code", "power-cut flash-failed", HTTP,
	  "set resume off\nat updating 50\n" GOES_ON "\treboot\nat boot\n\tline RDY\n" FOTA("\"END\",504"), .start_s = 30),
	CASE("the START is lost, and END is an error", "code-only flash-failed wrong-package", HTTP, "at start\n\thush\nset end-code 530\nset end-percent 0\nset percents \"\"\n"),
	CASE("messages off, and it never begins", "urcs-off installation-not-begun", SERIAL,
	  "set stateurc off\non AT+QCFG=\"stateurc/enable\",1\n\tline ERROR\nat start\n\tdrop\n", .start_s = 40),
	CASE("an IMEI of the factory comes back", "another-module", SERIAL, "at reboot\n\tset imei 004999010640000\n"),
	CASE("ModemManager asks in the check, and a power cut", "power-cut", SERIAL,
	  "set resume off\non AT+IFC?\n\tline AT+GCAP\n\tline +GCAP: +CGSM\n\tline OK\n" GOES_ON "at updating 40\n" GOES_ON "\treboot\n", .start_s = 30),
	CASE("noise when it boots, and never back", "not-back", HTTP, "at reboot\n" GOES_ON "\tvanish 0\n", .return_s = 40),
	CASE("back at a rate that no search tries", "not-back wrong-baud", SERIAL, "set baud-after-boot 4800\n", .return_s = 60),

	/* people */
	CASE("cancelled before the download", "cancelled", FTP, "set download-ms 60000\n", .who = CANCELS, .when = STEP_TRANSFER),
	CASE("cancelled while it was relayed", "cancelled", RELAY, "", .who = CANCELS, .when = STEP_TRANSFER),
	CASE("the terminal goes, and the form is refused", "com-form-unknown", SERIAL, REFUSED("ERROR"), .who = LOSES, .when = STEP_CHECK),
	CASE("killed in the check of a module without a SIM", "sim-missing program-killed", HTTP, "set cpin none\nset creg 0\nset cgreg 0\n"),
};

/* Nothing went wrong that anybody has to look for; the rules are what may be remarked. */
static const struct session successes[] = {
	CASE("by wire", "", SERIAL, ""),
	CASE("by HTTP", "", HTTP, ""),
	CASE("by FTP", "", FTP, ""),
	CASE("relayed", "", RELAY, ""),
	CASE("noise at the restart", "", SERIAL, "at boot\n\tgarbage 60\n\twait 300\n\tgarbage 20\n"),
	CASE("noise at the rate change", "", SERIAL, "set baud 9600\n"),
	CASE("back at another rate", "", HTTP, "set baud-after-boot 57600\n"),
	CASE("a firmware that restarts in the middle", "power-cut", HTTP, "set percents 7,12,47,60,96\nset resume on\nat updating 60\n\treboot\n"),
	CASE("resumes by itself and says so", "power-cut", SERIAL, "set resume announce\nat updating 45\n" GOES_ON "\treboot\n"),
	CASE("a weak signal that was enough", "", HTTP, "set rssi 5\n"),
	CASE("a poor supply that was enough", "", SERIAL, "set voltage-mv 3480\n"),
	CASE("the END gets lost", "end-lost", HTTP, "at end\n\thush\n"),
	CASE("the START gets lost", "", FTP, "at start\n\thush\n"),
	CASE("a network that comes and goes in the download", "", HTTP,
	  "set download-ms 20000\nat download\n" GOES_ON "\twait 3000\n\tline +CREG: 2\n\twait 9000\n\tline +CREG: 1\n"),
	CASE("it is silent for minutes", "long-silence", SERIAL, "at updating 41\n\twait 200000\n"),
	CASE("SIM not needed", "", SERIAL, "set cpin SIM PIN\nset creg 0\nset cgreg 0\nset context off\n"),
	CASE("the context was off", "", HTTP, "set context off\n"),
	CASE("a short hold of the port after the restart", "", SERIAL, "", .holder = { .from = 2, .count = 3, .id = MSG_PORT_HELD, .program = "gpsd" }),
	CASE("words of the boot", "", FTP, "at boot\n\tline APP RDY\n\tline Bootloader v3\n\tline +CFUN: 1\n"),
	CASE("echo that cannot be switched off", "", SERIAL, "set echo stuck\n"),
	CASE("a late answer in the check", "", HTTP, "on AT+CBC\n\twait 7000\n\tdefault\n"),
	CASE("percents that jump", "", HTTP, "set percents 0,3,97\n"),
	CASE("the terminal goes", "terminal-lost", HTTP, "", .who = LOSES, .when = STEP_TRANSFER),
	CASE("the program stood still while it installed", "", HTTP, "set flash-ms 300000\n", .late_after = 40, .late_s = 60),
	CASE("a warning of the supply that came to nothing", "", HTTP, "on AT+CSQ\n" GOES_ON "\tline UNDER_VOLTAGE WARNING\n"),
	CASE("it says that it boots more than once", "", SERIAL, "at boot\n\tline RDY\n\twait 900\n\tline RDY\n\tgarbage 30\n"),
	CASE("a short hold by somebody who is not seen", "", FTP, "", .holder = { .from = 2, .count = 2, .id = MSG_PORT_HELD_UNSEEN }),
	CASE("the signal falls and the download goes on", "", HTTP,
	  "set download-ms 30000\nat download\n" GOES_ON "\twait 4000\n\tline +QIND: \"csq\",2,99\n"),
};

#endif

#include "config.h"

#include "diagnosis/rules.h"

#include <limits.h>

#include "base/count.h"
#include "base/err.h"

#define ANY LONG_MIN, LONG_MAX
#define NEED(fact, points) { ROLE_NEED, FACT_##fact, ANY, points }
#define NEED_IN(fact, min, max, points) { ROLE_NEED, FACT_##fact, min, max, points }
#define ONE(fact, points) { ROLE_ONE, FACT_##fact, ANY, points }
#define ONE_IN(fact, min, max, points) { ROLE_ONE, FACT_##fact, min, max, points }
#define MORE(fact, points) { ROLE_MORE, FACT_##fact, ANY, points }
#define MORE_IN(fact, min, max, points) { ROLE_MORE, FACT_##fact, min, max, points }
#define LESS(fact, points) { ROLE_LESS, FACT_##fact, ANY, points }
#define LESS_IN(fact, min, max, points) { ROLE_LESS, FACT_##fact, min, max, points }
#define NOT(fact) { ROLE_NOT, FACT_##fact, ANY, 0 }
/* The result says that it stopped for this. */
#define STOPPED_BY(code, points) { ROLE_MORE, FACT_RESULT, code, code, points }

/* A cure that the family has no way for would lead into a refusal. */
#define OR_SERIAL "[serial-way?; or send the package over the serial port, which needs no network]."
#define ASK_VENDOR "ask Quectel for a package made for this version"

/* Sources: protocol.md 11, faults.md A to D; what a code can mean: protocol.md 5. */
static const struct rule rules[] = {
	/* --- the port and who is on it --- */
	{
		{ "modem-manager", "ModemManager has the port, or talks to the module" },
		END_ANY,
		"ModemManager uses the module's port[: it is held by {port-held}][ (process {port-held=})][: a line came that only it asks for, {manager-talk}].",
		"Stop it (sudo systemctl stop ModemManager), or keep it off this module with the udev rule ENV{{ID_MM_DEVICE_IGNORE}=\"1\".",
		.clues = { ONE(MODEM_MANAGER, 90), ONE(MANAGER_TALK, 70), MORE(UNSOLICITED, 10), LESS(OWN_CODE, 60), LESS(TALK_BEFORE, 60), LESS(UNREGISTERED, 10) },
	},
	{
		{ "port-held", "another program has the port" },
		END_BAD,
		"Another program had the port open[: {port-held}][ (process {port-held=})].",
		"Close that program before the next upgrade.",
		.clues = { NEED(PORT_HELD, 90), NOT(MODEM_MANAGER) },
		.cure = true,
	},
	{
		{ "port-held-unseen", "the port is in use, by whom was not seen" },
		END_BAD,
		"The port is held by a program of another user; which one could not be seen.",
		"Close other programs that may have it (ModemManager, a terminal program, a dial-up connection), then start again; run as root, dfota ports names the holder.",
		.screen_next = "Close other programs that may have it (ModemManager, a terminal program, a dial-up connection), then start again.",
		.clues = { NEED(PORT_HELD_GUESS, 50), STOPPED_BY(ERR_BUSY, 10), NOT(PORT_HELD), NOT(MODEM_MANAGER) },
		.cure = true,
	},
	{
		{ "port-unusable", "the port is missing, not permitted, or no serial port" },
		END_STOPPED,
		"The port cannot be used: {result}.",
		NULL,
		.clues = { ONE_IN(RESULT, ERR_PORT, ERR_PORT, 90), ONE(LOCK_FILE, 90) },
	},
	{
		{ "wrong-baud", "another bit rate, or a line that spoils every byte" },
		END_BAD,
		"The module and this computer did not understand each other[: it answers at {other-baud} baud][only-noise?; noise came in place of answers, as with different bit rates, or with a cable, ground or level that spoils bytes][; lines of noise: {noise#}].",
		"Use the module's own rate (-b BAUD; AT+IPR? reports it) or store the usual one in it with AT+IPR=115200;&W; with noise at every rate check the cable and its ground wire.",
		.screen_next = "Use the module's own rate (baud in the configuration file; AT+IPR? reports it) or store the usual one in it with AT+IPR=115200;&W; with noise at every rate check the cable and its ground wire.",
		.clues = { ONE(ONLY_NOISE, 70), ONE(OTHER_BAUD, 65), MORE(NOISE, 15), LESS(RATE_FOUND, 50), NOT(ANSWERED_ONCE) },
	},
	{
		{ "no-answer", "nothing answers AT on the port" },
		END_BAD,
		"Nothing answered AT on this port[noise?; some noise came, as from a module that starts, or has another bit rate].",
		"Choose the AT port (dfota ports marks it), check that the module is switched on and the cable is in; then start again.",
		.screen_next = "Choose the AT port (pane 1 marks it), check that the module is switched on and the cable is in; then start again.",
		.clues = { NEED(NO_MODULE, 60), NOT(ONLY_NOISE), NOT(ANSWERED_ONCE), LESS(LATE, 30) },
	},
	{
		{ "answered-once", "AT is answered, and then not again" },
		END_BAD,
		"AT had no steady answer on this port: a result came, and none when it was asked again; so a module does that restarts, hangs or answers slowly, or a link that stalls.",
		NULL,
		.clues = { NEED(ANSWERED_ONCE, 60), LESS(LATE, 30) },
	},
	{
		{ "unplugged", "the port vanished before anything was sent" },
		END_BAD,
		"The port vanished before anything was sent: the cable was pulled, or the module lost power[, with {voltage-poor} mV at its supply][; the module had warned: {under-voltage}].",
		"Check the cable and the module's supply, then start again.",
		.clues = { NEED(VANISHED, 75), MORE(VOLTAGE_POOR, 10), MORE(UNDER_VOLTAGE, 15) },
	},
	{
		{ "link-lost", "the port vanished while the package was being sent" },
		END_BAD,
		"The port vanished while the package was being sent[, when {sent} had been written][; the module had warned: {under-voltage}].",
		"Use another cable, no hub, and a steady supply; then start again.",
		.clues = { NEED(GONE_SENDING, 70), MORE(SENT, 5), MORE(UNDER_VOLTAGE, 10) },
	},
	{
		{ "other-program", "another program talks to the module" },
		END_ANY,
		"Another program talked to the module: lines came that nobody here had asked for[, such as {unsolicited}][, and its command {unsolicited-echo}][; results that belonged to no command: {stray#}].",
		"Close every other program that uses one of the module's ports: ModemManager, a dial-up connection, a tracker's software.",
		.clues = { ONE(UNSOLICITED, 45), ONE(UNSOLICITED_ECHO, 55), ONE(STRAY, 30), LESS(NOISE, 15), LESS(DATA_NOISE, 15), LESS(OWN_CODE, 100), LESS(TALK_BEFORE, 110), NOT(MANAGER_TALK) },
	},
	{
		{ "line-noise", "the line spoils bytes" },
		END_ANY,
		"The line spoils bytes[, and an echo came back broken, {echo-broken}]; lines with bytes that no module prints: {noise#}.",
		"Shorten or replace the cable, connect the grounds, keep it away from the antenna, or use a lower bit rate.",
		/* out of data mode the rest of the package is echoed, and looks like noise */
		.clues = { NEED(NOISE, 35), MORE(ECHO_BROKEN, 15), LESS(DOWNLOAD_CODE, 25), NOT(ONLY_NOISE), NOT(OTHER_BAUD), NOT(LEFT_DATA), NOT(ANSWERED_ONCE) },
	},
	{
		{ "echo-broken", "the echo comes back damaged" },
		END_ANY,
		"The module's echo of commands is damaged, for example {echo-broken}: bytes get lost or doubled between module and computer.",
		"Check the cable, and that only this program reads the port; switch the echo off for good with ATE0;&W.",
		.clues = { NEED(ECHO_BROKEN, 35), LESS(DOWNLOAD_CODE, 25), NOT(NOISE) },
	},
	{
		{ "endless-line", "lines that are too long to be the module's" },
		END_ANY,
		"Lines came that are longer than any of the module's, so their rest was dropped: this may be no AT port, or a trace is switched on.",
		"Choose the AT port (dfota ports marks it), or switch the trace off.",
		.screen_next = "Choose the AT port (pane 1 marks it), or switch the trace off.",
		.clues = { NEED(LONG_LINES, 40) },
	},

	/* --- is it the right module, the right package --- */
	{
		{ "no-dfota", "the module has no AT+QFOTADL" },
		END_BAD,
		"The module does not know AT+QFOTADL: its firmware has no DFOTA.",
		"Check the model (ATI); firmware without DFOTA is upgraded over USB with the vendor's flash tool.",
		.clues = { NEED(NO_DFOTA, 75), STOPPED_BY(ERR_MODULE, 15) },
	},
	{
		{ "unknown-model", "a module of another family" },
		END_BAD,
		"This program does not know the module's model: {unknown-model}.",
		"Choose the port of the right module; for a relative of the UGxx name the family with --profile.",
		.screen_next = "Choose the port of the right module; for a relative of the UGxx name the family (profile in the configuration file).",
		.clues = { NEED(UNKNOWN_MODEL, 90) },
		.cure = true,
	},
	{
		{ "wrong-base-version", "the package is for another firmware version" },
		END_BAD,
		"The package is made for modules that run {base-refused}, but this one runs {identity}.",
		"Compare the version with the manifest and " ASK_VENDOR " (dfota request writes the request).",
		.screen_next = "Compare the version with the manifest and " ASK_VENDOR ".",
		.clues = { NEED(BASE_REFUSED, 35), MORE(BASE_DIFFERS, 60), NEED(IDENTITY, 2) },
		.cure = true,
	},
	{
		{ "wrong-model", "the package is for another model" },
		END_BAD,
		"The package is for another model than this one, which runs {identity}[: it is for {model-differs}].",
		"Choose the right port or the right package.",
		.clues = { NEED(MODEL_REFUSED, 35), MORE(MODEL_DIFFERS, 60), NEED(IDENTITY, 2) },
		.cure = true,
	},
	{
		{ "already-done", "the module runs the target already" },
		END_BAD,
		"There was nothing to do: the module runs {at-target} already.",
		"Nothing is left to do; in scripts --if-needed makes this a success.",
		.screen_next = "Nothing is left to do.",
		.clues = { NEED(AT_TARGET, 95) },
		.cure = true,
	},
	{
		{ "package-altered", "the package is not the one its manifest describes" },
		END_BAD,
		"The package is damaged, was changed, or belongs to another manifest[: {package-altered}].",
		"Copy package and manifest again from where they came, and compare their SHA-256.",
		.clues = { NEED(PACKAGE_ALTERED, 75), STOPPED_BY(ERR_PACKAGE, 15) },
		.cure = true,
	},
	{
		{ "wrong-package", "the module does not accept the package" },
		END_BAD,
		"The module found that the package does not fit it[: {package-code}][: {version-code}][: {project-code}][; it looks like {unlikely}][no-manifest?; no manifest says what it is made for][; but by its manifest it is for {manifest-fits}, which the module runs].",
		"[unlikely?See first that the file is the package itself, unpacked and complete. ]Compare the version that ATI reports with what the package is made for, and " ASK_VENDOR " (dfota request writes the request).",
		.screen_next = "[unlikely?See first that the file is the package itself, unpacked and complete. ]Compare the version that ATI reports with what the package is made for, and " ASK_VENDOR ".",
		.clues = { ONE(PACKAGE_CODE, 50), ONE(VERSION_CODE, 60), ONE(PROJECT_CODE, 60), MORE(UNLIKELY, 15), MORE(NO_MANIFEST, 25), MORE(RUNS_OLD, 5),
			   LESS(MANIFEST_FITS, 15), LESS(NOISE, 10), LESS(DATA_NOISE, 10) },
	},
	{
		{ "no-room", "the module has no room for the package" },
		END_BAD,
		"The module has no room for the package: {room-code}[; {room-short} bytes are free in its file system].",
		"Delete old packages in the module (AT+QFLST, AT+QFDEL) and look at AT+QFLDS; else go through an intermediate version with smaller packages.",
		.clues = { NEED(ROOM_CODE, 75), MORE(RUNS_OLD, 5), MORE(ROOM_SHORT, 10) },
	},
	{
		{ "room-short", "little room is left in the module" },
		END_BAD,
		"The module's file system has {room-short} bytes free, and the package is larger: it may have found no room for it[: {package-code}][: {flash-code}].",
		"Delete old packages in the module (AT+QFLST, AT+QFDEL), then start again.",
		/* where a UGxx keeps its package no document states (protocol.md 6) */
		.clues = { NEED(ROOM_SHORT, 20), ONE(PACKAGE_CODE, 30), ONE(FLASH_CODE, 20), ONE(WHOLE_SENT, 5), ONE(SOURCE_OK, 5), NOT(ROOM_CODE) },
	},

	/* --- SIM and network --- */
	{
		{ "sim-missing", "no SIM card that works" },
		END_BAD,
		"The module has no SIM card that works: {sim-missing}.",
		"Insert the SIM card, or clean its contacts, and restart the module" OR_SERIAL,
		.clues = { NEED(SIM_MISSING, 60), STOPPED_BY(ERR_NETWORK, 30), NEED(PULL, 0) },
	},
	{
		{ "sim-locked", "the SIM card or the module is locked" },
		END_BAD,
		"[sim-waits?The SIM card waits for its code][sim-blocked?The SIM card is blocked after wrong codes][sim-barred?The module is locked to another SIM card or network]: {sim-locked}.",
		"[sim-waits?Enter the code with AT+CPIN (three tries), or switch its question off with AT+CLCK][sim-blocked?Unblock the card with the PUK of its operator (ten tries)][sim-barred?Use a SIM card that the module is locked to, or get the code that unlocks it from whoever sold it]" OR_SERIAL,
		.clues = { NEED(SIM_LOCKED, 60), STOPPED_BY(ERR_NETWORK, 30), NEED(PULL, 0) },
	},
	{
		{ "registration-denied", "the network refuses the module: roaming, subscription" },
		END_BAD,
		"The network refuses to register the module ({denied}): the SIM card has no roaming or no data subscription here, or is blocked.",
		"Ask the operator of the SIM card whether data and roaming are allowed here, or use another card" OR_SERIAL,
		.clues = { NEED(DENIED, 60), STOPPED_BY(ERR_NETWORK, 30), MORE(NETWORK_CODE, 20), NEED(PULL, 0) },
	},
	{
		{ "not-registered", "no mobile network" },
		END_BAD,
		"The module is not registered in a mobile network for data ({unregistered}).",
		"Check that the antenna is connected and not shielded by metal, wait two minutes for the network, then start again" OR_SERIAL,
		/* before the command nothing but a check fails by it */
		.clues = { NEED(UNREGISTERED, 55), ONE_IN(RESULT, ERR_NETWORK, ERR_NETWORK, 25), ONE_IN(RESULT, ERR_MODULE, ERR_MODULE, 0),
			   ONE(COMMAND, 0), NEED(PULL, 0) },
	},
	{
		{ "registration-lost", "the network was lost during the download" },
		END_BAD,
		"The module lost the mobile network during the download[ ({registration-lost})][; asked after it, it reported {registration-gone}][, {registration-lost..network-code} s before it ended with {network-code}][; its signal had been {signal} dBm][; it was back {registration-lost..registration-back} s later].",
		"Find a better place for the antenna and watch the signal for a while (AT+CSQ, AT+CREG?), then start again" OR_SERIAL,
		.clues = { ONE(REGISTRATION_LOST, 50), ONE(REGISTRATION_GONE, 50), MORE(NETWORK_CODE, 35), MORE(WATCH_ENDED, 20), MORE_IN(SIGNAL, -113, -94, 5),
			   LESS(REGISTRATION_BACK, 20), NOT(SOURCE_OK) },
	},
	{
		{ "context-inactive", "no data connection: PDP context" },
		END_BAD,
		"The module had no data connection[: AT+QIACT, which switches it on, was answered with {context-refused}][: the network ended it during the download ({context-lost})][; the download ended with {network-code}][context-gone?; asked afterwards, none was active].",
		"Check the access point (AT+QICSGP=1) with the operator of the SIM card, end dial-up connections of this computer over the module, then start again.",
		.clues = { ONE(CONTEXT_REFUSED, 85), ONE(CONTEXT_LOST, 50), ONE(CONTEXT_CODE, 30), MORE(NETWORK_CODE, 25), MORE(CONTEXT_OFF, 10),
			   /* a module may end it with the download (assumption) */
			   MORE(CONTEXT_GONE, 10), LESS(REGISTRATION_LOST, 20), NOT(SOURCE_OK) },
	},
	{
		{ "weak-signal", "the signal is under -100 dBm" },
		END_BAD,
		"The signal was too weak for a download: {signal} dBm[; it ended with {network-code}][ after {download-time} s].",
		"Connect or move the antenna until AT+CSQ reports 10 or more (-93 dBm), then start again" OR_SERIAL,
		.clues = { NEED_IN(SIGNAL, -999, -101, 35), ONE(NETWORK_CODE, 35), ONE(WATCH_ENDED, 20), MORE(TIMEOUT_CODE, 10),
			   NOT(SOURCE_OK) },
	},
	{
		{ "slow-link", "the link or the server is too slow" },
		END_BAD,
		"The download timed out: {timeout-code}[ after {download-time} s][, at {signal} dBm]; the mobile link or the server was too slow.",
		"Use a server near by, and start again at a time with less traffic" OR_SERIAL,
		.clues = { NEED(TIMEOUT_CODE, 45), MORE_IN(DOWNLOAD_S, 120, LONG_MAX, 20), MORE_IN(SIGNAL, -100, -94, 10) },
	},
	{
		{ "dns-failed", "the host name is not known to the network" },
		END_BAD,
		"The server's name could not be looked up[ by the module: {dns-code}][; this computer does not know it either: {dns-here}].",
		"Check the host name in the URL, or give the server's IP address instead.",
		.clues = { ONE(DNS_CODE, 60), ONE(DNS_HERE, 25), LESS(REGISTRATION_GONE, 20) },
	},
	{
		{ "server-private", "the server has an address of this network only" },
		END_BAD,
		"The server cannot be reached from the mobile network: {private} is an address of this computer's network[; the module reported {network-code}].",
		"Put the package on a server with a public address (dfota run --publish)[serial-way?, or send it over the serial port (--relay)].",
		.screen_next = "Put the package on a server with a public address[serial-way?, or send it over the serial port: Deliver, in pane 2].",
		/* a server that closed the connection was reached */
		.clues = { NEED(PRIVATE, 35), ONE(CONNECT_CODE, 35), ONE(NETWORK_CODE, 20), LESS(CLOSED_CODE, 30) },
	},
	{
		{ "server-unreachable", "the server does not answer at its address" },
		END_BAD,
		"The module could not connect to the server[: {connect-code}][: {not-reached}][; nor could this computer, {unasked}].",
		"Check host and port in the URL, that the server runs, and that no firewall is between it and the mobile network.",
		.clues = { ONE(CONNECT_CODE, 50), ONE(NOT_REACHED, 45), MORE(UNASKED, 30), LESS(REGISTRATION_GONE, 20) },
	},
	{
		{ "server-html", "the server answers with a web page" },
		END_BAD,
		"The server answers with a web page instead of the package: a login page, an error page, or a page about the file.",
		"Open the URL in a browser, and use the address of the file itself.",
		.clues = { NEED(HTML, 90) },
	},
	{
		{ "server-redirect", "the server redirects to another address" },
		END_BAD,
		"The server redirects to another address, which the module may not follow: {redirect}.",
		"[serial-way?Use that address as the URL; for https let this computer download (--relay).][no-serial-way?Put the file on a server that gives it to the module without a redirect to where it cannot go.]",
		.screen_next = "[serial-way?Use that address as the URL; for https let this computer download and send over the serial port: Deliver, in pane 2.][no-serial-way?Put the file on a server that gives it to the module without a redirect to where it cannot go.]",
		.clues = { NEED(REDIRECT, 90) },
		.cure = true,
		.over_serial = true,
	},
	{
		{ "server-other-file", "the server's file is not the package" },
		END_BAD,
		"The server's file is not the one of the manifest: {result}.",
		"Put the right file on the server (dfota run --publish does), or use its manifest.",
		.screen_next = "Put the right file on the server (Deliver: publish, in pane 2, does), or use its manifest.",
		.clues = { NEED(OTHER_FILE, 90) },
		.cure = true,
	},
	{
		{ "server-refuses-module", "the server serves this computer and refuses the module" },
		END_BAD,
		"The server gave the file to this computer, with the same URL and login, and refused the module[: it reported {login-code}][: it reported {file-code}]: it lets in certain addresses only, or the module sends the URL or login in another way.",
		"[serial-way?Let this computer download the file and send it over the serial port (--relay); or ask][no-serial-way?Ask] whoever runs the server what it says of the module in its log.",
		.screen_next = "[serial-way?Let this computer download the file and send it over the serial port: Deliver, in pane 2; or ask][no-serial-way?Ask] whoever runs the server what it says of the module in its log.",
		.clues = { NEED(SERVER_OK, 15), ONE(LOGIN_CODE, 55), ONE(FILE_CODE, 55), NOT(LOGIN_HERE), NOT(MISSING_HERE) },
	},
	{
		{ "server-wants-tls", "the server wants encryption" },
		END_BAD,
		"The server wants an encrypted connection[no-https?, which the module cannot make].",
		"[serial-way?Let this computer download with ftps:// or https:// and send over the serial port (--relay).][no-serial-way?Put the file on a server that gives it in a way the module can use (dfota profiles).]",
		.screen_next = "[serial-way?Let this computer download with ftps:// or https:// and send over the serial port: Deliver, in pane 2.][no-serial-way?Put the file on a server that gives it in a way the module can use.]",
		.clues = { NEED(TLS_HERE, 90) },
		.cure = true,
		.over_serial = true,
	},
	{
		{ "other-service", "another service listens on the port of the URL" },
		END_BAD,
		"What listens on the port of the URL is another service than the URL says[: it looks like {other-service}].",
		"Correct scheme and port in the URL.",
		.clues = { NEED(OTHER_SERVICE, 90) },
		.cure = true,
		.over_serial = true,
	},
	{
		{ "account-refused", "the server does not let this account in" },
		END_BAD,
		"The server does not let this account in, whatever its password: {result}.",
		"Ask whoever runs the server about the account, or use another one.",
		.clues = { NEED(ACCOUNT_HERE, 80) },
		.cure = true,
	},
	{
		{ "access-denied", "the server does not let the file be read from here" },
		END_BAD,
		"The server knows the file and does not let it be read with this user and from this address.",
		"Check that this user may read the file, and ask whoever runs the server which addresses it lets in.",
		.clues = { NEED(FORBIDDEN_HERE, 75) },
		.cure = true,
	},
	{
		{ "login-wrong", "the server refuses user or password" },
		END_BAD,
		"The server refuses the login[: the module reported {login-code}][login-here?; it refuses this computer].",
		"Check user and password at the server (at most 50 bytes each), and that this user may read the file.",
		.clues = { ONE(LOGIN_CODE, 60), ONE(LOGIN_HERE, 75), LESS(SERVER_OK, 20) },
		.cure = true,
	},
	{
		{ "file-missing", "the file is not at this place on the server" },
		END_BAD,
		"The file is not where the URL says, or may not be read[: the module reported {file-code}][missing-here?; the server said so to this computer].",
		"Check path and name in the URL, letter by letter and in their case (of FTP at most 50 bytes), and the file's permissions.",
		.clues = { ONE(FILE_CODE, 60), ONE(MISSING_HERE, 80), LESS(SERVER_OK, 20) },
	},
	{
		{ "server-busy", "the server turns clients away" },
		END_BAD,
		"The server turned clients away[: the module reported {busy-code}][busy-here?; it turned this computer away].",
		"Wait some minutes and start again; if it stays, raise the server's limit of connections.",
		.clues = { ONE(BUSY_CODE, 60), ONE(BUSY_HERE, 65) },
		.cure = true,
	},
	{
		{ "passive-ftp", "the FTP data connection is blocked" },
		END_BAD,
		"The FTP data connection failed: {passive-code}; passive FTP is blocked between the module and the server.",
		"Open the server's passive port range in its firewall, or use http.",
		.clues = { NEED(PASSIVE_CODE, 60) },
	},
	{
		{ "connection-closed", "server or network closed the connection" },
		END_BAD,
		"The connection was closed from the other side: {closed-code}[ after {download-time} s].",
		"Check URL, user and password, and the server's log for the reason; then start again.",
		.clues = { NEED(CLOSED_CODE, 45), LESS(REGISTRATION_LOST, 15), LESS(CONTEXT_LOST, 15) },
	},
	{
		{ "tls", "encryption is not set up in the module" },
		END_BAD,
		"The module could not set up encryption: {tls-code}.",
		"[serial-way?Let this computer download and send over the serial port (--relay).][no-serial-way?Put the file on a server that gives it without encryption.]",
		.screen_next = "[serial-way?Let this computer download and send over the serial port: Deliver, in pane 2.][no-serial-way?Put the file on a server that gives it without encryption.]",
		.clues = { NEED(TLS_CODE, 60) },
	},
	{
		{ "no-download", "nothing was heard of the download" },
		END_BAD,
		"The module answered OK to the download and said nothing after that[urcs-elsewhere?, but its messages go to another port].",
		"Restart the module with AT+CFUN=1,1, check its data connection (AT+QIACT?), then start again.",
		/* while nobody listened it may have said anything */
		.clues = { NEED(URL_OK, 45), MORE(RUNS_OLD, 10), MORE(WATCH_ENDED, 20), NOT(FOTA), NOT(RESUMED) },
	},

	/* --- the transfer over the serial port --- */
	{
		{ "com-form-unknown", "the module wants another form of the COM command" },
		END_BAD,
		"The module does not understand this form of the command for a package over the serial port[: it answered {com-refused}][bare-ok?: it answered OK, but never that it waits for data][no-gate?: it never said that it waits for data][unverified?; no document at hand states the form].",
		"[com-form?Ask for its form with AT+QFOTADL=? and give it with --com-command (dfota help run), or let the module download (--publish).][com-fixed?Let the module download (--publish).]",
		.screen_next = "[com-form?Ask for its form with AT+QFOTADL=? and set it (com-command in the configuration file), or let the module download: Deliver: publish, in pane 2.][com-fixed?Let the module download: Deliver: publish, in pane 2.]",
		.clues = { ONE(COM_REFUSED, 55), ONE(BARE_OK, 70), ONE(NO_GATE, 45), MORE(UNVERIFIED, 15), LESS(WATCH_ENDED, 45), LESS(TALK_IN_ANSWER, 40), NOT(MAY_BE_UNHEARD) },
	},
	{
		{ "gate-late", "the module was ready for data too late" },
		END_BAD,
		"The module said that it waits for data only {late-gate} s after the command, when nobody waited for it any more.",
		"Restart the module and start again. If it stays, let the module download (--publish).",
		.screen_next = "Restart the module and start again. If it stays, let the module download: Deliver: publish, in pane 2.",
		.clues = { NEED(LATE_GATE, 65), MORE(COMMAND, 5) },
	},
	{
		{ "left-data-mode", "the module stopped taking data" },
		END_BAD,
		"[left-data?The module stopped taking data on its own][unacked?The module stopped acknowledging what it got][ after {sent}][: it said {left-data}].",
		"Restart the module and start again. If it stays, see whether another program uses the port, and try a longer --com-timeout.",
		.screen_next = "Restart the module and start again. If it stays, see whether another program uses the port, and try a longer com-timeout (configuration file).",
		.clues = { ONE(LEFT_DATA, 65), ONE(UNACKED, 60), MORE(SENT, 5), MORE(LOST_BYTES_CODE, 5), LESS(UNSOLICITED, 15), LESS(UNSOLICITED_ECHO, 15), LESS(LATE, 30) },
	},
	{
		{ "flow-control-stall", "the line stood still: flow control" },
		END_BAD,
		"The module held the line back (RTS/CTS) and took no more data[ after {sent}].",
		"Check that RTS and CTS are wired crosswise and that the module is set to AT+IFC=2,2; then restart it and start again.",
		.clues = { NEED(STALL, 75), MORE(SENT, 5), MORE(LOST_BYTES_CODE, 5), LESS(LATE, 30) },
	},
	{
		{ "bytes-lost", "package bytes were lost or spoiled on the line" },
		END_BAD,
		"Bytes of the package may have been lost or spoiled on the line[: {lost-bytes-code}][: {package-code}][manifest-fits?; by its manifest the package fits the module][no-flow?; there was no hardware flow control][noise?; the line showed noise][data-noise?; noise came during its transfer].",
		"Turn hardware flow control on (wire RTS and CTS), use a lower bit rate and a short cable, then start again.",
		.clues = { ONE(LOST_BYTES_CODE, 60), ONE(PACKAGE_CODE, 25), MORE(MANIFEST_FITS, 20), MORE(NO_FLOW, 20), MORE(NOISE, 15), MORE(DATA_NOISE, 15),
			   /* a module that said that it has the whole package is not short of any */
			   LESS(SOURCE_OK, 20), LESS(UPLOAD_OK, 30), NEED(WHOLE_SENT, 5) },
	},

	/* --- the installation --- */
	{
		{ "supply-low", "the supply voltage is too low" },
		END_BAD,
		"The module's supply is too low for writing its firmware: {voltage-low} mV.",
		"Use a supply of 3.8 V that gives 2 A for a moment, with short wires; then start again. --supply-min sets another limit.",
		.screen_next = "Use a supply of 3.8 V that gives 2 A for a moment, with short wires; then start again.",
		.clues = { NEED(VOLTAGE_LOW, 60), STOPPED_BY(ERR_MODULE, 35) },
	},
	{
		{ "low-voltage-restart", "the module lost power from low voltage" },
		END_ANY,
		"The module restarted while it installed, at {restarted} %[, with {voltage-poor} mV at its supply before the start][, with {voltage-after} mV afterwards][; it had warned: {under-voltage}]: the supply may have broken down under load.",
		"Use a supply of 3.8 V that gives 2 A for a moment, with short wires and a capacitor at the module, before the next upgrade.",
		.clues = { NEED(RESTARTED, 35), ONE(UNDER_VOLTAGE, 50), ONE(VOLTAGE_POOR, 30), ONE(VOLTAGE_AFTER, 30) },
	},
	{
		{ "power-cut", "the module vanished while it installed: power, cable" },
		END_ANY,
		"The module vanished in the middle of the installation, at {restarted} %[booted?, and restarted][, {restarted-again} times in all][went-on?, and continued by itself][ {restarted..went-on} s later]: its power or its cable failed, or this firmware restarts on its own[restart-or-end?; or that was its end, and the END was lost].",
		"Make sure of a steady supply and a firm cable before the next upgrade.",
		/* at 100 % it restarts by itself */
		.clues = { NEED(RESTARTED, 40), LESS_IN(RESTARTED, 100, 100, 30), LESS(RESTART_OR_END, 25), MORE(BOOTED, 5), MORE(RESTARTED_AGAIN, 10), MORE(RUNS_OLD, 10), LESS(UNDER_VOLTAGE, 5), LESS(VOLTAGE_POOR, 5), LESS(VOLTAGE_AFTER, 5) },
	},
	{
		{ "restarts", "the module restarts again and again" },
		END_BAD,
		"The module restarted before it installed anything[ (before the upgrade was asked for: {restarted-early})][ (while it was to get its package: {restarted-loading})][; it had warned: {under-voltage}][, with {voltage-poor} mV at its supply]: its supply breaks down, a watchdog of the board resets it, or its firmware fails.",
		"Use a steady supply (3.8 V, 2 A for a moment), suspend a watchdog of the board for the upgrade, then start again.",
		.clues = { ONE(RESTARTED_EARLY, 35), ONE(RESTARTED_LOADING, 35), MORE_IN(RESTARTED_EARLY, 2, LONG_MAX, 20),
			   MORE_IN(RESTARTED_LOADING, 2, LONG_MAX, 25), MORE(UNDER_VOLTAGE, 30), MORE(VOLTAGE_POOR, 10), MORE(RUNS_OLD, 10), NOT(FOTA_BEFORE) },
	},
	{
		{ "flash-failed", "the module could not write its firmware" },
		END_BAD,
		"The module could not write the new firmware: {flash-code}[, at {percent} %][; its supply was at {voltage-poor} mV][; asked afterwards it was at {voltage-after} mV].",
		"Start once more with a steady supply; if it fails again, ask Quectel's support with the record.",
		.clues = { NEED(FLASH_CODE, 50), MORE(RUNS_OLD, 5), MORE(VOLTAGE_POOR, 10), MORE(VOLTAGE_AFTER, 10) },
	},
	{
		{ "end-without-effect", "success was claimed, the version is the old one" },
		END_BAD,
		"The module reported that the installation succeeded (END,0), but it still runs {runs-old}.",
		"Restart the module once and read its version (dfota probe); if it stays, the package makes another version than its manifest says: ask who made it.",
		.screen_next = "Restart the module once and read its version (Enter on its port in pane 1); if it stays, the package makes another version than its manifest says: ask who made it.",
		.clues = { NEED(END_OK, 40), NEED(RUNS_OLD, 45) },
	},
	{
		{ "installation-not-begun", "the package was in, and no installation was seen" },
		END_BAD,
		"The module has the package[ ({sent})][ ({source-ok})], and no start of an installation was seen: it did not begin one, or its report was lost[; it had warned: {under-voltage}][; its supply was at {voltage-poor} mV].",
		"Restart the module (AT+CFUN=1,1) and read its version; if it stays the old one, start again[under-voltage?, with a steady supply (3.8 V, 2 A for a moment)], and look at AT+QFLDS for room.",
		.clues = { ONE(WHOLE_SENT, 40), ONE(SOURCE_OK, 40), MORE(RUNS_OLD, 15), MORE(UNDER_VOLTAGE, 10), MORE(VOLTAGE_POOR, 5), LESS(GONE_SENDING, 20), LESS(CODE, 45), NEED(COMMAND, 0), NOT(STARTED), NOT(END) },
	},
	{
		{ "third-version", "the module runs a third version" },
		END_UNCERTAIN,
		"The module runs {runs-third}, which is neither the old version nor the target: the package makes another version than its manifest says, or the module fell back to a spare copy.",
		"Do not start the same package again; ask who made it, with both versions.",
		.clues = { NEED(RUNS_THIRD, 85), MORE(END_OK, 5), NOT(OTHER_IMEI) },
	},
	{
		{ "another-module", "another module answers" },
		END_BAD,
		"Another module answers on this port[: its IMEI is {other-imei}][: its IMEI is {wrong-imei}].",
		"Find the port of the module that is meant (dfota ports)[wrong-imei?, or give the IMEI of this one with --imei].",
		.screen_next = "Choose the port of the module that is meant in pane 1.",
		.at_once = true,
		.clues = { ONE(OTHER_IMEI, 80), ONE(WRONG_IMEI, 90) },
		.cure = true,
	},
	{
		{ "imei-not-reported", "a module that does not report its IMEI answers" },
		END_UNKNOWN,
		"A module answers that does not report its IMEI, so it is not known whether it is the one that was upgraded.",
		"A module that has just restarted may need a minute before it reports its IMEI; see also that this is the port of the upgraded one (dfota ports).",
		.screen_next = "A module that has just restarted may need a minute before it reports its IMEI; see also that this is the port of the upgraded one (pane 1).",
		.at_once = true,
		.clues = { ONE(HIDDEN_IMEI, 80) },
	},
	{
		{ "end-lost", "the END was lost, and the version is right" },
		END_SUCCESS,
		"The module never reported the end of its installation, but it runs {runs-target}: the line was lost, which restarts often cause.",
		"Nothing is left to do: the version that was read is the proof.",
		.clues = { NEED(RUNS_TARGET, 50), NEED(STARTED, 20), NOT(END) },
	},
	{
		{ "urcs-elsewhere", "the module's messages go to another port" },
		END_ANY,
		"The module sends its messages to another of its ports[, and refused to change that ({urc-port-refused})], so nothing of its progress was seen here.",
		"Set AT+QURCCFG=\"urcport\" to the port in use, or use the port it names; the version that is read counts all the same.",
		.clues = { NEED(URCS_ELSEWHERE, 45), NEED(COMMAND, 0), MORE(URC_PORT_REFUSED, 30), NOT(FOTA) },
	},
	{
		{ "urcs-off", "the module's messages are switched off" },
		END_ANY,
		"The module's state messages are switched off[, and it refused to switch them on ({state-urc-refused})], so nothing of its progress was seen.",
		"Switch them on with AT+QCFG=\"stateurc/enable\",1; the version that is read counts all the same.",
		.clues = { NEED(URCS_OFF, 45), NEED(COMMAND, 0), MORE(STATE_URC_REFUSED, 30), NOT(FOTA) },
	},
	{
		{ "impossible-percent", "the module reports impossible percentages" },
		END_ANY,
		"The module reported a percentage that cannot be; lines with one: {odd-percent#}.",
		"Nothing to do about it: only the end and the version count.",
		.clues = { NEED(ODD_PERCENT, 30) },
	},
	{
		{ "long-silence", "a long silence while it installed" },
		END_SUCCESS,
		"The module said nothing for {silence} while it installed.",
		"Nothing is left to do; allow for such a pause the next time, and never cut the power in it.",
		/* not what this program leaves by itself, which asks after 120 s */
		.clues = { NEED_IN(SILENCE, 125, LONG_MAX, 35), NOT(RESTARTED) },
	},
	{
		{ "already-updating", "the module was installing before this program started" },
		END_ANY,
		"The module was already installing an update when this program found it; it was not started here.",
		"Keep it powered until that has ended, then ask for its version (dfota probe) and see whether an upgrade is still needed.",
		.screen_next = "Keep it powered until that has ended, then ask for its version (Enter on its port in pane 1) and see whether an upgrade is still needed.",
		.clues = { NEED(FOTA_BEFORE, 65), MORE(ATTACHED, 20) },
	},
	{
		{ "still-installing", "the time to wait ran out before the result was known" },
		END_UNCERTAIN,
		"The time to wait ran out before the outcome was known[; the installation was at {percent} %][end-ok?; it had reported that the installation succeeded][may-install?; it may still be at work].",
		"Give it more time: --watch-timeout, and --return-timeout where one was set.",
		.screen_next = "Give it more time: watch-timeout, and return-timeout where one was set, in the configuration file.",
		.clues = { NEED(WATCH_ENDED, 60), MORE(STARTED, 15), LESS(LATE, 30) },
	},
	{
		{ "not-back", "the module did not answer again" },
		END_UNCERTAIN,
		"The module did not answer again[end-ok?, though it had reported that the installation succeeded][; it had ended with {flash-code}].",
		"Give it ten minutes and see whether it came back as another port (dfota ports); a module that stays silent needs the vendor's flash tool.",
		.screen_next = "Give it ten minutes and see whether it came back as another port (pane 1); a module that stays silent needs the vendor's flash tool.",
		.clues = { NEED(NO_RETURN, 55), MORE(END_OK, 10), MORE(FLASH_CODE, 10), LESS(STALL, 15), LESS(LATE, 30) },
	},

	/* --- people, the program, the disk --- */
	{
		{ "declined", "the question before the start was not answered with yes" },
		END_BAD,
		"The question before the start was not answered with yes.",
		"Nothing of the package was sent; start again when you are ready.",
		.clues = { ONE(DECLINED, 95) },
	},
	{
		{ "cancelled", "somebody cancelled it" },
		END_UNCHANGED | END_STOPPED,
		"Somebody cancelled it[, after {sent}].",
		"Nothing was installed; start again when you are ready.",
		.clues = { NEED(CANCELLED, 60), STOPPED_BY(ERR_CANCELLED, 35) },
	},
	{
		{ "detached", "somebody stopped watching" },
		END_UNKNOWN | END_NONE,
		"Somebody stopped watching before the outcome was known[may-install?, while the module went on by itself].",
		"Only its version can say how it ended.",
		.clues = { ONE(DETACHED, 90), ONE(CANCELLED, 85) },
	},
	{
		{ "program-late", "this program itself was held up" },
		END_BAD,
		"This program itself was held up for {late} s: it was stopped (Ctrl-Z, a debugger), its computer slept, or other programs took all of the time; the module is not to blame for what ran out meanwhile.",
		"Keep the computer awake and the program running for the next upgrade.",
		/* alone it did no harm: it explains what ran out meanwhile, nothing else */
		.clues = { NEED(LATE, 20), MORE(STALL, 60), MORE(LEFT_DATA, 55), MORE(NO_MODULE, 55), MORE(LOST_BYTES_CODE, 50), MORE(WATCH_ENDED, 50), MORE(NO_RETURN, 50),
			   STOPPED_BY(ERR_TIMEOUT, 40), NOT(OWN_CODE) },
	},
	{
		{ "program-killed", "the program ended in the middle" },
		END_ANY,
		"The program, or its computer, ended in the middle of the upgrade[ ({sent})][resumed?; a later one continued with it].",
		"Keep the computer awake and on mains for the next upgrade.",
		.clues = { NEED(KILLED, 75), MORE(INTENT, 5), MORE(RESUMED, 5) },
	},
	{
		{ "ended-early", "the program ended before anything was sent" },
		END_NONE,
		"The program, or its computer, ended before the upgrade command was sent: by this record the module has been sent nothing to install, and may be switched off.",
		"Start the same upgrade again[settings-open?, after dfota resume has put back what was changed in the module's settings].",
		.screen_next = "Start the same upgrade again[settings-open?, after the key O has put back what was changed in the module's settings].",
		.clues = { NEED(KILLED_EARLY, 75), NOT(FOTA_BEFORE), NOT(ATTACHED) },
	},
	{
		{ "terminal-lost", "the terminal was lost" },
		END_ANY,
		"The terminal was lost during the upgrade, which went on without it.",
		"Run long upgrades in tmux or screen; the record has the result.",
		.clues = { NEED(TERMINAL_LOST, 40) },
	},
	{
		{ "unfinished", "an earlier upgrade is unfinished" },
		END_STOPPED,
		"An earlier upgrade of this module is unfinished, and its outcome is not known.",
		"Keep watching it first: dfota resume.",
		.screen_next = "Keep watching it first: the key O.",
		.clues = { NEED(UNFINISHED, 90) },
		.cure = true,
	},
	{
		{ "disk-full", "lines are missing: the disk was full or failed" },
		END_ANY,
		"Lines are missing in this record: the disk was full, or failed.",
		"Free some space where records are kept; the upgrade itself did not suffer from it.",
		.clues = { NEED(GAP_DISK, 40) },
	},
	{
		{ "message-flood", "lines are missing: the port said too much" },
		END_ANY,
		"More lines came than a record takes, so some are missing: this may be no AT port, or a trace is switched on.",
		"Choose the AT port (dfota ports marks it), or switch the trace off.",
		.screen_next = "Choose the AT port (pane 1 marks it), or switch the trace off.",
		.clues = { NEED(GAP_FLOOD, 45) },
	},

	/* --- nothing but a code, or what was said last --- */
	{
		{ "code-only", "nothing but the code says why" },
		END_BAD,
		"The module reported {code}, and nothing else says why. Likely: {code-cause}.",
		"{code-next}.",
		/* what a module says of a stop that somebody asked for is no cause */
		.clues = { NEED(CODE, 30), NOT(CANCELLED) },
		.otherwise = true,
	},
};

const struct rule *rule_row(size_t index)
{
	return index < COUNT(rules) ? &rules[index] : NULL;
}

#define POWERED "Keep the module powered"

static const struct ending endings[] = {
	{ END_UNKNOWN | END_NONE, FACT_DEMO,
	  "",
	  "This was the demo: its simulated module ends with it, and nothing is left to do.",
	  "This was the demo: its simulated module ends with it, and nothing is left to do." },
	{ END_UNKNOWN, FACT_ATTACHED,
	  POWERED ": it may still be installing.",
	  "Then ask for its version with: dfota probe[ -p {port}]",
	  "Then ask for its version: Enter on its port in pane 1." },
	{ END_UNKNOWN, FACT_GONE_SENDING,
	  "Plug it back in.",
	  "Then ask for its version with: dfota resume[ {record}]",
	  "Then ask for its version: press O." },
	{ END_UNKNOWN, FACT_NEVER_COMPLETE,	/* it installs nothing, and may be switched off */
	  "",
	  "Ask for its version with: dfota resume[ {record}]",
	  "Ask for its version: press O." },
	{ END_UNKNOWN, FACT_RECORD,
	  POWERED "[may-install?: it may still be installing {target}].",
	  "Keep watching with: dfota resume {record}",
	  "Keep watching: press O." },
	{ END_UNKNOWN, FACT_NONE,
	  POWERED "[may-install?: it may still be installing {target}].",
	  "Then ask for its version with: dfota probe[ -p {port}]",
	  "Then ask for its version: Enter on its port in pane 1." },
	{ END_NONE, FACT_INTENT,
	  POWERED ".",
	  "Keep watching with: dfota resume",
	  "Keep watching: press O." },
	{ END_FAILED, FACT_NONE,
	  POWERED " and send the record to support.",
	  "Ask for its version again with: dfota probe[ -p {port}]",
	  "Ask for its version again: Enter on its port in pane 1." },
	{ END_UNCHANGED, FACT_NONE,
	  "",
	  "Trying again is safe.",
	  "Trying again is safe." },
};

const struct ending *ending_row(size_t index)
{
	return index < COUNT(endings) ? &endings[index] : NULL;
}

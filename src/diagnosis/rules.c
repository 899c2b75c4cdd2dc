#include "config.h"

#include "diagnosis/rules.h"

#include <limits.h>

#include "base/err.h"

#define ANY LONG_MIN, LONG_MAX
#define NEED(fact, points) { ROLE_NEED, FACT_##fact, ANY, points }
#define NEED_IN(fact, min, max, points) { ROLE_NEED, FACT_##fact, min, max, points }
#define ONE(fact, points) { ROLE_ONE, FACT_##fact, ANY, points }
#define ONE_IN(fact, min, max, points) { ROLE_ONE, FACT_##fact, min, max, points }
#define MORE(fact, points) { ROLE_MORE, FACT_##fact, ANY, points }
#define MORE_IN(fact, min, max, points) { ROLE_MORE, FACT_##fact, min, max, points }
#define LESS(fact, points) { ROLE_LESS, FACT_##fact, ANY, points }
#define NOT(fact) { ROLE_NOT, FACT_##fact, ANY, 0 }
/* The result says that it stopped for this. */
#define STOPPED_BY(code, points) { ROLE_MORE, FACT_RESULT, code, code, points }

#define BY_WIRE ", or send the package over the wire, which needs no network"
#define ASK_FOR_IT "ask Quectel for the package that is made for it (dfota request writes the request)"

/* Sources: protocol.md 11, faults.md A to D; what a code can mean: protocol.md 5. */
static const struct rule rules[] = {
	/* --- the port and who is on it --- */
	{
		{ "modem-manager", "ModemManager has the port, or talks to the module" },
		END_ANY,
		"ModemManager uses the module's port[: it is held by {port-held}][: a line came that only it asks for, {manager-talk}].",
		"Stop it (sudo systemctl stop ModemManager), or keep it off this module with the udev rule ENV{ID_MM_DEVICE_IGNORE}=\"1\", before the next upgrade.",
		{ ONE(MODEM_MANAGER, 90), ONE(MANAGER_TALK, 70), MORE(FOREIGN, 10) }, false,
	},
	{
		{ "port-held", "another program has the port" },
		END_ANY,
		"Another program had the port open: {port-held}.",
		"Close that program before the next upgrade.",
		{ NEED(PORT_HELD, 90), NOT(MODEM_MANAGER) }, false,
	},
	{
		{ "port-unusable", "the port is missing, not permitted, or no serial port" },
		END_BAD,
		"The port cannot be used: {port-problem}.",
		"Choose the module's port from the list (dfota ports), plug the module in, or get the permission that is named; then start again.",
		{ NEED(PORT_PROBLEM, 75), STOPPED_BY(ERR_PORT, 15), STOPPED_BY(ERR_BUSY, 15) }, false,
	},
	{
		{ "wrong-baud", "the module talks at another bit rate" },
		END_ANY,
		"The module and this computer had different bit rates[: it answers at {other-baud} baud][; lines of noise: {noise#}].",
		"Start with the module's own rate (-b BAUD, AT+IPR? tells it) or store the usual one with AT+IPR=115200;&W; with noise at every rate check the cable and its ground wire.",
		{ ONE(ONLY_NOISE, 70), ONE(OTHER_BAUD, 65), MORE(NOISE, 15) }, false,
	},
	{
		{ "no-answer", "nothing answers AT on the port" },
		END_BAD,
		"Nothing answered AT on this port.",
		"Choose the AT port (dfota ports marks it), check that the module is switched on and the cable is in; then start again.",
		{ NEED(NO_MODULE, 60), NOT(ONLY_NOISE) }, false,
	},
	{
		{ "unplugged", "the port vanished before anything was sent" },
		END_BAD,
		"The port vanished before anything was sent: the cable was pulled, or the module went off[, with {voltage-poor} mV at its supply].",
		"Check the cable and the module's supply; nothing was changed, so start again.",
		{ NEED(VANISHED, 75), MORE(VOLTAGE_POOR, 10), MORE(UNDER_VOLTAGE, 15) }, false,
	},
	{
		{ "link-lost", "the port vanished while the package was being sent" },
		END_BAD,
		"The port vanished while the package was being sent[, when {sent} had been written][; the module had warned: {under-voltage}].",
		"Use another cable, no hub, and a steady supply; the package was not complete, so nothing was installed: start again.",
		{ NEED(GONE_SENDING, 70), MORE(SENT, 5), MORE(UNDER_VOLTAGE, 10) }, false,
	},
	{
		{ "foreign-program", "another program talks to the module" },
		END_ANY,
		"Another program talked to the module: lines came that nobody here had asked for[, such as {foreign}][, and its command {foreign-echo}][; results that belonged to no command: {stray#}].",
		"Close every other program that uses one of the module's ports (ModemManager, a dial-up connection, a tracker's software) before the next upgrade.",
		{ ONE(FOREIGN, 45), ONE(FOREIGN_ECHO, 55), ONE(STRAY, 30), LESS(NOISE, 15), NOT(MANAGER_TALK) }, false,
	},
	{
		{ "line-noise", "the line spoils bytes" },
		END_ANY,
		"The line spoils bytes[, and an echo came back broken, {echo-broken}]; lines with bytes that no module prints: {noise#}.",
		"Shorten or replace the cable, connect the grounds, keep it away from the antenna, or use a lower bit rate.",
		{ NEED(NOISE, 35), MORE(ECHO_BROKEN, 15), NOT(ONLY_NOISE), NOT(OTHER_BAUD) }, false,
	},
	{
		{ "echo-broken", "the echo comes back damaged" },
		END_ANY,
		"The module's echo of commands is damaged, for example {echo-broken}: bytes get lost or doubled between module and computer.",
		"Check the cable, and that only this program reads the port; switch the echo off for good with ATE0;&W.",
		{ NEED(ECHO_BROKEN, 35), NOT(NOISE) }, false,
	},
	{
		{ "endless-line", "lines that are too long to be the module's" },
		END_ANY,
		"Lines came that are longer than any of the module's, so their rest was dropped: this may be no AT port, or a trace is switched on.",
		"Choose the AT port (dfota ports marks it), or switch the trace off.",
		{ NEED(LONG_LINES, 40) }, false,
	},

	/* --- is it the right module, the right package --- */
	{
		{ "no-dfota", "the module has no AT+QFOTADL" },
		END_BAD,
		"The module does not know AT+QFOTADL: its firmware has no DFOTA.",
		"Check the model (ATI); firmware without DFOTA is upgraded over USB with the vendor's flash tool.",
		{ NEED(NO_DFOTA, 75), STOPPED_BY(ERR_MODULE, 15) }, false,
	},
	{
		{ "unknown-model", "a module of another family" },
		END_BAD,
		"The module is none this program knows: {unknown-model}.",
		"Choose the port of the right module; for a relative of the UGxx name the family with --profile.",
		{ NEED(UNKNOWN_MODEL, 90) }, false,
	},
	{
		{ "wrong-base-version", "the package is for another firmware version" },
		END_BAD,
		"The package is made for modules that run {base-refused}, but this one runs {identity}.",
		"Compare the version with the manifest and " ASK_FOR_IT ".",
		{ NEED(BASE_REFUSED, 35), MORE(BASE_DIFFERS, 60), NEED(IDENTITY, 2) }, false,
	},
	{
		{ "wrong-model", "the package is for another model" },
		END_BAD,
		"The package is for another model than this one, which runs {identity}[: it is for {model-differs}].",
		"Choose the right port or the right package.",
		{ NEED(MODEL_REFUSED, 35), MORE(MODEL_DIFFERS, 60), NEED(IDENTITY, 2) }, false,
	},
	{
		{ "already-done", "the module runs the target already" },
		END_BAD,
		"There was nothing to do: the module runs {at-target} already.",
		"Nothing is left to do; in scripts --if-needed makes this a success.",
		{ NEED(AT_TARGET, 95) }, false,
	},
	{
		{ "package-altered", "the package is not the one its manifest describes" },
		END_BAD,
		"The package is damaged, was changed, or belongs to another manifest: {package-altered}.",
		"Copy package and manifest anew from where they came, and compare their SHA-256.",
		{ NEED(PACKAGE_ALTERED, 75), STOPPED_BY(ERR_PACKAGE, 15) }, false,
	},
	{
		{ "wrong-package", "the module does not accept the package" },
		END_BAD,
		"The module found that the package does not fit it[: {package-code}][: {project-code}][no-manifest?; no manifest told what it is made for][; but by its manifest it is for {manifest-fits}, which the module runs].",
		"Compare the version that ATI tells with what the package is made for, and " ASK_FOR_IT "; the old firmware still runs.",
		{ ONE(PACKAGE_CODE, 50), ONE(PROJECT_CODE, 60), MORE(NO_MANIFEST, 25), MORE(RUNS_OLD, 5),
		  LESS(MANIFEST_FITS, 15), LESS(NOISE, 10) }, false,
	},
	{
		{ "no-room", "the module has no room for the package" },
		END_BAD,
		"The module has no room for the package: {room-code}.",
		"Delete old packages in the module (AT+QFLST, AT+QFDEL), look at AT+QFLDS; else go through an intermediate version with smaller packages.",
		{ NEED(ROOM_CODE, 75), MORE(RUNS_OLD, 5) }, false,
	},

	/* --- SIM and network --- */
	{
		{ "sim-missing", "no SIM card that works" },
		END_BAD,
		"The module has no SIM card that works: {sim-missing}.",
		"Insert the SIM card, or clean its contacts, and restart the module" BY_WIRE ".",
		{ NEED(SIM_MISSING, 60), STOPPED_BY(ERR_NETWORK, 30), NEED(PULL, 0) }, false,
	},
	{
		{ "sim-locked", "the SIM card waits for its code" },
		END_BAD,
		"The SIM card waits for a code: {sim-locked}.",
		"Enter the code with AT+CPIN (three tries), or switch its question off with AT+CLCK" BY_WIRE ".",
		{ NEED(SIM_LOCKED, 60), STOPPED_BY(ERR_NETWORK, 30), NEED(PULL, 0) }, false,
	},
	{
		{ "registration-denied", "the network refuses the module: roaming, subscription" },
		END_BAD,
		"The network refuses to register the module ({denied}): the SIM card has no roaming or no data subscription here, or is blocked.",
		"Ask the operator of the SIM card whether data and roaming are allowed here, or use another card" BY_WIRE ".",
		{ NEED(DENIED, 60), STOPPED_BY(ERR_NETWORK, 30), NEED(PULL, 0) }, false,
	},
	{
		{ "not-registered", "no mobile network" },
		END_BAD,
		"The module is in no mobile network ({unregistered}).",
		"Check that the antenna is connected and placed outside of metal, wait two minutes for the network, then start again" BY_WIRE ".",
		{ NEED(UNREGISTERED, 55), STOPPED_BY(ERR_NETWORK, 25), NEED(PULL, 0) }, false,
	},
	{
		{ "registration-lost", "the network was lost during the download" },
		END_BAD,
		"The module lost the mobile network during the download ({registration-lost})[, {registration-lost..network-code} s before it ended with {network-code}][; its signal had been {signal} dBm][; it was back {registration-lost..registration-back} s later].",
		"Find a better place for the antenna and watch the signal for a while (AT+CSQ, AT+CREG?), then start again" BY_WIRE "; nothing was installed.",
		{ NEED(REGISTRATION_LOST, 50), MORE(NETWORK_CODE, 35), MORE(WATCH_ENDED, 20), MORE_IN(SIGNAL, -113, -94, 5),
		  LESS(REGISTRATION_BACK, 20), NOT(SOURCE_OK) }, false,
	},
	{
		{ "context-inactive", "no data connection: PDP context" },
		END_BAD,
		"The module had no data connection[: AT+QIACT, which switches it on, was answered with {context-refused}][: the network ended it during the download ({context-lost})][; the download ended with {network-code}].",
		"Check the access point (AT+QICSGP=1) with the operator of the SIM card, end dial-up connections of this computer over the module, then start again; nothing was installed.",
		{ ONE(CONTEXT_REFUSED, 85), ONE(CONTEXT_LOST, 50), ONE(CONTEXT_CODE, 30), MORE(NETWORK_CODE, 25), MORE(CONTEXT_OFF, 10),
		  LESS(REGISTRATION_LOST, 20), NOT(SOURCE_OK) }, false,
	},
	{
		{ "weak-signal", "the signal is under -100 dBm" },
		END_BAD,
		"The signal was too weak for a download: {signal} dBm[; it ended with {network-code}][ after {download-time} s].",
		"Connect or move the antenna until AT+CSQ tells 10 or more (-93 dBm), then start again" BY_WIRE "; nothing was installed.",
		{ NEED_IN(SIGNAL, -999, -101, 35), ONE(NETWORK_CODE, 35), ONE(WATCH_ENDED, 20), MORE(TIMEOUT_CODE, 10),
		  NOT(SOURCE_OK) }, false,
	},
	{
		{ "slow-link", "the link or the server is too slow" },
		END_BAD,
		"The download timed out: {timeout-code}[ after {download-time} s][, at {signal} dBm]; the mobile link or the server was too slow.",
		"Use plain http or ftp, a server near by and a short URL, and try at a time with less traffic" BY_WIRE "; nothing was installed.",
		{ NEED(TIMEOUT_CODE, 45), MORE_IN(DOWNLOAD_S, 120, LONG_MAX, 20), MORE_IN(SIGNAL, -100, -94, 10) }, false,
	},
	{
		{ "dns-failed", "the host name is not known to the network" },
		END_BAD,
		"The server's name could not be looked up[ by the module: {dns-code}][; it is not known to this computer either, {unasked}].",
		"Check the host name in the URL, or give the server's IP address in its place.",
		{ ONE(DNS_CODE, 60), ONE(DNS_HERE, 25) }, false,
	},
	{
		{ "server-private", "the server has an address of this network only" },
		END_BAD,
		"The server cannot be reached from the mobile network: {private} is an address of this computer's network[; the module said {network-code}].",
		"Put the package on a server with a public address (dfota run --publish), or send it over the wire (--relay).",
		{ NEED(PRIVATE, 35), ONE(CONNECT_CODE, 35), ONE(NETWORK_CODE, 20) }, false,
	},
	{
		{ "server-unreachable", "the server does not answer at its address" },
		END_BAD,
		"The module could not connect to the server: {connect-code}[; nor could this computer, {unasked}].",
		"Check host and port in the URL, that the server runs, and that no firewall is between it and the mobile network.",
		{ NEED(CONNECT_CODE, 50), MORE(UNASKED, 30) }, false,
	},
	{
		{ "server-html", "the server answers with a web page" },
		END_BAD,
		"The server answers with a web page in place of the package: a login page, an error page, or a page about the file.",
		"Open the URL in a browser, and use the address of the file itself.",
		{ NEED(HTML, 90) }, false,
	},
	{
		{ "server-redirect", "the server sends on to another address" },
		END_BAD,
		"The server sends on to another address, which the module may not follow: {redirect}.",
		"Use that address as the URL; for https let this computer download (--relay).",
		{ NEED(REDIRECT, 90) }, false,
	},
	{
		{ "server-other-file", "the server's file is not the package" },
		END_BAD,
		"The server's file is not the one of the manifest: it has {other-file}.",
		"Put the right file on the server (dfota run --publish does), or use its manifest.",
		{ NEED(OTHER_FILE, 90) }, false,
	},
	{
		{ "login-wrong", "the server refuses user or password" },
		END_BAD,
		"The server refuses the login[: the module said {login-code}][login-here?; it refuses this computer].",
		"Check user and password at the server (at most 50 bytes each), and that this user may read the file.",
		{ ONE(LOGIN_CODE, 60), ONE(LOGIN_HERE, 75) }, false,
	},
	{
		{ "file-missing", "the file is not at this place on the server" },
		END_BAD,
		"The file is not where the URL says, or may not be read[: the module said {file-code}][missing-here?; the server told this computer so].",
		"Check path and name in the URL, letter by letter and in their case (of FTP at most 50 bytes), and the file's permissions.",
		{ ONE(FILE_CODE, 60), ONE(MISSING_HERE, 80) }, false,
	},
	{
		{ "server-busy", "the server turns clients away" },
		END_BAD,
		"The server turned the module away: {busy-code}.",
		"Wait some minutes and start again; if it stays, raise the server's limit of connections.",
		{ NEED(BUSY_CODE, 60) }, false,
	},
	{
		{ "passive-ftp", "the FTP data connection is blocked" },
		END_BAD,
		"The FTP data connection failed: {passive-code}; passive FTP is blocked between the module and the server.",
		"Open the server's passive port range in its firewall, or use http.",
		{ NEED(PASSIVE_CODE, 60) }, false,
	},
	{
		{ "connection-closed", "server or network closed the connection" },
		END_BAD,
		"The connection was closed from the other side: {closed-code}[ after {download-time} s].",
		"Check URL, user and password, and the server's log for the reason; then start again: nothing was installed.",
		{ NEED(CLOSED_CODE, 45), LESS(REGISTRATION_LOST, 15), LESS(CONTEXT_LOST, 15) }, false,
	},
	{
		{ "tls", "encryption is not set up in the module" },
		END_BAD,
		"The module could not set up encryption: {tls-code}.",
		"Use http:// or ftp://, or let this computer download and send over the wire (--relay).",
		{ NEED(TLS_CODE, 60) }, false,
	},
	{
		{ "no-download", "the download did not begin" },
		END_BAD,
		"The module said OK to the download and nothing after that[urcs-elsewhere?, but its messages go to another port].",
		"Restart the module with AT+CFUN=1,1, check its data connection (AT+QIACT?), then start again.",
		{ NEED(URL_OK, 45), MORE(RUNS_OLD, 10), NOT(FOTA) }, false,
	},

	/* --- the transfer over the wire --- */
	{
		{ "com-form-unknown", "the module wants another form of the COM command" },
		END_BAD,
		"The module does not understand this form of the command for a package over the wire[: it answered {com-refused}][bare-ok?: it said OK, but never that it waits for data][no-gate?: it never said that it waits for data][unverified?; no document at hand states the form].",
		"Ask for its form with AT+QFOTADL=? and give it with --com-command (dfota help run), or let the module download (--publish).",
		{ ONE(COM_REFUSED, 55), ONE(BARE_OK, 70), ONE(NO_GATE, 45), MORE(UNVERIFIED, 15), NOT(ROOM_CODE) }, false,
	},
	{
		{ "left-data-mode", "the module stopped taking data" },
		END_BAD,
		"The module stopped taking data on its own[ after {sent}][: it said {left-data}].",
		"Restart the module and start again; the package was not complete, so nothing was installed. If it stays, see whether another program uses the port, and try a longer --com-timeout.",
		{ NEED(LEFT_DATA, 65), MORE(SENT, 5), MORE(LOST_BYTES_CODE, 5), LESS(FOREIGN, 15), LESS(FOREIGN_ECHO, 15) }, false,
	},
	{
		{ "flow-control-stall", "the line stood still: flow control" },
		END_BAD,
		"The module held the line back (RTS/CTS) and took no more data[ after {sent}].",
		"Check that RTS and CTS are wired crosswise and that the module is set to AT+IFC=2,2; then restart it and start again.",
		{ NEED(STALL, 75), MORE(SENT, 5), MORE(LOST_BYTES_CODE, 5) }, false,
	},
	{
		{ "bytes-lost", "package bytes were lost or spoiled on the line" },
		END_BAD,
		"Bytes of the package were lost or spoiled on the line[: {lost-bytes-code}][: {package-code}][manifest-fits?; by its manifest the package fits the module][no-flow?; there was no hardware flow control][noise?; the line showed noise].",
		"Turn hardware flow control on (wire RTS and CTS), use a lower bit rate and a short cable, then start again; the old firmware still runs.",
		{ ONE(LOST_BYTES_CODE, 60), ONE(PACKAGE_CODE, 25), MORE(MANIFEST_FITS, 20), MORE(NO_FLOW, 20), MORE(NOISE, 15),
		  NEED(WHOLE_SENT, 5) }, false,
	},

	/* --- the installation --- */
	{
		{ "supply-low", "the supply voltage is too low" },
		END_BAD,
		"The module's supply is too low for writing its firmware: {voltage-low} mV.",
		"Use a supply of 3.8 V that gives 2 A for a moment, with short wires; then start again. --supply-min sets another limit.",
		{ NEED(VOLTAGE_LOW, 60), STOPPED_BY(ERR_MODULE, 35) }, false,
	},
	{
		{ "low-voltage-restart", "the module went down from low voltage" },
		END_ANY,
		"The module went down while it installed, at {restarted} %[, with {voltage-poor} mV at its supply before the start][; it had warned: {under-voltage}]: the supply broke down under load.",
		"Use a supply of 3.8 V that gives 2 A for a moment, with short wires and a capacitor at the module, before the next upgrade.",
		{ NEED(RESTARTED, 35), ONE(UNDER_VOLTAGE, 50), ONE(VOLTAGE_POOR, 30) }, false,
	},
	{
		{ "power-cut", "the module went away while it installed: power, cable" },
		END_ANY,
		"The module went away in the middle of the installation, at {restarted} %[booted?, and restarted][, and went on by itself {restarted..went-on} s later]: its power or its cable failed, or this firmware restarts on its own.",
		"Keep the supply steady until the new version has been read; if it did not go on, ask for the version (dfota probe) before anything else.",
		{ NEED(RESTARTED, 40), MORE(BOOTED, 5), MORE(RUNS_OLD, 10), LESS(UNDER_VOLTAGE, 5), LESS(VOLTAGE_POOR, 5) }, false,
	},
	{
		{ "flash-failed", "the module could not write its firmware" },
		END_BAD,
		"The module could not write the new firmware: {flash-code}[, at {percent} %][; its supply was at {voltage-poor} mV].",
		"Keep its power on; it runs the old firmware when its version says so: try once more with a steady supply, then ask Quectel's support with the record.",
		{ NEED(FLASH_CODE, 50), MORE(RUNS_OLD, 5), MORE(VOLTAGE_POOR, 10) }, false,
	},
	{
		{ "end-without-effect", "success was claimed, the version is the old one" },
		END_BAD,
		"The module said that the installation succeeded (END,0), yet it runs {runs-old} as before.",
		"Restart the module once and read its version (dfota probe); if it stays, the package makes another version than its manifest says: ask who made it.",
		{ NEED(END_OK, 40), NEED(RUNS_OLD, 45) }, false,
	},
	{
		{ "installation-not-begun", "the package was in, and the module did not install it" },
		END_BAD,
		"The module has the package[ ({sent})][ ({source-ok})] and did not begin to install it.",
		"Restart the module (AT+CFUN=1,1) and read its version; if it stays the old one, start again, and look at AT+QFLDS for room.",
		{ ONE(WHOLE_SENT, 40), ONE(SOURCE_OK, 40), MORE(RUNS_OLD, 15), LESS(GONE_SENDING, 20), NOT(STARTED), NOT(END) }, false,
	},
	{
		{ "third-version", "the module runs a third version" },
		END_BAD,
		"The module runs {runs-third}, which is neither the old version nor the target: the package makes another version than its manifest says, or the module fell back to a spare copy.",
		"Do not start the same package again; ask who made it with both versions, and let support look at the record.",
		{ NEED(RUNS_THIRD, 85), MORE(END_OK, 5), NOT(OTHER_IMEI) }, false,
	},
	{
		{ "another-module", "another module answers" },
		END_BAD,
		"Another module answers on this port[: its IMEI is {other-imei}][: its IMEI is {wrong-imei}].",
		"Find the module of this upgrade (dfota ports, --imei) and ask it for its version; do not start again before.",
		{ ONE(OTHER_IMEI, 80), ONE(WRONG_IMEI, 90) }, false,
	},
	{
		{ "end-lost", "the END was lost, and the version is right" },
		END_SUCCESS,
		"The module never told the end of its installation, but it runs {runs-target}: the line was lost, which restarts often cause.",
		"Nothing is left to do: the version that was read is the proof.",
		{ NEED(RUNS_TARGET, 50), NEED(STARTED, 20), NOT(END) }, false,
	},
	{
		{ "urcs-elsewhere", "the module's messages go to another port" },
		END_ANY,
		"The module sends its messages to another of its ports[, and refused to change that ({urc-port-refused})], so nothing of its progress was seen here.",
		"Set AT+QURCCFG=\"urcport\" to the port in use, or use the port it names; what the version says counts all the same.",
		{ NEED(URCS_ELSEWHERE, 45), NEED(COMMAND, 0), MORE(URC_PORT_REFUSED, 30), NOT(FOTA) }, false,
	},
	{
		{ "urcs-off", "the module's messages are switched off" },
		END_ANY,
		"The module's state messages are switched off[, and it refused to switch them on ({state-urc-refused})], so nothing of its progress was seen.",
		"Switch them on with AT+QCFG=\"stateurc/enable\",1; what the version says counts all the same.",
		{ NEED(URCS_OFF, 45), NEED(COMMAND, 0), MORE(STATE_URC_REFUSED, 30), NOT(FOTA) }, false,
	},
	{
		{ "impossible-percent", "the module tells impossible percents" },
		END_ANY,
		"The module told of a percent that cannot be, {odd-percent#} times.",
		"Nothing to do for it: only the end and the version count.",
		{ NEED(ODD_PERCENT, 30) }, false,
	},
	{
		{ "long-silence", "a long silence while it installed" },
		END_SUCCESS,
		"The module said nothing for {silence} while it installed.",
		"Nothing is left to do; allow for such a pause the next time, and never cut the power in it.",
		{ NEED_IN(SILENCE, 120, LONG_MAX, 35), NOT(RESTARTED) }, false,
	},
	{
		{ "already-updating", "the module was installing when the program came" },
		END_ANY,
		"The module was installing an update already when this program came; it was not started here.",
		"Leave it powered until it has ended, then ask for its version (dfota probe) and see whether an upgrade is still needed.",
		{ NEED(FOTA_BEFORE, 65), MORE(ATTACHED, 20) }, false,
	},
	{
		{ "still-installing", "watching ended while the module was at work" },
		END_UNKNOWN | END_FAILED,
		"Watching ended before the module did[: it was at {percent} %]; it may still be at work.",
		"Keep it powered and watch on with dfota resume; give the next one more time with --watch-timeout.",
		{ NEED(WATCH_ENDED, 60), MORE(STARTED, 15) }, false,
	},
	{
		{ "not-back", "the module did not come back from its restart" },
		END_UNKNOWN | END_FAILED,
		"The module did not answer again after its restart[end-ok?, though it had told that the installation succeeded][; it had ended with {flash-code}].",
		"Keep it powered, give it ten minutes, look whether it came back as another port (dfota ports), then dfota resume; a module that stays silent needs the vendor's flash tool.",
		{ NEED(NO_RETURN, 55), MORE(END_OK, 10), MORE(FLASH_CODE, 10), LESS(STALL, 15) }, false,
	},

	/* --- people, the program, the disk --- */
	{
		{ "declined", "the question before the start was not answered with yes" },
		END_BAD,
		"The question before the start was not answered with yes.",
		"Nothing was sent that could change the module; start again when it is wanted.",
		{ ONE(DECLINED, 95) }, false,
	},
	{
		{ "cancelled", "somebody cancelled it" },
		END_UNCHANGED | END_STOPPED,
		"Somebody cancelled it[, after {sent}].",
		"Nothing was installed; start again when it is wanted.",
		{ NEED(CANCELLED, 60), STOPPED_BY(ERR_CANCELLED, 35) }, false,
	},
	{
		{ "detached", "somebody stopped watching" },
		END_UNKNOWN | END_NONE,
		"Somebody stopped watching while the module went on by itself.",
		"Keep the module powered and watch on with dfota resume: it tells how it ended.",
		{ ONE(DETACHED, 90), ONE(CANCELLED, 85) }, false,
	},
	{
		{ "program-killed", "the program ended in the middle" },
		END_ANY,
		"The program, or its computer, ended in the middle of the upgrade[ ({sent})][resumed?; a later one went on with it].",
		"Watch on with dfota resume where no result is known yet; keep the computer awake and on mains for the next upgrade.",
		{ NEED(KILLED, 75), MORE(INTENT, 5), MORE(RESUMED, 5) }, false,
	},
	{
		{ "terminal-lost", "the terminal went away" },
		END_ANY,
		"The terminal went away during the upgrade, which went on without it.",
		"Run long upgrades in tmux or screen; the record has the result.",
		{ NEED(TERMINAL_LOST, 40) }, false,
	},
	{
		{ "left-open", "an earlier upgrade was left open" },
		END_STOPPED,
		"An earlier upgrade of this module was left open, and its outcome is not known.",
		"Watch it to its end first: dfota resume.",
		{ NEED(LEFT_OPEN, 90) }, false,
	},
	{
		{ "disk-full", "lines are missing: the disk was full or failed" },
		END_ANY,
		"Lines are missing in this record: the disk was full, or failed.",
		"Free some space where records are kept; what is missing here was not lost for the upgrade.",
		{ NEED(GAP_DISK, 40) }, false,
	},
	{
		{ "message-flood", "lines are missing: the port said too much" },
		END_ANY,
		"More lines came than a record takes, so some are missing: this may be no AT port, or a trace is switched on.",
		"Choose the AT port (dfota ports marks it), or switch the trace off.",
		{ NEED(GAP_FLOOD, 45) }, false,
	},

	/* --- nothing but a code --- */
	{
		{ "code-only", "nothing but the code tells a cause" },
		END_BAD,
		"The module gave {code}, and nothing else in the record tells why. Likely is: {code-cause}. What to do for it: {code-next}.",
		"Do what is said of the code; when it comes again, send the report to support (dfota report).",
		{ NEED(CODE, 30) }, true,
	},
};

const struct rule *rule_row(size_t index)
{
	return index < sizeof(rules) / sizeof(rules[0]) ? &rules[index] : NULL;
}

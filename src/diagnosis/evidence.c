#include "config.h"

#include "diagnosis/evidence.h"

#include "base/count.h"
#include "protocol/codes.h"

#define NOTICE true, false
#define RESULT false, true
#define BOTH true, true
#define PLAIN CAPTURE_NOTHING, ""

/* The words stand so in upgrade*.c, modem.c, package.c, port*.c and
 * server*.c; the test of this unit looks there. The first row of a fact that
 * fits counts. */
static const struct saying sayings[] = {
	{ BOTH, "ModemManager", FACT_MODEM_MANAGER, PLAIN },
	{ BOTH, " is held by ", FACT_PORT_HELD, CAPTURE_BEHIND, ";" },
	{ RESULT, "names no process", FACT_PORT_PROBLEM, CAPTURE_ALL, "" },
	{ RESULT, "there is no ", FACT_PORT_PROBLEM, CAPTURE_ALL, "" },
	{ RESULT, "no permission for ", FACT_PORT_PROBLEM, CAPTURE_ALL, ";" },
	{ RESULT, "is not a serial port", FACT_PORT_PROBLEM, CAPTURE_ALL, "" },
	{ RESULT, "no serial hardware behind it", FACT_PORT_PROBLEM, CAPTURE_ALL, "" },
	{ NOTICE, "the module answers at ", FACT_OTHER_BAUD, CAPTURE_BEHIND, " " },
	{ BOTH, "only noise", FACT_ONLY_NOISE, PLAIN },
	{ RESULT, "no module found on ", FACT_NO_MODULE, PLAIN },
	{ RESULT, "the port vanished", FACT_VANISHED, PLAIN },
	{ NOTICE, "a line of the module was too long", FACT_LONG_LINES, PLAIN },
	{ RESULT, "is not a module this program knows", FACT_UNKNOWN_MODEL, CAPTURE_BEFORE, "" },
	{ RESULT, "this module has the IMEI ", FACT_WRONG_IMEI, CAPTURE_BEHIND, "" },
	{ NOTICE, "to another port than this one", FACT_URCS_ELSEWHERE, PLAIN },
	{ NOTICE, "state messages are switched off", FACT_URCS_OFF, PLAIN },
	{ NOTICE, "sending without hardware flow control", FACT_NO_FLOW, PLAIN },
	{ NOTICE, "no hardware flow control", FACT_NO_FLOW, PLAIN },
	{ NOTICE, "no manifest: ", FACT_NO_MANIFEST, PLAIN },
	{ RESULT, "the package is for modules that run ", FACT_BASE_REFUSED, CAPTURE_BEHIND, "," },
	{ RESULT, ", this module is ", FACT_MODEL_REFUSED, CAPTURE_BEHIND, "" },
	{ RESULT, "nothing to do: the module already runs ", FACT_AT_TARGET, CAPTURE_BEHIND, " " },
	{ RESULT, "one of the two is another package's", FACT_PACKAGE_ALTERED, CAPTURE_ALL, ":" },
	{ RESULT, "the package is damaged or another one", FACT_PACKAGE_ALTERED, CAPTURE_BEFORE, " " },
	{ RESULT, "while it was being ", FACT_PACKAGE_ALTERED, CAPTURE_ALL, ";" },
	{ RESULT, "copy the package anew", FACT_PACKAGE_ALTERED, CAPTURE_ALL, ":" },
	{ RESULT, "the server answers with a web page", FACT_HTML, PLAIN },
	{ RESULT, "the server sends on to ", FACT_REDIRECT, CAPTURE_BEHIND, "," },
	{ RESULT, "the server's file has ", FACT_OTHER_FILE, CAPTURE_BEHIND, "" },
	{ BOTH, "(HTTP 401)", FACT_LOGIN_HERE, PLAIN },
	{ BOTH, "(HTTP 403)", FACT_LOGIN_HERE, PLAIN },
	{ BOTH, "(FTP 530)", FACT_LOGIN_HERE, PLAIN },
	{ BOTH, "login refused: ", FACT_LOGIN_HERE, PLAIN },
	{ BOTH, "no such file", FACT_MISSING_HERE, PLAIN },
	{ BOTH, "the file is gone", FACT_MISSING_HERE, PLAIN },
	{ BOTH, "no such host: ", FACT_DNS_HERE, PLAIN },
	{ NOTICE, "the server could not be asked from here (", FACT_UNASKED, CAPTURE_BEHIND, "()" },
	{ NOTICE, " is an address of this network only", FACT_PRIVATE, CAPTURE_BEFORE, "" },
	{ NOTICE, "the form of the COM command is unverified", FACT_UNVERIFIED, PLAIN },
	{ RESULT, "the module said OK but never ", FACT_BARE_OK, PLAIN },
	{ RESULT, "the module never said ", FACT_NO_GATE, PLAIN },
	{ RESULT, "the module stopped taking data: ", FACT_LEFT_DATA, CAPTURE_BEHIND, ";," },
	{ RESULT, "the module has taken no data for ", FACT_STALL, PLAIN },
	{ RESULT, "does not accept data (flow control)", FACT_STALL, PLAIN },
	{ NOTICE, "installing an update that was not started here", FACT_ATTACHED, PLAIN },
	{ RESULT, "had not ended when watching did", FACT_WATCH_ENDED, PLAIN },
	{ RESULT, "the module did not answer again", FACT_NO_RETURN, PLAIN },
	{ RESULT, "another module answers: IMEI ", FACT_OTHER_IMEI, CAPTURE_BEHIND, "," },
	{ RESULT, "the question was not answered with yes", FACT_DECLINED, PLAIN },
	{ RESULT, " was left open", FACT_UNFINISHED, PLAIN },
	{ NOTICE, "the port has gone", FACT_PORT_GONE, PLAIN },
};

static const struct message_evidence messages[] = {
	/* the port and the line */
	{ MSG_PORT_HELD_BY_MANAGER, FACT_MODEM_MANAGER, "program", "pid", NULL, NULL },
	{ MSG_PORT_HELD_BY_MANAGER, FACT_PORT_HELD, "program", "pid", NULL, NULL },
	{ MSG_PORT_HELD_BY_DFOTA, FACT_PORT_HELD, "program", "pid", NULL, NULL },
	{ MSG_PORT_HELD_BY_PROCESS, FACT_PORT_HELD, "pid", NULL, NULL, NULL },
	{ MSG_PORT_HELD, FACT_PORT_HELD, "program", "pid", NULL, NULL },
	{ MSG_PORT_HELD, FACT_MODEM_MANAGER, "program", "pid", "program", "ModemManager" },
	{ MSG_LOCK_FILE_NAMELESS, FACT_PORT_PROBLEM, NULL, NULL, NULL, NULL },
	{ MSG_PORT_MISSING, FACT_PORT_PROBLEM, NULL, NULL, NULL, NULL },
	{ MSG_PORT_NONE, FACT_PORT_PROBLEM, NULL, NULL, NULL, NULL },
	{ MSG_PORT_PERMISSION_GROUP, FACT_PORT_PROBLEM, NULL, NULL, NULL, NULL },
	{ MSG_PORT_PERMISSION_MODE, FACT_PORT_PROBLEM, NULL, NULL, NULL, NULL },
	{ MSG_PORT_IS_FILE, FACT_PORT_PROBLEM, NULL, NULL, NULL, NULL },
	{ MSG_PORT_IS_DIRECTORY, FACT_PORT_PROBLEM, NULL, NULL, NULL, NULL },
	{ MSG_PORT_IS_FIFO, FACT_PORT_PROBLEM, NULL, NULL, NULL, NULL },
	{ MSG_PORT_IS_SOCKET, FACT_PORT_PROBLEM, NULL, NULL, NULL, NULL },
	{ MSG_PORT_IS_OTHER, FACT_PORT_PROBLEM, NULL, NULL, NULL, NULL },
	{ MSG_PORT_IS_VIRTUAL_CONSOLE, FACT_PORT_PROBLEM, NULL, NULL, NULL, NULL },
	{ MSG_PORT_IS_TERMINAL, FACT_PORT_PROBLEM, NULL, NULL, NULL, NULL },
	{ MSG_PORT_IS_CONSOLE, FACT_PORT_PROBLEM, NULL, NULL, NULL, NULL },
	{ MSG_PORT_IS_PTMX, FACT_PORT_PROBLEM, NULL, NULL, NULL, NULL },
	{ MSG_PORT_IS_NONE, FACT_PORT_PROBLEM, NULL, NULL, NULL, NULL },
	{ MSG_PORT_NO_HARDWARE, FACT_PORT_PROBLEM, NULL, NULL, NULL, NULL },
	{ MSG_NOISE_AT, FACT_ONLY_NOISE, NULL, NULL, NULL, NULL },
	{ MSG_NOISE_AT_RATES, FACT_ONLY_NOISE, NULL, NULL, NULL, NULL },
	{ MSG_NO_ANSWER_NOISE, FACT_ONLY_NOISE, NULL, NULL, NULL, NULL },
	{ MSG_PORT_NO_FLOW_CONTROL, FACT_NO_FLOW, NULL, NULL, NULL, NULL },
	/* package data */
	{ MSG_DATA_LEFT, FACT_LEFT_DATA, "answer", NULL, NULL, NULL },
	{ MSG_DATA_STALLED, FACT_STALL, NULL, NULL, NULL, NULL },
	{ MSG_COMMAND_STALLED, FACT_STALL, NULL, NULL, NULL, NULL },
	/* the upgrade */
	{ .id = MSG_NO_MODULE, .fact = FACT_NO_MODULE },
	{ .id = MSG_OTHER_RATE, .fact = FACT_OTHER_BAUD, .text = "rate" },
	{ .id = MSG_PORT_VANISHED, .fact = FACT_VANISHED },
	{ .id = MSG_LINE_CUT, .fact = FACT_LONG_LINES },
	{ .id = MSG_MODEL_UNKNOWN, .fact = FACT_UNKNOWN_MODEL, .text = "model" },
	{ .id = MSG_OTHER_IMEI, .fact = FACT_WRONG_IMEI, .text = "imei" },
	{ .id = MSG_URCS_ELSEWHERE, .fact = FACT_URCS_ELSEWHERE },
	{ .id = MSG_URCS_OFF, .fact = FACT_URCS_OFF },
	{ .id = MSG_FLOW_NOT_WIRED, .fact = FACT_NO_FLOW },
	{ .id = MSG_FLOW_REFUSED, .fact = FACT_NO_FLOW },
	{ .id = MSG_NO_MANIFEST, .fact = FACT_NO_MANIFEST },
	{ .id = MSG_PACKAGE_OTHER_BASE, .fact = FACT_BASE_REFUSED, .text = "wanted" },
	{ .id = MSG_PACKAGE_OTHER_MODEL, .fact = FACT_MODEL_REFUSED, .text = "model" },
	{ .id = MSG_AT_TARGET, .fact = FACT_AT_TARGET, .text = "version" },
	{ .id = MSG_PACKAGE_CHANGED, .fact = FACT_PACKAGE_ALTERED },
	{ .id = MSG_PACKAGE_CHANGED_READ, .fact = FACT_PACKAGE_ALTERED },
	{ .id = MSG_PACKAGE_CHANGED_SENT, .fact = FACT_PACKAGE_ALTERED },
	{ .id = MSG_PACKAGE_EMPTY, .fact = FACT_PACKAGE_ALTERED },
	{ .id = MSG_PACKAGE_SIZE_DIFFERS, .fact = FACT_PACKAGE_ALTERED },
	{ .id = MSG_PACKAGE_DIGEST_DIFFERS, .fact = FACT_PACKAGE_ALTERED, .text = "package" },
	{ .id = MSG_SERVER_WEB_PAGE, .fact = FACT_HTML },
	{ .id = MSG_SERVER_REDIRECTS, .fact = FACT_REDIRECT, .text = "url" },
	{ .id = MSG_SERVER_OTHER_SIZE, .fact = FACT_OTHER_FILE },
	{ .id = MSG_DOWNLOAD_WEB_PAGE, .fact = FACT_HTML },
	{ .id = MSG_DOWNLOAD_OTHER_SIZE, .fact = FACT_OTHER_FILE },
	{ .id = MSG_DOWNLOAD_LONGER, .fact = FACT_OTHER_FILE },
	{ .id = MSG_DOWNLOAD_OTHER_DIGEST, .fact = FACT_OTHER_FILE },
	{ .id = MSG_HTTP_LOGIN, .fact = FACT_LOGIN_HERE },
	{ .id = MSG_HTTP_LOGIN_NETRC, .fact = FACT_LOGIN_HERE },
	{ .id = MSG_HTTP_LOGIN_WRONG, .fact = FACT_LOGIN_HERE },
	{ .id = MSG_HTTP_LOGIN_NEEDED, .fact = FACT_LOGIN_HERE },
	{ .id = MSG_HTTP_FORBIDDEN, .fact = FACT_LOGIN_HERE },
	{ .id = MSG_FTP_LOGIN, .fact = FACT_LOGIN_HERE },
	{ .id = MSG_HOST_LOGIN, .fact = FACT_LOGIN_HERE },
	{ .id = MSG_HTTP_NOT_FOUND, .fact = FACT_MISSING_HERE },
	{ .id = MSG_HTTP_GONE, .fact = FACT_MISSING_HERE },
	{ .id = MSG_FTP_NOT_FOUND, .fact = FACT_MISSING_HERE },
	{ .id = MSG_HOST_NO_FILE, .fact = FACT_MISSING_HERE },
	{ .id = MSG_HOST_UNKNOWN, .fact = FACT_DNS_HERE },
	{ .id = MSG_PUBLISH_CHANGED, .fact = FACT_PACKAGE_ALTERED },
	{ .id = MSG_SERVER_NOT_ASKED, .fact = FACT_UNASKED },
	{ .id = MSG_ADDRESS_PRIVATE, .fact = FACT_PRIVATE, .text = "address" },
	{ .id = MSG_COM_UNVERIFIED, .fact = FACT_UNVERIFIED },
	{ .id = MSG_GATE_BARE_OK, .fact = FACT_BARE_OK },
	{ .id = MSG_GATE_MISSING, .fact = FACT_NO_GATE },
	{ .id = MSG_ATTACHED, .fact = FACT_ATTACHED },
	{ .id = MSG_DOWNLOAD_NOT_OVER, .fact = FACT_WATCH_ENDED },
	{ .id = MSG_INSTALLATION_NOT_OVER, .fact = FACT_WATCH_ENDED },
	{ .id = MSG_NO_ANSWER_AGAIN, .fact = FACT_NO_RETURN },
	{ .id = MSG_ANOTHER_MODULE, .fact = FACT_OTHER_IMEI, .text = "imei" },
	{ .id = MSG_DECLINED, .fact = FACT_DECLINED },
	{ .id = MSG_UPGRADE_UNFINISHED, .fact = FACT_UNFINISHED },
	{ .id = MSG_PORT_GONE_WAITING, .fact = FACT_PORT_GONE },
};

const struct message_evidence *message_evidence_row(size_t index)
{
	return index < COUNT(messages) ? &messages[index] : NULL;
}

const struct saying *saying_row(size_t index)
{
	return index < COUNT(sayings) ? &sayings[index] : NULL;
}

static const struct code_kind code_kinds[] = {
	{ TROUBLE_NETWORK, FACT_NETWORK_CODE },
	{ TROUBLE_TIMEOUT, FACT_TIMEOUT_CODE },
	{ TROUBLE_CONTEXT, FACT_CONTEXT_CODE },
	{ TROUBLE_CONNECT, FACT_CONNECT_CODE },
	{ TROUBLE_CLOSED, FACT_CLOSED_CODE },
	{ TROUBLE_DNS, FACT_DNS_CODE },
	{ TROUBLE_LOGIN, FACT_LOGIN_CODE },
	{ TROUBLE_FILE, FACT_FILE_CODE },
	{ TROUBLE_PASSIVE, FACT_PASSIVE_CODE },
	{ TROUBLE_BUSY, FACT_BUSY_CODE },
	{ TROUBLE_TLS, FACT_TLS_CODE },
	{ TROUBLE_LOST_BYTES, FACT_LOST_BYTES_CODE },
	{ TROUBLE_PACKAGE, FACT_PACKAGE_CODE },
	{ TROUBLE_PROJECT, FACT_PROJECT_CODE },
	{ TROUBLE_ROOM, FACT_ROOM_CODE },
	{ TROUBLE_FLASH, FACT_FLASH_CODE },
};

const struct code_kind *code_kind_row(size_t index)
{
	return index < COUNT(code_kinds) ? &code_kinds[index] : NULL;
}

/* The first row that fits counts. AT+QFOTADL= with a package is not here: what
 * its answer tells is the route's. */
static const struct order orders[] = {
	{ "AT+QFOTADL=?", FACT_NO_DFOTA, FACT_NONE },
	{ "AT+QIACT=", FACT_CONTEXT_REFUSED, FACT_NONE },
	{ "AT+QURCCFG=\"urcport\",", FACT_URC_PORT_REFUSED, FACT_NONE },
	{ "AT+QCFG=\"stateurc/enable\",", FACT_STATE_URC_REFUSED, FACT_NONE },
};

const struct order *order_row(size_t index)
{
	return index < COUNT(orders) ? &orders[index] : NULL;
}

/* Information lines of commands, 3GPP TS 27.007; a module prints none of them
 * unasked. Of +CREG and its kin the answer has a number more than the URC.
 * +GCAP, +CGCLASS, +CRSM and character sets are what ModemManager asks first. */
static const struct unsolicited unsolicited[] = {
	{ "+CSQ:", 0, false },
	{ "+CREG: ", 1, false },
	{ "+CGREG: ", 1, false },
	{ "+COPS:", 0, false },
	{ "+CBC:", 0, false },
	{ "+CGDCONT:", 0, false },
	{ "+CNMI:", 0, false },
	{ "+CLCK:", 0, false },
	{ "+CGATT:", 0, false },
	{ "+QIACT:", 0, false },
	{ "+GCAP:", 0, true },
	{ "+CGCLASS:", 0, true },
	{ "+CRSM:", 0, true },
	{ "+CSCS:", 0, true },
	{ "+CPMS:", 0, true },
};

const struct unsolicited *unsolicited_row(size_t index)
{
	return index < COUNT(unsolicited) ? &unsolicited[index] : NULL;
}

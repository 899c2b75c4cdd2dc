#include "config.h"

#include "diagnosis/facts.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

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
	{ RESULT, " was left open", FACT_LEFT_OPEN, PLAIN },
};

const struct saying *saying_row(size_t index)
{
	return index < COUNT(sayings) ? &sayings[index] : NULL;
}

/* protocol.md 5 and 11. A number may be of several kinds. */
static const struct code_kind code_kinds[] = {
	{ "ftp", 601, 602, FACT_NETWORK_CODE },
	{ "ftp", 605, 609, FACT_NETWORK_CODE },
	{ "ftp", 616, 616, FACT_NETWORK_CODE },
	{ "http", 701, 702, FACT_NETWORK_CODE },
	{ "http", 706, 710, FACT_NETWORK_CODE },
	{ "http", 715, 719, FACT_NETWORK_CODE },
	{ "http", 722, 722, FACT_NETWORK_CODE },
	{ "http", 727, 728, FACT_NETWORK_CODE },
	{ "ftp", 609, 609, FACT_TIMEOUT_CODE },
	{ "http", 702, 702, FACT_TIMEOUT_CODE },
	{ "http", 722, 722, FACT_TIMEOUT_CODE },
	{ "http", 727, 728, FACT_TIMEOUT_CODE },
	{ "http", 706, 709, FACT_CONTEXT_CODE },
	{ "http", 715, 715, FACT_CONTEXT_CODE },
	{ "ftp", 605, 605, FACT_CONNECT_CODE },
	{ "http", 716, 716, FACT_CONNECT_CODE },
	{ "ftp", 606, 606, FACT_CLOSED_CODE },
	{ "ftp", 608, 608, FACT_CLOSED_CODE },
	{ "ftp", 616, 616, FACT_CLOSED_CODE },
	{ "http", 719, 719, FACT_CLOSED_CODE },
	{ "ftp", 604, 604, FACT_DNS_CODE },
	{ "http", 713, 714, FACT_DNS_CODE },
	{ "ftp", 625, 626, FACT_LOGIN_CODE },
	{ "http", 401, 401, FACT_LOGIN_CODE },
	{ "http", 403, 403, FACT_LOGIN_CODE },
	{ "ftp", 611, 612, FACT_FILE_CODE },
	{ "ftp", 627, 627, FACT_FILE_CODE },
	{ "ftp", 630, 630, FACT_FILE_CODE },
	{ "http", 404, 404, FACT_FILE_CODE },
	{ "ftp", 607, 607, FACT_PASSIVE_CODE },
	{ "ftp", 615, 615, FACT_PASSIVE_CODE },
	{ "ftp", 603, 603, FACT_BUSY_CODE },
	{ "ftp", 614, 614, FACT_BUSY_CODE },
	{ "ftp", 617, 617, FACT_BUSY_CODE },
	{ "http", 503, 503, FACT_BUSY_CODE },
	{ "ftp", 631, 631, FACT_TLS_CODE },
	{ "http", 420, 420, FACT_TLS_CODE },
	{ "http", 570, 570, FACT_TLS_CODE },
	{ "file", 500, 500, FACT_LOST_BYTES_CODE },
	{ "cme", 421, 421, FACT_LOST_BYTES_CODE },
	{ "end", 505, 507, FACT_PACKAGE_CODE },
	{ "end", 510, 510, FACT_PACKAGE_CODE },
	{ "end", 552, 553, FACT_PROJECT_CODE },
	{ "end", 1, 1, FACT_ROOM_CODE },
	{ "end", 501, 501, FACT_ROOM_CODE },
	{ "end", 511, 511, FACT_ROOM_CODE },
	{ "cme", 20, 20, FACT_ROOM_CODE },
	{ "cme", 403, 403, FACT_ROOM_CODE },
	{ "cme", 420, 420, FACT_ROOM_CODE },
	{ "cme", 423, 423, FACT_ROOM_CODE },
	{ "end", 502, 502, FACT_FLASH_CODE },
	{ "end", 504, 504, FACT_FLASH_CODE },
	{ "end", 520, 530, FACT_FLASH_CODE },
	{ "end", 540, 546, FACT_FLASH_CODE },
};

const struct code_kind *code_kind_row(size_t index)
{
	return index < COUNT(code_kinds) ? &code_kinds[index] : NULL;
}

/* The first row that fits counts. AT+QFOTADL= with a package is not here: what
 * its answer tells is the delivery's. */
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
static const struct foreign foreigns[] = {
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

const struct foreign *foreign_row(size_t index)
{
	return index < COUNT(foreigns) ? &foreigns[index] : NULL;
}

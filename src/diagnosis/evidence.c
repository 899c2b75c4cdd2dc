#include "config.h"

#include "diagnosis/evidence.h"

#include "base/count.h"
#include "protocol/codes.h"

static const struct message_evidence messages[] = {
	/* the port and the line */
	{ .id = MSG_PORT_HELD, .fact = FACT_PORT_HELD, .text = "program", .value = "pid" },
	{ .id = MSG_PORT_HELD_BY_DFOTA, .fact = FACT_PORT_HELD, .text = "program", .value = "pid" },
	{ .id = MSG_PORT_HELD_BY_MANAGER, .fact = FACT_PORT_HELD, .text = "program", .value = "pid" },
	{ .id = MSG_PORT_HELD_BY_PROCESS, .fact = FACT_PORT_HELD, .value = "pid" },
	{ .id = MSG_PORT_HELD_UNSEEN, .fact = FACT_PORT_HELD_GUESS },
	{ .id = MSG_PORT_HELD_MAYBE_MANAGER, .fact = FACT_PORT_HELD_GUESS },
	{ .id = MSG_PORT_HELD, .fact = FACT_MODEM_MANAGER, .argument = "program", .is = "ModemManager" },
	{ .id = MSG_PORT_HELD_BY_MANAGER, .fact = FACT_MODEM_MANAGER },
	{ .id = MSG_LOCK_FILE_NAMELESS, .fact = FACT_LOCK_FILE },
	{ .id = MSG_LOCK_FILE_STALE, .fact = FACT_LOCK_FILE },
	{ .id = MSG_LOCK_FILE_CONTESTED, .fact = FACT_LOCK_FILE },
	{ .id = MSG_NOISE_AT, .fact = FACT_ONLY_NOISE },
	{ .id = MSG_NOISE_AT_RATES, .fact = FACT_ONLY_NOISE },
	{ .id = MSG_NO_ANSWER_NOISE, .fact = FACT_ONLY_NOISE },
	{ .id = MSG_NO_MODULE, .fact = FACT_NO_MODULE },
	{ .id = MSG_ANSWERED_ONCE, .fact = FACT_ANSWERED_ONCE },
	{ .id = MSG_OTHER_RATE, .fact = FACT_OTHER_BAUD, .text = "rate" },
	{ .id = MSG_PORT_VANISHED, .fact = FACT_VANISHED },
	{ .id = MSG_LINE_CUT, .fact = FACT_LONG_LINES },
	{ .id = MSG_PORT_NO_FLOW_CONTROL, .fact = FACT_NO_FLOW },
	{ .id = MSG_FLOW_NOT_WIRED, .fact = FACT_NO_FLOW },
	{ .id = MSG_FLOW_REFUSED, .fact = FACT_NO_FLOW },
	/* the module */
	{ .id = MSG_NO_DFOTA, .fact = FACT_NO_DFOTA },
	{ .id = MSG_MODEL_UNKNOWN, .fact = FACT_UNKNOWN_MODEL, .text = "model" },
	{ .id = MSG_OTHER_IMEI, .fact = FACT_WRONG_IMEI, .text = "imei" },
	{ .id = MSG_ANOTHER_MODULE, .fact = FACT_OTHER_IMEI, .text = "imei" },
	{ .id = MSG_ANOTHER_MODULE_HIDDEN, .fact = FACT_HIDDEN_IMEI },
	{ .id = MSG_URCS_ELSEWHERE, .fact = FACT_URCS_ELSEWHERE },
	{ .id = MSG_URC_PORT_NOT_KNOWN, .fact = FACT_URCS_UNSURE, .text = "urcport" },
	{ .id = MSG_URCS_OFF, .fact = FACT_URCS_OFF },
	{ .id = MSG_ATTACHED, .fact = FACT_ATTACHED },
	{ .id = MSG_NEVER_COMPLETE, .fact = FACT_NEVER_COMPLETE },
	/* the package and its manifest */
	{ .id = MSG_NO_MANIFEST, .fact = FACT_NO_MANIFEST },
	{ .id = MSG_PACKAGE_OTHER_BASE, .fact = FACT_BASE_REFUSED, .text = "wanted" },
	{ .id = MSG_PACKAGE_OTHER_MODEL, .fact = FACT_MODEL_REFUSED, .text = "model" },
	{ .id = MSG_AT_TARGET, .fact = FACT_AT_TARGET, .text = "version" },
	{ .id = MSG_PACKAGE_CHANGED_READ, .fact = FACT_PACKAGE_ALTERED, .text = "package" },
	{ .id = MSG_PACKAGE_CHANGED_SENT, .fact = FACT_PACKAGE_ALTERED, .text = "package" },
	{ .id = MSG_PACKAGE_CHANGED, .fact = FACT_PACKAGE_ALTERED },
	{ .id = MSG_PACKAGE_EMPTY, .fact = FACT_PACKAGE_ALTERED, .text = "path" },
	{ .id = MSG_PACKAGE_SIZE_DIFFERS, .fact = FACT_PACKAGE_ALTERED, .text = "package" },
	{ .id = MSG_PACKAGE_DIGEST_DIFFERS, .fact = FACT_PACKAGE_ALTERED, .text = "package" },
	{ .id = MSG_PUBLISH_CHANGED, .fact = FACT_PACKAGE_ALTERED, .text = "path" },
	/* servers */
	{ .id = MSG_SERVER_WEB_PAGE, .fact = FACT_HTML },
	{ .id = MSG_DOWNLOAD_WEB_PAGE, .fact = FACT_HTML },
	{ .id = MSG_SERVER_REDIRECTS, .fact = FACT_REDIRECT, .text = "url" },
	{ .id = MSG_SERVER_OTHER_SIZE, .fact = FACT_OTHER_FILE },
	{ .id = MSG_DOWNLOAD_OTHER_SIZE, .fact = FACT_OTHER_FILE },
	{ .id = MSG_DOWNLOAD_LONGER, .fact = FACT_OTHER_FILE },
	{ .id = MSG_DOWNLOAD_OTHER_DIGEST, .fact = FACT_OTHER_FILE },
	{ .id = MSG_HTTP_LOGIN, .fact = FACT_LOGIN_HERE },
	{ .id = MSG_HTTP_LOGIN_NETRC, .fact = FACT_LOGIN_HERE },
	{ .id = MSG_HTTP_LOGIN_WRONG, .fact = FACT_LOGIN_HERE },
	{ .id = MSG_HTTP_LOGIN_NEEDED, .fact = FACT_LOGIN_HERE },
	{ .id = MSG_HTTP_FORBIDDEN, .fact = FACT_FORBIDDEN_HERE },
	{ .id = MSG_ACCESS_DENIED, .fact = FACT_FORBIDDEN_HERE },
	{ .id = MSG_ADDRESS_REFUSED, .fact = FACT_FORBIDDEN_HERE },
	{ .id = MSG_ACCOUNT_CLOSED, .fact = FACT_ACCOUNT_HERE },
	{ .id = MSG_FTP_USER_REFUSED, .fact = FACT_ACCOUNT_HERE },
	{ .id = MSG_FTP_LOGIN_NETRC, .fact = FACT_LOGIN_HERE },
	{ .id = MSG_FTP_LOGIN_NEEDED, .fact = FACT_LOGIN_HERE },
	{ .id = MSG_SERVER_FULL, .fact = FACT_BUSY_HERE },
	{ .id = MSG_HTTP_TOO_MANY, .fact = FACT_BUSY_HERE },
	{ .id = MSG_HTTP_OVERLOADED, .fact = FACT_BUSY_HERE },
	{ .id = MSG_FTP_CLOSES, .fact = FACT_BUSY_HERE },
	{ .id = MSG_SERVER_WANTS_TLS, .fact = FACT_TLS_HERE },
	{ .id = MSG_PUBLISH_WANTS_TLS, .fact = FACT_TLS_HERE },
	{ .id = MSG_HOST_IS_TLS, .fact = FACT_TLS_HERE },
	{ .id = MSG_HOST_OTHER_SERVICE, .fact = FACT_OTHER_SERVICE, .text = "service" },
	{ .id = MSG_HOST_IS_HTTP, .fact = FACT_OTHER_SERVICE, .text = "service" },
	{ .id = MSG_HOST_IS_FTP, .fact = FACT_OTHER_SERVICE, .text = "service" },
	{ .id = MSG_SERVER_HAS_FILE, .fact = FACT_SERVER_OK },
	{ .id = MSG_SERVER_HIDES_SIZE, .fact = FACT_SERVER_OK },
	{ .id = MSG_SERVER_VERIFIED, .fact = FACT_SERVER_OK },
	{ .id = MSG_SERVER_REDIRECTS_ELSEWHERE, .fact = FACT_REDIRECT, .text = "url" },
	{ .id = MSG_FTP_NOT_GIVEN, .fact = FACT_MISSING_HERE },
	{ .id = MSG_SERVER_NO_FILE, .fact = FACT_MISSING_HERE },
	{ .id = MSG_PACKAGE_UNLIKELY, .fact = FACT_UNLIKELY, .text = "format" },
	{ .id = MSG_PACKAGE_UNLIKELY_IMAGE, .fact = FACT_UNLIKELY, .text = "format" },
	{ .id = MSG_FTP_LOGIN, .fact = FACT_LOGIN_HERE },
	{ .id = MSG_HOST_LOGIN, .fact = FACT_LOGIN_HERE },
	{ .id = MSG_HTTP_NOT_FOUND, .fact = FACT_MISSING_HERE },
	{ .id = MSG_HTTP_GONE, .fact = FACT_MISSING_HERE },
	{ .id = MSG_FTP_NOT_FOUND, .fact = FACT_MISSING_HERE },
	{ .id = MSG_HOST_NO_FILE, .fact = FACT_MISSING_HERE },
	{ .id = MSG_HOST_UNKNOWN, .fact = FACT_DNS_HERE, .text = "host" },
	{ .id = MSG_SERVER_NOT_ASKED, .fact = FACT_UNASKED, .text = MESSAGE_WORDS },
	{ .id = MSG_ADDRESS_PRIVATE, .fact = FACT_PRIVATE, .text = "address" },
	/* the transfer */
	{ .id = MSG_COM_UNVERIFIED, .fact = FACT_UNVERIFIED },
	{ .id = MSG_GATE_BARE_OK, .fact = FACT_BARE_OK },
	{ .id = MSG_GATE_MISSING, .fact = FACT_NO_GATE },
	{ .id = MSG_COMMAND_MISHEARD, .fact = FACT_ECHO_BROKEN, .text = "command" },
	{ .id = MSG_NO_ROOM, .fact = FACT_ROOM_CODE, .text = MESSAGE_WORDS },
	{ .id = MSG_UPLOAD_CHECKED, .fact = FACT_UPLOAD_OK },
	{ .id = MSG_UPLOAD_DIFFERS, .fact = FACT_WHOLE_SENT },
	{ .id = MSG_UPLOAD_DIFFERS, .fact = FACT_LOST_BYTES_CODE, .text = MESSAGE_WORDS },
	{ .id = MSG_DATA_LEFT, .fact = FACT_LEFT_DATA, .text = "answer" },
	{ .id = MSG_ACK_MISSING, .fact = FACT_UNACKED },
	{ .id = MSG_UPLOAD_UNCHECKED, .fact = FACT_UNACKED },
	{ .id = MSG_UPLOAD_NOT_OVER, .fact = FACT_UNACKED },
	{ .id = MSG_UPLOAD_CHECKED, .fact = FACT_WHOLE_SENT },
	{ .id = MSG_DATA_STALLED, .fact = FACT_STALL },
	{ .id = MSG_COMMAND_STALLED, .fact = FACT_STALL },
	/* the end, and people */
	{ .id = MSG_DOWNLOAD_NOT_OVER, .fact = FACT_WATCH_ENDED },
	{ .id = MSG_INSTALLATION_NOT_OVER, .fact = FACT_WATCH_ENDED },
	{ .id = MSG_NOT_ASKED_AGAIN, .fact = FACT_WATCH_ENDED },
	{ .id = MSG_NO_ANSWER_AGAIN, .fact = FACT_NO_RETURN },
	{ .id = MSG_TRANSFER_LATE, .fact = FACT_LATE, .text = "seconds", .value = "seconds" },
	{ .id = MSG_PROGRAM_LATE, .fact = FACT_LATE, .text = "seconds", .value = "seconds" },
	{ .id = MSG_DECLINED, .fact = FACT_DECLINED },
	{ .id = MSG_UPGRADE_UNFINISHED, .fact = FACT_UNFINISHED },
};

const struct message_evidence *message_evidence_row(size_t index)
{
	return index < COUNT(messages) ? &messages[index] : NULL;
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
	{ TROUBLE_VERSION, FACT_VERSION_CODE },
	{ TROUBLE_PROJECT, FACT_PROJECT_CODE },
	{ TROUBLE_ROOM, FACT_ROOM_CODE },
	{ TROUBLE_FLASH, FACT_FLASH_CODE },
	{ TROUBLE_DNS | TROUBLE_LOGIN | TROUBLE_FILE | TROUBLE_PASSIVE | TROUBLE_BUSY | TROUBLE_TLS |
	  TROUBLE_VERSION | TROUBLE_PROJECT | TROUBLE_ROOM | TROUBLE_FLASH, FACT_OWN_CODE },
};

const struct code_kind *code_kind_row(size_t index)
{
	return index < COUNT(code_kinds) ? &code_kinds[index] : NULL;
}

/* The first row that fits counts. AT+QFOTADL= with a package is not here: what
 * its answer means depends on the route. */
static const struct order orders[] = {
	{ "AT+QFOTADL=?", FACT_NO_DFOTA },
	{ "AT+QIACT=", FACT_CONTEXT_REFUSED },
	{ "AT+QURCCFG=\"urcport\",", FACT_URC_PORT_REFUSED },
	{ "AT+QCFG=\"stateurc/enable\",", FACT_STATE_URC_REFUSED },
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

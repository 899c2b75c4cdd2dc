#include "config.h"

#include "protocol/codes.h"

#include <stdio.h>
#include <string.h>

#include "base/count.h"

/*
 * Meanings: protocol.md 5, whose family stands in each row. Causes and next
 * steps: protocol.md 11 where it has the case, else from the meaning.
 *
 * Kind of trouble, cause and next step that fit several codes have a name.
 */
#define NOTHING_WRONG \
	0, \
	"none", \
	"nothing to do; the version that is read after the restart decides"
#define NETWORK_LOST \
	TROUBLE_NETWORK, \
	"the mobile network was lost or too slow during the download", \
	"check antenna and signal (AT+CSQ), then start again; nothing has been flashed"
#define SLOW_LINK \
	TROUBLE_NETWORK | TROUBLE_TIMEOUT, \
	"a slow mobile link, or a server that does not answer in time", \
	"check the signal, use a server near by, then start again; or, where the module takes a package over the serial port, let this computer download and send it (--relay); nothing has been flashed"
#define NAME_LOOKUP \
	TROUBLE_DNS, \
	"the host name is misspelt, or the network's name server does not know it", \
	"check the host name; try the server's IP address instead"
#define SERVER_BUSY \
	TROUBLE_BUSY, \
	"the server has too many connections or refuses this client for now", \
	"wait some minutes and start again; if it stays, ask the server's administrator"
#define SERVER_REFUSES \
	0, \
	"the server understood the request but does not carry it out", \
	"try the same URL from a computer; use a plain FTP server, or http"
#define SERVER_CLOSED \
	TROUBLE_NETWORK | TROUBLE_CLOSED, \
	"the server or the network closed the connection; also seen with a misspelt URL", \
	"check URL, user and password, then start again; nothing has been flashed"
#define DATA_CONNECTION \
	TROUBLE_PASSIVE, \
	"passive FTP is blocked between the module and the server", \
	"open the server's passive port range in its firewall, or use http"
#define LOGIN \
	TROUBLE_LOGIN, \
	"wrong user or password, or the account may not read this file", \
	"check user and password at the server; no more than 50 bytes each"
#define FORBIDDEN \
	TROUBLE_FILE, \
	"the server knows the file and does not give it to this module", \
	"check the file's permissions on the server, and whether it wants a login, a certain address or encryption; or use --relay"
#define FILE_MISSING \
	TROUBLE_FILE, \
	"the path in the URL is wrong, or the account may not read the file", \
	"check the path (50 bytes at most) and the file's permissions on the server"
#define SERVER_SPACE \
	0, \
	"the server has no room left", \
	"free space on the server, then start again"
#define MODULE_FILES \
	0, \
	"the module could not store the download", \
	"restart the module, delete old files in it (AT+QFLST, AT+QFDEL), then start again"
#define MODULE_MEMORY \
	0, \
	"the module has no working memory left", \
	"restart the module with AT+CFUN=1,1 and start again"
#define BAD_REQUEST \
	0, \
	"the module did not accept a part of the URL or of the command", \
	"check the URL: http:// or ftp://, at most 255 bytes, no blanks, user, password and host at most 50 bytes each"
#define TLS \
	TROUBLE_TLS, \
	"encryption is not set up in the module, or the server's certificate is not accepted", \
	"offer the package without encryption; or, where the family takes it over the serial port, let this computer download it (--relay)"
#define CONTEXT \
	TROUBLE_NETWORK | TROUBLE_CONTEXT, \
	"no data connection: APN wrong, not registered, or the context is used by a dial-up connection", \
	"check APN (AT+QICSGP?) and registration (AT+CREG?), end dial-up connections of this computer, then start again"
#define CONTENT \
	0, \
	"the server's answer makes no sense to the module", \
	"try the URL from a computer; the server must send the file as it is, without compression or redirect; or use --relay"
#define REDIRECT \
	0, \
	"the server sends the module on to another address, which it does not follow", \
	"open the URL on a computer and use the address that it ends at; or, where the module takes a package over the serial port, let this computer download and send it (--relay)"
#define GATEWAY_LOGIN \
	0, \
	"a gateway between module and server lets nothing through without a login of its own", \
	"use an access point (AT+QICSGP?) without such a gateway; or, where the module takes a package over the serial port, let this computer download and send it (--relay)"
#define CALL \
	0, \
	"a call keeps the module busy", \
	"end the call, or wait, then start again"
#define PORT_BUSY \
	0, \
	"another program or a running data transfer uses the module's port", \
	"close other programs on the module's ports (ModemManager, a dial-up connection), then start again"
#define INTERNAL \
	0, \
	"a step inside the module was missing or came too late", \
	"restart the module and start again; if it stays, send the record to Quectel's support"
#define FLASH_FAILED \
	TROUBLE_FLASH, \
	"the module could not write the new firmware", \
	"keep the power on until its version has been read; if it runs the old firmware, try once more, then ask Quectel's support with the record"
#define WRONG_PACKAGE \
	TROUBLE_PACKAGE, \
	"the package is damaged, or was made for another firmware version", \
	"compare the package's from-version with ATI, and its SHA-256 with the manifest; get the right package from Quectel"
#define WRONG_VERSION \
	TROUBLE_VERSION, \
	"the package was made for another firmware version", \
	"compare the package's from-version with ATI; get the package for this version from Quectel"
#define WRONG_PROJECT \
	TROUBLE_PROJECT, \
	"the package was made for another variant of the module", \
	"compare model and variant of the package with ATI; get the right package from Quectel"
#define NO_ROOM \
	TROUBLE_ROOM, \
	"old files or packages fill the module's storage, or the package is larger than its upgrade area", \
	"delete old packages (AT+QFLST, AT+QFDEL), look at AT+QFLDS; else go through an intermediate version"
#define PACKAGE_MISSING \
	0, \
	"the module lost the package between download and upgrade", \
	"start again; if it stays, check the room in the module with AT+QFLDS"
#define SIM_MISSING \
	0, \
	"no SIM card, or it has no contact", \
	"insert the SIM card, restart the module; or send the package over the serial port, which needs no SIM"
#define SIM_LOCKED \
	0, \
	"the SIM card waits for its code", \
	"enter the code with AT+CPIN; or send the package over the serial port, which needs no SIM"
#define SIM_PUK \
	0, \
	"the SIM card is blocked after wrong codes", \
	"unblock it with the PUK of its operator; or send the package over the serial port, which needs no SIM"
#define SIM_BROKEN \
	0, \
	"the SIM card is defective, dirty or not for this module", \
	"clean or replace the SIM card; or send the package over the serial port, which needs no SIM"
#define SIM_WAIT \
	0, \
	"the SIM card is still starting", \
	"wait half a minute, then start again"
#define DEVICE_LOCK \
	0, \
	"the module is locked to a network, an operator or a SIM card", \
	"get the unlock code from whoever sold the module, or use the SIM card it is locked to"
#define NO_SERVICE \
	0, \
	"no network in reach, antenna off, or the SIM card has no subscription here", \
	"check antenna, signal (AT+CSQ) and registration (AT+CREG?); or send the package over the serial port"
#define NOT_NOW \
	TROUBLE_FORM, \
	"the module does not allow this in its present state, or does not know this form", \
	"restart the module and start again; if the command was AT+QFOTADL for the serial port, its form may be another one: see com-command in the manual"
#define NOT_KNOWN \
	TROUBLE_FORM, \
	"this module or its firmware does not have the command in this form", \
	"check the model with ATI; for the package over the serial port another form may fit: see com-command in the manual"
#define WRONG_VALUE \
	TROUBLE_FORM, \
	"the module does not accept a value in the command", \
	"look at the command in the record; check URL, names and sizes in it"
#define STORAGE \
	0, \
	"the module's storage is damaged or busy", \
	"restart the module and start again; if it stays, send the record to Quectel's support"
#define LEFTOVER \
	0, \
	"a file of an earlier attempt is still in the module", \
	"delete it with AT+QFDEL, then start again"
#define RESTART \
	0, \
	"the module is in a state it does not leave by itself", \
	"restart the module with AT+CFUN=1,1 and start again"

#define ROW(table, family, number, meaning, ...) \
	{ table, family, number, number, meaning, __VA_ARGS__ }
#define REPLY(table, document, number, meaning, ...) ROW(table, document, number, meaning, __VA_ARGS__)
#define FTP(number, meaning, ...) ROW("ftp", "BG96", number, meaning, __VA_ARGS__)
#define HTTP(number, meaning, ...) ROW("http", "BG96", number, meaning, __VA_ARGS__)
#define END(family, number, meaning, ...) ROW("end", family, number, meaning, __VA_ARGS__)
#define CME(number, meaning, ...) ROW("cme", "BG96", number, meaning, __VA_ARGS__)
/* A row whose code is of one more kind than those that share its words. */
#define ALSO(trouble, ...) trouble | __VA_ARGS__
/* What is said of a number without a row; it covers none itself. */
#define UNDOCUMENTED(table, cause, next) \
	{ table, "none", 0, -1, "not documented", 0, cause, next }

static const struct code_info rows[] = {
	/* protocol.md 5.1, BG96 FTP manual table 1 */
	FTP(0, "success", NOTHING_WRONG),
	FTP(601, "unknown error", NETWORK_LOST),
	FTP(602, "server blocked", NETWORK_LOST),
	FTP(603, "server busy", SERVER_BUSY),
	FTP(604, "DNS failed", NAME_LOOKUP),
	FTP(605, "network error", ALSO(TROUBLE_CONNECT, NETWORK_LOST)),
	FTP(606, "control connection closed", SERVER_CLOSED),
	FTP(607, "data connection closed", ALSO(TROUBLE_NETWORK, DATA_CONNECTION)),
	FTP(608, "socket closed by peer", SERVER_CLOSED),
	FTP(609, "time-out", SLOW_LINK),
	FTP(610, "invalid parameter", BAD_REQUEST),
	FTP(611, "open file failed", FILE_MISSING),
	FTP(612, "file position invalid (LTE-A: path error)", FILE_MISSING),
	FTP(613, "file error", MODULE_FILES),
	FTP(614, "service not available, control connection closing (421)", SERVER_BUSY),
	FTP(615, "open data connection failed (425)", DATA_CONNECTION),
	FTP(616, "connection closed, transfer aborted (426)", SERVER_CLOSED),
	FTP(617, "file action not taken (450)", SERVER_BUSY),
	FTP(618, "action aborted, local error (451)", SERVER_REFUSES),
	FTP(619, "insufficient storage (452)", SERVER_SPACE),
	FTP(620, "syntax error, command (500)", SERVER_REFUSES),
	FTP(621, "syntax error, parameter (501)", BAD_REQUEST),
	FTP(622, "command not implemented (502)", SERVER_REFUSES),
	FTP(623, "bad command sequence (503)", SERVER_REFUSES),
	FTP(624, "parameter not implemented (504)", SERVER_REFUSES),
	FTP(625, "not logged in (530)", LOGIN),
	FTP(626, "account needed to store (532)", LOGIN),
	FTP(627, "action not taken, file unavailable (550)", FILE_MISSING),
	FTP(628, "action aborted, page type unknown (551)", SERVER_REFUSES),
	FTP(629, "action aborted, storage exceeded (552)", SERVER_SPACE),
	FTP(630, "file name not allowed (553)", FILE_MISSING),
	FTP(631, "TLS authentication failed", TLS),
	UNDOCUMENTED("ftp",
		     "the module gave a number that no manual lists; any number but 0 means that the download failed",
		     "check signal, URL and login, then start again; or, where the module takes a package over the serial port, let this computer download and send it (--relay); nothing has been flashed"),

	/* protocol.md 5.2, BG96 HTTP manual table 1 */
	HTTP(0, "success", NOTHING_WRONG),
	HTTP(701, "unknown error", NETWORK_LOST),
	HTTP(702, "time-out", SLOW_LINK),
	HTTP(703, "busy", RESTART),
	HTTP(704, "UART busy", PORT_BUSY),
	HTTP(705, "no GET/POST request", INTERNAL),
	HTTP(706, "network busy", CONTEXT),
	HTTP(707, "network open failed", CONTEXT),
	HTTP(708, "network not configured", CONTEXT),
	HTTP(709, "network deactivated", CONTEXT),
	HTTP(710, "network error", NETWORK_LOST),
	HTTP(711, "URL error", BAD_REQUEST),
	HTTP(712, "empty URL", BAD_REQUEST),
	HTTP(713, "IP address error", NAME_LOOKUP),
	HTTP(714, "DNS error", NAME_LOOKUP),
	HTTP(715, "socket create error", CONTEXT),
	HTTP(716, "socket connect error", TROUBLE_NETWORK | TROUBLE_CONNECT,
	     "the server does not listen at this address and port, or a firewall is between",
	     "check host and port, and that the server can be reached from the mobile network"),
	HTTP(717, "socket read error", NETWORK_LOST),
	HTTP(718, "socket write error", NETWORK_LOST),
	HTTP(719, "socket closed", SERVER_CLOSED),
	HTTP(720, "data encode error", CONTENT),
	HTTP(721, "data decode error", CONTENT),
	HTTP(722, "read time-out", SLOW_LINK),
	HTTP(723, "response failed", CONTENT),
	HTTP(724, "busy, incoming call", CALL),
	HTTP(725, "busy, voice call", CALL),
	HTTP(726, "input time-out", INTERNAL),
	HTTP(727, "wait-for-data time-out", SLOW_LINK),
	HTTP(728, "wait-for-response time-out", SLOW_LINK),
	HTTP(729, "memory allocation failed", MODULE_MEMORY),
	HTTP(730, "invalid parameter", BAD_REQUEST),
	UNDOCUMENTED("http",
		     "the module gave a number that no manual lists; any number but 0 means that the download failed",
		     "check signal and URL, then start again; or, where the module takes a package over the serial port, let this computer download and send it (--relay); nothing has been flashed"),

	/* protocol.md 5.2: three-digit replies of the server that the module hands on (BG96 lists
	 * 200, 403, 404, 409, 411 and 500 of HTTP; the others, and FTP's, by assumption) */
	REPLY("http", "RFC9110", 301, "the server's reply: the file has moved", REDIRECT),
	REPLY("http", "RFC9110", 302, "the server's reply: the file is elsewhere", REDIRECT),
	REPLY("http", "RFC9110", 303, "the server's reply: see another address", REDIRECT),
	REPLY("http", "RFC9110", 307, "the server's reply: the file is elsewhere for now", REDIRECT),
	REPLY("http", "RFC9110", 308, "the server's reply: the file has moved for good", REDIRECT),
	REPLY("http", "RFC9110", 400, "the server's reply: bad request", BAD_REQUEST),
	REPLY("http", "RFC9110", 401, "the server's reply: user and password are wanted", LOGIN),
	REPLY("http", "RFC9110", 403, "the server's reply: access is forbidden", FORBIDDEN),
	REPLY("http", "RFC9110", 404, "the server's reply: no such file", FILE_MISSING),
	REPLY("http", "RFC9110", 405, "the server's reply: method not allowed", SERVER_REFUSES),
	REPLY("http", "RFC9110", 406, "the server's reply: not in a form that was accepted", SERVER_REFUSES),
	REPLY("http", "RFC9110", 407, "the reply of a proxy: user and password are wanted", GATEWAY_LOGIN),
	REPLY("http", "RFC9110", 408, "the server's reply: it gave up waiting", SLOW_LINK),
	REPLY("http", "RFC9110", 409, "the server's reply: conflict", SERVER_REFUSES),
	REPLY("http", "RFC9110", 410, "the server's reply: the file is gone", FILE_MISSING),
	REPLY("http", "RFC9110", 411, "the server's reply: a length is wanted", SERVER_REFUSES),
	REPLY("http", "RFC9110", 412, "the server's reply: a condition is not met", SERVER_REFUSES),
	REPLY("http", "RFC9110", 413, "the server's reply: request too large", SERVER_REFUSES),
	REPLY("http", "RFC9110", 414, "the server's reply: URL too long", BAD_REQUEST),
	REPLY("http", "RFC9110", 416, "the server's reply: no such part of the file", SERVER_REFUSES),
	REPLY("http", "RFC9110", 426, "the server's reply: encryption is wanted", TLS),
	REPLY("http", "RFC6585", 429, "the server's reply: too many requests", SERVER_BUSY),
	REPLY("http", "RFC7725", 451, "the server's reply: barred by law", FORBIDDEN),
	REPLY("http", "RFC9110", 500, "the server's reply: it has a fault", SERVER_REFUSES),
	REPLY("http", "RFC9110", 501, "the server's reply: it does not know the request", SERVER_REFUSES),
	REPLY("http", "RFC9110", 502, "the server's reply: a gateway got no answer", SERVER_BUSY),
	REPLY("http", "RFC9110", 503, "the server's reply: overloaded or closed", SERVER_BUSY),
	REPLY("http", "RFC9110", 504, "the server's reply: a gateway gave up waiting", SLOW_LINK),
	REPLY("http", "RFC9110", 505, "the server's reply: not this version of HTTP", SERVER_REFUSES),
	REPLY("http", "RFC6585", 511, "the reply of a gateway: the network wants a login", GATEWAY_LOGIN),
	REPLY("ftp", "RFC959", 332, "the server's reply: an account is wanted", LOGIN),
	REPLY("ftp", "RFC959", 421, "the server's reply: it closes the connection", SERVER_BUSY),
	REPLY("ftp", "RFC959", 425, "the server's reply: no data connection", DATA_CONNECTION),
	REPLY("ftp", "RFC959", 426, "the server's reply: data connection closed", SERVER_CLOSED),
	REPLY("ftp", "RFC959", 450, "the server's reply: file not available now", SERVER_BUSY),
	REPLY("ftp", "RFC959", 451, "the server's reply: it has a fault", SERVER_REFUSES),
	REPLY("ftp", "RFC959", 452, "the server's reply: it has no room", SERVER_SPACE),
	REPLY("ftp", "RFC959", 500, "the server's reply: it does not know the command", SERVER_REFUSES),
	REPLY("ftp", "RFC959", 501, "the server's reply: wrong parameter", SERVER_REFUSES),
	REPLY("ftp", "RFC959", 502, "the server's reply: it does not have the command", SERVER_REFUSES),
	REPLY("ftp", "RFC959", 503, "the server's reply: wrong order of commands", SERVER_REFUSES),
	REPLY("ftp", "RFC959", 504, "the server's reply: it does not have the parameter", SERVER_REFUSES),
	REPLY("ftp", "RFC959", 530, "the server's reply: not logged in", LOGIN),
	REPLY("ftp", "RFC959", 532, "the server's reply: an account is needed", LOGIN),
	REPLY("ftp", "RFC2228", 534, "the server's reply: encryption is wanted", TLS),
	REPLY("ftp", "RFC959", 550, "the server's reply: no such file, or no right to read it", FILE_MISSING),
	REPLY("ftp", "RFC959", 551, "the server's reply: page type unknown", SERVER_REFUSES),
	REPLY("ftp", "RFC959", 552, "the server's reply: storage exceeded", SERVER_SPACE),
	REPLY("ftp", "RFC959", 553, "the server's reply: file name not allowed", FILE_MISSING),

	/* protocol.md 5.3 */
	ROW("file", "LTE-A", 0, "success", NOTHING_WRONG),
	ROW("file", "LTE-A", 500, "file download error", TROUBLE_LOST_BYTES,
	    "bytes were lost on the serial line, or the wait was too long",
	    "turn flow control on or use a lower bit rate, check the cable, then start again; nothing has been flashed"),
	UNDOCUMENTED("file",
		     "the module gave a number that no manual lists; any number but 0 means that it did not take the file",
		     "check cable, flow control and package, then start again; nothing has been flashed"),

	/* protocol.md 5.3, the flash stage; no table of UGxx is known */
	END("BG96", 0, "upgraded", NOTHING_WRONG),
	END("BG96", 504, "upgrade failed", FLASH_FAILED),
	END("BG96", 505, "package does not exist", ALSO(TROUBLE_PACKAGE, PACKAGE_MISSING)),
	END("BG96", 506, "package check failed", WRONG_PACKAGE),
	END("EP06", 0, "upgraded", NOTHING_WRONG),
	END("EP06", 502, "left on an unpredictable error", FLASH_FAILED),
	END("EP06", 504, "package file wrong", WRONG_PACKAGE),
	END("EP06", 505, "package file wrong", WRONG_PACKAGE),
	END("EP06", 510, "patch does not match the source in the module", WRONG_VERSION),
	END("EP06", 511, "not enough file system space", NO_ROOM),
	{ "end", "EP06", 520, 530, "upgrade failed", FLASH_FAILED },
	{ "end", "EP06", 540, 546, "upgrade failed", FLASH_FAILED },
	END("EC2x", 0, "upgraded", NOTHING_WRONG),
	END("EC2x", 1, "backup partition update failed (space)", NO_ROOM),
	END("EC2x", 501, "package cannot be unpacked, or no space", NO_ROOM),
	END("EC2x", 502, "update program ended abnormally", FLASH_FAILED),
	END("EC2x", 510, "file verification failed", WRONG_PACKAGE),
	END("EC2x", 511, "not enough space", NO_ROOM),
	END("LTE-A", 0, "upgraded", NOTHING_WRONG),
	END("LTE-A", 504, "upgrade failed", FLASH_FAILED),
	END("LTE-A", 505, "package check error", WRONG_PACKAGE),
	END("LTE-A", 506, "MD5 check error", WRONG_PACKAGE),
	END("LTE-A", 507, "package version mismatch", WRONG_VERSION),
	END("LTE-A", 552, "project name mismatch", WRONG_PROJECT),
	END("LTE-A", 553, "baseline name mismatch", WRONG_PROJECT),
	UNDOCUMENTED("end",
		     "the module gave a number that no manual lists; any number but 0 means that the upgrade failed",
		     "keep the power on until its version has been read; then send the record to Quectel's support"),

	/* protocol.md 5.5, BG96 AT manual table 10; the words are those of at_cme_meaning() */
	CME(0, "phone failure", RESTART),
	CME(1, "no connection to phone", RESTART),
	CME(2, "phone adaptor link reserved", PORT_BUSY),
	CME(3, "operation not allowed", NOT_NOW),
	CME(4, "operation not supported", NOT_KNOWN),
	CME(5, "PH-SIM PIN required", DEVICE_LOCK),
	CME(6, "PH-FSIM PIN required", DEVICE_LOCK),
	CME(7, "PH-FSIM PUK required", DEVICE_LOCK),
	CME(10, "SIM not inserted", SIM_MISSING),
	CME(11, "SIM PIN required", SIM_LOCKED),
	CME(12, "SIM PUK required", SIM_PUK),
	CME(13, "SIM failure", SIM_BROKEN),
	CME(14, "SIM busy", SIM_WAIT),
	CME(15, "SIM wrong", SIM_BROKEN),
	CME(16, "wrong password", 0,
	    "a PIN or password is wrong; few tries are left before the SIM card is blocked",
	    "check the code before trying again"),
	CME(17, "SIM PIN2 required", SIM_LOCKED),
	CME(18, "SIM PUK2 required", SIM_PUK),
	CME(20, "memory full", NO_ROOM),
	CME(21, "invalid index", WRONG_VALUE),
	CME(22, "not found", WRONG_VALUE),
	CME(23, "memory failure", STORAGE),
	CME(24, "text string too long", WRONG_VALUE),
	CME(25, "invalid characters in text string", WRONG_VALUE),
	CME(26, "dial string too long", WRONG_VALUE),
	CME(27, "invalid characters in dial string", WRONG_VALUE),
	CME(30, "no network service", NO_SERVICE),
	CME(31, "network time-out", NO_SERVICE),
	CME(32, "network not allowed, emergency calls only", NO_SERVICE),
	CME(40, "network personalization PIN required", DEVICE_LOCK),
	CME(41, "network personalization PUK required", DEVICE_LOCK),
	CME(42, "network subset personalization PIN required", DEVICE_LOCK),
	CME(43, "network subset personalization PUK required", DEVICE_LOCK),
	CME(44, "service provider personalization PIN required", DEVICE_LOCK),
	CME(45, "service provider personalization PUK required", DEVICE_LOCK),
	CME(46, "corporate personalization PIN required", DEVICE_LOCK),
	CME(47, "corporate personalization PUK required", DEVICE_LOCK),

	/* protocol.md 5.4, BG96 FILE manual table 1 */
	CME(400, "invalid input value", WRONG_VALUE),
	CME(401, "larger than the size of the file", WRONG_VALUE),
	CME(402, "read zero bytes", STORAGE),
	CME(403, "drive full", NO_ROOM),
	CME(405, "file not found", PACKAGE_MISSING),
	CME(406, "invalid file name", WRONG_VALUE),
	CME(407, "file already exists", LEFTOVER),
	CME(409, "failed to write the file", STORAGE),
	CME(410, "failed to open the file", STORAGE),
	CME(411, "failed to read the file", STORAGE),
	CME(413, "too many open files", RESTART),
	CME(414, "file is read-only", LEFTOVER),
	CME(416, "invalid file handle", RESTART),
	CME(417, "failed to list files", STORAGE),
	CME(418, "failed to delete the file", STORAGE),
	CME(419, "failed to get the disk information", STORAGE),
	CME(420, "no space", NO_ROOM),
	CME(421, "time-out", TROUBLE_LOST_BYTES,
	    "the module waited for data that did not come in time",
	    "check cable and flow control, then start again"),
	CME(423, "file too large", NO_ROOM),
	CME(425, "invalid parameter", WRONG_VALUE),
	CME(426, "file already open", RESTART),
	UNDOCUMENTED("cme",
		     "the module refused the command with a number that no manual lists",
		     "look at the refused command in the record; check the model with ATI, restart the module and start again"),
};

/* Numbers that no manual lists, seen on https (protocol.md 11). */
static const struct {
	const char *table;
	int number;
	unsigned trouble;
} seen[] = {
	{ "http", 420, TROUBLE_TLS },
	{ "http", 570, TROUBLE_TLS },
};

static const struct code_table tables[] = {
	{ "ftp", "+QIND: \"FOTA\",\"FTPEND\",<n>: how the module's FTP download ended" },
	{ "http", "+QIND: \"FOTA\",\"HTTPEND\",<n>: how the module's HTTP download ended" },
	{ "file", "+QIND: \"FOTA\",\"FILEEND\",<n>: how the transfer over the serial port ended" },
	{ "end", "+QIND: \"FOTA\",\"END\",<n>: how the flash stage ended; by family, of a sister where none of its own is known" },
	{ "cme", "+CME ERROR: <n>: why a command was refused" },
};

static bool covers(const struct code_info *row, int number)
{
	return number >= row->first && number <= row->last;
}

static bool is_undocumented(const struct code_info *row)
{
	return row->first > row->last;
}

/* The row for NUMBER of TABLE; NULL: none. */
static const struct code_info *find_own(const char *table, int number, const char *family)
{
	const struct code_info *found = NULL;

	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct code_info *row = &rows[i];

		if (strcmp(row->table, table) != 0 || !covers(row, number))
			continue;
		if (family != NULL && strcmp(row->family, family) == 0)
			return row;
		if (found == NULL)
			found = row;
	}
	return found;
}

static bool is_table(const char *name)
{
	for (size_t i = 0; i < COUNT(tables); i++)
		if (strcmp(tables[i].name, name) == 0)
			return true;
	return false;
}

/* Modules mix up their tables of FTP and HTTP, whose numbers do not overlap
 * (protocol.md 5.2). What a server replied stands only at the end of a download;
 * other small numbers stand in too many to tell. */
static const struct code_info *find_other(const char *table, int number)
{
	static const char *const mixed[] = { "ftp", "http" };
	const struct code_info *found;

	int least = strcmp(table, mixed[0]) == 0 || strcmp(table, mixed[1]) == 0 ? 300 : 600;

	for (size_t i = 0; i < COUNT(mixed); i++)
		if (strcmp(mixed[i], table) != 0 && strcmp(table, "cme") != 0 && number >= least &&
		    (found = find_own(mixed[i], number, NULL)) != NULL)
			return found;
	return NULL;
}

const struct code_info *codes_find(const char *table, int number,
				  const char *family)
{
	const struct code_info *found = find_own(table, number, family);

	if (found == NULL && is_table(table))
		found = find_other(table, number);
	for (size_t i = 0; found == NULL && i < COUNT(rows); i++)
		if (strcmp(rows[i].table, table) == 0 && is_undocumented(&rows[i]))
			found = &rows[i];
	return found;
}

char *codes_meaning(char *out, size_t out_size, const char *table, int number, const char *family)
{
	const struct code_info *row = codes_find(table, number, family);

	if (row == NULL || strcmp(row->table, table) == 0)
		snprintf(out, out_size, "%s", row ? row->meaning : "");
	else
		snprintf(out, out_size, "not in this table; in the %s table: %s", strcmp(row->table, "ftp") == 0 ? "FTP" : "HTTP",
			 row->meaning);
	return out;
}

unsigned codes_trouble(const char *table, int number, const char *family)
{
	const struct code_info *row = codes_find(table, number, family);

	if (row && covers(row, number))
		return row->trouble;
	for (size_t i = 0; i < COUNT(seen); i++)
		if (strcmp(seen[i].table, table) == 0 && seen[i].number == number)
			return seen[i].trouble;
	return 0;
}

const char *codes_source(enum fota_source source)
{
	switch (source) {
	case FOTA_SOURCE_FTP:
		return "ftp";
	case FOTA_SOURCE_HTTP:
		return "http";
	case FOTA_SOURCE_FILE:
	case FOTA_SOURCE_COM:
	case FOTA_SOURCE_DOWNLOAD:
	case FOTA_SOURCE_NONE:
		break;
	}
	return "file";
}

const struct code_info *codes_row(size_t index)
{
	return index < COUNT(rows) ? &rows[index] : NULL;
}

const struct code_info *codes_search(int number, size_t *index)
{
	while (*index < COUNT(rows)) {
		const struct code_info *row = &rows[(*index)++];

		if (covers(row, number))
			return row;
	}
	return NULL;
}

const struct code_table *codes_table(size_t index)
{
	return index < COUNT(tables) ? &tables[index] : NULL;
}

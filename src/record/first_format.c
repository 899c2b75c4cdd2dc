#include "config.h"

#include "record/first_format.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/count.h"
#include "base/words.h"

/* Where a sentence stands in another. */
enum place {
	ALONE,
	BEFORE,		/* what was being done: "WHAT: ..." */
	AFTER,		/* what follows: "...; WHAT" */
};

#define AND_MANAGER "stop it (sudo systemctl stop ModemManager), or keep it off with the udev rule {}"

/* {name} stands for the argument of that name, {} for what is not kept,
 * {name=value} is nothing that was said. Of two that fit the first counts.
 * MSG_NONE says nothing any more. */
static const struct sentence {
	enum place place;
	const char *words;
	enum message_id id;
} sentences[] = {
	/* records */
	{ ALONE, "opening the directory {directory}: {error}", MSG_RECORD_DIRECTORY_UNREADABLE },
	{ ALONE, "another program is writing the record {record}", MSG_RECORD_IN_USE },
	{ ALONE, "writing the record {record}: no memory for a line", MSG_RECORD_LINE_LOST },
	{ ALONE, "writing the record {record}: {error}", MSG_RECORD_NOT_WRITTEN },
	{ ALONE, "making the record {record} durable: another file took its place", MSG_RECORD_DISPLACED },
	{ ALONE, "making the record {record} durable: the disk failed before", MSG_RECORD_DISK_DOUBTFUL },
	{ ALONE, "making the record {record} durable: {error}", MSG_RECORD_NOT_DURABLE },
	{ BEFORE, "not starting what could not be recorded: ", MSG_NOT_RECORDED },

	/* the port */
	{ ALONE, "{port} is open in this program already", MSG_PORT_HELD_HERE },
	{ ALONE, "{port} is held by a program of another user, perhaps ModemManager: " AND_MANAGER, MSG_PORT_HELD_MAYBE_MANAGER },
	{ ALONE, "{port} is held by a program of another user; {}", MSG_PORT_HELD_UNSEEN },
	{ ALONE, "{port} is held by {program} ({pid}); " AND_MANAGER, MSG_PORT_HELD_BY_MANAGER },
	{ ALONE, "{port} is held by {program} ({pid}); let it finish, then try again", MSG_PORT_HELD_BY_DFOTA },
	{ ALONE, "{port} is held by {program} ({pid}); close it and try again", MSG_PORT_HELD },
	{ ALONE, "{port} is held by process {pid}; close it and try again", MSG_PORT_HELD_BY_PROCESS },
	{ ALONE, "the lock file {path} of {port} names no process: {}", MSG_LOCK_FILE_NAMELESS },
	{ ALONE, "other programs keep changing the lock file {path}", MSG_LOCK_FILE_CONTESTED },
	{ ALONE, "no lock file could be made in {path}: {}", MSG_NO_LOCK_FILE },
	{ ALONE, "there is no {port}, and no other serial port was found", MSG_PORT_NONE },
	{ ALONE, "there is no {port}; found: {found}", MSG_PORT_MISSING },
	{ ALONE, "no permission for {port}: add {user} to the group {group} (sudo {}", MSG_PORT_PERMISSION_GROUP },
	{ ALONE, "no permission for {port}: its mode {mode} lets neither {user} nor the group {group} read and write it; {}", MSG_PORT_PERMISSION_MODE },
	{ ALONE, "{port} is not a serial port but a file", MSG_PORT_IS_FILE },
	{ ALONE, "{port} is not a serial port but a directory", MSG_PORT_IS_DIRECTORY },
	{ ALONE, "{port} is not a serial port but a FIFO", MSG_PORT_IS_FIFO },
	{ ALONE, "{port} is not a serial port but a socket", MSG_PORT_IS_SOCKET },
	{ ALONE, "{port} is not a serial port but a virtual console", MSG_PORT_IS_VIRTUAL_CONSOLE },
	{ ALONE, "{port} is not a serial port but the terminal in use", MSG_PORT_IS_TERMINAL },
	{ ALONE, "{port} is not a serial port but the system console", MSG_PORT_IS_CONSOLE },
	{ ALONE, "{port} is not a serial port but the maker of pseudo-terminals", MSG_PORT_IS_PTMX },
	{ ALONE, "{port} is not a serial port but {}", MSG_PORT_IS_OTHER },
	{ ALONE, "{port} is not a serial port", MSG_PORT_IS_NONE },
	{ ALONE, "{port} has no serial hardware behind it: {error}", MSG_PORT_NO_HARDWARE },
	{ ALONE, "the driver of {port} does not take the setting: {setting}", MSG_PORT_SETTING },
	{ ALONE, "the driver of {port} has no RTS/CTS flow control: data may get lost at high rates", MSG_PORT_NO_FLOW_CONTROL },
	{ ALONE, "{port} was set to drop DTR when closed (HUPCL): {}", MSG_PORT_HUPCL },
	{ ALONE, "CTS of {port} is low: its RTS and CTS lines are not wired, or the module holds data back", MSG_PORT_CTS_LOW },
	{ ALONE, "looking up {host}: {reason}", MSG_TCP_LOOKUP },
	{ ALONE, "connecting to tcp:{port}: {error}", MSG_TCP_CONNECT },
	{ ALONE, "{port}: bit rate and flow control are the server's", MSG_TCP_SETTINGS },
	{ ALONE, "setting up {port}: {error}", MSG_PORT_SETUP },
	{ ALONE, "using {port}: {error}", MSG_PORT_FAILED },
	{ ALONE, "{port} has gone: unplugged, or the module restarts", MSG_PORT_GONE },
	{ ALONE, "{port}: {size} bytes could not be sent (flow control)", MSG_PORT_UNSENT },
	{ ALONE, "the port is not open", MSG_PORT_NOT_OPEN },
	{ ALONE, "cancelled", MSG_CANCELLED },

	/* the dialogue; first what holds another sentence */
	{ ALONE, "this module does not know AT+QFOTADL, it has no DFOTA ({} error {cme}, {})", MSG_NO_DFOTA },
	{ ALONE, "this module does not know AT+QFOTADL, it has no DFOTA ({})", MSG_NO_DFOTA },
	{ ALONE, "activating the PDP context (is the APN set with AT+QICSGP?): {} error {cme}, {}{context=1}", MSG_CONTEXT_REFUSED },
	{ ALONE, "activating the PDP context (is the APN set with AT+QICSGP?): {} was refused: {}{context=1}", MSG_CONTEXT_REFUSED },
	{ BEFORE, "sending {command}: ", MSG_DOING_SEND },
	{ BEFORE, "waiting for the answer to {command}: ", MSG_DOING_AWAIT },
	{ BEFORE, "asking who the module is: ", MSG_DOING_ASK_MODEL },
	{ BEFORE, "asking for the firmware version: ", MSG_DOING_ASK_VERSION },
	{ BEFORE, "asking for the IMEI: ", MSG_DOING_ASK_IMEI },
	{ BEFORE, "preparing the command line: ", MSG_DOING_ASK_MODES },
	{ ALONE, "the module must not be disturbed now", MSG_MODEM_HALTED },
	{ ALONE, "{command} was refused: error {number}, {meaning} ({})", MSG_COMMAND_REFUSED_CME },
	{ ALONE, "{command} was refused: error {number}, {meaning}", MSG_COMMAND_REFUSED_CME },
	{ ALONE, "{command} was refused: error {text}", MSG_COMMAND_REFUSED_TEXT },
	{ ALONE, "{command} was refused: ERROR", MSG_COMMAND_REFUSED },
	{ ALONE, "no answer to +++", MSG_NO_ANSWER_ESCAPE },
	{ ALONE, "no answer to {command} within {limit} s, only noise (wrong baud rate?)", MSG_NO_ANSWER_NOISE },
	{ ALONE, "no answer to {command} within {limit} s", MSG_NO_ANSWER },
	{ ALONE, "no answer to AT at any usual baud rate", MSG_NO_ANSWER_AT_RATES },
	{ ALONE, "no answer to AT", MSG_NO_ANSWER_AT },
	{ ALONE, "only noise on the line, no answer to AT at any usual baud rate", MSG_NOISE_AT_RATES },
	{ ALONE, "only noise on the line, no answer to AT{}", MSG_NOISE_AT },
	{ ALONE, "the module stopped taking data: {answer}", MSG_DATA_LEFT },
	{ ALONE, "the module has taken no data for {limit} s (flow control)", MSG_DATA_STALLED },
	{ ALONE, "the module does not accept data (flow control)", MSG_COMMAND_STALLED },
	{ ALONE, "the firmware version is {size} bytes long, no module's is", MSG_VERSION_LONG },
	{ ALONE, "the firmware version is longer than any module's", MSG_VERSION_LONG },

	/* which module, and is it fit */
	{ BEFORE, "no module found on {port}: ", MSG_NO_MODULE },
	{ ALONE, "the module answers at {rate} baud, not at {wanted}; going on so", MSG_OTHER_RATE },
	{ ALONE, "the module is installing already", MSG_INSTALLING_ALREADY },
	{ ALONE, "{model} is not a module this program knows (--profile {profile} if it is a relative)", MSG_MODEL_UNKNOWN },
	{ ALONE, "this module has the IMEI {imei}, not {wanted}", MSG_OTHER_IMEI },
	{ ALONE, "the module does not tell its firmware version", MSG_VERSION_NOT_REPORTED },
	{ ALONE, "the module does not tell its IMEI; it could not be recognised after the restart", MSG_IMEI_NOT_REPORTED },
	{ ALONE, "the package is for modules that run {wanted}, this one runs {version}: {}", MSG_PACKAGE_OTHER_BASE },
	{ ALONE, "the package is for {wanted}, this module is {model}", MSG_PACKAGE_OTHER_MODEL },
	{ ALONE, "nothing to do: the module already runs {version} (--if-needed makes this a success)", MSG_AT_TARGET },
	{ ALONE, "nothing to do: the module already runs {version}", MSG_AT_TARGET_ALREADY },
	{ ALONE, "no manifest: could not check that the package fits {from}, that it is whole, or that it makes {to}", MSG_NO_MANIFEST },
	{ ALONE, "the module tells of its command: {form}", MSG_COMMAND_FORM },
	{ ALONE, "the module does not tell its supply voltage; make sure that it is steady", MSG_SUPPLY_NOT_REPORTED },
	{ ALONE, "the supply voltage is too low for flashing: {mv} mV, at least {least} mV are needed", MSG_SUPPLY_LOW },
	{ ALONE, "supply voltage {mv} mV", MSG_SUPPLY },
	{ ALONE, "SIM: SIM not inserted{cme=10}{meaning=SIM not inserted}", MSG_SIM_REFUSED },
	{ ALONE, "SIM: SIM PIN required{cme=11}{meaning=SIM PIN required}", MSG_SIM_REFUSED },
	{ ALONE, "SIM: SIM PUK required{cme=12}{meaning=SIM PUK required}", MSG_SIM_REFUSED },
	{ ALONE, "SIM: SIM failure{cme=13}{meaning=SIM failure}", MSG_SIM_REFUSED },
	{ ALONE, "SIM: SIM busy{cme=14}{meaning=SIM busy}", MSG_SIM_REFUSED },
	{ ALONE, "SIM: SIM wrong{cme=15}{meaning=SIM wrong}", MSG_SIM_REFUSED },
	{ ALONE, "SIM: {meaning}", MSG_SIM_REFUSED },
	{ ALONE, "the SIM's state is not told", MSG_SIM_NOT_REPORTED },
	{ ALONE, "the SIM is not ready: {state}", MSG_SIM_NOT_READY },
	{ ALONE, "the registration for data is not told", MSG_REGISTRATION_NOT_REPORTED },
	{ ALONE, "not registered in a network for data", MSG_NOT_REGISTERED },
	{ AFTER, ": the module cannot download", MSG_NONE },
	{ AFTER, " (not needed for an upgrade by wire)", MSG_NOT_NEEDED },
	{ ALONE, "registered, roaming", MSG_ROAMING },
	{ ALONE, "the signal strength is not known", MSG_SIGNAL_UNKNOWN },
	{ ALONE, "weak signal: {dbm} dBm; the download may be slow or fail", MSG_SIGNAL_WEAK },
	{ ALONE, "signal {dbm} dBm", MSG_SIGNAL },
	{ ALONE, "PDP context {context} is not active", MSG_CONTEXT_INACTIVE },
	{ ALONE, "flow control is not told", MSG_FLOW_NOT_REPORTED },
	{ ALONE, "the module sends its messages to another port than this one", MSG_URCS_ELSEWHERE },
	{ ALONE, "the module's state messages are switched off", MSG_URCS_OFF },
	{ ALONE, "would send: {command}", MSG_WOULD_SEND },
	{ AFTER, ": progress may not be available; the version decides", MSG_PROGRESS_MAY_LACK },
	{ AFTER, ": progress is not available on this port; the version decides", MSG_PROGRESS_ELSEWHERE },
	{ AFTER, ": the module may come back at another baud rate", MSG_RATE_MAY_CHANGE },
	{ AFTER, ": no hardware flow control: the package is sent slowly", MSG_FLOW_REFUSED },
	{ AFTER, "; sending without hardware flow control", MSG_FLOW_NOT_WIRED },

	/* the package and its server */
	{ BEFORE, "asking the server: ", MSG_ASKING_SERVER },
	{ ALONE, "the server sends on to {url}, where the module may not follow: name that address", MSG_SERVER_REDIRECTS },
	{ ALONE, "the server answers with a web page ({type}), not with a package: check the URL", MSG_SERVER_WEB_PAGE },
	{ ALONE, "the server's file has {size} bytes, the manifest says {wanted}", MSG_SERVER_OTHER_SIZE },
	{ ALONE, "{address} is an address of this network only: the module must be able to reach it", MSG_ADDRESS_PRIVATE },
	{ ALONE, "the server has the file: {size} bytes", MSG_SERVER_HAS_FILE },
	{ ALONE, "the server has the file; it does not tell the size", MSG_SERVER_HIDES_SIZE },
	{ ALONE, "the server's file has the digest of the manifest; {}", MSG_SERVER_VERIFIED },
	{ ALONE, "downloaded {size} bytes, sha256 {sha256}", MSG_RELAY_DOWNLOADED },
	{ ALONE, "published at {url} and read back whole", MSG_PUBLISHED },
	{ BEFORE, "publishing the package: ", MSG_PUBLISHING },
	{ BEFORE, "verifying the source: ", MSG_VERIFYING_SERVER },
	{ BEFORE, "the server could not be asked from here (", MSG_NONE },
	{ AFTER, "); the module has another network", MSG_SERVER_NOT_ASKED },
	{ ALONE, "connecting to {host}: {error}", MSG_CONNECT_FAILED },
	{ ALONE, "{host}: no such host: the name is not known (DNS) ({library})", MSG_HOST_UNKNOWN },
	{ ALONE, "{host}: login refused: check user and password (FTP {reply})", MSG_FTP_LOGIN },
	{ ALONE, "{host}: login refused: check user and password ({library})", MSG_HOST_LOGIN },
	{ ALONE, "{host}: user and password of ~/.netrc are missing or wrong (HTTP {reply})", MSG_HTTP_LOGIN_NETRC },
	{ ALONE, "{host}: user and password are needed or wrong (HTTP {reply})", MSG_HTTP_LOGIN },
	{ ALONE, "{host}: user or password is wrong (HTTP {reply})", MSG_HTTP_LOGIN_WRONG },
	{ ALONE, "{host}: it wants a user and password: give them with --credentials FILE (HTTP {reply})", MSG_HTTP_LOGIN_NEEDED },
	{ ALONE, "{host}: access is forbidden (HTTP {reply})", MSG_HTTP_FORBIDDEN },
	{ ALONE, "{host}: no such file (HTTP {reply})", MSG_HTTP_NOT_FOUND },
	{ ALONE, "{host}: the file is gone (HTTP {reply})", MSG_HTTP_GONE },
	{ ALONE, "{host}: no such file or directory (FTP {reply})", MSG_FTP_NOT_FOUND },
	{ ALONE, "{host}: no such file or directory ({library})", MSG_HOST_NO_FILE },
	{ ALONE, "{host}: the file has {size} bytes there, not {expected} as expected: it is another package", MSG_DOWNLOAD_OTHER_SIZE },
	{ ALONE, "{host}: the file has {size} bytes, not {expected} as expected: it is another package, or incomplete", MSG_DOWNLOAD_OTHER_SIZE },
	{ ALONE, "{host}: the file has the SHA-256 {sha256}, not {expected} as expected: it is damaged or another one", MSG_DOWNLOAD_OTHER_DIGEST },
	{ ALONE, "{host}: not modified: it sends no file (HTTP {reply})", MSG_HTTP_NOT_MODIFIED },
	{ ALONE, "{host}: a redirect that leads nowhere (HTTP {reply})", MSG_HTTP_REDIRECT_NOWHERE },
	{ ALONE, "{host}: the server does not understand the request (HTTP {reply})", MSG_HTTP_BAD_REQUEST },
	{ ALONE, "{host}: no such directory (HTTP {reply})", MSG_HTTP_NO_DIRECTORY },
	{ ALONE, "{host}: the server does not do this (HTTP {reply})", MSG_HTTP_NOT_DONE },
	{ ALONE, "{host}: the server takes no uploads here (HTTP {reply})", MSG_HTTP_NO_UPLOADS_HERE },
	{ ALONE, "{host}: a proxy wants a login (HTTP {reply})", MSG_HTTP_PROXY_LOGIN },
	{ ALONE, "{host}: the server gave up waiting (HTTP {reply})", MSG_HTTP_GAVE_UP },
	{ ALONE, "{host}: the server sees a conflict (HTTP {reply})", MSG_HTTP_CONFLICT },
	{ ALONE, "{host}: a condition does not hold (HTTP {reply})", MSG_HTTP_CONDITION },
	{ ALONE, "{host}: a file of that name stands there (HTTP {reply})", MSG_HTTP_FILE_STANDS },
	{ ALONE, "{host}: too large for the server (HTTP {reply})", MSG_HTTP_TOO_LARGE },
	{ ALONE, "{host}: the range asked for does not exist (HTTP {reply})", MSG_HTTP_RANGE },
	{ ALONE, "{host}: too many requests: try again later (HTTP {reply})", MSG_HTTP_TOO_MANY },
	{ ALONE, "{host}: the server has a fault (HTTP {reply})", MSG_HTTP_FAULT },
	{ ALONE, "{host}: the server cannot do this (HTTP {reply})", MSG_HTTP_CANNOT },
	{ ALONE, "{host}: the server takes no uploads (HTTP {reply})", MSG_HTTP_NO_UPLOADS },
	{ ALONE, "{host}: a gateway got no answer it can use (HTTP {reply})", MSG_HTTP_GATEWAY },
	{ ALONE, "{host}: the server is overloaded or closed: try again later (HTTP {reply})", MSG_HTTP_OVERLOADED },
	{ ALONE, "{host}: a gateway gave up waiting (HTTP {reply})", MSG_HTTP_GATEWAY_TIMEOUT },
	{ ALONE, "{host}: the server has no space left (HTTP {reply})", MSG_HTTP_NO_SPACE },
	{ ALONE, "{host}: the server refused (HTTP {reply})", MSG_HTTP_REFUSED },
	{ ALONE, "{host}: the server closes the connection: try again later (FTP {reply})", MSG_FTP_CLOSES },
	{ ALONE, "{host}: the data connection failed (FTP {reply})", MSG_FTP_DATA_CONNECTION },
	{ ALONE, "{host}: the file is not available now (FTP {reply})", MSG_FTP_NOT_AVAILABLE },
	{ ALONE, "{host}: the server has a fault (FTP {reply})", MSG_FTP_FAULT },
	{ ALONE, "{host}: the server has no space left (FTP {reply})", MSG_FTP_NO_SPACE },
	{ ALONE, "{host}: the server wants an account for that (FTP {reply})", MSG_FTP_ACCOUNT },
	{ ALONE, "{host}: no such directory, or no permission to write there (FTP {reply})", MSG_FTP_NOT_WRITABLE },
	{ ALONE, "{host}: the server does not take the name (FTP {reply})", MSG_FTP_NAME },
	{ ALONE, "{host}: the server refused (FTP {reply})", MSG_FTP_REFUSED },
	{ AFTER, ", it says after {} s", MSG_NONE },
	{ ALONE, "{host}: no such directory, or no permission ({library})", MSG_HOST_NO_DIRECTORY },
	{ ALONE, "{host}: it does not send files as they are: binary mode is refused ({library})", MSG_HOST_NO_BINARY },
	{ ALONE, "{host}: the server closed the connection without an answer ({library})", MSG_HOST_CLOSED },
	{ ALONE, "{host}: the connection was reset ({library})", MSG_HOST_RESET },
	{ ALONE, "{host}: its answer makes no sense ({library})", MSG_HOST_NONSENSE },
	{ ALONE, "{host}: its answer is no HTTP ({library})", MSG_HOST_NO_HTTP },
	{ ALONE, "{host}: its certificate is not trusted: expired, for another name, too weak, or from a CA that this computer does not know (--cacert FILE adds one) ({library})", MSG_HOST_CERTIFICATE },
	{ ALONE, "{host}: the file of CA certificates cannot be used ({library})", MSG_CA_FILE },
	{ ALONE, "{host}: no secure connection: it must speak TLS 1.2, or for https a newer one ({library})", MSG_HOST_NO_TLS },
	{ ALONE, "{host}: no secure connection: the FTP server refuses TLS ({library})", MSG_HOST_TLS_REFUSED },
	{ ALONE, "{host}: the header of its answer has no end ({library})", MSG_HOST_HEADER_ENDLESS },
	{ ALONE, "{host}: the header of its answer has no end", MSG_HOST_HEADER_ENDLESS },
	{ ALONE, "{host}: no connection within {limit} s", MSG_CONNECT_TIMEOUT },
	{ ALONE, "{host}: it took the connection but did not answer within {limit} s", MSG_ANSWER_TIMEOUT },
	{ ALONE, "{host}: stalled: next to nothing moved for {limit} s, after {size} bytes", MSG_TRANSFER_STALLED },
	{ ALONE, "{host}: the connection was cut after {size} of {total} bytes", MSG_TRANSFER_CUT },
	{ ALONE, "{host}: the connection was cut after {size} bytes", MSG_TRANSFER_CUT },
	{ ALONE, "{host}: it tells a length that cannot be, or two of them (Content-Length)", MSG_LENGTH_IMPOSSIBLE },
	{ ALONE, "{host}: the file has more than {most} bytes: it is no package for this module", MSG_FILE_TOO_LARGE },
	{ ALONE, "{host}: it redirects to another scheme, which is not followed: {url}", MSG_REDIRECT_SCHEME },
	{ ALONE, "{host}: it redirects to {url}: give that address if it is meant", MSG_REDIRECT_TO },
	{ ALONE, "{host}: it redirects to an address of this computer or its network, which is not followed", MSG_REDIRECT_LOCAL },
	{ ALONE, "{host}: it redirects to a URL with a login in it, which is not followed", MSG_REDIRECT_LOGIN },
	{ ALONE, "{host}: more than {most} redirects", MSG_REDIRECTS_MANY },
	{ ALONE, "{host}: it sends a web page (HTML), not a package: is this the address of the file itself?", MSG_DOWNLOAD_WEB_PAGE },
	{ ALONE, "{host}: it sends another part of the file than it was asked for", MSG_DOWNLOAD_OTHER_PART },
	{ ALONE, "{host}: the file changed on the server while it was downloaded", MSG_DOWNLOAD_CHANGED },
	{ ALONE, "{host}: the file has more bytes than expected: it is another package", MSG_DOWNLOAD_LONGER },
	{ ALONE, "{host}: the file is larger than it told: it is no package for this module", MSG_FILE_GREW },
	{ ALONE, "{host}: another file of that name stands there: choose another name, or allow that it is replaced", MSG_PUBLISH_OTHER_STANDS },
	{ ALONE, "{host}: the file was sent but does not stand there", MSG_PUBLISH_LOST },
	{ BEFORE, "reading back what was published: ", MSG_DOING_READ_BACK },
	{ BEFORE, "the download from {host}: ", MSG_DOING_DOWNLOAD },
	{ ALONE, "{host}: cancelled", MSG_TRANSFER_STOPPED },
	{ ALONE, "{path} is empty: copy the package anew", MSG_PACKAGE_EMPTY },
	{ ALONE, "{path} has {size} bytes; a DFOTA package for this module has at most {most}", MSG_PACKAGE_LARGE },
	{ ALONE, "{package} changed while it was being read", MSG_PACKAGE_CHANGED_READ },
	{ ALONE, "{package} has {size} bytes, its manifest says {manifest}: one of the two is another package's", MSG_PACKAGE_SIZE_DIFFERS },
	{ ALONE, "{package} has the SHA-256 {sha256}, its manifest says {manifest}: the package is damaged or another one", MSG_PACKAGE_DIGEST_DIFFERS },

	/* the transfer */
	{ BEFORE, "the COM command {template}: ", MSG_COM_COMMAND },
	{ ALONE, "the form of the COM command is unverified: no document at hand states it for this module", MSG_COM_UNVERIFIED },
	{ ALONE, "the package holds \"+++\" {count} times; no write ends near one", MSG_PACKAGE_ESCAPES },
	{ ALONE, "the question was not answered with yes; nothing was sent", MSG_DECLINED },
	{ ALONE, "dry run: all checks passed, nothing was sent that changes the module", MSG_DRY_RUN_PASSED },
	{ ALONE, "{model}, firmware {version}, IMEI not told: ready for DFOTA", MSG_MODULE_READY },
	{ ALONE, "{model}, firmware {version}, IMEI {imei}: ready for DFOTA", MSG_MODULE_READY },
	{ ALONE, "cancelled before the point of no return", MSG_CANCELLED_EARLY },
	{ ALONE, "cancelled; nothing was sent that could change the module", MSG_CANCELLED_EARLY },
	{ ALONE, "stopping already: the module is asked for its version", MSG_STOPPING_ALREADY },
	{ ALONE, "no {gate} for {seconds} s; still waiting", MSG_GATE_LATE },
	{ ALONE, "the module said OK but never {gate}: it understood the command otherwise, nothing was sent", MSG_GATE_BARE_OK },
	{ ALONE, "the module never said {gate}, and nothing was sent", MSG_GATE_MISSING },
	{ ALONE, "the package changed while it was being sent", MSG_PACKAGE_CHANGED },
	{ ALONE, "{package} changed while it was being sent", MSG_PACKAGE_CHANGED_SENT },
	{ ALONE, "the transfer was cancelled", MSG_TRANSFER_CANCELLED },
	{ ALONE, "the module did not take the package: code {code} ({meaning})", MSG_PACKAGE_REFUSED },
	{ ALONE, "the module did not take the package: code {code}", MSG_PACKAGE_REFUSED },
	{ ALONE, "the module did not take the package", MSG_PACKAGE_NOT_TAKEN },
	{ ALONE, "the module's download failed with code {code} ({meaning})", MSG_DOWNLOAD_FAILED },
	{ ALONE, "the module's download failed with code {code}", MSG_DOWNLOAD_FAILED },
	{ ALONE, "the module's download failed with a code that cannot be read", MSG_DOWNLOAD_FAILED_UNREADABLY },
	{ ALONE, "the module's download failed", MSG_DOWNLOAD_HAD_FAILED },
	{ AFTER, "; it may have begun all the same, so watching on", MSG_MAY_HAVE_BEGUN },
	{ ALONE, "the module does not say that it left data mode", MSG_DATA_MODE_NOT_LEFT },
	{ ALONE, "waiting in silence for {seconds} s, until the module has given up its wait for data", MSG_KEEPING_QUIET },

	/* listening */
	{ ALONE, "no word from the module for {seconds} s; still waiting for the start of the download", MSG_SILENT_DOWNLOAD_START },
	{ ALONE, "no word from the module for {seconds} s; still waiting for the end of the download", MSG_SILENT_DOWNLOAD_END },
	{ ALONE, "no word from the module for {seconds} s; still waiting for the start of the installation", MSG_SILENT_INSTALL_START },
	{ ALONE, "no word from the module for {seconds} s; still waiting for the next percent of the installation", MSG_SILENT_INSTALL },
	{ ALONE, "no word from the module for {seconds} s; still waiting for the installation to go on", MSG_SILENT_INSTALL_AGAIN },
	{ ALONE, "no word from the module for {seconds} s; still waiting for the end of the installation", MSG_SILENT_INSTALL_END },
	{ ALONE, "no word from the module for {seconds} s; still waiting for the restart", MSG_SILENT_RESTART },
	{ ALONE, "the module tells of an impossible percent; only its END and its version count", MSG_ODD_PERCENT },
	{ ALONE, "a line of the module was too long; {size} bytes of it were dropped", MSG_LINE_CUT },
	{ ALONE, "the port has gone; waiting for the module to come back", MSG_PORT_GONE_WAITING },
	{ BEFORE, "waiting for the port: ", MSG_WAITING_FOR_PORT },
	{ ALONE, "the port is back", MSG_PORT_BACK },
	{ ALONE, "the module is back as {port}", MSG_PORT_BACK_AS },

	/* unfinished upgrades, and those of others */
	{ ALONE, "dfota (process {pid}) is upgrading the {model} with IMEI {imei}", MSG_UPGRADE_RUNNING },
	{ ALONE, "an upgrade of the {model} with IMEI {imei} was left open: watch it to its end first (or give it up), with dfota resume", MSG_UPGRADE_UNFINISHED },
	{ ALONE, "the record does not tell which module was being upgraded from what to what", MSG_RECORD_INCOMPLETE },
	{ ALONE, "the record was begun on another computer ({record}): say where the module is here, with --port PORT", MSG_RECORD_ELSEWHERE },
	{ ALONE, "the program that sent the package ended before all of it was sent", MSG_SENDER_ENDED },
	{ ALONE, "the module's download had failed", MSG_DOWNLOAD_HAD_FAILED },
	{ ALONE, "the module had ended the installation with code {code} ({meaning})", MSG_INSTALLATION_FAILED },
	{ ALONE, "the module had ended the installation with code {code}", MSG_INSTALLATION_FAILED },
	{ ALONE, "watching on: {model}, IMEI {imei}, {from} -> {to}; the module is asked when it was silent for {seconds} s", MSG_KEEPS_WATCHING },
	{ ALONE, "the module is installing an update that was not started here: watching it, sending nothing", MSG_ATTACHED },
	{ ALONE, "the module was installing an update when this program came", MSG_WAS_INSTALLING },
	{ AFTER, "; it runs {version} now, nothing was sent, and that is the target", MSG_RUNS_TARGET_NOW },
	{ AFTER, "; it runs {version} now, nothing was sent", MSG_RUNS_NOW },
	{ ALONE, "{model}, firmware {version}, IMEI not told: an update that was under way has ended", MSG_UPDATE_ENDED },
	{ ALONE, "{model}, firmware {version}, IMEI {imei}: an update that was under way has ended", MSG_UPDATE_ENDED },

	/* the verdict */
	{ ALONE, "{model} with IMEI {imei} now runs {version}", MSG_UPGRADED },
	{ ALONE, "the module ended the installation with code {code} ({meaning})", MSG_INSTALLATION_FAILED },
	{ ALONE, "the module ended the installation with code {code}", MSG_INSTALLATION_FAILED },
	{ ALONE, "the module ended the installation with an unreadable code {}", MSG_INSTALLATION_FAILED_UNREADABLY },
	{ AFTER, "; the module still runs {version}", MSG_STILL_RUNS },
	{ ALONE, "the module claimed success (END,0) without effect: it still runs {version}", MSG_WITHOUT_EFFECT },
	{ ALONE, "the module did not start the installation; it still runs {version}", MSG_INSTALLATION_NOT_STARTED },
	{ ALONE, "the module did not finish the installation; it still runs {version}", MSG_INSTALLATION_NOT_FINISHED },
	{ ALONE, "the module runs {version}, neither the old version {from} nor the target {to}", MSG_THIRD_VERSION },
	{ ALONE, "another module answers: IMEI (none), firmware {version}; the upgraded one has the IMEI {wanted} and is on another port", MSG_ANOTHER_MODULE_HIDDEN },
	{ ALONE, "another module answers: IMEI {imei}, firmware {version}; the upgraded one has the IMEI {wanted} and is on another port", MSG_ANOTHER_MODULE },
	{ ALONE, "another module answers: IMEI {imei}, firmware {version}; the upgraded one has the IMEI {wanted}", MSG_ANOTHER_MODULE },
	{ ALONE, "the download had not ended when watching did", MSG_DOWNLOAD_NOT_OVER },
	{ ALONE, "the installation had not ended when watching did", MSG_INSTALLATION_NOT_OVER },
	{ ALONE, "the module did not answer again", MSG_NO_ANSWER_AGAIN },
	{ AFTER, "; the download had not ended when watching did", MSG_DOWNLOAD_NOT_OVER },
	{ AFTER, "; the installation had not ended when watching did", MSG_INSTALLATION_NOT_OVER },
	{ AFTER, "; the module did not answer again", MSG_NO_ANSWER_AGAIN },
	{ AFTER, "; the module does not tell its firmware version", MSG_VERSION_NOT_REPORTED },
	{ AFTER, ", and the installation had not ended when watching did", MSG_INSTALLATION_NOT_OVER },
	{ AFTER, ", and the module did not answer again", MSG_NO_ANSWER_AGAIN },
	{ AFTER, ", and the module does not tell its firmware version", MSG_VERSION_NOT_REPORTED },
	{ AFTER, "; what it runs now is not known", MSG_RUNS_UNKNOWN },
	{ ALONE, "detached: the module goes on by itself; what it runs now is not known", MSG_DETACHED },
	{ AFTER, "; detached: the module goes on by itself; what it runs now is not known", MSG_DETACHED },
	{ ALONE, "the port vanished: {port} is unplugged or the module went off", MSG_PORT_VANISHED },
};

#undef AND_MANAGER

/* --- a sentence and its values --- */

#define VALUES_MAX 12
#define TRIES 16

struct value {
	const char *name;	/* "" of {} */
	size_t name_size;
	const char *text;
	size_t size;
};

/* Take the value at WORDS, a '{', and what stands after it up to the next; TEXT
 * is what is left of the sentence. Returns what is left then, NULL: it does not fit. */
static const char *take_value(const char **words, const char *text, const char *end, struct value *value)
{
	size_t size = strcspn(*words, "}") - 1, name_size = strcspn(*words, "=}") - 1;
	const char *name = *words + 1, *next = *words + size + 2, *found = text;
	size_t plain = strcspn(next, "{");

	*words = next + plain;
	if (name_size < size) {
		assert(plain == 0);	/* it stands at the end of its sentence */
		*value = (struct value){ name, name_size, name + name_size + 1, size - name_size - 1 };
		return text;
	}
	if (next[plain] && plain > 0)
		found = memmem(text, (size_t)(end - text), next, plain);
	else
		found = (size_t)(end - text) >= plain && memcmp(end - plain, next, plain) == 0 ? end - plain : NULL;
	if (!found)
		return NULL;
	*value = (struct value){ name, name_size, text, (size_t)(found - text) };
	return found + plain;
}

/* Hold TEXT of SIZE bytes against WORDS: a value ends where the words after it
 * begin, the last one where they fit to the end. Returns how many VALUES there
 * are, -1 when it does not fit. */
static int fit(const char *words, const char *text, size_t size, struct value *values)
{
	const char *end = text + size;
	size_t plain = strcspn(words, "{");
	int count = 0;

	if (plain > size || memcmp(words, text, plain) != 0)
		return -1;
	text += plain;
	words += plain;
	while (*words) {
		assert(count < VALUES_MAX);
		text = take_value(&words, text, end, &values[count++]);
		if (!text)
			return -1;
	}
	return text == end ? count : -1;
}

static bool is_number(const char *text)
{
	size_t digits = strspn(text + (*text == '-'), "0123456789");

	return digits > 0 && text[digits + (*text == '-')] == '\0';
}

/* OUT becomes the number of an error in the system's words. */
static bool find_errno(char out[MESSAGE_VALUES_SIZE])
{
	for (int number = 1; number < 134; number++) {
		if (strcmp(words_of_errno(number), out) != 0)
			continue;
		snprintf(out, MESSAGE_VALUES_SIZE, "%d", number);
		return true;
	}
	return false;
}

/* "307,200" */
static void drop_commas(char *text)
{
	char *to = text;

	for (; *text; text++)
		if (*text != ',')
			*to++ = *text;
	*to = '\0';
}

/* The value of ARG among VALUES, "" when it is not there. False when it cannot be one. */
static bool value_of(const struct message_arg *arg, const struct value *values, int count,
		     char out[MESSAGE_VALUES_SIZE])
{
	int i = 0;

	out[0] = '\0';
	while (i < count && (values[i].name_size != arg->name_size ||
			     memcmp(values[i].name, arg->name, arg->name_size) != 0))
		i++;
	if (i == count)
		return true;
	snprintf(out, MESSAGE_VALUES_SIZE, "%.*s", (int)values[i].size, values[i].text);
	if (arg->type == MESSAGE_ERRNO)
		return find_errno(out);
	if (arg->type == MESSAGE_BYTES)
		drop_commas(out);
	return arg->type == MESSAGE_TEXT || is_number(out);
}

/* --- a message and its parts --- */

/* read_sentence() takes no more parts off than a message has room for. */
static void begin(struct message *m, enum message_id id, enum place place)
{
	bool room = true;

	if (place == ALONE)
		message_begin(m, id);
	else if (id != MSG_NONE)
		room = message_part(m, id, place == BEFORE ? MESSAGE_DOING : MESSAGE_THEN);
	assert(room);
}

/* Make M the sentence S, or add it, with VALUES. False, and M is as it was, when
 * they do not fit. */
static bool make(struct message *m, const struct sentence *s, const struct value *values, int count)
{
	struct message made = *m;
	char value[MESSAGE_VALUES_SIZE];
	struct message_arg arg;
	bool good = true;

	begin(&made, s->id, s->place);
	for (size_t i = 0; good && message_arg(s->id, i, &arg); i++) {
		good = value_of(&arg, values, count, value);
		message_value(&made, value);
	}
	if (good)
		*m = made;
	return good;
}

/* Add the sentence of PLACE that TEXT is to M; with M NULL only look whether it
 * may be one. */
static bool add(struct message *m, enum place place, const char *text, size_t size)
{
	for (size_t row = 0; row < COUNT(sentences); row++) {
		const struct sentence *s = &sentences[row];
		struct value values[VALUES_MAX];
		int count = s->place == place && (*s->words == *text || *s->words == '{') ?
			fit(s->words, text, size, values) : -1;

		if (count >= 0 && (!m || make(m, s, values, count)))
			return true;
	}
	return false;
}

/* Fill M from TEXT: what follows and what was being done are taken off first,
 * since the last value of a sentence may be anything; TRIES bounds what a hostile
 * one costs. */
static bool read_sentence(struct message *m, const char *text, size_t size, int parts, int *tries)
{
	if (--*tries < 0)
		return false;
	for (size_t at = 1; parts > 0 && at < size; at++)
		if (add(NULL, AFTER, text + at, size - at) && read_sentence(m, text, at, parts - 1, tries))
			return add(m, AFTER, text + at, size - at);
	for (size_t at = 3; parts > 0 && at < size; at++)
		if (strchr(":(", text[at - 1 - (text[at - 1] == ' ')]) && add(NULL, BEFORE, text, at) &&
		    read_sentence(m, text + at, size - at, parts - 1, tries))
			return add(m, BEFORE, text, at);
	return size > 0 && add(m, ALONE, text, size);
}

bool first_format_message(const char *text, struct message *m)
{
	int tries = TRIES;
	bool known;

	message_begin(m, MSG_NONE);
	known = read_sentence(m, text, strlen(text), MESSAGE_PARTS, &tries);
	if (!known)
		message_begin(m, MSG_NONE);
	return known;
}

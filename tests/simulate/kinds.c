#include "config.h"

#include "tests/simulate/world.h"

#include <stdio.h>
#include <string.h>

#include "base/count.h"
#include "tests/simulate/session.h"

/* --- words of the scenarios: @C0 is the first number's command, and so on */

static const char *const commands[] = {
	"ATI", "AT+CGMR", "AT+GSN", "AT+CGSN", "AT", "ATE0", "AT+CMEE=*", "AT+QGMR", "AT+CBC", "AT+CPIN?", "AT+CGREG?",
	"AT+CSQ", "AT+QIACT?", "AT+IFC?", "AT+QURCCFG=\"urcport\"", "AT+QCFG=\"stateurc/enable\"", "AT+IPR?", "AT&D0",
	"AT+QINDCFG*", "AT+QFOTADL=?", "AT+QFOTADL=\"*", "ATV1", "AT+CGMI", "AT+CGMM",
};

static const char *const words[] = {
	"APP RDY", "+CFUN: 1", "+CPIN: READY", "+QUSIM: 1", "+QIND: SMS DONE", "+QIND: PB DONE", "SYSSTART",
	"RING", "+CMTI: \"SM\",3", "+CREG: 1,\"00C3\",\"0A1B2C3D\",2", "+CGREG: 2", "+CSQ: 12,99", "*PSUTTZ: 1,2,3",
	"Bootloader v2.1 build 0317", "^MODE: 5", "+QIURC: \"pdpdeact\",1", "+CIEV: service,1", "PIN READY",
	"+CGEV: ME DETACH", "UNDER_VOLTAGE WARNING", "12", "Call Ready", "MODEM:STARTUP", "+QNTP: 0", "~", "UG96", "Ready.", "PHONE READY",
};

static const char *const results[] = {"OK", "ERROR", "+CME ERROR: 30", "BUSY", "NO CARRIER", "RDY", "CONNECT"};

static const char *const fota_words[] = {
	"+QIND: \"FOTA\",\"UPDA", "+QIND: \"FOTA\",\"READY\"", "+QIND: \"FOTA\",\"VERIFY\",3",
	"+QIND: \"FOTA\"", "+QIND: \"FOTA\",\"\"",
};

/* Of an upgrade that is not the module's. */
static const char *const forged_words[] = {
	"+QIND: \"FOTA\",\"UPDATING\",-5", "+QIND: \"FOTA\",\"UPDATING\",4000", "+QIND: \"FOTA\",\"DOWNLOADING\",12",
	"+QIND: \"FOTA\",\"END\",0", "+QIND: \"FOTA\",\"END\",504", "+QIND: \"FOTA\",\"HTTPEND\",702",
};

static const char *const percents[] = {"", "0,100", "0,50", "7,12,47", "100"};

static const char *const ends[] = {"\\r\\n", "\\r", "\\n", "\\r\\r\\n", "\\n\\r"};

static const char *const echoes[] = {"on", "off", "stuck", "double", "partial", "wrap"};

static const char *const noises[] = {"flip", "drop", "double"};

static const char *const refusals[] = {"ERROR", "+CME ERROR: 4", "+CME ERROR: operation not supported"};

static const char *const resumes[] = {"on", "announce", "off"};

static const char *const cpins[] = {"READY", "SIM PIN", "NOT READY", "none", "SIM PUK"};

static const char *const versions[] = {"unchanged", "UG96LNAR02A09E1G", "UG96LNAR02A01E1G"};

static const char *const urc_ports[] = {"usbat", "usbmodem", "uart1"};

static const char *const imeis[] = {"490154203237518", "356938035643809", "013999001234566"};

static const struct {
	char letter;
	const char *const *words;
	size_t count;
} lists[] = {
	{'C', commands, COUNT(commands)}, {'W', words, COUNT(words)}, {'R', results, COUNT(results)},
	{'F', fota_words, COUNT(fota_words)}, {'G', forged_words, COUNT(forged_words)}, {'P', percents, COUNT(percents)}, {'L', ends, COUNT(ends)},
	{'E', echoes, COUNT(echoes)}, {'N', noises, COUNT(noises)}, {'U', resumes, COUNT(resumes)},
	{'S', cpins, COUNT(cpins)}, {'V', versions, COUNT(versions)}, {'I', imeis, COUNT(imeis)}, {'X', urc_ports, COUNT(urc_ports)},
	{'D', refusals, COUNT(refusals)},
};

static const char *word_of(char letter, long number)
{
	for (size_t i = 0; i < COUNT(lists); i++)
		if (lists[i].letter == letter)
			return lists[i].words[(size_t)number % lists[i].count];
	return "?";
}

void kind_module(const struct fact *f, char *out, size_t size)
{
	const char *p = f->kind->module;
	size_t used = strlen(out);

	while (p && *p && used + 64 < size) {
		if (*p == '$') {
			used += (size_t)snprintf(out + used, size - used, "%ld", f->n[p[1] - '0']);
			p += 2;
		} else if (*p == '@') {
			used += (size_t)snprintf(out + used, size - used, "%s", word_of(p[1], f->n[p[2] - '0']));
			p += 3;
		} else {
			out[used++] = *p++;
			out[used] = '\0';
		}
	}
}

/* --- what is not the module's */

static void set_route(struct setup *s, const long n[])
{
	s->plan.route = (enum route)(n[0] % ROUTE_COUNT);
}

static void set_link(struct setup *s, const long n[])
{
	s->line.link = (enum link)(n[0] % LINK_COUNT);
}

static void set_size(struct setup *s, const long n[])
{
	static const long sizes[] = {100, 200, 63, 64, 65, 128, 512, 999, 1000, 1001, 1024, 2000, 2048, 3003, 4096, 6007, 9001, 12800, 20003};

	s->size = sizes[(size_t)n[0] % COUNT(sizes)];
}

static void set_latency(struct setup *s, const long n[])
{
	s->line.latency_ms = n[0];
}

static void set_split(struct setup *s, const long n[])
{
	s->line.read_max = (size_t)n[0];
}

static void set_buffer(struct setup *s, const long n[])
{
	s->line.buffer = (size_t)n[0];
}

/* A row of a kind may stand there several times: the first place that is free. */
#define ADD(array, field) \
	size_t i = 0; \
	while (i < COUNT(array) - 1 && (array)[i].field) \
		i++

static void add_pause(struct setup *s, const long n[])
{
	ADD(s->line.pauses, after);
	s->line.pauses[i].after = n[0];
	s->line.pauses[i].ms = n[1];
}

static void add_lost(struct setup *s, const long n[])
{
	ADD(s->line.lost, line);
	s->line.lost[i].line = n[0];
	s->line.lost[i].count = n[1];
}

static void add_dropped(struct setup *s, const long n[])
{
	ADD(s->line.dropped, write);
	s->line.dropped[i].write = n[0];
	s->line.dropped[i].byte = n[1];
}

static void add_unplugged(struct setup *s, const long n[])
{
	ADD(s->line.unplugged, at_ms);
	s->line.unplugged[i].at_ms = n[0];
	s->line.unplugged[i].ms = n[1];
}

static void add_stalled(struct setup *s, const long n[])
{
	ADD(s->line.stalled, at_ms);
	s->line.stalled[i].at_ms = n[0];
	s->line.stalled[i].ms = n[1];
}

static void set_fail_open(struct setup *s, const long n[])
{
	s->line.fail_open = (int)n[0];
}

static void set_server(struct setup *s, const long n[])
{
	s->server = (enum server_fault)(n[0] % SERVER_FAULTS);
	s->server_ms = n[1];
}

static void set_server_time(struct setup *s, const long n[])
{
	s->server_ms = n[0];
}

static void set_our_server(struct setup *s, const long n[])
{
	s->our_server = (enum server_fault)(n[0] % SERVER_FAULTS);
}

static void set_disk_full(struct setup *s, const long n[])
{
	s->disk.full_from = n[0];
	s->disk.full_count = n[1];
}

static void set_sync_fails(struct setup *s, const long n[])
{
	s->disk.sync_from = n[0];
	s->disk.sync_count = n[1];
}

static void set_torn(struct setup *s, const long n[])
{
	s->disk.kill_at = n[0];
	s->disk.kill_bytes = n[1];
	s->away_ms += n[2];
}

static void add_kill(struct setup *s, const long n[])
{
	size_t i = 0;

	while (i < KILLS - 1 && s->kills[i])
		i++;
	s->kills[i] = n[0];
	s->away_ms += n[1];
}

static void add_asking(struct setup *s, const long n[], enum request_type type)
{
	size_t i = 0;

	while (i < ASKS - 1 && s->asks[i].type != REQUEST_RUN)
		i++;
	s->asks[i] = (struct asking){.step = (enum step)(n[0] % STEP_COUNT), .ms = n[1], .type = type};
}

static void add_cancel(struct setup *s, const long n[])
{
	add_asking(s, n, REQUEST_CANCEL);
}

static void add_detach(struct setup *s, const long n[])
{
	add_asking(s, n, REQUEST_DETACH);
}

static void add_lost_terminal(struct setup *s, const long n[])
{
	add_asking(s, n, REQUEST_LOST);
}

static void set_cut(struct setup *s, const long n[])
{
	s->line.cut.byte = n[0];
	s->line.cut.ms = n[1];
}

static void set_stopped(struct setup *s, const long n[])
{
	s->line.stopped.call = n[0];
	s->line.stopped.ms = n[1];
	s->line.stopped.asleep = n[2] == 1;
}

static void set_request(struct setup *s, const long n[])
{
	static const enum request_type types[] = {REQUEST_CANCEL, REQUEST_DETACH, REQUEST_LOST};

	s->request.point = n[0];
	s->request.type = types[(size_t)n[1] % COUNT(types)];
}

static void set_question(struct setup *s, const long n[])
{
	s->plan.assume_yes = false;
	s->answers = true;
	s->yes = n[0] == 1;
}

static void set_resumes(struct setup *s, const long n[])
{
	(void)n;
	s->resumes = true;
}

static void set_watch(struct setup *s, const long n[])
{
	s->plan.watch_timeout_s = (int)n[0];
}

static void set_return(struct setup *s, const long n[])
{
	s->plan.return_timeout_s = (int)n[0];
}

static void set_start(struct setup *s, const long n[])
{
	s->plan.start_timeout_s = (int)n[0];
}

static void set_listen(struct setup *s, const long n[])
{
	s->plan.listen_timeout_s = (int)n[0];
}

static void set_com_timeout(struct setup *s, const long n[])
{
	s->plan.com_timeout_s = (int)n[0];
}

static void set_jump(struct setup *s, const long n[])
{
	s->jump_at_ms = n[0];
	s->jump_s = n[1];
}

static void set_renumbers(struct setup *s, const long n[])
{
	(void)n;
	s->line.other_name = "ttyACM13";
}

static void set_twin(struct setup *s, const long n[])
{
	(void)n;
	s->line.has_twin = true;
}

static void set_family(struct setup *s, const long n[])
{
	s->family = (size_t)n[0];
}

static void set_server_closes(struct setup *s, const long n[])
{
	(void)n;
	s->line.server_closes = true;
}

static void set_server_baud(struct setup *s, const long n[])
{
	static const int rates[] = {9600, 19200, 38400, 57600, 115200};

	s->line.server_baud = rates[(size_t)n[0] % COUNT(rates)];
}

#define DAMAGED "answered-once wrong-baud other-program still-installing sim-locked sim-missing not-registered registration-denied context-inactive wrong-base-version another-module wrong-model supply-low code-only no-download file-missing server-unreachable installation-not-begun no-dfota unknown-model line-noise bytes-lost package-altered wrong-package left-data-mode flash-failed echo-broken no-answer com-form-unknown"
#define RESTARTED "answered-once restarts still-installing power-cut low-voltage-restart unplugged link-lost left-data-mode installation-not-begun not-back no-answer connection-closed no-download"
#define SILENCED "answered-once no-answer long-silence not-back left-data-mode flow-control-stall"

/* Every kind: name, how often (per mille), its numbers, its scenario, its function, flags, rules.
 * The order is that of drawing: a new row goes to the end, so that old seeds stay what they are
 * for the rows before. */
static const struct kind kinds[] = {
	/* the course of things */
	{"route", 750, {{0, 3}}, NULL, set_route, 0, NULL},
	{"link", 800, {{0, LINK_COUNT - 1}}, NULL, set_link, 0, NULL},
	{"size", 900, {{0, 18}}, NULL, set_size, 0, NULL},
	{"answer-ms", 500, {{1, 900}}, "set answer-ms $0\n", NULL, 0, "answered-once"},
	{"boot-ms", 500, {{100, 20000}}, "set boot-ms $0\n", NULL, 0, NULL},
	{"absent-ms", 500, {{100, 60000}}, "set absent-ms $0\n", NULL, 0, NULL},
	{"start-ms", 500, {{10, 50000}}, "set start-ms $0\n", NULL, 0, "gate-late"},
	{"flash-ms", 500, {{1000, 1200000}}, "set flash-ms $0\n", NULL, 0, "not-back"},
	{"reboot-ms", 500, {{10, 30000}}, "set reboot-ms $0\n", NULL, 0, NULL},
	{"echo", 500, {{0, 5}}, "set echo @E0\n", NULL, 0, "echo-broken"},
	{"ends", 250, {{0, 4}}, "set eol \"@L0\"\n", NULL, 0, NULL},
	{"cmee", 250, {{0, 2}}, "set cmee $0\n", NULL, 0, NULL},
	{"chunk", 250, {{1, 256}}, "set chunk $0\n", NULL, 0, NULL},
	{"percents", 250, {{0, 4}}, "set percents \"@P0\"\n", NULL, 0, NULL},
	{"server-ms", 250, {{10, 280000}}, NULL, set_server_time, 0, NULL},
	{"com-timeout", 250, {{5, 120}}, NULL, set_com_timeout, 0, NULL},
	{"resume-unknown", 300, {{1, 1}}, NULL, set_resumes, 0, NULL},
	/* the line */
	{"latency", 150, {{1, 900}}, NULL, set_latency, 0, "answered-once"},
	{"split", 150, {{1, 40}}, NULL, set_split, 0, NULL},
	{"buffer", 150, {{64, 200000}}, NULL, set_buffer, 0, "flow-control-stall left-data-mode"},
	{"pause", 100, {{1, 4000}, {1, 1000}}, NULL, add_pause, 0, NULL},
	{"long-pause", 100, {{1, 4000}, {1, 9000}}, NULL, add_pause, KIND_DEAFENS, SILENCED},
	{"lost-lines", 80, {{1, 150}, {1, 4}}, NULL, add_lost, KIND_DEAFENS, SILENCED " still-installing bytes-lost installation-not-begun no-dfota end-lost com-form-unknown code-only"},
	{"lost-byte", 60, {{1, 200}, {0, 40}}, NULL, add_dropped, KIND_DEAFENS | KIND_FORGES | KIND_DAMAGES, DAMAGED},
	{"unplugged", 80, {{1, 1500000}, {10, 90000}}, NULL, add_unplugged, KIND_DEAFENS, RESTARTED},
	{"unplugged", 60, {{1, 60000}, {10, 90000}}, NULL, add_unplugged, KIND_DEAFENS, RESTARTED},
	{"stalled", 80, {{1, 600000}, {10, 120000}}, NULL, add_stalled, 0, SILENCED " wrong-baud program-late"},
	{"fail-open", 50, {{1, 20}}, NULL, set_fail_open, 0, NULL},
	{"noise-in", 60, {{1, 20000}, {0, 2}, {1, 1000000}}, "set noise-in $0\nset noise-kind @N1\nset seed $2\n", NULL, KIND_DAMAGES | KIND_DEAFENS, DAMAGED},
	{"noise-out", 60, {{1, 20000}, {0, 2}, {1, 1000000}}, "set noise-out $0\nset noise-kind @N1\nset seed $2\n", NULL, KIND_DAMAGES | KIND_DEAFENS | KIND_FORGES, DAMAGED " power-cut end-lost"},
	{"server-baud", 200, {{0, 4}}, NULL, set_server_baud, KIND_DEAFENS, "wrong-baud no-answer"},
	/* words */
	{"word", 100, {{0, 28}, {1, 300000}}, "at time $1\n\tline @W0\n", NULL, 0, "registration-lost low-voltage-restart context-inactive other-program"},
	{"word", 100, {{0, 28}, {1, 30000}}, "at time $1\n\tline @W0\n", NULL, 0, "registration-lost low-voltage-restart context-inactive other-program"},
	{"word-before", 100, {{0, 23}, {0, 28}, {1, 3}}, "on @C0 nth $2\n\tline @W1\n\tdefault\n", NULL, 0, "registration-lost low-voltage-restart context-inactive other-program"},
	{"word-before", 100, {{0, 3}, {0, 28}, {1, 3}}, "on @C0 nth $2\n\tline @W1\n\tdefault\n", NULL, 0, "registration-lost low-voltage-restart context-inactive other-program"},
	{"word-at-boot", 100, {{0, 28}}, "at boot\n\tline @W0\n", NULL, 0, "registration-lost low-voltage-restart context-inactive other-program"},
	{"fota-word", 60, {{0, 4}, {1, 120000}}, "at time $1\n\tline @F0\n", NULL, 0, "impossible-percent left-data-mode"},
	/* a CONNECT, or a word of a download, that the module never meant opens data mode late */
	{"result", 60, {{0, 6}, {1, 120000}}, "at time $1\n\tline @R0\n", NULL, KIND_FORGES, "restarts left-data-mode other-program no-dfota unknown-model com-form-unknown bytes-lost context-inactive no-download installation-not-begun code-only not-back gate-late"},
	{"garbage", 60, {{1, 300000}, {1, 300}}, "at time $0\n\tgarbage $1\n", NULL, KIND_FORGES, "line-noise left-data-mode unknown-model no-dfota"},
	/* answers */
	{"no-answer", 80, {{0, 23}, {1, 3}}, "on @C0 nth $1\n\tdrop\n", NULL, 0, SILENCED " no-dfota com-form-unknown"},
	{"refused", 80, {{0, 23}, {1, 3}}, "on @C0 nth $1\n\tline ERROR\n", NULL, 0, "no-dfota com-form-unknown unknown-model context-inactive"},
	{"late-answer", 80, {{0, 23}, {1, 3}, {1, 12000}}, "on @C0 nth $1\n\twait $2\n\tdefault\n", NULL, 0, SILENCED " com-form-unknown"},
	{"bare-ok", 60, {{0, 23}, {1, 3}}, "on @C0 nth $1\n\tline OK\n", NULL, 0, "com-form-unknown no-answer unknown-model no-download"},
	{"cut-answer", 60, {{0, 23}, {1, 3}, {1, 900}}, "on @C0 nth $1\n\traw \"\\r\\nUG9\"\n\twait $2\n\traw \"6LN\\r\\n\"\n\tdefault\n", NULL, 0, "unknown-model"},	/* it stands where the model does */
	{"sim", 60, {{0, 4}}, "set cpin @S0\n", NULL, 0, "sim-missing sim-locked context-inactive"},
	{"registration", 60, {{0, 5}}, "set creg $0\nset cgreg $0\n", NULL, 0, "not-registered registration-denied registration-lost"},
	{"no-context", 100, {{1, 1}}, "set context off\n", NULL, 0, "context-inactive"},
	{"supply", 60, {{3000, 4200}}, "set voltage-mv $0\n", NULL, 0, "supply-low low-voltage-restart"},
	{"urcs-off", 60, {{1, 1}}, "set stateurc off\n", NULL, 0, "urcs-off no-download"},
	{"urcs-elsewhere", 60, {{0, 2}}, "set urcport @X0\n", NULL, 0, "urcs-elsewhere no-download installation-not-begun still-installing not-back"},
	/* restarts */
	{"reboot-at", 80, {{1, 900000}}, "at time $0\n\treboot\n", NULL, 0, RESTARTED " context-inactive"},
	{"reboot-at", 80, {{1, 40000}}, "at time $0\n\treboot\n", NULL, 0, RESTARTED " context-inactive"},
	{"reboot-command", 60, {{0, 23}, {1, 2}}, "on @C0 nth $1\n\treboot\n", NULL, 0, RESTARTED " context-inactive"},
	{"reboot-data", 50, {{1, 20000}}, "at data $0\n\treboot\n", NULL, 0, RESTARTED},
	{"reboot-start", 50, {{1, 1}}, "at start\n\treboot\n", NULL, 0, RESTARTED},
	{"reboot-updating", 60, {{0, 99}}, "at updating $0\n\treboot\n", NULL, 0, RESTARTED},
	{"reboot-end", 50, {{1, 1}}, "at end\n\treboot\n", NULL, 0, RESTARTED},
	{"reboot-download", 50, {{1, 1}}, "at download\n\treboot\n", NULL, 0, RESTARTED},
	{"vanish-ok", 80, {{100, 60000}}, "at start\n\tvanish $0\n", NULL, 0, RESTARTED},
	{"boots-twice", 60, {{1, 3}}, "at boot nth $0\n\treboot\n", NULL, 0, RESTARTED},
	{"after-cut", 100, {{0, 2}}, "set resume @U0\n", NULL, 0, NULL},
	/* the upgrade */
	{"source-code", 60, {{601, 730}}, "set source-code $0\n", NULL, 0, "code-only server-unreachable server-busy file-missing dns-failed login-wrong slow-link passive-ftp connection-closed registration-lost context-inactive tls"},
	{"end-code", 80, {{1, 560}, {0, 100}}, "set end-code $0\nset end-percent $1\n", NULL, 0, "flash-failed code-only wrong-package no-room package-altered wrong-base-version"},
	{"becomes", 60, {{0, 2}}, "set final-version @V0\n", NULL, KIND_UGXX, "third-version end-without-effect power-cut"},
	/* where END fails or is lost as well, nothing is left to tell it from one that never began */
	{"start-lost", 60, {{1, 1}}, "at start\n\thush\n", NULL, 0, "not-back installation-not-begun"},
	{"end-lost", 60, {{1, 1}}, "at end\n\thush\n", NULL, 0, "end-lost power-cut still-installing"},
	{"never-starts", 50, {{1, 1}}, "at start\n\tdrop\n", NULL, 0, "installation-not-begun"},
	{"hangs", 40, {{0, 100}}, "at updating $0\n\tstop\n", NULL, 0, "still-installing not-back long-silence end-lost"},
	{"gone", 40, {{1, 1}}, "at reboot\n\tvanish 0\n", NULL, 0, "not-back"},
	{"bare-gate", 50, {{1, 1}}, "on AT+QFOTADL=\"*\n\tline OK\n", NULL, 0, "com-form-unknown no-download installation-not-begun"},
	{"late-gate", 50, {{1, 60000}}, "on AT+QFOTADL=\"*\n\twait $0\n\tdefault\n", NULL, 0, "gate-late no-answer"},
	{"file-form", 40, {{1, 1}}, "set dialect file\n", NULL, 0, "com-form-unknown"},
	{"deaf-data", 60, {{1, 20000}, {100, 200000}}, "at data $0\n\tset reading off\n\twait $1\n\tset reading on\n", NULL, 0, "flow-control-stall left-data-mode bytes-lost code-only"},
	{"leaves-data", 50, {{1, 20000}}, "at data $0\n\tleave\n", NULL, 0, "left-data-mode bytes-lost installation-not-begun"},
	{"finishes-early", 50, {{1, 20000}}, "at data $0\n\tfinish\n", NULL, KIND_DAMAGES, "left-data-mode bytes-lost link-lost wrong-package flash-failed package-altered installation-not-begun"},
	{"small", 40, {{1, 20000}}, "set fota-max $0\n", NULL, 0, "no-room code-only com-form-unknown"},
	{"another-imei", 40, {{0, 2}}, "at reboot\n\tset imei @I0\n", NULL, 0, "another-module imei-not-reported"},
	{"other-rate", 60, {{9600, 9600}}, "set baud $0\n", NULL, KIND_DEAFENS, "wrong-baud no-answer"},
	{"rate-after", 60, {{57600, 57600}}, "set baud-after-boot $0\n", NULL, KIND_DEAFENS | KIND_FORGES, "wrong-baud no-answer not-back installation-not-begun still-installing long-silence line-noise"},
	/* servers */
	{"server", 100, {{1, SERVER_FAULTS - 1}, {10, 280000}}, NULL, set_server, 0, "server-unreachable server-other-file wrong-package code-only file-missing login-wrong connection-closed package-altered flash-failed installation-not-begun"},
	{"our-server", 80, {{1, SERVER_FAULTS - 1}}, NULL, set_our_server, 0, "server-unreachable server-other-file wrong-package package-altered file-missing login-wrong connection-closed server-busy as-reported"},
	/* this computer */
	{"disk-full", 80, {{1, 300}, {1, 300}}, NULL, set_disk_full, KIND_DISK, "disk-full"},
	{"sync-fails", 60, {{1, 4}, {1, 3}}, NULL, set_sync_fails, KIND_DISK, "disk-full code-only"},
	{"torn", 60, {{1, 250}, {0, 200}, {0, 900000}}, NULL, set_torn, KIND_DISK, "program-killed unfinished"},
	{"kill", 100, {{1, 1500}, {0, 900000}}, NULL, add_kill, 0, "program-killed unfinished left-data-mode bytes-lost installation-not-begun"},
	{"kill", 60, {{1, 500}, {0, 90000}}, NULL, add_kill, 0, "program-killed unfinished left-data-mode bytes-lost installation-not-begun"},
	{"cancel", 100, {{0, 7}, {0, 100000}}, NULL, add_cancel, KIND_LEAVES, "cancelled detached"},
	{"detach", 60, {{0, 7}, {0, 100000}}, NULL, add_detach, KIND_LEAVES, "detached cancelled bytes-lost installation-not-begun"},
	{"terminal-lost", 60, {{0, 7}, {0, 100000}}, NULL, add_lost_terminal, 0, "terminal-lost"},
	{"question", 100, {{0, 3}}, NULL, set_question, KIND_LEAVES, "declined"},
	{"watch-timeout", 80, {{1, 2700}}, NULL, set_watch, 0, "still-installing not-back installation-not-begun long-silence"},
	{"return-timeout", 80, {{1, 900}}, NULL, set_return, 0, "not-back still-installing"},
	{"start-timeout", 60, {{1, 600}}, NULL, set_start, 0, "installation-not-begun"},
	{"listen-timeout", 60, {{1, 600}}, NULL, set_listen, 0, NULL},
	{"server-closes", 300, {{1, 1}}, NULL, set_server_closes, 0, NULL},
	{"renumbers", 300, {{1, 1}}, NULL, set_renumbers, 0, NULL},
	{"twin", 300, {{1, 1}}, NULL, set_twin, 0, "another-module"},
	/* as a result that nobody meant */
	{"forged-word", 40, {{0, 5}, {1, 120000}}, "at time $1\n\tline @G0\n", NULL, KIND_FORGES | KIND_DEAFENS, "impossible-percent already-updating still-installing flash-failed wrong-package code-only end-without-effect no-download slow-link not-back left-data-mode bytes-lost gate-late"},
	{"wall-clock", 60, {{1, 900000}, {-400000000, 400000000}}, NULL, set_jump, 0, NULL},
	{"stray-ok", 60, {{1, 5000}}, "at time $0\n\tline OK\n", NULL, KIND_FORGES, "answered-once left-data-mode other-program no-dfota unknown-model com-form-unknown bytes-lost context-inactive no-download"},
	{"no-dfota", 40, {{0, 2}}, "on AT+QFOTADL=?\n\tline @D0\n", NULL, KIND_REFUSES, "no-dfota"},
	{"family", 200, {{1, 7}}, NULL, set_family, 0, NULL},
	{"long-download", 100, {{280000, 900000}}, NULL, set_server_time, 0, NULL},
	/* never drawn by chance: tests/test_torture.c has one at each place */
	{"cut", 0, {{1, 20000}, {10, 90000}}, NULL, set_cut, KIND_DEAFENS | KIND_TEARS, RESTARTED " bytes-lost"},
	{"stopped", 0, {{1, 20000}, {10, 120000}, {0, 1}}, NULL, set_stopped, 0, SILENCED " bytes-lost program-late"},
	{"request", 0, {{1, 20000}, {0, 2}}, NULL, set_request, KIND_LEAVES, "cancelled detached terminal-lost"},
};

const struct kind *kind_row(size_t number)
{
	return number < COUNT(kinds) ? &kinds[number] : NULL;
}

static bool names(const char *rules, const char *rule)
{
	size_t size = strlen(rule);

	for (const char *p = rules; p && (p = strstr(p, rule)); p += size)
		if ((p == rules || p[-1] == ' ') && (p[size] == ' ' || !p[size]))
			return true;
	return false;
}

/* The command that starts an upgrade comes to nothing: what was seen is that none began. */
static bool starts_nothing(const struct fact *f)
{
	bool unheard = strcmp(f->kind->name, "no-answer") == 0 || strcmp(f->kind->name, "bare-ok") == 0;

	return unheard && strcmp(word_of('C', f->n[0]), "AT+QFOTADL=\"*") == 0;
}

/* An installation that is over before the port is back (absent-ms) shows nothing of itself. */
static bool may_be_missed(const struct fact *f)
{
	return strcmp(f->kind->name, "flash-ms") == 0 && f->n[0] <= 60000;
}

bool kind_explains(const struct fact *f, const char *rule)
{
	return (f->kind->rules && names(f->kind->rules, rule)) ||
		((starts_nothing(f) || may_be_missed(f)) && strcmp(rule, "installation-not-begun") == 0);
}

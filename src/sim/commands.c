#include "config.h"

#include "sim/commands.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "protocol/at.h"
#include "sim/blocks.h"
#include "sim/files.h"
#include "sim/flash.h"

#define PARTS_MAX 32		/* commands in one line */
#define LIMIT_MS 5000		/* what a host must wait for an answer: protocol.md 4.2 */

static const long rates[] = { 9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600 };

static struct slice whole(const char *text)
{
	return (struct slice){ text, strlen(text) };
}

static enum sim_answer fail(struct sim *s, int cme)
{
	s->cme = cme;
	return SIM_ERROR;
}

static enum sim_answer set_echo(struct sim *s, const char *value)
{
	if (strcmp(value, "0") != 0 && strcmp(value, "1") != 0)
		return fail(s, 4);
	if (s->set.echo != SIM_ECHO_STUCK)
		s->set.echo = *value == '1' ? SIM_ECHO_ON : SIM_ECHO_OFF;
	return SIM_OK;
}

static enum sim_answer show_pin(struct sim *s, const char *value)
{
	(void)value;
	if (!strcmp(s->set.cpin, "none"))
		return fail(s, 10);
	sim_put_template(s, "+CPIN: {cpin}");
	return SIM_OK;
}

static enum sim_answer show_operator(struct sim *s, const char *value)
{
	(void)value;
	/* last field 2 = UTRAN */
	sim_put_template(s, sim_registered(s) ? "+COPS: 0,0,\"{operator}\",2" : "+COPS: 2");
	return SIM_OK;
}

/* AT+QICSGP=<cid>[,1,"apn","user","pass",<auth>] */
static enum sim_answer set_apn(struct sim *s, const char *value)
{
	struct at_fields f = at_fields(whole(value), "");
	struct slice apn;
	long cid, type;

	if (!at_field_number(&f, 1, 1, &cid))
		return fail(s, 4);
	if (!f.more) {
		sim_put_template(s, "+QICSGP: 1,\"{apn}\",\"\",\"\",0");
		return SIM_OK;
	}
	if (!at_field_number(&f, 1, 1, &type) || !at_field_string(&f, &apn) ||
	    apn.size >= sizeof(s->set.apn))
		return fail(s, 4);
	slice_copy(s->set.apn, sizeof(s->set.apn), apn);
	return SIM_OK;
}

static enum sim_answer show_context(struct sim *s, const char *value)
{
	(void)value;
	if (s->set.context)
		sim_put_line(s, "+QIACT: 1,1,1,\"10.0.0.2\"");
	return SIM_OK;
}

static enum sim_answer activate(struct sim *s, const char *value)
{
	if (strcmp(value, "1") != 0)
		return fail(s, 4);
	if (!strcmp(s->set.cpin, "none") || !sim_registered(s))
		return fail(s, 30);
	s->set.context = 1;
	return SIM_OK;
}

static enum sim_answer deactivate(struct sim *s, const char *value)
{
	if (strcmp(value, "1") != 0)
		return fail(s, 4);
	s->set.context = 0;
	return SIM_OK;
}

/* Takes effect when the OK is out. */
static enum sim_answer set_rate(struct sim *s, const char *value)
{
	long baud;

	s->auto_next = strcmp(value, "0") == 0;
	if (s->auto_next)
		return SIM_OK;
	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++)
		if (slice_number(whole(value), rates[i], rates[i], &baud)) {
			s->baud_next = baud;
			return SIM_OK;
		}
	return fail(s, 4);
}

static enum sim_answer show_rate(struct sim *s, const char *value)
{
	(void)value;
	sim_put_template(s, s->set.auto_rate ? "+IPR: 0" : "+IPR: {baud}");
	return SIM_OK;
}

static const char *print_rate(char out[24], bool automatic, long baud)
{
	snprintf(out, 24, "%ld", automatic ? 0 : baud);
	return out;
}

static const char *print_profile(char out[24], const struct sim_settings *p)
{
	snprintf(out, 24, "E%ld, CMEE %ld, IFC %s", p->echo, p->cmee, p->ifc);
	return out;
}

/* All of the profile, not only what the host thinks of. */
static enum sim_answer store(struct sim *s, const char *value)
{
	char before[24], now[24];
	long baud = s->baud_next ? s->baud_next : s->set.baud;

	(void)value;
	sim_store(s, SIM_STORED_RATE, print_rate(before, s->start.auto_rate, s->baud_stored),
		  print_rate(now, s->auto_next || (s->set.auto_rate && !s->baud_next), baud));
	s->baud_stored = baud;
	s->set.auto_rate = s->start.auto_rate = s->auto_next || (s->set.auto_rate && !s->baud_next);
	sim_store(s, SIM_STORED_PROFILE, print_profile(before, &s->start), print_profile(now, &s->set));
	s->start.echo = s->set.echo;
	s->start.cmee = s->set.cmee;
	snprintf(s->start.ifc, sizeof(s->start.ifc), "%s", s->set.ifc);
	return SIM_OK;
}

/* Back to the profile that is stored; the rate stays (protocol.md 4.5). */
static enum sim_answer reset_profile(struct sim *s, const char *value)
{
	(void)value;
	s->set.echo = s->start.echo;
	s->set.cmee = s->start.cmee;
	snprintf(s->set.ifc, sizeof(s->set.ifc), "%s", s->start.ifc);
	return SIM_OK;
}

static enum sim_answer set_urc_port(struct sim *s, const char *value)
{
	static const char *const ports[] = { "usbat", "usbmodem", "uart1" };
	struct at_fields f = at_fields(whole(value), "");
	struct slice port;

	if (!at_field_string(&f, &port) || f.more)
		return fail(s, 4);
	for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++)
		if (slice_is(port, ports[i])) {
			char before[sizeof(s->set.urcport)];

			snprintf(before, sizeof(before), "%s", s->set.urcport);
			slice_copy(s->set.urcport, sizeof(s->set.urcport), port);
			sim_store(s, SIM_STORED_URC_PORT, before, s->set.urcport);
			return SIM_OK;
		}
	return fail(s, 4);
}

static enum sim_answer set_state_urc(struct sim *s, const char *value)
{
	long on;

	if (!slice_number(whole(value), 0, 1, &on))
		return fail(s, 4);
	sim_store(s, SIM_STORED_STATE_URC, s->set.stateurc ? "1" : "0", value);
	s->set.stateurc = on;
	return SIM_OK;
}

static enum sim_answer refuse(struct sim *s, const char *value)
{
	(void)value;
	return fail(s, -1);
}

/*
 * What it understands, the first row that fits. '*' at the end is the value.
 * A row has an information text (a template), a property that takes the
 * value, or a function; without any it says OK.
 */
static const struct command {
	const char *pattern;
	const char *info;
	const char *key;
	enum sim_answer (*run)(struct sim *s, const char *value);
	int slowness;		/* takes so many times answer-ms; 0: 1 */
	int limit_ms;		/* 0: LIMIT_MS */
} commands[] = {
	{ .pattern = "AT" },
	{ .pattern = "ATE*", .run = set_echo },
	{ .pattern = "ATV1" },
	{ .pattern = "ATI", .info = "Quectel\n{model}\nRevision: {version}" },
	{ .pattern = "AT+CGMI", .info = "Quectel" },
	{ .pattern = "AT+GMI", .info = "Quectel" },
	{ .pattern = "AT+CGMM", .info = "{model}" },
	{ .pattern = "AT+GMM", .info = "{model}" },
	{ .pattern = "AT+CGMR", .info = "{version}" },
	{ .pattern = "AT+GMR", .info = "{version}" },
	{ .pattern = "AT+QGMR", .run = refuse },
	{ .pattern = "AT+CSUB", .info = "SubEdition: V01" },
	{ .pattern = "AT+GSN", .info = "{imei}" },
	{ .pattern = "AT+CGSN", .info = "{imei}" },
	{ .pattern = "AT+CMEE?", .info = "+CMEE: {cmee}" },
	{ .pattern = "AT+CMEE=?", .info = "+CMEE: (0-2)" },
	{ .pattern = "AT+CMEE=*", .key = "cmee" },
	{ .pattern = "AT+CFUN?", .info = "+CFUN: 1" },
	{ .pattern = "AT+CPIN?", .run = show_pin },
	{ .pattern = "AT+CSQ", .info = "+CSQ: {rssi},99" },
	{ .pattern = "AT+CREG?", .info = "+CREG: 0,{creg}" },
	{ .pattern = "AT+CGREG?", .info = "+CGREG: 0,{cgreg}" },
	{ .pattern = "AT+CEREG?", .info = "+CEREG: 0,{cereg}" },
	{ .pattern = "AT+COPS?", .run = show_operator, .limit_ms = 180000 },
	{ .pattern = "AT+QICSGP=*", .run = set_apn },
	{ .pattern = "AT+QIACT?", .run = show_context },	/* from its memory: a plain command (protocol.md 4.2) */
	{ .pattern = "AT+QIACT=*", .run = activate, .slowness = 50, .limit_ms = 150000 },
	{ .pattern = "AT+QIDEACT=*", .run = deactivate, .slowness = 20, .limit_ms = 40000 },
	{ .pattern = "AT+CGDCONT?", .info = "+CGDCONT: 1,\"IP\",\"{apn}\",\"0.0.0.0\",0,0" },
	{ .pattern = "AT+CBC", .info = "+CBC: 0,{battery},{voltage-mv}" },
	{ .pattern = "AT+IPR?", .run = show_rate },
	{ .pattern = "AT+IPR=?", .info = "+IPR: (),(9600,19200,38400,57600,115200,230400,460800,921600)" },
	{ .pattern = "AT+IPR=*", .run = set_rate },
	{ .pattern = "ATZ", .run = reset_profile },
	{ .pattern = "AT&W", .run = store },
	{ .pattern = "AT&W0", .run = store },
	{ .pattern = "AT+IFC?", .info = "+IFC: {ifc}" },
	{ .pattern = "AT+IFC=?", .info = "+IFC: (0,2),(0,2)" },
	{ .pattern = "AT+IFC=0,0", .key = "ifc" },
	{ .pattern = "AT+IFC=2,2", .key = "ifc" },
	{ .pattern = "AT&D0" },
	{ .pattern = "AT&D1" },
	{ .pattern = "AT&D2" },
	{ .pattern = "AT+QURCCFG=?", .info = "+QURCCFG: \"urcport\",(\"usbat\",\"usbmodem\",\"uart1\")" },
	{ .pattern = "AT+QURCCFG=\"urcport\"", .info = "+QURCCFG: \"urcport\",\"{urcport}\"" },
	{ .pattern = "AT+QURCCFG=\"urcport\",*", .run = set_urc_port },
	{ .pattern = "AT+QCFG=\"stateurc/enable\"", .info = "+QCFG: \"stateurc/enable\",{stateurc}" },
	{ .pattern = "AT+QCFG=\"stateurc/enable\",*", .run = set_state_urc },
	{ .pattern = "AT+QINDCFG*", .run = refuse },
	{ .pattern = "AT+QFLDS", .run = sim_file_space },
	{ .pattern = "AT+QFLDS=*", .run = sim_file_space },
	{ .pattern = "AT+QFLST", .run = sim_file_list },
	{ .pattern = "AT+QFLST=*", .run = sim_file_list },
	{ .pattern = "AT+QFUPL=?", .run = sim_file_upload_test },
	{ .pattern = "AT+QFUPL=*", .run = sim_file_upload, .limit_ms = 30000 },
	{ .pattern = "AT+QFDEL=*", .run = sim_file_delete },
	{ .pattern = "AT+QFDWL=*", .run = sim_file_download },
	{ .pattern = "AT+QFOTADL=?", .run = sim_upgrade_command },
	{ .pattern = "AT+QFOTADL=*", .run = sim_upgrade_command, .limit_ms = 30000 },
};

static const struct command *find_command(const char *text)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (sim_pattern_fits(commands[i].pattern, text))
			return &commands[i];
	return NULL;
}

/* What stands for the '*' at the end of PATTERN, or the last parameters of a
 * row without one. */
static const char *value_of(const char *pattern, const char *text)
{
	size_t size = strlen(pattern);
	const char *sign = strchr(text, '=');

	if (pattern[size - 1] == '*')
		return text + size - 1;
	return sign ? sign + 1 : "";
}

/* A property from a command: "0"/"1" for what is off or on. */
static enum sim_answer set_property(struct sim *s, const char *key, const char *value)
{
	static const char *const off_on[] = { "off", "on" };
	size_t row = (size_t)sim_setting_find(key, strlen(key));
	struct err e;

	if (sim_setting_set(&s->set, row, value, &e) == 0)
		return SIM_OK;
	if ((value[0] == '0' || value[0] == '1') && !value[1] &&
	    sim_setting_set(&s->set, row, off_on[value[0] - '0'], &e) == 0)
		return SIM_OK;
	return fail(s, 4);
}

/* Information of sim->command, and what it came to. */
static enum sim_answer builtin(struct sim *s)
{
	const struct command *c = find_command(s->command);
	const char *value;

	if (!c)
		return fail(s, 4);
	value = value_of(c->pattern, s->command);
	if (c->run)
		return c->run(s, value);
	if (c->key)
		return set_property(s, c->key, value);
	if (c->info)
		sim_put_template(s, c->info);
	return SIM_OK;
}

/* Cut the next command off *REST and spell it as the table does: "+CSQ;" gives
 * "AT+CSQ", "e0v1" "ATE0" first. False: no more. */
static bool next_part(const char **rest, char *out, size_t out_size)
{
	const char *p = *rest;
	size_t n = 2;
	bool extended, quoted = false;

	memcpy(out, "AT", 3);
	while (*p == ' ' || *p == ';')
		p++;
	if (!*p)
		return false;
	extended = *p != '&' && !isalpha((unsigned char)*p);
	for (size_t i = 0; *p && (quoted || *p != ';'); p++, i++) {
		if (!extended && i > (size_t)(out[2] == '&') && !isdigit((unsigned char)*p))
			break;
		if (*p == '"')
			quoted = !quoted;
		if ((quoted || *p != ' ') && n + 1 < out_size)
			out[n++] = quoted ? *p : (char)toupper((unsigned char)*p);
	}
	out[n] = '\0';
	*rest = p;
	return true;
}

static void done(struct sim *s)
{
	s->line_size = 0;
	sim_ready(s);
}

/* Answer sim->command. True: it is OK, and the next may follow. */
static bool answer_one(struct sim *s)
{
	sim_upgrade_judge(s, s->command);
	if (sim_run_command_block(s))
		return false;
	switch (builtin(s)) {
	case SIM_OK:
		return true;
	case SIM_ERROR:
		sim_put_error(s, s->cme);
		break;
	case SIM_TAKEN:
		break;
	}
	done(s);
	return false;
}

static void answer_rest(struct sim *s)
{
	while (next_part(&s->rest, s->command, sizeof(s->command)))
		if (!answer_one(s))
			return;
	sim_put_ok(s);
	done(s);
}

static void answer_line(struct sim *s, long bare)
{
	(void)bare;
	if (!s->rest[strspn(s->rest, " ;")]) {
		snprintf(s->command, sizeof(s->command), "AT");
		if (!answer_one(s))
			return;
	}
	answer_rest(s);
}

enum sim_answer sim_command_default(struct sim *s)
{
	switch (builtin(s)) {
	case SIM_OK:
		if (s->rest[strspn(s->rest, " ;")])
			return SIM_OK;
		sim_put_ok(s);
		break;
	case SIM_ERROR:
		sim_put_error(s, s->cme);
		break;
	case SIM_TAKEN:
		break;
	}
	return SIM_TAKEN;
}

void sim_command_go_on(struct sim *s, enum sim_answer answer)
{
	if (answer == SIM_OK)
		answer_rest(s);
	else
		done(s);
}

static void answer_too_much(struct sim *s, long arg)
{
	(void)arg;
	sim_put_error(s, -1);
	done(s);
}

/* Start on the commands in sim->rest: the slowest of them sets the time. */
static void begin(struct sim *s)
{
	const char *rest = s->rest;
	int slowness = 1, parts = 0;

	s->busy_since_ms = s->came_ms ? s->came_ms : s->now_ms;
	s->busy_limit_ms = LIMIT_MS;
	s->busy_with_data = false;
	while (next_part(&rest, s->command, sizeof(s->command))) {
		const struct command *c = find_command(s->command);

		parts++;
		if (c && c->slowness > slowness)
			slowness = c->slowness;
		if (c && c->limit_ms > s->busy_limit_ms)
			s->busy_limit_ms = c->limit_ms;
	}
	snprintf(s->command, sizeof(s->command), "AT%s", s->rest);
	/* it does nothing: a module that looks for the rate needs several (protocol.md 7), and a
	 * slow one falls behind them */
	if (!strcmp(s->command, "AT") || !strcmp(s->command, "ATQ0V1"))
		s->busy_limit_ms = 0;
	sim_answer_after(s, slowness * s->set.answer_ms, parts > PARTS_MAX ? answer_too_much : answer_line);
}

/* Where in the line "AT" begins, SIZE when nowhere. */
static size_t find_at(const char *line, size_t size)
{
	for (size_t i = 0; i + 1 < size; i++)
		if (!strncasecmp(line + i, "AT", 2))
			return i;
	return size;
}

static void end_line(struct sim *s)
{
	size_t size = s->line_size, at = find_at(s->line, size);
	size_t plus = 0;
	bool noise = s->line_noise, too_long = s->line_too_long;

	s->line[size] = '\0';
	s->line_noise = s->line_too_long = false;
	/* the end of an escape sequence is no fault in command mode */
	while (plus < at && (s->line[plus] == '+' || s->line[plus] == ' '))
		plus++;
	if (plus < at && !noise)
		sim_blame(s, "bytes that are no command: %.60s", s->line);
	if (at == size) {
		s->line_size = 0;
		return;
	}
	s->rest = s->line + at + 2;
	s->rate_heard = true;
	if (!too_long) {
		begin(s);
		return;
	}
	snprintf(s->command, sizeof(s->command), "a line of more than %d bytes", SIM_LINE_MAX - 1);
	s->busy_since_ms = s->now_ms;
	sim_answer_after(s, s->set.answer_ms, answer_too_much);
}

static void echo(struct sim *s, unsigned char c)
{
	static const unsigned char crlf[] = "\r\n";

	s->echoed++;
	switch ((enum sim_echo)s->set.echo) {
	case SIM_ECHO_OFF:
		return;
	case SIM_ECHO_PARTIAL:
		if (s->echoed % 3 == 0)
			return;
		break;
	case SIM_ECHO_DOUBLE:
		sim_put(s, &c, 1);
		break;
	case SIM_ECHO_WRAP:
		if (s->echoed % 20 == 0)
			sim_put(s, crlf, 2);
		break;
	case SIM_ECHO_ON:
	case SIM_ECHO_STUCK:
		break;
	}
	sim_put(s, &c, 1);
}

void sim_command_byte(struct sim *s, unsigned char c)
{
	if (c == '\n')
		return;
	echo(s, c);
	if (c == '\r') {
		end_line(s);
	} else if (c == '\b' || c == 0x7f) {
		if (s->line_size)
			s->line_size--;
	} else if (s->line_size + 1 < sizeof(s->line)) {
		s->line[s->line_size++] = c ? (char)c : '?';
	} else {
		s->line_too_long = true;
	}
}

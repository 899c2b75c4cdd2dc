#include "config.h"

#include "report/state.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/scenario.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define UPGRADE_COMMAND "AT+QFOTADL="
#define URC_PORT_COMMAND "AT+QURCCFG=\"urcport\""

static struct slice whole(const char *text)
{
	return (struct slice){ text, strlen(text) };
}

bool story_may_set(const char *key, const char *value)
{
	struct sim_settings scratch;
	struct err e;

	sim_settings_init(&scratch, false);
	for (const char *c = value; *c; c++)
		if (*c < 0x20 || *c > 0x7e)
			return false;
	return strlen(value) < sizeof(((struct setting *)0)->value) &&
	       sim_setting_set(&scratch, (size_t)sim_setting_find(key, strlen(key)), value, &e) == 0;
}

void story_put_setting(FILE *out, const char *key, const char *value)
{
	size_t size = strlen(value);

	if (!size || (value[0] != ' ' && value[0] != '"' && value[size - 1] != ' ')) {
		fprintf(out, "set %s%s%s\n", key, size ? " " : "", value);
		return;
	}
	fprintf(out, "set %s \"", key);
	for (; *value; value++)
		fprintf(out, *value == '"' || *value == '\\' ? "\\%c" : "%c", *value);
	fputs("\"\n", out);
}

bool story_set(struct story *s, const char *key, const char *value)
{
	struct err e;
	size_t i = 0;

	if (!story_may_set(key, value))
		return false;
	sim_setting_set(&s->set, (size_t)sim_setting_find(key, strlen(key)), value, &e);
	while (i < s->setting_count && strcmp(s->settings[i].key, key) != 0)
		i++;
	if (i == COUNT(s->settings))
		return false;
	if (i == s->setting_count)
		s->setting_count++;
	s->settings[i].key = key;
	strcpy(s->settings[i].value, value);
	return true;
}

bool story_set_number(struct story *s, const char *key, int64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, value);
	return story_set(s, key, text);
}

bool story_line(struct story *s, uint64_t number)
{
	return record_class(s->record, number).kind == RECORD_LINE &&
	       record_event(s->record, number, &s->ev) && s->ev.line.dir == LINE_RX;
}

bool story_is_echo(const struct story *s, const char *command)
{
	struct slice line = slice_trim(whole(s->ev.line.text));
	size_t size = strlen(command);

	if (slice_begins(line, "(not shown"))
		return true;
	if (s->ev.line.urc || line.size == 0 || line.size > size || at_classify(line).class != AT_INFO)
		return false;
	return !memcmp(line.data, command, line.size) ||
	       !memcmp(line.data, command + size - line.size, line.size);
}

/* The command whose answer we read. */
struct asked {
	char text[TEXT_SIZE];
	bool told;		/* a line of information came */
};

/* --- what the module told of itself */

/* Answers that tell a property: which of the fields behind the prefix. */
static const struct told {
	const char *prefix;
	int field;		/* -1: the whole line, -2: all behind the prefix */
	const char *key;
} tolds[] = {
	{ "+CBC:", 1, "battery" },
	{ "+CBC:", 2, "voltage-mv" },
	{ "+CPIN:", 0, "cpin" },
	{ "+CSQ:", 0, "rssi" },
	{ "+CREG:", 1, "creg" },
	{ "+CGREG:", 1, "cgreg" },
	{ "+COPS:", 2, "operator" },
	{ "+IFC:", -2, "ifc" },
	{ "+QFOTADL:", -1, "test-answer" },
};

static bool is_set(const struct story *s, const char *key)
{
	for (size_t i = 0; i < s->setting_count; i++)
		if (!strcmp(s->settings[i].key, key))
			return true;
	return false;
}

static void take_told(struct story *s, const struct told *t, struct slice line)
{
	struct at_fields f = at_fields(line, t->prefix);
	struct slice field = line;
	char value[sizeof(s->settings[0].value)];

	for (int i = 0; i < t->field; i++)
		if (!at_field_skip(&f))
			return;
	if (t->field == -2)
		field = slice_trim((struct slice){ line.data + strlen(t->prefix), line.size - strlen(t->prefix) });
	else if (t->field >= 0 && !at_field_any(&f, &field))
		return;
	if (field.size < sizeof(value))
		story_set(s, t->key, slice_copy(value, sizeof(value), field));
}

/* Settings that are switched on or off, or name a port. */
static void take_switch(struct story *s, struct slice line)
{
	struct at_fields f = at_fields(line, "+QCFG:");
	struct slice name;
	char port[16];
	long on;

	if (at_field_string(&f, &name) && slice_is(name, "stateurc/enable") &&
	    at_field_number(&f, 0, 1, &on) && !is_set(s, "stateurc"))
		story_set(s, "stateurc", on ? "on" : "off");
	f = at_fields(line, "+QURCCFG:");
	if (at_field_skip(&f) && at_field_string(&f, &name) && name.size < sizeof(port) &&
	    !is_set(s, "urcport"))
		story_set(s, "urcport", slice_copy(port, sizeof(port), name));
}

/* An answer in the preflight; the first of its kind is kept. */
static void take_answer(struct story *s, const char *command)
{
	struct slice line = slice_trim(whole(s->ev.line.text));
	bool told[COUNT(tolds)];

	for (size_t i = 0; i < COUNT(tolds); i++)
		told[i] = is_set(s, tolds[i].key);
	for (size_t i = 0; i < COUNT(tolds); i++)
		if (!told[i] && slice_begins(line, tolds[i].prefix))
			take_told(s, &tolds[i], line);
	take_switch(s, line);
	if (!strcmp(command, "AT+CPIN?") && !is_set(s, "cpin") && at_classify(line).cme == 10)
		story_set(s, "cpin", "none");
	if (!strcmp(command, "AT+QIACT?") && !is_set(s, "context"))
		story_set(s, "context", slice_begins(line, "+QIACT: 1,1") ? "on" : "off");
}

/* Version and IMEI as they were told last. */
static void take_identity(struct story *s, struct asked *asked)
{
	struct slice line = slice_trim(whole(s->ev.line.text));
	enum at_class class = at_classify(line).class;

	if (!strcmp(asked->text, "AT+CGMR") && class == AT_INFO && line.size < sizeof(s->version_after)) {
		slice_copy(s->version_after, sizeof(s->version_after), line);
		s->version_told = true;
	}
	if (!strcmp(asked->text, "AT+GSN") && class == AT_INFO && line.size < sizeof(s->imei_after)) {
		slice_copy(s->imei_after, sizeof(s->imei_after), line);
		s->imei_told = asked->told = true;
	}
	if (!strcmp(asked->text, "AT+GSN") && class == AT_OK && !asked->told) {
		s->imei_after[0] = '\0';
		s->imei_told = true;
	}
}

/* --- what it did after the command */

static void add_moment(struct story *s, const struct moment *m)
{
	bool plain = m->what == MOMENT_LINE && m->kind == FOTA_NONE && m->class == AT_INFO;

	if (s->count == STORY_MOMENTS || (plain && s->plain == STORY_PLAIN)) {
		s->left_out++;
		return;
	}
	s->plain += plain;
	s->moments[s->count++] = *m;
}

static void add_line(struct story *s, uint64_t number)
{
	struct slice line = slice_trim(whole(s->ev.line.text));
	struct fota_urc urc;
	struct moment m = {
		.what = MOMENT_LINE, .number = number, .t_ms = s->ev.t_ms, .data = s->data_out,
		.class = at_classify(line).class,
	};

	if (fota_parse(line, &urc)) {
		m.kind = urc.kind;
		m.counts = urc.has_value && !urc.out_of_range;
		m.value = urc.value;
	}
	add_moment(s, &m);
}

static bool begins(const char *text, const char *begin)
{
	return strncmp(text, begin, strlen(begin)) == 0;
}

bool story_is_gone(const struct story *s)
{
	return begins(s->ev.notice.text, "the port has gone");	/* upgrade_watch.c */
}

bool story_is_back(const struct story *s)
{
	return begins(s->ev.notice.text, "the port is back") ||
	       begins(s->ev.notice.text, "the module is back as ");
}

static void add_absence(struct story *s, uint64_t number)
{
	struct moment m = { .number = number, .t_ms = s->ev.t_ms, .data = s->data_out };
	bool away = s->count && s->moments[s->count - 1].what == MOMENT_GONE;

	if (story_is_gone(s)) {
		m.what = MOMENT_GONE;
	} else if (story_is_back(s)) {
		m.what = MOMENT_BACK;
		/* it went while a command was under way: nothing says so */
		if (!away)
			add_moment(s, &(struct moment){ .what = MOMENT_GONE, .number = number,
							.t_ms = s->asked_ms, .data = m.data });
	} else {
		return;
	}
	add_moment(s, &m);
}

/* --- reading */

static void take_command(struct story *s, struct asked *asked, uint64_t number)
{
	const char *text = s->ev.line.text;

	snprintf(asked->text, sizeof(asked->text), "%s", text);
	asked->told = false;
	s->asked_ms = s->ev.t_ms;
	if (!begins(text, UPGRADE_COMMAND) || !strcmp(text, UPGRADE_COMMAND "?") || s->command != STORY_NONE)
		return;
	s->command = number;
	s->command_ms = s->ev.t_ms;
	s->version_told = s->imei_told = false;
	s->http = begins(text, UPGRADE_COMMAND "\"http");
}

static void take_received(struct story *s, struct asked *asked, uint64_t number)
{
	bool urc = s->ev.line.urc;

	if (story_is_echo(s, asked->text))
		return;
	if (!urc)
		take_identity(s, asked);
	if (!urc && begins(asked->text, URC_PORT_COMMAND ",") && at_classify(slice_trim(whole(s->ev.line.text))).class == AT_OK)
		s->own_urcs = true;
	if (!urc && s->data_last != STORY_NONE && !s->again_ms)
		s->again_ms = s->ev.t_ms;
	if (s->command == STORY_NONE) {
		if (!urc)
			take_answer(s, asked->text);
		return;
	}
	if (!strcmp(asked->text, "+++") && at_classify(slice_trim(whole(s->ev.line.text))).class == AT_OK)
		s->escape_answered = true;
	else if (urc || begins(asked->text, UPGRADE_COMMAND))
		add_line(s, number);
}

static void take_notice(struct story *s, uint64_t number)
{
	int baud;

	if (sscanf(s->ev.notice.text, "the module answers at %d baud", &baud) == 1) {
		story_set_number(s, "baud", baud);
		s->synced = number;
	}
	if (s->command != STORY_NONE)
		add_absence(s, number);
}

static void take_module(struct story *s)
{
	const struct identity *id = &s->ev.identity;

	if (is_set(s, "version"))
		return;
	story_set(s, "model", id->model);
	story_set(s, "imei", id->imei);
	story_set(s, "version", id->version);
	snprintf(s->from, sizeof(s->from), "%s", id->version);
}

static void take_event(struct story *s, struct asked *asked, uint64_t number)
{
	const struct event *ev = &s->ev;

	switch (record_class(s->record, number).kind) {
	case RECORD_LINE:
		if (ev->line.dir == LINE_TX)
			take_command(s, asked, number);
		else
			take_received(s, asked, number);
		break;
	case RECORD_NOTICE:
		take_notice(s, number);
		break;
	case RECORD_IDENTITY:
		take_module(s);
		break;
	case RECORD_PACKAGE:
		s->package_size = ev->package.size;
		snprintf(s->to, sizeof(s->to), "%s", ev->package.to);
		break;
	case RECORD_DATA:
		s->data_out = ev->data.offset + ev->data.size;
		s->data_last = number;
		s->data_ms = ev->t_ms;
		s->again_ms = 0;
		break;
	case RECORD_ANSWER:
		s->cancelled |= ev->answer == ASK_NO || ev->answer == ASK_CANCEL || ev->answer == ASK_DETACH;
		break;
	case RECORD_RESULT:
		s->result = ev->result;
		s->result_ms = ev->t_ms;
		s->has_result = true;
		break;
	case RECORD_NOTHING:
	case RECORD_HEADER:
	case RECORD_INTENT:
	case RECORD_RESUMED:
	case RECORD_CLOSED:
	case RECORD_SHOWN:
	case RECORD_GAP:
	case RECORD_STEP:
	case RECORD_PROGRESS:
	case RECORD_QUESTION:
	case RECORD_KINDS:
		break;
	}
}

/* Where the module's words go is the same port as ours unless the program put
 * that right; what it is called differs (uart1, usbat). */
static void settle_urc_port(struct story *s)
{
	uint64_t at = UINT64_MAX;

	while (record_find(s->record, at, false, 1U << RECORD_LINE, false, &at))
		if (record_event(s->record, at, &s->ev) && s->ev.line.dir == LINE_TX &&
		    begins(s->ev.line.text, URC_PORT_COMMAND ","))
			return;
	s->own_urcs = s->same_urc_port = true;
	story_set(s, "urcport", s->set.port);
}

static void read_all(struct story *s)
{
	const unsigned kinds = 1U << RECORD_LINE | 1U << RECORD_NOTICE | 1U << RECORD_IDENTITY |
		1U << RECORD_PACKAGE | 1U << RECORD_DATA | 1U << RECORD_ANSWER | 1U << RECORD_RESULT;
	const struct record_header *h = record_header(s->record);
	struct asked asked = { .told = false };
	uint64_t at = UINT64_MAX;

	s->pull = h->plan.delivery == DELIVERY_PULL && !h->plan.relay;
	if (h->plan.baud && h->plan.baud != s->set.baud)
		story_set_number(s, "baud", h->plan.baud);
	while (record_find(s->record, at, false, kinds, false, &at))
		if (record_event(s->record, at, &s->ev))
			take_event(s, &asked, at);
	s->gaps = s->command != STORY_NONE &&
		record_find(s->record, s->command, false, 1U << RECORD_GAP, false, &at);
	s->resumed = record_find(s->record, UINT64_MAX, false, 1U << RECORD_RESUMED, false, &at);
	if (s->has_result && s->result.to[0])
		snprintf(s->to, sizeof(s->to), "%s", s->result.to);
	if (s->to[0])
		story_set(s, "to", s->to);
	settle_urc_port(s);
}

struct story *story_read(struct record *r, struct err *e)
{
	struct story *s = calloc(1, sizeof(*s));

	if (!s) {
		err_set(e, ERR_CRASH, "no memory for a scenario");
		return NULL;
	}
	s->record = r;
	s->command = s->data_last = s->synced = s->restart = STORY_NONE;
	sim_settings_init(&s->set, false);
	read_all(s);
	return s;
}

void story_free(struct story *s)
{
	free(s);
}

#include "config.h"

#include "sim/playback.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/count.h"
#include "record/reader.h"

#define MATCH_ITEMS 4096	/* so many are looked at for a command */
/* The host may be so late with a command before what came after it in the record comes without. */
#define GRACE_MS 1000
/* A host looks for a port that is away twice a second, and the record says
 * when it was found: it may have been there since the look before. */
#define BACK_EARLY_MS 490
/* A line without an end is ended by the program, this after its last byte at least, when it sends
 * the next command. */
#define UNENDED_MS 30
/* The silence before "+++" is 1 s (protocol.md 2.2). */
#define ESCAPE_GAP_MS 500

#define UPGRADE_COMMAND "AT+QFOTADL=\""
#define REDACTED "***"

/* What a record has for a module. */
enum item_kind {
	ITEM_NONE,	/* past the end */
	ITEM_SENT,	/* a command of the host: the record waits for it */
	ITEM_HEARD,	/* a line of the module */
	ITEM_DATA,	/* the last byte of a package: the record waits for it */
	ITEM_GONE, ITEM_BACK,
};

struct item {
	enum item_kind kind;
	uint64_t number;	/* line of the record */
	int64_t t_ms;
	bool urc, unended;
	bool command_mode;	/* a line that a module prints in command mode only */
	char text[TEXT_SIZE];	/* of SENT and HEARD */
	uint16_t raw_size;	/* of HEARD: its exact bytes; 0 those of the text */
	unsigned char raw[RAW_SIZE];
};

struct playback {
	struct record *record;
	uint64_t package_size;
	struct event ev;	/* the line last looked at */

	struct item next;
	/* ITEM_SENT that the host leaves out: what goes on without it, and when; NONE nothing */
	struct item beyond;
	bool begun, upgrading;			/* a command has come; the one that starts an upgrade */
	int64_t anchor_ms, anchor_t_ms;		/* a time here, and the time in the record it stands for */
	char asked[TEXT_SIZE], text[SIM_LINE_MAX];	/* the last command, there and here */

	char line[SIM_LINE_MAX];
	size_t line_size;
	int64_t line_ms, heard_ms;		/* when its first byte came, and the last byte of all */
	unsigned plus;

	bool in_data, whole;			/* the package came to its end in the record */
	uint64_t received, limit;
	int64_t read_again_t_ms;		/* after a stall; SIM_NEVER: not */
};

/* --- reading the record */

static enum item_kind kind_of_notice(const struct event *ev)
{
	enum message_id id = ev->notice.message.id;

	if (id == MSG_PORT_GONE_WAITING)
		return ITEM_GONE;
	return id == MSG_PORT_BACK || id == MSG_PORT_BACK_AS ? ITEM_BACK : ITEM_NONE;
}

static enum item_kind kind_of_event(const struct playback *p)
{
	const struct event *ev = &p->ev;

	switch (ev->type) {
	case EVENT_LINE:
		return ev->line.dir == LINE_TX ? ITEM_SENT : ITEM_HEARD;
	case EVENT_NOTICE:
		return kind_of_notice(ev);
	case EVENT_DATA:
		return p->package_size && ev->data.offset + ev->data.size >= p->package_size ? ITEM_DATA : ITEM_NONE;
	case EVENT_RESULT:
		return ev->result.outcome == OUTCOME_STOPPED && ev->result.stop == ERR_GONE ? ITEM_GONE : ITEM_NONE;
	case EVENT_STEP:
	case EVENT_IDENTITY:
	case EVENT_PROGRESS:
	case EVENT_QUESTION:
	case EVENT_PORT:
	case EVENT_PACKAGE:
	case EVENT_ANSWER:
	case EVENT_RECORD:
	case EVENT_PLAN:
	case EVENT_SETTING:
	case EVENT_BEGIN:
	case EVENT_CHECKS:
	case EVENT_START:
	case EVENT_INTENT:
	case EVENT_RESUMED:
	case EVENT_CLOSED:
	case EVENT_SHOWN:
	case EVENT_GAP:
	case EVENT_COUNT:
		break;
	}
	return ITEM_NONE;
}

/* The next item after line FROM (UINT64_MAX: of all), before it with BACK. */
static struct item find_item(struct playback *p, uint64_t from, bool back)
{
	const unsigned kinds = 1U << EVENT_LINE | 1U << EVENT_NOTICE | 1U << EVENT_DATA | 1U << EVENT_RESULT;
	struct item item = { .kind = ITEM_NONE };
	const struct event *ev = &p->ev;

	while (item.kind == ITEM_NONE && record_find(p->record, from, back, kinds, false, &from))
		if (record_event(p->record, from, &p->ev))
			item.kind = kind_of_event(p);
	if (item.kind == ITEM_NONE)
		return item;
	item.number = from;
	item.t_ms = ev->t_ms;
	if (item.kind != ITEM_SENT && item.kind != ITEM_HEARD)
		return item;
	item.urc = ev->line.urc;
	item.command_mode = (ev->line.meaning.class != AT_INFO && ev->line.meaning.class != AT_CONNECT) ||
		ev->line.meaning.is_fota || !strcmp(ev->line.text, "RDY");
	memcpy(item.text, ev->line.text, sizeof(item.text));
	if (ev->line.raw_size < RAW_SIZE) {	/* a longer line has more in its text */
		item.raw_size = ev->line.raw_size;
		memcpy(item.raw, ev->line.raw, item.raw_size);
	}
	return item;
}

static bool starts_upgrade(const char *command)
{
	return !strncmp(command, UPGRADE_COMMAND, strlen(UPGRADE_COMMAND));
}

/* What the record goes on with when the host leaves the command out: the next
 * thing that the module did by itself. */
static void look_beyond(struct playback *p)
{
	p->beyond = (struct item){ .kind = ITEM_NONE };
	if (p->next.kind != ITEM_SENT || !p->upgrading)
		return;
	p->beyond = p->next;
	do
		p->beyond = find_item(p, p->beyond.number, false);
	while ((p->beyond.kind == ITEM_SENT && !starts_upgrade(p->beyond.text)) ||
	       (p->beyond.kind == ITEM_HEARD && !p->beyond.urc));
	if (p->beyond.kind == ITEM_SENT || p->beyond.kind == ITEM_DATA)
		p->beyond.kind = ITEM_NONE;
}

/* A line recorded in the very millisecond in which a command goes out had no
 * end: before a command the modem waits until it is quiet. */
static void settle_end(struct playback *p, struct item *item)
{
	if (item->kind == ITEM_HEARD && item->urc)
		item->unended = find_item(p, item->number, false).kind == ITEM_SENT && p->ev.t_ms == item->t_ms;
	if (item->unended)
		item->t_ms -= UNENDED_MS;
}

static void go_to(struct playback *p, const struct item *item)
{
	int64_t last_t_ms = p->next.t_ms;

	p->next = *item;
	settle_end(p, &p->next);
	/* another program went on with the record: its time begins again */
	if (item->kind != ITEM_NONE && item->t_ms < last_t_ms) {
		p->anchor_ms += last_t_ms - p->anchor_t_ms;
		p->anchor_t_ms = item->t_ms;
	}
	look_beyond(p);
}

static void go_on(struct playback *p)
{
	struct item item = find_item(p, p->next.number, false);

	go_to(p, &item);
}

/* --- the module's side */

static void say(struct sim *s, const struct item *item)
{
	struct playback *p = s->playback;

	/* an echo, which the record has without what is secret in it */
	if (p->begun && !strcmp(item->text, p->asked)) {
		sim_put_line(s, p->text);
		return;
	}
	sim_put(s, s->set.bol, strlen(s->set.bol));
	if (item->raw_size)
		sim_put(s, item->raw, item->raw_size);
	else
		sim_put(s, item->text, strlen(item->text));
	if (!item->unended)
		sim_put(s, s->set.eol, strlen(s->set.eol));
}

static void end_data(struct sim *s)
{
	s->playback->in_data = false;
	s->playback->read_again_t_ms = SIM_NEVER;
	s->set.reading = 1;
}

int64_t playback_due_ms(const struct sim *s)
{
	const struct playback *p = s->playback;
	int64_t t_ms = SIM_NEVER;

	if (!p->begun)
		return SIM_NEVER;
	switch (p->next.kind) {
	case ITEM_NONE:
	case ITEM_DATA:
		break;
	case ITEM_SENT:
		if (p->beyond.kind != ITEM_NONE)
			t_ms = p->beyond.t_ms + GRACE_MS;
		break;
	case ITEM_HEARD:
	case ITEM_GONE:
		t_ms = p->next.t_ms;
		break;
	case ITEM_BACK:
		if (sim_present(s))	/* it went while a command was under way: nothing says so */
			return s->leaving ? SIM_NEVER : s->now_ms;
		t_ms = p->next.t_ms - BACK_EARLY_MS;
		break;
	}
	if (p->read_again_t_ms < t_ms)
		t_ms = p->read_again_t_ms;
	return t_ms == SIM_NEVER ? SIM_NEVER : p->anchor_ms + t_ms - p->anchor_t_ms;
}

static void come_back(struct sim *s)
{
	s->gone = false;
	s->power = SIM_ON;
	s->playback->line_size = 0;
}

void playback_run(struct sim *s)
{
	struct playback *p = s->playback;
	struct item item = p->next;

	if (p->read_again_t_ms != SIM_NEVER && s->now_ms >= p->anchor_ms + p->read_again_t_ms - p->anchor_t_ms) {
		end_data(s);
		return;
	}
	if (item.kind == ITEM_SENT) {
		item = p->beyond;
		go_to(p, &item);
		return;
	}
	if (item.kind == ITEM_BACK && sim_present(s)) {
		sim_leave(s, true, 0);
		return;
	}
	go_on(p);
	if (item.kind == ITEM_HEARD) {
		say(s, &item);
		if (p->in_data && !p->whole && item.command_mode)
			end_data(s);
	} else if (item.kind == ITEM_GONE) {
		end_data(s);
		sim_leave(s, true, 0);
	} else {
		come_back(s);
	}
}

/* --- the host's side */

/* Did the host send, as TEXT, what is THERE in the record? */
static bool is_same(const char *there, const char *text)
{
	if (starts_upgrade(there))
		return starts_upgrade(text);
	return !strcmp(there, text) || (strstr(there, REDACTED) && sim_pattern_fits(there, text));
}

/* The size the host declares in TEXT, where the record has its own in THERE. */
static uint64_t declared_size(const struct playback *p, const char *there, const char *text)
{
	char size[24];
	const char *at;

	snprintf(size, sizeof(size), "%llu", (unsigned long long)p->package_size);
	at = strstr(there, size);
	if (!at || strncmp(there, text, (size_t)(at - there)) != 0)
		return p->package_size;
	return strtoull(text + (at - there), NULL, 10);
}

/* What the record has of data mode between the command ITEM and the next that
 * was heard. */
static void expect_data(struct playback *p, const struct item *item, const char *text)
{
	struct item at = *item;
	uint64_t sent = 0, number = item->number;
	int64_t asked_t_ms = SIM_NEVER;

	do
		at = find_item(p, at.number, false);
	while (at.kind == ITEM_HEARD || at.kind == ITEM_DATA);
	while (record_find(p->record, number, false, 1U << EVENT_DATA, false, &number) &&
	       (at.kind == ITEM_NONE || number < at.number))
		if (record_event(p->record, number, &p->ev))
			sent = p->ev.data.offset + p->ev.data.size;
	p->in_data = sent > 0;
	p->whole = p->package_size && sent >= p->package_size;
	p->received = 0;
	p->limit = p->whole ? declared_size(p, item->text, text) : (sent + 1) / 2;
	p->read_again_t_ms = SIM_NEVER;
	if (!p->in_data || p->whole)
		return;
	for (; at.kind == ITEM_SENT; at = find_item(p, at.number, false))
		asked_t_ms = at.t_ms;
	if (at.kind == ITEM_HEARD)
		p->read_again_t_ms = asked_t_ms;
}

/* The host's command TEXT is ITEM of the record: go on from there. What the
 * module said by itself before it, and has not said yet, it says now. */
static void take_command(struct sim *s, const struct item *item, const char *text)
{
	struct playback *p = s->playback;

	for (struct item at = p->next; at.kind != ITEM_NONE && at.number < item->number; at = find_item(p, at.number, false))
		if (at.kind == ITEM_HEARD && at.urc)
			say(s, &at);
	p->begun = true;
	p->upgrading |= starts_upgrade(item->text);
	p->anchor_ms = p->line_ms;
	p->anchor_t_ms = item->t_ms;
	snprintf(p->asked, sizeof(p->asked), "%s", item->text);
	snprintf(p->text, sizeof(p->text), "%s", text);
	end_data(s);
	expect_data(p, item, text);
	p->next = *item;
	go_on(p);
}

/* The command as the record has it next, not beyond what the module must have
 * done before; *PENDING: it is about to go away. */
static struct item find_command(struct playback *p, const char *text, bool *pending)
{
	struct item at = p->next;

	*pending = false;
	for (int i = 0; i < MATCH_ITEMS && at.kind != ITEM_NONE; i++) {
		if (at.kind == ITEM_SENT && is_same(at.text, text))
			return at;
		*pending = p->begun && at.kind == ITEM_GONE;
		if (*pending || (at.kind == ITEM_SENT && starts_upgrade(at.text)))
			break;
		at = find_item(p, at.number, false);
	}
	return (struct item){ .kind = ITEM_NONE };
}

/* The answer it had last, since the module went or came, or began an upgrade. */
static bool repeat_answer(struct sim *s, const char *text)
{
	struct playback *p = s->playback;
	struct item at = find_item(p, p->next.kind == ITEM_NONE ? record_count(p->record) : p->next.number, true);

	for (int i = 0; p->begun && i < MATCH_ITEMS && (at.kind == ITEM_SENT || at.kind == ITEM_HEARD); i++) {
		if (at.kind == ITEM_SENT && (is_same(at.text, text) || starts_upgrade(at.text)))
			break;
		at = find_item(p, at.number, true);
	}
	if (!p->begun || at.kind != ITEM_SENT || !is_same(at.text, text))
		return false;
	for (at = find_item(p, at.number, false); at.kind == ITEM_HEARD; at = find_item(p, at.number, false))
		if (!at.urc)
			say(s, &at);
	return true;
}

/* Package bytes may hold an AT. */
static bool is_command(const char *text)
{
	for (const char *c = text; *c; c++)
		if (*c < ' ' || *c > '~')
			return false;
	return !strncasecmp(text, "AT", 2);
}

/* What programs before this one did not ask: no record of them has
 * the answer, and no module is at fault that refuses. */
static bool is_newer(const char *text)
{
	static const char *const questions[] = {
		"AT+QGMR", "AT+GMR", "AT+CGMM", "AT+GMM", "AT+CGSN", "ATE1",
	};

	for (size_t i = 0; i < COUNT(questions); i++)
		if (!strcmp(text, questions[i]))
			return true;
	return false;
}

/* A line of the host in command mode. What is no command is what was on its
 * way when a transfer broke off. */
static void hear_command(struct sim *s, const char *text)
{
	struct playback *p = s->playback;
	bool pending;
	struct item item = find_command(p, text, &pending);

	s->upgrades += starts_upgrade(text);
	if (item.kind == ITEM_SENT) {
		take_command(s, &item, text);
		return;
	}
	/* nor was this one, but its answer is known: it was set */
	if (!strcmp(text, "AT+CMEE?")) {
		sim_put_line(s, "+CMEE: 1");
		sim_put_ok(s);
		return;
	}
	if (is_newer(text)) {
		sim_put_error(s, -1);
		return;
	}
	if (pending || !is_command(text) || repeat_answer(s, text))
		return;
	if (!strcmp(text, "ATQ0V1")) {	/* an AT in another form, which older programs did not use */
		hear_command(s, "AT");
		return;
	}
	if (!strcmp(text, "AT") && p->next.kind != ITEM_NONE) {	/* is it there? It is: it has more to say */
		sim_put_ok(s);
		return;
	}
	/* the first no ended the sessions of older programs: what is asked behind
	 * their end is no fault */
	if (p->next.kind != ITEM_NONE)
		sim_blame(s, "the record has no answer here to %.60s", text);
	sim_put_error(s, -1);
}

/* Where in LINE "AT" begins for the last time, the line when nowhere. */
static const char *find_at(const char *line)
{
	const char *at = line, *next = line;

	while ((next = strcasestr(next, "AT")))
		at = next++;
	return strncasecmp(line, "AT", 2) ? at : line;
}

static void hear_byte(struct sim *s, unsigned char c, int64_t gap_ms)
{
	struct playback *p = s->playback;

	p->plus = c == '+' && (p->plus || gap_ms >= ESCAPE_GAP_MS) ? p->plus + 1 : 0;
	if (p->plus == 3) {
		p->line_size = 0;
		hear_command(s, "+++");
		return;
	}
	if (c == '\n')
		return;
	if (!p->line_size)
		p->line_ms = s->now_ms;
	if (c != '\r' && p->line_size + 1 < sizeof(p->line)) {
		p->line[p->line_size++] = c ? (char)c : '?';
	} else {
		p->line[p->line_size] = '\0';
		p->line_size = 0;
		hear_command(s, find_at(p->line));
	}
}

/* Bytes of data mode; how many. */
static size_t take_data(struct sim *s, size_t size)
{
	struct playback *p = s->playback;

	if (size > p->limit - p->received)
		size = (size_t)(p->limit - p->received);
	p->received += size;
	if (p->received < p->limit)
		return size;
	if (!p->whole) {
		s->set.reading = 0;
		return size;
	}
	p->in_data = false;
	/* what came before the last byte in the record has come before it here */
	for (; p->next.kind == ITEM_HEARD; go_on(p))
		say(s, &p->next);
	if (p->next.kind == ITEM_DATA) {
		p->anchor_ms = s->now_ms;
		p->anchor_t_ms = p->next.t_ms;
		go_on(p);
	}
	return size;
}

void playback_input(struct sim *s, const unsigned char *bytes, size_t size)
{
	struct playback *p = s->playback;
	int64_t gap_ms = s->now_ms - p->heard_ms;

	p->heard_ms = s->now_ms;
	for (size_t i = 0; i < size; gap_ms = 0) {
		if (p->in_data && p->received < p->limit) {
			i += take_data(s, size - i);
		} else {
			hear_byte(s, bytes[i], gap_ms);
			i++;
		}
	}
}

/* --- */

struct playback *playback_open(const char *path, struct err *e)
{
	struct playback *p = calloc(1, sizeof(*p));
	uint64_t number;

	if (!p) {
		err_fail(e, MSG_NO_MEMORY, "what=%s", "record");
		return NULL;
	}
	p->record = record_open(path, e);
	if (!p->record) {
		free(p);
		return NULL;
	}
	if (record_find(p->record, UINT64_MAX, false, 1U << EVENT_PACKAGE, false, &number) &&
	    record_event(p->record, number, &p->ev))
		p->package_size = p->ev.package.size;
	p->read_again_t_ms = SIM_NEVER;
	p->next = find_item(p, UINT64_MAX, false);
	return p;
}

void playback_free(struct playback *p)
{
	if (!p)
		return;
	record_free(p->record);
	free(p);
}

int playback_baud(const struct playback *p)
{
	return record_start(p->record)->plan.baud;
}

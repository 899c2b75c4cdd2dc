#include "config.h"

#include "report/state.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "sim/sim.h"

#define COMMANDS 48
#define SEGMENTS 8
#define HEARD_MAX 4096
#define ANSWER_MS 60000		/* no built-in answer takes longer */
#define LATE_MS 1500		/* an answer that came later came late */
#define UPGRADE_PATTERN "AT+QFOTADL=\"*"

/* --- a built-in module, to compare with */

struct oracle {
	struct sim *sim;
	int64_t now_ms;
	struct at_splitter splitter;
	char heard[HEARD_MAX];
};

/* A module as S tells it was; AFTER: as it was after its restart. */
static int oracle_begin(struct oracle *o, const struct story *s, bool after, struct err *e)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	struct sim_config config = { .fast = true };

	sim_free(o->sim);
	o->sim = NULL;
	if (!f)
		return err_set(e, ERR_CRASH, "no memory for a scenario");
	for (size_t i = 0; i < s->setting_count; i++)
		if (strcmp(s->settings[i].key, "baud") != 0)
			story_put_setting(f, s->settings[i].key, s->settings[i].value);
	if (after) {
		if (story_may_set("version", s->version_after))
			story_put_setting(f, "version", s->version_after);
		if (story_may_set("imei", s->imei_after))
			story_put_setting(f, "imei", s->imei_after);
		fputs("set echo off\nset cmee 1\n", f);
	}
	if (fclose(f) == 0) {
		config.scenario_text = text;
		o->sim = sim_new(&config, e);
	}
	free(text);
	if (!o->sim)
		return -1;
	at_splitter_init(&o->splitter);
	sim_power_on(o->sim, o->now_ms, true);
	return 0;
}

static void add_heard(char *heard, size_t *used, struct slice line)
{
	if (HEARD_MAX - *used > 4 * line.size + 1) {
		*used += text_safe(heard + *used, HEARD_MAX - *used - 1, line.data, line.size);
		heard[(*used)++] = '\n';
	}
	heard[*used] = '\0';
}

static bool is_final(struct slice line)
{
	return at_classify(line).class != AT_INFO;
}

/* What it says to COMMAND, as safe text, a line each, without its echo. */
static const char *oracle_ask(struct oracle *o, const char *command)
{
	int64_t end_ms = o->now_ms + ANSWER_MS;
	size_t used = 0;
	bool done = false;

	o->heard[0] = '\0';
	sim_input(o->sim, o->now_ms, command, strlen(command));
	sim_input(o->sim, o->now_ms, "\r", 1);
	while (!done && sim_next_ms(o->sim) <= end_ms) {
		unsigned char c;
		size_t taken;
		struct slice line;

		if (sim_next_ms(o->sim) > o->now_ms)
			o->now_ms = sim_next_ms(o->sim);
		if (!sim_output(o->sim, o->now_ms, &c, 1) || !at_split(&o->splitter, &c, 1, &taken, &line))
			continue;
		line = slice_trim(line);
		if (!slice_is(line, command))
			add_heard(o->heard, &used, line);
		done = is_final(line);
	}
	return o->heard;
}

/* --- the commands of a record, and how their answers changed */

/* From its nth sending on a command is answered so. */
struct segment {
	unsigned nth;
	uint64_t asked;		/* line of the record */
	uint64_t end;		/* behind the answer and what belongs to it */
	uint64_t hash;		/* 0: as a built-in module does */
	bool built_in;		/* the answer is, but it came late, or there is more */
};

struct command {
	char pattern[128];
	unsigned sent;
	struct segment segments[SEGMENTS];
	size_t count;
};

struct commands {
	struct story *s;
	struct script *w;
	struct oracle oracle;
	bool after;			/* the oracle is the module after its restart */
	struct command rows[COMMANDS];
	size_t count;
	char next[TEXT_SIZE];		/* the command that follows */
	int64_t next_ms;
};

/* A command under way. */
struct asking {
	char text[TEXT_SIZE];
	uint64_t number;
	int64_t t_ms;
	bool open;
};

void script_pattern(char *out, size_t out_size, const char *command)
{
	bool quoted = false;
	size_t n = 0;

	if (!strncmp(command, UPGRADE_PATTERN, strlen(UPGRADE_PATTERN) - 1))
		command = UPGRADE_PATTERN;
	for (; *command && (quoted || *command != ';') && n + 2 < out_size; command++) {
		if (*command == '"')
			quoted = !quoted;
		if (*command == ' ' && quoted)
			out[n++] = '*';		/* what stands behind a blank may be a keyword */
		else if (*command != ' ')
			out[n++] = quoted ? *command : (char)toupper((unsigned char)*command);
	}
	if (n + 2 == out_size || !n)
		out[n++] = '*';
	out[n] = '\0';
}

static struct command *find_command(struct commands *c, const char *text)
{
	char pattern[sizeof(c->rows[0].pattern)];

	script_pattern(pattern, sizeof(pattern), text);
	for (size_t i = 0; i < c->count; i++)
		if (!strcmp(c->rows[i].pattern, pattern))
			return &c->rows[i];
	if (c->count == COMMANDS)
		return NULL;
	strcpy(c->rows[c->count].pattern, pattern);
	return &c->rows[c->count++];
}

/* What S says in its line NUMBER that belongs to the answer of ASKING: in the
 * preflight all, later what is not a message of its own. */
static bool answer_line(struct story *s, const struct asking *asking, uint64_t number)
{
	return story_line(s, number) && !story_is_echo(s, asking->text) &&
	       (asking->number < s->command || !s->ev.line.urc);
}

static bool is_absence(struct story *s, uint64_t number)
{
	return record_class(s->record, number).kind == RECORD_NOTICE &&
	       record_event(s->record, number, &s->ev) && story_is_gone(s);
}

/* What was said from ASKING to END. */
struct heard {
	char text[HEARD_MAX];	/* up to the result */
	bool final;		/* there is one */
	bool more;		/* something came behind it */
	int64_t first_ms;	/* when the answer began */
	uint64_t hash;		/* of it all */
};

static void hash_text(uint64_t *hash, const char *text)
{
	for (; *text; text++)
		*hash = (*hash ^ (unsigned char)*text) * 1099511628211u;
	*hash = (*hash ^ '\n') * 1099511628211u;
}

/* A result that the program took for a message came when it had given up, or
 * had no line end: it is no answer (faults.md B04). */
static bool is_spent(const struct story *s, bool final, struct slice line)
{
	return !final && s->ev.line.urc && is_final(line);
}

static void hear(struct heard *h, struct story *s, const struct asking *asking, uint64_t end)
{
	size_t used = 0;
	uint64_t at = asking->number;

	*h = (struct heard){ .hash = 14695981039346656037u };
	while (record_find(s->record, at, false, 1U << RECORD_LINE | 1U << RECORD_NOTICE, false, &at) && at < end) {
		struct slice line;

		if (asking->number < s->command && is_absence(s, at)) {
			hash_text(&h->hash, s->ev.notice.text);
			h->more = true;
		}
		if (!answer_line(s, asking, at))
			continue;
		line = slice_trim((struct slice){ s->ev.line.text, strlen(s->ev.line.text) });
		if (is_spent(s, h->final, line))
			continue;
		hash_text(&h->hash, s->ev.line.text);
		if (h->final) {
			h->more = true;
			continue;
		}
		if (!used)
			h->first_ms = s->ev.t_ms;
		add_heard(h->text, &used, line);
		h->final = is_final(line);
	}
}

/* How the module behaved: the answer to ASKING, and what came up to END. */
static struct segment judge(struct commands *c, const struct asking *asking, uint64_t end)
{
	struct segment g = { .asked = asking->number, .end = end };
	const char *usual = oracle_ask(&c->oracle, asking->text);
	struct heard h;

	hear(&h, c->s, asking, end);
	g.built_in = !strcmp(h.text, usual);
	if (!g.built_in || h.more || (h.final && h.first_ms - asking->t_ms > LATE_MS))
		g.hash = h.hash ? h.hash : 1;
	return g;
}

static void add_segment(struct commands *c, const struct asking *asking, uint64_t end)
{
	struct command *row = find_command(c, asking->text);
	struct segment *last, g = judge(c, asking, end);

	if (!row || (c->s->same_urc_port && !strcmp(asking->text, "AT+QURCCFG=\"urcport\""))) {
		c->w->left_out += !row;
		return;
	}
	g.nth = ++row->sent;
	last = row->count ? &row->segments[row->count - 1] : NULL;
	if (last && last->hash == g.hash)
		return;
	/* what is never twice the same is noise: one stands for many, but the end counts */
	row->count -= row->count == SEGMENTS;
	row->segments[row->count++] = g;
}

/* --- writing them */

/* The port is away from here on: until when, before line END; 0 for ever. */
static void write_absence(struct script *w, struct story *s, uint64_t at, uint64_t end)
{
	int64_t gone_ms = s->ev.t_ms, back_ms = gone_ms;

	while (back_ms == gone_ms &&
	       record_find(s->record, at, false, 1U << RECORD_NOTICE, false, &at) && at < end)
		if (record_event(s->record, at, &s->ev) && story_is_back(s))
			back_ms = s->ev.t_ms > gone_ms ? s->ev.t_ms : gone_ms + 1;
	script_wait_until(w, gone_ms);
	script_action(w, "vanish %lld", (long long)(back_ms - gone_ms));
}

/* What came from ASKING to the end of G, its result included. */
static void write_answer(struct commands *c, const struct asking *asking, const struct segment *g)
{
	struct story *s = c->s;
	struct script *w = c->w;
	uint64_t at = g->asked;
	bool final = false;

	while (record_find(s->record, at, false, 1U << RECORD_LINE | 1U << RECORD_NOTICE, false, &at) && at < g->end) {
		struct slice line;

		if (asking->number < s->command && is_absence(s, at))
			write_absence(w, s, at, g->end);
		if (!answer_line(s, asking, at))
			continue;
		line = slice_trim((struct slice){ s->ev.line.text, strlen(s->ev.line.text) });
		if (is_spent(s, final, line))
			continue;
		script_wait_until(w, s->ev.t_ms);
		if (final || !g->built_in)
			script_line(w, s);
		if (!final && is_final(line) && asking->text[0])
			script_action(w, g->built_in ? "default" : "drop");
		final |= is_final(line);
	}
}

static void write_behaviour(struct commands *c, const struct asking *asking, const struct segment *g)
{
	const struct story *s = c->s;
	struct heard h;

	hear(&h, c->s, asking, g->end);
	script_begin(c->w, asking->t_ms);
	if (!h.final)
		script_action(c->w, "drop");
	write_answer(c, asking, g);
	if (s->command == STORY_NONE && s->has_result && s->result.stop == ERR_GONE &&
	    g->end == record_count(s->record)) {
		script_wait_until(c->w, s->result_ms);
		script_action(c->w, "vanish 0");
	}
}

static void write_segment(struct commands *c, const struct command *row, size_t i, bool on)
{
	const struct segment *g = &row->segments[i];
	struct asking asking = { .number = g->asked, .open = true };
	char head[sizeof(row->pattern) + 32], nth[24] = "";

	if (g->hash == 0) {
		script_begin(c->w, 0);
		script_action(c->w, "default");
	} else if (record_event(c->s->record, g->asked, &c->s->ev)) {
		snprintf(asking.text, sizeof(asking.text), "%s", c->s->ev.line.text);
		asking.t_ms = c->s->ev.t_ms;
		write_behaviour(c, &asking, g);
	} else {
		return;
	}
	if (g->nth > 1 || !on)
		snprintf(nth, sizeof(nth), " nth %u%s", g->nth, on ? ".." : "");
	snprintf(head, sizeof(head), "on %s%s", row->pattern, nth);
	script_end(c->w, head);
}

/* The first block that fits is taken: so the last comes first. A behaviour
 * seen once stands for that time only; what lasted, until it is said to be over. */
static void write_command(struct commands *c, const struct command *row)
{
	bool lasting = false, needed[SEGMENTS], once[SEGMENTS];

	for (size_t i = 0; i < row->count; i++) {
		const struct segment *g = &row->segments[i];

		once[i] = i + 1 < row->count && g[1].nth == g->nth + 1;
		needed[i] = g->hash != 0 || lasting;
		lasting = g->hash ? lasting || !once[i] : lasting;
		once[i] = once[i] && g->hash;
	}
	for (size_t i = row->count; i-- > 0;)
		if (needed[i])
			write_segment(c, row, i, !once[i]);
}

/* --- reading them */

/* What came before the first command. */
static void write_prelude(struct commands *c, const struct asking *asking, uint64_t end)
{
	const struct segment g = { .asked = asking->number, .end = end };

	script_begin(c->w, 0);
	write_answer(c, asking, &g);
	script_end(c->w, "at time 1");
}

/* Line NUMBER ends what ASKING had to say. */
static int close_asking(struct commands *c, struct asking *asking, uint64_t number, struct err *e)
{
	struct story *s = c->s;
	bool after = s->completes && (s->version_told || s->imei_told);

	if (!asking->open)
		return 0;
	asking->open = false;
	if (asking->number == s->command || !strcmp(asking->text, "+++"))
		return 0;
	if (!asking->text[0]) {
		write_prelude(c, asking, number);
		return 0;
	}
	if (after && !c->after && asking->number > s->restart) {
		if (oracle_begin(&c->oracle, s, true, e) < 0)
			return -1;
		c->after = true;
	}
	add_segment(c, asking, number);
	return 0;
}

static int read_commands(struct commands *c, struct err *e)
{
	struct story *s = c->s;
	struct asking asking = { .open = s->synced == STORY_NONE };
	uint64_t at = s->synced == STORY_NONE ? UINT64_MAX : s->synced;

	while (record_find(s->record, at, false, 1U << RECORD_LINE, false, &at)) {
		if (!record_event(s->record, at, &s->ev) || s->ev.line.dir != LINE_TX)
			continue;
		snprintf(c->next, sizeof(c->next), "%s", s->ev.line.text);
		c->next_ms = s->ev.t_ms;
		if (close_asking(c, &asking, at, e) < 0)
			return -1;
		asking = (struct asking){ .number = at, .t_ms = c->next_ms, .open = true };
		snprintf(asking.text, sizeof(asking.text), "%s", c->next);
	}
	return close_asking(c, &asking, record_count(s->record), e);
}

int script_commands(struct script *w, struct story *s, struct err *e)
{
	struct commands *c = calloc(1, sizeof(*c));
	int rc = -1;

	if (!c)
		return err_set(e, ERR_CRASH, "no memory for a scenario");
	c->s = s;
	c->w = w;
	if (oracle_begin(&c->oracle, s, false, e) == 0)
		rc = read_commands(c, e);
	for (size_t i = 0; rc == 0 && i < c->count; i++)
		write_command(c, &c->rows[i]);
	sim_free(c->oracle.sim);
	free(c);
	return rc;
}

/*
 * Random dialogues in virtual time: a module that pauses in the middle of its
 * lines, answers late or never, is not ready, echoes, and says what it likes
 * between its lines. No name and no verdict may be wrong, no answer another
 * question's, and whatever way the bytes come the lines are the same.
 *
 * DFOTA_DIALOGUES=100000 for more of them, DFOTA_SEED=N for one.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/count.h"
#include "base/version.h"
#include "modem/identity.h"
#include "protocol/who.h"
#include "upgrade_fixture.h"
#include "words.h"

#define DIALOGUES 3000		/* with the modem alone; */
#define UPGRADES_IN 10		/* one in so many of them also through the engine */
#define BYTES_MAX 65536
#define IMEI "490154203237518"

static uint32_t next_random(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

static unsigned below(uint32_t *seed, unsigned n)
{
	return next_random(seed) % n;
}

static bool chance(uint32_t *seed, unsigned percent)
{
	return below(seed, 100) < percent;
}

/* --- a module in random moods ------------------------------------------- */

struct module {
	struct clock clock;	/* first: the clock is the module */
	int64_t now_ms;
	uint32_t seed;

	/* what it is */
	char sub[24];
	int ati, gsn;		/* how it spells them */
	bool echo, knows_cmee;
	const char *eol;
	unsigned unready;	/* so many questions for its names are answered in vain */

	/* its moods, in percent */
	unsigned talks, pauses, lates;

	char bytes[BYTES_MAX];
	int64_t at_ms[BYTES_MAX];	/* when each is there */
	size_t size, read;
	int64_t busy_ms;	/* until then: one command after the other */
	char line[256];
	size_t line_size;
	unsigned calls;

	/* what the modem reported */
	char tokens[BYTES_MAX];
	size_t tokens_size;
};

static int64_t module_now(const struct clock *clock)
{
	return ((const struct module *)(const void *)clock)->now_ms;
}

static void put(struct module *m, const char *text, size_t size, int64_t from_ms)
{
	int64_t t = m->size > 0 && m->at_ms[m->size - 1] > from_ms ? m->at_ms[m->size - 1] : from_ms;

	for (size_t i = 0; i < size && m->size < BYTES_MAX; i++) {
		if (chance(&m->seed, 1) && chance(&m->seed, m->pauses))
			t += below(&m->seed, 1000);
		m->bytes[m->size] = text[i];
		m->at_ms[m->size++] = t;
	}
}

static void put_line(struct module *m, const char *text, int64_t from_ms)
{
	char line[300];
	int n = snprintf(line, sizeof(line), "%s%s%s", m->eol, text, m->eol);

	if (chance(&m->seed, 3))
		put(m, "\0\0", 1 + below(&m->seed, 2), from_ms);
	put(m, line, (size_t)n, from_ms);
}

/* A word of its own accord: of its boot, of another service, a piece of an echo. */
static void talk(struct module *m, int64_t from_ms)
{
	static const char *const words[] = {
		"RDY", "APP RDY", "SMS DONE", "+CFUN: 1", "+CPIN: READY", "+QIND: PB DONE", "+CGREG: 1,\"4048\",\"0B78\"",
		"+CREG: 1", "RING", "T+CGNR", "AT+CG", "*PSUTTZ: 26,11,30", "^MODE: 5,4", "UG96 READY", "Modem4Ready", "BOOT",
		"NORMAL POWER UP", "+CMTI: \"SM\",1", "$GPRMC,,V", "1234567890123456789", "490154203237517", "/", "==",
	};
	char word[24];

	while (chance(&m->seed, m->talks)) {
		size_t n = 3 + below(&m->seed, sizeof(word) - 4);

		for (size_t i = 0; i < n; i++)
			word[i] = "ABCDEFGHIKLMNOPQRSTUVWXYZabcdefgh0123456789 :_-.,"[below(&m->seed, 49)];
		word[n] = '\0';
		/* what it must not say: OK and the like, and what it would say of itself */
		put_line(m, chance(&m->seed, 30) && strncmp(word, "UG96", 4) != 0 ? word :
			 words[below(&m->seed, COUNT(words))], from_ms);
	}
}

static void answer(struct module *m, const char *lines, const char *result, int64_t t)
{
	char text[300];

	talk(m, t);
	while (*lines) {
		size_t size = strcspn(lines, "|");

		snprintf(text, sizeof(text), "%.*s", (int)size, lines);
		put_line(m, text, t);
		talk(m, t);
		lines += size + (lines[size] == '|');
	}
	put_line(m, result, t);
	talk(m, t);
}

static void answer_name(struct module *m, const char *lines, int64_t t)
{
	static const char *const in_vain[][2] = {
		{"", "OK"}, {"", "ERROR"}, {"", "+CME ERROR: 14"}, {"000000000000000", "OK"}, {"", "+CME ERROR: SIM busy"},
	};
	size_t i = below(&m->seed, COUNT(in_vain));

	if (m->unready > 0 && m->unready--)
		answer(m, in_vain[i][0], in_vain[i][1], t);
	else
		answer(m, lines, "OK", t);
}

static void respond(struct module *m, const char *command)
{
	static const char *const ati[] = {
		"Quectel|UG96|Revision: " FROM, "Quectel_Ltd|Quectel_UG96|Revision: " FROM, "QUECTEL|ug96|REVISION: " FROM,
		"Manufacturer: Quectel|Model: UG96|Revision: " FROM "|IMEI: " IMEI "|+GCAP: +CGSM,+DS,+ES",
	};
	static const char *const gsn[] = {IMEI, ("\"" IMEI "\""), ("+CGSN: " IMEI), "4901542032375107"};
	unsigned mood = below(&m->seed, 100);
	int64_t t = m->now_ms > m->busy_ms ? m->now_ms : m->busy_ms;
	char text[128];

	if (mood < m->lates / 4)
		return;		/* lost */
	if (mood < m->lates / 2 && m->knows_cmee)
		t += below(&m->seed, 20000);
	else if (mood < m->lates)
		t += below(&m->seed, 4000);
	else
		t += below(&m->seed, 100);
	m->busy_ms = t;
	if (strcmp(command, "ATI") == 0)
		answer_name(m, ati[m->ati], t);
	else if (strcmp(command, "AT+CGMR") == 0 || (strcmp(command, "AT+GMR") == 0 && m->ati % 2))
		answer_name(m, FROM, t);
	else if (strcmp(command, "AT+QGMR") == 0 && m->sub[0])
		answer_name(m, (snprintf(text, sizeof(text), FROM "_%s", m->sub), text), t);
	else if (strcmp(command, "AT+GSN") == 0 || (strcmp(command, "AT+CGSN") == 0 && m->gsn % 2))
		answer_name(m, gsn[m->gsn], t);
	else if (strcmp(command, "AT+CGMM") == 0)
		answer_name(m, "UG96", t);
	else if (strcmp(command, "AT+CSQ") == 0)
		answer(m, "+CSQ: 26,99", "OK", t);
	else if (strcmp(command, "AT+CGREG?") == 0)
		answer(m, "+CGREG: 0,1", "OK", t);
	else if (strcmp(command, "AT+CMEE?") == 0 && m->knows_cmee)
		answer(m, "+CMEE: 1", "OK", t);
	else if (strcmp(command, "AT") == 0 || strcmp(command, "AT&D0") == 0 || strcmp(command, "AT+IFC=2,2") == 0 ||
		 strncmp(command, "ATE", 3) == 0 || strncmp(command, "ATV", 3) == 0 || strncmp(command, "ATQ", 3) == 0 ||
		 (strcmp(command, "AT+CMEE=1") == 0 && m->knows_cmee))
		answer(m, "", "OK", t);
	else
		answer(m, "", "ERROR", t);
	if (strncmp(command, "ATE", 3) == 0 && m->ati != 1)	/* one sort keeps its echo */
		m->echo = command[3] == '1';
}

static int module_open(void *ctx, const char *path, const struct port_settings *s, struct err *e)
{
	(void)ctx;
	(void)path;
	(void)s;
	(void)e;
	return 0;
}

static void module_close(void *ctx)
{
	(void)ctx;
}

static int module_read(void *ctx, void *buf, size_t size, int64_t deadline_ms, struct err *e)
{
	struct module *m = ctx;
	size_t n = 0;

	(void)e;
	if (++m->calls > 1000000)
		fail_msg("this would spin");
	if (m->read < m->size && m->at_ms[m->read] > m->now_ms && m->at_ms[m->read] <= deadline_ms)
		m->now_ms = m->at_ms[m->read];
	while (n < size && m->read + n < m->size && m->at_ms[m->read + n] <= m->now_ms && !(n > 0 && chance(&m->seed, 5)))
		n++;
	if (n == 0 && m->now_ms < deadline_ms)
		m->now_ms = deadline_ms;
	memcpy(buf, m->bytes + m->read, n);
	m->read += n;
	return (int)n;
}

static int module_write(void *ctx, const void *buf, size_t size, int64_t deadline_ms, struct err *e)
{
	struct module *m = ctx;
	const char *bytes = buf;

	(void)deadline_ms;
	(void)e;
	for (size_t i = 0; i < size; i++) {
		if (m->echo)
			put(m, bytes + i, 1, m->now_ms);
		if (bytes[i] == '\r') {
			m->line[m->line_size] = '\0';
			m->line_size = 0;
			respond(m, m->line);
		} else if (m->line_size < sizeof(m->line) - 1) {
			m->line[m->line_size++] = bytes[i];
		}
	}
	return (int)size;
}

static int module_wait(void *ctx, int64_t deadline_ms, struct err *e)
{
	struct module *m = ctx;

	(void)e;
	if (m->now_ms < deadline_ms)
		m->now_ms = deadline_ms;
	return 0;
}

static const struct port_backend module_backend = {
	.open = module_open, .close = module_close, .read = module_read, .write = module_write, .wait = module_wait,
};

static void on_line(void *ctx, enum line_dir dir, const struct at_line *line, bool urc)
{
	struct module *m = ctx;
	struct slice text = slice_trim(line->text);

	if (getenv("DFOTA_SEED"))	/* to see what happens */
		print_message("%lld %c %.*s\n", (long long)m->now_ms, dir == LINE_TX ? '>' : urc ? '*' : '<', (int)text.size, text.data);
	if (dir != LINE_RX || m->tokens_size + text.size + 1 > sizeof(m->tokens))
		return;
	memcpy(m->tokens + m->tokens_size, text.data, text.size);
	m->tokens_size += text.size;
	m->tokens[m->tokens_size++] = '\n';
}

/* The lines are those of the stream as a whole, as far as it was read. */
static void expect_tokens(const struct module *m, uint32_t seed)
{
	struct at_splitter s;
	struct slice line;
	size_t used, at = 0, token = 0;

	at_splitter_init(&s);
	while (at_split(&s, m->bytes + at, m->read - at, &used, &line)) {
		at += used;
		line = slice_trim(line);
		if (token == m->tokens_size)	/* read, and not looked at yet */
			return;
		if (token + line.size >= m->tokens_size || memcmp(m->tokens + token, line.data, line.size) != 0 ||
		    m->tokens[token + line.size] != '\n')
			fail_msg("seed %u: another line than \"%.*s\" was reported", seed, (int)line.size, line.data);
		token += line.size + 1;
	}
	assert_int_equal(token, m->tokens_size);
}

static void make_module(struct module *m, uint32_t seed)
{
	static const char *const ends[] = {"\r\n", "\n", "\r", "\r\r\n"};
	static const char *const subs[] = {"", "01.002.01.002", "A0.301.A0.301", "30.203"};

	memset(m, 0, offsetof(struct module, bytes));
	m->size = m->read = m->line_size = m->tokens_size = m->calls = 0;
	m->busy_ms = 0;
	m->clock.now_ms = module_now;
	m->now_ms = 1000;
	m->seed = seed;
	snprintf(m->sub, sizeof(m->sub), "%s", subs[below(&m->seed, COUNT(subs))]);
	m->ati = (int)below(&m->seed, 4);
	m->gsn = (int)below(&m->seed, 4);
	m->echo = chance(&m->seed, 60);
	m->knows_cmee = chance(&m->seed, 90);
	m->eol = ends[below(&m->seed, COUNT(ends))];
	m->unready = chance(&m->seed, 30) ? 1 + below(&m->seed, 6) : 0;
	m->talks = below(&m->seed, 50);
	m->pauses = below(&m->seed, 100);
	m->lates = chance(&m->seed, 60) ? below(&m->seed, 40) : 0;
}

static bool is_csq(struct slice line)
{
	return slice_is(line, "+CSQ: 26,99");
}

static bool is_cgreg(struct slice line)
{
	struct at_fields f = at_fields(line, "+CGREG:");
	long n, stat;

	return at_field_number(&f, 0, 5, &n) && at_field_number(&f, 0, 15, &stat);
}

/* Questions of which each has one true answer. */
static void ask_at_random(struct module *m, struct modem *modem, uint32_t seed)
{
	static const struct {
		struct modem_command command;
		bool refused;
		const char *line;
	} rows[] = {
		{{"AT&D0", NULL, 1000, NULL}, false, NULL},
		{{"AT+QINDCFG=\"all\",1", NULL, 1000, NULL}, true, NULL},
		{{"AT+IFC=2,2", NULL, 5000, NULL}, false, NULL},
		{{"AT+QINDCFG=2", NULL, 5000, NULL}, true, NULL},
		{{"AT+CSQ", "+CSQ:", 5000, is_csq}, false, "+CSQ: 26,99"},
		{{"AT+CGREG?", "+CGREG:", 5000, is_cgreg}, false, "+CGREG: 0,1"},
	};

	for (int i = 0; i < 10; i++) {
		size_t row = below(&m->seed, COUNT(rows));
		struct modem_reply reply;
		struct err e = {0};
		int r = chance(&m->seed, 50) ? modem_ask(modem, &rows[row].command, &reply, &e) :
			modem_command(modem, &rows[row].command, &reply, &e);

		if (r < 0 && e.code == ERR_TIMEOUT)
			continue;
		if ((r == 0) == rows[row].refused || (r < 0 && e.code != ERR_REFUSED))
			fail_msg("seed %u: %s: %d, %s", seed, rows[row].command.text, r, err_words(&e));
		if (r == 0 && rows[row].line && (reply.count == 0 || !slice_is(reply.lines[reply.count - 1], rows[row].line)))
			fail_msg("seed %u: %s has another answer", seed, rows[row].command.text);
	}
}

/* True: it told all its names. */
static bool converse(struct module *m, uint32_t seed)
{
	const struct port_settings settings = {.baud = 115200};
	const struct modem_hooks hooks = {on_line, m};
	struct identity id = {.port = ""};
	struct identity_doubt doubt;
	struct err e = {0};
	struct port *port = port_new_custom(&m->clock, NULL, &module_backend, m, &e);
	struct modem *modem;
	int baud = 115200;
	bool whole = false;

	assert_non_null(port);
	assert_int_equal(port_open(port, "module", &settings, &e), 0);
	modem = modem_new(port, &m->clock, &hooks, &e);
	assert_non_null(modem);
	if (modem_sync(modem, false, &baud, m->now_ms + 30000, &e) == 0) {
		whole = modem_identify(modem, NULL, m->now_ms + 30000, &id, &doubt, &e) == 0 && id.model[0] &&
			id.version[0] && id.imei[0];
		if ((id.model[0] && strcmp(id.model, "UG96") != 0) || (id.imei[0] && strcmp(id.imei, IMEI) != 0) ||
		    (id.maker[0] && strncasecmp(id.maker, "Quectel", 7) != 0) ||
		    (id.version[0] && version_compare(id.version, FROM) == VERSION_OTHER) ||
		    (*version_sub(id.version) && strcmp(version_sub(id.version), m->sub) != 0) || doubt.version[0])
			fail_msg("seed %u: %s %s %s %s", seed, id.maker, id.model, id.version, id.imei);
		ask_at_random(m, modem, seed);
	}
	expect_tokens(m, seed);
	modem_free(modem);
	port_free(port);
	return whole;
}

static unsigned dialogues(void)
{
	const char *count = getenv("DFOTA_DIALOGUES");

	return count ? (unsigned)strtoul(count, NULL, 10) : DIALOGUES;
}

static void no_name_and_no_answer_is_wrong(void **state)
{
	const char *one = getenv("DFOTA_SEED");
	struct module *m = calloc(1, sizeof(*m));
	unsigned whole = 0, count = one ? 1 : dialogues();

	(void)state;
	assert_non_null(m);
	for (unsigned i = 0; i < count; i++) {
		uint32_t seed = one ? (uint32_t)strtoul(one, NULL, 10) : i * 2654435761u + 1;

		make_module(m, seed);
		whole += converse(m, seed);
	}
	print_message("dialogues: %u, of which %u told all names\n", count, whole);
	/* else this would test silence */
	assert_true(one || whole >= count * 9 / 10);
	free(m);
}

/* --- the same through the engine ----------------------------------------- */

/* A scenario of random answers: what is said between them, late, not ready. */
static void make_scenario(char *text, size_t size, uint32_t *seed)
{
	static const char *const asked[] = {
		"ATI", "AT+CGMR", "AT+GSN", "AT+QGMR", "AT+CPIN?", "AT+CGREG?", "AT+CSQ", "AT+CBC", "ATE0", "AT+CMEE=1",
		"AT+IFC?", "AT+QCFG=*",
	};
	static const char *const before[] = {	/* nine without a pause first */
		"", "\tline APP RDY\n", "\tline SMS DONE\n", "\tline RDY\n", "\tline AT+CGNR\n", "\tline +CREG: 1\n",
		"\traw \"\\0\\0\"\n", "\tline +CGREG: 1,\"4048\",\"0B78\"\n", "\tline Ready4Use\n", "\twait 700\n", "\twait 3000\n",
		"\twait 7000\n", "\tline 490154203237519\n", "\tline UG96 UP\n", "\traw \"+QIND: \\\"SM\"\n\twait 900\n\traw \"S\\\",1\\r\\n\"\n",
	};
	static const char *const answers[] = {
		"\tdefault\n", "\tdefault\n", "\tdefault\n", "\tdefault\n", "\tline OK\n", "\tline ERROR\n", "\tline +CME ERROR: 14\n",
		"\tdefault\n\tline APP RDY\n", "\twait 1\n",
	};
	static const char *const echoes[] = {"off", "on", "stuck"};
	size_t used = (size_t)snprintf(text, size, "set chunk %u\nset echo %s\nset answer-ms %u\n%s", 1 + below(seed, 40),
				       echoes[below(seed, COUNT(echoes))], 1 + below(seed, 300),
				       chance(seed, 30) ? "set eol \"\\n\"\nset bol \"\"\n" : "");

	for (unsigned n = below(seed, 6); n > 0 && used < size; n--)
		used += (size_t)snprintf(text + used, size - used, "on %s nth %u\n%s%s%s", asked[below(seed, COUNT(asked))],
					 1 + below(seed, 3), before[below(seed, COUNT(before))],
					 before[below(seed, 9)], answers[below(seed, COUNT(answers))]);
}

static void judge(const struct run *r, const char *scenario, uint32_t seed, unsigned *done)
{
	bool at_target = strcmp(r->version, TO) == 0;
	bool wrong = false, blamed;

	switch (r->result.outcome) {
	case OUTCOME_SUCCESS:
		wrong = !at_target;
		++*done;
		break;
	case OUTCOME_UNCHANGED:
		wrong = at_target;
		break;
	case OUTCOME_DEVICE_FAILED:
		wrong = true;	/* it never does */
		break;
	case OUTCOME_STOPPED:
		wrong = r->qfotadl > 0;
		break;
	case OUTCOME_UNKNOWN:
	case OUTCOME_READY:
	case OUTCOME_COUNT:
		break;
	}
	/* a question that is asked again is asked of a module that may be busy with the first */
	blamed = r->violations && !strstr(r->violation, "while a command was under way");
	if (wrong || blamed)
		print_error("seed %u: %s, runs %s, %u %s\n%s%s", seed, message_words(&r->result.what), r->version,
			    r->violations, r->violation, scenario, r->lines);
	assert_false(wrong);
	assert_false(blamed);
}

static void no_verdict_is_wrong(void **state)
{
	const char *one = getenv("DFOTA_SEED");
	unsigned done = 0, count = one ? 1 : dialogues() / UPGRADES_IN;

	for (unsigned i = 0; i < count; i++) {
		uint32_t given = one ? (uint32_t)strtoul(one, NULL, 10) : i * 2654435761u + 7, seed = given;
		char scenario[4096];
		struct run r;

		run_init(&r, state);
		if (chance(&seed, 50))
			run_pull(&r, HTTP_URL);
		else
			run_push(&r);
		make_scenario(scenario, sizeof(scenario), &seed);
		r.config.sim.scenario_text = scenario;
		run_go(&r);
		judge(&r, scenario, given, &done);
	}
	print_message("upgrades: %u, of which %u succeeded\n", count, done);
	assert_true(one || done >= count * 8 / 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_name_and_no_answer_is_wrong),
		cmocka_unit_test(no_verdict_is_wrong),
	};

	return cmocka_run_group_tests_name("dialogue", tests, files_make, files_remove);
}

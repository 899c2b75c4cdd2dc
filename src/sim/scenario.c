#include "config.h"

#include "sim/scenario.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "protocol/at.h"

#define DAY_MS 86400000L
#define TEXT(key, field) \
	{ key, offsetof(struct sim_settings, field), sizeof(((struct sim_settings *)NULL)->field), 0, 0, NULL }
/* a text of ascending numbers up to MAX */
#define LIST(key, field, max) \
	{ key, offsetof(struct sim_settings, field), sizeof(((struct sim_settings *)NULL)->field), 0, max, NULL }
#define NUMBER(key, field, min, max) \
	{ key, offsetof(struct sim_settings, field), 0, min, max, NULL }
#define CHOICE(key, field, words) \
	{ key, offsetof(struct sim_settings, field), 0, 0, 0, words }

static const char *const off_on[] = { "off", "on", NULL };
static const char *const echo_words[] = { "off", "on", "stuck", "double", "partial", "wrap", NULL };
static const char *const dialect_words[] = { "com", "com-size", "file", "none", NULL };
static const char *const resume_words[] = { "off", "on", "announce", NULL };
static const char *const noise_words[] = { "flip", "drop", "double", NULL };

static const struct property {
	const char *key;
	size_t offset;
	size_t size;			/* of a text; 0: a number */
	long min, max;
	const char *const *words;	/* of a choice; NULL: none */
} properties[] = {
	TEXT("model", model),			/* as ATI prints it */
	TEXT("imei", imei),
	TEXT("version", version),		/* what it runs */
	TEXT("to", to),				/* what the package makes of it */
	TEXT("final-version", final_version),	/* what it runs after END,0 instead of `to`; "unchanged" */
	TEXT("cpin", cpin),			/* READY, SIM PIN, ...; "none": CME 10 */
	TEXT("operator", operator),
	TEXT("apn", apn),
	TEXT("port", port),			/* what the port we talk through is called in AT+QURCCFG */
	TEXT("urcport", urcport),		/* where URCs go */
	TEXT("ifc", ifc),
	TEXT("test-answer", test_answer),	/* of AT+QFOTADL=?; "": a bare OK */
	TEXT("schemes", schemes),		/* of the URLs that it takes: "ftp http" */
	TEXT("url-tail", url_tail),		/* what may follow the URL in AT+QFOTADL: ",1,50,100"; "": nothing */
	TEXT("local", local),			/* where AT+QFOTADL finds a file of its own: "/data/ufs/"; "": nowhere */
	TEXT("list-prefix", list_prefix),	/* before the names in AT+QFLST: "UFS:" on EC2x */
	LIST("downloading", downloading, 100),	/* the numbers of DOWNLOADING while a package comes; empty: none */
	CHOICE("percent-sign", percent_sign, off_on),	/* " 1%" as BG96 */
	CHOICE("replug", replug, off_on),	/* it restarts before the installation, as EC2x and LTE-A do */
	NUMBER("damaged-code", damaged_code, 1, 99999),	/* END of a package that is not the one it takes */
	NUMBER("base-code", base_code, 1, 99999),	/* END of a package for another version */
	TEXT("updating-word", updating_word),	/* UPDATING; RESTORE as BG96 */
	LIST("percents", percents, 100),	/* those it reports: 0,50,100; empty: none */
	TEXT("bol", bol),			/* before and */
	TEXT("eol", eol),			/* after a line */
	NUMBER("voltage-mv", voltage_mv, 0, 10000),
	NUMBER("battery", battery, 0, 100),
	NUMBER("rssi", rssi, 0, 99),
	NUMBER("creg", creg, 0, 5),		/* 1 home, 5 roaming */
	NUMBER("cgreg", cgreg, 0, 5),
	NUMBER("cereg", cereg, 0, 5),
	CHOICE("context", context, off_on),	/* PDP context 1 active */
	NUMBER("cmee", cmee, 0, 2),
	CHOICE("stateurc", stateurc, off_on),	/* off hides the FOTA lines (assumption, protocol.md 3.3) */
	CHOICE("echo", echo, echo_words),	/* stuck: ATE0 answers OK and changes nothing */
	NUMBER("baud", baud, 300, 4000000),
	NUMBER("baud-after-boot", baud_after_boot, 0, 4000000),	/* 0: as stored by AT&W */
	CHOICE("auto-rate", auto_rate, off_on),	/* AT+IPR? answers 0: it takes the rate of the host's AT, and is not heard at boot before one (protocol.md 4.5) */
	NUMBER("answer-ms", answer_ms, 1, DAY_MS),	/* a plain command takes */
	NUMBER("boot-ms", boot_ms, 4, DAY_MS),		/* from the port's return to PB DONE */
	NUMBER("absent-ms", absent_ms, 0, DAY_MS),	/* port away at a reboot; 0: for ever */
	NUMBER("download-ms", download_ms, 1, DAY_MS),	/* at least, from FTPSTART to FTPEND */
	NUMBER("start-ms", start_ms, 1, DAY_MS),	/* package check, and other pauses of the upgrade */
	NUMBER("flash-ms", flash_ms, 1, DAY_MS),	/* START to END */
	NUMBER("reboot-ms", reboot_ms, 1, DAY_MS),	/* END to hang-up */
	NUMBER("source-code", source_code, -1, 99999),	/* of FTPEND, HTTPEND; -1: as the download went */
	NUMBER("end-code", end_code, 0, 99999),		/* of END; not 0: old version, no reboot */
	NUMBER("end-percent", end_percent, 0, 100),	/* where a flash with an end-code stops */
	CHOICE("dialect", dialect, dialect_words),	/* which serial form of AT+QFOTADL it knows */
	CHOICE("resume", resume, resume_words),		/* after a power cut in the upgrade */
	NUMBER("fota-max", fota_max, 0, LONG_MAX),	/* largest package, bytes */
	NUMBER("ufs-free", ufs_free, 0, 16777216),
	NUMBER("chunk", chunk, 0, 65536),		/* bytes that come out in one millisecond; 0: no limit */
	NUMBER("noise-in", noise_in, 0, 1000000),	/* bytes in a million hit, from the host */
	NUMBER("noise-out", noise_out, 0, 1000000),	/* ... to the host */
	CHOICE("noise-kind", noise_kind, noise_words),
	NUMBER("seed", seed, 1, LONG_MAX),		/* of noise and garbage */
	CHOICE("mute", mute, off_on),			/* what it prints gets lost */
	CHOICE("deaf", deaf, off_on),			/* what it is sent gets lost */
	NUMBER("take-rate", take_rate, 0, 100000000),	/* bytes a second of a transfer, after the first 32; what comes faster gets lost; 0: no limit (protocol.md 2.3) */
	CHOICE("reading", reading, off_on),		/* off: takes no bytes, its RTS is low */
};
#define PROPERTIES (sizeof(properties) / sizeof(properties[0]))

void sim_settings_init(struct sim_settings *p, bool fast)
{
	*p = (struct sim_settings){
		.model = "UG96", .imei = "490154203237518",
		.version = "UG96LNAR02A06E1G", .to = "UG96LNAR02A08E1G",
		.cpin = "READY", .operator = "DFOTA TEST", .apn = "internet",
		.port = "uart1", .urcport = "uart1", .ifc = "0,0",
		.updating_word = "UPDATING", .bol = "\r\n", .eol = "\r\n",
		/* protocol.md 3.1 */
		.percents = "0,2,4,6,9,13,17,21,25,29,33,37,41,45,49,53,57,61,65,"
			    "69,73,77,81,85,89,93,97,100",
		.voltage_mv = 3814, .battery = 71, .rssi = 26, .creg = 1, .cgreg = 1, .cereg = 0,
		.schemes = "ftp http", .damaged_code = 505, .base_code = 504,	/* BG96, EP06: protocol.md 5.3 */
		.context = 1, .stateurc = 1, .echo = SIM_ECHO_ON, .baud = 115200,
		.answer_ms = fast ? 1 : 20, .boot_ms = fast ? 200 : 4000,
		.absent_ms = fast ? 100 : 1500, .download_ms = fast ? 50 : 3000,
		.start_ms = fast ? 20 : 1000, .flash_ms = fast ? 1000 : 12000,
		.reboot_ms = fast ? 50 : 1000, .source_code = -1, .end_percent = 46,
		.resume = SIM_RESUME_ON, .fota_max = 4194304, .ufs_free = 2987840,
		.seed = 1, .reading = 1,
	};
}

int sim_setting_find(const char *name, size_t size)
{
	for (size_t i = 0; i < PROPERTIES; i++)
		if (strlen(properties[i].key) == size &&
		    !memcmp(properties[i].key, name, size))
			return (int)i;
	return -1;
}

static int set_word(long *out, const struct property *row, const char *value,
		    struct err *e)
{
	for (long i = 0; row->words[i]; i++)
		if (!strcmp(row->words[i], value)) {
			*out = i;
			return 0;
		}
	return err_fail(e, MSG_PROPERTY_WORD, "property=%s value=%s", row->key, value);
}

static bool parse_number(const char *text, long long min, long long max,
			 long long *out)
{
	char *end;
	long long n;

	if (!isdigit((unsigned char)text[0]) && text[0] != '-')
		return false;
	errno = 0;
	n = strtoll(text, &end, 10);
	if (*end || errno || n < min || n > max)
		return false;
	*out = n;
	return true;
}

static bool ascends(const char *list, long max)
{
	long last = -1, number;

	while (*list) {
		size_t size = strcspn(list, ",");

		if (!slice_number((struct slice){ list, size }, last + 1, max, &number) ||
		    (list[size] && !list[size + 1]))
			return false;
		last = number;
		list += size + (list[size] == ',');
	}
	return true;
}

int sim_setting_set(struct sim_settings *p, size_t row, const char *value,
		    struct err *e)
{
	const struct property *q = &properties[row];
	char *field = (char *)p + q->offset;
	size_t size = strlen(value);
	long long n;

	if (q->size) {
		if (size >= q->size)
			return err_fail(e, MSG_PROPERTY_LONG, "property=%s most=%zu", q->key, q->size - 1);
		if (q->max && !ascends(value, q->max))
			return err_fail(e, MSG_PROPERTY_LIST, "property=%s most=%ld value=%s", q->key, q->max, value);
		memcpy(field, value, size + 1);
		return 0;
	}
	if (q->words)
		return set_word((long *)(void *)field, q, value, e);
	if (!parse_number(value, q->min, q->max, &n))
		return err_fail(e, MSG_PROPERTY_NUMBER, "property=%s least=%ld most=%ld value=%s", q->key, q->min, q->max, value);
	*(long *)(void *)field = (long)n;
	return 0;
}

char *sim_setting_get(const struct sim_settings *p, size_t row, char *out,
		      size_t out_size)
{
	const struct property *q = &properties[row];
	const char *field = (const char *)p + q->offset;

	if (q->size)
		snprintf(out, out_size, "%s", field);
	else
		snprintf(out, out_size, "%ld", *(const long *)(const void *)field);
	return out;
}

bool sim_pattern_fits(const char *pattern, const char *text)
{
	const char *star = NULL, *back = NULL;

	while (*text) {
		if (*pattern == '*') {
			star = pattern++;
			back = text;
		} else if (*pattern == *text) {
			pattern++;
			text++;
		} else if (star) {
			pattern = star + 1;
			text = ++back;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}

/* What an action takes after its name. */
enum argument { ARG_NONE, ARG_TEXT, ARG_BYTES, ARG_NUMBER, ARG_FILL, ARG_SETTING };

static const struct {
	const char *name;
	enum sim_do what;
	enum argument argument;
} actions[] = {
	{ "line", SIM_DO_LINE, ARG_TEXT },
	{ "raw", SIM_DO_RAW, ARG_BYTES },
	{ "fill", SIM_DO_FILL, ARG_FILL },
	{ "garbage", SIM_DO_GARBAGE, ARG_NUMBER },
	{ "wait", SIM_DO_WAIT, ARG_NUMBER },
	{ "hold", SIM_DO_HOLD, ARG_NONE },
	{ "set", SIM_DO_SET, ARG_SETTING },
	{ "vanish", SIM_DO_VANISH, ARG_NUMBER },
	{ "reboot", SIM_DO_REBOOT, ARG_NONE },
	{ "stop", SIM_DO_STOP, ARG_NONE },
	{ "finish", SIM_DO_FINISH, ARG_NONE },
	{ "leave", SIM_DO_LEAVE, ARG_NONE },
	{ "default", SIM_DO_DEFAULT, ARG_NONE },
	{ "drop", SIM_DO_DROP, ARG_NONE },
	{ "hush", SIM_DO_HUSH, ARG_NONE },
};

static const struct {
	const char *name;
	bool numbered;
} events[SIM_AT_COUNT] = {
	[SIM_AT_TIME] = { "time", true },
	[SIM_AT_BOOT] = { "boot", false },
	[SIM_AT_DATA] = { "data", true },
	[SIM_AT_ACK] = { "ack", true },
	[SIM_AT_DATA_END] = { "data-end", false },
	[SIM_AT_DOWNLOAD] = { "download", false },
	[SIM_AT_DOWNLOAD_END] = { "download-end", false },
	[SIM_AT_START] = { "start", false },
	[SIM_AT_UPDATING] = { "updating", true },
	[SIM_AT_END] = { "end", false },
	[SIM_AT_REBOOT] = { "reboot", false },
};

struct parser {
	struct sim_scenario *sc;
	struct sim_settings *settings;
	struct sim_settings scratch;	/* where values of later `set`s are tried */
	struct err *e;
};

static char *skip_blanks(char *p)
{
	while (*p == ' ' || *p == '\t')
		p++;
	return p;
}

/* Cut the word at *P off with a NUL and move on to the next. */
static char *take_word(char **p)
{
	char *word = skip_blanks(*p);
	char *end = word + strcspn(word, " \t");

	*p = *end ? skip_blanks(end + 1) : end;
	*end = '\0';
	return word;
}

static int hex_digit(char c)
{
	const char *digits = "0123456789abcdef", *at;

	at = c ? strchr(digits, tolower((unsigned char)c)) : NULL;
	return at ? (int)(at - digits) : -1;
}

/* Decode one escape at IN (after the backslash); how many bytes it takes, 0: none. */
static size_t decode_escape(const char *in, char *out)
{
	static const char names[] = "rnte0\\\"", values[] = "\r\n\t\033\0\\\"";
	const char *at = *in ? strchr(names, *in) : NULL;

	if (at) {
		*out = values[at - names];
		return 1;
	}
	if (*in != 'x' || hex_digit(in[1]) < 0 || hex_digit(in[2]) < 0)
		return 0;
	*out = (char)(hex_digit(in[1]) << 4 | hex_digit(in[2]));
	return 3;
}

/* Decode the quoted string TEXT in place; nothing may follow it. */
static int unquote(char *text, size_t *size, struct err *e)
{
	char *in = text + 1, *out = text;

	if (*text != '"')
		return err_fail(e, MSG_SCENARIO_QUOTE, "");
	while (*in && *in != '"') {
		char c = *in++;
		size_t used;

		if (c == '\\') {
			used = decode_escape(in, &c);
			if (!used)
				return err_fail(e, MSG_SCENARIO_ESCAPE, "escape=%.*s", 1, in);
			in += used;
		}
		*out++ = c;
	}
	if (!*in)
		return err_fail(e, MSG_SCENARIO_QUOTE_OPEN, "");
	if (*skip_blanks(in + 1))
		return err_fail(e, MSG_SCENARIO_QUOTE_MORE, "");
	*size = (size_t)(out - text);
	*out = '\0';
	return 0;
}

/* "KEY VALUE" at P into ROW and VALUE. */
static int parse_setting(char *p, size_t *row, char **value, struct err *e)
{
	char *key = take_word(&p);
	int found = sim_setting_find(key, strlen(key));
	size_t size = 0;

	if (found < 0)
		return err_fail(e, MSG_PROPERTY_UNKNOWN, "property=%s", key);
	if (*p == '"' && unquote(p, &size, e) < 0)
		return -1;
	if (strlen(p) < size)
		return err_fail(e, MSG_PROPERTY_NUL, "property=%s", key);
	*row = (size_t)found;
	*value = p;
	return 0;
}

static int parse_count(const char *what, const char *text, long long *number,
		       struct err *e)
{
	if (parse_number(text, 0, LLONG_MAX, number))
		return 0;
	return err_fail(e, MSG_SCENARIO_NUMBER, "word=%s value=%s", what, text);
}

static int parse_argument(struct parser *in, enum argument kind, char *p,
			  const char *name, struct sim_action *a)
{
	char *value;

	a->text = p;
	a->size = strlen(p);
	switch (kind) {
	case ARG_NONE:
		if (*p)
			return err_fail(in->e, MSG_SCENARIO_NO_VALUE, "action=%s", name);
		return 0;
	case ARG_TEXT:
		return 0;
	case ARG_BYTES:
		return unquote(p, &a->size, in->e);
	case ARG_NUMBER:
		return parse_count(name, p, &a->number, in->e);
	case ARG_FILL:
		if (parse_count(name, take_word(&p), &a->number, in->e) < 0)
			return -1;
		a->text = p;
		if (unquote(p, &a->size, in->e) < 0)
			return -1;
		if (a->size != 1)
			return err_fail(in->e, MSG_SCENARIO_FILL, "");
		return 0;
	case ARG_SETTING:
		if (parse_setting(p, &a->key, &value, in->e) < 0)
			return -1;
		a->text = value;
		a->size = strlen(value);
		return sim_setting_set(&in->scratch, a->key, value, in->e);
	}
	return 0;
}

static int parse_action(struct parser *in, char *p)
{
	struct sim_scenario *sc = in->sc;
	char *name = take_word(&p);

	if (!sc->block_count)
		return err_fail(in->e, MSG_SCENARIO_ACTION_ALONE, "");
	if (sc->action_count == SCENARIO_ACTIONS)
		return err_fail(in->e, MSG_SCENARIO_ACTIONS, "most=%d", SCENARIO_ACTIONS);
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		struct sim_action *a = &sc->actions[sc->action_count];

		if (strcmp(actions[i].name, name))
			continue;
		*a = (struct sim_action){ .what = actions[i].what };
		if (parse_argument(in, actions[i].argument, p, name, a) < 0)
			return -1;
		sc->action_count++;
		sc->blocks[sc->block_count - 1].count++;
		return 0;
	}
	return err_fail(in->e, MSG_SCENARIO_ACTION, "action=%s", name);
}

/* Cut "nth N" or "nth N.." off the end of P. */
static int parse_nth(char *p, struct sim_block *b, struct err *e)
{
	char *at = NULL, *end, *next = p;
	unsigned long n;

	while ((next = strstr(next, " nth ")))
		at = next++;
	if (!at && !strncmp(p, "nth ", 4))
		at = p;
	if (!at)
		return 0;
	next = skip_blanks(skip_blanks(at) + 3);
	n = strtoul(next, &end, 10);
	b->nth_on = !strcmp(end, "..");
	if (!isdigit((unsigned char)*next) || n < 1 || n > 1000000 || (*end && !b->nth_on))
		return err_fail(e, MSG_SCENARIO_NTH, "");
	b->nth = (unsigned)n;
	*at = '\0';
	return 0;
}

static int parse_event(char *p, struct sim_block *b, struct err *e)
{
	char *name = take_word(&p);

	for (size_t i = 0; i < SIM_AT_COUNT; i++) {
		if (strcmp(events[i].name, name))
			continue;
		b->at = (enum sim_at)i;
		if (events[i].numbered)
			return parse_count(name, take_word(&p), &b->number, e);
		if (*p)
			return err_fail(e, MSG_SCENARIO_EVENT_NUMBER, "event=%s", name);
		return 0;
	}
	return err_fail(e, MSG_SCENARIO_EVENT, "event=%s", name);
}

static void trim_end(char *p)
{
	size_t n = strlen(p);

	while (n && (p[n - 1] == ' ' || p[n - 1] == '\t' || p[n - 1] == '\r'))
		p[--n] = '\0';
}

static int parse_block(struct parser *in, const char *keyword, char *p)
{
	struct sim_scenario *sc = in->sc;
	struct sim_block *b = &sc->blocks[sc->block_count];

	if (sc->block_count == SCENARIO_BLOCKS)
		return err_fail(in->e, MSG_SCENARIO_BLOCKS, "most=%d", SCENARIO_BLOCKS);
	*b = (struct sim_block){ .first = sc->action_count };
	if (parse_nth(p, b, in->e) < 0)
		return -1;
	trim_end(p);
	if (!strcmp(keyword, "at")) {
		if (parse_event(p, b, in->e) < 0)
			return -1;
	} else {
		if (!*p)
			return err_fail(in->e, MSG_SCENARIO_COMMAND, "");
		b->command = p;
	}
	sc->block_count++;
	return 0;
}

static int parse_line(struct parser *in, char *line)
{
	char *p = skip_blanks(line), *keyword, *value;
	size_t row;

	if (!*p || *p == '#')
		return 0;
	if (p != line)
		return parse_action(in, p);
	keyword = take_word(&p);
	if (!strcmp(keyword, "on") || !strcmp(keyword, "at"))
		return parse_block(in, keyword, p);
	if (strcmp(keyword, "set"))
		return err_fail(in->e, MSG_SCENARIO_LINE, "word=%s", keyword);
	if (parse_setting(p, &row, &value, in->e) < 0)
		return -1;
	return sim_setting_set(in->settings, row, value, in->e);
}

/* Parse sc->text, SIZE bytes and a NUL. */
static int parse_text(struct sim_scenario *sc, struct sim_settings *p,
		      const char *name, size_t size, struct err *e)
{
	struct parser in = { .sc = sc, .settings = p, .scratch = *p, .e = e };
	char *at = sc->text;
	unsigned number = 0;

	while (at < sc->text + size) {
		char *end = memchr(at, '\n', (size_t)(sc->text + size - at));
		char *next = end ? end + 1 : sc->text + size;
		int rc;

		number++;
		if (end)
			*end = '\0';
		if (strlen(at) != (size_t)((end ? end : next) - at))
			rc = err_fail(e, MSG_SCENARIO_NUL, "");
		else
			rc = (trim_end(at), parse_line(&in, at));
		if (rc < 0)
			return err_doing(e, MSG_IN_LINE, "path=%s line=%u", name, number);
		at = next;
	}
	return 0;
}

int sim_scenario_parse(struct sim_scenario *sc, struct sim_settings *p,
		       const char *name, const char *text, size_t size,
		       struct err *e)
{
	memset(sc, 0, sizeof(*sc));
	if (size > SCENARIO_MAX)
		return err_fail(e, MSG_SCENARIO_LONG, "path=%s most=%d", name, SCENARIO_MAX);
	sc->text = malloc(size + 1);
	if (!sc->text)
		return err_fail(e, MSG_NO_MEMORY, "what=%s", "scenario");
	memcpy(sc->text, text, size);
	sc->text[size] = '\0';
	if (parse_text(sc, p, name, size, e) == 0)
		return 0;
	sim_scenario_free(sc);
	return -1;
}

/* Read PATH into BUF[SCENARIO_MAX + 1]; how many bytes, or -1. */
static ssize_t read_file(const char *path, char *buf, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	size_t size = 0;
	ssize_t n = 1;
	struct stat st;

	if (fd < 0)
		return errno == ENOENT ? err_fail(e, MSG_SCENARIO_MISSING, "path=%s", path) :
			err_fail_sys(e, MSG_SCENARIO_UNREADABLE, errno, "path=%s", path);
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return err_fail(e, MSG_SCENARIO_NO_FILE, "path=%s", path);
	}
	while (n > 0 && size <= SCENARIO_MAX) {
		n = read(fd, buf + size, SCENARIO_MAX + 1 - size);
		if (n < 0 && errno == EINTR)
			n = 1;
		else if (n > 0)
			size += (size_t)n;
	}
	if (n < 0) {
		err_fail_sys(e, MSG_SCENARIO_UNREADABLE, errno, "path=%s", path);
		close(fd);
		return -1;
	}
	close(fd);
	return (ssize_t)size;
}

int sim_scenario_load(struct sim_scenario *sc, struct sim_settings *p,
		      const char *path, struct err *e)
{
	char *buf = malloc(SCENARIO_MAX + 1);
	ssize_t size;
	int rc = -1;

	if (!buf)
		return err_fail(e, MSG_NO_MEMORY, "what=%s", "scenario");
	size = read_file(path, buf, e);
	if (size >= 0)
		rc = sim_scenario_parse(sc, p, path, buf, (size_t)size, e);
	free(buf);
	return rc;
}

void sim_scenario_free(struct sim_scenario *sc)
{
	free(sc->text);
	sc->text = NULL;
}

#include "config.h"

#include "report/report.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "report/state.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define WAIT_MIN_MS 100		/* nobody notices what is less */
#define LATE_MS 1000		/* a stage that came later than a built-in one came late */
#define LINE_MAX_TEXT 900	/* an action's line is expanded into 1,024 bytes */
#define BOOT_MIN_MS 4		/* as its property */
#define BLOCKS_MAX (SCENARIO_MAX - 65536)	/* bytes of blocks; the rest is for heads and settings */
/* So much may stand in a block before it takes no more lines. */
#define BLOCK_ACTIONS 160
#define BLOCK_BYTES 16384
/* A driver and an adapter may hold so much of what the program counted as sent. */
#define HELD_BYTES 4096

/* --- blocks */

void script_begin(struct script *w, int64_t now_ms)
{
	w->body = open_memstream(&w->text, &w->size);
	w->body_actions = w->body_bytes = 0;
	w->now_ms = now_ms;
}

void script_action(struct script *w, const char *format, ...)
{
	va_list args;

	if (!w->body)
		return;
	va_start(args, format);
	fputc('\t', w->body);
	vfprintf(w->body, format, args);
	fputc('\n', w->body);
	va_end(args);
	w->body_actions++;
}

void script_wait_until(struct script *w, int64_t t_ms)
{
	if (t_ms - w->now_ms < WAIT_MIN_MS || w->body_actions >= BLOCK_ACTIONS)
		return;
	script_action(w, "wait %" PRId64, t_ms - w->now_ms);
	w->now_ms = t_ms;
}

/* As `line`: text that means itself there. */
static bool is_plain(const unsigned char *p, size_t size)
{
	if (size == 0 || size > LINE_MAX_TEXT || p[0] == ' ' || p[size - 1] == ' ')
		return false;
	for (size_t i = 0; i < size; i++)
		if (p[i] < 0x20 || p[i] > 0x7e || p[i] == '{')
			return false;
	return true;
}

static void put_raw(struct script *w, const unsigned char *p, size_t size)
{
	if (!w->body)
		return;
	fputs("\traw \"\\r\\n", w->body);
	for (size_t i = 0; i < size; i++) {
		if (p[i] == '"' || p[i] == '\\')
			fprintf(w->body, "\\%c", p[i]);
		else if (p[i] < 0x20 || p[i] > 0x7e)
			fprintf(w->body, "\\x%02x", p[i]);
		else
			fputc(p[i], w->body);
	}
	fputs("\\r\\n\"\n", w->body);
	w->body_actions++;
}

void script_line(struct script *w, const struct story *s)
{
	const unsigned char *text = (const unsigned char *)s->ev.line.text, *raw = s->ev.line.raw;
	size_t size = strlen(s->ev.line.text), raw_size = s->ev.line.raw_size;

	if (w->body_actions >= BLOCK_ACTIONS || w->body_bytes >= BLOCK_BYTES) {
		w->left_out++;
		return;
	}
	/* the exact bytes end at RAW_SIZE, a longer text goes on */
	if (raw_size && (raw_size < RAW_SIZE || memcmp(text, raw, raw_size) != 0)) {
		text = raw;
		size = raw_size;
	}
	w->body_bytes += size;
	if (is_plain(text, size))
		script_action(w, "line %.*s", (int)size, (const char *)text);
	else
		put_raw(w, text, size);
}

void script_end(struct script *w, const char *head)
{
	if (!w->body || fclose(w->body) != 0) {
		w->left_out++;
	} else if (w->body_actions && w->blocks < SCENARIO_BLOCKS &&
		   w->actions + w->body_actions <= SCENARIO_ACTIONS && w->written + w->size <= BLOCKS_MAX) {
		fprintf(w->out, "%s\n%s", head, w->text);
		w->blocks++;
		w->actions += w->body_actions;
		w->written += w->size;
	} else if (w->body_actions) {
		w->left_out++;
	}
	free(w->text);
	w->body = NULL;
	w->text = NULL;
}

/* --- what came that no built-in module does */

static const char *const boot_lines[] = {	/* sim.c */
	"RDY", "+CFUN: 1", "+CPIN: READY", "+QUSIM: 1", "+QIND: SMS DONE", "+QIND: PB DONE",
};

static bool is_boot_line(const struct story *s)
{
	for (size_t i = 0; i < COUNT(boot_lines); i++)
		if (!strcmp(s->ev.line.text, boot_lines[i]))
			return true;
	return false;
}

/* When the port is back that went away in moment I; NULL: never. */
static const struct moment *find_back(const struct story *s, size_t i)
{
	for (; i < s->count; i++)
		if (s->moments[i].what == MOMENT_BACK)
			return &s->moments[i];
	return NULL;
}

/* Where it says that it boots, from moment I on and before it goes again or
 * goes on with an upgrade; NULL: nowhere. */
static const struct moment *find_boot(struct story *s, size_t i)
{
	for (; i < s->count && s->moments[i].what != MOMENT_GONE && s->moments[i].stage <= STAGE_COMMAND; i++)
		if (s->moments[i].what == MOMENT_LINE && story_line(s, s->moments[i].number) &&
		    !strcmp(s->ev.line.text, boot_lines[0]))
			return &s->moments[i];
	return NULL;
}

static int64_t at_least(int64_t ms, int64_t least)
{
	return ms < least ? least : ms;
}

/* Moment I: the port goes. When an upgrade ends by that and the module boots,
 * its power was cut. */
static void write_absence(struct script *w, struct story *s, size_t i)
{
	const struct moment *back = find_back(s, i), *boot = find_boot(s, i + 1);
	int64_t away_ms;

	script_wait_until(w, s->moments[i].t_ms);
	away_ms = back ? at_least(back->t_ms - w->now_ms, 1) : 0;
	if (!back || !boot || s->cut == STAGE_NONE || s->cut == STAGE_REBOOT) {
		script_action(w, "vanish %" PRId64, away_ms);
		return;
	}
	script_action(w, "set absent-ms %" PRId64, away_ms);
	script_action(w, "set boot-ms %" PRId64, at_least(4 * (boot->t_ms - back->t_ms), BOOT_MIN_MS));
	script_action(w, "reboot");
	w->booting = true;
}

static void write_moments(struct script *w, struct story *s, size_t first, size_t end)
{
	for (size_t i = first; i < end; i++) {
		const struct moment *m = &s->moments[i];

		if (m->what == MOMENT_GONE) {
			write_absence(w, s, i);
		} else if (m->what == MOMENT_LINE && story_line(s, m->number)) {
			if (w->booting && is_boot_line(s))
				continue;
			script_wait_until(w, m->t_ms);
			script_line(w, s);
		}
	}
}

/* --- the course of an upgrade */

/* What a built-in module prints at moment M. */
static void built_in_line(const struct story *s, const struct moment *m, char *out, size_t out_size)
{
	const char *source = s->http ? "HTTP" : "FTP";

	switch (m->stage) {
	case STAGE_COMMAND:
		snprintf(out, out_size, s->pull ? "OK" : "CONNECT");
		break;
	case STAGE_DATA_END:
		snprintf(out, out_size, "OK");
		break;
	case STAGE_DOWNLOAD:
		snprintf(out, out_size, "+QIND: \"FOTA\",\"%sSTART\"", source);
		break;
	case STAGE_DOWNLOAD_END:
		snprintf(out, out_size, "+QIND: \"FOTA\",\"%sEND\",%ld", source, m->value);
		break;
	case STAGE_START:
		snprintf(out, out_size, "+QIND: \"FOTA\",\"START\"");
		break;
	case STAGE_UPDATING:
		snprintf(out, out_size, "+QIND: \"FOTA\",\"%s\",%ld", s->set.updating_word, m->value);
		break;
	case STAGE_END:
		snprintf(out, out_size, "+QIND: \"FOTA\",\"END\",%ld", m->value);
		break;
	case STAGE_NONE:
	case STAGE_REBOOT:
	case STAGE_BOOT:
	case STAGE_COUNT:
		out[0] = '\0';
		break;
	}
}

static void stage_head(char *out, size_t out_size, enum stage stage, long percent)
{
	static const char *const heads[STAGE_COUNT] = {
		[STAGE_NONE] = "", [STAGE_COMMAND] = "on AT+QFOTADL=\"*", [STAGE_DATA_END] = "at data-end",
		[STAGE_DOWNLOAD] = "at download", [STAGE_DOWNLOAD_END] = "at download-end",
		[STAGE_START] = "at start", [STAGE_UPDATING] = "at updating", [STAGE_END] = "at end",
		[STAGE_REBOOT] = "at reboot", [STAGE_BOOT] = "at boot",
	};

	if (stage == STAGE_UPDATING)
		snprintf(out, out_size, "%s %ld", heads[stage], percent);
	else
		snprintf(out, out_size, "%s", heads[stage]);
}

/* From a stage of a built-in module to its next, STAGE. */
static int64_t usual_ms(const struct story *s, enum stage stage)
{
	long usual[101];
	size_t lines = s->own_percents ? s->percent_count : story_usual_percents(usual);

	switch (stage) {
	case STAGE_DOWNLOAD:
	case STAGE_START:
		return s->set.start_ms;
	case STAGE_DOWNLOAD_END:
		return s->set.download_ms;
	case STAGE_UPDATING:
	case STAGE_END:
		return s->set.flash_ms / (int64_t)(lines ? lines : 1);
	case STAGE_REBOOT:
		return s->set.reboot_ms;
	case STAGE_NONE:
	case STAGE_COMMAND:
	case STAGE_DATA_END:
	case STAGE_BOOT:
	case STAGE_COUNT:
		break;
	}
	return 0;
}

/* Is STAGE one that a module goes through on this way? */
static bool on_the_way(const struct story *s, enum stage stage)
{
	if (stage == STAGE_DATA_END)
		return !s->pull;
	if (stage == STAGE_DOWNLOAD || stage == STAGE_DOWNLOAD_END)
		return s->pull;
	return stage != STAGE_UPDATING;
}

/* Stages of a built-in module between FROM, where it was at NOW_MS, and TO,
 * which went by without a word that was heard: write them with W, unless that
 * is NULL. Returns when it comes to TO by itself. */
static int64_t pass_lost(struct script *w, const struct story *s, enum stage from, enum stage to, int64_t now_ms)
{
	char head[40];

	if (to == STAGE_DATA_END)
		return s->data_ms;
	for (int i = (int)from + 1; i < (int)to; i++) {
		enum stage stage = (enum stage)i;

		if (!on_the_way(s, stage))
			continue;
		now_ms += usual_ms(s, stage);
		if (stage == STAGE_REBOOT || !w)
			continue;
		script_begin(w, now_ms);
		script_action(w, "hush");
		stage_head(head, sizeof(head), stage, 0);
		script_end(w, head);
	}
	return now_ms + usual_ms(s, to);
}

/* Who it is when it comes back, where that is another than it was. */
static void write_identity(struct script *w, const struct story *s)
{
	if (s->imei_told && strcmp(s->imei_after, s->set.imei) != 0 && story_may_set("imei", s->imei_after))
		script_action(w, "set imei%s%s", s->imei_after[0] ? " " : "", s->imei_after);
}

/* Nobody heard it boot although messages come to our port. */
static bool boots_unheard(struct story *s, size_t boot)
{
	return s->own_urcs && !find_boot(s, boot + 1);
}

/* A built-in module does what it does there, and then what came in the
 * moments [FIRST, END). */
static void write_behind(struct script *w, struct story *s, enum stage stage, size_t first, size_t end)
{
	size_t before = w->body_actions;
	bool unheard = stage == STAGE_BOOT && boots_unheard(s, first - 1);

	if (unheard)
		script_action(w, "set mute on");
	if (first < end || unheard || (stage == STAGE_COMMAND && before))
		script_action(w, "default");
	if (unheard) {
		script_action(w, "wait 10");
		script_action(w, "set mute off");
	}
	w->booting |= stage == STAGE_BOOT && !unheard;
	write_moments(w, s, first, end);
	if (!before && w->body_actions == 1)
		w->body_actions = 0;	/* nothing but what it does anyway */
}

/* What came while data went over, of the moments [FIRST, END); returns where that ends. */
static size_t write_data(struct script *w, struct story *s, size_t first, size_t end)
{
	char head[40];

	while (end > first && s->moments[end - 1].number > s->data_last)
		end--;
	for (size_t i = first; i < end; i++) {
		const struct moment *m = &s->moments[i];
		size_t next = i + 1;

		while (next < end && s->moments[next].data == m->data)
			next++;
		script_begin(w, m->t_ms);
		write_moments(w, s, i, next);
		snprintf(head, sizeof(head), "at data %" PRIu64, m->data ? m->data : 1);
		script_end(w, head);
		i = next - 1;
	}
	return end;
}

/* The moments around a stage: what came since the one before, from FIRST on,
 * those up to END go with it; it comes at DUE_MS by itself. */
struct around {
	size_t first, end;
	int64_t due_ms;
	bool alone;		/* nothing came since the stage before */
};

/* The block of moment I, which is a stage. */
static void write_stage(struct script *w, struct story *s, size_t i, const struct around *a)
{
	const struct moment *m = &s->moments[i];
	char head[40], text[96];

	built_in_line(s, m, text, sizeof(text));
	script_begin(w, m->stage == STAGE_BOOT ? m->t_ms : a->due_ms);
	write_moments(w, s, a->first, i);
	if (!a->alone || m->t_ms - w->now_ms >= LATE_MS)
		script_wait_until(w, m->t_ms);
	w->now_ms = m->t_ms;
	if (text[0] && m->stage != STAGE_COMMAND && story_line(s, m->number) && strcmp(s->ev.line.text, text) != 0) {
		script_line(w, s);
		script_action(w, "hush");
	}
	if (m->stage == STAGE_REBOOT)
		write_identity(w, s);
	write_behind(w, s, m->stage, i + 1, a->end);
	stage_head(head, sizeof(head), m->stage, m->value);
	script_end(w, head);
}

/* Here it stopped: what came after the stage LAST at NOW_MS, from moment FIRST
 * on, and no more of its own. */
static void write_cut(struct script *w, struct story *s, enum stage last, size_t first, int64_t now_ms)
{
	char head[40];

	script_begin(w, pass_lost(NULL, s, last, s->cut, now_ms));
	if (s->cut == STAGE_REBOOT)
		write_identity(w, s);
	write_moments(w, s, first, s->count);
	script_action(w, "drop");
	stage_head(head, sizeof(head), s->cut, story_next_percent(s));
	script_end(w, head);
	pass_lost(w, s, last, s->cut, now_ms);
}

static size_t next_staged(const struct story *s, size_t i)
{
	while (i < s->count && s->moments[i].stage == STAGE_NONE)
		i++;
	return i;
}

/* The moments behind I that come before a built-in module does what is next;
 * what comes later goes there. */
static size_t find_end(const struct story *s, size_t i)
{
	size_t next = next_staged(s, i + 1), end = i + 1;
	enum stage stage = next < s->count ? s->moments[next].stage : s->cut;
	int64_t due_ms;

	if (stage == STAGE_NONE)
		return s->count;
	if (stage == STAGE_DATA_END || stage == STAGE_BOOT)
		return end;
	due_ms = pass_lost(NULL, s, s->moments[i].stage, stage, s->moments[i].t_ms);
	while (end < next && s->moments[end].t_ms < due_ms)
		end++;
	return end;
}

static void write_course(struct script *w, struct story *s)
{
	enum stage last = STAGE_COMMAND;
	int64_t now_ms = s->command_ms;
	struct around a = { .first = 0 };

	for (size_t i = next_staged(s, 0), before = SIZE_MAX; i < s->count; i = next_staged(s, i + 1)) {
		enum stage stage = s->moments[i].stage;

		if (stage == STAGE_DATA_END)
			a.first = write_data(w, s, a.first, i);
		a.due_ms = stage == STAGE_COMMAND ? now_ms : pass_lost(w, s, last, stage, now_ms);
		a.end = find_end(s, i);
		a.alone = i == 0 || before + 1 == i;
		write_stage(w, s, i, &a);
		last = stage;
		now_ms = s->moments[i].t_ms;
		a.first = a.end;
		before = i;
	}
	if (s->cut != STAGE_NONE)
		write_cut(w, s, last, a.first, now_ms);
}

/* --- a command or a transfer that came to nothing */

/* The lines of the refusal, and what followed. */
static void write_refusal(struct script *w, struct story *s)
{
	size_t i = 0;

	while (i < s->count && (s->moments[i].what != MOMENT_LINE || s->moments[i].class == AT_INFO))
		i++;
	i = i < s->count ? i + 1 : 0;
	script_begin(w, s->command_ms);
	write_moments(w, s, 0, i);
	script_action(w, "drop");
	write_moments(w, s, i, s->count);
	script_end(w, "on AT+QFOTADL=\"*");
}

/* A line that a module prints in command mode only: modem.c. */
static bool ends_data(struct story *s, const struct moment *m)
{
	return m->what == MOMENT_LINE &&
	       (m->class != AT_INFO || m->kind != FOTA_NONE ||
		(story_line(s, m->number) && (!strcmp(s->ev.line.text, "RDY") ||
					      !strncmp(s->ev.line.text, "+QFOTADL:", 9))));
}

/* It takes no bytes for a while. What it says to that is its own affair. */
static void write_stall(struct script *w, struct story *s)
{
	script_action(w, "set reading off");
	if (!s->again_ms)
		return;
	script_wait_until(w, s->again_ms - LATE_MS);
	script_action(w, "set reading on");
}

/* The transfer broke off after data_out bytes. */
static void write_break(struct script *w, struct story *s, size_t first)
{
	bool stalled = s->has_result && s->result.stop == ERR_TIMEOUT && s->result.step == STEP_TRANSFER;
	uint64_t at = s->data_out;
	size_t i = first;
	char head[40];

	while (i < s->count && s->moments[i].number < s->data_last && !ends_data(s, &s->moments[i]))
		i++;
	write_data(w, s, first, i);
	script_begin(w, i < s->count && !stalled ? s->moments[i].t_ms : s->data_ms);
	if (stalled) {
		at = at > HELD_BYTES ? at - HELD_BYTES : 1;
		write_stall(w, s);
		i = s->count;
	} else if (i < s->count && s->moments[i].number < s->data_last) {
		write_moments(w, s, i, i + 1);
		if (!s->escape_answered)
			script_action(w, "leave");
		i++;
	}
	write_moments(w, s, i, s->count);
	snprintf(head, sizeof(head), "at data %" PRIu64, at ? at : 1);
	script_end(w, head);
}

static void write_upgrade(struct script *w, struct story *s)
{
	size_t i = 0;

	if (s->command == STORY_NONE)
		return;
	if (s->refused) {
		write_refusal(w, s);
		return;
	}
	if (s->answer_lost) {
		script_begin(w, 0);
		script_action(w, "set mute on");
		script_action(w, "default");
		script_action(w, "set mute off");
		script_end(w, "on AT+QFOTADL=\"*");
	}
	if (!s->broken) {
		write_course(w, s);
		return;
	}
	while (i < s->count && s->moments[i].stage != STAGE_COMMAND)
		i++;
	if (i == s->count)
		return;
	write_stage(w, s, i, &(struct around){ .end = s->data_out ? i + 1 : s->count, .due_ms = s->command_ms });
	if (s->data_out)
		write_break(w, s, i + 1);
}

/* --- the text */

static const char *ending(const struct story *s)
{
	if (!s->has_result)
		return "no result";
	return s->result.outcome == OUTCOME_STOPPED ? err_info(s->result.stop)->name :
		outcome_info(s->result.outcome)->name;
}

static void write_head(FILE *out, const struct story *s, const struct script *w)
{
	const struct bundle b = { .r = s->record };
	const char *program = record_header(s->record)->program;
	char message[200];

	fprintf(out, "# A session of %s as a scenario for dfota sim.\n", program[0] ? program : "dfota");
	fprintf(out, "# It ended: %s", ending(s));
	if (s->result.code.present)
		fprintf(out, ", code %s %d", s->result.code.table, s->result.code.number);
	if (s->from[0])
		fprintf(out, "; %s, %s -> %s", s->set.model, s->from, s->to[0] ? s->to : "?");
	if (s->result.message[0])
		fprintf(out, "\n# %s", bundle_clean(&b, message, sizeof(message), s->result.message));
	fputs("\n# Give `dfota sim` the same package", out);
	fputs(s->pull ? ", and serve it at the same URL.\n" : ".\n", out);
	if (s->cancelled)
		fputs("# A person broke it off: that is no part of a scenario.\n", out);
	if (s->resumed)
		fputs("# The program ended before and was started again: that is no part of a scenario.\n", out);
	if (s->left_out + w->left_out)
		fprintf(out, "# Left out: %u lines or blocks that there is no room for.\n", s->left_out + w->left_out);
	for (size_t i = 0; i < s->setting_count; i++)
		story_put_setting(out, s->settings[i].key, s->settings[i].value);
}

/* The absence and the boot behind the flash. */
static void settle_restart(struct story *s)
{
	const struct moment *gone = NULL, *back = NULL, *boot;

	for (size_t i = 0; i < s->count; i++)
		if (s->moments[i].stage == STAGE_REBOOT)
			gone = &s->moments[i];
		else if (s->moments[i].stage == STAGE_BOOT)
			back = &s->moments[i];
	if (gone)
		story_set_number(s, "absent-ms", back ? at_least(back->t_ms - gone->t_ms, 1) : 0);
	if (back && s->own_urcs) {
		boot = find_boot(s, (size_t)(back - s->moments) + 1);
		story_set_number(s, "boot-ms", at_least(boot ? 4 * (boot->t_ms - back->t_ms) : 0, BOOT_MIN_MS));
	}
	for (size_t i = 0; s->cut != STAGE_NONE && s->cut != STAGE_REBOOT && i < s->count; i++)
		if (s->moments[i].what == MOMENT_GONE && find_boot(s, i + 1))
			story_set(s, "resume", "off");
}

/* What we made must be a scenario, whatever the record holds. */
static int check(const char *text, size_t size, struct err *e)
{
	struct sim_scenario *sc = malloc(sizeof(*sc));
	struct sim_settings settings;
	int rc = -1;

	sim_settings_init(&settings, false);
	if (!sc)
		return err_set(e, ERR_CRASH, "no memory for a scenario");
	if (sim_scenario_parse(sc, &settings, "the scenario", text, size, e) == 0) {
		sim_scenario_free(sc);
		rc = 0;
	}
	free(sc);
	if (rc < 0)
		e->code = ERR_CRASH;
	return rc;
}

static int write_all(FILE *out, struct story *s, struct err *e)
{
	struct script w = { .out = NULL };
	char *blocks = NULL, *text = NULL;
	size_t size, blocks_size;
	FILE *whole = NULL;
	int rc = -1;

	w.out = open_memstream(&blocks, &blocks_size);
	if (!w.out)
		return err_set(e, ERR_CRASH, "no memory for a scenario");
	story_align(s);
	settle_restart(s);
	write_upgrade(&w, s);
	if (script_commands(&w, s, e) == 0)
		rc = 0;
	if (fclose(w.out) != 0 && rc == 0)
		rc = err_set(e, ERR_CRASH, "no memory for a scenario");
	whole = rc == 0 ? open_memstream(&text, &size) : NULL;
	if (whole) {
		write_head(whole, s, &w);
		fputs(blocks, whole);
		rc = fclose(whole) == 0 ? check(text, size, e) : err_set(e, ERR_CRASH, "no memory for a scenario");
	}
	if (rc == 0 && (fputs(text, out) == EOF || fflush(out) != 0))
		rc = err_set(e, ERR_USAGE, "the scenario cannot be written");
	free(blocks);
	free(text);
	return rc;
}

int report_scenario(FILE *out, struct record *r, struct err *e)
{
	struct story *s = story_read(r, e);
	int rc = s ? write_all(out, s, e) : -1;

	story_free(s);
	return rc;
}

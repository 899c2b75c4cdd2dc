#include "config.h"

#include "report/report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/text.h"
#include "diagnosis/of_record.h"
#include "protocol/codes.h"
#include "protocol/profile.h"
#include "record/open_upgrade.h"
#include "report/anonymize.h"
#include "report/bundle.h"
#include "report/markdown.h"
#include "report/timeline.h"

#define LINE_SIZE 160		/* of a line that is shown */
#define FIRST_ERRORS 8		/* so many are shown with what was said around them, */
#define LAST_ERRORS 4		/* and so many of the last */
#define LINES_BEFORE 5
#define LINES_AFTER 3
#define LAST_LINES 20

/* What a person reads of a session; the rest stands in the time line. */
#define SPOKEN (1U << EVENT_LINE | 1U << EVENT_NOTICE | 1U << EVENT_STEP | 1U << EVENT_QUESTION | 1U << EVENT_ANSWER | \
		1U << EVENT_RESULT | 1U << EVENT_INTENT | 1U << EVENT_RESUMED | 1U << EVENT_GAP)

/* What the summary is made of. */
struct facts {
	struct identity module;
	struct package_info package;
	struct result result;
	bool has_package, has_result;
	struct open_upgrade open;
	bool is_open;
	int64_t end_ms;
	uint64_t gaps, missing, resumed;
	struct finding findings[FINDINGS_MAX];
	size_t finding_count;
};

static uint64_t count_type(struct record *r, enum event_type type, uint64_t *last)
{
	uint64_t count = 0, at = UINT64_MAX;

	while (record_find(r, at, false, 1U << type, false, &at)) {
		count++;
		*last = at;
	}
	return count;
}

/* In few passes: L as well. */
static void collect(struct facts *f, struct timeline *l, const struct bundle *b)
{
	struct record *r = b->r;
	struct event ev;
	uint64_t at;

	memset(f, 0, sizeof(*f));
	if (record_find(r, UINT64_MAX, false, 1U << EVENT_IDENTITY, false, &at) && record_event(r, at, &ev))
		f->module = ev.identity;
	if (count_type(r, EVENT_PACKAGE, &at) && record_event(r, at, &ev)) {
		f->package = ev.package;
		f->has_package = true;
	}
	if (count_type(r, EVENT_RESULT, &at) && record_event(r, at, &ev)) {
		f->result = ev.result;
		f->has_result = true;
	}
	f->is_open = record_open_upgrade(r, &f->open);
	f->gaps = count_type(r, EVENT_GAP, &at);
	for (at = UINT64_MAX; record_find(r, at, false, 1U << EVENT_GAP, false, &at);)
		if (record_event(r, at, &ev))
			f->missing += ev.gap.lines;
	f->resumed = count_type(r, EVENT_RESUMED, &at);
	f->finding_count = diagnosis_of_record_beside(r, FOR_RECORD, timeline_take, l, f->findings, FINDINGS_MAX);
	if (record_count(r))
		f->end_ms = record_time_ms(r, record_count(r) - 1);
}

static const char *ending(const struct facts *f)
{
	return f->has_result ? result_name(&f->result) : "no result";
}

/* --- title and summary */

/* A row, unless TEXT is empty. */
static void row(const struct bundle *b, const char *name, const char *text)
{
	char clean[320];

	bundle_clean(b, clean, sizeof(clean), text);
	if (!*clean)
		return;
	fprintf(b->out, "| %s | ", name);
	md_text(b->out, clean);
	fputs(" |\n", b->out);
}

/* A row with what has a name of its own. */
static void row_code(const struct bundle *b, const char *name, const char *text)
{
	char clean[320];

	bundle_clean(b, clean, sizeof(clean), text);
	if (!*clean)
		return;
	fprintf(b->out, "| %s | ", name);
	md_code(b->out, clean);
	fputs(" |\n", b->out);
}

static void row_format(const struct bundle *b, const char *name, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* A row of our own words and numbers. */
static void row_format(const struct bundle *b, const char *name, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fprintf(b->out, "| %s | ", name);
	vfprintf(b->out, format, args);
	fputs(" |\n", b->out);
	va_end(args);
}

static const char *given(const char *text)
{
	return text[0] ? text : "?";
}

static void write_title(const struct bundle *b, const struct facts *f)
{
	const char *from = f->has_result && f->result.from[0] ? f->result.from : f->module.version;
	const char *to = f->has_result && f->result.to[0] ? f->result.to : f->package.to;
	char clean[96];

	fprintf(b->out, "# dfota report: %s, ", ending(f));
	md_text(b->out, bundle_clean(b, clean, sizeof(clean), f->module.model[0] ? f->module.model : "no module"));
	fputs(", ", b->out);
	md_code(b->out, bundle_clean(b, clean, sizeof(clean), given(from)));
	fputs(" -> ", b->out);
	md_code(b->out, bundle_clean(b, clean, sizeof(clean), given(to)));
	fputs("\n\n", b->out);
}

static void write_outcome(const struct bundle *b, const struct facts *f)
{
	const struct result *x = &f->result;
	bool well = x->outcome == OUTCOME_SUCCESS || x->outcome == OUTCOME_READY;
	const struct code_info *info;
	char code[64], next[TEXT_SIZE];
	struct message setting;

	if (!f->has_result) {
		row_format(b, "Outcome", "no result: the record ends without one");
		return;
	}
	row_format(b, "Outcome", "**%s** (exit status %d): %s", ending(f), x->exit_status, outcome_info(x->outcome)->title);
	row_format(b, "In step", "%s", step_info(x->step)->label);
	if (x->code.present) {
		info = codes_find(x->code.table, x->code.number, x->code.family);
		snprintf(code, sizeof(code), "%s %d", x->code.table, x->code.number);
		row(b, "Code", code);
		row(b, "Meaning of the code", info ? codes_meaning(next, sizeof(next), x->code.table, x->code.number, x->code.family) :
		    x->code.meaning);
		row(b, "By the table of", x->code.family);
	}
	row(b, "Message", message_text(&x->what, FOR_RECORD, next, sizeof(next)));
	if (well) {
		row(b, "Next step", message_next(&x->what, FOR_RECORD, next, sizeof(next)));
	} else if (f->finding_count) {
		row(b, "Likely cause", f->findings[0].cause);
		row(b, "Next step", f->findings[0].next);
	}
	for (size_t i = 0; i < x->settings.count; i++) {
		setting_message(&x->settings.list[i], &setting);
		row(b, i ? "" : "Settings", message_text(&setting, FOR_RECORD, next, sizeof(next)));
	}
	row(b, "Safety", message_plain(result_safety(x), FOR_RECORD, next, sizeof(next)));
}

static void write_module(const struct bundle *b, const struct facts *f)
{
	const struct identity *id = &f->module;
	const struct job_start *h = record_start(b->r);
	char place[128];

	row(b, "Module", id->model);
	row(b, "Maker", id->maker);
	row_code(b, "IMEI", id->imei);
	row_code(b, "Firmware before", f->has_result && f->result.from[0] ? f->result.from : id->version);
	row_code(b, "Firmware wanted", f->has_result && f->result.to[0] ? f->result.to : f->package.to);
	row_code(b, "Firmware now", f->has_result ? f->result.now : "");
	row(b, "Profile", id->profile);
	row_code(b, "Port", h->plan.port);
	if (id->usb_path[0]) {
		snprintf(place, sizeof(place), "%s, interface %d", id->usb_path, id->usb_interface);
		row(b, "USB place", place);
		row_code(b, "USB serial number", id->serial);
	}
}

/* What was requested besides, as options of the command line. */
static void write_options(const struct bundle *b)
{
	const struct plan *p = &record_start(b->r)->plan;
	const struct {
		const char *name;
		int value;	/* 0: not given; 1 of a switch */
		bool is_switch;
	} options[] = {
		{ "demo", p->demo, true }, { "yes", p->assume_yes, true }, { "if-needed", p->if_needed, true }, { "keep-settings", p->keep_settings, true },
		{ "overwrite", p->overwrite, true }, { "verify-source", p->verify_source, true },
		{ "com-timeout", p->com_timeout_s, false }, { "start-timeout", p->start_timeout_s, false },
		{ "watch-timeout", p->watch_timeout_s, false }, { "return-timeout", p->return_timeout_s, false },
		{ "supply-min", p->supply_min_mv, false },
	};
	char text[256] = "";
	size_t used = 0;

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (!options[i].value)
			continue;
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s", used ? ", " : "", options[i].name);
		if (!options[i].is_switch)
			used += (size_t)snprintf(text + used, sizeof(text) - used, " %d", options[i].value);
	}
	row(b, "Options", text);
	row_code(b, "Only the module with IMEI", p->imei);
}

static void write_package(const struct bundle *b, const struct facts *f)
{
	const struct package_info *p = &f->package;
	const struct plan *plan = &record_start(b->r)->plan;
	char text[2 * VERSION_SIZE + MODEL_SIZE + 16], size[28];

	row_format(b, "Method", "%s, %d baud", route_info(plan->route)->label, plan->baud);
	row_code(b, "URL", plan->url);
	row_code(b, "Published at", plan->publish);
	row_code(b, "COM command given", plan->com_command);
	write_options(b);
	if (!f->has_package)
		return;
	row_code(b, "Package", p->name);
	if (p->size)
		row_format(b, "Package size", "%s bytes", text_count(size, p->size));
	row_code(b, "Package SHA-256", p->sha256);
	if (p->escapes)
		row_format(b, "`+++` in it", "%" PRIu64, p->escapes);
	snprintf(text, sizeof(text), "for %s, from %s to %s", given(p->model), given(p->from), given(p->to));
	if (p->has_manifest)
		row(b, "Manifest", text);
	else
		row_format(b, "Manifest", "none: what the package is for could not be checked");
}

static void write_program(const struct bundle *b, const struct facts *f)
{
	const struct program_info *h = &record_start(b->r)->by;
	char size[28], when[CLOCK_UTC_SIZE] = "", damage[TEXT_SIZE], command[FILE_SIZE + 16];
	struct stat st;

	row(b, "Program", h->program);
	row(b, "Libraries", h->libraries);
	row(b, "System", h->system);
	row_code(b, "Computer", h->host);
	row(b, "Started (UTC)", h->when_s ? clock_utc(when, h->when_s) : when);
	row_format(b, "Duration", TIME_FORMAT " s", TIME_ARGS(f->end_ms));
	row_code(b, "Record", record_path(b->r));
	if (stat(record_path(b->r), &st) == 0 && st.st_size >= 0)
		row_format(b, "Record holds", "%" PRIu64 " lines, %s bytes", record_count(b->r),
			   text_count(size, (unsigned long long)st.st_size));
	row(b, "Record damaged", message_text(record_damage(b->r), FOR_RECORD, damage, sizeof(damage)));
	if (f->gaps)
		row_format(b, "Record incomplete", "lines missing: %" PRIu64 ", gaps: %" PRIu64 " (disk full, or too many lines)",
			   f->missing, f->gaps);
	if (f->resumed)
		row_format(b, "Programs that resumed it", "%" PRIu64, f->resumed);
	if (f->is_open) {
		snprintf(command, sizeof(command), "dfota resume %s", record_path(b->r));
		row_format(b, "Unfinished", "**yes**, in step %s", step_info(f->open.step)->label);
		row_code(b, "Follow it to its end with", command);
	}
}

static void write_summary(const struct bundle *b, const struct facts *f)
{
	fputs("## Summary\n\n| | |\n|:---|:---|\n", b->out);
	write_outcome(b, f);
	write_module(b, f);
	write_package(b, f);
	write_program(b, f);
	fputc('\n', b->out);
}

/* --- lines of the record */

static void put_line(const struct bundle *b, FILE *out, uint64_t number)
{
	char line[3 * TEXT_SIZE], clean[LINE_SIZE];

	diagnosis_line(b->r, number, FOR_RECORD, line, sizeof(line));
	fprintf(out, "%s\n", bundle_clean(b, clean, sizeof(clean), line));
}

/* A fence around what WRITE writes. */
static void fence(const struct bundle *b, void (*write)(const struct bundle *b, FILE *out, const void *ctx), const void *ctx)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return;
	write(b, f, ctx);
	if (fclose(f) == 0)
		md_fence(b->out, text);
	free(text);
}

static void put_finding_lines(const struct bundle *b, FILE *out, const void *ctx)
{
	const struct finding *finding = ctx;

	for (size_t i = 0; i < finding->line_count; i++)
		if (finding->lines[i] < record_count(b->r))
			put_line(b, out, finding->lines[i]);
}

static void write_diagnosis(const struct bundle *b, const struct facts *facts)
{
	char clean[400];
	bool well = facts->finding_count && facts->findings[0].remark;

	fprintf(b->out, "## Diagnosis\n\n%s, each with the lines that support it.\n\n", well ?
		"It succeeded: there is no cause to look for. What was noticed on the way" : "Likely causes, most certain first");
	if (!facts->finding_count)
		fputs("None: nothing in this record speaks of a fault.\n\n", b->out);
	for (size_t i = 0; i < facts->finding_count; i++) {
		const struct finding *f = &facts->findings[i];

		if (well)
			fprintf(b->out, "### Remark %zu\n\n", i + 1);
		else
			fprintf(b->out, "### Cause %zu, %d %% certain\n\n", i + 1, f->certainty);
		md_text(b->out, bundle_clean(b, clean, sizeof(clean), f->cause));
		fputs("\n\nNext step: ", b->out);
		md_text(b->out, bundle_clean(b, clean, sizeof(clean), f->next));
		fprintf(b->out, "\n\nRule: `%s`\n\n", f->rule);
		fence(b, put_finding_lines, f);
	}
}

/* Lines [first, end) of the record, those that a person reads. */
struct window {
	uint64_t first, end;
};

static void put_window(const struct bundle *b, FILE *out, const void *ctx)
{
	const struct window *w = ctx;
	uint64_t at = w->first ? w->first - 1 : UINT64_MAX;

	while (record_find(b->r, at, false, SPOKEN, false, &at) && at < w->end)
		put_line(b, out, at);
}

static struct window window_around(struct record *r, uint64_t number)
{
	struct window w = { number, number + 1 };
	uint64_t at = number;

	for (int i = 0; i < LINES_BEFORE && record_find(r, at, true, SPOKEN, false, &at); i++)
		w.first = at;
	at = number;
	for (int i = 0; i < LINES_AFTER && record_find(r, at, false, SPOKEN, false, &at); i++)
		w.end = at + 1;
	return w;
}

/* Is line NUMBER an error or a warning, or does it report the code of a failure? EV: room
 * for it. */
static bool is_error(struct record *r, uint64_t number, struct event *ev)
{
	struct record_class class = record_class(r, number);
	const struct fota_urc *fota;

	if (class.error || class.type != EVENT_LINE || !class.urc)
		return class.error;
	if (!record_event(r, number, ev))
		return false;
	fota = &ev->line.meaning.fota;
	return (fota->kind == FOTA_END || fota->kind == FOTA_SOURCE_END) && (!fota->has_value || fota->value != 0);
}

/* The first errors and the last; those in between are counted. */
static size_t find_errors(struct record *r, uint64_t numbers[FIRST_ERRORS + LAST_ERRORS], uint64_t *total)
{
	uint64_t at = UINT64_MAX;
	size_t count = 0;
	struct event ev;	/* once: it is 10 KB */

	*total = 0;
	while (record_find(r, at, false, 1U << EVENT_LINE | 1U << EVENT_NOTICE, false, &at)) {
		if (!is_error(r, at, &ev))
			continue;
		if (count == FIRST_ERRORS + LAST_ERRORS) {
			memmove(numbers + FIRST_ERRORS, numbers + FIRST_ERRORS + 1, (LAST_ERRORS - 1) * sizeof(numbers[0]));
			count--;
		}
		numbers[count++] = at;
		++*total;
	}
	return count;
}

static void write_errors(const struct bundle *b)
{
	uint64_t numbers[FIRST_ERRORS + LAST_ERRORS], total;
	size_t count = find_errors(b->r, numbers, &total);

	fputs("## Around the errors\n\n", b->out);
	fprintf(b->out, "Errors and warnings: %" PRIu64, total);
	if (total > count)
		fprintf(b->out, "; the first %d and the last %d are shown", FIRST_ERRORS, LAST_ERRORS);
	fputs(".\n\n", b->out);
	for (size_t i = 0; i < count;) {
		struct window w = window_around(b->r, numbers[i++]);

		while (i < count) {
			struct window next = window_around(b->r, numbers[i]);

			if (next.first > w.end)
				break;
			w.end = next.end;
			i++;
		}
		fence(b, put_window, &w);
	}
}

static void write_last(const struct bundle *b)
{
	struct window w = { record_count(b->r), record_count(b->r) };
	uint64_t at = w.end;

	for (int i = 0; i < LAST_LINES && record_find(b->r, at, true, SPOKEN, false, &at); i++)
		w.first = at;
	fputs("## Last lines\n\n", b->out);
	fence(b, put_window, &w);
}

/* --- what is known, and from where */

static void write_sources(const struct bundle *b, const struct facts *f)
{
	static const char *const serial[SURE_COUNT] = {
		[SURE_DOCUMENTED] = "",
		[SURE_CODE] = "- The form of the commands that bring a package over the serial port is that of *working code or logs*: no document at hand states it for this family.\n",
		[SURE_ASSUMED] = "- The form of the command that begins a transfer over the serial port is *unverified*: no document at hand states it for this family.\n",
	};
	static const char *const url[SURE_COUNT] = {
		[SURE_DOCUMENTED] = "",
		[SURE_CODE] = "- The form of the command with a URL is that of *working code or logs*: no document at hand states it for this family.\n",
		[SURE_ASSUMED] = "- The form of the command with a URL is documented for related families; for this one it is *assumed*.\n",
	};
	const struct plan *plan = &record_start(b->r)->plan;
	const struct profile *p = profile_by_name(f->module.profile);
	const struct code *code = &f->result.code;

	p = p ? p : profile_default();
	fputs("## What is documented, and what is assumed\n\n"
	      "- The outcome is judged by the firmware version and the IMEI that the module reported last, never by a percentage or by silence.\n", b->out);
	fputs(route_info(plan->route)->serial ? serial[p->serial_sure] : url[p->pull_sure], b->out);
	if (p->end_borrowed && f->has_result && code->present && !strcmp(code->table, "end"))
		fprintf(b->out, "- Codes of the flash stage are *borrowed* from the table of %s: none is known for this family.\n", p->end_family);
	fputs("- How long a step may be silent before a notice is a choice of this program, from times seen with related families; nothing else depends on it.\n"
	      "- Passwords, PINs and the user names in URLs are never in a record; `***` stands for them.\n", b->out);
	if (b->names)
		fputs("- Anonymized: `imei-1`, `host-1` and the like stand for values, the same one for the same value; an IMEI keeps the eight digits that name the type.\n", b->out);
}

int report_write(FILE *out, struct record *r, bool anonymize, struct err *e)
{
	struct bundle b = { .out = out, .r = r, .names = anonymize ? names_read(r) : NULL };
	struct facts *f = malloc(sizeof(*f));
	struct timeline *l = timeline_new(&b);
	int rc = 0;

	if (!f || !l || (anonymize && !b.names)) {
		rc = err_fail(e, MSG_NO_MEMORY, "what=%s", "report");
	} else {
		collect(f, l, &b);
		write_title(&b, f);
		write_summary(&b, f);
		write_diagnosis(&b, f);
		timeline_write(l);
		write_errors(&b);
		write_last(&b);
		write_sources(&b, f);
		if (fflush(out) != 0)
			rc = err_fail_sys(e, MSG_REPORT_UNWRITTEN, errno, "");
		else if (ferror(out))
			rc = err_fail_sys(e, MSG_REPORT_UNWRITTEN, EIO, "");
	}
	names_free(b.names);
	timeline_free(l);
	free(f);
	return rc;
}

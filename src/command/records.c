#include "config.h"
#include "command/records.h"

#include <jansson.h>
#include <stdlib.h>
#include <time.h>

#include "base/text.h"
#include "base/words.h"
#include "command/console.h"
#include "command/lines.h"
#include "record/event_json.h"
#include "record/open_upgrade.h"
#include "record/reader.h"
#include "record/store.h"
#include "report/report.h"

#define OPEN_MAX 32

/* The unfinished upgrades, newest first; too much for a small stack. *COUNT is 0
 * without memory; the caller frees. */
static struct open_upgrade *list_open(size_t *count)
{
	struct open_upgrade *open = calloc(OPEN_MAX, sizeof(*open));

	*count = open ? store_list_open(open, OPEN_MAX) : 0;
	if (*count > OPEN_MAX)
		*count = OPEN_MAX;
	return open;
}

static void when_text(char *out, size_t out_size, int64_t when_s)
{
	time_t when = (time_t)when_s;
	struct tm tm;

	if (!gmtime_r(&when, &tm) || strftime(out, out_size, "%Y-%m-%d %H:%M UTC", &tm) == 0)
		snprintf(out, out_size, "%s", _("an unknown time"));
}

static void print_open(FILE *out, const char *begin, const struct open_upgrade *open)
{
	char when[40], state[TEXT_SIZE];

	when_text(when, sizeof(when), open->when_s);
	message_plain(open_state(open), FOR_CONSOLE, state, sizeof(state));
	if (open->live_pid != 0)
		text_print(out, _("%sa program (process %d) is upgrading the %s with IMEI %s on %s, %s -> %s, since %s"), begin,
			open->live_pid, open->module.model, open->module.imei, open->module.port,
			open->module.version, open->to, when);
	else
		text_print(out, open->unknown ?
			_("%san upgrade of the %s with IMEI %s on %s, %s -> %s, begun %s, is unfinished: it was left %s; its outcome is not known") :
			_("%san upgrade of the %s with IMEI %s on %s, %s -> %s, begun %s, is unfinished: it was left %s"),
			begin, open->module.model, open->module.imei, open->module.port,
			open->module.version, open->to, when, state);
}

/* A result that nobody saw; once. */
static void print_unseen(FILE *out)
{
	char path[FILE_SIZE], text[TEXT_SIZE];
	struct result result;
	struct err ignored;

	if (!store_unseen(path, sizeof(path), &result))
		return;
	text_print(out, _("dfota: an upgrade ended while its terminal was gone: %s: %s"), outcome_info(result.outcome)->name,
		   message_text(&result.what, FOR_CONSOLE, text, sizeof(text)));
	text_print(out, _("dfota: its record is %s"), path);
	/* shown again next time, when that cannot be noted */
	if (store_mark_shown(path, &ignored) < 0)
		text_print(out, "dfota: %s", message_text(&ignored.message, FOR_CONSOLE, text, sizeof(text)));
}

void records_print_open(FILE *out)
{
	size_t count;
	struct open_upgrade *open = list_open(&count);

	for (size_t i = 0; i < count; i++) {
		print_open(out, "dfota: ", &open[i]);
		text_print(out, open[i].live_pid == 0 ?
			_("dfota: keep that module powered; to keep watching: dfota resume %s") :
			_("dfota: keep that module powered; to follow it: dfota replay %s"), open[i].record);
	}
	free(open);
	print_unseen(out);
}

static void print_open_json(const struct open_upgrade *open)
{
	json_t *o = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:s, s:b, s:i}",
			      "type", "open", "record", open->record,
			      "model", open->module.model, "imei", open->module.imei,
			      "port", open->module.port, "from", open->module.version,
			      "to", open->to, "since", (json_int_t)open->when_s,
			      "step", step_info(open->step)->name,
			      "installing", open->started && !open->ended,
			      "pid", open->live_pid);

	if (o)
		json_dumpf(o, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(o);
}

int records_status(const struct options *o, struct err *e)
{
	struct open_upgrade *open;
	size_t count;

	if (store_check(e) < 0)
		return -1;
	open = list_open(&count);
	if (count == 0 && !o->json)
		puts(_("no upgrade is unfinished"));
	for (size_t i = 0; i < count; i++) {
		if (o->json) {
			print_open_json(&open[i]);
			continue;
		}
		print_open(stdout, "", &open[i]);
		lines_settings(stdout, &open[i].settings);
		text_print(stdout, _("  record  %s"), open[i].record);
		text_print(stdout, open[i].live_pid == 0 ? _("  next    dfota resume %s") : _("  next    dfota replay %s"), open[i].record);
	}
	free(open);
	print_unseen(stderr);
	return 0;
}

/* The one of the record PATH. 1, or 0 when it is not open. */
static int choose_file(const char *path, struct open_upgrade *open, struct err *e)
{
	struct record *r = record_open(path, e);
	bool found;

	if (!r)
		return -1;
	found = record_open_upgrade(r, open);
	record_free(r);
	return found;
}

static int refuse_live(const struct open_upgrade *open, struct err *e)
{
	if (open->live_pid < 0)
		return err_fail(e, MSG_RESUMED_BY_ANOTHER, "record=%s", open->record);
	return err_fail(e, MSG_RESUMED_BY_PROCESS, "record=%s pid=%d", open->record, open->live_pid);
}

/* The only one in the usual directory that no program is running; else one that
 * a program is. */
static int choose_only(struct open_upgrade *open, struct err *e)
{
	size_t count, idle = 0;
	struct open_upgrade *all;

	if (store_check(e) < 0)
		return -1;
	all = list_open(&count);
	for (size_t i = 0; i < count; i++)
		if (all[i].live_pid == 0 && idle++ == 0)
			*open = all[i];
	if (idle == 0 && count > 0)
		*open = all[count - 1];
	free(all);
	if (idle <= 1)
		return count > 0;
	records_print_open(stderr);	/* standard output may be JSON */
	return err_fail(e, MSG_RESUME_WHICH, "count=%zu", idle);
}

/* There is nothing to watch: that is a result too. */
static void print_done(const struct options *o, const struct message *m, const struct settings *left)
{
	struct event ev = {.type = EVENT_RESULT};
	char text[TEXT_SIZE];
	struct result *r = &ev.result;

	r->job = JOB_RESUME;
	r->outcome = OUTCOME_READY;
	r->what = *m;
	r->settings = *left;
	message_next(m, FOR_RECORD, r->advice, sizeof(r->advice));
	if (o->json) {
		console_begin(&o->plan, true);
		event_json_print(stdout, &ev, NULL);
		return;
	}
	puts(message_text(m, FOR_CONSOLE, text, sizeof(text)));
	lines_settings(stdout, left);
}

int records_choose(const struct options *o, struct open_upgrade *open,
		   struct err *e)
{
	int r = o->word_count ? choose_file(o->words[0], open, e) : choose_only(open, e);
	const struct settings none = {.count = 0};
	struct message done;

	if (r < 0)
		return -1;
	if (r > 0 && open->live_pid != 0)
		return refuse_live(open, e);
	if (r > 0 && !o->abandon)
		return 1;
	if (r > 0 && store_close_upgrade(open->record, e) < 0)
		return -1;
	if (r > 0)
		message_set(&done, MSG_RESUME_ABANDONED, "model=%s imei=%s", open->module.model, open->module.imei);
	else if (o->word_count)
		message_set(&done, MSG_RESUME_FINISHED, "record=%s", o->words[0]);
	else
		message_set(&done, MSG_RESUME_NONE, "");
	print_done(o, &done, r > 0 ? &open->settings : &none);
	return 0;
}

int records_report(const struct options *o, struct err *e)
{
	struct record *r = record_open(o->words[0], e);
	int result;

	if (!r)
		return -1;
	result = report_write(stdout, r, o->anonymize, e);
	record_free(r);
	return result;
}

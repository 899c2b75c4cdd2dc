#include "config.h"

#include "ui/model/view.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/url.h"
#include "base/words.h"

#define NOTICE_MS 30000

static void set_text(char *out, size_t size, const char *text)
{
	snprintf(out, size, "%s", text);
}

int view_init(struct view *v, const struct plan *plan)
{
	v->plan = *plan;
	v->publish = plan->publish[0] != '\0';
	v->relay = plan->route == ROUTE_RELAY;
	v->log = log_new();
	v->log_view.follow = true;
	v->job.last_rx_ms = -1;
	v->outlook_due = true;
	if (plan->file[0] || plan->publish[0] || (plan->route == ROUTE_SERIAL && !plan->url[0]))
		v->source = SOURCE_FILE;
	else
		view_url_changed(v);
	v->focus = !plan->port[0] ? PANE_PORT : view_refusal(v, ACTION_START) ? PANE_SOURCE : PANE_PROGRESS;
	return v->log ? 0 : -1;
}

void view_free(struct view *v)
{
	unsigned i;

	log_free(v->log);
	for (i = 0; i < HISTORY_KINDS; i++)
		history_free(&v->histories[i]);
	browser_end(&v->browser);
	explicit_bzero(v, sizeof(*v));
}

void view_say(struct view *v, bool bad, const char *format, ...)
{
	char text[TEXT_SIZE];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), _(format), args);
	va_end(args);
	text_end_whole(text);
	text_safe_str(v->message, sizeof(v->message), text);
	v->message_bad = bad;
}

void view_say_error(struct view *v, const struct err *e)
{
	char text[TEXT_SIZE * 2];

	view_say(v, true, "%s", message_advice(&e->message, FOR_SCREEN, text, sizeof(text)));
}

/* -- the package -- */

bool view_names_something(const char *url)
{
	return url[strlen(url_scheme_text(url_scheme(url)))] != '\0';
}

static enum source source_of(enum url_scheme scheme)
{
	return url_is_ftp(scheme) ? SOURCE_FTP : SOURCE_HTTP;
}

void view_url_changed(struct view *v)
{
	enum url_scheme scheme = url_scheme(v->plan.url);
	char *rest = v->plan.url + strlen(url_scheme_text(scheme));

	/* a whole URL typed or pasted after the scheme that stood there */
	if (scheme != URL_NO_SCHEME && url_scheme(rest) != URL_NO_SCHEME) {
		memmove(v->plan.url, rest, strlen(rest) + 1);
		scheme = url_scheme(v->plan.url);
	}
	if (scheme != URL_NO_SCHEME)
		v->source = source_of(scheme);
}

void view_set_source(struct view *v, enum source source)
{
	static const enum url_scheme schemes[SOURCE_COUNT][2] = {
		[SOURCE_FTP] = { URL_FTP, URL_FTPS }, [SOURCE_HTTP] = { URL_HTTP, URL_HTTPS },
	};
	enum url_scheme old = url_scheme(v->plan.url);
	char rest[URL_SIZE - sizeof("https://")];

	v->source = source;
	if (old == URL_NO_SCHEME || source == SOURCE_FILE || source_of(old) == source)
		return;
	set_text(rest, sizeof(rest), v->plan.url + strlen(url_scheme_text(old)));
	snprintf(v->plan.url, sizeof(v->plan.url), "%s%s",
		 url_scheme_text(schemes[source][old == URL_FTPS || old == URL_HTTPS]), rest);
}

/* What was known may be wrong by now. */
void view_look_again(struct view *v)
{
	memset(&v->outlook, 0, sizeof(v->outlook));
	v->outlook_due = true;
}

void view_package_changed(struct view *v)
{
	v->packaged = false;
	v->asked = false;
	view_look_again(v);
}

const char *view_scheme(enum source source)
{
	return source == SOURCE_FILE ? "" : url_scheme_text(source == SOURCE_FTP ? URL_FTP : URL_HTTP);
}

bool view_publishes(const struct view *v)
{
	return v->source == SOURCE_FILE && v->publish;
}

enum route view_route(const struct view *v)
{
	if (v->source == SOURCE_FILE)
		return v->publish ? ROUTE_PUBLISH : ROUTE_SERIAL;
	return v->relay ? ROUTE_RELAY : ROUTE_DOWNLOAD;
}

void view_make_plan(const struct view *v, enum job job, struct plan *plan)
{
	bool file = v->source == SOURCE_FILE && job == JOB_UPGRADE;
	bool url = v->source != SOURCE_FILE && job == JOB_UPGRADE;

	*plan = v->plan;
	plan->job = job;
	plan->route = view_route(v);
	if (url && v->outlook.fetched && !plan->manifest[0])
		set_text(plan->manifest, sizeof(plan->manifest), v->outlook.manifest);
	if (!file)
		plan->file[0] = '\0';
	if (!file || !v->publish) {
		plan->publish[0] = '\0';
		plan->overwrite = false;
	}
	if (!url) {
		plan->url[0] = '\0';
		plan->verify_source = false;
	}
	if (!url && !plan->publish[0]) {
		plan->user[0] = '\0';
		explicit_bzero(plan->password, sizeof(plan->password));
	}
	if (job == JOB_PROBE) {
		plan->manifest[0] = '\0';
		plan->target[0] = '\0';
	}
}

/* -- the ports -- */

static const struct port_info *port_of_path(const struct view *v, const char *path)
{
	size_t i;

	for (i = 0; i < v->port_count; i++)
		if (!strcmp(v->ports[i].path, path))
			return &v->ports[i];
	return NULL;
}

/* -p may name what no list has: a link, a pseudo-terminal, tcp:HOST:PORT. */
static bool has_own_row(const struct view *v)
{
	return v->plan.port[0] && !port_of_path(v, v->plan.port);
}

bool view_port_row(const struct view *v, size_t row, struct port_row *out)
{
	if (has_own_row(v)) {
		if (row == 0) {
			*out = (struct port_row){ v->plan.port, NULL, true };
			return true;
		}
		row--;
	}
	if (row < v->port_count) {
		const struct port_info *info = &v->ports[row];

		*out = (struct port_row){ info->path, info, !strcmp(info->path, v->plan.port) };
		return true;
	}
	*out = (struct port_row){ "", NULL, false };
	return row == v->port_count;
}

static size_t port_rows(const struct view *v)
{
	return v->port_count + (has_own_row(v) ? 2 : 1);
}

size_t view_port_cursor(const struct view *v)
{
	struct port_row row;
	size_t i, likely = SIZE_MAX;

	for (i = 0; view_port_row(v, i, &row); i++) {
		if (v->port_moved ? !strcmp(row.path, v->port_cursor) : row.chosen)
			return i;
		if (likely == SIZE_MAX && row.info && row.info->likely_at && !row.info->holder[0])
			likely = i;
	}
	if (v->port_moved)	/* it was unplugged: stay where it was */
		return v->port_row < i ? v->port_row : i - 1;
	return likely == SIZE_MAX ? 0 : likely;
}

void view_move_port(struct view *v, int by)
{
	size_t row = view_port_cursor(v), last = port_rows(v) - 1;
	struct port_row at;

	if (by < 0)
		row = row > (size_t)-by ? row - (size_t)-by : 0;
	else
		row = last - row > (size_t)by ? row + (size_t)by : last;
	view_port_row(v, row, &at);
	set_text(v->port_cursor, sizeof(v->port_cursor), at.path);
	v->port_row = row;
	v->port_moved = true;
}

void view_choose_port(struct view *v, const char *path)
{
	char copy[FILE_SIZE];

	set_text(copy, sizeof(copy), path);	/* PATH may be part of V */
	set_text(v->plan.port, sizeof(v->plan.port), copy);
	set_text(v->port_cursor, sizeof(v->port_cursor), copy);
	v->port_moved = true;
	v->port_row = view_port_cursor(v);
	v->identified = false;
	v->asked = false;
	view_look_again(v);
}

static void take_port(struct view *v, const struct event *ev)
{
	if (ev->port.index == 0)
		v->port_count = 0;
	if (ev->port.count && v->port_count < VIEW_PORTS)
		v->ports[v->port_count++] = ev->port.info;
	v->ports_unlisted = ev->port.count - v->port_count;
}

/* -- the job -- */

void view_begin_job(struct view *v, enum job job)
{
	memset(&v->job, 0, sizeof(v->job));
	v->job.running = true;
	v->busy = true;
	v->job.job = job;
	if (job != JOB_PROBE)
		v->focus = PANE_PROGRESS;
	v->job.route = view_route(v);
	v->job.begin_ms = v->job.step_ms = v->now_ms;
	v->job.last_rx_ms = -1;
	v->job.left_ms = -1;
	v->notice_count = 0;
	if (job == JOB_UPGRADE)
		v->packaged = false;
	v->asked = v->open_question = false;
	v->has_result = v->unseen = false;
	v->identified = false;
	if (v->replay.on)
		return;
	log_reserve(v->log);
	v->record[0] = '\0';
	memset(&v->diagnosis, 0, sizeof(v->diagnosis));
}

void view_begin_watch(struct view *v)
{
	view_begin_job(v, JOB_RESUME);
	v->job.route = v->open[v->open_row].route;
	v->job.cancel = CANCEL_DETACH;
}

/* An unfinished one may be the module on the port, as long as nobody
 * knows better. */
static bool may_be_open(const struct view *v)
{
	size_t i;

	for (i = 0; i < v->open_count; i++)
		if (!v->identified || !strcmp(v->identity.imei, v->open[i].module.imei))
			return true;
	return false;
}

enum phase view_phase(const struct view *v)
{
	if (v->job.running && v->job.step_known)
		return step_info(v->job.step)->phase;
	if (v->job.running)
		return v->job.job == JOB_RESUME ? PHASE_RETURN : PHASE_PREFLIGHT;
	if (v->has_result && (v->result.outcome == OUTCOME_UNKNOWN ||
			      v->result.outcome == OUTCOME_DEVICE_FAILED ||
			      (v->result.outcome == OUTCOME_STOPPED && phase_info(v->result.phase)->at_risk)))
		return v->result.phase;
	return may_be_open(v) ? PHASE_RETURN : PHASE_PREFLIGHT;
}

const char *view_safety(const struct view *v, char out[VIEW_SAFETY])
{
	const struct replay_view *r = &v->replay;
	bool now = !r->on || (r->within && (r->live || r->at_end));

	snprintf(out, VIEW_SAFETY, now ? "%s" : _("was: %s"), _(phase_info(view_phase(v))->safety));
	return out;
}

void view_open_page(struct view *v, enum mode mode)
{
	field_wipe(&v->field);
	v->mode = mode;
	v->scroll = 0;
	v->page_ms = v->now_ms;
	v->page_seen = false;
	v->page_known = 0;
	v->page_left = -1;
	v->pasted = v->wrong_word = v->too_early = v->over_result = false;
	v->message[0] = '\0';
	view_log_freeze(v, false);
}

/* A record is looked at: it answers no question and takes no keys. */
static void show_page(struct view *v, enum mode mode)
{
	if (!v->replay.on)
		view_open_page(v, mode);
}

static enum mark mark_of(enum ended ended)
{
	return ended == ENDED_DONE ? MARK_DONE : ended == ENDED_FAILED ? MARK_FAILED : MARK_UNKNOWN;
}

static void take_step(struct view *v, const struct event *ev)
{
	struct job_view *job = &v->job;

	if (!ev->step.begin) {
		job->marks[ev->step.step] = mark_of(ev->step.ended);
		return;
	}
	if (job->step_known && job->marks[job->step] == MARK_RUNNING)
		job->marks[job->step] = MARK_NONE;
	job->step_known = true;
	job->step = ev->step.step;
	job->marks[job->step] = MARK_RUNNING;
	job->cancel = ev->step.cancel;
	job->stopping &= ev->step.step != STEP_INSTALL;	/* it came too late */
	job->limit_ms = ev->step.limit_ms;
	job->step_ms = ev->t_ms;
	job->unit = UNIT_NONE;
	job->done = job->total = 0;
	job->bytes_per_s = 0;
	job->left_ms = -1;
	/* The answer to what was asked is another one now. */
	if (v->mode == MODE_CONFIRM && v->confirm_ask) {
		show_page(v, MODE_PANES);
	} else if (v->mode == MODE_CONFIRM && v->confirm_cancel != job->cancel) {
		show_page(v, MODE_CONFIRM);
		field_begin(&v->field, "", sizeof("detach") + 8);
		v->confirm_cancel = job->cancel;
	}
}

static void take_progress(struct view *v, const struct event *ev)
{
	struct job_view *job = &v->job;

	job->unit = ev->progress.unit;
	job->done = ev->progress.done;
	job->total = ev->progress.total;
	job->bytes_per_s = ev->progress.bytes_per_s;
	job->left_ms = ev->progress.left_ms;
	if (ev->progress.last_rx_ms > job->last_rx_ms)
		job->last_rx_ms = ev->progress.last_rx_ms;
}

static void note(struct view *v, int64_t t_ms, enum log_kind kind, const char *text)
{
	struct log_line line = { .t_ms = t_ms, .kind = kind, .text = text,
				 .error = kind == LOG_WARNING };

	log_add(v->log, &line);
}

static void take_notice(struct view *v, const struct event *ev)
{
	struct notice *n = &v->notices[0];

	memmove(n + 1, n, (VIEW_NOTICES - 1) * sizeof(*n));
	n->t_ms = ev->t_ms;
	n->severity = ev->notice.severity;
	message_text(&ev->notice.message, FOR_SCREEN, n->text, sizeof(n->text));
	if (v->notice_count < VIEW_NOTICES)
		v->notice_count++;
	note(v, ev->t_ms, n->severity == SEVERITY_INFO ? LOG_NOTE : LOG_WARNING, n->text);
}

size_t view_notices(const struct view *v)
{
	size_t count = 0;

	while (count < v->notice_count && (v->notices[count].t_ms >= v->job.step_ms ||
					   v->now_ms - v->notices[count].t_ms < NOTICE_MS))
		count++;
	return count;
}

enum mark view_mark(const struct job_view *job, enum step step)
{
	unsigned i;

	for (i = 0; job->marks[step] == MARK_DONE && i < (unsigned)step; i++)
		if (job->marks[i] == MARK_FAILED)
			return MARK_NONE;
	return job->marks[step];
}

char view_step_letter(enum step step)
{
	static const char letters[STEP_COUNT] = {
		[STEP_IDENTIFY] = 'I',
		[STEP_CHECK] = 'C',
		[STEP_FETCH] = 'F',
		[STEP_PREPARE] = 'P',
		[STEP_TRANSFER] = 'T',
		[STEP_INSTALL] = 'N',
		[STEP_RESTART] = 'R',
		[STEP_VERIFY] = 'V',
	};

	assert((unsigned)step < STEP_COUNT);
	return letters[step];
}

static void take_line(struct view *v, const struct event *ev)
{
	struct log_line line = {
		.t_ms = ev->t_ms,
		.kind = ev->line.dir == LINE_TX ? LOG_SENT : LOG_RECEIVED,
		.urc = ev->line.urc, .error = ev->line.error, .text = ev->line.text,
		.raw = ev->line.raw_size ? ev->line.raw : NULL,
		.raw_size = ev->line.raw_size,
	};
	char text[160];

	if (ev->line.dropped_before) {
		snprintf(text, sizeof(text), _("%lu lines came too fast to show; the record has them"),
			 (unsigned long)ev->line.dropped_before);
		note(v, ev->t_ms, LOG_NOTE, text);
		v->log_view.lost += ev->line.dropped_before;
	}
	log_add(v->log, &line);
	if (line.kind == LOG_RECEIVED && ev->t_ms > v->job.last_rx_ms)
		v->job.last_rx_ms = ev->t_ms;
}

static void take_question(struct view *v, const struct event *ev)
{
	v->question = ev->question;
	v->asked = v->open_question = true;
	if (!v->fleet.together)
		show_page(v, MODE_QUESTION);
	if (v->mode == MODE_QUESTION)
		field_begin(&v->field, "", 16);
}

/* A page for an upgrade and for what went wrong; that a module was identified
 * is seen in the panes. */
static bool deserves_page(const struct result *r)
{
	return r->job != JOB_PROBE || (r->outcome != OUTCOME_READY && r->stop != ERR_CANCELLED);
}

/* How a step ended is said by its own event; a record of before has it for
 * those that went well only, and for the rest no more than the result. */
static void mark_result(struct job_view *job, const struct result *r)
{
	bool good = r->outcome == OUTCOME_SUCCESS || r->outcome == OUTCOME_READY;
	enum mark bad = r->outcome == OUTCOME_UNKNOWN ? MARK_UNKNOWN : MARK_FAILED;

	if (job->step_known && job->marks[job->step] == MARK_RUNNING)
		job->marks[job->step] = good ? MARK_DONE : bad;
	/* where it went wrong, which is not always where it ended */
	if (!good && job->marks[r->step] != MARK_FAILED && job->marks[r->step] != MARK_UNKNOWN)
		job->marks[r->step] = bad;
}

static void take_result(struct view *v, const struct event *ev)
{
	const struct result *r = &ev->result;

	v->result = *r;
	v->has_result = true;
	if (r->record[0] && !v->replay.on)
		set_text(v->record, sizeof(v->record), r->record);
	v->open_question = false;
	if (v->identified && r->now[0])
		set_text(v->identity.version, sizeof(v->identity.version), r->now);
	v->job.running = false;
	view_look_again(v);
	mark_result(&v->job, r);
	if (deserves_page(r))
		show_page(v, MODE_RESULT);
	else if (v->mode == MODE_QUESTION || v->mode == MODE_CONFIRM)
		show_page(v, MODE_PANES);
}

void view_event(struct view *v, const struct event *ev)
{
	switch (ev->type) {
	case EVENT_STEP:
		take_step(v, ev);
		break;
	case EVENT_IDENTITY:
		v->identity = ev->identity;
		v->identified = true;
		view_look_again(v);
		break;
	case EVENT_PROGRESS:
		take_progress(v, ev);
		break;
	case EVENT_NOTICE:
		take_notice(v, ev);
		break;
	case EVENT_LINE:
		take_line(v, ev);
		break;
	case EVENT_QUESTION:
		take_question(v, ev);
		break;
	case EVENT_RESULT:
		take_result(v, ev);
		break;
	case EVENT_PORT:
		take_port(v, ev);
		break;
	case EVENT_PACKAGE:
		v->package = ev->package;
		v->packaged = true;
		break;
	case EVENT_ANSWER:
		v->open_question = false;
		break;
	case EVENT_RECORD:
		set_text(v->record, sizeof(v->record), ev->record);
		break;
	case EVENT_DATA:
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
}

/* -- what can be done -- */

static const char a_record[] = N_("this is a record");

bool view_offers(const struct view *v, enum action action)
{
	if (v->fleet.on)
		return action_of_fleet(action);
	switch (action_info(action)->when) {
	case WHEN_RECORD:
		return v->replay.on;
	case WHEN_MODULE:
	case WHEN_FILE:
	case WHEN_READY:
	case WHEN_RUNNING:
	case WHEN_IDLE:
		return !v->replay.on;
	case WHEN_UNFINISHED:
		return !v->replay.on && v->open_count > 0;
	case WHEN_LISTENING:
		return !v->replay.on && v->job.running && v->job.job == JOB_RESUME && v->job.step_known &&
			v->job.step == STEP_RESTART;
	case WHEN_ALWAYS:
	case WHEN_CHOICE:
	case WHEN_HITS:
	case WHEN_STORED:
		break;
	}
	return true;
}

/* What keeps an upgrade from working, as far as is known before. */
static const char *outlook_refusal(const struct view *v)
{
	static const char *const words[PLAN_FIELDS] = {
		[PLAN_URL] = N_("the URL cannot work"),
		[PLAN_LOGIN] = N_("the login does not work"),
		[PLAN_FILE] = N_("the file cannot work"),
		[PLAN_PUBLISH] = N_("the Publish URL cannot work"),
		[PLAN_MANIFEST] = N_("the manifest does not fit"),
		[PLAN_TARGET] = N_("the target cannot work"),
	};

	if (v->outlook.problem.id == MSG_TARGET_MISSING)
		return v->outlook.asking ? N_("looks for a manifest") : N_("name the target first");
	return v->outlook.problem.id == MSG_NONE ? NULL : words[v->outlook.field];
}

static const char *start_refusal(const struct view *v)
{
	if (v->job.running)
		return N_("runs already");
	if (v->fleet.together)
		return N_("all are upgraded together now");
	if (v->busy)
		return N_("the port is in use");
	if (!v->plan.port[0] && !v->fleet.marked)
		return N_("choose a port first");
	if (v->source != SOURCE_FILE)
		return view_names_something(v->plan.url) ? outlook_refusal(v) : N_("name the URL of the package first");
	if (!v->plan.file[0])
		return N_("name the package file first");
	return !v->publish || view_names_something(v->plan.publish) ? outlook_refusal(v) : N_("name the Publish URL first");
}

static const char *choice_refusal(const struct view *v)
{
	switch (v->focus) {
	case PANE_PORT:
		if (v->replay.on)
			return a_record;
		return v->job.running || v->busy ? N_("the port is in use") : NULL;
	case PANE_SOURCE:
		if (v->replay.on)
			return a_record;
		return v->job.running ? N_("fixed while a job runs") : NULL;
	case PANE_PROGRESS:
		return v->has_result ? NULL : "";
	case PANE_LOG:
	case PANE_COUNT:
		break;
	}
	return "";
}

static const char *browse_refusal(const struct view *v)
{
	if (v->focus != PANE_SOURCE)
		return "";
	return v->job.running ? N_("fixed while a job runs") : NULL;
}

static const char *idle_refusal(const struct view *v)
{
	if (v->job.running && phase_info(view_phase(v))->at_risk)
		return N_("nothing may be sent while the module installs");
	if (v->job.running || v->busy)
		return N_("the port is in use");
	return v->plan.port[0] ? NULL : N_("choose a port first");
}

static const char *cancel_refusal(const struct view *v)
{
	if (!v->job.running && !v->busy)
		return N_("nothing runs");
	if (v->job.running && v->job.step_known && v->job.cancel == CANCEL_REFUSED)
		return N_("refused while the module installs");
	return NULL;
}

static const char *stored_refusal(const struct view *v)
{
	if (v->record[0])
		return NULL;
	if (v->job.running && v->job.job == JOB_UPGRADE)
		return N_("nothing is recorded yet");
	return v->job.running || v->has_result ? N_("there is no record: only upgrades are recorded") :
		N_("nothing was recorded yet");
}

static const char *refusal_of(const struct view *v, enum action action)
{
	if (!view_offers(v, action))
		return v->replay.on ? a_record : "";
	if (v->fleet.on)
		return action == ACTION_START ? v->fleet.start_refusal : action == ACTION_CANCEL ? v->fleet.cancel_refusal : NULL;
	switch (action_info(action)->when) {
	case WHEN_ALWAYS:
	case WHEN_MODULE:
	case WHEN_RECORD:
		return NULL;
	case WHEN_CHOICE:
		return choice_refusal(v);
	case WHEN_FILE:
		return browse_refusal(v);
	case WHEN_READY:
		return start_refusal(v);
	case WHEN_RUNNING:
		return cancel_refusal(v);
	case WHEN_IDLE:
		return idle_refusal(v);
	case WHEN_HITS:
		return v->log_view.text[0] ? NULL : N_("type a text with / first");
	case WHEN_STORED:
		return stored_refusal(v);
	case WHEN_LISTENING:
		return v->ask_record[0] ? N_("asks already") : NULL;
	case WHEN_UNFINISHED:
		return v->job.running ? "" : v->busy ? N_("the port is in use") : NULL;
	}
	return NULL;
}

const char *view_refusal(const struct view *v, enum action action)
{
	const char *refusal = refusal_of(v, action);

	return refusal ? _(refusal) : NULL;
}

static const char *const cancel_labels[] = {
	[CANCEL_FREE] = N_("cancel"),
	[CANCEL_STOP] = N_("stop"),
	[CANCEL_DETACH] = N_("detach"),
	[CANCEL_REFUSED] = N_("cancel"),
};

static const char *label_of(const struct view *v, enum action action)
{
	if (action == ACTION_CANCEL && v->job.running)
		return cancel_labels[v->job.stopping ? CANCEL_DETACH : v->job.cancel];
	if (action == ACTION_QUIT && (v->replay.within || v->fleet.member))
		return N_("back");
	if (action == ACTION_START && v->fleet.marked)
		return N_("start all marked");
	if (action == ACTION_CHOOSE && v->fleet.on)
		return N_("open");
	if (action == ACTION_CHOOSE && v->focus == PANE_PORT)
		return N_("choose");
	if (action == ACTION_CHOOSE && v->focus == PANE_PROGRESS)
		return N_("result");
	if (action == ACTION_HOLD && v->focus == PANE_PORT && !v->fleet.member)
		return N_("mark");
	if (action == ACTION_HOLD && !v->log_view.follow)
		return N_("follow");
	if (action == ACTION_PLAY && (v->replay.playing || v->replay.live))
		return N_("stop");
	if (action == ACTION_HEX && v->log_view.hex)
		return N_("text");
	return action_info(action)->label;
}

const char *view_label(const struct view *v, enum action action)
{
	return _(label_of(v, action));
}

static const struct prompt_info prompts[] = {
	[PROMPT_PORT] = { N_("Path of the port: "), HISTORY_PORT, FILE_SIZE, true },
	[PROMPT_FILTER] = { N_("Show lines with: "), HISTORY_FILTER, LOG_FILTER_SIZE, false },
	[PROMPT_AT] = { N_("AT command: "), HISTORY_AT, sizeof(((struct request *)0)->text), false },
	[PROMPT_WRITE] = { N_("Write the shown lines to file: "), HISTORY_FILE, FILE_SIZE, true },
};

const struct prompt_info *view_prompt(enum prompt prompt)
{
	assert((unsigned)prompt <= PROMPT_WRITE);
	return &prompts[prompt];
}

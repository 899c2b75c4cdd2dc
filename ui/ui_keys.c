#include "config.h"

#include "ui/ui_keys.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/address.h"
#include "base/text.h"
#include "base/url.h"
#include "base/words.h"
#include "ui/draw/dialog.h"
#include "ui/draw/pane.h"
#include "ui/draw/pane_browser.h"
#include "ui/model/fleet.h"
#include "ui/model/memory.h"
#include "ui/model/recent.h"
#include "ui/ui_fleet.h"
#include "ui/ui_mouse.h"
#include "ui/ui_pages.h"
#include "ui/ui_state.h"

/* -- requests -- */

static void send_answer(struct ui *u, bool yes)
{
	struct request r = { .type = REQUEST_ANSWER, .yes = yes };

	ui_send(u, &r);
}

static void send_command(struct ui *u, const char *text)
{
	struct request r = { .type = REQUEST_AT };

	memcpy(r.plan.port, u->view.plan.port, sizeof(r.plan.port));
	r.plan.baud = u->view.plan.baud;
	memcpy(r.text, text, strnlen(text, sizeof(r.text) - 1));
	ui_send(u, &r);
	view_log_hold(&u->view, false);	/* to see the answer */
}

/* For the next run. What goes with the demo is gone with it. */
static void remember(const struct view *v, enum history_kind kind, const char *text)
{
	if (!v->demo)
		memory_add(kind, v->identified ? v->identity.model : "", text);
}

static void remember_plan(const struct view *v, const struct plan *plan)
{
	char port[FIELD_SIZE];

	remember(v, HISTORY_PORT, memory_port(MEMORY_PORTS, plan->port, port));
	remember(v, HISTORY_URL, plan->publish);
	remember(v, HISTORY_URL, plan->url);
	remember(v, HISTORY_USER, plan->user);
	remember(v, HISTORY_FILE, plan->file);
	remember(v, HISTORY_TARGET, plan->target);
}

static void run_job(struct ui *u, enum job job)
{
	struct request r = { .type = REQUEST_RUN };
	struct err e;

	view_make_plan(&u->view, job, &r.plan);
	remember_plan(&u->view, &r.plan);
	if (worker_request(u->worker, &r, &e) < 0)
		view_say_error(&u->view, &e);
	else
		view_begin_job(&u->view, job);
	/* the package of the demo is gone with it */
	if (u->view.job.running && r.plan.file[0] && !u->view.demo)
		recent_add(r.plan.file);
	explicit_bzero(&r, sizeof(r));
}

/* -- what the keys do -- */

/* Some fields begin with text: PREFILL. A whole value typed or pasted after
 * it, which shows by its own BEGIN or as a serial server's, replaces it. */
static const char *after_prefill(const char *text, const char *prefill, const char *begin)
{
	const char *rest = text + strlen(prefill);

	if (strncasecmp(text, prefill, strlen(prefill)) != 0)
		return text;
	return !strncasecmp(rest, begin, strlen(begin)) || address_of_port(rest) ? rest : text;
}

static void begin_prompt(struct view *v, enum prompt prompt, const char *text)
{
	const struct prompt_info *info = view_prompt(prompt);

	v->mode = MODE_PROMPT;
	v->prompt = prompt;
	field_begin(&v->field, text, info->room);
	v->field.file = info->file;
	v->field.word = prompt == PROMPT_AT ? console_word : NULL;
	field_use_history(&v->field, &v->histories[info->history]);
}

/* "dfota-log-20261130-064200.txt", of now: the lines shown change, their file does not. */
static void propose_log_name(struct view *v)
{
	time_t now = time(NULL);
	char name[64] = "";
	struct tm tm;

	if (localtime_r(&now, &tm))
		strftime(name, sizeof(name), "dfota-log-%Y%m%d-%H%M%S.txt", &tm);
	begin_prompt(v, PROMPT_WRITE, name);
	v->field.proposed = true;
}

static void write_lines(struct view *v, FILE *f)
{
	uint64_t position, end = log_shown_end(v->log);
	char text[TEXT_SIZE + 32];
	struct log_line line;
	int from;

	for (position = log_shown_first(v->log); position < end; position++) {
		if (!log_get(v->log, log_shown(v->log, position), &line))
			continue;
		for (from = 0; log_line_text(&line, v->log_view.hex, from, text, sizeof(text)); from += 16) {
			fprintf(f, "%s\n", text);
			if (!v->log_view.hex || line.kind == LOG_NOTE || line.kind == LOG_WARNING)
				break;
		}
	}
}

static void write_log(struct view *v, const char *path)
{
	FILE *f = ui_create_file(v, path);
	uint64_t count;
	char number[28];
	bool failed;

	if (!f)
		return;
	while (log_grow(v->log))	/* finish the search for what is shown */
		;
	count = log_shown_end(v->log) - log_shown_first(v->log);
	write_lines(v, f);
	failed = ferror(f) != 0;
	if (fclose(f) || failed)
		view_say(v, true, "writing %s: %s", path, strerror(errno));
	else
		view_say(v, false, "%s lines written to %s", text_count(number, count), path);
}

/* A password in it may not even stay in the field. */
static bool refuse_prompt(struct view *v)
{
	struct err e;

	if (v->prompt != PROMPT_PORT || !address_holds_login(after_prefill(v->field.text, "/dev/", "/")))
		return false;
	field_wipe(&v->field);
	v->mode = MODE_PANES;
	err_fail(&e, MSG_PORT_LOGIN, "");
	view_say_error(v, &e);
	return true;
}

static void accept_prompt(struct ui *u)
{
	struct view *v = &u->view;
	const struct prompt_info *info = view_prompt(v->prompt);
	char text[FIELD_SIZE];

	if (refuse_prompt(v))
		return;
	if (info->file)
		field_expand_home(&v->field);
	memcpy(text, v->field.text, sizeof(text));
	history_add(&v->histories[info->history], text);
	v->mode = MODE_PANES;
	if (v->prompt == PROMPT_FILTER)
		view_log_filter(v, text);
	if (!text[0])
		return;
	switch (v->prompt) {
	case PROMPT_FILTER:
		break;
	case PROMPT_PORT:
		view_choose_port(v, after_prefill(text, "/dev/", "/"));
		run_job(u, JOB_PROBE);
		break;
	case PROMPT_AT:
		remember(v, HISTORY_AT, after_prefill(text, "AT", "AT"));
		send_command(u, after_prefill(text, "AT", "AT"));
		break;
	case PROMPT_WRITE:
		write_log(v, text);
		break;
	}
}

static void prompt_key(struct ui *u, const struct key *key)
{
	struct view *v = &u->view;

	switch (field_key(&v->field, key)) {
	case FIELD_DONE:
		accept_prompt(u);
		break;
	case FIELD_LEFT:
		v->mode = MODE_PANES;
		break;
	case FIELD_GOES_ON:
	case FIELD_NEXT:
		break;
	}
}

static void edit_key(struct ui *u, const struct key *key)
{
	struct view *v = &u->view;
	enum field_result result = field_key(&v->field, key);

	if (result == FIELD_LEFT) {
		field_wipe(&v->field);
		v->mode = MODE_PANES;
	}
	if (result != FIELD_DONE && result != FIELD_NEXT)
		return;
	if (source_accept(v) == 0 && result == FIELD_NEXT && source_next(v))
		source_edit(v);
}

static void do_pane_request(struct ui *u, enum pane_request request)
{
	struct view *v = &u->view;
	struct port_row row;

	switch (request) {
	case PANE_REQUEST_NONE:
		break;
	case PANE_REQUEST_IDENTIFY:
		view_port_row(v, view_port_cursor(v), &row);
		view_choose_port(v, row.path);
		run_job(u, JOB_PROBE);
		break;
	case PANE_REQUEST_PORT_PATH:
		begin_prompt(v, PROMPT_PORT, "/dev/");
		break;
	case PANE_REQUEST_EDIT:
		source_edit(v);
		break;
	case PANE_REQUEST_RESULT:
		v->mode = MODE_RESULT;
		v->scroll = 0;
		break;
	}
}

/* What costs nothing is cancelled at once; else it is said what would happen. */
static void cancel(struct ui *u)
{
	struct view *v = &u->view;

	if (v->job.running && v->job.cancel != CANCEL_FREE) {
		dialog_confirm(v, false);
		return;
	}
	ui_request(u, REQUEST_CANCEL);
	view_say(v, false, "cancelling");
}

static void quit(struct ui *u)
{
	if (ui_pages_watched(u) || ui_fleet_back(u))
		return;
	if (u->view.job.running && !u->replay)
		dialog_confirm(&u->view, true);
	else
		u->leave = true;
}

static void find(struct view *v, bool error, bool back)
{
	v->focus = PANE_LOG;
	if (!view_log_find(v, error, back))
		view_say(v, false, error ? N_("no error in the log") : N_("no line holds that text"));
}

/* The cursor goes on to the next. */
static void mark(struct view *v)
{
	if (!fleet_mark(v))
		view_say(v, true, "%d modules are marked, and no more can be", MODULES_MAX);
	view_move_port(v, 1);
}

/* Keys of the log. False: it is none of them. */
static bool log_action(struct view *v, enum action action)
{
	switch ((int)action) {
	case ACTION_NEXT_HIT:
		find(v, false, false);
		break;
	case ACTION_PREVIOUS_HIT:
		find(v, false, true);
		break;
	case ACTION_NEXT_ERROR:
	case ACTION_PREVIOUS_ERROR:
		find(v, true, action == ACTION_PREVIOUS_ERROR);
		break;
	case ACTION_URC:
		view_log_urc_only(v, !v->log_view.urc_only);
		break;
	case ACTION_HEX:
		v->log_view.hex = !v->log_view.hex;
		v->log_view.left = 0;
		break;
	case ACTION_HOLD:
		if (v->focus == PANE_PORT && !v->fleet.member)
			mark(v);
		else
			view_log_hold(v, v->log_view.follow);
		break;
	default:
		return false;
	}
	return true;
}

/* In a record the keys that move go through its time. False: it is none of them. */
static bool record_action(struct ui *u, enum action action, const struct key *key)
{
	int rows = u->view.log_view.rows;

	switch ((int)action) {
	case ACTION_PLAY:
		replay_play(u->replay, ui_now_ms(u));
		break;
	case ACTION_SPEED:
		replay_speed(u->replay, key->code == '-');
		break;
	case ACTION_STEP:
		replay_step(u->replay, key->code == '[');
		break;
	case ACTION_RECORD_ERROR:
		replay_error(u->replay, key->code == 'E');
		break;
	case ACTION_NEXT_HIT:
	case ACTION_PREVIOUS_HIT:
		replay_search(u->replay, action == ACTION_PREVIOUS_HIT);
		break;
	case ACTION_UP:
	case ACTION_DOWN:
		replay_move(u->replay, action == ACTION_UP ? -1 : 1);
		break;
	case ACTION_PAGE_UP:
	case ACTION_PAGE_DOWN:
		replay_move(u->replay, action == ACTION_PAGE_UP ? -rows : rows);
		break;
	case ACTION_FIRST:
		replay_go(u->replay, 0);
		break;
	case ACTION_LAST:
		replay_end(u->replay, ui_now_ms(u));
		break;
	case ACTION_LEFT:
	case ACTION_RIGHT:
		pane_of(PANE_LOG)->act(&u->view, action);
		break;
	default:
		return false;
	}
	return true;
}

/* Keys that choose a pane, or move in it. False: it is none of them. */
static bool pane_action(struct ui *u, enum action action, const struct key *key)
{
	struct view *v = &u->view;

	switch ((int)action) {
	case ACTION_NEXT_PANE:
		v->focus = (enum pane_id)((v->focus + 1) % PANE_COUNT);
		break;
	case ACTION_PREVIOUS_PANE:
		v->focus = (enum pane_id)((v->focus + PANE_COUNT - 1) % PANE_COUNT);
		break;
	case ACTION_PANE:
		v->focus = (enum pane_id)(key->code - '1');
		break;
	case ACTION_UP:
	case ACTION_DOWN:
	case ACTION_LEFT:
	case ACTION_RIGHT:
	case ACTION_PAGE_UP:
	case ACTION_PAGE_DOWN:
	case ACTION_FIRST:
	case ACTION_LAST:
	case ACTION_CHOOSE:
		do_pane_request(u, pane_of(v->focus)->act(v, action));
			break;
	default:
		return false;
	}
	return true;
}

static void do_action(struct ui *u, enum action action)
{
	struct view *v = &u->view;

	switch ((int)action) {
	case ACTION_BROWSE:
		browse_begin(v);
		break;
	case ACTION_START:
		if (v->fleet.marked && !v->fleet.member)
			ui_fleet_marked(u);
		else
			run_job(u, JOB_UPGRADE);
		break;
	case ACTION_ASK_NOW:
		dialog_ask_now(v);
		break;
	case ACTION_CANCEL:
		cancel(u);
		break;
	case ACTION_RESCAN:
		ui_request(u, REQUEST_RESCAN);
		break;
	case ACTION_AT:
		begin_prompt(v, PROMPT_AT, "AT");
		break;
	case ACTION_FILTER:
		v->focus = PANE_LOG;
		begin_prompt(v, PROMPT_FILTER, v->log_view.text);
		break;
	case ACTION_WRITE:
		propose_log_name(v);
		break;
	case ACTION_HELP:
		v->mode = MODE_HELP;
		v->scroll = 0;
		break;
	case ACTION_WHOLE:
		dialog_show(v, MODE_WHOLE);
		break;
	case ACTION_REDRAW:
		screen_measure(u->screen);
		break;
	case ACTION_QUIT:
		quit(u);
		break;
	default:
		break;
	}
}

/* Say why s waits, and go where that is mended. */
static void go_to_obstacle(struct ui *u, const char *refusal)
{
	struct view *v = &u->view;
	enum plan_field field = view_start_field(v);
	struct err e;

	if (v->job.running || v->busy)
		return;
	if (!v->plan.port[0])
		v->focus = PANE_PORT;
	else if (field != PLAN_NOTHING)
		source_go_to(v, field);
	if (v->plan.port[0] && v->outlook.problem.id != MSG_NONE && !v->outlook.asking) {
		err_take(&e, message_info(v->outlook.problem.id)->code, &v->outlook.problem);
		view_say_error(v, &e);
		return;
	}
	view_say(v, true, "not now: %s", refusal);
}

static void pane_key(struct ui *u, const struct key *key)
{
	struct view *v = &u->view;
	enum action action = action_of_key(key->code, v->replay.on);
	const char *refusal;

	v->message[0] = '\0';
	if (key->code == K_ESC && !key->pasted && ui_fleet_back(u))
		return;
	if (key->pasted && (action == ACTION_COUNT || action_info(action)->risky)) {
		view_say(v, true, "%s", _(dialog_too_fast));
		u->ignored = true;
	} else if (action == ACTION_COUNT && key->code > ' ' && key->code < K_UP)
		view_say(v, true, "this key does nothing here: ? shows those that do");
	if (v->message[0] || action == ACTION_COUNT)
		return;
	refusal = view_refusal(v, action);
	/* A refused cancel explains itself and offers to detach. */
	if (refusal && (u->replay || !(action == ACTION_CANCEL && v->job.running))) {
		if (*refusal)
			view_say(v, true, u->replay ? "%s" : N_("not now: %s"), refusal);
		if (action == ACTION_START && !u->replay)
			go_to_obstacle(u, refusal);
		return;
	}
	if (v->fleet.on)
		ui_fleet_action(u, action);
	else if (!ui_pages_action(u, action) && (!u->replay || !record_action(u, action, key)) &&
	    !pane_action(u, action, key) && !log_action(v, action))
		do_action(u, action);
}

static bool is_cancel(const struct key *key)
{
	return key->code == 'c' || key->code == K_CTRL_C;
}

/* A page over an upgrade that goes on: any key leaves it, and a cancel is one all the same. */
static bool reads_only(enum mode mode)
{
	return mode == MODE_HELP || mode == MODE_WHOLE || mode == MODE_DIAGNOSIS;
}

static void page_key(struct ui *u, const struct key *key)
{
	struct view *v = &u->view;
	enum mode mode = v->mode;
	enum verdict verdict;
	bool detach = v->confirm_cancel == CANCEL_DETACH || v->confirm_cancel == CANCEL_REFUSED || v->job.stopping;

	if (key->code == K_CTRL_L) {
		screen_measure(u->screen);
		return;
	}
	verdict = dialog_key(v, key);
	if (verdict == VERDICT_NONE)
		return;
	ui_pages_left(u, mode, verdict);
	if (v->fleet.on) {
		ui_fleet_verdict(u, mode, verdict);
		if (is_cancel(key) && reads_only(mode) && !v->fleet.cancel_refusal)
			ui_fleet_action(u, ACTION_CANCEL);
		return;
	}
	if (is_cancel(key) && v->job.running && !u->replay && reads_only(mode))
		cancel(u);
	if (mode == MODE_QUESTION)
		send_answer(u, verdict == VERDICT_YES);
	if (mode == MODE_CONFIRM && verdict == VERDICT_YES && v->confirm_ask) {
		/* listening ends; what comes of it goes on asking (ui_pages) */
		memcpy(v->ask_record, v->open[v->open_row].record, sizeof(v->ask_record));
		ui_request(u, REQUEST_DETACH);
		view_say(v, false, "asking the module");
	} else if (mode == MODE_CONFIRM && verdict == VERDICT_YES) {
		v->leaving = v->confirm_leave;
		ui_request(u, detach ? REQUEST_DETACH : REQUEST_CANCEL);
		view_say(v, false, detach ? N_("detaching") : N_("cancelling"));
	}
}

/* A paste over the panes that begins as a URL does: no key of it was meant as one. */
static enum url_scheme pasted_scheme(const struct key *keys, int count)
{
	char text[16];
	int i;

	for (i = 0; i < count && i + 1 < (int)sizeof(text) && keys[i].pasted && keys[i].code > ' ' && keys[i].code < 0x7f; i++)
		text[i] = (char)keys[i].code;
	text[i] = '\0';
	return url_scheme(text);
}

static void take_key(struct ui *u, const struct key *key)
{
	switch (u->view.mode) {
	case MODE_PANES:
		pane_key(u, key);
		break;
	case MODE_EDIT:
		u->view.message[0] = '\0';
		edit_key(u, key);
		break;
	case MODE_PROMPT:
		prompt_key(u, key);
		break;
	case MODE_BROWSE:
		u->view.message[0] = '\0';
		browse_key(&u->view, key);
		break;
	case MODE_QUESTION:
	case MODE_CONFIRM:
	case MODE_RESULT:
	case MODE_HELP:
	case MODE_WHOLE:
	case MODE_DIAGNOSIS:
	case MODE_REPORT:
	case MODE_UNFINISHED:
		page_key(u, key);
		break;
	}
}

/* Nothing of the mouse reaches what takes keys. */
void ui_take_key(struct ui *u, const struct key *key)
{
	struct key keys[UI_MOUSE_KEYS];
	int count;

	if (!ui_mouse_is(key)) {
		take_key(u, key);
		return;
	}
	count = u->screen ? ui_mouse_keys(u, key, keys) : 0;
	for (int i = 0; i < count; i++)
		take_key(u, &keys[i]);
}

void ui_take_keys(struct ui *u, const struct key *keys, int count)
{
	struct view *v = &u->view;

	u->ignored = false;
	for (int i = 0; i < count && !u->leave; i++) {
		enum url_scheme scheme = v->mode != MODE_PANES || u->replay || v->job.running ? URL_NO_SCHEME :
					 pasted_scheme(keys + i, count - i);

		if (scheme != URL_NO_SCHEME)
			source_paste(v, scheme);
		ui_take_key(u, &keys[i]);
	}
	if (u->ignored && v->mode == MODE_PANES && !v->message[0])	/* a harmless key behind it took it away */
		view_say(v, true, "%s", _(dialog_too_fast));
}

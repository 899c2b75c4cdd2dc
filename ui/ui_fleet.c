#include "config.h"

#include "ui/ui_fleet.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "ui/draw/pane_fleet.h"
#include "ui/model/fleet.h"
#include "ui/ui_pages.h"

#define EVENTS_A_STEP 64	/* of each; then the keys have their turn */

struct seat {
	struct worker *worker;	/* of who made it */
	struct view *parked;	/* its view, but while it is open: then ui.view is */
};

struct ui_fleet {
	struct fleet model;
	struct seat seats[MODULES_MAX];
	struct seat base;	/* the screen of before: its worker looks after the ports and lends its clock */
	struct view *rows;	/* the view of the rows, while a module is open */
	size_t open;		/* that one; model.count: none */
	bool ask_due;		/* the question waits for the end of what is typed */
	bool leaving;		/* once nothing runs any more */
	bool lost, signalled;
	struct event event;
};

static bool is_open(const struct ui_fleet *f)
{
	return f->open < f->model.count;
}

static void request(struct ui *u, size_t at, enum request_type type, bool yes)
{
	struct request r = { .type = type, .yes = yes };
	struct err e;

	if (worker_request(u->fleet->seats[at].worker, &r, &e) < 0)
		view_say_error(u->fleet->model.views[at], &e);
}

static bool runs(const struct ui_fleet *f, size_t at)
{
	return f->model.views[at]->job.running;
}

static bool is_at_stake(const struct ui_fleet *f, size_t at)
{
	return runs(f, at) && view_phase(f->model.views[at]) != PHASE_PREFLIGHT;
}

static bool any_runs(const struct ui_fleet *f)
{
	for (size_t i = 0; i < f->model.count; i++)
		if (runs(f, i))
			return true;
	return f->model.started;
}

bool ui_fleet_runs(const struct ui *u)
{
	return any_runs(u->fleet);
}

bool ui_fleet_at_stake(const struct ui *u)
{
	for (size_t i = 0; i < u->fleet->model.count; i++)
		if (is_at_stake(u->fleet, i))
			return true;
	return false;
}

/* -- the rows, or one of them -- */

static void shown_anew(struct ui *u)
{
	u->drawn_ms = 0;	/* of another clock */
	u->draw_now = true;
}

bool ui_fleet_back(struct ui *u)
{
	struct ui_fleet *f = u->fleet;
	struct seat *seat;

	if (!f || !is_open(f))
		return false;
	seat = &f->seats[f->open];
	*seat->parked = u->view;
	f->model.views[f->open] = seat->parked;
	u->view = *f->rows;
	u->worker = f->base.worker;
	f->open = f->model.count;
	shown_anew(u);
	return true;
}

static void open_module(struct ui *u, size_t at)
{
	struct ui_fleet *f = u->fleet;
	const struct result *r = &f->seats[at].parked->result;

	*f->rows = u->view;
	u->view = *f->seats[at].parked;
	u->worker = f->seats[at].worker;
	f->model.views[at] = &u->view;
	f->open = at;
	u->view.now_ms = ui_now_ms(u);
	if (u->view.has_result && !u->view.diagnosis.made && r->outcome != OUTCOME_SUCCESS)
		ui_pages_result(u);
	shown_anew(u);
}

void ui_fleet_show(struct ui *u)
{
	struct ui_fleet *f = u->fleet;

	if (!f || is_open(f))
		return;
	for (size_t i = 0; i < f->model.count; i++)
		f->model.views[i]->now_ms = worker_now_ms(f->seats[i].worker);
	fleet_refresh(&f->model, screen_slow(u->screen));
	u->view.fleet.start_refusal = fleet_start_refusal(&f->model);
	u->view.fleet.cancel_refusal = fleet_cancel_refusal(&f->model);
}

/* -- their turns -- */

static void begin(struct ui *u, size_t at)
{
	struct request r = { .type = REQUEST_RUN };
	struct view *v = u->fleet->model.views[at];
	struct err e;

	view_make_plan(v, JOB_UPGRADE, &r.plan);
	if (worker_request(u->fleet->seats[at].worker, &r, &e) == 0) {
		view_begin_job(v, JOB_UPGRADE);
	} else {
		view_say_error(v, &e);
		turns_end(&u->fleet->model.turns, at, true);
	}
	explicit_bzero(&r, sizeof(r));
}

static void leave_out(struct ui *u, size_t at)
{
	struct fleet *model = &u->fleet->model;
	struct event *ev = &u->fleet->event;
	struct err e;

	if (model->turns.cancelled)
		err_fail(&e, MSG_NOT_BEGUN_CANCELLED, "");
	else
		err_fail(&e, MSG_NOT_BEGUN_FAILURES, "count=%zu", model->turns.failed);
	*ev = (struct event){ .type = EVENT_RESULT, .t_ms = model->views[at]->now_ms };
	result_stopped(&ev->result, JOB_UPGRADE, &e);
	view_event(model->views[at], ev);
	turns_end(&model->turns, at, true);
}

static void do_due(struct ui *u, size_t at)
{
	switch (turns_next(&u->fleet->model.turns, at)) {
	case DUE_NOTHING:
		break;
	case DUE_BEGIN:
		begin(u, at);
		break;
	case DUE_LEAVE_OUT:
		leave_out(u, at);
		break;
	case DUE_YES:
		request(u, at, REQUEST_ANSWER, true);
		break;
	case DUE_NO:
		request(u, at, REQUEST_ANSWER, false);
		break;
	case DUE_CANCEL:
		request(u, at, REQUEST_CANCEL, false);
		break;
	}
}

/* Over the rows; who types into a field of one module ends that first. */
static void ask_if_due(struct ui *u)
{
	struct ui_fleet *f = u->fleet;

	f->ask_due |= turns_ask(&f->model.turns);
	if (!f->ask_due || (is_open(f) && u->view.mode != MODE_PANES))
		return;
	f->ask_due = false;
	ui_fleet_back(u);
	fleet_refresh(&f->model, false);
	u->view.now_ms = ui_now_ms(u);
	view_open_page(&u->view, MODE_QUESTION);
	field_begin(&u->view.field, "", 16);
	u->draw_now = true;
}

/* None is left that it is about. */
static void end_question(struct ui *u)
{
	struct fleet *model = &u->fleet->model;

	if (is_open(u->fleet) || u->view.mode != MODE_QUESTION || turns_in(&model->turns, TURN_ASKS))
		return;
	turns_answer(&model->turns, false);
	view_open_page(&u->view, MODE_PANES);
	u->draw_now = true;
}

static void set_together(struct fleet *model, bool together)
{
	model->started = together;
	for (size_t i = 0; i < model->count; i++)
		model->views[i]->fleet.together = together && model->turns.of[i] != TURN_ENDED;
}

static void go_on(struct ui *u)
{
	struct fleet *model = &u->fleet->model;

	for (size_t i = 0; model->started && i < model->count; i++)
		do_due(u, i);
	if (model->started && turns_in(&model->turns, TURN_ENDED) == model->count) {
		set_together(model, false);
		u->draw_now = true;
	}
	if (model->started)
		ask_if_due(u);
	end_question(u);
	if (u->fleet->leaving && !any_runs(u->fleet))
		u->leave = true;
}

static void start(struct ui *u)
{
	struct fleet *model = &u->fleet->model;
	struct turns *t = &model->turns;

	*t = (struct turns){ .count = model->count, .at_once = u->at_once, .stop_after = u->stop_after };
	for (size_t i = 0; i < t->count; i++)
		t->of[i] = fleet_is_due(model, i) ? TURN_WAITS : TURN_ENDED;
	set_together(model, true);
	go_on(u);
}

/* -- events -- */

static void take_event(struct ui *u, size_t at, const struct event *ev)
{
	struct ui_fleet *f = u->fleet;
	struct turns *t = &f->model.turns;

	view_event(f->model.views[at], ev);
	u->draw_soon = true;
	if (ev->type == EVENT_QUESTION && f->model.started)
		t->of[at] = TURN_ASKS;
	if (ev->type != EVENT_RESULT)
		return;
	if (f->model.started && t->of[at] != TURN_ENDED && t->of[at] != TURN_WAITS)
		turns_end(t, at, ev->result.exit_status != 0);
	if (f->open == at)
		ui_pages_result(u);
}

static void take_events(struct ui *u, size_t at)
{
	struct ui_fleet *f = u->fleet;
	struct worker *w = f->seats[at].worker;
	struct view *v = f->model.views[at];
	struct outlook outlook;

	v->now_ms = worker_now_ms(w);
	for (int i = 0; i < EVENTS_A_STEP && worker_next_event(w, &f->event); i++)
		take_event(u, at, &f->event);
	if (worker_outlook(w, &outlook)) {
		view_outlook(v, &outlook);
		u->draw_soon = true;
	}
	v->busy = worker_busy(w);
}

/* What is plugged in is the same for all. */
static void take_ports(struct ui *u)
{
	struct ui_fleet *f = u->fleet;

	while (worker_next_event(f->base.worker, &f->event)) {
		view_event(f->base.parked, &f->event);
		for (size_t i = 0; f->event.type == EVENT_PORT && i < f->model.count; i++)
			view_event(f->model.views[i], &f->event);
		u->draw_soon |= is_open(f);
	}
}

size_t ui_fleet_poll(const struct ui *u, struct pollfd *fds)
{
	const struct ui_fleet *f = u->fleet;

	if (!f)
		return 0;
	for (size_t i = 0; i < f->model.count; i++)
		fds[i] = (struct pollfd){ worker_event_fd(f->seats[i].worker), POLLIN, 0 };
	fds[f->model.count] = (struct pollfd){ worker_event_fd(f->base.worker), POLLIN, 0 };
	return f->model.count + 1;
}

void ui_fleet_step(struct ui *u)
{
	if (!u->fleet)
		return;
	for (size_t i = 0; i < u->fleet->model.count; i++)
		take_events(u, i);
	take_ports(u);
	go_on(u);
}

/* -- keys -- */

/* As to one module, each by its own step; what waits is not begun. LEAVE: those that
 * go on by themselves are let go of. */
static void cancel_all(struct ui *u, bool leave)
{
	struct ui_fleet *f = u->fleet;

	f->model.turns.cancelled = true;
	f->leaving |= leave;
	for (size_t i = 0; i < f->model.count; i++) {
		bool goes_on = f->model.views[i]->job.cancel >= CANCEL_DETACH;

		if (runs(f, i) && f->model.turns.of[i] != TURN_ASKS)
			request(u, i, leave && goes_on ? REQUEST_DETACH : REQUEST_CANCEL, false);
	}
	go_on(u);
}

static void confirm(struct ui *u, bool leave)
{
	size_t counts[CANCEL_REFUSED + 1];

	fleet_cancels(&u->fleet->model, counts);
	dialog_confirm(&u->view, leave);
	u->view.confirm_cancel = leave && counts[CANCEL_REFUSED] ? CANCEL_REFUSED : CANCEL_FREE;
}

static void cancel(struct ui *u)
{
	size_t counts[CANCEL_REFUSED + 1];

	fleet_cancels(&u->fleet->model, counts);
	if (counts[CANCEL_STOP] + counts[CANCEL_DETACH] + counts[CANCEL_REFUSED]) {
		confirm(u, false);
		return;
	}
	cancel_all(u, false);
	view_say(&u->view, false, "cancelling");
}

void ui_fleet_action(struct ui *u, enum action action)
{
	struct ui_fleet *f = u->fleet;

	switch ((int)action) {
	case ACTION_CHOOSE:
		open_module(u, f->model.cursor);
		break;
	case ACTION_START:
		start(u);
		break;
	case ACTION_CANCEL:
		cancel(u);
		break;
	case ACTION_HELP:
	case ACTION_WHOLE:
		dialog_show(&u->view, action == ACTION_HELP ? MODE_HELP : MODE_WHOLE);
		break;
	case ACTION_REDRAW:
		screen_measure(u->screen);
		break;
	case ACTION_QUIT:
		if (any_runs(f))
			confirm(u, true);
		else
			u->leave = true;
		break;
	default:
		fleet_move(&f->model, action, pane_fleet_rows(screen_area(u->screen)));
		break;
	}
}

void ui_fleet_verdict(struct ui *u, enum mode mode, enum verdict verdict)
{
	if (mode == MODE_QUESTION)
		turns_answer(&u->fleet->model.turns, verdict == VERDICT_YES);
	if (mode == MODE_CONFIRM && verdict == VERDICT_YES)
		cancel_all(u, u->view.confirm_leave);
	go_on(u);
}

/* -- the end -- */

bool ui_fleet_lost(struct ui *u)
{
	struct ui_fleet *f = u->fleet;

	f->model.turns.cancelled = f->leaving = true;
	for (size_t i = 0; i < f->model.count; i++)
		if (is_at_stake(f, i) && !f->lost)
			request(u, i, REQUEST_LOST, false);
		else if (!is_at_stake(f, i) && runs(f, i))
			request(u, i, REQUEST_CANCEL, false);
	f->lost = true;
	go_on(u);
	return any_runs(f);
}

bool ui_fleet_signalled(struct ui *u)
{
	struct ui_fleet *f = u->fleet;
	bool again = f->signalled;

	if (!any_runs(f))
		return false;
	f->signalled = true;
	f->leaving = true;
	f->model.turns.cancelled = true;
	for (size_t i = 0; i < f->model.count; i++)
		if (runs(f, i) && f->model.turns.of[i] != TURN_ASKS)
			request(u, i, again ? REQUEST_DETACH : REQUEST_CANCEL, false);
	view_say(&u->view, false, again ? N_("detaching") : N_("a signal: cancelling; one more detaches"));
	go_on(u);
	return true;
}

int ui_fleet_end(struct ui *u)
{
	const struct ui_fleet *f = u->fleet;
	char words[TEXT_SIZE], port[FILE_SIZE];
	int status = 0;

	for (size_t i = 0; i < f->model.count; i++) {
		const struct view *v = f->model.views[i];

		if (!v->has_result)
			continue;
		status = result_worse(status, v->result.exit_status);
		text_safe_str(port, sizeof(port), v->plan.port);
		if (!f->lost)
			text_print(u->out, "dfota: %s: %s: %s", port, result_name(&v->result),
				   message_text(&v->result.what, FOR_CONSOLE, words, sizeof(words)));
	}
	fflush(u->out);
	return status;
}

static void free_seat(struct seat *seat)
{
	if (seat->parked)
		view_free(seat->parked);
	free(seat->parked);
}

void ui_fleet_free(struct ui *u)
{
	struct ui_fleet *f = u->fleet;

	if (!f)
		return;
	ui_fleet_back(u);
	for (size_t i = 0; i < f->model.count; i++)
		free_seat(&f->seats[i]);
	free_seat(&f->base);
	free(f->rows);
	free(f);
	u->fleet = NULL;
}

/* -- the begin -- */

static int begin_seat(struct ui *u, struct ui_fleet *f, const struct plan *plan, struct err *e)
{
	struct seat *seat = &f->seats[f->model.count];

	seat->worker = u->new_worker(u->new_worker_ctx, e);
	if (!seat->worker)
		return -1;
	seat->parked = calloc(1, sizeof(*seat->parked));
	if (!seat->parked || view_init(seat->parked, plan) < 0)
		return err_fail(e, MSG_SCREEN_NO_MEMORY, "");
	seat->parked->fleet.member = true;
	memcpy(seat->parked->ports, u->view.ports, sizeof(seat->parked->ports));
	seat->parked->port_count = u->view.port_count;
	f->model.views[f->model.count++] = seat->parked;
	return 0;
}

/* The view of before is parked, and one of rows is in its place. */
static int put_rows(struct ui *u, struct ui_fleet *f, struct err *e)
{
	const struct plan plan = { .job = JOB_UPGRADE };
	struct view *rows = calloc(1, sizeof(*rows));
	bool made = rows && view_init(rows, &plan) == 0;

	f->base.parked = malloc(sizeof(*f->base.parked));
	f->rows = rows;
	if (!made || !f->base.parked)
		return err_fail(e, MSG_SCREEN_NO_MEMORY, "");
	*f->base.parked = u->view;
	f->base.worker = u->worker;
	u->view = *rows;
	u->view.demo = f->base.parked->demo;
	u->view.now_ms = f->base.parked->now_ms;
	u->view.fleet.on = true;
	u->view.fleet.rows = &f->model;
	return 0;
}

static void give_up(struct ui_fleet *f)
{
	for (size_t i = 0; i < MODULES_MAX; i++)
		free_seat(&f->seats[i]);
	free(f->base.parked);
	if (f->rows)
		view_free(f->rows);
	free(f->rows);
	free(f);
}

int ui_fleet_begin(struct ui *u, const struct plan *plans, size_t count, struct err *e)
{
	struct ui_fleet *f = calloc(1, sizeof(*f));
	int r = f ? 0 : err_fail(e, MSG_SCREEN_NO_MEMORY, "");

	for (size_t i = 0; r == 0 && i < count && i < MODULES_MAX; i++)
		r = begin_seat(u, f, &plans[i], e);
	if (r == 0)
		r = put_rows(u, f, e);
	if (r < 0 && f)
		give_up(f);
	if (r < 0)
		return -1;
	for (size_t i = 0; i < f->model.count; i++)
		log_share(f->model.views[i]->log, (uint32_t)f->model.count);
	f->open = f->model.count;
	f->model.turns.count = f->model.count;
	u->fleet = f;
	shown_anew(u);
	return 0;
}

void ui_fleet_marked(struct ui *u)
{
	const struct fleet_view *marked = &u->view.fleet;
	size_t count = marked->marked;
	struct plan *plans = calloc(count, sizeof(*plans));
	struct err e;

	for (size_t i = 0; plans && i < count; i++) {
		view_make_plan(&u->view, JOB_UPGRADE, &plans[i]);
		snprintf(plans[i].port, sizeof(plans[i].port), "%s", marked->marks[i]);
	}
	if (!plans)
		err_fail(&e, MSG_SCREEN_NO_MEMORY, "");
	if (plans && ui_fleet_begin(u, plans, count, &e) == 0)
		start(u);
	else
		view_say_error(&u->view, &e);
	if (plans)
		explicit_bzero(plans, count * sizeof(*plans));
	free(plans);
}

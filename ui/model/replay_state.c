#include "config.h"

#include "ui/model/replay_state.h"

#include <stdlib.h>

#define FRAME_LINES 64		/* lines of state from frame to frame */
#define RX_LOOK_BACK 4096	/* lines sent in a row, at most */

/* What makes the state; of notices and progress only the last ones count. */
#define STATE_KINDS (BIT(RESUMED) | BIT(STEP) | BIT(IDENTITY) | BIT(QUESTION) | BIT(ANSWER) | \
		     BIT(PACKAGE) | BIT(RESULT))

/* The state of the view that lines of STATE_KINDS make. */
struct state {
	struct job_view job;
	bool identified, packaged, asked, open_question, has_result;
	struct identity identity;
	struct package_info package;
	struct question question;
	struct result result;
	uint64_t job_line;	/* where the job began */
	uint64_t step_line;	/* where the step began, or the job */
};

/* The state after a line, to go on from. */
struct frame {
	uint64_t line;
	struct state state;
};

static void save(const struct replay *p, struct state *s)
{
	const struct view *v = p->view;

	*s = (struct state){
		.job = v->job, .identified = v->identified, .packaged = v->packaged, .asked = v->asked,
		.open_question = v->open_question, .has_result = v->has_result, .identity = v->identity,
		.package = v->package, .question = v->question, .result = v->result,
		.job_line = p->job_line, .step_line = p->step_line,
	};
}

static void restore(struct replay *p, const struct state *s)
{
	struct view *v = p->view;

	v->job = s->job;
	v->identified = s->identified;
	v->packaged = s->packaged;
	v->asked = s->asked;
	v->open_question = s->open_question;
	v->has_result = s->has_result;
	v->identity = s->identity;
	v->package = s->package;
	v->question = s->question;
	v->result = s->result;
	v->notice_count = 0;
	p->job_line = s->job_line;
	p->step_line = s->step_line;
}

static void begin_job(struct replay *p, uint64_t line, enum job job)
{
	enum pane_id focus = p->view->focus;

	view_begin_job(p->view, job);
	p->view->busy = false;
	p->view->focus = focus;
	p->job_line = p->step_line = line;
}

/* What LINE did to the screen. */
void replay_state_feed(struct replay *p, uint64_t line)
{
	struct event *ev = &p->event;

	p->view->now_ms = record_time_ms(p->record, line);
	if (!record_event(p->record, line, ev))
		return;
	if (ev->type == EVENT_RESUMED)
		begin_job(p, line, JOB_RESUME);
	if (ev->type == EVENT_PROGRESS)
		ev->progress.last_rx_ms = ev->t_ms;
	if (ev->type == EVENT_STEP && ev->step.begin)
		p->step_line = line;
	view_event(p->view, ev);
}

/* Without memory the next jump takes longer: that is all. */
static void add_frame(struct replay *p, uint64_t line)
{
	size_t room = p->frame_room ? p->frame_room * 2 : 8;
	struct frame *frames;

	if (p->frame_count == p->frame_room) {
		frames = realloc(p->frames, room * sizeof(*frames));
		if (!frames)
			return;
		p->frames = frames;
		p->frame_room = room;
	}
	p->frames[p->frame_count].line = line;
	save(p, &p->frames[p->frame_count++].state);
}

static const struct frame *frame_before(const struct replay *p, uint64_t line)
{
	size_t low = 0, high = p->frame_count;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (p->frames[middle].line <= line)
			low = middle;
		else
			high = middle;
	}
	return &p->frames[low];
}

static bool find_back(const struct replay *p, uint64_t line, uint64_t bound, enum event_type type,
		      uint64_t *found)
{
	return record_find(p->record, line, true, 1U << type, false, found) && *found > bound;
}

static void feed_notices(struct replay *p, uint64_t line)
{
	uint64_t found[VIEW_NOTICES], from = line + 1;
	size_t count = 0;

	while (count < VIEW_NOTICES && find_back(p, from, p->job_line, EVENT_NOTICE, &from))
		found[count++] = from;
	while (count)
		replay_state_feed(p, found[--count]);
}

/* The last progress counts for its step only, but shows that bytes moved. */
static void feed_progress(struct replay *p, uint64_t line)
{
	struct job_view *job = &p->view->job;
	uint64_t found;
	int64_t t_ms;

	if (!find_back(p, line + 1, p->job_line, EVENT_PROGRESS, &found))
		return;
	if (found > p->step_line) {
		replay_state_feed(p, found);
		return;
	}
	t_ms = record_time_ms(p->record, found);
	if (record_event(p->record, found, &p->event) && t_ms > job->last_rx_ms)
		job->last_rx_ms = t_ms;
}

static void find_last_byte(struct replay *p, uint64_t line)
{
	struct job_view *job = &p->view->job;
	const struct event *ev = &p->event;
	uint64_t from = line + 1;
	int i;

	for (i = 0; i < RX_LOOK_BACK && find_back(p, from, p->job_line, EVENT_LINE, &from); i++) {
		if (!record_event(p->record, from, &p->event) || ev->line.dir != LINE_RX)
			continue;
		if (ev->t_ms > job->last_rx_ms)
			job->last_rx_ms = ev->t_ms;
		return;
	}
}

/* The state at LINE, from the last frame before it. */
void replay_state_jump(struct replay *p, uint64_t line)
{
	const struct frame *frame = frame_before(p, line);
	bool last = frame == &p->frames[p->frame_count - 1];
	uint64_t at = frame->line;
	int count = 0;

	restore(p, &frame->state);
	while (record_find(p->record, at, false, STATE_KINDS, false, &at) && at <= line) {
		replay_state_feed(p, at);
		if (last && ++count % FRAME_LINES == 0)
			add_frame(p, at);
	}
	feed_notices(p, line);
	feed_progress(p, line);
	find_last_byte(p, line);
}

int replay_state_begin(struct replay *p)
{
	p->view->now_ms = record_time_ms(p->record, 0);
	begin_job(p, 0, record_start(p->record)->plan.job);
	add_frame(p, 0);
	return p->frame_count ? 0 : -1;
}

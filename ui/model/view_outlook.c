#include "config.h"

#include "ui/model/view.h"

#include <string.h>

/* Something to look at, and to send it from. */
static bool names_package(const struct view *v)
{
	if (v->source != SOURCE_FILE)
		return view_names_something(v->plan.url);
	return v->plan.file[0] && (!v->publish || view_names_something(v->plan.publish));
}

bool view_look(struct view *v, struct request *r)
{
	if (!v->outlook_due || v->job.running || v->replay.on)
		return false;
	v->outlook_due = false;
	v->outlook_number++;	/* what is still on its way is of before */
	if (!names_package(v))
		return false;
	memset(r, 0, sizeof(*r));
	r->type = REQUEST_LOOK;
	r->number = v->outlook_number;
	view_make_plan(v, JOB_UPGRADE, &r->plan);
	if (v->identified)
		r->module = v->identity;
	return true;
}

void view_outlook(struct view *v, const struct outlook *outlook)
{
	struct message before = v->outlook.problem;
	struct err e;

	if (outlook->number != v->outlook_number || v->outlook_due)
		return;
	v->outlook = *outlook;
	if (outlook->asking || outlook->problem.id == MSG_NONE || outlook->problem.id == MSG_TARGET_MISSING ||
	    message_is(&before, &outlook->problem))
		return;
	if (outlook->field == PLAN_LOGIN && !v->plan.user[0])
		return;	/* the next field has it */
	err_take(&e, message_info(outlook->problem.id)->code, &outlook->problem);
	if (v->mode == MODE_PANES && !v->message[0])
		view_say_error(v, &e);
}

enum plan_field view_start_field(const struct view *v)
{
	if (v->source != SOURCE_FILE && !view_names_something(v->plan.url))
		return PLAN_URL;
	if (v->source == SOURCE_FILE && !v->plan.file[0])
		return PLAN_FILE;
	if (view_publishes(v) && !view_names_something(v->plan.publish))
		return PLAN_PUBLISH;
	return v->outlook.field;
}

#include "config.h"

#include "ui/model/view.h"

#include <string.h>

#include "base/url.h"

bool view_names_something(const char *url)
{
	return url[strlen(url_scheme_text(url_scheme(url)))] != '\0';
}

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

const char *view_outlook_refusal(const struct view *v)
{
	static const char *const words[PLAN_FIELDS] = {
		[PLAN_URL] = "the URL cannot work",
		[PLAN_LOGIN] = "the login does not work",
		[PLAN_FILE] = "the file cannot work",
		[PLAN_PUBLISH] = "the Publish URL cannot work",
		[PLAN_MANIFEST] = "the manifest does not fit",
		[PLAN_TARGET] = "the target cannot work",
	};

	if (v->outlook.problem.id == MSG_TARGET_MISSING)
		return v->outlook.asking ? "looks for a manifest" : "name the target first";
	return v->outlook.problem.id == MSG_NONE ? NULL : words[v->outlook.field];
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

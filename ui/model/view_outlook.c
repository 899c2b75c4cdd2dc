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

/* Where PATH ends in what a manifest is called beside its package, that name is left. */
static bool drop_manifest_end(char *path)
{
	static const char end[] = ".manifest";
	size_t size = strlen(path), end_size = strlen(end);
	bool has = size > end_size && !strcmp(path + size - end_size, end);

	if (has)
		path[size - end_size] = '\0';
	return has;
}

/* Of the file under the cursor of the list, as if it had been chosen; no server is
 * asked on the way through a list. */
static bool plan_of_listed(struct view *v, struct plan *plan)
{
	char path[FILE_SIZE] = "";

	if (!browser_path(&v->browser, path))
		return false;
	plan->job = JOB_UPGRADE;
	plan->route = ROUTE_SERIAL;
	if (!v->browser.manifests) {
		memcpy(plan->file, path, sizeof(path));
		return true;
	}
	memcpy(plan->manifest, path, sizeof(path));
	if (v->source == SOURCE_FILE && v->plan.file[0])
		memcpy(plan->file, v->plan.file, sizeof(plan->file));
	else if (drop_manifest_end(path))
		memcpy(plan->file, path, sizeof(path));
	return plan->file[0] != '\0';
}

static bool plan_of_fields(const struct view *v, struct plan *plan)
{
	if (!names_package(v))
		return false;
	view_make_plan(v, JOB_UPGRADE, plan);
	return true;
}

bool view_look(struct view *v, struct request *r)
{
	if (!v->outlook_due || v->job.running || v->replay.on)
		return false;
	v->outlook_due = false;
	v->outlook_number++;	/* what is still on its way is of before */
	memset(r, 0, sizeof(*r));
	r->type = REQUEST_LOOK;
	r->number = v->outlook_number;
	if (!(v->mode == MODE_BROWSE ? plan_of_listed(v, &r->plan) : plan_of_fields(v, &r->plan)))
		return false;
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

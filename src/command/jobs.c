#include "config.h"

#include "command/jobs.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "command/credentials.h"
#include "modem/find.h"

/* Four fields and what is between them. */
#define LINE_SIZE (2 * FILE_SIZE + URL_SIZE + VERSION_SIZE)

/* PORT by the name that all its names lead to. */
static void resolve(char out[PATH_MAX], const char *port)
{
	if (!realpath(port, out))
		snprintf(out, PATH_MAX, "%s", port);
}

/* The plan that has PORT already; NULL: none. */
static const struct plan *plan_of(const struct jobs *jobs, const char *port)
{
	char wanted[PATH_MAX], known[PATH_MAX];

	resolve(wanted, port);
	for (size_t i = 0; i < jobs->count; i++) {
		resolve(known, jobs->plans[i].port);
		if (strcmp(known, wanted) == 0)
			return &jobs->plans[i];
	}
	return NULL;
}

/* A plan for PORT, with all else as in O. NULL with E. */
static struct plan *add(struct jobs *jobs, const struct options *o, const char *port, struct err *e)
{
	const char *command = command_info(o->command)->name;
	const struct plan *other = plan_of(jobs, port);
	struct plan *plan = &jobs->plans[jobs->count];

	if (other) {
		err_fail(e, MSG_PORT_TWICE, "command=%s port=%s other=%s", command, port,
			 strcmp(other->port, port) == 0 ? "" : other->port);
		return NULL;
	}
	if (jobs->count == MODULES_MAX) {
		err_fail(e, MSG_MODULES_MANY, "command=%s most=%d", command, MODULES_MAX);
		return NULL;
	}
	*plan = o->plan;
	snprintf(plan->port, sizeof(plan->port), "%s", port);
	jobs->count++;
	return plan;
}

/* A port of the module that OF is a port of has a plan: one is enough. */
static bool is_planned(const struct jobs *jobs, const struct port_roots *roots, const struct port_info *of)
{
	struct port_info named;
	struct err ignored;

	for (size_t i = 0; i < jobs->count; i++)
		if (port_describe(roots, jobs->plans[i].port, &named, &ignored) == 0 && strcmp(named.usb_path, of->usb_path) == 0)
			return true;
	return plan_of(jobs, of->path);
}

/* What is plugged in and not named besides. */
static int add_all(struct jobs *jobs, const struct options *o, const struct port_roots *roots, struct err *e)
{
	struct port_info *list = calloc(MODULES_MAX, sizeof(*list));
	size_t count = list ? find_likely(roots, list, MODULES_MAX) : 0;
	int r = list ? 0 : err_fail(e, MSG_NO_MEMORY, "what=%s", "ports");

	for (size_t i = 0; r == 0 && i < count; i++)
		if (!is_planned(jobs, roots, &list[i]) && !add(jobs, o, list[i].path, e))
			r = -1;
	if (list && count == 0)
		r = err_fail(e, MSG_PORT_NOT_NAMED, "command=%s", command_info(o->command)->name);
	free(list);
	return r;
}

/* --- a job file --- */

static char *trim(char *text)
{
	size_t size;

	text += strspn(text, " \t\r\n");
	size = strlen(text);
	while (size > 0 && strchr(" \t\r\n", text[size - 1]))
		text[--size] = '\0';
	return text;
}

/* A field that is "" leaves what is for all. */
static int set(char *to, size_t to_size, const char *name, const char *value, struct err *e)
{
	if (!value[0])
		return 0;
	if ((size_t)snprintf(to, to_size, "%s", value) >= to_size)
		return err_fail(e, MSG_JOB_FIELD_LONG, "field=%s most=%zu", name, to_size - 1);
	return 0;
}

/* A URL goes in place of a file that is for all, and the other way round. */
static int set_package(struct plan *plan, const struct options *o, const char *value, struct err *e)
{
	struct options chosen = {.relay = o->relay};
	int r;

	if (value[0] && options_is_url(value)) {
		plan->file[0] = plan->publish[0] = '\0';
		r = set(plan->url, sizeof(plan->url), "URL", value, e);
	} else {
		if (value[0])
			plan->url[0] = '\0';
		r = set(plan->file, sizeof(plan->file), "package", value, e);
	}
	if (r == 0 && !plan->file[0] && !plan->url[0] && plan->job == JOB_UPGRADE)
		return err_fail(e, MSG_JOB_NO_PACKAGE, "");
	chosen.plan = *plan;
	plan->route = options_route(&chosen);
	explicit_bzero(&chosen, sizeof(chosen));
	return r;
}

/* Nobody can be asked for a password for each of them. */
static int set_login(struct plan *plan, const char *credentials, struct err *e)
{
	char before[LOGIN_SIZE];

	memcpy(before, plan->user, sizeof(before));
	if (credentials_from_url(plan->url, plan, e) < 0)
		return -1;
	if (credentials[0])
		return credentials_read(credentials, plan, e);
	if (strcmp(before, plan->user) != 0 || (plan->user[0] && !plan->password[0]))
		return err_fail(e, MSG_JOB_NO_PASSWORD, "user=%s", plan->user);
	return 0;
}

enum { AT_PORT, AT_PACKAGE, AT_TARGET, AT_CREDENTIALS, AT_END };

static int take_line(struct jobs *jobs, const struct options *o, char *line, struct err *e)
{
	char *fields[AT_END] = {"", "", "", ""}, *next = line;
	size_t count = 0;
	struct plan *plan;

	while (next && count < AT_END)
		fields[count++] = trim(strsep(&next, ","));
	if (next || !fields[AT_PORT][0])
		return err_fail(e, MSG_JOB_FORM, "");
	if (address_holds_login(fields[AT_PORT]))
		return err_fail(e, MSG_PORT_LOGIN, "");
	if (strlen(fields[AT_PORT]) >= sizeof(plan->port))
		return err_fail(e, MSG_JOB_FIELD_LONG, "field=%s most=%zu", "port", sizeof(plan->port) - 1);
	plan = add(jobs, o, fields[AT_PORT], e);
	if (!plan || set_package(plan, o, fields[AT_PACKAGE], e) < 0)
		return -1;
	if (set(plan->target, sizeof(plan->target), "target", fields[AT_TARGET], e) < 0)
		return -1;
	return set_login(plan, fields[AT_CREDENTIALS], e);
}

static int read_file(struct jobs *jobs, const struct options *o, struct err *e)
{
	FILE *f = fopen(o->jobs_file, "re");
	char line[LINE_SIZE];
	int r = 0;

	if (!f)
		return err_fail_sys(e, MSG_JOBS_UNREADABLE, errno, "path=%s", o->jobs_file);
	for (int number = 1; r == 0 && fgets(line, sizeof(line), f); number++) {
		bool cut = strlen(line) == sizeof(line) - 1;
		char *text = trim(line);

		if (cut)
			r = err_fail(e, MSG_JOB_FORM, "");
		else if (text[0] && text[0] != '#')
			r = take_line(jobs, o, text, e);
		if (r < 0)
			err_doing(e, MSG_IN_LINE, "path=%s line=%d", o->jobs_file, number);
	}
	if (r == 0 && ferror(f))
		r = err_fail_sys(e, MSG_JOBS_UNREADABLE, errno, "path=%s", o->jobs_file);
	fclose(f);
	return r;
}

int jobs_make(const struct options *o, const struct port_roots *roots, struct jobs *out, struct err *e)
{
	int r = 0;

	*out = (struct jobs){.plans = calloc(MODULES_MAX + 1, sizeof(*out->plans))};
	if (!out->plans)
		return err_fail(e, MSG_NO_MEMORY, "what=%s", "modules");
	for (size_t i = 0; r == 0 && i < o->port_count; i++)
		if (strcmp(o->ports[i], PORT_ALL) != 0)
			r = add(out, o, o->ports[i], e) ? 0 : -1;
	for (size_t i = 0; r == 0 && i < o->port_count; i++)
		if (strcmp(o->ports[i], PORT_ALL) == 0)
			r = add_all(out, o, roots, e);
	if (r == 0 && o->jobs_file)
		r = read_file(out, o, e);
	if (r == 0 && out->count == 0)
		r = err_fail(e, MSG_JOBS_EMPTY, "path=%s", o->jobs_file);
	if (r < 0)
		jobs_free(out);
	return r;
}

void jobs_free(struct jobs *jobs)
{
	if (jobs->plans)
		explicit_bzero(jobs->plans, (MODULES_MAX + 1) * sizeof(*jobs->plans));
	free(jobs->plans);
	*jobs = (struct jobs){0};
}

#include "config.h"

#include "ui/ui_state.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int64_t ui_now_ms(const struct ui *u)
{
	return u->worker ? worker_now_ms(u->worker) : clock_now_ms(u->clock);
}

void ui_send(struct ui *u, struct request *r)
{
	struct err e;

	if (worker_request(u->worker, r, &e) < 0)
		view_say_error(&u->view, &e);
	explicit_bzero(r, sizeof(*r));
	u->view.busy = worker_busy(u->worker);
}

void ui_request(struct ui *u, enum request_type type)
{
	struct request r = { .type = type };

	ui_send(u, &r);
}

void ui_look_at_file(struct view *v)
{
	struct stat st;

	v->file_size = 0;
	v->file_problem[0] = '\0';
	if (v->replay.on || v->source != SOURCE_FILE || !v->plan.file[0])
		return;
	if (stat(v->plan.file, &st) < 0)
		snprintf(v->file_problem, sizeof(v->file_problem), "file: %s", strerror(errno));
	else if (!S_ISREG(st.st_mode))
		snprintf(v->file_problem, sizeof(v->file_problem), "this is no regular file");
	else
		v->file_size = (uint64_t)st.st_size;
}

FILE *ui_create_file(struct view *v, const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");

	if (f)
		return f;
	view_say(v, true, errno == EEXIST ? "%s exists: give another name" : "writing %s: %s",
		 path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return NULL;
}

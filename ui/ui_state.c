#include "config.h"

#include "ui/ui_state.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/words.h"

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

	u->view.job.stopping |= type == REQUEST_CANCEL && u->view.job.running && u->view.job.cancel == CANCEL_STOP;
	ui_send(u, &r);
}

void ui_look_ahead(struct ui *u)
{
	struct request r;
	struct err later;

	if (!u->worker || u->view.fleet.on || !view_look(&u->view, &r))
		return;
	if (worker_request(u->worker, &r, &later) < 0)
		u->view.outlook_due = true;
	explicit_bzero(&r, sizeof(r));
}

FILE *ui_create_file(struct view *v, const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");

	if (f)
		return f;
	view_say(v, true, errno == EEXIST ? N_("%s exists: give another name") : N_("writing %s: %s"),
		 path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return NULL;
}

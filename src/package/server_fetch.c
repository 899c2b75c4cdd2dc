#include "config.h"

#include "package/server_state.h"

int server_fetch_with(const struct server_settings *settings, const char *url,
		      const struct server_sink *sink,
		      struct server_status *status, struct err *e)
{
	struct transfer t = { .settings = settings,
			      .watch = { sink->progress, sink->ctx, NULL } };
	const struct server_request r = { .url = url, .follow = true,
				   .max_size = sink->max_size,
				   .write = sink->write, .ctx = sink->ctx };
	struct server_status own;
	int result = -1;

	if (!status)
		status = &own;
	*status = (struct server_status){ .kind = SERVER_OTHER };
	if (server_open(&t, url, e) == 0)
		result = server_perform(&t, &r, status, e);
	server_close(&t);
	return result;
}

int server_fetch(const char *url, const struct server_sink *sink,
		 struct server_status *status, struct err *e)
{
	return server_fetch_with(&server_defaults, url, sink, status, e);
}
